#include "advise/date.h"

#include "base/testing.h"

#include <time.h>

/* Every day of two centuries, there and back, against the C library. */
static void test_days(void **state)
{
    (void)state;
    for (i64 days = 7305; days < 84000; days++) { /* from 1990-01-01 */
        time_t seconds = (time_t)(days * 86400);
        struct tm tm;
        char text[CROFT_DATE_TEXT_MAX], want[CROFT_DATE_TEXT_MAX];
        struct croft_date date = croft_date_of_days(days), again;
        gmtime_r(&seconds, &tm);
        strftime(want, sizeof want, "%Y-%m-%d", &tm);
        croft_date_format(date, text);
        assert_string_equal(text, want);
        assert_true(croft_date_parse(text, &again));
        assert_int_equal(croft_date_days(again), days);
    }
}

static void test_text(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",           "26",          "2026-13",    "2026-00",
                                        "2026-02-30", "2025-02-29",  "2026/07",    "2026-7",
                                        "2026-07-1",  "2026-07-011", "1989",       "2200",
                                        "20x6",       "2026-07-0a",  "late 2025x", "2026-Q1"};
    struct croft_date date = {1, 2, 3};
    for (size_t i = 0; i < CROFT_COUNT(wrong); i++)
        assert_false(croft_date_parse(wrong[i], &date));
    assert_int_equal(date.year, 1);
    assert_true(croft_date_parse("2024-02-29", &date));
}

/* A month or a year alone counts from its first day; what lies ahead has no age. */
static void test_age(void **state)
{
    (void)state;
    struct croft_date on, at;
    assert_true(croft_date_parse("2026-11-22", &on));
    assert_true(croft_date_parse("2026-07", &at));
    assert_int_equal(croft_date_age_days(at, on), 144);
    assert_true(croft_date_parse("2026", &at));
    assert_int_equal(croft_date_age_days(at, on), 325);
    assert_true(croft_date_parse("2027-01", &at));
    assert_int_equal(croft_date_age_days(at, on), 0);
    assert_true(croft_date_parse("2026-05-26", &at)); /* 180 days */
    assert_false(croft_date_is_stale(at, on));
    assert_true(croft_date_parse("2026-05-25", &at));
    assert_true(croft_date_is_stale(at, on));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_days), cmocka_unit_test(test_text),
                                       cmocka_unit_test(test_age)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
