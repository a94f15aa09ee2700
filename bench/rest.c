#include "bench/rest.h"

#include "base/assert.h"
#include "base/rng.h"
#include "bench/deals.h"
#include "market/feed.h"

#include <string.h>

enum {
    PART = 100000, /* transactions made before they are run */
    BUYER_LEASES = 10,
    DEVICES_EACH = 2,
    BLOCKS = 50,
    SETTLEMENTS = 1000,
    ENDING_MAX = 30000, /* orders that expire while blocks are measured */
    ENDING_SHARE = 10,  /* of all orders, at most */
    ENDING_S = 86400,
    STAYING_S = 2000000
};

/* Provider i has node providers + i; buyers come behind. */
struct bench {
    u32 providers, ending;
    struct croft_report *report;
    struct croft_region region, index_region;
    struct croft_deals d;
    struct croft_deals_cost cost;
    struct croft_deal_lease *lease; /* on device 0 of each node */
    struct croft_rng rng;
};

static u32 node_of(const struct bench *b, u32 i)
{
    return b->providers + i;
}

/* ---- making the records ---- */

/* Adds the i-th transaction of a stage. */
typedef void add_one(struct bench *b, u32 i);

static void add_showing(struct bench *b, u32 i)
{
    croft_deal_transfer(&b->d, i, (i + 1) % b->d.people);
}

static void add_node(struct bench *b, u32 i)
{
    croft_deal_admit(&b->d, i, node_of(b, i));
}

static void add_device(struct bench *b, u32 i)
{
    croft_deal_offer(&b->d, node_of(b, i / DEVICES_EACH), i % DEVICES_EACH);
}

/* Money for between 14 and 42 hours at the offer's price, so that no two escrows run dry together. */
static void add_order(struct bench *b, u32 i)
{
    const struct croft_deal_order o = {.buyer = 2 * b->providers + i / BUYER_LEASES,
                                       .id = i + 1,
                                       .amount = 1500000000 + croft_rng_below(&b->rng, 1000000000),
                                       .life_s = i < b->ending ? ENDING_S : STAYING_S,
                                       .node = node_of(b, i)};
    b->lease[i] =
        (struct croft_deal_lease){.buyer = o.buyer, .number = 1, .order = o.id, .taken_s = b->d.now_s};
    croft_deal_open(&b->d, &o);
}

static void add_ack(struct bench *b, u32 i)
{
    croft_deal_ack(&b->d, node_of(b, i), &b->lease[i]);
}

static void add_settle(struct bench *b, u32 i)
{
    struct croft_deal_lease *l = &b->lease[i];
    croft_deal_settle(&b->d, node_of(b, i), &l, 1);
}

static croft_err make(struct bench *b, add_one *add, u32 count, struct croft_why *why)
{
    for (u32 from = 0; from < count; from += PART) {
        u32 part = count - from < PART ? count - from : PART;
        for (u32 i = 0; i < part; i++)
            add(b, from + i);
        CROFT_TRY(croft_deals_run(&b->d, &b->cost, why));
        for (u32 i = 0; i < part && add == add_order; i++)
            b->lease[from + i].stamp = b->d.stamp[i];
    }
    return CROFT_OK;
}

static croft_err make_and_weigh(struct bench *b, add_one *add, u32 count, u32 of, const char *figure, const char *what,
                                struct croft_why *why)
{
    double before = croft_resident_bytes();
    CROFT_TRY(make(b, add, count, why));
    croft_report_add(b->report, figure, (croft_resident_bytes() - before) / of, "B", what);
    return CROFT_OK;
}

/* Accounts come with the genesis and grow when they show their keys; the benchmark's own lists are taken off. */
static croft_err make_accounts(struct bench *b, u32 people, struct croft_why *why)
{
    double before = croft_resident_bytes();
    CROFT_TRY(croft_deals_open(&b->d, people, PART, NULL, why));
    CROFT_TRY(make(b, add_showing, people, why));
    double own = sizeof *b->d.address + sizeof *b->d.used;
    croft_report_add(b->report, "account_bytes", (croft_resident_bytes() - before) / people - own, "B",
                     "resident, an account with one key; the block's journal included");
    return CROFT_OK;
}

static croft_err make_records(struct bench *b, struct croft_why *why)
{
    u32 p = b->providers;
    CROFT_TRY(make_accounts(b, 2 * p + p / BUYER_LEASES + 1, why));
    CROFT_TRY(make_and_weigh(b, add_node, p, p, "provider_node_bytes", "resident, a provider and its node", why));
    CROFT_TRY(make_and_weigh(b, add_device, DEVICES_EACH * p, DEVICES_EACH * p, "device_bytes",
                             "resident, a listed device", why));
    double before = croft_resident_bytes();
    CROFT_TRY(make(b, add_order, p, why));
    CROFT_TRY(make(b, add_ack, p, why));
    CROFT_TRY(make(b, add_settle, p, why));
    croft_report_add(b->report, "order_lease_bytes", (croft_resident_bytes() - before) / p - sizeof *b->lease, "B",
                     "resident, an order and its lease");
    return CROFT_OK;
}

static void report_size(struct bench *b)
{
    const struct croft_state *s = croft_ledger_state(b->d.ledger);
    double records = 0;
    for (u32 table = 1; table < CROFT_TABLE_COUNT; table++)
        records += croft_state_count(s, table);
    croft_report_add(b->report, "records", records, "", "accounts, providers, nodes, devices, orders, leases");
    croft_report_add(b->report, "resident_mib", croft_resident_bytes() / (1 << 20), "MiB", "the whole process");
    croft_report_add(b->report, "load_seconds", croft_deals_seconds(&b->cost), "s",
                     "of the core, for the transactions that made them");
}

/* ---- the index of offers ---- */

static croft_err open_index(struct bench *b, struct croft_market **market, struct croft_feed **feed)
{
    const struct croft_words_limits words_limits = {
        .words_max = 1 << 16, .text_bytes_max = 1 << 20, .sets_max = 1 << 16, .members_max = 1 << 18, .hash_seed = 1};
    const struct croft_market_limits limits = {
        .offers_max = DEVICES_EACH * b->providers, .gang_groups_max = 1024, .hash_seed = 1};
    const struct croft_feed_limits feed_limits = {.nodes_max = b->providers,
                                                  .devices_max = DEVICES_EACH * b->providers,
                                                  .claims_max = 1,
                                                  .hash_seed = 1};
    struct croft_words *words;
    struct croft_arena mem = croft_region_arena(&b->index_region);
    CROFT_TRY(croft_words_init(&words, &mem, &words_limits));
    CROFT_TRY(croft_market_init(market, &mem, &limits, words));
    return croft_feed_init(feed, &mem, &feed_limits, *market, words);
}

static croft_err feed_table(struct bench *b, struct croft_feed *feed, u32 table)
{
    const struct croft_state *s = croft_ledger_state(b->d.ledger);
    for (u32 slot = 0; slot < croft_state_high(s, table); slot++)
        CROFT_TRY(croft_feed_record(feed, table, croft_state_key(s, table, slot), croft_state_value(s, table, slot)));
    return CROFT_OK;
}

static croft_err measure_index(struct bench *b, struct croft_why *why)
{
    struct croft_market *market;
    struct croft_feed *feed;
    if (!croft_region_map(&b->index_region, (size_t)256 << 30))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    double before = croft_resident_bytes(), start = croft_core_seconds();
    CROFT_TRY(open_index(b, &market, &feed));
    CROFT_TRY(feed_table(b, feed, CROFT_TABLE_NODES));
    CROFT_TRY(feed_table(b, feed, CROFT_TABLE_DEVICES));
    double seconds = croft_core_seconds() - start;
    u32 offers = croft_market_count(market);
    CROFT_ASSERT(offers == b->providers);
    croft_report_add(b->report, "index_offers", offers, "", "listed and not leased");
    croft_report_add(b->report, "index_bytes_per_offer", (croft_resident_bytes() - before) / offers, "B",
                     "resident, feed and words included");
    croft_report_add(b->report, "feed_records_per_s", (1 + DEVICES_EACH) * b->providers / seconds, "1/s",
                     "nodes and devices read into an empty index, one core");
    croft_region_unmap(&b->index_region);
    return CROFT_OK;
}

/* ---- blocks ---- */

static croft_err measure_empty(struct bench *b, struct croft_why *why)
{
    double seconds[BLOCKS];
    for (u32 i = 0; i < BLOCKS; i++) {
        u32 due;
        CROFT_TRY(croft_deals_pass(&b->d, 1, &seconds[i], &due, why));
        CROFT_ASSERT(due == 0);
    }
    croft_report_add(b->report, "block_empty_ms", croft_median(seconds, BLOCKS) * 1e3, "ms",
                     "no transactions, nothing due; median of 50 blocks");
    return CROFT_OK;
}

static croft_err measure_settling(struct bench *b, struct croft_why *why)
{
    double seconds[BLOCKS];
    for (u32 i = 0; i < BLOCKS; i++) {
        struct croft_deals_cost cost = {0};
        b->d.now_s++;
        for (u32 k = 0; k < SETTLEMENTS; k++)
            add_settle(b, b->ending + (u32)croft_rng_below(&b->rng, b->providers - b->ending));
        CROFT_TRY(croft_deals_run(&b->d, &cost, why));
        seconds[i] = croft_deals_seconds(&cost);
    }
    croft_report_add(b->report, "block_settle1000_ms", croft_median(seconds, BLOCKS) * 1e3, "ms",
                     "1,000 settlements of leases drawn at random, decoding included; median of 50 blocks");
    return CROFT_OK;
}

/* Blocks, a second apart, until all of these are handled: seconds in all, and of a block that was full. */
struct due_cost {
    double seconds, full_seconds;
};

static croft_err handle_due(struct bench *b, u64 later_s, u32 records, struct due_cost *out, struct croft_why *why)
{
    *out = (struct due_cost){0};
    for (u32 done = 0; done < records; later_s = 1) {
        double seconds;
        u32 due;
        CROFT_TRY(croft_deals_pass(&b->d, later_s, &seconds, &due, why));
        if (due == 0)
            return croft_fail(why, CROFT_ERR_STATE, "%u of %u records came due", done, records);
        done += due;
        out->seconds += seconds;
        out->full_seconds = seconds > out->full_seconds ? seconds : out->full_seconds;
    }
    return CROFT_OK;
}

/* Orders expire, which ends their leases; SETTLE_WINDOW_S later the leases close, and then the orders go. */
static croft_err measure_due(struct bench *b, struct croft_why *why)
{
    struct due_cost order, lease;
    u64 window_s = croft_ledger_param(b->d.ledger, CROFT_PARAM_SETTLE_WINDOW_S);
    u64 until_s = b->d.start_s + ENDING_S - b->d.now_s;
    CROFT_TRY(handle_due(b, until_s, b->ending, &order, why));
    CROFT_TRY(handle_due(b, window_s, b->ending, &lease, why));
    double most = order.full_seconds > lease.full_seconds ? order.full_seconds : lease.full_seconds;
    croft_report_add(b->report, "block_due_ms", most * 1e3, "ms",
                     "the dearest block that only handles what is due, at most due_per_block_max records");
    croft_report_add(b->report, "due_order_us", order.seconds * 1e6 / b->ending, "us",
                     "an order expires and its lease ends, roots included");
    croft_report_add(b->report, "due_lease_us", lease.seconds * 1e6 / b->ending, "us",
                     "a lease closes: last pay, rest and deposit back, both records go, roots included");
    return CROFT_OK;
}

/* ---- all ---- */

static croft_err run_stages(struct bench *b, struct croft_why *why)
{
    CROFT_TRY(make_records(b, why));
    report_size(b);
    CROFT_TRY(measure_index(b, why));
    CROFT_TRY(measure_empty(b, why));
    CROFT_TRY(measure_settling(b, why));
    return measure_due(b, why);
}

croft_err croft_bench_rest(const struct croft_bench_rest_options *o, struct croft_report *report, struct croft_why *why)
{
    static struct bench b;
    b = (struct bench){.providers = o->providers, .report = report, .rng = croft_rng_of(1)};
    CROFT_ASSERT(o->providers >= CROFT_BENCH_REST_PROVIDERS_MIN && o->providers <= CROFT_BENCH_REST_PROVIDERS_MAX);
    b.ending = o->providers / ENDING_SHARE < ENDING_MAX ? o->providers / ENDING_SHARE : ENDING_MAX;
    if (!croft_region_map(&b.region, o->providers * sizeof *b.lease + 4096))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    struct croft_arena mem = croft_region_arena(&b.region);
    b.lease = croft_arena_take_raw(&mem, o->providers, sizeof *b.lease, 64);
    CROFT_ASSERT(b.lease != NULL);
    croft_err err = run_stages(&b, why);
    croft_deals_close(&b.d);
    croft_region_unmap(&b.index_region);
    croft_region_unmap(&b.region);
    return err;
}
