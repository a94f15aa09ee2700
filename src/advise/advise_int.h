/* advise/advise_int.h - the steps from a request to a report; each fills its part of the report. */
#ifndef CROFT_ADVISE_ADVISE_INT_H
#define CROFT_ADVISE_ADVISE_INT_H

#include "advise/advise.h"

/* One report on its way. */
struct croft_advising {
    const struct croft_advise_data *data;
    const struct croft_advise_request *request;
    struct croft_arena *mem;
    struct croft_advise_report *report;
    const struct croft_draws *draws; /* NULL until a network is complete */
    struct croft_why *why;
    bool out_of_memory; /* text or a list did not fit: croft_advise reports it at its end */
};

/* ---- quantity.c: numbers with sources ---- */

struct croft_quantity croft_quantity_unknown(const char *unit);
struct croft_quantity croft_quantity_plain(double value,
                                           const char *unit); /* nobody's claim: a count, a default of 0 */
struct croft_quantity croft_quantity_user(struct croft_advising *a, double value, const char *unit,
                                          const char *option);
struct croft_quantity croft_quantity_measured(struct croft_advising *a, double value, const char *unit,
                                              const char *what);
/* From a row of a table; what says which row in words.  The error is half the range, or follows from
 * confidence and age. */
struct croft_quantity croft_quantity_row(struct croft_advising *a, enum croft_advise_table table,
                                         const struct croft_advise_row *row, const char *what,
                                         const char *unit, double value, double low, double high);
struct croft_quantity croft_quantity_assumed(struct croft_advising *a, const char *name);
double croft_assumed(const struct croft_advising *a, const char *name);
void croft_quantity_add_source(struct croft_quantity *q, u16 source);
u16 croft_source_of_row(struct croft_advising *a, enum croft_advise_table table,
                        const struct croft_advise_row *row, const char *what);

/* Text in the arena; "" and out_of_memory when it is used up. */
CROFT_PRINTF(2, 3) const char *croft_text(struct croft_advising *a, const char *fmt, ...);

/* "$3.05", "-$0.02"; thousands without cents. */
const char *croft_money(struct croft_advising *a, double usd);

/* The index of the question, asked once. */
CROFT_PRINTF(5, 6)
int croft_ask(struct croft_advising *a, const char *what, bool needed, const char *option, const char *fmt,
              ...);
/* The same, and it becomes one of the network's. */
void croft_network_asks(struct croft_report_network *n, int question);

/* The user's value for this network, else the one for all; NAN. */
double croft_own_value(const struct croft_own_values *values, const char *network);

/* ---- the parts ---- */

croft_err croft_advise_hardware(struct croft_advising *a);                         /* hardware.c */
croft_err croft_advise_power(struct croft_advising *a);                            /* power.c */
void croft_advise_match(struct croft_advising *a, struct croft_report_network *n); /* match.c */
void croft_advise_rate(struct croft_advising *a, struct croft_report_network *n);  /* rate.c */
/* with_log: 14 days of the log or more replace what was assumed.  inputs.c */
void croft_advise_inputs(struct croft_advising *a, struct croft_report_network *n, bool with_log);
/* What follows from the inputs without chance.  figures.c */
void croft_advise_figures(struct croft_report_network *n);
bool croft_advise_is_complete(const struct croft_report_network *n);
croft_err croft_advise_chance(struct croft_advising *a, struct croft_report_network *n); /* figures.c */
void croft_advise_cap(struct croft_advising *a, struct croft_report_network *n);         /* cap.c */
void croft_advise_currency(struct croft_advising *a, struct croft_report_network *n);    /* verdict.c */
void croft_advise_verdict(struct croft_advising *a, struct croft_report_network *n);     /* verdict.c */
void croft_advise_statements(struct croft_advising *a);                                  /* statement.c */
void croft_advise_rules(struct croft_advising *a);                                       /* rules.c */

/* Days of the log on this network, summed up; count 0: none.  history.c */
struct croft_measured {
    u32 days;
    double online_h, rented_h, earned_usd, kwh; /* sums; kwh NAN when a day lacks it */
};
struct croft_measured croft_advise_measured(const struct croft_advising *a, const char *network);
void croft_advise_history(struct croft_advising *a);

/* The rate row taken for this card on this network: host before buyer, own rows before built-in ones, then
 * the newest. NULL: none. */
const struct croft_advise_rate *croft_advise_best_rate(const struct croft_advising *a, const char *network);

#endif
