#include "cli/advise_chain.h"
#include "cli/advise_int.h"
#include "cli/groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct croft_option advise_option[] = {
    {"gpu", "NAME", "the card, such as rtx4090 (else what this machine has)", CROFT_OFFER_NOTHING},
    {"count", "N", "how many of them in one machine; 1", CROFT_OFFER_NOTHING},
    {"price", "USD", "what one card costs you", CROFT_OFFER_NOTHING},
    {"resale", "USD", "what selling one brings at the end", CROFT_OFFER_NOTHING},
    {"watts", "W", "the whole machine under load, at the wall", CROFT_OFFER_NOTHING},
    {"idle-watts", "W", "the whole machine idle", CROFT_OFFER_NOTHING},
    {"rate", "USD", "what an hour of one card brings you: 0.29, or nosana=0.29,vast=0.4",
     CROFT_OFFER_NOTHING},
    {"croft-rate", "USD", "what an hour of one card brings on this Croft network (else as its chain says)",
     CROFT_OFFER_NOTHING},
    {"fee", "SHARE", "share of the rate that you do not get: vast=25%", CROFT_OFFER_NOTHING},
    {"utilisation", "SHARE", "share of the time that it is rented: 60%, or nosana=0.6", CROFT_OFFER_NOTHING},
    {"availability", "SHARE", "share of the time that it is online", CROFT_OFFER_NOTHING},
    {"country", "NAME", "takes the price of power of this place", CROFT_OFFER_NOTHING},
    {"tariff", "USD", "your own price of a kWh", CROFT_OFFER_NOTHING},
    {"night", "USD:HOURS", "price of a kWh at night, for so many hours", CROFT_OFFER_NOTHING},
    {"solar", "SHARE[:USD]", "share of own solar power, and what a kWh of it would bring",
     CROFT_OFFER_NOTHING},
    {"tax", "SHARE", "tax on what is left after depreciation", CROFT_OFFER_NOTHING},
    {"ram", "GB", "memory of the machine", CROFT_OFFER_NOTHING},
    {"disk", "GB", "disk it can give", CROFT_OFFER_NOTHING},
    {"mbps", "DOWN/UP", "the line, Mbit/s", CROFT_OFFER_NOTHING},
    {"os", "NAME", "linux or windows", CROFT_OFFER_NOTHING},
    {"network", "NAMES", "only these networks, with commas", CROFT_OFFER_NOTHING},
    {"months", "N", "horizon; 24", CROFT_OFFER_NOTHING},
    {"set", "NAME=VALUE", "replace assumptions, with commas (croft advise data assumptions)",
     CROFT_OFFER_NOTHING},
    {"data", "FILES", "own CSV files over the built-in data, with commas", CROFT_OFFER_FILE},
    {"log", "FILE", "the node's own earnings, CSV (docs/economics.md)", CROFT_OFFER_FILE},
    {"html", "FILE", "write the report as one page with plots", CROFT_OFFER_FILE},
    {"seed", "N", "of the simulation; 1", CROFT_OFFER_NOTHING},
    {"paths", "N", "futures to simulate; 10000", CROFT_OFFER_NOTHING},
    {"date", "YYYY-MM-DD", "the day that ages are counted to; today", CROFT_OFFER_NOTHING},
};

static const struct croft_option data_option[] = {
    {"gpu", "NAME", "only rows of this card", CROFT_OFFER_NOTHING},
    {"network", "NAME", "only rows of this network", CROFT_OFFER_NOTHING},
    {"check", "FILE", "check a CSV file of your own and say which table it is", CROFT_OFFER_FILE},
    {"date", "YYYY-MM-DD", "the day that ages are counted to; today", CROFT_OFFER_NOTHING},
};

static croft_err put_out(struct croft_cli *c, const struct croft_advise_report *report)
{
    const char *page = croft_cli_value(c, "html");
    char *json = c->json || page != NULL ? croft_advise_json_text(report) : NULL;
    croft_err err = CROFT_OK;
    if ((c->json || page != NULL) && json == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the JSON form");
    if (page != NULL)
        err = croft_advise_write_page(c, page, json);
    if (err == CROFT_OK && c->json && puts(json) == EOF)
        err = croft_fail(&c->why, CROFT_ERR_IO, "cannot write to standard output");
    if (err == CROFT_OK && !c->json)
        err = croft_advise_print(c, report);
    if (err == CROFT_OK && page != NULL && !c->json)
        printf("\nThe page: %s\n", page);
    free(json);
    return err;
}

/* What the model refuses was said on the command line. */
static croft_err as_usage(struct croft_cli *c, croft_err err)
{
    struct croft_why why = c->why;
    bool usage = err == CROFT_ERR_NOT_FOUND || err == CROFT_ERR_OVERFLOW;
    return usage ? croft_fail(&c->why, CROFT_ERR_USAGE, "%s%s", why.text,
                              strchr(why.text, '\n') != NULL ? "" : "\nrun: croft help advise")
                 : err;
}

static croft_err choose_card(struct croft_cli *c, const struct croft_advise_data *data,
                             struct croft_advise_request *q)
{
    const struct croft_advise_card *card;
    const char *name = croft_cli_value(c, "gpu");
    if (name == NULL)
        return croft_advise_read_machine(c, data, q);
    CROFT_TRY(croft_advise_find_card(data, name, (double)NAN, &card, &c->why));
    q->card_id = card->id;
    return CROFT_OK;
}

static croft_err lay_over(struct croft_cli *c, struct croft_advise_data *data, const char *csv)
{
    enum croft_advise_table table;
    struct croft_why why;
    if (csv == NULL)
        return CROFT_OK;
    const struct croft_bytes text = {(const u8 *)csv, strlen(csv)};
    croft_err err = croft_advise_data_overlay(data, text, &c->mem, &table, &why);
    return err == CROFT_OK ? err : croft_fail(&c->why, err, "the chain's prices: %s", why.text);
}

/* Live prices of this Croft network, where its chain can be asked. */
static croft_err add_chain(struct croft_cli *c, const char *card_id, struct croft_advise_data *data)
{
    struct croft_advise_chain rows;
    CROFT_TRY(croft_advise_read_chain(c, card_id, &rows));
    CROFT_TRY(lay_over(c, data, rows.rates));
    return lay_over(c, data, rows.utilisation);
}

static croft_err run_advise(struct croft_cli *c)
{
    struct croft_advise_request request;
    struct croft_advise_data data;
    const struct croft_advise_report *report;
    CROFT_TRY(croft_advise_read_options(c, &request));
    CROFT_TRY(croft_advise_read_data(c, request.date, &data));
    CROFT_TRY(croft_advise_read_log(c, &data, &request.earnings));
    CROFT_TRY(as_usage(c, choose_card(c, &data, &request)));
    CROFT_TRY(add_chain(c, request.card_id, &data));
    CROFT_TRY(as_usage(c, croft_advise(&data, &request, &c->mem, &report, &c->why)));
    return put_out(c, report);
}

static const struct croft_verb verb[] = {
    {
        .name = "advise",
        .usage = "[--gpu NAME]",
        .summary = "what a card really earns, on which network, after all costs",
        .about = "Says which networks would take the machine, what is left after power, wear and "
                 "depreciation, how\n"
                 "sure that is, and whether to run or buy it. Every figure comes from a dated source; what "
                 "no source\n"
                 "says is asked for, not guessed. Shares are 0.6 or 60%. Figures with * are older than 180 "
                 "days, those\n"
                 "with ~ rest on something uncertain. Prices of this Croft network come from its chain, where one "
                 "can be\n"
                 "reached. The maths: docs/economics.md.",
        .examples =
            "croft advise\n"
            "croft advise --gpu rtx4090 --utilisation 60% --country Germany\n"
            "croft advise --gpu rtx3090 --count 2 --price 800 --watts 850 --tariff 0.21 --utilisation 50%\n"
            "croft advise --gpu h100_pcie --watts 900 --utilisation nosana=78% --fee vast=25% --html "
            "report.html\n"
            "croft advise --gpu rtx4090 --croft-rate 0.30 --utilisation croft=50% --network croft --json\n"
            "croft advise --gpu rtx4090 --chain 10.0.0.5:7400 --network croft",
        .option = advise_option,
        .option_count = CROFT_COUNT(advise_option),
        .with = CROFT_WITH_CHAIN,
        .run = run_advise,
    },
    {
        .name = "advise data",
        .usage = "[TABLE]\n--check FILE",
        .summary = "list what croft advise knows, with sources, or check an own file",
        .about = "Without TABLE it lists the tables and their columns. An own file has one table's columns "
                 "in its first\n"
                 "line; its rows replace built-in rows with the same key (croft advise --data FILE).",
        .examples = "croft advise data\n"
                    "croft advise data rates --gpu rtx4090\n"
                    "croft advise data --check my-rates.csv",
        .option = data_option,
        .option_count = CROFT_COUNT(data_option),
        .args_max = 1,
        .run = croft_advise_run_data,
    },
};

const struct croft_verb_group croft_advise_verbs = {verb, CROFT_COUNT(verb)};
