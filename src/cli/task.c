/* `croft task` and `croft slash`: the results of batches, accepted, rejected, judged - and what a lie costs.
 */
#include "cli/groups.h"

#include "cli/keyset.h"
#include "cli/market.h"
#include "crypto/merkle.h"
#include "json/hex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REJECTS_MAX = 16, PATH_MAX_HASHES = 12 };

/* ---- roots of files ---- */

static void close_file(FILE **f)
{
    if (*f != NULL)
        fclose(*f);
}

static void free_line(char **line)
{
    free(*line);
}

/* The leaf of one line, without its end. */
static croft_err leaf_of(struct croft_cli *c, char *line, bool hex, u32 number, struct croft_hash *out)
{
    u8 bytes[32];
    size_t len = strcspn(line, "\r\n");
    line[len] = '\0';
    if (hex && (len != 64 || !croft_hex_decode(line, bytes, sizeof bytes)))
        return croft_cli_usage(c, "line %u is not a hash: it must be 64 hexadecimal digits", number);
    *out = croft_merkle_leaf(hex ? (struct croft_bytes){bytes, sizeof bytes}
                                 : (struct croft_bytes){(u8 *)line, len});
    return CROFT_OK;
}

croft_err croft_task_root(struct croft_cli *c, const char *file, bool hex, struct croft_hash *out,
                          u32 *out_count)
{
    char *line CROFT_CLEANUP(free_line) = NULL;
    size_t size = 0;
    u32 count = 0;
    FILE *f CROFT_CLEANUP(close_file) = fopen(file, "re");
    if (f == NULL)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    struct croft_hash *leaf = croft_new(&c->mem, struct croft_hash, CROFT_TASKS_MAX);
    if (leaf == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for %s", file);
    while (getline(&line, &size, f) >= 0) {
        if (count == CROFT_TASKS_MAX)
            return croft_cli_usage(c, "%s has more than %d lines", file, CROFT_TASKS_MAX);
        CROFT_TRY(leaf_of(c, line, hex, count + 1, &leaf[count]));
        count++;
    }
    if (ferror(f))
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    if (count == 0)
        return croft_cli_usage(c, "%s is empty", file);
    *out = croft_merkle_root(leaf, count);
    *out_count = count;
    return CROFT_OK;
}

/* ---- review, contest, judge ---- */

/* "3,7-9": single tasks and ranges, in the batch's own numbers. */
static croft_err read_range(struct croft_cli *c, const char *text, Croft__V1__TaskRange *out)
{
    u64 first, last;
    const char *at = text;
    char *from = croft_market_part(c, &at, '-');
    if (from == NULL)
        return croft_cli_usage(c, "--reject takes tasks like 3,7-9");
    CROFT_TRY(croft_cli_u64(c, from, "--reject", &first));
    last = first;
    if (*at != '\0')
        CROFT_TRY(croft_cli_u64(c, at, "--reject", &last));
    if (first > last || last >= CROFT_TASKS_MAX)
        return croft_cli_usage(c, "--reject: \"%s\" is no range of tasks from 0 to %d", text,
                               CROFT_TASKS_MAX - 1);
    croft__v1__task_range__init(out);
    out->first = (u32)first;
    out->count = (u32)(last - first + 1);
    return CROFT_OK;
}

static croft_err run_review(struct croft_cli *c)
{
    struct croft_market_name name;
    Croft__V1__TaskRange range[REJECTS_MAX], *rejects[REJECTS_MAX];
    Croft__V1__TaskReview op = CROFT__V1__TASK_REVIEW__INIT;
    const char *at = croft_cli_value(c, "reject");
    op.rejects = rejects;
    for (char *part; at != NULL && (part = croft_market_part(c, &at, ',')) != NULL; op.n_rejects++) {
        if (op.n_rejects == REJECTS_MAX)
            return croft_cli_usage(c, "--reject takes at most %d ranges", REJECTS_MAX);
        CROFT_TRY(read_range(c, part, &range[op.n_rejects]));
        rejects[op.n_rejects] = &range[op.n_rejects];
    }
    if ((op.n_rejects == 0) != croft_cli_has(c, "accept"))
        return croft_cli_usage(c, "say which tasks are wrong, --reject 3,7-9, or --accept all");
    CROFT_TRY(croft_market_lease(c, c->arg[0], &name));
    Croft__V1__LeaseId id = croft_market_lease_id(&name);
    op.lease = &id;
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_TASK_REVIEW, &op,
                             op.n_rejects == 0
                                 ? "the results are accepted and paid"
                                 : "the rest is accepted and paid; the node may contest what is rejected",
                             NULL);
}

static croft_err run_contest(struct croft_cli *c)
{
    struct croft_market_name name;
    Croft__V1__TaskContest op = CROFT__V1__TASK_CONTEST__INIT;
    CROFT_TRY(croft_market_lease(c, c->arg[0], &name));
    Croft__V1__LeaseId id = croft_market_lease_id(&name);
    op.lease = &id;
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_TASK_CONTEST, &op,
                             "the rejection is contested; the arbiter judges", NULL);
}

static croft_err read_path(struct croft_cli *c, ProtobufCBinaryData **out, size_t *out_count)
{
    const char *at = croft_cli_value(c, "path");
    ProtobufCBinaryData *path = croft_new(&c->mem, ProtobufCBinaryData, PATH_MAX_HASHES);
    if (path == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the path");
    for (char *part; at != NULL && (part = croft_market_part(c, &at, ',')) != NULL; (*out_count)++) {
        if (*out_count == PATH_MAX_HASHES)
            return croft_cli_usage(c, "--path has at most %d hashes", PATH_MAX_HASHES);
        CROFT_TRY(croft_market_hex(c, part, "--path", 32, &path[*out_count]));
    }
    *out = path;
    return CROFT_OK;
}

static croft_err run_judge(struct croft_cli *c)
{
    struct croft_market_name name;
    const char *result = croft_cli_value(c, "result");
    Croft__V1__TaskJudge op = CROFT__V1__TASK_JUDGE__INIT;
    if (croft_cli_has(c, "upheld") == croft_cli_has(c, "overruled"))
        return croft_cli_usage(c, "say --upheld, the rejection was right, or --overruled");
    op.upheld = croft_cli_has(c, "upheld");
    CROFT_TRY(croft_market_number(c, "task", CROFT_TASKS_MAX - 1, &op.task));
    if (result != NULL)
        CROFT_TRY(croft_market_hex(c, result, "--result", 32, &op.result_hash));
    CROFT_TRY(read_path(c, &op.path, &op.n_path));
    CROFT_TRY(croft_market_lease(c, c->arg[0], &name));
    Croft__V1__LeaseId id = croft_market_lease_id(&name);
    op.lease = &id;
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_TASK_JUDGE, &op,
                             op.upheld ? "judged: the rejection was right" : "judged: the results are paid",
                             NULL);
}

/* ---- slash ---- */

static croft_err read_evidence(struct croft_cli *c, Croft__V1__Slash *op, struct croft_named_key *key)
{
    static const char *const needed[] = {"task", "result", "committed", "node-key", "signature"};
    for (size_t i = 0; i < CROFT_COUNT(needed); i++)
        if (!croft_cli_has(c, needed[i]))
            return croft_cli_usage(c, "the proof needs --%s", needed[i]);
    CROFT_TRY(croft_market_number(c, "task", CROFT_TASKS_MAX - 1, &op->task));
    CROFT_TRY(croft_market_hex(c, croft_cli_value(c, "result"), "--result", 32, &op->result_hash));
    CROFT_TRY(croft_market_hex(c, croft_cli_value(c, "committed"), "--committed", 32, &op->committed_hash));
    CROFT_TRY(croft_market_hex(c, croft_cli_value(c, "signature"), "--signature", 64, &op->node_signature));
    if (memcmp(op->result_hash.data, op->committed_hash.data, 32) == 0)
        return croft_cli_usage(
            c, "the result that was signed and the one committed to are the same: that is no lie");
    CROFT_TRY(croft_keyset_key(c, croft_cli_value(c, "node-key"), key));
    op->node_key = croft_cli_bytes(key->public_key.b, sizeof key->public_key.b);
    return read_path(c, &op->path, &op->n_path);
}

static croft_err run_slash(struct croft_cli *c)
{
    struct croft_market_name name;
    struct croft_named_key key;
    struct croft_lease_record lease;
    Croft__V1__Slash op = CROFT__V1__SLASH__INIT;
    CROFT_TRY(read_evidence(c, &op, &key));
    CROFT_TRY(croft_market_lease(c, c->arg[0], &name));
    const struct croft_record_key at = croft_market_lease_key(&name);
    CROFT_TRY(croft_market_read(c, CROFT_TABLE_LEASES, &at, "such lease any more; nothing was sent", &lease));
    Croft__V1__LeaseId id = croft_market_lease_id(&name);
    op.lease = &id;
    op.stamp = lease.stamp;
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_SLASH, &op,
                             "the provider's stake is slashed; your share is paid", NULL);
}

static const struct croft_option review_option[] = {
    {"reject", "TASKS", "these are wrong: 3,7-9", CROFT_OFFER_NOTHING},
    {"accept", NULL, "all are right: pay them now", CROFT_OFFER_NOTHING},
};
static const struct croft_option judge_option[] = {
    {"upheld", NULL, "the rejection was right", CROFT_OFFER_NOTHING},
    {"overruled", NULL, "it was not: the results are paid", CROFT_OFFER_NOTHING},
    {"task", "N", "the task that was opened", CROFT_OFFER_NOTHING},
    {"result", "HEX", "its leaf", CROFT_OFFER_NOTHING},
    {"path", "HEX,HEX", "from it to the root of the results", CROFT_OFFER_NOTHING},
};
static const struct croft_option slash_option[] = {
    {"task", "N", "in the batch's list", CROFT_OFFER_NOTHING},
    {"result", "HEX", "hash of the result that the node signed", CROFT_OFFER_NOTHING},
    {"node-key", "KEY", "the node's key that signed it", CROFT_OFFER_KEY},
    {"signature", "HEX", "its signature", CROFT_OFFER_NOTHING},
    {"committed", "HEX", "the other hash, under the root that it committed to", CROFT_OFFER_NOTHING},
    {"path", "HEX,HEX", "from that to the root", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "task review",
        .usage = "LEASE --accept\nLEASE --reject TASKS",
        .summary = "as a buyer: accept the results of a range of tasks, or reject some",
        .about = "Silence accepts.  A rejection costs a bond, which is lost where the batch has no arbiter.",
        .examples = "croft task review 2781:1 --accept\ncroft task review 2781:1 --reject 3,7-9 --json",
        .option = review_option,
        .option_count = CROFT_COUNT(review_option),
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 1,
        .args_max = 1,
        .run = run_review,
    },
    {
        .name = "task contest",
        .usage = "LEASE",
        .summary = "as a node: contest a rejection before the batch's arbiter",
        .about = "With the same bond; half of the loser's goes to the winner, half to the arbiter.",
        .examples = "croft task contest croft1...:2781:1 --key node1\ncroft task contest croft1...:2781:1 "
                    "--key node1 --json",
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_contest,
    },
    {
        .name = "task judge",
        .usage = "LEASE --upheld\nLEASE --overruled",
        .summary = "as an arbiter: decide a contested rejection",
        .about = "",
        .examples = "croft task judge croft1...:2781:1 --upheld --key arbiter\n"
                    "croft task judge croft1...:2781:1 --overruled --task 3 --result 9c56... --path "
                    "11ab...,22cd... --json",
        .option = judge_option,
        .option_count = CROFT_COUNT(judge_option),
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 1,
        .args_max = 1,
        .run = run_judge,
    },
    {
        .name = "slash",
        .usage = "LEASE --task N --result HEX --node-key KEY --signature HEX --committed HEX --path HEX,...",
        .summary = "prove that a node signed one result and committed to another",
        .about = "A share of what it costs the provider is yours.",
        .examples = "croft slash croft1...:2781:1 --task 3 --result 9c56... --node-key croftpub1... "
                    "--signature 51aa... "
                    "--committed 77be... --path 11ab...,22cd...",
        .option = slash_option,
        .option_count = CROFT_COUNT(slash_option),
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 1,
        .args_max = 1,
        .run = run_slash,
    },
};

const struct croft_verb_group croft_task_verbs = {verb, CROFT_COUNT(verb)};
