#include "cli/keyset.h"

#include "base/assert.h"
#include "chain/wallet.h"
#include "cli/connect.h"
#include "crypto/bech32m.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { THRESHOLD_MAX = 255, FILE_BYTES_MAX = 64 << 10 };

croft_err croft_keyset_key(struct croft_cli *c, const char *text, struct croft_named_key *out)
{
    struct croft_key_info info;
    *out = (struct croft_named_key){.name = NULL};
    if (croft_bech32m_decode(CROFT_HRP_PUBLIC_KEY, text, out->public_key.b) == CROFT_OK)
        return CROFT_OK;
    if (strncmp(text, "croftpub1", 9) == 0)
        return croft_cli_usage(
            c, "\"%s\" is no valid croftpub1... key: a wrong character, length or checksum", text);
    CROFT_TRY(croft_key_info(c, text, &info));
    out->name = text;
    out->public_key = info.public_key;
    return CROFT_OK;
}

/* ---- lists of scopes ---- */

/* One name of a list as a bit set; 0 for none. */
static u32 scope_bits(const char *text, size_t len)
{
    enum croft_scope scope;
    if (len == 3 && strncmp(text, "all", 3) == 0)
        return CROFT_SCOPES_ALL;
    return croft_scope_parse((struct croft_bytes){(const u8 *)text, len}, &scope) ? 1u << scope : 0;
}

croft_err croft_keyset_scopes(struct croft_cli *c, const char *text, u32 *out)
{
    *out = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        u32 bits = scope_bits(text, len);
        if (bits == 0)
            return croft_cli_usage(
                c, "--scopes is a list of pay, trade, node, voucher, audit, vote, admin, or all");
        *out |= bits;
        text += len + (text[len] == ',');
    }
    return *out != 0 ? CROFT_OK : croft_cli_usage(c, "--scopes must name at least one");
}

static croft_err bad_threshold(struct croft_cli *c)
{
    return croft_cli_usage(
        c, "thresholds are SCOPE=WEIGHT, like pay=2,admin=3 or all=2; SCOPE is pay, trade, node, "
           "voucher, audit, vote, admin or all, WEIGHT 1 to 255");
}

croft_err croft_keyset_thresholds(struct croft_cli *c, const char *text, u8 threshold[CROFT_SCOPE_COUNT])
{
    if (*text == '\0')
        return bad_threshold(c);
    while (*text != '\0') {
        size_t len = strcspn(text, ","), name = strcspn(text, "=,");
        u32 bits = scope_bits(text, name);
        char *end = NULL;
        unsigned long weight = text[name] == '=' ? strtoul(text + name + 1, &end, 10) : 0;
        if (bits == 0 || end != text + len || weight < 1 || weight > THRESHOLD_MAX || text[name + 1] == '-')
            return bad_threshold(c);
        for (u32 i = 0; i < CROFT_SCOPE_COUNT; i++)
            if ((bits >> i & 1) != 0)
                threshold[i] = (u8)weight;
        text += len + (text[len] == ',');
    }
    return CROFT_OK;
}

/* ---- key sets ---- */

static croft_err add_key(struct croft_cli *c, const struct croft_named_key *named, Croft__V1__KeySet *set)
{
    Croft__V1__Key *key = croft_new(&c->mem, Croft__V1__Key, 1);
    u8 *bytes = croft_new(&c->mem, u8, sizeof named->public_key.b);
    if (key == NULL || bytes == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the key set");
    croft__v1__key__init(key);
    key->scheme = 1;
    key->weight = 1;
    key->scopes = CROFT_SCOPES_ALL;
    key->public_key = croft_cli_bytes(memcpy(bytes, named->public_key.b, 32), 32);
    set->keys[set->n_keys++] = key;
    return CROFT_OK;
}

croft_err croft_keyset_make(struct croft_cli *c, int first, Croft__V1__KeySet **out,
                            struct croft_named_key named[CROFT_KEYS_MAX])
{
    const char *list = croft_cli_value(c, "threshold");
    Croft__V1__KeySet *set = croft_new(&c->mem, Croft__V1__KeySet, 1);
    u8 *threshold = croft_new(&c->mem, u8, CROFT_SCOPE_COUNT);
    if (set == NULL || threshold == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the key set");
    croft__v1__key_set__init(set);
    set->keys = croft_new(&c->mem, Croft__V1__Key *, CROFT_KEYS_MAX);
    if (set->keys == NULL || c->arg_count - first > CROFT_KEYS_MAX)
        return croft_cli_usage(c, "an account has at most %d keys", (int)CROFT_KEYS_MAX);
    memset(threshold, 1, CROFT_SCOPE_COUNT);
    if (list != NULL)
        CROFT_TRY(croft_keyset_thresholds(c, list, threshold));
    set->thresholds = croft_cli_bytes(threshold, CROFT_SCOPE_COUNT);
    for (int i = first; i < c->arg_count; i++) {
        CROFT_TRY(croft_keyset_key(c, c->arg[i], &named[i - first]));
        CROFT_TRY(add_key(c, &named[i - first], set));
    }
    if (croft_key_set_check(set) != CROFT_OK)
        return croft_cli_usage(
            c,
            "these keys make no key set: one is named twice, or %zu together do not reach a "
            "threshold",
            set->n_keys);
    *out = set;
    return CROFT_OK;
}

/* ---- HOME/accounts ---- */

static void folder_of_accounts(const struct croft_cli *c, char out[CROFT_PATH_TEXT_MAX])
{
    int n = snprintf(out, CROFT_PATH_TEXT_MAX, "%s/accounts", c->home);
    CROFT_ASSERT(n > 0 && n < CROFT_PATH_TEXT_MAX);
}

static void path_of(const struct croft_cli *c, const struct croft_address *account,
                    char out[CROFT_PATH_TEXT_MAX])
{
    char text[CROFT_BECH32M_TEXT_MAX];
    croft_bech32m_encode(CROFT_HRP_ADDRESS, account->b, text);
    int n = snprintf(out, CROFT_PATH_TEXT_MAX, "%s/accounts/%s.json", c->home, text);
    CROFT_ASSERT(n > 0 && n < CROFT_PATH_TEXT_MAX);
}

static void close_file(FILE **f)
{
    if (*f != NULL)
        fclose(*f);
}

static croft_err parse_set(struct croft_cli *c, const char *file, struct croft_bytes text,
                           const struct croft_address *account, Croft__V1__KeySet **out)
{
    json_t *json CROFT_CLEANUP(croft_json_drop) = NULL;
    ProtobufCMessage *message = NULL;
    struct croft_why why;
    croft_err err = croft_json_parse(text, &json, &why);
    if (err == CROFT_OK)
        err = croft_json_to_message(json, &croft__v1__key_set__descriptor, &c->mem, &message, &why);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "%s: %s", file, why.text);
    CROFT_ASSERT(message != NULL);
    Croft__V1__KeySet *set = (void *)message;
    if (croft_key_set_check(set) == CROFT_OK) {
        const struct croft_address made = croft_key_set_address(set);
        *out = set;
        if (memcmp(made.b, account->b, sizeof made.b) == 0)
            return CROFT_OK;
    }
    return croft_fail(&c->why, CROFT_ERR_TX_KEY_SET,
                      "%s is not the key set of that account\nmake it again: croft account new KEY...", file);
}

croft_err croft_keyset_load(struct croft_cli *c, const struct croft_address *account, Croft__V1__KeySet **out)
{
    char file[CROFT_PATH_TEXT_MAX];
    path_of(c, account, file);
    *out = NULL;
    FILE *f CROFT_CLEANUP(close_file) = fopen(file, "re");
    if (f == NULL && errno == ENOENT)
        return CROFT_OK;
    u8 *text = croft_new(&c->mem, u8, FILE_BYTES_MAX);
    if (f == NULL || text == NULL)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    size_t len = fread(text, 1, FILE_BYTES_MAX, f);
    if (ferror(f))
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    return parse_set(c, file, (struct croft_bytes){text, len}, account, out);
}

croft_err croft_keyset_store(struct croft_cli *c, const Croft__V1__KeySet *set,
                             const struct croft_address *account)
{
    char folder[CROFT_PATH_TEXT_MAX], file[CROFT_PATH_TEXT_MAX];
    folder_of_accounts(c, folder);
    path_of(c, account, file);
    if ((mkdir(c->home, 0700) != 0 && errno != EEXIST) || (mkdir(folder, 0700) != 0 && errno != EEXIST))
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot create the folder %s: %s", folder, strerror(errno));
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&set->base);
    char *text = json != NULL ? json_dumps(json, JSON_INDENT(2)) : NULL;
    if (text == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the key set");
    croft_err err = croft_keyfile_store(c, file, text);
    free(text);
    return err == CROFT_ERR_EXISTS ? CROFT_OK : err; /* the name is the hash of what is in it */
}
