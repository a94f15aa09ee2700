/* json/json_int.h - between the two directions of the mapping. */
#ifndef CROFT_JSON_JSON_INT_H
#define CROFT_JSON_JSON_INT_H

#include "base/types.h"

#include <protobuf-c/protobuf-c.h>

/* The bech32m prefix that this bytes field is shown with; NULL for hex. */
const char *croft_json_prefix(const char *field_name);

/* Whether a bytes field of this name is shown as the text that it is: a country's two letters, a node's attributes.
 * No hexadecimal form passes for such a text, so one can be told from the other. */
bool croft_json_is_text(const char *field_name, struct croft_bytes bytes);

/* Member of a ParamChange that says what its value counts; not a field of the message. */
#define CROFT_JSON_UNIT "unit"

/* Size of one value of the field's type in a message struct.  Asserts that the type is one the mapping knows.
 */
size_t croft_json_value_size(const ProtobufCFieldDescriptor *field);

static inline bool croft_json_is_oneof(const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

#endif
