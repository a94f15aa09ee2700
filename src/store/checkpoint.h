/* store/checkpoint.h - the state at some height, so that a start replays only the blocks since.
 *
 * An interface with two bodies: LMDB (store/lmdb_checkpoint.h) and the simulator's memory.  A commit is
 * atomic and durable: after a crash the checkpoint is the last committed one, whole.  It may lag behind the
 * block log by any number of blocks; it is never ahead of it.
 */
#ifndef CROFT_STORE_CHECKPOINT_H
#define CROFT_STORE_CHECKPOINT_H

#include "base/err.h"
#include "base/types.h"

struct croft_checkpoint;

/* One record as the ledger numbers it. */
struct croft_stored {
    u32 table, slot;
    struct croft_bytes key, value; /* value.at NULL: the record is gone */
};

struct croft_checkpoint_ops {
    /* The blob of the last commit; {NULL, 0} when there is none.  Valid until the next call. */
    croft_err (*meta)(struct croft_checkpoint *c, struct croft_bytes *out, struct croft_why *why);

    /* Gives every record to take, by table and then by slot; stops at the first error and hands it on. */
    croft_err (*load)(struct croft_checkpoint *c, croft_err (*take)(void *arg, const struct croft_stored *r),
                      void *arg, struct croft_why *why);

    /* Writes count changed records (any order, no slot twice) and the blob: all or nothing, durable on
     * return.
     *   CROFT_ERR_DISK_FULL, CROFT_ERR_IO: the last commit still stands */
    croft_err (*commit)(struct croft_checkpoint *c, const struct croft_stored *record, size_t count,
                        struct croft_bytes meta, struct croft_why *why);
};

struct croft_checkpoint {
    const struct croft_checkpoint_ops *ops;
};

#endif
