/* Goal: a network with CROFT mints, burns and converts by docs/spec/market.md, and one without has none of it.
 * Method: each refusal on its edge, in the order of the specification; epochs whose answers were worked out over
 * rational numbers; medians and hours against slow models; what always holds after each block. */
#include "ledger/token_test_int.h"

enum { HOLDER = 4, BUYER = 5, PROVIDER = 6, OTHER = 7, EPOCH_S = 86400, STALE_S = 7200, HOUR_S = 3600 };
#define PRICE (2 * TOKEN_ONE)

/* A block is open; fees that come in are those the test injects. */
static void token_network(struct chain *c)
{
    chain_open(c);
    chain_start(c, token_genesis(c));
    chain_begin(c, 1);
}

static void done(struct chain *c)
{
    token_check(c);
    chain_end(c);
    chain_stop(c);
}

/* Moves time in steps that keep the price alive. */
static void keep_price(struct chain *c, u64 price, u64 until_s)
{
    token_report_all(c, price);
    while (c->now_s < until_s) {
        u64 left_s = until_s - c->now_s;
        token_next(c, left_s < STALE_S ? left_s : STALE_S);
        token_report_all(c, price);
    }
}

/* To just after the end of the epoch; the last report is a second before. */
static void end_epoch(struct chain *c, u64 price)
{
    keep_price(c, price, croft_ledger_next_due_s(c->l) - 1);
    token_next(c, 1);
}

/* ---- networks ---- */

static void test_network_without_token(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = chain_market_genesis(&c, false);
    chain_param(&c, g, CROFT_PARAM_DEPOSIT_RECORD, 0);
    chain_start(&c, g);
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_oracle_report(&c, HOLDER, 0)), CROFT_ERR_OP_TOKEN);
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, 1, 0)), CROFT_ERR_OP_TOKEN);
    assert_int_equal(chain_do(&c, chain_claim_reward(&c, HOLDER, true)), CROFT_ERR_OP_TOKEN);
    token_order_open(&c, BUYER, 1, 1);
    assert_int_equal(token_convert(&c, BUYER, 1, TOKEN_ONE), CROFT_ERR_OP_TOKEN);
    token_fee(&c, BUYER, PROVIDER, 1000);
    struct croft_provider_record p = chain_provider(&c, PROVIDER);
    assert_int_equal(croft_amt_units(p.fees_total), 1000);
    assert_int_equal(croft_amt_units(p.fees_epoch), 0);
    chain_next(&c, 3 * EPOCH_S);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_EPOCH), 0);
    for (u32 t = CROFT_TABLE_TOKEN; t <= CROFT_TABLE_EPOCHS; t++)
        assert_int_equal(croft_state_count(c.l->state, t), 0);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_ISSUERS), 1);
    chain_end(&c);
    chain_stop(&c);
}

static void expect_begun(const struct chain *c, u64 begun_s)
{
    struct croft_token_record t = token_of(c);
    assert_int_equal(t.epoch, 1);
    assert_int_equal(t.due_s, begun_s + EPOCH_S);
    assert_int_equal(croft_amt_units(t.emission), chain_param_of(c, CROFT_PARAM_EMISSION_EPOCH));
    assert_false(t.valid);
    token_check(c);
}

static void test_begins_with_protocol_2(void **unused)
{
    (void)unused;
    struct chain c;
    chain_market_open(&c, true);
    expect_begun(&c, CHAIN_START_S);
    chain_stop(&c);

    chain_make(&c); /* protocol 1 */
    chain_begin(&c, 5);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_TOKEN), 0);
    assert_int_equal(chain_pass(&c, chain_propose_protocol(&c, 1, 1, 2, croft_ledger_height(c.l) + 3)), CROFT_OK);
    chain_next(&c, 5);
    assert_int_equal(chain_do(&c, chain_oracle_report(&c, 1, PRICE)), CROFT_ERR_TX_PROTOCOL);
    chain_next(&c, 5);
    expect_begun(&c, c.now_s);
    chain_must(&c, chain_oracle_report(&c, 1, PRICE));
    done(&c);
}

/* ---- reports ---- */

static void test_report_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    assert_int_equal(chain_do(&c, chain_oracle_report(&c, HOLDER, 0)), CROFT_ERR_OP_VALIDATOR);
    assert_int_equal(chain_do(&c, chain_oracle_report(&c, 1, 0)), CROFT_ERR_OP_PRICE);
    assert_int_equal(chain_do(&c, chain_oracle_report(&c, 1, UINT64_C(1) << 50)), CROFT_ERR_OP_PRICE);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_REPORTS), 0);
    chain_must(&c, chain_oracle_report(&c, 1, 1));
    chain_must(&c, chain_oracle_report(&c, 1, (UINT64_C(1) << 50) - 1));
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_REPORTS), 1);
    done(&c);
}

/* Two of three are not more than two thirds, and a report counts for all power of its operator. */
static void test_power_of_reports(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = token_genesis(&c);
    chain_validator(&c, g, CHAIN_KEY_VALIDATOR + 50, 3, 1); /* operator 3: 10 and 1 of 31 */
    chain_start(&c, g);
    chain_begin(&c, 1);
    chain_must(&c, chain_oracle_report(&c, 1, 1000));
    chain_must(&c, chain_oracle_report(&c, 2, 1010));
    assert_false(token_of(&c).valid); /* 20 of 31 */
    chain_must(&c, chain_oracle_report(&c, 3, 1020));
    assert_true(token_of(&c).valid);
    assert_int_equal(token_of(&c).median, 1010);

    /* Operator 3 gets the power to decide alone, and loses it again. */
    Croft__V1__TxBody *raise = chain_propose_validator(&c, 1, 1, CHAIN_KEY_VALIDATOR + 50, 3, 11);
    assert_int_equal(chain_pass(&c, raise), CROFT_OK);
    chain_must(&c, chain_oracle_report(&c, 1, 1000));
    assert_int_equal(token_of(&c).median, 1020);
    Croft__V1__TxBody *out = chain_propose_validator(&c, 1, 2, CHAIN_KEY_VALIDATOR + 50, 3, 0);
    assert_int_equal(chain_pass(&c, out), CROFT_OK);
    chain_must(&c, chain_oracle_report(&c, 1, 1000));
    assert_int_equal(token_of(&c).median, 1010);
    done(&c);
}

static void test_former_operators_do_not_count(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_report_all(&c, 1000);
    Croft__V1__TxBody *change = chain_propose_validator(&c, 1, 1, CHAIN_KEY_VALIDATOR + 2, HOLDER, 10);
    assert_int_equal(chain_pass(&c, change), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_oracle_report(&c, 3, 1000)), CROFT_ERR_OP_VALIDATOR);
    chain_must(&c, chain_oracle_report(&c, 1, 1000));
    assert_false(token_of(&c).valid);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_REPORTS), 3);
    chain_must(&c, chain_oracle_report(&c, HOLDER, 1000));
    assert_true(token_of(&c).valid);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_REPORTS), 3);
    assert_false(chain_has_record(&c, CROFT_TABLE_REPORTS, c.actor[3].address.b));
    done(&c);
}

enum { REPORTERS = 8, SPREAD_DEN = 20 };

struct reporters {
    u64 power[REPORTERS], honest_low, honest_high;
    u32 liars; /* the first ones */
};

static void reporters_network(struct chain *c, struct reporters *r, struct croft_rng *rng)
{
    u64 all = 0, lying = 0;
    chain_open(c);
    Croft__V1__Genesis *g = token_genesis(c);
    g->n_validators = 0;
    for (u32 i = 0; i < REPORTERS; i++) {
        all += r->power[i] = 1 + croft_rng_below(rng, 50);
        chain_validator(c, g, CHAIN_KEY_VALIDATOR + i, i, r->power[i]);
    }
    for (r->liars = 0; (lying + r->power[r->liars]) * 3 < all; r->liars++)
        lying += r->power[r->liars];
    chain_start(c, g);
    chain_begin(c, 1);
}

/* Less than a third of the power lies as it likes, in any order and more than once: a price is one that the honest
 * could have given, or there is none. */
static void test_liars_stay_within_the_honest(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    u32 prices = 0, shut = 0;
    for (int i = 0; i < 20; i++) {
        struct chain c;
        struct reporters r = {.honest_low = UINT64_MAX};
        reporters_network(&c, &r, &rng);
        for (u32 n = r.liars; n < REPORTERS; n++) {
            u64 price = 1000000 + croft_rng_below(&rng, 20000);
            r.honest_low = price < r.honest_low ? price : r.honest_low;
            r.honest_high = price > r.honest_high ? price : r.honest_high;
            chain_must(&c, chain_oracle_report(&c, n, price));
        }
        for (u32 k = 0; k < 3 * r.liars; k++) {
            u64 lie = 1 + croft_rng_below(&rng, croft_rng_chance(&rng, 2) ? 1000000 : 9999999);
            chain_must(&c, chain_oracle_report(&c, (u32)croft_rng_below(&rng, r.liars), lie));
            struct croft_token_record t = token_of(&c);
            prices += t.valid;
            shut += !t.valid;
            assert_true(!t.valid || (t.median >= r.honest_low && t.median <= r.honest_high));
            assert_true(t.low24 >= r.honest_low && t.high24 <= r.honest_high);
        }
        chain_end(&c);
        chain_stop(&c);
    }
    assert_true(prices > 10 && shut > 10);
}

static void test_spread_shuts_it(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_report_all(&c, 1000);
    chain_must(&c, chain_oracle_report(&c, 1, 1050));
    assert_true(token_of(&c).valid); /* 5 % of 1000 */
    chain_must(&c, chain_oracle_report(&c, 1, 1051));
    assert_false(token_of(&c).valid);
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, TOKEN_ONE, 0)), CROFT_ERR_OP_ORACLE);
    chain_must(&c, chain_oracle_report(&c, 1, 950));
    assert_true(token_of(&c).valid);
    done(&c);
}

static void test_stale_reports(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_fee(&c, BUYER, PROVIDER, 1000 * TOKEN_ONE);
    token_report_all(&c, PRICE);
    token_next(&c, STALE_S);
    chain_must(&c, chain_buyback(&c, HOLDER, TOKEN_ONE, 0));
    token_next(&c, 1);
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, TOKEN_ONE, 0)), CROFT_ERR_OP_ORACLE);
    chain_must(&c, chain_oracle_report(&c, 1, PRICE)); /* alone, that is no price */
    assert_false(token_of(&c).valid);
    chain_must(&c, chain_oracle_report(&c, 2, PRICE));
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, TOKEN_ONE, 0)), CROFT_ERR_OP_ORACLE);
    chain_must(&c, chain_oracle_report(&c, 3, PRICE));
    chain_must(&c, chain_buyback(&c, HOLDER, TOKEN_ONE, 0));
    done(&c);
}

/* ---- hours, against a list of all medians ---- */

struct medians {
    u64 at_s[400], price[400];
    u32 count;
};

/* Of the last 24 hours, the newest among them; in one without a median the last one goes on. */
static void extremes_of_list(const struct medians *m, u64 *low, u64 *high)
{
    u64 newest = m->at_s[m->count - 1] / HOUR_S, first = m->at_s[0] / HOUR_S;
    u64 hour = newest > first + 23 ? newest - 23 : first;
    *low = UINT64_MAX;
    *high = 0;
    for (; hour <= newest; hour++) {
        bool any = false;
        u64 last = 0;
        for (u32 i = 0; i < m->count && m->at_s[i] / HOUR_S <= hour; i++) {
            bool here = m->at_s[i] / HOUR_S == hour;
            last = m->price[i];
            any |= here;
            *low = here && last < *low ? last : *low;
            *high = here && last > *high ? last : *high;
        }
        *low = !any && last < *low ? last : *low;
        *high = !any && last > *high ? last : *high;
    }
}

static void test_extremes_of_a_day(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    struct medians m = {.count = 0};
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = token_genesis(&c);
    g->n_validators = 1;
    chain_start(&c, g);
    chain_begin(&c, 1);
    for (int i = 0; i < 300; i++) {
        u64 low, high, most_s = croft_rng_chance(&rng, 20) ? 40 * HOUR_S : 2 * HOUR_S;
        m.price[m.count] = 1 + croft_rng_below(&rng, 1000);
        m.at_s[m.count] = c.now_s;
        chain_must(&c, chain_oracle_report(&c, 1, m.price[m.count++]));
        extremes_of_list(&m, &low, &high);
        assert_int_equal(token_of(&c).low24, low);
        assert_int_equal(token_of(&c).high24, high);
        if (croft_rng_chance(&rng, 2))
            token_next(&c, croft_rng_below(&rng, most_s));
    }
    done(&c);
}

/* ---- buyback ---- */

static void test_buyback(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, 0, 0)), CROFT_ERR_TX_RANGE);
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, TOKEN_ONE, UINT64_MAX)), CROFT_ERR_OP_ORACLE);
    token_report_all(&c, 1999999999);
    token_fee(&c, BUYER, PROVIDER, 10000000);
    /* 3 units are worth 5, of which 99 % are 4. */
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, 3, 5)), CROFT_ERR_OP_PRICE);
    u64 before = chain_balance(&c, HOLDER, CROFT_ASSET_CREDIT), croft = chain_balance(&c, HOLDER, CROFT_ASSET_CROFT);
    chain_must(&c, chain_buyback(&c, HOLDER, 3, 4));
    assert_int_equal(c.receipt.value, 4);
    assert_int_equal(chain_balance(&c, HOLDER, CROFT_ASSET_CREDIT), before + 4);
    assert_int_equal(chain_balance(&c, HOLDER, CROFT_ASSET_CROFT), croft - 3);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT), 10000000 - 4);
    assert_int_equal(croft_amt_units(token_of(&c).burnt), 3);
    done(&c);
}

static void test_buyback_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_report_all(&c, 1000000);
    token_fee(&c, BUYER, PROVIDER, 10000);
    /* 1,000 units are worth one credit unit, of which 99 % are none. */
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, 1000, 0)), CROFT_ERR_OP_PRICE);
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, UINT64_MAX, 1)), CROFT_ERR_OP_POOL);
    /* 10,102,000 are worth 10,102: 99 % of it are 10,000. */
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, 10103000, 0)), CROFT_ERR_OP_POOL);
    chain_must(&c, chain_transfer(&c, HOLDER, OTHER, CROFT_ASSET_CROFT, CHAIN_CROFT - 10101999));
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, 10102000, 10000)), CROFT_ERR_OP_FUNDS);
    chain_must(&c, chain_transfer(&c, OTHER, HOLDER, CROFT_ASSET_CROFT, 1));
    chain_must(&c, chain_buyback(&c, HOLDER, 10102000, 10000));
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT), 0);

    /* A price at which the worth does not fit 64 bits. */
    token_report_all(&c, (UINT64_C(1) << 50) - 1);
    assert_int_equal(chain_do(&c, chain_buyback(&c, OTHER, CHAIN_CROFT * 1000, UINT64_MAX)), CROFT_ERR_OP_POOL);
    done(&c);
}

/* A key's cap of the day holds for CROFT that is sold or converted. */
static void test_caps_of_keys(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    c.actor[HOLDER].set->keys[0]->cap_token = 100;
    chain_set_actor(&c, HOLDER, c.actor[HOLDER].set);
    chain_start(&c, token_genesis(&c));
    chain_begin(&c, 1);
    token_report_all(&c, TOKEN_ONE);
    token_fee(&c, BUYER, PROVIDER, 1000);
    token_order_open(&c, HOLDER, 1, 1);
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, 101, 0)), CROFT_ERR_OP_CAP);
    assert_int_equal(token_convert(&c, HOLDER, 1, 101), CROFT_ERR_OP_CAP);
    chain_must(&c, chain_buyback(&c, HOLDER, 60, 0));
    assert_int_equal(token_convert(&c, HOLDER, 1, 41), CROFT_ERR_OP_CAP);
    assert_int_equal(token_convert(&c, HOLDER, 1, 40), CROFT_OK);
    done(&c);
}

/* What is owed for converted CROFT is not the pool's to give. */
static void test_buyback_leaves_the_debt(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_report_all(&c, TOKEN_ONE);
    token_order_open(&c, BUYER, 1, 1);
    assert_int_equal(token_convert(&c, BUYER, 1, 60), CROFT_OK);
    token_fee(&c, BUYER, PROVIDER, 159);
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, 102, 100)), CROFT_ERR_OP_POOL);
    token_fee(&c, BUYER, PROVIDER, 1);
    chain_must(&c, chain_buyback(&c, HOLDER, 102, 100));
    assert_int_equal(chain_do(&c, chain_buyback(&c, HOLDER, 102, 0)), CROFT_ERR_OP_POOL);
    done(&c);
}

/* ---- epochs with answers known from rational numbers ---- */

struct known_epoch {
    u64 emission, fees[2], kappa, price;
    u64 index, reward[2], next; /* of the next epoch: the emission */
};

static const struct known_epoch known[] = {
    {50000000000000, {75000000000, 25000000000}, 800000, 2000000000, /* kappa binds */
     1717986918, {29999999993, 9999999997}, 49990500000000},
    {1000000000, {75000000000, 25000000000}, 800000, 2000000000, /* the emission binds */
     42949672, {749999983, 249999994}, 999810000},
    {50000000000000, {75000000000, 25000000000}, 800000, 3000000000,
     1145324612, {19999999995, 6666666665}, 49990500000000},
    {7, {1, 2}, 990000, 1000000000, 4252017623, {0, 1}, 6},
    {12345678901, {98765432108, 1}, 500000, 123456789, 536870907, {12345678898, 0}, 12343333222},
    {50000000000000, {0, 0}, 800000, 2000000000, 0, {0, 0}, 49990500000000},
    {0, {75000000000, 25000000000}, 800000, 2000000000, 0, {0, 0}, 0},
};

static void known_network(struct chain *c, const struct known_epoch *k)
{
    chain_open(c);
    Croft__V1__Genesis *g = token_genesis(c);
    chain_param(c, g, CROFT_PARAM_EMISSION_EPOCH, k->emission);
    chain_param(c, g, CROFT_PARAM_KAPPA_PPM, k->kappa);
    chain_start(c, g);
    chain_begin(c, 1);
}

static void expect_reward(struct chain *c, u32 owner, u64 reward)
{
    u64 before = chain_balance(c, owner, CROFT_ASSET_CROFT);
    assert_int_equal(chain_do(c, chain_claim_reward(c, owner, false)), reward == 0 ? CROFT_ERR_OP_AMOUNT : CROFT_OK);
    assert_int_equal(chain_balance(c, owner, CROFT_ASSET_CROFT), before + reward);
    assert_int_equal(chain_do(c, chain_claim_reward(c, owner, false)), CROFT_ERR_OP_AMOUNT);
}

static void test_known_epochs(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < CROFT_COUNT(known); i++) {
        const struct known_epoch *k = &known[i];
        struct chain c;
        struct croft_epoch_record e;
        known_network(&c, k);
        token_fee(&c, BUYER, PROVIDER, k->fees[0]);
        token_fee(&c, BUYER, OTHER, k->fees[1]);
        end_epoch(&c, k->price);
        assert_true(token_epoch(&c, 1, &e));
        assert_int_equal(e.price, k->price);
        assert_int_equal(e.index, k->index);
        assert_int_equal(croft_amt_units(e.fees), k->fees[0] + k->fees[1]);
        assert_int_equal(croft_amt_units(e.emission), k->emission);
        assert_int_equal(croft_amt_units(token_of(&c).emission), k->next);
        assert_int_equal(token_of(&c).epoch, 2);
        expect_reward(&c, PROVIDER, k->reward[0]);
        expect_reward(&c, OTHER, k->reward[1]);
        done(&c);
    }
}

/* A price that was higher within the day is what rewards are counted at. */
static void test_epoch_takes_the_high_of_the_day(void **unused)
{
    (void)unused;
    struct chain c;
    struct croft_epoch_record e;
    token_network(&c);
    token_fee(&c, BUYER, PROVIDER, TOKEN_ONE);
    keep_price(&c, PRICE, c.now_s + 20 * HOUR_S);
    token_report_all(&c, 3 * TOKEN_ONE);
    end_epoch(&c, PRICE);
    assert_true(token_epoch(&c, 1, &e));
    assert_int_equal(e.price, 3 * TOKEN_ONE);
    done(&c);
}

/* The last report may be as old as any that counts, and not a second older. */
static void test_epoch_without_price_mints_nothing(void **unused)
{
    (void)unused;
    for (u64 late_s = 0; late_s < 2; late_s++) {
        struct chain c;
        struct croft_epoch_record e;
        token_network(&c);
        token_fee(&c, BUYER, PROVIDER, TOKEN_ONE);
        token_next(&c, token_of(&c).due_s - STALE_S - late_s - c.now_s);
        token_report_all(&c, PRICE);
        token_next(&c, STALE_S + late_s + 10);
        assert_true(token_epoch(&c, 1, &e));
        assert_int_equal(e.price, late_s == 0 ? PRICE : 0);
        assert_int_equal(chain_do(&c, chain_claim_reward(&c, PROVIDER, true)),
                         late_s == 0 ? CROFT_OK : CROFT_ERR_OP_AMOUNT);
        done(&c);
    }
}

/* Fees are written in place: a failed transaction takes them back, whatever else it did to the record. */
static void test_fees_are_taken_back(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_fee(&c, BUYER, PROVIDER, 7);
    struct croft_hash before = chain_digest(&c);
    croft_mark mark = croft_state_mark(c.l->state);
    token_fee(&c, BUYER, PROVIDER, 1000);
    token_fee(&c, BUYER, OTHER, 1000);
    croft_due_token(c.l, 0, token_of(&c).due_s);
    token_fee(&c, BUYER, OTHER, 1000);
    assert_int_equal(croft_amt_units(token_of(&c).epoch_fees), 1000);
    croft_state_rollback(c.l->state, mark);
    struct croft_hash after = chain_digest(&c);
    assert_true(croft_hash_equal(&before, &after));
    assert_int_equal(croft_amt_units(token_of(&c).epoch_fees), 7);
    assert_int_equal(croft_ledger_next_due_s(c.l), CHAIN_START_S + EPOCH_S);
    done(&c);
}

/* ---- epochs in which no block was made ---- */

static void test_many_epochs_at_once(void **unused)
{
    (void)unused;
    struct chain c;
    struct croft_epoch_record e;
    u64 emission = known[0].emission;
    token_network(&c);
    token_fee(&c, BUYER, PROVIDER, 75000000000);
    token_fee(&c, BUYER, OTHER, 25000000000);
    keep_price(&c, PRICE, token_of(&c).due_s - 1);
    u64 due_s = token_of(&c).due_s;
    token_next(&c, 5 * EPOCH_S);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_EPOCH), 5);
    for (u32 epoch = 1; epoch <= 5; epoch++) {
        assert_true(token_epoch(&c, epoch, &e));
        assert_int_equal(croft_amt_units(e.emission), emission);
        assert_int_equal(e.index, epoch == 1 ? known[0].index : 0);
        emission = (u64)((u128)emission * 999810 / 1000000);
    }
    assert_int_equal(token_of(&c).due_s, due_s + 5 * EPOCH_S);
    assert_int_equal(croft_amt_units(token_of(&c).emission), emission);
    expect_reward(&c, PROVIDER, known[0].reward[0]);
    token_fee(&c, BUYER, OTHER, 25000000000); /* touched five epochs later, by a payment */
    expect_reward(&c, OTHER, known[0].reward[1]);
    done(&c);
}

/* More than one block may handle: the rest follows, and fees of meanwhile go to the epoch it is by the record. */
static void test_backlog_of_epochs(void **unused)
{
    (void)unused;
    struct chain c;
    struct croft_epoch_record e;
    chain_open(&c);
    Croft__V1__Genesis *g = token_genesis(&c);
    chain_param(&c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, 2);
    chain_start(&c, g);
    chain_begin(&c, 1);
    token_next(&c, 5 * EPOCH_S);
    assert_int_equal(token_of(&c).epoch, 3);
    token_report_all(&c, PRICE);
    token_fee(&c, BUYER, PROVIDER, TOKEN_ONE);
    token_next(&c, 1);
    assert_int_equal(token_of(&c).epoch, 5);
    token_next(&c, 0);
    assert_int_equal(token_of(&c).epoch, 6);
    assert_true(token_epoch(&c, 3, &e));
    assert_int_equal(croft_amt_units(e.fees), TOKEN_ONE);
    assert_int_equal(e.price, PRICE);
    expect_reward(&c, PROVIDER, TOKEN_ONE * 4 / 10 - 1); /* kappa x fee / price, rounded down twice */
    token_next(&c, 0);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_EPOCH), 0);
    done(&c);
}

/* The table is a ring: the oldest epoch goes, with what nobody claimed of it. */
static void test_oldest_epochs_go(void **unused)
{
    (void)unused;
    enum { KEPT = 65536, SHORTEST_S = 600 };
    struct chain c;
    struct croft_epoch_record e;
    chain_open(&c);
    Croft__V1__Genesis *g = token_genesis(&c);
    chain_param(&c, g, CROFT_PARAM_EPOCH_S, SHORTEST_S);
    chain_start(&c, g);
    chain_begin(&c, 1);
    token_report_all(&c, PRICE);
    token_fee(&c, BUYER, PROVIDER, TOKEN_ONE);
    token_fee(&c, BUYER, OTHER, TOKEN_ONE);
    token_next(&c, (u64)KEPT * SHORTEST_S);
    while (token_of(&c).epoch <= KEPT) {
        croft_ledger_block_end(c.l, &c.end); /* without an audit of all that there is */
        croft_ledger_block_accept(c.l);
        chain_begin(&c, 0);
    }
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_EPOCHS), KEPT);
    assert_true(token_epoch(&c, 1, &e) && e.index != 0);
    chain_must(&c, chain_claim_reward(&c, PROVIDER, false));
    croft_ledger_block_end(c.l, &c.end);
    croft_ledger_block_accept(c.l);
    chain_begin(&c, SHORTEST_S);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_EPOCHS), KEPT);
    assert_false(token_epoch(&c, 1, &e));
    assert_true(token_epoch(&c, KEPT + 1, &e));
    assert_int_equal(chain_do(&c, chain_claim_reward(&c, OTHER, false)), CROFT_ERR_OP_AMOUNT);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- rewards ---- */

static void test_claim_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    assert_int_equal(chain_do(&c, chain_claim_reward(&c, HOLDER, false)), CROFT_ERR_OP_NOT_FOUND);
    token_fee(&c, BUYER, PROVIDER, TOKEN_ONE);
    assert_int_equal(chain_do(&c, chain_claim_reward(&c, PROVIDER, false)), CROFT_ERR_OP_AMOUNT); /* not over yet */
    end_epoch(&c, PRICE);
    chain_must(&c, chain_claim_reward(&c, PROVIDER, false));
    assert_int_equal(c.receipt.value, 399999999);
    assert_int_equal(chain_do(&c, chain_claim_reward(&c, PROVIDER, false)), CROFT_ERR_OP_AMOUNT);
    done(&c);
}

/* Rewards are real CROFT: outstanding grows by them. */
static void test_claim_is_issued(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_fee(&c, BUYER, PROVIDER, TOKEN_ONE);
    end_epoch(&c, PRICE);
    u64 before = croft_amt_units(croft_ledger_chain(c.l).outstanding[CROFT_ASSET_CROFT]);
    chain_must(&c, chain_claim_reward(&c, PROVIDER, false));
    assert_int_equal(croft_amt_units(croft_ledger_chain(c.l).outstanding[CROFT_ASSET_CROFT]), before + 399999999);
    assert_int_equal(croft_amt_units(token_of(&c).minted), 399999999);
    done(&c);
}

/* sell: all of it, as much as the pool can pay for, or nothing when it is empty or there is no price. */
static void test_claim_and_sell(void **unused)
{
    (void)unused;
    enum { ALL, PART, EMPTY, NO_PRICE, CASES };
    static const u64 left[CASES] = {TOKEN_ONE, 100000000, 0, TOKEN_ONE};
    /* floor(floor(399999999 x 2) x 0.99); 50505050 units are worth 101010100, of which 99 % are 99999999. */
    static const u64 sold[CASES] = {399999999, 50505050, 0, 0}, got[CASES] = {791999998, 99999999, 0, 0};
    for (int i = 0; i < CASES; i++) {
        struct chain c;
        token_network(&c);
        token_fee(&c, BUYER, PROVIDER, TOKEN_ONE);
        end_epoch(&c, PRICE);
        croft_system_debit(c.l, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT, croft_amt_of(TOKEN_ONE - left[i]));
        croft_credit(c.l, croft_account_find(c.l, &c.actor[BUYER].address), CROFT_ASSET_CREDIT,
                     croft_amt_of(TOKEN_ONE - left[i]));
        if (i == NO_PRICE)
            token_next(&c, STALE_S + 1);
        u64 credits = chain_balance(&c, PROVIDER, CROFT_ASSET_CREDIT);
        u64 croft = chain_balance(&c, PROVIDER, CROFT_ASSET_CROFT);
        chain_must(&c, chain_claim_reward(&c, PROVIDER, true));
        assert_int_equal(c.receipt.value, 399999999);
        assert_int_equal(chain_balance(&c, PROVIDER, CROFT_ASSET_CROFT), croft + 399999999 - sold[i]);
        assert_int_equal(chain_balance(&c, PROVIDER, CROFT_ASSET_CREDIT), credits + got[i]);
        assert_int_equal(croft_amt_units(token_of(&c).burnt), sold[i]);
        done(&c);
    }
}

/* Whatever is in the pool: never more than it, and hardly less. */
static void test_sale_goes_as_far_as_the_pool(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    struct chain c;
    token_network(&c);
    token_report_all(&c, PRICE);
    for (int i = 0; i < 300; i++) {
        u64 reward = 1 + croft_rng_below(&rng, UINT64_C(1) << croft_rng_below(&rng, 40));
        u64 pool = croft_rng_below(&rng, UINT64_C(1) << croft_rng_below(&rng, 40));
        u64 price = 1 + croft_rng_below(&rng, 4 * PRICE);
        u64 has = chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT);
        u32 buyer = croft_account_find(c.l, &c.actor[BUYER].address);
        croft_system_debit(c.l, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT, croft_amt_of(has));
        croft_credit(c.l, buyer, CROFT_ASSET_CREDIT, croft_amt_of(has));
        croft_debit(c.l, buyer, CROFT_ASSET_CREDIT, croft_amt_of(pool));
        croft_system_credit(c.l, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT, croft_amt_of(pool));
        struct croft_provider p = token_provider(&c, PROVIDER);
        p.r.reward = croft_amt_of(reward);
        croft_provider_store(c.l, &p);
        token_report_all(&c, price);
        u64 before = chain_balance(&c, PROVIDER, CROFT_ASSET_CREDIT);
        u64 burnt = croft_amt_units(token_of(&c).burnt);
        chain_must(&c, chain_claim_reward(&c, PROVIDER, true));
        u64 got = chain_balance(&c, PROVIDER, CROFT_ASSET_CREDIT) - before;
        u64 sold = croft_amt_units(token_of(&c).burnt) - burnt, worth = (u64)((u128)sold * price / TOKEN_ONE);
        assert_true(got <= pool && sold <= reward && got == worth * 99 / 100);
        /* The rest of the pool is less than one more unit is worth, and rounding; what is worth nothing stays. */
        bool worthless = (u64)((u128)reward * price / TOKEN_ONE) * 99 / 100 == 0;
        assert_true(worthless ? sold == 0 : sold == reward || pool - got <= price / TOKEN_ONE + 2);
    }
    chain_end(&c);
    chain_stop(&c);
}

/* ---- conversion ---- */

static void test_convert_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = token_genesis(&c);
    chain_param(&c, g, CROFT_PARAM_CONVERT_DAY_MAX, 1000);
    chain_param(&c, g, CROFT_PARAM_CONVERT_DEBT_MAX, 1500);
    chain_start(&c, g);
    chain_begin(&c, CROFT_SECONDS_PER_DAY - CHAIN_START_S % CROFT_SECONDS_PER_DAY); /* a day begins */
    token_order_open(&c, BUYER, 1, 1);
    Croft__V1__TxBody *gift = chain_order_fund(&c, OTHER, BUYER, 1, 0, CROFT_ASSET_CROFT, 1);
    assert_int_equal(chain_do(&c, gift), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(token_convert(&c, BUYER, 1, UINT64_MAX), CROFT_ERR_OP_ORACLE);
    token_report_all(&c, TOKEN_ONE / 2);
    assert_int_equal(token_convert(&c, BUYER, 1, 1), CROFT_ERR_OP_PRICE); /* for half a unit there is nothing */
    assert_int_equal(token_convert(&c, BUYER, 1, 2002), CROFT_ERR_OP_DAY_CAP);
    assert_int_equal(token_convert(&c, BUYER, 1, UINT64_MAX), CROFT_ERR_OP_DAY_CAP);
    assert_int_equal(token_convert(&c, BUYER, 1, 2001), CROFT_OK);
    assert_int_equal(croft_amt_units(token_of(&c).converted), 1000);
    assert_int_equal(token_convert(&c, BUYER, 1, 2), CROFT_ERR_OP_DAY_CAP);
    token_next(&c, CROFT_SECONDS_PER_DAY - 1); /* the day's last second */
    token_report_all(&c, TOKEN_ONE / 2);
    assert_int_equal(token_convert(&c, BUYER, 1, 2), CROFT_ERR_OP_DAY_CAP);
    token_next(&c, 1);
    assert_int_equal(token_convert(&c, BUYER, 1, 1002), CROFT_ERR_OP_DAY_CAP); /* 500 are left in all */
    assert_int_equal(token_convert(&c, BUYER, 1, 1000), CROFT_OK);
    assert_int_equal(token_convert(&c, BUYER, 1, 2), CROFT_ERR_OP_DAY_CAP);
    done(&c);
}

static void test_convert_needs_the_croft(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_report_all(&c, 1000000);
    token_order_open(&c, BUYER, 1, 1);
    assert_int_equal(token_convert(&c, BUYER, 1, CHAIN_CROFT + 1), CROFT_ERR_OP_FUNDS);
    assert_int_equal(token_convert(&c, BUYER, 1, CHAIN_CROFT), CROFT_OK);
    assert_int_equal(chain_balance(&c, BUYER, CROFT_ASSET_CROFT), 0);
    done(&c);
}

/* At the low of the day; what is spent burns its CROFT, what is not gives it back. */
static void test_convert_spend_close(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_report_all(&c, PRICE / 2);
    token_next(&c, HOUR_S);
    token_report_all(&c, PRICE);
    token_order_open(&c, BUYER, 1, 500);
    assert_int_equal(token_convert(&c, BUYER, 1, 1001), CROFT_OK);
    struct croft_order_record r = chain_order(&c, BUYER, 1);
    assert_int_equal(croft_amt_units(r.balance), 1501); /* at 1, the low */
    assert_int_equal(croft_amt_units(r.spend_only), 1001);
    assert_int_equal(croft_amt_units(r.croft_held), 1001);
    token_pay(&c, BUYER, 1, PROVIDER, 400);
    assert_int_equal(croft_amt_units(token_of(&c).burnt), 400);
    assert_int_equal(croft_amt_units(token_of(&c).unspent), 601);
    token_next(&c, 1);
    u64 croft = chain_balance(&c, BUYER, CROFT_ASSET_CROFT), credits = chain_balance(&c, BUYER, CROFT_ASSET_CREDIT);
    chain_must(&c, chain_order_close(&c, BUYER, 1));
    assert_int_equal(chain_balance(&c, BUYER, CROFT_ASSET_CROFT), croft + 601);
    assert_int_equal(chain_balance(&c, BUYER, CROFT_ASSET_CREDIT), credits + 500);
    assert_int_equal(croft_amt_units(croft_token_debt(c.l)), 400);
    done(&c);
}

static void test_convert_all_spent(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_report_all(&c, 3 * TOKEN_ONE);
    token_order_open(&c, BUYER, 1, 500);
    assert_int_equal(token_convert(&c, BUYER, 1, 100), CROFT_OK);
    for (int i = 0; i < 3; i++)
        token_pay(&c, BUYER, 1, PROVIDER, 7);
    assert_int_equal(croft_amt_units(token_of(&c).burnt), 9); /* 7 each, rounded up three times */
    token_pay(&c, BUYER, 1, PROVIDER, 779);
    assert_int_equal(croft_amt_units(token_of(&c).burnt), 100);
    struct croft_order_record r = chain_order(&c, BUYER, 1);
    assert_int_equal(croft_amt_units(r.spend_only) + croft_amt_units(r.croft_held) + croft_amt_units(r.balance), 0);
    done(&c);
}

/* Closing at once gives the day back, or anybody could use it up for the others; an older order's is gone with its
 * day. */
static void test_closing_gives_the_day_back(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = token_genesis(&c);
    chain_param(&c, g, CROFT_PARAM_CONVERT_DAY_MAX, 1000);
    chain_start(&c, g);
    chain_begin(&c, CROFT_SECONDS_PER_DAY - CHAIN_START_S % CROFT_SECONDS_PER_DAY);
    token_report_all(&c, TOKEN_ONE);
    token_order_open(&c, BUYER, 1, 1);
    token_order_open(&c, OTHER, 2, 1);
    assert_int_equal(token_convert(&c, BUYER, 1, 1000), CROFT_OK);
    assert_int_equal(token_convert(&c, OTHER, 2, 1), CROFT_ERR_OP_DAY_CAP);
    token_pay(&c, BUYER, 1, PROVIDER, 10);
    chain_must(&c, chain_order_close(&c, BUYER, 1));
    assert_int_equal(token_convert(&c, OTHER, 2, 991), CROFT_ERR_OP_DAY_CAP);
    assert_int_equal(token_convert(&c, OTHER, 2, 990), CROFT_OK);

    token_next(&c, CROFT_SECONDS_PER_DAY);
    token_report_all(&c, TOKEN_ONE);
    token_order_open(&c, BUYER, 3, 1);
    assert_int_equal(token_convert(&c, BUYER, 3, 1000), CROFT_OK);
    chain_must(&c, chain_order_close(&c, OTHER, 2));
    assert_int_equal(token_convert(&c, BUYER, 3, 1), CROFT_ERR_OP_DAY_CAP);
    done(&c);
}

/* Fees pay what was spent of the debt, and never what may still be given back. */
static void test_debt_is_paid_from_fees(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_report_all(&c, TOKEN_ONE);
    token_order_open(&c, BUYER, 1, 1);
    assert_int_equal(token_convert(&c, BUYER, 1, 1000), CROFT_OK);
    token_pay(&c, BUYER, 1, PROVIDER, 500); /* 10 of it are fee */
    end_epoch(&c, TOKEN_ONE);
    assert_int_equal(c.l->due[0].kind, CROFT_DUE_EPOCH);
    assert_int_equal(croft_amt_units(c.l->due[0].amount), 10);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT), 0);
    assert_int_equal(croft_amt_units(croft_token_debt(c.l)), 990);
    token_fee(&c, HOLDER, PROVIDER, 10000);
    end_epoch(&c, TOKEN_ONE);
    assert_int_equal(croft_amt_units(croft_token_debt(c.l)), 500); /* not spent */
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT), 10000 - 490);
    u64 croft = chain_balance(&c, BUYER, CROFT_ASSET_CROFT);
    chain_must(&c, chain_order_close(&c, BUYER, 1));
    assert_int_equal(croft_amt_units(croft_token_debt(c.l)), 0);
    assert_int_equal(chain_balance(&c, BUYER, CROFT_ASSET_CROFT), croft + 500);
    done(&c);
}

/* ---- all together ---- */

enum { NODE = 8, SERVED_S = 500 };

/* Serves, settles and stops a lease of the order. */
static void serve(struct chain *c, u64 id)
{
    chain_must(c, chain_lease_ack(c, NODE, BUYER, id, 1, false));
    token_next(c, SERVED_S);
    struct chain_voucher v = chain_voucher_next(c, BUYER, id, 1);
    chain_must(c, chain_settle(c, NODE, &v));
    chain_must(c, chain_lease_stop(c, NODE, BUYER, id, 1, NULL));
}

/* CROFT pays for a lease: what it costs is burnt, the rest comes back, the fee becomes a reward, and this is sold. */
static void test_from_lease_to_reward(void **unused)
{
    (void)unused;
    struct chain c;
    token_network(&c);
    token_report_all(&c, PRICE);
    chain_node_listed(&c, PROVIDER, NODE);
    struct chain_order terms = chain_order_terms(1);
    chain_add_take(&terms, NODE, 0, CHAIN_PRICE);
    chain_must(&c, chain_order_open(&c, BUYER, &terms));
    assert_int_equal(token_convert(&c, BUYER, 1, 50000000), CROFT_OK); /* 10^8 credits units */
    u64 croft = chain_balance(&c, BUYER, CROFT_ASSET_CROFT);
    serve(&c, 1);
    u64 cost = SERVED_S * CHAIN_PRICE / 3600, fee = cost / 50;
    assert_int_equal(croft_amt_units(chain_provider(&c, PROVIDER).fees_epoch), fee);
    assert_int_equal(croft_amt_units(token_of(&c).burnt), cost / 2);
    chain_must(&c, chain_order_close(&c, BUYER, 1));
    assert_int_equal(chain_balance(&c, BUYER, CROFT_ASSET_CROFT), croft + 50000000 - cost / 2);
    token_fee(&c, HOLDER, OTHER, TOKEN_ONE); /* else the pool has nothing beyond its debt */
    end_epoch(&c, PRICE);
    assert_int_equal(croft_amt_units(croft_token_debt(c.l)), 0);
    u64 reward = fee * 1717986918 >> 32, credits = chain_balance(&c, PROVIDER, CROFT_ASSET_CREDIT);
    chain_must(&c, chain_claim_reward(&c, PROVIDER, true));
    assert_int_equal(c.receipt.value, reward);
    assert_int_equal(chain_balance(&c, PROVIDER, CROFT_ASSET_CREDIT), credits + reward * 2 * 99 / 100);
    done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network_without_token),
        cmocka_unit_test(test_begins_with_protocol_2),
        cmocka_unit_test(test_report_refusals),
        cmocka_unit_test(test_power_of_reports),
        cmocka_unit_test(test_former_operators_do_not_count),
        cmocka_unit_test(test_liars_stay_within_the_honest),
        cmocka_unit_test(test_spread_shuts_it),
        cmocka_unit_test(test_stale_reports),
        cmocka_unit_test(test_extremes_of_a_day),
        cmocka_unit_test(test_buyback),
        cmocka_unit_test(test_buyback_refusals),
        cmocka_unit_test(test_caps_of_keys),
        cmocka_unit_test(test_buyback_leaves_the_debt),
        cmocka_unit_test(test_known_epochs),
        cmocka_unit_test(test_epoch_takes_the_high_of_the_day),
        cmocka_unit_test(test_epoch_without_price_mints_nothing),
        cmocka_unit_test(test_fees_are_taken_back),
        cmocka_unit_test(test_many_epochs_at_once),
        cmocka_unit_test(test_backlog_of_epochs),
        cmocka_unit_test(test_oldest_epochs_go),
        cmocka_unit_test(test_claim_refusals),
        cmocka_unit_test(test_claim_is_issued),
        cmocka_unit_test(test_claim_and_sell),
        cmocka_unit_test(test_sale_goes_as_far_as_the_pool),
        cmocka_unit_test(test_convert_refusals),
        cmocka_unit_test(test_convert_needs_the_croft),
        cmocka_unit_test(test_convert_spend_close),
        cmocka_unit_test(test_convert_all_spent),
        cmocka_unit_test(test_closing_gives_the_day_back),
        cmocka_unit_test(test_debt_is_paid_from_fees),
        cmocka_unit_test(test_from_lease_to_reward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
