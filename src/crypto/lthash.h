/* crypto/lthash.h - a hash of a set that changes by adding and removing elements.
 *
 * LtHash (Bellare, Micciancio 1997; Lewi et al., ia.cr/2019/227) with 1024 lanes of 16 bits: the sum,
 * lane by lane mod 2^16, of the expansions of all elements.  Order does not matter; removing subtracts.
 * It is a hash of a *set*: the caller holds each element at most once.
 *
 *   element   = u8 table || u16 key_len || key || u32 value_len || value          (little-endian)
 *   seed      = BLAKE2b-256(key "croft lthash 1", element)
 *   expansion = 2048 bytes of ChaCha20 (RFC 8439, zero nonce, counter 0) under seed
 *   digest    = BLAKE2b-256(key "croft lthash digest 1", 2048 bytes of lanes, little-endian)
 */
#ifndef CROFT_CRYPTO_LTHASH_H
#define CROFT_CRYPTO_LTHASH_H

#include "base/types.h"

enum { CROFT_LTHASH_LANES = 1024, CROFT_LTHASH_BYTES = 2048 };

struct croft_lthash {
    u16 lane[CROFT_LTHASH_LANES]; /* all zero is the empty set */
};

void croft_lthash_add(struct croft_lthash *h, u8 table, struct croft_bytes key, struct croft_bytes value);
void croft_lthash_remove(struct croft_lthash *h, u8 table, struct croft_bytes key, struct croft_bytes value);
struct croft_hash croft_lthash_digest(const struct croft_lthash *h);

/* The 2048 bytes that are stored and sent. */
void croft_lthash_save(const struct croft_lthash *h, u8 out[CROFT_LTHASH_BYTES]);
void croft_lthash_load(struct croft_lthash *h, const u8 from[CROFT_LTHASH_BYTES]);

#endif
