/* The inputs of the model for one network, each with its sources, or the question that would supply it. */
#include "advise/advise_int.h"

#include <math.h>
#include <string.h>

static const struct croft_advise_utilisation *find_utilisation(const struct croft_advising *a,
                                                               const char *network)
{
    const struct croft_advise_utilisation *best = NULL;
    CROFT_EACH_ROW(croft_advise_utilisation, u, a->data, CROFT_TABLE_UTILISATION)
    if (strcmp(u->network, network) == 0 && croft_advise_fits(u->gpu_id, a->request->card_id) &&
        (best == NULL || u->row.kind == CROFT_SOURCE_OVERLAY))
        best = u;
    return best;
}

static struct croft_quantity utilisation(struct croft_advising *a, struct croft_report_network *n)
{
    const char *id = n->of->id;
    const struct croft_advise_utilisation *row = find_utilisation(a, id);
    double own = croft_own_value(&a->request->utilisation, id);
    struct croft_quantity q = croft_quantity_unknown("");
    if (strcmp(n->of->kind, "bandwidth") == 0)
        return croft_quantity_plain(0, ""); /* the card is not rented */
    if (croft_known(own)) {
        q = croft_quantity_user(a, own, "", "--utilisation");
        q.error = croft_assumed(a, "utilisation_error_own");
    } else if (row != NULL) {
        q = croft_quantity_row(a, CROFT_TABLE_UTILISATION, &row->row,
                               croft_text(a, "%s, %s", id, row->gpu_id), "", row->utilisation, (double)NAN,
                               (double)NAN);
        q.error = croft_assumed(a, "utilisation_error");
    } else {
        croft_network_asks(n, croft_ask(a, "time rented", true, croft_text(a, "--utilisation %s=SHARE", id),
                                        "Nobody publishes how much of the time a %s is rented on %s.",
                                        a->report->hardware.card->name, n->of->name));
    }
    return q;
}

/* What is kept back of the rate: nothing when the rate is what hosts get. */
static struct croft_quantity fee(struct croft_advising *a, struct croft_report_network *n)
{
    const char *id = n->of->id;
    double own = croft_own_value(&a->request->fee, id);
    bool host = n->rate.side != NULL && strcmp(n->rate.side, "host") == 0;
    if (croft_known(own))
        return croft_quantity_user(a, own, "", "--fee");
    if (host || strcmp(n->of->kind, "bandwidth") == 0) {
        struct croft_quantity none = croft_quantity_plain(0, "");
        none.source[0] = n->source;
        none.sources = 1;
        return none;
    }
    if (croft_known(n->of->host_fee))
        return n->host_fee;
    if (croft_known(n->rate.taken.value))
        croft_network_asks(
            n, croft_ask(a, "host's share", true, croft_text(a, "--fee %s=SHARE", id),
                         "The rate is what buyers of %s pay; what share the host does not get is not "
                         "published.",
                         n->of->name));
    return croft_quantity_unknown("");
}

static void replace_measured(struct croft_advising *a, struct croft_report_network *n)
{
    struct croft_measured m = croft_advise_measured(a, n->of->id);
    if (m.days < CROFT_HISTORY_DAYS || m.online_h <= 0)
        return;
    n->input[CROFT_IN_AVAILABILITY] =
        croft_quantity_measured(a, fmin(1, m.online_h / (24.0 * m.days)), "", "availability in the log");
    n->input[CROFT_IN_UTILISATION] =
        croft_quantity_measured(a, fmin(1, m.rented_h / m.online_h), "", "utilisation in the log");
    n->input[CROFT_IN_UTILISATION].error = croft_assumed(a, "utilisation_error_own");
    if (m.rented_h > 0) {
        n->input[CROFT_IN_RATE] =
            croft_quantity_measured(a, m.earned_usd / m.rented_h, "USD/h", "rate in the log");
        n->input[CROFT_IN_RATE_IDLE] = croft_quantity_plain(0, "USD/h");
        n->input[CROFT_IN_FEE] = croft_quantity_plain(0, "");
    }
    if (m.days > 0 && m.rented_h <= 0)
        n->input[CROFT_IN_UTILISATION].value = 0;
}

static void to_model(struct croft_report_network *n, u32 months)
{
    const struct croft_quantity *q = n->input;
    n->model = (struct croft_advise_inputs){.availability = q[CROFT_IN_AVAILABILITY].value,
                                            .utilisation = q[CROFT_IN_UTILISATION].value,
                                            .rate_h = q[CROFT_IN_RATE].value,
                                            .rate_idle_h = q[CROFT_IN_RATE_IDLE].value,
                                            .fee = q[CROFT_IN_FEE].value,
                                            .watts_load = q[CROFT_IN_WATTS_LOAD].value,
                                            .watts_idle = q[CROFT_IN_WATTS_IDLE].value,
                                            .tariff_kwh = q[CROFT_IN_TARIFF].value,
                                            .value_now = q[CROFT_IN_VALUE_NOW].value,
                                            .value_end = q[CROFT_IN_VALUE_END].value,
                                            .failures_year = q[CROFT_IN_FAILURES].value,
                                            .discount_year = q[CROFT_IN_DISCOUNT].value,
                                            .rate_fall_year = q[CROFT_IN_RATE_FALL].value,
                                            .bandwidth_day = q[CROFT_IN_BANDWIDTH].value,
                                            .tax_rate = q[CROFT_IN_TAX].value,
                                            .months = months};
}

/* Questions about the machine itself stop every network that rents cards. */
static void ask_about_machine(struct croft_advising *a, struct croft_report_network *n)
{
    const struct croft_report_hardware *h = &a->report->hardware;
    for (size_t i = 0; i < a->report->questions; i++) {
        const struct croft_question *q = &a->report->question[i];
        bool watts = strcmp(q->option, "--watts W") == 0 && !croft_known(h->watts_load.value);
        bool price = strcmp(q->option, "--price USD") == 0 && !croft_known(h->entry.value);
        bool idle = strcmp(q->option, "--idle-watts W") == 0 || strncmp(q->option, "--tariff", 8) == 0;
        if (watts || price || idle)
            croft_network_asks(n, (int)i);
    }
}

void croft_advise_inputs(struct croft_advising *a, struct croft_report_network *n, bool with_log)
{
    const struct croft_advise_request *q = a->request;
    const struct croft_report_hardware *h = &a->report->hardware;
    bool bandwidth = strcmp(n->of->kind, "bandwidth") == 0;
    struct croft_quantity *in = n->input;
    in[CROFT_IN_AVAILABILITY] = h->availability;
    in[CROFT_IN_UTILISATION] = utilisation(a, n);
    in[CROFT_IN_RATE] = n->rate.taken;
    in[CROFT_IN_RATE_IDLE] = n->rate.idle;
    in[CROFT_IN_FEE] = fee(a, n);
    in[CROFT_IN_WATTS_LOAD] = h->watts_load;
    in[CROFT_IN_WATTS_IDLE] = h->watts_idle;
    in[CROFT_IN_TARIFF] = a->report->power.tariff;
    in[CROFT_IN_VALUE_NOW] = bandwidth ? croft_quantity_plain(0, "USD") : h->entry;
    in[CROFT_IN_VALUE_END] = bandwidth ? croft_quantity_plain(0, "USD") : h->resale_end;
    in[CROFT_IN_MONTHS] = croft_quantity_plain(q->months, "month");
    in[CROFT_IN_FAILURES] = croft_quantity_assumed(a, "failure_rate");
    in[CROFT_IN_DISCOUNT] = croft_quantity_assumed(a, "discount");
    in[CROFT_IN_RATE_FALL] = croft_quantity_assumed(a, "rate_fall");
    in[CROFT_IN_BANDWIDTH] = croft_quantity_assumed(a, "bandwidth_day");
    in[CROFT_IN_TAX] = croft_known(q->tax_rate) ? croft_quantity_user(a, q->tax_rate, "", "--tax")
                                                : croft_quantity_plain(0, "");
    in[CROFT_IN_TAX].error = 0;
    if (with_log)
        replace_measured(a, n);
    ask_about_machine(a, n);
    to_model(n, q->months);
}

bool croft_advise_is_complete(const struct croft_report_network *n)
{
    for (size_t i = 0; i < CROFT_INPUTS; i++)
        if (!croft_known(n->input[i].value))
            return false;
    return true;
}
