#include "base/amt.h"

#include "base/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct croft_amt croft_amt_of(u64 units)
{
    return (struct croft_amt){.units = units};
}

u64 croft_amt_units(struct croft_amt a)
{
    return a.units;
}

bool croft_amt_is_zero(struct croft_amt a)
{
    return a.units == 0;
}

int croft_amt_cmp(struct croft_amt a, struct croft_amt b)
{
    return (a.units > b.units) - (a.units < b.units);
}

struct croft_amt croft_amt_min(struct croft_amt a, struct croft_amt b)
{
    return a.units < b.units ? a : b;
}

bool croft_amt_add(struct croft_amt *out, struct croft_amt a, struct croft_amt b)
{
    u64 sum;
    if (__builtin_add_overflow(a.units, b.units, &sum))
        return false;
    out->units = sum;
    return true;
}

bool croft_amt_sub(struct croft_amt *out, struct croft_amt a, struct croft_amt b)
{
    if (b.units > a.units)
        return false;
    out->units = a.units - b.units;
    return true;
}

static bool muldiv(struct croft_amt *out, struct croft_amt a, u64 num, u64 den, u64 bias)
{
    CROFT_ASSERT(den != 0);
    CROFT_ASSERT(bias < den);

    /* (2^64-1)^2 + (2^64-1) < 2^128, so this cannot wrap. */
    u128 quotient = ((u128)a.units * num + bias) / den;
    if (quotient > UINT64_MAX)
        return false;
    out->units = (u64)quotient;
    return true;
}

bool croft_amt_muldiv_floor(struct croft_amt *out, struct croft_amt a, u64 num, u64 den)
{
    return muldiv(out, a, num, den, 0);
}

bool croft_amt_muldiv_ceil(struct croft_amt *out, struct croft_amt a, u64 num, u64 den)
{
    CROFT_ASSERT(den != 0);
    return muldiv(out, a, num, den, den - 1);
}

struct croft_amt croft_amt_add_must(struct croft_amt a, struct croft_amt b)
{
    struct croft_amt sum = {0};
    bool fits = croft_amt_add(&sum, a, b);
    CROFT_ASSERT(fits);
    return sum;
}

struct croft_amt croft_amt_add_stop(struct croft_amt a, struct croft_amt b)
{
    struct croft_amt sum = croft_amt_of(UINT64_MAX);
    bool fits = croft_amt_add(&sum, a, b);
    CROFT_ASSERT(fits || croft_amt_units(sum) == UINT64_MAX);
    return sum;
}

struct croft_amt croft_amt_sub_must(struct croft_amt a, struct croft_amt b)
{
    struct croft_amt rest = {0};
    bool fits = croft_amt_sub(&rest, a, b);
    CROFT_ASSERT(fits);
    return rest;
}

void croft_amt_format(struct croft_amt a, char out[CROFT_AMT_TEXT_MAX])
{
    u64 whole = a.units / CROFT_UNITS_PER_CREDIT, part = a.units % CROFT_UNITS_PER_CREDIT;
    int n = snprintf(out, CROFT_AMT_TEXT_MAX, "%" PRIu64 ".%09" PRIu64, whole, part);
    CROFT_ASSERT(n > 0 && n < CROFT_AMT_TEXT_MAX);

    /* Trailing zeros say nothing; two digits stay, as people write money. */
    size_t len = (size_t)n, shortest = len - 7;
    while (len > shortest && out[len - 1] == '0')
        out[--len] = '\0';
}

bool croft_amt_parse(const char *text, struct croft_amt *out)
{
    const char *point = strchr(text, '.');
    size_t digits = strspn(text, "0123456789");
    size_t decimals = point ? strspn(point + 1, "0123456789") : 0;
    bool ends_well = point ? point == text + digits && point[1 + decimals] == '\0' && decimals > 0
                           : text[digits] == '\0';
    if (digits == 0 || decimals > 9 || !ends_well)
        return false;

    u64 units = 0;
    for (size_t i = 0; i < digits + 9; i++) {
        char c = i < digits ? text[i] : i - digits < decimals ? point[1 + i - digits] : '0';
        if (__builtin_mul_overflow(units, (u64)10, &units) || __builtin_add_overflow(units, (u64)(c - '0'), &units))
            return false;
    }
    out->units = units;
    return true;
}
