#include "wire/voucher.h"

#include "base/assert.h"
#include "base/buf.h"
#include "wire/market_record.h"

#include <string.h>

enum { LEASE_KEY_BYTES = 40 };

void croft_lease_key(ProtobufCBinaryData buyer, u64 order, u32 lease, u8 out[40])
{
    CROFT_ASSERT(buyer.len == 32 && order < UINT64_C(1) << 48 && lease <= UINT16_MAX);
    u64 number = order << 16 | lease;
    memcpy(out, buyer.data, 32);
    for (int i = 0; i < 8; i++)
        out[32 + i] = (u8)(number >> (56 - 8 * i));
}

static struct croft_hash hash_of(const char *key, const struct croft_hash *network, const Croft__V1__LeaseId *lease,
                                 struct croft_bytes rest)
{
    u8 id[LEASE_KEY_BYTES];
    CROFT_ASSERT(lease != NULL);
    croft_lease_key(lease->buyer_address, lease->order, lease->lease, id);
    const struct croft_bytes part[] = {{network->b, sizeof network->b}, {id, sizeof id}, rest};
    return croft_blake2b(key, part, CROFT_COUNT(part));
}

struct croft_hash croft_voucher_hash(const struct croft_hash *network, const Croft__V1__Voucher *v)
{
    u8 rest[4 * 8];
    croft_put_u64(rest, v->stamp);
    croft_put_u64(rest + 8, v->served_until_s);
    croft_put_u64(rest + 16, v->units);
    croft_put_u64(rest + 24, v->seq);
    return hash_of("croft voucher 1", network, v->lease, (struct croft_bytes){rest, sizeof rest});
}

struct croft_hash croft_result_hash(const struct croft_hash *network, const Croft__V1__Slash *s)
{
    u8 rest[8 + 4 + 32];
    CROFT_ASSERT(s->result_hash.len == 32);
    croft_put_u64(rest, s->stamp);
    croft_put_u32(rest + 8, s->task);
    memcpy(rest + 12, s->result_hash.data, 32);
    return hash_of("croft result 1", network, s->lease, (struct croft_bytes){rest, sizeof rest});
}

struct croft_hash croft_bid_commitment(const u8 order_key[40], u64 price, const u8 salt[32], const u8 node[32],
                                       u8 device)
{
    u8 number[8];
    CROFT_ASSERT(order_key[LEASE_KEY_BYTES - 1] == 0 && order_key[LEASE_KEY_BYTES - 2] == 0); /* an order, no lease */
    CROFT_ASSERT(device < CROFT_DEVICES_MAX);
    croft_put_u64(number, price);
    const struct croft_bytes part[] = {{order_key, LEASE_KEY_BYTES}, {number, sizeof number}, {salt, 32},
                                       {node, 32}, {&device, 1}};
    return croft_blake2b("croft bid 1", part, CROFT_COUNT(part));
}

void croft_voucher_sign(Croft__V1__Voucher *v, const struct croft_hash *network, const struct croft_secret_key *key,
                        struct croft_voucher_signature *out)
{
    struct croft_hash hash = croft_voucher_hash(network, v);
    out->key = croft_public_key_of(key);
    out->signature = croft_sign(key, (struct croft_bytes){hash.b, sizeof hash.b});
    v->public_key = (ProtobufCBinaryData){sizeof out->key.b, out->key.b};
    v->signature = (ProtobufCBinaryData){sizeof out->signature.b, out->signature.b};
}
