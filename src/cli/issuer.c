#include "cli/groups.h"

#include "chain/payments.h"
#include "chain/records.h"
#include "cli/connect.h"
#include "cli/issuer.h"
#include "cli/table.h"
#include "crypto/bech32m.h"
#include "json/json.h"

#include <stdio.h>
#include <string.h>

struct issuer_search {
    u32 asset, found;
    struct croft_address issuer;
};

static croft_err see_issuer(void *context, struct croft_bytes key, const void *record)
{
    struct issuer_search *search = context;
    (void)record;
    if (key.at[32] == search->asset && search->found++ == 0)
        memcpy(search->issuer.b, key.at, sizeof search->issuer.b);
    return CROFT_OK;
}

croft_err croft_issuer_choose(struct croft_cli *c, u32 asset, struct croft_address *out)
{
    const char *given = croft_cli_value(c, "issuer");
    if (given != NULL)
        return croft_cli_address(c, given, "--issuer", out);
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct issuer_search search = {.asset = asset};
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_records_each(&client, CROFT_TABLE_ISSUERS, c->mem, see_issuer, &search, &c->why));
    if (search.found != 1)
        return croft_cli_usage(c, "network \"%s\" has %u issuers of %s: say which with --issuer ADDRESS",
                               client.network_name, search.found, croft_asset_name(asset));
    *out = search.issuer;
    return CROFT_OK;
}

/* ---- redeem ---- */

static croft_err run_redeem(struct croft_cli *c)
{
    struct croft_amt amount;
    struct croft_address issuer;
    struct croft_wallet_result result;
    char what[160], text[CROFT_AMT_TEXT_MAX];
    Croft__V1__Redeem op = CROFT__V1__REDEEM__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    CROFT_TRY(croft_cli_amount(c, c->arg[0], "AMOUNT", &amount));
    CROFT_TRY(croft_cli_asset(c, &op.asset));
    CROFT_TRY(croft_cli_reference(c, "ref", &op.reference));
    if (croft_amt_is_zero(amount))
        return croft_cli_usage(c, "AMOUNT must be above zero");
    CROFT_TRY(croft_issuer_choose(c, op.asset, &issuer));
    op.issuer_address = croft_cli_bytes(issuer.b, sizeof issuer.b);
    op.amount = croft_amt_units(amount);
    body.op_case = CROFT__V1__TX_BODY__OP_REDEEM;
    body.redeem = &op;
    CROFT_TRY(croft_cli_send(c, &body, &result));
    croft_amt_format(amount, text);
    snprintf(what, sizeof what, "%s %s are destroyed", text, croft_asset_name(op.asset));
    return croft_cli_print_result(c, &result, what, json_pack("{s:s,s:s}", "amount", text, "asset", croft_asset_name(op.asset)));
}

/* ---- list ---- */

struct issuers {
    struct croft_cli *c;
    struct croft_listing *table;
};

static croft_err list_json(struct croft_cli *c, const struct croft_issuer_record *issuer, const char *address,
                           const char *asset)
{
    json_t *json = croft_json_of_layout(&croft_issuer_layout, issuer);
    if (json != NULL && (json_object_set_new(json, "issuer", json_string(address)) != 0 ||
                         json_object_set_new(json, "asset", json_string(asset)) != 0))
        croft_json_drop(&json);
    return croft_cli_print_json(c, json);
}

static croft_err list_one(void *context, struct croft_bytes key, const void *record)
{
    struct issuers *list = context;
    const struct croft_issuer_record *issuer = record;
    char address[CROFT_BECH32M_TEXT_MAX], cap[CROFT_AMT_TEXT_MAX], outstanding[CROFT_AMT_TEXT_MAX],
        issued[CROFT_AMT_TEXT_MAX], held[CROFT_AMT_TEXT_MAX];
    const char *asset = croft_asset_name(key.at[32]);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, key.at, address);
    croft_amt_format(issuer->cap, cap);
    croft_amt_format(issuer->outstanding, outstanding);
    croft_amt_format(issuer->issued_total, issued);
    croft_amt_format(issuer->held, held);
    if (list->c->json)
        return list_json(list->c, issuer, address, asset);
    const char *const row[] = {address, asset, cap, outstanding, held, issued};
    croft_listing_row(list->table, row);
    return CROFT_OK;
}

static croft_err run_list(struct croft_cli *c)
{
    static const struct croft_column column[] = {
        {"ISSUER", false},      {"ASSET", false},          {"CAP", true},
        {"OUTSTANDING", true}, {"TO BE PAID OUT", true}, {"ISSUED IN ALL", true}};
    struct croft_listing *table CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct issuers list = {.c = c, .table = table};
    if (table == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_records_each(&client, CROFT_TABLE_ISSUERS, c->mem, list_one, &list, &c->why));
    return c->json ? CROFT_OK : croft_listing_print(c, table);
}

static const struct croft_option redeem_option[] = {
    {"issuer", "ADDRESS", "whose money it is (else the only issuer of the asset)", CROFT_OFFER_NOTHING},
    {"asset", "ASSET", "credit or croft (else credit)", CROFT_OFFER_ASSET},
    {"ref", "TEXT", "a reference for the issuer, public, at most 64 bytes", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "redeem",
        .usage = "AMOUNT",
        .summary = "give money back to its issuer: it is destroyed at once",
        .about =
            "Nothing is held and nothing can be returned: to be paid out outside, use \"croft withdraw\".",
        .examples =
            "croft redeem 50 --ref \"invoice 17\"\ncroft redeem 5 --issuer croft1... --asset croft --json",
        .option = redeem_option,
        .option_count = CROFT_COUNT(redeem_option),
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_redeem,
    },
    {
        .name = "issuer list",
        .usage = "",
        .summary = "show who may issue money, their caps and what is out",
        .about = "Issuers and caps change by vote: \"croft params propose --issuer\".  An issuer issues with "
                 "\"croft deposit\"\n"
                 "and settles what is to be paid out, which withdrawals hold, with \"croft withdraw\".",
        .examples = "croft issuer list\ncroft issuer list --json",
        .with = CROFT_WITH_CHAIN,
        .run = run_list,
    },
};

const struct croft_verb_group croft_issuer_verbs = {verb, CROFT_COUNT(verb)};
