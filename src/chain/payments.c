#include "chain/payments.h"

#include "base/assert.h"
#include "crypto/bech32m.h"

#include <string.h>
#include <strings.h>

enum { LINE_MAX_BYTES = 256, FIELDS_MAX = 3 };

static const char *const asset_name[CROFT_ASSET_COUNT] = {"credit", "croft"};

bool croft_asset_parse(const char *text, u32 *out)
{
    for (u32 i = 0; i < CROFT_ASSET_COUNT; i++) {
        if (strcasecmp(text, asset_name[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

const char *croft_asset_name(u32 asset)
{
    return asset < CROFT_ASSET_COUNT ? asset_name[asset] : "?";
}

Croft__V1__Leg *croft_payments_leg(const struct croft_address *to, u32 asset, struct croft_amt amount,
                                   struct croft_arena *mem)
{
    Croft__V1__Leg *leg = croft_new(mem, Croft__V1__Leg, 1);
    u8 *address = croft_new(mem, u8, sizeof to->b);
    if (leg == NULL || address == NULL)
        return NULL;
    croft__v1__leg__init(leg);
    leg->to_address = (ProtobufCBinaryData){sizeof to->b, memcpy(address, to->b, sizeof to->b)};
    leg->asset = asset;
    leg->amount = croft_amt_units(amount);
    return leg;
}

struct parsing {
    struct croft_arena *mem;
    struct croft_why *why;
    u32 line;
    Croft__V1__Transfer *transfer;
    struct croft_amt total[CROFT_ASSET_COUNT];
};

static croft_err bad_line(const struct parsing *p, const char *what)
{
    return croft_fail(p->why, CROFT_ERR_TX_RANGE,
                      "line %u: %s\nnothing was sent; a line is ADDRESS,AMOUNT[,ASSET]", p->line, what);
}

/* Cuts the line at its commas, blanks around the fields taken off. */
static u32 split(char *line, char *field[FIELDS_MAX + 1])
{
    u32 count = 0;
    for (char *rest = line, *part; count <= FIELDS_MAX && (part = strsep(&rest, ",")) != NULL;) {
        part += strspn(part, " \t\r");
        size_t len = strlen(part);
        while (len > 0 && strchr(" \t\r", part[len - 1]) != NULL)
            part[--len] = '\0';
        field[count++] = part;
    }
    return count;
}

static bool is_heading(char *const field[], u32 count)
{
    return count >= 2 && strcasecmp(field[0], "address") == 0 && strcasecmp(field[1], "amount") == 0;
}

static croft_err take_fields(struct parsing *p, char *const field[], u32 count)
{
    if (count < 2 || count > FIELDS_MAX)
        return bad_line(p, "it must have two or three fields");
    struct croft_address to;
    struct croft_amt amount;
    u32 asset = CROFT_ASSET_CREDIT;
    if (croft_bech32m_decode(CROFT_HRP_ADDRESS, field[0], to.b) != CROFT_OK)
        return bad_line(p, croft_err_text(CROFT_ERR_BECH32));
    if (croft_address_is_system(&to))
        return bad_line(p, "a system account cannot be paid");
    if (!croft_amt_parse(field[1], &amount) || croft_amt_is_zero(amount))
        return bad_line(p, "the amount must be decimal credits above zero, like 12.50");
    if (count == FIELDS_MAX && !croft_asset_parse(field[2], &asset))
        return bad_line(p, "the asset must be credit or croft");
    if (p->transfer->n_legs == CROFT_TX_LEGS_MAX)
        return bad_line(p, "one transaction takes 1000 payments; split the file");
    if (!croft_amt_add(&p->total[asset], p->total[asset], amount))
        return bad_line(p, "the sum of the amounts is too large");
    Croft__V1__Leg *leg = croft_payments_leg(&to, asset, amount, p->mem);
    if (leg == NULL)
        return croft_fail(p->why, CROFT_ERR_NOMEM, "the list is larger than this program takes");
    p->transfer->legs[p->transfer->n_legs++] = leg;
    return CROFT_OK;
}

static croft_err take_line(struct parsing *p, struct croft_bytes text)
{
    char line[LINE_MAX_BYTES], *field[FIELDS_MAX + 1];
    if (text.len >= sizeof line || (text.len > 0 && memchr(text.at, '\0', text.len) != NULL))
        return bad_line(p, "it is too long, or not text");
    if (text.len > 0)
        memcpy(line, text.at, text.len);
    line[text.len] = '\0';
    u32 count = split(line, field);
    if (field[0][0] == '#' || (count == 1 && field[0][0] == '\0'))
        return CROFT_OK;
    if (p->transfer->n_legs == 0 && is_heading(field, count))
        return CROFT_OK;
    return take_fields(p, field, count);
}

static croft_err take_lines(struct parsing *p, struct croft_bytes text)
{
    while (text.len > 0) {
        const u8 *end = memchr(text.at, '\n', text.len);
        size_t len = end != NULL ? (size_t)(end - text.at) : text.len;
        p->line++;
        CROFT_TRY(take_line(p, (struct croft_bytes){text.at, len}));
        size_t used = len + (end != NULL);
        text = (struct croft_bytes){text.at + used, text.len - used};
    }
    return CROFT_OK;
}

croft_err croft_payments_parse(struct croft_bytes text, struct croft_arena *mem, Croft__V1__Transfer **out,
                               struct croft_amt out_total[CROFT_ASSET_COUNT], struct croft_why *why)
{
    struct parsing p = {.mem = mem, .why = why, .transfer = croft_new(mem, Croft__V1__Transfer, 1)};
    if (p.transfer == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "the list is larger than this program takes");
    croft__v1__transfer__init(p.transfer);
    p.transfer->legs = croft_new(mem, Croft__V1__Leg *, CROFT_TX_LEGS_MAX);
    if (p.transfer->legs == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "the list is larger than this program takes");
    CROFT_TRY(take_lines(&p, text));
    if (p.transfer->n_legs == 0)
        return croft_fail(why, CROFT_ERR_TX_RANGE,
                          "the list has no payments\na line is ADDRESS,AMOUNT[,ASSET]");
    *out = p.transfer;
    memcpy(out_total, p.total, sizeof p.total);
    return CROFT_OK;
}
