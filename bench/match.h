/* bench/match.h - `croft bench match`: finding offers in a market of a million, while it changes 1,000 times
 * a second.
 *
 * Offers and orders are drawn as bench/offers.h says: 40 % of the orders want a model, 20 % VRAM at a price,
 * 20 % a country and an auditor, 10 % what exactly one offer has, 10 % what none has.  Each asks for the
 * cheapest offer and eight alternates.  Changes come by the clock, between searches: three of four re-price
 * or change an offer, the others take one away or bring a new one.
 *
 * Other work on the machine takes the core away for milliseconds, a hundred searches long.  So every order is
 * searched once a round, all orders in turn, and its time is the least of the rounds; the percentile over
 * single searches stands beside it.  The reference is brute force in the same run: every offer tested, the
 * cheapest kept.  Its answers are compared with the index's, and a difference ends the run.
 */
#ifndef CROFT_BENCH_MATCH_H
#define CROFT_BENCH_MATCH_H

#include "base/err.h"
#include "bench/report.h"

struct croft_bench_match_options {
    u32 offers; /* 1,000,000 */
    u32 orders; /* 10,000 */
    u32 rounds; /* 5 */
};

/* Figures: match_p50_us, match_p99_us, match_p99_single_us, match_behind_us (more than a tenth of the offers
 * fit, behind the cheapest twentieth, which do not), gang64_ms, explain_ms, changes_per_s,
 * changes_kept_per_s, plan_ms, bytes_per_offer, brute_ms, brute_gang_ms, match_ratio. CROFT_ERR_NOMEM    not
 * enough address space CROFT_ERR_STATE    the index answered otherwise than brute force; *why says which
 * order */
CROFT_MUST_USE croft_err croft_bench_match(const struct croft_bench_match_options *options,
                                           struct croft_report *report, struct croft_why *why);

#endif
