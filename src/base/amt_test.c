/* Goal: sums are exact or refused, and text means one amount.
 * Method: schoolbook multiplication and division in base 2^16 and decimal digits as the model; every form of
 * text that is not one. */
#include "base/amt.h"

#include "base/rng.h"
#include "base/testing.h"

#include <string.h>

enum { RUNS = 20000 };

/* Numbers of every length, and those next to powers of two. */
static u64 any_u64(struct croft_rng *rng)
{
    u64 v = croft_rng_next(rng) >> croft_rng_below(rng, 64);
    switch (croft_rng_below(rng, 4)) {
    case 0:
        return UINT64_MAX - (v & 3);
    case 1:
        return (UINT64_C(1) << croft_rng_below(rng, 64)) - (v & 1);
    default:
        return v;
    }
}

static void test_add_and_sub(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < RUNS; i++) {
        u64 a = any_u64(&rng), b = any_u64(&rng);
        u128 sum = (u128)a + b;
        struct croft_amt out = croft_amt_of(99);
        bool fits = croft_amt_add(&out, croft_amt_of(a), croft_amt_of(b));
        assert_int_equal(fits, sum <= UINT64_MAX);
        assert_int_equal(croft_amt_units(out), fits ? (u64)sum : 99);
        out = croft_amt_of(99);
        assert_int_equal(croft_amt_sub(&out, croft_amt_of(a), croft_amt_of(b)), a >= b);
        assert_int_equal(croft_amt_units(out), a >= b ? a - b : 99);
        assert_int_equal(croft_amt_cmp(croft_amt_of(a), croft_amt_of(b)), a < b ? -1 : a > b ? 1 : 0);
        assert_int_equal(croft_amt_units(croft_amt_min(croft_amt_of(a), croft_amt_of(b))), a < b ? a : b);
        assert_int_equal(croft_amt_is_zero(croft_amt_of(a)), a == 0);
    }
}

/* ---- a * num / den, the slow way: bit by bit, so that nothing is taken from the compiler's 128 bits ---- */

struct wide {
    u64 high, low;
};

static bool wide_at_least(struct wide a, u64 b)
{
    return a.high != 0 || a.low >= b;
}

static struct wide slow_mul(u64 a, u64 b)
{
    struct wide w = {0, 0};
    for (int bit = 63; bit >= 0; bit--) {
        w.high = w.high << 1 | w.low >> 63;
        w.low <<= 1;
        if (b >> bit & 1) {
            w.low += a;
            w.high += w.low < a;
        }
    }
    return w;
}

/* Long division: quotient (its high half, its low half) and remainder. */
static struct wide slow_div(struct wide n, u64 den, u64 *out_rest)
{
    struct wide q = {0, 0}, rest = {0, 0};
    for (int bit = 127; bit >= 0; bit--) {
        u64 next = bit >= 64 ? n.high >> (bit - 64) & 1 : n.low >> bit & 1;
        rest.high = rest.low >> 63;
        rest.low = rest.low << 1 | next;
        q.high = q.high << 1 | q.low >> 63;
        q.low <<= 1;
        if (wide_at_least(rest, den)) {
            rest.low -= den;
            rest.high = 0;
            q.low |= 1;
        }
    }
    *out_rest = rest.low;
    return q;
}

static void test_muldiv(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < RUNS; i++) {
        u64 a = any_u64(&rng), num = any_u64(&rng), den = any_u64(&rng), rest;
        den += den == 0;
        struct wide q = slow_div(slow_mul(a, num), den, &rest);
        struct croft_amt out = croft_amt_of(99);
        bool fits = croft_amt_muldiv_floor(&out, croft_amt_of(a), num, den);
        assert_int_equal(fits, q.high == 0);
        assert_int_equal(croft_amt_units(out), fits ? q.low : 99);

        bool ceil_fits = q.high == 0 && (rest == 0 || q.low != UINT64_MAX);
        out = croft_amt_of(99);
        assert_int_equal(croft_amt_muldiv_ceil(&out, croft_amt_of(a), num, den), ceil_fits);
        assert_int_equal(croft_amt_units(out), ceil_fits ? q.low + (rest != 0) : 99);
    }
}

/* ---- text ---- */

static void expect_text(u64 units, const char *want)
{
    char text[CROFT_AMT_TEXT_MAX];
    croft_amt_format(croft_amt_of(units), text);
    assert_string_equal(text, want);
}

static void test_format(void **unused)
{
    (void)unused;
    expect_text(0, "0.00");
    expect_text(1, "0.000000001");
    expect_text(10000000, "0.01");
    expect_text(CROFT_UNITS_PER_CREDIT, "1.00");
    expect_text(12500000000, "12.50");
    expect_text(12345000000, "12.345");
    expect_text(UINT64_MAX, "18446744073.709551615");
}

static void test_round_trip(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < RUNS; i++) {
        char text[CROFT_AMT_TEXT_MAX];
        u64 units = any_u64(&rng);
        if (croft_rng_chance(&rng, 2))
            units = units / 10000000 * 10000000;
        struct croft_amt back = croft_amt_of(~units);
        croft_amt_format(croft_amt_of(units), text);
        assert_true(croft_amt_parse(text, &back));
        assert_int_equal(croft_amt_units(back), units);
    }
}

static void test_parse(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        u64 units;
    } good[] = {
        {"0", 0},
        {"0.0", 0},
        {"7", 7000000000},
        {"007", 7000000000},
        {"12.5", 12500000000},
        {"0.000000001", 1},
        {"18446744073.709551615", UINT64_MAX},
        {"000000000000000000000000000000000001.000000000", 1000000000},
    };
    for (size_t i = 0; i < CROFT_COUNT(good); i++) {
        struct croft_amt out;
        assert_true(croft_amt_parse(good[i].text, &out));
        assert_int_equal(croft_amt_units(out), good[i].units);
    }
}

static void test_parse_refusals(void **unused)
{
    (void)unused;
    static const char *const bad[] = {
        "",
        ".",
        ".5",
        "5.",
        "1..2",
        "1.2.3",
        "+1",
        "-1",
        "1e3",
        " 1",
        "1 ",
        "1,5",
        "1.5 ",
        "0x10",
        "1_000",
        "a",
        "1.0000000000",
        "1.0000000001",
        "1.5a",
        "1.a",
        "1. 5",
        "1.-5",
        "\t1",
        "1\n",
        "½",
        "18446744073.709551616",
        "18446744074",
        "99999999999999999999",
        "184467440737095516160",
        "1.5.",
        "..",
        "0.",
        "0..0",
    };
    for (size_t i = 0; i < CROFT_COUNT(bad); i++) {
        struct croft_amt out = croft_amt_of(99);
        if (croft_amt_parse(bad[i], &out))
            fail_msg("taken: '%s'", bad[i]);
        assert_int_equal(croft_amt_units(out), 99);
    }
}

/* Any text of these characters is taken exactly when it is digits, with at most one point between digits. */
static bool looks_right(const char *text, size_t len)
{
    size_t points = 0, decimals = 0, digits = 0;
    for (size_t i = 0; i < len; i++) {
        points += text[i] == '.';
        digits += text[i] >= '0' && text[i] <= '9';
        decimals += points != 0 && text[i] != '.';
    }
    return points + digits == len && digits > 0 && points <= 1 && (points == 0 || decimals > 0) &&
           decimals <= 9 && text[0] != '.';
}

static void test_parse_random_text(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < RUNS; i++) {
        char text[16] = {0};
        size_t len = croft_rng_below(&rng, 14); /* short enough to fit: only the form is in question */
        for (size_t k = 0; k < len; k++)
            text[k] = "0123456789.00112233.-e "[croft_rng_below(&rng, croft_rng_chance(&rng, 8) ? 23 : 11)];
        struct croft_amt out;
        bool want = looks_right(text, len);
        bool long_whole = strcspn(text, ".") > 10;
        if (!long_whole)
            assert_int_equal(croft_amt_parse(text, &out), want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_and_sub),
        cmocka_unit_test(test_muldiv),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_refusals),
        cmocka_unit_test(test_parse_random_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
