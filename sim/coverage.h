/* sim/coverage.h - which answers the simulator has seen, per operation and code. */
#ifndef CROFT_SIM_COVERAGE_H
#define CROFT_SIM_COVERAGE_H

#include "base/err.h"
#include "base/types.h"

#include <stdio.h>

/* Operations by their field number in TxBody; 0 stands for bytes that are no transaction.
 * Codes: 0 done, then the refusals 200 to 231, then the failures 300 to 347. */
enum { CROFT_COVERAGE_OPS = 96, CROFT_COVERAGE_CODES = 81 };

struct croft_coverage {
    u64 count[CROFT_COVERAGE_OPS][CROFT_COVERAGE_CODES];
};

/* Other errors than those above (a full disk, a halted driver) are not counted. */
void croft_coverage_add(struct croft_coverage *c, u32 op, croft_err code);
void croft_coverage_merge(struct croft_coverage *into, const struct croft_coverage *from);

u64 croft_coverage_of_code(const struct croft_coverage *c, croft_err code);
u64 croft_coverage_of(const struct croft_coverage *c, u32 op, croft_err code);

/* The i-th code there is, refusals and failures, in order; CROFT_OK when there are no more. */
croft_err croft_coverage_code(size_t i);

/* Why no transaction of a scenario (NULL: ledger) can ever be answered so; NULL when one can. */
const char *croft_coverage_unreachable(const char *scenario, croft_err code);

/* Whether a scenario makes this operation and goes for all of its answers. */
bool croft_coverage_has_op(const char *scenario, u32 op);

/* A table of what was seen, and the reachable codes that were not. */
void croft_coverage_print(const struct croft_coverage *c, const char *scenario, FILE *to);

#endif
