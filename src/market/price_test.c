/* Goal: prices of the three formations, amounts and waits.  Method: the rules written out as cases, a total
 * order checked on drawn bids, amounts against sums of parts in 128 bits. */
#include "market/price.h"

#include "base/rng.h"
#include "base/testing.h"
#include "market/settle.h"

#include <string.h>

static void test_posted(void **unused)
{
    (void)unused;
    assert_int_equal(croft_price_posted(0, 30, 40), 30);  /* no class price */
    assert_int_equal(croft_price_posted(35, 30, 40), 35); /* the class's */
    assert_int_equal(croft_price_posted(35, 36, 40), 36); /* asks more than the class posts */
    assert_int_equal(croft_price_posted(35, 30, 34), 0);  /* too dear */
    assert_int_equal(croft_price_posted(35, 0, 40), 0);   /* not offered */
    assert_int_equal(croft_price_posted(0, 30, 30), 30);
    assert_true(croft_price_posted(UINT64_MAX, 1, UINT64_MAX) == UINT64_MAX);
}

static struct croft_bid draw_bid(struct croft_rng *rng)
{
    struct croft_bid b = {.price = croft_rng_below(rng, 3), .won_s = croft_rng_below(rng, 2)};
    b.node[31] = (u8)croft_rng_below(rng, 2);
    b.device = (u8)croft_rng_below(rng, 2);
    return b;
}

/* The place of a bid among all 24, as digits. */
static u64 rank(const struct croft_bid *b)
{
    return ((b->price * 2 + b->won_s) * 2 + b->node[31]) * 2 + b->device;
}

static void test_bids(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (u32 i = 0; i < 20000; i++) {
        struct croft_bid a = draw_bid(&rng), b = draw_bid(&rng);
        assert_int_equal(croft_bid_before(&a, &b), rank(&a) < rank(&b));
    }
}

static u128 ceil_hour(u128 price, u32 seconds)
{
    return (price * seconds + 3599) / 3600;
}

static void test_amounts(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    u32 refused = 0;
    for (u32 i = 0; i < 20000; i++) {
        struct croft_price_need n = {
            .price = croft_rng_below(&rng, CROFT_PRICE_MAX + 1) >> croft_rng_below(&rng, 44),
            .disk_price = croft_rng_below(&rng, CROFT_PRICE_MAX + 1) >> croft_rng_below(&rng, 44),
            .count = (u32)croft_rng_below(&rng, UINT32_MAX) >> croft_rng_below(&rng, 32),
            .run_s = (u32)croft_rng_below(&rng, 1 << 25),
            .hold_s = (u32)croft_rng_below(&rng, 600),
            .keep_s = (u32)croft_rng_below(&rng, 1 << 20),
            .take_fee_s = (u32)croft_rng_below(&rng, 60),
        };
        u128 want = (ceil_hour(n.price, n.run_s) + ceil_hour(n.price, n.hold_s) +
                     ceil_hour(n.disk_price, n.keep_s) + ceil_hour(n.price, n.take_fee_s)) *
                    n.count;
        struct croft_amt got = {77};
        bool fits = croft_price_amount(&n, &got);
        assert_int_equal(fits, want <= UINT64_MAX);
        assert_true(croft_amt_units(got) == (fits ? (u64)want : 77));
        refused += !fits;
    }
    assert_true(refused > 100 && refused < 19000);
}

static void test_waits(void **unused)
{
    (void)unused;
    assert_int_equal(croft_queue_wait_s(0, 10, 3600), 360);
    assert_int_equal(croft_queue_wait_s(9, 10, 3600), 3600);
    assert_true(croft_queue_wait_s(0, 0, 3600) == UINT64_MAX);
    assert_true(croft_queue_wait_s(UINT32_MAX, 1, UINT32_MAX) == (u64)UINT32_MAX << 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_posted), cmocka_unit_test(test_bids),
                                       cmocka_unit_test(test_amounts), cmocka_unit_test(test_waits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
