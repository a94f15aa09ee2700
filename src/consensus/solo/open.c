#include "consensus/solo/solo_int.h"

#include "base/assert.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <string.h>

enum { SCRATCH_BYTES = 3 * CROFT_BLOCK_BYTES_MAX, LOG_MEMORY = 1 << 20 };

static struct croft_state_limits limits_of(const struct croft_solo_options *o)
{
    struct croft_state_limits l = {
        .records_max_log2 = o->genesis->records_max_log2 ? o->genesis->records_max_log2 : 22,
        .journal_bytes = o->journal_bytes,
    };
    memcpy(l.hash_seed, o->hash_seed, sizeof l.hash_seed);
    return l;
}

/* Only tests look at every block again. */
static size_t audit_bytes(const struct croft_solo_options *o)
{
    struct croft_state_limits limits = limits_of(o);
    return o->audit ? croft_ledger_audit_size(&limits) : sizeof(struct croft_hash);
}

size_t croft_solo_size(const struct croft_solo_options *o)
{
    struct croft_state_limits limits = limits_of(o);
    size_t accounts = ((size_t)1 << limits.records_max_log2) + CROFT_RECORDS_KEPT;
    return croft_ledger_size(&limits) + accounts * sizeof(struct croft_waiting) + audit_bytes(o) + CROFT_BLOCK_BYTES_MAX +
           (size_t)CROFT_SOLO_TXS_MAX * (CROFT_RECEIPT_BYTES + sizeof(struct croft_hash)) +
           (size_t)(SCRATCH_BYTES + LOG_MEMORY) + croft_blocklog_size(&o->log) + croft_tx_index_size(&o->index);
}

static croft_err take_memory(struct croft_solo *s, struct croft_arena *mem)
{
    struct croft_state_limits limits = limits_of(&s->options);
    size_t accounts = ((size_t)1 << limits.records_max_log2) + CROFT_RECORDS_KEPT;
    CROFT_TRY(croft_ledger_init(mem, &limits, &s->ledger));
    s->waiting_of = croft_arena_take_raw(mem, accounts, sizeof *s->waiting_of, 16);
    s->block = croft_arena_take_raw(mem, CROFT_BLOCK_BYTES_MAX, 1, 64);
    s->receipts = croft_arena_take_raw(mem, CROFT_SOLO_TXS_MAX, CROFT_RECEIPT_BYTES, 16);
    s->ids = croft_arena_take_raw(mem, CROFT_SOLO_TXS_MAX, sizeof *s->ids, 16);
    u8 *audit = croft_arena_take_raw(mem, audit_bytes(&s->options), 1, 16);
    u8 *scratch = croft_arena_take_raw(mem, SCRATCH_BYTES, 1, 64);
    if (!s->waiting_of || !s->block || !s->receipts || !s->ids || !audit || !scratch)
        return CROFT_ERR_NOMEM;
    s->audit_mem = (struct croft_arena){audit, audit + audit_bytes(&s->options)};
    s->scratch = (struct croft_arena){scratch, scratch + SCRATCH_BYTES};
    return CROFT_OK;
}

/* ---- the state: last checkpoint, or genesis ---- */

static croft_err take_record(void *arg, const struct croft_stored *r)
{
    return croft_ledger_load(arg, r->table, r->slot, r->key, r->value);
}

static croft_err load_checkpoint(struct croft_solo *s, struct croft_bytes meta, struct croft_why *why)
{
    struct croft_checkpoint *c = s->options.checkpoint;
    u8 copy[CROFT_LEDGER_META_MAX];
    if (meta.len > sizeof copy)
        return croft_fail(why, CROFT_ERR_STATE, "the checkpoint's head is too long");
    memcpy(copy, meta.at, meta.len);
    why->text[0] = '\0';
    croft_err err = c->ops->load(c, take_record, s->ledger, why);
    if (err != CROFT_OK)
        return why->text[0] ? err
                            : croft_fail(why, err,
                                         "the checkpoint holds a record that is damaged: move it away; the next start "
                                         "then replays the whole block log");
    CROFT_TRY(croft_ledger_load_meta(s->ledger, (struct croft_bytes){copy, meta.len}, &s->network, &s->last_id, why));
    s->height = s->checkpoint_height = croft_ledger_height(s->ledger);
    /* Of a restored snapshot only the second is known.  Who makes blocks must not date one before it; who follows
     * must not refuse one of the same second. */
    s->last_time_ms = croft_ledger_time_s(s->ledger) * 1000 + (s->height != 0 && s->options.key != NULL ? 999 : 0);
    return CROFT_OK;
}

static croft_err load_state(struct croft_solo *s, struct croft_why *why)
{
    struct croft_bytes meta;
    CROFT_TRY(s->options.checkpoint->ops->meta(s->options.checkpoint, &meta, why));
    if (meta.len != 0)
        return load_checkpoint(s, meta, why);
    CROFT_TRY(croft_ledger_genesis(s->ledger, s->options.genesis, &s->network, why));
    s->last_time_ms = s->options.genesis->time_s * 1000;
    return CROFT_OK;
}

/* ---- the blocks after it ---- */

static croft_err check_log(const struct croft_solo *s, struct croft_why *why)
{
    u64 first = croft_blocklog_first(s->log), last = croft_blocklog_last(s->log);
    if (last < s->height)
        return croft_fail(why, CROFT_ERR_STATE,
                          "the checkpoint is at block %" PRIu64 ", the block log ends at %" PRIu64
                          ": blocks are missing. Get them back from a follower (croft chain follow) or a backup of the log.",
                          s->height, last);
    if (first > s->height + 1)
        return croft_fail(why, CROFT_ERR_STATE,
                          "the block log starts at %" PRIu64 ", but the state before it is gone: restore a snapshot "
                          "(croft chain init --snapshot)",
                          first);
    return CROFT_OK;
}

static croft_err index_only(struct croft_solo *s, const struct croft_block *b, struct croft_arena scratch)
{
    struct croft_bytes txs = b->txs;
    for (u32 i = 0; i < b->header.tx_count && i < CROFT_SOLO_TXS_MAX; i++) {
        struct croft_arena mem = scratch;
        struct croft_tx tx;
        CROFT_TRY(croft_tx_decode(croft_block_next_tx(&txs), croft_ledger_network(s->ledger), &mem, &tx));
        s->ids[i] = tx.id;
    }
    return CROFT_OK;
}

static croft_err replay_one(struct croft_solo *s, u64 height, u64 indexed, struct croft_why *why)
{
    struct croft_arena scratch = s->scratch;
    struct croft_block b;
    CROFT_TRY(croft_blocklog_read(s->log, height, &scratch, &b, why));
    if (!croft_hash_equal(&b.header.network, &s->network))
        return croft_fail(why, CROFT_ERR_NETWORK, "the block log belongs to another network than the genesis beside it");
    if (height > s->height) {
        CROFT_TRY(croft_solo_check_signature(s, &b, why));
        CROFT_TRY(croft_solo_execute(s, &b, scratch, why));
        croft_solo_advance(s, &b.header, b.bytes);
    } else {
        if (index_only(s, &b, scratch) != CROFT_OK)
            return croft_fail(why, CROFT_ERR_BLOCK, "block %" PRIu64 " holds a transaction that does not decode", height);
        if (height == s->height)
            s->last_time_ms = b.header.time_ms;
    }
    return height > indexed ? croft_tx_index_add(s->index, height, s->ids, b.header.tx_count, why) : CROFT_OK;
}

/* Signatures of the transactions in this machine's own log were verified before it was written; the block's own is
 * verified again, because it costs one a block and tells a log that somebody else wrote. */
static croft_err replay(struct croft_solo *s, u64 indexed, struct croft_why *why)
{
    u64 first = croft_blocklog_first(s->log), last = croft_blocklog_last(s->log);
    u64 from = (indexed < s->height ? indexed : s->height) + 1;
    from = from > s->height && s->height >= first ? s->height : from; /* the last block's exact time */
    croft_ledger_trust_signatures(s->ledger, true);
    for (u64 height = from > first ? from : first; height <= last; height++)
        CROFT_TRY(replay_one(s, height, indexed, why));
    croft_ledger_trust_signatures(s->ledger, false);
    return CROFT_OK;
}

static croft_err check_key(const struct croft_solo *s, struct croft_why *why)
{
    if (croft_solo_is_seated(s))
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_SEQUENCER,
                      "the sequencer's key is not a validator of this network\nput a validator's key in its place: the one "
                      "that \"croft chain init\" made, or the one that a vote added since");
}

croft_err croft_solo_open(struct croft_arena *mem, const struct croft_solo_options *options, struct croft_solo **out,
                          struct croft_solo_opened *opened, struct croft_why *why)
{
    struct croft_solo *s = croft_new(mem, struct croft_solo, 1);
    if (s == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough memory");
    s->options = *options;
    s->queue_tail = &s->queue;
    *opened = (struct croft_solo_opened){0};
    CROFT_TRY(croft_genesis_check(options->genesis, why));
    if (take_memory(s, mem) != CROFT_OK)
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough memory for the network's tables (records_max_log2)");
    s->network = croft_genesis_id(options->genesis, s->scratch);
    CROFT_TRY(load_state(s, why));
    opened->checkpoint_height = s->checkpoint_height;

    u64 indexed;
    struct croft_blocklog_options log = options->log;
    log.first_height = s->height + 1;
    CROFT_TRY(croft_blocklog_open(options->disk, &log, mem, &s->log, &opened->log, why));
    struct croft_tx_index_options index = options->index;
    index.log_last = croft_blocklog_last(s->log);
    CROFT_TRY(croft_tx_index_open(options->disk, &index, mem, &s->index, &indexed, why));
    CROFT_TRY(check_log(s, why));
    u64 before = s->height;
    CROFT_TRY(replay(s, indexed, why));
    CROFT_TRY(check_key(s, why));
    opened->height = s->height;
    opened->replayed_blocks = s->height - before;
    *out = s;
    return CROFT_OK;
}

void croft_solo_close(struct croft_solo *s)
{
    croft_tx_index_close(s->index);
    croft_blocklog_close(s->log);
}
