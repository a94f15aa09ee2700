#include "consensus/server_int.h"

#include "base/assert.h"
#include "base/buf.h"
#include "consensus/receipts.h"

#include <stdlib.h>
#include <string.h>

struct croft_frame croft_frame_of(const Croft__V1__Response *r)
{
    size_t len = croft__v1__response__get_packed_size(r);
    if (len > CROFT_FRAME_MAX - CROFT_FRAME_HEAD)
        return (struct croft_frame){0};
    struct croft_frame f = {.at = malloc(len + CROFT_FRAME_HEAD), .len = len + CROFT_FRAME_HEAD};
    if (f.at == NULL)
        return (struct croft_frame){0};
    croft_put_u32(f.at, (u32)len);
    size_t wrote = croft__v1__response__pack(r, f.at + CROFT_FRAME_HEAD);
    CROFT_ASSERT(wrote == len);
    return f;
}

/* ---- blocks as events ---- */

void croft_shared_drop(struct croft_shared *b)
{
    CROFT_ASSERT(b->refs > 0);
    if (--b->refs > 0)
        return;
    free(b->event);
    free(b);
}

static bool fill_txs(const struct croft_block *b, Croft__V1__BlockEvent *e, struct croft_arena *mem)
{
    struct croft_bytes txs = b->txs;
    u32 count = b->header.tx_count;
    Croft__V1__TxEvent *t = croft_new(mem, Croft__V1__TxEvent, count);
    struct croft_hash *id = croft_new(mem, struct croft_hash, count);
    e->txs = croft_new(mem, Croft__V1__TxEvent *, count);
    if (t == NULL || id == NULL || e->txs == NULL)
        return false;
    for (u32 i = 0; i < count; i++) {
        struct croft_bytes tx = croft_block_next_tx(&txs);
        struct croft_receipt receipt = croft_block_receipt(b, i);
        if (croft_tx_id_of(&b->header.network, tx, *mem, &id[i]) != CROFT_OK)
            return false;
        croft__v1__tx_event__init(&t[i]);
        t[i].tx_id = (ProtobufCBinaryData){sizeof id[i].b, id[i].b};
        t[i].tx = (ProtobufCBinaryData){tx.len, (u8 *)(uintptr_t)tx.at};
        t[i].code = receipt.code;
        t[i].fee = receipt.fee;
        e->txs[e->n_txs++] = &t[i];
    }
    return true;
}

static bool fill_dues(const struct croft_block *b, Croft__V1__BlockEvent *e, struct croft_arena *mem)
{
    u32 count = b->header.due_count;
    Croft__V1__DueEvent *d = croft_new(mem, Croft__V1__DueEvent, count);
    struct croft_due *due = croft_new(mem, struct croft_due, count);
    e->due = croft_new(mem, Croft__V1__DueEvent *, count);
    if (d == NULL || due == NULL || e->due == NULL)
        return false;
    for (u32 i = 0; i < count; i++) {
        due[i] = croft_block_due(b, i);
        croft__v1__due_event__init(&d[i]);
        d[i].kind = due[i].kind;
        d[i].key = (ProtobufCBinaryData){
            due[i].key_len < sizeof due[i].key ? due[i].key_len : sizeof due[i].key, due[i].key};
        d[i].amount = croft_amt_units(due[i].amount);
        e->due[e->n_due++] = &d[i];
    }
    return true;
}

bool croft_shared_event(struct croft_shared *b, struct croft_arena scratch)
{
    struct croft_block block;
    Croft__V1__BlockEvent e = CROFT__V1__BLOCK_EVENT__INIT;
    if (b->event != NULL)
        return true;
    croft_err err = croft_block_open((struct croft_bytes){b->bytes, b->len}, &block);
    CROFT_ASSERT(err == CROFT_OK); /* it was made here, or read and checked */
    e.height = block.header.height;
    e.time_ms = block.header.time_ms;
    e.app_hash = (ProtobufCBinaryData){sizeof block.header.app_hash.b, block.header.app_hash.b};
    if (!fill_txs(&block, &e, &scratch) || !fill_dues(&block, &e, &scratch))
        return false;
    b->event_len = croft__v1__block_event__get_packed_size(&e);
    b->event = malloc(b->event_len);
    if (b->event != NULL)
        croft__v1__block_event__pack(&e, b->event);
    return b->event != NULL;
}

static size_t put_varint(u8 *at, u64 v)
{
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        at[n++] = (u8)(v | 0x80);
    at[n++] = (u8)v;
    return n;
}

static void event_sent(const void *data, size_t len, void *arg)
{
    (void)data;
    (void)len;
    croft_shared_drop(arg);
}

/* Response { id, block }, written by hand: the event's bytes are the same for every subscriber and are not
 * copied. */
bool croft_frame_send_event(struct evbuffer *out, u64 id, struct croft_shared *shared)
{
    enum { TAG_ID = 1 << 3, TAG_BLOCK = 7 << 3 | 2 };
    u8 head[CROFT_FRAME_HEAD + 24];
    size_t n = CROFT_FRAME_HEAD;
    if (id != 0) {
        head[n++] = TAG_ID;
        n += put_varint(head + n, id);
    }
    head[n++] = TAG_BLOCK;
    n += put_varint(head + n, shared->event_len);
    croft_put_u32(head, (u32)(n - CROFT_FRAME_HEAD + shared->event_len));
    if (evbuffer_add(out, head, n) != 0)
        return false;
    shared->refs++;
    if (evbuffer_add_reference(out, shared->event, shared->event_len, event_sent, shared) == 0)
        return true;
    croft_shared_drop(shared);
    return false;
}
