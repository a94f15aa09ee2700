/* wire/field.h - one line per field, for the tables in record.c, market_record.c and block.c. */
#ifndef CROFT_WIRE_FIELD_H
#define CROFT_WIRE_FIELD_H

#include "wire/layout.h"

/* A member under its own name, or under another one. */
#define CROFT_FIELD(kind, record, member) CROFT_FIELD_AS(kind, record, member, #member)
#define CROFT_FIELD_AS(kind, record, member, text)                                                           \
    {(text), CROFT_FIELD_##kind, offsetof(struct record, member), sizeof(((struct record *)0)->member)}

/* A layout of format 1 without a tail. */
#define CROFT_LAYOUT(text, record, fields)                                                                   \
    {.name = (text), .format = 1, .field = (fields), .field_count = CROFT_COUNT(fields),                     \
     .struct_size = sizeof(struct record)}

#endif
