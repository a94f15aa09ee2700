#include "ledger/market_int.h"

#include "base/assert.h"

/* ---- reports ---- */

static croft_err oracle_report(struct croft_op *o, const Croft__V1__OracleReport *op)
{
    struct croft_token_record t;
    if (!croft_token_load(o->l, &t))
        return CROFT_ERR_OP_TOKEN;
    if (!croft_is_operator(o->l, &o->tx->account))
        return CROFT_ERR_OP_VALIDATOR;
    if (op->price == 0 || op->price >= CROFT_ORACLE_PRICE_MAX)
        return CROFT_ERR_OP_PRICE;
    croft_oracle_report(o->l, &o->tx->account, op->price, o->now_s);
    croft_oracle_update(o->l, &t, o->now_s);
    croft_token_store(o->l, &t);
    return CROFT_OK;
}

/* ---- what the pool buys ---- */

enum { PPM = 1000000 };

/* Of a million units of its worth, what the pool pays for CROFT. */
static u64 paid_ppm(const struct croft_ledger *l)
{
    u64 discount = croft_ledger_param(l, CROFT_PARAM_BUYBACK_DISCOUNT_PPM);
    CROFT_ASSERT(discount < PPM);
    return PPM - discount;
}

/* What it holds beyond what it owes for converted CROFT. */
static struct croft_amt pool_free(const struct croft_ledger *l)
{
    struct croft_amt pool = croft_balance(l, l->system_slot[CROFT_SYSTEM_FEES], CROFT_ASSET_CREDIT), left = {0};
    return croft_amt_sub(&left, pool, croft_token_debt(l)) ? left : croft_amt_of(0);
}

/* False, *out unchanged, when that is more than there can be. */
static bool pool_pays(const struct croft_ledger *l, u64 median, struct croft_amt croft, struct croft_amt *out)
{
    struct croft_amt worth;
    CROFT_ASSERT(median != 0 && median < CROFT_ORACLE_PRICE_MAX);
    return croft_amt_muldiv_floor(&worth, croft, median, CROFT_UNITS_PER_CREDIT) &&
           croft_amt_muldiv_floor(out, worth, paid_ppm(l), PPM);
}

/* CROFT that has left its account is burnt, and the pool pays the account. */
static void pool_buys(struct croft_ledger *l, u32 seller, struct croft_amt croft, struct croft_amt credits)
{
    croft_system_credit(l, CROFT_SYSTEM_TOKEN, CROFT_ASSET_CROFT, croft);
    croft_system_debit(l, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT, credits);
    croft_credit(l, seller, CROFT_ASSET_CREDIT, credits);
}

static croft_err buyback(struct croft_op *o, const Croft__V1__Buyback *op)
{
    struct croft_token_record t;
    struct croft_amt croft = croft_amt_of(op->amount), credits = {0};
    CROFT_TRY(croft_token_price(o->l, &t));
    bool fits = pool_pays(o->l, t.median, croft, &credits);
    if (fits && (croft_amt_is_zero(credits) || croft_amt_units(credits) < op->credits_min))
        return CROFT_ERR_OP_PRICE;
    if (!fits || croft_amt_cmp(credits, pool_free(o->l)) > 0)
        return CROFT_ERR_OP_POOL;
    CROFT_TRY(croft_spend(o, CROFT_ASSET_CROFT, croft));
    pool_buys(o->l, o->payer, croft, credits);
    t.burnt = croft_amt_add_must(t.burnt, croft);
    croft_token_store(o->l, &t);
    o->value = credits;
    return CROFT_OK;
}

/* ---- rewards ---- */

/* As much CROFT, at most most, as the pool can pay for: what it pays then is at most pool, as all is rounded down.
 * Nothing when it would get nothing for it. */
static struct croft_amt sellable(const struct croft_ledger *l, u64 median, struct croft_amt most, struct croft_amt pool,
                                 struct croft_amt *out_credits)
{
    struct croft_amt croft = most, worth;
    bool all = pool_pays(l, median, most, out_credits) && croft_amt_cmp(*out_credits, pool) <= 0;
    if (!all && croft_amt_muldiv_floor(&worth, pool, PPM, paid_ppm(l)) &&
        croft_amt_muldiv_floor(&croft, worth, CROFT_UNITS_PER_CREDIT, median)) {
        croft = croft_amt_min(croft, most);
        all = pool_pays(l, median, croft, out_credits);
    }
    if (all && !croft_amt_is_zero(*out_credits)) {
        CROFT_ASSERT(croft_amt_cmp(croft, most) <= 0 && croft_amt_cmp(*out_credits, pool) <= 0);
        return croft;
    }
    *out_credits = croft_amt_of(0);
    return croft_amt_of(0);
}

static croft_err claim_reward(struct croft_op *o, const Croft__V1__ClaimReward *op)
{
    struct croft_token_record t;
    struct croft_provider p;
    struct croft_amt sold = {0}, credits = {0};
    const struct croft_address token = croft_system_address(CROFT_SYSTEM_TOKEN);
    croft_err price = croft_token_price(o->l, &t);
    if (price == CROFT_ERR_OP_TOKEN)
        return price;
    if (!croft_provider_load(o->l, &o->tx->account, &p))
        return CROFT_ERR_OP_NOT_FOUND;
    croft_provider_roll(o->l, &p.r);
    CROFT_ASSERT(p.r.epoch == t.epoch);
    struct croft_amt reward = p.r.reward;
    if (croft_amt_is_zero(reward))
        return CROFT_ERR_OP_AMOUNT;
    CROFT_TRY(croft_issue(o->l, &token, CROFT_ASSET_CROFT, reward));

    if (op->sell && price == CROFT_OK)
        sold = sellable(o->l, t.median, reward, pool_free(o->l), &credits);
    croft_credit(o->l, o->payer, CROFT_ASSET_CROFT, croft_amt_sub_must(reward, sold));
    pool_buys(o->l, o->payer, sold, credits);
    t.minted = croft_amt_add_must(t.minted, reward);
    t.burnt = croft_amt_add_must(t.burnt, sold);
    croft_token_store(o->l, &t);
    p.r.reward = croft_amt_of(0);
    croft_provider_store(o->l, &p);
    o->value = reward;
    return CROFT_OK;
}

croft_err croft_op_token(struct croft_op *o)
{
    const Croft__V1__TxBody *body = o->tx->body;
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_ORACLE_REPORT:
        return oracle_report(o, body->oracle_report);
    case CROFT__V1__TX_BODY__OP_BUYBACK:
        return buyback(o, body->buyback);
    case CROFT__V1__TX_BODY__OP_CLAIM_REWARD:
        return claim_reward(o, body->claim_reward);
    default:
        CROFT_UNREACHABLE("not an operation on the token");
        return CROFT_ERR_TX_RANGE;
    }
}
