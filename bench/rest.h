/* bench/rest.h - `croft bench rest`: a large market at rest, what it takes in memory and in each block.
 *
 * P providers with a node and two devices each, and P leases: one device of each node is leased, the other listed, so
 * that with the 1,000,000 of the full run there are 3,000,000 offers and leases.  Every lease has an order of its own,
 * with a tenth as many buyers.  All is made by transactions on the bare ledger (bench/deals.h), and the index of
 * offers is fed from its records.  Then blocks are made at that size: empty, with 1,000 settlements, and when orders
 * expire and their leases are closed by time.
 *
 * Memory is what the system counts as resident, before and after each kind of record is made, over their number:
 * record, index, slots, trees, due times and all.  With few providers it is mostly pages begun.
 */
#ifndef CROFT_BENCH_REST_H
#define CROFT_BENCH_REST_H

#include "base/err.h"
#include "bench/report.h"

enum { CROFT_BENCH_REST_PROVIDERS_MIN = 1000, CROFT_BENCH_REST_PROVIDERS_MAX = 4000000 };

struct croft_bench_rest_options {
    u32 providers; /* 1,000,000 */
};

/* Figures: records, resident_mib, account_bytes, provider_node_bytes, device_bytes, order_lease_bytes, load_seconds,
 * index_offers, index_bytes_per_offer, feed_records_per_s, block_empty_ms, block_settle1000_ms, block_due_ms (of the
 * most due records a block takes), due_order_us, due_lease_us.  CROFT_ERR_STATE: the ledger refused something */
CROFT_MUST_USE croft_err croft_bench_rest(const struct croft_bench_rest_options *options, struct croft_report *report,
                                          struct croft_why *why);

#endif
