/* sim/tx.h - a transaction as the one who made it knows it: what the model predicts from, and what its
 * client remembers of the answers. */
#ifndef CROFT_SIM_TX_H
#define CROFT_SIM_TX_H

#include "base/err.h"
#include "base/types.h"
#include "crypto/sign.h"
#include "wire/tx.h"

struct croft_sim_tx {
    struct croft_bytes bytes;
    struct croft_hash id;
    const Croft__V1__TxBody *body;
    u32 op; /* its number; 0 for bytes that are no transaction */
    u32 signature_count;
    u8 signer[CROFT_TX_SIGNATURES_MAX];
    struct croft_public_key signed_by[CROFT_TX_SIGNATURES_MAX]; /* the key whose owner really signed */
    bool foreign;                                               /* signed for another network */
    bool mangled; /* changed after signing: any refusal is right */

    u32 serial; /* its number in the run */
    u32 flying; /* submissions without an answer yet */
    u64 height; /* the block it is in; 0: none that anybody knows of */
    u32 index;
    croft_err code; /* in that block */
    bool acked;     /* its client was told so */
};

#endif
