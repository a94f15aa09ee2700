/* market/match.h - the index of listed, free offers: the cheapest that fit, found in microseconds.
 *
 * Derived state: it can be thrown away and made again from the records at any time, and is in no root.  Every
 * change of an offer is one call.  One owner: a search uses scratch memory of the index, so neither searches
 * nor changes are concurrent.
 *
 * Inside (index_int.h): per price kind the offers in order of (price, id), in blocks of up to 4,096.  In a
 * block, a bit for each slot in each *column*: a fact that tests ask for, such as "country DE", "disk at
 * least 512 GiB".  A search ANDs the columns of its tests, block by block from the cheapest.  A summary bit
 * for each 64 slots says whether any has the fact; offers of one model and country are put together, so that
 * most of a block is passed over.  What the columns cannot decide exactly is tested on the offer itself.
 * Every answer is exact: equal to testing all offers and sorting by (price, id).
 */
#ifndef CROFT_MARKET_MATCH_H
#define CROFT_MARKET_MATCH_H

#include "market/attr.h"

enum { CROFT_MATCH_MAX = 128 };

struct croft_market;

struct croft_market_limits {
    u32 offers_max;      /* up to 2^24 */
    u32 gang_groups_max; /* kinds and countries that one search for a gang can tell apart; see gang.h */
    u64 hash_seed;       /* where ids are found; secret when others choose ids */
};

/* Address space; pages are touched as offers come, about 400 bytes each. */
size_t croft_market_size(const struct croft_market_limits *limits, const struct croft_words *words);

/* CROFT_ERR_NOMEM when mem has less than croft_market_size.  mem must be fresh zero pages.  *out lives in mem
 * and reads words, of which the offers' words and sets are. */
CROFT_MUST_USE croft_err croft_market_init(struct croft_market **out, struct croft_arena *mem,
                                           const struct croft_market_limits *limits,
                                           const struct croft_words *words);

/* Adds or replaces the offer with this id: some microseconds, and now and then a millisecond when a block is
 * split.  When the market has doubled since, it makes the plan anew, as croft_market_plan. CROFT_ERR_OP_FULL
 * it would be above offers_max */
CROFT_MUST_USE croft_err croft_market_put(struct croft_market *m, const struct croft_offer *o);
void croft_market_drop(struct croft_market *m, u64 id); /* nothing when it is not there */
u32 croft_market_count(const struct croft_market *m);
const struct croft_offer *croft_market_find(const struct croft_market *m,
                                            u64 id); /* NULL: none; until the next change */
const struct croft_words *croft_market_words(const struct croft_market *m);

/* Chooses anew what there are columns for, by what offers have now: a second or two for a million.  Answers
 * stay the same; searches become fast again when the offers are of another kind than those that the last plan
 * saw. */
void croft_market_plan(struct croft_market *m);

/* The cheapest `want` offers that fit, by (price, id), into out; returns how many there are, at most want,
 * which is 1 to CROFT_MATCH_MAX (asserted).  They are valid until the next change. */
u32 croft_market_match(struct croft_market *m, const struct croft_requirement *r, u32 want,
                       const struct croft_offer **out);

/* What the last search did, for benchmarks and tests. */
struct croft_match_work {
    u32 blocks; /* looked into */
    u32 lines;  /* of 512 slots */
    u32 tested; /* offers looked at themselves */
};
struct croft_match_work croft_market_work(const struct croft_market *m);

/* Walks all offers, in an order of the index's own: begin with *cursor 0; NULL ends.  No change in between.
 */
const struct croft_offer *croft_market_next(const struct croft_market *m, u32 *cursor);

/* Recomputes everything the slow way and compares: false when the index is not what its offers say.  For
 * tests. */
bool croft_market_audit(const struct croft_market *m);

#endif
