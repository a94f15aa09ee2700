#include "cli/groups.h"
#include "crypto/sign.h"
#include "sim/many.h"
#include "wire/tx.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct croft_option sim_option[] = {
    {"scenario", "NAME", "ledger (the default) or market", CROFT_OFFER_NOTHING},
    {"seed", "N", "one seed, in this process", CROFT_OFFER_NOTHING},
    {"seeds", "A..B", "all seeds from A to B", CROFT_OFFER_NOTHING},
    {"steps", "M", "events of each seed; 2000", CROFT_OFFER_NOTHING},
    {"jobs", "N", "seeds at a time; as many as there are cores", CROFT_OFFER_NOTHING},
    {"without", "NAMES", "actors and faults to leave out, with commas", CROFT_OFFER_NOTHING},
    {"coverage", NULL, "count the answers seen, by operation and code", CROFT_OFFER_NOTHING},
    {"trace", NULL, "print every event as it happens (with --seed)", CROFT_OFFER_NOTHING},
};

struct request {
    struct croft_sim_many_options many;
    bool one;
};

/* "A..B" */
static croft_err read_range(struct croft_cli *c, const char *text, u64 *out_first, u64 *out_last)
{
    char first[24];
    const char *dots = strstr(text, "..");
    if (dots == NULL || (size_t)(dots - text) >= sizeof first)
        return croft_cli_usage(c, "--seeds: two numbers are needed, as in 1..1000");
    memcpy(first, text, (size_t)(dots - text));
    first[dots - text] = '\0';
    CROFT_TRY(croft_cli_u64(c, first, "seeds", out_first));
    CROFT_TRY(croft_cli_u64(c, dots + 2, "seeds", out_last));
    return *out_first <= *out_last ? CROFT_OK : croft_cli_usage(c, "--seeds: the first is above the last");
}

static croft_err read_request(struct croft_cli *c, struct request *r)
{
    struct croft_sim_many_options *o = &r->many;
    const char *seeds = croft_cli_value(c, "seeds"), *seed = croft_cli_value(c, "seed");
    const char *steps = croft_cli_value(c, "steps"), *jobs = croft_cli_value(c, "jobs");
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    u64 job_count = cores > 0 ? (u64)cores : 1;
    *o = (struct croft_sim_many_options){.steps = 2000, .interrupted = c->interrupted};
    o->scenario = croft_cli_value(c, "scenario");
    o->without = croft_cli_value(c, "without");
    o->progress = isatty(STDERR_FILENO) && !c->json ? stderr : NULL;
    r->one = seed != NULL;
    if ((seeds != NULL) == (seed != NULL))
        return croft_cli_usage(c, "either --seed or --seeds is needed");
    if (seed != NULL)
        CROFT_TRY(croft_cli_u64(c, seed, "seed", &o->first));
    else
        CROFT_TRY(read_range(c, seeds, &o->first, &o->last));
    if (steps != NULL)
        CROFT_TRY(croft_cli_u64(c, steps, "steps", &o->steps));
    if (jobs != NULL)
        CROFT_TRY(croft_cli_u64(c, jobs, "jobs", &job_count));
    if (job_count < 1)
        return croft_cli_usage(c, "--jobs: at least 1");
    o->jobs = (u32)(job_count < CROFT_SIM_JOBS_MAX ? job_count : CROFT_SIM_JOBS_MAX);
    return croft_sim_check(o->scenario, o->without, &c->why) == CROFT_OK ? CROFT_OK
                                                            : croft_cli_usage(c, "%s", c->why.text);
}

/* ---- one seed ---- */

/* As a result of many, so that both are told alike. */
static croft_err run_one(struct croft_cli *c, const struct croft_sim_many_options *o,
                         struct croft_sim_many_result *out)
{
    struct croft_sim_options one = {
        .scenario = o->scenario, .seed = o->first, .steps = o->steps, .without = o->without, .report = stderr};
    struct croft_sim_result *r = calloc(1, sizeof *r);
    if (r == NULL)
        return CROFT_ERR_NOMEM;
    one.trace = croft_cli_has(c, "trace") ? stdout : NULL;
    croft_sim_catch_signals();
    croft_err err = croft_sim_run(&one, r, &c->why);
    memset(out, 0, sizeof *out);
    out->clean = r->clean;
    out->failed = !r->clean;
    out->blocks = r->blocks;
    out->txs = r->txs;
    out->restarts = r->restarts;
    out->checkpoints = r->checkpoints;
    out->coverage = r->coverage;
    out->failure_count = !r->clean;
    out->failure[0].seed = r->seed;
    memcpy(out->failure[0].reason, r->reason, sizeof r->reason);
    free(r);
    return err;
}

/* ---- telling ---- */

static json_t *json_count(u64 count)
{
    return json_integer((json_int_t)count);
}

static json_t *coverage_json(const struct croft_coverage *c)
{
    json_t *all = json_object();
    for (u32 op = 0; op < CROFT_COVERAGE_OPS; op++) {
        json_t *of_op = json_object();
        if (croft_coverage_of(c, op, CROFT_OK) != 0)
            json_object_set_new(of_op, croft_err_name(CROFT_OK),
                                json_count(croft_coverage_of(c, op, CROFT_OK)));
        for (size_t i = 0; croft_coverage_code(i) != CROFT_OK; i++) {
            u64 count = croft_coverage_of(c, op, croft_coverage_code(i));
            if (count != 0)
                json_object_set_new(of_op, croft_err_name(croft_coverage_code(i)), json_count(count));
        }
        if (json_object_size(of_op) != 0)
            json_object_set_new(all, op != 0 ? croft_op_name(op) : "none", of_op);
        else
            json_decref(of_op);
    }
    return all;
}

static croft_err print_json(struct croft_cli *c, const struct croft_sim_many_options *o,
                            const struct croft_sim_many_result *r)
{
    json_t *failures = json_array();
    for (u32 i = 0; i < r->failure_count; i++)
        json_array_append_new(failures, json_pack("{s:o,s:s}", "seed", json_count(r->failure[i].seed),
                                                  "reason", r->failure[i].reason));
    json_t *json = json_pack(
        "{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "steps", json_count(o->steps), "clean", json_count(r->clean),
        "failed", json_count(r->failed), "blocks", json_count(r->blocks), "txs", json_count(r->txs),
        "restarts", json_count(r->restarts), "checkpoints", json_count(r->checkpoints), "failures", failures);
    if (json != NULL && croft_cli_has(c, "coverage"))
        json_object_set_new(json, "coverage", coverage_json(&r->coverage));
    return croft_cli_print_json(c, json);
}

static croft_err print_result(struct croft_cli *c, const struct croft_sim_many_options *o,
                              const struct croft_sim_many_result *r)
{
    if (c->json)
        return print_json(c, o, r);
    if (croft_cli_has(c, "coverage"))
        croft_coverage_print(&r->coverage, o->scenario, stdout);
    printf("%" PRIu64 " clean, %" PRIu64 " failed, %" PRIu64 " steps each; %" PRIu64 " blocks, %" PRIu64
           " transactions, %" PRIu64 " restarts, %" PRIu64 " checkpoints\n",
           r->clean, r->failed, o->steps, r->blocks, r->txs, r->restarts, r->checkpoints);
    for (u32 i = 0; i < r->failure_count; i++)
        printf("seed %" PRIu64 ": %s\n", r->failure[i].seed, r->failure[i].reason);
    return CROFT_OK;
}

static croft_err run_sim(struct croft_cli *c)
{
    struct request r;
    CROFT_TRY(read_request(c, &r));
    if (croft_crypto_start() != CROFT_OK)
        return croft_fail(&c->why, CROFT_ERR_SELFTEST, "%s", croft_err_text(CROFT_ERR_SELFTEST));
    struct croft_sim_many_result *result = calloc(1, sizeof *result);
    if (result == NULL)
        return CROFT_ERR_NOMEM;
    croft_err err = r.one ? run_one(c, &r.many, result) : croft_sim_many(&r.many, stderr, result, &c->why);
    croft_err told =
        err == CROFT_OK || err == CROFT_ERR_INTERRUPTED ? print_result(c, &r.many, result) : CROFT_OK;
    if (err == CROFT_OK && result->failed != 0)
        err = croft_fail(
            &c->why, CROFT_ERR_STATE,
            "%" PRIu64 " of %" PRIu64 " seeds failed\nrun: croft sim --scenario %s --seed %" PRIu64 " --steps %" PRIu64,
            result->failed, result->clean + result->failed, r.many.scenario != NULL ? r.many.scenario : "ledger",
            result->failure[0].seed, r.many.steps);
    free(result);
    return err != CROFT_OK ? err : told;
}

static const struct croft_verb sim_verb[] = {{
    .name = "sim",
    .usage = "--seed N | --seeds A..B",
    .summary = "run the ledger in a simulated world of honest, mistaken and malicious people",
    .about = "Accounts, the sequencer and its follower on disks that fail, under one seed: the same seed "
             "gives the same\n"
             "run. After every block the whole state is compared with a second, simpler ledger. With --scenario market\n"
             "there are providers, buyers, gateways and reporters too, each honest or of one kind of dishonest, and\n"
             "nobody may gain more than docs/economics-of-attack.md says. On a failure the seed and the last 200 events\n"
             "are printed, and the exit code is 1.",
    .examples = "croft sim --seed 42\n"
                "croft sim --seeds 1..1000 --steps 2000 --jobs 2 --json\n"
                "croft sim --seed 42 --trace --without kill,power\n"
                "croft sim --scenario market --seeds 1..100 --steps 5000\n",
    .option = sim_option,
    .option_count = CROFT_COUNT(sim_option),
    .args_min = 0,
    .args_max = 0,
    .run = run_sim,
}};

const struct croft_verb_group croft_sim_verbs = {sim_verb, CROFT_COUNT(sim_verb)};
