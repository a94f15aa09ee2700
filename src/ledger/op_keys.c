#include "ledger/ledger_int.h"

#include "base/assert.h"

#include <string.h>

/* Every nonce that a key of this record ever used is at most this. */
static u64 highest_nonce(const struct croft_account_record *r)
{
    u64 highest = r->nonce_floor;
    for (u32 i = 0; i < r->key_count; i++)
        if (r->key[i].scheme != 0 && r->key[i].nonce_base + CROFT_REPLAY_WINDOW > highest)
            highest = r->key[i].nonce_base + CROFT_REPLAY_WINDOW;
    return highest;
}

static bool has_public_key(const struct croft_account_record *r, const u8 *public_key)
{
    for (u32 i = 0; i < r->key_count; i++)
        if (r->key[i].scheme != 0 && memcmp(r->key[i].public_key, public_key, 32) == 0)
            return true;
    return false;
}

/* Whether those that are left can still administer the account, and no scope in use became unreachable. */
static bool is_reachable(const struct croft_account_record *r)
{
    u32 weight[CROFT_SCOPE_COUNT] = {0};
    for (u32 i = 0; i < r->key_count; i++)
        for (u32 s = 0; s < CROFT_SCOPE_COUNT; s++)
            weight[s] += r->key[i].scheme != 0 && (r->key[i].scopes >> s & 1) ? r->key[i].weight : 0;
    for (u32 s = 0; s < CROFT_SCOPE_COUNT; s++)
        if (weight[s] != 0 && weight[s] < r->threshold[s])
            return false;
    return weight[CROFT_SCOPE_ADMIN] >= r->threshold[CROFT_SCOPE_ADMIN];
}

static croft_err store_if_reachable(struct croft_op *o, struct croft_account *a)
{
    while (a->r.key_count > 0 && a->r.key[a->r.key_count - 1].scheme == 0)
        a->r.key_count--;
    if (!is_reachable(&a->r))
        return CROFT_ERR_OP_KEYS;
    croft_account_store(o->l, a);
    return CROFT_OK;
}

static u32 free_place(const struct croft_account_record *r)
{
    for (u32 i = 0; i < CROFT_KEYS_MAX; i++)
        if (i >= r->key_count || r->key[i].scheme == 0)
            return i;
    return CROFT_KEYS_MAX;
}

static croft_err key_add(struct croft_op *o, const Croft__V1__Key *key)
{
    struct croft_account a;
    croft_account_load_slot(o->l, o->payer, &a);
    u32 place = free_place(&a.r);
    if (place == CROFT_KEYS_MAX || has_public_key(&a.r, key->public_key.data))
        return CROFT_ERR_OP_KEYS;

    /* A set of one, so that there is one way to turn a message into a record. */
    Croft__V1__Key copy = *key, *list[] = {&copy};
    u8 count, unused[CROFT_SCOPE_COUNT];
    Croft__V1__KeySet one = CROFT__V1__KEY_SET__INIT;
    one.n_keys = 1;
    one.keys = list;
    one.thresholds = (ProtobufCBinaryData){CROFT_SCOPE_COUNT, a.r.threshold};
    croft_keys_install(&one, a.r.nonce_floor, &count, unused, &a.r.key[place]);
    if (place == a.r.key_count)
        a.r.key_count++;
    return store_if_reachable(o, &a);
}

static croft_err key_revoke(struct croft_op *o, u32 place)
{
    struct croft_account a;
    croft_account_load_slot(o->l, o->payer, &a);
    if (place >= a.r.key_count || a.r.key[place].scheme == 0)
        return CROFT_ERR_OP_NOT_FOUND;
    a.r.nonce_floor = highest_nonce(&a.r);
    a.r.key[place] = (struct croft_key_record){0};
    return store_if_reachable(o, &a);
}

static croft_err key_rotate(struct croft_op *o, const Croft__V1__KeyRotate *op)
{
    struct croft_account a;
    croft_account_load_slot(o->l, o->payer, &a);
    if (op->key >= a.r.key_count || a.r.key[op->key].scheme == 0)
        return CROFT_ERR_OP_NOT_FOUND;
    if (has_public_key(&a.r, op->public_key.data))
        return CROFT_ERR_OP_KEYS;
    struct croft_key_record *k = &a.r.key[op->key];
    a.r.nonce_floor = highest_nonce(&a.r);
    memcpy(k->public_key, op->public_key.data, sizeof k->public_key);
    memset(k->nonce_map, 0, sizeof k->nonce_map);
    k->nonce_base = a.r.nonce_floor;
    return store_if_reachable(o, &a);
}

static croft_err key_thresholds(struct croft_op *o, const Croft__V1__KeyThresholds *op)
{
    struct croft_account a;
    croft_account_load_slot(o->l, o->payer, &a);
    memcpy(a.r.threshold, op->thresholds.data, CROFT_SCOPE_COUNT);
    return store_if_reachable(o, &a);
}

/* ---- guardian and recovery ---- */

static u32 find_recovery(const struct croft_ledger *l, const struct croft_address *a)
{
    return croft_state_find(l->state, CROFT_TABLE_RECOVERIES, a->b);
}

static croft_err set_guardian(struct croft_op *o, const Croft__V1__SetGuardian *op)
{
    struct croft_account a;
    bool none = op->guardian_address.len == 0;
    struct croft_address guardian = croft_address_of(op->guardian_address);
    if (!none && op->delay_s < croft_ledger_param(o->l, CROFT_PARAM_RECOVER_DELAY_MIN_S))
        return CROFT_ERR_OP_TIME;
    if (!none && op->delay_s > croft_ledger_param(o->l, CROFT_PARAM_PENDING_MAX_S))
        return CROFT_ERR_OP_TIME;
    if (!none && croft_account_find(o->l, &guardian) == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    croft_account_load_slot(o->l, o->payer, &a);
    a.r.guardian = guardian;
    a.r.recover_delay_s = none ? 0 : op->delay_s;
    croft_account_store(o->l, &a);
    return CROFT_OK;
}

static croft_err recover_start(struct croft_op *o, const Croft__V1__RecoverStart *op)
{
    u32 slot;
    struct croft_account lost;
    struct croft_address address = croft_address_of(op->account_address);
    if (!croft_account_load(o->l, &address, &lost))
        return CROFT_ERR_OP_NOT_FOUND;
    if (!croft_address_equal(&lost.r.guardian, &o->tx->account))
        return CROFT_ERR_OP_NOT_YOURS;
    if (find_recovery(o->l, &address) != CROFT_SLOT_NONE)
        return CROFT_ERR_OP_EXISTS;

    struct croft_recovery_record r = {.due_s = o->now_s + lost.r.recover_delay_s, .guardian = o->tx->account};
    croft_keys_install(op->key_set, 0, &r.key_count, r.threshold, r.key);
    CROFT_TRY(croft_deposit_take(o, &r.deposit));
    croft_open_records_add(o->l, o->payer, 1);     /* the guardian, who gets the deposit back */
    croft_open_records_add(o->l, lost.slot, 1); /* the account, which must not close before */
    return croft_record_insert(o->l, CROFT_TABLE_RECOVERIES, address.b, &r, &slot);
}

void croft_recovery_end(struct croft_ledger *l, u32 slot, bool replace_keys)
{
    struct croft_recovery_record r;
    struct croft_account a;
    struct croft_address address;
    croft_record_load(l, CROFT_TABLE_RECOVERIES, slot, &r);
    memcpy(address.b, croft_state_key(l->state, CROFT_TABLE_RECOVERIES, slot).at, sizeof address.b);
    u32 guardian = croft_account_find(l, &r.guardian);
    bool found = croft_account_load(l, &address, &a);
    CROFT_ASSERT(found && guardian != CROFT_SLOT_NONE); /* open_records keeps both */

    if (replace_keys) {
        a.r.nonce_floor = highest_nonce(&a.r);
        a.r.key_count = r.key_count;
        memcpy(a.r.threshold, r.threshold, sizeof a.r.threshold);
        memcpy(a.r.key, r.key, sizeof a.r.key);
        for (u32 i = 0; i < a.r.key_count; i++)
            a.r.key[i].nonce_base = a.r.nonce_floor;
        croft_account_store(l, &a);
    }
    croft_open_records_add(l, a.slot, -1);
    croft_deposit_return(l, guardian, r.deposit);
    croft_open_records_add(l, guardian, -1);
    croft_state_remove(l->state, CROFT_TABLE_RECOVERIES, slot);
}

static croft_err recover_cancel(struct croft_op *o)
{
    u32 slot = find_recovery(o->l, &o->tx->account);
    if (slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    croft_recovery_end(o->l, slot, false);
    return CROFT_OK;
}

/* ---- closing ---- */

/* An account that opens again starts its windows at that block's time << 20; none of these nonces may reach it. */
static bool is_behind_clock(const struct croft_account_record *r, u64 now_s)
{
    return highest_nonce(r) <= now_s << 20;
}

/* The address is the hash of the first key set: who pays it after the end opens it again with those keys. */
static bool has_first_keys(const struct croft_account_record *r, const struct croft_address *address)
{
    Croft__V1__Key key[CROFT_KEYS_MAX], *list[CROFT_KEYS_MAX];
    u8 threshold[CROFT_SCOPE_COUNT], public_key[CROFT_KEYS_MAX][32];
    Croft__V1__KeySet set = CROFT__V1__KEY_SET__INIT;
    for (u32 i = 0; i < r->key_count; i++) {
        const struct croft_key_record *k = &r->key[i];
        memcpy(public_key[i], k->public_key, sizeof public_key[i]);
        croft__v1__key__init(&key[i]);
        key[i].scheme = k->scheme;
        key[i].weight = k->weight;
        key[i].scopes = k->scopes;
        key[i].cap_credit = croft_amt_units(k->cap[CROFT_ASSET_CREDIT]);
        key[i].cap_token = croft_amt_units(k->cap[CROFT_ASSET_CROFT]);
        key[i].expires_s = k->expires_s;
        key[i].public_key = (ProtobufCBinaryData){sizeof public_key[i], public_key[i]};
        list[i] = &key[i];
    }
    memcpy(threshold, r->threshold, sizeof threshold);
    set.n_keys = r->key_count;
    set.keys = list;
    set.thresholds = (ProtobufCBinaryData){sizeof threshold, threshold};
    struct croft_address first = croft_key_set_address(&set);
    return croft_address_equal(&first, address);
}

static croft_err close_account(struct croft_op *o, const Croft__V1__CloseAccount *op)
{
    struct croft_account a;
    struct croft_address to = croft_address_of(op->to_address);
    croft_account_load_slot(o->l, o->payer, &a);
    u32 to_slot = croft_account_find(o->l, &to);
    if (a.r.open_records != 0)
        return CROFT_ERR_OP_NOT_EMPTY;
    if (to_slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    if (!has_first_keys(&a.r, &o->tx->account))
        return CROFT_ERR_OP_KEYS_CHANGED;
    if (!is_behind_clock(&a.r, o->now_s))
        return CROFT_ERR_OP_TIME;
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++)
        if (!croft_amt_is_zero(a.r.balance[asset])) {
            CROFT_TRY(croft_spend(o, asset, a.r.balance[asset]));
            croft_credit(o->l, to_slot, asset, a.r.balance[asset]);
        }
    croft_deposit_return(o->l, to_slot, a.r.deposit);
    o->value = a.r.balance[CROFT_ASSET_CREDIT];
    croft_state_remove(o->l->state, CROFT_TABLE_ACCOUNTS, o->payer);
    return CROFT_OK;
}

croft_err croft_op_keys(struct croft_op *o)
{
    const Croft__V1__TxBody *body = o->tx->body;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_KEY_ADD:
        return key_add(o, body->key_add->key);
    case CROFT__V1__TX_BODY__OP_KEY_REVOKE:
        return key_revoke(o, body->key_revoke->key);
    case CROFT__V1__TX_BODY__OP_KEY_ROTATE:
        return key_rotate(o, body->key_rotate);
    case CROFT__V1__TX_BODY__OP_KEY_THRESHOLDS:
        return key_thresholds(o, body->key_thresholds);
    case CROFT__V1__TX_BODY__OP_SET_GUARDIAN:
        return set_guardian(o, body->set_guardian);
    case CROFT__V1__TX_BODY__OP_RECOVER_START:
        return recover_start(o, body->recover_start);
    case CROFT__V1__TX_BODY__OP_RECOVER_CANCEL:
        return recover_cancel(o);
    case CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT:
        return close_account(o, body->close_account);
    default:
        CROFT_UNREACHABLE("not a key operation");
        return CROFT_ERR_TX_RANGE;
    }
}
