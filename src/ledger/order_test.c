/* Goal: what the specification says of orders and their leases where several things meet: late blocks, backlogs, queues
 * that somebody wants to stop, several leases on one escrow.
 * Method: each case alone, its money counted to the unit. */
#include "ledger/market_test_int.h"

enum { OWNER = 0, BUYER = 1, NODE = 2, OTHER = 3, THIRD = 4, CLASS = 300, ORDER = 7 };

static void order_network(struct chain *c)
{
    chain_market_open(c, false);
    chain_begin(c, 1);
    chain_must(c, chain_stake_lock(c, OWNER, CHAIN_CREDIT / 2));
    for (u32 n = NODE; n <= THIRD; n++)
        chain_node_listed_firm(c, OWNER, n);
}

static void done(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

/* Taken, acknowledged, and the first voucher settled in this block. */
static void start(struct chain *c, u32 node, u64 order, u32 lease)
{
    chain_must(c, chain_lease_ack(c, node, BUYER, order, lease, false));
    struct chain_voucher v = chain_voucher_next(c, BUYER, order, lease);
    chain_must(c, chain_settle(c, node, &v));
}

/* NODE's and OTHER's leases, both running. */
static void open_two(struct chain *c, struct chain_order *t)
{
    t->count = 2;
    chain_add_take(t, NODE, 0, CHAIN_PRICE);
    chain_add_take(t, OTHER, 0, CHAIN_PRICE);
    chain_must(c, chain_order_open(c, BUYER, t));
}

/* ---- late blocks ---- */

/* One runs, one was not acknowledged; both its due time and the end of the money lie before the block. */
static void test_stop_after_a_late_lease(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    order_network(&c);
    t.hold_s = 0;
    t.amount = 600000; /* 30 seconds of two */
    open_two(&c, &t);
    start(&c, NODE, ORDER, 1);
    chain_next(&c, 500);
    struct croft_lease_record r = chain_lease(&c, BUYER, ORDER, 1);
    assert_int_equal(r.state, CROFT_LEASE_ENDING);
    assert_true(croft_amt_units(r.aside) <= t.amount);
    assert_false(chain_has_lease(&c, BUYER, ORDER, 2));
    done(&c);
}

/* A gang ends when its member was due, not when the block came that says so. */
static void test_late_gang(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    order_network(&c);
    t.kind = CROFT_ORDER_GANG;
    t.amount = 1000000;
    t.hold_s = 0;
    open_two(&c, &t);
    start(&c, NODE, ORDER, 1);
    u64 taken_s = c.now_s;
    chain_next(&c, 500);
    struct croft_lease_record r = chain_lease(&c, BUYER, ORDER, 1);
    assert_int_equal(r.state, CROFT_LEASE_ENDING);
    assert_int_equal(r.end_s, taken_s + chain_param_of(&c, CROFT_PARAM_ACK_S));
    done(&c);
}

/* A member that declines does not set a running one free of what it promised, nor its buyer of what it reserved. */
static void test_gang_keeps_its_promises(void **state)
{
    (void)state;
    for (u32 service = CROFT_SERVICE_FIRM; service <= CROFT_SERVICE_RESERVED; service++) {
        struct chain c;
        struct chain_order t = chain_order_terms(ORDER);
        chain_market_open(&c, false);
        chain_begin(&c, 1);
        chain_node_listed_firm(&c, OWNER, NODE);
        chain_node_listed_firm(&c, THIRD, OTHER);
        t.kind = CROFT_ORDER_GANG;
        t.count = 2;
        t.service = service;
        t.firm_s = 7200;
        chain_add_take(&t, NODE, 0, CHAIN_PRICE);
        chain_add_take(&t, OTHER, 0, CHAIN_PRICE);
        chain_must(&c, chain_order_open(&c, BUYER, &t));
        start(&c, NODE, ORDER, 1);
        chain_must(&c, chain_lease_stop(&c, OTHER, BUYER, ORDER, 2, NULL));
        assert_int_equal(chain_lease(&c, BUYER, ORDER, 1).state, CROFT_LEASE_RUNNING);
        assert_false(chain_has_lease(&c, BUYER, ORDER, 2));
        done(&c);
    }
}

/* ---- a backlog changes nothing ---- */

/* The order closes in a block after the second by which the node should have answered: the node was late first. */
static bool is_bond_kept(u64 due_per_block)
{
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    chain_open(&c);
    Croft__V1__Genesis *g = chain_market_genesis(&c, false);
    chain_param(&c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, due_per_block);
    chain_start(&c, g);
    chain_begin(&c, 1);
    for (u32 n = NODE; n <= OTHER; n++)
        chain_node_listed(&c, OWNER, n);
    for (u64 order = 1; order <= 2; order++) {
        t = chain_order_terms(order);
        chain_add_take(&t, order == 1 ? OTHER : NODE, 0, CHAIN_PRICE);
        chain_must(&c, chain_order_open(&c, BUYER, &t));
    }
    chain_next(&c, 100);
    chain_must(&c, chain_order_close(&c, BUYER, 2));
    chain_next(&c, 0);
    chain_next(&c, 0);
    bool kept = !croft_amt_is_zero(chain_device(&c, NODE, 0).bond);
    done(&c);
    return kept;
}

static void test_backlog_of_leases(void **state)
{
    (void)state;
    assert_int_equal(is_bond_kept(10000), false);
    assert_int_equal(is_bond_kept(1), false);
}

/* ---- money that was put aside ---- */

/* Each lease put its disk's money aside: when the order runs dry each disk is kept. */
static void test_every_disk_is_kept(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    order_network(&c);
    t.hold_s = 100;
    t.keep_s = 1000;
    t.disk_gib = 10;
    t.amount = 3000000;
    open_two(&c, &t);
    start(&c, NODE, ORDER, 1);
    start(&c, OTHER, ORDER, 2);
    chain_next(&c, 500);
    u32 kept = 0;
    for (u32 n = 3; n <= 4; n++)
        kept += chain_has_lease(&c, BUYER, ORDER, n);
    assert_int_equal(kept, 2);
    done(&c);
}

/* Letting a reserved lease's order expire is stopping it: the provider gets what leaving costs. */
static u64 earned_when(bool closes)
{
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    order_network(&c);
    t.service = CROFT_SERVICE_RESERVED;
    t.firm_s = 5000;
    t.life_s = 5000;
    t.unsigned_s = 0;
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_next(&c, 4000);
    struct chain_take take = {NODE, 0, CHAIN_PRICE};
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 0, &take, 1));
    start(&c, NODE, ORDER, 1);
    chain_next(&c, closes ? 999 : 1000);
    if (closes)
        chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    chain_next(&c, 2000);
    u64 earned = croft_amt_units(chain_provider(&c, OWNER).earned);
    done(&c);
    return earned;
}

static void test_expiry_is_a_buyers_stop(void **state)
{
    (void)state;
    u64 closed = earned_when(true), expired = earned_when(false);
    assert_true(closed > 0);
    assert_int_equal(closed, expired); /* both break more than F seconds of the promise */
}

/* ---- counts that only grow ---- */

enum { GATEWAY = 5 };

/* Buyer and gateway send the same money round and round; without a market fee it does not get less. */
static void pay_in_circles(struct chain *c, u64 rest, u64 most)
{
    for (u32 i = 0; rest > 2 * CROFT_PRICE_MAX / 1000000000; i++) {
        u64 amount = rest < most ? rest : most;
        chain_must(c, chain_order_fund(c, BUYER, BUYER, ORDER, 1, CROFT_ASSET_CREDIT, amount));
        struct chain_voucher v = chain_voucher_next(c, BUYER, ORDER, 1);
        v.units = chain_lease(c, BUYER, ORDER, 1).units_max;
        u64 before = chain_balance(c, GATEWAY, CROFT_ASSET_CREDIT);
        chain_must(c, chain_settle(c, GATEWAY, &v));
        u64 paid = chain_balance(c, GATEWAY, CROFT_ASSET_CREDIT) - before;
        chain_must(c, chain_transfer(c, GATEWAY, BUYER, CROFT_ASSET_CREDIT, paid));
        rest -= paid;
        if (i % 50 == 0)
            chain_next(c, 0);
    }
}

/* More than fits 64 bits goes through one order: it stops counting there, and the ledger goes on. */
static void test_more_than_fits_is_paid(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    chain_open(&c);
    Croft__V1__Genesis *g = chain_market_genesis(&c, false);
    chain_param(&c, g, CROFT_PARAM_MARKET_FEE_PPM, 0);
    chain_start(&c, g);
    chain_begin(&c, 1);
    for (u32 n = NODE; n <= OTHER; n++)
        chain_node_listed(&c, OWNER, n);
    for (u32 n = 6; n < CHAIN_NOBODY; n++)
        chain_must(&c, chain_transfer(&c, n, BUYER, CROFT_ASSET_CREDIT, CHAIN_CREDIT - CHAIN_CREDIT / 100));
    t.gateway = GATEWAY;
    t.gateway_price = CROFT_PRICE_MAX;
    t.bytes_max = 1;
    chain_add_take(&t, NODE, 0, CHAIN_PRICE);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    start(&c, NODE, ORDER, 2);
    pay_in_circles(&c, UINT64_MAX - 200000, 9 * CHAIN_CREDIT);
    chain_next(&c, 60);
    struct chain_voucher v = chain_voucher_next(&c, BUYER, ORDER, 2);
    chain_must(&c, chain_settle(&c, NODE, &v));
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).voucher_paid), UINT64_MAX);
    done(&c);
}

/* ---- queues ---- */

static void class_network(struct chain *c)
{
    order_network(c);
    chain_must(c, chain_class_set(c, OWNER, CLASS, 1, CHAIN_PRICE));
    struct chain_offer offer = chain_offer_terms();
    offer.class = CLASS;
    chain_must(c, chain_offer_post(c, NODE, &offer));
}

/* Whether an order gets a node although another, opened before, waits with these terms. */
static croft_err take_behind(struct chain_order *before)
{
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    class_network(&c);
    before->class = t.class = CLASS;
    chain_must(&c, chain_order_open(&c, OTHER, before));
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    croft_err err = chain_do(&c, chain_lease_take(&c, NODE, 0, BUYER, ORDER, 0, 0));
    done(&c);
    return err;
}

static void test_queue_keeps_its_order(void **state)
{
    (void)state;
    struct chain_order t = chain_order_terms(1);
    assert_int_equal(take_behind(&t), CROFT_ERR_OP_TURN);
}

/* A gang is taken by its buyer alone: at the head it would stop the class until it expires. */
static void test_gang_does_not_stop_a_queue(void **state)
{
    (void)state;
    struct chain_order t = chain_order_terms(1);
    t.kind = CROFT_ORDER_GANG;
    t.count = 2;
    assert_int_equal(take_behind(&t), CROFT_OK);
}

/* Nor does an order that no device of the class can serve. */
static void test_poor_head_does_not_stop_a_queue(void **state)
{
    (void)state;
    struct chain_order t = chain_order_terms(1);
    t.amount = 1;
    assert_int_equal(take_behind(&t), CROFT_OK);
    t = chain_order_terms(1);
    t.price_max = CHAIN_PRICE - 1;
    assert_int_equal(take_behind(&t), CROFT_OK);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stop_after_a_late_lease),
        cmocka_unit_test(test_late_gang),
        cmocka_unit_test(test_gang_keeps_its_promises),
        cmocka_unit_test(test_backlog_of_leases),
        cmocka_unit_test(test_every_disk_is_kept),
        cmocka_unit_test(test_expiry_is_a_buyers_stop),
        cmocka_unit_test(test_more_than_fits_is_paid),
        cmocka_unit_test(test_queue_keeps_its_order),
        cmocka_unit_test(test_gang_does_not_stop_a_queue),
        cmocka_unit_test(test_poor_head_does_not_stop_a_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
