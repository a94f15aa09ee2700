/* sim/many.h - many seeds, each in a process of its own, some at a time.
 *
 * So an assertion or a hang in one seed is a failure of that seed.  A seed that takes longer than
 * CROFT_SIM_SEED_S seconds per 2,000 steps counts as one that hangs.
 */
#ifndef CROFT_SIM_MANY_H
#define CROFT_SIM_MANY_H

#include "sim/sim.h"

#include <signal.h>

enum { CROFT_SIM_FAILURES_MAX = 100, CROFT_SIM_JOBS_MAX = 64, CROFT_SIM_SEED_S = 300 };

struct croft_sim_many_options {
    const char *scenario; /* as in croft_sim_options */
    u64 first, last, steps;
    u32 jobs; /* 1 to CROFT_SIM_JOBS_MAX (asserted) */
    const char *without;
    FILE *progress;                           /* a line that is written over; NULL: none */
    const volatile sig_atomic_t *interrupted; /* when set no further seed is begun; NULL: never */
};

struct croft_sim_failure {
    u64 seed;
    char reason[CROFT_SIM_REASON_MAX];
};

struct croft_sim_many_result {
    u64 clean, failed;
    u64 blocks, txs, restarts, checkpoints;                   /* of the clean ones */
    struct croft_coverage coverage;                           /* of all that came to an end */
    struct croft_sim_failure failure[CROFT_SIM_FAILURES_MAX]; /* the first ones to fail */
    u32 failure_count;
};

/* The whole report of the first seed to fail goes to `report`.
 *   CROFT_ERR_USAGE        of croft_sim_run
 *   CROFT_ERR_INTERRUPTED  out has what was done until then
 *   CROFT_ERR_IO           no process or temporary file can be had */
CROFT_MUST_USE croft_err croft_sim_many(const struct croft_sim_many_options *o, FILE *report,
                                        struct croft_sim_many_result *out, struct croft_why *why);

/* From here on a run that this process does tells its report before a signal ends it. */
void croft_sim_catch_signals(void);

#endif
