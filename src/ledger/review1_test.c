/* Goal: what a hostile node, buyer or gateway found in the rules of orders and leases stays refused.
 * Method: each attack alone, on a small network; the audit counts everything after each block. */
#include "ledger/market_test_int.h"

enum { OWNER = 4, BUYER = 5, NODE = 6, OTHER_OWNER = 7, OTHER_NODE = 8, GATEWAY = 9, OTHER = 10, CLASS = 300, ORDER = 7 };

static void done(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

/* ---- the price of a kept disk ---- */

/* A node that takes an order from the queue names the price of its disk itself: unsigned seconds of the keep lease
 * would be paid at that price, and no price_max of the buyer's says anything about it. */
static void test_disk_is_no_dearer_than_price_max(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    struct chain_offer offer = chain_offer_terms();
    t.keep_s = 60;
    t.disk_gib = 1;
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    offer.disk_price = 1000 * CHAIN_PRICE; /* 60 s of it are 0.6 credits, of an order of one */
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    assert_int_equal(chain_do(&c, chain_lease_take(&c, NODE, 0, BUYER, ORDER, 0, 0)), CROFT_ERR_OP_TERMS);
    offer.disk_price = CHAIN_PRICE + 1;
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    assert_int_equal(chain_do(&c, chain_lease_take(&c, NODE, 0, BUYER, ORDER, 0, 0)), CROFT_ERR_OP_TERMS);
    offer.disk_price = CHAIN_PRICE;
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    assert_int_equal(chain_do(&c, chain_lease_take(&c, NODE, 0, BUYER, ORDER, 0, 0)), CROFT_OK);
    done(&c);
}

/* ---- a head for which no lease can be made ---- */

static void use_up_numbers(struct chain *c, u32 node, u32 buyer, u64 order)
{
    for (u32 n = 1; n <= CROFT_LEASES_MADE_MAX; n++) {
        chain_must(c, chain_lease_take(c, node, 0, buyer, order, 0, 0));
        chain_must(c, chain_lease_stop(c, buyer, buyer, order, n, NULL));
        if (n % 32 == 0)
            chain_next(c, 0);
    }
}

static void test_used_up_head_does_not_stop_a_queue(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order head = chain_order_terms(1), t = chain_order_terms(ORDER);
    struct chain_offer offer = chain_offer_terms();
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    chain_must(&c, chain_class_set(&c, OTHER, CLASS, 1, CHAIN_PRICE));
    offer.class = head.class = t.class = CLASS;
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    chain_must(&c, chain_order_open(&c, OTHER, &head));
    use_up_numbers(&c, NODE, OTHER, 1);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    assert_int_equal(chain_do(&c, chain_lease_take(&c, NODE, 0, BUYER, ORDER, 0, 0)), CROFT_OK);
    done(&c);
}

/* ---- a gateway that goes ---- */

static void test_gateway_does_not_finish_an_order(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    t.once = true;
    t.gateway = GATEWAY;
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_must(&c, chain_lease_stop(&c, GATEWAY, BUYER, ORDER, 1, NULL));
    assert_true(chain_has_order(&c, BUYER, ORDER)); /* it still waits for its first lease */
    done(&c);
}

/* ---- exposure at the end of the type ---- */

static void test_exposure_stays_in_its_type(void **state)
{
    (void)state;
    struct chain c;
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    struct croft_provider_record p = {.fees_total = croft_amt_of(UINT64_MAX), .exposure = croft_amt_of(UINT64_MAX - 5)};
    assert_true(croft_exposure_fits(c.l, &p, croft_amt_of(5)));
    assert_false(croft_exposure_fits(c.l, &p, croft_amt_of(6))); /* whoever adds it asserts that the sum fits */
    done(&c);
}

/* ---- what one transaction may bring up to date ---- */

enum { DEVICES = CROFT_LEASES_LIVE_MAX };

static void list_devices(struct chain *c, u32 owner, u32 node)
{
    struct chain_offer offer = chain_offer_terms();
    chain_must(c, chain_node_admit(c, owner, node));
    for (offer.device = 0; offer.device < DEVICES; offer.device++) {
        chain_must(c, chain_offer_post(c, node, &offer));
        if (offer.device % 16 == 15)
            chain_next(c, 0);
    }
}

/* Takes every device of the node and starts its lease. */
static void start_all(struct chain *c, u32 node, u32 first)
{
    struct chain_take take[DEVICES];
    for (u32 i = 0; i < DEVICES; i++)
        take[i] = (struct chain_take){node, i, CHAIN_PRICE};
    chain_must(c, chain_order_take(c, BUYER, ORDER, 0, take, DEVICES));
    for (u32 i = 0; i < DEVICES; i++) {
        struct chain_voucher v = chain_voucher_next(c, BUYER, ORDER, first + i);
        chain_must(c, chain_settle(c, node, &v));
    }
    chain_next(c, 0);
}

static void open_many(struct chain *c)
{
    struct chain_order t = chain_order_terms(ORDER);
    t.count = DEVICES;
    t.hold_s = 0;
    t.keep_s = 1000;
    t.disk_gib = 1;
    t.amount = DEVICES * UINT64_C(30000);
    chain_open(c);
    Croft__V1__Genesis *g = chain_market_genesis(c, false);
    chain_param(c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, 1);
    chain_start(c, g);
    chain_begin(c, 1);
    list_devices(c, OWNER, NODE);
    list_devices(c, OTHER_OWNER, OTHER_NODE);
    chain_must(c, chain_order_open(c, BUYER, &t));
    chain_next(c, 0);
}

/* 64 disks are kept, 64 other leases run dry, and all of it is late when somebody names the order. */
static void test_dues_of_a_transaction_are_bounded(void **state)
{
    (void)state;
    struct chain c;
    struct chain_offer first = chain_offer_terms(); /* what the block itself has room for */
    first.life_s = 1;
    open_many(&c);
    start_all(&c, NODE, 1);
    chain_next(&c, 100);
    chain_must(&c, chain_order_fund(&c, BUYER, BUYER, ORDER, 0, CROFT_ASSET_CREDIT, DEVICES * UINT64_C(30000)));
    start_all(&c, OTHER_NODE, 2 * DEVICES + 1);
    chain_must(&c, chain_node_admit(&c, OWNER, OTHER));
    chain_must(&c, chain_offer_post(&c, OTHER, &first));
    chain_next(&c, 2000);
    u32 before = c.l->due_count;
    chain_must(&c, chain_order_fund(&c, BUYER, BUYER, ORDER, 0, CROFT_ASSET_CREDIT, 1));
    u32 dues = c.l->due_count - before;
    assert_true(dues > 128);
    assert_true(dues * CROFT_VOUCHERS_MAX <= CROFT_DUES_OF_TX_MAX);
    done(&c);
}

/* Each touches what is late and fails: the same work again and again, of which nothing is left in the block. */
static void test_failed_touches_fill_a_block(void **state)
{
    (void)state;
    struct chain c;
    struct chain_offer first = chain_offer_terms();
    first.life_s = 1;
    open_many(&c);
    chain_must(&c, chain_node_admit(&c, OWNER, OTHER));
    chain_must(&c, chain_offer_post(&c, OTHER, &first));
    start_all(&c, NODE, 1);
    chain_next(&c, 100);
    u32 before = c.l->due_count, tried = 0;
    croft_err err = CROFT_ERR_OP_FUNDS;
    for (; err == CROFT_ERR_OP_FUNDS && tried < 2 * CROFT_BLOCK_TX_DUES_MAX / DEVICES; tried++)
        err = chain_do(&c, chain_order_fund(&c, BUYER, BUYER, ORDER, 0, CROFT_ASSET_CREDIT, INT64_MAX / 2));
    assert_int_equal(err, CROFT_ERR_TX_BLOCK_FULL);
    assert_int_equal(c.l->due_count, before);
    assert_true(tried <= CROFT_BLOCK_TX_DUES_MAX / DEVICES + 1);
    done(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_disk_is_no_dearer_than_price_max),
        cmocka_unit_test(test_used_up_head_does_not_stop_a_queue),
        cmocka_unit_test(test_gateway_does_not_finish_an_order),
        cmocka_unit_test(test_exposure_stays_in_its_type),
        cmocka_unit_test(test_dues_of_a_transaction_are_bounded),
        cmocka_unit_test(test_failed_touches_fill_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
