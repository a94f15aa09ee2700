#include "json/json.h"

#include "base/amt.h"
#include "base/assert.h"

#include <string.h>

/* Up to here every reader of JSON keeps a number exact. */
#define EXACT_NUMBER_MAX (UINT64_C(1) << 53)

static json_t *of_amt(u64 units)
{
    char text[CROFT_AMT_TEXT_MAX];
    croft_amt_format(croft_amt_of(units), text);
    return json_string(text);
}

static json_t *of_time(u64 seconds)
{
    return seconds < EXACT_NUMBER_MAX ? json_integer((json_int_t)seconds) : croft_json_u64(seconds);
}

static json_t *of_field(const struct croft_field *f, const u8 *at)
{
    u16 v16 = 0;
    u32 v32 = 0;
    u64 v64 = 0;
    switch (f->type) {
    case CROFT_FIELD_U8:
        return json_integer(*at);
    case CROFT_FIELD_U16:
        memcpy(&v16, at, sizeof v16);
        return json_integer(v16);
    case CROFT_FIELD_U32:
        memcpy(&v32, at, sizeof v32);
        return json_integer(v32);
    case CROFT_FIELD_U64:
    case CROFT_FIELD_AMT:
    case CROFT_FIELD_TIME:
        memcpy(&v64, at, sizeof v64);
        return f->type == CROFT_FIELD_AMT    ? of_amt(v64)
               : f->type == CROFT_FIELD_TIME ? of_time(v64)
                                             : croft_json_u64(v64);
    case CROFT_FIELD_ADDRESS:
        return croft_json_address(at);
    case CROFT_FIELD_KEY:
        return croft_json_public_key(at);
    case CROFT_FIELD_HASH:
    case CROFT_FIELD_BYTES:
        break;
    }
    return croft_json_hex((struct croft_bytes){at, f->bytes});
}

static json_t *of_fields(const struct croft_layout *l, const u8 *record)
{
    json_t *made = json_object();
    for (u32 i = 0; made != NULL && i < l->field_count; i++) {
        const struct croft_field *f = &l->field[i];
        if (json_object_set_new(made, f->name, of_field(f, record + f->offset)) != 0)
            croft_json_drop(&made);
    }
    return made;
}

static json_t *of_items(const struct croft_layout *l, const u8 *record)
{
    u8 count = record[l->count_offset];
    CROFT_ASSERT(count <= l->item_max);
    json_t *made = json_array();
    for (u32 i = 0; made != NULL && i < count; i++) {
        const u8 *item = record + l->item_offset + (size_t)i * l->item->struct_size;
        if (json_array_append_new(made, of_fields(l->item, item)) != 0)
            croft_json_drop(&made);
    }
    return made;
}

json_t *croft_json_of_layout(const struct croft_layout *layout, const void *record)
{
    json_t *made = of_fields(layout, record);
    if (made != NULL && layout->item != NULL &&
        json_object_set_new(made, "keys", of_items(layout, record)) != 0)
        croft_json_drop(&made);
    return made;
}
