/* sim/sim_int.h - the simulation's insides.
 *
 *   sim.c       a run from begin to end         genesis.c  the network and the wallets of a seed
 *   scenario.c  the ledger and its model        market/    the market and its actors
 *   source.c    what makes events happen        draft.c    making and signing a transaction
 *   actors.c    kinds of people                 make_*.c   one operation each, plausible or odd
 *   faults.c    kinds of misfortune             mistakes.c what can be wrong with a transaction
 *   client.c    submitting, answers             node.c     drivers: open, stop, step, follow, checkpoint
 *   oracles.c   what must be true               model*.c   what should have happened
 */
#ifndef CROFT_SIM_SIM_INT_H
#define CROFT_SIM_SIM_INT_H

#include "base/arena.h"
#include "base/rng.h"
#include "consensus/solo/solo.h"
#include "sim/fake_checkpoint.h"
#include "sim/fake_disk.h"
#include "sim/history.h"
#include "sim/model.h"
#include "sim/sim.h"
#include "sim/tx.h"
#include "sim/world.h"

#include <setjmp.h>

enum {
    CROFT_SIM_WALLETS = 48,
    CROFT_SIM_OPERATORS = 4, /* wallets 0 to 3 */
    CROFT_SIM_ISSUERS = 4,   /* wallets 4 to 7: two of credits, two of CROFT */
    CROFT_SIM_GRANTED = 36,  /* wallets below this have an account from genesis on */
    CROFT_SIM_BATCH_MAX = 300,
    CROFT_SIM_BUCKETS = 4096,
};

/* An account that somebody may open and use.  Its keys are in the ring. */
struct croft_sim_wallet {
    struct croft_address address;
    Croft__V1__KeySet *first; /* what the address is the hash of */
};

/* A driver on its own disk. */
struct croft_sim_node {
    const char *name;
    struct croft_fake_disk *disk;
    struct croft_fake_checkpoint *checkpoint;
    const struct croft_secret_key *key; /* NULL: it follows */
    struct croft_region memory, job_memory;
    struct croft_solo *solo; /* NULL: it is down */
    struct croft_checkpoint_job job;
    bool job_running;
};

/* A batch on its way through the driver. */
struct croft_sim_flight {
    struct croft_batch batch;
    u8 *memory;
    u32 next; /* first item whose answer was not looked at; those that admit refused are passed over */
    struct croft_sim_flight *behind;
    struct croft_sim_tx *tx[CROFT_SIM_BATCH_MAX];
    bool answered[CROFT_SIM_BATCH_MAX];
    struct croft_item item[CROFT_SIM_BATCH_MAX];
};

struct croft_sim;
struct croft_sim_source;

/* What happens in the world and what must come of it; the driver, its faults, time and clients are the same in all.
 * ledger: every answer and every byte as the model says.  market: what each actor may gain at most. */
struct croft_sim_scenario {
    const char *name;
    const struct croft_sim_source *actors;
    const size_t *actor_count;
    u32 hurry;   /* faults come so many times as often as they do to the ledger's people, who live slowly */
    u32 wallets; /* numbers that actors get, from the first one that is no operator or issuer */
    bool (*stays_away)(const struct croft_sim *s, const char *source); /* NULL: nobody does */
    void (*begin)(struct croft_sim *s); /* after it there is a genesis; nodes are opened next */
    void (*end)(struct croft_sim *s);   /* gives memory back; also after a run that broke */
    void (*drain)(struct croft_sim *s); /* the steps are over, faults too */
    void (*block_begins)(struct croft_sim *s, const struct croft_block *b);
    void (*tx_stands)(struct croft_sim *s, const struct croft_sim_tx *t, const struct croft_receipt *receipt);
    void (*block_ends)(struct croft_sim *s, const struct croft_block *b);
    void (*no_block)(struct croft_sim *s); /* the sequencer worked and made none */
    void (*check_state)(struct croft_sim *s, const struct croft_ledger *l);
};
extern const struct croft_sim_scenario croft_sim_ledger, croft_sim_market;

/* By its name, NULL being the first one; NULL when there is none. */
const struct croft_sim_scenario *croft_sim_scenario_of(const char *name);

struct croft_sim {
    const struct croft_sim_options *options;
    const struct croft_sim_scenario *scenario;
    struct croft_sim_result *result;
    struct croft_sim_world world;
    struct croft_rng rng, fault_rng;
    struct croft_region memory, scratch;
    struct croft_arena mem; /* for the whole run */
    struct croft_history history;

    Croft__V1__Genesis *genesis;
    struct croft_hash network;
    u32 block_txs_max;
    u64 log_room_bytes; /* 0: the log writes no zeros ahead */
    struct croft_secret_key sequencer;
    struct croft_sim_wallet wallet[CROFT_SIM_WALLETS];
    struct croft_secret_key *ring;
    u32 ring_count, ring_room;

    struct croft_model *model;   /* NULL: answers are not foretold */
    struct croft_msim *market; /* of that scenario */
    u64 height;                  /* of the last block */
    struct croft_sim_node node[2]; /* the sequencer and its follower */
    struct croft_sim_flight *flight, **flight_tail;
    u64 busy_until_ms; /* the sequencer's thread has other things to do */
    u64 away_until_ms; /* the follower gets no blocks */
    u64 last_time_ms;  /* of the last block */
    bool stopped;      /* the next block needs a protocol that this release does not know */
    struct croft_hash last_id;
    struct croft_bytes *block; /* every block, [0] is height 1 */
    u32 block_room;

    struct croft_sim_tx **tx;
    u32 tx_count, tx_room;
    u32 bucket[CROFT_SIM_BUCKETS], *next_in_bucket; /* by id: 1 + place in tx */

    u32 odd_one_in; /* how often the actor at work chooses oddly */
    jmp_buf broken; /* where a violated rule ends the run */
};

/* ---- sim.c ---- */

/* Adds an event to the history. */
CROFT_PRINTF(2, 3) void croft_sim_note(struct croft_sim *s, const char *fmt, ...);

/* Ends the run: a rule is violated. */
_Noreturn CROFT_PRINTF(2, 3) void croft_sim_fail(struct croft_sim *s, const char *fmt, ...);

#define CROFT_SIM_MUST(s, condition, ...)     \
    do {                                      \
        if (!(condition))                     \
            croft_sim_fail((s), __VA_ARGS__); \
    } while (0)

/* Room in the run's arena; never NULL (asserted). */
void *croft_sim_take(struct croft_sim *s, size_t count, size_t size);
#define croft_sim_new(s, type, count) ((type *)croft_sim_take((s), (count), sizeof(type)))

u64 croft_sim_below(struct croft_sim *s, u64 limit);
bool croft_sim_chance(struct croft_sim *s, u64 one_in);
bool croft_sim_odd(struct croft_sim *s); /* as often as the actor at work is odd */

/* ---- source.c ---- */

/* Something that makes events happen: so many of it, each again after about pause_s. */
struct croft_sim_source {
    const char *name;
    u32 count;
    u64 pause_s;
    void (*act)(struct croft_sim *s, u32 wallet); /* a fault has no use for the wallet */
};
extern const struct croft_sim_source croft_sim_actors[], croft_sim_faults[];
extern const size_t croft_sim_actor_count, croft_sim_fault_count;

/* Names that --without gives. */
bool croft_sim_is_without(const struct croft_sim *s, const char *name);

void croft_sim_start_sources(struct croft_sim *s);

/* ---- genesis.c ---- */

void croft_sim_make_network(struct croft_sim *s);

/* A new secret key in the ring, and the one that belongs to a public key; NULL when nobody has it. */
struct croft_public_key croft_sim_new_key(struct croft_sim *s);
const struct croft_secret_key *croft_sim_secret_of(const struct croft_sim *s, const u8 public_key[32]);

Croft__V1__Key *croft_sim_make_key(struct croft_sim *s, u32 scopes);
Croft__V1__KeySet *croft_sim_make_key_set(struct croft_sim *s, u64 kind);
ProtobufCBinaryData croft_sim_copy(struct croft_sim *s, const void *bytes, size_t len);

/* ---- draft.c ---- */

struct croft_sim_draft {
    u32 wallet; /* whose account acts */
    Croft__V1__TxBody *body;
    u32 signer_count;
    u8 signer[CROFT_TX_SIGNATURES_MAX];
    struct croft_public_key key[CROFT_TX_SIGNATURES_MAX]; /* who signs as this signer */
    bool foreign;                                         /* for another network */
    u64 fee_slack; /* 0: fee_max is generous; 1: exactly the fee; 2: one unit less */
    u32 cap_key;   /* not 0: signed by key cap_key - 1, and the one leg takes, with the fee, cap_left */
    u64 cap_left;
    void (*mangle)(struct croft_sim *s, u8 *bytes, size_t *len); /* afterwards; len may grow by 16 */
};

struct croft_sim_draft croft_sim_draft_of(struct croft_sim *s, u32 wallet);

/* Fills in what every transaction needs, as somebody would who looks at the chain: nonce, time, keys, fee. */
void croft_sim_draft_fill(struct croft_sim *s, struct croft_sim_draft *d);

/* Signs it; the transaction lives as long as the run. */
struct croft_sim_tx *croft_sim_draft_sign(struct croft_sim *s, const struct croft_sim_draft *d);

/* Takes a signed transaction into the run's list. */
void croft_sim_tx_keep(struct croft_sim *s, struct croft_sim_tx *t);

/* A transaction that is given as bytes; body and the rest are those of `like`. */
struct croft_sim_tx *croft_sim_tx_like(struct croft_sim *s, const struct croft_sim_tx *like,
                                       struct croft_bytes bytes);

/* The one with these bytes; NULL when nobody made it.  Any with this id that is in a block; NULL. */
struct croft_sim_tx *croft_sim_tx_find(const struct croft_sim *s, const struct croft_hash *id,
                                       struct croft_bytes bytes);
struct croft_sim_tx *croft_sim_tx_in_block(const struct croft_sim *s, const struct croft_hash *id);

/* The wallet's account in the model; NULL when it is not open. */
const struct croft_model_account *croft_sim_account(const struct croft_sim *s, u32 wallet);
u32 croft_sim_wallet_of(const struct croft_sim *s,
                        const struct croft_address *a); /* CROFT_SIM_WALLETS: nobody's */
ProtobufCBinaryData croft_sim_address(struct croft_sim *s, u32 wallet);
u64 croft_sim_now_s(const struct croft_sim *s); /* of the next block */

/* ---- make_*.c: one operation ---- */

/* Fills the operation in; may hand the draft to the wallet that has the say.  False: there is nothing to do
 * it to. */
typedef bool croft_sim_make(struct croft_sim *s, struct croft_sim_draft *d);

croft_sim_make croft_sim_make_transfer, croft_sim_make_spend_cap, croft_sim_make_pending_open,
    croft_sim_make_pending_post, croft_sim_make_pending_void, croft_sim_make_issue, croft_sim_make_redeem,
    croft_sim_make_withdraw, croft_sim_make_withdraw_paid, croft_sim_make_withdraw_return;
croft_sim_make croft_sim_make_key_add, croft_sim_make_key_revoke, croft_sim_make_key_rotate,
    croft_sim_make_key_thresholds, croft_sim_make_set_guardian, croft_sim_make_recover_start,
    croft_sim_make_recover_cancel, croft_sim_make_close_account;
croft_sim_make croft_sim_make_propose, croft_sim_make_vote;

/* A transfer with so many legs, to accounts that are open or not. */
void croft_sim_fill_transfer(struct croft_sim *s, struct croft_sim_draft *d, u32 legs, bool fresh);

/* Somebody with an account, or now and then anybody. */
u32 croft_sim_someone(struct croft_sim *s, u32 but);
u64 croft_sim_some_amount(struct croft_sim *s, u64 has);

/* ---- mistakes.c ---- */

/* One mistake, on purpose or not, in a filled draft. */
void croft_sim_mistake(struct croft_sim *s, struct croft_sim_draft *d);

/* ---- client.c ---- */

/* Gives transactions to the sequencer as one batch and checks what admission says.  Nothing on a stopped
 * chain. */
void croft_sim_submit(struct croft_sim *s, struct croft_sim_tx *const *tx, u32 count);

/* Looks at the answers that a step gave, in the order of the queue.  block: what it made; NULL: no block. */
void croft_sim_answers(struct croft_sim *s, const struct croft_block *block);

/* Answers to a block that could not be written: nothing of it happened. */
void croft_sim_answers_full(struct croft_sim *s);

/* Takes back the batches that a step gave back. */
void croft_sim_land(struct croft_sim *s, struct croft_batch *done);

/* The driver is gone, and with it everything on its way. */
void croft_sim_lose_flights(struct croft_sim *s);

/* A transaction stands in a block. */
void croft_sim_tx_stands(struct croft_sim *s, struct croft_sim_tx *t, u64 height, u32 index,
                         const struct croft_receipt *receipt);

/* ---- node.c ---- */

enum croft_sim_stop { CROFT_SIM_CLOSE, CROFT_SIM_KILL, CROFT_SIM_POWER_LOSS };

void croft_sim_nodes_make(struct croft_sim *s);
void croft_sim_nodes_free(struct croft_sim *s);

/* Stops a node as said and opens it again, until that succeeds; the sequencer's state is then checked and the
 * model brought up to it. */
void croft_sim_restart(struct croft_sim *s, struct croft_sim_node *n, enum croft_sim_stop how);

/* When the sequencer has something to do; UINT64_MAX: never, or not any more. */
u64 croft_sim_work_ms(const struct croft_sim *s);

/* Lets the sequencer make blocks as long as it has something to do, and the follower follow. */
void croft_sim_work(struct croft_sim *s);
void croft_sim_follow(struct croft_sim *s);

/* Begins a checkpoint, or finishes the one that was begun. */
void croft_sim_checkpoint(struct croft_sim *s, struct croft_sim_node *n);

/* The follower takes over, the sequencer follows. */
void croft_sim_promote(struct croft_sim *s);

/* ---- oracles.c ---- */

/* A block stands: the model does the same, and everything must come out as it says.  tried: answers of this
 * step are looked at on the way. */
void croft_sim_block_stands(struct croft_sim *s, struct croft_bytes bytes, bool tried);

/* The ledger's own audit: money, trees and LtHash the slow way. */
void croft_sim_check_audit(struct croft_sim *s, const struct croft_ledger *l);

/* Every record, sum and root of a ledger against the model and the slow way. */
void croft_sim_check_state(struct croft_sim *s, const struct croft_ledger *l);

/* What was acknowledged is where it was said to be: block, index and bytes. */
void croft_sim_check_kept(struct croft_sim *s, struct croft_sim_node *n, struct croft_sim_tx *t);

/* What was due in a block, against the model. */
void croft_sim_check_dues(struct croft_sim *s, const struct croft_block *b);

/* No transaction that is in a block gets past the check again. */
void croft_sim_check_replays(struct croft_sim *s);

#endif
