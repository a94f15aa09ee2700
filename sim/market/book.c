#include "sim/market/market_int.h"

#include "base/assert.h"

#include <inttypes.h>
#include <string.h>

enum { PPM = 1000000, NOTICE_S = 120 };

/* ---- what everybody has: free, held and at risk ---- */

static void add_to(struct croft_sim *s, const u8 address[32], u32 asset, i128 units)
{
    u32 actor = croft_msim_actor_of(s, address);
    if (actor != CROFT_MSIM_NONE)
        s->market->wealth[actor][asset] += units;
}

static void add_credits(struct croft_sim *s, const u8 address[32], struct croft_amt amount)
{
    add_to(s, address, CROFT_ASSET_CREDIT, croft_amt_units(amount));
}

static void count_account(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_account_record *r = record;
    add_credits(s, key, r->balance[CROFT_ASSET_CREDIT]);
    add_credits(s, key, r->deposit);
    add_to(s, key, CROFT_ASSET_CROFT, croft_amt_units(r->balance[CROFT_ASSET_CROFT]));
}

static void count_provider(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_provider_record *r = record;
    u32 actor = croft_msim_actor_of(s, key);
    add_credits(s, key, r->stake);
    add_credits(s, key, r->unlocking);
    add_credits(s, key, r->deposit);
    add_to(s, key, CROFT_ASSET_CROFT, croft_amt_units(r->reward));
    if (actor != CROFT_MSIM_NONE)
        s->market->actor[actor].book.earned = (i128)croft_amt_units(r->earned) + croft_amt_units(r->fees_total);
}

static void count_node(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_node_record *r = record;
    (void)key;
    add_credits(s, r->owner.b, r->deposit);
}

static void count_device(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_device_record *r = record;
    add_credits(s, key, r->bond);
    add_credits(s, key, r->deposit);
}

/* Converted credits are no credits of its own. */
static void count_order(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_order_record *r = record;
    add_credits(s, key, r->balance);
    add_to(s, key, CROFT_ASSET_CREDIT, -(i128)croft_amt_units(r->spend_only));
    add_credits(s, key, r->deposit);
    add_to(s, key, CROFT_ASSET_CROFT, croft_amt_units(r->croft_held));
}

/* A bond lies with whom it came from; of a contested range half is each side's. */
static void count_lease(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_lease_record *r = record;
    u64 bond = croft_amt_units(r->bond);
    if (r->state == CROFT_LEASE_CONTESTED) {
        add_credits(s, key, croft_amt_of(bond / 2));
        add_credits(s, r->node.b, croft_amt_of(bond / 2));
    } else {
        bool of_node = (r->flags & CROFT_LEASE_CALLED_BY_NODE) != 0;
        add_credits(s, of_node ? r->node.b : key, r->bond);
    }
}

static void count_class(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_class_record *r = record;
    (void)key;
    add_credits(s, r->operator_address.b, r->deposit);
}

static void count_batch(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_batch_record *r = record;
    add_credits(s, key, r->deposit);
}

static void count_auction(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_auction_record *r = record;
    add_credits(s, key, r->deposit);
}

static void count_bid(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_bid_record *r = record;
    (void)key;
    add_credits(s, r->node.b, r->deposit);
}

static void count_claim(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_claim_record *r = record;
    (void)key;
    add_credits(s, r->auditor.b, r->deposit);
}

static void count_proposal(struct croft_sim *s, const u8 *key, const void *record)
{
    const struct croft_proposal_record *r = record;
    (void)key;
    add_credits(s, r->proposer.b, r->deposit);
}

typedef void count_record(struct croft_sim *s, const u8 *key, const void *record);
static const struct {
    enum croft_table table;
    count_record *count;
} counted[] = {
    {CROFT_TABLE_ACCOUNTS, count_account}, {CROFT_TABLE_PROVIDERS, count_provider}, {CROFT_TABLE_NODES, count_node},
    {CROFT_TABLE_DEVICES, count_device},   {CROFT_TABLE_ORDERS, count_order},       {CROFT_TABLE_LEASES, count_lease},
    {CROFT_TABLE_CLASSES, count_class},    {CROFT_TABLE_BATCHES, count_batch},      {CROFT_TABLE_BIDS, count_bid},
    {CROFT_TABLE_AUCTIONS, count_auction}, {CROFT_TABLE_CLAIMS, count_claim},
    {CROFT_TABLE_PROPOSALS, count_proposal},
};

/* A provider that left and comes again begins to count anew. */
static void turn_pages(struct croft_msim *m, const i128 before[CROFT_MSIM_ACTORS])
{
    for (u32 i = 0; i < m->actor_count; i++)
        if (m->actor[i].book.earned < before[i])
            m->actor[i].book.earned_before += before[i] - m->actor[i].book.earned;
}

void croft_msim_count(struct croft_sim *s)
{
    struct croft_msim *m = s->market;
    i128 before[CROFT_MSIM_ACTORS];
    u8 key[CROFT_RECORD_KEY_MAX], record[CROFT_RECORD_STRUCT_MAX] __attribute__((aligned(16)));
    memset(m->wealth, 0, sizeof m->wealth);
    for (u32 i = 0; i < m->actor_count; i++) {
        before[i] = m->actor[i].book.earned;
        m->actor[i].book.earned = 0;
    }
    for (size_t i = 0; i < CROFT_COUNT(counted); i++)
        for (u32 slot = 0; slot < croft_msim_high(s, counted[i].table); slot++)
            if (croft_msim_at(s, counted[i].table, slot, key, record))
                counted[i].count(s, key, record);
    turn_pages(m, before);
}

/* ---- what a lease can have meant ---- */

/* Of all that was paid for a lease the market's fee goes to the pool. */
static i128 to_payee(const struct croft_sim *s, i128 paid)
{
    return paid - paid * (i128)croft_msim_param(s, CROFT_PARAM_MARKET_FEE_PPM) / PPM;
}

static bool is_range(const struct croft_msim_lease *l)
{
    return l->order->kind == CROFT_ORDER_BATCH && (l->last.flags & CROFT_LEASE_GATEWAY) == 0;
}

static bool is_by_second(const struct croft_msim_lease *l)
{
    return l->last.kind == CROFT_PRICE_SECOND;
}

static u64 promise_s(const struct croft_sim *s, const struct croft_msim_lease *l)
{
    u64 cap_s = croft_msim_param(s, CROFT_PARAM_FIRM_PENALTY_S);
    u64 promised_s = l->last.firm_until_s > l->taken_s ? l->last.firm_until_s - l->taken_s : NOTICE_S;
    return promised_s < cap_s ? promised_s : cap_s;
}

/* Seconds that can be paid without a voucher, once. */
static u64 unsigned_s(const struct croft_msim_lease *l)
{
    return l->started && is_by_second(l) ? l->order->unsigned_s : 0;
}

/* What bought nothing: unsigned seconds and a penalty of one that started, the take fee of one that did not. */
static i128 lost_of(const struct croft_sim *s, const struct croft_msim_lease *l, u64 signed_pay)
{
    const struct croft_lease_record *r = &l->last;
    u64 take_fee_s = croft_msim_param(s, CROFT_PARAM_TAKE_FEE_S);
    if (!is_by_second(l))
        return 0;
    i128 take_fee = l->acked ? (i128)croft_msim_pay(r->price, r->kind, take_fee_s) + 1 : 0;
    if (!l->started)
        return take_fee;
    i128 lost = (i128)croft_msim_pay(r->price, r->kind, l->signed_units + unsigned_s(l)) - signed_pay;
    if (lost < take_fee) /* its voucher may have come too late to start it */
        lost = take_fee;
    if (l->disturbed) /* its disk may have been kept, and that have ended, between two blocks */
        lost += croft_msim_pay(l->keep_price, CROFT_PRICE_SECOND, l->order->unsigned_s);
    if (r->service == CROFT_SERVICE_RESERVED)
        lost += croft_msim_pay(r->price, r->kind, promise_s(s, l));
    return lost;
}

/* By its record when it was seen last: if it was ending then, what closing it must have paid. */
static i128 least_of(const struct croft_msim_lease *l)
{
    const struct croft_lease_record *r = &l->last;
    i128 least = croft_amt_units(r->paid);
    if (r->state != CROFT_LEASE_ENDING || l->live || l->order->cap != 0 || !is_by_second(l))
        return least;
    u64 rest_s = r->end_s - r->served_until_s, most_s = l->order->unsigned_s;
    u64 closing_s = rest_s < most_s ? rest_s : most_s;
    if (l->voucher_until_s > r->served_until_s) /* one more may have come in, that says it was paused */
        closing_s = 0;
    return croft_msim_pay(r->price, r->kind, r->units + closing_s);
}

static struct croft_msim_worth worth_of(const struct croft_sim *s, const struct croft_msim_lease *l)
{
    const struct croft_lease_record *r = &l->last;
    struct croft_msim_worth w = {0};
    u64 pay = croft_msim_pay(r->price, r->kind, is_range(l) ? l->range : l->signed_units);
    w.lost = lost_of(s, l, pay);
    w.most = pay + w.lost;
    w.earned = l->started || is_range(l) || !is_by_second(l) ? to_payee(s, w.most) + 2 : 0;
    w.least = least_of(l);
    w.fines = l->fine;
    if (!is_range(l) && l->signed_units > l->truth)
        w.over = (i128)pay - croft_msim_pay(r->price, r->kind, l->truth);
    if (is_by_second(l) && (r->flags & (CROFT_LEASE_KEEP | CROFT_LEASE_GATEWAY)) == 0)
        w.back = croft_msim_pay(r->price, r->kind, promise_s(s, l));
    return w;
}

static void add_worth(struct croft_msim_worth *sum, const struct croft_msim_worth *w)
{
    sum->most += w->most;
    sum->earned += w->earned;
    sum->least += w->least;
    sum->back += w->back;
    sum->lost += w->lost;
    sum->over += w->over;
    sum->fines += w->fines;
}

/* Into the books of both sides; what somebody pays itself says nothing of others. */
static void add_lease(struct croft_sim *s, struct croft_msim_book *payee, struct croft_msim_book *buyer,
                      const struct croft_msim_lease *l)
{
    struct croft_msim_worth w = worth_of(s, l);
    add_worth(&payee->sold, &w);
    add_worth(&buyer->bought, &w);
    if (payee == buyer)
        add_worth(&payee->within, &w);
    if (!(l->last.flags & CROFT_LEASE_GATEWAY))
        add_worth(&payee->lent, &w);
    i128 value = croft_msim_pay(l->last.price, l->last.kind, is_range(l) ? l->range : l->truth);
    buyer->had += value;
    payee->gave += value;
}

void croft_msim_book_gone(struct croft_sim *s, const struct croft_msim_lease *l)
{
    struct croft_msim *m = s->market;
    add_lease(s, &m->actor[l->payee].book, &m->actor[l->order->buyer].book, l);
}

/* ---- what comes and goes beside leases ---- */

void croft_msim_note_bond(struct croft_sim *s, const struct croft_msim_lease *l, const struct croft_lease_record *now)
{
    struct croft_msim *m = s->market;
    struct croft_msim_book *buyer = &m->actor[l->order->buyer].book, *payee = &m->actor[l->payee].book;
    u64 bond = croft_amt_units(now->bond), before = croft_amt_units(l->last.bond);
    if (bond <= before || now->state < CROFT_LEASE_COMMITTED)
        return; /* of a call: counted when it is made, and when it is answered */
    if (now->state == CROFT_LEASE_CONTESTED) {
        buyer->got += bond / 2;
        payee->got += bond / 2;
        payee->risked += bond / 2;
    }
    if (before == 0)
        buyer->risked += bond;
}

void croft_msim_note_leaving(const struct croft_sim *s, struct croft_msim_lease *l,
                             const struct croft_lease_record *now)
{
    bool left = l->last.state == CROFT_LEASE_RUNNING && now->state == CROFT_LEASE_ENDING &&
                (now->reason == CROFT_REASON_STOPPED || now->reason == CROFT_REASON_REPLACED);
    bool other = (now->flags & (CROFT_LEASE_KEEP | CROFT_LEASE_GATEWAY)) != 0;
    bool reserved = now->service == CROFT_SERVICE_RESERVED && !other;
    if (!left || !reserved || now->end_s >= now->firm_until_s)
        return;
    u64 rest_s = now->firm_until_s - now->end_s, cap_s = croft_msim_param(s, CROFT_PARAM_FIRM_PENALTY_S);
    l->fine = croft_msim_pay(now->price, now->kind, rest_s < cap_s ? rest_s : cap_s);
    l->fine -= l->fine != 0; /* what is left aside is rounded */
}

/* Credits for CROFT: nobody would give more than three times what it is worth. */
static i128 most_for(const struct croft_sim *s, u64 croft)
{
    return (i128)croft * 3 * s->market->rate / CROFT_UNITS_PER_CREDIT + 1;
}

static const struct croft_msim_lease *lease_named(struct croft_sim *s, const Croft__V1__LeaseId *id)
{
    const struct croft_msim_lease *l;
    u8 key[40];
    croft_lease_key(id->buyer_address, id->order, id->lease, key);
    for (u32 i = 0; (l = croft_msim_live(s, i)) != NULL; i++)
        if (memcmp(l->key, key, sizeof key) == 0)
            return l;
    return NULL;
}

/* A rejection without an arbiter costs its bond at once. */
static void note_review(struct croft_sim *s, struct croft_msim_book *book, const Croft__V1__TaskReview *op)
{
    i128 ppm = croft_msim_param(s, CROFT_PARAM_REJECT_BOND_PPM);
    u64 rejected = op->n_rejects != 0 ? op->rejects[0]->count : 0;
    const struct croft_msim_lease *l = lease_named(s, op->lease);
    u8 key[40];
    croft_lease_key(op->lease->buyer_address, op->lease->order, 0, key);
    const struct croft_msim_order *o = croft_msim_order_of(s, key);
    CROFT_SIM_MUST(s, o != NULL, "a range is reviewed whose order nobody opened");
    book->risked += (i128)rejected * o->last.price_max * ppm / PPM + 1;
    if (l != NULL && o->known && croft_address_is_system(&o->last.arbiter))
        book->burnt += (i128)rejected * l->last.price * ppm / PPM;
}

void croft_msim_note_unseen(struct croft_sim *s, struct croft_msim_order *o)
{
    u64 take_fee_s = croft_msim_param(s, CROFT_PARAM_TAKE_FEE_S);
    if (o->acks != 0 && o->last.price_kind == CROFT_PRICE_SECOND)
        s->market->actor[o->buyer].book.risked +=
            o->acks * ((i128)croft_msim_pay(o->last.price_max, CROFT_PRICE_SECOND, take_fee_s) + 1);
    o->acks = 0;
}

static void note_ack(struct croft_sim *s, ProtobufCBinaryData buyer, u64 order)
{
    u8 key[40];
    croft_lease_key(buyer, order, 0, key);
    struct croft_msim_order *o = croft_msim_order_of(s, key);
    CROFT_SIM_MUST(s, o != NULL, "a lease is acknowledged whose order nobody opened");
    o->acks++;
}

/* Whoever did this with a lease or an order has a part in it. */
static void check_part(struct croft_sim *s, const struct croft_sim_tx *t, const Croft__V1__LeaseId *id)
{
    const u8 *sender = t->body->account_address.data;
    const struct croft_msim_lease *l = lease_named(s, id);
    bool of_buyer = memcmp(id->buyer_address.data, sender, 32) == 0;
    bool of_node = l == NULL || l->node == croft_msim_account_of(s, sender);
    CROFT_SIM_MUST(s, of_buyer || of_node, "%s of a lease by somebody who has no part in it", croft_op_name(t->op));
}

static void check_sender(struct croft_sim *s, const struct croft_sim_tx *t)
{
    const Croft__V1__TxBody *b = t->body;
    switch ((u32)t->op) {
    case CROFT__V1__TX_BODY__OP_ORDER_FUND:
        CROFT_SIM_MUST(s,
                       b->order_fund->asset == CROFT_ASSET_CREDIT ||
                           memcmp(b->order_fund->buyer_address.data, b->account_address.data, 32) == 0,
                       "somebody converts CROFT into the order of another");
        break;
    case CROFT__V1__TX_BODY__OP_LEASE_STOP:
        check_part(s, t, b->lease_stop->lease);
        break;
    case CROFT__V1__TX_BODY__OP_LEASE_ACK:
        check_part(s, t, b->lease_ack->lease);
        break;
    case CROFT__V1__TX_BODY__OP_LEASE_CALL:
        check_part(s, t, b->lease_call->lease);
        break;
    case CROFT__V1__TX_BODY__OP_LEASE_NOTICE:
        check_part(s, t, b->lease_notice->lease);
        break;
    case CROFT__V1__TX_BODY__OP_LEASE_COMMIT:
        check_part(s, t, b->lease_commit->lease);
        break;
    case CROFT__V1__TX_BODY__OP_TASK_CONTEST:
        check_part(s, t, b->task_contest->lease);
        break;
    case CROFT__V1__TX_BODY__OP_TASK_REVIEW:
        check_part(s, t, b->task_review->lease);
        break;
    default:
        break;
    }
}

void croft_msim_note_tx(struct croft_sim *s, const struct croft_sim_tx *t, const struct croft_receipt *receipt)
{
    u32 actor = croft_msim_actor_of(s, t->body->account_address.data);
    if (actor == CROFT_MSIM_NONE)
        return;
    struct croft_msim_book *book = &s->market->actor[actor].book;
    book->fees += receipt->fee;
    if (receipt->code != 0)
        return;
    check_sender(s, t);
    switch ((u32)t->op) {
    case CROFT__V1__TX_BODY__OP_BUYBACK:
    case CROFT__V1__TX_BODY__OP_SLASH:
        book->got += receipt->value;
        break;
    case CROFT__V1__TX_BODY__OP_CLAIM_REWARD:
        book->got += most_for(s, receipt->value);
        break;
    case CROFT__V1__TX_BODY__OP_LEASE_CALL: /* answered in the same block, it is in no record */
        book->risked += receipt->value;
        break;
    case CROFT__V1__TX_BODY__OP_LEASE_ACK:
        book->got += receipt->value;
        if (receipt->value == 0) /* else it answers a call */
            note_ack(s, t->body->lease_ack->lease->buyer_address, t->body->lease_ack->lease->order);
        break;
    case CROFT__V1__TX_BODY__OP_LEASE_TAKE:
        note_ack(s, t->body->lease_take->buyer_address, t->body->lease_take->order);
        break;
    case CROFT__V1__TX_BODY__OP_TASK_REVIEW:
        note_review(s, book, t->body->task_review);
        break;
    default:
        break;
    }
}

/* ---- the bounds ---- */

/* Of all actors, with the leases that are on. */
static void books_now(struct croft_sim *s, struct croft_msim_book book[CROFT_MSIM_ACTORS])
{
    struct croft_msim *m = s->market;
    const struct croft_msim_lease *l;
    for (u32 i = 0; i < m->actor_count; i++)
        book[i] = m->actor[i].book;
    for (u32 i = 0; (l = croft_msim_live(s, i)) != NULL; i++)
        add_lease(s, &book[l->payee], &book[l->order->buyer], l);
}

/* In credits, without the fees of its transactions. */
static i128 gain_of(const struct croft_sim *s, const struct croft_msim_actor *a)
{
    return s->market->wealth[a->number][CROFT_ASSET_CREDIT] - a->book.start[CROFT_ASSET_CREDIT] + a->book.fees;
}

#define LL(x) (long long)(x)

/* Nobody is paid for a second that nobody vouched for, beyond unsigned_s once a lease; what was vouched and closed is
 * paid. */
static void check_pay(struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_book *b)
{
    i128 earned = b->earned_before + b->earned;
    CROFT_SIM_MUST(s, earned <= b->lent.most, "%s %u earned %lld, its leases were worth %lld at most", a->kind->name,
                   a->number, LL(earned), LL(b->lent.most));
    CROFT_SIM_MUST(s, earned >= b->lent.least + b->lent.fines, "%s %u earned %lld, its leases were worth %lld at least",
                   a->kind->name, a->number, LL(earned), LL(b->lent.least + b->lent.fines));
}

/* A provider or gateway has no more than its leases gave and loses a bond for each that it did not acknowledge; a buyer
 * that is none of both: only what providers that break promises pay. */
static void check_gain(struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_book *b)
{
    i128 bond = croft_msim_param(s, CROFT_PARAM_OFFER_BOND_MIN);
    i128 gain = gain_of(s, a), most = b->sold.earned - b->within.earned + b->got + b->bought.back - b->within.back -
                                      (i128)b->unacked * bond;
    CROFT_SIM_MUST(s, gain <= most, "%s %u gained %lld, it may gain %lld: %lld for leases, %lld beside them",
                   a->kind->name, a->number, LL(gain), LL(most), LL(b->sold.earned), LL(b->got));
}

/* What a buyer pays is for what was signed for it, and at most U seconds a lease, take fees, its own bonds and promises
 * beside; what was settled it has paid. */
static void check_loss(struct croft_sim *s, const struct croft_msim_actor *a, const struct croft_msim_book *b)
{
    i128 loss = -gain_of(s, a), most = b->bought.most + b->risked;
    i128 least = b->bought.least + b->bought.fines + b->burnt - b->bought.back - b->got;
    CROFT_SIM_MUST(s, loss <= most, "%s %u lost %lld, it may lose %lld: %lld for leases, %lld beside them",
                   a->kind->name, a->number, LL(loss), LL(most), LL(b->bought.most), LL(b->risked));
    CROFT_SIM_MUST(s, a->converts || loss >= least, "%s %u paid %lld, its leases cost %lld at least", a->kind->name,
                   a->number, LL(loss), LL(least));
}

/* The price of CROFT is that of the honest, or near it while they are more than a third of what counts. */
static void check_price(struct croft_sim *s)
{
    const struct croft_msim *m = s->market;
    struct croft_token_record t;
    if (!croft_msim_read(s, CROFT_TABLE_TOKEN, (const u8 *)"t", &t) || !t.valid)
        return;
    u64 room = m->rate / 500 + 1;
    if (3 * m->liar_power >= m->power)
        room += m->rate * croft_msim_param(s, CROFT_PARAM_ORACLE_SPREAD_PPM) / PPM * 2;
    CROFT_SIM_MUST(s, t.median + room >= m->rate && t.median <= m->rate + room,
                   "the price of CROFT is %" PRIu64 ", it is worth %" PRIu64, t.median, m->rate);
}

static void check_leases(struct croft_sim *s)
{
    const struct croft_msim_lease *l;
    for (u32 i = 0; (l = croft_msim_live(s, i)) != NULL; i++) {
        const struct croft_order_record *o = &l->order->last;
        u64 paid = croft_amt_units(l->last.paid), cap = l->order->cap;
        u64 units = is_range(l) ? l->range : l->signed_units, ran_s = croft_msim_now_s(s) - l->taken_s;
        if (is_by_second(l) && units > ran_s)
            units = ran_s; /* whatever was signed */
        CROFT_SIM_MUST(s, paid <= croft_msim_pay(l->last.price, l->last.kind, units),
                       "a lease of %s was paid %" PRIu64 " for %" PRIu64 " units signed",
                       s->market->actor[l->payee].kind->name, paid, units);
        CROFT_SIM_MUST(s, cap == 0 || croft_amt_units(o->voucher_paid) <= cap, "more is paid than the cap of vouchers");
        CROFT_SIM_MUST(s, (l->last.flags & (CROFT_LEASE_KEEP | CROFT_LEASE_GATEWAY)) || l->last.price <= l->most,
                       "a lease costs %" PRIu64 ", its buyer agreed to %" PRIu64, l->last.price, l->most);
    }
}

void croft_msim_check_books(struct croft_sim *s)
{
    struct croft_msim *m = s->market;
    struct croft_msim_book book[CROFT_MSIM_ACTORS];
    books_now(s, book);
    check_leases(s);
    check_price(s);
    for (u32 i = 0; i < m->actor_count; i++) {
        const struct croft_msim_actor *a = &m->actor[i];
        bool lends = a->kind->role == CROFT_ROLE_PROVIDER;
        if (lends)
            check_pay(s, a, &book[i]);
        if (lends || a->kind->role == CROFT_ROLE_GATEWAY || a->kind->role == CROFT_ROLE_BUYER)
            check_gain(s, a, &book[i]);
        if (a->kind->role == CROFT_ROLE_BUYER)
            check_loss(s, a, &book[i]);
    }
}

/* ---- the end: each grief and its bound ---- */

/* Renting from itself: with all CROFT at its true price it has less than others paid it. */
static void check_wash(struct croft_sim *s, const struct croft_msim_actor *a)
{
    const struct croft_msim *m = s->market;
    i128 croft = m->wealth[a->number][CROFT_ASSET_CROFT] - a->book.start[CROFT_ASSET_CROFT];
    i128 gain = gain_of(s, a) + croft * (i128)m->rate / CROFT_UNITS_PER_CREDIT;
    i128 others = a->book.sold.earned - a->book.within.earned + a->book.bought.back - a->book.within.back + a->book.got;
    CROFT_SIM_MUST(s, gain <= others, "who rents from itself gained %lld, others gave it %lld at most", LL(gain),
                   LL(others));
}

/* What a provider or gateway has beyond what it really did: at most the unsigned seconds of leases that started, what
 * delegates signed for nothing, and never a bond that it lost. */
static void check_provider_grief(struct croft_sim *s, const struct croft_msim_actor *a)
{
    const struct croft_msim_book *b = &a->book;
    i128 bond = croft_msim_param(s, CROFT_PARAM_OFFER_BOND_MIN);
    i128 beside = b->got + b->bought.back, grief = gain_of(s, a) - to_payee(s, b->gave) - beside;
    i128 bound = b->sold.lost + b->sold.over - (i128)b->unacked * bond + 3 * (i128)s->market->lease_count;
    CROFT_SIM_MUST(s, grief <= bound, "the grief of %s %u was worth %lld, its bound is %lld", a->kind->name, a->number,
                   LL(grief), LL(bound));
}

/* What a buyer had beyond what it paid: at most what its providers served without a voucher, beyond what is paid
 * without one, and what they paid for promises that they broke. */
static void check_buyer_grief(struct croft_sim *s, const struct croft_msim_actor *a)
{
    const struct croft_msim_book *b = &a->book;
    i128 grief = b->had + gain_of(s, a), unpaid = b->had - b->bought.least;
    i128 bound = unpaid + b->bought.back + b->got - b->burnt - b->bought.fines;
    bool nothing = croft_msim_is(a, CROFT_FAULT_NEVER_VOUCHES);
    CROFT_SIM_MUST(s, a->converts || grief <= bound, "the grief of %s %u was worth %lld, its bound is %lld",
                   a->kind->name, a->number, LL(grief), LL(bound));
    CROFT_SIM_MUST(s, !nothing || grief <= b->got, "who never vouches got %lld for nothing", LL(grief));
}

static void check_griefs(struct croft_sim *s, const struct croft_msim_actor *a)
{
    if (croft_msim_is(a, CROFT_FAULT_WASHES))
        check_wash(s, a);
    else if (a->kind->role == CROFT_ROLE_PROVIDER || a->kind->role == CROFT_ROLE_GATEWAY)
        check_provider_grief(s, a);
    else if (a->kind->role == CROFT_ROLE_BUYER)
        check_buyer_grief(s, a);
}

void croft_msim_check_end(struct croft_sim *s)
{
    struct croft_msim *m = s->market;
    struct croft_address escrow = croft_system_address(CROFT_SYSTEM_LEASES);
    struct croft_account_record r;
    bool found = croft_msim_read(s, CROFT_TABLE_ACCOUNTS, escrow.b, &r);
    CROFT_SIM_MUST(s, found && croft_amt_is_zero(r.balance[0]) && croft_amt_is_zero(r.balance[1]),
                   "no order is left, and money of one is");
    CROFT_SIM_MUST(s, m->live_lease_count == 0, "a lease is left");
    croft_msim_check_books(s);
    for (u32 i = 0; i < m->actor_count; i++)
        check_griefs(s, &m->actor[i]);
}
