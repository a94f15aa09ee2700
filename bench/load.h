/* bench/load.h - accounts and transactions for the ledger's benchmark, made before the clock starts. */
#ifndef CROFT_BENCH_LOAD_H
#define CROFT_BENCH_LOAD_H

#include "base/arena.h"
#include "base/rng.h"
#include "consensus/solo/solo.h"

/* Accounts 0..count-1; account i's key comes from seed i, so secrets need no memory. */
struct croft_load {
    u32 accounts;
    struct croft_address *address;
    struct croft_public_key *key;
    u32 *used;          /* nonces of each account spent so far */
    u64 nonce_floor;    /* of all of them: the genesis' time << 20 */
    u64 time_s;         /* transactions are valid from here */
    struct croft_hash network;
    struct croft_rng rng;
};

size_t croft_load_size(u32 accounts);
/* Makes the keys, on all cores.  mem has croft_load_size bytes (asserted). */
void croft_load_init(struct croft_load *l, struct croft_arena *mem, u32 accounts, u64 time_s);

/* A genesis that grants 1,000 credits to each account, in mem. */
Croft__V1__Genesis *croft_load_genesis(const struct croft_load *l, const struct croft_public_key *sequencer,
                                       struct croft_arena *mem);

/* The first transfer of each account from..from+count-1, which shows its key set. */
void croft_load_firsts(struct croft_load *l, u32 from, struct croft_bytes *out, u32 count, struct croft_arena *mem);

/* count transfers between accounts drawn at random, on all cores, valid_until uniform over its range. */
void croft_load_transfers(struct croft_load *l, struct croft_bytes *out, u32 count, struct croft_arena *mem);

/* Address space that making count transactions takes. */
size_t croft_load_txs_size(u32 count);

#endif
