/* Goal: a market without offers, and prices and counts at the limits of their types, are ordinary input.
 * Method: each as one small story; the audit counts the money after every block. */
#include "ledger/market_test_int.h"

enum { OWNER = 4, BUYER = 5, NODE = 6, STRANGER = 7, ORDER = 9 };

static void begin(struct chain *c)
{
    chain_market_open(c, false);
    chain_begin(c, 1);
}

static void done(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

static u64 credits(const struct chain *c, u32 n)
{
    return chain_balance(c, n, CROFT_ASSET_CREDIT);
}

/* ---- nobody offers anything ---- */

static void test_no_offers(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER), named = chain_order_terms(ORDER + 1);
    struct chain_take take = {NODE, 0, CHAIN_PRICE};
    begin(&c);
    u64 before = credits(&c, BUYER);
    chain_add_take(&named, NODE, 0, CHAIN_PRICE);
    assert_int_equal(chain_do(&c, chain_order_open(&c, BUYER, &named)), CROFT_ERR_OP_OFFERS);
    assert_int_equal(credits(&c, BUYER), before);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    assert_int_equal(chain_do(&c, chain_order_take(&c, BUYER, ORDER, 0, &take, 1)), CROFT_ERR_OP_OFFERS);
    assert_int_equal(chain_do(&c, chain_lease_take(&c, STRANGER, 0, BUYER, ORDER, 0, 0)), CROFT_ERR_OP_NODE);
    chain_next(&c, t.life_s - 1);
    assert_true(chain_has_order(&c, BUYER, ORDER));
    chain_next(&c, 1); /* it waited in vain: everything comes back */
    assert_false(chain_has_order(&c, BUYER, ORDER));
    assert_int_equal(credits(&c, BUYER), before);
    done(&c);
}

static void test_an_auction_without_bids(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    t.bid_s = 100;
    t.reveal_s = 100;
    begin(&c);
    u64 before = credits(&c, BUYER);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_next(&c, 100);
    chain_next(&c, 100);
    assert_int_equal(chain_order(&c, BUYER, ORDER).state, CROFT_ORDER_PICKING);
    chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    assert_int_equal(credits(&c, BUYER), before);
    done(&c);
}

/* ---- the highest price ---- */

static void test_highest_price_by_the_second(void **state)
{
    (void)state;
    struct chain c;
    struct chain_offer offer = chain_offer_terms();
    struct chain_order t = chain_order_terms(ORDER);
    offer.price[CROFT_PRICE_SECOND] = CROFT_PRICE_MAX;
    t.price_max = CROFT_PRICE_MAX;
    t.amount = 3 * CROFT_PRICE_MAX;
    chain_add_take(&t, NODE, 0, CROFT_PRICE_MAX);
    begin(&c);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    assert_int_equal(chain_do(&c, chain_order_open(&c, BUYER, &t)), CROFT_ERR_OP_OFFERS); /* more than its standing allows */
    chain_must(&c, chain_stake_lock(&c, OWNER, CROFT_PRICE_MAX));
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_must(&c, chain_lease_ack(&c, NODE, BUYER, ORDER, 1, false));
    u64 owner = credits(&c, OWNER);
    struct chain_voucher v = chain_voucher_next(&c, BUYER, ORDER, 1);
    chain_must(&c, chain_settle(&c, NODE, &v));
    for (u32 i = 0; i < 7; i++) { /* floors of the cumulative count: seven pieces are worth what one is */
        chain_next(&c, i < 6 ? 514 : 516);
        v = chain_voucher_next(&c, BUYER, ORDER, 1);
        chain_must(&c, chain_settle(&c, NODE, &v));
    }
    assert_int_equal(chain_lease(&c, BUYER, ORDER, 1).units, 3600);
    assert_int_equal(croft_amt_units(chain_lease(&c, BUYER, ORDER, 1).paid), CROFT_PRICE_MAX);
    assert_int_equal(credits(&c, OWNER) - owner, CROFT_PRICE_MAX - CROFT_PRICE_MAX / 50);
    done(&c);
}

/* 2^44 x 2^20 leaves 64 bits by one; one frame less is only more than anybody has. */
static void test_counts_beyond_the_types(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    t.price_kind = CROFT_PRICE_FRAME;
    t.price_max = CROFT_PRICE_MAX;
    t.units_max = UINT64_C(1) << 20;
    begin(&c);
    assert_int_equal(chain_do(&c, chain_order_open(&c, BUYER, &t)), CROFT_ERR_OP_PRICE);
    t.units_max--;
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_node_listed(&c, OWNER, NODE);
    struct chain_offer offer = chain_offer_terms();
    offer.price[CROFT_PRICE_FRAME] = CROFT_PRICE_MAX;
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    struct chain_take take = {NODE, 0, CROFT_PRICE_MAX};
    assert_int_equal(chain_do(&c, chain_order_take(&c, BUYER, ORDER, 0, &take, 1)), CROFT_ERR_OP_OFFERS);
    assert_int_equal(chain_do(&c, chain_order_fund(&c, BUYER, BUYER, ORDER, 0, CROFT_ASSET_CREDIT, UINT64_MAX)),
                     CROFT_ERR_OP_OVERFLOW);
    done(&c);
}

static void test_a_price_of_one_unit(void **state)
{
    (void)state;
    struct chain c;
    struct chain_offer offer = chain_offer_terms();
    struct chain_order t = chain_order_terms(ORDER);
    offer.price[CROFT_PRICE_SECOND] = 1;
    t.price_max = 1;
    chain_add_take(&t, NODE, 0, 1);
    begin(&c);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    u64 owner = credits(&c, OWNER);
    struct chain_voucher v = chain_voucher_next(&c, BUYER, ORDER, 1);
    chain_must(&c, chain_settle(&c, NODE, &v));
    chain_next(&c, 3599);
    v = chain_voucher_next(&c, BUYER, ORDER, 1);
    chain_must(&c, chain_settle(&c, NODE, &v));
    assert_int_equal(credits(&c, OWNER), owner); /* not a whole unit yet */
    chain_next(&c, 1);
    v = chain_voucher_next(&c, BUYER, ORDER, 1);
    chain_must(&c, chain_settle(&c, NODE, &v));
    assert_int_equal(credits(&c, OWNER), owner + 1);
    done(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_offers),
        cmocka_unit_test(test_an_auction_without_bids),
        cmocka_unit_test(test_highest_price_by_the_second),
        cmocka_unit_test(test_counts_beyond_the_types),
        cmocka_unit_test(test_a_price_of_one_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
