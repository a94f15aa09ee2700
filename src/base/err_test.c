/* Goal: every error has one number, in the range of its kind, a name and a text of its own, and comes back
 * from its number; a message for a person is never cut out of its buffer. Method: the table itself, all
 * pairs. */
#include "base/err.h"

#include "base/testing.h"

#include <string.h>

static const struct {
    croft_err err;
    const char *name;
} table[] = {
#define X(name, number, text) {name, #name},
    CROFT_ERR_TABLE(X)
#undef X
};

static bool starts_with(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void test_numbers_are_unique(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < CROFT_COUNT(table); i++) {
        assert_int_equal(croft_err_of((u32)table[i].err), table[i].err);
        assert_string_equal(croft_err_name(table[i].err), table[i].name);
        assert_true(strlen(croft_err_text(table[i].err)) > 1);
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(table[i].err, table[k].err);
            assert_string_not_equal(croft_err_text(table[i].err), croft_err_text(table[k].err));
        }
    }
}

/* The name, the number and the text agree on whether a transaction was refused or failed. */
static void test_ranges(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < CROFT_COUNT(table); i++) {
        u32 number = (u32)table[i].err;
        const char *text = croft_err_text(table[i].err);
        assert_true(number < 600);
        assert_int_equal(number >= 200 && number < 300, starts_with(table[i].name, "CROFT_ERR_TX_"));
        assert_int_equal(number >= 300 && number < 400, starts_with(table[i].name, "CROFT_ERR_OP_"));
        assert_int_equal(number >= 200 && number < 300, starts_with(text, "refused: "));
        assert_int_equal(number >= 300 && number < 400, starts_with(text, "failed: "));
        assert_int_equal(number == 0, table[i].err == CROFT_OK);
    }
}

static void test_unknown_numbers(void **unused)
{
    (void)unused;
    u32 known = 0;
    for (u32 n = 0; n < 70000; n++) {
        bool is_known = n == CROFT_ERR_DECODE || croft_err_of(n) != CROFT_ERR_DECODE;
        known += is_known;
        if (is_known)
            assert_int_equal((u32)croft_err_of(n), n);
    }
    assert_int_equal(known, CROFT_COUNT(table));
    assert_int_equal(croft_err_of(UINT32_MAX), CROFT_ERR_DECODE);
    assert_string_equal(croft_err_name((croft_err)599), "CROFT_ERR_UNKNOWN");
}

static void test_why(void **unused)
{
    (void)unused;
    char lots[1000];
    struct {
        struct croft_why why;
        u8 after[16];
    } w;
    memset(lots, 'x', sizeof lots - 1);
    lots[sizeof lots - 1] = '\0';
    memset(&w, 0x55, sizeof w);
    assert_int_equal(croft_fail(&w.why, CROFT_ERR_IO, "%d of %s", 3, "four"), CROFT_ERR_IO);
    assert_string_equal(w.why.text, "3 of four");
    assert_int_equal(croft_fail(&w.why, CROFT_ERR_STATE, "%s", lots), CROFT_ERR_STATE);
    assert_int_equal(strlen(w.why.text), sizeof w.why.text - 1);
    for (size_t i = 0; i < sizeof w.after; i++)
        assert_int_equal(w.after[i], 0x55);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_unique),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_unknown_numbers),
        cmocka_unit_test(test_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
