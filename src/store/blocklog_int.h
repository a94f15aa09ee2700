/* store/blocklog_int.h - the bytes of the log's files, and what append and recovery share.
 *
 *   file   = head, then per block: frame, block's bytes (.blk) or frame, block's head (.hdr)
 *   head   = magic (8), u32 format, u32 segment, u64 first height, check (16) over these
 *   frame  = magic u32, u32 length of the block, check (16) over magic, length and the block's head
 *   entry  = frame and the block's head (header and signature): the same bytes in both files
 *
 * So the entry's check covers the head, the header's body hash covers the rest, and each header names the one
 * before it.  The two heads and all entries of a .hdr have fixed lengths.
 *
 * Room: zeros ahead of the blocks, written and synced in both files before the block that needs them is
 * begun. So of a block under way nothing lies behind its end, and nothing at all in the .hdr before its .blk
 * is synced.
 *
 * Life of a segment: both heads are written, both files synced, then the names; only then blocks.  A file
 * that holds no more than its head therefore never held a block and is not part of the log.  Whatever is cut
 * is cut from the .hdr first, and synced, before the .blk: a header copy never outlives its block.
 */
#ifndef CROFT_STORE_BLOCKLOG_INT_H
#define CROFT_STORE_BLOCKLOG_INT_H

#include "store/blocklog.h"

enum {
    CROFT_LOG_FORMAT = 1,
    CROFT_LOG_CHECK_BYTES = 16,
    CROFT_LOG_HEAD_BYTES = 8 + 4 + 4 + 8 + CROFT_LOG_CHECK_BYTES,
    CROFT_LOG_FRAME_BYTES = 4 + 4 + CROFT_LOG_CHECK_BYTES,
    CROFT_LOG_ENTRY_BYTES = CROFT_LOG_FRAME_BYTES + CROFT_BLOCK_HEAD_BYTES,
    CROFT_LOG_WINDOW_BYTES = 64 << 10, /* recovery reads files in pieces of this */
    CROFT_LOG_SEGMENTS_MAX = 99999999, /* eight digits */
    CROFT_LOG_NAME_MAX = sizeof "log/4294967295.blk",
};

enum croft_log_kind { CROFT_LOG_BLK, CROFT_LOG_HDR };

struct croft_log_name {
    char text[CROFT_LOG_NAME_MAX];
};

/* Segments are numbered from 1; [i] is number i + 1. */
struct croft_log_segment {
    u64 first_height;
    u64 blk_bytes;    /* as far as it is part of the log */
    bool rewrite_hdr; /* recovery's note: its .hdr differs from what its .blk demands */
};

struct croft_blocklog {
    struct croft_disk *disk;
    struct croft_blocklog_options options;
    struct croft_log_segment *segment;
    u64 segment_count;
    u64 *offset; /* of each block's frame in its segment, by height - first_height */
    u64 block_count;
    u64 first_height;
    struct croft_hash last_id; /* when block_count is not 0 */
    int blk, hdr;              /* of the last segment; -1: none */
    u64 blk_room, hdr_room;    /* how far they have room at least */
    int old_blk;               /* of segment[old_segment], for reading; -1: none */
    u64 old_segment;
    bool dead; /* a write or sync failed in a way that leaves the files unknown */
};

struct croft_log_name croft_log_name_of(u64 segment_index, enum croft_log_kind kind);

struct croft_log_head {
    u32 format, segment;
    u64 first_height;
};
void croft_log_head_encode(enum croft_log_kind kind, const struct croft_log_head *h,
                           u8 out[CROFT_LOG_HEAD_BYTES]);

/* CROFT_ERR_DECODE: not such a head.  CROFT_ERR_FORMAT: whole, but of a later format. */
CROFT_MUST_USE croft_err croft_log_head_decode(enum croft_log_kind kind, const u8 in[CROFT_LOG_HEAD_BYTES],
                                               struct croft_log_head *out);

/* The entry of a block of at least CROFT_BLOCK_HEAD_BYTES. */
void croft_log_entry_encode(struct croft_bytes block, u8 out[CROFT_LOG_ENTRY_BYTES]);

/* Whether bytes that may be damaged, or end early, look as if an entry began with them. */
bool croft_log_entry_begins(struct croft_bytes in);

struct croft_log_entry {
    u32 block_bytes; /* CROFT_BLOCK_HEAD_BYTES to CROFT_BLOCK_BYTES_MAX, head and header.body_bytes */
    struct croft_header header;
};
/* Errors as of the head. */
CROFT_MUST_USE croft_err croft_log_entry_decode(const u8 in[CROFT_LOG_ENTRY_BYTES],
                                                struct croft_log_entry *out);

/* Fills why and returns CROFT_ERR_LOG_ROT. */
CROFT_MUST_USE croft_err croft_log_rot(struct croft_why *why, u64 height, u64 segment_index, u64 off,
                                       const char *what);

/* Fills why for a failed call on a file: what was to be done to it. */
CROFT_MUST_USE croft_err croft_log_io(struct croft_why *why, croft_err err, const char *verb,
                                      u64 segment_index, enum croft_log_kind kind);

/* Cuts both files of a segment to these lengths, durably, .hdr first. */
CROFT_MUST_USE croft_err croft_log_shorten(struct croft_disk *disk, int blk, u64 blk_bytes, int hdr,
                                           u64 hdr_bytes);

/* Blocks in a segment, and the length of its .hdr. */
u64 croft_log_segment_blocks(const struct croft_blocklog *log, u64 segment_index);
u64 croft_log_hdr_bytes(const struct croft_blocklog *log, u64 segment_index);

/* Fills segments, offsets, first_height and last_id of a new log from the disk, repairs what may be repaired
 * and leaves the last segment's files open in blk and hdr.  Errors of croft_blocklog_open; on
 * CROFT_ERR_LOG_ROT and CROFT_ERR_FORMAT no file was changed. */
CROFT_MUST_USE croft_err croft_log_recover(struct croft_blocklog *log, struct croft_arena scratch,
                                           struct croft_blocklog_opened *out, struct croft_why *why);

#endif
