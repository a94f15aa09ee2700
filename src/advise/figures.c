/* What follows from a network's inputs: the day, break-evens, errors, the tornado, and the simulation. */
#include "advise/advise_int.h"

#include "base/assert.h"

#include <math.h>
#include <string.h>

static bool is_bandwidth(const struct croft_report_network *n)
{
    return strcmp(n->of->kind, "bandwidth") == 0;
}

/* ---- errors and the tornado ---- */

/* The model with one input set to another value, kept where it makes sense. */
static struct croft_advise_inputs with(const struct croft_report_network *n, enum croft_input which,
                                       double value)
{
    struct croft_advise_inputs in = n->model;
    double *at[CROFT_INPUTS] = {[CROFT_IN_AVAILABILITY] = &in.availability,
                                [CROFT_IN_UTILISATION] = &in.utilisation,
                                [CROFT_IN_RATE] = &in.rate_h,
                                [CROFT_IN_RATE_IDLE] = &in.rate_idle_h,
                                [CROFT_IN_FEE] = &in.fee,
                                [CROFT_IN_WATTS_LOAD] = &in.watts_load,
                                [CROFT_IN_WATTS_IDLE] = &in.watts_idle,
                                [CROFT_IN_TARIFF] = &in.tariff_kwh,
                                [CROFT_IN_VALUE_NOW] = &in.value_now,
                                [CROFT_IN_VALUE_END] = &in.value_end,
                                [CROFT_IN_FAILURES] = &in.failures_year,
                                [CROFT_IN_BANDWIDTH] = &in.bandwidth_day};
    CROFT_ASSERT(at[which] != NULL);
    *at[which] = value;
    return in;
}

static bool is_share(enum croft_input which)
{
    return which == CROFT_IN_AVAILABILITY || which == CROFT_IN_UTILISATION || which == CROFT_IN_FEE;
}

static double inside(enum croft_input which, double value)
{
    return value < 0 ? 0 : is_share(which) && value > 1 ? 1 : value;
}

/* Discount, horizon, fall of the rate and tax do not move the net of a day, or are the owner's choice. */
static bool moves_net(enum croft_input which)
{
    return which != CROFT_IN_MONTHS && which != CROFT_IN_DISCOUNT && which != CROFT_IN_RATE_FALL &&
           which != CROFT_IN_TAX;
}

static void insert_bar(struct croft_report_network *n, struct croft_tornado_bar bar)
{
    CROFT_ASSERT(n->bars < CROFT_INPUTS);
    size_t at = n->bars++;
    double swing = fabs(bar.net_high - bar.net_low);
    for (; at > 0 && swing > fabs(n->bar[at - 1].net_high - n->bar[at - 1].net_low); at--)
        n->bar[at] = n->bar[at - 1];
    n->bar[at] = bar;
}

/* Each input is moved by its error, alone; the swings add up as independent errors do. */
static void tornado(struct croft_report_network *n)
{
    double net = 0, cash = 0;
    n->bars = 0;
    for (enum croft_input i = 0; i < CROFT_INPUTS; i++) {
        const struct croft_quantity *q = &n->input[i];
        if (!moves_net(i) || !(q->error > 0))
            continue;
        double low = inside(i, q->value - q->error), high = inside(i, q->value + q->error);
        struct croft_advise_inputs at_low = with(n, i, low), at_high = with(n, i, high);
        struct croft_advise_day day_low = croft_advise_day_of(&at_low),
                                day_high = croft_advise_day_of(&at_high);
        insert_bar(n, (struct croft_tornado_bar){i, low, high, day_low.net, day_high.net});
        double spread =
            high > low ? 2 * q->error / (high - low) : 1; /* what a bound cut off counts all the same */
        net += pow((day_high.net - day_low.net) / 2 * spread, 2);
        cash += pow((day_high.cash - day_low.cash) / 2 * spread, 2);
    }
    n->net_error = sqrt(net);
    n->cash_error = sqrt(cash);
}

/* ---- break-even ---- */

static struct croft_break_even even_utilisation(const struct croft_report_network *n, bool full)
{
    const struct croft_quantity *in = n->input;
    const struct croft_quantity *of[] = {
        &in[CROFT_IN_RATE],   &in[CROFT_IN_AVAILABILITY], &in[CROFT_IN_WATTS_LOAD], &in[CROFT_IN_WATTS_IDLE],
        &in[CROFT_IN_TARIFF], &in[CROFT_IN_FAILURES],     &in[CROFT_IN_VALUE_NOW]};
    double u = croft_advise_break_even_utilisation(&n->model, full);
    struct croft_break_even e = {.at = croft_quantity_from(u, 0, "", of, CROFT_COUNT(of))};
    e.answer = !croft_known(u) || is_bandwidth(n) ? CROFT_EVEN_UNKNOWN
               : u > 1                            ? CROFT_EVEN_NEVER
               : u <= 0                           ? CROFT_EVEN_ALWAYS
                                                  : CROFT_EVEN_VALUE;
    if (!isfinite(u) || is_bandwidth(n))
        e.at.value = (double)NAN;
    return e;
}

static struct croft_break_even even_tariff(const struct croft_report_network *n)
{
    const struct croft_quantity *in = n->input;
    const struct croft_quantity *of[] = {&in[CROFT_IN_RATE], &in[CROFT_IN_UTILISATION],
                                         &in[CROFT_IN_AVAILABILITY], &in[CROFT_IN_WATTS_LOAD],
                                         &in[CROFT_IN_FAILURES]};
    double p = croft_advise_break_even_tariff(&n->model);
    struct croft_break_even e = {.at = croft_quantity_from(p, 0, "USD/kWh", of, CROFT_COUNT(of))};
    e.answer = !croft_known(p) ? CROFT_EVEN_UNKNOWN : p < 0 ? CROFT_EVEN_NEVER : CROFT_EVEN_VALUE;
    return e;
}

/* ---- all without chance ---- */

static void curve(struct croft_report_network *n)
{
    struct croft_advise_inputs in = n->model;
    for (int i = 0; i < CROFT_CURVE_POINTS; i++) {
        in.utilisation = (double)i / (CROFT_CURVE_POINTS - 1);
        struct croft_advise_day d = croft_advise_day_of(&in);
        n->curve_gross[i] = d.gross;
        n->curve_cash[i] = d.cash;
        n->curve_net[i] = d.net;
    }
    n->has_curve = croft_known(n->curve_net[0]) && !is_bandwidth(n);
}

void croft_advise_figures(struct croft_report_network *n)
{
    n->day = croft_advise_day_of(&n->model);
    n->utilisation_cash = even_utilisation(n, false);
    n->utilisation_full = even_utilisation(n, true);
    n->tariff = even_tariff(n);
    n->payback = CROFT_PAID_UNKNOWN;
    n->shown = CROFT_SHOWN_UNKNOWN;
    n->npv = (double)NAN;
    curve(n);
    bool complete = croft_advise_is_complete(n);
    n->status = n->takes == CROFT_MET_NO ? CROFT_STATUS_NOT_TAKEN
                : complete               ? CROFT_STATUS_COMPLETE
                                         : CROFT_STATUS_INCOMPLETE;
    if (!complete)
        return;
    tornado(n);
    n->shown = fabs(n->day.net) <= n->net_error ? CROFT_SHOWN_WITHIN_ERROR
               : n->day.net > 0                 ? CROFT_SHOWN_PROFIT
                                                : CROFT_SHOWN_LOSS;
    if (n->payout_min.value > 0 && n->day.gross > 0)
        n->days_to_min = croft_quantity_from(
            n->payout_min.value / n->day.gross, 0, "d",
            (const struct croft_quantity *[]){&n->payout_min, &n->input[CROFT_IN_RATE]}, 2);
    if (is_bandwidth(n))
        return;
    n->payback_months = croft_advise_payback_months(&n->model);
    n->payback = n->payback_months > 0 ? CROFT_PAID_MONTHS : CROFT_PAID_NEVER;
    n->npv = croft_advise_npv(&n->model);
}

croft_err croft_advise_chance(struct croft_advising *a, struct croft_report_network *n)
{
    if (!croft_advise_is_complete(n) || is_bandwidth(n))
        return CROFT_OK;
    struct croft_simulate_in in = {.at = n->model,
                                   .utilisation_nu = croft_assumed(a, "utilisation_nu"),
                                   .sigma = croft_known(n->volatility.value) ? n->volatility.value : 0,
                                   .mu = croft_assumed(a, "token_drift"),
                                   .rate_in_token = n->rate.in_token,
                                   .settle_days =
                                       croft_known(n->settle_days.value) ? n->settle_days.value : 0};
    CROFT_ASSERT(a->draws != NULL);
    croft_err err = croft_simulate(&in, a->draws, *a->mem, &n->simulation);
    if (err != CROFT_OK)
        return croft_fail(a->why, err, "no memory left for %u paths of %u months", a->request->paths,
                          a->request->months);
    n->simulated = true;
    return CROFT_OK;
}
