/* advise/advise.h - from a question about hardware to a report about networks.
 *
 *   data + request --croft_advise--> report
 *
 * Pure: the day, the seed, what the machine has and what is in files are arguments.  What a cell of the data
 * does not say is not guessed: the network's figures stay unknown and a question names the option that
 * supplies it.
 */
#ifndef CROFT_ADVISE_ADVISE_H
#define CROFT_ADVISE_ADVISE_H

#include "advise/report.h"

enum { CROFT_OWN_VALUES_MAX = 32 };

/* A value that the user gives for one network, or for all. */
struct croft_own_value {
    const char *network; /* "": all */
    double value;
};

struct croft_own_values {
    struct croft_own_value of[CROFT_OWN_VALUES_MAX];
    size_t count;
};

/* Numbers are NAN, and text NULL, where nothing was said. */
struct croft_advise_request {
    struct croft_date date;
    u64 seed;
    u32 paths, months;
    const char *card_id; /* in table cards */
    u32 count;           /* 1 to 64 */
    bool read_from_machine;
    double ram_gb, disk_gb, mbps_down, mbps_up;
    const char *os;
    double price, resale, watts, watts_idle, availability, tax_rate;
    const char *place;
    double tariff, night, night_hours, solar_share, solar_value;
    struct croft_own_values rate, fee, utilisation;
    double croft_rate;
    const char *only[CROFT_OWN_VALUES_MAX]; /* networks to report on; none: all */
    size_t only_count;
    const struct croft_table *earnings; /* the node's own log; NULL: none */
};

/* A request in which nothing was said. */
struct croft_advise_request croft_advise_request_empty(void);

/* The report and all that it points to live in mem; data must outlive it.  About 50 bytes of mem for each
 * month of each path are used. CROFT_ERR_NOT_FOUND  a card, network or place that the data does not know;
 * *why names the nearest or where to look CROFT_ERR_OVERFLOW   a value out of its range; *why says which
 *   CROFT_ERR_NOMEM      mem is used up */
CROFT_MUST_USE croft_err croft_advise(const struct croft_advise_data *data,
                                      const struct croft_advise_request *request, struct croft_arena *mem,
                                      const struct croft_advise_report **out, struct croft_why *why);

#endif
