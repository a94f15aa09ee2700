/* Goal: what is stored comes back as it was, and any damage to it is found before it is used.
 * Method: a chain with a record in every table; every byte of its meta and of each record changed, every
 * record left out, put twice or elsewhere. */
#include "ledger/script_int.h"

enum { RECORDS_MAX = 256 };

struct stored {
    u32 table, slot;
    u8 key[CROFT_RECORD_KEY_MAX], value[CROFT_RECORD_VALUE_MAX];
    size_t key_len, value_len;
};

/* A ledger as bytes. */
struct dump {
    struct stored record[RECORDS_MAX];
    u32 count;
    u8 meta[CROFT_LEDGER_META_MAX];
    size_t meta_len;
    struct croft_hash network, block_id;
};

static void full_chain(struct chain *c)
{
    chain_make(c);
    for (int i = 0; i < 5; i++) {
        chain_begin(c, 1);
        assert_int_equal(chain_do(c, chain_pending_open(c, 4, (u64)i, 5, 70, 1000)), CROFT_OK);
        chain_end(c);
    }
    chain_begin(c, 1);
    assert_int_equal(chain_do(c, chain_pending_void(c, 5, 4, 2)), CROFT_OK); /* leaves a free slot */
    assert_int_equal(chain_do(c, chain_withdraw(c, 4, 1, 0, CROFT_ASSET_CROFT, 30)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_propose_param(c, 1, 5, CROFT_PARAM_COST_WRITE, 1)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_vote(c, 1, 5, true)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_set_guardian(c, 4, 6, 86400)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_recover_start(c, 6, 4, c->actor[7].set)), CROFT_OK);
    chain_end(c);
}

static void dump_record(const struct chain *c, u32 table, u32 slot, struct dump *out)
{
    struct croft_bytes key = croft_state_key(c->l->state, table, slot),
                       value = croft_state_value(c->l->state, table, slot);
    if (key.at == NULL)
        return;
    assert_true(out->count < RECORDS_MAX);
    struct stored *r = &out->record[out->count++];
    *r = (struct stored){.table = table, .slot = slot, .key_len = key.len, .value_len = value.len};
    memcpy(r->key, key.at, key.len);
    memcpy(r->value, value.at, value.len);
}

static void dump_chain(const struct chain *c, struct dump *out)
{
    memset(out, 0, sizeof *out);
    out->network = c->network;
    memset(out->block_id.b, 9, sizeof out->block_id.b);
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        for (u32 slot = 0; slot < croft_state_high(c->l->state, t); slot++)
            dump_record(c, t, slot, out);
    out->meta_len = croft_ledger_save_meta(c->l, &out->block_id, out->meta);
}

/* Into c, which must be open; the region's pages are fresh. */
static croft_err load(struct chain *c, const struct dump *d, struct croft_why *why)
{
    struct croft_hash id;
    chain_init_ledger(c);
    for (u32 i = 0; i < d->count; i++) {
        const struct stored *r = &d->record[i];
        CROFT_TRY(croft_ledger_load(c->l, r->table, r->slot, (struct croft_bytes){r->key, r->key_len},
                                    (struct croft_bytes){r->value, r->value_len}));
    }
    CROFT_TRY(
        croft_ledger_load_meta(c->l, (struct croft_bytes){d->meta, d->meta_len}, &d->network, &id, why));
    assert_memory_equal(id.b, d->block_id.b, sizeof id.b);
    return CROFT_OK;
}

static croft_err load_once(const struct dump *d)
{
    struct croft_why why;
    struct chain c;
    memset(&c, 0, sizeof c);
    c.limits = (struct croft_state_limits){.records_max_log2 = 10, .journal_bytes = 1 << 20};
    bool mapped = croft_region_map(&c.region, croft_ledger_size(&c.limits));
    CROFT_ASSERT(mapped);
    croft_err err = load(&c, d, &why);
    croft_region_unmap(&c.region);
    return err;
}

static struct dump good;

static int make_good(void **unused)
{
    (void)unused;
    struct chain c;
    full_chain(&c);
    dump_chain(&c, &good);
    chain_stop(&c);
    return 0;
}

static void test_round_trip(void **unused)
{
    (void)unused;
    static struct dump again;
    struct chain c, back;
    struct croft_why why;
    full_chain(&c);
    chain_open(&back);
    assert_int_equal(load(&back, &good, &why), CROFT_OK);
    struct croft_hash one = chain_digest(&c), two = chain_digest(&back);
    assert_memory_equal(one.b, two.b, sizeof one.b);
    assert_int_equal(croft_ledger_height(back.l), croft_ledger_height(c.l));
    assert_int_equal(croft_ledger_time_s(back.l), croft_ledger_time_s(c.l));
    back.network = c.network;
    dump_chain(&back, &again);
    assert_int_equal(again.meta_len, good.meta_len);
    assert_memory_equal(again.meta, good.meta, good.meta_len);
    chain_audit(&back);
    chain_stop(&back);
    chain_stop(&c);
}

static void test_every_byte_of_meta(void **unused)
{
    (void)unused;
    static struct dump bad;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    bad = good;
    for (size_t i = 0; i < good.meta_len; i++) {
        bad.meta[i] ^= (u8)(1 + croft_rng_below(&rng, 255));
        assert_int_equal(load_once(&bad), i == 0 ? CROFT_ERR_FORMAT : CROFT_ERR_STATE);
        bad.meta[i] = good.meta[i];
    }
    assert_int_equal(load_once(&bad), CROFT_OK);
}

static void test_every_length_of_meta(void **unused)
{
    (void)unused;
    static struct dump bad;
    bad = good;
    for (bad.meta_len = 0; bad.meta_len < good.meta_len; bad.meta_len += bad.meta_len < 200 ? 1 : 37)
        assert_int_equal(load_once(&bad), bad.meta_len == 0 ? CROFT_ERR_FORMAT : CROFT_ERR_STATE);
    bad.meta_len = good.meta_len + 1;
    assert_int_equal(load_once(&bad), CROFT_ERR_STATE);
}

static void expect_damage(const struct dump *bad)
{
    croft_err err = load_once(bad);
    assert_true(err == CROFT_ERR_STATE || err == CROFT_ERR_FORMAT);
}

static void test_every_byte_of_records(void **unused)
{
    (void)unused;
    static struct dump bad;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    bad = good;
    for (u32 i = 0; i < good.count; i++) {
        struct stored *r = &bad.record[i];
        for (size_t k = 0; k < r->key_len; k++) {
            r->key[k] ^= (u8)(1 + croft_rng_below(&rng, 255));
            expect_damage(&bad);
            r->key[k] = good.record[i].key[k];
        }
        for (size_t k = 0; k < r->value_len; k++) {
            r->value[k] ^= (u8)(1 + croft_rng_below(&rng, 255));
            expect_damage(&bad);
            r->value[k] = good.record[i].value[k];
        }
    }
    assert_int_equal(load_once(&bad), CROFT_OK);
}

static void test_records_lost_or_cut(void **unused)
{
    (void)unused;
    static struct dump bad;
    for (u32 i = 0; i < good.count; i++) {
        bad = good;
        bad.record[i] = bad.record[--bad.count];
        expect_damage(&bad);
        bad = good;
        bad.record[bad.count++] = bad.record[i];
        expect_damage(&bad);
        bad = good;
        bad.record[i].value_len--;
        expect_damage(&bad);
        bad = good;
        bad.record[i].value_len++;
        expect_damage(&bad);
    }
}

/* A slot beyond its table, a table that is none, and, in tables with a tree, any other place. */
static void test_records_misplaced(void **unused)
{
    (void)unused;
    static struct dump bad;
    for (u32 i = 0; i < good.count; i++) {
        bad = good;
        bad.record[i].slot = UINT32_MAX;
        expect_damage(&bad);
        for (u32 t = 0; t <= CROFT_TABLE_COUNT; t++) {
            bad = good;
            bad.record[i].table = t;
            if (t != good.record[i].table)
                expect_damage(&bad);
        }
    }
    bad = good;
    for (u32 i = 1; i < bad.count; i++)
        if (bad.record[i].table == CROFT_TABLE_ACCOUNTS && bad.record[i - 1].table == CROFT_TABLE_ACCOUNTS) {
            u32 slot = bad.record[i].slot;
            bad.record[i].slot = bad.record[i - 1].slot;
            bad.record[i - 1].slot = slot;
            expect_damage(&bad);
        }
}

static void test_other_network(void **unused)
{
    (void)unused;
    static struct dump other;
    other = good;
    other.network.b[5] ^= 1;
    assert_int_equal(load_once(&other), CROFT_ERR_NETWORK);
}

/* Random chains at random heights. */
static void test_random_states(void **unused)
{
    (void)unused;
    static u8 bytes[1 << 14];
    static struct dump d;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int run = 0; run < 6; run++) {
        struct chain c;
        croft_rng_fill(&rng, bytes, sizeof bytes);
        struct script s = {bytes, bytes + sizeof bytes};
        script_open(&c, &s);
        croft_ledger_trust_signatures(c.l, true);
        for (u64 n = 5 + croft_rng_below(&rng, 40); n > 0; n--) {
            struct croft_why why;
            c.scratch = c.scratch_start;
            if (croft_ledger_block_begin(c.l, croft_ledger_height(c.l) + 1, c.now_s, &why) != CROFT_OK)
                break;
            for (u32 i = script_below(&s, 12); i > 0; i--) {
                struct croft_tx tx;
                if (script_tx(&c, &s, &tx) == CROFT_OK)
                    (void)!chain_put(&c, &tx);
            }
            chain_end(&c);
            c.now_s += script_pause(&s);
        }
        dump_chain(&c, &d);
        assert_int_equal(load_once(&d), CROFT_OK);
        chain_stop(&c);
    }
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),           cmocka_unit_test(test_every_byte_of_meta),
        cmocka_unit_test(test_every_length_of_meta), cmocka_unit_test(test_every_byte_of_records),
        cmocka_unit_test(test_records_lost_or_cut),  cmocka_unit_test(test_records_misplaced),
        cmocka_unit_test(test_other_network),        cmocka_unit_test(test_random_states),
    };
    return cmocka_run_group_tests(tests, make_good, NULL);
}
