/* What happens to a lease when its time has come. */
#include "ledger/market_int.h"

#include "base/assert.h"

/* ---- a node that was taken and did not acknowledge, or declined ---- */

/* The next of those whom the buyer named besides; who does not fit any more is dropped. */
static bool take_alternate(struct croft_ledger *l, struct croft_order *o, u32 replaces, u64 now_s)
{
    while (o->r.alternate_count > 0 && o->r.state != CROFT_ORDER_CLOSING) {
        struct croft_alternate a = o->r.alternate[0];
        struct croft_device d;
        struct croft_lease made;
        u64 price;
        o->r.alternate_count--;
        memmove(o->r.alternate, o->r.alternate + 1, o->r.alternate_count * sizeof a);
        const struct croft_take_terms terms = {.price_seen = a.price};
        if (!croft_device_load(l, &a.node, a.device, &d) || croft_take_check(l, o, &d, &terms, now_s, &price) != CROFT_OK)
            continue;
        const struct croft_taking how = {
            .price = price, .stamp = croft_stamp_due(l), .state = CROFT_LEASE_TAKEN, .replaces = replaces};
        if (croft_take_as(l, o, &d, &how, now_s, &made) == CROFT_OK)
            return true;
    }
    return false;
}

void croft_lease_missed(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 now_s)
{
    u32 replaces = lease->r.replaces;
    u64 at_s = lease->r.due_s < now_s ? lease->r.due_s : now_s; /* late, it must not charge for what came since */
    bool open = o->r.state != CROFT_ORDER_CLOSING;
    croft_bid_settle(l, o->key, lease, false);
    croft_lease_drop(l, o, lease, CROFT_DROP_DEVICE_UNLISTED, false, now_s);
    if (!open || take_alternate(l, o, replaces, now_s)) {
        croft_lease_over(l, o, false, now_s);
        return;
    }
    if (o->r.kind == CROFT_ORDER_GANG)
        croft_order_end_leases(l, o, CROFT_WHICH_GANG, at_s, CROFT_REASON_GANG, now_s);
    bool waits = o->r.class != 0 && (o->r.flags & CROFT_ORDER_QUEUED) == 0 && o->r.kind == CROFT_ORDER_SERVICE &&
                 (o->r.state == CROFT_ORDER_OPEN || o->r.state == CROFT_ORDER_FULL);
    if (waits) {
        o->r.state = CROFT_ORDER_OPEN;
        croft_queue_join(l, o, true, now_s); /* it waited its time already */
    }
    croft_lease_over(l, o, false, now_s);
}

/* ---- one cause each ---- */

static void unstarted(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 now_s)
{
    croft_lease_drop(l, o, lease, CROFT_DROP_DEVICE_LISTED, true, now_s);
    croft_lease_over(l, o, false, now_s);
}

static void unanswered(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 now_s)
{
    u64 at_s = lease->r.call_by_s;
    if ((lease->r.flags & CROFT_LEASE_CALLED_BY_BUYER) != 0)
        croft_lease_break(l, o, lease, at_s, CROFT_REASON_UNANSWERED, now_s);
    else
        croft_lease_buyer_leaves(l, o, lease, at_s, CROFT_REASON_UNANSWERED, now_s);
    croft_lease_over(l, o, croft_lease_counts(&lease->r), now_s);
}

static void ended(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 now_s)
{
    bool notice = lease->r.mode != CROFT_LEASE_PREPAID;
    croft_lease_end(l, o, lease, lease->r.end_s, notice ? CROFT_REASON_NOTICE : CROFT_REASON_FINISHED, now_s);
    croft_lease_over(l, o, croft_lease_counts(&lease->r), now_s);
}

static void report(struct croft_ledger *l, enum croft_due_kind kind, const struct croft_lease *lease)
{
    croft_due_report(l, kind, CROFT_TABLE_LEASES, lease->slot, lease->r.paid);
}

static void handle_one(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 now_s)
{
    switch ((enum croft_lease_state)lease->r.state) {
    case CROFT_LEASE_TAKEN:
        report(l, CROFT_DUE_LEASE_UNACKED, lease);
        croft_lease_missed(l, o, lease, now_s);
        return;
    case CROFT_LEASE_ACKED:
        if (o->r.kind != CROFT_ORDER_BATCH) {
            report(l, CROFT_DUE_LEASE_UNSTARTED, lease);
            unstarted(l, o, lease, now_s);
            return;
        }
        croft_batch_due(l, o, lease, now_s);
        return;
    case CROFT_LEASE_RUNNING: {
        bool called = lease->r.call_by_s != 0 && lease->r.call_by_s == lease->r.due_s;
        report(l, called ? CROFT_DUE_LEASE_UNANSWERED : CROFT_DUE_LEASE_ENDED, lease);
        (called ? unanswered : ended)(l, o, lease, now_s);
        return;
    }
    case CROFT_LEASE_ENDING:
        report(l, CROFT_DUE_LEASE_CLOSED, lease);
        croft_lease_close(l, o, lease);
        croft_lease_over(l, o, false, now_s);
        return;
    case CROFT_LEASE_COMMITTED:
    case CROFT_LEASE_DISPUTED:
    case CROFT_LEASE_CONTESTED:
        croft_batch_due(l, o, lease, now_s);
        return;
    }
    CROFT_UNREACHABLE("a stored lease has a known state");
}

void croft_due_lease(struct croft_ledger *l, u32 slot, u64 now_s)
{
    u8 key[40], order_key[40];
    struct croft_lease lease;
    struct croft_order o;
    struct croft_bytes at = croft_state_key(l->state, CROFT_TABLE_LEASES, slot);
    CROFT_ASSERT(at.len == sizeof key);
    memcpy(key, at.at, sizeof key);
    croft_order_key_of(key, order_key);
    bool is = croft_lease_load(l, key, &lease) && croft_order_load(l, order_key, &o);
    CROFT_ASSERT(is && lease.r.due_s != 0 && lease.r.due_s <= now_s); /* an order stays while it has leases */
    handle_one(l, &o, &lease, now_s); /* one cause: its order may be due before the next */
}
