/* consensus/peer.h - the calling side of the chain API, as much of it as a follower needs.
 *
 * Blocking, for a thread of its own; every wait looks at *stop several times a second.  chain/client.h is
 * the client for programs; a chain may not depend on it.
 */
#ifndef CROFT_CONSENSUS_PEER_H
#define CROFT_CONSENSUS_PEER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/world.h"

#include "croft/v1/chain.pb-c.h"

#include <stdatomic.h>

struct croft_peer {
    struct croft_world *world;
    const atomic_bool *stop;
    u32 timeout_ms; /* of each step */
    int fd;         /* -1: closed */
    u64 last_id;
    struct croft_region in; /* one frame */
    size_t in_len;
};

struct croft_peer_options {
    struct croft_world *world;
    const atomic_bool *stop;   /* ends every wait */
    const char *where;         /* unix:PATH, a path with a '/', or HOST:PORT ([v6]:PORT) */
    struct croft_hash network; /* that it must be */
    const char *software;
    u32 timeout_ms;
};

/* Connects and says hello.
 *   CROFT_ERR_USAGE        where is none of the forms
 *   CROFT_ERR_UNAVAILABLE  nobody answers there       CROFT_ERR_TIMEOUT  not in time
 *   CROFT_ERR_INTERRUPTED  *stop                      CROFT_ERR_NETWORK  another network
 *   CROFT_ERR_FRAME        not the chain API          CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_peer_open(const struct croft_peer_options *options, struct croft_peer *out,
                                         struct croft_why *why);
void croft_peer_close(struct croft_peer *p); /* suits CROFT_CLEANUP */

/* The same over a connected stream socket, which is the peer's from here on. */
CROFT_MUST_USE croft_err croft_peer_adopt(int fd, const struct croft_peer_options *options, struct croft_peer *out,
                                          struct croft_why *why);

/* Sends a request (its id is set) and waits, as long as patience_ms, for its answer, which lives in mem until the next
 * call.  An error in the answer is returned as that error; other failures close the connection. */
CROFT_MUST_USE croft_err croft_peer_call(struct croft_peer *p, Croft__V1__Request *request, u32 patience_ms,
                                         struct croft_arena mem, Croft__V1__Response **out, struct croft_why *why);

/* The halves of a call: receive gives the next answer, whatever its id and error. */
CROFT_MUST_USE croft_err croft_peer_send(struct croft_peer *p, Croft__V1__Request *request, struct croft_why *why);
CROFT_MUST_USE croft_err croft_peer_receive(struct croft_peer *p, u32 patience_ms, struct croft_arena mem,
                                            Croft__V1__Response **out, struct croft_why *why);

#endif
