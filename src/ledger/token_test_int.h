/* ledger/token_test_int.h - for tests only: the token's records, and money that moves as leases move it.
 *
 * token_pay pays from an order as a lease does, without one.  token_check after each step holds what
 * docs/spec/market.md says of the token always (invariant 9).
 */
#ifndef CROFT_LEDGER_TOKEN_TEST_INT_H
#define CROFT_LEDGER_TOKEN_TEST_INT_H

#include "ledger/market_test_int.h"

#define TOKEN_ONE UINT64_C(1000000000) /* a credit, or a CROFT */

/* Without deposits: all money that moves is the token's or an order's. */
static inline Croft__V1__Genesis *token_genesis(struct chain *c)
{
    Croft__V1__Genesis *g = chain_market_genesis(c, true);
    chain_param(c, g, CROFT_PARAM_DEPOSIT_RECORD, 0);
    return g;
}

static inline struct croft_token_record token_of(const struct chain *c)
{
    struct croft_token_record t;
    bool has_token = croft_token_load(c->l, &t);
    CROFT_ASSERT(has_token);
    return t;
}

static inline bool token_epoch(const struct chain *c, u32 epoch, struct croft_epoch_record *out)
{
    const u8 key[4] = {(u8)(epoch >> 24), (u8)(epoch >> 16), (u8)(epoch >> 8), (u8)epoch};
    return chain_record(c, CROFT_TABLE_EPOCHS, key, out);
}

static inline struct croft_issuer_record token_issuer(const struct chain *c, u32 asset)
{
    struct croft_issuer_record r;
    const struct croft_address token = croft_system_address(CROFT_SYSTEM_TOKEN);
    u32 slot = croft_issuer_find(c->l, &token, asset, &r);
    CROFT_ASSERT(slot != CROFT_SLOT_NONE);
    return r;
}

/* Every validator says the same. */
static inline void token_report_all(struct chain *c, u64 price)
{
    for (u32 n = 1; n <= CHAIN_OPERATORS; n++)
        chain_must(c, chain_oracle_report(c, n, price));
}

/* ---- money as leases move it ---- */

/* The provider record of actor n; one is made when there is none. */
static inline struct croft_provider token_provider(struct chain *c, u32 n)
{
    struct croft_provider p = {.owner = c->actor[n].address};
    if (croft_provider_load(c->l, &p.owner, &p))
        return p;
    croft_err err = croft_record_insert(c->l, CROFT_TABLE_PROVIDERS, p.owner.b, &p.r, &p.slot);
    CROFT_ASSERT(err == CROFT_OK);
    croft_open_records_add(c->l, croft_account_find(c->l, &p.owner), 1);
    return p;
}

/* fee to the pool for this provider, the rest of amount to it. */
static inline void token_earn(struct chain *c, u32 provider, u64 amount, u64 fee)
{
    struct croft_provider p = token_provider(c, provider);
    p.r.earned = croft_amt_add_must(p.r.earned, croft_amt_of(amount - fee));
    croft_token_fee(c->l, &p.r, croft_amt_of(fee));
    croft_provider_store(c->l, &p);
    croft_system_credit(c->l, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT, croft_amt_of(fee));
    croft_credit(c->l, croft_account_find(c->l, &p.owner), CROFT_ASSET_CREDIT, croft_amt_of(amount - fee));
}

/* A payment of fee alone, out of payer's pocket. */
static inline void token_fee(struct chain *c, u32 payer, u32 provider, u64 fee)
{
    croft_debit(c->l, croft_account_find(c->l, &c->actor[payer].address), CROFT_ASSET_CREDIT, croft_amt_of(fee));
    token_earn(c, provider, fee, fee);
}

/* ---- orders ---- */

static inline struct croft_order token_order(const struct chain *c, u32 buyer, u64 id)
{
    u8 key[40];
    struct croft_order o;
    chain_order_key(c, buyer, id, key);
    bool found = croft_order_load(c->l, key, &o);
    CROFT_ASSERT(found);
    return o;
}

/* An order that waits, with so many credits. */
static inline void token_order_open(struct chain *c, u32 buyer, u64 id, u64 credits)
{
    struct chain_order terms = chain_order_terms(id);
    terms.amount = credits;
    chain_must(c, chain_order_open(c, buyer, &terms));
}

static inline croft_err token_convert(struct chain *c, u32 buyer, u64 id, u64 croft)
{
    return chain_do(c, chain_order_fund(c, buyer, buyer, id, 0, CROFT_ASSET_CROFT, croft));
}

/* The order pays amount, and its fee, to a provider. */
static inline void token_pay(struct chain *c, u32 buyer, u64 id, u32 provider, u64 amount)
{
    struct croft_order o = token_order(c, buyer, id);
    u64 fee = amount * chain_param_of(c, CROFT_PARAM_MARKET_FEE_PPM) / 1000000;
    o.r.balance = croft_amt_sub_must(o.r.balance, croft_amt_of(amount));
    croft_system_debit(c->l, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT, croft_amt_of(amount));
    token_earn(c, provider, amount, fee);
    croft_token_spent(c->l, &o, croft_amt_of(amount));
    croft_record_store(c->l, CROFT_TABLE_ORDERS, o.slot, &o.r);
}

/* ---- what always holds ---- */

static inline void token_check_orders(const struct chain *c)
{
    u64 balance = 0, spend_only = 0, held = 0;
    for (u32 slot = 0; slot < croft_state_high(c->l->state, CROFT_TABLE_ORDERS); slot++) {
        struct croft_order_record r;
        if (croft_state_key(c->l->state, CROFT_TABLE_ORDERS, slot).at == NULL)
            continue;
        croft_record_load(c->l, CROFT_TABLE_ORDERS, slot, &r);
        assert_true(croft_amt_cmp(r.spend_only, r.balance) <= 0);
        balance += croft_amt_units(r.balance);
        spend_only += croft_amt_units(r.spend_only);
        held += croft_amt_units(r.croft_held);
    }
    assert_int_equal(balance, chain_system(c, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT));
    assert_int_equal(held, chain_system(c, CROFT_SYSTEM_LEASES, CROFT_ASSET_CROFT));
    assert_int_equal(spend_only, croft_amt_units(token_of(c).unspent));
    assert_true(spend_only <= croft_amt_units(croft_token_debt(c->l)));
}

/* Claimed and not yet claimed rewards of past epochs are within what these could mint. */
static inline void token_check_epochs(const struct chain *c)
{
    u128 most = 0, emission = 0, owed = croft_amt_units(token_of(c).minted);
    for (u32 slot = 0; slot < croft_state_high(c->l->state, CROFT_TABLE_EPOCHS); slot++) {
        struct croft_epoch_record e;
        if (croft_state_key(c->l->state, CROFT_TABLE_EPOCHS, slot).at == NULL)
            continue;
        croft_record_load(c->l, CROFT_TABLE_EPOCHS, slot, &e);
        most += (u128)croft_amt_units(e.fees) * e.index >> 32;
        emission += croft_amt_units(e.emission);
    }
    for (u32 slot = 0; slot < croft_state_high(c->l->state, CROFT_TABLE_PROVIDERS); slot++) {
        struct croft_provider_record p;
        if (croft_state_key(c->l->state, CROFT_TABLE_PROVIDERS, slot).at == NULL)
            continue;
        croft_record_load(c->l, CROFT_TABLE_PROVIDERS, slot, &p);
        croft_provider_roll(c->l, &p);
        owed += croft_amt_units(p.reward);
    }
    assert_true(owed <= most && most <= emission);
}

static inline void token_check(const struct chain *c)
{
    struct croft_token_record t = token_of(c);
    struct croft_issuer_record rewards = token_issuer(c, CROFT_ASSET_CROFT);
    assert_int_equal(croft_amt_units(t.minted), croft_amt_units(rewards.issued_total));
    assert_int_equal(croft_amt_units(t.minted), croft_amt_units(rewards.outstanding));
    assert_int_equal(croft_amt_units(t.burnt), chain_system(c, CROFT_SYSTEM_TOKEN, CROFT_ASSET_CROFT));
    assert_int_equal(chain_system(c, CROFT_SYSTEM_TOKEN, CROFT_ASSET_CREDIT), 0);
    token_check_orders(c);
    token_check_epochs(c);
}

/* Ends the open block, and begins one later_s later. */
static inline void token_next(struct chain *c, u64 later_s)
{
    token_check(c);
    chain_next(c, later_s);
    token_check(c);
}

#endif
