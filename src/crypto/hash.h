/* crypto/hash.h - the two hashes of the ledger.
 *
 * SHA-256 (FIPS 180-4, OpenSSL, SHA-NI where present) for Merkle trees, because light clients of
 * CometBFT recompute them.  BLAKE2b-256 (RFC 7693, libsodium), keyed with a domain, for everything that
 * only Croft recomputes: a digest made for one purpose can never stand for another.
 */
#ifndef CROFT_CRYPTO_HASH_H
#define CROFT_CRYPTO_HASH_H

#include "base/types.h"

/* SHA-256 of the concatenation of up to four parts; unused parts are {NULL, 0}. */
struct croft_hash croft_sha256(struct croft_bytes data);
struct croft_hash croft_sha256_parts(const struct croft_bytes *part, size_t count);
/* Of a byte and two hashes: the inner node of a tree, of which there are more than of all else. */
struct croft_hash croft_sha256_pair(u8 tag, const struct croft_hash *left, const struct croft_hash *right);

/* BLAKE2b-256 keyed with the domain's text (1 to 64 bytes, asserted) over the parts. */
struct croft_hash croft_blake2b(const char *domain, const struct croft_bytes *part, size_t count);

bool croft_hash_equal(const struct croft_hash *a, const struct croft_hash *b);
bool croft_hash_is_zero(const struct croft_hash *a);

#endif
