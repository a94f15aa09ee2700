/* Rule 4: the power limit that leaves most, r perf(W) - W p, from a measured curve of the card. */
#include "advise/advise_int.h"

#include <math.h>
#include <string.h>

static const struct croft_advise_power *points_of(const struct croft_advising *a,
                                                  struct croft_report_network *n)
{
    const struct croft_advise_power *any = NULL;
    double rate = n->model.rate_h / a->request->count * (1 - n->model.fee),
           per_w = n->model.tariff_kwh / 1000;
    CROFT_EACH_ROW(croft_advise_power, p, a->data, CROFT_TABLE_POWER_CURVES)
    {
        if (strcmp(p->gpu_id, a->request->card_id) != 0 || n->cap_points == CROFT_CAP_POINTS_MAX)
            continue;
        n->cap_point[n->cap_points++] =
            (struct croft_cap_point){p->cap_w, p->performance, rate * p->performance - p->cap_w * per_w};
        any = p;
    }
    return any;
}

void croft_advise_cap(struct croft_advising *a, struct croft_report_network *n)
{
    size_t best = 0, top = 0;
    n->cap = CROFT_CAP_UNKNOWN;
    n->cap_best_w = n->cap_gain_day = (double)NAN;
    if (!croft_known(n->model.rate_h) || !croft_known(n->model.fee) ||
        strcmp(n->of->kind, "bandwidth") == 0) {
        n->cap_text = "The rate is not known.";
        return;
    }
    const struct croft_advise_power *row = points_of(a, n);
    if (row == NULL) {
        n->cap_text = "No measured curve of performance against power is known for this card.";
        return;
    }
    for (size_t i = 1; i < n->cap_points; i++) {
        best = n->cap_point[i].margin_h > n->cap_point[best].margin_h ? i : best;
        top = n->cap_point[i].cap_w > n->cap_point[top].cap_w ? i : top;
    }
    const struct croft_cap_point *b = &n->cap_point[best], *t = &n->cap_point[top];
    double hours = 24 * n->model.availability * n->model.utilisation * a->request->count;
    n->cap_source = croft_source_of_row(a, CROFT_TABLE_POWER_CURVES, &row->row, row->gpu_id);
    n->cap = best != top ? CROFT_CAP_YES : CROFT_CAP_NONE;
    n->cap_best_w = b->cap_w;
    n->cap_gain_day = croft_known(hours) ? (b->margin_h - t->margin_h) * hours : (double)NAN;
    n->cap_text =
        best != top
            ? croft_text(a, "A limit of %g W leaves most, if pay follows speed: %.1f %% slower, %g W less.",
                         b->cap_w, (1 - b->performance) * 100, t->cap_w - b->cap_w)
            : croft_text(a,
                         "No limit: at this rate the speed that a limit costs is worth more than its power.");
}
