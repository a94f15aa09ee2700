/* advise/simulate.h - the Monte Carlo: chance drawn once, then any number of networks run over the same
 * draws.
 *
 *   croft_draws_make --X, M, z, repair for each month and path--> croft_simulate, once for each network
 *
 * A path is one possible future of N months.  In month t
 *   X_t  = phi X_(t-1) + sqrt(1 - phi^2) (rho z_t + sqrt(1 - rho^2) w_t)    demand; utilisation is Beta(X_t)
 *   M_t  = M_(t-1) exp(s v_t / sqrt(12) - s^2 / 24)                        the rate against today's
 *   S_t  = S_(t-1) exp(sigma z_t / sqrt(12) + (mu - sigma^2 / 2) / 12)     the token against today's
 * with z, w, v standard normals, and each card fails with probability l / 12.  z is made by a Brownian bridge
 * whose ends are stratified over the paths, so that quantiles of the token are exact to about 1 % at 100,000
 * paths.
 *
 * Sharing the draws is what makes it fast, and makes networks comparable: they differ by what they are, not
 * by luck. What follows from it: nothing here is the chance that one network beats another, only each one's
 * own distribution.
 */
#ifndef CROFT_ADVISE_SIMULATE_H
#define CROFT_ADVISE_SIMULATE_H

#include "advise/model.h"
#include "base/arena.h"
#include "base/err.h"

enum {
    CROFT_PATHS_MAX = 1000000,
    CROFT_MONTHS_MAX = 120,
    CROFT_HISTOGRAM_BINS = 40,
};

/* What is drawn, the same for all networks. */
struct croft_chances {
    u64 seed;
    u32 paths, months, cards;
    double autocorrelation;         /* phi, in [0, 1) */
    double token_correlation;       /* rho, in [0, 1] */
    double rate_volatility;         /* s, a year */
    double failures_year;           /* l, of one card */
    double repair_low, repair_high; /* cost of a failure, share of the card's value */
};

/* [month][path], months * paths each; month 0 is the first. */
struct croft_draws {
    u32 paths, months, cards;
    float *place;   /* of X in the grid of a Beta (advise/chance.h) */
    float *rate;    /* M */
    float *shock;   /* z */
    float *walk;    /* z summed up */
    float *repair;  /* cost of this month's failure, share of one card's value; mostly 0 */
    float *scratch; /* paths */
};

/* CROFT_ERR_NOMEM: 20 bytes for each month of each path are needed. */
CROFT_MUST_USE croft_err croft_draws_make(const struct croft_chances *chances, struct croft_arena *mem,
                                          struct croft_draws *out);

/* The token against today's after `month` months (1 is the first) on a path. */
double croft_draws_token(const struct croft_draws *draws, u32 month, u32 path, double sigma, double mu);

struct croft_quantiles {
    double p5, p25, p50, p75, p95, mean;
};

struct croft_policy {
    struct croft_quantiles npv;
    double loss_probability, cvar_5;
};

struct croft_simulate_in {
    struct croft_advise_inputs at; /* what is expected; utilisation is the mean */
    double utilisation_nu;
    double sigma, mu;   /* of the token; sigma 0: paid in dollars */
    double settle_days; /* from earning to selling */
    bool rate_in_token; /* tokens an hour, not dollars: what is earned moves with S as well */
};

struct croft_simulation {
    struct croft_quantiles net_day;
    struct croft_policy sell, hold; /* hold: only with sigma > 0 */
    u32 payback[5];                 /* P5, P25, P50, P75, P95, months; 0: never within the horizon */
    double never_share;
    double edge[CROFT_HISTOGRAM_BINS + 1];
    u32 bin[CROFT_HISTOGRAM_BINS];
    struct croft_quantiles fan[CROFT_MONTHS_MAX + 1]; /* cumulative cash after each month, without the mean */
};

/* mem is scratch: 8 bytes for each month of each path.  CROFT_ERR_NOMEM. */
CROFT_MUST_USE croft_err croft_simulate(const struct croft_simulate_in *in, const struct croft_draws *draws,
                                        struct croft_arena mem, struct croft_simulation *out);

#endif
