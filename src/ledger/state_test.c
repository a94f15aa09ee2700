/* Goal: the tables, their undo and their roots are right.  Method: seeded random writes, marks, rollbacks and
 * undone blocks against a model that is a plain array of copies; roots against a rebuild from nothing. */
#include "ledger/roots.h"
#include "ledger/state.h"

#include "base/assert.h"
#include "base/rng.h"
#include "crypto/sign.h"

#include "ledger/test_int.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS = 40, MODEL_TABLES = 3 };
static const u32 model_table[MODEL_TABLES] = {CROFT_TABLE_ACCOUNTS, CROFT_TABLE_PENDINGS, CROFT_TABLE_NODES};

struct model {
    bool live[MODEL_TABLES][KEYS];
    u8 value[MODEL_TABLES][KEYS][CROFT_RECORD_VALUE_MAX];
    size_t len[MODEL_TABLES][KEYS];
};

struct fixture {
    struct croft_region region;
    struct croft_state *state;
    struct croft_roots roots, slow;
};

static void set_up(struct fixture *f)
{
    struct croft_state_limits limits = {.records_max_log2 = 10, .journal_bytes = 4 << 20};
    bool mapped = croft_region_map(&f->region, croft_state_size(&limits) + 3 * croft_roots_size(&limits));
    CROFT_ASSERT(mapped);
    struct croft_arena mem = croft_region_arena(&f->region);
    croft_err err = croft_state_init(&mem, &limits, &f->state);
    CROFT_ASSERT(err == CROFT_OK);
    err = croft_roots_init(&f->roots, &mem, f->state);
    CROFT_ASSERT(err == CROFT_OK);
    err = croft_roots_init(&f->slow, &mem, f->state);
    CROFT_ASSERT(err == CROFT_OK);
}

static void key_of(u32 t, u32 k, u8 out[CROFT_RECORD_KEY_MAX])
{
    memset(out, (int)(t * 50 + k + 1), CROFT_RECORD_KEY_MAX);
}

static void random_write(struct fixture *f, struct model *m, struct croft_rng *rng)
{
    u32 t = (u32)croft_rng_below(rng, MODEL_TABLES), k = (u32)croft_rng_below(rng, KEYS), slot;
    u8 key[CROFT_RECORD_KEY_MAX], value[CROFT_RECORD_VALUE_MAX];
    size_t most = croft_layout_bytes_max(croft_table_layout(model_table[t]));
    size_t len = 40 + croft_rng_below(rng, most - 39);
    key_of(t, k, key);
    croft_rng_fill(rng, value, len);
    slot = croft_state_find(f->state, model_table[t], key);
    CROFT_ASSERT((slot != CROFT_SLOT_NONE) == m->live[t][k]);
    if (slot != CROFT_SLOT_NONE && croft_rng_chance(rng, 3)) {
        croft_state_remove(f->state, model_table[t], slot);
        m->live[t][k] = false;
        return;
    }
    if (slot != CROFT_SLOT_NONE)
        croft_state_update(f->state, model_table[t], slot, (struct croft_bytes){value, len});
    else if (croft_state_insert(f->state, model_table[t], key, (struct croft_bytes){value, len}, &slot) != CROFT_OK)
        CROFT_UNREACHABLE("the table has room");
    m->live[t][k] = true;
    memcpy(m->value[t][k], value, len);
    m->len[t][k] = len;
}

static void check_record(const struct fixture *f, const struct model *m, u32 t, u32 k)
{
    u8 key[CROFT_RECORD_KEY_MAX];
    key_of(t, k, key);
    u32 slot = croft_state_find(f->state, model_table[t], key);
    CROFT_ASSERT((slot != CROFT_SLOT_NONE) == m->live[t][k]);
    if (slot == CROFT_SLOT_NONE)
        return;
    struct croft_bytes value = croft_state_value(f->state, model_table[t], slot);
    CROFT_ASSERT(value.len == m->len[t][k] && memcmp(value.at, m->value[t][k], value.len) == 0);
}

/* The first due record, found by looking at all of them. */
static void check_due(const struct fixture *f)
{
    struct croft_due_slot got, best = {0};
    bool any = false;
    for (u32 slot = 0; slot < croft_state_high(f->state, CROFT_TABLE_PENDINGS); slot++) {
        struct croft_bytes v = croft_state_value(f->state, CROFT_TABLE_PENDINGS, slot);
        u64 due_s;
        if (v.at == NULL)
            continue;
        memcpy(&due_s, v.at + 18, sizeof due_s); /* expires_s: after format, asset, amount, deposit */
        if (due_s != 0 && (!any || due_s < best.due_s))
            best = (struct croft_due_slot){due_s, CROFT_TABLE_PENDINGS, slot};
        any |= due_s != 0;
    }
    bool has = croft_state_first_due(f->state, &got);
    CROFT_ASSERT(has == any);
    CROFT_ASSERT(!any || (got.due_s == best.due_s && got.slot == best.slot));
}

/* What the hint says without comparing keys: with so few, no two have the same 32 bits of hash. */
static void check_hint(const struct fixture *f, u32 t)
{
    enum { PART = 8 };
    _Static_assert(KEYS % PART == 0 && (int)PART <= (int)CROFT_STATE_BRING_MAX, "whole parts");
    u8 bytes[PART][CROFT_RECORD_KEY_MAX];
    const u8 *key[PART];
    u32 slot[PART];
    for (u32 k = 0; k < KEYS; k += PART) {
        for (u32 i = 0; i < PART; i++) {
            key_of(t, k + i, bytes[i]);
            key[i] = bytes[i];
        }
        croft_state_bring(f->state, model_table[t], key, PART, slot);
        for (u32 i = 0; i < PART; i++)
            CROFT_ASSERT(slot[i] == croft_state_find(f->state, model_table[t], key[i]));
    }
}

static void check_all(const struct fixture *f, const struct model *m)
{
    for (u32 t = 0; t < MODEL_TABLES; t++) {
        for (u32 k = 0; k < KEYS; k++)
            check_record(f, m, t, k);
        check_hint(f, t);
    }
    check_due(f);
}

static void check_roots(struct fixture *f)
{
    struct croft_hash fast[CROFT_ROOT_COUNT], slow[CROFT_ROOT_COUNT];
    f->slow.receipts = f->roots.receipts;
    croft_roots_rebuild(&f->slow, f->state);
    croft_roots_named(&f->roots, fast);
    croft_roots_named(&f->slow, slow);
    CROFT_ASSERT(memcmp(fast, slow, sizeof fast) == 0);
}

static void random_operation(struct fixture *f, struct model *m, struct croft_rng *rng)
{
    static struct model before;
    before = *m;
    croft_mark mark = croft_state_mark(f->state);
    for (u64 n = croft_rng_below(rng, 6); n > 0; n--)
        random_write(f, m, rng);
    if (croft_rng_chance(rng, 3)) {
        croft_state_rollback(f->state, mark);
        *m = before;
    }
}

static void random_block(struct fixture *f, struct model *m, struct croft_rng *rng)
{
    static struct model before;
    before = *m;
    for (u64 n = croft_rng_below(rng, 12); n > 0; n--)
        random_operation(f, m, rng);
    bool ended = !croft_rng_chance(rng, 4);
    struct croft_hash receipts = {{(u8)croft_rng_next(rng)}};
    if (ended)
        croft_roots_update(&f->roots, f->state, croft_rng_chance(rng, 2) ? &receipts : NULL);
    if (!ended || croft_rng_chance(rng, 3)) {
        if (ended)
            croft_roots_undo(&f->roots, f->state);
        croft_state_undo(f->state);
        *m = before;
    } else {
        croft_state_accept(f->state);
    }
}

static void test_random_blocks(void **unused)
{
    (void)unused;
    static struct model m;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int run = 0; run < 8; run++) {
        struct fixture f;
        memset(&m, 0, sizeof m);
        set_up(&f);
        for (int block = 0; block < 150; block++) {
            random_block(&f, &m, &rng);
            check_all(&f, &m);
            check_roots(&f);
        }
        croft_region_unmap(&f.region);
    }
}

/* The table of parameters takes as many as it may, refuses the next, and takes one again when one went. */
static void test_full_table(void **unused)
{
    (void)unused;
    struct fixture f;
    u32 slot;
    set_up(&f);
    u8 key[2] = {0}, value[9] = {1};
    u32 max = croft_state_records_max(f.state, CROFT_TABLE_PARAMS);
    for (u32 i = 0; i < max; i++) {
        key[1] = (u8)i;
        assert_int_equal(croft_state_insert(f.state, CROFT_TABLE_PARAMS, key, (struct croft_bytes){value, 9}, &slot), CROFT_OK);
        assert_int_equal(slot, i);
    }
    key[1] = 200;
    assert_int_equal(croft_state_insert(f.state, CROFT_TABLE_PARAMS, key, (struct croft_bytes){value, 9}, &slot),
                     CROFT_ERR_OP_FULL);
    croft_state_remove(f.state, CROFT_TABLE_PARAMS, 17);
    croft_state_remove(f.state, CROFT_TABLE_PARAMS, 5);
    assert_int_equal(croft_state_insert(f.state, CROFT_TABLE_PARAMS, key, (struct croft_bytes){value, 9}, &slot), CROFT_OK);
    assert_int_equal(slot, 5); /* the lowest, not the last freed */
    croft_region_unmap(&f.region);
}

/* Which slot a record lies in orders what falls due together, so the root must tell two orders apart. */
static void test_slots_are_in_the_root(void **unused)
{
    (void)unused;
    struct croft_hash root[2][CROFT_ROOT_COUNT];
    for (u32 order = 0; order < 2; order++) {
        struct fixture f;
        set_up(&f);
        for (u32 i = 0; i < 2; i++) {
            u8 key[CROFT_RECORD_KEY_MAX], value[90] = {1};
            u32 slot;
            key_of(1, i ^ order, key);
            assert_int_equal(croft_state_insert(f.state, CROFT_TABLE_PENDINGS, key,
                                                (struct croft_bytes){value, sizeof value}, &slot), CROFT_OK);
        }
        croft_roots_rebuild(&f.roots, f.state);
        croft_roots_named(&f.roots, root[order]);
        croft_region_unmap(&f.region);
    }
    assert_false(croft_hash_equal(&root[0][CROFT_ROOT_STATE], &root[1][CROFT_ROOT_STATE]));
}

static void test_peaks_are_the_tree(void **unused)
{
    (void)unused;
    struct croft_hash leaf[70];
    struct croft_peaks peaks = {0};
    for (u32 n = 0; n < CROFT_COUNT(leaf); n++) {
        struct croft_hash want = croft_merkle_root(leaf, n), got = croft_peaks_root(&peaks);
        assert_memory_equal(want.b, got.b, sizeof want.b);
        memset(leaf[n].b, (int)n, sizeof leaf[n].b);
        croft_peaks_add(&peaks, &leaf[n]);
    }
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_blocks),
        cmocka_unit_test(test_full_table),
        cmocka_unit_test(test_slots_are_in_the_root),
        cmocka_unit_test(test_peaks_are_the_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
