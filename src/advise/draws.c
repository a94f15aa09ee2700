#include "advise/chance.h"
#include "advise/simulate.h"
#include "base/assert.h"

#include <math.h>

/* Paths are drawn in blocks, each from a stream of its own, whose state stays in the cache. */
enum { BLOCK = 512 };

struct block {
    const struct croft_chances *c;
    const struct croft_draws *d;
    struct croft_rng rng;
    u32 first, count;
    double demand[BLOCK], log_rate[BLOCK], walk[BLOCK], lift[BLOCK], normal[BLOCK];
};

static size_t at(const struct block *b, u32 month, u32 i)
{
    return (size_t)month * b->d->paths + b->first + i;
}

/* The shocks, and what lifts each path's end to its stratum: that, spread evenly over the months, keeps every
 * shock a standard normal independent of the others. */
static void draw_shocks(struct block *b)
{
    u32 months = b->c->months;
    for (u32 i = 0; i < b->count; i++)
        b->lift[i] = 0;
    for (u32 m = 0; m < months; m++) {
        croft_normal_fill(&b->rng, b->normal, b->count);
        for (u32 i = 0; i < b->count; i++) {
            b->d->shock[at(b, m, i)] = (float)b->normal[i];
            b->lift[i] -= b->normal[i];
        }
    }
    for (u32 i = 0; i < b->count; i++) {
        double stratum = (b->first + i + croft_uniform(&b->rng)) / b->c->paths;
        b->lift[i] = (b->lift[i] + sqrt(months) * croft_normal_quantile(stratum)) / months;
        b->walk[i] = 0;
    }
    for (u32 m = 0; m < months; m++) {
        for (u32 i = 0; i < b->count; i++) {
            double z = (double)b->d->shock[at(b, m, i)] + b->lift[i];
            b->walk[i] += z;
            b->d->shock[at(b, m, i)] = (float)z;
            b->d->walk[at(b, m, i)] = (float)b->walk[i];
        }
    }
}

static void draw_demand(struct block *b)
{
    double phi = b->c->autocorrelation, fresh = sqrt(1 - phi * phi);
    double rho = b->c->token_correlation, own = sqrt(1 - rho * rho);
    croft_normal_fill(&b->rng, b->demand, b->count);
    for (u32 m = 0; m < b->c->months; m++) {
        croft_normal_fill(&b->rng, b->normal, b->count);
        for (u32 i = 0; i < b->count; i++) {
            double e = rho * (double)b->d->shock[at(b, m, i)] + own * b->normal[i];
            b->demand[i] = phi * b->demand[i] + fresh * e;
            b->d->place[at(b, m, i)] = croft_grid_place(b->demand[i]);
        }
    }
}

static void draw_rates(struct block *b)
{
    double s = b->c->rate_volatility, step = s / sqrt(12), drift = -s * s / 24;
    for (u32 i = 0; i < b->count; i++)
        b->log_rate[i] = 0;
    for (u32 m = 0; m < b->c->months; m++) {
        croft_normal_fill(&b->rng, b->normal, b->count);
        for (u32 i = 0; i < b->count; i++) {
            b->log_rate[i] += step * b->normal[i] + drift;
            b->d->rate[at(b, m, i)] = croft_exp((float)b->log_rate[i]);
        }
    }
}

/* One draw says whether a card fails and, stretched over what is below p, how badly. */
static void draw_failures(struct block *b)
{
    double p = fmin(1, b->c->failures_year / 12 * b->c->cards);
    double low = b->c->repair_low, range = b->c->repair_high - low;
    for (u32 m = 0; m < b->c->months; m++)
        for (u32 i = 0; i < b->count; i++) {
            double u = croft_uniform(&b->rng);
            b->d->repair[at(b, m, i)] = u < p ? (float)(low + range * u / p) : 0;
        }
}

croft_err croft_draws_make(const struct croft_chances *c, struct croft_arena *mem, struct croft_draws *out)
{
    CROFT_ASSERT(c->paths > 0 && c->paths <= CROFT_PATHS_MAX && c->months > 0 &&
                 c->months <= CROFT_MONTHS_MAX);
    CROFT_ASSERT(c->autocorrelation >= 0 && c->autocorrelation < 1 && c->token_correlation <= 1 &&
                 c->cards > 0);
    struct croft_draws d = {.paths = c->paths, .months = c->months, .cards = c->cards};
    float **part[] = {&d.place, &d.rate, &d.shock, &d.walk, &d.repair};
    for (size_t i = 0; i < CROFT_COUNT(part); i++) {
        *part[i] = croft_arena_take_raw(mem, (size_t)c->paths * c->months, sizeof(float), 64);
        if (*part[i] == NULL)
            return CROFT_ERR_NOMEM;
    }
    d.scratch = croft_arena_take_raw(mem, c->paths, sizeof(float), 64);
    struct block *b = croft_new(mem, struct block, 1);
    if (d.scratch == NULL || b == NULL)
        return CROFT_ERR_NOMEM;
    for (u32 first = 0; first < c->paths; first += BLOCK) {
        *b = (struct block){.c = c, .d = &d, .first = first};
        b->count = c->paths - first < BLOCK ? c->paths - first : BLOCK;
        b->rng = croft_rng_of(c->seed ^ (first / BLOCK + 1) * UINT64_C(0xd1342543de82ef95));
        draw_shocks(b);
        draw_demand(b);
        draw_rates(b);
        draw_failures(b);
    }
    *out = d;
    return CROFT_OK;
}

double croft_draws_token(const struct croft_draws *d, u32 month, u32 path, double sigma, double mu)
{
    CROFT_ASSERT(month >= 1 && month <= d->months && path < d->paths);
    double walk = (double)d->walk[(size_t)(month - 1) * d->paths + path];
    return (double)croft_exp((float)(sigma * walk / sqrt(12) + (mu - sigma * sigma / 2) * month / 12));
}
