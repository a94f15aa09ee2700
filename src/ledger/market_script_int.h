/* ledger/market_script_int.h - for tests only: a network of protocol 2 driven by bytes, as script_int.h
 * drives one of protocol 1, whose operations it keeps among its own.
 *
 * Mostly actors 4 and 5 own nodes, 8 to 11 are nodes, 6 and 7 buy, 2 is a gateway, 3 judges and audits; now
 * and then it is anybody.  What is acted on is drawn from the records there are, so that leases get on: most
 * operations name a live order or lease and its own people.
 */
#ifndef CROFT_LEDGER_MARKET_SCRIPT_INT_H
#define CROFT_LEDGER_MARKET_SCRIPT_INT_H

#include "crypto/merkle.h"
#include "ledger/market_test_int.h"
#include "ledger/script_int.h"

enum { MSCRIPT_GATEWAY = 2, MSCRIPT_JUDGE = 3, MSCRIPT_NODES = 4, MSCRIPT_DEVICES = 3, MSCRIPT_ORDERS = 50 };

/* ---- who ---- */

static inline u32 mscript_one_of(struct script *s, u32 first, u32 count)
{
    u32 byte = script_below(s, 64);
    return byte == 63 ? script_actor(s) : first + byte % count;
}

static inline u32 mscript_owner(struct script *s)
{
    return mscript_one_of(s, 4, 2);
}

static inline u32 mscript_node(struct script *s)
{
    return mscript_one_of(s, 8, MSCRIPT_NODES);
}

static inline u32 mscript_buyer(struct script *s)
{
    return mscript_one_of(s, 6, 2);
}

/* Its actor, sometimes another. */
static inline u32 mscript_actor_of(struct chain *c, struct script *s, const struct croft_address *a)
{
    return script_actor_at(c, s, a->b);
}

/* Of the parameters' size, at their edges now and then. */
static inline u64 mscript_edge(struct chain *c, struct script *s, enum croft_param which)
{
    u64 value = chain_param_of(c, which);
    switch (script_below(s, 8)) {
    case 0:
        return value;
    case 1:
        return value + 1;
    case 2:
        return value == 0 ? 0 : value - 1;
    default:
        return script_below(s, 256) * (value / 256 + 1);
    }
}

static inline u64 mscript_price(struct script *s)
{
    static const u64 price[] = {CHAIN_PRICE, CHAIN_PRICE, CHAIN_PRICE / 2, CHAIN_PRICE * 3, 1, 3599, 1000003};
    return script_below(s, 32) == 31 ? CROFT_PRICE_MAX : price[script_below(s, CROFT_COUNT(price))];
}

/* ---- which: a record there is, or a number that may be none ---- */

struct mscript_order {
    u32 buyer;
    u64 id;
    bool is;
    struct croft_order_record r;
};

static inline struct mscript_order mscript_order_of(struct chain *c, struct script *s)
{
    struct mscript_order o = {.r = {.format = 1}};
    u32 slot = script_pick(c, s, CROFT_TABLE_ORDERS);
    if (slot == CROFT_SLOT_NONE) {
        o.buyer = mscript_buyer(s);
        o.id = 1 + script_below(s, MSCRIPT_ORDERS);
        return o;
    }
    struct croft_bytes key = croft_state_key(c->l->state, CROFT_TABLE_ORDERS, slot);
    o.buyer = mscript_actor_of(c, s, (const struct croft_address *)(const void *)key.at);
    o.id = script_id_in(key, 32) >> 16;
    o.is = true;
    croft_record_load(c->l, CROFT_TABLE_ORDERS, slot, &o.r);
    return o;
}

/* One in this state when a few tries find it. */
static inline struct mscript_order mscript_order_in(struct chain *c, struct script *s,
                                                    enum croft_order_state state)
{
    struct mscript_order o = mscript_order_of(c, s);
    for (u32 i = 0; i < 4 && o.r.state != (u8)state; i++)
        o = mscript_order_of(c, s);
    return o;
}

struct mscript_lease {
    u32 buyer, number, node;
    u64 order;
    bool is;
    struct croft_lease_record r;
};

static inline struct mscript_lease mscript_lease_of(struct chain *c, struct script *s)
{
    struct mscript_lease l = {.r = {.stamp = 1, .units_max = 1}};
    u32 slot = script_pick(c, s, CROFT_TABLE_LEASES);
    if (slot == CROFT_SLOT_NONE) {
        l.buyer = mscript_buyer(s);
        l.node = mscript_node(s);
        l.order = 1 + script_below(s, MSCRIPT_ORDERS);
        l.number = 1 + script_below(s, 4);
        return l;
    }
    struct croft_bytes key = croft_state_key(c->l->state, CROFT_TABLE_LEASES, slot);
    u64 number = script_id_in(key, 32);
    croft_record_load(c->l, CROFT_TABLE_LEASES, slot, &l.r);
    l.buyer = mscript_actor_of(c, s, (const struct croft_address *)(const void *)key.at);
    l.node = mscript_actor_of(c, s, &l.r.node);
    l.order = number >> 16;
    l.number = (u32)(number & UINT16_MAX);
    l.is = true;
    return l;
}

/* One in this state when a few tries find it. */
static inline struct mscript_lease mscript_lease_in(struct chain *c, struct script *s,
                                                    enum croft_lease_state state)
{
    struct mscript_lease l = mscript_lease_of(c, s);
    for (u32 i = 0; i < 6 && l.r.state != (u8)state; i++)
        l = mscript_lease_of(c, s);
    return l;
}

/* The node and number of a device there is. */
static inline struct chain_take mscript_take_of(struct chain *c, struct script *s)
{
    u32 slot = script_pick(c, s, CROFT_TABLE_DEVICES);
    if (slot == CROFT_SLOT_NONE)
        return (struct chain_take){mscript_node(s), script_below(s, MSCRIPT_DEVICES), mscript_price(s)};
    struct croft_bytes key = croft_state_key(c->l->state, CROFT_TABLE_DEVICES, slot);
    u32 node = mscript_actor_of(c, s, (const struct croft_address *)(const void *)key.at);
    u64 price = script_below(s, 8) == 7 ? mscript_price(s) : CROFT_PRICE_MAX;
    return (struct chain_take){node, (u32)script_id_in(key, 32) % CROFT_DEVICES_MAX, price};
}

static inline u32 mscript_takes(struct chain *c, struct script *s, u32 most, struct chain_take *out)
{
    u32 count = script_below(s, most + 1);
    for (u32 i = 0; i < count; i++)
        out[i] = mscript_take_of(c, s);
    return count;
}

/* ---- providers, nodes, classes ---- */

static inline Croft__V1__TxBody *mscript_node_admit(struct chain *c, struct script *s)
{
    u32 owner = mscript_owner(s);
    return chain_node_admit(c, owner, mscript_node(s));
}

static inline Croft__V1__TxBody *mscript_node_remove(struct chain *c, struct script *s)
{
    u32 node = mscript_node(s), owner = mscript_owner(s);
    if (chain_has_node(c, node)) {
        struct croft_address a = chain_node(c, node).owner;
        owner = mscript_actor_of(c, s, &a);
    }
    return chain_node_remove(c, owner, node);
}

static inline Croft__V1__TxBody *mscript_provider_leave(struct chain *c, struct script *s)
{
    return chain_provider_leave(c, mscript_owner(s));
}

static inline Croft__V1__TxBody *mscript_stake_lock(struct chain *c, struct script *s)
{
    u32 owner = mscript_owner(s);
    u64 amount = script_below(s, 4) != 0 ? 3 * CHAIN_PRICE : script_amount(c, s, owner, CROFT_ASSET_CREDIT);
    return chain_stake_lock(c, owner, amount);
}

static inline Croft__V1__TxBody *mscript_stake_unlock(struct chain *c, struct script *s)
{
    u32 owner = mscript_owner(s), part = script_below(s, 6);
    u64 stake = chain_has_provider(c, owner) ? croft_amt_units(chain_provider(c, owner).stake) : 0;
    return chain_stake_unlock(c, owner, part == 5 ? stake + 1 : stake / 4 * part + (part == 0));
}

static inline Croft__V1__TxBody *mscript_node_set(struct chain *c, struct script *s)
{
    u32 node = mscript_node(s);
    Croft__V1__TxBody *body = chain_node_set(c, node, script_below(s, 16) == 15);
    body->node_set->machine = script_below(s, 3);
    if (script_below(s, 2) == 1)
        body->node_set->attributes = chain_bytes(&c->scratch, "zone=a\n", 7);
    return body;
}

static inline Croft__V1__TxBody *mscript_claim_set(struct chain *c, struct script *s)
{
    u32 auditor = mscript_one_of(s, MSCRIPT_JUDGE, 1), node = mscript_node(s);
    u64 life_s = script_below(s, 4) == 3 ? 0 : mscript_edge(c, s, CROFT_PARAM_CLAIM_MAX_S) + 1;
    return chain_claim_set(c, auditor, node, 1 + script_below(s, 255), life_s);
}

static inline u32 mscript_class_number(struct script *s)
{
    static const u32 number[] = {0, 0, 0, 0, 0, 0, 0, 0, 256, 256, 257, 1};
    return number[script_below(s, CROFT_COUNT(number))];
}

static inline Croft__V1__TxBody *mscript_class_set(struct chain *c, struct script *s)
{
    u32 n = mscript_one_of(s, 1, 3), number = mscript_class_number(s), policy = script_below(s, 2);
    u64 price = script_below(s, 3) == 2 ? mscript_price(s) : 0;
    Croft__V1__TxBody *body = chain_class_set(c, n, number == 0 ? 256 : number, policy, price);
    if (script_below(s, 8) == 7)
        body->class_set->requirement->vram_mib = 24000;
    return body;
}

/* ---- offers ---- */

static inline Croft__V1__TxBody *mscript_offer_post(struct chain *c, struct script *s)
{
    u32 node = mscript_node(s);
    struct chain_offer t = chain_offer_terms();
    t.device = script_below(s, MSCRIPT_DEVICES);
    t.class = mscript_class_number(s);
    t.services = 1 + script_below(s, 7);
    t.egress = script_below(s, 8) == 7 ? 1 : 7;
    t.notice_s =
        script_below(s, 4) == 3 ? (u32)mscript_edge(c, s, CROFT_PARAM_NOTICE_MAX_S) : script_below(s, 120);
    t.life_s = script_below(s, 4) == 3 ? mscript_edge(c, s, CROFT_PARAM_OFFER_MAX_S)
                                       : 60 * (1 + (u64)script_below(s, 256));
    for (u32 i = 0; i < CROFT_PRICE_KINDS; i++)
        t.price[i] = script_below(s, 8) == 7 ? 0 : mscript_price(s);
    t.disk_price = script_below(s, 4) == 3 ? mscript_price(s) : 1000;
    Croft__V1__TxBody *body = chain_offer_post(c, node, &t);
    body->offer_post->capability->tops += script_below(s, 2);
    return body;
}

static inline Croft__V1__TxBody *mscript_offer_withdraw(struct chain *c, struct script *s)
{
    struct chain_take t = mscript_take_of(c, s);
    return chain_offer_withdraw(c, t.node, t.device, script_below(s, 2) == 1);
}

/* ---- orders ---- */

static inline void mscript_batch_terms(struct chain *c, struct script *s, struct chain_order *t)
{
    static const u32 tasks[] = {1, 2, 3, 5, 17, 4097};
    t->kind = CROFT_ORDER_BATCH;
    t->price_kind = CROFT_PRICE_FRAME;
    t->count = 1;
    t->task_count = tasks[script_below(s, CROFT_COUNT(tasks))];
    t->arbiter = script_below(s, 4) == 3 ? CHAIN_ACTORS : MSCRIPT_JUDGE;
    t->timeout_s = 1 + (u32)mscript_edge(c, s, CROFT_PARAM_TASK_TIMEOUT_MAX_S) % 4000;
    t->window_s = (u32)chain_param_of(c, CROFT_PARAM_TASK_WINDOW_MIN_S) + script_below(s, 16);
}

static inline void mscript_auction_terms(struct chain *c, struct script *s, struct chain_order *t)
{
    t->kind = CROFT_ORDER_SERVICE;
    t->bid_s = 1 + script_below(s, 64);
    t->reveal_s = 1 + script_below(s, 64);
    t->rule = script_below(s, 2);
    t->bid_deposit = chain_param_of(c, CROFT_PARAM_BID_DEPOSIT_MIN) + script_below(s, 3);
}

static inline void mscript_service_terms(struct chain *c, struct script *s, struct chain_order *t)
{
    t->kind = script_below(s, 4) == 3 ? CROFT_ORDER_GANG : CROFT_ORDER_SERVICE;
    t->count = 1 + script_below(s, 3) + (t->kind == CROFT_ORDER_GANG);
    t->price_kind = script_below(s, 8) < 5 ? CROFT_PRICE_SECOND : script_below(s, 4);
    if (t->price_kind != CROFT_PRICE_SECOND) {
        t->units_max = 1 + (u64)script_below(s, 256) * script_below(s, 256) * 100;
        return;
    }
    t->service = script_below(s, 3);
    t->firm_s = t->service != CROFT_SERVICE_SPOT ? 1 + script_below(s, 256) * 10 : 0;
    t->hold_s = (u32)mscript_edge(c, s, CROFT_PARAM_HOLD_MAX_S);
    t->keep_s = script_below(s, 2) == 1 ? (u32)mscript_edge(c, s, CROFT_PARAM_KEEP_MAX_S) : 0;
    t->disk_gib = script_below(s, 100);
}

/* Mostly short of money soon, so that orders run dry. */
static inline u64 mscript_escrow(struct chain *c, struct script *s, u32 buyer)
{
    switch (script_below(s, 8)) {
    case 0:
        return script_amount(c, s, buyer, CROFT_ASSET_CREDIT);
    case 1:
    case 2:
        return (u64)script_below(s, 256) * CHAIN_PRICE / 60 + 1;
    default:
        return (u64)script_below(s, 256) * CHAIN_PRICE + 1;
    }
}

static inline struct chain_order mscript_order_terms(struct chain *c, struct script *s, u32 buyer)
{
    struct chain_order t = chain_order_terms(1 + script_below(s, MSCRIPT_ORDERS));
    t.class = mscript_class_number(s);
    t.price_max = script_below(s, 4) == 3 ? mscript_price(s) : CROFT_PRICE_MAX;
    t.life_s = 120 * (1 + (u64)script_below(s, 256));
    t.start_s = 20 + script_below(s, 64);
    t.unsigned_s = (u32)mscript_edge(c, s, CROFT_PARAM_UNSIGNED_MAX_S);
    t.voucher_cap = script_below(s, 4) == 3 ? (u64)script_below(s, 256) * 40000 : 0;
    t.once = script_below(s, 4) == 3;
    t.gateway = script_below(s, 4) == 3 ? MSCRIPT_GATEWAY : CHAIN_ACTORS;
    t.gateway_price = mscript_price(s) / 2 + 1;
    t.egress = script_below(s, 4) % 3;
    mscript_service_terms(c, s, &t);
    t.amount = mscript_escrow(c, s, buyer);
    return t;
}

static inline Croft__V1__TxBody *mscript_order_open(struct chain *c, struct script *s)
{
    u32 buyer = mscript_buyer(s);
    struct chain_order t = mscript_order_terms(c, s, buyer);
    t.take_count = mscript_takes(c, s, t.count + 2, t.take);
    return chain_order_open(c, buyer, &t);
}

static inline Croft__V1__TxBody *mscript_auction_open(struct chain *c, struct script *s)
{
    u32 buyer = mscript_buyer(s);
    struct chain_order t = mscript_order_terms(c, s, buyer);
    t.class = 0;
    mscript_auction_terms(c, s, &t);
    return chain_order_open(c, buyer, &t);
}

static inline Croft__V1__TxBody *mscript_batch_open(struct chain *c, struct script *s)
{
    u32 buyer = mscript_buyer(s);
    struct chain_order t = chain_order_terms(1 + script_below(s, MSCRIPT_ORDERS));
    mscript_batch_terms(c, s, &t);
    t.price_max = script_below(s, 2) == 1 ? 1000003 : mscript_price(s);
    t.once = script_below(s, 2) == 1;
    t.amount = mscript_escrow(c, s, buyer);
    return chain_order_open(c, buyer, &t);
}

static inline Croft__V1__TxBody *mscript_order_fund(struct chain *c, struct script *s)
{
    struct mscript_order o = mscript_order_of(c, s);
    u32 asset = script_below(s, 3) == 2, n = script_below(s, 4) == 3 ? script_actor(s) : o.buyer;
    u32 lease = asset == CROFT_ASSET_CREDIT && script_below(s, 3) == 2 ? 1 + script_below(s, 4) : 0;
    u64 amount = script_below(s, 2) == 1 ? mscript_escrow(c, s, n) : 1 + script_below(s, 256);
    return chain_order_fund(c, n, o.buyer, o.id, lease, asset, amount);
}

static inline Croft__V1__TxBody *mscript_order_take(struct chain *c, struct script *s)
{
    struct chain_take take[CROFT_TAKES_MAX];
    struct mscript_order o = mscript_order_of(c, s);
    u32 replaces = script_below(s, 4) == 3 ? 1 + script_below(s, 3) : 0;
    u32 count = 1 + mscript_takes(c, s, 4, take + 1);
    take[0] = mscript_take_of(c, s);
    return chain_order_take(c, o.buyer, o.id, replaces, take, count);
}

static inline Croft__V1__TxBody *mscript_order_close(struct chain *c, struct script *s)
{
    struct mscript_order o = mscript_order_of(c, s);
    return chain_order_close(c, o.buyer, o.id);
}

/* ---- leases ---- */

/* Of a batch: mostly a few of its tasks. */
static inline Croft__V1__TxBody *mscript_lease_take(struct chain *c, struct script *s)
{
    u8 key[40];
    struct croft_batch_record batch = {.task_count = 1};
    struct mscript_order o = mscript_order_in(c, s, CROFT_ORDER_OPEN);
    struct chain_take t = mscript_take_of(c, s);
    chain_order_key(c, o.buyer, o.id, key);
    bool is_batch = chain_record(c, CROFT_TABLE_BATCHES, key, &batch) != (script_below(s, 32) == 31);
    u32 first = is_batch ? script_below(s, batch.task_count < 256 ? batch.task_count : 256) : 0;
    u32 count = is_batch ? 1 + script_below(s, script_below(s, 4) == 3 ? 6 : 2) : 0;
    if (batch.task_count > CROFT_PAGE_TASKS && script_below(s, 2) == 1)
        first = CROFT_PAGE_TASKS - 1; /* over the end of a page */
    return chain_lease_take(c, t.node, t.device, o.buyer, o.id, first, count);
}

static inline Croft__V1__TxBody *mscript_lease_ack(struct chain *c, struct script *s)
{
    struct mscript_lease l = mscript_lease_in(c, s, CROFT_LEASE_TAKEN);
    bool answer = (l.r.flags & (CROFT_LEASE_CALLED_BY_BUYER | CROFT_LEASE_CALLED_BY_NODE)) != 0;
    u32 n = (l.r.flags & CROFT_LEASE_CALLED_BY_NODE) != 0 ? l.buyer : l.node;
    return chain_lease_ack(c, n, l.buyer, l.order, l.number, answer != (script_below(s, 16) == 15));
}

/* Made once, because making it is slow. */
static inline ProtobufCBinaryData mscript_voucher_key(void)
{
    static struct croft_public_key key;
    static bool made;
    if (!made) {
        struct croft_secret_key secret = chain_secret(CHAIN_KEY_VOUCHER);
        key = croft_public_key_of(&secret);
    }
    made = true;
    return (ProtobufCBinaryData){sizeof key.b, key.b};
}

/* With a signature that nobody looks at. */
static inline Croft__V1__Voucher *mscript_sign(struct chain *c, const struct chain_voucher *v)
{
    static const u8 nothing[64];
    Croft__V1__Voucher *out = CHAIN_NEW(&c->scratch, Croft__V1__Voucher, croft__v1__voucher__init);
    out->lease = chain_lease_id(c, v->buyer, v->order, v->lease);
    out->stamp = v->stamp;
    out->served_until_s = v->served_until_s;
    out->units = v->units;
    out->seq = v->seq;
    out->public_key = mscript_voucher_key();
    out->signature = (ProtobufCBinaryData){sizeof nothing, (u8 *)(uintptr_t)nothing};
    return out;
}

/* Mostly up to now and without a pause; sometimes less, sometimes what does not count. */
static inline Croft__V1__Voucher *mscript_voucher(struct chain *c, struct script *s,
                                                  const struct mscript_lease *l)
{
    u32 late = script_below(s, 16) == 15 ? 2 : 0, how = script_below(s, 16);
    u64 until = c->now_s + late - (script_below(s, 4) == 3 ? script_below(s, 64) : 0);
    u64 ran = until > l->r.served_until_s ? until - l->r.served_until_s : 0;
    u64 units = l->r.units +
                (l->r.kind == CROFT_PRICE_SECOND ? ran : (u64)script_below(s, 256) * script_below(s, 256));
    struct chain_voucher v = {.buyer = l->buyer,
                              .lease = l->number,
                              .key = CHAIN_KEY_VOUCHER,
                              .order = l->order,
                              .stamp = l->r.stamp,
                              .served_until_s = until,
                              .units = units,
                              .seq = l->r.seq + 1};
    v.stamp += how == 15;
    v.seq -= how == 14 && v.seq > 1;
    v.units += how == 13;
    v.units = how == 12 ? v.units / 2 : how == 11 ? l->r.units_max : v.units;
    v.units = how == 10 ? UINT64_MAX : v.units;
    return mscript_sign(c, &v);
}

static inline Croft__V1__TxBody *mscript_settle(struct chain *c, struct script *s)
{
    enum { MOST = 3 };
    u32 count = 1 + (script_below(s, 4) == 3 ? script_below(s, MOST) : 0);
    struct mscript_lease l = mscript_lease_of(c, s);
    CHAIN_OP(c, script_below(s, 2) == 1 ? script_actor(s) : l.node, body, op, Croft__V1__Settle,
             croft__v1__settle, SETTLE);
    body->settle = op;
    op->vouchers = croft_new(&c->scratch, Croft__V1__Voucher *, MOST);
    CROFT_ASSERT(op->vouchers != NULL);
    for (u32 i = 0; i < count; i++, l = mscript_lease_of(c, s))
        op->vouchers[op->n_vouchers++] = mscript_voucher(c, s, &l);
    return body;
}

static inline Croft__V1__TxBody *mscript_lease_stop(struct chain *c, struct script *s)
{
    struct mscript_lease l = mscript_lease_of(c, s);
    u32 who = script_below(s, 3);
    Croft__V1__TxBody *body =
        chain_lease_stop(c, who == 0 ? l.buyer : l.node, l.buyer, l.order, l.number, NULL);
    if (who == 2)
        body->lease_stop->voucher = mscript_voucher(c, s, &l);
    return body;
}

static inline Croft__V1__TxBody *mscript_lease_notice(struct chain *c, struct script *s)
{
    struct mscript_lease l = mscript_lease_in(c, s, CROFT_LEASE_RUNNING);
    u64 end_s = c->now_s + (u64)script_below(s, 256) * (1 + script_below(s, 20));
    return chain_lease_notice(c, l.node, l.buyer, l.order, l.number,
                              script_below(s, 8) == 7 ? UINT64_MAX : end_s);
}

static inline Croft__V1__TxBody *mscript_lease_call(struct chain *c, struct script *s)
{
    struct mscript_lease l = mscript_lease_in(c, s, CROFT_LEASE_RUNNING);
    return chain_lease_call(c, script_below(s, 2) == 1 ? l.buyer : l.node, l.buyer, l.order, l.number);
}

/* ---- tasks: the result of a task is its number; a node that cheats commits the next one's ---- */

static inline struct croft_hash mscript_result(u32 task)
{
    u8 what[4];
    croft_put_u32(what, task);
    return croft_sha256((struct croft_bytes){what, sizeof what});
}

static inline struct croft_hash *mscript_leaves(struct chain *c, const struct croft_lease_record *r)
{
    u64 count = r->units_max <= CROFT_RANGE_TASKS_MAX ? r->units_max : 1;
    struct croft_hash *leaf = croft_new(&c->scratch, struct croft_hash, count + 1);
    CROFT_ASSERT(leaf != NULL);
    for (u32 i = 0; i < count; i++) {
        struct croft_hash result = mscript_result(r->first_task + i);
        leaf[i] = croft_merkle_leaf((struct croft_bytes){result.b, sizeof result.b});
    }
    return leaf;
}

/* A range of a batch in this state when a few tries find one. */
static inline struct mscript_lease mscript_range_in(struct chain *c, struct script *s,
                                                    enum croft_lease_state state)
{
    struct mscript_lease l = mscript_lease_in(c, s, state);
    for (u32 i = 0; i < 2 && l.r.kind != CROFT_PRICE_FRAME; i++)
        l = mscript_lease_in(c, s, state);
    l.r.units_max = l.r.units_max == 0 || l.r.units_max > CROFT_RANGE_TASKS_MAX ? 1 : l.r.units_max;
    return l;
}

static inline Croft__V1__TxBody *mscript_lease_commit(struct chain *c, struct script *s)
{
    struct mscript_lease l = mscript_range_in(c, s, CROFT_LEASE_ACKED);
    struct croft_hash root = croft_merkle_root(mscript_leaves(c, &l.r), l.r.units_max);
    return chain_lease_commit(c, l.node, l.buyer, l.order, l.number, &root);
}

static inline Croft__V1__TxBody *mscript_task_review(struct chain *c, struct script *s)
{
    struct mscript_lease l = mscript_range_in(c, s, CROFT_LEASE_COMMITTED);
    Croft__V1__TxBody *body = chain_task_review(c, l.buyer, l.order, l.number);
    u32 at = l.r.first_task;
    for (u32 more = script_below(s, 4); more > 0; more--) {
        u32 count = 1 + script_below(s, 2);
        chain_reject(c, body, at, count);
        at += count + 1 + script_below(s, 2);
    }
    return body;
}

static inline Croft__V1__TxBody *mscript_task_contest(struct chain *c, struct script *s)
{
    struct mscript_lease l = mscript_range_in(c, s, CROFT_LEASE_DISPUTED);
    return chain_task_contest(c, l.node, l.buyer, l.order, l.number);
}

static inline ProtobufCBinaryData *mscript_path(struct chain *c, const struct mscript_lease *l, u32 index,
                                                size_t *out_len)
{
    struct croft_merkle_path p;
    croft_merkle_path_of(mscript_leaves(c, &l->r), l->r.units_max, index, &p);
    ProtobufCBinaryData *path = croft_new(&c->scratch, ProtobufCBinaryData, p.aunt_count + 1);
    CROFT_ASSERT(path != NULL);
    for (u32 i = 0; i < p.aunt_count; i++)
        path[i] = chain_bytes(&c->scratch, p.aunt[i].b, sizeof p.aunt[i].b);
    *out_len = p.aunt_count;
    return path;
}

static inline Croft__V1__TxBody *mscript_task_judge(struct chain *c, struct script *s)
{
    struct mscript_lease l = mscript_range_in(c, s, CROFT_LEASE_CONTESTED);
    u32 n = mscript_one_of(s, MSCRIPT_JUDGE, 1), index = script_below(s, (u32)l.r.units_max);
    Croft__V1__TxBody *body = chain_task_judge(c, n, l.buyer, l.order, l.number, script_below(s, 2) == 1);
    if (script_below(s, 2) == 1)
        return body;
    struct croft_hash result = mscript_result(l.r.first_task + index + (script_below(s, 8) == 7));
    body->task_judge->task = l.r.first_task + index;
    body->task_judge->result_hash = chain_bytes(&c->scratch, result.b, sizeof result.b);
    body->task_judge->path = mscript_path(c, &l, index, &body->task_judge->n_path);
    return body;
}

static inline Croft__V1__TxBody *mscript_slash(struct chain *c, struct script *s)
{
    struct mscript_lease l = mscript_range_in(c, s, CROFT_LEASE_COMMITTED);
    u32 index = script_below(s, (u32)l.r.units_max), task = l.r.first_task + index, n = script_actor(s);
    struct croft_hash said = mscript_result(task + 1),
                      committed = mscript_result(task + (script_below(s, 8) == 7 ? 2 : 0));
    Croft__V1__LeaseId *id = chain_lease_id(c, l.buyer, l.order, l.number);
    Croft__V1__TxBody *body = chain_slash(c, n, l.node, id, l.r.stamp, task, &said, &committed);
    body->slash->path = mscript_path(c, &l, index, &body->slash->n_path);
    return body;
}

/* ---- auctions, token, votes ---- */

/* What a device bids follows from its number, so that revealing knows it; sometimes it forgot. */
static inline u64 mscript_bid_price(struct script *s, u32 node, u32 device)
{
    return 1000 * (1 + (node + device) % 4) + (script_below(s, 16) == 15);
}

static inline Croft__V1__TxBody *mscript_bid_place(struct chain *c, struct script *s)
{
    struct mscript_order o = mscript_order_in(c, s, CROFT_ORDER_BIDDING);
    struct chain_take t = mscript_take_of(c, s);
    return chain_bid_place(c, t.node, t.device, o.buyer, o.id, mscript_bid_price(s, t.node, t.device),
                           t.device);
}

static inline Croft__V1__TxBody *mscript_bid_reveal(struct chain *c, struct script *s)
{
    struct croft_bid_record r;
    struct mscript_order o = mscript_order_in(c, s, CROFT_ORDER_REVEALING);
    struct chain_take t = mscript_take_of(c, s);
    u32 slot = script_pick(c, s, CROFT_TABLE_BIDS);
    if (slot != CROFT_SLOT_NONE) {
        croft_record_load(c->l, CROFT_TABLE_BIDS, slot, &r);
        o.buyer = mscript_actor_of(c, s, (const struct croft_address *)(const void *)r.order);
        o.id = script_id_in((struct croft_bytes){r.order, sizeof r.order}, 32) >> 16;
        t = (struct chain_take){mscript_actor_of(c, s, &r.node), r.device, 0};
    }
    return chain_bid_reveal(c, t.node, t.device, o.buyer, o.id, mscript_bid_price(s, t.node, t.device),
                            t.device);
}

static inline Croft__V1__TxBody *mscript_oracle_report(struct chain *c, struct script *s)
{
    u32 n = script_operator(s);
    u64 price = (UINT64_C(1) << script_below(s, 52)) - (script_below(s, 8) == 7);
    return chain_oracle_report(
        c, n, script_below(s, 4) != 3 ? 1000000000 + (u64)script_below(s, 32) * 1000000 : price);
}

static inline Croft__V1__TxBody *mscript_buyback(struct chain *c, struct script *s)
{
    u32 n = script_actor(s);
    return chain_buyback(c, n, script_amount(c, s, n, CROFT_ASSET_CROFT),
                         script_below(s, 4) == 3 ? script_below(s, 256) : 0);
}

static inline Croft__V1__TxBody *mscript_claim_reward(struct chain *c, struct script *s)
{
    u32 owner = mscript_owner(s);
    return chain_claim_reward(c, owner, script_below(s, 2) == 1);
}

/* A value in the range, at its ends now and then. */
static inline u64 mscript_param_value(struct script *s, const struct croft_param_info *info)
{
    u64 span = info->high - info->low;
    switch (script_below(s, 8)) {
    case 0:
        return info->low;
    case 1:
        return info->high;
    case 2:
        return info->low + span / 256 * script_below(s, 256);
    case 3:
        return info->low + script_below(s, 256) % (span + 1);
    default:
        return info->initial;
    }
}

enum {
    MSCRIPT_PARAM_FIRST = CROFT_PARAM_MARKET_FEE_PPM,
    MSCRIPT_PARAMS = CROFT_PARAM_CONVERT_DEBT_MAX - MSCRIPT_PARAM_FIRST + 1
};

static inline Croft__V1__TxBody *mscript_propose(struct chain *c, struct script *s)
{
    u32 n = script_operator(s), id = script_below(s, SCRIPT_IDS);
    if (script_below(s, 4) == 3)
        return chain_propose_class(c, n, id, 1 + script_below(s, 2), mscript_one_of(s, 1, 3));
    u32 number = MSCRIPT_PARAM_FIRST + script_below(s, MSCRIPT_PARAMS);
    return chain_propose_param(c, n, id, number, mscript_param_value(s, croft_param_by_number(number)));
}

/* ---- a script ---- */

static const script_make mscript_ops[] = {
    mscript_node_admit,   mscript_stake_lock,   mscript_stake_unlock,  mscript_slash,
    mscript_claim_set,    mscript_class_set,    mscript_offer_post,    mscript_offer_post,
    mscript_offer_post,   mscript_order_open,   mscript_order_open,    mscript_auction_open,
    mscript_batch_open,   mscript_batch_open,   mscript_order_fund,    mscript_order_take,
    mscript_order_take,   mscript_lease_take,   mscript_lease_take,    mscript_lease_take,
    mscript_lease_ack,    mscript_lease_ack,    mscript_lease_ack,     mscript_settle,
    mscript_settle,       mscript_settle,       mscript_lease_stop,    mscript_lease_notice,
    mscript_lease_call,   mscript_lease_commit, mscript_lease_commit,  mscript_task_review,
    mscript_task_contest, mscript_task_judge,   mscript_bid_place,     mscript_bid_place,
    mscript_bid_reveal,   mscript_bid_reveal,   mscript_oracle_report, mscript_oracle_report,
    mscript_buyback,      mscript_claim_reward, script_vote,
};
/* What ends things, and what is decided once. */
static const script_make mscript_rare_ops[] = {
    mscript_node_remove,    mscript_provider_leave, mscript_node_set,
    mscript_offer_withdraw, mscript_order_close,    mscript_propose,
};

/* Now and then what people do who know no market. */
static inline croft_err mscript_tx(struct chain *c, struct script *s, struct croft_tx *out)
{
    u32 which = script_below(s, 256);
    if (which >= 252)
        return script_tx(c, s, out);
    script_make make = which >= 240 ? mscript_rare_ops[which % CROFT_COUNT(mscript_rare_ops)]
                                    : mscript_ops[which % CROFT_COUNT(mscript_ops)];
    return script_sign(c, s, make(c, s), out);
}

static inline void mscript_put(struct chain *c, struct script *s, Croft__V1__TxBody *body)
{
    struct croft_tx tx;
    if (script_sign(c, s, body, &tx) == CROFT_OK)
        (void)chain_put(c, &tx);
}

/* Providers with stake, and nodes with listed devices: a market that can begin. */
static inline void mscript_move_in(struct chain *c, struct script *s)
{
    chain_begin(c, 1);
    for (u32 i = 0; i < MSCRIPT_NODES; i++)
        mscript_put(c, s, chain_node_admit(c, 4 + i % 2, 8 + i));
    for (u32 i = 0; i < 2; i++)
        mscript_put(c, s, chain_stake_lock(c, 4 + i, (u64)script_below(s, 256) * CHAIN_PRICE + 1));
    for (u32 i = 0; i < 2 * MSCRIPT_NODES; i++)
        mscript_put(c, s, mscript_offer_post(c, s));
    chain_end(c);
}

/* Three markets in four have a token; a few parameters differ from what they are at first.  Signatures are
 * not looked at. */
static inline void mscript_open(struct chain *c, struct script *s)
{
    chain_open(c);
    Croft__V1__Genesis *g = chain_market_genesis(c, script_below(s, 4) != 0);
    u32 step = 1 + script_below(s, 12), at = script_below(s, step);
    chain_param(c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, 1 + script_below(s, 40));
    chain_param(c, g, CROFT_PARAM_EPOCH_S, 600);
    for (; at < MSCRIPT_PARAMS; at += step) {
        u32 number = MSCRIPT_PARAM_FIRST + at;
        if (number != CROFT_PARAM_EPOCH_S)
            chain_param(c, g, number, mscript_param_value(s, croft_param_by_number(number)));
    }
    chain_start(c, g);
    croft_ledger_trust_signatures(c->l, true);
    mscript_move_in(c, s);
}

/* Mostly seconds, so that what is taken is acknowledged in time; sometimes minutes, hours or days. */
static inline u64 mscript_pause(struct script *s)
{
    u32 how = script_below(s, 64);
    u64 unit = how == 0 ? 3600 : how < 4 ? 60 : how < 12 ? 5 : 0;
    return unit == 0 ? script_below(s, 8) : unit * script_below(s, 64);
}

#endif
