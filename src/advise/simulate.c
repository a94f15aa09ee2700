#include "advise/simulate.h"

#include "advise/chance.h"
#include "advise/select.h"
#include "base/assert.h"

#include <math.h>

/* Paths are run in blocks that stay in the cache; the loops over a block have no branches. */
enum { BLOCK = 1024 };

static const double quantile_at[] = {.05, .25, .50, .75, .95};

/* Constants of one month, per day where not said otherwise. */
struct month {
    float gross_use, gross_idle; /* gross = rate * use * gross_use + gross_idle */
    float power_use, power_idle; /* with what the line costs */
    float repair;                /* of a failure as large as the card */
    float depreciation, tax_rate;
    float discount;                  /* to today */
    float settle_step, settle_drift; /* log of what a token is worth when it is sold */
    float token_step, token_drift;   /* log of what it is worth in this month; 0 for a rate in dollars */
    float hold_step, hold_drift;     /* and at the end of the horizon */
};

struct run {
    const struct croft_simulate_in *in;
    const struct croft_draws *d;
    struct croft_beta_grid grid;
    struct month month[CROFT_MONTHS_MAX];
    float *cash;             /* [month][path], summed up */
    float *npv, *hold, *net; /* [path] */
    u16 *payback;            /* [path] */
    /* single precision: four lanes, and 7 digits are more than a simulation has */
    float use[BLOCK], gross[BLOCK], cost[BLOCK], sum[BLOCK], npv_sum[BLOCK], hold_cost[BLOCK],
        hold_value[BLOCK];
};

static struct month month_of(const struct croft_simulate_in *in, u32 m, u32 months, u32 cards)
{
    const struct croft_advise_inputs *at = &in->at;
    double hours = 24 * at->availability, kw_price = at->tariff_kwh / 1000, left = months - m - 1;
    double settle_years = in->settle_days / CROFT_DAYS_PER_YEAR, grown = (m + .5) / months;
    double value = at->value_now + (at->value_end - at->value_now) * grown;
    struct month k = {.tax_rate = (float)at->tax_rate};
    k.gross_use = (float)(hours * at->rate_h * (1 - at->fee) * pow(1 - at->rate_fall_year, m / 12.0));
    k.gross_idle = (float)(hours * at->rate_idle_h * (1 - at->fee));
    k.power_use = (float)(hours * (at->watts_load - at->watts_idle) * kw_price);
    k.power_idle = (float)(hours * at->watts_idle * kw_price + at->bandwidth_day);
    k.repair = (float)(value / cards / CROFT_DAYS_PER_MONTH);
    k.depreciation = (float)((at->value_now - at->value_end) / (months * CROFT_DAYS_PER_MONTH));
    k.discount = (float)pow(1 + at->discount_year, -(m + 1.0) / 12);
    k.settle_step = (float)(in->sigma * sqrt(settle_years));
    k.settle_drift = (float)(-in->sigma * in->sigma / 2 * settle_years);
    k.token_step = in->rate_in_token ? (float)(in->sigma / sqrt(12)) : 0;
    k.token_drift = in->rate_in_token ? (float)((in->mu - in->sigma * in->sigma / 2) * (m + 1) / 12) : 0;
    k.hold_step = (float)(in->sigma / sqrt(12));
    k.hold_drift = (float)((in->mu - in->sigma * in->sigma / 2) * left / 12);
    return k;
}

static void earn(struct run *r, const struct month *k, const float *restrict place,
                 const float *restrict rate, const float *restrict shock, const float *restrict walk,
                 u32 count)
{
    for (u32 i = 0; i < count; i++)
        r->use[i] = croft_beta_grid_at(&r->grid, place[i]);
    for (u32 i = 0; i < count; i++)
        r->gross[i] = rate[i] * r->use[i] * k->gross_use + k->gross_idle;
    if (k->settle_step > 0)
        for (u32 i = 0; i < count; i++)
            r->gross[i] *= croft_exp(k->settle_step * shock[i] + k->settle_drift);
    if (k->token_step > 0)
        for (u32 i = 0; i < count; i++)
            r->gross[i] *= croft_exp(k->token_step * walk[i] + k->token_drift);
}

static void spend(struct run *r, const struct month *k, const float *restrict repair, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        float cost = r->use[i] * k->power_use + k->power_idle + repair[i] * k->repair;
        float taxed = r->gross[i] - cost - k->depreciation;
        r->cost[i] = cost + k->tax_rate * (taxed > 0 ? taxed : 0);
    }
}

static void add_up(struct run *r, const struct month *k, float *restrict cash, u16 *restrict payback,
                   u16 month, u32 count)
{
    const float days = (float)CROFT_DAYS_PER_MONTH, price = (float)r->in->at.value_now;
    for (u32 i = 0; i < count; i++) {
        float of_month = (r->gross[i] - r->cost[i]) * days;
        r->sum[i] += of_month;
        r->npv_sum[i] += of_month * k->discount;
        cash[i] = r->sum[i];
    }
    for (u32 i = 0; i < count; i++)
        payback[i] = payback[i] == 0 && cash[i] >= price ? month : payback[i];
}

/* What is earned stays in tokens until the end; what is spent is spent in dollars. */
static void hold(struct run *r, const struct month *k, const float *restrict walk,
                 const float *restrict walk_end, u32 count)
{
    const float days = (float)CROFT_DAYS_PER_MONTH;
    for (u32 i = 0; i < count; i++) {
        float grown = croft_exp(k->hold_step * (walk_end[i] - walk[i]) + k->hold_drift);
        r->hold_value[i] += r->gross[i] * days * grown;
        r->hold_cost[i] += r->cost[i] * days * k->discount;
    }
}

static void finish_block(struct run *r, u32 first, u32 count)
{
    const struct croft_advise_inputs *at = &r->in->at;
    u32 months = r->d->months;
    double end_discount = pow(1 + at->discount_year, -(double)months / 12);
    float end = (float)end_discount, start = (float)(at->value_end * end_discount - at->value_now);
    float depreciation = (float)(at->value_now - at->value_end),
          days = (float)(months * CROFT_DAYS_PER_MONTH);
    for (u32 i = 0; i < count; i++) {
        r->npv[first + i] = start + r->npv_sum[i];
        r->hold[first + i] = start - r->hold_cost[i] + r->hold_value[i] * end;
        r->net[first + i] = (r->sum[i] - depreciation) / days;
    }
}

static void run_block(struct run *r, u32 first, u32 count)
{
    const struct croft_draws *d = r->d;
    size_t last = (size_t)(d->months - 1) * d->paths + first;
    for (u32 i = 0; i < count; i++) {
        r->sum[i] = r->npv_sum[i] = r->hold_cost[i] = r->hold_value[i] = 0;
        r->payback[first + i] = 0;
    }
    for (u32 m = 0; m < d->months; m++) {
        size_t from = (size_t)m * d->paths + first;
        const struct month *k = &r->month[m];
        earn(r, k, d->place + from, d->rate + from, d->shock + from, d->walk + from, count);
        spend(r, k, d->repair + from, count);
        add_up(r, k, r->cash + from, r->payback + first, (u16)(m + 1), count);
        if (r->in->sigma > 0)
            hold(r, k, d->walk + from, d->walk + last, count);
    }
    finish_block(r, first, count);
}

/* ---- what the paths say together ---- */

static struct croft_quantiles quantiles_of(const float *value, u32 count, float *scratch)
{
    float q[CROFT_COUNT(quantile_at)];
    croft_select(value, count, quantile_at, CROFT_COUNT(quantile_at), q, scratch);
    return (struct croft_quantiles){.p5 = (double)q[0],
                                    .p25 = (double)q[1],
                                    .p50 = (double)q[2],
                                    .p75 = (double)q[3],
                                    .p95 = (double)q[4]};
}

static struct croft_policy policy_of(const float *npv, u32 count, float *scratch)
{
    struct croft_policy p = {.npv = quantiles_of(npv, count, scratch)};
    u32 losses = 0;
    for (u32 i = 0; i < count; i++)
        losses += npv[i] < 0;
    p.npv.mean = croft_mean(npv, count);
    p.loss_probability = (double)losses / count;
    p.cvar_5 = croft_mean_of_smallest(npv, count, .05, scratch);
    return p;
}

static void fill_payback(const struct run *r, struct croft_simulation *out)
{
    u32 by_month[CROFT_MONTHS_MAX + 1] = {0}, paths = r->d->paths;
    for (u32 i = 0; i < paths; i++)
        by_month[r->payback[i]]++;
    out->never_share = (double)by_month[0] / paths;
    for (size_t q = 0; q < CROFT_COUNT(quantile_at); q++) {
        u32 rank = (u32)floor(quantile_at[q] * (paths - 1) + .5), seen = 0, month = 1;
        while (month <= r->d->months && (seen += by_month[month]) <= rank)
            month++;
        out->payback[q] = month <= r->d->months ? month : 0;
    }
}

/* From P0.5 to P99.5, so that one path far out does not squeeze the rest into one bin. */
static void fill_histogram(const struct run *r, struct croft_simulation *out)
{
    static const double ends[] = {.005, .995};
    float end[2];
    u32 paths = r->d->paths;
    croft_select(r->npv, paths, ends, 2, end, r->d->scratch);
    double low = (double)end[0], width = ((double)end[1] - low) / CROFT_HISTOGRAM_BINS;
    if (!(width > 0)) { /* a certain result */
        low -= .5;
        width = 1.0 / CROFT_HISTOGRAM_BINS;
    }
    for (int i = 0; i <= CROFT_HISTOGRAM_BINS; i++)
        out->edge[i] = low + i * width;
    for (u32 i = 0; i < CROFT_HISTOGRAM_BINS; i++)
        out->bin[i] = 0;
    for (u32 i = 0; i < paths; i++) {
        double place = ((double)r->npv[i] - low) / width;
        place = place < 0 ? 0 : place < CROFT_HISTOGRAM_BINS ? place : CROFT_HISTOGRAM_BINS - 1;
        out->bin[(int)place]++;
    }
}

static void summarise(const struct run *r, struct croft_simulation *out)
{
    u32 paths = r->d->paths;
    float *scratch = r->d->scratch;
    out->net_day = quantiles_of(r->net, paths, scratch);
    out->net_day.mean = croft_mean(r->net, paths);
    out->sell = policy_of(r->npv, paths, scratch);
    if (r->in->sigma > 0)
        out->hold = policy_of(r->hold, paths, scratch);
    fill_payback(r, out);
    fill_histogram(r, out);
    for (u32 m = 0; m < r->d->months; m++)
        out->fan[m + 1] = quantiles_of(r->cash + (size_t)m * paths, paths, scratch);
}

croft_err croft_simulate(const struct croft_simulate_in *in, const struct croft_draws *draws,
                         struct croft_arena mem, struct croft_simulation *out)
{
    u32 paths = draws->paths;
    CROFT_ASSERT(in->at.months == draws->months);
    struct run *r = croft_new(&mem, struct run, 1);
    if (r == NULL)
        return CROFT_ERR_NOMEM;
    r->in = in;
    r->d = draws;
    r->cash = croft_arena_take_raw(&mem, (size_t)paths * draws->months, sizeof(float), 64);
    r->npv = croft_arena_take_raw(&mem, paths, sizeof(float), 64);
    r->hold = croft_arena_take_raw(&mem, paths, sizeof(float), 64);
    r->net = croft_arena_take_raw(&mem, paths, sizeof(float), 64);
    r->payback = croft_arena_take_raw(&mem, paths, sizeof(u16), 64);
    if (!r->cash || !r->npv || !r->hold || !r->net || !r->payback)
        return CROFT_ERR_NOMEM;
    croft_beta_grid_fill(&r->grid, in->at.utilisation, in->utilisation_nu);
    for (u32 m = 0; m < draws->months; m++)
        r->month[m] = month_of(in, m, draws->months, draws->cards);
    for (u32 first = 0; first < paths; first += BLOCK)
        run_block(r, first, paths - first < BLOCK ? paths - first : BLOCK);
    *out = (struct croft_simulation){0};
    summarise(r, out);
    return CROFT_OK;
}
