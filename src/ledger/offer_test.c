/* Goal: an offer is in one state, holds exactly the bond and the lock that its terms ask for, and gives them back once.
 * Method: every state with every operation, refusals in their order, arithmetic on its edges.  A lease is written by
 * hand (chain_lent), as far as a device, its node and the audit can see one. */
#include "ledger/market_test_int.h"

enum { OWNER = 5, BUYER = 6, NODE = 7, NODE_2 = 8, OPERATOR = 9, POOR = 10 };
#define DEPOSIT  UINT64_C(10000000)
#define BOND_MIN UINT64_C(10000000)

static void open_market(struct chain *c)
{
    chain_market_open(c, true);
    chain_begin(c, 1);
}

static void done(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

static void undo(struct chain *c)
{
    croft_ledger_block_undo(c->l);
    chain_begin(c, 0);
}

static u64 credits(const struct chain *c, u32 n)
{
    return chain_balance(c, n, CROFT_ASSET_CREDIT);
}

static u64 bond_of(const struct chain *c)
{
    return croft_amt_units(chain_device(c, NODE, 0).bond);
}

static u64 locked(const struct chain *c)
{
    return croft_amt_units(chain_provider(c, OWNER).locked);
}

static croft_err post(struct chain *c, const struct chain_offer *t)
{
    return chain_do(c, chain_offer_post(c, NODE, t));
}

/* ---- what is stored ---- */

static void test_post(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_offer t = chain_offer_terms();
    open_market(&c);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    t.device = 5;
    t.services = 1;
    t.egress = 3;
    t.price[CROFT_PRICE_TOKEN] = 11;
    t.price[CROFT_PRICE_BYTE] = 12;
    t.price[CROFT_PRICE_FRAME] = 13;
    assert_int_equal(post(&c, &t), CROFT_OK);
    struct croft_device_record r = chain_device(&c, NODE, 5);
    assert_true(r.state == CROFT_DEVICE_LISTED && r.flags == 0 && r.services == 1 && r.egress == 3 && r.class == 0);
    assert_true(r.kind == 0 && r.vendor == 1 && r.interface == 1 && r.gpu_count == 1 && r.hardware == 4 && r.isolation == 1);
    assert_true(r.cores == 16 && r.vram_mib == 24564 && r.ram_mib == 65536 && r.disk_gib == 500 && r.down_mbit == 1000);
    assert_true(r.up_mbit == 500 && r.tops == 660 && r.gbs == 1008);
    assert_string_equal((const char *)r.model, "rtx4090");
    assert_true(r.price[0] == CHAIN_PRICE && r.price[1] == 11 && r.price[2] == 12 && r.price[3] == 13);
    assert_true(r.disk_price == 1000 && r.notice_s == 60 && r.due_s == c.now_s + t.life_s && r.lease == 0);
    assert_int_equal(croft_amt_units(r.deposit), DEPOSIT);
    assert_int_equal(chain_node(&c, NODE).devices, 32);
    assert_int_equal(credits(&c, NODE), CHAIN_CREDIT - DEPOSIT - croft_amt_units(r.bond)); /* the node pays */
    done(&c);
}

/* bond = max(OFFER_BOND_MIN, ceil(p * max(OFFER_BOND_S, notice_s) / 3600)), lock = ceil(p * F / 3600) if it promises */
static void test_bond_and_lock(void **unused)
{
    (void)unused;
    static const struct {
        u64 price;
        u32 notice_s, services;
        u64 bond, lock;
    } cases[] = {
        {1, 0, 1, BOND_MIN, 0},
        {60000000, 0, 1, BOND_MIN, 0},
        {60000001, 600, 1, 10000001, 0}, /* 10000000.17 up */
        {60000006, 0, 1, 10000001, 0},
        {60000007, 0, 1, 10000002, 0},
        {60000000, 601, 1, 10016667, 0},
        {3600, 86400, 1, BOND_MIN, 0},
        {36000000, 86400, 1, 864000000, 0},
        {36000000, 0, 2, BOND_MIN, 36000000},
        {36000001, 0, 4, BOND_MIN, 36000001},
        {7, 0, 7, BOND_MIN, 7},
        {0, 0, 1, BOND_MIN, 0}, /* by the frame only */
        {CROFT_PRICE_MAX, 86400, 6, 24 * CROFT_PRICE_MAX, CROFT_PRICE_MAX},
    };
    struct chain c;
    open_market(&c);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_stake_lock(&c, OWNER, 20 * CROFT_UNITS_PER_CREDIT * 1000));
    u64 node = credits(&c, NODE);
    for (u32 i = 0; i < CROFT_COUNT(cases); i++) {
        struct chain_offer t = chain_offer_terms();
        t.price[CROFT_PRICE_SECOND] = cases[i].price;
        t.price[CROFT_PRICE_FRAME] = 1;
        t.notice_s = cases[i].notice_s;
        t.services = cases[i].services;
        assert_int_equal(post(&c, &t), CROFT_OK); /* the first is new, all others are re-priced */
        assert_int_equal(bond_of(&c), cases[i].bond);
        assert_int_equal(locked(&c), cases[i].lock);
        assert_int_equal(croft_amt_units(chain_device(&c, NODE, 0).lock), cases[i].lock);
        assert_int_equal(credits(&c, NODE), node - DEPOSIT - cases[i].bond);
        assert_int_equal(chain_system(&c, CROFT_SYSTEM_STAKE, CROFT_ASSET_CREDIT),
                         20 * CROFT_UNITS_PER_CREDIT * 1000 + cases[i].bond);
    }
    chain_must(&c, chain_offer_withdraw(&c, NODE, 0, false));
    assert_int_equal(credits(&c, NODE), node - DEPOSIT);
    assert_int_equal(locked(&c), 0);
    done(&c);
}

/* Only what is missing is taken, of stake too. */
static void test_lock_of_several(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_offer t = chain_offer_terms(), other = chain_offer_terms();
    open_market(&c);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_stake_lock(&c, OWNER, 100000000));
    t.services = other.services = 7;
    t.price[CROFT_PRICE_SECOND] = 60000000;
    other.price[CROFT_PRICE_SECOND] = 40000000;
    other.device = 1;
    assert_int_equal(post(&c, &t), CROFT_OK);
    assert_int_equal(post(&c, &other), CROFT_OK);
    assert_int_equal(locked(&c), 100000000);
    other.price[CROFT_PRICE_SECOND] = 40000001;
    assert_int_equal(post(&c, &other), CROFT_ERR_OP_STAKE);
    assert_int_equal(post(&c, &t), CROFT_OK); /* its own lock is free for it */
    t.price[CROFT_PRICE_SECOND] = 59999999;
    assert_int_equal(post(&c, &t), CROFT_OK);
    assert_int_equal(post(&c, &other), CROFT_OK);
    assert_int_equal(locked(&c), 100000000);
    other.services = 1;
    assert_int_equal(post(&c, &other), CROFT_OK);
    assert_int_equal(locked(&c), 59999999);
    done(&c);
}

/* Stake slashed below what is locked: nothing is promised anew, but listings stay, and can promise nothing. */
static void test_slashed_below_locked(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_offer t = chain_offer_terms();
    open_market(&c);
    chain_node_listed_firm(&c, OWNER, NODE);
    struct croft_provider p;
    chain_must(&c, chain_stake_lock(&c, OWNER, CHAIN_PRICE));
    t.services = 2;
    t.device = 1;
    assert_int_equal(post(&c, &t), CROFT_OK);
    assert_true(croft_provider_load(c.l, &c.actor[OWNER].address, &p));
    croft_bond_burn(c.l, croft_stake_slash(c.l, &p.r, croft_amt_of(CHAIN_PRICE + 1)));
    croft_provider_store(c.l, &p);
    chain_next(&c, 1);
    t.services = 1;
    assert_int_equal(post(&c, &t), CROFT_OK); /* although the other still promises more than there is */
    assert_int_equal(locked(&c), CHAIN_PRICE);
    t.services = 2;
    t.device = 0;
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_STAKE);
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_LISTED);
    assert_int_equal(chain_do(&c, chain_stake_unlock(&c, OWNER, 1)), CROFT_ERR_OP_STAKE);
    t.price[CROFT_PRICE_SECOND]--;
    assert_int_equal(post(&c, &t), CROFT_OK);
    t.services = 1;
    assert_int_equal(post(&c, &t), CROFT_OK);
    assert_int_equal(locked(&c), 0);
    done(&c);
}

/* ---- refusals ---- */

static void fill(struct chain *c, u32 table)
{
    const union {
        struct croft_device_record device;
        struct croft_class_record class;
    } none = {0};
    for (u32 i = 0; !croft_table_is_full(c->l, table); i++) {
        u8 key[CROFT_RECORD_KEY_MAX] = {0xff};
        u32 slot;
        if (table == CROFT_TABLE_CLASSES) {
            key[0] = (u8)((i + 1000) >> 8);
            key[1] = (u8)(i + 1000);
        }
        croft_put_u32(key + 4, i);
        assert_int_equal(croft_record_insert(c->l, table, key, &none, &slot), CROFT_OK);
    }
}

/* One offer with every fault, mended one by one. */
static void test_post_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_offer t = {.services = 2, .egress = 1, .class = 300};
    open_market(&c);
    chain_must(&c, chain_transfer(&c, NODE, 0, CROFT_ASSET_CREDIT, credits(&c, NODE) - DEPOSIT + 1));
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_NODE);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_node_set(&c, NODE, true));
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_NODE); /* draining */
    chain_must(&c, chain_node_set(&c, NODE, false));
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_TIME); /* until is now */
    t.life_s = chain_param_of(&c, CROFT_PARAM_OFFER_MAX_S) + 1;
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_TIME);
    t.life_s--;
    t.notice_s = (u32)chain_param_of(&c, CROFT_PARAM_NOTICE_MAX_S) + 1;
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_TIME);
    t.notice_s--;
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_PRICE);
    t.price[CROFT_PRICE_SECOND] = CROFT_PRICE_MAX + 1;
    assert_int_equal(post(&c, &t), CROFT_ERR_TX_RANGE);
    t.price[CROFT_PRICE_SECOND] = 0;
    t.price[CROFT_PRICE_FRAME] = 1;
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_NOT_FOUND);
    Croft__V1__TxBody *class = chain_class_set(&c, OPERATOR, 300, 0, 0);
    class->class_set->machine_min = 1;
    chain_must(&c, class);
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_TERMS); /* short of the class */
    chain_must(&c, chain_class_set(&c, OPERATOR, 300, 0, 0));
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_TERMS); /* firm without a price by the second */
    t.price[CROFT_PRICE_SECOND] = 1000000;
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_STAKE);
    chain_must(&c, chain_stake_lock(&c, OWNER, 999999));
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_STAKE);
    chain_must(&c, chain_stake_lock(&c, OWNER, 1));
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_DEPOSIT);
    u64 bond = 24 * 1000000;
    chain_must(&c, chain_transfer(&c, OWNER, NODE, CROFT_ASSET_CREDIT, bond));
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_FUNDS); /* one unit short of the bond */
    assert_int_equal(locked(&c), 0);
    assert_int_equal(chain_class(&c, 300).devices, 0);
    chain_must(&c, chain_transfer(&c, OWNER, NODE, CROFT_ASSET_CREDIT, 1));
    chain_next(&c, 1);
    fill(&c, CROFT_TABLE_DEVICES);
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_FULL);
    undo(&c);
    assert_int_equal(post(&c, &t), CROFT_OK);
    assert_int_equal(credits(&c, NODE), 0);
    assert_int_equal(chain_class(&c, 300).devices, 1);

    struct chain_lent lease = chain_lent(&c, NODE, 0, BUYER, 1);
    t.life_s = 0; /* and nothing else is looked at */
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_STATE);
    chain_give_back(&c, &lease, false, false);
    done(&c);
}

/* ---- states ---- */

static void test_withdraw(void **unused)
{
    (void)unused;
    struct chain c;
    open_market(&c);
    assert_int_equal(chain_do(&c, chain_offer_withdraw(&c, NODE, 0, false)), CROFT_ERR_OP_NODE);
    chain_node_listed_firm(&c, OWNER, NODE);
    u64 bond = bond_of(&c), node = credits(&c, NODE);
    assert_int_equal(chain_do(&c, chain_offer_withdraw(&c, NODE, 1, false)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_offer_withdraw(&c, NODE, 0, false)), CROFT_OK);
    struct croft_device_record r = chain_device(&c, NODE, 0);
    assert_true(r.state == CROFT_DEVICE_UNLISTED && r.due_s == 0 && croft_amt_is_zero(r.bond) && croft_amt_is_zero(r.lock));
    assert_int_equal(locked(&c), 0);
    assert_int_equal(credits(&c, NODE), node + bond);
    assert_int_equal(chain_do(&c, chain_offer_withdraw(&c, NODE, 0, false)), CROFT_OK); /* again: as it was */
    assert_int_equal(credits(&c, NODE), node + bond);
    assert_int_equal(chain_do(&c, chain_offer_withdraw(&c, NODE, 0, true)), CROFT_OK);
    assert_false(chain_has_device(&c, NODE, 0));
    assert_int_equal(chain_node(&c, NODE).devices, 0);
    assert_int_equal(credits(&c, NODE), CHAIN_CREDIT);

    struct chain_offer t = chain_offer_terms();
    assert_int_equal(post(&c, &t), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_offer_withdraw(&c, NODE, 0, true)), CROFT_OK); /* listed: both at once */
    assert_false(chain_has_device(&c, NODE, 0));
    assert_int_equal(credits(&c, NODE), CHAIN_CREDIT);
    done(&c);
}

static void test_withdraw_leased(void **unused)
{
    (void)unused;
    struct chain c;
    open_market(&c);
    chain_node_listed_firm(&c, OWNER, NODE);
    u64 bond = bond_of(&c), node = credits(&c, NODE);
    struct chain_lent lease = chain_lent(&c, NODE, 0, BUYER, 1);
    assert_int_equal(chain_do(&c, chain_offer_withdraw(&c, NODE, 0, true)), CROFT_OK);
    struct croft_device_record r = chain_device(&c, NODE, 0);
    assert_true(r.state == CROFT_DEVICE_LEASED && r.flags == CROFT_DEVICE_LEAVING && r.lease == 1 && r.due_s == 0);
    assert_int_equal(croft_amt_units(r.bond), bond);
    assert_int_equal(locked(&c), CHAIN_PRICE); /* until the lease is gone */
    assert_int_equal(chain_do(&c, chain_node_remove(&c, OWNER, NODE)), CROFT_ERR_OP_NOT_EMPTY);
    chain_next(&c, 864000);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_OFFER_ENDED), 0);
    chain_give_back(&c, &lease, false, false);
    r = chain_device(&c, NODE, 0);
    assert_true(r.state == CROFT_DEVICE_UNLISTED && r.flags == 0 && r.lease == 0);
    assert_int_equal(locked(&c), 0);
    assert_int_equal(credits(&c, NODE), node + bond);
    done(&c);
}

static void test_due(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_offer t = chain_offer_terms();
    open_market(&c);
    chain_node_listed_firm(&c, OWNER, NODE);
    t.device = 1;
    t.life_s = 100;
    assert_int_equal(post(&c, &t), CROFT_OK);
    u64 node = credits(&c, NODE), bond = croft_amt_units(chain_device(&c, NODE, 1).bond), bond_0 = bond_of(&c);
    chain_next(&c, 99);
    assert_int_equal(chain_device(&c, NODE, 1).state, CROFT_DEVICE_LISTED);
    chain_next(&c, 1);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_OFFER_ENDED), 1);
    assert_int_equal(croft_amt_units(c.l->due[0].amount), bond);
    assert_int_equal(chain_device(&c, NODE, 1).state, CROFT_DEVICE_UNLISTED);
    assert_int_equal(credits(&c, NODE), node + bond);

    struct chain_lent lease = chain_lent(&c, NODE, 0, BUYER, 1);
    chain_next(&c, 864000 - 100);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_OFFER_ENDED), 1);
    assert_int_equal(croft_amt_units(c.l->due[0].amount), 0); /* not before the lease is over */
    struct croft_device_record r = chain_device(&c, NODE, 0);
    assert_true(r.state == CROFT_DEVICE_LEASED && r.flags == CROFT_DEVICE_LEAVING && r.due_s == 0);
    chain_give_back(&c, &lease, false, false);
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_UNLISTED);
    assert_int_equal(credits(&c, NODE), node + bond + bond_0);
    chain_next(&c, 864000);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_OFFER_ENDED), 0);
    done(&c);
}

/* ---- the end of a lease ---- */

enum { LEAVING = 1, DRAINING = 2, PAST = 4, UNLIST = 8, LOSE = 16, CAUSES = 32 };

static void test_freed(void **unused)
{
    (void)unused;
    struct chain c;
    open_market(&c);
    chain_node_listed_firm(&c, OWNER, NODE);
    u64 node = credits(&c, NODE), bond = bond_of(&c);
    chain_next(&c, 1);
    for (u32 causes = 0; causes < CAUSES; causes++) {
        u64 pool = chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT);
        struct chain_lent lease = chain_lent(&c, NODE, 0, BUYER, 1);
        struct croft_device d;
        if ((causes & LEAVING) != 0)
            chain_must(&c, chain_offer_withdraw(&c, NODE, 0, false));
        if ((causes & DRAINING) != 0)
            chain_must(&c, chain_node_set(&c, NODE, true));
        if ((causes & PAST) != 0) { /* a due record that has not had its turn */
            assert_true(croft_device_load(c.l, &c.actor[NODE].address, 0, &d));
            d.r.due_s = c.now_s;
            croft_device_store(c.l, &d);
        }
        chain_give_back(&c, &lease, (causes & UNLIST) != 0, (causes & LOSE) != 0);
        struct croft_device_record r = chain_device(&c, NODE, 0);
        assert_int_equal(r.state, causes == 0 ? CROFT_DEVICE_LISTED : CROFT_DEVICE_UNLISTED);
        assert_true(r.lease == 0 && r.flags == 0);
        assert_int_equal(locked(&c), causes == 0 ? CHAIN_PRICE : 0);
        assert_int_equal(croft_amt_units(r.bond), causes == 0 ? bond : 0);
        bool lost = (causes & LOSE) != 0;
        assert_int_equal(credits(&c, NODE), causes == 0 || lost ? node : node + bond);
        assert_int_equal(chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT), pool + (lost ? bond : 0));
        undo(&c);
    }
    done(&c);
}

/* A node that drains takes nothing back at once. */
static void test_drain(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_offer t = chain_offer_terms();
    open_market(&c);
    chain_node_listed(&c, OWNER, NODE);
    chain_must(&c, chain_node_set(&c, NODE, true));
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_LISTED);
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_NODE);
    assert_int_equal(chain_do(&c, chain_offer_withdraw(&c, NODE, 0, false)), CROFT_OK);
    chain_must(&c, chain_node_set(&c, NODE, false));
    assert_int_equal(post(&c, &t), CROFT_OK);
    done(&c);
}

/* ---- what was proved ---- */

static void prove(struct chain *c, u32 vram_mib)
{
    struct croft_device d;
    assert_true(croft_device_load(c->l, &c->actor[NODE].address, 0, &d));
    d.r.proved_vram_mib = vram_mib;
    d.r.proved_tops = d.r.proved_gbs = d.r.uptime_ppm = 1;
    d.r.proved_s = 77;
    croft_device_store(c->l, &d);
}

static void test_proofs(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_offer t = chain_offer_terms();
    open_market(&c);
    chain_node_listed(&c, OWNER, NODE);
    prove(&c, 24000);
    t.price[CROFT_PRICE_SECOND] = 5;
    assert_int_equal(post(&c, &t), CROFT_OK); /* re-priced: still the same device */
    struct croft_device_record r = chain_device(&c, NODE, 0);
    assert_true(r.proved_vram_mib == 24000 && r.proved_tops == 1 && r.proved_s == 77);
    for (u32 i = 0; i < 3; i++) {
        Croft__V1__TxBody *body = chain_offer_post(&c, NODE, &t);
        Croft__V1__Capability *k = body->offer_post->capability;
        prove(&c, 24000);
        k->up_mbit += i == 0;
        k->model = (char *)(uintptr_t)(i == 1 ? "rtx4090d" : k->model);
        k->kind = i == 2 ? CROFT_DEVICE_CPU : k->kind;
        assert_int_equal(chain_do(&c, body), CROFT_OK);
        r = chain_device(&c, NODE, 0);
        assert_true(r.proved_vram_mib == 0 && r.proved_tops == 0 && r.proved_gbs == 0 && r.uptime_ppm == 0 && r.proved_s == 0);
        assert_int_equal(post(&c, &t), CROFT_OK);
    }
    done(&c);
}

/* ---- classes ---- */

static void test_class_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    open_market(&c);
    chain_must(&c, chain_transfer(&c, POOR, 0, CROFT_ASSET_CREDIT, credits(&c, POOR) - DEPOSIT + 1));
    assert_int_equal(chain_do(&c, chain_class_set(&c, POOR, 0, 0, 0)), CROFT_ERR_TX_RANGE);
    assert_int_equal(chain_do(&c, chain_class_set(&c, OPERATOR, 255, 0, 0)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_class_set(&c, POOR, 256, 0, 0)), CROFT_ERR_OP_DEPOSIT);
    assert_int_equal(chain_do(&c, chain_class_set(&c, OPERATOR, 256, 1, 7)), CROFT_OK);
    assert_int_equal(credits(&c, OPERATOR), CHAIN_CREDIT - DEPOSIT);
    assert_int_equal(chain_do(&c, chain_class_set(&c, POOR, 256, 0, 0)), CROFT_ERR_OP_NOT_YOURS);
    struct croft_class_record k = chain_class(&c, 256);
    assert_true(k.policy == 1 && k.price == 7 && k.start_s == 60 && k.devices == 0 && k.waiting == 0);
    assert_string_equal((const char *)k.name, "class");
    assert_memory_equal(k.operator_address.b, c.actor[OPERATOR].address.b, 32);

    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    struct chain_offer t = chain_offer_terms();
    t.class = 256;
    assert_int_equal(post(&c, &t), CROFT_OK);
    Croft__V1__TxBody *other = chain_class_set(&c, OPERATOR, 256, 0, 8);
    other->class_set->requirement->cores = 1;
    assert_int_equal(chain_do(&c, other), CROFT_ERR_OP_STATE);
    other = chain_class_set(&c, OPERATOR, 256, 0, 8);
    other->class_set->machine_min = 1;
    assert_int_equal(chain_do(&c, other), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, chain_class_set(&c, OPERATOR, 256, 0, 8)), CROFT_OK); /* all but what it asks for */
    assert_true(chain_class(&c, 256).price == 8 && chain_class(&c, 256).policy == 0);
    assert_int_equal(credits(&c, OPERATOR), CHAIN_CREDIT - DEPOSIT);
    chain_must(&c, chain_offer_withdraw(&c, NODE, 0, false)); /* unlisted, it still names the class */
    other = chain_class_set(&c, OPERATOR, 256, 0, 8);
    other->class_set->requirement->cores = 1;
    assert_int_equal(chain_do(&c, other), CROFT_ERR_OP_STATE);
    chain_must(&c, chain_offer_withdraw(&c, NODE, 0, true));
    other = chain_class_set(&c, OPERATOR, 256, 0, 8);
    other->class_set->requirement->cores = 1;
    assert_int_equal(chain_do(&c, other), CROFT_OK);
    assert_int_equal(chain_class(&c, 256).cores, 1);
    chain_next(&c, 1);
    fill(&c, CROFT_TABLE_CLASSES);
    assert_int_equal(chain_do(&c, chain_class_set(&c, OPERATOR, 257, 0, 0)), CROFT_ERR_OP_FULL);
    undo(&c);
    done(&c);
}

/* A vote gives a class to an operator; it takes devices when that one has said what it asks for. */
static void test_class_by_vote(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_offer t = chain_offer_terms();
    open_market(&c);
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    assert_int_equal(chain_do(&c, chain_propose_class(&c, 1, 1, 256, OPERATOR)), CROFT_ERR_TX_RANGE);
    assert_int_equal(chain_pass(&c, chain_propose_class(&c, 1, 1, 7, OPERATOR)), CROFT_OK);
    t.class = 7;
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_NOT_FOUND); /* nobody can hold it to another requirement */
    assert_int_equal(chain_do(&c, chain_class_set(&c, OWNER, 7, 0, 0)), CROFT_ERR_OP_NOT_YOURS);
    Croft__V1__TxBody *set = chain_class_set(&c, OPERATOR, 7, 0, 0);
    set->class_set->requirement->vram_mib = 24000;
    assert_int_equal(chain_do(&c, set), CROFT_OK);
    assert_int_equal(credits(&c, OPERATOR), CHAIN_CREDIT); /* no deposit: the network wants it */
    assert_int_equal(post(&c, &t), CROFT_OK);
    chain_next(&c, 1);

    assert_int_equal(chain_pass(&c, chain_propose_class(&c, 1, 2, 7, BUYER)), CROFT_OK);
    struct croft_class_record k = chain_class(&c, 7);
    assert_true(k.vram_mib == 24000 && k.devices == 1 && k.name[0] != 0); /* all else stays */
    assert_int_equal(chain_do(&c, chain_class_set(&c, OPERATOR, 7, 0, 0)), CROFT_ERR_OP_NOT_YOURS);
    set = chain_class_set(&c, BUYER, 7, 0, 3);
    set->class_set->requirement->vram_mib = 24000;
    assert_int_equal(chain_do(&c, set), CROFT_OK);
    done(&c);
}

/* Each field that a class can ask for, just met and just missed. */
static void test_class_fits(void **unused)
{
    (void)unused;
    static const struct croft_device_record device = {
        .kind = 1, .vendor = 2, .interface = 2, .gpu_count = 4, .hardware = 5, .isolation = 2, .model = "h100", .cores = 8,
        .vram_mib = 80, .ram_mib = 90, .disk_gib = 100, .down_mbit = 11, .up_mbit = 12, .tops = 13, .gbs = 14};
    static const struct {
        struct croft_class_record met, missed;
    } cases[] = {
        {{.kind = 1}, {.kind = 2}},           {{.vendor = 2}, {.vendor = 1}},
        {{.interface = 2}, {.interface = 1}}, {{.gpu_count = 4}, {.gpu_count = 5}},
        {{.hardware = 5}, {.hardware = 2}},   {{.hardware = 1}, {.hardware = 7}},
        {{.isolation = 2}, {.isolation = 3}}, {{.model = "h100"}, {.model = "h10"}},
        {{.machine = 1}, {.machine = 2}},     {{.cores = 8}, {.cores = 9}},
        {{.vram_mib = 80}, {.vram_mib = 81}}, {{.ram_mib = 90}, {.ram_mib = 91}},
        {{.disk_gib = 100}, {.disk_gib = 101}}, {{.down_mbit = 11}, {.down_mbit = 12}},
        {{.up_mbit = 12}, {.up_mbit = 13}},   {{.tops = 13}, {.tops = 14}},
        {{.gbs = 14}, {.gbs = 15}},           {{0}, {.kind = 3}},
    };
    for (u32 i = 0; i < CROFT_COUNT(cases); i++) {
        assert_true(croft_class_fits(&cases[i].met, &device, 1));
        assert_false(croft_class_fits(&cases[i].missed, &device, 1));
    }
    struct croft_device_record proved = device;
    proved.proved_vram_mib = 79; /* what was measured is believed, not what was said */
    assert_false(croft_class_fits(&cases[10].met, &proved, 1));
    proved.proved_vram_mib = 81;
    assert_true(croft_class_fits(&cases[10].missed, &proved, 1));
}

/* In a class that posts a price a promise is worth that to orders of the class, and the device's own to others. */
static void test_posted_price(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_offer t = chain_offer_terms();
    open_market(&c);
    chain_must(&c, chain_class_set(&c, OPERATOR, 300, 0, 72000000));
    chain_must(&c, chain_node_admit(&c, OWNER, NODE));
    chain_must(&c, chain_stake_lock(&c, OWNER, 72000000));
    t.class = 300;
    t.services = 2;
    t.price[CROFT_PRICE_SECOND] = 0;
    assert_int_equal(post(&c, &t), CROFT_OK);
    assert_int_equal(bond_of(&c), 12000000);
    assert_int_equal(locked(&c), 72000000);
    t.price[CROFT_PRICE_SECOND] = 72000001;
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_STAKE);
    t.price[CROFT_PRICE_SECOND] = 0;
    t.class = 0;
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_PRICE);
    t.price[CROFT_PRICE_SECOND] = 1;
    assert_int_equal(post(&c, &t), CROFT_OK); /* out of the class */
    assert_int_equal(chain_class(&c, 300).devices, 0);
    assert_int_equal(locked(&c), 1);
    t.class = 300;
    chain_must(&c, chain_class_set(&c, OPERATOR, 301, 0, 0));
    assert_int_equal(post(&c, &t), CROFT_OK);
    t.class = 301;
    assert_int_equal(post(&c, &t), CROFT_OK); /* from one to another */
    assert_int_equal(chain_class(&c, 300).devices, 0);
    assert_int_equal(chain_class(&c, 301).devices, 1);
    done(&c);
}

/* ---- the same with leases that orders take ---- */

static void take(struct chain *c, u64 order)
{
    struct chain_order t = chain_order_terms(order);
    chain_add_take(&t, NODE, 0, CHAIN_PRICE);
    chain_must(c, chain_order_open(c, BUYER, &t));
    assert_int_equal(chain_device(c, NODE, 0).state, CROFT_DEVICE_LEASED);
}

static void test_leased_by_an_order(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_offer t = chain_offer_terms();
    open_market(&c);
    chain_node_listed(&c, OWNER, NODE);
    u64 node = credits(&c, NODE), bond = bond_of(&c);
    take(&c, 1);
    assert_int_equal(post(&c, &t), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, chain_node_remove(&c, OWNER, NODE)), CROFT_ERR_OP_NOT_EMPTY);
    chain_next(&c, chain_param_of(&c, CROFT_PARAM_ACK_S)); /* not acknowledged */
    struct croft_device_record r = chain_device(&c, NODE, 0);
    assert_true(r.state == CROFT_DEVICE_UNLISTED && r.failed == 1 && croft_amt_is_zero(r.bond));
    assert_int_equal(credits(&c, NODE), node);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT), bond);

    assert_int_equal(post(&c, &t), CROFT_OK);
    take(&c, 2);
    chain_must(&c, chain_lease_ack(&c, NODE, BUYER, 2, 1, false));
    chain_must(&c, chain_offer_withdraw(&c, NODE, 0, true));
    chain_next(&c, 10);
    struct chain_voucher v = chain_voucher_next(&c, BUYER, 2, 1);
    chain_must(&c, chain_settle(&c, NODE, &v));
    chain_must(&c, chain_lease_stop(&c, BUYER, BUYER, 2, 1, NULL));
    assert_int_equal(chain_device(&c, NODE, 0).state, CROFT_DEVICE_UNLISTED);
    assert_int_equal(credits(&c, NODE), node); /* its bond of this time, which it paid from what it had left */
    /* Whom the last vouchers pay has to be found: the node stays until they can come no more. */
    assert_int_equal(chain_do(&c, chain_node_remove(&c, OWNER, NODE)), CROFT_ERR_OP_NOT_EMPTY);
    chain_must(&c, chain_offer_withdraw(&c, NODE, 0, true));
    assert_false(chain_has_device(&c, NODE, 0)); /* not so the device */
    chain_next(&c, chain_param_of(&c, CROFT_PARAM_SETTLE_WINDOW_S));
    assert_int_equal(chain_do(&c, chain_node_remove(&c, OWNER, NODE)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_provider_leave(&c, OWNER)), CROFT_OK);
    done(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_post),          cmocka_unit_test(test_bond_and_lock),
        cmocka_unit_test(test_lock_of_several), cmocka_unit_test(test_slashed_below_locked),
        cmocka_unit_test(test_post_refusals), cmocka_unit_test(test_withdraw),
        cmocka_unit_test(test_withdraw_leased), cmocka_unit_test(test_due),
        cmocka_unit_test(test_freed),         cmocka_unit_test(test_drain),
        cmocka_unit_test(test_proofs),        cmocka_unit_test(test_class_refusals),
        cmocka_unit_test(test_class_by_vote), cmocka_unit_test(test_class_fits),
        cmocka_unit_test(test_posted_price),  cmocka_unit_test(test_leased_by_an_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
