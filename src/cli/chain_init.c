#include "cli/chain_int.h"

#include "base/assert.h"
#include "cli/keystore.h"
#include "cli/table.h"
#include "consensus/devnet.h"
#include "consensus/snapshot.h"
#include "json/hex.h"
#include "json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_ISSUER "issuer"

/* What was made, for the report. */
struct made {
    const char *name;
    struct croft_hash network, app_hash;
    u64 height;
    bool with_key, dev, from_snapshot, genesis_signer;
};

static croft_err make_home(struct croft_cli *c)
{
    if (mkdir(c->home, 0700) == 0 || errno == EEXIST)
        return CROFT_OK;
    return croft_fail(&c->why, CROFT_ERR_IO, "cannot create the folder %s: %s", c->home, strerror(errno));
}

/* ---- keys ---- */

/* HOME/keys/issuer.key, made (without passphrase: it is for trying things) if it is not there. */
static croft_err have_issuer(struct croft_cli *c, struct croft_key_info *out)
{
    char file[CROFT_PATH_TEXT_MAX], text[CROFT_KEYFILE_MAX] = "";
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    CROFT_TRY(croft_key_path(c, KEY_ISSUER, file));
    if (access(file, F_OK) == 0)
        return croft_key_info(c, KEY_ISSUER, out);
    croft_secret_key_make(&secret, c->world);
    croft_err err = croft_keyfile_write(&secret, NULL, false, c->world, text);
    CROFT_ASSERT(err == CROFT_OK); /* only a passphrase can fail */
    err = croft_keyfile_store(c, file, text);
    explicit_bzero(text, sizeof text);
    CROFT_TRY(err);
    return croft_key_info(c, KEY_ISSUER, out);
}

/* --sequencer-key, for a network that others began; without it the folder only follows. */
static croft_err given_key(struct croft_cli *c, struct croft_secret_key *out, bool *out_given)
{
    char text[CROFT_KEYFILE_MAX] = "";
    struct croft_passphrase passphrase CROFT_CLEANUP(croft_passphrase_wipe) = {""};
    const char *file = croft_cli_value(c, "sequencer-key");
    *out_given = file != NULL;
    if (file == NULL)
        return CROFT_OK;
    CROFT_TRY(croft_keyfile_load(c, file, text));
    const struct croft_bytes bytes = {(const u8 *)text, strlen(text)};
    croft_err err = croft_keyfile_read(bytes, NULL, out);
    if (err == CROFT_ERR_PASSPHRASE && croft_passphrase_get(c, file, false, &passphrase) == CROFT_OK)
        err = croft_keyfile_read(bytes, passphrase.text, out);
    explicit_bzero(text, sizeof text);
    return err == CROFT_OK ? err : croft_fail(&c->why, err, "%s: %s", file, croft_err_text(err));
}

/* ---- three beginnings ---- */

static croft_err choose_token(struct croft_cli *c, bool *out)
{
    const char *text = croft_cli_value(c, "token");
    *out = text != NULL && strcmp(text, "croft") == 0;
    if (text == NULL || *out || strcmp(text, "none") == 0)
        return CROFT_OK;
    return croft_cli_usage(c, "--token is croft or none, not \"%s\"", text);
}

static croft_err init_dev(struct croft_cli *c, const char *folder, struct made *out)
{
    struct croft_key_info issuer;
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    struct croft_devnet *d = croft_new(&c->mem, struct croft_devnet, 1);
    CROFT_ASSERT(d != NULL);
    CROFT_TRY(have_issuer(c, &issuer));
    croft_secret_key_make(&secret, c->world);
    d->name = croft_cli_has(c, "name") ? croft_cli_value(c, "name") : "dev";
    d->time_s = c->world->ops->wall_ms(c->world) / 1000;
    d->sequencer = croft_public_key_of(&secret);
    d->issuer_address = issuer.account;
    CROFT_TRY(choose_token(c, &d->token));
    Croft__V1__Genesis *g = croft_devnet_genesis(d, &c->mem);
    CROFT_ASSERT(g != NULL);
    CROFT_TRY(croft_home_create(folder, g, &secret, &c->why));
    *out = (struct made){.name = g->name, .network = croft_devnet_id(g), .with_key = true, .dev = true};
    return CROFT_OK;
}

static bool names_validator(const Croft__V1__Genesis *g, const struct croft_secret_key *secret)
{
    struct croft_public_key key = croft_public_key_of(secret);
    for (size_t i = 0; i < g->n_validators; i++)
        if (memcmp(g->validators[i]->public_key.data, key.b, sizeof key.b) == 0)
            return true;
    return false;
}

static croft_err init_from_genesis(struct croft_cli *c, const char *folder, struct made *out)
{
    struct croft_region memory;
    const Croft__V1__Genesis *g;
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    bool given;
    if (croft_cli_has(c, "name") || croft_cli_has(c, "token"))
        return croft_cli_usage(c, "the genesis has the name and the token in it: give neither --name nor --token");
    CROFT_TRY(given_key(c, &secret, &given));
    CROFT_TRY(croft_genesis_read(croft_cli_value(c, "genesis"), &memory, &g, &c->why));
    if (given && !names_validator(g, &secret))
        return croft_fail(&c->why, CROFT_ERR_GENESIS, "%s is the key of none of the genesis' validators",
                          croft_cli_value(c, "sequencer-key"));
    CROFT_TRY(make_home(c));
    CROFT_TRY(croft_home_create(folder, g, given ? &secret : NULL, &c->why));
    *out = (struct made){.name = g->name, .network = croft_devnet_id(g), .with_key = given};
    return CROFT_OK; /* the genesis' memory stays: its name is shown, and the program ends */
}

static croft_err init_from_snapshot(struct croft_cli *c, const char *folder, struct made *out)
{
    struct croft_snapshot_info info;
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    bool given;
    if (croft_cli_has(c, "name") || croft_cli_has(c, "genesis") || croft_cli_has(c, "token"))
        return croft_cli_usage(c, "a snapshot has the genesis in it: give neither --genesis, --name nor --token");
    CROFT_TRY(given_key(c, &secret, &given));
    CROFT_TRY(make_home(c));
    CROFT_TRY(croft_snapshot_restore(croft_cli_value(c, "snapshot"), folder, given ? &secret : NULL, c->world,
                                     &info, &c->why));
    *out = (struct made){.name = NULL,
                         .network = info.network,
                         .app_hash = info.app_hash,
                         .height = info.height,
                         .with_key = given,
                         .from_snapshot = true,
                         .genesis_signer = info.genesis_signer};
    return CROFT_OK;
}

/* ---- report ---- */

static croft_err report_json(struct croft_cli *c, const char *folder, const struct made *m, const char *id,
                             const char *app)
{
    json_t *json = json_pack("{s:s,s:s,s:o,s:b}", "folder", folder, "network_id", id, "height",
                             croft_json_u64(m->height), "makes_blocks", m->with_key);
    bool good = json != NULL;
    if (m->name != NULL)
        good = good && json_object_set_new(json, "network", json_string(m->name)) == 0;
    if (m->from_snapshot)
        good = good && json_object_set_new(json, "app_hash", json_string(app)) == 0;
    if (!good)
        croft_json_drop(&json);
    return croft_cli_print_json(c, json);
}

static croft_err report(struct croft_cli *c, const char *folder, const struct made *m)
{
    char id[65], app[65], height[24];
    croft_hex_encode((struct croft_bytes){m->network.b, sizeof m->network.b}, id);
    croft_hex_encode((struct croft_bytes){m->app_hash.b, sizeof m->app_hash.b}, app);
    snprintf(height, sizeof height, "%" PRIu64, m->height);
    if (c->json)
        return report_json(c, folder, m, id, app);
    const char *const pair[][2] = {
        {"network", m->name},
        {"network id", id},
        {"folder", folder},
        {"height", height},
        {"app hash", m->from_snapshot ? app : NULL},
        {"makes blocks", m->with_key ? "yes" : "no, it follows"},
    };
    CROFT_TRY(croft_listing_print_pairs(c, pair, CROFT_COUNT(pair)));
    if (m->dev)
        printf("\nA network for trying things; the key \"" KEY_ISSUER
               "\" issues its test credits.\nnext: croft chain start\n");
    if (m->from_snapshot)
        printf(
            "\nCompare the app hash with one from somebody you trust: the file itself cannot prove it.\n%s",
            m->genesis_signer ? ""
                              : "Its last block is signed by a validator that the genesis does not name.\n");
    return CROFT_OK;
}

/* The wallet of this home belongs to this chain from here on. */
static croft_err forget_network(struct croft_cli *c)
{
    char network[CROFT_HOME_PATH_MAX];
    CROFT_TRY(croft_home_path(c->home, "network", network, &c->why));
    unlink(network);
    return CROFT_OK;
}

croft_err croft_chain_init(struct croft_cli *c)
{
    char folder[CROFT_CHAIN_PATH_MAX];
    struct made made = {0};
    croft_chain_folder(c, folder);
    CROFT_TRY(croft_home_refuse_existing(folder, &c->why));
    if (croft_cli_has(c, "snapshot"))
        CROFT_TRY(init_from_snapshot(c, folder, &made));
    else if (croft_cli_has(c, "genesis"))
        CROFT_TRY(init_from_genesis(c, folder, &made));
    else if (croft_cli_has(c, "sequencer-key"))
        return croft_cli_usage(
            c, "--sequencer-key goes with --genesis or --snapshot; a new network makes its own");
    else
        CROFT_TRY(init_dev(c, folder, &made));
    CROFT_TRY(forget_network(c));
    return report(c, folder, &made);
}
