/* market/hash_int.h - the hash of the market's tables: seeded, because others choose what is looked up in them. */
#ifndef CROFT_MARKET_HASH_INT_H
#define CROFT_MARKET_HASH_INT_H

#include "base/types.h"

#include <string.h>

/* Multiply and fold (as in wyhash's last step): every bit of the input reaches every bit of the result. */
static inline u64 croft_fold(u64 a, u64 b)
{
    u128 p = (u128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) * (b ^ UINT64_C(0xd6e8feb86659fd93));
    return (u64)p ^ (u64)(p >> 64);
}

static inline u64 croft_hash_of(u64 seed, struct croft_bytes text)
{
    u64 h = croft_fold(seed, text.len);
    for (size_t at = 0; at < text.len; at += 8) {
        u64 part = 0;
        memcpy(&part, text.at + at, text.len - at < 8 ? text.len - at : 8);
        h = croft_fold(h ^ seed, part);
    }
    return h;
}

#endif
