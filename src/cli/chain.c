#include "cli/chain_int.h"

#include "base/assert.h"
#include "cli/groups.h"
#include "cli/keystore.h"
#include "cli/version.h"
#include "consensus/follow.h"
#include "consensus/server.h"
#include "crypto/bech32m.h"
#include "json/hex.h"
#include "json/json.h"
#include "json/meaning.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SOFTWARE "croft " CROFT_VERSION

/* ---- opening ---- */

static croft_err open_home(struct croft_cli *c, bool makes_blocks, struct croft_home *out)
{
    char folder[CROFT_CHAIN_PATH_MAX];
    struct croft_passphrase passphrase CROFT_CLEANUP(croft_passphrase_wipe) = {""};
    struct croft_home_options o = {.path = folder, .world = c->world, .makes_blocks = makes_blocks};
    o.accept_clock = makes_blocks && croft_cli_has(c, "accept-clock");
    croft_chain_folder(c, folder);
    croft_err err = croft_home_open(&o, out, &c->why);
    if (err == CROFT_ERR_PASSPHRASE) {
        CROFT_TRY(croft_passphrase_get(c, CROFT_HOME_KEY, false, &passphrase));
        o.passphrase = passphrase.text;
        err = croft_home_open(&o, out, &c->why);
    }
    CROFT_TRY(err);
    if (out->opened.log.said.text[0] != '\0')
        fprintf(stderr, "note: %s\n", out->opened.log.said.text);
    return CROFT_OK;
}

static bool is_loopback(const char *listen)
{
    return strncmp(listen, "127.", 4) == 0 || strncmp(listen, "localhost:", 10) == 0 ||
           strncmp(listen, "[::1]:", 6) == 0;
}

static void warn_about_tcp(const char *listen)
{
    if (listen != NULL && !is_loopback(listen))
        fprintf(stderr,
                "warning: %s takes connections from other machines as plain text and from anybody: whoever "
                "reaches it can read\n"
                "the chain and send transactions. Let only a tunnel or a private network reach it.\n",
                listen);
}

/* What goes wrong while the chain runs, and that it is over. */
static void say_warning(void *arg, enum croft_engine_matter matter, const struct croft_why *why)
{
    struct croft_cli *c = arg;
    const char *about = croft_matter_name(matter);
    if (!c->json) {
        fprintf(stderr, "%s: %s\n", why != NULL ? "warning" : "mended", why != NULL ? why->text : about);
        return;
    }
    const char *event = why != NULL ? "warning" : "mended", *text = why != NULL ? why->text : "";
    croft_err err = croft_cli_print_json(c, json_pack("{s:s,s:s,s:s}", "event", event, "about", about, "text", text));
    if (err != CROFT_OK || fflush(stdout) != 0)
        fprintf(stderr, "%s: %s\n", event, text);
}

static croft_err server_options(struct croft_cli *c, struct croft_server_options *out)
{
    *out =
        (struct croft_server_options){.world = c->world, .interrupted = c->interrupted, .software = SOFTWARE};
    out->warned = say_warning;
    out->arg = c;
    out->listen = croft_cli_value(c, "listen");
    return CROFT_OK;
}

static croft_err open_server(struct croft_cli *c, struct croft_home *h, const struct croft_server_options *o,
                             struct croft_server **out)
{
    croft_err err = croft_server_open(o, h, out, &c->why);
    struct croft_why what = c->why;
    if (err == CROFT_ERR_UNAVAILABLE && o->listen != NULL && strchr(what.text, '\n') == NULL)
        return croft_fail(&c->why, err,
                          "%s\nchoose another port with --listen HOST:PORT, or stop what uses this one: \"ss -ltnp\" "
                          "lists it",
                          what.text);
    if (err == CROFT_OK)
        warn_about_tcp(o->listen);
    return err;
}

/* Seconds since the last block was made; 0 without any, or when the clock is behind it. */
static u64 slept_s(const struct croft_cli *c, const struct croft_home *h)
{
    u64 last_ms = croft_solo_last_time_ms(h->solo), now_ms = c->world->ops->wall_ms(c->world);
    return h->opened.height > 0 && now_ms > last_ms ? (now_ms - last_ms) / 1000 : 0;
}

/* A clock that was set wrong while the chain was down shows here. */
static void say_slept(u64 s)
{
    if (s >= 86400)
        printf("the last block was made %" PRIu64 " days and %" PRIu64 " hours ago\n", s / 86400, s / 3600 % 24);
    else if (s >= 60)
        printf("the last block was made %" PRIu64 " hours and %" PRIu64 " minutes ago\n", s / 3600, s / 60 % 60);
}

static void say_acks(const struct croft_server_options *o)
{
    if (!o->ack_follower)
        return;
    if (o->follower_key_count == 0)
        printf("acknowledging with a follower on this machine; for one elsewhere name its key with --follower\n");
    else
        printf("acknowledging with a follower that proves %s\n",
               o->follower_key_count == 1 ? "the key given" : "one of the keys given");
}

/* key: a follower's own; NULL: this is none. */
static void say_key(const char *key)
{
    if (key != NULL)
        printf("this follower's key is %s; to wait for it start the chain with\n"
               "  croft chain start --ack follower --follower %s\n",
               key, key);
}

static croft_err say_started(struct croft_cli *c, const struct croft_home *h, const struct croft_server *s,
                             const struct croft_server_options *o, const char *key)
{
    char id[65], path[CROFT_HOME_PATH_MAX];
    u64 height = h->opened.height;
    const char *name = h->genesis->name;
    croft_hex_encode((struct croft_bytes){h->network.b, sizeof h->network.b}, id);
    CROFT_TRY(croft_home_path(h->path, CROFT_HOME_SOCKET, path, &c->why));
    if (c->json) {
        json_t *json =
            json_pack("{s:s,s:s,s:s,s:s,s:i,s:o,s:o,s:o,s:s*}", "event", "started", "network", name, "network_id", id,
                      "socket", path, "port", (int)croft_server_port(s), "height", croft_json_u64(height),
                      "replayed", croft_json_u64(h->opened.replayed_blocks), "slept_s",
                      croft_json_time(slept_s(c, h)), "follower_key", key);
        CROFT_TRY(croft_cli_print_json(c, json));
    } else {
        printf("chain %s (%.16s) at block %" PRIu64 ", API at unix:%s", name, id, height, path);
        if (o->listen != NULL)
            printf(" and %s (port %u)", o->listen, croft_server_port(s));
        printf("; Ctrl-C stops it\n");
        say_slept(slept_s(c, h));
        say_acks(o);
        say_key(key);
    }
    return fflush(stdout) == 0 ? CROFT_OK
                               : croft_fail(&c->why, CROFT_ERR_IO, "cannot write to standard output");
}

static croft_err say_stopped(struct croft_cli *c, u64 height)
{
    if (c->json)
        return croft_cli_print_json(
            c, json_pack("{s:s,s:o}", "event", "stopped", "height", croft_json_u64(height)));
    printf("stopped at block %" PRIu64 "\n", height);
    return CROFT_OK;
}

static u64 height_of(const struct croft_home *h)
{
    return croft_ledger_height(croft_solo_ledger(h->solo));
}

/* ---- start ---- */

/* "croftpub1...,croftpub1..." */
static croft_err take_followers(struct croft_cli *c, const char *text, struct croft_server_options *out)
{
    for (const char *at = text; at != NULL && *at != '\0';) {
        char one[CROFT_BECH32M_TEXT_MAX];
        size_t len = strcspn(at, ",");
        int n = snprintf(one, sizeof one, "%.*s", (int)(len < sizeof one ? len : sizeof one - 1), at);
        CROFT_ASSERT(n >= 0);
        if (out->follower_key_count == CROFT_FOLLOWER_KEYS_MAX)
            return croft_cli_usage(c, "--follower takes at most %d keys", (int)CROFT_FOLLOWER_KEYS_MAX);
        u8 *to = out->follower_key[out->follower_key_count++].b;
        if (croft_bech32m_decode(CROFT_HRP_PUBLIC_KEY, one, to) != CROFT_OK)
            return croft_cli_usage(c, "\"%s\" is no public key; \"croft chain follow\" prints the one of its folder", one);
        at += len;
        at += *at == ',';
    }
    return CROFT_OK;
}

static croft_err start_options(struct croft_cli *c, struct croft_server_options *out)
{
    const char *ack = croft_cli_value(c, "ack"), *engine = croft_cli_value(c, "engine"),
               *wait = croft_cli_value(c, "ack-timeout"), *followers = croft_cli_value(c, "follower");
    u64 wait_s = 10;
    if (engine != NULL && strcmp(engine, "solo") != 0)
        return croft_cli_usage(c, "there is no engine \"%s\"; there is: solo", engine);
    if (ack != NULL && strcmp(ack, "follower") != 0)
        return croft_cli_usage(c, "--ack takes: follower");
    if (followers != NULL && ack == NULL)
        return croft_cli_usage(c, "--follower goes with --ack follower");
    if (wait != NULL)
        CROFT_TRY(croft_cli_duration(c, wait, "--ack-timeout", &wait_s));
    if (wait_s < 1 || wait_s > 3600)
        return croft_cli_usage(c, "--ack-timeout must be from 1s to 1h");
    CROFT_TRY(server_options(c, out));
    out->ack_follower = ack != NULL;
    out->ack_timeout_ms = (u32)wait_s * 1000;
    return take_followers(c, followers, out);
}

static croft_err serve(struct croft_cli *c, struct croft_home *h, const struct croft_server_options *o)
{
    struct croft_server *server;
    CROFT_TRY(open_server(c, h, o, &server));
    croft_err err = say_started(c, h, server, o, NULL);
    if (err == CROFT_OK)
        err = croft_server_run(server, &c->why);
    croft_server_close(server);
    return err == CROFT_OK ? say_stopped(c, height_of(h)) : err;
}

static croft_err run_start(struct croft_cli *c)
{
    struct croft_server_options o;
    struct croft_home home CROFT_CLEANUP(croft_home_close) = {0};
    CROFT_TRY(start_options(c, &o));
    CROFT_TRY(open_home(c, true, &home));
    return serve(c, &home, &o);
}

/* ---- follow ---- */

static void say_connected(void *arg, u64 height)
{
    const struct croft_cli *c = arg;
    if (!c->json)
        fprintf(stderr, "connected, at block %" PRIu64 "\n", height);
}

static void say_lost(void *arg, const struct croft_why *why)
{
    const struct croft_cli *c = arg;
    if (!c->json)
        fprintf(stderr, "%.*s; trying again\n", (int)strcspn(why->text, "\n"), why->text);
}

/* The client's advice is for verbs that have --chain. */
static croft_err about_where(struct croft_cli *c, croft_err err)
{
    char *advice = strchr(c->why.text, '\n');
    if (err != CROFT_OK && advice != NULL && strstr(advice, "--chain") != NULL)
        snprintf(advice, sizeof c->why.text - (size_t)(advice - c->why.text),
                 "\nWHERE must be the chain that this folder is a copy of; --home names another folder");
    return err;
}

static croft_err follow(struct croft_cli *c, struct croft_home *h, const struct croft_server_options *o)
{
    struct croft_server *server;
    struct croft_follow *f;
    struct croft_secret_key key CROFT_CLEANUP(croft_secret_key_wipe) = {{0}, {0}};
    char public_key[CROFT_BECH32M_TEXT_MAX];
    const struct croft_follow_options options = {
        .world = c->world, .where = c->arg[0], .key = &key, .connected = say_connected, .lost = say_lost, .arg = c};
    CROFT_TRY(croft_home_follower_key(h, c->world, &key, &c->why));
    struct croft_public_key public = croft_public_key_of(&key);
    croft_bech32m_encode(CROFT_HRP_PUBLIC_KEY, public.b, public_key);
    CROFT_TRY(open_server(c, h, o, &server));
    croft_err err = croft_follow_start(&options, server, h, &f);
    if (err != CROFT_OK) {
        croft_server_close(server);
        return croft_fail(&c->why, err, "no memory left to follow");
    }
    err = say_started(c, h, server, o, public_key);
    if (err == CROFT_OK)
        err = croft_server_run(server, &c->why);
    croft_server_close(server);
    croft_follow_close(f);
    return err == CROFT_OK ? say_stopped(c, height_of(h)) : about_where(c, err);
}

static croft_err run_follow(struct croft_cli *c)
{
    struct croft_server_options o;
    struct croft_home home CROFT_CLEANUP(croft_home_close) = {0};
    CROFT_TRY(server_options(c, &o));
    CROFT_TRY(open_home(c, false, &home));
    return follow(c, &home, &o);
}

/* ---- verbs ---- */

static const struct croft_option init_option[] = {
    {"genesis", "FILE", "begin with this genesis instead of a new network", CROFT_OFFER_FILE},
    {"snapshot", "FILE", "begin with the state in this snapshot", CROFT_OFFER_FILE},
    {"name", "NAME", "name of the new network (else dev)", CROFT_OFFER_NOTHING},
    {"token", "TOKEN", "croft: the new network has CROFT beside credits (else none)", CROFT_OFFER_NOTHING},
    {"sequencer-key", "FILE", "with --genesis or --snapshot: the key that signs blocks", CROFT_OFFER_FILE},
    {"passphrase-file", "FILE", "first line: that key's passphrase (else it is asked for)", CROFT_OFFER_FILE},
};
static const struct croft_option start_option[] = {
    {"listen", "HOST:PORT", "serve over TCP too; plain text, no authentication", CROFT_OFFER_NOTHING},
    {"ack", "follower", "acknowledge only what a follower has stored", CROFT_OFFER_NOTHING},
    {"follower", "KEY[,KEY]", "with --ack: the followers' public keys (else only one on this machine counts)",
     CROFT_OFFER_NOTHING},
    {"accept-clock", NULL, "make blocks even after the clock jumped ahead by hours (started with a wrong clock)",
     CROFT_OFFER_NOTHING},
    {"ack-timeout", "TIME", "how long to wait for the follower (else 10s)", CROFT_OFFER_NOTHING},
    {"engine", "ENGINE", "solo: one sequencer (else solo)", CROFT_OFFER_NOTHING},
    {"passphrase-file", "FILE", "first line: passphrase of sequencer.key (else it is asked for)",
     CROFT_OFFER_FILE},
};
static const struct croft_option follow_option[] = {
    {"listen", "HOST:PORT", "serve over TCP too; plain text, no authentication", CROFT_OFFER_NOTHING},
    {"passphrase-file", "FILE", "not needed to follow", CROFT_OFFER_FILE},
};
static const struct croft_option export_option[] = {
    {"from", "HEIGHT", "first block (else 1)", CROFT_OFFER_NOTHING},
    {"to", "HEIGHT", "last block (else the newest)", CROFT_OFFER_NOTHING},
    {"out", "FILE", "write there, a new file (else standard output)", CROFT_OFFER_FILE},
};

static const struct croft_verb verb[] = {
    {
        .name = "chain init",
        .usage = "",
        .summary = "make a chain in HOME/chain: a new network, or one that others began",
        .about = "Without options a new network for trying things: one validator, whose key stays in the "
                 "folder, and the key\n"
                 "\"issuer\" in HOME/keys, which issues test credits. With --genesis or --snapshot a network "
                 "that exists:\n"
                 "to follow it, or with --sequencer-key to make its blocks.",
        .examples = "croft chain init\n"
                    "croft chain init --name lab --token croft\n"
                    "croft chain init --genesis genesis.json\n"
                    "croft chain init --snapshot /backup/croft.snapshot --sequencer-key seq.key",
        .option = init_option,
        .option_count = CROFT_COUNT(init_option),
        .run = croft_chain_init,
    },
    {
        .name = "chain start",
        .usage = "",
        .summary = "make blocks and serve the chain until Ctrl-C or SIGTERM",
        .about =
            "Takes transactions over HOME/chain/api.sock, and over TCP with --listen. A block is made as "
            "soon as\n"
            "transactions wait and is on the disk before anybody is told. On a follower's folder, with the\n"
            "sequencer's key in it, this promotes the follower: make sure that the first chain is stopped "
            "for good.",
        .examples = "croft chain start\n"
                    "croft chain start --listen 127.0.0.1:7400\n"
                    "croft chain start --listen 10.0.0.1:7400 --ack follower --follower croftpub1...",
        .option = start_option,
        .option_count = CROFT_COUNT(start_option),
        .run = run_start,
    },
    {
        .name = "chain follow",
        .usage = "WHERE",
        .summary = "keep a verified copy of a chain: WHERE is unix:PATH or HOST:PORT",
        .about = "HOME/chain must have been made with the same network's genesis or snapshot. Every block is "
                 "verified and\n"
                 "stored here, and the chain is told so, signed with HOME/chain/follower.key, which is made once. "
                 "To take over: stop this and the chain, put its "
                 "sequencer.key in\n"
                 "HOME/chain, and run \"croft chain start\".",
        .examples = "croft chain follow 10.0.0.1:7400\n"
                    "croft chain follow unix:/srv/croft/chain/api.sock --listen 127.0.0.1:7401",
        .option = follow_option,
        .option_count = CROFT_COUNT(follow_option),
        .args_min = 1,
        .args_max = 1,
        .run = run_follow,
    },
    {
        .name = "chain verify",
        .usage = "",
        .summary = "check the whole chain again: every signature, receipt and root",
        .about = "Replays the block log from the genesis, or from the snapshot this folder was restored "
                 "from, and compares\n"
                 "the state on disk with what comes out. The chain must not run.",
        .examples = "croft chain verify\ncroft chain verify --json",
        .run = croft_chain_verify,
    },
    {
        .name = "chain snapshot",
        .usage = "FILE",
        .summary = "write the state to a new file, to begin other machines with",
        .about = "Of a running chain it is taken while it runs. The file is the same on every machine for a "
                 "height.",
        .examples = "croft chain snapshot /backup/croft.snapshot\ncroft chain snapshot now.snapshot --json",
        .args_min = 1,
        .args_max = 1,
        .offer = CROFT_OFFER_FILE,
        .run = croft_chain_snapshot,
    },
    {
        .name = "chain export",
        .usage = "",
        .summary = "write blocks, transactions and receipts as JSON lines, for an index outside",
        .about = "Of a running chain the blocks come from it, of a stopped one from its log. Go on later "
                 "with --from.",
        .examples =
            "croft chain export > chain.jsonl\ncroft chain export --from 1001 --to 2000 --out part.jsonl",
        .option = export_option,
        .option_count = CROFT_COUNT(export_option),
        .run = croft_chain_export,
    },
};

const struct croft_verb_group croft_chain_verbs = {verb, CROFT_COUNT(verb)};
