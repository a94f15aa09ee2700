/* chain/proof.h - from a record to the app hash, by the proof that the chain gives with an answer.
 *
 * A proof is a chain of CometBFT's "simple:v" operations (crypto/merkle.h): each takes a value to the root of
 * the tree that holds it under a key, and that root is the value of the next.  What it proves is only as good
 * as the app hash it is compared with: that must come from somebody the caller trusts.
 */
#ifndef CROFT_CHAIN_PROOF_H
#define CROFT_CHAIN_PROOF_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"

#include "croft/v1/chain.pb-c.h"

/* Follows `count` operations from value, demanding keys[i] of operation i (NULL, 0: any key), to *app_hash.
 * scratch holds the decoded operations.
 *   CROFT_ERR_PROOF  malformed, an unknown type of operation, another key, or it leads elsewhere
 *   CROFT_ERR_NOMEM  scratch is used up */
CROFT_MUST_USE croft_err croft_proof_check(struct croft_bytes value, Croft__V1__ProofOp *const *op,
                                           size_t count, const struct croft_bytes *keys,
                                           const struct croft_hash *app_hash, struct croft_arena scratch);

/* The proof of a record of a table: two operations, the record's key and then the table's name.
 * result holds exactly one record (CROFT_ERR_PROOF otherwise), whose key must be `key`.
 * app_hash NULL: the one that result itself states, which shows only that the answer agrees with itself. */
CROFT_MUST_USE croft_err croft_proof_record(const Croft__V1__QueryResult *result, u32 table,
                                            struct croft_bytes key, const struct croft_hash *app_hash,
                                            struct croft_arena scratch);

#endif
