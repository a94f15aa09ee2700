#include "wire/block.h"

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"
#include "wire/field.h"

static const struct croft_field header_field[] = {
    CROFT_FIELD(U8, croft_header, format),        CROFT_FIELD(U32, croft_header, protocol),
    CROFT_FIELD(U64, croft_header, height),       CROFT_FIELD(U64, croft_header, time_ms),
    CROFT_FIELD(HASH, croft_header, network),     CROFT_FIELD(HASH, croft_header, previous),
    CROFT_FIELD(HASH, croft_header, body_hash),   CROFT_FIELD(U32, croft_header, body_bytes),
    CROFT_FIELD(U32, croft_header, tx_count),     CROFT_FIELD(U32, croft_header, due_count),
    CROFT_FIELD(HASH, croft_header, receipts_root), CROFT_FIELD(HASH, croft_header, app_hash),
    CROFT_FIELD(KEY, croft_header, sequencer),
};
const struct croft_layout croft_header_layout = {
    .name = "header", .format = 1, .field = header_field, .field_count = CROFT_COUNT(header_field),
    .struct_size = sizeof(struct croft_header)};

static const struct croft_field due_field[] = {
    CROFT_FIELD(U8, croft_due, kind),
    CROFT_FIELD(U8, croft_due, key_len),
    CROFT_FIELD(AMT, croft_due, amount),
    CROFT_FIELD(BYTES, croft_due, key),
};
const struct croft_layout croft_due_layout = {
    .name = "due", .field = due_field, .field_count = CROFT_COUNT(due_field), .struct_size = sizeof(struct croft_due)};

const char *croft_due_name(u32 kind)
{
    static const char *const name[] = {
        [CROFT_DUE_PENDING_EXPIRED] = "pending_expired",   [CROFT_DUE_WITHDRAWAL_RETURNED] = "withdrawal_returned",
        [CROFT_DUE_RECOVERED] = "recovered",               [CROFT_DUE_PROPOSAL_EXPIRED] = "proposal_expired",
        [CROFT_DUE_PROTOCOL] = "protocol_raised",
        [CROFT_DUE_OFFER_ENDED] = "offer_ended",
        [CROFT_DUE_LEASE_UNACKED] = "lease_unacked",
        [CROFT_DUE_LEASE_UNSTARTED] = "lease_unstarted",
        [CROFT_DUE_LEASE_CLOSED] = "lease_closed",
        [CROFT_DUE_LEASE_ENDED] = "lease_ended",
        [CROFT_DUE_LEASE_UNANSWERED] = "lease_unanswered",
        [CROFT_DUE_ORDER_DRY] = "order_dry",
        [CROFT_DUE_ORDER_STOPPED] = "order_stopped",
        [CROFT_DUE_ORDER_EXPIRED] = "order_expired",
        [CROFT_DUE_AUCTION_PHASE] = "auction_phase",
        [CROFT_DUE_BID_ENDED] = "bid_ended",
        [CROFT_DUE_TASKS_TIMED_OUT] = "tasks_timed_out",
        [CROFT_DUE_TASKS_ACCEPTED] = "tasks_accepted",
        [CROFT_DUE_DISPUTE_ENDED] = "dispute_ended",
        [CROFT_DUE_STAKE_UNLOCKED] = "stake_unlocked",
        [CROFT_DUE_CLAIM_EXPIRED] = "claim_expired",
        [CROFT_DUE_EPOCH] = "epoch",
    };
    return kind >= 1 && kind < CROFT_COUNT(name) ? name[kind] : "?";
}

struct croft_hash croft_block_id(const struct croft_header *h)
{
    u8 bytes[CROFT_HEADER_BYTES];
    size_t len = croft_layout_encode(&croft_header_layout, h, bytes, sizeof bytes);
    CROFT_ASSERT(len == sizeof bytes);
    const struct croft_bytes part = {bytes, sizeof bytes};
    return croft_blake2b("croft block 1", &part, 1);
}

struct croft_hash croft_block_body_hash(struct croft_bytes body)
{
    return croft_blake2b("croft body 1", &body, 1);
}

void croft_block_seal(const struct croft_header *h, const struct croft_signature *signature, u8 *out)
{
    size_t len = croft_layout_encode(&croft_header_layout, h, out, CROFT_HEADER_BYTES);
    CROFT_ASSERT(len == CROFT_HEADER_BYTES);
    memcpy(out + len, signature->b, sizeof signature->b);
}

croft_err croft_block_peek(struct croft_bytes bytes, struct croft_header *out)
{
    if (bytes.len < CROFT_BLOCK_HEAD_BYTES)
        return CROFT_ERR_DECODE;
    return croft_layout_decode(&croft_header_layout, (struct croft_bytes){bytes.at, CROFT_HEADER_BYTES}, out);
}

struct croft_bytes croft_block_next_tx(struct croft_bytes *txs)
{
    struct croft_reader r = croft_reader_of(*txs);
    u32 len = croft_read_u32(&r);
    const u8 *at = croft_read_bytes(&r, len);
    if (at == NULL)
        return (struct croft_bytes){0};
    *txs = (struct croft_bytes){r.at, croft_reader_left(&r)};
    return (struct croft_bytes){at, len};
}

/* The length of tx_count transactions, or more than room when they do not fit. */
static size_t txs_bytes(struct croft_bytes body, u32 tx_count)
{
    struct croft_bytes left = body;
    for (u32 i = 0; i < tx_count; i++)
        if (croft_block_next_tx(&left).at == NULL)
            return SIZE_MAX;
    return body.len - left.len;
}

croft_err croft_block_open(struct croft_bytes bytes, struct croft_block *out)
{
    struct croft_block b = {.bytes = bytes};
    CROFT_TRY(croft_block_peek(bytes, &b.header));
    b.body = (struct croft_bytes){bytes.at + CROFT_BLOCK_HEAD_BYTES, bytes.len - CROFT_BLOCK_HEAD_BYTES};
    if (b.header.body_bytes != b.body.len)
        return CROFT_ERR_DECODE;
    struct croft_hash body_hash = croft_block_body_hash(b.body);
    if (!croft_hash_equal(&body_hash, &b.header.body_hash))
        return CROFT_ERR_DECODE;

    size_t txs = txs_bytes(b.body, b.header.tx_count);
    size_t receipts = (size_t)b.header.tx_count * CROFT_RECEIPT_BYTES;
    size_t dues = (size_t)b.header.due_count * CROFT_DUE_BYTES;
    if (txs == SIZE_MAX || b.body.len != txs + receipts + dues)
        return CROFT_ERR_DECODE;
    b.txs = (struct croft_bytes){b.body.at, txs};
    b.receipts = (struct croft_bytes){b.body.at + txs, receipts};
    b.dues = (struct croft_bytes){b.body.at + txs + receipts, dues};
    memcpy(b.signature.b, bytes.at + CROFT_HEADER_BYTES, sizeof b.signature.b);
    *out = b;
    return CROFT_OK;
}

struct croft_receipt croft_block_receipt(const struct croft_block *b, u32 i)
{
    CROFT_ASSERT(i < b->header.tx_count);
    struct croft_receipt r = {0};
    struct croft_bytes at = {b->receipts.at + (size_t)i * CROFT_RECEIPT_BYTES, CROFT_RECEIPT_BYTES};
    return croft_layout_decode(&croft_receipt_layout, at, &r) == CROFT_OK ? r : (struct croft_receipt){0};
}

struct croft_due croft_block_due(const struct croft_block *b, u32 i)
{
    CROFT_ASSERT(i < b->header.due_count);
    struct croft_due d = {0};
    struct croft_bytes at = {b->dues.at + (size_t)i * CROFT_DUE_BYTES, CROFT_DUE_BYTES};
    croft_err err = croft_layout_decode(&croft_due_layout, at, &d);
    CROFT_ASSERT(err == CROFT_OK); /* a layout without format or tail takes any bytes of its length */
    return d;
}
