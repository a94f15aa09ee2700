/* wire/test_maker_int.h - for tests only: what random bodies are made with. */
#ifndef CROFT_WIRE_TEST_MAKER_INT_H
#define CROFT_WIRE_TEST_MAKER_INT_H

#include "base/assert.h"
#include "base/rng.h"
#include "base/testing.h"
#include "wire/tx.h"

#include <string.h>

struct maker {
    struct croft_region region;
    struct croft_arena mem; /* emptied by maker_reset */
    struct croft_rng rng;
    struct croft_hash network;
    struct croft_secret_key key[CROFT_KEYS_MAX];
};

static inline void maker_open(struct maker *m, u64 seed)
{
    memset(m, 0, sizeof *m);
    m->rng = croft_rng_of(seed);
    bool mapped = croft_region_map(&m->region, 64 << 20);
    CROFT_ASSERT(mapped);
    m->mem = croft_region_arena(&m->region);
    croft_rng_fill(&m->rng, m->network.b, sizeof m->network.b);
    for (u32 i = 0; i < CROFT_KEYS_MAX; i++) {
        u8 seed_bytes[32];
        croft_rng_fill(&m->rng, seed_bytes, sizeof seed_bytes);
        croft_secret_key_from_seed(&m->key[i], seed_bytes);
    }
}

static inline void maker_reset(struct maker *m)
{
    m->mem = croft_region_arena(&m->region);
}

static inline void maker_close(struct maker *m)
{
    croft_region_unmap(&m->region);
}

#define MAKE(m, type, init)                          \
    __extension__({                                  \
        type *make_ = croft_new(&(m)->mem, type, 1); \
        CROFT_ASSERT(make_ != NULL);                 \
        init(make_);                                 \
        make_;                                       \
    })

static inline ProtobufCBinaryData make_bytes(struct maker *m, size_t len)
{
    u8 *at = croft_new(&m->mem, u8, len + 1);
    CROFT_ASSERT(at != NULL);
    croft_rng_fill(&m->rng, at, len);
    return (ProtobufCBinaryData){len, at};
}

static inline ProtobufCBinaryData make_up_to(struct maker *m, size_t most)
{
    return make_bytes(m, croft_rng_below(&m->rng, most + 1));
}

/* Of every length; zero now and then, unless it must not be. */
static inline u64 make_u64(struct maker *m)
{
    return croft_rng_next(&m->rng) >> croft_rng_below(&m->rng, 64);
}

static inline u64 make_amount(struct maker *m)
{
    u64 v = make_u64(m);
    return v == 0 ? 1 : v;
}

static inline u32 make_asset(struct maker *m)
{
    return (u32)croft_rng_below(&m->rng, CROFT_ASSET_COUNT);
}

#endif
