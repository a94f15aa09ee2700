#include "cli/connect.h"

#include "base/assert.h"
#include "chain/payments.h"
#include "cli/draft.h"
#include "cli/keyset.h"
#include "crypto/bech32m.h"
#include "crypto/hash.h"
#include "json/hex.h"
#include "json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TIMEOUT_S = 30, TIMEOUT_MAX_S = 86400, REFERENCE_MAX = 64, NETWORK_TEXT_MAX = 128 };

struct pinned_network {
    char name[CROFT_NETWORK_NAME_MAX];
    struct croft_hash id;
};

static void network_path(const struct croft_cli *c, char out[CROFT_PATH_TEXT_MAX])
{
    int n = snprintf(out, CROFT_PATH_TEXT_MAX, "%s/network", c->home);
    CROFT_ASSERT(n > 0 && n < CROFT_PATH_TEXT_MAX);
}

static void close_file(FILE **f)
{
    if (*f != NULL)
        fclose(*f);
}

/* A zero id when this wallet belongs to no network yet. */
static croft_err read_network(struct croft_cli *c, struct pinned_network *out)
{
    char path[CROFT_PATH_TEXT_MAX], id[NETWORK_TEXT_MAX];
    network_path(c, path);
    *out = (struct pinned_network){.name = ""};
    FILE *f CROFT_CLEANUP(close_file) = fopen(path, "re");
    if (f == NULL && errno == ENOENT)
        return CROFT_OK;
    if (f == NULL)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", path, strerror(errno));
    if (fscanf(f, "%32s %127s", out->name, id) != 2 || !croft_hex_decode(id, out->id.b, sizeof out->id.b))
        return croft_fail(
            &c->why, CROFT_ERR_DECODE,
            "%s does not hold \"NAME ID\" of a network\nremove it; the next signature writes it anew", path);
    return CROFT_OK;
}

croft_err croft_cli_join(struct croft_cli *c, const char *name, const struct croft_hash *network)
{
    struct pinned_network known;
    char path[CROFT_PATH_TEXT_MAX], id[65], text[NETWORK_TEXT_MAX];
    CROFT_TRY(read_network(c, &known));
    if (!croft_hash_is_zero(&known.id) && !croft_hash_equal(&known.id, network))
        return croft_fail(&c->why, CROFT_ERR_NETWORK,
                          "it is for network \"%s\", and this wallet belongs to \"%s\"\n"
                          "use --home for a wallet of that network",
                          name, known.name);
    if (!croft_hash_is_zero(&known.id))
        return CROFT_OK;
    network_path(c, path);
    croft_hex_encode((struct croft_bytes){network->b, sizeof network->b}, id);
    snprintf(text, sizeof text, "%s %s\n", name, id);
    if (mkdir(c->home, 0700) != 0 && errno != EEXIST)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot create the folder %s: %s", c->home, strerror(errno));
    croft_err err = croft_keyfile_store(c, path, text);
    return err == CROFT_ERR_EXISTS ? CROFT_OK
                                   : err; /* another croft was faster; its next connection compares */
}

static croft_err choose_where(struct croft_cli *c, const char **out)
{
    const char *given = croft_cli_value(c, "chain"), *set = getenv("CROFT_CHAIN");
    if (given == NULL && set != NULL && *set != '\0')
        given = set;
    *out = given;
    if (given != NULL)
        return CROFT_OK;
    char *text = croft_new(&c->mem, char, CROFT_PATH_TEXT_MAX);
    CROFT_ASSERT(text != NULL);
    snprintf(text, CROFT_PATH_TEXT_MAX, "unix:%s/chain/api.sock", c->home);
    *out = text;
    return CROFT_OK;
}

croft_err croft_connect_options(struct croft_cli *c, struct croft_client_options *out)
{
    u64 timeout_s = TIMEOUT_S;
    const char *where, *timeout = croft_cli_value(c, "timeout");
    struct pinned_network *known = croft_new(&c->mem, struct pinned_network, 1);
    CROFT_ASSERT(known != NULL);
    if (timeout != NULL)
        CROFT_TRY(croft_cli_duration(c, timeout, "--timeout", &timeout_s));
    if (timeout_s == 0 || timeout_s > TIMEOUT_MAX_S)
        return croft_cli_usage(c, "--timeout must be from 1s to 1d");
    CROFT_TRY(choose_where(c, &where));
    CROFT_TRY(read_network(c, known));
    *out = (struct croft_client_options){
        .world = c->world,
        .interrupted = c->interrupted,
        .where = where,
        .timeout_ms = (u32)timeout_s * 1000,
        .network = known->id,
        .network_name = known->name[0] != '\0' ? known->name : NULL,
    };
    return CROFT_OK;
}

croft_err croft_connect(struct croft_cli *c, struct croft_client *out)
{
    struct croft_client_options options;
    CROFT_TRY(croft_connect_options(c, &options));
    return croft_client_open(&options, out, &c->why);
}

static croft_err wallet_options(struct croft_cli *c, struct croft_wallet *w)
{
    const char *fee_max = croft_cli_value(c, "fee-max"), *valid = croft_cli_value(c, "valid");
    if (fee_max != NULL)
        CROFT_TRY(croft_cli_amount(c, fee_max, "--fee-max", &w->fee_max));
    w->has_fee_max = fee_max != NULL;
    if (valid != NULL)
        CROFT_TRY(croft_cli_duration(c, valid, "--valid", &w->valid_s));
    if (croft_cli_knows(c, "quota") && croft_cli_has(c, "quota"))
        w->lane = CROFT_LANE_QUOTA;
    return croft_keyset_load(c, &w->account, &w->key_set);
}

croft_err croft_cli_send_as(struct croft_cli *c, const struct croft_key_info *key, Croft__V1__TxBody *body,
                            struct croft_wallet_result *out)
{
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_wallet wallet = {.client = &client, .account = key->account, .key = &secret};
    bool draft = croft_draft_wanted(c), sign = !draft || !croft_cli_has(c, "unsigned");
    *out = (struct croft_wallet_result){.height = 0};
    CROFT_TRY(wallet_options(c, &wallet));
    if (sign)
        CROFT_TRY(croft_key_open(c, key, &secret));
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_cli_join(c, client.network_name, &client.network));
    if (!draft) {
        signal(SIGPIPE, SIG_IGN); /* who reads our output may go; we have a payment to tell of */
        CROFT_TRY(croft_wallet_send(&wallet, body, &c->mem, out, &c->why));
        croft_cli_note_done(c, out->id.b);
        return CROFT_OK;
    }
    const struct croft_public_key *lead = key->name[0] != '\0' ? &key->public_key : NULL;
    return croft_draft_make(c, &wallet, lead, sign ? &secret : NULL, body);
}

croft_err croft_cli_send(struct croft_cli *c, Croft__V1__TxBody *body, struct croft_wallet_result *out)
{
    struct croft_key_info key;
    CROFT_TRY(croft_key_choose(c, &key));
    return croft_cli_send_as(c, &key, body, out);
}

croft_err croft_cli_print_result(struct croft_cli *c, const struct croft_wallet_result *result,
                                 const char *what, json_t *more)
{
    char id[65], fee[CROFT_AMT_TEXT_MAX];
    if (c->draft != NULL)
        return croft_draft_print(c, more);
    croft_hex_encode((struct croft_bytes){result->id.b, sizeof result->id.b}, id);
    croft_amt_format(result->fee, fee);
    if (!c->json) {
        json_decref(more);
        printf("%s\n  in block %" PRIu64 ", place %u; fee %s; transaction %s\n", what, result->height,
               result->index, fee, id);
        return CROFT_OK;
    }
    json_t *json = json_pack("{s:s,s:o,s:i,s:s}", "id", id, "height", croft_json_u64(result->height), "index",
                             (int)result->index, "fee", fee);
    if (json != NULL && more != NULL && json_object_update(json, more) != 0)
        croft_json_drop(&json);
    json_decref(more);
    return croft_cli_print_json(c, json);
}

croft_err croft_cli_address(struct croft_cli *c, const char *text, const char *what,
                            struct croft_address *out)
{
    if (croft_bech32m_decode(CROFT_HRP_ADDRESS, text, out->b) == CROFT_OK)
        return CROFT_OK;
    return croft_cli_usage(c, "%s: \"%s\" is %s", what, text, croft_err_text(CROFT_ERR_BECH32));
}

croft_err croft_cli_amount(struct croft_cli *c, const char *text, const char *what, struct croft_amt *out)
{
    if (croft_amt_parse(text, out))
        return CROFT_OK;
    size_t digits = strspn(text, "0123456789"), decimals = 0;
    if (text[digits] == '.')
        decimals = strspn(text + digits + 1, "0123456789");
    const char *end = text + digits + (decimals > 0 ? 1 + decimals : 0);
    if (digits > 0 && decimals <= 9 && *end == '\0')
        return croft_cli_usage(c, "%s: %s is too large; there can be at most 18446744073.709551615", what, text);
    return croft_cli_usage(c, "%s must be a decimal number like 12.50 with at most nine decimals, not \"%s\"",
                           what, text);
}

croft_err croft_cli_asset(struct croft_cli *c, u32 *out)
{
    const char *text = croft_cli_value(c, "asset");
    *out = CROFT_ASSET_CREDIT;
    if (text == NULL || croft_asset_parse(text, out))
        return CROFT_OK;
    return croft_cli_usage(c, "--asset must be credit or croft, not \"%s\"", text);
}

croft_err croft_cli_reference(struct croft_cli *c, const char *option, ProtobufCBinaryData *out)
{
    const char *text = croft_cli_value(c, option);
    *out = (ProtobufCBinaryData){0};
    if (text == NULL)
        return CROFT_OK;
    if (strlen(text) > REFERENCE_MAX)
        return croft_cli_usage(c, "--%s takes at most %d bytes", option, (int)REFERENCE_MAX);
    *out = croft_cli_bytes(text, strlen(text));
    return CROFT_OK;
}

croft_err croft_cli_account(struct croft_cli *c, struct croft_address *out)
{
    if (c->arg_count == 1 && (croft_cli_has(c, "key") || croft_cli_has(c, "account")))
        return croft_cli_usage(c, "an ADDRESS and --key or --account exclude each other");
    if (c->arg_count == 1)
        return croft_cli_address(c, c->arg[0], "ADDRESS", out);
    if (croft_cli_has(c, "account"))
        return croft_cli_address(c, croft_cli_value(c, "account"), "--account", out);
    struct croft_key_info key;
    CROFT_TRY(croft_key_choose(c, &key));
    *out = key.account;
    return CROFT_OK;
}

croft_err croft_cli_record(struct croft_cli *c, const char *text, const struct croft_address *own,
                           struct croft_address *out, u64 *out_id)
{
    char address[CROFT_BECH32M_TEXT_MAX];
    const char *colon = strchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : 0;
    if (colon == NULL && own != NULL) {
        *out = *own;
        return croft_cli_u64(c, text, "ID", out_id);
    }
    if (colon == NULL || len >= sizeof address)
        return croft_cli_usage(c, "it is named ADDRESS:ID, as the list shows it, not \"%s\"", text);
    memcpy(address, text, len);
    address[len] = '\0';
    CROFT_TRY(croft_cli_address(c, address, "ADDRESS:ID", out));
    return croft_cli_u64(c, colon + 1, "ID", out_id);
}

u64 croft_cli_id_of_key(struct croft_bytes key)
{
    u64 id = 0;
    CROFT_ASSERT(key.len >= 8);
    for (size_t i = key.len - 8; i < key.len; i++)
        id = id << 8 | key.at[i];
    return id;
}

u64 croft_cli_fresh_id(struct croft_cli *c)
{
    u32 id = 0;
    while (id == 0)
        c->world->ops->entropy(c->world, (u8 *)&id, sizeof id);
    return id;
}

ProtobufCBinaryData croft_cli_bytes(const void *at, size_t len)
{
    /* protobuf-c has no const in its structs; packing only reads. */
    return (ProtobufCBinaryData){len, (u8 *)(uintptr_t)at};
}
