#include "market/price.h"

#include "base/assert.h"
#include "market/settle.h"

#include <string.h>

u64 croft_price_posted(u64 class_price, u64 offer_price, u64 most)
{
    u64 price = class_price >= offer_price ? class_price : offer_price;
    return offer_price == 0 || price > most ? 0 : price;
}

bool croft_bid_before(const struct croft_bid *a, const struct croft_bid *b)
{
    int node = memcmp(a->node, b->node, sizeof a->node);
    if (a->price != b->price)
        return a->price < b->price;
    if (a->won_s != b->won_s)
        return a->won_s < b->won_s;
    return node != 0 ? node < 0 : a->device < b->device;
}

bool croft_price_amount(const struct croft_price_need *need, struct croft_amt *out)
{
    struct croft_amt run, each, sum = {0};
    struct croft_metered_aside aside;
    const struct croft_metered_terms terms = {
        .price = need->price,
        .keep_price = need->disk_price,
        .hold_s = need->hold_s,
        .keep_s = need->keep_s,
        .take_fee_s = need->take_fee_s,
    };
    CROFT_ASSERT(need->price <= CROFT_PRICE_MAX && need->disk_price <= CROFT_PRICE_MAX);
    if (!croft_cover(&run, need->price, CROFT_PRICE_SECOND, need->run_s) ||
        !croft_aside_metered(&aside, &terms) || !croft_amt_add(&each, run, aside.sum) ||
        !croft_amt_muldiv_ceil(&sum, each, need->count, 1))
        return false;
    *out = sum;
    return true;
}

u64 croft_queue_wait_s(u32 ahead, u32 running, u32 mean_s)
{
    if (running == 0)
        return UINT64_MAX;
    return ((u64)ahead + 1) * mean_s / running;
}
