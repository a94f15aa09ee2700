#include "sim/sim_int.h"

#include "base/assert.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SCRATCH_BYTES = 256 << 20 };
static const size_t memory_bytes = (size_t)4 << 30; /* address space: touched as used */

/* The run under way, for the report after an assertion. */
static struct croft_sim *running;

/* ---- telling ---- */

void croft_sim_note(struct croft_sim *s, const char *fmt, ...)
{
    char head[64];
    va_list args;
    u64 now_ms = s->world.now_ms;
    snprintf(head, sizeof head, "%" PRIu64 ".%03u %5" PRIu64 "  ", now_ms / 1000, (u32)(now_ms % 1000),
             s->height);
    va_start(args, fmt);
    croft_history_add(&s->history, head, fmt, args);
    va_end(args);
    if (s->options->trace != NULL)
        fprintf(s->options->trace, "%s\n", croft_history_last(&s->history));
}

static void report(const struct croft_sim *s, const char *reason)
{
    FILE *to = s->options->report;
    if (to == NULL)
        return;
    fprintf(to, "last events (number, seconds, height):\n");
    croft_history_print(&s->history, to);
    fprintf(to, "seed %" PRIu64 ", step %" PRIu64 ": %s\n", s->options->seed, s->result->steps, reason);
    fprintf(to, "again: croft sim --scenario %s --seed %" PRIu64 " --steps %" PRIu64 "%s%s\n", s->scenario->name,
            s->options->seed, s->options->steps, s->options->without ? " --without " : "",
            s->options->without ? s->options->without : "");
    fflush(to);
}

void croft_sim_report_abort(void)
{
    if (running != NULL)
        report(running, "the code under test stopped the process");
    running = NULL;
}

void croft_sim_fail(struct croft_sim *s, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(s->result->reason, sizeof s->result->reason, fmt, args);
    va_end(args);
    s->result->clean = false;
    report(s, s->result->reason);
    longjmp(s->broken, 1);
}

/* ---- chance and memory ---- */

void *croft_sim_take(struct croft_sim *s, size_t count, size_t size)
{
    void *p = croft_arena_take(&s->mem, count, size, 16);
    CROFT_ASSERT(p != NULL);
    return p;
}

u64 croft_sim_below(struct croft_sim *s, u64 limit)
{
    return croft_rng_below(&s->rng, limit);
}

bool croft_sim_chance(struct croft_sim *s, u64 one_in)
{
    return croft_rng_chance(&s->rng, one_in);
}

bool croft_sim_odd(struct croft_sim *s)
{
    return croft_rng_chance(&s->rng, s->odd_one_in);
}

/* ---- a run ---- */

/* The sequencer works when it has something to do before the next event; time passes in between. */
static void next(struct croft_sim *s)
{
    u64 work_ms = croft_sim_work_ms(s), event_ms = croft_sim_world_next_ms(&s->world);
    if (work_ms <= event_ms) {
        croft_sim_world_advance(&s->world, work_ms > s->world.now_ms ? work_ms : s->world.now_ms);
        croft_sim_work(s);
        return;
    }
    croft_sim_world_run_next(&s->world);
    s->result->steps++;
}

/* Everybody is right again, everything is written, and all of it is looked at once more. */
static void finish(struct croft_sim *s)
{
    s->world.skew_ms = 0;
    s->busy_until_ms = s->away_until_ms = 0;
    croft_sim_restart(s, &s->node[0], CROFT_SIM_POWER_LOSS);
    croft_sim_work(s);
    s->scenario->drain(s);
    croft_sim_restart(s, &s->node[1], CROFT_SIM_KILL);
    croft_sim_follow(s);
    croft_sim_check_replays(s);
    for (u32 i = 0; i < s->tx_count; i++) {
        CROFT_SIM_MUST(s, s->tx[i]->flying == 0, "#%u was never answered", s->tx[i]->serial);
        CROFT_SIM_MUST(s, !s->tx[i]->acked || s->tx[i]->height != 0, "#%u was acknowledged and is nowhere",
                       i);
        if (s->tx[i]->height != 0 && i % 8 == 0)
            croft_sim_check_kept(s, &s->node[i / 8 % 2], s->tx[i]);
    }
}

static void begin(struct croft_sim *s)
{
    struct croft_rng seeds = croft_rng_of(s->options->seed);
    bool mapped = croft_region_map(&s->memory, memory_bytes) && croft_region_map(&s->scratch, SCRATCH_BYTES);
    CROFT_ASSERT(mapped);
    s->mem = croft_region_arena(&s->memory);
    s->rng = croft_rng_of(croft_rng_next(&seeds));
    s->fault_rng = croft_rng_of(croft_rng_next(&seeds));
    s->flight_tail = &s->flight;
    s->odd_one_in = 20;
    s->scenario->begin(s);
    croft_sim_world_init(&s->world, croft_rng_next(&seeds), s->genesis->time_s * 1000);
    croft_sim_nodes_make(s);
    croft_sim_start_sources(s);
}

static void run(struct croft_sim *s)
{
    if (setjmp(s->broken) != 0)
        return;
    begin(s);
    while (s->result->steps < s->options->steps && !s->stopped)
        next(s);
    finish(s);
    s->result->clean = true;
}

static void end(struct croft_sim *s)
{
    croft_sim_lose_flights(s);
    croft_sim_nodes_free(s);
    s->scenario->end(s);
    croft_region_unmap(&s->memory);
    croft_region_unmap(&s->scratch);
    free(s->ring);
    free(s->tx);
    free(s->next_in_bucket);
    free(s->block);
    free(s);
}

croft_err croft_sim_run(const struct croft_sim_options *o, struct croft_sim_result *out,
                        struct croft_why *why)
{
    CROFT_TRY(croft_sim_check(o->scenario, o->without, why));
    struct croft_sim *s = calloc(1, sizeof *s);
    CROFT_ASSERT(s != NULL);
    *out = (struct croft_sim_result){.seed = o->seed};
    s->options = o;
    s->scenario = croft_sim_scenario_of(o->scenario);
    s->result = out;
    running = s;
    run(s);
    running = NULL;
    end(s);
    return CROFT_OK;
}
