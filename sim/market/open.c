#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

/* Kinds of wishes. */
enum wish { SPOT, FIRM, RESERVED, TOKENS, QUEUED, GANG, BATCH, AUCTION, WISHES };

static enum wish wish_of(struct croft_sim *s, const struct croft_msim_actor *a)
{
    if (croft_msim_is(a, CROFT_FAULT_HOLDS_GANGS))
        return GANG;
    if (croft_msim_is(a, CROFT_FAULT_REJECTS))
        return BATCH;
    if (croft_msim_is(a, CROFT_FAULT_LEAVES_RESERVED))
        return RESERVED;
    if (croft_msim_is(a, CROFT_FAULT_NEVER_VOUCHES))
        return (enum wish)croft_sim_below(s, BATCH);
    if (croft_msim_is(a, CROFT_FAULT_STOPS_VOUCHING | CROFT_FAULT_DISPUTES))
        return (enum wish)croft_sim_below(s, RESERVED + 1);
    if (croft_msim_is(a, CROFT_FAULT_TOPS_UP_LATE | CROFT_FAULT_OVERTAKES))
        return SPOT;
    return croft_sim_chance(s, 4) ? QUEUED : (enum wish)croft_sim_below(s, WISHES);
}

/* ---- parts of an order ---- */

static bool is_named(const Croft__V1__OrderOpen *op, const struct croft_sim *s, const struct croft_msim_offer *o)
{
    for (size_t i = 0; i < op->n_takes; i++)
        if (op->takes[i]->device == o->device &&
            memcmp(op->takes[i]->node_address.data, s->market->account[o->node].address.b, 32) == 0)
            return true;
    return false;
}

/* Who rents from itself names its own devices alone. */
static void add_takes(struct croft_sim *s, const struct croft_msim_actor *a, Croft__V1__OrderOpen *op,
                      struct croft_msim_order *order, u32 count)
{
    bool washes = croft_msim_is(a, CROFT_FAULT_WASHES);
    struct croft_msim_offer offer;
    op->takes = croft_sim_new(s, Croft__V1__Take *, CROFT_TAKES_MAX);
    for (u32 i = 0; i < 3 * count + 20u * washes && op->n_takes < count && croft_msim_some_offer(s, &offer); i++) {
        u64 price = offer.r.price[op->price_kind];
        bool own = s->market->account[offer.node].actor == a->number;
        if (price == 0 || is_named(op, s, &offer) || own != washes)
            continue;
        Croft__V1__Take *t = croft_sim_new(s, Croft__V1__Take, 1);
        croft__v1__take__init(t);
        t->node_address = croft_msim_address(s, offer.node);
        t->device = offer.device;
        t->price = price;
        order->seen_max = price > order->seen_max ? price : order->seen_max;
        op->takes[op->n_takes++] = t;
        if (offer.r.class != 0 && op->n_takes == 1 && croft_sim_chance(s, 2))
            op->class_ = offer.r.class;
    }
}

static void add_gateway(struct croft_sim *s, Croft__V1__OrderOpen *op, struct croft_msim_order *o)
{
    struct croft_msim *m = s->market;
    u32 pick = (u32)croft_sim_below(s, m->actor_count);
    if (m->actor[pick].kind->role != CROFT_ROLE_GATEWAY || op->auction != NULL)
        return;
    o->gateway = pick;
    op->gateway = croft_sim_new(s, Croft__V1__GatewayTerms, 1);
    croft__v1__gateway_terms__init(op->gateway);
    op->gateway->gateway_address = croft_msim_address(s, m->actor[pick].account);
    op->gateway->price = 10000000;
    op->gateway->bytes_max = 1000000000 + croft_sim_below(s, 1000000000);
}

/* Some buyers let a gateway sign for them, up to a cap. */
static void choose_signer(struct croft_sim *s, const struct croft_msim_actor *a, Croft__V1__OrderOpen *op,
                          struct croft_msim_order *o)
{
    struct croft_msim *m = s->market;
    u32 pick = (u32)croft_sim_below(s, m->actor_count);
    o->signer = a->account;
    if (a->kind->faults == 0 && op->batch == NULL && croft_sim_chance(s, 4)) {
        while (m->actor[pick].kind->role != CROFT_ROLE_GATEWAY)
            pick = (u32)croft_sim_below(s, m->actor_count);
        o->signer = m->actor[pick].account;
        op->voucher_cap = 1 + op->amount / (2 + croft_sim_below(s, 4));
    }
    o->cap = op->voucher_cap;
    struct croft_public_key key = croft_public_key_of(&m->account[o->signer].key);
    op->voucher_key = croft_sim_copy(s, key.b, sizeof key.b);
}

static void add_batch(struct croft_sim *s, const struct croft_msim_actor *a, Croft__V1__OrderOpen *op,
                      struct croft_msim_order *o)
{
    struct croft_msim *m = s->market;
    op->kind = CROFT_ORDER_BATCH;
    op->price_kind = CROFT_PRICE_FRAME;
    op->count = 1;
    op->service = CROFT_SERVICE_SPOT;
    op->price_max = 1500 + croft_sim_below(s, 1000000);
    op->batch = croft_sim_new(s, Croft__V1__BatchTerms, 1);
    croft__v1__batch_terms__init(op->batch);
    o->tasks = op->batch->task_count = 1 + (u32)croft_sim_below(s, 60);
    op->batch->task_root = croft_msim_random(s, 32);
    op->batch->timeout_s = 300;
    op->batch->window_s = 600;
    const struct croft_msim_actor *judge = &m->actor[croft_sim_below(s, m->actor_count)];
    for (u32 i = 0; judge->kind->role != CROFT_ROLE_AUDITOR && i < 2 * m->actor_count; i++)
        judge = &m->actor[croft_sim_below(s, m->actor_count)];
    if (!croft_sim_chance(s, 3) && judge->kind->role == CROFT_ROLE_AUDITOR && judge != a)
        op->arbiter_address = croft_msim_address(s, judge->account);
}

static void add_auction(struct croft_sim *s, Croft__V1__OrderOpen *op)
{
    u64 now_s = croft_sim_now_s(s);
    op->auction = croft_sim_new(s, Croft__V1__AuctionTerms, 1);
    croft__v1__auction_terms__init(op->auction);
    op->auction->bid_until_s = now_s + 120 + croft_sim_below(s, 200);
    op->auction->reveal_until_s = op->auction->bid_until_s + 120 + croft_sim_below(s, 200);
    op->auction->rule = (u32)croft_sim_below(s, 2);
    op->auction->bid_deposit = croft_msim_param(s, CROFT_PARAM_BID_DEPOSIT_MIN) + croft_sim_below(s, 1000);
}

static void add_wish(struct croft_sim *s, const struct croft_msim_actor *a, Croft__V1__OrderOpen *op,
                     struct croft_msim_order *o)
{
    enum wish wish = wish_of(s, a);
    op->count = wish == GANG ? 2 + (u32)croft_sim_below(s, 3) : 1 + (u32)croft_sim_below(s, 2);
    op->kind = wish == GANG ? CROFT_ORDER_GANG : CROFT_ORDER_SERVICE;
    op->service = wish == FIRM ? CROFT_SERVICE_FIRM : wish == RESERVED ? CROFT_SERVICE_RESERVED : CROFT_SERVICE_SPOT;
    op->firm_s = op->service != CROFT_SERVICE_SPOT ? 300 + (u32)croft_sim_below(s, 1200) : 0;
    op->price_kind = wish == TOKENS ? CROFT_PRICE_TOKEN : CROFT_PRICE_SECOND;
    op->units_max = wish == TOKENS ? 1000 + croft_sim_below(s, 100000) : 0;
    op->price_max = 400000000;
    if (wish == QUEUED)
        op->class_ = 300 + (u32)croft_sim_below(s, 2);
    else if (wish == BATCH)
        add_batch(s, a, op, o);
    else if (wish == AUCTION)
        add_auction(s, op);
    else
        add_takes(s, a, op, o, op->count + (u32)croft_sim_below(s, 3));
}

static void add_times(struct croft_sim *s, Croft__V1__OrderOpen *op)
{
    u64 longest_s = croft_msim_param(s, CROFT_PARAM_ORDER_MAX_S);
    u64 life_s = 600 + croft_sim_below(s, 6000);
    if (op->auction != NULL)
        life_s += 1000;
    op->expires_s = croft_sim_now_s(s) + (life_s < longest_s ? life_s : longest_s);
    op->start_s = 300 + (u32)croft_sim_below(s, 300);
    op->unsigned_s = croft_sim_chance(s, 4) ? 0 : 60;
    op->hold_s = (u32)croft_sim_below(s, 3) * 60;
    op->keep_s = croft_sim_chance(s, 3) ? 600 : 0;
    op->disk_gib = op->keep_s != 0 ? 10 : 0;
    op->once = croft_sim_chance(s, 3);
}

/* Money for so many seconds of each lease, or for its units. */
static u64 amount_for(struct croft_sim *s, const struct croft_msim_actor *a, const Croft__V1__OrderOpen *op, u32 tasks)
{
    u64 seconds = 400 + croft_sim_below(s, 3000), reserve = 20000000;
    if (croft_msim_is(a, CROFT_FAULT_TOPS_UP_LATE))
        seconds = 200;
    if (croft_msim_is(a, CROFT_FAULT_OVERTAKES))
        return 1 + croft_msim_pay(op->price_max, CROFT_PRICE_SECOND, 60 + croft_sim_below(s, 300));
    if (op->service == CROFT_SERVICE_RESERVED)
        seconds = op->firm_s + 100;
    if (op->price_kind == CROFT_PRICE_TOKEN)
        return op->count * croft_msim_pay(op->price_max, CROFT_PRICE_TOKEN, op->units_max) + reserve;
    if (op->kind == CROFT_ORDER_BATCH)
        return op->price_max * tasks + reserve;
    return op->count * croft_msim_pay(op->price_max, CROFT_PRICE_SECOND, seconds) + reserve;
}

/* ---- an order ---- */

void croft_msim_open(struct croft_sim *s, struct croft_msim_actor *a)
{
    struct croft_msim *m = s->market;
    if (m->order_count == CROFT_MSIM_ORDERS)
        return;
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_ORDER_OPEN);
    Croft__V1__OrderOpen *op = CROFT_MSIM_OP(s, b, order_open, Croft__V1__OrderOpen, croft__v1__order_open__init);
    struct croft_msim_order *o = &m->order[m->order_count];
    *o = (struct croft_msim_order){.live = true, .id = a->next_id++, .buyer = a->number, .gateway = CROFT_MSIM_NONE};
    o->workload = croft_rng_next(&s->rng);
    o->tried_s = croft_sim_now_s(s); /* as its valid_until: the last block may be far behind the clock */
    op->id = o->id;
    add_wish(s, a, op, o);
    add_times(s, op);
    op->amount = amount_for(s, a, op, o->tasks);
    add_gateway(s, op, o);
    if (op->gateway != NULL)
        op->amount += croft_msim_pay(op->gateway->price, CROFT_PRICE_BYTE, op->gateway->bytes_max) + 1;
    choose_signer(s, a, op, o);
    op->workload = croft_msim_random(s, 32);
    o->kind = op->kind;
    o->service = op->service;
    o->unsigned_s = op->unsigned_s;
    o->gib = op->disk_gib;
    croft_lease_key(croft_msim_address(s, a->account), o->id, 0, o->key);
    m->live_order[m->live_order_count++] = m->order_count++;
    croft_msim_send(s, a->account, b);
}
