/* Goal: a transaction pays exactly what the cost table says, a failed one pays that and nothing else, the
 * base fee follows fullness within its bounds, and both lanes keep to theirs. Method: the table again, one
 * line per operation; the base fee's rule in 128 bits; random fullness. */
#include "ledger/test_int.h"

/* ---- the cost table ---- */

struct priced {
    croft_err want;
    u64 writes, creates;
};

static u64 cost_of(const struct croft_tx *tx, const struct priced *p)
{
    return 40 * tx->signature_count + (tx->bytes.len + 15) / 16 + 5 * (1 + p->writes) + 20 * p->creates;
}

/* Signs, compares cost and fee with the table, and what was taken off the account with the receipt. */
static void expect_price(struct chain *c, Croft__V1__TxBody *body, struct priced p)
{
    struct croft_tx tx;
    u32 n = chain_actor_of(c, body);
    const struct chain_signer s = {0, 8 * n};
    assert_int_equal(chain_sign(c, body, &s, 1, &tx), CROFT_OK);
    u64 cost = cost_of(&tx, &p), before = chain_balance(c, n, CROFT_ASSET_CREDIT);
    assert_int_equal(croft_ledger_cost(c->l, &tx), cost);
    assert_int_equal(croft_amt_units(croft_ledger_fee(c->l, &tx)), cost * c->l->block_base_fee);
    assert_int_equal(chain_put(c, &tx), p.want);
    assert_int_equal(c->receipt.fee, cost * c->l->block_base_fee);
    assert_int_equal(c->receipt.op, body->op_case);
    if (p.want != CROFT_OK)
        assert_int_equal(before - chain_balance(c, n, CROFT_ASSET_CREDIT), c->receipt.fee);
}

static void price_of_money(struct chain *c)
{
    Croft__V1__TxBody *body = chain_transfer(c, 4, 5, 0, 10);
    chain_add_leg(c, body->transfer, chain_address(c, 10), 0, 1);
    chain_add_leg(c, body->transfer, chain_address(c, 11), 0, 1);
    expect_price(c, body, (struct priced){CROFT_OK, 3, 2});
    expect_price(c, chain_transfer(c, 4, 5, 0, 10), (struct priced){CROFT_OK, 1, 0});
    expect_price(c, chain_pending_open(c, 4, 1, 5, 10, 100), (struct priced){CROFT_OK, 3, 1});
    expect_price(c, chain_pending_open(c, 4, 2, 5, 10, 100), (struct priced){CROFT_OK, 3, 1});
    expect_price(c, chain_pending_post(c, 4, 4, 1, 10), (struct priced){CROFT_OK, 4, 0});
    expect_price(c, chain_pending_void(c, 5, 4, 2), (struct priced){CROFT_OK, 4, 0});
    expect_price(c, chain_issue(c, 0, 12, 0, 10), (struct priced){CROFT_OK, 3, 1});
    expect_price(c, chain_redeem(c, 4, 0, 0, 10), (struct priced){CROFT_OK, 4, 0});
    expect_price(c, chain_withdraw(c, 4, 1, 0, 0, 10), (struct priced){CROFT_OK, 3, 1});
    expect_price(c, chain_withdraw(c, 4, 2, 0, 0, 10), (struct priced){CROFT_OK, 3, 1});
    expect_price(c, chain_withdraw_paid(c, 0, 4, 1), (struct priced){CROFT_OK, 4, 0});
    expect_price(c, chain_withdraw_return(c, 0, 4, 2), (struct priced){CROFT_OK, 4, 0});
}

static void price_of_keys(struct chain *c)
{
    expect_price(c, chain_key_add(c, 4, chain_key(&c->scratch, 33, 1, CROFT_SCOPES_ALL)),
                 (struct priced){CROFT_OK, 4, 0});
    expect_price(c, chain_key_rotate(c, 4, 1, 34), (struct priced){CROFT_OK, 4, 0});
    expect_price(c, chain_key_revoke(c, 4, 1), (struct priced){CROFT_OK, 4, 0});
    expect_price(c, chain_key_thresholds(c, 4, 1), (struct priced){CROFT_OK, 4, 0});
    expect_price(c, chain_set_guardian(c, 4, 5, 86400), (struct priced){CROFT_OK, 4, 0});
    expect_price(c, chain_recover_start(c, 5, 4, c->actor[6].set), (struct priced){CROFT_OK, 3, 1});
    expect_price(c, chain_recover_cancel(c, 4), (struct priced){CROFT_OK, 4, 0});
    expect_price(c, chain_close(c, 7, 4),
                 (struct priced){CROFT_ERR_OP_TIME, 4, 0}); /* of the genesis second */
    expect_price(c, chain_propose_param(c, 1, 1, CROFT_PARAM_COST_WRITE, 6), (struct priced){CROFT_OK, 3, 1});
    expect_price(c, chain_vote(c, 1, 1, true), (struct priced){CROFT_OK, 4, 1});
}

static void test_cost_table(void **unused)
{
    (void)unused;
    struct chain c;
    chain_make(&c);
    chain_begin(&c, 0);
    price_of_money(&c);
    price_of_keys(&c);
    chain_end(&c);
    chain_stop(&c);
}

/* Every started 16 bytes of the whole transaction count. */
static void test_bytes_cost(void **unused)
{
    (void)unused;
    struct chain c;
    chain_make(&c);
    chain_begin(&c, 1);
    for (u32 len = 0; len <= 64; len++) {
        u8 reference[64] = {0};
        Croft__V1__TxBody *body = chain_transfer(&c, 4, 5, 0, 1);
        body->transfer->reference = chain_bytes(&c.scratch, reference, len);
        expect_price(&c, body, (struct priced){CROFT_OK, 1, 0});
    }
    chain_end(&c);
    chain_stop(&c);
}

static void expect_same_account(const struct croft_account_record *a, const struct croft_account_record *b)
{
    u8 x[CROFT_RECORD_VALUE_MAX], y[CROFT_RECORD_VALUE_MAX];
    size_t len = croft_layout_encode(&croft_account_layout, a, x, sizeof x);
    assert_int_equal(croft_layout_encode(&croft_account_layout, b, y, sizeof y), len);
    assert_memory_equal(x, y, len);
}

/* What the state is after a failed transaction: the payer's fee and nonce, what the block collected, no more.
 */
static void test_failed_takes_fee_only(void **unused)
{
    (void)unused;
    struct chain c;
    chain_make(&c);
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_transfer(&c, 4, 5, 0, 1)), CROFT_OK);
    struct croft_account_record before = chain_account(&c, 4);
    u32 accounts = croft_state_count(c.l->state, CROFT_TABLE_ACCOUNTS);
    Croft__V1__TxBody *body = chain_transfer(&c, 4, 12, 0, 5); /* creates 12, pays 5, then fails */
    chain_add_leg(&c, body->transfer, chain_address(&c, 13), 0, CHAIN_CREDIT - 3 * 1000000);
    assert_int_equal(chain_do(&c, body), CROFT_ERR_OP_DEPOSIT);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_ACCOUNTS), accounts);
    assert_int_equal(c.receipt.value, 0);

    struct croft_account_record after = chain_account(&c, 4);
    before.balance[CROFT_ASSET_CREDIT] =
        croft_amt_sub_must(before.balance[CROFT_ASSET_CREDIT], croft_amt_of(c.receipt.fee));
    croft_nonce_use(&before.key[0], body->nonce);
    expect_same_account(&before, &after);
    chain_end(&c);
    chain_stop(&c);
}

static void test_fees_are_collected(void **unused)
{
    (void)unused;
    struct chain c;
    u64 sum = 0;
    chain_make(&c);
    for (int block = 0; block < 3; block++) {
        chain_begin(&c, 1);
        for (int i = 0; i < 5; i++) {
            croft_err err = chain_do(&c, chain_transfer(&c, 4, 5, 0, i % 2 ? 1 : UINT64_MAX));
            assert_int_equal(err, i % 2 ? CROFT_OK : CROFT_ERR_OP_FUNDS);
            sum += c.receipt.fee;
        }
        chain_end(&c);
        assert_int_equal(chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT), sum);
    }
    chain_stop(&c);
}

static void test_network_without_fees(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = chain_genesis(&c);
    chain_param(&c, g, CROFT_PARAM_BASE_FEE_MIN, 0);
    chain_param(&c, g, CROFT_PARAM_DEPOSIT_RECORD, 0);
    chain_start(&c, g);
    for (int block = 0; block < 3; block++) {
        chain_begin(&c, 1);
        Croft__V1__TxBody *body = chain_transfer(&c, 4, 10, 0, 1);
        body->fee_max = 0;
        assert_int_equal(chain_do(&c, body), CROFT_OK);
        assert_int_equal(c.receipt.fee, 0);
        chain_end(&c);
        assert_int_equal(croft_ledger_chain(c.l).base_fee, 0);
    }
    assert_int_equal(chain_balance(&c, 4, 0), CHAIN_CREDIT - 3);
    chain_begin(&c, 1); /* somebody without money can act here */
    Croft__V1__TxBody *body = chain_transfer(&c, 10, 4, 0, 3);
    assert_int_equal(chain_do(&c, body), CROFT_OK);
    assert_int_equal(chain_balance(&c, 10, 0), 0);
    assert_int_equal(chain_do(&c, chain_set_guardian(&c, 10, CHAIN_ACTORS, 0)), CROFT_OK);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- fullness ---- */

/* Blocks of 100,001 cost whose transactions cost a little over 1,000 each. */
static void small_blocks(struct chain *c, u64 base_fee)
{
    chain_open(c);
    Croft__V1__Genesis *g = chain_genesis(c);
    chain_param(c, g, CROFT_PARAM_BLOCK_COST_MAX, 100001);
    chain_param(c, g, CROFT_PARAM_BLOCK_QUOTA_COST_MAX, 10000);
    chain_param(c, g, CROFT_PARAM_COST_SIGNATURE, 1000);
    chain_param(c, g, CROFT_PARAM_BASE_FEE_MIN, base_fee);
    chain_start(c, g);
}

/* Fills a block with up to count transactions; the cost that went in. */
static u64 fill(struct chain *c, u64 count)
{
    u64 used = 0;
    for (u64 i = 0; i < count; i++) {
        croft_err err = chain_do(c, chain_transfer(c, 4, 5, 0, 1));
        if (err == CROFT_ERR_TX_BLOCK_FULL)
            break;
        assert_int_equal(err, CROFT_OK);
        used += c->receipt.fee / c->l->block_base_fee;
    }
    return used;
}

/* base * (1 + (used - target) / target / 8), up a little more, never below the floor. */
static u64 expected_fee(u64 base, u64 used, u64 floor)
{
    const u64 target = 50000;
    u64 far = used > target ? used - target : target - used;
    u64 step = (u64)((u128)base * far / target / 8);
    u64 next = used > target ? base + step + 1 : base - step;
    return next < floor ? floor : next;
}

static void test_base_fee_follows_fullness(void **unused)
{
    (void)unused;
    struct chain c;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    u64 base = 1000;
    small_blocks(&c, base);
    for (int block = 0; block < 40; block++) {
        chain_begin(&c, 1);
        u64 used = fill(&c, block < 10 ? 200 : croft_rng_below(&rng, 120));
        chain_end(&c);
        u64 next = croft_ledger_chain(c.l).base_fee, most = base / 8 + 1;
        if (used != 0) { /* an empty block changes nothing */
            assert_int_equal(next, expected_fee(base, used, 1000));
            assert_true(next <= base + most && next + most >= base);
        } else {
            assert_int_equal(next, base);
        }
        base = next;
    }
    chain_stop(&c);
}

static void test_block_is_full(void **unused)
{
    (void)unused;
    struct chain c;
    small_blocks(&c, 1);
    chain_begin(&c, 1);
    u64 used = fill(&c, 200), one = c.receipt.fee;
    assert_true(used <= 100000 && used + one + one / 10 > 100000);
    struct croft_hash before = chain_digest(&c);
    assert_int_equal(chain_do(&c, chain_transfer(&c, 4, 5, 0, 1)), CROFT_ERR_TX_BLOCK_FULL);
    struct croft_hash after = chain_digest(&c);
    assert_memory_equal(before.b, after.b, sizeof before.b);
    chain_end(&c);
    chain_begin(&c, 0);
    assert_int_equal(chain_do(&c, chain_transfer(&c, 4, 5, 0, 1)), CROFT_OK);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- the quota lane ---- */

static void give_quota(struct chain *c, u32 n, u64 cost_per_day)
{
    chain_begin(c, 1);
    assert_int_equal(chain_do(c, chain_propose_quota(c, 1, 77, n, cost_per_day)), CROFT_OK);
    for (u32 v = 1; v <= CHAIN_OPERATORS; v++)
        assert_int_equal(chain_do(c, chain_vote(c, v, 77, true)), CROFT_OK);
    chain_end(c);
    assert_int_equal(chain_account(c, n).quota_per_day, cost_per_day);
}

static croft_err quota_post(struct chain *c, u32 payer, u64 id)
{
    Croft__V1__TxBody *body = chain_pending_post(c, payer, payer, id, 1);
    body->lane = CROFT_LANE_QUOTA;
    body->fee_max = 0;
    return chain_do(c, body);
}

/* Pendings of actor 4, and its quota for three posts a day (each costs a little over 1,000). */
static void quota_network(struct chain *c)
{
    small_blocks(c, 1000);
    give_quota(c, 4, 3500);
    chain_begin(c, 1);
    for (u64 id = 0; id < 12; id++)
        assert_int_equal(chain_do(c, chain_pending_open(c, 4, id, 5, 1, 1000000)), CROFT_OK);
    chain_end(c);
}

static void test_quota_per_day(void **unused)
{
    (void)unused;
    struct chain c;
    quota_network(&c);
    for (u64 day = 0; day < 3; day++) {
        chain_begin(&c, 86400 - c.now_s % 86400);
        u64 before = chain_balance(&c, 4, 0), deposit = chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
        for (u64 i = 0; i < 3; i++)
            assert_int_equal(quota_post(&c, 4, 4 * day + i), CROFT_OK);
        assert_int_equal(quota_post(&c, 4, 4 * day + 3), CROFT_ERR_TX_LANE);
        assert_int_equal(chain_balance(&c, 4, 0), before + 3 * deposit); /* no fee */
        u64 base = croft_ledger_chain(c.l).base_fee;
        chain_end(&c);
        assert_true(croft_ledger_chain(c.l).base_fee <= base); /* its cost is not the normal lane's */
    }
    chain_stop(&c);
}

/* A failed operation used its quota up, as a fee would have been taken. */
static void test_quota_of_failed(void **unused)
{
    (void)unused;
    struct chain c;
    quota_network(&c);
    chain_begin(&c, 86400 - c.now_s % 86400);
    for (int i = 0; i < 3; i++)
        assert_int_equal(quota_post(&c, 4, 999), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(quota_post(&c, 4, 0), CROFT_ERR_TX_LANE);
    chain_end(&c);
    chain_stop(&c);
}

static void test_lane_is_for_settlement(void **unused)
{
    (void)unused;
    struct chain c;
    quota_network(&c);
    give_quota(&c, 4, 1000000);
    chain_begin(&c, 1);
    Croft__V1__TxBody *body = chain_transfer(&c, 4, 5, 0, 1);
    body->lane = CROFT_LANE_QUOTA;
    assert_int_equal(chain_do(&c, body), CROFT_ERR_TX_LANE);
    body = chain_pending_void(&c, 5, 4, 1); /* who has no quota */
    body->lane = CROFT_LANE_QUOTA;
    assert_int_equal(chain_do(&c, body), CROFT_ERR_TX_LANE);
    fill(&c, 200);
    u64 id = 0;
    while (quota_post(&c, 4, id) == CROFT_OK) /* a full normal lane leaves the other alone */
        id++;
    assert_int_equal(id, 9); /* 10,000 is the lane's most */
    assert_int_equal(quota_post(&c, 4, id), CROFT_ERR_TX_BLOCK_FULL);
    chain_end(&c);
    chain_stop(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cost_table),
        cmocka_unit_test(test_bytes_cost),
        cmocka_unit_test(test_failed_takes_fee_only),
        cmocka_unit_test(test_fees_are_collected),
        cmocka_unit_test(test_network_without_fees),
        cmocka_unit_test(test_base_fee_follows_fullness),
        cmocka_unit_test(test_block_is_full),
        cmocka_unit_test(test_quota_per_day),
        cmocka_unit_test(test_quota_of_failed),
        cmocka_unit_test(test_lane_is_for_settlement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
