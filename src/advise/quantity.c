/* Numbers that know where they come from, text that lives in the report's arena, and questions. */
#include "advise/advise_int.h"

#include "base/assert.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 600 };

CROFT_PRINTF(2, 0) static const char *text_of(struct croft_advising *a, const char *fmt, va_list args)
{
    char text[TEXT_MAX];
    int len = vsnprintf(text, sizeof text, fmt, args);
    CROFT_ASSERT(len >= 0);
    size_t size = strlen(text) + 1;
    char *copy = croft_new(a->mem, char, size);
    if (copy == NULL) {
        a->out_of_memory = true;
        return "";
    }
    memcpy(copy, text, size);
    return copy;
}

const char *croft_text(struct croft_advising *a, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = text_of(a, fmt, args);
    va_end(args);
    return text;
}

const char *croft_money(struct croft_advising *a, double usd)
{
    bool cents = fabs(usd) < 1000;
    bool below = cents ? usd <= -.005 : usd < 0;
    return croft_text(a, cents ? "%s$%.2f" : "%s$%.0f", below ? "-" : "", fabs(usd));
}

/* ---- quantities ---- */

struct croft_quantity croft_quantity_plain(double value, const char *unit)
{
    return (struct croft_quantity){.value = value, .unit = unit};
}

struct croft_quantity croft_quantity_unknown(const char *unit)
{
    return croft_quantity_plain((double)NAN, unit);
}

void croft_quantity_add_source(struct croft_quantity *q, u16 source)
{
    for (u8 i = 0; i < q->sources; i++)
        if (q->source[i] == source)
            return;
    if (q->sources < CROFT_REFS_MAX)
        q->source[q->sources++] = source;
}

struct croft_quantity croft_quantity_from(double value, double error, const char *unit,
                                          const struct croft_quantity *const *of, size_t count)
{
    struct croft_quantity q = {.value = value, .error = error, .unit = unit};
    for (size_t i = 0; i < count; i++)
        for (u8 k = 0; k < of[i]->sources; k++)
            croft_quantity_add_source(&q, of[i]->source[k]);
    return q;
}

/* ---- sources ---- */

static u16 add_source(struct croft_advising *a, const struct croft_source *source)
{
    struct croft_advise_report *r = a->report;
    for (size_t i = 0; i < r->sources; i++)
        if (r->source[i].of == source->of && strcmp(r->source[i].row, source->row) == 0)
            return (u16)i;
    if (r->sources == CROFT_SOURCES_MAX) {
        a->out_of_memory = true;
        return 0;
    }
    r->source[r->sources] = *source;
    return (u16)r->sources++;
}

u16 croft_source_of_row(struct croft_advising *a, enum croft_advise_table table,
                        const struct croft_advise_row *row, const char *what)
{
    struct croft_source source = {.kind = row->kind,
                                  .table = croft_advise_schemas[table]->name,
                                  .row = what,
                                  .text = row->source,
                                  .as_of = row->as_of,
                                  .confidence = row->confidence,
                                  .of = row};
    return add_source(a, &source);
}

static struct croft_quantity said(struct croft_advising *a, enum croft_source_kind kind, double value,
                                  const char *unit, const char *table, const char *text)
{
    struct croft_source source = {.kind = kind, .table = table, .text = text, .as_of = a->request->date};
    struct croft_quantity q = {
        .value = value, .error = fabs(value) * croft_assumed(a, "error_high"), .unit = unit};
    source.row = croft_text(a, "%.6g%s%s", value, unit[0] != '\0' ? " " : "", unit);
    source.of = table;
    croft_quantity_add_source(&q, add_source(a, &source));
    return q;
}

struct croft_quantity croft_quantity_user(struct croft_advising *a, double value, const char *unit,
                                          const char *option)
{
    return said(a, CROFT_SOURCE_USER, value, unit, option, "given on the command line");
}

struct croft_quantity croft_quantity_measured(struct croft_advising *a, double value, const char *unit,
                                              const char *what)
{
    return said(a, CROFT_SOURCE_MEASURED, value, unit, what, "measured on this machine");
}

/* Share of a value that its row may be off. */
static double row_error(const struct croft_advising *a, const struct croft_advise_row *row)
{
    static const char *const name[] = {"error_high", "error_medium", "error_low"};
    double error = croft_assumed(a, name[row->confidence]);
    return error + (croft_date_is_stale(row->as_of, a->request->date) ? croft_assumed(a, "error_stale") : 0);
}

struct croft_quantity croft_quantity_row(struct croft_advising *a, enum croft_advise_table table,
                                         const struct croft_advise_row *row, const char *what,
                                         const char *unit, double value, double low, double high)
{
    struct croft_quantity q = {.value = croft_advise_middle(value, low, high), .unit = unit};
    double range = croft_known(low) && croft_known(high) ? (high - low) / 2 : 0;
    q.error = fmax(range, fabs(q.value) * row_error(a, row));
    croft_quantity_add_source(&q, croft_source_of_row(a, table, row, what));
    return q;
}

struct croft_quantity croft_quantity_assumed(struct croft_advising *a, const char *name)
{
    const struct croft_advise_assumption *of = croft_advise_assumption(a->data, name);
    struct croft_quantity q = {.value = of->value, .unit = of->unit};
    if (!croft_known(of->value))
        return q;
    bool own = of->row.kind == CROFT_SOURCE_USER;
    q.error = own ? fabs(of->value) * croft_assumed(a, "error_high")
              : croft_known(of->low) && croft_known(of->high) ? (of->high - of->low) / 2
                                                              : 0;
    croft_quantity_add_source(&q, croft_source_of_row(a, CROFT_TABLE_ASSUMPTIONS, &of->row, of->name));
    return q;
}

double croft_assumed(const struct croft_advising *a, const char *name)
{
    return croft_advise_assumption(a->data, name)->value;
}

bool croft_quantity_is_stale(const struct croft_advise_report *report, const struct croft_quantity *q)
{
    for (u8 i = 0; i < q->sources; i++)
        if (croft_date_is_stale(report->source[q->source[i]].as_of, report->date))
            return true;
    return false;
}

bool croft_quantity_is_low(const struct croft_advise_report *report, const struct croft_quantity *q)
{
    for (u8 i = 0; i < q->sources; i++)
        if (report->source[q->source[i]].confidence == CROFT_CONFIDENCE_LOW)
            return true;
    return false;
}

/* ---- questions ---- */

int croft_ask(struct croft_advising *a, const char *what, bool needed, const char *option, const char *fmt,
              ...)
{
    struct croft_advise_report *r = a->report;
    for (size_t i = 0; i < r->questions; i++)
        if (strcmp(r->question[i].option, option) == 0)
            return (int)i;
    if (r->questions == CROFT_QUESTIONS_MAX) {
        a->out_of_memory = true;
        return 0;
    }
    va_list args;
    va_start(args, fmt);
    const char *text = text_of(a, fmt, args);
    va_end(args);
    r->question[r->questions] =
        (struct croft_question){.what = what, .option = option, .text = text, .needed = needed};
    return (int)r->questions++;
}

void croft_network_asks(struct croft_report_network *n, int question)
{
    CROFT_ASSERT(question >= 0);
    for (size_t i = 0; i < n->questions; i++)
        if (n->question[i] == question)
            return;
    if (n->questions < CROFT_NETWORK_QUESTIONS_MAX)
        n->question[n->questions++] = (u16)question;
}

double croft_own_value(const struct croft_own_values *values, const char *network)
{
    double all = (double)NAN;
    for (size_t i = 0; i < values->count; i++) {
        if (strcmp(values->of[i].network, network) == 0)
            return values->of[i].value;
        if (values->of[i].network[0] == '\0')
            all = values->of[i].value;
    }
    return all;
}
