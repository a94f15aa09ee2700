#include "cli/market_prices.h"

#include "chain/records.h"

#include <stdlib.h>

enum { PRICES_MAX = 1 << 20 };

struct counting {
    croft_device_fn *counts;
    const void *context;
    struct croft_price_facts facts;
    u64 *price;
};

static croft_err count_one(void *context, struct croft_bytes key, const void *record)
{
    struct counting *s = context;
    const struct croft_device_record *d = record;
    (void)key;
    if (!s->counts(s->context, d))
        return CROFT_OK;
    s->facts.listed += d->state == CROFT_DEVICE_LISTED;
    s->facts.leased += d->state == CROFT_DEVICE_LEASED;
    u64 asked = d->price[CROFT_PRICE_SECOND] / (d->gpu_count > 1 ? d->gpu_count : 1);
    if (d->state == CROFT_DEVICE_LISTED && asked != 0 && s->facts.priced < PRICES_MAX)
        s->price[s->facts.priced++] = asked;
    return CROFT_OK;
}

static int by_value(const void *a, const void *b)
{
    u64 left = *(const u64 *)a, right = *(const u64 *)b;
    return (left > right) - (left < right);
}

croft_err croft_market_prices(struct croft_cli *c, struct croft_client *client, croft_device_fn *counts,
                              const void *context, struct croft_price_facts *out)
{
    struct counting s = {.counts = counts, .context = context};
    s.price = croft_arena_take_raw(&c->mem, PRICES_MAX, sizeof *s.price, _Alignof(u64));
    if (s.price == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the prices");
    CROFT_TRY(croft_records_each(client, CROFT_TABLE_DEVICES, c->mem, count_one, &s, &c->why));
    qsort(s.price, s.facts.priced, sizeof *s.price, by_value);
    if (s.facts.priced > 0) {
        s.facts.cheapest = s.price[0];
        s.facts.median = s.price[(s.facts.priced - 1) / 2];
    }
    *out = s.facts;
    return CROFT_OK;
}
