/* consensus/solo/engine.h - the solo driver with threads around it.
 *
 *   callers --submit--> inbox --sequencer: admit--> verify pool (one thread a core) --> sequencer: queue,
 * step
 *                                                                                   --> done(batch), durable
 *
 * The sequencer thread owns the driver; everything that reads or changes it runs there (call).  The pool has
 * as many threads as cores, so that signatures are checked while the sequencer waits for the disk.
 * Checkpoints are committed by a thread of their own.
 */
#ifndef CROFT_CONSENSUS_SOLO_ENGINE_H
#define CROFT_CONSENSUS_SOLO_ENGINE_H

#include "consensus/solo/solo.h"

struct croft_engine;

enum { CROFT_ENGINE_CALLS_MAX = 1 << 14 }; /* calls that may wait */

/* What may be wrong while the chain goes on. */
enum croft_engine_matter {
    CROFT_MATTER_DISK,       /* full: blocks are not written */
    CROFT_MATTER_CHECKPOINT, /* not written: a start replays more; tried again every ten seconds */
    CROFT_MATTER_CLOCK,      /* jumped ahead: no blocks are made */
    CROFT_MATTER_COUNT,
};

struct croft_engine_options {
    u32 verify_threads; /* 0: one per core; the benchmark without signatures sets trust_signatures instead */
    bool trust_signatures;   /* benchmark only: nothing is verified */
    size_t checkpoint_bytes; /* address space for copying records; 2 GiB in production */

    /* Called in the sequencer thread, must not block.  block: each accepted block, durable (or, with a
     * follower required, stored there too).  done: a batch whose items are all DONE.  halted: the driver
     * stopped, with why.  warned, which may be NULL: something went wrong, once, until it is mended (why
     * NULL); before the batches are done that suffer from it. */
    void (*block)(void *arg, struct croft_bytes block);
    void (*done)(void *arg, struct croft_batch *batch);
    void (*halted)(void *arg, croft_err err, const struct croft_why *why);
    void (*warned)(void *arg, enum croft_engine_matter matter, const struct croft_why *why);
    void *arg;
};

/* Starts the threads around an open driver, which they own until croft_engine_stop has returned.  Its world's
 * steady clock must be the system's.  A driver without a key makes no blocks: it follows, through calls.
 *   CROFT_ERR_NOMEM  no memory, or no more threads */
CROFT_MUST_USE croft_err croft_engine_start(struct croft_solo *s, const struct croft_engine_options *options,
                                            struct croft_engine **out);

/* Hands a batch over; done gives it back: in order of arrival, but one that is refused whole at once, one
 * that is in a block while another waits in a full lane before that, and after a fault with CROFT_ERR_HALTED
 * in what was not done.  Any thread; the driver has a key (asserted).
 *   CROFT_ERR_HALTED  after a fault or stop */
CROFT_MUST_USE croft_err croft_engine_submit(struct croft_engine *e, struct croft_batch *batch);

/* Runs fn in the sequencer thread when the state in memory is durable (never between a block's execution and
 * its sync); does not wait for it.  Any thread; calls run in the order they came.  One that was taken is run,
 * also after a fault. CROFT_ERR_HALTED  after a fault or stop CROFT_ERR_NOMEM   CROFT_ENGINE_CALLS_MAX are
 * waiting */
CROFT_MUST_USE croft_err croft_engine_call(struct croft_engine *e,
                                           void (*fn)(struct croft_solo *s, void *arg), void *arg);

/* Something to do with the checkpoint of one height: a snapshot is written from it.
 *   begin  in the sequencer thread, at the height that the checkpoint will have
 *   run    in the checkpoint thread, when it is committed and before any later commit; or, with an error and
 * in either thread, when it could not be made (begin may not have been called).  It ends the task's use. */
struct croft_engine_task {
    void (*begin)(struct croft_engine_task *t, struct croft_solo *s);
    void (*run)(struct croft_engine_task *t, croft_err err);
    struct croft_engine_task *next; /* the engine's */
};

/* Takes a checkpoint for this task as soon as the one before is through.  Any thread.
 *   CROFT_ERR_HALTED  after a fault or stop */
CROFT_MUST_USE croft_err croft_engine_checkpoint(struct croft_engine *e, struct croft_engine_task *task);

/* What is wrong with it now, as it was said last; NULL: nothing.  In the sequencer's thread. */
const char *croft_engine_warning(const struct croft_engine *e, enum croft_engine_matter matter);

/* Finishes what is queued, takes a last checkpoint, stops and joins the threads.  The driver is the caller's
 * again. */
void croft_engine_stop(struct croft_engine *e);

#endif
