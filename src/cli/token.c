/* `croft oracle`, `croft buyback`, `croft reward`: on networks that have CROFT. */
#include "cli/groups.h"

#include "cli/market.h"
#include "json/json.h"

#include <stdio.h>
#include <string.h>

enum { WHAT_MAX = 200 };

static croft_err run_report(struct croft_cli *c)
{
    struct croft_amt price;
    char what[WHAT_MAX];
    Croft__V1__OracleReport op = CROFT__V1__ORACLE_REPORT__INIT;
    CROFT_TRY(croft_cli_amount(c, c->arg[0], "PRICE", &price));
    if (croft_amt_is_zero(price))
        return croft_cli_usage(c, "PRICE must be above zero: credits for one CROFT");
    op.price = croft_amt_units(price);
    snprintf(what, sizeof what, "reported: one CROFT is worth %s credits", c->arg[0]);
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_ORACLE_REPORT, &op, what, NULL);
}

/* ---- show ---- */

static croft_err no_token(struct croft_cli *c, const struct croft_client *client)
{
    return croft_fail(&c->why, CROFT_ERR_OP_TOKEN,
                      "network \"%s\" has no CROFT\na network gets it in its genesis: croft "
                      "chain init --token croft",
                      client->network_name);
}

/* What the fee pool holds: the system account of fees. */
static croft_err read_pool(struct croft_cli *c, struct croft_client *client, char out[CROFT_AMT_TEXT_MAX])
{
    struct croft_account_record fees;
    const struct croft_address address = croft_system_address(CROFT_SYSTEM_FEES);
    const struct croft_record_key key = croft_key_of_address(&address);
    CROFT_TRY(croft_record_read(client, CROFT_TABLE_ACCOUNTS, &key, false, &c->mem, &fees, NULL, &c->why));
    croft_amt_format(fees.balance[CROFT_ASSET_CREDIT], out);
    return CROFT_OK;
}

static croft_err show_json(struct croft_cli *c, struct croft_bytes key,
                           const struct croft_token_record *token, const char *pool)
{
    json_t *json = croft_market_json(CROFT_TABLE_TOKEN, key, token);
    if (json != NULL && json_object_set_new(json, "pool", json_string(pool)) != 0)
        croft_json_drop(&json);
    return croft_cli_print_json(c, json);
}

static croft_err run_show(struct croft_cli *c)
{
    static const struct croft_market_column column[] = {
        {"REPORTED BY", NULL}, {"PRICE", "price"}, {"AT (UTC)", "at_s"}};
    const struct croft_market_list reports = {.table = CROFT_TABLE_REPORTS,
                                              .column = column,
                                              .column_count = CROFT_COUNT(column),
                                              .none = "no reports yet"};
    struct croft_token_record token;
    char pool[CROFT_AMT_TEXT_MAX];
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    const struct croft_record_key key = croft_key_of_text("t");
    const struct croft_bytes at = {key.b, key.len};
    CROFT_TRY(croft_connect(c, &client));
    croft_err err =
        croft_record_read(&client, CROFT_TABLE_TOKEN, &key, false, &c->mem, &token, NULL, &c->why);
    if (err == CROFT_ERR_NOT_FOUND)
        return no_token(c, &client);
    CROFT_TRY(err);
    CROFT_TRY(read_pool(c, &client, pool));
    if (c->json)
        return show_json(c, at, &token, pool);
    CROFT_TRY(croft_market_print(c, CROFT_TABLE_TOKEN, at, &token));
    printf("the fee pool holds %s credits\n\n", pool);
    return croft_market_list(c, &reports);
}

/* ---- CROFT for credits ---- */

static croft_err run_buyback(struct croft_cli *c)
{
    struct croft_amt amount;
    char what[WHAT_MAX];
    Croft__V1__Buyback op = CROFT__V1__BUYBACK__INIT;
    CROFT_TRY(croft_cli_amount(c, c->arg[0], "AMOUNT", &amount));
    if (croft_amt_is_zero(amount))
        return croft_cli_usage(c, "AMOUNT must be above zero");
    CROFT_TRY(croft_market_money(c, "min", &op.credits_min));
    op.amount = croft_amt_units(amount);
    snprintf(what, sizeof what, "%s CROFT are burnt for credits of the fee pool", c->arg[0]);
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_BUYBACK, &op, what, NULL);
}

static croft_err run_claim(struct croft_cli *c)
{
    Croft__V1__ClaimReward op = CROFT__V1__CLAIM_REWARD__INIT;
    op.sell = croft_cli_has(c, "sell");
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_CLAIM_REWARD, &op,
                             op.sell ? "the reward is sold as far as the pool goes; the rest is CROFT"
                                     : "the reward is in the account",
                             NULL);
}

static const struct croft_option buyback_option[] = {
    {"min", "CREDITS", "refuse when it brings less", CROFT_OFFER_NOTHING},
};
static const struct croft_option claim_option[] = {
    {"sell", NULL, "for credits of the fee pool, as far as it goes", CROFT_OFFER_NOTHING},
};
static const struct croft_option show_option[] = {
    {"limit", "N", "show at most so many reports (else 1000)", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "oracle report",
        .usage = "PRICE",
        .summary = "as a validator's operator: say what one CROFT is worth, in credits",
        .about = "",
        .examples =
            "croft oracle report 0.25 --key operator\ncroft oracle report 0.25 --quota --key operator --json",
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 1,
        .args_max = 1,
        .run = run_report,
    },
    {
        .name = "oracle show",
        .usage = "",
        .summary = "show the price of CROFT, who reported it, and the fee pool",
        .about = "",
        .examples = "croft oracle show\ncroft oracle show --json",
        .option = show_option,
        .option_count = CROFT_COUNT(show_option),
        .with = CROFT_WITH_CHAIN,
        .run = run_show,
    },
    {
        .name = "buyback",
        .usage = "AMOUNT [--min CREDITS]",
        .summary = "sell CROFT to the fee pool for credits; it is burnt",
        .about = "A little under the price, and only what the pool holds.",
        .examples = "croft buyback 100 --min 24.50\ncroft buyback 5 --json",
        .option = buyback_option,
        .option_count = CROFT_COUNT(buyback_option),
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_buyback,
    },
    {
        .name = "reward claim",
        .usage = "[--sell]",
        .summary = "as a provider: take the CROFT that its leases earned",
        .about = "\"croft provider show\" tells how much that is.",
        .examples = "croft reward claim\ncroft reward claim --sell --key owner --json",
        .option = claim_option,
        .option_count = CROFT_COUNT(claim_option),
        .with = CROFT_WITH_SEND,
        .run = run_claim,
    },
};

const struct croft_verb_group croft_token_verbs = {verb, CROFT_COUNT(verb)};
