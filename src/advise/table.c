#include "advise/table.h"

#include "base/assert.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_MAX = 31 };

/* One cell on its way into a row. */
struct cell {
    const struct croft_cell_schema *column;
    const char *text;
    u32 line;
    struct croft_why *why;
};

bool croft_known(double value)
{
    return !isnan(value);
}

const char *croft_confidence_name(u8 confidence)
{
    static const char *const name[] = {"high", "medium", "low"};
    CROFT_ASSERT(confidence < CROFT_COUNT(name));
    return name[confidence];
}

static croft_err refuse(const struct cell *c, const char *want)
{
    return croft_fail(c->why, CROFT_ERR_DECODE, "line %u: %s must be %s, not \"%.60s\"", c->line,
                      c->column->name, want, c->text);
}

/* ---- kinds of cells ---- */

static croft_err put_id(const struct cell *c, bool pattern, void *at)
{
    size_t len = strspn(c->text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    bool ends = c->text[len] == '\0' || (pattern && len > 0 && strcmp(c->text + len, "*") == 0);
    if (len > ID_MAX || !ends)
        return refuse(c, pattern ? "an id of a-z, 0-9 and _, or the beginning of one and *"
                                 : "an id of 1 to 31 of a-z, 0-9 and _");
    memcpy(at, &c->text, sizeof c->text);
    return CROFT_OK;
}

static bool is_choice(const char *choices, const char *text)
{
    size_t len = strlen(text);
    for (const char *at = choices; *at != '\0'; at += strcspn(at, "|"), at += *at == '|')
        if (strcspn(at, "|") == len && memcmp(at, text, len) == 0)
            return true;
    return false;
}

static croft_err put_choice(const struct cell *c, void *at)
{
    char want[200];
    snprintf(want, sizeof want, "one of %s", c->column->choices);
    if (c->text[0] != '\0' && !is_choice(c->column->choices, c->text))
        return refuse(c, want);
    memcpy(at, &c->text, sizeof c->text);
    return CROFT_OK;
}

static croft_err put_number(const struct cell *c, void *at)
{
    char want[80], *end;
    double value = (double)NAN;
    if (c->text[0] != '\0') {
        bool decimal = strspn(c->text, "0123456789.+-eE") == strlen(c->text);
        value = strtod(c->text, &end);
        snprintf(want, sizeof want, "a number from %.6g to %.6g", c->column->min, c->column->max);
        if (!decimal || *end != '\0' || !(value >= c->column->min && value <= c->column->max))
            return refuse(c, want);
    }
    memcpy(at, &value, sizeof value);
    return CROFT_OK;
}

static croft_err put_date(const struct cell *c, void *at)
{
    struct croft_date date = {0};
    if (c->text[0] != '\0' && !croft_date_parse(c->text, &date))
        return refuse(c, "a date: YYYY, YYYY-MM or YYYY-MM-DD");
    memcpy(at, &date, sizeof date);
    return CROFT_OK;
}

static croft_err put_confidence(const struct cell *c, u8 *at)
{
    for (u8 i = CROFT_CONFIDENCE_HIGH; i <= CROFT_CONFIDENCE_LOW; i++) {
        if (strcmp(c->text, croft_confidence_name(i)) == 0) {
            *at = i;
            return CROFT_OK;
        }
    }
    return refuse(c, "high, medium or low");
}

static croft_err put_cell(const struct cell *c, u8 *row)
{
    u8 *at = row + c->column->offset;
    if (c->column->required && c->text[0] == '\0')
        return croft_fail(c->why, CROFT_ERR_DECODE, "line %u: %s is empty; it must be filled", c->line,
                          c->column->name);
    switch (c->column->kind) {
    case CROFT_CELL_ID:
    case CROFT_CELL_PATTERN:
        return put_id(c, c->column->kind == CROFT_CELL_PATTERN, at);
    case CROFT_CELL_TEXT:
        memcpy(at, &c->text, sizeof c->text);
        return CROFT_OK;
    case CROFT_CELL_CHOICE:
        return put_choice(c, at);
    case CROFT_CELL_NUMBER:
        return put_number(c, at);
    case CROFT_CELL_DATE:
        return put_date(c, at);
    case CROFT_CELL_CONFIDENCE:
        return put_confidence(c, at);
    }
    CROFT_UNREACHABLE("kind of cell");
}

/* ---- headings ---- */

static const struct croft_cell_schema *find_column(const struct croft_table_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->columns; i++)
        if (strcmp(schema->column[i].name, name) == 0)
            return &schema->column[i];
    return NULL;
}

static bool heading_has(const struct croft_csv_row *head, const char *name)
{
    for (u32 i = 0; i < head->count; i++)
        if (strcmp(head->cell[i], name) == 0)
            return true;
    return false;
}

static croft_err check_heading(const struct croft_table_schema *schema, const struct croft_csv_row *head,
                               struct croft_why *why)
{
    for (u32 i = 0; i < head->count; i++) {
        if (find_column(schema, head->cell[i]) == NULL)
            return croft_fail(why, CROFT_ERR_DECODE, "line %u: table %s has no column \"%.60s\"", head->line,
                              schema->name, head->cell[i]);
        for (u32 k = 0; k < i; k++)
            if (strcmp(head->cell[i], head->cell[k]) == 0)
                return croft_fail(why, CROFT_ERR_DECODE, "line %u: column %s is there twice", head->line,
                                  head->cell[i]);
    }
    for (size_t i = 0; i < schema->columns; i++)
        if (schema->column[i].required && !heading_has(head, schema->column[i].name))
            return croft_fail(why, CROFT_ERR_DECODE, "line %u: column %s of table %s is missing", head->line,
                              schema->column[i].name, schema->name);
    return CROFT_OK;
}

croft_err croft_table_detect(const struct croft_table_schema *const *schema, size_t count,
                             const struct croft_csv *csv, const struct croft_table_schema **out,
                             struct croft_why *why)
{
    struct croft_why ignored;
    if (csv->count == 0)
        return croft_fail(why, CROFT_ERR_DECODE,
                          "line 1: the file is empty; its first line names the columns");
    for (size_t i = 0; i < count; i++) {
        if (check_heading(schema[i], csv->row, &ignored) == CROFT_OK) {
            *out = schema[i];
            return CROFT_OK;
        }
    }
    return croft_fail(why, CROFT_ERR_DECODE,
                      "line %u: these columns are not those of any table\n"
                      "see docs/economics.md, or: croft advise data",
                      csv->row[0].line);
}

/* ---- rows ---- */

static bool same_cell(const struct croft_cell_schema *column, const u8 *a, const u8 *b)
{
    if (column->kind == CROFT_CELL_DATE)
        return memcmp(a + column->offset, b + column->offset, sizeof(struct croft_date)) == 0;
    if (column->kind == CROFT_CELL_NUMBER)
        return memcmp(a + column->offset, b + column->offset, sizeof(double)) == 0;
    const char *x, *y;
    memcpy(&x, a + column->offset, sizeof x);
    memcpy(&y, b + column->offset, sizeof y);
    return strcmp(x, y) == 0;
}

static bool same_key(const struct croft_table_schema *schema, const u8 *a, const u8 *b)
{
    for (size_t i = 0; i < schema->columns; i++)
        if (schema->column[i].key && !same_cell(&schema->column[i], a, b))
            return false;
    return true;
}

static croft_err read_row(const struct croft_table_schema *schema, const struct croft_csv_row *head,
                          const struct croft_csv_row *from, u8 *row, struct croft_why *why)
{
    if (from->count != head->count)
        return croft_fail(why, CROFT_ERR_DECODE, "line %u: %u cells where the first line names %u columns",
                          from->line, from->count, head->count);
    for (size_t i = 0; i < schema->columns; i++) {
        if (heading_has(head, schema->column[i].name))
            continue;
        struct cell empty = {&schema->column[i], "", from->line, why};
        CROFT_TRY(put_cell(&empty, row));
    }
    for (u32 i = 0; i < from->count; i++) {
        struct cell cell = {find_column(schema, head->cell[i]), from->cell[i], from->line, why};
        CROFT_TRY(put_cell(&cell, row));
    }
    ((struct croft_advise_row *)row)->line = from->line;
    return CROFT_OK;
}

croft_err croft_table_read(const struct croft_table_schema *schema, const struct croft_csv *csv,
                           struct croft_arena *mem, struct croft_table *out, struct croft_why *why)
{
    struct croft_table table = {.schema = schema};
    if (csv->count == 0)
        return croft_fail(why, CROFT_ERR_DECODE,
                          "line 1: the file is empty; its first line names the columns");
    CROFT_TRY(check_heading(schema, csv->row, why));
    table.rows = croft_arena_take(mem, csv->count, schema->row_size, _Alignof(max_align_t));
    if (table.rows == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory left for the table");
    for (size_t i = 1; i < csv->count; i++, table.count++) {
        u8 *row = croft_table_row(&table, table.count);
        CROFT_TRY(read_row(schema, csv->row, &csv->row[i], row, why));
        for (size_t k = 0; k < table.count; k++)
            if (same_key(schema, croft_table_row(&table, k), row))
                return croft_fail(why, CROFT_ERR_DECODE, "line %u: the same key as in line %u",
                                  csv->row[i].line,
                                  ((struct croft_advise_row *)croft_table_row(&table, k))->line);
    }
    *out = table;
    return CROFT_OK;
}

croft_err croft_table_overlay(struct croft_table *table, const struct croft_table *more,
                              struct croft_arena *mem, struct croft_why *why)
{
    CROFT_ASSERT(table->schema == more->schema);
    size_t size = table->schema->row_size;
    u8 *rows = croft_arena_take(mem, table->count + more->count, size, _Alignof(max_align_t));
    if (rows == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory left for the table");
    if (table->count > 0)
        memcpy(rows, table->rows, table->count * size);
    if (more->count > 0)
        memcpy(rows + table->count * size, more->rows, more->count * size);
    for (size_t i = 0; i < table->count; i++)
        for (size_t k = 0; k < more->count; k++)
            if (same_key(table->schema, rows + i * size, croft_table_row(more, k)))
                ((struct croft_advise_row *)(rows + i * size))->replaced = true;
    table->rows = rows;
    table->count += more->count;
    return CROFT_OK;
}

void croft_table_cell_text(const struct croft_cell_schema *column, const void *row, char *out, size_t size)
{
    const u8 *at = (const u8 *)row + column->offset;
    char date_text[CROFT_DATE_TEXT_MAX];
    struct croft_date date;
    const char *text;
    double value;
    switch (column->kind) {
    case CROFT_CELL_NUMBER:
        memcpy(&value, at, sizeof value);
        snprintf(out, size, "%.6g", value);
        if (!croft_known(value))
            out[0] = '\0';
        return;
    case CROFT_CELL_DATE:
        memcpy(&date, at, sizeof date);
        croft_date_format(date, date_text);
        snprintf(out, size, "%s", date_text);
        return;
    case CROFT_CELL_CONFIDENCE:
        snprintf(out, size, "%s", croft_confidence_name(*at));
        return;
    case CROFT_CELL_ID:
    case CROFT_CELL_PATTERN:
    case CROFT_CELL_TEXT:
    case CROFT_CELL_CHOICE:
        memcpy(&text, at, sizeof text);
        snprintf(out, size, "%s", text);
        return;
    }
    CROFT_UNREACHABLE("kind of cell");
}
