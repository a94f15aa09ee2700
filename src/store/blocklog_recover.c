/* Recovery in two passes: the first only reads and judges every segment in order, the second changes what may
 * be changed.  So a log that is refused is left as it was found. */
#include "base/assert.h"
#include "crypto/hash.h"
#include "store/blocklog_int.h"

#include <stdio.h>
#include <string.h>

/* A file read through a buffer, forwards; a missing file reads as empty. */
struct window {
    struct croft_disk *disk;
    int file; /* -1: missing */
    u64 file_bytes;
    u8 *buf; /* CROFT_LOG_WINDOW_BYTES */
    u64 at;  /* buf holds the bytes from here */
    size_t len;
};

static void window_close(struct window *w)
{
    if (w->file >= 0)
        w->disk->ops->close(w->disk, w->file);
}

static croft_err window_open(struct window *w, struct croft_disk *disk, u64 segment_index,
                             enum croft_log_kind kind, u8 *buf, struct croft_why *why)
{
    struct croft_log_name name = croft_log_name_of(segment_index, kind);
    *w = (struct window){.disk = disk, .file = -1, .buf = buf};
    int file = -1;
    croft_err err = disk->ops->open(disk, name.text, false, &file);
    if (err == CROFT_ERR_NOT_FOUND)
        return CROFT_OK;
    if (err == CROFT_OK) {
        w->file = file;
        err = disk->ops->size(disk, file, &w->file_bytes);
    }
    return err == CROFT_OK ? CROFT_OK : croft_log_io(why, err, "open", segment_index, kind);
}

/* The len bytes at off, which stay until the next call; *out NULL when the file ends before them. */
static croft_err window_get(struct window *w, u64 off, size_t len, const u8 **out)
{
    CROFT_ASSERT(len <= CROFT_LOG_WINDOW_BYTES);
    *out = NULL;
    if (off > w->file_bytes || len > w->file_bytes - off)
        return CROFT_OK;
    if (off < w->at || off - w->at > w->len || len > w->len - (off - w->at)) {
        u64 left = w->file_bytes - off;
        w->len = 0;
        w->at = off;
        CROFT_TRY(w->disk->ops->read(w->disk, w->file, off, w->buf,
                                     left < CROFT_LOG_WINDOW_BYTES ? left : CROFT_LOG_WINDOW_BYTES, &w->len));
    }
    *out = len <= w->len ? w->buf + (off - w->at) : NULL;
    return CROFT_OK;
}

/* Whether the file holds nothing but zeros from off on. */
static croft_err window_blank_from(struct window *w, u64 off, bool *out)
{
    *out = true;
    while (*out && off < w->file_bytes) {
        u64 left = w->file_bytes - off;
        size_t len = left < CROFT_LOG_WINDOW_BYTES ? left : CROFT_LOG_WINDOW_BYTES;
        const u8 *p;
        CROFT_TRY(window_get(w, off, len, &p));
        for (size_t i = 0; p != NULL && i < len; i++)
            *out = *out && p[i] == 0;
        off += len;
    }
    return CROFT_OK;
}

struct scan {
    struct croft_blocklog *log;
    struct croft_arena scratch; /* for one body */
    u8 *blk_buf, *hdr_buf;
    u64 headers_bad;
    u64 cut_bytes; /* of the last segment's torn tail */

    /* Of the segment at hand. */
    u64 i;
    u64 blocks;                      /* found whole in it */
    u64 off;                         /* of the next frame */
    bool hdr_good;                   /* the header copy before the next, or the .hdr's head, is whole */
    bool torn;                       /* what follows is the unfinished tail */
    bool ended;                      /* what follows is room */
    u8 entry[CROFT_LOG_ENTRY_BYTES]; /* the next one, as the .blk has it */
    struct window blk, hdr;
};

static bool is_last(const struct scan *s)
{
    return s->i + 1 == s->log->segment_count;
}

static u64 next_height(const struct scan *s)
{
    return s->log->first_height + s->log->block_count;
}

static u64 hdr_off(const struct scan *s)
{
    return CROFT_LOG_HEAD_BYTES + s->blocks * CROFT_LOG_ENTRY_BYTES;
}

static croft_err rot(const struct scan *s, const char *what, struct croft_why *why)
{
    return croft_log_rot(why, next_height(s), s->i, s->off, what);
}

static croft_err io(const struct scan *s, croft_err err, enum croft_log_kind kind, struct croft_why *why)
{
    return err == CROFT_OK ? CROFT_OK : croft_log_io(why, err, "read", s->i, kind);
}

/* Reads and decodes one file's head; *out_whole says whether it is one. */
static croft_err read_head(struct scan *s, enum croft_log_kind kind, struct croft_log_head *out,
                           bool *out_whole, struct croft_why *why)
{
    const u8 *p;
    struct window *w = kind == CROFT_LOG_BLK ? &s->blk : &s->hdr;
    CROFT_TRY(io(s, window_get(w, 0, CROFT_LOG_HEAD_BYTES, &p), kind, why));
    croft_err err = p == NULL ? CROFT_ERR_DECODE : croft_log_head_decode(kind, p, out);
    *out_whole = err == CROFT_OK && out->segment == s->i + 1;
    return err == CROFT_ERR_FORMAT ? croft_log_io(why, err, "open", s->i, kind) : CROFT_OK;
}

static croft_err check_heads(struct scan *s, struct croft_why *why)
{
    struct croft_log_head blk, hdr;
    bool whole;
    CROFT_TRY(read_head(s, CROFT_LOG_BLK, &blk, &whole, why));
    CROFT_TRY(read_head(s, CROFT_LOG_HDR, &hdr, &s->hdr_good, why));
    if (!whole)
        return rot(s, "the segment's head is wrong", why);
    if (s->i == 0)
        s->log->first_height = blk.first_height;
    if (blk.first_height != next_height(s) || blk.first_height == 0)
        return rot(s, "blocks before this segment are gone", why);
    s->hdr_good = s->hdr_good && hdr.first_height == blk.first_height;
    s->headers_bad += !s->hdr_good;
    s->log->segment[s->i] =
        (struct croft_log_segment){.first_height = blk.first_height, .rewrite_hdr = !s->hdr_good};
    s->off = CROFT_LOG_HEAD_BYTES;
    return CROFT_OK;
}

static bool is_chained(const struct scan *s, const struct croft_header *h)
{
    return h->height == next_height(s) &&
           (s->log->block_count == 0 || croft_hash_equal(&h->previous, &s->log->last_id));
}

/* The block at `at`: in the window when it is short, else in scratch; *out ends with the file. */
static croft_err get_block(struct scan *s, u64 at, u32 len, struct croft_bytes *out, struct croft_why *why)
{
    if (len <= CROFT_LOG_WINDOW_BYTES) {
        CROFT_TRY(io(s, window_get(&s->blk, at, len, &out->at), CROFT_LOG_BLK, why));
        out->len = out->at != NULL ? len : 0;
        return CROFT_OK;
    }
    struct croft_arena scratch = s->scratch;
    u8 *bytes = croft_arena_take_raw(&scratch, len, 1, 1);
    if (bytes == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory to check the %u bytes of block %llu", len,
                          (unsigned long long)next_height(s));
    struct croft_disk *disk = s->log->disk;
    out->at = bytes;
    return io(s, disk->ops->read(disk, s->blk.file, at, bytes, len, &out->len), CROFT_LOG_BLK, why);
}

/* Whether the block whose entry is e has a whole body.  Where only frames are checked it need but fit. */
static croft_err check_body(struct scan *s, const struct croft_log_entry *e, bool *out_whole,
                            struct croft_why *why)
{
    u64 at = s->off + CROFT_LOG_FRAME_BYTES;
    *out_whole = e->block_bytes <= s->blk.file_bytes - at;
    if (!*out_whole || !is_last(s))
        return CROFT_OK;
    struct croft_bytes bytes;
    struct croft_block b;
    CROFT_TRY(get_block(s, at, e->block_bytes, &bytes, why));
    *out_whole = croft_block_open(bytes, &b) == CROFT_OK;
    return CROFT_OK;
}

/* Reads the next entry: a whole block that follows the last one, or what is wrong with it in *out_wrong. */
static croft_err read_block(struct scan *s, struct croft_log_entry *out, const char **out_wrong,
                            struct croft_why *why)
{
    const u8 *p;
    bool whole;
    CROFT_TRY(io(s, window_get(&s->blk, s->off, CROFT_LOG_ENTRY_BYTES, &p), CROFT_LOG_BLK, why));
    *out_wrong = "the file ends within its frame";
    if (p == NULL)
        return CROFT_OK;
    memcpy(s->entry, p, sizeof s->entry);
    croft_err err = croft_log_entry_decode(s->entry, out);
    if (err == CROFT_ERR_FORMAT)
        return croft_log_io(why, err, "read the newer block in", s->i, CROFT_LOG_BLK);
    *out_wrong = "its frame or header is wrong";
    if (err != CROFT_OK)
        return CROFT_OK;
    *out_wrong = "it does not follow the block before it";
    if (!is_chained(s, &out->header))
        return CROFT_OK;
    CROFT_TRY(check_body(s, out, &whole, why));
    *out_wrong = whole ? NULL : "its body is wrong";
    return CROFT_OK;
}

/* A place without a block is room if only zeros follow.  Else it is damaged, and a torn tail only if nothing
 * says that a block was ever acknowledged there: it is in the last segment, no byte of a header copy was
 * written for it, and the header copies before are there to be believed. */
static croft_err judge_damage(struct scan *s, const char *wrong, struct croft_why *why)
{
    bool blank;
    CROFT_TRY(io(s, window_blank_from(&s->blk, s->off, &s->ended), CROFT_LOG_BLK, why));
    if (s->ended)
        return CROFT_OK;
    CROFT_TRY(io(s, window_blank_from(&s->hdr, hdr_off(s), &blank), CROFT_LOG_HDR, why));
    if (!is_last(s) || !blank || !s->hdr_good)
        return rot(s, wrong, why);
    s->torn = true;
    s->cut_bytes = s->blk.file_bytes - s->off;
    return CROFT_OK;
}

/* Compares the next header copy with its block's entry. */
static croft_err check_copy(struct scan *s, struct croft_why *why)
{
    const u8 *p;
    struct croft_log_entry other;
    CROFT_TRY(io(s, window_get(&s->hdr, hdr_off(s), CROFT_LOG_ENTRY_BYTES, &p), CROFT_LOG_HDR, why));
    s->hdr_good = p != NULL && memcmp(p, s->entry, CROFT_LOG_ENTRY_BYTES) == 0;
    if (s->hdr_good)
        return CROFT_OK;
    if (p != NULL && croft_log_entry_decode(p, &other) == CROFT_OK)
        return rot(s, "the block and its header copy are two different blocks", why);
    s->headers_bad++;
    s->log->segment[s->i].rewrite_hdr = true;
    return CROFT_OK;
}

static croft_err scan_block(struct scan *s, struct croft_why *why)
{
    struct croft_log_entry entry;
    const char *wrong;
    CROFT_TRY(read_block(s, &entry, &wrong, why));
    if (wrong != NULL)
        return judge_damage(s, wrong, why);
    CROFT_TRY(check_copy(s, why));

    struct croft_blocklog *log = s->log;
    if (log->block_count == log->options.blocks_max)
        return croft_fail(why, CROFT_ERR_NOMEM, "the log has more than the %llu blocks it was opened for",
                          (unsigned long long)log->options.blocks_max);
    log->offset[log->block_count++] = s->off;
    log->last_id = croft_block_id(&entry.header);
    s->blocks++;
    s->off += CROFT_LOG_FRAME_BYTES + (u64)entry.block_bytes;
    return CROFT_OK;
}

/* Whether a header copy lies, or lay, behind those of the blocks that were found. */
static croft_err has_more_copies(struct scan *s, bool *out)
{
    *out = false;
    for (u64 at = hdr_off(s); !*out && at < s->hdr.file_bytes; at += CROFT_LOG_ENTRY_BYTES) {
        u64 left = s->hdr.file_bytes - at;
        size_t len = left < CROFT_LOG_ENTRY_BYTES ? left : CROFT_LOG_ENTRY_BYTES;
        const u8 *p;
        CROFT_TRY(window_get(&s->hdr, at, len, &p));
        *out = p != NULL && croft_log_entry_begins((struct croft_bytes){p, len});
    }
    return CROFT_OK;
}

/* At the end of the blocks the header copies end too, or a block was acknowledged that is gone.  Other bytes
 * there are damage to the room. */
static croft_err check_ends(struct scan *s, struct croft_why *why)
{
    bool blank, more;
    CROFT_TRY(io(s, has_more_copies(s, &more), CROFT_LOG_HDR, why));
    CROFT_TRY(io(s, window_blank_from(&s->hdr, hdr_off(s), &blank), CROFT_LOG_HDR, why));
    if (more)
        return rot(s, "the segment was cut short", why);
    s->headers_bad += !blank;
    s->log->segment[s->i].rewrite_hdr |= !blank;
    s->log->segment[s->i].blk_bytes = s->off;
    return CROFT_OK;
}

static croft_err scan_open_segment(struct scan *s, struct croft_why *why)
{
    struct croft_disk *disk = s->log->disk;
    CROFT_TRY(window_open(&s->blk, disk, s->i, CROFT_LOG_BLK, s->blk_buf, why));
    CROFT_TRY(window_open(&s->hdr, disk, s->i, CROFT_LOG_HDR, s->hdr_buf, why));
    CROFT_TRY(check_heads(s, why));
    while (!s->torn && !s->ended && s->off < s->blk.file_bytes)
        CROFT_TRY(scan_block(s, why));
    return check_ends(s, why);
}

static croft_err scan_segment(struct scan *s, u64 i, struct croft_why *why)
{
    s->i = i;
    s->blocks = s->off = 0;
    s->ended = false;
    s->blk.file = s->hdr.file = -1;
    croft_err err = scan_open_segment(s, why);
    window_close(&s->blk);
    window_close(&s->hdr);
    return err;
}

/* Which files there are. */

static croft_err file_bytes(struct croft_disk *disk, u64 i, enum croft_log_kind kind, bool *out_there,
                            u64 *out_bytes, struct croft_why *why)
{
    struct window w;
    croft_err err = window_open(&w, disk, i, kind, NULL, why);
    window_close(&w);
    *out_there = w.file >= 0;
    *out_bytes = w.file_bytes;
    return err;
}

/* A file that holds no more than its head never held a block. */
static croft_err holds_blocks(struct croft_disk *disk, u64 i, bool *out, struct croft_why *why)
{
    bool there;
    u64 blk, hdr;
    CROFT_TRY(file_bytes(disk, i, CROFT_LOG_BLK, &there, &blk, why));
    CROFT_TRY(file_bytes(disk, i, CROFT_LOG_HDR, &there, &hdr, why));
    *out = blk > CROFT_LOG_HEAD_BYTES || hdr > CROFT_LOG_HEAD_BYTES;
    return CROFT_OK;
}

/* The disk lists no names, so the segments are those up to the first that is missing. */
static croft_err count_files(struct croft_disk *disk, u64 *out, struct croft_why *why)
{
    u64 count = 0, bytes;
    for (bool there = true; there && count < CROFT_LOG_SEGMENTS_MAX; count += there)
        CROFT_TRY(file_bytes(disk, count, CROFT_LOG_BLK, &there, &bytes, why));
    *out = count;
    return CROFT_OK;
}

/* That the first missing segment is not just one lost file is seen by what lies beside and behind it. */
static croft_err check_past_end(struct croft_blocklog *log, u64 files, struct croft_why *why)
{
    bool beside = false, behind = false;
    CROFT_TRY(holds_blocks(log->disk, files, &beside, why));
    CROFT_TRY(holds_blocks(log->disk, files + 1, &behind, why));
    if (beside || behind)
        return croft_log_rot(why, log->first_height + log->block_count, files, 0,
                             "the segment's file is gone");
    return CROFT_OK;
}

/* A last segment that never held a block is not part of the log; but if a newer release began it, we stop. */
static croft_err check_unfilled(struct scan *s, u64 files, struct croft_why *why)
{
    bool filled = true, whole;
    if (files > 0)
        CROFT_TRY(holds_blocks(s->log->disk, files - 1, &filled, why));
    s->log->segment_count = files - !filled;
    if (filled)
        return CROFT_OK;
    struct croft_log_head head;
    s->i = files - 1;
    croft_err err = window_open(&s->blk, s->log->disk, s->i, CROFT_LOG_BLK, s->blk_buf, why);
    if (err == CROFT_OK)
        err = read_head(s, CROFT_LOG_BLK, &head, &whole, why);
    window_close(&s->blk);
    return err;
}

static croft_err scan_segments(struct scan *s, struct croft_why *why)
{
    u64 files;
    struct croft_blocklog *log = s->log;
    CROFT_TRY(count_files(log->disk, &files, why));
    CROFT_TRY(check_unfilled(s, files, why));
    if (log->segment_count > log->options.segments_max)
        return croft_fail(why, CROFT_ERR_NOMEM, "the log has %llu segments; it was opened for at most %llu",
                          (unsigned long long)log->segment_count,
                          (unsigned long long)log->options.segments_max);
    for (u64 i = 0; i < log->segment_count; i++)
        CROFT_TRY(scan_segment(s, i, why));
    return check_past_end(log, files, why);
}

/* Repairs.  Everything read above may so far be only in the system's memory: the process before was killed,
 * or a sync failed, after which the system may hold what it did not write for clean.  So the last block and
 * its header copy are written again, as they are, and blocks are synced before the header copies that vouch
 * for them. */

static croft_err write_again(struct croft_disk *disk, int file, u64 off, u64 end, u8 *buf)
{
    while (off < end) {
        u64 len = end - off < CROFT_LOG_WINDOW_BYTES ? end - off : CROFT_LOG_WINDOW_BYTES;
        size_t got = 0;
        CROFT_TRY(disk->ops->read(disk, file, off, buf, len, &got));
        if (got != len)
            return CROFT_ERR_IO;
        CROFT_TRY(disk->ops->write(disk, file, off, (struct croft_bytes){buf, len}));
        off += len;
    }
    return CROFT_OK;
}

static croft_err write_head(struct croft_blocklog *log, u64 i, int hdr)
{
    struct croft_log_head h = {CROFT_LOG_FORMAT, (u32)i + 1, log->segment[i].first_height};
    u8 head[CROFT_LOG_HEAD_BYTES];
    croft_log_head_encode(CROFT_LOG_HDR, &h, head);
    return log->disk->ops->write(log->disk, hdr, 0, (struct croft_bytes){head, sizeof head});
}

static croft_err write_copy(struct croft_disk *disk, int blk, u64 blk_off, int hdr, u64 hdr_at)
{
    u8 entry[CROFT_LOG_ENTRY_BYTES], copy[CROFT_LOG_ENTRY_BYTES];
    size_t got = 0, copy_got = 0;
    CROFT_TRY(disk->ops->read(disk, blk, blk_off, entry, sizeof entry, &got));
    CROFT_TRY(disk->ops->read(disk, hdr, hdr_at, copy, sizeof copy, &copy_got));
    if (got != sizeof entry)
        return CROFT_ERR_IO;
    if (copy_got == sizeof copy && memcmp(copy, entry, sizeof copy) == 0)
        return CROFT_OK;
    return disk->ops->write(disk, hdr, hdr_at, (struct croft_bytes){entry, sizeof entry});
}

static croft_err rewrite_hdr(struct croft_blocklog *log, u64 i, int blk, int hdr)
{
    CROFT_TRY(write_head(log, i, hdr));
    u64 first = log->segment[i].first_height - log->first_height;
    u64 blocks = croft_log_segment_blocks(log, i);
    for (u64 k = 0; k < blocks; k++)
        CROFT_TRY(write_copy(log->disk, blk, log->offset[first + k], hdr,
                             CROFT_LOG_HEAD_BYTES + k * CROFT_LOG_ENTRY_BYTES));
    return CROFT_OK;
}

/* Cuts both files to what is part of the log, and sees to it that this is on the disk. */
static croft_err repair_files(struct croft_blocklog *log, u64 i, int blk, int hdr, u8 *buf)
{
    struct croft_disk *disk = log->disk;
    bool last = i + 1 == log->segment_count && croft_log_segment_blocks(log, i) > 0;
    u64 blk_end = log->segment[i].blk_bytes, hdr_end = croft_log_hdr_bytes(log, i);
    if (last)
        CROFT_TRY(write_again(disk, blk, log->offset[log->block_count - 1], blk_end, buf));
    CROFT_TRY(disk->ops->sync(disk, blk));
    if (log->segment[i].rewrite_hdr)
        CROFT_TRY(rewrite_hdr(log, i, blk, hdr));
    if (last)
        CROFT_TRY(write_again(disk, hdr, hdr_end - CROFT_LOG_ENTRY_BYTES, hdr_end, buf));
    return croft_log_shorten(disk, blk, blk_end, hdr, hdr_end);
}

static croft_err open_files(struct croft_blocklog *log, u64 i, int *blk, int *hdr)
{
    struct croft_disk *disk = log->disk;
    CROFT_TRY(disk->ops->open(disk, croft_log_name_of(i, CROFT_LOG_BLK).text, false, blk));
    croft_err err = disk->ops->open(disk, croft_log_name_of(i, CROFT_LOG_HDR).text, false, hdr);
    if (err != CROFT_ERR_NOT_FOUND)
        return err;
    CROFT_TRY(disk->ops->open(disk, croft_log_name_of(i, CROFT_LOG_HDR).text, true, hdr));
    return disk->ops->sync_names(disk);
}

/* Repairs a segment; of the last one the files stay open, in the log. */
static croft_err repair_segment(struct croft_blocklog *log, u64 i, u8 *buf)
{
    int blk = -1, hdr = -1;
    croft_err err = open_files(log, i, &blk, &hdr);
    if (err == CROFT_OK)
        err = repair_files(log, i, blk, hdr, buf);
    if (err == CROFT_OK && i + 1 == log->segment_count) {
        log->blk = blk;
        log->hdr = hdr;
        log->blk_room = log->segment[i].blk_bytes;
        log->hdr_room = croft_log_hdr_bytes(log, i);
        return CROFT_OK;
    }
    if (blk >= 0)
        log->disk->ops->close(log->disk, blk);
    if (hdr >= 0)
        log->disk->ops->close(log->disk, hdr);
    return err;
}

static croft_err repair(struct croft_blocklog *log, u8 *buf, struct croft_why *why)
{
    for (u64 i = 0; i < log->segment_count; i++) {
        if (!log->segment[i].rewrite_hdr && i + 1 < log->segment_count)
            continue;
        croft_err err = repair_segment(log, i, buf);
        if (err != CROFT_OK)
            return croft_log_io(why, err, "repair", i, CROFT_LOG_HDR);
    }
    return CROFT_OK;
}

static void say(const struct scan *s, struct croft_blocklog_opened *out)
{
    out->cut_bytes = s->cut_bytes;
    out->headers_rewritten = s->headers_bad;
    if (s->cut_bytes == 0 && s->headers_bad == 0)
        return;
    struct croft_log_name name = croft_log_name_of(s->log->segment_count - 1, CROFT_LOG_BLK);
    snprintf(out->said.text, sizeof out->said.text,
             "the block log ends at height %llu: cut %llu bytes off %s (an unfinished block, never "
             "acknowledged, and "
             "room); wrote %llu damaged or missing header copies again",
             (unsigned long long)(next_height(s) - 1), (unsigned long long)s->cut_bytes, name.text,
             (unsigned long long)s->headers_bad);
}

croft_err croft_log_recover(struct croft_blocklog *log, struct croft_arena scratch,
                            struct croft_blocklog_opened *out, struct croft_why *why)
{
    struct scan s = {.log = log};
    s.blk_buf = croft_arena_take_raw(&scratch, CROFT_LOG_WINDOW_BYTES, 1, 1);
    s.hdr_buf = croft_arena_take_raw(&scratch, CROFT_LOG_WINDOW_BYTES, 1, 1);
    if (s.blk_buf == NULL || s.hdr_buf == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory to read the block log");
    s.scratch = scratch;
    CROFT_TRY(scan_segments(&s, why));
    CROFT_TRY(repair(log, s.blk_buf, why));
    say(&s, out);
    return CROFT_OK;
}
