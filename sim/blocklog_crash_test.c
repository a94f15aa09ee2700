/* Goal: whatever the power, the process or the disk does during any call, every acknowledged block is there
 * afterwards, byte for byte, and at most the one block that was under way is there besides.
 * Method: a list of blocks as the model; a disk that crashes, fails or fills up at every call of a short
 * life, and at random calls of long ones. */
#include "sim/fake_disk.h"
#include "store/blocklog.h"
#include "store/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    TX_BYTES_MAX = 700,
    BLOCKS_MAX = 64,
    SHORT_LIFE = 7,
    SEEDS_PER_CALL = 10,
    LONG_LIVES = 400,
    RECOVERIES = 2000
};

static const struct croft_blocklog_options base_options = {
    .segment_bytes = 2500, .segments_max = BLOCKS_MAX, .blocks_max = BLOCKS_MAX, .first_height = 1};

static u64 seed;
static struct croft_region region;

/* What must be in the log, and the block that may be. */
struct model {
    struct croft_rng rng;
    struct croft_fake_disk *fake;
    struct croft_blocklog *log;
    struct croft_blocklog_options options;
    u64 count;                            /* acknowledged */
    bool under_way;                       /* block[count] was given to append, which failed */
    struct croft_hash id[BLOCKS_MAX + 1]; /* of the block before block[i] */
    struct {
        u8 at[CROFT_BLOCK_HEAD_BYTES + 4 * TX_BYTES_MAX];
        size_t len;
    } block[BLOCKS_MAX];
};

static struct model *model_make(u64 with_seed)
{
    struct model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->rng = croft_rng_of(with_seed);
    m->fake = croft_fake_disk_make(with_seed + 1);
    m->options = base_options;
    static const u64 room_bytes[] = {0, 700, 4000};
    m->options.room_bytes = room_bytes[with_seed % CROFT_COUNT(room_bytes)];
    return m;
}

static void model_free(struct model *m)
{
    if (m->log != NULL)
        croft_blocklog_close(m->log);
    croft_fake_disk_free(m->fake);
    free(m);
}

static croft_err open_log(struct model *m, struct croft_why *why)
{
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_blocklog_opened opened;
    m->log = NULL;
    return croft_blocklog_open(croft_fake_disk_of(m->fake), &m->options, &mem, &m->log, &opened, why);
}

static struct croft_bytes next_block(struct model *m)
{
    u64 i = m->count;
    m->id[i + 1] = m->id[i];
    struct croft_bytes b = croft_sample_block(&m->rng, i + 1, &m->id[i + 1], TX_BYTES_MAX, m->block[i].at);
    assert_true(b.len <= sizeof m->block[i].at);
    m->block[i].len = b.len;
    return b;
}

static croft_err append(struct model *m, struct croft_why *why)
{
    croft_err err = croft_blocklog_append(m->log, next_block(m), why);
    m->under_way = err != CROFT_OK;
    m->count += err == CROFT_OK;
    return err;
}

static void expect_block(struct model *m, u64 height)
{
    struct croft_arena mem = {region.base + region.size / 2, region.base + region.size};
    struct croft_block b;
    struct croft_why why = {0};
    croft_err err = croft_blocklog_read(m->log, height, &mem, &b, &why);
    if (err != CROFT_OK)
        print_error("block %llu: %s\n", (unsigned long long)height, why.text);
    assert_int_equal(err, CROFT_OK);
    assert_int_equal(b.bytes.len, m->block[height - 1].len);
    assert_memory_equal(b.bytes.at, m->block[height - 1].at, b.bytes.len);
}

/* Opens after whatever happened and compares; what is found there is acknowledged from now on. */
static void reopen(struct model *m)
{
    struct croft_why why = {0};
    croft_err err = open_log(m, &why);
    if (err != CROFT_OK)
        print_error("open: %s\n", why.text);
    assert_int_equal(err, CROFT_OK);
    u64 last = croft_blocklog_last(m->log);
    assert_true(last == m->count || (m->under_way && last == m->count + 1));
    m->count = last;
    m->under_way = false;
    for (u64 height = 1; height <= last; height++)
        expect_block(m, height);
}

/* Rot in the last acknowledged block must not look like the torn tail of a block that was not: its header
 * copy is there, whatever was lost. */
static void expect_rot_is_told(struct model *m)
{
    const u8 *block = m->block[m->count - 1].at;
    size_t len = m->block[m->count - 1].len;
    for (u32 segment = 1; segment < BLOCKS_MAX; segment++) {
        char name[32];
        struct croft_why why;
        snprintf(name, sizeof name, "log/%08u.blk", segment);
        struct croft_bytes file = croft_fake_disk_file(m->fake, name);
        const u8 *at = file.len > 0 ? memmem(file.at, file.len, block, len) : NULL;
        if (at == NULL)
            continue;
        u64 off = (u64)(at - file.at) + croft_rng_below(&m->rng, len);
        croft_fake_disk_flip(m->fake, name, off, 1);
        assert_int_equal(open_log(m, &why), CROFT_ERR_LOG_ROT);
        croft_fake_disk_flip(m->fake, name, off, 1);
        return;
    }
    fail();
}

static void power_loss(struct model *m)
{
    croft_fake_disk_crash(m->fake);
    croft_fake_disk_restart(m->fake);
    if (!m->under_way && m->count > 0 && croft_rng_chance(&m->rng, 4))
        expect_rot_is_told(m);
    reopen(m);
}

/* Lives until its fault, or to its end; returns the calls made. */
static u64 short_life(u64 with_seed, u64 nth, enum croft_fake_fault fault)
{
    struct model *m = model_make(with_seed);
    struct croft_why why = {0};
    croft_err err = CROFT_OK;
    if (nth > 0)
        croft_fake_disk_plan(m->fake, CROFT_FAKE_ANY, nth, fault);
    if (open_log(m, &why) == CROFT_OK)
        for (int i = 0; i < SHORT_LIFE && err == CROFT_OK; i++)
            err = append(m, &why);
    u64 calls = croft_fake_disk_calls(m->fake, CROFT_FAKE_ANY);
    assert_true(nth > 0 || err == CROFT_OK);

    power_loss(m);
    for (int i = 0; i < 3; i++)
        assert_int_equal(append(m, &why), CROFT_OK);
    power_loss(m);
    model_free(m);
    return calls;
}

static void sweep(enum croft_fake_fault fault)
{
    for (u64 i = 0; i < SEEDS_PER_CALL; i++) {
        u64 calls = short_life(seed + i, 0, fault);
        for (u64 nth = 1; nth <= calls; nth++)
            short_life(seed + i, nth, fault);
    }
}

static void test_power_loss_at_every_call(void **state)
{
    (void)state;
    sweep(CROFT_FAKE_CRASH);
}

static void test_failure_at_every_call(void **state)
{
    (void)state;
    sweep(CROFT_FAKE_FAIL);
}

/* One opening that power loss may break off; what it shows, if it gets that far, is acknowledged. */
static void open_under_fire(struct model *m)
{
    struct croft_why why;
    if (croft_rng_chance(&m->rng, 2))
        croft_fake_disk_crash(m->fake);
    croft_fake_disk_restart(m->fake);
    croft_fake_disk_plan(m->fake, CROFT_FAKE_ANY, 1 + croft_rng_below(&m->rng, 60), CROFT_FAKE_CRASH);
    croft_err err = open_log(m, &why);
    assert_true(err == CROFT_OK || err == CROFT_ERR_IO);
    if (err != CROFT_OK)
        return;
    u64 last = croft_blocklog_last(m->log);
    assert_true(last == m->count || (m->under_way && last == m->count + 1));
    m->count = last;
    m->under_way = false;
}

/* After a crash or a failure power fails again while the log is being repaired. */
static void test_power_loss_during_recovery(void **state)
{
    (void)state;
    for (u64 i = 0; i < RECOVERIES; i++) {
        struct model *m = model_make(seed + i);
        struct croft_why why;
        reopen(m);
        croft_fake_disk_plan(m->fake, CROFT_FAKE_ANY, 1 + croft_rng_below(&m->rng, 80),
                             (enum croft_fake_fault)croft_rng_below(&m->rng, 2));
        while (m->count < SHORT_LIFE && append(m, &why) == CROFT_OK)
            ;
        for (int k = 0; k < 3; k++)
            open_under_fire(m);
        power_loss(m);
        model_free(m);
    }
}

/* Whatever an open showed after a killed process must outlive a power loss after it. */
static void live_on(struct model *m)
{
    struct croft_why why;
    u64 roll = croft_rng_below(&m->rng, 4);
    if (roll > 0)
        croft_fake_disk_plan(m->fake, CROFT_FAKE_ANY, 1 + croft_rng_below(&m->rng, 40),
                             (enum croft_fake_fault)croft_rng_below(&m->rng, 3));
    for (u64 n = croft_rng_below(&m->rng, 8); n > 0 && m->count < BLOCKS_MAX - 8; n--)
        if (append(m, &why) != CROFT_OK)
            break;
    if (croft_rng_chance(&m->rng, 2)) {
        croft_fake_disk_restart(m->fake); /* killed */
        reopen(m);
    }
    power_loss(m);
}

static void test_long_lives(void **state)
{
    (void)state;
    for (u64 i = 0; i < LONG_LIVES; i++) {
        struct model *m = model_make(seed + i);
        reopen(m);
        for (int k = 0; k < 8; k++)
            live_on(m);
        model_free(m);
    }
}

/* A full disk refuses the block, says what it needs and takes the same block once there is room. */
static void fill_up(struct model *m)
{
    struct croft_why why = {0};
    u64 used = croft_fake_disk_used(m->fake);
    u64 last = croft_blocklog_last(m->log);
    croft_fake_disk_set_room(m->fake, used + croft_rng_below(&m->rng, CROFT_BLOCK_HEAD_BYTES * 2));
    struct croft_bytes block = next_block(m);
    croft_err err = croft_blocklog_append(m->log, block, &why);
    if (err != CROFT_OK) {
        char needed[64];
        snprintf(needed, sizeof needed, "block %llu needs ", (unsigned long long)last + 1);
        assert_int_equal(err, CROFT_ERR_DISK_FULL);
        assert_non_null(strstr(why.text, needed));
        unsigned long long bytes = strtoull(strstr(why.text, needed) + strlen(needed), NULL, 10);
        assert_true(croft_fake_disk_used(m->fake) <=
                    used + 4 * 64); /* cut back, but for a new segment's heads */
        croft_fake_disk_set_room(m->fake, used + bytes);
        assert_int_equal(croft_blocklog_append(m->log, block, &why), CROFT_OK);
    }
    m->count++;
    croft_fake_disk_set_room(m->fake, UINT64_MAX);
    if (croft_rng_chance(&m->rng, 3))
        power_loss(m);
}

static void test_full_disk(void **state)
{
    (void)state;
    for (u64 i = 0; i < LONG_LIVES; i++) {
        struct model *m = model_make(seed + i);
        reopen(m);
        while (m->count < 20)
            fill_up(m);
        power_loss(m);
        model_free(m);
    }
}

/* The disk says it is full in any call of an append: nothing is lost, and nothing that was not acknowledged
 * stands in the way. */
static void test_full_disk_at_every_call(void **state)
{
    (void)state;
    sweep(CROFT_FAKE_DISK_FULL);
}

static void test_full_disk_then_power_loss(void **state)
{
    (void)state;
    for (u64 i = 0; i < LONG_LIVES; i++) {
        struct model *m = model_make(seed + i);
        struct croft_why why;
        reopen(m);
        for (int k = 0; k < 12; k++) {
            croft_fake_disk_plan(m->fake, CROFT_FAKE_WRITE | CROFT_FAKE_SYNC, 1 + croft_rng_below(&m->rng, 4),
                                 CROFT_FAKE_DISK_FULL);
            croft_err err = append(m, &why);
            if (err == CROFT_ERR_DISK_FULL)
                err = croft_blocklog_append(m->log, next_block(m), &why); /* a different block than before */
            if (err == CROFT_OK && m->under_way)
                m->count++;
            m->under_way = m->under_way && err != CROFT_OK;
            if (err != CROFT_OK || croft_rng_chance(&m->rng, 3))
                power_loss(m);
        }
        model_free(m);
    }
}

static void test_power_loss_during_cut(void **state)
{
    (void)state;
    for (u64 i = 0; i < LONG_LIVES; i++) {
        struct model *m = model_make(seed + i);
        struct croft_why why = {0};
        reopen(m);
        while (m->count < 12)
            assert_int_equal(append(m, &why), CROFT_OK);
        u64 to = croft_rng_below(&m->rng, 13), was = m->count;
        croft_fake_disk_plan(m->fake, CROFT_FAKE_ANY, 1 + croft_rng_below(&m->rng, 40), CROFT_FAKE_CRASH);
        croft_err err = croft_blocklog_cut(m->log, to, &why);
        croft_fake_disk_crash(m->fake);
        croft_fake_disk_restart(m->fake);
        assert_int_equal(open_log(m, &why), CROFT_OK);
        m->count = croft_blocklog_last(m->log);
        assert_true(err == CROFT_OK ? m->count == to : m->count >= to && m->count <= was);
        for (int k = 0; k < 3; k++)
            assert_int_equal(append(m, &why), CROFT_OK);
        power_loss(m);
        model_free(m);
    }
}

int main(void)
{
    seed = croft_sample_seed();
    bool mapped = croft_region_map(&region, 2 * croft_blocklog_size(&base_options));
    CROFT_ASSERT(mapped);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_loss_at_every_call),
        cmocka_unit_test(test_failure_at_every_call),
        cmocka_unit_test(test_power_loss_during_recovery),
        cmocka_unit_test(test_long_lives),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_full_disk_at_every_call),
        cmocka_unit_test(test_full_disk_then_power_loss),
        cmocka_unit_test(test_power_loss_during_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
