/* `croft node`: machines on the chain - admitted by a provider, described by themselves. */
#include "cli/groups.h"

#include "cli/market.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTRIBUTES_MAX = 200 };

/* ---- the provider's side ---- */

static croft_err run_admit(struct croft_cli *c)
{
    struct croft_address node;
    Croft__V1__NodeAdmit op = CROFT__V1__NODE_ADMIT__INIT;
    CROFT_TRY(croft_cli_address(c, c->arg[0], "NODE", &node));
    op.node_address = croft_cli_bytes(node.b, sizeof node.b);
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_NODE_ADMIT, &op,
                             "the node is admitted; what it earns is yours",
                             json_pack("{s:s}", "node", c->arg[0]));
}

static croft_err run_remove(struct croft_cli *c)
{
    struct croft_address node;
    Croft__V1__NodeRemove op = CROFT__V1__NODE_REMOVE__INIT;
    CROFT_TRY(croft_cli_address(c, c->arg[0], "NODE", &node));
    op.node_address = croft_cli_bytes(node.b, sizeof node.b);
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_NODE_REMOVE, &op, "the node and its devices are gone",
                             json_pack("{s:s}", "node", c->arg[0]));
}

/* ---- the node's side ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "a=1,b=2" as lines in the order of their keys, which the ledger demands. */
static croft_err take_attributes(struct croft_cli *c, const char *text, ProtobufCBinaryData *out)
{
    char *line[ATTRIBUTES_MAX];
    size_t count = 0, len = 0;
    for (char *part; (part = croft_market_part(c, &text, ',')) != NULL; count++) {
        if (count == ATTRIBUTES_MAX || strchr(part, '=') == NULL)
            return croft_cli_usage(
                c, "--attributes takes KEY=VALUE with commas between, like region=eu-west,cuda=12");
        line[count] = part;
        len += strlen(part) + 1;
    }
    qsort(line, count, sizeof *line, by_text);
    char *all = croft_new(&c->mem, char, len + 1);
    if (all == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the attributes");
    for (size_t i = 0, at = 0; i < count; i++)
        at += (size_t)sprintf(all + at, "%s\n", line[i]);
    if (len > CROFT_ATTRIBUTES_BYTES_MAX)
        return croft_cli_usage(c, "all attributes together have at most %d bytes",
                               CROFT_ATTRIBUTES_BYTES_MAX);
    *out = croft_cli_bytes(all, len);
    return CROFT_OK;
}

static bool is_set(const u8 *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != 0)
            return true;
    return false;
}

/* The operation says all; what no option says stays as it is. */
static void take_present(const struct croft_node_record *now, Croft__V1__NodeSet *op)
{
    if (is_set(now->country, sizeof now->country))
        op->country = croft_cli_bytes(now->country, sizeof now->country);
    if (is_set(now->seal_key, sizeof now->seal_key))
        op->seal_key = croft_cli_bytes(now->seal_key, sizeof now->seal_key);
    if (is_set(now->peer_key, sizeof now->peer_key))
        op->peer_key = croft_cli_bytes(now->peer_key, sizeof now->peer_key);
    op->machine = now->machine;
    op->drain = now->drain != 0;
    op->attributes = croft_cli_bytes(now->attributes, now->attributes_len);
}

static croft_err take_options(struct croft_cli *c, Croft__V1__NodeSet *op)
{
    const char *country = croft_cli_value(c, "country"), *machine = croft_cli_value(c, "machine"),
               *attributes = croft_cli_value(c, "attributes"), *seal = croft_cli_value(c, "seal-key"),
               *peer = croft_cli_value(c, "peer-key");
    if (country != NULL)
        op->country = croft_cli_bytes(country, strlen(country));
    if (op->country.len != 0 && op->country.len != 2)
        return croft_cli_usage(c, "--country is two upper-case letters, like DE");
    if (machine != NULL)
        CROFT_TRY(croft_market_word_read(c, "node", "machine", machine, &op->machine));
    if (attributes != NULL)
        CROFT_TRY(take_attributes(c, attributes, &op->attributes));
    if (seal != NULL)
        CROFT_TRY(croft_market_hex(c, seal, "--seal-key", 32, &op->seal_key));
    if (peer != NULL)
        CROFT_TRY(croft_market_hex(c, peer, "--peer-key", 32, &op->peer_key));
    if (croft_cli_has(c, "drain") && croft_cli_has(c, "no-drain"))
        return croft_cli_usage(c, "--drain and --no-drain exclude each other");
    op->drain = croft_cli_has(c, "drain") || (op->drain && !croft_cli_has(c, "no-drain"));
    return CROFT_OK;
}

static croft_err run_set(struct croft_cli *c)
{
    struct croft_key_info key;
    struct croft_node_record now;
    Croft__V1__NodeSet op = CROFT__V1__NODE_SET__INIT, checked = CROFT__V1__NODE_SET__INIT;
    CROFT_TRY(take_options(c, &checked)); /* wrong options are told without a chain */
    CROFT_TRY(croft_key_choose(c, &key));
    const struct croft_record_key at = croft_key_of_address(&key.account);
    CROFT_TRY(croft_market_read(
        c, CROFT_TABLE_NODES, &at,
        "node of this account; nothing was sent\nits provider admits it: croft node admit ADDRESS", &now));
    take_present(&now, &op);
    CROFT_TRY(take_options(c, &op));
    return croft_market_send_as(
        c, &key, CROFT__V1__TX_BODY__OP_NODE_SET, &op,
        op.drain ? "the node is described; it takes no new leases" : "the node is described", NULL);
}

/* ---- showing ---- */

static croft_err run_show(struct croft_cli *c)
{
    struct croft_address node;
    CROFT_TRY(croft_cli_account(c, &node));
    const struct croft_record_key key = croft_key_of_address(&node);
    return croft_market_show(c, CROFT_TABLE_NODES, &key, "node of this address");
}

static bool is_owned(const void *context, struct croft_bytes key, const void *record)
{
    const struct croft_node_record *node = record;
    (void)key;
    return memcmp(node->owner.b, context, sizeof node->owner.b) == 0;
}

static const struct croft_market_column column[] = {
    {"NODE", NULL},         {"PROVIDER", "owner"}, {"COUNTRY", "country"},
    {"MACHINE", "machine"}, {"DRAINING", "drain"}, {"SINCE (UTC)", "since_s"},
};

static croft_err run_list(struct croft_cli *c)
{
    struct croft_address owner;
    struct croft_market_list list = {.table = CROFT_TABLE_NODES,
                                     .column = column,
                                     .column_count = CROFT_COUNT(column),
                                     .none = "no nodes"};
    if (!croft_cli_has(c, "all")) {
        CROFT_TRY(croft_cli_account(c, &owner));
        list.keep = is_owned;
        list.context = owner.b;
        list.none = "no nodes of this provider; --all shows everybody's";
    }
    return croft_market_list(c, &list);
}

static const struct croft_option set_option[] = {
    {"country", "XX", "where it stands: two letters", CROFT_OFFER_NOTHING},
    {"machine", "NAME", "consumer, workstation or data_centre", CROFT_OFFER_NOTHING},
    {"attributes", "K=V,K=V", "all its attributes, public, 1000 bytes in all", CROFT_OFFER_NOTHING},
    {"seal-key", "HEX", "X25519 key that what is meant for the node is sealed to", CROFT_OFFER_NOTHING},
    {"peer-key", "HEX", "WireGuard key", CROFT_OFFER_NOTHING},
    {"drain", NULL, "take no new leases", CROFT_OFFER_NOTHING},
    {"no-drain", NULL, "take leases again", CROFT_OFFER_NOTHING},
};
static const struct croft_option list_option[] = {
    {"all", NULL, "everybody's", CROFT_OFFER_NOTHING},
    {"limit", "N", "show at most so many (else 1000)", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "node admit",
        .usage = "NODE",
        .summary = "as a provider: admit a machine's account; its pay is yours",
        .about = "The account NODE must exist.  Deposits are held for the node, and for the provider when it "
                 "is new.",
        .examples = "croft node admit croft1...\ncroft node admit croft1... --key owner --json",
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_admit,
    },
    {
        .name = "node remove",
        .usage = "NODE",
        .summary = "as a provider: remove a node and its devices; bonds and deposits come back",
        .about = "Not while a device is leased or a bid is open.",
        .examples = "croft node remove croft1...\ncroft node remove croft1... --key owner --json",
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_remove,
    },
    {
        .name = "node set",
        .usage = "[--country XX] [--machine NAME] [--attributes K=V,...]",
        .summary = "as a node: say what and where it is, or drain it",
        .about = "What no option says stays as it is.  All of it is public.",
        .examples =
            "croft node set --country DE --machine consumer --attributes region=eu-west,cuda=12 --key node1\n"
            "croft node set --drain --key node1",
        .option = set_option,
        .option_count = CROFT_COUNT(set_option),
        .with = CROFT_WITH_SEND,
        .run = run_set,
    },
    {
        .name = "node show",
        .usage = "[ADDRESS]",
        .summary = "show a node's record",
        .about = "Without ADDRESS: the account of --key.",
        .examples = "croft node show --key node1\ncroft node show croft1... --json",
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_max = 1,
        .run = run_show,
    },
    {
        .name = "node list",
        .usage = "[PROVIDER]\n--all",
        .summary = "list the nodes of a provider",
        .about = "",
        .examples = "croft node list\ncroft node list croft1... --json\ncroft node list --all",
        .option = list_option,
        .option_count = CROFT_COUNT(list_option),
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_max = 1,
        .run = run_list,
    },
};

const struct croft_verb_group croft_node_verbs = {verb, CROFT_COUNT(verb)};
