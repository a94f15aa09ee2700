/* crypto/bech32m.h - text form of addresses and keys: BIP 350, without its 90-character limit lowered.
 *
 *   croft1...     an account address (32 bytes)
 *   croftpub1...  an Ed25519 public key (32 bytes)
 */
#ifndef CROFT_CRYPTO_BECH32M_H
#define CROFT_CRYPTO_BECH32M_H

#include "base/err.h"
#include "base/types.h"

#define CROFT_HRP_ADDRESS    "croft"
#define CROFT_HRP_PUBLIC_KEY "croftpub"

enum { CROFT_BECH32M_TEXT_MAX = 96 }; /* with the terminating zero; enough for 32 bytes and either prefix */

/* out holds CROFT_BECH32M_TEXT_MAX bytes. */
void croft_bech32m_encode(const char *hrp, const u8 data[32], char *out);

/* Lower case or upper case, never mixed.  CROFT_ERR_BECH32 for anything else, another prefix, another
 * length or non-zero padding; *out unchanged. */
CROFT_MUST_USE croft_err croft_bech32m_decode(const char *hrp, const char *text, u8 out[32]);

#endif
