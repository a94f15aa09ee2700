#include "ledger/roots.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/sort.h"
#include "crypto/hash.h"

#include <string.h>

enum { LOOK_AHEAD = 8 }; /* records on their way into the cache */

const char *croft_root_name(enum croft_root which)
{
    static const char *const name[CROFT_ROOT_COUNT] = {
        [CROFT_ROOT_ACCOUNTS] = "accounts",   [CROFT_ROOT_LEASES] = "leases",     [CROFT_ROOT_PARAMS] = "params",
        [CROFT_ROOT_PROVIDERS] = "providers", [CROFT_ROOT_RECEIPTS] = "receipts", [CROFT_ROOT_STATE] = "state",
    };
    CROFT_ASSERT(which < CROFT_ROOT_COUNT);
    return name[which];
}

bool croft_table_has_tree(u32 table)
{
    return table == CROFT_TABLE_ACCOUNTS || table == CROFT_TABLE_LEASES || table == CROFT_TABLE_PARAMS ||
           table == CROFT_TABLE_PROVIDERS;
}

/* ---- receipts ---- */

void croft_peaks_add(struct croft_peaks *p, const struct croft_hash *leaf)
{
    struct croft_hash node = *leaf;
    u32 k = 0;
    for (; p->count >> k & 1; k++)
        node = croft_merkle_inner(&p->peak[k], &node);
    CROFT_ASSERT(k < CROFT_PEAKS_MAX);
    p->peak[k] = node;
    p->count++;
}

struct croft_hash croft_peaks_root(const struct croft_peaks *p)
{
    if (p->count == 0)
        return croft_merkle_empty();
    u32 k = (u32)__builtin_ctzll(p->count);
    struct croft_hash root = p->peak[k];
    for (k++; k < CROFT_PEAKS_MAX; k++)
        if (p->count >> k & 1)
            root = croft_merkle_inner(&p->peak[k], &root);
    return root;
}

/* ---- trees ---- */

size_t croft_roots_size(const struct croft_state_limits *limits)
{
    u64 most = (UINT64_C(1) << limits->records_max_log2) + CROFT_RECORDS_KEPT;
    return 3 * croft_tree_size(most) + 2 * (size_t)most * sizeof(u32) + (1u << 16);
}

croft_err croft_roots_init(struct croft_roots *r, struct croft_arena *mem, const struct croft_state *s)
{
    memset(r, 0, sizeof *r);
    u32 most = 0;
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++) {
        u32 max = croft_state_records_max(s, t);
        most = max > most ? max : most;
        if (croft_table_has_tree(t))
            CROFT_TRY(croft_tree_init(&r->tree[t], mem, max));
    }
    r->slot = croft_arena_take_raw(mem, most, sizeof(u32), _Alignof(u32));
    r->slot_scratch = croft_arena_take_raw(mem, most, sizeof(u32), _Alignof(u32));
    return r->slot && r->slot_scratch ? CROFT_OK : CROFT_ERR_NOMEM;
}

static struct croft_hash leaf_of(struct croft_bytes key, struct croft_bytes value)
{
    return key.at ? croft_merkle_named_leaf(key, value) : croft_merkle_leaf((struct croft_bytes){0});
}

/* The slots of one table that this block touched and that are below high, sorted. */
static size_t touched_slots(struct croft_roots *r, const struct croft_state *s, u32 table, u32 high)
{
    size_t count = 0, all = croft_state_touched_count(s);
    for (size_t i = 0; i < all; i++) {
        struct croft_touched t = croft_state_touched(s, i);
        if (t.table == table && t.slot < high)
            r->slot[count++] = t.slot;
    }
    croft_sort_u32(r->slot, r->slot_scratch, count);
    return count;
}

/* The next few records and the leaves to be made of them, on their way into the cache. */
static void bring_leaves(const struct croft_roots *r, const struct croft_state *s, u32 table, size_t count, size_t from)
{
    size_t to = from + LOOK_AHEAD < count ? from + LOOK_AHEAD : count;
    if (from >= to)
        return;
    croft_state_bring_slots(s, table, r->slot + from, (u32)(to - from));
    for (size_t i = from; i < to; i++)
        __builtin_prefetch(&r->tree[table].level[0][r->slot[i]], 1);
}

static void update_tree(struct croft_roots *r, const struct croft_state *s, u32 table)
{
    struct croft_tree *tree = &r->tree[table];
    u32 high = croft_state_high(s, table);
    size_t count = touched_slots(r, s, table, high);
    croft_tree_resize(tree, high);
    for (size_t i = 0; i < count; i++) {
        if (i % LOOK_AHEAD == 0)
            bring_leaves(r, s, table, count, i + LOOK_AHEAD);
        *croft_tree_leaf(tree, r->slot[i]) =
            leaf_of(croft_state_key(s, table, r->slot[i]), croft_state_value(s, table, r->slot[i]));
    }
    croft_tree_update(tree, r->slot, count);
}

static void undo_tree(struct croft_roots *r, const struct croft_state *s, u32 table)
{
    struct croft_tree *tree = &r->tree[table];
    u32 high = croft_state_high_before(s, table);
    size_t count = touched_slots(r, s, table, high), all = croft_state_touched_count(s);
    bool shrinks = high < tree->count;
    croft_tree_resize(tree, high);
    for (size_t i = 0; i < all; i++) {
        struct croft_touched t = croft_state_touched(s, i);
        if (t.table == table && t.slot < high)
            *croft_tree_leaf(tree, t.slot) = leaf_of(t.old_key, t.old_value);
    }
    /* A smaller tree has another right edge: its last leaf counts as changed. */
    if (shrinks && high > 0 && (count == 0 || r->slot[count - 1] != high - 1))
        r->slot[count++] = high - 1;
    croft_tree_update(tree, r->slot, count);
}

/* ---- the sum over the tables without a tree ---- */

static bool same(struct croft_bytes a, struct croft_bytes b)
{
    return a.len == b.len && (a.at == NULL) == (b.at == NULL) && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* The slot is part of the element: it orders what falls due in one second, so nodes must agree on it. */
static struct croft_bytes placed_key(u32 slot, struct croft_bytes key, u8 out[4 + CROFT_RECORD_KEY_MAX])
{
    CROFT_ASSERT(key.len <= CROFT_RECORD_KEY_MAX);
    for (int i = 0; i < 4; i++)
        out[i] = (u8)(slot >> (24 - 8 * i));
    memcpy(out + 4, key.at, key.len);
    return (struct croft_bytes){out, 4 + key.len};
}

void croft_sum_add(struct croft_lthash *sum, u32 table, u32 slot, struct croft_bytes key, struct croft_bytes value)
{
    u8 placed[4 + CROFT_RECORD_KEY_MAX];
    croft_lthash_add(sum, (u8)table, placed_key(slot, key, placed), value);
}

void croft_sum_remove(struct croft_lthash *sum, u32 table, u32 slot, struct croft_bytes key, struct croft_bytes value)
{
    u8 placed[4 + CROFT_RECORD_KEY_MAX];
    croft_lthash_remove(sum, (u8)table, placed_key(slot, key, placed), value);
}

/* How many touched slots each table has: most blocks touch two tables. */
static void count_touched(const struct croft_state *s, size_t out[CROFT_TABLE_COUNT])
{
    memset(out, 0, CROFT_TABLE_COUNT * sizeof *out);
    for (size_t i = 0; i < croft_state_touched_count(s); i++)
        out[croft_state_touched(s, i).table]++;
}

static void update_sum(struct croft_roots *r, const struct croft_state *s)
{
    size_t all = croft_state_touched_count(s);
    for (size_t i = 0; i < all; i++) {
        struct croft_touched t = croft_state_touched(s, i);
        if (croft_table_has_tree(t.table))
            continue;
        bool live = t.slot < croft_state_high(s, t.table);
        struct croft_bytes key = live ? croft_state_key(s, t.table, t.slot) : (struct croft_bytes){0};
        struct croft_bytes value = live ? croft_state_value(s, t.table, t.slot) : (struct croft_bytes){0};
        if (same(key, t.old_key) && same(value, t.old_value))
            continue;
        if (t.old_key.at)
            croft_sum_remove(&r->sum, t.table, t.slot, t.old_key, t.old_value);
        if (key.at)
            croft_sum_add(&r->sum, t.table, t.slot, key, value);
    }
}

/* ---- whole ---- */

static void rebuild_tree(struct croft_roots *r, const struct croft_state *s, u32 table)
{
    struct croft_tree *tree = &r->tree[table];
    u32 high = croft_state_high(s, table);
    croft_tree_resize(tree, high);
    for (u32 slot = 0; slot < high; slot++) {
        r->slot[slot] = slot;
        *croft_tree_leaf(tree, slot) = leaf_of(croft_state_key(s, table, slot), croft_state_value(s, table, slot));
    }
    croft_tree_update(tree, r->slot, high);
}

static void rebuild_sum(struct croft_roots *r, const struct croft_state *s, u32 table)
{
    for (u32 slot = 0; slot < croft_state_high(s, table); slot++) {
        struct croft_bytes key = croft_state_key(s, table, slot);
        if (key.at)
            croft_sum_add(&r->sum, table, slot, key, croft_state_value(s, table, slot));
    }
}

void croft_roots_rebuild(struct croft_roots *r, const struct croft_state *s)
{
    memset(&r->sum, 0, sizeof r->sum);
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++) {
        if (croft_table_has_tree(t))
            rebuild_tree(r, s, t);
        else
            rebuild_sum(r, s, t);
    }
}

static void add_receipts(struct croft_roots *r, const struct croft_hash *receipts_root)
{
    u8 number[8];
    for (int i = 0; i < 8; i++)
        number[i] = (u8)(r->receipts.count >> (56 - 8 * i));
    struct croft_hash leaf = croft_merkle_named_leaf((struct croft_bytes){number, sizeof number},
                                                     (struct croft_bytes){receipts_root->b, sizeof receipts_root->b});
    croft_peaks_add(&r->receipts, &leaf);
}

void croft_roots_update(struct croft_roots *r, const struct croft_state *s, const struct croft_hash *receipts_root)
{
    r->sum_before = r->sum;
    r->receipts_before = r->receipts;
    size_t touched[CROFT_TABLE_COUNT];
    count_touched(s, touched);
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        if (croft_table_has_tree(t) && touched[t] != 0)
            update_tree(r, s, t);
    update_sum(r, s);
    if (receipts_root != NULL)
        add_receipts(r, receipts_root);
}

void croft_roots_undo(struct croft_roots *r, const struct croft_state *s)
{
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        if (croft_table_has_tree(t))
            undo_tree(r, s, t);
    r->sum = r->sum_before;
    r->receipts = r->receipts_before;
}

void croft_roots_named(const struct croft_roots *r, struct croft_hash out[CROFT_ROOT_COUNT])
{
    out[CROFT_ROOT_ACCOUNTS] = croft_tree_root(&r->tree[CROFT_TABLE_ACCOUNTS]);
    out[CROFT_ROOT_LEASES] = croft_tree_root(&r->tree[CROFT_TABLE_LEASES]);
    out[CROFT_ROOT_PARAMS] = croft_tree_root(&r->tree[CROFT_TABLE_PARAMS]);
    out[CROFT_ROOT_PROVIDERS] = croft_tree_root(&r->tree[CROFT_TABLE_PROVIDERS]);
    out[CROFT_ROOT_RECEIPTS] = croft_peaks_root(&r->receipts);
    out[CROFT_ROOT_STATE] = croft_lthash_digest(&r->sum);
}

static void named_leaves(const struct croft_hash named[CROFT_ROOT_COUNT], struct croft_hash leaf[CROFT_ROOT_COUNT])
{
    for (u32 i = 0; i < CROFT_ROOT_COUNT; i++) {
        const char *name = croft_root_name((enum croft_root)i);
        leaf[i] = croft_merkle_named_leaf((struct croft_bytes){(const u8 *)name, strlen(name)},
                                          (struct croft_bytes){named[i].b, sizeof named[i].b});
    }
}

struct croft_hash croft_app_hash(const struct croft_hash named[CROFT_ROOT_COUNT])
{
    struct croft_hash leaf[CROFT_ROOT_COUNT];
    named_leaves(named, leaf);
    return croft_merkle_root(leaf, CROFT_ROOT_COUNT);
}

void croft_roots_record_path(const struct croft_roots *r, u32 table, u32 slot, struct croft_merkle_path *out)
{
    CROFT_ASSERT(croft_table_has_tree(table));
    croft_tree_path(&r->tree[table], slot, out);
}

void croft_roots_name_path(const struct croft_hash named[CROFT_ROOT_COUNT], enum croft_root which,
                           struct croft_merkle_path *out)
{
    struct croft_hash leaf[CROFT_ROOT_COUNT];
    named_leaves(named, leaf);
    croft_merkle_path_of(leaf, CROFT_ROOT_COUNT, which, out);
}
