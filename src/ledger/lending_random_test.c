/* Goal: whatever providers, nodes, auditors and class operators do, in whatever order, every refusal, count and unit of
 * money is what a few lines without records, locks or due times say.
 * Method: random operations, some of them by people short of money; after each its code, after each block everything,
 * against a model that keeps one struct per person and adds up afresh what the ledger keeps as sums. */
#include "ledger/market_test_int.h"

enum {
    OWNERS = 2, NODES = 3, DEVICES = 2, AUDITORS = 2, CLASSES = 2,
    OWNER_0 = 4, NODE_0 = 7, AUDITOR_0 = 10, BUYER = 12, OPERATOR = 13,
    CLASS_0 = 300, RUNS = 6, BLOCKS = 60, OPS = 12
};
#define DEPOSIT  UINT64_C(10000000)
#define BOND_MIN UINT64_C(10000000)
#define STAKE_UNLOCK_S UINT64_C(604800)

struct m_device {
    bool is, leaving;
    u32 state, class;
    u64 bond, lock, until_s;
    struct chain_lent lent;
};
struct m_node {
    bool is, drain;
    u32 owner;
    struct m_device device[DEVICES];
};
struct m_owner {
    bool is;
    u64 stake, unlocking, unlock_s;
};
struct model {
    struct chain *c;
    struct croft_rng rng;
    u64 money[CHAIN_ACTORS], pool, orders;
    struct m_owner owner[OWNERS];
    struct m_node node[NODES];
    u64 claim_until_s[AUDITORS][NODES]; /* 0: none */
    u64 class_price[CLASSES];
};

static u64 below(struct model *m, u64 limit)
{
    return croft_rng_below(&m->rng, limit);
}

static u64 locked_of(const struct model *m, u32 owner)
{
    u64 sum = 0;
    for (u32 n = 0; n < NODES; n++)
        for (u32 d = 0; d < DEVICES && m->node[n].is && m->node[n].owner == owner; d++)
            sum += m->node[n].device[d].lock;
    return sum;
}

static u32 nodes_of(const struct model *m, u32 owner)
{
    u32 count = 0;
    for (u32 n = 0; n < NODES; n++)
        count += m->node[n].is && m->node[n].owner == owner;
    return count;
}

/* Where the unit goes when an offer ends. */
static void m_unlist(struct m_device *d, u64 *bond_to)
{
    *bond_to += d->bond;
    d->bond = d->lock = d->until_s = 0;
    d->state = CROFT_DEVICE_UNLISTED;
    d->leaving = false;
}

/* ---- what time does ---- */

static void m_pass(struct model *m, u64 now_s)
{
    for (u32 o = 0; o < OWNERS; o++) {
        struct m_owner *p = &m->owner[o];
        if (p->unlocking != 0 && p->unlock_s <= now_s) {
            m->money[OWNER_0 + o] += p->unlocking;
            p->unlocking = 0;
        }
    }
    for (u32 n = 0; n < NODES; n++)
        for (u32 i = 0; i < DEVICES; i++) {
            struct m_device *d = &m->node[n].device[i];
            if (d->until_s == 0 || d->until_s > now_s)
                continue;
            if (d->state == CROFT_DEVICE_LISTED)
                m_unlist(d, &m->money[NODE_0 + n]);
            else
                d->leaving = true;
            d->until_s = 0;
        }
    for (u32 a = 0; a < AUDITORS; a++)
        for (u32 n = 0; n < NODES; n++)
            if (m->claim_until_s[a][n] != 0 && m->claim_until_s[a][n] <= now_s) {
                m->claim_until_s[a][n] = 0;
                m->money[AUDITOR_0 + a] += DEPOSIT;
            }
}

/* ---- operations: what the model expects, and does ---- */

static croft_err m_admit(struct model *m, u32 o, u32 n)
{
    u64 cost = m->owner[o].is ? DEPOSIT : 2 * DEPOSIT;
    if (m->node[n].is)
        return CROFT_ERR_OP_EXISTS;
    if (m->money[OWNER_0 + o] < cost)
        return CROFT_ERR_OP_DEPOSIT;
    m->money[OWNER_0 + o] -= cost;
    m->owner[o].is = true;
    m->node[n] = (struct m_node){.is = true, .owner = o};
    return CROFT_OK;
}

static croft_err m_remove(struct model *m, u32 o, u32 n)
{
    struct m_node *node = &m->node[n];
    if (!node->is)
        return CROFT_ERR_OP_NOT_FOUND;
    if (node->owner != o)
        return CROFT_ERR_OP_NOT_YOURS;
    for (u32 i = 0; i < DEVICES; i++)
        if (node->device[i].state == CROFT_DEVICE_LEASED)
            return CROFT_ERR_OP_NOT_EMPTY;
    for (u32 i = 0; i < DEVICES; i++)
        if (node->device[i].is)
            m->money[OWNER_0 + o] += DEPOSIT + node->device[i].bond;
    m->money[OWNER_0 + o] += DEPOSIT;
    *node = (struct m_node){0};
    return CROFT_OK;
}

static croft_err m_leave(struct model *m, u32 o)
{
    struct m_owner *p = &m->owner[o];
    if (!p->is)
        return CROFT_ERR_OP_NOT_FOUND;
    if (nodes_of(m, o) != 0 || p->stake != 0 || p->unlocking != 0)
        return CROFT_ERR_OP_NOT_EMPTY;
    p->is = false;
    m->money[OWNER_0 + o] += DEPOSIT;
    return CROFT_OK;
}

static croft_err m_lock(struct model *m, u32 o, u64 amount)
{
    struct m_owner *p = &m->owner[o];
    if (m->money[OWNER_0 + o] < amount)
        return CROFT_ERR_OP_FUNDS;
    if (!p->is && m->money[OWNER_0 + o] < amount + DEPOSIT)
        return CROFT_ERR_OP_DEPOSIT;
    m->money[OWNER_0 + o] -= amount + (p->is ? 0 : DEPOSIT);
    p->is = true;
    p->stake += amount;
    return CROFT_OK;
}

static croft_err m_unlock(struct model *m, u32 o, u64 amount)
{
    struct m_owner *p = &m->owner[o];
    if (!p->is)
        return CROFT_ERR_OP_NOT_FOUND;
    if (p->stake < locked_of(m, o) + amount)
        return CROFT_ERR_OP_STAKE;
    p->stake -= amount;
    p->unlocking += amount;
    p->unlock_s = m->c->now_s + STAKE_UNLOCK_S;
    return CROFT_OK;
}

static croft_err m_claim(struct model *m, u32 a, u32 n, u64 life_s)
{
    u64 *until_s = &m->claim_until_s[a][n];
    if (life_s == 0 ? *until_s == 0 : !m->node[n].is)
        return CROFT_ERR_OP_NOT_FOUND;
    u64 was = *until_s == 0 ? 0 : DEPOSIT, is = life_s == 0 ? 0 : DEPOSIT;
    if (m->money[AUDITOR_0 + a] + was < is)
        return CROFT_ERR_OP_DEPOSIT;
    m->money[AUDITOR_0 + a] = m->money[AUDITOR_0 + a] + was - is;
    *until_s = life_s == 0 ? 0 : m->c->now_s + life_s;
    return CROFT_OK;
}

/* Up, of price * seconds / 3600, by counting in decimals of an hour. */
static u64 seconds_of(u64 price, u64 seconds)
{
    u64 whole = price * seconds / 3600;
    return whole + (price * seconds % 3600 != 0);
}

static croft_err m_post(struct model *m, u32 n, const struct chain_offer *t)
{
    struct m_node *node = &m->node[n];
    struct m_device *d = &node->device[t->device];
    if (!node->is || node->drain)
        return CROFT_ERR_OP_NODE;
    if (d->state == CROFT_DEVICE_LEASED)
        return CROFT_ERR_OP_STATE;
    if (t->life_s == 0)
        return CROFT_ERR_OP_TIME;
    u64 posted = t->class == 0 ? 0 : m->class_price[t->class - CLASS_0];
    u64 price = posted > t->price[CROFT_PRICE_SECOND] ? posted : t->price[CROFT_PRICE_SECOND];
    if (price == 0)
        return CROFT_ERR_OP_PRICE;
    u64 bond = seconds_of(price, t->notice_s > 600 ? t->notice_s : 600);
    bond = bond < BOND_MIN ? BOND_MIN : bond;
    u64 lock = t->services == 1 ? 0 : seconds_of(price, 3600);
    if (lock != 0 && locked_of(m, node->owner) - d->lock + lock > m->owner[node->owner].stake)
        return CROFT_ERR_OP_STAKE;
    u64 money = m->money[NODE_0 + n], deposit = d->is ? 0 : DEPOSIT;
    if (money < deposit)
        return CROFT_ERR_OP_DEPOSIT;
    if (money - deposit + d->bond < bond)
        return CROFT_ERR_OP_FUNDS;
    m->money[NODE_0 + n] = money - deposit + d->bond - bond;
    *d = (struct m_device){.is = true, .state = CROFT_DEVICE_LISTED, .class = t->class, .bond = bond, .lock = lock,
                           .until_s = m->c->now_s + t->life_s};
    return CROFT_OK;
}

static croft_err m_withdraw(struct model *m, u32 n, u32 i, bool remove)
{
    struct m_device *d = &m->node[n].device[i];
    if (!m->node[n].is)
        return CROFT_ERR_OP_NODE;
    if (!d->is)
        return CROFT_ERR_OP_NOT_FOUND;
    if (d->state == CROFT_DEVICE_LEASED) {
        d->leaving = true;
        d->until_s = 0;
        return CROFT_OK;
    }
    m_unlist(d, &m->money[NODE_0 + n]);
    if (remove) {
        m->money[NODE_0 + n] += DEPOSIT;
        *d = (struct m_device){0};
    }
    return CROFT_OK;
}

/* ---- one step of both ---- */

static void expect(struct model *m, Croft__V1__TxBody *body, croft_err want)
{
    croft_err got = chain_do(m->c, body);
    if (got != want)
        printf("operation %d: %s, expected %s\n", (int)body->op_case, croft_err_name(got), croft_err_name(want));
    assert_int_equal(got, want);
}

static void random_post(struct model *m)
{
    struct chain_offer t = chain_offer_terms();
    u32 n = (u32)below(m, NODES);
    t.device = (u32)below(m, DEVICES);
    t.class = below(m, 2) == 0 ? 0 : CLASS_0 + (u32)below(m, CLASSES);
    t.services = 1 + (u32)below(m, 7);
    t.notice_s = (u32)below(m, 1500);
    t.life_s = below(m, 10) == 0 ? 0 : 1 + below(m, 400000);
    t.price[CROFT_PRICE_SECOND] = below(m, 8) == 0 ? 0 : 1 + below(m, 90000000);
    expect(m, chain_offer_post(m->c, NODE_0 + n, &t), m_post(m, n, &t));
}

static void random_lease(struct model *m)
{
    u32 n = (u32)below(m, NODES), i = (u32)below(m, DEVICES);
    struct m_device *d = &m->node[n].device[i];
    if (d->state == CROFT_DEVICE_LISTED) {
        d->lent = chain_lent(m->c, NODE_0 + n, i, BUYER, ++m->orders);
        d->state = CROFT_DEVICE_LEASED;
    } else if (d->state == CROFT_DEVICE_LEASED) {
        bool unlist = below(m, 4) == 0, lose = unlist && below(m, 2) == 0;
        chain_give_back(m->c, &d->lent, unlist, lose);
        d->state = CROFT_DEVICE_LISTED;
        if (unlist || d->leaving || m->node[n].drain)
            m_unlist(d, lose ? &m->pool : &m->money[NODE_0 + n]);
    }
}

static void random_set(struct model *m)
{
    u32 n = (u32)below(m, NODES), k = (u32)below(m, CLASSES);
    bool drain = below(m, 4) == 0;
    if (below(m, 2) == 0) {
        m->class_price[k] = below(m, 3) == 0 ? 1 + below(m, 90000000) : 0;
        expect(m, chain_class_set(m->c, OPERATOR, CLASS_0 + k, 0, m->class_price[k]), CROFT_OK);
        return;
    }
    m->node[n].drain = m->node[n].is && drain;
    expect(m, chain_node_set(m->c, NODE_0 + n, drain), m->node[n].is ? CROFT_OK : CROFT_ERR_OP_NODE);
}

static void random_owner(struct model *m)
{
    u32 o = (u32)below(m, OWNERS), n = (u32)below(m, NODES);
    u64 amount = 1 + below(m, 90000000), stake = m->owner[o].stake;
    switch (below(m, 10)) {
    case 0:
    case 7:
        expect(m, chain_node_remove(m->c, OWNER_0 + o, NODE_0 + n), m_remove(m, o, n));
        return;
    case 1:
    case 8:
        expect(m, chain_provider_leave(m->c, OWNER_0 + o), m_leave(m, o));
        return;
    case 2:
    case 3:
        expect(m, chain_stake_lock(m->c, OWNER_0 + o, amount), m_lock(m, o, amount));
        return;
    case 5:
    case 6:
        amount = stake != 0 && below(m, 2) == 0 ? stake : amount;
        expect(m, chain_stake_unlock(m->c, OWNER_0 + o, amount), m_unlock(m, o, amount));
        return;
    default:
        expect(m, chain_node_admit(m->c, OWNER_0 + o, NODE_0 + n), m_admit(m, o, n));
        return;
    }
}

static void step(struct model *m)
{
    u32 n = (u32)below(m, NODES), a = (u32)below(m, AUDITORS);
    u64 life_s = below(m, 3) == 0 ? 0 : 1 + below(m, 400000);
    bool remove = below(m, 3) == 0;
    switch (below(m, 12)) {
    case 0:
    case 1:
    case 2:
        random_owner(m);
        return;
    case 3:
        expect(m, chain_claim_set(m->c, AUDITOR_0 + a, NODE_0 + n, 1, life_s), m_claim(m, a, n, life_s));
        return;
    case 4:
    case 5:
        expect(m, chain_offer_withdraw(m->c, NODE_0 + n, a, remove), m_withdraw(m, n, a, remove));
        return;
    case 6:
        random_set(m);
        return;
    case 7:
    case 8:
        random_lease(m);
        return;
    default:
        random_post(m);
        return;
    }
}

/* ---- everything, after a block ---- */

static void compare_device(const struct model *m, u32 n, u32 i)
{
    const struct m_device *d = &m->node[n].device[i];
    assert_int_equal(chain_has_device(m->c, NODE_0 + n, i), d->is);
    if (!d->is)
        return;
    struct croft_device_record r = chain_device(m->c, NODE_0 + n, i);
    assert_int_equal(r.state, d->state);
    assert_int_equal(r.class, d->class);
    assert_int_equal(r.flags, d->leaving ? CROFT_DEVICE_LEAVING : 0);
    assert_int_equal(r.due_s, d->until_s);
    assert_int_equal(croft_amt_units(r.bond), d->bond);
    assert_int_equal(croft_amt_units(r.lock), d->lock);
}

static void compare(const struct model *m)
{
    u32 named[CLASSES] = {0};
    for (u32 n = 0; n < NODES; n++) {
        assert_int_equal(chain_has_node(m->c, NODE_0 + n), m->node[n].is);
        for (u32 i = 0; i < DEVICES; i++) {
            compare_device(m, n, i);
            if (m->node[n].device[i].class != 0)
                named[m->node[n].device[i].class - CLASS_0]++;
        }
        assert_int_equal(chain_account(m->c, NODE_0 + n).quota_per_day, m->node[n].is ? 40000 : 0);
    }
    for (u32 o = 0; o < OWNERS; o++) {
        assert_int_equal(chain_has_provider(m->c, OWNER_0 + o), m->owner[o].is);
        if (!m->owner[o].is)
            continue;
        struct croft_provider_record r = chain_provider(m->c, OWNER_0 + o);
        assert_int_equal(croft_amt_units(r.stake), m->owner[o].stake);
        assert_int_equal(croft_amt_units(r.unlocking), m->owner[o].unlocking);
        assert_int_equal(croft_amt_units(r.locked), locked_of(m, o));
        assert_int_equal(r.nodes, nodes_of(m, o));
    }
    for (u32 k = 0; k < CLASSES; k++)
        assert_int_equal(chain_class(m->c, CLASS_0 + k).devices, named[k]);
    for (u32 n = OWNER_0; n < CHAIN_NOBODY; n++)
        assert_int_equal(chain_balance(m->c, n, CROFT_ASSET_CREDIT), m->money[n]);
    assert_int_equal(chain_system(m->c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT), m->pool);
}

static void begin(struct model *m, struct chain *c)
{
    chain_begin(c, 1);
    for (u32 k = 0; k < CLASSES; k++)
        chain_must(c, chain_class_set(c, OPERATOR, CLASS_0 + k, 0, 0));
    for (u32 n = OWNER_0; n < BUYER; n++) /* enough for some of what they want */
        chain_must(c, chain_transfer(c, n, 0, CROFT_ASSET_CREDIT, CHAIN_CREDIT - below(m, 20 * DEPOSIT) - 1));
    for (u32 n = 0; n < CHAIN_NOBODY; n++)
        m->money[n] = chain_balance(c, n, CROFT_ASSET_CREDIT);
}

static void test_random(void **unused)
{
    (void)unused;
    u64 seed = croft_test_seed();
    for (u64 run = 0; run < RUNS; run++) {
        struct chain c;
        struct model m = {.c = &c, .rng = croft_rng_of(seed + run)};
        chain_market_open(&c, run % 2 == 0);
        begin(&m, &c);
        for (u32 block = 0; block < BLOCKS; block++) {
            for (u32 i = 0; i < OPS; i++)
                step(&m);
            chain_end(&c);
            compare(&m);
            chain_begin(&c, below(&m, 200000));
            m_pass(&m, c.now_s);
        }
        chain_end(&c);
        compare(&m);
        chain_stop(&c);
    }
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
