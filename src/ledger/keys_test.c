/* Goal: keys change as their owner says and in no way that locks the owner out by one step, a guardian helps
 * after the delay and not before, and nothing that an account ever signed counts twice, whatever became of
 * its keys. Method: each refusal on its edge; a random life of one account in which everything it ever signed
 * is tried again after every block. */
#include "ledger/script_int.h"

enum { OWNER = 4, FRIEND = 5, GUARDIAN = 6, OTHER = 7, NOBODY = 12, DELAY_S = 7200, KEPT_MAX = 2000 };
enum { ALL = CROFT_SCOPES_ALL };

static void key_network(struct chain *c)
{
    chain_open(c);
    Croft__V1__Genesis *g = chain_genesis(c);
    chain_param(c, g, CROFT_PARAM_BASE_FEE_MIN, 0);
    chain_param(c, g, CROFT_PARAM_RECOVER_DELAY_MIN_S, 3600);
    chain_start(c, g);
    chain_begin(c, 1);
}

static void done(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

static croft_err add(struct chain *c, u32 number, u32 weight, u32 scopes)
{
    return chain_do(c, chain_key_add(c, OWNER, chain_key(&c->scratch, number, weight, scopes)));
}

/* ---- adding, revoking, rotating ---- */

static void test_add_until_full(void **unused)
{
    (void)unused;
    struct chain c;
    key_network(&c);
    for (u32 i = 1; i < CROFT_KEYS_MAX; i++)
        assert_int_equal(add(&c, 32 + i, i, ALL), CROFT_OK);
    assert_int_equal(add(&c, 99, 1, ALL), CROFT_ERR_OP_KEYS);
    assert_int_equal(chain_do(&c, chain_key_revoke(&c, OWNER, 3)), CROFT_OK);
    assert_int_equal(add(&c, 34, 1, ALL), CROFT_ERR_OP_KEYS); /* is there already */
    assert_int_equal(add(&c, 99, 1, ALL), CROFT_OK);
    struct croft_account_record r = chain_account(&c, OWNER);
    struct croft_secret_key secret = chain_secret(99);
    assert_memory_equal(r.key[3].public_key, croft_public_key_of(&secret).b, 32); /* the free place */
    done(&c);
}

/* A new key may not make a scope exist that its holders cannot reach. */
static void test_add_unreachable_scope(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__KeySet *set = chain_key_set(&c.keep, 32, 1, 1);
    set->keys[0]->scopes = ALL & ~(1u << CROFT_SCOPE_TRADE);
    set->thresholds.data[CROFT_SCOPE_TRADE] = 3;
    chain_set_actor(&c, OWNER, set);
    chain_start(&c, chain_genesis(&c));
    chain_begin(&c, 1);
    assert_int_equal(add(&c, 33, 2, 1u << CROFT_SCOPE_TRADE), CROFT_ERR_OP_KEYS);
    assert_int_equal(add(&c, 33, 3, 1u << CROFT_SCOPE_TRADE), CROFT_OK);
    done(&c);
}

static void test_revoke(void **unused)
{
    (void)unused;
    struct chain c;
    key_network(&c);
    assert_int_equal(chain_do(&c, chain_key_revoke(&c, OWNER, 0)),
                     CROFT_ERR_OP_KEYS); /* nobody would be left */
    assert_int_equal(chain_do(&c, chain_key_revoke(&c, OWNER, 1)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(add(&c, 33, 1, ALL), CROFT_OK);
    assert_int_equal(add(&c, 34, 1, 1u << CROFT_SCOPE_PAY), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_key_revoke(&c, OWNER, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_key_revoke(&c, OWNER, 1)), CROFT_ERR_OP_NOT_FOUND);
    const struct chain_signer gone = {1, 33}, pays = {2, 34};
    assert_int_equal(chain_do_as(&c, chain_transfer(&c, OWNER, FRIEND, 0, 1), &gone, 1), CROFT_ERR_TX_KEY);
    Croft__V1__TxBody *body = chain_key_revoke(&c, OWNER, 0);
    body->nonce = chain_nonce(&c, OWNER, 2);
    assert_int_equal(chain_do_as(&c, body, &pays, 1), CROFT_ERR_TX_SCOPE);
    assert_int_equal(chain_do(&c, chain_key_revoke(&c, OWNER, 2)), CROFT_OK);
    assert_int_equal(chain_account(&c, OWNER).key_count, 1); /* free places at the end are not stored */
    done(&c);
}

static void test_rotate(void **unused)
{
    (void)unused;
    struct chain c;
    key_network(&c);
    assert_int_equal(add(&c, 33, 2, ALL), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_key_rotate(&c, OWNER, 2, 33)), CROFT_ERR_OP_NOT_FOUND); /* and KEYS */
    assert_int_equal(chain_do(&c, chain_key_rotate(&c, OWNER, 1, 33)), CROFT_ERR_OP_KEYS);
    assert_int_equal(chain_do(&c, chain_key_rotate(&c, OWNER, 1, 32)), CROFT_ERR_OP_KEYS);
    assert_int_equal(chain_do(&c, chain_key_rotate(&c, OWNER, 1, 35)), CROFT_OK);
    struct croft_account_record r = chain_account(&c, OWNER);
    assert_int_equal(r.key[1].weight, 2); /* all but the key stays */
    const struct chain_signer old = {1, 33}, new = {1, 35};
    Croft__V1__TxBody *body = chain_transfer(&c, OWNER, FRIEND, 0, 1);
    body->nonce = chain_nonce(&c, OWNER, 1);
    assert_int_equal(chain_do_as(&c, body, &old, 1), CROFT_ERR_TX_SIGNATURE);
    assert_int_equal(chain_do_as(&c, body, &new, 1), CROFT_OK);
    done(&c);
}

static void test_key_thresholds(void **unused)
{
    (void)unused;
    struct chain c;
    key_network(&c);
    assert_int_equal(chain_do(&c, chain_key_thresholds(&c, OWNER, 2)), CROFT_ERR_OP_KEYS);
    assert_int_equal(add(&c, 33, 1, ALL), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_key_thresholds(&c, OWNER, 3)), CROFT_ERR_OP_KEYS);
    assert_int_equal(chain_do(&c, chain_key_thresholds(&c, OWNER, 2)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_transfer(&c, OWNER, FRIEND, 0, 1)), CROFT_ERR_TX_SCOPE);
    const struct chain_signer both[] = {{0, 32}, {1, 33}};
    assert_int_equal(chain_do_as(&c, chain_transfer(&c, OWNER, FRIEND, 0, 1), both, 2), CROFT_OK);
    assert_int_equal(chain_do_as(&c, chain_key_revoke(&c, OWNER, 1), both, 2), CROFT_ERR_OP_KEYS);
    done(&c);
}

/* ---- guardian ---- */

static void test_set_guardian(void **unused)
{
    (void)unused;
    struct chain c;
    key_network(&c);
    u64 least = chain_param_of(&c, CROFT_PARAM_RECOVER_DELAY_MIN_S),
        most = chain_param_of(&c, CROFT_PARAM_PENDING_MAX_S);
    assert_int_equal(chain_do(&c, chain_set_guardian(&c, OWNER, NOBODY, least - 1)),
                     CROFT_ERR_OP_TIME); /* and NOT_FOUND */
    assert_int_equal(chain_do(&c, chain_set_guardian(&c, OWNER, NOBODY, most + 1)), CROFT_ERR_OP_TIME);
    assert_int_equal(chain_do(&c, chain_set_guardian(&c, OWNER, NOBODY, least)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_set_guardian(&c, OWNER, GUARDIAN, least)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_set_guardian(&c, OWNER, GUARDIAN, most)), CROFT_OK);
    assert_int_equal(chain_account(&c, OWNER).recover_delay_s, most);
    assert_int_equal(chain_do(&c, chain_set_guardian(&c, OWNER, CHAIN_ACTORS, 5)), CROFT_OK);
    struct croft_account_record r = chain_account(&c, OWNER);
    assert_true(croft_address_is_system(&r.guardian) && r.recover_delay_s == 0);
    done(&c);
}

static void test_recover_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    key_network(&c);
    Croft__V1__KeySet *set = chain_key_set(&c.keep, 60, 2, 2);
    assert_int_equal(chain_do(&c, chain_recover_start(&c, GUARDIAN, NOBODY, set)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_recover_start(&c, GUARDIAN, OWNER, set)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_recover_cancel(&c, OWNER)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_set_guardian(&c, OWNER, GUARDIAN, DELAY_S)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_recover_start(&c, OTHER, OWNER, set)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_recover_start(&c, GUARDIAN, OWNER, set)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_recover_start(&c, OTHER, OWNER, set)),
                     CROFT_ERR_OP_NOT_YOURS); /* and EXISTS */
    assert_int_equal(chain_do(&c, chain_transfer(&c, GUARDIAN, OTHER, 0, chain_balance(&c, GUARDIAN, 0))),
                     CROFT_OK);
    assert_int_equal(chain_do(&c, chain_recover_start(&c, GUARDIAN, OWNER, set)),
                     CROFT_ERR_OP_EXISTS); /* and DEPOSIT */
    assert_int_equal(chain_do(&c, chain_recover_cancel(&c, OWNER)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_transfer(&c, GUARDIAN, OTHER, 0, chain_balance(&c, GUARDIAN, 0))),
                     CROFT_OK);
    assert_int_equal(chain_do(&c, chain_recover_start(&c, GUARDIAN, OWNER, set)), CROFT_ERR_OP_DEPOSIT);
    assert_int_equal(chain_account(&c, OWNER).open_records, 0);
    assert_int_equal(chain_account(&c, GUARDIAN).open_records, 0);
    done(&c);
}

static void test_recovery(void **unused)
{
    (void)unused;
    struct chain c;
    key_network(&c);
    Croft__V1__KeySet *set = chain_key_set(&c.keep, 60, 2, 2);
    assert_int_equal(chain_do(&c, chain_set_guardian(&c, OWNER, GUARDIAN, DELAY_S)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_recover_start(&c, GUARDIAN, OWNER, set)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_close(&c, OWNER, FRIEND)), CROFT_ERR_OP_NOT_EMPTY);
    assert_int_equal(chain_do(&c, chain_close(&c, GUARDIAN, FRIEND)), CROFT_ERR_OP_NOT_EMPTY);
    chain_end(&c);
    chain_begin(&c, DELAY_S - 1);
    assert_int_equal(chain_do(&c, chain_transfer(&c, OWNER, FRIEND, 0, 1)),
                     CROFT_OK); /* the old key still works */
    chain_end(&c);
    chain_begin(&c, 1);
    assert_int_equal(c.l->due_count, 1);
    assert_int_equal(chain_do(&c, chain_transfer(&c, OWNER, FRIEND, 0, 1)), CROFT_ERR_TX_SCOPE);
    const struct chain_signer both[] = {{0, 60}, {1, 61}};
    assert_int_equal(chain_do_as(&c, chain_transfer(&c, OWNER, FRIEND, 0, 1), both, 2), CROFT_OK);
    assert_int_equal(chain_balance(&c, GUARDIAN, 0), CHAIN_CREDIT); /* the deposit is back */
    done(&c);
}

/* ---- closing ---- */

static void test_close_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    key_network(&c);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, OWNER, 1, FRIEND, 5, 50)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_close(&c, OWNER, NOBODY)),
                     CROFT_ERR_OP_NOT_EMPTY); /* and NOT_FOUND */
    assert_int_equal(chain_do(&c, chain_pending_void(&c, FRIEND, OWNER, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_close(&c, OWNER, NOBODY)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_transfer(&c, FRIEND, NOBODY, 0, 9)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_close(&c, NOBODY, OTHER)),
                     CROFT_ERR_OP_TIME); /* opened in this second */
    assert_int_equal(chain_do(&c, chain_close(&c, 1, OTHER)), CROFT_ERR_OP_NOT_EMPTY); /* runs a validator */
    assert_int_equal(chain_do(&c, chain_close(&c, CHAIN_ISSUER, OTHER)), CROFT_ERR_OP_NOT_EMPTY);
    chain_end(&c);
    chain_begin(&c, 1);
    u64 deposit = chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    assert_int_equal(chain_do(&c, chain_close(&c, NOBODY, OTHER)), CROFT_OK);
    assert_int_equal(c.receipt.value, 9);
    assert_false(chain_has(&c, NOBODY));
    assert_int_equal(chain_balance(&c, OTHER, 0), CHAIN_CREDIT + 9 + deposit);
    Croft__V1__Key *spare = chain_key_set(&c.keep, 700, 1, 1)->keys[0];
    assert_int_equal(chain_do(&c, chain_key_add(&c, OWNER, spare)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_close(&c, OWNER, OTHER)), CROFT_ERR_OP_KEYS_CHANGED);
    assert_int_equal(chain_do(&c, chain_key_revoke(&c, OWNER, chain_account(&c, OWNER).key_count - 1U)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_close(&c, OWNER, OTHER)), CROFT_OK);
    assert_int_equal(chain_balance(&c, OTHER, CROFT_ASSET_CROFT), 2 * CHAIN_CROFT);
    done(&c);
}

/* ---- nothing counts twice ---- */

struct life {
    struct chain c;
    struct croft_rng rng;
    struct script script;
    struct croft_bytes kept[KEPT_MAX]; /* what got into a block, in keep */
    u32 kept_count;
    u32 events[4]; /* recoveries, closings, revocations, rotations that worked */
};

static void keep(struct life *f, const struct croft_tx *tx)
{
    assert_true(f->kept_count < KEPT_MAX);
    ProtobufCBinaryData copy = chain_bytes(&f->c.keep, tx->bytes.at, tx->bytes.len);
    f->kept[f->kept_count++] = (struct croft_bytes){copy.data, copy.len};
}

/* Signs with as many of the owner's present keys as it takes, valid as long as the network allows. */
static croft_err act(struct life *f, Croft__V1__TxBody *body)
{
    struct croft_tx tx;
    struct chain_signer signer[CROFT_KEYS_MAX];
    u32 n = chain_actor_of(&f->c, body);
    u32 count = script_signers(&f->c, &f->script, body, signer);
    body->valid_until_s = f->c.now_s + chain_param_of(&f->c, CROFT_PARAM_VALID_UNTIL_MAX_S);
    body->nonce = chain_nonce(&f->c, n, signer[0].place) + croft_rng_below(&f->rng, 4);
    croft_err err = chain_sign(&f->c, body, signer, count, &tx);
    assert_int_equal(err, CROFT_OK);
    err = chain_put(&f->c, &tx);
    if (err == CROFT_OK || err >= CROFT_ERR_OP_FUNDS)
        keep(f, &tx);
    return err;
}

static Croft__V1__Key *some_key(struct life *f)
{
    u32 scopes = croft_rng_chance(&f->rng, 3) ? 1 + (u32)croft_rng_below(&f->rng, ALL) : ALL;
    return chain_key(&f->c.scratch, 8 * OWNER + (u32)croft_rng_below(&f->rng, 6), 1, scopes);
}

static void step(struct life *f)
{
    struct chain *c = &f->c;
    u32 place = (u32)croft_rng_below(&f->rng, 4), number = 8 * OWNER + (u32)croft_rng_below(&f->rng, 6);
    if (!chain_has(c, OWNER)) {
        assert_int_equal(chain_do(c, chain_transfer(c, OTHER, OWNER, 0, 1000000000)), CROFT_OK);
        return;
    }
    switch (croft_rng_below(&f->rng, 12)) {
    case 0:
        (void)!act(f, chain_key_add(c, OWNER, some_key(f)));
        break;
    case 1:
        f->events[2] += act(f, chain_key_revoke(c, OWNER, place)) == CROFT_OK;
        break;
    case 2:
        f->events[3] += act(f, chain_key_rotate(c, OWNER, place, number)) == CROFT_OK;
        break;
    case 3:
        (void)!act(f, chain_key_thresholds(c, OWNER, (u8)(1 + croft_rng_below(&f->rng, 2))));
        break;
    case 4:
        f->events[1] += croft_rng_chance(&f->rng, 3) && act(f, chain_close(c, OWNER, OTHER)) == CROFT_OK;
        break;
    case 5:
        (void)!act(f, chain_set_guardian(c, OWNER, GUARDIAN, 3600));
        break;
    case 6:
        (void)!chain_do(c, chain_recover_start(c, GUARDIAN, OWNER, chain_key_set(&c->scratch, number, 2, 1)));
        break;
    default:
        (void)!act(f, chain_transfer(c, OWNER, FRIEND, 0, 1 + croft_rng_below(&f->rng, 1000)));
        break;
    }
}

/* Nothing that was in a block gets into one again. */
static void replay_all(struct life *f)
{
    struct croft_hash before = chain_digest(&f->c);
    for (u32 i = 0; i < f->kept_count; i++) {
        struct croft_tx tx;
        struct croft_arena scratch = f->c.scratch;
        assert_int_equal(croft_tx_decode(f->kept[i], &f->c.network, &scratch, &tx), CROFT_OK);
        croft_err err = chain_put(&f->c, &tx);
        assert_true(err >= CROFT_ERR_TX_SIZE && err < CROFT_ERR_OP_FUNDS);
    }
    struct croft_hash after = chain_digest(&f->c);
    assert_memory_equal(before.b, after.b, sizeof after.b);
}

/* closes_early: in the first block, while the keys are still those of the address. */
static void one_life(struct croft_rng *rng, bool closes_early, u32 events[4])
{
    static struct life f;
    static u8 bytes[1 << 14];
    memset(&f, 0, sizeof f);
    f.rng = *rng;
    croft_rng_fill(&f.rng, bytes, sizeof bytes);
    f.script = (struct script){bytes, bytes + sizeof bytes};
    key_network(&f.c);
    for (int block = 0; block < 100; block++) {
        if (closes_early && block == 1)
            f.events[1] += act(&f, chain_close(&f.c, OWNER, OTHER)) == CROFT_OK;
        for (u64 i = croft_rng_below(&f.rng, 6); i > 0 && (!closes_early || block > 0); i--)
            step(&f);
        replay_all(&f);
        chain_end(&f.c);
        chain_begin(&f.c, croft_rng_chance(&f.rng, 5) ? 3600 : 1 + croft_rng_below(&f.rng, 3));
        f.events[0] += f.c.l->due_count;
        replay_all(&f);
    }
    done(&f.c);
    for (int i = 0; i < 4; i++)
        events[i] += f.events[i];
    *rng = f.rng;
}

static void test_nothing_counts_twice(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    u32 events[4] = {0};
    for (int i = 0; i < 8; i++)
        one_life(&rng, i % 2 == 0, events);
    for (int i = 0; i < 4; i++)
        assert_true(events[i] > 0);
}

/* An account that is closed and opened again starts above everything it ever signed. */
static void test_reopened_account(void **unused)
{
    (void)unused;
    struct chain c;
    key_network(&c);
    Croft__V1__TxBody *body = chain_transfer(&c, OWNER, FRIEND, 0, 1);
    u64 first = body->nonce;
    assert_int_equal(chain_do(&c, body), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_close(&c, OWNER, OTHER)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_transfer(&c, OTHER, OWNER, 0, 1000000000)), CROFT_OK);
    assert_true(chain_account(&c, OWNER).nonce_floor >= first + CROFT_REPLAY_WINDOW);
    body = chain_transfer(&c, OWNER, FRIEND, 0, 1); /* the keys have to be shown again */
    assert_non_null(body->key_set);
    assert_int_equal(chain_do(&c, body), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_close(&c, OWNER, OTHER)),
                     CROFT_ERR_OP_TIME); /* not twice in a second */
    done(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_until_full),   cmocka_unit_test(test_add_unreachable_scope),
        cmocka_unit_test(test_revoke),           cmocka_unit_test(test_rotate),
        cmocka_unit_test(test_key_thresholds),   cmocka_unit_test(test_set_guardian),
        cmocka_unit_test(test_recover_refusals), cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_close_refusals),   cmocka_unit_test(test_nothing_counts_twice),
        cmocka_unit_test(test_reopened_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
