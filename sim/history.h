/* sim/history.h - the last events of a run, for the report of a failure. */
#ifndef CROFT_SIM_HISTORY_H
#define CROFT_SIM_HISTORY_H

#include "base/types.h"

#include <stdarg.h>
#include <stdio.h>

enum { CROFT_HISTORY_LINES = 200, CROFT_HISTORY_LINE_BYTES = 192 };

struct croft_history {
    u64 count; /* ever added */
    char line[CROFT_HISTORY_LINES][CROFT_HISTORY_LINE_BYTES];
};

/* Adds one line, cut at its room.  head comes in front of it. */
__attribute__((format(printf, 3, 0))) void croft_history_add(struct croft_history *h, const char *head,
                                                             const char *fmt, va_list args);

/* The line added last; "" when there is none. */
const char *croft_history_last(const struct croft_history *h);

/* Prints the kept lines, oldest first, each with its number. */
void croft_history_print(const struct croft_history *h, FILE *to);

#endif
