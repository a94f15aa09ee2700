/* store/tx_index.h - finds a transaction by its id, at 12 bytes a transaction on disk.
 *
 * Per log segment one sealed, sorted array of (first 8 bytes of the id, u32 block and index packed) in
 * log/NNNNNNNN.idx, binary-searched in place through the disk interface; the newest, unsealed one in memory.
 * It is derived: a lost or damaged file is rebuilt from the blocks.  A prefix can hit more than one
 * transaction: the caller compares the whole id.
 */
#ifndef CROFT_STORE_TX_INDEX_H
#define CROFT_STORE_TX_INDEX_H

#include "base/arena.h"
#include "base/disk.h"
#include "base/err.h"
#include "base/types.h"

struct croft_tx_index;

struct croft_tx_place {
    u64 height;
    u32 index;
};

struct croft_tx_index_options {
    u32 run_txs_max; /* a run is sealed when it has this many; 1 << 20 in production */
    u32 runs_max;    /* memory is taken for this many run heads */
};

/* Memory that open takes. */
size_t croft_tx_index_size(const struct croft_tx_index_options *options);

/* Opens what is on disk; *out_indexed is the last height whose transactions are in sealed runs (0: none): the
 * caller adds the blocks after it again.  Damaged files are dropped (and so added again). CROFT_ERR_IO,
 * CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_tx_index_open(struct croft_disk *disk,
                                             const struct croft_tx_index_options *options,
                                             struct croft_arena *mem, struct croft_tx_index **out,
                                             u64 *out_indexed, struct croft_why *why);
void croft_tx_index_close(struct croft_tx_index *x);

/* Adds the ids of one block, heights strictly increasing (asserted).  May seal a run, which writes a file; an
 * error leaves the index incomplete but right: the run is written at the next chance. */
CROFT_MUST_USE croft_err croft_tx_index_add(struct croft_tx_index *x, u64 height, const struct croft_hash *id,
                                            u32 count, struct croft_why *why);

/* Places whose id starts with prefix (4 to 32 bytes), newest first; *out_count up to max.
 *   CROFT_ERR_IO */
CROFT_MUST_USE croft_err croft_tx_index_find(struct croft_tx_index *x, struct croft_bytes prefix,
                                             struct croft_tx_place *out, u32 max, u32 *out_count,
                                             struct croft_why *why);

#endif
