#include "sim/model_int.h"

#include "base/assert.h"

#include <string.h>

/* ---- what operations take ---- */

croft_err croft_model_spend(const struct croft_model_run *r, struct croft_model_account *a, u32 asset,
                            u64 amount)
{
    if (amount > croft_amt_units(a->r.balance[asset]))
        return CROFT_ERR_OP_FUNDS;
    if (!croft_model_may_spend(a, r->t, asset, amount, r->m->time_s))
        return CROFT_ERR_OP_CAP;
    croft_model_take(a, asset, amount);
    croft_model_note_spent(a, r->t, asset, amount, r->m->time_s);
    return CROFT_OK;
}

static u64 deposit_of(const struct croft_model *m)
{
    return m->block_param[CROFT_PARAM_DEPOSIT_RECORD];
}

croft_err croft_model_spend_deposit(const struct croft_model_run *r, struct croft_model_account *a)
{
    croft_err err = croft_model_spend(r, a, CROFT_ASSET_CREDIT, deposit_of(r->m));
    return err == CROFT_ERR_OP_FUNDS ? CROFT_ERR_OP_DEPOSIT : err;
}

static void hold_deposit(struct croft_model *m)
{
    croft_model_give(croft_model_system(m, CROFT_SYSTEM_DEPOSITS), CROFT_ASSET_CREDIT, deposit_of(m));
}

static void return_deposit(struct croft_model *m, struct croft_model_account *to, struct croft_amt deposit)
{
    croft_model_take(croft_model_system(m, CROFT_SYSTEM_DEPOSITS), CROFT_ASSET_CREDIT,
                     croft_amt_units(deposit));
    croft_model_give(to, CROFT_ASSET_CREDIT, croft_amt_units(deposit));
}

static struct croft_model_account *must_find(struct croft_model *m, const struct croft_address *a)
{
    struct croft_model_account *found = croft_model_find_account(m, a);
    CROFT_ASSERT(found != NULL);
    return found;
}

/* ---- transfer ---- */

static bool is_first_leg_to(const Croft__V1__Transfer *op, size_t leg)
{
    for (size_t i = 0; i < leg; i++)
        if (memcmp(op->legs[i]->to_address.data, op->legs[leg]->to_address.data, 32) == 0)
            return false;
    return true;
}

/* Deposits for the accounts that the legs open. */
static croft_err spend_for_new(const struct croft_model_run *r, const Croft__V1__Transfer *op,
                               struct croft_model_account *a)
{
    u32 opened = 0;
    for (size_t i = 0; i < op->n_legs; i++) {
        struct croft_address to = croft_model_address(op->legs[i]->to_address);
        if (croft_model_account_at(r->m, &to) != CROFT_MODEL_NONE || !is_first_leg_to(op, i))
            continue;
        CROFT_TRY(croft_model_spend_deposit(r, a));
        if (r->m->count[CROFT_TABLE_ACCOUNTS] + opened++ >= CROFT_MODEL_ACCOUNTS)
            return CROFT_ERR_OP_FULL;
    }
    return CROFT_OK;
}

static void credit_or_open(struct croft_model *m, ProtobufCBinaryData address, u32 asset, u64 amount)
{
    struct croft_address to = croft_model_address(address);
    struct croft_model_account *found = croft_model_find_account(m, &to);
    if (found == NULL) {
        found = croft_model_new_account(m, &to, deposit_of(m), m->time_s);
        hold_deposit(m);
    }
    croft_model_give(found, asset, amount);
}

static croft_err transfer(struct croft_model_run *r, const Croft__V1__Transfer *op)
{
    u128 sum[CROFT_ASSET_COUNT] = {0};
    struct croft_model_account a = *r->payer;
    for (size_t i = 0; i < op->n_legs; i++)
        sum[op->legs[i]->asset] += op->legs[i]->amount;
    if (sum[0] > UINT64_MAX || sum[1] > UINT64_MAX)
        return CROFT_ERR_OP_FUNDS;
    CROFT_TRY(sum[0] != 0 ? croft_model_spend(r, &a, 0, (u64)sum[0]) : CROFT_OK);
    CROFT_TRY(sum[1] != 0 ? croft_model_spend(r, &a, 1, (u64)sum[1]) : CROFT_OK);
    CROFT_TRY(spend_for_new(r, op, &a));

    *r->payer = a;
    for (size_t i = 0; i < op->n_legs; i++)
        credit_or_open(r->m, op->legs[i]->to_address, op->legs[i]->asset, op->legs[i]->amount);
    r->value = (u64)(sum[0] != 0 ? sum[0] : sum[1]);
    return CROFT_OK;
}

/* ---- pending transfers ---- */

static croft_err pending_open(struct croft_model_run *r, const Croft__V1__PendingOpen *op)
{
    struct croft_model *m = r->m;
    struct croft_model_account a = *r->payer;
    struct croft_address payee = croft_model_address(op->payee_address),
                         arbiter = croft_model_address(op->arbiter_address);
    if (croft_model_pending_at(m, &a.address, op->id) != CROFT_MODEL_NONE)
        return CROFT_ERR_OP_EXISTS;
    if (op->expires_s <= m->time_s || op->expires_s - m->time_s > m->block_param[CROFT_PARAM_PENDING_MAX_S])
        return CROFT_ERR_OP_TIME;
    if (croft_model_account_at(m, &payee) == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    if (op->arbiter_address.len != 0 && croft_model_account_at(m, &arbiter) == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    CROFT_TRY(croft_model_spend(r, &a, op->asset, op->amount));
    CROFT_TRY(croft_model_spend_deposit(r, &a));
    if (croft_model_is_full(m, CROFT_TABLE_PENDINGS))
        return CROFT_ERR_OP_FULL;

    a.r.open_records++;
    *r->payer = a;
    hold_deposit(m);
    croft_model_give(croft_model_system(m, CROFT_SYSTEM_ESCROW), op->asset, op->amount);
    struct croft_model_pending *p = &m->pending[croft_model_new(m, CROFT_TABLE_PENDINGS)];
    p->payer = a.address;
    p->id = op->id;
    p->r = (struct croft_pending_record){.asset = (u8)op->asset,
                                         .amount = croft_amt_of(op->amount),
                                         .deposit = croft_amt_of(deposit_of(m)),
                                         .expires_s = op->expires_s,
                                         .payee = payee,
                                         .arbiter = arbiter};
    r->value = op->amount;
    return CROFT_OK;
}

void croft_model_end_pending(struct croft_model *m, u32 place, u64 to_payee)
{
    const struct croft_model_pending *p = &m->pending[place];
    struct croft_model_account *payer = must_find(m, &p->payer);
    u64 held = croft_amt_units(p->r.amount);
    croft_model_take(croft_model_system(m, CROFT_SYSTEM_ESCROW), p->r.asset, held);
    if (to_payee != 0)
        croft_model_give(must_find(m, &p->r.payee), p->r.asset, to_payee);
    croft_model_give(payer, p->r.asset, held - to_payee);
    return_deposit(m, payer, p->r.deposit);
    payer->r.open_records--;
    croft_model_drop(m, CROFT_TABLE_PENDINGS, place);
}

static croft_err pending_post(struct croft_model_run *r, const Croft__V1__PendingPost *op)
{
    struct croft_address payer = croft_model_address(op->payer_address), nobody = {{0}};
    u32 place = croft_model_pending_at(r->m, &payer, op->id);
    if (place == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    const struct croft_pending_record *p = &r->m->pending[place].r;
    bool has_arbiter = !croft_model_same(&p->arbiter, &nobody);
    if (!croft_model_same(has_arbiter ? &p->arbiter : &payer, &r->payer->address))
        return CROFT_ERR_OP_NOT_YOURS;
    if (op->amount > croft_amt_units(p->amount))
        return CROFT_ERR_OP_AMOUNT;
    if (!has_arbiter && op->amount != croft_amt_units(p->amount))
        return CROFT_ERR_OP_PARTIAL;
    if (croft_model_account_at(r->m, &p->payee) == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    croft_model_end_pending(r->m, place, op->amount);
    r->value = op->amount;
    return CROFT_OK;
}

static croft_err pending_void(struct croft_model_run *r, const Croft__V1__PendingVoid *op)
{
    struct croft_address payer = croft_model_address(op->payer_address);
    u32 place = croft_model_pending_at(r->m, &payer, op->id);
    if (place == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    const struct croft_pending_record *p = &r->m->pending[place].r;
    if (!croft_model_same(&p->payee, &r->payer->address) &&
        !croft_model_same(&p->arbiter, &r->payer->address))
        return CROFT_ERR_OP_NOT_YOURS;
    r->value = croft_amt_units(p->amount);
    croft_model_end_pending(r->m, place, 0);
    return CROFT_OK;
}

/* ---- issuers ---- */

static croft_err issue(struct croft_model_run *r, const Croft__V1__Issue *op)
{
    struct croft_model *m = r->m;
    struct croft_model_account a = *r->payer;
    struct croft_address to = croft_model_address(op->to_address);
    u32 place = croft_model_issuer_at(m, &a.address, op->asset);
    if (place == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_ISSUER;
    struct croft_issuer_record *i = &m->issuer[place].r;
    u128 out = (u128)croft_amt_units(i->outstanding) + op->amount;
    u128 total = (u128)croft_amt_units(i->issued_total) + op->amount;
    u128 all = (u128)croft_amt_units(m->chain.outstanding[op->asset]) + op->amount;
    if (out > croft_amt_units(i->cap))
        return CROFT_ERR_OP_ISSUER_CAP;
    if (total > UINT64_MAX || all > UINT64_MAX)
        return CROFT_ERR_OP_OVERFLOW;
    if (croft_model_account_at(m, &to) == CROFT_MODEL_NONE) {
        CROFT_TRY(croft_model_spend_deposit(r, &a));
        if (croft_model_is_full(m, CROFT_TABLE_ACCOUNTS))
            return CROFT_ERR_OP_FULL;
    }
    i->outstanding = croft_amt_of((u64)out);
    i->issued_total = croft_amt_of((u64)total);
    m->chain.outstanding[op->asset] = croft_amt_of((u64)all);
    *r->payer = a;
    credit_or_open(m, op->to_address, op->asset, op->amount);
    r->value = op->amount;
    return CROFT_OK;
}

static u64 unpromised(const struct croft_issuer_record *i)
{
    return croft_amt_units(i->outstanding) - croft_amt_units(i->held);
}

/* Wraps as 64-bit sums do: what is taken off was added before. */
static void promise(struct croft_issuer_record *i, i64 change)
{
    i->held = croft_amt_of(croft_amt_units(i->held) + (u64)change);
}

static void burn(struct croft_model *m, u32 issuer, u32 asset, u64 amount)
{
    struct croft_issuer_record *i = &m->issuer[issuer].r;
    i->outstanding = croft_amt_sub_must(i->outstanding, croft_amt_of(amount));
    m->chain.outstanding[asset] = croft_amt_sub_must(m->chain.outstanding[asset], croft_amt_of(amount));
}

static croft_err redeem(struct croft_model_run *r, const Croft__V1__Redeem *op)
{
    struct croft_model_account a = *r->payer;
    struct croft_address issuer = croft_model_address(op->issuer_address);
    u32 place = croft_model_issuer_at(r->m, &issuer, op->asset);
    if (place == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_ISSUER;
    if (op->amount > unpromised(&r->m->issuer[place].r))
        return CROFT_ERR_OP_OUTSTANDING;
    CROFT_TRY(croft_model_spend(r, &a, op->asset, op->amount));
    *r->payer = a;
    burn(r->m, place, op->asset, op->amount);
    r->value = op->amount;
    return CROFT_OK;
}

/* ---- withdrawals ---- */

static struct croft_withdrawal_record withdrawal_of(const struct croft_model *m,
                                                    const Croft__V1__Withdraw *op)
{
    struct croft_withdrawal_record w = {
        .asset = (u8)op->asset,
        .reference_len = (u8)op->payout_reference.len,
        .amount = croft_amt_of(op->amount),
        .deposit = croft_amt_of(deposit_of(m)),
        .returns_s = m->time_s + m->block_param[CROFT_PARAM_WITHDRAW_RETURN_S],
        .issuer = croft_model_address(op->issuer_address),
    };
    memcpy(w.reference, op->payout_reference.data, op->payout_reference.len);
    return w;
}

static croft_err withdraw(struct croft_model_run *r, const Croft__V1__Withdraw *op)
{
    struct croft_model *m = r->m;
    struct croft_model_account a = *r->payer;
    struct croft_withdrawal_record w = withdrawal_of(m, op);
    u32 issuer = croft_model_issuer_at(m, &w.issuer, op->asset);
    if (croft_model_withdrawal_at(m, &a.address, op->id) != CROFT_MODEL_NONE)
        return CROFT_ERR_OP_EXISTS;
    if (issuer == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_ISSUER;
    if (op->amount > unpromised(&m->issuer[issuer].r))
        return CROFT_ERR_OP_OUTSTANDING;
    CROFT_TRY(croft_model_spend(r, &a, op->asset, op->amount));
    CROFT_TRY(croft_model_spend_deposit(r, &a));
    if (croft_model_is_full(m, CROFT_TABLE_WITHDRAWALS))
        return CROFT_ERR_OP_FULL;

    a.r.open_records++;
    *r->payer = a;
    hold_deposit(m);
    croft_model_give(croft_model_system(m, CROFT_SYSTEM_PAYOUTS), op->asset, op->amount);
    struct croft_model_withdrawal *made = &m->withdrawal[croft_model_new(m, CROFT_TABLE_WITHDRAWALS)];
    made->owner = a.address;
    made->id = op->id;
    made->r = w;
    promise(&m->issuer[issuer].r, (i64)op->amount);
    r->value = op->amount;
    return CROFT_OK;
}

void croft_model_end_withdrawal(struct croft_model *m, u32 place, bool burnt)
{
    const struct croft_model_withdrawal *w = &m->withdrawal[place];
    struct croft_model_account *owner = must_find(m, &w->owner);
    u64 held = croft_amt_units(w->r.amount);
    promise(&m->issuer[croft_model_issuer_at(m, &w->r.issuer, w->r.asset)].r, -(i64)held);
    croft_model_take(croft_model_system(m, CROFT_SYSTEM_PAYOUTS), w->r.asset, held);
    croft_model_give(owner, w->r.asset, burnt ? 0 : held);
    return_deposit(m, owner, w->r.deposit);
    owner->r.open_records--;
    croft_model_drop(m, CROFT_TABLE_WITHDRAWALS, place);
}

static croft_err answer(struct croft_model_run *r, ProtobufCBinaryData account, u64 id, bool paid)
{
    struct croft_model *m = r->m;
    struct croft_address owner = croft_model_address(account);
    u32 place = croft_model_withdrawal_at(m, &owner, id);
    if (place == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    const struct croft_withdrawal_record *w = &m->withdrawal[place].r;
    u64 held = croft_amt_units(w->amount);
    if (!croft_model_same(&w->issuer, &r->payer->address))
        return CROFT_ERR_OP_NOT_YOURS;
    u32 issuer = croft_model_issuer_at(m, &w->issuer, w->asset);
    CROFT_ASSERT(issuer != CROFT_MODEL_NONE);
    if (paid)
        burn(m, issuer, w->asset, held);
    croft_model_end_withdrawal(m, place, paid);
    r->value = held;
    return CROFT_OK;
}

croft_err croft_model_money(struct croft_model_run *r)
{
    const Croft__V1__TxBody *b = r->t->body;
    switch ((u32)b->op_case) {
    case CROFT__V1__TX_BODY__OP_TRANSFER:
        return transfer(r, b->transfer);
    case CROFT__V1__TX_BODY__OP_PENDING_OPEN:
        return pending_open(r, b->pending_open);
    case CROFT__V1__TX_BODY__OP_PENDING_POST:
        return pending_post(r, b->pending_post);
    case CROFT__V1__TX_BODY__OP_PENDING_VOID:
        return pending_void(r, b->pending_void);
    case CROFT__V1__TX_BODY__OP_ISSUE:
        return issue(r, b->issue);
    case CROFT__V1__TX_BODY__OP_REDEEM:
        return redeem(r, b->redeem);
    case CROFT__V1__TX_BODY__OP_WITHDRAW:
        return withdraw(r, b->withdraw);
    case CROFT__V1__TX_BODY__OP_WITHDRAW_PAID:
        return answer(r, b->withdraw_paid->account_address, b->withdraw_paid->id, true);
    default:
        CROFT_ASSERT(b->op_case == CROFT__V1__TX_BODY__OP_WITHDRAW_RETURN);
        return answer(r, b->withdraw_return->account_address, b->withdraw_return->id, false);
    }
}
