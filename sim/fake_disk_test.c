/* Goal: the fake disk keeps what was synced, loses only what was not, fails when told to, and is the same for
 * the same seed; and it does lose and tear things. Method: each promise of sim/fake_disk.h on its own, over
 * many seeds. */
#include "sim/fake_disk.h"

#include "base/assert.h"
#include "base/rng.h"
#include "store/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { SEEDS = 500, OLD = 3000, NEW = 5000 };

static u64 seed;
static u8 old_bytes[OLD], new_bytes[NEW];

static int open_file(struct croft_fake_disk *f, const char *name)
{
    int file = -1;
    struct croft_disk *d = croft_fake_disk_of(f);
    assert_int_equal(d->ops->open(d, name, true, &file), CROFT_OK);
    return file;
}

static void write_bytes(struct croft_fake_disk *f, int file, u64 off, const u8 *at, size_t len)
{
    struct croft_disk *d = croft_fake_disk_of(f);
    assert_int_equal(d->ops->write(d, file, off, (struct croft_bytes){at, len}), CROFT_OK);
}

/* A disk with file "a", OLD bytes of it synced, its name too. */
static struct croft_fake_disk *disk_with_a(u64 with_seed, int *out_file)
{
    struct croft_fake_disk *f = croft_fake_disk_make(with_seed);
    struct croft_disk *d = croft_fake_disk_of(f);
    *out_file = open_file(f, "a");
    write_bytes(f, *out_file, 0, old_bytes, OLD);
    assert_int_equal(d->ops->sync(d, *out_file), CROFT_OK);
    assert_int_equal(d->ops->sync_names(d), CROFT_OK);
    return f;
}

static void power_loss(struct croft_fake_disk *f)
{
    croft_fake_disk_crash(f);
    croft_fake_disk_restart(f);
}

static void test_synced_stays(void **state)
{
    (void)state;
    for (u64 i = 0; i < SEEDS; i++) {
        int file;
        struct croft_fake_disk *f = disk_with_a(seed + i, &file);
        write_bytes(f, file, OLD, new_bytes, NEW);
        power_loss(f);
        struct croft_bytes a = croft_fake_disk_file(f, "a");
        assert_true(a.len >= OLD && a.len <= OLD + NEW);
        assert_memory_equal(a.at, old_bytes, OLD);
        croft_fake_disk_free(f);
    }
}

/* Of a write over old bytes every byte is the old or the new one, and every way to lose it occurs. */
static void test_unsynced_is_lost_kept_or_torn(void **state)
{
    (void)state;
    u32 lost = 0, kept = 0, torn = 0;
    for (u64 i = 0; i < SEEDS; i++) {
        int file;
        struct croft_fake_disk *f = disk_with_a(seed + i, &file);
        write_bytes(f, file, 0, new_bytes, OLD);
        power_loss(f);
        struct croft_bytes a = croft_fake_disk_file(f, "a");
        assert_int_equal(a.len, OLD);
        for (size_t k = 0; k < OLD; k++)
            assert_true(a.at[k] == old_bytes[k] || a.at[k] == new_bytes[k]);
        bool all_old = memcmp(a.at, old_bytes, OLD) == 0, all_new = memcmp(a.at, new_bytes, OLD) == 0;
        lost += all_old;
        kept += all_new;
        torn += !all_old && !all_new;
        croft_fake_disk_free(f);
    }
    assert_true(lost > SEEDS / 20 && kept > SEEDS / 20 && torn > SEEDS / 20);
}

static void test_names(void **state)
{
    (void)state;
    u32 made = 0, moved = 0, gone = 0;
    for (u64 i = 0; i < SEEDS; i++) {
        int file, other;
        struct croft_fake_disk *f = disk_with_a(seed + i, &file);
        struct croft_disk *d = croft_fake_disk_of(f);
        other = open_file(f, "b");
        write_bytes(f, other, 0, new_bytes, NEW);
        assert_int_equal(d->ops->sync(d, other), CROFT_OK);
        assert_int_equal(d->ops->sync_names(d), CROFT_OK);
        open_file(f, "c");
        assert_int_equal(d->ops->rename(d, "b", "d"), CROFT_OK);
        assert_int_equal(d->ops->remove(d, "a"), CROFT_OK);
        power_loss(f);
        int fd;
        bool b = croft_fake_disk_file(f, "b").len == NEW, at_d = croft_fake_disk_file(f, "d").len == NEW;
        assert_true(b != at_d); /* under one name, whole */
        moved += at_d;
        gone += croft_fake_disk_file(f, "a").len == 0;
        made += d->ops->open(d, "c", false, &fd) == CROFT_OK;
        croft_fake_disk_free(f);
    }
    assert_true(made > SEEDS / 4 && moved > SEEDS / 4 && gone > SEEDS / 4);
    assert_true(made < SEEDS * 3 / 4 && moved < SEEDS * 3 / 4 && gone < SEEDS * 3 / 4);
}

/* A killed process loses its handles only. */
static void test_restart_alone(void **state)
{
    (void)state;
    int file;
    struct croft_fake_disk *f = disk_with_a(seed, &file);
    write_bytes(f, file, OLD, new_bytes, NEW);
    u64 sum = croft_fake_disk_sum(f);
    croft_fake_disk_restart(f);
    assert_true(croft_fake_disk_sum(f) == sum);
    assert_int_equal(croft_fake_disk_file(f, "a").len, OLD + NEW);
    croft_fake_disk_free(f);
}

static croft_err call(struct croft_fake_disk *f, int file, u32 kind)
{
    struct croft_disk *d = croft_fake_disk_of(f);
    u8 buf[8];
    u64 bytes;
    size_t got;
    int other;
    switch (kind) {
    case CROFT_FAKE_OPEN:
        return d->ops->open(d, "a", false, &other);
    case CROFT_FAKE_SIZE:
        return d->ops->size(d, file, &bytes);
    case CROFT_FAKE_READ:
        return d->ops->read(d, file, 0, buf, sizeof buf, &got);
    case CROFT_FAKE_WRITE:
        return d->ops->write(d, file, 0, (struct croft_bytes){new_bytes, NEW});
    case CROFT_FAKE_TRUNCATE:
        return d->ops->truncate(d, file, 10);
    case CROFT_FAKE_SYNC:
        return d->ops->sync(d, file);
    case CROFT_FAKE_RENAME:
        return d->ops->rename(d, "a", "b");
    case CROFT_FAKE_REMOVE:
        return d->ops->remove(d, "a");
    default:
        return d->ops->sync_names(d);
    }
}

/* Every kind of call: the second one gets the fault; after a crash all do, until restart. */
static void test_planned_faults(void **state)
{
    (void)state;
    static const croft_err want[] = {CROFT_ERR_IO, CROFT_ERR_IO, CROFT_ERR_DISK_FULL};
    for (u32 kind = 1; kind <= CROFT_FAKE_SYNC_NAMES; kind <<= 1) {
        for (int fault = CROFT_FAKE_CRASH; fault <= CROFT_FAKE_DISK_FULL; fault++) {
            int file;
            struct croft_fake_disk *f = disk_with_a(seed + kind, &file);
            u64 calls = croft_fake_disk_calls(f, kind);
            croft_fake_disk_plan(f, kind, 2, (enum croft_fake_fault)fault);
            assert_int_equal(call(f, file, kind == CROFT_FAKE_SIZE ? CROFT_FAKE_READ : CROFT_FAKE_SIZE),
                             CROFT_OK);
            croft_err first = call(f, file, kind);
            assert_int_equal(first, CROFT_OK);
            assert_int_equal(call(f, file, kind), want[fault]);
            assert_true(croft_fake_disk_calls(f, kind) == calls + 2);
            croft_err after = call(f, file, CROFT_FAKE_SIZE);
            assert_int_equal(after, fault == CROFT_FAKE_CRASH ? CROFT_ERR_IO : CROFT_OK);
            croft_fake_disk_restart(f);
            assert_int_equal(call(f, file, CROFT_FAKE_SYNC_NAMES), CROFT_OK);
            croft_fake_disk_free(f);
        }
    }
}

static void test_full(void **state)
{
    (void)state;
    for (u64 i = 0; i < SEEDS; i++) {
        int file;
        struct croft_fake_disk *f = disk_with_a(seed + i, &file);
        struct croft_disk *d = croft_fake_disk_of(f);
        croft_fake_disk_set_room(f, OLD + 100);
        assert_int_equal(d->ops->write(d, file, OLD, (struct croft_bytes){new_bytes, NEW}),
                         CROFT_ERR_DISK_FULL);
        assert_true(croft_fake_disk_used(f) <= OLD + 100);
        write_bytes(f, file, 0, new_bytes, OLD + 100); /* what fits goes in, over old bytes too */
        assert_int_equal(croft_fake_disk_used(f), OLD + 100);
        croft_fake_disk_free(f);
    }
}

static void test_flip(void **state)
{
    (void)state;
    int file;
    struct croft_fake_disk *f = disk_with_a(seed, &file);
    u64 sum = croft_fake_disk_sum(f);
    croft_fake_disk_flip(f, "a", 17, 4);
    assert_true(croft_fake_disk_sum(f) != sum);
    power_loss(f);
    assert_int_equal(croft_fake_disk_file(f, "a").at[17], old_bytes[17] ^ 4);
    croft_fake_disk_flip(f, "a", 17, 4);
    assert_true(croft_fake_disk_sum(f) == sum);
    croft_fake_disk_free(f);
}

/* The same seed and calls: the same loss. */
static void test_repeatable(void **state)
{
    (void)state;
    for (u64 i = 0; i < SEEDS / 5; i++) {
        u64 sum[2];
        for (int k = 0; k < 2; k++) {
            int file;
            struct croft_fake_disk *f = disk_with_a(seed + i, &file);
            write_bytes(f, file, 1000, new_bytes, NEW);
            open_file(f, "b");
            power_loss(f);
            sum[k] = croft_fake_disk_sum(f);
            croft_fake_disk_free(f);
        }
        assert_true(sum[0] == sum[1]);
    }
}

int main(void)
{
    seed = croft_sample_seed();
    struct croft_rng rng = croft_rng_of(seed);
    croft_rng_fill(&rng, old_bytes, sizeof old_bytes);
    croft_rng_fill(&rng, new_bytes, sizeof new_bytes);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_synced_stays),   cmocka_unit_test(test_unsynced_is_lost_kept_or_torn),
        cmocka_unit_test(test_names),          cmocka_unit_test(test_restart_alone),
        cmocka_unit_test(test_planned_faults), cmocka_unit_test(test_full),
        cmocka_unit_test(test_flip),           cmocka_unit_test(test_repeatable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
