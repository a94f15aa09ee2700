/* consensus/solo/solo.h - one sequencer: from transactions to durable blocks.
 *
 *   admit   decode and check a batch          (driver's thread)
 *   verify  its signatures                    (any thread; needs no driver)
 *   queue   in order of arrival               (driver's thread)
 *   step    a block: from the queue, or because something is due; durable before anyone is told
 *
 * No threads, sockets or clocks inside: engine.c adds threads, the simulator calls it by hand.  Disk,
 * checkpoint and world are passed in.  One owner at a time.
 *
 * Order of durability: block log first, then acknowledgement; the checkpoint follows whenever it suits.
 * At open the state is the last checkpoint plus the blocks after it, each of whose roots must come out as
 * its header says.
 */
#ifndef CROFT_CONSENSUS_SOLO_SOLO_H
#define CROFT_CONSENSUS_SOLO_SOLO_H

#include "base/arena.h"
#include "base/disk.h"
#include "base/err.h"
#include "base/world.h"
#include "crypto/sign.h"
#include "ledger/ledger.h"
#include "store/blocklog.h"
#include "store/checkpoint.h"
#include "store/tx_index.h"
#include "wire/tx.h"

#include "croft/v1/genesis.pb-c.h"

struct croft_solo;

struct croft_solo_options {
    const Croft__V1__Genesis *genesis; /* lives as long as the driver */
    struct croft_disk *disk;
    struct croft_checkpoint *checkpoint;
    struct croft_world *world;
    const struct croft_secret_key *key; /* signs blocks; must be a validator's.  NULL: only follows or reads */
    u8 hash_seed[16];
    u32 pool_txs_max;                   /* waiting transactions of each lane, 1 << 20 in production */
    u32 pool_per_account_max;           /* of one account in each lane, 1024 in production */
    u64 checkpoint_log_bytes;           /* a checkpoint is due after this much log: what a start replays at most */
    u32 block_txs_max;                  /* most transactions of one block; 0: as the ledger's cost cap allows */
    size_t journal_bytes;               /* 1 GiB in production */
    struct croft_blocklog_options log;
    struct croft_tx_index_options index;
    bool audit;                         /* croft_ledger_audit after every block: tests and simulator */
    bool accept_clock;                  /* the wall clock may jump ahead as it likes; see croft_solo_clock_is_wrong */
};

/* Address space for croft_solo_open. */
size_t croft_solo_size(const struct croft_solo_options *o);

struct croft_solo_opened {
    u64 height, checkpoint_height, replayed_blocks;
    struct croft_blocklog_opened log;
};

/* Opens an existing chain or, on an empty disk, begins one at height 0.
 *   CROFT_ERR_GENESIS, CROFT_ERR_NETWORK (disk holds another network), CROFT_ERR_LOG_ROT, CROFT_ERR_STATE, CROFT_ERR_ROOT,
 *   CROFT_ERR_SEQUENCER (the key is no validator's), CROFT_ERR_BLOCK (a block that nobody signed who may)
 *   CROFT_ERR_PROTOCOL, CROFT_ERR_FORMAT, CROFT_ERR_IO, CROFT_ERR_DISK_FULL, CROFT_ERR_NOMEM; why says what to do */
CROFT_MUST_USE croft_err croft_solo_open(struct croft_arena *mem, const struct croft_solo_options *options,
                                         struct croft_solo **out, struct croft_solo_opened *opened,
                                         struct croft_why *why);
void croft_solo_close(struct croft_solo *s);

/* ---- transactions ---- */

enum croft_item_phase {
    CROFT_ITEM_NEW,      /* bytes are set */
    CROFT_ITEM_CHECKED,  /* waits for verify */
    CROFT_ITEM_VERIFIED, /* waits for a block */
    CROFT_ITEM_DONE,     /* err, and height and index if it is in a block, are final */
};

struct croft_item {
    struct croft_bytes bytes; /* the caller's, until DONE */
    enum croft_item_phase phase;
    croft_err err;      /* CROFT_OK, a refusal, a failure (then in a block) or why no block could be written */
    u64 height;         /* 0: in no block */
    u32 index;
    struct croft_amt fee;
    struct croft_tx tx; /* from CHECKED on; points into the batch's arena */
    struct croft_tx_auth auth;
    u32 account_slot;   /* whose waiting count it is in */
    u8 lane;            /* CROFT_LANE_..., likewise */
    u64 fee_held;       /* what it counted against the account's balance when it was admitted */
};

enum { CROFT_SOLO_LANES = 2 };

struct croft_batch {
    struct croft_item *item;
    u32 count;
    u32 left;                   /* not DONE yet; set by admit */
    u32 left_of[CROFT_SOLO_LANES]; /* of them, waiting in a lane */
    u32 next[CROFT_SOLO_LANES]; /* first of a lane that was not yet tried by step */
    bool tried;                 /* by this step */
    u64 place;                  /* the engine's */
    struct croft_arena mem;     /* for decoding; the caller's, until left is 0 */
    struct croft_batch *behind; /* in the queue */
    void *owner;                /* the caller's */
};

/* Decodes and checks each NEW item: DONE with its refusal or CHECKED.  Beside the ledger's refusals: TX_POOL_FULL when
 * the lane or the account has its full number waiting, TX_FUNDS when the account cannot pay the fees of all it has
 * waiting, CROFT_ERR_CLOCK, CROFT_ERR_HALTED. */
void croft_solo_admit(struct croft_solo *s, struct croft_batch *b);

/* Verifies CHECKED items: VERIFIED, with err set when a signature is wrong.  Any thread. */
void croft_items_verify(struct croft_item *item, u32 count);

/* Takes a batch whose items are DONE or VERIFIED into the queue; those with an err become DONE.  step gives it back when
 * all are DONE. */
void croft_solo_queue(struct croft_solo *s, struct croft_batch *b);

/* Milliseconds until step has something to do: 0 now, UINT64_MAX never by itself. */
u64 croft_solo_wait_ms(struct croft_solo *s);

/* The wall clock went ahead of the steady one by more than CROFT_SOLO_JUMP_MS, and is not back yet.
 * With such a time everything would expire at once, and block time cannot go back: admit refuses and step makes no
 * block until the clocks agree again.  Never with accept_clock.  *out_ahead_ms: by how much it jumped. */
enum { CROFT_SOLO_JUMP_MS = 6 * 3600 * 1000 };
bool croft_solo_clock_is_wrong(struct croft_solo *s, u64 *out_ahead_ms);
/* CROFT_ERR_CLOCK, with what to do. */
CROFT_MUST_USE croft_err croft_solo_say_clock(u64 ahead_ms, struct croft_why *why);

/* Makes at most one block.  Each lane is taken in order of arrival; one that is full waits alone.  *out_done: the batches
 * that became complete, linked by behind.  CROFT_OK also when there was nothing to do.  With CROFT_ERR_DISK_FULL or
 * CROFT_ERR_CLOCK the waiting transactions are DONE with that error and the chain goes on; with any other error the
 * driver is halted: nothing was acknowledged, open again.
 *   CROFT_ERR_SEQUENCER  the last block took the key's seat among the validators: why says how to go on */
CROFT_MUST_USE croft_err croft_solo_step(struct croft_solo *s, struct croft_batch **out_done, struct croft_why *why);

/* The block that the last step made, whole; valid until the next step. */
struct croft_bytes croft_solo_last_block(const struct croft_solo *s);

/* Benchmark only: from here on signatures count as right. */
void croft_solo_trust_signatures(struct croft_solo *s, bool trust);

/* ---- following: blocks made elsewhere ---- */

/* Verifies signature, chain, transactions and roots of the next block, stores it, accepts it.
 *   CROFT_ERR_BLOCK  not the next block, not by a validator, dated beyond CROFT_SOLO_TIME_MAX_S, or breaks a rule
 *   CROFT_ERR_ROOT   other roots
 *   CROFT_ERR_PROTOCOL, CROFT_ERR_IO, CROFT_ERR_DISK_FULL */
CROFT_MUST_USE croft_err croft_solo_apply(struct croft_solo *s, struct croft_bytes block, struct croft_arena scratch,
                                          struct croft_why *why);

/* ---- checkpoint ---- */

/* Much was written since the last one, or that one failed. */
bool croft_solo_checkpoint_due(const struct croft_solo *s);

/* Copies the unsaved records into mem, for a commit by any thread; the driver may go on meanwhile.
 *   CROFT_ERR_NOMEM  they do not fit mem; nothing changed */
struct croft_checkpoint_job {
    struct croft_checkpoint *checkpoint;
    struct croft_stored *record;
    size_t count;
    u64 height;
    size_t meta_len;
    u8 meta[CROFT_LEDGER_META_MAX];
};
CROFT_MUST_USE croft_err croft_solo_checkpoint_begin(struct croft_solo *s, struct croft_arena mem,
                                                     struct croft_checkpoint_job *out);
CROFT_MUST_USE croft_err croft_checkpoint_job_run(const struct croft_checkpoint_job *job, struct croft_why *why);
/* Tells the driver; a failed job's records are unsaved again. */
void croft_solo_checkpoint_end(struct croft_solo *s, const struct croft_checkpoint_job *job, croft_err err);

/* ---- reading ---- */

const struct croft_ledger *croft_solo_ledger(const struct croft_solo *s);
struct croft_blocklog *croft_solo_log(struct croft_solo *s);
struct croft_tx_index *croft_solo_index(struct croft_solo *s);
struct croft_hash croft_solo_last_id(const struct croft_solo *s); /* of the last block; zero at height 0 */
u64 croft_solo_last_time_ms(const struct croft_solo *s);
u64 croft_solo_checkpoint_height(const struct croft_solo *s);
u32 croft_solo_waiting(const struct croft_solo *s);
const struct croft_solo_options *croft_solo_options_of(const struct croft_solo *s);

#endif
