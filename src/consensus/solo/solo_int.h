/* consensus/solo/solo_int.h - the driver's insides: solo.c makes blocks, open.c begins and replays, apply.c follows. */
#ifndef CROFT_CONSENSUS_SOLO_SOLO_INT_H
#define CROFT_CONSENSUS_SOLO_SOLO_INT_H

#include "consensus/solo/solo.h"

enum { CHECKPOINT_RECORDS = 1 << 20 }; /* a checkpoint is due with this many changed records, however short the log */

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

    struct croft_batch *queue, **queue_tail;
    u32 waiting;
    u32 *waiting_of; /* per account slot */

    u8 *block;                /* CROFT_BLOCK_BYTES_MAX: the block being built */
    u8 *receipts;             /* of it */
    struct croft_hash *ids;   /* of its transactions */
    struct croft_bytes last_block; /* the last one made here, in block[] */

    bool checkpoint_running;
    u64 checkpoint_height, log_bytes_since;
    struct croft_arena audit_mem;
    struct croft_arena scratch; /* for replay: one block and its decoding at a time */
};

enum { CROFT_SOLO_TXS_MAX = 1 << 20 };

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
