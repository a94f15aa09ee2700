#include "chain/wallet.h"

#include "chain/fake_chain_int.h"

static struct croft_region region;
static struct croft_rng rng;
static struct fake_chain chain;
static struct croft_client client;
static struct croft_secret_key secret;
static struct croft_wallet wallet;

static int start(void **state)
{
    (void)state;
    u8 seed[32];
    croft_rng_fill(&rng, seed, sizeof seed);
    croft_secret_key_from_seed(&secret, seed);
    struct croft_public_key key = croft_public_key_of(&secret);
    struct croft_address address;
    struct croft_why why;
    CROFT_ASSERT(croft_wallet_address(&key, &address) == CROFT_OK);
    fake_start(&chain, &key, &address);
    const struct croft_client_options options = {
        .world = croft_world_system(), .where = chain.where, .timeout_ms = 5000};
    CROFT_ASSERT(croft_client_open(&options, &client, &why) == CROFT_OK);
    wallet = (struct croft_wallet){.client = &client, .account = address, .key = &secret};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    croft_client_close(&client);
    fake_stop(&chain);
    return 0;
}

static croft_err vote(struct croft_wallet_result *out, struct croft_why *why)
{
    struct croft_arena mem = croft_region_arena(&region);
    Croft__V1__Vote op = CROFT__V1__VOTE__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    op.proposal = 1;
    body.op_case = CROFT__V1__TX_BODY__OP_VOTE;
    body.vote = &op;
    croft_err err = croft_wallet_send(&wallet, &body, &mem, out, why);
    assert_null(body.key_set);
    assert_int_equal(body.account_address.len, 0);
    return err;
}

static void many_in_a_row(void **state)
{
    (void)state;
    struct croft_wallet_result result;
    struct croft_why why;
    for (u64 i = 1; i <= 20; i++) {
        assert_int_equal(vote(&result, &why), CROFT_OK);
        assert_int_equal(result.height, i);
        assert_int_equal(croft_amt_units(result.fee), FAKE_FEE);
        assert_memory_equal(result.id.b, chain.tx_id[i - 1].b, 32);
    }
    assert_int_equal(chain.submissions, 20);
}

static void a_lost_answer_counts_once(void **state)
{
    (void)state;
    struct croft_wallet_result result;
    struct croft_why why;
    chain.drop_submits = 2;
    assert_int_equal(vote(&result, &why), CROFT_OK);
    assert_int_equal(chain.tx_count, 1);
    assert_int_equal(chain.submissions, 3);
    assert_int_equal(result.height, 1);
    assert_int_equal(vote(&result, &why), CROFT_OK);
    assert_int_equal(chain.tx_count, 2);
}

static void a_nonce_taken_by_another_program_is_drawn_again(void **state)
{
    (void)state;
    struct croft_wallet_result result;
    struct croft_why why;
    chain.take_nonces = 2;
    assert_int_equal(vote(&result, &why), CROFT_OK);
    assert_int_equal(chain.tx_count, 1);
    assert_int_equal(chain.submissions, 3);
}

static void refused_and_failed_are_told_apart(void **state)
{
    (void)state;
    struct croft_wallet_result result;
    struct croft_why why;
    chain.force_code = CROFT_ERR_TX_FUNDS;
    assert_int_equal(vote(&result, &why), CROFT_ERR_TX_FUNDS);
    assert_int_equal(result.height, 0);
    assert_non_null(strstr(why.text, "refused"));
    chain.height = 9;
    chain.force_code = CROFT_ERR_OP_FUNDS;
    assert_int_equal(vote(&result, &why), CROFT_ERR_OP_FUNDS);
    assert_int_equal(result.height, 9);
    assert_non_null(strstr(why.text, "fee taken"));
    chain.force_code = 65000; /* of a later release */
    assert_int_equal(vote(&result, &why), CROFT_ERR_DECODE);
}

static void an_open_outcome_names_the_transaction(void **state)
{
    (void)state;
    struct croft_wallet_result result;
    struct croft_why why;
    chain.drop_submits = 1000;
    client.options.timeout_ms = 600;
    assert_int_equal(vote(&result, &why), CROFT_ERR_UNAVAILABLE);
    assert_non_null(strstr(why.text, "croft tx show "));
    assert_int_equal(chain.tx_count, 1);
}

static void accounts_and_keys_that_do_not_fit(void **state)
{
    (void)state;
    struct croft_wallet_result result;
    struct croft_why why;
    chain.no_account = true;
    assert_int_equal(vote(&result, &why), CROFT_ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "croft1"));
    chain.no_account = false;

    struct croft_secret_key other;
    u8 seed[32];
    croft_rng_fill(&rng, seed, sizeof seed);
    croft_secret_key_from_seed(&other, seed);
    wallet.key = &other;
    assert_int_equal(vote(&result, &why), CROFT_ERR_TX_KEY); /* no key set shown yet */
    wallet.key = &secret;
    assert_int_equal(vote(&result, &why), CROFT_OK);
    wallet.key = &other;
    assert_int_equal(vote(&result, &why), CROFT_ERR_TX_KEY); /* not in the set */
    assert_int_equal(chain.submissions, 1);
}

static void what_the_chain_would_refuse_is_not_sent(void **state)
{
    (void)state;
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_wallet_result result;
    struct croft_why why;
    Croft__V1__KeyRevoke op = CROFT__V1__KEY_REVOKE__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    op.key = 8;
    body.op_case = CROFT__V1__TX_BODY__OP_KEY_REVOKE;
    body.key_revoke = &op;
    assert_int_equal(croft_wallet_send(&wallet, &body, &mem, &result, &why), CROFT_ERR_TX_RANGE);
    assert_int_equal(chain.submissions, 0);
}

static void what_the_account_cannot_pay_is_not_sent(void **state)
{
    (void)state;
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_wallet_result result;
    struct croft_why why;
    u8 to[32] = {7};
    Croft__V1__Leg leg = CROFT__V1__LEG__INIT, *legs[] = {&leg};
    Croft__V1__Transfer op = CROFT__V1__TRANSFER__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    leg.to_address = (ProtobufCBinaryData){32, to};
    op.n_legs = 1;
    op.legs = legs;
    body.op_case = CROFT__V1__TX_BODY__OP_TRANSFER;
    body.transfer = &op;
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++) {
        chain.account.balance[asset] = croft_amt_of(5000000000);
        leg.asset = asset;
        leg.amount = 5000000001;
        u32 before = chain.submissions;
        assert_int_equal(croft_wallet_send(&wallet, &body, &mem, &result, &why), CROFT_ERR_TX_FUNDS);
        assert_non_null(strstr(why.text, "has 5.00"));
        assert_non_null(strstr(why.text, "nothing was sent"));
        assert_int_equal(chain.submissions, before);
        leg.amount = 4000000000;
        assert_int_equal(croft_wallet_send(&wallet, &body, &mem, &result, &why), CROFT_OK);
    }
}

static void a_limit_of_zero_is_a_limit(void **state)
{
    (void)state;
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_public_key lead = croft_public_key_of(&secret);
    struct croft_unsent draft;
    struct croft_why why;
    Croft__V1__Vote op = CROFT__V1__VOTE__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    body.op_case = CROFT__V1__TX_BODY__OP_VOTE;
    body.vote = &op;
    chain.base_fee = 10;
    assert_int_equal(croft_wallet_draft(&wallet, &lead, &body, &mem, &draft, &why), CROFT_OK);
    assert_true(draft.body->fee_max > 0);
    wallet.has_fee_max = true;
    assert_int_equal(croft_wallet_draft(&wallet, &lead, &body, &mem, &draft, &why), CROFT_OK);
    assert_int_equal(draft.body->fee_max, 0);
}

static void a_validity_that_is_too_long_is_not_sent(void **state)
{
    (void)state;
    struct croft_wallet_result result;
    struct croft_why why;
    wallet.valid_s = 30 * 86400;
    assert_int_equal(vote(&result, &why), CROFT_ERR_TX_TOO_LONG);
    assert_non_null(strstr(why.text, "86400 s (24 h)"));
    assert_int_equal(chain.submissions, 0);
    wallet.valid_s = 86400;
    assert_int_equal(vote(&result, &why), CROFT_OK);
}

static void a_draft_is_sent_once_however_often(void **state)
{
    (void)state;
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_public_key lead = croft_public_key_of(&secret);
    struct croft_wallet_result first, second;
    struct croft_unsent draft;
    struct croft_bytes tx;
    struct croft_why why;
    Croft__V1__Vote op = CROFT__V1__VOTE__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    body.op_case = CROFT__V1__TX_BODY__OP_VOTE;
    body.vote = &op;
    assert_int_equal(croft_wallet_draft(&wallet, NULL, &body, &mem, &draft, &why), CROFT_ERR_TX_KEY);
    assert_int_equal(croft_wallet_draft(&wallet, &lead, &body, &mem, &draft, &why), CROFT_OK);
    assert_null(body.key_set);
    assert_int_equal(chain.submissions, 0);
    assert_true(draft.body->nonce > chain.account.nonce_floor + CROFT_REPLAY_WINDOW / 2);
    assert_true(draft.body->nonce <= chain.account.nonce_floor + CROFT_REPLAY_WINDOW);
    assert_int_equal(croft_unsent_sign(&draft, &secret, &why), CROFT_OK);
    assert_int_equal(croft_unsent_pack(&draft, &mem, &tx, &why), CROFT_OK);
    assert_int_equal(vote(&first, &why), CROFT_OK); /* meanwhile */
    assert_int_equal(croft_wallet_submit(&client, tx, &draft.id, mem, &first, &why), CROFT_OK);
    assert_int_equal(croft_wallet_submit(&client, tx, &draft.id, mem, &second, &why), CROFT_OK);
    assert_int_equal(first.height, 2);
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(chain.tx_count, 2);
}

static void a_draft_whose_nonce_is_gone(void **state)
{
    (void)state;
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_public_key lead = croft_public_key_of(&secret);
    struct croft_wallet_result result;
    struct croft_unsent draft;
    struct croft_bytes tx;
    struct croft_why why;
    Croft__V1__Vote op = CROFT__V1__VOTE__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    body.op_case = CROFT__V1__TX_BODY__OP_VOTE;
    body.vote = &op;
    assert_int_equal(croft_wallet_draft(&wallet, &lead, &body, &mem, &draft, &why), CROFT_OK);
    assert_int_equal(croft_unsent_sign(&draft, &secret, &why), CROFT_OK);
    assert_int_equal(croft_unsent_pack(&draft, &mem, &tx, &why), CROFT_OK);
    chain.take_nonces = 1;
    assert_int_equal(croft_wallet_submit(&client, tx, &draft.id, mem, &result, &why), CROFT_ERR_TX_REPLAY);
    assert_non_null(strstr(why.text, "another transaction used its nonce"));
    assert_int_equal(chain.tx_count, 0);
}

static void the_lowest_unused_nonce(void **state)
{
    (void)state;
    for (int round = 0; round < 1000; round++) {
        struct croft_key_record key = {.nonce_base = croft_rng_below(&rng, UINT64_C(1) << 60)};
        u64 used = croft_rng_below(&rng, CROFT_REPLAY_WINDOW);
        for (u64 i = 0; i < used; i++)
            key.nonce_map[i / 8] |= (u8)(1u << (i % 8));
        u64 later = used + 1 + croft_rng_below(&rng, CROFT_REPLAY_WINDOW);
        if (later < CROFT_REPLAY_WINDOW)
            key.nonce_map[later / 8] |= (u8)(1u << (later % 8));
        assert_int_equal(croft_wallet_nonce(&key), key.nonce_base + 1 + used);
    }
}

static void a_nonce_by_chance_is_unused(void **state)
{
    (void)state;
    struct croft_world *world = croft_world_system();
    for (int round = 0; round < 1000; round++) {
        struct croft_key_record key = {.nonce_base = croft_rng_below(&rng, UINT64_C(1) << 60)};
        croft_rng_fill(&rng, key.nonce_map, sizeof key.nonce_map);
        if (round % 10 == 0)
            memset(key.nonce_map, 0xff, sizeof key.nonce_map / 2);
        u64 bit = croft_wallet_random_nonce(&key, world) - key.nonce_base - 1;
        assert_true(bit <= CROFT_REPLAY_WINDOW);
        assert_true(bit == CROFT_REPLAY_WINDOW || (key.nonce_map[bit / 8] >> (bit % 8) & 1) == 0);
        assert_true(round % 10 == 0 || bit < CROFT_REPLAY_WINDOW / 2);
    }
}

static void cost_grows_with_what_is_done_and_never_wraps(void **state)
{
    (void)state;
    struct croft_params params = {0};
    params.value[CROFT_PARAM_COST_SIGNATURE] = 40;
    params.value[CROFT_PARAM_COST_BYTES_16] = 1;
    params.value[CROFT_PARAM_COST_WRITE] = 5;
    params.value[CROFT_PARAM_COST_CREATE] = 20;
    Croft__V1__Transfer op = CROFT__V1__TRANSFER__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    body.op_case = CROFT__V1__TX_BODY__OP_TRANSFER;
    body.transfer = &op;
    op.n_legs = 1;
    u64 one = croft_wallet_cost(&params, &body, 160, 1);
    assert_int_equal(one, 40 + 10 + 2 * 5 + 20);
    op.n_legs = 1000;
    assert_true(croft_wallet_cost(&params, &body, 160, 1) >= one + 999 * 25);
    params.value[CROFT_PARAM_COST_CREATE] = UINT64_MAX / 2;
    assert_true(croft_wallet_cost(&params, &body, 160, 1) == UINT64_MAX);
}

int main(void)
{
    rng = croft_rng_of(croft_test_seed());
    CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    CROFT_ASSERT(croft_region_map(&region, 64 << 20));
#define FAKE(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        FAKE(many_in_a_row),
        FAKE(a_lost_answer_counts_once),
        FAKE(a_nonce_taken_by_another_program_is_drawn_again),
        FAKE(refused_and_failed_are_told_apart),
        FAKE(an_open_outcome_names_the_transaction),
        FAKE(accounts_and_keys_that_do_not_fit),
        FAKE(what_the_chain_would_refuse_is_not_sent),
        FAKE(what_the_account_cannot_pay_is_not_sent),
        FAKE(a_limit_of_zero_is_a_limit),
        FAKE(a_validity_that_is_too_long_is_not_sent),
        cmocka_unit_test(a_nonce_by_chance_is_unused),
        FAKE(a_draft_is_sent_once_however_often),
        FAKE(a_draft_whose_nonce_is_gone),
        cmocka_unit_test(the_lowest_unused_nonce),
        cmocka_unit_test(cost_grows_with_what_is_done_and_never_wraps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
