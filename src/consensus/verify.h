/* consensus/verify.h - `croft chain verify`: everything of a chain again, from its beginning.
 *
 * The folder's log is replayed from the genesis, or from the snapshot it was restored from, into memory:
 * every signature is checked, every receipt and root computed and compared, and the state on disk must be the
 * one that comes out at its height. The folder is locked meanwhile, so the chain must not run.  Nothing is
 * written, but that a torn tail is cut as a start would.
 */
#ifndef CROFT_CONSENSUS_VERIFY_H
#define CROFT_CONSENSUS_VERIFY_H

#include "base/err.h"
#include "base/types.h"
#include "base/world.h"

#include <signal.h>

struct croft_verify_options {
    const char *path;
    struct croft_world *world;
    const volatile sig_atomic_t *interrupted;          /* NULL: never */
    void (*progress)(void *arg, u64 height, u64 last); /* after each block; NULL: nobody looks */
    void *arg;
};

struct croft_verify_result {
    u64 first, last;  /* blocks that were verified; first > last: the log is empty */
    u64 txs;          /* in them */
    u64 state_height; /* of the state on disk; 0: there is none yet */
    bool from_snapshot;
    struct croft_hash app_hash; /* after the last */
    struct croft_why said;      /* what opening the log did; empty if nothing */
};

/*   CROFT_ERR_LOG_ROT, CROFT_ERR_BLOCK, CROFT_ERR_ROOT  why names the block and what is wrong
 *   CROFT_ERR_STATE     the state on disk is damaged or not the one that comes out
 *   CROFT_ERR_SNAPSHOT  base.snapshot is damaged
 *   CROFT_ERR_INTERRUPTED, CROFT_ERR_LOCKED, CROFT_ERR_NOT_FOUND and what opening a home returns */
CROFT_MUST_USE croft_err croft_verify_run(const struct croft_verify_options *options,
                                          struct croft_verify_result *out, struct croft_why *why);

#endif
