#include "advise/csv.h"

#include "base/rng.h"
#include "base/testing.h"

#include <string.h>

static struct croft_region region;

static struct croft_bytes text(const char *s)
{
    return (struct croft_bytes){(const u8 *)s, strlen(s)};
}

static void test_rows_and_lines(void **state)
{
    (void)state;
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_why why;
    struct croft_csv csv;
    const char *s = "\xef\xbb\xbf"
                    "a,b\r\n\n1 , \"two \"\"quoted\"\", and a comma\"\n\n\nlast,\n";
    assert_int_equal(croft_csv_parse(text(s), &mem, &csv, &why), CROFT_OK);
    assert_int_equal(csv.count, 3);
    assert_string_equal(csv.row[0].cell[0], "a");
    assert_int_equal(csv.row[1].line, 3);
    assert_string_equal(csv.row[1].cell[0], "1");
    assert_string_equal(csv.row[1].cell[1], "two \"quoted\", and a comma");
    assert_int_equal(csv.row[2].line, 6);
    assert_string_equal(csv.row[2].cell[1], "");
}

static void refused(const char *s, const char *says)
{
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_why why = {""};
    struct croft_csv csv;
    assert_int_equal(croft_csv_parse(text(s), &mem, &csv, &why), CROFT_ERR_DECODE);
    if (strstr(why.text, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why.text, says);
}

static void test_refusals_name_the_line(void **state)
{
    (void)state;
    char longest[2000], wide[200];
    refused("a,b\nc,d\"e\n", "line 2: a quote");
    refused("a,b\n\"c\n", "line 2: a quote is not closed");
    refused("a\nb\nc\x01\n", "line 3: a cell holds a control character");
    refused("a\n\xff\n", "line 2: a cell holds a control character or is not UTF-8");
    refused("a\n\xc0\xaf\n", "UTF-8");
    refused("a\n\xed\xa0\x80\n", "UTF-8");
    refused("a\n\xe2\x82\n", "UTF-8");
    refused("a\n\"x\ny\"\n", "line 3: a cell holds a control character");
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    refused(longest, "line 1: a cell is longer than 1000 bytes");
    longest[1001] = '\0';
    refused(longest, "line 1: a cell is longer than 1000 bytes");
    memset(wide, ',', 60);
    wide[60] = '\0';
    refused(wide, "line 1: more columns");
}

static void test_limits(void **state)
{
    (void)state;
    struct croft_arena mem = croft_region_arena(&region), small;
    struct croft_why why;
    struct croft_csv csv;
    size_t len = (size_t)(CROFT_CSV_ROWS_MAX + 1) * 2;
    char *rows = croft_new(&mem, char, len + 1);
    for (size_t i = 0; i < len; i++)
        rows[i] = i % 2 == 0 ? 'x' : '\n';
    struct croft_arena rest = mem;
    assert_int_equal(croft_csv_parse(text(rows), &rest, &csv, &why), CROFT_ERR_DECODE);
    assert_non_null(strstr(why.text, "line 20001: more than 20000 rows"));
    rows[len - 2] = '\0';
    rest = mem;
    assert_int_equal(croft_csv_parse(text(rows), &rest, &csv, &why), CROFT_OK);
    assert_int_equal(csv.count, CROFT_CSV_ROWS_MAX);
    for (size_t room = 0; room < 2000; room += 50) {
        small = (struct croft_arena){mem.at, mem.at + room};
        croft_err err = croft_csv_parse(text("a,b\n1,2\n"), &small, &csv, &why);
        assert_true(err == CROFT_OK || err == CROFT_ERR_NOMEM);
    }
    assert_int_equal(
        croft_csv_parse((struct croft_bytes){(const u8 *)rows, CROFT_CSV_BYTES_MAX + 1}, &mem, &csv, &why),
        CROFT_ERR_DECODE);
}

/* A cell as the format writes it when it must: in quotes, quotes doubled. */
static size_t quote(const char *cell, char *out)
{
    size_t n = 0;
    out[n++] = '"';
    for (; *cell != '\0'; cell++) {
        if (*cell == '"')
            out[n++] = '"';
        out[n++] = *cell;
    }
    out[n++] = '"';
    return n;
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int round = 0; round < 500; round++) {
        char cells[5][4][12], file[2000];
        struct croft_arena mem = croft_region_arena(&region);
        struct croft_csv csv;
        struct croft_why why;
        size_t n = 0;
        for (int r = 0; r < 5; r++)
            for (int c = 0; c < 4; c++) {
                size_t len = croft_rng_below(&rng, 11);
                for (size_t i = 0; i < len; i++)
                    cells[r][c][i] = "ab,\" ;#x"[croft_rng_below(&rng, 8)];
                cells[r][c][len] = '\0';
                n += quote(cells[r][c], file + n);
                file[n++] = c < 3 ? ',' : '\n';
            }
        assert_int_equal(croft_csv_parse((struct croft_bytes){(const u8 *)file, n}, &mem, &csv, &why),
                         CROFT_OK);
        assert_int_equal(csv.count, 5);
        for (int r = 0; r < 5; r++)
            for (int c = 0; c < 4; c++)
                assert_string_equal(csv.row[r].cell[c], cells[r][c]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_lines),
        cmocka_unit_test(test_refusals_name_the_line),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_what_is_written_is_read),
    };
    if (!croft_region_map(&region, 64 << 20))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
