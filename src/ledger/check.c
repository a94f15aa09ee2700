#include "ledger/ledger_int.h"

#include "base/assert.h"

#include <string.h>

/* ---- what an operation costs ---- */

u64 croft_ledger_cost(const struct croft_ledger *l, const struct croft_tx *tx)
{
    struct croft_op_writes w = croft_op_writes(l, tx);
    u64 sixteens = (tx->bytes.len + 15) / 16;
    return croft_ledger_param(l, CROFT_PARAM_COST_SIGNATURE) * (tx->signature_count + tx->attested_count) +
           croft_ledger_param(l, CROFT_PARAM_COST_BYTES_16) * sixteens +
           croft_ledger_param(l, CROFT_PARAM_COST_WRITE) * (1 + w.written) +
           croft_ledger_param(l, CROFT_PARAM_COST_CREATE) * w.created;
}

/* The dearest vote or proposal: all signatures, and as long as one that shows eight keys. */
bool croft_params_leave_a_vote(const u64 *param)
{
    enum { VOTE_BYTES = 2048, VOTE_WRITES = 5 };
    u64 cost = param[CROFT_PARAM_COST_SIGNATURE] * CROFT_TX_SIGNATURES_MAX +
               param[CROFT_PARAM_COST_BYTES_16] * (VOTE_BYTES / 16) + param[CROFT_PARAM_COST_WRITE] * VOTE_WRITES +
               param[CROFT_PARAM_COST_CREATE];
    return cost <= param[CROFT_PARAM_BLOCK_COST_MAX] && param[CROFT_PARAM_TX_BYTES_MAX] >= VOTE_BYTES;
}

u64 croft_lane_cost_max(const struct croft_ledger *l, const struct croft_tx *tx)
{
    bool quota = tx->body->lane == CROFT_LANE_QUOTA;
    return croft_ledger_param(l, quota ? CROFT_PARAM_BLOCK_QUOTA_COST_MAX : CROFT_PARAM_BLOCK_COST_MAX);
}

static bool fee_of(const struct croft_ledger *l, const struct croft_tx *tx, u64 cost, struct croft_amt *out)
{
    if (tx->body->lane == CROFT_LANE_QUOTA) {
        *out = croft_amt_of(0);
        return true;
    }
    return croft_amt_muldiv_ceil(out, croft_amt_of(cost), l->block_base_fee, 1);
}

struct croft_amt croft_ledger_fee(const struct croft_ledger *l, const struct croft_tx *tx)
{
    struct croft_amt fee = croft_amt_of(UINT64_MAX);
    bool fits = fee_of(l, tx, croft_ledger_cost(l, tx), &fee);
    CROFT_ASSERT(fits || croft_amt_units(fee) == UINT64_MAX);
    return fee;
}

/* ---- refusals, in the order of docs/spec/ledger.md ---- */

static croft_err check_time(const struct croft_ledger *l, const struct croft_tx *tx, u64 now_s)
{
    u64 valid_until_s = tx->body->valid_until_s;
    if (now_s > valid_until_s)
        return CROFT_ERR_TX_EXPIRED;
    return valid_until_s - now_s > croft_ledger_param(l, CROFT_PARAM_VALID_UNTIL_MAX_S) ? CROFT_ERR_TX_TOO_LONG : CROFT_OK;
}

/* The payer's record; an account that has shown no keys yet takes those that the transaction shows. */
static croft_err check_account(const struct croft_ledger *l, const struct croft_tx *tx, struct croft_account *out)
{
    const Croft__V1__KeySet *set = tx->body->key_set;
    if (!croft_account_load(l, &tx->account, out) || (out->r.key_count == 0 && set == NULL))
        return CROFT_ERR_TX_ACCOUNT;
    if (set == NULL)
        return CROFT_OK;

    struct croft_address shown = croft_key_set_address(set);
    if (!croft_address_equal(&shown, &tx->account))
        return CROFT_ERR_TX_KEY_SET;
    if (out->r.key_count == 0)
        croft_keys_install(set, out->r.nonce_floor, &out->r.key_count, out->r.threshold, out->r.key);
    return CROFT_OK;
}

static croft_err check_keys(const struct croft_account_record *r, const struct croft_tx *tx, u64 now_s,
                            struct croft_tx_auth *auth)
{
    for (u32 i = 0; i < tx->signature_count; i++) {
        const struct croft_key_record *k = &r->key[tx->signer[i]];
        if (!croft_key_is_active(k, now_s))
            return CROFT_ERR_TX_KEY;
        memcpy(auth->key[i].b, k->public_key, sizeof auth->key[i].b);
    }
    auth->count = tx->signature_count;
    auth->verified = false;
    return croft_nonce_is_fresh(&r->key[tx->signer[0]], tx->body->nonce) ? CROFT_OK : CROFT_ERR_TX_REPLAY;
}

static croft_err check_scope(const struct croft_account_record *r, const struct croft_tx *tx)
{
    enum croft_scope scope = croft_op_info_of(tx->body->op_case)->scope;
    u32 weight = 0;
    for (u32 i = 0; i < tx->signature_count; i++) {
        const struct croft_key_record *k = &r->key[tx->signer[i]];
        if ((k->scopes >> scope & 1) == 0)
            return CROFT_ERR_TX_SCOPE; /* a signature that adds nothing is a mistake, or weight for a cap's sake */
        weight += k->weight;
    }
    return weight >= r->threshold[scope] ? CROFT_OK : CROFT_ERR_TX_SCOPE;
}

static croft_err check_lane(const struct croft_account_record *r, const struct croft_tx *tx, u64 cost, u64 now_s)
{
    if (tx->body->lane == CROFT_LANE_NORMAL)
        return CROFT_OK;
    u64 used = r->quota_day == croft_day_of(now_s) ? r->quota_used : 0;
    bool room = used <= r->quota_per_day && cost <= r->quota_per_day - used;
    return croft_op_info_of(tx->body->op_case)->quota && room ? CROFT_OK : CROFT_ERR_TX_LANE;
}

static croft_err check_fee(const struct croft_ledger *l, const struct croft_tx *tx, u64 now_s, struct croft_checked *c)
{
    if (!fee_of(l, tx, c->cost, &c->fee) || croft_amt_units(c->fee) > tx->body->fee_max)
        return CROFT_ERR_TX_FEE;
    if (croft_amt_cmp(c->account.r.balance[CROFT_ASSET_CREDIT], c->fee) < 0)
        return CROFT_ERR_TX_FUNDS;
    return croft_caps_allow(&c->account.r, tx, CROFT_ASSET_CREDIT, c->fee, now_s) ? CROFT_OK : CROFT_ERR_TX_CAP;
}

croft_err croft_check_all(const struct croft_ledger *l, const struct croft_tx *tx, u64 now_s, struct croft_checked *out)
{
    if (tx->bytes.len > croft_ledger_param(l, CROFT_PARAM_TX_BYTES_MAX))
        return CROFT_ERR_TX_SIZE;
    if (croft_op_info_of(tx->body->op_case)->since > l->block_protocol)
        return CROFT_ERR_TX_PROTOCOL;
    CROFT_TRY(check_time(l, tx, now_s));
    CROFT_TRY(check_account(l, tx, &out->account));
    CROFT_TRY(check_keys(&out->account.r, tx, now_s, &out->auth));
    CROFT_TRY(check_scope(&out->account.r, tx));
    out->cost = croft_ledger_cost(l, tx);
    if (out->cost > croft_lane_cost_max(l, tx))
        return CROFT_ERR_TX_SIZE; /* no block could ever hold it */
    CROFT_TRY(check_lane(&out->account.r, tx, out->cost, now_s));
    return check_fee(l, tx, now_s, out);
}

croft_err croft_ledger_check(const struct croft_ledger *l, const struct croft_tx *tx, u64 now_s,
                             struct croft_tx_auth *out_auth)
{
    struct croft_checked checked;
    CROFT_TRY(croft_check_all(l, tx, now_s, &checked));
    *out_auth = checked.auth;
    out_auth->fee = checked.fee;
    return CROFT_OK;
}

croft_err croft_tx_auth_verify(const struct croft_tx *tx, struct croft_tx_auth *auth)
{
    CROFT_ASSERT(auth->count == tx->signature_count);
    for (u32 i = 0; i < auth->count; i++)
        CROFT_TRY(croft_verify(&auth->key[i], (struct croft_bytes){tx->id.b, sizeof tx->id.b}, &tx->signature[i]));
    for (u32 i = 0; i < tx->attested_count; i++) {
        const struct croft_attested *a = &tx->attested[i];
        CROFT_TRY(croft_verify(&a->key, (struct croft_bytes){a->hash.b, sizeof a->hash.b}, &a->signature));
    }
    auth->verified = true;
    return CROFT_OK;
}
