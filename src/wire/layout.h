/* wire/layout.h - fixed little-endian layouts of records, receipts and headers.
 *
 * What is hashed or stored is never a copied struct and never a re-packed protobuf: it is written field by
 * field from one of the tables below.  The table is also what JSON forms and docs/spec/ledger.md are
 * made from, so they cannot differ from the code.  The first field of every layout is its format number.
 */
#ifndef CROFT_WIRE_LAYOUT_H
#define CROFT_WIRE_LAYOUT_H

#include "base/err.h"
#include "base/types.h"

enum croft_field_type {
    CROFT_FIELD_U8,
    CROFT_FIELD_U16,
    CROFT_FIELD_U32,
    CROFT_FIELD_U64,
    CROFT_FIELD_AMT,     /* struct croft_amt, 8 bytes */
    CROFT_FIELD_TIME,    /* u64 seconds of block time */
    CROFT_FIELD_HASH,    /* 32 bytes */
    CROFT_FIELD_ADDRESS, /* 32 bytes, shown as croft1... */
    CROFT_FIELD_KEY,     /* 32 bytes, shown as croftpub1... */
    CROFT_FIELD_BYTES,   /* `bytes` of them */
};

struct croft_field {
    const char *name;
    enum croft_field_type type;
    u32 offset; /* in the struct */
    u32 bytes;  /* encoded; the same in the struct */
};

/* A tail may follow the fixed fields: items (count is a u8 field of the struct), or text of single bytes (count is a
 * u16 field). */
struct croft_layout {
    const char *name;
    u32 format; /* value of the first field, written by encode and demanded by decode */
    const struct croft_field *field;
    u32 field_count;
    u32 struct_size;
    const struct croft_layout *item; /* NULL: no items */
    const char *item_name;           /* what people call them together */
    const char *text_name;           /* NULL: no text; never both */
    u32 count_offset, item_offset, item_max;
};

/* Longest encoding of the layout. */
size_t croft_layout_bytes_max(const struct croft_layout *l);

/* Encodes *from into out and returns the length.  out_size >= croft_layout_bytes_max, count field
 * <= item_max (asserted). */
size_t croft_layout_encode(const struct croft_layout *l, const void *from, u8 *out, size_t out_size);

/* Decodes exactly these bytes; fields of *out not in the layout are zero.
 *   CROFT_ERR_DECODE  wrong length or too many items
 *   CROFT_ERR_FORMAT  a format number other than l->format */
CROFT_MUST_USE croft_err croft_layout_decode(const struct croft_layout *l, struct croft_bytes from, void *out);

#endif
