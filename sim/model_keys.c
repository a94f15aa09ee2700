#include "sim/model_int.h"

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"

#include <string.h>

void croft_model_install_keys(const Croft__V1__KeySet *set, u64 nonce_floor, u8 *out_count, u8 *out_threshold,
                              struct croft_key_record *out_key)
{
    *out_count = (u8)set->n_keys;
    memcpy(out_threshold, set->thresholds.data, CROFT_SCOPE_COUNT);
    for (size_t i = 0; i < set->n_keys; i++) {
        const Croft__V1__Key *k = set->keys[i];
        out_key[i] =
            (struct croft_key_record){.scheme = 1,
                                      .weight = (u8)k->weight,
                                      .scopes = (u8)k->scopes,
                                      .cap = {croft_amt_of(k->cap_credit), croft_amt_of(k->cap_token)},
                                      .expires_s = k->expires_s,
                                      .nonce_base = nonce_floor};
        memcpy(out_key[i].public_key, k->public_key.data, 32);
    }
}

/* No nonce of any key that this account has or had lies above this. */
static u64 nonce_top(const struct croft_account_record *r)
{
    u64 top = r->nonce_floor;
    for (u32 i = 0; i < CROFT_KEYS_MAX; i++)
        if (r->key[i].scheme != 0 && r->key[i].nonce_base + 256 > top)
            top = r->key[i].nonce_base + 256;
    return top;
}

static bool holds_key(const struct croft_account_record *r, ProtobufCBinaryData public_key)
{
    for (u32 i = 0; i < CROFT_KEYS_MAX; i++)
        if (r->key[i].scheme != 0 && memcmp(r->key[i].public_key, public_key.data, 32) == 0)
            return true;
    return false;
}

/* Every scope that has keys must be reachable by them together, and admin always. */
static bool is_good(const struct croft_account_record *r)
{
    for (u32 scope = 0; scope < CROFT_SCOPE_COUNT; scope++) {
        u32 weight = 0;
        for (u32 i = 0; i < CROFT_KEYS_MAX; i++)
            if (r->key[i].scheme != 0 && r->key[i].scopes & 1u << scope)
                weight += r->key[i].weight;
        if (weight < r->threshold[scope] && (weight > 0 || scope == CROFT_SCOPE_ADMIN))
            return false;
    }
    return true;
}

static croft_err keep_if_good(struct croft_model_run *r, struct croft_model_account *a)
{
    u8 count = CROFT_KEYS_MAX;
    while (count > 0 && a->r.key[count - 1].scheme == 0)
        count--;
    a->r.key_count = count;
    if (!is_good(&a->r))
        return CROFT_ERR_OP_KEYS;
    *r->payer = *a;
    return CROFT_OK;
}

static croft_err key_add(struct croft_model_run *r, Croft__V1__Key *key)
{
    struct croft_model_account a = *r->payer;
    u32 place = 0;
    while (place < CROFT_KEYS_MAX && a.r.key[place].scheme != 0)
        place++;
    if (place == CROFT_KEYS_MAX || holds_key(&a.r, key->public_key))
        return CROFT_ERR_OP_KEYS;
    Croft__V1__KeySet one = CROFT__V1__KEY_SET__INIT;
    u8 count, threshold[CROFT_SCOPE_COUNT] = {0};
    one.n_keys = 1;
    one.keys = &key;
    one.thresholds = (ProtobufCBinaryData){sizeof threshold, threshold};
    croft_model_install_keys(&one, a.r.nonce_floor, &count, threshold, &a.r.key[place]);
    a.last_use[place] = 0;
    return keep_if_good(r, &a);
}

static croft_err key_revoke(struct croft_model_run *r, u32 place)
{
    struct croft_model_account a = *r->payer;
    if (a.r.key[place].scheme == 0)
        return CROFT_ERR_OP_NOT_FOUND;
    a.r.nonce_floor = nonce_top(&a.r);
    a.r.key[place] = (struct croft_key_record){0};
    a.last_use[place] = 0;
    return keep_if_good(r, &a);
}

static croft_err key_rotate(struct croft_model_run *r, const Croft__V1__KeyRotate *op)
{
    struct croft_model_account a = *r->payer;
    struct croft_key_record *k = &a.r.key[op->key];
    if (k->scheme == 0)
        return CROFT_ERR_OP_NOT_FOUND;
    if (holds_key(&a.r, op->public_key))
        return CROFT_ERR_OP_KEYS;
    a.r.nonce_floor = nonce_top(&a.r);
    memcpy(k->public_key, op->public_key.data, sizeof k->public_key);
    k->nonce_base = a.r.nonce_floor;
    a.last_use[op->key] = 0;
    return keep_if_good(r, &a);
}

static croft_err key_thresholds(struct croft_model_run *r, const Croft__V1__KeyThresholds *op)
{
    struct croft_model_account a = *r->payer;
    memcpy(a.r.threshold, op->thresholds.data, sizeof a.r.threshold);
    return keep_if_good(r, &a);
}

static croft_err set_guardian(struct croft_model_run *r, const Croft__V1__SetGuardian *op)
{
    const u64 *param = r->m->block_param;
    struct croft_address guardian = croft_model_address(op->guardian_address);
    if (op->guardian_address.len == 0) {
        r->payer->r.guardian = guardian;
        r->payer->r.recover_delay_s = 0;
        return CROFT_OK;
    }
    if (op->delay_s < param[CROFT_PARAM_RECOVER_DELAY_MIN_S] ||
        op->delay_s > param[CROFT_PARAM_PENDING_MAX_S])
        return CROFT_ERR_OP_TIME;
    if (croft_model_account_at(r->m, &guardian) == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    r->payer->r.guardian = guardian;
    r->payer->r.recover_delay_s = op->delay_s;
    return CROFT_OK;
}

static croft_err recover_start(struct croft_model_run *r, const Croft__V1__RecoverStart *op)
{
    struct croft_model *m = r->m;
    struct croft_model_account a = *r->payer;
    struct croft_address address = croft_model_address(op->account_address);
    struct croft_model_account *lost = croft_model_find_account(m, &address);
    if (lost == NULL)
        return CROFT_ERR_OP_NOT_FOUND;
    if (!croft_model_same(&lost->r.guardian, &a.address))
        return CROFT_ERR_OP_NOT_YOURS;
    if (croft_model_recovery_at(m, &address) != CROFT_MODEL_NONE)
        return CROFT_ERR_OP_EXISTS;
    CROFT_TRY(croft_model_spend_deposit(r, &a));
    if (croft_model_is_full(m, CROFT_TABLE_RECOVERIES))
        return CROFT_ERR_OP_FULL;

    u64 deposit = m->block_param[CROFT_PARAM_DEPOSIT_RECORD];
    a.r.open_records++;
    *r->payer = a;
    lost->r.open_records++;
    croft_model_give(croft_model_system(m, CROFT_SYSTEM_DEPOSITS), CROFT_ASSET_CREDIT, deposit);
    struct croft_model_recovery *made = &m->recovery[croft_model_new(m, CROFT_TABLE_RECOVERIES)];
    made->account = address;
    made->r.due_s = m->time_s + lost->r.recover_delay_s;
    made->r.deposit = croft_amt_of(deposit);
    made->r.guardian = a.address;
    croft_model_install_keys(op->key_set, 0, &made->r.key_count, made->r.threshold, made->r.key);
    return CROFT_OK;
}

static void replace_keys(struct croft_model_account *a, const struct croft_recovery_record *r)
{
    a->r.nonce_floor = nonce_top(&a->r);
    a->r.key_count = r->key_count;
    memcpy(a->r.threshold, r->threshold, sizeof a->r.threshold);
    memset(a->last_use, 0, sizeof a->last_use);
    for (u32 i = 0; i < CROFT_KEYS_MAX; i++) {
        a->r.key[i] = r->key[i];
        a->r.key[i].nonce_base = i < r->key_count ? a->r.nonce_floor : 0;
    }
}

void croft_model_end_recovery(struct croft_model *m, u32 place, bool replace)
{
    const struct croft_model_recovery *v = &m->recovery[place];
    struct croft_model_account *a = croft_model_find_account(m, &v->account);
    struct croft_model_account *guardian = croft_model_find_account(m, &v->r.guardian);
    CROFT_ASSERT(a != NULL && guardian != NULL);
    if (replace)
        replace_keys(a, &v->r);
    a->r.open_records--;
    guardian->r.open_records--;
    croft_model_take(croft_model_system(m, CROFT_SYSTEM_DEPOSITS), CROFT_ASSET_CREDIT,
                     croft_amt_units(v->r.deposit));
    croft_model_give(guardian, CROFT_ASSET_CREDIT, croft_amt_units(v->r.deposit));
    croft_model_drop(m, CROFT_TABLE_RECOVERIES, place);
}

static croft_err recover_cancel(struct croft_model_run *r)
{
    u32 place = croft_model_recovery_at(r->m, &r->payer->address);
    if (place == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    croft_model_end_recovery(r->m, place, false);
    return CROFT_OK;
}

/* The formula of an address, over the keys as they are now (docs/spec/ledger.md). */
static bool has_first_keys(const struct croft_model_account *a)
{
    u8 text[CROFT_SCOPE_COUNT + CROFT_KEYS_MAX * 59];
    struct croft_writer w = croft_writer_of(text, sizeof text);
    croft_write_bytes(&w, a->r.threshold, CROFT_SCOPE_COUNT);
    for (u32 i = 0; i < a->r.key_count; i++) {
        const struct croft_key_record *k = &a->r.key[i];
        const u8 head[] = {k->scheme, k->weight, k->scopes};
        croft_write_bytes(&w, head, sizeof head);
        croft_write_bytes(&w, k->public_key, sizeof k->public_key);
        croft_write_u64(&w, croft_amt_units(k->cap[CROFT_ASSET_CREDIT]));
        croft_write_u64(&w, croft_amt_units(k->cap[CROFT_ASSET_CROFT]));
        croft_write_u64(&w, k->expires_s);
    }
    const struct croft_bytes part = {text, (size_t)(w.at - text)};
    struct croft_hash first = croft_blake2b("croft address 1", &part, 1);
    return !w.bad && memcmp(first.b, a->address.b, sizeof first.b) == 0;
}

static croft_err close_account(struct croft_model_run *r, const Croft__V1__CloseAccount *op)
{
    struct croft_model *m = r->m;
    struct croft_model_account a = *r->payer;
    struct croft_address to_address = croft_model_address(op->to_address);
    struct croft_model_account *to = croft_model_find_account(m, &to_address);
    u64 left[CROFT_ASSET_COUNT] = {croft_amt_units(a.r.balance[0]), croft_amt_units(a.r.balance[1])};
    if (a.r.open_records != 0)
        return CROFT_ERR_OP_NOT_EMPTY;
    if (to == NULL)
        return CROFT_ERR_OP_NOT_FOUND;
    if (!has_first_keys(&a))
        return CROFT_ERR_OP_KEYS_CHANGED;
    if (nonce_top(&a.r) > m->time_s << 20)
        return CROFT_ERR_OP_TIME;
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++)
        CROFT_TRY(left[asset] != 0 ? croft_model_spend(r, &a, asset, left[asset]) : CROFT_OK);

    croft_model_give(to, 0, left[0]);
    croft_model_give(to, 1, left[1]);
    croft_model_take(croft_model_system(m, CROFT_SYSTEM_DEPOSITS), CROFT_ASSET_CREDIT,
                     croft_amt_units(a.r.deposit));
    croft_model_give(to, CROFT_ASSET_CREDIT, croft_amt_units(a.r.deposit));
    croft_model_drop(m, CROFT_TABLE_ACCOUNTS, (u32)(r->payer - m->account));
    r->value = left[0];
    return CROFT_OK;
}

croft_err croft_model_keys(struct croft_model_run *r)
{
    const Croft__V1__TxBody *b = r->t->body;
    switch ((u32)b->op_case) {
    case CROFT__V1__TX_BODY__OP_KEY_ADD:
        return key_add(r, b->key_add->key);
    case CROFT__V1__TX_BODY__OP_KEY_REVOKE:
        return key_revoke(r, b->key_revoke->key);
    case CROFT__V1__TX_BODY__OP_KEY_ROTATE:
        return key_rotate(r, b->key_rotate);
    case CROFT__V1__TX_BODY__OP_KEY_THRESHOLDS:
        return key_thresholds(r, b->key_thresholds);
    case CROFT__V1__TX_BODY__OP_SET_GUARDIAN:
        return set_guardian(r, b->set_guardian);
    case CROFT__V1__TX_BODY__OP_RECOVER_START:
        return recover_start(r, b->recover_start);
    case CROFT__V1__TX_BODY__OP_RECOVER_CANCEL:
        return recover_cancel(r);
    default:
        CROFT_ASSERT(b->op_case == CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT);
        return close_account(r, b->close_account);
    }
}
