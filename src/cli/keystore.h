/* cli/keystore.h - HOME/keys: one file NAME.key a key, mode 0600, in a folder of mode 0700.
 *
 * A key acts for the account whose address is the hash of it alone, unless a file NAME.account beside it
 * holds the address of another (a delegated or rotated-in key).  Nothing here is ever overwritten but
 * NAME.account.
 */
#ifndef CROFT_CLI_KEYSTORE_H
#define CROFT_CLI_KEYSTORE_H

#include "cli/cli.h"
#include "crypto/keyfile.h"
#include "crypto/sign.h"

enum { CROFT_KEY_NAME_MAX = 33, CROFT_PASSPHRASE_MAX = 256 };

/* Secret: wiped by croft_passphrase_wipe, which suits CROFT_CLEANUP. */
struct croft_passphrase {
    char text[CROFT_PASSPHRASE_MAX];
};
void croft_passphrase_wipe(struct croft_passphrase *p);

/* From --passphrase-file, else from the terminal without echo; with twice, asked again and compared.
 *   CROFT_ERR_PASSPHRASE  none, too long, the two differ, or there is no terminal
 *   CROFT_ERR_INTERRUPTED  CROFT_ERR_IO  CROFT_ERR_KEY_MODE (others can read the file) */
CROFT_MUST_USE croft_err croft_passphrase_get(struct croft_cli *c, const char *key_name, bool twice,
                                              struct croft_passphrase *out);

/* What is known of a key without its passphrase. */
struct croft_key_info {
    char name[CROFT_KEY_NAME_MAX];
    char file[CROFT_PATH_TEXT_MAX];
    bool encrypted;
    bool delegated; /* acts for another account than its own */
    struct croft_public_key public_key;
    struct croft_address own;     /* address of the account that is made of this key alone */
    struct croft_address account; /* that it acts for: its own unless delegated */
};

/* CROFT_ERR_USAGE unless name is 1 to 32 of a-z A-Z 0-9 . _ - and begins with a letter or digit. */
CROFT_MUST_USE croft_err croft_key_name_check(struct croft_cli *c, const char *name);

/* Reads a key file of any place: its bytes, after the check of its mode.  out is terminated.
 *   CROFT_ERR_NOT_FOUND  CROFT_ERR_IO  CROFT_ERR_KEY_MODE (with the command that mends it)
 *   CROFT_ERR_KEY_FILE   longer than a key file */
CROFT_MUST_USE croft_err croft_keyfile_load(struct croft_cli *c, const char *file,
                                            char out[CROFT_KEYFILE_MAX]);

/* Writes a new file of mode 0600 and returns when it is on the disk.  CROFT_ERR_EXISTS: it is there already.
 */
CROFT_MUST_USE croft_err croft_keyfile_store(struct croft_cli *c, const char *file, const char *text);

/* The file of a name in HOME/keys, which is created. */
CROFT_MUST_USE croft_err croft_key_path(struct croft_cli *c, const char *name, char out[CROFT_PATH_TEXT_MAX]);

CROFT_MUST_USE croft_err croft_key_info(struct croft_cli *c, const char *name, struct croft_key_info *out);

/* Says that from now on this key acts for that account. */
CROFT_MUST_USE croft_err croft_key_set_account(struct croft_cli *c, const char *name,
                                               const struct croft_address *account);

/* Says that from now on every key of this home folder that is this public key and acted for that account acts
 * for its own. */
CROFT_MUST_USE croft_err croft_key_drop_account(struct croft_cli *c, const struct croft_public_key *key,
                                                const struct croft_address *account);

/* Names in HOME/keys, sorted, in c->mem. */
CROFT_MUST_USE croft_err croft_key_names(struct croft_cli *c, char (**out)[CROFT_KEY_NAME_MAX],
                                         size_t *out_count);

/* The key that --key, $CROFT_KEY or being the only one chooses, acting for --account if that is given.
 * With --unsigned and --account no key is needed: then the name is "", and only the account counts.
 *   CROFT_ERR_NOT_FOUND  there is none; CROFT_ERR_USAGE: there are several */
CROFT_MUST_USE croft_err croft_key_choose(struct croft_cli *c, struct croft_key_info *out);

/* Its secret; asks for the passphrase where there is one. */
CROFT_MUST_USE croft_err croft_key_open(struct croft_cli *c, const struct croft_key_info *info,
                                        struct croft_secret_key *out);

#endif
