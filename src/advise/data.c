#include "advise/data.h"

#include "advise/report.h"
#include "base/assert.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { VOLATILITY_MAX = 3 }; /* a year: beyond it single precision ends */

/* ---- what a schema cannot say ---- */

static croft_err check_range(const struct croft_advise_row *row, double value, double low, double high,
                             struct croft_why *why)
{
    if (!croft_known(value) && !croft_known(low) && !croft_known(high))
        return croft_fail(why, CROFT_ERR_DECODE, "line %u: a value, or low and high, is needed", row->line);
    if (low > high || value < low || value > high)
        return croft_fail(why, CROFT_ERR_DECODE, "line %u: low, value and high are not in this order",
                          row->line);
    return CROFT_OK;
}

static croft_err check_card_id(const struct croft_advise_data *data, const struct croft_advise_row *row,
                               const char *pattern, struct croft_why *why)
{
    CROFT_EACH_ROW(croft_advise_card, card, data, CROFT_TABLE_CARDS)
    if (croft_advise_fits(pattern, card->id))
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_DECODE, "line %u: gpu_id: there is no card %s in table cards", row->line,
                      pattern);
}

static croft_err check_network_id(const struct croft_advise_data *data, const struct croft_advise_row *row,
                                  const char *id, struct croft_why *why)
{
    if (croft_advise_network(data, id) != NULL)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_DECODE, "line %u: network: there is no %s in table networks", row->line,
                      id);
}

static croft_err check_token(const struct croft_advise_token *token, struct croft_why *why)
{
    double value = croft_advise_middle(token->value, token->low, token->high);
    bool volatility = strcmp(token->what, "volatility") == 0, price = strcmp(token->what, "price") == 0;
    CROFT_TRY(check_range(&token->row, token->value, token->low, token->high, why));
    if (volatility && (value < 0 || value > VOLATILITY_MAX))
        return croft_fail(why, CROFT_ERR_DECODE, "line %u: a volatility must be 0 to %d", token->row.line,
                          VOLATILITY_MAX);
    if (price && value <= 0)
        return croft_fail(why, CROFT_ERR_DECODE, "line %u: a price must be above 0", token->row.line);
    return CROFT_OK;
}

/* The model knows the names of its assumptions: a new one would change nothing. */
static croft_err check_assumption(const struct croft_advise_data *data,
                                  const struct croft_advise_assumption *a, struct croft_why *why)
{
    size_t rows = 0;
    for (size_t i = 0; i < data->table[CROFT_TABLE_ASSUMPTIONS].count; i++) {
        const struct croft_advise_assumption *other =
            croft_table_row(&data->table[CROFT_TABLE_ASSUMPTIONS], i);
        bool same = strcmp(other->name, a->name) == 0;
        rows += same;
        if (same && croft_known(other->value) && !croft_known(a->value))
            return croft_fail(why, CROFT_ERR_DECODE, "line %u: value is empty; %s must have one", a->row.line,
                              a->name);
        if (same && (a->min < other->min || a->max > other->max))
            return croft_fail(why, CROFT_ERR_DECODE, "line %u: min and max cannot be wider than %g to %g",
                              a->row.line, other->min, other->max);
    }
    if (rows < 2 && a->row.kind == CROFT_SOURCE_OVERLAY)
        return croft_fail(why, CROFT_ERR_DECODE, "line %u: there is no assumption %s", a->row.line, a->name);
    if (a->value < a->min || a->value > a->max)
        return croft_fail(why, CROFT_ERR_DECODE, "line %u: value must be %g to %g", a->row.line, a->min,
                          a->max);
    return CROFT_OK;
}

static croft_err check_row(const struct croft_advise_data *data, enum croft_advise_table table,
                           const void *at, struct croft_why *why)
{
    const struct croft_advise_row *row = at;
    const struct croft_advise_price *price = at;
    const struct croft_advise_rate *rate = at;
    const struct croft_advise_reward *reward = at;
    const struct croft_advise_token *token = at;
    const struct croft_advise_utilisation *use = at;
    const struct croft_advise_multiplier *multiplier = at;
    switch (table) {
    case CROFT_TABLE_PRICES:
        CROFT_TRY(check_card_id(data, row, price->gpu_id, why));
        return check_range(row, price->usd, price->low, price->high, why);
    case CROFT_TABLE_WATTS:
        return check_card_id(data, row, ((const struct croft_advise_watts *)at)->gpu_id, why);
    case CROFT_TABLE_POWER_CURVES:
        return check_card_id(data, row, ((const struct croft_advise_power *)at)->gpu_id, why);
    case CROFT_TABLE_RESALE:
        return check_card_id(data, row, ((const struct croft_advise_resale *)at)->gpu_id, why);
    case CROFT_TABLE_RATES:
        CROFT_TRY(check_card_id(data, row, rate->gpu_id, why));
        CROFT_TRY(check_network_id(data, row, rate->network, why));
        return check_range(row, rate->usd_h, rate->low, rate->high, why);
    case CROFT_TABLE_MULTIPLIERS:
        CROFT_TRY(check_card_id(data, row, multiplier->gpu_id, why));
        return check_network_id(data, row, multiplier->network, why);
    case CROFT_TABLE_UTILISATION:
        CROFT_TRY(check_card_id(data, row, use->gpu_id, why));
        return check_network_id(data, row, use->network, why);
    case CROFT_TABLE_REWARDS:
        CROFT_TRY(check_network_id(data, row, reward->network, why));
        return check_range(row, reward->value, reward->low, reward->high, why);
    case CROFT_TABLE_TOKENS:
        return check_token(token, why);
    case CROFT_TABLE_ASSUMPTIONS:
        return check_assumption(data, at, why);
    case CROFT_TABLE_CARDS:
    case CROFT_TABLE_NETWORKS:
    case CROFT_TABLE_ELECTRICITY:
    case CROFT_TABLE_COUNT:
        return CROFT_OK;
    }
    CROFT_UNREACHABLE("table");
}

static croft_err check_rows(const struct croft_advise_data *data, enum croft_advise_table which,
                            const struct croft_table *rows, struct croft_why *why)
{
    for (size_t i = 0; i < rows->count; i++)
        CROFT_TRY(check_row(data, which, croft_table_row(rows, i), why));
    return CROFT_OK;
}

/* ---- reading ---- */

static void mark_kind(const struct croft_table *table, enum croft_advise_table which, bool overlay)
{
    enum croft_source_kind kind = overlay                            ? CROFT_SOURCE_OVERLAY
                                  : which == CROFT_TABLE_ASSUMPTIONS ? CROFT_SOURCE_ASSUMPTION
                                                                     : CROFT_SOURCE_DATA;
    for (size_t i = 0; i < table->count; i++)
        ((struct croft_advise_row *)croft_table_row(table, i))->kind = (u8)kind;
}

static croft_err load_table(const struct croft_advise_file *file, size_t count, enum croft_advise_table which,
                            struct croft_arena *mem, struct croft_advise_data *data, struct croft_why *why)
{
    const struct croft_table_schema *schema = croft_advise_schemas[which];
    struct croft_csv csv;
    struct croft_why inner;
    size_t i = 0;
    while (i < count && strcmp(file[i].name, schema->name) != 0)
        i++;
    if (i == count)
        return croft_fail(why, CROFT_ERR_DECODE, "%s: line 1: the table is missing", schema->name);
    croft_err err = croft_csv_parse(file[i].text, mem, &csv, &inner);
    if (err == CROFT_OK)
        err = croft_table_read(schema, &csv, mem, &data->table[which], &inner);
    if (err != CROFT_OK)
        return croft_fail(why, err, "%s: %s", schema->name, inner.text);
    mark_kind(&data->table[which], which, false);
    return CROFT_OK;
}

croft_err croft_advise_data_load(const struct croft_advise_file *file, size_t count, struct croft_arena *mem,
                                 struct croft_advise_data *out, struct croft_why *why)
{
    struct croft_why inner;
    for (enum croft_advise_table i = 0; i < CROFT_TABLE_COUNT; i++)
        CROFT_TRY(load_table(file, count, i, mem, out, why));
    for (enum croft_advise_table i = 0; i < CROFT_TABLE_COUNT; i++) {
        croft_err err = check_rows(out, i, &out->table[i], &inner);
        if (err != CROFT_OK)
            return croft_fail(why, err, "%s: %s", croft_advise_schemas[i]->name, inner.text);
    }
    return CROFT_OK;
}

static enum croft_advise_table index_of(const struct croft_table_schema *schema)
{
    for (enum croft_advise_table i = 0; i < CROFT_TABLE_COUNT; i++)
        if (croft_advise_schemas[i] == schema)
            return i;
    CROFT_UNREACHABLE("a schema outside the list");
}

croft_err croft_advise_data_overlay(struct croft_advise_data *data, struct croft_bytes text,
                                    struct croft_arena *mem, enum croft_advise_table *out_table,
                                    struct croft_why *why)
{
    const struct croft_table_schema *schema;
    struct croft_csv csv;
    struct croft_table more;
    CROFT_TRY(croft_csv_parse(text, mem, &csv, why));
    CROFT_TRY(croft_table_detect(croft_advise_schemas, CROFT_TABLE_COUNT, &csv, &schema, why));
    CROFT_TRY(croft_table_read(schema, &csv, mem, &more, why));
    enum croft_advise_table which = index_of(schema);
    mark_kind(&more, which, true);
    struct croft_advise_data next = *data;
    /* Rows that are replaced get a mark, so the old rows are copied before. */
    CROFT_TRY(croft_table_overlay(&next.table[which], &more, mem, why));
    CROFT_TRY(check_rows(&next, which, &more, why));
    *data = next;
    *out_table = which;
    return CROFT_OK;
}

croft_err croft_advise_data_set(struct croft_advise_data *data, const char *name, double value,
                                const char *source, struct croft_date on, struct croft_arena *mem,
                                struct croft_why *why)
{
    struct croft_advise_assumption *row = NULL;
    struct croft_table *table = &data->table[CROFT_TABLE_ASSUMPTIONS], empty = {.schema = table->schema};
    CROFT_TRY(croft_table_overlay(table, &empty, mem, why)); /* a copy: the rows may be shared */
    for (size_t i = 0; i < table->count; i++) {
        struct croft_advise_assumption *at = croft_table_row(table, i);
        if (!at->row.replaced && strcmp(at->name, name) == 0)
            row = at;
    }
    if (row == NULL)
        return croft_fail(why, CROFT_ERR_NOT_FOUND,
                          "there is no assumption %s\nsee: croft advise data assumptions", name);
    if (!(value >= row->min && value <= row->max))
        return croft_fail(why, CROFT_ERR_OVERFLOW, "%s must be %g to %g, not %g", name, row->min, row->max,
                          value);
    row->value = value;
    row->row = (struct croft_advise_row){.source = source, .as_of = on, .kind = CROFT_SOURCE_USER};
    return CROFT_OK;
}

croft_err croft_advise_check_earnings(const struct croft_advise_data *data, const struct croft_table *log,
                                      struct croft_why *why)
{
    for (size_t i = 0; i < log->count; i++) {
        const struct croft_advise_earning *e = croft_table_row(log, i);
        CROFT_TRY(check_network_id(data, &e->row, e->network, why));
        if (e->day.day == 0)
            return croft_fail(why, CROFT_ERR_DECODE, "line %u: day must be a whole date, YYYY-MM-DD",
                              e->row.line);
        if (e->rented_h > e->online_h)
            return croft_fail(why, CROFT_ERR_DECODE, "line %u: rented_h is more than online_h", e->row.line);
    }
    return CROFT_OK;
}

/* ---- finding ---- */

const void *croft_advise_row_at(const struct croft_advise_data *data, enum croft_advise_table table, size_t i)
{
    const struct croft_advise_row *row = croft_table_row(&data->table[table], i);
    return row->replaced ? NULL : row;
}

const struct croft_advise_card *croft_advise_card(const struct croft_advise_data *data, const char *id)
{
    CROFT_EACH_ROW(croft_advise_card, card, data, CROFT_TABLE_CARDS)
    if (strcmp(card->id, id) == 0)
        return card;
    return NULL;
}

const struct croft_advise_network *croft_advise_network(const struct croft_advise_data *data, const char *id)
{
    CROFT_EACH_ROW(croft_advise_network, network, data, CROFT_TABLE_NETWORKS)
    if (strcmp(network->id, id) == 0)
        return network;
    return NULL;
}

const struct croft_advise_assumption *croft_advise_assumption(const struct croft_advise_data *data,
                                                              const char *name)
{
    CROFT_EACH_ROW(croft_advise_assumption, assumption, data, CROFT_TABLE_ASSUMPTIONS)
    if (strcmp(assumption->name, name) == 0)
        return assumption;
    CROFT_UNREACHABLE("an assumption that the built-in table lacks");
}

bool croft_advise_fits(const char *pattern, const char *id)
{
    size_t len = strlen(pattern);
    if (len > 0 && pattern[len - 1] == '*')
        return strncmp(pattern, id, len - 1) == 0;
    return strcmp(pattern, id) == 0;
}

double croft_advise_middle(double value, double low, double high)
{
    if (croft_known(value))
        return value;
    if (croft_known(low) && croft_known(high))
        return (low + high) / 2;
    return croft_known(low) ? low : high;
}
