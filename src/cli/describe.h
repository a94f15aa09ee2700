/* cli/describe.h - transactions and events in words. */
#ifndef CROFT_CLI_DESCRIBE_H
#define CROFT_CLI_DESCRIBE_H

#include "base/arena.h"
#include "base/types.h"
#include "wire/tx.h"

#include "croft/v1/chain.pb-c.h"

#include <jansson.h>

/* "2026-01-31 08:15:00" in UTC. */
enum { CROFT_TIME_TEXT_MAX = 32 };
void croft_time_text(u64 seconds, char out[CROFT_TIME_TEXT_MAX]);

/* "name=value ..." of an operation, money in credits; cut where out ends. */
void croft_describe_op(const Croft__V1__TxBody *body, char *out, size_t size);

/* The operation in sentences, one a line, for somebody who is to sign it: every amount and every address
 * whole. Of a long list of payments the first are told, and how many more there are; cut where out ends. */
enum { CROFT_TELL_MAX = 8192 };
void croft_tell_op(const Croft__V1__TxBody *body, char out[CROFT_TELL_MAX]);

/* The change that a proposal or its record makes, as "base_fee_min = 2000". */
enum { CROFT_CHANGE_TEXT_MAX = 320 };
void croft_tell_change(const struct croft_proposal_record *change, char out[CROFT_CHANGE_TEXT_MAX]);

/* "pay, vote", or "everything". */
enum { CROFT_SCOPES_TEXT_MAX = 64 };
void croft_scopes_text(u32 scopes, char out[CROFT_SCOPES_TEXT_MAX]);

/* A parameter's name as people write it, "base_fee_min"; "parameter 99" for an unknown one. */
enum { CROFT_PARAM_TEXT_MAX = 40 };
void croft_param_text(u32 number, char out[CROFT_PARAM_TEXT_MAX]);

/* The body of a transaction's bytes, in mem; NULL when this release cannot read it. */
const Croft__V1__TxBody *croft_body_of(struct croft_bytes tx, struct croft_arena *mem);

/* Whether the account acts in the transaction or is named in its operation. */
bool croft_body_names(const Croft__V1__TxBody *body, const struct croft_address *account);

/* The JSON forms of what a block holds, as "croft watch --json" and "croft account history --json" print
 * them; NULL when memory is used up.  body: of transaction i, NULL when this release cannot read it. */
json_t *croft_tx_event_json(const Croft__V1__BlockEvent *block, size_t i, const Croft__V1__TxBody *body);
json_t *croft_due_event_json(const Croft__V1__BlockEvent *block, const Croft__V1__DueEvent *due);

/* Whether the record that was due is the account's own. */
bool croft_due_names(const Croft__V1__DueEvent *due, const struct croft_address *account);

/* "ok", or the error's text without its class ("not enough money in the account"). */
const char *croft_code_text(u32 code);

/* "ok", or the error's name ("CROFT_ERR_OP_FUNDS"): "result" in every JSON form. */
const char *croft_code_name(u32 code);

#endif
