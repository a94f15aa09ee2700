#include "advise/date.h"

#include "base/assert.h"

#include <stdio.h>
#include <string.h>

static bool is_leap(u32 year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static u32 month_days(u32 year, u32 month)
{
    static const u8 days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    CROFT_ASSERT(month >= 1 && month <= 12);
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* The digits after `at`, when exactly `digits` of them stand there. */
static bool read_digits(const char *at, size_t digits, u32 *out)
{
    *out = 0;
    for (size_t i = 0; i < digits; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        *out = *out * 10 + (u32)(at[i] - '0');
    }
    return true;
}

bool croft_date_parse(const char *text, struct croft_date *out)
{
    u32 year, month = 0, day = 0;
    size_t len = strlen(text);
    if ((len != 4 && len != 7 && len != 10) || !read_digits(text, 4, &year) || year < 1990 || year > 2199)
        return false;
    if (len >= 7 && (text[4] != '-' || !read_digits(text + 5, 2, &month) || month < 1 || month > 12))
        return false;
    if (len == 10 &&
        (text[7] != '-' || !read_digits(text + 8, 2, &day) || day < 1 || day > month_days(year, month)))
        return false;
    *out = (struct croft_date){.year = (u16)year, .month = (u8)month, .day = (u8)day};
    return true;
}

void croft_date_format(struct croft_date date, char out[CROFT_DATE_TEXT_MAX])
{
    if (date.year == 0)
        out[0] = '\0';
    else if (date.month == 0)
        snprintf(out, CROFT_DATE_TEXT_MAX, "%04u", date.year);
    else if (date.day == 0)
        snprintf(out, CROFT_DATE_TEXT_MAX, "%04u-%02u", date.year, date.month);
    else
        snprintf(out, CROFT_DATE_TEXT_MAX, "%04u-%02u-%02u", date.year, date.month, date.day);
}

i64 croft_date_days(struct croft_date date)
{
    CROFT_ASSERT(date.year >= 1970);
    i64 days = date.day == 0 ? 0 : date.day - 1;
    for (u32 year = 1970; year < date.year; year++)
        days += is_leap(year) ? 366 : 365;
    for (u32 month = 1; month < date.month; month++)
        days += month_days(date.year, month);
    return days;
}

struct croft_date croft_date_of_days(i64 days)
{
    struct croft_date date = {.year = 1970, .month = 1};
    CROFT_ASSERT(days >= 0);
    for (i64 len; days >= (len = is_leap(date.year) ? 366 : 365); days -= len)
        date.year++;
    for (i64 len; days >= (len = month_days(date.year, date.month)); days -= len)
        date.month++;
    CROFT_ASSERT(date.year >= 1990 && date.year <= 2199);
    date.day = (u8)(days + 1);
    return date;
}

i64 croft_date_age_days(struct croft_date date, struct croft_date on)
{
    i64 age = croft_date_days(on) - croft_date_days(date);
    return age > 0 ? age : 0;
}

bool croft_date_is_stale(struct croft_date date, struct croft_date on)
{
    return croft_date_age_days(date, on) > CROFT_STALE_DAYS;
}
