/* cli/tell_int.h - between the two files that tell operations in sentences. */
#ifndef CROFT_CLI_TELL_INT_H
#define CROFT_CLI_TELL_INT_H

#include "base/types.h"

#include "croft/v1/tx.pb-c.h"

struct croft_telling {
    char *out;
    size_t size;
};

CROFT_PRINTF(2, 3) void croft_tell_line(struct croft_telling *t, const char *fmt, ...);

/* False, nothing told, for an operation that is not of the market. */
CROFT_MUST_USE bool croft_tell_market(struct croft_telling *t, const Croft__V1__TxBody *body);

#endif
