#include "advise/select.h"

#include "base/rng.h"
#include "base/testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT_MAX = 5000 };

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Spread evenly, heavy in one tail, all alike, or of few values. */
static float draw(struct croft_rng *rng, u64 shape)
{
    double u = ((double)croft_rng_below(rng, 1 << 30) + 1) / (1 << 30);
    return shape == 0   ? (float)u
           : shape == 1 ? (float)(1 / (u * u))
           : shape == 2 ? 7
                        : (float)croft_rng_below(rng, 3) - 1;
}

static void test_against_sorting(void **state)
{
    (void)state;
    static float value[COUNT_MAX], sorted[COUNT_MAX], scratch[COUNT_MAX];
    static const double p[] = {0, .05, .25, .5, .75, .95, 1};
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int round = 0; round < 400; round++) {
        u32 count = 1 + (u32)croft_rng_below(&rng, COUNT_MAX);
        float got[CROFT_COUNT(p)];
        for (u32 i = 0; i < count; i++)
            value[i] = draw(&rng, (u64)round % 4);
        memcpy(sorted, value, count * sizeof *value);
        qsort(sorted, count, sizeof *sorted, by_size);
        croft_select(value, count, p, CROFT_COUNT(p), got, scratch);
        for (size_t i = 0; i < CROFT_COUNT(p); i++)
            assert_true(got[i] == sorted[(u32)floor(p[i] * (count - 1) + .5)]);
        u32 worst = count / 20 > 0 ? count / 20 : 1;
        double sum = 0;
        for (u32 i = 0; i < worst; i++)
            sum += (double)sorted[i];
        assert_true(fabs(croft_mean_of_smallest(value, count, .05, scratch) - sum / worst) <
                    1e-6 * (1 + fabs(sum)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_sorting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
