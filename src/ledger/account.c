#include "ledger/ledger_int.h"

#include "base/assert.h"
#include "base/buf.h"

#include <string.h>

/* ---- records ---- */

void croft_record_load(const struct croft_ledger *l, u32 table, u32 slot, void *out)
{
    croft_err err = croft_layout_decode(croft_table_layout(table), croft_state_value(l->state, table, slot), out);
    CROFT_ASSERT(err == CROFT_OK);
}

void croft_record_store(struct croft_ledger *l, u32 table, u32 slot, const void *record)
{
    u8 bytes[CROFT_RECORD_VALUE_MAX];
    size_t len = croft_layout_encode(croft_table_layout(table), record, bytes, sizeof bytes);
    croft_state_update(l->state, table, slot, (struct croft_bytes){bytes, len});
}

croft_err croft_record_insert(struct croft_ledger *l, u32 table, const u8 *key, const void *record, u32 *out_slot)
{
    u8 bytes[CROFT_RECORD_VALUE_MAX];
    size_t len = croft_layout_encode(croft_table_layout(table), record, bytes, sizeof bytes);
    return croft_state_insert(l->state, table, key, (struct croft_bytes){bytes, len}, out_slot);
}

/* ---- keys of records ---- */

void croft_key_u64(u64 v, u8 out[8])
{
    for (int i = 0; i < 8; i++)
        out[i] = (u8)(v >> (56 - 8 * i));
}

void croft_key_account_id(const struct croft_address *a, u64 id, u8 out[40])
{
    memcpy(out, a->b, sizeof a->b);
    croft_key_u64(id, out + sizeof a->b);
}

void croft_key_issuer(const struct croft_address *a, u32 asset, u8 out[33])
{
    CROFT_ASSERT(asset < CROFT_ASSET_COUNT);
    memcpy(out, a->b, sizeof a->b);
    out[32] = (u8)asset;
}

void croft_key_param(u32 number, u8 out[2])
{
    CROFT_ASSERT(number <= UINT16_MAX);
    out[0] = (u8)(number >> 8);
    out[1] = (u8)number;
}

struct croft_address croft_address_of(ProtobufCBinaryData b)
{
    struct croft_address a = {{0}};
    CROFT_ASSERT(b.len == 0 || b.len == sizeof a.b);
    if (b.len != 0)
        memcpy(a.b, b.data, sizeof a.b);
    return a;
}

bool croft_address_equal(const struct croft_address *a, const struct croft_address *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* ---- accounts ---- */

u32 croft_account_find(const struct croft_ledger *l, const struct croft_address *a)
{
    return croft_state_find(l->state, CROFT_TABLE_ACCOUNTS, a->b);
}

void croft_account_load_slot(const struct croft_ledger *l, u32 slot, struct croft_account *out)
{
    out->slot = slot;
    croft_record_load(l, CROFT_TABLE_ACCOUNTS, slot, &out->r);
}

bool croft_account_load(const struct croft_ledger *l, const struct croft_address *a, struct croft_account *out)
{
    u32 slot = croft_account_find(l, a);
    if (slot == CROFT_SLOT_NONE)
        return false;
    croft_account_load_slot(l, slot, out);
    return true;
}

void croft_account_store(struct croft_ledger *l, const struct croft_account *a)
{
    croft_record_store(l, CROFT_TABLE_ACCOUNTS, a->slot, &a->r);
}

struct croft_address croft_address_at(const struct croft_ledger *l, u32 slot)
{
    struct croft_bytes key = croft_state_key(l->state, CROFT_TABLE_ACCOUNTS, slot);
    struct croft_address a;
    CROFT_ASSERT(key.len == sizeof a.b);
    memcpy(a.b, key.at, sizeof a.b);
    return a;
}

croft_err croft_account_create(struct croft_ledger *l, const struct croft_address *a, struct croft_amt deposit, u64 now_s,
                               u32 *out_slot)
{
    CROFT_ASSERT(now_s < UINT64_C(1) << 44);
    const struct croft_account_record fresh = {.deposit = deposit, .nonce_floor = now_s << 20};
    u32 most = croft_state_records_max(l->state, CROFT_TABLE_ACCOUNTS) - CROFT_RECORDS_KEPT;
    if (croft_state_count(l->state, CROFT_TABLE_ACCOUNTS) >= most)
        return CROFT_ERR_OP_FULL;
    return croft_record_insert(l, CROFT_TABLE_ACCOUNTS, a->b, &fresh, out_slot);
}

/* ---- money ---- */

struct croft_amt croft_balance(const struct croft_ledger *l, u32 slot, u32 asset)
{
    CROFT_ASSERT(asset < CROFT_ASSET_COUNT);
    struct croft_bytes value = croft_state_value(l->state, CROFT_TABLE_ACCOUNTS, slot);
    CROFT_ASSERT(value.len >= l->balance_offset + 16);
    return croft_amt_of(croft_get_u64(value.at + l->balance_offset + 8 * asset));
}

/* In place: most writes of a block are these, and a whole record need not be taken apart for eight bytes. */
static void set_balance(struct croft_ledger *l, u32 slot, u32 asset, struct croft_amt balance)
{
    u8 bytes[8];
    croft_put_u64(bytes, croft_amt_units(balance));
    croft_state_patch(l->state, CROFT_TABLE_ACCOUNTS, slot, l->balance_offset + 8 * asset,
                      (struct croft_bytes){bytes, sizeof bytes});
}

void croft_credit(struct croft_ledger *l, u32 slot, u32 asset, struct croft_amt amount)
{
    if (!croft_amt_is_zero(amount))
        set_balance(l, slot, asset, croft_amt_add_must(croft_balance(l, slot, asset), amount));
}

void croft_debit(struct croft_ledger *l, u32 slot, u32 asset, struct croft_amt amount)
{
    if (!croft_amt_is_zero(amount))
        set_balance(l, slot, asset, croft_amt_sub_must(croft_balance(l, slot, asset), amount));
}

void croft_system_credit(struct croft_ledger *l, enum croft_system_account which, u32 asset, struct croft_amt amount)
{
    croft_credit(l, l->system_slot[which], asset, amount);
}

void croft_system_debit(struct croft_ledger *l, enum croft_system_account which, u32 asset, struct croft_amt amount)
{
    croft_debit(l, l->system_slot[which], asset, amount);
}

void croft_open_records_add(struct croft_ledger *l, u32 slot, int change)
{
    CROFT_ASSERT(change == 1 || change == -1);
    struct croft_account a;
    croft_account_load_slot(l, slot, &a);
    CROFT_ASSERT(change > 0 || a.r.open_records > 0);
    a.r.open_records += (u64)(i64)change;
    croft_account_store(l, &a);
}

/* ---- keys ---- */

u32 croft_day_of(u64 time_s)
{
    return (u32)(time_s / CROFT_SECONDS_PER_DAY);
}

bool croft_key_is_active(const struct croft_key_record *k, u64 now_s)
{
    return k->scheme != 0 && (k->expires_s == 0 || now_s < k->expires_s);
}

static struct croft_key_record key_of(const Croft__V1__Key *key, u64 nonce_floor)
{
    struct croft_key_record k = {
        .scheme = (u8)key->scheme,
        .weight = (u8)key->weight,
        .scopes = (u8)key->scopes,
        .cap = {croft_amt_of(key->cap_credit), croft_amt_of(key->cap_token)},
        .expires_s = key->expires_s,
        .nonce_base = nonce_floor,
    };
    CROFT_ASSERT(key->public_key.len == sizeof k.public_key);
    memcpy(k.public_key, key->public_key.data, sizeof k.public_key);
    return k;
}

void croft_keys_install(const Croft__V1__KeySet *set, u64 nonce_floor, u8 *out_count, u8 *out_threshold,
                        struct croft_key_record *out_key)
{
    CROFT_ASSERT(set->n_keys <= CROFT_KEYS_MAX && set->thresholds.len == CROFT_SCOPE_COUNT);
    *out_count = (u8)set->n_keys;
    memcpy(out_threshold, set->thresholds.data, CROFT_SCOPE_COUNT);
    for (size_t i = 0; i < set->n_keys; i++)
        out_key[i] = key_of(set->keys[i], nonce_floor);
}

/* ---- replay window: after RFC 6479, but the base moves only over nonces that were used ---- */

bool croft_nonce_is_fresh(const struct croft_key_record *k, u64 nonce)
{
    if (nonce <= k->nonce_base || nonce - k->nonce_base > CROFT_REPLAY_WINDOW)
        return false;
    u64 bit = nonce - k->nonce_base - 1;
    return (k->nonce_map[bit / 8] >> (bit % 8) & 1) == 0;
}

static u32 leading_used(const u64 map[4])
{
    for (u32 i = 0; i < 4; i++)
        if (map[i] != UINT64_MAX)
            return i * 64 + (u32)__builtin_ctzll(~map[i]);
    return CROFT_REPLAY_WINDOW;
}

static void shift_down(u64 map[4], u32 bits)
{
    u32 words = bits / 64, rest = bits % 64;
    for (u32 i = 0; i < 4; i++) {
        u64 low = i + words < 4 ? map[i + words] : 0;
        u64 high = i + words + 1 < 4 ? map[i + words + 1] : 0;
        map[i] = rest == 0 ? low : low >> rest | high << (64 - rest);
    }
}

void croft_nonce_use(struct croft_key_record *k, u64 nonce)
{
    CROFT_ASSERT(croft_nonce_is_fresh(k, nonce));
    u64 map[4], bit = nonce - k->nonce_base - 1;
    for (u32 i = 0; i < 4; i++)
        map[i] = croft_get_u64(k->nonce_map + 8 * i);
    map[bit / 64] |= UINT64_C(1) << (bit % 64);

    u32 used = leading_used(map);
    k->nonce_base += used;
    shift_down(map, used);
    for (u32 i = 0; i < 4; i++)
        croft_put_u64(k->nonce_map + 8 * i, map[i]);
}

/* ---- daily caps ---- */

static struct croft_amt spent_today(const struct croft_key_record *k, u32 asset, u64 now_s)
{
    return k->spent_day == croft_day_of(now_s) ? k->spent[asset] : croft_amt_of(0);
}

bool croft_caps_allow(const struct croft_account_record *r, const struct croft_tx *tx, u32 asset, struct croft_amt amount,
                      u64 now_s)
{
    for (u32 i = 0; i < tx->signature_count; i++) {
        const struct croft_key_record *k = &r->key[tx->signer[i]];
        struct croft_amt sum = spent_today(k, asset, now_s);
        if (croft_amt_is_zero(k->cap[asset]))
            continue;
        if (!croft_amt_add(&sum, sum, amount) || croft_amt_cmp(sum, k->cap[asset]) > 0)
            return false;
    }
    return true;
}

void croft_caps_book(struct croft_account_record *r, const struct croft_tx *tx, u32 asset, struct croft_amt amount,
                     u64 now_s)
{
    for (u32 i = 0; i < tx->signature_count; i++) {
        struct croft_key_record *k = &r->key[tx->signer[i]];
        if (croft_amt_is_zero(k->cap[asset]))
            continue; /* without a cap nothing is counted: most keys' records then change less */
        if (k->spent_day != croft_day_of(now_s))
            memset(k->spent, 0, sizeof k->spent);
        k->spent_day = croft_day_of(now_s);
        k->spent[asset] = croft_amt_add_must(k->spent[asset], amount);
    }
}

/* ---- what operations take and give ---- */

bool croft_has_caps(const struct croft_account_record *r, const struct croft_tx *tx)
{
    for (u32 i = 0; i < tx->signature_count; i++)
        for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++)
            if (!croft_amt_is_zero(r->key[tx->signer[i]].cap[asset]))
                return true;
    return false;
}

/* Without a cap to book, eight bytes change: most transactions are this. */
static croft_err spend_uncapped(struct croft_op *o, u32 asset, struct croft_amt amount)
{
    if (croft_amt_cmp(croft_balance(o->l, o->payer, asset), amount) < 0)
        return CROFT_ERR_OP_FUNDS;
    croft_debit(o->l, o->payer, asset, amount);
    return CROFT_OK;
}

croft_err croft_spend(struct croft_op *o, u32 asset, struct croft_amt amount)
{
    if (!o->capped)
        return spend_uncapped(o, asset, amount);
    struct croft_account a;
    croft_account_load_slot(o->l, o->payer, &a);
    if (croft_amt_cmp(a.r.balance[asset], amount) < 0)
        return CROFT_ERR_OP_FUNDS;
    if (!croft_caps_allow(&a.r, o->tx, asset, amount, o->now_s))
        return CROFT_ERR_OP_CAP;
    a.r.balance[asset] = croft_amt_sub_must(a.r.balance[asset], amount);
    croft_caps_book(&a.r, o->tx, asset, amount, o->now_s);
    croft_account_store(o->l, &a);
    return CROFT_OK;
}

croft_err croft_deposit_take(struct croft_op *o, struct croft_amt *out_deposit)
{
    struct croft_amt deposit = croft_amt_of(croft_ledger_param(o->l, CROFT_PARAM_DEPOSIT_RECORD));
    croft_err err = croft_spend(o, CROFT_ASSET_CREDIT, deposit);
    if (err != CROFT_OK)
        return err == CROFT_ERR_OP_FUNDS ? CROFT_ERR_OP_DEPOSIT : err;
    croft_system_credit(o->l, CROFT_SYSTEM_DEPOSITS, CROFT_ASSET_CREDIT, deposit);
    *out_deposit = deposit;
    return CROFT_OK;
}

void croft_deposit_return(struct croft_ledger *l, u32 slot, struct croft_amt deposit)
{
    croft_system_debit(l, CROFT_SYSTEM_DEPOSITS, CROFT_ASSET_CREDIT, deposit);
    croft_credit(l, slot, CROFT_ASSET_CREDIT, deposit);
}

croft_err croft_account_reach(struct croft_op *o, const struct croft_address *a, u32 *out_slot)
{
    u32 slot = croft_account_find(o->l, a);
    if (slot == CROFT_SLOT_NONE) {
        struct croft_amt deposit;
        CROFT_TRY(croft_deposit_take(o, &deposit));
        CROFT_TRY(croft_account_create(o->l, a, deposit, o->now_s, &slot));
    }
    *out_slot = slot;
    return CROFT_OK;
}
