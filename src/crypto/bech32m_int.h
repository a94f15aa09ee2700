/* crypto/bech32m_int.h - Bech32m before its data is required to be 32 bytes, for the vectors of BIP 350. */
#ifndef CROFT_CRYPTO_BECH32M_INT_H
#define CROFT_CRYPTO_BECH32M_INT_H

#include "base/err.h"
#include "base/types.h"

enum { CROFT_BECH32M_LEN_MAX = 90 }; /* BIP 350's limit, up to which four wrong characters are always found */

struct croft_bech32m_parts {
    char hrp[CROFT_BECH32M_LEN_MAX + 1]; /* lower case, terminated */
    u8 quintet[CROFT_BECH32M_LEN_MAX];   /* the data without its checksum, 0 to 31 each */
    size_t quintets;
};

/* CROFT_ERR_BECH32 for what BIP 350 calls invalid; *out unchanged. */
CROFT_MUST_USE croft_err croft_bech32m_split(const char *text, struct croft_bech32m_parts *out);

#endif
