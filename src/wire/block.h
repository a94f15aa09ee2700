/* wire/block.h - a block of the solo chain, as bytes.
 *
 *   block  = header (croft_header_layout) || signature (64) || body
 *   body   = per transaction: u32 length, bytes
 *          || per transaction: receipt (croft_receipt_layout)
 *          || per due record: croft_due_layout
 *   id     = BLAKE2b-256(key "croft block 1", header bytes)         signature: by the sequencer over the id
 *
 * Under CometBFT the envelope is CometBFT's; transactions, receipts and roots are the same.
 */
#ifndef CROFT_WIRE_BLOCK_H
#define CROFT_WIRE_BLOCK_H

#include "base/err.h"
#include "base/types.h"
#include "crypto/sign.h"
#include "wire/record.h"

struct croft_header {
    u8 format;
    u32 protocol;
    u64 height;  /* 1 is the first block */
    u64 time_ms; /* since 1970, not before that of the block before */
    struct croft_hash network;
    struct croft_hash previous; /* id of the block before; zero at height 1 */
    struct croft_hash body_hash; /* BLAKE2b-256(key "croft body 1", body) */
    u32 body_bytes;
    u32 tx_count;
    u32 due_count;
    struct croft_hash receipts_root; /* of this block's receipts, ledger/receipts.h; empty tree if none */
    struct croft_hash app_hash;      /* of the state after this block */
    u8 sequencer[32];                /* public key that signed */
};

/* Something that happened because its time had come. */
enum croft_due_kind {
    CROFT_DUE_PENDING_EXPIRED = 1,
    CROFT_DUE_WITHDRAWAL_RETURNED = 2,
    CROFT_DUE_RECOVERED = 3,
    CROFT_DUE_PROPOSAL_EXPIRED = 4,
    CROFT_DUE_PROTOCOL = 5,
    CROFT_DUE_OFFER_ENDED = 6,
    CROFT_DUE_LEASE_UNACKED = 7,
    CROFT_DUE_LEASE_UNSTARTED = 8,
    CROFT_DUE_LEASE_CLOSED = 9,
    CROFT_DUE_LEASE_ENDED = 10,
    CROFT_DUE_LEASE_UNANSWERED = 11,
    CROFT_DUE_ORDER_DRY = 12,
    CROFT_DUE_ORDER_STOPPED = 13,
    CROFT_DUE_ORDER_EXPIRED = 14,
    CROFT_DUE_AUCTION_PHASE = 15,
    CROFT_DUE_BID_ENDED = 16,
    CROFT_DUE_TASKS_TIMED_OUT = 17,
    CROFT_DUE_TASKS_ACCEPTED = 18,
    CROFT_DUE_DISPUTE_ENDED = 19,
    CROFT_DUE_STAKE_UNLOCKED = 20,
    CROFT_DUE_CLAIM_EXPIRED = 21,
    CROFT_DUE_EPOCH = 22,
};

struct croft_due {
    u8 kind; /* croft_due_kind */
    u8 key_len;
    struct croft_amt amount; /* what went back, where something did */
    u8 key[CROFT_RECORD_KEY_MAX]; /* of the record, zero-padded */
};

extern const struct croft_layout croft_header_layout, croft_due_layout;

enum { CROFT_HEADER_BYTES = 1 + 4 + 8 + 8 + 5 * 32 + 3 * 4 + 32, CROFT_RECEIPT_BYTES = 20, CROFT_DUE_BYTES = 50 };
enum { CROFT_BLOCK_HEAD_BYTES = CROFT_HEADER_BYTES + 64, CROFT_BLOCK_BYTES_MAX = 64 << 20 };

const char *croft_due_name(u32 kind); /* "pending_expired"; "?" for an unknown one */

struct croft_hash croft_block_id(const struct croft_header *h);
struct croft_hash croft_block_body_hash(struct croft_bytes body);

/* Writes header and signature in front of a body; out has CROFT_BLOCK_HEAD_BYTES. */
void croft_block_seal(const struct croft_header *h, const struct croft_signature *signature, u8 *out);

/* A block taken apart: views into its bytes. */
struct croft_block {
    struct croft_header header;
    struct croft_signature signature;
    struct croft_bytes bytes, body;
    struct croft_bytes txs, receipts, dues; /* the three parts of the body */
};

/* Takes a block apart and checks its form: lengths, counts, body hash.  Not signature, chain or roots.
 *   CROFT_ERR_DECODE  malformed or the body hash differs
 *   CROFT_ERR_FORMAT  a later header format */
CROFT_MUST_USE croft_err croft_block_open(struct croft_bytes bytes, struct croft_block *out);

/* The header alone, from at least CROFT_BLOCK_HEAD_BYTES.  Errors as above. */
CROFT_MUST_USE croft_err croft_block_peek(struct croft_bytes bytes, struct croft_header *out);

/* Takes the next transaction off *txs (start with block.txs); {NULL, 0} when none is left. */
struct croft_bytes croft_block_next_tx(struct croft_bytes *txs);

/* The i-th receipt or due record; i below the header's count (asserted). */
struct croft_receipt croft_block_receipt(const struct croft_block *b, u32 i);
struct croft_due croft_block_due(const struct croft_block *b, u32 i);

#endif
