/* What the figures come to, in words: the currency, and the two verdicts. */
#include "advise/advise_int.h"

#include "advise/chance.h"

#include <math.h>
#include <string.h>

enum { LOSS_ACCEPTED_PERCENT = 25, LOSS_REFUSED_PERCENT = 50 };

/* ---- currency ---- */

/* Named before the simulation, which needs it. */
static struct croft_quantity volatility(struct croft_advising *a, struct croft_report_network *n)
{
    const char *token = n->of->token;
    CROFT_EACH_ROW(croft_advise_token, t, a->data, CROFT_TABLE_TOKENS)
    if (strcmp(t->token, token) == 0 && strcmp(t->what, "volatility") == 0)
        return croft_quantity_row(a, CROFT_TABLE_TOKENS, &t->row, croft_text(a, "%s, volatility", token), "",
                                  t->value, t->low, t->high);
    struct croft_quantity own = croft_quantity_assumed(a, "volatility");
    if (!croft_known(own.value))
        croft_network_asks(
            n, croft_ask(a, "token's volatility", false, "--set volatility=SHARE",
                         "How much %s moves in a year is not known; without it nothing can be said about "
                         "keeping it.",
                         token));
    return own;
}

void croft_advise_currency(struct croft_advising *a, struct croft_report_network *n)
{
    n->volatility = n->of->token[0] != '\0' ? volatility(a, n) : croft_quantity_unknown("");
}

static const char *currency_text(struct croft_advising *a, const struct croft_report_network *n)
{
    const struct croft_simulation *s = &n->simulation;
    if (n->of->token[0] == '\0')
        return "Paid in dollars: no token to sell or keep.";
    if (!croft_known(n->volatility.value))
        return croft_text(a, "Paid in %s, whose risk is not known: sell on receipt.", n->of->token);
    double days = croft_known(n->settle_days.value) ? n->settle_days.value : 0;
    double swing = n->volatility.value * sqrt(days / CROFT_DAYS_PER_YEAR) * 100;
    const char *when =
        croft_known(n->settle_days.value) && days > 0
            ? croft_text(a, "%g days until it can be sold are one sd of %.0f %%", days, swing)
            : croft_text(a, "how long until %s can be sold is not known; 7 days would be one sd of %.0f %%",
                         n->of->token, n->volatility.value * sqrt(7 / CROFT_DAYS_PER_YEAR) * 100);
    if (!n->simulated)
        return croft_text(a, "Paid in %s: %s.", n->of->token, when);
    return croft_text(
        a,
        "Sold on receipt, P(loss) is %.0f %%; kept for %u months, %.0f %%, with a P5 of %s instead of %s. "
        "Paid in %s: %s.",
        s->sell.loss_probability * 100, a->request->months, s->hold.loss_probability * 100,
        croft_money(a, s->hold.npv.p5), croft_money(a, s->sell.npv.p5), n->of->token, when);
}

/* ---- own it ---- */

static void own(struct croft_advising *a, struct croft_report_network *n)
{
    const struct croft_advise_day *d = &n->day;
    double error = n->cash_error;
    if (fabs(d->cash) <= error) {
        n->own = CROFT_OWN_UNCLEAR;
        n->own_text =
            croft_text(a, "Cash of %s a day is within its error of %s: measure before you count on it.",
                       croft_money(a, d->cash), croft_money(a, error));
    } else if (d->cash < 0) {
        n->own = CROFT_OWN_DO_NOT;
        n->own_text =
            croft_text(a, "It costs %s a day to run%s.", croft_money(a, -d->cash),
                       strcmp(n->of->kind, "bandwidth") == 0 ? ", if the machine is on for this alone" : "");
    } else {
        n->own = CROFT_OWN_RUN;
        n->own_text = croft_text(
            a, "%s a day after power and wear (error %s).%s", croft_money(a, d->cash), croft_money(a, error),
            d->net < 0 ? " The cards lose more than that in value: selling them beats running them." : "");
    }
}

/* ---- buy it ---- */

/* Rule 6. */
static bool needs_more_than_expected(const struct croft_report_network *n, double nu, double *out_median)
{
    struct croft_beta_grid grid;
    croft_beta_grid_fill(&grid, n->model.utilisation, nu);
    *out_median = (double)croft_beta_grid_at(&grid, croft_grid_place(0));
    double even = n->utilisation_full.at.value;
    return !croft_known(even) || even > *out_median;
}

static void buy(struct croft_advising *a, struct croft_report_network *n)
{
    const struct croft_simulation *s = &n->simulation;
    double median, loss = s->sell.loss_probability * 100;
    const char *npv = croft_money(a, s->sell.npv.p50);
    n->buy = CROFT_BUY_NO;
    if (needs_more_than_expected(n, croft_assumed(a, "utilisation_nu"), &median)) {
        n->buy_text =
            croft_known(n->utilisation_full.at.value)
                ? croft_text(a,
                             "Not for this, only if already owned: full costs need %.0f %% rented, and "
                             "%.0f %% is expected.",
                             n->utilisation_full.at.value * 100, median * 100)
                : croft_text(a, "A rented hour brings less than its power costs.");
    } else if (n->shown == CROFT_SHOWN_WITHIN_ERROR) {
        n->buy = CROFT_BUY_UNCLEAR;
        n->buy_text = croft_text(
            a,
            "Net of %s a day is within its error of %s: no profit can be promised. Median NPV over %u "
            "months %s, P(loss) %.0f %%.",
            croft_money(a, n->day.net), croft_money(a, n->net_error), a->request->months, npv, loss);
    } else if (loss >= LOSS_REFUSED_PERCENT) {
        n->buy_text = croft_text(a, "P(loss) is %.0f %%, the median NPV over %u months %s.", loss,
                                 a->request->months, npv);
    } else {
        n->buy = loss <= LOSS_ACCEPTED_PERCENT ? CROFT_BUY_YES : CROFT_BUY_UNCLEAR;
        n->buy_text =
            croft_text(a, "Median NPV over %u months %s, P(loss) %.0f %%, worst 5 %% on average %s.",
                       a->request->months, npv, loss, croft_money(a, s->sell.cvar_5));
    }
}

static const char *first_unmet(const struct croft_report_network *n)
{
    for (size_t i = 0; i < n->requirements; i++)
        if (n->requirement[i].met == CROFT_MET_NO)
            return n->requirement[i].text;
    return "";
}

static const char *missing(struct croft_advising *a, const struct croft_report_network *n)
{
    const struct croft_advise_report *r = a->report;
    size_t needed = 0, last = 0;
    for (size_t i = 0; i < n->questions; i++) {
        if (r->question[n->question[i]].needed) {
            needed++;
            last = n->question[i];
        }
    }
    if (needed == 0)
        return "An input is missing.";
    return croft_text(a, needed == 1 ? "Missing: %s (%s)." : "Missing: %s (%s) and more.",
                      r->question[last].what, r->question[last].option);
}

void croft_advise_verdict(struct croft_advising *a, struct croft_report_network *n)
{
    bool bandwidth = strcmp(n->of->kind, "bandwidth") == 0;
    n->currency_text = currency_text(a, n);
    if (n->takes == CROFT_MET_NO) {
        n->own = CROFT_OWN_NOT_TAKEN;
        n->buy = CROFT_BUY_NOT_TAKEN;
        n->own_text = n->buy_text = first_unmet(n);
        return;
    }
    n->own = CROFT_OWN_UNKNOWN;
    n->buy = CROFT_BUY_UNKNOWN;
    n->own_text = n->buy_text = n->status == CROFT_STATUS_COMPLETE ? "" : missing(a, n);
    if (n->status == CROFT_STATUS_COMPLETE)
        own(a, n);
    if (bandwidth)
        n->buy_text = "It pays for the line and does not use the card.";
    else if (n->simulated)
        buy(a, n);
}
