/* wire/tx_int.h - between tx.c (bytes), tx_check.c (ranges) and tx_check_market.c (ranges of the market's operations). */
#ifndef CROFT_WIRE_TX_INT_H
#define CROFT_WIRE_TX_INT_H

#include "wire/tx.h"

#define REFUSE_UNLESS(condition)                                                                             \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            return CROFT_ERR_TX_RANGE;                                                                       \
    } while (0)

/* Everything about a body that can be told without the ledger.  Errors as in croft_tx_decode. */
CROFT_MUST_USE croft_err croft_tx_check_body(const Croft__V1__TxBody *body);

/* The same of an operation from 50 on; TX_RANGE for a number that is none. */
CROFT_MUST_USE croft_err croft_tx_check_market(const Croft__V1__TxBody *body);

/* An address that an account can have; another one than the signer's; money of an asset there is. */
CROFT_MUST_USE croft_err croft_tx_check_address(ProtobufCBinaryData b);
CROFT_MUST_USE croft_err croft_tx_check_other(const Croft__V1__TxBody *body, ProtobufCBinaryData b);
CROFT_MUST_USE croft_err croft_tx_check_money(u32 asset, u64 amount);

static inline bool croft_tx_is_32(ProtobufCBinaryData b)
{
    return b.len == 32;
}

#endif
