#include "cli/groups.h"

#include "cli/connect.h"
#include "cli/describe.h"
#include "cli/table.h"
#include "cli/tx_file.h"
#include "crypto/bech32m.h"
#include "wire/block.h"
#include "json/hex.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ID_BYTES_MIN = 4 };

/* A transaction and what it got, wherever that was found. */
struct found {
    u64 height, time_s, fee;
    u32 index, code;
    struct croft_hash id;
    struct croft_bytes tx;
};

static croft_err call(struct croft_cli *c, struct croft_client *client, Croft__V1__Request *request,
                      Croft__V1__Response__ResultCase want, Croft__V1__Response **out)
{
    CROFT_TRY(croft_client_call(client, request, &c->mem, out, &c->why));
    if ((*out)->result_case != want)
        return croft_fail(&c->why, CROFT_ERR_FRAME,
                          "the chain answered with something else than was asked for");
    return CROFT_OK;
}

static croft_err parse_id(struct croft_cli *c, const char *text, ProtobufCBinaryData *out)
{
    size_t len = strlen(text) / 2;
    u8 *bytes = croft_new(&c->mem, u8, len + 1);
    if (bytes == NULL || len < ID_BYTES_MIN || len > sizeof(struct croft_hash) ||
        !croft_hex_decode(text, bytes, len))
        return croft_cli_usage(
            c, "\"%s\" is neither a transaction's id (8 to 64 hexadecimal digits) nor HEIGHT:INDEX", text);
    *out = croft_cli_bytes(bytes, len);
    return CROFT_OK;
}

static croft_err find_by_id(struct croft_cli *c, struct croft_client *client, ProtobufCBinaryData id,
                            struct found *out)
{
    Croft__V1__FindTx find = CROFT__V1__FIND_TX__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response;
    find.tx_id = id;
    request.call_case = CROFT__V1__REQUEST__CALL_FIND_TX;
    request.find_tx = &find;
    croft_err err = call(c, client, &request, CROFT__V1__RESPONSE__RESULT_FIND_TX, &response);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(&c->why, err,
                          "no block has a transaction whose id begins with %s\n"
                          "if it was sent less than its validity ago, it may still come",
                          c->arg[0]);
    CROFT_TRY(err);
    const Croft__V1__FindTxResult *r = response->find_tx;
    *out = (struct found){.height = r->height,
                          .index = r->index,
                          .time_s = r->time_ms / 1000,
                          .fee = r->fee,
                          .code = r->code,
                          .tx = {r->tx.data, r->tx.len}};
    if (r->tx_id.len == sizeof out->id.b)
        memcpy(out->id.b, r->tx_id.data, sizeof out->id.b);
    return CROFT_OK;
}

static croft_err take_from_block(struct croft_cli *c, const struct croft_client *client,
                                 struct croft_bytes bytes, u32 index, struct found *out)
{
    struct croft_block block;
    croft_err err = croft_block_open(bytes, &block);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "the block cannot be read: %s", croft_err_text(err));
    if (index >= block.header.tx_count)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND,
                          "block %" PRIu64 " has %u transactions; the first is 0", block.header.height,
                          block.header.tx_count);
    struct croft_bytes rest = block.txs, tx = {0};
    for (u32 i = 0; i <= index; i++)
        tx = croft_block_next_tx(&rest);
    struct croft_receipt receipt = croft_block_receipt(&block, index);
    *out = (struct found){.height = block.header.height,
                          .index = index,
                          .time_s = block.header.time_ms / 1000,
                          .fee = receipt.fee,
                          .code = receipt.code,
                          .tx = tx};
    struct croft_arena mem = c->mem;
    const Croft__V1__Tx *outer = (void *)croft_unpack_strict(&croft__v1__tx__descriptor, tx, &mem);
    if (outer != NULL)
        out->id = croft_tx_id(&client->network, (struct croft_bytes){outer->body.data, outer->body.len});
    return CROFT_OK;
}

static croft_err find_by_place(struct croft_cli *c, struct croft_client *client, u64 height, u32 index,
                               struct found *out)
{
    Croft__V1__FetchBlocks fetch = CROFT__V1__FETCH_BLOCKS__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response;
    fetch.from_height = height;
    fetch.count = 1;
    request.call_case = CROFT__V1__REQUEST__CALL_FETCH_BLOCKS;
    request.fetch_blocks = &fetch;
    CROFT_TRY(call(c, client, &request, CROFT__V1__RESPONSE__RESULT_BLOCKS, &response));
    if (response->blocks->n_blocks == 0)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND, "there is no block %" PRIu64 " yet", height);
    const ProtobufCBinaryData *bytes = &response->blocks->blocks[0];
    return take_from_block(c, client, (struct croft_bytes){bytes->data, bytes->len}, index, out);
}

static croft_err print_found(struct croft_cli *c, const struct found *f, const Croft__V1__TxBody *body)
{
    char id[65], place[48], time[CROFT_TIME_TEXT_MAX], fee[CROFT_AMT_TEXT_MAX],
        account[CROFT_BECH32M_TEXT_MAX] = "";
    char *told = croft_new(&c->mem, char, CROFT_TELL_MAX);
    if (told == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the text");
    croft_hex_encode((struct croft_bytes){f->id.b, sizeof f->id.b}, id);
    snprintf(place, sizeof place, "%" PRIu64 ":%u", f->height, f->index);
    croft_time_text(f->time_s, time);
    croft_amt_format(croft_amt_of(f->fee), fee);
    if (body != NULL) {
        croft_tell_op(body, told);
        if (body->account_address.len == 32)
            croft_bech32m_encode(CROFT_HRP_ADDRESS, body->account_address.data, account);
    }
    const char *const pair[][2] = {
        {"transaction", id},
        {"block:place", place},
        {"time (UTC)", time},
        {"result", croft_code_text(f->code)},
        {"fee", fee},
        {"account", body != NULL ? account : NULL},
        {"operation", body != NULL ? croft_op_name((u32)body->op_case) : "not readable by this release"},
    };
    if (body != NULL)
        printf("%s\n\n", told);
    return croft_listing_print_pairs(c, pair, CROFT_COUNT(pair));
}

static croft_err print_json(struct croft_cli *c, const struct found *f, const Croft__V1__TxBody *body)
{
    char fee[CROFT_AMT_TEXT_MAX];
    croft_amt_format(croft_amt_of(f->fee), fee);
    json_t *json = json_pack(
        "{s:o,s:o,s:i,s:I,s:i,s:s,s:s}", "id", croft_json_hex((struct croft_bytes){f->id.b, sizeof f->id.b}),
        "height", croft_json_u64(f->height), "index", (int)f->index, "time_s", (json_int_t)f->time_s, "code",
        (int)f->code, "result", croft_code_name(f->code), "fee", fee);
    json_t *inner = body != NULL ? croft_json_of_message(&body->base) : croft_json_hex(f->tx);
    if (json == NULL || json_object_set_new(json, body != NULL ? "body" : "tx", inner) != 0)
        croft_json_drop(&json);
    return croft_cli_print_json(c, json);
}

/* An id or HEIGHT:INDEX, as opposed to a file. */
static bool names_sent(const char *text)
{
    size_t digits = strspn(text, "0123456789"), hex = strspn(text, "0123456789abcdefABCDEF");
    if (text[digits] == ':')
        return true;
    return text[hex] == '\0' && hex >= 2 * ID_BYTES_MIN && hex <= 2 * sizeof(struct croft_hash);
}

static croft_err show_file(struct croft_cli *c)
{
    croft_err err = croft_tx_show_file(c, c->arg[0]);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_cli_usage(
            c,
            "\"%s\" is neither a transaction's id (8 to 64 hexadecimal digits) nor HEIGHT:INDEX nor a file",
            c->arg[0]);
    return err;
}

static croft_err run_show(struct croft_cli *c)
{
    if (!names_sent(c->arg[0]))
        return show_file(c);
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct found found;
    ProtobufCBinaryData id = {0};
    u64 height = 0, index = 0;
    char *colon = strchr(c->arg[0], ':');
    if (colon != NULL) {
        *colon = '\0';
        CROFT_TRY(croft_cli_u64(c, c->arg[0], "HEIGHT", &height));
        CROFT_TRY(croft_cli_u64(c, colon + 1, "INDEX", &index));
        if (height == 0 || index > UINT32_MAX)
            return croft_cli_usage(c, "HEIGHT begins at 1 and INDEX fits 32 bits");
    } else {
        CROFT_TRY(parse_id(c, c->arg[0], &id));
    }
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(colon != NULL ? find_by_place(c, &client, height, (u32)index, &found)
                            : find_by_id(c, &client, id, &found));
    const Croft__V1__TxBody *body = croft_body_of(found.tx, &c->mem);
    return c->json ? print_json(c, &found, body) : print_found(c, &found, body);
}

static const struct croft_verb verb[] = {
    {
        .name = "tx show",
        .usage = "ID\nHEIGHT:INDEX\nFILE",
        .summary = "show a transaction and what became of it, or a file before it is sent",
        .about =
            "ID may be cut to its first 8 digits.  INDEX counts from 0.  FILE (- is standard input) is what "
            "--out wrote:\n"
            "shown are what it does, who has signed and who is missing.",
        .examples = "croft tx show 9f86d081\ncroft tx show 1042:0 --json\ncroft tx show tx.json",
        .with = CROFT_WITH_CHAIN,
        .args_min = 1,
        .args_max = 1,
        .offer = CROFT_OFFER_FILE,
        .run = run_show,
    },
};

const struct croft_verb_group croft_tx_verbs = {verb, CROFT_COUNT(verb)};
