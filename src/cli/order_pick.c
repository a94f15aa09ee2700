/* Which offers an order takes: named ones, or the cheapest that fit. */
#include "cli/market.h"
#include "cli/market_index.h"

#include <string.h>

struct picking {
    struct croft_cli *c;
    struct croft_client *client;
    const struct croft_order_record *order;
    u64 class_price; /* 0: none is posted */
};

static croft_err add_take(struct croft_cli *c, const struct croft_market_name *device, u64 price,
                          Croft__V1__Take **out, size_t *count)
{
    Croft__V1__Take *take = croft_new(&c->mem, Croft__V1__Take, 1);
    u8 *node = croft_new(&c->mem, u8, 32);
    if (take == NULL || node == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the offers");
    croft__v1__take__init(take);
    memcpy(node, device->owner.b, 32);
    take->node_address = croft_cli_bytes(node, 32);
    take->device = device->number;
    take->price = price;
    out[(*count)++] = take;
    return CROFT_OK;
}

/* ---- named ---- */

/* The price of an offer that was named without one, as it stands now. */
static croft_err read_price(const struct picking *p, const struct croft_market_name *device, const char *text,
                            u64 *out)
{
    struct croft_device_record record;
    const struct croft_record_key key = croft_market_device_key(device);
    struct croft_cli *c = p->c;
    croft_err err =
        croft_record_read(p->client, CROFT_TABLE_DEVICES, &key, false, &c->mem, &record, NULL, &c->why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(&c->why, err, "there is no offer %s; nothing was sent\nrun: croft offer ls", text);
    CROFT_TRY(err);
    *out = p->class_price != 0 ? p->class_price : record.price[p->order->price_kind];
    if (*out == 0)
        return croft_fail(&c->why, CROFT_ERR_OP_PRICE,
                          "%s asks no price of the kind that the order pays; nothing was sent", text);
    return CROFT_OK;
}

/* NODE:DEVICE or NODE:DEVICE:PRICE */
static croft_err take_named(const struct picking *p, char *text, Croft__V1__Take **out, size_t *count)
{
    struct croft_market_name device;
    enum croft_price_kind kind = (enum croft_price_kind)p->order->price_kind;
    char *first = strchr(text, ':'), *second = first != NULL ? strchr(first + 1, ':') : NULL;
    u64 price = 0;
    if (first == NULL)
        return croft_cli_usage(p->c, "--take: an offer is named NODE:DEVICE, not \"%s\"", text);
    if (second != NULL) {
        *second = '\0';
        CROFT_TRY(croft_market_price(p->c, second + 1, "--take", &kind, &price));
    }
    CROFT_TRY(croft_market_device(p->c, text, &device));
    if (second == NULL)
        CROFT_TRY(read_price(p, &device, text, &price));
    return add_take(p->c, &device, price, out, count);
}

/* ---- found ---- */

static croft_err take_found(const struct picking *p, const struct croft_index *index,
                            const struct croft_offer *o, Croft__V1__Take **out, size_t *count)
{
    u8 key[40];
    struct croft_market_name device = {.id = 0};
    u64 price = p->class_price != 0 ? p->class_price : o->price[p->order->price_kind];
    if (!croft_feed_key(index->feed, o->id, key) || price == 0)
        return CROFT_OK;
    memcpy(device.owner.b, key, sizeof device.owner.b);
    device.number = (u32)croft_cli_id_of_key((struct croft_bytes){key, sizeof key});
    return add_take(p->c, &device, price, out, count);
}

static croft_err find(const struct picking *p, size_t most, Croft__V1__Take **out, size_t *count)
{
    struct croft_index index CROFT_CLEANUP(croft_index_drop) = {.memory = {0}};
    struct croft_requirement *r = croft_new(&p->c->mem, struct croft_requirement, 2);
    const struct croft_offer *found[CROFT_MATCH_MAX];
    bool more;
    if (r == NULL)
        return croft_fail(&p->c->why, CROFT_ERR_NOMEM, "no memory left for the requirement");
    CROFT_TRY(croft_index_load(p->c, p->client, &index));
    CROFT_TRY(croft_index_require(p->c, &index, (enum croft_price_kind)p->order->price_kind, &r[1], &more));
    if (croft_feed_of_order(p->order, index.words, croft_market_now_s(p->c), &r[0]) != CROFT_OK)
        return croft_cli_usage(p->c, "no offer can meet these terms");
    if (p->class_price != 0)
        r[0].test[r[0].count - 1].most =
            UINT64_MAX; /* what devices ask counts for nothing then; see read_class */
    if (more)
        CROFT_TRY(croft_index_narrow(p->c, &index, &r[1]));
    u32 n = croft_market_match(index.market, &r[0], (u32)most, found);
    for (u32 i = 0; i < n; i++)
        CROFT_TRY(take_found(p, &index, found[i], out, count));
    if (*count == 0)
        return croft_fail(
            &p->c->why, CROFT_ERR_OP_OFFERS,
            "no free offer fits; nothing was sent\nsee why: croft explain ORDER, or: croft offer ls");
    return CROFT_OK;
}

/* ---- both ---- */

static croft_err read_class(struct picking *p)
{
    struct croft_class_record class;
    const struct croft_record_key key = croft_key_of_number(p->order->class, 2);
    if (p->order->class == 0)
        return CROFT_OK;
    croft_err err =
        croft_record_read(p->client, CROFT_TABLE_CLASSES, &key, false, &p->c->mem, &class, NULL, &p->c->why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(&p->c->why, err, "there is no class %u; nothing was sent\nrun: croft class ls",
                          p->order->class);
    CROFT_TRY(err);
    p->class_price = p->order->price_kind == CROFT_PRICE_SECOND ? class.price : 0;
    if (p->class_price <= p->order->price_max)
        return CROFT_OK;
    char price[CROFT_PRICE_TEXT_MAX];
    croft_market_price_text(p->class_price, CROFT_PRICE_SECOND, price);
    return croft_fail(&p->c->why, CROFT_ERR_OP_PRICE,
                      "class %u posts %s, which is above the order's --price-max; nothing was sent",
                      p->order->class, price);
}

croft_err croft_order_pick(struct croft_cli *c, const struct croft_order_record *order, size_t most,
                           Croft__V1__Take ***out, size_t *out_count)
{
    const char *at = croft_cli_value(c, "take");
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct picking p = {.c = c, .client = &client, .order = order};
    size_t count = 0;
    *out_count = 0;
    if (at == NULL && !croft_cli_has(c, "auto"))
        return croft_cli_has(c, "require") ? croft_cli_usage(c, "--require goes with --auto") : CROFT_OK;
    if (at != NULL && croft_cli_has(c, "auto"))
        return croft_cli_usage(c, "--take and --auto exclude each other");
    Croft__V1__Take **take = croft_new(&c->mem, Croft__V1__Take *, most + 1);
    if (take == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the offers");
    CROFT_TRY(croft_connect(c, &client));
    CROFT_TRY(read_class(&p));
    if (at == NULL)
        CROFT_TRY(find(&p, most, take, &count));
    for (char *part; at != NULL && (part = croft_market_part(c, &at, ',')) != NULL;) {
        if (count == most)
            return croft_cli_usage(c, "--take: at most %zu offers", most);
        CROFT_TRY(take_named(&p, part, take, &count));
    }
    *out = take;
    *out_count = count;
    return CROFT_OK;
}
