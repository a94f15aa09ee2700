/* chain/wallet.h - from an operation to a signed transaction and its result.
 *
 *   caller fills body->op --croft_wallet_send--> account looked up, nonce, fee and time chosen, signed,
 * submitted, waited for.  A connection that breaks meanwhile is made again and the same bytes are sent again:
 * their nonce lets them count once.
 *
 *   caller fills body->op --croft_wallet_draft--> struct croft_unsent --signatures of several keys-->
 * croft_unsent_pack --croft_wallet_submit--> result.  Its file form is chain/wallet_unsent.h.
 */
#ifndef CROFT_CHAIN_WALLET_H
#define CROFT_CHAIN_WALLET_H

#include "base/amt.h"
#include "chain/client.h"
#include "chain/records.h"
#include "chain/wallet_unsent.h"
#include "crypto/sign.h"
#include "wire/tx.h"

enum { CROFT_WALLET_VALID_S = 600 };

struct croft_wallet {
    struct croft_client *client;
    struct croft_address account;       /* that pays and acts */
    const struct croft_secret_key *key; /* that signs: one of the account's keys, or the one it is made of */
    Croft__V1__KeySet *key_set; /* what the account is made of, shown by its first transaction; NULL: the key
                                 * that signs, alone */
    u64 valid_s;                /* 0: CROFT_WALLET_VALID_S; of a draft as long as the network allows */
    bool has_fee_max;           /* else estimated, with head-room for a rising base fee */
    struct croft_amt fee_max;   /* zero is a limit too */
    u32 lane;                   /* croft_lane */
};

struct croft_wallet_result {
    struct croft_hash id;
    u64 height;
    u32 index;
    struct croft_amt fee;
};

/* The address of an account whose key set is this one key alone. */
CROFT_MUST_USE croft_err croft_wallet_address(const struct croft_public_key *key, struct croft_address *out);

/* Cost of a transaction under these parameters, not below the ledger's own (docs/spec/ledger.md): what an
 * operation may write and create at most.  tx_bytes is its length with signatures. */
u64 croft_wallet_cost(const struct croft_params *params, const Croft__V1__TxBody *body, size_t tx_bytes,
                      u32 signatures);

/* The lowest nonce that this key has not used. */
u64 croft_wallet_nonce(const struct croft_key_record *key);

/* A nonce that this key has not used, drawn by chance from the lower half of its window, so that programs
 * with one key do not all want the same; the lowest unused when that half is used up. */
u64 croft_wallet_random_nonce(const struct croft_key_record *key, struct croft_world *world);

/* Sends the operation in *body; its other fields are set here.  CROFT_OK: done, in a block that is durable.
 * What the account cannot pay and a validity that the network does not allow are refused here, before
 * anything is signed: 200-299.  A nonce that another program took first is drawn again.
 * Errors of the client, and
 *   CROFT_ERR_NOT_FOUND  the account does not exist yet
 *   CROFT_ERR_TX_KEY     the key is none of the account's
 *   200-299              refused: nothing happened, no fee
 *   300-399              failed: in a block, *out filled, the fee is taken and nothing else happened
 *   CROFT_ERR_TIMEOUT, CROFT_ERR_UNAVAILABLE, CROFT_ERR_INTERRUPTED after it was sent: it may still be done;
 * *why has its id */
CROFT_MUST_USE croft_err croft_wallet_send(const struct croft_wallet *w, Croft__V1__TxBody *body,
                                           struct croft_arena *mem, struct croft_wallet_result *out,
                                           struct croft_why *why);

/* Makes the transaction without sending it: the operation in *body, its other fields set here and cleared
 * again at return; *out, in mem, has no signature.  w->key is not used. lead: the key that signs first and
 * whose nonce is taken; NULL: the account's first that has the scope. The fee limit is for as many signatures
 * as there are keys that may sign.  Errors of the client, and CROFT_ERR_NOT_FOUND  CROFT_ERR_TX_KEY  as
 * croft_wallet_send CROFT_ERR_TX_SCOPE   the lead key, or every key, lacks the scope 200-299 what the chain
 * would refuse about the operation's form */
CROFT_MUST_USE croft_err croft_wallet_draft(const struct croft_wallet *w, const struct croft_public_key *lead,
                                            Croft__V1__TxBody *body, struct croft_arena *mem,
                                            struct croft_unsent *out, struct croft_why *why);

/* Submits the bytes of a signed transaction and waits, as croft_wallet_send does.  Bytes that were submitted
 * before give what they got then.
 *   CROFT_ERR_TX_REPLAY  another transaction used its nonce */
CROFT_MUST_USE croft_err croft_wallet_submit(struct croft_client *c, struct croft_bytes tx,
                                             const struct croft_hash *id, struct croft_arena mem,
                                             struct croft_wallet_result *out, struct croft_why *why);

#endif
