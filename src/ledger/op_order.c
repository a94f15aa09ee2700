#include "ledger/market_int.h"

#include "base/assert.h"

static u64 param(const struct croft_op *o, enum croft_param which)
{
    return croft_ledger_param(o->l, which);
}

/* ---- order_open: what may be asked for ---- */

static croft_err check_names(const struct croft_op *o, const Croft__V1__OrderOpen *op)
{
    struct croft_class named;
    struct croft_address gateway = {{0}}, arbiter = croft_address_of(op->arbiter_address);
    if (op->gateway != NULL)
        gateway = croft_address_of(op->gateway->gateway_address);
    bool class = op->class_ == 0 || croft_class_load(o->l, op->class_, &named);
    bool has_gateway = op->gateway == NULL || croft_account_find(o->l, &gateway) != CROFT_SLOT_NONE;
    bool has_arbiter = op->arbiter_address.len == 0 || croft_account_find(o->l, &arbiter) != CROFT_SLOT_NONE;
    return class && has_gateway && has_arbiter ? CROFT_OK : CROFT_ERR_OP_NOT_FOUND;
}

static bool is_within(u64 value, u64 low, u64 high)
{
    return value >= low && value <= high;
}

static bool batch_times_fit(const struct croft_op *o, const Croft__V1__BatchTerms *b)
{
    return b == NULL || (is_within(b->timeout_s, 1, param(o, CROFT_PARAM_TASK_TIMEOUT_MAX_S)) &&
                         is_within(b->window_s, param(o, CROFT_PARAM_TASK_WINDOW_MIN_S), param(o, CROFT_PARAM_TASK_WINDOW_MAX_S)));
}

static bool auction_times_fit(const struct croft_op *o, const Croft__V1__OrderOpen *op)
{
    const Croft__V1__AuctionTerms *a = op->auction;
    return a == NULL || (a->bid_until_s > o->now_s && a->reveal_until_s < op->expires_s &&
                         a->reveal_until_s - o->now_s <= param(o, CROFT_PARAM_AUCTION_MAX_S));
}

static u64 start_s_of(const struct croft_op *o, const Croft__V1__OrderOpen *op)
{
    u8 key[2];
    struct croft_class_record class = {0};
    croft_key_param(op->class_, key);
    u32 slot = op->class_ != 0 ? croft_state_find(o->l->state, CROFT_TABLE_CLASSES, key) : CROFT_SLOT_NONE;
    if (op->start_s != 0 || slot == CROFT_SLOT_NONE)
        return op->start_s;
    croft_record_load(o->l, CROFT_TABLE_CLASSES, slot, &class);
    return class.start_s;
}

static croft_err check_times(const struct croft_op *o, const Croft__V1__OrderOpen *op)
{
    bool lives = op->expires_s > o->now_s && op->expires_s - o->now_s <= param(o, CROFT_PARAM_ORDER_MAX_S);
    bool promised = op->firm_s == 0 || (lives && op->firm_s <= op->expires_s - o->now_s);
    bool batch = op->kind == CROFT_ORDER_BATCH;
    bool starts = batch || is_within(start_s_of(o, op), 1, param(o, CROFT_PARAM_START_MAX_S));
    bool waits = op->unsigned_s <= param(o, CROFT_PARAM_UNSIGNED_MAX_S) && op->hold_s <= param(o, CROFT_PARAM_HOLD_MAX_S) &&
                 op->keep_s <= param(o, CROFT_PARAM_KEEP_MAX_S);
    return lives && promised && starts && waits && batch_times_fit(o, op->batch) && auction_times_fit(o, op) ? CROFT_OK
                                                                                                             : CROFT_ERR_OP_TIME;
}

/* What all leases together may come to must stay within the types. */
static croft_err check_price(const struct croft_op *o, const Croft__V1__OrderOpen *op)
{
    struct croft_amt most;
    u64 units = op->kind == CROFT_ORDER_BATCH ? op->batch->task_count : op->units_max;
    bool counted = op->price_kind != CROFT_PRICE_SECOND;
    if (counted && !croft_cover(&most, op->price_max, (enum croft_price_kind)op->price_kind, units))
        return CROFT_ERR_OP_PRICE;
    if (op->auction != NULL && op->auction->bid_deposit < param(o, CROFT_PARAM_BID_DEPOSIT_MIN))
        return CROFT_ERR_OP_PRICE;
    return CROFT_OK;
}

/* ---- order_open: the record ---- */

static struct croft_order_record record_of(const struct croft_op *o, const Croft__V1__OrderOpen *op)
{
    struct croft_order_record r = {
        .state = op->auction != NULL ? CROFT_ORDER_BIDDING : CROFT_ORDER_OPEN,
        .kind = (u8)op->kind,
        .price_kind = (u8)op->price_kind,
        .service = (u8)op->service,
        .egress = (u8)op->egress,
        .flags = op->once ? CROFT_ORDER_ONCE : 0,
        .class = (u16)op->class_,
        .count = (u16)op->count,
        .price_max = op->price_max,
        .balance = croft_amt_of(op->amount),
        .accrued_s = o->now_s,
        .units_max = op->units_max,
        .opened_s = o->now_s,
        .expires_s = op->expires_s,
        .start_s = (u16)start_s_of(o, op),
        .unsigned_s = (u16)op->unsigned_s,
        .hold_s = (u16)op->hold_s,
        .keep_s = op->keep_s,
        .disk_gib = op->disk_gib,
        .firm_s = op->firm_s,
        .voucher_cap = croft_amt_of(op->voucher_cap),
        .arbiter = croft_address_of(op->arbiter_address),
    };
    memcpy(r.workload.b, op->workload.data, sizeof r.workload.b);
    memcpy(r.voucher_key, op->voucher_key.data, sizeof r.voucher_key);
    return r;
}

/* A gateway's lease runs from the beginning: its bytes are counted by vouchers like anything else. */
static croft_err open_gateway(struct croft_op *o, struct croft_order *order, const Croft__V1__GatewayTerms *g)
{
    struct croft_amt aside, free;
    struct croft_escrow e = croft_escrow_get(&order->r);
    if (g == NULL)
        return CROFT_OK;
    bool fits = croft_cover(&aside, g->price, CROFT_PRICE_BYTE, g->bytes_max);
    if (!fits || !croft_escrow_free(&e, o->now_s, &free) || croft_amt_cmp(free, aside) < 0)
        return CROFT_ERR_OP_FUNDS;
    struct croft_lease lease = {.r = {
                                    .state = CROFT_LEASE_RUNNING,
                                    .mode = CROFT_LEASE_COUNTED,
                                    .kind = CROFT_PRICE_BYTE,
                                    .flags = CROFT_LEASE_GATEWAY | CROFT_LEASE_STARTED,
                                    .node = croft_address_of(g->gateway_address),
                                    .stamp = croft_stamp_of(o),
                                    .price = g->price,
                                    .aside = aside,
                                    .taken_s = o->now_s,
                                    .served_until_s = o->now_s,
                                    .units_max = g->bytes_max,
                                }};
    CROFT_TRY(croft_lease_insert(o->l, order, &lease));
    croft_escrow_aside(&e, croft_amt_of(0), aside);
    croft_escrow_put(&order->r, &e);
    return CROFT_OK;
}

/* ---- taking offers ---- */

static bool is_skipped(croft_err err)
{
    return err == CROFT_ERR_OP_OFFERS || err == CROFT_ERR_OP_NODE || err == CROFT_ERR_OP_TERMS ||
           err == CROFT_ERR_OP_PRICE || err == CROFT_ERR_OP_TIME || err == CROFT_ERR_OP_EXPOSURE;
}

static croft_err take_one(struct croft_op *o, struct croft_order *order, const Croft__V1__Take *take, u32 replaces)
{
    struct croft_device d;
    struct croft_lease made;
    struct croft_take_terms terms = {.price_seen = take->price};
    struct croft_address node = croft_address_of(take->node_address);
    struct croft_taking how = {.stamp = croft_stamp_of(o), .state = CROFT_LEASE_TAKEN, .replaces = replaces};
    if (!croft_device_load(o->l, &node, take->device, &d))
        return CROFT_ERR_OP_OFFERS;
    if (croft_auction_is(o->l, order->key)) {
        CROFT_TRY(croft_bid_price(o->l, order->key, &d, &terms.price));
        terms.chosen_bid = true;
    }
    CROFT_TRY(croft_take_check(o->l, order, &d, &terms, o->now_s, &how.price));
    return croft_take_as(o->l, order, &d, &how, o->now_s, &made);
}

static void keep_alternates(const struct croft_ledger *l, struct croft_order *order, size_t count,
                            Croft__V1__Take *const *take)
{
    order->r.alternate_count = 0;
    if (croft_auction_is(l, order->key))
        return; /* its bids are the alternates */
    for (size_t i = 0; i < count && i < CROFT_ALTERNATES_MAX; i++)
        order->r.alternate[order->r.alternate_count++] = (struct croft_alternate){
            .node = croft_address_of(take[i]->node_address), .device = (u8)take[i]->device, .price = take[i]->price};
}

/* In the order in which the buyer names them, until there are enough. */
static croft_err take_all(struct croft_op *o, struct croft_order *order, size_t count, Croft__V1__Take *const *take,
                          u32 replaces)
{
    u32 wanted = replaces != 0 ? 1 : (u32)order->r.count - order->r.live, taken = 0;
    size_t i = 0;
    for (; i < count && taken < wanted; i++) {
        croft_err err = take_one(o, order, take[i], replaces);
        if (err != CROFT_OK && !is_skipped(err))
            return err;
        taken += err == CROFT_OK;
    }
    if (taken == 0 || (order->r.kind == CROFT_ORDER_GANG && taken < wanted))
        return CROFT_ERR_OP_OFFERS;
    keep_alternates(o->l, order, count - i, take + i);
    return CROFT_OK;
}

static croft_err order_open(struct croft_op *o, const Croft__V1__OrderOpen *op)
{
    struct croft_order order = {.r = record_of(o, op)};
    croft_key_account_id(&o->tx->account, op->id << 16, order.key);
    bool exists = croft_state_find(o->l->state, CROFT_TABLE_ORDERS, order.key) != CROFT_SLOT_NONE;
    if (exists || croft_auction_is(o->l, order.key))
        return CROFT_ERR_OP_EXISTS;
    CROFT_TRY(check_names(o, op));
    CROFT_TRY(check_times(o, op));
    CROFT_TRY(check_price(o, op));
    CROFT_TRY(croft_spend(o, CROFT_ASSET_CREDIT, order.r.balance));
    croft_system_credit(o->l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT, order.r.balance);
    CROFT_TRY(croft_deposit_take(o, &order.r.deposit));
    CROFT_TRY(croft_record_insert(o->l, CROFT_TABLE_ORDERS, order.key, &order.r, &order.slot));
    croft_open_records_add(o->l, o->payer, 1);
    if (op->batch != NULL)
        CROFT_TRY(croft_batch_open(o, order.key, op->batch));
    if (op->auction != NULL)
        CROFT_TRY(croft_auction_open(o, &order, op->auction));
    CROFT_TRY(open_gateway(o, &order, op->gateway));
    if (op->n_takes != 0)
        CROFT_TRY(take_all(o, &order, op->n_takes, op->takes, 0));
    croft_class_ordered(o->l, order.r.class);
    o->value = croft_amt_of(op->amount);
    croft_order_store(o->l, &order, o->now_s);
    return CROFT_OK;
}

/* ---- order_take ---- */

/* The lease to be replaced is one that lives and has a device. */
static croft_err check_replaced(const struct croft_op *o, const struct croft_order *order, u32 number)
{
    struct croft_lease lease;
    u8 key[40];
    if (number == 0)
        return CROFT_OK;
    croft_key_account_id(&o->tx->account, croft_order_id(order->key) << 16 | number, key);
    bool is = croft_lease_load(o->l, key, &lease) && lease.r.state <= CROFT_LEASE_RUNNING &&
              (lease.r.flags & (CROFT_LEASE_KEEP | CROFT_LEASE_GATEWAY)) == 0;
    return is ? CROFT_OK : CROFT_ERR_OP_NOT_FOUND;
}

static croft_err order_take(struct croft_op *o, const Croft__V1__OrderTake *op)
{
    struct croft_order order;
    ProtobufCBinaryData self = {sizeof o->tx->account.b, (u8 *)(uintptr_t)o->tx->account.b};
    CROFT_TRY(croft_order_reach(o, self, op->order, &order));
    bool full = order.r.state == CROFT_ORDER_FULL;
    bool open = order.r.state == CROFT_ORDER_OPEN || order.r.state == CROFT_ORDER_PICKING;
    if (order.r.kind == CROFT_ORDER_BATCH || !(open || full) || (full && op->replaces == 0))
        return CROFT_ERR_OP_STATE;
    if (order.r.kind == CROFT_ORDER_GANG && (op->replaces != 0 || order.r.live != 0))
        return CROFT_ERR_OP_STATE; /* all or nothing */
    if ((order.r.flags & CROFT_ORDER_DRY) != 0)
        return CROFT_ERR_OP_FUNDS;
    CROFT_TRY(check_replaced(o, &order, op->replaces));
    CROFT_TRY(take_all(o, &order, op->n_takes, op->takes, op->replaces));
    croft_order_store(o->l, &order, o->now_s);
    return CROFT_OK;
}

/* ---- order_fund, order_close ---- */

/* A counted lease may count further: as much as the money is for. */
static croft_err raise_units(struct croft_op *o, struct croft_order *order, const Croft__V1__OrderFund *op)
{
    struct croft_lease lease;
    struct croft_amt aside;
    u8 key[40];
    struct croft_escrow e = croft_escrow_get(&order->r);
    croft_lease_key(op->buyer_address, op->order, op->lease, key);
    if (!croft_lease_load(o->l, key, &lease))
        return CROFT_ERR_OP_NOT_FOUND;
    bool range = order->r.kind == CROFT_ORDER_BATCH && (lease.r.flags & CROFT_LEASE_GATEWAY) == 0;
    if (lease.r.mode != CROFT_LEASE_COUNTED || lease.r.state == CROFT_LEASE_ENDING || range)
        return CROFT_ERR_OP_STATE;
    u64 more = croft_units_covered(croft_amt_of(op->amount), lease.r.price, (enum croft_price_kind)lease.r.kind);
    u64 units;
    if (__builtin_add_overflow(lease.r.units_max, more, &units) ||
        !croft_cover(&aside, lease.r.price, (enum croft_price_kind)lease.r.kind, units))
        return CROFT_ERR_OP_AMOUNT;
    aside = croft_amt_sub_must(aside, lease.r.paid);
    croft_escrow_aside(&e, lease.r.aside, aside);
    croft_escrow_put(&order->r, &e);
    lease.r.units_max = units;
    lease.r.aside = aside;
    croft_lease_store(o->l, &lease);
    return CROFT_OK;
}

static croft_err order_fund(struct croft_op *o, const Croft__V1__OrderFund *op)
{
    struct croft_order order;
    CROFT_TRY(croft_order_reach(o, op->buyer_address, op->order, &order));
    if (order.r.state == CROFT_ORDER_CLOSING)
        return CROFT_ERR_OP_STATE;
    struct croft_address buyer = croft_address_of(op->buyer_address);
    if (op->asset == CROFT_ASSET_CROFT && !croft_address_equal(&buyer, &o->tx->account))
        return CROFT_ERR_OP_NOT_YOURS; /* what is not spent goes back to the buyer */
    o->value = croft_amt_of(op->amount);
    if (op->asset == CROFT_ASSET_CROFT) {
        CROFT_TRY(croft_token_convert(o, &order, o->value));
    } else {
        if (!croft_amt_add(&order.r.balance, order.r.balance, o->value))
            return CROFT_ERR_OP_OVERFLOW;
        CROFT_TRY(croft_spend(o, CROFT_ASSET_CREDIT, o->value));
        croft_system_credit(o->l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT, o->value);
    }
    if (op->lease != 0)
        CROFT_TRY(raise_units(o, &order, op));
    croft_order_store(o->l, &order, o->now_s);
    return CROFT_OK;
}

static croft_err order_close(struct croft_op *o, const Croft__V1__OrderClose *op)
{
    struct croft_order order;
    ProtobufCBinaryData self = {sizeof o->tx->account.b, (u8 *)(uintptr_t)o->tx->account.b};
    CROFT_TRY(croft_order_reach(o, self, op->order, &order));
    if (order.r.state == CROFT_ORDER_CLOSING || order.r.state == CROFT_ORDER_REVEALING)
        return CROFT_ERR_OP_STATE;
    croft_order_close(o->l, &order, CROFT_REASON_STOPPED, o->now_s);
    return CROFT_OK;
}

croft_err croft_op_order(struct croft_op *o)
{
    const Croft__V1__TxBody *body = o->tx->body;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_ORDER_OPEN:
        return order_open(o, body->order_open);
    case CROFT__V1__TX_BODY__OP_ORDER_FUND:
        return order_fund(o, body->order_fund);
    case CROFT__V1__TX_BODY__OP_ORDER_TAKE:
        return order_take(o, body->order_take);
    case CROFT__V1__TX_BODY__OP_ORDER_CLOSE:
        return order_close(o, body->order_close);
    default:
        CROFT_UNREACHABLE("not an operation of orders");
        return CROFT_ERR_TX_RANGE;
    }
}
