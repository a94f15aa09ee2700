#include "advise/chance.h"

#include "base/testing.h"

#include <math.h>

/* Published values: Abramowitz and Stegun, table 26.5 and 26.2. */
static void test_normal(void **state)
{
    (void)state;
    static const struct {
        double p, x;
    } known[] = {{.5, 0},
                 {.75, .674489750196},
                 {.9, 1.281551565545},
                 {.95, 1.644853626951},
                 {.975, 1.959963984540},
                 {.99, 2.326347874041},
                 {.999, 3.090232306168},
                 {.9999, 3.719016485456}};
    for (size_t i = 0; i < CROFT_COUNT(known); i++)
        assert_true(fabs(croft_normal_quantile(known[i].p) - known[i].x) < 1e-9);
    for (double p = .0005; p < 1; p += .0005)
        assert_true(fabs(croft_normal_below(croft_normal_quantile(p)) - p) < 1e-13);
}

/* One by one or many at once: the same numbers, and with the moments of a normal. */
static void test_fill(void **state)
{
    (void)state;
    enum { COUNT = 100003 };
    static double many[COUNT];
    u64 seed = croft_test_seed();
    struct croft_rng a = croft_rng_of(seed), b = croft_rng_of(seed);
    double sum = 0, square = 0;
    croft_normal_fill(&a, many, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(fabs(many[i] - croft_normal_quantile(croft_uniform(&b))) < 1e-12);
        sum += many[i];
        square += many[i] * many[i];
    }
    assert_true(fabs(sum / COUNT) < 6 / sqrt(COUNT));
    assert_true(fabs(square / COUNT - 1) < 6 * sqrt(2.0 / COUNT));
}

static void test_exp(void **state)
{
    (void)state;
    for (float x = -80; x < 80; x += .0103f)
        assert_true(fabs((double)croft_exp(x) / exp((double)x) - 1) < 3e-7);
    assert_true(croft_exp(0) == 1);
}

/* The integral of the density, by Simpson's rule over many steps. */
static double beta_by_integral(double x, double alpha, double beta)
{
    enum { STEPS = 20000 };
    double scale = tgamma(alpha + beta) / tgamma(alpha) / tgamma(beta), sum = 0, h = x / STEPS;
    for (int i = 0; i <= STEPS; i++) {
        double t = i * h, weight = i == 0 || i == STEPS ? 1 : i % 2 == 1 ? 4 : 2;
        sum += weight * pow(t, alpha - 1) * pow(1 - t, beta - 1);
    }
    return scale * sum * h / 3;
}

static void test_beta(void **state)
{
    (void)state;
    for (double alpha = 2; alpha < 8; alpha += 1.3)
        for (double beta = 2; beta < 8; beta += 1.7)
            for (double x = .05; x < 1; x += .1)
                assert_true(fabs(croft_beta_below(x, alpha, beta) - beta_by_integral(x, alpha, beta)) < 1e-6);
    assert_true(fabs(croft_beta_below(.3, 1, 1) - .3) < 1e-12);                          /* the uniform */
    assert_true(fabs(croft_beta_below(.3, .5, .5) - 2 / M_PI * asin(sqrt(.3))) < 1e-12); /* the arcsine law */
}

/* The grid gives back the distribution it was made from: mean, and the share below each entry. */
static void test_grid(void **state)
{
    (void)state;
    for (double mean = .05; mean < 1; mean += .05) {
        struct croft_beta_grid grid;
        double sum = 0, weight = 0;
        croft_beta_grid_fill(&grid, mean, 8);
        for (int i = 1; i < CROFT_GRID_SIZE; i++)
            assert_true(grid.at[i] >= grid.at[i - 1]);
        for (double z = -4; z <= 4; z += .01) {
            double u = (double)croft_beta_grid_at(&grid, croft_grid_place(z)), density = exp(-z * z / 2);
            assert_true(u >= 0 && u <= 1);
            assert_true(croft_beta_below(u - 1e-3, mean * 8, (1 - mean) * 8) <= croft_normal_below(z));
            assert_true(croft_beta_below(u + 1e-3, mean * 8, (1 - mean) * 8) >= croft_normal_below(z));
            sum += u * density;
            weight += density;
        }
        assert_true(fabs(sum / weight - mean) < 1e-3);
    }
    struct croft_beta_grid sure;
    croft_beta_grid_fill(&sure, 0, 8);
    assert_true(croft_beta_grid_at(&sure, croft_grid_place(2)) == 0);
    croft_beta_grid_fill(&sure, 1, 8);
    assert_true(croft_beta_grid_at(&sure, croft_grid_place(-99)) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal), cmocka_unit_test(test_fill), cmocka_unit_test(test_exp),
        cmocka_unit_test(test_beta),   cmocka_unit_test(test_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
