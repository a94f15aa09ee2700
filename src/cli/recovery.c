#include "cli/groups.h"

#include "chain/records.h"
#include "chain/watch.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/keyset.h"
#include "cli/table.h"
#include "crypto/bech32m.h"
#include "wire/block.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DELAY_S = 3 * 86400, WHAT_MAX = 400, QUIET_MS = 10000 };

/* ---- guardian ---- */

static croft_err run_guardian(struct croft_cli *c)
{
    char what[WHAT_MAX];
    struct croft_address guardian;
    struct croft_wallet_result result;
    u64 delay_s = DELAY_S;
    const char *delay = croft_cli_value(c, "delay");
    bool none = strcmp(c->arg[0], "none") == 0;
    Croft__V1__SetGuardian op = CROFT__V1__SET_GUARDIAN__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    if (none && delay != NULL)
        return croft_cli_usage(c, "without a guardian there is no --delay");
    if (delay != NULL)
        CROFT_TRY(croft_cli_duration(c, delay, "--delay", &delay_s));
    if (!none) {
        CROFT_TRY(croft_cli_address(c, c->arg[0], "ADDRESS", &guardian));
        op.guardian_address = croft_cli_bytes(guardian.b, sizeof guardian.b);
        op.delay_s = delay_s;
    }
    body.op_case = CROFT__V1__TX_BODY__OP_SET_GUARDIAN;
    body.set_guardian = &op;
    CROFT_TRY(croft_cli_send(c, &body, &result));
    snprintf(what, sizeof what, "%s", "the account has no guardian any more");
    if (!none)
        snprintf(what, sizeof what, "%s may recover the account, %" PRIu64 " hours after starting to",
                 c->arg[0], delay_s / 3600);
    return croft_cli_print_result(c, &result, what, NULL);
}

/* ---- start and cancel ---- */

static croft_err read_account(struct croft_cli *c, const struct croft_address *address,
                              struct croft_account_record *out)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    const struct croft_record_key at = croft_key_of_address(address);
    CROFT_TRY(croft_connect(c, &client));
    return croft_record_read(&client, CROFT_TABLE_ACCOUNTS, &at, false, &c->mem, out, NULL, &c->why);
}

/* What the chain would refuse only after taking a fee. */
static croft_err check_guards(struct croft_cli *c, const struct croft_address *own,
                              const struct croft_account_record *account)
{
    if (memcmp(account->guardian.b, own->b, sizeof own->b) == 0)
        return CROFT_OK;
    return croft_fail(&c->why, CROFT_ERR_OP_NOT_YOURS,
                      "this account is not the guardian of %s; nothing was sent\n"
                      "\"croft balance %s\" shows who is",
                      c->arg[0], c->arg[0]);
}

static croft_err adopt_all(struct croft_cli *c, const struct croft_named_key *named, size_t count,
                           const struct croft_address *account)
{
    for (size_t i = 0; c->draft == NULL && i < count; i++)
        if (named[i].name != NULL)
            CROFT_TRY(croft_key_set_account(c, named[i].name, account));
    return CROFT_OK;
}

static croft_err run_start(struct croft_cli *c)
{
    char what[WHAT_MAX];
    struct croft_key_info signer;
    struct croft_address account;
    struct croft_account_record record;
    struct croft_named_key named[CROFT_KEYS_MAX];
    struct croft_wallet_result result;
    Croft__V1__RecoverStart op = CROFT__V1__RECOVER_START__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    CROFT_TRY(croft_cli_address(c, c->arg[0], "ACCOUNT", &account));
    CROFT_TRY(croft_keyset_make(c, 1, &op.key_set, named));
    CROFT_TRY(croft_key_choose(c, &signer));
    CROFT_TRY(read_account(c, &account, &record));
    CROFT_TRY(check_guards(c, &signer.account, &record));
    op.account_address = croft_cli_bytes(account.b, sizeof account.b);
    body.op_case = CROFT__V1__TX_BODY__OP_RECOVER_START;
    body.recover_start = &op;
    CROFT_TRY(croft_cli_send_as(c, &signer, &body, &result));
    CROFT_TRY(adopt_all(c, named, op.key_set->n_keys, &account));
    snprintf(what, sizeof what,
             "%s gets its new keys in %" PRIu64 " hours, by itself, unless it cancels\n"
             "  \"croft recovery wait %s\" waits for it",
             c->arg[0], record.recover_delay_s / 3600, c->arg[0]);
    return croft_cli_print_result(
        c, &result, what,
        json_pack("{s:s,s:I}", "account", c->arg[0], "delay_s", (json_int_t)record.recover_delay_s));
}

static croft_err run_cancel(struct croft_cli *c)
{
    struct croft_wallet_result result;
    Croft__V1__RecoverCancel op = CROFT__V1__RECOVER_CANCEL__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    body.op_case = CROFT__V1__TX_BODY__OP_RECOVER_CANCEL;
    body.recover_cancel = &op;
    CROFT_TRY(croft_cli_send(c, &body, &result));
    return croft_cli_print_result(c, &result, "the recovery is cancelled: the account keeps its keys", NULL);
}

/* ---- list ---- */

struct list {
    struct croft_cli *c;
    struct croft_listing *table;
    bool all;
    struct croft_address own;
    size_t count;
};

static croft_err list_json(struct croft_cli *c, const u8 account[32], const struct croft_recovery_record *r)
{
    json_t *json = croft_json_of_layout(&croft_recovery_layout, r);
    if (json != NULL && json_object_set_new(json, "account", croft_json_address(account)) != 0)
        croft_json_drop(&json);
    return croft_cli_print_json(c, json);
}

static croft_err list_one(void *context, struct croft_bytes key, const void *record)
{
    struct list *list = context;
    const struct croft_recovery_record *r = record;
    char account[CROFT_BECH32M_TEXT_MAX], guardian[CROFT_BECH32M_TEXT_MAX], due[CROFT_TIME_TEXT_MAX], keys[8];
    if (!list->all && memcmp(list->own.b, key.at, 32) != 0 && memcmp(list->own.b, r->guardian.b, 32) != 0)
        return CROFT_OK;
    list->count++;
    if (list->c->json)
        return list_json(list->c, key.at, r);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, key.at, account);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, r->guardian.b, guardian);
    croft_time_text(r->due_s, due);
    snprintf(keys, sizeof keys, "%u", r->key_count);
    const char *const row[] = {account, due, keys, guardian};
    croft_listing_row(list->table, row);
    return CROFT_OK;
}

static croft_err run_list(struct croft_cli *c)
{
    static const struct croft_column column[] = {
        {"ACCOUNT", false}, {"NEW KEYS AT (UTC)", false}, {"KEYS", true}, {"GUARDIAN", false}};
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
    CROFT_TRY(croft_records_each(&client, CROFT_TABLE_RECOVERIES, c->mem, list_one, &list, &c->why));
    if (list.count == 0 && !c->json)
        printf("no recovery is under way%s\n",
               list.all ? "" : " of this account or by it as guardian; --all shows everybody's");
    return c->json ? CROFT_OK : croft_listing_print(c, table);
}

/* ---- wait ---- */

struct waiting {
    struct croft_address account;
    u64 height;
    bool recovered, cancelled;
    struct croft_arena scratch;
};

static void see_tx(struct waiting *w, const Croft__V1__TxEvent *tx)
{
    struct croft_arena mem = w->scratch;
    if (tx->code != 0)
        return;
    const Croft__V1__TxBody *body = croft_body_of((struct croft_bytes){tx->tx.data, tx->tx.len}, &mem);
    if (body == NULL || body->op_case != CROFT__V1__TX_BODY__OP_RECOVER_CANCEL ||
        body->account_address.len != 32)
        return;
    w->cancelled = w->cancelled || memcmp(body->account_address.data, w->account.b, 32) == 0;
}

static croft_err on_block(void *context, const Croft__V1__BlockEvent *block)
{
    struct waiting *w = context;
    for (size_t i = 0; i < block->n_due; i++)
        w->recovered =
            w->recovered || (block->due[i]->kind == CROFT_DUE_RECOVERED && block->due[i]->key.len >= 32 &&
                             memcmp(block->due[i]->key.data, w->account.b, 32) == 0);
    for (size_t i = 0; !w->recovered && i < block->n_txs; i++)
        see_tx(w, block->txs[i]);
    w->height = block->height;
    return w->recovered || w->cancelled ? CROFT_ERR_EXISTS : CROFT_OK;
}

/* The block after which a recovery of the account was under way. */
static croft_err find_recovery(struct croft_cli *c, const struct croft_address *account, u64 *out_height)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_recovery_record record;
    const Croft__V1__QueryResult *result;
    const struct croft_record_key at = croft_key_of_address(account);
    CROFT_TRY(croft_connect(c, &client));
    croft_err err =
        croft_record_read(&client, CROFT_TABLE_RECOVERIES, &at, false, &c->mem, &record, &result, &c->why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(&c->why, err,
                          "no recovery of %s is under way: it has ended, or was not started\n"
                          "\"croft balance %s\" shows the keys it has",
                          c->arg[0], c->arg[0]);
    CROFT_TRY(err);
    *out_height = result->height;
    return CROFT_OK;
}

static croft_err run_wait(struct croft_cli *c)
{
    struct croft_region scratch CROFT_CLEANUP(croft_region_unmap) = {0};
    struct waiting w = {.recovered = false};
    struct croft_watch watch = {.quiet_ms = QUIET_MS, .on_block = on_block, .context = &w};
    CROFT_TRY(croft_cli_address(c, c->arg[0], "ACCOUNT", &w.account));
    CROFT_TRY(croft_connect_options(c, &watch.options));
    CROFT_TRY(find_recovery(c, &w.account, &watch.from_height));
    watch.from_height++;
    if (!croft_region_map(&scratch, CROFT_ANSWER_BYTES_MAX))
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no address space left");
    w.scratch = croft_region_arena(&scratch);
    croft_err err = croft_watch_run(&watch, c->mem, &c->why);
    if (err != CROFT_ERR_EXISTS)
        return err;
    if (w.cancelled)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND,
                          "the account cancelled the recovery in block %" PRIu64 "\nit keeps its keys",
                          w.height);
    if (c->json)
        return croft_cli_print_json(c, json_pack("{s:s,s:b,s:o}", "account", c->arg[0], "recovered", 1,
                                                 "height", croft_json_u64(w.height)));
    printf("%s has its new keys since block %" PRIu64 "\n", c->arg[0], w.height);
    return CROFT_OK;
}

static const struct croft_option guardian_option[] = {
    {"delay", "TIME", "how long the account can object, like 7d (else 3d)", CROFT_OFFER_NOTHING},
};
static const struct croft_option start_option[] = {
    {"threshold", "LIST", "weight needed per scope, like all=2 (else 1)", CROFT_OFFER_NOTHING},
};
static const struct croft_option list_option[] = {
    {"all", NULL, "everybody's", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "recovery guardian",
        .usage = "ADDRESS\nnone",
        .summary = "say who may give the account new keys if its own are lost",
        .about = "The guardian is another account: a friend's, a lawyer's, or one of several keys.  It can "
                 "move no "
                 "money.  What\n"
                 "it starts takes --delay, and the account can cancel it until then.",
        .examples = "croft recovery guardian croft1... --delay 7d --key alice\ncroft recovery guardian none",
        .option = guardian_option,
        .option_count = CROFT_COUNT(guardian_option),
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_guardian,
    },
    {
        .name = "recovery start",
        .usage = "ACCOUNT KEY...",
        .summary = "as its guardian: give an account new keys, after its delay",
        .about =
            "KEY is a key of this home folder or croftpub1...; each gets every scope and weight 1.  When the "
            "delay is over\n"
            "the keys are replaced by themselves; nothing more is to be sent.",
        .examples =
            "croft recovery start croft1... croftpub1... --key guardian\n"
            "croft recovery start croft1... croftpub1... croftpub1... --threshold all=2 --key guardian",
        .option = start_option,
        .option_count = CROFT_COUNT(start_option),
        .with = CROFT_WITH_SEND,
        .args_min = 2,
        .args_max = 1 + CROFT_KEYS_MAX,
        .offer = CROFT_OFFER_KEY,
        .run = run_start,
    },
    {
        .name = "recovery cancel",
        .usage = "",
        .summary = "as the account: stop a recovery, and keep the keys",
        .about = "",
        .examples = "croft recovery cancel --key alice",
        .with = CROFT_WITH_SEND,
        .run = run_cancel,
    },
    {
        .name = "recovery list",
        .usage = "[ADDRESS]",
        .summary = "show recoveries under way: of an account, or started by it",
        .about = "",
        .examples = "croft recovery list\ncroft recovery list --all --json",
        .option = list_option,
        .option_count = CROFT_COUNT(list_option),
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_max = 1,
        .run = run_list,
    },
    {
        .name = "recovery wait",
        .usage = "ACCOUNT",
        .summary = "wait until an account has its new keys",
        .about = "Ends with an error when the account cancels.  Ctrl-C only ends the waiting.",
        .examples = "croft recovery wait croft1...",
        .with = CROFT_WITH_CHAIN,
        .args_min = 1,
        .args_max = 1,
        .run = run_wait,
    },
};

const struct croft_verb_group croft_recovery_verbs = {verb, CROFT_COUNT(verb)};
