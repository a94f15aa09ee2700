/* consensus/receipts.h - the tree over all receipts roots, kept so that any receipt can be proved.
 *
 * The ledger keeps only the right edge of it (ledger/roots.h); the leaves are in the headers of the log. This
 * tree is derived and made when the first receipt is asked for.  After a restore from a snapshot the leaves
 * before it are not there, but the perfect subtrees over them are, and these are all that later proofs need.
 */
#ifndef CROFT_CONSENSUS_RECEIPTS_H
#define CROFT_CONSENSUS_RECEIPTS_H

#include "base/arena.h"
#include "crypto/merkle.h"
#include "ledger/roots.h"
#include "store/blocklog.h"
#include "wire/block.h"

struct croft_receipts {
    struct croft_region memory;
    struct croft_tree tree;
    u64 *height_of; /* of the block of each leaf; zero for those before the base */
    u64 first;      /* leaves before it are known only in sum */
    u64 height;     /* blocks up to here are in */
};

/* base: the receipts tree after block base_height, all zero at 0.  CROFT_ERR_NOMEM. */
CROFT_MUST_USE croft_err croft_receipts_open(const struct croft_peaks *base, u64 base_height,
                                             struct croft_receipts *out);
void croft_receipts_close(struct croft_receipts *r); /* a zeroed one is fine too */

/* Takes up to count more blocks of the log in.  Errors of croft_blocklog_heads; CROFT_ERR_NOMEM. */
CROFT_MUST_USE croft_err croft_receipts_catch_up(struct croft_receipts *r, struct croft_blocklog *log,
                                                 u64 count, struct croft_why *why);

/* The number of the block's leaf and its path.  CROFT_ERR_NOT_FOUND: not in, or it has no transactions. */
CROFT_MUST_USE croft_err croft_receipts_path(const struct croft_receipts *r, u64 height, u64 *out_number,
                                             struct croft_merkle_path *out);

/* Key of a leaf: its number, big-endian. */
void croft_receipts_key(u64 number, u8 out[8]);

/* The path of one transaction's receipt to the block's receipts root, and its transaction's id.  scratch
 * holds 32 bytes a transaction and one decoded transaction; index below tx_count (asserted). CROFT_ERR_NOMEM
 * CROFT_ERR_TX_DECODE: not a block that was checked before */
CROFT_MUST_USE croft_err croft_receipts_block_path(const struct croft_block *b, u32 index,
                                                   struct croft_arena scratch, struct croft_hash *out_tx_id,
                                                   struct croft_merkle_path *out);

/* The id of the transaction in these bytes, which are known to be one. */
CROFT_MUST_USE croft_err croft_tx_id_of(const struct croft_hash *network, struct croft_bytes tx,
                                        struct croft_arena scratch, struct croft_hash *out);

#endif
