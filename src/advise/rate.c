/* What an hour of the machine brings on a network, and how much of the time it is rented. */
#include "advise/advise_int.h"

#include <math.h>
#include <string.h>

enum { WEEK_H = 168 };

static bool is_host(const struct croft_advise_rate *r)
{
    return strcmp(r->side, "host") == 0;
}

/* The user's own rows before built-in ones, what the host gets before what the buyer pays, then the newest.
 */
static bool is_better(const struct croft_advise_rate *r, const struct croft_advise_rate *than)
{
    if (than == NULL || r->row.kind != than->row.kind)
        return than == NULL || r->row.kind == CROFT_SOURCE_OVERLAY;
    if (is_host(r) != is_host(than))
        return is_host(r);
    return croft_date_days(r->row.as_of) > croft_date_days(than->row.as_of);
}

const struct croft_advise_rate *croft_advise_best_rate(const struct croft_advising *a, const char *network)
{
    const struct croft_advise_rate *best = NULL;
    CROFT_EACH_ROW(croft_advise_rate, r, a->data, CROFT_TABLE_RATES)
    if (strcmp(r->gpu_id, a->request->card_id) == 0 && strcmp(r->network, network) == 0 &&
        strcmp(r->side, "ceiling") != 0 && is_better(r, best))
        best = r;
    return best;
}

static struct croft_quantity scaled(struct croft_quantity q, double factor)
{
    q.value *= factor;
    q.error *= factor;
    return q;
}

static struct croft_quantity of_row(struct croft_advising *a, const struct croft_advise_rate *r)
{
    const char *what = croft_text(a, "%s, %s, %s", r->gpu_id, r->network, r->side);
    return scaled(croft_quantity_row(a, CROFT_TABLE_RATES, &r->row, what, "USD/h", r->usd_h, r->low, r->high),
                  a->request->count);
}

static void take_row(struct croft_advising *a, struct croft_report_network *n,
                     const struct croft_advise_rate *best)
{
    n->rate.side = best->side;
    n->rate.as_of = best->row.as_of;
    n->rate.taken = of_row(a, best);
    n->rate.low.value = best->low * a->request->count;
    n->rate.high.value = best->high * a->request->count;
}

/* What else is known of this card on this network: older rows, and the most that may be asked. */
static void list_others(struct croft_advising *a, struct croft_report_network *n,
                        const struct croft_advise_rate *best)
{
    CROFT_EACH_ROW(croft_advise_rate, r, a->data, CROFT_TABLE_RATES)
    {
        bool same = strcmp(r->gpu_id, a->request->card_id) == 0 && strcmp(r->network, n->of->id) == 0;
        if (same && r != best && n->rate.others < CROFT_OTHERS_MAX)
            n->rate.other[n->rate.others++] = of_row(a, r);
    }
}

/* ---- rewards that are not a rate ---- */

static const struct croft_advise_reward *find_reward(const struct croft_advising *a, const char *network,
                                                     const char *what)
{
    CROFT_EACH_ROW(croft_advise_reward, r, a->data, CROFT_TABLE_REWARDS)
    if (strcmp(r->network, network) == 0 && strcmp(r->what, what) == 0)
        return r;
    return NULL;
}

static const struct croft_advise_multiplier *find_multiplier(const struct croft_advising *a,
                                                             const char *network)
{
    CROFT_EACH_ROW(croft_advise_multiplier, m, a->data, CROFT_TABLE_MULTIPLIERS)
    if (strcmp(m->network, network) == 0 && strcmp(m->gpu_id, a->request->card_id) == 0)
        return m;
    return NULL;
}

static const struct croft_advise_token *token_row(const struct croft_advising *a, const char *token,
                                                  const char *what)
{
    CROFT_EACH_ROW(croft_advise_token, t, a->data, CROFT_TABLE_TOKENS)
    if (strcmp(t->token, token) == 0 && strcmp(t->what, what) == 0)
        return t;
    return NULL;
}

/* Since the day it was noted a price has wandered by its volatility and the root of the time. */
static struct croft_quantity token_price(struct croft_advising *a, const char *token)
{
    const struct croft_advise_token *t = token_row(a, token, "price"), *v = token_row(a, token, "volatility");
    if (token[0] == '\0')
        return croft_quantity_plain(1, "USD"); /* a reward in dollars */
    if (t == NULL)
        return croft_quantity_unknown("USD");
    struct croft_quantity q = croft_quantity_row(
        a, CROFT_TABLE_TOKENS, &t->row, croft_text(a, "%s, price", token), "USD", t->value, t->low, t->high);
    double sigma = v != NULL ? croft_advise_middle(v->value, v->low, v->high) : 1;
    double years = (double)croft_date_age_days(t->row.as_of, a->request->date) / CROFT_DAYS_PER_YEAR;
    q.error = fmax(q.error, q.value * sigma * sqrt(years));
    return q;
}

static struct croft_quantity reward_row(struct croft_advising *a, const struct croft_advise_reward *r)
{
    return croft_quantity_row(a, CROFT_TABLE_REWARDS, &r->row, croft_text(a, "%s, %s", r->network, r->what),
                              "", r->value, r->low, r->high);
}

/* amount of tokens x their price x factor, per hour. */
static struct croft_quantity reward_rate(struct croft_advising *a, const struct croft_advise_reward *r,
                                         double factor, const struct croft_quantity *with)
{
    struct croft_quantity amount = reward_row(a, r), usd = token_price(a, r->token);
    double value = amount.value * usd.value * factor, error = 0;
    if (amount.value > 0)
        error = hypot(amount.error / amount.value, usd.error / usd.value);
    const struct croft_quantity *of[] = {&amount, &usd, with};
    return croft_quantity_from(value, value * error, "USD/h", of, with != NULL ? 3 : 2);
}

static void set_rate(struct croft_report_network *n, struct croft_quantity rate,
                     const struct croft_advise_row *row)
{
    n->rate.taken = rate;
    n->rate.in_token = true;
    n->rate.side = "host";
    n->rate.as_of = row->as_of;
}

/* So many tokens for a week of jobs, times what the card counts. */
static void pay_for_jobs(struct croft_advising *a, struct croft_report_network *n,
                         const struct croft_advise_reward *r)
{
    const struct croft_advise_multiplier *m = find_multiplier(a, n->of->id);
    if (m == NULL)
        return;
    struct croft_quantity of_card =
        croft_quantity_row(a, CROFT_TABLE_MULTIPLIERS, &m->row, croft_text(a, "%s, %s", n->of->id, m->gpu_id),
                           "", m->value, (double)NAN, (double)NAN);
    set_rate(n, reward_rate(a, r, m->value / WEEK_H * a->request->count, &of_card), &r->row);
}

static void pay_for_rendering(struct croft_advising *a, struct croft_report_network *n,
                              const struct croft_advise_reward *r)
{
    struct croft_quantity score = croft_quantity_assumed(a, "octanebench");
    if (croft_known(score.value))
        set_rate(n, reward_rate(a, r, score.value / 1000 * a->request->count, &score), &r->row);
    else
        croft_network_asks(
            n, croft_ask(a, "OctaneBench score", true, "--set octanebench=SCORE",
                         "%s pays for OctaneBench-hours, and no score of this card is in the data.",
                         n->of->name));
}

static void pay_for_traffic(struct croft_advising *a, struct croft_report_network *n,
                            const struct croft_advise_reward *r)
{
    struct croft_quantity sold = croft_quantity_assumed(a, "gb_day");
    if (croft_known(sold.value))
        n->rate.idle = reward_rate(a, r, sold.value / 24, &sold);
    else
        croft_network_asks(n, croft_ask(a, "traffic sold", true, "--set gb_day=GB",
                                        "%s pays by the GB; how much it would buy from you is not known.",
                                        n->of->name));
}

static void rewards(struct croft_advising *a, struct croft_report_network *n)
{
    const char *id = n->of->id;
    const struct croft_advise_reward *job = find_reward(a, id, "job_week"),
                                     *idle = find_reward(a, id, "idle_week");
    const struct croft_advise_reward *render = find_reward(a, id, "per_1000_obh"),
                                     *gb = find_reward(a, id, "usd_gb");
    const struct croft_advise_reward *month = find_reward(a, id, "usd_month");
    if (job != NULL)
        pay_for_jobs(a, n, job);
    if (idle != NULL)
        n->rate.idle = reward_rate(a, idle, (double)a->request->count / WEEK_H, NULL);
    if (render != NULL)
        pay_for_rendering(a, n, render);
    if (month != NULL)
        n->rate.idle = reward_rate(a, month, 1 / (CROFT_DAYS_PER_MONTH * 24), NULL);
    if (gb != NULL)
        pay_for_traffic(a, n, gb);
}

/* ---- all of it ---- */

void croft_advise_rate(struct croft_advising *a, struct croft_report_network *n)
{
    const char *id = n->of->id;
    bool bandwidth = strcmp(n->of->kind, "bandwidth") == 0, croft = strcmp(id, "croft") == 0;
    const struct croft_advise_rate *best = croft_advise_best_rate(a, id);
    double own = croft_own_value(&a->request->rate, id);
    n->rate.taken = n->rate.low = n->rate.high = croft_quantity_unknown("USD/h");
    n->rate.idle = croft_quantity_plain(0, "USD/h");
    if (best != NULL)
        take_row(a, n, best);
    list_others(a, n, best);
    rewards(a, n);
    if (croft && croft_known(a->request->croft_rate))
        own = a->request->croft_rate;
    if (croft_known(own)) {
        struct croft_quantity q = croft_quantity_user(a, own, "USD/h", croft ? "--croft-rate" : "--rate");
        n->rate.side = "host";
        n->rate.as_of = a->request->date;
        n->rate.in_token = false;
        if (bandwidth)
            n->rate.idle = q;
        else
            n->rate.taken = scaled(q, a->request->count);
    }
    if (bandwidth) {
        bool known = n->rate.idle.sources > 0;
        n->rate.taken = croft_quantity_plain(known ? 0 : (double)NAN, "USD/h");
    }
    if (!croft_known(n->rate.taken.value) && n->questions == 0)
        croft_network_asks(
            n, croft_ask(a, "rate", true, croft ? "--croft-rate USD" : croft_text(a, "--rate %s=USD", id),
                         bandwidth ? "%s publishes no rate; it pays for the line, not for the %s."
                                   : "No rate of %s is known for a %s.",
                         n->of->name, a->report->hardware.card->name));
}
