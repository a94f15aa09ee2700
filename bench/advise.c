#include "bench/advise.h"

#include "advise/advise.h"
#include "advise/builtin.h"
#include "advise/chance.h"
#include "base/assert.h"

#include <math.h>

enum { ROUNDS_MAX = 60, PLAIN_PATHS = 10000 };

struct bench {
    const struct croft_bench_advise_options *o;
    struct croft_arena mem;
    struct croft_advise_data data;
    struct croft_advise_request request;
};

/* A 4090 of which everything is said, so that no network lacks an input. */
static croft_err prepare(struct bench *b, struct croft_why *why)
{
    static const char *const set[] = {"volatility", "octanebench", "gb_day"};
    static const double value[] = {1.5, 1000, 5};
    struct croft_date date = {2026, 11, 22};
    CROFT_TRY(
        croft_advise_data_load(croft_advise_builtin, croft_advise_builtin_count, &b->mem, &b->data, why));
    for (size_t i = 0; i < CROFT_COUNT(set); i++)
        CROFT_TRY(croft_advise_data_set(&b->data, set[i], value[i], "the benchmark", date, &b->mem, why));
    b->request = croft_advise_request_empty();
    b->request.date = date;
    b->request.card_id = "rtx4090";
    b->request.paths = b->o->paths;
    b->request.months = b->o->months;
    b->request.watts = 510;
    b->request.watts_idle = 90;
    b->request.rate = (struct croft_own_values){.of = {{"", .3}}, .count = 1};
    b->request.fee = (struct croft_own_values){.of = {{"", .1}}, .count = 1};
    b->request.utilisation = (struct croft_own_values){.of = {{"", .6}}, .count = 1};
    return CROFT_OK;
}

static croft_err run_report(struct bench *b, double *seconds, u32 *networks, struct croft_why *why)
{
    struct croft_arena mem = b->mem;
    const struct croft_advise_report *report;
    double start = croft_core_seconds();
    CROFT_TRY(croft_advise(&b->data, &b->request, &mem, &report, why));
    *seconds = croft_core_seconds() - start;
    *networks = 0;
    for (size_t i = 0; i < report->networks; i++)
        *networks += report->network[i]->simulated;
    return CROFT_OK;
}

/* ---- the reference: one path after the other, as a textbook has it ---- */

static double plain_normal(struct croft_rng *rng)
{
    return sqrt(-2 * log(croft_uniform(rng))) * cos(2 * 3.14159265358979323846 * croft_uniform(rng));
}

/* Seconds for a month of a path; the sum keeps the compiler from leaving it out. */
static double plain_seconds(const struct bench *b, double *sum)
{
    struct croft_beta_grid grid;
    struct croft_rng rng = croft_rng_of(b->request.seed);
    croft_beta_grid_fill(&grid, .6, 8);
    double start = croft_core_seconds();
    for (u32 path = 0; path < PLAIN_PATHS; path++) {
        double demand = plain_normal(&rng), rate = 1, token = 1;
        for (u32 month = 0; month < b->o->months; month++) {
            double z = plain_normal(&rng);
            demand = .8 * demand + .6 * (.3 * z + sqrt(1 - .09) * plain_normal(&rng));
            rate *= exp(.35 / sqrt(12) * plain_normal(&rng) - .35 * .35 / 24);
            token *= exp(1.52 / sqrt(12) * z - 1.52 * 1.52 / 24);
            double repair = croft_uniform(&rng) < .09 / 12 ? 2000 : 0,
                   use = (double)croft_beta_grid_at(&grid, croft_grid_place(demand));
            *sum +=
                24 * .95 * (use * .3 * rate - (use * 510 + (1 - use) * 90) * .165 / 1000) - repair / token;
        }
    }
    return (croft_core_seconds() - start) / PLAIN_PATHS / b->o->months;
}

static double draw_seconds(const struct bench *b)
{
    struct croft_arena mem = b->mem;
    struct croft_draws draws;
    struct croft_chances chances = {.seed = 1,
                                    .paths = b->o->paths,
                                    .months = b->o->months,
                                    .cards = 1,
                                    .autocorrelation = .8,
                                    .token_correlation = .3,
                                    .rate_volatility = .35,
                                    .failures_year = .09,
                                    .repair_low = .2,
                                    .repair_high = 1};
    double start = croft_core_seconds();
    croft_err err = croft_draws_make(&chances, &mem, &draws);
    CROFT_ASSERT(err == CROFT_OK);
    return croft_core_seconds() - start;
}

static croft_err measure(struct bench *b, struct croft_report *report, struct croft_why *why)
{
    double seconds[ROUNDS_MAX], ratio[ROUNDS_MAX], sum = 0;
    u32 networks = 0, rounds = b->o->rounds < ROUNDS_MAX ? b->o->rounds : ROUNDS_MAX;
    CROFT_TRY(prepare(b, why));
    double path_months = (double)b->o->paths * b->o->months;
    for (u32 i = 0; i < rounds; i++) {
        CROFT_TRY(run_report(b, &seconds[i], &networks, why));
        ratio[i] = plain_seconds(b, &sum) * path_months * networks / seconds[i];
    }
    CROFT_ASSERT(isfinite(sum));
    double median = croft_median(seconds, rounds);
    croft_report_add(report, "seconds", median, "s", "a whole report on one core; goal below 2");
    croft_report_add(report, "networks", networks, "", NULL);
    croft_report_add(report, "path_months_per_s", path_months * networks / median, "1/s", NULL);
    croft_report_add(report, "draw_seconds", draw_seconds(b), "s", "what all networks share");
    croft_report_add(
        report, "scalar_ratio", croft_median(ratio, rounds), "",
        "each network drawn anew, path by path, with the C library: so many times as long, same run");
    return CROFT_OK;
}

croft_err croft_bench_advise(const struct croft_bench_advise_options *o, struct croft_report *report,
                             struct croft_why *why)
{
    struct bench b = {.o = o};
    struct croft_region region CROFT_CLEANUP(croft_region_unmap) = {0};
    if (!croft_region_map(&region, (size_t)4 << 30))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    b.mem = croft_region_arena(&region);
    return measure(&b, report, why);
}
