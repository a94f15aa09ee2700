#include "consensus/server_int.h"

#include "base/assert.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HELLO_TIMEOUT_S = 10, PEEK_BYTES = 32 };

/* ---- sending ---- */

static void sent(const void *data, size_t len, void *arg)
{
    (void)len;
    (void)arg;
    free((void *)(uintptr_t)data);
}

void croft_conn_send(struct croft_conn *c, struct croft_frame f)
{
    if (c->bev == NULL) {
        free(f.at);
        return;
    }
    if (f.at != NULL && evbuffer_add_reference(bufferevent_get_output(c->bev), f.at, f.len, sent, NULL) == 0)
        return;
    /* Without an answer the other side would wait for ever. */
    free(f.at);
    croft_conn_close(c);
}

void croft_conn_answer(struct croft_conn *c, const Croft__V1__Response *r)
{
    if (c->bev != NULL)
        croft_conn_send(c, croft_frame_of(r));
}

static size_t output_bytes(const struct croft_conn *c)
{
    return evbuffer_get_length(bufferevent_get_output(c->bev));
}

/* ---- jobs ---- */

static struct croft_job *make_job(struct croft_conn *c, size_t frame_bytes)
{
    struct croft_job *j = malloc(sizeof *j + frame_bytes + croft_session_room(frame_bytes));
    if (j == NULL)
        return NULL;
    *j = (struct croft_job){.conn = c, .frame_bytes = frame_bytes, .bytes = (u8 *)(j + 1)};
    return j;
}

static void free_conn(struct croft_conn *c)
{
    if (c->bev == NULL && c->jobs == 0 && c->pins == 0)
        free(c);
}

static void pin(struct croft_conn *c)
{
    c->pins++;
}

void croft_conn_unpin(struct croft_conn *c)
{
    c->pins--;
    free_conn(c);
}

void croft_job_end(struct croft_job *j)
{
    struct croft_conn *c = j->conn;
    CROFT_ASSERT(c->jobs > 0);
    c->jobs--;
    croft_session_ended(&c->session, j->frame_bytes);
    free(j->answer.at);
    free(j);
    if (c->bev != NULL)
        croft_conn_work(c); /* it may have waited for this */
    else
        free_conn(c);
}

void croft_job_refuse(struct croft_job *j, croft_err err, const char *text)
{
    Croft__V1__Response r;
    croft__v1__response__init(&r);
    r.id = j->request->id;
    r.error = (u32)err;
    r.message = (char *)(uintptr_t)text;
    croft_conn_answer(j->conn, &r);
    croft_job_end(j);
}

/* ---- what is read from the chain ---- */

static void take_answer(struct croft_server *s, struct croft_mail *m)
{
    struct croft_job *j = (struct croft_job *)m;
    (void)s;
    croft_conn_send(j->conn, j->answer);
    j->answer = (struct croft_frame){0};
    croft_job_end(j);
}

static void read_chain(struct croft_solo *solo, void *arg)
{
    struct croft_job *j = arg;
    struct croft_server *s = j->conn->server;
    struct croft_arena mem = croft_region_arena(&s->query_memory);
    struct croft_why why;
    Croft__V1__Response r;
    CROFT_ASSERT(solo == s->source.solo);
    if (!croft_query_answer(&s->source, j->request, &j->status, &mem, &r, &why)) {
        croft_err err = croft_engine_call(s->engine, read_chain, j);
        if (err == CROFT_OK)
            return;
        r.id = j->request->id;
        r.error = (u32)err;
        r.message = (char *)(uintptr_t)croft_err_text(err);
    }
    j->answer = croft_frame_of(&r);
    j->mail.take = take_answer;
    croft_server_post(s, &j->mail);
}

static void ask_chain(struct croft_job *j)
{
    struct croft_server *s = j->conn->server;
    j->status = (struct croft_query_status){.follower_height = s->acked, .role = croft_server_role(s)};
    croft_err err = croft_engine_call(s->engine, read_chain, j);
    if (err != CROFT_OK)
        croft_job_refuse(j, err, croft_err_text(err));
}

/* ---- calls ---- */

static void start_call(struct croft_job *j)
{
    switch ((u32)j->request->call_case) {
    case CROFT__V1__REQUEST__CALL_SUBMIT:
        croft_submit_start(j);
        return;
    case CROFT__V1__REQUEST__CALL_SUBSCRIBE:
        croft_blocks_subscribe(j);
        return;
    case CROFT__V1__REQUEST__CALL_FETCH_BLOCKS:
        croft_blocks_fetch(j);
        return;
    case CROFT__V1__REQUEST__CALL_BLOCK_STORED:
        croft_blocks_stored(j);
        return;
    case CROFT__V1__REQUEST__CALL_TAKE_SNAPSHOT:
        croft_snapshot_start(j);
        return;
    default:
        ask_chain(j);
        return;
    }
}

/* ---- silence ---- */

/* Hello was said: from now on silence is fine for a while. */
static void set_idle_timeout(struct croft_conn *c)
{
    u32 ms = c->server->options.idle_timeout_ms;
    const struct timeval idle = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    bufferevent_set_timeouts(c->bev, &idle, NULL);
}

/* Who waits for blocks or for an answer has reason to be silent. */
static bool may_be_silent(const struct croft_conn *c)
{
    return c->sub.on || c->jobs > 0 || c->ending;
}

/* ---- reading ---- */

/* Wants `need` bytes before it is called again, and reads little further. */
static void want(struct croft_conn *c, size_t need)
{
    bufferevent_setwatermark(c->bev, EV_READ, need, need > CROFT_IN_HIGH ? need : (size_t)CROFT_IN_HIGH);
}

static void take_frame(struct croft_conn *c, size_t len)
{
    struct croft_session_out out;
    struct croft_job *j = make_job(c, len);
    if (j == NULL) {
        croft_conn_close(c);
        return;
    }
    int got = evbuffer_remove(bufferevent_get_input(c->bev), j->bytes, len);
    CROFT_ASSERT(got >= 0 && (size_t)got == len);
    struct croft_arena mem = {j->bytes + len, j->bytes + len + croft_session_room(len)};
    enum croft_session_event e =
        croft_session_take(&c->session, (struct croft_bytes){j->bytes, len}, &mem, &out);
    if (e == CROFT_EVENT_CALL) {
        j->request = out.request;
        c->jobs++;
        start_call(j);
        return;
    }
    set_idle_timeout(c);
    croft_conn_answer(c, &out.response);
    free(j);
    if (e == CROFT_EVENT_CLOSE)
        croft_conn_end(c);
}

/* One frame; false when nothing more can be done now. */
static bool work_once(struct croft_conn *c)
{
    u8 start[PEEK_BYTES];
    size_t len = 0;
    struct croft_session_out out;
    struct evbuffer *in = bufferevent_get_input(c->bev);
    ev_ssize_t got = evbuffer_copyout(in, start, sizeof start);
    CROFT_ASSERT(got >= 0);
    switch (croft_session_peek(&c->session, (struct croft_bytes){start, (size_t)got}, evbuffer_get_length(in),
                               &len, &out)) {
    case CROFT_EVENT_FRAME:
        take_frame(c, len);
        return true;
    case CROFT_EVENT_CLOSE:
        croft_conn_answer(c, &out.response);
        croft_conn_end(c);
        return false;
    case CROFT_EVENT_MORE:
        want(c, len);
        return false;
    case CROFT_EVENT_FULL:
    case CROFT_EVENT_CALL:
    case CROFT_EVENT_ANSWER:
        break;
    }
    return false;
}

void croft_conn_work(struct croft_conn *c)
{
    if (c->working)
        return;
    c->working = true;
    pin(c);
    while (c->bev != NULL && !c->ending && !c->server->stopping && output_bytes(c) < CROFT_OUT_HIGH &&
           work_once(c))
        ;
    c->working = false;
    croft_conn_unpin(c);
}

/* ---- life ---- */

static void on_read(struct bufferevent *bev, void *arg)
{
    (void)bev;
    croft_conn_work(arg);
}

static void on_write(struct bufferevent *bev, void *arg)
{
    struct croft_conn *c = arg;
    if (c->ending) {
        if (evbuffer_get_length(bufferevent_get_output(bev)) == 0)
            croft_conn_close(c);
        return;
    }
    pin(c);
    croft_blocks_pump(c);
    if (c->bev != NULL)
        croft_conn_work(c);
    croft_conn_unpin(c);
}

/* An end, an error, or a silence that is too long: in each case nobody is there. */
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct croft_conn *c = arg;
    if ((what & BEV_EVENT_TIMEOUT) && may_be_silent(c))
        bufferevent_enable(bev, EV_READ); /* the timeout has switched it off */
    else
        croft_conn_close(c);
}

/* Each way in has its own places, and no address takes all of them. */
static bool has_place(const struct croft_server *s, const struct croft_peer *peer)
{
    u32 same = 0;
    if (peer->local)
        return s->local_count < CROFT_CONNS_LOCAL_MAX;
    for (const struct croft_conn *c = s->conns; c != NULL; c = c->next)
        same += !c->peer.local && memcmp(c->peer.address, peer->address, sizeof peer->address) == 0;
    return s->tcp_count < CROFT_CONNS_TCP_MAX && same < CROFT_CONNS_ADDRESS_MAX;
}

static u32 *count_of(struct croft_server *s, const struct croft_peer *peer)
{
    return peer->local ? &s->local_count : &s->tcp_count;
}

void croft_conn_add(struct croft_server *s, evutil_socket_t fd, const struct croft_peer *peer)
{
    const struct timeval hello = {.tv_sec = HELLO_TIMEOUT_S};
    struct croft_conn *c = has_place(s, peer) ? calloc(1, sizeof *c) : NULL;
    struct bufferevent *bev = NULL;
    if (c != NULL && evutil_make_socket_nonblocking(fd) == 0)
        bev = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (bev == NULL) {
        free(c);
        close(fd);
        return;
    }
    *c = (struct croft_conn){.server = s, .bev = bev, .peer = *peer};
    c->session = croft_session_of(&s->host, peer->local);
    c->next = s->conns;
    c->at = &s->conns;
    if (c->next != NULL)
        c->next->at = &c->next;
    s->conns = c;
    ++*count_of(s, peer);
    bufferevent_setcb(bev, on_read, on_write, on_event, c);
    bufferevent_setwatermark(bev, EV_WRITE, CROFT_OUT_LOW, 0);
    bufferevent_set_timeouts(bev, &hello, NULL);
    want(c, CROFT_FRAME_HEAD);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
}

void croft_conn_close(struct croft_conn *c)
{
    if (c->bev == NULL)
        return;
    bufferevent_free(c->bev);
    c->bev = NULL;
    *c->at = c->next;
    if (c->next != NULL)
        c->next->at = c->at;
    --*count_of(c->server, &c->peer);
    pin(c);
    croft_blocks_forget(c);
    croft_conn_unpin(c);
}

void croft_conn_end(struct croft_conn *c)
{
    if (c->bev == NULL)
        return;
    c->ending = true;
    bufferevent_disable(c->bev, EV_READ);
    bufferevent_setwatermark(c->bev, EV_WRITE, 0, 0);
    if (output_bytes(c) == 0)
        croft_conn_close(c);
}
