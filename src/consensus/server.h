/* consensus/server.h - the chain API (proto/croft/v1/chain.proto) over a unix socket and TCP.
 *
 *   open: sockets bound, engine started --> run: serves until stop, a signal's flag or a fault --> close
 *
 * One event loop in the thread that calls run; the engine's threads hand over through a mailbox.  Everything
 * is bounded: connections, the length of a request, what a connection has under way, what waits to be sent.
 * Who sends faster than the chain works, or reads slower, is not read from until it fits again.  A subscriber
 * that lags is served from the block log, at its own pace, from where it is.
 *
 * With ack_follower, an answer to submit and a block of a subscription leave only when a follower has stored
 * the block: one that proves one of the keys given, or without keys one on this machine (the unix socket, or
 * TCP from a loopback address).  It names the block by its id, and only this chain's own counts.
 */
#ifndef CROFT_CONSENSUS_SERVER_H
#define CROFT_CONSENSUS_SERVER_H

#include "base/err.h"
#include "base/world.h"
#include "consensus/home.h"
#include "consensus/solo/engine.h"

#include <signal.h>

struct croft_server;

enum { CROFT_FOLLOWER_KEYS_MAX = 8 };

struct croft_server_options {
    struct croft_world *world;
    const volatile sig_atomic_t *interrupted; /* ends run; NULL: only stop does */
    const char *software;                     /* name and release, for hello and status */
    const char *listen; /* HOST:PORT or [v6]:PORT, port 0: any; NULL: the unix socket only */
    bool ack_follower;
    struct croft_public_key follower_key[CROFT_FOLLOWER_KEYS_MAX];
    u32 follower_key_count;
    u32 ack_timeout_ms; /* how long an answer waits for a follower; 0: 10 seconds */
    u32 verify_threads; /* as in croft_engine_options */
    u32 idle_timeout_ms; /* after which a connection with nothing under way is closed; 0: five minutes */

    /* In the loop's thread, may be NULL: something is wrong while the chain goes on; why NULL: it is mended. */
    void (*warned)(void *arg, enum croft_engine_matter matter, const struct croft_why *why);
    void *arg;
};

/* "disk", "checkpoint", "clock" */
const char *croft_matter_name(enum croft_engine_matter matter);

/* Binds HOME/api.sock (mode 0600) and `listen`, and starts the engine around the home's driver.  A home that
 * makes no blocks refuses transactions and shows itself as a follower. CROFT_ERR_USAGE        listen is not
 * of that form, or the socket's path is too long CROFT_ERR_UNAVAILABLE  the address cannot be bound
 *   CROFT_ERR_NOMEM, CROFT_ERR_IO, CROFT_ERR_SNAPSHOT */
CROFT_MUST_USE croft_err croft_server_open(const struct croft_server_options *options,
                                           struct croft_home *home, struct croft_server **out,
                                           struct croft_why *why);

/* Serves.  On return everything that was taken is in a block or refused, a checkpoint is written and the
 * engine has stopped.  CROFT_OK after a stop; else the fault that stopped the chain, with why. */
CROFT_MUST_USE croft_err croft_server_run(struct croft_server *s, struct croft_why *why);

/* Any thread, and any signal handler. */
void croft_server_stop(struct croft_server *s);

/* Ends run with this fault: for the follower's thread. */
void croft_server_fail(struct croft_server *s, croft_err err, const struct croft_why *why);

/* fn is called once, in the thread of run (or of close), while the engine still works: for who calls the
 * engine from a thread of its own and has to end before it does. */
void croft_server_before_stop(struct croft_server *s, void (*fn)(void *arg), void *arg);

/* Only after run has returned, or instead of it. */
void croft_server_close(struct croft_server *s);

struct croft_engine *croft_server_engine(struct croft_server *s);
u16 croft_server_port(const struct croft_server *s); /* of `listen`, as bound; 0: none */

/* In the sequencer's thread: a block was taken over from elsewhere. */
void croft_server_took_block(struct croft_server *s, struct croft_bytes block);

#endif
