/* bench/chain.h - a solo chain in a folder whose clock the benchmark sets, driven by one thread.
 *
 * The real driver: admission, blocks, log and its syncs, index of transactions; signatures count as right, and no
 * checkpoint is taken.
 */
#ifndef CROFT_BENCH_CHAIN_H
#define CROFT_BENCH_CHAIN_H

#include "consensus/solo/solo.h"

struct croft_bench_chain {
    struct croft_world world; /* first: the driver hands it back to us */
    u64 now_s;
    const char *folder;
    struct croft_region region;
    struct croft_secret_key key;
    struct croft_public_key public_key;
    struct croft_disk *disk;
    struct croft_checkpoint *checkpoint;
    struct croft_solo *solo;
};

/* Makes the key of the genesis' validator, which lives as long as the chain. */
const struct croft_public_key *croft_bench_chain_key(struct croft_bench_chain *c);

/* Begins a chain in a folder that is empty or not there.  genesis lives as long as the chain. */
CROFT_MUST_USE croft_err croft_bench_chain_open(struct croft_bench_chain *c, const Croft__V1__Genesis *genesis,
                                                struct croft_why *why);
void croft_bench_chain_close(struct croft_bench_chain *c); /* and removes the folder */

/* From bytes to durable: what each got goes to stamp, and the core's seconds are added to *seconds.  Every one must
 * succeed: CROFT_ERR_STATE. */
CROFT_MUST_USE croft_err croft_bench_chain_run(struct croft_bench_chain *c, const struct croft_bytes *tx, u32 count,
                                               u64 *stamp, struct croft_arena mem, double *seconds,
                                               struct croft_why *why);

/* Handles what is due now, at most a block of it. */
CROFT_MUST_USE croft_err croft_bench_chain_due(struct croft_bench_chain *c, struct croft_why *why);

#endif
