#include "ledger/market_int.h"

#include "base/assert.h"

struct croft_escrow croft_escrow_get(const struct croft_order_record *r)
{
    return (struct croft_escrow){
        .balance = r->balance,
        .aside = r->aside,
        .rate = r->rate,
        .accrued = r->accrued,
        .part = r->accrued_part,
        .at_s = r->accrued_s,
        .paid = r->paid_live,
    };
}

void croft_escrow_put(struct croft_order_record *r, const struct croft_escrow *e)
{
    r->balance = e->balance;
    r->aside = e->aside;
    r->rate = e->rate;
    r->accrued = e->accrued;
    r->accrued_part = e->part;
    r->accrued_s = e->at_s;
    r->paid_live = e->paid;
}

struct croft_meter croft_meter_get(const struct croft_lease_record *r)
{
    return (struct croft_meter){
        .price = r->price,
        .kind = (enum croft_price_kind)r->kind,
        .paid = r->paid,
        .taken_s = r->taken_s,
        .served_until_s = r->served_until_s,
        .units = r->units,
    };
}

struct croft_amt croft_voucher_room(const struct croft_order_record *r)
{
    if (croft_amt_is_zero(r->voucher_cap))
        return croft_amt_of(UINT64_MAX);
    return croft_amt_cmp(r->voucher_paid, r->voucher_cap) < 0 ? croft_amt_sub_must(r->voucher_cap, r->voucher_paid)
                                                              : croft_amt_of(0);
}

/* Out of LEASES to a provider, or to a gateway, which has no standing that fees would count for. */
static void pay_out(struct croft_ledger *l, const struct croft_lease_record *r, const struct croft_split *split)
{
    struct croft_address payee = r->node;
    if ((r->flags & CROFT_LEASE_GATEWAY) == 0) {
        struct croft_provider p;
        croft_provider_must(l, &r->node, &p);
        payee = p.owner;
        p.r.earned = croft_amt_add_stop(p.r.earned, split->payee);
        croft_token_fee(l, &p.r, split->fee);
        croft_provider_store(l, &p);
    }
    u32 slot = croft_account_find(l, &payee);
    CROFT_ASSERT(slot != CROFT_SLOT_NONE); /* open_records keep it */
    croft_system_debit(l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT, croft_amt_add_must(split->payee, split->fee));
    croft_system_credit(l, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT, split->fee);
    croft_credit(l, slot, CROFT_ASSET_CREDIT, split->payee);
}

static void pay(struct croft_ledger *l, struct croft_order *o, const struct croft_lease *lease, struct croft_amt before,
                struct croft_amt amount)
{
    struct croft_split split =
        croft_pay_split(before, croft_amt_add_must(before, amount), croft_ledger_param(l, CROFT_PARAM_MARKET_FEE_PPM));
    pay_out(l, &lease->r, &split);
    croft_token_spent(l, o, amount);
}

void croft_lease_pay(struct croft_ledger *l, struct croft_order *o, const struct croft_lease *lease,
                     struct croft_amt before, struct croft_amt amount)
{
    if (croft_amt_is_zero(amount))
        return;
    pay(l, o, lease, before, amount);
    o->r.voucher_paid = croft_amt_add_stop(o->r.voucher_paid, amount);
}

void croft_lease_pay_accepted(struct croft_ledger *l, struct croft_order *o, const struct croft_lease *lease,
                              struct croft_amt before, struct croft_amt amount)
{
    if (!croft_amt_is_zero(amount))
        pay(l, o, lease, before, amount);
}

void croft_lease_pay_penalty(struct croft_ledger *l, struct croft_order *o, const struct croft_lease *lease,
                             struct croft_amt amount)
{
    croft_lease_pay_accepted(l, o, lease, croft_amt_of(0), amount);
}

void croft_order_refund_free(struct croft_ledger *l, struct croft_order *o, u64 now_s)
{
    struct croft_amt amount;
    struct croft_address buyer = croft_buyer_of(o->key);
    struct croft_escrow e = croft_escrow_get(&o->r);
    if (!croft_escrow_free(&e, now_s > e.at_s ? now_s : e.at_s, &amount))
        return;
    CROFT_ASSERT(croft_amt_cmp(o->r.spend_only, o->r.balance) <= 0);
    amount = croft_amt_min(amount, croft_amt_sub_must(o->r.balance, o->r.spend_only));
    o->r.balance = croft_amt_sub_must(o->r.balance, amount);
    croft_system_debit(l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT, amount);
    croft_credit(l, croft_account_find(l, &buyer), CROFT_ASSET_CREDIT, amount);
}
