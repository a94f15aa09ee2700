#include "ledger/market_int.h"

#include "base/assert.h"
#include "wire/voucher.h"

#include <string.h>

/* What the order asks of every device; the price is the bid's own. */
static bool device_fits(const struct croft_device_record *d, const struct croft_order_record *o)
{
    bool class = o->class == 0 || d->class == o->class;
    bool service = (d->services >> o->service & 1) != 0;
    bool egress = (d->egress >> o->egress & 1) != 0;
    return class && service && egress;
}

static croft_err bid_place(struct croft_op *o, const Croft__V1__BidPlace *op)
{
    struct croft_node node;
    struct croft_order order;
    struct croft_bid bid;
    struct croft_device device;
    struct croft_hash commitment;
    if (!croft_node_load(o->l, &o->tx->account, &node) || node.r.drain)
        return CROFT_ERR_OP_NODE;
    CROFT_TRY(croft_order_reach(o, op->buyer_address, op->order, &order));
    if (order.r.state != CROFT_ORDER_BIDDING)
        return CROFT_ERR_OP_STATE;
    if (croft_bid_load(o->l, order.key, &o->tx->account, op->device, &bid))
        return CROFT_ERR_OP_EXISTS;
    if (!croft_device_load(o->l, &o->tx->account, op->device, &device))
        return CROFT_ERR_OP_NOT_FOUND;
    if (!device_fits(&device.r, &order.r))
        return CROFT_ERR_OP_TERMS;
    CROFT_ASSERT(op->commitment.len == sizeof commitment.b);
    memcpy(commitment.b, op->commitment.data, sizeof commitment.b);
    return croft_bid_place(o, &order, op->device, &commitment);
}

static croft_err bid_reveal(struct croft_op *o, const Croft__V1__BidReveal *op)
{
    const struct croft_address *node = &o->tx->account;
    struct croft_order order;
    struct croft_bid bid;
    struct croft_device device;
    CROFT_TRY(croft_order_reach(o, op->buyer_address, op->order, &order));
    if (!croft_bid_load(o->l, order.key, node, op->device, &bid))
        return CROFT_ERR_OP_NOT_FOUND;
    if (!croft_device_load(o->l, node, op->device, &device))
        return CROFT_ERR_OP_NOT_FOUND; /* withdrawn and removed since: what is not there must not become the best */
    if (bid.r.state == CROFT_BID_REVEALED)
        return CROFT_ERR_OP_EXISTS;
    if (order.r.state != CROFT_ORDER_REVEALING)
        return CROFT_ERR_OP_STATE;
    CROFT_ASSERT(op->salt.len == sizeof bid.r.commitment.b);
    struct croft_hash said = croft_bid_commitment(order.key, op->price, op->salt.data, node->b, (u8)op->device);
    if (!croft_hash_equal(&said, &bid.r.commitment))
        return CROFT_ERR_OP_BID;
    croft_bid_reveal(o->l, &order, &device, &bid, op->price);
    return CROFT_OK;
}

croft_err croft_op_auction(struct croft_op *o)
{
    const Croft__V1__TxBody *body = o->tx->body;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_BID_PLACE:
        return bid_place(o, body->bid_place);
    case CROFT__V1__TX_BODY__OP_BID_REVEAL:
        return bid_reveal(o, body->bid_reveal);
    default:
        CROFT_UNREACHABLE("not an operation on auctions");
    }
}
