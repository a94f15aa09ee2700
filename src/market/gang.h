/* market/gang.h - n offers at once, all or nothing, at the least total price. */
#ifndef CROFT_MARKET_GANG_H
#define CROFT_MARKET_GANG_H

#include "market/match.h"

enum { CROFT_GANG_MAX = 64, CROFT_GANG_ALTERNATES_MAX = 8 };

struct croft_gang_terms {
    u32 count;      /* 1 to CROFT_GANG_MAX */
    u32 per_node;   /* most offers of one node; 0: any number */
    bool same_kind; /* all of one vendor, model, VRAM, interface and number of GPUs */
    bool same_country;
    u32 alternates; /* 0 to CROFT_GANG_ALTERNATES_MAX more: the next cheapest that could join */
};

/* Fills out[0 .. count-1] by (price, id), then alternates likewise; out has room for both.  The total of the
 * first count is the least there is; of equal totals, the gang whose last member goes first by (price, id).
 * Returns how many were filled: 0 when there is no such gang, else count or more.  They are valid until the
 * next change.
 *
 * Kinds and countries are told apart as they turn up, from the cheapest: those beyond gang_groups_max of the
 * market are not looked at.  Exact up to there. */
u32 croft_gang_find(struct croft_market *m, const struct croft_requirement *r,
                    const struct croft_gang_terms *t, const struct croft_offer **out);

#endif
