/* compat/make.h - how the blocks of a fixture come about: a plan per protocol, and what it puts them together
 * with.
 */
#ifndef CROFT_COMPAT_MAKE_H
#define CROFT_COMPAT_MAKE_H

#include "ledger/script_int.h"

#include <stdio.h>

enum { MAKE_TXS_MAX = 64, MAKE_BLOCK_MAX = 1 << 20, MAKE_OPS = 128, MAKE_DUES = 32 };

struct maker;

struct make_plan {
    u32 protocol; /* that it ends with */
    u64 seed;
    Croft__V1__Genesis *(*genesis)(struct chain *c);
    void (*fill)(struct maker *m, u64 height); /* the open block */
    u64 (*pause)(struct script *s);            /* before a block, in seconds */
    enum croft_due_kind last_due;              /* it and those before must come to pass */
};

extern const struct make_plan make_v1, make_v2;

struct maker {
    const struct make_plan *plan;
    const char *folder;
    struct chain c;
    struct croft_rng rng;
    struct script script;
    u8 script_bytes[1 << 20];
    FILE *blocks, *roots;
    struct croft_hash previous;
    u64 previous_time_ms;
    u8 block[MAKE_BLOCK_MAX], receipts[MAKE_TXS_MAX * CROFT_RECEIPT_BYTES];
    struct croft_writer body;
    u32 tx_count;
    u32 done[MAKE_OPS], failed[MAKE_OPS]; /* by operation */
    u32 due[MAKE_DUES];                   /* by kind */
    u32 quota, shared;                    /* in the quota lane; with several signatures */
};

/* Into the open block, unless the ledger refuses it. */
void make_put(struct maker *m, const struct croft_tx *tx);

/* Signed by keys that the actor has now: whether it came through, which only some callers need to know. */
bool make_do(struct maker *m, Croft__V1__TxBody *body);

/* The same, and it has to. */
void make_must(struct maker *m, Croft__V1__TxBody *body);

#endif
