#include "cli/pending.h"

#include "chain/payments.h"
#include "chain/records.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/groups.h"
#include "cli/table.h"
#include "crypto/bech32m.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WHICH_MAX = CROFT_BECH32M_TEXT_MAX + 24, WHAT_MAX = 400 };

static void which_text(const u8 payer[32], u64 id, char out[WHICH_MAX])
{
    char address[CROFT_BECH32M_TEXT_MAX];
    croft_bech32m_encode(CROFT_HRP_ADDRESS, payer, address);
    snprintf(out, WHICH_MAX, "%s:%" PRIu64, address, id);
}

static bool same(const struct croft_address *a, const struct croft_address *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* ---- open ---- */

croft_err croft_pending_open(struct croft_cli *c, const Croft__V1__Leg *leg)
{
    const char *until = croft_cli_value(c, "until"), *arbiter = croft_cli_value(c, "arbiter");
    char what[WHAT_MAX], amount[CROFT_AMT_TEXT_MAX], expires[CROFT_TIME_TEXT_MAX], which[WHICH_MAX];
    struct croft_address arbiter_address;
    struct croft_key_info key;
    struct croft_wallet_result result;
    Croft__V1__PendingOpen op = CROFT__V1__PENDING_OPEN__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    if (until == NULL)
        return croft_cli_usage(c,
                               "--pending needs --until TIME: when the money comes back if nobody decides");
    CROFT_TRY(croft_cli_until(c, until, "--until", &op.expires_s));
    if (arbiter != NULL) {
        CROFT_TRY(croft_cli_address(c, arbiter, "--arbiter", &arbiter_address));
        op.arbiter_address = croft_cli_bytes(arbiter_address.b, sizeof arbiter_address.b);
    }
    CROFT_TRY(croft_key_choose(c, &key));
    op.id = croft_cli_fresh_id(c);
    op.payee_address = leg->to_address;
    op.asset = leg->asset;
    op.amount = leg->amount;
    body.op_case = CROFT__V1__TX_BODY__OP_PENDING_OPEN;
    body.pending_open = &op;
    CROFT_TRY(croft_cli_send_as(c, &key, &body, &result));
    which_text(key.account.b, op.id, which);
    croft_amt_format(croft_amt_of(op.amount), amount);
    croft_time_text(op.expires_s, expires);
    snprintf(what, sizeof what, "%s %s are held until %s UTC\n  pending transfer %s", amount,
             croft_asset_name(op.asset), expires, which);
    return croft_cli_print_result(c, &result, what,
                                  json_pack("{s:s,s:o,s:s,s:s,s:I}", "which", which, "pending",
                                            croft_json_u64(op.id), "amount", amount, "asset",
                                            croft_asset_name(op.asset), "expires_s",
                                            (json_int_t)op.expires_s));
}

/* ---- post and void ---- */

struct target {
    struct croft_key_info key;
    struct croft_address payer;
    u64 id;
    struct croft_pending_record record;
};

static croft_err find_target(struct croft_cli *c, struct target *out)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    CROFT_TRY(croft_key_choose(c, &out->key));
    CROFT_TRY(croft_cli_record(c, c->arg[0], &out->key.account, &out->payer, &out->id));
    const struct croft_record_key at = croft_key_of_address_id(&out->payer, out->id);
    CROFT_TRY(croft_connect(c, &client));
    croft_err err =
        croft_record_read(&client, CROFT_TABLE_PENDINGS, &at, false, &c->mem, &out->record, NULL, &c->why);
    if (err != CROFT_ERR_NOT_FOUND)
        return err;
    return croft_fail(&c->why, err,
                      "there is no pending transfer %s: it was posted, voided or has expired, or never was\n"
                      "run: croft pending list",
                      c->arg[0]);
}

/* What the chain would refuse only after taking a fee. */
static croft_err check_decides(struct croft_cli *c, const struct target *t, bool post)
{
    bool has_arbiter = !croft_address_is_system(&t->record.arbiter);
    const struct croft_address *own = &t->key.account;
    bool may = has_arbiter && same(own, &t->record.arbiter);
    may = may || (post ? !has_arbiter && same(own, &t->payer) : same(own, &t->record.payee));
    if (may)
        return CROFT_OK;
    char expires[CROFT_TIME_TEXT_MAX];
    croft_time_text(t->record.expires_s, expires);
    return croft_fail(&c->why, CROFT_ERR_OP_NOT_YOURS,
                      "%s can %s it; nothing was sent\nundecided, it comes back to the payer at %s UTC",
                      post ? (has_arbiter ? "only the arbiter" : "only the payer")
                           : (has_arbiter ? "only the payee and the arbiter" : "only the payee"),
                      post ? "post" : "void", expires);
}

static croft_err take_amount(struct croft_cli *c, const struct target *t, struct croft_amt *out)
{
    char held[CROFT_AMT_TEXT_MAX];
    *out = t->record.amount;
    if (c->arg_count < 2)
        return CROFT_OK;
    CROFT_TRY(croft_cli_amount(c, c->arg[1], "AMOUNT", out));
    croft_amt_format(t->record.amount, held);
    if (croft_amt_cmp(*out, t->record.amount) > 0)
        return croft_cli_usage(c, "AMOUNT is more than the %s that are held", held);
    if (croft_amt_cmp(*out, t->record.amount) < 0 && croft_address_is_system(&t->record.arbiter))
        return croft_cli_usage(c, "without an arbiter it is the whole %s that are posted, or nothing", held);
    return CROFT_OK;
}

static croft_err run_post(struct croft_cli *c)
{
    struct target t;
    struct croft_amt amount;
    struct croft_wallet_result result;
    char what[WHAT_MAX], text[CROFT_AMT_TEXT_MAX], payee[CROFT_BECH32M_TEXT_MAX];
    Croft__V1__PendingPost op = CROFT__V1__PENDING_POST__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    CROFT_TRY(find_target(c, &t));
    CROFT_TRY(take_amount(c, &t, &amount));
    CROFT_TRY(check_decides(c, &t, true));
    op.payer_address = croft_cli_bytes(t.payer.b, sizeof t.payer.b);
    op.id = t.id;
    op.amount = croft_amt_units(amount);
    body.op_case = CROFT__V1__TX_BODY__OP_PENDING_POST;
    body.pending_post = &op;
    CROFT_TRY(croft_cli_send_as(c, &t.key, &body, &result));
    croft_amt_format(amount, text);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, t.record.payee.b, payee);
    snprintf(what, sizeof what, "paid %s %s to %s", text, croft_asset_name(t.record.asset), payee);
    return croft_cli_print_result(c, &result, what,
                                  json_pack("{s:s,s:s,s:s}", "amount", text, "asset",
                                            croft_asset_name(t.record.asset), "to_address", payee));
}

static croft_err run_void(struct croft_cli *c)
{
    struct target t;
    struct croft_wallet_result result;
    char what[WHAT_MAX], text[CROFT_AMT_TEXT_MAX];
    Croft__V1__PendingVoid op = CROFT__V1__PENDING_VOID__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    CROFT_TRY(find_target(c, &t));
    CROFT_TRY(check_decides(c, &t, false));
    op.payer_address = croft_cli_bytes(t.payer.b, sizeof t.payer.b);
    op.id = t.id;
    body.op_case = CROFT__V1__TX_BODY__OP_PENDING_VOID;
    body.pending_void = &op;
    CROFT_TRY(croft_cli_send_as(c, &t.key, &body, &result));
    croft_amt_format(t.record.amount, text);
    snprintf(what, sizeof what, "%s %s went back to the payer", text, croft_asset_name(t.record.asset));
    return croft_cli_print_result(c, &result, what, json_pack("{s:s,s:s}", "amount", text, "asset", croft_asset_name(t.record.asset)));
}

/* ---- list ---- */

struct list {
    struct croft_cli *c;
    struct croft_listing *table;
    bool all;
    struct croft_address own;
    size_t count;
};

/* What the account whose list this is may do with it. */
static const char *powers(const struct list *list, const u8 payer[32], const struct croft_pending_record *p)
{
    bool has_arbiter = !croft_address_is_system(&p->arbiter);
    if (list->all)
        return "";
    if (has_arbiter && same(&list->own, &p->arbiter))
        return "post, void";
    if (!has_arbiter && memcmp(list->own.b, payer, 32) == 0)
        return "post";
    return same(&list->own, &p->payee) ? "void" : "wait";
}

static croft_err list_json(struct croft_cli *c, const char *which, u64 id, const u8 payer[32],
                           const struct croft_pending_record *p, const char *may)
{
    json_t *json = croft_json_of_layout(&croft_pending_layout, p);
    json_t *more = json_pack("{s:s,s:o,s:o,s:s}", "which", which, "id", croft_json_u64(id), "payer",
                             croft_json_address(payer), "you_may", may);
    if (json != NULL && (more == NULL || json_object_update(json, more) != 0))
        croft_json_drop(&json);
    json_decref(more);
    return croft_cli_print_json(c, json);
}

static croft_err list_one(void *context, struct croft_bytes key, const void *record)
{
    struct list *list = context;
    const struct croft_pending_record *p = record;
    char which[WHICH_MAX], amount[CROFT_AMT_TEXT_MAX], payee[CROFT_BECH32M_TEXT_MAX],
        expires[CROFT_TIME_TEXT_MAX], arbiter[CROFT_BECH32M_TEXT_MAX] = "";
    if (!list->all && memcmp(list->own.b, key.at, 32) != 0 && !same(&list->own, &p->payee) &&
        !same(&list->own, &p->arbiter))
        return CROFT_OK;
    u64 id = croft_cli_id_of_key(key);
    list->count++;
    which_text(key.at, id, which);
    if (list->c->json)
        return list_json(list->c, which, id, key.at, p, powers(list, key.at, p));
    croft_amt_format(p->amount, amount);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, p->payee.b, payee);
    if (!croft_address_is_system(&p->arbiter))
        croft_bech32m_encode(CROFT_HRP_ADDRESS, p->arbiter.b, arbiter);
    croft_time_text(p->expires_s, expires);
    const char *const row[] = {
        which, amount, croft_asset_name(p->asset), payee, expires, powers(list, key.at, p), arbiter};
    croft_listing_row(list->table, row);
    return CROFT_OK;
}

static croft_err run_list(struct croft_cli *c)
{
    static const struct croft_column column[] = {
        {"PENDING", false},          {"AMOUNT", true},   {"ASSET", false},  {"TO", false},
        {"COMES BACK (UTC)", false}, {"YOU MAY", false}, {"ARBITER", false}};
    struct croft_listing *table CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct list list = {.c = c, .table = table, .all = croft_cli_has(c, "all")};
    if (table == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    if (list.all && c->arg_count > 0)
        return croft_cli_usage(c, "ADDRESS and --all exclude each other");
    if (!list.all)
        CROFT_TRY(croft_cli_account(c, &list.own));
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_records_each(&client, CROFT_TABLE_PENDINGS, c->mem, list_one, &list, &c->why));
    if (list.count == 0 && !c->json)
        printf("no pending transfers%s\n", list.all ? "" : " of this account; --all shows everybody's");
    return c->json ? CROFT_OK : croft_listing_print(c, table);
}

static const struct croft_option list_option[] = {
    {"all", NULL, "everybody's", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "pending list",
        .usage = "[ADDRESS]",
        .summary = "show payments that are held: by, for or under the arbitration of an account",
        .about = "Without ADDRESS: of the account of --key.  \"croft send --pending\" makes one.",
        .examples = "croft pending list\ncroft pending list croft1... --json\ncroft pending list --all",
        .option = list_option,
        .option_count = CROFT_COUNT(list_option),
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_max = 1,
        .run = run_list,
    },
    {
        .name = "pending post",
        .usage = "PAYER:ID [AMOUNT]\nID [AMOUNT]",
        .summary = "pay what is held to the payee; as the arbiter, AMOUNT of it",
        .about = "The payer posts, or the arbiter where one was named.  The rest and the deposit go back to "
                 "the payer.  "
                 "ID alone\n"
                 "is one of the own account.",
        .examples = "croft pending post 2781\ncroft pending post croft1...:2781 30 --key arbiter\n"
                    "croft pending post 2781 --quota --json",
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 1,
        .args_max = 2,
        .run = run_post,
    },
    {
        .name = "pending void",
        .usage = "PAYER:ID",
        .summary = "give what is held back to the payer",
        .about =
            "The payee does, or the arbiter.  To the payer it comes back by itself when its time is over.",
        .examples =
            "croft pending void croft1...:2781\ncroft pending void croft1...:2781 --key arbiter --json",
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 1,
        .args_max = 1,
        .run = run_void,
    },
};

const struct croft_verb_group croft_pending_verbs = {verb, CROFT_COUNT(verb)};
