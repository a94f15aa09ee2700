/* Goal: the index answers as if every offer were tested and the fitting ones sorted.  Method: thousands of
 * small seeded worlds of offers that come, change and go, orders written as text with every kind of
 * condition, everything compared with linear searches over strings (naive_int.h); some worlds large enough
 * for blocks to split and merge.  The index is audited, and at the end compared with one that was made from
 * nothing. */
#include "base/testing.h"
#include "market/explain.h"
#include "market/gang.h"
#include "market/naive_int.h"

#include <stdlib.h>

enum { OFFERS_MAX = 14000, IDS = 20000 };

struct world {
    struct croft_rng rng;
    struct croft_region region;
    struct croft_words *words;
    struct croft_market *market;
    u32 count;
    struct naive_offer *offer;      /* OFFERS_MAX */
    const struct naive_offer **fit; /* scratch of one order, by (price, id) */
    u32 fits;
    u64 split_price; /* prices below this instead of 20, so that books are long: 0 for small worlds */
};

static const struct croft_words_limits words_limits = {
    .words_max = 4000, .text_bytes_max = 64000, .sets_max = 60000, .members_max = 240000, .hash_seed = 5};

static struct croft_market *new_market(struct croft_arena *mem, u32 offers_max, const struct croft_words *w)
{
    struct croft_market *m;
    const struct croft_market_limits limits = {
        .offers_max = offers_max, .gang_groups_max = 4096, .hash_seed = 3};
    assert_int_equal(croft_market_init(&m, mem, &limits, w), CROFT_OK);
    return m;
}

static struct world *new_world(u64 seed, u32 offers_max)
{
    static struct naive_offer offers[OFFERS_MAX];
    static const struct naive_offer *fit[OFFERS_MAX];
    static struct world w;
    const struct croft_market_limits limits = {.offers_max = offers_max, .gang_groups_max = 4096};
    w = (struct world){.rng = croft_rng_of(seed), .offer = offers, .fit = fit};
    struct croft_region words;
    assert_true(croft_region_map(&words, croft_words_size(&words_limits)));
    struct croft_arena mem = croft_region_arena(&words);
    assert_int_equal(croft_words_init(&w.words, &mem, &words_limits), CROFT_OK);
    size_t size = croft_market_size(&limits, w.words);
    croft_region_unmap(&words);

    assert_true(croft_region_map(&w.region, croft_words_size(&words_limits) + 2 * size));
    mem = croft_region_arena(&w.region);
    assert_int_equal(croft_words_init(&w.words, &mem, &words_limits), CROFT_OK);
    w.market = new_market(&mem, offers_max, w.words);
    return &w;
}

static u32 place_of(const struct world *w, u64 id)
{
    u32 i = 0;
    while (i < w->count && w->offer[i].o.id != id)
        i++;
    return i;
}

static void put_one(struct world *w, u32 ids)
{
    u64 id = croft_rng_below(&w->rng, ids);
    struct naive_offer n;
    naive_draw(&w->rng, id, &n);
    if (w->split_price != 0)
        n.o.price[0] = 1 + croft_rng_below(&w->rng, w->split_price);
    naive_intern(&n, w->words);
    assert_int_equal(croft_market_put(w->market, &n.o), CROFT_OK);
    u32 place = place_of(w, id);
    w->offer[place] = n;
    w->count += place == w->count;
}

static void drop_one(struct world *w, u32 ids)
{
    u64 id = croft_rng_below(&w->rng, ids);
    u32 place = place_of(w, id);
    croft_market_drop(w->market, id);
    if (place < w->count)
        w->offer[place] = w->offer[--w->count];
    assert_int_equal(croft_market_count(w->market), w->count);
    assert_null(croft_market_find(w->market, id));
}

/* ---- comparing ---- */

static enum croft_price_kind sort_kind;

static int by_price(const void *a, const void *b)
{
    const struct croft_offer *x = &(*(const struct naive_offer *const *)a)->o,
                             *y = &(*(const struct naive_offer *const *)b)->o;
    u64 p = x->price[sort_kind], q = y->price[sort_kind];
    return p != q ? (p > q) - (p < q) : (x->id > y->id) - (x->id < y->id);
}

static void find_fits(struct world *w, const struct naive_order *order)
{
    w->fits = 0;
    for (u32 i = 0; i < w->count; i++)
        if (naive_first_failed(order, &w->offer[i]) == order->count)
            w->fit[w->fits++] = &w->offer[i];
    sort_kind = order->kind;
    qsort(w->fit, w->fits, sizeof *w->fit, by_price);
}

static void compare_match(struct world *w, const struct croft_requirement *r)
{
    const struct croft_offer *out[CROFT_MATCH_MAX];
    u32 want = 1 + naive_below(&w->rng, naive_below(&w->rng, 2) ? 5 : CROFT_MATCH_MAX);
    u32 got = croft_market_match(w->market, r, want, out);
    assert_int_equal(got, w->fits < want ? w->fits : want);
    for (u32 i = 0; i < got; i++) {
        assert_int_equal(out[i]->id, w->fit[i]->o.id);
        assert_memory_equal(out[i], &w->fit[i]->o, sizeof *out[i]);
    }
}

/* ---- gangs ---- */

static bool same_group(const struct croft_gang_terms *t, const struct naive_offer *a,
                       const struct naive_offer *b)
{
    bool kind = strcmp(a->single[CROFT_SPACE_VENDOR], b->single[CROFT_SPACE_VENDOR]) == 0 &&
                strcmp(a->single[CROFT_SPACE_MODEL], b->single[CROFT_SPACE_MODEL]) == 0 &&
                strcmp(a->single[CROFT_SPACE_INTERFACE], b->single[CROFT_SPACE_INTERFACE]) == 0 &&
                a->o.number[CROFT_NUMBER_VRAM_MIB] == b->o.number[CROFT_NUMBER_VRAM_MIB] &&
                a->o.number[CROFT_NUMBER_GPUS] == b->o.number[CROFT_NUMBER_GPUS];
    bool country = strcmp(a->single[CROFT_SPACE_COUNTRY], b->single[CROFT_SPACE_COUNTRY]) == 0;
    return (!t->same_kind || kind) && (!t->same_country || country);
}

struct gang {
    u32 count; /* with alternates */
    u128 total;
    const struct naive_offer *member[CROFT_GANG_MAX + CROFT_GANG_ALTERNATES_MAX];
};

/* The cheapest of the group of one fit. */
static struct gang gang_of(const struct world *w, const struct croft_gang_terms *t,
                           const struct naive_offer *of)
{
    struct gang g = {0};
    for (u32 i = 0; i < w->fits && g.count < t->count + t->alternates; i++) {
        u32 of_node = 0;
        for (u32 k = 0; k < g.count; k++)
            of_node += g.member[k]->o.node == w->fit[i]->o.node;
        if (!same_group(t, of, w->fit[i]) || (t->per_node != 0 && of_node >= t->per_node))
            continue;
        if (g.count < t->count)
            g.total += w->fit[i]->o.price[sort_kind];
        g.member[g.count++] = w->fit[i];
    }
    return g;
}

static bool better_gang(const struct croft_gang_terms *t, const struct gang *a, const struct gang *b)
{
    if (b->count < t->count || a->count < t->count || a->total != b->total)
        return a->count >= t->count && (b->count < t->count || a->total < b->total);
    return by_price(&a->member[t->count - 1], &b->member[t->count - 1]) < 0;
}

/* Every subset of few fits: none is allowed and cheaper. */
static void assert_least(const struct world *w, const struct croft_gang_terms *t, const struct gang *best)
{
    for (u32 subset = 0; subset < 1u << w->fits; subset++) {
        const struct naive_offer *first = NULL;
        u32 per_node[12] = {0}, count = 0;
        bool allowed = true;
        u128 total = 0;
        for (u32 i = 0; i < w->fits; i++) {
            if ((subset >> i & 1) == 0)
                continue;
            first = first ? first : w->fit[i];
            allowed = allowed && same_group(t, first, w->fit[i]) &&
                      (++per_node[w->fit[i]->o.node] <= t->per_node || t->per_node == 0);
            total += w->fit[i]->o.price[sort_kind];
            count++;
        }
        if (allowed && count == t->count)
            assert_true(best->count >= t->count && best->total <= total);
    }
}

static void compare_gang(struct world *w, const struct croft_requirement *r)
{
    const struct croft_offer *out[CROFT_GANG_MAX + CROFT_GANG_ALTERNATES_MAX];
    const struct croft_gang_terms t = {
        .count = 1 + naive_below(&w->rng, naive_below(&w->rng, 4) ? 4 : CROFT_GANG_MAX),
        .per_node = naive_below(&w->rng, 4),
        .same_kind = naive_below(&w->rng, 2),
        .same_country = naive_below(&w->rng, 2),
        .alternates = naive_below(&w->rng, CROFT_GANG_ALTERNATES_MAX + 1),
    };
    struct gang best = {0};
    for (u32 i = 0; i < w->fits && i < 400; i++) {
        struct gang g = gang_of(w, &t, w->fit[i]);
        if (better_gang(&t, &g, &best))
            best = g;
    }
    if (w->fits > 400 && (t.same_kind || t.same_country))
        return; /* groups that begin later are not looked at by this loop */
    if (w->fits <= 8)
        assert_least(w, &t, &best);
    u32 got = croft_gang_find(w->market, r, &t, out);
    assert_int_equal(got, best.count < t.count ? 0 : best.count);
    for (u32 i = 0; i < got; i++)
        assert_int_equal(out[i]->id, best.member[i]->o.id);
}

/* ---- explain ---- */

static u32 naive_shortfall(const struct naive_order *order, u32 place, const struct naive_offer *n)
{
    const struct naive_wish *w = &order->wish[place];
    const struct croft_field_shape *shape = croft_field_shape(w->field);
    u64 has = shape->form == CROFT_FORM_PRICE ? n->o.price[order->kind] : n->o.number[shape->index];
    bool number = shape->form == CROFT_FORM_NUMBER || (shape->form == CROFT_FORM_PRICE && has != 0);
    if (!number)
        return 1000000;
    u64 limit = has < w->least ? w->least : w->most, gap = has < w->least ? w->least - has : has - w->most;
    if (gap >= limit)
        return 1000000;
    u128 ppm = ((u128)gap * 1000000 + limit - 1) / limit;
    return (u32)ppm;
}

struct miss {
    u32 failed, first, shortfall;
    u64 price, id;
};

static struct miss miss_of(const struct naive_order *order, const struct naive_offer *n)
{
    struct miss m = {.first = naive_first_failed(order, n), .id = n->o.id, .price = n->o.price[order->kind]};
    for (u32 i = 0; i < order->count; i++)
        m.failed += !naive_meets(order, i, n);
    m.shortfall = m.failed ? naive_shortfall(order, m.first, n) : 0;
    m.price = m.price == 0 ? UINT64_MAX : m.price;
    return m;
}

static bool nearer(struct miss a, struct miss b)
{
    return a.failed != b.failed         ? a.failed < b.failed
           : a.shortfall != b.shortfall ? a.shortfall < b.shortfall
           : a.price != b.price         ? a.price < b.price
                                        : a.id < b.id;
}

static void compare_explain(struct world *w, const struct croft_requirement *r,
                            const struct naive_order *order)
{
    struct croft_explain got, want = {.offers = w->count, .fit = w->fits};
    struct miss nearest = {.failed = UINT32_MAX};
    for (u32 i = 0; i < w->count; i++) {
        u32 place;
        struct miss m = miss_of(order, &w->offer[i]);
        assert_int_equal(croft_market_explain_one(w->market, r, w->offer[i].o.id, &place), CROFT_OK);
        assert_int_equal(place, m.first);
        if (m.failed == 0)
            continue;
        want.first_failed[m.first]++;
        want.only_failed[m.first] += m.failed == 1;
        if (nearer(m, nearest))
            nearest = m;
    }
    croft_market_explain(w->market, r, &got);
    assert_int_equal(got.offers, want.offers);
    assert_int_equal(got.fit, want.fit);
    assert_memory_equal(got.first_failed, want.first_failed, sizeof got.first_failed);
    assert_memory_equal(got.only_failed, want.only_failed, sizeof got.only_failed);
    assert_int_equal(got.has_nearest, w->fits < w->count);
    if (!got.has_nearest)
        return;
    assert_int_equal(got.nearest_id, nearest.id);
    assert_int_equal(got.nearest_failed, nearest.failed);
    assert_int_equal(got.nearest_first, nearest.first);
    assert_int_equal(got.nearest_shortfall_ppm, nearest.shortfall);
}

/* ---- worlds ---- */

static u64 orders_that_fit;

static void compare(struct world *w)
{
    struct naive_order order;
    struct croft_requirement r;
    struct croft_why why;
    naive_draw_order(&w->rng, &order);
    croft_err err = croft_requirement_parse(naive_bytes(order.text), w->words, &r, &why);
    if (err != CROFT_OK)
        fail_msg("%s: %s", order.text, why.text);
    assert_int_equal(r.count, order.count);
    find_fits(w, &order);
    orders_that_fit += w->fits > 0;
    compare_match(w, &r);
    compare_gang(w, &r);
    compare_explain(w, &r, &order);
}

/* As it is, against one made from nothing: the same answers, and both in order inside. */
static void compare_with_new(struct world *w, u32 offers_max)
{
    struct croft_region region;
    assert_true(croft_market_audit(w->market));
    struct croft_market_limits limits = {.offers_max = offers_max, .gang_groups_max = 4096};
    assert_true(croft_region_map(&region, croft_market_size(&limits, w->words)));
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_market *old = w->market;
    w->market = new_market(&mem, offers_max, w->words);
    for (u32 i = w->count; i-- > 0;)
        assert_int_equal(croft_market_put(w->market, &w->offer[i].o), CROFT_OK);
    assert_true(croft_market_audit(w->market));
    for (u32 i = 0; i < 3; i++)
        compare(w);
    w->market = old;
    croft_region_unmap(&region);
}

static void run_world(u64 seed, u32 ids, u32 steps)
{
    struct world *w = new_world(seed, ids);
    for (u32 step = 0; step < steps; step++) {
        if (naive_below(&w->rng, 4) == 0)
            drop_one(w, ids);
        else
            put_one(w, ids);
        if (naive_below(&w->rng, 40) == 0)
            croft_market_plan(w->market);
        if (naive_below(&w->rng, 3) == 0)
            compare(w);
    }
    compare_with_new(w, ids);
    croft_region_unmap(&w->region);
}

static void test_small_worlds(void **unused)
{
    (void)unused;
    u64 seed = croft_test_seed();
    orders_that_fit = 0;
    for (u64 i = 0; i < 2500; i++)
        run_world(seed + i, 1 + (u32)(i % 97), 6 + (u32)(i % 60));
    assert_true(orders_that_fit > 5000);
}

/* Grown until blocks split, shrunk until they merge, grown again. */
static void test_large_worlds(void **unused)
{
    (void)unused;
    struct world *w = new_world(croft_test_seed(), OFFERS_MAX);
    w->split_price = 3000;
    for (u32 round = 0; round < 3; round++) {
        u32 ids = round == 0 ? 12000 : 11000;
        while (w->count < 8200)
            put_one(w, ids);
        assert_true(croft_market_audit(w->market));
        for (u32 i = 0; i < 12; i++)
            compare(w);
        while (w->count > 900)
            drop_one(w, 12000);
        for (u32 i = 0; i < 12; i++)
            compare(w);
        assert_true(croft_market_audit(w->market));
        w->split_price = round == 0 ? 1 : 3000; /* then all at one price */
    }
    compare_with_new(w, OFFERS_MAX);
    croft_region_unmap(&w->region);
}

static void test_empty_market(void **unused)
{
    (void)unused;
    struct world *w = new_world(1, 1);
    struct naive_offer n;
    assert_true(croft_market_audit(w->market));
    croft_market_plan(w->market);
    croft_market_drop(w->market, 7);
    for (u32 i = 0; i < 50; i++)
        compare(w);
    naive_draw(&w->rng, 7, &n);
    naive_intern(&n, w->words);
    assert_int_equal(croft_market_put(w->market, &n.o), CROFT_OK);
    assert_int_equal(croft_market_put(w->market, &n.o), CROFT_OK); /* again: replaces */
    n.o.id = 8;
    assert_int_equal(croft_market_put(w->market, &n.o), CROFT_ERR_OP_FULL);
    assert_int_equal(croft_market_count(w->market), 1);
    u32 place;
    struct croft_requirement r;
    croft_requirement_init(&r, CROFT_PRICE_SECOND);
    assert_int_equal(croft_market_explain_one(w->market, &r, 8, &place), CROFT_ERR_NOT_FOUND);
    croft_region_unmap(&w->region);
}

/* Gangs of the dearest offers there can be: totals beyond 64 bits still compare. */
static void test_price_limits(void **unused)
{
    (void)unused;
    struct world *w = new_world(1, 64);
    const struct croft_gang_terms t = {.count = 3, .same_country = true};
    const struct croft_offer *out[3];
    struct croft_requirement r;
    for (u32 i = 0; i < 6; i++) {
        struct naive_offer n = {.o = {.id = i, .price = {UINT64_MAX - (i < 3 ? 0 : 1 + i)}}};
        snprintf(n.single[CROFT_SPACE_COUNTRY], NAIVE_TEXT, i < 3 ? "AA" : "BB");
        naive_intern(&n, w->words);
        assert_int_equal(croft_market_put(w->market, &n.o), CROFT_OK);
    }
    croft_requirement_init(&r, CROFT_PRICE_SECOND);
    assert_int_equal(croft_gang_find(w->market, &r, &t, out), 3);
    for (u32 i = 0; i < 3; i++)
        assert_int_equal(out[i]->id, 5 - i); /* BB costs 4 + 5 + 6 less */
    croft_require_price(&r, UINT64_MAX - 1);
    assert_int_equal(croft_market_match(w->market, &r, 3, out), 3);
    croft_require_price(&r, 1);
    assert_int_equal(croft_market_match(w->market, &r, 3, out), 0);
    croft_region_unmap(&w->region);
}

static void test_memory_limit(void **unused)
{
    (void)unused;
    struct world *w = new_world(1, 64);
    const struct croft_market_limits limits = {.offers_max = 1000, .gang_groups_max = 16};
    static u8 few[1 << 16];
    struct croft_arena mem = {few, few + sizeof few};
    struct croft_market *m;
    assert_int_equal(croft_market_init(&m, &mem, &limits, w->words), CROFT_ERR_NOMEM);
    croft_region_unmap(&w->region);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_worlds), cmocka_unit_test(test_large_worlds),
        cmocka_unit_test(test_empty_market), cmocka_unit_test(test_price_limits),
        cmocka_unit_test(test_memory_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
