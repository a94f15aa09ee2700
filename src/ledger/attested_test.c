/* Goal: vouchers inside a transaction are verified with it and paid for like its own signatures. Method: a
 * settle of 64 vouchers that are all right; each of them wrong in turn; the cost with one voucher more and
 * one less. */
#include "ledger/market_test_int.h"

static struct chain_voucher voucher_of(const struct chain *c, u32 i)
{
    return (struct chain_voucher){.buyer = 4,
                                  .lease = 1 + i,
                                  .key = CHAIN_KEY_VOUCHER + i % 3,
                                  .order = 7 + i,
                                  .stamp = 9 + i,
                                  .served_until_s = c->now_s - i,
                                  .units = 100 + i,
                                  .seq = 1 + i};
}

static Croft__V1__TxBody *settle_of(struct chain *c, u32 count)
{
    struct chain_voucher v[CROFT_VOUCHERS_MAX];
    for (u32 i = 0; i < count; i++)
        v[i] = voucher_of(c, i);
    return chain_settle_many(c, 5, v, count);
}

static struct croft_tx signed_tx(struct chain *c, const Croft__V1__TxBody *body)
{
    struct croft_tx tx;
    const struct chain_signer s = {0, 8 * chain_actor_of(c, body)};
    assert_int_equal(chain_sign(c, body, &s, 1, &tx), CROFT_OK);
    return tx;
}

static croft_err verify(const struct chain *c, const struct croft_tx *tx)
{
    struct croft_tx_auth auth;
    assert_int_equal(croft_ledger_check(c->l, tx, c->now_s, &auth), CROFT_OK);
    assert_false(auth.verified);
    croft_err err = croft_tx_auth_verify(tx, &auth);
    assert_int_equal(auth.verified, err == CROFT_OK);
    return err;
}

/* The body of a settle of 64 whose voucher `wrong` was changed after it was signed. */
static void expect_seen(struct chain *c, u32 wrong, void (*change)(Croft__V1__Voucher *v))
{
    Croft__V1__TxBody *body = settle_of(c, CROFT_VOUCHERS_MAX);
    change(body->settle->vouchers[wrong]);
    struct croft_tx tx = signed_tx(c, body);
    assert_int_equal(verify(c, &tx), CROFT_ERR_TX_SIGNATURE);
    assert_int_equal(croft_ledger_block_tx(c->l, &tx, NULL, &c->receipt), CROFT_ERR_TX_SIGNATURE);
}

static void change_units(Croft__V1__Voucher *v)
{
    v->units++;
}

static void change_stamp(Croft__V1__Voucher *v)
{
    v->stamp++;
}

static void change_signature(Croft__V1__Voucher *v)
{
    v->signature.data[5] ^= 1;
}

static void change_key(Croft__V1__Voucher *v)
{
    v->public_key.data[5] ^= 1;
}

static void test_one_wrong_among_64(void **unused)
{
    (void)unused;
    struct chain c;
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    struct croft_tx tx = signed_tx(&c, settle_of(&c, CROFT_VOUCHERS_MAX));
    assert_int_equal(tx.attested_count, CROFT_VOUCHERS_MAX);
    assert_int_equal(verify(&c, &tx), CROFT_OK);
    for (u32 i = 0; i < CROFT_VOUCHERS_MAX; i += 9) {
        expect_seen(&c, i, change_units);
        expect_seen(&c, i, change_signature);
    }
    expect_seen(&c, CROFT_VOUCHERS_MAX - 1, change_stamp);
    expect_seen(&c, CROFT_VOUCHERS_MAX - 1, change_key);
    chain_end(&c);
    chain_stop(&c);
}

/* Signed for another network: as wrong as any. */
static void test_other_network(void **unused)
{
    (void)unused;
    struct chain c;
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    struct croft_hash network = c.network;
    c.network.b[0] ^= 1;
    Croft__V1__TxBody *body = settle_of(&c, 2);
    c.network = network;
    struct croft_tx tx = signed_tx(&c, body);
    assert_int_equal(verify(&c, &tx), CROFT_ERR_TX_SIGNATURE);
    chain_end(&c);
    chain_stop(&c);
}

static u64 cost_of(struct chain *c, const Croft__V1__TxBody *body, u32 attested, u64 written, u64 created)
{
    struct croft_tx tx = signed_tx(c, body);
    u64 cost = 40 * (1 + (u64)attested) + (tx.bytes.len + 15) / 16 + 5 * (1 + written) + 20 * created;
    assert_int_equal(tx.attested_count, attested);
    assert_int_equal(croft_ledger_cost(c->l, &tx), cost);
    return cost;
}

/* 40 for each signature, its own and those inside; 1 + 5 records written for each voucher. */
static void test_cost(void **unused)
{
    (void)unused;
    struct chain c;
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    struct chain_voucher v = voucher_of(&c, 0);
    u64 least = 0;
    for (u32 count = 1; count <= CROFT_VOUCHERS_MAX; count++) {
        u64 cost = cost_of(&c, settle_of(&c, count), count, 1 + 5 * (u64)count, 0);
        assert_true(cost >= least + 40 + 25);
        least = cost;
    }
    u64 without = cost_of(&c, chain_lease_stop(&c, 5, 4, 7, 1, NULL), 0, 6, 0);
    u64 with = cost_of(&c, chain_lease_stop(&c, 5, 4, 7, 1, &v), 1, 6, 0);
    assert_true(with > without + 40);
    const struct croft_hash said = {{1}}, committed = {{2}};
    cost_of(&c, chain_slash(&c, 5, 6, chain_lease_id(&c, 4, 7, 1), 9, 3, &said, &committed), 1, 8, 0);
    chain_end(&c);
    chain_stop(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_wrong_among_64),
        cmocka_unit_test(test_other_network),
        cmocka_unit_test(test_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
