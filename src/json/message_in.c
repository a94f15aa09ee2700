#include "json/json.h"

#include "base/assert.h"
#include "crypto/bech32m.h"
#include "json/hex.h"
#include "json/json_int.h"
#include "json/meaning.h"

#include "croft/v1/tx.pb-c.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where in the JSON we are, as a list through the stack from the value up to the whole message. */
struct path {
    const struct path *up;
    const char *name; /* NULL: item `index` of the array above */
    size_t index;
};

struct reading {
    struct croft_arena *mem;
    struct croft_why *why;
};

enum { PATH_TEXT_MAX = 160 };

static size_t path_text(const struct path *p, char out[PATH_TEXT_MAX])
{
    if (p->up == NULL) {
        out[0] = '\0';
        return 0;
    }
    size_t len = path_text(p->up, out);
    int n = p->name != NULL ? snprintf(out + len, PATH_TEXT_MAX - len, "%s%s", len > 0 ? "." : "", p->name)
                            : snprintf(out + len, PATH_TEXT_MAX - len, "[%zu]", p->index);
    CROFT_ASSERT(n >= 0);
    size_t end = len + (size_t)n;
    return end < PATH_TEXT_MAX ? end : PATH_TEXT_MAX - 1;
}

CROFT_PRINTF(3, 4)
static croft_err refuse(const struct reading *in, const struct path *p, const char *fmt, ...)
{
    char where[PATH_TEXT_MAX], what[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    bool at_top = path_text(p, where) == 0;
    return croft_fail(in->why, CROFT_ERR_JSON, "%s: %s", at_top ? p->name : where, what);
}

static croft_err no_memory(const struct reading *in, const struct path *p)
{
    char where[PATH_TEXT_MAX];
    path_text(p, where);
    return croft_fail(in->why, CROFT_ERR_NOMEM, "%s: the message is larger than this program takes", where);
}

static croft_err read_message(const struct reading *in, const struct path *p,
                              const ProtobufCMessageDescriptor *type, const json_t *json,
                              ProtobufCMessage **out);

static croft_err read_u32(const struct reading *in, const struct path *p, const json_t *json, u32 *out)
{
    if (!json_is_integer(json))
        return refuse(in, p, "must be a whole number");
    json_int_t value = json_integer_value(json);
    if (value < 0 || value > UINT32_MAX)
        return refuse(in, p, "%" JSON_INTEGER_FORMAT " is not from 0 to 4294967295", value);
    *out = (u32)value;
    return CROFT_OK;
}

/* Digits only, no leading zero: one text for one number. */
static bool parse_digits(const char *text, u64 *out)
{
    u64 value = 0;
    if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
        return false;
    for (const char *c = text; *c != '\0'; c++)
        if (*c < '0' || *c > '9' || __builtin_mul_overflow(value, (u64)10, &value) ||
            __builtin_add_overflow(value, (u64)(*c - '0'), &value))
            return false;
    *out = value;
    return true;
}

static croft_err read_u64(const struct reading *in, const struct path *p, const json_t *json, u64 *out)
{
    if (json_is_integer(json) && json_integer_value(json) >= 0) {
        *out = (u64)json_integer_value(json);
        return CROFT_OK;
    }
    if (json_is_string(json) && parse_digits(json_string_value(json), out))
        return CROFT_OK;
    return refuse(in, p, "must be a whole number from 0 to 18446744073709551615, plain or as text");
}

static croft_err read_money(const struct reading *in, const struct path *p, const json_t *json, u64 *out)
{
    if (croft_json_money_read(json, out))
        return CROFT_OK;
    return refuse(in, p,
                  "must be an amount in whole credits or CROFT, as text with a point: \"12.50\" (at most nine "
                  "decimals, at most \"18446744073.709551615\")");
}

static croft_err read_asset(const struct reading *in, const struct path *p, const json_t *json, u32 *out)
{
    return croft_json_asset_read(json, out) ? CROFT_OK : refuse(in, p, "must be \"credit\" or \"croft\"");
}

static croft_err read_i64(const struct reading *in, const struct path *p, const json_t *json, i64 *out)
{
    if (json_is_integer(json)) {
        *out = json_integer_value(json);
        return CROFT_OK;
    }
    const char *text = json_is_string(json) ? json_string_value(json) : "";
    bool negative = text[0] == '-';
    u64 size, limit = (u64)INT64_MAX + negative;
    if (!parse_digits(text + negative, &size) || size > limit || (negative && size == 0))
        return refuse(in, p, "must be a whole number of 64 bits, plain or as text");
    *out = negative ? (i64)(0 - size) : (i64)size;
    return CROFT_OK;
}

static croft_err read_bool(const struct reading *in, const struct path *p, const json_t *json,
                           protobuf_c_boolean *out)
{
    if (!json_is_boolean(json))
        return refuse(in, p, "must be true or false");
    *out = json_is_true(json);
    return CROFT_OK;
}

static croft_err read_enum(const struct reading *in, const struct path *p,
                           const ProtobufCEnumDescriptor *type, const json_t *json, int *out)
{
    const char *name = json_string_value(json);
    const ProtobufCEnumValue *value = name ? protobuf_c_enum_descriptor_get_value_by_name(type, name) : NULL;
    if (value == NULL)
        return refuse(in, p, "must be the name of a value of %s", type->short_name);
    *out = value->value;
    return CROFT_OK;
}

static croft_err read_text(const struct reading *in, const struct path *p, const json_t *json, char **out)
{
    if (!json_is_string(json))
        return refuse(in, p, "must be text");
    size_t len = json_string_length(json);
    char *copy = croft_new(in->mem, char, len + 1);
    if (copy == NULL)
        return no_memory(in, p);
    memcpy(copy, json_string_value(json), len);
    *out = copy;
    return CROFT_OK;
}

static croft_err read_bech32m(const struct reading *in, const struct path *p, const char *prefix,
                              const char *text, ProtobufCBinaryData *out)
{
    u8 *bytes = croft_new(in->mem, u8, 32);
    if (bytes == NULL)
        return no_memory(in, p);
    if (croft_bech32m_decode(prefix, text, bytes) != CROFT_OK)
        return refuse(in, p, "is not a valid %s1... text: a wrong character, length or checksum", prefix);
    *out = (ProtobufCBinaryData){32, bytes};
    return CROFT_OK;
}

static croft_err read_hex(const struct reading *in, const struct path *p, const char *text,
                          ProtobufCBinaryData *out)
{
    size_t len = strlen(text) / 2;
    u8 *bytes = croft_new(in->mem, u8, len);
    if (bytes == NULL)
        return no_memory(in, p);
    if (!croft_hex_decode(text, bytes, len))
        return refuse(in, p, "must be hexadecimal digits, two for each byte");
    *out = (ProtobufCBinaryData){len, len > 0 ? bytes : NULL};
    return CROFT_OK;
}

static croft_err copy_text(const struct reading *in, const struct path *p, const json_t *json,
                           ProtobufCBinaryData *out)
{
    char *copy = NULL;
    CROFT_TRY(read_text(in, p, json, &copy));
    *out = (ProtobufCBinaryData){json_string_length(json), (u8 *)copy};
    return CROFT_OK;
}

static croft_err read_bytes(const struct reading *in, const struct path *p, const char *name,
                            const json_t *json, ProtobufCBinaryData *out)
{
    if (!json_is_string(json))
        return refuse(in, p, "must be text");
    const char *text = json_string_value(json), *prefix = croft_json_prefix(name);
    if (croft_json_is_text(name, (struct croft_bytes){(const u8 *)text, json_string_length(json)}))
        return copy_text(in, p, json, out);
    /* 'r' is no hexadecimal digit, so the two forms cannot be confused; 32 bytes have the checked one only.
     */
    bool plain = prefix == NULL || (strncasecmp(text, "cr", 2) != 0 && strlen(text) != 64);
    return plain ? read_hex(in, p, text, out) : read_bech32m(in, p, prefix, text, out);
}

/* type: the name of the message that the field is of. */
static croft_err read_value(const struct reading *in, const struct path *p, const char *type,
                            const ProtobufCFieldDescriptor *f, const json_t *json, void *out)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_UINT32:
        return croft_json_is_asset(f->name) ? read_asset(in, p, json, out) : read_u32(in, p, json, out);
    case PROTOBUF_C_TYPE_UINT64:
        return croft_json_is_money(type, f->name) ? read_money(in, p, json, out)
                                                  : read_u64(in, p, json, out);
    case PROTOBUF_C_TYPE_INT64:
        return read_i64(in, p, json, out);
    case PROTOBUF_C_TYPE_BOOL:
        return read_bool(in, p, json, out);
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(in, p, f->descriptor, json, out);
    case PROTOBUF_C_TYPE_STRING:
        return read_text(in, p, json, out);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(in, p, f->name, json, out);
    case PROTOBUF_C_TYPE_MESSAGE:
        return read_message(in, p, f->descriptor, json, out);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        break;
    }
    CROFT_ASSERT(false && "a type that croft_json_value_size knows");
    return CROFT_ERR_JSON;
}

static croft_err read_repeated(const struct reading *in, const struct path *p, const char *type,
                               const ProtobufCFieldDescriptor *f, const json_t *json, u8 *message)
{
    if (!json_is_array(json))
        return refuse(in, p, "must be an array");
    size_t count = json_array_size(json), size = croft_json_value_size(f);
    u8 *items = croft_arena_take(in->mem, count, size, _Alignof(max_align_t));
    if (items == NULL)
        return no_memory(in, p);
    for (size_t i = 0; i < count; i++) {
        struct path item = {.up = p, .index = i};
        CROFT_TRY(read_value(in, &item, type, f, json_array_get(json, i), items + i * size));
    }
    *(void **)(void *)(message + f->offset) = items;
    *(size_t *)(void *)(message + f->quantifier_offset) = count;
    return CROFT_OK;
}

static croft_err read_field(const struct reading *in, const struct path *p, const char *type,
                            const ProtobufCFieldDescriptor *f, const json_t *json, u8 *message)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
        return read_repeated(in, p, type, f, json, message);
    if (croft_json_is_oneof(f)) {
        u32 *chosen = (void *)(message + f->quantifier_offset);
        if (*chosen != 0)
            return refuse(in, p, "only one of the alternatives may be given, and there is another");
        *chosen = f->id;
    }
    return read_value(in, p, type, f, json, message + f->offset);
}

/* Says what the value of a ParamChange counts, which the parameter decides: it can only be right or wrong. */
static croft_err check_unit(const struct reading *in, const struct path *p, const json_t *given,
                            const Croft__V1__ParamChange *change)
{
    const char *text = json_string_value(given), *unit = croft_json_param_unit(change->param);
    if (unit != NULL && text != NULL && strcmp(text, unit) == 0)
        return CROFT_OK;
    return refuse(in, p, "must be \"%s\" for parameter %u", unit != NULL ? unit : "left out", change->param);
}

static croft_err read_message(const struct reading *in, const struct path *p,
                              const ProtobufCMessageDescriptor *type, const json_t *json,
                              ProtobufCMessage **out)
{
    if (!json_is_object(json))
        return refuse(in, p, "must be an object");
    ProtobufCMessage *made = croft_arena_take(in->mem, 1, type->sizeof_message, _Alignof(max_align_t));
    if (made == NULL)
        return no_memory(in, p);
    type->message_init(made);

    const char *name;
    const json_t *value, *unit = NULL;
    bool has_unit = type == &croft__v1__param_change__descriptor;
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        struct path inner = {.up = p, .name = name};
        const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(type, name);
        if (has_unit && strcmp(name, CROFT_JSON_UNIT) == 0) {
            unit = value;
            continue;
        }
        if (f == NULL)
            return refuse(in, &inner, "%s has no field of this name", type->short_name);
        CROFT_TRY(read_field(in, &inner, type->short_name, f, value, (u8 *)made));
    }
    const struct path at_unit = {.up = p, .name = CROFT_JSON_UNIT};
    if (unit != NULL)
        CROFT_TRY(check_unit(in, &at_unit, unit, (const void *)made));
    *out = made;
    return CROFT_OK;
}

croft_err croft_json_to_message(const json_t *json, const ProtobufCMessageDescriptor *type,
                                struct croft_arena *mem, ProtobufCMessage **out, struct croft_why *why)
{
    const struct reading in = {.mem = mem, .why = why};
    const struct path top = {.name = type->short_name};
    return read_message(&in, &top, type, json, out);
}
