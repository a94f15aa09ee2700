/* advise/csv.h - rows of a CSV text (RFC 4180, by libcsv in strict mode), bounded and with line numbers.
 *
 * The whole text is checked before anything is returned.  Cells are UTF-8 without control characters,
 * terminated, with spaces around them removed.  An empty line is passed over; a byte order mark at the start
 * too. libcsv works in memory of the arena: nothing here calls malloc.
 */
#ifndef CROFT_ADVISE_CSV_H
#define CROFT_ADVISE_CSV_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"

enum {
    CROFT_CSV_BYTES_MAX = 4 << 20,
    CROFT_CSV_CELL_MAX = 1000,
    CROFT_CSV_COLUMNS_MAX = 48,
    CROFT_CSV_ROWS_MAX = 20000
};

struct croft_csv_row {
    u32 line; /* where it begins, from 1 */
    u32 count;
    const char *const *cell; /* count of them */
};

struct croft_csv {
    const struct croft_csv_row *row;
    size_t count;
};

/* *out and what it points to live in mem.
 *   CROFT_ERR_DECODE    not CSV, not UTF-8, a cell or row beyond its limit; *why says "line N: ..."
 *   CROFT_ERR_NOMEM     mem is used up */
CROFT_MUST_USE croft_err croft_csv_parse(struct croft_bytes text, struct croft_arena *mem,
                                         struct croft_csv *out, struct croft_why *why);

#endif
