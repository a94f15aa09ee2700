/* Goal: what was appended is read again, on a real disk, over segments, cuts and new openings.  (Power loss
 * and rot: sim/blocklog_crash_test.c and sim/blocklog_rot_test.c, which have a disk for it.) Method: random
 * calls against a list of blocks. */
#include "store/blocklog.h"
#include "store/posix_disk.h"
#include "store/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCKS_MAX = 300, TX_BYTES_MAX = 900, LARGE_BYTES = 3 << 20, CALLS = 1500 };

static u64 seed;
static struct croft_region region;

struct model {
    struct croft_rng rng;
    struct croft_sample_folder folder;
    struct croft_disk *disk;
    struct croft_blocklog *log;
    struct croft_arena left; /* after the log */
    struct croft_blocklog_options options;
    u64 count;
    struct croft_hash id[BLOCKS_MAX + 1]; /* of the block before block[i] */
    struct croft_bytes block[BLOCKS_MAX]; /* malloc'd */
};

static void reopen(struct model *m)
{
    struct croft_blocklog_opened opened;
    struct croft_why why = {0};
    if (m->log != NULL)
        croft_blocklog_close(m->log);
    m->left = croft_region_arena(&region);
    croft_err err = croft_blocklog_open(m->disk, &m->options, &m->left, &m->log, &opened, &why);
    assert_int_equal(err, CROFT_OK);
    assert_int_equal(opened.cut_bytes, 0);
    assert_int_equal(opened.headers_rewritten, 0);
    assert_string_equal(opened.said.text, "");
    assert_true(croft_blocklog_first(m->log) == m->options.first_height);
    assert_true(croft_blocklog_last(m->log) == m->options.first_height + m->count - 1);
}

static struct model *model_make(u64 first_height)
{
    struct model *m = calloc(1, sizeof *m);
    struct croft_why why;
    assert_non_null(m);
    m->rng = croft_rng_of(seed);
    m->folder = croft_sample_folder_make();
    m->options = (struct croft_blocklog_options){.segment_bytes = 20000,
                                                 .segments_max = 200,
                                                 .blocks_max = BLOCKS_MAX,
                                                 .first_height = first_height,
                                                 .room_bytes = first_height % 2 * 5000};
    assert_int_equal(croft_posix_disk_open(m->folder.path, false, &m->disk, &why), CROFT_OK);
    reopen(m);
    return m;
}

static void forget_blocks(struct model *m, u64 keep)
{
    while (m->count > keep)
        free((void *)(uintptr_t)m->block[--m->count].at);
}

static void model_free(struct model *m)
{
    croft_blocklog_close(m->log);
    croft_posix_disk_close(m->disk);
    croft_sample_folder_remove(&m->folder);
    forget_blocks(m, 0);
    free(m);
}

static void append(struct model *m)
{
    struct croft_why why;
    size_t tx_bytes = croft_rng_chance(&m->rng, 50) ? LARGE_BYTES / 8 : TX_BYTES_MAX;
    u8 *bytes = malloc(croft_sample_block_max(tx_bytes));
    assert_non_null(bytes);
    u64 i = m->count;
    m->id[i + 1] = m->id[i];
    m->block[i] = croft_sample_block(&m->rng, m->options.first_height + i, &m->id[i + 1], tx_bytes, bytes);
    assert_int_equal(croft_blocklog_append(m->log, m->block[i], &why), CROFT_OK);
    m->count++;
}

static void expect_block(struct model *m, u64 i)
{
    struct croft_arena mem = m->left;
    struct croft_block b;
    struct croft_why why;
    assert_int_equal(croft_blocklog_read(m->log, m->options.first_height + i, &mem, &b, &why), CROFT_OK);
    assert_int_equal(b.bytes.len, m->block[i].len);
    assert_memory_equal(b.bytes.at, m->block[i].at, b.bytes.len);
    assert_true(b.header.height == m->options.first_height + i);
}

static void cut(struct model *m)
{
    struct croft_why why;
    u64 keep = m->count - croft_rng_below(&m->rng, m->count < 20 ? m->count + 1 : 20);
    u64 before = croft_blocklog_bytes(m->log);
    assert_int_equal(croft_blocklog_cut(m->log, m->options.first_height + keep - 1, &why), CROFT_OK);
    assert_true(keep == m->count || croft_blocklog_bytes(m->log) < before);
    forget_blocks(m, keep);
}

static void random_calls(struct model *m)
{
    for (int k = 0; k < CALLS; k++) {
        u64 roll = croft_rng_below(&m->rng, 40);
        if (roll == 0)
            reopen(m);
        else if (roll == 1)
            cut(m);
        else if (roll < 12 && m->count < BLOCKS_MAX)
            append(m);
        else if (m->count > 0)
            expect_block(m, croft_rng_below(&m->rng, m->count));
    }
    reopen(m);
    for (u64 i = 0; i < m->count; i++)
        expect_block(m, i);
}

static void test_against_a_list(void **state)
{
    (void)state;
    struct model *m = model_make(1);
    random_calls(m);
    model_free(m);
}

/* As after a restore from a snapshot. */
static void test_later_first_height(void **state)
{
    (void)state;
    struct model *m = model_make(1000002);
    croft_rng_fill(&m->rng, m->id[0].b, sizeof m->id[0].b);
    random_calls(m);
    model_free(m);
}

static void test_outside(void **state)
{
    (void)state;
    struct model *m = model_make(5);
    struct croft_block b;
    struct croft_why why;
    while (m->count < 3)
        append(m);
    static const u64 outside[] = {0, 1, 4, 8, UINT64_MAX};
    for (size_t i = 0; i < CROFT_COUNT(outside); i++) {
        assert_int_equal(croft_blocklog_read(m->log, outside[i], &m->left, &b, &why), CROFT_ERR_NOT_FOUND);
        assert_non_null(strstr(why.text, "has 5 to 7"));
    }
    u8 little[64];
    struct croft_arena mem = {little, little + sizeof little};
    assert_int_equal(croft_blocklog_read(m->log, 6, &mem, &b, &why), CROFT_ERR_NOMEM);
    assert_ptr_equal(mem.at, little);
    model_free(m);
}

static void expect_refused(struct model *m)
{
    u8 bytes[4000];
    struct croft_why why;
    struct croft_hash id = m->id[m->count];
    u64 height = m->options.first_height + m->count;
    CROFT_ASSERT(croft_sample_block_max(TX_BYTES_MAX) <= sizeof bytes);
    struct croft_bytes next = croft_sample_block(&m->rng, height, &id, TX_BYTES_MAX, bytes);
    assert_int_equal(croft_blocklog_append(m->log, next, &why), CROFT_ERR_NOMEM);
    reopen(m);
}

static void expect_not_opened(struct model *m, u64 segments_max, u64 blocks_max)
{
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_blocklog_opened opened;
    struct croft_blocklog *log;
    struct croft_why why;
    struct croft_blocklog_options options = m->options;
    options.segments_max = segments_max;
    options.blocks_max = blocks_max;
    assert_int_equal(croft_blocklog_open(m->disk, &options, &mem, &log, &opened, &why), CROFT_ERR_NOMEM);
    assert_ptr_equal(mem.at, region.base);
}

/* The limits given at open: refused, and nothing else is changed. */
static void test_limits(void **state)
{
    (void)state;
    struct model *m = model_make(1);
    m->options.blocks_max = 10;
    reopen(m);
    while (m->count < 10)
        append(m);
    expect_refused(m);
    m->options.blocks_max = BLOCKS_MAX;
    m->options.segment_bytes = 1;
    reopen(m);
    append(m);
    expect_not_opened(m, 1, BLOCKS_MAX);
    expect_not_opened(m, 200, 5);
    reopen(m);
    model_free(m);
}

static void test_segments_max(void **state)
{
    (void)state;
    struct model *m = model_make(1);
    m->options.segments_max = 3;
    m->options.segment_bytes = 1;
    reopen(m);
    while (m->count < 3)
        append(m);
    expect_refused(m);
    expect_refused(m);
    model_free(m);
}

int main(void)
{
    seed = croft_sample_seed();
    const struct croft_blocklog_options most = {.segments_max = 200, .blocks_max = BLOCKS_MAX};
    bool mapped = croft_region_map(&region, croft_blocklog_size(&most) + LARGE_BYTES);
    CROFT_ASSERT(mapped);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_a_list), cmocka_unit_test(test_later_first_height),
        cmocka_unit_test(test_outside),        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_segments_max),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
