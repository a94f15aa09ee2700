#include "consensus/solo/pool.h"

#include "base/assert.h"

#include <pthread.h>
#include <stdlib.h>

/* A chunk is a few milliseconds of verifying: long against a lock, short against a block. */
enum { CHUNK_ITEMS = 64 };

/* A batch between give and take. */
struct ticket {
    struct croft_batch *batch;
    u32 next; /* first item not handed out */
    u32 left; /* items not verified */
};

/* Items that a thread verifies in one go. */
struct piece {
    u64 ticket;
    struct croft_item *item;
    u32 count;
};

struct chunk {
    u32 pieces;
    struct piece piece[CHUNK_ITEMS];
};

struct croft_pool {
    struct croft_pool_options options;
    pthread_t *thread;
    pthread_mutex_t lock;
    pthread_cond_t work, idle; /* something to hand out; nothing handed out */
    /* Under the lock; oldest <= handing <= newest count tickets since start. */
    struct ticket *ticket; /* a ring of batches_max */
    u64 oldest, handing, newest;
    u64 waiting; /* items not handed out */
    u32 busy;    /* threads with a chunk */
    bool quit;
};

static struct ticket *ticket_at(struct croft_pool *p, u64 number)
{
    return &p->ticket[number % p->options.batches_max];
}

/* Small chunks when little is there, so that all threads share it. */
static u32 chunk_size(const struct croft_pool *p)
{
    u64 share = (p->waiting + p->options.threads - 1) / p->options.threads;
    return share < CHUNK_ITEMS ? (u32)share : CHUNK_ITEMS;
}

static void take_chunk(struct croft_pool *p, struct chunk *out)
{
    u32 room = chunk_size(p);
    out->pieces = 0;
    while (room > 0) {
        struct ticket *t = ticket_at(p, p->handing);
        u32 left = t->batch->count - t->next, count = left < room ? left : room;
        out->piece[out->pieces++] = (struct piece){p->handing, t->batch->item + t->next, count};
        t->next += count;
        room -= count;
        p->waiting -= count;
        if (t->next == t->batch->count)
            p->handing++;
    }
    p->busy++;
}

/* True when the oldest batch became ready by it. */
static bool finish_chunk(struct croft_pool *p, const struct chunk *c)
{
    bool ready = false;
    for (u32 i = 0; i < c->pieces; i++) {
        struct ticket *t = ticket_at(p, c->piece[i].ticket);
        CROFT_ASSERT(t->left >= c->piece[i].count);
        t->left -= c->piece[i].count;
        ready = ready || (t->left == 0 && c->piece[i].ticket == p->oldest);
    }
    p->busy--;
    if (p->busy == 0)
        pthread_cond_signal(&p->idle);
    return ready;
}

/* The next chunk, or false at the end. */
static bool wait_for_chunk(struct croft_pool *p, struct chunk *out)
{
    pthread_mutex_lock(&p->lock);
    while (p->waiting == 0 && !p->quit)
        pthread_cond_wait(&p->work, &p->lock);
    bool found = p->waiting > 0;
    if (found)
        take_chunk(p, out);
    pthread_mutex_unlock(&p->lock);
    return found;
}

static void *verify(void *arg)
{
    struct croft_pool *p = arg;
    struct chunk chunk;
    while (wait_for_chunk(p, &chunk)) {
        for (u32 i = 0; i < chunk.pieces; i++)
            croft_items_verify(chunk.piece[i].item, chunk.piece[i].count);
        pthread_mutex_lock(&p->lock);
        bool ready = finish_chunk(p, &chunk);
        pthread_mutex_unlock(&p->lock);
        if (ready)
            p->options.ready(p->options.arg);
    }
    return NULL;
}

/* ---- the owner's side ---- */

static void join_threads(struct croft_pool *p, u32 count)
{
    pthread_mutex_lock(&p->lock);
    p->quit = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (u32 i = 0; i < count; i++)
        pthread_join(p->thread[i], NULL);
}

static void free_pool(struct croft_pool *p)
{
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->idle);
    pthread_mutex_destroy(&p->lock);
    free(p->ticket);
    free(p->thread);
    free(p);
}

croft_err croft_pool_start(const struct croft_pool_options *options, struct croft_pool **out)
{
    CROFT_ASSERT(options->threads > 0 && options->batches_max > 0);
    struct croft_pool *p = calloc(1, sizeof *p);
    if (p == NULL)
        return CROFT_ERR_NOMEM;
    p->options = *options;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->idle, NULL);
    p->ticket = calloc(options->batches_max, sizeof *p->ticket);
    p->thread = calloc(options->threads, sizeof *p->thread);
    u32 started = 0;
    if (p->ticket != NULL && p->thread != NULL)
        while (started < options->threads && pthread_create(&p->thread[started], NULL, verify, p) == 0)
            started++;
    if (started < options->threads) {
        join_threads(p, started);
        free_pool(p);
        return CROFT_ERR_NOMEM;
    }
    *out = p;
    return CROFT_OK;
}

/* oldest and newest change only in the owner's thread, so it may read them without the lock. */
bool croft_pool_has_room(const struct croft_pool *p)
{
    return p->newest - p->oldest < p->options.batches_max;
}

bool croft_pool_is_empty(const struct croft_pool *p)
{
    return p->newest == p->oldest;
}

void croft_pool_give(struct croft_pool *p, struct croft_batch *batch)
{
    CROFT_ASSERT(croft_pool_has_room(p) && batch->count > 0);
    pthread_mutex_lock(&p->lock);
    *ticket_at(p, p->newest++) = (struct ticket){.batch = batch, .left = batch->count};
    p->waiting += batch->count;
    if (batch->count > 1)
        pthread_cond_broadcast(&p->work);
    else
        pthread_cond_signal(&p->work);
    pthread_mutex_unlock(&p->lock);
}

struct croft_batch *croft_pool_take(struct croft_pool *p)
{
    struct croft_batch *batch = NULL;
    pthread_mutex_lock(&p->lock);
    if (p->oldest < p->newest && ticket_at(p, p->oldest)->left == 0)
        batch = ticket_at(p, p->oldest++)->batch;
    pthread_mutex_unlock(&p->lock);
    return batch;
}

void croft_pool_drop(struct croft_pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->waiting = 0;
    p->handing = p->newest;
    while (p->busy > 0)
        pthread_cond_wait(&p->idle, &p->lock);
    p->oldest = p->newest;
    pthread_mutex_unlock(&p->lock);
}

void croft_pool_stop(struct croft_pool *p)
{
    CROFT_ASSERT(croft_pool_is_empty(p));
    join_threads(p, p->options.threads);
    free_pool(p);
}
