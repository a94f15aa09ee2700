/* crypto/merkle.h - SHA-256 trees in the shape of RFC 6962 section 2.1, as CometBFT uses them.
 *
 *   empty = SHA-256("")    leaf = SHA-256(0x00 || x)    inner = SHA-256(0x01 || left || right)
 *   a tree of n > 1 leaves splits at the largest power of two below n
 *
 * Equivalently, level by level from the leaves: node i of level k+1 is inner(2i, 2i+1) of level k, and
 * a last node without a right sibling rises unchanged.  croft_tree keeps those levels so that a batch of
 * changed leaves costs only their paths; croft_merkle_root is the plain recursion it is tested against.
 *
 * A named value hashes as a leaf of CometBFT's "simple:v" proof operation
 * (cometbft v0.38 crypto/merkle/proof_value.go):
 *   x = uvarint(len key) || key || uvarint(32) || SHA-256(value)
 * so the stock light client verifies our proofs.
 */
#ifndef CROFT_CRYPTO_MERKLE_H
#define CROFT_CRYPTO_MERKLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"

enum { CROFT_MERKLE_DEPTH_MAX = 40 };

struct croft_hash croft_merkle_empty(void);
struct croft_hash croft_merkle_leaf(struct croft_bytes x);
struct croft_hash croft_merkle_inner(const struct croft_hash *left, const struct croft_hash *right);

/* The leaf hash of key -> value as in "simple:v".  key up to 127 bytes (asserted). */
struct croft_hash croft_merkle_named_leaf(struct croft_bytes key, struct croft_bytes value);

/* Root over leaf hashes, by the recursion of RFC 6962. */
struct croft_hash croft_merkle_root(const struct croft_hash *leaf, size_t count);

/* An inclusion path; aunt[0] is the leaf's sibling. */
struct croft_merkle_path {
    u64 total, index;
    u32 aunt_count;
    struct croft_hash leaf;
    struct croft_hash aunt[CROFT_MERKLE_DEPTH_MAX];
};

/* Path of leaf `index` among `count` leaf hashes, by recursion; index < count (asserted). */
void croft_merkle_path_of(const struct croft_hash *leaf, size_t count, size_t index,
                          struct croft_merkle_path *out);

/* CROFT_ERR_PROOF unless the path has exactly the aunts that (index, total) demand; then the root that
 * path.leaf leads to. */
CROFT_MUST_USE croft_err croft_merkle_path_root(const struct croft_merkle_path *path,
                                                struct croft_hash *out_root);

/* A tree of up to leaves_max leaves whose levels stay in memory. */
struct croft_tree {
    u64 leaves_max;
    u64 count;  /* leaves in use; never shrinks but by croft_tree_resize */
    u32 levels; /* levels reserved; level 0 holds the leaves */
    struct croft_hash *level[CROFT_MERKLE_DEPTH_MAX];
    u32 *scratch; /* leaves_max indexes, for a batch */
};

/* Bytes of arena that croft_tree_init takes for leaves_max (1 to 2^31, asserted). */
size_t croft_tree_size(u64 leaves_max);

/* An empty tree in memory taken raw from the arena (the caller hands over zero pages).
 * CROFT_ERR_NOMEM when the arena has less than croft_tree_size. */
CROFT_MUST_USE croft_err croft_tree_init(struct croft_tree *t, struct croft_arena *mem, u64 leaves_max);

/* Sets the number of leaves; new ones are zero bytes until set.  count <= leaves_max (asserted).  Nodes
 * are stale until croft_tree_update has been given every changed or added index, or, after shrinking,
 * the new last one. */
void croft_tree_resize(struct croft_tree *t, u64 count);

/* The stored hash of a leaf, to read or to set; index < count (asserted). */
struct croft_hash *croft_tree_leaf(struct croft_tree *t, u64 index);

/* Recomputes the nodes above the given leaf indexes: strictly increasing, all < t->count (asserted). */
void croft_tree_update(struct croft_tree *t, const u32 *index, size_t count);

struct croft_hash croft_tree_root(const struct croft_tree *t);
void croft_tree_path(const struct croft_tree *t, u64 index, struct croft_merkle_path *out);

#endif
