#include "ledger/market_int.h"

#include "base/assert.h"

/* ---- what a lease to be would cost ---- */

static enum croft_lease_mode mode_of(const struct croft_order_record *r)
{
    if (r->price_kind != CROFT_PRICE_SECOND)
        return CROFT_LEASE_COUNTED;
    return r->service == CROFT_SERVICE_RESERVED ? CROFT_LEASE_PREPAID : CROFT_LEASE_METERED;
}

/* Money aside for a lease of this order at this price; take_fee_s 0 once it has started.  False: it does not fit. */
struct aside_terms {
    enum croft_lease_mode mode;
    u64 price, disk_price, units, take_fee_s;
};

static bool aside_of(const struct croft_order_record *r, const struct aside_terms *a, struct croft_amt *out)
{
    struct croft_metered_aside beside;
    struct croft_amt run = croft_amt_of(0);
    struct croft_metered_terms t = {.price = a->price, .keep_s = r->keep_s, .take_fee_s = a->take_fee_s};
    if (a->mode == CROFT_LEASE_COUNTED)
        return croft_cover(out, a->price, (enum croft_price_kind)r->price_kind, a->units);
    if (a->mode == CROFT_LEASE_METERED)
        t.hold_s = r->hold_s;
    else if (!croft_cover(&run, a->price, CROFT_PRICE_SECOND, r->firm_s))
        return false;
    return croft_keep_price(&t.keep_price, a->disk_price, r->disk_gib) && croft_aside_metered(&beside, &t) &&
           croft_amt_add(out, run, beside.sum);
}

struct croft_amt croft_lease_aside_running(const struct croft_ledger *l, const struct croft_order *o,
                                           const struct croft_lease *lease)
{
    struct croft_device d;
    struct croft_amt aside;
    if (lease->r.mode == CROFT_LEASE_COUNTED)
        return lease->r.aside;
    bool is = croft_device_load(l, &lease->r.node, lease->r.device, &d);
    CROFT_ASSERT(is && d.r.state == CROFT_DEVICE_LEASED); /* and so it has the terms that it was taken with */
    struct aside_terms a = {.mode = (enum croft_lease_mode)lease->r.mode, .price = lease->r.price, .disk_price = d.r.disk_price};
    bool fits = aside_of(&o->r, &a, &aside);
    CROFT_ASSERT(fits && croft_amt_cmp(aside, lease->r.aside) <= 0);
    return aside;
}

/* What a provider has at stake in a lease: some time of it, or all that is counted. */
static bool exposure_of(const struct croft_ledger *l, const struct croft_order_record *r, u64 price, u64 units,
                        struct croft_amt *out)
{
    bool by_second = r->price_kind == CROFT_PRICE_SECOND;
    u64 count = by_second ? croft_ledger_param(l, CROFT_PARAM_EXPOSURE_S) : units;
    return croft_cover(out, price, (enum croft_price_kind)r->price_kind, count);
}

static struct aside_terms terms_of(const struct croft_ledger *l, const struct croft_order_record *r,
                                   const struct croft_device_record *d, u64 price, u64 units)
{
    return (struct aside_terms){.mode = mode_of(r),
                                .price = price,
                                .disk_price = d->disk_price,
                                .units = units != 0 ? units : r->units_max,
                                .take_fee_s = croft_ledger_param(l, CROFT_PARAM_TAKE_FEE_S)};
}

/* ---- whether ---- */

static u64 offered_price(const struct croft_ledger *l, const struct croft_order *o, const struct croft_device *d,
                         const struct croft_take_terms *terms)
{
    struct croft_class_record class;
    u8 key[2];
    if (terms->chosen_bid)
        return terms->price;
    croft_key_param(o->r.class, key);
    u32 slot = o->r.class != 0 ? croft_state_find(l->state, CROFT_TABLE_CLASSES, key) : CROFT_SLOT_NONE;
    if (slot != CROFT_SLOT_NONE && o->r.price_kind == CROFT_PRICE_SECOND) {
        croft_record_load(l, CROFT_TABLE_CLASSES, slot, &class);
        if (class.price != 0)
            return class.price;
    }
    return d->r.price[o->r.price_kind];
}

/* The node names the price of its disk, and unsigned seconds of a keep lease are paid at it: what the buyer said an hour
 * may cost is the most for that too. */
static bool disk_fits(const struct croft_order_record *o, const struct croft_device_record *d)
{
    u64 price;
    if (!croft_keep_price(&price, d->disk_price, o->disk_gib))
        return false;
    bool kept = o->keep_s != 0 && o->price_kind == CROFT_PRICE_SECOND;
    return !kept || price <= o->price_max;
}

static croft_err check_terms(const struct croft_order_record *o, const struct croft_device_record *d)
{
    bool fits = (o->class == 0 || d->class == o->class) && (d->services >> o->service & 1) != 0 &&
                (d->egress >> o->egress & 1) != 0 && disk_fits(o, d);
    return fits ? CROFT_OK : CROFT_ERR_OP_TERMS;
}

static croft_err check_money(const struct croft_ledger *l, const struct croft_order *o, const struct croft_device *d,
                             u64 price, u64 units, u64 now_s)
{
    struct croft_provider p;
    struct croft_amt exposure, aside, free;
    struct aside_terms a = terms_of(l, &o->r, &d->r, price, units);
    struct croft_escrow e = croft_escrow_get(&o->r);
    struct croft_address node = croft_buyer_of(d->key); /* the first 32 bytes of a device's key are its node */
    croft_provider_must(l, &node, &p);
    if (!exposure_of(l, &o->r, price, a.units, &exposure) || !croft_exposure_fits(l, &p.r, exposure))
        return CROFT_ERR_OP_EXPOSURE;
    bool enough = aside_of(&o->r, &a, &aside) && croft_escrow_free(&e, now_s, &free) && croft_amt_cmp(free, aside) >= 0;
    return enough ? CROFT_OK : CROFT_ERR_OP_FUNDS;
}

croft_err croft_take_check(const struct croft_ledger *l, const struct croft_order *o, const struct croft_device *d,
                           const struct croft_take_terms *terms, u64 now_s, u64 *out_price)
{
    struct croft_node node;
    struct croft_address address = croft_buyer_of(d->key);
    croft_node_must(l, &address, &node);
    if (d->r.state != CROFT_DEVICE_LISTED || d->r.due_s <= now_s)
        return CROFT_ERR_OP_OFFERS;
    if (node.r.drain != 0)
        return CROFT_ERR_OP_NODE;
    CROFT_TRY(check_terms(&o->r, &d->r));
    u64 price = offered_price(l, o, d, terms);
    if (price == 0 || price > terms->price_seen || price > o->r.price_max)
        return CROFT_ERR_OP_PRICE;
    u64 needed_s = now_s + (o->r.firm_s > o->r.start_s ? o->r.firm_s : o->r.start_s);
    if (d->r.due_s < needed_s)
        return CROFT_ERR_OP_TIME;
    CROFT_TRY(check_money(l, o, d, price, terms->units, now_s));
    *out_price = price;
    return CROFT_OK;
}

/* ---- the record ---- */

bool croft_order_is_used_up(const struct croft_order_record *r)
{
    return r->made >= (r->kind == CROFT_ORDER_BATCH ? UINT16_MAX : CROFT_LEASES_MADE_MAX);
}

croft_err croft_lease_insert(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease)
{
    bool batch = o->r.kind == CROFT_ORDER_BATCH;
    bool counts = (lease->r.flags & (CROFT_LEASE_KEEP | CROFT_LEASE_GATEWAY)) == 0;
    if (croft_order_is_used_up(&o->r))
        return CROFT_ERR_OP_LIMIT;
    if (counts && !batch && o->r.live >= CROFT_LEASES_LIVE_MAX)
        return CROFT_ERR_OP_LIMIT;
    u32 n = o->r.made + 1u;
    struct croft_address buyer = croft_buyer_of(o->key);
    croft_key_account_id(&buyer, croft_order_id(o->key) << 16 | n, lease->key);
    CROFT_TRY(croft_record_insert(l, CROFT_TABLE_LEASES, lease->key, &lease->r, &lease->slot));
    o->r.made++;
    o->r.leases++;
    o->r.live += counts;
    if (!batch || !counts)
        o->r.live_map[n / 8] |= (u8)(1u << (n % 8));
    if ((lease->r.flags & CROFT_LEASE_GATEWAY) != 0) {
        croft_open_records_add(l, croft_account_find(l, &lease->r.node), 1);
        return CROFT_OK;
    }
    struct croft_node node;
    struct croft_provider p;
    croft_node_must(l, &lease->r.node, &node);
    croft_provider_must(l, &lease->r.node, &p);
    node.r.leases++;
    p.r.exposure = croft_amt_add_must(p.r.exposure, lease->r.exposure);
    croft_node_store(l, &node);
    croft_provider_store(l, &p);
    return CROFT_OK;
}

/* The disk that an order kept on this device is in use again. */
static void end_keep(struct croft_ledger *l, struct croft_order *o, const struct croft_device *d, u64 now_s)
{
    struct croft_address buyer = croft_buyer_of(o->key), node = croft_buyer_of(d->key);
    for (u32 n = 1; n <= o->r.made && n <= CROFT_LEASES_MADE_MAX; n++) {
        struct croft_lease keep;
        u8 key[40];
        if ((o->r.live_map[n / 8] >> (n % 8) & 1) == 0)
            continue;
        croft_key_account_id(&buyer, croft_order_id(o->key) << 16 | n, key);
        bool is = croft_lease_load(l, key, &keep);
        CROFT_ASSERT(is);
        bool same = keep.r.device == croft_device_number(d->key) && croft_address_equal(&keep.r.node, &node);
        if ((keep.r.flags & CROFT_LEASE_KEEP) != 0 && same)
            croft_lease_end(l, o, &keep, keep.r.end_s < now_s ? keep.r.end_s : now_s, CROFT_REASON_REPLACED, now_s);
    }
}

static u64 due_of(const struct croft_ledger *l, const struct croft_order_record *o, enum croft_lease_state state, u64 now_s)
{
    CROFT_ASSERT(state == CROFT_LEASE_TAKEN || state == CROFT_LEASE_ACKED);
    return now_s + (state == CROFT_LEASE_TAKEN ? croft_ledger_param(l, CROFT_PARAM_ACK_S) : o->start_s);
}

static croft_err make_lease(const struct croft_ledger *l, const struct croft_order *o, const struct croft_device *d,
                            const struct croft_taking *how, u64 now_s, struct croft_lease *out)
{
    struct aside_terms a = terms_of(l, &o->r, &d->r, how->price, how->units);
    bool promised = o->r.service != CROFT_SERVICE_SPOT;
    *out = (struct croft_lease){.r = {
                                    .state = (u8)how->state,
                                    .mode = (u8)a.mode,
                                    .kind = o->r.price_kind,
                                    .service = o->r.service,
                                    .device = (u16)croft_device_number(d->key),
                                    .replaces = (u16)how->replaces,
                                    .node = croft_buyer_of(d->key),
                                    .stamp = how->stamp,
                                    .price = how->price,
                                    .taken_s = now_s,
                                    .served_until_s = now_s,
                                    .units_max = a.mode == CROFT_LEASE_COUNTED ? a.units : 0,
                                    .firm_until_s = promised ? now_s + o->r.firm_s : 0,
                                    .end_s = a.mode == CROFT_LEASE_PREPAID ? now_s + o->r.firm_s : 0,
                                    .due_s = due_of(l, &o->r, how->state, now_s),
                                    .first_task = how->first_task,
                                }};
    bool fits = aside_of(&o->r, &a, &out->r.aside) && exposure_of(l, &o->r, how->price, a.units, &out->r.exposure);
    return fits ? CROFT_OK : CROFT_ERR_OP_FUNDS;
}

croft_err croft_take_as(struct croft_ledger *l, struct croft_order *o, struct croft_device *d,
                        const struct croft_taking *how, u64 now_s, struct croft_lease *out)
{
    CROFT_ASSERT(d->r.state == CROFT_DEVICE_LISTED && how->price != 0);
    CROFT_TRY(make_lease(l, o, d, how, now_s, out));
    CROFT_TRY(croft_lease_insert(l, o, out));
    end_keep(l, o, d, now_s);
    struct croft_escrow e = croft_escrow_get(&o->r);
    croft_escrow_advance(&e, now_s);
    croft_escrow_aside(&e, croft_amt_of(0), out->r.aside);
    if (out->r.mode == CROFT_LEASE_METERED)
        croft_escrow_join(&e, how->price);
    croft_escrow_put(&o->r, &e);
    d->r.state = CROFT_DEVICE_LEASED;
    d->r.lease = how->stamp;
    croft_device_store(l, d);
    return CROFT_OK;
}

croft_err croft_take(struct croft_ledger *l, struct croft_order *o, struct croft_device *d, u64 price, u64 stamp,
                     enum croft_lease_state state, u64 now_s, struct croft_lease *out)
{
    const struct croft_taking how = {.price = price, .stamp = stamp, .state = state};
    return croft_take_as(l, o, d, &how, now_s, out);
}
