#include "consensus/server_int.h"

#include "base/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What decoding an honest transaction takes at most, beside eight times its length. */
enum { DECODE_BYTES = 4096 };

/* A submission goes to the engine in parts, so that the first are verified while the last are checked. */
struct part {
    struct croft_mail mail;
    struct croft_submission *whole;
    struct croft_batch batch;
};

struct croft_submission {
    struct croft_submission *next; /* among those held */
    struct croft_job *job;
    struct croft_server *server;
    struct croft_item *item;
    u8 *decode_mem;
    u32 count, part_count, parts_left;
    bool answered;
    u64 height; /* highest block that one of its transactions is in */
    u64 deadline_ms;
    struct part part[];
};

static void free_submission(struct croft_submission *w)
{
    free(w->item);
    free(w->decode_mem);
    free(w);
}

/* ---- answers ---- */

/* Why the machine does not do what the code says it does not; empty for any other code. */
static const char *reason_of(const struct croft_server *s, croft_err err)
{
    if (err == CROFT_ERR_DISK_FULL)
        return s->wrong[CROFT_MATTER_DISK].text;
    return err == CROFT_ERR_CLOCK ? s->wrong[CROFT_MATTER_CLOCK].text : "";
}

static void fill_result(const struct croft_item *item, const char *reason, Croft__V1__TxResult *r)
{
    croft__v1__tx_result__init(r);
    r->code = (u32)item->err;
    r->height = item->height;
    r->index = item->index;
    r->fee = croft_amt_units(item->fee);
    r->message = (char *)(uintptr_t)reason;
    if (item->tx.bytes.at != NULL) /* else it did not decode and has no id */
        r->tx_id = (ProtobufCBinaryData){sizeof item->tx.id.b, (u8 *)(uintptr_t)item->tx.id.b};
}

/* by_loop: in the loop's thread, which has the reasons. */
static struct croft_frame pack_results(const struct croft_submission *w, bool by_loop, croft_err err, const char *text)
{
    struct croft_frame f = {0};
    Croft__V1__TxResult *result = malloc(w->count * sizeof *result);
    Croft__V1__TxResult **list = malloc(w->count * sizeof *list);
    if (result != NULL && list != NULL) {
        Croft__V1__SubmitResult all = CROFT__V1__SUBMIT_RESULT__INIT;
        Croft__V1__Response r;
        croft__v1__response__init(&r);
        for (u32 i = 0; i < w->count; i++) {
            fill_result(&w->item[i], by_loop ? reason_of(w->server, w->item[i].err) : "", &result[i]);
            list[i] = &result[i];
        }
        all.n_results = w->count;
        all.results = list;
        r.id = w->job->request->id;
        r.error = (u32)err;
        r.message = (char *)(uintptr_t)text;
        r.result_case = CROFT__V1__RESPONSE__RESULT_SUBMIT;
        r.submit = &all;
        f = croft_frame_of(&r);
    }
    free(result);
    free(list);
    return f;
}

static void finish(struct croft_submission *w, croft_err err, const char *text)
{
    struct croft_job *job = w->job;
    if (!w->answered && job->conn->bev != NULL)
        croft_conn_send(job->conn, pack_results(w, true, err, text));
    free_submission(w);
    croft_job_end(job);
}

static void say_not_followed(struct croft_submission *w, const char *state)
{
    char text[256];
    snprintf(text, sizeof text,
             "in block %" PRIu64 " and durable on this machine, but no follower has stored it: %s\n"
             "do not send it again; see \"croft chain status\"",
             w->height, state);
    finish(w, CROFT_ERR_FOLLOWER, text);
}

static void hold(struct croft_submission *w)
{
    struct croft_server *s = w->server;
    w->deadline_ms = croft_server_now_ms(s) + s->options.ack_timeout_ms;
    w->next = NULL;
    *s->held_tail = w;
    s->held_tail = &w->next;
}

static struct croft_submission *take_held(struct croft_server *s)
{
    struct croft_submission *all = s->held;
    s->held = NULL;
    s->held_tail = &s->held;
    return all;
}

void croft_submit_release(struct croft_server *s)
{
    u64 now_ms = croft_server_now_ms(s);
    for (struct croft_submission *w = take_held(s), *next; w != NULL; w = next) {
        next = w->next;
        if (w->height <= s->acked) {
            finish(w, CROFT_OK, "");
        } else if (now_ms >= w->deadline_ms) {
            say_not_followed(w, s->follower_count ? "it is behind" : "none is connected");
        } else {
            w->next = NULL;
            *s->held_tail = w;
            s->held_tail = &w->next;
        }
    }
}

void croft_submit_give_up(struct croft_server *s)
{
    for (struct croft_submission *w = take_held(s), *next; w != NULL; w = next) {
        next = w->next;
        say_not_followed(w, "the chain is being stopped");
    }
}

/* ---- from the engine ---- */

static void complete(struct croft_submission *w)
{
    struct croft_server *s = w->server;
    for (u32 i = 0; i < w->count; i++)
        w->height = w->item[i].height > w->height ? w->item[i].height : w->height;
    if (s->options.ack_follower && !w->answered && w->height > s->acked)
        hold(w);
    else
        finish(w, CROFT_OK, "");
}

static void take_part(struct croft_server *s, struct croft_mail *m)
{
    struct part *p = (struct part *)m;
    (void)s;
    CROFT_ASSERT(p->whole->parts_left > 0);
    if (--p->whole->parts_left == 0)
        complete(p->whole);
}

void croft_submit_done(void *server, struct croft_batch *batch)
{
    struct part *p = batch->owner;
    p->mail.take = take_part;
    croft_server_post(server, &p->mail);
}

/* ---- to the engine ---- */

static void refuse_part(struct croft_server *s, struct part *p, croft_err err)
{
    for (u32 i = 0; i < p->batch.count; i++) {
        p->batch.item[i].phase = CROFT_ITEM_DONE;
        p->batch.item[i].err = err;
    }
    croft_submit_done(s, &p->batch);
}

/* Any thread. */
static void submit_parts(struct croft_submission *w)
{
    struct croft_server *s = w->server;
    u32 count = w->part_count; /* w may be gone before the loop ends */
    for (u32 i = 0; i < count; i++) {
        struct part *p = &w->part[i];
        croft_err err = croft_engine_submit(s->engine, &p->batch);
        if (err != CROFT_OK)
            refuse_part(s, p, err);
    }
}

static void take_check(struct croft_server *s, struct croft_mail *m)
{
    struct croft_job *j = (struct croft_job *)m;
    (void)s;
    croft_conn_send(j->conn, j->answer);
    j->answer = (struct croft_frame){0};
}

static croft_err check_one(const struct croft_solo *s, struct croft_item *item, struct croft_arena mem)
{
    const struct croft_ledger *l = croft_solo_ledger(s);
    struct croft_world *world = croft_solo_options_of(s)->world;
    u64 now_s = world->ops->wall_ms(world) / 1000;
    struct croft_tx_auth auth;
    now_s = now_s > croft_ledger_time_s(l) ? now_s : croft_ledger_time_s(l);
    CROFT_TRY(croft_tx_decode(item->bytes, croft_ledger_network(l), &mem, &item->tx));
    return croft_ledger_check(l, &item->tx, now_s, &auth);
}

/* Without waiting: in the sequencer's thread, what the check says is the answer, and only then does it go its
 * way. */
static void check_then_submit(struct croft_solo *s, void *arg)
{
    struct croft_submission *w = arg;
    struct croft_arena mem = croft_region_arena(&w->server->query_memory);
    for (u32 i = 0; i < w->count; i++)
        w->item[i].err = check_one(s, &w->item[i], mem);
    w->job->answer = pack_results(w, false, CROFT_OK, "");
    w->job->mail.take = take_check;
    w->answered = true;
    for (u32 i = 0; i < w->count; i++)
        w->item[i] = (struct croft_item){.bytes = w->item[i].bytes};
    croft_server_post(w->server, &w->job->mail);
    submit_parts(w);
}

/* ---- start ---- */

static void fill_parts(struct croft_submission *w, const Croft__V1__Submit *call)
{
    u8 *at = w->decode_mem;
    for (u32 i = 0; i < w->part_count; i++) {
        struct part *p = &w->part[i];
        u32 from = i * CROFT_PART_TXS, left = w->count - from;
        u32 count = left < CROFT_PART_TXS ? left : (u32)CROFT_PART_TXS;
        size_t bytes = (size_t)count * DECODE_BYTES;
        for (u32 k = from; k < from + count; k++) {
            w->item[k].bytes = (struct croft_bytes){call->txs[k].data, call->txs[k].len};
            bytes += 8 * call->txs[k].len;
        }
        p->whole = w;
        p->batch =
            (struct croft_batch){.item = w->item + from, .count = count, .mem = {at, at + bytes}, .owner = p};
        at += bytes;
    }
}

static size_t decode_bytes(const Croft__V1__Submit *call)
{
    size_t bytes = call->n_txs * DECODE_BYTES;
    for (size_t i = 0; i < call->n_txs; i++)
        bytes += 8 * call->txs[i].len;
    return bytes;
}

static struct croft_submission *make_submission(struct croft_job *j)
{
    const Croft__V1__Submit *call = j->request->submit;
    u32 parts = ((u32)call->n_txs + CROFT_PART_TXS - 1) / CROFT_PART_TXS;
    struct croft_submission *w = calloc(1, sizeof *w + parts * sizeof w->part[0]);
    if (w == NULL)
        return NULL;
    w->job = j;
    w->server = j->conn->server;
    w->count = (u32)call->n_txs;
    w->part_count = w->parts_left = parts;
    w->item = calloc(call->n_txs, sizeof *w->item);
    w->decode_mem = malloc(decode_bytes(call));
    if (w->item == NULL || w->decode_mem == NULL) {
        free_submission(w);
        return NULL;
    }
    fill_parts(w, call);
    return w;
}

void croft_submit_start(struct croft_job *j)
{
    struct croft_server *s = j->conn->server;
    if (s->follows) {
        croft_job_refuse(j, CROFT_ERR_FOLLOWS,
                         "this machine only follows the chain and takes no transactions; nothing was done\n"
                         "send them to the chain that it follows: --chain");
        return;
    }
    struct croft_submission *w = make_submission(j);
    if (w == NULL) {
        croft_job_refuse(j, CROFT_ERR_NOMEM, "no memory for so many transactions\nsend fewer at a time");
        return;
    }
    if (!j->request->submit->no_wait) {
        submit_parts(w);
        return;
    }
    croft_err err = croft_engine_call(s->engine, check_then_submit, w);
    if (err != CROFT_OK) {
        free_submission(w);
        croft_job_refuse(j, err, croft_err_text(err));
    }
}
