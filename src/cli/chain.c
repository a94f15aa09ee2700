#include "cli/groups.h"

#include "cli/connect.h"
#include "cli/keystore.h"
#include "cli/table.h"
#include "cli/version.h"
#include "consensus/export.h"
#include "consensus/follow.h"
#include "consensus/home.h"
#include "consensus/server.h"
#include "consensus/snapshot.h"
#include "consensus/verify.h"
#include "crypto/bech32m.h"
#include "wire/tx.h"
#include "json/hex.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NUMBER_MAX = 24, HEX_MAX = 65 };

static const struct croft_option init_option[] = {
    {"name", "NAME", "name of the new network, a-z 0-9 -; dev", CROFT_OFFER_NOTHING},
    {"genesis", "FILE", "begin the network of this genesis instead of a new one", CROFT_OFFER_FILE},
    {"snapshot", "FILE", "begin at this snapshot of a network", CROFT_OFFER_FILE},
    {"sequencer-key", "FILE", "with --genesis or --snapshot: the key that signs blocks", CROFT_OFFER_FILE},
};
static const struct croft_option start_option[] = {
    {"engine", "NAME", "solo: one sequencer", CROFT_OFFER_NOTHING},
    {"listen", "HOST:PORT", "serve the API over TCP too; plain text, nobody is asked who they are",
     CROFT_OFFER_NOTHING},
    {"ack", "WHO", "follower: answer only when a follower has the block on its disk too",
     CROFT_OFFER_NOTHING},
    {"passphrase-file", "FILE", "of the sequencer's key, where it has one", CROFT_OFFER_FILE},
};
static const struct croft_option follow_option[] = {
    {"listen", "HOST:PORT", "serve the API over TCP too", CROFT_OFFER_NOTHING},
};
static const struct croft_option export_option[] = {
    {"from", "HEIGHT", "first block; the first in the log", CROFT_OFFER_NOTHING},
    {"to", "HEIGHT", "last block; the last there is", CROFT_OFFER_NOTHING},
};

static croft_err chain_folder(struct croft_cli *c, char out[CROFT_HOME_PATH_MAX])
{
    if (croft_crypto_start() != CROFT_OK)
        return croft_fail(&c->why, CROFT_ERR_SELFTEST, "%s", croft_err_text(CROFT_ERR_SELFTEST));
    if (mkdir(c->home, 0700) != 0 && access(c->home, W_OK) != 0)
        return croft_fail(&c->why, CROFT_ERR_IO, "the folder %s cannot be made\nname another with --home",
                          c->home);
    return croft_home_path(c->home, "chain", out, &c->why);
}

/* ---- init ---- */

static ProtobufCBinaryData view32(const u8 *at)
{
    return (ProtobufCBinaryData){32, (u8 *)(uintptr_t)at};
}

/* The key that issues test credits and operates the validator: HOME/keys/issuer.key, made if it is not there.
 */
static croft_err issuer_key(struct croft_cli *c, struct croft_address *out)
{
    char path[CROFT_PATH_TEXT_MAX], text[CROFT_KEYFILE_MAX];
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe);
    struct croft_key_info info;
    CROFT_TRY(croft_key_path(c, "issuer", path));
    if (access(path, F_OK) != 0) {
        croft_secret_key_make(&secret, c->world);
        CROFT_TRY(croft_keyfile_write(&secret, NULL, false, c->world, text));
        CROFT_TRY(croft_keyfile_store(c, path, text));
    }
    CROFT_TRY(croft_key_info(c, "issuer", &info));
    *out = info.account;
    return CROFT_OK;
}

/* One validator and one issuer of test credits, both ours; the issuer has some credits for its own fees. */
static croft_err create_network(struct croft_cli *c, const char *folder, const char *name)
{
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe);
    struct croft_address issuer;
    CROFT_TRY(issuer_key(c, &issuer));
    croft_secret_key_make(&secret, c->world);
    struct croft_public_key key = croft_public_key_of(&secret);

    Croft__V1__GenesisValidator v = CROFT__V1__GENESIS_VALIDATOR__INIT, *validators[] = {&v};
    Croft__V1__GenesisIssuer s = CROFT__V1__GENESIS_ISSUER__INIT, *issuers[] = {&s};
    Croft__V1__GenesisGrant t = CROFT__V1__GENESIS_GRANT__INIT, *grants[] = {&t};
    Croft__V1__Genesis g = CROFT__V1__GENESIS__INIT;
    v.public_key = view32(key.b);
    v.operator_address = s.issuer_address = t.issuer_address = t.to_address = view32(issuer.b);
    v.power = 1;
    s.cap = 1000000000 * CROFT_UNITS_PER_CREDIT;
    t.amount = 1000 * CROFT_UNITS_PER_CREDIT;
    g.format = 1;
    g.name = (char *)(uintptr_t)name;
    g.time_s = c->world->ops->wall_ms(c->world) / 1000;
    g.protocol = 1;
    g.token = (char *)(uintptr_t) "none";
    g.n_validators = g.n_issuers = g.n_grants = 1;
    g.validators = validators;
    g.issuers = issuers;
    g.grants = grants;
    return croft_home_create(folder, &g, &secret, &c->why);
}

/* The key file --sequencer-key names; *out_given says whether it was given. */
static croft_err given_key(struct croft_cli *c, struct croft_secret_key *out, bool *out_given)
{
    char text[CROFT_KEYFILE_MAX];
    const char *file = croft_cli_value(c, "sequencer-key");
    *out_given = file != NULL;
    if (file == NULL)
        return CROFT_OK;
    CROFT_TRY(croft_keyfile_load(c, file, text));
    croft_err err = croft_keyfile_read((struct croft_bytes){(const u8 *)text, strlen(text)}, NULL, out);
    return err == CROFT_OK ? err : croft_fail(&c->why, err, "%s: %s", file, croft_err_text(err));
}

static croft_err create_from(struct croft_cli *c, const char *folder, const char *genesis,
                             const char *snapshot)
{
    bool given;
    struct croft_secret_key secret CROFT_CLEANUP(croft_secret_key_wipe) = {.seed = {0}};
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    struct croft_snapshot_info info;
    const Croft__V1__Genesis *g;
    CROFT_TRY(given_key(c, &secret, &given));
    if (snapshot != NULL)
        return croft_snapshot_restore(snapshot, folder, given ? &secret : NULL, c->world, &info, &c->why);
    CROFT_TRY(croft_genesis_read(genesis, &memory, &g, &c->why));
    return croft_home_create(folder, g, given ? &secret : NULL, &c->why);
}

static croft_err print_made(struct croft_cli *c, const char *folder, bool fresh)
{
    if (c->json)
        return croft_cli_print_json(c, json_pack("{s:s}", "folder", folder));
    printf("made a chain in %s\n", folder);
    if (fresh)
        printf("the key \"issuer\" issues test credits on it\nnext: croft chain start\n");
    return CROFT_OK;
}

static croft_err run_init(struct croft_cli *c)
{
    char folder[CROFT_HOME_PATH_MAX], network[CROFT_HOME_PATH_MAX];
    const char *genesis = croft_cli_value(c, "genesis"), *snapshot = croft_cli_value(c, "snapshot");
    const char *name = croft_cli_value(c, "name");
    bool fresh = genesis == NULL && snapshot == NULL;
    if (genesis != NULL && snapshot != NULL)
        return croft_cli_usage(c, "--genesis and --snapshot exclude each other");
    if (fresh && croft_cli_has(c, "sequencer-key"))
        return croft_cli_usage(
            c, "--sequencer-key goes with --genesis or --snapshot; a new network makes its own");
    CROFT_TRY(chain_folder(c, folder));
    if (fresh)
        CROFT_TRY(create_network(c, folder, name != NULL ? name : "dev"));
    else
        CROFT_TRY(create_from(c, folder, genesis, snapshot));
    /* The wallet of this home belongs to this chain from here on. */
    CROFT_TRY(croft_home_path(c->home, "network", network, &c->why));
    unlink(network);
    return print_made(c, folder, fresh);
}

/* ---- start and follow ---- */

/* What the start found, on stderr: stdout is for what was asked for. */
static void print_opened(const struct croft_cli *c, const struct croft_home *home)
{
    if (home->opened.log.said.text[0] != '\0')
        fprintf(stderr, "croft: %s\n", home->opened.log.said.text);
    if (!c->json && home->opened.replayed_blocks > 0)
        fprintf(stderr, "replayed %" PRIu64 " blocks after the checkpoint at %" PRIu64 "\n",
                home->opened.replayed_blocks, home->opened.checkpoint_height);
}

static croft_err print_serving(struct croft_cli *c, const struct croft_home *home,
                               const struct croft_server *server)
{
    char id[HEX_MAX], socket[CROFT_HOME_PATH_MAX];
    u64 height = croft_ledger_height(croft_solo_ledger(home->solo));
    croft_hex_encode((struct croft_bytes){home->network.b, sizeof home->network.b}, id);
    CROFT_TRY(croft_home_path(home->path, CROFT_HOME_SOCKET, socket, &c->why));
    if (c->json)
        CROFT_TRY(croft_cli_print_json(c, json_pack("{s:s, s:s, s:s, s:i, s:o}", "network",
                                                    home->genesis->name, "network_id", id, "socket", socket,
                                                    "port", (int)croft_server_port(server), "height",
                                                    croft_json_u64(height))));
    else
        printf("chain %s (%.16s) at block %" PRIu64 ", API at unix:%s%s; Ctrl-C stops it\n",
               home->genesis->name, id, height, socket, croft_server_port(server) ? " and TCP" : "");
    return fflush(stdout) == 0 ? CROFT_OK
                               : croft_fail(&c->why, CROFT_ERR_IO, "cannot write to standard output");
}

static bool is_loopback(const char *listen)
{
    return strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]", 5) == 0 ||
           strncmp(listen, "localhost:", 10) == 0;
}

static void warn_about_tcp(const struct croft_server_options *o)
{
    if (o->listen != NULL && !is_loopback(o->listen))
        fprintf(
            stderr,
            "croft: %s is open to whoever reaches it, in plain text; put it behind a tunnel or a firewall\n",
            o->listen);
}

static void close_server(struct croft_server **s)
{
    if (*s != NULL)
        croft_server_close(*s);
}

static void close_home(struct croft_home **h)
{
    croft_home_close(*h);
}

static struct croft_server_options server_options(struct croft_cli *c)
{
    return (struct croft_server_options){
        .world = c->world,
        .interrupted = c->interrupted,
        .software = "croft " CROFT_VERSION,
        .listen = croft_cli_value(c, "listen"),
    };
}

static croft_err check_start(struct croft_cli *c, struct croft_server_options *o)
{
    const char *engine = croft_cli_value(c, "engine"), *ack = croft_cli_value(c, "ack");
    if (engine != NULL && strcmp(engine, "solo") != 0)
        return croft_cli_usage(c, "--engine: this release has solo");
    if (ack != NULL && strcmp(ack, "follower") != 0)
        return croft_cli_usage(c, "--ack: follower, or leave it out");
    o->ack_follower = ack != NULL;
    warn_about_tcp(o);
    return CROFT_OK;
}

static croft_err open_home(struct croft_cli *c, bool makes_blocks, struct croft_home *out)
{
    char folder[CROFT_HOME_PATH_MAX];
    struct croft_passphrase passphrase CROFT_CLEANUP(croft_passphrase_wipe) = {{0}};
    CROFT_TRY(chain_folder(c, folder));
    if (makes_blocks && croft_cli_has(c, "passphrase-file"))
        CROFT_TRY(croft_passphrase_get(c, "sequencer", false, &passphrase));
    const struct croft_home_options options = {
        .path = folder,
        .world = c->world,
        .makes_blocks = makes_blocks,
        .passphrase = passphrase.text[0] != '\0' ? passphrase.text : NULL,
    };
    CROFT_TRY(croft_home_open(&options, out, &c->why));
    print_opened(c, out);
    return CROFT_OK;
}

static croft_err run_start(struct croft_cli *c)
{
    static struct croft_home home;
    struct croft_home *opened CROFT_CLEANUP(close_home) = &home;
    struct croft_server *server CROFT_CLEANUP(close_server) = NULL;
    struct croft_server_options options = server_options(c);
    CROFT_TRY(check_start(c, &options));
    CROFT_TRY(open_home(c, true, opened));
    CROFT_TRY(croft_server_open(&options, opened, &server, &c->why));
    CROFT_TRY(print_serving(c, opened, server));
    return croft_server_run(server, &c->why);
}

static void on_lost(void *arg, const struct croft_why *why)
{
    (void)arg;
    fprintf(stderr, "croft: %.*s; connecting again\n", (int)strcspn(why->text, "\n"), why->text);
}

static void on_connected(void *arg, u64 height)
{
    (void)arg;
    fprintf(stderr, "following from block %" PRIu64 "\n", height);
}

static void close_follow(struct croft_follow **f)
{
    if (*f != NULL)
        croft_follow_close(*f);
}

static croft_err run_follow(struct croft_cli *c)
{
    static struct croft_home home;
    struct croft_home *opened CROFT_CLEANUP(close_home) = &home;
    struct croft_follow *follow CROFT_CLEANUP(close_follow) = NULL;
    struct croft_server *server CROFT_CLEANUP(close_server) = NULL;
    const struct croft_server_options options = server_options(c);
    const struct croft_follow_options o = {
        .world = c->world, .where = c->arg[0], .lost = on_lost, .connected = on_connected};
    warn_about_tcp(&options);
    CROFT_TRY(open_home(c, false, opened));
    CROFT_TRY(croft_server_open(&options, opened, &server, &c->why));
    croft_err err = croft_follow_start(&o, server, opened, &follow);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "%s", croft_err_text(err));
    CROFT_TRY(print_serving(c, opened, server));
    return croft_server_run(server, &c->why);
}

/* ---- verify, snapshot, export ---- */

/* A line that is written over, on a terminal only. */
static void show_progress(void *arg, u64 height, u64 last)
{
    const struct croft_cli *c = arg;
    if (c->json || !isatty(STDERR_FILENO) || (height % 64 != 0 && height != last))
        return;
    fprintf(stderr, "\rblock %" PRIu64 " of %" PRIu64 "%s", height, last, height == last ? "\n" : "");
}

static croft_err run_verify(struct croft_cli *c)
{
    char folder[CROFT_HOME_PATH_MAX], hash[HEX_MAX], first[NUMBER_MAX], last[NUMBER_MAX], txs[NUMBER_MAX];
    struct croft_verify_result r;
    CROFT_TRY(chain_folder(c, folder));
    const struct croft_verify_options o = {.path = folder,
                                           .world = c->world,
                                           .interrupted = c->interrupted,
                                           .progress = show_progress,
                                           .arg = c};
    CROFT_TRY(croft_verify_run(&o, &r, &c->why));
    croft_hex_encode((struct croft_bytes){r.app_hash.b, sizeof r.app_hash.b}, hash);
    if (c->json)
        return croft_cli_print_json(c, json_pack("{s:b, s:o, s:o, s:o, s:s}", "ok", 1, "first",
                                                 croft_json_u64(r.first), "last", croft_json_u64(r.last),
                                                 "txs", croft_json_u64(r.txs), "app_hash", hash));
    snprintf(first, sizeof first, "%" PRIu64, r.first);
    snprintf(last, sizeof last, "%" PRIu64, r.last);
    snprintf(txs, sizeof txs, "%" PRIu64, r.txs);
    const char *const pair[][2] = {{"verified", "every signature, receipt and root"},
                                   {"first block", first},
                                   {"last block", last},
                                   {"transactions", txs},
                                   {"app hash", hash}};
    return croft_listing_print_pairs(c, pair, CROFT_COUNT(pair));
}

static croft_err print_snapshot(struct croft_cli *c, const char *path, const Croft__V1__SnapshotResult *r)
{
    char hash[HEX_MAX] = "?";
    if (c->json)
        return croft_cli_print_json(c, croft_json_of_message(&r->base));
    if (r->hash.len == 32)
        croft_hex_encode((struct croft_bytes){r->hash.data, r->hash.len}, hash);
    printf("%s: state after block %" PRIu64 ", %" PRIu64 " bytes, %s\n", path, r->height, r->bytes, hash);
    return CROFT_OK;
}

static croft_err run_snapshot(struct croft_cli *c)
{
    char path[CROFT_HOME_PATH_MAX], here[CROFT_HOME_PATH_MAX] = "";
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__TakeSnapshot take = CROFT__V1__TAKE_SNAPSHOT__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response;
    bool absolute = c->arg[0][0] == '/';
    if (!absolute && getcwd(here, sizeof here) == NULL)
        return croft_cli_usage(c, "give the file with its whole path");
    int n = snprintf(path, sizeof path, "%s%s%s", here, absolute ? "" : "/", c->arg[0]);
    if (n < 0 || (size_t)n >= sizeof path)
        return croft_cli_usage(c, "the file's path is too long");
    take.path = path;
    request.call_case = CROFT__V1__REQUEST__CALL_TAKE_SNAPSHOT;
    request.take_snapshot = &take;
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_client_call(&client, &request, &c->mem, &response, &c->why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_SNAPSHOT)
        return croft_fail(&c->why, CROFT_ERR_FRAME, "the chain gave another answer than a snapshot's");
    return print_snapshot(c, path, response->snapshot);
}

static croft_err run_export(struct croft_cli *c)
{
    char folder[CROFT_HOME_PATH_MAX];
    const char *from = croft_cli_value(c, "from"), *to = croft_cli_value(c, "to");
    CROFT_TRY(chain_folder(c, folder));
    struct croft_export_options o = {.path = folder,
                                     .world = c->world,
                                     .interrupted = c->interrupted,
                                     .from = 1,
                                     .progress = show_progress,
                                     .arg = c};
    if (from != NULL)
        CROFT_TRY(croft_cli_u64(c, from, "--from", &o.from));
    if (to != NULL)
        CROFT_TRY(croft_cli_u64(c, to, "--to", &o.to));
    if (o.from == 0 || (to != NULL && o.to < o.from))
        return croft_cli_usage(c, "--from is at least 1 and not above --to");
    return croft_export_folder(&o, stdout, &c->why);
}

static const struct croft_verb verb[] = {
    {
        .name = "chain init",
        .usage = "",
        .summary = "make a chain in HOME/chain",
        .about = "Without options a new network for trying things: one validator, whose key stays in the "
                 "folder, and the key\n"
                 "\"issuer\" in HOME/keys, which issues test credits.",
        .examples = "croft chain init\ncroft chain init --genesis genesis.json --sequencer-key seq.key\n"
                    "croft chain init --snapshot state.snapshot --home /srv/second",
        .option = init_option,
        .option_count = CROFT_COUNT(init_option),
        .run = run_init,
    },
    {
        .name = "chain start",
        .usage = "",
        .summary = "make blocks and serve the chain's API until Ctrl-C",
        .about = "A second start goes on where the first stopped, also after kill -9: what was acknowledged "
                 "is there.",
        .examples = "croft chain start\ncroft chain start --listen 127.0.0.1:7447 --ack follower",
        .option = start_option,
        .option_count = CROFT_COUNT(start_option),
        .run = run_start,
    },
    {
        .name = "chain follow",
        .usage = "CHAIN",
        .summary = "keep a second machine that verifies and stores every block",
        .about = "CHAIN is unix:PATH or HOST:PORT of the chain that is followed. The folder needs its "
                 "genesis (croft chain init\n"
                 "--genesis). To promote: stop it, copy sequencer.key into its folder, croft chain start; "
                 "never run both.",
        .examples = "croft chain init --home /srv/second --genesis genesis.json\n"
                    "croft chain follow 127.0.0.1:7447 --home /srv/second",
        .option = follow_option,
        .option_count = CROFT_COUNT(follow_option),
        .args_min = 1,
        .args_max = 1,
        .run = run_follow,
    },
    {
        .name = "chain snapshot",
        .usage = "FILE",
        .summary = "write the state as one file, the same bytes on every node",
        .about =
            "Asks the running chain, which writes the file on its own machine; only over its unix socket.",
        .examples = "croft chain snapshot /backup/state.snapshot",
        .with = CROFT_WITH_CHAIN,
        .args_min = 1,
        .args_max = 1,
        .offer = CROFT_OFFER_FILE,
        .run = run_snapshot,
    },
    {
        .name = "chain verify",
        .usage = "",
        .summary = "compute the whole chain again from its log",
        .about = "Every signature, receipt and root. The chain must not run meanwhile.",
        .examples = "croft chain verify\ncroft chain verify --json",
        .run = run_verify,
    },
    {
        .name = "chain export",
        .usage = "",
        .summary = "print blocks, transactions and receipts as JSON lines",
        .about = "For an index outside. The chain must not run meanwhile; a running one is read with croft "
                 "watch --json --from 1.",
        .examples = "croft chain export >chain.jsonl\ncroft chain export --from 100 --to 200",
        .option = export_option,
        .option_count = CROFT_COUNT(export_option),
        .run = run_export,
    },
};

const struct croft_verb_group croft_chain_verbs = {verb, CROFT_COUNT(verb)};
