/* Goal: one text for every 32 bytes, and no other text is taken.
 * Method: the vectors of BIP 350; random data there and back; every single wrong character refused. */
#include "crypto/bech32m.h"

#include "base/rng.h"
#include "crypto/bech32m_int.h"
#include "crypto/test_int.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { RUNS = 200, ERRORS_FOUND_ALWAYS = 4 };

static const char CHARSET[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static u64 seed;

static void test_valid_strings_of_bip_350(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hrp;
        size_t quintets;
    } row[] = {
        {"A1LQFN3A", "a", 0},
        {"a1lqfn3a", "a", 0},
        {"an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
         "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber1", 0},
        {"abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", "abcdef", 32},
        {"11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8", "1",
         82},
        {"split1checkupstagehandshakeupstreamerranterredcaperredlc445v", "split", 48},
        {"?1v759aa", "?", 0},
    };
    for (size_t i = 0; i < CROFT_COUNT(row); i++) {
        struct croft_bech32m_parts parts;
        assert_int_equal(croft_bech32m_split(row[i].text, &parts), CROFT_OK);
        assert_string_equal(parts.hrp, row[i].hrp);
        assert_int_equal(parts.quintets, row[i].quintets);
    }
}

static void test_values_of_the_alphabet(void **state)
{
    (void)state;
    struct croft_bech32m_parts parts;
    croft_err err = croft_bech32m_split("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", &parts);
    assert_int_equal(err, CROFT_OK);
    for (size_t i = 0; i < 32; i++)
        assert_int_equal(parts.quintet[i], 31 - i);
}

static void test_invalid_strings_of_bip_350(void **state)
{
    (void)state;
    static const char *const row[] = {
        " 1xj0phk",    /* prefix character out of range */
        "\1771g6xzxy", /* the same */
        "\2001vctc34", /* the same */
        /* 91 characters: */
        "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
        "qyrz8wqd2c9m",  /* no separator */
        "1qyrz8wqd2c9m", /* empty prefix */
        "y1b0jsk6g",     /* invalid data character */
        "lt1igcx5c0",    /* the same */
        "in1muywd",      /* checksum too short */
        "mm1crxm3i",     /* invalid character in the checksum */
        "au1s5cgom",     /* the same */
        "M1VUXWEZ",      /* checksum of the upper-case prefix */
        "16plkw9",       /* empty prefix */
        "1p2gdwpf",      /* the same */
        "aam1t6vtw",     /* a checksum that is right, of five characters */
        "A1lqfn3a",      /* mixed case */
        "a12uel5l",      /* Bech32, not Bech32m */
        "",
    };
    for (size_t i = 0; i < CROFT_COUNT(row); i++) {
        struct croft_bech32m_parts parts = {.quintets = 77};
        assert_int_equal(croft_bech32m_split(row[i], &parts), CROFT_ERR_BECH32);
        assert_int_equal(parts.quintets, 77); /* unchanged */
    }
}

static void upper_case(char *text)
{
    for (; *text; text++)
        *text = (char)toupper((unsigned char)*text);
}

static void expect_refused(const char *hrp, const char *text)
{
    u8 out[32], before[32];
    memset(out, 0xa5, sizeof out);
    memset(before, 0xa5, sizeof before);
    assert_int_equal(croft_bech32m_decode(hrp, text, out), CROFT_ERR_BECH32);
    assert_memory_equal(out, before, sizeof out);
}

static void test_there_and_back(void **state)
{
    (void)state;
    static const char *const hrp[] = {CROFT_HRP_ADDRESS, CROFT_HRP_PUBLIC_KEY, "a",
                                      "an-hrp-of-31-characters-as-long"};
    struct croft_rng rng = croft_rng_of(seed);
    for (int run = 0; run < RUNS; run++) {
        const char *ours = hrp[run % 4], *other = hrp[(run + 1) % 4];
        u8 data[32], back[32];
        char text[CROFT_BECH32M_TEXT_MAX];
        croft_rng_fill(&rng, data, sizeof data);
        croft_bech32m_encode(ours, data, text);
        assert_int_equal(strlen(text), strlen(ours) + 1 + 52 + 6);
        assert_int_equal(croft_bech32m_decode(ours, text, back), CROFT_OK);
        assert_memory_equal(back, data, sizeof data);
        expect_refused(other, text);

        upper_case(text);
        memset(back, 0, sizeof back);
        assert_int_equal(croft_bech32m_decode(ours, text, back), CROFT_OK);
        assert_memory_equal(back, data, sizeof data);
        text[0] = (char)tolower((unsigned char)text[0]);
        expect_refused(ours, text);
    }
}

static void test_every_single_wrong_character_is_found(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    u8 data[32];
    char text[CROFT_BECH32M_TEXT_MAX];
    croft_rng_fill(&rng, data, sizeof data);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, data, text);
    for (size_t i = 0; text[i]; i++) {
        char right = text[i];
        for (int c = 1; c < 256; c++) {
            text[i] = (char)c;
            if (text[i] != right)
                expect_refused(CROFT_HRP_ADDRESS, text);
        }
        text[i] = right;
    }
}

/* What the code promises for up to 90 characters; here also for a dropped and a doubled character, which
 * the length finds. */
static void test_a_few_wrong_characters_are_found(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(seed);
    size_t start = strlen(CROFT_HRP_PUBLIC_KEY "1");
    for (int run = 0; run < RUNS * 10; run++) {
        u8 data[32];
        char text[CROFT_BECH32M_TEXT_MAX], right[CROFT_BECH32M_TEXT_MAX];
        croft_rng_fill(&rng, data, sizeof data);
        croft_bech32m_encode(CROFT_HRP_PUBLIC_KEY, data, right);
        memcpy(text, right, sizeof text);
        for (u64 errors = 1 + croft_rng_below(&rng, ERRORS_FOUND_ALWAYS); errors > 0; errors--)
            text[start + croft_rng_below(&rng, strlen(right) - start)] = CHARSET[croft_rng_below(&rng, 32)];
        if (strcmp(text, right) != 0)
            expect_refused(CROFT_HRP_PUBLIC_KEY, text);

        size_t at = start + croft_rng_below(&rng, strlen(right) - start);
        memcpy(text, right, at);
        strcpy(text + at, right + at + 1);
        expect_refused(CROFT_HRP_PUBLIC_KEY, text);
        memcpy(text, right, at + 1);
        strcpy(text + at + 1, right + at);
        expect_refused(CROFT_HRP_PUBLIC_KEY, text);
    }
}

/* Valid Bech32m, but not 32 bytes; the first two differ from 32 zero bytes in the padding alone. */
static void test_other_lengths_and_padding_are_refused(void **state)
{
    (void)state;
    static const char *const row[] = {
        "croft1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqpyurpy4",
        "croft1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqg87nc86",
        "croft1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqregqqk",
        "croft1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj9w6sy",
        "croft1d8269v",
        "croft1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqd84w85",
    };
    u8 data[32] = {0};
    char text[CROFT_BECH32M_TEXT_MAX];
    croft_bech32m_encode("croft", data, text);
    assert_string_equal(text, "croft1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqe2h5e8");
    for (size_t i = 0; i < CROFT_COUNT(row); i++) {
        struct croft_bech32m_parts parts;
        assert_int_equal(croft_bech32m_split(row[i], &parts), CROFT_OK);
        expect_refused("croft", row[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_strings_of_bip_350),
        cmocka_unit_test(test_values_of_the_alphabet),
        cmocka_unit_test(test_invalid_strings_of_bip_350),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_every_single_wrong_character_is_found),
        cmocka_unit_test(test_a_few_wrong_characters_are_found),
        cmocka_unit_test(test_other_lengths_and_padding_are_refused),
    };
    seed = croft_test_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
