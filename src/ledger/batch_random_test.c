/* A batch against a model that knows nothing of pages, leases or escrows: a byte and a payee for each task. */
#define CHAIN_ACTORS_WANTED 24
#include "ledger/batch_test_int.h"

enum { NODES = 12, TASKS = 9000, STEPS = 600, RANGES_MAX = 4000, NOBODY = 255, LIFE_S = 2500000 };

enum stage { WORKING, COMMITTED, DISPUTED, CONTESTED, OVER };

struct range {
    u32 node, first, count, rejected, accepted;
    enum stage stage;
    u64 due_s;
};

struct model {
    struct croft_rng rng;
    struct chain_order terms;
    u8 bits[TASKS], payee[TASKS];
    struct range range[RANGES_MAX + 1]; /* by the lease's number */
    u32 made, failed;
    u64 accepted, buyer, arbiter, reporter, owner, nodes, fees, stake; /* what each has got or lost, modulo 2^64 */
    u64 judge_s;
    bool closed;
};

static void mark(struct model *m, const struct range *r, u8 from, u8 to)
{
    for (u32 i = r->first; i < r->first + r->count; i++)
        if (m->bits[i] == from)
            m->bits[i] = to;
}

/* Every task of the range in state from is paid, which none may be twice. */
static void accept(struct model *m, struct range *r, u8 from)
{
    u64 before = r->accepted;
    for (u32 i = r->first; i < r->first + r->count; i++) {
        if (m->bits[i] != from)
            continue;
        assert_int_equal(m->payee[i], NOBODY);
        m->bits[i] = CROFT_TASK_ACCEPTED;
        m->payee[i] = (u8)r->node;
        r->accepted++;
    }
    u64 fee = batch_fee(r->accepted * TASK_PRICE) - batch_fee(before * TASK_PRICE);
    m->owner += (r->accepted - before) * TASK_PRICE - fee;
    m->fees += fee;
    m->accepted += r->accepted - before;
}

static void end(struct model *m, struct range *r, bool failed)
{
    mark(m, r, CROFT_TASK_WITH_NODE, CROFT_TASK_OPEN);
    mark(m, r, CROFT_TASK_REJECTED, CROFT_TASK_OPEN);
    m->failed += failed;
    r->stage = OVER;
}

static void due(struct model *m, struct range *r)
{
    u64 bond = batch_bond(r->rejected);
    if (r->stage == COMMITTED)
        accept(m, r, CROFT_TASK_WITH_NODE);
    if (r->stage == DISPUTED) {
        m->buyer += bond;
        m->stake -= bond;
    }
    if (r->stage == CONTESTED) {
        accept(m, r, CROFT_TASK_REJECTED);
        m->buyer += bond;
        m->nodes += bond;
        m->stake -= 2 * bond;
    }
    end(m, r, r->stage == WORKING);
}

static void pass_time(struct chain *c, struct model *m, u64 later_s)
{
    chain_next(c, later_s);
    for (u32 i = 1; i <= m->made; i++)
        if (m->range[i].stage != OVER && m->range[i].due_s <= c->now_s)
            due(m, &m->range[i]);
}

/* ---- steps ---- */

static u32 some(struct model *m, u32 below)
{
    return (u32)croft_rng_below(&m->rng, below);
}

static bool is_busy(const struct model *m, u32 node)
{
    bool busy = false;
    for (u32 i = 1; i <= m->made; i++)
        busy = busy || (m->range[i].node == node && m->range[i].stage == WORKING);
    return busy;
}

static void take(struct chain *c, struct model *m)
{
    u32 node = FIRST_NODE + some(m, NODES), first = some(m, TASKS + 1), count = 1 + some(m, some(m, 2) ? 40 : 1500);
    bool open = first + count <= TASKS;
    if (is_busy(m, node) || m->made == RANGES_MAX)
        return;
    for (u32 i = first; open && i < first + count; i++)
        open = m->bits[i] == CROFT_TASK_OPEN;
    assert_int_equal(chain_do(c, batch_take(c, node, first, count)), m->closed ? CROFT_ERR_OP_STATE
                                                                     : open    ? CROFT_OK
                                                                               : CROFT_ERR_OP_TASKS);
    if (m->closed || !open)
        return;
    m->range[++m->made] = (struct range){.node = node, .first = first, .count = count, .stage = WORKING,
                                         .due_s = c->now_s + m->terms.timeout_s};
    mark(m, &m->range[m->made], CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE);
}

static void commit(struct chain *c, struct model *m, u32 i)
{
    chain_must(c, batch_commit(c, m->range[i].node, i));
    m->range[i].stage = COMMITTED;
    m->range[i].due_s = c->now_s + m->terms.window_s;
}

/* Rejects up to three parts of it. */
static void add_rejects(struct chain *c, struct model *m, struct range *r, Croft__V1__TxBody *review)
{
    u32 at = r->first + some(m, r->count);
    for (u32 n = 1 + some(m, 3); n > 0 && at < r->first + r->count; n--) {
        u32 room = r->first + r->count - at, count = 1 + some(m, room < 30 ? room : 30);
        chain_reject(c, review, at, count);
        memset(m->bits + at, CROFT_TASK_REJECTED, count);
        r->rejected += count;
        at += count + 1 + some(m, 20);
    }
}

static void review(struct chain *c, struct model *m, u32 i)
{
    struct range *r = &m->range[i];
    Croft__V1__TxBody *body = chain_task_review(c, BUYER, ORDER, i);
    if (some(m, 2) != 0)
        add_rejects(c, m, r, body);
    chain_must(c, body);
    u64 bond = batch_bond(r->rejected);
    m->buyer -= bond;
    accept(m, r, CROFT_TASK_WITH_NODE);
    assert_int_equal(c->receipt.value, r->accepted * TASK_PRICE);
    if (r->rejected == 0 || m->terms.arbiter >= CHAIN_ACTORS) {
        m->fees += bond;
        end(m, r, false);
        return;
    }
    m->stake += bond;
    r->stage = DISPUTED;
    r->due_s = c->now_s + m->terms.window_s;
}

static void contest(struct chain *c, struct model *m, u32 i)
{
    struct range *r = &m->range[i];
    chain_must(c, chain_task_contest(c, r->node, BUYER, ORDER, i));
    m->nodes -= batch_bond(r->rejected);
    m->stake += batch_bond(r->rejected);
    r->stage = CONTESTED;
    r->due_s = c->now_s + m->judge_s;
}

static void judge(struct chain *c, struct model *m, u32 i)
{
    struct range *r = &m->range[i];
    bool upheld = some(m, 2) != 0;
    u64 bond = batch_bond(r->rejected);
    chain_must(c, chain_task_judge(c, ARBITER, BUYER, ORDER, i, upheld));
    m->stake -= 2 * bond;
    m->arbiter += bond / 2;
    *(upheld ? &m->buyer : &m->nodes) += 2 * bond - bond / 2;
    if (!upheld)
        accept(m, r, CROFT_TASK_REJECTED);
    end(m, r, false);
}

static void slash(struct chain *c, struct model *m, u32 i)
{
    struct range *r = &m->range[i];
    u64 left = croft_amt_units(chain_provider(c, OWNER).stake), fine = 10 * r->count * TASK_PRICE;
    u64 taken = fine < left ? fine : left, share = taken / 20, bond = batch_bond(r->rejected);
    chain_must(c, batch_slash(c, STRANGER, i, r->first + some(m, r->count)));
    m->reporter += share;
    m->fees += taken - share;
    m->stake -= taken;
    if (r->stage != COMMITTED) {
        m->buyer += bond;
        m->stake -= bond;
    }
    if (r->stage == CONTESTED) {
        m->fees += bond;
        m->stake -= bond;
    }
    end(m, r, true);
}

/* What may be done with a range in its state; anything else is refused and changes nothing. */
static void act(struct chain *c, struct model *m)
{
    static void (*const next[])(struct chain *, struct model *, u32) = {commit, review, contest, judge};
    u32 i = m->made == 0 ? 0 : 1 + some(m, m->made);
    if (i == 0)
        return;
    for (u32 tries = 0; m->range[i].stage == OVER && tries < m->made; tries++)
        i = i == m->made ? 1 : i + 1;
    enum stage stage = m->range[i].stage;
    if (stage == OVER)
        assert_int_equal(chain_do(c, chain_task_review(c, BUYER, ORDER, i)), CROFT_ERR_OP_NOT_FOUND);
    else if (stage != WORKING && croft_rng_chance(&m->rng, 12))
        slash(c, m, i);
    else
        next[stage](c, m, i);
}

/* ---- comparing ---- */

static void expect_bits(const struct chain *c, const struct model *m)
{
    static u8 is[TASKS];
    u32 open = 0, done = 0;
    batch_bits_all(c, TASKS, is);
    assert_memory_equal(is, m->bits, TASKS);
    for (u32 i = 0; i < TASKS; i++) {
        open += is[i] == CROFT_TASK_OPEN;
        done += is[i] == CROFT_TASK_ACCEPTED;
        assert_int_equal(is[i] == CROFT_TASK_ACCEPTED, m->payee[i] != NOBODY);
    }
    assert_int_equal(batch_record(c).open, open);
    assert_int_equal(batch_record(c).done, done);
    assert_int_equal(done, m->accepted);
}

static u64 nodes_balance(const struct chain *c)
{
    u64 sum = 0;
    for (u32 i = 0; i < NODES; i++)
        sum += chain_balance(c, FIRST_NODE + i, CROFT_ASSET_CREDIT);
    return sum;
}

struct start {
    struct purse purse;
    u64 nodes;
};

static void expect_money(const struct chain *c, const struct model *m, const struct start *s)
{
    struct purse is = batch_purse(c);
    assert_int_equal(is.owner, s->purse.owner + m->owner);
    assert_int_equal(is.arbiter, s->purse.arbiter + m->arbiter);
    assert_int_equal(is.stranger, s->purse.stranger + m->reporter);
    assert_int_equal(is.fees, s->purse.fees + m->fees);
    assert_int_equal(is.stake, s->purse.stake + m->stake);
    assert_int_equal(nodes_balance(c), s->nodes + m->nodes);
    assert_int_equal(is.buyer + is.leases, s->purse.buyer + s->purse.leases + m->buyer - m->accepted * TASK_PRICE);
    if (!m->closed)
        assert_int_equal(is.buyer, s->purse.buyer + m->buyer);
}

static void expect_aside(const struct chain *c, const struct model *m)
{
    u64 aside = 0, live = 0;
    for (u32 i = 1; i <= m->made; i++) {
        const struct range *r = &m->range[i];
        aside += r->stage != OVER ? (r->count - r->accepted) * TASK_PRICE : 0;
        live += r->stage != OVER;
    }
    struct croft_order_record o = chain_order(c, BUYER, ORDER);
    assert_int_equal(croft_amt_units(o.aside), aside);
    assert_int_equal(o.leases, live);
    assert_int_equal(chain_provider(c, OWNER).leases_failed, m->failed);
}

/* ---- the run ---- */

static struct start begin(struct chain *c, struct model *m, bool arbiter)
{
    m->terms = batch_terms(TASKS);
    m->terms.arbiter = arbiter ? ARBITER : CHAIN_ACTORS;
    m->terms.life_s = LIFE_S;
    memset(m->payee, NOBODY, sizeof m->payee);
    chain_open(c);
    Croft__V1__Genesis *g = chain_market_genesis(c, false);
    chain_param(c, g, CROFT_PARAM_EXPOSURE_BASE, 1000000000000);
    chain_start(c, g);
    chain_begin(c, 1);
    batch_nodes(c, NODES);
    m->judge_s = chain_param_of(c, CROFT_PARAM_JUDGE_S);
    chain_must(c, chain_stake_lock(c, OWNER, 300 * TASK_PRICE * 100));
    chain_must(c, chain_order_open(c, BUYER, &m->terms));
    return (struct start){.purse = batch_purse(c), .nodes = nodes_balance(c)};
}

/* Mostly within a window, at times past timeouts, seldom past judging; offers and order live that long. */
static u64 pause_s(const struct chain *c, struct model *m)
{
    u32 what = some(m, 12);
    bool may = c->now_s < CHAIN_START_S + LIFE_S - 1000000;
    return what == 0 && may ? m->judge_s : what < 4 ? some(m, 4000) : some(m, 400);
}

static void step(struct chain *c, struct model *m)
{
    u32 what = some(m, 100);
    if (what < 40)
        take(c, m);
    else if (what < 88)
        act(c, m);
    else
        pass_time(c, m, pause_s(c, m));
}

/* Closed in the middle: what is at work ends, the rest goes back, nothing is left. */
static void finish(struct chain *c, struct model *m, const struct start *s)
{
    u64 deposits = (2 + (TASKS + CROFT_PAGE_TASKS - 1) / CROFT_PAGE_TASKS) * 10000000;
    bool all_over = true;
    for (u32 i = 1; i <= m->made; i++)
        all_over = all_over && m->range[i].stage == OVER;
    chain_must(c, chain_order_close(c, BUYER, ORDER));
    m->closed = true;
    if (!all_over) {
        take(c, m);
        expect_bits(c, m);
        pass_time(c, m, 300000); /* longer than any window, timeout or judging */
    }
    assert_false(chain_has_order(c, BUYER, ORDER));
    assert_int_equal(croft_state_count(c->l->state, CROFT_TABLE_LEASES), 0);
    assert_int_equal(croft_state_count(c->l->state, CROFT_TABLE_PAGES), 0);
    assert_int_equal(batch_purse(c).leases, 0);
    u64 spent = m->accepted * TASK_PRICE;
    assert_int_equal(batch_purse(c).buyer, s->purse.buyer + s->purse.leases + m->buyer - spent + deposits);
    assert_int_equal(croft_amt_units(chain_provider(c, OWNER).exposure), 0);
}

static void run(u64 seed, bool arbiter)
{
    static struct model m;
    struct chain c;
    memset(&m, 0, sizeof m);
    m.rng = croft_rng_of(seed);
    struct start s = begin(&c, &m, arbiter);
    for (u32 i = 0; i < STEPS; i++) {
        step(&c, &m);
        if (i % 5 == 0) {
            expect_bits(&c, &m);
            expect_money(&c, &m, &s);
            expect_aside(&c, &m);
        }
    }
    finish(&c, &m, &s);
    chain_end(&c);
    chain_stop(&c);
}

static void test_against_an_array(void **state)
{
    (void)state;
    u64 seed = croft_test_seed();
    for (u32 i = 0; i < 12; i++)
        run(seed + i, i % 2 != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_an_array)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
