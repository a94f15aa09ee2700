/* bench/offers.h - a market to measure: offers and orders drawn as they are on real ones.
 *
 * Cards, VRAM, bandwidth and hourly prices follow data/economics (cards.csv, rates.csv: median of what buyers
 * pay); how often a card, a country or an auditor turns up falls off as 1 / rank.  One offer in three stands
 * exactly at its class price.  The cheapest twentieth allows no egress but pulling images, so that an order
 * that wants more finds its first fits behind tens of thousands that fail.  Every draw follows from the seed.
 */
#ifndef CROFT_BENCH_OFFERS_H
#define CROFT_BENCH_OFFERS_H

#include "base/rng.h"
#include "market/match.h"

struct croft_bench_offers {
    struct croft_rng rng;
    struct croft_words *words;
    u64 now_s;
    u64 next_id;
};

/* What the words of so many offers, and some more that replace them, take. */
struct croft_words_limits croft_bench_words_limits(u32 offers);

/* A new offer with the next id.  The words must not be full (asserted). */
void croft_bench_offer(struct croft_bench_offers *b, struct croft_offer *out);

/* The same offer as its owner changes it: mostly the price, now and then what it has. */
void croft_bench_offer_change(struct croft_bench_offers *b, struct croft_offer *o);

enum croft_bench_order {
    CROFT_BENCH_ORDER_MODEL,
    CROFT_BENCH_ORDER_VRAM,
    CROFT_BENCH_ORDER_COUNTRY, /* and auditor */
    CROFT_BENCH_ORDER_ONE,     /* exactly one offer fits */
    CROFT_BENCH_ORDER_NONE,
    CROFT_BENCH_ORDER_KINDS
};

/* An order of this kind against the market as it is; ONE and NONE are made so with the help of the index. */
void croft_bench_order(struct croft_bench_offers *b, struct croft_market *m, enum croft_bench_order kind,
                       struct croft_requirement *out);

/* Wants what the cheapest twentieth does not have: more than 100,000 of a million fit behind it. */
void croft_bench_order_behind(struct croft_requirement *out);

#endif
