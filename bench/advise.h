/* bench/advise.h - `croft bench advise`: the Monte Carlo of `croft advise` over all networks, on one core.
 *
 * 100,000 paths of 24 months for every network that rents cards or renders, each complete: what a network
 * does not publish is filled with one value for all, so that every one of them is simulated, those paid in a
 * token held and sold.
 */
#ifndef CROFT_BENCH_ADVISE_H
#define CROFT_BENCH_ADVISE_H

#include "base/err.h"
#include "bench/report.h"

struct croft_bench_advise_options {
    u32 paths;  /* 100,000 */
    u32 months; /* 24 */
    u32 rounds; /* 5 */
};

/* Seconds are those of the core's time that the program got, since it uses one core whatever else the machine
 * does. Figures: seconds (median of whole reports), networks, path_months_per_s, draw_seconds, scalar_ratio:
 * the same month of the same path of every network drawn anew and written out one by one with the C library's
 * functions, against ours, same run. */
CROFT_MUST_USE croft_err croft_bench_advise(const struct croft_bench_advise_options *options,
                                            struct croft_report *report, struct croft_why *why);

#endif
