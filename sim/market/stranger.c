#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

/* Somebody who tries whatever there is, on whatever is there: what each operation fails with is seen by it. */

struct trial {
    struct croft_sim *s;
    u32 account;
    struct croft_msim_lease *l; /* some that lives; NULL */
    struct croft_msim_order *o; /* some that lives; NULL */
    u32 node;                     /* some provider's */
};

#define BODY(NAME) croft_msim_body(t->s, CROFT__V1__TX_BODY__OP_##NAME)
#define OP(member, type, init) CROFT_MSIM_OP(t->s, b, member, type, init)

static void old_voucher(const struct trial *t)
{
    u64 seq = t->l->last.seq, until_s = t->l->last.served_until_s;
    Croft__V1__TxBody *b = BODY(SETTLE);
    Croft__V1__Settle *op = OP(settle, Croft__V1__Settle, croft__v1__settle__init);
    op->vouchers = croft_sim_new(t->s, Croft__V1__Voucher *, 1);
    op->n_vouchers = 1;
    bool ahead = croft_sim_chance(t->s, 3);
    op->vouchers[0] = croft_msim_forge(t->s, t->l, ahead ? until_s + 100000 : until_s, t->l->last.units,
                                         seq + ahead + (seq == 0), seq != 0 ? t->l->order->signer : t->account);
    croft_msim_send(t->s, t->account, b);
}

static void too_many(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(SETTLE);
    Croft__V1__Settle *op = OP(settle, Croft__V1__Settle, croft__v1__settle__init);
    op->vouchers = croft_sim_new(t->s, Croft__V1__Voucher *, 1);
    op->n_vouchers = 1;
    op->vouchers[0] = croft_msim_forge(t->s, t->l, croft_msim_now_s(t->s), UINT64_MAX / 2, t->l->last.seq + 1,
                                         t->l->order->signer);
    croft_msim_send(t->s, t->account, b);
}

static void stop_anyones(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(LEASE_STOP);
    OP(lease_stop, Croft__V1__LeaseStop, croft__v1__lease_stop__init)->lease = croft_msim_lease_id(t->s, t->l->key);
    croft_msim_send(t->s, t->account, b);
}

static void acknowledge_anyones(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(LEASE_ACK);
    OP(lease_ack, Croft__V1__LeaseAck, croft__v1__lease_ack__init)->lease = croft_msim_lease_id(t->s, t->l->key);
    croft_msim_send(t->s, croft_sim_chance(t->s, 2) ? t->account : t->l->node, b);
}

static void notice_of_anyones(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(LEASE_NOTICE);
    Croft__V1__LeaseNotice *op = OP(lease_notice, Croft__V1__LeaseNotice, croft__v1__lease_notice__init);
    op->lease = croft_msim_lease_id(t->s, t->l->key);
    op->end_s = 1;
    croft_msim_send(t->s, croft_sim_chance(t->s, 2) ? t->account : t->l->node, b);
}

static void call_anyones(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(LEASE_CALL);
    OP(lease_call, Croft__V1__LeaseCall, croft__v1__lease_call__init)->lease = croft_msim_lease_id(t->s, t->l->key);
    croft_msim_send(t->s, t->account, b);
}

static void commit_anyones(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(LEASE_COMMIT);
    Croft__V1__LeaseCommit *op = OP(lease_commit, Croft__V1__LeaseCommit, croft__v1__lease_commit__init);
    op->lease = croft_msim_lease_id(t->s, t->l->key);
    op->results_root = croft_msim_random(t->s, 32);
    croft_msim_send(t->s, croft_sim_chance(t->s, 2) ? t->account : t->l->node, b);
}

static void contest_anyones(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(TASK_CONTEST);
    OP(task_contest, Croft__V1__TaskContest, croft__v1__task_contest__init)->lease =
        croft_msim_lease_id(t->s, t->l->key);
    croft_msim_send(t->s, t->account, b);
}

static void review_anyones(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(TASK_REVIEW);
    Croft__V1__TaskReview *op = OP(task_review, Croft__V1__TaskReview, croft__v1__task_review__init);
    op->lease = croft_msim_lease_id(t->s, t->l->key);
    op->rejects = croft_sim_new(t->s, Croft__V1__TaskRange *, 1);
    op->rejects[0] = croft_sim_new(t->s, Croft__V1__TaskRange, 1);
    croft__v1__task_range__init(op->rejects[0]);
    op->n_rejects = 1;
    op->rejects[0]->first = 4000;
    op->rejects[0]->count = 10;
    croft_msim_send(t->s, croft_sim_chance(t->s, 2) ? t->account : t->s->market->actor[t->l->order->buyer].account, b);
}

static void judge_anyones(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(TASK_JUDGE);
    OP(task_judge, Croft__V1__TaskJudge, croft__v1__task_judge__init)->lease = croft_msim_lease_id(t->s, t->l->key);
    croft_msim_send(t->s, t->account, b);
}

static void slash_for_nothing(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(SLASH);
    Croft__V1__Slash *op = OP(slash, Croft__V1__Slash, croft__v1__slash__init);
    const struct croft_secret_key *key = &t->s->market->account[t->account].key;
    struct croft_public_key public = croft_public_key_of(key);
    op->lease = croft_msim_lease_id(t->s, t->l->key);
    op->stamp = t->l->last.stamp;
    op->result_hash = croft_msim_random(t->s, 32);
    op->committed_hash = croft_msim_random(t->s, 32);
    op->node_key = croft_sim_copy(t->s, public.b, sizeof public.b);
    struct croft_hash hash = croft_result_hash(&t->s->network, op);
    struct croft_signature signature = croft_sign(key, (struct croft_bytes){hash.b, sizeof hash.b});
    op->node_signature = croft_sim_copy(t->s, signature.b, sizeof signature.b);
    croft_msim_send(t->s, t->account, b);
}

/* ---- on orders ---- */

static void fund_anyones(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(ORDER_FUND);
    Croft__V1__OrderFund *op = OP(order_fund, Croft__V1__OrderFund, croft__v1__order_fund__init);
    op->buyer_address = croft_msim_buyer(t->s, t->o->key);
    op->order = t->o->id;
    op->asset = CROFT_ASSET_CROFT;
    op->amount = croft_sim_chance(t->s, 2) ? 1 : 1900 * CROFT_UNITS_PER_CREDIT;
    struct croft_msim_actor *buyer = &t->s->market->actor[t->o->buyer];
    bool own = croft_sim_chance(t->s, 2) && !croft_msim_is(buyer, CROFT_FAULT_WASHES);
    buyer->converts |= own;
    croft_msim_send(t->s, own ? buyer->account : t->account, b);
}

static void take_anyones(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(LEASE_TAKE);
    Croft__V1__LeaseTake *op = OP(lease_take, Croft__V1__LeaseTake, croft__v1__lease_take__init);
    op->buyer_address = croft_msim_buyer(t->s, t->o->key);
    op->order = t->o->id;
    op->device = (u32)croft_sim_below(t->s, CROFT_MSIM_DEVICES);
    op->seal_key = croft_msim_random(t->s, 32);
    op->task_count = t->o->kind == CROFT_ORDER_BATCH ? 1 + (u32)croft_sim_below(t->s, 5000) % 4096 : 0;
    croft_msim_send(t->s, croft_sim_chance(t->s, 4) ? t->account : t->node, b);
}

static void bid_anywhere(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(BID_PLACE);
    Croft__V1__BidPlace *op = OP(bid_place, Croft__V1__BidPlace, croft__v1__bid_place__init);
    op->buyer_address = croft_msim_buyer(t->s, t->o->key);
    op->order = t->o->id;
    op->commitment = croft_msim_random(t->s, 32);
    croft_msim_send(t->s, croft_sim_chance(t->s, 3) ? t->account : t->node, b);
}

static void reveal_anywhere(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(BID_REVEAL);
    Croft__V1__BidReveal *op = OP(bid_reveal, Croft__V1__BidReveal, croft__v1__bid_reveal__init);
    op->buyer_address = croft_msim_buyer(t->s, t->o->key);
    op->order = t->o->id;
    op->price = 1;
    op->salt = croft_msim_random(t->s, 32);
    croft_msim_send(t->s, t->node, b);
}

/* ---- on nothing ---- */

static void post_badly(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(OFFER_POST);
    Croft__V1__OfferPost *op = OP(offer_post, Croft__V1__OfferPost, croft__v1__offer_post__init);
    static char any[] = "";
    op->device = (u32)croft_sim_below(t->s, 3);
    op->capability = croft_sim_new(t->s, Croft__V1__Capability, 1);
    croft__v1__capability__init(op->capability);
    op->capability->model = any;
    op->prices = croft_sim_new(t->s, Croft__V1__Prices, 1);
    croft__v1__prices__init(op->prices);
    op->prices->second = croft_sim_chance(t->s, 3) ? 0 : CROFT_PRICE_MAX >> croft_sim_below(t->s, 20);
    op->class_ = croft_sim_chance(t->s, 2) ? 0 : 301;
    op->services = 1 + (u32)croft_sim_below(t->s, 7);
    op->egress = 1;
    op->until_s = croft_msim_now_s(t->s) + croft_sim_below(t->s, 100);
    croft_msim_send(t->s, croft_sim_chance(t->s, 4) ? t->account : t->node, b);
}

static void take_what_is_not(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(ORDER_TAKE);
    Croft__V1__OrderTake *op = OP(order_take, Croft__V1__OrderTake, croft__v1__order_take__init);
    Croft__V1__Take *take = croft_sim_new(t->s, Croft__V1__Take, 1);
    croft__v1__take__init(take);
    take->node_address = croft_msim_address(t->s, t->node);
    take->device = 9;
    take->price = 1;
    op->order = t->o->id;
    op->takes = croft_sim_new(t->s, Croft__V1__Take *, 1);
    op->takes[0] = take;
    op->n_takes = 1;
    croft_msim_send(t->s, t->s->market->actor[t->o->buyer].account, b);
}

static void unlock_too_much(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(STAKE_UNLOCK);
    OP(stake_unlock, Croft__V1__StakeUnlock, croft__v1__stake_unlock__init)->amount = UINT64_MAX / 2;
    u32 owner = t->s->market->actor[t->s->market->account[t->node].actor].account;
    croft_msim_send(t->s, croft_sim_chance(t->s, 3) ? t->account : owner, b);
}

static void buy_all_back(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(BUYBACK);
    OP(buyback, Croft__V1__Buyback, croft__v1__buyback__init)->amount = 1000 * CROFT_UNITS_PER_CREDIT;
    croft_msim_send(t->s, t->account, b);
}

static void report_price(const struct trial *t)
{
    Croft__V1__TxBody *b = BODY(ORACLE_REPORT);
    OP(oracle_report, Croft__V1__OracleReport, croft__v1__oracle_report__init)->price = croft_sim_below(t->s, 2);
    croft_msim_send(t->s, t->account, b);
}

/* ---- any of them ---- */

typedef void trial_op(const struct trial *t);
static trial_op *const on_lease[] = {old_voucher,    too_many,        stop_anyones,    acknowledge_anyones,
                                     notice_of_anyones, call_anyones, commit_anyones,  contest_anyones,
                                     review_anyones, judge_anyones,   slash_for_nothing};
static trial_op *const on_order[] = {fund_anyones, take_anyones, bid_anywhere, reveal_anywhere, take_what_is_not};
static trial_op *const on_nothing[] = {post_badly, unlock_too_much, buy_all_back, report_price};

static u32 some_node(struct croft_sim *s)
{
    struct croft_msim *m = s->market;
    const struct croft_msim_actor *a = &m->actor[croft_sim_below(s, m->actor_count)];
    while (a->kind->role != CROFT_ROLE_PROVIDER)
        a = &m->actor[croft_sim_below(s, m->actor_count)];
    return a->node[croft_sim_below(s, CROFT_MSIM_NODES)];
}

void croft_msim_stranger_acts(struct croft_sim *s, struct croft_msim_actor *a)
{
    struct croft_msim *m = s->market;
    struct trial t = {.s = s, .account = a->account, .node = some_node(s)};
    u64 kind = croft_sim_below(s, 3);
    if (m->draining)
        return;
    if (m->live_lease_count != 0)
        t.l = croft_msim_live(s, (u32)croft_sim_below(s, m->live_lease_count));
    if (m->live_order_count != 0)
        t.o = &m->order[m->live_order[croft_sim_below(s, m->live_order_count)]];
    if (kind == 0 && t.l != NULL)
        on_lease[croft_sim_below(s, CROFT_COUNT(on_lease))](&t);
    else if (kind == 1 && t.o != NULL)
        on_order[croft_sim_below(s, CROFT_COUNT(on_order))](&t);
    else
        on_nothing[croft_sim_below(s, CROFT_COUNT(on_nothing))](&t);
}
