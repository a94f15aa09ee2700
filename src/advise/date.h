/* advise/date.h - dates of sources, which are often known to the month or the year only.
 *
 * Text: YYYY, YYYY-MM or YYYY-MM-DD, 1990 to 2199.  Ages count from the first day that the text can mean, so
 * that what is vague is never taken for fresh.
 */
#ifndef CROFT_ADVISE_DATE_H
#define CROFT_ADVISE_DATE_H

#include "base/types.h"

struct croft_date {
    u16 year; /* 0: no date */
    u8 month; /* 0: only the year is known */
    u8 day;   /* 0: only the month is known */
};

enum { CROFT_DATE_TEXT_MAX = 16, CROFT_STALE_DAYS = 180 };

/* False, with *out unchanged, for anything else. */
CROFT_MUST_USE bool croft_date_parse(const char *text, struct croft_date *out);
void croft_date_format(struct croft_date date, char out[CROFT_DATE_TEXT_MAX]); /* "" for no date */

/* Days since 1970 of the first day the date can mean; the year must not be 0 (asserted). */
i64 croft_date_days(struct croft_date date);
struct croft_date croft_date_of_days(i64 days); /* whole date; 1990 to 2199 (asserted) */

/* Days from the date to the day given, 0 when it lies ahead. */
i64 croft_date_age_days(struct croft_date date, struct croft_date on);
bool croft_date_is_stale(struct croft_date date, struct croft_date on);

#endif
