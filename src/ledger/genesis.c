#include "ledger/ledger_int.h"

#include "base/assert.h"
#include "crypto/hash.h"

#include <string.h>

#define REFUSE_UNLESS(condition, ...)                                                                        \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            return croft_fail(why, CROFT_ERR_GENESIS, __VA_ARGS__);                                          \
    } while (0)

struct croft_hash croft_genesis_id(const Croft__V1__Genesis *g, struct croft_arena scratch)
{
    struct croft_bytes packed = croft_pack(&g->base, &scratch);
    CROFT_ASSERT(packed.at != NULL);
    return croft_blake2b("croft genesis 1", &packed, 1);
}

/* ---- checks ---- */

static bool is_name(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len >= 1 && len <= 32 && text[len] == '\0';
}

static bool is_account(ProtobufCBinaryData b)
{
    struct croft_address a;
    if (b.len != sizeof a.b)
        return false;
    memcpy(a.b, b.data, sizeof a.b);
    return !croft_address_is_system(&a);
}

static u64 param_of(const Croft__V1__Genesis *g, const struct croft_param_info *info)
{
    u64 value = info->initial;
    for (size_t i = 0; i < g->n_params; i++)
        value = g->params[i]->param == info->number ? g->params[i]->value : value;
    return value;
}

static bool leaves_a_vote(const Croft__V1__Genesis *g)
{
    u64 value[CROFT_PARAMS_MAX] = {0};
    for (size_t i = 0; i < croft_param_count(); i++)
        value[croft_param_at(i)->number] = param_of(g, croft_param_at(i));
    return croft_params_leave_a_vote(value);
}

static croft_err check_params(const Croft__V1__Genesis *g, struct croft_why *why)
{
    for (size_t i = 0; i < g->n_params; i++) {
        const struct croft_param_info *info = croft_param_by_number(g->params[i]->param);
        u64 value = g->params[i]->value;
        REFUSE_UNLESS(info != NULL, "params[%zu].param: there is no parameter %u", i, g->params[i]->param);
        REFUSE_UNLESS(value >= info->low && value <= info->high,
                      "params[%zu].value: %s must be from %llu to %llu", i, info->name, (unsigned long long)info->low,
                      (unsigned long long)info->high);
        for (size_t j = 0; j < i; j++)
            REFUSE_UNLESS(g->params[j]->param != info->number, "params[%zu]: %s is set twice", i, info->name);
        REFUSE_UNLESS(info->since <= g->protocol, "params[%zu]: %s comes with protocol %u", i, info->name, info->since);
    }
    REFUSE_UNLESS(leaves_a_vote(g), "params: with these costs no vote fits into a block, so they could never be changed");
    return CROFT_OK;
}

static croft_err check_validators(const Croft__V1__Genesis *g, struct croft_why *why)
{
    REFUSE_UNLESS(g->n_validators >= 1 && g->n_validators <= 64, "validators: 1 to 64 are needed, not %zu",
                  g->n_validators);
    for (size_t i = 0; i < g->n_validators; i++) {
        const Croft__V1__GenesisValidator *v = g->validators[i];
        REFUSE_UNLESS(v->public_key.len == 32, "validators[%zu].public_key: 32 bytes are needed", i);
        REFUSE_UNLESS(is_account(v->operator_address), "validators[%zu].operator_address: not an account address", i);
        REFUSE_UNLESS(v->power >= 1 && v->power <= (u64)INT64_MAX / 8 / 64, "validators[%zu].power: out of range", i);
        for (size_t j = 0; j < i; j++)
            REFUSE_UNLESS(memcmp(g->validators[j]->public_key.data, v->public_key.data, 32) != 0,
                          "validators[%zu].public_key: named twice", i);
    }
    return CROFT_OK;
}

static bool is_asset(const Croft__V1__Genesis *g, u32 asset)
{
    return asset == CROFT_ASSET_CREDIT || (asset == CROFT_ASSET_CROFT && strcmp(g->token, "croft") == 0);
}

static const Croft__V1__GenesisIssuer *issuer_of(const Croft__V1__Genesis *g, size_t below, ProtobufCBinaryData address,
                                                 u32 asset)
{
    for (size_t i = 0; i < below; i++)
        if (g->issuers[i]->asset == asset && g->issuers[i]->issuer_address.len == address.len &&
            memcmp(g->issuers[i]->issuer_address.data, address.data, address.len) == 0)
            return g->issuers[i];
    return NULL;
}

static croft_err check_issuers(const Croft__V1__Genesis *g, struct croft_why *why)
{
    REFUSE_UNLESS(g->n_issuers <= 256, "issuers: at most 256");
    for (size_t i = 0; i < g->n_issuers; i++) {
        const Croft__V1__GenesisIssuer *s = g->issuers[i];
        REFUSE_UNLESS(is_account(s->issuer_address), "issuers[%zu].issuer_address: not an account address", i);
        REFUSE_UNLESS(is_asset(g, s->asset), "issuers[%zu].asset: this network does not have it", i);
        REFUSE_UNLESS(issuer_of(g, i, s->issuer_address, s->asset) == NULL, "issuers[%zu]: named twice", i);
    }
    return CROFT_OK;
}

static croft_err check_grants(const Croft__V1__Genesis *g, struct croft_why *why)
{
    u64 sum[CROFT_ASSET_COUNT] = {0};
    for (size_t i = 0; i < g->n_grants; i++) {
        const Croft__V1__GenesisGrant *t = g->grants[i];
        REFUSE_UNLESS(is_account(t->to_address), "grants[%zu].to_address: not an account address", i);
        REFUSE_UNLESS(is_asset(g, t->asset), "grants[%zu].asset: this network does not have it", i);
        REFUSE_UNLESS(t->amount != 0, "grants[%zu].amount: must not be zero", i);
        REFUSE_UNLESS(issuer_of(g, g->n_issuers, t->issuer_address, t->asset) != NULL,
                      "grants[%zu].issuer_address: not an issuer of this asset", i);
        REFUSE_UNLESS(!__builtin_add_overflow(sum[t->asset], t->amount, &sum[t->asset]),
                      "grants[%zu].amount: all grants together do not fit", i);
    }
    return CROFT_OK;
}

croft_err croft_genesis_check(const Croft__V1__Genesis *g, struct croft_why *why)
{
    REFUSE_UNLESS(g->format == 1, "format: %u is not known to this release", g->format);
    REFUSE_UNLESS(is_name(g->name), "name: 1 to 32 of a-z, 0-9 and -");
    REFUSE_UNLESS(g->time_s < UINT64_C(1) << 40, "time_s: not a time in seconds");
    REFUSE_UNLESS(g->protocol >= CROFT_PROTOCOL_MIN && g->protocol <= CROFT_PROTOCOL_MAX,
                  "protocol: this release knows %d to %d", CROFT_PROTOCOL_MIN, CROFT_PROTOCOL_MAX);
    REFUSE_UNLESS(strcmp(g->token, "none") == 0 || strcmp(g->token, "croft") == 0, "token: \"none\" or \"croft\"");
    REFUSE_UNLESS(g->records_max_log2 == 0 || (g->records_max_log2 >= 10 && g->records_max_log2 <= 24),
                  "records_max_log2: 10 to 24");
    CROFT_TRY(check_params(g, why));
    CROFT_TRY(check_validators(g, why));
    CROFT_TRY(check_issuers(g, why));
    return check_grants(g, why);
}

/* ---- filling ---- */

static croft_err write_chain(struct croft_ledger *l, const Croft__V1__Genesis *g)
{
    u32 slot;
    struct croft_chain_record c = {.protocol = g->protocol, .token = strcmp(g->token, "croft") == 0};
    c.base_fee = croft_param_by_number(CROFT_PARAM_BASE_FEE_MIN)->initial;
    for (size_t i = 0; i < g->n_params; i++)
        if (g->params[i]->param == CROFT_PARAM_BASE_FEE_MIN)
            c.base_fee = g->params[i]->value;
    CROFT_TRY(croft_record_insert(l, CROFT_TABLE_CHAIN, (const u8 *)"c", &c, &slot));
    CROFT_ASSERT(slot == 0);
    return CROFT_OK;
}

static void write_params(struct croft_ledger *l, const Croft__V1__Genesis *g)
{
    for (size_t i = 0; i < croft_param_count(); i++) {
        const struct croft_param_info *info = croft_param_at(i);
        if (info->since <= g->protocol)
            croft_param_create(l, info->number, param_of(g, info));
    }
}

static croft_err account_at_genesis(struct croft_ledger *l, const struct croft_address *a, u64 time_s, u32 *out_slot)
{
    *out_slot = croft_account_find(l, a);
    return *out_slot != CROFT_SLOT_NONE ? CROFT_OK : croft_account_create(l, a, croft_amt_of(0), time_s, out_slot);
}

static croft_err write_system_accounts(struct croft_ledger *l, u64 time_s)
{
    for (u32 i = CROFT_SYSTEM_FEES; i < CROFT_SYSTEM_COUNT; i++) {
        struct croft_address a = croft_system_address((enum croft_system_account)i);
        if (croft_system_since(i) == CROFT_PROTOCOL_MIN)
            CROFT_TRY(account_at_genesis(l, &a, time_s, &l->system_slot[i]));
    }
    return CROFT_OK;
}

static croft_err write_issuers(struct croft_ledger *l, const Croft__V1__Genesis *g)
{
    for (size_t i = 0; i < g->n_issuers; i++) {
        u8 key[33];
        u32 slot;
        struct croft_address a = croft_address_of(g->issuers[i]->issuer_address);
        const struct croft_issuer_record r = {.cap = croft_amt_of(g->issuers[i]->cap)};
        CROFT_TRY(account_at_genesis(l, &a, g->time_s, &slot));
        croft_open_records_add(l, slot, 1);
        croft_key_issuer(&a, g->issuers[i]->asset, key);
        CROFT_TRY(croft_record_insert(l, CROFT_TABLE_ISSUERS, key, &r, &slot));
    }
    return CROFT_OK;
}

static croft_err write_validators(struct croft_ledger *l, const Croft__V1__Genesis *g)
{
    for (size_t i = 0; i < g->n_validators; i++) {
        u32 slot;
        struct croft_validator_record r = {.power = g->validators[i]->power};
        r.operator_address = croft_address_of(g->validators[i]->operator_address);
        CROFT_TRY(account_at_genesis(l, &r.operator_address, g->time_s, &slot));
        croft_open_records_add(l, slot, 1);
        CROFT_TRY(croft_record_insert(l, CROFT_TABLE_VALIDATORS, g->validators[i]->public_key.data, &r, &slot));
    }
    return CROFT_OK;
}

static croft_err write_grant(struct croft_ledger *l, const Croft__V1__Genesis *g, size_t i, struct croft_why *why)
{
    u8 key[33];
    u32 slot;
    struct croft_issuer_record r;
    struct croft_chain_record c = croft_ledger_chain(l);
    const Croft__V1__GenesisGrant *t = g->grants[i];
    struct croft_amt amount = croft_amt_of(t->amount);
    struct croft_address issuer = croft_address_of(t->issuer_address), to = croft_address_of(t->to_address);
    croft_key_issuer(&issuer, t->asset, key);
    u32 issuer_slot = croft_state_find(l->state, CROFT_TABLE_ISSUERS, key);
    CROFT_ASSERT(issuer_slot != CROFT_SLOT_NONE);
    croft_record_load(l, CROFT_TABLE_ISSUERS, issuer_slot, &r);

    /* All grants together fit (croft_genesis_check), so none of these sums can wrap. */
    r.outstanding = croft_amt_add_must(r.outstanding, amount);
    r.issued_total = croft_amt_add_must(r.issued_total, amount);
    REFUSE_UNLESS(croft_amt_cmp(r.outstanding, r.cap) <= 0, "grants[%zu].amount: over the issuer's cap", i);
    croft_record_store(l, CROFT_TABLE_ISSUERS, issuer_slot, &r);
    c.outstanding[t->asset] = croft_amt_add_must(c.outstanding[t->asset], amount);
    croft_record_store(l, CROFT_TABLE_CHAIN, 0, &c);
    CROFT_TRY(account_at_genesis(l, &to, g->time_s, &slot));
    croft_credit(l, slot, t->asset, amount);
    return CROFT_OK;
}

static croft_err write_all(struct croft_ledger *l, const Croft__V1__Genesis *g, struct croft_why *why)
{
    CROFT_TRY(write_chain(l, g));
    write_params(l, g);
    CROFT_TRY(write_system_accounts(l, g->time_s));
    croft_params_refresh(l);
    CROFT_TRY(croft_protocol_begin(l, 0, g->protocol, g->time_s));
    CROFT_TRY(write_issuers(l, g));
    CROFT_TRY(write_validators(l, g));
    for (size_t i = 0; i < g->n_grants; i++) {
        CROFT_TRY(write_grant(l, g, i, why));
        if (croft_state_journal_tight(l->state))
            croft_state_accept(l->state);
    }
    return CROFT_OK;
}

croft_err croft_ledger_genesis(struct croft_ledger *l, const Croft__V1__Genesis *g, const struct croft_hash *network,
                               struct croft_why *why)
{
    CROFT_ASSERT(l->phase == CROFT_PHASE_IDLE && l->height == 0);
    CROFT_ASSERT(croft_state_count(l->state, CROFT_TABLE_CHAIN) == 0);
    l->network = *network;
    l->time_s = g->time_s;
    why->text[0] = '\0';
    croft_err err = write_all(l, g, why);
    if (err != CROFT_OK)
        return why->text[0] ? err : croft_fail(why, CROFT_ERR_GENESIS, "grants: more accounts than records_max_log2 allows");

    croft_params_refresh(l);
    croft_system_refresh(l);
    croft_state_accept(l->state);
    croft_roots_rebuild(&l->roots, l->state);
    croft_roots_refresh(l);
    return CROFT_OK;
}
