/* chain/wallet_int.h - between making a transaction (wallet.c), keeping it in a file (wallet_unsent.c) and
 * submitting it (wallet_submit.c). */
#ifndef CROFT_CHAIN_WALLET_INT_H
#define CROFT_CHAIN_WALLET_INT_H

#include "chain/wallet.h"

/* Submits signed bytes and waits.  *out_replayed: the chain has seen the nonce before; nothing else of *out
 * is then set but the id.  Errors of croft_wallet_send. */
CROFT_MUST_USE croft_err croft_wallet_deliver(struct croft_client *c, struct croft_bytes tx,
                                              const struct croft_hash *id, struct croft_arena mem,
                                              struct croft_wallet_result *out, bool *out_replayed,
                                              struct croft_why *why);

#endif
