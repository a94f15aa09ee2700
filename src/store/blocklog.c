#include "store/blocklog.h"

#include "base/assert.h"
#include "crypto/hash.h"
#include "store/blocklog_int.h"

#include <stdalign.h>

static void close_file(struct croft_blocklog *log, int *file)
{
    if (*file >= 0)
        log->disk->ops->close(log->disk, *file);
    *file = -1;
}

void croft_blocklog_close(struct croft_blocklog *log)
{
    close_file(log, &log->blk);
    close_file(log, &log->hdr);
    close_file(log, &log->old_blk);
}

static struct croft_blocklog *make_log(struct croft_disk *disk, const struct croft_blocklog_options *options,
                                       struct croft_arena *mem)
{
    struct croft_blocklog *log = croft_new(mem, struct croft_blocklog, 1);
    struct croft_log_segment *segment =
        croft_arena_take_raw(mem, options->segments_max, sizeof *segment, alignof(struct croft_log_segment));
    u64 *offset = croft_arena_take_raw(mem, options->blocks_max, sizeof *offset, alignof(u64));
    if (log == NULL || segment == NULL || offset == NULL)
        return NULL;
    *log = (struct croft_blocklog){
        .disk = disk,
        .options = *options,
        .segment = segment,
        .offset = offset,
        .first_height = options->first_height,
        .blk = -1,
        .hdr = -1,
        .old_blk = -1,
    };
    return log;
}

size_t croft_blocklog_size(const struct croft_blocklog_options *options)
{
    size_t kept = sizeof(struct croft_blocklog) + options->segments_max * sizeof(struct croft_log_segment) +
                  options->blocks_max * sizeof(u64);
    return kept + CROFT_BLOCK_BYTES_MAX + 2 * CROFT_LOG_WINDOW_BYTES + 4 * alignof(max_align_t);
}

croft_err croft_blocklog_open(struct croft_disk *disk, const struct croft_blocklog_options *options,
                              struct croft_arena *mem, struct croft_blocklog **out,
                              struct croft_blocklog_opened *out_opened, struct croft_why *why)
{
    CROFT_ASSERT(options->segment_bytes > 0 && options->first_height > 0);
    CROFT_ASSERT(options->segments_max <= CROFT_LOG_SEGMENTS_MAX);
    struct croft_arena left = *mem;
    struct croft_blocklog *log = make_log(disk, options, &left);
    if (log == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for the offsets of %llu blocks",
                          (unsigned long long)options->blocks_max);

    struct croft_blocklog_opened opened = {0};
    croft_err err = croft_log_recover(log, left, &opened, why);
    if (err != CROFT_OK) {
        croft_blocklog_close(log);
        return err;
    }
    *mem = left;
    *out_opened = opened;
    *out = log;
    return CROFT_OK;
}

u64 croft_blocklog_first(const struct croft_blocklog *log)
{
    return log->first_height;
}

u64 croft_blocklog_last(const struct croft_blocklog *log)
{
    return log->first_height + log->block_count - 1;
}

u64 croft_blocklog_bytes(const struct croft_blocklog *log)
{
    u64 bytes = log->block_count * CROFT_LOG_ENTRY_BYTES + log->segment_count * CROFT_LOG_HEAD_BYTES;
    for (u64 i = 0; i < log->segment_count; i++)
        bytes += log->segment[i].blk_bytes;
    return bytes;
}

/* Append. */

static bool block_is_whole(struct croft_bytes bytes)
{
    struct croft_block b;
    return croft_block_open(bytes, &b) == CROFT_OK;
}

static void assert_is_next(const struct croft_blocklog *log, struct croft_bytes block,
                           const struct croft_header *h)
{
    CROFT_ASSERT(block.len <= CROFT_BLOCK_BYTES_MAX && block.len - CROFT_BLOCK_HEAD_BYTES == h->body_bytes);
    CROFT_ASSERT(h->height == log->first_height + log->block_count);
    CROFT_ASSERT(log->block_count == 0 || croft_hash_equal(&h->previous, &log->last_id));
    CROFT_ASSERT_AUDIT(block_is_whole(block));
}

static croft_err make_file(struct croft_disk *disk, u64 segment_index, enum croft_log_kind kind,
                           u64 first_height, int *out_file)
{
    struct croft_log_name name = croft_log_name_of(segment_index, kind);
    struct croft_log_head h = {CROFT_LOG_FORMAT, (u32)segment_index + 1, first_height};
    u8 head[CROFT_LOG_HEAD_BYTES];
    croft_log_head_encode(kind, &h, head);
    CROFT_TRY(disk->ops->open(disk, name.text, true, out_file));
    CROFT_TRY(disk->ops->write(disk, *out_file, 0, (struct croft_bytes){head, sizeof head}));
    return disk->ops->sync(disk, *out_file);
}

static croft_err make_files(struct croft_disk *disk, u64 segment_index, u64 first_height, int *out_blk,
                            int *out_hdr)
{
    CROFT_TRY(make_file(disk, segment_index, CROFT_LOG_BLK, first_height, out_blk));
    CROFT_TRY(make_file(disk, segment_index, CROFT_LOG_HDR, first_height, out_hdr));
    return disk->ops->sync_names(disk);
}

/* Takes off what lies behind the last block: room, or a part of a block that could not be written. */
static croft_err cut_back(struct croft_blocklog *log)
{
    u64 last = log->segment_count - 1;
    log->blk_room = log->segment[last].blk_bytes;
    log->hdr_room = croft_log_hdr_bytes(log, last);
    return croft_log_shorten(log->disk, log->blk, log->blk_room, log->hdr, log->hdr_room);
}

/* On error the log still ends in the segment before: what was made of the new one holds no block. */
static croft_err start_segment(struct croft_blocklog *log)
{
    int blk = -1, hdr = -1;
    u64 first_height = log->first_height + log->block_count;
    if (log->segment_count > 0)
        CROFT_TRY(cut_back(log));
    croft_err err = make_files(log->disk, log->segment_count, first_height, &blk, &hdr);
    if (err != CROFT_OK) {
        close_file(log, &blk);
        close_file(log, &hdr);
        return err;
    }
    close_file(log, &log->blk);
    close_file(log, &log->hdr);
    log->blk = blk;
    log->hdr = hdr;
    log->blk_room = log->hdr_room = CROFT_LOG_HEAD_BYTES;
    log->segment[log->segment_count++] =
        (struct croft_log_segment){.first_height = first_height, .blk_bytes = CROFT_LOG_HEAD_BYTES};
    return CROFT_OK;
}

static croft_err write_zeros(struct croft_disk *disk, int file, u64 from, u64 to)
{
    static const u8 zeros[16 << 10];
    while (from < to) {
        size_t len = to - from < sizeof zeros ? to - from : sizeof zeros;
        CROFT_TRY(disk->ops->write(disk, file, from, (struct croft_bytes){zeros, len}));
        from += len;
    }
    return disk->ops->sync(disk, file);
}

/* Sees to it that the file has room up to end, in steps of room_bytes; used is where its blocks end. */
static croft_err make_room(struct croft_blocklog *log, int file, u64 used, u64 end, u64 *room)
{
    if (end <= *room || log->options.room_bytes == 0)
        return CROFT_OK;
    u64 from = *room > used ? *room : used, to = end + log->options.room_bytes;
    CROFT_TRY(write_zeros(log->disk, file, from, to));
    *room = to;
    return CROFT_OK;
}

/* Ahead of large blocks room would cost as much again as it could save. */
static croft_err make_rooms(struct croft_blocklog *log, size_t block_bytes)
{
    u64 last = log->segment_count - 1;
    u64 blk = log->segment[last].blk_bytes, hdr = croft_log_hdr_bytes(log, last);
    CROFT_TRY(make_room(log, log->hdr, hdr, hdr + CROFT_LOG_ENTRY_BYTES, &log->hdr_room));
    if (block_bytes > log->options.room_bytes / 4)
        return CROFT_OK;
    return make_room(log, log->blk, blk, blk + CROFT_LOG_FRAME_BYTES + block_bytes, &log->blk_room);
}

/* The block goes to the disk from where it lies; only its head is copied, in the entry. */
static croft_err write_block(struct croft_blocklog *log, struct croft_bytes block)
{
    struct croft_disk *disk = log->disk;
    u64 last = log->segment_count - 1;
    u64 off = log->segment[last].blk_bytes;
    u8 bytes[CROFT_LOG_ENTRY_BYTES];
    croft_log_entry_encode(block, bytes);
    struct croft_bytes entry = {bytes, sizeof bytes};
    struct croft_bytes body = {block.at + CROFT_BLOCK_HEAD_BYTES, block.len - CROFT_BLOCK_HEAD_BYTES};

    CROFT_TRY(disk->ops->write(disk, log->blk, off, entry));
    if (body.len > 0)
        CROFT_TRY(disk->ops->write(disk, log->blk, off + entry.len, body));
    CROFT_TRY(disk->ops->sync(disk, log->blk));
    CROFT_TRY(disk->ops->write(disk, log->hdr, croft_log_hdr_bytes(log, last), entry));
    return disk->ops->sync(disk, log->hdr);
}

static croft_err say_full(struct croft_why *why, u64 height, size_t block_bytes)
{
    u64 needed = block_bytes + CROFT_LOG_FRAME_BYTES + CROFT_LOG_ENTRY_BYTES + 2 * CROFT_LOG_HEAD_BYTES;
    return croft_fail(
        why, CROFT_ERR_DISK_FULL,
        "the disk is full: block %llu needs %llu bytes in the folder log; free at least as much.  "
        "Nothing that was acknowledged is lost",
        (unsigned long long)height, (unsigned long long)needed);
}

static croft_err say_dead(struct croft_blocklog *log, struct croft_why *why, croft_err err)
{
    log->dead = true;
    return croft_fail(
        why, CROFT_ERR_IO,
        "cannot write the block log: %s.  It takes no more blocks; check the disk and start croft again",
        croft_err_text(err));
}

/* Starts a segment when it is time, makes room, then writes.  *out_wrote: the last segment may hold a part of
 * the block.
 */
static croft_err place_block(struct croft_blocklog *log, struct croft_bytes block, bool *out_wrote)
{
    u64 n = log->segment_count;
    if (n == 0 || log->segment[n - 1].blk_bytes >= log->options.segment_bytes)
        CROFT_TRY(start_segment(log));
    *out_wrote = true;
    croft_err err = make_rooms(log, block.len);
    if (err == CROFT_OK)
        err = write_block(log, block);
    if (err != CROFT_ERR_DISK_FULL || log->options.room_bytes == 0)
        return err;
    CROFT_TRY(cut_back(log)); /* room may be what the block lacks */
    return write_block(log, block);
}

static croft_err refuse_room(const struct croft_blocklog *log, struct croft_why *why)
{
    u64 n = log->segment_count;
    if (log->block_count == log->options.blocks_max)
        return croft_fail(why, CROFT_ERR_NOMEM, "the block log was opened for at most %llu blocks",
                          (unsigned long long)log->options.blocks_max);
    if (n == log->options.segments_max &&
        (n == 0 || log->segment[n - 1].blk_bytes >= log->options.segment_bytes))
        return croft_fail(why, CROFT_ERR_NOMEM, "the block log was opened for at most %llu segments",
                          (unsigned long long)log->options.segments_max);
    return CROFT_OK;
}

croft_err croft_blocklog_append(struct croft_blocklog *log, struct croft_bytes block, struct croft_why *why)
{
    struct croft_header header;
    croft_err err = croft_block_peek(block, &header);
    CROFT_ASSERT(err == CROFT_OK);
    assert_is_next(log, block, &header);
    if (log->dead)
        return say_dead(log, why, CROFT_ERR_IO);
    CROFT_TRY(refuse_room(log, why));

    bool wrote = false;
    err = place_block(log, block, &wrote);
    croft_err undone = err == CROFT_ERR_DISK_FULL && wrote ? cut_back(log) : CROFT_OK;
    if (undone != CROFT_OK)
        return say_dead(log, why, undone);
    if (err == CROFT_ERR_DISK_FULL)
        return say_full(why, header.height, block.len);
    if (err != CROFT_OK)
        return say_dead(log, why, err);

    struct croft_log_segment *s = &log->segment[log->segment_count - 1];
    log->offset[log->block_count++] = s->blk_bytes;
    s->blk_bytes += CROFT_LOG_FRAME_BYTES + block.len;
    log->last_id = croft_block_id(&header);
    return CROFT_OK;
}

/* Read. */

static u64 segment_of(const struct croft_blocklog *log, u64 height)
{
    u64 low = 0, high = log->segment_count;
    while (high - low > 1) {
        u64 middle = low + (high - low) / 2;
        if (log->segment[middle].first_height <= height)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Where a block lies: its segment, the offset of its frame, and the length of frame and block. */
struct place {
    u64 height, segment, off, len;
};

static struct place place_of(const struct croft_blocklog *log, u64 height)
{
    struct place p = {.height = height, .segment = segment_of(log, height)};
    u64 i = height - log->first_height;
    u64 past = log->segment[p.segment].first_height + croft_log_segment_blocks(log, p.segment);
    u64 end = height + 1 < past ? log->offset[i + 1] : log->segment[p.segment].blk_bytes;
    p.off = log->offset[i];
    p.len = end - p.off;
    return p;
}

static croft_err file_of(struct croft_blocklog *log, u64 segment_index, int *out_file)
{
    if (segment_index + 1 == log->segment_count) {
        *out_file = log->blk;
        return CROFT_OK;
    }
    if (log->old_blk < 0 || log->old_segment != segment_index) {
        close_file(log, &log->old_blk);
        struct croft_log_name name = croft_log_name_of(segment_index, CROFT_LOG_BLK);
        CROFT_TRY(log->disk->ops->open(log->disk, name.text, false, &log->old_blk));
        log->old_segment = segment_index;
    }
    *out_file = log->old_blk;
    return CROFT_OK;
}

/* Reads the first len bytes of a place and checks its entry. */
static croft_err read_place(struct croft_blocklog *log, const struct place *p, u8 *out, size_t len,
                            struct croft_log_entry *out_entry, struct croft_why *why)
{
    int file = -1;
    size_t got = 0;
    croft_err err = file_of(log, p->segment, &file);
    if (err == CROFT_OK)
        err = log->disk->ops->read(log->disk, file, p->off, out, len, &got);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_log_rot(why, p->height, p->segment, p->off, "the file is gone");
    if (err != CROFT_OK)
        return croft_log_io(why, err, "read", p->segment, CROFT_LOG_BLK);

    err = got < len ? CROFT_ERR_DECODE : croft_log_entry_decode(out, out_entry);
    if (err == CROFT_ERR_FORMAT)
        return croft_log_io(why, err, "read the newer block in", p->segment, CROFT_LOG_BLK);
    if (err != CROFT_OK || out_entry->header.height != p->height ||
        out_entry->block_bytes + (u64)CROFT_LOG_FRAME_BYTES != p->len)
        return croft_log_rot(why, p->height, p->segment, p->off, "its frame or header is wrong");
    return CROFT_OK;
}

croft_err croft_blocklog_read(struct croft_blocklog *log, u64 height, struct croft_arena *mem,
                              struct croft_block *out, struct croft_why *why)
{
    if (height < log->first_height || height - log->first_height >= log->block_count)
        return croft_fail(why, CROFT_ERR_NOT_FOUND, "block %llu is not in the log, which has %llu to %llu",
                          (unsigned long long)height, (unsigned long long)croft_blocklog_first(log),
                          (unsigned long long)croft_blocklog_last(log));
    struct place p = place_of(log, height);
    struct croft_arena left = *mem;
    u8 *bytes = croft_arena_take_raw(&left, p.len, 1, 1);
    if (bytes == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for the %llu bytes of block %llu",
                          (unsigned long long)p.len, (unsigned long long)height);

    struct croft_log_entry entry;
    CROFT_TRY(read_place(log, &p, bytes, p.len, &entry, why));
    struct croft_bytes block = {bytes + CROFT_LOG_FRAME_BYTES, p.len - CROFT_LOG_FRAME_BYTES};
    if (croft_block_open(block, out) != CROFT_OK)
        return croft_log_rot(why, p.height, p.segment, p.off, "its body is wrong");
    *mem = left;
    return CROFT_OK;
}

/* Cut. */

/* Empties the last segment, durably, before its names go: a crash between leaves files without blocks. */
static croft_err drop_segment(struct croft_blocklog *log)
{
    struct croft_disk *disk = log->disk;
    struct croft_log_name blk = croft_log_name_of(log->segment_count - 1, CROFT_LOG_BLK);
    struct croft_log_name hdr = croft_log_name_of(log->segment_count - 1, CROFT_LOG_HDR);
    if (log->blk < 0) {
        CROFT_TRY(disk->ops->open(disk, blk.text, false, &log->blk));
        CROFT_TRY(disk->ops->open(disk, hdr.text, false, &log->hdr));
    }
    CROFT_TRY(croft_log_shorten(disk, log->blk, CROFT_LOG_HEAD_BYTES, log->hdr, CROFT_LOG_HEAD_BYTES));
    close_file(log, &log->blk);
    close_file(log, &log->hdr);
    CROFT_TRY(disk->ops->remove(disk, hdr.text));
    CROFT_TRY(disk->ops->remove(disk, blk.text));
    CROFT_TRY(disk->ops->sync_names(disk));
    log->segment_count--;
    return CROFT_OK;
}

static croft_err drop_segments(struct croft_blocklog *log, u64 keep)
{
    while (log->segment_count > keep) {
        log->block_count = log->segment[log->segment_count - 1].first_height - log->first_height;
        CROFT_TRY(drop_segment(log));
    }
    return CROFT_OK;
}

static croft_err shorten_last(struct croft_blocklog *log, const struct place *end)
{
    struct croft_disk *disk = log->disk;
    if (log->blk < 0) {
        struct croft_log_name blk = croft_log_name_of(end->segment, CROFT_LOG_BLK);
        struct croft_log_name hdr = croft_log_name_of(end->segment, CROFT_LOG_HDR);
        CROFT_TRY(disk->ops->open(disk, blk.text, false, &log->blk));
        CROFT_TRY(disk->ops->open(disk, hdr.text, false, &log->hdr));
    }
    log->block_count = end->height - log->first_height + 1;
    log->segment[end->segment].blk_bytes = end->off + end->len;
    return cut_back(log);
}

croft_err croft_blocklog_cut(struct croft_blocklog *log, u64 height, struct croft_why *why)
{
    CROFT_ASSERT(height + 1 >= log->first_height && height <= croft_blocklog_last(log));
    if (log->dead)
        return say_dead(log, why, CROFT_ERR_IO);
    bool empty = height < log->first_height;
    struct place end = {0};
    struct croft_log_entry entry = {0};
    if (!empty) {
        u8 bytes[CROFT_LOG_ENTRY_BYTES];
        end = place_of(log, height);
        CROFT_TRY(read_place(log, &end, bytes, sizeof bytes, &entry, why));
    }
    close_file(log, &log->old_blk);
    croft_err err = drop_segments(log, empty ? 0 : end.segment + 1);
    if (err == CROFT_OK && !empty)
        err = shorten_last(log, &end);
    if (err != CROFT_OK)
        return say_dead(log, why, err);
    log->last_id = croft_block_id(&entry.header);
    return CROFT_OK;
}
