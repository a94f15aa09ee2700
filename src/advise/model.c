#include "advise/model.h"

#include <math.h>

static double kwh_day(const struct croft_advise_inputs *in, double utilisation)
{
    return 24 * in->availability * (utilisation * in->watts_load + (1 - utilisation) * in->watts_idle) / 1000;
}

static double failures_day(const struct croft_advise_inputs *in)
{
    return in->failures_year * (in->value_now + in->value_end) / 2 / CROFT_DAYS_PER_YEAR;
}

static double depreciation_day(const struct croft_advise_inputs *in)
{
    return (in->value_now - in->value_end) / (in->months * CROFT_DAYS_PER_MONTH);
}

struct croft_advise_day croft_advise_day_of(const struct croft_advise_inputs *in)
{
    struct croft_advise_day d = {.bandwidth = in->bandwidth_day};
    d.gross = 24 * in->availability * (in->utilisation * in->rate_h + in->rate_idle_h) * (1 - in->fee);
    d.kwh = kwh_day(in, in->utilisation);
    d.electricity = d.kwh * in->tariff_kwh;
    d.failures = failures_day(in);
    d.depreciation = depreciation_day(in);
    double before_tax = d.gross - d.electricity - d.bandwidth - d.failures;
    d.tax = in->tax_rate * fmax(0, before_tax - d.depreciation);
    d.cash = before_tax - d.tax;
    d.net = d.cash - d.depreciation;
    return d;
}

double croft_advise_break_even_tariff(const struct croft_advise_inputs *in)
{
    struct croft_advise_day d = croft_advise_day_of(in);
    return d.kwh > 0 ? (d.gross - d.bandwidth - d.failures) / d.kwh : (double)NAN;
}

double croft_advise_break_even_utilisation(const struct croft_advise_inputs *in, bool full)
{
    double hours = 24 * in->availability, per_kw = in->tariff_kwh / 1000;
    double fixed = hours * in->watts_idle * per_kw + in->bandwidth_day + failures_day(in) +
                   (full ? depreciation_day(in) : 0) - hours * in->rate_idle_h * (1 - in->fee);
    double gain = hours * (in->rate_h * (1 - in->fee) - (in->watts_load - in->watts_idle) * per_kw);
    return gain > 0 ? fixed / gain : (double)INFINITY;
}

u32 croft_advise_payback_months(const struct croft_advise_inputs *in)
{
    double sum = 0, cash = croft_advise_day_of(in).cash * CROFT_DAYS_PER_MONTH;
    for (u32 month = 1; month <= CROFT_PAYBACK_MONTHS_MAX; month++) {
        sum += cash * pow(1 - in->rate_fall_year, (month - 1) / 12.0);
        if (sum >= in->value_now)
            return month;
    }
    return 0;
}

double croft_advise_npv(const struct croft_advise_inputs *in)
{
    double npv = -in->value_now, cash = croft_advise_day_of(in).cash * CROFT_DAYS_PER_MONTH;
    for (u32 month = 1; month <= in->months; month++)
        npv +=
            cash * pow(1 - in->rate_fall_year, (month - 1) / 12.0) / pow(1 + in->discount_year, month / 12.0);
    return npv + in->value_end / pow(1 + in->discount_year, in->months / 12.0);
}
