#include "store/blocklog_head.h"

#include "store/blocklog_int.h"

/* Entries read at once. */
enum { WINDOW_ENTRIES = 64 };

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

struct reading {
    struct croft_blocklog *log;
    croft_err (*take)(void *arg, const struct croft_header *h);
    void *arg;
};

static croft_err take_entries(const struct reading *r, const u8 *from, u64 segment, u64 height, u64 count,
                              struct croft_why *why)
{
    for (u64 i = 0; i < count; i++) {
        struct croft_log_entry entry;
        croft_err err = croft_log_entry_decode(from + i * CROFT_LOG_ENTRY_BYTES, &entry);
        if (err != CROFT_OK || entry.header.height != height + i)
            return croft_log_rot(why, height + i, segment, 0, "its header copy is damaged");
        CROFT_TRY(r->take(r->arg, &entry.header));
    }
    return CROFT_OK;
}

static croft_err read_entries(const struct reading *r, int file, u64 segment, u64 height, u64 count,
                              struct croft_why *why)
{
    u8 window[WINDOW_ENTRIES * CROFT_LOG_ENTRY_BYTES];
    struct croft_disk *disk = r->log->disk;
    while (count > 0) {
        u64 now = count < WINDOW_ENTRIES ? count : WINDOW_ENTRIES;
        u64 off =
            CROFT_LOG_HEAD_BYTES + (height - r->log->segment[segment].first_height) * CROFT_LOG_ENTRY_BYTES;
        size_t want = (size_t)now * CROFT_LOG_ENTRY_BYTES, got = 0;
        croft_err err = disk->ops->read(disk, file, off, window, want, &got);
        if (err != CROFT_OK)
            return croft_log_io(why, err, "read", segment, CROFT_LOG_HDR);
        if (got != want)
            return croft_log_rot(why, height, segment, off, "its header copy is gone");
        CROFT_TRY(take_entries(r, window, segment, height, now, why));
        height += now;
        count -= now;
    }
    return CROFT_OK;
}

static croft_err read_segment(const struct reading *r, u64 segment, u64 height, u64 count,
                              struct croft_why *why)
{
    int file;
    struct croft_disk *disk = r->log->disk;
    croft_err err = disk->ops->open(disk, croft_log_name_of(segment, CROFT_LOG_HDR).text, false, &file);
    if (err != CROFT_OK)
        return croft_log_io(why, err, "open", segment, CROFT_LOG_HDR);
    err = read_entries(r, file, segment, height, count, why);
    disk->ops->close(disk, file);
    return err;
}

croft_err croft_blocklog_heads(struct croft_blocklog *log, u64 height, u64 count,
                               croft_err (*take)(void *arg, const struct croft_header *h), void *arg,
                               struct croft_why *why)
{
    const struct reading r = {log, take, arg};
    u64 last = croft_blocklog_last(log);
    if (height < croft_blocklog_first(log) || height > last)
        return croft_fail(why, CROFT_ERR_NOT_FOUND, "block %llu is not in the log, which has %llu to %llu",
                          (unsigned long long)height, (unsigned long long)croft_blocklog_first(log),
                          (unsigned long long)last);
    count = count < last - height + 1 ? count : last - height + 1;
    while (count > 0) {
        u64 segment = segment_of(log, height);
        u64 end = log->segment[segment].first_height + croft_log_segment_blocks(log, segment);
        u64 here = end - height < count ? end - height : count;
        CROFT_TRY(read_segment(&r, segment, height, here, why));
        height += here;
        count -= here;
    }
    return CROFT_OK;
}
