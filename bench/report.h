/* bench/report.h - what a benchmark found: one JSON object, design section 10.
 *   {"bench":NAME,"machine":{...},"figures":[{"name":...,"value":...,"unit":...,"reference":...}]} */
#ifndef CROFT_BENCH_REPORT_H
#define CROFT_BENCH_REPORT_H

#include "base/types.h"

#include <jansson.h>

struct croft_report {
    json_t *root, *figures;
};

/* Memory used up ends the program: a benchmark has nothing to save. */
struct croft_report croft_report_new(const char *bench);
void croft_report_drop(struct croft_report *r); /* suits CROFT_CLEANUP */

/* reference: what the value is held against, in words; NULL: nothing. */
void croft_report_add(struct croft_report *r, const char *name, double value, const char *unit, const char *reference);

/* The figure's value; 0 when there is none of this name. */
double croft_report_value(const struct croft_report *r, const char *name);

/* The p-th percentile (0 to 100) of the values, which are sorted in place; count > 0 (asserted). */
double croft_percentile(double *value, size_t count, double p);
double croft_median(double *value, size_t count);

/* Seconds that only go forward. */
double croft_seconds(void);
/* Seconds that this thread had a core: what counts when the work is one thread's and the machine has other work. */
double croft_core_seconds(void);

/* Memory that the process has now. */
double croft_resident_bytes(void);

#endif
