/* Goal: a block that is taken back leaves nothing, a ledger that is stored and loaded goes on as the one it
 * came from, and audit finds what was tampered with. Method: random chains (script_int.h) whose blocks are
 * undone at random points; the same block on a loaded copy. */
#include "ledger/script_int.h"

enum { CHAINS = 6, BLOCKS = 120, SCRIPT_BYTES = 1 << 16 };

/* A ledger of its own in region, filled with the records and the meta of c's. */
static void copy_ledger(const struct chain *c, struct chain *out)
{
    static u8 meta[CROFT_LEDGER_META_MAX];
    struct croft_hash id = {{7}}, got;
    struct croft_why why;
    chain_open(out);
    chain_init_ledger(out);
    out->now_s = c->now_s;
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        for (u32 slot = 0; slot < croft_state_high(c->l->state, t); slot++) {
            struct croft_bytes key = croft_state_key(c->l->state, t, slot);
            if (key.at == NULL)
                continue;
            croft_err err = croft_ledger_load(out->l, t, slot, key, croft_state_value(c->l->state, t, slot));
            assert_int_equal(err, CROFT_OK);
        }
    size_t len = croft_ledger_save_meta(c->l, &id, meta);
    croft_err err = croft_ledger_load_meta(out->l, (struct croft_bytes){meta, len}, &c->network, &got, &why);
    assert_int_equal(err, CROFT_OK);
    assert_memory_equal(got.b, id.b, sizeof id.b);
}

struct before {
    struct croft_hash digest, app_hash, named[CROFT_ROOT_COUNT];
    u64 height, time_s, due_s, fee;
};

static struct before look(const struct chain *c)
{
    struct before b = {.digest = chain_digest(c),
                       .app_hash = croft_ledger_app_hash(c->l),
                       .height = croft_ledger_height(c->l),
                       .time_s = croft_ledger_time_s(c->l),
                       .due_s = croft_ledger_next_due_s(c->l),
                       .fee = c->l->block_base_fee};
    croft_ledger_named_roots(c->l, b.named);
    return b;
}

static void expect_same(const struct before *a, const struct before *b)
{
    assert_memory_equal(a->digest.b, b->digest.b, sizeof a->digest.b);
    assert_memory_equal(a->app_hash.b, b->app_hash.b, sizeof a->app_hash.b);
    assert_memory_equal(a->named, b->named, sizeof a->named);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->time_s, b->time_s);
    assert_int_equal(a->due_s, b->due_s);
    assert_int_equal(a->fee, b->fee);
}

/* Runs count transactions of the script in the open block. */
static void run(struct chain *c, struct script *s, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        struct croft_tx tx;
        if (script_tx(c, s, &tx) == CROFT_OK) {
            croft_err err = chain_put(c, &tx);
            assert_true(err == CROFT_OK || (err >= 200 && err < 400));
        }
    }
}

static void undone_block(struct chain *c, struct script *s)
{
    u64 now_s = c->now_s;
    struct before before = look(c);
    chain_begin(c, script_pause(s));
    run(c, s, script_below(s, 12));
    if (script_below(s, 2))
        croft_ledger_block_end(c->l, &c->end);
    croft_ledger_block_undo(c->l);
    c->now_s = now_s;
    struct before after = look(c);
    expect_same(&before, &after);
    chain_audit(c);
}

/* Everything that has a time comes due at once: the order shows the whole index. */
static void expect_same_dues(struct chain *c)
{
    struct chain copy;
    u64 now_s = c->now_s;
    copy_ledger(c, &copy);
    chain_begin(c, UINT64_C(1) << 33);
    chain_begin(&copy, UINT64_C(1) << 33);
    croft_ledger_block_end(c->l, &c->end);
    croft_ledger_block_end(copy.l, &copy.end);
    assert_int_equal(c->end.due_count, copy.end.due_count);
    for (u32 i = 0; i < c->end.due_count; i++) {
        assert_int_equal(c->end.due[i].kind, copy.end.due[i].kind);
        assert_memory_equal(c->end.due[i].key, copy.end.due[i].key, CROFT_RECORD_KEY_MAX);
    }
    assert_memory_equal(c->end.app_hash.b, copy.end.app_hash.b, sizeof copy.end.app_hash.b);
    croft_ledger_block_undo(c->l);
    c->now_s = now_s;
    chain_stop(&copy);
}

static bool protocol_is_known(const struct chain *c)
{
    struct croft_chain_record r = croft_ledger_chain(c->l);
    return r.next_protocol == 0 || croft_ledger_height(c->l) + 1 < r.next_height;
}

static void random_chain(struct croft_rng *rng)
{
    static u8 bytes[SCRIPT_BYTES];
    struct chain c;
    croft_rng_fill(rng, bytes, sizeof bytes);
    struct script s = {bytes, bytes + sizeof bytes};
    script_open(&c, &s);
    for (int block = 0; block < BLOCKS && protocol_is_known(&c); block++) {
        undone_block(&c, &s);
        if (block % 10 == 0)
            expect_same_dues(&c);
        chain_begin(&c, script_pause(&s));
        run(&c, &s, script_below(&s, 24));
        chain_end(&c);
    }
    assert_false(script_is_over(&s));
    chain_stop(&c);
}

static void test_undone_blocks(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < CHAINS; i++)
        random_chain(&rng);
}

/* A stored and loaded ledger makes the same blocks. */
static void test_loaded_goes_on(void **unused)
{
    (void)unused;
    static u8 bytes[SCRIPT_BYTES];
    struct chain c, copy;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    croft_rng_fill(&rng, bytes, sizeof bytes);
    struct script s = {bytes, bytes + sizeof bytes}, again;
    script_open(&c, &s);
    croft_ledger_trust_signatures(c.l, true);
    for (int block = 0; block < 80 && protocol_is_known(&c); block++) {
        copy_ledger(&c, &copy);
        memcpy(copy.actor, c.actor, sizeof copy.actor);
        copy.network = c.network;
        croft_ledger_trust_signatures(copy.l, true);
        again = s;
        chain_begin(&c, script_pause(&s));
        chain_begin(&copy, script_pause(&again));
        u32 count = script_below(&s, 24);
        run(&c, &s, count);
        run(&copy, &again, script_below(&again, 24));
        chain_end(&c);
        chain_end(&copy);
        struct before one = look(&c), two = look(&copy);
        expect_same(&one, &two);
        chain_stop(&copy);
    }
    chain_stop(&c);
}

/* An empty block changes no root, whatever it does to height and time. */
static void test_empty_block(void **unused)
{
    (void)unused;
    struct chain c;
    chain_make(&c);
    struct before before = look(&c);
    chain_begin(&c, 1000);
    chain_end(&c);
    struct before after = look(&c);
    assert_memory_equal(before.digest.b, after.digest.b, sizeof after.digest.b);
    assert_memory_equal(before.app_hash.b, after.app_hash.b, sizeof after.app_hash.b);
    assert_int_equal(after.height, 1);
    assert_int_equal(after.time_s, CHAIN_START_S + 1000);
    struct croft_hash empty = croft_merkle_empty();
    assert_memory_equal(c.end.receipts_root.b, empty.b, sizeof empty.b);
    chain_stop(&c);
}

/* Receipts: the root is that of (id -> receipt) in order, and the app hash holds the tree of those roots. */
static void test_receipts_root(void **unused)
{
    (void)unused;
    enum { TXS = 5, HEIGHTS = 9 };
    struct chain c;
    struct croft_hash block[HEIGHTS], named[CROFT_ROOT_COUNT];
    chain_make(&c);
    for (u64 h = 0; h < HEIGHTS; h++) {
        struct croft_hash leaf[TXS];
        u8 bytes[CROFT_RECEIPT_BYTES], number[8];
        chain_begin(&c, 1);
        for (u32 i = 0; i < TXS; i++) {
            struct croft_tx tx;
            const struct chain_signer signer = {0, 32};
            assert_int_equal(chain_sign(&c, chain_transfer(&c, 4, 5, 0, i + 1), &signer, 1, &tx), CROFT_OK);
            assert_int_equal(chain_put(&c, &tx), CROFT_OK);
            croft_layout_encode(&croft_receipt_layout, &c.receipt, bytes, sizeof bytes);
            leaf[i] = croft_merkle_named_leaf((struct croft_bytes){tx.id.b, 32},
                                              (struct croft_bytes){bytes, sizeof bytes});
        }
        chain_end(&c);
        struct croft_hash root = croft_merkle_root(leaf, TXS);
        assert_memory_equal(root.b, c.end.receipts_root.b, sizeof root.b);
        croft_key_u64(h, number);
        block[h] = croft_merkle_named_leaf((struct croft_bytes){number, 8}, (struct croft_bytes){root.b, 32});
        croft_ledger_named_roots(c.l, named);
        root = croft_merkle_root(block, h + 1);
        assert_memory_equal(root.b, named[CROFT_ROOT_RECEIPTS].b, sizeof root.b);
    }
    chain_stop(&c);
}

/* ---- audit ---- */

/* A chain in which every table has a record. */
static void full_chain(struct chain *c)
{
    chain_make(c);
    chain_begin(c, 1);
    assert_int_equal(chain_do(c, chain_pending_open(c, 4, 1, 5, 70, 1000)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_withdraw(c, 4, 1, 0, CROFT_ASSET_CROFT, 30)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_propose_param(c, 1, 5, CROFT_PARAM_COST_WRITE, 1)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_vote(c, 1, 5, true)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_set_guardian(c, 4, 6, 86400)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_recover_start(c, 6, 4, c->actor[7].set)), CROFT_OK);
    chain_end(c);
}

/* Any byte of any record but its keys, whatever it means, changed behind the ledger's back. */
static void test_audit_finds_changes(void **unused)
{
    (void)unused;
    struct chain c;
    struct croft_why why;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    full_chain(&c);
    chain_begin(&c, 1);
    chain_end(&c);
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        for (u32 slot = 0; slot < croft_state_high(c.l->state, t); slot++) {
            struct croft_bytes value = croft_state_value(c.l->state, t, slot);
            /* Format, asset and counts are asserted on, not audited. */
            size_t at = value.len == 2 ? 1 : 2 + croft_rng_below(&rng, value.len - 2);
            u8 *byte = (u8 *)(uintptr_t)value.at + at;
            *byte ^= (u8)(1 + croft_rng_below(&rng, 255));
            u8 changed = *byte;
            assert_int_equal(croft_ledger_audit(c.l, c.scratch, &why), CROFT_ERR_STATE);
            *byte = changed;
            chain_stop(&c);
            full_chain(&c);
        }
    chain_stop(&c);
}

/* Money made in two places so that roots and sums per account are right, but not what issuers have out. */
static void test_audit_counts_money(void **unused)
{
    (void)unused;
    struct chain c;
    struct croft_why why;
    static const enum croft_system_account system[] = {CROFT_SYSTEM_ESCROW, CROFT_SYSTEM_PAYOUTS,
                                                       CROFT_SYSTEM_DEPOSITS};
    for (u32 i = 0; i <= CROFT_COUNT(system); i++) {
        full_chain(&c);
        chain_begin(&c, 1);
        u32 from = croft_account_find(c.l, &c.actor[5].address);
        if (i < CROFT_COUNT(system))
            croft_system_credit(c.l, system[i], CROFT_ASSET_CREDIT, croft_amt_of(1));
        croft_debit(c.l, from, CROFT_ASSET_CREDIT, croft_amt_of(1));
        croft_ledger_block_end(c.l, &c.end);
        croft_ledger_block_accept(c.l);
        assert_int_equal(croft_ledger_audit(c.l, c.scratch, &why), CROFT_ERR_STATE);
        assert_non_null(strstr(why.text, i < 2 ? "held money" : i == 2 ? "deposits" : "money of asset 0"));
        chain_stop(&c);
    }
}

/* An issuer that forgets what it promised could pay it out twice. */
static void test_audit_counts_promises(void **unused)
{
    (void)unused;
    struct chain c;
    struct croft_why why;
    struct croft_issuer_record r;
    full_chain(&c);
    chain_begin(&c, 1);
    croft_record_load(c.l, CROFT_TABLE_ISSUERS, 0, &r);
    r.held = croft_amt_add_must(r.held, croft_amt_of(1));
    croft_record_store(c.l, CROFT_TABLE_ISSUERS, 0, &r);
    croft_ledger_block_end(c.l, &c.end);
    croft_ledger_block_accept(c.l);
    assert_int_equal(croft_ledger_audit(c.l, c.scratch, &why), CROFT_ERR_STATE);
    assert_non_null(strstr(why.text, "promised"));
    chain_stop(&c);
}

/* ---- unsaved slots ---- */

/* Which slots hold a record, as a checkpoint knows them: by what it was told to write. */
static u8 saved[CROFT_TABLE_COUNT][1 << 14];

static void save(struct chain *c)
{
    for (size_t i = 0; i < croft_state_unsaved_count(c->l->state); i++) {
        u32 t, slot;
        croft_state_unsaved(c->l->state, i, &t, &slot);
        assert_true(slot < sizeof saved[t]);
        saved[t][slot] = croft_state_key(c->l->state, t, slot).at != NULL;
    }
    croft_ledger_saved(c->l);
    assert_int_equal(croft_state_unsaved_count(c->l->state), 0);
}

static void check_saved(const struct chain *c)
{
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        for (u32 slot = 0; slot < croft_state_high(c->l->state, t); slot++)
            assert_int_equal(saved[t][slot], croft_state_key(c->l->state, t, slot).at != NULL);
}

/* What checkpoints write, put together, is the whole state; an undone block gives them nothing to write. */
static void test_unsaved_slots(void **unused)
{
    (void)unused;
    static u8 bytes[SCRIPT_BYTES];
    struct chain c;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    croft_rng_fill(&rng, bytes, sizeof bytes);
    struct script s = {bytes, bytes + sizeof bytes};
    script_open(&c, &s);
    memset(saved, 0, sizeof saved);
    for (int block = 0; block < 60 && protocol_is_known(&c); block++) {
        save(&c);
        check_saved(&c);
        undone_block(&c, &s);
        assert_int_equal(croft_state_unsaved_count(c.l->state), 0);
        chain_begin(&c, script_pause(&s));
        run(&c, &s, script_below(&s, 24));
        chain_end(&c);
    }
    chain_stop(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_undone_blocks),       cmocka_unit_test(test_loaded_goes_on),
        cmocka_unit_test(test_empty_block),         cmocka_unit_test(test_receipts_root),
        cmocka_unit_test(test_audit_finds_changes), cmocka_unit_test(test_audit_counts_money),
        cmocka_unit_test(test_audit_counts_promises),
        cmocka_unit_test(test_unsaved_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
