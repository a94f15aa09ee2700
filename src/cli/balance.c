#include "cli/groups.h"

#include "base/assert.h"
#include "chain/payments.h"
#include "chain/records.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/table.h"
#include "crypto/bech32m.h"
#include "json/hex.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { THRESHOLDS_TEXT_MAX = 96, CAP_TEXT_MAX = 72 };

static void cap_text(const struct croft_key_record *key, char out[CAP_TEXT_MAX])
{
    char amount[CROFT_AMT_TEXT_MAX];
    out[0] = '\0';
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++) {
        size_t len = strlen(out);
        croft_amt_format(key->cap[asset], amount);
        if (!croft_amt_is_zero(key->cap[asset]))
            snprintf(out + len, CAP_TEXT_MAX - len, "%s%s %s", len > 0 ? ", " : "", amount,
                     croft_asset_name(asset));
    }
    if (out[0] == '\0')
        snprintf(out, CAP_TEXT_MAX, "none");
}

static void key_row(struct croft_listing *l, u32 place, const struct croft_key_record *key)
{
    char number[8], weight[8], scopes[CROFT_SCOPES_TEXT_MAX], cap[CAP_TEXT_MAX], expires[CROFT_TIME_TEXT_MAX];
    char public_key[CROFT_BECH32M_TEXT_MAX];
    snprintf(number, sizeof number, "%u", place);
    snprintf(weight, sizeof weight, "%u", key->weight);
    croft_scopes_text(key->scopes, scopes);
    cap_text(key, cap);
    croft_time_text(key->expires_s, expires);
    croft_bech32m_encode(CROFT_HRP_PUBLIC_KEY, key->public_key, public_key);
    const char *const row[] = {number, public_key, scopes,
                               weight, cap,        key->expires_s == 0 ? "never" : expires};
    croft_listing_row(l, row);
}

static croft_err print_keys(struct croft_cli *c, const struct croft_account_record *account)
{
    static const struct croft_column column[] = {{"PLACE", true},  {"KEY", false},      {"SCOPES", false},
                                                 {"WEIGHT", true}, {"DAILY CAP", true}, {"EXPIRES", false}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    if (l == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    for (u32 i = 0; i < account->key_count; i++)
        if (account->key[i].scheme != 0)
            key_row(l, i, &account->key[i]);
    putchar('\n');
    return croft_listing_print(c, l);
}

static void guardian_text(const struct croft_account_record *account, char *out, size_t size)
{
    char address[CROFT_BECH32M_TEXT_MAX];
    out[0] = '\0';
    if (croft_address_is_system(&account->guardian))
        return; /* all zero: none */
    croft_bech32m_encode(CROFT_HRP_ADDRESS, account->guardian.b, address);
    snprintf(out, size, "%s, after %" PRIu64 " hours", address, account->recover_delay_s / 3600);
}

/* Only what needs more than the weight of one usual key. */
static void thresholds_text(const struct croft_account_record *account, char out[THRESHOLDS_TEXT_MAX])
{
    out[0] = '\0';
    for (u32 i = 0; i < CROFT_SCOPE_COUNT; i++) {
        size_t len = strlen(out);
        if (account->threshold[i] > 1)
            snprintf(out + len, THRESHOLDS_TEXT_MAX - len, "%s%s=%u", len > 0 ? "," : "",
                     croft_scope_name((enum croft_scope)i), account->threshold[i]);
    }
}

static croft_err print_account(struct croft_cli *c, const char *address,
                               const struct croft_account_record *account)
{
    char credit[CROFT_AMT_TEXT_MAX], token[CROFT_AMT_TEXT_MAX], deposit[CROFT_AMT_TEXT_MAX];
    char guardian[CROFT_BECH32M_TEXT_MAX + 48], needs[THRESHOLDS_TEXT_MAX];
    guardian_text(account, guardian, sizeof guardian);
    thresholds_text(account, needs);
    croft_amt_format(account->balance[CROFT_ASSET_CREDIT], credit);
    croft_amt_format(account->balance[CROFT_ASSET_CROFT], token);
    croft_amt_format(account->deposit, deposit);
    bool has_token = !croft_amt_is_zero(account->balance[CROFT_ASSET_CROFT]);
    const char *const pair[][2] = {
        {"account", address},
        {"credits", credit},
        {"CROFT", has_token ? token : NULL},
        {"deposit", deposit},
        {"guardian", guardian[0] != '\0' ? guardian : NULL},
        {"weight needed", needs[0] != '\0' ? needs : NULL},
        {"keys", account->key_count == 0 ? "not shown yet: its first transaction does" : NULL},
    };
    CROFT_TRY(croft_listing_print_pairs(c, pair, CROFT_COUNT(pair)));
    return account->key_count > 0 ? print_keys(c, account) : CROFT_OK;
}

static croft_err print_json(struct croft_cli *c, const char *address,
                            const struct croft_account_record *account, const Croft__V1__QueryResult *result)
{
    json_t *json = croft_json_of_layout(&croft_account_layout, account);
    struct croft_bytes app_hash = {result->app_hash.data, result->app_hash.len};
    if (json != NULL && (json_object_set_new(json, "address", json_string(address)) != 0 ||
                         json_object_set_new(json, "height", croft_json_u64(result->height)) != 0 ||
                         json_object_set_new(json, "app_hash", croft_json_hex(app_hash)) != 0))
        croft_json_drop(&json);
    return croft_cli_print_json(c, json);
}

static croft_err run_balance(struct croft_cli *c)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_address address;
    struct croft_account_record account;
    const Croft__V1__QueryResult *result;
    char text[CROFT_BECH32M_TEXT_MAX];
    CROFT_TRY(croft_cli_account(c, &address));
    croft_bech32m_encode(CROFT_HRP_ADDRESS, address.b, text);
    CROFT_TRY(croft_connect(c, &client));
    const struct croft_record_key key = croft_key_of_address(&address);
    croft_err err = croft_record_read(&client, CROFT_TABLE_ACCOUNTS, &key, croft_cli_has(c, "prove"), &c->mem,
                                      &account, &result, &c->why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(&c->why, err,
                          "the account %s does not exist on network \"%s\"\n"
                          "it comes into being with the first payment to it",
                          text, client.network_name);
    CROFT_TRY(err);
    if (c->json)
        return print_json(c, text, &account, result);
    CROFT_TRY(print_account(c, text, &account));
    if (croft_cli_has(c, "prove")) {
        char hash[65] = "?";
        CROFT_ASSERT(result->app_hash.len == 32);
        croft_hex_encode((struct croft_bytes){result->app_hash.data, 32}, hash);
        printf("\nproven under app hash %s after block %" PRIu64 "\n", hash, result->height);
    }
    return CROFT_OK;
}

static const struct croft_option option[] = {
    {"prove", NULL, "check the chain's proof of the record, and print the app hash it leads to",
     CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "balance",
        .usage = "[ADDRESS]",
        .summary = "show what an account has, and its keys",
        .about = "Without ADDRESS: the account of --key, of $CROFT_KEY, or of the only key there is.",
        .examples = "croft balance\ncroft balance --key alice --json\ncroft balance croft1... --prove",
        .option = option,
        .option_count = CROFT_COUNT(option),
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_max = 1,
        .run = run_balance,
    },
};

const struct croft_verb_group croft_balance_verbs = {verb, CROFT_COUNT(verb)};
