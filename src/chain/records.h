/* chain/records.h - reading the ledger's tables through a client. */
#ifndef CROFT_CHAIN_RECORDS_H
#define CROFT_CHAIN_RECORDS_H

#include "chain/client.h"
#include "wire/param.h"
#include "wire/record.h"

/* Keys of the tables (wire/record.h). */
struct croft_record_key {
    u8 b[CROFT_RECORD_KEY_MAX];
    size_t len;
};
struct croft_record_key croft_key_of_address(const struct croft_address *address); /* accounts */
struct croft_record_key croft_key_of_address_id(const struct croft_address *address,
                                                u64 id); /* withdrawals */
struct croft_record_key croft_key_of_number(u64 number, size_t bytes); /* big-endian: classes, parameters */
struct croft_record_key croft_key_of_text(const char *text);           /* "t" of the token, "c" of the chain */

/* Reads one record into *out, the struct of the table's layout.  prove: the answer's proof is checked too,
 * and *out_result (may be NULL) is the answer, in mem.  Errors of the client, and CROFT_ERR_NOT_FOUND  there
 * is no such record; *out unchanged CROFT_ERR_PROOF      the proof does not hold CROFT_ERR_FORMAT     a
 * record of a later format */
CROFT_MUST_USE croft_err croft_record_read(struct croft_client *c, u32 table,
                                           const struct croft_record_key *key, bool prove,
                                           struct croft_arena *mem, void *out,
                                           const Croft__V1__QueryResult **out_result, struct croft_why *why);

/* Calls each with every record of the table, in order of their slots, decoded; it ends the reading by
 * returning other than CROFT_OK, which is then returned. */
typedef croft_err croft_record_fn(void *context, struct croft_bytes key, const void *record);
CROFT_MUST_USE croft_err croft_records_each(struct croft_client *c, u32 table, struct croft_arena mem,
                                            croft_record_fn *each, void *context, struct croft_why *why);

/* The same, of those whose key begins with prefix, which is not empty. */
CROFT_MUST_USE croft_err croft_records_under(struct croft_client *c, u32 table,
                                             const struct croft_record_key *prefix, struct croft_arena mem,
                                             croft_record_fn *each, void *context, struct croft_why *why);

/* The parameters in force, by number; [0] is not used. */
enum { CROFT_PARAMS_MAX = 64 };
struct croft_params {
    u64 value[CROFT_PARAMS_MAX];
};
CROFT_MUST_USE croft_err croft_params_read(struct croft_client *c, struct croft_arena mem,
                                           struct croft_params *out, struct croft_why *why);

CROFT_MUST_USE croft_err croft_status_read(struct croft_client *c, struct croft_arena *mem,
                                           const Croft__V1__StatusResult **out, struct croft_why *why);

#endif
