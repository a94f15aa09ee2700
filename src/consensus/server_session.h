/* consensus/server_session.h - one connection of the chain API as a state machine: bytes in, calls and
 * answers out.
 *
 *   NEW --hello--> READY --calls--> READY          any --a frame too long, not a request, no hello--> CLOSED
 *
 * No sockets, threads or memory of its own: the server asks how long the next frame is, brings it whole with
 * memory to decode it, and does what comes out.  What a request may say without looking at the chain is
 * checked here.
 */
#ifndef CROFT_CONSENSUS_SERVER_SESSION_H
#define CROFT_CONSENSUS_SERVER_SESSION_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"
#include "wire/frame.h"

#include "croft/v1/chain.pb-c.h"

enum {
    CROFT_SUBMIT_TXS_MAX = 10000,
    CROFT_QUERY_LIMIT_MAX = 1000,
    CROFT_FETCH_BLOCKS_MAX = 100,
    CROFT_SESSION_HELLO_BYTES = 4096, /* longest frame before the hello is answered */
    CROFT_SESSION_PATH_MAX = 4096,
};

/* The same for all connections of a server. */
struct croft_session_limits {
    u32 frame_bytes_max;   /* longest request, head included */
    u32 calls_max;         /* carried out at a time */
    size_t call_bytes_max; /* of their requests; one request is always taken */
};

struct croft_session_host {
    struct croft_session_limits limits;
    struct croft_hash network;
    const char *network_name, *software;
    u32 protocol;
};

enum croft_session_state { CROFT_SESSION_NEW, CROFT_SESSION_READY, CROFT_SESSION_CLOSED };

struct croft_session {
    const struct croft_session_host *host;
    enum croft_session_state state;
    bool local; /* over the unix socket: who asks may use files of this machine */
    bool subscribed;
    u32 calls;
    size_t call_bytes;
};

enum croft_session_event {
    CROFT_EVENT_MORE,   /* the frame is not all there */
    CROFT_EVENT_FULL,   /* enough is under way: again after croft_session_ended */
    CROFT_EVENT_FRAME,  /* a frame of *out_len is there, to be taken */
    CROFT_EVENT_CALL,   /* out->request is to be carried out; under way until croft_session_ended */
    CROFT_EVENT_ANSWER, /* out->response is to be sent */
    CROFT_EVENT_CLOSE,  /* the same, and then the connection is closed: state is CLOSED */
};

/* What take made.  request points into the memory given, response into this struct. */
struct croft_session_out {
    Croft__V1__Request *request;
    Croft__V1__Response response;
    Croft__V1__HelloResult hello;
    struct croft_why why;
};

struct croft_session croft_session_of(const struct croft_session_host *host, bool local);

/* Looks at a stream of which `there` bytes have come, and the first of them, at most 32, lie in start.
 * MORE with *out_len the bytes that are needed, FULL, FRAME, or CLOSE. */
enum croft_session_event croft_session_peek(struct croft_session *s, struct croft_bytes start, size_t there,
                                            size_t *out_len, struct croft_session_out *out);

/* Takes one whole frame: CALL, ANSWER or CLOSE.  mem has croft_session_room of its length. */
enum croft_session_event croft_session_take(struct croft_session *s, struct croft_bytes frame,
                                            struct croft_arena *mem, struct croft_session_out *out);

/* Memory that decoding an honest frame of this length needs at most. */
size_t croft_session_room(size_t frame_bytes);

/* A call that came out of a frame of this length is answered. */
void croft_session_ended(struct croft_session *s, size_t frame_bytes);

#endif
