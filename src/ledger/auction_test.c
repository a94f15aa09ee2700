/* Goal: an auction chooses whom its rule says, nobody bids late or sees a bid that can still change, and every deposit
 * comes back or is lost as the specification has it.
 * Method: each refusal with all later ones waiting behind it; each state with each operation; a thousand bids that one
 * block decides; random auctions against a model that keeps all bids and sorts them.  Every block is audited. */
#include "ledger/market_test_int.h"

#include <stdlib.h>

enum { OWNER = 0, BUYER = 1, NODE = 2, OTHER = 3, THIRD = 4, STRANGER = 14 };
enum { ORDER = 7, BID_S = 100, REVEAL_S = 50, LIFE_S = 10000 };
#define DEPOSIT UINT64_C(10000000)
#define LOW     (CHAIN_PRICE / 2)

/* ---- the network ---- */

static void auction_network(struct chain *c)
{
    chain_market_open(c, false);
    chain_begin(c, 1);
    for (u32 n = NODE; n <= THIRD; n++)
        chain_node_listed(c, OWNER, n);
}

static void done(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

static struct chain_order auction_terms(u64 id, enum croft_auction_rule rule)
{
    struct chain_order t = chain_order_terms(id);
    t.bid_s = BID_S;
    t.reveal_s = REVEAL_S;
    t.life_s = LIFE_S;
    t.rule = rule;
    t.bid_deposit = DEPOSIT;
    return t;
}

static void open_auction(struct chain *c, enum croft_auction_rule rule)
{
    struct chain_order t = auction_terms(ORDER, rule);
    chain_must(c, chain_order_open(c, BUYER, &t));
}

static croft_err place(struct chain *c, u32 node, u64 price)
{
    return chain_do(c, chain_bid_place(c, node, 0, BUYER, ORDER, price, node));
}

static croft_err reveal(struct chain *c, u32 node, u64 price)
{
    return chain_do(c, chain_bid_reveal(c, node, 0, BUYER, ORDER, price, node));
}

static bool auction_at(const struct chain *c, u64 order, struct croft_auction_record *out)
{
    u8 key[40];
    chain_order_key(c, BUYER, order, key);
    return chain_record(c, CROFT_TABLE_AUCTIONS, key, out);
}

static struct croft_auction_record auction(const struct chain *c)
{
    struct croft_auction_record a;
    assert_true(auction_at(c, ORDER, &a));
    return a;
}

static bool has_auction(const struct chain *c)
{
    struct croft_auction_record a;
    return auction_at(c, ORDER, &a);
}

static bool bid_at(const struct chain *c, u64 order, u32 node, u32 device, struct croft_bid *out)
{
    u8 key[40];
    chain_order_key(c, BUYER, order, key);
    return croft_bid_load(c->l, key, &c->actor[node].address, device, out);
}

static bool has_bid(const struct chain *c, u32 node)
{
    struct croft_bid bid;
    return bid_at(c, ORDER, node, 0, &bid);
}

static u8 order_state(const struct chain *c)
{
    return chain_order(c, BUYER, ORDER).state;
}

/* A block at this second. */
static void go_to(struct chain *c, u64 at_s)
{
    CROFT_ASSERT(at_s >= c->now_s);
    chain_next(c, at_s - c->now_s);
}

static void go_to_reveal(struct chain *c)
{
    go_to(c, auction(c).bid_until_s);
}

static void go_to_decision(struct chain *c)
{
    go_to(c, auction(c).reveal_until_s);
}

static u64 credits(const struct chain *c, u32 n)
{
    return chain_balance(c, n, CROFT_ASSET_CREDIT);
}

static u64 pool(const struct chain *c)
{
    return chain_system(c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT);
}

static bool is_winner(const struct chain *c, u32 node, u64 price)
{
    struct croft_lease_record lease = chain_lease(c, BUYER, ORDER, 1);
    return lease.price == price && croft_address_equal(&lease.node, &c->actor[node].address);
}

/* Both bid, NODE the less; the block is the first of REVEALING, and both have revealed. */
static void two_revealed(struct chain *c, enum croft_auction_rule rule)
{
    auction_network(c);
    open_auction(c, rule);
    assert_int_equal(place(c, NODE, LOW), CROFT_OK);
    assert_int_equal(place(c, OTHER, LOW + 1), CROFT_OK);
    go_to_reveal(c);
    assert_int_equal(reveal(c, OTHER, LOW + 1), CROFT_OK);
    assert_int_equal(reveal(c, NODE, LOW), CROFT_OK);
}

/* ---- opening ---- */

static croft_err open_with(struct chain *c, u64 bid_s, u64 reveal_s, u64 life_s, u64 deposit)
{
    struct chain_order t = auction_terms(ORDER, CROFT_AUCTION_LOWEST);
    t.bid_s = bid_s;
    t.reveal_s = reveal_s;
    t.life_s = life_s;
    t.bid_deposit = deposit;
    return chain_do(c, chain_order_open(c, BUYER, &t));
}

static void test_open_refusals(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    u64 most_s = chain_param_of(&c, CROFT_PARAM_AUCTION_MAX_S), least = chain_param_of(&c, CROFT_PARAM_BID_DEPOSIT_MIN);
    assert_int_equal(open_with(&c, most_s, 1, 2 * most_s, least - 1), CROFT_ERR_OP_TIME);
    assert_int_equal(open_with(&c, 10, 10, 20, least - 1), CROFT_ERR_OP_TIME); /* must end before the order */
    assert_int_equal(open_with(&c, 10, 10, 7200, least - 1), CROFT_ERR_OP_PRICE);
    assert_false(has_auction(&c));
    u64 before = credits(&c, BUYER);
    assert_int_equal(open_with(&c, most_s - 1, 1, 2 * most_s, least), CROFT_OK);
    struct croft_auction_record a = auction(&c);
    u64 one = chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    assert_int_equal(croft_amt_units(a.deposit), one);
    assert_int_equal(before - credits(&c, BUYER), chain_order_terms(0).amount + 2 * one);
    assert_int_equal(order_state(&c), CROFT_ORDER_BIDDING);
    assert_int_equal(open_with(&c, 10, 10, 7200, least), CROFT_ERR_OP_EXISTS);
    done(&c);
}

/* ---- refusals of the operations ---- */

static void plain_order(struct chain *c, u64 id)
{
    struct chain_order t = chain_order_terms(id);
    chain_must(c, chain_order_open(c, BUYER, &t));
}

static void test_place_refusals(void **state)
{
    (void)state;
    struct chain c;
    enum { PLAIN = 1, MISSING = 2, NO_DEVICE = 9 };
    auction_network(&c);
    plain_order(&c, PLAIN);
    open_auction(&c, CROFT_AUCTION_LOWEST);
    assert_int_equal(chain_do(&c, chain_bid_place(&c, STRANGER, 0, BUYER, MISSING, LOW, 1)), CROFT_ERR_OP_NODE);
    chain_must(&c, chain_node_set(&c, THIRD, true));
    assert_int_equal(chain_do(&c, chain_bid_place(&c, THIRD, 0, BUYER, MISSING, LOW, 1)), CROFT_ERR_OP_NODE);
    Croft__V1__TxBody *missing = chain_bid_place(&c, NODE, NO_DEVICE, BUYER, MISSING, LOW, 1);
    assert_int_equal(chain_do(&c, missing), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_bid_place(&c, NODE, NO_DEVICE, BUYER, PLAIN, LOW, 1)), CROFT_ERR_OP_STATE);
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    chain_must(&c, chain_offer_withdraw(&c, NODE, 0, true));
    assert_int_equal(place(&c, NODE, LOW), CROFT_ERR_OP_EXISTS);
    assert_int_equal(chain_do(&c, chain_bid_place(&c, NODE, NO_DEVICE, BUYER, ORDER, LOW, 1)), CROFT_ERR_OP_NOT_FOUND);
    done(&c);
}

static croft_err place_for(struct chain *c, const struct chain_order *t)
{
    chain_must(c, chain_order_open(c, BUYER, t));
    return chain_do(c, chain_bid_place(c, NODE, 0, BUYER, t->id, LOW, 1));
}

static void test_place_terms(void **state)
{
    (void)state;
    struct chain c;
    enum { CLASS = 300 };
    auction_network(&c);
    chain_must(&c, chain_class_set(&c, BUYER, CLASS, 0, 0));
    struct chain_offer offer = chain_offer_terms();
    offer.egress = 1;
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    struct chain_order t = auction_terms(1, CROFT_AUCTION_LOWEST);
    t.bid_deposit = CHAIN_CREDIT; /* more than there is: refused after the terms */
    t.class = CLASS;
    assert_int_equal(place_for(&c, &t), CROFT_ERR_OP_TERMS);
    t.id = 2, t.class = 0, t.egress = 1;
    assert_int_equal(place_for(&c, &t), CROFT_ERR_OP_TERMS);
    t.id = 3, t.egress = 0, t.service = CROFT_SERVICE_FIRM, t.firm_s = 60;
    assert_int_equal(place_for(&c, &t), CROFT_ERR_OP_TERMS);
    t.id = 4, t.service = CROFT_SERVICE_SPOT, t.firm_s = 0;
    assert_int_equal(place_for(&c, &t), CROFT_ERR_OP_FUNDS);
    assert_int_equal(chain_node(&c, NODE).bids, 0);
    done(&c);
}

static void test_reveal_refusals(void **state)
{
    (void)state;
    struct chain c;
    enum { MISSING = 2 };
    auction_network(&c);
    open_auction(&c, CROFT_AUCTION_LOWEST);
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    assert_int_equal(place(&c, OTHER, LOW), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_bid_reveal(&c, NODE, 0, BUYER, MISSING, LOW, NODE)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(reveal(&c, THIRD, LOW), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(reveal(&c, STRANGER, LOW), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(reveal(&c, NODE, LOW + 1), CROFT_ERR_OP_STATE);
    go_to_reveal(&c);
    assert_int_equal(reveal(&c, NODE, LOW + 1), CROFT_ERR_OP_BID);
    assert_int_equal(chain_do(&c, chain_bid_reveal(&c, NODE, 0, BUYER, ORDER, LOW, OTHER)), CROFT_ERR_OP_BID);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_OK);
    assert_int_equal(reveal(&c, NODE, LOW + 1), CROFT_ERR_OP_EXISTS);
    chain_must(&c, chain_offer_withdraw(&c, OTHER, 0, true));
    assert_int_equal(reveal(&c, OTHER, LOW), CROFT_ERR_OP_NOT_FOUND);
    go_to_decision(&c);
    assert_false(has_bid(&c, OTHER));
    assert_int_equal(reveal(&c, OTHER, LOW), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_ERR_OP_EXISTS);
    done(&c);
}

/* One commitment is good for one node, device and order: who copies it cannot open it. */
static void test_copied_commitment(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    open_auction(&c, CROFT_AUCTION_LOWEST);
    Croft__V1__TxBody *copy = chain_bid_place(&c, OTHER, 0, BUYER, ORDER, LOW, OTHER);
    copy->bid_place->commitment = chain_bid_place(&c, NODE, 0, BUYER, ORDER, LOW, NODE)->bid_place->commitment;
    chain_must(&c, copy);
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    go_to_reveal(&c);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_bid_reveal(&c, OTHER, 0, BUYER, ORDER, LOW, NODE)), CROFT_ERR_OP_BID);
    done(&c);
}

static void test_full_table_of_bids(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    open_auction(&c, CROFT_AUCTION_LOWEST);
    u32 most = croft_state_records_max(c.l->state, CROFT_TABLE_BIDS);
    struct chain_offer offer = chain_offer_terms();
    chain_must(&c, chain_node_admit(&c, OWNER, STRANGER - 1));
    chain_must(&c, chain_node_admit(&c, OWNER, STRANGER));
    for (u32 i = 0; i <= most; i++) {
        u32 node = i / CROFT_DEVICES_MAX < 3 ? NODE + i / CROFT_DEVICES_MAX : STRANGER - 4 + i / CROFT_DEVICES_MAX;
        offer.device = i % CROFT_DEVICES_MAX;
        chain_must(&c, chain_offer_post(&c, node, &offer));
        u64 before = credits(&c, node);
        croft_err got = chain_do(&c, chain_bid_place(&c, node, offer.device, BUYER, ORDER, LOW, i));
        assert_int_equal(got, i < most ? CROFT_OK : CROFT_ERR_OP_FULL);
        assert_int_equal(before - credits(&c, node), i < most ? DEPOSIT : 0);
    }
    assert_int_equal(auction(&c).bids, most);
    done(&c);
}

/* ---- each state, each operation ---- */

struct expected {
    enum croft_order_state state;
    croft_err place, reveal, take, lease_take, fund, close;
};

/* NODE and OTHER have bid; NODE has revealed where it could. */
static void order_in(struct chain *c, enum croft_order_state state)
{
    auction_network(c);
    open_auction(c, state == CROFT_ORDER_FULL ? CROFT_AUCTION_LOWEST : CROFT_AUCTION_PICK);
    assert_int_equal(place(c, NODE, LOW), CROFT_OK);
    assert_int_equal(place(c, OTHER, LOW), CROFT_OK);
    if (state == CROFT_ORDER_BIDDING)
        return;
    go_to_reveal(c);
    if (state == CROFT_ORDER_REVEALING)
        return;
    assert_int_equal(reveal(c, NODE, LOW), CROFT_OK);
    go_to_decision(c);
}

static void check_state(const struct expected *want)
{
    struct chain c;
    struct chain_take listed = {THIRD, 0, CHAIN_PRICE};
    order_in(&c, want->state);
    assert_int_equal(order_state(&c), want->state);
    assert_int_equal(place(&c, THIRD, LOW), want->place);
    assert_int_equal(reveal(&c, NODE, LOW), want->reveal);
    assert_int_equal(chain_do(&c, chain_order_take(&c, BUYER, ORDER, 0, &listed, 1)), want->take);
    assert_int_equal(chain_do(&c, chain_lease_take(&c, THIRD, 0, BUYER, ORDER, 0, 0)), want->lease_take);
    assert_int_equal(chain_do(&c, chain_order_fund(&c, BUYER, BUYER, ORDER, 0, CROFT_ASSET_CREDIT, 1)), want->fund);
    assert_int_equal(order_state(&c), want->state);
    assert_int_equal(chain_do(&c, chain_order_close(&c, BUYER, ORDER)), want->close);
    assert_int_equal(chain_has_order(&c, BUYER, ORDER), want->close != CROFT_OK);
    done(&c);
}

static void test_states(void **state)
{
    (void)state;
    const croft_err OK = CROFT_OK, X = CROFT_ERR_OP_STATE;
    const struct expected table[] = {
        {CROFT_ORDER_BIDDING, .place = OK, .reveal = X, .take = X, .lease_take = X, .fund = OK, .close = OK},
        {CROFT_ORDER_REVEALING, .place = X, .reveal = OK, .take = X, .lease_take = X, .fund = OK, .close = X},
        {CROFT_ORDER_PICKING, .place = X, .reveal = CROFT_ERR_OP_EXISTS, .take = CROFT_ERR_OP_OFFERS, .lease_take = X,
         .fund = OK, .close = OK},
        {CROFT_ORDER_FULL, .place = X, .reveal = CROFT_ERR_OP_EXISTS, .take = X, .lease_take = X, .fund = OK,
         .close = OK},
    };
    for (size_t i = 0; i < CROFT_COUNT(table); i++)
        check_state(&table[i]);
}

/* ---- deadlines ---- */

static void test_seconds_at_the_edges(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    open_auction(&c, CROFT_AUCTION_PICK);
    struct croft_auction_record a = auction(&c);
    go_to(&c, a.bid_until_s - 1);
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    assert_int_equal(place(&c, OTHER, LOW), CROFT_OK);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_ERR_OP_STATE);
    go_to(&c, a.bid_until_s);
    assert_int_equal(place(&c, THIRD, LOW), CROFT_ERR_OP_STATE);
    go_to(&c, a.reveal_until_s - 1);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_OK);
    go_to(&c, a.reveal_until_s);
    assert_int_equal(order_state(&c), CROFT_ORDER_PICKING);
    assert_int_equal(reveal(&c, OTHER, LOW), CROFT_ERR_OP_NOT_FOUND);
    done(&c);
}

/* Four auctions are due together, one due record fits into a block, and ORDER comes last. */
static void backlog_network(struct chain *c, enum croft_auction_rule rule)
{
    chain_open(c);
    Croft__V1__Genesis *g = chain_market_genesis(c, false);
    chain_param(c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, 1);
    chain_start(c, g);
    chain_begin(c, 1);
    for (u32 n = NODE; n <= THIRD; n++)
        chain_node_listed(c, OWNER, n);
    for (u64 id = 1; id <= 3; id++) {
        struct chain_order t = auction_terms(id, rule);
        chain_must(c, chain_order_open(c, BUYER, &t));
    }
    open_auction(c, rule);
}

/* Nothing was handled for want of room in the block: what an operation finds is as if it had been. */
static void check_backlog(enum croft_auction_rule rule)
{
    struct chain c;
    backlog_network(&c, rule);
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    assert_int_equal(place(&c, OTHER, LOW - 1), CROFT_OK);
    go_to_reveal(&c);
    assert_int_equal(order_state(&c), CROFT_ORDER_BIDDING);
    assert_int_equal(place(&c, THIRD, LOW), CROFT_ERR_OP_STATE);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_OK);
    u64 before = pool(&c);
    go_to_decision(&c);
    assert_int_equal(order_state(&c), CROFT_ORDER_REVEALING);
    assert_int_equal(reveal(&c, OTHER, LOW - 1), CROFT_ERR_OP_STATE);
    chain_must(&c, chain_order_close(&c, BUYER, ORDER)); /* which does not save what is sealed: its turn comes */
    assert_true(has_bid(&c, OTHER));
    for (u32 i = 0; i < 8; i++)
        chain_next(&c, 0);
    assert_false(has_bid(&c, OTHER));
    assert_true(has_bid(&c, NODE));
    assert_int_equal(pool(&c) - before, DEPOSIT);
    done(&c);
}

static void test_backlog(void **state)
{
    (void)state;
    check_backlog(CROFT_AUCTION_LOWEST);
    check_backlog(CROFT_AUCTION_PICK);
}

/* The chain stood still for as long as bids could be revealed. */
static void test_no_block_to_reveal_in(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    open_auction(&c, CROFT_AUCTION_LOWEST);
    u64 before = credits(&c, NODE), fees = pool(&c);
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    go_to_decision(&c);
    assert_int_equal(order_state(&c), CROFT_ORDER_PICKING);
    assert_false(has_bid(&c, NODE));
    assert_int_equal(credits(&c, NODE), before);
    assert_int_equal(pool(&c), fees);
    done(&c);
}

/* ---- deposits ---- */

static void test_sealed_is_lost_revealed_comes_back(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    u64 node = credits(&c, NODE), other = credits(&c, OTHER), fees = pool(&c);
    open_auction(&c, CROFT_AUCTION_PICK);
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    assert_int_equal(place(&c, OTHER, LOW), CROFT_OK);
    assert_int_equal(node - credits(&c, NODE), DEPOSIT);
    assert_int_equal(chain_do(&c, chain_node_remove(&c, OWNER, NODE)), CROFT_ERR_OP_NOT_EMPTY);
    go_to_reveal(&c);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_OK);
    go_to_decision(&c);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_BID_ENDED), 1);
    assert_false(has_bid(&c, OTHER));
    assert_int_equal(pool(&c) - fees, DEPOSIT);
    u64 expires_s = chain_order(&c, BUYER, ORDER).expires_s;
    chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    assert_int_equal(auction(&c).flags & CROFT_AUCTION_ORPHAN, CROFT_AUCTION_ORPHAN);
    go_to(&c, expires_s - 1);
    assert_true(has_bid(&c, NODE));
    go_to(&c, expires_s);
    assert_false(has_bid(&c, NODE) || has_auction(&c));
    assert_int_equal(credits(&c, NODE), node);
    assert_int_equal(other - credits(&c, OTHER), DEPOSIT);
    assert_int_equal(pool(&c) - fees, DEPOSIT);
    assert_int_equal(chain_node(&c, NODE).bids + chain_node(&c, OTHER).bids, 0);
    done(&c);
}

static void test_above_the_limit(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    u64 before = credits(&c, NODE);
    open_auction(&c, CROFT_AUCTION_LOWEST);
    assert_int_equal(place(&c, NODE, CHAIN_PRICE + 1), CROFT_OK);
    assert_int_equal(place(&c, OTHER, CHAIN_PRICE), CROFT_OK);
    go_to_reveal(&c);
    assert_int_equal(reveal(&c, NODE, CHAIN_PRICE + 1), CROFT_OK);
    assert_int_equal(reveal(&c, OTHER, CHAIN_PRICE), CROFT_OK);
    assert_false(has_bid(&c, NODE));
    assert_int_equal(credits(&c, NODE), before);
    assert_int_equal(auction(&c).revealed, 1);
    go_to_decision(&c);
    assert_true(is_winner(&c, OTHER, CHAIN_PRICE));
    done(&c);
}

/* Closed while bids come in: they keep their money, and until they have it the id is not used again. */
static void test_closed_while_bidding(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    u64 node = credits(&c, NODE), buyer = credits(&c, BUYER), fees = pool(&c);
    u64 open_records = chain_account(&c, BUYER).open_records;
    open_auction(&c, CROFT_AUCTION_LOWEST);
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    assert_int_equal(credits(&c, BUYER), buyer);
    assert_int_equal(chain_account(&c, BUYER).open_records, open_records);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_ERR_OP_NOT_FOUND);
    struct chain_order again = auction_terms(ORDER, CROFT_AUCTION_LOWEST), plain = chain_order_terms(ORDER);
    assert_int_equal(chain_do(&c, chain_order_open(&c, BUYER, &again)), CROFT_ERR_OP_EXISTS);
    assert_int_equal(chain_do(&c, chain_order_open(&c, BUYER, &plain)), CROFT_ERR_OP_EXISTS);
    go_to_decision(&c);
    assert_int_equal(credits(&c, NODE), node);
    assert_int_equal(pool(&c), fees);
    assert_false(has_auction(&c));
    chain_must(&c, chain_order_open(&c, BUYER, &again));
    done(&c);
}

/* The same while a gateway's lease keeps the order for a while: CLOSING, it decides nothing any more. */
static void test_closed_while_bidding_with_a_gateway(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    u64 node = credits(&c, NODE), fees = pool(&c);
    struct chain_order t = auction_terms(ORDER, CROFT_AUCTION_LOWEST);
    t.gateway = STRANGER;
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    go_to_reveal(&c);
    assert_int_equal(order_state(&c), CROFT_ORDER_CLOSING);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_ERR_OP_STATE);
    go_to_decision(&c);
    assert_int_equal(order_state(&c), CROFT_ORDER_CLOSING);
    assert_int_equal(credits(&c, NODE), node);
    assert_int_equal(pool(&c), fees);
    chain_next(&c, chain_param_of(&c, CROFT_PARAM_SETTLE_WINDOW_S));
    assert_false(chain_has_order(&c, BUYER, ORDER) || has_auction(&c));
    done(&c);
}

/* ---- who wins, and whether it comes ---- */

static void test_lowest_wins(void **state)
{
    (void)state;
    struct chain c;
    two_revealed(&c, CROFT_AUCTION_LOWEST);
    u64 before = credits(&c, NODE);
    go_to_decision(&c);
    assert_int_equal(order_state(&c), CROFT_ORDER_FULL);
    assert_true(is_winner(&c, NODE, LOW));
    assert_int_equal(chain_lease(&c, BUYER, ORDER, 1).state, CROFT_LEASE_TAKEN);
    assert_int_equal(chain_device(&c, NODE, 0).won_s, 0);
    chain_must(&c, chain_lease_ack(&c, NODE, BUYER, ORDER, 1, false));
    assert_int_equal(credits(&c, NODE) - before, DEPOSIT);
    assert_false(has_bid(&c, NODE));
    assert_true(has_bid(&c, OTHER));
    assert_int_equal(chain_device(&c, NODE, 0).won_s, c.now_s);
    done(&c);
}

/* The same price again and again: first the smaller address, then the one that did not win. */
static void test_ties(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    bool less = memcmp(c.actor[NODE].address.b, c.actor[OTHER].address.b, sizeof c.actor[NODE].address.b) < 0;
    u32 first = less ? NODE : OTHER, second = less ? OTHER : NODE;
    const u32 wins[] = {first, second, first};
    for (u64 id = 1; id <= CROFT_COUNT(wins); id++) {
        struct chain_order t = auction_terms(id, CROFT_AUCTION_LOWEST);
        chain_must(&c, chain_order_open(&c, BUYER, &t));
        chain_must(&c, chain_bid_place(&c, second, 0, BUYER, id, LOW, 1));
        chain_must(&c, chain_bid_place(&c, first, 0, BUYER, id, LOW, 1));
        chain_next(&c, BID_S);
        chain_must(&c, chain_bid_reveal(&c, second, 0, BUYER, id, LOW, 1));
        chain_must(&c, chain_bid_reveal(&c, first, 0, BUYER, id, LOW, 1));
        chain_next(&c, REVEAL_S);
        chain_must(&c, chain_lease_ack(&c, wins[id - 1], BUYER, id, 1, false));
        chain_must(&c, chain_order_close(&c, BUYER, id));
    }
    done(&c);
}

static void test_ties_of_one_node(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    open_auction(&c, CROFT_AUCTION_LOWEST);
    struct chain_offer offer = chain_offer_terms();
    for (offer.device = 1; offer.device < 4; offer.device++) {
        chain_must(&c, chain_offer_post(&c, NODE, &offer));
        chain_must(&c, chain_bid_place(&c, NODE, offer.device, BUYER, ORDER, LOW, 1));
    }
    go_to_reveal(&c);
    for (u32 device = 3; device >= 1; device--)
        chain_must(&c, chain_bid_reveal(&c, NODE, device, BUYER, ORDER, LOW, 1));
    go_to_decision(&c);
    assert_int_equal(chain_lease(&c, BUYER, ORDER, 1).device, 1);
    done(&c);
}

static void expect_lost(struct chain *c, u32 node, u64 lost_before)
{
    assert_false(has_bid(c, node));
    assert_int_equal(order_state(c), CROFT_ORDER_PICKING);
    assert_true(pool(c) - lost_before >= DEPOSIT);
    assert_true(has_bid(c, OTHER));
    struct chain_take take = {OTHER, 0, LOW + 1};
    assert_int_equal(chain_do(c, chain_order_take(c, BUYER, ORDER, 0, &take, 1)), CROFT_OK);
    assert_int_equal(order_state(c), CROFT_ORDER_FULL);
}

static void test_winner_does_not_acknowledge(void **state)
{
    (void)state;
    struct chain c;
    two_revealed(&c, CROFT_AUCTION_LOWEST);
    go_to_decision(&c);
    u64 before = pool(&c), node = credits(&c, NODE);
    chain_next(&c, chain_param_of(&c, CROFT_PARAM_ACK_S) - 1);
    assert_true(has_bid(&c, NODE));
    chain_next(&c, 1);
    assert_int_equal(credits(&c, NODE), node);
    expect_lost(&c, NODE, before);
    done(&c);
}

static void test_winner_declines(void **state)
{
    (void)state;
    struct chain c;
    two_revealed(&c, CROFT_AUCTION_LOWEST);
    go_to_decision(&c);
    u64 before = pool(&c);
    chain_must(&c, chain_lease_stop(&c, NODE, BUYER, ORDER, 1, NULL));
    expect_lost(&c, NODE, before);
    done(&c);
}

static void test_winner_is_not_free(void **state)
{
    (void)state;
    struct chain c;
    two_revealed(&c, CROFT_AUCTION_LOWEST);
    u64 before = pool(&c);
    chain_must(&c, chain_offer_withdraw(&c, NODE, 0, false));
    go_to_decision(&c);
    expect_lost(&c, NODE, before);
    done(&c);
}

/* Somebody leases the winner's device just before the end: it costs the bidder nothing. */
static void test_winner_is_taken_by_another(void **state)
{
    (void)state;
    struct chain c;
    two_revealed(&c, CROFT_AUCTION_LOWEST);
    u64 before = pool(&c);
    struct chain_order t = chain_order_terms(ORDER + 1);
    chain_add_take(&t, NODE, 0, CHAIN_PRICE);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_must(&c, chain_lease_ack(&c, NODE, BUYER, ORDER + 1, 1, false));
    go_to_decision(&c);
    assert_int_equal(order_state(&c), CROFT_ORDER_PICKING);
    assert_int_equal(pool(&c), before);
    done(&c);
}

static void test_winners_device_is_gone(void **state)
{
    (void)state;
    struct chain c;
    two_revealed(&c, CROFT_AUCTION_LOWEST);
    u64 before = pool(&c);
    chain_must(&c, chain_offer_withdraw(&c, NODE, 0, true));
    go_to_decision(&c);
    expect_lost(&c, NODE, before);
    done(&c);
}

/* That the escrow cannot pay is the buyer's doing. */
static void test_empty_escrow_costs_no_deposit(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    struct chain_order t = auction_terms(ORDER, CROFT_AUCTION_LOWEST);
    struct chain_take take = {NODE, 0, LOW};
    t.amount = 1;
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    go_to_reveal(&c);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_OK);
    u64 before = pool(&c);
    go_to_decision(&c);
    assert_int_equal(order_state(&c), CROFT_ORDER_PICKING);
    assert_int_equal(pool(&c), before);
    chain_must(&c, chain_order_fund(&c, BUYER, BUYER, ORDER, 0, CROFT_ASSET_CREDIT, 1000000000));
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 0, &take, 1));
    assert_true(is_winner(&c, NODE, LOW));
    done(&c);
}

/* The buyer lets go before the node answered: its bid stands, and its deposit comes back at the order's end. */
static void test_buyer_lets_go(void **state)
{
    (void)state;
    struct chain c;
    two_revealed(&c, CROFT_AUCTION_LOWEST);
    u64 node = credits(&c, NODE);
    go_to_decision(&c);
    u64 fees = pool(&c), expires_s = chain_order(&c, BUYER, ORDER).expires_s;
    chain_must(&c, chain_lease_stop(&c, BUYER, BUYER, ORDER, 1, NULL));
    assert_int_equal(order_state(&c), CROFT_ORDER_PICKING);
    assert_true(has_bid(&c, NODE));
    struct chain_take take = {NODE, 0, LOW};
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 0, &take, 1));
    chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    assert_false(chain_has_order(&c, BUYER, ORDER));
    assert_int_equal(pool(&c), fees);
    go_to(&c, expires_s);
    assert_int_equal(credits(&c, NODE) - node, DEPOSIT);
    assert_false(has_auction(&c));
    done(&c);
}

/* The best of several that are wanted is taken; the buyer picks the others. */
static void test_more_than_one_wanted(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    struct chain_order t = auction_terms(ORDER, CROFT_AUCTION_LOWEST);
    t.count = 2;
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    assert_int_equal(place(&c, OTHER, LOW + 1), CROFT_OK);
    go_to_reveal(&c);
    assert_int_equal(reveal(&c, OTHER, LOW + 1), CROFT_OK);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_OK);
    go_to_decision(&c);
    assert_int_equal(order_state(&c), CROFT_ORDER_PICKING);
    assert_true(is_winner(&c, NODE, LOW));
    struct chain_take take = {OTHER, 0, LOW + 1};
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 0, &take, 1));
    assert_int_equal(order_state(&c), CROFT_ORDER_FULL);
    done(&c);
}

/* Who is to take a running lease's place is one that bid, at what it bid. */
static void test_replaced_by_a_bid(void **state)
{
    (void)state;
    struct chain c;
    two_revealed(&c, CROFT_AUCTION_LOWEST);
    go_to_decision(&c);
    chain_must(&c, chain_lease_ack(&c, NODE, BUYER, ORDER, 1, false));
    struct chain_take listed = {THIRD, 0, CHAIN_PRICE}, bid = {OTHER, 0, CHAIN_PRICE};
    assert_int_equal(chain_do(&c, chain_order_take(&c, BUYER, ORDER, 1, &listed, 1)), CROFT_ERR_OP_OFFERS);
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 1, &bid, 1));
    assert_int_equal(chain_lease(&c, BUYER, ORDER, 2).price, LOW + 1);
    done(&c);
}

static void test_buyer_picks(void **state)
{
    (void)state;
    struct chain c;
    auction_network(&c);
    open_auction(&c, CROFT_AUCTION_PICK);
    assert_int_equal(place(&c, NODE, LOW), CROFT_OK);
    assert_int_equal(place(&c, OTHER, LOW + 1), CROFT_OK);
    assert_int_equal(place(&c, THIRD, LOW - 1), CROFT_OK);
    go_to_reveal(&c);
    assert_int_equal(reveal(&c, NODE, LOW), CROFT_OK);
    assert_int_equal(reveal(&c, OTHER, LOW + 1), CROFT_OK);
    go_to_decision(&c);
    assert_int_equal(order_state(&c), CROFT_ORDER_PICKING);
    struct chain_take sealed = {THIRD, 0, CHAIN_PRICE}, cheap = {OTHER, 0, LOW}, take = {OTHER, 0, CHAIN_PRICE};
    assert_int_equal(chain_do(&c, chain_order_take(&c, BUYER, ORDER, 0, &sealed, 1)), CROFT_ERR_OP_OFFERS);
    assert_int_equal(chain_do(&c, chain_order_take(&c, BUYER, ORDER, 0, &cheap, 1)), CROFT_ERR_OP_OFFERS);
    const struct chain_take both[] = {take, {NODE, 0, CHAIN_PRICE}};
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 0, both, 2));
    assert_true(is_winner(&c, OTHER, LOW + 1));
    assert_int_equal(chain_order(&c, BUYER, ORDER).alternate_count, 0); /* a bid is taken at its own price */
    u64 before = credits(&c, OTHER);
    chain_must(&c, chain_lease_ack(&c, OTHER, BUYER, ORDER, 1, false));
    assert_int_equal(credits(&c, OTHER) - before, DEPOSIT);
    done(&c);
}

static void test_picked_does_not_acknowledge(void **state)
{
    (void)state;
    struct chain c;
    two_revealed(&c, CROFT_AUCTION_PICK);
    go_to_decision(&c);
    struct chain_take take = {NODE, 0, LOW};
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 0, &take, 1));
    u64 before = pool(&c);
    chain_next(&c, chain_param_of(&c, CROFT_PARAM_ACK_S));
    expect_lost(&c, NODE, before);
    done(&c);
}

/* The order ends as the winner's answer is awaited: nobody's fault. */
static void test_order_expires_unanswered(void **state)
{
    (void)state;
    struct chain c;
    two_revealed(&c, CROFT_AUCTION_PICK);
    u64 node = credits(&c, NODE), other = credits(&c, OTHER);
    u64 expires_s = chain_order(&c, BUYER, ORDER).expires_s;
    go_to(&c, expires_s - 1);
    struct chain_take take = {NODE, 0, LOW};
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 0, &take, 1));
    go_to(&c, expires_s);
    assert_false(chain_has_order(&c, BUYER, ORDER) || has_auction(&c));
    assert_int_equal(credits(&c, NODE) - node, DEPOSIT);
    assert_int_equal(credits(&c, OTHER) - other, DEPOSIT);
    done(&c);
}

/* ---- auctions against a model that keeps all bids and sorts them ---- */

enum { MODEL_BIDS_MAX = CHAIN_ACTORS * CROFT_DEVICES_MAX };

enum fate { SEALED, REVEALED, ABOVE };

struct model_bid {
    struct croft_address node;
    u32 actor, device, salt;
    u64 price, won_s;
    enum fate fate;
};

struct model {
    struct model_bid bid[MODEL_BIDS_MAX];
    u32 count;
    u64 won_s[CHAIN_ACTORS][CROFT_DEVICES_MAX];
};

static int sort_bids(const void *a, const void *b)
{
    const struct model_bid *x = a, *y = b;
    if ((x->fate == REVEALED) != (y->fate == REVEALED))
        return x->fate == REVEALED ? -1 : 1;
    if (x->price != y->price)
        return x->price < y->price ? -1 : 1;
    if (x->won_s != y->won_s)
        return x->won_s < y->won_s ? -1 : 1;
    int c = memcmp(x->node.b, y->node.b, sizeof x->node.b);
    return c != 0 ? c : (x->device > y->device) - (x->device < y->device);
}

/* The best revealed bid, or NULL. */
static const struct model_bid *model_best(struct model *m)
{
    qsort(m->bid, m->count, sizeof m->bid[0], sort_bids);
    return m->count != 0 && m->bid[0].fate == REVEALED ? &m->bid[0] : NULL;
}

static u32 model_count(const struct model *m, enum fate fate)
{
    u32 count = 0;
    for (u32 i = 0; i < m->count; i++)
        count += m->bid[i].fate == fate;
    return count;
}

static void model_place(struct chain *c, struct model *m, u64 order, u32 actor, u32 device, u64 price)
{
    struct model_bid *bid = &m->bid[m->count];
    *bid = (struct model_bid){c->actor[actor].address, actor, device, m->count, price, m->won_s[actor][device], SEALED};
    chain_must(c, chain_bid_place(c, actor, device, BUYER, order, price, bid->salt));
    m->count++;
}

static void model_reveal(struct chain *c, struct model *m, u64 order, u32 i)
{
    struct model_bid *bid = &m->bid[i];
    chain_must(c, chain_bid_reveal(c, bid->actor, bid->device, BUYER, order, bid->price, bid->salt));
    bid->fate = bid->price <= CHAIN_PRICE ? REVEALED : ABOVE;
}

static void check_winner(struct chain *c, u64 order, const struct model_bid *best)
{
    struct croft_auction_record a;
    assert_true(auction_at(c, order, &a));
    assert_int_equal(chain_order(c, BUYER, order).state, best != NULL ? CROFT_ORDER_FULL : CROFT_ORDER_PICKING);
    assert_int_equal(a.best_price, best != NULL ? best->price : 0);
    if (best == NULL)
        return;
    struct croft_lease_record lease = chain_lease(c, BUYER, order, 1);
    assert_true(croft_address_equal(&lease.node, &best->node));
    assert_int_equal(lease.device, best->device);
    assert_int_equal(lease.price, best->price);
}

/* ---- a thousand bids ---- */

enum { MANY = 1000 };

/* Every actor is a node of 64 devices; the last one has its money from the first. */
static void large_network(struct chain *c)
{
    chain_open(c);
    croft_region_unmap(&c->region);
    c->limits.records_max_log2 = 12;
    bool mapped = croft_region_map(&c->region, croft_ledger_size(&c->limits));
    CROFT_ASSERT(mapped);
    Croft__V1__Genesis *g = chain_market_genesis(c, false);
    g->records_max_log2 = 12;
    chain_start(c, g);
    chain_begin(c, 1);
    chain_must(c, chain_transfer(c, OWNER, CHAIN_NOBODY, CROFT_ASSET_CREDIT, CHAIN_CREDIT / 2));
    for (u32 n = 0; n < CHAIN_ACTORS; n++) {
        chain_must(c, chain_node_admit(c, n == OWNER ? BUYER : OWNER, n));
        for (u32 device = 0; device < CROFT_DEVICES_MAX; device++) {
            struct chain_offer offer = chain_offer_terms();
            offer.device = device;
            chain_must(c, chain_offer_post(c, n, &offer));
        }
        chain_next(c, 0);
    }
}

/* Few prices, so that most of it is ties; every third stays sealed. */
static void test_a_thousand_bids(void **state)
{
    (void)state;
    struct chain c;
    static struct model m;
    m.count = 0;
    large_network(&c);
    open_auction(&c, CROFT_AUCTION_LOWEST);
    u64 bid_until_s = auction(&c).bid_until_s, fees = pool(&c);
    for (u32 i = 0; i < MANY; i++) {
        model_place(&c, &m, ORDER, i % CHAIN_ACTORS, i / CHAIN_ACTORS, LOW + i * 7 % 10);
        if (i % 100 == 0)
            chain_next(&c, 0);
    }
    go_to(&c, bid_until_s);
    for (u32 i = 0; i < MANY; i++) {
        if (i % 3 != 0)
            model_reveal(&c, &m, ORDER, i);
        if (i % 100 == 0)
            chain_next(&c, 0);
    }
    go_to_decision(&c);
    check_winner(&c, ORDER, model_best(&m));
    u32 sealed = model_count(&m, SEALED);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_AUCTION_PHASE), 1);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_BID_ENDED), sealed);
    assert_int_equal(pool(&c) - fees, sealed * DEPOSIT);
    assert_int_equal(auction(&c).bids, MANY - sealed);
    go_to(&c, chain_order(&c, BUYER, ORDER).expires_s);
    assert_false(has_auction(&c));
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_BIDS), 0);
    done(&c);
}

/* ---- one auction after the other, at random ---- */

enum { SMALL_NODES = 12, SMALL_DEVICES = 3, SMALL_BIDS = SMALL_NODES * SMALL_DEVICES, ROUNDS = 40, AFTER_S = 100 };

static void small_network(struct chain *c)
{
    chain_market_open(c, false);
    chain_begin(c, 1);
    for (u32 n = NODE; n < NODE + SMALL_NODES; n++) {
        chain_must(c, chain_node_admit(c, OWNER, n));
        for (u32 device = 0; device < SMALL_DEVICES; device++) {
            struct chain_offer offer = chain_offer_terms();
            offer.device = device;
            chain_must(c, chain_offer_post(c, n, &offer));
        }
    }
}

static u64 nodes_credits(const struct chain *c)
{
    u64 sum = 0;
    for (u32 n = NODE; n < NODE + SMALL_NODES; n++)
        sum += credits(c, n);
    return sum;
}

static void model_bidding(struct chain *c, struct model *m, struct croft_rng *rng, u64 order)
{
    u64 spread = croft_rng_chance(rng, 2) ? 3 : CHAIN_PRICE;
    m->count = 0;
    for (u32 i = 0; i < SMALL_BIDS; i++)
        if (!croft_rng_chance(rng, 3))
            model_place(c, m, order, NODE + i / SMALL_DEVICES, i % SMALL_DEVICES,
                        CHAIN_PRICE + 1 - croft_rng_below(rng, spread));
    chain_next(c, BID_S);
    u32 one_in = 1 + (u32)croft_rng_below(rng, 4);
    bool backwards = croft_rng_chance(rng, 2);
    for (u32 i = 0; i < m->count; i++)
        if (!croft_rng_chance(rng, one_in))
            model_reveal(c, m, order, backwards ? m->count - 1 - i : i);
}

/* What becomes of the winner; what its node loses by that. */
static u64 model_answer(struct chain *c, struct model *m, struct croft_rng *rng, u64 order,
                        const struct model_bid *best)
{
    u64 bond = croft_amt_units(chain_device(c, best->actor, best->device).bond);
    if (croft_rng_chance(rng, 3)) {
        chain_next(c, chain_param_of(c, CROFT_PARAM_ACK_S));
        return bond + DEPOSIT;
    }
    if (croft_rng_chance(rng, 3)) {
        chain_must(c, chain_lease_stop(c, best->actor, BUYER, order, 1, NULL));
        return bond + DEPOSIT;
    }
    chain_must(c, chain_lease_ack(c, best->actor, BUYER, order, 1, false));
    m->won_s[best->actor][best->device] = c->now_s;
    return 0;
}

static void relist(struct chain *c, const struct model_bid *bid)
{
    struct chain_offer offer = chain_offer_terms();
    offer.device = bid->device;
    if (chain_device(c, bid->actor, bid->device).state == CROFT_DEVICE_UNLISTED)
        chain_must(c, chain_offer_post(c, bid->actor, &offer));
}

static void model_auction(struct chain *c, struct model *m, struct croft_rng *rng, u64 order)
{
    struct chain_order t = auction_terms(order, CROFT_AUCTION_LOWEST);
    u64 before = nodes_credits(c), lost;
    t.life_s = BID_S + REVEAL_S + AFTER_S;
    chain_must(c, chain_order_open(c, BUYER, &t));
    model_bidding(c, m, rng, order);
    const struct model_bid *best = model_best(m);
    bool withdraws = best != NULL && croft_rng_chance(rng, 4);
    if (withdraws)
        chain_must(c, chain_offer_withdraw(c, best->actor, best->device, false));
    chain_next(c, REVEAL_S);
    lost = model_count(m, SEALED) * DEPOSIT + (withdraws ? DEPOSIT : 0);
    if (!withdraws)
        check_winner(c, order, best);
    if (best != NULL && !withdraws)
        lost += model_answer(c, m, rng, order, best);
    go_to(c, c->now_s + AFTER_S);
    assert_false(chain_has_order(c, BUYER, order));
    if (best != NULL)
        relist(c, best);
    assert_int_equal(before - nodes_credits(c), lost);
    assert_int_equal(croft_state_count(c->l->state, CROFT_TABLE_BIDS), 0);
    assert_int_equal(croft_state_count(c->l->state, CROFT_TABLE_AUCTIONS), 0);
}

static void test_random_auctions(void **state)
{
    (void)state;
    struct chain c;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    static struct model m;
    memset(&m, 0, sizeof m);
    small_network(&c);
    for (u64 order = 1; order <= ROUNDS; order++)
        model_auction(&c, &m, &rng, order);
    done(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_refusals),
        cmocka_unit_test(test_place_refusals),
        cmocka_unit_test(test_place_terms),
        cmocka_unit_test(test_reveal_refusals),
        cmocka_unit_test(test_copied_commitment),
        cmocka_unit_test(test_full_table_of_bids),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_seconds_at_the_edges),
        cmocka_unit_test(test_backlog),
        cmocka_unit_test(test_no_block_to_reveal_in),
        cmocka_unit_test(test_sealed_is_lost_revealed_comes_back),
        cmocka_unit_test(test_above_the_limit),
        cmocka_unit_test(test_closed_while_bidding),
        cmocka_unit_test(test_closed_while_bidding_with_a_gateway),
        cmocka_unit_test(test_lowest_wins),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_ties_of_one_node),
        cmocka_unit_test(test_winner_does_not_acknowledge),
        cmocka_unit_test(test_winner_declines),
        cmocka_unit_test(test_winner_is_not_free),
        cmocka_unit_test(test_winner_is_taken_by_another),
        cmocka_unit_test(test_winners_device_is_gone),
        cmocka_unit_test(test_empty_escrow_costs_no_deposit),
        cmocka_unit_test(test_buyer_lets_go),
        cmocka_unit_test(test_more_than_one_wanted),
        cmocka_unit_test(test_replaced_by_a_bid),
        cmocka_unit_test(test_buyer_picks),
        cmocka_unit_test(test_picked_does_not_acknowledge),
        cmocka_unit_test(test_order_expires_unanswered),
        cmocka_unit_test(test_a_thousand_bids),
        cmocka_unit_test(test_random_auctions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
