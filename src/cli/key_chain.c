#include "cli/groups.h"

#include "base/assert.h"
#include "chain/payments.h"
#include "chain/records.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/draft.h"
#include "cli/keyset.h"
#include "crypto/bech32m.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHAT_MAX = 160 };

static croft_err read_account(struct croft_cli *c, const struct croft_address *address,
                              struct croft_account_record *out)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    const struct croft_record_key at = croft_key_of_address(address);
    CROFT_TRY(croft_connect(c, &client));
    return croft_record_read(&client, CROFT_TABLE_ACCOUNTS, &at, false, &c->mem, out, NULL, &c->why);
}

/* The place of a key in the account. */
static croft_err find_place(struct croft_cli *c, const struct croft_address *account,
                            const struct croft_account_record *record, const struct croft_public_key *key,
                            u32 *out)
{
    for (u32 i = 0; i < record->key_count; i++) {
        if (record->key[i].scheme != 0 && memcmp(record->key[i].public_key, key->b, sizeof key->b) == 0) {
            *out = i;
            return CROFT_OK;
        }
    }
    /* The first transaction of a fresh account shows its own key at place 0. */
    struct croft_address own;
    croft_err err = croft_wallet_address(key, &own);
    CROFT_ASSERT(err == CROFT_OK);
    *out = 0;
    if (record->key_count == 0 && memcmp(own.b, account->b, sizeof own.b) == 0)
        return CROFT_OK;
    return croft_fail(&c->why, CROFT_ERR_NOT_FOUND,
                      "the account has no such key\n\"croft balance\" lists its keys");
}

static croft_err parse_cap(struct croft_cli *c, const char *option, u64 *out)
{
    struct croft_amt amount;
    const char *text = croft_cli_value(c, option);
    *out = 0;
    if (text == NULL)
        return CROFT_OK;
    CROFT_TRY(croft_cli_amount(c, text, option, &amount));
    *out = croft_amt_units(amount);
    return *out != 0 ? CROFT_OK
                     : croft_cli_usage(c, "--%s must be above zero; leave it out for no cap", option);
}

static croft_err parse_grant(struct croft_cli *c, Croft__V1__Key *out)
{
    u64 weight = 1, seconds;
    const char *text = croft_cli_value(c, "weight"), *expires = croft_cli_value(c, "expires");
    if (!croft_cli_has(c, "scopes"))
        return croft_cli_usage(c, "say what the key may do: --scopes pay,trade,...");
    CROFT_TRY(croft_keyset_scopes(c, croft_cli_value(c, "scopes"), &out->scopes));
    CROFT_TRY(parse_cap(c, "cap", &out->cap_credit));
    CROFT_TRY(parse_cap(c, "cap-croft", &out->cap_token));
    if (text != NULL)
        CROFT_TRY(croft_cli_u64(c, text, "--weight", &weight));
    if (weight < 1 || weight > 255)
        return croft_cli_usage(c, "--weight must be 1 to 255");
    if (expires != NULL) {
        CROFT_TRY(croft_cli_duration(c, expires, "--expires", &seconds));
        if (seconds == 0)
            return croft_cli_usage(c, "--expires must be above zero: the key would be void at once");
        out->expires_s = c->world->ops->wall_ms(c->world) / 1000 + seconds;
    }
    out->scheme = 1;
    out->weight = (u32)weight;
    return CROFT_OK;
}

/* From now on the local key signs for the account, without being told each time. */
static croft_err adopt(struct croft_cli *c, const struct croft_named_key *key,
                       const struct croft_address *account)
{
    bool now = c->draft == NULL; /* what is not sent has changed nothing yet */
    return now && key->name != NULL ? croft_key_set_account(c, key->name, account) : CROFT_OK;
}

/* From then on the key stands for the other account, and its own is out of sight. */
static croft_err warn_about_own(struct croft_cli *c, const struct croft_named_key *key)
{
    struct croft_address own;
    struct croft_account_record record;
    char address[CROFT_BECH32M_TEXT_MAX], amount[CROFT_AMT_TEXT_MAX];
    if (key->name == NULL || croft_draft_wanted(c))
        return CROFT_OK;
    croft_err err = croft_wallet_address(&key->public_key, &own);
    CROFT_ASSERT(err == CROFT_OK);
    err = read_account(c, &own, &record);
    if (err == CROFT_ERR_NOT_FOUND)
        return CROFT_OK;
    CROFT_TRY(err);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, own.b, address);
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++) {
        croft_amt_format(record.balance[asset], amount);
        if (!croft_amt_is_zero(record.balance[asset]))
            fprintf(stderr,
                    "warning: the own account of \"%s\" has %s %s; from now on --account %s reaches it, until "
                    "the key is revoked\n",
                    key->name, amount, croft_asset_name(asset), address);
    }
    return CROFT_OK;
}

static croft_err run_delegate(struct croft_cli *c)
{
    char what[WHAT_MAX];
    struct croft_named_key fresh;
    struct croft_key_info signer;
    struct croft_wallet_result result;
    Croft__V1__Key key = CROFT__V1__KEY__INIT;
    Croft__V1__KeyAdd add = CROFT__V1__KEY_ADD__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    CROFT_TRY(parse_grant(c, &key));
    CROFT_TRY(croft_keyset_key(c, c->arg[0], &fresh));
    CROFT_TRY(croft_key_choose(c, &signer));
    if (memcmp(signer.public_key.b, fresh.public_key.b, sizeof fresh.public_key.b) == 0)
        return croft_cli_usage(c, "a key cannot be delegated to itself: sign with another one (--key)");
    key.public_key = croft_cli_bytes(fresh.public_key.b, sizeof fresh.public_key.b);
    add.key = &key;
    body.op_case = CROFT__V1__TX_BODY__OP_KEY_ADD;
    body.key_add = &add;
    CROFT_TRY(warn_about_own(c, &fresh));
    CROFT_TRY(croft_cli_send_as(c, &signer, &body, &result));
    CROFT_TRY(adopt(c, &fresh, &signer.account));
    snprintf(what, sizeof what, "%s may now sign for the account", c->arg[0]);
    return croft_cli_print_result(c, &result, what, NULL);
}

static croft_err parse_place(struct croft_cli *c, const struct croft_address *account,
                             const struct croft_account_record *record, u32 *out)
{
    struct croft_named_key key;
    const char *text = c->arg[0];
    if (text[0] >= '0' && text[0] < '0' + CROFT_KEYS_MAX && text[1] == '\0') {
        *out = (u32)(text[0] - '0');
        return CROFT_OK;
    }
    CROFT_TRY(croft_keyset_key(c, text, &key));
    return find_place(c, account, record, &key.public_key, out);
}

/* When only keys that expire are left to administer, the account is nobody's after that. */
static void warn_about_admin(const struct croft_account_record *record, u32 gone)
{
    u32 lasting = 0, weight = 0;
    u64 last_s = 0;
    for (u32 i = 0; i < record->key_count; i++) {
        const struct croft_key_record *key = &record->key[i];
        if (i == gone || key->scheme == 0 || (key->scopes >> CROFT_SCOPE_ADMIN & 1) == 0)
            continue;
        weight += key->weight;
        lasting += key->expires_s == 0 ? key->weight : 0;
        last_s = key->expires_s > last_s ? key->expires_s : last_s;
    }
    u32 needed = record->threshold[CROFT_SCOPE_ADMIN];
    if (weight < needed || lasting >= needed)
        return; /* refused anyway, or enough of them last */
    char until[CROFT_TIME_TEXT_MAX];
    croft_time_text(last_s, until);
    fprintf(stderr,
            "warning: the keys that are left with scope admin expire, the last at %s UTC; then nobody can change "
            "the account's keys\n  delegate one that lasts before then: croft key delegate KEY --scopes admin\n",
            until);
}

static croft_err forget(struct croft_cli *c, const struct croft_address *account,
                        const struct croft_account_record *record, u32 place)
{
    struct croft_public_key key;
    if (c->draft != NULL || place >= record->key_count)
        return CROFT_OK;
    memcpy(key.b, record->key[place].public_key, sizeof key.b);
    return croft_key_drop_account(c, &key, account);
}

static croft_err run_revoke(struct croft_cli *c)
{
    char what[WHAT_MAX];
    struct croft_key_info signer;
    struct croft_account_record record;
    struct croft_wallet_result result;
    Croft__V1__KeyRevoke revoke = CROFT__V1__KEY_REVOKE__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    CROFT_TRY(croft_key_choose(c, &signer));
    CROFT_TRY(read_account(c, &signer.account, &record));
    CROFT_TRY(parse_place(c, &signer.account, &record, &revoke.key));
    warn_about_admin(&record, revoke.key);
    body.op_case = CROFT__V1__TX_BODY__OP_KEY_REVOKE;
    body.key_revoke = &revoke;
    CROFT_TRY(croft_cli_send_as(c, &signer, &body, &result));
    CROFT_TRY(forget(c, &signer.account, &record, revoke.key));
    snprintf(what, sizeof what, "the key at place %u is revoked", revoke.key);
    return croft_cli_print_result(c, &result, what, NULL);
}

static croft_err run_rotate(struct croft_cli *c)
{
    char what[WHAT_MAX];
    struct croft_named_key fresh;
    struct croft_key_info signer;
    struct croft_account_record record;
    struct croft_wallet_result result;
    Croft__V1__KeyRotate rotate = CROFT__V1__KEY_ROTATE__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    CROFT_TRY(croft_keyset_key(c, c->arg[0], &fresh));
    CROFT_TRY(croft_key_choose(c, &signer));
    if (memcmp(signer.public_key.b, fresh.public_key.b, sizeof fresh.public_key.b) == 0)
        return croft_cli_usage(c, "the new key is the old one: say which to replace with --key");
    CROFT_TRY(read_account(c, &signer.account, &record));
    CROFT_TRY(find_place(c, &signer.account, &record, &signer.public_key, &rotate.key));
    rotate.public_key = croft_cli_bytes(fresh.public_key.b, sizeof fresh.public_key.b);
    body.op_case = CROFT__V1__TX_BODY__OP_KEY_ROTATE;
    body.key_rotate = &rotate;
    CROFT_TRY(croft_cli_send_as(c, &signer, &body, &result));
    CROFT_TRY(adopt(c, &fresh, &signer.account));
    snprintf(what, sizeof what, "%s now signs in place of %s; the account's address stays", c->arg[0],
             signer.name);
    return croft_cli_print_result(c, &result, what, NULL);
}

/* ---- thresholds ---- */

/* What the chain would refuse only after taking a fee. */
static croft_err check_reach(struct croft_cli *c, const struct croft_account_record *account,
                             const u8 threshold[CROFT_SCOPE_COUNT])
{
    for (u32 scope = 0; scope < CROFT_SCOPE_COUNT; scope++) {
        u32 weight = 0;
        for (u32 i = 0; i < account->key_count; i++)
            weight += account->key[i].scheme != 0 && (account->key[i].scopes >> scope & 1) != 0
                          ? account->key[i].weight
                          : 0;
        if (weight < threshold[scope] && (weight > 0 || scope == CROFT_SCOPE_ADMIN))
            return croft_fail(&c->why, CROFT_ERR_OP_KEYS,
                              "%s cannot need %u: the keys with that scope weigh %u together\n"
                              "add one first: croft key delegate KEY --scopes %s",
                              croft_scope_name(scope), threshold[scope], weight, croft_scope_name(scope));
    }
    return CROFT_OK;
}

static croft_err run_threshold(struct croft_cli *c)
{
    struct croft_key_info signer;
    struct croft_account_record account;
    struct croft_wallet_result result;
    u8 threshold[CROFT_SCOPE_COUNT];
    Croft__V1__KeyThresholds op = CROFT__V1__KEY_THRESHOLDS__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    CROFT_TRY(croft_keyset_thresholds(c, c->arg[0], threshold)); /* its form, before anything is asked */
    CROFT_TRY(croft_key_choose(c, &signer));
    CROFT_TRY(read_account(c, &signer.account, &account));
    if (account.key_count == 0)
        return croft_fail(&c->why, CROFT_ERR_TX_ACCOUNT,
                          "the account has one key, which its first transaction shows\n"
                          "add another first: croft key delegate KEY --scopes all");
    memcpy(threshold, account.threshold, sizeof threshold);
    CROFT_TRY(croft_keyset_thresholds(c, c->arg[0], threshold));
    CROFT_TRY(check_reach(c, &account, threshold));
    op.thresholds = croft_cli_bytes(threshold, sizeof threshold);
    body.op_case = CROFT__V1__TX_BODY__OP_KEY_THRESHOLDS;
    body.key_thresholds = &op;
    CROFT_TRY(croft_cli_send_as(c, &signer, &body, &result));
    return croft_cli_print_result(c, &result, "the thresholds are changed", NULL);
}

static const struct croft_option delegate_option[] = {
    {"scopes", "LIST", "what it may do: pay, trade, node, voucher, audit, vote, admin, or all",
     CROFT_OFFER_NOTHING},
    {"weight", "N", "its weight towards the account's thresholds, 1 to 255 (else 1)", CROFT_OFFER_NOTHING},
    {"cap", "AMOUNT", "most credits it may move out a day, fees included (else no cap)", CROFT_OFFER_NOTHING},
    {"cap-croft", "AMOUNT", "the same in CROFT", CROFT_OFFER_NOTHING},
    {"expires", "TIME", "how long it is valid (else for ever)", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "key delegate",
        .usage = "KEY --scopes LIST",
        .summary = "let another key sign for the account, within limits",
        .about =
            "KEY is a key of this home folder, or croftpub1... of another machine.  Signed with --key, "
            "which must\n"
            "have the scope admin.  A second key with --scopes all is a second owner.  To change a key's "
            "limits,\n"
            "revoke it and delegate it anew.",
        .examples = "croft key delegate rig --scopes node,trade --key alice\n"
                    "croft key delegate bob --scopes all --key alice\n"
                    "croft key delegate croftpub1... --scopes pay --cap 10 --expires 30d --key alice",
        .option = delegate_option,
        .option_count = CROFT_COUNT(delegate_option),
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .offer = CROFT_OFFER_KEY,
        .run = run_delegate,
    },
    {
        .name = "key revoke",
        .usage = "KEY|PLACE",
        .summary = "take the right to sign for the account from a key",
        .about = "KEY is a key of this home folder or croftpub1...; PLACE is its place, which \"croft "
                 "balance\" shows.  A key of this home folder stands for its own account again.",
        .examples = "croft key revoke rig --key alice\ncroft key revoke 2 --key alice",
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .offer = CROFT_OFFER_KEY,
        .run = run_revoke,
    },
    {
        .name = "key rotate",
        .usage = "NEW-KEY",
        .summary = "replace the key that signs by a new one",
        .about = "The account keeps its address, money and limits; the old key is void at once.",
        .examples = "croft key new alice2\ncroft key rotate alice2 --key alice",
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .offer = CROFT_OFFER_KEY,
        .run = run_rotate,
    },
    {
        .name = "key threshold",
        .usage = "SCOPE=WEIGHT,...",
        .summary = "say how much weight signatures need together, per scope",
        .about =
            "SCOPE is pay, trade, node, voucher, audit, vote, admin or all; those not named stay.  Above the "
            "weight of one\n"
            "key, a transaction needs several signatures: \"croft send ... --out FILE\", \"croft tx sign "
            "FILE\".",
        .examples = "croft key delegate bob --scopes all --key alice\n"
                    "croft key threshold pay=2,admin=2 --key alice\ncroft key threshold all=2 --out tx.json",
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_threshold,
    },
};

const struct croft_verb_group croft_key_chain_verbs = {verb, CROFT_COUNT(verb)};
