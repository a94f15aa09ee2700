/* ledger/roots.h - what a block's state hashes to.
 *
 *   app_hash = RFC 6962 root over these names in this order, each a "simple:v" leaf name -> 32 bytes:
 *     accounts, leases, params, providers   roots of trees: leaf i is key -> value of slot i; a free slot is leaf("")
 *     receipts                              root of a growing tree: leaf n is n (u64 big-endian) -> receipts
 *                                           root of the n-th block that has transactions
 *     state                                 digest of the LtHash over the records of every other table; an element's
 *                                           key is slot u32 big-endian, then the record's key
 * The list is fixed at genesis.  No height and no time is in it: an empty block changes nothing.
 */
#ifndef CROFT_LEDGER_ROOTS_H
#define CROFT_LEDGER_ROOTS_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/lthash.h"
#include "crypto/merkle.h"
#include "ledger/state.h"

enum croft_root {
    CROFT_ROOT_ACCOUNTS,
    CROFT_ROOT_LEASES,
    CROFT_ROOT_PARAMS,
    CROFT_ROOT_PROVIDERS,
    CROFT_ROOT_RECEIPTS,
    CROFT_ROOT_STATE,
    CROFT_ROOT_COUNT
};
const char *croft_root_name(enum croft_root which);

enum { CROFT_PEAKS_MAX = 64 };

/* The growing tree, as the roots of its perfect subtrees: peak[k] covers 2^k leaves when bit k of count is set. */
struct croft_peaks {
    u64 count;
    struct croft_hash peak[CROFT_PEAKS_MAX];
};
void croft_peaks_add(struct croft_peaks *p, const struct croft_hash *leaf);
struct croft_hash croft_peaks_root(const struct croft_peaks *p);

struct croft_roots {
    struct croft_tree tree[CROFT_TABLE_COUNT]; /* only of tables that have one: levels != 0 */
    struct croft_lthash sum, sum_before;
    struct croft_peaks receipts, receipts_before;
    u32 *slot, *slot_scratch;                  /* touched slots of one table, sorted; room to sort them in */
};

bool croft_table_has_tree(u32 table);

size_t croft_roots_size(const struct croft_state_limits *limits);
CROFT_MUST_USE croft_err croft_roots_init(struct croft_roots *r, struct croft_arena *mem, const struct croft_state *s);

/* Computes everything from a loaded state; receipts are set by the caller. */
void croft_roots_rebuild(struct croft_roots *r, const struct croft_state *s);

/* One record of a table without a tree, as an element of the sum. */
void croft_sum_add(struct croft_lthash *sum, u32 table, u32 slot, struct croft_bytes key, struct croft_bytes value);
void croft_sum_remove(struct croft_lthash *sum, u32 table, u32 slot, struct croft_bytes key, struct croft_bytes value);

/* Takes the block's touched slots in.  receipts_root: NULL when the block has no transactions. */
void croft_roots_update(struct croft_roots *r, const struct croft_state *s, const struct croft_hash *receipts_root);

/* Takes an update back; call before croft_state_undo. */
void croft_roots_undo(struct croft_roots *r, const struct croft_state *s);

/* All named roots, and the app hash over them. */
void croft_roots_named(const struct croft_roots *r, struct croft_hash out[CROFT_ROOT_COUNT]);
struct croft_hash croft_app_hash(const struct croft_hash named[CROFT_ROOT_COUNT]);

/* Paths of the two proof steps: a record in its table's tree (which must have one), a name in the app hash. */
void croft_roots_record_path(const struct croft_roots *r, u32 table, u32 slot, struct croft_merkle_path *out);
void croft_roots_name_path(const struct croft_hash named[CROFT_ROOT_COUNT], enum croft_root which,
                           struct croft_merkle_path *out);

#endif
