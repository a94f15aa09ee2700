#include "ledger/blobs.h"

#include "base/assert.h"

enum { CHUNK_GRANULES = CROFT_BLOB_GRANULES_MAX, CHUNK_BYTES = CHUNK_GRANULES * CROFT_BLOB_GRANULE };

/* Chunk 0, one for every k blobs, and one more; k as in blobs.h. */
static u32 chunks_for(u32 blobs_max, u32 granules_max)
{
    CROFT_ASSERT(granules_max >= 1 && granules_max <= CHUNK_GRANULES);
    u32 holes = 2 * granules_max - 1, k = (CHUNK_GRANULES + 1 - granules_max + holes - 1) / holes;
    return blobs_max / k + 2;
}

size_t croft_blobs_size(u32 blobs_max, u32 granules_max)
{
    return (size_t)chunks_for(blobs_max, granules_max) * (CHUNK_BYTES + sizeof(struct croft_blob_chunk)) + 256;
}

croft_err croft_blobs_init(struct croft_blobs *b, struct croft_arena *mem, u32 blobs_max, u32 granules_max)
{
    u32 chunks = chunks_for(blobs_max, granules_max);
    CROFT_ASSERT(blobs_max > 0 && chunks < UINT32_MAX / CHUNK_GRANULES);
    *b = (struct croft_blobs){.used = 1, .max = chunks, .granules_max = granules_max};
    b->base = croft_arena_take_raw(mem, b->max, CHUNK_BYTES, CROFT_BLOB_GRANULE);
    b->chunk = croft_arena_take_raw(mem, b->max, sizeof *b->chunk, _Alignof(struct croft_blob_chunk));
    return b->base && b->chunk ? CROFT_OK : CROFT_ERR_NOMEM;
}

/* ---- holes ---- */

static u32 bits(u32 count)
{
    return count == 32 ? UINT32_MAX : (1u << count) - 1;
}

static u32 longest_hole(u32 taken)
{
    u32 hole = ~taken, length = 0;
    for (; hole != 0; hole &= hole << 1)
        length++;
    return length;
}

/* The first place of so many free granules; there is one (asserted). */
static u32 first_hole(u32 taken, u32 granules)
{
    u32 starts = ~taken;
    for (u32 i = 1; i < granules; i++)
        starts &= ~taken >> i;
    starts &= bits(CHUNK_GRANULES + 1 - granules); /* what is shifted in from above is not free */
    CROFT_ASSERT(starts != 0);
    return (u32)__builtin_ctz(starts);
}

/* ---- chunks by their longest hole ---- */

static void unlink_chunk(struct croft_blobs *b, u32 n, u32 hole)
{
    struct croft_blob_chunk *c = &b->chunk[n];
    if (hole == 0)
        return;
    if (c->next != 0)
        b->chunk[c->next].prev = c->prev;
    if (c->prev != 0)
        b->chunk[c->prev].next = c->next;
    else
        b->head[hole] = c->next;
    if (b->head[hole] == 0)
        b->some &= ~(UINT64_C(1) << hole);
}

static void link_chunk(struct croft_blobs *b, u32 n, u32 hole)
{
    struct croft_blob_chunk *c = &b->chunk[n];
    if (hole == 0)
        return;
    c->prev = 0;
    c->next = b->head[hole];
    if (c->next != 0)
        b->chunk[c->next].prev = n;
    b->head[hole] = n;
    b->some |= UINT64_C(1) << hole;
}

static void set_taken(struct croft_blobs *b, u32 n, u32 taken)
{
    u32 before = longest_hole(b->chunk[n].taken), after = longest_hole(taken);
    if (before != after)
        unlink_chunk(b, n, before);
    b->chunk[n].taken = taken;
    if (before != after)
        link_chunk(b, n, after);
}

/* The chunk with the shortest hole that is long enough, else a fresh one. */
static u32 chunk_for(struct croft_blobs *b, u32 granules)
{
    u64 fitting = b->some >> granules << granules;
    if (fitting != 0)
        return b->head[__builtin_ctzll(fitting)];
    CROFT_ASSERT(b->used < b->max);
    link_chunk(b, b->used, CHUNK_GRANULES);
    return b->used++;
}

u32 croft_blobs_take(struct croft_blobs *b, u32 bytes)
{
    u32 granules = croft_blob_granules(bytes);
    CROFT_ASSERT(granules >= 1 && granules <= b->granules_max);
    u32 n = chunk_for(b, granules), taken = b->chunk[n].taken;
    u32 at = first_hole(taken, granules);
    set_taken(b, n, taken | bits(granules) << at);
    return n * CHUNK_GRANULES + at;
}

void croft_blobs_give(struct croft_blobs *b, u32 blob, u32 bytes)
{
    u32 granules = croft_blob_granules(bytes), n = blob / CHUNK_GRANULES;
    u32 mask = bits(granules) << blob % CHUNK_GRANULES;
    CROFT_ASSERT(n != 0 && n < b->used);
    CROFT_ASSERT((b->chunk[n].taken & mask) == mask);
    set_taken(b, n, b->chunk[n].taken & ~mask);
}
