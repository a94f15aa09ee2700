#include "ledger/market_int.h"

#include "base/assert.h"

#include <string.h>

enum { SECONDS_PER_HOUR = 3600 };

/* ---- validators and what they report ---- */

static bool load_validator(const struct croft_ledger *l, u32 slot, struct croft_validator_record *out)
{
    if (croft_state_key(l->state, CROFT_TABLE_VALIDATORS, slot).at == NULL)
        return false;
    croft_record_load(l, CROFT_TABLE_VALIDATORS, slot, out);
    return true;
}

bool croft_is_operator(const struct croft_ledger *l, const struct croft_address *account)
{
    struct croft_validator_record v;
    bool is = false;
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_VALIDATORS) && !is; slot++)
        is = load_validator(l, slot, &v) && croft_address_equal(&v.operator_address, account);
    return is;
}

/* Reports of former operators do not count; they go when somebody needs the place. */
static void drop_former(struct croft_ledger *l)
{
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_REPORTS); slot++) {
        struct croft_bytes key = croft_state_key(l->state, CROFT_TABLE_REPORTS, slot);
        struct croft_address operator_address;
        if (key.at == NULL)
            continue;
        CROFT_ASSERT(key.len == sizeof operator_address.b);
        memcpy(operator_address.b, key.at, sizeof operator_address.b);
        if (!croft_is_operator(l, &operator_address))
            croft_state_remove(l->state, CROFT_TABLE_REPORTS, slot);
    }
}

void croft_oracle_report(struct croft_ledger *l, const struct croft_address *operator_address, u64 price, u64 now_s)
{
    CROFT_ASSERT(price != 0 && croft_is_operator(l, operator_address));
    const struct croft_report_record r = {.price = price, .at_s = now_s};
    u32 slot = croft_state_find(l->state, CROFT_TABLE_REPORTS, operator_address->b);
    if (slot != CROFT_SLOT_NONE) {
        croft_record_store(l, CROFT_TABLE_REPORTS, slot, &r);
        return;
    }
    drop_former(l);
    croft_err err = croft_record_insert(l, CROFT_TABLE_REPORTS, operator_address->b, &r, &slot);
    CROFT_ASSERT(err == CROFT_OK); /* as many places as there can be validators */
}

/* ---- the median ---- */

struct poll {
    struct croft_oracle_report report[CROFT_ORACLE_REPORTS_MAX];
    size_t count;
    u64 power_total;
};

/* An operator's report stands once for each of its validators, which is the same as once with all their power. */
static void poll(const struct croft_ledger *l, struct poll *out)
{
    out->count = 0;
    out->power_total = 0;
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_VALIDATORS); slot++) {
        struct croft_validator_record v;
        struct croft_report_record r;
        if (!load_validator(l, slot, &v))
            continue;
        out->power_total += v.power;
        u32 report = croft_state_find(l->state, CROFT_TABLE_REPORTS, v.operator_address.b);
        if (report == CROFT_SLOT_NONE)
            continue;
        croft_record_load(l, CROFT_TABLE_REPORTS, report, &r);
        CROFT_ASSERT(out->count < CROFT_COUNT(out->report));
        out->report[out->count++] = (struct croft_oracle_report){r.price, v.power, r.at_s};
    }
}

/* ---- hours ---- */

static void push_hour(struct croft_token_record *t, u32 hour, u64 price)
{
    CROFT_ASSERT(t->hour_count <= CROFT_TOKEN_HOURS);
    CROFT_ASSERT(t->hour_count == 0 || t->hour[t->hour_count - 1].hour < hour);
    if (t->hour_count == CROFT_TOKEN_HOURS)
        memmove(t->hour, t->hour + 1, --t->hour_count * sizeof t->hour[0]);
    t->hour[t->hour_count++] = (struct croft_token_hour){.hour = hour, .low = price, .high = price};
}

/* Hours after the last entry and before this one: there the last median goes on. */
static void fill_hours(struct croft_token_record *t, u32 hour)
{
    u32 first = t->hour[t->hour_count - 1].hour + 1;
    CROFT_ASSERT(t->hour_count > 0 && first <= hour);
    if (hour - first >= CROFT_TOKEN_HOURS)
        first = hour - (CROFT_TOKEN_HOURS - 1);
    for (; first < hour; first++)
        push_hour(t, first, t->median);
}

static void note_hour(struct croft_token_record *t, u64 median, u64 now_s)
{
    u32 hour = (u32)(now_s / SECONDS_PER_HOUR);
    bool begun = t->hour_count != 0 && t->hour[t->hour_count - 1].hour == hour;
    if (!begun && t->hour_count != 0)
        fill_hours(t, hour);
    if (!begun)
        push_hour(t, hour, median);
    struct croft_token_hour *h = &t->hour[t->hour_count - 1];
    h->low = median < h->low ? median : h->low;
    h->high = median > h->high ? median : h->high;
}

static void find_extremes(struct croft_token_record *t)
{
    t->low24 = UINT64_MAX;
    t->high24 = 0;
    for (u32 i = 0; i < t->hour_count; i++) {
        t->low24 = t->hour[i].low < t->low24 ? t->hour[i].low : t->low24;
        t->high24 = t->hour[i].high > t->high24 ? t->hour[i].high : t->high24;
    }
}

void croft_oracle_update(const struct croft_ledger *l, struct croft_token_record *t, u64 now_s)
{
    struct poll p;
    u64 median = 0;
    poll(l, &p);
    const struct croft_oracle_rule rule = {.power_total = p.power_total,
                                           .stale_s = croft_ledger_param(l, CROFT_PARAM_ORACLE_STALE_S),
                                           .spread_ppm = croft_ledger_param(l, CROFT_PARAM_ORACLE_SPREAD_PPM)};
    t->valid = croft_oracle_median(p.report, p.count, &rule, now_s, &median) == CROFT_ORACLE_GOOD;
    if (!t->valid)
        return;
    note_hour(t, median, now_s);
    find_extremes(t);
    t->median = median;
    t->median_s = now_s;
    CROFT_ASSERT(t->low24 <= median && median <= t->high24);
}
