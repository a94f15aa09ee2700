#include "consensus/solo/solo_int.h"

#include "base/assert.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <string.h>

static croft_err check_follows(const struct croft_solo *s, const struct croft_header *h, struct croft_why *why)
{
    if (!croft_hash_equal(&h->network, croft_ledger_network(s->ledger)))
        return croft_fail(why, CROFT_ERR_BLOCK, "block %" PRIu64 " belongs to another network", h->height);
    if (h->height != s->height + 1 || !croft_hash_equal(&h->previous, &s->last_id))
        return croft_fail(why, CROFT_ERR_BLOCK, "block %" PRIu64 " does not follow block %" PRIu64 " that is here",
                          h->height, s->height);
    if (h->time_ms < s->last_time_ms)
        return croft_fail(why, CROFT_ERR_BLOCK, "block %" PRIu64 " is dated before the one it follows", h->height);
    return CROFT_OK;
}

croft_err croft_solo_check_signature(const struct croft_solo *s, const struct croft_block *b, struct croft_why *why)
{
    struct croft_public_key key;
    memcpy(key.b, b->header.sequencer, sizeof key.b);
    if (croft_state_find(croft_ledger_state(s->ledger), CROFT_TABLE_VALIDATORS, key.b) == CROFT_SLOT_NONE)
        return croft_fail(why, CROFT_ERR_BLOCK, "block %" PRIu64 " is signed by a key that is no validator's",
                          b->header.height);
    struct croft_hash id = croft_block_id(&b->header);
    if (croft_verify(&key, (struct croft_bytes){id.b, sizeof id.b}, &b->signature) != CROFT_OK)
        return croft_fail(why, CROFT_ERR_BLOCK, "block %" PRIu64 " has a wrong signature", b->header.height);
    return CROFT_OK;
}

static croft_err execute_tx(struct croft_solo *s, const struct croft_block *b, u32 i, struct croft_bytes bytes,
                            struct croft_arena scratch, struct croft_why *why)
{
    struct croft_tx tx;
    struct croft_receipt got, want = croft_block_receipt(b, i);
    croft_err err = croft_tx_decode(bytes, croft_ledger_network(s->ledger), &scratch, &tx);
    if (err == CROFT_OK)
        err = croft_ledger_block_tx(s->ledger, &tx, NULL, &got);
    if (err != CROFT_OK)
        return croft_fail(why, CROFT_ERR_BLOCK, "block %" PRIu64 ", transaction %u: %s", b->header.height, i,
                          croft_err_text(err));
    bool same = got.op == want.op && got.code == want.code && got.fee == want.fee && got.value == want.value;
    if (!same)
        return croft_fail(why, CROFT_ERR_ROOT, "block %" PRIu64 ", transaction %u: another receipt than the block has",
                          b->header.height, i);
    s->ids[i] = tx.id;
    return CROFT_OK;
}

static croft_err execute_txs(struct croft_solo *s, const struct croft_block *b, struct croft_arena scratch,
                             struct croft_why *why)
{
    struct croft_bytes txs = b->txs;
    if (b->header.tx_count > CROFT_SOLO_TXS_MAX)
        return croft_fail(why, CROFT_ERR_BLOCK, "block %" PRIu64 " has too many transactions", b->header.height);
    for (u32 i = 0; i < b->header.tx_count; i++)
        CROFT_TRY(execute_tx(s, b, i, croft_block_next_tx(&txs), scratch, why));
    return CROFT_OK;
}

static bool dues_match(const struct croft_block *b, const struct croft_block_end *end)
{
    if (end->due_count != b->header.due_count)
        return false;
    for (u32 i = 0; i < end->due_count; i++) {
        struct croft_due d = croft_block_due(b, i);
        if (d.kind != end->due[i].kind || d.key_len != end->due[i].key_len ||
            croft_amt_cmp(d.amount, end->due[i].amount) != 0 || memcmp(d.key, end->due[i].key, sizeof d.key) != 0)
            return false;
    }
    return true;
}

croft_err croft_solo_execute(struct croft_solo *s, const struct croft_block *b, struct croft_arena scratch,
                             struct croft_why *why)
{
    const struct croft_header *h = &b->header;
    if (h->time_ms / 1000 < croft_ledger_time_s(s->ledger))
        return croft_fail(why, CROFT_ERR_BLOCK, "block %" PRIu64 " is dated before the one it follows", h->height);
    if (h->time_ms / 1000 > CROFT_SOLO_TIME_MAX_S)
        return croft_fail(why, CROFT_ERR_BLOCK, "block %" PRIu64 " is dated in a time that no clock shows", h->height);
    CROFT_TRY(croft_ledger_block_begin(s->ledger, h->height, h->time_ms / 1000, why));
    croft_err err = execute_txs(s, b, scratch, why);
    if (err != CROFT_OK) {
        croft_ledger_block_undo(s->ledger);
        return err;
    }
    struct croft_block_end end;
    croft_ledger_block_end(s->ledger, &end);
    bool same = croft_hash_equal(&end.app_hash, &h->app_hash) && croft_hash_equal(&end.receipts_root, &h->receipts_root) &&
                end.protocol == h->protocol && dues_match(b, &end);
    if (same)
        return CROFT_OK;
    croft_ledger_block_undo(s->ledger);
    return croft_fail(why, CROFT_ERR_ROOT, "block %" PRIu64 ": the roots that come out differ from those in its header",
                      h->height);
}

croft_err croft_solo_apply(struct croft_solo *s, struct croft_bytes bytes, struct croft_arena scratch, struct croft_why *why)
{
    struct croft_block b;
    if (s->halted)
        return croft_fail(why, CROFT_ERR_HALTED, "the chain has stopped; start it again to see why");
    croft_err err = croft_block_open(bytes, &b);
    if (err != CROFT_OK)
        return croft_fail(why, CROFT_ERR_BLOCK, "what was received is not a block: %s", croft_err_text(err));
    CROFT_TRY(check_follows(s, &b.header, why));
    CROFT_TRY(croft_solo_check_signature(s, &b, why));
    CROFT_TRY(croft_solo_execute(s, &b, scratch, why));
    err = croft_blocklog_append(s->log, bytes, why);
    if (err != CROFT_OK) {
        croft_ledger_block_undo(s->ledger);
        s->halted = err != CROFT_ERR_DISK_FULL;
        return err;
    }
    croft_solo_advance(s, &b.header, bytes);
    struct croft_why unused;
    s->index_err = croft_tx_index_add(s->index, b.header.height, s->ids, b.header.tx_count, &unused);
    return CROFT_OK;
}
