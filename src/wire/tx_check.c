#include "wire/tx_int.h"

#include "base/assert.h"
#include "base/buf.h"

#include <string.h>

enum { REFERENCE_MAX = 64, RELEASE_MAX = 31 };

croft_err croft_tx_check_address(ProtobufCBinaryData b)
{
    REFUSE_UNLESS(croft_tx_is_32(b));
    struct croft_address a;
    memcpy(a.b, b.data, sizeof a.b);
    return croft_address_is_system(&a) ? CROFT_ERR_TX_RESERVED : CROFT_OK;
}

croft_err croft_tx_check_other(const Croft__V1__TxBody *body, ProtobufCBinaryData b)
{
    CROFT_TRY(croft_tx_check_address(b));
    CROFT_ASSERT(croft_tx_is_32(body->account_address)); /* looked at first */
    return memcmp(b.data, body->account_address.data, 32) == 0 ? CROFT_ERR_TX_SELF : CROFT_OK;
}

croft_err croft_tx_check_money(u32 asset, u64 amount)
{
    REFUSE_UNLESS(asset < CROFT_ASSET_COUNT);
    REFUSE_UNLESS(amount != 0);
    return CROFT_OK;
}

static croft_err check_transfer(const Croft__V1__TxBody *body)
{
    const Croft__V1__Transfer *op = body->transfer;
    REFUSE_UNLESS(op->n_legs >= 1 && op->n_legs <= CROFT_TX_LEGS_MAX);
    REFUSE_UNLESS(op->reference.len <= REFERENCE_MAX);
    for (size_t i = 0; i < op->n_legs; i++) {
        CROFT_TRY(croft_tx_check_money(op->legs[i]->asset, op->legs[i]->amount));
        CROFT_TRY(croft_tx_check_other(body, op->legs[i]->to_address));
    }
    return CROFT_OK;
}

static croft_err check_pending_open(const Croft__V1__TxBody *body)
{
    const Croft__V1__PendingOpen *op = body->pending_open;
    CROFT_TRY(croft_tx_check_money(op->asset, op->amount));
    CROFT_TRY(croft_tx_check_other(body, op->payee_address));
    return op->arbiter_address.len == 0 ? CROFT_OK : croft_tx_check_other(body, op->arbiter_address);
}

static croft_err check_issue(const Croft__V1__Issue *op)
{
    CROFT_TRY(croft_tx_check_money(op->asset, op->amount));
    REFUSE_UNLESS(op->reference.len <= REFERENCE_MAX);
    return croft_tx_check_address(op->to_address);
}

static croft_err check_redeem(const Croft__V1__Redeem *op)
{
    CROFT_TRY(croft_tx_check_money(op->asset, op->amount));
    REFUSE_UNLESS(op->reference.len <= REFERENCE_MAX);
    return croft_tx_check_address(op->issuer_address);
}

static croft_err check_withdraw(const Croft__V1__Withdraw *op)
{
    CROFT_TRY(croft_tx_check_money(op->asset, op->amount));
    REFUSE_UNLESS(op->payout_reference.len >= 1 && op->payout_reference.len <= REFERENCE_MAX);
    return croft_tx_check_address(op->issuer_address);
}

static croft_err check_key(const Croft__V1__Key *key)
{
    REFUSE_UNLESS(key->scheme == 1);
    REFUSE_UNLESS(key->weight >= 1 && key->weight <= 255);
    REFUSE_UNLESS(key->scopes >= 1 && key->scopes <= CROFT_SCOPES_ALL);
    REFUSE_UNLESS(croft_tx_is_32(key->public_key));
    return CROFT_OK;
}

static croft_err check_thresholds(ProtobufCBinaryData t)
{
    REFUSE_UNLESS(t.len == CROFT_SCOPE_COUNT);
    for (size_t i = 0; i < CROFT_SCOPE_COUNT; i++)
        REFUSE_UNLESS(t.data[i] != 0);
    return CROFT_OK;
}

static bool has_key_twice(const Croft__V1__KeySet *set)
{
    CROFT_ASSERT(set->n_keys <= CROFT_KEYS_MAX);
    for (size_t i = 0; i < set->n_keys; i++)
        for (size_t j = 0; j < i; j++)
            if (memcmp(set->keys[i]->public_key.data, set->keys[j]->public_key.data, 32) == 0)
                return true;
    return false;
}

croft_err croft_key_set_check(const Croft__V1__KeySet *set)
{
    CROFT_TRY(check_thresholds(set->thresholds));
    REFUSE_UNLESS(set->n_keys >= 1 && set->n_keys <= CROFT_KEYS_MAX);
    u32 weight[CROFT_SCOPE_COUNT] = {0};
    for (size_t i = 0; i < set->n_keys; i++) {
        CROFT_TRY(check_key(set->keys[i]));
        for (u32 s = 0; s < CROFT_SCOPE_COUNT; s++)
            weight[s] += set->keys[i]->scopes >> s & 1 ? set->keys[i]->weight : 0;
    }
    REFUSE_UNLESS(!has_key_twice(set));

    /* Only admin must be reachable: it can add keys for the other scopes later. */
    REFUSE_UNLESS(weight[CROFT_SCOPE_ADMIN] >= set->thresholds.data[CROFT_SCOPE_ADMIN]);
    for (u32 s = 0; s < CROFT_SCOPE_COUNT; s++)
        REFUSE_UNLESS(weight[s] == 0 || weight[s] >= set->thresholds.data[s]);
    return CROFT_OK;
}

static croft_err check_recover_start(const Croft__V1__TxBody *body)
{
    CROFT_TRY(croft_tx_check_other(body, body->recover_start->account_address));
    REFUSE_UNLESS(body->recover_start->key_set != NULL);
    return croft_key_set_check(body->recover_start->key_set);
}

static croft_err check_guardian(const Croft__V1__TxBody *body)
{
    ProtobufCBinaryData g = body->set_guardian->guardian_address;
    return g.len == 0 ? CROFT_OK : croft_tx_check_other(body, g);
}

static bool is_release_text(const char *text)
{
    CROFT_ASSERT(text != NULL); /* protobuf-c: an absent text is an empty one */
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return len >= 1 && len <= RELEASE_MAX;
}

static croft_err check_validator_change(const Croft__V1__ValidatorChange *change)
{
    REFUSE_UNLESS(croft_tx_is_32(change->public_key));
    REFUSE_UNLESS(change->power <= (u64)INT64_MAX / 8 / 64); /* so that 64 validators fit CometBFT's total */
    return croft_tx_check_address(change->operator_address);
}

static croft_err check_propose(const Croft__V1__Propose *op)
{
    switch (op->change_case) {
    case CROFT__V1__PROPOSE__CHANGE_PARAM:
        return CROFT_OK;
    case CROFT__V1__PROPOSE__CHANGE_PROTOCOL:
        REFUSE_UNLESS(op->protocol->protocol != 0 && is_release_text(op->protocol->release));
        return CROFT_OK;
    case CROFT__V1__PROPOSE__CHANGE_VALIDATOR:
        return check_validator_change(op->validator);
    case CROFT__V1__PROPOSE__CHANGE_ISSUER:
        REFUSE_UNLESS(op->issuer->asset < CROFT_ASSET_COUNT);
        return croft_tx_check_address(op->issuer->issuer_address);
    case CROFT__V1__PROPOSE__CHANGE_QUOTA:
        return croft_tx_check_address(op->quota->account_address);
    case CROFT__V1__PROPOSE__CHANGE_CLASS:
        REFUSE_UNLESS(op->class_->number >= 1 && op->class_->number < CROFT_CLASS_OPEN_MIN);
        return croft_tx_check_address(op->class_->operator_address);
    case CROFT__V1__PROPOSE__CHANGE__NOT_SET:
    case _CROFT__V1__PROPOSE__CHANGE__CASE_IS_INT_SIZE:
        break;
    }
    return CROFT_ERR_TX_RANGE;
}

static croft_err check_op(const Croft__V1__TxBody *body)
{
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_TRANSFER:
        return check_transfer(body);
    case CROFT__V1__TX_BODY__OP_PENDING_OPEN:
        return check_pending_open(body);
    case CROFT__V1__TX_BODY__OP_PENDING_POST:
        return croft_tx_check_address(body->pending_post->payer_address);
    case CROFT__V1__TX_BODY__OP_PENDING_VOID:
        return croft_tx_check_address(body->pending_void->payer_address);
    case CROFT__V1__TX_BODY__OP_ISSUE:
        return check_issue(body->issue);
    case CROFT__V1__TX_BODY__OP_REDEEM:
        return check_redeem(body->redeem);
    case CROFT__V1__TX_BODY__OP_WITHDRAW:
        return check_withdraw(body->withdraw);
    case CROFT__V1__TX_BODY__OP_WITHDRAW_PAID:
        return croft_tx_check_address(body->withdraw_paid->account_address);
    case CROFT__V1__TX_BODY__OP_WITHDRAW_RETURN:
        return croft_tx_check_address(body->withdraw_return->account_address);
    case CROFT__V1__TX_BODY__OP_KEY_ADD:
        return body->key_add->key ? check_key(body->key_add->key) : CROFT_ERR_TX_RANGE;
    case CROFT__V1__TX_BODY__OP_KEY_REVOKE:
        return body->key_revoke->key < CROFT_KEYS_MAX ? CROFT_OK : CROFT_ERR_TX_RANGE;
    case CROFT__V1__TX_BODY__OP_KEY_ROTATE:
        REFUSE_UNLESS(body->key_rotate->key < CROFT_KEYS_MAX && croft_tx_is_32(body->key_rotate->public_key));
        return CROFT_OK;
    case CROFT__V1__TX_BODY__OP_KEY_THRESHOLDS:
        return check_thresholds(body->key_thresholds->thresholds);
    case CROFT__V1__TX_BODY__OP_SET_GUARDIAN:
        return check_guardian(body);
    case CROFT__V1__TX_BODY__OP_RECOVER_START:
        return check_recover_start(body);
    case CROFT__V1__TX_BODY__OP_RECOVER_CANCEL:
    case CROFT__V1__TX_BODY__OP_VOTE:
        return CROFT_OK;
    case CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT:
        return croft_tx_check_other(body, body->close_account->to_address);
    case CROFT__V1__TX_BODY__OP_PROPOSE:
        return check_propose(body->propose);
    default:
        return croft_tx_check_market(body);
    }
}

croft_err croft_tx_check_body(const Croft__V1__TxBody *body)
{
    if (body->format != 1)
        return CROFT_ERR_TX_DECODE;
    CROFT_TRY(croft_tx_check_address(body->account_address));
    REFUSE_UNLESS(body->lane <= CROFT_LANE_QUOTA);
    if (body->key_set != NULL)
        CROFT_TRY(croft_key_set_check(body->key_set));
    return check_op(body);
}
