#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

enum { START_S = 1800000000, CREDIT_ISSUER = 0, CROFT_ISSUER = 1 };
#define RICH (2000 * CROFT_UNITS_PER_CREDIT)

/* ---- accounts ---- */

static void index_account(struct croft_msim *m, u32 number)
{
    const u8 *address = m->account[number].address.b;
    u32 mask = (u32)CROFT_COUNT(m->by_address) - 1, i = (address[0] | (u32)address[1] << 8) & mask;
    while (m->by_address[i] != 0)
        i = (i + 1) & mask;
    m->by_address[i] = (u16)(number + 1);
}

static u32 add_account(struct croft_sim *s, u32 actor)
{
    struct croft_msim *m = s->market;
    CROFT_ASSERT(m->account_count < CROFT_MSIM_ACCOUNTS);
    struct croft_msim_account *account = &m->account[m->account_count];
    u8 seed[32];
    croft_rng_fill(&s->rng, seed, sizeof seed);
    croft_secret_key_from_seed(&account->key, seed);
    struct croft_public_key public = croft_public_key_of(&account->key);
    account->set = croft_key_set_single(&public, &s->mem);
    CROFT_ASSERT(account->set != NULL);
    account->address = croft_key_set_address(account->set);
    account->actor = actor;
    index_account(m, m->account_count);
    return m->account_count++;
}

static void add_actor(struct croft_sim *s, const struct croft_msim_kind *kind)
{
    struct croft_msim *m = s->market;
    CROFT_ASSERT(m->actor_count < CROFT_MSIM_ACTORS);
    struct croft_msim_actor *a = &m->actor[m->actor_count];
    *a = (struct croft_msim_actor){.number = m->actor_count++, .kind = kind, .next_id = 1};
    a->account = add_account(s, a->number);
    for (u32 i = 0; i < CROFT_MSIM_NODES; i++)
        a->node[i] = kind->role == CROFT_ROLE_PROVIDER ? add_account(s, a->number) : CROFT_MSIM_NONE;
}

static void add_people(struct croft_sim *s)
{
    u32 issuer = add_account(s, CROFT_MSIM_NONE), other = add_account(s, CROFT_MSIM_NONE);
    CROFT_ASSERT(issuer == CREDIT_ISSUER && other == CROFT_ISSUER);
    for (size_t i = 0; i < croft_msim_kind_count; i++)
        for (u32 k = 0; k < croft_msim_kinds[i].count; k++)
            add_actor(s, &croft_msim_kinds[i]);
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

static u64 one_of(struct croft_sim *s, u64 a, u64 b)
{
    return croft_sim_chance(s, 2) ? a : b;
}

/* Times are short, so that a run sees their ends; networks differ in what is dear and who is trusted. */
static void add_params(struct croft_sim *s)
{
    s->genesis->params = croft_sim_new(s, Croft__V1__ParamChange *, 32);
    add_param(s, CROFT_PARAM_BASE_FEE_MIN, one_of(s, 0, 1000));
    add_param(s, CROFT_PARAM_DEPOSIT_RECORD, one_of(s, 0, 10000000));
    add_param(s, CROFT_PARAM_DUE_PER_BLOCK_MAX, one_of(s, 3, 10000));
    /* Later parameters of protocol 1 keep their initial values, as those of the market do where it comes by vote. */
    if (s->genesis->protocol < CROFT_PROTOCOL_MARKET)
        return;
    add_param(s, CROFT_PARAM_SETTLE_WINDOW_S, one_of(s, 600, 1800));
    add_param(s, CROFT_PARAM_ACK_S, one_of(s, 60, 300));
    add_param(s, CROFT_PARAM_FIRM_PENALTY_S, one_of(s, 600, 3600));
    add_param(s, CROFT_PARAM_OFFER_BOND_MIN, one_of(s, 1000000, 10000000));
    add_param(s, CROFT_PARAM_CALL_S, 120);
    add_param(s, CROFT_PARAM_STAKE_UNLOCK_S, 3600);
    add_param(s, CROFT_PARAM_EXPOSURE_BASE, one_of(s, 500000000, 5000000000));
    add_param(s, CROFT_PARAM_TASK_WINDOW_MIN_S, 60);
    add_param(s, CROFT_PARAM_JUDGE_S, 600);
    add_param(s, CROFT_PARAM_EPOCH_S, 600);
    add_param(s, CROFT_PARAM_EMISSION_EPOCH, one_of(s, 1000000000, 50000000000000));
    add_param(s, CROFT_PARAM_ORACLE_STALE_S, 1200);
    add_param(s, CROFT_PARAM_CONVERT_DAY_MAX, one_of(s, 1000000000, 1000000000000));
}

static void add_validators(struct croft_sim *s)
{
    struct croft_msim *m = s->market;
    Croft__V1__Genesis *g = s->genesis;
    u8 seed[32];
    g->validators = croft_sim_new(s, Croft__V1__GenesisValidator *, CROFT_SIM_OPERATORS);
    m->liar_power = (u32)one_of(s, 1, 3);
    for (u32 i = 0; i < CROFT_SIM_OPERATORS; i++) {
        struct croft_secret_key key;
        croft_rng_fill(&s->rng, seed, sizeof seed);
        croft_secret_key_from_seed(&key, seed);
        if (i == 0)
            s->sequencer = key;
        struct croft_public_key public = croft_public_key_of(&key);
        Croft__V1__GenesisValidator *v = croft_sim_new(s, Croft__V1__GenesisValidator, 1);
        croft__v1__genesis_validator__init(v);
        v->public_key = croft_sim_copy(s, public.b, sizeof public.b);
        v->operator_address = croft_msim_address(s, m->actor[i].account);
        v->power = croft_msim_is(&m->actor[i], CROFT_FAULT_LIES) ? m->liar_power : 1;
        m->power += (u32)v->power;
        g->validators[g->n_validators++] = v;
    }
}

static void add_issuer(struct croft_sim *s, u32 account, u32 asset)
{
    Croft__V1__Genesis *g = s->genesis;
    Croft__V1__GenesisIssuer *i = croft_sim_new(s, Croft__V1__GenesisIssuer, 1);
    croft__v1__genesis_issuer__init(i);
    i->issuer_address = croft_msim_address(s, account);
    i->asset = asset;
    i->cap = UINT64_MAX / 4;
    g->issuers[g->n_issuers++] = i;
}

static void add_grant(struct croft_sim *s, u32 issuer, u32 to, u32 asset)
{
    Croft__V1__Genesis *g = s->genesis;
    Croft__V1__GenesisGrant *t = croft_sim_new(s, Croft__V1__GenesisGrant, 1);
    croft__v1__genesis_grant__init(t);
    t->issuer_address = croft_msim_address(s, issuer);
    t->to_address = croft_msim_address(s, to);
    t->asset = asset;
    t->amount = RICH;
    g->grants[g->n_grants++] = t;
}

static void add_money(struct croft_sim *s)
{
    struct croft_msim *m = s->market;
    s->genesis->issuers = croft_sim_new(s, Croft__V1__GenesisIssuer *, CROFT_ASSET_COUNT);
    s->genesis->grants = croft_sim_new(s, Croft__V1__GenesisGrant *, CROFT_ASSET_COUNT * CROFT_MSIM_ACCOUNTS);
    add_issuer(s, CREDIT_ISSUER, CROFT_ASSET_CREDIT);
    if (m->token)
        add_issuer(s, CROFT_ISSUER, CROFT_ASSET_CROFT);
    for (u32 i = 0; i < m->account_count; i++) {
        add_grant(s, CREDIT_ISSUER, i, CROFT_ASSET_CREDIT);
        if (m->token)
            add_grant(s, CROFT_ISSUER, i, CROFT_ASSET_CROFT);
    }
}

void croft_msim_make_network(struct croft_sim *s)
{
    static char name[] = "simulated", none[] = "none", croft[] = "croft";
    struct croft_msim *m = s->market;
    m->token = !croft_sim_chance(s, 3);
    m->calm = croft_sim_chance(s, 2);
    m->slow = croft_sim_chance(s, 3);
    m->rate = 100000000 + croft_sim_below(s, 400000000);
    add_people(s);
    s->genesis = croft_sim_new(s, Croft__V1__Genesis, 1);
    croft__v1__genesis__init(s->genesis);
    s->genesis->format = 1;
    s->genesis->name = name;
    s->genesis->time_s = START_S;
    s->genesis->protocol = croft_sim_chance(s, 6) ? 1 : CROFT_PROTOCOL_MARKET;
    s->genesis->token = m->token ? croft : none;
    s->genesis->records_max_log2 = 10;
    add_params(s);
    add_validators(s);
    add_money(s);
    s->network = croft_genesis_id(s->genesis, s->mem);
    s->block_txs_max = croft_sim_chance(s, 4) ? 3 : 100; /* the index takes 128 at a time */
    s->log_room_bytes = croft_sim_chance(s, 2) ? 4000 : 0;
}
