/* `croft lease`: meters between orders and who is paid. */
#include "cli/groups.h"

#include "cli/market.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WHAT_MAX = 240, ORDER_KEY_BYTES = 38 };

/* ---- by nodes ---- */

static croft_err read_seal_key(struct croft_cli *c, const struct croft_address *node,
                               ProtobufCBinaryData *out)
{
    const char *text = croft_cli_value(c, "seal-key");
    struct croft_node_record record;
    static const u8 none[32];
    if (text != NULL)
        return croft_market_hex(c, text, "--seal-key", 32, out);
    const struct croft_record_key key = croft_key_of_address(node);
    CROFT_TRY(croft_market_read(c, CROFT_TABLE_NODES, &key,
                                "node of this account; nothing was sent\nsign with the node's key: --key",
                                &record));
    if (memcmp(record.seal_key, none, sizeof none) == 0)
        return croft_cli_usage(
            c, "say what the buyer seals the workload to: --seal-key HEX, or once for all leases "
               "\"croft node set --seal-key\"");
    u8 *copy = croft_new(&c->mem, u8, 32);
    if (copy == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the key");
    memcpy(copy, record.seal_key, 32);
    *out = croft_cli_bytes(copy, 32);
    return CROFT_OK;
}

/* "0+4": four tasks from the first. */
static croft_err read_range(struct croft_cli *c, Croft__V1__LeaseTake *op)
{
    u64 first, count;
    const char *at = croft_cli_value(c, "tasks");
    if (at == NULL)
        return CROFT_OK;
    char *from = croft_market_part(c, &at, '+');
    if (from == NULL || *at == '\0')
        return croft_cli_usage(c, "--tasks is FIRST+COUNT, like 0+4");
    CROFT_TRY(croft_cli_u64(c, from, "--tasks", &first));
    CROFT_TRY(croft_cli_u64(c, at, "--tasks", &count));
    if (first >= CROFT_TASKS_MAX || count == 0 || count > CROFT_RANGE_TASKS_MAX)
        return croft_cli_usage(c, "--tasks takes 1 to %d tasks of the first %d", CROFT_RANGE_TASKS_MAX,
                               CROFT_TASKS_MAX);
    op->first_task = (u32)first;
    op->task_count = (u32)count;
    return CROFT_OK;
}

static croft_err run_take(struct croft_cli *c)
{
    u64 device;
    struct croft_key_info key;
    struct croft_market_name name;
    Croft__V1__LeaseTake op = CROFT__V1__LEASE_TAKE__INIT;
    CROFT_TRY(croft_market_order(c, c->arg[0], &name));
    CROFT_TRY(croft_cli_u64(c, c->arg[1], "DEVICE", &device));
    if (device >= CROFT_DEVICES_MAX)
        return croft_cli_usage(c, "the number of a device is 0 to %d", CROFT_DEVICES_MAX - 1);
    CROFT_TRY(read_range(c, &op));
    CROFT_TRY(croft_key_choose(c, &key));
    CROFT_TRY(read_seal_key(c, &key.account, &op.seal_key));
    op.buyer_address = croft_cli_bytes(name.owner.b, sizeof name.owner.b);
    op.order = name.id;
    op.device = (u32)device;
    return croft_market_send_as(c, &key, CROFT__V1__TX_BODY__OP_LEASE_TAKE, &op, "the order's lease is taken",
                                NULL);
}

/* A lease and who acts on it. */
struct acting {
    struct croft_key_info key;
    struct croft_market_name name;
    Croft__V1__LeaseId id;
};

static croft_err read_acting(struct croft_cli *c, struct acting *out)
{
    CROFT_TRY(croft_market_lease(c, c->arg[0], &out->name));
    CROFT_TRY(croft_key_choose(c, &out->key));
    out->id = croft_market_lease_id(&out->name);
    return CROFT_OK;
}

static croft_err read_lease(struct croft_cli *c, const struct croft_market_name *name,
                            struct croft_lease_record *out)
{
    const struct croft_record_key key = croft_market_lease_key(name);
    return croft_market_read(c, CROFT_TABLE_LEASES, &key,
                             "such lease: it has ended, or never was; nothing was sent\nrun: croft lease ls",
                             out);
}

static croft_err run_ack(struct croft_cli *c)
{
    struct acting a;
    struct croft_lease_record lease;
    Croft__V1__LeaseAck op = CROFT__V1__LEASE_ACK__INIT;
    CROFT_TRY(read_acting(c, &a));
    CROFT_TRY(read_lease(c, &a.name, &lease));
    bool first = lease.state == CROFT_LEASE_TAKEN;
    if (first)
        CROFT_TRY(read_seal_key(c, &a.key.account, &op.seal_key));
    op.lease = &a.id;
    return croft_market_send_as(c, &a.key, CROFT__V1__TX_BODY__OP_LEASE_ACK, &op,
                                first ? "the lease is acknowledged" : "the call is answered", NULL);
}

static croft_err run_settle(struct croft_cli *c)
{
    char what[WHAT_MAX];
    Croft__V1__Voucher *voucher[CROFT_VOUCHERS_MAX];
    Croft__V1__Settle op = CROFT__V1__SETTLE__INIT;
    for (int i = 0; i < c->arg_count; i++)
        CROFT_TRY(croft_voucher_read(c, c->arg[i], &voucher[i]));
    op.n_vouchers = (size_t)c->arg_count;
    op.vouchers = voucher;
    snprintf(what, sizeof what, "%d voucher%s settled", c->arg_count, c->arg_count == 1 ? " is" : "s are");
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_SETTLE, &op, what,
                             json_pack("{s:i}", "vouchers", c->arg_count));
}

static croft_err run_stop(struct croft_cli *c)
{
    struct acting a;
    const char *file = croft_cli_value(c, "voucher"), *result = croft_cli_value(c, "result");
    Croft__V1__LeaseStop op = CROFT__V1__LEASE_STOP__INIT;
    if (file != NULL)
        CROFT_TRY(croft_voucher_read(c, file, &op.voucher));
    if (result != NULL)
        CROFT_TRY(croft_market_hex(c, result, "--result", strlen(result) / 2, &op.result));
    if (op.result.len > 32)
        return croft_cli_usage(c, "--result has at most 64 hexadecimal digits");
    CROFT_TRY(read_acting(c, &a));
    op.lease = &a.id;
    return croft_market_send_as(c, &a.key, CROFT__V1__TX_BODY__OP_LEASE_STOP, &op, "the lease is stopped",
                                NULL);
}

static croft_err run_notice(struct croft_cli *c)
{
    struct acting a;
    Croft__V1__LeaseNotice op = CROFT__V1__LEASE_NOTICE__INIT;
    CROFT_TRY(croft_cli_until(c, c->arg[1], "END", &op.end_s));
    CROFT_TRY(read_acting(c, &a));
    op.lease = &a.id;
    return croft_market_send_as(c, &a.key, CROFT__V1__TX_BODY__OP_LEASE_NOTICE, &op,
                                "notice is given of the lease's end",
                                json_pack("{s:I}", "end_s", (json_int_t)op.end_s));
}

static croft_err run_call(struct croft_cli *c)
{
    struct acting a;
    Croft__V1__LeaseCall op = CROFT__V1__LEASE_CALL__INIT;
    CROFT_TRY(read_acting(c, &a));
    op.lease = &a.id;
    return croft_market_send_as(c, &a.key, CROFT__V1__TX_BODY__OP_LEASE_CALL, &op,
                                "the other side is called: it answers in time, or the lease ends and it pays",
                                NULL);
}

static croft_err run_commit(struct croft_cli *c)
{
    struct acting a;
    u32 count = 0;
    struct croft_hash root;
    const char *file = croft_cli_value(c, "results"), *given = croft_cli_value(c, "root");
    Croft__V1__LeaseCommit op = CROFT__V1__LEASE_COMMIT__INIT;
    if ((file != NULL) == (given != NULL))
        return croft_cli_usage(c, "give the results: --results FILE, or their root: --root HEX");
    if (file != NULL)
        CROFT_TRY(croft_task_root(c, file, true, &root, &count));
    op.results_root = croft_cli_bytes(root.b, sizeof root.b);
    if (given != NULL)
        CROFT_TRY(croft_market_hex(c, given, "--root", 32, &op.results_root));
    CROFT_TRY(read_acting(c, &a));
    op.lease = &a.id;
    return croft_market_send_as(c, &a.key, CROFT__V1__TX_BODY__OP_LEASE_COMMIT, &op,
                                "the results are committed to", NULL);
}

/* ---- showing ---- */

static croft_err run_show(struct croft_cli *c)
{
    struct croft_market_name name;
    CROFT_TRY(croft_market_lease(c, c->arg[0], &name));
    const struct croft_record_key key = croft_market_lease_key(&name);
    return croft_market_show(c, CROFT_TABLE_LEASES, &key,
                             "such lease: it has ended and is paid, or never was,");
}

static bool is_at_node(const void *context, struct croft_bytes key, const void *record)
{
    const struct croft_lease_record *lease = record;
    (void)key;
    return memcmp(lease->node.b, context, sizeof lease->node.b) == 0;
}

static const struct croft_market_column column[] = {
    {"LEASE", NULL},         {"STATE", "state"},
    {"NODE", "node"},        {"DEVICE", "device"},
    {"PRICE", "price"},      {"UNITS", "units"},
    {"PAID", "paid"},        {"SERVED UNTIL (UTC)", "served_until_s"},
    {"ENDS (UTC)", "end_s"}, {"CALLED, ANSWERS BY", "call_by_s"},
};

/* Of an order, of a buyer, of everybody. */
static croft_err list_prefix(struct croft_cli *c, struct croft_record_key *out)
{
    struct croft_market_name name;
    struct croft_address buyer;
    bool is_order =
        c->arg_count == 1 && (strchr(c->arg[0], ':') != NULL || strncmp(c->arg[0], "croft1", 6) != 0);
    if (is_order) {
        CROFT_TRY(croft_market_order(c, c->arg[0], &name));
        *out = croft_market_order_key(&name);
        out->len = ORDER_KEY_BYTES;
        return CROFT_OK;
    }
    if (croft_cli_has(c, "all") || (c->arg_count == 0 && croft_cli_has(c, "node")))
        return CROFT_OK;
    CROFT_TRY(croft_cli_account(c, &buyer));
    *out = croft_key_of_address(&buyer);
    return CROFT_OK;
}

static croft_err run_list(struct croft_cli *c)
{
    struct croft_address node;
    const char *at = croft_cli_value(c, "node");
    struct croft_market_list list = {.table = CROFT_TABLE_LEASES,
                                     .column = column,
                                     .column_count = CROFT_COUNT(column),
                                     .none = "no leases"};
    CROFT_TRY(list_prefix(c, &list.prefix));
    if (at != NULL) {
        CROFT_TRY(croft_cli_address(c, at, "--node", &node));
        list.keep = is_at_node;
        list.context = node.b;
    }
    return croft_market_list(c, &list);
}

static const struct croft_option take_option[] = {
    {"tasks", "FIRST+COUNT", "of a batch: these tasks", CROFT_OFFER_NOTHING},
    {"seal-key", "HEX", "key made for this lease (else the node's)", CROFT_OFFER_NOTHING},
};
static const struct croft_option ack_option[] = {
    {"seal-key", "HEX", "key made for this lease (else the node's)", CROFT_OFFER_NOTHING},
};
static const struct croft_option stop_option[] = {
    {"voucher", "FILE", "by the node: its last voucher, settled with it", CROFT_OFFER_FILE},
    {"result", "HEX", "digest of the result, up to 32 bytes", CROFT_OFFER_NOTHING},
};
static const struct croft_option commit_option[] = {
    {"results", "FILE", "the hash of each result in hex, one a line, in the order of the tasks",
     CROFT_OFFER_FILE},
    {"root", "HEX", "their RFC 6962 root", CROFT_OFFER_NOTHING},
};
static const struct croft_option show_option[] = {
    {"prove", NULL, "check the chain's proof of the record, and print the app hash it leads to",
     CROFT_OFFER_NOTHING},
};
static const struct croft_option list_option[] = {
    {"node", "ADDRESS", "only leases at this node", CROFT_OFFER_NOTHING},
    {"all", NULL, "everybody's", CROFT_OFFER_NOTHING},
    {"limit", "N", "show at most so many (else 1000)", CROFT_OFFER_NOTHING},
};

#define VERB(words, form, text, more, lines, opt, flags, low, high, call) \
    {.name = (words),                                                     \
     .usage = (form),                                                     \
     .summary = (text),                                                   \
     .about = (more),                                                     \
     .examples = (lines),                                                 \
     .option = (opt),                                                     \
     .option_count = CROFT_COUNT(opt),                                    \
     .with = (flags),                                                     \
     .args_min = (low),                                                   \
     .args_max = (high),                                                  \
     .run = (call)}

static const struct croft_verb verb[] = {
    VERB("lease take", "ORDER DEVICE [--tasks FIRST+COUNT]",
         "as a node: take an order that waits, or tasks of a batch",
         "Where a class serves the oldest first, it is the order at the head of its queue.",
         "croft lease take croft1...:2781 0 --key node1\ncroft lease take croft1...:2781 0 --tasks 0+4 --key "
         "node1 --json",
         take_option, CROFT_WITH_SEND, 2, 2, run_take),
    VERB("lease ack", "BUYER:ORDER:LEASE", "as a node: acknowledge a lease; as who was called: answer",
         "Not acknowledged in time, the lease goes and the offer's bond with it.",
         "croft lease ack croft1...:2781:1 --key node1\ncroft lease ack 2781:1 --quota --json", ack_option,
         CROFT_WITH_SEND | CROFT_WITH_QUOTA, 1, 1, run_ack),
    {
        .name = "lease settle",
        .usage = "FILE...",
        .summary = "be paid: show vouchers to the ledger, 1 to 64 at once",
        .about = "All of them count, or none.  Anybody may do it; the pay goes to the node's provider.",
        .examples =
            "croft lease settle v7.json --key node1\ncroft lease settle *.json --quota --key node1 --json",
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 1,
        .args_max = CROFT_VOUCHERS_MAX,
        .offer = CROFT_OFFER_FILE,
        .run = run_settle,
    },
    VERB("lease stop", "LEASE [--voucher FILE]", "as the buyer or the node: end a lease",
         "A node that breaks a promise pays a penalty, and so does a buyer of reserved time.",
         "croft lease stop 2781:1\ncroft lease stop croft1...:2781:1 --voucher v9.json --key node1 --json",
         stop_option, CROFT_WITH_SEND | CROFT_WITH_QUOTA, 1, 1, run_stop),
    {
        .name = "lease notice",
        .usage = "LEASE END",
        .summary = "as a node: say when the lease will end",
        .about = "Not before the notice that the offer promised, nor before a firm end.",
        .examples = "croft lease notice croft1...:2781:1 2h --key node1\n"
                    "croft lease notice croft1...:2781:1 2027-01-31T08:15 --key node1 --json",
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 2,
        .args_max = 2,
        .run = run_notice,
    },
    {
        .name = "lease call",
        .usage = "LEASE",
        .summary = "as the buyer or the node: call the other side to answer on the ledger",
        .about = "A small bond goes to who answers (\"croft lease ack\").  Who is silent loses the lease and "
                 "pays.",
        .examples = "croft lease call 2781:1\ncroft lease call croft1...:2781:1 --key node1 --json",
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_call,
    },
    VERB("lease commit", "LEASE --results FILE", "as a node: commit to the results of a range of tasks", "",
         "croft lease commit croft1...:2781:1 --results hashes.txt --key node1\n"
         "croft lease commit croft1...:2781:1 --root 6e34... --key node1 --json",
         commit_option, CROFT_WITH_SEND | CROFT_WITH_QUOTA, 1, 1, run_commit),
    VERB("lease list", "[ORDER]\n[BUYER]\n--node ADDRESS", "list the leases of an order, a buyer or a node",
         "", "croft lease list 2781\ncroft lease list croft1...\ncroft lease list --node croft1... --json",
         list_option, CROFT_WITH_CHAIN | CROFT_WITH_KEY, 0, 1, run_list),
    VERB("lease show", "LEASE\nBUYER:ORDER:LEASE", "show a lease: what was served, paid, and what comes next",
         "", "croft lease show 2781:1\ncroft lease show croft1...:2781:1 --prove --json", show_option,
         CROFT_WITH_CHAIN | CROFT_WITH_KEY, 1, 1, run_show),
};

const struct croft_verb_group croft_lease_verbs = {verb, CROFT_COUNT(verb)};
