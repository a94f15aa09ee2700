#include "ledger/market_int.h"

#include "base/assert.h"

/* ---- when an order is due ---- */

static bool is_batch(const struct croft_order_record *r)
{
    return r->kind == CROFT_ORDER_BATCH;
}

static bool is_open(const struct croft_order_record *r)
{
    return r->state == CROFT_ORDER_OPEN || r->state == CROFT_ORDER_FULL || r->state == CROFT_ORDER_PICKING;
}

static u64 least(u64 a, u64 b)
{
    return a < b ? a : b;
}

/* The causes, each CROFT_NEVER_S when it is none. */
struct order_times {
    u64 dry_s, stop_s, phase_s, expires_s;
};

static struct order_times times_of(const struct croft_ledger *l, const struct croft_order *o)
{
    struct croft_escrow e = croft_escrow_get(&o->r);
    struct order_times t = {CROFT_NEVER_S, CROFT_NEVER_S, CROFT_NEVER_S, CROFT_NEVER_S};
    if (o->r.state == CROFT_ORDER_CLOSING)
        return t;
    t.expires_s = o->r.expires_s;
    u64 phase_s = croft_auction_due_s(l, o);
    t.phase_s = phase_s != 0 ? phase_s : CROFT_NEVER_S;
    t.dry_s = croft_escrow_dry_s(&e);
    t.stop_s = croft_escrow_stop_s(&e, o->r.hold_s);
    return t;
}

/* Out of money at dry_s is worth a word only if the leases are then held for a while. */
static bool tells_dry(const struct croft_order *o, const struct order_times *t)
{
    return (o->r.flags & CROFT_ORDER_DRY) == 0 && t->stop_s > t->dry_s;
}

static u64 due_of(const struct croft_order *o, const struct order_times *t)
{
    u64 money_s = tells_dry(o, t) ? t->dry_s : t->stop_s;
    u64 due_s = least(least(t->expires_s, t->phase_s), money_s);
    return due_s == CROFT_NEVER_S ? 0 : due_s;
}

/* ---- state ---- */

/* An order whose leases end wants others: from the queue, from who is named, or from its auction's bids. */
static enum croft_order_state wanting(const struct croft_ledger *l, const struct croft_order *o)
{
    bool auction = croft_state_find(l->state, CROFT_TABLE_AUCTIONS, o->key) != CROFT_SLOT_NONE;
    return auction ? CROFT_ORDER_PICKING : CROFT_ORDER_OPEN;
}

static bool wants_queue(const struct croft_ledger *l, const struct croft_order *o)
{
    struct croft_batch_record batch;
    bool dry = (o->r.flags & CROFT_ORDER_DRY) != 0;
    if (o->r.class == 0 || o->r.state != CROFT_ORDER_OPEN || dry || o->r.alternate_count != 0)
        return false;
    if (o->r.kind == CROFT_ORDER_GANG)
        return false; /* no node takes a part of one: at the head it would stop the class */
    if (croft_order_is_used_up(&o->r))
        return false; /* nor could any node take this one */
    return is_batch(&o->r) ? croft_batch_load(l, o->key, &batch) && batch.open > 0 : o->r.live < o->r.count;
}

void croft_order_store(struct croft_ledger *l, struct croft_order *o, u64 now_s)
{
    struct order_times t = times_of(l, o);
    if (t.dry_s > now_s)
        o->r.flags &= (u8)~CROFT_ORDER_DRY;
    if (is_open(&o->r) && !is_batch(&o->r))
        o->r.state = o->r.live >= o->r.count ? CROFT_ORDER_FULL : (u8)wanting(l, o);
    bool queued = (o->r.flags & CROFT_ORDER_QUEUED) != 0, wants = wants_queue(l, o);
    if (wants && !queued)
        croft_queue_join(l, o, false, now_s);
    if (!wants && queued)
        croft_queue_leave(l, o, now_s);
    o->r.due_s = due_of(o, &t);
    croft_record_store(l, CROFT_TABLE_ORDERS, o->slot, &o->r);
}

/* ---- the end of an order ---- */

static void remove_order(struct croft_ledger *l, struct croft_order *o)
{
    struct croft_address buyer = croft_buyer_of(o->key);
    u32 buyer_slot = croft_account_find(l, &buyer);
    CROFT_ASSERT(buyer_slot != CROFT_SLOT_NONE); /* open_records keeps it */
    CROFT_ASSERT(croft_amt_is_zero(o->r.aside) && o->r.rate == 0 && o->r.live == 0);
    croft_queue_leave(l, o, l->block_time_s);
    croft_token_unconvert(l, o, buyer_slot);
    croft_system_debit(l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT, o->r.balance);
    croft_credit(l, buyer_slot, CROFT_ASSET_CREDIT, o->r.balance);
    croft_batch_remove(l, o->key, buyer_slot);
    croft_auction_remove(l, o->key, buyer_slot);
    croft_deposit_return(l, buyer_slot, o->r.deposit);
    croft_open_records_add(l, buyer_slot, -1);
    croft_state_remove(l->state, CROFT_TABLE_ORDERS, o->slot);
}

/* A batch has nothing left to do when every task is accepted, or nobody may take one any more. */
static bool is_done(const struct croft_ledger *l, const struct croft_order *o)
{
    struct croft_batch_record batch;
    if (!is_batch(&o->r) || !croft_batch_load(l, o->key, &batch))
        return false;
    return batch.done == batch.task_count;
}

bool croft_order_settle(struct croft_ledger *l, struct croft_order *o, u64 now_s)
{
    bool once = (o->r.flags & CROFT_ORDER_ONCE) != 0;
    if (once && o->r.state != CROFT_ORDER_CLOSING && is_done(l, o)) {
        croft_order_close(l, o, CROFT_REASON_FINISHED, now_s);
        return croft_state_find(l->state, CROFT_TABLE_ORDERS, o->key) == CROFT_SLOT_NONE;
    }
    if (o->r.state == CROFT_ORDER_CLOSING && o->r.leases == 0) {
        remove_order(l, o);
        return true;
    }
    croft_order_store(l, o, now_s);
    return false;
}

static bool is_live(const struct croft_order_record *r, u32 number)
{
    return (r->live_map[number / 8] >> (number % 8) & 1) != 0;
}

static bool is_meant(const struct croft_lease_record *r, enum croft_which which)
{
    bool promised = r->state == CROFT_LEASE_RUNNING && r->firm_until_s != 0;
    if (which == CROFT_WHICH_METERED)
        return r->mode == CROFT_LEASE_METERED;
    return which == CROFT_WHICH_ALL || (croft_lease_counts(r) && !promised);
}

void croft_order_end_leases(struct croft_ledger *l, struct croft_order *o, enum croft_which which, u64 end_s,
                            enum croft_lease_reason reason, u64 now_s)
{
    struct croft_address buyer = croft_buyer_of(o->key);
    u32 made = o->r.made; /* a keep lease that is made on the way stays */
    for (u32 n = 1; n <= made && n <= CROFT_LEASES_MADE_MAX; n++) {
        struct croft_lease lease;
        u8 key[40];
        croft_key_account_id(&buyer, croft_order_id(o->key) << 16 | n, key);
        bool live = is_live(&o->r, n), is = live && croft_lease_load(l, key, &lease);
        CROFT_ASSERT(is == live);
        if (!live || !is_meant(&lease.r, which))
            continue;
        u64 own_s = lease.r.end_s != 0 && lease.r.end_s < end_s ? lease.r.end_s : end_s;
        croft_due_report(l, CROFT_DUE_LEASE_ENDED, CROFT_TABLE_LEASES, lease.slot, lease.r.paid);
        if (reason == CROFT_REASON_STOPPED || reason == CROFT_REASON_EXPIRED)
            croft_lease_buyer_leaves(l, o, &lease, own_s, reason, now_s);
        else
            croft_lease_end(l, o, &lease, own_s, reason, now_s);
    }
}

void croft_order_close(struct croft_ledger *l, struct croft_order *o, enum croft_lease_reason reason, u64 now_s)
{
    u64 end_s = reason == CROFT_REASON_EXPIRED && o->r.expires_s < now_s ? o->r.expires_s : now_s;
    o->r.state = CROFT_ORDER_CLOSING;
    o->r.flags &= (u8) ~(CROFT_ORDER_DRY | CROFT_ORDER_ONCE);
    o->r.alternate_count = 0;
    croft_order_end_leases(l, o, CROFT_WHICH_ALL, end_s, reason, now_s);
    croft_order_refund_free(l, o, now_s);
    bool gone = croft_order_settle(l, o, now_s);
    CROFT_ASSERT(gone == (o->r.leases == 0));
}

/* ---- what is due ---- */

/* The money is used up and so is the hold: the meters end together, and disks are kept. */
static void stop(struct croft_ledger *l, struct croft_order *o, u64 stop_s, u64 now_s)
{
    struct croft_escrow e = croft_escrow_get(&o->r);
    if (stop_s > e.at_s) { /* else a lease that was late was handled after it: each meter still ends at stop_s */
        croft_escrow_advance(&e, stop_s);
        croft_escrow_put(&o->r, &e);
    }
    croft_due_report(l, CROFT_DUE_ORDER_STOPPED, CROFT_TABLE_ORDERS, o->slot, o->r.balance);
    croft_order_end_leases(l, o, CROFT_WHICH_METERED, stop_s, CROFT_REASON_DRY, now_s);
    CROFT_ASSERT(o->r.rate == 0);
}

/* One cause, the earliest; ties in the order in which they stand here.  False: the order is gone. */
static bool handle_one(struct croft_ledger *l, struct croft_order *o, u64 now_s)
{
    struct order_times t = times_of(l, o);
    if (tells_dry(o, &t) && t.dry_s <= least(t.phase_s, t.expires_s)) {
        croft_due_report(l, CROFT_DUE_ORDER_DRY, CROFT_TABLE_ORDERS, o->slot, o->r.balance);
        o->r.flags |= CROFT_ORDER_DRY;
        croft_order_store(l, o, now_s);
        return true;
    }
    if (t.stop_s <= least(t.phase_s, t.expires_s)) {
        stop(l, o, t.stop_s, now_s);
    } else if (t.phase_s <= t.expires_s) {
        croft_due_report(l, CROFT_DUE_AUCTION_PHASE, CROFT_TABLE_ORDERS, o->slot, croft_amt_of(0));
        croft_auction_phase(l, o, now_s);
    } else {
        croft_due_report(l, CROFT_DUE_ORDER_EXPIRED, CROFT_TABLE_ORDERS, o->slot, o->r.balance);
        croft_order_close(l, o, CROFT_REASON_EXPIRED, now_s);
        return croft_state_find(l->state, CROFT_TABLE_ORDERS, o->key) != CROFT_SLOT_NONE;
    }
    return !croft_order_settle(l, o, now_s);
}

void croft_due_order(struct croft_ledger *l, u32 slot, u64 now_s)
{
    u8 key[40];
    struct croft_order o;
    struct croft_bytes at = croft_state_key(l->state, CROFT_TABLE_ORDERS, slot);
    CROFT_ASSERT(at.len == sizeof key);
    memcpy(key, at.at, sizeof key);
    bool is = croft_order_load(l, key, &o);
    u64 at_s = o.r.due_s; /* what is due later waits: leases may come between */
    CROFT_ASSERT(is && at_s != 0 && at_s <= now_s);
    while (o.r.due_s != 0 && o.r.due_s <= at_s && handle_one(l, &o, now_s))
        continue;
}

/* ---- reaching: what is late is brought up to date first ---- */

static bool is_anything_late(const struct croft_ledger *l, u64 now_s)
{
    struct croft_due_slot first;
    return croft_state_first_due(l->state, &first) && first.due_s <= now_s;
}

/* The live lease that is due first, those that are never due aside.  Slot CROFT_SLOT_NONE: none. */
static u64 first_lease_due(const struct croft_ledger *l, const struct croft_order *o, u32 *out_slot)
{
    struct croft_address buyer = croft_buyer_of(o->key);
    u64 first_s = CROFT_NEVER_S;
    *out_slot = CROFT_SLOT_NONE;
    for (u32 n = 1; n <= o->r.made && n <= CROFT_LEASES_MADE_MAX; n++) {
        struct croft_lease lease;
        u8 key[40];
        if (!is_live(&o->r, n))
            continue;
        croft_key_account_id(&buyer, croft_order_id(o->key) << 16 | n, key);
        bool is = croft_lease_load(l, key, &lease);
        CROFT_ASSERT(is);
        if (lease.r.due_s != 0 && lease.r.due_s < first_s) {
            first_s = lease.r.due_s;
            *out_slot = lease.slot;
        }
    }
    return first_s;
}

/* An order and its live leases in the order in which they are due, as if blocks had room for all.  True while there is
 * the order. */
static bool touch(struct croft_ledger *l, const u8 key[40], struct croft_order *o, u64 now_s)
{
    while (croft_order_load(l, key, o)) {
        u32 slot = CROFT_SLOT_NONE;
        u64 order_s = o->r.due_s != 0 ? o->r.due_s : CROFT_NEVER_S;
        u64 lease_s = is_anything_late(l, now_s) ? first_lease_due(l, o, &slot) : CROFT_NEVER_S;
        if (least(order_s, lease_s) > now_s)
            return true;
        if (lease_s <= order_s)
            croft_due_lease(l, slot, now_s);
        else
            croft_due_order(l, o->slot, now_s);
    }
    return false;
}

croft_err croft_order_reach(struct croft_op *o, ProtobufCBinaryData buyer, u64 id, struct croft_order *out)
{
    u8 key[40];
    croft_lease_key(buyer, id, 0, key);
    return touch(o->l, key, out, o->now_s) ? CROFT_OK : CROFT_ERR_OP_NOT_FOUND;
}

/* Leases that end, and ranges of a batch, are not among those that the order's touch sees. */
croft_err croft_lease_reach(struct croft_op *o, const Croft__V1__LeaseId *id, struct croft_order *order,
                            struct croft_lease *out)
{
    u8 key[40];
    croft_lease_key(id->buyer_address, id->order, id->lease, key);
    CROFT_TRY(croft_order_reach(o, id->buyer_address, id->order, order));
    while (croft_lease_load(o->l, key, out)) {
        if (out->r.due_s == 0 || out->r.due_s > o->now_s)
            return CROFT_OK;
        croft_due_lease(o->l, out->slot, o->now_s);
        /* The order changed with it, or is gone. */
        CROFT_TRY(croft_order_reach(o, id->buyer_address, id->order, order));
    }
    return CROFT_ERR_OP_NOT_FOUND;
}
