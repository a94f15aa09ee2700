/* advise/model.h - the economics of one machine on one network, without chance.  docs/economics.md derives
 * each formula.
 *
 *   gross = 24 a (u r + r0) (1 - f)            kWh = 24 a (u Wl + (1 - u) Wi) / 1000       electricity = kWh
 * p failures = l (V0 + VN) / 2 / 365.25        depreciation = (V0 - VN) / (N D)            D = 365.25 / 12
 * days cash = gross - electricity - bandwidth - failures - tax          net = cash - depreciation
 *
 * Money in USD.  Pure: double arithmetic, no state.
 */
#ifndef CROFT_ADVISE_MODEL_H
#define CROFT_ADVISE_MODEL_H

#include "base/types.h"

#define CROFT_DAYS_PER_YEAR  365.25
#define CROFT_DAYS_PER_MONTH (CROFT_DAYS_PER_YEAR / 12)

enum { CROFT_PAYBACK_MONTHS_MAX = 600 };

struct croft_advise_inputs {
    double availability;   /* a, share of time online */
    double utilisation;    /* u, share of the time online that is rented */
    double rate_h;         /* r, USD per rented hour of the whole machine, before the fee */
    double rate_idle_h;    /* r0, USD per hour online, rented or not */
    double fee;            /* f, share of the rate that the network keeps */
    double watts_load;     /* Wl, whole machine, rented */
    double watts_idle;     /* Wi, whole machine, online and not rented */
    double tariff_kwh;     /* p, USD */
    double value_now;      /* V0, price of the cards, USD */
    double value_end;      /* VN, what selling them brings at the end, USD */
    double failures_year;  /* l, failures of a card in a year */
    double discount_year;  /* d */
    double rate_fall_year; /* g, fall of the cash in a year */
    double bandwidth_day;  /* USD */
    double tax_rate;       /* of what is left after depreciation, when that is above 0 */
    u32 months;            /* N, horizon */
};

/* USD a day; kwh in kWh a day. */
struct croft_advise_day {
    double gross, kwh, electricity, bandwidth, failures, tax, cash, depreciation, net;
};

struct croft_advise_day croft_advise_day_of(const struct croft_advise_inputs *in);

/* The tariff at which cash is 0; NAN without consumption. */
double croft_advise_break_even_tariff(const struct croft_advise_inputs *in);

/* The utilisation at which cash (or, with full, net) is 0; above 1 means never.  INFINITY when a rented hour
 * brings less than the power it takes. */
double croft_advise_break_even_utilisation(const struct croft_advise_inputs *in, bool full);

/* First month whose cash so far covers value_now; 0: never within CROFT_PAYBACK_MONTHS_MAX. */
u32 croft_advise_payback_months(const struct croft_advise_inputs *in);

/* Net present value of buying the cards, running them for N months and selling them, USD. */
double croft_advise_npv(const struct croft_advise_inputs *in);

#endif
