/* Goal: whatever people of the market do, in whatever order, every block audits clean and can be taken back.
 * Method: random scripts (market_script_int.h), the audit after each block, and a count of what came through,
 * so that scripts which get nowhere are seen. */
#include "ledger/market_script_int.h"

enum { RUNS = 12, BLOCKS = 60, TXS = 24, BYTES = 24000, OPS = 128 };

static u32 done[OPS], failed[OPS];

static void one_tx(struct chain *c, struct script *s)
{
    struct croft_tx tx;
    if (mscript_tx(c, s, &tx) != CROFT_OK || croft_ledger_block_tx(c->l, &tx, NULL, &c->receipt) != CROFT_OK)
        return;
    u32 *count = c->receipt.code == 0 ? done : failed;
    count[tx.body->op_case]++;
}

static void one_block(struct chain *c, struct script *s)
{
    struct croft_hash before = chain_digest(c);
    u64 now_s = c->now_s;
    bool back = script_below(s, 8) == 7;
    chain_begin(c, mscript_pause(s));
    for (u32 i = 0; i < TXS; i++)
        one_tx(c, s);
    croft_ledger_block_end(c->l, &c->end);
    if (!back) {
        croft_ledger_block_accept(c->l);
    } else {
        croft_ledger_block_undo(c->l);
        c->now_s = now_s;
        struct croft_hash after = chain_digest(c);
        assert_memory_equal(before.b, after.b, sizeof before.b);
    }
    chain_audit(c);
}

static void one_run(u64 seed)
{
    static u8 bytes[BYTES];
    struct chain c;
    struct croft_rng rng = croft_rng_of(seed);
    croft_rng_fill(&rng, bytes, sizeof bytes);
    struct script s = {bytes, bytes + sizeof bytes};
    mscript_open(&c, &s);
    croft_ledger_trust_signatures(c.l, true);
    for (u32 i = 0; i < BLOCKS && !script_is_over(&s); i++)
        one_block(&c, &s);
    chain_stop(&c);
}

static void test_market_scripts(void **unused)
{
    (void)unused;
    u64 seed = croft_test_seed();
    for (u32 i = 0; i < RUNS; i++)
        one_run(seed + i);
    static const u32 must[] = {CROFT__V1__TX_BODY__OP_NODE_ADMIT, CROFT__V1__TX_BODY__OP_OFFER_POST,
                               CROFT__V1__TX_BODY__OP_ORDER_OPEN, CROFT__V1__TX_BODY__OP_LEASE_TAKE,
                               CROFT__V1__TX_BODY__OP_LEASE_ACK,  CROFT__V1__TX_BODY__OP_SETTLE,
                               CROFT__V1__TX_BODY__OP_LEASE_STOP, CROFT__V1__TX_BODY__OP_LEASE_COMMIT};
    for (u32 op = CROFT__V1__TX_BODY__OP_NODE_ADMIT; op < OPS; op++)
        if (done[op] + failed[op] != 0)
            printf("%-16s %5u done %5u failed\n", croft_op_name(op), done[op], failed[op]);
    for (size_t i = 0; i < CROFT_COUNT(must); i++)
        assert_true(done[must[i]] > 0);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_market_scripts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
