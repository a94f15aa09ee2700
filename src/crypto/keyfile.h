/* crypto/keyfile.h - the bytes of a key file.  Pure: cli and consensus read and write the file itself.
 *
 * Text, so that it can be printed and typed; one "name: value" a line, in this order:
 *   croft-key: 1
 *   public: croftpub1...
 *   kdf: none                                  |  argon2id <ops> <memory KiB> <salt hex, 16 bytes>
 *   secret: <seed hex, 32 bytes>               |  <nonce hex, 24 bytes> <box hex, 48 bytes>
 * The box is XChaCha20-Poly1305 (libsodium's crypto_secretbox_xchacha20poly1305) of the seed under
 * Argon2id (RFC 9106) of the passphrase.  A file without a passphrase must have mode 0600; so must any other,
 * to be safe.
 */
#ifndef CROFT_CRYPTO_KEYFILE_H
#define CROFT_CRYPTO_KEYFILE_H

#include "base/err.h"
#include "base/types.h"
#include "crypto/sign.h"

enum { CROFT_KEYFILE_MAX = 1024 };

/* passphrase NULL: stored in the clear.  Argon2id at libsodium's MODERATE limits, or, with fast set (for
 * tests), at its MIN limits.  out gets terminated text.
 *   CROFT_ERR_NOMEM  Argon2id could not get its memory */
CROFT_MUST_USE croft_err croft_keyfile_write(const struct croft_secret_key *key, const char *passphrase,
                                             bool fast, struct croft_world *world,
                                             char out[CROFT_KEYFILE_MAX]);

/* What can be told without the passphrase.
 *   CROFT_ERR_KEY_FILE  malformed
 *   CROFT_ERR_FORMAT    a later croft-key number */
CROFT_MUST_USE croft_err croft_keyfile_peek(struct croft_bytes text, struct croft_public_key *out_public,
                                            bool *out_encrypted);

/*   CROFT_ERR_KEY_FILE    malformed, limits above 4 GiB or 64 passes, or the secret is not that of `public`
 *   CROFT_ERR_FORMAT      a later croft-key number
 *   CROFT_ERR_PASSPHRASE  wrong, or NULL for an encrypted file
 *   CROFT_ERR_NOMEM       Argon2id could not get its memory */
CROFT_MUST_USE croft_err croft_keyfile_read(struct croft_bytes text, const char *passphrase,
                                            struct croft_secret_key *out);

#endif
