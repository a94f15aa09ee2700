#include "ledger/ledger_int.h"

#include "base/assert.h"

/* Every operation: who may sign it, whether the quota lane takes it, what it costs, who carries it out.  Records
 * written and created are those beside the payer's; where they depend on the operation, croft_op_writes adds them. */
#define OP(name, scope_, since_, quota_, written_, created_, run_)                                           \
    [CROFT__V1__TX_BODY__OP_##name] = {.scope = CROFT_SCOPE_##scope_, .since = (since_), .quota = (quota_), \
                                       .writes = {(written_), (created_)}, .run = (run_)}

static const struct croft_op_info table[] = {
    OP(TRANSFER, PAY, 1, false, 0, 0, croft_op_money),
    OP(PENDING_OPEN, PAY, 1, false, 3, 1, croft_op_money),
    OP(PENDING_POST, PAY, 1, true, 4, 0, croft_op_money),
    OP(PENDING_VOID, PAY, 1, true, 4, 0, croft_op_money),
    OP(ISSUE, PAY, 1, false, 3, 1, croft_op_money),
    OP(REDEEM, PAY, 1, false, 4, 0, croft_op_money),
    OP(WITHDRAW, PAY, 1, false, 3, 1, croft_op_money),
    OP(WITHDRAW_PAID, PAY, 1, true, 4, 0, croft_op_money),
    OP(WITHDRAW_RETURN, PAY, 1, true, 4, 0, croft_op_money),
    OP(KEY_ADD, ADMIN, 1, false, 4, 0, croft_op_keys),
    OP(KEY_REVOKE, ADMIN, 1, false, 4, 0, croft_op_keys),
    OP(KEY_ROTATE, ADMIN, 1, false, 4, 0, croft_op_keys),
    OP(KEY_THRESHOLDS, ADMIN, 1, false, 4, 0, croft_op_keys),
    OP(SET_GUARDIAN, ADMIN, 1, false, 4, 0, croft_op_keys),
    OP(RECOVER_START, ADMIN, 1, false, 3, 1, croft_op_keys),
    OP(RECOVER_CANCEL, ADMIN, 1, false, 4, 0, croft_op_keys),
    OP(CLOSE_ACCOUNT, ADMIN, 1, false, 4, 0, croft_op_keys),
    OP(PROPOSE, VOTE, 1, false, 3, 1, croft_op_govern),
    OP(VOTE, VOTE, 1, false, 4, 1, croft_op_govern),

    OP(NODE_ADMIT, NODE, 2, false, 5, 2, croft_op_provider),
    OP(NODE_REMOVE, NODE, 2, false, 4, 0, croft_op_provider),
    OP(PROVIDER_LEAVE, NODE, 2, false, 4, 0, croft_op_provider),
    OP(STAKE_LOCK, PAY, 2, false, 4, 1, croft_op_provider),
    OP(STAKE_UNLOCK, PAY, 2, false, 4, 0, croft_op_provider),
    OP(SLASH, AUDIT, 2, true, 8, 0, croft_op_batch),
    OP(NODE_SET, NODE, 2, false, 4, 0, croft_op_provider),
    OP(CLAIM_SET, AUDIT, 2, true, 3, 1, croft_op_provider),
    OP(CLASS_SET, TRADE, 2, false, 3, 1, croft_op_offer),
    OP(OFFER_POST, TRADE, 2, false, 5, 1, croft_op_offer),
    OP(OFFER_WITHDRAW, TRADE, 2, false, 4, 0, croft_op_offer),
    OP(ORDER_OPEN, TRADE, 2, false, 6, 1, croft_op_order),
    OP(ORDER_FUND, TRADE, 2, false, 5, 0, croft_op_order),
    OP(ORDER_TAKE, TRADE, 2, false, 2, 0, croft_op_order),
    OP(ORDER_CLOSE, TRADE, 2, true, 6, 0, croft_op_order),
    OP(LEASE_TAKE, TRADE, 2, false, 6, 1, croft_op_lease),
    OP(LEASE_ACK, TRADE, 2, true, 3, 0, croft_op_lease),
    OP(SETTLE, NODE, 2, true, 1, 0, croft_op_lease),
    OP(LEASE_STOP, TRADE, 2, true, 6, 0, croft_op_lease),
    OP(LEASE_NOTICE, NODE, 2, true, 2, 0, croft_op_lease),
    OP(LEASE_CALL, TRADE, 2, false, 3, 0, croft_op_lease),
    OP(LEASE_COMMIT, NODE, 2, true, 4, 0, croft_op_batch),
    OP(TASK_REVIEW, TRADE, 2, true, 7, 0, croft_op_batch),
    OP(TASK_CONTEST, NODE, 2, false, 4, 0, croft_op_batch),
    OP(TASK_JUDGE, AUDIT, 2, true, 7, 0, croft_op_batch),
    OP(BID_PLACE, TRADE, 2, false, 3, 1, croft_op_auction),
    OP(BID_REVEAL, TRADE, 2, false, 3, 0, croft_op_auction),
    OP(ORACLE_REPORT, VOTE, 2, true, 3, 1, croft_op_token),
    OP(BUYBACK, PAY, 2, false, 4, 0, croft_op_token),
    OP(CLAIM_REWARD, PAY, 2, false, 5, 0, croft_op_token),
};

const struct croft_op_info *croft_op_info_of(u32 op)
{
    CROFT_ASSERT(op < CROFT_COUNT(table) && table[op].run != NULL); /* croft_tx_decode knows the same numbers */
    return &table[op];
}

/* ---- what depends on the operation ---- */

static struct croft_op_writes transfer_writes(const struct croft_ledger *l, const Croft__V1__Transfer *op)
{
    struct croft_op_writes w = {.written = op->n_legs};
    for (size_t i = 0; i < op->n_legs; i++) {
        struct croft_address to = croft_address_of(op->legs[i]->to_address);
        w.created += croft_account_find(l, &to) == CROFT_SLOT_NONE;
    }
    return w;
}

/* A node's devices go with it. */
static struct croft_op_writes node_writes(const struct croft_ledger *l, const Croft__V1__NodeRemove *op)
{
    struct croft_node_record node = {0};
    u32 slot = croft_state_find(l->state, CROFT_TABLE_NODES, op->node_address.data);
    if (slot != CROFT_SLOT_NONE)
        croft_record_load(l, CROFT_TABLE_NODES, slot, &node);
    return (struct croft_op_writes){.written = 2 * (u64)__builtin_popcountll(node.devices)};
}

static u64 takes_up_to(size_t takes, u64 count)
{
    return takes < count ? takes : count;
}

static struct croft_op_writes open_writes(const Croft__V1__OrderOpen *op)
{
    u64 takes = takes_up_to(op->n_takes, op->count);
    u64 pages = op->batch != NULL ? (op->batch->task_count + CROFT_PAGE_TASKS - 1) / CROFT_PAGE_TASKS : 0;
    return (struct croft_op_writes){.written = 5 * takes, .created = takes + pages};
}

static struct croft_op_writes close_writes(const struct croft_ledger *l, const struct croft_address *buyer, u64 id)
{
    u8 key[40];
    struct croft_order_record r = {0};
    croft_key_account_id(buyer, id << 16, key);
    u32 slot = croft_state_find(l->state, CROFT_TABLE_ORDERS, key);
    if (slot != CROFT_SLOT_NONE)
        croft_record_load(l, CROFT_TABLE_ORDERS, slot, &r);
    /* Ranges of a batch go on: nodes must not make it dear to close. */
    return (struct croft_op_writes){.written = r.kind == CROFT_ORDER_BATCH ? 0 : 4 * (u64)r.live};
}

static struct croft_op_writes varying_writes(const struct croft_ledger *l, const struct croft_tx *tx)
{
    const Croft__V1__TxBody *body = tx->body;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_TRANSFER:
        return transfer_writes(l, body->transfer);
    case CROFT__V1__TX_BODY__OP_NODE_REMOVE:
        return node_writes(l, body->node_remove);
    case CROFT__V1__TX_BODY__OP_ORDER_OPEN:
        return open_writes(body->order_open);
    case CROFT__V1__TX_BODY__OP_ORDER_TAKE: {
        u64 takes = takes_up_to(body->order_take->n_takes, CROFT_LEASES_LIVE_MAX);
        return (struct croft_op_writes){.written = 4 * takes, .created = takes};
    }
    case CROFT__V1__TX_BODY__OP_ORDER_CLOSE:
        return close_writes(l, &tx->account, body->order_close->order);
    case CROFT__V1__TX_BODY__OP_SETTLE:
        return (struct croft_op_writes){.written = 5 * body->settle->n_vouchers};
    default:
        return (struct croft_op_writes){0};
    }
}

struct croft_op_writes croft_op_writes(const struct croft_ledger *l, const struct croft_tx *tx)
{
    struct croft_op_writes fixed = croft_op_info_of(tx->body->op_case)->writes, more = varying_writes(l, tx);
    return (struct croft_op_writes){fixed.written + more.written, fixed.created + more.created};
}
