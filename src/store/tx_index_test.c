/* Goal: the index finds every transaction that was added, and nothing else, newest first, whatever is sealed
 * and however often it is opened again. Method: random ids, many of them alike in their first bytes, against
 * a list searched from its end. */
#include "store/posix_disk.h"
#include "store/sample.h"
#include "store/tx_index.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { TXS_MAX = 6000, BLOCK_TXS_MAX = 60, RUN_TXS = 500, RUNS_MAX = 64, PLACES = 20 };

static u64 seed;
static struct croft_region region;

struct tx {
    struct croft_hash id;
    struct croft_tx_place place;
};

struct model {
    struct croft_rng rng;
    struct croft_sample_folder folder;
    struct croft_disk *disk;
    struct croft_tx_index *x;
    struct croft_tx_index_options options;
    struct tx tx[TXS_MAX];
    u32 count;
    u64 height; /* last added */
};

/* Adds again what open says is missing. */
static void reopen(struct model *m)
{
    struct croft_why why = {0};
    struct croft_arena mem = croft_region_arena(&region);
    u64 indexed = 0;
    m->options.log_last = m->height;
    croft_err err = croft_tx_index_open(m->disk, &m->options, &mem, &m->x, &indexed, &why);
    assert_int_equal(err, CROFT_OK);
    assert_true(indexed <= m->height);
    assert_true(croft_tx_index_last(m->x) == indexed);
    for (u32 i = 0; i < m->count;) {
        struct croft_hash id[BLOCK_TXS_MAX];
        u64 height = m->tx[i].place.height;
        u32 n = 0;
        for (; i < m->count && m->tx[i].place.height == height; i++)
            id[n++] = m->tx[i].id;
        if (height > indexed)
            assert_int_equal(croft_tx_index_add(m->x, height, id, n, &why), CROFT_OK);
    }
}

static struct model *model_make(u64 with_seed)
{
    struct model *m = calloc(1, sizeof *m);
    struct croft_why why;
    assert_non_null(m);
    m->rng = croft_rng_of(with_seed);
    m->folder = croft_sample_folder_make();
    m->options = (struct croft_tx_index_options){.run_txs_max = RUN_TXS, .runs_max = RUNS_MAX};
    assert_int_equal(croft_posix_disk_open(m->folder.path, false, &m->disk, &why), CROFT_OK);
    reopen(m);
    return m;
}

static void model_free(struct model *m)
{
    croft_tx_index_close(m->x);
    croft_posix_disk_close(m->disk);
    croft_sample_folder_remove(&m->folder);
    free(m);
}

/* One in four shares its first bytes with others: the same 4, 8 or all of them. */
static struct croft_hash any_id(struct model *m)
{
    struct croft_hash id;
    croft_rng_fill(&m->rng, id.b, sizeof id.b);
    if (m->count > 0 && croft_rng_chance(&m->rng, 4)) {
        static const size_t same[] = {4, 8, 32};
        const struct tx *other = &m->tx[croft_rng_below(&m->rng, m->count < 40 ? m->count : 40)];
        memcpy(id.b, other->id.b, same[croft_rng_below(&m->rng, CROFT_COUNT(same))]);
    }
    return id;
}

static void add_block(struct model *m, u64 height, u32 n)
{
    struct croft_hash id[BLOCK_TXS_MAX];
    struct croft_why why;
    for (u32 i = 0; i < n; i++) {
        id[i] = any_id(m);
        m->tx[m->count++] = (struct tx){id[i], {height, i}};
    }
    assert_int_equal(croft_tx_index_add(m->x, height, id, n, &why), CROFT_OK);
    m->height = height;
}

static void expect_found(struct model *m, const u8 *prefix, size_t len)
{
    struct croft_tx_place got[PLACES];
    struct croft_why why = {0};
    u32 max = 1 + (u32)croft_rng_below(&m->rng, PLACES), count = 0, want = 0;
    croft_err err = croft_tx_index_find(m->x, (struct croft_bytes){prefix, len}, got, max, &count, &why);
    assert_int_equal(err, CROFT_OK);
    for (u32 i = m->count; i-- > 0 && want < max;) {
        if (memcmp(m->tx[i].id.b, prefix, len < 8 ? len : 8) != 0)
            continue;
        assert_true(want < count);
        assert_true(got[want].height == m->tx[i].place.height && got[want].index == m->tx[i].place.index);
        want++;
    }
    assert_int_equal(count, want);
}

static void expect_some_found(struct model *m, int times)
{
    for (int i = 0; i < times; i++) {
        struct croft_hash id = any_id(m);
        if (m->count > 0 && croft_rng_chance(&m->rng, 2))
            id = m->tx[croft_rng_below(&m->rng, m->count)].id;
        expect_found(m, id.b, 4 + croft_rng_below(&m->rng, 29));
    }
}

static void test_against_a_list(void **state)
{
    (void)state;
    struct model *m = model_make(seed);
    while (m->count + BLOCK_TXS_MAX <= TXS_MAX) {
        u32 n = (u32)croft_rng_below(&m->rng, BLOCK_TXS_MAX + 1);
        add_block(m, m->height + 1 + croft_rng_below(&m->rng, 2) * croft_rng_below(&m->rng, 1000), n);
        expect_some_found(m, 3);
        if (croft_rng_chance(&m->rng, 20))
            reopen(m);
    }
    expect_some_found(m, 500);
    reopen(m);
    expect_some_found(m, 500);
    model_free(m);
}

/* Heights so far apart that a run is sealed because block and index no longer fit 32 bits. */
static void test_heights_far_apart(void **state)
{
    (void)state;
    struct model *m = model_make(seed);
    for (u64 height = 1; height < UINT64_C(1) << 60; height += 1 + (croft_rng_next(&m->rng) >> 7))
        add_block(m, height, 1 + (u32)croft_rng_below(&m->rng, 3));
    expect_some_found(m, 300);
    reopen(m);
    expect_some_found(m, 300);
    model_free(m);
}

static void run_path(const struct model *m, u32 run, char out[512])
{
    snprintf(out, 512, "%s/log/%08u.idx", m->folder.path, run);
}

static u64 file_bytes(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (u64)st.st_size : 0;
}

static void flip(const char *path, u64 off, u8 mask)
{
    u8 b;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &b, 1, (off_t)off), 1);
    b ^= mask;
    assert_int_equal(pwrite(fd, &b, 1, (off_t)off), 1);
    close(fd);
}

/* Damage is noticed, at start or when looking; nothing wrong is ever found. */
static void test_damaged_runs(void **state)
{
    (void)state;
    struct model *m = model_make(seed);
    while (m->count + BLOCK_TXS_MAX <= 3000)
        add_block(m, m->height + 1, BLOCK_TXS_MAX);
    char path[512];
    for (int i = 0; i < 200; i++) {
        run_path(m, 1 + (u32)croft_rng_below(&m->rng, 3), path);
        u64 off = croft_rng_below(&m->rng, file_bytes(path));
        u8 mask = (u8)(1u << croft_rng_below(&m->rng, 8));
        flip(path, off, mask);
        struct croft_tx_place got[PLACES];
        struct croft_why why;
        u32 count;
        croft_err err = CROFT_OK;
        for (u32 k = 0; k < m->count && err == CROFT_OK && off >= 4096; k += 7)
            err =
                croft_tx_index_find(m->x, (struct croft_bytes){m->tx[k].id.b, 32}, got, PLACES, &count, &why);
        assert_int_equal(err, off >= 4096 ? CROFT_ERR_STATE : CROFT_OK);
        if (off < 4096 || croft_rng_chance(&m->rng, 10)) {
            if (off >= 4096)
                assert_int_equal(unlink(path), 0); /* as the message says */
            reopen(m);
        } else {
            flip(path, off, mask);
        }
        expect_some_found(m, 5);
    }
    model_free(m);
}

/* After a cut of the log the runs that reach beyond its end are gone, and what took the blocks' place is
 * found. */
static void test_cut_log(void **state)
{
    (void)state;
    struct model *m = model_make(seed);
    while (m->count + BLOCK_TXS_MAX <= 4000)
        add_block(m, m->height + 1, BLOCK_TXS_MAX);
    u64 keep = m->height / 2;
    while (m->tx[m->count - 1].place.height > keep)
        m->count--;
    m->height = keep;
    reopen(m);
    expect_some_found(m, 300);
    while (m->count + BLOCK_TXS_MAX <= 4000)
        add_block(m, m->height + 1, BLOCK_TXS_MAX);
    expect_some_found(m, 300);
    model_free(m);
}

/* When no more runs may be made, add refuses and goes on refusing, and what is there stays right. */
static void test_runs_max(void **state)
{
    (void)state;
    struct model *m = model_make(seed);
    struct croft_why why;
    struct croft_hash id[BLOCK_TXS_MAX] = {0};
    m->options.runs_max = 2;
    reopen(m);
    while (m->count + BLOCK_TXS_MAX <= 3 * (RUN_TXS / BLOCK_TXS_MAX) * BLOCK_TXS_MAX)
        add_block(m, m->height + 1, BLOCK_TXS_MAX);
    u64 last = croft_tx_index_last(m->x);
    assert_int_equal(croft_tx_index_add(m->x, last + 1, id, BLOCK_TXS_MAX, &why), CROFT_ERR_NOMEM);
    assert_int_equal(croft_tx_index_add(m->x, last + 2, id, 1, &why), CROFT_ERR_UNAVAILABLE);
    assert_int_equal(croft_tx_index_add(m->x, last + 1, id, BLOCK_TXS_MAX, &why), CROFT_ERR_NOMEM);
    assert_true(croft_tx_index_last(m->x) == last);
    expect_some_found(m, 200);
    model_free(m);
}

int main(void)
{
    seed = croft_sample_seed();
    const struct croft_tx_index_options most = {.run_txs_max = RUN_TXS, .runs_max = RUNS_MAX};
    bool mapped = croft_region_map(&region, croft_tx_index_size(&most));
    CROFT_ASSERT(mapped);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_a_list), cmocka_unit_test(test_heights_far_apart),
        cmocka_unit_test(test_damaged_runs),   cmocka_unit_test(test_cut_log),
        cmocka_unit_test(test_runs_max),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
