/* Goal: words and sets keep what they are given, and patterns match as their definition says.  Method: seeded
 * texts against a list of them; patterns against the recursive definition. */
#include "market/words.h"

#include "base/testing.h"
#include "market/naive_int.h"

enum { WORDS = 300, SETS = 200, ROUNDS = 6000 };

static struct croft_words *new_words(struct croft_region *region, const struct croft_words_limits *limits)
{
    struct croft_words *w;
    assert_true(croft_region_map(region, croft_words_size(limits)));
    struct croft_arena mem = croft_region_arena(region);
    assert_int_equal(croft_words_init(&w, &mem, limits), CROFT_OK);
    return w;
}

static void test_words(void **unused)
{
    (void)unused;
    static char text[WORDS + 1][8];
    static u32 space[WORDS + 1];
    const struct croft_words_limits limits = {.words_max = WORDS, .text_bytes_max = 4096, .hash_seed = 9};
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    struct croft_region region;
    struct croft_words *w = new_words(&region, &limits);
    u32 made = 0;
    for (u32 round = 0; round < ROUNDS; round++) {
        char t[8];
        u32 s = naive_below(&rng, CROFT_WORD_SPACES), known = 1;
        snprintf(t, sizeof t, "%u", naive_below(&rng, 60));
        while (known <= made && (space[known] != s || strcmp(text[known], t) != 0))
            known++;
        u32 found = croft_word_find(w, s, naive_bytes(t)), word = croft_word(w, s, naive_bytes(t));
        assert_int_equal(found, known <= made ? known : CROFT_WORD_NONE);
        assert_int_equal(word, known <= WORDS ? known : CROFT_WORD_NONE);
        if (known > made && known <= WORDS) {
            made = known;
            space[known] = s;
            memcpy(text[known], t, sizeof t);
        }
        assert_int_equal(croft_word_count(w), made);
    }
    assert_int_equal(made, WORDS);
    for (u32 s = 0, seen = 0; s < CROFT_WORD_SPACES; s++) {
        for (u32 word = croft_word_next(w, s, CROFT_WORD_NONE); word != CROFT_WORD_NONE;
             word = croft_word_next(w, s, word)) {
            struct croft_bytes t = croft_word_text(w, word);
            assert_int_equal(space[word], s);
            assert_int_equal(t.len, strlen(text[word]));
            assert_memory_equal(t.at, text[word], t.len);
            seen++;
        }
        assert_true(s + 1 < CROFT_WORD_SPACES || seen == made);
    }
    croft_region_unmap(&region);
}

static void test_sets(void **unused)
{
    (void)unused;
    const struct croft_words_limits limits = {
        .words_max = 9, .text_bytes_max = 64, .sets_max = SETS, .members_max = 2000, .hash_seed = 9};
    static u32 mask_of[SETS + 1];
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    struct croft_region region;
    struct croft_words *w = new_words(&region, &limits);
    for (u32 i = 1; i <= 9; i++)
        assert_int_equal(croft_word(w, 0, (struct croft_bytes){(const u8 *)&"123456789"[i - 1], 1}), i);
    u32 made = 0;
    for (u32 round = 0; round < ROUNDS; round++) {
        u32 word[12], count = naive_below(&rng, 13), mask = 0, set = 99;
        for (u32 i = 0; i < count; i++) {
            word[i] = 1 + naive_below(&rng, 9);
            mask |= 1u << word[i];
        }
        u32 known = 0;
        while (known <= made && mask_of[known] != mask)
            known++;
        bool ok = croft_word_set(w, word, count, &set);
        assert_int_equal(ok, known <= SETS);
        if (!ok)
            continue;
        assert_int_equal(set, known);
        made = known > made ? known : made;
        mask_of[known] = mask;
        u32 list = 1 + naive_below(&rng, 9), members;
        assert_int_equal(croft_word_set_meets(w, set, &list, 1), mask >> list & 1);
        (void)croft_word_set_words(w, set, &members);
        assert_int_equal(members, __builtin_popcount(mask));
    }
    for (u32 word = 1; word <= 9; word++) {
        u32 seen = 0, want = 0, set;
        for (u32 at = 0; (at = croft_word_next_set(w, word, at, &set)) != 0; seen++)
            assert_true(mask_of[set] >> word & 1);
        for (u32 i = 1; i <= made; i++)
            want += mask_of[i] >> word & 1;
        assert_int_equal(seen, want);
    }
    croft_region_unmap(&region);
}

static void draw_text(struct croft_rng *rng, const char *letters, char out[12])
{
    u32 len = naive_below(rng, 11);
    for (u32 i = 0; i < len; i++)
        out[i] = letters[naive_below(rng, (u32)strlen(letters))];
    out[len] = '\0';
}

static void test_globs(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    u32 matched = 0;
    for (u32 round = 0; round < 200000; round++) {
        char pattern[12], text[12];
        draw_text(&rng, "ab/**?", pattern);
        draw_text(&rng, "aab/", text);
        bool want = naive_glob(pattern, text);
        assert_int_equal(croft_glob_match(naive_bytes(pattern), naive_bytes(text)), want);
        assert_int_equal(croft_glob_is_plain(naive_bytes(pattern)), strpbrk(pattern, "*?") == NULL);
        matched += want;
    }
    assert_true(matched > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_sets),
                                       cmocka_unit_test(test_globs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
