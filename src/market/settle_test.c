/* Goal: what is owed is what the formulas say, to the unit; many receipts cost what one large one does; the
 * meters of an escrow run dry at one second, and then the escrow is not short.  Method: a vector file written
 * by tools/make_settle_vectors.py over rational numbers; random escrows against sums made afresh from each
 * lease's own life, exact in units of 1/3600; the limits of the types. */
#include "market/settle.h"

#include "base/assert.h"
#include "base/rng.h"
#include "base/testing.h"

#include <string.h>

typedef __int128 i128;

/* ---- the vector file ---- */

enum { NUMBERS_MAX = 16, LINE_BYTES = 400, FILE_LEASES = 64 };

struct file_lease {
    struct croft_meter meter;
    struct croft_amt aside;
};

/* What lines of the file refer to. */
struct file_state {
    struct croft_escrow escrow;
    u64 hold_s;
    struct file_lease lease[FILE_LEASES];
    struct croft_oracle_report report[CROFT_ORACLE_REPORTS_MAX];
    size_t reports;
};

static struct croft_amt units(u64 n)
{
    return croft_amt_of(n);
}

static const struct croft_amt no_limit = {UINT64_MAX};

static void check(struct croft_amt got, u64 want)
{
    assert_int_equal(croft_amt_units(got), want);
}

static struct croft_meter meter_of(const u64 *n)
{
    return (struct croft_meter){.price = 1,
                                .kind = (enum croft_price_kind)n[0],
                                .taken_s = n[1],
                                .served_until_s = n[2],
                                .units = n[3]};
}

static void line_pay(struct file_state *s, const u64 *n)
{
    (void)s;
    check(croft_pay(n[0], (enum croft_price_kind)n[1], n[2]), n[3]);
}

static void line_cover(struct file_state *s, const u64 *n)
{
    (void)s;
    struct croft_amt out = {0};
    assert_int_equal(croft_cover(&out, n[0], (enum croft_price_kind)n[1], n[2]), n[3] == 1);
    check(out, n[4]);
}

static void line_covered(struct file_state *s, const u64 *n)
{
    (void)s;
    assert_int_equal(croft_units_covered(units(n[0]), n[1], (enum croft_price_kind)n[2]), n[3]);
}

static void line_fee(struct file_state *s, const u64 *n)
{
    (void)s;
    struct croft_split split = croft_pay_split(units(n[0]), units(n[1]), n[2]);
    check(split.fee, n[3]);
    check(split.payee, n[1] - n[0] - n[3]);
}

static void line_voucher(struct file_state *s, const u64 *n)
{
    (void)s;
    struct croft_meter m = meter_of(n);
    assert_int_equal(croft_voucher_check(&m, n[4], n[5], n[6], n[7]), n[8]);
}

static void line_cut(struct file_state *s, const u64 *n)
{
    (void)s;
    struct croft_meter m = meter_of(n);
    u64 served_until_s = n[5], count = n[6];
    croft_voucher_cut(&m, n[4], &served_until_s, &count);
    assert_int_equal(served_until_s, n[7]);
    assert_int_equal(count, n[8]);
}

static void line_unsigned(struct file_state *s, const u64 *n)
{
    (void)s;
    struct croft_meter m = meter_of(n);
    assert_int_equal(croft_meter_unsigned(&m, n[4] == 1, n[5], n[6]), n[7]);
}

static void line_promise(struct file_state *s, const u64 *n)
{
    (void)s;
    struct croft_promise p = {.firm_until_s = n[0], .notice_s = n[1], .end_s = n[2]};
    assert_int_equal(croft_promise_left(&p, n[3]), n[4]);
}

static void line_penalty(struct file_state *s, const u64 *n)
{
    (void)s;
    check(croft_penalty(n[0], n[1], n[2]), n[3]);
}

static void line_index(struct file_state *s, const u64 *n)
{
    (void)s;
    assert_int_equal(croft_epoch_index(units(n[0]), units(n[1]), n[2], n[3]), n[4]);
}

static void line_reward(struct file_state *s, const u64 *n)
{
    (void)s;
    check(croft_epoch_reward(units(n[0]), n[1]), n[2]);
}

static void line_emission(struct file_state *s, const u64 *n)
{
    (void)s;
    check(croft_emission_next(units(n[0]), n[1]), n[2]);
}

static void line_spend(struct file_state *s, const u64 *n)
{
    (void)s;
    struct croft_amt spend_only = units(n[0]), held = units(n[1]);
    check(croft_converted_spend(&spend_only, &held, units(n[2])), n[3]);
    check(spend_only, n[4]);
    check(held, n[5]);
}

static void line_report(struct file_state *s, const u64 *n)
{
    s->report[s->reports++] = (struct croft_oracle_report){.price = n[0], .power = n[1], .at_s = n[2]};
}

static void line_median(struct file_state *s, const u64 *n)
{
    struct croft_oracle_rule rule = {.power_total = n[0], .stale_s = n[1], .spread_ppm = n[2]};
    u64 price = 0;
    assert_int_equal(croft_oracle_median(s->report, s->reports, &rule, n[3], &price), n[4]);
    assert_int_equal(price, n[5]);
    s->reports = 0;
}

static void line_escrow(struct file_state *s, const u64 *n)
{
    s->escrow = (struct croft_escrow){.balance = units(n[0]), .at_s = n[1]};
    s->hold_s = 0;
}

static void line_advance(struct file_state *s, const u64 *n)
{
    croft_escrow_advance(&s->escrow, n[0]);
}

static void line_top(struct file_state *s, const u64 *n)
{
    s->escrow.balance = croft_amt_add_must(s->escrow.balance, units(n[0]));
}

static void line_join(struct file_state *s, const u64 *n)
{
    struct croft_metered_terms terms = {
        .price = n[1], .keep_price = n[2], .hold_s = n[3], .keep_s = n[4], .take_fee_s = n[5]};
    struct croft_metered_aside aside;
    assert_true(croft_aside_metered(&aside, &terms));
    check(aside.hold, n[6]);
    check(aside.keep, n[7]);
    check(aside.take_fee, n[8]);
    check(aside.sum, n[6] + n[7] + n[8]);
    u64 now_s = s->escrow.at_s;
    s->hold_s = n[3];
    s->lease[n[0]] =
        (struct file_lease){{.price = n[1], .taken_s = now_s, .served_until_s = now_s}, aside.sum};
    croft_escrow_aside(&s->escrow, units(0), aside.sum);
    croft_escrow_join(&s->escrow, n[1]);
}

static void line_counted(struct file_state *s, const u64 *n)
{
    struct file_lease *lease = &s->lease[n[0]];
    u64 now_s = s->escrow.at_s;
    *lease = (struct file_lease){{.price = n[1], .taken_s = now_s, .served_until_s = now_s}, {0}};
    lease->meter.kind = (enum croft_price_kind)n[2];
    assert_true(croft_cover(&lease->aside, n[1], lease->meter.kind, n[3]));
    check(lease->aside, n[4]);
    croft_escrow_aside(&s->escrow, units(0), lease->aside);
}

static void line_aside(struct file_state *s, const u64 *n)
{
    check(s->lease[n[0]].aside, n[1]);
    s->lease[n[0]].aside = units(n[2]);
    croft_escrow_aside(&s->escrow, units(n[1]), units(n[2]));
}

static void line_settle(struct file_state *s, const u64 *n)
{
    check(croft_escrow_settle(&s->escrow, &s->lease[n[0]].meter, n[1], n[2], no_limit), n[3]);
}

static void line_claim(struct file_state *s, const u64 *n)
{
    struct file_lease *lease = &s->lease[n[0]];
    check(croft_escrow_claim(&s->escrow, &lease->meter, &lease->aside, n[1], n[2], no_limit), n[3]);
}

static void line_end(struct file_state *s, const u64 *n)
{
    struct file_lease *lease = &s->lease[n[0]];
    lease->aside = croft_escrow_end(&s->escrow, &lease->meter, lease->aside, n[1]);
    check(lease->aside, n[2]);
}

static void line_close(struct file_state *s, const u64 *n)
{
    struct file_lease *lease = &s->lease[n[0]];
    struct croft_closing c = {
        .aside = lease->aside, .most = no_limit, .started = n[1] == 1, .end_s = n[2], .unsigned_s = n[3]};
    check(croft_escrow_close(&s->escrow, &lease->meter, &c), n[4]);
}

static void line_is(struct file_state *s, const u64 *n)
{
    const struct croft_escrow *e = &s->escrow;
    struct croft_amt left;
    check(e->balance, n[0]);
    check(e->aside, n[1]);
    assert_int_equal(e->rate, n[2]);
    assert_int_equal(e->accrued, n[3]);
    assert_int_equal(e->part, n[4]);
    check(e->paid, n[5]);
    assert_int_equal(croft_escrow_free(e, e->at_s, &left), n[6] == 1);
    check(left, n[7]);
    assert_int_equal(croft_escrow_dry_s(e), n[8]);
    assert_int_equal(croft_escrow_stop_s(e, s->hold_s), n[9]);
}

static const struct verb {
    const char *name;
    size_t numbers;
    void (*follow)(struct file_state *s, const u64 *n);
} verbs[] = {
    {"pay", 4, line_pay},           {"cover", 5, line_cover},     {"covered", 4, line_covered},
    {"fee", 4, line_fee},           {"voucher", 9, line_voucher}, {"cut", 9, line_cut},
    {"unsigned", 8, line_unsigned}, {"promise", 5, line_promise}, {"penalty", 4, line_penalty},
    {"index", 5, line_index},       {"reward", 3, line_reward},   {"emission", 3, line_emission},
    {"spend", 6, line_spend},       {"report", 3, line_report},   {"median", 6, line_median},
    {"escrow", 2, line_escrow},     {"advance", 1, line_advance}, {"top", 1, line_top},
    {"join", 9, line_join},         {"counted", 5, line_counted}, {"aside", 3, line_aside},
    {"settle", 4, line_settle},     {"claim", 4, line_claim},     {"end", 3, line_end},
    {"close", 5, line_close},       {"is", 10, line_is},
};

static size_t verb_of(const char *name)
{
    size_t i = 0;
    while (i < CROFT_COUNT(verbs) && strcmp(verbs[i].name, name) != 0)
        i++;
    assert_true(i < CROFT_COUNT(verbs));
    return i;
}

static void test_vector_file(void **unused)
{
    (void)unused;
    FILE *file = fopen("tests/vectors/settle.txt", "r");
    assert_non_null(file);
    static struct file_state s;
    char line[LINE_BYTES];
    int seen[CROFT_COUNT(verbs)] = {0};
    while (fgets(line, sizeof line, file)) {
        char *rest = NULL;
        const char *name = strtok_r(line, " \n", &rest);
        if (name == NULL || name[0] == '#')
            continue;
        u64 n[NUMBERS_MAX];
        size_t verb = verb_of(name), count = 0;
        for (char *word; (word = strtok_r(NULL, " \n", &rest)) != NULL && count < NUMBERS_MAX;)
            n[count++] = strtoull(word, NULL, 10);
        assert_int_equal(count, verbs[verb].numbers);
        verbs[verb].follow(&s, n);
        seen[verb]++;
    }
    fclose(file);
    for (size_t i = 0; i < CROFT_COUNT(verbs); i++)
        assert_true(seen[i] >= 6);
}

/* ---- random escrows ---- */

enum { LEASES = 6, STEPS = 50, WORLDS = 20000, STEP_MAX_S = 40 };
enum stage { NONE, RUNNING, ENDED, COUNTED };

struct lease {
    enum stage stage;
    struct croft_meter m;
    struct croft_amt aside, take_fee, fees;
    u64 units_max, end_s;
    bool started;
};

struct world {
    struct croft_rng rng;
    struct croft_escrow e;
    struct lease lease[LEASES];
    u64 hold_s, unsigned_s, fee_ppm;
    u64 put_in, paid_out;
    u64 dried, stopped; /* how often, to know that the test went there */
};

static u64 draw(struct world *w, u64 low, u64 high)
{
    return low + croft_rng_below(&w->rng, high - low + 1);
}

/* Seconds that the lease can have run by t_s, from its own life alone. */
static i128 may_have_run(const struct lease *l, u64 t_s)
{
    u64 known_s = l->m.units == 0 ? l->m.taken_s : l->m.served_until_s;
    return (i128)l->m.units + (i128)t_s - (i128)known_s;
}

/* (What the running leases share - what they can have claimed by t_s) * 3600. */
static i128 spare(const struct world *w, u64 t_s)
{
    i128 left = (i128)w->e.balance.units;
    for (int i = 0; i < LEASES; i++)
        left -= w->lease[i].stage == NONE ? 0 : (i128)w->lease[i].aside.units;
    for (int i = 0; i < LEASES; i++)
        left += w->lease[i].stage == RUNNING ? (i128)w->lease[i].m.paid.units : 0;
    left *= 3600;
    for (int i = 0; i < LEASES; i++)
        if (w->lease[i].stage == RUNNING)
            left -= (i128)w->lease[i].m.price * may_have_run(&w->lease[i], t_s);
    return left;
}

static void check_sums(const struct world *w)
{
    i128 accrued = 0, rate = 0, paid = 0, aside = 0;
    for (int i = 0; i < LEASES; i++) {
        const struct lease *l = &w->lease[i];
        aside += l->stage == NONE ? 0 : (i128)l->aside.units;
        if (l->stage != RUNNING)
            continue;
        accrued += (i128)l->m.price * may_have_run(l, w->e.at_s);
        rate += (i128)l->m.price;
        paid += (i128)l->m.paid.units;
    }
    assert_true(accrued == (i128)w->e.accrued * 3600 + w->e.part);
    assert_true(rate == (i128)w->e.rate && paid == (i128)w->e.paid.units && aside == (i128)w->e.aside.units);
    assert_int_equal(w->e.balance.units + w->paid_out, w->put_in);
}

/* The last second at which the money still suffices: it does at that one and not at the next. */
static void check_dry(const struct world *w)
{
    u64 dry_s = croft_escrow_dry_s(&w->e);
    if (w->e.rate == 0 || dry_s == CROFT_NEVER_S) {
        assert_true(w->e.rate == 0 || spare(w, CROFT_DRY_MAX_S) >= 0);
        return;
    }
    assert_true(spare(w, dry_s) >= 0 && spare(w, dry_s + 1) < 0);
    struct croft_amt left;
    bool not_short = croft_escrow_free(&w->e, w->e.at_s, &left);
    i128 exact = spare(w, w->e.at_s);
    assert_true(not_short == (exact >= 0));
    assert_true((i128)left.units == (exact >= 0 ? exact / 3600 : 0));
}

/* Small cases: second by second until the money is gone. */
static u64 dry_by_stepping(const struct world *w)
{
    u64 t_s = w->e.at_s;
    if (spare(w, t_s) < 0) {
        while (spare(w, t_s) < 0)
            t_s--;
        return t_s;
    }
    while (spare(w, t_s + 1) >= 0)
        t_s++;
    return t_s;
}

static void book(struct world *w, struct lease *l, struct croft_amt payment)
{
    struct croft_amt before = croft_amt_sub_must(l->m.paid, payment);
    struct croft_split split = croft_pay_split(before, l->m.paid, w->fee_ppm);
    check(croft_amt_add_must(split.fee, split.payee), payment.units);
    l->fees = croft_amt_add_must(l->fees, split.fee);
    w->paid_out += payment.units;
}

static void end_lease(struct world *w, struct lease *l, u64 end_s)
{
    l->aside = croft_escrow_end(&w->e, &l->m, l->aside, end_s);
    l->stage = ENDED;
    l->end_s = end_s;
}

static void close_lease(struct world *w, struct lease *l)
{
    if (l->stage == COUNTED)
        l->end_s = w->e.at_s;
    struct croft_amt before = l->m.paid;
    struct croft_closing c = {l->aside, no_limit, l->started, l->end_s, w->unsigned_s};
    struct croft_amt payment = croft_escrow_close(&w->e, &l->m, &c);
    book(w, l, payment);
    check(l->m.paid, before.units + payment.units);

    /* However many receipts there were: paid and fees are those of one. */
    u64 more_s = l->started && l->stage == ENDED ? l->end_s - l->m.served_until_s : 0;
    more_s = more_s < w->unsigned_s ? more_s : w->unsigned_s;
    check(l->m.paid, croft_pay(l->m.price, l->m.kind, l->m.units + more_s).units);
    check(l->fees, croft_pay_split(units(0), l->m.paid, w->fee_ppm).fee.units);
    *l = (struct lease){.stage = NONE};
}

/* A voucher for all that can have run or been counted, of every lease; then every lease closed. */
static void close_all(struct world *w)
{
    for (int i = 0; i < LEASES; i++) {
        struct lease *l = &w->lease[i];
        if (l->stage == NONE)
            continue;
        u64 until_s = l->stage == ENDED ? l->end_s : w->e.at_s;
        u64 most = l->stage == ENDED ? (u64)may_have_run(l, until_s) : l->units_max;
        l->started = true;
        book(w, l, croft_escrow_claim(&w->e, &l->m, &l->aside, until_s, most, no_limit));
        close_lease(w, l);
        check_sums(w);
    }
    assert_int_equal(w->e.aside.units, 0);
}

static void end_all(struct world *w)
{
    u64 stop_s = w->e.at_s;
    for (int i = 0; i < LEASES; i++)
        if (w->lease[i].stage == RUNNING) {
            end_lease(w, &w->lease[i], stop_s);
            check_sums(w);
        }
    assert_true(w->e.aside.units <= w->e.balance.units);
    assert_true(w->e.rate == 0 && w->e.accrued == 0 && w->e.part == 0 && w->e.paid.units == 0);
}

/* Were nobody to do anything more, and every lease to run on and be vouched for: nobody is short. */
static void check_never_short(const struct world *now)
{
    struct world w = *now;
    u64 stop_s = croft_escrow_stop_s(&w.e, w.hold_s);
    assert_true(stop_s >= w.e.at_s);
    if (stop_s != CROFT_NEVER_S)
        croft_escrow_advance(&w.e, stop_s);
    end_all(&w);
    close_all(&w);
}

static void let_pass(struct world *w, u64 seconds)
{
    u64 to_s = w->e.at_s + seconds, stop_s = croft_escrow_stop_s(&w->e, w->hold_s);
    w->dried += to_s >= croft_escrow_dry_s(&w->e);
    if (to_s >= stop_s) {
        croft_escrow_advance(&w->e, stop_s);
        end_all(w);
        w->stopped++;
    }
    u64 before = croft_escrow_dry_s(&w->e);
    croft_escrow_advance(&w->e, to_s);
    assert_int_equal(croft_escrow_dry_s(&w->e), before);
}

static u64 random_price(struct world *w)
{
    static const u64 odd[] = {1, 7, 3599, 3600, 3601, 1000000};
    u64 which = croft_rng_below(&w->rng, 8);
    return which < CROFT_COUNT(odd) ? odd[which] : 1 + croft_rng_below(&w->rng, 100000000);
}

static bool affordable(const struct world *w, struct croft_amt aside)
{
    struct croft_amt left;
    return croft_escrow_free(&w->e, w->e.at_s, &left) && croft_amt_cmp(aside, left) <= 0;
}

static void take_metered(struct world *w, struct lease *l)
{
    struct croft_metered_terms t = {random_price(w), draw(w, 0, 1000), w->hold_s, draw(w, 0, 3600),
                                    draw(w, 0, 1)};
    struct croft_metered_aside aside;
    assert_true(croft_aside_metered(&aside, &t));
    if (!affordable(w, aside.sum))
        return;
    u64 now_s = w->e.at_s;
    croft_escrow_aside(&w->e, units(0), aside.sum);
    croft_escrow_join(&w->e, t.price);
    *l = (struct lease){.stage = RUNNING,
                        .m = {.price = t.price, .taken_s = now_s, .served_until_s = now_s},
                        .aside = aside.sum,
                        .take_fee = aside.take_fee};
}

static void take_counted(struct world *w, struct lease *l)
{
    enum croft_price_kind kind = (enum croft_price_kind)draw(w, CROFT_PRICE_TOKEN, CROFT_PRICE_FRAME);
    u64 price = random_price(w), most = draw(w, 1, 5 * croft_price_per(kind));
    struct croft_amt aside;
    if (!croft_cover(&aside, price, kind, most) || !affordable(w, aside))
        return;
    croft_escrow_aside(&w->e, units(0), aside);
    *l =
        (struct lease){.stage = COUNTED,
                       .m = {.price = price, .kind = kind, .taken_s = w->e.at_s, .served_until_s = w->e.at_s},
                       .aside = aside,
                       .units_max = most};
}

static void start(struct world *w, struct lease *l)
{
    struct croft_amt after = croft_amt_sub_must(l->aside, l->take_fee);
    croft_escrow_aside(&w->e, l->aside, after);
    l->aside = after;
    l->take_fee = units(0);
}

/* A voucher, good but for what lies after the lease's end; it may say that some of the time was paused. */
static void vouch(struct world *w, struct lease *l)
{
    u64 served_s = draw(w, l->m.served_until_s, w->e.at_s), most = l->units_max;
    if (l->m.kind == CROFT_PRICE_SECOND)
        most = (u64)may_have_run(l, served_s);
    u64 count = croft_rng_chance(&w->rng, 3) ? most : draw(w, l->m.units, most);
    assert_int_equal(croft_voucher_check(&l->m, served_s, count, l->units_max, w->e.at_s),
                     CROFT_VOUCHER_GOOD);
    if (l->stage == ENDED)
        croft_voucher_cut(&l->m, l->end_s, &served_s, &count);
    if (l->stage == RUNNING && !croft_amt_is_zero(l->take_fee))
        start(w, l);
    l->started = true;
    struct croft_amt payment = l->stage == RUNNING
                                   ? croft_escrow_settle(&w->e, &l->m, served_s, count, no_limit)
                                   : croft_escrow_claim(&w->e, &l->m, &l->aside, served_s, count, no_limit);
    check(l->m.paid, croft_pay(l->m.price, l->m.kind, count).units);
    book(w, l, payment);
}

static void top_up(struct world *w)
{
    u64 amount = draw(w, 0, 100000);
    w->e.balance = croft_amt_add_must(w->e.balance, units(amount));
    w->put_in += amount;
}

static void act(struct world *w)
{
    struct lease *l = &w->lease[croft_rng_below(&w->rng, LEASES)];
    u64 dice = croft_rng_below(&w->rng, 8);
    if (l->stage == NONE)
        dice < 5 ? take_metered(w, l) : take_counted(w, l);
    else if (dice < 4)
        vouch(w, l);
    else if (dice == 4)
        top_up(w);
    else if (dice == 5 && l->stage == RUNNING)
        end_lease(w, l, draw(w, l->m.served_until_s, w->e.at_s)); /* of a record that was due a while ago */
    else if (dice == 6 && l->stage != RUNNING)
        close_lease(w, l);
}

static struct world new_world(u64 seed)
{
    static const u64 holds[] = {0, 1, 7, 120}, unsigneds[] = {0, 5, 60}, fees[] = {0, 20000, 33333, 1000000};
    struct world w = {.rng = croft_rng_of(seed)};
    w.put_in = croft_rng_below(&w.rng, 10000000);
    w.e = (struct croft_escrow){.balance = units(w.put_in), .at_s = 100000};
    w.hold_s = holds[croft_rng_below(&w.rng, CROFT_COUNT(holds))];
    w.unsigned_s = unsigneds[croft_rng_below(&w.rng, CROFT_COUNT(unsigneds))];
    w.fee_ppm = fees[croft_rng_below(&w.rng, CROFT_COUNT(fees))];
    return w;
}

static void test_random_escrows(void **unused)
{
    (void)unused;
    struct croft_rng seeds = croft_rng_of(croft_test_seed());
    u64 dried = 0, stopped = 0;
    for (int i = 0; i < WORLDS; i++) {
        struct world w = new_world(croft_rng_next(&seeds));
        for (int step = 0; step < STEPS; step++) {
            let_pass(&w, croft_rng_below(&w.rng, STEP_MAX_S));
            act(&w);
            check_sums(&w);
            check_dry(&w);
            if (step % 8 == 0)
                check_never_short(&w);
        }
        check_never_short(&w);
        dried += w.dried;
        stopped += w.stopped;
    }
    assert_true(dried > WORLDS && stopped > WORLDS / 4);
}

static void test_dry_second_by_stepping(void **unused)
{
    (void)unused;
    struct croft_rng seeds = croft_rng_of(croft_test_seed());
    int compared = 0;
    for (int i = 0; i < 500; i++) {
        struct world w = new_world(croft_rng_next(&seeds));
        for (int step = 0; step < STEPS; step++) {
            let_pass(&w, croft_rng_below(&w.rng, STEP_MAX_S));
            act(&w);
            u64 dry_s = croft_escrow_dry_s(&w.e);
            if (dry_s > w.e.at_s + 5000)
                continue;
            assert_int_equal(dry_s, dry_by_stepping(&w));
            compared++;
        }
    }
    assert_true(compared > 1000);
}

/* ---- vouchers ---- */

/* Vouchers of a run with pauses, signed now and then: any of them may be lost, and none of the rest is
 * refused. */
static void test_vouchers_of_a_run(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int run = 0; run < 2000; run++) {
        u64 taken_s = 1000, count = 0;
        struct croft_meter m = {.price = 1, .taken_s = taken_s, .served_until_s = taken_s};
        bool paused = false;
        for (u64 now_s = taken_s; now_s < taken_s + 200; now_s++) {
            if (croft_rng_chance(&rng, 4)) {
                u64 from_s = croft_meter_from(&m);
                assert_int_equal(croft_voucher_check(&m, now_s, count, 0, now_s), CROFT_VOUCHER_GOOD);
                m.served_until_s = now_s;
                m.units = count;
                assert_true(croft_meter_from(&m) >= from_s);
                u64 most = now_s - croft_meter_from(&m);
                assert_int_equal(croft_voucher_check(&m, now_s, most + 1, 0, now_s), CROFT_VOUCHER_AHEAD);
                assert_int_equal(croft_voucher_check(&m, now_s + 1, count, 0, now_s), CROFT_VOUCHER_AHEAD);
            }
            paused ^= croft_rng_chance(&rng, 10);
            count += !paused;
        }
    }
}

/* A delegate's cap: what is owed is paid as far as it goes, and what is left of it later. */
static void test_payment_is_cut(void **unused)
{
    (void)unused;
    struct croft_escrow e = {.balance = units(1000), .at_s = 100};
    croft_escrow_join(&e, 3600);
    struct croft_meter m = {.price = 3600, .taken_s = 100, .served_until_s = 100};
    croft_escrow_advance(&e, 200);
    check(croft_escrow_settle(&e, &m, 200, 100, units(30)), 30);
    assert_int_equal(croft_escrow_dry_s(&e), 1100);
    check(croft_escrow_settle(&e, &m, 200, 100, units(0)), 0);
    struct croft_amt aside = croft_escrow_end(&e, &m, units(0), 200);
    check(aside, 70);
    check(croft_escrow_claim(&e, &m, &aside, 200, 100, units(20)), 20);
    struct croft_closing c = {
        .aside = aside, .most = units(5), .started = true, .end_s = 200, .unsigned_s = 60};
    check(croft_escrow_close(&e, &m, &c), 5);
    check(e.balance, 945);
    check(e.aside, 0);
}

/* A prepaid term: its early end leaves what ran and what the buyer pays for leaving; both fit what lay aside.
 */
static void test_prepaid_end(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < 5000; i++) {
        u64 price = 1 + croft_rng_below(&rng, CROFT_PRICE_MAX), term_s = 1 + croft_rng_below(&rng, 100000);
        u64 cap_s = croft_rng_below(&rng, 90000), gone_s = croft_rng_below(&rng, term_s + 1);
        struct croft_meter m = {.price = price, .taken_s = 50, .served_until_s = 50};
        struct croft_amt aside;
        assert_true(croft_cover(&aside, price, CROFT_PRICE_SECOND, term_s));
        struct croft_escrow e = {.balance = aside, .aside = aside, .at_s = 50};
        croft_escrow_advance(&e, 50 + gone_s);
        u64 served_s = 50 + croft_rng_below(&rng, gone_s + 1);
        (void)croft_escrow_claim(&e, &m, &aside, served_s, croft_rng_below(&rng, served_s - 50 + 1),
                                 no_limit);
        struct croft_amt left = croft_meter_left(&m, 50 + gone_s);
        struct croft_promise p = {.firm_until_s = 50 + term_s};
        struct croft_amt penalty = croft_penalty(price, croft_promise_left(&p, 50 + gone_s), cap_s);
        assert_true(left.units + penalty.units <= aside.units);
    }
}

static void test_promise_binds(void **unused)
{
    (void)unused;
    struct croft_meter m = {.price = 1, .taken_s = 10, .served_until_s = 100, .units = 5};
    assert_true(croft_promise_binds(&m, 100, 0));
    assert_true(croft_promise_binds(&m, 3700, 3600));
    assert_false(croft_promise_binds(&m, 3701, 3600));
}

/* ---- limits of the types ---- */

/* As many meters as may be, at the highest price, for 2^25 seconds. */
static void test_largest_escrow(void **unused)
{
    (void)unused;
    const u64 long_s = UINT64_C(1) << 25;
    struct croft_escrow e = {.balance = no_limit, .at_s = UINT64_C(1) << 31};
    struct croft_meter m[CROFT_METERS_MAX];
    for (int i = 0; i < CROFT_METERS_MAX; i++) {
        m[i] = (struct croft_meter){.price = CROFT_PRICE_MAX, .taken_s = e.at_s, .served_until_s = e.at_s};
        croft_escrow_join(&e, CROFT_PRICE_MAX);
    }
    u64 dry_s = e.at_s + (u64)((u128)UINT64_MAX * 3600 / (CROFT_METERS_MAX * CROFT_PRICE_MAX));
    assert_int_equal(croft_escrow_dry_s(&e), dry_s);
    croft_escrow_advance(&e, e.at_s + long_s);
    u64 paid = 0;
    for (int i = 0; i < CROFT_METERS_MAX; i++) {
        paid += croft_escrow_settle(&e, &m[i], e.at_s, long_s, no_limit).units;
        check(m[i].paid, UINT64_C(163971058432973792));
    }
    check(e.balance, UINT64_MAX - paid);
    assert_int_equal(croft_escrow_dry_s(&e), dry_s);
    for (int i = 0; i < CROFT_METERS_MAX; i++)
        check(croft_escrow_end(&e, &m[i], units(0), e.at_s), 0);
    assert_true(e.rate == 0 && e.accrued == 0 && e.part == 0 && e.paid.units == 0);
}

static void test_limits(void **unused)
{
    (void)unused;
    struct croft_escrow e = {.balance = no_limit, .at_s = 5};
    struct croft_amt left;
    assert_true(croft_escrow_free(&e, 5, &left));
    check(left, UINT64_MAX);
    assert_int_equal(croft_escrow_dry_s(&e), CROFT_NEVER_S);
    croft_escrow_join(&e, 1);
    assert_int_equal(croft_escrow_dry_s(&e), CROFT_NEVER_S);
    assert_int_equal(croft_escrow_stop_s(&e, UINT64_MAX), CROFT_NEVER_S);

    /* Short by more than there are seconds: not before the beginning of time. */
    struct croft_escrow poor = {.aside = no_limit, .at_s = 1000, .rate = 1};
    assert_int_equal(croft_escrow_dry_s(&poor), 0);
    assert_false(croft_escrow_free(&poor, 1000, &left));
    check(left, 0);

    struct croft_metered_aside aside = {.sum = {7}};
    struct croft_metered_terms too_much = {.price = UINT64_MAX, .hold_s = 3600, .keep_price = 1, .keep_s = 1};
    assert_false(croft_aside_metered(&aside, &too_much));
    too_much = (struct croft_metered_terms){.price = UINT64_MAX, .hold_s = 3601};
    assert_false(croft_aside_metered(&aside, &too_much));
    check(aside.sum, 7);

    u64 price = 7;
    assert_false(croft_keep_price(&price, CROFT_PRICE_MAX, 2));
    assert_false(croft_keep_price(&price, UINT64_MAX, UINT64_MAX));
    assert_int_equal(price, 7);
    assert_true(croft_keep_price(&price, CROFT_PRICE_MAX / 4, 4));
    assert_int_equal(price, CROFT_PRICE_MAX);
    assert_true(croft_keep_price(&price, 0, UINT64_MAX));
    assert_int_equal(price, 0);
}

/* ---- token ---- */

/* However fees are spread over providers, an epoch mints at most its emission and at most kappa of the fees'
 * worth. */
static void test_rewards_stay_below_emission_and_kappa(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < 5000; i++) {
        u64 fees[16], sum = 0, emission = croft_rng_below(&rng, UINT64_C(1) << croft_rng_below(&rng, 64));
        u64 kappa = croft_rng_below(&rng, 990001), price = 1 + croft_rng_below(&rng, UINT64_C(1) << 40);
        for (size_t j = 0; j < CROFT_COUNT(fees); j++)
            sum += fees[j] = croft_rng_below(&rng, UINT64_C(1) << croft_rng_below(&rng, 50));
        u64 index = croft_epoch_index(units(emission), units(sum), kappa, price);
        u128 minted = 0;
        for (size_t j = 0; j < CROFT_COUNT(fees); j++) {
            struct croft_amt reward = {0}, own = units(fees[j]);
            croft_reward_roll(&reward, &own, index);
            check(own, 0);
            minted += reward.units;
            assert_true((u128)reward.units * price <= (u128)fees[j] * kappa * 1000);
        }
        assert_true(minted <= emission);
    }
    struct croft_amt reward = units(UINT64_MAX - 1), fees = units(2);
    croft_reward_roll(&reward, &fees, UINT64_C(1) << 32);
    check(reward, UINT64_MAX);
}

/* Spent in many parts: CROFT never runs out before the credits that stand for it, and goes with the last of
 * them. */
static void test_converted_in_parts(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < 5000; i++) {
        struct croft_amt spend_only = units(1 + croft_rng_below(&rng, 1000000)),
                         held = units(croft_rng_next(&rng));
        u64 all = held.units, used = 0;
        while (!croft_amt_is_zero(spend_only)) {
            u64 before = held.units;
            used += croft_converted_spend(&spend_only, &held, units(croft_rng_below(&rng, 300000))).units;
            assert_true(held.units <= before && used + held.units == all);
        }
        assert_int_equal(held.units, 0);
    }
}

static int by_number(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return (x > y) - (x < y);
}

/* One entry per unit of power, sorted; the quantile is read off. */
static u64 quantile_of_list(const u64 *list, u64 count, u64 num, u64 den)
{
    return list[(count * num + den - 1) / den - 1];
}

static void test_median_of_a_list(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    int verdicts[3] = {0};
    for (int i = 0; i < 5000; i++) {
        struct croft_oracle_report report[CROFT_ORACLE_REPORTS_MAX];
        u64 list[CROFT_ORACLE_REPORTS_MAX * 5], count = 0, price = 0, now_s = 10000;
        size_t reports = 1 + croft_rng_below(&rng, CROFT_ORACLE_REPORTS_MAX);
        u64 range = 1 + croft_rng_below(&rng, 120), power_total = croft_rng_below(&rng, 40);
        for (size_t j = 0; j < reports; j++) {
            report[j] = (struct croft_oracle_report){1000 + croft_rng_below(&rng, range),
                                                     1 + croft_rng_below(&rng, 5),
                                                     now_s - croft_rng_below(&rng, 120)};
            power_total += report[j].power;
            for (u64 k = 0; k < report[j].power && report[j].at_s >= now_s - 100; k++)
                list[count++] = report[j].price;
        }
        qsort(list, count, sizeof *list, by_number);
        struct croft_oracle_rule rule = {power_total, 100, 50000};
        enum croft_oracle_verdict verdict = croft_oracle_median(report, reports, &rule, now_s, &price);
        verdicts[verdict]++;
        if (count * 3 <= power_total * 2) {
            assert_int_equal(verdict, CROFT_ORACLE_FEW);
            continue;
        }
        u64 median = quantile_of_list(list, count, 1, 2);
        u64 spread = quantile_of_list(list, count, 5, 6) - quantile_of_list(list, count, 1, 6);
        assert_int_equal(verdict, spread * 20 > median ? CROFT_ORACLE_APART : CROFT_ORACLE_GOOD);
        assert_int_equal(price, verdict == CROFT_ORACLE_GOOD ? median : 0);
    }
    assert_true(verdicts[0] > 100 && verdicts[1] > 100 && verdicts[2] > 100);
}

static bool is_near(const struct croft_oracle_report *r, u64 price, u64 most)
{
    return r->price > price ? r->price - price <= most : price - r->price <= most;
}

/* Whatever the others say: while honest reports are more than 1/3 of what counts, a price is near one of
 * them. */
static void test_lies_stay_near_the_truth(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    int good = 0;
    for (int i = 0; i < 20000; i++) {
        struct croft_oracle_report report[16];
        u64 honest = 0, counted = 0, price = 0, lie = 500000 + croft_rng_below(&rng, 1000000);
        size_t honest_count = 1 + croft_rng_below(&rng, 8);
        for (size_t j = 0; j < CROFT_COUNT(report); j++) {
            u64 near = (j < honest_count ? 1000000 : lie) + croft_rng_below(&rng, 20000);
            report[j] = (struct croft_oracle_report){near, 1 + croft_rng_below(&rng, 9), 50};
            counted += report[j].power;
            honest += j < honest_count ? report[j].power : 0;
        }
        struct croft_oracle_rule rule = {counted, 100, 50000};
        if (honest * 3 <= counted ||
            croft_oracle_median(report, CROFT_COUNT(report), &rule, 60, &price) != CROFT_ORACLE_GOOD)
            continue;
        bool near = false;
        for (size_t j = 0; j < honest_count; j++)
            near |= is_near(&report[j], price, price / 20);
        assert_true(near);
        good++;
    }
    assert_true(good > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vector_file),
        cmocka_unit_test(test_random_escrows),
        cmocka_unit_test(test_dry_second_by_stepping),
        cmocka_unit_test(test_vouchers_of_a_run),
        cmocka_unit_test(test_payment_is_cut),
        cmocka_unit_test(test_prepaid_end),
        cmocka_unit_test(test_promise_binds),
        cmocka_unit_test(test_largest_escrow),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_rewards_stay_below_emission_and_kappa),
        cmocka_unit_test(test_converted_in_parts),
        cmocka_unit_test(test_median_of_a_list),
        cmocka_unit_test(test_lies_stay_near_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
