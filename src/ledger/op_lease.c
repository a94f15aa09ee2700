#include "ledger/market_int.h"

#include "base/assert.h"

/* ---- who ---- */

static bool is_buyer(const struct croft_op *o, const struct croft_order *order)
{
    struct croft_address buyer = croft_buyer_of(order->key);
    return croft_address_equal(&buyer, &o->tx->account);
}

static bool is_node(const struct croft_op *o, const struct croft_lease *lease)
{
    return croft_address_equal(&lease->r.node, &o->tx->account);
}

/* When a running lease is due. */
static void set_running_due(struct croft_lease *lease)
{
    u64 end_s = lease->r.end_s, call_s = lease->r.call_by_s;
    bool call_first = call_s != 0 && (end_s == 0 || call_s < end_s);
    lease->r.due_s = call_first ? call_s : end_s;
}

/* ---- lease_take ---- */

static croft_err check_waiting(struct croft_op *o, const struct croft_order *order, const Croft__V1__LeaseTake *op)
{
    struct croft_batch_record batch;
    bool is_batch = order->r.kind == CROFT_ORDER_BATCH;
    if (order->r.state != CROFT_ORDER_OPEN || order->r.kind == CROFT_ORDER_GANG)
        return CROFT_ERR_OP_STATE;
    if ((order->r.flags & CROFT_ORDER_DRY) != 0)
        return CROFT_ERR_OP_FUNDS;
    if (is_batch != (op->task_count != 0))
        return CROFT_ERR_OP_TASKS;
    if (is_batch && (!croft_batch_load(o->l, order->key, &batch) || op->first_task >= batch.task_count ||
                     op->task_count > batch.task_count - op->first_task))
        return CROFT_ERR_OP_TASKS;
    return CROFT_OK;
}

/* Whether this device could be leased to the order that waits longest. */
static bool head_fits(const struct croft_op *o, const u8 head[40], const struct croft_device *d)
{
    struct croft_order first;
    u64 price;
    if (!croft_order_load(o->l, head, &first))
        return false;
    const struct croft_take_terms terms = {.price_seen = CROFT_PRICE_MAX, .units = first.r.kind == CROFT_ORDER_BATCH};
    return croft_take_check(o->l, &first, d, &terms, o->now_s, &price) == CROFT_OK;
}

/* In a class that takes the oldest first nobody passes the head of its queue; but a head that offers too little, or has
 * no money, must not stop the class until it expires. */
static croft_err check_turn(struct croft_op *o, const struct croft_order *order, const struct croft_device *d)
{
    u8 key[2];
    struct croft_class_record class;
    if (order->r.class == 0)
        return CROFT_OK;
    croft_key_param(order->r.class, key);
    u32 slot = croft_state_find(o->l->state, CROFT_TABLE_CLASSES, key);
    CROFT_ASSERT(slot != CROFT_SLOT_NONE); /* a class stays while it is named */
    croft_record_load(o->l, CROFT_TABLE_CLASSES, slot, &class);
    bool turn = class.policy == 0 || croft_queue_is_head(o->l, order) || !head_fits(o, class.head, d);
    return turn ? CROFT_OK : CROFT_ERR_OP_TURN;
}

static u64 task_due_s(const struct croft_op *o, const struct croft_order *order)
{
    struct croft_batch_record batch;
    bool is = croft_batch_load(o->l, order->key, &batch);
    CROFT_ASSERT(is);
    return o->now_s + batch.timeout_s;
}

static croft_err lease_take(struct croft_op *o, const Croft__V1__LeaseTake *op)
{
    struct croft_order order;
    struct croft_node node;
    struct croft_device d;
    struct croft_lease lease;
    u64 price;
    if (!croft_node_load(o->l, &o->tx->account, &node))
        return CROFT_ERR_OP_NODE;
    CROFT_TRY(croft_order_reach(o, op->buyer_address, op->order, &order));
    CROFT_TRY(check_waiting(o, &order, op));
    if (!croft_device_load(o->l, &o->tx->account, op->device, &d))
        return CROFT_ERR_OP_OFFERS;
    CROFT_TRY(check_turn(o, &order, &d));
    const struct croft_take_terms terms = {.price_seen = CROFT_PRICE_MAX, .units = op->task_count};
    CROFT_TRY(croft_take_check(o->l, &order, &d, &terms, o->now_s, &price));
    const struct croft_taking how = {.price = price, .stamp = croft_stamp_of(o), .state = CROFT_LEASE_ACKED,
                                     .units = op->task_count, .first_task = op->first_task};
    CROFT_TRY(croft_take_as(o->l, &order, &d, &how, o->now_s, &lease));
    if (op->task_count != 0)
        CROFT_TRY(croft_tasks_move(o->l, order.key, op->first_task, op->task_count, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE));
    memcpy(lease.r.digest.b, op->seal_key.data, sizeof lease.r.digest.b);
    if (op->task_count != 0)
        lease.r.due_s = task_due_s(o, &order);
    croft_lease_store(o->l, &lease);
    croft_order_store(o->l, &order, o->now_s);
    return CROFT_OK;
}

/* ---- lease_ack ---- */

static bool answers_call(const struct croft_op *o, const struct croft_order *order, const struct croft_lease *lease)
{
    if ((lease->r.flags & CROFT_LEASE_CALLED_BY_BUYER) != 0)
        return is_node(o, lease);
    return (lease->r.flags & CROFT_LEASE_CALLED_BY_NODE) != 0 && is_buyer(o, order);
}

static void answer_call(struct croft_op *o, struct croft_lease *lease)
{
    o->value = lease->r.bond;
    croft_bond_pay(o->l, &o->tx->account, lease->r.bond);
    lease->r.bond = croft_amt_of(0);
    lease->r.call_by_s = 0;
    lease->r.flags &= (u8) ~(CROFT_LEASE_CALLED_BY_BUYER | CROFT_LEASE_CALLED_BY_NODE);
    set_running_due(lease);
}

static croft_err lease_ack(struct croft_op *o, const Croft__V1__LeaseAck *op)
{
    struct croft_order order;
    struct croft_lease lease;
    CROFT_TRY(croft_lease_reach(o, op->lease, &order, &lease));
    if (!is_node(o, &lease) && !is_buyer(o, &order))
        return CROFT_ERR_OP_NOT_YOURS;
    if (lease.r.state == CROFT_LEASE_RUNNING && answers_call(o, &order, &lease)) {
        answer_call(o, &lease);
    } else {
        if (!is_node(o, &lease))
            return CROFT_ERR_OP_NOT_YOURS;
        if (lease.r.state != CROFT_LEASE_TAKEN || op->seal_key.len == 0)
            return CROFT_ERR_OP_STATE;
        lease.r.state = CROFT_LEASE_ACKED;
        lease.r.due_s = lease.r.taken_s + order.r.start_s;
        /* A start time shorter than the time to acknowledge leaves the node the rest of a second at least. */
        lease.r.due_s = lease.r.due_s > o->now_s ? lease.r.due_s : o->now_s + 1;
        memcpy(lease.r.digest.b, op->seal_key.data, sizeof lease.r.digest.b);
        croft_bid_settle(o->l, order.key, &lease, true);
    }
    croft_lease_store(o->l, &lease);
    return CROFT_OK;
}

/* ---- settle ---- */

static croft_err check_voucher(const struct croft_op *o, const struct croft_order *order, const struct croft_lease *lease,
                               const Croft__V1__Voucher *v)
{
    bool by_key = memcmp(v->public_key.data, order->r.voucher_key, sizeof order->r.voucher_key) == 0;
    if (!by_key || v->stamp != lease->r.stamp)
        return CROFT_ERR_OP_VOUCHER;
    if (order->r.kind == CROFT_ORDER_BATCH && (lease->r.flags & CROFT_LEASE_GATEWAY) == 0)
        return CROFT_ERR_OP_STATE;
    struct croft_meter m = croft_meter_get(&lease->r);
    enum croft_voucher_verdict verdict =
        croft_voucher_check(&m, v->served_until_s, v->units, lease->r.units_max, o->now_s);
    if (v->seq <= lease->r.seq || verdict == CROFT_VOUCHER_BACK)
        return CROFT_ERR_OP_VOUCHER_OLD;
    if (verdict == CROFT_VOUCHER_AHEAD)
        return CROFT_ERR_OP_TIME;
    return verdict == CROFT_VOUCHER_TOO_MANY ? CROFT_ERR_OP_AMOUNT : CROFT_OK;
}

/* The first voucher is what running means. */
static void start(struct croft_op *o, struct croft_order *order, struct croft_lease *lease)
{
    struct croft_escrow e = croft_escrow_get(&order->r);
    struct croft_amt aside = croft_lease_aside_running(o->l, order, lease);
    croft_escrow_aside(&e, lease->r.aside, aside);
    croft_escrow_put(&order->r, &e);
    if (lease->r.state == CROFT_LEASE_TAKEN)
        croft_bid_settle(o->l, order->key, lease, true);
    lease->r.aside = aside;
    lease->r.state = CROFT_LEASE_RUNNING;
    lease->r.flags |= CROFT_LEASE_STARTED;
    set_running_due(lease);
}

/* The lease that the new one was to replace ends, as its buyer would stop it. */
static void replace(struct croft_op *o, struct croft_order *order, struct croft_lease *lease)
{
    struct croft_lease old;
    u8 key[40];
    struct croft_address buyer = croft_buyer_of(order->key);
    u32 number = lease->r.replaces;
    lease->r.replaces = 0;
    if (number == 0)
        return;
    croft_key_account_id(&buyer, croft_order_id(order->key) << 16 | number, key);
    if (!croft_lease_load(o->l, key, &old) || old.r.state > CROFT_LEASE_RUNNING)
        return;
    croft_lease_buyer_leaves(o->l, order, &old, o->now_s, CROFT_REASON_REPLACED, o->now_s);
}

/* What a checked voucher is worth.  Both records are changed and not stored. */
static void take_voucher(struct croft_op *o, struct croft_order *order, struct croft_lease *lease,
                         const Croft__V1__Voucher *v)
{
    u64 until_s = v->served_until_s, units = v->units;
    struct croft_meter m = croft_meter_get(&lease->r);
    struct croft_escrow e = croft_escrow_get(&order->r);
    struct croft_amt before = lease->r.paid, most = croft_voucher_room(&order->r), payment;
    if (lease->r.end_s != 0)
        croft_voucher_cut(&m, lease->r.end_s, &until_s, &units);
    croft_escrow_advance(&e, o->now_s);
    if (lease->r.mode == CROFT_LEASE_METERED && lease->r.state == CROFT_LEASE_RUNNING)
        payment = croft_escrow_settle(&e, &m, until_s, units, most);
    else
        payment = croft_escrow_claim(&e, &m, &lease->r.aside, until_s, units, most);
    croft_escrow_put(&order->r, &e);
    lease->r.paid = m.paid;
    lease->r.served_until_s = m.served_until_s;
    lease->r.units = m.units;
    lease->r.seq = v->seq;
    croft_lease_pay(o->l, order, lease, before, payment);
    o->value = croft_amt_add_must(o->value, payment);
}

static croft_err settle_one(struct croft_op *o, const Croft__V1__Voucher *v)
{
    struct croft_order order;
    struct croft_lease lease;
    CROFT_TRY(croft_lease_reach(o, v->lease, &order, &lease));
    CROFT_TRY(check_voucher(o, &order, &lease, v));
    bool starts = lease.r.state == CROFT_LEASE_TAKEN || lease.r.state == CROFT_LEASE_ACKED;
    if (starts)
        start(o, &order, &lease);
    take_voucher(o, &order, &lease, v);
    if (starts)
        replace(o, &order, &lease);
    croft_lease_store(o->l, &lease);
    croft_lease_over(o->l, &order, false, o->now_s);
    return CROFT_OK;
}

static croft_err settle(struct croft_op *o, const Croft__V1__Settle *op)
{
    for (size_t i = 0; i < op->n_vouchers; i++)
        CROFT_TRY(settle_one(o, op->vouchers[i]));
    return CROFT_OK;
}

/* ---- lease_stop ---- */

static croft_err stop_by_node(struct croft_op *o, struct croft_order *order, struct croft_lease *lease)
{
    bool keep = (lease->r.flags & CROFT_LEASE_KEEP) != 0;
    if (lease->r.state == CROFT_LEASE_ENDING) {
        croft_lease_close(o->l, order, lease);
        croft_lease_over(o->l, order, false, o->now_s);
        return CROFT_OK;
    }
    if ((lease->r.flags & CROFT_LEASE_STARTED) == 0) {
        croft_lease_missed(o->l, order, lease, o->now_s);
        return CROFT_OK;
    }
    if (keep)
        croft_lease_end(o->l, order, lease, o->now_s, CROFT_REASON_STOPPED, o->now_s);
    else
        croft_lease_break(o->l, order, lease, o->now_s, CROFT_REASON_STOPPED, o->now_s);
    croft_lease_close(o->l, order, lease);
    croft_lease_over(o->l, order, croft_lease_counts(&lease->r), o->now_s);
    return CROFT_OK;
}

/* A node gives tasks back that it has not committed. */
static croft_err stop_range(struct croft_op *o, struct croft_order *order, struct croft_lease *lease)
{
    if (lease->r.state != CROFT_LEASE_ACKED)
        return CROFT_ERR_OP_STATE;
    CROFT_TRY(croft_tasks_move(o->l, order->key, lease->r.first_task, (u32)lease->r.units_max, CROFT_TASK_WITH_NODE,
                               CROFT_TASK_OPEN));
    croft_lease_drop(o->l, order, lease, CROFT_DROP_DEVICE_LISTED, false, o->now_s);
    croft_lease_over(o->l, order, false, o->now_s);
    return CROFT_OK;
}

static croft_err stop_by_buyer(struct croft_op *o, struct croft_order *order, struct croft_lease *lease)
{
    if (lease->r.state == CROFT_LEASE_ENDING)
        return CROFT_ERR_OP_STATE;
    bool finished = (lease->r.flags & CROFT_LEASE_STARTED) != 0 && croft_lease_counts(&lease->r);
    croft_lease_buyer_leaves(o->l, order, lease, o->now_s, CROFT_REASON_STOPPED, o->now_s);
    croft_lease_over(o->l, order, finished, o->now_s);
    return CROFT_OK;
}

static croft_err lease_stop(struct croft_op *o, const Croft__V1__LeaseStop *op)
{
    struct croft_order order;
    struct croft_lease lease;
    CROFT_TRY(croft_lease_reach(o, op->lease, &order, &lease));
    bool by_node = is_node(o, &lease);
    if (!by_node && !is_buyer(o, &order))
        return CROFT_ERR_OP_NOT_YOURS;
    bool range = order.r.kind == CROFT_ORDER_BATCH && (lease.r.flags & CROFT_LEASE_GATEWAY) == 0;
    if (range)
        return by_node ? stop_range(o, &order, &lease) : CROFT_ERR_OP_STATE;
    if (op->voucher != NULL) {
        CROFT_TRY(settle_one(o, op->voucher));
        CROFT_TRY(croft_lease_reach(o, op->lease, &order, &lease));
    }
    return by_node ? stop_by_node(o, &order, &lease) : stop_by_buyer(o, &order, &lease);
}

/* ---- lease_notice, lease_call ---- */

static croft_err lease_notice(struct croft_op *o, const Croft__V1__LeaseNotice *op)
{
    struct croft_order order;
    struct croft_lease lease;
    struct croft_device d;
    CROFT_TRY(croft_lease_reach(o, op->lease, &order, &lease));
    if (!is_node(o, &lease))
        return CROFT_ERR_OP_NOT_YOURS;
    bool has_device = (lease.r.flags & (CROFT_LEASE_KEEP | CROFT_LEASE_GATEWAY)) == 0;
    if (lease.r.state != CROFT_LEASE_RUNNING || !has_device)
        return CROFT_ERR_OP_STATE;
    bool is = croft_device_load(o->l, &lease.r.node, lease.r.device, &d);
    CROFT_ASSERT(is);
    bool soon = op->end_s < o->now_s + d.r.notice_s || op->end_s < lease.r.firm_until_s || op->end_s <= o->now_s;
    if (soon || op->end_s > order.r.expires_s || (lease.r.end_s != 0 && op->end_s > lease.r.end_s))
        return CROFT_ERR_OP_TIME;
    lease.r.end_s = op->end_s;
    set_running_due(&lease);
    croft_lease_store(o->l, &lease);
    return CROFT_OK;
}

static croft_err lease_call(struct croft_op *o, const Croft__V1__LeaseCall *op)
{
    struct croft_order order;
    struct croft_lease lease;
    struct croft_amt bond = croft_amt_of(croft_ledger_param(o->l, CROFT_PARAM_CALL_BOND));
    CROFT_TRY(croft_lease_reach(o, op->lease, &order, &lease));
    bool by_node = is_node(o, &lease);
    if (!by_node && !is_buyer(o, &order))
        return CROFT_ERR_OP_NOT_YOURS;
    if (lease.r.state != CROFT_LEASE_RUNNING || lease.r.call_by_s != 0)
        return CROFT_ERR_OP_STATE;
    CROFT_TRY(croft_bond_take(o, bond));
    lease.r.bond = bond;
    lease.r.flags |= by_node ? CROFT_LEASE_CALLED_BY_NODE : CROFT_LEASE_CALLED_BY_BUYER;
    lease.r.call_by_s = o->now_s + croft_ledger_param(o->l, CROFT_PARAM_CALL_S);
    set_running_due(&lease);
    croft_lease_store(o->l, &lease);
    o->value = bond;
    return CROFT_OK;
}

croft_err croft_op_lease(struct croft_op *o)
{
    const Croft__V1__TxBody *body = o->tx->body;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_LEASE_TAKE:
        return lease_take(o, body->lease_take);
    case CROFT__V1__TX_BODY__OP_LEASE_ACK:
        return lease_ack(o, body->lease_ack);
    case CROFT__V1__TX_BODY__OP_SETTLE:
        return settle(o, body->settle);
    case CROFT__V1__TX_BODY__OP_LEASE_STOP:
        return lease_stop(o, body->lease_stop);
    case CROFT__V1__TX_BODY__OP_LEASE_NOTICE:
        return lease_notice(o, body->lease_notice);
    case CROFT__V1__TX_BODY__OP_LEASE_CALL:
        return lease_call(o, body->lease_call);
    default:
        CROFT_UNREACHABLE("not an operation of leases");
        return CROFT_ERR_TX_RANGE;
    }
}
