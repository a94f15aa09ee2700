/* wire/test_market_int.h - for tests only: a random valid body of every operation of the market. */
#ifndef CROFT_WIRE_TEST_MARKET_INT_H
#define CROFT_WIRE_TEST_MARKET_INT_H

#include "wire/market_record.h"
#include "wire/test_maker_int.h"

/* Its body with an operation of this type. */
#define MAKE_OP(m, body, field, Type) ((body)->field = MAKE(m, Croft__V1__##Type, croft__v1__##field##__init))

static inline u32 make_below(struct maker *m, u64 limit)
{
    return (u32)croft_rng_below(&m->rng, limit);
}

/* 1 to most: at the ends more often than chance has it. */
static inline u64 make_1_to(struct maker *m, u64 most)
{
    switch (make_below(m, 8)) {
    case 0:
        return 1;
    case 1:
        return most;
    default:
        return 1 + make_u64(m) % most;
    }
}

static inline u64 make_price(struct maker *m)
{
    return make_1_to(m, CROFT_PRICE_MAX);
}

static inline u64 make_price_or_none(struct maker *m)
{
    return croft_rng_chance(&m->rng, 2) ? make_price(m) : 0;
}

static inline u64 make_order_id(struct maker *m)
{
    return make_1_to(m, (UINT64_C(1) << 48) - 1);
}

static inline ProtobufCBinaryData make_32_or_none(struct maker *m)
{
    return make_bytes(m, croft_rng_chance(&m->rng, 2) ? 32 : 0);
}

/* len_min to 24 letters, figures and hyphens. */
static inline char *make_model(struct maker *m, u32 len_min)
{
    static const char set[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    u32 len = len_min + make_below(m, 25 - len_min);
    char *text = croft_new(&m->mem, char, 25);
    CROFT_ASSERT(text != NULL);
    memset(text, 0, 25);
    for (u32 i = 0; i < len; i++)
        text[i] = set[make_below(m, sizeof set - 1)];
    return text;
}

static inline ProtobufCBinaryData make_country(struct maker *m)
{
    ProtobufCBinaryData b = make_bytes(m, croft_rng_chance(&m->rng, 2) ? 2 : 0);
    for (size_t i = 0; i < b.len; i++)
        b.data[i] = (u8)('A' + b.data[i] % 26);
    return b;
}

static inline Croft__V1__LeaseId *make_lease_id(struct maker *m)
{
    Croft__V1__LeaseId *id = MAKE(m, Croft__V1__LeaseId, croft__v1__lease_id__init);
    id->buyer_address = make_bytes(m, 32);
    id->order = make_order_id(m);
    id->lease = (u32)make_1_to(m, UINT16_MAX);
    return id;
}

/* Signed by nobody. */
static inline Croft__V1__Voucher *make_voucher(struct maker *m)
{
    Croft__V1__Voucher *v = MAKE(m, Croft__V1__Voucher, croft__v1__voucher__init);
    v->lease = make_lease_id(m);
    v->stamp = make_amount(m);
    v->served_until_s = make_u64(m);
    v->units = make_u64(m);
    v->seq = make_amount(m);
    v->public_key = make_bytes(m, 32);
    v->signature = make_bytes(m, 64);
    return v;
}

static inline ProtobufCBinaryData *make_path(struct maker *m, size_t *out_count)
{
    enum { STEPS_MAX = 12 };
    ProtobufCBinaryData *step = croft_new(&m->mem, ProtobufCBinaryData, STEPS_MAX + 1);
    CROFT_ASSERT(step != NULL);
    for (u32 i = 0; i <= STEPS_MAX; i++)
        step[i] = make_bytes(m, 32);
    *out_count = make_below(m, STEPS_MAX + 1);
    return step;
}

/* ---- providers, nodes ---- */

static inline void make_node_admit(struct maker *m, Croft__V1__TxBody *body)
{
    MAKE_OP(m, body, node_admit, NodeAdmit)->node_address = make_bytes(m, 32);
}

static inline void make_node_remove(struct maker *m, Croft__V1__TxBody *body)
{
    MAKE_OP(m, body, node_remove, NodeRemove)->node_address = make_bytes(m, 32);
}

static inline void make_provider_leave(struct maker *m, Croft__V1__TxBody *body)
{
    MAKE_OP(m, body, provider_leave, ProviderLeave);
}

static inline void make_stake_lock(struct maker *m, Croft__V1__TxBody *body)
{
    MAKE_OP(m, body, stake_lock, StakeLock)->amount = make_amount(m);
}

static inline void make_stake_unlock(struct maker *m, Croft__V1__TxBody *body)
{
    MAKE_OP(m, body, stake_unlock, StakeUnlock)->amount = make_amount(m);
}

static inline void make_slash(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__Slash *op = MAKE_OP(m, body, slash, Slash);
    op->lease = make_lease_id(m);
    op->stamp = make_amount(m);
    op->task = make_below(m, CROFT_TASKS_MAX);
    op->result_hash = make_bytes(m, 32);
    op->node_key = make_bytes(m, 32);
    op->node_signature = make_bytes(m, 64);
    op->committed_hash = make_bytes(m, 32);
    op->path = make_path(m, &op->n_path);
}

static inline void make_attribute(struct maker *m, ProtobufCBinaryData *out, u32 number)
{
    char line[160];
    u32 value = 1 + make_below(m, 64);
    int len = snprintf(line, sizeof line, "a%02u/b_c-d=", number);
    for (u32 i = 0; i < value; i++)
        line[len++] = (char)(' ' + make_below(m, '~' - ' ' + 1));
    line[len++] = '\n';
    memcpy(out->data + out->len, line, (size_t)len);
    out->len += (size_t)len;
}

/* Of any length up to the most. */
static inline ProtobufCBinaryData make_attributes(struct maker *m)
{
    enum { LINE_BYTES_MAX = 75, WANT_MAX = CROFT_ATTRIBUTES_BYTES_MAX - LINE_BYTES_MAX };
    size_t want = make_below(m, WANT_MAX + 1);
    ProtobufCBinaryData b = make_bytes(m, CROFT_ATTRIBUTES_BYTES_MAX);
    b.len = 0;
    for (u32 i = 0; b.len < want; i++)
        make_attribute(m, &b, i);
    return b;
}

static inline void make_node_set(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__NodeSet *op = MAKE_OP(m, body, node_set, NodeSet);
    op->country = make_country(m);
    op->machine = make_below(m, 3);
    op->drain = croft_rng_chance(&m->rng, 2);
    op->seal_key = make_32_or_none(m);
    op->peer_key = make_32_or_none(m);
    op->attributes = make_attributes(m);
}

static inline void make_claim_set(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__ClaimSet *op = MAKE_OP(m, body, claim_set, ClaimSet);
    op->node_address = make_bytes(m, 32);
    op->claims = make_amount(m);
    op->country = make_country(m);
    op->machine = make_below(m, 3);
    op->until_s = make_u64(m);
}

static inline Croft__V1__Capability *make_capability(struct maker *m)
{
    Croft__V1__Capability *k = MAKE(m, Croft__V1__Capability, croft__v1__capability__init);
    k->kind = make_below(m, 4);
    k->vendor = make_below(m, 5);
    k->model = make_model(m, 0);
    k->interface = make_below(m, 4);
    k->gpu_count = make_below(m, 65);
    k->vram_mib = (u32)make_u64(m);
    k->ram_mib = (u32)make_u64(m);
    k->disk_gib = (u32)make_u64(m);
    k->cores = make_below(m, UINT16_MAX + 1);
    k->down_mbit = (u32)make_u64(m);
    k->up_mbit = (u32)make_u64(m);
    k->tops = (u32)make_u64(m);
    k->gbs = (u32)make_u64(m);
    k->flags = make_below(m, 8);
    k->isolation = make_below(m, 4);
    return k;
}

static inline void make_class_set(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__ClassSet *op = MAKE_OP(m, body, class_set, ClassSet);
    op->number = (u32)make_1_to(m, UINT16_MAX);
    op->name = make_model(m, 1);
    op->policy = make_below(m, 2);
    op->requirement = make_capability(m);
    op->machine_min = make_below(m, 3);
    op->price = make_price_or_none(m);
    op->start_s = make_below(m, UINT16_MAX + 1);
}

/* ---- offers ---- */

static inline void make_offer_post(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__OfferPost *op = MAKE_OP(m, body, offer_post, OfferPost);
    op->device = make_below(m, CROFT_DEVICES_MAX);
    op->capability = make_capability(m);
    op->prices = MAKE(m, Croft__V1__Prices, croft__v1__prices__init);
    op->prices->second = make_price_or_none(m);
    op->prices->token = make_price_or_none(m);
    op->prices->byte = make_price_or_none(m);
    op->prices->frame = make_price_or_none(m);
    op->prices->disk = make_price_or_none(m);
    op->class_ = make_below(m, UINT16_MAX + 1);
    op->services = 1 + make_below(m, 7);
    op->egress = 1 + make_below(m, 7);
    op->notice_s = (u32)make_u64(m);
    op->until_s = make_u64(m);
}

static inline void make_offer_withdraw(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__OfferWithdraw *op = MAKE_OP(m, body, offer_withdraw, OfferWithdraw);
    op->device = make_below(m, CROFT_DEVICES_MAX);
    op->remove = croft_rng_chance(&m->rng, 2);
}

/* ---- orders ---- */

/* Room for one more than there may be. */
static inline Croft__V1__Take **make_takes(struct maker *m)
{
    Croft__V1__Take **take = croft_new(&m->mem, Croft__V1__Take *, CROFT_TAKES_MAX + 1);
    CROFT_ASSERT(take != NULL);
    for (u32 i = 0; i <= CROFT_TAKES_MAX; i++) {
        take[i] = MAKE(m, Croft__V1__Take, croft__v1__take__init);
        take[i]->node_address = make_bytes(m, 32);
        take[i]->device = make_below(m, CROFT_DEVICES_MAX);
        take[i]->price = make_price(m);
    }
    return take;
}

static inline void make_batch_terms(struct maker *m, Croft__V1__OrderOpen *op)
{
    op->kind = CROFT_ORDER_BATCH;
    op->price_kind = CROFT_PRICE_FRAME;
    op->count = 1;
    op->batch = MAKE(m, Croft__V1__BatchTerms, croft__v1__batch_terms__init);
    op->batch->task_count = (u32)make_1_to(m, CROFT_TASKS_MAX);
    op->batch->task_root = make_bytes(m, 32);
    op->batch->timeout_s = (u32)make_u64(m);
    op->batch->window_s = (u32)make_u64(m);
    op->arbiter_address = make_32_or_none(m);
}

static inline void make_auction_terms(struct maker *m, Croft__V1__OrderOpen *op)
{
    op->kind = CROFT_ORDER_SERVICE;
    op->auction = MAKE(m, Croft__V1__AuctionTerms, croft__v1__auction_terms__init);
    op->auction->bid_until_s = make_u64(m) / 2;
    op->auction->reveal_until_s = op->auction->bid_until_s + make_1_to(m, UINT32_MAX);
    op->auction->rule = make_below(m, 2);
    op->auction->bid_deposit = make_u64(m);
}

static inline void make_gateway_terms(struct maker *m, Croft__V1__OrderOpen *op)
{
    op->gateway = MAKE(m, Croft__V1__GatewayTerms, croft__v1__gateway_terms__init);
    op->gateway->gateway_address = make_bytes(m, 32);
    op->gateway->price = make_price(m);
    op->gateway->bytes_max = make_amount(m);
}

/* Time can be firm or reserved and has no most; what is counted is spot and has one. */
static inline void make_service_terms(struct maker *m, Croft__V1__OrderOpen *op)
{
    op->kind = make_below(m, 2);
    op->count = op->kind == CROFT_ORDER_GANG ? 2 + make_below(m, 63) : (u32)make_1_to(m, 64);
    op->price_kind = make_below(m, 4);
    bool by_second = op->price_kind == CROFT_PRICE_SECOND;
    op->service = by_second ? make_below(m, 3) : 0;
    op->firm_s = op->service != CROFT_SERVICE_SPOT ? (u32)make_1_to(m, UINT32_MAX) : 0;
    op->units_max = by_second ? 0 : make_amount(m);
}

static inline void make_order_terms(struct maker *m, Croft__V1__OrderOpen *op)
{
    op->id = make_order_id(m);
    op->class_ = make_below(m, UINT16_MAX + 1);
    op->price_max = make_price(m);
    op->egress = make_below(m, 3);
    op->amount = make_amount(m);
    op->expires_s = make_u64(m);
    op->start_s = make_below(m, UINT16_MAX + 1);
    op->unsigned_s = make_below(m, 601);
    op->hold_s = make_below(m, UINT16_MAX + 1);
    op->keep_s = (u32)make_u64(m);
    op->disk_gib = make_below(m, (1 << 24) + 1);
    op->workload = make_bytes(m, 32);
    op->voucher_key = make_bytes(m, 32);
    op->voucher_cap = make_u64(m);
    op->once = croft_rng_chance(&m->rng, 2);
}

/* A service or gang with offers to take, an auction, or a batch. */
static inline void make_order_open(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__OrderOpen *op = MAKE_OP(m, body, order_open, OrderOpen);
    u32 which = make_below(m, 4);
    make_order_terms(m, op);
    make_service_terms(m, op);
    op->takes = make_takes(m);
    if (which == 0) {
        op->service = op->firm_s = 0;
        op->units_max = 0;
        make_batch_terms(m, op);
    } else if (which == 1) {
        make_auction_terms(m, op);
    } else {
        op->n_takes = make_below(m, croft_rng_chance(&m->rng, 8) ? op->count + CROFT_ALTERNATES_MAX + 1 : 3);
    }
    if (croft_rng_chance(&m->rng, 3))
        make_gateway_terms(m, op);
}

static inline void make_order_fund(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__OrderFund *op = MAKE_OP(m, body, order_fund, OrderFund);
    op->buyer_address = make_bytes(m, 32);
    op->order = make_order_id(m);
    op->asset = make_asset(m);
    op->lease = op->asset == CROFT_ASSET_CREDIT ? make_below(m, UINT16_MAX + 1) : 0;
    op->amount = make_amount(m);
}

static inline void make_order_take(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__OrderTake *op = MAKE_OP(m, body, order_take, OrderTake);
    op->order = make_order_id(m);
    op->replaces = make_below(m, UINT16_MAX + 1);
    op->n_takes = 1 + make_below(m, croft_rng_chance(&m->rng, 8) ? CROFT_TAKES_MAX : 3);
    op->takes = make_takes(m);
}

static inline void make_order_close(struct maker *m, Croft__V1__TxBody *body)
{
    MAKE_OP(m, body, order_close, OrderClose)->order = make_order_id(m);
}

/* ---- leases ---- */

static inline void make_lease_take(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__LeaseTake *op = MAKE_OP(m, body, lease_take, LeaseTake);
    op->buyer_address = make_bytes(m, 32);
    op->order = make_order_id(m);
    op->device = make_below(m, CROFT_DEVICES_MAX);
    op->seal_key = make_bytes(m, 32);
    if (croft_rng_chance(&m->rng, 2)) {
        op->first_task = make_below(m, CROFT_TASKS_MAX);
        op->task_count = (u32)make_1_to(m, CROFT_RANGE_TASKS_MAX);
    }
}

static inline void make_lease_ack(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__LeaseAck *op = MAKE_OP(m, body, lease_ack, LeaseAck);
    op->lease = make_lease_id(m);
    op->seal_key = make_32_or_none(m);
}

/* Room for one voucher more than there may be. */
static inline void make_settle(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__Settle *op = MAKE_OP(m, body, settle, Settle);
    op->n_vouchers = 1 + make_below(m, croft_rng_chance(&m->rng, 16) ? CROFT_VOUCHERS_MAX : 3);
    op->vouchers = croft_new(&m->mem, Croft__V1__Voucher *, CROFT_VOUCHERS_MAX + 1);
    CROFT_ASSERT(op->vouchers != NULL);
    for (u32 i = 0; i <= CROFT_VOUCHERS_MAX; i++)
        op->vouchers[i] = make_voucher(m);
}

static inline void make_lease_stop(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__LeaseStop *op = MAKE_OP(m, body, lease_stop, LeaseStop);
    op->lease = make_lease_id(m);
    op->result = make_up_to(m, 32);
    if (croft_rng_chance(&m->rng, 2))
        return;
    op->voucher = make_voucher(m);
    op->voucher->lease = op->lease;
}

static inline void make_lease_notice(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__LeaseNotice *op = MAKE_OP(m, body, lease_notice, LeaseNotice);
    op->lease = make_lease_id(m);
    op->end_s = make_u64(m);
}

static inline void make_lease_call(struct maker *m, Croft__V1__TxBody *body)
{
    MAKE_OP(m, body, lease_call, LeaseCall)->lease = make_lease_id(m);
}

static inline void make_lease_commit(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__LeaseCommit *op = MAKE_OP(m, body, lease_commit, LeaseCommit);
    op->lease = make_lease_id(m);
    op->results_root = make_bytes(m, 32);
}

/* ---- tasks ---- */

/* Room for one range more than there may be; all of them increase and lie apart. */
static inline void make_task_review(struct maker *m, Croft__V1__TxBody *body)
{
    enum { REJECTS_MAX = 16, STEP = CROFT_TASKS_MAX / (REJECTS_MAX + 1) };
    Croft__V1__TaskReview *op = MAKE_OP(m, body, task_review, TaskReview);
    op->lease = make_lease_id(m);
    op->n_rejects = make_below(m, REJECTS_MAX + 1);
    op->rejects = croft_new(&m->mem, Croft__V1__TaskRange *, REJECTS_MAX + 1);
    CROFT_ASSERT(op->rejects != NULL);
    for (u32 i = 0; i <= REJECTS_MAX; i++) {
        op->rejects[i] = MAKE(m, Croft__V1__TaskRange, croft__v1__task_range__init);
        op->rejects[i]->first = i * STEP + make_below(m, STEP - CROFT_RANGE_TASKS_MAX);
        op->rejects[i]->count = (u32)make_1_to(m, CROFT_RANGE_TASKS_MAX);
    }
}

static inline void make_task_contest(struct maker *m, Croft__V1__TxBody *body)
{
    MAKE_OP(m, body, task_contest, TaskContest)->lease = make_lease_id(m);
}

static inline void make_task_judge(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__TaskJudge *op = MAKE_OP(m, body, task_judge, TaskJudge);
    op->lease = make_lease_id(m);
    op->upheld = croft_rng_chance(&m->rng, 2);
    if (croft_rng_chance(&m->rng, 2))
        return;
    op->task = make_below(m, CROFT_TASKS_MAX);
    op->result_hash = make_bytes(m, 32);
    op->path = make_path(m, &op->n_path);
}

/* ---- auctions, token ---- */

static inline void make_bid_place(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__BidPlace *op = MAKE_OP(m, body, bid_place, BidPlace);
    op->buyer_address = make_bytes(m, 32);
    op->order = make_order_id(m);
    op->device = make_below(m, CROFT_DEVICES_MAX);
    op->commitment = make_bytes(m, 32);
}

static inline void make_bid_reveal(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__BidReveal *op = MAKE_OP(m, body, bid_reveal, BidReveal);
    op->buyer_address = make_bytes(m, 32);
    op->order = make_order_id(m);
    op->device = make_below(m, CROFT_DEVICES_MAX);
    op->price = make_price(m);
    op->salt = make_bytes(m, 32);
}

static inline void make_oracle_report(struct maker *m, Croft__V1__TxBody *body)
{
    MAKE_OP(m, body, oracle_report, OracleReport)->price = make_u64(m);
}

static inline void make_buyback(struct maker *m, Croft__V1__TxBody *body)
{
    Croft__V1__Buyback *op = MAKE_OP(m, body, buyback, Buyback);
    op->amount = make_amount(m);
    op->credits_min = make_u64(m);
}

static inline void make_claim_reward(struct maker *m, Croft__V1__TxBody *body)
{
    MAKE_OP(m, body, claim_reward, ClaimReward)->sell = croft_rng_chance(&m->rng, 2);
}

#endif
