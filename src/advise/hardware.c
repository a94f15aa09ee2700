/* What the machine is: class and why, what it costs, what it will be worth, what power it takes. */
#include "advise/advise_int.h"

#include "base/assert.h"

#include <math.h>
#include <string.h>

enum { ENTERPRISE_VRAM_GB = 40 };

/* ---- class ---- */

static void reason(struct croft_advising *a, const char *text)
{
    struct croft_report_hardware *h = &a->report->hardware;
    CROFT_ASSERT(h->reasons < CROFT_COUNT(h->reason));
    h->reason[h->reasons++] = text;
}

static void classify(struct croft_advising *a, const struct croft_advise_card *card)
{
    struct croft_report_hardware *h = &a->report->hardware;
    bool consumer = strcmp(card->class_name, "consumer") == 0;
    bool enterprise = strcmp(card->class_name, "enterprise") == 0;
    h->class_name = card->class_name;
    reason(a,
           croft_text(a, "%g GB of memory, %s the %d GB that most data-centre work asks for", card->vram_gb,
                      card->vram_gb >= ENTERPRISE_VRAM_GB ? "at least" : "below", ENTERPRISE_VRAM_GB));
    reason(a, strcmp(card->ecc, "yes") == 0  ? "memory with error correction (ECC)"
              : strcmp(card->ecc, "no") == 0 ? "no error correction (ECC)"
                                             : "whether its memory corrects errors (ECC) is not in the data");
    reason(a, consumer ? "duty cycle: made for hours a day, not for years under load"
                       : "duty cycle: made to run day and night");
    reason(a, consumer     ? "cooling: fans of its own into the room"
              : enterprise ? "cooling: needs a chassis that blows air through it"
                           : "cooling: blows its air out of the case");
    reason(a, consumer ? "uptime: a home line and home power" : "uptime: as good as the room it stands in");
    h->uptime_text = enterprise ? "high, in a rack with two feeds; no source measures it by type of owner"
                                : "moderate, at home; no source measures it by type of owner";
}

/* ---- price ---- */

static const struct croft_advise_price *find_price(const struct croft_advising *a, const char *condition)
{
    CROFT_EACH_ROW(croft_advise_price, p, a->data, CROFT_TABLE_PRICES)
    if (strcmp(p->gpu_id, a->request->card_id) == 0 && strcmp(p->condition, condition) == 0)
        return p;
    return NULL;
}

static struct croft_quantity times(struct croft_quantity q, double factor)
{
    q.value *= factor;
    q.error *= factor;
    return q;
}

static struct croft_quantity price_quantity(struct croft_advising *a, const struct croft_advise_price *p)
{
    return croft_quantity_row(a, CROFT_TABLE_PRICES, &p->row,
                              croft_text(a, "%s, %s", p->gpu_id, p->condition), "USD", p->usd, p->low,
                              p->high);
}

/* Straight between the points; beyond the last it falls as over the last year known. */
static double share_at(const double *share, size_t years, double age)
{
    size_t i = (size_t)age;
    if (i + 1 < years)
        return share[i] + (share[i + 1] - share[i]) * (age - (double)i);
    return share[years - 1] * pow(share[years - 1] / share[years - 2], age - (double)(years - 1));
}

/* The vintage curve of the card, or that of the H100 for other data-centre cards; *row: where it comes from.
 * 0: none. */
static size_t vintage(const struct croft_advising *a, const struct croft_advise_card *card, double share[30],
                      const struct croft_advise_row **row)
{
    size_t years = 0;
    for (int any = 0; any < 2 && years == 0; any++)
        CROFT_EACH_ROW(croft_advise_resale, r, a->data, CROFT_TABLE_RESALE)
        {
            bool fits =
                any ? strcmp(card->class_name, "enterprise") == 0 : croft_advise_fits(r->gpu_id, card->id);
            if (fits && r->age_years == (double)years && years < 30) {
                share[years++] = r->share;
                *row = &r->row;
            }
        }
    return years >= 2 ? years : 0;
}

/* Share of today's price that is left after so many years, with these falls in the first and each later year.
 */
static double consumer_share(double years, bool is_new, double first, double later, double floor)
{
    double share = !is_new     ? pow(1 - later, years)
                   : years < 1 ? pow(1 - first, years)
                               : (1 - first) * pow(1 - later, years - 1);
    return fmax(share, floor);
}

static struct croft_quantity resale_end(struct croft_advising *a, const struct croft_advise_card *card,
                                        bool is_new)
{
    const struct croft_quantity *entry = &a->report->hardware.entry;
    const struct croft_advise_assumption *first = croft_advise_assumption(a->data, "depreciation_first");
    const struct croft_advise_assumption *later = croft_advise_assumption(a->data, "depreciation_later");
    struct croft_quantity cost = croft_quantity_assumed(a, "sale_cost"),
                          floor = croft_quantity_assumed(a, "resale_floor");
    double years = a->request->months / 12.0, share[30], kept = 1 - cost.value;
    const struct croft_advise_row *row = NULL;
    size_t points = vintage(a, card, share, &row);
    if (points > 0) {
        double age = is_new ? 0 : croft_assumed(a, "used_age");
        double left = share_at(share, points, age + years) / share_at(share, points, age);
        const struct croft_quantity *of[] = {entry, &cost};
        struct croft_quantity q =
            croft_quantity_from(entry->value * left * kept, entry->value * left * kept * .15, "USD", of, 2);
        croft_quantity_add_source(&q, croft_source_of_row(a, CROFT_TABLE_RESALE, row, "H100 vintage curve"));
        return q;
    }
    double best = consumer_share(years, is_new, first->low, later->low, floor.value);
    double worst = consumer_share(years, is_new, first->high, later->high, floor.value);
    double left = consumer_share(years, is_new, first->value, later->value, floor.value);
    struct croft_quantity d1 = croft_quantity_assumed(a, "depreciation_first"),
                          d2 = croft_quantity_assumed(a, "depreciation_later");
    const struct croft_quantity *of[] = {entry, &cost, &floor, &d1, &d2};
    return croft_quantity_from(entry->value * left * kept, entry->value * (best - worst) / 2 * kept, "USD",
                               of, 5);
}

static void price(struct croft_advising *a, const struct croft_advise_card *card)
{
    const struct croft_advise_request *q = a->request;
    struct croft_report_hardware *h = &a->report->hardware;
    const struct croft_advise_price *used = find_price(a, "used"), *fresh = find_price(a, "new");
    const struct croft_advise_price *row = used != NULL ? used : fresh;
    double count = q->count;
    h->entry = h->entry_low = h->entry_high = h->resale_now = h->resale_end = croft_quantity_unknown("USD");
    if (row != NULL) {
        h->entry = times(price_quantity(a, row), count);
        h->entry_low = h->entry_high = h->entry;
        h->entry_low.value = croft_known(row->low) ? row->low * count : h->entry.value;
        h->entry_high.value = croft_known(row->high) ? row->high * count : h->entry.value;
    }
    if (croft_known(q->price))
        h->entry = h->entry_low = h->entry_high =
            times(croft_quantity_user(a, q->price, "USD", "--price"), count);
    if (used != NULL) {
        struct croft_quantity cost = croft_quantity_assumed(a, "sale_cost"),
                              now = times(price_quantity(a, used), count);
        const struct croft_quantity *of[] = {&now, &cost};
        h->resale_now = croft_quantity_from(now.value * (1 - cost.value), now.error, "USD", of, 2);
    }
    if (croft_known(h->entry.value))
        h->resale_end = resale_end(a, card, used == NULL);
    else
        croft_ask(a, "price of the card", true, "--price USD", "No price of a %s is in the data.",
                  card->name);
    if (croft_known(q->resale))
        h->resale_end = times(croft_quantity_user(a, q->resale, "USD", "--resale"), count);
}

/* ---- power ---- */

static const struct croft_advise_watts *find_watts(const struct croft_advising *a)
{
    CROFT_EACH_ROW(croft_advise_watts, w, a->data, CROFT_TABLE_WATTS)
    if (strcmp(w->gpu_id, a->request->card_id) == 0)
        return w;
    return NULL;
}

static struct croft_quantity around_cards(struct croft_advising *a, const struct croft_advise_watts *row,
                                          double watts)
{
    struct croft_quantity machine = croft_quantity_assumed(a, "machine_watts");
    struct croft_quantity cards = times(croft_quantity_row(a, CROFT_TABLE_WATTS, &row->row, row->gpu_id, "W",
                                                           watts, (double)NAN, (double)NAN),
                                        a->request->count);
    const struct croft_quantity *of[] = {&cards, &machine};
    return croft_quantity_from(cards.value + machine.value, hypot(cards.error, machine.error), "W", of, 2);
}

static void power(struct croft_advising *a, const struct croft_advise_card *card)
{
    const struct croft_advise_request *q = a->request;
    struct croft_report_hardware *h = &a->report->hardware;
    const struct croft_advise_watts *row = find_watts(a);
    h->watts_load = h->watts_idle = croft_quantity_unknown("W");
    if (croft_known(q->watts))
        h->watts_load = croft_quantity_user(a, q->watts, "W", "--watts");
    else if (row != NULL && croft_known(row->load_w))
        h->watts_load = around_cards(a, row, row->load_w);
    else
        croft_ask(a, "watts under load", true, "--watts W",
                  "Nobody has measured a %s under load; its rated %g W say too much. Give what the whole "
                  "machine takes "
                  "from the wall.",
                  card->name, card->tdp_w);
    if (croft_known(q->watts_idle)) {
        h->watts_idle = croft_quantity_user(a, q->watts_idle, "W", "--idle-watts");
    } else if (row != NULL && croft_known(row->idle_w)) {
        h->watts_idle = around_cards(a, row, row->idle_w);
    } else if (croft_known(h->watts_load.value)) {
        struct croft_quantity part = croft_quantity_assumed(a, "idle_fraction");
        const struct croft_quantity *of[] = {&h->watts_load, &part};
        h->watts_idle = croft_quantity_from(h->watts_load.value * part.value,
                                            h->watts_load.value * part.error, "W", of, 2);
        croft_ask(
            a, "watts when idle", false, "--idle-watts W",
            "Idle power is taken as %.0f %% of the power under load; most machines take less. Measure it.",
            part.value * 100);
    }
}

/* ---- all of it ---- */

static struct croft_quantity machine_fact(struct croft_advising *a, double value, const char *unit,
                                          const char *option)
{
    if (!croft_known(value))
        return croft_quantity_unknown(unit);
    return a->request->read_from_machine ? croft_quantity_measured(a, value, unit, option + 2)
                                         : croft_quantity_user(a, value, unit, option);
}

croft_err croft_advise_hardware(struct croft_advising *a)
{
    const struct croft_advise_request *q = a->request;
    struct croft_report_hardware *h = &a->report->hardware;
    const struct croft_advise_card *card = croft_advise_card(a->data, q->card_id);
    if (card == NULL)
        return croft_advise_find_card(a->data, q->card_id, (double)NAN, &card, a->why);
    h->card = card;
    h->read_from_machine = q->read_from_machine;
    h->count = q->count;
    h->os = q->os;
    classify(a, card);
    h->vram_gb = croft_quantity_row(a, CROFT_TABLE_CARDS, &card->row, card->id, "GB", card->vram_gb,
                                    (double)NAN, (double)NAN);
    h->tdp_w = croft_quantity_row(a, CROFT_TABLE_CARDS, &card->row, card->id, "W", card->tdp_w, (double)NAN,
                                  (double)NAN);
    h->vram_gb.error = h->tdp_w.error = 0; /* what a maker states is what it is */
    h->ram_gb = machine_fact(a, q->ram_gb, "GB", "--ram");
    h->disk_gb = machine_fact(a, q->disk_gb, "GB", "--disk");
    h->mbps_down = machine_fact(a, q->mbps_down, "Mbit/s", "--mbps down");
    h->mbps_up = machine_fact(a, q->mbps_up, "Mbit/s", "--mbps up");
    bool enterprise = strcmp(card->class_name, "enterprise") == 0;
    h->availability =
        croft_known(q->availability)
            ? croft_quantity_user(a, q->availability, "", "--availability")
            : croft_quantity_assumed(a, enterprise ? "availability_enterprise" : "availability");
    price(a, card);
    power(a, card);
    return CROFT_OK;
}
