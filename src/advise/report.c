#include "advise/report.h"

#include "base/assert.h"

#define NAME_OF(names, index) (CROFT_ASSERT((size_t)(index) < CROFT_COUNT(names)), names[index])

const char *croft_input_name(enum croft_input input)
{
    static const char *const name[CROFT_INPUTS] = {
        "availability",  "utilisation",    "rate",          "rate_idle", "fee",    "watts_load",
        "watts_idle",    "tariff",         "value_now",     "value_end", "months", "failures_year",
        "discount_year", "rate_fall_year", "bandwidth_day", "tax_rate"};
    return NAME_OF(name, input);
}

const char *croft_input_label(enum croft_input input)
{
    static const char *const label[CROFT_INPUTS] = {"time online",
                                                    "time rented",
                                                    "rate",
                                                    "pay for being online",
                                                    "network's fee",
                                                    "power under load",
                                                    "power when idle",
                                                    "price of power",
                                                    "price of the cards",
                                                    "resale value",
                                                    "horizon",
                                                    "failures a year",
                                                    "discount",
                                                    "fall of the rate",
                                                    "line",
                                                    "tax"};
    return NAME_OF(label, input);
}

const char *croft_source_kind_name(enum croft_source_kind kind)
{
    static const char *const name[] = {"data", "overlay", "user", "measured", "assumption"};
    return NAME_OF(name, kind);
}

const char *croft_met_name(enum croft_met met)
{
    static const char *const name[] = {"yes", "no", "unknown", "yours to decide"};
    return NAME_OF(name, met);
}

const char *croft_shown_name(enum croft_shown shown)
{
    static const char *const name[] = {"profit", "loss", "within error", "unknown"};
    return NAME_OF(name, shown);
}

const char *croft_even_name(enum croft_even even)
{
    static const char *const name[] = {"value", "never", "always", "unknown"};
    return NAME_OF(name, even);
}

const char *croft_paid_name(enum croft_paid paid)
{
    static const char *const name[] = {"months", "never", "unknown"};
    return NAME_OF(name, paid);
}

const char *croft_status_name(enum croft_status status)
{
    static const char *const name[] = {"complete", "incomplete", "not taken"};
    return NAME_OF(name, status);
}

const char *croft_own_name(enum croft_own own)
{
    static const char *const name[] = {"run it", "do not run it", "unclear", "unknown", "not taken"};
    return NAME_OF(name, own);
}

const char *croft_buy_name(enum croft_buy buy)
{
    static const char *const name[] = {"buy", "do not buy", "unclear", "unknown", "not taken"};
    return NAME_OF(name, buy);
}

const char *croft_cap_name(enum croft_cap cap)
{
    static const char *const name[] = {"cap", "no cap", "unknown"};
    return NAME_OF(name, cap);
}
