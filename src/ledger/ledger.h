/* ledger/ledger.h - the state machine: check, prepare, process, finalize, commit, query, snapshot.
 *
 * The shape of ABCI, as plain calls; consensus/solo and consensus/cometbft are two drivers of it.
 *
 *            check (any time)
 *   IDLE --block_begin--> OPEN --block_tx*--> OPEN --block_end--> ENDED --accept--> IDLE
 *                          |                                       |
 *                          +----------------undo------------------+--> IDLE, as before begin
 *
 *   prepare   = begin, block_tx for each candidate (those refused stay out), end, undo
 *   process   = begin, block_tx for each (any refusal rejects the block), end; undo or keep
 *   finalize  = the same, kept; commit = accept, once the driver has made the block durable
 *
 * Pure: bytes and block time in, verdicts and roots out; all memory from one arena at init.  One owner.
 */
#ifndef CROFT_LEDGER_LEDGER_H
#define CROFT_LEDGER_LEDGER_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/sign.h"
#include "ledger/roots.h"
#include "ledger/state.h"
#include "wire/block.h"
#include "wire/param.h"
#include "wire/tx.h"

#include "croft/v1/genesis.pb-c.h"

/* Numbers of the protocol whose rules this release knows. */
enum { CROFT_PROTOCOL_MIN = 1, CROFT_PROTOCOL_MARKET = 2, CROFT_PROTOCOL_MAX = 2 };

struct croft_ledger;

size_t croft_ledger_size(const struct croft_state_limits *limits);

/* An empty ledger.  CROFT_ERR_NOMEM when mem has less than croft_ledger_size; mem is fresh zero pages. */
CROFT_MUST_USE croft_err croft_ledger_init(struct croft_arena *mem, const struct croft_state_limits *limits,
                                           struct croft_ledger **out);

/* ---- genesis ---- */

/* The network's id: BLAKE2b-256(key "croft genesis 1", packed genesis). */
struct croft_hash croft_genesis_id(const Croft__V1__Genesis *g, struct croft_arena scratch);

/* CROFT_ERR_GENESIS, with why naming the field, unless every field is in range and every name resolves. */
CROFT_MUST_USE croft_err croft_genesis_check(const Croft__V1__Genesis *g, struct croft_why *why);

/* Fills an empty ledger from a checked genesis (asserted); the roots after it are those of height 0.
 *   CROFT_ERR_GENESIS  a grant exceeds its issuer's cap, or there is not enough for the deposits of the accounts */
CROFT_MUST_USE croft_err croft_ledger_genesis(struct croft_ledger *l, const Croft__V1__Genesis *g,
                                              const struct croft_hash *network, struct croft_why *why);

/* ---- transactions ---- */

/* The keys a transaction must be signed with, as check found them; filled by check, read by verify. */
struct croft_tx_auth {
    u32 count;
    struct croft_public_key key[CROFT_TX_SIGNATURES_MAX];
    struct croft_amt fee; /* what it would pay in the next block */
    bool verified; /* set by croft_tx_auth_verify: each signature is right under key[] */
};

/* Everything that can be said before a block, but the signatures: refusals in this order.
 *   TX_SIZE  TX_PROTOCOL  TX_EXPIRED  TX_TOO_LONG  TX_ACCOUNT  TX_KEY_SET  TX_KEY  TX_REPLAY  TX_SCOPE  TX_LANE  TX_FEE
 *   TX_FUNDS  TX_CAP */
CROFT_MUST_USE croft_err croft_ledger_check(const struct croft_ledger *l, const struct croft_tx *tx, u64 now_s,
                                            struct croft_tx_auth *out_auth);

/* Needs no ledger, so any thread may do it: CROFT_ERR_TX_SIGNATURE unless every signature is right, those of vouchers
 * inside too. */
CROFT_MUST_USE croft_err croft_tx_auth_verify(const struct croft_tx *tx, struct croft_tx_auth *auth);

/* Cost units of a transaction under the parameters in force, and the fee it would pay in the next block. */
u64 croft_ledger_cost(const struct croft_ledger *l, const struct croft_tx *tx);
struct croft_amt croft_ledger_fee(const struct croft_ledger *l, const struct croft_tx *tx);

/* A hint, as in state.h: these transactions are checked soon, or put in a block.  out_slot: of who pays each. */
enum { CROFT_LEDGER_BRING_MAX = CROFT_STATE_BRING_MAX / 2 };
void croft_ledger_bring(const struct croft_ledger *l, const struct croft_tx *const *tx, u32 count, u32 *out_slot);

/* ---- blocks ---- */

/* Opens a block and handles what is due at time_s (at most DUE_PER_BLOCK_MAX records; the rest comes next).
 * height is the last one plus 1 and time_s not before the last (asserted).
 *   CROFT_ERR_PROTOCOL  this height needs rules that this release does not know; why says which release does */
CROFT_MUST_USE croft_err croft_ledger_block_begin(struct croft_ledger *l, u64 height, u64 time_s,
                                                  struct croft_why *why);

/* Puts one transaction in.  CROFT_OK: it is in the block with *out_receipt (done, or failed with its fee taken).
 * An error: refused, nothing changed; those of check, then TX_SIGNATURE, then TX_BLOCK_FULL.
 * auth: NULL, or what check filled and croft_tx_auth_verify verified; keys that changed since are verified again. */
CROFT_MUST_USE croft_err croft_ledger_block_tx(struct croft_ledger *l, const struct croft_tx *tx,
                                               const struct croft_tx_auth *auth, struct croft_receipt *out_receipt);

/* With trust, block_tx takes signatures as right: for replaying this machine's own log, whose blocks were verified
 * before they were written, and for benchmarks that leave them out. */
void croft_ledger_trust_signatures(struct croft_ledger *l, bool trust);

/* Closes the block: base fee, roots.  What is returned stays readable until accept or undo. */
struct croft_block_end {
    u32 protocol;
    struct croft_hash app_hash, receipts_root;
    const struct croft_due *due; /* what happened by time */
    u32 due_count;
};
/* What the open block holds by time, for a driver that plans the block's bytes: what was due at block_begin, and what
 * transactions touched since, each at most CROFT_DUES_OF_TX_MAX (64 vouchers, each for an order that is due with all
 * its leases: those that live, the disks kept of those before, and the disks kept on the way). */
enum { CROFT_DUES_OF_TX_MAX = 1 << 15 };
u32 croft_ledger_block_due_count(const struct croft_ledger *l);

void croft_ledger_block_end(struct croft_ledger *l, struct croft_block_end *out);

void croft_ledger_block_accept(struct croft_ledger *l);
void croft_ledger_block_undo(struct croft_ledger *l); /* from OPEN or ENDED */

/* ---- reading ---- */

const struct croft_state *croft_ledger_state(const struct croft_ledger *l);
u64 croft_ledger_height(const struct croft_ledger *l);   /* of the last accepted block; 0 after genesis */
u64 croft_ledger_time_s(const struct croft_ledger *l);
struct croft_hash croft_ledger_app_hash(const struct croft_ledger *l); /* after the last accepted block */
struct croft_chain_record croft_ledger_chain(const struct croft_ledger *l);
const struct croft_hash *croft_ledger_network(const struct croft_ledger *l);
u64 croft_ledger_param(const struct croft_ledger *l, enum croft_param which);

/* Seconds since 1970 at which a block is due even without transactions; UINT64_MAX: none. */
u64 croft_ledger_next_due_s(const struct croft_ledger *l);

/* Named roots after the last accepted block, for proofs. */
void croft_ledger_named_roots(const struct croft_ledger *l, struct croft_hash out[CROFT_ROOT_COUNT]);
const struct croft_roots *croft_ledger_roots(const struct croft_ledger *l);

/* ---- audit: everything again, the slow way ----
 *   money:  per asset, the balances sum to what issuers have outstanding; every system account holds the sum of the
 *           records it stands for
 *   market: the invariants of docs/spec/market.md
 *   roots:  trees by recursion and LtHash from nothing equal the kept ones
 * scratch holds croft_ledger_audit_size.  On a difference why says what and CROFT_ERR_STATE is returned. */
size_t croft_ledger_audit_size(const struct croft_state_limits *limits);
CROFT_MUST_USE croft_err croft_ledger_audit(const struct croft_ledger *l, struct croft_arena scratch,
                                            struct croft_why *why);

/* ---- storing ---- */

/* What lies beside the records in a checkpoint or snapshot: height, time, block id, high marks, LtHash, receipts peaks. */
enum { CROFT_LEDGER_META_MAX = 8192 };
size_t croft_ledger_save_meta(const struct croft_ledger *l, const struct croft_hash *block_id, u8 out[static CROFT_LEDGER_META_MAX]);

/* Loading into a ledger that is as after init: each record, then the meta blob.
 *   CROFT_ERR_STATE  damaged, or the roots do not come out as written
 *   CROFT_ERR_FORMAT a later format
 *   CROFT_ERR_NETWORK  another network's */
CROFT_MUST_USE croft_err croft_ledger_load(struct croft_ledger *l, u32 table, u32 slot, struct croft_bytes key,
                                           struct croft_bytes value);
CROFT_MUST_USE croft_err croft_ledger_load_meta(struct croft_ledger *l, struct croft_bytes meta,
                                                const struct croft_hash *network, struct croft_hash *out_block_id,
                                                struct croft_why *why);

/* The driver took a checkpoint of the unsaved slots (croft_state_unsaved). */
void croft_ledger_saved(struct croft_ledger *l);
/* That checkpoint failed: this slot is unsaved again. */
void croft_ledger_unsave(struct croft_ledger *l, u32 table, u32 slot);

#endif
