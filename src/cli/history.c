#include "cli/groups.h"

#include "base/assert.h"
#include "chain/records.h"
#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/market.h"
#include "crypto/bech32m.h"
#include "wire/block.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks are read from the newest down, so many at a time, because that is how a history is read. */
enum { WINDOW = 100, LIMIT = 50, LINE_MAX_BYTES = 1024 };

struct history {
    struct croft_cli *c;
    struct croft_client client;
    struct croft_address account;
    char address[CROFT_BECH32M_TEXT_MAX];
    u64 low, limit, shown; /* lowest height; limit 0: all */
    bool cut;              /* there is, or may be, more than was shown */
    /* What one window holds, oldest first: lines, or their JSON values. */
    char **line;
    json_t *json;
    size_t count, room;
};

static croft_err no_memory(struct croft_cli *c)
{
    return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the history\ngive --limit");
}

static void drop_lines(struct history *h)
{
    for (size_t i = 0; i < h->count; i++)
        free(h->line[i]);
    h->count = 0;
    json_array_clear(h->json);
}

static void close_history(struct history *h)
{
    drop_lines(h);
    free(h->line);
    json_decref(h->json);
    croft_client_close(&h->client);
}

static croft_err keep_line(struct history *h, const char *text)
{
    if (h->count == h->room) {
        size_t room = h->room > 0 ? 2 * h->room : 64;
        char **more = realloc(h->line, room * sizeof *more);
        if (more == NULL)
            return no_memory(h->c);
        h->line = more;
        h->room = room;
    }
    char *copy = strdup(text);
    if (copy == NULL)
        return no_memory(h->c);
    h->line[h->count++] = copy;
    return CROFT_OK;
}

/* ---- one event ---- */

/* Of what is told, the first line that concerns the account: of its own doing the first, else the one that
 * names it. */
static const char *line_of(const struct history *h, char *told, bool own, size_t *out_more)
{
    char *found = NULL;
    *out_more = 0;
    for (char *rest = told, *one; (one = strsep(&rest, "\n")) != NULL;) {
        if (found == NULL && (own || strstr(one, h->address) != NULL))
            found = one;
        else
            (*out_more)++;
    }
    return found != NULL ? found : told;
}

static croft_err take_tx(struct history *h, const Croft__V1__BlockEvent *block, size_t i,
                         struct croft_arena mem)
{
    const Croft__V1__TxEvent *tx = block->txs[i];
    const Croft__V1__TxBody *body = croft_body_of((struct croft_bytes){tx->tx.data, tx->tx.len}, &mem);
    if (body == NULL || !croft_body_names(body, &h->account))
        return CROFT_OK;
    if (h->c->json)
        return json_array_append_new(h->json, croft_tx_event_json(block, i, body)) == 0 ? CROFT_OK
                                                                                        : no_memory(h->c);
    char *told = croft_new(&mem, char, CROFT_TELL_MAX), time[CROFT_TIME_TEXT_MAX], fee[CROFT_AMT_TEXT_MAX];
    char line[LINE_MAX_BYTES], actor[CROFT_BECH32M_TEXT_MAX + 2] = "", others[40] = "";
    size_t more;
    if (told == NULL)
        return no_memory(h->c);
    bool own = body->account_address.len == 32 && memcmp(body->account_address.data, h->account.b, 32) == 0;
    if (!own && body->account_address.len == 32) {
        croft_bech32m_encode(CROFT_HRP_ADDRESS, body->account_address.data, actor);
        strcat(actor, " ");
    }
    croft_tell_op(body, told);
    const char *what = line_of(h, told, own, &more);
    if (more > 0)
        snprintf(others, sizeof others, " (and %zu more)", more);
    croft_time_text(block->time_ms / 1000, time);
    croft_amt_format(croft_amt_of(tx->fee), fee);
    snprintf(line, sizeof line, "%s  %" PRIu64 ":%zu  %s%s%s%s%s  %s", time, block->height, i, actor, what,
             others, own ? "  fee " : "", own ? fee : "", croft_code_text(tx->code));
    return keep_line(h, line);
}

static croft_err take_due(struct history *h, const Croft__V1__BlockEvent *block,
                          const Croft__V1__DueEvent *due)
{
    if (!croft_due_names(due, &h->account))
        return CROFT_OK;
    if (h->c->json)
        return json_array_append_new(h->json, croft_due_event_json(block, due)) == 0 ? CROFT_OK
                                                                                     : no_memory(h->c);
    char line[LINE_MAX_BYTES], time[CROFT_TIME_TEXT_MAX], amount[CROFT_AMT_TEXT_MAX], id[CROFT_WHICH_MAX];
    const struct croft_bytes key = {due->key.data, due->key.len};
    croft_time_text(block->time_ms / 1000, time);
    croft_amt_format(croft_amt_of(due->amount), amount);
    if (!croft_market_due_which(due->kind, key, id) && key.len == 40)
        snprintf(id, sizeof id, "%" PRIu64, croft_cli_id_of_key(key));
    snprintf(line, sizeof line, "%s  %" PRIu64 ":-  its time was over: %s%s%s  %s", time, block->height,
             croft_due_name(due->kind), id[0] != '\0' ? " " : "", id, amount);
    return keep_line(h, line);
}

/* ---- one block ---- */

/* A block's bytes as the event that a subscription would have given, in mem; NULL when that is used up. */
static Croft__V1__BlockEvent *event_of(const struct croft_block *b, const struct croft_hash *network,
                                       struct croft_arena *mem)
{
    Croft__V1__BlockEvent *event = croft_new(mem, Croft__V1__BlockEvent, 1);
    Croft__V1__TxEvent **txs = croft_new(mem, Croft__V1__TxEvent *, b->header.tx_count + 1);
    Croft__V1__TxEvent *tx = croft_new(mem, Croft__V1__TxEvent, b->header.tx_count + 1);
    struct croft_hash *id = croft_new(mem, struct croft_hash, b->header.tx_count + 1);
    if (event == NULL || txs == NULL || tx == NULL || id == NULL)
        return NULL;
    croft__v1__block_event__init(event);
    event->height = b->header.height;
    event->time_ms = b->header.time_ms;
    event->txs = txs;
    struct croft_bytes rest = b->txs;
    for (u32 i = 0; i < b->header.tx_count; i++) {
        struct croft_arena scratch = *mem;
        struct croft_bytes bytes = croft_block_next_tx(&rest);
        struct croft_receipt receipt = croft_block_receipt(b, i);
        const Croft__V1__Tx *outer = (void *)croft_unpack_strict(&croft__v1__tx__descriptor, bytes, &scratch);
        if (outer != NULL)
            id[i] = croft_tx_id(network, (struct croft_bytes){outer->body.data, outer->body.len});
        croft__v1__tx_event__init(&tx[i]);
        tx[i].tx = croft_cli_bytes(bytes.at, bytes.len);
        tx[i].tx_id = croft_cli_bytes(id[i].b, sizeof id[i].b);
        tx[i].code = receipt.code;
        tx[i].fee = receipt.fee;
        txs[event->n_txs++] = &tx[i];
    }
    return event;
}

static croft_err take_block(struct history *h, ProtobufCBinaryData bytes, struct croft_arena mem)
{
    struct croft_block b;
    croft_err err = croft_block_open((struct croft_bytes){bytes.data, bytes.len}, &b);
    if (err != CROFT_OK)
        return croft_fail(&h->c->why, err, "a block cannot be read: %s", croft_err_text(err));
    const Croft__V1__BlockEvent *event = event_of(&b, &h->client.network, &mem);
    if (event == NULL)
        return no_memory(h->c);
    for (u32 i = 0; i < b.header.due_count; i++) {
        struct croft_due due = croft_block_due(&b, i);
        Croft__V1__DueEvent one = CROFT__V1__DUE_EVENT__INIT;
        one.kind = due.kind;
        one.key = croft_cli_bytes(due.key, due.key_len);
        one.amount = croft_amt_units(due.amount);
        CROFT_TRY(take_due(h, event, &one));
    }
    for (size_t i = 0; i < event->n_txs; i++)
        CROFT_TRY(take_tx(h, event, i, mem));
    return CROFT_OK;
}

/* ---- windows of blocks ---- */

/* Some blocks from `from` on, at most to `to`; *from moves past them. */
static croft_err fetch_some(struct history *h, u64 *from, u64 to, struct croft_arena mem)
{
    Croft__V1__FetchBlocks fetch = CROFT__V1__FETCH_BLOCKS__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response;
    fetch.from_height = *from;
    fetch.count = (u32)(to - *from + 1);
    request.call_case = CROFT__V1__REQUEST__CALL_FETCH_BLOCKS;
    request.fetch_blocks = &fetch;
    CROFT_TRY(croft_client_call(&h->client, &request, &mem, &response, &h->c->why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_BLOCKS || response->blocks->n_blocks == 0)
        return croft_fail(&h->c->why, CROFT_ERR_FRAME, "the chain answered with something else than blocks");
    for (size_t i = 0; i < response->blocks->n_blocks; i++)
        CROFT_TRY(take_block(h, response->blocks->blocks[i], mem));
    *from += response->blocks->n_blocks;
    return CROFT_OK;
}

static croft_err print_window(struct history *h)
{
    size_t i = h->c->json ? json_array_size(h->json) : h->count;
    for (; i > 0 && (h->limit == 0 || h->shown < h->limit); i--) {
        if (h->c->json)
            CROFT_TRY(croft_cli_print_json(h->c, json_incref(json_array_get(h->json, i - 1))));
        else if (puts(h->line[i - 1]) == EOF)
            return croft_fail(&h->c->why, CROFT_ERR_IO, "cannot write to standard output");
        h->shown++;
    }
    h->cut = i > 0;
    drop_lines(h);
    return CROFT_OK;
}

/* Blocks from..to, or fewer at the lower end when the chain does not keep them: *from says which came. */
static croft_err read_window(struct history *h, u64 *from, u64 to)
{
    for (;;) {
        u64 next = *from;
        croft_err err = CROFT_OK;
        while (err == CROFT_OK && next <= to)
            err = fetch_some(h, &next, to, h->c->mem);
        if (err != CROFT_ERR_NOT_FOUND || *from == to)
            return err;
        drop_lines(h);
        *from += (to - *from + 1) / 2;
    }
}

static croft_err read_down(struct history *h, u64 height)
{
    while (height >= h->low && (h->limit == 0 || h->shown < h->limit)) {
        u64 want = height - h->low >= WINDOW ? height - WINDOW + 1 : h->low, from = want;
        croft_err err = read_window(h, &from, height);
        if (err == CROFT_ERR_NOT_FOUND) {
            fprintf(stderr, "note: this chain keeps no blocks up to %" PRIu64 "; ask one that does\n",
                    height);
            return CROFT_OK;
        }
        CROFT_TRY(err);
        CROFT_TRY(print_window(h));
        height = from - 1;
    }
    if ((h->cut || height >= h->low) && !h->c->json)
        fprintf(stderr, "note: the newest %" PRIu64 " are shown; --limit shows more\n", h->limit);
    return CROFT_OK;
}

static croft_err run_history(struct croft_cli *c)
{
    struct history h CROFT_CLEANUP(close_history) = {.c = c, .client = {.fd = -1}, .low = 1, .limit = LIMIT};
    const char *from = croft_cli_value(c, "from"), *limit = croft_cli_value(c, "limit");
    const Croft__V1__StatusResult *status;
    if (from != NULL)
        CROFT_TRY(croft_cli_u64(c, from, "--from", &h.low));
    if (limit != NULL)
        CROFT_TRY(croft_cli_u64(c, limit, "--limit", &h.limit));
    if (h.low == 0)
        return croft_cli_usage(c, "--from is a height: 1 or more");
    CROFT_TRY(croft_cli_account(c, &h.account));
    croft_bech32m_encode(CROFT_HRP_ADDRESS, h.account.b, h.address);
    h.json = json_array();
    if (h.json == NULL)
        return no_memory(c);
    CROFT_TRY(croft_connect(c, &h.client));
    CROFT_TRY(croft_status_read(&h.client, &c->mem, &status, &c->why));
    CROFT_TRY(read_down(&h, status->height));
    if (h.shown == 0 && !c->json)
        printf("nothing happened to %s since block %" PRIu64 "\n", h.address, h.low);
    return CROFT_OK;
}

static const struct croft_option option[] = {
    {"limit", "N", "how many to show, the newest; 0 is all (else 50)", CROFT_OFFER_NOTHING},
    {"from", "HEIGHT", "nothing before this block (else 1)", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "account history",
        .usage = "[ADDRESS]",
        .summary = "show what an account did and what was done to it, the newest first",
        .about =
            "Reads the chain's blocks from the newest down.  With --json a line for each, as \"croft watch "
            "--json\" prints them.",
        .examples = "croft account history\ncroft account history croft1... --limit 0 --json\n"
                    "croft account history --key alice --from 1000",
        .option = option,
        .option_count = CROFT_COUNT(option),
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_max = 1,
        .run = run_history,
    },
};

const struct croft_verb_group croft_history_verbs = {verb, CROFT_COUNT(verb)};
