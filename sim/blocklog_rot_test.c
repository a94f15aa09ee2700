/* Goal: no damage to what was acknowledged is ever taken for a torn tail, repaired over or missed; damage to
 * the header copies alone is repaired.
 * Method: every byte of the files of a small log is flipped, one after the other; files are emptied,
 * shortened and taken away; what open answers, says and changes is compared with what the place of the damage
 * demands. */
#include "base/buf.h"
#include "crypto/hash.h"
#include "sim/fake_disk.h"
#include "store/blocklog.h"
#include "store/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { TX_BYTES_MAX = 200, BLOCKS = 9, FILES_MAX = 16, FRAME = 24, HEAD = 40 };

static const struct croft_blocklog_options options = {.segment_bytes = 2000,
                                                      .segments_max = FILES_MAX,
                                                      .blocks_max = 64,
                                                      .first_height = 1,
                                                      .room_bytes = 1000};

static u64 seed;
static struct croft_region region;

struct built {
    struct croft_fake_disk *fake;
    struct croft_blocklog *log;
    struct croft_hash last_id;
    struct croft_rng rng;
    u64 segments, blocks_in_last;
    u64 sum; /* over the disk, undamaged */
};

static croft_err open_log(struct built *b, struct croft_blocklog_opened *opened, struct croft_why *why)
{
    struct croft_arena mem = croft_region_arena(&region);
    *opened = (struct croft_blocklog_opened){0};
    *why = (struct croft_why){0};
    b->log = NULL;
    return croft_blocklog_open(croft_fake_disk_of(b->fake), &options, &mem, &b->log, opened, why);
}

static void name_of(u64 segment, const char *ending, char out[32])
{
    snprintf(out, 32, "log/%08llu.%s", (unsigned long long)segment, ending);
}

static struct croft_bytes file_of(const struct built *b, u64 segment, const char *ending)
{
    char name[32];
    name_of(segment, ending, name);
    return croft_fake_disk_file(b->fake, name);
}

static void flip(const struct built *b, u64 segment, const char *ending, u64 off, u8 mask)
{
    char name[32];
    name_of(segment, ending, name);
    croft_fake_disk_flip(b->fake, name, off, mask);
}

static void append(struct built *b, u64 height)
{
    u8 bytes[CROFT_BLOCK_HEAD_BYTES + 4 * TX_BYTES_MAX];
    struct croft_why why;
    CROFT_ASSERT(croft_sample_block_max(TX_BYTES_MAX) <= sizeof bytes);
    struct croft_bytes block = croft_sample_block(&b->rng, height, &b->last_id, TX_BYTES_MAX, bytes);
    assert_int_equal(croft_blocklog_append(b->log, block, &why), CROFT_OK);
}

/* At least three segments, the last with more than one block.  Of another ancestor it is another chain, whose
 * blocks have the same lengths and places. */
static struct built build_after(u8 ancestor)
{
    struct built b = {.fake = croft_fake_disk_make(seed), .rng = croft_rng_of(seed)};
    b.last_id.b[0] = ancestor;
    struct croft_blocklog_opened opened;
    struct croft_why why;
    assert_int_equal(open_log(&b, &opened, &why), CROFT_OK);
    for (u64 height = 1; height <= BLOCKS || b.segments < 3 || b.blocks_in_last < 2; height++) {
        append(&b, height);
        b.blocks_in_last = file_of(&b, b.segments + 1, "blk").len > 0 ? 1 : b.blocks_in_last + 1;
        b.segments += b.blocks_in_last == 1;
    }
    croft_blocklog_close(b.log);
    return b;
}

/* Without room behind the blocks: open has taken it off. */
static struct built build(void)
{
    struct built b = build_after(0);
    struct croft_blocklog_opened opened;
    struct croft_why why;
    assert_int_equal(open_log(&b, &opened, &why), CROFT_OK);
    croft_blocklog_close(b.log);
    b.sum = croft_fake_disk_sum(b.fake);
    return b;
}

/* The log opens, whole, and takes blocks; whatever happened to header copies is undone. */
static void expect_whole(struct built *b, bool repaired)
{
    struct croft_blocklog_opened opened;
    struct croft_why why;
    assert_int_equal(open_log(b, &opened, &why), CROFT_OK);
    croft_blocklog_close(b->log);
    assert_int_equal(opened.cut_bytes, 0);
    assert_int_equal(opened.headers_rewritten > 0, repaired);
    assert_int_equal(strlen(opened.said.text) > 0, repaired);
    assert_true(croft_fake_disk_sum(b->fake) == b->sum);
}

/* It does not open, says where and what to do, and changes nothing. */
static void expect_rot(struct built *b, u64 height, u64 segment, u64 off)
{
    struct croft_blocklog_opened opened;
    struct croft_why why;
    char name[32], at[64], block[64];
    u64 sum = croft_fake_disk_sum(b->fake);
    assert_int_equal(open_log(b, &opened, &why), CROFT_ERR_LOG_ROT);
    assert_true(croft_fake_disk_sum(b->fake) == sum);
    name_of(segment, "blk", name);
    snprintf(at, sizeof at, "%s at offset %llu.", name, (unsigned long long)off);
    snprintf(block, sizeof block, "block %llu,", (unsigned long long)height);
    assert_non_null(strstr(why.text, at));
    assert_non_null(strstr(why.text, block));
    assert_non_null(strstr(why.text, "croft chain follow"));
    assert_non_null(strstr(why.text, "croft chain init --snapshot"));
}

static u8 any_mask(struct built *b)
{
    return (u8)(1u << croft_rng_below(&b->rng, 8));
}

/* Every byte of one block file: of the last segment all must be noticed, of others heads, frames and headers.
 */
static void flip_blk(struct built *b, u64 segment, u64 *height)
{
    struct croft_bytes file = file_of(b, segment, "blk");
    for (u64 off = 0; off < HEAD; off++) {
        u8 mask = any_mask(b);
        flip(b, segment, "blk", off, mask);
        expect_rot(b, *height, segment, 0);
        flip(b, segment, "blk", off, mask);
    }
    for (u64 at = HEAD; at < file.len; ++*height) {
        u64 len = FRAME + (u64)croft_get_u32(file.at + at + 4);
        u64 checked = segment == b->segments ? len : FRAME + CROFT_BLOCK_HEAD_BYTES;
        for (u64 i = 0; i < checked; i++) {
            u8 mask = any_mask(b);
            flip(b, segment, "blk", at + i, mask);
            expect_rot(b, *height, segment, at);
            flip(b, segment, "blk", at + i, mask);
        }
        at += len;
    }
}

static void test_every_byte_of_the_blocks(void **state)
{
    (void)state;
    struct built b = build();
    u64 height = 1;
    for (u64 segment = 1; segment <= b.segments; segment++)
        flip_blk(&b, segment, &height);
    expect_whole(&b, false);
    croft_fake_disk_free(b.fake);
}

static void test_every_byte_of_the_header_copies(void **state)
{
    (void)state;
    struct built b = build();
    for (u64 segment = 1; segment <= b.segments; segment++) {
        for (u64 off = 0; off < file_of(&b, segment, "hdr").len; off++) {
            flip(&b, segment, "hdr", off, any_mask(&b));
            expect_whole(&b, true);
        }
    }
    croft_fake_disk_free(b.fake);
}

/* The first block of the first segment that has a body: its height, and where it lies. */
static u64 find_body(const struct built *b, u64 *height)
{
    struct croft_bytes file = file_of(b, 1, "blk");
    u64 at = HEAD, len;
    for (*height = 1; at < file.len; ++*height, at += FRAME + len) {
        len = croft_get_u32(file.at + at + 4);
        if (len > CROFT_BLOCK_HEAD_BYTES)
            return at;
    }
    fail();
    return 0;
}

/* A body in an older segment is not read at start, but a reader never gets it. */
static void test_old_body(void **state)
{
    (void)state;
    struct built b = build();
    struct croft_blocklog_opened opened;
    struct croft_why why;
    struct croft_block block;
    u64 height, off = find_body(&b, &height);
    char at[64];
    flip(&b, 1, "blk", off + FRAME + CROFT_BLOCK_HEAD_BYTES, any_mask(&b));
    assert_int_equal(open_log(&b, &opened, &why), CROFT_OK);
    struct croft_arena mem = {region.base + region.size / 2, region.base + region.size}, was = mem;
    assert_int_equal(croft_blocklog_read(b.log, height, &mem, &block, &why), CROFT_ERR_LOG_ROT);
    snprintf(at, sizeof at, "log/00000001.blk at offset %llu.", (unsigned long long)off);
    assert_non_null(strstr(why.text, at));
    assert_ptr_equal(mem.at, was.at);
    assert_int_equal(croft_blocklog_read(b.log, height + 1, &mem, &block, &why), CROFT_OK);
    croft_blocklog_close(b.log);
    croft_fake_disk_free(b.fake);
}

static void resize(const struct built *b, u64 segment, const char *ending, u64 bytes)
{
    struct croft_disk *disk = croft_fake_disk_of(b->fake);
    char name[32];
    int file;
    name_of(segment, ending, name);
    assert_int_equal(disk->ops->open(disk, name, false, &file), CROFT_OK);
    assert_int_equal(disk->ops->truncate(disk, file, bytes), CROFT_OK);
    assert_int_equal(disk->ops->sync(disk, file), CROFT_OK);
    disk->ops->close(disk, file);
}

static void take_away(const struct built *b, u64 segment, const char *ending)
{
    struct croft_disk *disk = croft_fake_disk_of(b->fake);
    char name[32];
    name_of(segment, ending, name);
    assert_int_equal(disk->ops->remove(disk, name), CROFT_OK);
    assert_int_equal(disk->ops->sync_names(disk), CROFT_OK);
}

/* The file of blocks shortened to any length: what was acknowledged is gone, and not taken for torn. */
static void test_every_shorter_length(void **state)
{
    (void)state;
    struct built b = build();
    u64 len = file_of(&b, b.segments, "blk").len;
    while (len-- > 0) {
        struct croft_blocklog_opened opened;
        struct croft_why why;
        resize(&b, b.segments, "blk", len);
        u64 sum = croft_fake_disk_sum(b.fake);
        assert_int_equal(open_log(&b, &opened, &why), CROFT_ERR_LOG_ROT);
        assert_true(croft_fake_disk_sum(b.fake) == sum);
    }
    croft_fake_disk_free(b.fake);
}

static void test_lost_files(void **state)
{
    (void)state;
    for (u64 segment = 1; segment <= 3; segment++) {
        struct built b = build();
        take_away(&b, segment, "hdr");
        expect_whole(&b, true);
        struct croft_blocklog_opened opened;
        struct croft_why why;
        take_away(&b, segment, "blk");
        assert_int_equal(open_log(&b, &opened, &why), CROFT_ERR_LOG_ROT);
        assert_non_null(strstr(why.text, "file is gone"));
        croft_fake_disk_free(b.fake);
    }
}

/* The last block damaged, and any byte of its header copy as well. */
static void test_damage_in_both_copies(void **state)
{
    (void)state;
    struct built b = build();
    u64 copies = file_of(&b, b.segments, "hdr").len, copy = FRAME + CROFT_BLOCK_HEAD_BYTES;
    flip(&b, b.segments, "blk", file_of(&b, b.segments, "blk").len - 1, any_mask(&b));
    for (u64 i = 1; i <= copy; i++) {
        struct croft_blocklog_opened opened;
        struct croft_why why;
        u8 mask = any_mask(&b);
        flip(&b, b.segments, "hdr", copies - i, mask);
        assert_int_equal(open_log(&b, &opened, &why), CROFT_ERR_LOG_ROT);
        flip(&b, b.segments, "hdr", copies - i, mask);
    }
    croft_fake_disk_free(b.fake);
}

/* Two faults that together look like a torn tail: the last block damaged, and its header copy gone with the
 * one before it.  One lost copy alone does look so, and is why header copies are synced before acknowledging.
 */
static void test_damage_beside_lost_copies(void **state)
{
    (void)state;
    struct built b = build();
    struct croft_blocklog_opened opened;
    struct croft_why why;
    u64 copies = file_of(&b, b.segments, "hdr").len, copy = FRAME + CROFT_BLOCK_HEAD_BYTES;
    flip(&b, b.segments, "blk", file_of(&b, b.segments, "blk").len - 1, any_mask(&b));
    resize(&b, b.segments, "hdr", copies - copy - 1);
    assert_int_equal(open_log(&b, &opened, &why), CROFT_ERR_LOG_ROT);
    croft_fake_disk_free(b.fake);
}

static void put(const struct built *b, u64 segment, const char *ending, u64 off, struct croft_bytes bytes)
{
    struct croft_disk *disk = croft_fake_disk_of(b->fake);
    char name[32];
    int file;
    name_of(segment, ending, name);
    assert_int_equal(disk->ops->open(disk, name, false, &file), CROFT_OK);
    assert_int_equal(disk->ops->write(disk, file, off, bytes), CROFT_OK);
    assert_int_equal(disk->ops->sync(disk, file), CROFT_OK);
    disk->ops->close(disk, file);
}

/* Bytes after the last block that were never acknowledged are cut, whatever they are, and said; zeros are
 * room. */
static void test_torn_tails(void **state)
{
    (void)state;
    struct built b = build();
    for (int i = 0; i < 300; i++) {
        u8 junk[900] = {0};
        size_t len = 1 + croft_rng_below(&b.rng, sizeof junk);
        if (i % 3 == 0)
            croft_rng_fill(&b.rng, junk, len);
        if (i % 3 == 1) /* a frame like any other, up to where it broke off */
            memcpy(junk, file_of(&b, b.segments, "blk").at + HEAD, len < 300 ? len : 300);
        size_t cut = i % 3 == 2 || (len == 1 && junk[0] == 0) ? 0 : len;
        put(&b, b.segments, "blk", file_of(&b, b.segments, "blk").len, (struct croft_bytes){junk, len});
        struct croft_blocklog_opened opened;
        struct croft_why why;
        char said[64];
        assert_int_equal(open_log(&b, &opened, &why), CROFT_OK);
        croft_blocklog_close(b.log);
        assert_int_equal(opened.cut_bytes, cut);
        snprintf(said, sizeof said, "cut %zu bytes", len);
        assert_true((strstr(opened.said.text, said) != NULL) == (cut > 0));
        assert_true(croft_fake_disk_sum(b.fake) == b.sum);
    }
    croft_fake_disk_free(b.fake);
}

/* A flipped byte in the room ahead of the blocks is no damage to any block, in either file. */
static void test_damaged_room(void **state)
{
    (void)state;
    static const char *const ending[] = {"blk", "hdr"};
    struct built b = build();
    for (int i = 0; i < 400; i++) {
        static const u8 zeros[1000];
        const char *e = ending[i % 2];
        u64 end = file_of(&b, b.segments, e).len;
        put(&b, b.segments, e, end, (struct croft_bytes){zeros, sizeof zeros});
        flip(&b, b.segments, e, end + croft_rng_below(&b.rng, sizeof zeros), any_mask(&b));
        struct croft_blocklog_opened opened;
        struct croft_why why;
        assert_int_equal(open_log(&b, &opened, &why), CROFT_OK);
        croft_blocklog_close(b.log);
        assert_int_equal(opened.cut_bytes, i % 2 == 0 ? sizeof zeros : 0);
        assert_int_equal(opened.headers_rewritten, i % 2 == 0 ? 0 : 1);
        assert_true(croft_fake_disk_sum(b.fake) == b.sum);
    }
    croft_fake_disk_free(b.fake);
}

/* The last block, all zeros now, with its header copy: gone, not room. */
static void test_zeroed_block(void **state)
{
    (void)state;
    struct built b = build();
    struct croft_bytes file = file_of(&b, b.segments, "blk");
    u64 at = HEAD, next = HEAD, height = croft_get_u64(file.at + 16);
    while ((next = at + FRAME + croft_get_u32(file.at + at + 4)) < file.len) {
        at = next;
        height++;
    }
    static const u8 zeros[CROFT_BLOCK_HEAD_BYTES + 4 * TX_BYTES_MAX];
    put(&b, b.segments, "blk", at, (struct croft_bytes){zeros, file.len - at});
    expect_rot(&b, height, b.segments, at);
    croft_fake_disk_free(b.fake);
}

/* A block, or a whole segment, of another chain in the place of ours is whole, but is not what we wrote. */
static void test_foreign_blocks(void **state)
{
    (void)state;
    struct built b = build(), other = build_after(1);
    u64 height = croft_get_u64(file_of(&b, 2, "blk").at + 16);
    put(&b, 2, "blk", 0, file_of(&other, 2, "blk"));
    expect_rot(&b, height, 2, HEAD);
    put(&b, 2, "hdr", 0, file_of(&other, 2, "hdr"));
    expect_rot(&b, height, 2, HEAD);
    croft_fake_disk_free(b.fake);

    b = build();
    put(&b, 1, "blk", 0, file_of(&other, 1, "blk"));
    expect_rot(&b, 1, 1, HEAD);
    croft_fake_disk_free(b.fake);
    croft_fake_disk_free(other.fake);
}

/* Files of the next log format, even one that holds no block yet. */
static void test_newer_format(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct built b = build();
        u8 head[HEAD] = {0};
        const char *ending = i % 2 == 0 ? "blk" : "hdr";
        u64 segment = i < 2 ? 1 : b.segments;
        memcpy(head, file_of(&b, segment, ending).at, sizeof head);
        croft_put_u32(head + 8, 2);
        const struct croft_bytes part = {head, HEAD - 16};
        struct croft_hash check = croft_blake2b("croft log head 1", &part, 1);
        memcpy(head + HEAD - 16, check.b, 16);
        put(&b, segment, ending, 0, (struct croft_bytes){head, sizeof head});
        if (i == 2) {
            resize(&b, segment, "blk", HEAD);
            resize(&b, segment, "hdr", HEAD);
        }
        struct croft_blocklog_opened opened;
        struct croft_why why;
        u64 sum = croft_fake_disk_sum(b.fake);
        assert_int_equal(open_log(&b, &opened, &why), CROFT_ERR_FORMAT);
        assert_non_null(strstr(why.text, "newer"));
        assert_true(croft_fake_disk_sum(b.fake) == sum);
        croft_fake_disk_free(b.fake);
    }
}

int main(void)
{
    seed = croft_sample_seed();
    bool mapped = croft_region_map(&region, 2 * croft_blocklog_size(&options));
    CROFT_ASSERT(mapped);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_of_the_blocks),
        cmocka_unit_test(test_every_byte_of_the_header_copies),
        cmocka_unit_test(test_old_body),
        cmocka_unit_test(test_every_shorter_length),
        cmocka_unit_test(test_lost_files),
        cmocka_unit_test(test_damage_beside_lost_copies),
        cmocka_unit_test(test_damage_in_both_copies),
        cmocka_unit_test(test_torn_tails),
        cmocka_unit_test(test_damaged_room),
        cmocka_unit_test(test_zeroed_block),
        cmocka_unit_test(test_foreign_blocks),
        cmocka_unit_test(test_newer_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
