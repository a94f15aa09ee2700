/* ledger/market_test_int.h - for tests only: the market's operations in one line each, on top of ledger/test_int.h.
 *
 *   chain_market_open -> chain_begin -> chain_do(chain_node_admit(...)), ... -> chain_end -> chain_stop
 *   or chain_open -> chain_market_genesis (may be changed) -> chain_start
 *
 * A network of protocol 2 without fees, whose actors 0 to 14 have money and accounts; CHAIN_NOBODY has none.  Who is
 * buyer, owner or node is the test's choice.  What takes many fields takes a struct of them: chain_offer_terms(),
 * chain_order_terms() and chain_voucher_next() fill in what works, the test changes what it is about.
 */
#ifndef CROFT_LEDGER_MARKET_TEST_INT_H
#define CROFT_LEDGER_MARKET_TEST_INT_H

#include "ledger/market_int.h"
#include "ledger/test_int.h"
#include "wire/voucher.h"

enum { CHAIN_NOBODY = CHAIN_ACTORS - 1, CHAIN_KEY_VOUCHER = 2000 };
#define CHAIN_PRICE UINT64_C(36000000) /* units per hour: 10,000 a second */

/* ---- the network ---- */

/* Lists keep room, as in chain_genesis. */
static inline Croft__V1__Genesis *chain_market_genesis(struct chain *c, bool token)
{
    Croft__V1__Genesis *g = chain_genesis(c);
    u32 assets = token ? CROFT_ASSET_COUNT : CROFT_ASSET_CROFT;
    g->protocol = 2;
    g->token = (char *)(uintptr_t)(token ? "croft" : "none");
    g->n_issuers = assets;
    g->n_grants = 0;
    for (u32 n = 0; n < CHAIN_NOBODY; n++) {
        chain_grant(c, g, n, CROFT_ASSET_CREDIT, CHAIN_CREDIT);
        if (token)
            chain_grant(c, g, n, CROFT_ASSET_CROFT, CHAIN_CROFT);
    }
    chain_param(c, g, CROFT_PARAM_BASE_FEE_MIN, 0);
    return g;
}

static inline void chain_market_open(struct chain *c, bool token)
{
    chain_open(c);
    chain_start(c, chain_market_genesis(c, token));
}

/* One block that carries out what is due later_s from now; a block must be open. */
static inline void chain_next(struct chain *c, u64 later_s)
{
    chain_end(c);
    chain_begin(c, later_s);
}

/* ---- looking: the record must be there ---- */

static inline bool chain_has_record(const struct chain *c, u32 table, const u8 *key)
{
    return croft_state_find(c->l->state, table, key) != CROFT_SLOT_NONE;
}

static inline bool chain_has_provider(const struct chain *c, u32 n)
{
    return chain_has_record(c, CROFT_TABLE_PROVIDERS, c->actor[n].address.b);
}

static inline bool chain_has_node(const struct chain *c, u32 n)
{
    return chain_has_record(c, CROFT_TABLE_NODES, c->actor[n].address.b);
}

static inline bool chain_has_device(const struct chain *c, u32 node, u32 device)
{
    u8 key[40];
    croft_key_account_id(&c->actor[node].address, device, key);
    return chain_has_record(c, CROFT_TABLE_DEVICES, key);
}

static inline void chain_order_key(const struct chain *c, u32 buyer, u64 order, u8 out[40])
{
    croft_lease_key(chain_address(c, buyer), order, 0, out);
}

static inline bool chain_has_order(const struct chain *c, u32 buyer, u64 order)
{
    u8 key[40];
    chain_order_key(c, buyer, order, key);
    return chain_has_record(c, CROFT_TABLE_ORDERS, key);
}

static inline bool chain_has_lease(const struct chain *c, u32 buyer, u64 order, u32 lease)
{
    u8 key[40];
    croft_lease_key(chain_address(c, buyer), order, lease, key);
    return chain_has_record(c, CROFT_TABLE_LEASES, key);
}

static inline struct croft_provider_record chain_provider(const struct chain *c, u32 n)
{
    struct croft_provider p;
    bool found = croft_provider_load(c->l, &c->actor[n].address, &p);
    CROFT_ASSERT(found);
    return p.r;
}

static inline struct croft_node_record chain_node(const struct chain *c, u32 n)
{
    struct croft_node node;
    bool found = croft_node_load(c->l, &c->actor[n].address, &node);
    CROFT_ASSERT(found);
    return node.r;
}

static inline struct croft_device_record chain_device(const struct chain *c, u32 node, u32 device)
{
    struct croft_device d;
    bool found = croft_device_load(c->l, &c->actor[node].address, device, &d);
    CROFT_ASSERT(found);
    return d.r;
}

static inline struct croft_order_record chain_order(const struct chain *c, u32 buyer, u64 order)
{
    u8 key[40];
    struct croft_order o;
    chain_order_key(c, buyer, order, key);
    bool found = croft_order_load(c->l, key, &o);
    CROFT_ASSERT(found);
    return o.r;
}

static inline struct croft_lease_record chain_lease(const struct chain *c, u32 buyer, u64 order, u32 number)
{
    u8 key[40];
    struct croft_lease lease;
    croft_lease_key(chain_address(c, buyer), order, number, key);
    bool found = croft_lease_load(c->l, key, &lease);
    CROFT_ASSERT(found);
    return lease.r;
}

/* Loads the record of another table by its key; false when there is none. */
static inline bool chain_record(const struct chain *c, u32 table, const u8 *key, void *out)
{
    u32 slot = croft_state_find(c->l->state, table, key);
    if (slot != CROFT_SLOT_NONE)
        croft_record_load(c->l, table, slot, out);
    return slot != CROFT_SLOT_NONE;
}

static inline struct croft_class_record chain_class(const struct chain *c, u32 number)
{
    const u8 key[2] = {(u8)(number >> 8), (u8)number};
    struct croft_class_record r;
    bool found = chain_record(c, CROFT_TABLE_CLASSES, key, &r);
    CROFT_ASSERT(found);
    return r;
}

/* How many due records of this kind the last begun block handled. */
static inline u32 chain_due_count(const struct chain *c, enum croft_due_kind kind)
{
    u32 count = 0;
    for (u32 i = 0; i < c->l->due_count; i++)
        count += c->l->due[i].kind == (u8)kind;
    return count;
}

/* ---- governance ---- */

static inline Croft__V1__TxBody *chain_propose_class(struct chain *c, u32 n, u64 id, u32 number, u32 operator_actor)
{
    Croft__V1__TxBody *body = chain_propose(c, n, id, 3600);
    Croft__V1__ClassChange *change = CHAIN_NEW(&c->scratch, Croft__V1__ClassChange, croft__v1__class_change__init);
    change->number = number;
    change->operator_address = chain_address(c, operator_actor);
    body->propose->change_case = CROFT__V1__PROPOSE__CHANGE_CLASS;
    body->propose->class_ = change;
    return body;
}

/* All three operators vote for a proposal of theirs: what carrying it out gave. */
static inline croft_err chain_pass(struct chain *c, Croft__V1__TxBody *proposal)
{
    u64 id = proposal->propose->id;
    CROFT_TRY(chain_do(c, proposal));
    for (u32 n = 1; n <= CHAIN_OPERATORS; n++)
        CROFT_TRY(chain_do(c, chain_vote(c, n, id, true)));
    return CROFT_OK;
}

/* In force from the next block on. */
static inline void chain_set_param(struct chain *c, u64 proposal, enum croft_param which, u64 value)
{
    croft_err err = chain_pass(c, chain_propose_param(c, 1, proposal, which, value));
    CROFT_ASSERT(err == CROFT_OK);
}

/* ---- providers, nodes, stake ---- */

static inline Croft__V1__TxBody *chain_node_admit(struct chain *c, u32 owner, u32 node)
{
    CHAIN_OP(c, owner, body, op, Croft__V1__NodeAdmit, croft__v1__node_admit, NODE_ADMIT);
    body->node_admit = op;
    op->node_address = chain_address(c, node);
    return body;
}

static inline Croft__V1__TxBody *chain_node_remove(struct chain *c, u32 owner, u32 node)
{
    CHAIN_OP(c, owner, body, op, Croft__V1__NodeRemove, croft__v1__node_remove, NODE_REMOVE);
    body->node_remove = op;
    op->node_address = chain_address(c, node);
    return body;
}

static inline Croft__V1__TxBody *chain_provider_leave(struct chain *c, u32 owner)
{
    CHAIN_OP(c, owner, body, op, Croft__V1__ProviderLeave, croft__v1__provider_leave, PROVIDER_LEAVE);
    body->provider_leave = op;
    return body;
}

static inline Croft__V1__TxBody *chain_stake_lock(struct chain *c, u32 owner, u64 amount)
{
    CHAIN_OP(c, owner, body, op, Croft__V1__StakeLock, croft__v1__stake_lock, STAKE_LOCK);
    body->stake_lock = op;
    op->amount = amount;
    return body;
}

static inline Croft__V1__TxBody *chain_stake_unlock(struct chain *c, u32 owner, u64 amount)
{
    CHAIN_OP(c, owner, body, op, Croft__V1__StakeUnlock, croft__v1__stake_unlock, STAKE_UNLOCK);
    body->stake_unlock = op;
    op->amount = amount;
    return body;
}

/* Country "DE", a consumer's machine, no attributes; the caller may change it. */
static inline Croft__V1__TxBody *chain_node_set(struct chain *c, u32 node, bool drain)
{
    CHAIN_OP(c, node, body, op, Croft__V1__NodeSet, croft__v1__node_set, NODE_SET);
    body->node_set = op;
    op->country = chain_bytes(&c->scratch, "DE", 2);
    op->drain = drain;
    return body;
}

/* life_s 0 revokes. */
static inline Croft__V1__TxBody *chain_claim_set(struct chain *c, u32 auditor, u32 node, u64 claims, u64 life_s)
{
    CHAIN_OP(c, auditor, body, op, Croft__V1__ClaimSet, croft__v1__claim_set, CLAIM_SET);
    body->claim_set = op;
    op->node_address = chain_address(c, node);
    op->claims = claims;
    op->until_s = life_s == 0 ? 0 : c->now_s + life_s;
    return body;
}

/* ---- classes, offers ---- */

/* Everything named, so that a class can ask for any of it. */
static inline Croft__V1__Capability *chain_capability(struct chain *c)
{
    Croft__V1__Capability *k = CHAIN_NEW(&c->scratch, Croft__V1__Capability, croft__v1__capability__init);
    k->kind = CROFT_DEVICE_GPU;
    k->vendor = 1;
    k->model = (char *)(uintptr_t) "rtx4090";
    k->interface = 1;
    k->gpu_count = 1;
    k->vram_mib = 24564;
    k->ram_mib = 65536;
    k->disk_gib = 500;
    k->cores = 16;
    k->down_mbit = 1000;
    k->up_mbit = 500;
    k->tops = 660;
    k->gbs = 1008;
    k->flags = 4;
    k->isolation = 1;
    return k;
}

/* A GPU of any make; the caller may change what is required. */
static inline Croft__V1__TxBody *chain_class_set(struct chain *c, u32 n, u32 number, u32 policy, u64 price)
{
    CHAIN_OP(c, n, body, op, Croft__V1__ClassSet, croft__v1__class_set, CLASS_SET);
    body->class_set = op;
    op->number = number;
    op->name = (char *)(uintptr_t) "class";
    op->policy = policy;
    op->requirement = CHAIN_NEW(&c->scratch, Croft__V1__Capability, croft__v1__capability__init);
    op->price = price;
    op->start_s = 60;
    return body;
}

struct chain_offer {
    u32 device, class, services, egress, notice_s;
    u64 life_s;
    u64 price[CROFT_PRICE_KINDS], disk_price;
};

/* Spot only, which needs no stake. */
static inline struct chain_offer chain_offer_terms(void)
{
    return (struct chain_offer){.services = 1u << CROFT_SERVICE_SPOT, .egress = 7, .notice_s = 60, .life_s = 864000,
                                .price = {[CROFT_PRICE_SECOND] = CHAIN_PRICE}, .disk_price = 1000};
}

static inline Croft__V1__TxBody *chain_offer_post(struct chain *c, u32 node, const struct chain_offer *t)
{
    CHAIN_OP(c, node, body, op, Croft__V1__OfferPost, croft__v1__offer_post, OFFER_POST);
    body->offer_post = op;
    op->device = t->device;
    op->capability = chain_capability(c);
    op->prices = CHAIN_NEW(&c->scratch, Croft__V1__Prices, croft__v1__prices__init);
    op->prices->second = t->price[CROFT_PRICE_SECOND];
    op->prices->token = t->price[CROFT_PRICE_TOKEN];
    op->prices->byte = t->price[CROFT_PRICE_BYTE];
    op->prices->frame = t->price[CROFT_PRICE_FRAME];
    op->prices->disk = t->disk_price;
    op->class_ = t->class;
    op->services = t->services;
    op->egress = t->egress;
    op->notice_s = t->notice_s;
    op->until_s = c->now_s + t->life_s;
    return body;
}

static inline Croft__V1__TxBody *chain_offer_withdraw(struct chain *c, u32 node, u32 device, bool remove)
{
    CHAIN_OP(c, node, body, op, Croft__V1__OfferWithdraw, croft__v1__offer_withdraw, OFFER_WITHDRAW);
    body->offer_withdraw = op;
    op->device = device;
    op->remove = remove;
    return body;
}

static inline void chain_must(struct chain *c, Croft__V1__TxBody *body)
{
    croft_err err = chain_do(c, body);
    if (err != CROFT_OK)
        fprintf(stderr, "operation %d: %s\n", (int)body->op_case, croft_err_name(err));
    CROFT_ASSERT(err == CROFT_OK);
}

/* Device 0 of node, admitted by owner, listed at CHAIN_PRICE for spot leases. */
static inline void chain_node_listed(struct chain *c, u32 owner, u32 node)
{
    struct chain_offer offer = chain_offer_terms();
    chain_must(c, chain_node_admit(c, owner, node));
    chain_must(c, chain_offer_post(c, node, &offer));
}

/* The same with every service, and the stake that they need. */
static inline void chain_node_listed_firm(struct chain *c, u32 owner, u32 node)
{
    struct chain_offer offer = chain_offer_terms();
    offer.services = 7;
    chain_must(c, chain_node_admit(c, owner, node));
    chain_must(c, chain_stake_lock(c, owner, CHAIN_PRICE * chain_param_of(c, CROFT_PARAM_FIRM_PENALTY_S) / 3600));
    chain_must(c, chain_offer_post(c, node, &offer));
}

/* ---- a lease as its device sees it, written by hand ---- */

struct chain_lent {
    u32 buyer;
    struct croft_order order;
    struct croft_lease lease;
};

static inline void chain_count_lease(struct chain *c, const struct chain_lent *t, int change)
{
    struct croft_node n;
    croft_node_must(c->l, &t->lease.r.node, &n);
    n.r.leases += (u32)change;
    croft_node_store(c->l, &n);
    croft_open_records_add(c->l, croft_account_find(c->l, &c->actor[t->buyer].address), change);
}

static inline void chain_lend_device(struct chain *c, const struct chain_lent *t)
{
    struct croft_device d;
    bool is = croft_device_load(c->l, &t->lease.r.node, t->lease.r.device, &d);
    CROFT_ASSERT(is && d.r.state == CROFT_DEVICE_LISTED);
    d.r.state = CROFT_DEVICE_LEASED;
    d.r.lease = t->lease.r.stamp;
    croft_device_store(c->l, &d);
}

/* A full order without money and its lease 1 of a listed device, as far as the device, its node and the audit see. */
static inline struct chain_lent chain_lent(struct chain *c, u32 node, u32 device, u32 buyer, u64 id)
{
    struct chain_lent t = {.buyer = buyer};
    chain_order_key(c, buyer, id, t.order.key);
    t.order.r = (struct croft_order_record){.state = CROFT_ORDER_FULL, .count = 1, .made = 1, .live = 1, .leases = 1,
                                            .accrued_s = c->now_s, .live_map = {2}};
    croft_lease_key(chain_address(c, buyer), id, 1, t.lease.key);
    t.lease.r = (struct croft_lease_record){
        .state = CROFT_LEASE_ACKED, .mode = CROFT_LEASE_COUNTED, .kind = CROFT_PRICE_FRAME, .device = (u16)device,
        .node = c->actor[node].address, .stamp = id, .price = 1, .taken_s = c->now_s, .served_until_s = c->now_s};
    croft_err err = croft_record_insert(c->l, CROFT_TABLE_ORDERS, t.order.key, &t.order.r, &t.order.slot);
    CROFT_ASSERT(err == CROFT_OK);
    err = croft_record_insert(c->l, CROFT_TABLE_LEASES, t.lease.key, &t.lease.r, &t.lease.slot);
    CROFT_ASSERT(err == CROFT_OK);
    chain_count_lease(c, &t, 1);
    chain_lend_device(c, &t);
    return t;
}

static inline void chain_give_back(struct chain *c, const struct chain_lent *t, bool unlist, bool lose_bond)
{
    struct croft_device d;
    bool is = croft_device_load(c->l, &t->lease.r.node, t->lease.r.device, &d);
    CROFT_ASSERT(is);
    croft_device_free(c->l, &d, unlist, lose_bond, c->now_s);
    chain_count_lease(c, t, -1);
    croft_state_remove(c->l->state, CROFT_TABLE_LEASES, t->lease.slot);
    croft_state_remove(c->l->state, CROFT_TABLE_ORDERS, t->order.slot);
}

/* ---- orders ---- */

struct chain_take {
    u32 node, device;
    u64 price;
};

struct chain_order {
    u64 id;
    u32 kind, class, count, price_kind, service, firm_s, egress;
    u64 price_max, amount, life_s;
    u32 start_s, unsigned_s, hold_s, keep_s, disk_gib;
    u64 units_max, voucher_cap;
    u32 arbiter; /* CHAIN_ACTORS: none */
    bool once;
    u32 gateway; /* CHAIN_ACTORS: none */
    u64 gateway_price, bytes_max;
    u32 task_count, timeout_s, window_s; /* task_count not 0: a batch; set kind too */
    struct croft_hash task_root;
    u64 bid_s, reveal_s; /* how long, one after the other; bid_s not 0: an auction */
    u32 rule;
    u64 bid_deposit;
    struct chain_take take[CROFT_TAKES_MAX];
    u32 take_count;
};

/* One spot lease by the second at CHAIN_PRICE at most, money for about 27 hours; no takes. */
static inline struct chain_order chain_order_terms(u64 id)
{
    return (struct chain_order){
        .id = id, .count = 1, .price_max = CHAIN_PRICE, .amount = 1000000000, .life_s = 864000,
        .start_s = 600, .unsigned_s = 60, .hold_s = 120, .arbiter = CHAIN_ACTORS, .gateway = CHAIN_ACTORS,
        .gateway_price = 50000000, .bytes_max = 1000000000, .timeout_s = 3600, .window_s = 600,
        .bid_deposit = 10000000,
    };
}

static inline void chain_add_take(struct chain_order *t, u32 node, u32 device, u64 price)
{
    CROFT_ASSERT(t->take_count < CROFT_TAKES_MAX);
    t->take[t->take_count++] = (struct chain_take){node, device, price};
}

static inline Croft__V1__Take **chain_takes(struct chain *c, const struct chain_take *take, u32 count)
{
    Croft__V1__Take **list = croft_new(&c->scratch, Croft__V1__Take *, count + 1);
    CROFT_ASSERT(list != NULL);
    for (u32 i = 0; i < count; i++) {
        list[i] = CHAIN_NEW(&c->scratch, Croft__V1__Take, croft__v1__take__init);
        list[i]->node_address = chain_address(c, take[i].node);
        list[i]->device = take[i].device;
        list[i]->price = take[i].price;
    }
    return list;
}

static inline Croft__V1__GatewayTerms *chain_gateway_terms(struct chain *c, const struct chain_order *t)
{
    if (t->gateway >= CHAIN_ACTORS)
        return NULL;
    Croft__V1__GatewayTerms *g = CHAIN_NEW(&c->scratch, Croft__V1__GatewayTerms, croft__v1__gateway_terms__init);
    g->gateway_address = chain_address(c, t->gateway);
    g->price = t->gateway_price;
    g->bytes_max = t->bytes_max;
    return g;
}

static inline Croft__V1__BatchTerms *chain_batch_terms(struct chain *c, const struct chain_order *t)
{
    if (t->task_count == 0)
        return NULL;
    Croft__V1__BatchTerms *b = CHAIN_NEW(&c->scratch, Croft__V1__BatchTerms, croft__v1__batch_terms__init);
    b->task_count = t->task_count;
    b->task_root = chain_bytes(&c->scratch, t->task_root.b, sizeof t->task_root.b);
    b->timeout_s = t->timeout_s;
    b->window_s = t->window_s;
    return b;
}

static inline Croft__V1__AuctionTerms *chain_auction_terms(struct chain *c, const struct chain_order *t)
{
    if (t->bid_s == 0)
        return NULL;
    Croft__V1__AuctionTerms *a = CHAIN_NEW(&c->scratch, Croft__V1__AuctionTerms, croft__v1__auction_terms__init);
    a->bid_until_s = c->now_s + t->bid_s;
    a->reveal_until_s = a->bid_until_s + t->reveal_s;
    a->rule = t->rule;
    a->bid_deposit = t->bid_deposit;
    return a;
}

static inline Croft__V1__TxBody *chain_order_open(struct chain *c, u32 buyer, const struct chain_order *t)
{
    CHAIN_OP(c, buyer, body, op, Croft__V1__OrderOpen, croft__v1__order_open, ORDER_OPEN);
    body->order_open = op;
    op->id = t->id;
    op->kind = t->kind;
    op->class_ = t->class;
    op->count = t->count;
    op->price_kind = t->price_kind;
    op->price_max = t->price_max;
    op->service = t->service;
    op->firm_s = t->firm_s;
    op->egress = t->egress;
    op->amount = t->amount;
    op->expires_s = c->now_s + t->life_s;
    op->start_s = t->start_s;
    op->unsigned_s = t->unsigned_s;
    op->hold_s = t->hold_s;
    op->keep_s = t->keep_s;
    op->disk_gib = t->disk_gib;
    op->units_max = t->units_max;
    op->workload = chain_bytes(&c->scratch, "workload workload workload workload", 32);
    op->voucher_key = chain_public(&c->scratch, CHAIN_KEY_VOUCHER);
    op->voucher_cap = t->voucher_cap;
    if (t->arbiter < CHAIN_ACTORS)
        op->arbiter_address = chain_address(c, t->arbiter);
    op->once = t->once;
    op->gateway = chain_gateway_terms(c, t);
    op->batch = chain_batch_terms(c, t);
    op->auction = chain_auction_terms(c, t);
    op->takes = chain_takes(c, t->take, t->take_count);
    op->n_takes = t->take_count;
    return body;
}

/* lease 0: the escrow. */
static inline Croft__V1__TxBody *chain_order_fund(struct chain *c, u32 n, u32 buyer, u64 order, u32 lease, u32 asset,
                                                  u64 amount)
{
    CHAIN_OP(c, n, body, op, Croft__V1__OrderFund, croft__v1__order_fund, ORDER_FUND);
    body->order_fund = op;
    op->buyer_address = chain_address(c, buyer);
    op->order = order;
    op->lease = lease;
    op->asset = asset;
    op->amount = amount;
    return body;
}

static inline Croft__V1__TxBody *chain_order_take(struct chain *c, u32 buyer, u64 order, u32 replaces,
                                                  const struct chain_take *take, u32 count)
{
    CHAIN_OP(c, buyer, body, op, Croft__V1__OrderTake, croft__v1__order_take, ORDER_TAKE);
    body->order_take = op;
    op->order = order;
    op->replaces = replaces;
    op->takes = chain_takes(c, take, count);
    op->n_takes = count;
    return body;
}

static inline Croft__V1__TxBody *chain_order_close(struct chain *c, u32 buyer, u64 order)
{
    CHAIN_OP(c, buyer, body, op, Croft__V1__OrderClose, croft__v1__order_close, ORDER_CLOSE);
    body->order_close = op;
    op->order = order;
    return body;
}

/* ---- leases ---- */

static inline Croft__V1__LeaseId *chain_lease_id(struct chain *c, u32 buyer, u64 order, u32 number)
{
    Croft__V1__LeaseId *id = CHAIN_NEW(&c->scratch, Croft__V1__LeaseId, croft__v1__lease_id__init);
    id->buyer_address = chain_address(c, buyer);
    id->order = order;
    id->lease = number;
    return id;
}

static inline ProtobufCBinaryData chain_seal_key(struct chain *c)
{
    return chain_bytes(&c->scratch, "seal key seal key seal key seal key", 32);
}

/* count 0: an order that waits; else a range of a batch. */
static inline Croft__V1__TxBody *chain_lease_take(struct chain *c, u32 node, u32 device, u32 buyer, u64 order,
                                                  u32 first_task, u32 count)
{
    CHAIN_OP(c, node, body, op, Croft__V1__LeaseTake, croft__v1__lease_take, LEASE_TAKE);
    body->lease_take = op;
    op->buyer_address = chain_address(c, buyer);
    op->order = order;
    op->device = device;
    op->seal_key = chain_seal_key(c);
    op->first_task = first_task;
    op->task_count = count;
    return body;
}

/* answer: of a call, by n; else a node's acknowledgement. */
static inline Croft__V1__TxBody *chain_lease_ack(struct chain *c, u32 n, u32 buyer, u64 order, u32 lease, bool answer)
{
    CHAIN_OP(c, n, body, op, Croft__V1__LeaseAck, croft__v1__lease_ack, LEASE_ACK);
    body->lease_ack = op;
    op->lease = chain_lease_id(c, buyer, order, lease);
    if (!answer)
        op->seal_key = chain_seal_key(c);
    return body;
}

/* A voucher to be signed by key. */
struct chain_voucher {
    u32 buyer, lease, key;
    u64 order, stamp, served_until_s, units, seq;
};

/* Of a lease that there is, up to now, without a pause since its last voucher; by the second. */
static inline struct chain_voucher chain_voucher_next(const struct chain *c, u32 buyer, u64 order, u32 lease)
{
    struct croft_lease_record r = chain_lease(c, buyer, order, lease);
    return (struct chain_voucher){
        .buyer = buyer, .lease = lease, .key = CHAIN_KEY_VOUCHER, .order = order, .stamp = r.stamp,
        .served_until_s = c->now_s, .units = r.units + (c->now_s - r.served_until_s), .seq = r.seq + 1};
}

static inline Croft__V1__Voucher *chain_voucher(struct chain *c, const struct chain_voucher *v)
{
    struct croft_secret_key key = chain_secret(v->key);
    struct croft_voucher_signature *signature = croft_new(&c->scratch, struct croft_voucher_signature, 1);
    CROFT_ASSERT(signature != NULL);
    Croft__V1__Voucher *out = CHAIN_NEW(&c->scratch, Croft__V1__Voucher, croft__v1__voucher__init);
    out->lease = chain_lease_id(c, v->buyer, v->order, v->lease);
    out->stamp = v->stamp;
    out->served_until_s = v->served_until_s;
    out->units = v->units;
    out->seq = v->seq;
    croft_voucher_sign(out, &c->network, &key, signature);
    return out;
}

static inline Croft__V1__TxBody *chain_settle_many(struct chain *c, u32 n, const struct chain_voucher *v, u32 count)
{
    CHAIN_OP(c, n, body, op, Croft__V1__Settle, croft__v1__settle, SETTLE);
    body->settle = op;
    op->vouchers = croft_new(&c->scratch, Croft__V1__Voucher *, count + 1);
    CROFT_ASSERT(op->vouchers != NULL);
    for (u32 i = 0; i < count; i++)
        op->vouchers[op->n_vouchers++] = chain_voucher(c, &v[i]);
    return body;
}

static inline Croft__V1__TxBody *chain_settle(struct chain *c, u32 n, const struct chain_voucher *v)
{
    return chain_settle_many(c, n, v, 1);
}

/* v NULL: no last voucher. */
static inline Croft__V1__TxBody *chain_lease_stop(struct chain *c, u32 n, u32 buyer, u64 order, u32 lease,
                                                  const struct chain_voucher *v)
{
    CHAIN_OP(c, n, body, op, Croft__V1__LeaseStop, croft__v1__lease_stop, LEASE_STOP);
    body->lease_stop = op;
    op->lease = chain_lease_id(c, buyer, order, lease);
    op->voucher = v != NULL ? chain_voucher(c, v) : NULL;
    return body;
}

static inline Croft__V1__TxBody *chain_lease_notice(struct chain *c, u32 node, u32 buyer, u64 order, u32 lease,
                                                    u64 end_s)
{
    CHAIN_OP(c, node, body, op, Croft__V1__LeaseNotice, croft__v1__lease_notice, LEASE_NOTICE);
    body->lease_notice = op;
    op->lease = chain_lease_id(c, buyer, order, lease);
    op->end_s = end_s;
    return body;
}

static inline Croft__V1__TxBody *chain_lease_call(struct chain *c, u32 n, u32 buyer, u64 order, u32 lease)
{
    CHAIN_OP(c, n, body, op, Croft__V1__LeaseCall, croft__v1__lease_call, LEASE_CALL);
    body->lease_call = op;
    op->lease = chain_lease_id(c, buyer, order, lease);
    return body;
}

/* ---- tasks: the results of a range are the leaves of an RFC 6962 tree ---- */

static inline Croft__V1__TxBody *chain_lease_commit(struct chain *c, u32 node, u32 buyer, u64 order, u32 lease,
                                                    const struct croft_hash *results_root)
{
    CHAIN_OP(c, node, body, op, Croft__V1__LeaseCommit, croft__v1__lease_commit, LEASE_COMMIT);
    body->lease_commit = op;
    op->lease = chain_lease_id(c, buyer, order, lease);
    op->results_root = chain_bytes(&c->scratch, results_root->b, sizeof results_root->b);
    return body;
}

/* Rejects nothing; chain_reject adds. */
static inline Croft__V1__TxBody *chain_task_review(struct chain *c, u32 buyer, u64 order, u32 lease)
{
    enum { ROOM = 17 };
    CHAIN_OP(c, buyer, body, op, Croft__V1__TaskReview, croft__v1__task_review, TASK_REVIEW);
    body->task_review = op;
    op->lease = chain_lease_id(c, buyer, order, lease);
    op->rejects = croft_new(&c->scratch, Croft__V1__TaskRange *, ROOM);
    CROFT_ASSERT(op->rejects != NULL);
    return body;
}

static inline Croft__V1__TxBody *chain_reject(struct chain *c, Croft__V1__TxBody *review, u32 first, u32 count)
{
    Croft__V1__TaskRange *range = CHAIN_NEW(&c->scratch, Croft__V1__TaskRange, croft__v1__task_range__init);
    range->first = first;
    range->count = count;
    review->task_review->rejects[review->task_review->n_rejects++] = range;
    return review;
}

static inline Croft__V1__TxBody *chain_task_contest(struct chain *c, u32 node, u32 buyer, u64 order, u32 lease)
{
    CHAIN_OP(c, node, body, op, Croft__V1__TaskContest, croft__v1__task_contest, TASK_CONTEST);
    body->task_contest = op;
    op->lease = chain_lease_id(c, buyer, order, lease);
    return body;
}

/* Shows no task; the caller may add one. */
static inline Croft__V1__TxBody *chain_task_judge(struct chain *c, u32 arbiter, u32 buyer, u64 order, u32 lease,
                                                  bool upheld)
{
    CHAIN_OP(c, arbiter, body, op, Croft__V1__TaskJudge, croft__v1__task_judge, TASK_JUDGE);
    body->task_judge = op;
    op->lease = chain_lease_id(c, buyer, order, lease);
    op->upheld = upheld;
    return body;
}

/* What node signed for a task against what it committed; path is the caller's to add. */
static inline Croft__V1__TxBody *chain_slash(struct chain *c, u32 n, u32 node, Croft__V1__LeaseId *lease, u64 stamp,
                                             u32 task, const struct croft_hash *said, const struct croft_hash *committed)
{
    CHAIN_OP(c, n, body, op, Croft__V1__Slash, croft__v1__slash, SLASH);
    body->slash = op;
    op->lease = lease;
    op->stamp = stamp;
    op->task = task;
    op->result_hash = chain_bytes(&c->scratch, said->b, sizeof said->b);
    op->committed_hash = chain_bytes(&c->scratch, committed->b, sizeof committed->b);
    op->node_key = chain_public(&c->scratch, 8 * node);
    struct croft_secret_key key = chain_secret(8 * node);
    struct croft_hash hash = croft_result_hash(&c->network, op);
    struct croft_signature signature = croft_sign(&key, (struct croft_bytes){hash.b, sizeof hash.b});
    op->node_signature = chain_bytes(&c->scratch, signature.b, sizeof signature.b);
    return body;
}

/* ---- auctions ---- */

/* The salt of a test's bid: one for each number. */
static inline void chain_salt(u32 salt, u8 out[32])
{
    memset(out, 0, 32);
    croft_put_u32(out, salt);
}

static inline Croft__V1__TxBody *chain_bid_place(struct chain *c, u32 node, u32 device, u32 buyer, u64 order, u64 price,
                                                 u32 salt)
{
    u8 key[40], salt_bytes[32];
    CHAIN_OP(c, node, body, op, Croft__V1__BidPlace, croft__v1__bid_place, BID_PLACE);
    body->bid_place = op;
    op->buyer_address = chain_address(c, buyer);
    op->order = order;
    op->device = device;
    chain_order_key(c, buyer, order, key);
    chain_salt(salt, salt_bytes);
    struct croft_hash h = croft_bid_commitment(key, price, salt_bytes, c->actor[node].address.b, (u8)device);
    op->commitment = chain_bytes(&c->scratch, h.b, sizeof h.b);
    return body;
}

static inline Croft__V1__TxBody *chain_bid_reveal(struct chain *c, u32 node, u32 device, u32 buyer, u64 order,
                                                  u64 price, u32 salt)
{
    u8 salt_bytes[32];
    CHAIN_OP(c, node, body, op, Croft__V1__BidReveal, croft__v1__bid_reveal, BID_REVEAL);
    body->bid_reveal = op;
    op->buyer_address = chain_address(c, buyer);
    op->order = order;
    op->device = device;
    op->price = price;
    chain_salt(salt, salt_bytes);
    op->salt = chain_bytes(&c->scratch, salt_bytes, sizeof salt_bytes);
    return body;
}

/* ---- token ---- */

static inline Croft__V1__TxBody *chain_oracle_report(struct chain *c, u32 operator_actor, u64 price)
{
    CHAIN_OP(c, operator_actor, body, op, Croft__V1__OracleReport, croft__v1__oracle_report, ORACLE_REPORT);
    body->oracle_report = op;
    op->price = price;
    return body;
}

static inline Croft__V1__TxBody *chain_buyback(struct chain *c, u32 n, u64 amount, u64 credits_min)
{
    CHAIN_OP(c, n, body, op, Croft__V1__Buyback, croft__v1__buyback, BUYBACK);
    body->buyback = op;
    op->amount = amount;
    op->credits_min = credits_min;
    return body;
}

static inline Croft__V1__TxBody *chain_claim_reward(struct chain *c, u32 owner, bool sell)
{
    CHAIN_OP(c, owner, body, op, Croft__V1__ClaimReward, croft__v1__claim_reward, CLAIM_REWARD);
    body->claim_reward = op;
    op->sell = sell;
    return body;
}

#endif
