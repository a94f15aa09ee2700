/* wire/tx_int.h - between tx.c (bytes) and tx_check.c (ranges). */
#ifndef CROFT_WIRE_TX_INT_H
#define CROFT_WIRE_TX_INT_H

#include "wire/tx.h"

/* Everything about a body that can be told without the ledger.  Errors as in croft_tx_decode. */
CROFT_MUST_USE croft_err croft_tx_check_body(const Croft__V1__TxBody *body);

#endif
