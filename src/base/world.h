/* base/world.h - time and chance, as far as a component may ask for them.
 * Filled from the kernel by cli/, from one seed by sim/; nothing else reads a clock or makes secrets. */
#ifndef CROFT_BASE_WORLD_H
#define CROFT_BASE_WORLD_H

#include "base/types.h"

struct croft_world;

struct croft_world_ops {
    u64 (*wall_ms)(struct croft_world *w);   /* since 1970; may jump either way */
    u64 (*steady_ns)(struct croft_world *w); /* never goes back; no meaning across processes */
    void (*entropy)(struct croft_world *w, u8 *out, size_t len);
};

struct croft_world {
    const struct croft_world_ops *ops;
};

/* The real one: clock_gettime and the kernel's random source. */
struct croft_world *croft_world_system(void);

#endif
