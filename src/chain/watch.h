/* chain/watch.h - every block as it comes, over broken connections, none missed and none twice.
 *
 *   CONNECT --> LISTEN --block--> LISTEN        LISTEN --broken, silent--> wait --> CONNECT, from the next
 * height
 *
 * An idle chain makes no blocks, so silence is normal; after a while of it the chain is asked for its status,
 * and one that does not answer that counts as gone.
 */
#ifndef CROFT_CHAIN_WATCH_H
#define CROFT_CHAIN_WATCH_H

#include "chain/client.h"

struct croft_watch {
    struct croft_client_options options;
    u64 from_height; /* 0: the block after the present one; moved on as blocks come */
    u32 quiet_ms;    /* silence after which the chain is asked whether it lives; not zero */
    u32 patience_ms; /* how long to try to connect again before giving up; 0: for ever */
    /* Heights without a gap.  Ends the watch by returning other than CROFT_OK. */
    croft_err (*on_block)(void *context, const Croft__V1__BlockEvent *block);
    void (*on_lost)(void *context, const struct croft_why *why); /* connecting again; may be NULL */
    void *context;
};

/* Runs until on_block ends it (what it returned is returned, *why unchanged) or an error of the client: the
 * first connection fails, CROFT_ERR_INTERRUPTED, no connection for patience_ms, or CROFT_ERR_BLOCK  the chain
 * left out a height w->from_height is then the next height that was not handled.  mem holds one event at a
 * time. */
CROFT_MUST_USE croft_err croft_watch_run(struct croft_watch *w, struct croft_arena mem,
                                         struct croft_why *why);

#endif
