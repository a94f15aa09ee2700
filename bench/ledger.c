#include "bench/ledger.h"

#include "base/assert.h"
#include "bench/load.h"
#include "consensus/solo/engine.h"
#include "store/lmdb_checkpoint.h"
#include "store/posix_disk.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BATCH_TXS = 1000,
    BATCH_DECODE_BYTES = BATCH_TXS * 2048,
    IN_FLIGHT = 48,
    CORES_MAX = 64,
    VERIFY_SAMPLES = 256
};

struct bench {
    const struct croft_bench_ledger_options *o;
    struct croft_report *report;
    struct croft_region region, solo_region;
    struct croft_arena mem;
    struct croft_load load;
    struct croft_secret_key sequencer;
    struct croft_disk *disk;
    struct croft_checkpoint *checkpoint;
    struct croft_solo *solo;
    u64 txs_done;

    /* Between the sequencer's callbacks and the submitting thread. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    u32 in_flight;
    u64 refused;
    struct croft_batch *spare;
    croft_err halted;
    struct croft_why why;
};

static u32 core_count(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > CORES_MAX ? CORES_MAX : (u32)n;
}

/* ---- raw verification ---- */

struct verify_share {
    pthread_t thread;
    struct croft_tx_auth *auth;
    const struct croft_tx *tx;
    double until;
    u64 count;
};

static void *verify_until(void *arg)
{
    struct verify_share *v = arg;
    while (croft_seconds() < v->until)
        for (u32 i = 0; i < 64; i++, v->count++) {
            struct croft_tx_auth auth = v->auth[v->count % VERIFY_SAMPLES];
            croft_err err = croft_tx_auth_verify(&v->tx[v->count % VERIFY_SAMPLES], &auth);
            CROFT_ASSERT(err == CROFT_OK);
        }
    return NULL;
}

/* Signatures checked per second by this many threads, over transactions of this load. */
static double verify_rate(struct bench *b, u32 threads, double seconds)
{
    static struct croft_tx tx[VERIFY_SAMPLES];
    static struct croft_tx_auth auth[VERIFY_SAMPLES];
    struct croft_bytes bytes[VERIFY_SAMPLES];
    struct croft_arena mem = b->mem;
    struct croft_load load = b->load; /* a copy: these transactions are never sent */
    u32 *used = load.used;
    load.used = croft_new(&mem, u32, load.accounts);
    CROFT_ASSERT(load.used != NULL && used != NULL);
    croft_load_transfers(&load, bytes, VERIFY_SAMPLES, &mem);
    for (u32 i = 0; i < VERIFY_SAMPLES; i++) {
        croft_err err = croft_tx_decode(bytes[i], &load.network, &mem, &tx[i]);
        CROFT_ASSERT(err == CROFT_OK);
        u32 from = 0;
        while (memcmp(load.address[from].b, tx[i].account.b, sizeof tx[i].account.b) != 0)
            from++;
        auth[i] = (struct croft_tx_auth){.count = 1, .key = {load.key[from]}};
    }
    struct verify_share share[CORES_MAX] = {0};
    double start = croft_seconds();
    for (u32 i = 0; i < threads; i++) {
        share[i] = (struct verify_share){.auth = auth, .tx = tx, .until = start + seconds};
        int rc = pthread_create(&share[i].thread, NULL, verify_until, &share[i]);
        CROFT_ASSERT(rc == 0);
    }
    u64 count = 0;
    for (u32 i = 0; i < threads; i++) {
        pthread_join(share[i].thread, NULL);
        count += share[i].count;
    }
    return (double)count / (croft_seconds() - start);
}

/* ---- the chain under test ---- */

static void on_block(void *arg, struct croft_bytes block)
{
    (void)arg;
    (void)block;
}

static void on_done(void *arg, struct croft_batch *batch)
{
    struct bench *b = arg;
    u64 refused = 0;
    for (u32 i = 0; i < batch->count; i++)
        refused += batch->item[i].err != CROFT_OK;
    pthread_mutex_lock(&b->lock);
    b->in_flight--;
    b->refused += refused;
    batch->behind = b->spare;
    b->spare = batch;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

static void on_halted(void *arg, croft_err err, const struct croft_why *why)
{
    struct bench *b = arg;
    pthread_mutex_lock(&b->lock);
    b->halted = err;
    b->why = *why;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

static void make_batches(struct bench *b)
{
    for (u32 i = 0; i < IN_FLIGHT; i++) {
        struct croft_batch *batch = croft_new(&b->mem, struct croft_batch, 1);
        struct croft_item *item = croft_new(&b->mem, struct croft_item, BATCH_TXS);
        u8 *room = croft_arena_take_raw(&b->mem, BATCH_DECODE_BYTES, 1, 64);
        CROFT_ASSERT(batch && item && room);
        batch->item = item;
        batch->owner = room;
        batch->behind = b->spare;
        b->spare = batch;
    }
}

static struct croft_batch *take_spare(struct bench *b)
{
    pthread_mutex_lock(&b->lock);
    while (b->spare == NULL && b->halted == CROFT_OK)
        pthread_cond_wait(&b->changed, &b->lock);
    struct croft_batch *batch = b->halted == CROFT_OK ? b->spare : NULL;
    if (batch != NULL) {
        b->spare = batch->behind;
        b->in_flight++;
    }
    pthread_mutex_unlock(&b->lock);
    return batch;
}

static croft_err wait_all(struct bench *b, struct croft_why *why)
{
    pthread_mutex_lock(&b->lock);
    while (b->in_flight > 0 && b->halted == CROFT_OK)
        pthread_cond_wait(&b->changed, &b->lock);
    croft_err err = b->halted;
    pthread_mutex_unlock(&b->lock);
    if (err != CROFT_OK)
        return croft_fail(why, err, "the chain stopped: %.400s", b->why.text);
    if (b->refused != 0)
        return croft_fail(why, CROFT_ERR_BLOCK, "%llu transactions were refused",
                          (unsigned long long)b->refused);
    return CROFT_OK;
}

static croft_err submit(struct bench *b, struct croft_engine *e, const struct croft_bytes *tx, u32 count)
{
    struct croft_batch *batch = take_spare(b);
    if (batch == NULL)
        return CROFT_ERR_HALTED;
    memset(batch->item, 0, count * sizeof *batch->item);
    for (u32 i = 0; i < count; i++)
        batch->item[i].bytes = tx[i];
    batch->count = count;
    batch->mem = (struct croft_arena){batch->owner, (u8 *)batch->owner + BATCH_DECODE_BYTES};
    return croft_engine_submit(e, batch);
}

/* Sends everything in batches and returns transactions per second, from the first submission to the last
 * answer. */
static croft_err run_all(struct bench *b, struct croft_engine *e, const struct croft_bytes *tx, u32 count,
                         double *out_rate, struct croft_why *why)
{
    double start = croft_seconds();
    for (u32 at = 0; at < count; at += BATCH_TXS)
        if (submit(b, e, tx + at, count - at < BATCH_TXS ? count - at : BATCH_TXS) != CROFT_OK)
            break;
    CROFT_TRY(wait_all(b, why));
    *out_rate = count / (croft_seconds() - start);
    b->txs_done += count;
    return CROFT_OK;
}

static croft_err start_engine(struct bench *b, bool trust, struct croft_engine **out)
{
    const struct croft_engine_options options = {
        .trust_signatures = trust,
        .checkpoint_bytes = (size_t)4 << 30,
        .block = on_block,
        .done = on_done,
        .halted = on_halted,
        .arg = b,
    };
    croft_solo_trust_signatures(b->solo, trust);
    return croft_engine_start(b->solo, &options, out);
}

static croft_err open_chain(struct bench *b, struct croft_why *why)
{
    char path[4096];
    struct croft_solo_opened opened;
    struct croft_public_key key = croft_public_key_of(&b->sequencer);
    struct croft_solo_options options = {
        .genesis = croft_load_genesis(&b->load, &key, &b->mem),
        .world = croft_world_system(),
        .key = &b->sequencer,
        .pool_txs_max = 1 << 20,
        .pool_per_account_max = 1024,
        .checkpoint_log_bytes = (u64)256 << 20,
        .journal_bytes = (size_t)1 << 30,
        .log = {.segment_bytes = (u64)64 << 20,
                .segments_max = 1 << 16,
                .blocks_max = 1 << 26,
                .room_bytes = 256 << 10,
                .first_height = 1},
        .index = {.run_txs_max = 1 << 20, .runs_max = 1 << 12},
    };
    b->load.network = croft_genesis_id(options.genesis, b->mem);
    CROFT_TRY(croft_posix_disk_open(b->o->folder, true, &b->disk, why));
    snprintf(path, sizeof path, "%s/state.mdb", b->o->folder);
    CROFT_TRY(croft_lmdb_checkpoint_open(path, (u64)64 << 30, &b->checkpoint, why));
    options.disk = b->disk;
    options.checkpoint = b->checkpoint;
    /* A region of its own: the driver wants pages that nobody wrote to. */
    if (!croft_region_map(&b->solo_region, croft_solo_size(&options)))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    struct croft_arena solo_mem = croft_region_arena(&b->solo_region);
    return croft_solo_open(&solo_mem, &options, &b->solo, &opened, why);
}

/* ---- stages ---- */

/* Every account shows its key set, as in a network that has been used before. */
static croft_err show_keys(struct bench *b, struct croft_why *why)
{
    enum { PART = 100000 };
    struct croft_engine *e;
    CROFT_TRY(start_engine(b, true, &e));
    croft_err err = CROFT_OK;
    for (u32 from = 0; from < b->o->accounts && err == CROFT_OK; from += PART) {
        double rate;
        u32 count = b->o->accounts - from < PART ? b->o->accounts - from : PART;
        struct croft_arena mem = b->mem;
        struct croft_bytes *tx = croft_new(&mem, struct croft_bytes, count);
        CROFT_ASSERT(tx != NULL);
        croft_load_firsts(&b->load, from, tx, count, &mem);
        err = run_all(b, e, tx, count, &rate, why);
    }
    croft_engine_stop(e);
    return err;
}

static croft_err measure(struct bench *b, bool trust, double *out_rate, struct croft_why *why)
{
    struct croft_arena mem = b->mem;
    struct croft_engine *e;
    struct croft_bytes *tx = croft_new(&mem, struct croft_bytes, b->o->txs);
    CROFT_ASSERT(tx != NULL);
    croft_load_transfers(&b->load, tx, b->o->txs, &mem);
    CROFT_TRY(start_engine(b, trust, &e));
    croft_err err = run_all(b, e, tx, b->o->txs, out_rate, why);
    croft_engine_stop(e);
    return err;
}

static croft_err measure_signed(struct bench *b, struct croft_why *why)
{
    double rate[64], raw[64], ratio[64];
    u32 rounds = b->o->rounds < CROFT_COUNT(rate) ? b->o->rounds : CROFT_COUNT(rate);
    double core = verify_rate(b, 1, 1.0), before = verify_rate(b, core_count(), 1.0);
    for (u32 i = 0; i < rounds; i++) {
        CROFT_TRY(measure(b, false, &rate[i], why));
        double after = verify_rate(b, core_count(), 1.0);
        raw[i] = (before + after) / 2;
        ratio[i] = rate[i] / raw[i];
        before = after;
    }
    croft_report_add(b->report, "verify_per_s_core", core, "1/s", "libsodium, one thread");
    croft_report_add(b->report, "verify_per_s_all", croft_median(raw, rounds), "1/s",
                     "libsodium, a thread per core");
    croft_report_add(b->report, "signed_tx_per_s", croft_median(rate, rounds), "1/s", NULL);
    croft_report_add(b->report, "signed_ratio", croft_median(ratio, rounds), "",
                     "verify_per_s_all of the same round; goal 0.80");
    return CROFT_OK;
}

static croft_err measure_unsigned(struct bench *b, struct croft_why *why)
{
    double rate[64];
    u32 rounds = b->o->rounds < CROFT_COUNT(rate) ? b->o->rounds : CROFT_COUNT(rate);
    cpu_set_t all, one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    if (sched_getaffinity(0, sizeof all, &all) != 0 || sched_setaffinity(0, sizeof one, &one) != 0)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "the process cannot be bound to one core");
    croft_err err = CROFT_OK;
    for (u32 i = 0; i < rounds && err == CROFT_OK; i++)
        err = measure(b, true, &rate[i], why);
    int rc = sched_setaffinity(0, sizeof all, &all);
    CROFT_ASSERT(rc == 0);
    CROFT_TRY(err);
    croft_report_add(b->report, "unsigned_tx_per_s_core", croft_median(rate, rounds), "1/s",
                     "one core, no signature checks; goal 100000");
    return CROFT_OK;
}

/* What one transaction costs the sequencer, stage by stage: where the next factor would have to come from. */
static croft_err measure_stages(struct bench *b, struct croft_why *why)
{
    enum { TXS = 50000 };
    struct croft_arena mem = b->mem;
    struct croft_batch batch = {.count = b->o->txs < TXS ? b->o->txs : TXS}, *done;
    struct croft_bytes *tx = croft_new(&mem, struct croft_bytes, batch.count);
    batch.item = croft_new(&mem, struct croft_item, batch.count);
    CROFT_ASSERT(tx != NULL && batch.item != NULL);
    croft_load_transfers(&b->load, tx, batch.count, &mem);
    u8 *room = croft_arena_take(&mem, batch.count, 2048, 64);
    CROFT_ASSERT(room != NULL);
    batch.mem = (struct croft_arena){room, room + (size_t)batch.count * 2048};

    struct croft_arena scratch = batch.mem;
    double start = croft_seconds();
    for (u32 i = 0; i < batch.count; i++) {
        croft_err err = croft_tx_decode(tx[i], &b->load.network, &scratch, &batch.item[i].tx);
        CROFT_ASSERT(err == CROFT_OK);
        batch.item[i].bytes = tx[i];
    }
    double decoded = croft_seconds();
    croft_solo_trust_signatures(b->solo, true);
    croft_solo_admit(b->solo, &batch);
    double admitted = croft_seconds();
    for (u32 i = 0; i < batch.count; i++)
        batch.item[i].phase = CROFT_ITEM_VERIFIED;
    croft_solo_queue(b->solo, &batch);
    CROFT_TRY(croft_solo_step(b->solo, &done, why));
    double stepped = croft_seconds();
    b->txs_done += batch.count;

    double us = 1e6 / batch.count, decode = (decoded - start) * us;
    croft_report_add(b->report, "stage_decode_us", decode, "us", "per transaction: strict decoding and id");
    croft_report_add(b->report, "stage_check_us", (admitted - decoded) * us - decode, "us",
                     "everything before the signature");
    croft_report_add(b->report, "stage_block_us", (stepped - admitted) * us, "us",
                     "execution, roots, log and its two syncs");
    return CROFT_OK;
}

static double sync_ms(int fd, u64 at)
{
    static const u8 page[4096] = {1};
    double start = croft_seconds();
    ssize_t wrote = pwrite(fd, page, sizeof page, (off_t)(at * sizeof page));
    int rc = fdatasync(fd);
    CROFT_ASSERT(wrote == (ssize_t)sizeof page && rc == 0);
    return (croft_seconds() - start) * 1e3;
}

/* One transaction at a time on an idle chain, each beside one append and fdatasync of 4 KiB on the same disk.
 */
static croft_err measure_idle(struct bench *b, struct croft_why *why)
{
    char path[4096];
    u32 count = b->o->idle_txs;
    struct croft_arena mem = b->mem;
    struct croft_engine *e;
    struct croft_bytes *tx = croft_new(&mem, struct croft_bytes, count);
    double *idle = croft_new(&mem, double, count), *sync = croft_new(&mem, double, count);
    CROFT_ASSERT(tx && idle && sync);
    croft_load_transfers(&b->load, tx, count, &mem);
    snprintf(path, sizeof path, "%s/sync.tmp", b->o->folder);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return croft_fail(why, CROFT_ERR_IO, "cannot make %.300s", path);
    CROFT_TRY(start_engine(b, false, &e));
    croft_err err = CROFT_OK;
    for (u32 i = 0; i < count && err == CROFT_OK; i++) {
        double rate;
        sync[i] = sync_ms(fd, i);
        err = run_all(b, e, tx + i, 1, &rate, why);
        idle[i] = 1e3 / rate;
    }
    croft_engine_stop(e);
    close(fd);
    unlink(path);
    CROFT_TRY(err);
    double p50 = croft_median(idle, count), disk = croft_median(sync, count);
    croft_report_add(b->report, "idle_p50_ms", p50, "ms", "goal: 3 x fdatasync_p50_ms");
    croft_report_add(b->report, "idle_p99_ms", croft_percentile(idle, count, 99), "ms", NULL);
    croft_report_add(b->report, "fdatasync_p50_ms", disk, "ms",
                     "append 4 KiB and fdatasync, same disk, in turn");
    croft_report_add(b->report, "idle_ratio", p50 / disk, "",
                     "idle_p50_ms / fdatasync_p50_ms; goal 3 at most");
    return CROFT_OK;
}

/* What the files of a folder take on disk. */
static u64 folder_bytes(const char *folder)
{
    char command[4200];
    unsigned long long bytes = 0;
    snprintf(command, sizeof command, "du -sB1 '%s'", folder);
    FILE *p = popen(command, "r");
    if (p != NULL) {
        int got = fscanf(p, "%llu", &bytes);
        CROFT_ASSERT(got == 1);
        pclose(p);
    }
    return bytes;
}

static croft_err run_stages(struct bench *b, struct croft_why *why)
{
    CROFT_TRY(open_chain(b, why));
    make_batches(b);
    CROFT_TRY(show_keys(b, why));
    u64 bytes_before = folder_bytes(b->o->folder), txs_before = b->txs_done;
    CROFT_TRY(measure_signed(b, why));
    CROFT_TRY(measure_unsigned(b, why));
    CROFT_TRY(measure_stages(b, why));
    double grown = (double)(folder_bytes(b->o->folder) - bytes_before);
    croft_report_add(b->report, "disk_bytes_per_tx", grown / (double)(b->txs_done - txs_before), "B",
                     "log, header copies, index and checkpoint, as the file system counts them");
    return measure_idle(b, why);
}

static void remove_folder(const char *folder)
{
    char command[4200];
    snprintf(command, sizeof command, "rm -rf -- '%s'", folder);
    int rc = system(command);
    CROFT_ASSERT(rc == 0);
}

croft_err croft_bench_ledger(const struct croft_bench_ledger_options *o, struct croft_report *report,
                             struct croft_why *why)
{
    static struct bench b;
    b = (struct bench){.o = o, .report = report};
    pthread_mutex_init(&b.lock, NULL);
    pthread_cond_init(&b.changed, NULL);
    if (!croft_region_map(&b.region, (size_t)512 << 30))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    b.mem = croft_region_arena(&b.region);
    croft_secret_key_make(&b.sequencer, croft_world_system());
    u64 now_s = croft_world_system()->ops->wall_ms(croft_world_system()) / 1000;
    croft_load_init(&b.load, &b.mem, o->accounts, now_s - 60);
    croft_err err = run_stages(&b, why);
    if (b.solo != NULL)
        croft_solo_close(b.solo);
    if (b.checkpoint != NULL)
        croft_lmdb_checkpoint_close(b.checkpoint);
    if (b.disk != NULL)
        croft_posix_disk_close(b.disk);
    remove_folder(o->folder);
    croft_region_unmap(&b.solo_region);
    croft_region_unmap(&b.region);
    return err;
}
