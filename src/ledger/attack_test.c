/* Goal: two griefs of docs/economics-of-attack.md that need many hands: renting from itself for standing, and oracle
 * reporters who are all liars.  Method: the attacker does its best; what it gains is counted against the bound. */
#include "ledger/token_test_int.h"

enum { OWNER = 4, NODE = 5, VICTIM = 6, WHALE = 7 };

/* ---- standing ---- */

/* Pays itself amount through a lease by the frame, and is left with what the market fee spares. */
static void rent_from_itself(struct chain *c, u64 id, u64 amount)
{
    struct chain_order t = chain_order_terms(id);
    t.price_kind = CROFT_PRICE_FRAME;
    t.price_max = amount;
    t.units_max = 1;
    t.amount = amount;
    chain_add_take(&t, NODE, 0, amount);
    chain_must(c, chain_order_open(c, OWNER, &t));
    chain_must(c, chain_lease_ack(c, NODE, OWNER, id, 1, false));
    struct chain_voucher v = chain_voucher_next(c, OWNER, id, 1);
    v.units = 1;
    chain_must(c, chain_settle(c, NODE, &v));
    chain_must(c, chain_order_close(c, OWNER, id));
}

/* What a provider may have at risk beyond the base costs it as much in fees, whoever it dealt with. */
static void test_standing_costs_what_it_allows(void **state)
{
    (void)state;
    struct chain c;
    struct chain_offer offer = chain_offer_terms();
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    u64 base = chain_param_of(&c, CROFT_PARAM_EXPOSURE_BASE), amount = base;
    offer.price[CROFT_PRICE_FRAME] = amount;
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    u64 start = chain_balance(&c, OWNER, CROFT_ASSET_CREDIT);
    for (u64 id = 1; id <= 20; id++) {
        rent_from_itself(&c, id, amount);
        chain_next(&c, chain_param_of(&c, CROFT_PARAM_SETTLE_WINDOW_S)); /* its exposure is free again */
        struct croft_provider_record p = chain_provider(&c, OWNER);
        u64 spent = start - chain_balance(&c, OWNER, CROFT_ASSET_CREDIT);
        assert_int_equal(croft_amt_units(p.exposure), 0);
        assert_int_equal(spent, croft_amt_units(p.fees_total));
        assert_int_equal(spent, id * amount / 50);
        assert_true(croft_exposure_fits(c.l, &p, croft_amt_of(base + spent)));
        assert_false(croft_exposure_fits(c.l, &p, croft_amt_of(base + spent + 1)));
    }
    chain_end(&c);
    chain_stop(&c);
}

/* ---- an oracle that lies whole ---- */

static croft_err convert(struct chain *c, u64 order, u64 croft)
{
    return chain_do(c, chain_order_fund(c, WHALE, WHALE, order, 0, CROFT_ASSET_CROFT, croft));
}

/* Every reporter says that one CROFT is worth a fortune: a day gives CONVERT_DAY_MAX credits that can only be spent, and
 * the pool what it holds beyond the debt. */
static void test_liars_get_a_day_and_the_pool(void **state)
{
    (void)state;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = token_genesis(&c);
    u64 day_max = 1000 * TOKEN_ONE, fees = 50 * TOKEN_ONE;
    chain_param(&c, g, CROFT_PARAM_CONVERT_DAY_MAX, day_max);
    chain_start(&c, g);
    chain_begin(&c, CROFT_SECONDS_PER_DAY - CHAIN_START_S % CROFT_SECONDS_PER_DAY);
    token_fee(&c, VICTIM, OWNER, fees);
    struct chain_order t = chain_order_terms(1);
    t.life_s = 10 * (u64)CROFT_SECONDS_PER_DAY;
    t.amount = 1;
    chain_must(&c, chain_order_open(&c, WHALE, &t));
    token_report_all(&c, 1000000 * TOKEN_ONE);
    u64 credits = chain_balance(&c, WHALE, CROFT_ASSET_CREDIT);

    for (u32 day = 1; day <= 3; day++) {
        u64 got = 0;
        for (u64 piece = 1; piece <= 1000000; piece *= 10) /* of a CROFT, largest that fits first */
            while (convert(&c, 1, 1000000 / piece) == CROFT_OK)
                got++;
        assert_true(got > 0);
        struct croft_order_record o = chain_order(&c, WHALE, 1);
        assert_true(croft_amt_units(o.spend_only) <= day * day_max);
        assert_true(croft_amt_units(o.spend_only) + 1000000 > day * day_max);
        chain_end(&c);
        chain_begin(&c, CROFT_SECONDS_PER_DAY);
        token_report_all(&c, 1000000 * TOKEN_ONE);
    }
    assert_int_equal(chain_balance(&c, WHALE, CROFT_ASSET_CREDIT), credits); /* what is converted never comes out as credits */

    /* The debt of three days is more than the pool: nothing is sold. */
    assert_int_equal(chain_do(&c, chain_buyback(&c, WHALE, 1000, 0)), CROFT_ERR_OP_POOL);
    assert_true(chain_balance(&c, WHALE, CROFT_ASSET_CREDIT) <= credits + fees);
    chain_end(&c);
    chain_stop(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standing_costs_what_it_allows),
        cmocka_unit_test(test_liars_get_a_day_and_the_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
