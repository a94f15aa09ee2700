#include "json/json.h"

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/bech32m.h"
#include "json/hex.h"
#include "json/json_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void croft_json_drop(json_t **json)
{
    json_decref(*json);
    *json = NULL;
}

croft_err croft_json_parse(struct croft_bytes text, json_t **out, struct croft_why *why)
{
    json_error_t error;
    json_t *made = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, &error);
    if (made == NULL)
        return croft_fail(why, CROFT_ERR_JSON, "not valid JSON at line %d, column %d: %s", error.line,
                          error.column, error.text);
    *out = made;
    return CROFT_OK;
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

bool croft_json_is_text(const char *field_name, struct croft_bytes bytes)
{
    bool country = strcmp(field_name, "country") == 0;
    if (!country && strcmp(field_name, "attributes") != 0)
        return false;
    for (size_t i = 0; i < bytes.len; i++) {
        u8 c = bytes.at[i];
        if (country ? c < 'A' || c > 'Z' : c != '\n' && (c < ' ' || c > '~'))
            return false;
    }
    return country ? bytes.len == 2 : bytes.len > 0 && memchr(bytes.at, '=', bytes.len) != NULL;
}

const char *croft_json_prefix(const char *field_name)
{
    if (ends_in(field_name, "address"))
        return CROFT_HRP_ADDRESS;
    if (ends_in(field_name, "public_key") || strcmp(field_name, "sequencer_key") == 0)
        return CROFT_HRP_PUBLIC_KEY;
    return NULL;
}

size_t croft_json_value_size(const ProtobufCFieldDescriptor *field)
{
    /* The few types that proto/ uses; a field of another type must first get its JSON form. */
    static const size_t size[] = {
        [PROTOBUF_C_TYPE_UINT32] = sizeof(u32),
        [PROTOBUF_C_TYPE_UINT64] = sizeof(u64),
        [PROTOBUF_C_TYPE_INT64] = sizeof(i64),
        [PROTOBUF_C_TYPE_BOOL] = sizeof(protobuf_c_boolean),
        [PROTOBUF_C_TYPE_ENUM] = sizeof(int),
        [PROTOBUF_C_TYPE_STRING] = sizeof(char *),
        [PROTOBUF_C_TYPE_BYTES] = sizeof(ProtobufCBinaryData),
        [PROTOBUF_C_TYPE_MESSAGE] = sizeof(void *),
    };
    CROFT_ASSERT((size_t)field->type < CROFT_COUNT(size));
    CROFT_ASSERT(size[field->type] != 0);
    return size[field->type];
}

json_t *croft_json_u64(u64 value)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRIu64, value);
    CROFT_ASSERT(n > 0 && (size_t)n < sizeof text);
    return json_stringn(text, (size_t)n);
}

json_t *croft_json_hex(struct croft_bytes bytes)
{
    char *text = malloc(2 * bytes.len + 1);
    if (text == NULL)
        return NULL;
    croft_hex_encode(bytes, text);
    json_t *made = json_stringn(text, 2 * bytes.len);
    free(text);
    return made;
}

static json_t *bech32m(const char *prefix, const u8 bytes[32])
{
    char text[CROFT_BECH32M_TEXT_MAX];
    croft_bech32m_encode(prefix, bytes, text);
    return json_string(text);
}

json_t *croft_json_address(const u8 bytes[32])
{
    return bech32m(CROFT_HRP_ADDRESS, bytes);
}

json_t *croft_json_public_key(const u8 bytes[32])
{
    return bech32m(CROFT_HRP_PUBLIC_KEY, bytes);
}
