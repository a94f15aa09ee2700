#include "ledger/audit_int.h"

#include "base/assert.h"

enum { HOUR_S = 3600 };

/* What the leases of one order come to. */
struct order_sums {
    u128 aside, rate, paid, holds;
    u128 begun; /* sum price * from */
    u32 live, leases;
    u8 live_map[32];
};

static bool is_ending(const struct croft_lease_record *r)
{
    return r->state == CROFT_LEASE_ENDING;
}

/* Keep and gateway leases are not what an order wants so many of. */
static bool counts(const struct croft_lease_record *r)
{
    return (r->flags & (CROFT_LEASE_KEEP | CROFT_LEASE_GATEWAY)) == 0;
}

static struct croft_meter meter_of(const struct croft_lease_record *r)
{
    return (struct croft_meter){.price = r->price, .kind = (enum croft_price_kind)r->kind, .paid = r->paid,
                                .taken_s = r->taken_s, .served_until_s = r->served_until_s, .units = r->units};
}

static u128 hold_of(const struct croft_order_record *o, const struct croft_lease_record *r)
{
    return ((u128)r->price * o->hold_s + HOUR_S - 1) / HOUR_S;
}

static void add_lease(struct order_sums *s, const struct croft_order_record *o, const struct croft_lease *lease)
{
    const struct croft_lease_record *r = &lease->r;
    u32 n = croft_lease_number(lease->key);
    CROFT_ASSERT(n != 0); /* that is an order's key */
    s->leases++;
    s->aside += croft_amt_units(r->aside);
    if (is_ending(r))
        return;
    s->live += counts(r);
    bool range = o->kind == CROFT_ORDER_BATCH && counts(r);
    if (!range && n <= CROFT_LEASES_MADE_MAX)
        s->live_map[n / 8] |= (u8)(1u << (n % 8));
    if (r->mode != CROFT_LEASE_METERED)
        return;
    struct croft_meter m = meter_of(r);
    s->rate += r->price;
    s->paid += croft_amt_units(r->paid);
    s->holds += hold_of(o, r);
    s->begun += (u128)r->price * croft_meter_from(&m);
}

/* ---- an order (invariant 4) ---- */

/* accrued is sum price * (at - from), as the sum of price * from is added on both sides. */
static bool sums_agree(const struct croft_order_record *o, const struct order_sums *s)
{
    u128 accrued = (u128)o->accrued * HOUR_S + o->accrued_part;
    return croft_amt_units(o->aside) == s->aside && o->rate == s->rate && croft_amt_units(o->paid_live) == s->paid &&
           accrued + s->begun == s->rate * o->accrued_s && o->accrued_part < HOUR_S;
}

static bool counts_agree(const struct croft_order_record *o, const struct order_sums *s)
{
    return o->live == s->live && o->leases == s->leases && memcmp(o->live_map, s->live_map, sizeof s->live_map) == 0;
}

static bool caps_hold(const struct croft_order_record *o, const struct order_sums *s)
{
    bool capped = croft_amt_is_zero(o->voucher_cap) || croft_amt_cmp(o->voucher_paid, o->voucher_cap) <= 0;
    return capped && croft_amt_cmp(o->spend_only, o->balance) <= 0 && s->aside - s->holds <= croft_amt_units(o->balance);
}

/* free(now) >= -(sum of holds); not while what is due is still waiting for its block. */
static bool is_covered(const struct croft_order_record *o, const struct order_sums *s, u64 now_s)
{
    if (o->due_s != 0 && o->due_s <= now_s)
        return true;
    if (now_s < o->accrued_s)
        return false; /* nothing is counted ahead */
    u128 accrued = (u128)o->accrued * HOUR_S + o->accrued_part + (u128)o->rate * (now_s - o->accrued_s);
    u128 there = (u128)croft_amt_units(o->balance) + croft_amt_units(o->paid_live) + s->holds;
    return there >= croft_amt_units(o->aside) + (accrued + HOUR_S - 1) / HOUR_S;
}

static croft_err check_orders(const struct croft_ledger *l, const struct order_sums *sums, struct croft_why *why)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_ORDERS, slot) {
        struct croft_order_record o;
        const struct order_sums *s = &sums[slot];
        croft_record_load(l, CROFT_TABLE_ORDERS, slot, &o);
        if (!sums_agree(&o, s))
            return croft_fail(why, CROFT_ERR_STATE, "order %u: aside, rate, paid or accrued differs from its leases", slot);
        if (!counts_agree(&o, s))
            return croft_fail(why, CROFT_ERR_STATE, "order %u counts %u live leases of %u, there are %u of %u", slot, o.live,
                              o.leases, s->live, s->leases);
        if (!caps_hold(&o, s))
            return croft_fail(why, CROFT_ERR_STATE, "order %u: more than its cap, or than its balance", slot);
        if (!is_covered(&o, s, l->time_s))
            return croft_fail(why, CROFT_ERR_STATE, "order %u owes more than it holds", slot);
    }
    return CROFT_OK;
}

/* ---- a lease (invariant 5) ---- */

static bool holds_device(const struct croft_lease_record *r)
{
    return counts(r) && r->state < CROFT_LEASE_ENDING;
}

static bool count_is_good(const struct croft_lease_record *r, u64 now_s)
{
    if (r->served_until_s > now_s || r->served_until_s < r->taken_s)
        return false;
    if (r->kind != CROFT_PRICE_SECOND && r->mode != CROFT_LEASE_COUNTED)
        return false;
    if (r->kind == CROFT_PRICE_SECOND && r->units > r->served_until_s - r->taken_s)
        return false;
    return r->mode != CROFT_LEASE_COUNTED || r->units <= r->units_max;
}

static croft_err check_lease(const struct croft_ledger *l, const struct croft_order_record *o,
                             const struct croft_lease *lease, u32 *holders, struct croft_why *why)
{
    const struct croft_lease_record *r = &lease->r;
    struct croft_device d;
    struct croft_amt most = croft_pay(r->price, (enum croft_price_kind)r->kind, r->units + o->unsigned_s);
    if (croft_amt_cmp(r->paid, most) > 0 || !count_is_good(r, l->time_s))
        return croft_fail(why, CROFT_ERR_STATE, "lease %u: paid or counted more than was served", lease->slot);
    if (!holds_device(r))
        return CROFT_OK;
    if (!croft_device_load(l, &r->node, r->device, &d) || d.r.state != CROFT_DEVICE_LEASED || d.r.lease != r->stamp)
        return croft_fail(why, CROFT_ERR_STATE, "lease %u: its device is not leased by it", lease->slot);
    holders[d.slot]++;
    return CROFT_OK;
}

static croft_err check_devices(const struct croft_ledger *l, const u32 *holders, struct croft_why *why)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_DEVICES, slot) {
        struct croft_device_record d;
        croft_record_load(l, CROFT_TABLE_DEVICES, slot, &d);
        if (holders[slot] != (d.state == CROFT_DEVICE_LEASED))
            return croft_fail(why, CROFT_ERR_STATE, "device %u is leased by %u", slot, holders[slot]);
        bool listed = d.state != CROFT_DEVICE_UNLISTED;
        bool held = !croft_amt_is_zero(d.bond) || !croft_amt_is_zero(d.lock) || d.due_s != 0;
        if ((!listed && held) || (d.state == CROFT_DEVICE_LISTED && d.due_s == 0))
            return croft_fail(why, CROFT_ERR_STATE, "device %u: what it holds does not go with its state", slot);
    }
    return CROFT_OK;
}

croft_err croft_audit_leases(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why)
{
    struct order_sums *sums = croft_new(&scratch, struct order_sums, croft_state_high(l->state, CROFT_TABLE_ORDERS) + 1);
    u32 *holders = croft_new(&scratch, u32, croft_state_high(l->state, CROFT_TABLE_DEVICES) + 1);
    if (sums == NULL || holders == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough memory to audit the leases");
    CROFT_AUDIT_EACH (l, CROFT_TABLE_LEASES, slot) {
        struct croft_lease lease = {.slot = slot};
        struct croft_order o;
        u8 key[40];
        memcpy(lease.key, croft_state_key(l->state, CROFT_TABLE_LEASES, slot).at, sizeof lease.key);
        croft_record_load(l, CROFT_TABLE_LEASES, slot, &lease.r);
        croft_order_key_of(lease.key, key);
        if (!croft_order_load(l, key, &o))
            return croft_fail(why, CROFT_ERR_STATE, "lease %u is of no order", slot);
        CROFT_TRY(check_lease(l, &o.r, &lease, holders, why));
        add_lease(&sums[o.slot], &o.r, &lease);
    }
    CROFT_TRY(check_orders(l, sums, why));
    return check_devices(l, holders, why);
}
