#include "advise/advise.h"

#include "advise/builtin.h"
#include "base/testing.h"

#include <math.h>
#include <string.h>

static struct croft_region region;
static struct croft_advise_data data;

static struct croft_advise_request ask(const char *card)
{
    struct croft_advise_request q = croft_advise_request_empty();
    q.date = (struct croft_date){2026, 11, 22};
    q.card_id = card;
    q.paths = 500;
    return q;
}

static struct croft_arena fresh(void)
{
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_why why;
    assert_int_equal(
        croft_advise_data_load(croft_advise_builtin, croft_advise_builtin_count, &mem, &data, &why),
        CROFT_OK);
    return mem;
}

static const struct croft_advise_report *answer(const struct croft_advise_request *q, struct croft_arena *mem)
{
    const struct croft_advise_report *r;
    struct croft_why why = {""};
    if (croft_advise(&data, q, mem, &r, &why) != CROFT_OK)
        fail_msg("%s", why.text);
    return r;
}

static const struct croft_report_network *find(const struct croft_advise_report *r, const char *id)
{
    for (size_t i = 0; i < r->networks; i++)
        if (strcmp(r->network[i]->of->id, id) == 0)
            return r->network[i];
    fail_msg("no network %s", id);
    return NULL;
}

static bool asks(const struct croft_advise_report *r, const struct croft_report_network *n,
                 const char *option)
{
    for (size_t i = 0; i < n->questions; i++)
        if (strcmp(r->question[n->question[i]].option, option) == 0)
            return true;
    return false;
}

static void test_statement_of_the_issue(void **state)
{
    (void)state;
    struct croft_arena mem = fresh();
    struct croft_advise_request q = ask("rtx4090");
    const struct croft_advise_report *r = answer(&q, &mem);
    assert_int_equal(r->statements, 2);
    const struct croft_statement *host = &r->statement[0], *newest = &r->statement[1];
    assert_string_equal(host->network->id, "nosana");
    assert_true(host->rate.value == .2909 && host->utilisation_low.value == .46 &&
                host->utilisation_high.value == 1);
    assert_true(host->gross_low.value > 3 && host->gross_high.value < 7);
    assert_true(host->left_low.value < host->gross_low.value - 2);
    assert_non_null(strstr(host->text, "grosses $3.05 to $6.63 a day"));
    assert_non_null(strstr(host->text, "2026-07"));
    assert_string_equal(newest->network->id, "runpod_community");
    assert_non_null(strstr(newest->text, "at most"));
    assert_non_null(strstr(newest->text, "2026-11-09"));
}

/* What no source says stays unknown, and the option that supplies it is named. */
static void test_empty_cells_are_asked_for(void **state)
{
    (void)state;
    struct croft_arena mem = fresh();
    struct croft_advise_request q = ask("rtx4090");
    const struct croft_advise_report *r = answer(&q, &mem);
    const struct croft_report_network *nosana = find(r, "nosana"), *vast = find(r, "vast"),
                                      *akash = find(r, "akash");
    assert_true(asks(r, nosana, "--utilisation nosana=SHARE") && asks(r, vast, "--fee vast=SHARE"));
    assert_true(asks(r, akash, "--rate akash=USD") && asks(r, find(r, "croft"), "--croft-rate USD"));
    for (size_t i = 0; i < r->networks; i++) {
        const struct croft_report_network *n = r->network[i];
        bool needs = false;
        for (size_t k = 0; k < n->questions; k++)
            needs = needs || r->question[n->question[k]].needed;
        assert_true(needs ==
                    !croft_known(n->day.net)); /* no figure without its inputs, none held back with them */
        assert_false(n->simulated && needs);
    }
    assert_int_equal(nosana->own, CROFT_OWN_UNKNOWN);
    assert_true(nosana->has_curve && croft_known(nosana->utilisation_full.at.value)); /* as far as it goes */

    q = ask("rtx4070"); /* nobody measured its watts or knows its price */
    r = answer(&q, &mem);
    nosana = find(r, "nosana");
    assert_true(asks(r, nosana, "--watts W") && asks(r, nosana, "--price USD"));
    assert_false(croft_known(r->hardware.watts_load.value) || croft_known(r->hardware.entry.value));
}

/* The known answers once more, by way of options. */
static void test_a_complete_network(void **state)
{
    (void)state;
    struct croft_arena mem = fresh();
    struct croft_advise_request q = ask("rtx4090");
    struct croft_why why;
    assert_int_equal(croft_advise_data_set(&data, "failure_rate", .09, "case", q.date, &mem, &why), CROFT_OK);
    q.watts = 510;
    q.watts_idle = 90;
    q.price = 2500;
    q.resale = 1500;
    q.tariff = .165;
    q.utilisation = (struct croft_own_values){.of = {{"nosana", .6}}, .count = 1};
    const struct croft_advise_report *r = answer(&q, &mem);
    const struct croft_report_network *n = r->network[0];
    assert_string_equal(n->of->id, "nosana");
    assert_true(fabs(n->day.net - .8312) < 5e-5 && fabs(n->npv - 197.14) < .005 && n->payback_months == 38);
    assert_true(n->simulated && n->bars >= 5);
    for (size_t i = 1; i < n->bars; i++)
        assert_true(fabs(n->bar[i - 1].net_high - n->bar[i - 1].net_low) >=
                    fabs(n->bar[i].net_high - n->bar[i].net_low));
    for (size_t i = 0; i < CROFT_INPUTS; i++)
        assert_true(n->input[i].sources > 0 || i == CROFT_IN_MONTHS || i == CROFT_IN_TAX ||
                    i == CROFT_IN_RATE_IDLE);
    /* What is smaller than its error is not called a profit, and what needs more than is expected is not
     * advised. */
    assert_true((n->shown == CROFT_SHOWN_PROFIT) == (n->day.net > n->net_error));
    if (n->shown == CROFT_SHOWN_WITHIN_ERROR)
        assert_int_not_equal(n->buy, CROFT_BUY_YES);
    q.utilisation.of[0].value = .4; /* below the 44 % of the full break-even */
    r = answer(&q, &mem);
    assert_int_equal(find(r, "nosana")->buy, CROFT_BUY_NO);
    assert_non_null(strstr(find(r, "nosana")->buy_text, "only if already owned"));
}

static void test_more_cards_scale(void **state)
{
    (void)state;
    struct croft_arena mem = fresh();
    struct croft_advise_request q = ask("rtx4090");
    q.utilisation = (struct croft_own_values){.of = {{"", .6}}, .count = 1};
    const struct croft_report_network *one = find(answer(&q, &mem), "nosana");
    q.count = 4;
    const struct croft_advise_report *r = answer(&q, &mem);
    const struct croft_report_network *four = find(r, "nosana");
    assert_true(fabs(four->day.gross - 4 * one->day.gross) < 1e-9);
    assert_true(fabs(r->hardware.entry.value - 10000) < 1e-9);
    assert_true(r->hardware.watts_load.value == 4 * 375 + 65);
    assert_true(find(r, "ionet")->stake.value == 4 * 200 * 1.25);
}

static void test_requirements(void **state)
{
    (void)state;
    struct croft_arena mem = fresh();
    struct croft_advise_request q = ask("rx7900xtx");
    q.os = "linux";
    q.mbps_down = 60;
    q.mbps_up = 60;
    const struct croft_advise_report *r = answer(&q, &mem);
    const struct croft_report_network *nosana = find(r, "nosana");
    assert_int_equal(nosana->takes, CROFT_MET_NO);
    assert_int_equal(nosana->status, CROFT_STATUS_NOT_TAKEN);
    assert_int_equal(nosana->own, CROFT_OWN_NOT_TAKEN);
    bool vendor = false, line = false;
    for (size_t i = 0; i < nosana->requirements; i++) {
        const struct croft_requirement *x = &nosana->requirement[i];
        vendor = vendor || (strcmp(x->what, "vendor") == 0 && x->met == CROFT_MET_NO);
        line = line || (strcmp(x->what, "mbps_down") == 0 && x->met == CROFT_MET_NO && x->short_by == 40);
    }
    assert_true(vendor && line);
    assert_int_equal(find(r, "salad")->takes, CROFT_MET_NO); /* Windows */
}

static void test_electricity(void **state)
{
    (void)state;
    struct croft_arena mem = fresh();
    struct croft_advise_request q = ask("rtx4090");
    struct croft_why why;
    q.tariff = .30;
    q.night = .15;
    q.night_hours = 8;
    q.solar_share = .25;
    q.solar_value = .08;
    assert_true(fabs(answer(&q, &mem)->power.tariff.value - (.75 * (.30 * 16 + .15 * 8) / 24 + .25 * .08)) <
                1e-12);
    q = ask("rtx4090");
    q.place = "germany"; /* the row in dollars, unless the euro is known */
    assert_true(fabs(answer(&q, &mem)->power.tariff.value - .365) < 1e-12);
    assert_int_equal(croft_advise_data_set(&data, "eur_usd", 1.1, "me", q.date, &mem, &why), CROFT_OK);
    assert_true(fabs(answer(&q, &mem)->power.tariff.value - .384 * 1.1) < 1e-12);
}

/* A log of days in which the card was rented less than was said. */
static void test_log(void **state)
{
    (void)state;
    struct croft_arena mem = fresh();
    struct croft_advise_request q = ask("rtx4090");
    struct croft_advise_earning day[20];
    q.utilisation = (struct croft_own_values){.of = {{"nosana", .6}}, .count = 1};
    q.availability = 1;
    for (int i = 0; i < 20; i++)
        day[i] = (struct croft_advise_earning){.network = "nosana",
                                               .online_h = 24,
                                               .rented_h = 24 * .41,
                                               .earned_usd = 24 * .41 * .2909,
                                               .kwh = 5};
    struct croft_table log = {.schema = &croft_advise_earnings_schema, .rows = (u8 *)day, .count = 20};
    q.earnings = &log;
    const struct croft_advise_report *r = answer(&q, &mem);
    assert_int_equal(r->histories, 1);
    assert_string_equal(r->history[0].text,
                        "Nosana: forecast $4.19, earned $2.86 a day over 20 days, because utilisation "
                        "was 41 % and not 60 %.");
    assert_true(r->history[0].replaces && fabs(find(r, "nosana")->model.utilisation - .41) < 1e-9);
    log.count = CROFT_HISTORY_DAYS - 1;
    r = answer(&q, &mem);
    assert_false(r->history[0].replaces);
    assert_true(find(r, "nosana")->model.utilisation == .6);
}

static void refused(const struct croft_advise_request *q, croft_err want, const char *says)
{
    struct croft_arena mem = fresh();
    const struct croft_advise_report *r;
    struct croft_why why = {""};
    assert_int_equal(croft_advise(&data, q, &mem, &r, &why), want);
    if (strstr(why.text, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why.text, says);
}

static void test_nonsense(void **state)
{
    (void)state;
    struct croft_advise_request q = ask("rtx4090");
    q.tariff = -.1;
    refused(&q, CROFT_ERR_OVERFLOW, "--tariff");
    q = ask("rtx4090");
    q.utilisation = (struct croft_own_values){.of = {{"", 3}}, .count = 1};
    refused(&q, CROFT_ERR_OVERFLOW, "--utilisation must be 0 to 1, not 3");
    q.utilisation = (struct croft_own_values){.of = {{"nowhere", .5}}, .count = 1};
    refused(&q, CROFT_ERR_NOT_FOUND, "there is no network nowhere");
    q = ask("rtx4090");
    q.place = "Atlantis";
    refused(&q, CROFT_ERR_NOT_FOUND, "Atlantis");
    q = ask("rtx4090");
    q.months = 0;
    refused(&q, CROFT_ERR_OVERFLOW, "--months");
    q = ask("rtx4090");
    q.watts = 100;
    q.watts_idle = 200;
    refused(&q, CROFT_ERR_OVERFLOW, "--idle-watts");
}

/* Every card of the data, alone and many, with all inputs given: no assertion, no number that is not one. */
static void test_every_card(void **state)
{
    (void)state;
    fresh();
    for (size_t i = 0; i < data.table[CROFT_TABLE_CARDS].count; i++) {
        struct croft_arena mem = fresh();
        const struct croft_advise_card *card = croft_advise_row_at(&data, CROFT_TABLE_CARDS, i);
        struct croft_advise_request q = ask(card->id);
        q.count = i % 2 == 0 ? 1 : 8;
        q.paths = 200;
        answer(&q, &mem);
        q.price = 1000;
        q.watts = 1000;
        q.rate = q.fee = q.utilisation = (struct croft_own_values){.of = {{"", .5}}, .count = 1};
        q.croft_rate = .5;
        const struct croft_advise_report *r = answer(&q, &mem);
        for (size_t k = 0; k < r->networks; k++) {
            assert_true(isfinite(r->network[k]->day.net));
            assert_true(r->network[k]->own_text != NULL && r->network[k]->buy_text != NULL);
        }
    }
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    struct croft_arena mem = fresh();
    struct croft_advise_request q = ask("rtx4090");
    q.utilisation = (struct croft_own_values){.of = {{"", .6}}, .count = 1};
    size_t got = 0;
    for (size_t room = 0; room < 3000000; room += 40009) {
        struct croft_arena small = {mem.at, mem.at + room};
        const struct croft_advise_report *r;
        struct croft_why why;
        croft_err err = croft_advise(&data, &q, &small, &r, &why);
        assert_true(err == CROFT_OK || err == CROFT_ERR_NOMEM);
        got += err == CROFT_OK;
    }
    assert_true(got > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statement_of_the_issue),
        cmocka_unit_test(test_empty_cells_are_asked_for),
        cmocka_unit_test(test_a_complete_network),
        cmocka_unit_test(test_more_cards_scale),
        cmocka_unit_test(test_requirements),
        cmocka_unit_test(test_electricity),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_every_card),
        cmocka_unit_test(test_memory_runs_out),
    };
    if (!croft_region_map(&region, (size_t)256 << 20))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
