/* wire/voucher.h - what is signed off the ledger and shown to it later.
 *
 *   voucher   BLAKE2b-256, key "croft voucher 1", of network 32, buyer 32, u64be order id << 16 | lease, u64le stamp,
 *             u64le served_until_s, u64le units, u64le seq       signed by the order's voucher key
 *   result    BLAKE2b-256, key "croft result 1", of network 32, buyer 32, u64be order id << 16 | lease, u64le stamp,
 *             u32le task, result hash 32                         signed by a key of the node's account
 *   bid       BLAKE2b-256, key "croft bid 1", of buyer 32, u64be order id << 16, u64le price, salt 32, node 32, u8 device
 */
#ifndef CROFT_WIRE_VOUCHER_H
#define CROFT_WIRE_VOUCHER_H

#include "crypto/hash.h"
#include "crypto/sign.h"

#include "croft/v1/tx.pb-c.h"

/* buyer_address and result_hash are of 32 bytes (asserted). */
struct croft_hash croft_voucher_hash(const struct croft_hash *network, const Croft__V1__Voucher *v);
struct croft_hash croft_result_hash(const struct croft_hash *network, const Croft__V1__Slash *s);

/* The key of a lease's record, and of an order's with lease 0. */
void croft_lease_key(ProtobufCBinaryData buyer, u64 order, u32 lease, u8 out[40]);

/* What a bid commits to; salt is of 32 bytes.  order_key is that of an order and device a device's number (asserted). */
struct croft_hash croft_bid_commitment(const u8 order_key[40], u64 price, const u8 salt[32], const u8 node[32],
                                       u8 device);

/* Fills public_key and signature of a voucher whose other fields are set; both point into out. */
struct croft_voucher_signature {
    struct croft_public_key key;
    struct croft_signature signature;
};
void croft_voucher_sign(Croft__V1__Voucher *v, const struct croft_hash *network, const struct croft_secret_key *key,
                        struct croft_voucher_signature *out);

#endif
