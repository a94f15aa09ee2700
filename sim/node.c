#include "sim/sim_int.h"

#include "base/assert.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <string.h>

enum { JOB_BYTES = 64 << 20, IDLE_STEPS_MAX = 4 };

/* ---- making ---- */

static struct croft_solo_options options_of(const struct croft_sim *s, const struct croft_sim_node *n)
{
    return (struct croft_solo_options){
        .genesis = s->genesis,
        .disk = croft_fake_disk_of(n->disk),
        .checkpoint = croft_fake_checkpoint_of(n->checkpoint),
        .world = (struct croft_world *)(uintptr_t)&s->world.world,
        .key = n->key,
        .hash_seed = {1},
        .pool_txs_max = 200,
        .pool_per_account_max = 40,
        .checkpoint_log_bytes = 1 << 15,
        .block_txs_max = s->block_txs_max,
        .journal_bytes = 16 << 20,
        .log = {.segment_bytes = 1 << 16,
                .segments_max = 1 << 12,
                .blocks_max = 1 << 20,
                .room_bytes = s->log_room_bytes,
                .first_height = 1},
        .index = {.run_txs_max = 128, .runs_max = 1 << 12},
    };
}

static void make_node(struct croft_sim *s, struct croft_sim_node *n, const char *name)
{
    n->name = name;
    n->disk = croft_fake_disk_make(croft_rng_next(&s->fault_rng));
    n->checkpoint = croft_fake_checkpoint_make();
    bool mapped = croft_region_map(&n->job_memory, JOB_BYTES);
    CROFT_ASSERT(mapped);
}

static croft_err open_node(struct croft_sim *s, struct croft_sim_node *n, struct croft_why *why)
{
    struct croft_solo_options options = options_of(s, n);
    struct croft_solo_opened opened;
    bool mapped = croft_region_map(&n->memory, croft_solo_size(&options));
    CROFT_ASSERT(mapped);
    struct croft_arena mem = croft_region_arena(&n->memory);
    croft_err err = croft_solo_open(&mem, &options, &n->solo, &opened, why);
    if (err != CROFT_OK) {
        n->solo = NULL;
        croft_region_unmap(&n->memory);
        return err;
    }
    croft_sim_note(s, "%s is open at block %" PRIu64 ", from the checkpoint at %" PRIu64 "%s%s", n->name,
                   opened.height, opened.checkpoint_height, opened.log.said.text[0] ? ": " : "",
                   opened.log.said.text);
    return CROFT_OK;
}

/* ---- stopping ---- */

/* What was begun may have been committed just before the end; the driver never hears of it. */
static void abandon_job(struct croft_sim *s, struct croft_sim_node *n)
{
    struct croft_why unused;
    if (n->job_running && croft_rng_chance(&s->fault_rng, 2)) {
        croft_err err = croft_checkpoint_job_run(&n->job, &unused);
        croft_sim_note(s, "%s: a checkpoint at %" PRIu64 " was%s committed in its last moment", n->name,
                       n->job.height, err == CROFT_OK ? "" : " not");
    }
    n->job_running = false;
}

static void stop_node(struct croft_sim *s, struct croft_sim_node *n, enum croft_sim_stop how)
{
    static const char *const name[] = {"is closed", "is killed", "loses its power"};
    croft_sim_note(s, "%s %s", n->name, name[how]);
    abandon_job(s, n);
    if (how == CROFT_SIM_CLOSE && n->solo != NULL)
        croft_solo_close(n->solo);
    if (how == CROFT_SIM_POWER_LOSS)
        croft_fake_disk_crash(n->disk);
    croft_fake_disk_restart(n->disk);
    n->solo = NULL;
    croft_region_unmap(&n->memory);
    s->result->restarts++;
}

/* ---- opening ---- */

/* Opens it, now and then failing on the way; a node that failed is killed or loses its power and tries again.
 */
static void open_at_last(struct croft_sim *s, struct croft_sim_node *n)
{
    for (u32 attempt = 0;; attempt++) {
        struct croft_why why = {""};
        bool planned = attempt < 3 && croft_rng_chance(&s->fault_rng, 4);
        if (planned)
            croft_fake_disk_plan(n->disk, CROFT_FAKE_ANY, 1 + croft_rng_below(&s->fault_rng, 60),
                                 croft_rng_chance(&s->fault_rng, 4) ? CROFT_FAKE_FAIL : CROFT_FAKE_CRASH);
        croft_err err = open_node(s, n, &why);
        if (err == CROFT_OK)
            return;
        croft_sim_note(s, "%s does not open: %s", n->name, why.text);
        croft_fake_disk_set_room(n->disk, UINT64_MAX);
        CROFT_SIM_MUST(s, attempt < 6 && (planned || err == CROFT_ERR_DISK_FULL), "%s does not open: %s: %s",
                       n->name, croft_err_name(err), why.text);
        croft_fake_disk_restart(n->disk);
    }
}

/* The block that was being written when the sequencer stopped may be there: nobody was told, and it counts.
 */
static void catch_up(struct croft_sim *s)
{
    struct croft_sim_node *n = &s->node[0];
    u64 height = croft_ledger_height(croft_solo_ledger(n->solo));
    CROFT_SIM_MUST(s, height >= s->height,
                   "block %" PRIu64 " was acknowledged, the log ends at %" PRIu64, s->height, height);
    CROFT_SIM_MUST(s, height <= s->height + 1, "the log has block %" PRIu64 " after block %" PRIu64,
                   height, s->height);
    if (height > s->height) {
        struct croft_arena mem = croft_region_arena(&s->scratch);
        struct croft_block b;
        struct croft_why why = {""};
        croft_err err = croft_blocklog_read(croft_solo_log(n->solo), height, &mem, &b, &why);
        CROFT_SIM_MUST(s, err == CROFT_OK, "block %" PRIu64 " cannot be read: %s", height, why.text);
        ProtobufCBinaryData copy = croft_sim_copy(s, b.bytes.at, b.bytes.len);
        croft_sim_block_stands(s, (struct croft_bytes){copy.data, copy.len}, false);
    }
    struct croft_hash id = croft_solo_last_id(n->solo);
    CROFT_SIM_MUST(s, croft_hash_equal(&id, &s->last_id), "the last block is another one than before");
    CROFT_SIM_MUST(s, croft_solo_last_time_ms(n->solo) == s->last_time_ms || s->height == 0,
                   "the time of the last block was lost");
    s->scenario->check_state(s, croft_solo_ledger(n->solo));
}

static struct croft_hash app_hash_of(const struct croft_sim_node *n)
{
    return croft_ledger_app_hash(croft_solo_ledger(n->solo));
}

/* The same log without its checkpoint: everything again from genesis, with the same result. */
static void check_from_genesis(struct croft_sim *s, struct croft_sim_node *n)
{
    struct croft_sim_node plain = *n;
    struct croft_why why = {""};
    struct croft_hash want = app_hash_of(n);
    plain.checkpoint = croft_fake_checkpoint_make();
    plain.name = "a replay from genesis";
    plain.solo = NULL;
    croft_solo_close(n->solo);
    croft_fake_disk_restart(n->disk);
    croft_err err = open_node(s, &plain, &why);
    CROFT_SIM_MUST(s, err == CROFT_OK, "%s fails: %s", plain.name, why.text);
    struct croft_hash got = app_hash_of(&plain);
    CROFT_SIM_MUST(s, croft_hash_equal(&got, &want), "%s gives another root than %s", plain.name, n->name);
    if (n == &s->node[0])
        s->scenario->check_state(s, croft_solo_ledger(plain.solo));
    croft_solo_close(plain.solo);
    croft_region_unmap(&plain.memory);
    croft_fake_checkpoint_free(plain.checkpoint);
    croft_fake_disk_restart(n->disk);
    croft_region_unmap(&n->memory);
    err = open_node(s, n, &why);
    CROFT_SIM_MUST(s, err == CROFT_OK, "%s does not open: %s", n->name, why.text);
}

static void check_some_kept(struct croft_sim *s, struct croft_sim_node *n)
{
    u64 height = croft_ledger_height(croft_solo_ledger(n->solo));
    for (u32 i = 0; i < 4 && s->tx_count > 0; i++) {
        struct croft_sim_tx *t = s->tx[croft_rng_below(&s->fault_rng, s->tx_count)];
        if (t->height != 0 && t->height <= height)
            croft_sim_check_kept(s, n, t);
    }
}

void croft_sim_restart(struct croft_sim *s, struct croft_sim_node *n, enum croft_sim_stop how)
{
    bool is_sequencer = n == &s->node[0];
    if (is_sequencer)
        croft_sim_lose_flights(s);
    stop_node(s, n, how);
    open_at_last(s, n);
    croft_fake_disk_set_room(n->disk, UINT64_MAX);
    croft_fake_disk_plan(n->disk, CROFT_FAKE_ANY, UINT64_MAX, CROFT_FAKE_FAIL); /* forgets what was planned */
    if (is_sequencer)
        catch_up(s);
    if (croft_rng_chance(&s->fault_rng, 10))
        check_from_genesis(s, n);
    check_some_kept(s, n);
}

void croft_sim_nodes_make(struct croft_sim *s)
{
    make_node(s, &s->node[0], "sequencer");
    make_node(s, &s->node[1], "follower");
    s->node[0].key = &s->sequencer;
    for (u32 i = 0; i < 2; i++)
        open_at_last(s, &s->node[i]);
    s->last_time_ms = s->genesis->time_s * 1000;
    s->scenario->check_state(s, croft_solo_ledger(s->node[0].solo));
}

void croft_sim_nodes_free(struct croft_sim *s)
{
    for (u32 i = 0; i < 2; i++) {
        struct croft_sim_node *n = &s->node[i];
        croft_region_unmap(&n->memory);
        croft_region_unmap(&n->job_memory);
        if (n->disk != NULL)
            croft_fake_disk_free(n->disk);
        if (n->checkpoint != NULL)
            croft_fake_checkpoint_free(n->checkpoint);
    }
}

/* ---- working ---- */

u64 croft_sim_work_ms(const struct croft_sim *s)
{
    u64 wait_ms = croft_solo_wait_ms(s->node[0].solo), now_ms = s->world.now_ms;
    if (wait_ms == UINT64_MAX || s->stopped)
        return UINT64_MAX;
    return now_ms + wait_ms > s->busy_until_ms ? now_ms + wait_ms : s->busy_until_ms;
}

/* Nothing was written: nothing was due, whoever was answered was refused, and nothing changed. */
static void check_no_block(struct croft_sim *s, const struct croft_hash *before)
{
    struct croft_hash after = app_hash_of(&s->node[0]);
    s->scenario->no_block(s);
    CROFT_SIM_MUST(s, croft_hash_equal(before, &after), "refused transactions changed the state");
}

/* The block could not be written: it is as if it had never been tried. */
static void step_full(struct croft_sim *s, const struct croft_hash *before, struct croft_batch *done,
                      const struct croft_why *why)
{
    struct croft_hash after = app_hash_of(&s->node[0]);
    croft_sim_note(s, "the disk is full: %s", why->text);
    CROFT_SIM_MUST(s, croft_hash_equal(before, &after), "a block that was not written changed the state");
    croft_sim_answers_full(s);
    croft_sim_land(s, done);
    s->busy_until_ms = s->world.now_ms + 60000;
}

/* The driver is halted: by its disk, or because the next block is under rules that it does not know. */
static void step_halted(struct croft_sim *s, croft_err err, const struct croft_why *why)
{
    croft_sim_note(s, "the sequencer stops: %s: %s", croft_err_name(err), why->text);
    CROFT_SIM_MUST(s, err == CROFT_ERR_IO || err == CROFT_ERR_PROTOCOL, "the sequencer stops: %s: %s",
                   croft_err_name(err), why->text);
    s->stopped = err == CROFT_ERR_PROTOCOL;
    if (err == CROFT_ERR_IO)
        croft_sim_restart(s, &s->node[0], CROFT_SIM_KILL);
}

/* Whether this release knows the rules of the next block, by what was voted. */
static bool knows_next(const struct croft_sim *s)
{
    return s->model == NULL || s->model->chain.next_protocol == 0 || s->model->chain.next_height > s->height + 1;
}

/* One step; false when the sequencer should be left alone for now. */
static bool step(struct croft_sim *s)
{
    struct croft_solo *solo = s->node[0].solo;
    struct croft_why why = {""};
    struct croft_batch *done = NULL;
    struct croft_hash before = app_hash_of(&s->node[0]);
    u64 height = s->height;
    bool knows = knows_next(s);
    croft_err err = croft_solo_step(solo, &done, &why);
    CROFT_SIM_MUST(s, (err == CROFT_ERR_PROTOCOL) == !knows,
                   "%s although the protocol of block %" PRIu64 " is%s known", croft_err_name(err),
                   height + 1, knows ? "" : " not");
    if (err == CROFT_ERR_DISK_FULL)
        step_full(s, &before, done, &why);
    else if (err != CROFT_OK)
        step_halted(s, err, &why);
    if (err != CROFT_OK)
        return false;
    if (croft_ledger_height(croft_solo_ledger(solo)) > height)
        croft_sim_block_stands(s, croft_solo_last_block(solo), true);
    else
        check_no_block(s, &before);
    croft_sim_land(s, done);
    return true;
}

void croft_sim_work(struct croft_sim *s)
{
    u32 idle = 0;
    while (!s->stopped && croft_solo_wait_ms(s->node[0].solo) == 0 && s->world.now_ms >= s->busy_until_ms) {
        u64 height = s->height;
        if (!step(s))
            break;
        idle = s->height > height ? 0 : idle + 1;
        CROFT_SIM_MUST(s, idle < IDLE_STEPS_MAX, "the sequencer has work and gets nowhere");
    }
    croft_sim_follow(s);
}

/* ---- following ---- */

static void follow_one(struct croft_sim *s, struct croft_sim_node *n, u64 height)
{
    struct croft_why why = {""};
    croft_err err = croft_solo_apply(n->solo, s->block[height - 1], croft_region_arena(&s->scratch), &why);
    if (err == CROFT_ERR_DISK_FULL || err == CROFT_ERR_IO) {
        croft_sim_note(s, "the follower cannot write: %s", why.text);
        croft_fake_disk_set_room(n->disk, UINT64_MAX);
        if (err == CROFT_ERR_IO)
            croft_sim_restart(s, n, CROFT_SIM_KILL);
        return;
    }
    CROFT_SIM_MUST(s, err == CROFT_OK, "the follower refuses block %" PRIu64 ": %s", height, why.text);
    struct croft_header h;
    err = croft_block_peek(s->block[height - 1], &h);
    CROFT_ASSERT(err == CROFT_OK);
    struct croft_hash got = app_hash_of(n);
    CROFT_SIM_MUST(s, croft_hash_equal(&got, &h.app_hash), "the follower has another root at block %" PRIu64,
                   height);
}

void croft_sim_follow(struct croft_sim *s)
{
    struct croft_sim_node *n = &s->node[1];
    if (s->world.now_ms < s->away_until_ms)
        return;
    for (;;) {
        u64 height = croft_ledger_height(croft_solo_ledger(n->solo));
        CROFT_SIM_MUST(s, height <= s->height, "the follower is ahead of the sequencer");
        if (height == s->height)
            return;
        follow_one(s, n, height + 1);
    }
}

void croft_sim_promote(struct croft_sim *s)
{
    s->away_until_ms = 0;
    croft_sim_follow(s);
    croft_sim_note(s, "the follower takes over");
    croft_sim_lose_flights(s);
    stop_node(s, &s->node[0], CROFT_SIM_KILL);
    stop_node(s, &s->node[1], CROFT_SIM_CLOSE);
    struct croft_sim_node old = s->node[0];
    s->node[0] = s->node[1];
    s->node[1] = old;
    s->node[0].name = "sequencer";
    s->node[1].name = "follower";
    s->node[0].key = &s->sequencer;
    s->node[1].key = NULL;
    open_at_last(s, &s->node[0]);
    catch_up(s);
    open_at_last(s, &s->node[1]);
}

/* ---- checkpoints ---- */

void croft_sim_checkpoint(struct croft_sim *s, struct croft_sim_node *n)
{
    struct croft_why why = {""};
    if (!n->job_running) {
        croft_err err = croft_solo_checkpoint_begin(n->solo, croft_region_arena(&n->job_memory), &n->job);
        CROFT_SIM_MUST(s, err == CROFT_OK, "no checkpoint can be begun: %s", croft_err_name(err));
        n->job_running = true;
        croft_sim_note(s, "%s begins a checkpoint of %zu records", n->name, n->job.count);
        return;
    }
    croft_err err = croft_checkpoint_job_run(&n->job, &why);
    croft_solo_checkpoint_end(n->solo, &n->job, err);
    n->job_running = false;
    s->result->checkpoints += err == CROFT_OK;
    croft_sim_note(s, "%s has %s a checkpoint at %" PRIu64, n->name,
                   err == CROFT_OK ? "taken" : "failed to take", n->job.height);
    CROFT_SIM_MUST(s, err != CROFT_OK || croft_solo_checkpoint_height(n->solo) == n->job.height,
                   "the driver forgot its checkpoint");
}
