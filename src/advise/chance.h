/* advise/chance.h - the distributions that the Monte Carlo draws from.
 *
 * All by inversion, so that a draw is a number between 0 and 1 and nothing else: the same draw moves the same
 * way in every network, and results do not depend on how many draws were rejected.
 */
#ifndef CROFT_ADVISE_CHANCE_H
#define CROFT_ADVISE_CHANCE_H

#include "base/rng.h"
#include "base/types.h"

#include <string.h>

/* In (0, 1): 53 bits and half a step. */
static inline double croft_uniform(struct croft_rng *rng)
{
    return ((double)(croft_rng_next(rng) >> 11) + .5) * 0x1p-53;
}

/* The value below which a standard normal lies with probability p in (0, 1) (Wichura 1988, AS 241, PPND16).
 * p is kept to 2^-54, so the far tails end at 8.2 standard deviations. */
double croft_normal_quantile(double p);

/* P(standard normal < x). */
double croft_normal_below(double x);

/* P(Beta(alpha, beta) < x): regularised incomplete beta by its continued fraction; alpha, beta > 0
 * (asserted). */
double croft_beta_below(double x, double alpha, double beta);

/* Fills out with standard normals: croft_normal_quantile of a croft_uniform each, in the same order. */
void croft_normal_fill(struct croft_rng *rng, double *out, size_t count);

/* exp(x) for |x| <= 80, relative error below 3e-7: a power of 2 and a polynomial of degree 7, without a
 * branch or a library call, so that a loop over it becomes vector code and gives the same bits with every
 * compiler and C library. */
static inline float croft_exp(float x)
{
    const float shift = 0x1.8p23f;
    float t = x * 0x1.715476p0f + shift, n = t - shift;
    float r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f; /* ln 2 in two parts */
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 1.0f / 2;
    p = p * r + 1;
    p = p * r + 1;
    u32 bits;
    memcpy(&bits, &t, sizeof bits);
    bits = (bits + 127) << 23; /* the low bits of t are n */
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

/* Beta quantiles at equal steps of a standard normal: where it stands, x = (z + CROFT_GRID_SPAN) *
 * CROFT_GRID_STEPS, utilisation is read off by a straight line between two entries.  Error below 0.001 for nu
 * = 8 and means from 0.1 to 0.9. */
enum {
    CROFT_GRID_SPAN = 4,
    CROFT_GRID_STEPS = 32,
    CROFT_GRID_SIZE = 2 * CROFT_GRID_SPAN * CROFT_GRID_STEPS + 2
};

struct croft_beta_grid {
    float at[CROFT_GRID_SIZE];
};

/* Beta with this mean in [0, 1] and alpha + beta = nu > 0 (asserted); a mean of 0 or 1 is a constant. */
void croft_beta_grid_fill(struct croft_beta_grid *grid, double mean, double nu);

static inline float croft_grid_place(double z)
{
    double x = (z + CROFT_GRID_SPAN) * CROFT_GRID_STEPS, last = 2 * CROFT_GRID_SPAN * CROFT_GRID_STEPS;
    return (float)(x < 0 ? 0 : x > last ? last : x);
}

static inline float croft_beta_grid_at(const struct croft_beta_grid *grid, float place)
{
    int i = (int)place;
    float part = place - (float)i;
    return grid->at[i] + part * (grid->at[i + 1] - grid->at[i]);
}

#endif
