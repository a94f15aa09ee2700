/* Goal: every field of every operation is refused outside its range and taken at its ends.
 * Method: one change at a time to a random valid body, with the answer that the range of the field gives. */
#include "wire/test_range_int.h"

static void test_body(void **unused)
{
    (void)unused;
    EDGE(VOTE, b->format = 0, CROFT_ERR_TX_DECODE);
    EDGE(VOTE, b->format = 2, CROFT_ERR_TX_DECODE);
    EDGE(VOTE, b->lane = 2, RANGE);
    EDGE(VOTE, b->lane = UINT32_MAX, RANGE);
    EDGE(VOTE, b->op_case = CROFT__V1__TX_BODY__OP__NOT_SET, RANGE);
    EDGE(VOTE, b->account_address = make_bytes(&m, 0), RANGE);
    EDGE(VOTE, b->nonce = b->valid_until_s = b->fee_max = 0, OK);
    EDGE(VOTE, b->nonce = b->valid_until_s = b->fee_max = UINT64_MAX, OK);
    ADDRESS(VOTE, account_address);
}

static void test_transfer(void **unused)
{
    (void)unused;
    EDGE(TRANSFER, b->transfer->n_legs = 0, RANGE);
    EDGE(TRANSFER, for (size_t i = b->transfer->n_legs; i <= CROFT_TX_LEGS_MAX; i++) b->transfer->legs[i] =
                       make_leg(&m);
         b->transfer->n_legs = CROFT_TX_LEGS_MAX, OK);
    EDGE(TRANSFER, for (size_t i = b->transfer->n_legs; i <= CROFT_TX_LEGS_MAX; i++) b->transfer->legs[i] =
                       make_leg(&m);
         b->transfer->n_legs = CROFT_TX_LEGS_MAX + 1, RANGE);
    EDGE(TRANSFER, b->transfer->reference = make_bytes(&m, 64), OK);
    EDGE(TRANSFER, b->transfer->reference = make_bytes(&m, 65), RANGE);
    EDGE(TRANSFER, b->transfer->legs[b->transfer->n_legs - 1]->to_address = b->account_address, SELF);
    ADDRESS(TRANSFER, transfer->legs[0]->to_address);
    MONEY(TRANSFER, transfer->legs[0]);
}

static void test_pendings(void **unused)
{
    (void)unused;
    ADDRESS(PENDING_OPEN, pending_open->payee_address);
    EDGE(PENDING_OPEN, b->pending_open->payee_address = b->account_address, SELF);
    MONEY(PENDING_OPEN, pending_open);
    EDGE(PENDING_OPEN, b->pending_open->arbiter_address = make_bytes(&m, 0), OK);
    ADDRESS(PENDING_OPEN, pending_open->arbiter_address);
    EDGE(PENDING_OPEN, b->pending_open->id = 0; b->pending_open->expires_s = 0, OK);
    ADDRESS(PENDING_POST, pending_post->payer_address);
    EDGE(PENDING_POST, b->pending_post->amount = 0, OK);
    EDGE(PENDING_POST, b->pending_post->payer_address = b->account_address, OK);
    ADDRESS(PENDING_VOID, pending_void->payer_address);
}

static void test_issuers(void **unused)
{
    (void)unused;
    ADDRESS(ISSUE, issue->to_address);
    MONEY(ISSUE, issue);
    EDGE(ISSUE, b->issue->reference = make_bytes(&m, 64), OK);
    EDGE(ISSUE, b->issue->reference = make_bytes(&m, 65), RANGE);
    EDGE(ISSUE, b->issue->to_address = b->account_address, OK);
    ADDRESS(REDEEM, redeem->issuer_address);
    MONEY(REDEEM, redeem);
    EDGE(REDEEM, b->redeem->reference = make_bytes(&m, 65), RANGE);
    ADDRESS(WITHDRAW, withdraw->issuer_address);
    MONEY(WITHDRAW, withdraw);
    EDGE(WITHDRAW, b->withdraw->payout_reference = make_bytes(&m, 0), RANGE);
    EDGE(WITHDRAW, b->withdraw->payout_reference = make_bytes(&m, 1), OK);
    EDGE(WITHDRAW, b->withdraw->payout_reference = make_bytes(&m, 64), OK);
    EDGE(WITHDRAW, b->withdraw->payout_reference = make_bytes(&m, 65), RANGE);
    ADDRESS(WITHDRAW_PAID, withdraw_paid->account_address);
    ADDRESS(WITHDRAW_RETURN, withdraw_return->account_address);
}

#define KEY_EDGES(OP, key)                                                                     \
    do {                                                                                       \
        EDGE(OP, b->key->scheme = 0, RANGE);                                                   \
        EDGE(OP, b->key->scheme = 2, RANGE);                                                   \
        EDGE(OP, b->key->scheme = 257, RANGE);                                                 \
        EDGE(OP, b->key->weight = 0, RANGE);                                                   \
        EDGE(OP, b->key->weight = 256, RANGE);                                                 \
        EDGE(OP, b->key->weight = 255, OK);                                                    \
        EDGE(OP, b->key->scopes = 0, RANGE);                                                   \
        EDGE(OP, b->key->scopes = CROFT_SCOPES_ALL + 1, RANGE);                                \
        EDGE(OP, b->key->scopes = 257, RANGE);                                                 \
        EDGE(OP, b->key->public_key = make_bytes(&m, 31), RANGE);                              \
        EDGE(OP, b->key->public_key = make_bytes(&m, 33), RANGE);                              \
        EDGE(OP, b->key->cap_credit = b->key->cap_token = b->key->expires_s = UINT64_MAX, OK); \
    } while (0)

static void test_keys(void **unused)
{
    (void)unused;
    EDGE(KEY_ADD, b->key_add->key = NULL, RANGE);
    KEY_EDGES(KEY_ADD, key_add->key);
    EDGE(KEY_ADD, b->key_add->key->scopes = 1, OK);
    EDGE(KEY_REVOKE, b->key_revoke->key = CROFT_KEYS_MAX - 1, OK);
    EDGE(KEY_REVOKE, b->key_revoke->key = CROFT_KEYS_MAX, RANGE);
    EDGE(KEY_ROTATE, b->key_rotate->key = CROFT_KEYS_MAX - 1, OK);
    EDGE(KEY_ROTATE, b->key_rotate->key = CROFT_KEYS_MAX, RANGE);
    EDGE(KEY_ROTATE, b->key_rotate->public_key = make_bytes(&m, 31), RANGE);
    EDGE(KEY_THRESHOLDS, b->key_thresholds->thresholds = make_bytes(&m, CROFT_SCOPE_COUNT - 1), RANGE);
    EDGE(KEY_THRESHOLDS, b->key_thresholds->thresholds = make_bytes(&m, CROFT_SCOPE_COUNT + 1), RANGE);
    for (u32 s = 0; s < CROFT_SCOPE_COUNT; s++)
        EDGE(KEY_THRESHOLDS, b->key_thresholds->thresholds.data[s] = 0, RANGE);
    EDGE(KEY_THRESHOLDS, memset(b->key_thresholds->thresholds.data, 255, CROFT_SCOPE_COUNT), OK);
}

/* A set of two keys, weights 3 and 4, in a transaction that shows it. */
static Croft__V1__KeySet *two_keys(Croft__V1__TxBody *b)
{
    Croft__V1__KeySet *set = make_key_set(&m);
    set->keys = croft_new(&m.mem, Croft__V1__Key *, CROFT_KEYS_MAX + 1);
    for (size_t i = 0; i <= CROFT_KEYS_MAX; i++)
        set->keys[i] = make_key(&m);
    set->n_keys = 2;
    set->keys[0]->weight = 3;
    set->keys[1]->weight = 4;
    b->key_set = set;
    return set;
}

static void test_key_sets(void **unused)
{
    (void)unused;
    enum { ADMIN = CROFT_SCOPE_ADMIN, TRADE = CROFT_SCOPE_TRADE, ALL = CROFT_SCOPES_ALL };
    EDGE(VOTE, two_keys(b)->n_keys = 0, RANGE);
    EDGE(VOTE, two_keys(b)->n_keys = CROFT_KEYS_MAX, OK);
    EDGE(VOTE, two_keys(b)->n_keys = CROFT_KEYS_MAX + 1, RANGE);
    EDGE(VOTE, two_keys(b)->thresholds = make_bytes(&m, CROFT_SCOPE_COUNT - 1), RANGE);
    for (u32 s = 0; s < CROFT_SCOPE_COUNT; s++) {
        EDGE(VOTE, two_keys(b)->thresholds.data[s] = 0, RANGE);
        EDGE(VOTE, two_keys(b)->thresholds.data[s] = 7, OK);
        EDGE(VOTE, two_keys(b)->thresholds.data[s] = 8, RANGE);
    }
    EDGE(VOTE, two_keys(b); b->key_set->keys[1]->public_key = b->key_set->keys[0]->public_key, RANGE);
    /* A scope that no key has may have any threshold, but somebody must administer. */
    EDGE(VOTE, two_keys(b)->thresholds.data[TRADE] = 200;
         b->key_set->keys[0]->scopes = b->key_set->keys[1]->scopes = ALL & ~(1u << TRADE), OK);
    EDGE(VOTE, two_keys(b);
         b->key_set->keys[0]->scopes = b->key_set->keys[1]->scopes = ALL & ~(1u << ADMIN), RANGE);
    EDGE(VOTE, two_keys(b)->thresholds.data[ADMIN] = 4;
         b->key_set->keys[0]->scopes = ALL & ~(1u << ADMIN), OK);
    EDGE(VOTE, two_keys(b)->thresholds.data[ADMIN] = 5;
         b->key_set->keys[0]->scopes = ALL & ~(1u << ADMIN), RANGE);
    KEY_EDGES(RECOVER_START, recover_start->key_set->keys[0]);
}

static void test_guardians(void **unused)
{
    (void)unused;
    EDGE(SET_GUARDIAN, b->set_guardian->guardian_address = make_bytes(&m, 0), OK);
    EDGE(SET_GUARDIAN, b->set_guardian->guardian_address = b->account_address, SELF);
    ADDRESS(SET_GUARDIAN, set_guardian->guardian_address);
    ADDRESS(RECOVER_START, recover_start->account_address);
    EDGE(RECOVER_START, b->recover_start->account_address = b->account_address, SELF);
    EDGE(RECOVER_START, b->recover_start->key_set = NULL, RANGE);
    ADDRESS(CLOSE_ACCOUNT, close_account->to_address);
    EDGE(CLOSE_ACCOUNT, b->close_account->to_address = b->account_address, SELF);
    EDGE(RECOVER_CANCEL, (void)b, OK);
}

#define CHANGE_EDGE(CHANGE, change, want) \
    EDGE(PROPOSE, make_propose_of(&m, b, CROFT__V1__PROPOSE__CHANGE_##CHANGE); change, want)

static void test_proposals(void **unused)
{
    (void)unused;
    EDGE(PROPOSE, b->propose->change_case = CROFT__V1__PROPOSE__CHANGE__NOT_SET, RANGE);
    CHANGE_EDGE(PARAM, b->propose->param->param = 0, OK); /* the ledger knows which there are */
    CHANGE_EDGE(PROTOCOL, b->propose->protocol->protocol = 0, RANGE);
    CHANGE_EDGE(PROTOCOL, b->propose->protocol->release = text(""), RANGE);
    CHANGE_EDGE(PROTOCOL, b->propose->protocol->release = text("0123456789012345678901234567890"), OK);
    CHANGE_EDGE(PROTOCOL, b->propose->protocol->release = text("01234567890123456789012345678901"), RANGE);
    CHANGE_EDGE(PROTOCOL, b->propose->protocol->release = text("v1 2"), RANGE);
    CHANGE_EDGE(PROTOCOL, b->propose->protocol->release = text("v1\n"), RANGE);
    CHANGE_EDGE(PROTOCOL, b->propose->protocol->release = text("v1\x7f"), RANGE);
    CHANGE_EDGE(PROTOCOL, b->propose->protocol->release = text("v1\xc3\xa4"), RANGE);
    CHANGE_EDGE(VALIDATOR, b->propose->validator->power = 0, OK);
    CHANGE_EDGE(VALIDATOR, b->propose->validator->power = (u64)INT64_MAX / 512, OK);
    CHANGE_EDGE(VALIDATOR, b->propose->validator->power = (u64)INT64_MAX / 512 + 1, RANGE);
    CHANGE_EDGE(VALIDATOR, b->propose->validator->public_key = make_bytes(&m, 31), RANGE);
    CHANGE_EDGE(VALIDATOR, b->propose->validator->operator_address = system_address(1), RESERVED);
    CHANGE_EDGE(VALIDATOR, b->propose->validator->operator_address = make_bytes(&m, 0), RANGE);
    CHANGE_EDGE(ISSUER, b->propose->issuer->asset = CROFT_ASSET_COUNT, RANGE);
    CHANGE_EDGE(ISSUER, b->propose->issuer->issuer_address = system_address(3), RESERVED);
    CHANGE_EDGE(ISSUER, b->propose->issuer->issuer_address = make_bytes(&m, 33), RANGE);
    CHANGE_EDGE(ISSUER, b->propose->issuer->cap = 0, OK);
    CHANGE_EDGE(QUOTA, b->propose->quota->account_address = system_address(3), RESERVED);
    CHANGE_EDGE(QUOTA, b->propose->quota->account_address = make_bytes(&m, 33), RANGE);
    CHANGE_EDGE(QUOTA, b->propose->quota->cost_per_day = UINT64_MAX, OK);
    CHANGE_EDGE(CLASS, b->propose->class_->number = 0, RANGE);
    CHANGE_EDGE(CLASS, b->propose->class_->number = CROFT_CLASS_OPEN_MIN - 1, OK);
    CHANGE_EDGE(CLASS, b->propose->class_->number = CROFT_CLASS_OPEN_MIN, RANGE);
    CHANGE_EDGE(CLASS, b->propose->class_->operator_address = system_address(3), RESERVED);
    CHANGE_EDGE(CLASS, b->propose->class_->operator_address = make_bytes(&m, 31), RANGE);
}

/* A text with a zero byte inside: C would see only its start. */
static void test_zero_byte_in_text(void **unused)
{
    (void)unused;
    maker_reset(&m);
    Croft__V1__TxBody *b = make_of(&m, CROFT__V1__TX_BODY__OP_PROPOSE);
    make_propose_of(&m, b, CROFT__V1__PROPOSE__CHANGE_PROTOCOL);
    b->propose->protocol->release = text("v1x3");
    struct croft_bytes bytes;
    struct croft_hash id;
    struct croft_tx tx;
    assert_int_equal(make_signed(&m, b, 0, 1, &bytes, &id), CROFT_OK);
    u8 *at = memmem(bytes.at, bytes.len, "v1x3", 4);
    assert_non_null(at);
    at[2] = 0;
    assert_int_equal(croft_tx_decode(bytes, &m.network, &m.mem, &tx), CROFT_ERR_TX_DECODE);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body),
        cmocka_unit_test(test_transfer),
        cmocka_unit_test(test_pendings),
        cmocka_unit_test(test_issuers),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_key_sets),
        cmocka_unit_test(test_guardians),
        cmocka_unit_test(test_proposals),
        cmocka_unit_test(test_zero_byte_in_text),
    };
    return cmocka_run_group_tests(tests, open_maker, NULL);
}
