/* market/price.h - the three ways a price comes about: posted by a class, asked by an offer, found by an
 * auction; and what an order should set aside at it.
 *
 * Pure functions: the ledger decides with them, and agents and command lines call the same ones to know
 * before they sign. Prices are per croft_price_per of their kind (market/settle.h); those of one kind compare
 * as integers.
 */
#ifndef CROFT_MARKET_PRICE_H
#define CROFT_MARKET_PRICE_H

#include "base/amt.h"
#include "base/types.h"

/* The price of a lease on a standing offer: the class's when it posts one and the offer asks no more, else
 * the offer's. class_price 0: none is posted.  0 when the offer asks nothing of this kind, or the price is
 * above most, the least of what the buyer saw and what its order allows. */
u64 croft_price_posted(u64 class_price, u64 offer_price, u64 most);

/* A revealed bid. */
struct croft_bid {
    u64 price;
    u64 won_s; /* when this device last won an auction; 0: never */
    u8 node[32];
    u8 device;
};

/* Whether a goes before b: lower price, then won longer ago, then the lesser node address, then device. Never
 * both ways; neither way only for equal bids. */
bool croft_bid_before(const struct croft_bid *a, const struct croft_bid *b);

/* What count leases by the second need from the start, each: run_s at its price, hold_s more, keep_s of disk,
 * and the take fee.  For `croft order` to propose an amount. */
struct croft_price_need {
    u64 price;      /* units per hour, to CROFT_PRICE_MAX */
    u64 disk_price; /* units per hour for all that is kept, to CROFT_PRICE_MAX */
    u32 count, run_s, hold_s, keep_s, take_fee_s;
};

/* Each part rounded up.  False, *out unchanged, when it does not fit 64 bits. */
CROFT_MUST_USE bool croft_price_amount(const struct croft_price_need *need, struct croft_amt *out);

/* Seconds until an order with `ahead` others before it is served: floor((ahead + 1) * mean_s / running), when
 * that many leases run and each lasts mean_s.  UINT64_MAX when none runs. */
u64 croft_queue_wait_s(u32 ahead, u32 running, u32 mean_s);

#endif
