#include "ledger/market_int.h"

#include "base/assert.h"

enum { PROMISES = 1u << CROFT_SERVICE_FIRM | 1u << CROFT_SERVICE_RESERVED };

/* A listing under way: what there was, and what is to be. */
struct posting {
    struct croft_node node;
    struct croft_device device; /* slot CROFT_SLOT_NONE: it is new */
    struct croft_class class;
    bool has_class;           /* the class named is there */
    u64 price; /* by the second: the device's or what its class posts, which is more; 0: none */
    struct croft_amt bond, lock;
};

/* ---- refusals, in the order of docs/spec/ledger.md ---- */

static croft_err look(struct croft_op *o, const Croft__V1__OfferPost *op, struct posting *p)
{
    CROFT_ASSERT(op->capability != NULL && op->prices != NULL && op->device < CROFT_DEVICES_MAX); /* croft_tx_decode */
    if (!croft_node_load(o->l, &o->tx->account, &p->node) || p->node.r.drain != 0)
        return CROFT_ERR_OP_NODE;
    if (!croft_device_load(o->l, &o->tx->account, op->device, &p->device))
        p->device.r = (struct croft_device_record){.state = CROFT_DEVICE_UNLISTED};
    return p->device.r.state == CROFT_DEVICE_LEASED ? CROFT_ERR_OP_STATE : CROFT_OK;
}

static croft_err check_time(const struct croft_op *o, const Croft__V1__OfferPost *op)
{
    bool past = op->until_s <= o->now_s;
    if (past || op->until_s - o->now_s > croft_ledger_param(o->l, CROFT_PARAM_OFFER_MAX_S))
        return CROFT_ERR_OP_TIME;
    return op->notice_s > croft_ledger_param(o->l, CROFT_PARAM_NOTICE_MAX_S) ? CROFT_ERR_OP_TIME : CROFT_OK;
}

static croft_err check_price(const struct croft_op *o, const Croft__V1__OfferPost *op, struct posting *p)
{
    const Croft__V1__Prices *own = op->prices;
    p->has_class = op->class_ != 0 && croft_class_load(o->l, op->class_, &p->class);
    /* Orders of the class pay what it posts, others what the device asks: the dearer promise has to be covered. */
    p->price = p->has_class && p->class.r.price > own->second ? p->class.r.price : own->second;
    CROFT_ASSERT(p->price <= CROFT_PRICE_MAX);
    bool any = (p->price | own->token | own->byte | own->frame) != 0;
    return any ? CROFT_OK : CROFT_ERR_OP_PRICE;
}

static croft_err check_terms(const Croft__V1__OfferPost *op, const struct posting *p)
{
    if (op->class_ != 0 && !p->has_class)
        return CROFT_ERR_OP_NOT_FOUND;
    if (p->has_class && !croft_class_fits(&p->class.r, &p->device.r, p->node.r.machine))
        return CROFT_ERR_OP_TERMS;
    bool promises = (op->services & PROMISES) != 0;
    return promises && p->price == 0 ? CROFT_ERR_OP_TERMS : CROFT_OK;
}

/* ---- money that the listing needs ---- */

static struct croft_amt for_seconds(u64 price, u64 seconds)
{
    struct croft_amt amount = croft_amt_of(0);
    bool fits = croft_cover(&amount, price, CROFT_PRICE_SECOND, seconds);
    CROFT_ASSERT(fits); /* CROFT_PRICE_MAX for a week stays below 2^64 */
    return amount;
}

static void price_listing(const struct croft_op *o, const Croft__V1__OfferPost *op, struct posting *p)
{
    u64 bond_s = croft_ledger_param(o->l, CROFT_PARAM_OFFER_BOND_S);
    struct croft_amt least = croft_amt_of(croft_ledger_param(o->l, CROFT_PARAM_OFFER_BOND_MIN));
    p->bond = for_seconds(p->price, op->notice_s > bond_s ? op->notice_s : bond_s);
    if (croft_amt_cmp(p->bond, least) < 0)
        p->bond = least;
    bool promises = (op->services & PROMISES) != 0;
    p->lock = promises ? for_seconds(p->price, croft_ledger_param(o->l, CROFT_PARAM_FIRM_PENALTY_S)) : croft_amt_of(0);
}

/* What the device locked before is given back in the same breath, so it counts as free; but stake that was slashed
 * below what is locked has to be made good before anything is promised anew. */
static croft_err move_lock(struct croft_op *o, struct posting *p)
{
    struct croft_provider owner;
    if (croft_amt_is_zero(p->lock) && croft_amt_is_zero(p->device.r.lock))
        return CROFT_OK;
    croft_provider_must(o->l, &o->tx->account, &owner);
    struct croft_amt others = croft_amt_sub_must(owner.r.locked, p->device.r.lock);
    struct croft_amt locked = others;
    if (!croft_amt_add(&locked, others, p->lock))
        return CROFT_ERR_OP_STAKE;
    if (!croft_amt_is_zero(p->lock) && croft_amt_cmp(locked, owner.r.stake) > 0)
        return CROFT_ERR_OP_STAKE;
    owner.r.locked = locked;
    croft_provider_store(o->l, &owner);
    p->device.r.lock = p->lock;
    return CROFT_OK;
}

static croft_err move_bond(struct croft_op *o, struct posting *p)
{
    struct croft_amt held = p->device.r.bond;
    CROFT_ASSERT(croft_amt_is_zero(held) || p->device.r.state == CROFT_DEVICE_LISTED);
    if (croft_amt_cmp(p->bond, held) > 0)
        CROFT_TRY(croft_bond_take(o, croft_amt_sub_must(p->bond, held)));
    else
        croft_bond_pay(o->l, &o->tx->account, croft_amt_sub_must(held, p->bond));
    p->device.r.bond = p->bond;
    return CROFT_OK;
}

/* ---- the record ---- */

static void list(struct croft_device_record *r, const Croft__V1__OfferPost *op)
{
    CROFT_ASSERT(r->state != CROFT_DEVICE_LEASED && r->lease == 0);
    r->state = CROFT_DEVICE_LISTED;
    r->services = (u8)op->services;
    r->egress = (u8)op->egress;
    r->class = (u16)op->class_;
    r->price[CROFT_PRICE_SECOND] = op->prices->second;
    r->price[CROFT_PRICE_TOKEN] = op->prices->token;
    r->price[CROFT_PRICE_BYTE] = op->prices->byte;
    r->price[CROFT_PRICE_FRAME] = op->prices->frame;
    r->disk_price = op->prices->disk;
    r->notice_s = op->notice_s;
    r->due_s = op->until_s;
}

static void change_class(struct croft_ledger *l, u32 from, u32 to)
{
    if (from == to)
        return;
    croft_class_count(l, from, -1);
    croft_class_count(l, to, 1);
}

static croft_err put_device(struct croft_op *o, struct posting *p, u32 number)
{
    if (p->device.slot != CROFT_SLOT_NONE) {
        croft_device_store(o->l, &p->device);
        return CROFT_OK;
    }
    CROFT_TRY(croft_record_insert(o->l, CROFT_TABLE_DEVICES, p->device.key, &p->device.r, &p->device.slot));
    CROFT_ASSERT((p->node.r.devices >> number & 1) == 0);
    p->node.r.devices |= UINT64_C(1) << number;
    croft_node_store(o->l, &p->node);
    return CROFT_OK;
}

static croft_err offer_post(struct croft_op *o, const Croft__V1__OfferPost *op)
{
    struct posting p;
    CROFT_TRY(look(o, op, &p));
    CROFT_TRY(check_time(o, op));
    CROFT_TRY(check_price(o, op, &p));
    croft_device_describe(&p.device.r, op->capability);
    CROFT_TRY(check_terms(op, &p));

    u32 class_before = p.device.r.class;
    price_listing(o, op, &p);
    CROFT_TRY(move_lock(o, &p));
    if (p.device.slot == CROFT_SLOT_NONE)
        CROFT_TRY(croft_deposit_take(o, &p.device.r.deposit));
    CROFT_TRY(move_bond(o, &p));
    list(&p.device.r, op);
    CROFT_TRY(put_device(o, &p, op->device));
    change_class(o->l, class_before, op->class_);
    return CROFT_OK;
}

static croft_err offer_withdraw(struct croft_op *o, const Croft__V1__OfferWithdraw *op)
{
    struct croft_node n;
    struct croft_device d;
    if (!croft_node_load(o->l, &o->tx->account, &n))
        return CROFT_ERR_OP_NODE;
    if (!croft_device_load(o->l, &o->tx->account, op->device, &d))
        return CROFT_ERR_OP_NOT_FOUND;
    CROFT_ASSERT((n.r.devices >> op->device & 1) != 0);
    (void)croft_device_leave(o->l, &d);
    if (op->remove && d.r.state != CROFT_DEVICE_LEASED)
        croft_device_remove(o->l, &n, &d, &o->tx->account);
    return CROFT_OK;
}

croft_err croft_op_offer(struct croft_op *o)
{
    const Croft__V1__TxBody *body = o->tx->body;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_CLASS_SET:
        return croft_class_set(o, body->class_set);
    case CROFT__V1__TX_BODY__OP_OFFER_POST:
        return offer_post(o, body->offer_post);
    case CROFT__V1__TX_BODY__OP_OFFER_WITHDRAW:
        return offer_withdraw(o, body->offer_withdraw);
    default:
        CROFT_UNREACHABLE("op_table.c sends only these");
        return CROFT_ERR_OP_STATE;
    }
}
