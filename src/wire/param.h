/* wire/param.h - the parameters of a network: number, name, default and range of each.
 * Numbers are stored and voted on: append-only. */
#ifndef CROFT_WIRE_PARAM_H
#define CROFT_WIRE_PARAM_H

#include "base/types.h"

/*  X(NAME, number, since, default, lowest, highest, unit, what it is); since: the protocol number that brought it */
#define CROFT_PARAM_TABLE(X)                                                                                 \
    X(TX_BYTES_MAX, 1, 1, 131072, 2048, 1048576, "bytes", "longest transaction")                                \
    X(VALID_UNTIL_MAX_S, 2, 1, 86400, 60, 86400, "s", "how far ahead valid_until may lie")                      \
    X(BLOCK_COST_MAX, 3, 1, 20000000, 100000, 4000000000, "cost", "most cost of a block's normal lane")         \
    X(BLOCK_QUOTA_COST_MAX, 4, 1, 4000000, 10000, 1000000000, "cost", "most cost of a block's quota lane")      \
    X(BASE_FEE_MIN, 5, 1, 1000, 0, 100000000, "units/cost", "floor of the base fee; 0 is a network without fees") \
    X(BASE_FEE_STEP_DEN, 6, 1, 8, 8, 1024, "1/x", "most change of the base fee per block")                      \
    X(COST_SIGNATURE, 7, 1, 40, 0, 1000000, "cost", "for each signature")                                       \
    X(COST_BYTES_16, 8, 1, 1, 0, 1000000, "cost", "for each started 16 bytes of the transaction")               \
    X(COST_WRITE, 9, 1, 5, 0, 1000000, "cost", "for each record written")                                       \
    X(COST_CREATE, 10, 1, 20, 0, 1000000, "cost", "for each record created")                                    \
    X(DEPOSIT_RECORD, 11, 1, 10000000, 0, 1000000000000, "units", "held for each live record, given back when it goes") \
    X(WITHDRAW_RETURN_S, 12, 1, 604800, 3600, 7776000, "s", "a withdrawal not marked paid goes back after this") \
    X(PENDING_MAX_S, 13, 1, 31536000, 60, 315360000, "s", "longest life of a pending transfer")                 \
    X(RECOVER_DELAY_MIN_S, 14, 1, 86400, 3600, 31536000, "s", "shortest delay of a recovery")                   \
    X(PROPOSAL_MAX_S, 15, 1, 2592000, 3600, 31536000, "s", "longest time a proposal is open")                   \
    X(DUE_PER_BLOCK_MAX, 16, 1, 10000, 1, 100000, "records", "most due records handled in one block")

enum croft_param {
#define X(name, number, since, def, low, high, unit, text) CROFT_PARAM_##name = (number),
    CROFT_PARAM_TABLE(X)
#undef X
};

struct croft_param_info {
    u32 number;
    u32 since;        /* protocol: a state of an older one has no record of it, and its initial value holds */
    const char *name; /* lower case, as people write it */
    u64 initial, low, high;
    const char *unit, *text;
};

/* The i-th parameter, i < croft_param_count(); numbers run from 1 without a gap. */
size_t croft_param_count(void);
const struct croft_param_info *croft_param_at(size_t i);

/* NULL when there is none. */
const struct croft_param_info *croft_param_by_number(u32 number);
const struct croft_param_info *croft_param_by_name(const char *name);

#endif
