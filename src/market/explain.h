/* market/explain.h - why an order finds nobody, or so few: one pass over all offers. */
#ifndef CROFT_MARKET_EXPLAIN_H
#define CROFT_MARKET_EXPLAIN_H

#include "market/match.h"

struct croft_explain {
    u32 offers; /* looked at */
    u32 fit;
    u32 first_failed[CROFT_TESTS_MAX]; /* by place in the requirement: offers whose first failed test it is */
    u32 only_failed[CROFT_TESTS_MAX];  /* offers that fail this test alone: so many more would fit without it
                                        */
    /* The nearest miss: fewest failed tests, then least shortfall of the first that fails, then price (none:
     * last), then id. */
    bool has_nearest;
    u64 nearest_id;
    u32 nearest_failed;        /* how many tests it fails */
    u32 nearest_first;         /* place of the first */
    u32 nearest_shortfall_ppm; /* of that one */
};

/* The sum of first_failed and fit is offers. */
void croft_market_explain(const struct croft_market *m, const struct croft_requirement *r,
                          struct croft_explain *out);

/* One offer: place of its first failed test, r->count when it fits, into *out_place.  CROFT_ERR_NOT_FOUND: it
 * is not on the market. */
CROFT_MUST_USE croft_err croft_market_explain_one(const struct croft_market *m,
                                                  const struct croft_requirement *r, u64 id, u32 *out_place);

#endif
