/* base/rng.h - repeatable random numbers for tests, benchmarks and the simulator (splitmix64, Vigna 2015).
 * Not secret, not for keys: those come from the world. */
#ifndef CROFT_BASE_RNG_H
#define CROFT_BASE_RNG_H

#include "base/types.h"

struct croft_rng {
    u64 state;
};

struct croft_rng croft_rng_of(u64 seed);
u64 croft_rng_next(struct croft_rng *rng);

/* In [0, limit); limit must not be zero (asserted). */
u64 croft_rng_below(struct croft_rng *rng, u64 limit);

/* True once in `one_in` calls on average. */
bool croft_rng_chance(struct croft_rng *rng, u64 one_in);

void croft_rng_fill(struct croft_rng *rng, u8 *out, size_t len);

#endif
