#include "advise/simulate.h"

#include "advise/chance.h"
#include "advise/select.h"
#include "base/testing.h"

#include <math.h>
#include <string.h>

static struct croft_region region;

static const struct croft_chances usual = {.paths = 100000,
                                           .months = 12,
                                           .cards = 1,
                                           .autocorrelation = .8,
                                           .token_correlation = .3,
                                           .rate_volatility = .35,
                                           .failures_year = .09,
                                           .repair_low = .2,
                                           .repair_high = 1};

static struct croft_arena draw(const struct croft_chances *chances, struct croft_draws *out)
{
    struct croft_arena mem = croft_region_arena(&region);
    assert_int_equal(croft_draws_make(chances, &mem, out), CROFT_OK);
    return mem;
}

static struct croft_simulate_in inputs(u32 months)
{
    return (struct croft_simulate_in){.at = {.availability = .95,
                                             .utilisation = .6,
                                             .rate_h = .2909,
                                             .watts_load = 510,
                                             .watts_idle = 90,
                                             .tariff_kwh = .165,
                                             .value_now = 2500,
                                             .value_end = 1500,
                                             .failures_year = .09,
                                             .discount_year = .1,
                                             .months = months},
                                      .utilisation_nu = 8,
                                      .settle_days = 1};
}

/* economics research, section 7: quantiles of a token after one year, mu 0. */
static void test_token_quantiles(void **state)
{
    (void)state;
    static const struct {
        double sigma, p5, p50, p95, up;
    } table[] = {{1.05, .102, .576, 3.241, .300},
                 {1.10, .089, .546, 3.335, .291},
                 {1.38, .040, .386, 3.735, .245},
                 {1.52, .026, .315, 3.838, .224},
                 {1.60, .020, .278, 3.865, .212}};
    static const double p[] = {.05, .5, .95};
    static float token[100000], scratch[100000];
    struct croft_chances chances = usual;
    struct croft_draws d;
    chances.seed = croft_test_seed();
    draw(&chances, &d);
    for (size_t i = 0; i < CROFT_COUNT(table); i++) {
        double sigma = table[i].sigma, up = 0, last_digit = .0005;
        const double published[] = {table[i].p5, table[i].p50, table[i].p95};
        float got[3];
        for (u32 k = 0; k < d.paths; k++) {
            token[k] = (float)croft_draws_token(&d, 12, k, sigma, 0);
            up += token[k] > 1;
        }
        croft_select(token, d.paths, p, 3, got, scratch);
        for (int q = 0; q < 3; q++) {
            double exact = exp(sigma * croft_normal_quantile(p[q]) - sigma * sigma / 2);
            assert_true(fabs((double)got[q] / exact - 1) < .03);
            assert_true(fabs((double)got[q] - published[q]) < .03 * published[q] + last_digit);
        }
        assert_true(fabs(up / d.paths - table[i].up) < .005 + last_digit);
    }
}

/* The stratified bridge leaves shocks that are standard normals without memory. */
static void test_shocks(void **state)
{
    (void)state;
    struct croft_chances chances = usual;
    struct croft_draws d;
    chances.seed = croft_test_seed();
    draw(&chances, &d);
    for (u32 m = 0; m < d.months; m++) {
        const float *z = d.shock + (size_t)m * d.paths, *before = z - d.paths;
        double sum = 0, square = 0, product = 0;
        for (u32 i = 0; i < d.paths; i++) {
            sum += (double)z[i];
            square += (double)z[i] * (double)z[i];
            product += m > 0 ? (double)z[i] * (double)before[i] : 0;
        }
        assert_true(fabs(sum / d.paths) < 6 / sqrt(d.paths));
        assert_true(fabs(square / d.paths - 1) < 6 * sqrt(2.0 / d.paths));
        assert_true(fabs(product / d.paths) < 6 / sqrt(d.paths));
    }
}

static double demand(const struct croft_draws *d, u32 month, u32 path)
{
    return (double)d->place[(size_t)month * d->paths + path] / CROFT_GRID_STEPS - CROFT_GRID_SPAN;
}

/* A good month carries over, and a rising token comes with more demand, as far as was asked. */
static void test_correlations(void **state)
{
    (void)state;
    struct croft_chances chances = usual;
    struct croft_draws d;
    chances.seed = croft_test_seed();
    draw(&chances, &d);
    double carried = 0, with_token = 0, failures = 0, repairs = 0, rate = 0, months = 0;
    for (u32 m = 1; m < d.months; m++)
        for (u32 i = 0; i < d.paths; i++, months++) {
            size_t at = (size_t)m * d.paths + i;
            double x = demand(&d, m, i), before = demand(&d, m - 1, i);
            carried += x * before;
            with_token += (x - .8 * before) / .6 * (double)d.shock[at];
            failures += d.repair[at] > 0;
            repairs += (double)d.repair[at];
            rate += m == 11 ? (double)d.rate[at] : 0;
        }
    assert_true(fabs(carried / months - .8) < .02);
    assert_true(fabs(with_token / months - .3) < .01);
    assert_true(fabs(failures / months * 12 / .09 - 1) < .06);
    assert_true(fabs(repairs / failures - .6) < .02);
    assert_true(fabs(rate / d.paths - 1) < .01); /* a rate without drift keeps its mean */
}

static void test_same_seed_same_bytes(void **state)
{
    (void)state;
    static struct croft_simulation a, b, other;
    struct croft_chances chances = usual;
    struct croft_simulate_in in = inputs(12);
    struct croft_draws d;
    in.sigma = 1.5;
    chances.paths = 3001; /* not a whole number of blocks */
    chances.seed = croft_test_seed();
    struct croft_arena mem = draw(&chances, &d);
    assert_int_equal(croft_simulate(&in, &d, mem, &a), CROFT_OK);
    mem = draw(&chances, &d);
    assert_int_equal(croft_simulate(&in, &d, mem, &b), CROFT_OK);
    assert_memory_equal(&a, &b, sizeof a);
    chances.seed++;
    mem = draw(&chances, &d);
    assert_int_equal(croft_simulate(&in, &d, mem, &other), CROFT_OK);
    assert_true(a.sell.npv.mean != other.sell.npv.mean);
}

/* Without chance every path is the model's own answer. */
static void test_without_chance_it_is_the_model(void **state)
{
    (void)state;
    static struct croft_simulation s;
    struct croft_chances chances = usual;
    struct croft_simulate_in in = inputs(24);
    struct croft_draws d;
    chances.months = 24;
    chances.paths = 500;
    chances.seed = croft_test_seed();
    chances.failures_year = in.at.failures_year = 0;
    chances.rate_volatility = 0;
    in.utilisation_nu = 1e9;
    in.at.tax_rate = .2;
    in.at.bandwidth_day = .1;
    in.at.rate_idle_h = .02;
    struct croft_arena mem = draw(&chances, &d);
    assert_int_equal(croft_simulate(&in, &d, mem, &s), CROFT_OK);
    struct croft_advise_day day = croft_advise_day_of(&in.at);
    assert_true(fabs(s.net_day.p5 - day.net) < .002 && fabs(s.net_day.p95 - day.net) < .002);
    assert_true(fabs(s.sell.npv.p50 - croft_advise_npv(&in.at)) < 1);
    assert_true(fabs(s.fan[24].p50 - day.cash * 24 * CROFT_DAYS_PER_MONTH) < 1);
    in.at.value_now = day.cash * CROFT_DAYS_PER_MONTH * 5.5;
    in.at.value_end = in.at.value_now - 1;
    assert_int_equal(croft_simulate(&in, &d, mem, &s), CROFT_OK);
    u32 want = croft_advise_payback_months(&in.at);
    assert_int_equal(s.payback[0], want);
    assert_int_equal(s.payback[4], want);
    assert_true(s.never_share == 0);
}

/* The mean over the paths is what pencil and paper give: means multiply, because rate and demand are
 * independent. */
static void test_mean_npv(void **state)
{
    (void)state;
    static struct croft_simulation s;
    struct croft_chances chances = usual;
    struct croft_simulate_in in = inputs(24);
    struct croft_draws d;
    chances.months = 24;
    chances.paths = 40000;
    chances.seed = croft_test_seed();
    in.at.rate_fall_year = .1;
    struct croft_arena mem = draw(&chances, &d);
    assert_int_equal(croft_simulate(&in, &d, mem, &s), CROFT_OK);
    double npv = -in.at.value_now + in.at.value_end / pow(1.1, 2);
    struct croft_advise_day day = croft_advise_day_of(&in.at);
    for (int m = 1; m <= 24; m++) {
        double value = 2500 - 1000 * (m - .5) / 24, repair = .09 / 12 * .6 * value;
        double gross = day.gross * pow(.9, (m - 1) / 12.0);
        npv += ((gross - day.electricity) * CROFT_DAYS_PER_MONTH - repair) / pow(1.1, m / 12.0);
    }
    assert_true(fabs(s.sell.npv.mean - npv) <
                6 * 1000 / sqrt(chances.paths)); /* one path has an sd below 1000 */
    u32 in_bins = 0;
    for (int i = 0; i < CROFT_HISTOGRAM_BINS; i++)
        in_bins += s.bin[i];
    assert_int_equal(in_bins, chances.paths);
    assert_true(s.sell.cvar_5 <= s.sell.npv.p5 && s.sell.npv.p5 <= s.sell.npv.p50);
}

/* Held tokens have the mean of sold ones when mu is 0, and a far wider spread. */
static void test_hold_against_sell(void **state)
{
    (void)state;
    static struct croft_simulation s;
    struct croft_chances chances = usual;
    struct croft_simulate_in in = inputs(12);
    struct croft_draws d;
    chances.token_correlation = 0;
    chances.seed = croft_test_seed();
    in.sigma = .8;
    struct croft_arena mem = draw(&chances, &d);
    assert_int_equal(croft_simulate(&in, &d, mem, &s), CROFT_OK);
    double income = croft_advise_day_of(&in.at).gross * CROFT_DAYS_PER_YEAR;
    /* received early and paid out late: the discount of the months between is lost */
    assert_true(s.hold.npv.mean < s.sell.npv.mean && s.hold.npv.mean > s.sell.npv.mean - .07 * income);
    assert_true(s.hold.npv.p95 - s.hold.npv.p5 > 1.2 * (s.sell.npv.p95 - s.sell.npv.p5));
    in.rate_in_token =
        true; /* so many tokens: sold at once they move as the token does, on the mean not at all */
    double before = s.sell.npv.mean, spread = s.sell.npv.p95 - s.sell.npv.p5;
    assert_int_equal(croft_simulate(&in, &d, mem, &s), CROFT_OK);
    assert_true(fabs(s.sell.npv.mean - before) < .02 * income);
    assert_true(s.sell.npv.p95 - s.sell.npv.p5 > 1.2 * spread);
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    static struct croft_simulation s;
    struct croft_chances chances = usual;
    struct croft_simulate_in in = inputs(12);
    struct croft_draws d;
    chances.paths = 1000;
    struct croft_arena mem = draw(&chances, &d), all = croft_region_arena(&region);
    for (size_t room = 0; room < 240000; room += 10007) {
        struct croft_arena small = {all.at, all.at + room};
        assert_int_equal(croft_draws_make(&chances, &small, &d), CROFT_ERR_NOMEM);
    }
    mem = draw(&chances, &d);
    for (size_t room = 0; room < 48000; room += 5003) {
        struct croft_arena small = {mem.at, mem.at + room};
        assert_int_equal(croft_simulate(&in, &d, small, &s), CROFT_ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token_quantiles),
        cmocka_unit_test(test_shocks),
        cmocka_unit_test(test_correlations),
        cmocka_unit_test(test_same_seed_same_bytes),
        cmocka_unit_test(test_without_chance_it_is_the_model),
        cmocka_unit_test(test_mean_npv),
        cmocka_unit_test(test_hold_against_sell),
        cmocka_unit_test(test_memory_runs_out),
    };
    if (!croft_region_map(&region, (size_t)256 << 20))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
