#include "sim/sim_int.h"

#include "base/assert.h"

#include <string.h>

/* ---- choices ---- */

u32 croft_sim_someone(struct croft_sim *s, u32 but)
{
    bool anybody = croft_sim_chance(s, 12);
    for (u32 i = 0; i < 100; i++) {
        u32 wallet = (u32)croft_sim_below(s, CROFT_SIM_WALLETS);
        if (wallet != but && (anybody || croft_sim_account(s, wallet) != NULL))
            return wallet;
    }
    return (but + 1) % CROFT_SIM_WALLETS;
}

/* Mostly a small part of what is there; when odd: nothing, all of it, one more, or any number. */
u64 croft_sim_some_amount(struct croft_sim *s, u64 has)
{
    if (!croft_sim_odd(s))
        return 1 + has / (5 + croft_sim_below(s, 200));
    switch (croft_sim_below(s, 5)) {
    case 0:
        return has == UINT64_MAX ? has : has + 1;
    case 1:
        return croft_rng_next(&s->rng) >> croft_sim_below(s, 64) | 1;
    case 2:
        return has > 0 ? has : 1;
    default:
        return 1 + croft_sim_below(s, 1000);
    }
}

static u64 balance_of(const struct croft_sim *s, u32 wallet, u32 asset)
{
    const struct croft_model_account *a = croft_sim_account(s, wallet);
    return a != NULL ? croft_amt_units(a->r.balance[asset]) : 0;
}

/* An asset that the wallet has, mostly credits. */
static u32 some_asset(struct croft_sim *s, u32 wallet)
{
    bool has_token = balance_of(s, wallet, CROFT_ASSET_CROFT) != 0;
    return croft_sim_chance(s, has_token ? 3 : 20) ? CROFT_ASSET_CROFT : CROFT_ASSET_CREDIT;
}

static ProtobufCBinaryData some_reference(struct croft_sim *s)
{
    u8 bytes[64];
    croft_rng_fill(&s->rng, bytes, sizeof bytes);
    return croft_sim_copy(s, bytes, 1 + croft_sim_below(s, sizeof bytes));
}

static u32 some_issuer(struct croft_sim *s, u32 asset)
{
    if (croft_sim_odd(s))
        return (u32)croft_sim_below(s, CROFT_SIM_WALLETS);
    return CROFT_SIM_OPERATORS + 2 * asset + (u32)croft_sim_below(s, 2);
}

/* Few numbers, so that they collide. */
static u64 some_id(struct croft_sim *s)
{
    return croft_sim_below(s, croft_sim_odd(s) ? 2 : 1000);
}

/* ---- transfer ---- */

static Croft__V1__Leg *make_leg(struct croft_sim *s, ProtobufCBinaryData to, u32 asset, u64 amount)
{
    Croft__V1__Leg *leg = croft_sim_new(s, Croft__V1__Leg, 1);
    croft__v1__leg__init(leg);
    leg->to_address = to;
    leg->asset = asset;
    leg->amount = amount;
    return leg;
}

static ProtobufCBinaryData nobody(struct croft_sim *s)
{
    u8 bytes[32];
    croft_rng_fill(&s->rng, bytes, sizeof bytes);
    return croft_sim_copy(s, bytes, sizeof bytes);
}

void croft_sim_fill_transfer(struct croft_sim *s, struct croft_sim_draft *d, u32 legs, bool fresh)
{
    Croft__V1__Transfer *op = croft_sim_new(s, Croft__V1__Transfer, 1);
    croft__v1__transfer__init(op);
    op->n_legs = legs;
    op->legs = croft_sim_new(s, Croft__V1__Leg *, legs);
    for (u32 i = 0; i < legs; i++) {
        u32 asset = some_asset(s, d->wallet);
        u64 amount = croft_sim_some_amount(s, balance_of(s, d->wallet, asset) / legs);
        ProtobufCBinaryData to = fresh ? nobody(s) : croft_sim_address(s, croft_sim_someone(s, d->wallet));
        op->legs[i] = make_leg(s, to, asset, fresh ? 1 : amount);
    }
    d->body->op_case = CROFT__V1__TX_BODY__OP_TRANSFER;
    d->body->transfer = op;
}

bool croft_sim_make_transfer(struct croft_sim *s, struct croft_sim_draft *d)
{
    u32 legs = croft_sim_chance(s, 4) ? 1 + (u32)croft_sim_below(s, 20) : 1;
    croft_sim_fill_transfer(s, d, legs, false);
    if (croft_sim_chance(s, 3))
        d->body->transfer->reference = some_reference(s);
    return true;
}

/* Somebody's key that has a cap, and what is left of it today. */
static bool find_capped(struct croft_sim *s, u32 *out_wallet, u32 *out_key, u64 *out_left)
{
    u32 from = (u32)croft_sim_below(s, CROFT_SIM_WALLETS);
    for (u32 i = 0; i < CROFT_SIM_WALLETS * CROFT_KEYS_MAX; i++) {
        u32 wallet = (from + i / CROFT_KEYS_MAX) % CROFT_SIM_WALLETS, key = i % CROFT_KEYS_MAX;
        const struct croft_model_account *a = croft_sim_account(s, wallet);
        u64 cap = a != NULL ? croft_amt_units(a->r.key[key].cap[CROFT_ASSET_CREDIT]) : 0;
        if (cap == 0 || croft_sim_secret_of(s, a->r.key[key].public_key) == NULL)
            continue;
        bool today = a->r.key[key].spent_day == croft_sim_now_s(s) / 86400;
        *out_wallet = wallet;
        *out_key = key;
        *out_left = today ? cap - croft_amt_units(a->r.key[key].spent[CROFT_ASSET_CREDIT]) : cap;
        return true;
    }
    return false;
}

bool croft_sim_make_spend_cap(struct croft_sim *s, struct croft_sim_draft *d)
{
    u32 key;
    if (!find_capped(s, &d->wallet, &key, &d->cap_left))
        return false;
    croft_sim_fill_transfer(s, d, 1, false);
    d->body->transfer->legs[0]->asset = CROFT_ASSET_CREDIT;
    d->cap_left += croft_sim_below(s, 2);
    d->cap_key = key + 1;
    return true;
}

/* ---- pending transfers ---- */

bool croft_sim_make_pending_open(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__PendingOpen *op = croft_sim_new(s, Croft__V1__PendingOpen, 1);
    u64 now_s = croft_sim_now_s(s), life_s = 1 + croft_sim_below(s, croft_sim_chance(s, 3) ? 100 : 40000);
    croft__v1__pending_open__init(op);
    op->id = some_id(s);
    op->payee_address = croft_sim_address(s, croft_sim_someone(s, d->wallet));
    if (croft_sim_chance(s, 2))
        op->arbiter_address = croft_sim_address(s, croft_sim_someone(s, CROFT_SIM_WALLETS));
    op->asset = some_asset(s, d->wallet);
    op->amount = croft_sim_some_amount(s, balance_of(s, d->wallet, op->asset));
    op->expires_s = now_s + life_s;
    if (croft_sim_odd(s))
        op->expires_s = croft_sim_chance(s, 2) ? now_s - croft_sim_below(s, 2) : now_s + (UINT64_C(1) << 30);
    d->body->op_case = CROFT__V1__TX_BODY__OP_PENDING_OPEN;
    d->body->pending_open = op;
    return true;
}

/* One that is open, from a random place on; NULL when there is none. */
static const struct croft_model_pending *some_pending(struct croft_sim *s)
{
    u32 high = s->model->high[CROFT_TABLE_PENDINGS], from = (u32)croft_sim_below(s, high + 1);
    for (u32 i = 0; i < high; i++)
        if (s->model->pending[(from + i) % high].live)
            return &s->model->pending[(from + i) % high];
    return NULL;
}

/* Hands the draft to whom it takes, unless this one oversteps. */
static void hand_to(struct croft_sim *s, struct croft_sim_draft *d, const struct croft_address *a)
{
    u32 wallet = croft_sim_wallet_of(s, a);
    if (wallet < CROFT_SIM_WALLETS && !croft_sim_odd(s))
        d->wallet = wallet;
}

static void maybe_quota(struct croft_sim *s, struct croft_sim_draft *d)
{
    const struct croft_model_account *a = croft_sim_account(s, d->wallet);
    bool has = a != NULL && a->r.quota_per_day != 0;
    d->body->lane = has && croft_sim_chance(s, 2) ? CROFT_LANE_QUOTA : CROFT_LANE_NORMAL;
}

bool croft_sim_make_pending_post(struct croft_sim *s, struct croft_sim_draft *d)
{
    const struct croft_model_pending *p = some_pending(s);
    Croft__V1__PendingPost *op = croft_sim_new(s, Croft__V1__PendingPost, 1);
    if (p == NULL)
        return false;
    croft__v1__pending_post__init(op);
    hand_to(s, d, croft_address_is_system(&p->r.arbiter) ? &p->payer : &p->r.arbiter);
    op->payer_address = croft_sim_copy(s, p->payer.b, 32);
    op->id = croft_sim_odd(s) ? some_id(s) : p->id;
    u64 held = croft_amt_units(p->r.amount);
    op->amount = croft_sim_chance(s, 3) ? croft_sim_some_amount(s, held) : held;
    op->amount = croft_sim_chance(s, 8) ? 0 : op->amount;
    op->amount = croft_sim_odd(s) ? held + 1 : op->amount;
    d->body->op_case = CROFT__V1__TX_BODY__OP_PENDING_POST;
    d->body->pending_post = op;
    maybe_quota(s, d);
    return true;
}

bool croft_sim_make_pending_void(struct croft_sim *s, struct croft_sim_draft *d)
{
    const struct croft_model_pending *p = some_pending(s);
    Croft__V1__PendingVoid *op = croft_sim_new(s, Croft__V1__PendingVoid, 1);
    if (p == NULL)
        return false;
    croft__v1__pending_void__init(op);
    hand_to(s, d, croft_sim_chance(s, 2) ? &p->r.payee : &p->r.arbiter);
    op->payer_address = croft_sim_copy(s, p->payer.b, 32);
    op->id = croft_sim_odd(s) ? some_id(s) : p->id;
    d->body->op_case = CROFT__V1__TX_BODY__OP_PENDING_VOID;
    d->body->pending_void = op;
    maybe_quota(s, d);
    return true;
}

/* ---- issuers ---- */

bool croft_sim_make_issue(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__Issue *op = croft_sim_new(s, Croft__V1__Issue, 1);
    croft__v1__issue__init(op);
    op->asset = croft_sim_chance(s, 3);
    d->wallet = some_issuer(s, op->asset);
    u32 place = croft_model_issuer_at(s->model, &s->wallet[d->wallet].address, op->asset);
    const struct croft_issuer_record *i = place != CROFT_MODEL_NONE ? &s->model->issuer[place].r : NULL;
    u64 cap = i != NULL ? croft_amt_units(i->cap) : 1000,
        out = i != NULL ? croft_amt_units(i->outstanding) : 0;
    u64 left = cap > out ? cap - out : 0;
    op->to_address = croft_sim_address(s, croft_sim_someone(s, CROFT_SIM_WALLETS));
    op->amount = croft_sim_some_amount(s, left / 100);
    if (croft_sim_odd(s))
        op->amount = left + croft_sim_below(s, 2) * (left < UINT64_MAX); /* the cap itself, or one more */
    if (croft_sim_chance(s, 3))
        op->amount = 1 + croft_sim_below(s, 1000000);
    op->amount += op->amount == 0;
    op->reference = some_reference(s);
    d->body->op_case = CROFT__V1__TX_BODY__OP_ISSUE;
    d->body->issue = op;
    return true;
}

/* What this issuer has outstanding, if anything: too much as soon as a withdrawal is under way. */
static u64 all_of_issuer(struct croft_sim *s, const Croft__V1__Redeem *op)
{
    struct croft_address a;
    memcpy(a.b, op->issuer_address.data, sizeof a.b);
    u32 place = croft_model_issuer_at(s->model, &a, op->asset);
    u64 out = place != CROFT_MODEL_NONE ? croft_amt_units(s->model->issuer[place].r.outstanding) : 0;
    return out != 0 ? out : op->amount;
}

bool croft_sim_make_redeem(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__Redeem *op = croft_sim_new(s, Croft__V1__Redeem, 1);
    croft__v1__redeem__init(op);
    op->asset = some_asset(s, d->wallet);
    op->issuer_address = croft_sim_address(s, some_issuer(s, op->asset));
    op->amount = croft_sim_some_amount(s, balance_of(s, d->wallet, op->asset));
    if (croft_sim_chance(s, 4))
        op->amount = all_of_issuer(s, op);
    op->reference = some_reference(s);
    d->body->op_case = CROFT__V1__TX_BODY__OP_REDEEM;
    d->body->redeem = op;
    return true;
}

bool croft_sim_make_withdraw(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__Withdraw *op = croft_sim_new(s, Croft__V1__Withdraw, 1);
    croft__v1__withdraw__init(op);
    op->id = some_id(s);
    op->asset = some_asset(s, d->wallet);
    op->issuer_address = croft_sim_address(s, some_issuer(s, op->asset));
    op->amount = croft_sim_some_amount(s, balance_of(s, d->wallet, op->asset));
    if (croft_sim_chance(s, 4))
        op->amount = 1 + croft_sim_below(s, 1000);
    op->payout_reference = some_reference(s);
    d->body->op_case = CROFT__V1__TX_BODY__OP_WITHDRAW;
    d->body->withdraw = op;
    return true;
}

static const struct croft_model_withdrawal *some_withdrawal(struct croft_sim *s)
{
    u32 high = s->model->high[CROFT_TABLE_WITHDRAWALS], from = (u32)croft_sim_below(s, high + 1);
    for (u32 i = 0; i < high; i++)
        if (s->model->withdrawal[(from + i) % high].live)
            return &s->model->withdrawal[(from + i) % high];
    return NULL;
}

bool croft_sim_make_withdraw_paid(struct croft_sim *s, struct croft_sim_draft *d)
{
    const struct croft_model_withdrawal *w = some_withdrawal(s);
    Croft__V1__WithdrawPaid *op = croft_sim_new(s, Croft__V1__WithdrawPaid, 1);
    if (w == NULL)
        return false;
    croft__v1__withdraw_paid__init(op);
    hand_to(s, d, &w->r.issuer);
    op->account_address = croft_sim_copy(s, w->owner.b, 32);
    op->id = croft_sim_odd(s) ? some_id(s) : w->id;
    d->body->op_case = CROFT__V1__TX_BODY__OP_WITHDRAW_PAID;
    d->body->withdraw_paid = op;
    maybe_quota(s, d);
    return true;
}

bool croft_sim_make_withdraw_return(struct croft_sim *s, struct croft_sim_draft *d)
{
    const struct croft_model_withdrawal *w = some_withdrawal(s);
    Croft__V1__WithdrawReturn *op = croft_sim_new(s, Croft__V1__WithdrawReturn, 1);
    if (w == NULL)
        return false;
    croft__v1__withdraw_return__init(op);
    hand_to(s, d, &w->r.issuer);
    op->account_address = croft_sim_copy(s, w->owner.b, 32);
    op->id = croft_sim_odd(s) ? some_id(s) : w->id;
    d->body->op_case = CROFT__V1__TX_BODY__OP_WITHDRAW_RETURN;
    d->body->withdraw_return = op;
    maybe_quota(s, d);
    return true;
}
