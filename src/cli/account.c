#include "cli/groups.h"

#include "base/assert.h"
#include "chain/records.h"
#include "cli/connect.h"
#include "cli/keyset.h"
#include "cli/table.h"
#include "crypto/bech32m.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- new ---- */

static croft_err run_new(struct croft_cli *c)
{
    struct croft_named_key named[CROFT_KEYS_MAX];
    Croft__V1__KeySet *set;
    char text[CROFT_BECH32M_TEXT_MAX];
    CROFT_TRY(croft_keyset_make(c, 0, &set, named));
    const struct croft_address address = croft_key_set_address(set);
    CROFT_TRY(croft_keyset_store(c, set, &address));
    for (size_t i = 0; i < set->n_keys; i++)
        if (named[i].name != NULL)
            CROFT_TRY(croft_key_set_account(c, named[i].name, &address));
    croft_bech32m_encode(CROFT_HRP_ADDRESS, address.b, text);
    if (c->json)
        return croft_cli_print_json(
            c, json_pack("{s:s,s:o}", "address", text, "key_set", croft_json_of_message(&set->base)));
    printf("%s\n  the account of %zu keys; it comes into being with the first payment to it\n", text,
           set->n_keys);
    return CROFT_OK;
}

/* ---- close ---- */

/* What the chain would refuse only after taking a fee. */
static croft_err check_empty(struct croft_cli *c, const struct croft_address *address)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_account_record account;
    const struct croft_record_key at = croft_key_of_address(address);
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_record_read(&client, CROFT_TABLE_ACCOUNTS, &at, false, &c->mem, &account, NULL, &c->why));
    if (account.open_records == 0)
        return CROFT_OK;
    return croft_fail(
        &c->why, CROFT_ERR_OP_NOT_EMPTY,
        "the account still has %" PRIu64 " open records; nothing was sent\n"
        "see: croft pending list, croft withdraw --list, croft params proposals, croft issuer list, croft "
        "validator list",
        account.open_records);
}

static croft_err run_close(struct croft_cli *c)
{
    struct croft_address to;
    struct croft_key_info key;
    struct croft_wallet_result result;
    char what[200];
    const char *text = croft_cli_value(c, "to");
    Croft__V1__CloseAccount op = CROFT__V1__CLOSE_ACCOUNT__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    if (text == NULL)
        return croft_cli_usage(c, "say who gets what is left: --to ADDRESS");
    CROFT_TRY(croft_cli_address(c, text, "--to", &to));
    CROFT_TRY(croft_key_choose(c, &key));
    CROFT_TRY(check_empty(c, &key.account));
    op.to_address = croft_cli_bytes(to.b, sizeof to.b);
    body.op_case = CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT;
    body.close_account = &op;
    croft_err err = croft_cli_send_as(c, &key, &body, &result);
    if (err == CROFT_ERR_OP_TIME)
        return croft_fail(
            &c->why, err,
            "failed: an account cannot close in the second it began, nor while its nonces are ahead of "
            "the clock\ntry again in a few seconds");
    CROFT_TRY(err);
    snprintf(what, sizeof what, "the account is closed; what was left went to %s", text);
    return croft_cli_print_result(c, &result, what, NULL);
}

static const struct croft_option new_option[] = {
    {"threshold", "LIST", "weight needed per scope, like pay=2,admin=2 or all=2 (else 1)",
     CROFT_OFFER_NOTHING},
};
static const struct croft_option close_option[] = {
    {"to", "ADDRESS", "the account that gets the money and the deposit", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "account new",
        .usage = "KEY...",
        .summary = "make the account of several keys, and its address",
        .about =
            "KEY is a key of this home folder, or croftpub1... of another machine; each gets every scope and "
            "weight 1.\n"
            "The same keys, order and thresholds give the same address everywhere, so each signer runs this. "
            " "
            "The keys of\n"
            "this home folder act for it from now on.  For one key alone \"croft key new\" is enough.",
        .examples = "croft account new alice croftpub1... --threshold all=2\n"
                    "croft account new a b c --threshold pay=2,admin=3 --json",
        .option = new_option,
        .option_count = CROFT_COUNT(new_option),
        .args_min = 1,
        .args_max = CROFT_KEYS_MAX,
        .offer = CROFT_OFFER_KEY,
        .run = run_new,
    },
    {
        .name = "account close",
        .usage = "--to ADDRESS",
        .summary = "close the account; what is left goes to another",
        .about = "Nothing of it may be open: no pending transfers, withdrawals, proposals or recoveries.",
        .examples = "croft account close --to croft1... --key old",
        .option = close_option,
        .option_count = CROFT_COUNT(close_option),
        .with = CROFT_WITH_SEND,
        .run = run_close,
    },
};

const struct croft_verb_group croft_account_verbs = {verb, CROFT_COUNT(verb)};
