/* sim/sim.h - the simulator: a network of accounts on the real ledger and the real solo driver, under one
 * seed.
 *
 * croft_sim_run makes a world from the seed, lets `steps` events happen in it and checks everything that
 * sim/README.md lists after every block.  The same options give the same run, event for event.  A violated
 * rule ends the run: out->clean is false, out->reason says what, and report gets the seed and the last 200
 * events. An assertion of the code under test aborts the process; croft_sim_catch_signals (sim/many.h) has
 * the same report printed first.
 */
#ifndef CROFT_SIM_SIM_H
#define CROFT_SIM_SIM_H

#include "base/err.h"
#include "sim/coverage.h"

#include <signal.h>
#include <stdio.h>

enum { CROFT_SIM_REASON_MAX = 512 };

struct croft_sim_options {
    const char *scenario; /* "ledger" or "market"; NULL: ledger */
    u64 seed, steps;
    const char *without; /* comma-separated names of actors and faults that stay away; NULL: none */
    FILE *report;        /* where a failure is told; NULL: nowhere */
    FILE *trace;         /* gets every event as it happens; NULL: none */
};

struct croft_sim_result {
    bool clean;
    char reason[CROFT_SIM_REASON_MAX];
    u64 seed, steps;
    u64 blocks, txs, restarts, checkpoints; /* txs: in blocks */
    struct croft_coverage coverage;
};

/* croft_crypto_start must have run.  CROFT_ERR_USAGE: without names something that there is not; *why says
 * what. */
CROFT_MUST_USE croft_err croft_sim_run(const struct croft_sim_options *o, struct croft_sim_result *out,
                                       struct croft_why *why);

/* Whether these names are known.  CROFT_ERR_USAGE. */
CROFT_MUST_USE croft_err croft_sim_check(const char *scenario, const char *without, struct croft_why *why);

/* For a handler of SIGABRT: tells the report of the run that is under way in this process, if there is one.
 */
void croft_sim_report_abort(void);

/* The i-th source of events of a scenario, for help and completion; NULL when there are no more. */
const char *croft_sim_source_name(const char *scenario, size_t i);

#endif
