#include "bench/chain.h"

#include "base/assert.h"
#include "bench/report.h"
#include "store/lmdb_checkpoint.h"
#include "store/posix_disk.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the clock ---- */

static u64 wall_ms(struct croft_world *w)
{
    return ((const struct croft_bench_chain *)(const void *)w)->now_s * 1000;
}

static u64 steady_ns(struct croft_world *w)
{
    return ((const struct croft_bench_chain *)(const void *)w)->now_s * 1000000000;
}

static void entropy(struct croft_world *w, u8 *out, size_t len)
{
    (void)w;
    croft_world_system()->ops->entropy(croft_world_system(), out, len);
}

static const struct croft_world_ops clock_ops = {.wall_ms = wall_ms, .steady_ns = steady_ns, .entropy = entropy};

/* ---- the chain ---- */

const struct croft_public_key *croft_bench_chain_key(struct croft_bench_chain *c)
{
    croft_secret_key_make(&c->key, croft_world_system());
    c->public_key = croft_public_key_of(&c->key);
    return &c->public_key;
}

croft_err croft_bench_chain_open(struct croft_bench_chain *c, const Croft__V1__Genesis *genesis,
                                 struct croft_why *why)
{
    char path[4096];
    struct croft_solo_opened opened;
    struct croft_solo_options options = {
        .genesis = genesis,
        .world = &c->world,
        .key = &c->key,
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
        .accept_clock = true,
    };
    c->world.ops = &clock_ops;
    CROFT_TRY(croft_posix_disk_open(c->folder, true, &c->disk, why));
    snprintf(path, sizeof path, "%s/state.mdb", c->folder);
    CROFT_TRY(croft_lmdb_checkpoint_open(path, (u64)64 << 30, &c->checkpoint, why));
    options.disk = c->disk;
    options.checkpoint = c->checkpoint;
    if (!croft_region_map(&c->region, croft_solo_size(&options)))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    struct croft_arena mem = croft_region_arena(&c->region);
    CROFT_TRY(croft_solo_open(&mem, &options, &c->solo, &opened, why));
    croft_solo_trust_signatures(c->solo, true);
    return CROFT_OK;
}

void croft_bench_chain_close(struct croft_bench_chain *c)
{
    char command[4200];
    if (c->solo != NULL)
        croft_solo_close(c->solo);
    if (c->checkpoint != NULL)
        croft_lmdb_checkpoint_close(c->checkpoint);
    if (c->disk != NULL)
        croft_posix_disk_close(c->disk);
    snprintf(command, sizeof command, "rm -rf -- '%s'", c->folder);
    int rc = system(command);
    CROFT_ASSERT(rc == 0);
    croft_region_unmap(&c->region);
}

/* ---- blocks ---- */

static croft_err step_until_done(struct croft_bench_chain *c, struct croft_why *why)
{
    struct croft_batch *done = NULL;
    while (done == NULL)
        CROFT_TRY(croft_solo_step(c->solo, &done, why));
    return CROFT_OK;
}

croft_err croft_bench_chain_run(struct croft_bench_chain *c, const struct croft_bytes *tx, u32 count, u64 *stamp,
                                struct croft_arena mem, double *seconds, struct croft_why *why)
{
    struct croft_batch batch = {.count = count, .item = croft_new(&mem, struct croft_item, count)};
    CROFT_ASSERT(batch.item != NULL);
    for (u32 i = 0; i < count; i++)
        batch.item[i].bytes = tx[i];
    batch.mem = mem;
    double start = croft_core_seconds();
    croft_solo_admit(c->solo, &batch);
    for (u32 i = 0; i < count; i++)
        if (batch.item[i].phase == CROFT_ITEM_CHECKED)
            batch.item[i].phase = CROFT_ITEM_VERIFIED;
    croft_solo_queue(c->solo, &batch);
    CROFT_TRY(step_until_done(c, why));
    *seconds += croft_core_seconds() - start;
    for (u32 i = 0; i < count; i++) {
        const struct croft_item *item = &batch.item[i];
        if (item->err != CROFT_OK)
            return croft_fail(why, CROFT_ERR_STATE, "transaction %u: %s", i, croft_err_text(item->err));
        stamp[i] = item->height << 20 | item->index;
    }
    return CROFT_OK;
}

croft_err croft_bench_chain_due(struct croft_bench_chain *c, struct croft_why *why)
{
    struct croft_batch *done;
    return croft_solo_wait_ms(c->solo) == 0 ? croft_solo_step(c->solo, &done, why) : CROFT_OK;
}
