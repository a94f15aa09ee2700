/* ledger/batch_test_int.h - for tests only: one batch, and what the tests of batches say about it.
 *
 * Actor BUYER orders, OWNER's nodes FIRST_NODE and up work with device 0 each, ARBITER judges, STRANGER has nothing to
 * do with it.  Results of a task are a hash of its number and the lease, so that every range has another root. */
#ifndef CROFT_LEDGER_BATCH_TEST_INT_H
#define CROFT_LEDGER_BATCH_TEST_INT_H

#include "crypto/merkle.h"
#include "ledger/market_test_int.h"

enum { BUYER = 4, OWNER = 5, ARBITER = 6, STRANGER = 7, FIRST_NODE = 8, ORDER = 1, SECOND_NODE = 9 };
#define TASK_PRICE UINT64_C(1000003)

static inline struct chain_offer batch_offer(void)
{
    struct chain_offer offer = chain_offer_terms();
    offer.price[CROFT_PRICE_FRAME] = TASK_PRICE;
    offer.life_s = 2550000;
    return offer;
}

/* count nodes of OWNER, listed. */
static inline void batch_nodes(struct chain *c, u32 count)
{
    struct chain_offer offer = batch_offer();
    for (u32 i = 0; i < count; i++) {
        chain_must(c, chain_node_admit(c, OWNER, FIRST_NODE + i));
        chain_must(c, chain_offer_post(c, FIRST_NODE + i, &offer));
    }
}

/* Money for each task once; nobody judges. */
static inline struct chain_order batch_terms(u32 tasks)
{
    struct chain_order t = chain_order_terms(ORDER);
    t.kind = CROFT_ORDER_BATCH;
    t.price_kind = CROFT_PRICE_FRAME;
    t.price_max = TASK_PRICE;
    t.amount = TASK_PRICE * tasks;
    t.task_count = tasks;
    return t;
}

/* A network with two nodes and the batch, in an open block. */
static inline void batch_start(struct chain *c, const struct chain_order *t)
{
    chain_market_open(c, false);
    chain_begin(c, 1);
    batch_nodes(c, 2);
    chain_must(c, chain_order_open(c, BUYER, t));
}

/* ---- results ---- */

static inline struct croft_hash batch_result(u32 lease, u32 task)
{
    u8 what[8];
    croft_put_u32(what, lease);
    croft_put_u32(what + 4, task);
    return croft_sha256((struct croft_bytes){what, sizeof what});
}

static inline struct croft_hash *batch_leaves(struct chain *c, u32 lease, u32 first, u32 count)
{
    struct croft_hash *leaf = croft_new(&c->scratch, struct croft_hash, count);
    CROFT_ASSERT(leaf != NULL);
    for (u32 i = 0; i < count; i++) {
        struct croft_hash result = batch_result(lease, first + i);
        leaf[i] = croft_merkle_leaf((struct croft_bytes){result.b, sizeof result.b});
    }
    return leaf;
}

static inline struct croft_hash batch_root(struct chain *c, u32 lease)
{
    struct croft_lease_record r = chain_lease(c, BUYER, ORDER, lease);
    return croft_merkle_root(batch_leaves(c, lease, r.first_task, (u32)r.units_max), r.units_max);
}

/* The path of a task's result, as messages carry it. */
static inline ProtobufCBinaryData *batch_path(struct chain *c, u32 lease, u32 task, size_t *out_len)
{
    struct croft_merkle_path p;
    struct croft_lease_record r = chain_lease(c, BUYER, ORDER, lease);
    struct croft_hash *leaf = batch_leaves(c, lease, r.first_task, (u32)r.units_max);
    croft_merkle_path_of(leaf, r.units_max, task - r.first_task, &p);
    ProtobufCBinaryData *path = croft_new(&c->scratch, ProtobufCBinaryData, p.aunt_count + 1);
    CROFT_ASSERT(path != NULL);
    for (u32 i = 0; i < p.aunt_count; i++)
        path[i] = chain_bytes(&c->scratch, p.aunt[i].b, sizeof p.aunt[i].b);
    *out_len = p.aunt_count;
    return path;
}

/* ---- operations ---- */

static inline Croft__V1__TxBody *batch_take(struct chain *c, u32 node, u32 first, u32 count)
{
    return chain_lease_take(c, node, 0, BUYER, ORDER, first, count);
}

static inline Croft__V1__TxBody *batch_commit(struct chain *c, u32 node, u32 lease)
{
    struct croft_hash root = batch_root(c, lease);
    return chain_lease_commit(c, node, BUYER, ORDER, lease, &root);
}

/* Good evidence: the node told somebody else's result of this task. */
static inline Croft__V1__TxBody *batch_slash(struct chain *c, u32 n, u32 lease, u32 task)
{
    struct croft_lease_record r = chain_lease(c, BUYER, ORDER, lease);
    u32 node = 0;
    while (!croft_address_equal(&c->actor[node].address, &r.node))
        node++;
    struct croft_hash said = batch_result(0, task), committed = batch_result(lease, task);
    Croft__V1__TxBody *body =
        chain_slash(c, n, node, chain_lease_id(c, BUYER, ORDER, lease), r.stamp, task, &said, &committed);
    body->slash->path = batch_path(c, lease, task, &body->slash->n_path);
    return body;
}

/* ---- looking ---- */

static inline struct croft_batch_record batch_record(const struct chain *c)
{
    u8 key[40];
    struct croft_batch_record r;
    chain_order_key(c, BUYER, ORDER, key);
    bool found = croft_batch_load(c->l, key, &r);
    CROFT_ASSERT(found);
    return r;
}

/* Read off the stored pages byte by byte, as the layout says: not with the ledger's own helpers. */
static inline void batch_bits_all(const struct chain *c, u32 tasks, u8 *out)
{
    struct croft_page_record page = {0};
    for (u32 task = 0; task < tasks; task++) {
        u8 key[40];
        u32 at = task % CROFT_PAGE_TASKS;
        croft_lease_key(chain_address(c, BUYER), ORDER, task / CROFT_PAGE_TASKS, key);
        bool found = at != 0 || chain_record(c, CROFT_TABLE_PAGES, key, &page);
        CROFT_ASSERT(found);
        out[task] = page.bits[at / 4] >> 2 * (at % 4) & 3;
    }
}

static inline u32 batch_bits_count(const struct chain *c, u32 first, u32 count, u32 bits)
{
    static u8 all[CROFT_TASKS_MAX];
    u32 found = 0;
    CROFT_ASSERT(first + count <= batch_record(c).task_count);
    batch_bits_all(c, first + count, all);
    for (u32 i = 0; i < count; i++)
        found += all[first + i] == bits;
    return found;
}

static inline u32 batch_bits(const struct chain *c, u32 task)
{
    u32 bits = 0;
    while (batch_bits_count(c, task, 1, bits) == 0)
        bits++;
    return bits;
}

static inline u64 batch_fee(u64 paid)
{
    return paid * 20000 / 1000000;
}

static inline u64 batch_bond(u64 rejected)
{
    return (rejected * TASK_PRICE * 100000 + 999999) / 1000000;
}

/* Credits of everybody a batch can move money between. */
struct purse {
    u64 buyer, owner, node, second, arbiter, stranger, fees, stake, leases, deposits;
};

static inline struct purse batch_purse(const struct chain *c)
{
    return (struct purse){
        .buyer = chain_balance(c, BUYER, CROFT_ASSET_CREDIT),
        .owner = chain_balance(c, OWNER, CROFT_ASSET_CREDIT),
        .node = chain_balance(c, FIRST_NODE, CROFT_ASSET_CREDIT),
        .second = chain_balance(c, SECOND_NODE, CROFT_ASSET_CREDIT),
        .arbiter = chain_balance(c, ARBITER, CROFT_ASSET_CREDIT),
        .stranger = chain_balance(c, STRANGER, CROFT_ASSET_CREDIT),
        .fees = chain_system(c, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT),
        .stake = chain_system(c, CROFT_SYSTEM_STAKE, CROFT_ASSET_CREDIT),
        .leases = chain_system(c, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT),
        .deposits = chain_system(c, CROFT_SYSTEM_DEPOSITS, CROFT_ASSET_CREDIT),
    };
}

static inline void purse_expect(const struct chain *c, const struct purse *want)
{
    struct purse is = batch_purse(c);
    assert_int_equal(is.buyer, want->buyer);
    assert_int_equal(is.owner, want->owner);
    assert_int_equal(is.node, want->node);
    assert_int_equal(is.second, want->second);
    assert_int_equal(is.arbiter, want->arbiter);
    assert_int_equal(is.stranger, want->stranger);
    assert_int_equal(is.fees, want->fees);
    assert_int_equal(is.stake, want->stake);
    assert_int_equal(is.leases, want->leases);
    assert_int_equal(is.deposits, want->deposits);
}

/* What paying for this many tasks of one lease moves. */
static inline void purse_pay(struct purse *p, u64 tasks)
{
    u64 paid = tasks * TASK_PRICE;
    p->leases -= paid;
    p->owner += paid - batch_fee(paid);
    p->fees += batch_fee(paid);
}

#endif
