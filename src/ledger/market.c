#include "ledger/market_int.h"

#include "base/assert.h"
#include "base/buf.h"

/* ---- keys ---- */

enum { NUMBER_AT = 38 }; /* of the 16 low bits of an order's id << 16 | number */

void croft_order_key_of(const u8 lease_key[40], u8 out[40])
{
    memcpy(out, lease_key, 40);
    out[NUMBER_AT] = out[NUMBER_AT + 1] = 0;
}

u32 croft_lease_number(const u8 lease_key[40])
{
    return (u32)lease_key[NUMBER_AT] << 8 | lease_key[NUMBER_AT + 1];
}

u64 croft_order_id(const u8 key[40])
{
    u64 id = 0;
    for (u32 i = sizeof(struct croft_address); i < NUMBER_AT; i++)
        id = id << 8 | key[i];
    return id;
}

u32 croft_device_number(const u8 device_key[40])
{
    return device_key[39]; /* 0 to 63 */
}

struct croft_address croft_buyer_of(const u8 key[40])
{
    struct croft_address a;
    memcpy(a.b, key, sizeof a.b);
    return a;
}

enum { STAMP_INDEX_BITS = 20 };

u64 croft_stamp_of(const struct croft_op *o)
{
    return o->height << STAMP_INDEX_BITS | o->l->block_txs;
}

/* CROFT_BLOCK_TXS_MAX is 2^20: the last index is no transaction's, for the block it would stand in is full. */
u64 croft_stamp_due(const struct croft_ledger *l)
{
    return l->block_height << STAMP_INDEX_BITS | ((1u << STAMP_INDEX_BITS) - 1);
}

/* ---- records ---- */

static bool load(const struct croft_ledger *l, u32 table, const u8 *key, u32 *out_slot, void *out)
{
    *out_slot = croft_state_find(l->state, table, key);
    if (*out_slot == CROFT_SLOT_NONE)
        return false;
    croft_record_load(l, table, *out_slot, out);
    return true;
}

bool croft_provider_load(const struct croft_ledger *l, const struct croft_address *owner, struct croft_provider *out)
{
    out->owner = *owner;
    return load(l, CROFT_TABLE_PROVIDERS, owner->b, &out->slot, &out->r);
}

bool croft_node_load(const struct croft_ledger *l, const struct croft_address *node, struct croft_node *out)
{
    out->address = *node;
    return load(l, CROFT_TABLE_NODES, node->b, &out->slot, &out->r);
}

bool croft_device_load(const struct croft_ledger *l, const struct croft_address *node, u32 number,
                       struct croft_device *out)
{
    croft_key_account_id(node, number, out->key);
    return load(l, CROFT_TABLE_DEVICES, out->key, &out->slot, &out->r);
}

bool croft_order_load(const struct croft_ledger *l, const u8 key[40], struct croft_order *out)
{
    memmove(out->key, key, sizeof out->key);
    return load(l, CROFT_TABLE_ORDERS, out->key, &out->slot, &out->r);
}

bool croft_lease_load(const struct croft_ledger *l, const u8 key[40], struct croft_lease *out)
{
    memmove(out->key, key, sizeof out->key);
    return load(l, CROFT_TABLE_LEASES, out->key, &out->slot, &out->r);
}

void croft_provider_store(struct croft_ledger *l, const struct croft_provider *p)
{
    croft_record_store(l, CROFT_TABLE_PROVIDERS, p->slot, &p->r);
}

void croft_node_store(struct croft_ledger *l, const struct croft_node *n)
{
    croft_record_store(l, CROFT_TABLE_NODES, n->slot, &n->r);
}

void croft_device_store(struct croft_ledger *l, const struct croft_device *d)
{
    croft_record_store(l, CROFT_TABLE_DEVICES, d->slot, &d->r);
}

void croft_lease_store(struct croft_ledger *l, const struct croft_lease *lease)
{
    croft_record_store(l, CROFT_TABLE_LEASES, lease->slot, &lease->r);
}

void croft_node_must(const struct croft_ledger *l, const struct croft_address *node, struct croft_node *out)
{
    bool is = croft_node_load(l, node, out);
    CROFT_ASSERT(is); /* a node with devices stays */
}

void croft_provider_must(const struct croft_ledger *l, const struct croft_address *node, struct croft_provider *out)
{
    struct croft_node n;
    croft_node_must(l, node, &n);
    bool is = croft_provider_load(l, &n.r.owner, out);
    CROFT_ASSERT(is); /* a provider with nodes stays */
}
