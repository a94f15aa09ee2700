/* chain/wallet_unsent.h - a transaction on its way from signer to signer, and its form as a file.
 *
 *   croft_wallet_draft --> no signature --croft_unsent_sign, _merge--> enough weight --croft_unsent_pack-->
 * bytes file <--croft_unsent_json, croft_unsent_read--> struct croft_unsent
 *
 * The file is one JSON object:
 *   croft_tx      1, the format
 *   network       name, for people;  network_id  hex: part of what is signed
 *   id            hex: the transaction's id, which is what is signed
 *   scope, threshold, keys [{place, weight, public_key}]
 *                 what the account demanded when it was made, so that a machine without a chain knows its
 * place; the chain decides by what the account has when the transaction comes body          a TxBody in its
 * JSON form (json/json.h) signatures    [{key: place, value: hex}], the lead key's first, the others by
 * increasing place What is signed is the packed body: one encoding, so its JSON form gives the same bytes
 * again, and the id shows it.
 */
#ifndef CROFT_CHAIN_WALLET_UNSENT_H
#define CROFT_CHAIN_WALLET_UNSENT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"
#include "chain/client.h"
#include "crypto/sign.h"
#include "wire/tx.h"

#include <jansson.h>

enum { CROFT_UNSENT_BYTES_MAX = 4 << 20 };

struct croft_unsent_key {
    u8 place, weight;
    struct croft_public_key public_key;
    bool signed_by;
    struct croft_signature signature;
};

struct croft_unsent {
    char network_name[CROFT_NETWORK_NAME_MAX];
    struct croft_hash network, id;
    struct croft_bytes packed;     /* the body, as it is signed; in the arena it was made or read in */
    const Croft__V1__TxBody *body; /* the same, in the same arena */
    enum croft_scope scope;
    u32 threshold; /* weight needed */
    u32 key_count; /* that may sign, by increasing place */
    struct croft_unsent_key key[CROFT_KEYS_MAX];
};

/* The scope that an operation (its field number in TxBody) needs. */
enum croft_scope croft_wallet_scope(u32 op);
const char *croft_scope_name(enum croft_scope scope); /* "pay" */
CROFT_MUST_USE bool croft_scope_parse(struct croft_bytes text, enum croft_scope *out);

/* Packs the whole body into mem and makes it what u is about; the rest of *u is the caller's.  Refuses what
 * the chain would refuse of any signer: 200-299, as croft_tx_decode; CROFT_ERR_NOMEM. */
CROFT_MUST_USE croft_err croft_unsent_seal(struct croft_unsent *u, const Croft__V1__TxBody *body,
                                           struct croft_arena *mem, struct croft_why *why);

/* The key at this place of the account; NULL when it may not sign. */
const struct croft_unsent_key *croft_unsent_key_at(const struct croft_unsent *u, u32 place);

/* Weight of those who have signed, and their number. */
u32 croft_unsent_weight(const struct croft_unsent *u);
u32 croft_unsent_signatures(const struct croft_unsent *u);

/* Adds the signature of this key.
 *   CROFT_ERR_TX_KEY  it is none of the keys that may sign
 *   CROFT_ERR_EXISTS  it has signed already; *u unchanged */
CROFT_MUST_USE croft_err croft_unsent_sign(struct croft_unsent *u, const struct croft_secret_key *key,
                                           struct croft_why *why);

/* Adds to *u the signatures that another copy of the same transaction has.
 *   CROFT_ERR_DECODE  it is another transaction */
CROFT_MUST_USE croft_err croft_unsent_merge(struct croft_unsent *u, const struct croft_unsent *other,
                                            struct croft_why *why);

/* The signed transaction's bytes, in mem.
 *   CROFT_ERR_TX_SCOPE  the weight misses the threshold, or the lead key has not signed; *why names who may
 *   CROFT_ERR_NOMEM     CROFT_ERR_TX_SIZE */
CROFT_MUST_USE croft_err croft_unsent_pack(const struct croft_unsent *u, struct croft_arena *mem,
                                           struct croft_bytes *out, struct croft_why *why);

/* The file's value; NULL when memory is used up. */
CROFT_MUST_USE json_t *croft_unsent_json(const struct croft_unsent *u);

/* Reads a file's text; *out and what it points to live in mem.  Every signature is checked.
 *   CROFT_ERR_JSON          not JSON, not this form; *why says where
 *   CROFT_ERR_FORMAT        of a later release
 *   CROFT_ERR_DECODE        the id is not that of the body: the file was changed
 *   CROFT_ERR_TX_SIGNATURE  a signature is not by the key at its place
 *   200-299                 what the chain would refuse about the operation's form
 *   CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_unsent_read(struct croft_bytes text, struct croft_arena *mem,
                                           struct croft_unsent *out, struct croft_why *why);

#endif
