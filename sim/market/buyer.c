#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

enum { ORDERS_AT_A_TIME = 2, SIGNS_FOR_S = 150 };

/* ---- an order ---- */

static void close_order(struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_order *o)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_ORDER_CLOSE);
    CROFT_MSIM_OP(s, b, order_close, Croft__V1__OrderClose, croft__v1__order_close__init)->order = o->id;
    croft_msim_send(s, a->account, b);
}

static void fund(struct croft_sim *s, struct croft_msim_actor *a, const struct croft_msim_order *o, u32 lease,
                 u32 asset)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_ORDER_FUND);
    Croft__V1__OrderFund *op = CROFT_MSIM_OP(s, b, order_fund, Croft__V1__OrderFund, croft__v1__order_fund__init);
    op->buyer_address = croft_msim_address(s, a->account);
    op->order = o->id;
    op->lease = lease;
    op->asset = asset;
    op->amount = 10000000 + croft_sim_below(s, 200000000);
    a->converts |= asset == CROFT_ASSET_CROFT;
    croft_msim_send(s, a->account, b);
}

static void take_more(struct croft_sim *s, const struct croft_msim_actor *a, struct croft_msim_order *o,
                      u32 replaces)
{
    struct croft_msim_offer offer;
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_ORDER_TAKE);
    Croft__V1__OrderTake *op = CROFT_MSIM_OP(s, b, order_take, Croft__V1__OrderTake, croft__v1__order_take__init);
    op->order = o->id;
    op->replaces = replaces;
    if (!croft_msim_some_offer(s, &offer) || offer.r.price[o->last.price_kind] == 0)
        return;
    Croft__V1__Take *t = croft_sim_new(s, Croft__V1__Take, 1);
    croft__v1__take__init(t);
    t->node_address = croft_msim_address(s, offer.node);
    t->device = offer.device;
    t->price = offer.r.price[o->last.price_kind];
    o->seen_max = t->price > o->seen_max ? t->price : o->seen_max;
    op->takes = croft_sim_new(s, Croft__V1__Take *, 1);
    op->takes[0] = t;
    op->n_takes = 1;
    croft_msim_send(s, a->account, b);
}

/* Picks a revealed bid of its auction. */
static void pick(struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_order *o)
{
    struct croft_msim *m = s->market;
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_ORDER_TAKE);
    Croft__V1__OrderTake *op = CROFT_MSIM_OP(s, b, order_take, Croft__V1__OrderTake, croft__v1__order_take__init);
    op->order = o->id;
    op->takes = croft_sim_new(s, Croft__V1__Take *, CROFT_TAKES_MAX);
    for (u32 i = 0; i < m->bid_count && op->n_takes < 4; i++) {
        if (!m->bid[i].revealed || memcmp(m->bid[i].order, o->key, 40) != 0)
            continue;
        Croft__V1__Take *t = croft_sim_new(s, Croft__V1__Take, 1);
        croft__v1__take__init(t);
        t->node_address = croft_msim_address(s, m->bid[i].node);
        t->device = m->bid[i].device;
        t->price = m->bid[i].price;
        op->takes[op->n_takes++] = t;
    }
    if (op->n_takes != 0)
        croft_msim_send(s, a->account, b);
    else
        close_order(s, a, o);
}

/* When its money ends, by the escrow's own numbers. */
static bool is_low(const struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_order *o)
{
    const struct croft_order_record *r = &o->last;
    u64 left_s = croft_msim_is(a, CROFT_FAULT_TOPS_UP_LATE) ? 10 : 200;
    if (r->rate == 0 || r->due_s == 0)
        return false;
    return (r->flags & CROFT_ORDER_DRY) != 0 || r->due_s < croft_msim_now_s(s) + left_s;
}

static bool pays_in_croft(struct croft_sim *s, const struct croft_msim_actor *a)
{
    return s->market->token && !croft_msim_is(a, CROFT_FAULT_WASHES) && croft_sim_chance(s, 4);
}

static void care_for_order(struct croft_sim *s, struct croft_msim_actor *a, struct croft_msim_order *o)
{
    bool closing = o->last.state == CROFT_ORDER_CLOSING;
    if (closing)
        return;
    if (o->last.state == CROFT_ORDER_PICKING)
        pick(s, a, o);
    else if (is_low(s, a, o) && croft_sim_chance(s, 2))
        fund(s, a, o, 0, pays_in_croft(s, a) ? CROFT_ASSET_CROFT : CROFT_ASSET_CREDIT);
    else if (croft_sim_chance(s, croft_msim_is(a, CROFT_FAULT_HOLDS_GANGS) ? 10 : 80))
        close_order(s, a, o);
    else if (o->last.state == CROFT_ORDER_OPEN && o->kind != CROFT_ORDER_BATCH && croft_sim_chance(s, 3))
        take_more(s, a, o, 0);
    else if (croft_msim_is(a, CROFT_FAULT_OVERTAKES))
        take_more(s, a, o, 0);
}

/* ---- a lease ---- */

static void stop(struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_lease *l)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_LEASE_STOP);
    CROFT_MSIM_OP(s, b, lease_stop, Croft__V1__LeaseStop, croft__v1__lease_stop__init)->lease =
        croft_msim_lease_id(s, l->key);
    croft_msim_send(s, a->account, b);
}

static void call(struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_lease *l)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_LEASE_CALL);
    CROFT_MSIM_OP(s, b, lease_call, Croft__V1__LeaseCall, croft__v1__lease_call__init)->lease =
        croft_msim_lease_id(s, l->key);
    croft_msim_send(s, a->account, b);
}

static void answer(struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_lease *l)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_LEASE_ACK);
    CROFT_MSIM_OP(s, b, lease_ack, Croft__V1__LeaseAck, croft__v1__lease_ack__init)->lease =
        croft_msim_lease_id(s, l->key);
    croft_msim_send(s, a->account, b);
}

static bool signs(const struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_lease *l)
{
    bool enough = croft_msim_now_s(s) > l->taken_s + SIGNS_FOR_S;
    if (croft_msim_is(a, CROFT_FAULT_NEVER_VOUCHES))
        return false;
    return !(croft_msim_is(a, CROFT_FAULT_STOPS_VOUCHING | CROFT_FAULT_DISPUTES) && enough);
}

/* It looks whether its work gets on, and leaves who does nothing for it. */
static void watch(struct croft_sim *s, struct croft_msim_actor *a, struct croft_msim_lease *l)
{
    bool stuck = l->vanished || (l->voucher_seq > 3 && l->truth == 0);
    bool leaves = croft_msim_is(a, CROFT_FAULT_LEAVES_RESERVED) && croft_sim_chance(s, 6);
    if (l->last.flags & (CROFT_LEASE_KEEP | CROFT_LEASE_GATEWAY))
        return;
    if (l->last.call_by_s != 0 && (l->last.flags & CROFT_LEASE_CALLED_BY_NODE))
        answer(s, a, l);
    else if (stuck && l->last.firm_until_s != 0 && l->last.call_by_s == 0)
        call(s, a, l);
    else if ((stuck && l->last.firm_until_s == 0) || leaves)
        stop(s, a, l);
    else if (croft_msim_is(a, CROFT_FAULT_DISPUTES) && l->last.call_by_s == 0 && croft_sim_chance(s, 4))
        call(s, a, l);
    else if (l->last.mode == CROFT_LEASE_COUNTED && l->truth == l->last.units_max && croft_sim_chance(s, 3))
        croft_sim_chance(s, 2) ? fund(s, a, l->order, croft_msim_lease_number(l->key), CROFT_ASSET_CREDIT)
                               : stop(s, a, l);
    else if (l->last.mode == CROFT_LEASE_METERED && l->last.replaces == 0 && croft_sim_chance(s, 60))
        take_more(s, a, l->order, croft_msim_lease_number(l->key));
}

static void care_for_lease(struct croft_sim *s, struct croft_msim_actor *a, struct croft_msim_lease *l)
{
    u64 now_s = croft_msim_now_s(s);
    if (l->order->kind == CROFT_ORDER_BATCH && !(l->last.flags & CROFT_LEASE_GATEWAY)) {
        croft_msim_review(s, a, l);
        return;
    }
    bool up = l->last.state == CROFT_LEASE_ACKED || l->last.state == CROFT_LEASE_RUNNING;
    if (up && l->order->signer == a->account && signs(s, a, l))
        croft_msim_sign(s, l, l->truth, now_s);
    if (l->last.state == CROFT_LEASE_RUNNING)
        watch(s, a, l);
}

void croft_msim_buyer_acts(struct croft_sim *s, struct croft_msim_actor *a)
{
    struct croft_msim *m = s->market;
    struct croft_msim_lease *l;
    u32 open = 0;
    if (!croft_msim_is_open(s))
        return;
    for (u32 i = 0; (l = croft_msim_live(s, i)) != NULL; i++)
        if (l->order->buyer == a->number)
            care_for_lease(s, a, l);
    for (u32 i = 0; i < m->live_order_count; i++) {
        struct croft_msim_order *o = &m->order[m->live_order[i]];
        if (o->buyer != a->number)
            continue;
        open++;
        if (o->known && m->draining && o->last.state != CROFT_ORDER_CLOSING)
            close_order(s, a, o);
        else if (o->known)
            care_for_order(s, a, o);
    }
    if (open < ORDERS_AT_A_TIME && !m->draining)
        croft_msim_open(s, a);
}
