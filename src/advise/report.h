/* advise/report.h - what `croft advise` answers: every number with where it comes from.
 * The JSON form is docs/spec/advise.schema.json, field for field; docs/spec/advise.md explains it.
 *
 * Text in a report lives in the arena it was made in, or is static.  Unknown numbers are NAN.
 */
#ifndef CROFT_ADVISE_REPORT_H
#define CROFT_ADVISE_REPORT_H

#include "advise/data.h"
#include "advise/model.h"
#include "advise/simulate.h"

enum {
    CROFT_SOURCES_MAX = 1024,
    CROFT_REFS_MAX = 8,
    CROFT_REPORT_NETWORKS_MAX = 64,
    CROFT_QUESTIONS_MAX = 256,
    CROFT_NETWORK_QUESTIONS_MAX = 16,
    CROFT_REQUIREMENTS_MAX = 16,
    CROFT_RISKS_MAX = 12,
    CROFT_CURVE_POINTS = 21,
    CROFT_CAP_POINTS_MAX = 16,
    CROFT_OTHERS_MAX = 12,
    CROFT_ADVICE_MAX = 64,
    CROFT_STATEMENTS_MAX = 4,
    CROFT_HISTORY_MAX = 32,
    CROFT_HISTORY_DAYS = 14, /* from here on what was measured replaces what was assumed (rule 7) */
};

enum croft_source_kind {
    CROFT_SOURCE_DATA,
    CROFT_SOURCE_OVERLAY,
    CROFT_SOURCE_USER,
    CROFT_SOURCE_MEASURED,
    CROFT_SOURCE_ASSUMPTION,
};

struct croft_source {
    enum croft_source_kind kind;
    const char *table, *row, *text;
    struct croft_date as_of;
    u8 confidence;
    const void *of; /* the row, so that it is listed once */
};

/* A number, its unit, its error (0: not known) and the sources it rests on. */
struct croft_quantity {
    double value, error;
    const char *unit;
    u16 source[CROFT_REFS_MAX];
    u8 sources;
};

struct croft_question {
    const char *what, *option, *text;
    bool needed;
};

enum croft_met { CROFT_MET_YES, CROFT_MET_NO, CROFT_MET_UNKNOWN, CROFT_MET_YOURS };

struct croft_requirement {
    const char *what, *label, *text;
    enum croft_met met;
    struct croft_quantity need, have;
    double short_by;
    int question; /* -1: none */
};

enum croft_period { CROFT_PER_DAY, CROFT_PER_MONTH, CROFT_PER_YEAR };

enum croft_shown { CROFT_SHOWN_PROFIT, CROFT_SHOWN_LOSS, CROFT_SHOWN_WITHIN_ERROR, CROFT_SHOWN_UNKNOWN };
enum croft_even { CROFT_EVEN_VALUE, CROFT_EVEN_NEVER, CROFT_EVEN_ALWAYS, CROFT_EVEN_UNKNOWN };
enum croft_paid { CROFT_PAID_MONTHS, CROFT_PAID_NEVER, CROFT_PAID_UNKNOWN };
enum croft_status { CROFT_STATUS_COMPLETE, CROFT_STATUS_INCOMPLETE, CROFT_STATUS_NOT_TAKEN };
enum croft_own { CROFT_OWN_RUN, CROFT_OWN_DO_NOT, CROFT_OWN_UNCLEAR, CROFT_OWN_UNKNOWN, CROFT_OWN_NOT_TAKEN };
enum croft_buy { CROFT_BUY_YES, CROFT_BUY_NO, CROFT_BUY_UNCLEAR, CROFT_BUY_UNKNOWN, CROFT_BUY_NOT_TAKEN };
enum croft_cap { CROFT_CAP_YES, CROFT_CAP_NONE, CROFT_CAP_UNKNOWN };

struct croft_break_even {
    enum croft_even answer;
    struct croft_quantity at;
};

/* The inputs of one network, each with its error and sources: advise/model.h has their symbols. */
enum croft_input {
    CROFT_IN_AVAILABILITY,
    CROFT_IN_UTILISATION,
    CROFT_IN_RATE,
    CROFT_IN_RATE_IDLE,
    CROFT_IN_FEE,
    CROFT_IN_WATTS_LOAD,
    CROFT_IN_WATTS_IDLE,
    CROFT_IN_TARIFF,
    CROFT_IN_VALUE_NOW,
    CROFT_IN_VALUE_END,
    CROFT_IN_MONTHS,
    CROFT_IN_FAILURES,
    CROFT_IN_DISCOUNT,
    CROFT_IN_RATE_FALL,
    CROFT_IN_BANDWIDTH,
    CROFT_IN_TAX,
    CROFT_INPUTS,
};

struct croft_tornado_bar {
    enum croft_input input;
    double low, high, net_low, net_high;
};

struct croft_rate_taken {
    const char *side; /* host, buyer; NULL: none */
    bool in_token;    /* so many tokens an hour: its dollars move with the token */
    struct croft_quantity taken, low, high, idle, other[CROFT_OTHERS_MAX];
    size_t others;
    struct croft_date as_of;
};

struct croft_report_network {
    const struct croft_advise_network *of;
    enum croft_status status;
    enum croft_met takes;
    struct croft_requirement requirement[CROFT_REQUIREMENTS_MAX];
    size_t requirements;
    struct croft_quantity payout_min, days_to_min, lockup_days, settle_days, host_fee, buyer_fee, stake,
        stake_usd;
    u16 source; /* of the network's row */
    const char *risk[CROFT_RISKS_MAX];
    size_t risks;
    struct croft_rate_taken rate;
    struct croft_quantity input[CROFT_INPUTS];
    struct croft_advise_inputs model; /* the same as plain numbers */
    struct croft_advise_day day;
    double net_error, cash_error; /* USD/day: what the errors of the inputs make together */
    enum croft_shown shown;
    struct croft_break_even tariff, utilisation_cash, utilisation_full;
    enum croft_paid payback;
    u32 payback_months;
    double npv;
    bool simulated;
    struct croft_simulation simulation;
    struct croft_quantity volatility;
    const char *currency_text;
    struct croft_tornado_bar bar[CROFT_INPUTS];
    size_t bars;
    enum croft_cap cap;
    double cap_best_w, cap_gain_day;
    struct croft_cap_point {
        double cap_w, performance, margin_h;
    } cap_point[CROFT_CAP_POINTS_MAX];
    size_t cap_points;
    u16 cap_source;
    const char *cap_text;
    bool has_curve; /* gross, cash and net over utilisation: rate, fee and power are known */
    double curve_gross[CROFT_CURVE_POINTS], curve_cash[CROFT_CURVE_POINTS], curve_net[CROFT_CURVE_POINTS];
    enum croft_own own;
    enum croft_buy buy;
    const char *own_text, *buy_text;
    u16 question[CROFT_NETWORK_QUESTIONS_MAX];
    size_t questions;
};

struct croft_statement {
    const char *what, *text, *side;
    const struct croft_advise_network *network;
    struct croft_quantity rate, utilisation_low, utilisation_high, gross_low, gross_high, left_low, left_high;
};

struct croft_advice {
    u32 rule;            /* docs/economics.md, the seven rules */
    const char *network; /* NULL: all */
    const char *text;
    struct croft_quantity about; /* for its sources */
};

struct croft_history_part {
    const char *input;
    struct croft_quantity forecast, measured, effect_day;
};

struct croft_history {
    const char *network, *text;
    u32 days;
    struct croft_quantity forecast_day, earned_day;
    bool replaces;
    struct croft_history_part part[3];
    size_t parts;
};

struct croft_report_hardware {
    bool read_from_machine;
    const struct croft_advise_card *card;
    u32 count;
    const char *class_name, *reason[6], *os, *uptime_text; /* os: NULL when unknown */
    size_t reasons;
    struct croft_quantity vram_gb, tdp_w, ram_gb, disk_gb, mbps_down, mbps_up, availability, entry, entry_low,
        entry_high, resale_now, resale_end, watts_load, watts_idle;
};

struct croft_report_power {
    const char *place; /* NULL: the user's own tariff */
    struct croft_quantity tariff, day, night, night_hours, solar_share, solar_value;
};

struct croft_advise_report {
    struct croft_date date, data_newest;
    u64 seed;
    u32 paths, months;
    struct croft_source source[CROFT_SOURCES_MAX];
    size_t sources;
    struct croft_report_hardware hardware;
    struct croft_report_power power;
    struct croft_statement statement[CROFT_STATEMENTS_MAX];
    size_t statements;
    struct croft_report_network *network[CROFT_REPORT_NETWORKS_MAX]; /* best first */
    size_t networks;
    struct croft_question question[CROFT_QUESTIONS_MAX];
    size_t questions;
    struct croft_advice advice[CROFT_ADVICE_MAX];
    size_t advices;
    const struct croft_advise_assumption *assumption[64];
    struct croft_quantity assumption_value[64];
    size_t assumptions;
    struct croft_history history[CROFT_HISTORY_MAX];
    size_t histories;
};

/* A value made from others: their sources together. */
struct croft_quantity croft_quantity_from(double value, double error, const char *unit,
                                          const struct croft_quantity *const *of, size_t count);

/* Names as the schema has them. */
const char *croft_input_name(enum croft_input input);
const char *croft_input_label(enum croft_input input);
const char *croft_source_kind_name(enum croft_source_kind kind);
const char *croft_met_name(enum croft_met met);
const char *croft_shown_name(enum croft_shown shown);
const char *croft_even_name(enum croft_even even);
const char *croft_paid_name(enum croft_paid paid);
const char *croft_status_name(enum croft_status status);
const char *croft_own_name(enum croft_own own);
const char *croft_buy_name(enum croft_buy buy);
const char *croft_cap_name(enum croft_cap cap);

/* Whether any source of the quantity is stale on the report's date, or of low confidence. */
bool croft_quantity_is_stale(const struct croft_advise_report *report, const struct croft_quantity *q);
bool croft_quantity_is_low(const struct croft_advise_report *report, const struct croft_quantity *q);

#endif
