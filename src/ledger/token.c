#include "ledger/market_int.h"

#include "base/assert.h"
#include "base/buf.h"

/* ---- the record ---- */

enum { FIRST_EPOCH = 1 }; /* a provider that has not earned yet is of epoch 0 */

bool croft_token_load(const struct croft_ledger *l, struct croft_token_record *out)
{
    if (croft_state_count(l->state, CROFT_TABLE_TOKEN) == 0)
        return false;
    croft_record_load(l, CROFT_TABLE_TOKEN, 0, out);
    return true;
}

void croft_token_store(struct croft_ledger *l, const struct croft_token_record *t)
{
    croft_record_store(l, CROFT_TABLE_TOKEN, 0, t);
}

croft_err croft_token_begin(struct croft_ledger *l, u64 now_s)
{
    u32 slot;
    const struct croft_token_record t = {
        .epoch = FIRST_EPOCH,
        .emission = croft_amt_of(croft_ledger_param(l, CROFT_PARAM_EMISSION_EPOCH)),
        .due_s = now_s + croft_ledger_param(l, CROFT_PARAM_EPOCH_S),
    };
    CROFT_TRY(croft_record_insert(l, CROFT_TABLE_TOKEN, (const u8 *)"t", &t, &slot));
    CROFT_ASSERT(slot == 0);
    return CROFT_OK;
}

/* A median ages as reports do: with nobody reporting, it is none after a while. */
static bool price_holds(const struct croft_ledger *l, const struct croft_token_record *t, u64 at_s)
{
    return t->valid && at_s <= t->median_s + croft_ledger_param(l, CROFT_PARAM_ORACLE_STALE_S);
}

croft_err croft_token_price(const struct croft_ledger *l, struct croft_token_record *out)
{
    if (!croft_token_load(l, out))
        return CROFT_ERR_OP_TOKEN;
    return price_holds(l, out, l->block_time_s) ? CROFT_OK : CROFT_ERR_OP_ORACLE;
}

/* ---- converted credits ---- */

struct croft_amt croft_token_debt(const struct croft_ledger *l)
{
    struct croft_issuer_record r;
    const struct croft_address token = croft_system_address(CROFT_SYSTEM_TOKEN);
    u32 slot = croft_issuer_find(l, &token, CROFT_ASSET_CREDIT, &r);
    CROFT_ASSERT(slot != CROFT_SLOT_NONE);
    CROFT_ASSERT(croft_amt_is_zero(r.held)); /* nobody can withdraw from a system account */
    return r.outstanding;
}

/* Credits of TOKEN, taken from an account before, are no more. */
static void destroy_credits(struct croft_ledger *l, struct croft_amt amount)
{
    const struct croft_address token = croft_system_address(CROFT_SYSTEM_TOKEN);
    croft_err err = croft_issued_destroy(l, &token, CROFT_ASSET_CREDIT, amount);
    CROFT_ASSERT(err == CROFT_OK); /* never more than the debt */
}

static bool is_within(struct croft_amt before, struct croft_amt more, u64 most)
{
    struct croft_amt sum;
    return croft_amt_add(&sum, before, more) && croft_amt_units(sum) <= most;
}

/* Books credits against the caps of the day and of all. */
static croft_err book_credits(const struct croft_ledger *l, struct croft_token_record *t, struct croft_amt credits,
                              u64 now_s)
{
    u32 today = croft_day_of(now_s);
    struct croft_amt so_far = t->day == today ? t->converted : croft_amt_of(0);
    if (!is_within(so_far, credits, croft_ledger_param(l, CROFT_PARAM_CONVERT_DAY_MAX)) ||
        !is_within(croft_token_debt(l), credits, croft_ledger_param(l, CROFT_PARAM_CONVERT_DEBT_MAX)))
        return CROFT_ERR_OP_DAY_CAP;
    t->day = today;
    t->converted = croft_amt_add_must(so_far, credits);
    t->unspent = croft_amt_add_must(t->unspent, credits);
    return CROFT_OK;
}

croft_err croft_token_convert(struct croft_op *o, struct croft_order *order, struct croft_amt croft)
{
    struct croft_token_record t;
    struct croft_amt credits;
    const struct croft_address token = croft_system_address(CROFT_SYSTEM_TOKEN);
    const struct croft_address buyer = croft_buyer_of(order->key);
    if (!croft_address_equal(&buyer, &o->tx->account))
        return CROFT_ERR_OP_NOT_YOURS; /* what is left of the CROFT will be the buyer's */
    CROFT_TRY(croft_token_price(o->l, &t));
    CROFT_ASSERT(t.low24 <= t.median);
    if (!croft_amt_muldiv_floor(&credits, croft, t.low24, CROFT_UNITS_PER_CREDIT))
        return CROFT_ERR_OP_DAY_CAP; /* more than any cap */
    if (croft_amt_is_zero(credits))
        return CROFT_ERR_OP_PRICE;
    CROFT_TRY(book_credits(o->l, &t, credits, o->now_s));
    CROFT_TRY(croft_spend(o, CROFT_ASSET_CROFT, croft));
    CROFT_TRY(croft_issue(o->l, &token, CROFT_ASSET_CREDIT, credits));

    croft_system_credit(o->l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CROFT, croft);
    croft_system_credit(o->l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT, credits);
    order->r.balance = croft_amt_add_must(order->r.balance, credits);
    order->r.spend_only = croft_amt_add_must(order->r.spend_only, credits);
    order->r.croft_held = croft_amt_add_must(order->r.croft_held, croft);
    croft_token_store(o->l, &t);
    return CROFT_OK;
}

void croft_token_spent(struct croft_ledger *l, struct croft_order *o, struct croft_amt spent)
{
    struct croft_token_record t;
    struct croft_amt before = o->r.spend_only;
    if (croft_amt_is_zero(before) || croft_amt_is_zero(spent))
        return;
    bool has_token = croft_token_load(l, &t);
    CROFT_ASSERT(has_token);
    struct croft_amt used = croft_converted_spend(&o->r.spend_only, &o->r.croft_held, spent);
    CROFT_ASSERT(croft_amt_cmp(o->r.spend_only, before) < 0); /* all that a payment can, it takes from these first */
    t.unspent = croft_amt_sub_must(t.unspent, croft_amt_sub_must(before, o->r.spend_only));
    t.burnt = croft_amt_add_must(t.burnt, used);
    croft_system_debit(l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CROFT, used);
    croft_system_credit(l, CROFT_SYSTEM_TOKEN, CROFT_ASSET_CROFT, used);
    croft_token_store(l, &t);
}

/* Else whoever converts and closes could use up the others' day for nothing.  Only what was surely converted today. */
static void unbook_today(const struct croft_ledger *l, struct croft_token_record *t, const struct croft_order *o)
{
    if (t->day == croft_day_of(l->block_time_s) && croft_day_of(o->r.opened_s) == t->day)
        t->converted = croft_amt_sub_must(t->converted, o->r.spend_only);
}

void croft_token_unconvert(struct croft_ledger *l, struct croft_order *o, u32 buyer_slot)
{
    struct croft_token_record t;
    struct croft_amt rest = o->r.spend_only;
    if (croft_amt_is_zero(rest))
        return;
    bool has_token = croft_token_load(l, &t);
    CROFT_ASSERT(has_token);
    CROFT_ASSERT(croft_amt_cmp(rest, t.unspent) <= 0 && croft_amt_cmp(t.unspent, croft_token_debt(l)) <= 0);
    croft_system_debit(l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT, rest);
    destroy_credits(l, rest);
    croft_system_debit(l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CROFT, o->r.croft_held);
    croft_credit(l, buyer_slot, CROFT_ASSET_CROFT, o->r.croft_held);
    unbook_today(l, &t, o);
    t.unspent = croft_amt_sub_must(t.unspent, rest);
    o->r.balance = croft_amt_sub_must(o->r.balance, rest);
    o->r.spend_only = o->r.croft_held = croft_amt_of(0);
    croft_token_store(l, &t);
}

/* ---- fees become rewards ---- */

static void epoch_key(u32 epoch, u8 out[4])
{
    for (int i = 0; i < 4; i++)
        out[i] = (u8)(epoch >> (24 - 8 * i));
}

/* 0 for an epoch whose record had to make room. */
static u64 index_of(const struct croft_ledger *l, u32 epoch)
{
    u8 key[4];
    struct croft_epoch_record r = {0};
    epoch_key(epoch, key);
    u32 slot = croft_state_find(l->state, CROFT_TABLE_EPOCHS, key);
    if (slot != CROFT_SLOT_NONE)
        croft_record_load(l, CROFT_TABLE_EPOCHS, slot, &r);
    return r.index;
}

static void roll_to(const struct croft_ledger *l, struct croft_provider_record *p, u32 epoch)
{
    CROFT_ASSERT(p->epoch <= epoch);
    if (p->epoch == epoch)
        return;
    croft_reward_roll(&p->reward, &p->fees_epoch, index_of(l, p->epoch));
    p->epoch = epoch;
}

void croft_provider_roll(struct croft_ledger *l, struct croft_provider_record *p)
{
    struct croft_token_record t;
    if (croft_token_load(l, &t))
        roll_to(l, p, t.epoch);
}

/* In place: every payment of a lease comes here, and the hours of the record need not be taken apart for it. */
static struct croft_amt add_epoch_fees(struct croft_ledger *l, const u8 *at, struct croft_amt fee)
{
    u8 bytes[8];
    struct croft_amt sum = croft_amt_add_stop(croft_amt_of(croft_get_u64(at)), fee);
    croft_put_u64(bytes, croft_amt_units(sum));
    croft_state_patch(l->state, CROFT_TABLE_TOKEN, 0, l->epoch_offset + (u32)sizeof(u32),
                      (struct croft_bytes){bytes, sizeof bytes});
    return sum;
}

void croft_token_fee(struct croft_ledger *l, struct croft_provider_record *p, struct croft_amt fee)
{
    p->fees_total = croft_amt_add_stop(p->fees_total, fee);
    if (croft_amt_is_zero(fee) || croft_state_count(l->state, CROFT_TABLE_TOKEN) == 0)
        return;
    struct croft_bytes value = croft_state_value(l->state, CROFT_TABLE_TOKEN, 0);
    CROFT_ASSERT(value.len >= l->epoch_offset + sizeof(u32) + sizeof(u64));
    const u8 *at = value.at + l->epoch_offset;
    roll_to(l, p, croft_get_u32(at));
    p->fees_epoch = croft_amt_add_stop(p->fees_epoch, fee);
    struct croft_amt all = add_epoch_fees(l, at + sizeof(u32), fee);
    CROFT_ASSERT(croft_amt_cmp(p->fees_epoch, all) <= 0);
}

/* ---- the end of an epoch ---- */

/* Credits that were spent came from nowhere: fees pay for them before anybody else.  What orders have not spent yet may
 * still be destroyed with them. */
static struct croft_amt pay_debt(struct croft_ledger *l, const struct croft_token_record *t)
{
    struct croft_amt spent = croft_amt_sub_must(croft_token_debt(l), t->unspent);
    struct croft_amt pool = croft_balance(l, l->system_slot[CROFT_SYSTEM_FEES], CROFT_ASSET_CREDIT);
    struct croft_amt paid = croft_amt_min(pool, spent);
    if (croft_amt_is_zero(paid))
        return paid;
    croft_system_debit(l, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT, paid);
    destroy_credits(l, paid);
    return paid;
}

/* The table keeps the newest: with the oldest go rewards that nobody claimed in 65,536 epochs. */
static void make_room(struct croft_ledger *l, u32 epoch)
{
    u8 key[4];
    u32 most = croft_state_records_max(l->state, CROFT_TABLE_EPOCHS);
    if (croft_state_count(l->state, CROFT_TABLE_EPOCHS) < most)
        return;
    CROFT_ASSERT(epoch >= most + FIRST_EPOCH);
    epoch_key(epoch - most, key);
    u32 oldest = croft_state_find(l->state, CROFT_TABLE_EPOCHS, key);
    CROFT_ASSERT(oldest != CROFT_SLOT_NONE); /* epochs have no gaps */
    croft_state_remove(l->state, CROFT_TABLE_EPOCHS, oldest);
}

static void write_epoch(struct croft_ledger *l, const struct croft_token_record *t)
{
    u8 key[4];
    u32 slot;
    struct croft_epoch_record e = {.fees = t->epoch_fees, .emission = t->emission};
    CROFT_ASSERT(!t->valid || t->high24 >= t->median);
    e.price = price_holds(l, t, t->due_s) ? t->high24 : 0;
    e.index = croft_epoch_index(e.emission, e.fees, croft_ledger_param(l, CROFT_PARAM_KAPPA_PPM), e.price);
    CROFT_ASSERT(croft_amt_cmp(croft_epoch_reward(e.fees, e.index), e.emission) <= 0);
    make_room(l, t->epoch);
    epoch_key(t->epoch, key);
    croft_err err = croft_record_insert(l, CROFT_TABLE_EPOCHS, key, &e, &slot);
    CROFT_ASSERT(err == CROFT_OK);
}

/* One epoch at a time, however many have passed: each is due at the end of the one before, so the schedule is that of
 * the clock.  Those in which no block was made had no fees and mint nothing. */
void croft_due_token(struct croft_ledger *l, u32 slot, u64 now_s)
{
    struct croft_token_record t;
    bool has_token = croft_token_load(l, &t);
    CROFT_ASSERT(has_token && slot == 0 && t.due_s <= now_s);
    struct croft_amt paid = pay_debt(l, &t);
    write_epoch(l, &t);
    t.epoch++;
    t.epoch_fees = croft_amt_of(0);
    t.emission = croft_emission_next(t.emission, croft_ledger_param(l, CROFT_PARAM_EMISSION_DECAY_PPM));
    t.due_s += croft_ledger_param(l, CROFT_PARAM_EPOCH_S);
    croft_token_store(l, &t);
    croft_due_report(l, CROFT_DUE_EPOCH, CROFT_TABLE_TOKEN, slot, paid);
}
