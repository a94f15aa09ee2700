/* consensus/server_int.h - the server's insides.
 *
 *   server.c        life, sockets, mailbox             server_conn.c    bytes of one connection, calls handed
 * out server_submit.c transactions and their answers     server_blocks.c  subscriptions, blocks for followers
 *   server_frame.c  answers as bytes                   server_session.c what a connection may say (pure)
 *
 * All of it belongs to the loop's thread, but for functions marked "sequencer", which the engine calls.
 */
#ifndef CROFT_CONSENSUS_SERVER_INT_H
#define CROFT_CONSENSUS_SERVER_INT_H

#include "consensus/server.h"
#include "consensus/server_query.h"
#include "consensus/server_session.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
    CROFT_CONNS_LOCAL_MAX = 1024, /* over the unix socket: strangers on TCP take nothing from them */
    CROFT_CONNS_TCP_MAX = 1024,
    CROFT_CONNS_ADDRESS_MAX = 64, /* of one address on TCP */
    CROFT_ID_COUNT = 4096,        /* ids of the newest blocks that are at hand */
    CROFT_OUT_LOW = 256 << 10, /* a subscriber gets more when less than this waits for it */
    CROFT_OUT_HIGH = 1 << 20,  /* who has this much waiting is not read from */
    CROFT_IN_HIGH = 64 << 10,  /* read ahead of a frame whose length is not known */
    CROFT_REQUEST_BYTES_MAX = 8 << 20,
    CROFT_CALLS_MAX = 256,
    CROFT_CALL_BYTES_MAX = 16 << 20,
    CROFT_FETCH_BYTES_MAX = 8 << 20, /* of one answer with blocks, but for the first of them */
    CROFT_CACHE_BLOCKS = 256,
    CROFT_CACHE_BYTES = 64 << 20,
    CROFT_PART_TXS = 1000, /* of a submission that go to the engine together */
};

/* Something that another thread has for the loop. */
struct croft_mail {
    struct croft_mail *next;
    void (*take)(struct croft_server *s, struct croft_mail *m);
};

/* An answer as it goes over the wire, from malloc. */
struct croft_frame {
    u8 *at; /* NULL: no memory for it */
    size_t len;
};

/* Where a connection comes from. */
struct croft_peer {
    bool local;    /* the unix socket */
    bool loopback; /* or TCP from this machine */
    u8 address[16]; /* IPv6, or IPv4 mapped into it; zero for the unix socket */
};

struct croft_conn {
    struct croft_conn *next, **at; /* in the server's list */
    struct croft_server *server;
    struct bufferevent *bev; /* NULL: closed; the struct stays until its jobs are through */
    struct croft_session session;
    struct croft_peer peer;
    u32 jobs, pins; /* pins: functions on the stack that still use it */
    bool working;   /* in croft_conn_work: no second one inside */
    bool ending;    /* to be closed when everything is written */
    bool is_follower;
    struct {
        bool on, reading; /* reading: the log is being read for it */
        u64 id, next;
    } sub;
};

/* One call under way: its frame, what it decoded to, and room beside. */
struct croft_job {
    struct croft_mail mail;
    struct croft_conn *conn;
    size_t frame_bytes;
    Croft__V1__Request *request;
    struct croft_query_status status;
    struct croft_frame answer;
    struct croft_job *next; /* in a list of waiting ones */
    u8 *bytes;
};

/* A block on its way to whoever wants it. */
struct croft_shared {
    struct croft_mail mail;
    struct croft_shared *next; /* in what a reading of the log brought */
    u32 refs;
    u64 height;
    struct croft_hash id;
    u8 *event; /* packed BlockEvent, made when it is first wanted */
    size_t event_len;
    size_t len; /* 0: only the height is told, nobody listens */
    u8 bytes[];
};

struct croft_submission;

struct croft_server {
    struct croft_server_options options;
    struct croft_home *home;
    struct croft_engine *engine;
    struct croft_session_host host;
    bool follows;

    struct event_base *base;
    struct event *wake, *tick;
    struct evconnlistener *local, *tcp;
    u16 port;
    char socket_path[CROFT_HOME_PATH_MAX];
    int wake_fd;
    struct croft_conn *conns;
    u32 local_count, tcp_count, follower_count; /* followers whose word counts */

    pthread_mutex_t lock;
    struct croft_mail *mail, **mail_tail; /* under the lock */
    croft_err fault;                      /* under the lock, with why */
    struct croft_why fault_why;
    _Atomic bool stopping;

    void (*before_stop)(void *arg);
    void *before_stop_arg;

    u64 height, acked;                              /* last block; last one that a follower has */
    struct croft_hash id[CROFT_ID_COUNT];           /* of the newest blocks, by height; zero: ask the log */
    struct croft_why wrong[CROFT_MATTER_COUNT];     /* what the engine warned of; empty: nothing */
    struct croft_shared *cache[CROFT_CACHE_BLOCKS]; /* by height */
    u64 cache_first, cache_next;                    /* heights first..next-1 */
    size_t cache_bytes;
    _Atomic u32 listeners; /* subscriptions and waiting fetches: blocks are copied for them */
    struct croft_job *fetching;
    struct croft_submission *held, **held_tail; /* answers that wait for a follower */
    struct croft_region loop_memory;            /* scratch of the loop */

    struct croft_query_source source; /* sequencer */
    struct croft_region query_memory; /* sequencer's scratch */
};

/* ---- server.c ---- */

void croft_server_post(struct croft_server *s, struct croft_mail *m); /* any thread */
u64 croft_server_now_ms(const struct croft_server *s);
const char *croft_server_role(const struct croft_server *s);

/* ---- server_frame.c ---- */

struct croft_frame croft_frame_of(const Croft__V1__Response *r);
/* An event of a subscription: its id around bytes that stay `shared`'s, which is held until they are sent. */
bool croft_frame_send_event(struct evbuffer *out, u64 id, struct croft_shared *shared);
void croft_shared_drop(struct croft_shared *b);
/* Makes b->event; false: no memory. */
bool croft_shared_event(struct croft_shared *b, struct croft_arena scratch);

/* ---- server_conn.c ---- */

void croft_conn_add(struct croft_server *s, evutil_socket_t fd, const struct croft_peer *peer);
void croft_conn_work(struct croft_conn *c);
void croft_conn_unpin(struct croft_conn *c); /* takes a c->pins++ back; the last use of c */
void croft_conn_close(struct croft_conn *c);
void croft_conn_end(struct croft_conn *c); /* closes once everything is written */

/* Sends and takes the frame; nothing happens to a closed connection. */
void croft_conn_send(struct croft_conn *c, struct croft_frame f);
void croft_conn_answer(struct croft_conn *c, const Croft__V1__Response *r);

/* The two ends of a call: an answer may be sent before the job ends. */
void croft_job_refuse(struct croft_job *j, croft_err err, const char *text); /* answers and ends */
void croft_job_end(struct croft_job *j);

/* ---- server_submit.c ---- */

void croft_submit_start(struct croft_job *j);
void croft_submit_done(void *server, struct croft_batch *batch); /* sequencer */
void croft_submit_release(struct croft_server *s); /* what a follower has, and what waited too long */
void croft_submit_give_up(struct croft_server *s); /* at the end: nobody will store them */

/* ---- server_blocks.c ---- */

void croft_blocks_made(void *server, struct croft_bytes block); /* sequencer */
u64 croft_blocks_visible(const struct croft_server *s);
void croft_blocks_pump(struct croft_conn *c);
void croft_blocks_subscribe(struct croft_job *j);
void croft_blocks_fetch(struct croft_job *j);
void croft_blocks_stored(struct croft_job *j);
void croft_blocks_forget(struct croft_conn *c); /* the connection is gone */
void croft_blocks_give_up(struct croft_server *s);
void croft_blocks_drop_cache(struct croft_server *s);

/* ---- server_snapshot.c ---- */

void croft_snapshot_start(struct croft_job *j);

#endif
