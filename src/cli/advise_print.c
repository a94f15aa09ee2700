/* The report for people: a table for each question, 80 columns at most. */
#include "cli/advise_int.h"

#include "cli/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 80, NAME_COLUMNS = 18, CELL_MAX = 80 };

/* ---- text ---- */

/* Characters, not bytes: what is no continuation byte begins one. */
static size_t width(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

void croft_advise_print_wrapped(const char *lead, const char *next_lead, const char *text)
{
    size_t used = width(lead, strlen(lead));
    printf("%s", lead);
    for (bool first = true; *text != '\0'; first = false) {
        size_t len = strcspn(text, " "), wide = width(text, len);
        if (!first && used + 1 + wide > COLUMNS) {
            printf("\n%s", next_lead);
            used = width(next_lead, strlen(next_lead));
        } else if (!first) {
            putchar(' ');
            used++;
        }
        printf("%.*s", (int)len, text);
        used += wide;
        text += len;
        text += strspn(text, " ");
    }
    putchar('\n');
}

/* The lines after the first are indented as far as the lead, but not beyond a quarter of the line. */
static void print_wrapped(const char *lead, const char *text)
{
    static const char blanks[COLUMNS + 1] = "                    ";
    size_t indent = width(lead, strlen(lead)), most = COLUMNS / 4;
    croft_advise_print_wrapped(lead, blanks + (indent < most ? most - indent : most - 4), text);
}

static void print_head(const struct croft_cli *c, const char *question)
{
    printf("\n%s%s%s\n", c->color ? "\033[1m" : "", question, c->color ? "\033[0m" : "");
}

/* At most `columns` characters, the last two dots where more was there. */
static void cut(const char *text, size_t columns, char out[CELL_MAX])
{
    size_t at = 0, n = 0, total = width(text, strlen(text));
    for (; text[at] != '\0' && at < CELL_MAX - 4; at++) {
        bool begins = ((unsigned char)text[at] & 0xc0) != 0x80;
        if (begins && n == (total > columns ? columns - 2 : columns))
            break;
        n += begins;
        out[at] = text[at];
    }
    snprintf(out + at, CELL_MAX - at, "%s", total > columns ? ".." : "");
}

static const char *name_of(const struct croft_report_network *n, char out[CELL_MAX])
{
    cut(n->of->name, NAME_COLUMNS, out);
    return out;
}

/* ---- numbers: "?" for what is not known ---- */

static const char *money(double usd, char out[CELL_MAX])
{
    snprintf(out, CELL_MAX, fabs(usd) < 1000 ? "%.2f" : "%.0f", fabs(usd) < .005 ? 0 : usd);
    if (!croft_known(usd))
        snprintf(out, CELL_MAX, "?");
    return out;
}

static const char *percent(double share, char out[CELL_MAX])
{
    snprintf(out, CELL_MAX, "%.0f %%", share * 100);
    if (!croft_known(share))
        snprintf(out, CELL_MAX, "?");
    return out;
}

static const char *plain(double value, const char *format_unit, char out[CELL_MAX])
{
    snprintf(out, CELL_MAX, fabs(value) < 1000 ? "%.4g %s" : "%.0f %s", value, format_unit);
    if (!croft_known(value))
        snprintf(out, CELL_MAX, "?");
    return out;
}

/* What the figures of a network rest on: * stale, ~ uncertain. */
static const char *marks(const struct croft_advise_report *r, const struct croft_report_network *n,
                         char out[CELL_MAX])
{
    bool stale = false, low = false;
    for (size_t i = 0; i < CROFT_INPUTS; i++) {
        stale = stale || croft_quantity_is_stale(r, &n->input[i]);
        low = low || croft_quantity_is_low(r, &n->input[i]);
    }
    snprintf(out, CELL_MAX, "%s%s", stale ? "*" : "", low ? "~" : "");
    return out;
}

static const char *quantity_marks(const struct croft_advise_report *r, const struct croft_quantity *q)
{
    bool stale = croft_quantity_is_stale(r, q), low = croft_quantity_is_low(r, q);
    return stale && low ? " *~" : stale ? " *" : low ? " ~" : "";
}

static croft_err start(struct croft_cli *c, const struct croft_column *column, size_t count,
                       struct croft_listing **out)
{
    *out = croft_listing_new(c, column, count);
    return *out != NULL ? CROFT_OK : croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
}

/* ---- hardware ---- */

static void add_fact(struct croft_listing *l, const struct croft_advise_report *r, const char *name,
                     const struct croft_quantity *q)
{
    char value[CELL_MAX], rests[CELL_MAX], source[CELL_MAX], cell[CELL_MAX + 4];
    size_t used = 0;
    if (!croft_known(q->value))
        return;
    snprintf(cell, sizeof cell, "%s%s", plain(q->value, q->unit, value), quantity_marks(r, q));
    source[0] = '\0';
    for (u8 i = 0; i < q->sources && used < sizeof source - 8; i++)
        used +=
            (size_t)snprintf(source + used, sizeof source - used, "%s%u", i > 0 ? " " : "", q->source[i] + 1);
    cut(source, 20, rests);
    croft_listing_row(l, (const char *const[]){name, cell, rests});
}

static croft_err print_hardware(struct croft_cli *c, const struct croft_advise_report *r)
{
    static const struct croft_column column[] = {{"WHAT", false}, {"VALUE", true}, {"SOURCES", false}};
    const struct croft_report_hardware *h = &r->hardware;
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) = NULL;
    char line[200], date[CROFT_DATE_TEXT_MAX];
    croft_date_format(r->date, date);
    print_head(c, "What is my hardware?");
    snprintf(line, sizeof line, "%u x %s: %s class, as of %s.", h->count, h->card->name, h->class_name, date);
    print_wrapped("", line);
    for (size_t i = 0; i < h->reasons; i++)
        print_wrapped("  - ", h->reason[i]);
    CROFT_TRY(start(c, column, CROFT_COUNT(column), &l));
    add_fact(l, r, "entry cost", &h->entry);
    add_fact(l, r, "  from", &h->entry_low);
    add_fact(l, r, "  to", &h->entry_high);
    add_fact(l, r, "sold today", &h->resale_now);
    add_fact(l, r, "sold at the end", &h->resale_end);
    add_fact(l, r, "power under load", &h->watts_load);
    add_fact(l, r, "power when idle", &h->watts_idle);
    add_fact(l, r, "time online", &h->availability);
    add_fact(l, r, "price of power", &r->power.tariff);
    return croft_listing_print(c, l);
}

/* ---- networks ---- */

/* What stands in the way first, else what is not known, else what is left to the owner. */
static const char *first_obstacle(const struct croft_report_network *n)
{
    static const enum croft_met order[] = {CROFT_MET_NO, CROFT_MET_UNKNOWN, CROFT_MET_YOURS};
    for (size_t k = 0; k < CROFT_COUNT(order); k++)
        for (size_t i = 0; i < n->requirements; i++)
            if (n->requirement[i].met == order[k])
                return n->requirement[i].text;
    return "";
}

static croft_err print_takers(struct croft_cli *c, const struct croft_advise_report *r)
{
    static const struct croft_column column[] = {
        {"NETWORK", false}, {"TAKES IT", false}, {"BECAUSE", false}, {"PAYS IN", false}, {"MIN USD", true}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) = NULL;
    char name[CELL_MAX], why[CELL_MAX], pays[CELL_MAX], least[CELL_MAX];
    print_head(c, "Which networks would take it?");
    CROFT_TRY(start(c, column, CROFT_COUNT(column), &l));
    for (size_t i = 0; i < r->networks; i++) {
        const struct croft_report_network *n = r->network[i];
        cut(first_obstacle(n), 32, why);
        cut(n->of->paid_in, 10, pays);
        croft_listing_row(
            l, (const char *const[]){name_of(n, name),
                                     n->takes == CROFT_MET_UNKNOWN ? "maybe" : croft_met_name(n->takes), why,
                                     pays, plain(n->payout_min.value, "", least)});
    }
    return croft_listing_print(c, l);
}

static void print_requirements(const struct croft_report_network *n)
{
    char lead[CELL_MAX];
    for (size_t i = 0; i < n->requirements; i++) {
        const struct croft_requirement *q = &n->requirement[i];
        snprintf(lead, sizeof lead, "  %-12s %-8s ", q->label,
                 q->met == CROFT_MET_YOURS ? "yours" : croft_met_name(q->met));
        print_wrapped(lead, q->text);
    }
    for (size_t i = 0; i < n->risks; i++)
        print_wrapped("  risk         ", n->risk[i]);
    if (n->of->schedule[0] != '\0')
        print_wrapped("  pays         ", n->of->schedule);
}

/* In full when few networks were asked about. */
static void print_details(struct croft_cli *c, const struct croft_advise_report *r)
{
    enum { FEW = 3 };
    for (size_t i = 0; r->networks <= FEW && i < r->networks; i++) {
        print_head(c, r->network[i]->of->name);
        print_requirements(r->network[i]);
    }
}

static size_t complete(const struct croft_advise_report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->networks; i++)
        n += croft_known(r->network[i]->day.net);
    return n;
}

/* The one input that most networks wait for, where nobody would look for it at the end of the page. */
static void print_waiting(const struct croft_advise_report *r)
{
    char text[256];
    u32 waiting = 0;
    for (size_t i = 0; i < r->questions; i++)
        waiting += r->question[i].needed && strncmp(r->question[i].option, "--utilisation ", 14) == 0;
    if (waiting == 0)
        return;
    snprintf(text, sizeof text,
             "%u network%s not in this table: how much of the time your card would be rented there is published "
             "nowhere. Say what you expect, such as --utilisation 60%%.",
             waiting, waiting == 1 ? " is" : "s are");
    print_wrapped("", text);
}

static croft_err print_left(struct croft_cli *c, const struct croft_advise_report *r)
{
    static const struct croft_column column[] = {
        {"NETWORK", false}, {"GROSS", true}, {"POWER", true}, {"WEAR", true},      {"CASH", true},
        {"DEPREC", true},   {"NET", true},   {"ERROR", true}, {"SHOWN AS", false}, {"", false}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) = NULL;
    char cell[9][CELL_MAX];
    print_head(c, "What is left? USD a day");
    for (size_t i = 0; i < r->statements; i++)
        print_wrapped("", r->statement[i].text);
    CROFT_TRY(start(c, column, CROFT_COUNT(column), &l));
    for (size_t i = 0; i < r->networks; i++) {
        const struct croft_report_network *n = r->network[i];
        const struct croft_advise_day *d = &n->day;
        if (!croft_known(d->net))
            continue;
        const char *shown = n->shown == CROFT_SHOWN_WITHIN_ERROR ? "no profit" : croft_shown_name(n->shown);
        croft_listing_row(
            l, (const char *const[]){
                   name_of(n, cell[0]), money(d->gross, cell[1]), money(d->electricity, cell[2]),
                   money(d->failures, cell[3]), money(d->cash, cell[4]), money(d->depreciation, cell[5]),
                   money(d->net, cell[6]), money(n->net_error, cell[7]), shown, marks(r, n, cell[8])});
    }
    print_waiting(r);
    if (complete(r) == 0)
        print_wrapped(
            "", "No network has all its inputs yet; what is missing stands under \"What is not known?\".");
    else
        print_wrapped(
            "", "\"no profit\": the error of the inputs is larger than the figure, so it proves nothing.");
    return croft_listing_print(c, l);
}

static croft_err print_chance(struct croft_cli *c, const struct croft_advise_report *r)
{
    static const struct croft_column column[] = {{"NETWORK", false}, {"P5", true},       {"P25", true},
                                                 {"P50", true},      {"P95", true},      {"NPV P50", true},
                                                 {"P(LOSS)", true},  {"WORST 5 %", true}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) = NULL;
    char cell[8][CELL_MAX], head[CELL_MAX];
    snprintf(head, sizeof head, "How sure is that? Net USD a day in %u futures of %u months", r->paths,
             r->months);
    CROFT_TRY(start(c, column, CROFT_COUNT(column), &l));
    bool any = false;
    for (size_t i = 0; i < r->networks; i++) {
        const struct croft_report_network *n = r->network[i];
        const struct croft_simulation *s = &n->simulation;
        if (!n->simulated)
            continue;
        any = true;
        croft_listing_row(l, (const char *const[]){
                                 name_of(n, cell[0]), money(s->net_day.p5, cell[1]),
                                 money(s->net_day.p25, cell[2]), money(s->net_day.p50, cell[3]),
                                 money(s->net_day.p95, cell[4]), money(s->sell.npv.p50, cell[5]),
                                 percent(s->sell.loss_probability, cell[6]), money(s->sell.cvar_5, cell[7])});
    }
    if (any)
        print_head(c, head);
    return croft_listing_print(c, l);
}

static const char *even(const struct croft_break_even *e, bool share, char out[CELL_MAX])
{
    double value = share ? e->at.value * 100 : e->at.value;
    if (e->answer == CROFT_EVEN_UNKNOWN)
        return "?";
    if (e->answer == CROFT_EVEN_NEVER && croft_known(value) && share)
        snprintf(out, CELL_MAX, "never (%.0f %%)", value);
    else if (e->answer != CROFT_EVEN_VALUE)
        snprintf(out, CELL_MAX, "%s", croft_even_name(e->answer));
    else
        snprintf(out, CELL_MAX, share ? "%.0f %%" : "%.3f", value);
    return out;
}

static const char *paid(enum croft_paid answer, u32 months, char out[CELL_MAX])
{
    snprintf(out, CELL_MAX, "%u", months);
    return answer == CROFT_PAID_MONTHS ? out : answer == CROFT_PAID_NEVER ? "never" : "?";
}

static croft_err print_even(struct croft_cli *c, const struct croft_advise_report *r)
{
    static const struct croft_column column[] = {{"NETWORK", false},     {"RENTED, CASH", true},
                                                 {"RENTED, FULL", true}, {"USD/KWH", true},
                                                 {"MONTHS", true},       {"SIMULATED P50", true}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) = NULL;
    char cell[7][CELL_MAX];
    CROFT_TRY(start(c, column, CROFT_COUNT(column), &l));
    bool any = false;
    for (size_t i = 0; i < r->networks; i++) {
        const struct croft_report_network *n = r->network[i];
        u32 p50 = n->simulation.payback[2];
        if (!n->has_curve)
            continue;
        any = true;
        croft_listing_row(l, (const char *const[]){
                                 name_of(n, cell[0]), even(&n->utilisation_cash, true, cell[1]),
                                 even(&n->utilisation_full, true, cell[2]), even(&n->tariff, false, cell[3]),
                                 paid(n->payback, n->payback_months, cell[4]),
                                 !n->simulated ? "?"
                                 : p50 > 0     ? paid(CROFT_PAID_MONTHS, p50, cell[5])
                                               : "never"});
    }
    if (any)
        print_head(c, "What has to be true? Break-even, and months until it is paid back");
    return croft_listing_print(c, l);
}

static croft_err print_currency(struct croft_cli *c, const struct croft_advise_report *r)
{
    static const struct croft_column column[] = {{"NETWORK", false}, {"TOKEN", false}, {"SELL P5", true},
                                                 {"P50", true},      {"LOSS", true},   {"HOLD P5", true},
                                                 {"P50", true},      {"LOSS", true}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) = NULL;
    char cell[8][CELL_MAX];
    CROFT_TRY(start(c, column, CROFT_COUNT(column), &l));
    bool any = false;
    for (size_t i = 0; i < r->networks; i++) {
        const struct croft_report_network *n = r->network[i];
        const struct croft_policy *sell = &n->simulation.sell, *hold = &n->simulation.hold;
        if (!n->simulated || n->of->token[0] == '\0' || !croft_known(n->volatility.value))
            continue;
        any = true;
        cut(n->of->token, 8, cell[7]);
        croft_listing_row(
            l, (const char *const[]){name_of(n, cell[0]), cell[7], money(sell->npv.p5, cell[1]),
                                     money(sell->npv.p50, cell[2]), percent(sell->loss_probability, cell[3]),
                                     money(hold->npv.p5, cell[4]), money(hold->npv.p50, cell[5]),
                                     percent(hold->loss_probability, cell[6])});
    }
    if (any)
        print_head(c, "Sell on receipt, or hold? NPV in USD");
    return croft_listing_print(c, l);
}

static const struct croft_report_network *best(const struct croft_advise_report *r)
{
    return r->networks > 0 && r->network[0]->bars > 0 ? r->network[0] : NULL;
}

static croft_err print_tornado(struct croft_cli *c, const struct croft_advise_report *r)
{
    static const struct croft_column column[] = {{"INPUT", false},      {"FROM", true},      {"TO", true},
                                                 {"NET AT FROM", true}, {"NET AT TO", true}, {"", false}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) = NULL;
    const struct croft_report_network *n = best(r);
    char cell[4][CELL_MAX], head[CELL_MAX * 2], name[CELL_MAX];
    if (n == NULL)
        return CROFT_OK;
    snprintf(head, sizeof head, "What matters most on %s? USD a day", name_of(n, name));
    print_head(c, head);
    CROFT_TRY(start(c, column, CROFT_COUNT(column), &l));
    for (size_t i = 0; i < n->bars; i++) {
        const struct croft_tornado_bar *b = &n->bar[i];
        const struct croft_quantity *q = &n->input[b->input];
        croft_listing_row(l,
                          (const char *const[]){croft_input_label(b->input), plain(b->low, q->unit, cell[0]),
                                                plain(b->high, q->unit, cell[1]), money(b->net_low, cell[2]),
                                                money(b->net_high, cell[3]), quantity_marks(r, q)});
    }
    return croft_listing_print(c, l);
}

/* ---- words ---- */

static void print_verdicts(struct croft_cli *c, const struct croft_advise_report *r)
{
    char lead[CELL_MAX];
    bool any = false;
    for (size_t i = 0; i < r->networks; i++) {
        const struct croft_report_network *n = r->network[i];
        if (n->status != CROFT_STATUS_COMPLETE)
            continue;
        if (!any)
            print_head(c, "Own it, or buy it for this?");
        any = true;
        printf("%s\n", n->of->name);
        snprintf(lead, sizeof lead, "  you own it: %s. ", croft_own_name(n->own));
        print_wrapped(lead, n->own_text);
        snprintf(lead, sizeof lead, "  you would buy it: %s. ", croft_buy_name(n->buy));
        print_wrapped(lead, n->buy_text);
    }
}

static void print_history(struct croft_cli *c, const struct croft_advise_report *r)
{
    if (r->histories > 0)
        print_head(c, "What did it earn, against the forecast?");
    for (size_t i = 0; i < r->histories; i++)
        print_wrapped("  ", r->history[i].text);
}

static void print_advice(struct croft_cli *c, const struct croft_advise_report *r)
{
    char lead[16];
    if (r->advices > 0)
        print_head(c, "What to do?");
    for (size_t i = 0; i < r->advices; i++) {
        snprintf(lead, sizeof lead, "  %u. ", r->advice[i].rule);
        print_wrapped(lead, r->advice[i].text);
    }
}

/* What is asked of many networks alike, as one question: by the option that answers it. */
static const struct shared_question {
    const char *option, *lead, *text;
} shared_question[] = {
    {"--utilisation ", "--utilisation SHARE, or NETWORK=SHARE",
     "How much of the time the card is rented; nobody publishes it for:"},
    {"--rate ", "--rate NETWORK=USD", "What an hour of the card, or the line, brings its owner; not published by:"},
    {"--fee ", "--fee NETWORK=SHARE", "What the host does not get of what buyers pay; not published by:"},
};

static bool is_of(const struct croft_question *q, const struct shared_question *shared)
{
    return q->needed && strncmp(q->option, shared->option, strlen(shared->option)) == 0;
}

static bool is_shared(const struct croft_question *q)
{
    for (size_t i = 0; i < CROFT_COUNT(shared_question); i++)
        if (is_of(q, &shared_question[i]))
            return true;
    return false;
}

/* The networks' names out of options like "--fee vast=SHARE". */
static void print_shared(const struct croft_advise_report *r, const struct shared_question *shared)
{
    char line[1200] = "";
    size_t used = 0;
    for (size_t i = 0; i < r->questions; i++) {
        if (!is_of(&r->question[i], shared))
            continue;
        const char *name = r->question[i].option + strlen(shared->option);
        int len = (int)strcspn(name, "=");
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%.*s", used > 0 ? ", " : "", len, name);
        if (used >= sizeof line)
            break;
    }
    if (used == 0)
        return;
    print_wrapped("  ", shared->text);
    croft_advise_print_wrapped("    ", "    ", line);
    print_wrapped("    ", shared->lead);
}

static bool has_needed(const struct croft_advise_report *r)
{
    for (size_t i = 0; i < r->questions; i++)
        if (r->question[i].needed)
            return true;
    return false;
}

static void print_questions(struct croft_cli *c, const struct croft_advise_report *r)
{
    for (int needed = 1; needed >= 0; needed--) {
        bool any = needed == 1 && has_needed(r);
        if (any)
            print_head(c, "What is not known? Nothing is computed without it");
        for (size_t i = 0; any && i < CROFT_COUNT(shared_question); i++)
            print_shared(r, &shared_question[i]);
        for (size_t i = 0; i < r->questions; i++) {
            const struct croft_question *q = &r->question[i];
            if (q->needed != (needed == 1) || is_shared(q))
                continue;
            if (!any)
                print_head(c, "What would make it better?");
            any = true;
            print_wrapped("  ", q->text);
            print_wrapped("    ", q->option);
        }
    }
}

static void print_sources(struct croft_cli *c, const struct croft_advise_report *r)
{
    char line[800], date[CROFT_DATE_TEXT_MAX], lead[32];
    print_head(c, "Where is that from? * older than 180 days, ~ uncertain");
    for (size_t i = 0; i < r->sources; i++) {
        const struct croft_source *s = &r->source[i];
        croft_date_format(s->as_of, date);
        snprintf(lead, sizeof lead, "%3zu ", i + 1);
        snprintf(line, sizeof line, "%s%s%s %s %s: %s", date,
                 croft_date_is_stale(s->as_of, r->date) ? "*" : "",
                 s->confidence == CROFT_CONFIDENCE_LOW ? "~" : "", s->table, s->row, s->text);
        print_wrapped(lead, line);
    }
}

static void print_rests(struct croft_cli *c, const struct croft_advise_report *r)
{
    char line[600], name[CELL_MAX];
    const struct croft_quantity *of[CROFT_INPUTS];
    if (complete(r) > 0)
        print_head(c, "What does each network rest on? Numbers of sources");
    for (size_t i = 0; i < r->networks; i++) {
        const struct croft_report_network *n = r->network[i];
        if (!croft_known(n->day.net))
            continue;
        size_t used = (size_t)snprintf(line, sizeof line, "%s: %u", name_of(n, name), n->source + 1);
        for (size_t k = 0; k < CROFT_INPUTS; k++) {
            of[0] = &n->input[k];
            for (u8 s = 0; s < of[0]->sources && used < sizeof line - 8; s++)
                used += (size_t)snprintf(line + used, sizeof line - used, " %u", of[0]->source[s] + 1);
        }
        print_wrapped("  ", line);
    }
}

croft_err croft_advise_print(struct croft_cli *c, const struct croft_advise_report *r)
{
    CROFT_TRY(print_hardware(c, r));
    CROFT_TRY(print_takers(c, r));
    print_details(c, r);
    CROFT_TRY(print_left(c, r));
    CROFT_TRY(print_chance(c, r));
    CROFT_TRY(print_even(c, r));
    CROFT_TRY(print_currency(c, r));
    CROFT_TRY(print_tornado(c, r));
    print_verdicts(c, r);
    print_history(c, r);
    print_advice(c, r);
    print_questions(c, r);
    print_rests(c, r);
    print_sources(c, r);
    return CROFT_OK;
}
