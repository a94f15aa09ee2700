/* consensus/solo/pool.h - threads that verify signatures; batches come back in the order they were given.
 *
 *   give --> [items handed out in chunks, across batches] --> take, the oldest first, once all its items are
 * verified
 *
 * give, take and drop belong to one thread.  A lock is taken per chunk, not per item, and nothing is
 * allocated after start.
 */
#ifndef CROFT_CONSENSUS_SOLO_POOL_H
#define CROFT_CONSENSUS_SOLO_POOL_H

#include "consensus/solo/solo.h"

struct croft_pool;

struct croft_pool_options {
    u32 threads;     /* not zero (asserted) */
    u32 batches_max; /* given and not yet taken; not zero (asserted) */
    /* Called in a pool thread, holding nothing, each time the oldest batch becomes ready for take. */
    void (*ready)(void *arg);
    void *arg;
};

/*   CROFT_ERR_NOMEM  no memory, or no more threads */
CROFT_MUST_USE croft_err croft_pool_start(const struct croft_pool_options *options, struct croft_pool **out);

/* Verifies the CHECKED items of a batch; the pool has room for it (asserted). */
void croft_pool_give(struct croft_pool *p, struct croft_batch *batch);
bool croft_pool_has_room(const struct croft_pool *p);
bool croft_pool_is_empty(const struct croft_pool *p);

/* The oldest batch if it is ready, else NULL. */
struct croft_batch *croft_pool_take(struct croft_pool *p);

/* Forgets every batch that was given; on return no thread touches one any more.  Their items are CHECKED or
 * VERIFIED. */
void croft_pool_drop(struct croft_pool *p);

/* Joins the threads; the pool is empty (asserted). */
void croft_pool_stop(struct croft_pool *p);

#endif
