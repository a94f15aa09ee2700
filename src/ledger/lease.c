#include "ledger/market_int.h"

#include "base/assert.h"

static bool is_started(const struct croft_lease_record *r)
{
    return (r->flags & CROFT_LEASE_STARTED) != 0;
}

/* A lease that holds a device; keep leases only need its disk, gateways have none, a committed range is done with it. */
static bool has_device(const struct croft_lease_record *r)
{
    bool other = (r->flags & (CROFT_LEASE_KEEP | CROFT_LEASE_GATEWAY)) != 0;
    return !other && r->state != CROFT_LEASE_ENDING && r->state < CROFT_LEASE_COMMITTED;
}

/* Keep and gateway leases are not what an order wants so many of. */
bool croft_lease_counts(const struct croft_lease_record *r)
{
    return (r->flags & (CROFT_LEASE_KEEP | CROFT_LEASE_GATEWAY)) == 0;
}

static void leave_live(struct croft_order *o, const struct croft_lease *lease)
{
    u32 n = croft_lease_number(lease->key);
    if (croft_lease_counts(&lease->r)) {
        CROFT_ASSERT(o->r.live > 0);
        o->r.live--;
    }
    if (n <= CROFT_LEASES_MADE_MAX)
        o->r.live_map[n / 8] &= (u8) ~(1u << (n % 8));
}

/* Money of the order is counted up to now before anything about it changes; not past the second at which its meters
 * stop, which in a backlog is yet to be handled. */
static struct croft_escrow escrow_now(const struct croft_order *o, u64 now_s)
{
    struct croft_escrow e = croft_escrow_get(&o->r);
    u64 stop_s = croft_escrow_stop_s(&e, o->r.hold_s), to_s = now_s < stop_s ? now_s : stop_s;
    if (to_s > e.at_s)
        croft_escrow_advance(&e, to_s);
    return e;
}

/* ---- records that go ---- */

void croft_lease_remove(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, bool failed)
{
    if (lease->r.state != CROFT_LEASE_ENDING)
        leave_live(o, lease);
    CROFT_ASSERT(o->r.leases > 0);
    o->r.leases--;
    if ((lease->r.flags & CROFT_LEASE_GATEWAY) != 0) {
        croft_open_records_add(l, croft_account_find(l, &lease->r.node), -1);
    } else {
        struct croft_provider p;
        struct croft_node n;
        croft_node_must(l, &lease->r.node, &n);
        croft_provider_must(l, &lease->r.node, &p);
        CROFT_ASSERT(n.r.leases > 0);
        n.r.leases--;
        p.r.exposure = croft_amt_sub_must(p.r.exposure, lease->r.exposure);
        p.r.leases_failed += failed && croft_lease_counts(&lease->r);
        bool broken = (lease->r.flags & CROFT_LEASE_BROKEN) != 0;
        p.r.leases_done += !failed && !broken && is_started(&lease->r) && croft_lease_counts(&lease->r);
        croft_node_store(l, &n);
        croft_provider_store(l, &p);
    }
    croft_state_remove(l->state, CROFT_TABLE_LEASES, lease->slot);
}

static void free_device(struct croft_ledger *l, const struct croft_lease *lease, bool unlist, bool lose_bond, u64 now_s)
{
    struct croft_device d;
    if (!has_device(&lease->r))
        return;
    bool is = croft_device_load(l, &lease->r.node, lease->r.device, &d);
    CROFT_ASSERT(is && d.r.state == CROFT_DEVICE_LEASED && d.r.lease == lease->r.stamp);
    d.r.failed += lose_bond;
    croft_device_free(l, &d, unlist, lose_bond, now_s);
}

/* What an acknowledged lease that never starts costs its buyer: the part of aside beside hold and keep. */
static struct croft_amt take_fee_of(const struct croft_ledger *l, const struct croft_order *o,
                                    const struct croft_lease *lease)
{
    struct croft_amt without = croft_lease_aside_running(l, o, lease);
    return croft_amt_sub_must(lease->r.aside, without);
}

void croft_lease_drop(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, enum croft_drop how,
                      bool keep_take_fee, u64 now_s)
{
    CROFT_ASSERT(!is_started(&lease->r) && croft_amt_is_zero(lease->r.paid));
    struct croft_escrow e = escrow_now(o, now_s);
    struct croft_amt lost = keep_take_fee ? take_fee_of(l, o, lease) : croft_amt_of(0);
    struct croft_meter m = croft_meter_get(&lease->r);
    if (lease->r.mode == CROFT_LEASE_METERED)
        lease->r.aside = croft_escrow_end(&e, &m, lease->r.aside, lease->r.taken_s);
    croft_escrow_aside(&e, lease->r.aside, croft_amt_of(0));
    e.balance = croft_amt_sub_must(e.balance, lost);
    croft_escrow_put(&o->r, &e);
    croft_system_debit(l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT, lost);
    croft_system_credit(l, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT, lost);
    croft_token_spent(l, o, lost);

    bool at_fault = how == CROFT_DROP_DEVICE_UNLISTED;
    free_device(l, lease, at_fault, at_fault, now_s);
    croft_lease_remove(l, o, lease, at_fault);
}

/* ---- the end of one that started ---- */

/* Where its money lies from here on: aside, as much as it can still claim. */
static void set_aside_for_claims(struct croft_order *o, struct croft_lease *lease, u64 end_s, u64 now_s)
{
    struct croft_escrow e = escrow_now(o, now_s);
    struct croft_meter m = croft_meter_get(&lease->r);
    struct croft_amt before = lease->r.aside;
    switch ((enum croft_lease_mode)lease->r.mode) {
    case CROFT_LEASE_METERED:
        lease->r.aside = croft_escrow_end(&e, &m, before, end_s);
        break;
    case CROFT_LEASE_PREPAID:
        lease->r.aside = croft_amt_min(before, croft_meter_left(&m, end_s));
        croft_escrow_aside(&e, before, lease->r.aside);
        break;
    case CROFT_LEASE_COUNTED:
        break;
    }
    croft_escrow_put(&o->r, &e);
}

/* A call that the end answers: its bond goes back to who called. */
static void return_call_bond(struct croft_ledger *l, const struct croft_order *o, struct croft_lease *lease)
{
    struct croft_address caller = croft_buyer_of(o->key);
    if (lease->r.call_by_s == 0)
        return;
    if ((lease->r.flags & CROFT_LEASE_CALLED_BY_NODE) != 0)
        caller = lease->r.node;
    croft_bond_pay(l, &caller, lease->r.bond);
    lease->r.bond = croft_amt_of(0);
    lease->r.call_by_s = 0;
    lease->r.flags &= (u8) ~(CROFT_LEASE_CALLED_BY_BUYER | CROFT_LEASE_CALLED_BY_NODE);
}

/* The disk stays for keep_s, for its own price, if there is room for one more record.  Its money lay aside for the lease
 * that was: it is there although the holds of others, which end with it, are used up. */
static void keep_disk(struct croft_ledger *l, struct croft_order *o, const struct croft_lease *was, u64 from_s)
{
    struct croft_device d;
    struct croft_amt aside;
    u64 price;
    struct croft_escrow e = croft_escrow_get(&o->r);
    bool is = croft_device_load(l, &was->r.node, was->r.device, &d);
    if (o->r.keep_s == 0 || o->r.disk_gib == 0 || !is || o->r.made >= CROFT_LEASES_MADE_MAX ||
        !croft_keep_price(&price, d.r.disk_price, o->r.disk_gib) || price == 0 ||
        !croft_cover(&aside, price, CROFT_PRICE_SECOND, o->r.keep_s))
        return;
    struct croft_lease keep = {.r = {
                                   .state = CROFT_LEASE_RUNNING,
                                   .mode = CROFT_LEASE_PREPAID,
                                   .kind = CROFT_PRICE_SECOND,
                                   .flags = CROFT_LEASE_KEEP | CROFT_LEASE_STARTED,
                                   .device = was->r.device,
                                   .node = was->r.node,
                                   .stamp = croft_stamp_due(l),
                                   .price = price,
                                   .aside = aside,
                                   .taken_s = from_s,
                                   .served_until_s = from_s,
                                   .end_s = from_s + o->r.keep_s,
                                   .due_s = from_s + o->r.keep_s,
                               }};
    if (croft_lease_insert(l, o, &keep) != CROFT_OK)
        return;
    croft_escrow_aside(&e, croft_amt_of(0), aside);
    croft_escrow_put(&o->r, &e);
}

void croft_lease_end(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 end_s,
                     enum croft_lease_reason reason, u64 now_s)
{
    CROFT_ASSERT(lease->r.state <= CROFT_LEASE_RUNNING && end_s <= now_s);
    if (!is_started(&lease->r)) {
        /* The buyer's doing: a node that has acknowledged is spared, and only then is the take fee lost. */
        bool fee = lease->r.state == CROFT_LEASE_ACKED && reason != CROFT_REASON_GANG;
        croft_lease_drop(l, o, lease, CROFT_DROP_DEVICE_LISTED, fee, now_s);
        return;
    }
    end_s = end_s > lease->r.served_until_s ? end_s : lease->r.served_until_s;
    return_call_bond(l, o, lease);
    set_aside_for_claims(o, lease, end_s, now_s);
    free_device(l, lease, false, false, now_s);
    leave_live(o, lease);
    lease->r.state = CROFT_LEASE_ENDING;
    lease->r.reason = (u8)reason;
    lease->r.end_s = end_s;
    lease->r.due_s = end_s + croft_ledger_param(l, CROFT_PARAM_SETTLE_WINDOW_S);
    croft_lease_store(l, lease);
    if (reason == CROFT_REASON_DRY)
        keep_disk(l, o, lease, end_s);
}

void croft_lease_close(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease)
{
    CROFT_ASSERT(lease->r.state == CROFT_LEASE_ENDING);
    struct croft_escrow e = croft_escrow_get(&o->r);
    struct croft_meter m = croft_meter_get(&lease->r);
    struct croft_closing c = {.aside = lease->r.aside, .most = croft_voucher_room(&o->r), .started = is_started(&lease->r),
                              .end_s = lease->r.end_s, .unsigned_s = o->r.unsigned_s};
    struct croft_amt before = lease->r.paid, payment = croft_escrow_close(&e, &m, &c);
    croft_escrow_put(&o->r, &e);
    croft_lease_pay(l, o, lease, before, payment);
    croft_lease_remove(l, o, lease, false);
}

void croft_lease_over(struct croft_ledger *l, struct croft_order *o, bool finished, u64 now_s)
{
    bool once = (o->r.flags & CROFT_ORDER_ONCE) != 0, open = o->r.state != CROFT_ORDER_CLOSING;
    if (finished && once && open && o->r.live == 0 && o->r.kind != CROFT_ORDER_BATCH) {
        croft_order_close(l, o, CROFT_REASON_FINISHED, now_s);
        return;
    }
    bool gone = croft_order_settle(l, o, now_s);
    CROFT_ASSERT(!gone || o->r.leases == 0);
}

/* ---- penalties ---- */

/* From the provider to the buyer: out of its stake for a firm promise, of the offer's bond for a notice.  True when
 * the device's bond was touched: its offer then cannot stand. */
static bool penalise_provider(struct croft_ledger *l, const struct croft_order *o, const struct croft_lease *lease,
                              struct croft_amt penalty)
{
    struct croft_address buyer = croft_buyer_of(o->key);
    if (croft_amt_is_zero(penalty))
        return false;
    if (lease->r.firm_until_s != 0) {
        struct croft_provider p;
        croft_provider_must(l, &lease->r.node, &p);
        struct croft_amt taken = croft_stake_slash(l, &p.r, penalty);
        croft_provider_store(l, &p);
        croft_bond_pay(l, &buyer, taken);
        return false;
    }
    struct croft_device d;
    bool is = croft_device_load(l, &lease->r.node, lease->r.device, &d);
    CROFT_ASSERT(is);
    penalty = croft_amt_min(penalty, d.r.bond);
    d.r.bond = croft_amt_sub_must(d.r.bond, penalty);
    croft_device_store(l, &d);
    croft_bond_pay(l, &buyer, penalty);
    return true;
}

/* What is left of the promise when the provider goes at t. */
static struct croft_amt provider_penalty(const struct croft_ledger *l, const struct croft_lease *lease, u64 t_s)
{
    struct croft_device d = {0};
    u64 cap_s = croft_ledger_param(l, CROFT_PARAM_FIRM_PENALTY_S);
    struct croft_meter m = croft_meter_get(&lease->r);
    bool served = lease->r.kind == CROFT_PRICE_SECOND && croft_lease_counts(&lease->r);
    if (!served || !croft_promise_binds(&m, t_s, cap_s))
        return croft_amt_of(0);
    bool is = croft_device_load(l, &lease->r.node, lease->r.device, &d);
    CROFT_ASSERT(is);
    struct croft_promise promise = {.firm_until_s = lease->r.firm_until_s, .notice_s = d.r.notice_s, .end_s = lease->r.end_s};
    return croft_penalty(lease->r.price, croft_promise_left(&promise, t_s), cap_s);
}

void croft_lease_break(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 t_s,
                       enum croft_lease_reason reason, u64 now_s)
{
    struct croft_amt penalty = provider_penalty(l, lease, t_s);
    lease->r.flags |= croft_amt_is_zero(penalty) ? 0 : CROFT_LEASE_BROKEN;
    bool unlist = penalise_provider(l, o, lease, penalty);
    croft_lease_end(l, o, lease, t_s, reason, now_s);
    if (croft_amt_is_zero(penalty))
        return;
    struct croft_device d;
    struct croft_provider p;
    croft_provider_must(l, &lease->r.node, &p);
    p.r.leases_failed++;
    croft_provider_store(l, &p);
    bool is = croft_device_load(l, &lease->r.node, lease->r.device, &d);
    CROFT_ASSERT(is);
    d.r.failed++;
    if (unlist && d.r.state == CROFT_DEVICE_LISTED)
        (void)croft_device_unlist(l, &d, &lease->r.node);
    else
        croft_device_store(l, &d);
}

void croft_lease_buyer_leaves(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 t_s,
                              enum croft_lease_reason reason, u64 now_s)
{
    bool reserved = lease->r.service == CROFT_SERVICE_RESERVED && is_started(&lease->r) && croft_lease_counts(&lease->r);
    if (reserved) {
        struct croft_escrow e = escrow_now(o, now_s);
        struct croft_meter m = croft_meter_get(&lease->r);
        struct croft_promise promise = {.firm_until_s = lease->r.firm_until_s};
        struct croft_amt claims = croft_amt_min(lease->r.aside, croft_meter_left(&m, t_s > m.served_until_s ? t_s : m.served_until_s));
        struct croft_amt most = croft_amt_sub_must(lease->r.aside, claims);
        struct croft_amt penalty = croft_penalty(lease->r.price, croft_promise_left(&promise, t_s),
                                                 croft_ledger_param(l, CROFT_PARAM_FIRM_PENALTY_S));
        penalty = croft_amt_min(penalty, most);
        croft_escrow_aside(&e, lease->r.aside, croft_amt_sub_must(lease->r.aside, penalty));
        lease->r.aside = croft_amt_sub_must(lease->r.aside, penalty);
        e.balance = croft_amt_sub_must(e.balance, penalty);
        croft_escrow_put(&o->r, &e);
        croft_lease_pay_penalty(l, o, lease, penalty);
    }
    croft_lease_end(l, o, lease, t_s, reason, now_s);
}
