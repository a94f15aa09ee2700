/* Records of the market for people and as JSON, one by one and in lists. */
#include "cli/market.h"

#include "base/assert.h"
#include "cli/describe.h"
#include "json/hex.h"
#include "json/json.h"
#include "json/meaning.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 12, LIST_LIMIT = 1000 };

/* ---- cells ---- */

static u64 number_at(const struct croft_field *f, const void *record)
{
    const u8 *at = (const u8 *)record + f->offset;
    u16 v16 = 0;
    u32 v32 = 0;
    u64 v64 = 0;
    if (f->bytes == sizeof v16)
        memcpy(&v16, at, sizeof v16);
    if (f->bytes == sizeof v32)
        memcpy(&v32, at, sizeof v32);
    if (f->bytes == sizeof v64)
        memcpy(&v64, at, sizeof v64);
    return f->bytes == 1 ? *at : v16 + (u64)v32 + v64;
}

static bool is_number(const struct croft_field *f)
{
    return f->type <= CROFT_FIELD_TIME;
}

static bool is_zero(const struct croft_field *f, const void *record)
{
    const u8 *at = (const u8 *)record + f->offset;
    for (u32 i = 0; i < f->bytes; i++)
        if (at[i] != 0)
            return false;
    return true;
}

/* The price kind that a field is for; CROFT_PRICE_KINDS: it is no price, or for another thing. */
static u32 price_kind(const struct croft_layout *l, const struct croft_field *f, const void *record)
{
    static const char *const suffix[CROFT_PRICE_KINDS] = {"price_second", "price_token", "price_byte",
                                                          "price_frame"};
    for (u32 i = 0; i < CROFT_PRICE_KINDS; i++)
        if (strcmp(f->name, suffix[i]) == 0)
            return i;
    if (l == &croft_lease_layout && strcmp(f->name, "price") == 0)
        return ((const struct croft_lease_record *)record)->kind;
    if (l == &croft_order_layout && strcmp(f->name, "price_max") == 0)
        return ((const struct croft_order_record *)record)->price_kind;
    bool hourly = l == &croft_class_layout && strcmp(f->name, "price") == 0;
    return hourly ? CROFT_PRICE_SECOND : CROFT_PRICE_KINDS;
}

static void number_cell(const struct croft_layout *l, const struct croft_field *f, const void *record,
                        char out[CROFT_CELL_MAX])
{
    u64 value = number_at(f, record);
    u32 kind = price_kind(l, f, record);
    if (f->type == CROFT_FIELD_TIME)
        croft_time_text(value, out);
    else if (kind < CROFT_PRICE_KINDS)
        croft_market_price_text(value, (enum croft_price_kind)kind, out);
    else if (f->type == CROFT_FIELD_AMT || croft_json_is_money(l->name, f->name))
        croft_amt_format(croft_amt_of(value), out);
    else
        snprintf(out, CROFT_CELL_MAX, "%" PRIu64 "%s", value, croft_json_is_time(f->name) ? " s" : "");
}

static void bytes_cell(const struct croft_layout *l, const struct croft_field *f, const void *record,
                       char out[CROFT_CELL_MAX])
{
    json_t *whole CROFT_CLEANUP(croft_json_drop) = croft_json_of_layout(l, record);
    const char *text = json_string_value(json_object_get(whole, f->name));
    snprintf(out, CROFT_CELL_MAX, "%s", text != NULL ? text : "");
}

static void field_cell(const struct croft_layout *l, const struct croft_field *f, const void *record,
                       char out[CROFT_CELL_MAX])
{
    out[0] = '\0';
    if (is_number(f) && croft_market_word(l->name, f->name, number_at(f, record), out))
        return;
    if (is_zero(f, record))
        return;
    if (is_number(f))
        number_cell(l, f, record, out);
    else
        bytes_cell(l, f, record, out);
}

static const struct croft_field *find_field(const struct croft_layout *l, const char *name)
{
    for (u32 i = 0; i < l->field_count; i++)
        if (strcmp(l->field[i].name, name) == 0)
            return &l->field[i];
    return NULL;
}

void croft_market_cell(const struct croft_layout *l, const char *field, const void *record,
                       char out[CROFT_CELL_MAX])
{
    const struct croft_field *f = find_field(l, field);
    CROFT_ASSERT(f != NULL);
    field_cell(l, f, record, out);
}

/* ---- JSON ---- */

static bool add_words(json_t *json, const struct croft_layout *l, const void *record)
{
    bool good = json != NULL;
    for (u32 i = 0; good && i < l->field_count; i++) {
        const struct croft_field *f = &l->field[i];
        char text[CROFT_CELL_MAX], name[64];
        if (!is_number(f) || !croft_market_word(l->name, f->name, number_at(f, record), text))
            continue;
        snprintf(name, sizeof name, "%s_text", f->name);
        good = json_object_set_new(json, name, json_string(text)) == 0;
    }
    return good;
}

json_t *croft_market_json(u32 table, struct croft_bytes key, const void *record)
{
    char which[CROFT_WHICH_MAX];
    const struct croft_layout *l = croft_table_layout(table);
    json_t *json = croft_json_of_layout(l, record);
    croft_market_which(table, key, record, which);
    if (!add_words(json, l, record) || json_object_set_new(json, "which", json_string(which)) != 0)
        croft_json_drop(&json);
    return json;
}

/* ---- one ---- */

croft_err croft_market_read(struct croft_cli *c, u32 table, const struct croft_record_key *key,
                            const char *what, void *out)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    CROFT_TRY(croft_connect(c, &client));
    croft_err err = croft_record_read(&client, table, key, false, &c->mem, out, NULL, &c->why);
    return err == CROFT_ERR_NOT_FOUND ? croft_fail(&c->why, err, "there is no %s", what) : err;
}

static croft_err print_person(struct croft_cli *c, u32 table, struct croft_bytes key, const void *record)
{
    enum { PAIRS_MAX = 64 };
    const struct croft_layout *l = croft_table_layout(table);
    struct cell {
        char b[CROFT_CELL_MAX];
    } *text = croft_new(&c->mem, struct cell, PAIRS_MAX);
    const char *pair[PAIRS_MAX][2];
    size_t count = 1;
    if (text == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the record");
    croft_market_which(table, key, record, text[0].b);
    pair[0][0] = l->name;
    pair[0][1] = text[0].b;
    for (u32 i = 0; i < l->field_count && count < PAIRS_MAX; i++) {
        const struct croft_field *f = &l->field[i];
        if (strcmp(f->name, "format") == 0)
            continue;
        field_cell(l, f, record, text[count].b);
        pair[count][0] = f->name;
        pair[count][1] = text[count].b[0] != '\0' ? text[count].b : NULL;
        count++;
    }
    return croft_listing_print_pairs(c, pair, count);
}

/* Alternates, hours and attributes: what the layout has behind its fields. */
static void print_tail(u32 table, const void *record)
{
    const struct croft_layout *l = croft_table_layout(table);
    const char *name = l->item != NULL ? l->item_name : l->text_name;
    json_t *whole CROFT_CLEANUP(croft_json_drop) = name != NULL ? croft_json_of_layout(l, record) : NULL;
    json_t *tail = name != NULL ? json_object_get(whole, name) : NULL, *item;
    size_t i;
    if (json_string_length(tail) > 0)
        printf("%s\n%s", name, json_string_value(tail));
    json_array_foreach(tail, i, item)
    {
        char *text = json_dumps(item, JSON_COMPACT);
        printf("%s %s\n", l->item->name, text != NULL ? text : "?");
        free(text);
    }
}

croft_err croft_market_print(struct croft_cli *c, u32 table, struct croft_bytes key, const void *record)
{
    if (c->json)
        return croft_cli_print_json(c, croft_market_json(table, key, record));
    CROFT_TRY(print_person(c, table, key, record));
    print_tail(table, record);
    return CROFT_OK;
}

croft_err croft_market_show(struct croft_cli *c, u32 table, const struct croft_record_key *key,
                            const char *what)
{
    _Alignas(max_align_t) u8 record[CROFT_RECORD_STRUCT_MAX];
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    const Croft__V1__QueryResult *result;
    bool prove = croft_cli_knows(c, "prove") && croft_cli_has(c, "prove");
    CROFT_TRY(croft_connect(c, &client));
    croft_err err = croft_record_read(&client, table, key, prove, &c->mem, record, &result, &c->why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(&c->why, err, "there is no %s on network \"%s\"", what, client.network_name);
    CROFT_TRY(err);
    CROFT_TRY(croft_market_print(c, table, (struct croft_bytes){key->b, key->len}, record));
    if (prove && !c->json && result->app_hash.len == 32) {
        char hash[65];
        croft_hex_encode((struct croft_bytes){result->app_hash.data, 32}, hash);
        printf("\nproven under app hash %s after block %" PRIu64 "\n", hash, result->height);
    }
    return CROFT_OK;
}

/* ---- lists ---- */

struct listing {
    struct croft_cli *c;
    const struct croft_market_list *list;
    struct croft_listing *table;
    u64 count, limit;
    bool cut;
};

static croft_err list_one(void *context, struct croft_bytes key, const void *record)
{
    struct listing *s = context;
    const struct croft_market_list *list = s->list;
    char text[COLUMNS_MAX][CROFT_CELL_MAX];
    const char *row[COLUMNS_MAX];
    if (list->keep != NULL && !list->keep(list->context, key, record))
        return CROFT_OK;
    s->cut = s->count == s->limit;
    if (s->cut)
        return CROFT_ERR_INTERRUPTED;
    s->count++;
    if (s->c->json)
        return croft_cli_print_json(s->c, croft_market_json(list->table, key, record));
    for (size_t i = 0; i < list->column_count; i++) {
        const struct croft_layout *l = croft_table_layout(list->table);
        if (list->column[i].field == NULL)
            croft_market_which(list->table, key, record, text[i]);
        else
            croft_market_cell(l, list->column[i].field, record, text[i]);
        row[i] = text[i];
    }
    croft_listing_row(s->table, row);
    return CROFT_OK;
}

static croft_err read_list(struct croft_cli *c, const struct croft_market_list *list, struct listing *s)
{
    struct croft_client client CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    CROFT_TRY(croft_connect(c, &client));
    croft_err err =
        list->prefix.len > 0
            ? croft_records_under(&client, list->table, &list->prefix, c->mem, list_one, s, &c->why)
            : croft_records_each(&client, list->table, c->mem, list_one, s, &c->why);
    return s->cut ? CROFT_OK : err;
}

croft_err croft_market_list(struct croft_cli *c, const struct croft_market_list *list)
{
    struct croft_column column[COLUMNS_MAX] = {{NULL, false}};
    struct listing s = {.c = c, .list = list, .limit = LIST_LIMIT};
    const char *limit = croft_cli_value(c, "limit");
    CROFT_ASSERT(list->column_count <= COLUMNS_MAX);
    if (limit != NULL)
        CROFT_TRY(croft_cli_u64(c, limit, "--limit", &s.limit));
    for (size_t i = 0; i < list->column_count; i++)
        column[i].name = list->column[i].heading;
    struct croft_listing *table CROFT_CLEANUP(croft_listing_drop) =
        croft_listing_new(c, column, list->column_count);
    if (table == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the table");
    s.table = table;
    CROFT_TRY(read_list(c, list, &s));
    if (s.count == 0 && !c->json)
        printf("%s\n", list->none);
    if (!c->json)
        CROFT_TRY(croft_listing_print(c, table));
    if (s.cut)
        fprintf(stderr, "note: only the first %" PRIu64 " are shown; --limit N shows more\n", s.limit);
    return CROFT_OK;
}

/* ---- sending ---- */

croft_err croft_market_send_as(struct croft_cli *c, const struct croft_key_info *key,
                               Croft__V1__TxBody__OpCase which, void *op, const char *what, json_t *more)
{
    struct croft_wallet_result result;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    body.op_case = which;
    body.transfer = op; /* every member of the union is a pointer to a message */
    croft_err err = croft_cli_send_as(c, key, &body, &result);
    if (err != CROFT_OK) {
        json_decref(more);
        return err;
    }
    return croft_cli_print_result(c, &result, what, more);
}

croft_err croft_market_send(struct croft_cli *c, Croft__V1__TxBody__OpCase which, void *op, const char *what,
                            json_t *more)
{
    struct croft_key_info key;
    croft_err err = croft_key_choose(c, &key);
    if (err == CROFT_OK)
        return croft_market_send_as(c, &key, which, op, what, more);
    json_decref(more);
    return err;
}
