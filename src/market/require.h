/* market/require.h - requirements as text, the form that orders, classes and command lines write them in.
 *
 *   requirement = condition (separator condition)*        separator = newline or ';'; empty conditions are
 * passed over condition   = name '=' value                          names: enum croft_trait, in lower case
 *   kind service egress hardware      flags, all of them wanted: firm+spot
 *   gpus machine isolation vram_mib tops gbs ram_mib disk_gib cores down_mbit up_mbit uptime_ppm until_s
 *                                     a decimal number, or a range: 4, 4..8, 24576.., ..8
 *   class vendor model interface country
 *                                     one of several patterns: DE|FR, rtx40*|rtx50*, *
 *   auditor                           auditor/claim patterns, any of them; may be given again: each must be
 * met attribute                         key=value patterns or key=range, any of them:
 * region=eu-*|region=us-*, cuda=12.. may be given again: each must be met price/second price/token price/byte
 * price/frame
 *                                     ..350000000: the most that is paid, in units; says which price counts
 *
 * Without a price condition it is the price by the second, however high.  '|', ';' and newlines inside a
 * value cannot be written; '?' stands for any character.  The canonical text has the conditions in the order
 * of enum croft_trait, each ended by a newline; conditions of the same field keep their order.
 */
#ifndef CROFT_MARKET_REQUIRE_H
#define CROFT_MARKET_REQUIRE_H

#include "market/attr.h"

enum { CROFT_REQUIREMENT_TEXT_MAX = 4096 };

/* Reads text into *out, whose tests remember where they stood in it.  On failure *out is undefined, and *why
 * says which condition is wrong and what would be right. CROFT_ERR_DECODE     not of the form above, or
 * longer than CROFT_REQUIREMENT_TEXT_MAX CROFT_ERR_EXISTS     a field that can be tested once stands there
 * twice CROFT_ERR_OVERFLOW   more than CROFT_TESTS_MAX conditions, or patterns that match too many known
 * words */
CROFT_MUST_USE croft_err croft_requirement_parse(struct croft_bytes text, const struct croft_words *w,
                                                 struct croft_requirement *out, struct croft_why *why);

/* Writes the canonical text of a requirement that was read from text; out has room for text.len + 1 bytes.
 * Returns its length, at most text.len + 1. */
size_t croft_requirement_canonical(const struct croft_requirement *r, struct croft_bytes text, u8 *out);

/* The condition at a place as it was written; empty for the price test of a text without one. */
struct croft_bytes croft_requirement_condition(const struct croft_requirement *r, u32 place,
                                               struct croft_bytes text);

#endif
