/* crypto/test_int.h - what the tests of this component share. */
#ifndef CROFT_CRYPTO_TEST_INT_H
#define CROFT_CRYPTO_TEST_INT_H

#include "base/assert.h"
#include "base/rng.h"
#include "base/testing.h"
#include "base/types.h"
#include "base/world.h"

#include <sodium.h>
#include <string.h>

/* A world whose chance is a seeded sequence; it has no clock. */
struct croft_test_world {
    struct croft_world world;
    struct croft_rng rng;
};

static inline void croft_test_entropy(struct croft_world *w, u8 *out, size_t len)
{
    croft_rng_fill(&((struct croft_test_world *)w)->rng, out, len);
}

static inline struct croft_test_world croft_test_world_of(u64 seed)
{
    static const struct croft_world_ops ops = {.entropy = croft_test_entropy};
    return (struct croft_test_world){.world.ops = &ops, .rng = croft_rng_of(seed)};
}

/* Hex, or "-" for nothing; the number of bytes, at most size (asserted). */
static inline size_t croft_test_unhex(const char *hex, u8 *out, size_t size)
{
    size_t len = 0;
    if (strcmp(hex, "-") == 0)
        return 0;
    int rc = sodium_hex2bin(out, size, hex, strlen(hex), NULL, &len, NULL);
    CROFT_ASSERT(rc == 0);
    return len;
}

static inline struct croft_hash croft_test_hash(const char *hex)
{
    struct croft_hash out;
    size_t len = croft_test_unhex(hex, out.b, sizeof out.b);
    CROFT_ASSERT(len == sizeof out.b);
    return out;
}

static inline struct croft_bytes croft_test_text(const char *text)
{
    return (struct croft_bytes){(const u8 *)text, strlen(text)};
}

#endif
