#include "ledger/market_int.h"

#include "base/assert.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"

#include <string.h>

static u32 tasks_of(const struct croft_lease *lease)
{
    CROFT_ASSERT(lease->r.units_max >= 1 && lease->r.units_max <= CROFT_RANGE_TASKS_MAX);
    return (u32)lease->r.units_max;
}

/* ---- evidence ---- */

bool croft_range_has(const struct croft_lease *lease, u32 task, ProtobufCBinaryData result, size_t path_len,
                     const ProtobufCBinaryData *path)
{
    struct croft_hash root;
    u32 first = lease->r.first_task, tasks = tasks_of(lease);
    if (task < first || task - first >= tasks || path_len > CROFT_MERKLE_DEPTH_MAX)
        return false;
    CROFT_ASSERT(result.len == sizeof root.b);
    struct croft_merkle_path p = {.total = tasks,
                                  .index = task - first,
                                  .aunt_count = (u32)path_len,
                                  .leaf = croft_merkle_leaf((struct croft_bytes){result.data, result.len})};
    for (size_t i = 0; i < path_len; i++) {
        CROFT_ASSERT(path[i].len == sizeof root.b);
        memcpy(p.aunt[i].b, path[i].data, sizeof root.b);
    }
    return croft_merkle_path_root(&p, &root) == CROFT_OK && croft_hash_equal(&root, &lease->r.digest);
}

/* ---- money ---- */

static struct croft_amt pay(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u32 tasks,
                            u64 now_s)
{
    struct croft_amt before = lease->r.paid;
    struct croft_escrow e = croft_escrow_get(&o->r);
    struct croft_meter m = croft_meter_get(&lease->r);
    struct croft_amt payment =
        croft_escrow_claim(&e, &m, &lease->r.aside, now_s, lease->r.units + tasks, croft_amt_of(UINT64_MAX));
    CROFT_ASSERT(m.units <= lease->r.units_max);
    croft_escrow_put(&o->r, &e);
    lease->r.paid = m.paid;
    lease->r.units = m.units;
    lease->r.served_until_s = m.served_until_s;
    lease->r.flags |= tasks != 0 ? CROFT_LEASE_STARTED : 0; /* so that it counts as done */
    croft_lease_pay_accepted(l, o, lease, before, payment);
    return payment;
}

struct croft_amt croft_range_accept(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease,
                                    enum croft_task_bits from, u64 now_s)
{
    u32 tasks =
        croft_tasks_change(l, o->key, lease->r.first_task, tasks_of(lease), from, CROFT_TASK_ACCEPTED);
    CROFT_ASSERT(lease->r.units + tasks <= lease->r.units_max);
    return pay(l, o, lease, tasks, now_s);
}

struct croft_amt croft_range_half(const struct croft_lease *lease)
{
    CROFT_ASSERT(lease->r.state == CROFT_LEASE_CONTESTED);
    CROFT_ASSERT(croft_amt_units(lease->r.bond) % 2 == 0); /* both put up the same */
    return croft_amt_of(croft_amt_units(lease->r.bond) / 2);
}

/* ---- the end ---- */

void croft_range_free_device(struct croft_ledger *l, const struct croft_lease *lease, u64 now_s)
{
    struct croft_device d;
    bool is = croft_device_load(l, &lease->r.node, lease->r.device, &d);
    CROFT_ASSERT(is && d.r.lease == lease->r.stamp);
    croft_device_free(l, &d, false, false, now_s);
}

void croft_range_end(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, bool failed, u64 now_s)
{
    CROFT_ASSERT(croft_amt_is_zero(lease->r.bond));
    u32 first = lease->r.first_task, tasks = tasks_of(lease);
    u64 open = croft_tasks_change(l, o->key, first, tasks, CROFT_TASK_WITH_NODE, CROFT_TASK_OPEN);
    open += croft_tasks_change(l, o->key, first, tasks, CROFT_TASK_REJECTED, CROFT_TASK_OPEN);
    CROFT_ASSERT(open + lease->r.units == tasks);
    if (lease->r.state < CROFT_LEASE_COMMITTED)
        croft_range_free_device(l, lease, now_s);
    struct croft_escrow e = croft_escrow_get(&o->r);
    croft_escrow_aside(&e, lease->r.aside, croft_amt_of(0));
    croft_escrow_put(&o->r, &e);
    lease->r.aside = croft_amt_of(0);
    croft_lease_remove(l, o, lease, failed);
}

/* ---- what is due ---- */

static void report(struct croft_ledger *l, enum croft_due_kind kind, const struct croft_lease *lease,
                   struct croft_amt amount)
{
    croft_due_report(l, kind, CROFT_TABLE_LEASES, lease->slot, amount);
}

/* Nobody contested in time: the rejection stands, and the buyer was right to reject. */
static void undisputed(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease)
{
    struct croft_address buyer = croft_buyer_of(o->key);
    report(l, CROFT_DUE_DISPUTE_ENDED, lease, croft_amt_of(0));
    croft_bond_pay(l, &buyer, lease->r.bond);
    lease->r.bond = croft_amt_of(0);
}

/* The arbiter said nothing: nobody is wrong, and who did the work is paid. */
static void unjudged(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 now_s)
{
    struct croft_address buyer = croft_buyer_of(o->key);
    struct croft_amt half = croft_range_half(lease);
    croft_bond_pay(l, &buyer, half);
    croft_bond_pay(l, &lease->r.node, half);
    lease->r.bond = croft_amt_of(0);
    report(l, CROFT_DUE_DISPUTE_ENDED, lease, croft_range_accept(l, o, lease, CROFT_TASK_REJECTED, now_s));
}

void croft_batch_due(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 now_s)
{
    bool failed = false;
    CROFT_ASSERT(lease->r.due_s != 0 && lease->r.due_s <= now_s);
    switch ((enum croft_lease_state)lease->r.state) {
    case CROFT_LEASE_ACKED:
        report(l, CROFT_DUE_TASKS_TIMED_OUT, lease, croft_amt_of(0));
        failed = true;
        break;
    case CROFT_LEASE_COMMITTED:
        report(l, CROFT_DUE_TASKS_ACCEPTED, lease, croft_range_accept(l, o, lease, CROFT_TASK_WITH_NODE, now_s));
        break;
    case CROFT_LEASE_DISPUTED:
        undisputed(l, o, lease);
        break;
    case CROFT_LEASE_CONTESTED:
        unjudged(l, o, lease, now_s);
        break;
    case CROFT_LEASE_TAKEN:
    case CROFT_LEASE_RUNNING:
    case CROFT_LEASE_ENDING:
        CROFT_UNREACHABLE("no range of a batch is in this state");
    }
    croft_range_end(l, o, lease, failed, now_s);
    (void)croft_order_settle(l, o, now_s);
}
