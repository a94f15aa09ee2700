/* wire/tx.h - transactions as bytes: strict decoding, ids, building and signing.
 *
 *   Tx bytes --croft_tx_decode--> struct croft_tx (views into the bytes and the arena)
 *   id      = BLAKE2b-256(key "croft tx 1", network id || body bytes)
 *   signed  = the 32 bytes of the id
 * A transaction without its signatures already has its id, so a re-signed twin is the same transaction.
 */
#ifndef CROFT_WIRE_TX_H
#define CROFT_WIRE_TX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"
#include "crypto/sign.h"
#include "wire/record.h"

#include "croft/v1/tx.pb-c.h"

enum { CROFT_TX_SIGNATURES_MAX = CROFT_KEYS_MAX, CROFT_TX_LEGS_MAX = 1000, CROFT_TX_BYTES_LIMIT = 1 << 20 };
enum croft_lane { CROFT_LANE_NORMAL, CROFT_LANE_QUOTA };

/* Something inside a transaction that was signed apart from it: a voucher, a node's signed result. */
struct croft_attested {
    struct croft_hash hash; /* what the signature is over */
    struct croft_public_key key;
    struct croft_signature signature;
};

struct croft_tx {
    struct croft_bytes bytes;      /* the whole transaction, as received; owned by the caller */
    const Croft__V1__TxBody *body; /* in the arena given to decode */
    struct croft_address account;
    struct croft_hash id;
    u32 signature_count; /* 1 to CROFT_TX_SIGNATURES_MAX */
    u8 signer[CROFT_TX_SIGNATURES_MAX];
    struct croft_signature signature[CROFT_TX_SIGNATURES_MAX];
    const struct croft_attested *attested; /* in the arena given to decode; verified with the transaction's own */
    u32 attested_count;                    /* 0 to CROFT_VOUCHERS_MAX */
};

/* Decodes and checks everything that needs no state: the one encoding, format, lengths, enum values,
 * counts.  out and what it points to live as long as bytes and mem.
 *   CROFT_ERR_TX_SIZE    longer than CROFT_TX_BYTES_LIMIT
 *   CROFT_ERR_TX_DECODE  not the one valid encoding, or a format number other than 1
 *   CROFT_ERR_TX_RANGE   a field outside the range docs/spec/ledger.md gives
 *   CROFT_ERR_TX_RESERVED  a system account is named; CROFT_ERR_TX_SELF  payer is payee
 *   CROFT_ERR_NOMEM      mem is used up */
CROFT_MUST_USE croft_err croft_tx_decode(struct croft_bytes bytes, const struct croft_hash *network,
                                         struct croft_arena *mem, struct croft_tx *out);

struct croft_hash croft_tx_id(const struct croft_hash *network, struct croft_bytes body);

/* Packs body, with lead_key set to signer[0], and signs it with keys[i] as key number signer[i] (the first is the lead key, the others increasing, asserted).
 *   CROFT_ERR_NOMEM     mem is used up
 *   CROFT_ERR_TX_SIZE   longer than CROFT_TX_BYTES_LIMIT */
CROFT_MUST_USE croft_err croft_tx_build(const Croft__V1__TxBody *body, const struct croft_hash *network,
                                        const struct croft_secret_key *const *keys, const u8 *signer, u32 count,
                                        struct croft_arena *mem, struct croft_bytes *out, struct croft_hash *out_id);

/* Lower-case name of an operation, the one of its field in tx.proto ("transfer"); "?" for an unknown number. */
const char *croft_op_name(u32 op);

/* A protobuf-c allocator over the arena: frees nothing, returns NULL when mem is used up. */
ProtobufCAllocator croft_arena_allocator(struct croft_arena *mem);

/* Unpacks one message of this type strictly: no unknown field, and packing it again gives the same bytes.
 * NULL otherwise.  Cast the result to the message's struct. */
CROFT_MUST_USE ProtobufCMessage *croft_unpack_strict(const ProtobufCMessageDescriptor *type, struct croft_bytes from,
                                                     struct croft_arena *mem);

/* Packs into the arena; {NULL, 0} when it is used up. */
struct croft_bytes croft_pack(const ProtobufCMessage *message, struct croft_arena *mem);

/* Key sets: what an address is the hash of.
 *   address = BLAKE2b-256(key "croft address 1", thresholds || per key: scheme u8, weight u8, scopes u8, public key,
 *                         cap_credit u64, cap_token u64, expires_s u64)
 * CROFT_ERR_TX_RANGE  no or more than 8 keys, an unknown scheme, a zero weight, no or an unknown scope, a key
 *                     twice, or a threshold that is zero or that all keys with the scope together miss */
CROFT_MUST_USE croft_err croft_key_set_check(const Croft__V1__KeySet *set);
struct croft_address croft_key_set_address(const Croft__V1__KeySet *set);

/* The usual key set: one key, all scopes, no cap.  Lives in mem; NULL when that is used up. */
Croft__V1__KeySet *croft_key_set_single(const struct croft_public_key *key, struct croft_arena *mem);

#endif
