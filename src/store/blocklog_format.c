#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"
#include "store/blocklog_int.h"

#include <stdio.h>

static const u8 frame_magic[4] = {'c', 'r', 'f', 'b'};
static const char *const head_magic[] = {[CROFT_LOG_BLK] = "croftblk", [CROFT_LOG_HDR] = "crofthdr"};
enum { MAGIC_BYTES = 8, HEAD_CHECKED = CROFT_LOG_HEAD_BYTES - CROFT_LOG_CHECK_BYTES };

struct croft_log_name croft_log_name_of(u64 segment_index, enum croft_log_kind kind)
{
    CROFT_ASSERT(segment_index <= CROFT_LOG_SEGMENTS_MAX);
    struct croft_log_name n;
    const char *ending = kind == CROFT_LOG_BLK ? "blk" : "hdr";
    int len = snprintf(n.text, sizeof n.text, "log/%08u.%s", (u32)segment_index + 1, ending);
    CROFT_ASSERT(len > 0 && (size_t)len < sizeof n.text);
    return n;
}

static struct croft_hash head_check(const u8 *head)
{
    const struct croft_bytes part = {head, HEAD_CHECKED};
    return croft_blake2b("croft log head 1", &part, 1);
}

void croft_log_head_encode(enum croft_log_kind kind, const struct croft_log_head *h,
                           u8 out[CROFT_LOG_HEAD_BYTES])
{
    struct croft_writer w = croft_writer_of(out, CROFT_LOG_HEAD_BYTES);
    croft_write_bytes(&w, head_magic[kind], MAGIC_BYTES);
    croft_write_u32(&w, h->format);
    croft_write_u32(&w, h->segment);
    croft_write_u64(&w, h->first_height);
    struct croft_hash check = head_check(out);
    croft_write_bytes(&w, check.b, CROFT_LOG_CHECK_BYTES);
    CROFT_ASSERT(!w.bad && w.at == w.end);
}

croft_err croft_log_head_decode(enum croft_log_kind kind, const u8 in[CROFT_LOG_HEAD_BYTES],
                                struct croft_log_head *out)
{
    struct croft_hash check = head_check(in);
    if (memcmp(in, head_magic[kind], MAGIC_BYTES) != 0 ||
        memcmp(in + HEAD_CHECKED, check.b, CROFT_LOG_CHECK_BYTES) != 0)
        return CROFT_ERR_DECODE;
    struct croft_reader r =
        croft_reader_of((struct croft_bytes){in + MAGIC_BYTES, HEAD_CHECKED - MAGIC_BYTES});
    struct croft_log_head h = {.format = croft_read_u32(&r), .segment = croft_read_u32(&r)};
    h.first_height = croft_read_u64(&r);
    if (h.format != CROFT_LOG_FORMAT)
        return CROFT_ERR_FORMAT;
    *out = h;
    return CROFT_OK;
}

static struct croft_hash entry_check(const u8 *frame, const u8 *block_head)
{
    const struct croft_bytes part[] = {{frame, CROFT_LOG_FRAME_BYTES - CROFT_LOG_CHECK_BYTES},
                                       {block_head, CROFT_BLOCK_HEAD_BYTES}};
    return croft_blake2b("croft log frame 1", part, CROFT_COUNT(part));
}

void croft_log_entry_encode(struct croft_bytes block, u8 out[CROFT_LOG_ENTRY_BYTES])
{
    CROFT_ASSERT(block.len >= CROFT_BLOCK_HEAD_BYTES && block.len <= CROFT_BLOCK_BYTES_MAX);
    struct croft_writer w = croft_writer_of(out, CROFT_LOG_ENTRY_BYTES);
    croft_write_bytes(&w, frame_magic, sizeof frame_magic);
    croft_write_u32(&w, (u32)block.len);
    struct croft_hash check = entry_check(out, block.at);
    croft_write_bytes(&w, check.b, CROFT_LOG_CHECK_BYTES);
    croft_write_bytes(&w, block.at, CROFT_BLOCK_HEAD_BYTES);
    CROFT_ASSERT(!w.bad && w.at == w.end);
}

bool croft_log_entry_begins(struct croft_bytes in)
{
    return in.len >= sizeof frame_magic && memcmp(in.at, frame_magic, sizeof frame_magic) == 0;
}

croft_err croft_log_entry_decode(const u8 in[CROFT_LOG_ENTRY_BYTES], struct croft_log_entry *out)
{
    const u8 *block_head = in + CROFT_LOG_FRAME_BYTES;
    struct croft_hash check = entry_check(in, block_head);
    const u8 *stored = in + CROFT_LOG_FRAME_BYTES - CROFT_LOG_CHECK_BYTES;
    if (memcmp(in, frame_magic, sizeof frame_magic) != 0 ||
        memcmp(stored, check.b, CROFT_LOG_CHECK_BYTES) != 0)
        return CROFT_ERR_DECODE;

    struct croft_log_entry e = {.block_bytes = croft_get_u32(in + sizeof frame_magic)};
    CROFT_TRY(croft_block_peek((struct croft_bytes){block_head, CROFT_BLOCK_HEAD_BYTES}, &e.header));
    if (e.block_bytes > CROFT_BLOCK_BYTES_MAX ||
        e.block_bytes != (u64)CROFT_BLOCK_HEAD_BYTES + e.header.body_bytes)
        return CROFT_ERR_DECODE;
    *out = e;
    return CROFT_OK;
}

croft_err croft_log_rot(struct croft_why *why, u64 height, u64 segment_index, u64 off, const char *what)
{
    struct croft_log_name name = croft_log_name_of(segment_index, CROFT_LOG_BLK);
    return croft_fail(
        why, CROFT_ERR_LOG_ROT,
        "block %llu, which was acknowledged, is damaged: %s in %s at offset %llu.  No file was changed."
        "  Get the blocks back from a follower (croft chain follow) or start again from a snapshot "
        "(croft chain init --snapshot); keep the damaged folder until then",
        (unsigned long long)height, what, name.text, (unsigned long long)off);
}

croft_err croft_log_io(struct croft_why *why, croft_err err, const char *verb, u64 segment_index,
                       enum croft_log_kind kind)
{
    struct croft_log_name name = croft_log_name_of(segment_index, kind);
    return croft_fail(why, err, "cannot %s %s: %s", verb, name.text, croft_err_text(err));
}

croft_err croft_log_shorten(struct croft_disk *disk, int blk, u64 blk_bytes, int hdr, u64 hdr_bytes)
{
    CROFT_TRY(disk->ops->truncate(disk, hdr, hdr_bytes));
    CROFT_TRY(disk->ops->sync(disk, hdr));
    CROFT_TRY(disk->ops->truncate(disk, blk, blk_bytes));
    return disk->ops->sync(disk, blk);
}

u64 croft_log_segment_blocks(const struct croft_blocklog *log, u64 segment_index)
{
    CROFT_ASSERT(segment_index < log->segment_count);
    u64 end = segment_index + 1 < log->segment_count ? log->segment[segment_index + 1].first_height
                                                     : log->first_height + log->block_count;
    return end - log->segment[segment_index].first_height;
}

u64 croft_log_hdr_bytes(const struct croft_blocklog *log, u64 segment_index)
{
    return CROFT_LOG_HEAD_BYTES + croft_log_segment_blocks(log, segment_index) * CROFT_LOG_ENTRY_BYTES;
}
