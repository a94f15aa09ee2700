#include "bench/match.h"

#include "base/assert.h"
#include "bench/offers.h"
#include "market/explain.h"
#include "market/gang.h"

#include <stdlib.h>
#include <string.h>

enum {
    WANT = 9, /* the offer and eight alternates */
    CHANGES_PER_S = 1000,
    BRUTE_ORDERS = 40,
    GANGS = 12,
    EXPLAINS = 10,
    CHANGES = 50000
};

struct bench {
    const struct croft_bench_match_options *o;
    struct croft_report *report;
    struct croft_region words_region, market_region, region;
    struct croft_arena mem;
    struct croft_bench_offers offers;
    struct croft_market *market;
    struct croft_requirement *order;
    double *least_us, *single_us; /* by order; by search */
    u64 changes;
};

static double us(double seconds)
{
    return seconds * 1e6;
}

/* ---- the market ---- */

static croft_err open_market(struct bench *b, struct croft_why *why)
{
    const struct croft_words_limits words = croft_bench_words_limits(b->o->offers);
    const struct croft_market_limits limits = {
        .offers_max = b->o->offers + b->o->offers / 8 + 16, .gang_groups_max = 1 << 14, .hash_seed = 1};
    if (!croft_region_map(&b->words_region, croft_words_size(&words)))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    struct croft_arena mem = croft_region_arena(&b->words_region);
    CROFT_TRY(croft_words_init(&b->offers.words, &mem, &words));
    if (!croft_region_map(&b->market_region, croft_market_size(&limits, b->offers.words)))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    mem = croft_region_arena(&b->market_region);
    return croft_market_init(&b->market, &mem, &limits, b->offers.words);
}

static void put_new(struct bench *b)
{
    struct croft_offer o;
    croft_bench_offer(&b->offers, &o);
    croft_err err = croft_market_put(b->market, &o);
    CROFT_ASSERT(err == CROFT_OK);
}

static void fill_market(struct bench *b)
{
    double before = croft_resident_bytes();
    for (u32 i = 0; i < b->o->offers; i++)
        put_new(b);
    double start = croft_seconds();
    croft_market_plan(b->market);
    croft_report_add(b->report, "plan_ms", (croft_seconds() - start) * 1e3, "ms", NULL);
    croft_report_add(b->report, "bytes_per_offer", (croft_resident_bytes() - before) / b->o->offers, "B",
                     "resident memory, words included");
}

static u64 any_id(struct bench *b)
{
    u64 id = 0;
    do
        id = croft_rng_below(&b->offers.rng, b->offers.next_id);
    while (croft_market_find(b->market, id) == NULL);
    return id;
}

/* The market keeps its size: one goes, one comes. */
static void change_one(struct bench *b)
{
    u64 id = any_id(b);
    if (b->changes++ % 4 != 0) {
        struct croft_offer o = *croft_market_find(b->market, id);
        croft_bench_offer_change(&b->offers, &o);
        croft_err err = croft_market_put(b->market, &o);
        CROFT_ASSERT(err == CROFT_OK);
    } else if (b->changes % 8 == 1) {
        croft_market_drop(b->market, id);
    } else {
        put_new(b);
    }
}

static void draw_orders(struct bench *b)
{
    static const enum croft_bench_order mix[] = {
        CROFT_BENCH_ORDER_MODEL,   CROFT_BENCH_ORDER_VRAM,  CROFT_BENCH_ORDER_MODEL,
        CROFT_BENCH_ORDER_COUNTRY, CROFT_BENCH_ORDER_ONE,   CROFT_BENCH_ORDER_MODEL,
        CROFT_BENCH_ORDER_VRAM,    CROFT_BENCH_ORDER_MODEL, CROFT_BENCH_ORDER_NONE,
        CROFT_BENCH_ORDER_COUNTRY,
    };
    for (u32 i = 0; i < b->o->orders; i++)
        croft_bench_order(&b->offers, b->market, mix[i % CROFT_COUNT(mix)], &b->order[i]);
}

/* ---- brute force ---- */

static bool before(const struct croft_offer *a, const struct croft_offer *b, enum croft_price_kind kind)
{
    return a->price[kind] < b->price[kind] || (a->price[kind] == b->price[kind] && a->id < b->id);
}

static u32 brute_match(const struct croft_market *m, const struct croft_requirement *r,
                       const struct croft_offer *out[WANT])
{
    u32 count = 0, cursor = 0;
    const struct croft_offer *o;
    while ((o = croft_market_next(m, &cursor)) != NULL) {
        if (croft_requirement_test(r, croft_market_words(m), o) != r->count)
            continue;
        if (count == WANT && !before(o, out[WANT - 1], r->price_kind))
            continue;
        u32 at = count < WANT ? count++ : WANT - 1;
        for (; at > 0 && before(o, out[at - 1], r->price_kind); at--)
            out[at] = out[at - 1];
        out[at] = o;
    }
    return count;
}

/* Median seconds of brute force. */
static croft_err compare_orders(struct bench *b, double *out_brute_s, struct croft_why *why)
{
    const struct croft_offer *want[WANT], *got[WANT];
    double seconds[BRUTE_ORDERS];
    for (u32 i = 0; i < BRUTE_ORDERS; i++) {
        const struct croft_requirement *r = &b->order[i % b->o->orders];
        double start = croft_seconds();
        u32 count = brute_match(b->market, r, want);
        seconds[i] = croft_seconds() - start;
        if (croft_market_match(b->market, r, WANT, got) != count ||
            memcmp(got, want, count * sizeof *got) != 0)
            return croft_fail(why, CROFT_ERR_STATE, "order %u: the index and brute force differ", i);
    }
    *out_brute_s = croft_median(seconds, BRUTE_ORDERS);
    return CROFT_OK;
}

static void report_brute(struct bench *b, double brute_s)
{
    croft_report_add(b->report, "brute_ms", brute_s * 1e3, "ms",
                     "every offer tested, same run; median of 40 orders");
    croft_report_add(b->report, "match_ratio", us(brute_s) / croft_report_value(b->report, "match_p50_us"),
                     "", "brute_ms / match_p50_us");
}

/* ---- stages ---- */

static void measure_orders(struct bench *b)
{
    const struct croft_offer *out[WANT];
    double begin = croft_seconds();
    u64 changed = 0;
    for (u32 round = 0; round < b->o->rounds; round++)
        for (u32 i = 0; i < b->o->orders; i++) {
            for (; (double)changed < (croft_seconds() - begin) * CHANGES_PER_S; changed++)
                change_one(b);
            double start = croft_seconds();
            (void)croft_market_match(b->market, &b->order[i], WANT, out);
            double took = us(croft_seconds() - start);
            b->single_us[(size_t)round * b->o->orders + i] = took;
            b->least_us[i] = round == 0 || took < b->least_us[i] ? took : b->least_us[i];
        }
    double kept = (double)changed / (croft_seconds() - begin);
    croft_report_add(b->report, "match_p50_us", croft_percentile(b->least_us, b->o->orders, 50), "us",
                     "brute_ms");
    croft_report_add(b->report, "match_p99_us", croft_percentile(b->least_us, b->o->orders, 99), "us",
                     "goal 100; least of the rounds for each order");
    croft_report_add(b->report, "match_p99_single_us",
                     croft_percentile(b->single_us, (size_t)b->o->orders * b->o->rounds, 99), "us",
                     "single searches, with what else the machine did");
    croft_report_add(b->report, "changes_kept_per_s", kept, "1/s", "while orders were searched; goal 1000");
}

static void measure_behind(struct bench *b)
{
    const struct croft_offer *out[WANT];
    struct croft_requirement r;
    double least = 1e9;
    croft_bench_order_behind(&r);
    for (u32 i = 0; i < 50; i++) {
        double start = croft_seconds();
        (void)croft_market_match(b->market, &r, WANT, out);
        double took = us(croft_seconds() - start);
        least = took < least ? took : least;
    }
    croft_report_add(b->report, "match_behind_us", least, "us",
                     "the cheapest twentieth fails, a tenth and more fits");
}

static struct croft_gang_terms gang_terms(u32 i)
{
    return (struct croft_gang_terms){
        .count = 64, .per_node = 1, .same_kind = i % 2, .same_country = i / 2 % 2, .alternates = 8};
}

/* By model, by VRAM, and confidential machines of any kind, of which most kinds and countries have too few.
 */
static void draw_gang_order(struct bench *b, u32 i, struct croft_requirement *r)
{
    if (i % 3 != 2) {
        croft_bench_order(&b->offers, b->market,
                          i % 3 == 0 ? CROFT_BENCH_ORDER_MODEL : CROFT_BENCH_ORDER_VRAM, r);
        return;
    }
    croft_requirement_init(r, CROFT_PRICE_SECOND);
    croft_err err = croft_require_number(r, CROFT_TRAIT_ISOLATION, 3, UINT64_MAX);
    CROFT_ASSERT(err == CROFT_OK);
}

static double gang_us(struct bench *b, u32 i)
{
    const struct croft_offer *out[CROFT_GANG_MAX + CROFT_GANG_ALTERNATES_MAX];
    struct croft_gang_terms t = gang_terms(i);
    struct croft_requirement r;
    double least = 1e9;
    draw_gang_order(b, i, &r);
    for (u32 round = 0; round < b->o->rounds; round++) {
        double start = croft_seconds();
        (void)croft_gang_find(b->market, &r, &t, out);
        double took = us(croft_seconds() - start);
        least = took < least ? took : least;
    }
    return least;
}

struct fits {
    u32 count;
    const struct croft_offer **at;
};

static int by_price(const void *a, const void *b)
{
    const struct croft_offer *x = *(const struct croft_offer *const *)a,
                             *y = *(const struct croft_offer *const *)b;
    return before(x, y, CROFT_PRICE_SECOND) ? -1 : before(y, x, CROFT_PRICE_SECOND);
}

/* All fits sorted, the first of each node taken: the gang of a kind and country that do not matter. */
static u32 brute_gang(const struct croft_market *m, const struct croft_requirement *r, struct fits *f,
                      const struct croft_offer **out)
{
    u32 count = 0, cursor = 0;
    const struct croft_offer *o;
    f->count = 0;
    while ((o = croft_market_next(m, &cursor)) != NULL)
        if (croft_requirement_test(r, croft_market_words(m), o) == r->count)
            f->at[f->count++] = o;
    qsort(f->at, f->count, sizeof *f->at, by_price);
    for (u32 i = 0; i < f->count && count < CROFT_GANG_MAX; i++) {
        u32 k = 0;
        while (k < count && out[k]->node != f->at[i]->node)
            k++;
        if (k == count)
            out[count++] = f->at[i];
    }
    return count;
}

static croft_err compare_gang(struct bench *b, struct croft_why *why)
{
    const struct croft_gang_terms t = {.count = CROFT_GANG_MAX, .per_node = 1};
    const struct croft_offer *want[CROFT_GANG_MAX], *got[CROFT_GANG_MAX];
    struct croft_arena mem = b->mem;
    struct fits f = {.at = croft_new(&mem, const struct croft_offer *, croft_market_count(b->market))};
    struct croft_requirement r;
    CROFT_ASSERT(f.at != NULL);
    croft_bench_order_behind(&r);
    double start = croft_seconds();
    u32 count = brute_gang(b->market, &r, &f, want);
    croft_report_add(b->report, "brute_gang_ms", (croft_seconds() - start) * 1e3, "ms",
                     "every offer tested, all fits sorted, same run");
    u32 found = croft_gang_find(b->market, &r, &t, got);
    if (found != (count == CROFT_GANG_MAX ? count : 0) || memcmp(got, want, found * sizeof *got) != 0)
        return croft_fail(why, CROFT_ERR_STATE, "a gang: the index and brute force differ");
    return CROFT_OK;
}

static croft_err measure_gangs(struct bench *b, struct croft_why *why)
{
    double most = 0;
    for (u32 i = 0; i < GANGS; i++) {
        double took = gang_us(b, i);
        most = took > most ? took : most;
    }
    croft_report_add(b->report, "gang64_ms", most / 1e3, "ms",
                     "goal 5; slowest of 12 gang orders; against brute_gang_ms");
    return compare_gang(b, why);
}

static void measure_explain(struct bench *b)
{
    double took[EXPLAINS];
    for (u32 i = 0; i < EXPLAINS; i++) {
        struct croft_explain e;
        struct croft_requirement r;
        croft_bench_order(&b->offers, b->market, CROFT_BENCH_ORDER_NONE, &r);
        double start = croft_seconds();
        croft_market_explain(b->market, &r, &e);
        took[i] = (croft_seconds() - start) * 1e3;
        CROFT_ASSERT(e.offers == croft_market_count(b->market));
    }
    croft_report_add(b->report, "explain_ms", croft_median(took, EXPLAINS), "ms",
                     "goal 100; median of 10 orders that none fits");
}

static void measure_changes(struct bench *b)
{
    double start = croft_seconds();
    for (u32 i = 0; i < CHANGES; i++)
        change_one(b);
    croft_report_add(b->report, "changes_per_s", CHANGES / (croft_seconds() - start), "1/s",
                     "changes alone, drawing them included; goal 1000");
}

static croft_err run_stages(struct bench *b, struct croft_why *why)
{
    double brute_s;
    CROFT_TRY(open_market(b, why));
    fill_market(b);
    draw_orders(b);
    measure_orders(b);
    CROFT_TRY(compare_orders(b, &brute_s, why));
    report_brute(b, brute_s);
    measure_behind(b);
    CROFT_TRY(measure_gangs(b, why));
    measure_explain(b);
    measure_changes(b);
    return compare_orders(b, &brute_s, why); /* again, after all the changes */
}

croft_err croft_bench_match(const struct croft_bench_match_options *o, struct croft_report *report,
                            struct croft_why *why)
{
    struct bench b = {.o = o, .report = report, .offers = {.rng = croft_rng_of(1), .now_s = 1800000000}};
    size_t orders = o->orders, searches = orders * o->rounds;
    size_t bytes = orders * (sizeof *b.order + sizeof(double)) + searches * sizeof(double) +
                   (size_t)o->offers * 2 * sizeof(void *) + 4096;
    if (!croft_region_map(&b.region, bytes))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    b.mem = croft_region_arena(&b.region);
    b.order = croft_new(&b.mem, struct croft_requirement, orders);
    b.least_us = croft_new(&b.mem, double, orders);
    b.single_us = croft_new(&b.mem, double, searches);
    CROFT_ASSERT(b.order && b.least_us && b.single_us);
    croft_err err = run_stages(&b, why);
    croft_region_unmap(&b.market_region);
    croft_region_unmap(&b.words_region);
    croft_region_unmap(&b.region);
    return err;
}
