#include "ledger/ledger_int.h"

#include "base/assert.h"
#include "crypto/hash.h"

#include <string.h>

/* Sums in 128 bits, so that a fault cannot hide in a wrap. */
struct sums {
    u128 balances[CROFT_ASSET_COUNT], outstanding[CROFT_ASSET_COUNT];
    u128 escrow[CROFT_ASSET_COUNT], payouts[CROFT_ASSET_COUNT], promised[CROFT_ASSET_COUNT], deposits;
};

static bool is_live(const struct croft_ledger *l, u32 table, u32 slot)
{
    return croft_state_key(l->state, table, slot).at != NULL;
}

static void sum_accounts(const struct croft_ledger *l, struct sums *s)
{
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_ACCOUNTS); slot++) {
        struct croft_account a;
        if (!is_live(l, CROFT_TABLE_ACCOUNTS, slot))
            continue;
        croft_account_load_slot(l, slot, &a);
        for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++)
            s->balances[asset] += croft_amt_units(a.r.balance[asset]);
        s->deposits += croft_amt_units(a.r.deposit);
    }
}

static void sum_pendings(const struct croft_ledger *l, struct sums *s)
{
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_PENDINGS); slot++) {
        struct croft_pending_record p;
        if (!is_live(l, CROFT_TABLE_PENDINGS, slot))
            continue;
        croft_record_load(l, CROFT_TABLE_PENDINGS, slot, &p);
        s->escrow[p.asset] += croft_amt_units(p.amount);
        s->deposits += croft_amt_units(p.deposit);
    }
}

static void sum_withdrawals(const struct croft_ledger *l, struct sums *s)
{
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_WITHDRAWALS); slot++) {
        struct croft_withdrawal_record w;
        if (!is_live(l, CROFT_TABLE_WITHDRAWALS, slot))
            continue;
        croft_record_load(l, CROFT_TABLE_WITHDRAWALS, slot, &w);
        s->payouts[w.asset] += croft_amt_units(w.amount);
        s->deposits += croft_amt_units(w.deposit);
    }
}

static void sum_others(const struct croft_ledger *l, struct sums *s)
{
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_PROPOSALS); slot++) {
        struct croft_proposal_record p;
        if (!is_live(l, CROFT_TABLE_PROPOSALS, slot))
            continue;
        croft_record_load(l, CROFT_TABLE_PROPOSALS, slot, &p);
        s->deposits += croft_amt_units(p.deposit);
    }
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_RECOVERIES); slot++) {
        struct croft_recovery_record r;
        if (!is_live(l, CROFT_TABLE_RECOVERIES, slot))
            continue;
        croft_record_load(l, CROFT_TABLE_RECOVERIES, slot, &r);
        s->deposits += croft_amt_units(r.deposit);
    }
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_ISSUERS); slot++) {
        struct croft_issuer_record r;
        if (!is_live(l, CROFT_TABLE_ISSUERS, slot))
            continue;
        croft_record_load(l, CROFT_TABLE_ISSUERS, slot, &r);
        u8 asset = croft_state_key(l->state, CROFT_TABLE_ISSUERS, slot).at[32];
        CROFT_ASSERT(asset < CROFT_ASSET_COUNT);
        s->outstanding[asset] += croft_amt_units(r.outstanding);
        s->promised[asset] += croft_amt_units(r.held);
    }
}

static u64 system_balance(const struct croft_ledger *l, enum croft_system_account which, u32 asset)
{
    return croft_amt_units(croft_balance(l, l->system_slot[which], asset));
}

static croft_err audit_money(const struct croft_ledger *l, struct croft_why *why)
{
    struct sums s = {0};
    struct croft_chain_record chain = croft_ledger_chain(l);
    sum_accounts(l, &s);
    sum_pendings(l, &s);
    sum_withdrawals(l, &s);
    sum_others(l, &s);
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++) {
        if (s.balances[asset] != s.outstanding[asset] || s.outstanding[asset] != croft_amt_units(chain.outstanding[asset]))
            return croft_fail(why, CROFT_ERR_STATE, "money of asset %u: accounts hold %llu, issuers have %llu out", asset,
                              (unsigned long long)s.balances[asset], (unsigned long long)s.outstanding[asset]);
        if (s.escrow[asset] != system_balance(l, CROFT_SYSTEM_ESCROW, asset) ||
            s.payouts[asset] != system_balance(l, CROFT_SYSTEM_PAYOUTS, asset))
            return croft_fail(why, CROFT_ERR_STATE, "held money of asset %u differs from the records it is held for", asset);
        if (s.promised[asset] != s.payouts[asset])
            return croft_fail(why, CROFT_ERR_STATE, "issuers of asset %u promised %llu, withdrawals wait for %llu", asset,
                              (unsigned long long)s.promised[asset], (unsigned long long)s.payouts[asset]);
    }
    if (s.deposits != system_balance(l, CROFT_SYSTEM_DEPOSITS, CROFT_ASSET_CREDIT))
        return croft_fail(why, CROFT_ERR_STATE, "deposits differ from the records they are held for");
    return CROFT_OK;
}

static croft_err audit_tree(const struct croft_ledger *l, u32 table, struct croft_arena scratch, struct croft_why *why)
{
    u32 high = croft_state_high(l->state, table);
    struct croft_hash *leaf = croft_new(&scratch, struct croft_hash, high + 1);
    if (leaf == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough memory to audit %u records", high);
    for (u32 slot = 0; slot < high; slot++) {
        struct croft_bytes key = croft_state_key(l->state, table, slot);
        leaf[slot] = key.at ? croft_merkle_named_leaf(key, croft_state_value(l->state, table, slot))
                            : croft_merkle_leaf((struct croft_bytes){0});
    }
    struct croft_hash slow = croft_merkle_root(leaf, high), kept = croft_tree_root(&l->roots.tree[table]);
    if (!croft_hash_equal(&slow, &kept))
        return croft_fail(why, CROFT_ERR_STATE, "the root of %s differs from its records", croft_table_name(table));
    return CROFT_OK;
}

static croft_err audit_sum(const struct croft_ledger *l, struct croft_why *why)
{
    struct croft_lthash sum;
    memset(&sum, 0, sizeof sum);
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        for (u32 slot = 0; !croft_table_has_tree(t) && slot < croft_state_high(l->state, t); slot++)
            if (is_live(l, t, slot))
                croft_sum_add(&sum, t, slot, croft_state_key(l->state, t, slot), croft_state_value(l->state, t, slot));
    if (memcmp(&sum, &l->roots.sum, sizeof sum) != 0)
        return croft_fail(why, CROFT_ERR_STATE, "the LtHash differs from its records");
    return CROFT_OK;
}

croft_err croft_ledger_audit(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why)
{
    CROFT_ASSERT(l->phase == CROFT_PHASE_IDLE);
    CROFT_TRY(audit_money(l, why));
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        if (croft_table_has_tree(t))
            CROFT_TRY(audit_tree(l, t, scratch, why));
    return audit_sum(l, why);
}
