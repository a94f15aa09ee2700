/* Goal: the index that the feed keeps answers as a search over the records would.  Method: seeded worlds of nodes,
 * devices and claims whose records come, change and go in any order; conditions as text, and classes and orders as
 * records, held against predicates on the records themselves.  At the end the same records, put once in another order
 * into an empty index, offer the same. */
#include "base/rng.h"
#include "base/testing.h"
#include "crypto/bech32m.h"
#include "market/feed.h"
#include "market/require.h"

#include <string.h>

enum { NODES = 12, DEVICES = 5, CLAIMS = 3, RECORDS_MAX = NODES * (1 + DEVICES + CLAIMS), NOW_S = 1000000 };

struct node {
    bool is;
    struct croft_node_record r;
    struct croft_address address;
    bool has_device[DEVICES], has_claim[CLAIMS];
    struct croft_device_record device[DEVICES];
    struct croft_claim_record claim[CLAIMS];
};

struct index {
    struct croft_region region;
    struct croft_words *words;
    struct croft_market *market;
    struct croft_feed *feed;
};

struct world {
    struct croft_rng rng;
    struct node node[NODES];
    struct index index;
};

static u32 below(struct world *w, u32 limit)
{
    return (u32)croft_rng_below(&w->rng, limit);
}

/* ---- an index ---- */

static const struct croft_words_limits words_limits = {
    .words_max = 4000, .text_bytes_max = 200000, .sets_max = 20000, .members_max = 200000, .hash_seed = 5};
static const struct croft_market_limits market_limits = {
    .offers_max = NODES * DEVICES, .gang_groups_max = 16, .hash_seed = 3};

static void open_index(struct index *x, const struct croft_feed_limits *limits)
{
    struct croft_words *words;
    struct croft_region probe;
    assert_true(croft_region_map(&probe, croft_words_size(&words_limits)));
    struct croft_arena mem = croft_region_arena(&probe);
    assert_int_equal(croft_words_init(&words, &mem, &words_limits), CROFT_OK);
    size_t market = croft_market_size(&market_limits, words);
    croft_region_unmap(&probe);
    assert_true(croft_region_map(&x->region, croft_words_size(&words_limits) + market + croft_feed_size(limits)));
    mem = croft_region_arena(&x->region);
    assert_int_equal(croft_words_init(&x->words, &mem, &words_limits), CROFT_OK);
    assert_int_equal(croft_market_init(&x->market, &mem, &market_limits, x->words), CROFT_OK);
    assert_int_equal(croft_feed_init(&x->feed, &mem, limits, x->market, x->words), CROFT_OK);
}

static const struct croft_feed_limits enough = {
    .nodes_max = NODES, .devices_max = NODES * DEVICES, .claims_max = NODES * CLAIMS, .hash_seed = 7};

static croft_err put(struct index *x, u32 table, const u8 *key, const void *record)
{
    u8 value[CROFT_RECORD_VALUE_MAX];
    const struct croft_layout *layout = croft_table_layout(table);
    struct croft_bytes v = {NULL, 0};
    if (record != NULL)
        v = (struct croft_bytes){value, croft_layout_encode(layout, record, value, sizeof value)};
    return croft_feed_record(x->feed, table, (struct croft_bytes){key, croft_table_key_len(table)}, v);
}

static void key_of(const struct node *n, u64 number, u8 out[40])
{
    memcpy(out, n->address.b, 32);
    for (u32 i = 0; i < 8; i++)
        out[32 + i] = (u8)(number >> (56 - 8 * i));
}

static void put_node(struct index *x, const struct node *n)
{
    assert_int_equal(put(x, CROFT_TABLE_NODES, n->address.b, n->is ? &n->r : NULL), CROFT_OK);
}

static void put_device(struct index *x, const struct node *n, u32 i)
{
    u8 key[40];
    key_of(n, i, key);
    assert_int_equal(put(x, CROFT_TABLE_DEVICES, key, n->has_device[i] ? &n->device[i] : NULL), CROFT_OK);
}

static void put_claim(struct index *x, const struct node *n, u32 i)
{
    u8 key[40];
    key_of(n, UINT64_C(0x0100000000000000) * (CLAIMS - i), key);
    assert_int_equal(put(x, CROFT_TABLE_CLAIMS, key, n->has_claim[i] ? &n->claim[i] : NULL), CROFT_OK);
}

/* ---- drawing records ---- */

static const char *const model[] = {"", "rtx4090", "h100", "a"};

static void draw_country(struct world *w, u8 out[2])
{
    memcpy(out, below(w, 3) == 0 ? "\0" : below(w, 2) ? "DE" : "FR", 2);
}

static void draw_node(struct world *w, struct node *n)
{
    n->is = below(w, 5) != 0;
    n->r = (struct croft_node_record){.machine = (u8)below(w, 3), .drain = below(w, 6) == 0};
    draw_country(w, n->r.country);
    int len = 0;
    if (below(w, 2))
        len += snprintf((char *)n->r.attributes, sizeof n->r.attributes, "cuda=%u\n", 10 + below(w, 4));
    if (below(w, 2))
        len += snprintf((char *)n->r.attributes + len, sizeof n->r.attributes - (size_t)len, "region=eu-%u\n",
                        below(w, 3));
    n->r.attributes_len = (u16)len;
}

static void draw_device(struct world *w, struct node *n, u32 i)
{
    n->has_device[i] = below(w, 6) != 0;
    struct croft_device_record *d = &n->device[i];
    *d = (struct croft_device_record){
        .state = (u8)(below(w, 4) ? CROFT_DEVICE_LISTED : 1 + 2 * below(w, 2)),
        .kind = (u8)(below(w, 3) ? 0 : below(w, 4)),
        .services = (u8)(1 + below(w, 7)),
        .egress = (u8)(1 + below(w, 7)),
        .hardware = (u8)below(w, 8),
        .vendor = (u8)below(w, 5),
        .interface = (u8)below(w, 4),
        .gpu_count = (u8)(1 + below(w, 3)),
        .isolation = (u8)below(w, 4),
        .class = (u16)(below(w, 3) * 300),
        .vram_mib = 8192 * below(w, 4),
        .cores = (u16)below(w, 4),
        .disk_gib = below(w, 4),
        .tops = 100 * below(w, 4),
        .due_s = below(w, 8) ? NOW_S + below(w, 5000) : UINT64_C(1) << 40,
        .price = {below(w, 5), below(w, 3), 0, below(w, 2)},
    };
    d->proved_vram_mib = below(w, 2) * 8192 * below(w, 4);
    d->proved_tops = below(w, 2) * 100 * below(w, 4);
    const char *text = model[below(w, CROFT_COUNT(model))];
    memcpy(d->model, text, strlen(text));
}

static void draw_claim(struct world *w, struct node *n, u32 i)
{
    n->has_claim[i] = below(w, 3) != 0;
    n->claim[i] = (struct croft_claim_record){
        .machine = (u8)below(w, 3), .claims = below(w, 8) | (u64)below(w, 2) << 40, .auditor = {{(u8)(i + 1)}}};
    draw_country(w, n->claim[i].country);
}

static void change_one(struct world *w)
{
    struct node *n = &w->node[below(w, NODES)];
    u32 what = below(w, 10);
    if (what < 3) {
        draw_node(w, n);
        put_node(&w->index, n);
    } else if (what < 8) {
        u32 i = below(w, DEVICES);
        draw_device(w, n, i);
        put_device(&w->index, n, i);
    } else {
        u32 i = below(w, CLAIMS);
        draw_claim(w, n, i);
        put_claim(&w->index, n, i);
    }
}

/* ---- what is wanted, on the records themselves ---- */

struct wish {
    const char *country, *model, *vendor; /* NULL: any */
    i64 cuda_least;                       /* -1: any */
    u32 machine, isolation, vram_mib, tops, gpus, class;
    u32 hardware, services, egress; /* bits, all of them */
    int kind;                       /* -1: any */
    int auditor, claim;             /* -1: any; claim is a bit */
    u64 until_s, price_most;
    u32 price_kind;
};
static const struct wish any_wish = {
    .cuda_least = -1, .kind = -1, .auditor = -1, .price_most = UINT64_MAX};

static const char *const vendor[] = {"", "nvidia", "amd", "intel", "apple"};

static bool claims_it(const struct node *n, const struct wish *q)
{
    const struct croft_claim_record *c = &n->claim[q->auditor];
    bool same = q->claim == 1   ? memcmp(c->country, n->r.country, 2) == 0
                : q->claim == 2 ? c->machine == n->r.machine
                                : true;
    return n->has_claim[q->auditor] && (c->claims >> q->claim & 1) != 0 && same;
}

static bool node_meets(const struct node *n, const struct wish *q)
{
    const char *cuda = strstr((const char *)n->r.attributes, "cuda=");
    return n->is && !n->r.drain && n->r.machine >= q->machine &&
           (q->country == NULL || memcmp(n->r.country, q->country, 2) == 0) &&
           (q->cuda_least < 0 || (cuda != NULL && atoi(cuda + 5) >= q->cuda_least)) &&
           (q->auditor < 0 || claims_it(n, q));
}

static bool numbers_meet(const struct croft_device_record *d, const struct wish *q)
{
    u32 vram = d->proved_vram_mib ? d->proved_vram_mib : d->vram_mib;
    u32 tops = d->proved_tops ? d->proved_tops : d->tops;
    return vram >= q->vram_mib && tops >= q->tops && d->gpu_count >= q->gpus && d->isolation >= q->isolation &&
           d->due_s >= q->until_s && d->price[q->price_kind] >= 1 && d->price[q->price_kind] <= q->price_most;
}

static bool device_meets(const struct croft_device_record *d, const struct wish *q)
{
    char text[25] = {0};
    memcpy(text, d->model, 24);
    return d->state == CROFT_DEVICE_LISTED && numbers_meet(d, q) && (q->kind < 0 || d->kind == q->kind) &&
           (q->model == NULL || strcmp(text, q->model) == 0) &&
           (q->vendor == NULL || strcmp(vendor[d->vendor], q->vendor) == 0) &&
           (q->class == 0 || d->class == q->class) && (q->hardware & ~d->hardware) == 0 &&
           (q->services & ~d->services) == 0 && (q->egress & ~d->egress) == 0;
}

struct hit {
    u64 price, id;
};

static int by_price(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->price != y->price)
        return x->price < y->price ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void compare(struct world *w, const struct croft_requirement *r, const struct wish *q)
{
    const struct croft_offer *got[CROFT_MATCH_MAX];
    struct hit want[NODES * DEVICES];
    u32 wanted = 0;
    for (u32 i = 0; i < NODES * DEVICES; i++) {
        const struct node *n = &w->node[i / DEVICES];
        const struct croft_device_record *d = &n->device[i % DEVICES];
        u8 key[40];
        key_of(n, i % DEVICES, key);
        if (n->has_device[i % DEVICES] && node_meets(n, q) && device_meets(d, q))
            want[wanted++] = (struct hit){d->price[q->price_kind], croft_feed_id(w->index.feed, key)};
    }
    qsort(want, wanted, sizeof *want, by_price);
    u32 count = croft_market_match(w->index.market, r, CROFT_MATCH_MAX, got);
    assert_int_equal(count, wanted);
    for (u32 i = 0; i < count; i++)
        assert_true(got[i]->id == want[i].id);
}

/* ---- conditions as text ---- */

static size_t add(char *text, size_t at, size_t size, const char *form, ...) CROFT_PRINTF(4, 5);
static size_t add(char *text, size_t at, size_t size, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    int len = vsnprintf(text + at, size - at, form, args);
    va_end(args);
    assert_true(len >= 0 && at + (size_t)len < size);
    return at + (size_t)len;
}

static size_t draw_node_wish(struct world *w, struct wish *q, char *text, size_t size)
{
    size_t at = 0;
    if (below(w, 3) == 0) {
        q->machine = below(w, 3);
        at = add(text, at, size, "machine=%u..;", q->machine);
    }
    if (below(w, 3) == 0) {
        q->country = below(w, 2) ? "DE" : "FR";
        at = add(text, at, size, "country=%s;", q->country);
    }
    if (below(w, 4) == 0) {
        q->cuda_least = 10 + below(w, 5);
        at = add(text, at, size, "attribute=cuda=%d..;", (int)q->cuda_least);
    }
    if (below(w, 3) == 0) {
        static const char *const name[] = {"identity", "country", "machine", "40"};
        struct croft_address a = {{(u8)(1 + (q->auditor = (int)below(w, CLAIMS)))}};
        char address[CROFT_BECH32M_TEXT_MAX];
        u32 which = below(w, CROFT_COUNT(name));
        q->claim = which == 3 ? 40 : (int)which;
        croft_bech32m_encode(CROFT_HRP_ADDRESS, a.b, address);
        at = add(text, at, size, "auditor=%s/%s;", address, name[which]);
    }
    return at;
}

static void draw_wish(struct world *w, struct wish *q, char *text, size_t size)
{
    *q = any_wish;
    size_t at = draw_node_wish(w, q, text, size);
    if (below(w, 3) == 0) {
        q->model = model[1 + below(w, CROFT_COUNT(model) - 1)];
        at = add(text, at, size, "model=%s;", q->model);
    }
    if (below(w, 3) == 0) {
        q->vram_mib = 8192 * below(w, 4);
        at = add(text, at, size, "vram_mib=%u..;", q->vram_mib);
    }
    if (below(w, 4) == 0) {
        q->services = 2;
        q->hardware = 5;
        at = add(text, at, size, "service=firm;hardware=ecc+all_day;");
    }
    if (below(w, 4) == 0) {
        q->class = 300;
        at = add(text, at, size, "class=300;");
    }
    q->price_kind = below(w, 3) ? 0 : 3;
    q->price_most = below(w, 5);
    add(text, at, size, "price/%s=..%" PRIu64, q->price_kind ? "frame" : "second", q->price_most);
}

static void compare_text(struct world *w)
{
    static struct croft_requirement r;
    struct croft_why why;
    struct wish q;
    char text[1024];
    draw_wish(w, &q, text, sizeof text);
    struct croft_bytes bytes = {(const u8 *)text, strlen(text)};
    assert_int_equal(croft_requirement_parse(bytes, w->index.words, &r, &why), CROFT_OK);
    compare(w, &r, &q);
}

/* ---- classes and orders ---- */

static void compare_class(struct world *w)
{
    static struct croft_requirement r;
    const char *name = model[below(w, CROFT_COUNT(model))];
    struct croft_class_record c = {.kind = (u8)(below(w, 2) * below(w, 4)),
                                   .vendor = (u8)(below(w, 2) * below(w, 5)),
                                   .gpu_count = (u8)below(w, 3),
                                   .hardware = (u8)(below(w, 2) * below(w, 8)),
                                   .isolation = (u8)below(w, 3),
                                   .machine = (u8)below(w, 2),
                                   .vram_mib = 8192 * below(w, 3),
                                   .tops = 100 * below(w, 3)};
    memcpy(c.model, name, strlen(name));
    struct wish q = any_wish;
    q.kind = c.kind ? c.kind : -1;
    q.vendor = c.vendor ? vendor[c.vendor] : NULL;
    q.model = name[0] ? name : NULL;
    q.gpus = c.gpu_count;
    q.hardware = c.hardware;
    q.isolation = c.isolation;
    q.machine = c.machine;
    q.vram_mib = c.vram_mib;
    q.tops = c.tops;
    assert_int_equal(croft_feed_of_class(&c, w->index.words, &r), CROFT_OK);
    compare(w, &r, &q);
}

static void compare_order(struct world *w)
{
    static struct croft_requirement r;
    struct croft_order_record o = {.class = (u16)(300 * below(w, 3)),
                                   .price_kind = (u8)below(w, 4),
                                   .service = (u8)below(w, 3),
                                   .egress = (u8)below(w, 3),
                                   .price_max = below(w, 6),
                                   .start_s = (u16)below(w, 3000),
                                   .firm_s = below(w, 2) * below(w, 6000)};
    struct wish q = any_wish;
    q.class = o.class;
    q.price_kind = o.price_kind;
    q.services = 1u << o.service;
    q.egress = 1u << o.egress;
    q.price_most = o.price_max;
    q.until_s = NOW_S + (o.firm_s > o.start_s ? o.firm_s : o.start_s);
    assert_int_equal(croft_feed_of_order(&o, w->index.words, NOW_S, &r), CROFT_OK);
    compare(w, &r, &q);
}

/* ---- the tests ---- */

static void open_world(struct world *w, u64 seed)
{
    *w = (struct world){.rng = croft_rng_of(seed)};
    for (u32 i = 0; i < NODES; i++)
        croft_rng_fill(&w->rng, w->node[i].address.b, 32);
    open_index(&w->index, &enough);
}

static u32 offered(const struct world *w)
{
    u32 count = 0;
    for (u32 i = 0; i < NODES * DEVICES; i++) {
        const struct node *n = &w->node[i / DEVICES];
        count += n->has_device[i % DEVICES] && n->device[i % DEVICES].state == CROFT_DEVICE_LISTED && n->is &&
                 !n->r.drain;
    }
    return count;
}

/* Every kind of record after the other, from the last node to the first. */
static void make_again(struct world *w)
{
    croft_region_unmap(&w->index.region);
    open_index(&w->index, &enough);
    for (u32 i = NODES; i-- > 0;)
        for (u32 k = 0; k < DEVICES; k++)
            put_device(&w->index, &w->node[i], k);
    for (u32 i = NODES; i-- > 0;)
        for (u32 k = 0; k < CLAIMS; k++)
            put_claim(&w->index, &w->node[i], k);
    for (u32 i = NODES; i-- > 0;)
        put_node(&w->index, &w->node[i]);
}

static void check(struct world *w)
{
    assert_int_equal(croft_market_count(w->index.market), offered(w));
    compare_text(w);
    compare_class(w);
    compare_order(w);
}

static void records_in_any_order(void **state)
{
    (void)state;
    static struct world w;
    u64 seed = croft_test_seed();
    for (u32 round = 0; round < 60; round++) {
        open_world(&w, seed + round);
        for (u32 step = 0; step < 400; step++) {
            change_one(&w);
            check(&w);
        }
        make_again(&w);
        for (u32 i = 0; i < 50; i++)
            check(&w);
        assert_true(croft_market_audit(w.index.market));
        croft_region_unmap(&w.index.region);
    }
}

static void ids_and_keys(void **state)
{
    (void)state;
    static struct world w;
    u64 listed = 0;
    open_world(&w, croft_test_seed());
    for (u32 step = 0; step < 500; step++)
        change_one(&w);
    for (u32 i = 0; i < NODES * CROFT_DEVICES_MAX; i++) {
        const struct node *n = &w.node[i / CROFT_DEVICES_MAX];
        u32 number = i % CROFT_DEVICES_MAX;
        u8 key[40], back[40];
        key_of(n, number, key);
        u64 id = croft_feed_id(w.index.feed, key);
        bool is = number < DEVICES && n->has_device[number] && n->device[number].state == CROFT_DEVICE_LISTED;
        assert_int_equal(id != CROFT_OFFER_NONE, is);
        assert_int_equal(croft_feed_key(w.index.feed, id, back), is);
        assert_true(!is || memcmp(back, key, sizeof key) == 0);
        listed += is;
    }
    assert_true(listed > 0);
    u8 key[40];
    key_of(&w.node[0], CROFT_DEVICES_MAX, key);
    assert_true(croft_feed_id(w.index.feed, key) == CROFT_OFFER_NONE);
    assert_false(croft_feed_key(w.index.feed, 0, key));
    croft_region_unmap(&w.index.region);
}

/* Places of what is gone are taken again: twice the limit comes and goes, one more than it does not fit. */
static void limits(void **state)
{
    (void)state;
    static struct index x;
    struct croft_feed_limits few = {.nodes_max = 3, .devices_max = 2, .claims_max = 1};
    struct croft_device_record d = {.state = CROFT_DEVICE_LISTED, .price = {1}};
    struct croft_claim_record c = {.claims = 1};
    struct croft_node_record r = {.machine = 1};
    struct node n[6] = {0};
    u8 key[40];
    open_index(&x, &few);
    for (u32 i = 0; i < 6; i++) {
        n[i].address.b[0] = (u8)(i + 1);
        key_of(&n[i], 1, key);
        assert_int_equal(put(&x, CROFT_TABLE_NODES, n[i].address.b, &r), CROFT_OK);
        assert_int_equal(put(&x, CROFT_TABLE_DEVICES, key, &d), CROFT_OK);
        assert_int_equal(put(&x, CROFT_TABLE_CLAIMS, key, &c), CROFT_OK);
        assert_int_equal(croft_market_count(x.market), 1);
        assert_int_equal(put(&x, CROFT_TABLE_NODES, n[i].address.b, NULL), CROFT_OK);
        assert_int_equal(croft_market_count(x.market), 0);
        assert_int_equal(put(&x, CROFT_TABLE_CLAIMS, key, NULL), CROFT_OK);
        assert_int_equal(put(&x, CROFT_TABLE_DEVICES, key, NULL), CROFT_OK);
    }
    for (u32 i = 0; i < 4; i++)
        assert_int_equal(put(&x, CROFT_TABLE_NODES, n[i].address.b, &r), i < 3 ? CROFT_OK : CROFT_ERR_NOMEM);
    for (u32 i = 0; i < 3; i++) {
        key_of(&n[0], i, key);
        assert_int_equal(put(&x, CROFT_TABLE_DEVICES, key, &d), i < 2 ? CROFT_OK : CROFT_ERR_NOMEM);
        assert_int_equal(put(&x, CROFT_TABLE_CLAIMS, key, &c), i < 1 ? CROFT_OK : CROFT_ERR_NOMEM);
    }
    croft_region_unmap(&x.region);
}

static void not_a_record(void **state)
{
    (void)state;
    static struct index x;
    u8 key[40] = {0}, bytes[CROFT_RECORD_VALUE_MAX] = {9};
    open_index(&x, &enough);
    struct croft_bytes k = {key, sizeof key}, short_key = {key, 39}, junk = {bytes, sizeof bytes};
    assert_int_not_equal(croft_feed_record(x.feed, CROFT_TABLE_DEVICES, k, junk), CROFT_OK);
    assert_int_equal(croft_feed_record(x.feed, CROFT_TABLE_CLAIMS, short_key, junk), CROFT_ERR_DECODE);
    assert_int_equal(croft_feed_record(x.feed, CROFT_TABLE_ACCOUNTS, short_key, junk), CROFT_OK);
    key[39] = CROFT_DEVICES_MAX;
    assert_int_equal(croft_feed_record(x.feed, CROFT_TABLE_DEVICES, k, (struct croft_bytes){NULL, 0}),
                     CROFT_ERR_DECODE);
    static struct croft_requirement r;
    struct croft_order_record o = {.service = CROFT_SERVICE_COUNT};
    struct croft_class_record c = {.kind = CROFT_DEVICE_LINE + 1};
    assert_int_equal(croft_feed_of_order(&o, x.words, NOW_S, &r), CROFT_ERR_USAGE);
    assert_int_equal(croft_feed_of_class(&c, x.words, &r), CROFT_ERR_USAGE);
    croft_region_unmap(&x.region);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_in_any_order),
        cmocka_unit_test(ids_and_keys),
        cmocka_unit_test(limits),
        cmocka_unit_test(not_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
