/* json/hex.h - bytes as lower-case hexadecimal text. */
#ifndef CROFT_JSON_HEX_H
#define CROFT_JSON_HEX_H

#include "base/types.h"

/* out holds 2 * from.len + 1 characters; terminated. */
void croft_hex_encode(struct croft_bytes from, char *out);

/* Exactly len bytes from 2 * len digits of either case.  False, with out undefined, for anything else. */
CROFT_MUST_USE bool croft_hex_decode(const char *text, u8 *out, size_t len);

#endif
