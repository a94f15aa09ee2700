/* json/json.h - the JSON forms of messages (proto/) and of records (wire/layout).
 *
 * Messages, by the proto3 mapping with these choices:
 *   names              as in the .proto file (snake_case)
 *   uint64, int64      decimal text, "18446744073709551615"; plain integers are accepted too
 *     money (the table in json/meaning.c)  decimal credits or CROFT as text with a point, "9.00"; nothing
 *                      else is accepted, so that a count of units is never taken for credits
 *     name ends in _s  seconds, as a number (text from 2^53 on); text is accepted too
 *   asset              "credit" or "croft", always there; a number for an asset that is neither
 *   uint32, bool       number, true or false
 *   enum               the value's name
 *   bytes              lower-case hex, but
 *     name ends in address                      croft1...     (32 bytes; any other length stays hex)
 *     name ends in public_key, or sequencer_key croftpub1...  (32 bytes; any other length stays hex)
 *     country, attributes                       text, where they are such (two letters; KEY=VALUE lines)
 *   oneof              only the member that is set
 *   defaults           left out; text in them is accepted
 *   ParamChange        has "unit" beside its value: what the parameter counts; it may be left out
 *
 * Records by the same rules: fields by their names in the layout's order; 8 to 32 bit integers as numbers,
 * AMT and money as "12.50", TIME and names in _s as numbers (text from 2^53 on), other 64-bit numbers as
 * decimal text, asset by name, ADDRESS croft1... and KEY croftpub1... or null where they are all zero, HASH
 * and BYTES as hex, cut to the length that a field NAME_len says; a release, a model, a name and a country as text
 * or null; the tail, an array of its items or a text, under the name that the layout gives it.
 *
 * A json_t belongs to the caller, who gives it back with json_decref or CROFT_CLEANUP(croft_json_drop).
 * Messages read from JSON live in the arena given.
 */
#ifndef CROFT_JSON_JSON_H
#define CROFT_JSON_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"
#include "wire/layout.h"

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

/* For CROFT_CLEANUP. */
void croft_json_drop(json_t **json);

/* Reads one JSON text; *out is the caller's.
 *   CROFT_ERR_JSON  not JSON, or a name twice in one object; *why says the line and column */
CROFT_MUST_USE croft_err croft_json_parse(struct croft_bytes text, json_t **out, struct croft_why *why);

/* NULL when memory is used up.  Text that is not UTF-8 shows with '?' in place of what is not ASCII. */
CROFT_MUST_USE json_t *croft_json_of_message(const ProtobufCMessage *message);

/* Strict: what the message does not have, a wrong type and a number out of range are refused.
 *   CROFT_ERR_JSON   *why begins with the path to the value, "keys[1].weight: ..."
 *   CROFT_ERR_NOMEM  mem is used up */
CROFT_MUST_USE croft_err croft_json_to_message(const json_t *json, const ProtobufCMessageDescriptor *type,
                                               struct croft_arena *mem, ProtobufCMessage **out,
                                               struct croft_why *why);

/* NULL when memory is used up.  record is the layout's struct, its item count within item_max (asserted). */
CROFT_MUST_USE json_t *croft_json_of_layout(const struct croft_layout *layout, const void *record);

/* Decimal text of a number; NULL when memory is used up. */
CROFT_MUST_USE json_t *croft_json_u64(u64 value);

/* Lower-case hex; NULL when memory is used up. */
CROFT_MUST_USE json_t *croft_json_hex(struct croft_bytes bytes);

/* croft1... and croftpub1... of 32 bytes; NULL when memory is used up. */
CROFT_MUST_USE json_t *croft_json_address(const u8 bytes[32]);
CROFT_MUST_USE json_t *croft_json_public_key(const u8 bytes[32]);

#endif
