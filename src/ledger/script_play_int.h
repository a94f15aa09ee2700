/* ledger/script_play_int.h - for fuzz targets only: plays a script (script_int.h) and checks what must always
 * hold.
 *
 * The whole state is audited again and again; a block that is taken back leaves nothing; a refused
 * transaction changes nothing, a failed one takes its fee; none counts twice.
 */
#ifndef CROFT_LEDGER_SCRIPT_PLAY_INT_H
#define CROFT_LEDGER_SCRIPT_PLAY_INT_H

#include "ledger/script_int.h"

enum { SCRIPT_BLOCKS_MAX = 40, SCRIPT_TXS_MAX = 16 };

typedef croft_err (*script_next)(struct chain *c, struct script *s, struct croft_tx *out);
struct script_play {
    script_next next;
    u64 (*pause)(struct script *s);
    u32 audit_every; /* so many blocks */
};

/* Looking at the whole state is slow: it is done for some. */
static inline void script_expect_refused(struct chain *c, const struct croft_tx *tx, bool look)
{
    struct croft_hash before = look ? chain_digest(c) : (struct croft_hash){{0}};
    croft_err err = chain_put(c, tx);
    CROFT_ASSERT(err >= CROFT_ERR_TX_SIZE && err < CROFT_ERR_OP_FUNDS);
    struct croft_hash after = look ? chain_digest(c) : before;
    CROFT_ASSERT(croft_hash_equal(&before, &after));
}

static inline u64 script_credits_of(const struct chain *c, const struct croft_tx *tx)
{
    u32 slot = croft_account_find(c->l, &tx->account);
    return slot == CROFT_SLOT_NONE ? 0 : croft_amt_units(croft_balance(c->l, slot, CROFT_ASSET_CREDIT));
}

static inline void script_one_tx(struct chain *c, struct script *s, script_next next)
{
    struct croft_tx tx;
    struct croft_tx_auth auth;
    if (next(c, s, &tx) != CROFT_OK)
        return;
    u64 had = script_credits_of(c, &tx);
    croft_err checked = croft_ledger_check(c->l, &tx, c->now_s, &auth);
    croft_err err = croft_ledger_block_tx(c->l, &tx, NULL, &c->receipt);
    CROFT_ASSERT(checked == err || (checked == CROFT_OK && err == CROFT_ERR_TX_BLOCK_FULL));
    if (err == CROFT_OK && c->receipt.code != 0) {
        CROFT_ASSERT(c->receipt.code >= CROFT_ERR_OP_FUNDS && c->receipt.code < 400);
        CROFT_ASSERT(had - script_credits_of(c, &tx) == c->receipt.fee && c->receipt.value == 0);
    }
    script_expect_refused(c, &tx, tx.id.b[0] % 16 == 0);
}

/* A quarter of the blocks is taken back, half of those before their end. */
static inline void script_one_block(struct chain *c, struct script *s, const struct script_play *p)
{
    struct croft_hash before = chain_digest(c), root = croft_ledger_app_hash(c->l);
    u64 due_s = croft_ledger_next_due_s(c->l), now_s = c->now_s;
    u32 fate = script_below(s, 8);
    chain_begin(c, p->pause(s));
    for (u32 i = script_below(s, SCRIPT_TXS_MAX); i > 0; i--)
        script_one_tx(c, s, p->next);
    if (fate != 7)
        croft_ledger_block_end(c->l, &c->end);
    if (fate < 6) {
        croft_ledger_block_accept(c->l);
    } else {
        croft_ledger_block_undo(c->l);
        c->now_s = now_s;
        struct croft_hash after = chain_digest(c), root_after = croft_ledger_app_hash(c->l);
        CROFT_ASSERT(croft_hash_equal(&before, &after) && croft_hash_equal(&root, &root_after));
        CROFT_ASSERT(croft_ledger_next_due_s(c->l) == due_s);
    }
    if (croft_ledger_height(c->l) % p->audit_every == 0)
        chain_audit(c);
}

static inline bool script_needs_later_release(const struct chain *c)
{
    struct croft_chain_record r = croft_ledger_chain(c->l);
    return r.next_protocol > CROFT_PROTOCOL_MAX && croft_ledger_height(c->l) + 1 >= r.next_height;
}

static inline void script_play(struct chain *c, struct script *s, const struct script_play *p)
{
    struct croft_why why;
    croft_ledger_trust_signatures(c->l, true);
    for (u32 i = 0; i < SCRIPT_BLOCKS_MAX && !script_is_over(s) && !script_needs_later_release(c); i++)
        script_one_block(c, s, p);
    if (script_needs_later_release(c)) {
        croft_err err = croft_ledger_block_begin(c->l, croft_ledger_height(c->l) + 1, c->now_s, &why);
        CROFT_ASSERT(err == CROFT_ERR_PROTOCOL);
    }
    chain_audit(c);
    chain_stop(c);
}

#endif
