#include "consensus/receipts.h"

#include "base/assert.h"
#include "crypto/hash.h"
#include "store/blocklog_head.h"
#include "wire/tx.h"

#include <string.h>

/* Blocks with transactions in one network: at fifty a second, 170 years. */
#define LEAVES_MAX (UINT64_C(1) << 28)

croft_err croft_receipts_open(const struct croft_peaks *base, u64 base_height, struct croft_receipts *out)
{
    struct croft_receipts r = {.height = base_height, .first = base->count};
    if (base->count > LEAVES_MAX ||
        !croft_region_map(&r.memory, croft_tree_size(LEAVES_MAX) + LEAVES_MAX * sizeof(u64) + 64))
        return CROFT_ERR_NOMEM;
    struct croft_arena mem = croft_region_arena(&r.memory);
    croft_err err = croft_tree_init(&r.tree, &mem, LEAVES_MAX);
    r.height_of = croft_arena_take_raw(&mem, LEAVES_MAX, sizeof *r.height_of, 16);
    CROFT_ASSERT(err == CROFT_OK && r.height_of != NULL); /* the region was made for them */

    /* A perfect subtree over 2^k leaves is one node of level k: the last whole one. */
    croft_tree_resize(&r.tree, base->count);
    for (u32 k = 0; k < r.tree.levels; k++)
        if (base->count >> k & 1)
            r.tree.level[k][(base->count >> k) - 1] = base->peak[k];
    *out = r;
    return CROFT_OK;
}

void croft_receipts_close(struct croft_receipts *r)
{
    croft_region_unmap(&r->memory);
    *r = (struct croft_receipts){0};
}

void croft_receipts_key(u64 number, u8 out[8])
{
    for (int i = 0; i < 8; i++)
        out[i] = (u8)(number >> (56 - 8 * i));
}

static croft_err add(void *arg, const struct croft_header *h)
{
    struct croft_receipts *r = arg;
    CROFT_ASSERT(h->height == r->height + 1);
    if (h->tx_count != 0) {
        u8 key[8];
        u32 number = (u32)r->tree.count;
        if (r->tree.count == LEAVES_MAX)
            return CROFT_ERR_NOMEM;
        croft_receipts_key(number, key);
        croft_tree_resize(&r->tree, r->tree.count + 1);
        *croft_tree_leaf(&r->tree, number) =
            croft_merkle_named_leaf((struct croft_bytes){key, sizeof key},
                                    (struct croft_bytes){h->receipts_root.b, sizeof h->receipts_root.b});
        r->height_of[number] = h->height;
        croft_tree_update(&r->tree, &number, 1);
    }
    r->height = h->height;
    return CROFT_OK;
}

croft_err croft_receipts_catch_up(struct croft_receipts *r, struct croft_blocklog *log, u64 count,
                                  struct croft_why *why)
{
    if (r->height == croft_blocklog_last(log) || count == 0)
        return CROFT_OK;
    return croft_blocklog_heads(log, r->height + 1, count, add, r, why);
}

croft_err croft_receipts_path(const struct croft_receipts *r, u64 height, u64 *out_number,
                              struct croft_merkle_path *out)
{
    u64 low = r->first, high = r->tree.count;
    while (low < high) {
        u64 middle = low + (high - low) / 2;
        if (r->height_of[middle] < height)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == r->tree.count || r->height_of[low] != height)
        return CROFT_ERR_NOT_FOUND;
    croft_tree_path(&r->tree, low, out);
    *out_number = low;
    return CROFT_OK;
}

/* ---- in one block ---- */

croft_err croft_tx_id_of(const struct croft_hash *network, struct croft_bytes tx, struct croft_arena scratch,
                         struct croft_hash *out)
{
    ProtobufCAllocator allocator = croft_arena_allocator(&scratch);
    const Croft__V1__Tx *t = croft__v1__tx__unpack(&allocator, tx.len, tx.at);
    if (t == NULL)
        return CROFT_ERR_TX_DECODE;
    *out = croft_tx_id(network, (struct croft_bytes){t->body.data, t->body.len});
    return CROFT_OK;
}

static struct croft_bytes receipt_bytes(const struct croft_block *b, u32 i)
{
    return (struct croft_bytes){b->receipts.at + (size_t)i * CROFT_RECEIPT_BYTES, CROFT_RECEIPT_BYTES};
}

croft_err croft_receipts_block_path(const struct croft_block *b, u32 index, struct croft_arena scratch,
                                    struct croft_hash *out_tx_id, struct croft_merkle_path *out)
{
    CROFT_ASSERT(index < b->header.tx_count);
    struct croft_bytes txs = b->txs;
    struct croft_hash *leaf = croft_arena_take_raw(&scratch, b->header.tx_count, sizeof *leaf, 16);
    if (leaf == NULL)
        return CROFT_ERR_NOMEM;
    for (u32 i = 0; i < b->header.tx_count; i++) {
        struct croft_hash id = {{0}};
        CROFT_TRY(croft_tx_id_of(&b->header.network, croft_block_next_tx(&txs), scratch, &id));
        leaf[i] = croft_merkle_named_leaf((struct croft_bytes){id.b, sizeof id.b}, receipt_bytes(b, i));
        if (i == index)
            *out_tx_id = id;
    }
    croft_merkle_path_of(leaf, b->header.tx_count, index, out);
    return CROFT_OK;
}
