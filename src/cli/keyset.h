/* cli/keyset.h - keys, scopes and thresholds as they are written on the command line, and the first key sets
 * of accounts of several keys: HOME/accounts/ADDRESS.json, a KeySet in its JSON form, which the account's
 * first transaction shows. */
#ifndef CROFT_CLI_KEYSET_H
#define CROFT_CLI_KEYSET_H

#include "cli/cli.h"
#include "cli/keystore.h"
#include "wire/tx.h"

/* A key of this home folder, or croftpub1... of somewhere else. */
struct croft_named_key {
    const char *name; /* NULL: not of this home folder */
    struct croft_public_key public_key;
};
CROFT_MUST_USE croft_err croft_keyset_key(struct croft_cli *c, const char *text, struct croft_named_key *out);

/* "pay,trade" or "all" as a bit set; CROFT_ERR_USAGE. */
CROFT_MUST_USE croft_err croft_keyset_scopes(struct croft_cli *c, const char *text, u32 *out);

/* "pay=2,admin=3" or "all=2": changes those that are named; CROFT_ERR_USAGE. */
CROFT_MUST_USE croft_err croft_keyset_thresholds(struct croft_cli *c, const char *text,
                                                 u8 threshold[CROFT_SCOPE_COUNT]);

/* The key set of the keys that are arguments `first` and on, each with every scope and weight 1, under the
 * thresholds of --threshold (else 1), in c->mem.  named[i] is the i-th, named as croft_keyset_key. */
CROFT_MUST_USE croft_err croft_keyset_make(struct croft_cli *c, int first, Croft__V1__KeySet **out,
                                           struct croft_named_key named[CROFT_KEYS_MAX]);

/* NULL when this home folder has no key set for the account. */
CROFT_MUST_USE croft_err croft_keyset_load(struct croft_cli *c, const struct croft_address *account,
                                           Croft__V1__KeySet **out);
CROFT_MUST_USE croft_err croft_keyset_store(struct croft_cli *c, const Croft__V1__KeySet *set,
                                            const struct croft_address *account);

#endif
