#include "cli/groups.h"

#include "chain/payments.h"
#include "chain/records.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/issuer.h"
#include "cli/table.h"
#include "crypto/bech32m.h"
#include "json/hex.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_TEXT_MAX = 24, REFERENCE_TEXT_MAX = 132 };

/* ---- the account's side ---- */

static croft_err withdraw(struct croft_cli *c)
{
    char what[160], text[CROFT_AMT_TEXT_MAX];
    struct croft_amt amount;
    struct croft_address issuer;
    struct croft_wallet_result result;
    Croft__V1__Withdraw op = CROFT__V1__WITHDRAW__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    if (c->arg_count != 1 || !croft_cli_has(c, "to"))
        return croft_cli_usage(c, "\"croft withdraw\" needs AMOUNT and --to REFERENCE");
    CROFT_TRY(croft_cli_amount(c, c->arg[0], "AMOUNT", &amount));
    CROFT_TRY(croft_cli_asset(c, &op.asset));
    CROFT_TRY(croft_cli_reference(c, "to", &op.payout_reference));
    if (croft_amt_is_zero(amount) || op.payout_reference.len == 0)
        return croft_cli_usage(c, "AMOUNT must be above zero and --to must not be empty");
    CROFT_TRY(croft_issuer_choose(c, op.asset, &issuer));
    op.id = croft_cli_fresh_id(c);
    op.issuer_address = croft_cli_bytes(issuer.b, sizeof issuer.b);
    op.amount = croft_amt_units(amount);
    body.op_case = CROFT__V1__TX_BODY__OP_WITHDRAW;
    body.withdraw = &op;
    CROFT_TRY(croft_cli_send(c, &body, &result));
    croft_amt_format(amount, text);
    snprintf(what, sizeof what, "withdrawal %" PRIu64 " of %s %s is with the issuer", op.id, text,
             croft_asset_name(op.asset));
    return croft_cli_print_result(
        c, &result, what, json_pack("{s:o,s:s,s:s}", "withdrawal", croft_json_u64(op.id), "amount", text,
                                "asset", croft_asset_name(op.asset)));
}

/* ---- the issuer's side ---- */

/* What the chain would refuse only after taking a fee. */
static croft_err check_settles(struct croft_cli *c, const struct croft_key_info *key,
                               const struct croft_address *account, u64 id)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_withdrawal_record record;
    char issuer[CROFT_BECH32M_TEXT_MAX];
    const struct croft_record_key at = croft_key_of_address_id(account, id);
    CROFT_TRY(croft_connect(c, &client));
    croft_err err =
        croft_record_read(&client, CROFT_TABLE_WITHDRAWALS, &at, false, &c->mem, &record, NULL, &c->why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(&c->why, err,
                          "there is no such withdrawal: it was paid or given back, its time was over, or it never "
                          "was; nothing was sent\nrun: croft withdraw --list");
    CROFT_TRY(err);
    if (memcmp(record.issuer.b, key->account.b, sizeof record.issuer.b) == 0)
        return CROFT_OK;
    croft_bech32m_encode(CROFT_HRP_ADDRESS, record.issuer.b, issuer);
    return croft_fail(&c->why, CROFT_ERR_OP_NOT_YOURS,
                      "only its issuer %s can settle it; nothing was sent\nsign with that account's key: --key",
                      issuer);
}

static croft_err settle(struct croft_cli *c, const char *which, bool paid)
{
    struct croft_address account;
    struct croft_key_info key;
    struct croft_wallet_result result;
    u64 id;
    Croft__V1__WithdrawPaid op_paid = CROFT__V1__WITHDRAW_PAID__INIT;
    Croft__V1__WithdrawReturn op_return = CROFT__V1__WITHDRAW_RETURN__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    if (c->arg_count > 0)
        return croft_cli_usage(c, "--paid and --return take no AMOUNT");
    CROFT_TRY(croft_cli_record(c, which, NULL, &account, &id));
    CROFT_TRY(croft_key_choose(c, &key));
    CROFT_TRY(check_settles(c, &key, &account, id));
    op_paid.account_address = op_return.account_address = croft_cli_bytes(account.b, sizeof account.b);
    op_paid.id = op_return.id = id;
    body.op_case = paid ? CROFT__V1__TX_BODY__OP_WITHDRAW_PAID : CROFT__V1__TX_BODY__OP_WITHDRAW_RETURN;
    if (paid)
        body.withdraw_paid = &op_paid;
    else
        body.withdraw_return = &op_return;
    CROFT_TRY(croft_cli_send_as(c, &key, &body, &result));
    return croft_cli_print_result(c, &result, paid ? "marked as paid" : "given back", NULL);
}

/* ---- the list ---- */

struct list {
    struct croft_cli *c;
    struct croft_listing *table;
    const struct croft_address *only; /* of this account or this issuer; NULL: all */
    size_t count;
};

/* As text when it is text, else as hex. */
static void reference_text(const struct croft_withdrawal_record *w, char out[REFERENCE_TEXT_MAX])
{
    size_t len = w->reference_len <= sizeof w->reference ? w->reference_len : sizeof w->reference;
    bool plain = len > 0;
    for (size_t i = 0; i < len; i++)
        plain = plain && w->reference[i] >= ' ' && w->reference[i] <= '~';
    if (plain)
        snprintf(out, REFERENCE_TEXT_MAX, "%.*s", (int)len, (const char *)w->reference);
    else
        croft_hex_encode((struct croft_bytes){w->reference, len}, out);
}

static croft_err list_json(struct croft_cli *c, const char *which, const char *account, u64 id,
                           const struct croft_withdrawal_record *w, const char *reference)
{
    json_t *json = croft_json_of_layout(&croft_withdrawal_layout, w);
    json_t *more = json_pack("{s:s,s:s,s:o,s:s}", "which", which, "account", account, "id",
                             croft_json_u64(id), "reference_text", reference);
    if (json != NULL && (more == NULL || json_object_update(json, more) != 0))
        croft_json_drop(&json);
    json_decref(more);
    return croft_cli_print_json(c, json);
}

static croft_err list_one(void *context, struct croft_bytes key, const void *record)
{
    struct list *list = context;
    const struct croft_withdrawal_record *w = record;
    char account[CROFT_BECH32M_TEXT_MAX], which[CROFT_BECH32M_TEXT_MAX + ID_TEXT_MAX],
        amount[CROFT_AMT_TEXT_MAX];
    char returns[CROFT_TIME_TEXT_MAX], reference[REFERENCE_TEXT_MAX];
    if (list->only != NULL && memcmp(list->only->b, key.at, 32) != 0 &&
        memcmp(list->only->b, w->issuer.b, 32) != 0)
        return CROFT_OK;
    u64 id = croft_cli_id_of_key(key);
    list->count++;
    croft_bech32m_encode(CROFT_HRP_ADDRESS, key.at, account);
    snprintf(which, sizeof which, "%s:%" PRIu64, account, id);
    croft_amt_format(w->amount, amount);
    croft_time_text(w->returns_s, returns);
    reference_text(w, reference);
    if (list->c->json)
        return list_json(list->c, which, account, id, w, reference);
    const char *const row[] = {which, amount, croft_asset_name(w->asset), returns, reference};
    croft_listing_row(list->table, row);
    return CROFT_OK;
}

static croft_err list_all(struct croft_cli *c)
{
    static const struct croft_column column[] = {
        {"WITHDRAWAL", false}, {"AMOUNT", true}, {"ASSET", false}, {"RETURNS (UTC)", false}, {"TO", false}};
    struct croft_listing *table CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_key_info key;
    struct list list = {.c = c, .table = table};
    if (table == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    if (!croft_cli_has(c, "all")) {
        CROFT_TRY(croft_key_choose(c, &key));
        list.only = &key.account;
    }
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_records_each(&client, CROFT_TABLE_WITHDRAWALS, c->mem, list_one, &list, &c->why));
    if (list.count == 0 && !c->json)
        printf("no open withdrawals%s\n",
               list.only != NULL ? " of this account; --all shows everybody's" : "");
    return c->json ? CROFT_OK : croft_listing_print(c, table);
}

static croft_err run_withdraw(struct croft_cli *c)
{
    const char *paid = croft_cli_value(c, "paid"), *back = croft_cli_value(c, "return");
    bool list = croft_cli_has(c, "list") || croft_cli_has(c, "all");
    if ((paid != NULL) + (back != NULL) + list + (c->arg_count > 0) > 1)
        return croft_cli_usage(c, "AMOUNT, --list, --paid and --return exclude each other");
    if (croft_cli_has(c, "quota") && paid == NULL && back == NULL)
        return croft_cli_usage(c, "--quota goes with --paid and --return");
    if (paid != NULL || back != NULL)
        return settle(c, paid != NULL ? paid : back, paid != NULL);
    return list ? list_all(c) : withdraw(c);
}

static const struct croft_option option[] = {
    {"to", "REFERENCE", "where the issuer pays to: 1 to 64 bytes that it understands; public",
     CROFT_OFFER_NOTHING},
    {"issuer", "ADDRESS", "the issuer that pays out (else the only one of the asset)", CROFT_OFFER_NOTHING},
    {"asset", "ASSET", "credit or croft (else credit)", CROFT_OFFER_ASSET},
    {"list", NULL, "show open withdrawals of the account, or with the issuer", CROFT_OFFER_NOTHING},
    {"all", NULL, "with --list: everybody's", CROFT_OFFER_NOTHING},
    {"paid", "ADDRESS:ID", "as the issuer: it was paid out; what was held is burnt", CROFT_OFFER_NOTHING},
    {"return", "ADDRESS:ID", "as the issuer: it cannot be paid; what was held goes back",
     CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "withdraw",
        .usage = "AMOUNT --to REFERENCE\n--list\n--paid ADDRESS:ID\n--return ADDRESS:ID",
        .summary = "take money out through an issuer; as an issuer, settle it",
        .about = "What is withdrawn is held until the issuer marks it paid.  Not marked in time, it goes "
                 "back by itself.",
        .examples = "croft withdraw 50 --to \"NL91 ABNA 0417 1643 00\"\ncroft withdraw --list\n"
                    "croft withdraw --list --all --json\ncroft withdraw --paid croft1...:2781 --key bank\n"
                    "croft withdraw --return croft1...:2781 --key bank",
        .option = option,
        .option_count = CROFT_COUNT(option),
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_max = 1,
        .run = run_withdraw,
    },
};

const struct croft_verb_group croft_withdraw_verbs = {verb, CROFT_COUNT(verb)};
