#include "cli/describe.h"

#include "base/amt.h"
#include "cli/market.h"
#include "crypto/bech32m.h"
#include "wire/block.h"
#include "json/hex.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void croft_time_text(u64 seconds, char out[CROFT_TIME_TEXT_MAX])
{
    struct tm tm;
    time_t t = (time_t)seconds;
    if (seconds > UINT32_MAX * UINT64_C(8) || gmtime_r(&t, &tm) == NULL ||
        strftime(out, CROFT_TIME_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        snprintf(out, CROFT_TIME_TEXT_MAX, "second %llu", (unsigned long long)seconds);
}

static void append(char *out, size_t size, const char *name, const char *value)
{
    size_t len = strlen(out);
    snprintf(out + len, size - len, "%s%s=%s", len > 0 ? " " : "", name, value);
}

static void append_member(char *out, size_t size, const char *name, const json_t *value)
{
    size_t start = strlen(out);
    if (json_is_string(value)) {
        append(out, size, name, json_string_value(value));
    } else {
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        append(out, size, name, text != NULL ? text : "?");
        free(text);
    }
    for (char *c = out + start; *c != '\0';
         c++) /* text in a transaction is somebody else's: no terminal codes */
        *c = (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c;
}

/* Legs by themselves would be a wall of JSON: one is told whole, more by their number. */
static void describe_transfer(const Croft__V1__Transfer *op, char *out, size_t size)
{
    json_t *first CROFT_CLEANUP(croft_json_drop) =
        op->n_legs == 1 ? croft_json_of_message(&op->legs[0]->base) : NULL;
    const char *name;
    json_t *value;
    if (op->n_legs != 1)
        snprintf(out, size, "payments=%zu", op->n_legs);
    json_object_foreach(first, name, value) append_member(out, size, name, value);
}

static json_t *op_json(const Croft__V1__TxBody *body, json_t *whole)
{
    return json_object_get(whole, croft_op_name((u32)body->op_case));
}

void croft_describe_op(const Croft__V1__TxBody *body, char *out, size_t size)
{
    out[0] = '\0';
    if (body->op_case == CROFT__V1__TX_BODY__OP_TRANSFER) {
        describe_transfer(body->transfer, out, size);
        return;
    }
    json_t *whole CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&body->base);
    const char *name;
    json_t *value;
    json_object_foreach(op_json(body, whole), name, value) append_member(out, size, name, value);
}

const Croft__V1__TxBody *croft_body_of(struct croft_bytes tx, struct croft_arena *mem)
{
    const Croft__V1__Tx *outer = (void *)croft_unpack_strict(&croft__v1__tx__descriptor, tx, mem);
    if (outer == NULL)
        return NULL;
    const struct croft_bytes body = {outer->body.data, outer->body.len};
    return (void *)croft_unpack_strict(&croft__v1__tx_body__descriptor, body, mem);
}

static bool mentions(const json_t *json, const char *address)
{
    const char *name;
    json_t *value;
    size_t i;
    if (json_is_string(json))
        return strcmp(json_string_value(json), address) == 0;
    json_object_foreach((json_t *)(uintptr_t)json, name, value) if (mentions(value, address)) return true;
    json_array_foreach(json, i, value) if (mentions(value, address)) return true;
    return false;
}

bool croft_body_names(const Croft__V1__TxBody *body, const struct croft_address *account)
{
    char text[CROFT_BECH32M_TEXT_MAX];
    croft_bech32m_encode(CROFT_HRP_ADDRESS, account->b, text);
    json_t *whole CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&body->base);
    return mentions(whole, text);
}

json_t *croft_tx_event_json(const Croft__V1__BlockEvent *block, size_t i, const Croft__V1__TxBody *body)
{
    char fee[CROFT_AMT_TEXT_MAX];
    const Croft__V1__TxEvent *tx = block->txs[i];
    croft_amt_format(croft_amt_of(tx->fee), fee);
    json_t *json =
        json_pack("{s:s,s:o,s:i,s:o,s:o,s:i,s:s,s:s}", "event", "tx", "height", croft_json_u64(block->height),
                  "index", (int)i, "time_ms", croft_json_u64(block->time_ms), "id",
                  croft_json_hex((struct croft_bytes){tx->tx_id.data, tx->tx_id.len}), "code", (int)tx->code,
                  "result", croft_code_name(tx->code), "fee", fee);
    json_t *inner = body != NULL ? croft_json_of_message(&body->base)
                                 : croft_json_hex((struct croft_bytes){tx->tx.data, tx->tx.len});
    if (json == NULL || json_object_set_new(json, body != NULL ? "body" : "tx", inner) != 0)
        croft_json_drop(&json);
    return json;
}

json_t *croft_due_event_json(const Croft__V1__BlockEvent *block, const Croft__V1__DueEvent *due)
{
    char key[2 * CROFT_RECORD_KEY_MAX + 1] = "", amount[CROFT_AMT_TEXT_MAX], which[CROFT_WHICH_MAX];
    if (due->key.len <= CROFT_RECORD_KEY_MAX)
        croft_hex_encode((struct croft_bytes){due->key.data, due->key.len}, key);
    croft_amt_format(croft_amt_of(due->amount), amount);
    json_t *json =
        json_pack("{s:s,s:o,s:o,s:s,s:s,s:s}", "event", "due", "height", croft_json_u64(block->height), "time_ms",
                  croft_json_u64(block->time_ms), "kind", croft_due_name(due->kind), "key", key, "amount", amount);
    bool named = croft_market_due_which(due->kind, (struct croft_bytes){due->key.data, due->key.len}, which);
    if (json != NULL && named && json_object_set_new(json, "which", json_string(which)) != 0)
        croft_json_drop(&json);
    return json;
}

bool croft_due_names(const Croft__V1__DueEvent *due, const struct croft_address *account)
{
    return due->key.len >= sizeof account->b && memcmp(due->key.data, account->b, sizeof account->b) == 0;
}

const char *croft_code_text(u32 code)
{
    if (code == 0)
        return "ok";
    const char *text = croft_err_text(croft_err_of(code)), *colon = strstr(text, ": ");
    return colon != NULL ? colon + 2 : text;
}

const char *croft_code_name(u32 code)
{
    return code == 0 ? "ok" : croft_err_name(croft_err_of(code));
}
