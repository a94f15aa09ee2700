#include "cli/groups.h"

#include "chain/watch.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/market.h"
#include "crypto/bech32m.h"
#include "wire/block.h"
#include "json/hex.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024, QUIET_MS = 10000 };

struct watching {
    struct croft_cli *c;
    bool has_account;
    struct croft_address account; /* only what names it */
    u64 until;                    /* 0: for ever */
    struct croft_arena scratch;
};

static croft_err written(struct croft_cli *c)
{
    if (fflush(stdout) != 0)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot write to standard output");
    return CROFT_OK;
}

static void print_tx(const Croft__V1__BlockEvent *block, size_t i, const Croft__V1__TxBody *body)
{
    char time[CROFT_TIME_TEXT_MAX], details[LINE_MAX_BYTES] = "", account[CROFT_BECH32M_TEXT_MAX] = "?";
    croft_time_text(block->time_ms / 1000, time);
    if (body != NULL) {
        croft_describe_op(body, details, sizeof details);
        if (body->account_address.len == 32)
            croft_bech32m_encode(CROFT_HRP_ADDRESS, body->account_address.data, account);
    }
    printf("%s  %" PRIu64 ":%zu  %s  %s  %s  %s\n", time, block->height, i, account,
           body != NULL ? croft_op_name((u32)body->op_case) : "?", details,
           croft_code_text(block->txs[i]->code));
}

static croft_err take_tx(struct watching *w, const Croft__V1__BlockEvent *block, size_t i)
{
    struct croft_arena mem = w->scratch;
    const Croft__V1__TxEvent *tx = block->txs[i];
    const Croft__V1__TxBody *body = croft_body_of((struct croft_bytes){tx->tx.data, tx->tx.len}, &mem);
    if (w->has_account && (body == NULL || !croft_body_names(body, &w->account)))
        return CROFT_OK;
    if (w->c->json)
        return croft_cli_print_json(w->c, croft_tx_event_json(block, i, body));
    print_tx(block, i, body);
    return CROFT_OK;
}

static croft_err take_due(struct watching *w, const Croft__V1__BlockEvent *block,
                          const Croft__V1__DueEvent *due)
{
    char key[CROFT_WHICH_MAX] = "", amount[CROFT_AMT_TEXT_MAX], time[CROFT_TIME_TEXT_MAX];
    if (w->has_account && !croft_due_names(due, &w->account))
        return CROFT_OK;
    if (w->c->json)
        return croft_cli_print_json(w->c, croft_due_event_json(block, due));
    const struct croft_bytes at = {due->key.data, due->key.len};
    if (!croft_market_due_which(due->kind, at, key) && at.len <= CROFT_RECORD_KEY_MAX)
        croft_hex_encode(at, key);
    croft_amt_format(croft_amt_of(due->amount), amount);
    croft_time_text(block->time_ms / 1000, time);
    printf("%s  %" PRIu64 ":-  %s  record=%s amount=%s\n", time, block->height, croft_due_name(due->kind),
           key, amount);
    return CROFT_OK;
}

static croft_err on_block(void *context, const Croft__V1__BlockEvent *block)
{
    struct watching *w = context;
    for (size_t i = 0; i < block->n_due; i++)
        CROFT_TRY(take_due(w, block, block->due[i]));
    for (size_t i = 0; i < block->n_txs; i++)
        CROFT_TRY(take_tx(w, block, i));
    CROFT_TRY(written(w->c));
    return w->until != 0 && block->height >= w->until ? CROFT_ERR_EXISTS : CROFT_OK;
}

static void on_lost(void *context, const struct croft_why *why)
{
    (void)context;
    fprintf(stderr, "croft: %.*s; connecting again, nothing will be missed\n", (int)strcspn(why->text, "\n"),
            why->text);
}

static croft_err parse_bounds(struct croft_cli *c, struct croft_watch *watch, struct watching *w)
{
    const char *from = croft_cli_value(c, "from"), *until = croft_cli_value(c, "until");
    const char *account = croft_cli_value(c, "account");
    if (from != NULL)
        CROFT_TRY(croft_cli_u64(c, from, "--from", &watch->from_height));
    if (until != NULL)
        CROFT_TRY(croft_cli_u64(c, until, "--until", &w->until));
    if (until != NULL && (w->until == 0 || w->until < watch->from_height))
        return croft_cli_usage(c, "--until must be a height, not below --from");
    if (account != NULL)
        CROFT_TRY(croft_cli_address(c, account, "--account", &w->account));
    w->has_account = account != NULL;
    return CROFT_OK;
}

static croft_err run_watch(struct croft_cli *c)
{
    struct croft_region scratch CROFT_CLEANUP(croft_region_unmap) = {0};
    struct watching w = {.c = c};
    struct croft_watch watch = {
        .quiet_ms = QUIET_MS, .on_block = on_block, .on_lost = on_lost, .context = &w};
    CROFT_TRY(parse_bounds(c, &watch, &w));
    CROFT_TRY(croft_connect_options(c, &watch.options));
    if (!croft_region_map(&scratch, CROFT_ANSWER_BYTES_MAX))
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no address space left");
    w.scratch = croft_region_arena(&scratch);
    croft_err err = croft_watch_run(&watch, c->mem, &c->why);
    /* Being stopped is how a watch ends: that is no failure, as long as what was shown is whole. */
    return err == CROFT_ERR_INTERRUPTED || err == CROFT_ERR_EXISTS ? CROFT_OK : err;
}

static const struct croft_option option[] = {
    {"from", "HEIGHT", "begin with this block (else with the next one)", CROFT_OFFER_NOTHING},
    {"until", "HEIGHT", "end after this block", CROFT_OFFER_NOTHING},
    {"account", "ADDRESS", "only what this account did or what names it", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "watch",
        .usage = "",
        .summary = "show transactions and due events as they happen",
        .about = "One line for each.  A broken connection is made again and continues where it was: nothing "
                 "is missed\n"
                 "and nothing comes twice.  Ctrl-C ends it, with exit code 0.",
        .examples =
            "croft watch\ncroft watch --from 1 --json > events.jsonl\ncroft watch --account croft1...",
        .option = option,
        .option_count = CROFT_COUNT(option),
        .with = CROFT_WITH_CHAIN,
        .run = run_watch,
    },
};

const struct croft_verb_group croft_watch_verbs = {verb, CROFT_COUNT(verb)};
