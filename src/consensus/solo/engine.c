#include "consensus/solo/engine.h"

#include "base/assert.h"
#include "consensus/solo/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum {
    BATCHES_MAX = 1 << 14, /* admitted and not done; more wait in the inbox */
    ADMIT_ITEMS = 4096,    /* admitted in one turn, so that blocks keep coming while the inbox is long */
    INLINE_ITEMS = 4, /* on an idle chain so few are verified at once: waking a thread would take longer */
    WAIT_MAX_MS = 60000,
    DISK_RETRY_MS = 1000,  /* on a full disk, between tries to handle what is due */
    SAVE_RETRY_MS = 10000, /* after a checkpoint failed */
};

enum saver_state {
    SAVER_IDLE,
    SAVER_RUN,   /* job is the thread's */
    SAVER_RAN,   /* job and err are the sequencer's */
    SAVER_CLEAN, /* memory is the thread's, to be given back */
};

struct call {
    void (*fn)(struct croft_solo *s, void *arg);
    void *arg;
};

struct croft_engine {
    struct croft_solo *solo;
    struct croft_engine_options options;
    struct croft_world *world;
    struct croft_pool *pool; /* NULL: signatures are trusted */
    pthread_t sequencer, saver;
    pthread_mutex_t lock;
    pthread_cond_t wake, wake_saver;

    /* Under the lock. */
    struct croft_batch *inbox, **inbox_tail;
    struct call call[CROFT_ENGINE_CALLS_MAX]; /* a ring */
    u32 call_first, call_count;
    struct croft_engine_task *task, **task_tail;
    bool closed; /* nothing more is taken: halted, or stopping */
    bool stopping;
    bool pool_ready;
    enum saver_state saver_state;
    bool saver_quit;

    /* The sequencer's.  Batches in order of arrival: done < queued: in the driver, queued < admitted: in the
     * pool. */
    struct croft_batch *order[BATCHES_MAX];
    u64 done, queued, admitted;
    bool makes_blocks, halted;
    u64 disk_retry_ns, save_retry_ns;

    struct croft_region save_memory;
    struct croft_checkpoint_job job;
    struct croft_engine_task *job_task; /* whom the job is for; NULL: only itself */
    croft_err save_err;
    struct croft_why save_why;

    struct croft_why wrong[CROFT_MATTER_COUNT]; /* empty: nothing is */
};

static u64 now_ns(const struct croft_engine *e)
{
    return e->world->ops->steady_ns(e->world);
}

/* ---- what goes wrong ---- */

/* Said once, when it begins and when it is over (why NULL); the words are kept up to date. */
static void note(struct croft_engine *e, enum croft_engine_matter matter, const struct croft_why *why)
{
    bool was = e->wrong[matter].text[0] != '\0';
    e->wrong[matter] = why != NULL ? *why : (struct croft_why){{0}};
    if (was != (why != NULL) && e->options.warned != NULL)
        e->options.warned(e->options.arg, matter, why);
}

const char *croft_engine_warning(const struct croft_engine *e, enum croft_engine_matter matter)
{
    CROFT_ASSERT(matter < CROFT_MATTER_COUNT);
    return e->wrong[matter].text[0] != '\0' ? e->wrong[matter].text : NULL;
}

static bool is_clock_news(const struct croft_engine *e)
{
    u64 unused;
    return e->makes_blocks && !e->halted &&
           croft_solo_clock_is_wrong(e->solo, &unused) != (croft_engine_warning(e, CROFT_MATTER_CLOCK) != NULL);
}

static void look_at_clock(struct croft_engine *e)
{
    struct croft_why why;
    u64 ahead_ms;
    if (!e->makes_blocks || e->halted)
        return;
    if (croft_solo_clock_is_wrong(e->solo, &ahead_ms)) {
        croft_err err = croft_solo_say_clock(ahead_ms, &why);
        CROFT_ASSERT(err == CROFT_ERR_CLOCK);
        note(e, CROFT_MATTER_CLOCK, &why);
    } else {
        note(e, CROFT_MATTER_CLOCK, NULL);
    }
}

/* ---- giving back ---- */

static void deliver(struct croft_engine *e, struct croft_batch *batch)
{
    CROFT_ASSERT(batch->left == 0);
    e->options.done(e->options.arg, batch);
}

/* What the driver gives back leaves its place; a batch behind one that waits in a full lane may leave before it. */
static void leave_place(struct croft_engine *e, struct croft_batch *batch)
{
    CROFT_ASSERT(batch->place >= e->done && batch->place < e->queued);
    CROFT_ASSERT(e->order[batch->place % BATCHES_MAX] == batch);
    e->order[batch->place % BATCHES_MAX] = NULL;
    while (e->done < e->queued && e->order[e->done % BATCHES_MAX] == NULL)
        e->done++;
}

static void deliver_list(struct croft_engine *e, struct croft_batch *list)
{
    while (list != NULL) {
        struct croft_batch *batch = list;
        list = batch->behind;
        batch->behind = NULL;
        leave_place(e, batch);
        deliver(e, batch);
    }
}

/* Whether such a transaction is in the log is known only after the next start. */
static void give_up(struct croft_engine *e, struct croft_batch *batch)
{
    for (u32 i = 0; i < batch->count; i++) {
        struct croft_item *item = &batch->item[i];
        if (item->phase == CROFT_ITEM_DONE)
            continue;
        item->phase = CROFT_ITEM_DONE;
        item->err = CROFT_ERR_HALTED;
        item->height = 0;
        item->index = 0;
        item->fee = croft_amt_of(0);
    }
    batch->left = 0;
    deliver(e, batch);
}

static void halt(struct croft_engine *e, croft_err err, const struct croft_why *why)
{
    pthread_mutex_lock(&e->lock);
    e->closed = true;
    pthread_mutex_unlock(&e->lock);
    e->halted = true;
    e->options.halted(e->options.arg, err, why);
    if (e->pool != NULL)
        croft_pool_drop(e->pool);
    for (; e->done < e->admitted; e->done++)
        if (e->order[e->done % BATCHES_MAX] != NULL)
            give_up(e, e->order[e->done % BATCHES_MAX]);
    e->queued = e->admitted;
}

/* ---- from the inbox to the driver's queue ---- */

static bool has_place(const struct croft_engine *e)
{
    return e->admitted - e->done < BATCHES_MAX;
}

static struct croft_batch *next_in_inbox(struct croft_engine *e)
{
    if (!has_place(e))
        return NULL;
    pthread_mutex_lock(&e->lock);
    struct croft_batch *batch = e->inbox;
    if (batch != NULL)
        e->inbox = batch->behind;
    if (e->inbox == NULL)
        e->inbox_tail = &e->inbox;
    pthread_mutex_unlock(&e->lock);
    return batch;
}

static void queue(struct croft_engine *e, struct croft_batch *batch)
{
    CROFT_ASSERT(e->queued < e->admitted && e->order[e->queued % BATCHES_MAX] == batch);
    e->queued++;
    croft_solo_queue(e->solo, batch);
}

static void trust(struct croft_batch *batch)
{
    for (u32 i = 0; i < batch->count; i++)
        if (batch->item[i].phase == CROFT_ITEM_CHECKED)
            batch->item[i].phase = CROFT_ITEM_VERIFIED;
}

static void admit(struct croft_engine *e, struct croft_batch *batch)
{
    croft_solo_admit(e->solo, batch);
    if (batch->left == 0) {
        deliver(e, batch);
        return;
    }
    batch->place = e->admitted++;
    e->order[batch->place % BATCHES_MAX] = batch;
    if (e->pool == NULL) {
        trust(batch);
        queue(e, batch);
    } else if (batch->count <= INLINE_ITEMS && croft_pool_is_empty(e->pool) && e->queued + 1 == e->admitted) {
        croft_items_verify(batch->item, batch->count);
        queue(e, batch);
    } else {
        croft_pool_give(e->pool, batch);
    }
}

static void admit_some(struct croft_engine *e)
{
    for (u32 items = 0; items < ADMIT_ITEMS;) {
        struct croft_batch *batch = next_in_inbox(e);
        if (batch == NULL)
            return;
        items += batch->count + 1;
        admit(e, batch);
    }
}

static void queue_verified(struct croft_engine *e)
{
    struct croft_batch *batch;
    while (e->pool != NULL && (batch = croft_pool_take(e->pool)) != NULL)
        queue(e, batch);
}

/* ---- calls ---- */

static bool next_call(struct croft_engine *e, struct call *out)
{
    pthread_mutex_lock(&e->lock);
    bool found = e->call_count > 0;
    if (found) {
        *out = e->call[e->call_first];
        e->call_first = (e->call_first + 1) % CROFT_ENGINE_CALLS_MAX;
        e->call_count--;
    }
    pthread_mutex_unlock(&e->lock);
    return found;
}

/* Those that are there now: one that makes the next one must not keep blocks waiting. */
static void run_calls(struct croft_engine *e)
{
    struct call call;
    pthread_mutex_lock(&e->lock);
    u32 count = e->call_count;
    pthread_mutex_unlock(&e->lock);
    for (; count > 0 && next_call(e, &call); count--)
        call.fn(e->solo, call.arg);
}

/* ---- blocks ---- */

/* Milliseconds until a block may be made: 0 now. */
static u64 block_wait_ms(const struct croft_engine *e)
{
    if (!e->makes_blocks || e->halted)
        return WAIT_MAX_MS;
    u64 wait_ms = croft_solo_wait_ms(e->solo), now = now_ns(e);
    bool held = e->done == e->queued && now < e->disk_retry_ns;
    u64 held_ms = held ? (e->disk_retry_ns - now) / 1000000 + 1 : 0;
    wait_ms = wait_ms < held_ms ? held_ms : wait_ms;
    return wait_ms < WAIT_MAX_MS ? wait_ms : WAIT_MAX_MS;
}

static void make_block(struct croft_engine *e)
{
    struct croft_batch *done;
    struct croft_why why = {{0}};
    if (block_wait_ms(e) != 0)
        return;
    u64 height = croft_ledger_height(croft_solo_ledger(e->solo));
    croft_err err = croft_solo_step(e->solo, &done, &why);
    if (croft_ledger_height(croft_solo_ledger(e->solo)) > height) {
        e->options.block(e->options.arg, croft_solo_last_block(e->solo));
        note(e, CROFT_MATTER_DISK, NULL);
    }
    if (err == CROFT_ERR_DISK_FULL) {
        e->disk_retry_ns = now_ns(e) + (u64)DISK_RETRY_MS * 1000000;
        note(e, CROFT_MATTER_DISK, &why);
    }
    deliver_list(e, done);
    if (err != CROFT_OK && err != CROFT_ERR_DISK_FULL && err != CROFT_ERR_CLOCK)
        halt(e, err, &why);
}

/* ---- checkpoints ---- */

static enum saver_state saver_state(struct croft_engine *e)
{
    pthread_mutex_lock(&e->lock);
    enum saver_state state = e->saver_state;
    pthread_mutex_unlock(&e->lock);
    return state;
}

static void set_saver_state(struct croft_engine *e, enum saver_state state)
{
    pthread_mutex_lock(&e->lock);
    e->saver_state = state;
    pthread_cond_signal(&e->wake_saver);
    pthread_mutex_unlock(&e->lock);
}

/* Waits for work; false at the end. */
static bool saver_wait(struct croft_engine *e, enum saver_state *out)
{
    pthread_mutex_lock(&e->lock);
    while (e->saver_state != SAVER_RUN && e->saver_state != SAVER_CLEAN && !e->saver_quit)
        pthread_cond_wait(&e->wake_saver, &e->lock);
    *out = e->saver_state;
    bool work = e->saver_state == SAVER_RUN || e->saver_state == SAVER_CLEAN;
    pthread_mutex_unlock(&e->lock);
    return work;
}

static void saver_ended(struct croft_engine *e, enum saver_state state)
{
    pthread_mutex_lock(&e->lock);
    e->saver_state = state;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
}

static void *save(void *arg)
{
    struct croft_engine *e = arg;
    enum saver_state state;
    while (saver_wait(e, &state)) {
        if (state == SAVER_RUN) {
            e->save_err = croft_checkpoint_job_run(&e->job, &e->save_why);
            if (e->job_task != NULL)
                e->job_task->run(e->job_task, e->save_err);
            saver_ended(e, SAVER_RAN);
        } else {
            madvise(e->save_memory.base, e->save_memory.size, MADV_DONTNEED);
            saver_ended(e, SAVER_IDLE);
        }
    }
    return NULL;
}

static bool begin_checkpoint(struct croft_engine *e)
{
    if (croft_solo_checkpoint_begin(e->solo, croft_region_arena(&e->save_memory), &e->job) == CROFT_OK)
        return true;
    /* It does not fit, and will not later: what changed since the last one only grows. */
    struct croft_why why;
    croft_err err = croft_fail(&why, CROFT_ERR_NOMEM,
                               "the records that changed do not fit the memory for a checkpoint (%zu bytes): a start "
                               "will replay more of the log\nwhen that takes too long, begin a new folder with a "
                               "snapshot: croft chain snapshot",
                               e->save_memory.size);
    CROFT_ASSERT(err == CROFT_ERR_NOMEM);
    note(e, CROFT_MATTER_CHECKPOINT, &why);
    e->save_retry_ns = UINT64_MAX;
    return false;
}

static void end_checkpoint(struct croft_engine *e)
{
    struct croft_why why;
    croft_solo_checkpoint_end(e->solo, &e->job, e->save_err);
    if (e->save_err == CROFT_OK) {
        note(e, CROFT_MATTER_CHECKPOINT, NULL);
        return;
    }
    croft_fail(&why, e->save_err,
               "no checkpoint could be written, so a start will replay more of the log; it is tried again: %.300s",
               e->save_why.text);
    note(e, CROFT_MATTER_CHECKPOINT, &why);
    e->save_retry_ns = now_ns(e) + (u64)SAVE_RETRY_MS * 1000000;
}

static struct croft_engine_task *next_task(struct croft_engine *e)
{
    pthread_mutex_lock(&e->lock);
    struct croft_engine_task *task = e->task;
    if (task != NULL)
        e->task = task->next;
    if (e->task == NULL)
        e->task_tail = &e->task;
    pthread_mutex_unlock(&e->lock);
    return task;
}

static void begin_task(struct croft_engine *e, struct croft_engine_task *task)
{
    if (!e->halted)
        task->begin(task, e->solo);
    if (e->halted || !begin_checkpoint(e)) {
        task->run(task, e->halted ? CROFT_ERR_HALTED : CROFT_ERR_NOMEM);
        return;
    }
    e->job_task = task;
    set_saver_state(e, SAVER_RUN);
}

static bool is_checkpoint_due(const struct croft_engine *e)
{
    return !e->halted && croft_solo_checkpoint_due(e->solo) && now_ns(e) >= e->save_retry_ns;
}

static void care_for_checkpoint(struct croft_engine *e)
{
    enum saver_state state = saver_state(e);
    if (state == SAVER_RAN) {
        end_checkpoint(e);
        set_saver_state(e, SAVER_CLEAN);
    }
    if (state != SAVER_IDLE)
        return;
    struct croft_engine_task *task = next_task(e);
    e->job_task = NULL;
    if (task != NULL)
        begin_task(e, task);
    else if (is_checkpoint_due(e) && begin_checkpoint(e))
        set_saver_state(e, SAVER_RUN);
}

static void last_checkpoint(struct croft_engine *e)
{
    u64 height = croft_ledger_height(croft_solo_ledger(e->solo));
    if (e->halted || croft_solo_checkpoint_height(e->solo) == height || !begin_checkpoint(e))
        return;
    e->save_err = croft_checkpoint_job_run(&e->job, &e->save_why);
    end_checkpoint(e);
}

/* ---- the sequencer ---- */

static bool has_turn(const struct croft_engine *e)
{
    return (e->inbox != NULL && has_place(e)) || e->call_count > 0 || e->pool_ready ||
           e->saver_state == SAVER_RAN || (e->task != NULL && e->saver_state == SAVER_IDLE) ||
           (e->saver_state == SAVER_IDLE && is_checkpoint_due(e)) || is_clock_news(e) || block_wait_ms(e) == 0;
}

static bool is_finished(const struct croft_engine *e)
{
    return e->stopping && e->inbox == NULL && e->call_count == 0 && e->task == NULL &&
           e->done == e->admitted && e->saver_state == SAVER_IDLE;
}

static void wait_ms(struct croft_engine *e, u64 ms)
{
    struct timespec until; /* in the condition's own clock, which is not the world's: that one counts sleep too */
    clock_gettime(CLOCK_MONOTONIC, &until);
    u64 ns = (u64)until.tv_nsec + ms % 1000 * 1000000;
    until.tv_sec += (time_t)(ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_cond_timedwait(&e->wake, &e->lock, &until);
}

/* False when everything is done and the engine is to stop. */
static bool wait_for_turn(struct croft_engine *e)
{
    pthread_mutex_lock(&e->lock);
    while (!has_turn(e) && !is_finished(e))
        wait_ms(e, block_wait_ms(e));
    bool turn = !is_finished(e);
    e->pool_ready = false;
    pthread_mutex_unlock(&e->lock);
    return turn;
}

static void *sequence(void *arg)
{
    struct croft_engine *e = arg;
    while (wait_for_turn(e)) {
        look_at_clock(e);
        admit_some(e);
        queue_verified(e);
        make_block(e);
        run_calls(e);
        care_for_checkpoint(e);
    }
    last_checkpoint(e);
    return NULL;
}

/* ---- any thread ---- */

croft_err croft_engine_submit(struct croft_engine *e, struct croft_batch *batch)
{
    CROFT_ASSERT(e->makes_blocks);
    pthread_mutex_lock(&e->lock);
    bool closed = e->closed;
    if (!closed) {
        batch->behind = NULL;
        *e->inbox_tail = batch;
        e->inbox_tail = &batch->behind;
        pthread_cond_signal(&e->wake);
    }
    pthread_mutex_unlock(&e->lock);
    return closed ? CROFT_ERR_HALTED : CROFT_OK;
}

croft_err croft_engine_call(struct croft_engine *e, void (*fn)(struct croft_solo *s, void *arg), void *arg)
{
    croft_err err = CROFT_OK;
    pthread_mutex_lock(&e->lock);
    if (e->closed) {
        err = CROFT_ERR_HALTED;
    } else if (e->call_count == CROFT_ENGINE_CALLS_MAX) {
        err = CROFT_ERR_NOMEM;
    } else {
        e->call[(e->call_first + e->call_count++) % CROFT_ENGINE_CALLS_MAX] = (struct call){fn, arg};
        pthread_cond_signal(&e->wake);
    }
    pthread_mutex_unlock(&e->lock);
    return err;
}

croft_err croft_engine_checkpoint(struct croft_engine *e, struct croft_engine_task *task)
{
    pthread_mutex_lock(&e->lock);
    bool closed = e->closed;
    if (!closed) {
        task->next = NULL;
        *e->task_tail = task;
        e->task_tail = &task->next;
        pthread_cond_signal(&e->wake);
    }
    pthread_mutex_unlock(&e->lock);
    return closed ? CROFT_ERR_HALTED : CROFT_OK;
}

static void pool_ready(void *arg)
{
    struct croft_engine *e = arg;
    pthread_mutex_lock(&e->lock);
    e->pool_ready = true;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
}

/* ---- start and stop ---- */

static u32 core_count(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > 0 ? (u32)count : 1;
}

static void init_sync(struct croft_engine *e)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->wake, &attr);
    pthread_cond_init(&e->wake_saver, NULL);
    pthread_condattr_destroy(&attr);
}

static void free_engine(struct croft_engine *e)
{
    pthread_cond_destroy(&e->wake);
    pthread_cond_destroy(&e->wake_saver);
    pthread_mutex_destroy(&e->lock);
    croft_region_unmap(&e->save_memory);
    free(e);
}

static void stop_saver(struct croft_engine *e)
{
    pthread_mutex_lock(&e->lock);
    e->saver_quit = true;
    pthread_cond_signal(&e->wake_saver);
    pthread_mutex_unlock(&e->lock);
    pthread_join(e->saver, NULL);
}

static croft_err start_threads(struct croft_engine *e)
{
    u32 threads = e->options.verify_threads ? e->options.verify_threads : core_count();
    const struct croft_pool_options pool = {
        .threads = threads, .batches_max = BATCHES_MAX, .ready = pool_ready, .arg = e};
    if (!e->options.trust_signatures)
        CROFT_TRY(croft_pool_start(&pool, &e->pool));
    if (pthread_create(&e->saver, NULL, save, e) == 0) {
        if (pthread_create(&e->sequencer, NULL, sequence, e) == 0)
            return CROFT_OK;
        stop_saver(e);
    }
    if (e->pool != NULL)
        croft_pool_stop(e->pool);
    return CROFT_ERR_NOMEM;
}

/* Signals are for the thread that waits for them, never for these. */
static croft_err start_masked(struct croft_engine *e)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    croft_err err = start_threads(e);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

croft_err croft_engine_start(struct croft_solo *s, const struct croft_engine_options *options,
                             struct croft_engine **out)
{
    CROFT_ASSERT(options->block != NULL && options->done != NULL && options->halted != NULL);
    struct croft_engine *e = calloc(1, sizeof *e);
    if (e == NULL)
        return CROFT_ERR_NOMEM;
    e->solo = s;
    e->options = *options;
    e->world = croft_solo_options_of(s)->world;
    e->inbox_tail = &e->inbox;
    e->task_tail = &e->task;
    e->makes_blocks = croft_solo_options_of(s)->key != NULL;
    init_sync(e);
    if (options->trust_signatures)
        croft_solo_trust_signatures(s, true);
    bool mapped = croft_region_map(&e->save_memory, options->checkpoint_bytes);
    croft_err err = mapped ? start_masked(e) : CROFT_ERR_NOMEM;
    if (err != CROFT_OK) {
        free_engine(e);
        return err;
    }
    *out = e;
    return CROFT_OK;
}

void croft_engine_stop(struct croft_engine *e)
{
    pthread_mutex_lock(&e->lock);
    e->closed = true;
    e->stopping = true;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
    pthread_join(e->sequencer, NULL);
    stop_saver(e);
    if (e->pool != NULL)
        croft_pool_stop(e->pool);
    free_engine(e);
}
