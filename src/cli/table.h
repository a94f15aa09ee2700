/* cli/table.h - tables for people, through libsmartcols. */
#ifndef CROFT_CLI_TABLE_H
#define CROFT_CLI_TABLE_H

#include "cli/cli.h"

struct croft_listing; /* one table on its way to stdout */

struct croft_column {
    const char *name;
    bool right; /* numbers */
};

/* NULL when memory is used up; for CROFT_CLEANUP use croft_listing_drop. */
CROFT_MUST_USE struct croft_listing *croft_listing_new(const struct croft_cli *c,
                                                       const struct croft_column *column, size_t count);
void croft_listing_drop(struct croft_listing **l);

/* A row of as many cells as there are columns; text is copied.  Failures show in print. */
void croft_listing_row(struct croft_listing *l, const char *const *cell);

/* Prints the table; nothing at all when it has no rows.  CROFT_ERR_NOMEM, CROFT_ERR_IO. */
CROFT_MUST_USE croft_err croft_listing_print(struct croft_cli *c, struct croft_listing *l);

/* The frequent case: a table of names and values without headings. */
CROFT_MUST_USE croft_err croft_listing_print_pairs(struct croft_cli *c, const char *const (*pair)[2],
                                                   size_t count);

#endif
