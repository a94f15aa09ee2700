/* bench/deals.h - a ledger in memory and people who deal on it, for the benchmarks of the market.
 *
 *   croft_deals_open -> (croft_deal_* ... -> croft_deals_run, croft_deals_pass)* -> croft_deals_close
 *
 * On one thread, and either on the bare ledger: transactions are decoded, executed and their blocks' roots made, but
 * nothing is signed or checked for signatures, and no log is written.  Or, with a folder, through the driver of a solo
 * chain, which checks each before its block too, and writes and syncs the log; no signatures either.  Fees, deposits and trees are on.  People are numbers;
 * each shows its key set with its first transaction.  Times are of the core that the program got, whatever else the
 * machine does.
 */
#ifndef CROFT_BENCH_DEALS_H
#define CROFT_BENCH_DEALS_H

#include "bench/chain.h"

#define CROFT_DEAL_PRICE UINT64_C(36000000) /* units an hour: 10,000 a second */
#define CROFT_DEAL_TASK_PRICE UINT64_C(100000)

enum { CROFT_DEALS_BLOCK_TXS = 10000 }; /* what a busy sequencer puts into one */

struct croft_deals {
    struct croft_region ledger_region, people_region, txs_region;
    struct croft_region genesis_region;
    struct croft_bench_chain chain; /* with a folder */
    struct croft_ledger *bare;      /* without */
    const struct croft_ledger *ledger; /* of the one or the other */
    u32 people;
    struct croft_address *address;
    u32 *used;              /* nonces of each, spent so far */
    u64 start_s, now_s;     /* block time */
    struct croft_arena mem; /* of transactions and their decoding */
    u32 count, max;
    struct croft_bytes *tx; /* that wait to be run */
    u64 *stamp;             /* what each got (wire/market_record.h) */
};

/* Seconds of the core. */
struct croft_deals_cost {
    double decode_s, execute_s, roots_s; /* on a chain all is in execute_s, and waiting for the disk in none */
    u32 txs, blocks;
};
double croft_deals_seconds(const struct croft_deals_cost *c);

/* A ledger of protocol 2 where each of the people has 1,000 credits; at most txs_max transactions wait at a time.
 * folder: NULL, or where to make the chain; it is removed at the end.
 *   CROFT_ERR_NOMEM, CROFT_ERR_GENESIS, and those of croft_solo_open */
CROFT_MUST_USE croft_err croft_deals_open(struct croft_deals *d, u32 people, u32 txs_max, const char *folder,
                                          struct croft_why *why);
void croft_deals_close(struct croft_deals *d);

/* Runs all that wait, in blocks, at the time it is, and adds to *cost.  Every one must succeed: CROFT_ERR_STATE, and why
 * says which did not. */
CROFT_MUST_USE croft_err croft_deals_run(struct croft_deals *d, struct croft_deals_cost *cost, struct croft_why *why);

/* A block without transactions, later_s from now; *out_due: how many records it handled.  On a chain there is none
 * when nothing is due, and *out_due is 0 or 1. */
CROFT_MUST_USE croft_err croft_deals_pass(struct croft_deals *d, u64 later_s, double *out_seconds, u32 *out_due,
                                          struct croft_why *why);

/* ---- one transaction each, that waits; what it cannot do is only known when it is run ---- */

struct croft_deal_order {
    u32 buyer;
    u64 id, amount, life_s;
    u32 node, device; /* taken; not for a batch */
    u32 task_count;   /* not 0: a batch */
};

/* What a voucher and whoever names the lease need. */
struct croft_deal_lease {
    u32 buyer, number;
    u64 order, stamp, taken_s, seq;
};

void croft_deal_transfer(struct croft_deals *d, u32 from, u32 to);
void croft_deal_admit(struct croft_deals *d, u32 owner, u32 node);
void croft_deal_offer(struct croft_deals *d, u32 node, u32 device);
void croft_deal_open(struct croft_deals *d, const struct croft_deal_order *o);
void croft_deal_close(struct croft_deals *d, u32 buyer, u64 order);
void croft_deal_ack(struct croft_deals *d, u32 node, const struct croft_deal_lease *l);
/* Vouchers up to now for each of them, whose seq goes up. */
void croft_deal_settle(struct croft_deals *d, u32 node, struct croft_deal_lease **lease, u32 count);
void croft_deal_take_tasks(struct croft_deals *d, u32 node, u32 buyer, u64 order, u32 first, u32 count);
void croft_deal_commit(struct croft_deals *d, u32 node, const struct croft_deal_lease *l);
void croft_deal_accept(struct croft_deals *d, const struct croft_deal_lease *l);

#endif
