#include "json/json.h"

#include "base/assert.h"
#include "json/meaning.h"

#include <string.h>

static const u8 nobody[32];

/* All zero is nobody: a guardian that is not there, an arbiter that was not named. */
static json_t *of_party(const u8 *at, json_t *(*form)(const u8 bytes[32]))
{
    return memcmp(at, nobody, sizeof nobody) == 0 ? json_null() : form(at);
}

static json_t *of_u64(const char *type, const struct croft_field *f, u64 value)
{
    if (f->type == CROFT_FIELD_AMT || croft_json_is_money(type, f->name))
        return croft_json_money(value);
    bool is_time = f->type == CROFT_FIELD_TIME || croft_json_is_time(f->name);
    return is_time ? croft_json_time(value) : croft_json_u64(value);
}

/* The length of a byte string that a field "NAME_len" beside it says; all of it where there is none. */
static size_t bytes_used(const struct croft_layout *l, const struct croft_field *f, const u8 *record)
{
    size_t name = strlen(f->name);
    for (u32 i = 0; i < l->field_count; i++) {
        const struct croft_field *len = &l->field[i];
        bool is_its = len->type == CROFT_FIELD_U8 && strncmp(len->name, f->name, name) == 0 &&
                      strcmp(len->name + name, "_len") == 0;
        if (is_its && record[len->offset] < f->bytes)
            return record[len->offset];
    }
    return f->bytes;
}

/* Text that is padded with zeros; every one was checked before it came into a record. */
static bool is_text(const char *name)
{
    static const char *const text[] = {"release", "next_release", "model", "name", "country"};
    for (size_t i = 0; i < CROFT_COUNT(text); i++)
        if (strcmp(name, text[i]) == 0)
            return true;
    return false;
}

static json_t *of_bytes(const struct croft_layout *l, const struct croft_field *f, const u8 *record)
{
    const u8 *at = record + f->offset;
    if (is_text(f->name)) {
        size_t len = strnlen((const char *)at, f->bytes);
        json_t *text = len > 0 ? json_stringn((const char *)at, len) : json_null();
        if (text != NULL)
            return text;
    }
    return croft_json_hex((struct croft_bytes){at, bytes_used(l, f, record)});
}

static json_t *of_field(const struct croft_layout *l, const struct croft_field *f, const u8 *record)
{
    const u8 *at = record + f->offset;
    u16 v16 = 0;
    u32 v32 = 0;
    u64 v64 = 0;
    switch (f->type) {
    case CROFT_FIELD_U8:
        return croft_json_is_asset(f->name) ? croft_json_asset(*at) : json_integer(*at);
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
        return of_u64(l->name, f, v64);
    case CROFT_FIELD_ADDRESS:
        return of_party(at, croft_json_address);
    case CROFT_FIELD_KEY:
        return of_party(at, croft_json_public_key);
    case CROFT_FIELD_HASH:
    case CROFT_FIELD_BYTES:
        break;
    }
    return of_bytes(l, f, record);
}

static json_t *of_fields(const struct croft_layout *l, const u8 *record)
{
    json_t *made = json_object();
    for (u32 i = 0; made != NULL && i < l->field_count; i++) {
        const struct croft_field *f = &l->field[i];
        if (json_object_set_new(made, f->name, of_field(l, f, record)) != 0)
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

static json_t *of_tail_text(const struct croft_layout *l, const u8 *record)
{
    u16 len;
    memcpy(&len, record + l->count_offset, sizeof len);
    CROFT_ASSERT(len <= l->item_max);
    const u8 *at = record + l->item_offset;
    json_t *text = json_stringn((const char *)at, len);
    return text != NULL ? text : croft_json_hex((struct croft_bytes){at, len});
}

json_t *croft_json_of_layout(const struct croft_layout *layout, const void *record)
{
    json_t *made = of_fields(layout, record);
    const char *tail = layout->item != NULL ? layout->item_name : layout->text_name;
    if (made == NULL || tail == NULL)
        return made;
    json_t *inner = layout->item != NULL ? of_items(layout, record) : of_tail_text(layout, record);
    if (json_object_set_new(made, tail, inner) != 0)
        croft_json_drop(&made);
    return made;
}
