/* store/tx_index.h - finds a transaction by its id, at 12 bytes a transaction on disk.
 *
 * Transactions are gathered in memory; when there are run_txs_max of them they become a sealed run: a file
 * log/NNNNNNNN.idx of (first 8 bytes of the id, u32 block and index packed), sorted, in pages of 4 KiB that
 * each carry a checksum and are searched in place through the disk interface.  A run covers all heights from
 * where the one before ended.  It is derived: a lost or damaged file is made anew from the blocks.  A prefix
 * can hit more than one transaction: the caller compares the whole id.
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
    u32 run_txs_max; /* no block has more transactions (asserted); 1 << 20 in production */
    u32 runs_max;    /* memory is taken for this many run heads; at most 99,999,999 (asserted) */
    u64 log_last; /* last height of the block log: runs that reach beyond it are dropped, the log was cut */
};

/* Memory that open takes. */
size_t croft_tx_index_size(const struct croft_tx_index_options *options);

/* Opens what is on disk; *out_indexed is the last height whose transactions are in sealed runs (0: none): the
 * caller adds the blocks after it again.  A run whose length or head is damaged is dropped with all after it.
 *   CROFT_ERR_IO, CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_tx_index_open(struct croft_disk *disk,
                                             const struct croft_tx_index_options *options,
                                             struct croft_arena *mem, struct croft_tx_index **out,
                                             u64 *out_indexed, struct croft_why *why);
void croft_tx_index_close(struct croft_tx_index *x);

/* The last height added, or sealed before; 0: none. */
u64 croft_tx_index_last(const struct croft_tx_index *x);

/* Adds the ids of one block, heights strictly increasing (asserted); a height left out counts as one without
 * transactions.  Seals a run first when the block does not fit the one in memory.  On an error the block is
 * not added and the index stays as it was: incomplete but right.  From then on only the block after
 * croft_tx_index_last is taken, so either the caller comes back to it, or the next open finds it missing.
 *   CROFT_ERR_IO, CROFT_ERR_DISK_FULL  the run could not be written; it is tried again with every add
 *   CROFT_ERR_NOMEM                    runs_max is reached
 *   CROFT_ERR_UNAVAILABLE              an earlier block is missing */
CROFT_MUST_USE croft_err croft_tx_index_add(struct croft_tx_index *x, u64 height, const struct croft_hash *id,
                                            u32 count, struct croft_why *why);

/* Places whose id starts with prefix (4 to 32 bytes, asserted), newest first; *out_count up to max.  Only the
 * first 8 bytes are compared.
 *   CROFT_ERR_STATE  a run is damaged; why says which file to remove
 *   CROFT_ERR_IO */
CROFT_MUST_USE croft_err croft_tx_index_find(struct croft_tx_index *x, struct croft_bytes prefix,
                                             struct croft_tx_place *out, u32 max, u32 *out_count,
                                             struct croft_why *why);

#endif
