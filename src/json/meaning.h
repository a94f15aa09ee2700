/* json/meaning.h - what a 64-bit or small number in a message or a record is: money, a time, an asset.
 *
 * Names alone cannot tell money from other numbers, so one table names every field that holds some; times
 * and assets go by name: "..._s" and "asset".
 */
#ifndef CROFT_JSON_MEANING_H
#define CROFT_JSON_MEANING_H

#include "base/types.h"

#include <jansson.h>

/* type: the message's short name or the layout's name. */
bool croft_json_is_money(const char *type, const char *field);
bool croft_json_is_time(const char *field);
bool croft_json_is_asset(const char *field);

/* "9.00"; 1700000000, or text from 2^53 on; "credit" or "croft", a number for an asset that is neither.
 * NULL when memory is used up. */
json_t *croft_json_money(u64 units);
json_t *croft_json_time(u64 seconds);
json_t *croft_json_asset(u32 asset);

/* The unit of a parameter's value; NULL for a parameter that this release does not know. */
const char *croft_json_param_unit(u32 param);

/* What croft_json_asset prints.  False, *out unchanged, for anything else. */
CROFT_MUST_USE bool croft_json_asset_read(const json_t *json, u32 *out);

/* What croft_json_money prints: decimal text with a point, so that a count of units is never taken for it.
 * False, *out unchanged, for anything else. */
CROFT_MUST_USE bool croft_json_money_read(const json_t *json, u64 *out);

#endif
