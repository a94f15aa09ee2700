#include "cli/market_index.h"

#include "chain/records.h"

#include <string.h>

enum { SPARE = 4096, WORDS_PER_NODE = 8, WORD_BYTES = 64, OFFERS_MAX = 1 << 24, WORDS_MAX = 1 << 22 };

struct loading {
    struct croft_cli *c;
    struct croft_index *index;
    u32 table;
};

static u64 records_of(const Croft__V1__StatusResult *s, u32 table)
{
    for (size_t i = 0; i < s->n_tables; i++)
        if (strcmp(s->tables[i]->name, croft_table_name(table)) == 0)
            return s->tables[i]->records;
    return 0;
}

static u32 room(u64 records, u64 each, u64 most)
{
    u64 wanted = records * each + SPARE;
    return (u32)(wanted < most ? wanted : most);
}

static croft_err init(struct croft_cli *c, const Croft__V1__StatusResult *s, struct croft_index *out)
{
    u64 seed, nodes = records_of(s, CROFT_TABLE_NODES), devices = records_of(s, CROFT_TABLE_DEVICES),
              claims = records_of(s, CROFT_TABLE_CLAIMS);
    c->world->ops->entropy(c->world, (u8 *)&seed, sizeof seed);
    const struct croft_words_limits words = {.words_max = room(nodes + claims, WORDS_PER_NODE, WORDS_MAX),
                                             .text_bytes_max =
                                                 room(nodes + claims, WORDS_PER_NODE * WORD_BYTES, INT32_MAX),
                                             .sets_max = room(nodes + claims, 2, WORDS_MAX),
                                             .members_max = room(nodes + claims, WORDS_PER_NODE, INT32_MAX),
                                             .hash_seed = seed};
    const struct croft_market_limits market = {
        .offers_max = room(devices, 1, OFFERS_MAX), .gang_groups_max = 256, .hash_seed = seed};
    const struct croft_feed_limits feed = {.nodes_max = room(nodes, 1, OFFERS_MAX),
                                           .devices_max = room(devices, 1, OFFERS_MAX),
                                           .claims_max = room(claims, 1, OFFERS_MAX),
                                           .hash_seed = seed};
    struct croft_index made = {.memory = {0}};
    struct croft_arena mem;
    size_t most = (size_t)8 << 30;
    bool good = croft_region_map(&made.memory, most);
    if (good) {
        mem = croft_region_arena(&made.memory);
        good = croft_words_init(&made.words, &mem, &words) == CROFT_OK &&
               croft_market_init(&made.market, &mem, &market, made.words) == CROFT_OK &&
               croft_feed_init(&made.feed, &mem, &feed, made.market, made.words) == CROFT_OK;
    }
    if (good) {
        *out = made;
        return CROFT_OK;
    }
    croft_region_unmap(&made.memory);
    return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory for an index over all offers");
}

/* The feed takes records as they are stored. */
static croft_err take_record(void *context, struct croft_bytes key, const void *record)
{
    struct loading *l = context;
    u8 value[CROFT_RECORD_VALUE_MAX];
    size_t len = croft_layout_encode(croft_table_layout(l->table), record, value, sizeof value);
    croft_err err = croft_feed_record(l->index->feed, l->table, key, (struct croft_bytes){value, len});
    return err == CROFT_OK
               ? err
               : croft_fail(&l->c->why, err, "the offers cannot be indexed: %s", croft_err_text(err));
}

croft_err croft_index_load(struct croft_cli *c, struct croft_client *client, struct croft_index *out)
{
    static const u32 table[] = {CROFT_TABLE_NODES, CROFT_TABLE_DEVICES, CROFT_TABLE_CLAIMS};
    struct croft_index index CROFT_CLEANUP(croft_index_drop) = {.memory = {0}};
    const Croft__V1__StatusResult *status;
    CROFT_TRY(croft_status_read(client, &c->mem, &status, &c->why));
    CROFT_TRY(init(c, status, &index));
    for (size_t i = 0; i < CROFT_COUNT(table); i++) {
        struct loading l = {.c = c, .index = &index, .table = table[i]};
        CROFT_TRY(croft_records_each(client, table[i], c->mem, take_record, &l, &c->why));
    }
    *out = index;
    index = (struct croft_index){.memory = {0}};
    return CROFT_OK;
}

void croft_index_drop(struct croft_index *index)
{
    croft_region_unmap(&index->memory);
}

croft_err croft_index_require(struct croft_cli *c, const struct croft_index *index,
                              enum croft_price_kind kind, struct croft_requirement *out, bool *out_given)
{
    const char *text = croft_cli_value(c, "require");
    *out_given = text != NULL;
    if (text == NULL)
        return CROFT_OK;
    struct croft_why why = {""};
    const struct croft_bytes bytes = {(const u8 *)text, strlen(text)};
    if (croft_requirement_parse(bytes, index->words, out, &why) != CROFT_OK)
        return croft_fail(&c->why, CROFT_ERR_USAGE, "--require: %s\nrun: croft help %s", why.text,
                          c->verb->name);
    out->price_kind = kind;
    return CROFT_OK;
}

croft_err croft_index_narrow(struct croft_cli *c, struct croft_index *index,
                             const struct croft_requirement *r)
{
    u32 cursor = 0, gone = 0;
    const struct croft_offer *o;
    u64 *id = croft_new(&c->mem, u64, croft_market_count(index->market) + 1);
    if (id == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the offers");
    while ((o = croft_market_next(index->market, &cursor)) != NULL)
        if (croft_requirement_test(r, index->words, o) != r->count)
            id[gone++] = o->id;
    for (u32 i = 0; i < gone; i++)
        croft_market_drop(index->market, id[i]);
    return CROFT_OK;
}
