#include "cli/groups.h"

#include "base/assert.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/draft.h"
#include "cli/table.h"
#include "cli/tx_file.h"
#include "crypto/bech32m.h"
#include "crypto/hash.h"
#include "json/hex.h"
#include "json/json.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- show ---- */

static void key_row(struct croft_listing *l, const struct croft_unsent *u, const struct croft_unsent_key *key)
{
    char place[8], weight[8], text[CROFT_BECH32M_TEXT_MAX];
    snprintf(place, sizeof place, "%u", key->place);
    snprintf(weight, sizeof weight, "%u", key->weight);
    croft_bech32m_encode(CROFT_HRP_PUBLIC_KEY, key->public_key.b, text);
    bool leads = key->place == u->body->lead_key;
    const char *const row[] = {place, text, weight,
                               key->signed_by ? (leads ? "yes, leads" : "yes")
                                              : (leads ? "must: leads" : "no")};
    croft_listing_row(l, row);
}

static croft_err print_keys(struct croft_cli *c, const struct croft_unsent *u)
{
    static const struct croft_column column[] = {
        {"PLACE", true}, {"KEY", false}, {"WEIGHT", true}, {"SIGNED", false}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    if (l == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    for (u32 i = 0; i < u->key_count; i++)
        key_row(l, u, &u->key[i]);
    return croft_listing_print(c, l);
}

static bool has_expired(struct croft_cli *c, const struct croft_unsent *u)
{
    return c->world->ops->wall_ms(c->world) / 1000 > u->body->valid_until_s;
}

static croft_err print_pairs(struct croft_cli *c, const struct croft_unsent *u)
{
    char id[65], network[65 + CROFT_NETWORK_NAME_MAX + 8], account[CROFT_BECH32M_TEXT_MAX];
    char fee[CROFT_AMT_TEXT_MAX + 24], amount[CROFT_AMT_TEXT_MAX], valid[CROFT_TIME_TEXT_MAX + 24];
    croft_hex_encode((struct croft_bytes){u->network.b, sizeof u->network.b}, id);
    snprintf(network, sizeof network, "%s (%s)", u->network_name, id);
    croft_hex_encode((struct croft_bytes){u->id.b, sizeof u->id.b}, id);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, u->body->account_address.data, account);
    croft_amt_format(croft_amt_of(u->body->fee_max), amount);
    snprintf(fee, sizeof fee, "%s%s", u->body->lane == CROFT_LANE_QUOTA ? "none, from the quota" : "at most ",
             u->body->lane == CROFT_LANE_QUOTA ? "" : amount);
    croft_time_text(u->body->valid_until_s, valid);
    strcat(valid, has_expired(c, u) ? " - has passed" : "");
    const char *const pair[][2] = {
        {"transaction", id},
        {"network", network},
        {"account", account},
        {"fee", fee},
        {"valid until (UTC)", valid},
        {"shows its keys", u->body->key_set != NULL ? "yes, it is the account's first" : NULL},
    };
    return croft_listing_print_pairs(c, pair, CROFT_COUNT(pair));
}

static croft_err print_file(struct croft_cli *c, const char *file, const struct croft_unsent *u)
{
    char *told = croft_new(&c->mem, char, CROFT_TELL_MAX), progress[CROFT_DRAFT_TEXT_MAX];
    if (told == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the text");
    croft_tell_op(u->body, told);
    printf("%s\n\n", told);
    CROFT_TRY(print_pairs(c, u));
    putchar('\n');
    CROFT_TRY(print_keys(c, u));
    croft_draft_progress(u, file, progress);
    printf("\n%s\n", progress);
    return CROFT_OK;
}

croft_err croft_tx_show_file(struct croft_cli *c, const char *file)
{
    struct croft_unsent u;
    CROFT_TRY(croft_draft_read(c, file, &u));
    return c->json ? croft_cli_print_json(c, croft_unsent_json(&u)) : print_file(c, file, &u);
}

/* ---- sign ---- */

static bool may_still_sign(const struct croft_unsent *u, const struct croft_public_key *key)
{
    for (u32 i = 0; i < u->key_count; i++)
        if (memcmp(u->key[i].public_key.b, key->b, sizeof key->b) == 0)
            return !u->key[i].signed_by;
    return false;
}

/* The one key of this home folder that may sign and has not. */
static croft_err find_signer(struct croft_cli *c, const struct croft_unsent *u, struct croft_key_info *out)
{
    char(*names)[CROFT_KEY_NAME_MAX];
    size_t count, found = 0;
    struct croft_key_info info;
    struct croft_why unused = c->why;
    CROFT_TRY(croft_key_names(c, &names, &count));
    for (size_t i = 0; i < count; i++) {
        if (croft_key_info(c, names[i], &info) == CROFT_OK && may_still_sign(u, &info.public_key)) {
            *out = info;
            found++;
        }
    }
    c->why = unused; /* of key files that cannot be read: "croft key list" tells */
    if (found == 1)
        return CROFT_OK;
    if (found > 1)
        return croft_cli_usage(c, "%zu keys of this home folder may sign it: say which with --key NAME",
                               found);
    return croft_fail(
        &c->why, CROFT_ERR_NOT_FOUND,
        "no key in %s/keys may sign it, or all of them have\n\"croft tx show FILE\" lists who may", c->home);
}

static croft_err choose_signer(struct croft_cli *c, const struct croft_unsent *u, struct croft_key_info *out)
{
    const char *name = croft_cli_value(c, "key"), *set = getenv("CROFT_KEY");
    if (name == NULL && set != NULL && *set != '\0')
        name = set;
    return name != NULL ? croft_key_info(c, name, out) : find_signer(c, u, out);
}

static croft_err run_sign(struct croft_cli *c)
{
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    const char *file = c->arg[0], *out = croft_cli_value(c, "out");
    struct croft_key_info key;
    struct croft_unsent u;
    if (strcmp(file, "-") == 0 && out == NULL)
        return croft_cli_usage(c, "from standard input it needs --out FILE");
    CROFT_TRY(croft_draft_read(c, file, &u));
    if (has_expired(c, &u))
        return croft_fail(&c->why, CROFT_ERR_TX_EXPIRED,
                          "the time until which it is valid has passed\nhave the transaction made anew");
    CROFT_TRY(choose_signer(c, &u, &key));
    CROFT_TRY(croft_key_open(c, &key, &secret));
    CROFT_TRY(croft_unsent_sign(&u, &secret, &c->why));
    CROFT_TRY(croft_cli_join(c, u.network_name, &u.network));
    const char *to = out != NULL ? out : file;
    CROFT_TRY(croft_draft_write(c, to, out == NULL, &u));
    if (c->json)
        return croft_cli_print_json(c, croft_draft_json(&u, to));
    printf("\"%s\" has signed\n", key.name);
    return print_file(c, to, &u);
}

/* ---- send ---- */

static croft_err read_all(struct croft_cli *c, struct croft_unsent *out)
{
    CROFT_TRY(croft_draft_read(c, c->arg[0], out));
    for (int i = 1; i < c->arg_count; i++) {
        struct croft_unsent other;
        struct croft_why why;
        CROFT_TRY(croft_draft_read(c, c->arg[i], &other));
        croft_err err = croft_unsent_merge(out, &other, &why);
        if (err != CROFT_OK)
            return croft_fail(&c->why, err, "%s: %s than %s\nsend them one by one", c->arg[i], why.text,
                              c->arg[0]);
    }
    return CROFT_OK;
}

static croft_err check_network(struct croft_cli *c, const struct croft_client *client,
                               const struct croft_unsent *u)
{
    if (croft_hash_equal(&client->network, &u->network))
        return CROFT_OK;
    return croft_fail(
        &c->why, CROFT_ERR_NETWORK,
        "it is for network \"%s\", and the chain at %s is \"%s\"\nuse --chain for the right one",
        u->network_name, client->options.where, client->network_name);
}

static croft_err run_send(struct croft_cli *c)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_unsent u;
    struct croft_bytes tx;
    struct croft_wallet_result result;
    char *told = croft_new(&c->mem, char, CROFT_TELL_MAX);
    if (told == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the text");
    CROFT_TRY(read_all(c, &u));
    CROFT_TRY(croft_unsent_pack(&u, &c->mem, &tx, &c->why));
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(check_network(c, &client, &u));
    signal(SIGPIPE, SIG_IGN);
    croft_err err = croft_wallet_submit(&client, tx, &u.id, c->mem, &result, &c->why);
    if (err == CROFT_ERR_TX_EXPIRED)
        return croft_fail(
            &c->why, err,
            "refused: the time until which it is valid has passed\nhave the transaction made anew");
    CROFT_TRY(err);
    croft_cli_note_done(c, result.id.b);
    croft_tell_op(u.body, told);
    return croft_cli_print_result(c, &result, told, NULL);
}

static const struct croft_option sign_option[] = {
    {"key", "NAME", "the key that signs (else $CROFT_KEY, else the only one that may)", CROFT_OFFER_KEY},
    {"passphrase-file", "FILE", "first line: the key's passphrase (else it is asked for)", CROFT_OFFER_FILE},
    {"out", "FILE", "write a new file (else FILE is replaced)", CROFT_OFFER_FILE},
};

static const struct croft_verb verb[] = {
    {
        .name = "tx sign",
        .usage = "FILE",
        .summary = "add a signature to a transaction that is not sent yet",
        .about = "FILE is what a verb that sends has written with --out or --unsigned.  No chain is needed.  "
                 "It says "
                 "in words\n"
                 "what was signed; \"croft tx show FILE\" says it before.  Signers can work on copies: "
                 "\"croft tx send\" "
                 "takes several.",
        .examples = "croft send croft1... 500 --out tx.json --key alice\ncroft tx show tx.json\n"
                    "croft tx sign tx.json --key bob\ncroft tx send tx.json",
        .option = sign_option,
        .option_count = CROFT_COUNT(sign_option),
        .args_min = 1,
        .args_max = 1,
        .offer = CROFT_OFFER_FILE,
        .run = run_sign,
    },
    {
        .name = "tx send",
        .usage = "FILE...",
        .summary = "send a transaction that was signed in a file",
        .about = "Several files are copies of one transaction, each with signatures of its own.  A "
                 "transaction that "
                 "was sent\n"
                 "before is not sent twice: what became of it is shown.",
        .examples = "croft tx send tx.json\ncroft tx send alices.json bobs.json --json",
        .with = CROFT_WITH_CHAIN,
        .args_min = 1,
        .args_max = CROFT_KEYS_MAX,
        .offer = CROFT_OFFER_FILE,
        .run = run_send,
    },
};

const struct croft_verb_group croft_tx_file_verbs = {verb, CROFT_COUNT(verb)};
