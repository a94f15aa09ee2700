/* `croft market ls` and `croft net load`: the market and the network at a glance. */
#include "cli/groups.h"

#include "cli/market.h"
#include "wire/block.h"
#include "json/json.h"
#include "json/meaning.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROWS_MAX = 8192, BLOCKS_READ = 50, NUMBER_MAX = 24, DAY_MS = 86400000 };

/* ---- market ls ---- */

/* A class, or a model of devices that are in none. */
struct row {
    u32 class;
    char model[25];
    struct croft_class_record of; /* class 0: zero */
    u32 listed, leased;
    u64 cheapest;
};

struct rows {
    struct row *at;
    u32 count;
    u32 *of_class; /* place + 1 by class number */
};

static struct row *new_row(struct rows *rows)
{
    return rows->count < ROWS_MAX ? &rows->at[rows->count++]
                                  : &rows->at[ROWS_MAX - 1]; /* the last takes what is over */
}

static croft_err take_class(void *context, struct croft_bytes key, const void *record)
{
    struct rows *rows = context;
    struct row *row = new_row(rows);
    row->class = (u32)(key.at[0] << 8 | key.at[1]);
    row->of = *(const struct croft_class_record *)record;
    memcpy(row->model, row->of.model, sizeof row->of.model);
    rows->of_class[row->class] = (u32)(row - rows->at) + 1;
    return CROFT_OK;
}

static struct row *row_of(struct rows *rows, const struct croft_device_record *d)
{
    if (d->class != 0 && rows->of_class[d->class] != 0)
        return &rows->at[rows->of_class[d->class] - 1];
    for (u32 i = 0; i < rows->count; i++)
        if (rows->at[i].class == 0 &&
            strncmp(rows->at[i].model, (const char *)d->model, sizeof d->model) == 0)
            return &rows->at[i];
    struct row *row = new_row(rows);
    memcpy(row->model, d->model, sizeof d->model);
    return row;
}

static croft_err take_device(void *context, struct croft_bytes key, const void *record)
{
    const struct croft_device_record *d = record;
    (void)key;
    if (d->state == CROFT_DEVICE_UNLISTED)
        return CROFT_OK;
    struct row *row = row_of(context, d);
    u64 price = row->of.price != 0 ? row->of.price : d->price[CROFT_PRICE_SECOND];
    bool listed = d->state == CROFT_DEVICE_LISTED;
    row->listed += listed;
    row->leased += !listed;
    if (listed && price != 0 && (row->cheapest == 0 || price < row->cheapest))
        row->cheapest = price;
    return CROFT_OK;
}

static croft_err row_json(struct croft_cli *c, const struct row *row)
{
    char name[25] = "";
    memcpy(name, row->of.name, sizeof row->of.name);
    json_t *price = row->cheapest != 0 ? croft_json_money(row->cheapest) : json_null();
    return croft_cli_print_json(c, json_pack("{s:i,s:s,s:s,s:i,s:i,s:o,s:i,s:i}", "class", (int)row->class,
                                             "name", name, "model", row->model, "listed", (int)row->listed,
                                             "leased", (int)row->leased, "cheapest_second", price, "waiting",
                                             (int)row->of.waiting, "wait_s", (int)row->of.wait_s));
}

static void row_cells(struct croft_listing *l, const struct row *row)
{
    char class[NUMBER_MAX] = "-", name[25] = "", listed[NUMBER_MAX], leased[NUMBER_MAX],
         waiting[NUMBER_MAX] = "", wait[NUMBER_MAX] = "", price[CROFT_PRICE_TEXT_MAX] = "";
    memcpy(name, row->of.name, sizeof row->of.name);
    snprintf(listed, sizeof listed, "%u", row->listed);
    snprintf(leased, sizeof leased, "%u", row->leased);
    if (row->class != 0) {
        snprintf(class, sizeof class, "%u", row->class);
        snprintf(waiting, sizeof waiting, "%u", row->of.waiting);
        snprintf(wait, sizeof wait, "%u s", row->listed > 0 && row->of.waiting == 0 ? 0 : row->of.wait_s);
    }
    if (row->cheapest != 0)
        croft_market_price_text(row->cheapest, CROFT_PRICE_SECOND, price);
    const char *const cell[] = {class, name, row->model, listed, leased, price, waiting, wait};
    croft_listing_row(l, cell);
}

static croft_err read_rows(struct croft_cli *c, struct rows *rows)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    rows->at = croft_new(&c->mem, struct row, ROWS_MAX);
    rows->of_class = croft_new(&c->mem, u32, UINT16_MAX + 1);
    if (rows->at == NULL || rows->of_class == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the market");
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_records_each(&client, CROFT_TABLE_CLASSES, c->mem, take_class, rows, &c->why));
    return croft_records_each(&client, CROFT_TABLE_DEVICES, c->mem, take_device, rows, &c->why);
}

static croft_err run_market(struct croft_cli *c)
{
    static const struct croft_column column[] = {
        {"CLASS", true},  {"NAME", false},    {"MODEL", false},  {"OFFERS", true},
        {"LEASED", true}, {"CHEAPEST", true}, {"WAITING", true}, {"EXPECTED WAIT", true}};
    struct rows rows = {.count = 0};
    struct croft_listing *table CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, CROFT_COUNT(column));
    if (table == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    CROFT_TRY(read_rows(c, &rows));
    for (u32 i = 0; i < rows.count; i++) {
        if (c->json)
            CROFT_TRY(row_json(c, &rows.at[i]));
        else
            row_cells(table, &rows.at[i]);
    }
    if (rows.count == 0 && !c->json)
        printf("nothing is offered and there are no classes\n");
    return c->json ? CROFT_OK : croft_listing_print(c, table);
}

/* ---- net load ---- */

struct load {
    u64 height;
    u64 day_blocks; /* of the last 24 hours */
    u64 base_fee, base_fee_min, cost_max, waiting_txs;
    u64 blocks, txs, due, seconds, fees, cost_most; /* of the blocks that were read */
    u64 cost;                                       /* by their fees at today's base fee */
    u64 orders_waiting, listed, leased;
};

static croft_err fetch_blocks(struct croft_cli *c, struct croft_client *client, u64 from, u32 count,
                              struct croft_arena *mem, const Croft__V1__Blocks **out)
{
    Croft__V1__FetchBlocks fetch;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response;
    croft__v1__fetch_blocks__init(&fetch);
    fetch.from_height = from;
    fetch.count = count;
    request.call_case = CROFT__V1__REQUEST__CALL_FETCH_BLOCKS;
    request.fetch_blocks = &fetch;
    CROFT_TRY(croft_client_call(client, &request, mem, &response, &c->why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_BLOCKS || response->blocks->n_blocks == 0) {
        croft_fail(&c->why, CROFT_ERR_FRAME, "the chain answered a request for blocks with something else");
        return CROFT_ERR_FRAME;
    }
    *out = response->blocks;
    return CROFT_OK;
}

/* The block time of one height, 0 when the chain begins later (after a snapshot); the block's memory is given
 * back. */
static croft_err time_of(struct croft_cli *c, struct croft_client *client, u64 height, u64 *out_ms)
{
    const Croft__V1__Blocks *blocks;
    struct croft_arena mem = c->mem;
    struct croft_header header;
    *out_ms = 0;
    croft_err err = fetch_blocks(c, client, height, 1, &mem, &blocks);
    if (err == CROFT_ERR_NOT_FOUND) {
        c->why.text[0] = '\0';
        return CROFT_OK;
    }
    CROFT_TRY(err);
    const struct croft_bytes bytes = {blocks->blocks[0].data, blocks->blocks[0].len};
    if (croft_block_peek(bytes, &header) != CROFT_OK)
        return croft_fail(&c->why, CROFT_ERR_BLOCK, "the chain sent a block that cannot be read");
    *out_ms = header.time_ms;
    return CROFT_OK;
}

/* Blocks of the 24 hours before the newest: block times never go back, so halving finds the first of them. */
static croft_err count_day(struct croft_cli *c, struct croft_client *client, u64 newest_ms, struct load *l)
{
    u64 low = 1, high = l->height, ms;
    while (low < high) {
        u64 middle = low + (high - low) / 2;
        CROFT_TRY(time_of(c, client, middle, &ms));
        if (ms + DAY_MS < newest_ms)
            low = middle + 1;
        else
            high = middle;
    }
    l->day_blocks = l->height - low + 1;
    return CROFT_OK;
}

static void add_block(struct load *l, const struct croft_block *b)
{
    u64 fees = 0;
    for (u32 i = 0; i < b->header.tx_count; i++)
        fees += croft_block_receipt(b, i).fee;
    u64 cost = l->base_fee != 0 ? fees / l->base_fee : 0;
    l->blocks++;
    l->txs += b->header.tx_count;
    l->due += b->header.due_count;
    l->fees += fees;
    l->cost += cost;
    l->cost_most = cost > l->cost_most ? cost : l->cost_most;
}

static croft_err read_blocks(struct croft_cli *c, struct croft_client *client, struct load *l)
{
    const Croft__V1__Blocks *blocks;
    u64 first_ms = 0, last_ms = 0;
    if (l->height == 0)
        return CROFT_OK;
    u64 from = l->height > BLOCKS_READ ? l->height - BLOCKS_READ + 1 : 1;
    croft_err err = fetch_blocks(c, client, from, BLOCKS_READ, &c->mem, &blocks);
    if (err == CROFT_ERR_NOT_FOUND) { /* it has just begun, after a snapshot */
        c->why.text[0] = '\0';
        return CROFT_OK;
    }
    CROFT_TRY(err);
    for (size_t i = 0; i < blocks->n_blocks; i++) {
        struct croft_block b;
        if (croft_block_open((struct croft_bytes){blocks->blocks[i].data, blocks->blocks[i].len}, &b) !=
            CROFT_OK)
            return croft_fail(&c->why, CROFT_ERR_BLOCK, "the chain sent a block that cannot be read");
        first_ms = i == 0 ? b.header.time_ms : first_ms;
        last_ms = b.header.time_ms;
        add_block(l, &b);
    }
    l->seconds = (last_ms - first_ms) / 1000;
    return count_day(c, client, last_ms, l);
}

static croft_err add_waiting(void *context, struct croft_bytes key, const void *record)
{
    struct load *l = context;
    (void)key;
    l->orders_waiting += ((const struct croft_class_record *)record)->waiting;
    return CROFT_OK;
}

static croft_err add_device(void *context, struct croft_bytes key, const void *record)
{
    struct load *l = context;
    const struct croft_device_record *d = record;
    (void)key;
    l->listed += d->state == CROFT_DEVICE_LISTED;
    l->leased += d->state == CROFT_DEVICE_LEASED;
    return CROFT_OK;
}

static croft_err read_load(struct croft_cli *c, struct load *l)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    const Croft__V1__StatusResult *status;
    struct croft_params params;
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(croft_status_read(&client, &c->mem, &status, &c->why));
    CROFT_TRY(croft_params_read(&client, c->mem, &params, &c->why));
    l->height = status->height;
    l->base_fee = status->base_fee;
    l->waiting_txs = status->txs_waiting;
    l->base_fee_min = params.value[CROFT_PARAM_BASE_FEE_MIN];
    l->cost_max = params.value[CROFT_PARAM_BLOCK_COST_MAX];
    CROFT_TRY(read_blocks(c, &client, l));
    CROFT_TRY(croft_records_each(&client, CROFT_TABLE_CLASSES, c->mem, add_waiting, l, &c->why));
    return croft_records_each(&client, CROFT_TABLE_DEVICES, c->mem, add_device, l, &c->why);
}

/* Millionths. */
static u64 share(u64 part, u64 whole)
{
    return whole == 0 ? 0 : (u64)((unsigned __int128)part * 1000000 / whole);
}

static croft_err load_json(struct croft_cli *c, const struct load *l)
{
    char fee[CROFT_AMT_TEXT_MAX], least[CROFT_AMT_TEXT_MAX], fees[CROFT_AMT_TEXT_MAX];
    croft_amt_format(croft_amt_of(l->base_fee), fee);
    croft_amt_format(croft_amt_of(l->base_fee_min), least);
    croft_amt_format(croft_amt_of(l->fees), fees);
    return croft_cli_print_json(
        c, json_pack("{s:o,s:s,s:s,s:o,s:I,s:I,s:I,s:I,s:I,s:s,s:I,s:I,s:I,s:I,s:I}", "height",
                     croft_json_u64(l->height), "base_fee", fee, "base_fee_min", least, "txs_waiting",
                     croft_json_u64(l->waiting_txs), "blocks_24h", (json_int_t)l->day_blocks, "blocks",
                     (json_int_t)l->blocks, "blocks_s", (json_int_t)l->seconds, "txs", (json_int_t)l->txs,
                     "due", (json_int_t)l->due, "fees", fees, "fullness_ppm",
                     (json_int_t)share(l->cost, l->blocks * l->cost_max), "fullness_most_ppm",
                     (json_int_t)share(l->cost_most, l->cost_max), "orders_waiting",
                     (json_int_t)l->orders_waiting, "offers_listed", (json_int_t)l->listed, "offers_leased",
                     (json_int_t)l->leased));
}

static croft_err load_person(struct croft_cli *c, const struct load *l)
{
    char fee[CROFT_AMT_TEXT_MAX + 64], least[CROFT_AMT_TEXT_MAX], amount[CROFT_AMT_TEXT_MAX],
        waiting[NUMBER_MAX], blocks[96], full[96], orders[NUMBER_MAX], offers[64], day[NUMBER_MAX];
    croft_amt_format(croft_amt_of(l->base_fee), amount);
    croft_amt_format(croft_amt_of(l->base_fee_min), least);
    snprintf(fee, sizeof fee, "%s for a cost unit%s", amount,
             l->base_fee <= l->base_fee_min ? ", the least there is" : "");
    snprintf(waiting, sizeof waiting, "%" PRIu64, l->waiting_txs);
    snprintf(blocks, sizeof blocks, "%" PRIu64 " in the last %" PRIu64 " blocks, which took %" PRIu64 " s",
             l->txs, l->blocks, l->seconds);
    snprintf(full, sizeof full, "%.2f%%, the fullest %.2f%%",
             (double)share(l->cost, l->blocks * l->cost_max) / 10000,
             (double)share(l->cost_most, l->cost_max) / 10000);
    snprintf(day, sizeof day, "%" PRIu64, l->day_blocks);
    snprintf(orders, sizeof orders, "%" PRIu64, l->orders_waiting);
    snprintf(offers, sizeof offers, "%" PRIu64 " free, %" PRIu64 " leased", l->listed, l->leased);
    const char *const pair[][2] = {{"base fee", fee},           {"transactions waiting", waiting},
                                   {"transactions", blocks},    {"how full those were", full},
                                   {"blocks in 24 hours", day}, {"orders in queues", orders},
                                   {"devices", offers}};
    return croft_listing_print_pairs(c, pair, CROFT_COUNT(pair));
}

static croft_err run_load(struct croft_cli *c)
{
    struct load l = {.height = 0};
    CROFT_TRY(read_load(c, &l));
    return c->json ? load_json(c, &l) : load_person(c, &l);
}

static const struct croft_verb verb[] = {
    {
        .name = "market list",
        .usage = "",
        .summary = "show the market: what is offered and leased, the cheapest price, who waits",
        .about = "A line for each class, and for each model of devices that are in no class.",
        .examples = "croft market ls\ncroft market ls --json",
        .with = CROFT_WITH_CHAIN,
        .run = run_market,
    },
    {
        .name = "net load",
        .usage = "",
        .summary = "show how busy the network is: base fee, how full its blocks are, queues",
        .about = "How full blocks are is counted from the fees of the last 50, at today's base fee.",
        .examples = "croft net load\ncroft net load --json",
        .with = CROFT_WITH_CHAIN,
        .run = run_load,
    },
};

const struct croft_verb_group croft_market_verbs = {verb, CROFT_COUNT(verb)};
