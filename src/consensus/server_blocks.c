#include "consensus/server_int.h"

#include "base/assert.h"
#include "consensus/stored.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- blocks that were made ---- */

u64 croft_blocks_visible(const struct croft_server *s)
{
    return s->options.ack_follower && s->acked < s->height ? s->acked : s->height;
}

static void drop_oldest(struct croft_server *s)
{
    struct croft_shared **at = &s->cache[s->cache_first++ % CROFT_CACHE_BLOCKS];
    s->cache_bytes -= (*at)->len;
    croft_shared_drop(*at);
    *at = NULL;
}

void croft_blocks_drop_cache(struct croft_server *s)
{
    while (s->cache_first < s->cache_next)
        drop_oldest(s);
}

/* Keeps the newest blocks without a gap. */
static void cache_block(struct croft_server *s, struct croft_shared *b)
{
    if (b->height != s->cache_next) {
        croft_blocks_drop_cache(s);
        s->cache_first = s->cache_next = b->height;
    }
    if (s->cache_next - s->cache_first == CROFT_CACHE_BLOCKS)
        drop_oldest(s);
    s->cache[s->cache_next++ % CROFT_CACHE_BLOCKS] = b;
    s->cache_bytes += b->len;
    while (s->cache_bytes > CROFT_CACHE_BYTES && s->cache_next - s->cache_first > 1)
        drop_oldest(s);
}

static struct croft_shared *cached(struct croft_server *s, u64 height)
{
    return height >= s->cache_first && height < s->cache_next ? s->cache[height % CROFT_CACHE_BLOCKS] : NULL;
}

static void pump_all(struct croft_server *s)
{
    for (struct croft_conn *c = s->conns, *next; c != NULL; c = next) {
        next = c->next;
        croft_blocks_pump(c);
    }
}

static void serve_waiting(struct croft_server *s);

static void take_block(struct croft_server *s, struct croft_mail *m)
{
    struct croft_shared *b = (struct croft_shared *)m;
    s->height = b->height;
    s->id[b->height % CROFT_ID_COUNT] = b->id;
    if (b->len != 0)
        cache_block(s, b);
    else
        croft_shared_drop(b);
    serve_waiting(s);
    pump_all(s);
}

void croft_blocks_made(void *server, struct croft_bytes block)
{
    struct croft_server *s = server;
    struct croft_header h;
    croft_err err = croft_block_peek(block, &h);
    CROFT_ASSERT(err == CROFT_OK);
    size_t len = s->listeners > 0 ? block.len : 0;
    struct croft_shared *b = malloc(sizeof *b + len);
    if (b == NULL && len != 0) {
        len = 0; /* whoever listens reads it from the log */
        b = malloc(sizeof *b);
    }
    CROFT_ASSERT(b != NULL);
    *b = (struct croft_shared){.mail.take = take_block, .refs = 1, .height = h.height, .len = len};
    b->id = croft_block_id(&h);
    if (len != 0)
        memcpy(b->bytes, block.at, len);
    croft_server_post(s, &b->mail);
}

/* ---- blocks from the log ---- */

struct log_read {
    struct croft_mail mail;
    struct croft_server *server;
    struct croft_job *job;   /* a fetch, or */
    struct croft_conn *conn; /* a subscription */
    u64 from;
    u32 count;
    size_t bytes_max; /* stops after this many */
    struct croft_shared *first;
    croft_err err;
    struct croft_why why;
};

static struct croft_shared *read_one(struct log_read *r, struct croft_solo *solo, u64 height)
{
    struct croft_block b;
    struct croft_arena mem = croft_region_arena(&r->server->query_memory);
    r->err = croft_blocklog_read(croft_solo_log(solo), height, &mem, &b, &r->why);
    if (r->err != CROFT_OK)
        return NULL;
    struct croft_shared *made = malloc(sizeof *made + b.bytes.len);
    if (made == NULL) {
        r->err = croft_fail(&r->why, CROFT_ERR_NOMEM, "no memory to read block %" PRIu64, height);
        return NULL;
    }
    *made = (struct croft_shared){.refs = 1, .height = height, .len = b.bytes.len};
    memcpy(made->bytes, b.bytes.at, b.bytes.len);
    return made;
}

static void read_log(struct croft_solo *solo, void *arg)
{
    struct log_read *r = arg;
    struct croft_shared **tail = &r->first;
    u64 last = croft_blocklog_last(croft_solo_log(solo));
    size_t bytes = 0;
    for (u32 i = 0; i < r->count && bytes < r->bytes_max && r->from + i <= last; i++) {
        *tail = read_one(r, solo, r->from + i);
        if (*tail == NULL)
            break;
        bytes += (*tail)->len;
        tail = &(*tail)->next;
    }
    croft_server_post(r->server, &r->mail);
}

static void drop_read(struct log_read *r)
{
    for (struct croft_shared *b = r->first, *next; b != NULL; b = next) {
        next = b->next;
        croft_shared_drop(b);
    }
    free(r);
}

/* ---- subscriptions ---- */

static void end_subscription(struct croft_conn *c)
{
    if (c->sub.on)
        c->server->listeners--;
    c->sub.on = false;
}

static void fail_subscription(struct croft_conn *c, croft_err err, const char *text)
{
    Croft__V1__Response r;
    croft__v1__response__init(&r);
    r.id = c->sub.id;
    r.error = (u32)err;
    r.message = (char *)(uintptr_t)text;
    end_subscription(c);
    c->session.subscribed = false;
    croft_conn_answer(c, &r);
}

static bool send_event(struct croft_conn *c, struct croft_shared *b)
{
    CROFT_ASSERT(b->height == c->sub.next);
    struct croft_arena scratch = croft_region_arena(&c->server->loop_memory);
    if (!croft_shared_event(b, scratch) ||
        !croft_frame_send_event(bufferevent_get_output(c->bev), c->sub.id, b)) {
        croft_conn_close(c); /* it comes back and asks from where it was */
        return false;
    }
    c->sub.next++;
    return true;
}

static void take_read_blocks(struct croft_server *s, struct croft_mail *m)
{
    struct log_read *r = (struct log_read *)m;
    struct croft_conn *c = r->conn;
    (void)s;
    c->jobs--;
    c->sub.reading = false;
    c->pins++;
    for (struct croft_shared *b = r->first; b != NULL && c->bev != NULL && c->sub.on; b = b->next)
        if (!send_event(c, b))
            break;
    if (r->err != CROFT_OK && c->bev != NULL && c->sub.on)
        fail_subscription(c, r->err, r->why.text);
    drop_read(r);
    if (c->bev != NULL)
        croft_blocks_pump(c);
    croft_conn_unpin(c);
}

static void start_reading(struct croft_conn *c, u64 last)
{
    struct croft_server *s = c->server;
    struct log_read *r = calloc(1, sizeof *r);
    u64 behind = last - c->sub.next + 1;
    if (r == NULL) {
        croft_conn_close(c);
        return;
    }
    *r = (struct log_read){.mail.take = take_read_blocks, .server = s, .conn = c, .from = c->sub.next};
    r->count = behind < CROFT_FETCH_BLOCKS_MAX ? (u32)behind : (u32)CROFT_FETCH_BLOCKS_MAX;
    r->bytes_max = CROFT_OUT_LOW;
    c->jobs++;
    c->sub.reading = true;
    croft_err err = croft_engine_call(s->engine, read_log, r);
    if (err == CROFT_OK)
        return;
    c->jobs--;
    c->sub.reading = false;
    free(r);
    fail_subscription(c, err, croft_err_text(err));
}

/* Gives a subscriber what it has room for: the newest from memory, older ones from the log. */
void croft_blocks_pump(struct croft_conn *c)
{
    if (!c->sub.on || c->bev == NULL || c->ending || c->server->stopping)
        return;
    u64 last = croft_blocks_visible(c->server);
    struct evbuffer *out = bufferevent_get_output(c->bev);
    while (!c->sub.reading && c->sub.next <= last && evbuffer_get_length(out) < CROFT_OUT_LOW) {
        struct croft_shared *b = cached(c->server, c->sub.next);
        if (b == NULL) {
            start_reading(c, last);
            return;
        }
        if (!send_event(c, b))
            return;
    }
}

void croft_blocks_subscribe(struct croft_job *j)
{
    struct croft_conn *c = j->conn;
    Croft__V1__Response r;
    croft__v1__response__init(&r);
    u64 from = j->request->subscribe->from_height;
    c->sub.on = true;
    c->sub.id = r.id = j->request->id;
    c->sub.next = from != 0 ? from : croft_blocks_visible(c->server) + 1;
    c->server->listeners++;
    croft_conn_answer(c, &r); /* taken; events follow */
    c->pins++;
    croft_job_end(j);
    croft_blocks_pump(c);
    croft_conn_unpin(c);
}

/* ---- blocks for followers ---- */

static void answer_blocks(struct croft_job *j, struct croft_shared *const *list, size_t count)
{
    ProtobufCBinaryData view[CROFT_FETCH_BLOCKS_MAX];
    Croft__V1__Blocks blocks = CROFT__V1__BLOCKS__INIT;
    Croft__V1__Response r;
    croft__v1__response__init(&r);
    CROFT_ASSERT(count <= CROFT_FETCH_BLOCKS_MAX);
    for (size_t i = 0; i < count; i++)
        view[i] = (ProtobufCBinaryData){list[i]->len, list[i]->bytes};
    blocks.n_blocks = count;
    blocks.blocks = view;
    r.id = j->request->id;
    r.result_case = CROFT__V1__RESPONSE__RESULT_BLOCKS;
    r.blocks = &blocks;
    croft_conn_answer(j->conn, &r);
    croft_job_end(j);
}

static void take_fetched(struct croft_server *s, struct croft_mail *m)
{
    struct log_read *r = (struct log_read *)m;
    struct croft_shared *list[CROFT_FETCH_BLOCKS_MAX];
    size_t count = 0;
    (void)s;
    for (struct croft_shared *b = r->first; b != NULL; b = b->next)
        list[count++] = b;
    if (count == 0 && r->err != CROFT_OK)
        croft_job_refuse(r->job, r->err, r->why.text);
    else
        answer_blocks(r->job, list, count);
    drop_read(r);
}

static void fetch_from_log(struct croft_job *j)
{
    struct croft_server *s = j->conn->server;
    const Croft__V1__FetchBlocks *f = j->request->fetch_blocks;
    struct log_read *r = calloc(1, sizeof *r);
    croft_err err = CROFT_ERR_NOMEM;
    if (r != NULL) {
        *r = (struct log_read){
            .mail.take = take_fetched, .server = s, .job = j, .from = f->from_height, .count = f->count};
        r->bytes_max = CROFT_FETCH_BYTES_MAX;
        err = croft_engine_call(s->engine, read_log, r);
    }
    if (err == CROFT_OK)
        return;
    free(r);
    croft_job_refuse(j, err, croft_err_text(err));
}

/* There is at least one block for it: from memory if all are there. */
static void serve_fetch(struct croft_job *j)
{
    struct croft_server *s = j->conn->server;
    const Croft__V1__FetchBlocks *f = j->request->fetch_blocks;
    struct croft_shared *list[CROFT_FETCH_BLOCKS_MAX];
    size_t count = 0, bytes = 0;
    for (u64 height = f->from_height;
         count < f->count && height <= s->height && bytes < CROFT_FETCH_BYTES_MAX; height++) {
        struct croft_shared *b = cached(s, height);
        if (b == NULL) {
            fetch_from_log(j);
            return;
        }
        list[count++] = b;
        bytes += b->len;
    }
    answer_blocks(j, list, count);
}

static struct croft_job *take_waiting(struct croft_server *s)
{
    struct croft_job *all = s->fetching;
    s->fetching = NULL;
    return all;
}

static void wait_for_block(struct croft_job *j)
{
    struct croft_server *s = j->conn->server;
    j->next = s->fetching;
    s->fetching = j;
    s->listeners++;
}

static void serve_waiting(struct croft_server *s)
{
    for (struct croft_job *j = take_waiting(s), *next; j != NULL; j = next) {
        next = j->next;
        s->listeners--;
        if (j->conn->bev == NULL)
            croft_job_end(j);
        else if (j->request->fetch_blocks->from_height <= s->height)
            serve_fetch(j);
        else
            wait_for_block(j);
    }
}

void croft_blocks_fetch(struct croft_job *j)
{
    const Croft__V1__FetchBlocks *f = j->request->fetch_blocks;
    struct croft_server *s = j->conn->server;
    if (f->from_height <= s->height)
        serve_fetch(j);
    else if (f->wait)
        wait_for_block(j);
    else
        answer_blocks(j, NULL, 0);
}

/* ---- what followers have ---- */

/* With a key to wait for, whoever proves it; without, who is on this machine. */
static bool does_count(const struct croft_conn *c, const Croft__V1__BlockStored *m)
{
    const struct croft_server *s = c->server;
    const struct croft_server_options *o = &s->options;
    if (!o->ack_follower)
        return true;
    if (o->follower_key_count == 0)
        return c->peer.local || c->peer.loopback;
    return croft_stored_is_signed(m, &s->home->network, o->follower_key, o->follower_key_count);
}

static void take_stored(struct croft_job *j)
{
    struct croft_conn *c = j->conn;
    struct croft_server *s = c->server;
    const Croft__V1__BlockStored *m = j->request->block_stored;
    Croft__V1__Response r;
    croft__v1__response__init(&r);
    r.id = j->request->id;
    bool counts = does_count(c, m);
    if (counts && c->bev != NULL && !c->is_follower) {
        s->follower_count++;
        c->is_follower = true;
    }
    if (counts && m->height > s->acked)
        s->acked = m->height;
    croft_conn_answer(c, &r);
    croft_job_end(j);
    croft_submit_release(s);
    pump_all(s);
}

static void compare_stored(struct croft_job *j, const struct croft_hash *own)
{
    const Croft__V1__BlockStored *m = j->request->block_stored;
    if (memcmp(m->block_id.data, own->b, sizeof own->b) == 0)
        take_stored(j);
    else
        croft_job_refuse(j, CROFT_ERR_BLOCK, "this chain has another block at that height: it went another way");
}

/* A block that is older than the ids at hand. */
struct id_read {
    struct croft_mail mail;
    struct croft_job *job;
    struct croft_hash id;
    croft_err err;
    struct croft_why why;
};

static void take_id(struct croft_server *s, struct croft_mail *m)
{
    struct id_read *r = (struct id_read *)m;
    (void)s;
    if (r->err == CROFT_OK)
        compare_stored(r->job, &r->id);
    else
        croft_job_refuse(r->job, r->err, r->why.text);
    free(r);
}

static void read_id(struct croft_solo *solo, void *arg)
{
    struct id_read *r = arg;
    struct croft_server *s = r->job->conn->server;
    struct croft_arena mem = croft_region_arena(&s->query_memory);
    r->err = croft_stored_id_at(solo, r->job->request->block_stored->height, mem, &r->id, &r->why);
    croft_server_post(s, &r->mail);
}

static void ask_id(struct croft_job *j)
{
    struct id_read *r = calloc(1, sizeof *r);
    croft_err err = CROFT_ERR_NOMEM;
    if (r != NULL) {
        *r = (struct id_read){.mail.take = take_id, .job = j};
        err = croft_engine_call(j->conn->server->engine, read_id, r);
    }
    if (err == CROFT_OK)
        return;
    free(r);
    croft_job_refuse(j, err, croft_err_text(err));
}

void croft_blocks_stored(struct croft_job *j)
{
    struct croft_server *s = j->conn->server;
    u64 height = j->request->block_stored->height;
    const struct croft_hash *own = &s->id[height % CROFT_ID_COUNT];
    if (height > s->height)
        croft_job_refuse(j, CROFT_ERR_BLOCK, "this chain does not have that block: it follows another one");
    else if (height == 0)
        take_stored(j);
    else if (s->height - height < CROFT_ID_COUNT && !croft_hash_is_zero(own))
        compare_stored(j, own);
    else
        ask_id(j);
}

/* ---- ends ---- */

void croft_blocks_forget(struct croft_conn *c)
{
    struct croft_server *s = c->server;
    end_subscription(c);
    if (c->is_follower)
        s->follower_count--;
    c->is_follower = false;
    for (struct croft_job **at = &s->fetching, *j; (j = *at) != NULL;) {
        if (j->conn != c) {
            at = &j->next;
            continue;
        }
        *at = j->next;
        s->listeners--;
        croft_job_end(j);
    }
}

void croft_blocks_give_up(struct croft_server *s)
{
    for (struct croft_job *j = take_waiting(s), *next; j != NULL; j = next) {
        next = j->next;
        s->listeners--;
        croft_job_refuse(j, CROFT_ERR_HALTED, "the chain is being stopped");
    }
}
