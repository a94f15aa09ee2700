/* store/sample.h - for tests only: seeds, folders that go away again, and blocks that are well-formed and
 * chained but mean nothing. */
#ifndef CROFT_STORE_SAMPLE_H
#define CROFT_STORE_SAMPLE_H

#include "base/assert.h"
#include "base/buf.h"
#include "base/rng.h"
#include "base/world.h"
#include "wire/block.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* CROFT_TEST_SEED, or a fresh one; printed, so that a failure can be had again. */
static inline u64 croft_sample_seed(void)
{
    const char *text = getenv("CROFT_TEST_SEED");
    u64 seed = 0;
    if (text)
        seed = strtoull(text, NULL, 0);
    else
        croft_world_system()->ops->entropy(croft_world_system(), (u8 *)&seed, sizeof seed);
    printf("CROFT_TEST_SEED=%" PRIu64 "\n", seed);
    return seed;
}

struct croft_sample_folder {
    char path[256];
};

static inline struct croft_sample_folder croft_sample_folder_make(void)
{
    struct croft_sample_folder f;
    const char *parent = getenv("TMPDIR");
    int len = snprintf(f.path, sizeof f.path, "%s/croft-test-XXXXXX", parent ? parent : "/tmp");
    CROFT_ASSERT(len > 0 && (size_t)len < sizeof f.path);
    const char *made = mkdtemp(f.path);
    CROFT_ASSERT(made != NULL);
    return f;
}

static inline int croft_sample_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static inline void croft_sample_folder_remove(struct croft_sample_folder *f)
{
    int rc = nftw(f->path, croft_sample_remove_one, 8, FTW_DEPTH | FTW_PHYS);
    CROFT_ASSERT(rc == 0);
}

/* A block's body: a few transactions of random bytes, their receipts, and dues. */
static inline size_t croft_sample_body(struct croft_rng *rng, struct croft_header *h, size_t tx_bytes_max,
                                       u8 *out)
{
    u8 *at = out;
    h->tx_count = (u32)croft_rng_below(rng, 4);
    h->due_count = (u32)croft_rng_below(rng, 3);
    for (u32 i = 0; i < h->tx_count; i++) {
        u32 len = (u32)croft_rng_below(rng, tx_bytes_max + 1);
        croft_put_u32(at, len);
        croft_rng_fill(rng, at + 4, len);
        at += 4 + len;
    }
    size_t rest = (size_t)h->tx_count * CROFT_RECEIPT_BYTES + (size_t)h->due_count * CROFT_DUE_BYTES;
    croft_rng_fill(rng, at, rest);
    return (size_t)(at - out) + rest;
}

/* Room that croft_sample_block needs. */
static inline size_t croft_sample_block_max(size_t tx_bytes_max)
{
    return CROFT_BLOCK_HEAD_BYTES + 3 * (4 + tx_bytes_max + CROFT_RECEIPT_BYTES) + 2 * CROFT_DUE_BYTES;
}

/* Writes the block that follows *previous (its id); its own id replaces it. */
static inline struct croft_bytes croft_sample_block(struct croft_rng *rng, u64 height,
                                                    struct croft_hash *previous, size_t tx_bytes_max, u8 *out)
{
    struct croft_header h = {.format = 1, .protocol = 1, .height = height, .previous = *previous};
    struct croft_signature signature;
    u8 *body = out + CROFT_BLOCK_HEAD_BYTES;
    size_t body_len = croft_sample_body(rng, &h, tx_bytes_max, body);
    h.body_bytes = (u32)body_len;
    h.body_hash = croft_block_body_hash((struct croft_bytes){body, body_len});
    croft_rng_fill(rng, h.app_hash.b, sizeof h.app_hash.b);
    croft_rng_fill(rng, signature.b, sizeof signature.b);
    croft_block_seal(&h, &signature, out);
    *previous = croft_block_id(&h);
    return (struct croft_bytes){out, CROFT_BLOCK_HEAD_BYTES + body_len};
}

#endif
