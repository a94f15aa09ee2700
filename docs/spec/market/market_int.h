/* ledger/market_int.h - the market's insides between the ledger's own files (slice 0 writes it; A to E fill it in).
 *
 *   escrow.c  money of an order        take.c  from offer to lease       lease.c  from lease to its end
 *   queue.c   waiting orders of a class        batch.c  tasks and their bits    token.c  price, epochs, rewards
 *
 * Refuse first, then change: every function that returns croft_err changes nothing when it fails. */
#ifndef CROFT_LEDGER_MARKET_INT_H
#define CROFT_LEDGER_MARKET_INT_H

#include "ledger/ledger_int.h"
#include "market/settle.h"

struct croft_order { u32 slot; u8 key[40]; struct croft_order_record r; };
struct croft_lease { u32 slot; u8 key[40]; struct croft_lease_record r; };
struct croft_device { u32 slot; u8 key[40]; struct croft_device_record r; };

/* Load after handling what is due on them (touch); NOT_FOUND also when that removed the record. */
CROFT_MUST_USE croft_err croft_order_reach(struct croft_op *o, const struct croft_address *buyer, u64 id, struct croft_order *out);
CROFT_MUST_USE croft_err croft_lease_reach(struct croft_op *o, const Croft__V1__LeaseId *id, struct croft_order *order,
                                           struct croft_lease *out);

/* escrow.c: all changes of order money.  store recomputes due_s (params hold the rest). */
void croft_order_store(struct croft_ledger *l, struct croft_order *o, u64 now_s);
/* Pays amount of the lease's owed money to its payee and the pool; amount <= balance (asserted). */
void croft_lease_pay(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, struct croft_amt amount);
/* Free money to the buyer; when no lease is left the record, its batch, pages and auction go too. */
void croft_order_refund(struct croft_ledger *l, struct croft_order *o, u64 now_s);

/* take.c: why this device cannot be leased to this order, CROFT_OK if it can.  TERMS OFFERS PRICE EXPOSURE NODE FUNDS */
CROFT_MUST_USE croft_err croft_take_check(const struct croft_ledger *l, const struct croft_order *o,
                                          const struct croft_device *d, u64 price_seen, u64 now_s, u64 *out_price);
CROFT_MUST_USE croft_err croft_take(struct croft_ledger *l, struct croft_order *o, struct croft_device *d, u64 price, u64 stamp,
                                    u64 now_s, enum croft_lease_state state, struct croft_lease *out);

/* lease.c */
void croft_lease_settle(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 served_until_s, u64 units,
                        u64 seq, u64 now_s);
void croft_lease_end(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 end_s,
                     enum croft_lease_reason reason, u64 now_s);
void croft_lease_close(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 now_s);
struct croft_amt croft_lease_penalty(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, bool by_provider, u64 now_s);
void croft_device_free(struct croft_ledger *l, const struct croft_lease *lease, bool unlist, u64 now_s);

/* provider.c: standing */
bool croft_exposure_fits(const struct croft_ledger *l, const struct croft_provider_record *p, struct croft_amt more);
void croft_provider_roll(struct croft_ledger *l, struct croft_provider_record *p); /* fees of an epoch that is over become reward */

/* queue.c */
void croft_queue_join(struct croft_ledger *l, struct croft_order *o, bool at_head, u64 now_s);
void croft_queue_leave(struct croft_ledger *l, struct croft_order *o, u64 now_s);

/* batch.c: bits of tasks first..first+count-1 of an order; from every one (TASKS) to. */
CROFT_MUST_USE croft_err croft_tasks_move(struct croft_ledger *l, struct croft_order *o, u32 first, u32 count,
                                          enum croft_task_bits from, enum croft_task_bits to);

/* token.c */
CROFT_MUST_USE croft_err croft_token_price(const struct croft_ledger *l, struct croft_token_record *out); /* TOKEN ORACLE */

/* one per record kind, called by expiry.c and by touch; each moves due_s on or removes the record */
void croft_due_lease(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_order(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_device(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_provider(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_bid(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_claim(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_token(struct croft_ledger *l, u32 slot, u64 now_s);

/* operations, one file each; the table of operations names them */
croft_err croft_op_provider(struct croft_op *o);
croft_err croft_op_offer(struct croft_op *o);
croft_err croft_op_order(struct croft_op *o);
croft_err croft_op_lease(struct croft_op *o);
croft_err croft_op_batch(struct croft_op *o);
croft_err croft_op_auction(struct croft_op *o);
croft_err croft_op_token(struct croft_op *o);

#endif
