/* The figures of a fixed set of reports, one a line with all their digits: what builds_test.py compares
 * between builds. */
#include "advise/advise.h"
#include "advise/builtin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(const char *card, const char *network, const char *what, double value)
{
    printf("%s %s %s %.17g\n", card, network, what, value);
}

static void print_policy(const char *card, const char *id, const struct croft_policy *p)
{
    print(card, id, "npv_p5", p->npv.p5);
    print(card, id, "npv_p50", p->npv.p50);
    print(card, id, "npv_p95", p->npv.p95);
    print(card, id, "npv_mean", p->npv.mean);
    print(card, id, "loss", p->loss_probability);
    print(card, id, "cvar", p->cvar_5);
}

static void print_network(const char *card, const struct croft_report_network *n, u32 months)
{
    const char *id = n->of->id;
    print(card, id, "gross", n->day.gross);
    print(card, id, "net", n->day.net);
    print(card, id, "error", n->net_error);
    print(card, id, "npv", n->npv);
    print(card, id, "payback", n->payback_months);
    if (!n->simulated)
        return;
    print(card, id, "net_p25", n->simulation.net_day.p25);
    print_policy(card, id, &n->simulation.sell);
    print_policy(card, id, &n->simulation.hold);
    for (u32 m = 1; m <= months; m++)
        print(card, id, "fan_p5", n->simulation.fan[m].p5);
}

static croft_err report(const char *card, u64 seed, struct croft_arena mem, struct croft_why *why)
{
    struct croft_advise_data data;
    struct croft_advise_request q = croft_advise_request_empty();
    const struct croft_advise_report *r;
    q.date = (struct croft_date){2026, 11, 22};
    q.card_id = card;
    q.seed = seed;
    q.paths = 4000;
    q.price = 3000;
    q.watts = 500;
    q.rate = (struct croft_own_values){.of = {{"croft", .31}, {"ionet", .4}}, .count = 2};
    q.fee = (struct croft_own_values){.of = {{"", .2}}, .count = 1};
    q.utilisation = (struct croft_own_values){.of = {{"", .57}}, .count = 1};
    CROFT_TRY(croft_advise_data_load(croft_advise_builtin, croft_advise_builtin_count, &mem, &data, why));
    CROFT_TRY(croft_advise(&data, &q, &mem, &r, why));
    for (size_t i = 0; i < r->networks; i++)
        print_network(card, r->network[i], r->months);
    return CROFT_OK;
}

int main(void)
{
    static const char *const card[] = {"rtx3060_12", "rtx4090", "h100_pcie"};
    struct croft_region region;
    struct croft_why why = {""};
    if (!croft_region_map(&region, (size_t)256 << 20))
        return 1;
    for (u64 i = 0; i < CROFT_COUNT(card); i++) {
        if (report(card[i], i + 1, croft_region_arena(&region), &why) != CROFT_OK) {
            fprintf(stderr, "figures: %s\n", why.text);
            return 1;
        }
    }
    return 0;
}
