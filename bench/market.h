/* bench/market.h - `croft bench market`: what a lease costs the ledger from its order to its end.
 *
 * The bare ledger on one core (bench/deals.h): no signatures, no log; then again through the solo driver.  Every lease
 * is a card of a node of its own, taken by an order of its own, settled ten times a minute apart, each time by one
 * transaction with one voucher, and its order closed by the buyer; what is left is closed by time.  All go through the
 * same step together, in an order drawn anew each round.  The first round warms up and is not counted.
 *
 * A batch of 100,000 tasks is worked off by 100 nodes, a range of 1,000 each: taken, committed, accepted.
 */
#ifndef CROFT_BENCH_MARKET_H
#define CROFT_BENCH_MARKET_H

#include "base/err.h"
#include "bench/report.h"

enum { CROFT_BENCH_MARKET_LEASES_MIN = 1000 };

struct croft_bench_market_options {
    u32 leases;         /* at a time, 20,000; at least CROFT_BENCH_MARKET_LEASES_MIN */
    u32 rounds;         /* 5 */
    const char *folder; /* where the chain is made and removed again */
};

/* Figures: market_tx_per_s, market_lifecycle_tx_per_s, lifecycles_per_s, microseconds per operation open_us, ack_us,
 * settle_us, voucher64_us, close_us, due_us, of an average transaction of a lease decode_us, execute_us, roots_us;
 * batch_txs, batch_seconds, solo_settle_us, solo_lifecycle_tx_per_s.  CROFT_ERR_STATE: the ledger refused something; *why says what */
CROFT_MUST_USE croft_err croft_bench_market(const struct croft_bench_market_options *options,
                                            struct croft_report *report, struct croft_why *why);

#endif
