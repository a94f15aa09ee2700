#include "market/explain.h"

#include "base/assert.h"

/* How an offer does; the lesser one is nearer. */
struct miss {
    u32 failed, first, shortfall_ppm;
    u64 price, id;
};

static bool nearer(const struct miss *a, const struct miss *b)
{
    if (a->failed != b->failed)
        return a->failed < b->failed;
    if (a->shortfall_ppm != b->shortfall_ppm)
        return a->shortfall_ppm < b->shortfall_ppm;
    return a->price != b->price ? a->price < b->price : a->id < b->id;
}

/* Gives up above most failed tests: such an offer is not the nearest. */
static u32 count_failed(const struct croft_requirement *r, const struct croft_words *w,
                        const struct croft_offer *o, u32 first, u32 most)
{
    u32 failed = 1;
    for (u32 place = first + 1; place < r->count && failed <= most; place++)
        failed += !croft_test_holds(r, place, w, o);
    return failed;
}

static void consider(const struct croft_requirement *r, const struct croft_words *w,
                     const struct croft_offer *o, struct croft_explain *out, struct miss *nearest)
{
    struct miss miss = {.first = croft_requirement_test(r, w, o), .id = o->id};
    out->offers++;
    if (miss.first == r->count) {
        out->fit++;
        return;
    }
    out->first_failed[miss.first]++;
    miss.failed = count_failed(r, w, o, miss.first, nearest->failed);
    out->only_failed[miss.first] += miss.failed == 1;
    if (miss.failed > nearest->failed)
        return;
    miss.shortfall_ppm = croft_test_shortfall(r, miss.first, o);
    miss.price = o->price[r->price_kind] == 0 ? UINT64_MAX : o->price[r->price_kind];
    if (!out->has_nearest || nearer(&miss, nearest)) {
        *nearest = miss;
        out->has_nearest = true;
    }
}

void croft_market_explain(const struct croft_market *m, const struct croft_requirement *r,
                          struct croft_explain *out)
{
    struct miss nearest = {.failed = CROFT_TESTS_MAX};
    u32 cursor = 0;
    const struct croft_offer *o;
    *out = (struct croft_explain){0};
    while ((o = croft_market_next(m, &cursor)) != NULL)
        consider(r, croft_market_words(m), o, out, &nearest);
    CROFT_ASSERT(out->offers == croft_market_count(m));
    if (!out->has_nearest)
        return;
    out->nearest_id = nearest.id;
    out->nearest_failed = nearest.failed;
    out->nearest_first = nearest.first;
    out->nearest_shortfall_ppm = nearest.shortfall_ppm;
    CROFT_ASSERT(out->nearest_failed >= 1 && out->nearest_first < r->count);
}

croft_err croft_market_explain_one(const struct croft_market *m, const struct croft_requirement *r, u64 id,
                                   u32 *out_place)
{
    const struct croft_offer *o = croft_market_find(m, id);
    if (o == NULL)
        return CROFT_ERR_NOT_FOUND;
    *out_place = croft_requirement_test(r, croft_market_words(m), o);
    return CROFT_OK;
}
