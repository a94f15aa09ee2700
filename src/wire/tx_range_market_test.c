/* Goal: every field of every operation of the market is refused outside its range and taken at its ends.
 * Method: one change at a time to a random valid body, with the answer that the range of the field gives. */
#include "wire/test_range_int.h"

#define ORDER_ID_MAX ((UINT64_C(1) << 48) - 1)

/* A number that is taken from low to high. */
#define BETWEEN(OP, field, low, high)           \
    do {                                        \
        EDGE(OP, b->field = (low), OK);         \
        EDGE(OP, b->field = (high), OK);        \
        EDGE(OP, b->field = (low)-1, RANGE);    \
        EDGE(OP, b->field = (high) + 1, RANGE); \
    } while (0)
/* The same from 0. */
#define UP_TO(OP, field, high)                  \
    do {                                        \
        EDGE(OP, b->field = 0, OK);             \
        EDGE(OP, b->field = (high), OK);        \
        EDGE(OP, b->field = (high) + 1, RANGE); \
    } while (0)
#define ANY_U64(OP, field)                   \
    do {                                     \
        EDGE(OP, b->field = 0, OK);          \
        EDGE(OP, b->field = UINT64_MAX, OK); \
    } while (0)
#define ANY_U32(OP, field)                   \
    do {                                     \
        EDGE(OP, b->field = 0, OK);          \
        EDGE(OP, b->field = UINT32_MAX, OK); \
    } while (0)
#define BYTES_32(OP, field)                             \
    do {                                                \
        EDGE(OP, b->field = make_bytes(&m, 0), RANGE);  \
        EDGE(OP, b->field = make_bytes(&m, 31), RANGE); \
        EDGE(OP, b->field = make_bytes(&m, 33), RANGE); \
        EDGE(OP, b->field = make_bytes(&m, 32), OK);    \
    } while (0)
#define BYTES_32_OR_NONE(OP, field)                     \
    do {                                                \
        EDGE(OP, b->field = make_bytes(&m, 0), OK);     \
        EDGE(OP, b->field = make_bytes(&m, 1), RANGE);  \
        EDGE(OP, b->field = make_bytes(&m, 31), RANGE); \
        EDGE(OP, b->field = make_bytes(&m, 33), RANGE); \
        EDGE(OP, b->field = make_bytes(&m, 32), OK);    \
    } while (0)
#define ORDER_OF(OP, op)                          \
    do {                                          \
        ADDRESS(OP, op->buyer_address);           \
        BETWEEN(OP, op->order, 1u, ORDER_ID_MAX); \
    } while (0)
#define LEASE_OF(OP, op)                               \
    do {                                               \
        EDGE(OP, b->op->lease = NULL, RANGE);          \
        ORDER_OF(OP, op->lease);                       \
        BETWEEN(OP, op->lease->lease, 1u, UINT16_MAX); \
    } while (0)
#define COUNTRY(OP, field)                           \
    do {                                             \
        EDGE(OP, b->field = make_bytes(&m, 0), OK);  \
        EDGE(OP, b->field = bytes_of("AZ"), OK);     \
        EDGE(OP, b->field = bytes_of("ZA"), OK);     \
        EDGE(OP, b->field = bytes_of("A"), RANGE);   \
        EDGE(OP, b->field = bytes_of("DEU"), RANGE); \
        EDGE(OP, b->field = bytes_of("de"), RANGE);  \
        EDGE(OP, b->field = bytes_of("@A"), RANGE);  \
        EDGE(OP, b->field = bytes_of("A["), RANGE);  \
    } while (0)
#define MODEL(OP, field, empty)                                        \
    do {                                                               \
        EDGE(OP, b->field = text(""), empty);                          \
        EDGE(OP, b->field = text("a"), OK);                            \
        EDGE(OP, b->field = text("abcxyz-0123456789-a-b-c-"), OK);     \
        EDGE(OP, b->field = text("abcxyz-0123456789-a-b-c-d"), RANGE); \
        EDGE(OP, b->field = text("RTX4090"), RANGE);                   \
        EDGE(OP, b->field = text("rtx 4090"), RANGE);                  \
        EDGE(OP, b->field = text("rtx_4090"), RANGE);                  \
        EDGE(OP, b->field = text("\xc3\xa4"), RANGE);                  \
    } while (0)

static ProtobufCBinaryData bytes_of(const char *s)
{
    ProtobufCBinaryData b = make_bytes(&m, strlen(s));
    memcpy(b.data, s, b.len);
    return b;
}

/* ---- providers, nodes ---- */

static void test_providers(void **unused)
{
    (void)unused;
    ADDRESS(NODE_ADMIT, node_admit->node_address);
    EDGE(NODE_ADMIT, b->node_admit->node_address = b->account_address, SELF);
    ADDRESS(NODE_REMOVE, node_remove->node_address);
    EDGE(PROVIDER_LEAVE, (void)b, OK);
    EDGE(STAKE_LOCK, b->stake_lock->amount = 0, RANGE);
    EDGE(STAKE_LOCK, b->stake_lock->amount = UINT64_MAX, OK);
    EDGE(STAKE_UNLOCK, b->stake_unlock->amount = 0, RANGE);
    EDGE(STAKE_UNLOCK, b->stake_unlock->amount = UINT64_MAX, OK);
}

static void test_slash(void **unused)
{
    (void)unused;
    LEASE_OF(SLASH, slash);
    EDGE(SLASH, b->slash->stamp = 0, RANGE);
    EDGE(SLASH, b->slash->stamp = UINT64_MAX, OK);
    UP_TO(SLASH, slash->task, CROFT_TASKS_MAX - 1);
    BYTES_32(SLASH, slash->result_hash);
    BYTES_32(SLASH, slash->committed_hash);
    BYTES_32(SLASH, slash->node_key);
    EDGE(SLASH, b->slash->committed_hash = b->slash->result_hash, RANGE);
    EDGE(SLASH, b->slash->node_signature = make_bytes(&m, 63), RANGE);
    EDGE(SLASH, b->slash->node_signature = make_bytes(&m, 65), RANGE);
    UP_TO(SLASH, slash->n_path, 12);
    EDGE(SLASH, b->slash->n_path = 12; b->slash->path[11] = make_bytes(&m, 31), RANGE);
    EDGE(SLASH, b->slash->n_path = 12; b->slash->path[0] = make_bytes(&m, 33), RANGE);
}

/* A line of a key and a value of these lengths. */
static ProtobufCBinaryData one_attribute(size_t key, size_t value)
{
    ProtobufCBinaryData b = make_bytes(&m, key + value + 2);
    memset(b.data, 'k', b.len);
    b.data[key] = '=';
    b.data[b.len - 1] = '\n';
    return b;
}

/* Lines of 100 bytes but for the last, `len` bytes in all. */
static ProtobufCBinaryData many_attributes(size_t len)
{
    ProtobufCBinaryData b = make_bytes(&m, len);
    for (size_t at = 0; at < len; at += 100) {
        size_t line = len - at < 100 ? len - at : 100;
        memset(b.data + at, 'k', line);
        b.data[at] = (u8)('a' + at / 100);
        b.data[at + line / 2] = '=';
        b.data[at + line - 1] = '\n';
    }
    return b;
}

static void test_attributes(void **unused)
{
    (void)unused;
    static const char *const good[] = {"",
                                       "a=1\n",
                                       "a=1\nb=1\n",
                                       "a=1\nab=1\n",
                                       "a-b=1\na/b=1\na_b=1\n",
                                       "a==\n",
                                       "a= \n",
                                       "a=~\n",
                                       "-=1\n/=1\n0=1\n9=1\n_=1\na=1\nz=1\n"};
    static const char *const bad[] = {
        "a",       "a=",       "a=1",          "=1\n",       "a=\n",       "a\n",        "A=1\n",
        "a.b=1\n", "a=1\n\n",  "\n",           "a=1\na=1\n", "a=1\na=2\n", "b=1\na=1\n", "ab=1\na=1\n",
        "a=\t\n",  "a=\x7f\n", "a=\xc3\xa4\n", "a=1\r\n",    "a b=1\n",    " a=1\n",     "a=1\nb"};
    for (size_t i = 0; i < CROFT_COUNT(good); i++)
        EDGE(NODE_SET, b->node_set->attributes = bytes_of(good[i]), OK);
    for (size_t i = 0; i < CROFT_COUNT(bad); i++)
        EDGE(NODE_SET, b->node_set->attributes = bytes_of(bad[i]), RANGE);
    EDGE(NODE_SET, b->node_set->attributes = one_attribute(64, 64), OK);
    EDGE(NODE_SET, b->node_set->attributes = one_attribute(65, 64), RANGE);
    EDGE(NODE_SET, b->node_set->attributes = one_attribute(64, 65), RANGE);
    EDGE(NODE_SET, b->node_set->attributes = one_attribute(1, 1); b->node_set->attributes.data[2] = 0, RANGE);
    EDGE(NODE_SET, b->node_set->attributes = many_attributes(CROFT_ATTRIBUTES_BYTES_MAX), OK);
    EDGE(NODE_SET, b->node_set->attributes = many_attributes(CROFT_ATTRIBUTES_BYTES_MAX + 4), RANGE);
}

static void test_nodes(void **unused)
{
    (void)unused;
    COUNTRY(NODE_SET, node_set->country);
    UP_TO(NODE_SET, node_set->machine, 2);
    BYTES_32_OR_NONE(NODE_SET, node_set->seal_key);
    BYTES_32_OR_NONE(NODE_SET, node_set->peer_key);
    ADDRESS(CLAIM_SET, claim_set->node_address);
    COUNTRY(CLAIM_SET, claim_set->country);
    UP_TO(CLAIM_SET, claim_set->machine, 2);
    EDGE(CLAIM_SET, b->claim_set->claims = UINT64_MAX, OK);
    EDGE(CLAIM_SET, b->claim_set->claims = 0; b->claim_set->until_s = 0, OK);
    EDGE(CLAIM_SET, b->claim_set->claims = 0; b->claim_set->until_s = 1, RANGE);
    ANY_U64(CLAIM_SET, claim_set->until_s);
}

/* ---- classes, offers ---- */

#define CAPABILITY(OP, k)                \
    do {                                 \
        EDGE(OP, b->k = NULL, RANGE);    \
        UP_TO(OP, k->kind, 3);           \
        UP_TO(OP, k->vendor, 4);         \
        MODEL(OP, k->model, OK);         \
        UP_TO(OP, k->interface, 3);      \
        UP_TO(OP, k->gpu_count, 64);     \
        ANY_U32(OP, k->vram_mib);        \
        ANY_U32(OP, k->ram_mib);         \
        ANY_U32(OP, k->disk_gib);        \
        UP_TO(OP, k->cores, UINT16_MAX); \
        ANY_U32(OP, k->down_mbit);       \
        ANY_U32(OP, k->up_mbit);         \
        ANY_U32(OP, k->tops);            \
        ANY_U32(OP, k->gbs);             \
        UP_TO(OP, k->flags, 7);          \
        UP_TO(OP, k->isolation, 3);      \
    } while (0)

static void test_classes(void **unused)
{
    (void)unused;
    BETWEEN(CLASS_SET, class_set->number, 1u, UINT16_MAX);
    MODEL(CLASS_SET, class_set->name, RANGE);
    UP_TO(CLASS_SET, class_set->policy, 1);
    CAPABILITY(CLASS_SET, class_set->requirement);
    UP_TO(CLASS_SET, class_set->machine_min, 2);
    UP_TO(CLASS_SET, class_set->price, CROFT_PRICE_MAX);
    UP_TO(CLASS_SET, class_set->start_s, UINT16_MAX);
}

static void test_offers(void **unused)
{
    (void)unused;
    UP_TO(OFFER_POST, offer_post->device, 63);
    CAPABILITY(OFFER_POST, offer_post->capability);
    EDGE(OFFER_POST, b->offer_post->prices = NULL, RANGE);
    UP_TO(OFFER_POST, offer_post->prices->second, CROFT_PRICE_MAX);
    UP_TO(OFFER_POST, offer_post->prices->token, CROFT_PRICE_MAX);
    UP_TO(OFFER_POST, offer_post->prices->byte, CROFT_PRICE_MAX);
    UP_TO(OFFER_POST, offer_post->prices->frame, CROFT_PRICE_MAX);
    UP_TO(OFFER_POST, offer_post->prices->disk, CROFT_PRICE_MAX);
    UP_TO(OFFER_POST, offer_post->class_, UINT16_MAX);
    BETWEEN(OFFER_POST, offer_post->services, 1u, 7u);
    BETWEEN(OFFER_POST, offer_post->egress, 1u, 7u);
    ANY_U32(OFFER_POST, offer_post->notice_s);
    ANY_U64(OFFER_POST, offer_post->until_s);
    UP_TO(OFFER_WITHDRAW, offer_withdraw->device, 63);
}

/* ---- orders ---- */

/* A service order by the second, spot, one lease, that takes nothing yet. */
static Croft__V1__OrderOpen *plain(Croft__V1__TxBody *b)
{
    Croft__V1__OrderOpen *op = b->order_open;
    op->kind = CROFT_ORDER_SERVICE;
    op->count = 1;
    op->price_kind = CROFT_PRICE_SECOND;
    op->service = CROFT_SERVICE_SPOT;
    op->firm_s = 0;
    op->units_max = 0;
    op->n_takes = 0;
    op->batch = NULL;
    op->auction = NULL;
    op->gateway = NULL;
    op->arbiter_address = make_bytes(&m, 0);
    return op;
}

static Croft__V1__OrderOpen *gang(Croft__V1__TxBody *b)
{
    Croft__V1__OrderOpen *op = plain(b);
    op->kind = CROFT_ORDER_GANG;
    op->count = 2;
    return op;
}

static Croft__V1__OrderOpen *counted(Croft__V1__TxBody *b)
{
    Croft__V1__OrderOpen *op = plain(b);
    op->price_kind = CROFT_PRICE_TOKEN;
    op->units_max = 1;
    return op;
}

static Croft__V1__OrderOpen *firm(Croft__V1__TxBody *b)
{
    Croft__V1__OrderOpen *op = plain(b);
    op->service = CROFT_SERVICE_FIRM;
    op->firm_s = 1;
    return op;
}

static Croft__V1__OrderOpen *batch(Croft__V1__TxBody *b)
{
    Croft__V1__OrderOpen *op = plain(b);
    make_batch_terms(&m, op);
    return op;
}

static Croft__V1__OrderOpen *auction(Croft__V1__TxBody *b)
{
    Croft__V1__OrderOpen *op = plain(b);
    make_auction_terms(&m, op);
    return op;
}

static Croft__V1__OrderOpen *gateway(Croft__V1__TxBody *b)
{
    Croft__V1__OrderOpen *op = plain(b);
    make_gateway_terms(&m, op);
    return op;
}

#define ORDER(make, change, want) EDGE(ORDER_OPEN, Croft__V1__OrderOpen *o = make(b); change, want)

static void test_order_fields(void **unused)
{
    (void)unused;
    BETWEEN(ORDER_OPEN, order_open->id, 1u, ORDER_ID_MAX);
    EDGE(ORDER_OPEN, b->order_open->amount = 0, RANGE);
    EDGE(ORDER_OPEN, b->order_open->amount = UINT64_MAX, OK);
    UP_TO(ORDER_OPEN, order_open->class_, UINT16_MAX);
    BETWEEN(ORDER_OPEN, order_open->price_max, 1u, CROFT_PRICE_MAX);
    UP_TO(ORDER_OPEN, order_open->egress, 2);
    ANY_U64(ORDER_OPEN, order_open->expires_s);
    UP_TO(ORDER_OPEN, order_open->start_s, UINT16_MAX);
    UP_TO(ORDER_OPEN, order_open->unsigned_s, 600);
    UP_TO(ORDER_OPEN, order_open->hold_s, UINT16_MAX);
    ANY_U32(ORDER_OPEN, order_open->keep_s);
    UP_TO(ORDER_OPEN, order_open->disk_gib, 1u << 24);
    BYTES_32(ORDER_OPEN, order_open->workload);
    BYTES_32(ORDER_OPEN, order_open->voucher_key);
    ANY_U64(ORDER_OPEN, order_open->voucher_cap);
}

static void test_order_kinds(void **unused)
{
    (void)unused;
    ORDER(plain, o->kind = CROFT_ORDER_GANG, RANGE); /* of one */
    ORDER(plain, o->kind = CROFT_ORDER_BATCH, RANGE);
    ORDER(plain, o->kind = 3, RANGE);
    ORDER(plain, o->count = 0, RANGE);
    ORDER(plain, o->count = 64, OK);
    ORDER(plain, o->count = 65, RANGE);
    ORDER(gang, (void)o, OK);
    ORDER(gang, o->count = 1, RANGE);
    ORDER(gang, o->count = 64, OK);
    ORDER(gang, o->count = 65, RANGE);
    ORDER(plain, o->arbiter_address = make_bytes(&m, 32), RANGE); /* only batches have one */
    ORDER(gang, o->arbiter_address = make_bytes(&m, 32), RANGE);
}

static void test_order_services(void **unused)
{
    (void)unused;
    for (u32 kind = CROFT_PRICE_TOKEN; kind < CROFT_PRICE_KINDS; kind++) {
        ORDER(counted, o->price_kind = kind, OK);
        ORDER(counted, o->price_kind = kind; o->units_max = UINT64_MAX, OK);
        ORDER(counted, o->price_kind = kind; o->units_max = 0, RANGE);
        ORDER(firm, o->price_kind = kind; o->units_max = 1, RANGE); /* only time can be promised */
    }
    ORDER(counted, o->price_kind = CROFT_PRICE_KINDS, RANGE);
    ORDER(plain, o->units_max = 1, RANGE);
    ORDER(firm, o->firm_s = UINT32_MAX, OK);
    ORDER(firm, o->firm_s = 0, RANGE);
    ORDER(firm, o->service = CROFT_SERVICE_RESERVED, OK);
    ORDER(firm, o->service = CROFT_SERVICE_RESERVED; o->firm_s = 0, RANGE);
    ORDER(firm, o->service = CROFT_SERVICE_COUNT, RANGE);
    ORDER(firm, o->service = CROFT_SERVICE_SPOT, RANGE); /* spot promises nothing */
}

static void test_batches(void **unused)
{
    (void)unused;
    ORDER(batch, (void)o, OK);
    ORDER(batch, o->batch = NULL, RANGE);
    ORDER(batch, o->kind = CROFT_ORDER_SERVICE, RANGE);
    ORDER(batch, o->kind = CROFT_ORDER_GANG; o->count = 2, RANGE);
    ORDER(batch, o->price_kind = CROFT_PRICE_SECOND, RANGE);
    ORDER(batch, o->price_kind = CROFT_PRICE_TOKEN, RANGE);
    ORDER(batch, o->count = 2, RANGE);
    ORDER(batch, o->units_max = 1, RANGE);
    ORDER(batch, o->service = CROFT_SERVICE_FIRM; o->firm_s = 1, RANGE);
    ORDER(batch, o->n_takes = 1, RANGE);
    ORDER(batch, o->auction = auction(b)->auction; o->kind = CROFT_ORDER_BATCH, RANGE);
    ORDER(batch, o->batch->task_count = 0, RANGE);
    ORDER(batch, o->batch->task_count = 1, OK);
    ORDER(batch, o->batch->task_count = CROFT_TASKS_MAX, OK);
    ORDER(batch, o->batch->task_count = CROFT_TASKS_MAX + 1, RANGE);
    ORDER(batch, o->batch->task_root = make_bytes(&m, 31), RANGE);
    ORDER(batch, o->batch->task_root = make_bytes(&m, 0), RANGE);
    ORDER(batch, o->batch->timeout_s = o->batch->window_s = 0, OK); /* parameters of the network say more */
    ORDER(batch, o->batch->timeout_s = o->batch->window_s = UINT32_MAX, OK);
    ORDER(batch, o->arbiter_address = make_bytes(&m, 0), OK);
    ORDER(batch, o->arbiter_address = make_bytes(&m, 31), RANGE);
    ORDER(batch, o->arbiter_address = system_address(6), RESERVED);
    ORDER(batch, o->arbiter_address = b->account_address, OK);
}

static void test_auctions(void **unused)
{
    (void)unused;
    ORDER(auction, (void)o, OK);
    ORDER(auction, o->kind = CROFT_ORDER_GANG; o->count = 2, RANGE);
    ORDER(auction, o->n_takes = 1, RANGE);
    ORDER(auction, o->auction->rule = 0, OK);
    ORDER(auction, o->auction->rule = 1, OK);
    ORDER(auction, o->auction->rule = 2, RANGE);
    ORDER(auction, o->auction->reveal_until_s = o->auction->bid_until_s + 1, OK);
    ORDER(auction, o->auction->reveal_until_s = o->auction->bid_until_s, RANGE);
    ORDER(auction, o->auction->bid_until_s = UINT64_MAX; o->auction->reveal_until_s = 1, RANGE);
    ORDER(auction, o->auction->bid_deposit = UINT64_MAX, OK);
}

static void test_gateways(void **unused)
{
    (void)unused;
    ORDER(gateway, (void)o, OK);
    ORDER(gateway, o->gateway->gateway_address = make_bytes(&m, 31), RANGE);
    ORDER(gateway, o->gateway->gateway_address = system_address(1), RESERVED);
    ORDER(gateway, o->gateway->gateway_address = b->account_address, OK);
    ORDER(gateway, o->gateway->price = 0, RANGE);
    ORDER(gateway, o->gateway->price = CROFT_PRICE_MAX, OK);
    ORDER(gateway, o->gateway->price = CROFT_PRICE_MAX + 1, RANGE);
    ORDER(gateway, o->gateway->bytes_max = 0, RANGE);
    ORDER(gateway, o->gateway->bytes_max = UINT64_MAX, OK);
}

static void test_takes(void **unused)
{
    (void)unused;
    ORDER(plain, o->n_takes = 1 + CROFT_ALTERNATES_MAX, OK);
    ORDER(plain, o->n_takes = 1 + CROFT_ALTERNATES_MAX + 1, RANGE);
    ORDER(gang, o->count = 64; o->n_takes = CROFT_TAKES_MAX, OK);
    ORDER(gang, o->count = 64; o->n_takes = CROFT_TAKES_MAX + 1, RANGE);
    ORDER(gang, o->count = 63; o->n_takes = CROFT_TAKES_MAX, RANGE);
    ORDER(plain, o->n_takes = 2; o->takes[1] = o->takes[0], RANGE); /* one device twice */
    ORDER(plain, o->n_takes = 2; o->takes[0]->device = 1; o->takes[1]->device = 2;
          o->takes[1]->node_address = o->takes[0]->node_address, OK);
    BETWEEN(ORDER_TAKE, order_take->order, 1u, ORDER_ID_MAX);
    UP_TO(ORDER_TAKE, order_take->replaces, UINT16_MAX);
    BETWEEN(ORDER_TAKE, order_take->n_takes, 1u, (size_t)CROFT_TAKES_MAX);
    ADDRESS(ORDER_TAKE, order_take->takes[0]->node_address);
    UP_TO(ORDER_TAKE, order_take->takes[0]->device, 63);
    BETWEEN(ORDER_TAKE, order_take->takes[0]->price, 1u, CROFT_PRICE_MAX);
    EDGE(ORDER_TAKE, b->order_take->n_takes = 72; b->order_take->takes[71] = b->order_take->takes[0], RANGE);
    EDGE(ORDER_TAKE, b->order_take->n_takes = 72; b->order_take->takes[71]->price = 0, RANGE);
}

static void test_orders(void **unused)
{
    (void)unused;
    ORDER_OF(ORDER_FUND, order_fund);
    MONEY(ORDER_FUND, order_fund);
    EDGE(ORDER_FUND, b->order_fund->asset = CROFT_ASSET_CREDIT; b->order_fund->lease = 0, OK);
    EDGE(ORDER_FUND, b->order_fund->asset = CROFT_ASSET_CREDIT; b->order_fund->lease = UINT16_MAX, OK);
    EDGE(ORDER_FUND, b->order_fund->asset = CROFT_ASSET_CREDIT; b->order_fund->lease = UINT16_MAX + 1, RANGE);
    EDGE(ORDER_FUND, b->order_fund->asset = CROFT_ASSET_CROFT; b->order_fund->lease = 0, OK);
    EDGE(ORDER_FUND, b->order_fund->asset = CROFT_ASSET_CROFT; b->order_fund->lease = 1, RANGE);
    BETWEEN(ORDER_CLOSE, order_close->order, 1u, ORDER_ID_MAX);
}

/* ---- leases ---- */

static void test_lease_take(void **unused)
{
    (void)unused;
    ORDER_OF(LEASE_TAKE, lease_take);
    UP_TO(LEASE_TAKE, lease_take->device, 63);
    BYTES_32(LEASE_TAKE, lease_take->seal_key);
    EDGE(LEASE_TAKE, b->lease_take->first_task = b->lease_take->task_count = 0, OK);
    EDGE(LEASE_TAKE, b->lease_take->first_task = 1; b->lease_take->task_count = 0, RANGE);
    EDGE(LEASE_TAKE, b->lease_take->first_task = 0; b->lease_take->task_count = CROFT_RANGE_TASKS_MAX, OK);
    EDGE(LEASE_TAKE, b->lease_take->first_task = 0;
         b->lease_take->task_count = CROFT_RANGE_TASKS_MAX + 1, RANGE);
    EDGE(LEASE_TAKE, b->lease_take->first_task = CROFT_TASKS_MAX - 1; b->lease_take->task_count = 1, OK);
    EDGE(LEASE_TAKE, b->lease_take->first_task = CROFT_TASKS_MAX; b->lease_take->task_count = 1, RANGE);
}

#define VOUCHER(OP, v)                                         \
    do {                                                       \
        EDGE(OP, b->v->stamp = 0, RANGE);                      \
        EDGE(OP, b->v->stamp = UINT64_MAX, OK);                \
        EDGE(OP, b->v->seq = 0, RANGE);                        \
        EDGE(OP, b->v->seq = UINT64_MAX, OK);                  \
        ANY_U64(OP, v->served_until_s);                        \
        ANY_U64(OP, v->units);                                 \
        BYTES_32(OP, v->public_key);                           \
        EDGE(OP, b->v->signature = make_bytes(&m, 0), RANGE);  \
        EDGE(OP, b->v->signature = make_bytes(&m, 63), RANGE); \
        EDGE(OP, b->v->signature = make_bytes(&m, 65), RANGE); \
    } while (0)

static void test_settle(void **unused)
{
    (void)unused;
    BETWEEN(SETTLE, settle->n_vouchers, 1u, (size_t)CROFT_VOUCHERS_MAX);
    LEASE_OF(SETTLE, settle->vouchers[0]);
    VOUCHER(SETTLE, settle->vouchers[0]);
    EDGE(SETTLE, b->settle->n_vouchers = 64; b->settle->vouchers[63]->seq = 0, RANGE);
    EDGE(SETTLE, b->settle->n_vouchers = 2;
         b->settle->vouchers[1] = b->settle->vouchers[0], OK); /* the ledger tells */
}

/* With a last voucher. */
static Croft__V1__LeaseStop *stop(Croft__V1__TxBody *b)
{
    Croft__V1__LeaseStop *op = b->lease_stop;
    op->voucher = make_voucher(&m);
    op->voucher->lease = MAKE(&m, Croft__V1__LeaseId, croft__v1__lease_id__init);
    *op->voucher->lease = *op->lease;
    return op;
}

static void test_lease_stop(void **unused)
{
    (void)unused;
    EDGE(LEASE_STOP, b->lease_stop->lease = NULL; b->lease_stop->voucher = NULL, RANGE);
    EDGE(LEASE_STOP, b->lease_stop->voucher = NULL, OK);
    EDGE(LEASE_STOP, b->lease_stop->voucher = NULL; b->lease_stop->lease->lease = 0, RANGE);
    EDGE(LEASE_STOP, b->lease_stop->result = make_bytes(&m, 0), OK);
    EDGE(LEASE_STOP, b->lease_stop->result = make_bytes(&m, 32), OK);
    EDGE(LEASE_STOP, b->lease_stop->result = make_bytes(&m, 33), RANGE);
    EDGE(LEASE_STOP, (void)stop(b), OK);
    EDGE(LEASE_STOP, stop(b)->voucher->lease = NULL, RANGE);
    EDGE(LEASE_STOP, stop(b)->voucher->lease->lease ^= 2; b->lease_stop->lease->lease = 1;
         b->lease_stop->voucher->lease->lease = 2, RANGE);
    EDGE(LEASE_STOP, stop(b)->lease->order = 1; b->lease_stop->voucher->lease->order = 2, RANGE);
    EDGE(LEASE_STOP, stop(b)->voucher->lease->buyer_address = make_bytes(&m, 32), RANGE);
    EDGE(LEASE_STOP, stop(b)->voucher->seq = 0, RANGE);
    EDGE(LEASE_STOP, stop(b)->voucher->stamp = 0, RANGE);
    EDGE(LEASE_STOP, stop(b)->voucher->public_key = make_bytes(&m, 31), RANGE);
    EDGE(LEASE_STOP, stop(b)->voucher->signature = make_bytes(&m, 63), RANGE);
}

static void test_leases(void **unused)
{
    (void)unused;
    LEASE_OF(LEASE_ACK, lease_ack);
    BYTES_32_OR_NONE(LEASE_ACK, lease_ack->seal_key);
    LEASE_OF(LEASE_NOTICE, lease_notice);
    ANY_U64(LEASE_NOTICE, lease_notice->end_s);
    LEASE_OF(LEASE_CALL, lease_call);
    LEASE_OF(LEASE_COMMIT, lease_commit);
    BYTES_32(LEASE_COMMIT, lease_commit->results_root);
    LEASE_OF(TASK_CONTEST, task_contest);
}

/* ---- tasks ---- */

static Croft__V1__TaskReview *two_rejects(Croft__V1__TxBody *b, u32 first, u32 count, u32 second)
{
    Croft__V1__TaskReview *op = b->task_review;
    op->n_rejects = 2;
    op->rejects[0]->first = first;
    op->rejects[0]->count = count;
    op->rejects[1]->first = second;
    op->rejects[1]->count = 1;
    return op;
}

static void test_task_review(void **unused)
{
    (void)unused;
    LEASE_OF(TASK_REVIEW, task_review);
    UP_TO(TASK_REVIEW, task_review->n_rejects, 16);
    EDGE(TASK_REVIEW, two_rejects(b, 0, 1, 2), OK);
    EDGE(TASK_REVIEW, two_rejects(b, 0, 1, 1), RANGE); /* one range, written as two */
    EDGE(TASK_REVIEW, two_rejects(b, 0, 1, 0), RANGE);
    EDGE(TASK_REVIEW, two_rejects(b, 5, 1, 3), RANGE);
    EDGE(TASK_REVIEW, two_rejects(b, 0, 0, 2), RANGE);
    EDGE(TASK_REVIEW, two_rejects(b, 0, CROFT_RANGE_TASKS_MAX, CROFT_RANGE_TASKS_MAX + 1), OK);
    EDGE(TASK_REVIEW, two_rejects(b, 0, CROFT_RANGE_TASKS_MAX + 1, CROFT_TASKS_MAX - 1), RANGE);
    EDGE(TASK_REVIEW, two_rejects(b, 0, UINT32_MAX, 7), RANGE);
    EDGE(TASK_REVIEW, two_rejects(b, 0, 1, CROFT_TASKS_MAX - 1), OK);
    EDGE(TASK_REVIEW, two_rejects(b, 0, 1, CROFT_TASKS_MAX), RANGE);
    EDGE(TASK_REVIEW, two_rejects(b, 0, 1, CROFT_TASKS_MAX - 1)->rejects[1]->count = 2,
         RANGE); /* past the last task */
}

static Croft__V1__TaskJudge *opened(Croft__V1__TxBody *b)
{
    Croft__V1__TaskJudge *op = b->task_judge;
    op->task = 0;
    op->result_hash = make_bytes(&m, 32);
    op->path = make_path(&m, &op->n_path);
    return op;
}

static void test_task_judge(void **unused)
{
    (void)unused;
    LEASE_OF(TASK_JUDGE, task_judge);
    EDGE(TASK_JUDGE, opened(b)->task = CROFT_TASKS_MAX - 1, OK);
    EDGE(TASK_JUDGE, opened(b)->task = CROFT_TASKS_MAX, RANGE);
    EDGE(TASK_JUDGE, opened(b)->n_path = 12, OK);
    EDGE(TASK_JUDGE, opened(b)->n_path = 13, RANGE);
    EDGE(TASK_JUDGE, opened(b)->n_path = 1; b->task_judge->path[0] = make_bytes(&m, 31), RANGE);
    EDGE(TASK_JUDGE, opened(b)->result_hash = make_bytes(&m, 31), RANGE);
    EDGE(TASK_JUDGE, opened(b)->result_hash = make_bytes(&m, 33), RANGE);
    EDGE(TASK_JUDGE, opened(b)->n_path = 0; b->task_judge->result_hash = make_bytes(&m, 0), OK);
    EDGE(TASK_JUDGE, opened(b)->n_path = 1; b->task_judge->result_hash = make_bytes(&m, 0), RANGE);
    EDGE(TASK_JUDGE, opened(b)->n_path = 0; b->task_judge->result_hash = make_bytes(&m, 0);
         b->task_judge->task = 1, RANGE);
}

/* ---- auctions, token ---- */

static void test_bids(void **unused)
{
    (void)unused;
    ORDER_OF(BID_PLACE, bid_place);
    UP_TO(BID_PLACE, bid_place->device, 63);
    BYTES_32(BID_PLACE, bid_place->commitment);
    ORDER_OF(BID_REVEAL, bid_reveal);
    UP_TO(BID_REVEAL, bid_reveal->device, 63);
    BETWEEN(BID_REVEAL, bid_reveal->price, 1u, CROFT_PRICE_MAX);
    BYTES_32(BID_REVEAL, bid_reveal->salt);
}

static void test_token(void **unused)
{
    (void)unused;
    ANY_U64(ORACLE_REPORT, oracle_report->price); /* the ledger answers with OP_PRICE */
    EDGE(BUYBACK, b->buyback->amount = 0, RANGE);
    EDGE(BUYBACK, b->buyback->amount = UINT64_MAX, OK);
    ANY_U64(BUYBACK, buyback->credits_min);
    EDGE(CLAIM_REWARD, b->claim_reward->sell = true, OK);
}

/* A number that no operation has. */
static void test_no_operation(void **unused)
{
    (void)unused;
    EDGE(CLAIM_REWARD, b->op_case = CROFT__V1__TX_BODY__OP__NOT_SET, RANGE);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_providers),      cmocka_unit_test(test_slash),
        cmocka_unit_test(test_attributes),     cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_classes),        cmocka_unit_test(test_offers),
        cmocka_unit_test(test_order_fields),   cmocka_unit_test(test_order_kinds),
        cmocka_unit_test(test_order_services), cmocka_unit_test(test_batches),
        cmocka_unit_test(test_auctions),       cmocka_unit_test(test_gateways),
        cmocka_unit_test(test_takes),          cmocka_unit_test(test_orders),
        cmocka_unit_test(test_lease_take),     cmocka_unit_test(test_settle),
        cmocka_unit_test(test_lease_stop),     cmocka_unit_test(test_leases),
        cmocka_unit_test(test_task_review),    cmocka_unit_test(test_task_judge),
        cmocka_unit_test(test_bids),           cmocka_unit_test(test_token),
        cmocka_unit_test(test_no_operation),
    };
    return cmocka_run_group_tests(tests, open_maker, NULL);
}
