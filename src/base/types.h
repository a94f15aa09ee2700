/* base/types.h - fixed-width names and the few attributes used everywhere. */
#ifndef CROFT_BASE_TYPES_H
#define CROFT_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;
typedef unsigned __int128 u128; /* intermediate products only; never stored */

#define CROFT_MUST_USE     __attribute__((warn_unused_result))
#define CROFT_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CROFT_CLEANUP(fn)  __attribute__((cleanup(fn)))
#define CROFT_COUNT(a)     (sizeof(a) / sizeof((a)[0]))

/* A view of bytes that somebody else owns. */
struct croft_bytes {
    const u8 *at;
    size_t len;
};

/* A SHA-256 or BLAKE2b-256 digest, a Merkle node, a network id, a transaction id. */
struct croft_hash {
    u8 b[32];
};

/* An account: the hash of its first key set (crypto/address.h). */
struct croft_address {
    u8 b[32];
};

#endif
