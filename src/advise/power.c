/* What a kWh costs: the user's own tariff, or the place's; day and night; the share that comes from the own
 * roof. */
#include "advise/advise_int.h"

#include <math.h>
#include <stdio.h>
#include <strings.h>

static bool is_newer(const struct croft_advise_tariff *a, const struct croft_advise_tariff *than)
{
    return than == NULL || croft_date_days(a->row.as_of) > croft_date_days(than->row.as_of);
}

/* The newest row of a place in a currency that can be used; euro rows only with a rate that the user gave.
 * *out_seen: the place is in the table at all. */
static const struct croft_advise_tariff *find_tariff(const struct croft_advising *a, const char *place,
                                                     bool *out_seen)
{
    const struct croft_advise_tariff *best = NULL;
    bool euro = croft_known(croft_assumed(a, "eur_usd"));
    *out_seen = false;
    CROFT_EACH_ROW(croft_advise_tariff, t, a->data, CROFT_TABLE_ELECTRICITY)
    {
        bool here = strcasecmp(t->place, place) == 0;
        bool usable =
            here && strncasecmp(t->sector, "residential", 11) == 0 && (t->currency[0] == 'U' || euro);
        *out_seen = *out_seen || here;
        if (usable && is_newer(t, best))
            best = t;
    }
    return best;
}

static croft_err tariff_of_place(struct croft_advising *a, const char *place, struct croft_quantity *out)
{
    bool seen;
    const struct croft_advise_tariff *row = find_tariff(a, place, &seen);
    if (row == NULL && seen)
        return croft_fail(a->why, CROFT_ERR_NOT_FOUND,
                          "the price of power in %.40s is known in euro only\n"
                          "add --set eur_usd=DOLLARS_FOR_A_EURO, or --tariff USD",
                          place);
    if (row == NULL)
        return croft_fail(a->why, CROFT_ERR_NOT_FOUND,
                          "no price of power for \"%.40s\"\n"
                          "see: croft advise data electricity; or give --tariff USD",
                          place);
    double rate = row->currency[0] == 'E' ? croft_assumed(a, "eur_usd") : 1;
    *out = croft_quantity_row(a, CROFT_TABLE_ELECTRICITY, &row->row,
                              croft_text(a, "%s, %s", row->place, row->sector), "USD/kWh",
                              row->price_kwh * rate, (double)NAN, (double)NAN);
    if (row->currency[0] == 'E') {
        struct croft_quantity euro = croft_quantity_assumed(a, "eur_usd");
        croft_quantity_add_source(out, euro.source[0]);
    }
    a->report->power.place = row->place;
    return CROFT_OK;
}

static struct croft_quantity optional(struct croft_advising *a, double value, const char *unit,
                                      const char *option)
{
    return croft_known(value) ? croft_quantity_user(a, value, unit, option) : croft_quantity_plain(0, unit);
}

croft_err croft_advise_power(struct croft_advising *a)
{
    const struct croft_advise_request *q = a->request;
    struct croft_report_power *p = &a->report->power;
    bool own = croft_known(q->tariff);
    if (own)
        p->day = croft_quantity_user(a, q->tariff, "USD/kWh", "--tariff");
    else
        CROFT_TRY(tariff_of_place(a, q->place != NULL ? q->place : "World", &p->day));
    if (!own && q->place == NULL)
        croft_ask(
            a, "price of power", false, "--tariff USD, or --country NAME",
            "The average of the world's homes is taken; your own price of a kWh makes the result yours.");
    p->night = croft_known(q->night) ? croft_quantity_user(a, q->night, "USD/kWh", "--night")
                                     : croft_quantity_unknown("USD/kWh");
    p->night_hours = optional(a, q->night_hours, "h", "--night");
    p->solar_share = optional(a, q->solar_share, "", "--solar");
    p->solar_value = optional(a, q->solar_value, "USD/kWh", "--solar");

    double hours = croft_known(q->night) ? p->night_hours.value : 0, solar = p->solar_share.value;
    double bought = (p->day.value * (24 - hours) + (hours > 0 ? p->night.value * hours : 0)) / 24;
    const struct croft_quantity *of[] = {&p->day, &p->night, &p->night_hours, &p->solar_share,
                                         &p->solar_value};
    p->tariff =
        croft_quantity_from((1 - solar) * bought + solar * p->solar_value.value,
                            (1 - solar) * p->day.error * (24 - hours) / 24, "USD/kWh", of, CROFT_COUNT(of));
    return CROFT_OK;
}
