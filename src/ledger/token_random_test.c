/* Goal: converted CROFT goes through leases as other money does, however these end.
 * Method: random orders that credits and CROFT pay for, on real leases that are served, run dry, stop, expire; the
 * audit counts everything after each block, and in the end no order is left and nothing that was converted. */
#include "ledger/token_test_int.h"

enum { BUYER = 5, PROVIDER = 6, NODE = 8, NODES = 3, ORDERS = 4, STEPS = 1500, RUNS = 3 };
#define PRICE (2 * TOKEN_ONE)

struct counts {
    u64 converted, taken, acked, settled, stopped, closed, dry, epochs;
};

static bool did(struct chain *c, Croft__V1__TxBody *body)
{
    return chain_do(c, body) == CROFT_OK;
}

static void begin(struct chain *c)
{
    chain_open(c);
    Croft__V1__Genesis *g = chain_market_genesis(c, true);
    chain_param(c, g, CROFT_PARAM_EPOCH_S, 5000);
    chain_param(c, g, CROFT_PARAM_CONVERT_DAY_MAX, 300000000);
    chain_param(c, g, CROFT_PARAM_ACK_S, 600);
    chain_start(c, g);
    chain_begin(c, 1);
    token_report_all(c, PRICE);
    for (u32 n = 0; n < NODES; n++)
        chain_node_listed(c, PROVIDER, NODE + n);
}

/* Wants up to two leases; unless there is one, it waits. */
static void open_order(struct chain *c, u64 id, struct croft_rng *rng)
{
    struct chain_order terms = chain_order_terms(id);
    terms.amount = 1 + croft_rng_below(rng, 20000000);
    terms.count = 1 + (u32)croft_rng_below(rng, 2);
    terms.life_s = 3600 + croft_rng_below(rng, 10000);
    (void)did(c, chain_order_open(c, BUYER, &terms));
}

static void take(struct chain *c, u64 id, struct croft_rng *rng, struct counts *n)
{
    struct chain_take take = {NODE + (u32)croft_rng_below(rng, NODES), 0, CHAIN_PRICE};
    n->taken += did(c, chain_order_take(c, BUYER, id, 0, &take, 1));
}

static void settle(struct chain *c, u64 id, u32 lease, struct counts *n)
{
    struct chain_voucher v = chain_voucher_next(c, BUYER, id, lease);
    n->settled += did(c, chain_settle(c, NODE, &v));
}

/* One of the order's leases; 0 when there is none. */
static u32 some_lease(const struct chain *c, u64 id, struct croft_rng *rng)
{
    u32 made = chain_has_order(c, BUYER, id) ? chain_order(c, BUYER, id).made : 0, found[256], count = 0;
    for (u32 lease = 1; lease <= made; lease++)
        if (chain_has_lease(c, BUYER, id, lease))
            found[count++] = lease;
    return count == 0 ? 0 : found[croft_rng_below(rng, count)];
}

static u32 node_of(const struct chain *c, u64 id, u32 lease)
{
    struct croft_lease_record r = chain_lease(c, BUYER, id, lease);
    u32 n = NODE;
    while (!croft_address_equal(&c->actor[n].address, &r.node))
        n++;
    return n;
}

static void use_lease(struct chain *c, u64 id, struct croft_rng *rng, struct counts *n)
{
    u32 lease = some_lease(c, id, rng);
    if (lease == 0)
        return;
    u32 by = node_of(c, id, lease);
    switch (croft_rng_below(rng, 5)) {
    case 0:
    case 1:
        n->acked += did(c, chain_lease_ack(c, by, BUYER, id, lease, false));
        return;
    case 2:
    case 3:
        settle(c, id, lease, n);
        return;
    default:
        n->stopped += did(c, chain_lease_stop(c, croft_rng_chance(rng, 2) ? BUYER : by, BUYER, id, lease, NULL));
    }
}

static void act(struct chain *c, struct croft_rng *rng, struct counts *n)
{
    u64 id = 1 + croft_rng_below(rng, ORDERS);
    switch (croft_rng_below(rng, 12)) {
    case 0:
        open_order(c, id, rng);
        return;
    case 1:
    case 2:
        take(c, id, rng, n);
        return;
    case 3:
    case 4:
        n->converted += token_convert(c, BUYER, id, 1 + croft_rng_below(rng, 5000000)) == CROFT_OK;
        return;
    case 5:
        (void)did(c, chain_order_fund(c, BUYER, BUYER, id, 0, CROFT_ASSET_CREDIT, 1 + croft_rng_below(rng, 5000000)));
        return;
    case 6:
        n->closed += croft_rng_chance(rng, 3) && did(c, chain_order_close(c, BUYER, id));
        return;
    case 7:
        (void)did(c, chain_claim_reward(c, PROVIDER, croft_rng_chance(rng, 2)));
        return;
    default:
        use_lease(c, id, rng, n);
    }
}

/* Nodes that lost their offer list it again. */
static void relist(struct chain *c)
{
    struct chain_offer offer = chain_offer_terms();
    for (u32 n = 0; n < NODES; n++)
        if (chain_device(c, NODE + n, 0).state == CROFT_DEVICE_UNLISTED)
            chain_must(c, chain_offer_post(c, NODE + n, &offer));
}

static void let_time_pass(struct chain *c, u64 most_s, struct croft_rng *rng, struct counts *n)
{
    token_next(c, croft_rng_below(rng, most_s));
    n->dry += chain_due_count(c, CROFT_DUE_ORDER_STOPPED);
    n->epochs += chain_due_count(c, CROFT_DUE_EPOCH);
    token_report_all(c, PRICE);
    relist(c);
}

static void expect_nothing_left(struct chain *c)
{
    for (int i = 0; i < 20; i++)
        token_next(c, 1000);
    assert_int_equal(croft_state_count(c->l->state, CROFT_TABLE_ORDERS), 0);
    assert_int_equal(chain_system(c, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT), 0);
    assert_int_equal(chain_system(c, CROFT_SYSTEM_LEASES, CROFT_ASSET_CROFT), 0);
    assert_int_equal(croft_amt_units(token_of(c).unspent), 0);
}

static void test_random_orders(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    struct counts n = {0};
    for (int run = 0; run < RUNS; run++) {
        struct chain c;
        begin(&c);
        for (int i = 0; i < STEPS; i++) {
            act(&c, &rng, &n);
            if (croft_rng_chance(&rng, 3))
                let_time_pass(&c, croft_rng_chance(&rng, 10) ? 2000 : 60, &rng, &n);
        }
        expect_nothing_left(&c);
        chain_end(&c);
        chain_stop(&c);
    }
    assert_true(n.converted > 20 && n.taken > 20 && n.acked > 20 && n.settled > 20);
    assert_true(n.stopped > 10 && n.closed > 5 && n.dry > 2 && n.epochs > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
