#include "wire/tx_int.h"

#include <string.h>

enum {
    MODEL_MAX = 24,
    ATTRIBUTE_KEY_MAX = 64,
    ATTRIBUTE_VALUE_MAX = 64,
    MACHINES = 3,
    VENDOR_MAX = 4,
    INTERFACE_MAX = 3,
    GPU_COUNT_MAX = 64,
    HARDWARE_FLAGS = 7,
    ISOLATION_MAX = 3,
    SERVICE_BITS = 7,
    EGRESS_BITS = 7,
    PATH_MAX_LEN = 12, /* of a range of 4,096 tasks */
    UNSIGNED_MAX = 600,
    PRICE_KINDS = 4,
    GIB_MAX = 1 << 24
};
#define ORDER_ID_MAX ((UINT64_C(1) << 48) - 1)

/* ---- parts ---- */

static bool is_empty_or_32(ProtobufCBinaryData b)
{
    return b.len == 0 || b.len == 32;
}

static croft_err check_order(ProtobufCBinaryData buyer, u64 order)
{
    CROFT_TRY(croft_tx_check_address(buyer));
    REFUSE_UNLESS(order >= 1 && order <= ORDER_ID_MAX);
    return CROFT_OK;
}

static croft_err check_lease(const Croft__V1__LeaseId *id)
{
    REFUSE_UNLESS(id != NULL);
    CROFT_TRY(check_order(id->buyer_address, id->order));
    REFUSE_UNLESS(id->lease >= 1 && id->lease <= UINT16_MAX);
    return CROFT_OK;
}

static croft_err check_voucher(const Croft__V1__Voucher *v)
{
    CROFT_TRY(check_lease(v->lease));
    REFUSE_UNLESS(v->stamp != 0 && v->seq != 0);
    REFUSE_UNLESS(croft_tx_is_32(v->public_key) && v->signature.len == 64);
    return CROFT_OK;
}

static bool is_country(ProtobufCBinaryData b)
{
    bool two = b.len == 2 && b.data[0] >= 'A' && b.data[0] <= 'Z' && b.data[1] >= 'A' && b.data[1] <= 'Z';
    return b.len == 0 || two;
}

static bool is_model(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return text[len] == '\0' && len <= MODEL_MAX;
}

/* `price` of a kind: 0 is none. */
static bool is_price(u64 price)
{
    return price <= CROFT_PRICE_MAX;
}

static bool is_path(size_t count, const ProtobufCBinaryData *step)
{
    for (size_t i = 0; i < count; i++)
        if (step[i].len != 32)
            return false;
    return count <= PATH_MAX_LEN;
}

/* ---- attributes: lines key=value, keys increasing ---- */

static bool is_key_byte(u8 c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-';
}

struct attribute {
    const u8 *key;
    size_t key_len, len; /* len: of the whole line, with its end */
};

/* The first line of what is left; false when it is none. */
static bool next_attribute(const u8 *at, size_t left, struct attribute *out)
{
    size_t key = 0;
    while (key < left && is_key_byte(at[key]))
        key++;
    if (key == 0 || key > ATTRIBUTE_KEY_MAX || key == left || at[key] != '=')
        return false;
    size_t end = key + 1;
    while (end < left && at[end] >= ' ' && at[end] <= '~')
        end++;
    size_t value = end - key - 1;
    if (value == 0 || value > ATTRIBUTE_VALUE_MAX || end == left || at[end] != '\n')
        return false;
    *out = (struct attribute){.key = at, .key_len = key, .len = end + 1};
    return true;
}

static bool is_before(const struct attribute *a, const struct attribute *b)
{
    size_t common = a->key_len < b->key_len ? a->key_len : b->key_len;
    int order = memcmp(a->key, b->key, common);
    return order < 0 || (order == 0 && a->key_len < b->key_len);
}

static croft_err check_attributes(ProtobufCBinaryData b)
{
    struct attribute line, before = {0};
    REFUSE_UNLESS(b.len <= CROFT_ATTRIBUTES_BYTES_MAX);
    for (size_t at = 0; at < b.len; at += line.len) {
        REFUSE_UNLESS(next_attribute(b.data + at, b.len - at, &line));
        REFUSE_UNLESS(before.key == NULL || is_before(&before, &line));
        before = line;
    }
    return CROFT_OK;
}

/* ---- providers, nodes ---- */

static croft_err check_slash(const Croft__V1__Slash *op)
{
    CROFT_TRY(check_lease(op->lease));
    REFUSE_UNLESS(op->stamp != 0 && op->task < CROFT_TASKS_MAX);
    REFUSE_UNLESS(croft_tx_is_32(op->result_hash) && croft_tx_is_32(op->committed_hash));
    REFUSE_UNLESS(memcmp(op->result_hash.data, op->committed_hash.data, 32) != 0);
    REFUSE_UNLESS(croft_tx_is_32(op->node_key) && op->node_signature.len == 64);
    REFUSE_UNLESS(is_path(op->n_path, op->path));
    return CROFT_OK;
}

static croft_err check_node_set(const Croft__V1__NodeSet *op)
{
    REFUSE_UNLESS(is_country(op->country) && op->machine < MACHINES);
    REFUSE_UNLESS(is_empty_or_32(op->seal_key) && is_empty_or_32(op->peer_key));
    return check_attributes(op->attributes);
}

static croft_err check_claim_set(const Croft__V1__TxBody *body)
{
    const Croft__V1__ClaimSet *op = body->claim_set;
    CROFT_TRY(croft_tx_check_address(op->node_address));
    REFUSE_UNLESS(is_country(op->country) && op->machine < MACHINES);
    REFUSE_UNLESS(op->until_s == 0 || op->claims != 0);
    return CROFT_OK;
}

static croft_err check_capability(const Croft__V1__Capability *c)
{
    REFUSE_UNLESS(c != NULL);
    REFUSE_UNLESS(c->kind <= CROFT_DEVICE_LINE && c->vendor <= VENDOR_MAX && c->interface <= INTERFACE_MAX);
    REFUSE_UNLESS(is_model(c->model) && c->gpu_count <= GPU_COUNT_MAX && c->cores <= UINT16_MAX);
    REFUSE_UNLESS(c->flags <= HARDWARE_FLAGS && c->isolation <= ISOLATION_MAX);
    return CROFT_OK;
}

static croft_err check_class_set(const Croft__V1__ClassSet *op)
{
    REFUSE_UNLESS(op->number >= 1 && op->number <= UINT16_MAX);
    REFUSE_UNLESS(op->name[0] != '\0' && is_model(op->name));
    REFUSE_UNLESS(op->policy <= 1 && op->machine_min < MACHINES && is_price(op->price));
    REFUSE_UNLESS(op->start_s <= UINT16_MAX);
    return check_capability(op->requirement);
}

static croft_err check_prices(const Croft__V1__Prices *p)
{
    REFUSE_UNLESS(p != NULL);
    REFUSE_UNLESS(is_price(p->second) && is_price(p->token) && is_price(p->byte) && is_price(p->frame));
    REFUSE_UNLESS(is_price(p->disk));
    return CROFT_OK;
}

static croft_err check_offer_post(const Croft__V1__OfferPost *op)
{
    REFUSE_UNLESS(op->device < CROFT_DEVICES_MAX && op->class_ <= UINT16_MAX);
    REFUSE_UNLESS(op->services >= 1 && op->services <= SERVICE_BITS);
    REFUSE_UNLESS(op->egress >= 1 && op->egress <= EGRESS_BITS);
    CROFT_TRY(check_capability(op->capability));
    return check_prices(op->prices);
}

/* ---- orders ---- */

static croft_err check_takes(size_t count, Croft__V1__Take *const *take)
{
    for (size_t i = 0; i < count; i++) {
        CROFT_TRY(croft_tx_check_address(take[i]->node_address));
        REFUSE_UNLESS(take[i]->device < CROFT_DEVICES_MAX);
        REFUSE_UNLESS(take[i]->price >= 1 && is_price(take[i]->price));
        for (size_t j = 0; j < i; j++)
            REFUSE_UNLESS(take[j]->device != take[i]->device ||
                          memcmp(take[j]->node_address.data, take[i]->node_address.data, 32) != 0);
    }
    return CROFT_OK;
}

static croft_err check_batch(const Croft__V1__OrderOpen *op)
{
    REFUSE_UNLESS((op->kind == CROFT_ORDER_BATCH) == (op->batch != NULL));
    if (op->batch == NULL)
        return op->arbiter_address.len == 0 ? CROFT_OK : CROFT_ERR_TX_RANGE;
    REFUSE_UNLESS(op->price_kind == CROFT_PRICE_FRAME && op->count == 1 && op->auction == NULL);
    REFUSE_UNLESS(op->service == CROFT_SERVICE_SPOT && op->units_max == 0);
    REFUSE_UNLESS(op->batch->task_count >= 1 && op->batch->task_count <= CROFT_TASKS_MAX);
    REFUSE_UNLESS(croft_tx_is_32(op->batch->task_root) && op->n_takes == 0);
    return CROFT_OK;
}

static croft_err check_kind(const Croft__V1__OrderOpen *op)
{
    REFUSE_UNLESS(op->kind <= CROFT_ORDER_BATCH && op->price_kind < PRICE_KINDS && op->class_ <= UINT16_MAX);
    REFUSE_UNLESS(op->count >= 1 && op->count <= CROFT_LEASES_LIVE_MAX);
    REFUSE_UNLESS(op->kind != CROFT_ORDER_GANG || op->count >= 2);
    REFUSE_UNLESS(op->price_max >= 1 && is_price(op->price_max));
    REFUSE_UNLESS(op->service < CROFT_SERVICE_COUNT && op->egress <= 2);
    /* Only time can be promised; only counted work has a most. */
    bool by_second = op->price_kind == CROFT_PRICE_SECOND, spot = op->service == CROFT_SERVICE_SPOT;
    REFUSE_UNLESS(spot || by_second);
    REFUSE_UNLESS(spot == (op->firm_s == 0));
    REFUSE_UNLESS((by_second || op->kind == CROFT_ORDER_BATCH) == (op->units_max == 0));
    return check_batch(op);
}

static croft_err check_gateway(const Croft__V1__GatewayTerms *g)
{
    if (g == NULL)
        return CROFT_OK;
    CROFT_TRY(croft_tx_check_address(g->gateway_address));
    REFUSE_UNLESS(g->price >= 1 && is_price(g->price) && g->bytes_max >= 1);
    return CROFT_OK;
}

static croft_err check_auction(const Croft__V1__OrderOpen *op)
{
    if (op->auction == NULL)
        return CROFT_OK;
    REFUSE_UNLESS(op->auction->rule <= 1 && op->n_takes == 0);
    REFUSE_UNLESS(op->auction->bid_until_s < op->auction->reveal_until_s);
    REFUSE_UNLESS(op->kind == CROFT_ORDER_SERVICE);
    return CROFT_OK;
}

static croft_err check_order_open(const Croft__V1__OrderOpen *op)
{
    REFUSE_UNLESS(op->id >= 1 && op->id <= ORDER_ID_MAX && op->amount != 0);
    CROFT_TRY(check_kind(op));
    REFUSE_UNLESS(op->start_s <= UINT16_MAX && op->hold_s <= UINT16_MAX && op->unsigned_s <= UNSIGNED_MAX);
    REFUSE_UNLESS(op->disk_gib <= GIB_MAX);
    REFUSE_UNLESS(croft_tx_is_32(op->workload) && croft_tx_is_32(op->voucher_key));
    if (op->arbiter_address.len != 0)
        CROFT_TRY(croft_tx_check_address(op->arbiter_address));
    CROFT_TRY(check_gateway(op->gateway));
    CROFT_TRY(check_auction(op));
    REFUSE_UNLESS(op->n_takes <= op->count + CROFT_ALTERNATES_MAX);
    return check_takes(op->n_takes, op->takes);
}

static croft_err check_order_fund(const Croft__V1__OrderFund *op)
{
    CROFT_TRY(check_order(op->buyer_address, op->order));
    REFUSE_UNLESS(op->lease <= UINT16_MAX && (op->lease == 0 || op->asset == CROFT_ASSET_CREDIT));
    return croft_tx_check_money(op->asset, op->amount);
}

static croft_err check_order_take(const Croft__V1__OrderTake *op)
{
    REFUSE_UNLESS(op->order >= 1 && op->order <= ORDER_ID_MAX && op->replaces <= UINT16_MAX);
    REFUSE_UNLESS(op->n_takes >= 1 && op->n_takes <= CROFT_TAKES_MAX);
    return check_takes(op->n_takes, op->takes);
}

/* ---- leases, tasks ---- */

static croft_err check_lease_take(const Croft__V1__LeaseTake *op)
{
    CROFT_TRY(check_order(op->buyer_address, op->order));
    REFUSE_UNLESS(op->device < CROFT_DEVICES_MAX && croft_tx_is_32(op->seal_key));
    REFUSE_UNLESS(op->task_count <= CROFT_RANGE_TASKS_MAX);
    REFUSE_UNLESS(op->task_count != 0 ? op->first_task < CROFT_TASKS_MAX : op->first_task == 0);
    return CROFT_OK;
}

static croft_err check_settle(const Croft__V1__Settle *op)
{
    REFUSE_UNLESS(op->n_vouchers >= 1 && op->n_vouchers <= CROFT_VOUCHERS_MAX);
    for (size_t i = 0; i < op->n_vouchers; i++)
        CROFT_TRY(check_voucher(op->vouchers[i]));
    return CROFT_OK;
}

static bool is_same_lease(const Croft__V1__LeaseId *a, const Croft__V1__LeaseId *b)
{
    return a->lease == b->lease && a->order == b->order &&
           memcmp(a->buyer_address.data, b->buyer_address.data, 32) == 0;
}

static croft_err check_lease_stop(const Croft__V1__LeaseStop *op)
{
    CROFT_TRY(check_lease(op->lease));
    REFUSE_UNLESS(op->result.len <= 32);
    if (op->voucher == NULL)
        return CROFT_OK;
    CROFT_TRY(check_voucher(op->voucher));
    REFUSE_UNLESS(is_same_lease(op->voucher->lease, op->lease));
    return CROFT_OK;
}

static croft_err check_lease_ack(const Croft__V1__LeaseAck *op)
{
    CROFT_TRY(check_lease(op->lease));
    REFUSE_UNLESS(is_empty_or_32(op->seal_key));
    return CROFT_OK;
}

static croft_err check_task_review(const Croft__V1__TaskReview *op)
{
    enum { REJECTS_MAX = 16 };
    u32 next = 0;
    CROFT_TRY(check_lease(op->lease));
    REFUSE_UNLESS(op->n_rejects <= REJECTS_MAX);
    for (size_t i = 0; i < op->n_rejects; i++) {
        const Croft__V1__TaskRange *r = op->rejects[i];
        REFUSE_UNLESS(r->count >= 1 && r->count <= CROFT_RANGE_TASKS_MAX);
        REFUSE_UNLESS(r->first < CROFT_TASKS_MAX && r->count <= CROFT_TASKS_MAX - r->first);
        REFUSE_UNLESS(i == 0 || r->first > next); /* apart: or it were one range */
        next = r->first + r->count;
    }
    return CROFT_OK;
}

static croft_err check_task_judge(const Croft__V1__TaskJudge *op)
{
    CROFT_TRY(check_lease(op->lease));
    REFUSE_UNLESS(op->task < CROFT_TASKS_MAX && is_empty_or_32(op->result_hash));
    REFUSE_UNLESS(is_path(op->n_path, op->path));
    REFUSE_UNLESS(op->result_hash.len != 0 || (op->n_path == 0 && op->task == 0)); /* what was not opened has no place */
    return CROFT_OK;
}

static croft_err check_lease_commit(const Croft__V1__LeaseCommit *op)
{
    CROFT_TRY(check_lease(op->lease));
    REFUSE_UNLESS(croft_tx_is_32(op->results_root));
    return CROFT_OK;
}

/* ---- auctions, token ---- */

static croft_err check_bid_place(const Croft__V1__BidPlace *op)
{
    CROFT_TRY(check_order(op->buyer_address, op->order));
    REFUSE_UNLESS(op->device < CROFT_DEVICES_MAX && croft_tx_is_32(op->commitment));
    return CROFT_OK;
}

static croft_err check_bid_reveal(const Croft__V1__BidReveal *op)
{
    CROFT_TRY(check_order(op->buyer_address, op->order));
    REFUSE_UNLESS(op->device < CROFT_DEVICES_MAX && croft_tx_is_32(op->salt));
    REFUSE_UNLESS(op->price >= 1 && is_price(op->price));
    return CROFT_OK;
}

static croft_err check_provider(const Croft__V1__TxBody *body)
{
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_NODE_ADMIT:
        return croft_tx_check_other(body, body->node_admit->node_address);
    case CROFT__V1__TX_BODY__OP_NODE_REMOVE:
        return croft_tx_check_address(body->node_remove->node_address);
    case CROFT__V1__TX_BODY__OP_PROVIDER_LEAVE:
        return CROFT_OK;
    case CROFT__V1__TX_BODY__OP_STAKE_LOCK:
        return croft_tx_check_money(CROFT_ASSET_CREDIT, body->stake_lock->amount);
    case CROFT__V1__TX_BODY__OP_STAKE_UNLOCK:
        return croft_tx_check_money(CROFT_ASSET_CREDIT, body->stake_unlock->amount);
    case CROFT__V1__TX_BODY__OP_SLASH:
        return check_slash(body->slash);
    case CROFT__V1__TX_BODY__OP_NODE_SET:
        return check_node_set(body->node_set);
    case CROFT__V1__TX_BODY__OP_CLAIM_SET:
        return check_claim_set(body);
    case CROFT__V1__TX_BODY__OP_CLASS_SET:
        return check_class_set(body->class_set);
    case CROFT__V1__TX_BODY__OP_OFFER_POST:
        return check_offer_post(body->offer_post);
    case CROFT__V1__TX_BODY__OP_OFFER_WITHDRAW:
        REFUSE_UNLESS(body->offer_withdraw->device < CROFT_DEVICES_MAX);
        return CROFT_OK;
    default:
        return CROFT_ERR_TX_RANGE;
    }
}

static croft_err check_lease_op(const Croft__V1__TxBody *body)
{
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_LEASE_TAKE:
        return check_lease_take(body->lease_take);
    case CROFT__V1__TX_BODY__OP_LEASE_ACK:
        return check_lease_ack(body->lease_ack);
    case CROFT__V1__TX_BODY__OP_SETTLE:
        return check_settle(body->settle);
    case CROFT__V1__TX_BODY__OP_LEASE_STOP:
        return check_lease_stop(body->lease_stop);
    case CROFT__V1__TX_BODY__OP_LEASE_NOTICE:
        return check_lease(body->lease_notice->lease);
    case CROFT__V1__TX_BODY__OP_LEASE_CALL:
        return check_lease(body->lease_call->lease);
    case CROFT__V1__TX_BODY__OP_LEASE_COMMIT:
        return check_lease_commit(body->lease_commit);
    case CROFT__V1__TX_BODY__OP_TASK_REVIEW:
        return check_task_review(body->task_review);
    case CROFT__V1__TX_BODY__OP_TASK_CONTEST:
        return check_lease(body->task_contest->lease);
    case CROFT__V1__TX_BODY__OP_TASK_JUDGE:
        return check_task_judge(body->task_judge);
    default:
        return check_provider(body);
    }
}

croft_err croft_tx_check_market(const Croft__V1__TxBody *body)
{
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_ORDER_OPEN:
        return check_order_open(body->order_open);
    case CROFT__V1__TX_BODY__OP_ORDER_FUND:
        return check_order_fund(body->order_fund);
    case CROFT__V1__TX_BODY__OP_ORDER_TAKE:
        return check_order_take(body->order_take);
    case CROFT__V1__TX_BODY__OP_ORDER_CLOSE:
        REFUSE_UNLESS(body->order_close->order >= 1 && body->order_close->order <= ORDER_ID_MAX);
        return CROFT_OK;
    case CROFT__V1__TX_BODY__OP_BID_PLACE:
        return check_bid_place(body->bid_place);
    case CROFT__V1__TX_BODY__OP_BID_REVEAL:
        return check_bid_reveal(body->bid_reveal);
    case CROFT__V1__TX_BODY__OP_ORACLE_REPORT:
    case CROFT__V1__TX_BODY__OP_CLAIM_REWARD:
        return CROFT_OK;
    case CROFT__V1__TX_BODY__OP_BUYBACK:
        return croft_tx_check_money(CROFT_ASSET_CROFT, body->buyback->amount);
    default:
        return check_lease_op(body);
    }
}
