#include "ledger/audit_int.h"

#include "base/assert.h"

/* ---- batches (invariant 7) ---- */

enum { TASKS_PER_BYTE = 4, BITS_OF_TASK = 2, TASK_MASK = 3, TASK_STATES = 4 };

/* A batch taken apart: a byte for each task. */
struct tasks {
    u32 count;
    u8 *state;    /* croft_task_bits */
    u8 *assigned; /* ranges that it lies in, while WITH_NODE or REJECTED */
};

static void page_key(const u8 order[40], u32 page, u8 out[40])
{
    CROFT_ASSERT(page <= UINT8_MAX && order[38] == 0 && order[39] == 0);
    memcpy(out, order, 40);
    out[39] = (u8)page;
}

static bool is_out(const struct tasks *t, u64 task)
{
    CROFT_ASSERT(task < t->count);
    return t->state[task] == CROFT_TASK_WITH_NODE || t->state[task] == CROFT_TASK_REJECTED;
}

static bool read_tasks(const struct croft_ledger *l, const u8 order[40], struct tasks *t)
{
    for (u32 task = 0; task < t->count; task++) {
        u8 key[40];
        page_key(order, task / CROFT_PAGE_TASKS, key);
        u32 slot = croft_state_find(l->state, CROFT_TABLE_PAGES, key);
        if (slot == CROFT_SLOT_NONE)
            return false;
        u32 at = task % CROFT_PAGE_TASKS;
        u8 byte = croft_state_value(l->state, CROFT_TABLE_PAGES, slot).at[1 + at / TASKS_PER_BYTE]; /* after format */
        t->state[task] = byte >> BITS_OF_TASK * (at % TASKS_PER_BYTE) & TASK_MASK;
    }
    return true;
}

static void add_range(struct tasks *t, const struct croft_lease_record *r)
{
    for (u64 i = 0; i < r->units_max && r->first_task + i < t->count; i++) {
        u64 task = r->first_task + i;
        if (is_out(t, task) && t->assigned[task] < UINT8_MAX)
            t->assigned[task]++;
    }
}

/* False: the batch is of no order. */
static bool add_ranges(const struct croft_ledger *l, const u8 order[40], struct tasks *t)
{
    struct croft_order o;
    if (!croft_order_load(l, order, &o))
        return false;
    for (u32 n = 1; n <= o.r.made; n++) {
        u8 key[40];
        struct croft_lease lease;
        memcpy(key, order, sizeof key);
        key[38] = (u8)(n >> 8);
        key[39] = (u8)n;
        if (croft_lease_load(l, key, &lease) && (lease.r.flags & CROFT_LEASE_GATEWAY) == 0)
            add_range(t, &lease.r);
    }
    return true;
}

static bool tasks_agree(const struct croft_batch_record *b, const struct tasks *t)
{
    u32 count[TASK_STATES] = {0};
    for (u32 task = 0; task < t->count; task++) {
        count[t->state[task]]++;
        if (t->assigned[task] != (is_out(t, task) ? 1 : 0))
            return false;
    }
    return count[CROFT_TASK_OPEN] == b->open && count[CROFT_TASK_ACCEPTED] == b->done;
}

static croft_err audit_batch(const struct croft_ledger *l, u32 slot, struct croft_arena scratch, struct croft_why *why)
{
    struct croft_batch_record b;
    croft_record_load(l, CROFT_TABLE_BATCHES, slot, &b);
    CROFT_ASSERT(b.task_count <= CROFT_TASKS_MAX);
    const u8 *key = croft_state_key(l->state, CROFT_TABLE_BATCHES, slot).at;
    struct tasks t = {.count = b.task_count,
                      .state = croft_new(&scratch, u8, b.task_count),
                      .assigned = croft_new(&scratch, u8, b.task_count)};
    if (t.state == NULL || t.assigned == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough memory to audit a batch");
    if (!read_tasks(l, key, &t))
        return croft_fail(why, CROFT_ERR_STATE, "batch %u lacks a page", slot);
    if (!add_ranges(l, key, &t) || !tasks_agree(&b, &t))
        return croft_fail(why, CROFT_ERR_STATE, "batch %u: its counts, bits and ranges do not agree", slot);
    return CROFT_OK;
}

croft_err croft_audit_batches(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_BATCHES, slot)
        CROFT_TRY(audit_batch(l, slot, scratch, why));
    return CROFT_OK;
}

/* ---- the token (invariant 9) ---- */

static struct croft_issuer_record token_issuer(const struct croft_ledger *l, u32 asset)
{
    struct croft_issuer_record r;
    struct croft_address token = croft_system_address(CROFT_SYSTEM_TOKEN);
    u32 slot = croft_issuer_find(l, &token, asset, &r);
    CROFT_ASSERT(slot != CROFT_SLOT_NONE);
    return r;
}

static u128 spend_only_sum(const struct croft_ledger *l)
{
    u128 sum = 0;
    CROFT_AUDIT_EACH (l, CROFT_TABLE_ORDERS, slot) {
        struct croft_order_record o;
        croft_record_load(l, CROFT_TABLE_ORDERS, slot, &o);
        sum += croft_amt_units(o.spend_only);
    }
    return sum;
}

/* No epoch rewards more than it may mint, and so neither do all together. */
static bool epochs_are_within(const struct croft_ledger *l)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_EPOCHS, slot) {
        struct croft_epoch_record e;
        croft_record_load(l, CROFT_TABLE_EPOCHS, slot, &e);
        if ((u128)e.index * croft_amt_units(e.fees) >> 32 > croft_amt_units(e.emission))
            return false;
    }
    return true;
}

/* What providers have of this epoch's fees; one that left takes its part out of the sum. */
static u128 fees_of_epoch(const struct croft_ledger *l, u32 epoch)
{
    u128 sum = 0;
    CROFT_AUDIT_EACH (l, CROFT_TABLE_PROVIDERS, slot) {
        struct croft_provider_record p;
        croft_record_load(l, CROFT_TABLE_PROVIDERS, slot, &p);
        sum += p.epoch == epoch ? croft_amt_units(p.fees_epoch) : 0;
    }
    return sum;
}

croft_err croft_audit_token(const struct croft_ledger *l, struct croft_why *why)
{
    u32 slot = croft_audit_next(l, CROFT_TABLE_TOKEN, 0);
    struct croft_token_record t;
    if (slot == CROFT_SLOT_NONE)
        return CROFT_OK;
    croft_record_load(l, CROFT_TABLE_TOKEN, slot, &t);
    struct croft_issuer_record rewards = token_issuer(l, CROFT_ASSET_CROFT), credits = token_issuer(l, CROFT_ASSET_CREDIT);
    if (croft_amt_cmp(rewards.issued_total, t.minted) != 0)
        return croft_fail(why, CROFT_ERR_STATE, "rewards issued differ from rewards claimed");
    u32 token = l->system_slot[CROFT_SYSTEM_TOKEN];
    if (croft_amt_cmp(croft_balance(l, token, CROFT_ASSET_CROFT), t.burnt) != 0)
        return croft_fail(why, CROFT_ERR_STATE, "CROFT burnt differs from what lies in TOKEN");
    if (spend_only_sum(l) != croft_amt_units(t.unspent) || croft_amt_cmp(t.unspent, credits.outstanding) > 0)
        return croft_fail(why, CROFT_ERR_STATE, "converted credits that orders hold differ from those not spent");
    if (fees_of_epoch(l, t.epoch) > croft_amt_units(t.epoch_fees))
        return croft_fail(why, CROFT_ERR_STATE, "providers have more fees of this epoch than it had");
    if (!epochs_are_within(l))
        return croft_fail(why, CROFT_ERR_STATE, "an epoch rewards more than its emission");
    return CROFT_OK;
}
