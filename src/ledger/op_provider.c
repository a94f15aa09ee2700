#include "ledger/market_int.h"

#include "base/assert.h"

static croft_err provider_leave(struct croft_op *o)
{
    struct croft_provider p;
    if (!croft_provider_load(o->l, &o->tx->account, &p))
        return CROFT_ERR_OP_NOT_FOUND;
    croft_provider_roll(o->l, &p.r); /* fees of an epoch that is over are a reward to be claimed before */
    bool empty = p.r.nodes == 0 && croft_amt_is_zero(p.r.stake) && croft_amt_is_zero(p.r.unlocking) &&
                 croft_amt_is_zero(p.r.reward) && croft_amt_is_zero(p.r.exposure);
    if (!empty)
        return CROFT_ERR_OP_NOT_EMPTY;
    CROFT_ASSERT(croft_amt_is_zero(p.r.locked) && p.r.due_s == 0); /* both rest on what is not there any more */
    croft_deposit_return(o->l, o->payer, p.r.deposit);
    croft_open_records_add(o->l, o->payer, -1);
    croft_state_remove(o->l->state, CROFT_TABLE_PROVIDERS, p.slot);
    return CROFT_OK;
}

static croft_err stake_lock(struct croft_op *o, const Croft__V1__StakeLock *op)
{
    struct croft_provider p;
    struct croft_amt amount = croft_amt_of(op->amount);
    CROFT_TRY(croft_bond_take(o, amount));
    CROFT_TRY(croft_provider_reach(o, &p));
    p.r.stake = croft_amt_add_must(p.r.stake, amount); /* all of it lies in STAKE, and so fits */
    croft_provider_store(o->l, &p);
    return CROFT_OK;
}

static croft_err stake_unlock(struct croft_op *o, const Croft__V1__StakeUnlock *op)
{
    struct croft_provider p;
    struct croft_amt amount = croft_amt_of(op->amount), none = croft_amt_of(0);
    if (!croft_provider_load(o->l, &o->tx->account, &p))
        return CROFT_ERR_OP_NOT_FOUND;
    if (croft_amt_cmp(amount, croft_stake_free(&p.r)) > 0)
        return CROFT_ERR_OP_STAKE;
    p.r.stake = croft_amt_sub_must(p.r.stake, amount);
    if (!croft_exposure_fits(o->l, &p.r, none))
        return CROFT_ERR_OP_EXPOSURE;
    CROFT_ASSERT(croft_amt_cmp(p.r.locked, p.r.stake) <= 0); /* only what was free went */
    p.r.unlocking = croft_amt_add_must(p.r.unlocking, amount);
    p.r.due_s = o->now_s + croft_ledger_param(o->l, CROFT_PARAM_STAKE_UNLOCK_S);
    croft_provider_store(o->l, &p);
    return CROFT_OK;
}

croft_err croft_op_provider(struct croft_op *o)
{
    const Croft__V1__TxBody *body = o->tx->body;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_NODE_ADMIT:
        return croft_node_admit(o, body->node_admit);
    case CROFT__V1__TX_BODY__OP_NODE_REMOVE:
        return croft_node_remove(o, body->node_remove);
    case CROFT__V1__TX_BODY__OP_NODE_SET:
        return croft_node_set(o, body->node_set);
    case CROFT__V1__TX_BODY__OP_PROVIDER_LEAVE:
        return provider_leave(o);
    case CROFT__V1__TX_BODY__OP_STAKE_LOCK:
        return stake_lock(o, body->stake_lock);
    case CROFT__V1__TX_BODY__OP_STAKE_UNLOCK:
        return stake_unlock(o, body->stake_unlock);
    case CROFT__V1__TX_BODY__OP_CLAIM_SET:
        return croft_claim_set(o, body->claim_set);
    default:
        CROFT_UNREACHABLE("op_table.c sends only these");
        return CROFT_ERR_OP_STATE;
    }
}
