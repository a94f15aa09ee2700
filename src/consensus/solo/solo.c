#include "consensus/solo/solo_int.h"

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <string.h>

/* What the body of a block keeps free of the normal lane, so that settlement gets in however full that is. */
enum { QUOTA_ROOM_BYTES = 4 << 20 };

/* ---- time ---- */

bool croft_solo_clock_is_wrong(struct croft_solo *s, u64 *out_ahead_ms)
{
    struct croft_world *w = s->options.world;
    u64 wall_ms = w->ops->wall_ms(w), steady_ms = w->ops->steady_ns(w) / 1000000;
    bool first = s->clock.wall_ms == 0 || s->options.accept_clock;
    u64 believed_ms = s->clock.wall_ms > s->last_time_ms ? s->clock.wall_ms : s->last_time_ms;
    u64 expected_ms = believed_ms + (steady_ms - s->clock.steady_ms);
    *out_ahead_ms = !first && wall_ms > expected_ms ? wall_ms - expected_ms : 0;
    if (*out_ahead_ms > CROFT_SOLO_JUMP_MS)
        return true;
    if (first || wall_ms >= expected_ms) {
        s->clock.wall_ms = wall_ms;
        s->clock.steady_ms = steady_ms;
    }
    return false; /* a clock that went back is remembered as it was: to be set right again is no jump */
}

static bool is_clock_wrong(struct croft_solo *s)
{
    u64 unused;
    return croft_solo_clock_is_wrong(s, &unused);
}

croft_err croft_solo_say_clock(u64 ahead_ms, struct croft_why *why)
{
    return croft_fail(why, CROFT_ERR_CLOCK,
                      "this machine's clock jumped ahead by %" PRIu64 " hours, so no block is made\n"
                      "set it right, and the chain goes on by itself; if it is right now, start the chain again with "
                      "--accept-clock",
                      ahead_ms / 3600000);
}

/* ---- admission ---- */

static void finish(struct croft_batch *b, struct croft_item *item, croft_err err)
{
    CROFT_ASSERT(item->phase != CROFT_ITEM_DONE && b->left > 0);
    item->phase = CROFT_ITEM_DONE;
    item->err = err;
    b->left--;
}

enum { GROUP = CROFT_LEDGER_BRING_MAX };

/* While a group of transactions is worked on, what the next one reads is on its way into the cache. */
static void bring_group(const struct croft_solo *s, const struct croft_batch *b, u32 from)
{
    const struct croft_tx *tx[GROUP] = {NULL};
    u32 slot[GROUP], count = 0;
    for (u32 i = from; i < b->count && i < from + GROUP; i++)
        if (b->item[i].phase != CROFT_ITEM_DONE)
            tx[count++] = &b->item[i].tx;
    croft_ledger_bring(s->ledger, tx, count, slot);
    for (u32 i = 0; i < count; i++)
        if (slot[i] != CROFT_SLOT_NONE)
            __builtin_prefetch(&s->waiting_of[slot[i]], 1);
}

static void decode_one(struct croft_solo *s, struct croft_batch *b, struct croft_item *item)
{
    CROFT_ASSERT(item->phase == CROFT_ITEM_NEW);
    croft_err err = croft_tx_decode(item->bytes, croft_ledger_network(s->ledger), &b->mem, &item->tx);
    if (err != CROFT_OK)
        finish(b, item, err);
}

static croft_err decode_all(struct croft_solo *s, struct croft_batch *b)
{
    if (s->halted)
        return CROFT_ERR_HALTED;
    if (is_clock_wrong(s))
        return CROFT_ERR_CLOCK;
    for (u32 i = 0; i < b->count; i++)
        decode_one(s, b, &b->item[i]);
    return CROFT_OK;
}

static struct croft_amt credits_of(const struct croft_solo *s, u32 slot)
{
    struct croft_account_record r;
    struct croft_bytes value = croft_state_value(croft_ledger_state(s->ledger), CROFT_TABLE_ACCOUNTS, slot);
    croft_err err = croft_layout_decode(&croft_account_layout, value, &r);
    CROFT_ASSERT(err == CROFT_OK);
    return r.balance[CROFT_ASSET_CREDIT];
}

/* Whoever fills the pool must be able to pay for all that waits.  That the first can be paid the ledger has checked. */
static bool can_pay(const struct croft_solo *s, const struct croft_waiting *w, const struct croft_item *item)
{
    struct croft_amt sum;
    if (w->fees == 0 || item->fee_held == 0)
        return true;
    return croft_amt_add(&sum, croft_amt_of(w->fees), croft_amt_of(item->fee_held)) &&
           croft_amt_cmp(sum, credits_of(s, item->account_slot)) <= 0;
}

static croft_err admit_one(struct croft_solo *s, struct croft_item *item, u64 now_s)
{
    CROFT_TRY(croft_ledger_check(s->ledger, &item->tx, now_s, &item->auth));
    item->account_slot = croft_state_find(croft_ledger_state(s->ledger), CROFT_TABLE_ACCOUNTS, item->tx.account.b);
    CROFT_ASSERT(item->account_slot != CROFT_SLOT_NONE);
    item->lane = (u8)item->tx.body->lane;
    CROFT_ASSERT(item->lane < CROFT_SOLO_LANES);
    const struct croft_waiting *w = &s->waiting_of[item->account_slot];
    if (s->waiting[item->lane] >= s->options.pool_txs_max || w->txs[item->lane] >= s->options.pool_per_account_max)
        return CROFT_ERR_TX_POOL_FULL;
    item->fee_held = croft_amt_units(item->auth.fee);
    return can_pay(s, w, item) ? CROFT_OK : CROFT_ERR_TX_FUNDS;
}

static void wait_one(struct croft_solo *s, struct croft_batch *b, struct croft_item *item)
{
    struct croft_waiting *w = &s->waiting_of[item->account_slot];
    item->phase = CROFT_ITEM_CHECKED;
    b->left_of[item->lane]++;
    s->waiting[item->lane]++;
    w->txs[item->lane]++;
    w->fees += item->fee_held;
}

void croft_solo_admit(struct croft_solo *s, struct croft_batch *b)
{
    u64 now_s = croft_solo_now_ms(s) / 1000;
    b->left = b->count;
    memset(b->left_of, 0, sizeof b->left_of);
    memset(b->next, 0, sizeof b->next);
    b->tried = false;
    b->behind = NULL;
    croft_err all = decode_all(s, b);
    if (all == CROFT_OK)
        bring_group(s, b, 0);
    for (u32 i = 0; i < b->count; i++) {
        struct croft_item *item = &b->item[i];
        if (all == CROFT_OK && i % GROUP == 0)
            bring_group(s, b, i + GROUP);
        if (item->phase == CROFT_ITEM_DONE)
            continue;
        croft_err err = all != CROFT_OK ? all : admit_one(s, item, now_s);
        if (err == CROFT_OK)
            wait_one(s, b, item);
        else
            finish(b, item, err);
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
    u8 lane = item->lane;
    struct croft_waiting *w = &s->waiting_of[item->account_slot];
    CROFT_ASSERT(s->waiting[lane] > 0 && w->txs[lane] > 0 && b->left_of[lane] > 0 && w->fees >= item->fee_held);
    b->left_of[lane]--;
    s->waiting[lane]--;
    w->txs[lane]--;
    w->fees -= item->fee_held;
    finish(b, item, err);
}

void croft_solo_queue(struct croft_solo *s, struct croft_batch *b)
{
    for (u32 i = 0; i < b->count; i++) {
        CROFT_ASSERT(b->item[i].phase == CROFT_ITEM_VERIFIED || b->item[i].phase == CROFT_ITEM_DONE);
        if (b->item[i].phase == CROFT_ITEM_VERIFIED && b->item[i].err != CROFT_OK)
            finish_waiting(s, b, &b->item[i], b->item[i].err);
    }
    struct croft_batch **at = b->left > 0 ? s->queue_tail : &s->queue; /* one that waits for nothing goes first */
    b->behind = *at;
    *at = b;
    if (b->behind == NULL)
        s->queue_tail = &b->behind;
}

u64 croft_solo_now_ms(const struct croft_solo *s)
{
    u64 now_ms = s->options.world->ops->wall_ms(s->options.world);
    return now_ms > s->last_time_ms ? now_ms : s->last_time_ms; /* a clock that jumps back stands still here */
}

u64 croft_solo_wait_ms(struct croft_solo *s)
{
    enum { LOOK_AGAIN_MS = 1000 };
    bool wrong = is_clock_wrong(s);
    if (s->queue != NULL || s->unseated)
        return 0;
    if (wrong)
        return LOOK_AGAIN_MS;
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
    bool full[CROFT_SOLO_LANES];
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

/* What a transaction touches is brought up to date first, so the list of what was due may grow with each. */
static bool has_room(const struct croft_solo *s, const struct building *b, const struct croft_item *item)
{
    size_t left = (size_t)(b->body.end - b->body.at);
    size_t dues = (size_t)croft_ledger_block_due_count(s->ledger) + CROFT_DUES_OF_TX_MAX;
    size_t tail = (size_t)(b->tx_count + 1) * CROFT_RECEIPT_BYTES + dues * CROFT_DUE_BYTES;
    tail += item->lane == CROFT_LANE_NORMAL ? (size_t)QUOTA_ROOM_BYTES : 0;
    return b->tx_count < b->tx_max && left >= item->bytes.len + 4 + tail;
}

/* False when there is no room for it in this block. */
static bool take_item(struct croft_solo *s, struct building *b, struct croft_item *item)
{
    struct croft_receipt receipt;
    if (!has_room(s, b, item))
        return false;
    croft_err err = croft_ledger_block_tx(s->ledger, &item->tx, &item->auth, &receipt);
    if (err == CROFT_ERR_TX_BLOCK_FULL)
        return false;
    item->err = err; /* final only when the block is: what it was refused for may be taken back with it */
    if (err != CROFT_OK)
        return true;
    item->height = s->height + 1;
    item->index = b->tx_count;
    item->err = (croft_err)receipt.code;
    item->fee = croft_amt_of(receipt.fee);
    add_tx(s, b, item, &receipt);
    return true;
}

/* Some lane has room, and something that waits. */
static bool has_open_lane(const struct building *b, const u32 waiting[CROFT_SOLO_LANES])
{
    return (!b->full[CROFT_LANE_NORMAL] && waiting[CROFT_LANE_NORMAL] > 0) ||
           (!b->full[CROFT_LANE_QUOTA] && waiting[CROFT_LANE_QUOTA] > 0);
}

static u32 first_of(const struct building *b, const struct croft_batch *batch)
{
    u32 first = batch->count;
    for (u32 lane = 0; lane < CROFT_SOLO_LANES; lane++)
        if (!b->full[lane] && batch->next[lane] < first)
            first = batch->next[lane];
    return first;
}

/* Puts items of one batch in, in order; those of a lane that is full stay, and that lane goes on from there. */
static void take_batch(struct croft_solo *s, struct building *b, struct croft_batch *batch)
{
    batch->tried = true;
    u32 first = first_of(b, batch);
    bring_group(s, batch, first);
    for (u32 i = first; i < batch->count && has_open_lane(b, batch->left_of); i++) {
        struct croft_item *item = &batch->item[i];
        if ((i - first) % GROUP == 0)
            bring_group(s, batch, i + GROUP);
        if (item->phase == CROFT_ITEM_DONE || b->full[item->lane] || i < batch->next[item->lane])
            continue;
        b->full[item->lane] = !take_item(s, b, item);
        if (b->full[item->lane])
            batch->next[item->lane] = i;
    }
    for (u32 lane = 0; lane < CROFT_SOLO_LANES; lane++)
        if (!b->full[lane])
            batch->next[lane] = batch->count;
}

static void take_queue(struct croft_solo *s, struct building *b)
{
    struct croft_batch *batch = s->queue;
    for (; batch != NULL && (batch->left == 0 || has_open_lane(b, s->waiting)); batch = batch->behind)
        if (has_open_lane(b, batch->left_of))
            take_batch(s, b, batch);
    s->untried = batch;
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
    u32 end = b->next[0] > b->next[1] ? b->next[0] : b->next[1];
    for (u32 i = 0; i < end; i++) {
        struct croft_item *item = &b->item[i];
        if (item->phase == CROFT_ITEM_DONE || i >= b->next[item->lane])
            continue;
        if (err != CROFT_OK) {
            item->height = 0;
            item->index = 0;
            item->fee = croft_amt_of(0);
        }
        finish_waiting(s, b, item, err == CROFT_OK ? item->err : err);
    }
    b->tried = false;
}

/* A batch of which only a part was refused or fitted stays where it is; those behind it may still be complete. */
static struct croft_batch *settle_queue(struct croft_solo *s, croft_err err)
{
    struct croft_batch *done = NULL, **tail = &done, **at = &s->queue;
    for (struct croft_batch *b; (b = *at) != s->untried;) {
        if (b->tried)
            settle_items(s, b, err);
        if (b->left > 0) {
            at = &b->behind;
            continue;
        }
        *at = b->behind;
        b->behind = NULL;
        *tail = b;
        tail = &b->behind;
    }
    if (*at == NULL)
        s->queue_tail = at;
    return done;
}

/* Whatever waits is answered with err, tried or not. */
static struct croft_batch *refuse_queue(struct croft_solo *s, croft_err err)
{
    for (struct croft_batch *b = s->queue; b != NULL; b = b->behind) {
        b->tried = true;
        b->next[CROFT_LANE_NORMAL] = b->next[CROFT_LANE_QUOTA] = b->count;
    }
    s->untried = NULL;
    return settle_queue(s, err);
}

bool croft_solo_is_seated(const struct croft_solo *s)
{
    if (s->options.key == NULL)
        return true;
    struct croft_public_key key = croft_public_key_of(s->options.key);
    return croft_state_find(croft_ledger_state(s->ledger), CROFT_TABLE_VALIDATORS, key.b) != CROFT_SLOT_NONE;
}

void croft_solo_advance(struct croft_solo *s, const struct croft_header *h, struct croft_bytes block)
{
    croft_ledger_block_accept(s->ledger);
    s->height = h->height;
    s->last_id = croft_block_id(h);
    s->last_time_ms = h->time_ms;
    s->log_bytes_since += block.len;
    s->unseated = !croft_solo_is_seated(s);
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

/* Nobody would accept a block that this key signs now. */
static croft_err leave_seat(struct croft_solo *s, struct croft_why *why)
{
    croft_fail(why, CROFT_ERR_SEQUENCER,
               "block %" PRIu64 " took this machine's sequencer.key from the validators, so no block can follow it here\n"
               "put the key of a validator in its place and start the chain again; every block up to here is kept",
               s->height);
    return halt(s, CROFT_ERR_SEQUENCER);
}

static bool has_work(struct croft_solo *s)
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
    if (s->unseated)
        return leave_seat(s, why);
    u64 ahead_ms;
    if (croft_solo_clock_is_wrong(s, &ahead_ms)) {
        *out_done = refuse_queue(s, CROFT_ERR_CLOCK);
        return croft_solo_say_clock(ahead_ms, why);
    }

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
    bool long_log = s->log_bytes_since >= s->options.checkpoint_log_bytes;
    return !s->checkpoint_running && !s->halted && (many || long_log || s->checkpoint_failed);
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
    s->checkpoint_failed = false;
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
    s->checkpoint_failed = err != CROFT_OK;
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
    return s->waiting[CROFT_LANE_NORMAL] + s->waiting[CROFT_LANE_QUOTA];
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
