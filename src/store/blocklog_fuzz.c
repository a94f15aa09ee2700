/* Any bytes in the log's files: open answers, and what it opens can be read, appended to and opened again.
 *
 * Input: u8 flags, then four files (segment 1 .blk, .hdr, segment 2 .blk, .hdr), each u16 length and bytes.
 * With flag 1 the checks of the heads and frames found at the usual places are put right, with flag 2 the
 * body hash and the chain of the blocks too, so that the input reaches what lies behind them. */
#include "base/buf.h"
#include "crypto/hash.h"
#include "store/blocklog_int.h"
#include "store/tiny_disk_int.h"

enum { FIX_CHECKS = 1, FIX_CHAIN = 2, SEGMENTS = 2, BLOCKS_MAX = 64 };

static const struct croft_blocklog_options options = {.segment_bytes = 1500,
                                                      .segments_max = 4,
                                                      .blocks_max = BLOCKS_MAX,
                                                      .first_height = 1,
                                                      .room_bytes = 2000};

static struct croft_tiny_disk tiny;
static struct croft_region region;

static void take_file(struct croft_reader *r, u64 i, enum croft_log_kind kind)
{
    u16 len = croft_read_u16(r);
    if (r->bad)
        return;
    size_t left = croft_reader_left(r);
    size_t n = len < left ? len : left;
    const u8 *at = croft_read_bytes(r, n);
    croft_tiny_disk_put(&tiny, croft_log_name_of(i, kind).text, (struct croft_bytes){at, n});
}

static void fix_head(u64 i, enum croft_log_kind kind, u64 first_height)
{
    struct croft_tiny_file *f = croft_tiny_file(&tiny, croft_log_name_of(i, kind).text);
    if (f != NULL && f->len >= CROFT_LOG_HEAD_BYTES)
        croft_log_head_encode(kind, &(struct croft_log_head){CROFT_LOG_FORMAT, (u32)i + 1, first_height},
                              f->at);
}

/* Makes the bytes from at on a block with the right body hash that follows *last, where there are enough. */
static void fix_chain(u8 *at, u32 len, u64 height, struct croft_hash *last)
{
    struct croft_header h = {0};
    struct croft_signature none = {0};
    at[0] = 1;
    if (croft_block_peek((struct croft_bytes){at, len}, &h) != CROFT_OK)
        return;
    h.height = height;
    h.previous = *last;
    h.body_bytes = len - CROFT_BLOCK_HEAD_BYTES;
    h.body_hash = croft_block_body_hash((struct croft_bytes){at + CROFT_BLOCK_HEAD_BYTES, h.body_bytes});
    croft_block_seal(&h, &none, at);
    *last = croft_block_id(&h);
}

/* Walks the frames of a .blk as the lengths in them say. */
static void fix_blocks(u64 i, u8 flags, u64 *height, struct croft_hash *last)
{
    struct croft_tiny_file *f = croft_tiny_file(&tiny, croft_log_name_of(i, CROFT_LOG_BLK).text);
    for (u64 off = CROFT_LOG_HEAD_BYTES; f != NULL && off + CROFT_LOG_ENTRY_BYTES <= f->len;) {
        u32 len = croft_get_u32(f->at + off + 4);
        u64 left = f->len - off - CROFT_LOG_FRAME_BYTES;
        if (len < CROFT_BLOCK_HEAD_BYTES || len > left)
            return;
        u8 *block = f->at + off + CROFT_LOG_FRAME_BYTES;
        if (flags & FIX_CHAIN)
            fix_chain(block, len, *height, last);
        u8 entry[CROFT_LOG_ENTRY_BYTES];
        croft_log_entry_encode((struct croft_bytes){block, len}, entry);
        memcpy(f->at + off, entry, sizeof entry);
        off += CROFT_LOG_FRAME_BYTES + (u64)len;
        ++*height;
    }
}

static void fix(u8 flags)
{
    u64 height = 1;
    struct croft_hash last = {0};
    for (u64 i = 0; i < SEGMENTS && flags & FIX_CHECKS; i++) {
        fix_head(i, CROFT_LOG_BLK, height);
        fix_head(i, CROFT_LOG_HDR, height);
        fix_blocks(i, flags, &height, &last);
    }
}

static croft_err open_log(struct croft_blocklog **log, struct croft_arena *mem)
{
    struct croft_blocklog_opened opened;
    struct croft_why why = {0};
    *mem = croft_region_arena(&region);
    croft_err err = croft_blocklog_open(&tiny.disk, &options, mem, log, &opened, &why);
    CROFT_ASSERT(err == CROFT_OK || why.text[0] != '\0');
    return err;
}

/* Blocks of the last segment must be whole; older ones may turn out rotten. */
static void read_all(struct croft_blocklog *log, struct croft_arena mem)
{
    struct croft_why why;
    struct croft_block b;
    for (u64 height = croft_blocklog_first(log); height != croft_blocklog_last(log) + 1; height++) {
        struct croft_arena scratch = mem;
        croft_err err = croft_blocklog_read(log, height, &scratch, &b, &why);
        bool in_last = height >= log->segment[log->segment_count - 1].first_height;
        CROFT_ASSERT(err == CROFT_OK || (err == CROFT_ERR_LOG_ROT && !in_last));
        CROFT_ASSERT(err != CROFT_OK || b.header.height == height);
    }
}

static void append_one(struct croft_blocklog *log)
{
    u8 bytes[CROFT_BLOCK_HEAD_BYTES];
    struct croft_why why;
    struct croft_header h = {.format = 1, .height = croft_blocklog_last(log) + 1};
    struct croft_signature none = {0};
    h.previous = log->last_id;
    h.body_hash = croft_block_body_hash((struct croft_bytes){bytes, 0});
    croft_block_seal(&h, &none, bytes);
    croft_err err = croft_blocklog_append(log, (struct croft_bytes){bytes, sizeof bytes}, &why);
    CROFT_ASSERT(err == CROFT_OK || err == CROFT_ERR_DISK_FULL || err == CROFT_ERR_NOMEM);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    if (region.base == NULL && !croft_region_map(&region, croft_blocklog_size(&options) + (1 << 20)))
        return 0;
    croft_tiny_disk_clear(&tiny);
    struct croft_reader r = croft_reader_of((struct croft_bytes){data, size});
    u8 flags = croft_read_u8(&r);
    for (u64 i = 0; i < SEGMENTS; i++) {
        take_file(&r, i, CROFT_LOG_BLK);
        take_file(&r, i, CROFT_LOG_HDR);
    }
    fix(flags);

    struct croft_blocklog *log;
    struct croft_arena mem;
    if (open_log(&log, &mem) != CROFT_OK)
        return 0;
    u64 last = croft_blocklog_last(log);
    read_all(log, mem);
    append_one(log);
    u64 grown = croft_blocklog_last(log);
    CROFT_ASSERT(grown == last || grown == last + 1);
    croft_blocklog_close(log);
    croft_err err = open_log(&log, &mem);
    CROFT_ASSERT(err == CROFT_OK && croft_blocklog_last(log) == grown);
    croft_blocklog_close(log);
    return 0;
}
