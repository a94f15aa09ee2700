#include "sim/sim_int.h"

#include "base/assert.h"

#include <string.h>

static const struct croft_sim_source *source_at(const struct croft_sim_scenario *c, size_t i)
{
    if (i < *c->actor_count)
        return &c->actors[i];
    i -= *c->actor_count;
    return i < croft_sim_fault_count ? &croft_sim_faults[i] : NULL;
}

const char *croft_sim_source_name(const char *scenario, size_t i)
{
    const struct croft_sim_scenario *c = croft_sim_scenario_of(scenario);
    const struct croft_sim_source *source = c != NULL ? source_at(c, i) : NULL;
    return source != NULL ? source->name : NULL;
}

/* Takes the next name off a list with commas; its length, 0 at the end. */
static size_t next_name(const char **list, const char **out)
{
    if (*list == NULL)
        return 0;
    *list += strspn(*list, ",");
    *out = *list;
    size_t len = strcspn(*list, ",");
    *list += len;
    return len;
}

static bool is_named(const char *list, const char *name)
{
    const char *at;
    for (size_t len = next_name(&list, &at); len > 0; len = next_name(&list, &at))
        if (len == strlen(name) && memcmp(at, name, len) == 0)
            return true;
    return false;
}

croft_err croft_sim_check(const char *scenario, const char *without, struct croft_why *why)
{
    const struct croft_sim_scenario *c = croft_sim_scenario_of(scenario);
    const char *at;
    if (c == NULL)
        return croft_fail(why, CROFT_ERR_USAGE, "the simulator has no scenario \"%s\"", scenario);
    for (size_t len = next_name(&without, &at); len > 0; len = next_name(&without, &at)) {
        bool known = false;
        const struct croft_sim_source *source;
        for (size_t i = 0; (source = source_at(c, i)) != NULL; i++)
            known |= strlen(source->name) == len && memcmp(source->name, at, len) == 0;
        if (!known)
            return croft_fail(why, CROFT_ERR_USAGE, "the simulator has no \"%.*s\" to leave out", (int)len,
                              at);
    }
    return CROFT_OK;
}

bool croft_sim_is_without(const struct croft_sim *s, const char *name)
{
    bool away = s->scenario->stays_away != NULL && s->scenario->stays_away(s, name);
    return away || is_named(s->options->without, name);
}

/* ---- events ---- */

static void again(struct croft_sim *s, u64 tag);

/* A tag is the source's number and a wallet. */
static const struct croft_sim_source *source_of(const struct croft_sim *s, u64 tag)
{
    const struct croft_sim_source *source = source_at(s->scenario, tag >> 32);
    CROFT_ASSERT(source != NULL);
    return source;
}

static void act(void *arg, u64 tag)
{
    struct croft_sim *s = arg;
    source_of(s, tag)->act(s, (u32)tag);
    again(s, tag);
}

/* Mostly a pause of the source's length, sometimes none to speak of: many things then happen in one second.
 */
static void again(struct croft_sim *s, u64 tag)
{
    bool is_fault = tag >> 32 >= *s->scenario->actor_count;
    u64 pause_ms = source_of(s, tag)->pause_s * 1000 / (is_fault ? s->scenario->hurry : 1);
    u64 after_ms = croft_sim_chance(s, 6) ? croft_sim_below(s, 500) : 1 + croft_sim_below(s, 2 * pause_ms);
    croft_sim_world_add(&s->world, after_ms, act, s, tag);
}

void croft_sim_start_sources(struct croft_sim *s)
{
    u32 wallet = CROFT_SIM_OPERATORS + CROFT_SIM_ISSUERS;
    for (size_t i = 0; source_at(s->scenario, i) != NULL; i++) {
        const struct croft_sim_source *source = source_at(s->scenario, i);
        for (u32 k = 0; k < source->count; k++, wallet++)
            if (!croft_sim_is_without(s, source->name))
                again(s, (u64)i << 32 | wallet % s->scenario->wallets);
    }
}
