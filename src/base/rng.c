#include "base/rng.h"

#include "base/assert.h"

struct croft_rng croft_rng_of(u64 seed)
{
    return (struct croft_rng){.state = seed};
}

u64 croft_rng_next(struct croft_rng *rng)
{
    u64 z = (rng->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

u64 croft_rng_below(struct croft_rng *rng, u64 limit)
{
    CROFT_ASSERT(limit != 0);
    return croft_rng_next(rng) % limit;
}

bool croft_rng_chance(struct croft_rng *rng, u64 one_in)
{
    return croft_rng_below(rng, one_in) == 0;
}

void croft_rng_fill(struct croft_rng *rng, u8 *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (u8)croft_rng_next(rng);
}
