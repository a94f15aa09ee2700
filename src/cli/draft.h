/* cli/draft.h - transactions that are written to a file instead of sent: --out and --unsigned of every verb
 * that sends, and the files that "tx sign", "tx show" and "tx send" take (chain/wallet_unsent.h). */
#ifndef CROFT_CLI_DRAFT_H
#define CROFT_CLI_DRAFT_H

#include "chain/wallet.h"
#include "cli/cli.h"
#include "cli/keystore.h"

/* Whether this run is to write a transaction instead of sending it. */
bool croft_draft_wanted(const struct croft_cli *c);

/* Makes the transaction of the operation in *body, signs it with `secret` unless that is NULL, writes it
 * where
 * --out says (else to standard output) and notes it in c->draft.
 * lead: the key that leads it; NULL: the account's first that may. */
CROFT_MUST_USE croft_err croft_draft_make(struct croft_cli *c, const struct croft_wallet *wallet,
                                          const struct croft_public_key *lead,
                                          const struct croft_secret_key *secret, Croft__V1__TxBody *body);

/* What c->draft is and what to do with it; more: further members of the JSON form, given up here, or NULL. */
CROFT_MUST_USE croft_err croft_draft_print(struct croft_cli *c, json_t *more);

/* A file ("-": standard input) as a transaction in c->mem; the error names the file. */
CROFT_MUST_USE croft_err croft_draft_read(struct croft_cli *c, const char *file, struct croft_unsent *out);

/* Writes a new file, or with `replace` takes the place of an old one in one step. */
CROFT_MUST_USE croft_err croft_draft_write(struct croft_cli *c, const char *file, bool replace,
                                           const struct croft_unsent *u);

/* Writes text into a new file that then takes the place of `file`, if there is one. */
CROFT_MUST_USE croft_err croft_file_replace(struct croft_cli *c, const char *file, const char *text);

/* "signed by 1 key: weight 1 of 2 for pay", and the command that comes next, in out. */
enum { CROFT_DRAFT_TEXT_MAX = 512 };
void croft_draft_progress(const struct croft_unsent *u, const char *file, char out[CROFT_DRAFT_TEXT_MAX]);

/* Members of the JSON form that say the same; NULL when memory is used up. */
json_t *croft_draft_json(const struct croft_unsent *u, const char *file);

#endif
