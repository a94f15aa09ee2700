#include "json/json.h"

#include "base/assert.h"
#include "json/json_int.h"
#include "json/meaning.h"

#include "croft/v1/tx.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *of_i64(i64 value)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRId64, value);
    CROFT_ASSERT(n > 0 && (size_t)n < sizeof text);
    return json_stringn(text, (size_t)n);
}

static json_t *of_text(const char *text)
{
    json_t *made = json_string(text);
    if (made != NULL)
        return made;

    /* protobuf-c hands on text that is not UTF-8; what is left of it is still worth showing. */
    char *ascii = strdup(text);
    if (ascii == NULL)
        return NULL;
    for (char *c = ascii; *c != '\0'; c++)
        *c = (unsigned char)*c < 0x80 ? *c : '?';
    made = json_string(ascii);
    free(ascii);
    return made;
}

static json_t *of_bytes(const char *name, const ProtobufCBinaryData *b)
{
    const char *prefix = croft_json_prefix(name);
    if (croft_json_is_text(name, (struct croft_bytes){b->data, b->len}))
        return json_stringn((const char *)b->data, b->len);
    if (prefix == NULL || b->len != 32)
        return croft_json_hex((struct croft_bytes){b->data, b->len});
    return strcmp(prefix, "croft") == 0 ? croft_json_address(b->data) : croft_json_public_key(b->data);
}

static json_t *of_enum(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(type, value);
    return known != NULL ? json_string(known->name) : json_integer(value);
}

static json_t *of_u64(const char *type, const char *name, u64 value)
{
    if (croft_json_is_money(type, name))
        return croft_json_money(value);
    return croft_json_is_time(name) ? croft_json_time(value) : croft_json_u64(value);
}

/* type: the name of the message that the field is of. */
static json_t *of_value(const char *type, const ProtobufCFieldDescriptor *f, const void *at)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_UINT32:
        return croft_json_is_asset(f->name) ? croft_json_asset(*(const u32 *)at)
                                            : json_integer(*(const u32 *)at);
    case PROTOBUF_C_TYPE_UINT64:
        return of_u64(type, f->name, *(const u64 *)at);
    case PROTOBUF_C_TYPE_INT64:
        return of_i64(*(const i64 *)at);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(*(const protobuf_c_boolean *)at);
    case PROTOBUF_C_TYPE_ENUM:
        return of_enum(f->descriptor, *(const int *)at);
    case PROTOBUF_C_TYPE_STRING:
        return of_text(*(char *const *)at);
    case PROTOBUF_C_TYPE_BYTES:
        return of_bytes(f->name, at);
    case PROTOBUF_C_TYPE_MESSAGE:
        return croft_json_of_message(*(ProtobufCMessage *const *)at);
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
    return NULL;
}

static json_t *of_repeated(const char *type, const ProtobufCFieldDescriptor *f, const u8 *items,
                           size_t count)
{
    size_t size = croft_json_value_size(f);
    json_t *made = json_array();
    for (size_t i = 0; made != NULL && i < count; i++)
        if (json_array_append_new(made, of_value(type, f, items + i * size)) != 0)
            croft_json_drop(&made);
    return made;
}

static bool is_default(const ProtobufCFieldDescriptor *f, const void *at)
{
    static const u8 zero[sizeof(u64)];
    if (f->type == PROTOBUF_C_TYPE_STRING) {
        const char *text = *(char *const *)at;
        return text == NULL || *text == '\0';
    }
    if (f->type == PROTOBUF_C_TYPE_BYTES)
        return ((const ProtobufCBinaryData *)at)->len == 0;
    return memcmp(at, zero, croft_json_value_size(f)) == 0;
}

/* The case of a oneof, or the count of a repeated field. */
static const void *quantifier(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *f)
{
    return (const u8 *)message + f->quantifier_offset;
}

static bool is_shown(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *f)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)quantifier(message, f) > 0;
    if (croft_json_is_oneof(f))
        return *(const u32 *)quantifier(message, f) == f->id;
    bool is_asset = f->type == PROTOBUF_C_TYPE_UINT32 && croft_json_is_asset(f->name);
    return is_asset || !is_default(f, (const u8 *)message + f->offset);
}

static json_t *of_field(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *f)
{
    const void *at = (const u8 *)message + f->offset;
    const char *type = message->descriptor->short_name;
    if (f->label != PROTOBUF_C_LABEL_REPEATED)
        return of_value(type, f, at);
    return of_repeated(type, f, *(const u8 *const *)at, *(const size_t *)quantifier(message, f));
}

/* A parameter's value alone would not say what it counts. */
static bool add_unit(const ProtobufCMessage *message, json_t *made)
{
    if (message->descriptor != &croft__v1__param_change__descriptor)
        return true;
    const Croft__V1__ParamChange *change = (const void *)message;
    const char *unit = croft_json_param_unit(change->param);
    return unit == NULL || json_object_set_new(made, CROFT_JSON_UNIT, json_string(unit)) == 0;
}

json_t *croft_json_of_message(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    json_t *made = json_object();
    for (unsigned i = 0; made != NULL && i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &type->fields[i];
        if (is_shown(message, f) && json_object_set_new(made, f->name, of_field(message, f)) != 0)
            croft_json_drop(&made);
    }
    if (made != NULL && !add_unit(message, made))
        croft_json_drop(&made);
    return made;
}
