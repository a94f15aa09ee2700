/* `croft order`: a buyer's wishes, their escrows and the offers they take. */
#include "cli/groups.h"

#include "base/assert.h"
#include "cli/keyset.h"
#include "cli/market.h"
#include "market/settle.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WHAT_MAX = 320, START_S = 600, UNSIGNED_S = 60, HOLD_S = 120, KEEP_S = 86400, WEEK_S = 7 * 86400, YEAR_S = 1 << 25 };

/* ---- open ---- */

/* An operation and the parts it points to. */
struct opening {
    Croft__V1__OrderOpen op;
    Croft__V1__GatewayTerms gateway;
    Croft__V1__BatchTerms batch;
    Croft__V1__AuctionTerms auction;
    struct croft_address gateway_address, arbiter;
    struct croft_hash task_root;
    struct croft_public_key voucher_key;
    struct croft_key_info key;
    u8 workload[32];
};

static croft_err read_kind(struct croft_cli *c, Croft__V1__OrderOpen *op)
{
    bool batch = croft_cli_has(c, "tasks") || croft_cli_has(c, "task-root");
    op->count = 1;
    CROFT_TRY(croft_market_number(c, "count", CROFT_LEASES_LIVE_MAX, &op->count));
    if (op->count == 0)
        return croft_cli_usage(c, "--count is 1 to %d", CROFT_LEASES_LIVE_MAX);
    op->kind = batch ? CROFT_ORDER_BATCH : croft_cli_has(c, "gang") ? CROFT_ORDER_GANG : CROFT_ORDER_SERVICE;
    if (op->kind == CROFT_ORDER_GANG && op->count < 2)
        return croft_cli_usage(c, "a gang is several leases, all or none: --gang --count 8");
    if (batch && (op->count != 1 || croft_cli_has(c, "gang")))
        return croft_cli_usage(c, "nodes take the tasks of a batch: --count and --gang do not go with it");
    return CROFT_OK;
}

static croft_err read_price(struct croft_cli *c, Croft__V1__OrderOpen *op)
{
    bool batch = op->kind == CROFT_ORDER_BATCH;
    enum croft_price_kind kind = batch ? CROFT_PRICE_FRAME : CROFT_PRICE_SECOND;
    if (!croft_cli_has(c, "price-max"))
        return croft_cli_usage(c, "say the most that you pay: --price-max 0.40/h, or for a batch 0.01/task");
    CROFT_TRY(croft_market_price(c, croft_cli_value(c, "price-max"), "--price-max", &kind, &op->price_max));
    if (op->price_max == 0)
        return croft_cli_usage(c, "--price-max must be above zero");
    if (batch && kind != CROFT_PRICE_FRAME)
        return croft_cli_usage(c, "a batch pays for each task: --price-max 0.01/task");
    op->price_kind = (u32)kind;
    const char *units = croft_cli_value(c, "units-max");
    if (units != NULL)
        CROFT_TRY(croft_cli_u64(c, units, "--units-max", &op->units_max));
    bool counted = kind != CROFT_PRICE_SECOND && !batch;
    if (counted != (op->units_max != 0))
        return croft_cli_usage(c, counted ? "say how many tokens, bytes or frames at most: --units-max N"
                                          : "--units-max goes with prices by the token, byte or frame");
    return CROFT_OK;
}

static croft_err read_service(struct croft_cli *c, Croft__V1__OrderOpen *op)
{
    const char *egress = croft_cli_value(c, "egress");
    bool firm = croft_cli_has(c, "firm"), reserved = croft_cli_has(c, "reserved");
    if (firm && reserved)
        return croft_cli_usage(c, "--firm and --reserved exclude each other");
    op->service = firm ? CROFT_SERVICE_FIRM : reserved ? CROFT_SERVICE_RESERVED : CROFT_SERVICE_SPOT;
    if (firm || reserved)
        CROFT_TRY(croft_market_seconds(c, firm ? "firm" : "reserved", YEAR_S, &op->firm_s));
    if ((firm || reserved) && (op->firm_s == 0 || op->price_kind != CROFT_PRICE_SECOND))
        return croft_cli_usage(c, "only time can be promised: --firm 2h with a price by the hour");
    return egress == NULL ? CROFT_OK : croft_market_word_read(c, "order", "egress", egress, &op->egress);
}

static croft_err read_times(struct croft_cli *c, Croft__V1__OrderOpen *op)
{
    const char *expires = croft_cli_value(c, "expires");
    op->start_s = START_S;
    op->unsigned_s = UNSIGNED_S;
    op->hold_s = HOLD_S;
    op->keep_s = KEEP_S;
    op->expires_s = croft_market_now_s(c) + WEEK_S;
    if (expires != NULL)
        CROFT_TRY(croft_cli_until(c, expires, "--expires", &op->expires_s));
    CROFT_TRY(croft_market_seconds(c, "start", UINT16_MAX, &op->start_s));
    CROFT_TRY(croft_market_seconds(c, "tail", 600, &op->unsigned_s));
    CROFT_TRY(croft_market_seconds(c, "hold", UINT16_MAX, &op->hold_s));
    CROFT_TRY(croft_market_seconds(c, "keep", UINT32_MAX, &op->keep_s));
    CROFT_TRY(croft_market_number(c, "disk", 1 << 24, &op->disk_gib));
    op->once = croft_cli_has(c, "once");
    CROFT_TRY(croft_market_number(c, "class", UINT16_MAX, &op->class_));
    return croft_market_money(c, "voucher-cap", &op->voucher_cap);
}

static croft_err read_batch(struct croft_cli *c, struct opening *o)
{
    const char *file = croft_cli_value(c, "tasks"), *root = croft_cli_value(c, "task-root");
    ProtobufCBinaryData hash;
    if (o->op.kind != CROFT_ORDER_BATCH)
        return CROFT_OK;
    o->batch.timeout_s = 3600;
    o->batch.window_s = 3600;
    if (file != NULL) {
        CROFT_TRY(croft_task_root(c, file, false, &o->task_root, &o->batch.task_count));
    } else {
        CROFT_TRY(croft_market_hex(c, root, "--task-root", 32, &hash));
        memcpy(o->task_root.b, hash.data, 32);
        CROFT_TRY(croft_market_number(c, "task-count", CROFT_TASKS_MAX, &o->batch.task_count));
    }
    if (o->batch.task_count == 0)
        return croft_cli_usage(
            c, "a batch has 1 to %d tasks: --tasks FILE, or --task-root HEX --task-count N", CROFT_TASKS_MAX);
    CROFT_TRY(croft_market_seconds(c, "timeout-task", UINT32_MAX, &o->batch.timeout_s));
    CROFT_TRY(croft_market_seconds(c, "window", UINT32_MAX, &o->batch.window_s));
    o->batch.task_root = croft_cli_bytes(o->task_root.b, 32);
    o->op.batch = &o->batch;
    return CROFT_OK;
}

static croft_err read_auction(struct croft_cli *c, struct opening *o)
{
    const char *bid = croft_cli_value(c, "bid-until"), *reveal = croft_cli_value(c, "reveal-until");
    if (bid == NULL && reveal == NULL)
        return CROFT_OK;
    if (bid == NULL || reveal == NULL)
        return croft_cli_usage(c, "an auction needs --bid-until and --reveal-until");
    CROFT_TRY(croft_cli_until(c, bid, "--bid-until", &o->auction.bid_until_s));
    CROFT_TRY(croft_cli_until(c, reveal, "--reveal-until", &o->auction.reveal_until_s));
    if (o->auction.bid_until_s >= o->auction.reveal_until_s)
        return croft_cli_usage(c,
                               "bids are revealed after they were placed: --reveal-until is the later time");
    o->auction.bid_deposit = UINT64_C(10000000);
    CROFT_TRY(croft_market_money(c, "bid-deposit", &o->auction.bid_deposit));
    o->auction.rule = croft_cli_has(c, "pick");
    o->op.auction = &o->auction;
    return o->op.kind == CROFT_ORDER_SERVICE ? CROFT_OK
                                             : croft_cli_usage(c, "a batch or a gang is not auctioned");
}

static croft_err read_gateway(struct croft_cli *c, struct opening *o)
{
    const char *address = croft_cli_value(c, "gateway"), *price = croft_cli_value(c, "gateway-price"),
               *bytes = croft_cli_value(c, "gateway-bytes"), *arbiter = croft_cli_value(c, "arbiter");
    enum croft_price_kind kind = CROFT_PRICE_BYTE;
    if (arbiter != NULL) {
        CROFT_TRY(croft_cli_address(c, arbiter, "--arbiter", &o->arbiter));
        o->op.arbiter_address = croft_cli_bytes(o->arbiter.b, 32);
    }
    if (arbiter != NULL && o->op.kind != CROFT_ORDER_BATCH)
        return croft_cli_usage(c, "--arbiter judges the tasks of a batch");
    if (address == NULL)
        return CROFT_OK;
    if (price == NULL || bytes == NULL)
        return croft_cli_usage(c, "--gateway needs --gateway-price 0.05/GB and --gateway-bytes N");
    CROFT_TRY(croft_cli_address(c, address, "--gateway", &o->gateway_address));
    CROFT_TRY(croft_market_price(c, price, "--gateway-price", &kind, &o->gateway.price));
    CROFT_TRY(croft_cli_u64(c, bytes, "--gateway-bytes", &o->gateway.bytes_max));
    if (kind != CROFT_PRICE_BYTE || o->gateway.price == 0 || o->gateway.bytes_max == 0)
        return croft_cli_usage(c, "a gateway is paid by the byte: --gateway-price 0.05/GB --gateway-bytes N");
    o->gateway.gateway_address = croft_cli_bytes(o->gateway_address.b, 32);
    o->op.gateway = &o->gateway;
    return CROFT_OK;
}

/* The voucher key is the signing key unless another is named; a workload that is not named is bound to
 * nothing. */
static croft_err read_keys(struct croft_cli *c, struct opening *o)
{
    const char *voucher = croft_cli_value(c, "voucher-key"), *workload = croft_cli_value(c, "workload");
    struct croft_named_key named;
    ProtobufCBinaryData hash;
    CROFT_TRY(croft_key_choose(c, &o->key));
    o->voucher_key = o->key.public_key;
    if (voucher != NULL) {
        CROFT_TRY(croft_keyset_key(c, voucher, &named));
        o->voucher_key = named.public_key;
    } else if (o->key.name[0] == '\0') {
        return croft_cli_usage(c, "no key is there: say whose signature vouches, --voucher-key croftpub1...");
    }
    o->op.voucher_key = croft_cli_bytes(o->voucher_key.b, sizeof o->voucher_key.b);
    c->world->ops->entropy(c->world, o->workload, sizeof o->workload);
    o->op.workload = croft_cli_bytes(o->workload, sizeof o->workload);
    if (workload == NULL)
        return CROFT_OK;
    CROFT_TRY(croft_market_hex(c, workload, "--workload", 32, &hash));
    o->op.workload = hash;
    return CROFT_OK;
}

/* What the order asks of an offer, as its record will say it. */
static struct croft_order_record record_of(const Croft__V1__OrderOpen *op)
{
    return (struct croft_order_record){.format = 1,
                                       .state = CROFT_ORDER_OPEN,
                                       .kind = (u8)op->kind,
                                       .price_kind = (u8)op->price_kind,
                                       .service = (u8)op->service,
                                       .egress = (u8)op->egress,
                                       .class = (u16)op->class_,
                                       .count = (u16)op->count,
                                       .price_max = op->price_max,
                                       .expires_s = op->expires_s,
                                       .start_s = (u16)op->start_s,
                                       .firm_s = op->firm_s,
                                       .disk_gib = op->disk_gib};
}

static croft_err read_opening(struct croft_cli *c, struct opening *o)
{
    struct croft_amt amount;
    CROFT_TRY(croft_cli_amount(c, c->arg[0], "AMOUNT", &amount));
    if (croft_amt_is_zero(amount))
        return croft_cli_usage(c, "AMOUNT must be above zero: it is what the order can spend");
    o->op.amount = croft_amt_units(amount);
    CROFT_TRY(read_kind(c, &o->op));
    CROFT_TRY(read_price(c, &o->op));
    CROFT_TRY(read_service(c, &o->op));
    CROFT_TRY(read_times(c, &o->op));
    CROFT_TRY(read_batch(c, o));
    CROFT_TRY(read_auction(c, o));
    CROFT_TRY(read_gateway(c, o));
    CROFT_TRY(read_keys(c, o));
    o->op.id = croft_cli_fresh_id(c);
    const struct croft_order_record wish = record_of(&o->op);
    return croft_order_pick(c, &wish, wish.count + CROFT_ALTERNATES_MAX, &o->op.takes, &o->op.n_takes);
}

static croft_err run_open(struct croft_cli *c)
{
    char what[WHAT_MAX], which[CROFT_WHICH_MAX];
    struct opening *o = croft_new(&c->mem, struct opening, 1);
    if (o == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the order");
    croft__v1__order_open__init(&o->op);
    croft__v1__gateway_terms__init(&o->gateway);
    croft__v1__batch_terms__init(&o->batch);
    croft__v1__auction_terms__init(&o->auction);
    CROFT_TRY(read_opening(c, o));
    const struct croft_market_name name = {.owner = o->key.account, .id = o->op.id};
    const struct croft_record_key key = croft_market_order_key(&name);
    croft_market_which(CROFT_TABLE_ORDERS, (struct croft_bytes){key.b, key.len}, NULL, which);
    snprintf(what, sizeof what, "order %" PRIu64 " is open with %s credits\n  %s", o->op.id, c->arg[0],
             which);
    return croft_market_send_as(c, &o->key, CROFT__V1__TX_BODY__OP_ORDER_OPEN, &o->op, what,
                                json_pack("{s:o,s:s,s:i}", "order", croft_json_u64(o->op.id), "which", which,
                                          "takes", (int)o->op.n_takes));
}

/* ---- fund, take, close ---- */

static croft_err run_fund(struct croft_cli *c)
{
    char what[WHAT_MAX];
    struct croft_amt amount;
    struct croft_market_name name;
    Croft__V1__OrderFund op = CROFT__V1__ORDER_FUND__INIT;
    CROFT_TRY(croft_cli_amount(c, c->arg[1], "AMOUNT", &amount));
    CROFT_TRY(croft_cli_asset(c, &op.asset));
    CROFT_TRY(croft_market_number(c, "lease", UINT16_MAX, &op.lease));
    if (croft_amt_is_zero(amount))
        return croft_cli_usage(c, "AMOUNT must be above zero");
    if (op.lease != 0 && op.asset != CROFT_ASSET_CREDIT)
        return croft_cli_usage(c, "a lease's units are paid in credits: leave out --asset");
    CROFT_TRY(croft_market_order(c, c->arg[0], &name));
    op.buyer_address = croft_cli_bytes(name.owner.b, sizeof name.owner.b);
    op.order = name.id;
    op.amount = croft_amt_units(amount);
    snprintf(what, sizeof what, "%s %s are in the escrow of order %" PRIu64, c->arg[1],
             op.asset == CROFT_ASSET_CREDIT ? "credits" : "CROFT", name.id);
    return croft_market_send(c, CROFT__V1__TX_BODY__OP_ORDER_FUND, &op, what, NULL);
}

/* An order of the account that signs, as it is now. */
static croft_err own_order(struct croft_cli *c, struct croft_key_info *key, struct croft_market_name *name,
                           struct croft_order_record *out)
{
    CROFT_TRY(croft_market_order(c, c->arg[0], name));
    CROFT_TRY(croft_key_choose(c, key));
    if (memcmp(name->owner.b, key->account.b, sizeof name->owner.b) != 0)
        return croft_fail(
            &c->why, CROFT_ERR_OP_NOT_YOURS,
            "the order is another account's; nothing was sent\nsign with its buyer's key: --key");
    const struct croft_record_key at = croft_market_order_key(name);
    return croft_market_read(c, CROFT_TABLE_ORDERS, &at, "such order; nothing was sent\nrun: croft order ls",
                             out);
}

static croft_err run_take(struct croft_cli *c)
{
    char what[WHAT_MAX];
    struct croft_key_info key;
    struct croft_market_name name;
    struct croft_order_record order;
    Croft__V1__OrderTake op = CROFT__V1__ORDER_TAKE__INIT;
    if (!croft_cli_has(c, "take") && !croft_cli_has(c, "auto"))
        return croft_cli_usage(
            c, "say which offers: --take NODE:DEVICE,..., or --auto for the cheapest that fit");
    CROFT_TRY(croft_market_number(c, "replaces", UINT16_MAX, &op.replaces));
    CROFT_TRY(own_order(c, &key, &name, &order));
    op.order = name.id;
    size_t wanted = op.replaces != 0 ? 1 : order.count > order.live ? (size_t)(order.count - order.live) : 0;
    if (wanted == 0)
        return croft_fail(
            &c->why, CROFT_ERR_OP_STATE,
            "the order has all its leases; nothing was sent\nto move one, name it: --replaces LEASE");
    CROFT_TRY(croft_order_pick(c, &order, wanted + CROFT_ALTERNATES_MAX, &op.takes, &op.n_takes));
    snprintf(what, sizeof what, "order %" PRIu64 " has taken offers; see: croft lease ls %" PRIu64, name.id,
             name.id);
    return croft_market_send_as(
        c, &key, CROFT__V1__TX_BODY__OP_ORDER_TAKE, &op, what,
        json_pack("{s:o,s:i}", "order", croft_json_u64(name.id), "takes", (int)op.n_takes));
}

static croft_err run_close(struct croft_cli *c)
{
    struct croft_key_info key;
    struct croft_market_name name;
    struct croft_order_record order;
    Croft__V1__OrderClose op = CROFT__V1__ORDER_CLOSE__INIT;
    CROFT_TRY(own_order(c, &key, &name, &order));
    op.order = name.id;
    return croft_market_send_as(c, &key, CROFT__V1__TX_BODY__OP_ORDER_CLOSE, &op,
                                "the order closes; what nobody can claim is back, the rest follows", NULL);
}

/* ---- showing ---- */

static struct croft_escrow escrow_of(const struct croft_order_record *o)
{
    return (struct croft_escrow){.balance = o->balance,
                                 .aside = o->aside,
                                 .rate = o->rate,
                                 .accrued = o->accrued,
                                 .part = o->accrued_part,
                                 .at_s = o->accrued_s,
                                 .paid = o->paid_live};
}

static void free_text(struct croft_cli *c, const struct croft_order_record *o, char out[CROFT_AMT_TEXT_MAX])
{
    struct croft_amt amount = croft_amt_of(0);
    struct croft_escrow e = escrow_of(o);
    u64 now_s = croft_market_now_s(c);
    bool some = croft_escrow_free(&e, now_s > e.at_s ? now_s : e.at_s, &amount);
    croft_amt_format(some ? amount : croft_amt_of(0), out);
}

/* What hangs on the order in a table of its own: a batch or an auction. */
static croft_err read_beside(struct croft_cli *c, struct croft_client *client, u32 table,
                             const struct croft_record_key *key, void *out, bool *out_there)
{
    croft_err err = croft_record_read(client, table, key, false, &c->mem, out, NULL, &c->why);
    *out_there = err == CROFT_OK;
    if (err == CROFT_ERR_NOT_FOUND)
        c->why.text[0] = '\0';
    return err == CROFT_ERR_NOT_FOUND ? CROFT_OK : err;
}

struct shown {
    struct croft_order_record order;
    struct croft_batch_record batch;
    struct croft_auction_record auction;
    bool has_batch, has_auction;
    char free[CROFT_AMT_TEXT_MAX];
    u64 dry_s;
};

static croft_err show_json(struct croft_cli *c, struct croft_bytes key, const struct shown *s)
{
    json_t *json = croft_market_json(CROFT_TABLE_ORDERS, key, &s->order);
    bool good =
        json != NULL && json_object_set_new(json, "free", json_string(s->free)) == 0 &&
        json_object_set_new(
            json, "dry_s", s->dry_s == CROFT_NEVER_S ? json_null() : json_integer((json_int_t)s->dry_s)) == 0;
    if (s->has_batch)
        good = good &&
               json_object_set_new(json, "batch", croft_json_of_layout(&croft_batch_layout, &s->batch)) == 0;
    if (s->has_auction)
        good = good && json_object_set_new(json, "auction",
                                           croft_json_of_layout(&croft_auction_layout, &s->auction)) == 0;
    if (!good)
        croft_json_drop(&json);
    return croft_cli_print_json(c, json);
}

static croft_err show_person(struct croft_cli *c, const struct croft_record_key *key, const struct shown *s)
{
    const struct croft_bytes at = {key->b, key->len};
    char dry[CROFT_CELL_MAX] = "never, at this rate";
    const struct croft_device_record time = {.due_s = s->dry_s};
    if (s->dry_s != CROFT_NEVER_S)
        croft_market_cell(&croft_device_layout, "due_s", &time, dry);
    const char *const pair[][2] = {{"free now", s->free}, {"money lasts until (UTC)", dry}};
    CROFT_TRY(croft_market_print(c, CROFT_TABLE_ORDERS, at, &s->order));
    putchar('\n');
    CROFT_TRY(croft_listing_print_pairs(c, pair, CROFT_COUNT(pair)));
    if (s->has_batch || s->has_auction)
        putchar('\n');
    if (s->has_batch)
        CROFT_TRY(croft_market_print(c, CROFT_TABLE_BATCHES, at, &s->batch));
    return s->has_auction ? croft_market_print(c, CROFT_TABLE_AUCTIONS, at, &s->auction) : CROFT_OK;
}

static croft_err run_show(struct croft_cli *c)
{
    struct croft_market_name name;
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct shown s = {.has_batch = false};
    CROFT_TRY(croft_market_order(c, c->arg[0], &name));
    const struct croft_record_key key = croft_market_order_key(&name);
    CROFT_TRY(croft_connect(c, &client));
    croft_err err =
        croft_record_read(&client, CROFT_TABLE_ORDERS, &key, false, &c->mem, &s.order, NULL, &c->why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(&c->why, err,
                          "there is no such order: it was closed, or never was\nrun: croft order ls");
    CROFT_TRY(err);
    CROFT_TRY(read_beside(c, &client, CROFT_TABLE_BATCHES, &key, &s.batch, &s.has_batch));
    CROFT_TRY(read_beside(c, &client, CROFT_TABLE_AUCTIONS, &key, &s.auction, &s.has_auction));
    const struct croft_escrow e = escrow_of(&s.order);
    s.dry_s = croft_escrow_dry_s(&e);
    free_text(c, &s.order, s.free);
    return c->json ? show_json(c, (struct croft_bytes){key.b, key.len}, &s) : show_person(c, &key, &s);
}

static bool is_of_class(const void *context, struct croft_bytes key, const void *record)
{
    const u32 *class = context;
    const struct croft_order_record *o = record;
    (void)key;
    return *class == 0 || o->class == *class;
}

static const struct croft_market_column column[] = {
    {"ORDER", NULL},
    {"STATE", "state"},
    {"FLAGS", "flags"},
    {"KIND", "kind"},
    {"CLASS", "class"},
    {"LIVE", "live"},
    {"OF", "count"},
    {"AT MOST", "price_max"},
    {"BALANCE", "balance"},
    {"ASIDE", "aside"},
    {"EXPIRES (UTC)", "expires_s"},
};

static croft_err run_list(struct croft_cli *c)
{
    struct croft_address buyer;
    u32 class = 0;
    struct croft_market_list list = {.table = CROFT_TABLE_ORDERS,
                                     .column = column,
                                     .column_count = CROFT_COUNT(column),
                                     .keep = is_of_class,
                                     .context = &class,
                                     .none = "no orders"};
    CROFT_TRY(croft_market_number(c, "class", UINT16_MAX, &class));
    if (!croft_cli_has(c, "all")) {
        CROFT_TRY(croft_cli_account(c, &buyer));
        list.prefix = croft_key_of_address(&buyer);
        list.none = "no orders of this account; --all shows everybody's";
    }
    return croft_market_list(c, &list);
}

static const struct croft_option open_option[] = {
    {"price-max", "PRICE", "most that is paid: 0.40/h, 0.2/Mtok, 0.05/GB, 0.01/frame; a batch: for each task",
     CROFT_OFFER_NOTHING},
    {"class", "N", "only devices of this class; without offers it joins the class's queue",
     CROFT_OFFER_NOTHING},
    {"count", "N", "leases at a time (else 1)", CROFT_OFFER_NOTHING},
    {"gang", NULL, "all of them or none", CROFT_OFFER_NOTHING},
    {"take", "OFFERS", "NODE:DEVICE[:PRICE],...: in this order; those beyond the count are alternates",
     CROFT_OFFER_NOTHING},
    {"auto", NULL, "take the cheapest that fit, with alternates", CROFT_OFFER_NOTHING},
    {"require", "TEXT", "with --auto: \"model=rtx40*;vram_mib=24000..;country=DE|FR\"", CROFT_OFFER_NOTHING},
    {"firm", "TIME", "the provider promises to stay so long", CROFT_OFFER_NOTHING},
    {"reserved", "TIME", "paid ahead for so long, used or not", CROFT_OFFER_NOTHING},
    {"egress", "NAME", "pull, web or direct (else pull)", CROFT_OFFER_NOTHING},
    {"expires", "TIME", "when it closes by itself (else 7d)", CROFT_OFFER_NOTHING},
    {"start", "TIME", "from acknowledged to the first voucher (else 10m)", CROFT_OFFER_NOTHING},
    {"tail", "TIME", "paid at the end without a voucher, once (else 60s)", CROFT_OFFER_NOTHING},
    {"hold", "TIME", "leases stay paused so long when the money is used up (else 2m)", CROFT_OFFER_NOTHING},
    {"keep", "TIME", "their disks stay so long after that, for their price (else 24h)", CROFT_OFFER_NOTHING},
    {"disk", "GIB", "disk that is kept", CROFT_OFFER_NOTHING},
    {"units-max", "N", "most tokens, bytes or frames of each lease", CROFT_OFFER_NOTHING},
    {"workload", "HEX", "SHA-256 of salt and workload", CROFT_OFFER_NOTHING},
    {"voucher-key", "KEY", "whose signature vouches (else the key that signs)", CROFT_OFFER_KEY},
    {"voucher-cap", "AMOUNT", "most that vouchers may pay (else all there is)", CROFT_OFFER_NOTHING},
    {"once", NULL, "close when its last lease has finished", CROFT_OFFER_NOTHING},
    {"tasks", "FILE", "a batch: its tasks, one a line", CROFT_OFFER_FILE},
    {"task-root", "HEX", "a batch: the RFC 6962 root of its tasks, with --task-count", CROFT_OFFER_NOTHING},
    {"task-count", "N", "how many", CROFT_OFFER_NOTHING},
    {"timeout-task", "TIME", "a node has so long for what it took (else 1h)", CROFT_OFFER_NOTHING},
    {"window", "TIME", "time to reject results (else 1h)", CROFT_OFFER_NOTHING},
    {"arbiter", "ADDRESS", "judges what is contested in a batch", CROFT_OFFER_NOTHING},
    {"bid-until", "TIME", "an auction: sealed bids until then", CROFT_OFFER_NOTHING},
    {"reveal-until", "TIME", "an auction: and revealed until then", CROFT_OFFER_NOTHING},
    {"bid-deposit", "AMOUNT", "an auction: lost by who does not reveal (else 0.01)", CROFT_OFFER_NOTHING},
    {"pick", NULL, "an auction: you choose among the bids, else the lowest wins", CROFT_OFFER_NOTHING},
    {"gateway", "ADDRESS", "traffic goes through this gateway", CROFT_OFFER_NOTHING},
    {"gateway-price", "PRICE", "what it is paid: 0.05/GB", CROFT_OFFER_NOTHING},
    {"gateway-bytes", "N", "most bytes through it", CROFT_OFFER_NOTHING},
};
static const struct croft_option fund_option[] = {
    {"asset", "ASSET", "credit; croft is converted, and comes back if it is not spent", CROFT_OFFER_ASSET},
    {"lease", "N", "for more units of this counted lease", CROFT_OFFER_NOTHING},
};
static const struct croft_option take_option[] = {
    {"take", "OFFERS", "NODE:DEVICE[:PRICE],...: in this order; those beyond the count are alternates",
     CROFT_OFFER_NOTHING},
    {"auto", NULL, "take the cheapest that fit, with alternates", CROFT_OFFER_NOTHING},
    {"require", "TEXT", "with --auto: \"model=rtx40*;vram_mib=24000..;country=DE|FR\"", CROFT_OFFER_NOTHING},
    {"replaces", "LEASE", "the lease of this number ends when the new one starts", CROFT_OFFER_NOTHING},
};
static const struct croft_option list_option[] = {
    {"class", "N", "only of this class", CROFT_OFFER_NOTHING},
    {"all", NULL, "everybody's", CROFT_OFFER_NOTHING},
    {"limit", "N", "show at most so many (else 1000)", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "order open",
        .usage = "AMOUNT --price-max PRICE",
        .summary = "ask for computing: put AMOUNT into an escrow, and take offers at once if you name some",
        .about =
            "Nothing but what you vouch for is paid (\"croft voucher sign\"), and a little at the end.  What "
            "is not\n"
            "spent comes back with \"croft order close\".  --tasks makes a batch, --bid-until an auction.",
        .examples = "croft order open 10 --price-max 0.40/h --auto --require \"model=rtx4090;country=DE\"\n"
                    "croft order open 10 --price-max 0.40/h --take croft1...:0 --firm 2h --once\n"
                    "croft order open 5 --price-max 0.01/task --tasks frames.txt --class 256\n"
                    "croft order open 20 --price-max 1/h --bid-until 10m --reveal-until 20m --json",
        .option = open_option,
        .option_count = CROFT_COUNT(open_option),
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_open,
    },
    {
        .name = "order fund",
        .usage = "ORDER AMOUNT",
        .summary = "put more money into an order's escrow",
        .about = "Anybody may, of credits.  A dry order goes on.",
        .examples = "croft order fund 2781 5\ncroft order fund croft1...:2781 5 --key friend\n"
                    "croft order fund 2781 100 --asset croft\ncroft order fund 2781 1 --lease 2 --json",
        .option = fund_option,
        .option_count = CROFT_COUNT(fund_option),
        .with = CROFT_WITH_SEND,
        .args_min = 2,
        .args_max = 2,
        .run = run_fund,
    },
    {
        .name = "order take",
        .usage = "ORDER --take NODE:DEVICE[:PRICE],...\nORDER --auto [--require TEXT]",
        .summary = "take offers for an order",
        .about = "Offers are tried in their order until the order has its leases; the rest, at most 8, stay "
                 "as alternates.",
        .examples =
            "croft order take 2781 --auto\ncroft order take 2781 --take croft1...:0,croft1...:1:0.35\n"
            "croft order take 2781 --auto --replaces 1 --json",
        .option = take_option,
        .option_count = CROFT_COUNT(take_option),
        .with = CROFT_WITH_SEND,
        .args_min = 1,
        .args_max = 1,
        .run = run_take,
    },
    {
        .name = "order close",
        .usage = "ORDER",
        .summary = "end all leases of an order; what is not spent comes back",
        .about = "What leases may still claim stays until their settlement window is over.",
        .examples = "croft order close 2781\ncroft order close 2781 --quota --json",
        .with = CROFT_WITH_SEND | CROFT_WITH_QUOTA,
        .args_min = 1,
        .args_max = 1,
        .run = run_close,
    },
    {
        .name = "order list",
        .usage = "[BUYER]\n--all",
        .summary = "list the orders of an account",
        .about = "",
        .examples = "croft order list\ncroft order list croft1... --json\ncroft order list --all --class 256",
        .option = list_option,
        .option_count = CROFT_COUNT(list_option),
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_max = 1,
        .run = run_list,
    },
    {
        .name = "order show",
        .usage = "ORDER\nBUYER:ORDER",
        .summary = "show an order: its state, its money and how long that lasts",
        .about = "\"croft lease list ORDER\" shows its leases.",
        .examples = "croft order show 2781\ncroft order show croft1...:2781 --json",
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_min = 1,
        .args_max = 1,
        .run = run_show,
    },
};

const struct croft_verb_group croft_order_verbs = {verb, CROFT_COUNT(verb)};
