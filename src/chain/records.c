#include "chain/records.h"

#include "base/assert.h"
#include "chain/proof.h"

#include <stddef.h>
#include <string.h>

enum { PAGE = 1000 };

struct croft_record_key croft_key_of_address(const struct croft_address *address)
{
    struct croft_record_key key = {.len = sizeof address->b};
    memcpy(key.b, address->b, sizeof address->b);
    return key;
}

struct croft_record_key croft_key_of_address_id(const struct croft_address *address, u64 id)
{
    struct croft_record_key key = croft_key_of_address(address);
    for (int shift = 56; shift >= 0; shift -= 8)
        key.b[key.len++] = (u8)(id >> shift);
    return key;
}

struct croft_record_key croft_key_of_number(u64 number, size_t bytes)
{
    struct croft_record_key key = {.len = bytes};
    CROFT_ASSERT(bytes >= 1 && bytes <= 8);
    for (size_t i = 0; i < bytes; i++)
        key.b[i] = (u8)(number >> 8 * (bytes - 1 - i));
    return key;
}

struct croft_record_key croft_key_of_text(const char *text)
{
    struct croft_record_key key = {.len = strlen(text)};
    CROFT_ASSERT(key.len <= sizeof key.b);
    memcpy(key.b, text, key.len);
    return key;
}

static croft_err query(struct croft_client *c, Croft__V1__Query *q, struct croft_arena *mem,
                       const Croft__V1__QueryResult **out, struct croft_why *why)
{
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    request.call_case = CROFT__V1__REQUEST__CALL_QUERY;
    request.query = q;
    Croft__V1__Response *response;
    CROFT_TRY(croft_client_call(c, &request, mem, &response, why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_QUERY) {
        croft_fail(why, CROFT_ERR_FRAME, "the chain answered a query with something else");
        return CROFT_ERR_FRAME; /* in two steps, so that a compiler sees that *out is set when all is well */
    }
    *out = response->query;
    return CROFT_OK;
}

static croft_err decode(u32 table, const Croft__V1__Record *record, void *out, struct croft_why *why)
{
    const struct croft_bytes value = {record->value.data, record->value.len};
    croft_err err = croft_layout_decode(croft_table_layout(table), value, out);
    if (err == CROFT_OK)
        return CROFT_OK;
    return croft_fail(why, err, "a record of table %s cannot be read: %s", croft_table_name(table),
                      croft_err_text(err));
}

croft_err croft_record_read(struct croft_client *c, u32 table, const struct croft_record_key *key, bool prove,
                            struct croft_arena *mem, void *out, const Croft__V1__QueryResult **out_result,
                            struct croft_why *why)
{
    CROFT_ASSERT(croft_table_layout(table) != NULL);
    CROFT_ASSERT(key->len == croft_table_key_len(table));
    Croft__V1__Query q = CROFT__V1__QUERY__INIT;
    u8 *key_bytes = (u8 *)(uintptr_t)key->b;
    q.table = table;
    q.key = (ProtobufCBinaryData){key->len, key_bytes};
    q.prove = prove;
    const Croft__V1__QueryResult *result;
    CROFT_TRY(query(c, &q, mem, &result, why));
    if (result->n_records == 0)
        return croft_fail(why, CROFT_ERR_NOT_FOUND, "there is no such record in %s", croft_table_name(table));

    const struct croft_bytes want = {key->b, key->len};
    if (result->n_records != 1 || result->records[0]->key.len != want.len ||
        memcmp(result->records[0]->key.data, want.at, want.len) != 0)
        return croft_fail(why, CROFT_ERR_FRAME, "the chain answered with another record than was asked for");
    if (prove && croft_proof_record(result, table, want, NULL, *mem) != CROFT_OK)
        return croft_fail(why, CROFT_ERR_PROOF,
                          "the chain's proof of this record does not hold\ndo not trust it");
    CROFT_TRY(decode(table, result->records[0], out, why));
    if (out_result != NULL)
        *out_result = result;
    return CROFT_OK;
}

static croft_err see_record(u32 table, const Croft__V1__Record *record, croft_record_fn *each, void *context,
                            struct croft_why *why)
{
    _Alignas(max_align_t) u8 room[CROFT_RECORD_STRUCT_MAX];
    const struct croft_bytes key = {record->key.data, record->key.len};
    CROFT_ASSERT(croft_table_layout(table)->struct_size <= sizeof room);
    if (key.len != croft_table_key_len(table))
        return croft_fail(why, CROFT_ERR_FRAME, "the chain answered with a record of another table");
    CROFT_TRY(decode(table, record, room, why));
    return each(context, key, room);
}

/* One page; *after is the key of its last record. */
static croft_err read_page(struct croft_client *c, u32 table, struct croft_arena mem,
                           struct croft_record_key *after, croft_record_fn *each, void *context,
                           bool *out_more, struct croft_why *why)
{
    Croft__V1__Query q = CROFT__V1__QUERY__INIT;
    q.table = table;
    q.after_key = (ProtobufCBinaryData){after->len, after->b};
    q.limit = PAGE;
    const Croft__V1__QueryResult *result;
    CROFT_TRY(query(c, &q, &mem, &result, why));
    for (size_t i = 0; i < result->n_records; i++) {
        CROFT_TRY(see_record(table, result->records[i], each, context, why));
        after->len = result->records[i]->key.len;
        memcpy(after->b, result->records[i]->key.data, after->len);
    }
    *out_more = result->n_records == PAGE;
    return CROFT_OK;
}

croft_err croft_records_each(struct croft_client *c, u32 table, struct croft_arena mem, croft_record_fn *each,
                             void *context, struct croft_why *why)
{
    CROFT_ASSERT(croft_table_layout(table) != NULL);
    struct croft_record_key after = {.len = 0};
    bool more = true;
    while (more)
        CROFT_TRY(read_page(c, table, mem, &after, each, context, &more, why));
    return CROFT_OK;
}

/* One answer, which has few records or none when those of the prefix are far apart. */
static croft_err read_under(struct croft_client *c, Croft__V1__Query *q, struct croft_arena mem,
                            croft_record_fn *each, void *context, struct croft_why *why)
{
    const Croft__V1__QueryResult *result;
    CROFT_TRY(query(c, q, &mem, &result, why));
    for (size_t i = 0; i < result->n_records; i++) {
        const ProtobufCBinaryData *key = &result->records[i]->key;
        if (key->len < q->prefix.len || memcmp(key->data, q->prefix.data, q->prefix.len) != 0)
            return croft_fail(why, CROFT_ERR_FRAME, "the chain answered with other records than were asked for");
        CROFT_TRY(see_record(q->table, result->records[i], each, context, why));
    }
    if (result->next_slot != 0 && result->next_slot <= q->from_slot)
        return croft_fail(why, CROFT_ERR_FRAME, "the chain's list does not come to an end");
    q->from_slot = result->next_slot;
    return CROFT_OK;
}

croft_err croft_records_under(struct croft_client *c, u32 table, const struct croft_record_key *prefix,
                              struct croft_arena mem, croft_record_fn *each, void *context, struct croft_why *why)
{
    CROFT_ASSERT(croft_table_layout(table) != NULL);
    CROFT_ASSERT(prefix->len >= 1 && prefix->len <= croft_table_key_len(table));
    Croft__V1__Query q = CROFT__V1__QUERY__INIT;
    q.table = table;
    q.prefix = (ProtobufCBinaryData){prefix->len, (u8 *)(uintptr_t)prefix->b};
    q.limit = PAGE;
    do
        CROFT_TRY(read_under(c, &q, mem, each, context, why));
    while (q.from_slot != 0);
    return CROFT_OK;
}

static croft_err take_param(void *context, struct croft_bytes key, const void *record)
{
    struct croft_params *params = context;
    const struct croft_param_record *param = record;
    size_t number = (size_t)(key.at[0] << 8 | key.at[1]);
    if (number < CROFT_PARAMS_MAX) /* a later release may know more; they do not concern this one */
        params->value[number] = param->value;
    return CROFT_OK;
}

croft_err croft_params_read(struct croft_client *c, struct croft_arena mem, struct croft_params *out,
                            struct croft_why *why)
{
    struct croft_params params = {0};
    CROFT_ASSERT(croft_param_count() < CROFT_PARAMS_MAX);
    for (size_t i = 0; i < croft_param_count(); i++)
        params.value[croft_param_at(i)->number] = croft_param_at(i)->initial;
    CROFT_TRY(croft_records_each(c, CROFT_TABLE_PARAMS, mem, take_param, &params, why));
    *out = params;
    return CROFT_OK;
}

croft_err croft_status_read(struct croft_client *c, struct croft_arena *mem,
                            const Croft__V1__StatusResult **out, struct croft_why *why)
{
    Croft__V1__Status status = CROFT__V1__STATUS__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    request.call_case = CROFT__V1__REQUEST__CALL_STATUS;
    request.status = &status;
    Croft__V1__Response *response;
    CROFT_TRY(croft_client_call(c, &request, mem, &response, why));
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_STATUS) {
        croft_fail(why, CROFT_ERR_FRAME, "the chain answered a status request with something else");
        return CROFT_ERR_FRAME;
    }
    *out = response->status;
    return CROFT_OK;
}
