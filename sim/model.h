/* sim/model.h - what the ledger should do, said a second time and as plainly as possible.
 *
 * Written from docs/spec/ledger.md, not from src/ledger: tables are arrays that are searched from the start,
 * nonces are a list of those used, nothing is journalled, hashed or undone.  An operation first finds out
 * whether it will be refused and only then changes anything.  The place of a record in its array is the slot
 * it must have in the ledger: a new record takes the lowest free one.
 *
 *   croft_model_begin --croft_model_tx*--> croft_model_end      only for blocks that are known to stand
 *                     --> croft_model_abandon
 */
#ifndef CROFT_SIM_MODEL_H
#define CROFT_SIM_MODEL_H

#include "base/err.h"
#include "base/types.h"
#include "sim/tx.h"
#include "wire/block.h"
#include "wire/param.h"
#include "wire/record.h"

#include "croft/v1/genesis.pb-c.h"

/* The most records of a network with records_max_log2 = 10, which is what the simulator's has. */
enum {
    CROFT_MODEL_ACCOUNTS = 1024,
    CROFT_MODEL_PENDINGS = 1024,
    CROFT_MODEL_WITHDRAWALS = 256,
    CROFT_MODEL_RECOVERIES = 256,
    CROFT_MODEL_ISSUERS = 256,
    CROFT_MODEL_VALIDATORS = 64,
    CROFT_MODEL_PROPOSALS = 256,
    CROFT_MODEL_VOTES = 16384,
    CROFT_MODEL_PARAMS = 64,
    CROFT_MODEL_DUES =
        CROFT_MODEL_PENDINGS + CROFT_MODEL_WITHDRAWALS + CROFT_MODEL_RECOVERIES + CROFT_MODEL_PROPOSALS,
};
enum { CROFT_MODEL_NONE = UINT32_MAX };

/* Every record begins with `live`; the others are free places. */
struct croft_model_account {
    bool live;
    struct croft_address address;
    struct croft_account_record r; /* but for the nonce maps, which croft_model_account_record makes */
    u32 last_use[CROFT_KEYS_MAX];  /* 1 + place in use[] of the last nonce used by this key; 0: none */
};
struct croft_model_pending {
    bool live;
    struct croft_address payer;
    u64 id;
    struct croft_pending_record r;
};
struct croft_model_issuer {
    bool live;
    struct croft_address address;
    u8 asset;
    struct croft_issuer_record r;
};
struct croft_model_withdrawal {
    bool live;
    struct croft_address owner;
    u64 id;
    struct croft_withdrawal_record r;
};
struct croft_model_validator {
    bool live;
    u8 public_key[32];
    struct croft_validator_record r;
};
struct croft_model_proposal {
    bool live;
    u64 id;
    struct croft_proposal_record r;
};
struct croft_model_vote {
    bool live;
    u64 proposal;
    struct croft_address operator_address;
    struct croft_vote_record r;
};
struct croft_model_recovery {
    bool live;
    struct croft_address account;
    struct croft_recovery_record r;
};

struct croft_model_use {
    u64 nonce;
    u32 before; /* as last_use */
};

struct croft_model {
    struct croft_model_account account[CROFT_MODEL_ACCOUNTS];
    struct croft_model_pending pending[CROFT_MODEL_PENDINGS];
    struct croft_model_issuer issuer[CROFT_MODEL_ISSUERS];
    struct croft_model_withdrawal withdrawal[CROFT_MODEL_WITHDRAWALS];
    struct croft_model_validator validator[CROFT_MODEL_VALIDATORS];
    struct croft_model_proposal proposal[CROFT_MODEL_PROPOSALS];
    struct croft_model_vote vote[CROFT_MODEL_VOTES];
    struct croft_model_recovery recovery[CROFT_MODEL_RECOVERIES];
    u32 high[CROFT_TABLE_COUNT];  /* places ever used */
    u32 count[CROFT_TABLE_COUNT]; /* live records */
    struct croft_chain_record chain;
    u64 param[CROFT_MODEL_PARAMS]; /* by number, as the last block left them */
    struct croft_model_use *use;
    u32 use_count, use_room;

    u64 height, time_s, time_before_s; /* of the last block, or of the open one; of the one before */
    u64 block_param[CROFT_MODEL_PARAMS], block_base_fee, block_cost[2], block_fees;
    u32 block_txs;
    struct croft_due due[CROFT_MODEL_DUES]; /* of the open block */
    u32 due_count;
};

/* A network after its genesis, which has passed croft_genesis_check and asks for no more than its issuers'
 * caps. Memory is malloc's. */
struct croft_model *croft_model_make(const Croft__V1__Genesis *g);
void croft_model_free(struct croft_model *m);

/* What decoding must say of a transaction that is not mangled: CROFT_OK, TX_DECODE, TX_RANGE, TX_RESERVED,
 * TX_SELF. */
croft_err croft_model_form(const struct croft_sim_tx *t);

/* What the check between two blocks must say at now_s: every refusal that needs no signature. */
croft_err croft_model_check(const struct croft_model *m, const struct croft_sim_tx *t, u64 now_s);

/* Whether every signature is by the key it names: CROFT_OK or TX_SIGNATURE.  The check must have passed
 * (asserted). */
croft_err croft_model_signatures(const struct croft_model *m, const struct croft_sim_tx *t, u64 now_s);

/* Cost and fee in the next block; the fee is UINT64_MAX when it does not fit. */
u64 croft_model_cost(const struct croft_model *m, const struct croft_sim_tx *t);
u64 croft_model_fee(const struct croft_model *m, u64 cost, u32 lane);

/* Opens a block and ends what is due; m->due says what. */
void croft_model_begin(struct croft_model *m, u64 height, u64 time_s);

/* A transaction in the open block: its refusal, nothing changed; or CROFT_OK and its receipt. */
croft_err croft_model_tx(struct croft_model *m, const struct croft_sim_tx *t, struct croft_receipt *out);
croft_err croft_model_refusal(const struct croft_model *m,
                              const struct croft_sim_tx *t); /* the refusal alone */
void croft_model_end(struct croft_model *m);

/* Closes a block in which nothing happened (asserted), as if it had not been opened. */
void croft_model_abandon(struct croft_model *m);

/* The place of a record, or CROFT_MODEL_NONE. */
u32 croft_model_account_at(const struct croft_model *m, const struct croft_address *a);
u32 croft_model_pending_at(const struct croft_model *m, const struct croft_address *payer, u64 id);
u32 croft_model_issuer_at(const struct croft_model *m, const struct croft_address *a, u32 asset);
u32 croft_model_withdrawal_at(const struct croft_model *m, const struct croft_address *owner, u64 id);
u32 croft_model_validator_at(const struct croft_model *m, const u8 public_key[32]);
u32 croft_model_proposal_at(const struct croft_model *m, u64 id);
u32 croft_model_vote_at(const struct croft_model *m, u64 proposal,
                        const struct croft_address *operator_address);
u32 croft_model_recovery_at(const struct croft_model *m, const struct croft_address *account);

bool croft_model_nonce_used(const struct croft_model *m, const struct croft_model_account *a, u32 key,
                            u64 nonce);

/* Seconds at which something is due; UINT64_MAX: never. */
u64 croft_model_next_due_s(const struct croft_model *m);

/* The record as it must be stored, nonce maps included. */
struct croft_account_record croft_model_account_record(const struct croft_model *m,
                                                       const struct croft_model_account *a);

#endif
