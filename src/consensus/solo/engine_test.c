#include "consensus/solo/engine.h"

#include "consensus/test_int.h"

#include <pthread.h>

enum { BATCHES = 200, BATCH_MAX = 40, SUBMITTERS = 3 };

/* What the callbacks saw; the lock is for the submitting threads. */
struct seen {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    u32 done, refused;
    u64 height, blocks;
    u32 calls;
    croft_err halted;
    bool out_of_order;
    u64 last_of[TEST_ACCOUNTS]; /* place in the chain of each account's last transaction */
};

struct job {
    struct croft_batch batch;
    struct croft_item item[BATCH_MAX];
    u32 from[BATCH_MAX];
    u8 room[BATCH_MAX * TEST_TX_ROOM];
    struct seen *seen;
    u32 done;
};

static void on_block(void *arg, struct croft_bytes block)
{
    struct seen *s = arg;
    struct croft_header h;
    CROFT_ASSERT(croft_block_peek(block, &h) == CROFT_OK);
    CROFT_ASSERT(h.height == s->height + 1);
    s->height = h.height;
    s->blocks++;
}

static void on_done(void *arg, struct croft_batch *batch)
{
    struct seen *s = arg;
    struct job *job = batch->owner;
    pthread_mutex_lock(&s->lock);
    for (u32 i = 0; i < batch->count; i++) {
        struct croft_item *item = &batch->item[i];
        CROFT_ASSERT(item->phase == CROFT_ITEM_DONE);
        s->refused += item->err != CROFT_OK;
        if (item->height == 0)
            continue;
        u64 place = item->height << 32 | item->index;
        s->out_of_order = s->out_of_order || place <= s->last_of[job->from[i]] || item->height > s->height;
        s->last_of[job->from[i]] = place;
    }
    job->done++;
    s->done++;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void on_halted(void *arg, croft_err err, const struct croft_why *why)
{
    struct seen *s = arg;
    (void)why;
    pthread_mutex_lock(&s->lock);
    s->halted = err;
    pthread_mutex_unlock(&s->lock);
}

static struct {
    u32 begun[CROFT_MATTER_COUNT], over[CROFT_MATTER_COUNT];
    char text[CROFT_MATTER_COUNT][512];
} warned;

/* In the sequencer's thread; read after the engine has stopped. */
static void on_warned(void *arg, enum croft_engine_matter matter, const struct croft_why *why)
{
    (void)arg;
    warned.begun[matter] += why != NULL;
    warned.over[matter] += why == NULL;
    if (why != NULL)
        snprintf(warned.text[matter], sizeof warned.text[matter], "%s", why->text);
}

static void count_call(struct croft_solo *solo, void *arg)
{
    struct seen *s = arg;
    CROFT_ASSERT(croft_ledger_height(croft_solo_ledger(solo)) == s->height);
    pthread_mutex_lock(&s->lock);
    s->calls++;
    pthread_mutex_unlock(&s->lock);
}

struct bed {
    struct test_net net;
    struct croft_home home;
    struct croft_engine *engine;
    struct seen seen;
    struct job *job;
};

static struct croft_engine *start_engine(struct bed *b)
{
    struct croft_engine *e;
    const struct croft_engine_options options = {.verify_threads = 2,
                                                 .checkpoint_bytes = 64 << 20,
                                                 .block = on_block,
                                                 .done = on_done,
                                                 .halted = on_halted,
                                                 .warned = on_warned,
                                                 .arg = &b->seen};
    assert_int_equal(croft_engine_start(b->home.solo, &options, &e), CROFT_OK);
    return e;
}

static int start(void **state)
{
    static u64 seed;
    seed = seed ? seed : croft_test_seed();
    struct bed *b = calloc(1, sizeof *b);
    b->job = calloc(BATCHES, sizeof *b->job);
    CROFT_ASSERT(b->job != NULL);
    test_net_make(&b->net, seed);
    test_open_must(b->net.folder, true, &b->home);
    pthread_mutex_init(&b->seen.lock, NULL);
    pthread_cond_init(&b->seen.changed, NULL);
    *state = b;
    return 0;
}

static int stop(void **state)
{
    struct bed *b = *state;
    croft_home_close(&b->home);
    test_net_drop(&b->net);
    free(b->job);
    free(b);
    return 0;
}

/* A batch of transfers; every account's nonces go up, so they must go in in this order. */
static void fill_job(struct bed *b, struct job *job, u32 accounts_from, u32 accounts)
{
    struct croft_arena mem = {job->room, job->room + sizeof job->room / 2};
    u32 count = 1 + (u32)croft_rng_below(&b->net.rng, 10);
    for (u32 i = 0; i < count; i++) {
        u32 from = accounts_from + (u32)croft_rng_below(&b->net.rng, accounts);
        job->from[i] = from;
        job->item[i] = (struct croft_item){0};
        job->item[i].bytes = test_transfer(&b->net, from, (from + 1) % TEST_ACCOUNTS, 1, &mem);
    }
    job->batch = (struct croft_batch){.item = job->item, .count = count, .owner = job};
    job->batch.mem = (struct croft_arena){job->room + sizeof job->room / 2, job->room + sizeof job->room};
    job->seen = &b->seen;
}

static void wait_done(struct bed *b, u32 count)
{
    pthread_mutex_lock(&b->seen.lock);
    while (b->seen.done < count)
        pthread_cond_wait(&b->seen.changed, &b->seen.lock);
    pthread_mutex_unlock(&b->seen.lock);
}

struct submitter {
    struct bed *bed;
    u32 from, to;
    croft_err last;
};

static void *submit_range(void *arg)
{
    struct submitter *s = arg;
    for (u32 i = s->from; i < s->to && s->last == CROFT_OK; i++) {
        s->last = croft_engine_submit(s->bed->engine, &s->bed->job[i].batch);
        if (i % 16 == 0)
            (void)!croft_engine_call(s->bed->engine, count_call, &s->bed->seen);
    }
    return NULL;
}

static void submit_all(struct bed *b)
{
    pthread_t thread[SUBMITTERS];
    struct submitter s[SUBMITTERS];
    for (u32 i = 0; i < SUBMITTERS; i++) {
        s[i] = (struct submitter){b, i * BATCHES / SUBMITTERS, (i + 1) * BATCHES / SUBMITTERS, CROFT_OK};
        assert_int_equal(pthread_create(&thread[i], NULL, submit_range, &s[i]), 0);
    }
    for (u32 i = 0; i < SUBMITTERS; i++)
        pthread_join(thread[i], NULL);
}

/* Each submitter has accounts of its own, so the order within an account is that of one thread. */
static void fill_all(struct bed *b)
{
    enum { EACH = TEST_ACCOUNTS / SUBMITTERS };
    for (u32 s = 0; s < SUBMITTERS; s++)
        for (u32 i = s * BATCHES / SUBMITTERS; i < (s + 1) * BATCHES / SUBMITTERS; i++)
            fill_job(b, &b->job[i], s * EACH, EACH);
}

static void every_batch_comes_back_once_and_in_order(void **state)
{
    struct bed *b = *state;
    fill_all(b);
    b->engine = start_engine(b);
    submit_all(b);
    wait_done(b, BATCHES);
    croft_engine_stop(b->engine);

    u64 txs = 0;
    for (u32 i = 0; i < BATCHES; i++) {
        assert_int_equal(b->job[i].done, 1);
        txs += b->job[i].batch.count;
    }
    assert_false(b->seen.out_of_order);
    assert_int_equal(b->seen.refused, 0);
    assert_true(b->seen.calls >= SUBMITTERS);
    assert_int_equal(croft_ledger_chain(croft_solo_ledger(b->home.solo)).txs_total, txs);
    assert_int_equal(croft_solo_checkpoint_height(b->home.solo), b->seen.height);
    assert_int_equal(croft_solo_waiting(b->home.solo), 0);
}

static void what_was_taken_before_a_stop_is_answered(void **state)
{
    struct bed *b = *state;
    fill_all(b);
    b->engine = start_engine(b);
    u32 taken = 0;
    for (; taken < BATCHES / 2; taken++)
        assert_int_equal(croft_engine_submit(b->engine, &b->job[taken].batch), CROFT_OK);
    croft_engine_stop(b->engine);
    assert_int_equal(b->seen.done, taken);
    assert_false(b->seen.out_of_order);

    u64 height = b->seen.height;
    croft_home_close(&b->home);
    test_open_must(b->net.folder, true, &b->home);
    assert_int_equal(croft_ledger_height(croft_solo_ledger(b->home.solo)), height);
    assert_int_equal(b->home.opened.replayed_blocks, 0); /* the stop took a checkpoint */
}

static void bad_transactions_are_refused_alone(void **state)
{
    struct bed *b = *state;
    struct job *job = &b->job[0];
    struct croft_arena mem = {job->room, job->room + sizeof job->room / 2};
    for (u32 i = 0; i < 12; i++) {
        job->from[i] = i;
        job->item[i].bytes = test_transfer(&b->net, i, 0 == i ? 1 : 0, 1, &mem);
    }
    ((u8 *)(uintptr_t)job->item[3].bytes.at)[job->item[3].bytes.len - 1] ^= 1; /* the signature's last byte */
    job->item[5].bytes.len--;
    job->item[7].bytes = job->item[6].bytes; /* replayed within the block */
    job->from[7] = 6;
    job->batch = (struct croft_batch){.item = job->item, .count = 12, .owner = job};
    job->batch.mem = (struct croft_arena){job->room + sizeof job->room / 2, job->room + sizeof job->room};

    b->engine = start_engine(b);
    assert_int_equal(croft_engine_submit(b->engine, &job->batch), CROFT_OK);
    wait_done(b, 1);
    croft_engine_stop(b->engine);
    static const croft_err want[12] = {
        [3] = CROFT_ERR_TX_SIGNATURE, [5] = CROFT_ERR_TX_DECODE, [7] = CROFT_ERR_TX_REPLAY};
    for (u32 i = 0; i < 12; i++) {
        assert_int_equal(job->item[i].err, want[i]);
        assert_int_equal(job->item[i].height != 0, want[i] == CROFT_OK);
    }
    assert_int_equal(b->seen.refused, 3);
}

static void an_idle_chain_makes_no_blocks(void **state)
{
    struct bed *b = *state;
    b->engine = start_engine(b);
    for (u32 i = 0; i < 50; i++)
        assert_int_equal(croft_engine_call(b->engine, count_call, &b->seen), CROFT_OK);
    croft_engine_stop(b->engine);
    assert_int_equal(b->seen.calls, 50);
    assert_int_equal(b->seen.blocks, 0);
}

static void single_transactions_one_after_the_other(void **state)
{
    struct bed *b = *state;
    b->engine = start_engine(b);
    for (u32 i = 0; i < 20; i++) {
        struct job *job = &b->job[i];
        fill_job(b, job, 0, TEST_ACCOUNTS);
        job->batch.count = 1;
        assert_int_equal(croft_engine_submit(b->engine, &job->batch), CROFT_OK);
        wait_done(b, i + 1);
        assert_int_equal(job->item[0].height, i + 1);
    }
    croft_engine_stop(b->engine);
    assert_int_equal(b->seen.blocks, 20);
}

/* The home's own disk, but for syncs that fail from some call on. */
static struct {
    struct croft_disk_ops ops;
    croft_err (*sync)(struct croft_disk *d, int file);
    int until; /* syncs that still succeed */
    croft_err err;
} failing;

static croft_err failing_sync(struct croft_disk *d, int file)
{
    return failing.until-- > 0 ? failing.sync(d, file) : failing.err;
}

static void fail_syncs(struct croft_disk *disk, int until, croft_err err)
{
    failing.ops = *disk->ops;
    failing.sync = disk->ops->sync;
    failing.until = until;
    failing.err = err;
    failing.ops.sync = failing_sync;
    disk->ops = &failing.ops;
}

static void a_failing_disk_stops_the_chain_and_answers_everybody(void **state)
{
    struct bed *b = *state;
    fill_all(b);
    fail_syncs(b->home.disk, 3,
               CROFT_ERR_IO); /* a block takes two: the first goes through, the second does not */
    b->engine = start_engine(b);
    croft_err first = croft_engine_submit(b->engine, &b->job[0].batch);
    assert_int_equal(first, CROFT_OK);
    wait_done(b, 1);
    u32 taken = 1;
    while (taken < BATCHES && croft_engine_submit(b->engine, &b->job[taken].batch) == CROFT_OK)
        taken++;
    wait_done(b, taken);
    assert_int_equal(b->seen.halted, CROFT_ERR_IO);
    assert_int_equal(croft_engine_call(b->engine, count_call, &b->seen), CROFT_ERR_HALTED);
    croft_engine_stop(b->engine);

    u64 acknowledged = 0;
    for (u32 i = 0; i < taken; i++) {
        assert_int_equal(b->job[i].done, 1);
        for (u32 k = 0; k < b->job[i].batch.count; k++)
            acknowledged += b->job[i].item[k].height != 0;
    }
    croft_home_close(&b->home);
    test_open_must(b->net.folder, true, &b->home);
    u64 kept = croft_ledger_chain(croft_solo_ledger(b->home.solo)).txs_total;
    assert_true(kept >= acknowledged); /* the last block may be whole after all */
}

static croft_err full_open(struct croft_disk *d, const char *name, bool create, int *out_file)
{
    (void)d;
    (void)name;
    (void)create;
    (void)out_file;
    return CROFT_ERR_DISK_FULL;
}

static void a_full_disk_refuses_and_goes_on(void **state)
{
    struct bed *b = *state;
    struct croft_disk *disk = b->home.disk;
    const struct croft_disk_ops *ops = disk->ops;
    struct croft_disk_ops full = *ops;
    full.open = full_open; /* no room for the log's first file */
    fill_job(b, &b->job[0], 0, TEST_ACCOUNTS);
    fill_job(b, &b->job[2], 0, TEST_ACCOUNTS);
    memset(&warned, 0, sizeof warned);
    fill_job(b, &b->job[1], 0, TEST_ACCOUNTS);
    disk->ops = &full;
    b->engine = start_engine(b);
    assert_int_equal(croft_engine_submit(b->engine, &b->job[0].batch), CROFT_OK);
    wait_done(b, 1);
    assert_int_equal(b->job[0].item[0].err, CROFT_ERR_DISK_FULL);
    assert_int_equal(b->job[0].item[0].height, 0);
    assert_int_equal(croft_engine_submit(b->engine, &b->job[2].batch), CROFT_OK);
    wait_done(b, 2);

    disk->ops = ops;
    assert_int_equal(croft_engine_submit(b->engine, &b->job[1].batch), CROFT_OK);
    wait_done(b, 3);
    croft_engine_stop(b->engine);
    assert_int_equal(warned.begun[CROFT_MATTER_DISK], 1); /* said once, with the disk's own words, and once that it is over */
    assert_int_equal(warned.over[CROFT_MATTER_DISK], 1);
    assert_true(warned.text[CROFT_MATTER_DISK][0] != '\0');
    assert_int_equal(b->job[1].item[0].err, CROFT_OK);
    assert_int_equal(b->seen.height, 1);
}

/* The home's own checkpoint, but that the first commits fail. */
static struct {
    struct croft_checkpoint_ops ops;
    const struct croft_checkpoint_ops *own;
    struct croft_checkpoint *checkpoint;
    _Atomic int failures;
} flaky;

static croft_err flaky_commit(struct croft_checkpoint *c, const struct croft_stored *record, size_t count,
                              struct croft_bytes meta, struct croft_why *why)
{
    if (flaky.failures-- > 0)
        return croft_fail(why, CROFT_ERR_IO, "the checkpoint's file is read only");
    return flaky.own->commit(c, record, count, meta, why);
}

struct waiter {
    struct croft_engine_task task;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ran;
    croft_err err;
};

static void begin_waiter(struct croft_engine_task *t, struct croft_solo *s)
{
    (void)t;
    (void)s;
}

static void run_waiter(struct croft_engine_task *t, croft_err err)
{
    struct waiter *w = (struct waiter *)t;
    pthread_mutex_lock(&w->lock);
    w->err = err;
    w->ran = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static croft_err take_checkpoint(struct bed *b)
{
    struct waiter w = {.task = {.begin = begin_waiter, .run = run_waiter}};
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.changed, NULL);
    assert_int_equal(croft_engine_checkpoint(b->engine, &w.task), CROFT_OK);
    pthread_mutex_lock(&w.lock);
    while (!w.ran)
        pthread_cond_wait(&w.changed, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.changed);
    pthread_mutex_destroy(&w.lock);
    return w.err;
}

static void a_failed_checkpoint_is_said_and_taken_again(void **state)
{
    struct bed *b = *state;
    memset(&warned, 0, sizeof warned);
    flaky.checkpoint = b->home.checkpoint;
    flaky.own = flaky.checkpoint->ops;
    flaky.ops = *flaky.own;
    flaky.ops.commit = flaky_commit;
    flaky.checkpoint->ops = &flaky.ops;
    flaky.failures = 1;
    fill_job(b, &b->job[0], 0, TEST_ACCOUNTS);
    b->engine = start_engine(b);
    assert_int_equal(croft_engine_submit(b->engine, &b->job[0].batch), CROFT_OK);
    wait_done(b, 1);
    assert_int_equal(take_checkpoint(b), CROFT_ERR_IO);
    assert_int_equal(take_checkpoint(b), CROFT_OK); /* takes place after the first was seen to fail */
    croft_engine_stop(b->engine);
    flaky.checkpoint->ops = flaky.own;
    assert_int_equal(warned.begun[CROFT_MATTER_CHECKPOINT], 1);
    assert_int_equal(warned.over[CROFT_MATTER_CHECKPOINT], 1);
    assert_non_null(strstr(warned.text[CROFT_MATTER_CHECKPOINT], "read only"));
    assert_int_equal(croft_solo_checkpoint_height(b->home.solo), b->seen.height);
}

/* One that failed is due again at once, however little was written since; the engine waits between tries. */
static void a_failed_checkpoint_stays_due(void **state)
{
    struct bed *b = *state;
    struct croft_checkpoint_job job;
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    CROFT_ASSERT(croft_region_map(&memory, 1 << 20));
    assert_false(croft_solo_checkpoint_due(b->home.solo));
    assert_int_equal(croft_solo_checkpoint_begin(b->home.solo, croft_region_arena(&memory), &job), CROFT_OK);
    croft_solo_checkpoint_end(b->home.solo, &job, CROFT_ERR_IO);
    assert_true(croft_solo_checkpoint_due(b->home.solo));
    assert_int_equal(croft_solo_checkpoint_begin(b->home.solo, croft_region_arena(&memory), &job), CROFT_OK);
    croft_solo_checkpoint_end(b->home.solo, &job, CROFT_OK);
    assert_false(croft_solo_checkpoint_due(b->home.solo));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_batch_comes_back_once_and_in_order, start, stop),
        cmocka_unit_test_setup_teardown(what_was_taken_before_a_stop_is_answered, start, stop),
        cmocka_unit_test_setup_teardown(bad_transactions_are_refused_alone, start, stop),
        cmocka_unit_test_setup_teardown(an_idle_chain_makes_no_blocks, start, stop),
        cmocka_unit_test_setup_teardown(single_transactions_one_after_the_other, start, stop),
        cmocka_unit_test_setup_teardown(a_failing_disk_stops_the_chain_and_answers_everybody, start, stop),
        cmocka_unit_test_setup_teardown(a_full_disk_refuses_and_goes_on, start, stop),
        cmocka_unit_test_setup_teardown(a_failed_checkpoint_is_said_and_taken_again, start, stop),
        cmocka_unit_test_setup_teardown(a_failed_checkpoint_stays_due, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
