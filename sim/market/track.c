#include "sim/market/market_int.h"

#include "base/assert.h"

#include <inttypes.h>
#include <string.h>

/* So much of block time between two blocks, and what should have been done in time was not. */
enum { JUMP_S = 120, VANISH_AFTER_S = 200, RATE_OF_TOKENS = 50, RATE_OF_BYTES = 1000000 };

/* ---- orders ---- */

struct croft_msim_order *croft_msim_order_of(struct croft_sim *s, const u8 key[40])
{
    struct croft_msim *m = s->market;
    for (u32 i = 0; i < m->live_order_count; i++) {
        struct croft_msim_order *o = &m->order[m->live_order[i]];
        if (memcmp(o->key, key, 38) == 0)
            return o;
    }
    return NULL;
}

/* An order that never came onto the chain is forgotten after a while. */
static void track_orders(struct croft_sim *s, u64 now_s)
{
    enum { FORGET_S = 1200 };
    struct croft_msim *m = s->market;
    for (u32 i = 0; i < m->live_order_count;) {
        struct croft_msim_order *o = &m->order[m->live_order[i]];
        croft_msim_note_unseen(s, o);
        bool there = croft_msim_read(s, CROFT_TABLE_ORDERS, o->key, &o->last);
        o->known |= there;
        o->live = there || (!o->known && now_s < o->tried_s + FORGET_S);
        if (o->live)
            i++;
        else
            m->live_order[i] = m->live_order[--m->live_order_count];
    }
}

/* ---- leases ---- */

struct croft_msim_lease *croft_msim_live(struct croft_sim *s, u32 i)
{
    struct croft_msim *m = s->market;
    return i < m->live_lease_count ? &m->lease[m->live_lease[i]] : NULL;
}

bool croft_msim_is_dry(const struct croft_msim_lease *l)
{
    return l->last.mode == CROFT_LEASE_METERED && (l->order->last.flags & CROFT_ORDER_DRY) != 0;
}

static struct croft_msim_lease *find_lease(struct croft_sim *s, const u8 key[40], u64 stamp)
{
    struct croft_msim_lease *l;
    for (u32 i = 0; (l = croft_msim_live(s, i)) != NULL; i++)
        if (l->last.stamp == stamp && memcmp(l->key, key, 40) == 0)
            return l;
    return NULL;
}

static struct croft_msim_lease *add_lease(struct croft_sim *s, const u8 key[40], const struct croft_lease_record *r)
{
    struct croft_msim *m = s->market;
    CROFT_ASSERT(m->lease_count < CROFT_MSIM_LEASES && m->live_lease_count < CROFT_COUNT(m->live_lease));
    struct croft_msim_lease *l = &m->lease[m->lease_count];
    *l = (struct croft_msim_lease){.live = true, .last = *r, .taken_s = r->taken_s, .range = (u32)r->units_max};
    memcpy(l->key, key, sizeof l->key);
    l->order = croft_msim_order_of(s, key);
    l->node = croft_msim_account_of(s, r->node.b);
    CROFT_SIM_MUST(s, l->order != NULL && l->node != CROFT_MSIM_NONE,
                   "a lease is on the chain whose order nobody opened");
    /* Of offers that the buyer named it is what it saw; a node that takes an order is bound by the order alone. */
    bool named = r->state == CROFT_LEASE_TAKEN && (l->order->last.state < CROFT_ORDER_BIDDING);
    l->most = named && l->order->seen_max != 0 ? l->order->seen_max : CROFT_PRICE_MAX;
    l->payee = m->account[l->node].actor;
    struct croft_device_record d = {0};
    if (r->mode == CROFT_LEASE_METERED && croft_msim_device(s, l->node, r->device, &d))
        l->keep_price = d.disk_price * l->order->gib;
    m->live_lease[m->live_lease_count++] = m->lease_count++;
    return l;
}

/* ---- what is really served ---- */

/* The one card is lent to whoever came first. */
static bool has_the_card(struct croft_sim *s, const struct croft_msim_lease *l)
{
    const struct croft_msim_lease *other;
    for (u32 i = 0; (other = croft_msim_live(s, i)) != NULL && other != l; i++)
        if (other->payee == l->payee && other->last.state <= CROFT_LEASE_RUNNING)
            return false;
    return true;
}

static bool is_serving(struct croft_sim *s, const struct croft_msim_lease *l)
{
    const struct croft_msim_actor *payee = &s->market->actor[l->payee];
    bool on = l->last.state == CROFT_LEASE_ACKED || l->last.state == CROFT_LEASE_RUNNING;
    if (!on || !l->started || l->vanished || croft_msim_is_dry(l) || croft_msim_is(payee, CROFT_FAULT_NEVER_RUNS))
        return false;
    if ((l->last.flags & CROFT_LEASE_GATEWAY) != 0)
        return l->voucher_seq != 0; /* nothing passes before somebody signed */
    if (croft_msim_is(payee, CROFT_FAULT_ONE_CARD))
        return has_the_card(s, l);
    return l->order->kind != CROFT_ORDER_BATCH;
}

static u64 units_in(const struct croft_msim_lease *l, u64 seconds)
{
    switch (l->last.kind) {
    case CROFT_PRICE_TOKEN:
        return seconds * RATE_OF_TOKENS;
    case CROFT_PRICE_BYTE:
        return seconds * RATE_OF_BYTES;
    default:
        return seconds;
    }
}

/* Served from one block to the next, but not beyond the end that the chain gives. */
static void serve(struct croft_sim *s, struct croft_msim_lease *l, u64 now_s)
{
    u64 from_s = s->market->before_s > l->taken_s ? s->market->before_s : l->taken_s;
    u64 to_s = l->last.end_s != 0 && l->last.end_s < now_s ? l->last.end_s : now_s;
    l->disturbed |= now_s > s->market->before_s + JUMP_S;
    if (to_s <= from_s || !is_serving(s, l))
        return;
    l->truth += units_in(l, to_s - from_s);
    if (l->last.mode == CROFT_LEASE_COUNTED && l->truth > l->last.units_max)
        l->truth = l->last.units_max;
    bool vanishes = croft_msim_is(&s->market->actor[l->payee], CROFT_FAULT_VANISHES);
    l->vanished |= vanishes && now_s > l->taken_s + VANISH_AFTER_S;
}

/* ---- a block ---- */

static void see_lease(struct croft_sim *s, const u8 key[40], const struct croft_lease_record *r, u64 now_s)
{
    struct croft_msim_lease *l = find_lease(s, key, r->stamp);
    if (l == NULL)
        l = add_lease(s, key, r);
    bool on = l->last.state <= CROFT_LEASE_RUNNING;
    u8 state = l->last.state;
    if (on) {
        l->last.end_s = r->end_s;
        serve(s, l, now_s);
    }
    croft_msim_note_bond(s, l, r);
    croft_msim_note_leaving(s, l, r);
    l->last = *r;
    l->seen_at = s->height;
    if (!l->acked && r->state >= CROFT_LEASE_ACKED) {
        l->acked = true;
        l->order->acks -= l->order->acks != 0;
    }
    l->started |= r->state == CROFT_LEASE_RUNNING || (r->flags & CROFT_LEASE_STARTED) != 0;
    if (state != r->state)
        croft_sim_note(s, "lease %u of order %" PRIu64 " of %s at %s: state %u", croft_msim_lease_number(key),
                       croft_msim_order_id(key), s->market->actor[l->order->buyer].kind->name,
                       s->market->actor[l->payee].kind->name, r->state);
}

static void lose_lease(struct croft_sim *s, struct croft_msim_lease *l, u64 now_s)
{
    if (l->last.state <= CROFT_LEASE_RUNNING)
        serve(s, l, now_s);
    l->live = false;
    croft_sim_note(s, "lease %u of order %" PRIu64 " is gone: served %" PRIu64 ", signed %" PRIu64,
                   croft_msim_lease_number(l->key), croft_msim_order_id(l->key), l->truth, l->signed_units);
    croft_msim_book_gone(s, l);
}

static void track_leases(struct croft_sim *s, u64 now_s)
{
    struct croft_msim *m = s->market;
    for (u32 slot = 0; slot < croft_msim_high(s, CROFT_TABLE_LEASES); slot++) {
        u8 key[CROFT_RECORD_KEY_MAX];
        struct croft_lease_record r;
        if (croft_msim_at(s, CROFT_TABLE_LEASES, slot, key, &r))
            see_lease(s, key, &r, now_s);
    }
    for (u32 i = 0; i < m->live_lease_count;) {
        struct croft_msim_lease *l = &m->lease[m->live_lease[i]];
        if (l->seen_at == s->height) {
            i++;
            continue;
        }
        m->live_lease[i] = m->live_lease[--m->live_lease_count];
        lose_lease(s, l, now_s);
    }
}

void croft_msim_track(struct croft_sim *s, u64 now_s)
{
    track_leases(s, now_s);
    track_orders(s, now_s);
    s->market->before_s = now_s;
}

/* ---- signing ---- */

void croft_msim_sign(struct croft_sim *s, struct croft_msim_lease *l, u64 units, u64 ready_s)
{
    u64 now_s = croft_msim_now_s(s);
    u64 seq = (l->voucher_seq > l->last.seq ? l->voucher_seq : l->last.seq) + 1;
    if (units < l->voucher_units || now_s < l->voucher_until_s)
        return;
    Croft__V1__Voucher *v = croft_msim_forge(s, l, now_s, units, seq, l->order->signer);
    memcpy(l->voucher_key.b, v->public_key.data, 32);
    memcpy(l->voucher_signature.b, v->signature.data, 64);
    l->voucher_units = units;
    l->voucher_until_s = now_s;
    l->voucher_seq = seq;
    l->ready_s = ready_s;
    l->started = true;
    if (units > l->signed_units)
        l->signed_units = units;
    l->signed_until_s = now_s;
    l->signed_seq = seq;
}
