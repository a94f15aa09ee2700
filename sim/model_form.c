#include "sim/model_int.h"

#include <string.h>

/* Two answers at once: the first one that is not CROFT_OK. */
static croft_err first_of(croft_err a, croft_err b)
{
    return a != CROFT_OK ? a : b;
}

static croft_err range_unless(bool good)
{
    return good ? CROFT_OK : CROFT_ERR_TX_RANGE;
}

/* An address that people can have: 32 bytes, not 31 zeros and a number. */
static croft_err address_form(ProtobufCBinaryData b)
{
    if (b.len != 32)
        return CROFT_ERR_TX_RANGE;
    for (u32 i = 0; i < 31; i++)
        if (b.data[i] != 0)
            return CROFT_OK;
    return CROFT_ERR_TX_RESERVED;
}

static croft_err other_form(const Croft__V1__TxBody *body, ProtobufCBinaryData b)
{
    croft_err err = address_form(b);
    if (err == CROFT_OK && memcmp(b.data, body->account_address.data, 32) == 0)
        return CROFT_ERR_TX_SELF;
    return err;
}

static croft_err money_form(u32 asset, u64 amount)
{
    return range_unless(asset <= 1 && amount > 0);
}

static croft_err transfer_form(const Croft__V1__TxBody *body)
{
    const Croft__V1__Transfer *op = body->transfer;
    croft_err err = range_unless(op->n_legs >= 1 && op->n_legs <= 1000 && op->reference.len <= 64);
    for (size_t i = 0; i < op->n_legs && err == CROFT_OK; i++)
        err = first_of(money_form(op->legs[i]->asset, op->legs[i]->amount),
                       other_form(body, op->legs[i]->to_address));
    return err;
}

static croft_err pending_open_form(const Croft__V1__TxBody *body)
{
    const Croft__V1__PendingOpen *op = body->pending_open;
    croft_err err = first_of(money_form(op->asset, op->amount), other_form(body, op->payee_address));
    return op->arbiter_address.len == 0 ? err : first_of(err, other_form(body, op->arbiter_address));
}

static croft_err issuer_form(u32 asset, u64 amount, size_t reference_len, size_t least,
                             ProtobufCBinaryData address)
{
    croft_err err = range_unless(reference_len >= least && reference_len <= 64);
    return first_of(first_of(money_form(asset, amount), err), address_form(address));
}

static croft_err thresholds_form(ProtobufCBinaryData t)
{
    bool good = t.len == CROFT_SCOPE_COUNT;
    for (size_t i = 0; good && i < t.len; i++)
        good = t.data[i] > 0;
    return range_unless(good);
}

static croft_err key_form(const Croft__V1__Key *k)
{
    bool good = k->scheme == 1 && k->weight >= 1 && k->weight <= 255;
    return range_unless(good && k->scopes >= 1 && k->scopes <= 127 && k->public_key.len == 32);
}

static u32 weight_for(const Croft__V1__KeySet *set, u32 scope)
{
    u32 sum = 0;
    for (size_t i = 0; i < set->n_keys; i++)
        if (set->keys[i]->scopes & 1u << scope)
            sum += set->keys[i]->weight;
    return sum;
}

static croft_err key_set_form(const Croft__V1__KeySet *set)
{
    croft_err err =
        first_of(thresholds_form(set->thresholds), range_unless(set->n_keys >= 1 && set->n_keys <= 8));
    for (size_t i = 0; i < set->n_keys && err == CROFT_OK; i++)
        err = key_form(set->keys[i]);
    for (size_t i = 0; i < set->n_keys && err == CROFT_OK; i++)
        for (size_t j = i + 1; j < set->n_keys; j++)
            if (memcmp(set->keys[i]->public_key.data, set->keys[j]->public_key.data, 32) == 0)
                return CROFT_ERR_TX_RANGE;
    for (u32 scope = 0; scope < CROFT_SCOPE_COUNT && err == CROFT_OK; scope++) {
        u32 weight = weight_for(set, scope);
        bool unused = weight == 0 && scope != CROFT_SCOPE_ADMIN;
        err = range_unless(unused || weight >= set->thresholds.data[scope]);
    }
    return err;
}

static bool is_release(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if (text[i] < '!' || text[i] > '~')
            return false;
    return len > 0 && len < 32;
}

static croft_err propose_form(const Croft__V1__Propose *op)
{
    switch ((u32)op->change_case) {
    case CROFT__V1__PROPOSE__CHANGE_PARAM:
        return CROFT_OK;
    case CROFT__V1__PROPOSE__CHANGE_PROTOCOL:
        return range_unless(op->protocol->protocol > 0 && is_release(op->protocol->release));
    case CROFT__V1__PROPOSE__CHANGE_VALIDATOR:
        return first_of(range_unless(op->validator->public_key.len == 32 &&
                                     op->validator->power <= (u64)INT64_MAX / 8 / 64),
                        address_form(op->validator->operator_address));
    case CROFT__V1__PROPOSE__CHANGE_ISSUER:
        return first_of(range_unless(op->issuer->asset <= 1), address_form(op->issuer->issuer_address));
    case CROFT__V1__PROPOSE__CHANGE_QUOTA:
        return address_form(op->quota->account_address);
    default:
        return CROFT_ERR_TX_RANGE;
    }
}

static croft_err money_op_form(const Croft__V1__TxBody *b)
{
    switch ((u32)b->op_case) {
    case CROFT__V1__TX_BODY__OP_TRANSFER:
        return transfer_form(b);
    case CROFT__V1__TX_BODY__OP_PENDING_OPEN:
        return pending_open_form(b);
    case CROFT__V1__TX_BODY__OP_PENDING_POST:
        return address_form(b->pending_post->payer_address);
    case CROFT__V1__TX_BODY__OP_PENDING_VOID:
        return address_form(b->pending_void->payer_address);
    case CROFT__V1__TX_BODY__OP_ISSUE:
        return issuer_form(b->issue->asset, b->issue->amount, b->issue->reference.len, 0,
                           b->issue->to_address);
    case CROFT__V1__TX_BODY__OP_REDEEM:
        return issuer_form(b->redeem->asset, b->redeem->amount, b->redeem->reference.len, 0,
                           b->redeem->issuer_address);
    case CROFT__V1__TX_BODY__OP_WITHDRAW:
        return issuer_form(b->withdraw->asset, b->withdraw->amount, b->withdraw->payout_reference.len, 1,
                           b->withdraw->issuer_address);
    case CROFT__V1__TX_BODY__OP_WITHDRAW_PAID:
        return address_form(b->withdraw_paid->account_address);
    case CROFT__V1__TX_BODY__OP_WITHDRAW_RETURN:
        return address_form(b->withdraw_return->account_address);
    default:
        return CROFT_ERR_TX_RANGE; /* no operation at all */
    }
}

static croft_err recover_form(const Croft__V1__TxBody *b)
{
    croft_err err = other_form(b, b->recover_start->account_address);
    if (err == CROFT_OK && b->recover_start->key_set == NULL)
        return CROFT_ERR_TX_RANGE;
    return err == CROFT_OK ? key_set_form(b->recover_start->key_set) : err;
}

static croft_err op_form(const Croft__V1__TxBody *b)
{
    switch ((u32)b->op_case) {
    case CROFT__V1__TX_BODY__OP_KEY_ADD:
        return b->key_add->key != NULL ? key_form(b->key_add->key) : CROFT_ERR_TX_RANGE;
    case CROFT__V1__TX_BODY__OP_KEY_REVOKE:
        return range_unless(b->key_revoke->key < 8);
    case CROFT__V1__TX_BODY__OP_KEY_ROTATE:
        return range_unless(b->key_rotate->key < 8 && b->key_rotate->public_key.len == 32);
    case CROFT__V1__TX_BODY__OP_KEY_THRESHOLDS:
        return thresholds_form(b->key_thresholds->thresholds);
    case CROFT__V1__TX_BODY__OP_SET_GUARDIAN:
        return b->set_guardian->guardian_address.len == 0 ? CROFT_OK
                                                          : other_form(b, b->set_guardian->guardian_address);
    case CROFT__V1__TX_BODY__OP_RECOVER_START:
        return recover_form(b);
    case CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT:
        return other_form(b, b->close_account->to_address);
    case CROFT__V1__TX_BODY__OP_PROPOSE:
        return propose_form(b->propose);
    case CROFT__V1__TX_BODY__OP_RECOVER_CANCEL:
    case CROFT__V1__TX_BODY__OP_VOTE:
        return CROFT_OK;
    default:
        return money_op_form(b);
    }
}

croft_err croft_model_form(const struct croft_sim_tx *t)
{
    const Croft__V1__TxBody *b = t->body;
    if (b->format != 1)
        return CROFT_ERR_TX_DECODE;
    croft_err err = first_of(address_form(b->account_address), range_unless(b->lane <= 1));
    if (err == CROFT_OK && b->key_set != NULL)
        err = key_set_form(b->key_set);
    err = err == CROFT_OK ? op_form(b) : err;
    return first_of(err, range_unless(t->signer[0] == b->lead_key));
}
