#include "consensus/solo/solo_int.h"

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"

#include <string.h>

/* ---- admission ---- */

static void finish(struct croft_batch *b, struct croft_item *item, croft_err err)
{
    CROFT_ASSERT(item->phase != CROFT_ITEM_DONE && b->left > 0);
    item->phase = CROFT_ITEM_DONE;
    item->err = err;
    b->left--;
}

/* Records of the next transactions on their way into the cache while this one is worked on. */
static void look_ahead(const struct croft_solo *s, const struct croft_batch *b, u32 i)
{
    enum { NEAR = 16, NEXT = 8 };
    if (i + NEAR < b->count && b->item[i + NEAR].phase != CROFT_ITEM_DONE)
        croft_ledger_near(s->ledger, &b->item[i + NEAR].tx);
    if (i + NEXT < b->count && b->item[i + NEXT].phase != CROFT_ITEM_DONE)
        croft_ledger_next(s->ledger, &b->item[i + NEXT].tx);
}

static void decode_one(struct croft_solo *s, struct croft_batch *b, struct croft_item *item)
{
    CROFT_ASSERT(item->phase == CROFT_ITEM_NEW);
    croft_err err = s->halted ? CROFT_ERR_HALTED
                              : croft_tx_decode(item->bytes, croft_ledger_network(s->ledger), &b->mem, &item->tx);
    if (err != CROFT_OK)
        finish(b, item, err);
}

static croft_err admit_one(struct croft_solo *s, struct croft_item *item, u64 now_s)
{
    CROFT_TRY(croft_ledger_check(s->ledger, &item->tx, now_s, &item->auth));
    item->account_slot = croft_state_find(croft_ledger_state(s->ledger), CROFT_TABLE_ACCOUNTS, item->tx.account.b);
    CROFT_ASSERT(item->account_slot != CROFT_SLOT_NONE);
    bool room = s->waiting < s->options.pool_txs_max &&
                s->waiting_of[item->account_slot] < s->options.pool_per_account_max;
    return room ? CROFT_OK : CROFT_ERR_TX_POOL_FULL;
}

void croft_solo_admit(struct croft_solo *s, struct croft_batch *b)
{
    u64 now_s = croft_solo_now_ms(s) / 1000;
    b->left = b->count;
    b->next = 0;
    b->behind = NULL;
    for (u32 i = 0; i < b->count; i++)
        decode_one(s, b, &b->item[i]);
    for (u32 i = 0; i < b->count; i++) {
        struct croft_item *item = &b->item[i];
        look_ahead(s, b, i);
        if (item->phase == CROFT_ITEM_DONE)
            continue;
        croft_err err = admit_one(s, item, now_s);
        if (err != CROFT_OK) {
            finish(b, item, err);
            continue;
        }
        item->phase = CROFT_ITEM_CHECKED;
        s->waiting++;
        s->waiting_of[item->account_slot]++;
    }
}

void croft_items_verify(struct croft_item *item, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        if (item[i].phase != CROFT_ITEM_CHECKED)
            continue;
        /* What fails here is finished by queue, in the driver's thread, which owns the counts. */
        item[i].err = croft_tx_auth_verify(&item[i].tx, &item[i].auth);
        item[i].phase = CROFT_ITEM_VERIFIED;
    }
}

static void finish_waiting(struct croft_solo *s, struct croft_batch *b, struct croft_item *item, croft_err err)
{
    CROFT_ASSERT(s->waiting > 0 && s->waiting_of[item->account_slot] > 0);
    s->waiting--;
    s->waiting_of[item->account_slot]--;
    finish(b, item, err);
}

void croft_solo_queue(struct croft_solo *s, struct croft_batch *b)
{
    for (u32 i = 0; i < b->count; i++) {
        CROFT_ASSERT(b->item[i].phase == CROFT_ITEM_VERIFIED || b->item[i].phase == CROFT_ITEM_DONE);
        if (b->item[i].phase == CROFT_ITEM_VERIFIED && b->item[i].err != CROFT_OK)
            finish_waiting(s, b, &b->item[i], b->item[i].err);
    }
    *s->queue_tail = b;
    s->queue_tail = &b->behind;
}

u64 croft_solo_now_ms(const struct croft_solo *s)
{
    u64 now_ms = s->options.world->ops->wall_ms(s->options.world);
    return now_ms > s->last_time_ms ? now_ms : s->last_time_ms; /* a clock that jumps back stands still here */
}

u64 croft_solo_wait_ms(const struct croft_solo *s)
{
    if (s->queue != NULL)
        return 0;
    u64 due_s = croft_ledger_next_due_s(s->ledger), now_ms = croft_solo_now_ms(s);
    if (due_s > UINT64_MAX / 1000)
        return UINT64_MAX;
    return due_s * 1000 > now_ms ? due_s * 1000 - now_ms : 0;
}

/* ---- building a block ---- */

struct building {
    struct croft_writer body;
    u32 tx_count;
    u32 tx_max;
    u32 due_count;
};

/* Keeps what a transaction adds to the body: its bytes now, its receipt when all transactions are there. */
static void add_tx(struct croft_solo *s, struct building *b, const struct croft_item *item,
                   const struct croft_receipt *receipt)
{
    u8 *to = s->receipts + (size_t)b->tx_count * CROFT_RECEIPT_BYTES;
    croft_write_u32(&b->body, (u32)item->bytes.len);
    croft_write_bytes(&b->body, item->bytes.at, item->bytes.len);
    size_t len = croft_layout_encode(&croft_receipt_layout, receipt, to, CROFT_RECEIPT_BYTES);
    CROFT_ASSERT(len == CROFT_RECEIPT_BYTES);
    s->ids[b->tx_count++] = item->tx.id;
}

static bool has_room(const struct building *b, const struct croft_item *item)
{
    size_t left = (size_t)(b->body.end - b->body.at);
    size_t tail = (size_t)(b->tx_count + 1) * CROFT_RECEIPT_BYTES + (size_t)b->due_count * CROFT_DUE_BYTES;
    return b->tx_count < b->tx_max && left >= item->bytes.len + 4 + tail;
}

/* Puts items of one batch in; false when the block is full. */
static bool take_batch(struct croft_solo *s, struct building *b, struct croft_batch *batch)
{
    for (; batch->next < batch->count; batch->next++) {
        struct croft_item *item = &batch->item[batch->next];
        struct croft_receipt receipt;
        look_ahead(s, batch, batch->next);
        if (item->phase == CROFT_ITEM_DONE)
            continue;
        if (!has_room(b, item))
            return false;
        croft_err err = croft_ledger_block_tx(s->ledger, &item->tx, &item->auth, &receipt);
        if (err == CROFT_ERR_TX_BLOCK_FULL)
            return false;
        item->err = err; /* final only when the block is: what it was refused for may be taken back with it */
        if (err != CROFT_OK)
            continue;
        item->height = s->height + 1;
        item->index = b->tx_count;
        item->err = (croft_err)receipt.code;
        item->fee = croft_amt_of(receipt.fee);
        add_tx(s, b, item, &receipt);
    }
    return true;
}

static void take_queue(struct croft_solo *s, struct building *b)
{
    for (struct croft_batch *batch = s->queue; batch != NULL; batch = batch->behind)
        if (!take_batch(s, b, batch))
            return;
}

static void add_tail(struct croft_solo *s, struct building *b, const struct croft_block_end *end)
{
    croft_write_bytes(&b->body, s->receipts, (size_t)b->tx_count * CROFT_RECEIPT_BYTES);
    for (u32 i = 0; i < end->due_count; i++) {
        u8 *to = croft_write_room(&b->body, CROFT_DUE_BYTES);
        CROFT_ASSERT(to != NULL);
        size_t len = croft_layout_encode(&croft_due_layout, &end->due[i], to, CROFT_DUE_BYTES);
        CROFT_ASSERT(len == CROFT_DUE_BYTES);
    }
    CROFT_ASSERT(!b->body.bad);
}

static struct croft_header make_header(const struct croft_solo *s, const struct building *b, u64 time_ms,
                                       const struct croft_block_end *end, struct croft_bytes body)
{
    struct croft_header h = {
        .format = 1,
        .protocol = end->protocol,
        .height = s->height + 1,
        .time_ms = time_ms,
        .network = *croft_ledger_network(s->ledger),
        .previous = s->last_id,
        .body_hash = croft_block_body_hash(body),
        .body_bytes = (u32)body.len,
        .tx_count = b->tx_count,
        .due_count = end->due_count,
        .receipts_root = end->receipts_root,
        .app_hash = end->app_hash,
    };
    struct croft_public_key key = croft_public_key_of(s->options.key);
    memcpy(h.sequencer, key.b, sizeof h.sequencer);
    return h;
}

/* Executes and encodes the next block into the block buffer; the ledger is left at block_end. */
static croft_err build(struct croft_solo *s, struct building *b, struct croft_header *out, struct croft_bytes *out_block,
                       struct croft_why *why)
{
    u64 time_ms = croft_solo_now_ms(s);
    CROFT_TRY(croft_ledger_block_begin(s->ledger, s->height + 1, time_ms / 1000, why));
    b->body = croft_writer_of(s->block + CROFT_BLOCK_HEAD_BYTES, CROFT_BLOCK_BYTES_MAX - CROFT_BLOCK_HEAD_BYTES);
    b->tx_max = s->options.block_txs_max ? s->options.block_txs_max : UINT32_MAX;
    b->due_count = croft_ledger_block_due_count(s->ledger);
    take_queue(s, b);

    struct croft_block_end end;
    croft_ledger_block_end(s->ledger, &end);
    add_tail(s, b, &end);
    struct croft_bytes body = {s->block + CROFT_BLOCK_HEAD_BYTES,
                               (size_t)(b->body.at - s->block) - CROFT_BLOCK_HEAD_BYTES};
    *out = make_header(s, b, time_ms, &end, body);
    struct croft_hash id = croft_block_id(out);
    struct croft_signature signature = croft_sign(s->options.key, (struct croft_bytes){id.b, sizeof id.b});
    croft_block_seal(out, &signature, s->block);
    *out_block = (struct croft_bytes){s->block, CROFT_BLOCK_HEAD_BYTES + body.len};
    return CROFT_OK;
}

/* After the block is durable: what was tried is final, complete batches leave the queue. */
static void settle_items(struct croft_solo *s, struct croft_batch *b, croft_err err)
{
    for (u32 i = 0; i < b->next; i++) {
        struct croft_item *item = &b->item[i];
        if (item->phase == CROFT_ITEM_DONE)
            continue;
        if (err != CROFT_OK) {
            item->height = 0;
            item->index = 0;
            item->fee = croft_amt_of(0);
        }
        finish_waiting(s, b, item, err == CROFT_OK ? item->err : err);
    }
}

static struct croft_batch *settle_queue(struct croft_solo *s, croft_err err)
{
    struct croft_batch *done = NULL, **tail = &done;
    while (s->queue != NULL) {
        struct croft_batch *b = s->queue;
        settle_items(s, b, err);
        if (b->left > 0)
            break;
        s->queue = b->behind;
        b->behind = NULL;
        *tail = b;
        tail = &b->behind;
    }
    if (s->queue == NULL)
        s->queue_tail = &s->queue;
    return done;
}

void croft_solo_advance(struct croft_solo *s, const struct croft_header *h, struct croft_bytes block)
{
    croft_ledger_block_accept(s->ledger);
    s->height = h->height;
    s->last_id = croft_block_id(h);
    s->last_time_ms = h->time_ms;
    s->log_bytes_since += block.len;
    if (s->options.audit) {
        struct croft_why why = {{0}};
        croft_err err = croft_ledger_audit(s->ledger, s->audit_mem, &why);
        if (err != CROFT_OK)
            croft_assert_fail(why.text, __FILE__, __LINE__);
    }
}

static croft_err halt(struct croft_solo *s, croft_err err)
{
    s->halted = true;
    return err;
}

/* A full disk takes nothing away: the block is taken back, whoever waits is told, and the chain goes on. */
static croft_err refuse_block(struct croft_solo *s, croft_err err, struct croft_batch **out_done)
{
    croft_ledger_block_undo(s->ledger);
    if (err != CROFT_ERR_DISK_FULL)
        return halt(s, err);
    *out_done = settle_queue(s, err);
    return err;
}

static bool has_work(const struct croft_solo *s)
{
    return croft_solo_wait_ms(s) == 0;
}

croft_err croft_solo_step(struct croft_solo *s, struct croft_batch **out_done, struct croft_why *why)
{
    *out_done = NULL;
    if (s->halted)
        return croft_fail(why, CROFT_ERR_HALTED, "the chain has stopped; start it again to see why");
    if (!has_work(s))
        return CROFT_OK;
    CROFT_ASSERT(s->options.key != NULL);

    struct building b = {0};
    struct croft_header header;
    struct croft_bytes block;
    croft_err err = build(s, &b, &header, &block, why);
    if (err != CROFT_OK)
        return halt(s, err);
    if (header.tx_count == 0 && header.due_count == 0) {
        /* Everything that waited was refused: no block for that. */
        croft_ledger_block_undo(s->ledger);
        *out_done = settle_queue(s, CROFT_OK);
        return CROFT_OK;
    }
    err = croft_blocklog_append(s->log, block, why);
    if (err != CROFT_OK)
        return refuse_block(s, err, out_done);
    croft_solo_advance(s, &header, block);
    *out_done = settle_queue(s, CROFT_OK);

    /* The index is derived: what it could not write now it writes with a later block. */
    struct croft_why unused;
    s->index_err = croft_tx_index_add(s->index, header.height, s->ids, header.tx_count, &unused);
    s->last_block = block;
    return CROFT_OK;
}

/* ---- checkpoint ---- */

bool croft_solo_checkpoint_due(const struct croft_solo *s)
{
    bool many = croft_state_unsaved_count(croft_ledger_state(s->ledger)) > CHECKPOINT_RECORDS;
    return !s->checkpoint_running && !s->halted && (many || s->log_bytes_since >= s->options.checkpoint_log_bytes);
}

static croft_err copy_bytes(struct croft_arena *mem, struct croft_bytes from, struct croft_bytes *out)
{
    u8 *to = croft_arena_take_raw(mem, from.len, 1, 1);
    if (to == NULL)
        return CROFT_ERR_NOMEM;
    if (from.len != 0)
        memcpy(to, from.at, from.len);
    *out = (struct croft_bytes){to, from.len};
    return CROFT_OK;
}

static croft_err copy_record(const struct croft_state *state, size_t i, struct croft_arena *mem, struct croft_stored *out)
{
    croft_state_unsaved(state, i, &out->table, &out->slot);
    out->key = out->value = (struct croft_bytes){0};
    if (out->slot >= croft_state_high(state, out->table))
        return CROFT_OK;
    struct croft_bytes key = croft_state_key(state, out->table, out->slot);
    if (key.at == NULL)
        return CROFT_OK;
    CROFT_TRY(copy_bytes(mem, key, &out->key));
    return copy_bytes(mem, croft_state_value(state, out->table, out->slot), &out->value);
}

croft_err croft_solo_checkpoint_begin(struct croft_solo *s, struct croft_arena mem, struct croft_checkpoint_job *out)
{
    CROFT_ASSERT(!s->checkpoint_running);
    const struct croft_state *state = croft_ledger_state(s->ledger);
    size_t count = croft_state_unsaved_count(state);
    out->record = croft_arena_take_raw(&mem, count + 1, sizeof *out->record, _Alignof(struct croft_stored));
    if (out->record == NULL)
        return CROFT_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        CROFT_TRY(copy_record(state, i, &mem, &out->record[i]));

    out->count = count;
    out->checkpoint = s->options.checkpoint;
    out->height = s->height;
    out->meta_len = croft_ledger_save_meta(s->ledger, &s->last_id, out->meta);
    croft_ledger_saved(s->ledger);
    s->checkpoint_running = true;
    s->log_bytes_since = 0;
    return CROFT_OK;
}

croft_err croft_checkpoint_job_run(const struct croft_checkpoint_job *job, struct croft_why *why)
{
    struct croft_bytes meta = {job->meta, job->meta_len};
    return job->checkpoint->ops->commit(job->checkpoint, job->record, job->count, meta, why);
}

void croft_solo_checkpoint_end(struct croft_solo *s, const struct croft_checkpoint_job *job, croft_err err)
{
    CROFT_ASSERT(s->checkpoint_running);
    s->checkpoint_running = false;
    if (err == CROFT_OK) {
        s->checkpoint_height = job->height;
        return;
    }
    /* Which slots the job had is in the job: they are unsaved again, with whatever they hold now. */
    for (size_t i = 0; i < job->count; i++)
        croft_ledger_unsave(s->ledger, job->record[i].table, job->record[i].slot);
}

/* ---- reading ---- */

const struct croft_ledger *croft_solo_ledger(const struct croft_solo *s)
{
    return s->ledger;
}

struct croft_blocklog *croft_solo_log(struct croft_solo *s)
{
    return s->log;
}

struct croft_tx_index *croft_solo_index(struct croft_solo *s)
{
    return s->index;
}

struct croft_hash croft_solo_last_id(const struct croft_solo *s)
{
    return s->last_id;
}

u64 croft_solo_last_time_ms(const struct croft_solo *s)
{
    return s->last_time_ms;
}

u64 croft_solo_checkpoint_height(const struct croft_solo *s)
{
    return s->checkpoint_height;
}

u32 croft_solo_waiting(const struct croft_solo *s)
{
    return s->waiting;
}

const struct croft_solo_options *croft_solo_options_of(const struct croft_solo *s)
{
    return &s->options;
}

struct croft_bytes croft_solo_last_block(const struct croft_solo *s)
{
    return s->last_block;
}

void croft_solo_trust_signatures(struct croft_solo *s, bool trust)
{
    croft_ledger_trust_signatures(s->ledger, trust);
}
