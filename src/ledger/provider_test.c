/* Goal: who owns, who is owed and what is counted stay exact when providers, nodes, stake and claims come and go.
 * Method: every refusal in its order, each due time on its edge, money counted by the audit of every block; what only
 * other parts of the market write is written by hand into a block that is undone. */
#include "ledger/market_test_int.h"

enum { OWNER = 5, OTHER = 6, NODE = 7, NODE_2 = 8, AUDITOR = 9, POOR = 10 };
#define DEPOSIT UINT64_C(10000000)

static void open_market(struct chain *c)
{
    chain_market_open(c, true);
    chain_begin(c, 1);
}

static void done(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

/* For what a later block should not see. */
static void undo(struct chain *c)
{
    croft_ledger_block_undo(c->l);
    chain_begin(c, 0);
}

static u64 credits(const struct chain *c, u32 n)
{
    return chain_balance(c, n, CROFT_ASSET_CREDIT);
}

/* Leaves the actor this much. */
static void impoverish(struct chain *c, u32 n, u64 left)
{
    chain_must(c, chain_transfer(c, n, 0, CROFT_ASSET_CREDIT, credits(c, n) - left));
}

/* Fills a table with records under keys that nobody has; only for blocks that are undone. */
static void fill(struct chain *c, u32 table, const void *record)
{
    for (u32 i = 0; !croft_table_is_full(c->l, table); i++) {
        u8 key[CROFT_RECORD_KEY_MAX] = {0xff};
        u32 slot;
        croft_put_u32(key + 1, i);
        croft_err err = croft_record_insert(c->l, table, key, record, &slot);
        assert_int_equal(err, CROFT_OK);
    }
}

static void change_provider(struct chain *c, u32 n, void (*change)(struct croft_provider_record *r))
{
    struct croft_provider p;
    assert_true(croft_provider_load(c->l, &c->actor[n].address, &p));
    change(&p.r);
    croft_provider_store(c->l, &p);
}

/* ---- node_admit ---- */

static void test_admit(void **unused)
{
    (void)unused;
    struct chain c;
    open_market(&c);
    assert_int_equal(chain_do(&c, chain_node_admit(&c, OWNER, NODE)), CROFT_OK);
    assert_int_equal(credits(&c, OWNER), CHAIN_CREDIT - 2 * DEPOSIT); /* the provider is new */
    assert_int_equal(credits(&c, NODE), CHAIN_CREDIT);
    assert_int_equal(chain_provider(&c, OWNER).nodes, 1);
    assert_int_equal(chain_provider(&c, OWNER).since_s, c.now_s);
    assert_memory_equal(chain_node(&c, NODE).owner.b, c.actor[OWNER].address.b, 32);
    assert_int_equal(chain_node(&c, NODE).since_s, c.now_s);
    assert_int_equal(chain_account(&c, OWNER).open_records, 2);
    assert_int_equal(chain_account(&c, NODE).open_records, 1);
    assert_int_equal(chain_account(&c, NODE).quota_per_day, 40000);

    assert_int_equal(chain_pass(&c, chain_propose_quota(&c, 1, 7, NODE_2, 50000)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_node_admit(&c, OWNER, NODE_2)), CROFT_OK);
    assert_int_equal(credits(&c, OWNER), CHAIN_CREDIT - 3 * DEPOSIT);
    assert_int_equal(chain_account(&c, NODE_2).quota_per_day, 50000); /* at least */
    assert_int_equal(chain_provider(&c, OWNER).nodes, 2);
    chain_must(&c, chain_node_remove(&c, OWNER, NODE_2)); /* nobody loses by it what a vote gave */
    assert_int_equal(chain_account(&c, NODE_2).quota_per_day, 50000);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE_2));

    for (u32 n = NODE_2; n <= AUDITOR; n++) { /* which lets a node, and nobody else, settle for nothing */
        Croft__V1__TxBody *body = chain_claim_set(&c, n, NODE, 1, 100);
        body->lane = CROFT_LANE_QUOTA;
        assert_int_equal(chain_do(&c, body), n == NODE_2 ? CROFT_OK : CROFT_ERR_TX_LANE);
    }
    done(&c);
}

static void test_admit_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    const struct croft_node_record node = {0};
    const struct croft_provider_record provider = {0};
    open_market(&c);
    impoverish(&c, POOR, 2 * DEPOSIT - 1);
    assert_int_equal(chain_do(&c, chain_node_admit(&c, OWNER, OWNER)), CROFT_ERR_TX_SELF);
    fill(&c, CROFT_TABLE_NODES, &node);
    assert_int_equal(chain_do(&c, chain_node_admit(&c, POOR, CHAIN_NOBODY)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_node_admit(&c, POOR, NODE)), CROFT_ERR_OP_FULL);
    croft_ledger_block_undo(c.l);
    chain_begin(&c, 0);
    impoverish(&c, POOR, 2 * DEPOSIT - 1);
    fill(&c, CROFT_TABLE_PROVIDERS, &provider);
    assert_int_equal(chain_do(&c, chain_node_admit(&c, OWNER, NODE)), CROFT_ERR_OP_FULL);
    undo(&c);

    impoverish(&c, POOR, 2 * DEPOSIT - 1);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    assert_int_equal(chain_do(&c, chain_node_admit(&c, POOR, NODE)), CROFT_ERR_OP_EXISTS);
    assert_int_equal(chain_do(&c, chain_node_admit(&c, OWNER, NODE)), CROFT_ERR_OP_EXISTS);
    assert_int_equal(chain_do(&c, chain_node_admit(&c, POOR, NODE_2)), CROFT_ERR_OP_DEPOSIT);
    assert_false(chain_has_provider(&c, POOR)); /* the first deposit came back */
    assert_int_equal(credits(&c, POOR), 2 * DEPOSIT - 1);
    done(&c);
}

/* ---- node_remove ---- */

static void lend(struct croft_node *n)
{
    n->r.leases = 1;
}

static void bid(struct croft_node *n)
{
    n->r.bids = 1;
}

static void test_remove_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    void (*const change[])(struct croft_node *) = {lend, bid};
    open_market(&c);
    assert_int_equal(chain_do(&c, chain_node_remove(&c, OWNER, NODE)), CROFT_ERR_OP_NOT_FOUND);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    assert_int_equal(chain_do(&c, chain_node_remove(&c, OTHER, NODE)), CROFT_ERR_OP_NOT_YOURS);
    chain_next(&c, 1);
    for (u32 i = 0; i < CROFT_COUNT(change); i++) {
        struct croft_node n;
        assert_true(croft_node_load(c.l, &c.actor[NODE].address, &n));
        change[i](&n);
        croft_node_store(c.l, &n);
        assert_int_equal(chain_do(&c, chain_node_remove(&c, OTHER, NODE)), CROFT_ERR_OP_NOT_YOURS);
        assert_int_equal(chain_do(&c, chain_node_remove(&c, OWNER, NODE)), CROFT_ERR_OP_NOT_EMPTY);
        undo(&c);
    }
    assert_int_equal(chain_do(&c, chain_node_remove(&c, OWNER, NODE)), CROFT_OK);
    done(&c);
}

/* Bonds that the node paid go to the owner too: the node's account need not have keys any more. */
static void test_remove(void **unused)
{
    (void)unused;
    struct chain c;
    open_market(&c);
    chain_must(&c, chain_class_set(&c, OTHER, 300, 0, 0));
    chain_node_listed_firm(&c, OWNER, NODE);
    struct chain_offer offer = chain_offer_terms();
    offer.device = 63;
    offer.class = 300;
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    assert_int_equal(chain_node(&c, NODE).devices, UINT64_C(1) << 63 | 1);
    assert_int_equal(chain_class(&c, 300).devices, 1);
    assert_true(croft_amt_units(chain_provider(&c, OWNER).locked) == CHAIN_PRICE);
    u64 bonds = croft_amt_units(chain_device(&c, NODE, 0).bond) + croft_amt_units(chain_device(&c, NODE, 63).bond);
    u64 owner = credits(&c, OWNER), node = credits(&c, NODE);
    chain_next(&c, 1);

    assert_int_equal(chain_do(&c, chain_node_remove(&c, OWNER, NODE)), CROFT_OK);
    assert_int_equal(credits(&c, OWNER), owner + bonds + 3 * DEPOSIT);
    assert_int_equal(credits(&c, NODE), node);
    assert_false(chain_has_node(&c, NODE) || chain_has_device(&c, NODE, 0) || chain_has_device(&c, NODE, 63));
    assert_int_equal(chain_class(&c, 300).devices, 0);
    assert_int_equal(croft_amt_units(chain_provider(&c, OWNER).locked), 0);
    assert_int_equal(chain_provider(&c, OWNER).nodes, 0);
    assert_int_equal(chain_account(&c, NODE).open_records, 0);
    assert_int_equal(chain_account(&c, NODE).quota_per_day, 0);
    assert_int_equal(chain_account(&c, OWNER).open_records, 1); /* the provider, who has stake */
    chain_next(&c, 1);
    chain_must(&c, chain_node_admit(&c, OTHER, NODE));
    done(&c);
}

static void test_node_takes_itself_out(void **unused)
{
    (void)unused;
    struct chain c;
    open_market(&c);
    chain_must(&c, chain_node_admit(&c, OTHER, NODE)); /* unasked */
    assert_int_equal(chain_do(&c, chain_node_admit(&c, OWNER, NODE)), CROFT_ERR_OP_EXISTS);
    assert_int_equal(chain_do(&c, chain_node_remove(&c, NODE, NODE)), CROFT_OK);
    assert_int_equal(credits(&c, OTHER), CHAIN_CREDIT - DEPOSIT);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    done(&c);
}

/* ---- provider_leave ---- */

static void give_reward(struct croft_provider_record *r)
{
    r->reward = croft_amt_of(1);
}

static void expose(struct croft_provider_record *r)
{
    r->exposure = croft_amt_of(1);
}

static void test_leave(void **unused)
{
    (void)unused;
    struct chain c;
    open_market(&c);
    assert_int_equal(chain_do(&c, chain_provider_leave(&c, OWNER)), CROFT_ERR_OP_NOT_FOUND);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    assert_int_equal(chain_do(&c, chain_provider_leave(&c, OWNER)), CROFT_ERR_OP_NOT_EMPTY);
    chain_must(&c, chain_stake_lock(&c, OWNER, 10));
    chain_must(&c, chain_node_remove(&c, OWNER, NODE));
    assert_int_equal(chain_do(&c, chain_provider_leave(&c, OWNER)), CROFT_ERR_OP_NOT_EMPTY); /* stake */
    chain_must(&c, chain_stake_unlock(&c, OWNER, 10));
    assert_int_equal(chain_do(&c, chain_provider_leave(&c, OWNER)), CROFT_ERR_OP_NOT_EMPTY); /* unlocking */
    chain_next(&c, chain_param_of(&c, CROFT_PARAM_STAKE_UNLOCK_S));
    change_provider(&c, OWNER, give_reward);
    assert_int_equal(chain_do(&c, chain_provider_leave(&c, OWNER)), CROFT_ERR_OP_NOT_EMPTY);
    croft_ledger_block_undo(c.l);
    chain_begin(&c, 0);
    change_provider(&c, OWNER, expose);
    assert_int_equal(chain_do(&c, chain_provider_leave(&c, OWNER)), CROFT_ERR_OP_NOT_EMPTY);
    undo(&c);
    assert_int_equal(chain_do(&c, chain_provider_leave(&c, OWNER)), CROFT_OK);
    assert_false(chain_has_provider(&c, OWNER));
    assert_int_equal(credits(&c, OWNER), CHAIN_CREDIT);
    assert_int_equal(chain_account(&c, OWNER).open_records, 0);
    done(&c);
}

/* ---- stake ---- */

static void test_stake_lock(void **unused)
{
    (void)unused;
    struct chain c;
    const struct croft_provider_record provider = {0};
    open_market(&c);
    impoverish(&c, POOR, DEPOSIT + 99);
    assert_int_equal(chain_do(&c, chain_stake_lock(&c, POOR, 0)), CROFT_ERR_TX_RANGE);
    assert_int_equal(chain_do(&c, chain_stake_lock(&c, POOR, DEPOSIT + 100)), CROFT_ERR_OP_FUNDS);
    assert_int_equal(chain_do(&c, chain_stake_lock(&c, POOR, 100)), CROFT_ERR_OP_DEPOSIT);
    assert_false(chain_has_provider(&c, POOR));
    assert_int_equal(chain_do(&c, chain_stake_lock(&c, POOR, 99)), CROFT_OK);
    assert_int_equal(credits(&c, POOR), 0);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_STAKE, CROFT_ASSET_CREDIT), 99);
    assert_int_equal(croft_amt_units(chain_provider(&c, POOR).stake), 99);
    assert_int_equal(chain_account(&c, POOR).open_records, 1);
    chain_must(&c, chain_stake_lock(&c, OWNER, 1000));
    chain_must(&c, chain_stake_lock(&c, OWNER, 1));
    assert_int_equal(croft_amt_units(chain_provider(&c, OWNER).stake), 1001);
    assert_int_equal(credits(&c, OWNER), CHAIN_CREDIT - 1001 - DEPOSIT); /* one deposit */
    chain_next(&c, 1);
    fill(&c, CROFT_TABLE_PROVIDERS, &provider);
    assert_int_equal(chain_do(&c, chain_stake_lock(&c, OTHER, 1)), CROFT_ERR_OP_FULL);
    assert_int_equal(chain_do(&c, chain_stake_lock(&c, OWNER, 1)), CROFT_OK);
    undo(&c);
    done(&c);
}

/* What a key may move in a day counts for stake too. */
static void test_stake_cap(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__KeySet *set = chain_key_set(&c.keep, 8 * OWNER, 1, 1);
    set->keys[0]->cap_credit = 100 + DEPOSIT;
    chain_set_actor(&c, OWNER, set);
    chain_start(&c, chain_market_genesis(&c, false));
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_stake_lock(&c, OWNER, 101)), CROFT_ERR_OP_CAP);
    assert_int_equal(chain_do(&c, chain_stake_lock(&c, OWNER, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_stake_lock(&c, OWNER, 1)), CROFT_ERR_OP_CAP);
    done(&c);
}

static void expose_at_cap(struct croft_provider_record *r)
{
    r->exposure = croft_amt_of(5000000000 + 700); /* base, and 700 of stake */
}

static void test_unlock_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    open_market(&c);
    assert_int_equal(chain_do(&c, chain_stake_unlock(&c, OWNER, 1)), CROFT_ERR_OP_NOT_FOUND);
    chain_node_listed_firm(&c, OWNER, NODE);
    assert_int_equal(chain_do(&c, chain_stake_unlock(&c, OWNER, 1)), CROFT_ERR_OP_STAKE); /* all is locked */
    chain_must(&c, chain_stake_lock(&c, OWNER, 1000));
    assert_int_equal(chain_do(&c, chain_stake_unlock(&c, OWNER, 1001)), CROFT_ERR_OP_STAKE);
    chain_next(&c, 1);
    change_provider(&c, OWNER, expose_at_cap);
    assert_int_equal(chain_do(&c, chain_stake_unlock(&c, OWNER, 1001)), CROFT_ERR_OP_STAKE);
    assert_int_equal(chain_do(&c, chain_stake_unlock(&c, OWNER, 301)), CROFT_ERR_OP_EXPOSURE);
    assert_int_equal(chain_do(&c, chain_stake_unlock(&c, OWNER, 300)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_stake_unlock(&c, OWNER, 1)), CROFT_ERR_OP_EXPOSURE);
    undo(&c);
    done(&c);
}

static void test_unlock_due(void **unused)
{
    (void)unused;
    struct chain c;
    open_market(&c);
    u64 unlock_s = chain_param_of(&c, CROFT_PARAM_STAKE_UNLOCK_S);
    chain_must(&c, chain_stake_lock(&c, OWNER, 1000));
    u64 before = credits(&c, OWNER);
    chain_must(&c, chain_stake_unlock(&c, OWNER, 300));
    assert_int_equal(chain_provider(&c, OWNER).due_s, c.now_s + unlock_s);
    assert_int_equal(credits(&c, OWNER), before);
    chain_next(&c, unlock_s - 1);
    chain_must(&c, chain_stake_unlock(&c, OWNER, 200)); /* adds, and starts the clock anew */
    chain_next(&c, 1);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_STAKE_UNLOCKED), 0);
    chain_next(&c, unlock_s - 2);
    assert_int_equal(croft_amt_units(chain_provider(&c, OWNER).unlocking), 500);
    chain_next(&c, 1);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_STAKE_UNLOCKED), 1);
    assert_int_equal(croft_amt_units(c.l->due[0].amount), 500);
    assert_int_equal(credits(&c, OWNER), before + 500);
    assert_int_equal(chain_provider(&c, OWNER).due_s, 0);
    assert_int_equal(croft_amt_units(chain_provider(&c, OWNER).stake), 500);
    assert_int_equal(croft_amt_units(chain_provider(&c, OWNER).unlocking), 0);
    done(&c);
}

/* ---- what the market asks of a provider ---- */

static void test_slash(void **unused)
{
    (void)unused;
    static const struct {
        u64 stake, unlocking, amount, stake_after, unlocking_after;
    } cases[] = {
        {100, 50, 0, 100, 50}, {100, 50, 99, 1, 50},  {100, 50, 100, 0, 50}, {100, 50, 101, 0, 49},
        {100, 50, 150, 0, 0},  {100, 50, 151, 0, 0},  {100, 50, UINT64_MAX, 0, 0},
        {0, 50, 20, 0, 30},    {0, 0, 20, 0, 0},
    };
    struct chain c;
    open_market(&c);
    chain_must(&c, chain_stake_lock(&c, OWNER, 150));
    for (u32 i = 0; i < CROFT_COUNT(cases); i++) {
        struct croft_provider_record p = {.stake = croft_amt_of(cases[i].stake), .locked = croft_amt_of(60),
                                          .unlocking = croft_amt_of(cases[i].unlocking), .due_s = 7};
        u64 taken = croft_amt_units(croft_stake_slash(c.l, &p, croft_amt_of(cases[i].amount)));
        assert_int_equal(croft_amt_units(p.stake), cases[i].stake_after);
        assert_int_equal(croft_amt_units(p.unlocking), cases[i].unlocking_after);
        assert_int_equal(taken, cases[i].stake + cases[i].unlocking - cases[i].stake_after - cases[i].unlocking_after);
        assert_int_equal(p.due_s, cases[i].unlocking_after == 0 ? 0 : 7);
        u64 free = cases[i].stake_after > 60 ? cases[i].stake_after - 60 : 0;
        assert_int_equal(croft_amt_units(croft_stake_free(&p)), free);
    }
    done(&c);
}

/* Against the formula in decimal steps, up to all the money there can be. */
static void test_exposure(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    struct chain c;
    open_market(&c);
    chain_set_param(&c, 7, CROFT_PARAM_EXPOSURE_PER_MILLE, 1500);
    chain_next(&c, 1);
    for (u32 i = 0; i < 2000; i++) {
        u32 shift = (u32)croft_rng_below(&rng, 63);
        u64 stake = croft_rng_next(&rng) >> shift, locked = croft_rng_next(&rng) >> shift;
        u64 fees = croft_rng_next(&rng) >> shift;
        u64 free = stake > locked ? stake - locked : 0;
        u128 cap = 5000000000 + ((u128)free + fees) * 1500 / 1000;
        u64 exposure = cap > UINT64_MAX ? UINT64_MAX : (u64)cap;
        u64 held = croft_rng_below(&rng, exposure);
        struct croft_provider_record p = {.stake = croft_amt_of(stake), .locked = croft_amt_of(locked),
                                          .fees_total = croft_amt_of(fees), .exposure = croft_amt_of(held)};
        assert_true(croft_exposure_fits(c.l, &p, croft_amt_of(exposure - held)));
        if (cap < UINT64_MAX)
            assert_false(croft_exposure_fits(c.l, &p, croft_amt_of(exposure - held + 1)));
    }
    done(&c);
}

/* ---- node_set ---- */

static void test_node_set(void **unused)
{
    (void)unused;
    static const u8 none[32];
    struct chain c;
    open_market(&c);
    assert_int_equal(chain_do(&c, chain_node_set(&c, NODE, false)), CROFT_ERR_OP_NODE);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    assert_int_equal(chain_do(&c, chain_node_set(&c, OWNER, false)), CROFT_ERR_OP_NODE); /* the owner is none */
    Croft__V1__TxBody *body = chain_node_set(&c, NODE, true);
    body->node_set->machine = 2;
    body->node_set->seal_key = chain_seal_key(&c);
    body->node_set->peer_key = chain_seal_key(&c);
    body->node_set->attributes = chain_bytes(&c.scratch, "city=Berlin\ncpu=epyc\n", 21);
    chain_must(&c, body);
    struct croft_node_record r = chain_node(&c, NODE);
    assert_memory_equal(r.country, "DE", 2);
    assert_true(r.machine == 2 && r.drain == 1 && r.attributes_len == 21);
    assert_memory_equal(r.attributes, "city=Berlin\ncpu=epyc\n", 21);
    assert_memory_equal(r.seal_key, chain_seal_key(&c).data, 32);
    assert_memory_equal(r.peer_key, r.seal_key, 32);

    body = chain_node_set(&c, NODE, false); /* says all of it, not what changed */
    body->node_set->country = (ProtobufCBinaryData){0};
    chain_must(&c, body);
    r = chain_node(&c, NODE);
    assert_true(r.machine == 0 && r.drain == 0 && r.attributes_len == 0 && r.country[0] == 0);
    assert_memory_equal(r.seal_key, none, 32);
    assert_memory_equal(r.peer_key, none, 32);
    assert_memory_equal(r.owner.b, c.actor[OWNER].address.b, 32);
    done(&c);
}

/* ---- claims ---- */

static bool has_claim(const struct chain *c, u32 auditor, u32 node, struct croft_claim_record *out)
{
    u8 key[40];
    const struct croft_bytes part = {c->actor[auditor].address.b, 32};
    struct croft_hash h = croft_blake2b("croft auditor 1", &part, 1);
    memcpy(key, c->actor[node].address.b, 32);
    memcpy(key + 32, h.b, 8);
    return chain_record(c, CROFT_TABLE_CLAIMS, key, out);
}

/* Another auditor's claim under AUDITOR's short hash, which nobody can find in a test's time. */
static void collide(struct chain *c)
{
    u8 key[40];
    u32 slot;
    const struct croft_bytes part = {c->actor[AUDITOR].address.b, 32};
    struct croft_hash h = croft_blake2b("croft auditor 1", &part, 1);
    const struct croft_claim_record r = {.auditor = c->actor[OTHER].address, .due_s = c->now_s + 100};
    memcpy(key, c->actor[NODE].address.b, 32);
    memcpy(key + 32, h.b, 8);
    assert_int_equal(croft_record_insert(c->l, CROFT_TABLE_CLAIMS, key, &r, &slot), CROFT_OK);
}

static void test_claim_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    const struct croft_claim_record claim = {0};
    open_market(&c);
    u64 most_s = chain_param_of(&c, CROFT_PARAM_CLAIM_MAX_S);
    impoverish(&c, POOR, DEPOSIT - 1);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, AUDITOR, NODE, 0, 100)), CROFT_ERR_TX_RANGE);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, AUDITOR, NODE, 1, 0)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, AUDITOR, NODE, 1, most_s + 1)), CROFT_ERR_OP_NOT_FOUND);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    assert_int_equal(chain_do(&c, chain_claim_set(&c, AUDITOR, NODE, 1, 0)), CROFT_ERR_OP_NOT_FOUND); /* the claim */
    Croft__V1__TxBody *past = chain_claim_set(&c, POOR, NODE, 1, 1);
    past->claim_set->until_s = c.now_s;
    assert_int_equal(chain_do(&c, past), CROFT_ERR_OP_TIME);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, POOR, NODE, 1, most_s + 1)), CROFT_ERR_OP_TIME);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, POOR, NODE, 1, most_s)), CROFT_ERR_OP_DEPOSIT);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, AUDITOR, NODE, 1, most_s)), CROFT_OK);
    chain_next(&c, 1);
    fill(&c, CROFT_TABLE_CLAIMS, &claim);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, POOR, NODE, 1, 1)), CROFT_ERR_OP_DEPOSIT);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, OTHER, NODE, 1, 1)), CROFT_ERR_OP_FULL);
    undo(&c);
    chain_must(&c, chain_claim_set(&c, AUDITOR, NODE, 1, 0));
    chain_next(&c, 1);
    collide(&c);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, AUDITOR, NODE, 1, most_s + 1)), CROFT_ERR_OP_EXISTS);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, AUDITOR, NODE, 1, 0)), CROFT_ERR_OP_EXISTS);
    undo(&c);
    done(&c);
}

static void test_claim_life(void **unused)
{
    (void)unused;
    struct chain c;
    struct croft_claim_record r;
    open_market(&c);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    Croft__V1__TxBody *body = chain_claim_set(&c, AUDITOR, NODE, 7, 100);
    body->claim_set->country = chain_bytes(&c.scratch, "FR", 2);
    body->claim_set->machine = 2;
    chain_must(&c, body);
    assert_true(has_claim(&c, AUDITOR, NODE, &r));
    assert_true(r.claims == 7 && r.machine == 2 && r.due_s == c.now_s + 100 && memcmp(r.country, "FR", 2) == 0);
    assert_int_equal(credits(&c, AUDITOR), CHAIN_CREDIT - DEPOSIT);
    assert_int_equal(chain_account(&c, AUDITOR).open_records, 1);

    chain_next(&c, 10);
    chain_must(&c, chain_claim_set(&c, AUDITOR, NODE, 1, 50)); /* again: no second deposit, another end */
    assert_int_equal(credits(&c, AUDITOR), CHAIN_CREDIT - DEPOSIT);
    chain_must(&c, chain_claim_set(&c, OTHER, NODE, 1, 1000));
    chain_must(&c, chain_node_remove(&c, OWNER, NODE)); /* what was said of it stays until it ends */
    chain_next(&c, 49);
    assert_true(has_claim(&c, AUDITOR, NODE, &r));
    assert_true(r.claims == 1 && r.machine == 0 && r.country[0] == 0);
    chain_next(&c, 1);
    assert_false(has_claim(&c, AUDITOR, NODE, &r));
    assert_int_equal(chain_due_count(&c, CROFT_DUE_CLAIM_EXPIRED), 1);
    assert_int_equal(croft_amt_units(c.l->due[0].amount), DEPOSIT);
    assert_int_equal(credits(&c, AUDITOR), CHAIN_CREDIT);
    assert_int_equal(chain_account(&c, AUDITOR).open_records, 0);

    assert_int_equal(chain_do(&c, chain_claim_set(&c, OTHER, NODE, 1, 1000)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_claim_set(&c, OTHER, NODE, 1, 0)), CROFT_OK);
    assert_int_equal(credits(&c, OTHER), CHAIN_CREDIT);
    chain_next(&c, 2000);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_CLAIM_EXPIRED), 0);
    done(&c);
}

/* Before protocol 2 nothing of this is an operation. */
static void test_protocol_1(void **unused)
{
    (void)unused;
    struct chain c;
    chain_make(&c);
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_node_admit(&c, OWNER, NODE)), CROFT_ERR_TX_PROTOCOL);
    assert_int_equal(chain_do(&c, chain_stake_lock(&c, OWNER, 1)), CROFT_ERR_TX_PROTOCOL);
    done(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_admit),           cmocka_unit_test(test_admit_refusals),
        cmocka_unit_test(test_remove_refusals), cmocka_unit_test(test_remove),
        cmocka_unit_test(test_node_takes_itself_out),
        cmocka_unit_test(test_leave),           cmocka_unit_test(test_stake_lock),
        cmocka_unit_test(test_stake_cap),       cmocka_unit_test(test_unlock_refusals),
        cmocka_unit_test(test_unlock_due),      cmocka_unit_test(test_slash),
        cmocka_unit_test(test_exposure),        cmocka_unit_test(test_node_set),
        cmocka_unit_test(test_claim_refusals),  cmocka_unit_test(test_claim_life),
        cmocka_unit_test(test_protocol_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
