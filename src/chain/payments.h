/* chain/payments.h - a list of payments as text, one "ADDRESS,AMOUNT[,ASSET]" a line.
 * Empty lines, lines that begin with # and a first line "address,amount[,asset]" are passed over. */
#ifndef CROFT_CHAIN_PAYMENTS_H
#define CROFT_CHAIN_PAYMENTS_H

#include "base/amt.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"
#include "wire/tx.h"

/* "credit" or "croft".  False, *out unchanged, for anything else. */
CROFT_MUST_USE bool croft_asset_parse(const char *text, u32 *out);
const char *croft_asset_name(u32 asset); /* "?" for an unknown one */

/* A transfer of all lines, in mem; totals per asset in out_total.  All lines are checked before it returns.
 *   CROFT_ERR_TX_RANGE  *why names the first line that is wrong, or there are none, or more than
 * CROFT_TX_LEGS_MAX CROFT_ERR_NOMEM     mem is used up */
CROFT_MUST_USE croft_err croft_payments_parse(struct croft_bytes text, struct croft_arena *mem,
                                              Croft__V1__Transfer **out,
                                              struct croft_amt out_total[CROFT_ASSET_COUNT],
                                              struct croft_why *why);

/* One leg, in mem; NULL when that is used up. */
CROFT_MUST_USE Croft__V1__Leg *croft_payments_leg(const struct croft_address *to, u32 asset,
                                                  struct croft_amt amount, struct croft_arena *mem);

#endif
