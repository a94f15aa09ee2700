#include "ledger/ledger_int.h"

#include "base/assert.h"

#include <string.h>

static void report(struct croft_ledger *l, enum croft_due_kind kind, struct croft_bytes key, struct croft_amt amount)
{
    CROFT_ASSERT(l->due_count < CROFT_BLOCK_DUES_MAX);
    CROFT_ASSERT(key.len <= CROFT_RECORD_KEY_MAX);
    struct croft_due *d = &l->due[l->due_count++];
    *d = (struct croft_due){.kind = (u8)kind, .key_len = (u8)key.len, .amount = amount};
    memcpy(d->key, key.at, key.len);
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

static void handle(struct croft_ledger *l, const struct croft_due_slot *d)
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
    default:
        CROFT_UNREACHABLE("this table has no due times");
    }
}

void croft_expire_due(struct croft_ledger *l, u64 now_s)
{
    struct croft_due_slot next;
    u64 most = croft_ledger_param(l, CROFT_PARAM_DUE_PER_BLOCK_MAX);
    for (u64 i = 0; i < most && croft_state_first_due(l->state, &next) && next.due_s <= now_s; i++) {
        size_t before = croft_state_count(l->state, next.table);
        handle(l, &next);
        CROFT_ASSERT(croft_state_count(l->state, next.table) + 1 == before); /* or the loop would not end */
    }
}
