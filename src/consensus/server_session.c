#include "consensus/server_session.h"

#include "base/assert.h"
#include "base/buf.h"
#include "wire/record.h"
#include "wire/tx.h"

#include <string.h>

struct croft_session croft_session_of(const struct croft_session_host *host, bool local)
{
    return (struct croft_session){.host = host, .state = CROFT_SESSION_NEW, .local = local};
}

/* ---- answers ---- */

static enum croft_session_event answer_error(u64 id, croft_err err, struct croft_session_out *out)
{
    croft__v1__response__init(&out->response);
    out->response.id = id;
    out->response.error = (u32)err;
    out->response.message = out->why.text;
    return CROFT_EVENT_ANSWER;
}

static enum croft_session_event close_with(struct croft_session *s, u64 id, croft_err err,
                                           struct croft_session_out *out)
{
    answer_error(id, err, out);
    s->state = CROFT_SESSION_CLOSED;
    return CROFT_EVENT_CLOSE;
}

/* ---- frames ---- */

/* The request's id, when the frame begins like a request: it lets a client match the refusal of a frame that
 * is never read. */
static u64 peek_id(struct croft_bytes start)
{
    u64 id = 0;
    if (start.len <= CROFT_FRAME_HEAD || start.at[CROFT_FRAME_HEAD] != 0x08)
        return 0;
    for (size_t i = CROFT_FRAME_HEAD + 1, shift = 0; i < start.len && shift < 64; i++, shift += 7) {
        id |= (u64)(start.at[i] & 0x7f) << shift;
        if ((start.at[i] & 0x80) == 0)
            return id;
    }
    return 0;
}

static size_t frame_max(const struct croft_session *s)
{
    u32 most = s->host->limits.frame_bytes_max;
    return s->state == CROFT_SESSION_NEW && most > CROFT_SESSION_HELLO_BYTES
               ? (size_t)CROFT_SESSION_HELLO_BYTES
               : most;
}

static bool has_room(const struct croft_session *s, size_t len)
{
    const struct croft_session_limits *l = &s->host->limits;
    return s->calls == 0 ||
           (s->calls < l->calls_max && len <= l->call_bytes_max && s->call_bytes <= l->call_bytes_max - len);
}

enum croft_session_event croft_session_peek(struct croft_session *s, struct croft_bytes start, size_t there,
                                            size_t *out_len, struct croft_session_out *out)
{
    CROFT_ASSERT(s->state != CROFT_SESSION_CLOSED && start.len <= there);
    size_t len = 0;
    if (croft_frame_peek(start, frame_max(s), &len) != CROFT_OK) {
        croft_fail(&out->why, CROFT_ERR_FRAME, "a request may have at most %zu bytes here, this one has %u",
                   frame_max(s) - CROFT_FRAME_HEAD, croft_get_u32(start.at));
        return close_with(s, peek_id(start), CROFT_ERR_FRAME, out);
    }
    *out_len = len != 0 ? len : CROFT_FRAME_HEAD;
    if (len == 0 || there < len)
        return CROFT_EVENT_MORE;
    return has_room(s, len) ? CROFT_EVENT_FRAME : CROFT_EVENT_FULL;
}

size_t croft_session_room(size_t frame_bytes)
{
    return 4 * frame_bytes +
           ((size_t)CROFT_SUBMIT_TXS_MAX * 96 < 64 * frame_bytes ? (size_t)CROFT_SUBMIT_TXS_MAX * 96
                                                                 : 64 * frame_bytes) +
           8192;
}

/* ---- hello ---- */

static croft_err check_hello(const struct croft_session *s, const Croft__V1__Hello *h, struct croft_why *why)
{
    const struct croft_hash *network = &s->host->network;
    if (h->api_max < CROFT_API_MIN || h->api_min > CROFT_API_MAX || h->api_min > h->api_max)
        return croft_fail(
            why, CROFT_ERR_FORMAT,
            "this chain speaks API %d to %d, the client %u to %u\ninstall the same release on both sides",
            CROFT_API_MIN, CROFT_API_MAX, h->api_min, h->api_max);
    if (h->network_id.len == 0)
        return CROFT_OK;
    if (h->network_id.len != sizeof network->b ||
        memcmp(h->network_id.data, network->b, sizeof network->b) != 0)
        return croft_fail(why, CROFT_ERR_NETWORK,
                          "this chain is network \"%s\", not the one that was asked for",
                          s->host->network_name);
    return CROFT_OK;
}

static enum croft_session_event take_hello(struct croft_session *s, const Croft__V1__Request *r,
                                           struct croft_session_out *out)
{
    croft_err err = check_hello(s, r->hello, &out->why);
    if (err != CROFT_OK)
        return close_with(s, r->id, err, out);
    croft__v1__response__init(&out->response);
    croft__v1__hello_result__init(&out->hello);
    out->hello.api = r->hello->api_max < CROFT_API_MAX ? r->hello->api_max : (u32)CROFT_API_MAX;
    out->hello.network_id =
        (ProtobufCBinaryData){sizeof s->host->network.b, (u8 *)(uintptr_t)s->host->network.b};
    out->hello.network_name = (char *)(uintptr_t)s->host->network_name;
    out->hello.software = (char *)(uintptr_t)s->host->software;
    out->hello.protocol = s->host->protocol;
    out->response.id = r->id;
    out->response.result_case = CROFT__V1__RESPONSE__RESULT_HELLO;
    out->response.hello = &out->hello;
    s->state = CROFT_SESSION_READY;
    return CROFT_EVENT_ANSWER;
}

/* ---- what can be said of a call without the chain ---- */

static croft_err check_submit(const Croft__V1__Submit *c, struct croft_why *why)
{
    if (c->n_txs >= 1 && c->n_txs <= CROFT_SUBMIT_TXS_MAX)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_USAGE, "one call takes 1 to %d transactions, not %zu",
                      CROFT_SUBMIT_TXS_MAX, c->n_txs);
}

static croft_err check_receipt_query(const Croft__V1__Query *c, struct croft_why *why)
{
    bool listed = c->limit != 0 || c->prefix.len != 0 || c->from_slot != 0;
    if (!listed && c->key.len == 0 && c->after_key.len == 0 && c->receipt_height != 0)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_USAGE,
                      "a receipt is asked for by its block's height and its place in it, nothing else");
}

static croft_err check_query(const Croft__V1__Query *c, struct croft_why *why)
{
    if (c->table == CROFT_TABLE_RECEIPTS)
        return check_receipt_query(c, why);
    size_t key_len = croft_table_key_len(c->table);
    if (croft_table_layout(c->table) == NULL)
        return croft_fail(why, CROFT_ERR_USAGE, "there is no table %u", c->table);
    if (c->receipt_height != 0 || c->receipt_index != 0)
        return croft_fail(why, CROFT_ERR_USAGE, "receipts are table 0");
    if (c->limit > CROFT_QUERY_LIMIT_MAX)
        return croft_fail(why, CROFT_ERR_USAGE, "at most %d records in one answer", CROFT_QUERY_LIMIT_MAX);
    bool one = c->limit == 0,
         keys = one ? c->key.len == key_len && c->after_key.len == 0
                    : c->key.len == 0 && (c->after_key.len == 0 || c->after_key.len == key_len);
    if (!keys)
        return croft_fail(why, CROFT_ERR_USAGE,
                          "keys of table %s have %zu bytes; give `key`, or `limit` and `after_key`",
                          croft_table_name(c->table), key_len);
    bool prefix = c->prefix.len == 0 ? c->from_slot == 0
                                     : !one && c->after_key.len == 0 && c->prefix.len <= key_len;
    if (!prefix)
        return croft_fail(why, CROFT_ERR_USAGE,
                          "`prefix` goes with `limit`, alone or with `from_slot`, and has at most the %zu bytes of a key",
                          key_len);
    if (c->prove && !one)
        return croft_fail(why, CROFT_ERR_USAGE, "a proof is of one record; ask for each");
    return CROFT_OK;
}

static croft_err check_fetch(const Croft__V1__FetchBlocks *c, struct croft_why *why)
{
    if (c->from_height >= 1 && c->count >= 1 && c->count <= CROFT_FETCH_BLOCKS_MAX)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_USAGE, "blocks are fetched from height 1 on, 1 to %d at a time",
                      CROFT_FETCH_BLOCKS_MAX);
}

static croft_err check_find(const Croft__V1__FindTx *c, struct croft_why *why)
{
    if (c->tx_id.len >= 4 && c->tx_id.len <= 32)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_USAGE, "give 4 to 32 bytes of the transaction's id, from its start");
}

static croft_err check_snapshot(const struct croft_session *s, const Croft__V1__TakeSnapshot *c,
                                struct croft_why *why)
{
    if (!s->local)
        return croft_fail(
            why, CROFT_ERR_USAGE,
            "a snapshot is a file on the chain's machine: ask for it over the unix socket there");
    if (c->path[0] == '/' && strlen(c->path) < CROFT_SESSION_PATH_MAX)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_USAGE,
                      "the snapshot's path must begin with / and have at most %d characters",
                      CROFT_SESSION_PATH_MAX - 1);
}

static croft_err check_stored(const Croft__V1__BlockStored *c, struct croft_why *why)
{
    bool id = c->height == 0 ? c->block_id.len == 0 : c->block_id.len == 32;
    bool proof = (c->public_key.len == 0 && c->signature.len == 0) ||
                 (c->public_key.len == 32 && c->signature.len == 64 && c->height != 0);
    if (id && proof)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_USAGE,
                      "a stored block is named by its height and its id of 32 bytes; a key has 32 bytes, a signature 64\n"
                      "install the same release on both sides");
}

static croft_err check_subscribe(struct croft_session *s, struct croft_why *why)
{
    if (s->subscribed)
        return croft_fail(why, CROFT_ERR_EXISTS, "this connection has a subscription already");
    s->subscribed = true;
    return CROFT_OK;
}

static croft_err check_call(struct croft_session *s, const Croft__V1__Request *r, struct croft_why *why)
{
    switch ((u32)r->call_case) {
    case CROFT__V1__REQUEST__CALL_SUBMIT:
        return check_submit(r->submit, why);
    case CROFT__V1__REQUEST__CALL_QUERY:
        return check_query(r->query, why);
    case CROFT__V1__REQUEST__CALL_SUBSCRIBE:
        return check_subscribe(s, why);
    case CROFT__V1__REQUEST__CALL_FETCH_BLOCKS:
        return check_fetch(r->fetch_blocks, why);
    case CROFT__V1__REQUEST__CALL_FIND_TX:
        return check_find(r->find_tx, why);
    case CROFT__V1__REQUEST__CALL_TAKE_SNAPSHOT:
        return check_snapshot(s, r->take_snapshot, why);
    case CROFT__V1__REQUEST__CALL_BLOCK_STORED:
        return check_stored(r->block_stored, why);
    case CROFT__V1__REQUEST__CALL_STATUS:
        return CROFT_OK;
    case CROFT__V1__REQUEST__CALL_HELLO:
        return croft_fail(why, CROFT_ERR_USAGE, "hello was said already");
    default:
        return croft_fail(why, CROFT_ERR_USAGE, "a request must name one call");
    }
}

/* ---- a frame ---- */

enum croft_session_event croft_session_take(struct croft_session *s, struct croft_bytes frame,
                                            struct croft_arena *mem, struct croft_session_out *out)
{
    CROFT_ASSERT(s->state != CROFT_SESSION_CLOSED && frame.len >= CROFT_FRAME_HEAD);
    const struct croft_bytes body = {frame.at + CROFT_FRAME_HEAD, frame.len - CROFT_FRAME_HEAD};
    Croft__V1__Request *r = (void *)croft_unpack_strict(&croft__v1__request__descriptor, body, mem);
    if (r == NULL) {
        croft_fail(&out->why, CROFT_ERR_FRAME, "what was sent is not a request of the chain API");
        return close_with(s, peek_id(frame), CROFT_ERR_FRAME, out);
    }
    bool hello = r->call_case == CROFT__V1__REQUEST__CALL_HELLO;
    if (s->state == CROFT_SESSION_NEW && hello)
        return take_hello(s, r, out);
    if (s->state == CROFT_SESSION_NEW) {
        croft_fail(&out->why, CROFT_ERR_USAGE, "the first request of a connection must be hello");
        return close_with(s, r->id, CROFT_ERR_USAGE, out);
    }
    croft_err err = check_call(s, r, &out->why);
    if (err != CROFT_OK)
        return answer_error(r->id, err, out);
    s->calls++;
    s->call_bytes += frame.len;
    out->request = r;
    return CROFT_EVENT_CALL;
}

void croft_session_ended(struct croft_session *s, size_t frame_bytes)
{
    CROFT_ASSERT(s->calls > 0 && s->call_bytes >= frame_bytes);
    s->calls--;
    s->call_bytes -= frame_bytes;
}
