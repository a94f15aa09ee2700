#include "ledger/market_int.h"

#include "base/assert.h"

#include <string.h>

enum { PPM = 1000000 };

/* Whether it is a range of a batch, and in this state. */
static bool is_range(const struct croft_order *order, const struct croft_lease *lease, enum croft_lease_state state)
{
    return order->r.kind == CROFT_ORDER_BATCH && lease->r.state == state;
}

static bool signed_by(const struct croft_op *o, const struct croft_address *who)
{
    return croft_address_equal(&o->tx->account, who);
}

static struct croft_batch_record batch_of(const struct croft_ledger *l, const struct croft_order *order)
{
    struct croft_batch_record batch;
    bool is = croft_batch_load(l, order->key, &batch);
    CROFT_ASSERT(is);
    return batch;
}

/* ---- lease_commit ---- */

static croft_err lease_commit(struct croft_op *o, const Croft__V1__LeaseCommit *op)
{
    struct croft_order order;
    struct croft_lease lease;
    CROFT_TRY(croft_lease_reach(o, op->lease, &order, &lease));
    if (!signed_by(o, &lease.r.node))
        return CROFT_ERR_OP_NOT_YOURS;
    if (!is_range(&order, &lease, CROFT_LEASE_ACKED))
        return CROFT_ERR_OP_STATE;
    CROFT_ASSERT(op->results_root.len == sizeof lease.r.digest.b);
    memcpy(lease.r.digest.b, op->results_root.data, sizeof lease.r.digest.b);
    lease.r.state = CROFT_LEASE_COMMITTED;
    lease.r.due_s = o->now_s + batch_of(o->l, &order).window_s;
    croft_lease_store(o->l, &lease);
    croft_range_free_device(o->l, &lease, o->now_s);
    return CROFT_OK;
}

/* ---- task_review ---- */

/* How many tasks are rejected: OP_TASKS when one is not of the range. */
static croft_err count_rejects(const struct croft_lease *lease, const Croft__V1__TaskReview *op, u32 *out)
{
    u64 end = lease->r.first_task + lease->r.units_max;
    *out = 0;
    for (size_t i = 0; i < op->n_rejects; i++) {
        const Croft__V1__TaskRange *r = op->rejects[i];
        if (r->first < lease->r.first_task || (u64)r->first + r->count > end)
            return CROFT_ERR_OP_TASKS;
        *out += r->count;
    }
    CROFT_ASSERT(*out <= lease->r.units_max); /* they are apart */
    return CROFT_OK;
}

static struct croft_amt reject_bond(const struct croft_ledger *l, const struct croft_lease *lease, u32 rejected)
{
    struct croft_amt worth, bond;
    bool fits = croft_cover(&worth, lease->r.price, CROFT_PRICE_FRAME, rejected) &&
                croft_amt_muldiv_ceil(&bond, worth, croft_ledger_param(l, CROFT_PARAM_REJECT_BOND_PPM), PPM);
    CROFT_ASSERT(fits); /* at most 2^44 times 2^12 */
    return bond;
}

static void mark_rejects(struct croft_op *o, const struct croft_order *order, const Croft__V1__TaskReview *op)
{
    for (size_t i = 0; i < op->n_rejects; i++) {
        u32 count = op->rejects[i]->count;
        u32 moved = croft_tasks_change(o->l, order->key, op->rejects[i]->first, count, CROFT_TASK_WITH_NODE,
                                       CROFT_TASK_REJECTED);
        CROFT_ASSERT(moved == count);
    }
}

/* There is an arbiter: the node may contest within as long as the buyer had to look. */
static void dispute(struct croft_op *o, const struct croft_order *order, struct croft_lease *lease, u32 rejected,
                    struct croft_amt bond)
{
    lease->r.state = CROFT_LEASE_DISPUTED;
    lease->r.rejected = rejected;
    lease->r.bond = bond;
    lease->r.due_s = o->now_s + batch_of(o->l, order).window_s;
    croft_lease_store(o->l, lease);
}

static croft_err task_review(struct croft_op *o, const Croft__V1__TaskReview *op)
{
    u32 rejected;
    struct croft_order order;
    struct croft_lease lease;
    CROFT_TRY(croft_lease_reach(o, op->lease, &order, &lease));
    struct croft_address buyer = croft_buyer_of(order.key);
    if (!signed_by(o, &buyer))
        return CROFT_ERR_OP_NOT_YOURS;
    if (!is_range(&order, &lease, CROFT_LEASE_COMMITTED))
        return CROFT_ERR_OP_STATE;
    CROFT_TRY(count_rejects(&lease, op, &rejected));
    struct croft_amt bond = reject_bond(o->l, &lease, rejected);
    CROFT_TRY(croft_bond_take(o, bond));

    mark_rejects(o, &order, op);
    o->value = croft_range_accept(o->l, &order, &lease, CROFT_TASK_WITH_NODE, o->now_s);
    bool judged = !croft_address_is_system(&order.r.arbiter);
    if (judged && rejected != 0) {
        dispute(o, &order, &lease, rejected, bond);
    } else {
        croft_bond_burn(o->l, bond); /* nobody can tell who was wrong */
        croft_range_end(o->l, &order, &lease, false, o->now_s);
    }
    (void)croft_order_settle(o->l, &order, o->now_s);
    return CROFT_OK;
}

/* ---- task_contest, task_judge ---- */

static croft_err task_contest(struct croft_op *o, const Croft__V1__TaskContest *op)
{
    struct croft_order order;
    struct croft_lease lease;
    CROFT_TRY(croft_lease_reach(o, op->lease, &order, &lease));
    if (!signed_by(o, &lease.r.node))
        return CROFT_ERR_OP_NOT_YOURS;
    if (!is_range(&order, &lease, CROFT_LEASE_DISPUTED))
        return CROFT_ERR_OP_STATE;
    CROFT_TRY(croft_bond_take(o, lease.r.bond));
    lease.r.state = CROFT_LEASE_CONTESTED;
    lease.r.bond = croft_amt_add_must(lease.r.bond, lease.r.bond);
    lease.r.due_s = o->now_s + croft_ledger_param(o->l, CROFT_PARAM_JUDGE_S);
    croft_lease_store(o->l, &lease);
    return CROFT_OK;
}

/* The winner has its own bond back and half of the loser's; the other half pays the arbiter. */
static void share_bonds(struct croft_op *o, struct croft_lease *lease, const struct croft_address *winner)
{
    struct croft_amt fee = croft_amt_of(croft_amt_units(croft_range_half(lease)) / 2);
    croft_bond_pay(o->l, &o->tx->account, fee);
    croft_bond_pay(o->l, winner, croft_amt_sub_must(lease->r.bond, fee));
    lease->r.bond = croft_amt_of(0);
}

static croft_err task_judge(struct croft_op *o, const Croft__V1__TaskJudge *op)
{
    struct croft_order order;
    struct croft_lease lease;
    CROFT_TRY(croft_lease_reach(o, op->lease, &order, &lease));
    struct croft_address buyer = croft_buyer_of(order.key);
    if (!signed_by(o, &order.r.arbiter))
        return CROFT_ERR_OP_NOT_YOURS;
    if (!is_range(&order, &lease, CROFT_LEASE_CONTESTED))
        return CROFT_ERR_OP_STATE;
    if (op->result_hash.len != 0 && !croft_range_has(&lease, op->task, op->result_hash, op->n_path, op->path))
        return CROFT_ERR_OP_PROOF;
    share_bonds(o, &lease, op->upheld ? &buyer : &lease.r.node);
    if (!op->upheld)
        o->value = croft_range_accept(o->l, &order, &lease, CROFT_TASK_REJECTED, o->now_s);
    croft_range_end(o->l, &order, &lease, false, o->now_s);
    (void)croft_order_settle(o->l, &order, o->now_s);
    return CROFT_OK;
}

croft_err croft_op_batch(struct croft_op *o)
{
    const Croft__V1__TxBody *body = o->tx->body;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_LEASE_COMMIT:
        return lease_commit(o, body->lease_commit);
    case CROFT__V1__TX_BODY__OP_TASK_REVIEW:
        return task_review(o, body->task_review);
    case CROFT__V1__TX_BODY__OP_TASK_CONTEST:
        return task_contest(o, body->task_contest);
    case CROFT__V1__TX_BODY__OP_TASK_JUDGE:
        return task_judge(o, body->task_judge);
    case CROFT__V1__TX_BODY__OP_SLASH:
        return croft_op_slash(o);
    default:
        CROFT_UNREACHABLE("not an operation on tasks");
        return CROFT_ERR_TX_RANGE;
    }
}
