/* The node's own earnings against the forecast, and why they differ. */
#include "advise/advise_int.h"

#include "base/assert.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_PART = 200 };

struct croft_measured croft_advise_measured(const struct croft_advising *a, const char *network)
{
    struct croft_measured m = {0};
    const struct croft_table *log = a->request->earnings;
    for (size_t i = 0; log != NULL && i < log->count; i++) {
        const struct croft_advise_earning *day = croft_table_row(log, i);
        if (strcmp(day->network, network) != 0)
            continue;
        m.days++;
        m.online_h += day->online_h;
        m.rented_h += day->rented_h;
        m.earned_usd += day->earned_usd;
        m.kwh += day->kwh;
    }
    return m;
}

/* Gross is a product, so each factor's share of the difference is its part of the logarithm. */
static double effect_of(double forecast, double measured, double gross_forecast, double gross_measured)
{
    double whole = log(gross_measured / gross_forecast), part = log(measured / forecast);
    if (!isfinite(whole) || !isfinite(part) || fabs(whole) < 1e-9)
        return measured == forecast ? 0 : gross_forecast * (measured / forecast - 1);
    return (gross_measured - gross_forecast) * part / whole;
}

static void add_part(struct croft_advising *a, struct croft_history *h, const char *input,
                     const struct croft_quantity *forecast, double measured, double gross_forecast,
                     double gross_measured)
{
    if (!croft_known(forecast->value) || !croft_known(measured))
        return;
    struct croft_history_part *p = &h->part[h->parts++];
    p->input = input;
    p->forecast = *forecast;
    p->measured = croft_quantity_measured(a, measured, forecast->unit, croft_text(a, "%s in the log", input));
    p->effect_day =
        croft_quantity_plain(effect_of(forecast->value, measured, gross_forecast, gross_measured), "USD/day");
}

static const char *in_words(struct croft_advising *a, const struct croft_history_part *p)
{
    if (strcmp(p->input, "rate") == 0)
        return croft_text(a, "a rented hour brought $%.3g and not $%.3g", p->measured.value,
                          p->forecast.value);
    return croft_text(a, "%s was %.0f %% and not %.0f %%", p->input, p->measured.value * 100,
                      p->forecast.value * 100);
}

/* Parts that made at least a fifth of the difference, the largest first. */
static const char *reasons(struct croft_advising *a, const struct croft_history *h, double difference)
{
    const char *text = "";
    bool told[CROFT_COUNT(h->part)] = {false};
    for (size_t round = 0; round < h->parts; round++) {
        size_t best = h->parts;
        for (size_t i = 0; i < h->parts; i++)
            if (!told[i] && (best == h->parts ||
                             fabs(h->part[i].effect_day.value) > fabs(h->part[best].effect_day.value)))
                best = i;
        told[best] = true;
        double effect = h->part[best].effect_day.value;
        if (effect * difference > 0 && fabs(effect) >= fabs(difference) / 5)
            text = text[0] == '\0' ? croft_text(a, ", because %s", in_words(a, &h->part[best]))
                                   : croft_text(a, "%s, and %s", text, in_words(a, &h->part[best]));
    }
    return text;
}

static void compare(struct croft_advising *a, const struct croft_report_network *n,
                    const struct croft_measured *m)
{
    struct croft_history *h = &a->report->history[a->report->histories++];
    double forecast = n->day.gross, earned = m->earned_usd / m->days, fee = n->model.fee;
    const struct croft_quantity *of[] = {&n->input[CROFT_IN_RATE], &n->input[CROFT_IN_UTILISATION],
                                         &n->input[CROFT_IN_AVAILABILITY]};
    *h = (struct croft_history){
        .network = n->of->id, .days = m->days, .replaces = m->days >= CROFT_HISTORY_DAYS};
    h->earned_day = croft_quantity_measured(a, earned, "USD/day", "earned in the log");
    h->forecast_day = croft_quantity_from(forecast, 0, "USD/day", of, CROFT_COUNT(of));
    struct croft_quantity rate = n->input[CROFT_IN_RATE];
    rate.value *= 1 - fee;
    add_part(a, h, "availability", of[2], m->online_h / (24.0 * m->days), forecast, earned);
    add_part(a, h, "utilisation", of[1], m->online_h > 0 ? m->rented_h / m->online_h : (double)NAN, forecast,
             earned);
    add_part(a, h, "rate", &rate, m->rented_h > 0 ? m->earned_usd / m->rented_h : (double)NAN, forecast,
             earned);
    if (!croft_known(forecast))
        h->text = croft_text(
            a, "%s: earned %s a day over %u days; there was no forecast, because an input is missing.",
            n->of->name, croft_money(a, earned), m->days);
    else
        h->text = croft_text(a, "%s: forecast %s, earned %s a day over %u days%s.", n->of->name,
                             croft_money(a, forecast), croft_money(a, earned), m->days,
                             reasons(a, h, earned - forecast));
}

/* The forecast is what would have been said without the log. */
void croft_advise_history(struct croft_advising *a)
{
    struct croft_advise_report *r = a->report;
    for (size_t i = 0; i < r->networks; i++) {
        const struct croft_report_network *n = r->network[i];
        struct croft_measured m = croft_advise_measured(a, n->of->id);
        struct croft_report_network *forecast =
            m.days > 0 ? croft_new(a->mem, struct croft_report_network, 1) : NULL;
        if (m.days == 0 || r->histories == CROFT_HISTORY_MAX)
            continue;
        if (forecast == NULL) {
            a->out_of_memory = true;
            return;
        }
        *forecast = *n;
        croft_advise_inputs(a, forecast, false);
        croft_advise_figures(forecast);
        compare(a, forecast, &m);
    }
}
