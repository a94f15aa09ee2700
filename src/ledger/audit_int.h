/* ledger/audit_int.h - the parts of the audit, which computes everything again from the records, slowly.
 *
 *   audit.c        money of the system accounts, roots     audit_market.c  counts of providers, nodes, classes, accounts
 *   audit_lease.c  orders and leases                       audit_batch.c   tasks of batches, the token
 *
 * Each part returns CROFT_ERR_STATE and says in *why what differs, CROFT_ERR_NOMEM when scratch is too small.
 */
#ifndef CROFT_LEDGER_AUDIT_INT_H
#define CROFT_LEDGER_AUDIT_INT_H

#include "ledger/market_int.h"

/* The first slot of a live record at or after from; CROFT_SLOT_NONE: there is none. */
u32 croft_audit_next(const struct croft_ledger *l, u32 table, u32 from);

#define CROFT_AUDIT_EACH(l, table, slot)                                            \
    for (u32 slot = croft_audit_next((l), (table), 0); (slot) != CROFT_SLOT_NONE; \
         slot = croft_audit_next((l), (table), (slot) + 1))

/* Where arrays by slot count what a record names: its slot; the place behind the last slot when it is not there, so that
 * arrays have one more, and what is counted there is a fault. */
u32 croft_audit_place(const struct croft_ledger *l, u32 table, const u8 *key);

croft_err croft_audit_market(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why);
croft_err croft_audit_leases(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why);
croft_err croft_audit_batches(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why);
croft_err croft_audit_token(const struct croft_ledger *l, struct croft_why *why);

#endif
