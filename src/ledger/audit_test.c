/* Goal: the audit of the market notices when one count, sum or link of a record is not what the others make it.
 * Method: one field of one record is changed at a time, in a state that the audit likes; it must say which. */
#include "ledger/market_test_int.h"

enum { OWNER = 5, BUYER = 6, NODE = 7, AUDITOR = 9, OPERATOR = 10, CLASS = 300 };

/* A listed device of a class, one that is leased, a claim, stake that unlocks. */
static struct chain_lent open_market(struct chain *c)
{
    struct chain_offer t = chain_offer_terms();
    chain_market_open(c, true);
    chain_begin(c, 1);
    chain_must(c, chain_class_set(c, OPERATOR, CLASS, 1, 0));
    chain_node_listed_firm(c, OWNER, NODE);
    t.device = 1;
    t.class = CLASS;
    chain_must(c, chain_offer_post(c, NODE, &t));
    chain_must(c, chain_claim_set(c, AUDITOR, NODE, 1, 1000));
    chain_must(c, chain_stake_lock(c, OWNER, 10));
    chain_must(c, chain_stake_unlock(c, OWNER, 5));
    struct chain_lent lent = chain_lent(c, NODE, 0, BUYER, 1);
    chain_next(c, 1);
    return lent;
}

/* Everything that a change may be made to. */
struct records {
    struct croft_provider provider;
    struct croft_node node;
    struct croft_device leased, listed;
    struct croft_class class;
    struct chain_lent lent;
    struct croft_account buyer;
};

static void load(struct chain *c, const struct chain_lent *lent, struct records *r)
{
    bool all = croft_provider_load(c->l, &c->actor[OWNER].address, &r->provider) &&
               croft_node_load(c->l, &c->actor[NODE].address, &r->node) &&
               croft_device_load(c->l, &c->actor[NODE].address, 0, &r->leased) &&
               croft_device_load(c->l, &c->actor[NODE].address, 1, &r->listed) &&
               croft_class_load(c->l, CLASS, &r->class) &&
               croft_account_load(c->l, &c->actor[BUYER].address, &r->buyer);
    assert_true(all);
    r->lent = *lent;
}

static void store(struct chain *c, const struct records *r)
{
    croft_provider_store(c->l, &r->provider);
    croft_node_store(c->l, &r->node);
    croft_device_store(c->l, &r->leased);
    croft_device_store(c->l, &r->listed);
    croft_class_store(c->l, &r->class);
    croft_record_store(c->l, CROFT_TABLE_ORDERS, r->lent.order.slot, &r->lent.order.r);
    croft_lease_store(c->l, &r->lent.lease);
    croft_account_store(c->l, &r->buyer);
}

static void one_more(struct croft_amt *a)
{
    *a = croft_amt_of(croft_amt_units(*a) + 1);
}

#define CHANGE(name, what)                     \
    static void name(struct records *r)        \
    {                                          \
        what;                                  \
    }
CHANGE(stake, one_more(&r->provider.r.stake))
CHANGE(unlocking, one_more(&r->provider.r.unlocking))
CHANGE(device_bond, one_more(&r->listed.r.bond))
CHANGE(lease_bond, one_more(&r->lent.lease.r.bond))
CHANGE(provider_deposit, one_more(&r->provider.r.deposit))
CHANGE(node_deposit, one_more(&r->node.r.deposit))
CHANGE(device_deposit, one_more(&r->leased.r.deposit))
CHANGE(class_deposit, one_more(&r->class.r.deposit))
CHANGE(order_deposit, one_more(&r->lent.order.r.deposit))
CHANGE(balance, one_more(&r->lent.order.r.balance))
CHANGE(croft_held, one_more(&r->lent.order.r.croft_held))
CHANGE(provider_locked, one_more(&r->provider.r.locked))
CHANGE(device_lock, one_more(&r->listed.r.lock))
CHANGE(exposure, one_more(&r->provider.r.exposure))
CHANGE(lease_exposure, one_more(&r->lent.lease.r.exposure))
CHANGE(nodes, r->provider.r.nodes++)
CHANGE(unlock_time, r->provider.r.due_s = 0)
CHANGE(device_map, r->node.r.devices |= 4)
CHANGE(node_leases, r->node.r.leases++)
CHANGE(node_bids, r->node.r.bids++)
CHANGE(class_devices, r->class.r.devices++)
CHANGE(device_class, r->listed.r.class = 0)
CHANGE(waiting, r->class.r.waiting++)
CHANGE(head, r->class.r.head[0] = 1)
CHANGE(tail, r->class.r.tail[0] = 1)
CHANGE(open_records, r->buyer.r.open_records++)
CHANGE(order_aside, one_more(&r->lent.order.r.aside))
CHANGE(lease_aside, one_more(&r->lent.lease.r.aside))
CHANGE(rate, r->lent.order.r.rate++)
CHANGE(accrued, r->lent.order.r.accrued_part++)
CHANGE(paid_live, one_more(&r->lent.order.r.paid_live))
CHANGE(mode, (r->lent.lease.r.mode = CROFT_LEASE_METERED, r->lent.lease.r.kind = CROFT_PRICE_SECOND))
CHANGE(live, r->lent.order.r.live++)
CHANGE(live_map, r->lent.order.r.live_map[9] = 1)
CHANGE(leases, r->lent.order.r.leases++)
CHANGE(over_cap, (r->lent.order.r.voucher_cap = croft_amt_of(1), r->lent.order.r.voucher_paid = croft_amt_of(2)))
CHANGE(spend_only, one_more(&r->lent.order.r.spend_only))
CHANGE(paid, one_more(&r->lent.lease.r.paid))
CHANGE(units, r->lent.lease.r.units++)
CHANGE(served_until, r->lent.lease.r.served_until_s += 100)
CHANGE(stamp, r->lent.lease.r.stamp++)
CHANGE(device_state, r->leased.r.state = CROFT_DEVICE_LISTED)
CHANGE(nobodys_lease, r->listed.r.state = CROFT_DEVICE_LEASED)
CHANGE(unlisted_due, r->listed.r.state = CROFT_DEVICE_UNLISTED)

static const struct {
    void (*change)(struct records *r);
    const char *says;
} cases[] = {
    {stake, "stake and bonds"},           {unlocking, "stake and bonds"},
    {device_bond, "stake and bonds"},     {lease_bond, "stake and bonds"},
    {provider_deposit, "deposits"},       {node_deposit, "deposits"},
    {device_deposit, "deposits"},         {class_deposit, "deposits"},
    {order_deposit, "deposits"},          {balance, "held money of asset 0"},
    {croft_held, "held money of asset 1"}, {provider_locked, "provider 0: locked"},
    {device_lock, "provider 0: locked"},  {exposure, "provider 0: locked"},
    {lease_exposure, "provider 0: locked"}, {nodes, "provider 0: locked"},
    {unlock_time, "provider 0: locked"},  {device_map, "node 0: its devices"},
    {node_leases, "node 0: its devices"}, {node_bids, "node 0: its devices"},
    {class_devices, "class 300 counts"},  {device_class, "class 300 counts"},
    {waiting, "class 300: its queue"},    {head, "class 300: its queue"},
    {tail, "class 300: its queue"},       {open_records, "account "},
    {order_aside, "order 0: aside"},      {lease_aside, "order 0: aside"},
    {rate, "order 0: aside"},             {accrued, "order 0: aside"},
    {paid_live, "order 0: aside"},        {mode, "order 0: aside"},
    {live, "order 0 counts"},             {live_map, "order 0 counts"},
    {leases, "order 0 counts"},           {over_cap, "order 0: more than its cap"},
    {spend_only, "order 0: more than its cap"}, {paid, "lease 0: paid or counted"},
    {units, "lease 0: paid or counted"},  {served_until, "lease 0: paid or counted"},
    {stamp, "lease 0: its device"},       {device_state, "lease 0: its device"},
    {nobodys_lease, "device 1 is leased"}, {unlisted_due, "device 1: what it holds"},
};

static void test_each_change(void **unused)
{
    (void)unused;
    struct chain c;
    struct chain_lent lent = open_market(&c);
    chain_end(&c);
    for (u32 i = 0; i < CROFT_COUNT(cases); i++) {
        struct croft_why why = {{0}};
        struct records before, r;
        chain_begin(&c, 0);
        load(&c, &lent, &before);
        r = before;
        cases[i].change(&r);
        store(&c, &r);
        croft_ledger_block_end(c.l, &c.end);
        croft_ledger_block_accept(c.l);
        croft_err err = croft_ledger_audit(c.l, c.scratch, &why);
        if (err != CROFT_ERR_STATE || strncmp(why.text, cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("change %u: \"%s\" instead of \"%s\"", i, why.text, cases[i].says);
        chain_begin(&c, 0); /* and mended */
        store(&c, &before);
        chain_end(&c);
    }
    chain_stop(&c);
}

/* ---- queues, batches, the token: records of orders that wait and work ---- */

enum { WAITING = 3, TASKS = 20, RANGE_FIRST = 4, RANGE_COUNT = 5, BATCH = 9 };

/* Three orders wait in the class, a range of a batch is at work. */
static void open_orders(struct chain *c)
{
    chain_market_open(c, true);
    chain_begin(c, 1);
    chain_must(c, chain_class_set(c, OPERATOR, CLASS, 1, 0));
    for (u64 id = 1; id <= WAITING; id++) {
        struct chain_order t = chain_order_terms(id);
        t.class = CLASS;
        chain_must(c, chain_order_open(c, BUYER, &t));
    }
    struct chain_offer offer = chain_offer_terms();
    offer.price[CROFT_PRICE_FRAME] = 1000;
    chain_must(c, chain_node_admit(c, OWNER, NODE));
    chain_must(c, chain_offer_post(c, NODE, &offer));
    struct chain_order batch = chain_order_terms(BATCH);
    batch.kind = CROFT_ORDER_BATCH;
    batch.price_kind = CROFT_PRICE_FRAME;
    batch.price_max = 1000;
    batch.task_count = TASKS;
    chain_must(c, chain_order_open(c, BUYER, &batch));
    chain_must(c, chain_lease_take(c, NODE, 0, BUYER, BATCH, RANGE_FIRST, RANGE_COUNT));
    chain_next(c, 1);
}

/* A record of any table, of which one field is changed. */
struct any {
    u32 table, slot;
    union {
        struct croft_queue_record queue;
        struct croft_order_record order;
        struct croft_batch_record batch;
        struct croft_page_record page;
        struct croft_lease_record lease;
        struct croft_token_record token;
    } r;
};

static struct any any_of(struct chain *c, u32 table, u64 order)
{
    u8 key[40];
    struct any a = {.table = table};
    chain_order_key(c, BUYER, order, key);
    if (table == CROFT_TABLE_LEASES)
        key[39] = 1;
    a.slot = croft_state_find(c->l->state, table, table == CROFT_TABLE_TOKEN ? (const u8 *)"t" : key);
    assert_true(a.slot != CROFT_SLOT_NONE);
    croft_record_load(c->l, table, a.slot, &a.r);
    return a;
}

#define CHANGE_ANY(name, what)          \
    static void name(struct any *a)     \
    {                                   \
        what;                           \
    }
CHANGE_ANY(next, a->r.queue.next[3] ^= 1)
CHANGE_ANY(prev, a->r.queue.prev[3] ^= 1)
CHANGE_ANY(queue_class, a->r.queue.class++)
CHANGE_ANY(short_cut, memset(a->r.queue.next, 0, 40))
CHANGE_ANY(not_queued, a->r.order.flags &= (u8)~CROFT_ORDER_QUEUED)
CHANGE_ANY(other_class, a->r.order.class++)
CHANGE_ANY(batch_open, a->r.batch.open++)
CHANGE_ANY(batch_done, a->r.batch.done++)
CHANGE_ANY(batch_deposit, one_more(&a->r.batch.deposit))
CHANGE_ANY(bit_opened, a->r.page.bits[1] &= 0xfc)
CHANGE_ANY(bit_taken, a->r.page.bits[0] |= CROFT_TASK_WITH_NODE)
CHANGE_ANY(bit_rejected, a->r.page.bits[4] |= CROFT_TASK_REJECTED)
CHANGE_ANY(bit_accepted, a->r.page.bits[4] |= CROFT_TASK_ACCEPTED)
CHANGE_ANY(range_moved, a->r.lease.first_task++)
CHANGE_ANY(range_shorter, a->r.lease.units_max--)
CHANGE_ANY(minted, one_more(&a->r.token.minted))

static const struct {
    u32 table;
    u64 order;
    void (*change)(struct any *a);
    const char *says;
} any_cases[] = {
    {CROFT_TABLE_QUEUE, 1, next, "class 300: its queue"},
    {CROFT_TABLE_QUEUE, 2, prev, "class 300: its queue"},
    {CROFT_TABLE_QUEUE, 2, queue_class, "class 300: its queue"},
    {CROFT_TABLE_QUEUE, 2, short_cut, "class 300: its queue"},
    {CROFT_TABLE_ORDERS, 2, not_queued, "class 300: its queue"},
    {CROFT_TABLE_ORDERS, 3, other_class, "class 300: its queue"},
    {CROFT_TABLE_BATCHES, BATCH, batch_open, "batch 0: its counts"},
    {CROFT_TABLE_BATCHES, BATCH, batch_done, "batch 0: its counts"},
    {CROFT_TABLE_BATCHES, BATCH, batch_deposit, "deposits"},
    {CROFT_TABLE_PAGES, BATCH, bit_opened, "batch 0: its counts"},
    {CROFT_TABLE_PAGES, BATCH, bit_taken, "batch 0: its counts"},
    {CROFT_TABLE_PAGES, BATCH, bit_rejected, "batch 0: its counts"},
    {CROFT_TABLE_PAGES, BATCH, bit_accepted, "batch 0: its counts"},
    {CROFT_TABLE_LEASES, BATCH, range_moved, "batch 0: its counts"},
    {CROFT_TABLE_LEASES, BATCH, range_shorter, "batch 0: its counts"},
    {CROFT_TABLE_TOKEN, 0, minted, "rewards issued"},
};

static void test_orders(void **unused)
{
    (void)unused;
    struct chain c;
    open_orders(&c);
    chain_end(&c);
    for (u32 i = 0; i < CROFT_COUNT(any_cases); i++) {
        struct croft_why why = {{0}};
        chain_begin(&c, 0);
        struct any before = any_of(&c, any_cases[i].table, any_cases[i].order), a = before;
        any_cases[i].change(&a);
        croft_record_store(c.l, a.table, a.slot, &a.r);
        croft_ledger_block_end(c.l, &c.end);
        croft_ledger_block_accept(c.l);
        croft_err err = croft_ledger_audit(c.l, c.scratch, &why);
        if (err != CROFT_ERR_STATE || strncmp(why.text, any_cases[i].says, strlen(any_cases[i].says)) != 0)
            fail_msg("change %u: \"%s\" instead of \"%s\"", i, why.text, any_cases[i].says);
        chain_begin(&c, 0);
        croft_record_store(c.l, before.table, before.slot, &before.r);
        chain_end(&c);
    }
    chain_stop(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_change), cmocka_unit_test(test_orders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
