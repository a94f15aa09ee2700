/* Goal: what docs/spec/market.md says of orders and leases by the second, state by state and second by second.
 * Method: small networks in which one thing happens; money is followed by the balances of those whom it concerns, and
 * the audit counts everything after each block. */
#include "ledger/market_test_int.h"

enum { OWNER = 4, BUYER = 5, NODE = 6, OTHER_OWNER = 7, OTHER_NODE = 8, GATEWAY = 9, STRANGER = 10 };
#define PER_S UINT64_C(10000) /* CHAIN_PRICE in a second */
#define ORDER UINT64_C(7)

/* ---- the scene ---- */

static void open_scene(struct chain *c)
{
    chain_market_open(c, false);
    chain_begin(c, 1);
    chain_node_listed(c, OWNER, NODE);
    chain_node_listed(c, OTHER_OWNER, OTHER_NODE);
}

static void close_scene(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

static struct chain_order terms(void)
{
    struct chain_order t = chain_order_terms(ORDER);
    chain_add_take(&t, NODE, 0, CHAIN_PRICE);
    return t;
}

static void taken(struct chain *c, const struct chain_order *t)
{
    open_scene(c);
    chain_must(c, chain_order_open(c, BUYER, t));
}

static void acked(struct chain *c, const struct chain_order *t)
{
    taken(c, t);
    chain_must(c, chain_lease_ack(c, NODE, BUYER, ORDER, 1, false));
}

static croft_err vouch(struct chain *c, u32 lease)
{
    struct chain_voucher v = chain_voucher_next(c, BUYER, ORDER, lease);
    return chain_do(c, chain_settle(c, NODE, &v));
}

/* Started after five seconds, of which none is claimed. */
static void running(struct chain *c, const struct chain_order *t)
{
    acked(c, t);
    chain_next(c, 5);
    struct chain_voucher v = chain_voucher_next(c, BUYER, ORDER, 1);
    v.units = 0;
    chain_must(c, chain_settle(c, NODE, &v));
}

static u64 credits(const struct chain *c, u32 n)
{
    return chain_balance(c, n, CROFT_ASSET_CREDIT);
}

static u64 pool_of(const struct chain *c)
{
    return croft_amt_units(croft_balance(c->l, c->l->system_slot[CROFT_SYSTEM_FEES], CROFT_ASSET_CREDIT));
}

static u64 bond_of(const struct chain *c, u32 node)
{
    return croft_amt_units(chain_device(c, node, 0).bond);
}

/* What a provider keeps of pay. */
static u64 net(u64 pay)
{
    return pay - pay * 20000 / 1000000;
}

static void expect_state(const struct chain *c, u32 lease, enum croft_lease_state want)
{
    assert_int_equal(chain_lease(c, BUYER, ORDER, lease).state, want);
}

/* ---- a life ---- */

static void test_a_lease_by_the_second(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    running(&c, &t);
    u64 owner = credits(&c, OWNER), buyer = credits(&c, BUYER);
    chain_next(&c, 30);
    assert_int_equal(vouch(&c, 1), CROFT_OK);
    assert_int_equal(credits(&c, OWNER) - owner, net(30 * PER_S));
    chain_next(&c, 30);
    struct chain_voucher last = chain_voucher_next(&c, BUYER, ORDER, 1);
    chain_must(&c, chain_lease_stop(&c, NODE, BUYER, ORDER, 1, &last));
    assert_false(chain_has_lease(&c, BUYER, ORDER, 1));
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_UNLISTED); /* it broke its notice: the bond is touched */
    chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    assert_false(chain_has_order(&c, BUYER, ORDER));
    assert_int_equal(credits(&c, OWNER) - owner, net(60 * PER_S));
    /* 60 s were paid, 60 s of notice came back as the penalty. */
    u64 deposit = chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    assert_int_equal(credits(&c, BUYER) - buyer, t.amount + deposit - 60 * PER_S + 60 * PER_S);
    close_scene(&c);
}

static void test_notice_ends_without_penalty(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    running(&c, &t);
    u64 end_s = c.now_s + 60, bond = bond_of(&c, NODE);
    assert_int_equal(chain_do(&c, chain_lease_notice(&c, NODE, BUYER, ORDER, 1, end_s - 1)), CROFT_ERR_OP_TIME);
    chain_must(&c, chain_lease_notice(&c, NODE, BUYER, ORDER, 1, end_s + 10));
    assert_int_equal(chain_do(&c, chain_lease_notice(&c, NODE, BUYER, ORDER, 1, end_s + 11)), CROFT_ERR_OP_TIME);
    chain_must(&c, chain_lease_notice(&c, NODE, BUYER, ORDER, 1, end_s));
    chain_next(&c, 59);
    expect_state(&c, 1, CROFT_LEASE_RUNNING);
    chain_next(&c, 1);
    expect_state(&c, 1, CROFT_LEASE_ENDING);
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_LISTED);
    assert_int_equal(bond_of(&c, NODE), bond);
    close_scene(&c);
}

/* ---- not begun ---- */

static void test_unacknowledged_loses_its_bond(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    chain_add_take(&t, OTHER_NODE, 0, CHAIN_PRICE);
    taken(&c, &t);
    u64 pool = pool_of(&c), bond = bond_of(&c, NODE);
    chain_next(&c, chain_param_of(&c, CROFT_PARAM_ACK_S) - 1);
    expect_state(&c, 1, CROFT_LEASE_TAKEN);
    chain_next(&c, 1);
    assert_false(chain_has_lease(&c, BUYER, ORDER, 1));
    expect_state(&c, 2, CROFT_LEASE_TAKEN); /* the alternate */
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_UNLISTED);
    assert_int_equal(bond_of(&c, NODE), 0);
    assert_int_equal(pool_of(&c) - pool, bond);
    assert_int_equal(chain_provider(&c, OWNER).leases_failed, 1);
    chain_must(&c, chain_lease_stop(&c, OTHER_NODE, BUYER, ORDER, 2, NULL)); /* declining is the same */
    assert_int_equal(bond_of(&c, OTHER_NODE), 0);
    assert_int_equal(chain_order(&c, BUYER, ORDER).state, CROFT_ORDER_OPEN);
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).balance), t.amount);
    close_scene(&c);
}

/* A start that fails is not billed but for one second, which nobody gets who could want it. */
static void test_unstarted_costs_the_take_fee(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    acked(&c, &t);
    u64 owner = credits(&c, OWNER), bond = bond_of(&c, NODE);
    chain_next(&c, t.start_s - 1);
    expect_state(&c, 1, CROFT_LEASE_ACKED);
    chain_next(&c, 1);
    assert_false(chain_has_lease(&c, BUYER, ORDER, 1));
    assert_int_equal(credits(&c, OWNER), owner);
    assert_int_equal(bond_of(&c, NODE), bond);
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_LISTED);
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).balance), t.amount - PER_S);
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).aside), 0);
    close_scene(&c);
}

static void test_buyer_stops_before_the_start(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    taken(&c, &t);
    chain_must(&c, chain_lease_stop(&c, BUYER, BUYER, ORDER, 1, NULL));
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).balance), t.amount);
    struct chain_take again = {NODE, 0, CHAIN_PRICE};
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 0, &again, 1));
    chain_must(&c, chain_lease_ack(&c, NODE, BUYER, ORDER, 2, false));
    chain_must(&c, chain_lease_stop(&c, BUYER, BUYER, ORDER, 2, NULL));
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).balance), t.amount - PER_S);
    close_scene(&c);
}

/* ---- vanishing ---- */

static void test_only_unsigned_seconds_without_vouchers(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    running(&c, &t);
    chain_next(&c, 30);
    assert_int_equal(vouch(&c, 1), CROFT_OK);
    u64 owner = credits(&c, OWNER);
    chain_next(&c, 3000); /* nobody says anything */
    chain_must(&c, chain_lease_stop(&c, BUYER, BUYER, ORDER, 1, NULL));
    expect_state(&c, 1, CROFT_LEASE_ENDING);
    chain_next(&c, chain_param_of(&c, CROFT_PARAM_SETTLE_WINDOW_S) - 1);
    expect_state(&c, 1, CROFT_LEASE_ENDING);
    chain_next(&c, 1);
    assert_false(chain_has_lease(&c, BUYER, ORDER, 1));
    assert_int_equal(credits(&c, OWNER) - owner, net((30 + t.unsigned_s) * PER_S) - net(30 * PER_S));
    close_scene(&c);
}

static void test_voucher_after_the_end(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    running(&c, &t);
    chain_next(&c, 100);
    chain_must(&c, chain_lease_stop(&c, BUYER, BUYER, ORDER, 1, NULL));
    chain_next(&c, 20);
    u64 owner = credits(&c, OWNER);
    struct chain_voucher v = chain_voucher_next(&c, BUYER, ORDER, 1);
    chain_must(&c, chain_settle(&c, STRANGER, &v)); /* signed for 20 s too many: cut to the end */
    assert_int_equal(credits(&c, OWNER) - owner, net(100 * PER_S));
    assert_int_equal(chain_lease(&c, BUYER, ORDER, 1).units, 100);
    close_scene(&c);
}

/* ---- vouchers that do not count ---- */

static void test_vouchers_refused(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    running(&c, &t);
    chain_next(&c, 30);
    struct chain_voucher good = chain_voucher_next(&c, BUYER, ORDER, 1), v = good;
    v.order++;
    assert_int_equal(chain_do(&c, chain_settle(&c, NODE, &v)), CROFT_ERR_OP_NOT_FOUND);
    v = good, v.lease = 2;
    assert_int_equal(chain_do(&c, chain_settle(&c, NODE, &v)), CROFT_ERR_OP_NOT_FOUND);
    v = good, v.key++;
    assert_int_equal(chain_do(&c, chain_settle(&c, NODE, &v)), CROFT_ERR_OP_VOUCHER);
    v = good, v.stamp++;
    assert_int_equal(chain_do(&c, chain_settle(&c, NODE, &v)), CROFT_ERR_OP_VOUCHER);
    v = good, v.seq--;
    assert_int_equal(chain_do(&c, chain_settle(&c, NODE, &v)), CROFT_ERR_OP_VOUCHER_OLD);
    v = good, v.served_until_s++;
    assert_int_equal(chain_do(&c, chain_settle(&c, NODE, &v)), CROFT_ERR_OP_TIME);
    v = good, v.units += 6; /* five seconds passed before it started, and they were given back */
    assert_int_equal(chain_do(&c, chain_settle(&c, NODE, &v)), CROFT_ERR_OP_TIME);
    struct chain_voucher twice[2] = {good, good};
    assert_int_equal(chain_do(&c, chain_settle_many(&c, NODE, twice, 2)), CROFT_ERR_OP_VOUCHER_OLD);
    assert_int_equal(chain_lease(&c, BUYER, ORDER, 1).seq, 1); /* all or nothing */
    chain_must(&c, chain_settle(&c, NODE, &good));
    close_scene(&c);
}

/* ---- running dry ---- */

/* 1000 s of running beside the hold and the take fee. */
static struct chain_order for_1000_s(void)
{
    struct chain_order t = terms();
    t.hold_s = 120;
    t.keep_s = 3600;
    t.disk_gib = 36;                                   /* 36,000 an hour: 10 a second */
    t.amount = 1000 * PER_S + 120 * PER_S + 36000;
    return t;
}

static void test_dry_hold_stop_and_keep(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = for_1000_s();
    running(&c, &t); /* five seconds were given back: dry at start + 1000 */
    u64 start_s = c.now_s;
    chain_next(&c, 999);
    assert_int_equal(vouch(&c, 1), CROFT_OK);
    assert_int_equal(chain_order(&c, BUYER, ORDER).flags & CROFT_ORDER_DRY, 0);
    chain_next(&c, 1);
    assert_int_not_equal(chain_order(&c, BUYER, ORDER).flags & CROFT_ORDER_DRY, 0);
    struct chain_take other = {OTHER_NODE, 0, CHAIN_PRICE};
    assert_int_equal(chain_do(&c, chain_order_take(&c, BUYER, ORDER, 1, &other, 1)), CROFT_ERR_OP_FUNDS);
    chain_next(&c, 119);
    expect_state(&c, 1, CROFT_LEASE_RUNNING);
    chain_next(&c, 1);
    expect_state(&c, 1, CROFT_LEASE_ENDING);
    assert_int_equal(chain_lease(&c, BUYER, ORDER, 1).end_s, start_s + 1120);
    struct croft_lease_record keep = chain_lease(&c, BUYER, ORDER, 2);
    assert_int_equal(keep.flags & CROFT_LEASE_KEEP, CROFT_LEASE_KEEP);
    assert_int_equal(keep.price, 36000);
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_LISTED);
    assert_int_equal(chain_order(&c, BUYER, ORDER).state, CROFT_ORDER_OPEN);
    chain_must(&c, chain_order_fund(&c, STRANGER, BUYER, ORDER, 0, CROFT_ASSET_CREDIT, 3000 * PER_S));
    struct chain_take same = {NODE, 0, CHAIN_PRICE};
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 0, &same, 1));
    expect_state(&c, 3, CROFT_LEASE_TAKEN);
    expect_state(&c, 2, CROFT_LEASE_ENDING); /* the disk is in use again */
    close_scene(&c);
}

static void test_top_up_in_the_last_second(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = for_1000_s();
    running(&c, &t);
    chain_next(&c, 1000);
    assert_int_equal(vouch(&c, 1), CROFT_OK);
    chain_next(&c, 119); /* stop - 1 */
    chain_must(&c, chain_order_fund(&c, BUYER, BUYER, ORDER, 0, CROFT_ASSET_CREDIT, 1000 * PER_S));
    assert_int_equal(chain_order(&c, BUYER, ORDER).flags & CROFT_ORDER_DRY, 0);
    chain_next(&c, 1);
    expect_state(&c, 1, CROFT_LEASE_RUNNING);
    close_scene(&c);
}

/* Two leases of one escrow run dry in the same second, whatever was settled of either. */
static void test_two_leases_run_dry_together(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = for_1000_s();
    t.count = 2;
    t.keep_s = 0;
    t.amount = 2000 * PER_S + 240 * PER_S;
    chain_add_take(&t, OTHER_NODE, 0, CHAIN_PRICE);
    acked(&c, &t);
    chain_must(&c, chain_lease_ack(&c, OTHER_NODE, BUYER, ORDER, 2, false));
    assert_int_equal(vouch(&c, 1), CROFT_OK);
    assert_int_equal(vouch(&c, 2), CROFT_OK);
    chain_next(&c, 600);
    assert_int_equal(vouch(&c, 1), CROFT_OK);
    chain_next(&c, 399);
    assert_int_equal(chain_order(&c, BUYER, ORDER).flags & CROFT_ORDER_DRY, 0);
    chain_next(&c, 1);
    assert_int_not_equal(chain_order(&c, BUYER, ORDER).flags & CROFT_ORDER_DRY, 0);
    chain_next(&c, 120);
    expect_state(&c, 1, CROFT_LEASE_ENDING);
    expect_state(&c, 2, CROFT_LEASE_ENDING);
    u64 owner = credits(&c, OWNER), other = credits(&c, OTHER_OWNER);
    assert_int_equal(vouch(&c, 1), CROFT_OK); /* all that it served: the money is there */
    assert_int_equal(vouch(&c, 2), CROFT_OK);
    assert_int_equal(credits(&c, OWNER) - owner, net(1120 * PER_S) - net(600 * PER_S));
    assert_int_equal(credits(&c, OTHER_OWNER) - other, net(1120 * PER_S));
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).balance), 0);
    close_scene(&c);
}

/* A backlog: blocks stood still, and what was due at several times comes at once, the earliest first. */
static void test_a_backlog_changes_nothing(void **state)
{
    (void)state;
    for (u32 late = 0; late < 2; late++) {
        struct chain c;
        struct chain_order t = for_1000_s();
        t.keep_s = 0;
        t.count = 2;
        t.amount = 2000 * PER_S + 240 * PER_S;
        chain_add_take(&t, OTHER_NODE, 0, CHAIN_PRICE);
        acked(&c, &t);
        chain_must(&c, chain_lease_ack(&c, OTHER_NODE, BUYER, ORDER, 2, false));
        assert_int_equal(vouch(&c, 1), CROFT_OK);
        assert_int_equal(vouch(&c, 2), CROFT_OK);
        chain_next(&c, 500);
        assert_int_equal(vouch(&c, 2), CROFT_OK);
        chain_must(&c, chain_lease_notice(&c, NODE, BUYER, ORDER, 1, c.now_s + 100));
        u64 from_s = c.now_s, owner = credits(&c, OWNER), other = credits(&c, OTHER_OWNER);
        /* Lease 1 ends after 100 s; the other one then has the money of both to run on, and stops later. */
        static const u64 step[] = {100, 600, 1, 500, 119, 1, 2000};
        for (u32 i = 0; late == 0 && i < CROFT_COUNT(step); i++)
            chain_next(&c, step[i]);
        if (late != 0)
            chain_next(&c, 3321);
        assert_int_equal(c.now_s - from_s, 3321);
        assert_false(chain_has_lease(&c, BUYER, ORDER, 1));
        assert_false(chain_has_lease(&c, BUYER, ORDER, 2));
        assert_int_equal(credits(&c, OWNER) - owner, net(60 * PER_S));
        assert_int_equal(credits(&c, OTHER_OWNER) - other, net(560 * PER_S) - net(500 * PER_S));
        close_scene(&c);
    }
}

/* ---- promises and calls ---- */

static struct chain_order firm_terms(u32 service)
{
    struct chain_order t = chain_order_terms(ORDER);
    t.service = service;
    t.firm_s = 7200;
    chain_add_take(&t, NODE, 0, CHAIN_PRICE);
    return t;
}

static void firm_running(struct chain *c, const struct chain_order *t)
{
    chain_market_open(c, false);
    chain_begin(c, 1);
    chain_node_listed_firm(c, OWNER, NODE);
    chain_must(c, chain_order_open(c, BUYER, t));
    chain_must(c, chain_lease_ack(c, NODE, BUYER, ORDER, 1, false));
    assert_int_equal(vouch(c, 1), CROFT_OK);
}

static void test_firm_promise_is_paid_from_stake(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = firm_terms(CROFT_SERVICE_FIRM);
    firm_running(&c, &t);
    u64 stake = croft_amt_units(chain_provider(&c, OWNER).stake), buyer = credits(&c, BUYER);
    chain_next(&c, 100);
    assert_int_equal(chain_do(&c, chain_lease_notice(&c, NODE, BUYER, ORDER, 1, c.now_s + 6000)), CROFT_ERR_OP_TIME);
    struct chain_voucher last = chain_voucher_next(&c, BUYER, ORDER, 1);
    chain_must(&c, chain_lease_stop(&c, NODE, BUYER, ORDER, 1, &last));
    assert_int_equal(stake - croft_amt_units(chain_provider(&c, OWNER).stake), 3600 * PER_S);
    assert_int_equal(credits(&c, BUYER) - buyer, 3600 * PER_S);
    assert_int_equal(chain_provider(&c, OWNER).leases_failed, 1);
    assert_int_equal(chain_provider(&c, OWNER).leases_done, 0);
    close_scene(&c);
}

/* Without vouchers for longer than the promise is worth a provider is free to go. */
static void test_a_silent_buyer_frees_a_firm_provider(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = firm_terms(CROFT_SERVICE_FIRM);
    firm_running(&c, &t);
    u64 stake = croft_amt_units(chain_provider(&c, OWNER).stake);
    chain_next(&c, 3601);
    chain_must(&c, chain_lease_stop(&c, NODE, BUYER, ORDER, 1, NULL));
    assert_int_equal(croft_amt_units(chain_provider(&c, OWNER).stake), stake);
    close_scene(&c);
}

static void test_leaving_a_reserved_lease(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = firm_terms(CROFT_SERVICE_RESERVED);
    firm_running(&c, &t);
    chain_next(&c, 1000);
    assert_int_equal(vouch(&c, 1), CROFT_OK);
    u64 owner = credits(&c, OWNER);
    chain_must(&c, chain_lease_stop(&c, BUYER, BUYER, ORDER, 1, NULL));
    assert_int_equal(credits(&c, OWNER) - owner, net(3600 * PER_S));
    chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    chain_next(&c, 600);
    assert_false(chain_has_order(&c, BUYER, ORDER));
    close_scene(&c);
}

static void test_calls(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    running(&c, &t);
    u64 bond = chain_param_of(&c, CROFT_PARAM_CALL_BOND);
    assert_int_equal(chain_do(&c, chain_lease_call(&c, STRANGER, BUYER, ORDER, 1)), CROFT_ERR_OP_NOT_YOURS);
    chain_must(&c, chain_lease_call(&c, BUYER, BUYER, ORDER, 1));
    assert_int_equal(chain_do(&c, chain_lease_call(&c, NODE, BUYER, ORDER, 1)), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, chain_lease_ack(&c, BUYER, BUYER, ORDER, 1, true)), CROFT_ERR_OP_NOT_YOURS);
    u64 node = credits(&c, NODE);
    chain_must(&c, chain_lease_ack(&c, NODE, BUYER, ORDER, 1, true));
    assert_int_equal(credits(&c, NODE) - node, bond);
    chain_must(&c, chain_lease_call(&c, BUYER, BUYER, ORDER, 1));
    u64 buyer = credits(&c, BUYER);
    chain_next(&c, 600);
    expect_state(&c, 1, CROFT_LEASE_ENDING);
    /* The bond comes back, and of the offer's bond 60 s of notice that were not given. */
    assert_int_equal(credits(&c, BUYER) - buyer, bond + 60 * PER_S);
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_UNLISTED);
    close_scene(&c);
}

static void test_a_call_that_the_buyer_does_not_answer(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    running(&c, &t);
    chain_must(&c, chain_lease_call(&c, NODE, BUYER, ORDER, 1));
    u64 node = credits(&c, NODE), held = bond_of(&c, NODE);
    chain_next(&c, 600);
    expect_state(&c, 1, CROFT_LEASE_ENDING);
    assert_int_equal(credits(&c, NODE) - node, chain_param_of(&c, CROFT_PARAM_CALL_BOND));
    assert_int_equal(bond_of(&c, NODE), held);
    close_scene(&c);
}

/* ---- gangs, replacements, queues ---- */

static void test_a_gang_is_whole_or_not(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    t.kind = CROFT_ORDER_GANG;
    t.count = 2;
    open_scene(&c);
    assert_int_equal(chain_do(&c, chain_order_open(&c, BUYER, &t)), CROFT_ERR_OP_OFFERS);
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_LISTED);
    chain_add_take(&t, OTHER_NODE, 0, CHAIN_PRICE);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_must(&c, chain_lease_ack(&c, NODE, BUYER, ORDER, 1, false));
    chain_next(&c, 20); /* the other one does not acknowledge, and nobody stands by */
    assert_false(chain_has_lease(&c, BUYER, ORDER, 1));
    assert_false(chain_has_lease(&c, BUYER, ORDER, 2));
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_LISTED);
    assert_int_equal(chain_device(&c, OTHER_NODE, 0).state, CROFT_DEVICE_UNLISTED);
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).balance), t.amount); /* not even the take fee */
    close_scene(&c);
}

static void test_replacement_ends_the_old_lease_when_it_starts(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    running(&c, &t);
    struct chain_take other = {OTHER_NODE, 0, CHAIN_PRICE};
    assert_int_equal(chain_do(&c, chain_order_take(&c, BUYER, ORDER, 0, &other, 1)), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, chain_order_take(&c, BUYER, ORDER, 9, &other, 1)), CROFT_ERR_OP_NOT_FOUND);
    chain_must(&c, chain_order_take(&c, BUYER, ORDER, 1, &other, 1));
    chain_must(&c, chain_lease_ack(&c, OTHER_NODE, BUYER, ORDER, 2, false));
    chain_next(&c, 10);
    expect_state(&c, 1, CROFT_LEASE_RUNNING);
    assert_int_equal(vouch(&c, 2), CROFT_OK);
    expect_state(&c, 1, CROFT_LEASE_ENDING);
    expect_state(&c, 2, CROFT_LEASE_RUNNING);
    assert_int_equal(chain_order(&c, BUYER, ORDER).state, CROFT_ORDER_FULL);
    close_scene(&c);
}

static void test_oldest_first(void **state)
{
    (void)state;
    struct chain c;
    struct chain_offer offer = chain_offer_terms();
    offer.class = 300;
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    chain_must(&c, chain_class_set(&c, STRANGER, 300, 1, 0));
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    for (u64 id = 1; id <= 3; id++) {
        struct chain_order t = chain_order_terms(id);
        t.class = 300;
        chain_must(&c, chain_order_open(&c, BUYER, &t));
    }
    assert_int_equal(chain_class(&c, 300).waiting, 3);
    assert_int_equal(chain_do(&c, chain_lease_take(&c, NODE, 0, BUYER, 2, 0, 0)), CROFT_ERR_OP_TURN);
    chain_must(&c, chain_order_close(&c, BUYER, 1));
    assert_int_equal(chain_do(&c, chain_lease_take(&c, NODE, 0, BUYER, 3, 0, 0)), CROFT_ERR_OP_TURN);
    chain_next(&c, 80);
    chain_must(&c, chain_lease_take(&c, NODE, 0, BUYER, 2, 0, 0));
    assert_int_equal(chain_lease(&c, BUYER, 2, 1).state, CROFT_LEASE_ACKED);
    assert_int_equal(chain_class(&c, 300).waiting, 1);
    assert_int_equal(chain_class(&c, 300).wait_s, 80);
    close_scene(&c);
}

/* ---- counts, gateways, once ---- */

static void test_tokens_are_counted(void **state)
{
    (void)state;
    struct chain c;
    struct chain_offer offer = chain_offer_terms();
    struct chain_order t = chain_order_terms(ORDER);
    offer.price[CROFT_PRICE_TOKEN] = 123456789;
    t.price_kind = CROFT_PRICE_TOKEN;
    t.price_max = 123456789;
    t.units_max = 8000000;
    t.amount = 987654312 + 123456789;
    chain_add_take(&t, NODE, 0, 123456789);
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_offer_post(&c, NODE, &offer));
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_must(&c, chain_lease_ack(&c, NODE, BUYER, ORDER, 1, false));
    u64 owner = credits(&c, OWNER);
    struct chain_voucher v = chain_voucher_next(&c, BUYER, ORDER, 1);
    v.units = 8000001;
    assert_int_equal(chain_do(&c, chain_settle(&c, NODE, &v)), CROFT_ERR_OP_AMOUNT);
    v.units = 7000001;
    chain_must(&c, chain_settle(&c, NODE, &v));
    assert_int_equal(credits(&c, OWNER) - owner, net(864197646));
    chain_must(&c, chain_order_fund(&c, BUYER, BUYER, ORDER, 1, CROFT_ASSET_CREDIT, 123456789));
    assert_int_equal(chain_lease(&c, BUYER, ORDER, 1).units_max, 9000000);
    close_scene(&c);
}

static void test_a_gateway_is_paid_by_the_byte_and_no_further_than_its_cap(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    t.gateway = GATEWAY;
    t.bytes_max = UINT64_C(40) * 1000000000;
    t.gateway_price = 50000000;
    t.voucher_cap = 60000000;
    t.amount = UINT64_C(10000000000);
    taken(&c, &t);
    u64 gateway = credits(&c, GATEWAY);
    struct chain_voucher v = chain_voucher_next(&c, BUYER, ORDER, 1); /* number 1 is the gateway's */
    v.units = 1000000000;
    chain_must(&c, chain_settle(&c, STRANGER, &v));
    assert_int_equal(credits(&c, GATEWAY) - gateway, net(50000000));
    v.units = UINT64_C(40) * 1000000000;
    v.seq++;
    chain_must(&c, chain_settle(&c, STRANGER, &v)); /* the cap cuts it */
    assert_int_equal(credits(&c, GATEWAY) - gateway, net(60000000));
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).voucher_paid), 60000000);
    chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    chain_next(&c, 600);
    assert_false(chain_has_order(&c, BUYER, ORDER));
    close_scene(&c);
}

static void test_once(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    t.once = true;
    running(&c, &t);
    chain_next(&c, 10);
    chain_must(&c, chain_lease_stop(&c, BUYER, BUYER, ORDER, 1, NULL));
    assert_int_equal(chain_order(&c, BUYER, ORDER).state, CROFT_ORDER_CLOSING);
    chain_next(&c, 600);
    assert_false(chain_has_order(&c, BUYER, ORDER));
    close_scene(&c);
}

static void test_an_order_expires(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = terms();
    t.life_s = 1000;
    running(&c, &t);
    u64 expires_s = chain_order(&c, BUYER, ORDER).expires_s;
    chain_next(&c, expires_s - c.now_s - 1);
    expect_state(&c, 1, CROFT_LEASE_RUNNING);
    chain_next(&c, 500); /* late: what was due counts as of its time */
    expect_state(&c, 1, CROFT_LEASE_ENDING);
    assert_int_equal(chain_lease(&c, BUYER, ORDER, 1).end_s, expires_s);
    chain_next(&c, 101);
    assert_false(chain_has_order(&c, BUYER, ORDER));
    close_scene(&c);
}

/* ---- every operation in every state of a lease ---- */

enum { OP_ACK, OP_SETTLE, OP_NODE_STOP, OP_BUYER_STOP, OP_NOTICE, OP_CALL, OPS };
enum { IN_TAKEN, IN_ACKED, IN_RUNNING, IN_ENDING, STATES };

static void reach(struct chain *c, u32 state)
{
    struct chain_order t = terms();
    if (state == IN_TAKEN)
        taken(c, &t);
    if (state == IN_ACKED)
        acked(c, &t);
    if (state >= IN_RUNNING)
        running(c, &t);
    chain_next(c, 1);
    if (state == IN_ENDING)
        chain_must(c, chain_lease_stop(c, BUYER, BUYER, ORDER, 1, NULL));
}

static croft_err act(struct chain *c, u32 op)
{
    switch (op) {
    case OP_ACK:
        return chain_do(c, chain_lease_ack(c, NODE, BUYER, ORDER, 1, false));
    case OP_SETTLE:
        return vouch(c, 1);
    case OP_NODE_STOP:
        return chain_do(c, chain_lease_stop(c, NODE, BUYER, ORDER, 1, NULL));
    case OP_BUYER_STOP:
        return chain_do(c, chain_lease_stop(c, BUYER, BUYER, ORDER, 1, NULL));
    case OP_NOTICE:
        return chain_do(c, chain_lease_notice(c, NODE, BUYER, ORDER, 1, c->now_s + 60));
    default:
        return chain_do(c, chain_lease_call(c, NODE, BUYER, ORDER, 1));
    }
}

static void test_every_operation_in_every_state(void **unused)
{
    (void)unused;
    enum { STATE = CROFT_ERR_OP_STATE };
    static const int want[STATES][OPS] = {
        [IN_TAKEN] = {0, 0, 0, 0, STATE, STATE},
        [IN_ACKED] = {STATE, 0, 0, 0, STATE, STATE},
        [IN_RUNNING] = {STATE, 0, 0, 0, 0, 0},
        [IN_ENDING] = {STATE, 0, 0, STATE, STATE, STATE},
    };
    for (u32 state = 0; state < STATES; state++)
        for (u32 op = 0; op < OPS; op++) {
            struct chain c;
            reach(&c, state);
            assert_int_equal(act(&c, op), want[state][op]);
            chain_next(&c, 10);
            close_scene(&c);
        }
}

static void test_who_may(void **unused)
{
    (void)unused;
    struct chain c;
    reach(&c, IN_RUNNING);
    assert_int_equal(chain_do(&c, chain_lease_ack(&c, STRANGER, BUYER, ORDER, 1, false)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_lease_stop(&c, STRANGER, BUYER, ORDER, 1, NULL)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_lease_notice(&c, BUYER, BUYER, ORDER, 1, c.now_s + 90)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_lease_take(&c, STRANGER, 0, BUYER, ORDER, 0, 0)), CROFT_ERR_OP_NODE);
    assert_int_equal(chain_do(&c, chain_lease_take(&c, OTHER_NODE, 0, BUYER, ORDER, 0, 0)), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, chain_order_close(&c, STRANGER, ORDER)), CROFT_ERR_OP_NOT_FOUND);
    close_scene(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_lease_by_the_second),
        cmocka_unit_test(test_notice_ends_without_penalty),
        cmocka_unit_test(test_unacknowledged_loses_its_bond),
        cmocka_unit_test(test_unstarted_costs_the_take_fee),
        cmocka_unit_test(test_buyer_stops_before_the_start),
        cmocka_unit_test(test_only_unsigned_seconds_without_vouchers),
        cmocka_unit_test(test_voucher_after_the_end),
        cmocka_unit_test(test_vouchers_refused),
        cmocka_unit_test(test_dry_hold_stop_and_keep),
        cmocka_unit_test(test_top_up_in_the_last_second),
        cmocka_unit_test(test_two_leases_run_dry_together),
        cmocka_unit_test(test_a_backlog_changes_nothing),
        cmocka_unit_test(test_firm_promise_is_paid_from_stake),
        cmocka_unit_test(test_a_silent_buyer_frees_a_firm_provider),
        cmocka_unit_test(test_leaving_a_reserved_lease),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_a_call_that_the_buyer_does_not_answer),
        cmocka_unit_test(test_a_gang_is_whole_or_not),
        cmocka_unit_test(test_replacement_ends_the_old_lease_when_it_starts),
        cmocka_unit_test(test_oldest_first),
        cmocka_unit_test(test_tokens_are_counted),
        cmocka_unit_test(test_a_gateway_is_paid_by_the_byte_and_no_further_than_its_cap),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_an_order_expires),
        cmocka_unit_test(test_every_operation_in_every_state),
        cmocka_unit_test(test_who_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
