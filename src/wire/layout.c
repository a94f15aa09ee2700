#include "wire/layout.h"

#include "base/assert.h"
#include "base/buf.h"

#include <string.h>

static size_t fixed_bytes(const struct croft_layout *l)
{
    size_t bytes = 0;
    CROFT_ASSERT(l->field_count > 0);
    for (u32 i = 0; i < l->field_count; i++) {
        CROFT_ASSERT(l->field[i].offset + l->field[i].bytes <= l->struct_size);
        bytes += l->field[i].bytes;
    }
    return bytes;
}

size_t croft_layout_bytes_max(const struct croft_layout *l)
{
    CROFT_ASSERT(l->item == NULL || l->text_name == NULL);
    CROFT_ASSERT(l->item == NULL || l->item->item == NULL); /* one level */
    size_t item = l->item ? croft_layout_bytes_max(l->item) : l->text_name != NULL;
    return fixed_bytes(l) + l->item_max * item;
}

/* Items or bytes of text in a record. */
static u32 tail_count(const struct croft_layout *l, const u8 *record)
{
    u16 text = 0;
    if (l->item != NULL)
        return record[l->count_offset];
    if (l->text_name != NULL)
        memcpy(&text, record + l->count_offset, sizeof text);
    return text;
}

static void encode_field(const struct croft_field *f, const u8 *from, u8 *to)
{
    u16 v16;
    u32 v32;
    u64 v64;
    switch (f->type) {
    case CROFT_FIELD_U16:
        CROFT_ASSERT(f->bytes == sizeof v16);
        memcpy(&v16, from, sizeof v16);
        croft_put_u16(to, v16);
        break;
    case CROFT_FIELD_U32:
        CROFT_ASSERT(f->bytes == sizeof v32);
        memcpy(&v32, from, sizeof v32);
        croft_put_u32(to, v32);
        break;
    case CROFT_FIELD_U64:
    case CROFT_FIELD_AMT:
    case CROFT_FIELD_TIME:
        CROFT_ASSERT(f->bytes == sizeof v64);
        memcpy(&v64, from, sizeof v64);
        croft_put_u64(to, v64);
        break;
    case CROFT_FIELD_U8:
    case CROFT_FIELD_HASH:
    case CROFT_FIELD_ADDRESS:
    case CROFT_FIELD_KEY:
    case CROFT_FIELD_BYTES:
        memcpy(to, from, f->bytes);
        break;
    }
}

static void decode_field(const struct croft_field *f, const u8 *from, u8 *to)
{
    u16 v16;
    u32 v32;
    u64 v64;
    switch (f->type) {
    case CROFT_FIELD_U16:
        CROFT_ASSERT(f->bytes == sizeof v16);
        v16 = croft_get_u16(from);
        memcpy(to, &v16, sizeof v16);
        break;
    case CROFT_FIELD_U32:
        CROFT_ASSERT(f->bytes == sizeof v32);
        v32 = croft_get_u32(from);
        memcpy(to, &v32, sizeof v32);
        break;
    case CROFT_FIELD_U64:
    case CROFT_FIELD_AMT:
    case CROFT_FIELD_TIME:
        CROFT_ASSERT(f->bytes == sizeof v64);
        v64 = croft_get_u64(from);
        memcpy(to, &v64, sizeof v64);
        break;
    case CROFT_FIELD_U8:
    case CROFT_FIELD_HASH:
    case CROFT_FIELD_ADDRESS:
    case CROFT_FIELD_KEY:
    case CROFT_FIELD_BYTES:
        memcpy(to, from, f->bytes);
        break;
    }
}

static size_t encode_fields(const struct croft_layout *l, const u8 *from, u8 *out)
{
    size_t at = 0;
    for (u32 i = 0; i < l->field_count; i++) {
        encode_field(&l->field[i], from + l->field[i].offset, out + at);
        at += l->field[i].bytes;
    }
    return at;
}

static size_t decode_fields(const struct croft_layout *l, const u8 *from, u8 *out)
{
    size_t at = 0;
    for (u32 i = 0; i < l->field_count; i++) {
        decode_field(&l->field[i], from + at, out + l->field[i].offset);
        at += l->field[i].bytes;
    }
    return at;
}

size_t croft_layout_encode(const struct croft_layout *l, const void *from, u8 *out, size_t out_size)
{
    CROFT_ASSERT(out_size >= croft_layout_bytes_max(l));
    size_t at = encode_fields(l, from, out);
    if (l->format != 0)
        out[0] = (u8)l->format;

    const u8 *base = from;
    u32 count = tail_count(l, base);
    CROFT_ASSERT(count <= l->item_max);
    if (l->text_name != NULL) {
        CROFT_ASSERT(l->item_offset + count <= l->struct_size);
        memcpy(out + at, base + l->item_offset, count);
        return at + count;
    }
    CROFT_ASSERT(count == 0 || l->item_offset + (size_t)count * l->item->struct_size <= l->struct_size);
    for (u32 i = 0; i < count; i++)
        at += encode_fields(l->item, base + l->item_offset + (size_t)i * l->item->struct_size, out + at);
    return at;
}

croft_err croft_layout_decode(const struct croft_layout *l, struct croft_bytes from, void *out)
{
    size_t fixed = fixed_bytes(l);
    if (from.len < fixed)
        return CROFT_ERR_DECODE;
    if (l->format != 0 && from.at[0] != l->format)
        return CROFT_ERR_FORMAT;

    u8 *base = memset(out, 0, l->struct_size);
    size_t at = decode_fields(l, from.at, base);
    CROFT_ASSERT(at == fixed);
    u32 count = tail_count(l, base);
    size_t item_bytes = l->item ? fixed_bytes(l->item) : 1;
    if (count > l->item_max || from.len != fixed + count * item_bytes)
        return CROFT_ERR_DECODE;
    if (l->text_name != NULL) {
        memcpy(base + l->item_offset, from.at + at, count);
        return CROFT_OK;
    }
    for (u32 i = 0; i < count; i++)
        at += decode_fields(l->item, from.at + at, base + l->item_offset + (size_t)i * l->item->struct_size);
    CROFT_ASSERT(at == from.len);
    return CROFT_OK;
}
