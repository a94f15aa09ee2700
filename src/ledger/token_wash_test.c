/* Goal: dealing with oneself never gains (design section 4; docs/economics-of-attack.md, "rents from itself").
 * Method: a trader who is buyer and provider does what it likes on networks of random fees, emissions, caps and
 * discounts, while the price wanders.  All it has is valued at the median, which is more than it can sell for.  What
 * the value changes by because the price moved is the market's; all else together must be a loss: of every fee paid to
 * itself, and of this a reward gives back kappa at most. */
#include "ledger/token_test_int.h"

typedef __int128 i128;

enum { TRADER = 5, HOLDER = 4, PROVIDER = 6, ORDERS = 3, STEPS = 250, RUNS = 25, PPM = 1000000 };

struct wash {
    struct chain c;
    struct croft_rng rng;
    u64 price, kappa;
    i128 dealt;              /* value in 1e-18 credits that dealing added; never positive */
    u64 own_open, own_total; /* fees paid to itself: in this epoch, in those before */
    u32 epoch;
};

struct counts {
    u64 rewards, converted, bought, sold, washed, kappa_bound, emission_bound;
};

static u64 random_size(struct croft_rng *rng, u32 bits)
{
    return croft_rng_below(rng, UINT64_C(1) << croft_rng_below(rng, bits));
}

/* ---- the network ---- */

static void random_params(struct wash *w, Croft__V1__Genesis *g)
{
    w->kappa = croft_rng_below(&w->rng, 990001);
    chain_param(&w->c, g, CROFT_PARAM_KAPPA_PPM, w->kappa);
    chain_param(&w->c, g, CROFT_PARAM_MARKET_FEE_PPM, croft_rng_below(&w->rng, 200001));
    chain_param(&w->c, g, CROFT_PARAM_EMISSION_EPOCH, random_size(&w->rng, 60));
    chain_param(&w->c, g, CROFT_PARAM_EMISSION_DECAY_PPM, croft_rng_below(&w->rng, 100001));
    chain_param(&w->c, g, CROFT_PARAM_BUYBACK_DISCOUNT_PPM, croft_rng_chance(&w->rng, 2) ? 0 : 10000);
    chain_param(&w->c, g, CROFT_PARAM_CONVERT_DAY_MAX, random_size(&w->rng, 50));
    chain_param(&w->c, g, CROFT_PARAM_CONVERT_DEBT_MAX, random_size(&w->rng, 53));
    chain_param(&w->c, g, CROFT_PARAM_EPOCH_S, 600 + croft_rng_below(&w->rng, 20000));
}

/* Reports are up to 1 % off either way. */
static void report(struct wash *w)
{
    for (u32 n = 1; n <= CHAIN_OPERATORS; n++)
        chain_must(&w->c, chain_oracle_report(&w->c, n, w->price - w->price / 100 +
                                                            croft_rng_below(&w->rng, w->price / 50 + 1)));
}

static void open_network(struct wash *w)
{
    chain_open(&w->c);
    Croft__V1__Genesis *g = token_genesis(&w->c);
    random_params(w, g);
    chain_start(&w->c, g);
    chain_begin(&w->c, 1);
    w->price = 1000000 + random_size(&w->rng, 38);
    w->epoch = 1;
    w->dealt = 0;
    w->own_open = w->own_total = 0;
    report(w);
}

/* ---- what the trader has ---- */

static bool has_order(const struct wash *w, u64 id)
{
    return chain_has_order(&w->c, TRADER, id);
}

/* Converted credits are worth themselves, or the CROFT that comes back for them. */
static i128 value_of_order(const struct croft_order_record *r, u64 median)
{
    i128 converted = (i128)croft_amt_units(r->spend_only) * (i128)TOKEN_ONE;
    i128 held = (i128)croft_amt_units(r->croft_held) * median;
    i128 own = (i128)(croft_amt_units(r->balance) - croft_amt_units(r->spend_only)) * (i128)TOKEN_ONE;
    i128 deposit = (i128)croft_amt_units(r->deposit) * (i128)TOKEN_ONE;
    return deposit + own + (converted > held ? converted : held);
}

static i128 value_at(const struct wash *w, u64 median)
{
    i128 value = (i128)chain_balance(&w->c, TRADER, CROFT_ASSET_CREDIT) * (i128)TOKEN_ONE;
    u64 croft = chain_balance(&w->c, TRADER, CROFT_ASSET_CROFT);
    if (chain_has_provider(&w->c, TRADER)) {
        struct croft_provider_record p = chain_provider(&w->c, TRADER);
        croft_provider_roll(w->c.l, &p);
        croft += croft_amt_units(p.reward);
    }
    for (u64 id = 1; id <= ORDERS; id++)
        if (has_order(w, id)) {
            struct croft_order_record r = chain_order(&w->c, TRADER, id);
            value += value_of_order(&r, median);
        }
    return value + (i128)croft * median;
}

static i128 value_of(const struct wash *w)
{
    return value_at(w, token_of(&w->c).median);
}

/* All that dealing did: every fee to itself is gone, and rewards bring back at most kappa of those of past epochs. */
static void check_loss(const struct wash *w)
{
    i128 lost = (i128)w->own_total * (PPM - (i128)w->kappa) + (i128)w->own_open * PPM;
    assert_true(w->dealt <= 0);
    assert_true(w->dealt * PPM <= -lost * (i128)TOKEN_ONE);
}

/* ---- what it does; none of it gains ---- */

static void fund(struct wash *w, u64 id)
{
    u64 credits = 1 + random_size(&w->rng, 42);
    if (has_order(w, id))
        chain_must(&w->c, chain_order_fund(&w->c, TRADER, TRADER, id, 0, CROFT_ASSET_CREDIT, credits));
    else
        token_order_open(&w->c, TRADER, id, credits);
}

static void convert(struct wash *w, u64 id, struct counts *n)
{
    if (has_order(w, id))
        n->converted += token_convert(&w->c, TRADER, id, 1 + random_size(&w->rng, 40)) == CROFT_OK;
}

static void pay_itself(struct wash *w, u64 id, struct counts *n)
{
    if (!has_order(w, id))
        return;
    struct croft_order_record r = chain_order(&w->c, TRADER, id);
    u64 amount = croft_rng_below(&w->rng, croft_amt_units(r.balance) + 1);
    u64 before = croft_amt_units(token_of(&w->c).epoch_fees);
    token_pay(&w->c, TRADER, id, TRADER, amount);
    w->own_open += croft_amt_units(token_of(&w->c).epoch_fees) - before;
    n->washed += amount != 0;
}

static void buy_back(struct wash *w, struct counts *n)
{
    u64 pool = chain_system(&w->c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT);
    u64 amount = 1 + croft_rng_below(&w->rng, (u64)((u128)pool * TOKEN_ONE / w->price) + 2);
    n->bought += chain_do(&w->c, chain_buyback(&w->c, TRADER, amount, 0)) == CROFT_OK;
}

static void claim(struct wash *w, bool sell, struct counts *n)
{
    u64 burnt = croft_amt_units(token_of(&w->c).burnt);
    if (chain_do(&w->c, chain_claim_reward(&w->c, TRADER, sell)) != CROFT_OK)
        return;
    n->rewards++;
    n->sold += croft_amt_units(token_of(&w->c).burnt) != burnt;
}

static void deal(struct wash *w, struct counts *n)
{
    u64 id = 1 + croft_rng_below(&w->rng, ORDERS);
    switch (croft_rng_below(&w->rng, 8)) {
    case 0:
    case 1:
        fund(w, id);
        return;
    case 2:
        convert(w, id, n);
        return;
    case 3:
        if (has_order(w, id))
            chain_must(&w->c, chain_order_close(&w->c, TRADER, id));
        return;
    case 4:
        buy_back(w, n);
        return;
    case 5:
        claim(w, croft_rng_chance(&w->rng, 2), n);
        return;
    default:
        pay_itself(w, id, n);
    }
}

/* ---- what the others do ---- */

static void others_deal(struct wash *w)
{
    if (croft_rng_chance(&w->rng, 3))
        token_fee(&w->c, HOLDER, PROVIDER, random_size(&w->rng, 40));
    if (croft_rng_chance(&w->rng, 10))
        (void)!chain_do(&w->c, chain_buyback(&w->c, HOLDER, 1 + random_size(&w->rng, 30), 0));
}

static void count_epochs(const struct wash *w, u32 from, struct counts *n)
{
    for (u32 epoch = from; epoch < token_of(&w->c).epoch; epoch++) {
        struct croft_epoch_record e;
        assert_true(token_epoch(&w->c, epoch, &e));
        if (e.index == 0)
            continue;
        bool all = croft_amt_units(croft_epoch_reward(e.fees, e.index)) + 1 >= croft_amt_units(e.emission);
        n->emission_bound += all;
        n->kappa_bound += !all;
    }
}

/* Time goes by at the old price, and what epochs that ended minted is counted at it; then the price moves. */
static void wait(struct wash *w, struct counts *n)
{
    i128 before = value_of(w);
    u64 epoch_s = chain_param_of(&w->c, CROFT_PARAM_EPOCH_S);
    token_next(&w->c, croft_rng_below(&w->rng, croft_rng_chance(&w->rng, 30) ? 5 * epoch_s : epoch_s / 2));
    w->dealt += value_of(w) - before;
    count_epochs(w, w->epoch, n);
    if (token_of(&w->c).epoch != w->epoch) {
        w->own_total += w->own_open;
        w->own_open = 0;
    }
    w->epoch = token_of(&w->c).epoch;
    check_loss(w);
    w->price = w->price * (70 + croft_rng_below(&w->rng, 70)) / 100 + 1000;
    w->price = w->price < UINT64_C(1) << 40 ? w->price : UINT64_C(1) << 40;
    report(w);
}

static void step(struct wash *w, struct counts *n)
{
    others_deal(w);
    for (int i = 0; i < 3; i++) {
        i128 before = value_of(w);
        deal(w, n);
        i128 change = value_of(w) - before;
        assert_true(change <= 0);
        w->dealt += change;
        check_loss(w);
    }
    wait(w, n);
}

static void test_washing_never_gains(void **unused)
{
    (void)unused;
    u64 seed = croft_test_seed();
    struct counts n = {0};
    for (u32 run = 0; run < RUNS; run++) {
        struct wash w = {.rng = croft_rng_of(seed + run)};
        open_network(&w);
        for (u32 i = 0; i < STEPS; i++)
            step(&w, &n);
        chain_end(&w.c);
        chain_stop(&w.c);
    }
    assert_true(n.washed > 1000 && n.converted > 100 && n.bought > 100 && n.rewards > 100 && n.sold > 50);
    assert_true(n.kappa_bound > 100 && n.emission_bound > 100);
}

/* The plain case: no CROFT at first, one price, everything sold at the end.  Then the trader has fewer credits, with
 * what is left of CROFT at the price that the pool pays. */
static void wash_and_sell(struct wash *w, struct counts *n)
{
    u64 start = chain_balance(&w->c, TRADER, CROFT_ASSET_CREDIT);
    token_report_all(&w->c, w->price);
    chain_must(&w->c, chain_transfer(&w->c, TRADER, HOLDER, CROFT_ASSET_CROFT, CHAIN_CROFT));
    for (u32 epoch = 0; epoch < 10; epoch++) {
        fund(w, 1);
        pay_itself(w, 1, n);
        others_deal(w);
        token_next(&w->c, chain_param_of(&w->c, CROFT_PARAM_EPOCH_S));
        token_report_all(&w->c, w->price);
        claim(w, true, n);
    }
    if (has_order(w, 1))
        chain_must(&w->c, chain_order_close(&w->c, TRADER, 1));
    u64 keeps = PPM - chain_param_of(&w->c, CROFT_PARAM_BUYBACK_DISCOUNT_PPM);
    u128 croft = (u128)chain_balance(&w->c, TRADER, CROFT_ASSET_CROFT) * w->price / TOKEN_ONE * keeps / PPM;
    u64 lost = (u64)((u128)w->own_open * (PPM - w->kappa) / PPM);
    assert_true(chain_balance(&w->c, TRADER, CROFT_ASSET_CREDIT) + croft <= start - lost);
}

static void test_washing_for_credits(void **unused)
{
    (void)unused;
    u64 seed = croft_test_seed();
    struct counts n = {0};
    for (u32 run = 0; run < 40; run++) {
        struct wash w = {.rng = croft_rng_of(seed + run)};
        open_network(&w);
        wash_and_sell(&w, &n);
        chain_end(&w.c);
        chain_stop(&w.c);
    }
    assert_true(n.washed > 100 && n.rewards > 20 && n.sold > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_washing_never_gains),
        cmocka_unit_test(test_washing_for_credits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
