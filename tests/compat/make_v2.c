/* make_v2.c - a chain that begins under protocol 1, is raised to 2 by vote and then lives on its market:
 * scripts (ledger/market_script_int.h) on a network with a token. */
#include "make.h"

#include "ledger/market_script_int.h"

enum {
    RAISED = 6, /* the first block of protocol 2 */
    MOVED_IN = RAISED + 1,
    FIRST_PROPOSAL = 100,
    OLD = 4 /* of so many transactions one is of protocol 1 */
};

/* ---- scripts ---- */

static void sign_voucher(struct chain *c, Croft__V1__Voucher *v)
{
    const struct croft_secret_key key = chain_secret(CHAIN_KEY_VOUCHER);
    struct croft_voucher_signature *signature = croft_new(&c->scratch, struct croft_voucher_signature, 1);
    CROFT_ASSERT(signature != NULL);
    croft_voucher_sign(v, &c->network, &key, signature);
}

/* A script does not sign its vouchers, because it is for ledgers that trust them. */
static Croft__V1__TxBody *with_vouchers(struct chain *c, Croft__V1__TxBody *body)
{
    if (body->op_case == CROFT__V1__TX_BODY__OP_SETTLE)
        for (size_t i = 0; i < body->settle->n_vouchers; i++)
            sign_voucher(c, body->settle->vouchers[i]);
    if (body->op_case == CROFT__V1__TX_BODY__OP_LEASE_STOP && body->lease_stop->voucher != NULL)
        sign_voucher(c, body->lease_stop->voucher);
    return body;
}

static croft_err market_tx(struct chain *c, struct script *s, struct croft_tx *out)
{
    u32 which = script_below(s, 256);
    if (which >= 252)
        return script_tx(c, s, out);
    script_make make = which >= 240 ? mscript_rare_ops[which % CROFT_COUNT(mscript_rare_ops)]
                                    : mscript_ops[which % CROFT_COUNT(mscript_ops)];
    return script_sign(c, s, with_vouchers(c, make(c, s)), out);
}

/* ---- how it begins ---- */

static void put_votes(struct maker *m, Croft__V1__TxBody *proposal)
{
    u64 id = proposal->propose->id;
    make_must(m, proposal);
    for (u32 n = 1; n <= CHAIN_OPERATORS; n++)
        make_must(m, chain_vote(&m->c, n, id, true));
}

/* Short times, so that a thousand blocks see all that comes due. */
static void put_params(struct maker *m)
{
    static const struct {
        enum croft_param which;
        u64 value;
    } short_times[] = {
        {CROFT_PARAM_EPOCH_S, 3600},        {CROFT_PARAM_SETTLE_WINDOW_S, 60},
        {CROFT_PARAM_STAKE_UNLOCK_S, 3600}, {CROFT_PARAM_TASK_WINDOW_MIN_S, 30},
        {CROFT_PARAM_CLAIM_MAX_S, 86400},   {CROFT_PARAM_JUDGE_S, 600},
        {CROFT_PARAM_CALL_S, 30},           {CROFT_PARAM_OFFER_BOND_S, 60},
        {CROFT_PARAM_HOLD_MAX_S, 600},
    };
    for (u32 i = 0; i < CROFT_COUNT(short_times); i++)
        put_votes(
            m, chain_propose_param(&m->c, 1, FIRST_PROPOSAL + i, short_times[i].which, short_times[i].value));
}

/* ---- honest people: 12 owns the nodes 13 and 14, which serve whoever asks; 3 judges ---- */

enum { OWNER = 12, NODE = 13, HONEST_NODES = 2, VISITOR = 1, VISIT = 100 };

static void put_market(struct maker *m)
{
    for (u32 i = 0; i < MSCRIPT_NODES; i++)
        make_must(m, chain_node_admit(&m->c, 4 + i % 2, 8 + i));
    for (u32 i = 0; i < HONEST_NODES; i++)
        make_must(m, chain_node_admit(&m->c, OWNER, NODE + i));
    make_must(m, chain_stake_lock(&m->c, 4, 100 * CHAIN_PRICE));
    make_must(m, chain_stake_lock(&m->c, 5, 100 * CHAIN_PRICE));
    make_must(m, chain_stake_lock(&m->c, OWNER, 1000 * CHAIN_PRICE));
}

/* All services, for money of every kind, until long after. */
static void put_offers(struct maker *m)
{
    struct chain_offer t = chain_offer_terms();
    t.services = 7;
    for (u32 i = 0; i < CROFT_PRICE_KINDS; i++)
        t.price[i] = CHAIN_PRICE / 4;
    for (u32 i = 0; i < HONEST_NODES * MSCRIPT_DEVICES; i++) {
        t.device = i / HONEST_NODES;
        make_do(m, chain_offer_post(&m->c, NODE + i % HONEST_NODES, &t));
    }
}

/* Listed devices of the honest nodes: how many, most at most. */
static u32 listed(const struct chain *c, struct chain_take *out, u32 most)
{
    u32 count = 0;
    for (u32 i = 0; i < HONEST_NODES * MSCRIPT_DEVICES && count < most; i++) {
        out[count] = (struct chain_take){NODE + i % HONEST_NODES, i / HONEST_NODES, CROFT_PRICE_MAX};
        count += chain_has_device(c, out[count].node, out[count].device) &&
                 chain_device(c, out[count].node, out[count].device).state == CROFT_DEVICE_LISTED;
    }
    return count;
}

/* Their devices may be leased: who wins then cannot be had. */
static void put_bids(struct maker *m, u32 buyer, u64 order)
{
    struct script calm = {0};
    for (u32 i = 0; i < HONEST_NODES * MSCRIPT_DEVICES; i++) {
        u32 node = NODE + i % HONEST_NODES, device = i / HONEST_NODES;
        make_do(m, chain_bid_place(&m->c, node, device, buyer, order, mscript_bid_price(&calm, node, device),
                                   device));
    }
}

static void batch_or_gang(struct maker *m, bool gang, struct chain_order *t)
{
    if (!gang) {
        mscript_batch_terms(&m->c, &m->script, t);
        return;
    }
    t->kind = CROFT_ORDER_GANG;
    t->count = 2;
    t->take_count = listed(&m->c, t->take, 3);
}

static void order_terms(struct maker *m, u32 which, struct chain_order *t)
{
    switch (which) {
    case 0:
        t->amount = CHAIN_PRICE / 100; /* soon without money */
        return;
    case 1:
        t->service = CROFT_SERVICE_FIRM;
        t->firm_s = 600;
        t->keep_s = 60;
        t->disk_gib = 10;
        return;
    case 2:
        t->service = CROFT_SERVICE_RESERVED;
        t->firm_s = 120;
        return;
    case 3:
        t->price_kind = CROFT_PRICE_TOKEN;
        t->units_max = 1000;
        t->hold_s = 0;
        return;
    case 4:
        t->once = true;
        t->gateway = MSCRIPT_GATEWAY;
        return;
    case 5:
        mscript_auction_terms(&m->c, &m->script, t);
        t->reveal_s = 60;
        return;
    default:
        batch_or_gang(m, which == 6, t);
        return;
    }
}

static u64 order_at(u64 height)
{
    return 1000 + height;
}

static u32 buyer_at(u64 height)
{
    return 6 + height / 64 % 2;
}

/* Every 8th block has one, in the order of their kinds, with money for a while. */
static void put_order(struct maker *m, u64 height)
{
    struct chain_order t = chain_order_terms(order_at(height));
    t.hold_s = 30;
    t.price_max = CROFT_PRICE_MAX;
    order_terms(m, height / 8 % 8, &t);
    if (make_do(m, chain_order_open(&m->c, buyer_at(height), &t)) && t.bid_s != 0)
        put_bids(m, buyer_at(height), t.id);
}

/* ---- each does what is next ---- */

/* A script that draws this byte and then makes no mistakes. */
static struct script from(const u8 *byte)
{
    return (struct script){byte, byte + 1};
}

static void put_reveals(struct maker *m)
{
    struct croft_bid_record r;
    struct script calm = {0};
    const struct croft_state *s = m->c.l->state;
    for (u32 slot = 0; slot < croft_state_high(s, CROFT_TABLE_BIDS); slot++) {
        if (croft_state_key(s, CROFT_TABLE_BIDS, slot).at == NULL)
            continue;
        croft_record_load(m->c.l, CROFT_TABLE_BIDS, slot, &r);
        u32 buyer = script_actor_at(&m->c, &calm, r.order), node = script_actor_at(&m->c, &calm, r.node.b);
        u64 id = script_id_in((struct croft_bytes){r.order, sizeof r.order}, 32) >> 16;
        if (r.state == CROFT_BID_SEALED && chain_has_order(&m->c, buyer, id) &&
            chain_order(&m->c, buyer, id).state == CROFT_ORDER_REVEALING)
            make_do(m, chain_bid_reveal(&m->c, node, r.device, buyer, id,
                                        mscript_bid_price(&calm, node, r.device), r.device));
    }
}

static void tend_batch(struct maker *m, const struct mscript_order *o, const struct chain_take *t,
                       const struct croft_batch_record *batch)
{
    u32 first = script_below(&m->script, batch->task_count < 256 ? batch->task_count : 256);
    if (batch->open != 0)
        make_do(m, chain_lease_take(&m->c, t->node, t->device, o->buyer, o->id, first, 1));
}

static void tend_order(struct maker *m)
{
    u8 key[40], byte = (u8)script_below(&m->script, 256);
    struct script s = from(&byte);
    struct croft_batch_record batch;
    struct chain_take t;
    const struct mscript_order o = mscript_order_of(&m->c, &s);
    bool wants = o.r.state == CROFT_ORDER_OPEN || o.r.state == CROFT_ORDER_PICKING;
    if (!wants || listed(&m->c, &t, 1) == 0)
        return;
    chain_order_key(&m->c, o.buyer, o.id, key);
    if (chain_record(&m->c, CROFT_TABLE_BATCHES, key, &batch))
        tend_batch(m, &o, &t, &batch);
    else
        make_do(m, chain_order_take(&m->c, o.buyer, o.id, 0, &t, 1));
}

static void commit(struct maker *m, const struct mscript_lease *l)
{
    struct croft_hash root = croft_merkle_root(mscript_leaves(&m->c, &l->r), l->r.units_max);
    make_do(m, chain_lease_commit(&m->c, l->node, l->buyer, l->order, l->number, &root));
}

static void prove_fraud(struct maker *m, const struct mscript_lease *l)
{
    struct croft_hash said = mscript_result(l->r.first_task + 1), committed = mscript_result(l->r.first_task);
    Croft__V1__LeaseId *id = chain_lease_id(&m->c, l->buyer, l->order, l->number);
    Croft__V1__TxBody *body =
        chain_slash(&m->c, l->buyer, l->node, id, l->r.stamp, l->r.first_task, &said, &committed);
    body->slash->path = mscript_path(&m->c, l, 0, &body->slash->n_path);
    make_do(m, body);
}

static void review(struct maker *m, const struct mscript_lease *l)
{
    Croft__V1__TxBody *body = chain_task_review(&m->c, l->buyer, l->order, l->number);
    u32 what = script_below(&m->script, 8);
    if (what == 7) {
        prove_fraud(m, l);
        return;
    }
    if (what > 1)
        chain_reject(&m->c, body, l->r.first_task, 1);
    make_do(m, body);
}

static void use(struct maker *m, const struct mscript_lease *l)
{
    struct chain *c = &m->c;
    struct chain_take t;
    struct script calm = {0};
    switch (script_below(&m->script, 16)) {
    case 0:
        make_do(m, chain_lease_stop(c, l->node, l->buyer, l->order, l->number, NULL));
        return;
    case 1:
        make_do(m, chain_lease_notice(c, l->node, l->buyer, l->order, l->number, c->now_s + 1000));
        return;
    case 2:
        make_do(m, chain_lease_call(c, l->node, l->buyer, l->order, l->number));
        return;
    case 3:
        make_do(m, chain_order_fund(c, l->buyer, l->buyer, l->order, 0, CROFT_ASSET_CROFT, 1000));
        return;
    case 4:
        if (listed(c, &t, 1) != 0)
            make_do(m, chain_order_take(c, l->buyer, l->order, l->number, &t, 1));
        return;
    default:
        break;
    }
    CHAIN_OP(c, l->node, body, op, Croft__V1__Settle, croft__v1__settle, SETTLE);
    Croft__V1__Voucher *voucher = mscript_voucher(c, &calm, l);
    body->settle = op;
    op->n_vouchers = 1;
    op->vouchers = &voucher;
    make_do(m, with_vouchers(c, body));
}

static void tend_lease(struct maker *m)
{
    struct chain *c = &m->c;
    u8 byte = (u8)script_below(&m->script, 256);
    struct script s = from(&byte);
    const struct mscript_lease l = mscript_lease_of(c, &s);
    bool called = (l.r.flags & (CROFT_LEASE_CALLED_BY_BUYER | CROFT_LEASE_CALLED_BY_NODE)) != 0;
    bool works = l.r.state == CROFT_LEASE_ACKED && l.r.kind == CROFT_PRICE_FRAME;
    u32 answers = (l.r.flags & CROFT_LEASE_CALLED_BY_NODE) != 0 ? l.buyer : l.node;
    if (!l.is || l.r.state == CROFT_LEASE_ENDING)
        return;
    if (l.r.state == CROFT_LEASE_TAKEN || called)
        make_do(m, chain_lease_ack(c, answers, l.buyer, l.order, l.number, called));
    else if (works)
        commit(m, &l);
    else if (l.r.state == CROFT_LEASE_COMMITTED)
        review(m, &l);
    else if (l.r.state == CROFT_LEASE_DISPUTED)
        make_do(m, chain_task_contest(c, l.node, l.buyer, l.order, l.number));
    else if (l.r.state == CROFT_LEASE_CONTESTED)
        make_do(m, chain_task_judge(c, MSCRIPT_JUDGE, l.buyer, l.order, l.number, byte % 2 == 0));
    else
        use(m, &l);
}

/* A provider that comes and, when its stake is back, goes. */
static void put_visitor(struct maker *m, u64 height)
{
    struct chain *c = &m->c;
    if (height % VISIT == 1) {
        make_do(m, chain_stake_lock(c, VISITOR, CHAIN_PRICE));
        make_do(m, chain_stake_lock(c, VISITOR, 2 * CHAIN_CREDIT));
    }
    if (height % VISIT == 2)
        make_do(m, chain_stake_unlock(c, VISITOR, CHAIN_PRICE));
    if (height % VISIT == 0)
        make_do(m, chain_provider_leave(c, VISITOR));
}

/* What scripts seldom bring about: a part of what is pending, a closed account, a withdrawal that nobody
 * pays. */
static void put_money(struct maker *m, u64 height)
{
    struct chain *c = &m->c;
    if (height % VISIT == 3) {
        make_do(m, chain_pending_open(c, OWNER, height, NODE, 1000, 600));
        make_do(m, chain_transfer(c, OWNER, CHAIN_NOBODY, CROFT_ASSET_CREDIT, CHAIN_PRICE));
        make_do(m,
                chain_transfer(c, OWNER, NODE, CROFT_ASSET_CREDIT, 2 * CHAIN_CREDIT)); /* more than it has */
        make_do(m, chain_withdraw(c, OWNER, height, CHAIN_ISSUER, CROFT_ASSET_CREDIT, 1000));
    }
    if (height % VISIT == 4) {
        make_do(m, chain_pending_post(c, OWNER, OWNER, height - 1, 400));
        make_do(m, chain_close(c, CHAIN_NOBODY, OWNER));
    }
}

/* The validators agree on a price, and so the token is good for something. */
static void put_token(struct maker *m, u64 height)
{
    struct chain *c = &m->c;
    for (u32 n = 1; n <= CHAIN_OPERATORS; n++)
        make_do(m, chain_oracle_report(c, n, 1000000000 + height * 1000));
    make_do(m, chain_buyback(c, 6, 1000, 0));
    make_do(m, chain_claim_reward(c, OWNER, height % 64 < 32));
    for (u64 at = height; at + 64 > height && at > 8; at -= 8)
        if (chain_has_order(c, buyer_at(at), order_at(at)))
            make_do(m, chain_order_fund(c, buyer_at(at), buyer_at(at), order_at(at), 0, CROFT_ASSET_CROFT,
                                        100000));
}

/* ---- blocks ---- */

static void put_honest(struct maker *m, u64 height)
{
    put_visitor(m, height);
    put_money(m, height);
    if (height % 32 == 0)
        put_offers(m);
    if (height % 8 == 4)
        put_order(m, height);
    if (height % 32 == 12)
        put_token(m, height);
    put_reveals(m);
    for (u32 i = 0; i < 2; i++) {
        tend_order(m);
        tend_lease(m);
    }
}

static void fill(struct maker *m, u64 height)
{
    bool market = height > MOVED_IN;
    if (height == 2)
        put_votes(m, chain_propose_protocol(&m->c, 1, FIRST_PROPOSAL, 2, RAISED));
    if (height == RAISED)
        put_params(m);
    if (height == MOVED_IN)
        put_market(m);
    if (market)
        put_honest(m, height);
    for (u32 i = script_below(&m->script, 8); i > 0; i--) {
        struct croft_tx tx;
        bool old = !market || script_below(&m->script, OLD) == 0;
        if ((old ? script_tx : market_tx)(&m->c, &m->script, &tx) == CROFT_OK)
            make_put(m, &tx);
    }
}

/* Nodes have money too, because there are fees. */
static Croft__V1__Genesis *genesis(struct chain *c)
{
    chain_set_actor(c, 4, chain_key_set(&c->keep, 32, 3, 2));
    Croft__V1__Genesis *g = chain_genesis(c);
    g->name = (char *)(uintptr_t) "compat-2";
    for (u32 n = CHAIN_FUNDED; n < CHAIN_NOBODY; n++) {
        chain_grant(c, g, n, CROFT_ASSET_CREDIT, CHAIN_CREDIT);
        chain_grant(c, g, n, CROFT_ASSET_CROFT, CHAIN_CROFT);
    }
    chain_param(c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, 40);
    chain_param(c, g, CROFT_PARAM_RECOVER_DELAY_MIN_S, 3600);
    chain_param(c, g, CROFT_PARAM_WITHDRAW_RETURN_S, 3600);
    return g;
}

const struct make_plan make_v2 = {
    .protocol = 2,
    .seed = UINT64_C(20261201),
    .genesis = genesis,
    .fill = fill,
    .pause = mscript_pause,
    .last_due = CROFT_DUE_EPOCH,
};
