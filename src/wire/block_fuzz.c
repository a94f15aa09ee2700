/* Fuzz: a block that opens is the sum of its parts, all inside its bytes.  The body hash and the body's
 * length are put right first when the header's format byte says so (128 and up), or nothing behind them would
 * ever be reached. */
#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"
#include "wire/block.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static u8 bytes[1 << 16];

static void mend(size_t size)
{
    struct croft_header h;
    bytes[0] &= 127;
    if (croft_block_peek((struct croft_bytes){bytes, size}, &h) != CROFT_OK)
        return;
    h.body_bytes = (u32)(size - CROFT_BLOCK_HEAD_BYTES);
    h.body_hash = croft_block_body_hash((struct croft_bytes){bytes + CROFT_BLOCK_HEAD_BYTES, h.body_bytes});
    size_t len = croft_layout_encode(&croft_header_layout, &h, bytes, CROFT_HEADER_BYTES);
    CROFT_ASSERT(len == CROFT_HEADER_BYTES);
}

static void walk(const struct croft_block *b)
{
    struct croft_bytes txs = b->txs;
    size_t seen = 0;
    for (u32 i = 0; i < b->header.tx_count; i++) {
        struct croft_bytes tx = croft_block_next_tx(&txs);
        CROFT_ASSERT(tx.at != NULL && tx.at >= b->body.at && tx.at + tx.len <= b->body.at + b->body.len);
        seen += 4 + tx.len;
        struct croft_receipt r = croft_block_receipt(b, i);
        CROFT_ASSERT(r.format <= 1);
    }
    CROFT_ASSERT(seen == b->txs.len && txs.len == 0);
    for (u32 i = 0; i < b->header.due_count; i++) {
        u8 again[CROFT_DUE_BYTES];
        struct croft_due d = croft_block_due(b, i);
        croft_layout_encode(&croft_due_layout, &d, again, sizeof again);
        CROFT_ASSERT(memcmp(again, b->dues.at + (size_t)i * CROFT_DUE_BYTES, sizeof again) == 0);
    }
    CROFT_ASSERT(b->txs.len + b->receipts.len + b->dues.len == b->body.len);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct croft_block b;
    u8 again[CROFT_BLOCK_HEAD_BYTES];
    if (size == 0 || size > sizeof bytes)
        return 0;
    memcpy(bytes, data, size);
    if (bytes[0] >= 128)
        mend(size);
    if (croft_block_open((struct croft_bytes){bytes, size}, &b) != CROFT_OK)
        return 0;
    croft_block_seal(&b.header, &b.signature, again);
    CROFT_ASSERT(memcmp(again, bytes, sizeof again) == 0);
    walk(&b);
    return 0;
}
