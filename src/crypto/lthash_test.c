/* Goal: the lanes depend on the set alone, not on how it was reached, and are those of the formula.
 * Method: a vector file written by tools/make_vectors.py; random adds and removals undone in another order.
 */
#include "crypto/lthash.h"

#include "base/rng.h"
#include "crypto/hash.h"
#include "crypto/test_int.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { KEY_BYTES = 24, VALUE_MAX = 300, ELEMENTS = 40, RUNS = 50, LINE_BYTES = 4096 };

static u64 seed;

struct element {
    u8 table;
    u8 key[KEY_BYTES], value[VALUE_MAX];
    size_t key_len, value_len;
};

static void draw(struct croft_rng *rng, struct element *out)
{
    out->table = (u8)croft_rng_next(rng);
    out->key_len = croft_rng_below(rng, KEY_BYTES + 1);
    out->value_len = croft_rng_below(rng, VALUE_MAX + 1);
    croft_rng_fill(rng, out->key, out->key_len);
    croft_rng_fill(rng, out->value, out->value_len);
}

static void add(struct croft_lthash *h, const struct element *e)
{
    croft_lthash_add(h, e->table, (struct croft_bytes){e->key, e->key_len},
                     (struct croft_bytes){e->value, e->value_len});
}

static void subtract(struct croft_lthash *h, const struct element *e)
{
    croft_lthash_remove(h, e->table, (struct croft_bytes){e->key, e->key_len},
                        (struct croft_bytes){e->value, e->value_len});
}

static void shuffle(struct croft_rng *rng, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t j = croft_rng_below(rng, i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

static void test_order_does_not_matter_and_removal_undoes(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    for (int run = 0; run < RUNS; run++) {
        struct element element[ELEMENTS];
        struct croft_lthash forth = {{0}}, shuffled = {{0}};
        const struct croft_lthash empty = {{0}};
        size_t order[ELEMENTS];

        for (size_t i = 0; i < ELEMENTS; i++) {
            draw(&rng, &element[i]);
            add(&forth, &element[i]);
        }
        shuffle(&rng, order, ELEMENTS);
        for (size_t i = 0; i < ELEMENTS; i++)
            add(&shuffled, &element[order[i]]);
        assert_memory_equal(&forth, &shuffled, sizeof forth);
        assert_memory_not_equal(&forth, &empty, sizeof forth);

        shuffle(&rng, order, ELEMENTS);
        for (size_t i = 0; i < ELEMENTS; i++)
            subtract(&shuffled, &element[order[i]]);
        assert_memory_equal(&shuffled, &empty, sizeof empty);
    }
}

/* Bytes that move between table, key and value, or a zero at an end, are another element. */
static void test_fields_do_not_run_into_each_other(void **state)
{
    (void)state;
    static const struct element row[] = {
        {.table = 1, .key = "ab", .key_len = 2, .value = "c", .value_len = 1},
        {.table = 1, .key = "a", .key_len = 1, .value = "bc", .value_len = 2},
        {.table = 1, .key = "abc", .key_len = 3, .value = "", .value_len = 0},
        {.table = 1, .key = "", .key_len = 0, .value = "abc", .value_len = 3},
        {.table = 1, .key = "ab", .key_len = 2, .value = "c", .value_len = 2},
        {.table = 2, .key = "ab", .key_len = 2, .value = "c", .value_len = 1},
    };
    struct croft_lthash h[CROFT_COUNT(row)] = {0};
    for (size_t i = 0; i < CROFT_COUNT(row); i++) {
        add(&h[i], &row[i]);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(&h[i], &h[j], sizeof h[i]);
    }
}

static void test_save_is_little_endian_and_load_undoes_it(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    struct croft_lthash h, back;
    u8 bytes[CROFT_LTHASH_BYTES];
    croft_rng_fill(&rng, (u8 *)h.lane, sizeof h.lane);
    h.lane[3] = 0x1234;
    croft_lthash_save(&h, bytes);
    assert_int_equal(bytes[6], 0x34);
    assert_int_equal(bytes[7], 0x12);
    croft_lthash_load(&back, bytes);
    assert_memory_equal(&back, &h, sizeof h);
}

static void follow(struct croft_lthash *h, const char *verb, unsigned table, const char *key,
                   const char *value)
{
    u8 key_bytes[LINE_BYTES / 2], value_bytes[LINE_BYTES / 2];
    struct croft_bytes k = {key_bytes, croft_test_unhex(key, key_bytes, sizeof key_bytes)};
    struct croft_bytes v = {value_bytes, croft_test_unhex(value, value_bytes, sizeof value_bytes)};
    if (strcmp(verb, "add") == 0)
        croft_lthash_add(h, (u8)table, k, v);
    else
        croft_lthash_remove(h, (u8)table, k, v);
}

static void test_vector_file(void **state)
{
    (void)state;
    FILE *file = fopen("tests/vectors/lthash.txt", "r");
    assert_non_null(file);

    static char line[LINE_BYTES], verb[LINE_BYTES], first[LINE_BYTES], second[LINE_BYTES];
    struct croft_lthash h = {{0}};
    int digests = 0;
    while (fgets(line, sizeof line, file)) {
        unsigned table = 0;
        if (sscanf(line, "digest %64s", first) == 1) {
            struct croft_hash want = croft_test_hash(first), got = croft_lthash_digest(&h);
            assert_true(croft_hash_equal(&got, &want));
            digests++;
        } else if (line[0] != '#') {
            assert_int_equal(sscanf(line, "%7s %3u %4000s %4000s", verb, &table, first, second), 4);
            follow(&h, verb, table, first, second);
        }
    }
    fclose(file);
    assert_int_equal(digests, 41);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_does_not_matter_and_removal_undoes),
        cmocka_unit_test(test_fields_do_not_run_into_each_other),
        cmocka_unit_test(test_save_is_little_endian_and_load_undoes_it),
        cmocka_unit_test(test_vector_file),
    };
    seed = croft_test_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
