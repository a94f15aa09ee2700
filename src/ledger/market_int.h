/* ledger/market_int.h - the market's insides between the ledger's own files.
 *
 *   provider.c  standing, stake                device.c   an offer's states          claim.c  auditors' claims
 *   class.c     classes of devices             capability.c  what a device has, and what a class asks for
 *   escrow.c    money of an order              take.c     from offer to lease        lease.c  from lease to its end
 *   order.c     states of an order             queue.c    waiting orders of a class  batch.c  tasks and their bits
 *   auction.c   bids, the best one             token.c    epochs, rewards, conversion  oracle.c the price of CROFT
 *   bond.c      money that can be lost
 *   range.c     a range of a batch, from commit to its end
 *   op_*.c      one file for each family of operations
 *
 * Refuse first, then change: every function that returns croft_err changes nothing when it fails.
 */
#ifndef CROFT_LEDGER_MARKET_INT_H
#define CROFT_LEDGER_MARKET_INT_H

#include "ledger/ledger_int.h"
#include "market/settle.h"
#include "wire/voucher.h"

#include <string.h>

/* A record with where it lies and what it is called. */
struct croft_order {
    u32 slot;
    u8 key[40];
    struct croft_order_record r;
};
struct croft_lease {
    u32 slot;
    u8 key[40];
    struct croft_lease_record r;
};
struct croft_device {
    u32 slot;
    u8 key[40];
    struct croft_device_record r;
};
struct croft_provider {
    u32 slot;
    struct croft_address owner;
    struct croft_provider_record r;
};
struct croft_node {
    u32 slot;
    struct croft_address address;
    struct croft_node_record r;
};
struct croft_class {
    u32 slot;
    u8 key[2];
    struct croft_class_record r;
};

/* ---- records of the market by key; false when there is none ---- */

bool croft_provider_load(const struct croft_ledger *l, const struct croft_address *owner, struct croft_provider *out);
bool croft_node_load(const struct croft_ledger *l, const struct croft_address *node, struct croft_node *out);
bool croft_device_load(const struct croft_ledger *l, const struct croft_address *node, u32 number,
                       struct croft_device *out);
bool croft_order_load(const struct croft_ledger *l, const u8 key[40], struct croft_order *out);
bool croft_lease_load(const struct croft_ledger *l, const u8 key[40], struct croft_lease *out);
void croft_provider_store(struct croft_ledger *l, const struct croft_provider *p);
void croft_node_store(struct croft_ledger *l, const struct croft_node *n);
void croft_device_store(struct croft_ledger *l, const struct croft_device *d);
void croft_lease_store(struct croft_ledger *l, const struct croft_lease *lease);

/* The node that a lease or bid names, and who gets its pay; they exist while it does (asserted). */
void croft_node_must(const struct croft_ledger *l, const struct croft_address *node, struct croft_node *out);
void croft_provider_must(const struct croft_ledger *l, const struct croft_address *node, struct croft_provider *out);

/* Key of the order that a lease, page or bid key belongs to: the number taken off. */
void croft_order_key_of(const u8 lease_key[40], u8 out[40]);
u32 croft_lease_number(const u8 lease_key[40]);
u64 croft_order_id(const u8 key[40]);
struct croft_address croft_buyer_of(const u8 key[40]);

u32 croft_device_number(const u8 device_key[40]);

/* What an operation makes gets this stamp; due records use croft_stamp_due. */
u64 croft_stamp_of(const struct croft_op *o);
u64 croft_stamp_due(const struct croft_ledger *l);

/* ---- bond.c: money in STAKE ---- */

/* Off the payer into STAKE: OP_FUNDS, OP_CAP. */
CROFT_MUST_USE croft_err croft_bond_take(struct croft_op *o, struct croft_amt bond);
/* Out of STAKE to an account, or to the fee pool. */
void croft_bond_pay(struct croft_ledger *l, const struct croft_address *to, struct croft_amt amount);
void croft_bond_burn(struct croft_ledger *l, struct croft_amt amount);

/* ---- provider.c ---- */

/* Whether the exposure of p may grow by more: base + per_mille of free stake and of fees burnt. */
bool croft_exposure_fits(const struct croft_ledger *l, const struct croft_provider_record *p, struct croft_amt more);
struct croft_amt croft_stake_free(const struct croft_provider_record *p); /* stake less locked; 0 when slashed below */
/* Takes up to amount from stake, then from unlocking; what was taken stays in STAKE for the caller to pay on. */
struct croft_amt croft_stake_slash(struct croft_ledger *l, struct croft_provider_record *p, struct croft_amt amount);
/* The signer's own record, made at its expense when it has none: OP_FULL, OP_DEPOSIT, OP_CAP. */
CROFT_MUST_USE croft_err croft_provider_reach(struct croft_op *o, struct croft_provider *out);
bool croft_table_is_full(const struct croft_ledger *l, u32 table);

/* ---- device.c: each stores the device, and the provider of its node when a lock goes ---- */

/* A lease on the device is over: LISTED again; UNLISTED, its bond given back and its lock released, when it is leaving,
 * its node drains or its time has passed, or when unlist says so.  lose_bond: UNLISTED, and the bond goes to the fee
 * pool instead. */
void croft_device_free(struct croft_ledger *l, struct croft_device *d, bool unlist, bool lose_bond, u64 now_s);
/* UNLISTED, its lock released, its bond to an account (NULL: to the fee pool) and returned. */
struct croft_amt croft_device_unlist(struct croft_ledger *l, struct croft_device *d,
                                     const struct croft_address *bond_to);
/* Its offer ends: unlisted, the bond to its node; one that is leased only leaves later, and nothing is returned. */
struct croft_amt croft_device_leave(struct croft_ledger *l, struct croft_device *d);
/* The record of a device that is not leased (asserted) goes, bond and deposit to an account; n is stored. */
void croft_device_remove(struct croft_ledger *l, struct croft_node *n, struct croft_device *d,
                         const struct croft_address *to);

/* ---- capability.c ---- */

/* Writes what the device has; when that is something else than before, what was proved of it is no more. */
void croft_device_describe(struct croft_device_record *d, const Croft__V1__Capability *capability);
/* Writes what the class asks for; whether that is something else than before. */
bool croft_class_require(struct croft_class_record *k, const Croft__V1__Capability *requirement, u32 machine);
/* Whether a device of a node with this machine class has what the class asks for: as proved, as declared where nothing
 * was proved.  0 and empty ask for nothing. */
bool croft_class_fits(const struct croft_class_record *k, const struct croft_device_record *d, u32 machine);
void croft_text_set(u8 to[24], const char *text); /* zero-padded; at most 24 bytes (asserted) */

/* ---- class.c ---- */

/* False also for a class that a vote gave an operator who has not set it yet: it has no name. */
bool croft_class_load(const struct croft_ledger *l, u32 number, struct croft_class *out);
void croft_class_store(struct croft_ledger *l, const struct croft_class *k);
void croft_class_count(struct croft_ledger *l, u32 number, int change); /* devices that name it; number 0: nothing */
/* A class below CROFT_CLASS_OPEN_MIN gets an operator, by vote: OP_NOT_FOUND, OP_FULL. */
CROFT_MUST_USE croft_err croft_class_assign(struct croft_op *o, u32 number, const struct croft_address *to);

/* ---- operations that croft_op_provider and croft_op_offer hand on: op_node.c, claim.c, class.c ---- */

CROFT_MUST_USE croft_err croft_node_admit(struct croft_op *o, const Croft__V1__NodeAdmit *op);
CROFT_MUST_USE croft_err croft_node_remove(struct croft_op *o, const Croft__V1__NodeRemove *op);
CROFT_MUST_USE croft_err croft_node_set(struct croft_op *o, const Croft__V1__NodeSet *op);
CROFT_MUST_USE croft_err croft_claim_set(struct croft_op *o, const Croft__V1__ClaimSet *op);
CROFT_MUST_USE croft_err croft_class_set(struct croft_op *o, const Croft__V1__ClassSet *op);

/* ---- order.c, escrow.c: all changes of an order's money ---- */

/* Load after handling what is due (touch); OP_NOT_FOUND also when that removed the record. */
CROFT_MUST_USE croft_err croft_order_reach(struct croft_op *o, ProtobufCBinaryData buyer, u64 id,
                                           struct croft_order *out);
CROFT_MUST_USE croft_err croft_lease_reach(struct croft_op *o, const Croft__V1__LeaseId *id, struct croft_order *order,
                                           struct croft_lease *out);

/* Writes the order, its state, due time and place in its class's queue as they follow from the rest. */
void croft_order_store(struct croft_ledger *l, struct croft_order *o, u64 now_s);
/* As store, but an order that is CLOSING or ONCE and has nothing left to do goes: true, and it must not be used on. */
bool croft_order_settle(struct croft_ledger *l, struct croft_order *o, u64 now_s);

/* The arithmetic of market/settle.h on a record's fields: get, change, put back. */
struct croft_escrow croft_escrow_get(const struct croft_order_record *r);
void croft_escrow_put(struct croft_order_record *r, const struct croft_escrow *e);
struct croft_meter croft_meter_get(const struct croft_lease_record *r);

/* Pays amount, which the escrow's arithmetic took off balance already (croft_escrow_put before), to the lease's payee
 * and, its fee, to the pool.  before: what the lease was paid in all until now; voucher_paid grows. */
void croft_lease_pay(struct croft_ledger *l, struct croft_order *o, const struct croft_lease *lease,
                     struct croft_amt before, struct croft_amt amount);
/* The same of what the buyer accepted without a voucher: a cap on vouchers is not about it. */
void croft_lease_pay_accepted(struct croft_ledger *l, struct croft_order *o, const struct croft_lease *lease,
                              struct croft_amt before, struct croft_amt amount);
/* The same of a penalty: no voucher said so. */
void croft_lease_pay_penalty(struct croft_ledger *l, struct croft_order *o, const struct croft_lease *lease,
                             struct croft_amt amount);
/* From balance to the buyer, off what is spend-only first where converted says so. */
void croft_order_refund_free(struct croft_ledger *l, struct croft_order *o, u64 now_s);
/* Live leases end, each at end_s or at its own end before; ranges of a batch go on. */
enum croft_which {
    CROFT_WHICH_ALL,
    CROFT_WHICH_METERED,
    CROFT_WHICH_GANG /* those with a device; but a promise that runs binds both sides on */
};
void croft_order_end_leases(struct croft_ledger *l, struct croft_order *o, enum croft_which which, u64 end_s,
                            enum croft_lease_reason reason, u64 now_s);
/* As a buyer's close: every live lease ends, the queue is left, free money goes back.  o is stored, or gone. */
void croft_order_close(struct croft_ledger *l, struct croft_order *o, enum croft_lease_reason reason, u64 now_s);

/* ---- take.c ---- */

/* Terms of a lease to be. */
struct croft_take_terms {
    u64 price;       /* agreed */
    u64 price_seen;  /* the taker's limit */
    bool chosen_bid; /* in an auction: price is the bid's, the device's own does not count */
    u64 units;       /* tasks of a batch; 0: the order's units_max */
};

/* Why this device cannot be leased to this order now, CROFT_OK when it can, and then *out_price.
 *   OP_OFFERS (not LISTED) OP_NODE OP_TERMS OP_PRICE OP_TIME OP_EXPOSURE OP_FUNDS */
CROFT_MUST_USE croft_err croft_take_check(const struct croft_ledger *l, const struct croft_order *o,
                                          const struct croft_device *d, const struct croft_take_terms *terms, u64 now_s,
                                          u64 *out_price);
/* Makes the lease (croft_take_check passed, asserted where it can be): TAKEN or ACKED.  OP_FULL, OP_LIMIT. */
CROFT_MUST_USE croft_err croft_take(struct croft_ledger *l, struct croft_order *o, struct croft_device *d, u64 price,
                                    u64 stamp, enum croft_lease_state state, u64 now_s, struct croft_lease *out);

/* The same, told all. */
struct croft_taking {
    u64 price, stamp;
    enum croft_lease_state state;
    u64 units; /* tasks of a batch; 0: the order's units_max */
    u32 first_task, replaces;
};
CROFT_MUST_USE croft_err croft_take_as(struct croft_ledger *l, struct croft_order *o, struct croft_device *d,
                                       const struct croft_taking *how, u64 now_s, struct croft_lease *out);
/* No number is left for another lease of the order. */
bool croft_order_is_used_up(const struct croft_order_record *r);
/* The record and what counts it, under the order's next number: OP_LIMIT, OP_FULL. */
CROFT_MUST_USE croft_err croft_lease_insert(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease);
/* What lies aside once the take fee does not any more; of one that has not started. */
struct croft_amt croft_lease_aside_running(const struct croft_ledger *l, const struct croft_order *o,
                                           const struct croft_lease *lease);

/* ---- lease.c: changes *o without storing it, stores or removes the lease ---- */

/* Ends the lease as of end_s: ENDING with the settle window; one that never started is dropped. */
void croft_lease_end(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 end_s,
                     enum croft_lease_reason reason, u64 now_s);
/* The last payment of one that is ENDING, and the record goes. */
void croft_lease_close(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease);
/* One that has not started goes unpaid, its money is free. */
enum croft_drop {
    CROFT_DROP_DEVICE_LISTED,   /* nobody's fault: its offer stands */
    CROFT_DROP_DEVICE_UNLISTED, /* the node's: its bond is lost and its offer with it */
};
void croft_lease_drop(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, enum croft_drop how,
                      bool keep_take_fee, u64 now_s);
/* A provider goes before its promise is over, or the buyer of a reserved lease: what that costs is paid, then it ends. */
void croft_lease_break(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 t_s,
                       enum croft_lease_reason reason, u64 now_s);
void croft_lease_buyer_leaves(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 t_s,
                              enum croft_lease_reason reason, u64 now_s);
/* A node that was taken declines, or its time to acknowledge is over: its bond is lost, and the next alternate is taken,
 * or the order waits again.  The order is stored, or gone. */
void croft_lease_missed(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 now_s);
/* Not a keep or gateway lease: one of those that an order wants. */
bool croft_lease_counts(const struct croft_lease_record *r);
/* After a lease of a stored or changed order ended or went: an order that was for ONCE closes when the last that counts
 * has finished, any other is settled. */
void croft_lease_over(struct croft_ledger *l, struct croft_order *o, bool finished, u64 now_s);
/* Only the bookkeeping of a lease that goes: exposure, counts of order and node, the record.  Its money and device
 * were seen to.  Also the provider's count of leases done or failed. */
void croft_lease_remove(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, bool failed);

/* Most that vouchers of the order may still pay. */
struct croft_amt croft_voucher_room(const struct croft_order_record *r);

/* ---- queue.c ---- */

void croft_queue_join(struct croft_ledger *l, struct croft_order *o, bool at_head, u64 now_s);
void croft_queue_leave(struct croft_ledger *l, struct croft_order *o, u64 now_s);
/* Takes an order on or off its class's queue. */
bool croft_queue_is_head(const struct croft_ledger *l, const struct croft_order *o);
/* One more order of a class (0: of none). */
void croft_class_ordered(struct croft_ledger *l, u32 class);

/* ---- batch.c: the batch of an order, two bits for each task in pages, and how many are open and done ---- */

/* The batch of an order and its pages, made with it; the batch holds their deposits: OP_FULL, OP_DEPOSIT, OP_CAP. */
CROFT_MUST_USE croft_err croft_batch_open(struct croft_op *o, const u8 order_key[40], const Croft__V1__BatchTerms *terms);
void croft_batch_remove(struct croft_ledger *l, const u8 order_key[40], u32 buyer_slot); /* nothing when there is none */
/* What a range of a batch has to know when it is taken. */
bool croft_batch_load(const struct croft_ledger *l, const u8 order_key[40], struct croft_batch_record *out);

/* Bits of tasks first..first+count-1, from every one to.  OP_TASKS: a task is not `from`, there is no such task, or
 * there are more than a range may have. */
CROFT_MUST_USE croft_err croft_tasks_move(struct croft_ledger *l, const u8 order_key[40], u32 first, u32 count,
                                          enum croft_task_bits from, enum croft_task_bits to);
/* Those of these tasks that are `from`: how many were moved; never out of ACCEPTED (asserted). */
u32 croft_tasks_change(struct croft_ledger *l, const u8 order_key[40], u32 first, u32 count,
                       enum croft_task_bits from, enum croft_task_bits to);

/* ---- range.c: a range of a batch from commit to its end; *o is changed and not stored ---- */

/* Whether result is the one of this task under the root that the range's node committed: the list of results has 32
 * bytes for each task, and its tree is that of crypto/merkle.h. */
bool croft_range_has(const struct croft_lease *lease, u32 task, ProtobufCBinaryData result, size_t path_len,
                     const ProtobufCBinaryData *path);
/* Those of its tasks that are `from` are accepted and paid out of aside.  Returns the payment, fees included. */
struct croft_amt croft_range_accept(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease,
                                    enum croft_task_bits from, u64 now_s);
/* Nothing is owed any more: tasks that are not accepted open again, what lies aside is free, the record goes.  Bonds
 * were seen to (asserted).  A device that still works on it is free.  failed: the provider did not do it. */
void croft_range_end(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, bool failed, u64 now_s);
/* The work is over.  Once committed the device was freed already, and may be in another lease. */
void croft_range_free_device(struct croft_ledger *l, const struct croft_lease *lease, u64 now_s);
/* Half of what both sides of a contest put up. */
struct croft_amt croft_range_half(const struct croft_lease *lease);
/* A range's lease is due: timed out, accepted by silence, undisputed, unjudged.  It goes, o is stored, or gone too. */
void croft_batch_due(struct croft_ledger *l, struct croft_order *o, struct croft_lease *lease, u64 now_s);
croft_err croft_op_slash(struct croft_op *o);

/* ---- auction.c ---- */

struct croft_bid {
    u32 slot;
    u8 key[32];
    struct croft_bid_record r;
};
bool croft_bid_load(const struct croft_ledger *l, const u8 order_key[40], const struct croft_address *node, u32 device,
                    struct croft_bid *out);

/* Whether there is an auction under this key: the order's own, or one whose bids outlive the order of this id. */
bool croft_auction_is(const struct croft_ledger *l, const u8 order_key[40]);
/* The auction of an order, made with it; its times are in range and there is none (asserted).
 *   OP_DEPOSIT, OP_CAP, OP_FULL */
CROFT_MUST_USE croft_err croft_auction_open(struct croft_op *o, const struct croft_order *order,
                                            const Croft__V1__AuctionTerms *terms);
/* The order goes: the buyer's deposit comes back.  Bids stay until they are due; the auction's record waits for them
 * as an ORPHAN, and until it is gone no order is opened under this id.  Nothing when there is no auction. */
void croft_auction_remove(struct croft_ledger *l, const u8 order_key[40], u32 buyer_slot);
/* The second at which the order's phase ends; 0 when it has no auction or is past its phases. */
u64 croft_auction_due_s(const struct croft_ledger *l, const struct croft_order *o);
/* bid_until or reveal_until has come: changes the order's state by one phase, perhaps takes the best bid.  o is not
 * stored. */
void croft_auction_phase(struct croft_ledger *l, struct croft_order *o, u64 now_s);
/* The operations behind their refusals.  place: OP_FUNDS, OP_CAP, OP_FULL.  reveal: above price_max the bid goes, its
 * deposit comes back. */
CROFT_MUST_USE croft_err croft_bid_place(struct croft_op *o, const struct croft_order *order, u32 device,
                                         const struct croft_hash *commitment);
void croft_bid_reveal(struct croft_ledger *l, const struct croft_order *o, const struct croft_device *d,
                      struct croft_bid *bid, u64 price);
/* The revealed bid of a device for an order: OP_OFFERS when there is none. */
CROFT_MUST_USE croft_err croft_bid_price(const struct croft_ledger *l, const u8 order_key[40],
                                         const struct croft_device *d, u64 *out_price);
/* A lease was acknowledged (deposit back, the device has won), or declined or not acknowledged (deposit to the pool);
 * nothing when no revealed bid is behind it.  A lease that the buyer ends before leaves its bid as it was.  Writes the
 * device when acknowledged. */
void croft_bid_settle(struct croft_ledger *l, const u8 order_key[40], const struct croft_lease *lease, bool acked);

/* ---- oracle.c ---- */

bool croft_is_operator(const struct croft_ledger *l, const struct croft_address *account); /* of a validator, now */
/* What this operator (asserted) says one CROFT is worth. */
void croft_oracle_report(struct croft_ledger *l, const struct croft_address *operator_address, u64 price, u64 now_s);
/* The median of the reports by the power there is now, if they give one; t is not stored. */
void croft_oracle_update(const struct croft_ledger *l, struct croft_token_record *t, u64 now_s);

/* ---- token.c ---- */

/* False on a network without CROFT. */
bool croft_token_load(const struct croft_ledger *l, struct croft_token_record *out);
void croft_token_store(struct croft_ledger *l, const struct croft_token_record *t);
/* Converted credits that are not destroyed yet, spent or not. */
struct croft_amt croft_token_debt(const struct croft_ledger *l);

CROFT_MUST_USE croft_err croft_token_begin(struct croft_ledger *l, u64 now_s);
/* The record with a price that holds: OP_TOKEN, OP_ORACLE. */
CROFT_MUST_USE croft_err croft_token_price(const struct croft_ledger *l, struct croft_token_record *out);
/* CROFT of the payer into credits of an order that only it can spend; order is not stored.
 *   OP_NOT_YOURS (of another buyer) OP_TOKEN OP_ORACLE OP_PRICE OP_DAY_CAP OP_FUNDS OP_CAP OP_OVERFLOW */
CROFT_MUST_USE croft_err croft_token_convert(struct croft_op *o, struct croft_order *order, struct croft_amt croft);
/* An order spent credits (its balance fell by them): some were converted, and the CROFT behind these is burnt. */
void croft_token_spent(struct croft_ledger *l, struct croft_order *o, struct croft_amt spent);
/* What an order did not spend of converted credits is destroyed, off its balance; the CROFT behind goes back. */
void croft_token_unconvert(struct croft_ledger *l, struct croft_order *o, u32 buyer_slot);
/* A market fee went to the pool for this provider, whom the caller stores: it counts for its standing, and on a network
 * with CROFT as the epoch's; fees of an epoch that is over become reward. */
void croft_token_fee(struct croft_ledger *l, struct croft_provider_record *p, struct croft_amt fee);
void croft_provider_roll(struct croft_ledger *l, struct croft_provider_record *p);

/* ---- what is due: one for each kind of record; each moves due_s on or removes the record ---- */

void croft_due_lease(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_order(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_device(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_provider(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_bid(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_claim(struct croft_ledger *l, u32 slot, u64 now_s);
void croft_due_token(struct croft_ledger *l, u32 slot, u64 now_s);

/* Tells the block what happened by time (expiry.c). */
void croft_due_report(struct croft_ledger *l, enum croft_due_kind kind, u32 table, u32 slot, struct croft_amt amount);

#endif
