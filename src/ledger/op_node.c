#include "ledger/market_int.h"

#include "base/assert.h"

/* ---- admit ---- */

/* A node settles through the quota lane from its first day; a vote may have given it more. */
static void raise_quota(struct croft_ledger *l, u32 slot, struct croft_node_record *n)
{
    struct croft_account a;
    u64 least = croft_ledger_param(l, CROFT_PARAM_NODE_QUOTA);
    croft_account_load_slot(l, slot, &a);
    n->quota_before = a.r.quota_per_day;
    if (a.r.quota_per_day < least)
        a.r.quota_per_day = least;
    n->quota = a.r.quota_per_day;
    croft_account_store(l, &a);
}

croft_err croft_node_admit(struct croft_op *o, const Croft__V1__NodeAdmit *op)
{
    struct croft_provider p;
    struct croft_node n;
    struct croft_address address = croft_address_of(op->node_address);
    u32 account = croft_account_find(o->l, &address);
    if (account == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    if (croft_node_load(o->l, &address, &n))
        return CROFT_ERR_OP_EXISTS;
    if (croft_table_is_full(o->l, CROFT_TABLE_NODES))
        return CROFT_ERR_OP_FULL;
    CROFT_TRY(croft_provider_reach(o, &p));
    n.r = (struct croft_node_record){.owner = o->tx->account, .since_s = o->now_s};
    CROFT_TRY(croft_deposit_take(o, &n.r.deposit));
    raise_quota(o->l, account, &n.r);
    CROFT_TRY(croft_record_insert(o->l, CROFT_TABLE_NODES, address.b, &n.r, &n.slot));

    p.r.nodes++;
    croft_provider_store(o->l, &p);
    croft_open_records_add(o->l, o->payer, 1);
    croft_open_records_add(o->l, account, 1);
    return CROFT_OK;
}

/* ---- remove ---- */

/* As it was before, unless a vote has changed it since: whoever admits an account unasked takes nothing from it. */
static void drop_quota(struct croft_ledger *l, u32 slot, const struct croft_node_record *n)
{
    struct croft_account a;
    croft_account_load_slot(l, slot, &a);
    if (a.r.quota_per_day != n->quota)
        return;
    a.r.quota_per_day = n->quota_before;
    croft_account_store(l, &a);
}

static void remove_devices(struct croft_ledger *l, struct croft_node *n)
{
    for (u32 i = 0; i < CROFT_DEVICES_MAX; i++) {
        struct croft_device d;
        if ((n->r.devices >> i & 1) == 0)
            continue;
        bool is = croft_device_load(l, &n->address, i, &d);
        CROFT_ASSERT(is); /* the map says so */
        croft_device_remove(l, n, &d, &n->r.owner);
    }
    CROFT_ASSERT(n->r.devices == 0);
}

/* The node is not its provider's any more; both accounts exist while it does. */
static void leave_provider(struct croft_ledger *l, const struct croft_node *n)
{
    struct croft_provider p;
    croft_provider_must(l, &n->address, &p);
    u32 owner = croft_account_find(l, &n->r.owner), account = croft_account_find(l, &n->address);
    CROFT_ASSERT(owner != CROFT_SLOT_NONE && account != CROFT_SLOT_NONE && p.r.nodes > 0);
    p.r.nodes--;
    croft_provider_store(l, &p);
    croft_deposit_return(l, owner, n->r.deposit);
    croft_open_records_add(l, owner, -1);
    croft_open_records_add(l, account, -1);
    drop_quota(l, account, &n->r);
}

croft_err croft_node_remove(struct croft_op *o, const Croft__V1__NodeRemove *op)
{
    struct croft_node n;
    struct croft_address address = croft_address_of(op->node_address);
    if (!croft_node_load(o->l, &address, &n))
        return CROFT_ERR_OP_NOT_FOUND;
    /* An account that somebody admitted unasked can take itself out. */
    if (!croft_address_equal(&n.r.owner, &o->tx->account) && !croft_address_equal(&address, &o->tx->account))
        return CROFT_ERR_OP_NOT_YOURS;
    if (n.r.leases != 0 || n.r.bids != 0)
        return CROFT_ERR_OP_NOT_EMPTY;
    remove_devices(o->l, &n);
    leave_provider(o->l, &n);
    croft_state_remove(o->l->state, CROFT_TABLE_NODES, n.slot);
    return CROFT_OK;
}

/* ---- set ---- */

static void copy_field(u8 *to, size_t size, ProtobufCBinaryData from)
{
    CROFT_ASSERT(from.len == 0 || from.len == size); /* croft_tx_decode saw to it */
    memset(to, 0, size);
    if (from.len != 0)
        memcpy(to, from.data, size);
}

static void set_attributes(struct croft_node_record *r, ProtobufCBinaryData b)
{
    CROFT_ASSERT(b.len <= sizeof r->attributes);
    memset(r->attributes, 0, sizeof r->attributes);
    if (b.len != 0)
        memcpy(r->attributes, b.data, b.len);
    r->attributes_len = (u16)b.len;
}

croft_err croft_node_set(struct croft_op *o, const Croft__V1__NodeSet *op)
{
    struct croft_node n;
    if (!croft_node_load(o->l, &o->tx->account, &n))
        return CROFT_ERR_OP_NODE;
    n.r.machine = (u8)op->machine;
    n.r.drain = op->drain ? 1 : 0;
    copy_field(n.r.country, sizeof n.r.country, op->country);
    copy_field(n.r.seal_key, sizeof n.r.seal_key, op->seal_key);
    copy_field(n.r.peer_key, sizeof n.r.peer_key, op->peer_key);
    set_attributes(&n.r, op->attributes);
    croft_node_store(o->l, &n);
    return CROFT_OK;
}
