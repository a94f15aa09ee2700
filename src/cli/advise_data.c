/* `croft advise data`: the tables, their columns, their rows with sources; and the check of an own file. */
#include "cli/advise_int.h"

#include "advise/builtin.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_MAX = 1024 };

/* ---- tables and their columns ---- */

static json_t *columns_json(const struct croft_table_schema *s)
{
    json_t *array = json_array();
    for (size_t i = 0; i < s->columns; i++)
        json_array_append_new(array, json_pack("{s:s,s:b,s:b,s:s}", "name", s->column[i].name, "required",
                                               s->column[i].required, "key", s->column[i].key, "text",
                                               s->column[i].text));
    return array;
}

static croft_err list_tables(struct croft_cli *c, const struct croft_advise_data *data)
{
    for (enum croft_advise_table t = 0; t < CROFT_TABLE_COUNT; t++) {
        const struct croft_table_schema *s = croft_advise_schemas[t];
        if (c->json) {
            CROFT_TRY(croft_cli_print_json(c, json_pack("{s:s,s:s,s:I,s:o}", "table", s->name, "text",
                                                        s->text, "rows", (json_int_t)data->table[t].count,
                                                        "columns", columns_json(s))));
            continue;
        }
        printf("%s: %s, %zu rows\n", s->name, s->text, data->table[t].count);
        for (size_t i = 0; i < s->columns; i++)
            printf("  %-20s %s%s\n", s->column[i].name, s->column[i].text,
                   s->column[i].key        ? " (key)"
                   : s->column[i].required ? " (needed)"
                                           : "");
    }
    return CROFT_OK;
}

/* ---- rows ---- */

static const struct croft_cell_schema *find_column(const struct croft_table_schema *s, const char *name)
{
    for (size_t i = 0; i < s->columns; i++)
        if (strcmp(s->column[i].name, name) == 0)
            return &s->column[i];
    return NULL;
}

/* Whether the row is about this card or network; a table without such a column has none. */
static bool is_about(const struct croft_table_schema *s, const void *row, const char *column,
                     const char *own_table, const char *want)
{
    char text[VALUE_MAX];
    const struct croft_cell_schema *of = find_column(s, strcmp(s->name, own_table) == 0 ? "id" : column);
    if (want == NULL)
        return true;
    if (of == NULL)
        return false;
    croft_table_cell_text(of, row, text, sizeof text);
    return of->kind == CROFT_CELL_PATTERN ? croft_advise_fits(text, want) : strcmp(text, want) == 0;
}

static json_t *row_json(const struct croft_table_schema *s, const void *row, struct croft_date on)
{
    const struct croft_advise_row *head = row;
    json_t *json = json_object();
    char text[VALUE_MAX];
    for (size_t i = 0; i < s->columns; i++) {
        double value;
        bool is_number = s->column[i].kind == CROFT_CELL_NUMBER;
        memcpy(&value, (const u8 *)row + s->column[i].offset, is_number ? sizeof value : 0);
        croft_table_cell_text(&s->column[i], row, text, sizeof text);
        json_object_set_new(json, s->column[i].name,
                            text[0] == '\0' ? json_null()
                            : is_number     ? json_real(value)
                                            : json_string(text));
    }
    json_object_set_new(json, "stale", json_boolean(croft_date_is_stale(head->as_of, on)));
    return json;
}

/* "name value, name value" of what is filled, then who says so; wrapped to the width of a terminal. */
static void print_row(const struct croft_table_schema *s, const void *row, struct croft_date on)
{
    const struct croft_advise_row *head = row;
    char line[8 * VALUE_MAX], text[VALUE_MAX];
    size_t used = 0;
    for (size_t i = 0; i < s->columns; i++) {
        const struct croft_cell_schema *of = &s->column[i];
        bool provenance = of->offset <= offsetof(struct croft_advise_row, confidence);
        croft_table_cell_text(of, row, text, sizeof text);
        if (text[0] != '\0' && !provenance && used < sizeof line)
            used += (size_t)snprintf(line + used, sizeof line - used, of->key ? "%s%.0s%s" : "%s%s %s",
                                     used > 0 ? ", " : "", of->name, text);
    }
    croft_date_format(head->as_of, text);
    if (used < sizeof line)
        snprintf(line + used, sizeof line - used, " [%s%s, %s: %s]", text,
                 croft_date_is_stale(head->as_of, on) ? "*" : "", croft_confidence_name(head->confidence),
                 head->source);
    croft_advise_print_wrapped("", "    ", line);
}

static croft_err list_rows(struct croft_cli *c, const struct croft_advise_data *data,
                           enum croft_advise_table which, struct croft_date on)
{
    const struct croft_advise_card *card = NULL;
    const char *gpu = croft_cli_value(c, "gpu"), *network = croft_cli_value(c, "network");
    const struct croft_table_schema *s = croft_advise_schemas[which];
    if (gpu != NULL && croft_advise_find_card(data, gpu, (double)NAN, &card, &c->why) != CROFT_OK)
        return CROFT_ERR_USAGE;
    for (size_t i = 0; i < data->table[which].count; i++) {
        const void *row = croft_advise_row_at(data, which, i);
        bool wanted = row != NULL && is_about(s, row, "gpu_id", "cards", card != NULL ? card->id : NULL) &&
                      is_about(s, row, "network", "networks", network);
        if (wanted && c->json)
            CROFT_TRY(croft_cli_print_json(c, row_json(s, row, on)));
        else if (wanted)
            print_row(s, row, on);
    }
    if (!c->json)
        printf("* older than %d days\n", CROFT_STALE_DAYS);
    return CROFT_OK;
}

/* ---- an own file ---- */

static croft_err check_file(struct croft_cli *c, struct croft_advise_data *data, const char *path)
{
    enum croft_advise_table table;
    struct croft_bytes text;
    struct croft_why why;
    CROFT_TRY(croft_advise_read_file(c, path, &text));
    size_t before[CROFT_TABLE_COUNT];
    for (size_t i = 0; i < CROFT_TABLE_COUNT; i++)
        before[i] = data->table[i].count;
    croft_err err = croft_advise_data_overlay(data, text, &c->mem, &table, &why);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "%.200s: %s", path, why.text);
    size_t rows = data->table[table].count - before[table];
    const char *name = croft_advise_schemas[table]->name;
    if (c->json)
        return croft_cli_print_json(
            c, json_pack("{s:s,s:s,s:I}", "file", path, "table", name, "rows", (json_int_t)rows));
    printf("%s: table %s, %zu rows, in order\n", path, name, rows);
    return CROFT_OK;
}

croft_err croft_advise_run_data(struct croft_cli *c)
{
    const char *file = croft_cli_value(c, "check");
    struct croft_advise_data data;
    struct croft_date on;
    CROFT_TRY(croft_advise_choose_date(c, &on));
    CROFT_TRY(
        croft_advise_data_load(croft_advise_builtin, croft_advise_builtin_count, &c->mem, &data, &c->why));
    if (file != NULL)
        return c->arg_count == 0 ? check_file(c, &data, file)
                                 : croft_cli_usage(c, "--check takes a file and no TABLE");
    if (c->arg_count == 0)
        return list_tables(c, &data);
    for (enum croft_advise_table t = 0; t < CROFT_TABLE_COUNT; t++)
        if (strcmp(croft_advise_schemas[t]->name, c->arg[0]) == 0)
            return list_rows(c, &data, t, on);
    return croft_fail(&c->why, CROFT_ERR_USAGE, "there is no table %.40s\nsee: croft advise data", c->arg[0]);
}
