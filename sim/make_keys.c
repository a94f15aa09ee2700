#include "sim/sim_int.h"

#include <string.h>

/* A public key that the account has or had, or one of somebody else: for adding and rotating to it. */
static ProtobufCBinaryData known_key(struct croft_sim *s, u32 wallet)
{
    const struct croft_model_account *a = croft_sim_account(s, wallet);
    if (a != NULL && croft_sim_chance(s, 2))
        return croft_sim_copy(s, a->r.key[croft_sim_below(s, CROFT_KEYS_MAX)].public_key, 32);
    return s->wallet[wallet].first->keys[0]->public_key;
}

bool croft_sim_make_key_add(struct croft_sim *s, struct croft_sim_draft *d)
{
    static const u32 scopes[] = {CROFT_SCOPES_ALL, CROFT_SCOPES_ALL, 1 << CROFT_SCOPE_PAY,
                                 1 << CROFT_SCOPE_TRADE, 33};
    Croft__V1__KeyAdd *op = croft_sim_new(s, Croft__V1__KeyAdd, 1);
    croft__v1__key_add__init(op);
    op->key = croft_sim_make_key(s, scopes[croft_sim_below(s, CROFT_COUNT(scopes))]);
    op->key->weight = 1 + (u32)croft_sim_below(s, 3);
    if (croft_sim_chance(s, 2)) {
        op->key->cap_credit = croft_sim_below(s, 3 * CROFT_UNITS_PER_CREDIT);
        op->key->cap_token = croft_sim_below(s, CROFT_UNITS_PER_CREDIT);
    }
    if (croft_sim_chance(s, 3))
        op->key->expires_s = croft_sim_now_s(s) + croft_sim_below(s, 20000);
    if (croft_sim_odd(s))
        op->key->public_key = known_key(s, d->wallet);
    d->body->op_case = CROFT__V1__TX_BODY__OP_KEY_ADD;
    d->body->key_add = op;
    return true;
}

/* A place that has a key, or any when odd. */
static u32 some_place(struct croft_sim *s, u32 wallet)
{
    const struct croft_model_account *a = croft_sim_account(s, wallet);
    u32 count = a != NULL && a->r.key_count != 0 && !croft_sim_odd(s) ? a->r.key_count : CROFT_KEYS_MAX;
    return (u32)croft_sim_below(s, count);
}

bool croft_sim_make_key_revoke(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__KeyRevoke *op = croft_sim_new(s, Croft__V1__KeyRevoke, 1);
    croft__v1__key_revoke__init(op);
    op->key = some_place(s, d->wallet);
    d->body->op_case = CROFT__V1__TX_BODY__OP_KEY_REVOKE;
    d->body->key_revoke = op;
    return true;
}

bool croft_sim_make_key_rotate(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__KeyRotate *op = croft_sim_new(s, Croft__V1__KeyRotate, 1);
    struct croft_public_key key = croft_sim_new_key(s);
    croft__v1__key_rotate__init(op);
    op->key = some_place(s, d->wallet);
    op->public_key = croft_sim_odd(s) ? known_key(s, d->wallet) : croft_sim_copy(s, key.b, sizeof key.b);
    d->body->op_case = CROFT__V1__TX_BODY__OP_KEY_ROTATE;
    d->body->key_rotate = op;
    return true;
}

bool croft_sim_make_key_thresholds(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__KeyThresholds *op = croft_sim_new(s, Croft__V1__KeyThresholds, 1);
    u8 thresholds[CROFT_SCOPE_COUNT];
    croft__v1__key_thresholds__init(op);
    memset(thresholds, 1 + (int)croft_sim_below(s, 2), sizeof thresholds);
    thresholds[croft_sim_below(s, sizeof thresholds)] =
        (u8)(1 + croft_sim_below(s, croft_sim_odd(s) ? 40 : 3));
    op->thresholds = croft_sim_copy(s, thresholds, sizeof thresholds);
    d->body->op_case = CROFT__V1__TX_BODY__OP_KEY_THRESHOLDS;
    d->body->key_thresholds = op;
    return true;
}

bool croft_sim_make_set_guardian(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__SetGuardian *op = croft_sim_new(s, Croft__V1__SetGuardian, 1);
    u64 least_s = s->model->param[CROFT_PARAM_RECOVER_DELAY_MIN_S];
    croft__v1__set_guardian__init(op);
    if (!croft_sim_chance(s, 8))
        op->guardian_address = croft_sim_address(s, croft_sim_someone(s, d->wallet));
    op->delay_s = least_s + croft_sim_below(s, 4000);
    if (croft_sim_odd(s))
        op->delay_s = croft_sim_chance(s, 2) ? least_s - 1 : UINT64_C(1) << 40;
    d->body->op_case = CROFT__V1__TX_BODY__OP_SET_GUARDIAN;
    d->body->set_guardian = op;
    return true;
}

/* An account that has a guardian whose keys we hold. */
static bool find_ward(struct croft_sim *s, u32 *out_ward, u32 *out_guardian)
{
    u32 from = (u32)croft_sim_below(s, CROFT_SIM_WALLETS);
    for (u32 i = 0; i < CROFT_SIM_WALLETS; i++) {
        u32 ward = (from + i) % CROFT_SIM_WALLETS;
        const struct croft_model_account *a = croft_sim_account(s, ward);
        u32 guardian = a != NULL ? croft_sim_wallet_of(s, &a->r.guardian) : CROFT_SIM_WALLETS;
        if (guardian < CROFT_SIM_WALLETS) {
            *out_ward = ward;
            *out_guardian = guardian;
            return true;
        }
    }
    return false;
}

bool croft_sim_make_recover_start(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__RecoverStart *op = croft_sim_new(s, Croft__V1__RecoverStart, 1);
    u32 ward = croft_sim_someone(s, d->wallet), guardian = d->wallet;
    if (!croft_sim_odd(s) && !find_ward(s, &ward, &guardian))
        return false;
    croft__v1__recover_start__init(op);
    d->wallet = guardian;
    op->account_address = croft_sim_address(s, ward);
    op->key_set = croft_sim_make_key_set(s, croft_sim_below(s, 8));
    d->body->op_case = CROFT__V1__TX_BODY__OP_RECOVER_START;
    d->body->recover_start = op;
    return true;
}

bool croft_sim_make_recover_cancel(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__RecoverCancel *op = croft_sim_new(s, Croft__V1__RecoverCancel, 1);
    for (u32 i = 0; i < s->model->high[CROFT_TABLE_RECOVERIES] && !croft_sim_odd(s); i++) {
        u32 wallet = croft_sim_wallet_of(s, &s->model->recovery[i].account);
        if (s->model->recovery[i].live && wallet < CROFT_SIM_WALLETS)
            d->wallet = wallet;
    }
    croft__v1__recover_cancel__init(op);
    d->body->op_case = CROFT__V1__TX_BODY__OP_RECOVER_CANCEL;
    d->body->recover_cancel = op;
    return true;
}

bool croft_sim_make_close_account(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__CloseAccount *op = croft_sim_new(s, Croft__V1__CloseAccount, 1);
    croft__v1__close_account__init(op);
    op->to_address = croft_sim_address(s, croft_sim_someone(s, d->wallet));
    d->body->op_case = CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT;
    d->body->close_account = op;
    return true;
}
