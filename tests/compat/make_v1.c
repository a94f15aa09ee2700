/* make_v1.c - a chain of protocol 1: scripts (ledger/script_int.h), an issuer who settles by quota, a
 * transfer of many legs. */
#include "make.h"

enum { LEGS = 300 };
enum { CLIENT = 12, BANK = 13 }; /* who settle by quota; no script acts for them */

static void put_quota_vote(struct maker *m)
{
    make_do(m, chain_propose_quota(&m->c, 1, 1, BANK, 1000));
    for (u32 n = 1; n <= CHAIN_OPERATORS; n++)
        make_do(m, chain_vote(&m->c, n, 1, true));
}

/* One transfer that opens hundreds of accounts. */
static void put_many_legs(struct maker *m)
{
    Croft__V1__TxBody *body = chain_transfer(&m->c, CLIENT, BANK, CROFT_ASSET_CREDIT, 1);
    for (u32 i = 0; i < LEGS; i++) {
        u8 address[32];
        croft_rng_fill(&m->rng, address, sizeof address);
        chain_add_leg(&m->c, body->transfer, chain_bytes(&m->c.scratch, address, sizeof address), i % 2,
                      1 + i);
    }
    make_do(m, body);
}

/* Withdrawals that the bank answers in the quota lane, until its day's quota is used up. */
static void put_settlement(struct maker *m, u64 height)
{
    for (u64 id = 0; id < 5; id++) {
        make_do(m, chain_withdraw(&m->c, CLIENT, height + id, BANK, CROFT_ASSET_CREDIT, 1000 + id));
        Croft__V1__TxBody *body = id % 2 ? chain_withdraw_paid(&m->c, BANK, CLIENT, height + id)
                                         : chain_withdraw_return(&m->c, BANK, CLIENT, height + id);
        body->lane = CROFT_LANE_QUOTA;
        make_do(m, body);
    }
}

/* People of a script waste their money; this keeps them going. */
static void put_alms(struct maker *m)
{
    Croft__V1__TxBody *body = chain_transfer(&m->c, BANK, CLIENT, CROFT_ASSET_CREDIT, 1);
    for (u32 n = 0; n < SCRIPT_ACTORS; n++)
        chain_add_leg(&m->c, body->transfer, chain_address(&m->c, n), CROFT_ASSET_CREDIT, 400000000);
    make_do(m, body);
}

static void fill(struct maker *m, u64 height)
{
    if (height == 1)
        put_quota_vote(m);
    if (height == 3)
        put_many_legs(m);
    if (height % 10 == 0)
        put_alms(m);
    if (height % 50 == 7)
        put_settlement(m, height);
    for (u32 i = script_below(&m->script, 12); i > 0; i--) {
        struct croft_tx tx;
        if (script_tx(&m->c, &m->script, &tx) == CROFT_OK)
            make_put(m, &tx);
    }
}

static Croft__V1__Genesis *genesis(struct chain *c)
{
    chain_set_actor(c, 4, chain_key_set(&c->keep, 32, 3, 2));
    chain_set_actor(c, 7, chain_key_set(&c->keep, 56, 8, 4));
    Croft__V1__Genesis *g = chain_genesis(c);
    g->name = (char *)(uintptr_t) "compat-1";
    chain_issuer(c, g, BANK, CROFT_ASSET_CREDIT, CHAIN_CAP);
    chain_grant(c, g, BANK, CROFT_ASSET_CREDIT, CHAIN_CREDIT);
    chain_grant(c, g, CLIENT, CROFT_ASSET_CREDIT, CHAIN_CREDIT);
    chain_grant(c, g, CLIENT, CROFT_ASSET_CROFT, CHAIN_CROFT);
    for (size_t i = g->n_grants - 3; i < g->n_grants - 1; i++)
        g->grants[i]->issuer_address = chain_address(c, BANK);
    chain_param(c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, 5);
    chain_param(c, g, CROFT_PARAM_RECOVER_DELAY_MIN_S, 3600);
    chain_param(c, g, CROFT_PARAM_WITHDRAW_RETURN_S, 3600);
    return g;
}

const struct make_plan make_v1 = {
    .protocol = 1,
    .seed = UINT64_C(20240229),
    .genesis = genesis,
    .fill = fill,
    .pause = script_pause,
    .last_due = CROFT_DUE_PROPOSAL_EXPIRED,
};
