#include "ledger/ledger_int.h"

#include "base/assert.h"

#include <string.h>

/* ---- transfer ---- */

/* What all legs move, per asset.  A sum that does not fit is more than anybody has. */
static croft_err sum_legs(const Croft__V1__Transfer *op, struct croft_amt out[CROFT_ASSET_COUNT])
{
    memset(out, 0, CROFT_ASSET_COUNT * sizeof *out);
    for (size_t i = 0; i < op->n_legs; i++) {
        u32 asset = op->legs[i]->asset;
        if (!croft_amt_add(&out[asset], out[asset], croft_amt_of(op->legs[i]->amount)))
            return CROFT_ERR_OP_FUNDS;
    }
    return CROFT_OK;
}

static croft_err transfer(struct croft_op *o, const Croft__V1__Transfer *op)
{
    struct croft_amt sum[CROFT_ASSET_COUNT];
    CROFT_TRY(sum_legs(op, sum));
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++)
        if (!croft_amt_is_zero(sum[asset]))
            CROFT_TRY(croft_spend(o, asset, sum[asset]));
    for (size_t i = 0; i < op->n_legs; i++) {
        struct croft_address to = croft_address_of(op->legs[i]->to_address);
        u32 slot;
        CROFT_TRY(croft_account_reach(o, &to, &slot));
        croft_credit(o->l, slot, op->legs[i]->asset, croft_amt_of(op->legs[i]->amount));
    }
    o->value = croft_amt_is_zero(sum[CROFT_ASSET_CREDIT]) ? sum[CROFT_ASSET_CROFT] : sum[CROFT_ASSET_CREDIT];
    return CROFT_OK;
}

/* ---- pending transfers ---- */

static croft_err check_pending(struct croft_op *o, const Croft__V1__PendingOpen *op, const u8 key[40])
{
    u64 most_s = croft_ledger_param(o->l, CROFT_PARAM_PENDING_MAX_S);
    struct croft_address payee = croft_address_of(op->payee_address), arbiter = croft_address_of(op->arbiter_address);
    if (croft_state_find(o->l->state, CROFT_TABLE_PENDINGS, key) != CROFT_SLOT_NONE)
        return CROFT_ERR_OP_EXISTS;
    if (op->expires_s <= o->now_s || op->expires_s - o->now_s > most_s)
        return CROFT_ERR_OP_TIME;
    if (croft_account_find(o->l, &payee) == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    bool arbiter_lives = op->arbiter_address.len == 0 || croft_account_find(o->l, &arbiter) != CROFT_SLOT_NONE;
    return arbiter_lives ? CROFT_OK : CROFT_ERR_OP_NOT_FOUND;
}

static croft_err pending_open(struct croft_op *o, const Croft__V1__PendingOpen *op)
{
    u8 key[40];
    u32 slot;
    croft_key_account_id(&o->tx->account, op->id, key);
    CROFT_TRY(check_pending(o, op, key));
    struct croft_pending_record p = {
        .asset = (u8)op->asset,
        .amount = croft_amt_of(op->amount),
        .expires_s = op->expires_s,
        .payee = croft_address_of(op->payee_address),
        .arbiter = croft_address_of(op->arbiter_address),
    };
    CROFT_TRY(croft_spend(o, op->asset, p.amount));
    CROFT_TRY(croft_deposit_take(o, &p.deposit));
    croft_system_credit(o->l, CROFT_SYSTEM_ESCROW, op->asset, p.amount);
    croft_open_records_add(o->l, o->payer, 1);
    o->value = p.amount;
    return croft_record_insert(o->l, CROFT_TABLE_PENDINGS, key, &p, &slot);
}

void croft_pending_end(struct croft_ledger *l, u32 slot, struct croft_amt to_payee, u32 payee_slot)
{
    struct croft_pending_record p;
    struct croft_address payer;
    croft_record_load(l, CROFT_TABLE_PENDINGS, slot, &p);
    memcpy(payer.b, croft_state_key(l->state, CROFT_TABLE_PENDINGS, slot).at, sizeof payer.b);
    u32 payer_slot = croft_account_find(l, &payer);
    CROFT_ASSERT(payer_slot != CROFT_SLOT_NONE); /* open_records keeps it */

    croft_system_debit(l, CROFT_SYSTEM_ESCROW, p.asset, p.amount);
    if (!croft_amt_is_zero(to_payee))
        croft_credit(l, payee_slot, p.asset, to_payee);
    croft_credit(l, payer_slot, p.asset, croft_amt_sub_must(p.amount, to_payee));
    croft_deposit_return(l, payer_slot, p.deposit);
    croft_open_records_add(l, payer_slot, -1);
    croft_state_remove(l->state, CROFT_TABLE_PENDINGS, slot);
}

static croft_err find_pending(struct croft_op *o, ProtobufCBinaryData payer, u64 id, u32 *out_slot,
                              struct croft_pending_record *out)
{
    u8 key[40];
    struct croft_address a = croft_address_of(payer);
    croft_key_account_id(&a, id, key);
    *out_slot = croft_state_find(o->l->state, CROFT_TABLE_PENDINGS, key);
    if (*out_slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    croft_record_load(o->l, CROFT_TABLE_PENDINGS, *out_slot, out);
    return CROFT_OK;
}

/* Who decides in the payer's place, if anybody was named. */
static struct croft_address judge_of(const struct croft_pending_record *p, const struct croft_address *payer)
{
    return croft_address_is_system(&p->arbiter) ? *payer : p->arbiter;
}

static croft_err pending_post(struct croft_op *o, const Croft__V1__PendingPost *op)
{
    u32 slot, payee_slot;
    struct croft_pending_record p;
    CROFT_TRY(find_pending(o, op->payer_address, op->id, &slot, &p));
    struct croft_address payer = croft_address_of(op->payer_address), judge = judge_of(&p, &payer);
    if (!croft_address_equal(&judge, &o->tx->account))
        return CROFT_ERR_OP_NOT_YOURS;
    if (croft_amt_cmp(croft_amt_of(op->amount), p.amount) > 0)
        return CROFT_ERR_OP_AMOUNT;
    /* Else a payer could take the money back before the end by posting nothing. */
    if (croft_address_is_system(&p.arbiter) && croft_amt_cmp(croft_amt_of(op->amount), p.amount) < 0)
        return CROFT_ERR_OP_PARTIAL;
    payee_slot = croft_account_find(o->l, &p.payee);
    if (payee_slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    o->value = croft_amt_of(op->amount);
    croft_pending_end(o->l, slot, o->value, payee_slot);
    return CROFT_OK;
}

/* The payee may let go of it, and so may the arbiter; the payer has to wait for the end. */
static croft_err pending_void(struct croft_op *o, const Croft__V1__PendingVoid *op)
{
    u32 slot;
    struct croft_pending_record p;
    CROFT_TRY(find_pending(o, op->payer_address, op->id, &slot, &p));
    bool by_payee = croft_address_equal(&p.payee, &o->tx->account);
    bool by_arbiter = croft_address_equal(&p.arbiter, &o->tx->account);
    if (!by_payee && !by_arbiter)
        return CROFT_ERR_OP_NOT_YOURS;
    o->value = p.amount;
    croft_pending_end(o->l, slot, croft_amt_of(0), CROFT_SLOT_NONE);
    return CROFT_OK;
}

/* ---- issuers ---- */

static croft_err issue(struct croft_op *o, const Croft__V1__Issue *op)
{
    u32 to_slot;
    struct croft_amt amount = croft_amt_of(op->amount);
    struct croft_address to = croft_address_of(op->to_address);
    CROFT_TRY(croft_issue(o->l, &o->tx->account, op->asset, amount));
    CROFT_TRY(croft_account_reach(o, &to, &to_slot));
    croft_credit(o->l, to_slot, op->asset, amount);
    o->value = amount;
    return CROFT_OK;
}

static croft_err redeem(struct croft_op *o, const Croft__V1__Redeem *op)
{
    struct croft_address issuer = croft_address_of(op->issuer_address);
    o->value = croft_amt_of(op->amount);
    CROFT_TRY(croft_issued_destroy(o->l, &issuer, op->asset, o->value));
    return croft_spend(o, op->asset, o->value);
}

/* ---- withdrawals ---- */

static croft_err withdraw(struct croft_op *o, const Croft__V1__Withdraw *op)
{
    u8 key[40];
    u32 slot;
    struct croft_issuer_record issuer;
    struct croft_withdrawal_record w = {
        .asset = (u8)op->asset,
        .reference_len = (u8)op->payout_reference.len,
        .amount = croft_amt_of(op->amount),
        .returns_s = o->now_s + croft_ledger_param(o->l, CROFT_PARAM_WITHDRAW_RETURN_S),
        .issuer = croft_address_of(op->issuer_address),
    };
    memcpy(w.reference, op->payout_reference.data, op->payout_reference.len);
    croft_key_account_id(&o->tx->account, op->id, key);
    if (croft_state_find(o->l->state, CROFT_TABLE_WITHDRAWALS, key) != CROFT_SLOT_NONE)
        return CROFT_ERR_OP_EXISTS;
    u32 issuer_slot = croft_issuer_find(o->l, &w.issuer, op->asset, &issuer);
    if (issuer_slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_ISSUER;
    if (croft_amt_cmp(w.amount, croft_issuer_free(&issuer)) > 0)
        return CROFT_ERR_OP_OUTSTANDING;
    CROFT_TRY(croft_spend(o, op->asset, w.amount));
    CROFT_TRY(croft_deposit_take(o, &w.deposit));
    issuer.held = croft_amt_add_must(issuer.held, w.amount);
    croft_record_store(o->l, CROFT_TABLE_ISSUERS, issuer_slot, &issuer);
    croft_system_credit(o->l, CROFT_SYSTEM_PAYOUTS, op->asset, w.amount);
    croft_open_records_add(o->l, o->payer, 1);
    o->value = w.amount;
    return croft_record_insert(o->l, CROFT_TABLE_WITHDRAWALS, key, &w, &slot);
}

static void release_held(struct croft_ledger *l, const struct croft_withdrawal_record *w)
{
    struct croft_issuer_record r;
    u32 slot = croft_issuer_find(l, &w->issuer, w->asset, &r);
    CROFT_ASSERT(slot != CROFT_SLOT_NONE); /* an issuer's record never goes */
    r.held = croft_amt_sub_must(r.held, w->amount);
    croft_record_store(l, CROFT_TABLE_ISSUERS, slot, &r);
}

void croft_withdrawal_end(struct croft_ledger *l, u32 slot, bool burnt)
{
    struct croft_withdrawal_record w;
    struct croft_address owner;
    croft_record_load(l, CROFT_TABLE_WITHDRAWALS, slot, &w);
    memcpy(owner.b, croft_state_key(l->state, CROFT_TABLE_WITHDRAWALS, slot).at, sizeof owner.b);
    u32 owner_slot = croft_account_find(l, &owner);
    CROFT_ASSERT(owner_slot != CROFT_SLOT_NONE); /* open_records keeps it */

    release_held(l, &w);
    croft_system_debit(l, CROFT_SYSTEM_PAYOUTS, w.asset, w.amount);
    if (!burnt)
        croft_credit(l, owner_slot, w.asset, w.amount);
    croft_deposit_return(l, owner_slot, w.deposit);
    croft_open_records_add(l, owner_slot, -1);
    croft_state_remove(l->state, CROFT_TABLE_WITHDRAWALS, slot);
}

/* Both answers of the issuer to a withdrawal. */
static croft_err withdraw_answer(struct croft_op *o, ProtobufCBinaryData account, u64 id, bool paid)
{
    u8 key[40];
    struct croft_withdrawal_record w;
    struct croft_address owner = croft_address_of(account);
    croft_key_account_id(&owner, id, key);
    u32 slot = croft_state_find(o->l->state, CROFT_TABLE_WITHDRAWALS, key);
    if (slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    croft_record_load(o->l, CROFT_TABLE_WITHDRAWALS, slot, &w);
    if (!croft_address_equal(&w.issuer, &o->tx->account))
        return CROFT_ERR_OP_NOT_YOURS;
    o->value = w.amount;
    croft_withdrawal_end(o->l, slot, paid);
    return paid ? croft_issued_destroy(o->l, &w.issuer, w.asset, w.amount) : CROFT_OK; /* what was held for it is free again */
}

croft_err croft_op_money(struct croft_op *o)
{
    const Croft__V1__TxBody *body = o->tx->body;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_TRANSFER:
        return transfer(o, body->transfer);
    case CROFT__V1__TX_BODY__OP_PENDING_OPEN:
        return pending_open(o, body->pending_open);
    case CROFT__V1__TX_BODY__OP_PENDING_POST:
        return pending_post(o, body->pending_post);
    case CROFT__V1__TX_BODY__OP_PENDING_VOID:
        return pending_void(o, body->pending_void);
    case CROFT__V1__TX_BODY__OP_ISSUE:
        return issue(o, body->issue);
    case CROFT__V1__TX_BODY__OP_REDEEM:
        return redeem(o, body->redeem);
    case CROFT__V1__TX_BODY__OP_WITHDRAW:
        return withdraw(o, body->withdraw);
    case CROFT__V1__TX_BODY__OP_WITHDRAW_PAID:
        return withdraw_answer(o, body->withdraw_paid->account_address, body->withdraw_paid->id, true);
    case CROFT__V1__TX_BODY__OP_WITHDRAW_RETURN:
        return withdraw_answer(o, body->withdraw_return->account_address, body->withdraw_return->id, false);
    default:
        CROFT_UNREACHABLE("not a money operation");
        return CROFT_ERR_TX_RANGE;
    }
}
