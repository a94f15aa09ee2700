#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

/* ---- auctions, and orders that wait for a node ---- */

static struct croft_msim_order *some_order(struct croft_sim *s)
{
    struct croft_msim *m = s->market;
    if (m->live_order_count == 0)
        return NULL;
    struct croft_msim_order *o = &m->order[m->live_order[croft_sim_below(s, m->live_order_count)]];
    return o->known ? o : NULL;
}

static bool has_bid(const struct croft_msim *m, const u8 order[40], u32 node, u32 device)
{
    for (u32 i = m->bid_count; i-- > 0;)
        if (m->bid[i].node == node && m->bid[i].device == device && memcmp(m->bid[i].order, order, 40) == 0)
            return true;
    return false;
}

static void place(struct croft_sim *s, const struct croft_msim_order *o, u32 node, u32 device)
{
    struct croft_msim *m = s->market;
    if (m->bid_count == CROFT_MSIM_BIDS || has_bid(m, o->key, node, device))
        return;
    struct croft_msim_bid *bid = &m->bid[m->bid_count++];
    *bid = (struct croft_msim_bid){.node = node, .device = (u8)device};
    memcpy(bid->order, o->key, 40);
    croft_rng_fill(&s->rng, bid->salt, sizeof bid->salt);
    bid->price = 1 + croft_sim_below(s, o->last.price_max + o->last.price_max / 8);
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_BID_PLACE);
    Croft__V1__BidPlace *op = CROFT_MSIM_OP(s, b, bid_place, Croft__V1__BidPlace, croft__v1__bid_place__init);
    struct croft_hash commitment =
        croft_bid_commitment(o->key, bid->price, bid->salt, m->account[node].address.b, bid->device);
    op->buyer_address = croft_msim_buyer(s, o->key);
    op->order = o->id;
    op->device = device;
    op->commitment = croft_sim_copy(s, commitment.b, sizeof commitment.b);
    croft_msim_send(s, node, b);
}

/* Takes an order that waits in its class's queue. */
static void take_order(struct croft_sim *s, const struct croft_msim_order *o, u32 node, u32 device)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_LEASE_TAKE);
    Croft__V1__LeaseTake *op = CROFT_MSIM_OP(s, b, lease_take, Croft__V1__LeaseTake, croft__v1__lease_take__init);
    op->buyer_address = croft_msim_buyer(s, o->key);
    op->order = o->id;
    op->device = device;
    op->seal_key = croft_msim_random(s, 32);
    croft_msim_send(s, node, b);
}

void croft_msim_bid(struct croft_sim *s, struct croft_msim_actor *a, u32 node, u32 device)
{
    struct croft_msim_order *o = some_order(s);
    if (o == NULL || o->buyer == a->number)
        return;
    if (o->last.state == CROFT_ORDER_BIDDING)
        place(s, o, node, device);
    else if ((o->last.flags & CROFT_ORDER_QUEUED) != 0)
        take_order(s, o, node, device);
}

/* ---- revealing ---- */

static void reveal(struct croft_sim *s, struct croft_msim_bid *bid)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_BID_REVEAL);
    Croft__V1__BidReveal *op = CROFT_MSIM_OP(s, b, bid_reveal, Croft__V1__BidReveal, croft__v1__bid_reveal__init);
    op->buyer_address = croft_msim_buyer(s, bid->order);
    op->order = croft_msim_order_id(bid->order);
    op->device = bid->device;
    op->price = croft_sim_chance(s, 5) ? bid->price + 1 : bid->price;
    op->salt = croft_sim_copy(s, bid->salt, sizeof bid->salt);
    bid->revealed = op->price == bid->price;
    croft_msim_send(s, bid->node, b);
}

void croft_msim_reveal(struct croft_sim *s, struct croft_msim_actor *a)
{
    struct croft_msim *m = s->market;
    if (croft_msim_is(a, CROFT_FAULT_NEVER_REVEALS))
        return;
    for (u32 i = 0; i < m->live_order_count; i++) {
        struct croft_msim_order *o = &m->order[m->live_order[i]];
        if (!o->known || o->last.state != CROFT_ORDER_REVEALING)
            continue;
        for (u32 k = 0; k < m->bid_count; k++)
            if (!m->bid[k].revealed && m->account[m->bid[k].node].actor == a->number &&
                memcmp(m->bid[k].order, o->key, 40) == 0)
                reveal(s, &m->bid[k]);
    }
}
