/* sim/world.h - time, chance and what happens next, all from one seed.
 *
 * now_ms is the true time and only moves when the next event is taken or advance is called.  Components see
 * the wall clock, which is wrong by skew_ms.  Of two events at the same time the one added first comes first.
 */
#ifndef CROFT_SIM_WORLD_H
#define CROFT_SIM_WORLD_H

#include "base/rng.h"
#include "base/types.h"
#include "base/world.h"

enum { CROFT_SIM_EVENTS_MAX = 1024 };

typedef void croft_sim_act(void *arg, u64 tag);

struct croft_sim_event {
    u64 at_ms, serial;
    croft_sim_act *act;
    void *arg;
    u64 tag;
};

struct croft_sim_world {
    struct croft_world world; /* what components are given */
    u64 now_ms;
    i64 skew_ms;
    struct croft_rng entropy;
    struct croft_sim_event event[CROFT_SIM_EVENTS_MAX];
    u32 event_count;
    u64 serial;
};

void croft_sim_world_init(struct croft_sim_world *w, u64 seed, u64 start_ms);

/* What the wall clock shows. */
u64 croft_sim_world_wall_ms(const struct croft_sim_world *w);

/* act(arg, tag) happens after_ms from now.  Room for CROFT_SIM_EVENTS_MAX at a time (asserted). */
void croft_sim_world_add(struct croft_sim_world *w, u64 after_ms, croft_sim_act *act, void *arg, u64 tag);

/* When the next event is due; UINT64_MAX: never. */
u64 croft_sim_world_next_ms(const struct croft_sim_world *w);

/* Moves time to the next event and lets it happen; there must be one (asserted). */
void croft_sim_world_run_next(struct croft_sim_world *w);

/* Moves time to at_ms, not past the next event and not back (asserted). */
void croft_sim_world_advance(struct croft_sim_world *w, u64 at_ms);

#endif
