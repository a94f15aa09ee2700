/* store/blocklog.h - the blocks, in order, on a disk that may lose or tear what was not synced.
 *
 *   log/NNNNNNNN.blk   segments: per block a small frame (magic, length, checksum of the head), then its
 * bytes log/NNNNNNNN.hdr   a second copy of each block's frame, header and signature, kept apart
 *
 * A block is acknowledged only after its bytes were synced and then its header copy was synced.  So at
 * start, a damaged tail without a header copy was never acknowledged: it is cut and said.  A damaged block
 * that has a header copy was acknowledged: that is rot, nothing is changed and the log does not open.  A
 * header copy that is damaged while its block is whole and chained is written again and said.  Where both
 * could be meant (a damaged tail, and the header copy before it damaged too), it is rot.
 *
 * A sync is cheaper when the file need not grow (no journal of the file system takes part), so zeros are
 * written ahead of the blocks in both files.  Zeros up to a file's end are room, never a torn block; open
 * takes them off.
 *
 * One writer, one process (the caller holds the folder's lock).  Memory: what open was given.
 */
#ifndef CROFT_STORE_BLOCKLOG_H
#define CROFT_STORE_BLOCKLOG_H

#include "base/arena.h"
#include "base/disk.h"
#include "base/err.h"
#include "wire/block.h"

struct croft_blocklog;

struct croft_blocklog_options {
    u64 segment_bytes; /* a new segment starts when the last is at least this long; 64 MiB in production */
    u64 segments_max;  /* memory is taken for this many; at most 99,999,999 (asserted) */
    u64 blocks_max;    /* memory is taken for the offsets of this many (8 bytes each, touched as used) */
    u64 room_bytes;    /* zeros are written this far ahead of small blocks; 256 KiB in production, 0: never */
    u64 first_height;  /* of an empty log; H + 1 after a restore from a snapshot at H; not 0 (asserted) */
};

/* What open found and did, for the operator. */
struct croft_blocklog_opened {
    u64 cut_bytes; /* of a torn tail, room behind it included; 0: none */
    u64 headers_rewritten;
    struct croft_why said; /* one line about both; empty if nothing was done */
};

/* Memory that open takes and keeps, and what it needs besides for the time of the call. */
size_t croft_blocklog_size(const struct croft_blocklog_options *options);

/* Address space that open needs, room for the time of the call included. */
size_t croft_blocklog_size(const struct croft_blocklog_options *options);

/* Opens the log; an empty one makes no file before the first append.  Checks every frame and header of every
 * segment and that they chain, and the bodies of the last segment's blocks.
 *   CROFT_ERR_LOG_ROT    an acknowledged block is damaged: why names height, segment, offset and the way back
 *   CROFT_ERR_FORMAT     a later log or header format
 *   CROFT_ERR_IO, CROFT_ERR_DISK_FULL, CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_blocklog_open(struct croft_disk *disk,
                                             const struct croft_blocklog_options *options,
                                             struct croft_arena *mem, struct croft_blocklog **out,
                                             struct croft_blocklog_opened *out_opened, struct croft_why *why);
void croft_blocklog_close(struct croft_blocklog *log);

/* Heights in the log: first..last; last == first - 1 when empty. */
u64 croft_blocklog_first(const struct croft_blocklog *log);
u64 croft_blocklog_last(const struct croft_blocklog *log);

/* Length of all files of the log, without the room ahead. */
u64 croft_blocklog_bytes(const struct croft_blocklog *log);

/* Appends the next block and returns once it is durable (both syncs).  block is a whole block whose header
 * has the next height and, unless it is the log's first, names the last block as its previous (asserted).
 * On any error nothing was acknowledged, the log takes no more blocks, and the process should stop; opening
 * again cuts what is torn, or finds the block whole after all and keeps it.  The log stays usable after:
 *   CROFT_ERR_DISK_FULL  why says how much room is needed; the partial block is cut back
 *   CROFT_ERR_NOMEM      blocks_max or segments_max is reached
 * and not after:
 *   CROFT_ERR_IO */
CROFT_MUST_USE croft_err croft_blocklog_append(struct croft_blocklog *log, struct croft_bytes block,
                                               struct croft_why *why);

/* Reads a block into mem; its form has been checked (croft_block_open).
 *   CROFT_ERR_NOT_FOUND  height outside first..last
 *   CROFT_ERR_LOG_ROT    damaged since it was written
 *   CROFT_ERR_FORMAT     a later header format
 *   CROFT_ERR_IO, CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_blocklog_read(struct croft_blocklog *log, u64 height, struct croft_arena *mem,
                                             struct croft_block *out, struct croft_why *why);

/* Drops every block after `height` (first - 1 to last, asserted), for tests and for `chain verify --cut`.
 * Not for the running chain.
 *   CROFT_ERR_LOG_ROT  the block that would be the last is damaged; nothing was dropped
 *   CROFT_ERR_IO       the log takes no more blocks; opening again finds its end anywhere between the two */
CROFT_MUST_USE croft_err croft_blocklog_cut(struct croft_blocklog *log, u64 height, struct croft_why *why);

#endif
