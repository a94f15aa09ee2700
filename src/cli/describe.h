/* cli/describe.h - transactions and events in words. */
#ifndef CROFT_CLI_DESCRIBE_H
#define CROFT_CLI_DESCRIBE_H

#include "base/arena.h"
#include "base/types.h"
#include "wire/tx.h"

#include <jansson.h>

/* "2026-01-31 08:15:00" in UTC. */
enum { CROFT_TIME_TEXT_MAX = 32 };
void croft_time_text(u64 seconds, char out[CROFT_TIME_TEXT_MAX]);

/* "name=value ..." of an operation, money in credits; cut where out ends. */
void croft_describe_op(const Croft__V1__TxBody *body, char *out, size_t size);

/* The body of a transaction's bytes, in mem; NULL when this release cannot read it. */
const Croft__V1__TxBody *croft_body_of(struct croft_bytes tx, struct croft_arena *mem);

/* Whether the account acts in the transaction or is named in its operation. */
bool croft_body_names(const Croft__V1__TxBody *body, const struct croft_address *account);

/* "ok", or the error's text without its class ("not enough money in the account"). */
const char *croft_code_text(u32 code);

#endif
