#include "ledger/blobs.h"

#include "base/assert.h"
#include "base/buf.h"

croft_err croft_blobs_init(struct croft_blobs *b, struct croft_arena *mem, u32 granules_max)
{
    CROFT_ASSERT(granules_max > 1);
    *b = (struct croft_blobs){.used = 1, .max = granules_max};
    b->base = croft_arena_take_raw(mem, granules_max, CROFT_BLOB_GRANULE, CROFT_BLOB_GRANULE);
    return b->base ? CROFT_OK : CROFT_ERR_NOMEM;
}

u32 croft_blobs_take(struct croft_blobs *b, u32 bytes)
{
    u32 size = croft_blob_class(bytes);
    CROFT_ASSERT(size >= 1 && size <= CROFT_BLOB_CLASSES);
    u32 blob = b->free_head[size];
    if (blob != 0) {
        b->free_head[size] = croft_get_u32(croft_blob_at(b, blob));
        return blob;
    }
    CROFT_ASSERT(b->max - b->used >= size);
    blob = b->used;
    b->used += size;
    return blob;
}

void croft_blobs_give(struct croft_blobs *b, u32 blob, u32 bytes)
{
    u32 size = croft_blob_class(bytes);
    CROFT_ASSERT(size >= 1 && size <= CROFT_BLOB_CLASSES);
    CROFT_ASSERT(blob != 0 && blob < b->used);
    croft_put_u32(croft_blob_at(b, blob), b->free_head[size]);
    b->free_head[size] = blob;
}
