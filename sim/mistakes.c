#include "sim/sim_int.h"

#include <string.h>

typedef void mistake(struct croft_sim *s, struct croft_sim_draft *d);

/* ---- time, nonce, fee, lane ---- */

static void other_network(struct croft_sim *s, struct croft_sim_draft *d)
{
    (void)s;
    d->foreign = true;
}

static void too_late(struct croft_sim *s, struct croft_sim_draft *d)
{
    d->body->valid_until_s = croft_sim_now_s(s) - 1 - croft_sim_below(s, 1000);
}

static void too_long(struct croft_sim *s, struct croft_sim_draft *d)
{
    d->body->valid_until_s = croft_sim_now_s(s) + s->model->param[CROFT_PARAM_VALID_UNTIL_MAX_S] + 1;
}

/* Not late: at that second it still counts. */
static void last_second(struct croft_sim *s, struct croft_sim_draft *d)
{
    d->body->valid_until_s = croft_sim_now_s(s);
}

static void for_ever(struct croft_sim *s, struct croft_sim_draft *d)
{
    (void)s;
    d->body->valid_until_s = UINT64_MAX;
}

static void old_nonce(struct croft_sim *s, struct croft_sim_draft *d)
{
    const struct croft_model_account *a = croft_sim_account(s, d->wallet);
    d->body->nonce = a != NULL ? a->r.key[d->signer[0]].nonce_base : 0;
}

static void far_nonce(struct croft_sim *s, struct croft_sim_draft *d)
{
    const struct croft_model_account *a = croft_sim_account(s, d->wallet);
    d->body->nonce = a != NULL ? a->r.key[d->signer[0]].nonce_base + 257 : UINT64_MAX;
}

static void no_fee(struct croft_sim *s, struct croft_sim_draft *d)
{
    d->body->fee_max = croft_sim_below(s, 2);
}

static void low_fee(struct croft_sim *s, struct croft_sim_draft *d)
{
    (void)s;
    d->fee_slack = 2;
}

static void quota_lane(struct croft_sim *s, struct croft_sim_draft *d)
{
    (void)s;
    d->body->lane = CROFT_LANE_QUOTA;
}

/* ---- keys ---- */

static void wrong_secret(struct croft_sim *s, struct croft_sim_draft *d)
{
    d->key[0] = croft_sim_new_key(s);
}

static void any_place(struct croft_sim *s, struct croft_sim_draft *d)
{
    d->signer_count = 1;
    d->signer[0] = (u8)croft_sim_below(s, CROFT_KEYS_MAX);
}

/* Signs with one key of the account that really is there, whether it may or not. */
static void some_other_key(struct croft_sim *s, struct croft_sim_draft *d)
{
    const struct croft_model_account *a = croft_sim_account(s, d->wallet);
    u32 place = (u32)croft_sim_below(s, CROFT_KEYS_MAX);
    if (a == NULL || croft_sim_secret_of(s, a->r.key[place].public_key) == NULL)
        return;
    d->signer_count = 1;
    d->signer[0] = (u8)place;
    memcpy(d->key[0].b, a->r.key[place].public_key, 32);
    d->body->nonce = a->r.key[place].nonce_base + 1;
}

static void too_few(struct croft_sim *s, struct croft_sim_draft *d)
{
    (void)s;
    d->signer_count = 1;
}

static void no_key_set(struct croft_sim *s, struct croft_sim_draft *d)
{
    (void)s;
    d->body->key_set = NULL;
}

static void wrong_key_set(struct croft_sim *s, struct croft_sim_draft *d)
{
    d->body->key_set = s->wallet[(d->wallet + 1) % CROFT_SIM_WALLETS].first;
}

/* One out of many ways in which a key set can be no key set. */
static void bad_key_set(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__KeySet *set = croft_sim_make_key_set(s, croft_sim_below(s, 8));
    d->body->key_set = set;
    switch (croft_sim_below(s, 9)) {
    case 0:
        set->thresholds.len = 6;
        return;
    case 1:
        set->thresholds.data[croft_sim_below(s, 7)] = 0;
        return;
    case 2:
        set->thresholds.data[croft_sim_below(s, 7)] = 200;
        return;
    case 3:
        set->n_keys = 0;
        return;
    case 4:
        set->keys[0]->scheme = 2;
        return;
    case 5:
        set->keys[0]->weight = (u32)croft_sim_below(s, 2) * 256;
        return;
    case 6:
        set->keys[0]->scopes = (u32)croft_sim_below(s, 2) * 128;
        return;
    case 7:
        set->keys[0]->public_key.len = 31;
        return;
    default:
        set->keys[set->n_keys - 1] = set->keys[0];
    }
}

/* ---- form ---- */

static void other_format(struct croft_sim *s, struct croft_sim_draft *d)
{
    d->body->format = (u32)croft_sim_below(s, 2) * 2;
}

static void third_lane(struct croft_sim *s, struct croft_sim_draft *d)
{
    (void)s;
    d->body->lane = 2;
}

static void system_payer(struct croft_sim *s, struct croft_sim_draft *d)
{
    struct croft_address a = croft_system_address((enum croft_system_account)(1 + croft_sim_below(s, 6)));
    d->body->account_address = croft_sim_copy(s, a.b, sizeof a.b);
}

static void short_address(struct croft_sim *s, struct croft_sim_draft *d)
{
    d->body->account_address.len = croft_sim_below(s, 32);
}

static void no_operation(struct croft_sim *s, struct croft_sim_draft *d)
{
    (void)s;
    d->body->op_case = CROFT__V1__TX_BODY__OP__NOT_SET;
}

static ProtobufCBinaryData bad_address(struct croft_sim *s, const struct croft_sim_draft *d)
{
    struct croft_address system =
        croft_system_address((enum croft_system_account)(1 + croft_sim_below(s, 6)));
    switch (croft_sim_below(s, 3)) {
    case 0:
        return croft_sim_address(s, d->wallet);
    case 1:
        return croft_sim_copy(s, system.b, sizeof system.b);
    default:
        return croft_sim_copy(s, system.b, 31);
    }
}

/* Pays itself, closes into itself, guards itself. */
static void to_itself(struct croft_sim *s, struct croft_sim_draft *d)
{
    ProtobufCBinaryData self = croft_sim_address(s, d->wallet);
    switch ((u32)d->body->op_case) {
    case CROFT__V1__TX_BODY__OP_PENDING_OPEN:
        d->body->pending_open->payee_address = self;
        return;
    case CROFT__V1__TX_BODY__OP_SET_GUARDIAN:
        d->body->set_guardian->guardian_address = self;
        return;
    case CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT:
        d->body->close_account->to_address = self;
        return;
    case CROFT__V1__TX_BODY__OP_RECOVER_START:
        d->body->recover_start->account_address = self;
        return;
    default:
        croft_sim_fill_transfer(s, d, 1, false);
        d->body->transfer->legs[0]->to_address = self;
        d->body->transfer->legs[0]->amount = 1;
    }
}

static void bad_leg(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__Transfer *op = d->body->transfer;
    Croft__V1__Leg *leg = op->legs[op->n_legs - 1];
    switch (croft_sim_below(s, 5)) {
    case 0:
        leg->asset = 2;
        return;
    case 1:
        leg->amount = 0;
        return;
    case 2:
        op->n_legs = 0;
        return;
    case 3:
        op->reference = croft_sim_copy(s, s->wallet, 65);
        return;
    default:
        leg->to_address = bad_address(s, d);
    }
}

static void bad_pending(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__PendingOpen *op = d->body->pending_open;
    if (croft_sim_chance(s, 3))
        op->arbiter_address = bad_address(s, d);
    else if (croft_sim_chance(s, 2))
        op->payee_address = bad_address(s, d);
    else
        op->amount = 0;
}

static void bad_withdraw(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__Withdraw *op = d->body->withdraw;
    if (croft_sim_chance(s, 2))
        op->payout_reference = croft_sim_copy(s, s->wallet, croft_sim_below(s, 2) * 65);
    else
        op->issuer_address = bad_address(s, d);
}

static void bad_proposal(struct croft_sim *s, struct croft_sim_draft *d)
{
    static char spaces[] = "not a release", none[] = "";
    Croft__V1__Propose *op = d->body->propose;
    if (op->change_case == CROFT__V1__PROPOSE__CHANGE_PROTOCOL)
        op->protocol->release = croft_sim_chance(s, 2) ? spaces : none;
    else if (op->change_case == CROFT__V1__PROPOSE__CHANGE_VALIDATOR)
        op->validator->power = UINT64_MAX / 2;
    else
        op->change_case = CROFT__V1__PROPOSE__CHANGE__NOT_SET;
}

/* A field of the operation itself, where there is a good way to spoil it. */
static void bad_operation(struct croft_sim *s, struct croft_sim_draft *d)
{
    switch ((u32)d->body->op_case) {
    case CROFT__V1__TX_BODY__OP_TRANSFER:
        bad_leg(s, d);
        return;
    case CROFT__V1__TX_BODY__OP_PENDING_OPEN:
        bad_pending(s, d);
        return;
    case CROFT__V1__TX_BODY__OP_WITHDRAW:
        bad_withdraw(s, d);
        return;
    case CROFT__V1__TX_BODY__OP_PROPOSE:
        bad_proposal(s, d);
        return;
    case CROFT__V1__TX_BODY__OP_KEY_REVOKE:
        d->body->key_revoke->key = 8;
        return;
    case CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT:
        d->body->close_account->to_address = bad_address(s, d);
        return;
    default:
        no_operation(s, d);
    }
}

/* ---- bytes ---- */

static void flip_bit(struct croft_sim *s, u8 *bytes, size_t *len)
{
    bytes[croft_sim_below(s, *len)] ^= (u8)(1u << croft_sim_below(s, 8));
}

static void cut_off(struct croft_sim *s, u8 *bytes, size_t *len)
{
    (void)bytes;
    *len = croft_sim_below(s, *len);
}

static void add_bytes(struct croft_sim *s, u8 *bytes, size_t *len)
{
    size_t more = 1 + croft_sim_below(s, 16);
    croft_rng_fill(&s->rng, bytes + *len, more);
    *len += more;
}

static void noise(struct croft_sim *s, u8 *bytes, size_t *len)
{
    croft_rng_fill(&s->rng, bytes, *len);
}

static void spoil_bytes(struct croft_sim *s, struct croft_sim_draft *d)
{
    static void (*const way[])(struct croft_sim * s, u8 * bytes, size_t * len) = {flip_bit, flip_bit, cut_off,
                                                                                  add_bytes, noise};
    d->mangle = way[croft_sim_below(s, CROFT_COUNT(way))];
}

void croft_sim_mistake(struct croft_sim *s, struct croft_sim_draft *d)
{
    static mistake *const all[] = {
        other_network,  too_late,       too_long,     last_second,   for_ever,      old_nonce,
        far_nonce,      no_fee,         low_fee,      quota_lane,    wrong_secret,  any_place,
        some_other_key, some_other_key, too_few,      no_key_set,    wrong_key_set, bad_key_set,
        other_format,   third_lane,     system_payer, short_address, no_operation,  bad_operation,
        bad_operation,  to_itself,      to_itself,    spoil_bytes,   spoil_bytes,
    };
    all[croft_sim_below(s, CROFT_COUNT(all))](s, d);
}
