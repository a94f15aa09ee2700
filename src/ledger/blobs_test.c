/* Goal: as many blobs as were promised always fit, whatever sizes came before, and none overlaps another.
 * Method: every blob grown in lockstep through all sizes, which kept every size's room apart before there were
 * chunks; seeded lives of blobs, each filled with its own byte. */
#include "ledger/blobs.h"

#include "base/assert.h"
#include "base/rng.h"
#include "base/testing.h"

#include <string.h>

enum { BLOBS = 500, BYTES_MAX = 2048 };

struct fixture {
    struct croft_region region;
    struct croft_blobs blobs;
    u32 blob[BLOBS], bytes[BLOBS];
};

static void set_up(struct fixture *f, u32 granules_max)
{
    memset(f, 0, sizeof *f);
    bool mapped = croft_region_map(&f->region, croft_blobs_size(BLOBS, granules_max));
    assert_true(mapped);
    struct croft_arena mem = croft_region_arena(&f->region);
    assert_int_equal(croft_blobs_init(&f->blobs, &mem, BLOBS, granules_max), CROFT_OK);
}

static void take(struct fixture *f, u32 i, u32 bytes)
{
    f->blob[i] = croft_blobs_take(&f->blobs, bytes);
    f->bytes[i] = bytes;
    assert_int_not_equal(f->blob[i], 0);
    memset(croft_blob_at(&f->blobs, f->blob[i]), (int)i & 255, bytes);
}

static void give(struct fixture *f, u32 i)
{
    const u8 *at = croft_blob_at(&f->blobs, f->blob[i]);
    for (u32 k = 0; k < f->bytes[i]; k++)
        assert_int_equal(at[k], i & 255);
    croft_blobs_give(&f->blobs, f->blob[i], f->bytes[i]);
    f->bytes[i] = 0;
}

static void grow_together(u32 granules_max)
{
    static struct fixture f;
    set_up(&f, granules_max);
    for (u32 granules = 1; granules <= granules_max; granules++)
        for (u32 i = 0; i < BLOBS; i++) {
            if (f.bytes[i] != 0)
                give(&f, i);
            take(&f, i, granules * CROFT_BLOB_GRANULE);
        }
    for (u32 i = 0; i < BLOBS; i++)
        give(&f, i);
    croft_region_unmap(&f.region);
}

static void test_all_grow_together(void **unused)
{
    (void)unused;
    for (u32 granules_max = 1; granules_max <= CROFT_BLOB_GRANULES_MAX; granules_max++)
        grow_together(granules_max);
}

/* Blobs of one granule as far apart as it takes for no hole to fit the longest: the rest still has room. */
static void test_worst_spread(void **unused)
{
    (void)unused;
    static struct fixture f;
    for (u32 most = 2; most <= CROFT_BLOB_GRANULES_MAX; most++) {
        set_up(&f, most);
        for (u32 i = 0; i < BLOBS; i++)
            take(&f, i, 1);
        for (u32 i = 0; i < BLOBS; i++)
            if (f.blob[i] % CROFT_BLOB_GRANULES_MAX % most != most - 1)
                give(&f, i);
        for (u32 i = 0; i < BLOBS; i++)
            if (f.bytes[i] == 0)
                take(&f, i, most * CROFT_BLOB_GRANULE);
        croft_region_unmap(&f.region);
    }
}

/* One small blob stays in each chunk; the rest still takes the largest. */
static void test_pinned_chunks(void **unused)
{
    (void)unused;
    static struct fixture f;
    set_up(&f, CROFT_BLOB_GRANULES_MAX);
    for (u32 i = 0; i < BLOBS; i++)
        take(&f, i, 1);
    for (u32 i = 0; i < BLOBS; i++)
        if (f.blob[i] % CROFT_BLOB_GRANULES_MAX != 7) {
            give(&f, i);
            take(&f, i, BYTES_MAX);
        }
    croft_region_unmap(&f.region);
}

static void test_random_lives(void **unused)
{
    (void)unused;
    static struct fixture f;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    set_up(&f, CROFT_BLOB_GRANULES_MAX);
    for (int step = 0; step < 60000; step++) {
        u32 i = (u32)croft_rng_below(&rng, BLOBS);
        u32 most = step / 10000 % 2 == 0 ? BYTES_MAX : 200;
        if (f.bytes[i] != 0)
            give(&f, i);
        else
            take(&f, i, 1 + (u32)croft_rng_below(&rng, most));
    }
    croft_region_unmap(&f.region);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_grow_together),
        cmocka_unit_test(test_worst_spread),
        cmocka_unit_test(test_pinned_chunks),
        cmocka_unit_test(test_random_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
