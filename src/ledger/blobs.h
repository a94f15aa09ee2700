/* ledger/blobs.h - room for records of 1 to 32 granules of 64 bytes.
 *
 * Memory is cut into chunks of 32 granules, and a blob lies inside one chunk.  A chunk has no room for g granules only
 * if blobs split it into holes of at most g - 1: k blobs of at most g granules leave k + 1 holes, so that takes
 * k >= (33 - g) / (2g - 1) of them, rounded up.  So with one chunk for every k blobs that may live, and one more, there
 * is always room (pigeonholes), however sizes changed before.  A chunk that has room is found by its longest hole.
 * Where a blob lies is never part of the state.
 */
#ifndef CROFT_LEDGER_BLOBS_H
#define CROFT_LEDGER_BLOBS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"

enum { CROFT_BLOB_GRANULE = 64, CROFT_BLOB_GRANULES_MAX = 32 };

struct croft_blob_chunk {
    u32 taken;      /* bit i: granule i is in use */
    u32 prev, next; /* among the chunks with a longest hole of the same length; 0 ends a list */
};

struct croft_blobs {
    u8 *base;
    struct croft_blob_chunk *chunk; /* chunk 0 is never used, so that blob 0 means none */
    u32 used, max;                  /* chunks; those from used on were never touched */
    u32 granules_max;
    u32 head[CROFT_BLOB_GRANULES_MAX + 1]; /* by longest hole in granules; full chunks are in no list */
    u64 some;                              /* bit n: list n is not empty */
};

/* Bytes taken from mem for so many blobs at a time, of at most granules_max (1 to 32) granules each. */
size_t croft_blobs_size(u32 blobs_max, u32 granules_max);
CROFT_MUST_USE croft_err croft_blobs_init(struct croft_blobs *b, struct croft_arena *mem, u32 blobs_max,
                                          u32 granules_max);

/* Room for bytes (1 to 64 * granules_max, asserted), while fewer than blobs_max live (asserted). */
u32 croft_blobs_take(struct croft_blobs *b, u32 bytes);
/* bytes: in the same number of granules as they were taken with (asserted). */
void croft_blobs_give(struct croft_blobs *b, u32 blob, u32 bytes);

static inline u8 *croft_blob_at(const struct croft_blobs *b, u32 blob)
{
    return b->base + (size_t)blob * CROFT_BLOB_GRANULE;
}

static inline u32 croft_blob_granules(u32 bytes)
{
    return (bytes + CROFT_BLOB_GRANULE - 1) / CROFT_BLOB_GRANULE;
}

#endif
