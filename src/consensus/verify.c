#include "consensus/verify.h"

#include "base/assert.h"
#include "consensus/home.h"
#include "consensus/snapshot.h"
#include "consensus/void_disk.h"
#include "crypto/hash.h"
#include "store/lmdb_checkpoint.h"
#include "store/posix_disk.h"

#include <inttypes.h>
#include <unistd.h>

/* A block as it lies in the log, and what executing it takes. */
#define BLOCK_BYTES   (2 * (size_t)CROFT_BLOCK_BYTES_MAX)
#define SCRATCH_BYTES (3 * (size_t)CROFT_BLOCK_BYTES_MAX)

struct verifying {
    const struct croft_verify_options *options;
    struct croft_verify_result *out;
    struct croft_region genesis_memory, log_memory, solo_memory, block, scratch;
    const Croft__V1__Genesis *genesis;
    struct croft_disk *disk;
    struct croft_blocklog *log;
    struct croft_snapshot base; /* zero when the log begins at block 1 */
    struct croft_solo *solo;
    struct croft_hash state_hash; /* of the state on disk, at out->state_height */
};

static void finish(struct verifying *v)
{
    if (v->solo != NULL)
        croft_solo_close(v->solo);
    if (v->log != NULL)
        croft_blocklog_close(v->log);
    if (v->disk != NULL)
        croft_posix_disk_close(v->disk);
    croft_snapshot_close(&v->base);
    croft_region_unmap(&v->genesis_memory);
    croft_region_unmap(&v->log_memory);
    croft_region_unmap(&v->solo_memory);
    croft_region_unmap(&v->block);
    croft_region_unmap(&v->scratch);
}

static void close_checkpoint(struct croft_checkpoint **c)
{
    if (*c != NULL)
        croft_lmdb_checkpoint_close(*c);
}

static croft_err no_memory(struct croft_why *why)
{
    return croft_fail(why, CROFT_ERR_NOMEM,
                      "not enough address space for the network's tables (records_max_log2)");
}

/* ---- opening ---- */

static croft_err open_log(struct verifying *v, struct croft_why *why)
{
    struct croft_blocklog_opened opened;
    struct croft_blocklog_options o = croft_home_solo_options(v->genesis, v->options->world).log;
    if (!croft_region_map(&v->log_memory, croft_blocklog_size(&o)))
        return no_memory(why);
    struct croft_arena mem = croft_region_arena(&v->log_memory);
    CROFT_TRY(croft_blocklog_open(v->disk, &o, &mem, &v->log, &opened, why));
    v->out->said = opened.said;
    return CROFT_OK;
}

/* A folder made from a snapshot has it, also while no block was made since. */
static croft_err open_base(struct verifying *v, struct croft_why *why)
{
    char path[CROFT_HOME_PATH_MAX];
    CROFT_TRY(croft_home_path(v->options->path, CROFT_HOME_SNAPSHOT, path, why));
    bool there = access(path, F_OK) == 0;
    if (!there && croft_blocklog_first(v->log) == 1)
        return CROFT_OK;
    if (!there)
        return croft_fail(why, CROFT_ERR_SNAPSHOT,
                          "the log begins at block %" PRIu64 ", and the snapshot it began from, %s, is gone",
                          croft_blocklog_first(v->log), path);
    v->out->from_snapshot = true;
    return croft_snapshot_open(path, &v->base, why);
}

/* A driver of this genesis on no disk, from the given state. */
static croft_err open_solo(struct verifying *v, struct croft_checkpoint *from,
                           struct croft_region *out_memory, struct croft_solo **out, struct croft_why *why)
{
    struct croft_solo_opened opened;
    struct croft_solo_options o = croft_home_solo_options(v->genesis, v->options->world);
    o.disk = croft_void_disk();
    o.checkpoint = from;
    if (!croft_region_map(out_memory, croft_solo_size(&o)))
        return no_memory(why);
    struct croft_arena mem = croft_region_arena(out_memory);
    return croft_solo_open(&mem, &o, out, &opened, why);
}

/* ---- the state on disk ---- */

static croft_err load_state(struct verifying *v, struct croft_checkpoint *state, struct croft_why *why)
{
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    struct croft_solo *solo;
    CROFT_TRY(open_solo(v, state, &memory, &solo, why));
    v->out->state_height = croft_ledger_height(croft_solo_ledger(solo));
    v->state_hash = croft_ledger_app_hash(croft_solo_ledger(solo));
    croft_solo_close(solo);
    return CROFT_OK;
}

static croft_err read_state(struct verifying *v, struct croft_why *why)
{
    char path[CROFT_HOME_PATH_MAX];
    struct croft_checkpoint *state CROFT_CLEANUP(close_checkpoint) = NULL;
    CROFT_TRY(croft_home_path(v->options->path, CROFT_HOME_STATE, path, why));
    if (access(path, F_OK) != 0)
        return CROFT_OK; /* no checkpoint was taken yet */
    CROFT_TRY(croft_lmdb_checkpoint_open(path, CROFT_HOME_STATE_BYTES_MAX, &state, why));
    return load_state(v, state, why);
}

static croft_err compare_state(const struct verifying *v, struct croft_why *why)
{
    const struct croft_ledger *l = croft_solo_ledger(v->solo);
    struct croft_hash here = croft_ledger_app_hash(l);
    if (croft_ledger_height(l) != v->out->state_height || croft_hash_equal(&here, &v->state_hash))
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_STATE,
                      "the state on disk at block %" PRIu64
                      " is not the one that the blocks give\nmove %s away; the next start "
                      "makes it anew from the log",
                      v->out->state_height, CROFT_HOME_STATE);
}

/* ---- the blocks ---- */

static croft_err verify_block(struct verifying *v, u64 height, struct croft_why *why)
{
    struct croft_block b;
    struct croft_arena mem = croft_region_arena(&v->block);
    CROFT_TRY(croft_blocklog_read(v->log, height, &mem, &b, why));
    CROFT_TRY(croft_solo_apply(v->solo, b.bytes, croft_region_arena(&v->scratch), why));
    v->out->txs += b.header.tx_count;
    v->out->last = height;
    return compare_state(v, why);
}

static croft_err verify_blocks(struct verifying *v, struct croft_why *why)
{
    u64 last = croft_blocklog_last(v->log);
    const struct croft_verify_options *o = v->options;
    for (u64 height = v->out->first; height <= last; height++) {
        if (o->interrupted != NULL && *o->interrupted)
            return croft_fail(why, CROFT_ERR_INTERRUPTED,
                              "interrupted at block %" PRIu64 "; all before it is right", height);
        CROFT_TRY(verify_block(v, height, why));
        if (o->progress != NULL)
            o->progress(o->arg, height, last);
    }
    return CROFT_OK;
}

static croft_err verify(struct verifying *v, struct croft_why *why)
{
    char path[CROFT_HOME_PATH_MAX];
    CROFT_TRY(croft_home_path(v->options->path, CROFT_HOME_GENESIS, path, why));
    CROFT_TRY(croft_posix_disk_open(v->options->path, false, &v->disk, why));
    CROFT_TRY(croft_genesis_read(path, &v->genesis_memory, &v->genesis, why));
    CROFT_TRY(open_log(v, why));
    CROFT_TRY(open_base(v, why));
    CROFT_TRY(read_state(v, why));
    struct croft_checkpoint *from = v->out->from_snapshot ? &v->base.checkpoint : croft_void_checkpoint();
    CROFT_TRY(open_solo(v, from, &v->solo_memory, &v->solo, why));
    if (!croft_region_map(&v->block, BLOCK_BYTES) || !croft_region_map(&v->scratch, SCRATCH_BYTES))
        return no_memory(why);
    v->out->last = croft_ledger_height(croft_solo_ledger(v->solo));
    v->out->first = v->out->last + 1;
    CROFT_TRY(compare_state(v, why));
    CROFT_TRY(verify_blocks(v, why));
    if (v->out->state_height > v->out->last)
        return croft_fail(why, CROFT_ERR_STATE,
                          "the state on disk is at block %" PRIu64 ", the log ends at %" PRIu64,
                          v->out->state_height, v->out->last);
    v->out->app_hash = croft_ledger_app_hash(croft_solo_ledger(v->solo));
    return CROFT_OK;
}

croft_err croft_verify_run(const struct croft_verify_options *options, struct croft_verify_result *out,
                           struct croft_why *why)
{
    struct croft_verify_result result = {0};
    struct verifying v = {.options = options, .out = &result};
    croft_err err = verify(&v, why);
    finish(&v);
    if (err == CROFT_OK)
        *out = result;
    return err;
}
