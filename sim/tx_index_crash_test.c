/* Goal: after power loss, failures and a full disk the index, given again what open says is missing, finds
 * every transaction; and after a failed add it never finds too little without saying which block it lacks.
 * Method: one list of blocks; a disk that crashes or fails at every call in turn, and at random. */
#include "sim/fake_disk.h"
#include "store/sample.h"
#include "store/tx_index.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { HEIGHTS = 60, BLOCK_TXS = 7, LIVES = 150 };

static const struct croft_tx_index_options options = {.run_txs_max = 40, .runs_max = 32, .log_last = HEIGHTS};

static u64 seed;
static struct croft_region region;
static struct croft_hash id[HEIGHTS + 1][BLOCK_TXS]; /* by height */

static croft_err open_index(struct croft_fake_disk *fake, struct croft_tx_index **x, u64 *indexed)
{
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_why why;
    return croft_tx_index_open(croft_fake_disk_of(fake), &options, &mem, x, indexed, &why);
}

static croft_err add(struct croft_tx_index *x, u64 height)
{
    struct croft_why why;
    return croft_tx_index_add(x, height, id[height], height % (BLOCK_TXS + 1), &why);
}

static void expect_all_to(struct croft_tx_index *x, u64 last)
{
    for (u64 height = 1; height <= last; height++) {
        for (u32 i = 0; i < height % (BLOCK_TXS + 1); i++) {
            struct croft_tx_place got[4];
            struct croft_why why;
            u32 count = 0;
            struct croft_bytes prefix = {id[height][i].b, 32};
            assert_int_equal(croft_tx_index_find(x, prefix, got, 4, &count, &why), CROFT_OK);
            assert_int_equal(count, 1);
            assert_true(got[0].height == height && got[0].index == i);
        }
    }
}

/* Opens without faults, adds what is missing up to last, and finds it all. */
static void recover(struct croft_fake_disk *fake, u64 last)
{
    struct croft_tx_index *x;
    u64 indexed = 0;
    assert_int_equal(open_index(fake, &x, &indexed), CROFT_OK);
    assert_true(indexed <= HEIGHTS);
    for (u64 height = indexed + 1; height <= last; height++)
        assert_int_equal(add(x, height), CROFT_OK);
    expect_all_to(x, last);
    croft_tx_index_close(x);
}

/* One life up to a crash; a failed add is given again or, as a caller that does not care would, left out. */
static void live(struct croft_fake_disk *fake, struct croft_rng *rng, u64 last)
{
    struct croft_tx_index *x;
    u64 indexed;
    if (open_index(fake, &x, &indexed) != CROFT_OK)
        return;
    for (u64 height = indexed + 1; height <= last; height++) {
        croft_err err = add(x, height);
        if (err != CROFT_OK && croft_rng_chance(rng, 2) && croft_tx_index_last(x) == height - 1)
            err = add(x, height);
        assert_true((err == CROFT_OK) == (croft_tx_index_last(x) == height));
    }
    croft_tx_index_close(x);
}

static void test_fault_at_every_call(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    for (int fault = CROFT_FAKE_CRASH; fault <= CROFT_FAKE_DISK_FULL; fault++) {
        for (u64 nth = 1, calls = 1; nth <= calls; nth++) {
            struct croft_fake_disk *fake = croft_fake_disk_make(seed + nth);
            croft_fake_disk_plan(fake, CROFT_FAKE_ANY, nth, (enum croft_fake_fault)fault);
            live(fake, &rng, HEIGHTS);
            calls = croft_fake_disk_calls(fake, CROFT_FAKE_ANY);
            croft_fake_disk_crash(fake);
            croft_fake_disk_restart(fake);
            recover(fake, HEIGHTS);
            croft_fake_disk_free(fake);
        }
    }
}

static void test_many_lives(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    for (u64 i = 0; i < LIVES; i++) {
        struct croft_fake_disk *fake = croft_fake_disk_make(seed + i);
        for (int k = 0; k < 6; k++) {
            croft_fake_disk_plan(fake, CROFT_FAKE_ANY, 1 + croft_rng_below(&rng, 70),
                                 (enum croft_fake_fault)croft_rng_below(&rng, 3));
            live(fake, &rng, 1 + croft_rng_below(&rng, HEIGHTS));
            if (croft_rng_chance(&rng, 2))
                croft_fake_disk_crash(fake);
            croft_fake_disk_restart(fake);
        }
        recover(fake, HEIGHTS);
        croft_fake_disk_free(fake);
    }
}

/* What was not refused is found while the disk is full, too. */
static void test_full_disk(void **state)
{
    (void)state;
    struct croft_fake_disk *fake = croft_fake_disk_make(seed);
    struct croft_tx_index *x;
    u64 indexed, height = 1;
    assert_int_equal(open_index(fake, &x, &indexed), CROFT_OK);
    croft_fake_disk_set_room(fake, 20000);
    while (add(x, height) == CROFT_OK)
        height++;
    assert_true(height < HEIGHTS);
    assert_int_equal(add(x, height), CROFT_ERR_DISK_FULL);
    assert_int_equal(add(x, height + 1),
                     height % (BLOCK_TXS + 1) == BLOCK_TXS ? CROFT_ERR_UNAVAILABLE : CROFT_ERR_DISK_FULL);
    expect_all_to(x, height - 1);
    croft_fake_disk_set_room(fake, UINT64_MAX);
    for (; height <= HEIGHTS; height++)
        assert_int_equal(add(x, height), CROFT_OK);
    expect_all_to(x, HEIGHTS);
    croft_tx_index_close(x);
    recover(fake, HEIGHTS);
    croft_fake_disk_free(fake);
}

int main(void)
{
    seed = croft_sample_seed();
    struct croft_rng rng = croft_rng_of(seed);
    for (u64 height = 0; height <= HEIGHTS; height++)
        for (u32 i = 0; i < BLOCK_TXS; i++)
            croft_rng_fill(&rng, id[height][i].b, sizeof id[height][i].b);
    bool mapped = croft_region_map(&region, croft_tx_index_size(&options));
    CROFT_ASSERT(mapped);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_at_every_call),
        cmocka_unit_test(test_many_lives),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
