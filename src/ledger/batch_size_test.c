/* The largest batch there is, by a hundred nodes: how many transactions that takes. */
#define CHAIN_ACTORS_WANTED 110
#include "ledger/batch_test_int.h"

enum { NODES = 100, RANGE = CROFT_TASKS_MAX / NODES };

static void put(struct chain *c, u32 *txs, Croft__V1__TxBody *body)
{
    chain_must(c, body);
    ++*txs;
}

/* Every node takes one range; they cross pages wherever 1,000 does not divide 4,096. */
static void take_all(struct chain *c, u32 *txs)
{
    struct chain_offer offer = batch_offer();
    for (u32 i = 0; i < NODES; i++) {
        put(c, txs, chain_node_admit(c, OWNER, FIRST_NODE + i));
        put(c, txs, chain_offer_post(c, FIRST_NODE + i, &offer));
        put(c, txs, batch_take(c, FIRST_NODE + i, i * RANGE, RANGE));
    }
}

/* Of every tenth range ten tasks are rejected; they open again. */
static void review_all(struct chain *c, u32 *txs)
{
    for (u32 i = 0; i < NODES; i++) {
        Croft__V1__TxBody *review = chain_task_review(c, BUYER, ORDER, i + 1);
        if (i % 10 == 0)
            chain_reject(c, review, i * RANGE + 500, 10);
        put(c, txs, review);
    }
}

static void retry(struct chain *c, u32 *txs)
{
    for (u32 i = 0; i < NODES; i += 10) {
        u32 lease = NODES + 1 + i / 10;
        put(c, txs, batch_take(c, FIRST_NODE + i + 1, i * RANGE + 500, 10));
        put(c, txs, batch_commit(c, FIRST_NODE + i + 1, lease));
        put(c, txs, chain_task_review(c, BUYER, ORDER, lease));
    }
}

static void test_largest_batch(void **state)
{
    (void)state;
    u32 txs = 0;
    struct chain c;
    struct chain_order t = batch_terms(CROFT_TASKS_MAX);
    t.once = true;
    chain_open(&c);
    Croft__V1__Genesis *g = chain_market_genesis(&c, false);
    chain_param(&c, g, CROFT_PARAM_EXPOSURE_BASE, 1000000000000);
    chain_start(&c, g);
    chain_begin(&c, 1);
    struct purse p = batch_purse(&c);
    put(&c, &txs, chain_order_open(&c, BUYER, &t));
    take_all(&c, &txs);
    assert_int_equal(batch_record(&c).open, 0);
    chain_next(&c, 60);
    for (u32 i = 0; i < NODES; i++)
        put(&c, &txs, batch_commit(&c, FIRST_NODE + i, i + 1));
    chain_next(&c, 60);
    review_all(&c, &txs);
    assert_int_equal(batch_record(&c).open, NODES);
    assert_int_equal(batch_bits_count(&c, 0, CROFT_TASKS_MAX, CROFT_TASK_ACCEPTED), CROFT_TASKS_MAX - NODES);
    chain_next(&c, 60);
    retry(&c, &txs);
    assert_false(chain_has_order(&c, BUYER, ORDER));

    u64 fees = 90 * batch_fee(RANGE * TASK_PRICE) + 10 * batch_fee((RANGE - 10) * TASK_PRICE) +
               10 * batch_fee(10 * TASK_PRICE);
    assert_int_equal(batch_purse(&c).leases, 0);
    assert_int_equal(batch_purse(&c).fees, p.fees + fees + 10 * batch_bond(10));
    assert_int_equal(batch_purse(&c).buyer, p.buyer - t.amount - 10 * batch_bond(10));
    assert_int_equal(chain_provider(&c, OWNER).earned.units, t.amount - fees);
    printf("%u tasks by %u nodes: %u transactions, %u of them to admit and list the nodes\n", CROFT_TASKS_MAX, NODES,
           txs, 2 * NODES);
    assert_true(txs <= 1000);
    chain_end(&c);
    chain_stop(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_largest_batch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
