#include "cli/groups.h"

#include "base/assert.h"
#include "cli/keystore.h"
#include "cli/table.h"
#include "crypto/bech32m.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static json_t *info_json(const struct croft_key_info *info)
{
    return json_pack("{s:s,s:o,s:o,s:o,s:b,s:b,s:s}", "name", info->name, "address",
                     croft_json_address(info->own.b), "account", croft_json_address(info->account.b),
                     "public_key", croft_json_public_key(info->public_key.b), "encrypted", info->encrypted,
                     "delegated", info->delegated, "file", info->file);
}

static croft_err print_info(struct croft_cli *c, const struct croft_key_info *info)
{
    if (c->json)
        return croft_cli_print_json(c, info_json(info));
    char own[CROFT_BECH32M_TEXT_MAX], account[CROFT_BECH32M_TEXT_MAX], key[CROFT_BECH32M_TEXT_MAX];
    croft_bech32m_encode(CROFT_HRP_ADDRESS, info->own.b, own);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, info->account.b, account);
    croft_bech32m_encode(CROFT_HRP_PUBLIC_KEY, info->public_key.b, key);
    const char *const pair[][2] = {
        {"name", info->name},
        {"address", own},
        {"acts for", info->delegated ? account : NULL},
        {"public key", key},
        {"passphrase", info->encrypted ? "yes" : "no"},
        {"file", info->file},
    };
    return croft_listing_print_pairs(c, pair, CROFT_COUNT(pair));
}

static croft_err run_new(struct croft_cli *c)
{
    char file[CROFT_PATH_TEXT_MAX], text[CROFT_KEYFILE_MAX] = "";
    struct croft_key_info info;
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    struct croft_passphrase passphrase CROFT_CLEANUP(croft_passphrase_wipe) = {""};
    bool plain = croft_cli_has(c, "no-passphrase");
    if (plain && croft_cli_has(c, "passphrase-file"))
        return croft_cli_usage(c, "--no-passphrase and --passphrase-file exclude each other");
    CROFT_TRY(croft_key_path(c, c->arg[0], file));
    croft_secret_key_make(&secret, c->world);
    if (access(file, F_OK) == 0)
        return croft_fail(&c->why, CROFT_ERR_EXISTS, "there is a key \"%s\" already\nchoose another name",
                          c->arg[0]);
    if (!plain)
        CROFT_TRY(croft_passphrase_get(c, c->arg[0], true, &passphrase));
    croft_err err = croft_keyfile_write(&secret, plain ? NULL : passphrase.text, false, c->world, text);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "the passphrase cannot be worked in: %s", croft_err_text(err));
    err = croft_keyfile_store(c, file, text);
    explicit_bzero(text, sizeof text);
    CROFT_TRY(err);
    CROFT_TRY(croft_key_info(c, c->arg[0], &info));
    return print_info(c, &info);
}

static croft_err run_show(struct croft_cli *c)
{
    struct croft_key_info info;
    CROFT_TRY(croft_key_info(c, c->arg[0], &info));
    return print_info(c, &info);
}

/* A damaged or open key file must not hide the others: its row says what is wrong. */
static croft_err list_one(struct croft_cli *c, struct croft_listing *l, json_t *all, const char *name)
{
    struct croft_key_info info;
    char account[CROFT_BECH32M_TEXT_MAX];
    croft_err err = croft_key_info(c, name, &info);
    if (err != CROFT_OK) {
        const char *const bad[] = {name, croft_err_text(err), "?"};
        croft_listing_row(l, bad);
        json_array_append_new(all, json_pack("{s:s,s:s}", "name", name, "error", croft_err_name(err)));
        return err;
    }
    croft_bech32m_encode(CROFT_HRP_ADDRESS, info.account.b, account);
    const char *const row[] = {name, account, info.encrypted ? "yes" : "no"};
    croft_listing_row(l, row);
    json_array_append_new(all, info_json(&info));
    return CROFT_OK;
}

static void drop_json(json_t **json)
{
    json_decref(*json);
}

static croft_err run_list(struct croft_cli *c)
{
    static const struct croft_column column[] = {{"NAME", false}, {"ACCOUNT", false}, {"PASSPHRASE", false}};
    struct croft_listing *l CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    json_t *all CROFT_CLEANUP(drop_json) = json_array();
    char(*names)[CROFT_KEY_NAME_MAX];
    size_t count;
    if (l == NULL || all == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the list");
    CROFT_TRY(croft_key_names(c, &names, &count));
    croft_err worst = CROFT_OK;
    for (size_t i = 0; i < count; i++) {
        croft_err err = list_one(c, l, all, names[i]);
        worst = worst == CROFT_OK ? err : worst;
    }
    if (c->json)
        CROFT_TRY(croft_cli_print_json(c, json_incref(all)));
    else if (count == 0)
        printf("no keys in %s/keys; make one with \"croft key new NAME\"\n", c->home);
    else
        CROFT_TRY(croft_listing_print(c, l));
    return worst;
}

static croft_err read_stdin(struct croft_cli *c, char out[CROFT_KEYFILE_MAX])
{
    size_t len = fread(out, 1, CROFT_KEYFILE_MAX - 1, stdin);
    if (ferror(stdin))
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read standard input: %s", strerror(errno));
    if (memchr(out, '\0', len) != NULL || len == CROFT_KEYFILE_MAX - 1)
        return croft_fail(&c->why, CROFT_ERR_KEY_FILE, "standard input is no key file");
    out[len] = '\0';
    return CROFT_OK;
}

/* A file without a passphrase is opened, so that a damaged secret is found now and not when it is needed. */
static croft_err check_text(struct croft_cli *c, const char *text)
{
    struct croft_public_key key;
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    bool encrypted;
    const struct croft_bytes bytes = {(const u8 *)text, strlen(text)};
    croft_err err = croft_keyfile_peek(bytes, &key, &encrypted);
    if (err == CROFT_OK && !encrypted)
        err = croft_keyfile_read(bytes, NULL, &secret);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "%s: %s\nnothing was imported", c->arg[1], croft_err_text(err));
    return CROFT_OK;
}

static croft_err run_import(struct croft_cli *c)
{
    char file[CROFT_PATH_TEXT_MAX], text[CROFT_KEYFILE_MAX] = "";
    struct croft_key_info info;
    bool from_stdin = strcmp(c->arg[1], "-") == 0;
    CROFT_TRY(croft_key_path(c, c->arg[0], file));
    croft_err err = from_stdin ? read_stdin(c, text) : croft_keyfile_load(c, c->arg[1], text);
    if (err == CROFT_OK)
        err = check_text(c, text);
    if (err == CROFT_OK)
        err = croft_keyfile_store(c, file, text);
    explicit_bzero(text, sizeof text);
    CROFT_TRY(err);
    CROFT_TRY(croft_key_info(c, c->arg[0], &info));
    return print_info(c, &info);
}

static croft_err run_export(struct croft_cli *c)
{
    char text[CROFT_KEYFILE_MAX] = "";
    struct croft_key_info info;
    const char *out = croft_cli_value(c, "out");
    CROFT_TRY(croft_key_info(c, c->arg[0], &info));
    CROFT_TRY(croft_keyfile_load(c, info.file, text));
    croft_err err = out != NULL ? croft_keyfile_store(c, out, text) : CROFT_OK;
    if (err == CROFT_OK && c->json)
        err = croft_cli_print_json(c, json_pack("{s:s,s:b,s:s*,s:s*}", "name", info.name, "encrypted",
                                                (int)info.encrypted, "out", out, "key_file",
                                                out == NULL ? text : NULL));
    else if (err == CROFT_OK && out == NULL && fputs(text, stdout) == EOF)
        err = croft_fail(&c->why, CROFT_ERR_IO, "cannot write to standard output");
    explicit_bzero(text, sizeof text);
    CROFT_TRY(err);
    if (!info.encrypted)
        fprintf(stderr,
                "note: this key has no passphrase; whoever reads what was written owns its accounts\n");
    return CROFT_OK;
}

static const struct croft_option new_option[] = {
    {"passphrase-file", "FILE", "first line: the passphrase (else it is asked for, twice)", CROFT_OFFER_FILE},
    {"no-passphrase", NULL, "store the key in the clear, guarded by the file's mode alone",
     CROFT_OFFER_NOTHING},
};
static const struct croft_option export_option[] = {
    {"out", "FILE", "write a new file of mode 0600 (else to standard output)", CROFT_OFFER_FILE},
};

static const struct croft_verb verb[] = {
    {
        .name = "key new",
        .usage = "NAME",
        .summary = "make a key and the account that belongs to it",
        .about = "The key is stored in HOME/keys/NAME.key, under a passphrase unless told otherwise.  The "
                 "account comes\n"
                 "into being on a network with the first payment to its address.",
        .examples = "croft key new alice\ncroft key new ci --no-passphrase\n"
                    "croft key new till --passphrase-file /run/secrets/till --json",
        .option = new_option,
        .option_count = CROFT_COUNT(new_option),
        .args_min = 1,
        .args_max = 1,
        .run = run_new,
    },
    {
        .name = "key show",
        .usage = "NAME",
        .summary = "show a key's address and public key",
        .about = "Needs no passphrase: only what is public is shown.  A key that was delegated acts for another "
                 "account than\n"
                 "the one at its own address; both are shown.",
        .examples = "croft key show alice\ncroft key show alice --json",
        .args_min = 1,
        .args_max = 1,
        .offer = CROFT_OFFER_KEY,
        .run = run_show,
    },
    {
        .name = "key list",
        .usage = "",
        .summary = "list the keys of this home folder",
        .about = "",
        .examples = "croft key list\ncroft key list --home /srv/croft --json",
        .run = run_list,
    },
    {
        .name = "key import",
        .usage = "NAME FILE",
        .summary = "take in a key file, from standard input with FILE -",
        .about = "The file stays as it is, its passphrase too.  A key of that name must not exist.",
        .examples = "croft key import alice alice.key\nssh old-machine croft key export alice | croft key "
                    "import alice -",
        .args_min = 2,
        .args_max = 2,
        .offer = CROFT_OFFER_FILE,
        .run = run_import,
    },
    {
        .name = "key export",
        .usage = "NAME",
        .summary = "write a key file out, to keep or to move it",
        .about = "What has a passphrase keeps it.  With --json the file is the member key_file of one line.",
        .examples = "croft key export alice --out /media/stick/alice.key\ncroft key export alice",
        .option = export_option,
        .option_count = CROFT_COUNT(export_option),
        .args_min = 1,
        .args_max = 1,
        .offer = CROFT_OFFER_KEY,
        .run = run_export,
    },
};

const struct croft_verb_group croft_key_verbs = {verb, CROFT_COUNT(verb)};
