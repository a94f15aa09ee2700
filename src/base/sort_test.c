/* Goal: ascending order, every number kept.  Method: seeded arrays of all sizes and ranges against qsort. */
#include "base/sort.h"

#include "base/rng.h"
#include "base/testing.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 3000 };

static int by_value(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;
    return (x > y) - (x < y);
}

static void test_against_qsort(void **unused)
{
    (void)unused;
    static u32 got[MOST], want[MOST], scratch[MOST];
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int run = 0; run < 2000; run++) {
        size_t count = croft_rng_below(&rng, run % 10 == 0 ? MOST : 80);
        u64 range = UINT64_C(1) << croft_rng_below(&rng, 33);
        for (size_t i = 0; i < count; i++)
            got[i] = want[i] = (u32)croft_rng_below(&rng, range);
        croft_sort_u32(got, scratch, count);
        qsort(want, count, sizeof *want, by_value);
        assert_memory_equal(got, want, count * sizeof *want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_qsort)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
