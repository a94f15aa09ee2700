/* Goal: whatever people send, the market neither stops nor loses count.
 * Method: few people, few orders and few devices, so that they meet; random operations with random terms, most of which
 * nearly fit; time moves by seconds or by hours, and in half of the lives only few due records fit into a block.  Every
 * block is audited, and when all orders are closed nothing is left of them. */
#include "ledger/market_test_int.h"

enum { OWNER = 0, BUYERS = 2, NODES = 4, NODE = 4, GATEWAY = 9, OTHER = 10 };
enum { ORDERS = 4, LEASES = 6, DEVICES = 2, CLASS = 300 };
enum { LIVES = 6, BLOCKS = 300, OPS_MAX = 8, OFFER_LIFE_S = 20000, OPERATIONS = 100 };

struct life {
    struct chain c;
    struct croft_rng rng;
    u32 *done; /* by operation, over all lives */
};

static u64 below(struct life *m, u64 limit)
{
    return croft_rng_below(&m->rng, limit);
}

static bool one_in(struct life *m, u64 n)
{
    return croft_rng_chance(&m->rng, n);
}

static u32 any_buyer(struct life *m)
{
    return 1 + (u32)below(m, BUYERS);
}

static u32 any_node(struct life *m)
{
    return NODE + (u32)below(m, NODES);
}

static u64 any_order(struct life *m)
{
    return 1 + below(m, ORDERS);
}

static u32 any_class(struct life *m)
{
    return !one_in(m, 4) ? 0 : CLASS + (u32)below(m, 2);
}

static u64 any_price(struct life *m)
{
    return one_in(m, 3) ? CHAIN_PRICE : CHAIN_PRICE / 2 + below(m, CHAIN_PRICE / 2);
}

/* ---- offers ---- */

static Croft__V1__TxBody *random_offer(struct life *m)
{
    struct chain_offer t = chain_offer_terms();
    t.device = (u32)below(m, DEVICES);
    t.class = any_class(m);
    t.services = one_in(m, 4) ? 1 : 7;
    t.notice_s = (u32)below(m, 300);
    t.life_s = one_in(m, 5) ? 1 + below(m, 500) : OFFER_LIFE_S;
    t.price[CROFT_PRICE_SECOND] = any_price(m);
    t.price[CROFT_PRICE_TOKEN] = any_price(m);
    return chain_offer_post(&m->c, any_node(m), &t);
}

static Croft__V1__TxBody *random_node(struct life *m)
{
    u32 n = any_node(m);
    if (one_in(m, 2))
        return chain_node_set(&m->c, n, one_in(m, 10));
    return chain_offer_withdraw(&m->c, n, (u32)below(m, DEVICES), one_in(m, 4));
}

/* ---- orders ---- */

static void random_takes(struct life *m, struct chain_order *t)
{
    u64 count = below(m, 5);
    for (u64 i = 0; i < count; i++)
        chain_add_take(t, any_node(m), (u32)below(m, DEVICES), CHAIN_PRICE);
}

static Croft__V1__TxBody *random_open(struct life *m)
{
    struct chain_order t = chain_order_terms(any_order(m));
    t.class = any_class(m);
    t.count = 1 + (u32)below(m, 3);
    t.kind = t.count > 1 && one_in(m, 3) ? CROFT_ORDER_GANG : CROFT_ORDER_SERVICE;
    t.price_kind = one_in(m, 4) ? CROFT_PRICE_TOKEN : CROFT_PRICE_SECOND;
    t.units_max = t.price_kind == CROFT_PRICE_TOKEN ? 1 + below(m, 10000000) : 0;
    t.service = t.price_kind == CROFT_PRICE_SECOND ? (u32)below(m, CROFT_SERVICE_COUNT) : CROFT_SERVICE_SPOT;
    t.firm_s = t.service != CROFT_SERVICE_SPOT ? 1 + (u32)below(m, 1000) : 0;
    t.amount = one_in(m, 3) ? 1 + below(m, 10000000) : 1 + below(m, 1000000000);
    t.life_s = one_in(m, 3) ? 1 + below(m, 1500) : 1500 + below(m, 20000);
    t.start_s = 1 + (u32)below(m, 600);
    t.unsigned_s = (u32)below(m, 61);
    t.hold_s = one_in(m, 2) ? 0 : (u32)below(m, 300);
    t.keep_s = one_in(m, 2) ? 0 : (u32)below(m, 1000);
    t.disk_gib = (u32)below(m, 100);
    t.voucher_cap = one_in(m, 4) ? 1 + below(m, 5000000) : 0;
    t.once = one_in(m, 3);
    t.gateway = one_in(m, 3) ? GATEWAY : CHAIN_ACTORS;
    t.bytes_max = 1 + below(m, 1000000000);
    t.bid_s = t.kind == CROFT_ORDER_SERVICE && one_in(m, 3) ? 1 + below(m, 100) : 0;
    t.reveal_s = 1 + below(m, 300);
    t.rule = (u32)below(m, 2);
    if (t.bid_s == 0)
        random_takes(m, &t);
    return chain_order_open(&m->c, any_buyer(m), &t);
}

static Croft__V1__TxBody *random_take(struct life *m)
{
    struct chain_order t = {0};
    random_takes(m, &t);
    chain_add_take(&t, any_node(m), (u32)below(m, DEVICES), CHAIN_PRICE);
    u32 replaces = one_in(m, 3) ? 1 + (u32)below(m, LEASES) : 0;
    return chain_order_take(&m->c, any_buyer(m), any_order(m), replaces, t.take, t.take_count);
}

static Croft__V1__TxBody *random_fund(struct life *m)
{
    u32 lease = one_in(m, 3) ? (u32)below(m, LEASES) : 0;
    return chain_order_fund(&m->c, any_buyer(m), any_buyer(m), any_order(m), lease, CROFT_ASSET_CREDIT,
                            1 + below(m, 10000000));
}

struct named_bid {
    u32 node, device, buyer;
    u64 order;
};

/* One that there is, if a few tries find one. */
static struct named_bid any_bid(struct life *m)
{
    struct named_bid b = {0};
    bool is = false;
    for (u32 i = 0; i < 100 && !is; i++) {
        u8 key[40];
        struct croft_bid bid;
        b = (struct named_bid){any_node(m), (u32)below(m, DEVICES), any_buyer(m), any_order(m)};
        chain_order_key(&m->c, b.buyer, b.order, key);
        is = croft_bid_load(m->c.l, key, &m->c.actor[b.node].address, b.device, &bid);
    }
    return b;
}

/* Ties all of them. */
static Croft__V1__TxBody *random_bid(struct life *m)
{
    if (one_in(m, 2))
        return chain_bid_place(&m->c, any_node(m), (u32)below(m, DEVICES), any_buyer(m), any_order(m), CHAIN_PRICE, 0);
    struct named_bid b = any_bid(m);
    return chain_bid_reveal(&m->c, b.node, b.device, b.buyer, b.order, CHAIN_PRICE, 0);
}

/* ---- leases ---- */

struct named {
    u32 buyer, lease;
    u64 order;
    bool is;
    struct croft_lease_record r;
    u32 node; /* actor */
};

static u32 actor_of(const struct chain *c, const struct croft_address *a)
{
    for (u32 n = 0; n < CHAIN_ACTORS; n++)
        if (croft_address_equal(&c->actor[n].address, a))
            return n;
    return OTHER;
}

/* One that there is, if a few tries find one. */
static struct named any_lease(struct life *m)
{
    struct named l = {0};
    for (u32 i = 0; i < 30 && !l.is; i++) {
        u32 lease = 1 + (u32)below(m, LEASES);
        l = (struct named){.buyer = any_buyer(m), .lease = lease, .order = any_order(m), .node = OTHER};
        l.is = chain_has_lease(&m->c, l.buyer, l.order, l.lease);
    }
    if (l.is) {
        l.r = chain_lease(&m->c, l.buyer, l.order, l.lease);
        l.node = actor_of(&m->c, &l.r.node);
    }
    return l;
}

static struct chain_voucher random_voucher(struct life *m, const struct named *l)
{
    struct chain_voucher v = {.buyer = l->buyer, .lease = l->lease, .order = l->order, .key = CHAIN_KEY_VOUCHER,
                              .stamp = l->r.stamp, .seq = l->r.seq + 1};
    v.served_until_s = m->c.now_s;
    v.units = l->r.units;
    u64 time_s = m->c.now_s > l->r.served_until_s ? m->c.now_s - l->r.served_until_s : 0;
    v.served_until_s -= one_in(m, 3) ? below(m, time_s + 1) : 0;
    time_s = v.served_until_s > l->r.served_until_s ? v.served_until_s - l->r.served_until_s : 0;
    u64 most = l->r.mode == CROFT_LEASE_COUNTED ? l->r.units_max - l->r.units : time_s;
    v.units += one_in(m, 2) ? most : below(m, most + 2);
    return v;
}

static Croft__V1__TxBody *random_settle(struct life *m)
{
    struct named l = any_lease(m);
    struct chain_voucher v = random_voucher(m, &l);
    return chain_settle(&m->c, l.node, &v);
}

static Croft__V1__TxBody *random_stop(struct life *m)
{
    struct named l = any_lease(m);
    struct chain_voucher v = random_voucher(m, &l);
    u32 who = one_in(m, 2) ? l.node : l.buyer;
    return chain_lease_stop(&m->c, who, l.buyer, l.order, l.lease, one_in(m, 2) ? &v : NULL);
}

static Croft__V1__TxBody *random_call(struct life *m)
{
    struct named l = any_lease(m);
    u32 who = one_in(m, 2) ? l.node : l.buyer;
    if (one_in(m, 2))
        return chain_lease_ack(&m->c, who, l.buyer, l.order, l.lease, true);
    return chain_lease_call(&m->c, who, l.buyer, l.order, l.lease);
}

static Croft__V1__TxBody *random_lease(struct life *m)
{
    struct named l = any_lease(m);
    switch (below(m, 4)) {
    case 0:
        return chain_lease_take(&m->c, any_node(m), (u32)below(m, DEVICES), any_buyer(m), any_order(m), 0, 0);
    case 1:
        return chain_lease_notice(&m->c, l.node, l.buyer, l.order, l.lease, m->c.now_s + below(m, 700));
    default:
        return chain_lease_ack(&m->c, l.node, l.buyer, l.order, l.lease, false);
    }
}

/* ---- a life ---- */

static Croft__V1__TxBody *random_op(struct life *m)
{
    static Croft__V1__TxBody *(*const make[])(struct life *) = {
        random_offer, random_offer, random_offer,  random_node,   random_open,   random_open, random_take,
        random_take,  random_fund,  random_bid,    random_bid,    random_bid,    random_bid,  random_settle,
        random_settle, random_settle, random_stop, random_call,   random_lease,  random_lease, random_lease};
    u64 kind = below(m, CROFT_COUNT(make) + 1);
    if (kind == CROFT_COUNT(make))
        return one_in(m, 3) ? chain_order_close(&m->c, any_buyer(m), any_order(m)) : random_settle(m);
    return make[kind](m);
}

static void begin_life(struct life *m, u64 seed, u32 *done)
{
    *m = (struct life){.rng = croft_rng_of(seed), .done = done};
    struct chain *c = &m->c;
    chain_open(c);
    Croft__V1__Genesis *g = chain_market_genesis(c, false);
    if (one_in(m, 2))
        chain_param(c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, 1 + below(m, 3));
    chain_start(c, g);
    chain_begin(c, 1);
    chain_must(c, chain_class_set(c, OTHER, CLASS, 0, 0));
    chain_must(c, chain_class_set(c, OTHER, CLASS + 1, 1, CHAIN_PRICE));
    chain_must(c, chain_stake_lock(c, OWNER, CHAIN_CREDIT / 2));
    for (u32 n = NODE; n < NODE + NODES; n++)
        chain_must(c, chain_node_admit(c, OWNER, n));
}

static void end_life(struct life *m)
{
    struct chain *c = &m->c;
    chain_set_param(c, 1, CROFT_PARAM_DUE_PER_BLOCK_MAX, 10000);
    for (u32 i = 0; i < 4; i++) {
        chain_next(c, 10000);
        for (u32 buyer = 1; buyer <= BUYERS; buyer++)
            for (u64 order = 1; order <= ORDERS; order++)
                (void)chain_do(c, chain_order_close(c, buyer, order));
    }
    chain_next(c, 100000);
    assert_int_equal(croft_state_count(c->l->state, CROFT_TABLE_LEASES), 0);
    assert_int_equal(croft_state_count(c->l->state, CROFT_TABLE_ORDERS), 0);
    assert_int_equal(croft_state_count(c->l->state, CROFT_TABLE_BIDS), 0);
    assert_int_equal(croft_state_count(c->l->state, CROFT_TABLE_QUEUE), 0);
    assert_int_equal(chain_system(c, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT), 0);
    chain_end(c);
    chain_stop(c);
}

static void live(struct life *m)
{
    for (u32 block = 0; block < BLOCKS; block++) {
        u64 ops = below(m, OPS_MAX + 1);
        for (u64 i = 0; i < ops; i++) {
            Croft__V1__TxBody *body = random_op(m);
            CROFT_ASSERT((u32)body->op_case < OPERATIONS);
            m->done[body->op_case] += chain_do(&m->c, body) == CROFT_OK;
        }
        chain_next(&m->c, one_in(m, 15) ? below(m, 1500) : below(m, 10));
    }
}

/* What is never done is not tested. */
static void check_coverage(const u32 *done)
{
    static const u32 all[] = {
        CROFT__V1__TX_BODY__OP_NODE_SET,   CROFT__V1__TX_BODY__OP_OFFER_POST, CROFT__V1__TX_BODY__OP_OFFER_WITHDRAW,
        CROFT__V1__TX_BODY__OP_ORDER_OPEN, CROFT__V1__TX_BODY__OP_ORDER_FUND, CROFT__V1__TX_BODY__OP_ORDER_TAKE,
        CROFT__V1__TX_BODY__OP_ORDER_CLOSE, CROFT__V1__TX_BODY__OP_LEASE_TAKE, CROFT__V1__TX_BODY__OP_LEASE_ACK,
        CROFT__V1__TX_BODY__OP_SETTLE,     CROFT__V1__TX_BODY__OP_LEASE_STOP, CROFT__V1__TX_BODY__OP_LEASE_NOTICE,
        CROFT__V1__TX_BODY__OP_LEASE_CALL, CROFT__V1__TX_BODY__OP_BID_PLACE,  CROFT__V1__TX_BODY__OP_BID_REVEAL};
    for (size_t i = 0; i < CROFT_COUNT(all); i++)
        assert_true(done[all[i]] > 0);
}

static void test_random_lives(void **state)
{
    (void)state;
    static struct life m;
    u32 done[OPERATIONS] = {0};
    u64 seed = croft_test_seed();
    for (u32 i = 0; i < LIVES; i++) {
        begin_life(&m, seed + i, done);
        live(&m);
        end_life(&m);
    }
    check_coverage(done);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
