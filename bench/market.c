#include "bench/market.h"

#include "base/assert.h"
#include "base/rng.h"
#include "bench/deals.h"

#include <string.h>

enum {
    ROUNDS_MAX = 60,
    SETTLEMENTS = 10,
    SETTLE_EVERY_S = 60,
    LEASE_TXS = SETTLEMENTS + 3,
    BUYER_LEASES = 4, /* at a time */
    BATCH_NODES = 100,
    BATCH_RANGE = CROFT_TASKS_MAX / BATCH_NODES
};

enum step { STEP_OPEN, STEP_ACK, STEP_SETTLE, STEP_SETTLE_64, STEP_CLOSE, STEPS };

/* Lease i is a device of node leases + i, which belongs to person i; buyers come behind. */
struct bench {
    const struct croft_bench_market_options *o;
    struct croft_report *report;
    struct croft_region region;
    struct croft_deals d;
    struct croft_deal_lease *lease;
    u32 *turn; /* the leases in the order of this round */
    struct croft_rng rng;
    double us[STEPS][ROUNDS_MAX]; /* per transaction; SETTLE_64: per voucher */
    double due_us[ROUNDS_MAX];    /* per lease */
    double decode_us[ROUNDS_MAX], execute_us[ROUNDS_MAX], roots_us[ROUNDS_MAX];
    double txs_per_s[ROUNDS_MAX], leases_per_s[ROUNDS_MAX];
};

static u32 node_of(const struct bench *b, u32 lease)
{
    return b->o->leases + lease;
}

static u32 buyer_of(const struct bench *b, u32 lease)
{
    return 2 * b->o->leases + lease / BUYER_LEASES;
}

static u32 batch_buyer(const struct bench *b)
{
    return b->d.people - 1;
}

static croft_err pass(struct bench *b, u64 later_s, struct croft_why *why)
{
    double seconds;
    u32 due;
    return croft_deals_pass(&b->d, later_s, &seconds, &due, why);
}

/* ---- the network ---- */

static croft_err make_offers(struct bench *b, struct croft_why *why)
{
    struct croft_deals_cost cost = {0};
    for (u32 i = 0; i < b->o->leases; i++)
        croft_deal_admit(&b->d, i, node_of(b, i));
    CROFT_TRY(croft_deals_run(&b->d, &cost, why));
    for (u32 i = 0; i < b->o->leases; i++)
        croft_deal_offer(&b->d, node_of(b, i), 0);
    CROFT_TRY(croft_deals_run(&b->d, &cost, why));
    for (u32 buyer = buyer_of(b, 0); buyer < b->d.people; buyer++)
        croft_deal_transfer(&b->d, buyer, 0); /* shows its key set */
    return croft_deals_run(&b->d, &cost, why);
}

/* ---- the life of leases ---- */

static void shuffle(struct bench *b)
{
    for (u32 i = b->o->leases; i > 1; i--) {
        u32 k = (u32)croft_rng_below(&b->rng, i), held = b->turn[i - 1];
        b->turn[i - 1] = b->turn[k];
        b->turn[k] = held;
    }
}

static void begin_lease(struct bench *b, u32 lease, u64 order)
{
    enum { AMOUNT = 20000000, LIFE_S = 7200 };
    const struct croft_deal_order o = {
        .buyer = buyer_of(b, lease), .id = order, .amount = AMOUNT, .life_s = LIFE_S, .node = node_of(b, lease)};
    b->lease[lease] = (struct croft_deal_lease){
        .buyer = o.buyer, .number = 1, .order = order, .taken_s = b->d.now_s};
    croft_deal_open(&b->d, &o);
}

static void settle_many(struct bench *b, u32 at)
{
    struct croft_deal_lease *list[CROFT_VOUCHERS_MAX];
    u32 left = b->o->leases - at, count = left < CROFT_VOUCHERS_MAX ? left : CROFT_VOUCHERS_MAX;
    for (u32 i = 0; i < count; i++)
        list[i] = &b->lease[b->turn[at + i]];
    croft_deal_settle(&b->d, node_of(b, b->turn[at]), list, count);
}

static void add_step(struct bench *b, enum step step, u32 round, u32 lease)
{
    struct croft_deal_lease *l = &b->lease[lease];
    switch (step) {
    case STEP_OPEN:
        begin_lease(b, lease, (u64)round * b->o->leases + lease + 1);
        break;
    case STEP_ACK:
        croft_deal_ack(&b->d, node_of(b, lease), l);
        break;
    case STEP_SETTLE:
        croft_deal_settle(&b->d, node_of(b, lease), &l, 1);
        break;
    case STEP_CLOSE:
        croft_deal_close(&b->d, l->buyer, l->order);
        break;
    case STEP_SETTLE_64:
    case STEPS:
        CROFT_UNREACHABLE("not of one lease");
    }
}

static croft_err run_step(struct bench *b, enum step step, u32 round, struct croft_deals_cost *cost,
                          struct croft_why *why)
{
    u32 count = b->o->leases;
    for (u32 i = 0; i < count; i += step == STEP_SETTLE_64 ? CROFT_VOUCHERS_MAX : 1) {
        if (step == STEP_SETTLE_64)
            settle_many(b, i);
        else
            add_step(b, step, round, b->turn[i]);
    }
    CROFT_TRY(croft_deals_run(&b->d, cost, why));
    for (u32 i = 0; step == STEP_OPEN && i < count; i++)
        b->lease[b->turn[i]].stamp = b->d.stamp[i];
    return CROFT_OK;
}

/* What a round cost: its steps, and what came due at their end. */
struct round_cost {
    struct croft_deals_cost step[STEPS];
    double due_s;
};

static void note_round(struct bench *b, u32 round, const struct round_cost *cost)
{
    struct croft_deals_cost all = {0};
    u32 leases = b->o->leases;
    for (u32 s = 0; s < STEPS; s++) {
        const struct croft_deals_cost *c = &cost->step[s];
        b->us[s][round] = croft_deals_seconds(c) * 1e6 / (s == STEP_SETTLE_64 ? leases : c->txs);
        if (s == STEP_SETTLE_64)
            continue;
        all.decode_s += c->decode_s;
        all.execute_s += c->execute_s;
        all.roots_s += c->roots_s;
        all.txs += c->txs;
    }
    CROFT_ASSERT(all.txs == leases * LEASE_TXS);
    double seconds = croft_deals_seconds(&all) + cost->due_s;
    b->decode_us[round] = all.decode_s * 1e6 / all.txs;
    b->execute_us[round] = all.execute_s * 1e6 / all.txs;
    b->roots_us[round] = all.roots_s * 1e6 / all.txs;
    b->due_us[round] = cost->due_s * 1e6 / leases;
    b->txs_per_s[round] = all.txs / seconds;
    b->leases_per_s[round] = leases / seconds;
}

static u32 count_leases(const struct bench *b)
{
    return croft_state_count(croft_ledger_state(b->d.ledger), CROFT_TABLE_LEASES);
}

/* Blocks a second apart, from the end of the window in which vouchers are taken, until all are closed. */
static croft_err close_by_time(struct bench *b, double *out_seconds, struct croft_why *why)
{
    u64 later_s = croft_ledger_param(b->d.ledger, CROFT_PARAM_SETTLE_WINDOW_S);
    u32 due = 1;
    for (; due != 0 && count_leases(b) > 0; later_s = 1) {
        double seconds;
        CROFT_TRY(croft_deals_pass(&b->d, later_s, &seconds, &due, why));
        *out_seconds += seconds;
    }
    return CROFT_OK;
}

/* All leases from their orders to the end of these. */
static croft_err run_leases(struct bench *b, u32 round, struct round_cost *cost, struct croft_why *why)
{
    shuffle(b);
    CROFT_TRY(run_step(b, STEP_OPEN, round, &cost->step[STEP_OPEN], why));
    CROFT_TRY(run_step(b, STEP_ACK, round, &cost->step[STEP_ACK], why));
    for (u32 i = 0; i < SETTLEMENTS; i++) {
        CROFT_TRY(pass(b, SETTLE_EVERY_S, why));
        CROFT_TRY(run_step(b, STEP_SETTLE, round, &cost->step[STEP_SETTLE], why));
    }
    CROFT_TRY(pass(b, SETTLE_EVERY_S, why));
    CROFT_TRY(run_step(b, STEP_SETTLE_64, round, &cost->step[STEP_SETTLE_64], why));
    CROFT_TRY(run_step(b, STEP_CLOSE, round, &cost->step[STEP_CLOSE], why));
    return close_by_time(b, &cost->due_s, why);
}

static croft_err is_all_gone(const struct bench *b, struct croft_why *why)
{
    const struct croft_state *s = croft_ledger_state(b->d.ledger);
    u32 orders = croft_state_count(s, CROFT_TABLE_ORDERS), leases = count_leases(b);
    return orders == 0 && leases == 0 ? CROFT_OK
                                      : croft_fail(why, CROFT_ERR_STATE, "%u orders and %u leases are left", orders,
                                                   leases);
}

static croft_err measure_leases(struct bench *b, struct croft_why *why)
{
    for (u32 round = 0; round <= b->o->rounds; round++) {
        struct round_cost cost = {0};
        CROFT_TRY(run_leases(b, round, &cost, why));
        CROFT_TRY(is_all_gone(b, why));
        if (round > 0)
            note_round(b, round - 1, &cost);
    }
    return CROFT_OK;
}

static void report_leases(struct bench *b)
{
    static const char *const name[STEPS] = {"open_us", "ack_us", "settle_us", "voucher64_us", "close_us"};
    static const char *const what[STEPS] = {
        "order_open with its take", "lease_ack", "settle with one voucher", "each voucher of a settle with 64",
        "order_close, which ends the lease"};
    u32 rounds = b->o->rounds;
    struct croft_report *r = b->report;
    croft_report_add(r, "market_tx_per_s", 1e6 / croft_median(b->us[STEP_SETTLE], rounds), "1/s",
                     "settle transactions of one voucher, one core, no signature checks, no log");
    croft_report_add(r, "market_lifecycle_tx_per_s", croft_median(b->txs_per_s, rounds), "1/s",
                     "the 13 of a lease: open, ack, 10 settle, close; closing by time included; likewise");
    croft_report_add(r, "lifecycles_per_s", croft_median(b->leases_per_s, rounds), "1/s", "likewise");
    for (u32 s = 0; s < STEPS; s++)
        croft_report_add(r, name[s], croft_median(b->us[s], rounds), "us", what[s]);
    croft_report_add(r, "due_us", croft_median(b->due_us, rounds), "us",
                     "a lease closed by time: last pay, rest and deposits back, lease and order go");
    croft_report_add(r, "decode_us", croft_median(b->decode_us, rounds), "us", "of an average one of the 13");
    croft_report_add(r, "execute_us", croft_median(b->execute_us, rounds), "us", "likewise");
    croft_report_add(r, "roots_us", croft_median(b->roots_us, rounds), "us", "likewise");
}

/* ---- a batch ---- */

/* All that providers have received, ever. */
static u64 earned(const struct bench *b)
{
    const struct croft_state *s = croft_ledger_state(b->d.ledger);
    u64 sum = 0;
    for (u32 slot = 0; slot < croft_state_high(s, CROFT_TABLE_PROVIDERS); slot++) {
        struct croft_provider_record r;
        croft_err err =
            croft_layout_decode(&croft_provider_layout, croft_state_value(s, CROFT_TABLE_PROVIDERS, slot), &r);
        CROFT_ASSERT(err == CROFT_OK);
        sum += croft_amt_units(r.earned);
    }
    return sum;
}

static croft_err is_all_paid(const struct bench *b, u64 earned_before, struct croft_why *why)
{
    u64 fee_ppm = croft_ledger_param(b->d.ledger, CROFT_PARAM_MARKET_FEE_PPM);
    u64 price = CROFT_TASKS_MAX * CROFT_DEAL_TASK_PRICE, pay = price - price / 1000000 * fee_ppm;
    if (earned(b) - earned_before != pay)
        return croft_fail(why, CROFT_ERR_STATE, "not every task of the batch was paid");
    return is_all_gone(b, why);
}

static void add_ranges(struct bench *b, u64 order, struct croft_deal_lease range[BATCH_NODES])
{
    for (u32 i = 0; i < BATCH_NODES; i++) {
        range[i] = (struct croft_deal_lease){.buyer = batch_buyer(b), .number = i + 1, .order = order};
        croft_deal_take_tasks(&b->d, node_of(b, i), batch_buyer(b), order, i * BATCH_RANGE, BATCH_RANGE);
    }
}

static croft_err run_batch(struct bench *b, u64 order, struct croft_deals_cost *cost, struct croft_why *why)
{
    enum { MINUTES_S = 600, LIFE_S = 7200 };
    struct croft_deal_lease range[BATCH_NODES];
    const struct croft_deal_order o = {.buyer = batch_buyer(b),
                                       .id = order,
                                       .amount = CROFT_TASKS_MAX * CROFT_DEAL_TASK_PRICE,
                                       .life_s = LIFE_S,
                                       .task_count = CROFT_TASKS_MAX};
    u64 before = earned(b);
    croft_deal_open(&b->d, &o);
    CROFT_TRY(croft_deals_run(&b->d, cost, why));
    add_ranges(b, order, range);
    CROFT_TRY(croft_deals_run(&b->d, cost, why));
    CROFT_TRY(pass(b, MINUTES_S, why));
    for (u32 i = 0; i < BATCH_NODES; i++)
        croft_deal_commit(&b->d, node_of(b, i), &range[i]);
    CROFT_TRY(croft_deals_run(&b->d, cost, why));
    for (u32 i = 0; i < BATCH_NODES; i++)
        croft_deal_accept(&b->d, &range[i]);
    CROFT_TRY(croft_deals_run(&b->d, cost, why));
    return is_all_paid(b, before, why);
}

static croft_err measure_batches(struct bench *b, struct croft_why *why)
{
    double seconds[ROUNDS_MAX];
    u32 txs = 0;
    for (u32 round = 0; round < b->o->rounds; round++) {
        struct croft_deals_cost cost = {0};
        CROFT_TRY(run_batch(b, round + 1, &cost, why));
        seconds[round] = croft_deals_seconds(&cost);
        txs = cost.txs;
    }
    croft_report_add(b->report, "batch_txs", txs, "", "100,000 tasks on 100 nodes: open, take, commit, accept; goal 1000");
    croft_report_add(b->report, "batch_seconds", croft_median(seconds, b->o->rounds), "s",
                     "of the ledger for these, one core, no signature checks, no log");
    return CROFT_OK;
}

/* ---- all ---- */

static croft_err measure_bare(struct bench *b, struct croft_why *why)
{
    CROFT_TRY(make_offers(b, why));
    CROFT_TRY(measure_leases(b, why));
    report_leases(b);
    return measure_batches(b, why);
}

/* The same leases again, through the driver. */
static croft_err measure_solo(struct bench *b, struct croft_why *why)
{
    u32 rounds = b->o->rounds;
    CROFT_TRY(make_offers(b, why));
    CROFT_TRY(measure_leases(b, why));
    croft_report_add(b->report, "solo_settle_us", croft_median(b->us[STEP_SETTLE], rounds), "us",
                     "settle_us through the solo driver: admission and log too, waiting for the disk not");
    croft_report_add(b->report, "solo_lifecycle_tx_per_s", croft_median(b->txs_per_s, rounds), "1/s",
                     "market_lifecycle_tx_per_s likewise");
    return CROFT_OK;
}

static croft_err run_on(struct bench *b, const char *folder, croft_err (*stage)(struct bench *b, struct croft_why *why),
                        struct croft_why *why)
{
    u32 leases = b->o->leases, people = 2 * leases + leases / BUYER_LEASES + 2;
    croft_err err = croft_deals_open(&b->d, people, leases, folder, why);
    if (err == CROFT_OK)
        err = stage(b, why);
    croft_deals_close(&b->d);
    return err;
}

static croft_err run_stages(struct bench *b, struct croft_why *why)
{
    CROFT_TRY(run_on(b, NULL, measure_bare, why));
    return run_on(b, b->o->folder, measure_solo, why);
}

croft_err croft_bench_market(const struct croft_bench_market_options *o, struct croft_report *report,
                             struct croft_why *why)
{
    static struct bench b;
    b = (struct bench){.o = o, .report = report, .rng = croft_rng_of(1)};
    CROFT_ASSERT(o->leases >= CROFT_BENCH_MARKET_LEASES_MIN && o->rounds >= 1 && o->rounds <= ROUNDS_MAX);
    if (!croft_region_map(&b.region, o->leases * (sizeof *b.lease + sizeof *b.turn) + 4096))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    struct croft_arena mem = croft_region_arena(&b.region);
    b.lease = croft_new(&mem, struct croft_deal_lease, o->leases);
    b.turn = croft_new(&mem, u32, o->leases);
    CROFT_ASSERT(b.lease != NULL && b.turn != NULL);
    for (u32 i = 0; i < o->leases; i++)
        b.turn[i] = i;
    croft_err err = run_stages(&b, why);
    croft_region_unmap(&b.region);
    return err;
}
