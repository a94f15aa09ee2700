/* `croft explain`: why an order finds nobody, or so few. */
#include "cli/groups.h"

#include "cli/market.h"
#include "cli/market_index.h"
#include "market/explain.h"
#include "market/settle.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct explaining {
    struct croft_cli *c;
    struct croft_client client;
    struct croft_index index;
    struct croft_market_name name;
    struct croft_order_record order;
    struct croft_requirement *r; /* [0] the order's own, [1] --require */
    bool has_more;
};

static void drop(struct explaining *e)
{
    croft_index_drop(&e->index);
    croft_client_close(&e->client);
}

static croft_err load(struct explaining *e)
{
    struct croft_cli *c = e->c;
    CROFT_TRY(croft_market_order(c, c->arg[0], &e->name));
    const struct croft_record_key key = croft_market_order_key(&e->name);
    e->r = croft_new(&c->mem, struct croft_requirement, 2);
    if (e->r == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the requirement");
    CROFT_TRY(croft_connect(c, &e->client));
    croft_err err =
        croft_record_read(&e->client, CROFT_TABLE_ORDERS, &key, false, &c->mem, &e->order, NULL, &c->why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(&c->why, err, "there is no such order\nrun: croft order ls");
    CROFT_TRY(err);
    CROFT_TRY(croft_index_load(c, &e->client, &e->index));
    CROFT_TRY(croft_index_require(c, &e->index, (enum croft_price_kind)e->order.price_kind, &e->r[1],
                                  &e->has_more));
    if (croft_feed_of_order(&e->order, e->index.words, croft_market_now_s(c), &e->r[0]) != CROFT_OK)
        return croft_fail(&c->why, CROFT_ERR_OP_TERMS, "no offer can meet this order");
    return CROFT_OK;
}

/* ---- words ---- */

/* What a test of the order asks for, as its record says it. */
static void order_text(const struct croft_order_record *o, const struct croft_test *t,
                       char out[CROFT_CELL_MAX])
{
    char text[CROFT_CELL_MAX] = "";
    const struct croft_device_record time = {.due_s = t->least};
    switch (t->field) {
    case CROFT_TRAIT_CLASS:
        snprintf(out, CROFT_CELL_MAX, "class %u", o->class);
        return;
    case CROFT_TRAIT_SERVICE:
        croft_market_cell(&croft_order_layout, "service", o, text);
        snprintf(out, CROFT_CELL_MAX, "service %.60s", text);
        return;
    case CROFT_TRAIT_EGRESS:
        croft_market_cell(&croft_order_layout, "egress", o, text);
        snprintf(out, CROFT_CELL_MAX, "egress %.60s", text);
        return;
    case CROFT_TRAIT_UNTIL_S:
        croft_market_cell(&croft_device_layout, "due_s", &time, text);
        snprintf(out, CROFT_CELL_MAX, "offered until %.60s UTC", text);
        return;
    case CROFT_TRAIT_PRICE:
        croft_market_price_text(o->price_max, (enum croft_price_kind)o->price_kind, text);
        snprintf(out, CROFT_CELL_MAX, "price at most %.60s", text);
        return;
    default:
        snprintf(out, CROFT_CELL_MAX, "%s", croft_field_shape((enum croft_trait)t->field)->name);
    }
}

static void test_text(const struct explaining *e, u32 which, u32 place, char out[CROFT_CELL_MAX])
{
    const char *text = croft_cli_value(e->c, "require");
    struct croft_bytes whole = {(const u8 *)text, text != NULL ? strlen(text) : 0};
    struct croft_bytes part = {NULL, 0};
    if (which == 1)
        part = croft_requirement_condition(&e->r[1], place, whole);
    if (part.len > 0)
        snprintf(out, CROFT_CELL_MAX, "%.*s", (int)part.len, (const char *)part.at);
    else
        order_text(&e->order, &e->r[which].test[place], out);
}

static void offer_text(const struct explaining *e, u64 id, char out[CROFT_WHICH_MAX])
{
    u8 key[40];
    snprintf(out, CROFT_WHICH_MAX, "?");
    if (croft_feed_key(e->index.feed, id, key))
        croft_market_which(CROFT_TABLE_DEVICES, (struct croft_bytes){key, sizeof key}, NULL, out);
}

/* ---- all offers ---- */

static json_t *test_json(const struct explaining *e, u32 which, const struct croft_explain *found, u32 place)
{
    char text[CROFT_CELL_MAX];
    test_text(e, which, place, text);
    return json_pack("{s:s,s:s,s:i,s:i}", "condition", text, "field",
                     croft_field_shape((enum croft_trait)e->r[which].test[place].field)->name, "first_failed",
                     (int)found->first_failed[place], "only_failed", (int)found->only_failed[place]);
}

static json_t *nearest_json(const struct explaining *e, u32 which, const struct croft_explain *found)
{
    char offer[CROFT_WHICH_MAX], text[CROFT_CELL_MAX];
    if (!found->has_nearest)
        return json_null();
    offer_text(e, found->nearest_id, offer);
    test_text(e, which, found->nearest_first, text);
    return json_pack("{s:s,s:i,s:s,s:i}", "offer", offer, "failed", (int)found->nearest_failed, "condition",
                     text, "shortfall_ppm", (int)found->nearest_shortfall_ppm);
}

static croft_err all_json(const struct explaining *e, u32 which, const struct croft_explain *found)
{
    json_t *tests = json_array();
    for (u32 i = 0; i < e->r[which].count; i++)
        if (json_array_append_new(tests, test_json(e, which, found, i)) != 0)
            croft_json_drop(&tests);
    return croft_cli_print_json(e->c,
                                json_pack("{s:s,s:i,s:i,s:o,s:o}", "of", which == 0 ? "order" : "require",
                                          "offers", (int)found->offers, "fit", (int)found->fit, "tests",
                                          tests, "nearest", nearest_json(e, which, found)));
}

static croft_err print_tests(const struct explaining *e, u32 which, const struct croft_explain *found)
{
    static const struct croft_column column[] = {
        {"CONDITION", false}, {"FAIL IT FIRST", true}, {"FAIL IT ALONE", true}};
    struct croft_listing *table CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(e->c, column, CROFT_COUNT(column));
    if (table == NULL)
        return croft_fail(&e->c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    for (u32 i = 0; i < e->r[which].count; i++) {
        char text[CROFT_CELL_MAX], first[24], only[24];
        test_text(e, which, i, text);
        snprintf(first, sizeof first, "%u", found->first_failed[i]);
        snprintf(only, sizeof only, "%u", found->only_failed[i]);
        const char *const row[] = {text, first, only};
        croft_listing_row(table, row);
    }
    return croft_listing_print(e->c, table);
}

static croft_err tell_all(const struct explaining *e, u32 which)
{
    struct croft_explain found;
    char offer[CROFT_WHICH_MAX], text[CROFT_CELL_MAX];
    croft_market_explain(e->index.market, &e->r[which], &found);
    if (e->c->json)
        return all_json(e, which, &found);
    printf("%u of %u free offers fit %s\n", found.fit, found.offers, which == 0 ? "the order" : "--require");
    if (found.fit == found.offers)
        return CROFT_OK;
    CROFT_TRY(print_tests(e, which, &found));
    if (found.has_nearest) {
        offer_text(e, found.nearest_id, offer);
        test_text(e, which, found.nearest_first, text);
        printf("nearest: %s fails %u of them, first \"%s\", by %.1f%%\n", offer, found.nearest_failed, text,
               (double)found.nearest_shortfall_ppm / 10000);
    }
    return CROFT_OK;
}

/* ---- one offer ---- */

static croft_err say_one(const struct explaining *e, const char *offer, const char *failed, const char *state)
{
    if (e->c->json)
        return croft_cli_print_json(e->c, json_pack("{s:s,s:b,s:s,s:s?}", "offer", offer, "fits",
                                                    (int)(failed == NULL && strcmp(state, "listed") == 0),
                                                    "state", state, "first_failed", failed));
    if (strcmp(state, "listed") != 0)
        printf("%s is %s\n", offer, state);
    else if (failed != NULL)
        printf("%s fails \"%s\"\n", offer, failed);
    else
        printf("%s fits\n", offer);
    return CROFT_OK;
}

/* What no offer says: how much its provider may have at risk at a time. */
static croft_err exposure_is_full(struct explaining *e, const u8 key[40], const struct croft_device_record *d,
                                  bool *out)
{
    struct croft_cli *c = e->c;
    struct croft_params params;
    struct croft_node_record node;
    struct croft_provider_record p;
    struct croft_address address;
    struct croft_amt more;
    enum croft_price_kind kind = (enum croft_price_kind)e->order.price_kind;
    memcpy(address.b, key, sizeof address.b);
    const struct croft_record_key node_key = croft_key_of_address(&address);
    CROFT_TRY(croft_params_read(&e->client, c->mem, &params, &c->why));
    CROFT_TRY(
        croft_record_read(&e->client, CROFT_TABLE_NODES, &node_key, false, &c->mem, &node, NULL, &c->why));
    const struct croft_record_key owner = croft_key_of_address(&node.owner);
    CROFT_TRY(
        croft_record_read(&e->client, CROFT_TABLE_PROVIDERS, &owner, false, &c->mem, &p, NULL, &c->why));
    u64 units = kind == CROFT_PRICE_SECOND ? params.value[CROFT_PARAM_EXPOSURE_S] : e->order.units_max;
    unsigned __int128 standing = croft_amt_units(p.fees_total);
    if (croft_amt_cmp(p.stake, p.locked) > 0)
        standing += croft_amt_units(p.stake) - croft_amt_units(p.locked);
    *out = !croft_cover(&more, d->price[kind], kind, units) ||
           (unsigned __int128)croft_amt_units(p.exposure) + croft_amt_units(more) >
               params.value[CROFT_PARAM_EXPOSURE_BASE] +
                   standing * params.value[CROFT_PARAM_EXPOSURE_PER_MILLE] / 1000;
    return CROFT_OK;
}

static croft_err tell_one(struct explaining *e, const u8 key[40], const struct croft_device_record *d)
{
    bool full;
    char offer[CROFT_WHICH_MAX], text[CROFT_CELL_MAX], state[CROFT_CELL_MAX];
    u32 place = 0;
    u64 id = croft_feed_id(e->index.feed, key);
    croft_market_which(CROFT_TABLE_DEVICES, (struct croft_bytes){key, 40}, NULL, offer);
    croft_market_cell(&croft_device_layout, "state", d, state);
    bool there = d->state == CROFT_DEVICE_LISTED && id != CROFT_OFFER_NONE;
    if (!there)
        return say_one(e, offer, NULL, d->state == CROFT_DEVICE_LISTED ? "draining" : state);
    for (u32 which = 0; which < 1u + e->has_more; which++) {
        if (croft_market_explain_one(e->index.market, &e->r[which], id, &place) != CROFT_OK)
            return say_one(e, offer, NULL, "not on the market");
        test_text(e, which, place < e->r[which].count ? place : 0, text);
        if (place < e->r[which].count)
            return say_one(e, offer, text, state);
    }
    CROFT_TRY(exposure_is_full(e, key, d, &full));
    return say_one(e, offer, full ? "what its provider may have at risk: it needs more stake" : NULL, state);
}

/* Devices of a node, or of all nodes of a provider. */
struct telling {
    struct explaining *e;
    const struct croft_address *who;
    u32 told;
};

static croft_err tell_device(void *context, struct croft_bytes key, const void *record)
{
    struct telling *t = context;
    t->told++;
    return tell_one(t->e, key.at, record);
}

struct nodes {
    const struct croft_address *owner;
    struct croft_record_key *key; /* up to max */
    u32 count, max;
};

static croft_err take_node(void *context, struct croft_bytes key, const void *record)
{
    struct nodes *n = context;
    const struct croft_node_record *node = record;
    if (memcmp(node->owner.b, n->owner->b, 32) != 0 || n->count == n->max)
        return CROFT_OK;
    struct croft_address address;
    memcpy(address.b, key.at, sizeof address.b);
    n->key[n->count++] = croft_key_of_address(&address);
    return CROFT_OK;
}

static croft_err tell_provider(struct explaining *e, const struct croft_address *who)
{
    enum { NODES_MAX = 4096 };
    struct croft_cli *c = e->c;
    struct telling t = {.e = e, .who = who};
    struct nodes nodes = {
        .owner = who, .key = croft_new(&c->mem, struct croft_record_key, NODES_MAX + 1), .max = NODES_MAX};
    if (nodes.key == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the nodes");
    CROFT_TRY(croft_records_each(&e->client, CROFT_TABLE_NODES, c->mem, take_node, &nodes, &c->why));
    nodes.key[nodes.count++] = croft_key_of_address(who); /* it may be a node itself */
    for (u32 i = 0; i < nodes.count; i++)
        CROFT_TRY(croft_records_under(&e->client, CROFT_TABLE_DEVICES, &nodes.key[i], c->mem, tell_device, &t,
                                      &c->why));
    if (t.told == 0)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND, "%s has no devices\nrun: croft offer ls --all",
                          c->arg[1]);
    return CROFT_OK;
}

static croft_err tell_named(struct explaining *e)
{
    struct croft_cli *c = e->c;
    struct croft_address who;
    struct croft_market_name device;
    struct croft_device_record record;
    if (strchr(c->arg[1], ':') == NULL) {
        CROFT_TRY(croft_cli_address(c, c->arg[1], "PROVIDER", &who));
        return tell_provider(e, &who);
    }
    CROFT_TRY(croft_market_device(c, c->arg[1], &device));
    const struct croft_record_key key = croft_market_device_key(&device);
    CROFT_TRY(
        croft_market_read(c, CROFT_TABLE_DEVICES, &key, "such offer\nrun: croft offer ls --all", &record));
    return tell_one(e, key.b, &record);
}

static croft_err run_explain(struct croft_cli *c)
{
    struct explaining e CROFT_CLEANUP(drop) = {.c = c, .client = {.fd = -1}};
    CROFT_TRY(load(&e));
    if (c->arg_count == 2)
        return tell_named(&e);
    CROFT_TRY(tell_all(&e, 0));
    if (!e.has_more)
        return CROFT_OK;
    CROFT_TRY(croft_index_narrow(c, &e.index, &e.r[0]));
    return tell_all(&e, 1);
}

static const struct croft_option option[] = {
    {"require", "TEXT", "wishes beyond what the order says: \"model=rtx40*;country=DE|FR\"",
     CROFT_OFFER_NOTHING},
};

static const struct croft_verb verb[] = {
    {
        .name = "explain",
        .usage = "ORDER [NODE:DEVICE]\nORDER PROVIDER",
        .summary = "why an order finds nobody: which of its conditions offers fail, and who comes nearest",
        .about = "With an offer, a node or a provider: the first condition that each of its devices fails.",
        .examples = "croft explain 2781\ncroft explain 2781 --require \"model=rtx4090;vram_mib=24000..\"\n"
                    "croft explain croft1...:2781 croft1...:0 --json",
        .option = option,
        .option_count = CROFT_COUNT(option),
        .with = CROFT_WITH_CHAIN | CROFT_WITH_KEY,
        .args_min = 1,
        .args_max = 2,
        .run = run_explain,
    },
};

const struct croft_verb_group croft_explain_verbs = {verb, CROFT_COUNT(verb)};
