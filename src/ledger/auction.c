#include "ledger/market_int.h"

#include "base/assert.h"
#include "crypto/hash.h"

#include <string.h>

struct auction {
    u32 slot;
    struct croft_auction_record r;
};

/* ---- records ---- */

static bool auction_load(const struct croft_ledger *l, const u8 order_key[40], struct auction *out)
{
    out->slot = croft_state_find(l->state, CROFT_TABLE_AUCTIONS, order_key);
    if (out->slot == CROFT_SLOT_NONE)
        return false;
    croft_record_load(l, CROFT_TABLE_AUCTIONS, out->slot, &out->r);
    return true;
}

static void auction_must(const struct croft_ledger *l, const u8 order_key[40], struct auction *out)
{
    bool is = auction_load(l, order_key, out);
    CROFT_ASSERT(is); /* it outlives its bids */
    CROFT_ASSERT(out->r.bid_until_s < out->r.reveal_until_s && out->r.revealed <= out->r.bids);
}

static void auction_store(struct croft_ledger *l, const struct auction *a)
{
    croft_record_store(l, CROFT_TABLE_AUCTIONS, a->slot, &a->r);
}

static bool has_flag(const struct auction *a, enum croft_auction_flag flag)
{
    return (a->r.flags & flag) != 0;
}

static void bid_key(const u8 order_key[40], const struct croft_address *node, u32 device, u8 out[32])
{
    CROFT_ASSERT(device < CROFT_DEVICES_MAX);
    u8 number = (u8)device;
    const struct croft_bytes part[] = {{order_key, 40}, {node->b, sizeof node->b}, {&number, 1}};
    struct croft_hash h = croft_blake2b("croft bid key 1", part, CROFT_COUNT(part));
    memcpy(out, h.b, sizeof h.b);
}

bool croft_bid_load(const struct croft_ledger *l, const u8 order_key[40], const struct croft_address *node, u32 device,
                    struct croft_bid *out)
{
    bid_key(order_key, node, device, out->key);
    out->slot = croft_state_find(l->state, CROFT_TABLE_BIDS, out->key);
    if (out->slot == CROFT_SLOT_NONE)
        return false;
    croft_record_load(l, CROFT_TABLE_BIDS, out->slot, &out->r);
    CROFT_ASSERT(out->r.device == device && croft_address_equal(&out->r.node, node));
    return true;
}

/* ---- an auction's beginning and end ---- */

bool croft_auction_is(const struct croft_ledger *l, const u8 order_key[40])
{
    return croft_state_find(l->state, CROFT_TABLE_AUCTIONS, order_key) != CROFT_SLOT_NONE;
}

croft_err croft_auction_open(struct croft_op *o, const struct croft_order *order, const Croft__V1__AuctionTerms *terms)
{
    u32 slot;
    struct croft_auction_record r = {.rule = (u8)terms->rule,
                                     .bid_until_s = terms->bid_until_s,
                                     .reveal_until_s = terms->reveal_until_s,
                                     .bid_deposit = croft_amt_of(terms->bid_deposit)};
    CROFT_ASSERT(r.rule <= CROFT_AUCTION_PICK && !croft_auction_is(o->l, order->key));
    CROFT_ASSERT(o->now_s < r.bid_until_s && r.bid_until_s < r.reveal_until_s);
    CROFT_ASSERT(r.reveal_until_s < order->r.expires_s); /* so that there is time to use what was bid */
    CROFT_TRY(croft_deposit_take(o, &r.deposit));
    return croft_record_insert(o->l, CROFT_TABLE_AUCTIONS, order->key, &r, &slot);
}

void croft_auction_remove(struct croft_ledger *l, const u8 order_key[40], u32 buyer_slot)
{
    struct auction a;
    if (!auction_load(l, order_key, &a) || has_flag(&a, CROFT_AUCTION_ORPHAN))
        return;
    croft_deposit_return(l, buyer_slot, a.r.deposit);
    if (a.r.bids == 0) {
        croft_state_remove(l->state, CROFT_TABLE_AUCTIONS, a.slot);
        return;
    }
    a.r.deposit = croft_amt_of(0);
    a.r.flags |= CROFT_AUCTION_ORPHAN;
    auction_store(l, &a);
}

/* ---- a bid's beginning and end ---- */

static void node_bids_add(struct croft_ledger *l, const struct croft_address *address, int change)
{
    struct croft_node n;
    croft_node_must(l, address, &n); /* a node with open bids stays */
    CROFT_ASSERT(change > 0 || n.r.bids > 0);
    n.r.bids += (u32)change;
    croft_node_store(l, &n);
    u32 account = croft_account_find(l, address);
    CROFT_ASSERT(account != CROFT_SLOT_NONE);
    croft_open_records_add(l, account, change);
}

croft_err croft_bid_place(struct croft_op *o, const struct croft_order *order, u32 device,
                          const struct croft_hash *commitment)
{
    u8 key[32];
    u32 slot;
    struct auction a;
    auction_must(o->l, order->key, &a);
    struct croft_bid_record bid = {.state = CROFT_BID_SEALED,
                                   .device = (u8)device,
                                   .node = o->tx->account,
                                   .commitment = *commitment,
                                   .deposit = a.r.bid_deposit,
                                   .due_s = a.r.reveal_until_s};
    CROFT_ASSERT(order->r.state == CROFT_ORDER_BIDDING && !has_flag(&a, CROFT_AUCTION_DECIDED));
    memcpy(bid.order, order->key, sizeof bid.order);
    bid_key(order->key, &bid.node, device, key);
    CROFT_TRY(croft_bond_take(o, bid.deposit));
    CROFT_TRY(croft_record_insert(o->l, CROFT_TABLE_BIDS, key, &bid, &slot));
    node_bids_add(o->l, &bid.node, 1);
    a.r.bids++;
    auction_store(o->l, &a);
    o->value = bid.deposit;
    return CROFT_OK;
}

/* The bid goes, its deposit comes back or is lost; with the last one goes an auction whose order is gone. */
static void bid_end(struct croft_ledger *l, const struct croft_bid *bid, bool back)
{
    struct auction a;
    auction_must(l, bid->r.order, &a);
    CROFT_ASSERT(a.r.bids > 0);
    if (back)
        croft_bond_pay(l, &bid->r.node, bid->r.deposit);
    else
        croft_bond_burn(l, bid->r.deposit);
    node_bids_add(l, &bid->r.node, -1);
    croft_state_remove(l->state, CROFT_TABLE_BIDS, bid->slot);
    a.r.bids--;
    a.r.revealed -= bid->r.state == CROFT_BID_REVEALED;
    if (a.r.bids == 0 && has_flag(&a, CROFT_AUCTION_ORPHAN))
        croft_state_remove(l->state, CROFT_TABLE_AUCTIONS, a.slot);
    else
        auction_store(l, &a);
}

/* ---- revealing: the best so far is kept, so that nothing is sorted when it is over ---- */

static int compare(u64 a, u64 b)
{
    return (a > b) - (a < b);
}

/* Negative: this bid is better than the best so far. */
static int compare_best(const struct croft_bid_record *bid, u64 won_s, const struct croft_auction_record *best)
{
    int c = compare(bid->price, best->best_price);
    c = c != 0 ? c : compare(won_s, best->best_won_s);
    c = c != 0 ? c : memcmp(bid->node.b, best->best_node.b, sizeof bid->node.b);
    return c != 0 ? c : compare(bid->device, best->best_device);
}

static void best_take(struct croft_auction_record *a, const struct croft_bid_record *bid, u64 won_s)
{
    if (a->best_price != 0 && compare_best(bid, won_s, a) >= 0)
        return;
    a->best_price = bid->price;
    a->best_won_s = won_s;
    a->best_node = bid->node;
    a->best_device = bid->device;
}

void croft_bid_reveal(struct croft_ledger *l, const struct croft_order *o, const struct croft_device *d,
                      struct croft_bid *bid, u64 price)
{
    struct auction a;
    CROFT_ASSERT(o->r.state == CROFT_ORDER_REVEALING && bid->r.state == CROFT_BID_SEALED && price != 0);
    if (price > o->r.price_max) {
        bid_end(l, bid, true);
        return;
    }
    bid->r.state = CROFT_BID_REVEALED;
    bid->r.price = price;
    bid->r.due_s = o->r.expires_s; /* until then the order may choose it */
    croft_record_store(l, CROFT_TABLE_BIDS, bid->slot, &bid->r);
    auction_must(l, o->key, &a);
    a.r.revealed++;
    best_take(&a.r, &bid->r, d->r.won_s);
    auction_store(l, &a);
}

/* ---- phases ---- */

u64 croft_auction_due_s(const struct croft_ledger *l, const struct croft_order *o)
{
    struct auction a;
    if (o->r.state != CROFT_ORDER_BIDDING && o->r.state != CROFT_ORDER_REVEALING)
        return 0;
    auction_must(l, o->key, &a);
    return o->r.state == CROFT_ORDER_BIDDING ? a.r.bid_until_s : a.r.reveal_until_s;
}

/* An offer that was good for long enough when the auction was over, and is not now that a block was made. */
static bool came_late(const struct croft_order *o, const struct croft_auction_record *best, const struct croft_device *d,
                      croft_err err)
{
    u64 needed_s = o->r.firm_s > o->r.start_s ? o->r.firm_s : o->r.start_s;
    bool by_time = err == CROFT_ERR_OP_TIME || err == CROFT_ERR_OP_OFFERS;
    return by_time && d->r.state == CROFT_DEVICE_LISTED && d->r.due_s >= best->reveal_until_s + needed_s;
}

/* Whether it is the bidder's doing that its device cannot be had.  A buyer who leaves its escrow empty, a full table,
 * somebody who takes this device or others of the provider just before the end, or a chain that stood still must not
 * cost a bidder its deposit. */
static bool is_bidders_doing(const struct croft_ledger *l, const struct croft_order *o,
                             const struct croft_auction_record *best, croft_err err)
{
    struct croft_device d;
    bool is = croft_device_load(l, &best->best_node, best->best_device, &d);
    if (is && (d.r.state == CROFT_DEVICE_LEASED || came_late(o, best, &d, err)))
        return false;
    return err != CROFT_ERR_OP_FUNDS && err != CROFT_ERR_OP_FULL && err != CROFT_ERR_OP_LIMIT &&
           err != CROFT_ERR_OP_EXPOSURE;
}

static croft_err take(struct croft_ledger *l, struct croft_order *o, const struct croft_auction_record *best, u64 now_s)
{
    u64 price;
    struct croft_device d;
    struct croft_lease lease;
    struct croft_take_terms terms = {.price = best->best_price, .price_seen = best->best_price, .chosen_bid = true};
    if (!croft_device_load(l, &best->best_node, best->best_device, &d))
        return CROFT_ERR_OP_NOT_FOUND;
    CROFT_TRY(croft_take_check(l, o, &d, &terms, now_s, &price));
    CROFT_ASSERT(price == best->best_price);
    return croft_take(l, o, &d, price, croft_stamp_due(l), CROFT_LEASE_TAKEN, now_s, &lease);
}

static void take_best(struct croft_ledger *l, struct croft_order *o, const struct croft_auction_record *best, u64 now_s)
{
    struct croft_bid bid;
    croft_err err = take(l, o, best, now_s);
    if (err == CROFT_OK || !is_bidders_doing(l, o, best, err))
        return;
    bool is = croft_bid_load(l, o->key, &best->best_node, best->best_device, &bid);
    CROFT_ASSERT(is && bid.r.state == CROFT_BID_REVEALED); /* its due time is the order's end */
    bid_end(l, &bid, false);
}

/* When no block was there between the two times nobody could reveal, and nobody loses its deposit for that. */
static bool could_reveal(const struct croft_ledger *l, const struct auction *a)
{
    return l->time_s >= a->r.bid_until_s;
}

void croft_auction_phase(struct croft_ledger *l, struct croft_order *o, u64 now_s)
{
    struct auction a;
    auction_must(l, o->key, &a);
    CROFT_ASSERT(croft_auction_due_s(l, o) != 0 && croft_auction_due_s(l, o) <= now_s);
    CROFT_ASSERT(!has_flag(&a, CROFT_AUCTION_DECIDED) && !has_flag(&a, CROFT_AUCTION_ORPHAN));
    if (o->r.state == CROFT_ORDER_BIDDING) {
        o->r.state = CROFT_ORDER_REVEALING;
        return;
    }
    o->r.state = CROFT_ORDER_PICKING;
    if (!could_reveal(l, &a))
        return;
    a.r.flags |= CROFT_AUCTION_DECIDED;
    auction_store(l, &a);
    if (a.r.rule == CROFT_AUCTION_LOWEST && a.r.best_price != 0)
        take_best(l, o, &a.r, now_s);
}

/* ---- what became of a bid ---- */

/* A revealed bid that its order, which is still there, can choose. */
static bool bid_stands(const struct croft_ledger *l, const u8 order_key[40], const struct croft_address *node,
                       u32 device, struct croft_bid *out)
{
    struct auction a;
    if (!croft_bid_load(l, order_key, node, device, out) || out->r.state != CROFT_BID_REVEALED)
        return false;
    auction_must(l, order_key, &a);
    return !has_flag(&a, CROFT_AUCTION_ORPHAN);
}

croft_err croft_bid_price(const struct croft_ledger *l, const u8 order_key[40], const struct croft_device *d,
                          u64 *out_price)
{
    struct croft_bid bid;
    struct croft_address node = croft_buyer_of(d->key);
    if (!bid_stands(l, order_key, &node, d->key[sizeof d->key - 1], &bid))
        return CROFT_ERR_OP_OFFERS;
    *out_price = bid.r.price;
    return CROFT_OK;
}

/* Among equal bids the next auction is another's. */
static void has_won(struct croft_ledger *l, const struct croft_address *node, u32 device)
{
    struct croft_device d;
    bool is = croft_device_load(l, node, device, &d);
    CROFT_ASSERT(is); /* leased, and so there */
    d.r.won_s = l->block_time_s;
    croft_device_store(l, &d);
}

void croft_bid_settle(struct croft_ledger *l, const u8 order_key[40], const struct croft_lease *lease, bool acked)
{
    struct croft_bid bid;
    if ((lease->r.flags & (CROFT_LEASE_GATEWAY | CROFT_LEASE_KEEP)) != 0)
        return;
    if (!bid_stands(l, order_key, &lease->r.node, lease->r.device, &bid))
        return;
    if (acked)
        has_won(l, &bid.r.node, bid.r.device);
    bid_end(l, &bid, acked);
}

void croft_due_bid(struct croft_ledger *l, u32 slot, u64 now_s)
{
    struct auction a;
    struct croft_bid bid = {.slot = slot};
    croft_record_load(l, CROFT_TABLE_BIDS, slot, &bid.r);
    CROFT_ASSERT(bid.r.due_s != 0 && bid.r.due_s <= now_s);
    auction_must(l, bid.r.order, &a);
    /* Closed while it was BIDDING, an order is never DECIDED; and its own due record always comes before this. */
    bool back = bid.r.state == CROFT_BID_REVEALED || !has_flag(&a, CROFT_AUCTION_DECIDED);
    croft_due_report(l, CROFT_DUE_BID_ENDED, CROFT_TABLE_BIDS, slot, back ? bid.r.deposit : croft_amt_of(0));
    bid_end(l, &bid, back);
}
