/* wire/test_int.h - for tests only: a random valid body of every operation. */
#ifndef CROFT_WIRE_TEST_INT_H
#define CROFT_WIRE_TEST_INT_H

#include "wire/test_market_int.h"

static inline Croft__V1__Key *make_key(struct maker *m)
{
    Croft__V1__Key *k = MAKE(m, Croft__V1__Key, croft__v1__key__init);
    k->scheme = 1;
    k->weight = 1 + (u32)croft_rng_below(&m->rng, 255);
    k->scopes = CROFT_SCOPES_ALL;
    k->public_key = make_bytes(m, 32);
    k->cap_credit = croft_rng_chance(&m->rng, 2) ? make_u64(m) : 0;
    k->cap_token = croft_rng_chance(&m->rng, 2) ? make_u64(m) : 0;
    k->expires_s = croft_rng_chance(&m->rng, 2) ? make_u64(m) : 0;
    return k;
}

static inline Croft__V1__KeySet *make_key_set(struct maker *m)
{
    Croft__V1__KeySet *set = MAKE(m, Croft__V1__KeySet, croft__v1__key_set__init);
    set->n_keys = 1 + croft_rng_below(&m->rng, CROFT_KEYS_MAX);
    set->keys = croft_new(&m->mem, Croft__V1__Key *, set->n_keys);
    CROFT_ASSERT(set->keys != NULL);
    for (size_t i = 0; i < set->n_keys; i++)
        set->keys[i] = make_key(m);
    set->thresholds = make_bytes(m, CROFT_SCOPE_COUNT);
    memset(set->thresholds.data, 1, CROFT_SCOPE_COUNT);
    return set;
}

static inline Croft__V1__TxBody *make_body(struct maker *m, u32 op)
{
    Croft__V1__TxBody *body = MAKE(m, Croft__V1__TxBody, croft__v1__tx_body__init);
    body->format = 1;
    body->account_address = make_bytes(m, 32);
    body->nonce = make_u64(m);
    body->valid_until_s = make_u64(m);
    body->fee_max = make_u64(m);
    body->lane = (u32)croft_rng_below(&m->rng, 2);
    body->key_set = croft_rng_chance(&m->rng, 3) ? make_key_set(m) : NULL;
    body->op_case = (Croft__V1__TxBody__OpCase)op;
    return body;
}

static inline Croft__V1__Leg *make_leg(struct maker *m)
{
    Croft__V1__Leg *leg = MAKE(m, Croft__V1__Leg, croft__v1__leg__init);
    leg->to_address = make_bytes(m, 32);
    leg->asset = make_asset(m);
    leg->amount = make_amount(m);
    return leg;
}

static inline void make_transfer(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__Transfer *op = body->transfer = MAKE(m, Croft__V1__Transfer, croft__v1__transfer__init);
    op->n_legs = 1 + croft_rng_below(&m->rng, croft_rng_chance(&m->rng, 20) ? CROFT_TX_LEGS_MAX : 4);
    op->legs = croft_new(&m->mem, Croft__V1__Leg *, CROFT_TX_LEGS_MAX + 1);
    CROFT_ASSERT(op->legs != NULL);
    for (size_t i = 0; i < op->n_legs; i++)
        op->legs[i] = make_leg(m);
    op->reference = make_up_to(m, 64);
}

static inline void make_pending_open(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__PendingOpen *op = body->pending_open =
        MAKE(m, Croft__V1__PendingOpen, croft__v1__pending_open__init);
    op->id = make_u64(m);
    op->payee_address = make_bytes(m, 32);
    op->arbiter_address = make_bytes(m, croft_rng_chance(&m->rng, 2) ? 32 : 0);
    op->asset = make_asset(m);
    op->amount = make_amount(m);
    op->expires_s = make_u64(m);
}

static inline void make_pending_post(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__PendingPost *op = body->pending_post =
        MAKE(m, Croft__V1__PendingPost, croft__v1__pending_post__init);
    op->payer_address = make_bytes(m, 32);
    op->id = make_u64(m);
    op->amount = make_u64(m);
}

static inline void make_pending_void(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__PendingVoid *op = body->pending_void =
        MAKE(m, Croft__V1__PendingVoid, croft__v1__pending_void__init);
    op->payer_address = make_bytes(m, 32);
    op->id = make_u64(m);
}

static inline void make_issue(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__Issue *op = body->issue = MAKE(m, Croft__V1__Issue, croft__v1__issue__init);
    op->to_address = make_bytes(m, 32);
    op->asset = make_asset(m);
    op->amount = make_amount(m);
    op->reference = make_up_to(m, 64);
}

static inline void make_redeem(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__Redeem *op = body->redeem = MAKE(m, Croft__V1__Redeem, croft__v1__redeem__init);
    op->issuer_address = make_bytes(m, 32);
    op->asset = make_asset(m);
    op->amount = make_amount(m);
    op->reference = make_up_to(m, 64);
}

static inline void make_withdraw(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__Withdraw *op = body->withdraw = MAKE(m, Croft__V1__Withdraw, croft__v1__withdraw__init);
    op->id = make_u64(m);
    op->issuer_address = make_bytes(m, 32);
    op->asset = make_asset(m);
    op->amount = make_amount(m);
    op->payout_reference = make_bytes(m, 1 + croft_rng_below(&m->rng, 64));
}

static inline void make_withdraw_paid(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__WithdrawPaid *op = body->withdraw_paid =
        MAKE(m, Croft__V1__WithdrawPaid, croft__v1__withdraw_paid__init);
    op->account_address = make_bytes(m, 32);
    op->id = make_u64(m);
}

static inline void make_withdraw_return(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__WithdrawReturn *op = MAKE(m, Croft__V1__WithdrawReturn, croft__v1__withdraw_return__init);
    body->withdraw_return = op;
    op->account_address = make_bytes(m, 32);
    op->id = make_u64(m);
}

static inline void make_key_add(struct maker *m, Croft__V1__TxBody *body)
{
    body->key_add = MAKE(m, Croft__V1__KeyAdd, croft__v1__key_add__init);
    body->key_add->key = make_key(m);
}

static inline void make_key_revoke(struct maker *m, Croft__V1__TxBody *body)
{
    body->key_revoke = MAKE(m, Croft__V1__KeyRevoke, croft__v1__key_revoke__init);
    body->key_revoke->key = (u32)croft_rng_below(&m->rng, CROFT_KEYS_MAX);
}

static inline void make_key_rotate(struct maker *m, Croft__V1__TxBody *body)
{
    body->key_rotate = MAKE(m, Croft__V1__KeyRotate, croft__v1__key_rotate__init);
    body->key_rotate->key = (u32)croft_rng_below(&m->rng, CROFT_KEYS_MAX);
    body->key_rotate->public_key = make_bytes(m, 32);
}

static inline void make_key_thresholds(struct maker *m, Croft__V1__TxBody *body)
{
    body->key_thresholds = MAKE(m, Croft__V1__KeyThresholds, croft__v1__key_thresholds__init);
    body->key_thresholds->thresholds = make_bytes(m, CROFT_SCOPE_COUNT);
    for (u32 i = 0; i < CROFT_SCOPE_COUNT; i++)
        body->key_thresholds->thresholds.data[i] |= 1;
}

static inline void make_set_guardian(struct maker *m, Croft__V1__TxBody *body)
{
    body->set_guardian = MAKE(m, Croft__V1__SetGuardian, croft__v1__set_guardian__init);
    body->set_guardian->guardian_address = make_bytes(m, croft_rng_chance(&m->rng, 2) ? 32 : 0);
    body->set_guardian->delay_s = make_u64(m);
}

static inline void make_recover_start(struct maker *m, Croft__V1__TxBody *body)
{
    body->recover_start = MAKE(m, Croft__V1__RecoverStart, croft__v1__recover_start__init);
    body->recover_start->account_address = make_bytes(m, 32);
    body->recover_start->key_set = make_key_set(m);
}

static inline void make_recover_cancel(struct maker *m, Croft__V1__TxBody *body)
{
    body->recover_cancel = MAKE(m, Croft__V1__RecoverCancel, croft__v1__recover_cancel__init);
}

static inline void make_close(struct maker *m, Croft__V1__TxBody *body)
{
    body->close_account = MAKE(m, Croft__V1__CloseAccount, croft__v1__close_account__init);
    body->close_account->to_address = make_bytes(m, 32);
}

static inline void make_change_param(struct maker *m, Croft__V1__Propose *op)
{
    op->param = MAKE(m, Croft__V1__ParamChange, croft__v1__param_change__init);
    op->param->param = (u32)make_u64(m);
    op->param->value = make_u64(m);
}

static inline void make_change_protocol(struct maker *m, Croft__V1__Propose *op)
{
    op->protocol = MAKE(m, Croft__V1__ProtocolChange, croft__v1__protocol_change__init);
    op->protocol->protocol = (u32)make_u64(m) | 1;
    op->protocol->height = make_u64(m);
    op->protocol->release = (char *)(uintptr_t) "v1.2.3~rc1";
}

static inline void make_change_validator(struct maker *m, Croft__V1__Propose *op)
{
    op->validator = MAKE(m, Croft__V1__ValidatorChange, croft__v1__validator_change__init);
    op->validator->public_key = make_bytes(m, 32);
    op->validator->operator_address = make_bytes(m, 32);
    op->validator->power = croft_rng_below(&m->rng, (u64)INT64_MAX / 8 / 64 + 1);
}

static inline void make_change_issuer(struct maker *m, Croft__V1__Propose *op)
{
    op->issuer = MAKE(m, Croft__V1__IssuerChange, croft__v1__issuer_change__init);
    op->issuer->issuer_address = make_bytes(m, 32);
    op->issuer->asset = make_asset(m);
    op->issuer->cap = make_u64(m);
}

static inline void make_change_quota(struct maker *m, Croft__V1__Propose *op)
{
    op->quota = MAKE(m, Croft__V1__QuotaChange, croft__v1__quota_change__init);
    op->quota->account_address = make_bytes(m, 32);
    op->quota->cost_per_day = make_u64(m);
}

static inline void make_change_class(struct maker *m, Croft__V1__Propose *op)
{
    op->class_ = MAKE(m, Croft__V1__ClassChange, croft__v1__class_change__init);
    op->class_->number = 1 + (u32)croft_rng_below(&m->rng, CROFT_CLASS_OPEN_MIN - 1);
    op->class_->operator_address = make_bytes(m, 32);
}

static inline void make_propose_of(struct maker *m, Croft__V1__TxBody *body, u32 change)
{
    static void (*const make[])(struct maker *, Croft__V1__Propose *) = {
        [CROFT__V1__PROPOSE__CHANGE_PARAM] = make_change_param,
        [CROFT__V1__PROPOSE__CHANGE_PROTOCOL] = make_change_protocol,
        [CROFT__V1__PROPOSE__CHANGE_VALIDATOR] = make_change_validator,
        [CROFT__V1__PROPOSE__CHANGE_ISSUER] = make_change_issuer,
        [CROFT__V1__PROPOSE__CHANGE_QUOTA] = make_change_quota,
        [CROFT__V1__PROPOSE__CHANGE_CLASS] = make_change_class,
    };
    body->propose = MAKE(m, Croft__V1__Propose, croft__v1__propose__init);
    body->propose->id = make_u64(m);
    body->propose->expires_s = make_u64(m);
    body->propose->change_case = (Croft__V1__Propose__ChangeCase)change;
    make[change](m, body->propose);
}

static inline void make_propose(struct maker *m, Croft__V1__TxBody *body)
{
    make_propose_of(m, body, CROFT__V1__PROPOSE__CHANGE_PARAM + (u32)croft_rng_below(&m->rng, 6));
}

static inline void make_vote(struct maker *m, Croft__V1__TxBody *body)
{
    body->vote = MAKE(m, Croft__V1__Vote, croft__v1__vote__init);
    body->vote->proposal = make_u64(m);
    body->vote->yes = croft_rng_chance(&m->rng, 2);
}

static const struct {
    u32 op;
    void (*make)(struct maker *m, Croft__V1__TxBody *body);
} maker_ops[] = {
    {CROFT__V1__TX_BODY__OP_TRANSFER, make_transfer},
    {CROFT__V1__TX_BODY__OP_PENDING_OPEN, make_pending_open},
    {CROFT__V1__TX_BODY__OP_PENDING_POST, make_pending_post},
    {CROFT__V1__TX_BODY__OP_PENDING_VOID, make_pending_void},
    {CROFT__V1__TX_BODY__OP_ISSUE, make_issue},
    {CROFT__V1__TX_BODY__OP_REDEEM, make_redeem},
    {CROFT__V1__TX_BODY__OP_WITHDRAW, make_withdraw},
    {CROFT__V1__TX_BODY__OP_WITHDRAW_PAID, make_withdraw_paid},
    {CROFT__V1__TX_BODY__OP_WITHDRAW_RETURN, make_withdraw_return},
    {CROFT__V1__TX_BODY__OP_KEY_ADD, make_key_add},
    {CROFT__V1__TX_BODY__OP_KEY_REVOKE, make_key_revoke},
    {CROFT__V1__TX_BODY__OP_KEY_ROTATE, make_key_rotate},
    {CROFT__V1__TX_BODY__OP_KEY_THRESHOLDS, make_key_thresholds},
    {CROFT__V1__TX_BODY__OP_SET_GUARDIAN, make_set_guardian},
    {CROFT__V1__TX_BODY__OP_RECOVER_START, make_recover_start},
    {CROFT__V1__TX_BODY__OP_RECOVER_CANCEL, make_recover_cancel},
    {CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT, make_close},
    {CROFT__V1__TX_BODY__OP_PROPOSE, make_propose},
    {CROFT__V1__TX_BODY__OP_VOTE, make_vote},
    {CROFT__V1__TX_BODY__OP_NODE_ADMIT, make_node_admit},
    {CROFT__V1__TX_BODY__OP_NODE_REMOVE, make_node_remove},
    {CROFT__V1__TX_BODY__OP_PROVIDER_LEAVE, make_provider_leave},
    {CROFT__V1__TX_BODY__OP_STAKE_LOCK, make_stake_lock},
    {CROFT__V1__TX_BODY__OP_STAKE_UNLOCK, make_stake_unlock},
    {CROFT__V1__TX_BODY__OP_SLASH, make_slash},
    {CROFT__V1__TX_BODY__OP_NODE_SET, make_node_set},
    {CROFT__V1__TX_BODY__OP_CLAIM_SET, make_claim_set},
    {CROFT__V1__TX_BODY__OP_CLASS_SET, make_class_set},
    {CROFT__V1__TX_BODY__OP_OFFER_POST, make_offer_post},
    {CROFT__V1__TX_BODY__OP_OFFER_WITHDRAW, make_offer_withdraw},
    {CROFT__V1__TX_BODY__OP_ORDER_OPEN, make_order_open},
    {CROFT__V1__TX_BODY__OP_ORDER_FUND, make_order_fund},
    {CROFT__V1__TX_BODY__OP_ORDER_TAKE, make_order_take},
    {CROFT__V1__TX_BODY__OP_ORDER_CLOSE, make_order_close},
    {CROFT__V1__TX_BODY__OP_LEASE_TAKE, make_lease_take},
    {CROFT__V1__TX_BODY__OP_LEASE_ACK, make_lease_ack},
    {CROFT__V1__TX_BODY__OP_SETTLE, make_settle},
    {CROFT__V1__TX_BODY__OP_LEASE_STOP, make_lease_stop},
    {CROFT__V1__TX_BODY__OP_LEASE_NOTICE, make_lease_notice},
    {CROFT__V1__TX_BODY__OP_LEASE_CALL, make_lease_call},
    {CROFT__V1__TX_BODY__OP_LEASE_COMMIT, make_lease_commit},
    {CROFT__V1__TX_BODY__OP_TASK_REVIEW, make_task_review},
    {CROFT__V1__TX_BODY__OP_TASK_CONTEST, make_task_contest},
    {CROFT__V1__TX_BODY__OP_TASK_JUDGE, make_task_judge},
    {CROFT__V1__TX_BODY__OP_BID_PLACE, make_bid_place},
    {CROFT__V1__TX_BODY__OP_BID_REVEAL, make_bid_reveal},
    {CROFT__V1__TX_BODY__OP_ORACLE_REPORT, make_oracle_report},
    {CROFT__V1__TX_BODY__OP_BUYBACK, make_buyback},
    {CROFT__V1__TX_BODY__OP_CLAIM_REWARD, make_claim_reward},
};

static inline Croft__V1__TxBody *make_op(struct maker *m, size_t which)
{
    CROFT_ASSERT(which < CROFT_COUNT(maker_ops));
    Croft__V1__TxBody *body = make_body(m, maker_ops[which].op);
    maker_ops[which].make(m, body);
    return body;
}

/* The body of the one operation whose field number this is. */
static inline Croft__V1__TxBody *make_of(struct maker *m, u32 op)
{
    size_t i = 0;
    while (i < CROFT_COUNT(maker_ops) && maker_ops[i].op != op)
        i++;
    return make_op(m, i);
}

/* Signed by `count` of the maker's keys: a lead at any place, the others increasing. */
static inline croft_err make_signed(struct maker *m, const Croft__V1__TxBody *body, u32 lead, u32 count,
                                    struct croft_bytes *out, struct croft_hash *out_id)
{
    const struct croft_secret_key *key[CROFT_KEYS_MAX] = {&m->key[lead]};
    u8 place[CROFT_KEYS_MAX] = {(u8)lead};
    CROFT_ASSERT(count >= 1 && count <= CROFT_KEYS_MAX);
    for (u32 i = 1, next = 0; i < count; next++)
        if (next != lead) {
            key[i] = &m->key[next];
            place[i++] = (u8)next;
        }
    return croft_tx_build(body, &m->network, key, place, count, &m->mem, out, out_id);
}

#endif
