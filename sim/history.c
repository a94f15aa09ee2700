#include "sim/history.h"

#include "base/assert.h"

#include <inttypes.h>

void croft_history_add(struct croft_history *h, const char *head, const char *fmt, va_list args)
{
    char *line = h->line[h->count++ % CROFT_HISTORY_LINES];
    int len = snprintf(line, CROFT_HISTORY_LINE_BYTES, "%s", head);
    CROFT_ASSERT(len >= 0 && len < CROFT_HISTORY_LINE_BYTES);
    vsnprintf(line + len, (size_t)(CROFT_HISTORY_LINE_BYTES - len), fmt, args);
}

const char *croft_history_last(const struct croft_history *h)
{
    return h->count > 0 ? h->line[(h->count - 1) % CROFT_HISTORY_LINES] : "";
}

void croft_history_print(const struct croft_history *h, FILE *to)
{
    u64 first = h->count > CROFT_HISTORY_LINES ? h->count - CROFT_HISTORY_LINES : 0;
    for (u64 i = first; i < h->count; i++)
        fprintf(to, "%8" PRIu64 "  %s\n", i, h->line[i % CROFT_HISTORY_LINES]);
}
