/* Known answers: the seven cases of the economics research, section 9, every column. */
#include "advise/model.h"

#include "base/rng.h"
#include "base/testing.h"

#include <math.h>

enum { NEVER = 0 };

struct known_case {
    const char *name;
    double v0, vn, months, rate, fee, utilisation, watts_load, watts_idle, tariff;
    double gross, kwh, electricity, depreciation, failures, cash, net, tariff_even, even_cash, even_full;
    u32 payback;
    double npv;
};

static const struct known_case cases[] = {
    {"4090, Nosana", 2500,   1500,   24,    .2909,  0,     .60,   510,   90,    .165, 3.9795,
     7.7976,         1.2866, 1.3689, .4928, 2.2001, .8312, .4472, .1646, .4355, 38,   197.14},
    {"4090, Vast low", 2500,   1500,   24,    .682,   .25,    .50,   510,   90,    .165, 5.8311,
     6.8400,           1.1286, 1.3689, .4928, 4.2097, 2.8408, .7805, .0825, .2182, 20,   1528.41},
    {"3090 used", 800,   480,   24,    .16,   0,     .50,   430,   80,    .165, 1.8240,
     5.8140,      .9593, .4381, .1577, .7070, .2689, .2866, .1967, .3846, 38,   65.05},
    {"5090, Nosana", 2900,   1885,   24,    .3636,  0,      .60,   600,   95,    .165, 4.9740,
     9.0744,         1.4973, 1.3895, .5895, 2.8872, 1.4978, .4832, .1482, .3656, 33,   570.53},
    {"3060, Nosana", 300,   180,   24,    .0436,  0,      .50,   240,   70,     .165,  .4970,
     3.5340,         .5831, .1643, .0591, -.1452, -.3095, .1239, .9096, 1.3729, NEVER, -247.43},
    {"H100, Nosana", 25000,  8750,    36,     1.3636,  0,      .78,    900,   200,   .12, 25.2713,
     17.7250,        2.1270, 14.8300, 4.1581, 18.9862, 4.1562, 1.1912, .1555, .6433, 44,  -403.56},
    {"H100, Vast", 25000,  11500,   36,     2.40,    .25,     .78,    900,   200,   .12, 33.3590,
     17.7250,      2.1270, 12.3203, 4.4969, 26.7351, 14.4148, 1.6283, .1243, .4265, 31,  9018.11},
};

static struct croft_advise_inputs inputs_of(const struct known_case *k)
{
    return (struct croft_advise_inputs){.availability = k->tariff == .12 ? .99 : .95,
                                        .utilisation = k->utilisation,
                                        .rate_h = k->rate,
                                        .fee = k->fee,
                                        .watts_load = k->watts_load,
                                        .watts_idle = k->watts_idle,
                                        .tariff_kwh = k->tariff,
                                        .value_now = k->v0,
                                        .value_end = k->vn,
                                        .failures_year = .09,
                                        .discount_year = .10,
                                        .months = (u32)k->months};
}

/* The published figures have four decimals. */
static void close_to(const char *name, const char *column, double got, double want, double within)
{
    if (!(fabs(got - want) <= within))
        fail_msg("%s: %s is %.6f, not %.6f", name, column, got, want);
}

static void test_known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < CROFT_COUNT(cases); i++) {
        const struct known_case *k = &cases[i];
        struct croft_advise_inputs in = inputs_of(k);
        struct croft_advise_day d = croft_advise_day_of(&in);
        const double digit = .0000501;
        close_to(k->name, "gross", d.gross, k->gross, digit);
        close_to(k->name, "kWh", d.kwh, k->kwh, digit);
        close_to(k->name, "electricity", d.electricity, k->electricity, digit);
        close_to(k->name, "depreciation", d.depreciation, k->depreciation, digit);
        close_to(k->name, "failures", d.failures, k->failures, digit);
        close_to(k->name, "cash", d.cash, k->cash, digit);
        close_to(k->name, "net", d.net, k->net, digit);
        close_to(k->name, "break-even tariff", croft_advise_break_even_tariff(&in), k->tariff_even, digit);
        close_to(k->name, "break-even, cash", croft_advise_break_even_utilisation(&in, false), k->even_cash,
                 digit);
        close_to(k->name, "break-even, full", croft_advise_break_even_utilisation(&in, true), k->even_full,
                 digit);
        assert_int_equal(croft_advise_payback_months(&in), k->payback);
        close_to(k->name, "NPV", croft_advise_npv(&in), k->npv, .00501);
    }
}

/* The sentence of the issue: $3 to $7 a day, gross, for 46 to 100 % at the host rate of July 2026. */
static void test_statement_of_a_4090(void **state)
{
    (void)state;
    struct croft_advise_inputs in = inputs_of(&cases[0]);
    for (double u = .46; u <= 1; u += .01) {
        in.utilisation = u;
        double gross = croft_advise_day_of(&in).gross;
        assert_true(gross > 3 && gross < 7);
    }
}

/* At a break-even the figure it is about is 0, with tax and a rate for waiting too. */
static void test_break_evens_are_zeros(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < 2000; i++) {
        struct croft_advise_inputs in = inputs_of(&cases[croft_rng_below(&rng, CROFT_COUNT(cases))]);
        in.tax_rate = (double)croft_rng_below(&rng, 50) / 100;
        in.rate_idle_h = (double)croft_rng_below(&rng, 20) / 1000;
        in.bandwidth_day = (double)croft_rng_below(&rng, 100) / 100;
        in.utilisation = croft_advise_break_even_utilisation(&in, true);
        assert_true(fabs(croft_advise_day_of(&in).net) < 1e-9);
        in.utilisation = croft_advise_break_even_utilisation(&in, false);
        assert_true(fabs(croft_advise_day_of(&in).cash) < 1e-9);
        in.utilisation = .7;
        in.tariff_kwh = croft_advise_break_even_tariff(&in);
        assert_true(fabs(croft_advise_day_of(&in).cash) < 1e-9);
    }
}

static void test_edges(void **state)
{
    (void)state;
    struct croft_advise_inputs in = inputs_of(&cases[0]);
    in.watts_load = in.watts_idle = 0;
    assert_true(isnan(croft_advise_break_even_tariff(&in)));
    in = inputs_of(&cases[0]);
    in.rate_h = .01; /* less than the power of an hour */
    assert_true(isinf(croft_advise_break_even_utilisation(&in, false)));
    assert_int_equal(croft_advise_payback_months(&in), NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_statement_of_a_4090),
        cmocka_unit_test(test_break_evens_are_zeros),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
