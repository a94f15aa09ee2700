/* The seven rules of a host's strategy (docs/economics.md), where they have something to say. */
#include "advise/advise_int.h"

#include <math.h>
#include <string.h>

static void advise(struct croft_advising *a, u32 rule, const struct croft_report_network *n,
                   struct croft_quantity about, const char *text)
{
    struct croft_advise_report *r = a->report;
    if (r->advices < CROFT_ADVICE_MAX)
        r->advice[r->advices++] = (struct croft_advice){
            .rule = rule, .network = n != NULL ? n->of->id : NULL, .text = text, .about = about};
}

static void floor_price(struct croft_advising *a)
{
    const struct croft_report_hardware *h = &a->report->hardware;
    const struct croft_report_power *p = &a->report->power;
    double power = h->watts_load.value * p->tariff.value / 1000;
    double wear = croft_assumed(a, "failure_rate") * (h->entry.value + h->resale_end.value) / 2 /
                  CROFT_DAYS_PER_YEAR / 24;
    const struct croft_quantity *of[] = {&h->watts_load, &p->tariff, &h->entry};
    if (croft_known(power) && croft_known(wear))
        advise(a, 1, NULL, croft_quantity_from(power + wear, 0, "USD/h", of, CROFT_COUNT(of)),
               croft_text(a, "Never ask less than $%.3f an hour: $%.3f of power at %.0f W and $%.3f of wear.",
                          power + wear, power, h->watts_load.value, wear));
}

static void order(struct croft_advising *a)
{
    const struct croft_advise_report *r = a->report;
    if (r->networks == 0 || !r->network[0]->simulated || r->network[0]->takes == CROFT_MET_NO)
        return;
    const struct croft_report_network *n = r->network[0];
    double p25 = n->simulation.net_day.p25;
    advise(a, 2, n, n->input[CROFT_IN_RATE],
           croft_text(
               a, "%s comes first by P25 of net, not by the mean: in three of four futures %s a day or more.",
               n->of->name, croft_money(a, p25)));
    struct croft_quantity reserve = croft_quantity_assumed(a, "idle_reserve");
    advise(a, 3, NULL, reserve,
           croft_text(a, "Keep about %.0f %% of the time free for interruptible work that pays more.",
                      reserve.value * 100));
}

static void cap(struct croft_advising *a, const struct croft_report_network *n)
{
    struct croft_quantity about = croft_quantity_plain(n->cap_best_w, "W");
    croft_quantity_add_source(&about, n->cap_source);
    advise(a, 4, n, about, croft_text(a, "%s: %s", n->of->name, n->cap_text));
}

static void warn(struct croft_advising *a, const struct croft_report_network *n)
{
    if (n->stake.value > 0 || n->of->stake_rule[0] != '\0')
        advise(a, 5, n, n->stake,
               croft_known(n->stake.value)
                   ? croft_text(a, "%s: a stake of %g %s is at risk%s.", n->of->name, n->stake.value,
                                n->stake.unit,
                                n->lockup_days.value > 0
                                    ? croft_text(a, " and locked for %g days", n->lockup_days.value)
                                    : "")
                   : croft_text(a, "%s: a stake in %s is at risk (%s).", n->of->name, n->of->stake_token,
                                n->of->stake_rule));
    if (n->of->token[0] != '\0')
        advise(a, 5, n, n->volatility,
               croft_text(a,
                          "%s: selling %s in a thin market moves its price against you; no figure for it is "
                          "in the data.",
                          n->of->name, n->of->token));
}

/* Six is said by the verdict; here for those who read the advice only. */
static void not_for_this(struct croft_advising *a, const struct croft_report_network *n)
{
    if (n->simulated && n->buy == CROFT_BUY_NO)
        advise(a, 6, n, n->utilisation_full.at, croft_text(a, "%s: %s", n->of->name, n->buy_text));
}

static void measured(struct croft_advising *a)
{
    const struct croft_advise_report *r = a->report;
    for (size_t i = 0; i < r->histories; i++)
        if (r->history[i].replaces)
            advise(a, 7, NULL, r->history[i].earned_day,
                   croft_text(a, "%s: %u days of your own log have replaced what was assumed.",
                              r->history[i].network, r->history[i].days));
    if (r->histories == 0)
        advise(a, 7, NULL, croft_quantity_plain(CROFT_HISTORY_DAYS, "d"),
               croft_text(a,
                          "After %d days of running, give the node's log (--log): what was measured then "
                          "replaces what was "
                          "assumed.",
                          CROFT_HISTORY_DAYS));
}

void croft_advise_rules(struct croft_advising *a)
{
    const struct croft_advise_report *r = a->report;
    floor_price(a);
    order(a);
    for (size_t i = 0; i < r->networks; i++) {
        const struct croft_report_network *n = r->network[i];
        if (n->takes == CROFT_MET_NO || n->status != CROFT_STATUS_COMPLETE)
            continue;
        if (n->cap != CROFT_CAP_UNKNOWN)
            cap(a, n);
        warn(a, n);
        not_for_this(a, n);
    }
    measured(a);
}
