#include "bench/deals.h"

#include "base/assert.h"
#include "base/buf.h"
#include "bench/load.h"
#include "bench/report.h"

#include <string.h>

enum { KEY_LEAD = 0, DECODED_BYTES = 5120, PACKED_BYTES = 3072, JOURNAL_BYTES = 1 << 30, GROUP = 16 };

double croft_deals_seconds(const struct croft_deals_cost *c)
{
    return c->decode_s + c->execute_s + c->roots_s;
}

/* ---- people: their keys are their numbers, for nobody checks a signature ---- */

static struct croft_public_key key_of(u32 person)
{
    struct croft_public_key key = {"croft bench person"};
    croft_put_u32(key.b + 28, person);
    return key;
}

static Croft__V1__KeySet *key_set_of(u32 person, struct croft_arena *mem)
{
    struct croft_public_key *key = croft_new(mem, struct croft_public_key, 1);
    CROFT_ASSERT(key != NULL);
    *key = key_of(person);
    Croft__V1__KeySet *set = croft_key_set_single(key, mem);
    CROFT_ASSERT(set != NULL);
    return set;
}

static void make_people(struct croft_deals *d)
{
    struct croft_arena mem = croft_region_arena(&d->people_region);
    d->address = croft_new(&mem, struct croft_address, d->people);
    d->used = croft_new(&mem, u32, d->people);
    CROFT_ASSERT(d->address != NULL && d->used != NULL);
    for (u32 i = 0; i < d->people; i++) {
        struct croft_arena scratch = d->mem;
        d->address[i] = croft_key_set_address(key_set_of(i, &scratch));
    }
}

/* ---- the ledger ---- */

static u32 log2_for(u32 records)
{
    u32 log2 = 10;
    while ((UINT64_C(1) << log2) < records)
        log2++;
    return log2;
}

static croft_err make_genesis(struct croft_deals *d, struct croft_arena *mem, const Croft__V1__Genesis **out,
                              struct croft_why *why)
{
    const struct croft_load load = {.accounts = d->people, .address = d->address, .time_s = d->start_s};
    if (!croft_region_map(&d->genesis_region, ((size_t)d->people << 10) + (1 << 20)))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    *mem = croft_region_arena(&d->genesis_region);
    *out = croft_load_genesis(&load, croft_bench_chain_key(&d->chain), mem);
    return croft_genesis_check(*out, why);
}

static croft_err open_chain(struct croft_deals *d, struct croft_why *why)
{
    const Croft__V1__Genesis *g;
    struct croft_arena mem;
    CROFT_TRY(make_genesis(d, &mem, &g, why));
    d->chain.now_s = d->now_s;
    CROFT_TRY(croft_bench_chain_open(&d->chain, g, why));
    d->ledger = croft_solo_ledger(d->chain.solo);
    return CROFT_OK;
}

static croft_err begin_bare(struct croft_deals *d, struct croft_why *why)
{
    const Croft__V1__Genesis *g;
    struct croft_arena mem;
    CROFT_TRY(make_genesis(d, &mem, &g, why));
    struct croft_hash network = croft_genesis_id(g, mem);
    croft_err err = croft_ledger_genesis(d->bare, g, &network, why);
    croft_region_unmap(&d->genesis_region);
    return err;
}

static croft_err open_bare(struct croft_deals *d, struct croft_why *why)
{
    const struct croft_state_limits limits = {.records_max_log2 = log2_for(d->people + 16),
                                              .journal_bytes = JOURNAL_BYTES};
    if (!croft_region_map(&d->ledger_region, croft_ledger_size(&limits)))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    struct croft_arena mem = croft_region_arena(&d->ledger_region);
    CROFT_TRY(croft_ledger_init(&mem, &limits, &d->bare));
    croft_ledger_trust_signatures(d->bare, true);
    d->ledger = d->bare;
    return begin_bare(d, why);
}

croft_err croft_deals_open(struct croft_deals *d, u32 people, u32 txs_max, const char *folder, struct croft_why *why)
{
    enum { START_S = 1800000000 };
    size_t each = sizeof *d->tx + sizeof *d->stamp + PACKED_BYTES;
    size_t decoding = (size_t)CROFT_DEALS_BLOCK_TXS * (sizeof(struct croft_tx) + DECODED_BYTES);
    *d = (struct croft_deals){
        .people = people, .max = txs_max, .start_s = START_S, .now_s = START_S, .chain.folder = folder};
    if (!croft_region_map(&d->people_region, (size_t)people * (sizeof *d->address + sizeof *d->used) + 4096) ||
        !croft_region_map(&d->txs_region, txs_max * each + decoding + (1 << 20)))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space");
    d->mem = croft_region_arena(&d->txs_region);
    d->tx = croft_new(&d->mem, struct croft_bytes, txs_max);
    d->stamp = croft_new(&d->mem, u64, txs_max);
    CROFT_ASSERT(d->tx != NULL && d->stamp != NULL);
    make_people(d);
    return folder == NULL ? open_bare(d, why) : open_chain(d, why);
}

void croft_deals_close(struct croft_deals *d)
{
    if (d->chain.folder != NULL)
        croft_bench_chain_close(&d->chain);
    croft_region_unmap(&d->genesis_region);
    croft_region_unmap(&d->ledger_region);
    croft_region_unmap(&d->people_region);
    croft_region_unmap(&d->txs_region);
}

/* ---- blocks ---- */

static croft_err begin_block(struct croft_deals *d, struct croft_why *why)
{
    return croft_ledger_block_begin(d->bare, croft_ledger_height(d->ledger) + 1, d->now_s, why);
}

static void end_block(struct croft_deals *d)
{
    struct croft_block_end end;
    croft_ledger_block_end(d->bare, &end);
    croft_ledger_block_accept(d->bare);
    croft_ledger_saved(d->bare);
}

/* What the next transactions read, fetched at once, as the solo driver does. */
static void bring_group(struct croft_deals *d, const struct croft_tx *tx, u32 left)
{
    const struct croft_tx *group[GROUP];
    u32 slot[GROUP], count = left < GROUP ? left : GROUP;
    for (u32 i = 0; i < count; i++)
        group[i] = &tx[i];
    croft_ledger_bring(d->ledger, group, count, slot);
}

static croft_err execute(struct croft_deals *d, const struct croft_tx *tx, u32 count, u64 *stamp,
                         struct croft_why *why)
{
    u64 height = croft_ledger_height(d->ledger) + 1;
    for (u32 i = 0; i < count; i++) {
        struct croft_receipt receipt;
        if (i % GROUP == 0)
            bring_group(d, tx + i, count - i);
        croft_err err = croft_ledger_block_tx(d->bare, &tx[i], NULL, &receipt);
        if (err == CROFT_OK)
            err = croft_err_of(receipt.code);
        if (err != CROFT_OK)
            return croft_fail(why, CROFT_ERR_STATE, "%s: %s", croft_op_name((u32)tx[i].body->op_case),
                              croft_err_text(err));
        stamp[i] = height << 20 | i;
    }
    return CROFT_OK;
}

static croft_err run_block(struct croft_deals *d, u32 from, u32 count, struct croft_deals_cost *cost,
                           struct croft_why *why)
{
    struct croft_arena mem = d->mem;
    struct croft_tx *tx = croft_new(&mem, struct croft_tx, count);
    CROFT_ASSERT(tx != NULL);
    double start = croft_core_seconds();
    for (u32 i = 0; i < count; i++) {
        croft_err err = croft_tx_decode(d->tx[from + i], croft_ledger_network(d->ledger), &mem, &tx[i]);
        if (err != CROFT_OK)
            return croft_fail(why, CROFT_ERR_STATE, "transaction %u: %s", from + i, croft_err_text(err));
    }
    double decoded = croft_core_seconds();
    CROFT_TRY(begin_block(d, why));
    CROFT_TRY(execute(d, tx, count, d->stamp + from, why));
    double executed = croft_core_seconds();
    end_block(d);
    cost->decode_s += decoded - start;
    cost->execute_s += executed - decoded;
    cost->roots_s += croft_core_seconds() - executed;
    cost->txs += count;
    cost->blocks++;
    return CROFT_OK;
}

static croft_err run_on_chain(struct croft_deals *d, u32 from, u32 count, struct croft_deals_cost *cost,
                              struct croft_why *why)
{
    d->chain.now_s = d->now_s;
    CROFT_TRY(croft_bench_chain_run(&d->chain, d->tx + from, count, d->stamp + from, d->mem, &cost->execute_s, why));
    cost->txs += count;
    cost->blocks++;
    return CROFT_OK;
}

/* The first transaction's room follows the lists, the last one's is followed by what decoding takes. */
static void forget_txs(struct croft_deals *d)
{
    d->mem.at = (u8 *)(d->stamp + d->max);
    d->count = 0;
}

croft_err croft_deals_run(struct croft_deals *d, struct croft_deals_cost *cost, struct croft_why *why)
{
    for (u32 at = 0; at < d->count; at += CROFT_DEALS_BLOCK_TXS) {
        u32 left = d->count - at, count = left < CROFT_DEALS_BLOCK_TXS ? left : CROFT_DEALS_BLOCK_TXS;
        CROFT_TRY(d->bare != NULL ? run_block(d, at, count, cost, why) : run_on_chain(d, at, count, cost, why));
    }
    forget_txs(d);
    return CROFT_OK;
}

croft_err croft_deals_pass(struct croft_deals *d, u64 later_s, double *out_seconds, u32 *out_due,
                           struct croft_why *why)
{
    d->now_s += later_s;
    d->chain.now_s = d->now_s;
    double start = croft_core_seconds();
    if (d->bare != NULL) {
        CROFT_TRY(begin_block(d, why));
        *out_due = croft_ledger_block_due_count(d->ledger);
        end_block(d);
    } else {
        u64 height = croft_ledger_height(d->ledger);
        CROFT_TRY(croft_bench_chain_due(&d->chain, why));
        *out_due = croft_ledger_height(d->ledger) > height;
    }
    *out_seconds = croft_core_seconds() - start;
    return CROFT_OK;
}

/* ---- transactions ---- */

static ProtobufCBinaryData bytes(const void *at, size_t len)
{
    return (ProtobufCBinaryData){len, (u8 *)(uintptr_t)at};
}

static ProtobufCBinaryData address_of(const struct croft_deals *d, u32 person)
{
    CROFT_ASSERT(person < d->people);
    return bytes(d->address[person].b, sizeof d->address[person].b);
}

/* For what the ledger keeps and never reads: workloads, keys, roots. */
static ProtobufCBinaryData some_32(void)
{
    static const u8 some[32] = "thirty-two bytes of a benchmark";
    return bytes(some, sizeof some);
}

static ProtobufCBinaryData no_signature(void)
{
    static const u8 none[64];
    return bytes(none, sizeof none);
}

static struct croft_bytes with_signature(struct croft_bytes packed, struct croft_arena *mem)
{
    Croft__V1__Signature s = CROFT__V1__SIGNATURE__INIT, *list[] = {&s};
    Croft__V1__Tx tx = CROFT__V1__TX__INIT;
    s.key = KEY_LEAD;
    s.value = no_signature();
    tx.body = bytes(packed.at, packed.len);
    tx.n_signatures = 1;
    tx.signatures = list;
    return croft_pack(&tx.base, mem);
}

/* Puts a body, of which the operation is set, among those that wait.  The body itself lies in the room behind. */
static void add(struct croft_deals *d, u32 person, Croft__V1__TxBody *body)
{
    u8 room[1024];
    struct croft_arena keys = {room, room + sizeof room};
    CROFT_ASSERT(d->count < d->max);
    body->format = 1;
    body->account_address = address_of(d, person);
    body->nonce = (d->start_s << 20) + d->used[person] + 1;
    body->valid_until_s = d->now_s + 3600;
    body->fee_max = CROFT_UNITS_PER_CREDIT;
    body->key_set = d->used[person] == 0 ? key_set_of(person, &keys) : NULL;
    body->lead_key = KEY_LEAD;
    struct croft_bytes packed = croft_pack(&body->base, &d->mem);
    CROFT_ASSERT(packed.at != NULL);
    d->tx[d->count] = with_signature(packed, &d->mem);
    CROFT_ASSERT(d->tx[d->count].at != NULL);
    d->count++;
    d->used[person]++;
}

/* A body with one operation: DEAL(body, op, Settle, settle, SETTLE) declares both. */
#define DEAL(body, op, Type, type, CASE)                     \
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;       \
    Croft__V1__##Type op;                                    \
    croft__v1__##type##__init(&(op));                        \
    (body).op_case = CROFT__V1__TX_BODY__OP_##CASE;          \
    (body).type = &(op)

void croft_deal_transfer(struct croft_deals *d, u32 from, u32 to)
{
    Croft__V1__Leg leg = CROFT__V1__LEG__INIT, *legs[] = {&leg};
    DEAL(body, op, Transfer, transfer, TRANSFER);
    leg.to_address = address_of(d, to);
    leg.amount = 1;
    op.n_legs = 1;
    op.legs = legs;
    add(d, from, &body);
}

void croft_deal_admit(struct croft_deals *d, u32 owner, u32 node)
{
    DEAL(body, op, NodeAdmit, node_admit, NODE_ADMIT);
    op.node_address = address_of(d, node);
    add(d, owner, &body);
}

void croft_deal_offer(struct croft_deals *d, u32 node, u32 device)
{
    enum { LIFE_S = 2000000, SPOT = 1, PULL_WEB = 3, NOTICE_S = 60 };
    Croft__V1__Capability capability = CROFT__V1__CAPABILITY__INIT;
    Croft__V1__Prices prices = CROFT__V1__PRICES__INIT;
    DEAL(body, op, OfferPost, offer_post, OFFER_POST);
    capability.vendor = 1;
    capability.model = (char *)(uintptr_t) "rtx4090";
    capability.interface = 1;
    capability.gpu_count = 1;
    capability.vram_mib = 24564;
    capability.ram_mib = 65536;
    capability.disk_gib = 500;
    capability.cores = 16;
    prices.second = CROFT_DEAL_PRICE;
    prices.frame = CROFT_DEAL_TASK_PRICE;
    op.device = device;
    op.capability = &capability;
    op.prices = &prices;
    op.services = SPOT;
    op.egress = PULL_WEB;
    op.notice_s = NOTICE_S;
    op.until_s = d->now_s + LIFE_S + node % 100000;
    add(d, node, &body);
}

/* ---- orders ---- */

static void set_terms(const struct croft_deals *d, const struct croft_deal_order *o, Croft__V1__OrderOpen *op)
{
    enum { START_S = 600, UNSIGNED_S = 60, HOLD_S = 120 };
    op->id = o->id;
    op->count = 1;
    op->price_max = CROFT_DEAL_PRICE;
    op->amount = o->amount;
    op->expires_s = d->now_s + o->life_s;
    op->start_s = START_S;
    op->unsigned_s = UNSIGNED_S;
    op->hold_s = HOLD_S;
    op->workload = some_32();
    op->voucher_key = some_32();
}

void croft_deal_open(struct croft_deals *d, const struct croft_deal_order *o)
{
    enum { TIMEOUT_S = 3600, WINDOW_S = 600 };
    Croft__V1__BatchTerms batch = CROFT__V1__BATCH_TERMS__INIT;
    Croft__V1__Take take = CROFT__V1__TAKE__INIT, *takes[] = {&take};
    DEAL(body, op, OrderOpen, order_open, ORDER_OPEN);
    set_terms(d, o, &op);
    if (o->task_count == 0) {
        take.node_address = address_of(d, o->node);
        take.device = o->device;
        take.price = CROFT_DEAL_PRICE;
        op.n_takes = 1;
        op.takes = takes;
    } else {
        batch.task_count = o->task_count;
        batch.task_root = some_32();
        batch.timeout_s = TIMEOUT_S;
        batch.window_s = WINDOW_S;
        op.kind = CROFT_ORDER_BATCH;
        op.price_kind = CROFT_PRICE_FRAME;
        op.price_max = CROFT_DEAL_TASK_PRICE;
        op.once = true;
        op.batch = &batch;
    }
    add(d, o->buyer, &body);
}

void croft_deal_close(struct croft_deals *d, u32 buyer, u64 order)
{
    DEAL(body, op, OrderClose, order_close, ORDER_CLOSE);
    op.order = order;
    add(d, buyer, &body);
}

/* ---- leases ---- */

static Croft__V1__LeaseId lease_id(const struct croft_deals *d, const struct croft_deal_lease *l)
{
    Croft__V1__LeaseId id = CROFT__V1__LEASE_ID__INIT;
    id.buyer_address = address_of(d, l->buyer);
    id.order = l->order;
    id.lease = l->number;
    return id;
}

void croft_deal_ack(struct croft_deals *d, u32 node, const struct croft_deal_lease *l)
{
    Croft__V1__LeaseId id = lease_id(d, l);
    DEAL(body, op, LeaseAck, lease_ack, LEASE_ACK);
    op.lease = &id;
    op.seal_key = some_32();
    add(d, node, &body);
}

struct voucher {
    Croft__V1__LeaseId id;
    Croft__V1__Voucher v;
};

static Croft__V1__Voucher *next_voucher(const struct croft_deals *d, struct croft_deal_lease *l, struct voucher *out)
{
    out->id = lease_id(d, l);
    croft__v1__voucher__init(&out->v);
    out->v.lease = &out->id;
    out->v.stamp = l->stamp;
    out->v.served_until_s = d->now_s;
    out->v.units = d->now_s - l->taken_s;
    out->v.seq = ++l->seq;
    out->v.public_key = some_32();
    out->v.signature = no_signature();
    return &out->v;
}

void croft_deal_settle(struct croft_deals *d, u32 node, struct croft_deal_lease **lease, u32 count)
{
    struct voucher voucher[CROFT_VOUCHERS_MAX];
    Croft__V1__Voucher *list[CROFT_VOUCHERS_MAX];
    CROFT_ASSERT(count >= 1 && count <= CROFT_VOUCHERS_MAX);
    DEAL(body, op, Settle, settle, SETTLE);
    for (u32 i = 0; i < count; i++)
        list[i] = next_voucher(d, lease[i], &voucher[i]);
    op.n_vouchers = count;
    op.vouchers = list;
    add(d, node, &body);
}

/* ---- tasks ---- */

void croft_deal_take_tasks(struct croft_deals *d, u32 node, u32 buyer, u64 order, u32 first, u32 count)
{
    DEAL(body, op, LeaseTake, lease_take, LEASE_TAKE);
    op.buyer_address = address_of(d, buyer);
    op.order = order;
    op.seal_key = some_32();
    op.first_task = first;
    op.task_count = count;
    add(d, node, &body);
}

void croft_deal_commit(struct croft_deals *d, u32 node, const struct croft_deal_lease *l)
{
    Croft__V1__LeaseId id = lease_id(d, l);
    DEAL(body, op, LeaseCommit, lease_commit, LEASE_COMMIT);
    op.lease = &id;
    op.results_root = some_32();
    add(d, node, &body);
}

void croft_deal_accept(struct croft_deals *d, const struct croft_deal_lease *l)
{
    Croft__V1__LeaseId id = lease_id(d, l);
    DEAL(body, op, TaskReview, task_review, TASK_REVIEW);
    op.lease = &id;
    add(d, l->buyer, &body);
}
