#include "ledger/market_int.h"

#include "base/assert.h"

static struct croft_address node_of(const struct croft_device *d)
{
    struct croft_address a;
    memcpy(a.b, d->key, sizeof a.b);
    return a;
}

/* The part of the provider's stake that a firm listing promised. */
static void release_lock(struct croft_ledger *l, struct croft_device *d)
{
    struct croft_provider p;
    struct croft_address node = node_of(d);
    if (croft_amt_is_zero(d->r.lock))
        return;
    croft_provider_must(l, &node, &p);
    p.r.locked = croft_amt_sub_must(p.r.locked, d->r.lock);
    croft_provider_store(l, &p);
    d->r.lock = croft_amt_of(0);
}

struct croft_amt croft_device_unlist(struct croft_ledger *l, struct croft_device *d, const struct croft_address *bond_to)
{
    struct croft_amt bond = d->r.bond;
    CROFT_ASSERT(d->slot != CROFT_SLOT_NONE && (d->r.state != CROFT_DEVICE_UNLISTED || croft_amt_is_zero(bond)));
    release_lock(l, d);
    if (bond_to != NULL)
        croft_bond_pay(l, bond_to, bond);
    else
        croft_bond_burn(l, bond);
    d->r.bond = croft_amt_of(0);
    d->r.state = CROFT_DEVICE_UNLISTED;
    d->r.flags &= (u8)~CROFT_DEVICE_LEAVING;
    d->r.lease = 0;
    d->r.due_s = 0;
    croft_device_store(l, d);
    return bond;
}

void croft_device_remove(struct croft_ledger *l, struct croft_node *n, struct croft_device *d,
                         const struct croft_address *to)
{
    u64 bit = UINT64_C(1) << d->key[sizeof d->key - 1];
    u32 account = croft_account_find(l, to);
    CROFT_ASSERT(d->r.state != CROFT_DEVICE_LEASED && account != CROFT_SLOT_NONE && (n->r.devices & bit) != 0);
    (void)croft_device_unlist(l, d, to);
    croft_deposit_return(l, account, d->r.deposit);
    croft_class_count(l, d->r.class, -1);
    croft_state_remove(l->state, CROFT_TABLE_DEVICES, d->slot);
    n->r.devices &= ~bit;
    croft_node_store(l, n);
}

void croft_device_free(struct croft_ledger *l, struct croft_device *d, bool unlist, bool lose_bond, u64 now_s)
{
    struct croft_node n;
    struct croft_address node = node_of(d);
    CROFT_ASSERT(d->r.state == CROFT_DEVICE_LEASED && d->r.lease != 0);
    croft_node_must(l, &node, &n);
    bool leaves = unlist || lose_bond || (d->r.flags & CROFT_DEVICE_LEAVING) != 0 || n.r.drain != 0 || d->r.due_s <= now_s;
    CROFT_ASSERT(d->r.due_s != 0 || (d->r.flags & CROFT_DEVICE_LEAVING) != 0); /* only what leaves has no end */
    if (leaves) {
        (void)croft_device_unlist(l, d, lose_bond ? NULL : &node);
        return;
    }
    d->r.state = CROFT_DEVICE_LISTED;
    d->r.lease = 0;
    croft_device_store(l, d);
}

struct croft_amt croft_device_leave(struct croft_ledger *l, struct croft_device *d)
{
    struct croft_address node = node_of(d);
    if (d->r.state != CROFT_DEVICE_LEASED)
        return croft_device_unlist(l, d, &node);
    d->r.flags |= CROFT_DEVICE_LEAVING;
    d->r.due_s = 0;
    croft_device_store(l, d);
    return croft_amt_of(0);
}

void croft_due_device(struct croft_ledger *l, u32 slot, u64 now_s)
{
    struct croft_device d = {.slot = slot};
    croft_record_load(l, CROFT_TABLE_DEVICES, slot, &d.r);
    struct croft_bytes key = croft_state_key(l->state, CROFT_TABLE_DEVICES, slot);
    CROFT_ASSERT(key.len == sizeof d.key && d.r.due_s <= now_s && d.r.state != CROFT_DEVICE_UNLISTED);
    memcpy(d.key, key.at, sizeof d.key);
    struct croft_amt back = d.r.state == CROFT_DEVICE_LISTED ? d.r.bond : croft_amt_of(0);
    croft_due_report(l, CROFT_DUE_OFFER_ENDED, CROFT_TABLE_DEVICES, slot, back);
    (void)croft_device_leave(l, &d);
}
