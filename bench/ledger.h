/* bench/ledger.h - `croft bench ledger`: the ledger against the raw verify rate of the same cores in the same run.
 *
 * Accounts are drawn at random, fees and trees are on, valid_until is uniform over its range.  A transaction
 * counts when it is durable and acknowledged.  Signed and raw rates are measured in turn, round by round, and
 * the ratio is the median over the rounds: the machine's speed drifts, the ratio hardly does.
 */
#ifndef CROFT_BENCH_LEDGER_H
#define CROFT_BENCH_LEDGER_H

#include "base/err.h"
#include "bench/report.h"

struct croft_bench_ledger_options {
    u32 accounts; /* 1,000,000 */
    u32 txs;      /* per round, 200,000 */
    u32 rounds;   /* 5 */
    u32 idle_txs; /* 300 */
    const char *folder; /* where the chain is made and removed again; on the disk that is to be measured */
};

/* Figures: verify_per_s_core, verify_per_s_all, signed_tx_per_s, signed_ratio, unsigned_tx_per_s_core, idle_p50_ms,
 * idle_p99_ms, fdatasync_p50_ms, idle_ratio, disk_bytes_per_tx, and what each stage of the sequencer costs (stage_*). */
CROFT_MUST_USE croft_err croft_bench_ledger(const struct croft_bench_ledger_options *options, struct croft_report *report,
                                            struct croft_why *why);

#endif
