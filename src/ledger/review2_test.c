/* Goal: what a review of the market found stays mended: no order stops its class, no gateway ends an order that is not
 * its, nobody loses a deposit because the chain stood still, and a block has room for what one transaction brings up to
 * date.
 * Method: each attack alone, as its attacker would play it. */
#include "ledger/market_test_int.h"

enum { OWNER = 0, BUYER = 1, NODE = 2, OTHER = 3, STRANGER = 14, CLASS = 300, ORDER = 7 };
enum { BID_S = 100, REVEAL_S = 50 };
#define DEPOSIT UINT64_C(10000000)
#define LOW     (CHAIN_PRICE / 2)

static void network(struct chain *c)
{
    chain_market_open(c, false);
    chain_begin(c, 1);
}

static void done(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

/* ---- queues ---- */

/* Its numbers are used up, so nobody can take it: it must not stand at the head until it expires. */
static void test_used_up_order_does_not_stop_a_queue(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order used = chain_order_terms(1), t = chain_order_terms(ORDER);
    struct chain_offer offer = chain_offer_terms();
    network(&c);
    chain_must(&c, chain_class_set(&c, OWNER, CLASS, 1, CHAIN_PRICE));
    offer.class = used.class = t.class = CLASS;
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    chain_must(&c, chain_order_open(&c, OTHER, &used));
    for (u32 n = 1; n <= CROFT_LEASES_MADE_MAX; n++) {
        chain_must(&c, chain_lease_take(&c, NODE, 0, OTHER, 1, 0, 0));
        chain_must(&c, chain_lease_stop(&c, OTHER, OTHER, 1, n, NULL));
        if (n % 16 == 0)
            chain_next(&c, 1);
    }
    assert_int_equal(chain_class(&c, CLASS).waiting, 0);
    assert_int_equal(chain_do(&c, chain_lease_take(&c, NODE, 0, OTHER, 1, 0, 0)), CROFT_ERR_OP_LIMIT);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    assert_int_equal(chain_do(&c, chain_lease_take(&c, NODE, 0, BUYER, ORDER, 0, 0)), CROFT_OK);
    done(&c);
}

/* ---- classes ---- */

/* They never go, so whoever makes all that fit must not take a vote's places with them. */
static void test_classes_leave_room_for_votes(void **state)
{
    (void)state;
    struct chain c;
    network(&c);
    u32 room = croft_state_records_max(c.l->state, CROFT_TABLE_CLASSES) - CROFT_CLASS_OPEN_MIN;
    for (u32 n = 0; n < room; n++) {
        chain_must(&c, chain_class_set(&c, STRANGER, CROFT_CLASS_OPEN_MIN + n, 0, 0));
        if (n % 64 == 63)
            chain_next(&c, 1);
    }
    u32 next = CROFT_CLASS_OPEN_MIN + room;
    assert_int_equal(chain_do(&c, chain_class_set(&c, STRANGER, next, 0, 0)), CROFT_ERR_OP_FULL);
    assert_int_equal(chain_pass(&c, chain_propose_class(&c, BUYER, 1, 1, OTHER)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_class_set(&c, OTHER, 1, 0, 0)), CROFT_OK);
    done(&c);
}

/* ---- auctions ---- */

/* Somebody's bid is placed; it is the second from which on bids are revealed. */
static void bid_placed(struct chain *c, u64 offer_life_s, bool gateway)
{
    struct chain_order t = chain_order_terms(ORDER);
    struct chain_offer offer = chain_offer_terms();
    network(c);
    offer.life_s = offer_life_s;
    chain_must(c, chain_node_admit(c, OWNER, NODE));
    chain_must(c, chain_offer_post(c, NODE, &offer));
    t.bid_s = BID_S;
    t.reveal_s = REVEAL_S;
    t.rule = CROFT_AUCTION_LOWEST;
    t.bid_deposit = DEPOSIT;
    t.once = true;
    t.gateway = gateway ? STRANGER : CHAIN_ACTORS;
    chain_must(c, chain_order_open(c, BUYER, &t));
    chain_must(c, chain_bid_place(c, NODE, 0, BUYER, ORDER, LOW, NODE));
    chain_next(c, BID_S);
    assert_int_equal(chain_order(c, BUYER, ORDER).state, CROFT_ORDER_REVEALING);
}

/* order_close is refused in REVEALING: the end of the gateway's lease must not close it instead. */
static void test_gateway_does_not_end_an_auction(void **state)
{
    (void)state;
    for (u32 i = 0; i < 2; i++) {
        struct chain c;
        bid_placed(&c, 100000, true);
        chain_must(&c, chain_lease_stop(&c, i == 0 ? BUYER : STRANGER, BUYER, ORDER, 1, NULL));
        assert_int_equal(chain_order(&c, BUYER, ORDER).state, CROFT_ORDER_REVEALING);
        assert_int_equal(chain_do(&c, chain_bid_reveal(&c, NODE, 0, BUYER, ORDER, LOW, NODE)), CROFT_OK);
        done(&c);
    }
}

/* The offer was good for long enough at the second of the decision; no block was made then. */
static void test_halt_costs_no_deposit(void **state)
{
    (void)state;
    const u64 lives_s[] = {BID_S + REVEAL_S + 1000, BID_S + REVEAL_S + 700};
    const u64 halts_s[] = {2000, 300}; /* the offer is over; it is too short for another lease */
    for (u32 i = 0; i < CROFT_COUNT(lives_s); i++) {
        struct chain c;
        bid_placed(&c, lives_s[i], false);
        u64 before = chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT);
        chain_must(&c, chain_bid_reveal(&c, NODE, 0, BUYER, ORDER, LOW, NODE));
        chain_next(&c, REVEAL_S + halts_s[i]);
        assert_int_equal(chain_order(&c, BUYER, ORDER).state, CROFT_ORDER_PICKING);
        assert_int_equal(chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT), before);
        assert_int_equal(chain_node(&c, NODE).bids, 1);
        done(&c);
    }
}

/* ---- what one transaction brings up to date ---- */

enum { DEVICES = CROFT_LEASES_LIVE_MAX, KEEP_S = 3600, RUN_S = 30, HOLD_S = 10 };

static void list_devices(struct chain *c, u32 node)
{
    struct chain_offer offer = chain_offer_terms();
    offer.disk_price = 1;
    chain_must(c, chain_node_admit(c, OWNER, node));
    for (offer.device = 0; offer.device < DEVICES; offer.device++) {
        chain_must(c, chain_offer_post(c, node, &offer));
        if (offer.device % 16 == 15)
            chain_next(c, 1);
    }
}

/* Leases of all devices of a node, from this number on, all with their first voucher. */
static void run_all(struct chain *c, u32 node, u32 first)
{
    for (u32 i = 0; i < DEVICES; i++) {
        chain_must(c, chain_lease_take(c, node, i, BUYER, ORDER, 0, 0));
        struct chain_voucher v = chain_voucher_next(c, BUYER, ORDER, first + i);
        chain_must(c, chain_settle(c, node, &v));
    }
}

/* As many leases of one order late as there can be: disks kept before, leases that stop, and the disks that these keep. */
static void test_room_for_what_is_touched(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    network(&c);
    chain_must(&c, chain_stake_lock(&c, OWNER, CHAIN_CREDIT / 2));
    list_devices(&c, NODE);
    list_devices(&c, OTHER);
    t.count = DEVICES;
    t.hold_s = HOLD_S;
    t.keep_s = KEEP_S;
    t.disk_gib = 1;
    t.amount = DEVICES * (CHAIN_PRICE / 3600 * (RUN_S + HOLD_S) + 1000);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    run_all(&c, NODE, 1);
    chain_next(&c, RUN_S + HOLD_S + 10);
    assert_int_equal(chain_order(&c, BUYER, ORDER).live, 0);
    chain_must(&c, chain_order_fund(&c, BUYER, BUYER, ORDER, 0, CROFT_ASSET_CREDIT, t.amount));
    run_all(&c, OTHER, 2 * DEVICES + 1);
    chain_next(&c, t.life_s + KEEP_S);
    u32 touched = chain_due_count(&c, CROFT_DUE_LEASE_ENDED) + chain_due_count(&c, CROFT_DUE_ORDER_DRY) +
                  chain_due_count(&c, CROFT_DUE_ORDER_STOPPED) + chain_due_count(&c, CROFT_DUE_ORDER_EXPIRED);
    assert_int_equal(touched, DEVICES + DEVICES + (CROFT_LEASES_MADE_MAX - 3 * DEVICES) + 3);
    /* Each voucher of a settlement may be of such an order. */
    assert_in_range(CROFT_VOUCHERS_MAX * (touched + 1), 1, CROFT_DUES_OF_TX_MAX);
    done(&c);
}

/* ---- costs ---- */

static u64 cost_of_close(struct chain *c)
{
    struct croft_tx tx;
    const struct chain_signer signer = {.place = 0, .key = 8 * BUYER};
    assert_int_equal(chain_sign(c, chain_order_close(c, BUYER, ORDER), &signer, 1, &tx), CROFT_OK);
    return croft_ledger_cost(c->l, &tx);
}

/* Up to 65,535 ranges may be out; closing the batch ends none of them. */
static void test_ranges_do_not_make_closing_dear(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    struct chain_offer offer = chain_offer_terms();
    network(&c);
    offer.price[CROFT_PRICE_FRAME] = 1;
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    t.kind = CROFT_ORDER_BATCH;
    t.price_kind = CROFT_PRICE_FRAME;
    t.task_count = 10;
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    u64 cost = cost_of_close(&c);
    for (u32 i = 0; i < t.task_count; i++) {
        chain_must(&c, chain_lease_take(&c, NODE, 0, BUYER, ORDER, i, 1));
        chain_must(&c, chain_lease_commit(&c, NODE, BUYER, ORDER, i + 1, &t.task_root));
    }
    assert_int_equal(chain_order(&c, BUYER, ORDER).live, t.task_count);
    assert_int_equal(cost_of_close(&c), cost);
    done(&c);
}

/* ---- the raise ---- */

/* Accounts to the last place that protocol 1 ever had: neither that rule nor the raise may depend on the release. */
static void test_raise_with_all_accounts_taken(void **state)
{
    (void)state;
    struct chain c;
    u32 slot;
    struct croft_address a = {{1}};
    chain_make(&c);
    chain_begin(&c, 1);
    for (u32 i = croft_state_count(c.l->state, CROFT_TABLE_ACCOUNTS); i < 1u << c.limits.records_max_log2; i++) {
        croft_put_u32(a.b + 4, i);
        assert_int_equal(croft_account_create(c.l, &a, croft_amt_of(0), c.now_s, &slot), CROFT_OK);
    }
    croft_put_u32(a.b + 8, 1);
    assert_int_equal(croft_account_create(c.l, &a, croft_amt_of(0), c.now_s, &slot), CROFT_ERR_OP_FULL);
    assert_int_equal(chain_pass(&c, chain_propose_protocol(&c, 1, 1, 2, croft_ledger_height(c.l) + 2)), CROFT_OK);
    chain_next(&c, 1);
    assert_int_equal(croft_ledger_chain(c.l).protocol, 2);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_ACCOUNTS), (1u << c.limits.records_max_log2) + 1);
    assert_int_equal(croft_account_create(c.l, &a, croft_amt_of(0), c.now_s, &slot), CROFT_ERR_OP_FULL);
    done(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_used_up_order_does_not_stop_a_queue),
        cmocka_unit_test(test_classes_leave_room_for_votes),
        cmocka_unit_test(test_gateway_does_not_end_an_auction),
        cmocka_unit_test(test_halt_costs_no_deposit),
        cmocka_unit_test(test_room_for_what_is_touched),
        cmocka_unit_test(test_ranges_do_not_make_closing_dear),
        cmocka_unit_test(test_raise_with_all_accounts_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
