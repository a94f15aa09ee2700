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

#define KEY_SEQUENCER "sequencer"
#define KEY_ISSUER    "issuer"

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

/* A key of the keystore, made (without passphrase: a chain starts by itself) if it is not there. */
static croft_err have_key(struct croft_cli *c, const char *name, struct croft_key_info *out)
{
    char file[CROFT_PATH_TEXT_MAX], text[CROFT_KEYFILE_MAX] = "";
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    CROFT_TRY(croft_key_path(c, name, file));
    if (access(file, F_OK) == 0)
        return croft_key_info(c, name, out);
    croft_secret_key_make(&secret, c->world);
    croft_err err = croft_keyfile_write(&secret, NULL, false, c->world, text);
    CROFT_ASSERT(err == CROFT_OK); /* only a passphrase can fail */
    err = croft_keyfile_store(c, file, text);
    explicit_bzero(text, sizeof text);
    CROFT_TRY(err);
    return croft_key_info(c, name, out);
}

/* --key, for a chain that others began: the sequencer's, or none to follow only. */
static croft_err given_key(struct croft_cli *c, struct croft_secret_key *out, bool *out_given)
{
    struct croft_key_info info;
    const char *name = croft_cli_value(c, "key");
    *out_given = name != NULL;
    if (name == NULL)
        return CROFT_OK;
    CROFT_TRY(croft_key_info(c, name, &info));
    return croft_key_open(c, &info, out);
}

/* ---- three beginnings ---- */

static croft_err init_dev(struct croft_cli *c, const char *folder, struct made *out)
{
    struct croft_key_info sequencer, issuer;
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    struct croft_devnet d = {.name = croft_cli_value(c, "name")};
    CROFT_TRY(have_key(c, KEY_SEQUENCER, &sequencer));
    CROFT_TRY(have_key(c, KEY_ISSUER, &issuer));
    CROFT_TRY(croft_key_open(c, &sequencer, &secret));
    d.name = d.name != NULL ? d.name : "dev";
    d.time_s = c->world->ops->wall_ms(c->world) / 1000;
    d.sequencer = sequencer.public_key;
    d.operator_address = sequencer.account;
    d.issuer_address = issuer.account;
    struct croft_devnet *kept = croft_new(&c->mem, struct croft_devnet, 1);
    CROFT_ASSERT(kept != NULL);
    *kept = d; /* the genesis points into it */
    Croft__V1__Genesis *g = croft_devnet_genesis(kept, &c->mem);
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
    if (croft_cli_has(c, "name"))
        return croft_cli_usage(c, "the name is in the genesis: --name and --genesis exclude each other");
    CROFT_TRY(given_key(c, &secret, &given));
    CROFT_TRY(croft_genesis_read(croft_cli_value(c, "genesis"), &memory, &g, &c->why));
    if (given && !names_validator(g, &secret))
        return croft_fail(&c->why, CROFT_ERR_GENESIS, "the key \"%s\" is none of the genesis' validators", croft_cli_value(c, "key"));
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
    if (croft_cli_has(c, "name") || croft_cli_has(c, "genesis"))
        return croft_cli_usage(c, "a snapshot has the genesis in it: give neither --genesis nor --name");
    CROFT_TRY(given_key(c, &secret, &given));
    CROFT_TRY(make_home(c));
    CROFT_TRY(croft_snapshot_restore(croft_cli_value(c, "snapshot"), folder, given ? &secret : NULL, c->world, &info, &c->why));
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

static croft_err report_json(struct croft_cli *c, const char *folder, const struct made *m, const char *id, const char *app)
{
    json_t *json = json_pack("{s:s,s:s,s:o,s:b}", "folder", folder, "network_id", id, "height", croft_json_u64(m->height),
                             "makes_blocks", m->with_key);
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
        printf("\nA network for trying things out. Its money: croft deposit ADDRESS AMOUNT --key " KEY_ISSUER
               "\nStart it with: croft chain start\n");
    if (m->from_snapshot)
        printf("\nCompare the app hash with one from somebody you trust: the file itself cannot prove it.\n%s",
               m->genesis_signer ? "" : "Its last block is signed by a validator that the genesis does not name.\n");
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
    else if (croft_cli_has(c, "key"))
        return croft_cli_usage(c, "--key goes with --genesis or --snapshot; a new network makes its own");
    else
        CROFT_TRY(init_dev(c, folder, &made));
    return report(c, folder, &made);
}
