#include "ledger/audit_int.h"

#include "base/assert.h"

u32 croft_audit_place(const struct croft_ledger *l, u32 table, const u8 *key)
{
    u32 slot = croft_state_find(l->state, table, key);
    return slot != CROFT_SLOT_NONE ? slot : croft_state_high(l->state, table);
}

static croft_err no_memory(struct croft_why *why)
{
    return croft_fail(why, CROFT_ERR_NOMEM, "not enough memory to audit the market");
}

static bool has_provider(const struct croft_lease_record *r)
{
    return (r->flags & CROFT_LEASE_GATEWAY) == 0;
}

/* ---- providers and nodes (invariant 6) ---- */

struct provider_sums {
    u128 locked, exposure;
    u32 nodes;
};
struct node_sums {
    u64 devices;
    u32 leases, bids;
};
struct standing {
    struct provider_sums *provider; /* by slot */
    struct node_sums *node;
};

static struct provider_sums *provider_of(const struct croft_ledger *l, struct standing *s, const u8 *node)
{
    struct croft_node_record n = {0};
    u32 slot = croft_state_find(l->state, CROFT_TABLE_NODES, node);
    if (slot != CROFT_SLOT_NONE)
        croft_record_load(l, CROFT_TABLE_NODES, slot, &n);
    return &s->provider[croft_audit_place(l, CROFT_TABLE_PROVIDERS, n.owner.b)];
}

static void sum_devices(const struct croft_ledger *l, struct standing *s)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_DEVICES, slot) {
        struct croft_device_record d;
        croft_record_load(l, CROFT_TABLE_DEVICES, slot, &d);
        const u8 *key = croft_state_key(l->state, CROFT_TABLE_DEVICES, slot).at;
        CROFT_ASSERT(key[39] < CROFT_DEVICES_MAX);
        provider_of(l, s, key)->locked += croft_amt_units(d.lock);
        s->node[croft_audit_place(l, CROFT_TABLE_NODES, key)].devices |= UINT64_C(1) << key[39];
    }
}

static void sum_standing(const struct croft_ledger *l, struct standing *s)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_NODES, slot)
        provider_of(l, s, croft_state_key(l->state, CROFT_TABLE_NODES, slot).at)->nodes++;
    CROFT_AUDIT_EACH (l, CROFT_TABLE_LEASES, slot) {
        struct croft_lease_record r;
        croft_record_load(l, CROFT_TABLE_LEASES, slot, &r);
        if (!has_provider(&r))
            continue;
        provider_of(l, s, r.node.b)->exposure += croft_amt_units(r.exposure);
        s->node[croft_audit_place(l, CROFT_TABLE_NODES, r.node.b)].leases++;
    }
    CROFT_AUDIT_EACH (l, CROFT_TABLE_BIDS, slot) {
        struct croft_bid_record b;
        croft_record_load(l, CROFT_TABLE_BIDS, slot, &b);
        s->node[croft_audit_place(l, CROFT_TABLE_NODES, b.node.b)].bids++;
    }
}

static bool names_nobody(const struct croft_ledger *l, const struct standing *s)
{
    const struct node_sums *n = &s->node[croft_state_high(l->state, CROFT_TABLE_NODES)];
    const struct provider_sums *p = &s->provider[croft_state_high(l->state, CROFT_TABLE_PROVIDERS)];
    return n->devices != 0 || n->leases != 0 || n->bids != 0 || p->nodes != 0;
}

static croft_err check_standing(const struct croft_ledger *l, const struct standing *s, struct croft_why *why)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_PROVIDERS, slot) {
        struct croft_provider_record p;
        const struct provider_sums *sum = &s->provider[slot];
        croft_record_load(l, CROFT_TABLE_PROVIDERS, slot, &p);
        if (croft_amt_units(p.locked) != sum->locked || croft_amt_units(p.exposure) != sum->exposure ||
            p.nodes != sum->nodes || croft_amt_is_zero(p.unlocking) != (p.due_s == 0))
            return croft_fail(why, CROFT_ERR_STATE, "provider %u: locked, exposure, nodes or when it unlocks are wrong", slot);
    }
    CROFT_AUDIT_EACH (l, CROFT_TABLE_NODES, slot) {
        struct croft_node_record n;
        const struct node_sums *sum = &s->node[slot];
        croft_record_load(l, CROFT_TABLE_NODES, slot, &n);
        if (n.devices != sum->devices || n.leases != sum->leases || n.bids != sum->bids)
            return croft_fail(why, CROFT_ERR_STATE, "node %u: its devices, leases or bids are others", slot);
    }
    return CROFT_OK;
}

static croft_err audit_standing(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why)
{
    struct standing s = {
        .provider = croft_new(&scratch, struct provider_sums, croft_state_high(l->state, CROFT_TABLE_PROVIDERS) + 1),
        .node = croft_new(&scratch, struct node_sums, croft_state_high(l->state, CROFT_TABLE_NODES) + 1),
    };
    if (s.provider == NULL || s.node == NULL)
        return no_memory(why);
    sum_devices(l, &s);
    sum_standing(l, &s);
    if (names_nobody(l, &s))
        return croft_fail(why, CROFT_ERR_STATE, "a record names a node or a provider that is not there");
    return check_standing(l, &s, why);
}

/* ---- classes and their queues (invariant 8) ---- */

static bool is_nobody(const u8 key[40])
{
    static const u8 nobody[40];
    return memcmp(key, nobody, sizeof nobody) == 0;
}

static bool is_waiting(const struct croft_ledger *l, const u8 key[40], u32 class)
{
    struct croft_order o;
    return croft_order_load(l, key, &o) && o.r.state == CROFT_ORDER_OPEN && o.r.class == class &&
           (o.r.flags & CROFT_ORDER_QUEUED) != 0;
}

/* Follows the links from the head; false when they do not come back the same way, or lead elsewhere. */
static bool walk(const struct croft_ledger *l, const struct croft_class_record *k, u32 class, u32 *out_count)
{
    u8 at[40], before[40] = {0};
    *out_count = 0;
    memcpy(at, k->head, sizeof at);
    while (!is_nobody(at)) {
        struct croft_queue_record q;
        u32 slot = croft_state_find(l->state, CROFT_TABLE_QUEUE, at);
        if (slot == CROFT_SLOT_NONE || *out_count > croft_state_count(l->state, CROFT_TABLE_QUEUE))
            return false;
        croft_record_load(l, CROFT_TABLE_QUEUE, slot, &q);
        if (q.class != class || memcmp(q.prev, before, sizeof before) != 0 || !is_waiting(l, at, class))
            return false;
        memcpy(before, at, sizeof before);
        memcpy(at, q.next, sizeof at);
        ++*out_count;
    }
    return memcmp(before, k->tail, sizeof before) == 0;
}

static croft_err check_classes(const struct croft_ledger *l, const u32 *named, struct croft_why *why)
{
    u32 waiting = 0;
    CROFT_AUDIT_EACH (l, CROFT_TABLE_CLASSES, slot) {
        u32 count;
        struct croft_class_record k;
        croft_record_load(l, CROFT_TABLE_CLASSES, slot, &k);
        const u8 *key = croft_state_key(l->state, CROFT_TABLE_CLASSES, slot).at;
        CROFT_ASSERT(croft_table_key_len(CROFT_TABLE_CLASSES) == 2);
        u32 number = (u32)key[0] << 8 | key[1];
        if (!walk(l, &k, number, &count) || count != k.waiting)
            return croft_fail(why, CROFT_ERR_STATE, "class %u: its queue is broken, or not of %u orders", number, k.waiting);
        if (k.devices != named[number])
            return croft_fail(why, CROFT_ERR_STATE, "class %u counts %u devices, %u name it", number, k.devices, named[number]);
        waiting += count;
    }
    if (waiting != croft_state_count(l->state, CROFT_TABLE_QUEUE))
        return croft_fail(why, CROFT_ERR_STATE, "an order is in the queue of no class");
    return CROFT_OK;
}

static croft_err audit_classes(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why)
{
    u32 *named = croft_new(&scratch, u32, UINT16_MAX + 1);
    if (named == NULL)
        return no_memory(why);
    CROFT_AUDIT_EACH (l, CROFT_TABLE_DEVICES, slot) {
        struct croft_device_record d;
        croft_record_load(l, CROFT_TABLE_DEVICES, slot, &d);
        named[d.class]++;
    }
    return check_classes(l, named, why);
}

/* ---- open records of accounts ---- */

static u32 *count_of(const struct croft_ledger *l, u32 *count, const u8 *address)
{
    return &count[croft_audit_place(l, CROFT_TABLE_ACCOUNTS, address)];
}

/* Tables whose key begins with the account that keeps the record open. */
static void count_by_key(const struct croft_ledger *l, u32 *count)
{
    static const u32 tables[] = {CROFT_TABLE_PENDINGS, CROFT_TABLE_WITHDRAWALS, CROFT_TABLE_RECOVERIES,
                                 CROFT_TABLE_PROVIDERS, CROFT_TABLE_NODES, CROFT_TABLE_ORDERS};
    for (u32 i = 0; i < CROFT_COUNT(tables); i++)
        CROFT_AUDIT_EACH (l, tables[i], slot)
            ++*count_of(l, count, croft_state_key(l->state, tables[i], slot).at);
    CROFT_AUDIT_EACH (l, CROFT_TABLE_ISSUERS, slot) {
        const struct croft_bytes key = croft_state_key(l->state, CROFT_TABLE_ISSUERS, slot);
        struct croft_address issuer = croft_address_of((ProtobufCBinaryData){32, (u8 *)(uintptr_t)key.at});
        if (!croft_address_is_system(&issuer)) /* TOKEN never closes */
            ++*count_of(l, count, issuer.b);
    }
}

/* And those that name it. */
static void count_by_name(const struct croft_ledger *l, u32 *count)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_RECOVERIES, slot) {
        struct croft_recovery_record r;
        croft_record_load(l, CROFT_TABLE_RECOVERIES, slot, &r);
        ++*count_of(l, count, r.guardian.b);
    }
    CROFT_AUDIT_EACH (l, CROFT_TABLE_PROPOSALS, slot) {
        struct croft_proposal_record p;
        croft_record_load(l, CROFT_TABLE_PROPOSALS, slot, &p);
        ++*count_of(l, count, p.proposer.b);
    }
    CROFT_AUDIT_EACH (l, CROFT_TABLE_VALIDATORS, slot) {
        struct croft_validator_record v;
        croft_record_load(l, CROFT_TABLE_VALIDATORS, slot, &v);
        ++*count_of(l, count, v.operator_address.b);
    }
    CROFT_AUDIT_EACH (l, CROFT_TABLE_NODES, slot) {
        struct croft_node_record n;
        croft_record_load(l, CROFT_TABLE_NODES, slot, &n);
        ++*count_of(l, count, n.owner.b);
    }
}

static void count_market(const struct croft_ledger *l, u32 *count)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_LEASES, slot) {
        struct croft_lease_record r;
        croft_record_load(l, CROFT_TABLE_LEASES, slot, &r);
        if (!has_provider(&r))
            ++*count_of(l, count, r.node.b);
    }
    CROFT_AUDIT_EACH (l, CROFT_TABLE_CLAIMS, slot) {
        struct croft_claim_record r;
        croft_record_load(l, CROFT_TABLE_CLAIMS, slot, &r);
        ++*count_of(l, count, r.auditor.b);
    }
    CROFT_AUDIT_EACH (l, CROFT_TABLE_BIDS, slot) {
        struct croft_bid_record b;
        croft_record_load(l, CROFT_TABLE_BIDS, slot, &b);
        ++*count_of(l, count, b.node.b);
    }
}

static croft_err audit_open_records(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why)
{
    u32 *count = croft_new(&scratch, u32, croft_state_high(l->state, CROFT_TABLE_ACCOUNTS) + 1);
    if (count == NULL)
        return no_memory(why);
    count_by_key(l, count);
    count_by_name(l, count);
    count_market(l, count);
    if (count[croft_state_high(l->state, CROFT_TABLE_ACCOUNTS)] != 0)
        return croft_fail(why, CROFT_ERR_STATE, "a record names an account that is not there");
    CROFT_AUDIT_EACH (l, CROFT_TABLE_ACCOUNTS, slot) {
        struct croft_account a;
        croft_account_load_slot(l, slot, &a);
        if (a.r.open_records != count[slot])
            return croft_fail(why, CROFT_ERR_STATE, "account %u has %llu open records, %u name it", slot,
                              (unsigned long long)a.r.open_records, count[slot]);
    }
    return CROFT_OK;
}

croft_err croft_audit_market(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why)
{
    CROFT_TRY(audit_standing(l, scratch, why));
    CROFT_TRY(audit_classes(l, scratch, why));
    CROFT_TRY(audit_open_records(l, scratch, why));
    CROFT_TRY(croft_audit_leases(l, scratch, why));
    CROFT_TRY(croft_audit_batches(l, scratch, why));
    return croft_audit_token(l, why);
}
