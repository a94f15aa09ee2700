#include "advise/advise.h"

#include "advise/advise_int.h"
#include "base/assert.h"

#include <math.h>
#include <string.h>

enum { CARDS_MAX = 64, MONTHS_MIN = 1, MONTHS_MAX = CROFT_MONTHS_MAX, PATHS_MIN = 100 };

struct croft_advise_request croft_advise_request_empty(void)
{
    const double unknown = (double)NAN;
    return (struct croft_advise_request){.paths = 10000,
                                         .months = 24,
                                         .seed = 1,
                                         .count = 1,
                                         .ram_gb = unknown,
                                         .disk_gb = unknown,
                                         .mbps_down = unknown,
                                         .mbps_up = unknown,
                                         .price = unknown,
                                         .resale = unknown,
                                         .watts = unknown,
                                         .watts_idle = unknown,
                                         .availability = unknown,
                                         .tax_rate = unknown,
                                         .tariff = unknown,
                                         .night = unknown,
                                         .night_hours = unknown,
                                         .solar_share = unknown,
                                         .solar_value = unknown,
                                         .croft_rate = unknown};
}

/* ---- what can be asked ---- */

static croft_err in_range(struct croft_advising *a, double value, const char *what, double low, double high)
{
    if (!croft_known(value) || (value >= low && value <= high))
        return CROFT_OK;
    return croft_fail(a->why, CROFT_ERR_OVERFLOW, "%s must be %g to %g, not %g%s", what, low, high, value,
                      high == 1 ? "\na share: write 0.6 or 60%" : "");
}

static croft_err check_values(struct croft_advising *a, const struct croft_own_values *values,
                              const char *what, double high)
{
    for (size_t i = 0; i < values->count; i++) {
        const char *network = values->of[i].network;
        CROFT_TRY(in_range(a, values->of[i].value, what, 0, high));
        if (network[0] != '\0' && croft_advise_network(a->data, network) == NULL)
            return croft_fail(a->why, CROFT_ERR_NOT_FOUND,
                              "%s: there is no network %.40s\nsee: croft advise data networks", what,
                              network);
    }
    return CROFT_OK;
}

static croft_err check_request(struct croft_advising *a)
{
    const struct croft_advise_request *q = a->request;
    const struct {
        double value;
        const char *what;
        double low, high;
    } ranges[] = {
        {q->count, "--count", 1, CARDS_MAX},
        {q->paths, "--paths", PATHS_MIN, CROFT_PATHS_MAX},
        {q->months, "--months", MONTHS_MIN, MONTHS_MAX},
        {q->ram_gb, "--ram, in GB,", 0, 1e5},
        {q->disk_gb, "--disk, in GB,", 0, 1e7},
        {q->mbps_down, "--mbps", 0, 1e6},
        {q->mbps_up, "--mbps", 0, 1e6},
        {q->price, "--price, in USD,", 1, 1e7},
        {q->resale, "--resale, in USD,", 0, 1e7},
        {q->watts, "--watts", 1, 1e5},
        {q->watts_idle, "--idle-watts", 0, 1e5},
        {q->availability, "--availability", 0.01, 1},
        {q->tax_rate, "--tax", 0, 1},
        {q->tariff, "--tariff, in USD per kWh,", 0, 10},
        {q->night, "--night, in USD per kWh,", 0, 10},
        {q->night_hours, "--night, hours,", 0, 24},
        {q->solar_share, "--solar", 0, 1},
        {q->solar_value, "--solar, in USD per kWh,", 0, 10},
        {q->croft_rate, "--croft-rate, in USD per hour,", 0, 1000},
    };
    for (size_t i = 0; i < CROFT_COUNT(ranges); i++)
        CROFT_TRY(in_range(a, ranges[i].value, ranges[i].what, ranges[i].low, ranges[i].high));
    CROFT_TRY(check_values(a, &q->rate, "--rate, in USD per hour,", 1000));
    CROFT_TRY(check_values(a, &q->fee, "--fee", 1));
    CROFT_TRY(check_values(a, &q->utilisation, "--utilisation", 1));
    for (size_t i = 0; i < q->only_count; i++)
        if (croft_advise_network(a->data, q->only[i]) == NULL)
            return croft_fail(a->why, CROFT_ERR_NOT_FOUND,
                              "there is no network %.40s\nsee: croft advise data networks", q->only[i]);
    if (q->watts_idle > q->watts)
        return croft_fail(a->why, CROFT_ERR_OVERFLOW, "--idle-watts is more than --watts");
    return CROFT_OK;
}

/* ---- networks ---- */

static bool is_wanted(const struct croft_advise_request *q, const struct croft_advise_network *n)
{
    if (strcmp(n->kind, "cloud") == 0)
        return false;
    for (size_t i = 0; i < q->only_count; i++)
        if (strcmp(q->only[i], n->id) == 0)
            return true;
    return q->only_count == 0;
}

static croft_err list_networks(struct croft_advising *a)
{
    struct croft_advise_report *r = a->report;
    CROFT_EACH_ROW(croft_advise_network, of, a->data, CROFT_TABLE_NETWORKS)
    {
        if (!is_wanted(a->request, of) || r->networks == CROFT_REPORT_NETWORKS_MAX)
            continue;
        struct croft_report_network *n = croft_new(a->mem, struct croft_report_network, 1);
        if (n == NULL)
            return CROFT_ERR_NOMEM;
        n->of = of;
        r->network[r->networks++] = n;
        croft_advise_match(a, n);
        croft_advise_rate(a, n);
        croft_advise_currency(a, n);
        croft_advise_inputs(a, n, true);
        croft_advise_figures(n);
        croft_advise_cap(a, n);
    }
    return CROFT_OK;
}

static croft_err draw(struct croft_advising *a, struct croft_draws *draws)
{
    const struct croft_advise_request *q = a->request;
    struct croft_chances chances = {.seed = q->seed,
                                    .paths = q->paths,
                                    .months = q->months,
                                    .cards = q->count,
                                    .autocorrelation =
                                        fmin(croft_assumed(a, "utilisation_autocorrelation"), .999),
                                    .token_correlation = croft_assumed(a, "token_correlation"),
                                    .rate_volatility = croft_assumed(a, "rate_volatility"),
                                    .failures_year = croft_assumed(a, "failure_rate"),
                                    .repair_low = croft_assumed(a, "repair_low"),
                                    .repair_high = croft_assumed(a, "repair_high")};
    croft_err err = croft_draws_make(&chances, a->mem, draws);
    if (err != CROFT_OK)
        return croft_fail(a->why, err, "no memory left for %u paths of %u months\ngive fewer: --paths 10000",
                          q->paths, q->months);
    a->draws = draws;
    return CROFT_OK;
}

static croft_err run_networks(struct croft_advising *a)
{
    struct croft_advise_report *r = a->report;
    struct croft_draws draws;
    for (size_t i = 0; i < r->networks; i++) {
        if (a->draws == NULL && croft_advise_is_complete(r->network[i]))
            CROFT_TRY(draw(a, &draws));
        CROFT_TRY(croft_advise_chance(a, r->network[i]));
        croft_advise_verdict(a, r->network[i]);
    }
    a->draws = NULL;
    return CROFT_OK;
}

/* Rule 2: by P25 of net; then what lacks input, then what is not taken; among equals as in the table. */
static bool goes_before(const struct croft_report_network *a, const struct croft_report_network *b)
{
    if (a->status != b->status)
        return a->status < b->status;
    if (a->simulated != b->simulated)
        return a->simulated;
    return a->simulated && a->simulation.net_day.p25 > b->simulation.net_day.p25;
}

static void sort_networks(struct croft_advise_report *r)
{
    for (size_t i = 1; i < r->networks; i++)
        for (size_t k = i; k > 0 && goes_before(r->network[k], r->network[k - 1]); k--) {
            struct croft_report_network *swap = r->network[k];
            r->network[k] = r->network[k - 1];
            r->network[k - 1] = swap;
        }
}

/* ---- all of it ---- */

static void list_assumptions(struct croft_advising *a)
{
    struct croft_advise_report *r = a->report;
    CROFT_EACH_ROW(croft_advise_assumption, of, a->data, CROFT_TABLE_ASSUMPTIONS)
    if (r->assumptions < CROFT_COUNT(r->assumption)) {
        r->assumption_value[r->assumptions] = croft_quantity_assumed(a, of->name);
        r->assumption[r->assumptions++] = of;
    }
}

/* Of the built-in rows: their age is the age of the build's knowledge. */
static struct croft_date newest_row(const struct croft_advise_data *data, struct croft_date on)
{
    struct croft_date newest = {0};
    for (enum croft_advise_table t = 0; t < CROFT_TABLE_COUNT; t++)
        for (size_t i = 0; i < data->table[t].count; i++) {
            const struct croft_advise_row *row = croft_table_row(&data->table[t], i);
            bool fact = row->kind == CROFT_SOURCE_DATA && croft_date_days(row->as_of) <= croft_date_days(on);
            if (fact && (newest.year == 0 || croft_date_days(row->as_of) > croft_date_days(newest)))
                newest = row->as_of;
        }
    return newest;
}

croft_err croft_advise(const struct croft_advise_data *data, const struct croft_advise_request *request,
                       struct croft_arena *mem, const struct croft_advise_report **out, struct croft_why *why)
{
    struct croft_advise_report *r = croft_new(mem, struct croft_advise_report, 1);
    struct croft_advising a = {.data = data, .request = request, .mem = mem, .report = r, .why = why};
    CROFT_ASSERT(request->date.day != 0 && request->card_id != NULL);
    if (r == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory left for the report");
    CROFT_TRY(check_request(&a));
    r->date = request->date;
    r->data_newest = newest_row(data, request->date);
    r->seed = request->seed;
    r->paths = request->paths;
    r->months = request->months;
    CROFT_TRY(croft_advise_hardware(&a));
    CROFT_TRY(croft_advise_power(&a));
    croft_advise_statements(&a);
    CROFT_TRY(list_networks(&a));
    CROFT_TRY(run_networks(&a));
    croft_advise_history(&a);
    sort_networks(r);
    croft_advise_rules(&a);
    list_assumptions(&a);
    if (a.out_of_memory)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory left for the report");
    *out = r;
    return CROFT_OK;
}
