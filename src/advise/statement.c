/* The plain sentences: what the card grosses at the newest rates over a range of utilisation, and what is
 * left of it. */
#include "advise/advise_int.h"

#include <math.h>
#include <string.h>

/* The newest row of this card, of one side or of any. */
static const struct croft_advise_rate *newest(const struct croft_advising *a, bool host_only)
{
    const struct croft_advise_rate *best = NULL;
    CROFT_EACH_ROW(croft_advise_rate, r, a->data, CROFT_TABLE_RATES)
    {
        const struct croft_advise_network *n = croft_advise_network(a->data, r->network);
        bool usable = strcmp(r->gpu_id, a->request->card_id) == 0 && strcmp(n->kind, "cloud") != 0 &&
                      strcmp(r->side, "ceiling") != 0 && (!host_only || strcmp(r->side, "host") == 0);
        if (usable && (best == NULL || croft_date_days(r->row.as_of) > croft_date_days(best->row.as_of)))
            best = r;
    }
    return best;
}

/* A day at one utilisation; the host's share of a buyer's price where it is known, else all of it. */
static struct croft_advise_day day_at(const struct croft_advising *a, const struct croft_statement *s,
                                      double fee, double utilisation)
{
    const struct croft_report_hardware *h = &a->report->hardware;
    struct croft_advise_inputs in = {.availability = h->availability.value,
                                     .utilisation = utilisation,
                                     .rate_h = s->rate.value,
                                     .fee = fee,
                                     .watts_load = h->watts_load.value,
                                     .watts_idle = h->watts_idle.value,
                                     .tariff_kwh = a->report->power.tariff.value,
                                     .value_now = h->entry.value,
                                     .value_end = h->resale_end.value,
                                     .failures_year = croft_assumed(a, "failure_rate"),
                                     .bandwidth_day = croft_assumed(a, "bandwidth_day"),
                                     .tax_rate = croft_known(a->request->tax_rate) ? a->request->tax_rate : 0,
                                     .months = a->request->months};
    return croft_advise_day_of(&in);
}

static const char *sentence(struct croft_advising *a, const struct croft_statement *s, bool upper,
                            const struct croft_advise_rate *row)
{
    const struct croft_report_hardware *h = &a->report->hardware;
    char date[CROFT_DATE_TEXT_MAX];
    croft_date_format(row->row.as_of, date);
    const char *many = h->count > 1 ? croft_text(a, "%u x %s", h->count, h->card->name)
                                    : croft_text(a, "one %s", h->card->name);
    const char *start =
        croft_text(a,
                   "At $%.4g an hour %s (%s, %s), %s that is online %.0f %% of the time and rented %.0f to "
                   "%.0f %% of that grosses "
                   "%s%s to %s a day.",
                   s->rate.value, strcmp(s->side, "host") == 0 ? "to the host" : "from the buyer",
                   s->network->name, date, many, h->availability.value * 100, s->utilisation_low.value * 100,
                   s->utilisation_high.value * 100, upper ? "at most " : "",
                   croft_money(a, s->gross_low.value), croft_money(a, s->gross_high.value));
    if (!croft_known(s->left_low.value))
        return croft_text(a, "%s What is left of it is not known: a question below is open.", start);
    return croft_text(a, "%s After power, wear and depreciation %s%s to %s a day is left%s.", start,
                      upper ? "at most " : "", croft_money(a, s->left_low.value),
                      croft_money(a, s->left_high.value),
                      s->left_high.value <= 0 ? ": nothing"
                      : s->left_low.value < 0 ? ": a loss at the low end"
                                              : "");
}

static void state(struct croft_advising *a, const char *what, const struct croft_advise_rate *row)
{
    struct croft_statement *s = &a->report->statement[a->report->statements++];
    const struct croft_report_hardware *h = &a->report->hardware;
    double count = h->count;
    *s = (struct croft_statement){
        .what = what, .side = row->side, .network = croft_advise_network(a->data, row->network)};
    s->rate = croft_quantity_row(a, CROFT_TABLE_RATES, &row->row,
                                 croft_text(a, "%s, %s, %s", row->gpu_id, row->network, row->side), "USD/h",
                                 row->usd_h, row->low, row->high);
    s->rate.value *= count;
    s->rate.error *= count;
    s->utilisation_low = croft_quantity_assumed(a, "statement_low");
    s->utilisation_high = croft_quantity_assumed(a, "statement_high");
    bool host = strcmp(row->side, "host") == 0, upper = !host && !croft_known(s->network->host_fee);
    double fee = host || upper ? 0 : s->network->host_fee;
    struct croft_advise_day low = day_at(a, s, fee, s->utilisation_low.value);
    struct croft_advise_day high = day_at(a, s, fee, s->utilisation_high.value);
    const struct croft_quantity *gross[] = {&s->rate, &h->availability};
    const struct croft_quantity *left[] = {&s->rate, &h->availability, &h->watts_load,
                                           &a->report->power.tariff, &h->entry};
    s->gross_low = croft_quantity_from(low.gross, 0, "USD/day", gross, CROFT_COUNT(gross));
    s->gross_high = croft_quantity_from(high.gross, 0, "USD/day", gross, CROFT_COUNT(gross));
    s->left_low = croft_quantity_from(low.net, 0, "USD/day", left, CROFT_COUNT(left));
    s->left_high = croft_quantity_from(high.net, 0, "USD/day", left, CROFT_COUNT(left));
    s->text = sentence(a, s, upper, row);
}

void croft_advise_statements(struct croft_advising *a)
{
    const struct croft_advise_rate *host = newest(a, true), *any = newest(a, false);
    if (host != NULL)
        state(a, "host rate", host);
    if (any != NULL && any != host)
        state(a, "newest rate", any);
}
