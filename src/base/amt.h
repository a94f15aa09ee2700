/* base/amt.h - money, counted in the smallest unit: 1e-9 of a credit or of a CROFT token.
 *
 * A struct, so that a price, a count or a second cannot be passed by mistake; unsigned and checked.
 * 2^64 units are 18.4e9 credits.  Nobody outside amt.c touches .units except the codec of wire/layout.
 */
#ifndef CROFT_BASE_AMT_H
#define CROFT_BASE_AMT_H

#include "base/types.h"

struct croft_amt {
    u64 units;
};

#define CROFT_UNITS_PER_CREDIT UINT64_C(1000000000)

struct croft_amt croft_amt_of(u64 units);
u64 croft_amt_units(struct croft_amt a);
bool croft_amt_is_zero(struct croft_amt a);

/* -1, 0 or 1. */
int croft_amt_cmp(struct croft_amt a, struct croft_amt b);
struct croft_amt croft_amt_min(struct croft_amt a, struct croft_amt b);

/* False, with *out unchanged, when the result does not fit. */
CROFT_MUST_USE bool croft_amt_add(struct croft_amt *out, struct croft_amt a, struct croft_amt b);
CROFT_MUST_USE bool croft_amt_sub(struct croft_amt *out, struct croft_amt a, struct croft_amt b);

/* floor(a * num / den) and ceil(a * num / den), exact in between; den must not be zero (asserted).
 * False, with *out unchanged, when the result does not fit. */
CROFT_MUST_USE bool croft_amt_muldiv_floor(struct croft_amt *out, struct croft_amt a, u64 num, u64 den);
CROFT_MUST_USE bool croft_amt_muldiv_ceil(struct croft_amt *out, struct croft_amt a, u64 num, u64 den);

/* For results already proven to fit: asserts instead of reporting. */
struct croft_amt croft_amt_add_must(struct croft_amt a, struct croft_amt b);
struct croft_amt croft_amt_sub_must(struct croft_amt a, struct croft_amt b);

/* For sums of all that ever was, which money that goes round can drive beyond any supply: stops at 2^64 - 1. */
struct croft_amt croft_amt_add_stop(struct croft_amt a, struct croft_amt b);

/* Decimal text: "12.5" <-> 12500000000 units.  At most nine digits after the point, no sign, no exponent.
 * format needs CROFT_AMT_TEXT_MAX bytes; parse returns false for anything else, *out unchanged. */
#define CROFT_AMT_TEXT_MAX 24
void croft_amt_format(struct croft_amt a, char out[CROFT_AMT_TEXT_MAX]);
CROFT_MUST_USE bool croft_amt_parse(const char *text, struct croft_amt *out);

#endif
