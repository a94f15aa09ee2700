/* cli/connect.h - from a verb's options to a chain and a wallet on it.
 *
 * HOME/network holds the network this wallet belongs to ("NAME ID"), written by the first signature made with
 * it. Every later connection must be to that network.
 */
#ifndef CROFT_CLI_CONNECT_H
#define CROFT_CLI_CONNECT_H

#include "base/amt.h"
#include "chain/client.h"
#include "chain/wallet.h"
#include "cli/cli.h"
#include "cli/keystore.h"

/* Options of the client as --chain, --timeout and HOME/network say.  The texts live in c->mem. */
CROFT_MUST_USE croft_err croft_connect_options(struct croft_cli *c, struct croft_client_options *out);

/* A connected client; croft_client_close gives it back. */
CROFT_MUST_USE croft_err croft_connect(struct croft_cli *c, struct croft_client *out);

/* The wallet belongs to this network from now on, if it belonged to none.  CROFT_ERR_NETWORK: to another. */
CROFT_MUST_USE croft_err croft_cli_join(struct croft_cli *c, const char *name,
                                        const struct croft_hash *network);

/* Signs and sends the operation in *body with the key the options choose, and waits for the result.
 * With --out or --unsigned nothing is sent: a file is written and c->draft set (cli/draft.h). */
CROFT_MUST_USE croft_err croft_cli_send(struct croft_cli *c, Croft__V1__TxBody *body,
                                        struct croft_wallet_result *out);

/* The same with a key that is chosen already. */
CROFT_MUST_USE croft_err croft_cli_send_as(struct croft_cli *c, const struct croft_key_info *key,
                                           Croft__V1__TxBody *body, struct croft_wallet_result *out);

/* "done: ..." or its JSON form, or what became of a draft; what: what was done, for a person; more: further
 * members, given up here, or NULL. */
CROFT_MUST_USE croft_err croft_cli_print_result(struct croft_cli *c, const struct croft_wallet_result *result,
                                                const char *what, json_t *more);

/* Arguments; each CROFT_ERR_USAGE naming what was meant. */
CROFT_MUST_USE croft_err croft_cli_address(struct croft_cli *c, const char *text, const char *what,
                                           struct croft_address *out);
CROFT_MUST_USE croft_err croft_cli_amount(struct croft_cli *c, const char *text, const char *what,
                                          struct croft_amt *out);
/* --asset; credit when it was not given. */
CROFT_MUST_USE croft_err croft_cli_asset(struct croft_cli *c, u32 *out);
/* A text option of at most 64 bytes as bytes in c->mem; empty when it was not given. */
CROFT_MUST_USE croft_err croft_cli_reference(struct croft_cli *c, const char *option,
                                             ProtobufCBinaryData *out);

/* The account that a verb of one optional ADDRESS shows: that, --account, or the key's. */
CROFT_MUST_USE croft_err croft_cli_account(struct croft_cli *c, struct croft_address *out);

/* ADDRESS:ID, the name of a withdrawal or pending transfer; with own, ID alone is one of that account. */
CROFT_MUST_USE croft_err croft_cli_record(struct croft_cli *c, const char *text,
                                          const struct croft_address *own, struct croft_address *out,
                                          u64 *out_id);

/* The id at the end of a record's key. */
u64 croft_cli_id_of_key(struct croft_bytes key);

/* A number for a new record: not zero, short enough to type, unlikely to be in use. */
u64 croft_cli_fresh_id(struct croft_cli *c);

ProtobufCBinaryData croft_cli_bytes(const void *at, size_t len);

#endif
