#include "sim/model_int.h"

#include <string.h>

/* ---- cost ---- */

struct work {
    u64 writes, creates;
};

static struct work work_of(const struct croft_model *m, const Croft__V1__TxBody *b)
{
    struct work w = {0};
    switch ((u32)b->op_case) {
    case CROFT__V1__TX_BODY__OP_TRANSFER:
        w.writes = b->transfer->n_legs;
        for (size_t i = 0; i < b->transfer->n_legs; i++) {
            struct croft_address to = croft_model_address(b->transfer->legs[i]->to_address);
            w.creates += croft_model_account_at(m, &to) == CROFT_MODEL_NONE;
        }
        return w;
    case CROFT__V1__TX_BODY__OP_PENDING_OPEN:
    case CROFT__V1__TX_BODY__OP_WITHDRAW:
    case CROFT__V1__TX_BODY__OP_ISSUE:
    case CROFT__V1__TX_BODY__OP_RECOVER_START:
    case CROFT__V1__TX_BODY__OP_PROPOSE:
        return (struct work){3, 1};
    case CROFT__V1__TX_BODY__OP_VOTE:
        return (struct work){4, 1};
    default:
        return (struct work){4, 0};
    }
}

static u64 cost_of(const struct croft_model *m, const u64 *param, const struct croft_sim_tx *t)
{
    struct work w = work_of(m, t->body);
    u64 sixteens = t->bytes.len / 16 + (t->bytes.len % 16 != 0);
    return t->signature_count * param[CROFT_PARAM_COST_SIGNATURE] +
           sixteens * param[CROFT_PARAM_COST_BYTES_16] + (w.writes + 1) * param[CROFT_PARAM_COST_WRITE] +
           w.creates * param[CROFT_PARAM_COST_CREATE];
}

u64 croft_model_cost(const struct croft_model *m, const struct croft_sim_tx *t)
{
    return cost_of(m, m->param, t);
}

/* False when it does not fit. */
static bool fee_of(u64 cost, u64 base_fee, u32 lane, u64 *out)
{
    u128 fee = lane == CROFT_LANE_QUOTA ? 0 : (u128)cost * base_fee;
    *out = fee > UINT64_MAX ? UINT64_MAX : (u64)fee;
    return fee <= UINT64_MAX;
}

u64 croft_model_fee(const struct croft_model *m, u64 cost, u32 lane)
{
    u64 fee;
    return fee_of(cost, m->chain.base_fee, lane, &fee) ? fee : UINT64_MAX;
}

/* ---- caps ---- */

static u64 spent_today(const struct croft_key_record *k, u32 asset, u64 now_s)
{
    return k->spent_day == croft_model_day(now_s) ? croft_amt_units(k->spent[asset]) : 0;
}

bool croft_model_may_spend(const struct croft_model_account *a, const struct croft_sim_tx *t, u32 asset,
                           u64 amount, u64 now_s)
{
    for (u32 i = 0; i < t->signature_count; i++) {
        const struct croft_key_record *k = &a->r.key[t->signer[i]];
        u64 cap = croft_amt_units(k->cap[asset]);
        if (cap != 0 && (u128)spent_today(k, asset, now_s) + amount > cap)
            return false;
    }
    return true;
}

void croft_model_note_spent(struct croft_model_account *a, const struct croft_sim_tx *t, u32 asset,
                            u64 amount, u64 now_s)
{
    for (u32 i = 0; i < t->signature_count; i++) {
        struct croft_key_record *k = &a->r.key[t->signer[i]];
        if (croft_amt_is_zero(k->cap[asset]))
            continue;
        u64 spent[CROFT_ASSET_COUNT] = {spent_today(k, 0, now_s), spent_today(k, 1, now_s)};
        spent[asset] += amount;
        k->spent_day = croft_model_day(now_s);
        k->spent[0] = croft_amt_of(spent[0]);
        k->spent[1] = croft_amt_of(spent[1]);
    }
}

/* ---- refusals ---- */

static enum croft_scope scope_of(u32 op)
{
    if (op >= CROFT__V1__TX_BODY__OP_PROPOSE)
        return CROFT_SCOPE_VOTE;
    return op >= CROFT__V1__TX_BODY__OP_KEY_ADD ? CROFT_SCOPE_ADMIN : CROFT_SCOPE_PAY;
}

static bool may_use_quota(u32 op)
{
    return op == CROFT__V1__TX_BODY__OP_PENDING_POST || op == CROFT__V1__TX_BODY__OP_PENDING_VOID ||
           op == CROFT__V1__TX_BODY__OP_WITHDRAW_PAID || op == CROFT__V1__TX_BODY__OP_WITHDRAW_RETURN;
}

static croft_err refuse_account(const struct croft_model *m, const struct croft_sim_tx *t,
                                struct croft_model_entry *e)
{
    const Croft__V1__KeySet *set = t->body->key_set;
    struct croft_address address = croft_model_address(t->body->account_address);
    e->place = croft_model_account_at(m, &address);
    if (e->place == CROFT_MODEL_NONE)
        return CROFT_ERR_TX_ACCOUNT;
    e->payer = m->account[e->place];
    struct croft_account_record *r = &e->payer.r;
    if (set == NULL)
        return r->key_count == 0 ? CROFT_ERR_TX_ACCOUNT : CROFT_OK;
    struct croft_address shown = croft_key_set_address(set);
    if (!croft_model_same(&shown, &address))
        return CROFT_ERR_TX_KEY_SET;
    if (r->key_count == 0)
        croft_model_install_keys(set, r->nonce_floor, &r->key_count, r->threshold, r->key);
    return CROFT_OK;
}

static croft_err refuse_keys(const struct croft_model *m, const struct croft_sim_tx *t, u64 now_s,
                             const struct croft_model_account *a)
{
    for (u32 i = 0; i < t->signature_count; i++) {
        const struct croft_key_record *k = &a->r.key[t->signer[i]];
        if (k->scheme == 0 || (k->expires_s != 0 && k->expires_s <= now_s))
            return CROFT_ERR_TX_KEY;
    }
    u64 base = a->r.key[t->signer[0]].nonce_base, nonce = t->body->nonce;
    bool in_window = nonce > base && nonce - base <= 256;
    return in_window && !croft_model_nonce_used(m, a, t->signer[0], nonce) ? CROFT_OK : CROFT_ERR_TX_REPLAY;
}

static croft_err refuse_scope(const struct croft_sim_tx *t, const struct croft_account_record *r)
{
    u32 scope = scope_of(t->op), weight = 0;
    for (u32 i = 0; i < t->signature_count; i++) {
        const struct croft_key_record *k = &r->key[t->signer[i]];
        if (!(k->scopes & 1u << scope))
            return CROFT_ERR_TX_SCOPE;
        weight += k->weight;
    }
    return weight < r->threshold[scope] ? CROFT_ERR_TX_SCOPE : CROFT_OK;
}

static croft_err refuse_lane(const struct croft_sim_tx *t, const struct croft_account_record *r, u64 cost,
                             u64 now_s)
{
    if (t->body->lane == CROFT_LANE_NORMAL)
        return CROFT_OK;
    u64 used = r->quota_day == croft_model_day(now_s) ? r->quota_used : 0;
    return may_use_quota(t->op) && (u128)used + cost <= r->quota_per_day ? CROFT_OK : CROFT_ERR_TX_LANE;
}

croft_err croft_model_refuse(const struct croft_model *m, const u64 *param, u64 base_fee,
                             const struct croft_sim_tx *t, u64 now_s, struct croft_model_entry *out)
{
    u64 until_s = t->body->valid_until_s;
    if (t->bytes.len > param[CROFT_PARAM_TX_BYTES_MAX])
        return CROFT_ERR_TX_SIZE;
    if (until_s < now_s)
        return CROFT_ERR_TX_EXPIRED;
    if (until_s - now_s > param[CROFT_PARAM_VALID_UNTIL_MAX_S])
        return CROFT_ERR_TX_TOO_LONG;
    CROFT_TRY(refuse_account(m, t, out));
    CROFT_TRY(refuse_keys(m, t, now_s, &out->payer));
    CROFT_TRY(refuse_scope(t, &out->payer.r));
    out->cost = cost_of(m, param, t);
    if (out->cost > param[t->body->lane == CROFT_LANE_QUOTA ? CROFT_PARAM_BLOCK_QUOTA_COST_MAX
                                                            : CROFT_PARAM_BLOCK_COST_MAX])
        return CROFT_ERR_TX_SIZE;
    CROFT_TRY(refuse_lane(t, &out->payer.r, out->cost, now_s));
    if (!fee_of(out->cost, base_fee, t->body->lane, &out->fee) || out->fee > t->body->fee_max)
        return CROFT_ERR_TX_FEE;
    if (out->fee > croft_amt_units(out->payer.r.balance[CROFT_ASSET_CREDIT]))
        return CROFT_ERR_TX_FUNDS;
    return croft_model_may_spend(&out->payer, t, CROFT_ASSET_CREDIT, out->fee, now_s) ? CROFT_OK
                                                                                      : CROFT_ERR_TX_CAP;
}

croft_err croft_model_check(const struct croft_model *m, const struct croft_sim_tx *t, u64 now_s)
{
    struct croft_model_entry unused;
    return croft_model_refuse(m, m->param, m->chain.base_fee, t, now_s, &unused);
}
