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
    X(DUE_PER_BLOCK_MAX, 16, 1, 10000, 1, 100000, "records", "most due records handled in one block")                                                                               \
    X(MARKET_FEE_PPM, 17, 2, 20000, 0, 200000, "ppm", "of what a lease is paid, to the fee pool")               \
    X(SETTLE_WINDOW_S, 18, 2, 600, 60, 86400, "s", "vouchers are taken so long after a lease ended")            \
    X(ACK_S, 19, 2, 20, 5, 600, "s", "a node that was taken acknowledges within")                               \
    X(START_MAX_S, 20, 2, 3600, 60, 7200, "s", "most start_s of an order")                                      \
    X(UNSIGNED_MAX_S, 21, 2, 600, 0, 600, "s", "most unsigned_s of an order")                                   \
    X(HOLD_MAX_S, 22, 2, 3600, 0, 43200, "s", "most hold_s of an order")                                        \
    X(KEEP_MAX_S, 23, 2, 604800, 0, 2592000, "s", "most keep_s of an order")                                    \
    X(ORDER_MAX_S, 24, 2, 2592000, 3600, 31536000, "s", "longest life of an order")                             \
    X(OFFER_MAX_S, 25, 2, 2592000, 3600, 31536000, "s", "longest life of an offer")                             \
    X(OFFER_BOND_MIN, 26, 2, 10000000, 0, 1000000000000, "units", "least bond of an offer")                     \
    X(OFFER_BOND_S, 27, 2, 600, 0, 86400, "s", "bond of an offer in seconds of its price")                      \
    X(TAKE_FEE_S, 28, 2, 1, 0, 60, "s", "seconds of the price lost by a buyer whose acknowledged lease never starts") \
    X(FIRM_PENALTY_S, 29, 2, 3600, 60, 86400, "s", "seconds of pay that a firm promise is worth")               \
    X(NOTICE_MAX_S, 30, 2, 86400, 0, 604800, "s", "most notice an offer may promise")                           \
    X(CALL_BOND, 31, 2, 1000000, 0, 1000000000, "units", "goes to who answers a call")                          \
    X(CALL_S, 32, 2, 600, 30, 86400, "s", "a call is answered within")                                          \
    X(STAKE_UNLOCK_S, 33, 2, 604800, 3600, 7776000, "s", "stake is paid back so long after asking")             \
    X(EXPOSURE_BASE, 34, 2, 5000000000, 0, 1000000000000000, "units", "leases a provider may hold without stake or standing") \
    X(EXPOSURE_S, 35, 2, 3600, 60, 604800, "s", "seconds of its price that a lease counts for")                 \
    X(EXPOSURE_PER_MILLE, 36, 2, 1000, 0, 10000, "1/1000", "exposure allowed per unit of free stake and of fees burnt") \
    X(NODE_QUOTA, 37, 2, 40000, 0, 10000000, "cost/day", "quota lane of an admitted node")                      \
    X(BID_DEPOSIT_MIN, 38, 2, 10000000, 0, 1000000000000, "units", "least deposit of a bid")                    \
    X(AUCTION_MAX_S, 39, 2, 86400, 10, 2592000, "s", "longest from opening to the end of revealing")            \
    X(TASK_TIMEOUT_MAX_S, 40, 2, 604800, 60, 2592000, "s", "longest work on a range of tasks")                  \
    X(TASK_WINDOW_MIN_S, 41, 2, 600, 30, 86400, "s", "shortest time to reject")                                 \
    X(TASK_WINDOW_MAX_S, 42, 2, 259200, 3600, 2592000, "s", "longest time to reject")                           \
    X(REJECT_BOND_PPM, 43, 2, 100000, 0, 1000000, "ppm", "bond of a rejection, of the tasks' price")            \
    X(JUDGE_S, 44, 2, 259200, 600, 2592000, "s", "an arbiter decides within; else the provider is paid")        \
    X(SLASH_FACTOR, 45, 2, 10, 1, 1000, "x", "slash, in times the price of what was wrong")                     \
    X(SLASH_REPORTER_PPM, 46, 2, 50000, 0, 500000, "ppm", "of a slash, to who proved it")                       \
    X(CLAIM_MAX_S, 47, 2, 31536000, 86400, 157680000, "s", "longest life of an auditor's claim")                \
    X(EPOCH_S, 48, 2, 86400, 600, 2592000, "s", "emission's period")                                            \
    X(EMISSION_EPOCH, 49, 2, 50000000000000, 0, 1000000000000000000, "units", "most CROFT minted in the first epoch") \
    X(EMISSION_DECAY_PPM, 50, 2, 190, 0, 100000, "ppm", "less in each epoch than in the one before")            \
    X(KAPPA_PPM, 51, 2, 800000, 0, 990000, "ppm", "most reward per fee burnt")                                  \
    X(ORACLE_STALE_S, 52, 2, 7200, 60, 86400, "s", "a report counts so long")                                   \
    X(ORACLE_SPREAD_PPM, 53, 2, 50000, 0, 1000000, "ppm", "reporters further apart than this have no price")    \
    X(BUYBACK_DISCOUNT_PPM, 54, 2, 10000, 0, 500000, "ppm", "the pool pays less than the price by")             \
    X(CONVERT_DAY_MAX, 55, 2, 1000000000000, 0, 1000000000000000, "units", "most credits for CROFT per UTC day") \
    X(CONVERT_DEBT_MAX, 56, 2, 10000000000000, 0, 10000000000000000, "units", "most such credits outstanding")

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
