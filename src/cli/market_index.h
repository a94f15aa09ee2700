/* cli/market_index.h - the market's index over the offers of a chain, made for one command. */
#ifndef CROFT_CLI_MARKET_INDEX_H
#define CROFT_CLI_MARKET_INDEX_H

#include "cli/cli.h"
#include "market/feed.h"
#include "market/require.h"

struct croft_index {
    struct croft_region memory;
    struct croft_words *words;
    struct croft_market *market;
    struct croft_feed *feed;
};

/* Reads nodes, devices and claims; croft_index_drop gives it back. */
struct croft_client;
CROFT_MUST_USE croft_err croft_index_load(struct croft_cli *c, struct croft_client *client,
                                          struct croft_index *out);
void croft_index_drop(struct croft_index *index);

/* --require of the verb; *out_given false when it was not given. */
CROFT_MUST_USE croft_err croft_index_require(struct croft_cli *c, const struct croft_index *index,
                                             enum croft_price_kind kind, struct croft_requirement *out,
                                             bool *out_given);

/* Takes every offer off the index that does not fit. */
CROFT_MUST_USE croft_err croft_index_narrow(struct croft_cli *c, struct croft_index *index,
                                            const struct croft_requirement *r);

#endif
