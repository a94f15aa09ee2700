/* crypto/sign.h - Ed25519 (RFC 8032) through libsodium, under one pinned verification rule.
 *
 * The rule is cofactorless (R recomputed and compared as bytes), S < L, no small-order public key or R:
 * what libsodium 1.0.18 to 1.0.22 do.  Two nodes with different rules can be made to disagree by a crafted
 * signature, so croft_crypto_start runs edge-case vectors (Chalkias et al., "Taming the many EdDSAs")
 * and a release whose library answers otherwise does not start.
 */
#ifndef CROFT_CRYPTO_SIGN_H
#define CROFT_CRYPTO_SIGN_H

#include "base/err.h"
#include "base/types.h"
#include "base/world.h"

struct croft_public_key {
    u8 b[32];
};

struct croft_signature {
    u8 b[64];
};

/* Secret: wiped by croft_secret_key_wipe, which suits CROFT_CLEANUP. */
struct croft_secret_key {
    u8 seed[32];
    u8 expanded[64]; /* libsodium's form: seed || public key */
};

/* Once per process, before anything else here or in crypto/hash.h.
 *   CROFT_ERR_SELFTEST  the library's answers differ from the network's rule */
CROFT_MUST_USE croft_err croft_crypto_start(void);

void croft_secret_key_from_seed(struct croft_secret_key *out, const u8 seed[32]);
void croft_secret_key_make(struct croft_secret_key *out, struct croft_world *world);
void croft_secret_key_wipe(struct croft_secret_key *key);
struct croft_public_key croft_public_key_of(const struct croft_secret_key *key);

struct croft_signature croft_sign(const struct croft_secret_key *key, struct croft_bytes message);

/* CROFT_ERR_TX_SIGNATURE when it is not valid under the pinned rule. */
CROFT_MUST_USE croft_err croft_verify(const struct croft_public_key *key, struct croft_bytes message,
                                      const struct croft_signature *signature);

#endif
