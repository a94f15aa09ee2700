#include "ledger/market_int.h"

#include "base/assert.h"

#include <string.h>

static void report(struct croft_ledger *l, enum croft_due_kind kind, struct croft_bytes key, struct croft_amt amount)
{
    CROFT_ASSERT(l->due_count < CROFT_BLOCK_DUES_MAX);
    CROFT_ASSERT(key.len <= CROFT_RECORD_KEY_MAX);
    l->tx_dues++;
    struct croft_due *d = &l->due[l->due_count++];
    *d = (struct croft_due){.kind = (u8)kind, .key_len = (u8)key.len, .amount = amount};
    memcpy(d->key, key.at, key.len);
}

void croft_due_report(struct croft_ledger *l, enum croft_due_kind kind, u32 table, u32 slot, struct croft_amt amount)
{
    report(l, kind, croft_state_key(l->state, table, slot), amount);
}

static void expire_pending(struct croft_ledger *l, u32 slot)
{
    struct croft_pending_record p;
    croft_record_load(l, CROFT_TABLE_PENDINGS, slot, &p);
    report(l, CROFT_DUE_PENDING_EXPIRED, croft_state_key(l->state, CROFT_TABLE_PENDINGS, slot), p.amount);
    croft_pending_end(l, slot, croft_amt_of(0), CROFT_SLOT_NONE);
}

static void return_withdrawal(struct croft_ledger *l, u32 slot)
{
    struct croft_withdrawal_record w;
    croft_record_load(l, CROFT_TABLE_WITHDRAWALS, slot, &w);
    report(l, CROFT_DUE_WITHDRAWAL_RETURNED, croft_state_key(l->state, CROFT_TABLE_WITHDRAWALS, slot), w.amount);
    croft_withdrawal_end(l, slot, false);
}

static void finish_recovery(struct croft_ledger *l, u32 slot)
{
    report(l, CROFT_DUE_RECOVERED, croft_state_key(l->state, CROFT_TABLE_RECOVERIES, slot), croft_amt_of(0));
    croft_recovery_end(l, slot, true);
}

static void expire_proposal(struct croft_ledger *l, u32 slot)
{
    report(l, CROFT_DUE_PROPOSAL_EXPIRED, croft_state_key(l->state, CROFT_TABLE_PROPOSALS, slot), croft_amt_of(0));
    croft_proposal_end(l, slot);
}

static void handle(struct croft_ledger *l, const struct croft_due_slot *d, u64 now_s)
{
    switch (d->table) {
    case CROFT_TABLE_PENDINGS:
        expire_pending(l, d->slot);
        return;
    case CROFT_TABLE_WITHDRAWALS:
        return_withdrawal(l, d->slot);
        return;
    case CROFT_TABLE_RECOVERIES:
        finish_recovery(l, d->slot);
        return;
    case CROFT_TABLE_PROPOSALS:
        expire_proposal(l, d->slot);
        return;
    case CROFT_TABLE_LEASES:
        croft_due_lease(l, d->slot, now_s);
        return;
    case CROFT_TABLE_ORDERS:
        croft_due_order(l, d->slot, now_s);
        return;
    case CROFT_TABLE_DEVICES:
        croft_due_device(l, d->slot, now_s);
        return;
    case CROFT_TABLE_PROVIDERS:
        croft_due_provider(l, d->slot, now_s);
        return;
    case CROFT_TABLE_BIDS:
        croft_due_bid(l, d->slot, now_s);
        return;
    case CROFT_TABLE_CLAIMS:
        croft_due_claim(l, d->slot, now_s);
        return;
    case CROFT_TABLE_TOKEN:
        croft_due_token(l, d->slot, now_s);
        return;
    default:
        CROFT_UNREACHABLE("this table has no due times");
    }
}

/* A record that was handled is gone, or due later: else the loop would not end. */
static bool moved_on(const struct croft_ledger *l, const struct croft_due_slot *was)
{
    struct croft_due_slot next;
    bool same = croft_state_first_due(l->state, &next) && next.table == was->table && next.slot == was->slot;
    return !same || next.due_s > was->due_s;
}

void croft_expire_due(struct croft_ledger *l, u64 now_s)
{
    struct croft_due_slot next;
    u64 most = croft_ledger_param(l, CROFT_PARAM_DUE_PER_BLOCK_MAX);
    /* One record may stand for many (the leases of an order): each that is reported counts. */
    u32 first = l->due_count;
    while (l->due_count - first < most && croft_state_first_due(l->state, &next) && next.due_s <= now_s) {
        u32 before = l->due_count;
        handle(l, &next, now_s);
        CROFT_ASSERT(l->due_count > before && moved_on(l, &next));
    }
}
