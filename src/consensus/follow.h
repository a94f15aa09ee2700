/* consensus/follow.h - a second machine that has every block.
 *
 *   CONNECT --hello--> COMPARE --same last block--> FETCH --blocks--> apply each (verified, stored) --> "stored" --> FETCH
 *   broken --> wait --> CONNECT                     another one --> ends, naming the first height that differs
 *
 * A block dated more than CROFT_FOLLOW_AHEAD_MS after this machine's clock waits until the clocks agree.
 *
 * A thread that fetches, around a server without a sequencer's key; each block goes through croft_solo_apply
 * in the engine's sequencer thread.  Promotion is starting the chain on the follower's folder with the key.
 */
#ifndef CROFT_CONSENSUS_FOLLOW_H
#define CROFT_CONSENSUS_FOLLOW_H

#include "consensus/server.h"

struct croft_follow;

enum { CROFT_FOLLOW_AHEAD_MS = 10 * 60 * 1000 };

struct croft_follow_options {
    struct croft_world *world;
    const char *where; /* the chain that is followed, as in chain/client.h */
    const struct croft_secret_key *key; /* proves what is stored here; lives as long; NULL: nothing is proved */
    /* Called in the follower's thread, may be NULL: the connection was lost, or cannot be made, and is tried
     * again. */
    void (*lost)(void *arg, const struct croft_why *why);
    /* Likewise: connected, at this height. */
    void (*connected)(void *arg, u64 height);
    void *arg;
};

/* Starts the thread; the server joins it before its engine stops.  What waiting cannot mend ends the server's
 * run with that fault: another network, blocks that do not follow or do not verify, blocks that the other
 * side no longer has, a full disk, a protocol that this release does not know. CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_follow_start(const struct croft_follow_options *options,
                                            struct croft_server *server, struct croft_home *home,
                                            struct croft_follow **out);

/* Gives its memory back, once the server's run or close has joined the thread (asserted). */
void croft_follow_close(struct croft_follow *f);

#endif
