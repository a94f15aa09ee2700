/* consensus/stored.h - what a follower signs when it has stored a block.
 *
 *   message = BLAKE2b-256(key "croft stored 1", network id || height, u64 little-endian || block id)
 *   proof   = public key (32) and Ed25519 signature over the message (64)
 *
 * For one network, one height and one block: it cannot be shown again for another.
 */
#ifndef CROFT_CONSENSUS_STORED_H
#define CROFT_CONSENSUS_STORED_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"
#include "consensus/solo/solo.h"
#include "crypto/sign.h"

#include "croft/v1/chain.pb-c.h"

/* The id of a block of this chain.  Sequencer's thread; mem holds one block while it is read.
 *   CROFT_ERR_NOT_FOUND  it is not here any more, or not yet; or what reading the log says */
CROFT_MUST_USE croft_err croft_stored_id_at(struct croft_solo *s, u64 height, struct croft_arena mem,
                                            struct croft_hash *out, struct croft_why *why);

struct croft_signature croft_stored_sign(const struct croft_secret_key *key, const struct croft_hash *network,
                                         u64 height, const struct croft_hash *block_id);

/* Whether the message carries a proof by one of these keys. */
bool croft_stored_is_signed(const Croft__V1__BlockStored *m, const struct croft_hash *network,
                            const struct croft_public_key *key, u32 count);

#endif
