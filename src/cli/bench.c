#include "bench/advise.h"
#include "bench/ledger.h"
#include "bench/market.h"
#include "bench/match.h"
#include "bench/rest.h"
#include "cli/groups.h"
#include "crypto/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct croft_option bench_option[] = {
    {"accounts", "N", "accounts that transactions are drawn from; 1000000", CROFT_OFFER_NOTHING},
    {"txs", "N", "transactions a round; 200000", CROFT_OFFER_NOTHING},
    {"rounds", "N", "rounds of which the median is taken; 5", CROFT_OFFER_NOTHING},
    {"idle-txs", "N", "transactions sent one at a time; 300", CROFT_OFFER_NOTHING},
    {"paths", "N", "paths of advise; 100000", CROFT_OFFER_NOTHING},
    {"months", "N", "months of advise; 24", CROFT_OFFER_NOTHING},
    {"offers", "N", "offers of match; 1000000", CROFT_OFFER_NOTHING},
    {"orders", "N", "orders of match; 10000", CROFT_OFFER_NOTHING},
    {"leases", "N", "leases at a time of market; 20000", CROFT_OFFER_NOTHING},
    {"providers", "N", "providers of rest; 1000000", CROFT_OFFER_NOTHING},
    {"folder", "PATH", "where to make the chain that is measured; on the disk that counts", CROFT_OFFER_FILE},
};

static croft_err number(struct croft_cli *c, const char *name, u32 standard, u64 most, u32 *out)
{
    u64 value = standard;
    const char *text = croft_cli_value(c, name);
    if (text != NULL)
        CROFT_TRY(croft_cli_u64(c, text, name, &value));
    if (value < 1 || value > most)
        return croft_cli_usage(c, "--%s: 1 to %llu", name, (unsigned long long)most);
    *out = (u32)value;
    return CROFT_OK;
}

static croft_err read_options(struct croft_cli *c, struct croft_bench_ledger_options *o)
{
    CROFT_TRY(number(c, "accounts", 1000000, 4000000, &o->accounts));
    CROFT_TRY(number(c, "txs", 200000, 1000000, &o->txs));
    CROFT_TRY(number(c, "rounds", 5, 60, &o->rounds));
    CROFT_TRY(number(c, "idle-txs", 300, 100000, &o->idle_txs));
    return o->accounts >= 2 ? CROFT_OK : croft_cli_usage(c, "--accounts: at least 2");
}

static void print_figures(const struct croft_report *r)
{
    size_t i;
    json_t *figure;
    json_array_foreach(r->figures, i, figure)
    {
        const char *reference = json_string_value(json_object_get(figure, "reference"));
        printf("%-24s %14.6g %-4s %s\n", json_string_value(json_object_get(figure, "name")),
               json_number_value(json_object_get(figure, "value")), json_string_value(json_object_get(figure, "unit")),
               reference ? reference : "");
    }
}

static croft_err tell(struct croft_cli *c, const struct croft_report *report)
{
    if (c->json)
        return croft_cli_print_json(c, json_incref(report->root));
    print_figures(report);
    return CROFT_OK;
}

static croft_err run_advise(struct croft_cli *c)
{
    struct croft_bench_advise_options o;
    CROFT_TRY(number(c, "paths", 100000, 1000000, &o.paths));
    CROFT_TRY(number(c, "months", 24, 120, &o.months));
    CROFT_TRY(number(c, "rounds", 5, 60, &o.rounds));
    struct croft_report report CROFT_CLEANUP(croft_report_drop) = croft_report_new("advise");
    CROFT_TRY(croft_bench_advise(&o, &report, &c->why));
    return tell(c, &report);
}

static croft_err run_match(struct croft_cli *c)
{
    struct croft_bench_match_options o;
    CROFT_TRY(number(c, "offers", 1000000, 4000000, &o.offers));
    CROFT_TRY(number(c, "orders", 10000, 1000000, &o.orders));
    CROFT_TRY(number(c, "rounds", 5, 60, &o.rounds));
    if (o.offers < 10000)
        return croft_cli_usage(c, "--offers: at least 10000");
    struct croft_report report CROFT_CLEANUP(croft_report_drop) = croft_report_new("match");
    CROFT_TRY(croft_bench_match(&o, &report, &c->why));
    return tell(c, &report);
}

static croft_err start_crypto(struct croft_cli *c)
{
    return croft_crypto_start() == CROFT_OK
               ? CROFT_OK
               : croft_fail(&c->why, CROFT_ERR_SELFTEST, "%s", croft_err_text(CROFT_ERR_SELFTEST));
}

#define MADE_FOLDER "./croft-bench-XXXXXX"

/* The folder that was named, or a new one here: made is its pattern, and becomes its name. */
static croft_err choose_folder(struct croft_cli *c, char *made, const char **out)
{
    const char *folder = croft_cli_value(c, "folder");
    CROFT_TRY(start_crypto(c));
    *out = folder != NULL ? folder : mkdtemp(made);
    if (*out == NULL || (folder != NULL && access(folder, F_OK) == 0))
        return croft_fail(&c->why, CROFT_ERR_EXISTS, "the folder to measure in cannot be made or exists already\n"
                                                     "Name one that does not exist with --folder; it is removed after.");
    return CROFT_OK;
}

static croft_err run_market(struct croft_cli *c)
{
    char made[] = MADE_FOLDER;
    struct croft_bench_market_options o;
    CROFT_TRY(number(c, "leases", 20000, 500000, &o.leases));
    CROFT_TRY(number(c, "rounds", 5, 60, &o.rounds));
    if (o.leases < CROFT_BENCH_MARKET_LEASES_MIN)
        return croft_cli_usage(c, "--leases: at least %d", CROFT_BENCH_MARKET_LEASES_MIN);
    CROFT_TRY(choose_folder(c, made, &o.folder));
    struct croft_report report CROFT_CLEANUP(croft_report_drop) = croft_report_new("market");
    CROFT_TRY(croft_bench_market(&o, &report, &c->why));
    return tell(c, &report);
}

static croft_err run_rest(struct croft_cli *c)
{
    struct croft_bench_rest_options o;
    CROFT_TRY(number(c, "providers", 1000000, CROFT_BENCH_REST_PROVIDERS_MAX, &o.providers));
    if (o.providers < CROFT_BENCH_REST_PROVIDERS_MIN)
        return croft_cli_usage(c, "--providers: at least %d", CROFT_BENCH_REST_PROVIDERS_MIN);
    CROFT_TRY(start_crypto(c));
    struct croft_report report CROFT_CLEANUP(croft_report_drop) = croft_report_new("rest");
    CROFT_TRY(croft_bench_rest(&o, &report, &c->why));
    return tell(c, &report);
}

static croft_err run_ledger(struct croft_cli *c)
{
    char made[] = MADE_FOLDER;
    struct croft_bench_ledger_options o;
    CROFT_TRY(read_options(c, &o));
    CROFT_TRY(choose_folder(c, made, &o.folder));
    struct croft_report report CROFT_CLEANUP(croft_report_drop) = croft_report_new("ledger");
    CROFT_TRY(croft_bench_ledger(&o, &report, &c->why));
    return tell(c, &report);
}

static croft_err run_bench(struct croft_cli *c)
{
    static const struct {
        const char *name;
        croft_err (*run)(struct croft_cli *c);
    } bench[] = {{"ledger", run_ledger}, {"advise", run_advise}, {"match", run_match}, {"market", run_market},
                 {"rest", run_rest}};
    for (size_t i = 0; i < CROFT_COUNT(bench); i++)
        if (strcmp(c->arg[0], bench[i].name) == 0)
            return bench[i].run(c);
    return croft_cli_usage(c, "there is no benchmark %s; there are: ledger, advise, match, market, rest", c->arg[0]);
}

static const struct croft_verb bench_verb[] = {{
    .name = "bench",
    .usage = "ledger|advise|match|market|rest",
    .summary = "measure this machine against a reference, in one run",
    .about = "ledger: signed transfers, durable, against the raw rate of signature checks; without them on one core; one\n"
             "at a time on an idle chain against fdatasync. With 1,000,000 accounts it takes some minutes and 10 GiB\n"
             "of memory and disk.\n"
             "advise: 100,000 futures of 24 months on every network, on one core.\n"
             "match: the cheapest of 1,000,000 offers that fit, while 1,000 a second change, against testing them all.\n"
             "market: leases from order to end on the bare ledger, on one core; a batch of 100,000 tasks.\n"
             "rest: 1,000,000 providers with 3,000,000 offers and leases: memory, and the time of a block. It takes some\n"
             "minutes and 8 GiB of memory.",
    .examples = "croft bench ledger --json\ncroft bench advise --json\ncroft bench match --json\ncroft bench market --json\ncroft bench rest --json\ncroft bench ledger --accounts 10000 --txs 20000 --rounds 1\n",
    .option = bench_option,
    .option_count = CROFT_COUNT(bench_option),
    .args_min = 1,
    .args_max = 1,
    .run = run_bench,
}};

const struct croft_verb_group croft_bench_verbs = {bench_verb, CROFT_COUNT(bench_verb)};
