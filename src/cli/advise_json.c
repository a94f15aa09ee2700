/* The report as JSON, field for field as docs/spec/advise.schema.json has it. */
#include "cli/advise_int.h"

#include "cli/version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* jansson's setters refuse a NULL value, so one flag tells at the end that memory was used up anywhere. */
struct out {
    const struct croft_advise_report *report;
    bool failed;
};

static void put(struct out *o, json_t *to, const char *name, json_t *value)
{
    if (json_object_set_new(to, name, value) != 0)
        o->failed = true;
}

static void append(struct out *o, json_t *to, json_t *value)
{
    if (json_array_append_new(to, value) != 0)
        o->failed = true;
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value == 0 ? 0 : value) : json_null(); /* no -0 */
}

static json_t *text(const char *value)
{
    return value != NULL && value[0] != '\0' ? json_string(value) : json_null();
}

static json_t *count(u64 value)
{
    return json_integer((json_int_t)value);
}

static void put_text(struct out *o, json_t *to, const char *name, const char *value)
{
    put(o, to, name, json_string(value != NULL ? value : ""));
}

static json_t *numbers(struct out *o, const double *value, size_t values)
{
    json_t *array = json_array();
    for (size_t i = 0; i < values; i++)
        append(o, array, number(value[i]));
    return array;
}

static json_t *refs(struct out *o, const struct croft_quantity *q)
{
    json_t *array = json_array();
    for (u8 i = 0; i < q->sources; i++)
        append(o, array, count(q->source[i]));
    return array;
}

static json_t *one_ref(struct out *o, u16 source)
{
    json_t *array = json_array();
    append(o, array, count(source));
    return array;
}

static void put_quantity(struct out *o, json_t *to, const char *name, const struct croft_quantity *q)
{
    json_t *json = json_object();
    put(o, json, "value", number(q->value));
    put_text(o, json, "unit", q->unit);
    put(o, json, "sources", refs(o, q));
    if (q->error > 0 && isfinite(q->error) && croft_known(q->value))
        put(o, json, "error", number(q->error));
    put(o, to, name, json);
}

static void put_date(struct out *o, json_t *to, const char *name, struct croft_date date)
{
    char buffer[CROFT_DATE_TEXT_MAX];
    croft_date_format(date, buffer);
    put(o, to, name, text(buffer));
}

/* ---- the parts that all networks share ---- */

static json_t *sources(struct out *o)
{
    const struct croft_advise_report *r = o->report;
    json_t *array = json_array();
    for (size_t i = 0; i < r->sources; i++) {
        const struct croft_source *s = &r->source[i];
        json_t *json = json_object();
        put_text(o, json, "kind", croft_source_kind_name(s->kind));
        put_text(o, json, "table", s->table);
        put_text(o, json, "row", s->row);
        put_text(o, json, "text", s->text);
        put_date(o, json, "as_of", s->as_of);
        put(o, json, "age_days", count((u64)croft_date_age_days(s->as_of, r->date)));
        put_text(o, json, "confidence", croft_confidence_name(s->confidence));
        put(o, json, "stale", json_boolean(croft_date_is_stale(s->as_of, r->date)));
        append(o, array, json);
    }
    return array;
}

static json_t *hardware(struct out *o)
{
    const struct croft_report_hardware *h = &o->report->hardware;
    json_t *json = json_object(), *reasons = json_array();
    for (size_t i = 0; i < h->reasons; i++)
        append(o, reasons, json_string(h->reason[i]));
    put_text(o, json, "read_from", h->read_from_machine ? "this machine" : "options");
    put_text(o, json, "card", h->card->id);
    put_text(o, json, "name", h->card->name);
    put_text(o, json, "vendor", h->card->vendor);
    put(o, json, "count", count(h->count));
    put_text(o, json, "class", h->class_name);
    put(o, json, "class_reasons", reasons);
    put_quantity(o, json, "vram_gb", &h->vram_gb);
    put_text(o, json, "ecc", h->card->ecc[0] != '\0' ? h->card->ecc : "unknown");
    put_quantity(o, json, "tdp_w", &h->tdp_w);
    put_quantity(o, json, "ram_gb", &h->ram_gb);
    put_quantity(o, json, "disk_gb", &h->disk_gb);
    put_quantity(o, json, "mbps_down", &h->mbps_down);
    put_quantity(o, json, "mbps_up", &h->mbps_up);
    put(o, json, "os", text(h->os));
    put_quantity(o, json, "availability", &h->availability);
    put_text(o, json, "uptime_capability", h->uptime_text);
    put_quantity(o, json, "entry_cost", &h->entry);
    put_quantity(o, json, "entry_cost_low", &h->entry_low);
    put_quantity(o, json, "entry_cost_high", &h->entry_high);
    put_quantity(o, json, "resale_now", &h->resale_now);
    put_quantity(o, json, "resale_end", &h->resale_end);
    put_quantity(o, json, "watts_load", &h->watts_load);
    put_quantity(o, json, "watts_idle", &h->watts_idle);
    return json;
}

static json_t *electricity(struct out *o)
{
    const struct croft_report_power *p = &o->report->power;
    json_t *json = json_object();
    put(o, json, "place", text(p->place));
    put_quantity(o, json, "tariff", &p->tariff);
    put_quantity(o, json, "day", &p->day);
    put_quantity(o, json, "night", &p->night);
    put_quantity(o, json, "night_hours", &p->night_hours);
    put_quantity(o, json, "solar_share", &p->solar_share);
    put_quantity(o, json, "solar_value", &p->solar_value);
    return json;
}

static json_t *statements(struct out *o)
{
    json_t *array = json_array();
    for (size_t i = 0; i < o->report->statements; i++) {
        const struct croft_statement *s = &o->report->statement[i];
        json_t *json = json_object();
        put_text(o, json, "what", s->what);
        put_text(o, json, "network", s->network->id);
        put_text(o, json, "text", s->text);
        put_quantity(o, json, "rate", &s->rate);
        put_text(o, json, "side", s->side);
        put_quantity(o, json, "utilisation_low", &s->utilisation_low);
        put_quantity(o, json, "utilisation_high", &s->utilisation_high);
        put_quantity(o, json, "gross_low", &s->gross_low);
        put_quantity(o, json, "gross_high", &s->gross_high);
        put_quantity(o, json, "left_low", &s->left_low);
        put_quantity(o, json, "left_high", &s->left_high);
        append(o, array, json);
    }
    return array;
}

static json_t *questions(struct out *o)
{
    json_t *array = json_array();
    for (size_t i = 0; i < o->report->questions; i++) {
        const struct croft_question *q = &o->report->question[i];
        json_t *json = json_object();
        put_text(o, json, "what", q->what);
        put_text(o, json, "option", q->option);
        put_text(o, json, "text", q->text);
        put(o, json, "needed", json_boolean(q->needed));
        append(o, array, json);
    }
    return array;
}

static json_t *advice(struct out *o)
{
    json_t *array = json_array();
    for (size_t i = 0; i < o->report->advices; i++) {
        const struct croft_advice *a = &o->report->advice[i];
        json_t *json = json_object();
        put(o, json, "rule", count(a->rule));
        put(o, json, "network", text(a->network));
        put_text(o, json, "text", a->text);
        put(o, json, "sources", refs(o, &a->about));
        append(o, array, json);
    }
    return array;
}

static json_t *assumptions(struct out *o)
{
    json_t *array = json_array();
    for (size_t i = 0; i < o->report->assumptions; i++) {
        const struct croft_advise_assumption *a = o->report->assumption[i];
        char option[80];
        json_t *json = json_object();
        snprintf(option, sizeof option, "--set %s=%s", a->name, croft_known(a->value) ? "" : "VALUE");
        if (croft_known(a->value))
            snprintf(option, sizeof option, "--set %s=%g", a->name, a->value);
        put_text(o, json, "name", a->name);
        put_text(o, json, "text", a->text);
        put_quantity(o, json, "quantity", &o->report->assumption_value[i]);
        put_text(o, json, "option", option);
        append(o, array, json);
    }
    return array;
}

static json_t *history(struct out *o)
{
    json_t *array = json_array();
    for (size_t i = 0; i < o->report->histories; i++) {
        const struct croft_history *h = &o->report->history[i];
        json_t *json = json_object(), *parts = json_array();
        for (size_t k = 0; k < h->parts; k++) {
            json_t *part = json_object();
            put_text(o, part, "input", h->part[k].input);
            put_quantity(o, part, "forecast", &h->part[k].forecast);
            put_quantity(o, part, "measured", &h->part[k].measured);
            put_quantity(o, part, "effect_day", &h->part[k].effect_day);
            append(o, parts, part);
        }
        put_text(o, json, "network", h->network);
        put(o, json, "days", count(h->days));
        put_quantity(o, json, "forecast_day", &h->forecast_day);
        put_quantity(o, json, "earned_day", &h->earned_day);
        put(o, json, "replaces", json_boolean(h->replaces));
        put_text(o, json, "text", h->text);
        put(o, json, "parts", parts);
        append(o, array, json);
    }
    return array;
}

/* ---- a network ---- */

static json_t *requirements(struct out *o, const struct croft_report_network *n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n->requirements; i++) {
        const struct croft_requirement *r = &n->requirement[i];
        json_t *json = json_object();
        put_text(o, json, "what", r->what);
        put_text(o, json, "label", r->label);
        put_text(o, json, "met", croft_met_name(r->met));
        put_text(o, json, "text", r->text);
        put_quantity(o, json, "need", &r->need);
        put_quantity(o, json, "have", &r->have);
        put(o, json, "short_by", number(r->short_by));
        if (r->question >= 0)
            put(o, json, "question", json_integer(r->question));
        append(o, array, json);
    }
    return array;
}

static json_t *payout(struct out *o, const struct croft_report_network *n)
{
    json_t *json = json_object();
    put(o, json, "asset", text(n->of->paid_in));
    put(o, json, "token", text(n->of->token));
    put(o, json, "schedule", text(n->of->schedule));
    put_quantity(o, json, "minimum", &n->payout_min);
    put_quantity(o, json, "days_to_minimum", &n->days_to_min);
    put_quantity(o, json, "lockup_days", &n->lockup_days);
    put_quantity(o, json, "settle_days", &n->settle_days);
    put_quantity(o, json, "host_fee", &n->host_fee);
    put_quantity(o, json, "buyer_fee", &n->buyer_fee);
    put_quantity(o, json, "stake", &n->stake);
    put_quantity(o, json, "stake_usd", &n->stake_usd);
    put(o, json, "sources", one_ref(o, n->source));
    return json;
}

static json_t *rate(struct out *o, const struct croft_report_network *n)
{
    json_t *json = json_object(), *others = json_array(), *holder = json_object();
    put(o, json, "side", text(n->rate.side));
    put_quantity(o, json, "taken", &n->rate.taken);
    put_quantity(o, json, "low", &n->rate.low);
    put_quantity(o, json, "high", &n->rate.high);
    put_quantity(o, json, "idle", &n->rate.idle);
    for (size_t i = 0; i < n->rate.others; i++) {
        put_quantity(o, holder, "q", &n->rate.other[i]);
        append(o, others, json_incref(json_object_get(holder, "q")));
    }
    json_decref(holder);
    put(o, json, "others", others);
    return json;
}

/* Money of one period, from the day's, with the sources of the inputs it follows from. */
static void put_money(struct out *o, json_t *to, const char *name, const struct croft_report_network *n,
                      double day, double error, enum croft_period period, const enum croft_input *of,
                      size_t inputs)
{
    static const char *const unit[] = {"USD/day", "USD/month", "USD/year"};
    static const double days[] = {1, CROFT_DAYS_PER_MONTH, CROFT_DAYS_PER_YEAR};
    const struct croft_quantity *from[CROFT_INPUTS];
    for (size_t i = 0; i < inputs; i++)
        from[i] = &n->input[of[i]];
    struct croft_quantity q =
        croft_quantity_from(day * days[period], error * days[period], unit[period], from, inputs);
    put_quantity(o, to, name, &q);
}

static json_t *per(struct out *o, const struct croft_report_network *n, enum croft_period period)
{
    static const enum croft_input gross[] = {CROFT_IN_RATE, CROFT_IN_RATE_IDLE, CROFT_IN_FEE,
                                             CROFT_IN_UTILISATION, CROFT_IN_AVAILABILITY};
    static const enum croft_input power[] = {CROFT_IN_WATTS_LOAD, CROFT_IN_WATTS_IDLE, CROFT_IN_TARIFF,
                                             CROFT_IN_UTILISATION, CROFT_IN_AVAILABILITY};
    static const enum croft_input line[] = {CROFT_IN_BANDWIDTH}, tax[] = {CROFT_IN_TAX};
    static const enum croft_input fail[] = {CROFT_IN_FAILURES, CROFT_IN_VALUE_NOW, CROFT_IN_VALUE_END};
    static const enum croft_input fall[] = {CROFT_IN_VALUE_NOW, CROFT_IN_VALUE_END, CROFT_IN_MONTHS};
    static const enum croft_input all[] = {CROFT_IN_RATE,       CROFT_IN_UTILISATION, CROFT_IN_WATTS_LOAD,
                                           CROFT_IN_WATTS_IDLE, CROFT_IN_TARIFF,      CROFT_IN_FAILURES,
                                           CROFT_IN_VALUE_NOW,  CROFT_IN_VALUE_END};
    const struct croft_advise_day *d = &n->day;
    json_t *json = json_object();
    put_money(o, json, "gross", n, d->gross, 0, period, gross, CROFT_COUNT(gross));
    put_money(o, json, "electricity", n, d->electricity, 0, period, power, CROFT_COUNT(power));
    put_money(o, json, "bandwidth", n, d->bandwidth, 0, period, line, CROFT_COUNT(line));
    put_money(o, json, "failures", n, d->failures, 0, period, fail, CROFT_COUNT(fail));
    put_money(o, json, "tax", n, d->tax, 0, period, tax, CROFT_COUNT(tax));
    put_money(o, json, "cash", n, d->cash, n->cash_error, period, all, CROFT_COUNT(all));
    put_money(o, json, "depreciation", n, d->depreciation, 0, period, fall, CROFT_COUNT(fall));
    put_money(o, json, "net", n, d->net, n->net_error, period, all, CROFT_COUNT(all));
    return json;
}

static json_t *inputs(struct out *o, const struct croft_report_network *n)
{
    json_t *json = json_object();
    for (enum croft_input i = 0; i < CROFT_INPUTS; i++)
        put_quantity(o, json, croft_input_name(i), &n->input[i]);
    return json;
}

static void put_even(struct out *o, json_t *to, const char *name, const struct croft_break_even *e)
{
    json_t *json = json_object();
    put_text(o, json, "answer", croft_even_name(e->answer));
    put_quantity(o, json, "quantity", &e->at);
    put(o, to, name, json);
}

static json_t *payback(struct out *o, enum croft_paid answer, u32 months)
{
    json_t *json = json_object();
    put_text(o, json, "answer", croft_paid_name(answer));
    put(o, json, "months", answer == CROFT_PAID_MONTHS ? count(months) : json_null());
    return json;
}

static json_t *quantiles(struct out *o, const struct croft_quantiles *q)
{
    json_t *json = json_object();
    put(o, json, "p5", number(q->p5));
    put(o, json, "p25", number(q->p25));
    put(o, json, "p50", number(q->p50));
    put(o, json, "p75", number(q->p75));
    put(o, json, "p95", number(q->p95));
    put(o, json, "mean", number(q->mean));
    return json;
}

static json_t *fan(struct out *o, const struct croft_report_network *n)
{
    static const char *const name[] = {"p5", "p25", "p50", "p75", "p95"};
    u32 months = o->report->months;
    json_t *json = json_object(), *month = json_array();
    for (u32 m = 0; m <= months; m++)
        append(o, month, count(m));
    put(o, json, "month", month);
    for (size_t i = 0; i < CROFT_COUNT(name); i++) {
        json_t *array = json_array();
        for (u32 m = 0; m <= months; m++) {
            const struct croft_quantiles *q = &n->simulation.fan[m];
            const double of[] = {q->p5, q->p25, q->p50, q->p75, q->p95};
            append(o, array, number(of[i]));
        }
        put(o, json, name[i], array);
    }
    return json;
}

static json_t *histogram(struct out *o, const struct croft_simulation *s)
{
    json_t *json = json_object(), *counts = json_array();
    for (size_t i = 0; i < CROFT_HISTOGRAM_BINS; i++)
        append(o, counts, count(s->bin[i]));
    put(o, json, "edges", numbers(o, s->edge, CROFT_HISTOGRAM_BINS + 1));
    put(o, json, "counts", counts);
    return json;
}

static json_t *simulation(struct out *o, const struct croft_report_network *n)
{
    static const char *const name[] = {"p5", "p25", "p50", "p75", "p95"};
    const struct croft_simulation *s = &n->simulation;
    const struct croft_quantity *of[CROFT_INPUTS];
    if (!n->simulated)
        return json_null();
    for (size_t i = 0; i < CROFT_INPUTS; i++)
        of[i] = &n->input[i];
    struct croft_quantity all = croft_quantity_from(0, 0, "", of, CROFT_INPUTS);
    json_t *json = json_object(), *paid = json_object();
    for (size_t i = 0; i < CROFT_COUNT(name); i++)
        put(o, paid, name[i],
            payback(o, s->payback[i] > 0 ? CROFT_PAID_MONTHS : CROFT_PAID_NEVER, s->payback[i]));
    put(o, json, "sources", refs(o, &all));
    put(o, json, "net_day", quantiles(o, &s->net_day));
    put(o, json, "npv", quantiles(o, &s->sell.npv));
    put(o, json, "loss_probability", number(s->sell.loss_probability));
    put(o, json, "cvar_5", number(s->sell.cvar_5));
    put(o, json, "payback", paid);
    put(o, json, "payback_never_share", number(s->never_share));
    put(o, json, "histogram", histogram(o, s));
    put(o, json, "fan", fan(o, n));
    return json;
}

static json_t *policy(struct out *o, const struct croft_policy *p, bool there)
{
    if (!there)
        return json_null();
    json_t *json = json_object();
    put(o, json, "npv", quantiles(o, &p->npv));
    put(o, json, "loss_probability", number(p->loss_probability));
    put(o, json, "cvar_5", number(p->cvar_5));
    return json;
}

static json_t *currency(struct out *o, const struct croft_report_network *n)
{
    json_t *json = json_object();
    bool token = n->of->token[0] != '\0';
    put(o, json, "paid_in_token", json_boolean(token));
    put_quantity(o, json, "volatility", &n->volatility);
    put(o, json, "sell", policy(o, &n->simulation.sell, n->simulated));
    put(o, json, "hold",
        policy(o, &n->simulation.hold, n->simulated && token && croft_known(n->volatility.value)));
    put_text(o, json, "text", n->currency_text);
    return json;
}

static json_t *tornado(struct out *o, const struct croft_report_network *n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n->bars; i++) {
        const struct croft_tornado_bar *b = &n->bar[i];
        json_t *json = json_object();
        put_text(o, json, "input", croft_input_name(b->input));
        put_text(o, json, "label", croft_input_label(b->input));
        put_text(o, json, "unit", n->input[b->input].unit);
        put(o, json, "low", number(b->low));
        put(o, json, "high", number(b->high));
        put(o, json, "net_low", number(b->net_low));
        put(o, json, "net_high", number(b->net_high));
        put(o, json, "swing", number(fabs(b->net_high - b->net_low)));
        put(o, json, "sources", refs(o, &n->input[b->input]));
        append(o, array, json);
    }
    return array;
}

static json_t *power_cap(struct out *o, const struct croft_report_network *n)
{
    json_t *json = json_object(), *curve = json_array();
    for (size_t i = 0; i < n->cap_points; i++) {
        json_t *point = json_object();
        put(o, point, "cap_w", number(n->cap_point[i].cap_w));
        put(o, point, "performance", number(n->cap_point[i].performance));
        put(o, point, "margin_h", number(n->cap_point[i].margin_h));
        append(o, curve, point);
    }
    put_text(o, json, "answer", croft_cap_name(n->cap));
    put(o, json, "best_w", number(n->cap_best_w));
    put(o, json, "gain_day", number(n->cap_gain_day));
    put(o, json, "curve", curve);
    put_text(o, json, "text", n->cap_text);
    put(o, json, "sources", n->cap != CROFT_CAP_UNKNOWN ? one_ref(o, n->cap_source) : json_array());
    return json;
}

static json_t *utilisation_curve(struct out *o, const struct croft_report_network *n)
{
    size_t points = n->has_curve ? CROFT_CURVE_POINTS : 0;
    json_t *json = json_object(), *at = json_array();
    for (size_t i = 0; i < points; i++)
        append(o, at, number((double)i / (CROFT_CURVE_POINTS - 1)));
    put(o, json, "utilisation", at);
    put(o, json, "gross", numbers(o, n->curve_gross, points));
    put(o, json, "cash", numbers(o, n->curve_cash, points));
    put(o, json, "net", numbers(o, n->curve_net, points));
    return json;
}

static json_t *answer(struct out *o, const char *name, const char *words)
{
    json_t *json = json_object();
    put_text(o, json, "answer", name);
    put_text(o, json, "text", words);
    return json;
}

static void put_lists(struct out *o, json_t *json, const struct croft_report_network *n)
{
    json_t *risks = json_array(), *asked = json_array(), *verdict = json_object();
    for (size_t i = 0; i < n->risks; i++) {
        json_t *risk = json_object();
        put_text(o, risk, "text", n->risk[i]);
        put(o, risk, "sources", one_ref(o, n->source));
        append(o, risks, risk);
    }
    for (size_t i = 0; i < n->questions; i++)
        append(o, asked, count(n->question[i]));
    put(o, verdict, "own", answer(o, croft_own_name(n->own), n->own_text));
    put(o, verdict, "buy", answer(o, croft_buy_name(n->buy), n->buy_text));
    put(o, json, "risks", risks);
    put(o, json, "verdict", verdict);
    put(o, json, "questions", asked);
}

static void put_results(struct out *o, json_t *json, const struct croft_report_network *n)
{
    const struct croft_quantity *of[] = {&n->input[CROFT_IN_VALUE_NOW], &n->input[CROFT_IN_VALUE_END],
                                         &n->input[CROFT_IN_DISCOUNT], &n->input[CROFT_IN_RATE],
                                         &n->input[CROFT_IN_UTILISATION]};
    struct croft_quantity npv = croft_quantity_from(n->npv, 0, "USD", of, CROFT_COUNT(of));
    json_t *even = json_object();
    put(o, json, "day", per(o, n, CROFT_PER_DAY));
    put(o, json, "month", per(o, n, CROFT_PER_MONTH));
    put(o, json, "year", per(o, n, CROFT_PER_YEAR));
    put_text(o, json, "profit_shown", croft_shown_name(n->shown));
    put_even(o, even, "tariff", &n->tariff);
    put_even(o, even, "utilisation_cash", &n->utilisation_cash);
    put_even(o, even, "utilisation_full", &n->utilisation_full);
    put(o, json, "break_even", even);
    put(o, json, "payback", payback(o, n->payback, n->payback_months));
    put_quantity(o, json, "npv", &npv);
}

static json_t *network(struct out *o, const struct croft_report_network *n)
{
    json_t *json = json_object();
    put_text(o, json, "id", n->of->id);
    put_text(o, json, "name", n->of->name);
    put_text(o, json, "kind", n->of->kind);
    put_text(o, json, "status", croft_status_name(n->status));
    put_text(o, json, "takes", croft_met_name(n->takes));
    put(o, json, "requirements", requirements(o, n));
    put(o, json, "payout", payout(o, n));
    put(o, json, "rate", rate(o, n));
    put(o, json, "inputs", inputs(o, n));
    put_results(o, json, n);
    put(o, json, "simulation", simulation(o, n));
    put(o, json, "currency", currency(o, n));
    put(o, json, "tornado", tornado(o, n));
    put(o, json, "power_cap", power_cap(o, n));
    put(o, json, "utilisation_curve", utilisation_curve(o, n));
    put_lists(o, json, n);
    return json;
}

/* ---- all of it ---- */

static json_t *build(struct out *o)
{
    json_t *json = json_object();
    put_text(o, json, "version", CROFT_VERSION);
    put_date(o, json, "data", o->report->data_newest);
    return json;
}

static json_t *report_json(struct out *o)
{
    const struct croft_advise_report *r = o->report;
    char seed[24];
    json_t *json = json_object(), *networks = json_array();
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->seed);
    for (size_t i = 0; i < r->networks; i++)
        append(o, networks, network(o, r->network[i]));
    put(o, json, "format", count(1));
    put_text(o, json, "report", "croft-advise");
    put(o, json, "build", build(o));
    put_date(o, json, "date", r->date);
    put_text(o, json, "seed", seed);
    put(o, json, "paths", count(r->paths));
    put(o, json, "months", count(r->months));
    put(o, json, "sources", sources(o));
    put(o, json, "hardware", hardware(o));
    put(o, json, "electricity", electricity(o));
    put(o, json, "statements", statements(o));
    put(o, json, "networks", networks);
    put(o, json, "questions", questions(o));
    put(o, json, "advice", advice(o));
    put(o, json, "assumptions", assumptions(o));
    put(o, json, "history", history(o));
    return json;
}

char *croft_advise_json_text(const struct croft_advise_report *report)
{
    enum { SIGNIFICANT_DIGITS = 6 };
    struct out o = {.report = report};
    json_t *json = report_json(&o);
    char *line = o.failed ? NULL : json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(SIGNIFICANT_DIGITS));
    json_decref(json);
    return line;
}
