#include "ledger/market_int.h"

#include "base/assert.h"

#include <string.h>

enum { PPM = 1000000 };

/* Keys whose time is over count too: what they signed, they signed before. */
static bool is_key_of(const struct croft_ledger *l, const struct croft_address *node, ProtobufCBinaryData key)
{
    struct croft_account a;
    bool is = croft_account_load(l, node, &a);
    CROFT_ASSERT(is && key.len == sizeof a.r.key[0].public_key); /* a node's account stays */
    for (u32 i = 0; i < CROFT_KEYS_MAX; i++)
        if (a.r.key[i].scheme != 0 && memcmp(a.r.key[i].public_key, key.data, key.len) == 0)
            return true;
    return false;
}

/* The node signed one result and committed another.  That it signed was verified with the transaction (wire/tx.h), and
 * that the two differ is its form. */
static bool proves(const struct croft_ledger *l, const struct croft_lease *lease, const Croft__V1__Slash *op)
{
    CROFT_ASSERT(memcmp(op->result_hash.data, op->committed_hash.data, sizeof lease->r.digest.b) != 0);
    return op->stamp == lease->r.stamp && is_key_of(l, &lease->r.node, op->node_key) &&
           croft_range_has(lease, op->task, op->committed_hash, op->n_path, op->path);
}

/* SLASH_FACTOR times what the range costs, or all that is locked when that is more. */
static struct croft_amt fine_of(const struct croft_ledger *l, const struct croft_lease *lease,
                                const struct croft_provider_record *p)
{
    struct croft_amt worth, fine = croft_amt_of(UINT64_MAX); /* more than there is, when it does not fit */
    bool fits = croft_cover(&worth, lease->r.price, CROFT_PRICE_FRAME, lease->r.units_max);
    CROFT_ASSERT(fits); /* at most 2^44 times 2^12 */
    if (!croft_amt_muldiv_floor(&fine, worth, croft_ledger_param(l, CROFT_PARAM_SLASH_FACTOR), 1))
        return fine;
    return croft_amt_cmp(fine, p->locked) > 0 ? fine : p->locked;
}

/* Returns what was taken. */
static struct croft_amt slash_stake(struct croft_op *o, const struct croft_lease *lease)
{
    struct croft_provider p;
    struct croft_amt share;
    croft_provider_must(o->l, &lease->r.node, &p);
    struct croft_amt taken = croft_stake_slash(o->l, &p.r, fine_of(o->l, lease, &p.r));
    croft_provider_store(o->l, &p);
    bool fits =
        croft_amt_muldiv_floor(&share, taken, croft_ledger_param(o->l, CROFT_PARAM_SLASH_REPORTER_PPM), PPM);
    CROFT_ASSERT(fits && croft_amt_cmp(share, taken) <= 0);
    croft_bond_pay(o->l, &o->tx->account, share);
    croft_bond_burn(o->l, croft_amt_sub_must(taken, share));
    return taken;
}

/* The buyer was right to reject; what the node put up against it is lost. */
static void end_dispute(struct croft_op *o, struct croft_lease *lease)
{
    struct croft_address buyer = croft_buyer_of(lease->key);
    bool contested = lease->r.state == CROFT_LEASE_CONTESTED;
    struct croft_amt back = contested ? croft_range_half(lease) : lease->r.bond;
    croft_bond_pay(o->l, &buyer, back);
    croft_bond_burn(o->l, croft_amt_sub_must(lease->r.bond, back));
    lease->r.bond = croft_amt_of(0);
}

static bool is_committed(const struct croft_order *order, const struct croft_lease *lease)
{
    return order->r.kind == CROFT_ORDER_BATCH && lease->r.state >= CROFT_LEASE_COMMITTED;
}

croft_err croft_op_slash(struct croft_op *o)
{
    const Croft__V1__Slash *op = o->tx->body->slash;
    struct croft_order order;
    struct croft_lease lease;
    CROFT_TRY(croft_lease_reach(o, op->lease, &order, &lease));
    if (!is_committed(&order, &lease))
        return CROFT_ERR_OP_STATE;
    if (!proves(o->l, &lease, op))
        return CROFT_ERR_OP_PROOF;
    o->value = slash_stake(o, &lease);
    end_dispute(o, &lease);
    croft_range_end(o->l, &order, &lease, true, o->now_s);
    (void)croft_order_settle(o->l, &order, o->now_s);
    return CROFT_OK;
}
