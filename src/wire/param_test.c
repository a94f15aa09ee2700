/* Goal: the table of parameters is whole: numbers without gaps, names of their own, defaults inside the
 * ranges. Method: the table against itself; names in every case. */
#include "wire/param.h"

#include "base/testing.h"

#include <ctype.h>
#include <string.h>

static void test_table(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < croft_param_count(); i++) {
        const struct croft_param_info *p = croft_param_at(i);
        assert_int_equal(p->number, i + 1);
        assert_true(p->low <= p->initial && p->initial <= p->high);
        assert_true(strlen(p->name) > 0 && strlen(p->unit) > 0 && strlen(p->text) > 0);
        assert_ptr_equal(croft_param_by_number(p->number), p);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(p->name, croft_param_at(k)->name);
    }
}

static void test_names_in_any_case(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < croft_param_count(); i++) {
        char lower[64] = {0};
        const struct croft_param_info *p = croft_param_at(i);
        for (size_t k = 0; k < strlen(p->name); k++)
            lower[k] = (char)tolower(p->name[k]);
        assert_ptr_equal(croft_param_by_name(p->name), p);
        assert_ptr_equal(croft_param_by_name(lower), p);
        lower[strlen(lower) - 1] = '\0';
        assert_null(croft_param_by_name(lower));
    }
}

static void test_no_such_parameter(void **unused)
{
    (void)unused;
    assert_null(croft_param_by_number(0));
    assert_null(croft_param_by_number((u32)croft_param_count() + 1));
    assert_null(croft_param_by_number(UINT32_MAX));
    assert_null(croft_param_by_name(""));
    assert_null(croft_param_by_name("tx_bytes_max "));
}

/* What one rule needs of another: a block can hold a transaction, and the whole quota lane too. */
static void test_defaults_fit_together(void **unused)
{
    (void)unused;
    const struct croft_param_info *tx = croft_param_by_number(CROFT_PARAM_TX_BYTES_MAX);
    const struct croft_param_info *cost = croft_param_by_number(CROFT_PARAM_BLOCK_COST_MAX);
    const struct croft_param_info *bytes = croft_param_by_number(CROFT_PARAM_COST_BYTES_16);
    assert_true(tx->initial / 16 * bytes->initial < cost->initial);
    assert_true(croft_param_by_number(CROFT_PARAM_BASE_FEE_STEP_DEN)->low > 1);
    assert_true(croft_param_by_number(CROFT_PARAM_DUE_PER_BLOCK_MAX)->low >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_names_in_any_case),
        cmocka_unit_test(test_no_such_parameter),
        cmocka_unit_test(test_defaults_fit_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
