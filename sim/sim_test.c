/* The simulator itself: fresh seeds, that a seed is its run, and that every answer there is was seen. */
#include "sim/many.h"

#include "base/testing.h"
#include "crypto/sign.h"
#include "sim/history.h"
#include "sim/world.h"
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
    const struct croft_sim_many_options o = {.first = seed, .last = seed + 3, .steps = 500, .jobs = 2};
    (void)state;
    run_many(&o, &result);
}

/* These seeds at this length have seen everything that can be answered. */
static void test_every_answer_is_seen(void **state)
{
    static struct croft_sim_many_result result;
    const struct croft_sim_many_options o = {.first = 1, .last = 40, .steps = 350, .jobs = 2};
    (void)state;
    run_many(&o, &result);
    for (size_t i = 0; croft_coverage_code(i) != CROFT_OK; i++) {
        croft_err code = croft_coverage_code(i);
        bool seen = croft_coverage_of_code(&result.coverage, code) != 0;
        bool reachable = croft_coverage_unreachable(NULL, code) == NULL;
        if (seen != reachable)
            fail_msg("%s was %s", croft_err_name(code), seen ? "seen" : "never seen");
    }
    for (u32 op = 1; op < CROFT_COVERAGE_OPS; op++)
        if (croft_coverage_has_op(NULL, op))
            assert_int_not_equal(croft_coverage_of(&result.coverage, op, CROFT_OK), 0);
}

static char *traced_run(u64 with_seed, struct croft_sim_result *out)
{
    char *text = NULL;
    size_t len = 0;
    struct croft_why why;
    FILE *trace = open_memstream(&text, &len);
    assert_non_null(trace);
    const struct croft_sim_options o = {.seed = with_seed, .steps = 300, .report = stderr, .trace = trace};
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
    first = traced_run(seed + 1, &two);
    assert_string_not_equal(first, second);
    free(first);
    free(second);
}

static void test_without(void **state)
{
    static struct croft_sim_result result;
    struct croft_why why = {""};
    struct croft_sim_options o = {
        .seed = seed, .steps = 10, .without = "kill,nobody,power", .report = stderr};
    (void)state;
    assert_int_equal(croft_sim_run(&o, &result, &why), CROFT_ERR_USAGE);
    assert_non_null(strstr(why.text, "\"nobody\""));
    o.without = "kill,power";
    assert_int_equal(croft_sim_run(&o, &result, &why), CROFT_OK);
    assert_true(result.clean);
    assert_non_null(croft_sim_source_name(NULL, 0));
    assert_null(croft_sim_source_name(NULL, 1000));
}

/* ---- the parts ---- */

static void append(void *arg, u64 tag)
{
    u64 *order = arg;
    *order = *order * 10 + tag;
}

static void test_world_order(void **state)
{
    static struct croft_sim_world w;
    u64 order = 0;
    (void)state;
    croft_sim_world_init(&w, seed, 1000);
    croft_sim_world_add(&w, 20, append, &order, 3);
    croft_sim_world_add(&w, 10, append, &order, 1);
    croft_sim_world_add(&w, 10, append, &order, 2);
    assert_int_equal(croft_sim_world_next_ms(&w), 1010);
    croft_sim_world_advance(&w, 1005);
    while (croft_sim_world_next_ms(&w) != UINT64_MAX)
        croft_sim_world_run_next(&w);
    assert_int_equal(order, 123);
    assert_int_equal(w.now_ms, 1020);
    w.skew_ms = -20;
    assert_int_equal(w.world.ops->wall_ms(&w.world), 1000);
}

CROFT_PRINTF(2, 3) static void add_line(struct croft_history *h, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    croft_history_add(h, "at ", fmt, args);
    va_end(args);
}

static void test_history_keeps_the_last(void **state)
{
    static struct croft_history h;
    char *text = NULL;
    size_t len = 0;
    (void)state;
    assert_string_equal(croft_history_last(&h), "");
    for (int i = 0; i < CROFT_HISTORY_LINES + 5; i++)
        add_line(&h, "%d", i);
    assert_string_equal(croft_history_last(&h), "at 204");
    FILE *to = open_memstream(&text, &len);
    assert_non_null(to);
    croft_history_print(&h, to);
    fclose(to);
    assert_non_null(strstr(text, "       5  at 5\n"));
    assert_null(strstr(text, " at 4\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_world_order),
        cmocka_unit_test(test_history_keeps_the_last),
        cmocka_unit_test(test_without),
        cmocka_unit_test(test_a_seed_is_its_run),
        cmocka_unit_test(test_every_answer_is_seen),
        cmocka_unit_test(test_fresh_seeds),
    };
    if (croft_crypto_start() != CROFT_OK)
        return 1;
    seed = croft_test_seed() % 1000000000; /* short enough to be typed */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
