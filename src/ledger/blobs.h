/* ledger/blobs.h - room for records of 1 to 32 granules of 64 bytes; what is freed is used again by its size.
 * Where a blob lies is never part of the state. */
#ifndef CROFT_LEDGER_BLOBS_H
#define CROFT_LEDGER_BLOBS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"

enum { CROFT_BLOB_GRANULE = 64, CROFT_BLOB_CLASSES = 32 };

struct croft_blobs {
    u8 *base;
    u32 used, max;                       /* granules; granule 0 is never given, so 0 means none */
    u32 free_head[CROFT_BLOB_CLASSES + 1]; /* by size in granules; the first 4 bytes of a free blob lead on */
};

CROFT_MUST_USE croft_err croft_blobs_init(struct croft_blobs *b, struct croft_arena *mem, u32 granules_max);

/* Room for bytes (1 to 2048, asserted).  Exhaustion is a fault of the sizing in state.c, not of the input (asserted). */
u32 croft_blobs_take(struct croft_blobs *b, u32 bytes);
void croft_blobs_give(struct croft_blobs *b, u32 blob, u32 bytes);

static inline u8 *croft_blob_at(const struct croft_blobs *b, u32 blob)
{
    return b->base + (size_t)blob * CROFT_BLOB_GRANULE;
}

static inline u32 croft_blob_class(u32 bytes)
{
    return (bytes + CROFT_BLOB_GRANULE - 1) / CROFT_BLOB_GRANULE;
}

#endif
