/* The simulator's market: fresh seeds, that a seed is its run, and that every operation and every answer was seen. */
#include "sim/many.h"

#include "base/testing.h"
#include "crypto/sign.h"
#include "wire/tx.h"

#include <string.h>

static u64 seed;

static void run_many(const struct croft_sim_many_options *o, struct croft_sim_many_result *out)
{
    struct croft_why why = {""};
    croft_err err = croft_sim_many(o, stderr, out, &why);
    if (err != CROFT_OK)
        fail_msg("%s", why.text);
    for (u32 i = 0; i < out->failure_count; i++)
        print_message("seed %" PRIu64 ": %s\n", out->failure[i].seed, out->failure[i].reason);
    assert_int_equal(out->failed, 0);
    assert_int_equal(out->clean, o->last - o->first + 1);
}

static void test_fresh_seeds(void **state)
{
    static struct croft_sim_many_result result;
    const struct croft_sim_many_options o = {
        .scenario = "market", .first = seed, .last = seed + 1, .steps = 800, .jobs = 2};
    (void)state;
    run_many(&o, &result);
}

/* These seeds at this length have seen everything that the market can answer. */
static void test_every_answer_is_seen(void **state)
{
    static struct croft_sim_many_result result;
    const struct croft_sim_many_options o = {.scenario = "market", .first = 1, .last = 24, .steps = 1500, .jobs = 2};
    (void)state;
    run_many(&o, &result);
    for (size_t i = 0; croft_coverage_code(i) != CROFT_OK; i++) {
        croft_err code = croft_coverage_code(i);
        bool reachable = croft_coverage_unreachable("market", code) == NULL;
        if (reachable && croft_coverage_of_code(&result.coverage, code) == 0)
            fail_msg("%s was never seen", croft_err_name(code));
    }
    for (u32 op = 1; op < CROFT_COVERAGE_OPS; op++)
        if (croft_coverage_has_op("market", op) && croft_coverage_of(&result.coverage, op, CROFT_OK) == 0)
            fail_msg("%s never succeeded", croft_op_name(op));
}

static char *traced_run(u64 with_seed, struct croft_sim_result *out)
{
    char *text = NULL;
    size_t len = 0;
    struct croft_why why;
    FILE *trace = open_memstream(&text, &len);
    assert_non_null(trace);
    const struct croft_sim_options o = {
        .scenario = "market", .seed = with_seed, .steps = 400, .report = stderr, .trace = trace};
    assert_int_equal(croft_sim_run(&o, out, &why), CROFT_OK);
    fclose(trace);
    return text;
}

static void test_a_seed_is_its_run(void **state)
{
    static struct croft_sim_result one, two;
    (void)state;
    char *first = traced_run(seed, &one), *second = traced_run(seed, &two);
    assert_true(one.clean);
    assert_string_equal(first, second);
    assert_memory_equal(&one, &two, sizeof one);
    free(first);
    free(second);
}

static void test_names(void **state)
{
    static struct croft_sim_result result;
    struct croft_why why = {""};
    struct croft_sim_options o = {.scenario = "bazaar", .seed = seed, .steps = 10, .report = stderr};
    (void)state;
    assert_int_equal(croft_sim_run(&o, &result, &why), CROFT_ERR_USAGE);
    o.scenario = "market";
    o.without = "payer"; /* of the other scenario */
    assert_int_equal(croft_sim_run(&o, &result, &why), CROFT_ERR_USAGE);
    o.without = "vanishes,kill";
    assert_int_equal(croft_sim_run(&o, &result, &why), CROFT_OK);
    assert_true(result.clean);
    assert_string_equal(croft_sim_source_name("market", 0), "reporter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_a_seed_is_its_run),
        cmocka_unit_test(test_every_answer_is_seen),
        cmocka_unit_test(test_fresh_seeds),
    };
    if (croft_crypto_start() != CROFT_OK)
        return 1;
    seed = croft_test_seed() % 1000000000;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
