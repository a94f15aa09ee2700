/* cli/market_prices.h - what devices of a kind cost and how many are leased, counted over all devices of a
 * chain. */
#ifndef CROFT_CLI_MARKET_PRICES_H
#define CROFT_CLI_MARKET_PRICES_H

#include "chain/client.h"
#include "cli/cli.h"
#include "wire/record.h"

struct croft_price_facts {
    u32 listed, leased;   /* devices; leased ones are not listed */
    u32 priced;           /* listed ones that ask a price by the second */
    u64 cheapest, median; /* of those, for each GPU of the device: units per hour; 0: none */
};

/* Which devices count. */
typedef bool croft_device_fn(const void *context, const struct croft_device_record *d);

CROFT_MUST_USE croft_err croft_market_prices(struct croft_cli *c, struct croft_client *client,
                                             croft_device_fn *counts, const void *context,
                                             struct croft_price_facts *out);

#endif
