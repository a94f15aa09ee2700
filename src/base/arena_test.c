/* Goal: what an arena gives is aligned, zeroed, apart from everything else it gave, and inside its bounds.
 * Method: random takings until it is used up; a by-value copy as scratch; sizes that overflow. */
#include "base/arena.h"

#include "base/rng.h"
#include "base/testing.h"

#include <string.h>

enum { SIZE = 1 << 16, RUNS = 50 };

static void check_room(struct croft_arena *a, u8 *p, size_t len, size_t align, const u8 *low)
{
    assert_true((uintptr_t)p % align == 0);
    assert_true(p >= low && p + len <= a->at && a->at <= a->end);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(p[i], 0);
    memset(p, 0xee, len); /* shows any overlap with what comes next */
}

static void take_all(struct croft_rng *rng, u8 *mem)
{
    struct croft_arena a = {.at = mem, .end = mem + SIZE};
    for (;;) {
        size_t count = croft_rng_below(rng, 40), size = croft_rng_below(rng, 60),
               align = (size_t)1 << croft_rng_below(rng, 8);
        const u8 *low = a.at;
        size_t left = (size_t)(a.end - a.at);
        u8 *p = croft_arena_take(&a, count, size, align);
        if (p == NULL) {
            assert_ptr_equal(a.at, low); /* a refused taking takes nothing */
            assert_true(count * size + align > left);
            return;
        }
        check_room(&a, p, count * size, align, low);
    }
}

static void test_random_takings(void **unused)
{
    (void)unused;
    static u8 mem[SIZE];
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < RUNS; i++) {
        memset(mem, 0xee, sizeof mem);
        take_all(&rng, mem);
    }
}

static void test_overflow(void **unused)
{
    (void)unused;
    static u8 mem[64];
    struct croft_arena a = {.at = mem, .end = mem + sizeof mem};
    assert_null(croft_arena_take(&a, SIZE_MAX, 2, 1));
    assert_null(croft_arena_take(&a, 2, SIZE_MAX, 1));
    assert_null(croft_arena_take(&a, SIZE_MAX / 2 + 1, 2, 1));
    assert_null(croft_arena_take(&a, 1, SIZE_MAX, 8));
    assert_null(croft_arena_take(&a, 1, sizeof mem + 1, 1));
    assert_ptr_equal(a.at, mem);
    assert_ptr_equal(croft_arena_take(&a, 1, sizeof mem, 1), mem);
    assert_null(croft_arena_take(&a, 1, 1, 1));
    assert_non_null(croft_arena_take(&a, 0, 1, 1));
}

/* Scratch by value: what a callee takes from its copy is free again for the caller. */
static u8 *use_scratch(struct croft_arena scratch)
{
    return croft_arena_take(&scratch, 1, 100, 1);
}

static void test_scratch_copy(void **unused)
{
    (void)unused;
    static u8 mem[128];
    struct croft_arena a = {.at = mem, .end = mem + sizeof mem};
    u8 *one = use_scratch(a), *two = use_scratch(a);
    assert_non_null(one);
    assert_ptr_equal(one, two);
    assert_ptr_equal(a.at, mem);
}

static void test_region(void **unused)
{
    (void)unused;
    struct croft_region r;
    size_t size = (size_t)1 << 36; /* far more than there is: only what is touched takes memory */
    assert_true(croft_region_map(&r, size));
    struct croft_arena a = croft_region_arena(&r);
    assert_int_equal((size_t)(a.end - a.at), size);
    u64 *last = croft_arena_take_raw(&a, size / 8, 8, 8);
    assert_non_null(last);
    assert_int_equal(last[size / 8 - 1], 0);
    last[size / 8 - 1] = 7;
    croft_region_unmap(&r);
    assert_null(r.base);
    croft_region_unmap(&r); /* once more does no harm */
    assert_false(croft_region_map(&r, (size_t)1 << 62));
    assert_null(r.base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_takings),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_scratch_copy),
        cmocka_unit_test(test_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
