/* Goal: changes are made by more than two thirds of the power and by nobody else, and do what was proposed.
 * Method: random validators and votes against a count in 128 bits; each refusal on its edge; each kind of
 * change. */
#include "ledger/test_int.h"

enum { OUTSIDER = 4, SUBJECT = 5, OTHER = 7, NOBODY = 12, LIFE_S = 3600 };

static void govern_network(struct chain *c)
{
    chain_open(c);
    Croft__V1__Genesis *g = chain_genesis(c);
    chain_param(c, g, CROFT_PARAM_BASE_FEE_MIN, 0);
    chain_start(c, g);
    chain_begin(c, 1);
}

static void done(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

static bool is_open(const struct chain *c, u64 id)
{
    u8 key[8];
    croft_key_u64(id, key);
    return croft_state_find(c->l->state, CROFT_TABLE_PROPOSALS, key) != CROFT_SLOT_NONE;
}

/* All three operators; the last vote carries it out. */
static croft_err pass(struct chain *c, Croft__V1__TxBody *proposal)
{
    u64 id = proposal->propose->id;
    assert_int_equal(chain_do(c, proposal), CROFT_OK);
    assert_int_equal(chain_do(c, chain_vote(c, 1, id, true)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_vote(c, 2, id, true)), CROFT_OK);
    assert_true(is_open(c, id)); /* exactly two thirds are not more than two thirds */
    return chain_do(c, chain_vote(c, 3, id, true));
}

/* ---- counting ---- */

enum { VALIDATORS_MAX = 9, OPERATORS = 6 };

struct election {
    u32 validators;
    u32 operator_of[VALIDATORS_MAX];
    u64 power[VALIDATORS_MAX];
    bool voted[CHAIN_ACTORS], yes[CHAIN_ACTORS];
};

static void random_election(struct election *e, struct chain *c, struct croft_rng *rng)
{
    *e = (struct election){.validators = 1 + (u32)croft_rng_below(rng, VALIDATORS_MAX)};
    u64 most = croft_rng_chance(rng, 3) ? (u64)INT64_MAX / 8 / 64 : 4;
    chain_open(c);
    Croft__V1__Genesis *g = chain_genesis(c);
    chain_param(c, g, CROFT_PARAM_BASE_FEE_MIN, 0);
    g->n_validators = 0;
    for (u32 i = 0; i < e->validators; i++) {
        e->operator_of[i] = 1 + (u32)croft_rng_below(rng, OPERATORS);
        e->power[i] = 1 + croft_rng_below(rng, most);
        chain_validator(c, g, CHAIN_KEY_VALIDATOR + i, e->operator_of[i], e->power[i]);
    }
    chain_start(c, g);
    chain_begin(c, 1);
}

static bool operates(const struct election *e, u32 n)
{
    bool any = false;
    for (u32 i = 0; i < e->validators; i++)
        any |= e->operator_of[i] == n;
    return any;
}

static bool has_passed(const struct election *e)
{
    u128 yes = 0, all = 0;
    for (u32 i = 0; i < e->validators; i++) {
        all += e->power[i];
        yes += e->yes[e->operator_of[i]] ? e->power[i] : 0;
    }
    return 3 * yes > 2 * all;
}

static void hold(struct election *e, struct chain *c, struct croft_rng *rng)
{
    bool passed = false;
    assert_int_equal(chain_do(c, chain_propose_param(c, e->operator_of[0], 7, CROFT_PARAM_COST_WRITE, 77)),
                     CROFT_OK);
    for (int i = 0; i < 30; i++) {
        u32 n = 1 + (u32)croft_rng_below(rng, OPERATORS + 1);
        bool yes = !croft_rng_chance(rng, 4);
        croft_err want = !operates(e, n) ? CROFT_ERR_OP_VALIDATOR
                         : passed        ? CROFT_ERR_OP_NOT_FOUND
                         : e->voted[n]   ? CROFT_ERR_OP_VOTED
                                         : CROFT_OK;
        assert_int_equal(chain_do(c, chain_vote(c, n, 7, yes)), want);
        if (want == CROFT_OK) {
            e->voted[n] = true;
            e->yes[n] = yes;
            passed = has_passed(e);
        }
        assert_int_equal(is_open(c, 7), !passed);
    }
    chain_end(c);
    chain_begin(c, 1);
    assert_int_equal(chain_param_of(c, CROFT_PARAM_COST_WRITE), passed ? 77 : 5);
}

static void test_random_elections(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < 40; i++) {
        struct chain c;
        struct election e;
        random_election(&e, &c, &rng);
        hold(&e, &c, &rng);
        done(&c);
    }
}

/* ---- refusals ---- */

static void test_propose_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    u64 most = chain_param_of(&c, CROFT_PARAM_PROPOSAL_MAX_S);
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 1, 1, SUBJECT, 9)), CROFT_OK);
    Croft__V1__TxBody *body = chain_propose_quota(&c, OUTSIDER, 1, SUBJECT, 9);
    assert_int_equal(chain_do(&c, body), CROFT_ERR_OP_VALIDATOR); /* and EXISTS */
    body = chain_propose_quota(&c, 2, 1, SUBJECT, 9);
    body->propose->expires_s = c.now_s;
    assert_int_equal(chain_do(&c, body), CROFT_ERR_OP_EXISTS); /* and TIME */
    body = chain_propose_param(&c, 2, 2, 999, 0);
    body->propose->expires_s = c.now_s;
    assert_int_equal(chain_do(&c, body), CROFT_ERR_OP_TIME); /* and PARAM */
    body = chain_propose_quota(&c, 2, 2, NOBODY, 9);
    body->propose->expires_s = c.now_s + most + 1;
    assert_int_equal(chain_do(&c, body), CROFT_ERR_OP_TIME); /* and NOT_FOUND */
    body = chain_propose_quota(&c, 2, 2, SUBJECT, 9);
    body->propose->expires_s = c.now_s + most;
    assert_int_equal(chain_do(&c, body), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 2, 3, NOBODY, 9)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_transfer(&c, 2, OTHER, 0, chain_balance(&c, 2, 0))), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 2, 3, NOBODY, 9)),
                     CROFT_ERR_OP_NOT_FOUND); /* and DEPOSIT */
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 2, 3, SUBJECT, 9)), CROFT_ERR_OP_DEPOSIT);
    done(&c);
}

/* Costs that are allowed alone, voted one after the other until a vote would no longer fit: the last is refused,
 * also when both were proposed while each was still fine, and also within one block. */
static void test_no_corner(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    assert_int_equal(chain_do(&c, chain_propose_param(&c, 1, 1, CROFT_PARAM_COST_SIGNATURE, 1000000)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_propose_param(&c, 1, 2, CROFT_PARAM_BLOCK_COST_MAX, 100000)), CROFT_OK);
    for (u64 id = 1; id <= 2; id++) {
        assert_int_equal(chain_do(&c, chain_vote(&c, 1, id, true)), CROFT_OK);
        assert_int_equal(chain_do(&c, chain_vote(&c, 2, id, true)), CROFT_OK);
        assert_int_equal(chain_do(&c, chain_vote(&c, 3, id, true)), id == 1 ? CROFT_OK : CROFT_ERR_OP_CORNER);
    }
    assert_int_equal(chain_do(&c, chain_propose_param(&c, 1, 3, CROFT_PARAM_BLOCK_COST_MAX, 100000)),
                     CROFT_ERR_OP_CORNER);
    chain_end(&c);
    chain_begin(&c, 1);
    assert_int_equal(chain_param_of(&c, CROFT_PARAM_COST_SIGNATURE), 1000000);
    assert_int_equal(pass(&c, chain_propose_param(&c, 1, 4, CROFT_PARAM_COST_SIGNATURE, 40)), CROFT_OK);
    done(&c);
}

/* What proposing it answers, without the proposal staying. */
static croft_err try(struct chain *c, Croft__V1__TxBody *body)
{
    croft_mark mark = croft_state_mark(c->l->state);
    croft_err err = chain_do(c, body);
    croft_state_rollback(c->l->state, mark);
    return err;
}

static void test_what_cannot_be_proposed(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    u64 height = c.l->block_height;
    for (size_t i = 0; i < croft_param_count(); i++) {
        const struct croft_param_info *p = croft_param_at(i);
        u64 value[] = {p->low - 1, p->low, p->high, p->high + 1};
        if (p->since > c.l->block_protocol) {
            assert_int_equal(try(&c, chain_propose_param(&c, 1, 4 * i, p->number, p->initial)), CROFT_ERR_OP_PARAM);
            continue;
        }
        for (u32 k = p->low == 0 ? 1 : 0; k < 4; k++) {
            croft_err inside = k == 2 && p->number == CROFT_PARAM_COST_BYTES_16 ? CROFT_ERR_OP_CORNER : CROFT_OK;
            assert_int_equal(try(&c, chain_propose_param(&c, 1, 4 * i + k, p->number, value[k])),
                             k == 0 || k == 3 ? CROFT_ERR_OP_PARAM : inside);
        }
    }
    assert_int_equal(try(&c, chain_propose_param(&c, 1, 900, 0, 1)), CROFT_ERR_OP_PARAM);
    assert_int_equal(try(&c, chain_propose_param(&c, 1, 900, (u32)croft_param_count() + 1, 1)),
                     CROFT_ERR_OP_PARAM);
    assert_int_equal(try(&c, chain_propose_protocol(&c, 1, 900, 1, height)),
                     CROFT_ERR_OP_PARAM); /* and TIME */
    assert_int_equal(try(&c, chain_propose_protocol(&c, 1, 900, 2, height)), CROFT_ERR_OP_TIME);
    assert_int_equal(try(&c, chain_propose_issuer(&c, 1, 900, NOBODY, 0, 5)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(try(&c, chain_propose_validator(&c, 1, 900, 1, NOBODY, 5)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(try(&c, chain_propose_validator(&c, 1, 900, 1, NOBODY, 0)),
                     CROFT_OK); /* removes whom it is not */
    done(&c);
}

/* A network of credits only has no issuers of CROFT. */
static void test_no_token(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = chain_genesis(&c);
    g->token = (char *)(uintptr_t) "none";
    g->n_issuers = 1;
    for (size_t i = 0; i < g->n_grants; i++)
        g->grants[i]->asset = CROFT_ASSET_CREDIT;
    chain_start(&c, g);
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_propose_issuer(&c, 1, 1, NOBODY, CROFT_ASSET_CROFT, 5)),
                     CROFT_ERR_OP_PARAM);
    assert_int_equal(chain_do(&c, chain_propose_issuer(&c, 1, 1, SUBJECT, CROFT_ASSET_CREDIT, 5)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_transfer(&c, 4, 5, CROFT_ASSET_CROFT, 1)), CROFT_ERR_OP_FUNDS);
    done(&c);
}

static void test_vote_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    assert_int_equal(chain_do(&c, chain_vote(&c, OUTSIDER, 1, true)),
                     CROFT_ERR_OP_VALIDATOR); /* and NOT_FOUND */
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 1, true)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 1, 1, SUBJECT, 9)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 1, false)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 1, true)), CROFT_ERR_OP_VOTED);
    done(&c);
}

/* ---- what passes ---- */

static void test_changes(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    assert_int_equal(pass(&c, chain_propose_issuer(&c, 1, 1, SUBJECT, 0, 500)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_issue(&c, SUBJECT, OTHER, 0, 501)), CROFT_ERR_OP_ISSUER_CAP);
    assert_int_equal(chain_do(&c, chain_issue(&c, SUBJECT, OTHER, 0, 500)), CROFT_OK);
    assert_int_equal(pass(&c, chain_propose_issuer(&c, 1, 1, SUBJECT, 0, 100)),
                     CROFT_OK); /* below what is out */
    assert_int_equal(chain_do(&c, chain_issue(&c, SUBJECT, OTHER, 0, 1)), CROFT_ERR_OP_ISSUER_CAP);
    assert_int_equal(chain_do(&c, chain_redeem(&c, OTHER, SUBJECT, 0, 401)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_issue(&c, SUBJECT, OTHER, 0, 1)), CROFT_OK);
    assert_int_equal(pass(&c, chain_propose_quota(&c, 1, 1, SUBJECT, 1234)), CROFT_OK);
    assert_int_equal(chain_account(&c, SUBJECT).quota_per_day, 1234);
    assert_int_equal(pass(&c, chain_propose_param(&c, 1, 1, CROFT_PARAM_DEPOSIT_RECORD, 55)), CROFT_OK);
    assert_int_equal(chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD), 10000000); /* from the next block on */
    chain_end(&c);
    assert_int_equal(chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD), 55); /* for checks between blocks too */
    chain_begin(&c, 0);
    assert_int_equal(chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD), 55);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_DEPOSITS, 0), 0); /* every proposal's deposit went back */
    done(&c);
}

/* Votes of an earlier proposal of the same number do not count, and a new one starts from nothing. */
static void test_number_used_again(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 1, 1, SUBJECT, 9)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 1, true)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 2, 1, true)), CROFT_OK);
    chain_end(&c);
    chain_begin(&c, LIFE_S);
    assert_false(is_open(&c, 1)); /* its time is over */
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_VOTES), 0);
    assert_int_equal(chain_balance(&c, 1, 0), CHAIN_CREDIT);
    assert_int_equal(pass(&c, chain_propose_quota(&c, 1, 1, SUBJECT, 10)), CROFT_OK);
    done(&c);
}

static void test_validators_change(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    /* One more for operator 1; the fourth's vote is not needed then. */
    assert_int_equal(pass(&c, chain_propose_validator(&c, 1, 1, 50, 1, 25)), CROFT_OK); /* 35 of 55 */
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 1, 2, SUBJECT, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 2, true)), CROFT_OK);
    assert_true(is_open(&c, 2));
    assert_int_equal(chain_do(&c, chain_vote(&c, 2, 2, true)), CROFT_OK);
    assert_false(is_open(&c, 2));

    /* The same key for another operator: the vote that operator 1 has cast loses that power. */
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 1, 3, SUBJECT, 2)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 3, true)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_propose_validator(&c, 1, 4, 50, OUTSIDER, 25)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 4, true)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 2, 4, true)), CROFT_OK);
    assert_int_equal(chain_account(&c, OUTSIDER).open_records, 1);
    assert_int_equal(chain_do(&c, chain_vote(&c, 2, 3, true)), CROFT_OK);
    assert_true(is_open(&c, 3)); /* 20 of 55 */
    assert_int_equal(chain_do(&c, chain_vote(&c, OUTSIDER, 3, true)), CROFT_OK);
    assert_false(is_open(&c, 3));
    done(&c);
}

/* What a validator that is gone has voted does not count, and its operator has no say. */
static void test_validator_removed(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 3, 1, SUBJECT, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 3, 1, true)), CROFT_OK);
    assert_int_equal(pass(&c, chain_propose_validator(&c, 1, 2, CHAIN_KEY_VALIDATOR + 2, 3, 0)), CROFT_OK);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_VALIDATORS), 2);
    assert_int_equal(chain_do(&c, chain_vote(&c, 3, 1, true)), CROFT_ERR_OP_VALIDATOR);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 1, true)), CROFT_OK);
    assert_true(is_open(&c, 1)); /* 10 of 20 */
    assert_int_equal(chain_do(&c, chain_vote(&c, 2, 1, true)), CROFT_OK);
    assert_false(is_open(&c, 1));
    assert_int_equal(chain_account(&c, 3).open_records, 0); /* may close now */
    done(&c);
}

static void test_last_validator_stays(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    assert_int_equal(pass(&c, chain_propose_validator(&c, 1, 1, CHAIN_KEY_VALIDATOR + 2, 3, 0)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_propose_validator(&c, 1, 2, CHAIN_KEY_VALIDATOR + 1, 2, 0)),
                     CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 2, true)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 2, 2, true)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_propose_validator(&c, 1, 3, CHAIN_KEY_VALIDATOR, 1, 0)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 3, true)), CROFT_ERR_OP_VALIDATOR);
    assert_true(is_open(&c, 3)); /* the vote failed whole */
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_VALIDATORS), 1);
    assert_int_equal(chain_do(&c, chain_propose_validator(&c, 1, 4, 999, 1, 0)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 4, true)), CROFT_ERR_OP_NOT_FOUND);
    done(&c);
}

/* What was proposed may have become impossible by the time of the vote. */
static void test_too_late_to_pass(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    u64 height = c.l->block_height;
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 1, 1, OTHER, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_propose_issuer(&c, 1, 2, OTHER, 0, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_propose_validator(&c, 1, 3, 900, OTHER, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_propose_protocol(&c, 1, 4, 2, height + 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_transfer(&c, OTHER, SUBJECT, 0, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_close(&c, OTHER, SUBJECT)), CROFT_OK);
    chain_end(&c);
    chain_begin(&c, 1);
    for (u64 id = 1; id <= 4; id++) {
        assert_int_equal(chain_do(&c, chain_vote(&c, 1, id, true)), CROFT_OK);
        assert_int_equal(chain_do(&c, chain_vote(&c, 2, id, true)), CROFT_OK);
        assert_int_equal(chain_do(&c, chain_vote(&c, 3, id, true)),
                         id == 4 ? CROFT_ERR_OP_TIME : CROFT_ERR_OP_NOT_FOUND);
    }
    done(&c);
}

static void test_too_many_validators(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = chain_genesis(&c);
    g->validators[0]->power = 1000;
    for (u32 i = CHAIN_OPERATORS; i < 64; i++)
        chain_validator(&c, g, CHAIN_KEY_VALIDATOR + i, 3, 1);
    chain_start(&c, g);
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_propose_validator(&c, 1, 1, 50, SUBJECT, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_vote(&c, 1, 1, true)), CROFT_ERR_OP_FULL);
    assert_int_equal(chain_account(&c, SUBJECT).open_records, 0);
    done(&c);
}

/* One operator cannot keep the others from proposing. */
static void test_too_many_proposals(void **unused)
{
    (void)unused;
    struct chain c;
    govern_network(&c);
    for (u64 id = 0; id < CROFT_PROPOSALS_OPEN_MAX; id++)
        assert_int_equal(chain_do(&c, chain_propose_quota(&c, 1, id, SUBJECT, 1)), CROFT_OK);
    u64 left = chain_balance(&c, 1, 0);
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 1, 99, SUBJECT, 1)), CROFT_ERR_OP_LIMIT);
    assert_int_equal(chain_balance(&c, 1, 0), left);
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 2, 99, SUBJECT, 1)), CROFT_OK);
    for (u32 n = 1; n <= 3; n++)
        assert_int_equal(chain_do(&c, chain_vote(&c, n, 0, true)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_propose_quota(&c, 1, 100, SUBJECT, 1)), CROFT_OK);
    done(&c);
}

/* ---- a protocol that this release does not know ---- */

static void test_protocol(void **unused)
{
    (void)unused;
    struct chain c;
    struct croft_why why;
    govern_network(&c);
    u64 height = c.l->block_height + 3;
    assert_int_equal(pass(&c, chain_propose_protocol(&c, 1, 1, CROFT_PROTOCOL_MAX + 1, height)), CROFT_OK);
    chain_end(&c);
    for (u64 h = croft_ledger_height(c.l) + 1; h < height; h++) {
        chain_begin(&c, 1);
        assert_int_equal(chain_do(&c, chain_transfer(&c, 4, 5, 0, 1)), CROFT_OK);
        chain_end(&c);
        assert_int_equal(c.end.protocol, CROFT_PROTOCOL_MIN);
    }
    struct croft_hash before = chain_digest(&c), root = croft_ledger_app_hash(c.l);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(croft_ledger_block_begin(c.l, height, c.now_s + 5000, &why), CROFT_ERR_PROTOCOL);
        assert_non_null(strstr(why.text, "v9.8.7"));
        struct croft_hash after = chain_digest(&c), root_after = croft_ledger_app_hash(c.l);
        assert_memory_equal(before.b, after.b, sizeof after.b);
        assert_memory_equal(root.b, root_after.b, sizeof root.b);
        assert_int_equal(croft_ledger_height(c.l), height - 1);
        assert_int_equal(c.l->phase, CROFT_PHASE_IDLE);
    }
    chain_audit(&c);
    chain_stop(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_elections),        cmocka_unit_test(test_propose_refusals),
        cmocka_unit_test(test_what_cannot_be_proposed), cmocka_unit_test(test_no_token),
        cmocka_unit_test(test_no_corner),
        cmocka_unit_test(test_vote_refusals),           cmocka_unit_test(test_changes),
        cmocka_unit_test(test_number_used_again),       cmocka_unit_test(test_validators_change),
        cmocka_unit_test(test_validator_removed),       cmocka_unit_test(test_last_validator_stays),
        cmocka_unit_test(test_too_late_to_pass),        cmocka_unit_test(test_too_many_validators),
        cmocka_unit_test(test_too_many_proposals),      cmocka_unit_test(test_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
