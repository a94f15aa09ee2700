/* `croft bid`: sealed bids in auctions.  What opens a bid again is kept in HOME/bids. */
#include "cli/groups.h"

#include "base/assert.h"
#include "cli/market.h"
#include "wire/voucher.h"
#include "json/hex.h"
#include "json/json.h"
#include "json/meaning.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SALT_BYTES = 32, OPENING_MAX = 512 };

struct bidding {
    struct croft_key_info key;
    struct croft_market_name order;
    u32 device;
    u64 price;
    u8 salt[SALT_BYTES];
    char file[CROFT_PATH_TEXT_MAX];
};

static croft_err read_args(struct croft_cli *c, struct bidding *b)
{
    u64 device;
    CROFT_TRY(croft_market_order(c, c->arg[0], &b->order));
    CROFT_TRY(croft_cli_u64(c, c->arg[1], "DEVICE", &device));
    if (device >= CROFT_DEVICES_MAX)
        return croft_cli_usage(c, "the number of a device is 0 to %d", CROFT_DEVICES_MAX - 1);
    b->device = (u32)device;
    return CROFT_OK;
}

/* ---- what opens it ---- */

/* HOME/bids/ and a hash of who bids with what on which order. */
static croft_err choose_file(struct croft_cli *c, struct bidding *b)
{
    char name[17], folder[CROFT_PATH_TEXT_MAX];
    static const u8 no_salt[SALT_BYTES];
    const struct croft_record_key order = croft_market_order_key(&b->order);
    const struct croft_hash id = croft_bid_commitment(order.b, 0, no_salt, b->key.account.b, (u8)b->device);
    croft_hex_encode((struct croft_bytes){id.b, 8}, name);
    snprintf(folder, sizeof folder, "%s/bids", c->home);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot create the folder %s: %s", folder, strerror(errno));
    snprintf(b->file, sizeof b->file, "%s/bids/%s.bid", c->home, name);
    return CROFT_OK;
}

static croft_err write_opening(struct croft_cli *c, const struct bidding *b)
{
    char salt[2 * SALT_BYTES + 1], price[CROFT_AMT_TEXT_MAX], text[OPENING_MAX];
    croft_hex_encode((struct croft_bytes){b->salt, SALT_BYTES}, salt);
    croft_amt_format(croft_amt_of(b->price), price);
    snprintf(text, sizeof text, "{\"price\": \"%s\", \"salt\": \"%s\"}\n", price, salt);
    return croft_keyfile_store(c, b->file, text);
}

static void close_file(FILE **f)
{
    if (*f != NULL)
        fclose(*f);
}

static croft_err read_opening(struct croft_cli *c, struct bidding *b)
{
    char text[OPENING_MAX];
    struct croft_why why = {""};
    json_t *json CROFT_CLEANUP(croft_json_drop) = NULL;
    FILE *f CROFT_CLEANUP(close_file) = fopen(b->file, "re");
    if (f == NULL)
        return croft_fail(
            &c->why, CROFT_ERR_NOT_FOUND,
            "this home folder placed no such bid: %s is not there\nuse --home of the wallet that placed it",
            b->file);
    size_t len = fread(text, 1, sizeof text, f);
    croft_err err = croft_json_parse((struct croft_bytes){(const u8 *)text, len}, &json, &why);
    const char *salt = json_string_value(json_object_get(json, "salt"));
    bool good = err == CROFT_OK && salt != NULL && strlen(salt) == 2 * SALT_BYTES &&
                croft_hex_decode(salt, b->salt, SALT_BYTES) &&
                croft_json_money_read(json_object_get(json, "price"), &b->price);
    return good ? CROFT_OK
                : croft_fail(&c->why, CROFT_ERR_JSON, "%s does not hold a bid's price and salt", b->file);
}

/* A bid that was perhaps sent already has its salt; only its own price fits it. */
static croft_err keep_opening(struct croft_cli *c, struct bidding *b)
{
    u64 price = b->price;
    if (access(b->file, F_OK) != 0) {
        c->world->ops->entropy(c->world, b->salt, sizeof b->salt);
        return write_opening(c, b);
    }
    CROFT_TRY(read_opening(c, b));
    if (b->price == price)
        return CROFT_OK;
    return croft_fail(&c->why, CROFT_ERR_EXISTS,
                      "a bid at another price was placed for this device already; nothing was sent\n"
                      "if it never came onto the ledger, remove %s",
                      b->file);
}

/* ---- verbs ---- */

static croft_err run_place(struct croft_cli *c)
{
    struct bidding b;
    enum croft_price_kind kind = CROFT_PRICE_SECOND;
    Croft__V1__BidPlace op = CROFT__V1__BID_PLACE__INIT;
    CROFT_TRY(read_args(c, &b));
    CROFT_TRY(croft_market_price(c, c->arg[2], "PRICE", &kind, &b.price));
    if (b.price == 0)
        return croft_cli_usage(c, "PRICE must be above zero");
    CROFT_TRY(croft_key_choose(c, &b.key));
    CROFT_TRY(choose_file(c, &b));
    CROFT_TRY(keep_opening(c, &b));
    const struct croft_record_key order = croft_market_order_key(&b.order);
    const struct croft_hash commitment =
        croft_bid_commitment(order.b, b.price, b.salt, b.key.account.b, (u8)b.device);
    op.buyer_address = croft_cli_bytes(b.order.owner.b, sizeof b.order.owner.b);
    op.order = b.order.id;
    op.device = b.device;
    op.commitment = croft_cli_bytes(commitment.b, sizeof commitment.b);
    return croft_market_send_as(c, &b.key, CROFT__V1__TX_BODY__OP_BID_PLACE, &op,
                                "the bid is placed, sealed; reveal it in time: croft bid reveal",
                                json_pack("{s:s}", "file", b.file));
}

static croft_err run_reveal(struct croft_cli *c)
{
    struct bidding b;
    char what[160], price[CROFT_AMT_TEXT_MAX];
    Croft__V1__BidReveal op = CROFT__V1__BID_REVEAL__INIT;
    CROFT_TRY(read_args(c, &b));
    CROFT_TRY(croft_key_choose(c, &b.key));
    CROFT_TRY(choose_file(c, &b));
    CROFT_TRY(read_opening(c, &b));
    op.buyer_address = croft_cli_bytes(b.order.owner.b, sizeof b.order.owner.b);
    op.order = b.order.id;
    op.device = b.device;
    op.price = b.price;
    op.salt = croft_cli_bytes(b.salt, sizeof b.salt);
    croft_amt_format(croft_amt_of(b.price), price);
    snprintf(what, sizeof what, "the bid of %s is revealed", price);
    CROFT_TRY(croft_market_send_as(c, &b.key, CROFT__V1__TX_BODY__OP_BID_REVEAL, &op, what,
                                   json_pack("{s:s}", "price", price)));
    if (c->draft == NULL)
        unlink(b.file);
    return CROFT_OK;
}

static bool is_of_order(const void *context, struct croft_bytes key, const void *record)
{
    const struct croft_bid_record *bid = record;
    (void)key;
    return memcmp(bid->order, context, sizeof bid->order) == 0;
}

static const struct croft_market_column column[] = {
    {"BID BY", NULL}, {"STATE", "state"}, {"PRICE", "price"}, {"DEPOSIT", "deposit"}, {"DUE (UTC)", "due_s"},
};

static croft_err run_list(struct croft_cli *c)
{
    struct croft_market_name order;
    CROFT_TRY(croft_market_order(c, c->arg[0], &order));
    const struct croft_record_key key = croft_market_order_key(&order);
    const struct croft_market_list list = {.table = CROFT_TABLE_BIDS,
                                           .column = column,
                                           .column_count = CROFT_COUNT(column),
                                           .keep = is_of_order,
                                           .context = key.b,
                                           .none = "no bids on this order"};
    return croft_market_list(c, &list);
}

static const struct croft_option list_option[] = {
    {"limit", "N", "show at most so many (else 1000)", CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "bid place",
        .usage = "BUYER:ORDER DEVICE PRICE",
        .summary = "as a node: place a sealed bid in an auction",
        .about = "A deposit is held; who does not reveal loses it.  What opens the bid is kept in HOME/bids.",
        .examples = "croft bid place croft1...:2781 0 0.31/h --key node1\n"
                    "croft bid place croft1...:2781 0 0.31 --key node1 --json",
        .with = CROFT_WITH_SEND,
        .args_min = 3,
        .args_max = 3,
        .run = run_place,
    },
    {
        .name = "bid reveal",
        .usage = "BUYER:ORDER DEVICE",
        .summary = "as a node: open a bid, between the auction's two times",
        .about = "",
        .examples = "croft bid reveal croft1...:2781 0 --key node1\ncroft bid reveal croft1...:2781 0 --key "
                    "node1 --json",
        .with = CROFT_WITH_SEND,
        .args_min = 2,
        .args_max = 2,
        .run = run_reveal,
    },
    {
        .name = "bid list",
        .usage = "ORDER",
        .summary = "list the bids of an auction",
        .about = "",
        .examples = "croft bid list 2781\ncroft bid list croft1...:2781 --json",
        .option = list_option,
        .option_count = CROFT_COUNT(list_option),
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_min = 1,
        .args_max = 1,
        .run = run_list,
    },
};

const struct croft_verb_group croft_bid_verbs = {verb, CROFT_COUNT(verb)};
