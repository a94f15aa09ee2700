#include "ledger/market_int.h"

#include "base/assert.h"

/* ---- stake and standing ---- */

struct croft_amt croft_stake_free(const struct croft_provider_record *p)
{
    struct croft_amt none = croft_amt_of(0);
    return croft_amt_cmp(p->stake, p->locked) > 0 ? croft_amt_sub_must(p->stake, p->locked) : none;
}

/* In 128 bits: what is allowed may be more than there is money. */
static u128 exposure_cap(const struct croft_ledger *l, const struct croft_provider_record *p)
{
    enum { PER_MILLE = 1000 };
    u128 standing = (u128)croft_amt_units(croft_stake_free(p)) + croft_amt_units(p->fees_total);
    return croft_ledger_param(l, CROFT_PARAM_EXPOSURE_BASE) +
           standing * croft_ledger_param(l, CROFT_PARAM_EXPOSURE_PER_MILLE) / PER_MILLE;
}

bool croft_exposure_fits(const struct croft_ledger *l, const struct croft_provider_record *p, struct croft_amt more)
{
    u128 sum = (u128)croft_amt_units(p->exposure) + croft_amt_units(more);
    return sum <= UINT64_MAX && sum <= exposure_cap(l, p); /* what is allowed may be more than its field holds */
}

static struct croft_amt take_from(struct croft_amt *from, struct croft_amt most)
{
    struct croft_amt taken = croft_amt_min(*from, most);
    *from = croft_amt_sub_must(*from, taken);
    return taken;
}

struct croft_amt croft_stake_slash(struct croft_ledger *l, struct croft_provider_record *p, struct croft_amt amount)
{
    struct croft_amt staked = take_from(&p->stake, amount);
    struct croft_amt rest = take_from(&p->unlocking, croft_amt_sub_must(amount, staked));
    struct croft_amt taken = croft_amt_add_must(staked, rest);
    if (croft_amt_is_zero(p->unlocking))
        p->due_s = 0; /* nothing is left to pay back */
    CROFT_ASSERT(croft_amt_cmp(taken, croft_balance(l, l->system_slot[CROFT_SYSTEM_STAKE], CROFT_ASSET_CREDIT)) <= 0);
    return taken;
}

/* ---- the record ---- */

bool croft_table_is_full(const struct croft_ledger *l, u32 table)
{
    u32 count = croft_state_count(l->state, table), most = croft_state_records_max(l->state, table);
    CROFT_ASSERT(count <= most);
    return count == most;
}

croft_err croft_provider_reach(struct croft_op *o, struct croft_provider *out)
{
    if (croft_provider_load(o->l, &o->tx->account, out))
        return CROFT_OK;
    if (croft_table_is_full(o->l, CROFT_TABLE_PROVIDERS))
        return CROFT_ERR_OP_FULL;
    out->r = (struct croft_provider_record){.since_s = o->now_s};
    CROFT_TRY(croft_deposit_take(o, &out->r.deposit));
    croft_open_records_add(o->l, o->payer, 1);
    return croft_record_insert(o->l, CROFT_TABLE_PROVIDERS, out->owner.b, &out->r, &out->slot);
}

void croft_due_provider(struct croft_ledger *l, u32 slot, u64 now_s)
{
    struct croft_provider p = {.slot = slot};
    croft_record_load(l, CROFT_TABLE_PROVIDERS, slot, &p.r);
    struct croft_bytes key = croft_state_key(l->state, CROFT_TABLE_PROVIDERS, slot);
    CROFT_ASSERT(key.len == sizeof p.owner.b);
    memcpy(p.owner.b, key.at, sizeof p.owner.b);
    CROFT_ASSERT(p.r.due_s <= now_s && !croft_amt_is_zero(p.r.unlocking));
    croft_due_report(l, CROFT_DUE_STAKE_UNLOCKED, CROFT_TABLE_PROVIDERS, slot, p.r.unlocking);
    croft_bond_pay(l, &p.owner, p.r.unlocking);
    p.r.unlocking = croft_amt_of(0);
    p.r.due_s = 0;
    croft_provider_store(l, &p);
}
