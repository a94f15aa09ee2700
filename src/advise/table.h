/* advise/table.h - typed tables: a schema says what a column of a CSV file may hold and where it goes in a
 * row's struct.
 *
 * A number cell is a double, NAN when it is empty: unknown, never 0.  A text cell is never NULL, "" when
 * empty. Every row begins with struct croft_advise_row: where it comes from.
 */
#ifndef CROFT_ADVISE_TABLE_H
#define CROFT_ADVISE_TABLE_H

#include "advise/csv.h"
#include "advise/date.h"

enum croft_cell_kind {
    CROFT_CELL_ID,         /* const char *: 1 to 31 of a-z 0-9 _ */
    CROFT_CELL_PATTERN,    /* the same, with a * at the end for any ending */
    CROFT_CELL_TEXT,       /* const char * */
    CROFT_CELL_CHOICE,     /* const char *: one of choices */
    CROFT_CELL_NUMBER,     /* double, min to max */
    CROFT_CELL_DATE,       /* struct croft_date */
    CROFT_CELL_CONFIDENCE, /* u8: enum croft_confidence */
};

enum croft_confidence { CROFT_CONFIDENCE_HIGH, CROFT_CONFIDENCE_MEDIUM, CROFT_CONFIDENCE_LOW };

struct croft_cell_schema {
    const char *name;
    enum croft_cell_kind kind;
    bool required; /* the column must be there and its cells filled */
    bool key;      /* rows with equal keys replace each other; not for confidence */
    size_t offset;
    double min, max;     /* of a number */
    const char *choices; /* "a|b|c" */
    const char *text;    /* what it means, with the unit */
};

struct croft_table_schema {
    const char *name;
    const char *text;
    const struct croft_cell_schema *column;
    size_t columns, row_size;
};

/* Who says so; the first member of every row. */
struct croft_advise_row {
    const char *source;
    struct croft_date as_of;
    u8 confidence; /* enum croft_confidence */
    u8 kind;       /* enum croft_source_kind (advise/report.h) */
    bool replaced; /* by a later row with the same key: passed over */
    u32 line;
};

struct croft_table {
    const struct croft_table_schema *schema;
    u8 *rows; /* count structs of schema->row_size */
    size_t count;
};

/* Unknown is NAN. */
bool croft_known(double value);

/* Strict: every column known, every required cell filled, every value in range, no key twice in the file.
 *   CROFT_ERR_DECODE  *why says "line N: ..."
 *   CROFT_ERR_NOMEM   mem is used up */
CROFT_MUST_USE croft_err croft_table_read(const struct croft_table_schema *schema,
                                          const struct croft_csv *csv, struct croft_arena *mem,
                                          struct croft_table *out, struct croft_why *why);

/* The one of these schemas whose columns the heading has.  CROFT_ERR_DECODE: none. */
CROFT_MUST_USE croft_err croft_table_detect(const struct croft_table_schema *const *schema, size_t count,
                                            const struct croft_csv *csv,
                                            const struct croft_table_schema **out, struct croft_why *why);

/* Puts the rows of more behind those of *table; rows of *table with the key of one of them are marked as
 * replaced. CROFT_ERR_NOMEM. */
CROFT_MUST_USE croft_err croft_table_overlay(struct croft_table *table, const struct croft_table *more,
                                             struct croft_arena *mem, struct croft_why *why);

static inline void *croft_table_row(const struct croft_table *table, size_t i)
{
    return table->rows + i * table->schema->row_size;
}

/* The cell as text, for listings; out holds size bytes. */
void croft_table_cell_text(const struct croft_cell_schema *column, const void *row, char *out, size_t size);

const char *croft_confidence_name(u8 confidence);

#endif
