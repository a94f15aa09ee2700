/* Goal: the same seed gives the same numbers for ever, and below() keeps its range.
 * Method: the first outputs of splitmix64 as its author publishes them for seed 1234567; plain counts. */
#include "base/rng.h"

#include "base/testing.h"

#include <string.h>

static void test_published_numbers(void **unused)
{
    (void)unused;
    static const u64 want[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                               UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                               UINT64_C(16408922859458223821)};
    struct croft_rng rng = croft_rng_of(1234567);
    for (size_t i = 0; i < CROFT_COUNT(want); i++)
        assert_int_equal(croft_rng_next(&rng), want[i]);
}

static void test_below_and_chance(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    u32 seen[7] = {0}, hits = 0;
    for (int i = 0; i < 7000; i++) {
        seen[croft_rng_below(&rng, 7)]++;
        hits += croft_rng_chance(&rng, 4);
        assert_int_equal(croft_rng_below(&rng, 1), 0);
        assert_true(croft_rng_chance(&rng, 1));
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 700, 1300); /* ten standard deviations */
    assert_in_range(hits, 1350, 2150);
}

static void test_fill(void **unused)
{
    (void)unused;
    u64 seed = croft_test_seed();
    struct croft_rng one = croft_rng_of(seed), two = croft_rng_of(seed);
    u8 a[100], b[100];
    memset(a, 0, sizeof a);
    croft_rng_fill(&one, a, sizeof a);
    croft_rng_fill(&two, b, sizeof b);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(croft_rng_next(&one), croft_rng_next(&two));
    u8 c = 5;
    croft_rng_fill(&one, &c, 0);
    assert_int_equal(c, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_numbers),
        cmocka_unit_test(test_below_and_chance),
        cmocka_unit_test(test_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
