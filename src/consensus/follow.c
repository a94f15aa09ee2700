#include "consensus/follow.h"

#include "base/assert.h"
#include "chain/client.h"
#include "consensus/server_session.h"

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
    u64 height; /* here */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    atomic_bool stop;
    bool joined;
    struct croft_region answer, scratch;
    struct applying work;
};

/* ---- in the sequencer's thread ---- */

static void apply_all(struct croft_solo *s, void *arg)
{
    struct croft_follow *f = arg;
    struct applying *w = &f->work;
    for (size_t i = 0; i < w->blocks->n_blocks && w->err == CROFT_OK; i++) {
        struct croft_bytes block = {w->blocks->blocks[i].data, w->blocks->blocks[i].len};
        w->err = croft_solo_apply(s, block, croft_region_arena(&f->scratch), &w->why);
        if (w->err == CROFT_OK)
            croft_server_took_block(f->server, block);
    }
    w->height = croft_ledger_height(croft_solo_ledger(s));
    pthread_mutex_lock(&f->lock);
    w->done = true;
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

/* ---- the follower's thread ---- */

static croft_err apply(struct croft_follow *f, const Croft__V1__Blocks *blocks, struct croft_why *why)
{
    f->work = (struct applying){.blocks = blocks};
    croft_err err = croft_engine_call(f->engine, apply_all, f);
    if (err != CROFT_OK)
        return croft_fail(why, CROFT_ERR_INTERRUPTED, "the chain is being stopped");
    pthread_mutex_lock(&f->lock);
    while (!f->work.done)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
    f->height = f->work.height;
    if (f->work.err != CROFT_OK)
        *why = f->work.why;
    return f->work.err;
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
    Croft__V1__BlockStored call = CROFT__V1__BLOCK_STORED__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    call.height = g->f->height;
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

static croft_err follow_peer(struct following *g, struct croft_why *why)
{
    struct croft_follow *f = g->f;
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
           err == CROFT_ERR_FRAME || err == CROFT_ERR_NOMEM;
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
