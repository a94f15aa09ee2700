/* chain/client.h - the calling side of the chain API: one connection, one call at a time.
 *
 *   CLOSED --open/adopt--> READY --call--> READY          READY --a failed write, the peer gone--> CLOSED
 *
 * Blocking, for programs that have nothing else to do: every wait ends at a deadline and looks at
 * *interrupted several times a second.  Answers to calls that were given up are dropped when they come late.
 *
 * Errors of everything that talks to the chain, with *why saying what happened and, on its next line, what to
 * do: CROFT_ERR_UNAVAILABLE  cannot connect, or the connection broke CROFT_ERR_TIMEOUT      no answer within
 * the deadline CROFT_ERR_INTERRUPTED  *interrupted was set CROFT_ERR_FRAME        the peer sent something
 * that is not the chain API CROFT_ERR_NOMEM        the answer does not fit the arena what the chain answered,
 * with its message
 */
#ifndef CROFT_CHAIN_CLIENT_H
#define CROFT_CHAIN_CLIENT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"
#include "base/world.h"

#include "croft/v1/chain.pb-c.h"

#include <signal.h>

enum { CROFT_NETWORK_NAME_MAX = 33, CROFT_ANSWER_BYTES_MAX = 256 << 20 };

struct croft_client_options {
    struct croft_world *world;
    const volatile sig_atomic_t *interrupted; /* NULL: never */
    const char *where;                        /* unix:PATH, a path with a '/', or HOST:PORT ([v6]:PORT) */
    u32 timeout_ms;                           /* of connecting and of each call; not zero */
    struct croft_hash network;                /* that it must be; all zero: any */
    const char *network_name;                 /* what the caller calls it, for the message; NULL: nothing */
};

struct croft_client {
    struct croft_client_options options;
    int fd; /* -1 when closed */
    u64 last_id;
    struct croft_region in; /* received and not yet taken */
    size_t in_len;
    /* What Hello told. */
    struct croft_hash network;
    char network_name[CROFT_NETWORK_NAME_MAX];
    u32 api, protocol;
};

/* Connects and says hello.  Also CROFT_ERR_USAGE (where is none of the forms), CROFT_ERR_NETWORK, naming
 * both. */
CROFT_MUST_USE croft_err croft_client_open(const struct croft_client_options *options,
                                           struct croft_client *out, struct croft_why *why);

/* The same over a stream socket that is connected already and now belongs to the client, also on failure. */
CROFT_MUST_USE croft_err croft_client_adopt(int fd, const struct croft_client_options *options,
                                            struct croft_client *out, struct croft_why *why);

/* Connects again after the connection broke: the same chain, or CROFT_ERR_NETWORK. */
CROFT_MUST_USE croft_err croft_client_reopen(struct croft_client *c, struct croft_why *why);

/* For CROFT_CLEANUP; a zeroed client is fine too. */
void croft_client_close(struct croft_client *c);

/* Sends the request (its id is set here) and waits for the answer, which lives in mem. */
CROFT_MUST_USE croft_err croft_client_call(struct croft_client *c, Croft__V1__Request *request,
                                           struct croft_arena *mem, Croft__V1__Response **out,
                                           struct croft_why *why);

/* The two halves of a call, for subscriptions: send returns the id, receive the next answer whatever its id.
 * A receive that times out loses nothing and can be repeated. */
CROFT_MUST_USE croft_err croft_client_send(struct croft_client *c, Croft__V1__Request *request, u64 *out_id,
                                           struct croft_why *why);
CROFT_MUST_USE croft_err croft_client_receive(struct croft_client *c, u32 timeout_ms, struct croft_arena *mem,
                                              Croft__V1__Response **out, struct croft_why *why);

/* An answer with an error in it, as an error; CROFT_OK for any other. */
CROFT_MUST_USE croft_err croft_client_error_of(const Croft__V1__Response *response, struct croft_why *why);

/* Sleeps, unless interrupted (CROFT_ERR_INTERRUPTED). */
CROFT_MUST_USE croft_err croft_client_sleep(const struct croft_client_options *options, u32 ms,
                                            struct croft_why *why);

#endif
