/* consensus/solo/solo_int.h - the driver's insides: solo.c makes blocks, open.c begins and replays, apply.c follows. */
#ifndef CROFT_CONSENSUS_SOLO_SOLO_INT_H
#define CROFT_CONSENSUS_SOLO_SOLO_INT_H

#include "consensus/solo/solo.h"

enum { CHECKPOINT_RECORDS = 1 << 20 }; /* a checkpoint is due with this many changed records, however short the log */

/* What an account has in the driver. */
struct croft_waiting {
    u32 txs[CROFT_SOLO_LANES];
    u64 fees; /* of all of them, as they were admitted */
};

struct croft_solo {
    struct croft_solo_options options;
    struct croft_ledger *ledger;
    struct croft_blocklog *log;
    struct croft_tx_index *index;
    croft_err index_err;
    struct croft_hash network;

    u64 height, last_time_ms;
    struct croft_hash last_id;
    bool halted;
    bool unseated; /* the key here is no validator's since the last block */
    struct {
        u64 wall_ms, steady_ms; /* the furthest that the wall clock was believed, and when; 0: not looked yet */
    } clock;

    struct croft_batch *queue, **queue_tail;
    struct croft_batch *untried; /* first batch of the queue that this step did not come to */
    u32 waiting[CROFT_SOLO_LANES];
    struct croft_waiting *waiting_of; /* per account slot */

    u8 *block;                /* CROFT_BLOCK_BYTES_MAX: the block being built */
    u8 *receipts;             /* of it */
    struct croft_hash *ids;   /* of its transactions */
    struct croft_bytes last_block; /* the last one made here, in block[] */

    bool checkpoint_running, checkpoint_failed;
    u64 checkpoint_height, log_bytes_since;
    struct croft_arena audit_mem;
    struct croft_arena scratch; /* for replay: one block and its decoding at a time */
};

enum { CROFT_SOLO_TXS_MAX = 1 << 20 };

/* Later than that no block is: the ledger counts on times that fit 44 bits. */
#define CROFT_SOLO_TIME_MAX_S (UINT64_C(1) << 40)

/* Whether the key that makes blocks here is a validator's in the state as it is; true without a key. */
bool croft_solo_is_seated(const struct croft_solo *s);

/* Signed by somebody who is a validator in the state before the block?  CROFT_ERR_BLOCK */
CROFT_MUST_USE croft_err croft_solo_check_signature(const struct croft_solo *s, const struct croft_block *b,
                                                    struct croft_why *why);

/* Now, but never before the last block. */
u64 croft_solo_now_ms(const struct croft_solo *s);

/* The ledger's ended block is durable: accept it and move on. */
void croft_solo_advance(struct croft_solo *s, const struct croft_header *h, struct croft_bytes block);

/* Executes a block made before: begin, every transaction, end; compares receipts, dues and roots.  On success the
 * ledger is left at block_end; on error it is as before.  Fills s->ids.
 *   CROFT_ERR_BLOCK, CROFT_ERR_ROOT, CROFT_ERR_PROTOCOL, CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_solo_execute(struct croft_solo *s, const struct croft_block *b, struct croft_arena scratch,
                                            struct croft_why *why);

#endif
