#include "sim/world.h"

#include "base/assert.h"

static struct croft_sim_world *world_of(struct croft_world *w)
{
    return (struct croft_sim_world *)w;
}

static u64 wall_ms(struct croft_world *w)
{
    return croft_sim_world_wall_ms(world_of(w));
}

static u64 steady_ns(struct croft_world *w)
{
    return world_of(w)->now_ms * 1000000;
}

static void entropy(struct croft_world *w, u8 *out, size_t len)
{
    croft_rng_fill(&world_of(w)->entropy, out, len);
}

static const struct croft_world_ops world_ops = {
    .wall_ms = wall_ms,
    .steady_ns = steady_ns,
    .entropy = entropy,
};

void croft_sim_world_init(struct croft_sim_world *w, u64 seed, u64 start_ms)
{
    *w = (struct croft_sim_world){
        .world.ops = &world_ops,
        .now_ms = start_ms,
        .entropy = croft_rng_of(seed),
    };
}

u64 croft_sim_world_wall_ms(const struct croft_sim_world *w)
{
    i64 wall = (i64)w->now_ms + w->skew_ms;
    return wall > 0 ? (u64)wall : 0;
}

void croft_sim_world_add(struct croft_sim_world *w, u64 after_ms, croft_sim_act *act, void *arg, u64 tag)
{
    CROFT_ASSERT(w->event_count < CROFT_SIM_EVENTS_MAX);
    w->event[w->event_count++] = (struct croft_sim_event){
        .at_ms = w->now_ms + after_ms, .serial = w->serial++, .act = act, .arg = arg, .tag = tag};
}

/* The place of the next event; event_count when there is none.  There are few: a list does. */
static u32 first_event(const struct croft_sim_world *w)
{
    u32 first = w->event_count;
    for (u32 i = 0; i < w->event_count; i++) {
        const struct croft_sim_event *e = &w->event[i], *f = &w->event[first];
        if (first == w->event_count || e->at_ms < f->at_ms || (e->at_ms == f->at_ms && e->serial < f->serial))
            first = i;
    }
    return first;
}

u64 croft_sim_world_next_ms(const struct croft_sim_world *w)
{
    u32 first = first_event(w);
    return first < w->event_count ? w->event[first].at_ms : UINT64_MAX;
}

void croft_sim_world_run_next(struct croft_sim_world *w)
{
    u32 first = first_event(w);
    CROFT_ASSERT(first < w->event_count);
    struct croft_sim_event e = w->event[first];
    CROFT_ASSERT(e.at_ms >= w->now_ms);
    w->event[first] = w->event[--w->event_count];
    w->now_ms = e.at_ms;
    e.act(e.arg, e.tag);
}

void croft_sim_world_advance(struct croft_sim_world *w, u64 at_ms)
{
    CROFT_ASSERT(at_ms >= w->now_ms);
    CROFT_ASSERT(at_ms <= croft_sim_world_next_ms(w));
    w->now_ms = at_ms;
}
