/* Goal: the tree that keeps its levels always agrees with the recursion of RFC 6962, and a path leads to the
 * root only if nothing in it was changed.
 * Method: a vector file written by tools/make_vectors.py; random sizes and batches against the recursion. */
#include "crypto/merkle.h"

#include "base/rng.h"
#include "crypto/hash.h"
#include "crypto/test_int.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    SMALL_MAX = 40,
    LEAVES_MAX = 1000,
    STEPS = 300,
    RUNS = 30,
    LINE_BYTES = 4096,
    VECTOR_LEAVES_MAX = 100
};

static u64 seed;

static void expect_equal(struct croft_hash a, struct croft_hash b)
{
    assert_memory_equal(a.b, b.b, sizeof a.b);
}

static struct croft_hash draw_hash(struct croft_rng *rng)
{
    struct croft_hash out;
    croft_rng_fill(rng, out.b, sizeof out.b);
    return out;
}

/* A tree in its own fresh pages, and the plain list of leaves that it must agree with. */
struct pair {
    struct croft_region region;
    struct croft_tree tree;
    struct croft_hash leaf[LEAVES_MAX];
    bool changed[LEAVES_MAX];
    size_t count;
};

static void pair_make(struct pair *p, u64 leaves_max, size_t skew)
{
    *p = (struct pair){.count = 0};
    assert_true(croft_region_map(&p->region, croft_tree_size(leaves_max) + skew));
    struct croft_arena mem = croft_region_arena(&p->region);
    mem.at += skew;
    assert_int_equal(croft_tree_init(&p->tree, &mem, leaves_max), CROFT_OK);
    assert_ptr_equal(mem.at, mem.end);
}

static void pair_free(struct pair *p)
{
    croft_region_unmap(&p->region);
}

static void pair_set(struct pair *p, size_t index, struct croft_hash leaf)
{
    p->leaf[index] = leaf;
    p->changed[index] = true;
    *croft_tree_leaf(&p->tree, index) = leaf;
}

/* Marks what the contract says must be passed: every added leaf, or the new last one. */
static void pair_resize(struct pair *p, size_t count)
{
    for (size_t i = p->count; i < count; i++) {
        p->leaf[i] = (struct croft_hash){{0}};
        p->changed[i] = true;
    }
    if (count < p->count && count > 0)
        p->changed[count - 1] = true;
    p->count = count;
    croft_tree_resize(&p->tree, count);
}

static void pair_update(struct pair *p)
{
    u32 index[LEAVES_MAX];
    size_t count = 0;
    for (u32 i = 0; i < p->count; i++) {
        if (p->changed[i])
            index[count++] = i;
    }
    memset(p->changed, 0, sizeof p->changed);
    croft_tree_update(&p->tree, index, count);
}

static void pair_check(const struct pair *p)
{
    expect_equal(croft_tree_root(&p->tree), croft_merkle_root(p->leaf, p->count));
}

static void pair_step(struct pair *p, struct croft_rng *rng, u64 leaves_max)
{
    if (croft_rng_chance(rng, 3))
        pair_resize(p, croft_rng_below(rng, leaves_max + 1));
    u64 sets = p->count ? croft_rng_below(rng, croft_rng_chance(rng, 4) ? p->count + 1 : 5) : 0;
    for (u64 i = 0; i < sets; i++)
        pair_set(p, croft_rng_below(rng, p->count), draw_hash(rng));
    pair_update(p);
}

static void test_tree_agrees_with_the_recursion(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    static struct pair p;
    for (int run = 0; run < RUNS; run++) {
        u64 leaves_max = 1 + croft_rng_below(&rng, croft_rng_chance(&rng, 2) ? SMALL_MAX : LEAVES_MAX);
        pair_make(&p, leaves_max, croft_rng_below(&rng, 100));
        pair_check(&p);
        for (int step = 0; step < STEPS; step++) {
            pair_step(&p, &rng, leaves_max);
            pair_check(&p);
        }
        pair_free(&p);
    }
}

/* Every pair of sizes: what growing and shrinking must recompute differs with the shape of the right edge. */
static void test_every_small_resize(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    static struct pair p;
    for (size_t from = 0; from <= SMALL_MAX; from++) {
        for (size_t to = 0; to <= SMALL_MAX; to++) {
            pair_make(&p, SMALL_MAX, 0);
            pair_resize(&p, from);
            for (size_t i = 0; i < from; i++)
                pair_set(&p, i, draw_hash(&rng));
            pair_update(&p);
            pair_resize(&p, to);
            pair_update(&p);
            pair_check(&p);
            pair_free(&p);
        }
    }
}

static void test_one_batch_may_come_in_parts(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    static struct pair p;
    pair_make(&p, LEAVES_MAX, 0);
    pair_resize(&p, 777);
    pair_update(&p);
    for (u32 i = 0; i < 777; i++) {
        pair_set(&p, i, draw_hash(&rng));
        croft_tree_update(&p.tree, &i, 1);
    }
    pair_check(&p);
    croft_tree_update(&p.tree, NULL, 0);
    pair_check(&p);
    pair_free(&p);
}

static void test_init_needs_the_size_it_states(void **state)
{
    (void)state;
    for (u64 leaves_max = 1; leaves_max < 70; leaves_max++) {
        struct croft_region region;
        struct croft_tree tree;
        size_t size = croft_tree_size(leaves_max);
        assert_true(croft_region_map(&region, size));
        struct croft_arena mem = croft_region_arena(&region);
        mem.end--;
        assert_int_equal(croft_tree_init(&tree, &mem, leaves_max), CROFT_ERR_NOMEM);
        assert_ptr_equal(mem.at, region.base);
        mem.end++;
        assert_int_equal(croft_tree_init(&tree, &mem, leaves_max), CROFT_OK);
        croft_region_unmap(&region);
    }
}

static void make_leaves(struct croft_rng *rng, struct croft_hash *leaf, size_t count)
{
    for (size_t i = 0; i < count; i++)
        leaf[i] = draw_hash(rng);
}

static void expect_same_path(const struct croft_merkle_path *a, const struct croft_merkle_path *b)
{
    assert_int_equal(a->total, b->total);
    assert_int_equal(a->index, b->index);
    assert_int_equal(a->aunt_count, b->aunt_count);
    expect_equal(a->leaf, b->leaf);
    assert_memory_equal(a->aunt, b->aunt, a->aunt_count * sizeof a->aunt[0]);
}

static void test_every_path_leads_to_the_root(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    static struct pair p;
    for (size_t count = 1; count <= 2 * SMALL_MAX; count++) {
        pair_make(&p, LEAVES_MAX, 0);
        pair_resize(&p, count);
        for (size_t i = 0; i < count; i++)
            pair_set(&p, i, draw_hash(&rng));
        pair_update(&p);
        for (size_t i = 0; i < count; i++) {
            struct croft_merkle_path by_tree, by_recursion;
            struct croft_hash root;
            croft_tree_path(&p.tree, i, &by_tree);
            croft_merkle_path_of(p.leaf, count, i, &by_recursion);
            expect_same_path(&by_tree, &by_recursion);
            assert_int_equal(croft_merkle_path_root(&by_tree, &root), CROFT_OK);
            expect_equal(root, croft_tree_root(&p.tree));
        }
        pair_free(&p);
    }
}

/* Refused, or another root: a changed path must not prove the leaf. */
static void expect_no_proof(const struct croft_merkle_path *path, struct croft_hash root)
{
    struct croft_hash got = {{0}};
    if (croft_merkle_path_root(path, &got) == CROFT_OK)
        assert_false(croft_hash_equal(&got, &root));
    else
        assert_true(croft_hash_is_zero(&got)); /* unchanged */
}

static void tamper_bytes(struct croft_rng *rng, struct croft_merkle_path path, struct croft_hash root)
{
    struct croft_merkle_path bad = path;
    bad.leaf.b[croft_rng_below(rng, 32)] ^= (u8)(1 + croft_rng_below(rng, 255));
    expect_no_proof(&bad, root);
    for (u32 i = 0; i < path.aunt_count; i++) {
        bad = path;
        bad.aunt[i].b[croft_rng_below(rng, 32)] ^= (u8)(1 + croft_rng_below(rng, 255));
        expect_no_proof(&bad, root);
    }
}

static void tamper_shape(struct croft_merkle_path path)
{
    struct croft_hash root = {{0}};
    struct croft_merkle_path bad = path;
    bad.aunt_count++;
    assert_int_equal(croft_merkle_path_root(&bad, &root), CROFT_ERR_PROOF);
    bad.aunt_count = CROFT_MERKLE_DEPTH_MAX + 1;
    assert_int_equal(croft_merkle_path_root(&bad, &root), CROFT_ERR_PROOF);
    bad.aunt_count = UINT32_MAX;
    assert_int_equal(croft_merkle_path_root(&bad, &root), CROFT_ERR_PROOF);
    if (path.aunt_count > 0) {
        bad.aunt_count = path.aunt_count - 1;
        assert_int_equal(croft_merkle_path_root(&bad, &root), CROFT_ERR_PROOF);
    }
    bad = path;
    bad.index = bad.total;
    assert_int_equal(croft_merkle_path_root(&bad, &root), CROFT_ERR_PROOF);
    bad.index = bad.total = 0;
    assert_int_equal(croft_merkle_path_root(&bad, &root), CROFT_ERR_PROOF);
    bad.total = UINT64_MAX;
    assert_int_equal(croft_merkle_path_root(&bad, &root), CROFT_ERR_PROOF);
    bad.aunt_count =
        CROFT_MERKLE_DEPTH_MAX + 1; /* as many as the total demands, more than there is room for */
    bad.total = UINT64_C(1) << bad.aunt_count;
    assert_int_equal(croft_merkle_path_root(&bad, &root), CROFT_ERR_PROOF);
    assert_true(croft_hash_is_zero(&root));
}

static void test_tampered_paths_are_refused(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    struct croft_hash leaf[2 * SMALL_MAX];
    for (size_t count = 1; count <= CROFT_COUNT(leaf); count++) {
        make_leaves(&rng, leaf, count);
        struct croft_hash root = croft_merkle_root(leaf, count);
        for (size_t i = 0; i < count; i++) {
            struct croft_merkle_path path;
            croft_merkle_path_of(leaf, count, i, &path);
            tamper_bytes(&rng, path, root);
            tamper_shape(path);
        }
    }
}

/* The same aunts at another index: some have the same number of aunts, none gives the same root. */
static void test_a_path_proves_one_index(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    struct croft_hash leaf[SMALL_MAX];
    for (size_t count = 2; count <= CROFT_COUNT(leaf); count++) {
        make_leaves(&rng, leaf, count);
        struct croft_hash root = croft_merkle_root(leaf, count);
        for (size_t i = 0; i < count; i++) {
            struct croft_merkle_path path;
            croft_merkle_path_of(leaf, count, i, &path);
            for (path.index = 0; path.index < count; path.index++) {
                if (path.index != i)
                    expect_no_proof(&path, root);
            }
        }
    }
}

/* What the vector file has built so far. */
struct vectors {
    struct croft_hash leaf[VECTOR_LEAVES_MAX];
    size_t leaves, lines;
};

static void vector_leaf(struct vectors *v, const char *data, const char *hash)
{
    u8 bytes[LINE_BYTES];
    size_t len = croft_test_unhex(data, bytes, sizeof bytes);
    assert_true(v->leaves < VECTOR_LEAVES_MAX);
    v->leaf[v->leaves] = croft_merkle_leaf((struct croft_bytes){bytes, len});
    expect_equal(v->leaf[v->leaves++], croft_test_hash(hash));
}

static void vector_root(const struct vectors *v, size_t count, const char *hash)
{
    assert_true(count <= v->leaves);
    expect_equal(croft_merkle_root(v->leaf, count), croft_test_hash(hash));
}

static void vector_path(const struct vectors *v, size_t count, size_t index, const char *aunts)
{
    u8 bytes[LINE_BYTES];
    struct croft_merkle_path path;
    croft_merkle_path_of(v->leaf, count, index, &path);
    assert_int_equal(croft_test_unhex(aunts, bytes, sizeof bytes), path.aunt_count * sizeof path.aunt[0]);
    assert_memory_equal(path.aunt, bytes, path.aunt_count * sizeof path.aunt[0]);
}

static void vector_named(const char *key, const char *value, const char *hash)
{
    u8 k[LINE_BYTES], v[LINE_BYTES];
    struct croft_bytes key_bytes = {k, croft_test_unhex(key, k, sizeof k)};
    struct croft_bytes value_bytes = {v, croft_test_unhex(value, v, sizeof v)};
    expect_equal(croft_merkle_named_leaf(key_bytes, value_bytes), croft_test_hash(hash));
}

static void vector_line(struct vectors *v, const char *line)
{
    static char a[LINE_BYTES], b[LINE_BYTES], c[LINE_BYTES];
    size_t count, index;
    v->lines++;
    if (sscanf(line, "leaf %2000s %64s", a, b) == 2)
        vector_leaf(v, a, b);
    else if (sscanf(line, "root %zu %64s", &count, a) == 2)
        vector_root(v, count, a);
    else if (sscanf(line, "path %zu %zu %4000s", &count, &index, a) == 3)
        vector_path(v, count, index, a);
    else if (sscanf(line, "named %2000s %2000s %64s", a, b, c) == 3)
        vector_named(a, b, c);
    else
        assert_int_equal(line[0], '#');
}

static void test_vector_file(void **state)
{
    (void)state;
    FILE *file = fopen("tests/vectors/merkle.txt", "r");
    assert_non_null(file);
    static char line[LINE_BYTES];
    static struct vectors v;
    while (fgets(line, sizeof line, file))
        vector_line(&v, line);
    fclose(file);
    assert_int_equal(v.lines, 114);
}

/* Published with RFC 6962's reference implementation; the rest of that set is in the vector file. */
static void test_known_hashes(void **state)
{
    (void)state;
    expect_equal(croft_merkle_empty(),
                 croft_test_hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    expect_equal(croft_merkle_leaf((struct croft_bytes){NULL, 0}),
                 croft_test_hash("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"));
    struct croft_hash left = croft_merkle_leaf((struct croft_bytes){NULL, 0});
    struct croft_hash right = croft_merkle_leaf((struct croft_bytes){(const u8 *)"", 1});
    expect_equal(croft_merkle_inner(&left, &right),
                 croft_test_hash("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_agrees_with_the_recursion),
        cmocka_unit_test(test_every_small_resize),
        cmocka_unit_test(test_one_batch_may_come_in_parts),
        cmocka_unit_test(test_init_needs_the_size_it_states),
        cmocka_unit_test(test_every_path_leads_to_the_root),
        cmocka_unit_test(test_tampered_paths_are_refused),
        cmocka_unit_test(test_a_path_proves_one_index),
        cmocka_unit_test(test_vector_file),
        cmocka_unit_test(test_known_hashes),
    };
    seed = croft_test_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
