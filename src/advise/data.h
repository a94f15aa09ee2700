/* advise/data.h - what is known about cards, networks, prices, tokens and power: the tables of
 * data/economics.
 *
 * The built-in files are compiled in (advise/builtin.h); a user's own file is laid over them.  Every row says
 * who says so, when, and how sure that is.  Columns, units and ranges: schema.c, which `croft advise data`
 * prints.
 */
#ifndef CROFT_ADVISE_DATA_H
#define CROFT_ADVISE_DATA_H

#include "advise/table.h"

enum croft_advise_table {
    CROFT_TABLE_CARDS,
    CROFT_TABLE_PRICES,
    CROFT_TABLE_WATTS,
    CROFT_TABLE_POWER_CURVES,
    CROFT_TABLE_RATES,
    CROFT_TABLE_NETWORKS,
    CROFT_TABLE_REWARDS,
    CROFT_TABLE_MULTIPLIERS,
    CROFT_TABLE_UTILISATION,
    CROFT_TABLE_TOKENS,
    CROFT_TABLE_ELECTRICITY,
    CROFT_TABLE_RESALE,
    CROFT_TABLE_ASSUMPTIONS,
    CROFT_TABLE_COUNT,
};

struct croft_advise_card {
    struct croft_advise_row row;
    const char *id, *name, *aliases, *vendor, *class_name, *ecc, *note;
    double vram_gb, tdp_w, mem_bandwidth_gb_s, fp32_tflops, fp16_tflops, blender_median;
    struct croft_date launch_date;
};

struct croft_advise_price {
    struct croft_advise_row row;
    const char *gpu_id, *condition; /* launch, new, used */
    double usd, low, high;
};

struct croft_advise_watts {
    struct croft_advise_row row;
    const char *gpu_id;
    double load_w, idle_w; /* one card */
};

struct croft_advise_power {
    struct croft_advise_row row;
    const char *gpu_id;
    double cap_w, performance; /* share of the card's highest point */
};

struct croft_advise_rate {
    struct croft_advise_row row;
    const char *gpu_id, *network, *side; /* host, buyer, ceiling */
    double usd_h, low, high;
};

struct croft_advise_network {
    struct croft_advise_row row;
    const char *id, *name, *kind, *vendor, *os, *kyc, *other_needs, *paid_in, *token, *schedule, *stake_token,
        *stake_rule, *risks;
    double min_vram_gb, min_ram_gb_per_gpu, min_ram_gb, min_disk_gb_per_gpu, min_disk_gb, min_mbps_down,
        min_mbps_up, min_availability, payout_min_usd, settle_days, lockup_days, host_fee, buyer_fee,
        stake_amount;
};

struct croft_advise_reward {
    struct croft_advise_row row;
    const char *network, *what, *token;
    double value, low, high;
};

struct croft_advise_multiplier {
    struct croft_advise_row row;
    const char *network, *gpu_id;
    double value;
};

struct croft_advise_utilisation {
    struct croft_advise_row row;
    const char *network, *gpu_id; /* a pattern */
    double utilisation;
};

struct croft_advise_token {
    struct croft_advise_row row;
    const char *token, *what; /* price, volatility, drawdown */
    double value, low, high;
};

struct croft_advise_tariff {
    struct croft_advise_row row;
    const char *place, *sector, *currency; /* USD, EUR */
    double price_kwh;
};

struct croft_advise_resale {
    struct croft_advise_row row;
    const char *gpu_id; /* a pattern */
    double age_years, share;
};

struct croft_advise_assumption {
    struct croft_advise_row row;
    const char *name, *unit, *text;
    double value, low, high;
    double min, max; /* beyond these the model makes no sense */
};

/* One day of a node's own earnings: the log that --log reads.  Not a built-in table. */
struct croft_advise_earning {
    struct croft_advise_row row;
    const char *network;
    struct croft_date day;
    double online_h, rented_h, earned_usd, kwh;
};

struct croft_advise_data {
    struct croft_table table[CROFT_TABLE_COUNT];
};

extern const struct croft_table_schema *const croft_advise_schemas[CROFT_TABLE_COUNT];
extern const struct croft_table_schema croft_advise_earnings_schema;

/* A file as the build compiled it in. */
struct croft_advise_file {
    const char *name; /* of the table */
    struct croft_bytes text;
};

/* Reads the files given, of which there must be one for each table; *out and its text live in mem.
 *   CROFT_ERR_DECODE  *why says "TABLE: line N: ..."
 *   CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_advise_data_load(const struct croft_advise_file *file, size_t count,
                                                struct croft_arena *mem, struct croft_advise_data *out,
                                                struct croft_why *why);

/* Lays a user's CSV file over *data; which table it is, its first line tells.  On error *data is unchanged.
 *   CROFT_ERR_DECODE  *why says "line N: ..."
 *   CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_advise_data_overlay(struct croft_advise_data *data, struct croft_bytes text,
                                                   struct croft_arena *mem,
                                                   enum croft_advise_table *out_table, struct croft_why *why);

/* Replaces the value of an assumption, as --set does.
 *   CROFT_ERR_NOT_FOUND  no such assumption; CROFT_ERR_OVERFLOW  out of the column's range */
CROFT_MUST_USE croft_err croft_advise_data_set(struct croft_advise_data *data, const char *name, double value,
                                               const char *source, struct croft_date on,
                                               struct croft_arena *mem, struct croft_why *why);

/* Whether the days of a log can be: networks that are known, no more hours rented than online, no more online
 * than a day has.  CROFT_ERR_DECODE: *why says "line N: ..." */
CROFT_MUST_USE croft_err croft_advise_check_earnings(const struct croft_advise_data *data,
                                                     const struct croft_table *log, struct croft_why *why);

/* Row i of a table, or NULL when a later row replaced it. */
const void *croft_advise_row_at(const struct croft_advise_data *data, enum croft_advise_table table,
                                size_t i);

/* for (each row that was not replaced) */
#define CROFT_EACH_ROW(type, name, data, which)                                  \
    for (size_t name##_i = 0; name##_i < (data)->table[which].count; name##_i++) \
        for (const struct type *name = croft_advise_row_at(data, which, name##_i); name != NULL; name = NULL)

/* NULL when there is none. */
const struct croft_advise_card *croft_advise_card(const struct croft_advise_data *data, const char *id);
const struct croft_advise_network *croft_advise_network(const struct croft_advise_data *data, const char *id);

/* The row; asserts that the name is one of assumptions.csv. */
const struct croft_advise_assumption *croft_advise_assumption(const struct croft_advise_data *data,
                                                              const char *name);

/* "h100*" fits h100_pcie; a pattern without * fits itself only. */
bool croft_advise_fits(const char *pattern, const char *id);

/* value, else the middle of low and high, else the one of them that is known, else unknown. */
double croft_advise_middle(double value, double low, double high);

/* The card that a person or a driver means by a name: an id, or words such as "RTX 4090" or "NVIDIA GeForce
 * RTX 3060" (then vram_gb, when known, tells variants apart). CROFT_ERR_NOT_FOUND  none or several; *why
 * names the nearest */
CROFT_MUST_USE croft_err croft_advise_find_card(const struct croft_advise_data *data, const char *name,
                                                double vram_gb, const struct croft_advise_card **out,
                                                struct croft_why *why);

#endif
