#include "sim/sim_int.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

enum {
    START_S = 1800000000,
    ALL = CROFT_SCOPES_ALL,
    PAY = 1 << CROFT_SCOPE_PAY,
    VOTE = 1 << CROFT_SCOPE_VOTE,
    ADMIN = 1 << CROFT_SCOPE_ADMIN
};

/* ---- keys ---- */

ProtobufCBinaryData croft_sim_copy(struct croft_sim *s, const void *bytes, size_t len)
{
    u8 *to = croft_sim_new(s, u8, len + 1);
    if (len != 0)
        memcpy(to, bytes, len);
    return (ProtobufCBinaryData){len, to};
}

struct croft_public_key croft_sim_new_key(struct croft_sim *s)
{
    u8 seed[32];
    if (s->ring_count == s->ring_room) {
        s->ring_room = s->ring_room * 2 + 256;
        s->ring = realloc(s->ring, s->ring_room * sizeof *s->ring);
        CROFT_ASSERT(s->ring != NULL);
    }
    croft_rng_fill(&s->rng, seed, sizeof seed);
    croft_secret_key_from_seed(&s->ring[s->ring_count], seed);
    return croft_public_key_of(&s->ring[s->ring_count++]);
}

const struct croft_secret_key *croft_sim_secret_of(const struct croft_sim *s, const u8 public_key[32])
{
    for (u32 i = 0; i < s->ring_count; i++)
        if (memcmp(s->ring[i].expanded + 32, public_key, 32) == 0)
            return &s->ring[i];
    return NULL;
}

Croft__V1__Key *croft_sim_make_key(struct croft_sim *s, u32 scopes)
{
    struct croft_public_key key = croft_sim_new_key(s);
    Croft__V1__Key *k = croft_sim_new(s, Croft__V1__Key, 1);
    croft__v1__key__init(k);
    k->scheme = 1;
    k->weight = 1;
    k->scopes = scopes;
    k->public_key = croft_sim_copy(s, key.b, sizeof key.b);
    return k;
}

/* Scopes of the keys of a set, and the weight that every scope needs. */
struct key_set_kind {
    u32 key_count, threshold;
    u32 scopes[4];
};
static const struct key_set_kind key_set_kind[] = {
    {1, 1, {ALL}},
    {1, 1, {ALL}},
    {1, 1, {ALL}},
    {3, 2, {ALL, ALL, ALL}},       /* two of three */
    {2, 1, {ALL, PAY}},            /* the second one capped */
    {2, 1, {ALL, PAY | VOTE}},     /* the second one for some time */
    {2, 1, {ADMIN, ALL & ~ADMIN}}, /* apart */
    {4, 3, {ALL, ALL, ALL, ALL}},  /* three of four */
};

Croft__V1__KeySet *croft_sim_make_key_set(struct croft_sim *s, u64 number)
{
    const struct key_set_kind *kind = &key_set_kind[number % CROFT_COUNT(key_set_kind)];
    Croft__V1__KeySet *set = croft_sim_new(s, Croft__V1__KeySet, 1);
    u8 thresholds[CROFT_SCOPE_COUNT];
    croft__v1__key_set__init(set);
    memset(thresholds, (int)kind->threshold, sizeof thresholds);
    set->thresholds = croft_sim_copy(s, thresholds, sizeof thresholds);
    set->n_keys = kind->key_count;
    set->keys = croft_sim_new(s, Croft__V1__Key *, kind->key_count);
    for (u32 i = 0; i < kind->key_count; i++)
        set->keys[i] = croft_sim_make_key(s, kind->scopes[i]);
    if (kind->scopes[1] == PAY) {
        set->keys[1]->cap_credit = 1 + croft_sim_below(s, 5 * CROFT_UNITS_PER_CREDIT);
        set->keys[1]->cap_token = 1 + croft_sim_below(s, CROFT_UNITS_PER_CREDIT);
    }
    if (kind->scopes[1] == (PAY | VOTE))
        set->keys[1]->expires_s = START_S + croft_sim_below(s, 200000);
    return set;
}

static void make_wallets(struct croft_sim *s)
{
    for (u32 i = 0; i < CROFT_SIM_WALLETS; i++) {
        struct croft_sim_wallet *w = &s->wallet[i];
        u64 kind = croft_sim_below(s, CROFT_COUNT(key_set_kind));
        w->first = croft_sim_make_key_set(s, i < CROFT_SIM_OPERATORS + CROFT_SIM_ISSUERS ? kind % 4 : kind);
        w->address = croft_key_set_address(w->first);
    }
}

/* ---- the genesis message ---- */

static void add_param(struct croft_sim *s, u32 param, u64 value)
{
    Croft__V1__Genesis *g = s->genesis;
    Croft__V1__ParamChange *p = croft_sim_new(s, Croft__V1__ParamChange, 1);
    croft__v1__param_change__init(p);
    p->param = param;
    p->value = value;
    g->params[g->n_params++] = p;
}

/* Networks differ: free or dear, roomy or narrow, patient or hasty. */
static void add_params(struct croft_sim *s)
{
    static const u64 fee[] = {0, 1, 1000, 50000}, deposit[] = {0, 1, 10000000, 10000000},
                     due[] = {1, 3, 10000};
    s->genesis->params = croft_sim_new(s, Croft__V1__ParamChange *, 16);
    add_param(s, CROFT_PARAM_BASE_FEE_MIN, fee[croft_sim_below(s, 4)]);
    add_param(s, CROFT_PARAM_DEPOSIT_RECORD, deposit[croft_sim_below(s, 4)]);
    add_param(s, CROFT_PARAM_DUE_PER_BLOCK_MAX, due[croft_sim_below(s, 3)]);
    add_param(s, CROFT_PARAM_WITHDRAW_RETURN_S, 3600 + croft_sim_below(s, 40000));
    add_param(s, CROFT_PARAM_RECOVER_DELAY_MIN_S, 3600);
    add_param(s, CROFT_PARAM_VALID_UNTIL_MAX_S, croft_sim_chance(s, 2) ? 86400 : 600);
    add_param(s, CROFT_PARAM_TX_BYTES_MAX, croft_sim_chance(s, 4) ? 2048 : 131072);
    if (croft_sim_chance(s, 2)) {
        /* A handful of transactions fills a block. */
        add_param(s, CROFT_PARAM_BLOCK_COST_MAX, 100000);
        add_param(s, CROFT_PARAM_BLOCK_QUOTA_COST_MAX, 50000);
        add_param(s, CROFT_PARAM_COST_SIGNATURE, 10000);
    }
    s->block_txs_max = croft_sim_chance(s, 4) ? 3 : 0;
    s->log_room_bytes = croft_sim_chance(s, 2) ? 4000 : 0;
}

static void add_validators(struct croft_sim *s)
{
    Croft__V1__Genesis *g = s->genesis;
    struct croft_public_key key = croft_sim_new_key(s);
    s->sequencer = s->ring[s->ring_count - 1];
    g->validators = croft_sim_new(s, Croft__V1__GenesisValidator *, CROFT_SIM_OPERATORS + 1);
    for (u32 i = 0; i <= CROFT_SIM_OPERATORS; i++) {
        Croft__V1__GenesisValidator *v = croft_sim_new(s, Croft__V1__GenesisValidator, 1);
        croft__v1__genesis_validator__init(v);
        v->public_key = croft_sim_copy(s, key.b, sizeof key.b);
        v->operator_address = croft_sim_address(s, i % CROFT_SIM_OPERATORS);
        v->power = 1 + croft_sim_below(s, 3);
        g->validators[g->n_validators++] = v;
        key = croft_sim_new_key(s);
    }
}

static void add_issuer(struct croft_sim *s, u32 wallet, u32 asset, u64 cap)
{
    Croft__V1__Genesis *g = s->genesis;
    Croft__V1__GenesisIssuer *i = croft_sim_new(s, Croft__V1__GenesisIssuer, 1);
    croft__v1__genesis_issuer__init(i);
    i->issuer_address = croft_sim_address(s, wallet);
    i->asset = asset;
    i->cap = cap;
    g->issuers[g->n_issuers++] = i;
}

static void add_grant(struct croft_sim *s, u32 issuer, u32 to, u32 asset, u64 amount)
{
    Croft__V1__Genesis *g = s->genesis;
    Croft__V1__GenesisGrant *t = croft_sim_new(s, Croft__V1__GenesisGrant, 1);
    croft__v1__genesis_grant__init(t);
    t->issuer_address = croft_sim_address(s, issuer);
    t->to_address = croft_sim_address(s, to);
    t->asset = asset;
    t->amount = amount;
    g->grants[g->n_grants++] = t;
}

/* Rich and poor: from a thousandth of a credit to a million. */
static void add_money(struct croft_sim *s, bool token)
{
    Croft__V1__Genesis *g = s->genesis;
    g->issuers = croft_sim_new(s, Croft__V1__GenesisIssuer *, CROFT_SIM_ISSUERS);
    g->grants = croft_sim_new(s, Croft__V1__GenesisGrant *, 2 * CROFT_SIM_GRANTED);
    u64 granted = 0, million = 1000000 * CROFT_UNITS_PER_CREDIT;
    for (u32 i = 0; i < CROFT_SIM_GRANTED; i++) {
        u64 digits = i < CROFT_SIM_OPERATORS + CROFT_SIM_ISSUERS ? 9 : croft_sim_below(s, 10),
            amount = million;
        for (u64 d = 9; d > digits; d--)
            amount /= 10;
        granted += amount;
        add_grant(s, CROFT_SIM_OPERATORS + i % 2, i, CROFT_ASSET_CREDIT, amount);
        if (token && croft_sim_chance(s, 2))
            add_grant(s, CROFT_SIM_OPERATORS + 2, i, CROFT_ASSET_CROFT, amount / 10 + 1);
    }
    add_issuer(s, CROFT_SIM_OPERATORS, CROFT_ASSET_CREDIT, granted + croft_sim_below(s, million));
    add_issuer(s, CROFT_SIM_OPERATORS + 1, CROFT_ASSET_CREDIT, granted + million);
    if (token) {
        add_issuer(s, CROFT_SIM_OPERATORS + 2, CROFT_ASSET_CROFT, UINT64_MAX);
        add_issuer(s, CROFT_SIM_OPERATORS + 3, CROFT_ASSET_CROFT, UINT64_MAX);
    }
}

void croft_sim_make_network(struct croft_sim *s)
{
    static char name[] = "simulated", none[] = "none", croft[] = "croft";
    bool token = !croft_sim_chance(s, 8);
    make_wallets(s);
    s->genesis = croft_sim_new(s, Croft__V1__Genesis, 1);
    croft__v1__genesis__init(s->genesis);
    s->genesis->format = 1;
    s->genesis->name = name;
    s->genesis->time_s = START_S;
    s->genesis->protocol = 1;
    s->genesis->token = token ? croft : none;
    s->genesis->records_max_log2 = 10;
    add_params(s);
    add_validators(s);
    add_money(s, token);
    s->network = croft_genesis_id(s->genesis, s->mem);
}
