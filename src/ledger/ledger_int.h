/* ledger/ledger_int.h - the ledger's insides, shared by its own files.
 *
 *   ledger.c   life of a block            check.c    what is refused before anything changes
 *   account.c  accounts, keys, money      op_*.c     operations: refuse, then change
 *   issuer.c   money made and destroyed
 *   expiry.c   what is due by time        genesis.c  height 0
 *   audit.c    everything again, slowly   meta.c     what is stored beside the records
 *   op_table.c what each operation needs and costs
 * The market's files are listed in ledger/market_int.h.
 */
#ifndef CROFT_LEDGER_LEDGER_INT_H
#define CROFT_LEDGER_LEDGER_INT_H

#include "ledger/ledger.h"

enum { CROFT_BLOCK_TXS_MAX = 1 << 20, CROFT_BLOCK_DUES_MAX = 1 << 20 };
/* A transaction that fails takes back what it brought up to date, and the next does it again: so much and no more. */
enum { CROFT_BLOCK_TX_DUES_MAX = 1 << 15 };
enum { CROFT_PARAMS_MAX = 128 }; /* above the highest number there is */
enum { CROFT_SECONDS_PER_DAY = 86400, CROFT_LANES = 2 };

enum croft_phase { CROFT_PHASE_IDLE, CROFT_PHASE_OPEN, CROFT_PHASE_ENDED };

struct croft_ledger {
    struct croft_state *state;
    struct croft_roots roots;
    struct croft_hash network;
    u64 height, time_s; /* of the last accepted block */
    struct croft_hash named[CROFT_ROOT_COUNT], app_hash; /* after it */
    u64 param[CROFT_PARAMS_MAX]; /* by number, as they are in force: read from the table at begin and at load */
    u32 system_slot[CROFT_SYSTEM_COUNT];
    u32 balance_offset; /* of balance_credit in an encoded account */
    u32 epoch_offset;   /* of epoch in an encoded token record; epoch_fees follows */
    bool trust_signatures;

    enum croft_phase phase;
    u64 block_height, block_time_s, block_base_fee;
    u32 block_protocol;
    u64 block_cost[CROFT_LANES];
    struct croft_amt block_fees;
    u32 block_txs;
    struct croft_hash *receipt_leaf; /* CROFT_BLOCK_TXS_MAX */
    struct croft_due *due;           /* CROFT_BLOCK_DUES_MAX */
    u32 due_count;
    u32 tx_dues; /* what transactions of the block brought up to date, those that failed too */
    struct croft_hash block_named[CROFT_ROOT_COUNT];
};

/* ---- account.c ---- */

struct croft_account {
    u32 slot;
    struct croft_account_record r;
};

/* False when there is no such account. */
bool croft_account_load(const struct croft_ledger *l, const struct croft_address *a, struct croft_account *out);
void croft_account_load_slot(const struct croft_ledger *l, u32 slot, struct croft_account *out);
void croft_account_store(struct croft_ledger *l, const struct croft_account *a);
u32 croft_account_find(const struct croft_ledger *l, const struct croft_address *a);
struct croft_address croft_address_at(const struct croft_ledger *l, u32 slot);

/* A new account without keys or money.  CROFT_ERR_OP_FULL. */
CROFT_MUST_USE croft_err croft_account_create(struct croft_ledger *l, const struct croft_address *a,
                                              struct croft_amt deposit, u64 now_s, u32 *out_slot);

/* Money of one account; both must fit (asserted): all money of an asset fits 64 bits, and who debits has checked. */
struct croft_amt croft_balance(const struct croft_ledger *l, u32 slot, u32 asset);
void croft_credit(struct croft_ledger *l, u32 slot, u32 asset, struct croft_amt amount);
void croft_debit(struct croft_ledger *l, u32 slot, u32 asset, struct croft_amt amount);
void croft_system_credit(struct croft_ledger *l, enum croft_system_account which, u32 asset, struct croft_amt amount);
void croft_system_debit(struct croft_ledger *l, enum croft_system_account which, u32 asset, struct croft_amt amount);

void croft_open_records_add(struct croft_ledger *l, u32 slot, int change); /* +1 or -1 */

/* Puts a checked key set into a record, every window starting at nonce_floor. */
void croft_keys_install(const Croft__V1__KeySet *set, u64 nonce_floor, u8 *out_count, u8 *out_threshold,
                        struct croft_key_record *out_key);
bool croft_key_is_active(const struct croft_key_record *k, u64 now_s);
u32 croft_day_of(u64 time_s);

/* Replay window of a key. */
bool croft_nonce_is_fresh(const struct croft_key_record *k, u64 nonce);
void croft_nonce_use(struct croft_key_record *k, u64 nonce); /* must be fresh (asserted) */

/* Whether the daily caps of all signing keys allow amount more, and booking it. */
bool croft_caps_allow(const struct croft_account_record *r, const struct croft_tx *tx, u32 asset, struct croft_amt amount,
                      u64 now_s);
void croft_caps_book(struct croft_account_record *r, const struct croft_tx *tx, u32 asset, struct croft_amt amount,
                     u64 now_s);

bool croft_has_caps(const struct croft_account_record *r, const struct croft_tx *tx);

/* ---- issuer.c ---- */

/* The slot of an issuer's record, or CROFT_SLOT_NONE with *out unchanged. */
u32 croft_issuer_find(const struct croft_ledger *l, const struct croft_address *a, u32 asset,
                      struct croft_issuer_record *out);
/* What can still be redeemed or withdrawn: the rest is promised. */
struct croft_amt croft_issuer_free(const struct croft_issuer_record *r);

/* Makes money, which the caller puts into an account: OP_ISSUER, OP_ISSUER_CAP, OP_OVERFLOW. */
CROFT_MUST_USE croft_err croft_issue(struct croft_ledger *l, const struct croft_address *issuer, u32 asset,
                                     struct croft_amt amount);
/* Takes money that has left its account out of the world: OP_ISSUER, OP_OUTSTANDING. */
CROFT_MUST_USE croft_err croft_issued_destroy(struct croft_ledger *l, const struct croft_address *issuer, u32 asset,
                                              struct croft_amt amount);

/* ---- check.c ---- */

struct croft_checked {
    struct croft_account account; /* the payer, with the key set it shows installed */
    u64 cost;
    struct croft_amt fee;
    struct croft_tx_auth auth;
};
CROFT_MUST_USE croft_err croft_check_all(const struct croft_ledger *l, const struct croft_tx *tx, u64 now_s,
                                         struct croft_checked *out);
/* Parameters by number: whether a vote still fits into a block, so that they can be changed again. */
bool croft_params_leave_a_vote(const u64 *param);
u64 croft_lane_cost_max(const struct croft_ledger *l, const struct croft_tx *tx); /* of a whole block */

/* ---- op_table.c: what is known of an operation before it runs ---- */

struct croft_op;
struct croft_op_writes {
    u64 written, created; /* records, the payer's account not among them */
};
struct croft_op_info {
    enum croft_scope scope;
    u32 since;  /* protocol that brought it */
    bool quota; /* settlement: gets through when the normal lane is dear or full */
    struct croft_op_writes writes;
    croft_err (*run)(struct croft_op *o);
};
const struct croft_op_info *croft_op_info_of(u32 op); /* one that croft_tx_decode takes (asserted) */
struct croft_op_writes croft_op_writes(const struct croft_ledger *l, const struct croft_tx *tx);

/* ---- operations ---- */

/* One operation under way.  The fee is taken and the nonce spent before it; on an error the caller undoes all else. */
struct croft_op {
    struct croft_ledger *l;
    const struct croft_tx *tx;
    u32 payer;        /* slot of the signing account */
    u64 now_s;
    u64 height;
    bool capped;            /* a signing key has a daily cap */
    struct croft_amt value; /* for the receipt */
};

/* Takes money off the payer: CROFT_ERR_OP_FUNDS, CROFT_ERR_OP_CAP. */
CROFT_MUST_USE croft_err croft_spend(struct croft_op *o, u32 asset, struct croft_amt amount);

/* Takes the deposit for a new record off the payer: CROFT_ERR_OP_DEPOSIT, CROFT_ERR_OP_CAP. */
CROFT_MUST_USE croft_err croft_deposit_take(struct croft_op *o, struct croft_amt *out_deposit);
void croft_deposit_return(struct croft_ledger *l, u32 slot, struct croft_amt deposit);

/* The slot of an account, created at the payer's expense if it is not there. */
CROFT_MUST_USE croft_err croft_account_reach(struct croft_op *o, const struct croft_address *a, u32 *out_slot);

croft_err croft_op_money(struct croft_op *o);    /* transfer, pending_*, issue, redeem, withdraw* */
croft_err croft_op_keys(struct croft_op *o);     /* key_*, set_guardian, recover_*, close_account */
croft_err croft_op_govern(struct croft_op *o);   /* propose, vote */
croft_err croft_op_provider(struct croft_op *o); /* node_*, provider_leave, stake_*, claim_set */
croft_err croft_op_offer(struct croft_op *o);    /* class_set, offer_* */
croft_err croft_op_order(struct croft_op *o);    /* order_* */
croft_err croft_op_lease(struct croft_op *o);    /* lease_* but commit, settle */
croft_err croft_op_batch(struct croft_op *o);    /* lease_commit, task_*, slash */
croft_err croft_op_auction(struct croft_op *o);  /* bid_* */
croft_err croft_op_token(struct croft_op *o);    /* oracle_report, buyback, claim_reward */

/* Ends records before or at their time; shared by operations and expiry.c. */
void croft_pending_end(struct croft_ledger *l, u32 slot, struct croft_amt to_payee, u32 payee_slot);
void croft_withdrawal_end(struct croft_ledger *l, u32 slot, bool burn);
void croft_recovery_end(struct croft_ledger *l, u32 slot, bool replace_keys);
void croft_proposal_end(struct croft_ledger *l, u32 slot);

/* ---- record keys ---- */

void croft_key_account_id(const struct croft_address *a, u64 id, u8 out[40]);
void croft_key_u64(u64 v, u8 out[8]);
void croft_key_issuer(const struct croft_address *a, u32 asset, u8 out[33]);
void croft_key_param(u32 number, u8 out[2]);
struct croft_address croft_address_of(ProtobufCBinaryData b); /* 32 bytes (asserted); empty gives zero */
bool croft_address_equal(const struct croft_address *a, const struct croft_address *b);

/* ---- generic records ---- */

/* Decodes the record in a slot; a stored record always decodes (asserted). */
void croft_record_load(const struct croft_ledger *l, u32 table, u32 slot, void *out);
void croft_record_store(struct croft_ledger *l, u32 table, u32 slot, const void *record);
CROFT_MUST_USE croft_err croft_record_insert(struct croft_ledger *l, u32 table, const u8 *key, const void *record,
                                             u32 *out_slot);

/* ---- expiry.c, ledger.c ---- */

void croft_expire_due(struct croft_ledger *l, u64 now_s);
void croft_param_create(struct croft_ledger *l, u32 number, u64 value); /* its record, which there is none of yet */
void croft_params_stored(const struct croft_ledger *l, u64 out[CROFT_PARAMS_MAX]); /* by number, as they are stored */
void croft_params_refresh(struct croft_ledger *l);
/* What a protocol from `to` brings beside parameters: the system account TOKEN, and on a network with CROFT its issuers
 * and the token's record.  Nothing for protocols up to `above`. */
CROFT_MUST_USE croft_err croft_protocol_begin(struct croft_ledger *l, u32 above, u32 to, u64 now_s);
void croft_roots_refresh(struct croft_ledger *l); /* named roots and app hash from the kept trees */
void croft_system_refresh(struct croft_ledger *l); /* slots of the system accounts */

#endif
