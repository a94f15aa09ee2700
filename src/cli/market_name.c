#include "cli/market.h"

#include "base/assert.h"
#include "wire/block.h"
#include "wire/voucher.h"
#include "json/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PARTS_MAX = 3, LABEL_MAX = 32 };

/* ---- parts ---- */

char *croft_market_part(struct croft_cli *c, const char **at, char mark)
{
    const char ends[] = {mark, '\0'};
    size_t len = strcspn(*at, ends);
    if (**at == '\0')
        return NULL;
    char *part = croft_new(&c->mem, char, len + 1);
    if (part == NULL)
        return NULL;
    memcpy(part, *at, len);
    *at += len + ((*at)[len] == mark);
    return part;
}

static u32 cut(struct croft_cli *c, const char *text, char *part[PARTS_MAX])
{
    u32 count = 0;
    char *next;
    while (count <= PARTS_MAX && (next = croft_market_part(c, &text, ':')) != NULL) {
        if (count < PARTS_MAX)
            part[count] = next;
        count++;
    }
    return count;
}

/* The account that acts: --account, or the key's. */
static croft_err own_account(struct croft_cli *c, struct croft_address *out)
{
    struct croft_key_info key;
    if (!croft_cli_knows(c, "account"))
        return croft_cli_usage(c, "name it whole, with its address");
    if (croft_cli_has(c, "account"))
        return croft_cli_address(c, croft_cli_value(c, "account"), "--account", out);
    CROFT_TRY(croft_key_choose(c, &key));
    *out = key.account;
    return CROFT_OK;
}

/* "[ADDRESS:]N:N..." with `numbers` numbers at its end. */
static croft_err read_name(struct croft_cli *c, const char *text, const char *form, u32 numbers,
                           struct croft_address *owner, u64 number[2])
{
    char *part[PARTS_MAX] = {NULL};
    u32 count = cut(c, text, part), first = count > numbers ? 1 : 0;
    if (count != numbers && count != numbers + 1)
        return croft_cli_usage(c, "it is named %s, not \"%s\"", form, text);
    CROFT_TRY(first == 1 ? croft_cli_address(c, part[0], form, owner) : own_account(c, owner));
    for (u32 i = 0; i < numbers; i++)
        CROFT_TRY(croft_cli_u64(c, part[first + i], form, &number[i]));
    return CROFT_OK;
}

static croft_err take_order_id(struct croft_cli *c, u64 id, struct croft_market_name *out)
{
    if (id == 0 || id >> 48 != 0)
        return croft_cli_usage(c, "the number of an order is 1 to 2^48 - 1");
    out->id = id;
    return CROFT_OK;
}

croft_err croft_market_order(struct croft_cli *c, const char *text, struct croft_market_name *out)
{
    u64 number[2] = {0};
    *out = (struct croft_market_name){.id = 0};
    CROFT_TRY(read_name(c, text, "[BUYER:]ORDER", 1, &out->owner, number));
    return take_order_id(c, number[0], out);
}

croft_err croft_market_lease(struct croft_cli *c, const char *text, struct croft_market_name *out)
{
    u64 number[2] = {0};
    *out = (struct croft_market_name){.id = 0};
    CROFT_TRY(read_name(c, text, "[BUYER:]ORDER:LEASE", 2, &out->owner, number));
    if (number[1] == 0 || number[1] > UINT16_MAX)
        return croft_cli_usage(c, "the number of a lease is 1 to %d", UINT16_MAX);
    out->number = (u32)number[1];
    return take_order_id(c, number[0], out);
}

croft_err croft_market_device(struct croft_cli *c, const char *text, struct croft_market_name *out)
{
    u64 number[2] = {0};
    *out = (struct croft_market_name){.id = 0};
    CROFT_TRY(read_name(c, text, "[NODE:]DEVICE", 1, &out->owner, number));
    if (number[0] >= CROFT_DEVICES_MAX)
        return croft_cli_usage(c, "the number of a device is 0 to %d", CROFT_DEVICES_MAX - 1);
    out->number = (u32)number[0];
    return CROFT_OK;
}

/* ---- keys ---- */

struct croft_record_key croft_market_order_key(const struct croft_market_name *n)
{
    return croft_key_of_address_id(&n->owner, n->id << 16);
}

struct croft_record_key croft_market_lease_key(const struct croft_market_name *n)
{
    return croft_key_of_address_id(&n->owner, n->id << 16 | n->number);
}

struct croft_record_key croft_market_device_key(const struct croft_market_name *n)
{
    return croft_key_of_address_id(&n->owner, n->number);
}

Croft__V1__LeaseId croft_market_lease_id(const struct croft_market_name *n)
{
    Croft__V1__LeaseId id = CROFT__V1__LEASE_ID__INIT;
    id.buyer_address = croft_cli_bytes(n->owner.b, sizeof n->owner.b);
    id.order = n->id;
    id.lease = n->number;
    return id;
}

static void which_bid(const struct croft_bid_record *bid, char out[CROFT_WHICH_MAX])
{
    char node[CROFT_BECH32M_TEXT_MAX];
    croft_bech32m_encode(CROFT_HRP_ADDRESS, bid->node.b, node);
    snprintf(out, CROFT_WHICH_MAX, "%s:%u", node, bid->device);
}

static void which_short(u32 table, struct croft_bytes key, char out[CROFT_WHICH_MAX])
{
    u64 number = 0;
    for (size_t i = 0; i < key.len && key.len <= 8; i++)
        number = number << 8 | key.at[i];
    if (table == CROFT_TABLE_TOKEN)
        snprintf(out, CROFT_WHICH_MAX, "CROFT");
    else
        snprintf(out, CROFT_WHICH_MAX, "%" PRIu64, number);
}

void croft_market_which(u32 table, struct croft_bytes key, const void *record, char out[CROFT_WHICH_MAX])
{
    char address[CROFT_BECH32M_TEXT_MAX];
    if (table == CROFT_TABLE_BIDS) {
        which_bid(record, out);
        return;
    }
    if (key.len < 32) {
        which_short(table, key, out);
        return;
    }
    croft_bech32m_encode(CROFT_HRP_ADDRESS, key.at, address);
    u64 id = key.len == 40 ? croft_cli_id_of_key(key) : 0;
    if (table == CROFT_TABLE_DEVICES)
        snprintf(out, CROFT_WHICH_MAX, "%s:%" PRIu64, address, id);
    else if (table == CROFT_TABLE_LEASES)
        snprintf(out, CROFT_WHICH_MAX, "%s:%" PRIu64 ":%u", address, id >> 16, (u32)(id & UINT16_MAX));
    else if (key.len == 40 && table != CROFT_TABLE_CLAIMS)
        snprintf(out, CROFT_WHICH_MAX, "%s:%" PRIu64, address, id >> 16);
    else
        snprintf(out, CROFT_WHICH_MAX, "%s", address);
}

bool croft_market_due_which(u32 kind, struct croft_bytes key, char out[CROFT_WHICH_MAX])
{
    static const u8 table[] = {
        [CROFT_DUE_OFFER_ENDED] = CROFT_TABLE_DEVICES,    [CROFT_DUE_LEASE_UNACKED] = CROFT_TABLE_LEASES,
        [CROFT_DUE_LEASE_UNSTARTED] = CROFT_TABLE_LEASES, [CROFT_DUE_LEASE_CLOSED] = CROFT_TABLE_LEASES,
        [CROFT_DUE_LEASE_ENDED] = CROFT_TABLE_LEASES,     [CROFT_DUE_LEASE_UNANSWERED] = CROFT_TABLE_LEASES,
        [CROFT_DUE_ORDER_DRY] = CROFT_TABLE_ORDERS,       [CROFT_DUE_ORDER_STOPPED] = CROFT_TABLE_ORDERS,
        [CROFT_DUE_ORDER_EXPIRED] = CROFT_TABLE_ORDERS,   [CROFT_DUE_AUCTION_PHASE] = CROFT_TABLE_ORDERS,
        [CROFT_DUE_TASKS_TIMED_OUT] = CROFT_TABLE_LEASES, [CROFT_DUE_TASKS_ACCEPTED] = CROFT_TABLE_LEASES,
        [CROFT_DUE_DISPUTE_ENDED] = CROFT_TABLE_LEASES,   [CROFT_DUE_STAKE_UNLOCKED] = CROFT_TABLE_PROVIDERS,
        [CROFT_DUE_CLAIM_EXPIRED] = CROFT_TABLE_CLAIMS,
    };
    u32 which = kind < CROFT_COUNT(table) ? table[kind] : 0;
    out[0] = '\0';
    if (which == 0 || key.len != croft_table_key_len(which))
        return false;
    croft_market_which(which, key, NULL, out);
    return true;
}

/* ---- prices ---- */

static const char *const unit_name[CROFT_PRICE_KINDS] = {"h", "Mtok", "GB", "frame"};

croft_err croft_market_price(struct croft_cli *c, const char *text, const char *what,
                             enum croft_price_kind *io_kind, u64 *out)
{
    struct croft_amt amount;
    const char *at = text, *unit = strchr(text, '/');
    char *number = croft_market_part(c, &at, '/');
    u32 kind = (u32)*io_kind;
    for (u32 i = 0; unit != NULL && i < CROFT_PRICE_KINDS; i++)
        kind = strcmp(unit + 1, unit_name[i]) == 0 ? i : kind;
    if (unit != NULL && strcmp(unit + 1, "task") == 0)
        kind = CROFT_PRICE_FRAME;
    else if (unit != NULL && strcmp(unit + 1, unit_name[kind]) != 0)
        return croft_cli_usage(
            c,
            "%s: a price is for an hour, a million tokens, a GB or a frame: 0.35/h, /Mtok, /GB, "
            "/frame; not \"%s\"",
            what, text);
    if (number == NULL)
        return croft_cli_usage(c, "%s must be a price like 0.35/h", what);
    CROFT_TRY(croft_cli_amount(c, number, what, &amount));
    if (croft_amt_units(amount) > CROFT_PRICE_MAX)
        return croft_cli_usage(c, "%s: a price is at most 17592.186044416", what);
    *io_kind = (enum croft_price_kind)kind;
    *out = croft_amt_units(amount);
    return CROFT_OK;
}

void croft_market_price_text(u64 price, enum croft_price_kind kind, char out[CROFT_PRICE_TEXT_MAX])
{
    char amount[CROFT_AMT_TEXT_MAX];
    CROFT_ASSERT((u32)kind < CROFT_PRICE_KINDS);
    croft_amt_format(croft_amt_of(price), amount);
    snprintf(out, CROFT_PRICE_TEXT_MAX, "%s/%s", amount, unit_name[kind]);
}

/* ---- options ---- */

croft_err croft_market_hex(struct croft_cli *c, const char *text, const char *what, size_t len,
                           ProtobufCBinaryData *out)
{
    u8 *bytes = croft_new(&c->mem, u8, len);
    if (bytes == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for %s", what);
    if (strlen(text) != 2 * len || !croft_hex_decode(text, bytes, len))
        return croft_cli_usage(c, "%s must be %zu hexadecimal digits", what, 2 * len);
    *out = (ProtobufCBinaryData){len, bytes};
    return CROFT_OK;
}

croft_err croft_market_seconds(struct croft_cli *c, const char *option, u64 most, u32 *out)
{
    char label[LABEL_MAX];
    u64 seconds = *out;
    snprintf(label, sizeof label, "--%s", option);
    const char *text = croft_cli_value(c, option);
    if (text != NULL)
        CROFT_TRY(croft_cli_duration(c, text, label, &seconds));
    if (seconds > most)
        return croft_cli_usage(c, "--%s is at most %" PRIu64 "s", option, most);
    *out = (u32)seconds;
    return CROFT_OK;
}

croft_err croft_market_number(struct croft_cli *c, const char *option, u64 most, u32 *out)
{
    char label[LABEL_MAX];
    u64 count = *out;
    snprintf(label, sizeof label, "--%s", option);
    const char *text = croft_cli_value(c, option);
    if (text != NULL)
        CROFT_TRY(croft_cli_u64(c, text, label, &count));
    if (count > most)
        return croft_cli_usage(c, "--%s is at most %" PRIu64, option, most);
    *out = (u32)count;
    return CROFT_OK;
}

croft_err croft_market_money(struct croft_cli *c, const char *option, u64 *out)
{
    char label[LABEL_MAX];
    struct croft_amt amount = croft_amt_of(*out);
    snprintf(label, sizeof label, "--%s", option);
    const char *text = croft_cli_value(c, option);
    if (text != NULL)
        CROFT_TRY(croft_cli_amount(c, text, label, &amount));
    *out = croft_amt_units(amount);
    return CROFT_OK;
}

u64 croft_market_now_s(struct croft_cli *c)
{
    return c->world->ops->wall_ms(c->world) / 1000;
}
