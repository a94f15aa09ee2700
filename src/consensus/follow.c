#include "consensus/follow.h"

#include "base/assert.h"
#include "chain/client.h"
#include "consensus/server_session.h"
#include "consensus/stored.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { TIMEOUT_MS = 5000, QUIET_MS = 15000, RETRY_MS = 200, RETRY_MAX_MS = 5000, SLICE_MS = 50 };

/* An answer with blocks, twice: as it came and as the decoded copy. */
#define ANSWER_BYTES ((size_t)256 << 20)

/* One answer's blocks on their way through the sequencer's thread. */
struct applying {
    const Croft__V1__Blocks *blocks;
    u64 height; /* after the last one that was applied */
    struct croft_hash id;
    croft_err err;
    struct croft_why why;
    bool done; /* under the lock */
};

struct croft_follow {
    struct croft_follow_options options;
    struct croft_server *server;
    struct croft_engine *engine;
    struct croft_hash network;
    const char *network_name;
    u64 height; /* here, and the block's id */
    struct croft_hash id;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    atomic_bool stop;
    bool joined;
    struct croft_region answer, scratch;
    struct applying work;
};

/* ---- in the sequencer's thread ---- */

static void finish(struct croft_follow *f)
{
    pthread_mutex_lock(&f->lock);
    f->work.done = true;
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

/* A time that this machine's clock does not know yet would bind the chain to it for good. */
static croft_err check_time(const struct croft_follow *f, struct croft_bytes block, struct croft_why *why)
{
    struct croft_header h;
    u64 now_ms = f->options.world->ops->wall_ms(f->options.world);
    if (croft_block_peek(block, &h) != CROFT_OK || h.time_ms <= now_ms + CROFT_FOLLOW_AHEAD_MS)
        return CROFT_OK; /* what is no block is refused by who applies it */
    return croft_fail(why, CROFT_ERR_CLOCK,
                      "block %" PRIu64 " is dated %" PRIu64 " minutes after this machine's clock: it waits\n"
                      "compare the clocks of both machines",
                      h.height, (h.time_ms - now_ms) / 60000);
}

static void apply_all(struct croft_solo *s, void *arg)
{
    struct croft_follow *f = arg;
    struct applying *w = &f->work;
    for (size_t i = 0; i < w->blocks->n_blocks && w->err == CROFT_OK; i++) {
        struct croft_bytes block = {w->blocks->blocks[i].data, w->blocks->blocks[i].len};
        w->err = check_time(f, block, &w->why);
        if (w->err == CROFT_OK)
            w->err = croft_solo_apply(s, block, croft_region_arena(&f->scratch), &w->why);
        if (w->err == CROFT_OK)
            croft_server_took_block(f->server, block);
    }
    w->height = croft_ledger_height(croft_solo_ledger(s));
    w->id = croft_solo_last_id(s);
    finish(f);
}

static void find_id(struct croft_solo *s, void *arg)
{
    struct croft_follow *f = arg;
    struct applying *w = &f->work;
    w->err = croft_stored_id_at(s, w->height, croft_region_arena(&f->scratch), &w->id, &w->why);
    finish(f);
}

/* ---- the follower's thread ---- */

/* Has f->work done in the sequencer's thread. */
static croft_err work(struct croft_follow *f, void (*fn)(struct croft_solo *s, void *arg), struct croft_why *why)
{
    croft_err err = croft_engine_call(f->engine, fn, f);
    if (err != CROFT_OK)
        return croft_fail(why, CROFT_ERR_INTERRUPTED, "the chain is being stopped");
    pthread_mutex_lock(&f->lock);
    while (!f->work.done)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
    if (f->work.err != CROFT_OK)
        *why = f->work.why;
    return f->work.err;
}

/* What was applied before a fault stays applied. */
static croft_err apply(struct croft_follow *f, const Croft__V1__Blocks *blocks, struct croft_why *why)
{
    f->work = (struct applying){.blocks = blocks};
    croft_err err = work(f, apply_all, why);
    if (f->work.done) {
        f->height = f->work.height;
        f->id = f->work.id;
    }
    return err;
}

static croft_err own_id(struct croft_follow *f, u64 height, struct croft_hash *out, struct croft_why *why)
{
    f->work = (struct applying){.height = height};
    CROFT_TRY(work(f, find_id, why));
    *out = f->work.id;
    return CROFT_OK;
}

/* One connection: a fetch is always out, and after a long silence a question whether anybody is there. */
struct following {
    struct croft_follow *f;
    struct croft_client client;
    u64 fetch, ping; /* ids; ping 0: none is out */
    u64 from;        /* what the fetch asks for */
    u32 quiet_ms;    /* since something came */
};

static croft_err say_stored(struct following *g, struct croft_why *why)
{
    const struct croft_follow *f = g->f;
    struct croft_hash id = f->id;
    struct croft_public_key key;
    struct croft_signature signature;
    Croft__V1__BlockStored call = CROFT__V1__BLOCK_STORED__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    call.height = f->height;
    if (f->height != 0)
        call.block_id = (ProtobufCBinaryData){sizeof id.b, id.b};
    if (f->height != 0 && f->options.key != NULL) {
        key = croft_public_key_of(f->options.key);
        signature = croft_stored_sign(f->options.key, &f->network, f->height, &id);
        call.public_key = (ProtobufCBinaryData){sizeof key.b, key.b};
        call.signature = (ProtobufCBinaryData){sizeof signature.b, signature.b};
    }
    request.call_case = CROFT__V1__REQUEST__CALL_BLOCK_STORED;
    request.block_stored = &call;
    return croft_client_send(&g->client, &request, &g->ping, why);
}

static croft_err ask(struct following *g, u64 from, struct croft_why *why)
{
    Croft__V1__FetchBlocks call = CROFT__V1__FETCH_BLOCKS__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    call.from_height = g->from = from;
    call.count = CROFT_FETCH_BLOCKS_MAX;
    call.wait = true;
    request.call_case = CROFT__V1__REQUEST__CALL_FETCH_BLOCKS;
    request.fetch_blocks = &call;
    return croft_client_send(&g->client, &request, &g->fetch, why);
}

/* The next blocks are on their way while these are applied. */
static croft_err take_blocks(struct following *g, const Croft__V1__Blocks *blocks, struct croft_why *why)
{
    CROFT_TRY(ask(g, g->from + blocks->n_blocks, why));
    if (blocks->n_blocks == 0)
        return CROFT_OK;
    CROFT_TRY(apply(g->f, blocks, why));
    return say_stored(g, why);
}

static croft_err take_answer(struct following *g, const Croft__V1__Response *r, struct croft_why *why)
{
    if (r->error != CROFT_OK)
        return croft_fail(why, croft_err_of(r->error), "the other chain answers: %.400s", r->message);
    g->ping = r->id == g->ping ? 0 : g->ping;
    if (r->id != g->fetch)
        return CROFT_OK;
    if (r->result_case != CROFT__V1__RESPONSE__RESULT_BLOCKS)
        return croft_fail(why, CROFT_ERR_FRAME, "the other chain answered a fetch with something else");
    return take_blocks(g, r->blocks, why);
}

/* An idle chain makes no blocks; after a while it is asked whether it is there. */
static croft_err take_silence(struct following *g, struct croft_why *why)
{
    g->quiet_ms += SLICE_MS;
    if (g->quiet_ms < QUIET_MS)
        return CROFT_OK;
    if (g->ping != 0)
        return croft_fail(why, CROFT_ERR_TIMEOUT, "the other chain went silent");
    g->quiet_ms = 0;
    return say_stored(g, why);
}

static croft_err listen_once(struct following *g, struct croft_why *why)
{
    Croft__V1__Response *response = NULL;
    struct croft_arena mem = croft_region_arena(&g->f->answer);
    croft_err err = croft_client_receive(&g->client, SLICE_MS, &mem, &response, why);
    if (err == CROFT_ERR_TIMEOUT)
        return take_silence(g, why);
    CROFT_TRY(err);
    g->quiet_ms = 0;
    return take_answer(g, response, why);
}

/* ---- one chain or two ---- */

/* Their block's id.  CROFT_ERR_NOT_FOUND: they do not have it any more, or not yet (*out zero). */
static croft_err their_id(struct following *g, u64 height, struct croft_hash *out, struct croft_why *why)
{
    Croft__V1__FetchBlocks call = CROFT__V1__FETCH_BLOCKS__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    struct croft_arena mem = croft_region_arena(&g->f->answer);
    struct croft_header h;
    call.from_height = height;
    call.count = 1;
    request.call_case = CROFT__V1__REQUEST__CALL_FETCH_BLOCKS;
    request.fetch_blocks = &call;
    CROFT_TRY(croft_client_call(&g->client, &request, &mem, &response, why));
    const Croft__V1__Blocks *b = response->blocks;
    if (response->result_case == CROFT__V1__RESPONSE__RESULT_BLOCKS && b->n_blocks == 0)
        return croft_fail(why, CROFT_ERR_NOT_FOUND, "the other chain does not have block %" PRIu64 " yet", height);
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_BLOCKS ||
        croft_block_peek((struct croft_bytes){b->blocks[0].data, b->blocks[0].len}, &h) != CROFT_OK ||
        h.height != height)
        return croft_fail(why, CROFT_ERR_FRAME, "the other chain answered a fetch with something else");
    *out = croft_block_id(&h);
    return CROFT_OK;
}

static croft_err their_height(struct following *g, u64 *out, struct croft_why *why)
{
    Croft__V1__Status call = CROFT__V1__STATUS__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    struct croft_arena mem = croft_region_arena(&g->f->answer);
    request.call_case = CROFT__V1__REQUEST__CALL_STATUS;
    request.status = &call;
    CROFT_TRY(croft_client_call(&g->client, &request, &mem, &response, why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_STATUS)
        return croft_fail(why, CROFT_ERR_FRAME, "the other chain answered a status with something else");
    *out = response->status->height;
    return CROFT_OK;
}

/* What one side does not have any more counts as the same: the blocks after it tell. */
static croft_err is_same(struct following *g, u64 height, bool *out, struct croft_why *why)
{
    struct croft_hash own = {{0}}, theirs = {{0}};
    *out = true;
    croft_err err = own_id(g->f, height, &own, why);
    if (err == CROFT_OK)
        err = their_id(g, height, &theirs, why);
    if (err == CROFT_OK)
        *out = croft_hash_equal(&own, &theirs);
    return err == CROFT_ERR_NOT_FOUND ? CROFT_OK : err;
}

/* The two have another block at `height`: blocks chain, so all before the first that differs are the same. */
static croft_err say_fork(struct following *g, u64 height, struct croft_why *why)
{
    u64 same = 0, differs = height;
    while (differs - same > 1) {
        u64 middle = same + (differs - same) / 2;
        bool equal;
        CROFT_TRY(is_same(g, middle, &equal, why));
        same = equal ? middle : same;
        differs = equal ? differs : middle;
    }
    return croft_fail(why, CROFT_ERR_BLOCK,
                      "block %" PRIu64 " here is another one than at %.200s: from there on they are two chains, and what is "
                      "here does not follow that one\n"
                      "find out which is right; to follow the other, begin an empty folder with its genesis or snapshot",
                      differs, g->f->options.where);
}

static croft_err compare_behind(struct following *g, struct croft_why *why)
{
    u64 theirs = 0;
    bool equal = true;
    CROFT_TRY(their_height(g, &theirs, why));
    if (theirs != 0 && theirs < g->f->height)
        CROFT_TRY(is_same(g, theirs, &equal, why));
    if (!equal)
        return say_fork(g, theirs, why);
    if (theirs >= g->f->height)
        return CROFT_OK; /* its log begins later, or it grew meanwhile */
    return croft_fail(why, CROFT_ERR_UNAVAILABLE,
                      "the chain at %.200s ends at block %" PRIu64 ", before block %" PRIu64 " that is here", g->f->options.where,
                      theirs, g->f->height);
}

/* Nobody is told that something is stored here before it is known to be the same. */
static croft_err compare(struct following *g, struct croft_why *why)
{
    struct croft_hash theirs = {{0}};
    if (g->f->height == 0)
        return CROFT_OK;
    croft_err err = their_id(g, g->f->height, &theirs, why);
    if (err == CROFT_ERR_NOT_FOUND)
        return compare_behind(g, why);
    CROFT_TRY(err);
    return croft_hash_equal(&theirs, &g->f->id) ? CROFT_OK : say_fork(g, g->f->height, why);
}

static croft_err follow_peer(struct following *g, struct croft_why *why)
{
    struct croft_follow *f = g->f;
    CROFT_TRY(compare(g, why));
    CROFT_TRY(say_stored(g, why));
    CROFT_TRY(ask(g, f->height + 1, why));
    if (f->options.connected != NULL)
        f->options.connected(f->options.arg, f->height);
    while (!f->stop)
        CROFT_TRY(listen_once(g, why));
    return CROFT_ERR_INTERRUPTED;
}

static croft_err follow_once(struct croft_follow *f, struct croft_why *why)
{
    struct following g = {.f = f, .client = {.fd = -1}};
    const struct croft_client_options options = {
        .world = f->options.world,
        .where = f->options.where,
        .network = f->network,
        .network_name = f->network_name,
        .timeout_ms = TIMEOUT_MS,
    };
    CROFT_TRY(croft_client_open(&options, &g.client, why));
    croft_err err = follow_peer(&g, why);
    croft_client_close(&g.client);
    return err;
}

static bool may_mend(croft_err err)
{
    return err == CROFT_ERR_UNAVAILABLE || err == CROFT_ERR_TIMEOUT || err == CROFT_ERR_HALTED ||
           err == CROFT_ERR_FRAME || err == CROFT_ERR_NOMEM || err == CROFT_ERR_CLOCK;
}

static void nap(struct croft_follow *f, u32 ms)
{
    const struct timespec slice = {.tv_nsec = SLICE_MS * 1000000};
    for (u32 slept = 0; slept < ms && !f->stop; slept += SLICE_MS)
        nanosleep(&slice, NULL);
}

static void give_up(struct croft_follow *f, croft_err err, const struct croft_why *why)
{
    struct croft_why said;
    if (err == CROFT_ERR_NOT_FOUND)
        croft_fail(&said, err,
                   "%.300s\nrestore a newer snapshot into an empty folder: croft chain init --snapshot",
                   why->text);
    else
        said = *why;
    croft_server_fail(f->server, err, &said);
}

static void *follow(void *arg)
{
    struct croft_follow *f = arg;
    u32 pause_ms = RETRY_MS;
    while (!f->stop) {
        struct croft_why why = {{0}};
        u64 before = f->height;
        croft_err err = follow_once(f, &why);
        if (f->stop || err == CROFT_ERR_INTERRUPTED)
            break;
        if (!may_mend(err)) {
            give_up(f, err, &why);
            break;
        }
        if (f->options.lost != NULL)
            f->options.lost(f->options.arg, &why);
        pause_ms = f->height > before ? (u32)RETRY_MS : pause_ms;
        nap(f, pause_ms);
        pause_ms = pause_ms * 2 < RETRY_MAX_MS ? pause_ms * 2 : (u32)RETRY_MAX_MS;
    }
    return NULL;
}

/* ---- start and stop ---- */

static void free_follow(struct croft_follow *f)
{
    croft_region_unmap(&f->answer);
    croft_region_unmap(&f->scratch);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->changed);
    free(f);
}

static void join(void *arg)
{
    struct croft_follow *f = arg;
    f->stop = true;
    pthread_join(f->thread, NULL);
    f->joined = true;
}

static int start_masked(struct croft_follow *f)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&f->thread, NULL, follow, f);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

croft_err croft_follow_start(const struct croft_follow_options *options, struct croft_server *server,
                             struct croft_home *home, struct croft_follow **out)
{
    struct croft_follow *f = calloc(1, sizeof *f);
    if (f == NULL)
        return CROFT_ERR_NOMEM;
    f->options = *options;
    f->server = server;
    f->engine = croft_server_engine(server);
    f->network = home->network;
    f->network_name = home->genesis->name;
    f->height = croft_ledger_height(croft_solo_ledger(home->solo));
    f->id = croft_solo_last_id(home->solo);
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    bool mapped = croft_region_map(&f->answer, ANSWER_BYTES) && croft_region_map(&f->scratch, ANSWER_BYTES);
    if (!mapped || start_masked(f) != 0) {
        free_follow(f);
        return CROFT_ERR_NOMEM;
    }
    croft_server_before_stop(server, join, f);
    *out = f;
    return CROFT_OK;
}

void croft_follow_close(struct croft_follow *f)
{
    CROFT_ASSERT(f->joined);
    free_follow(f);
}
