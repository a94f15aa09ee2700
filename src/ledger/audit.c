#include "ledger/audit_int.h"

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/hash.h"

#include <string.h>

/* Sums in 128 bits, so that a fault cannot hide in a wrap. */
struct sums {
    u128 balances[CROFT_ASSET_COUNT], outstanding[CROFT_ASSET_COUNT];
    u128 escrow[CROFT_ASSET_COUNT], payouts[CROFT_ASSET_COUNT], promised[CROFT_ASSET_COUNT];
    u128 leases[CROFT_ASSET_COUNT], stake, deposits;
};

u32 croft_audit_next(const struct croft_ledger *l, u32 table, u32 from)
{
    u32 slot = from;
    CROFT_ASSERT(table < CROFT_TABLE_COUNT);
    while (slot < croft_state_high(l->state, table) && croft_state_key(l->state, table, slot).at == NULL)
        slot++;
    return slot < croft_state_high(l->state, table) ? slot : CROFT_SLOT_NONE;
}

/* Where in an encoded record a field of 8 bytes lies; its length when it has none of this name. */
static u32 field_at(u32 table, const char *name)
{
    const struct croft_layout *layout = croft_table_layout(table);
    u32 at = 0;
    for (u32 i = 0; i < layout->field_count && strcmp(layout->field[i].name, name) != 0; i++)
        at += layout->field[i].bytes;
    return at;
}

static bool has_field(u32 table, const char *name)
{
    const struct croft_layout *layout = croft_table_layout(table);
    for (u32 i = 0; i < layout->field_count; i++)
        if (strcmp(layout->field[i].name, name) == 0)
            return true;
    return false;
}

/* The sum of one field over all records of a table. */
static u128 sum_field(const struct croft_ledger *l, u32 table, const char *name)
{
    u128 sum = 0;
    u32 at = field_at(table, name);
    CROFT_AUDIT_EACH (l, table, slot) {
        struct croft_bytes value = croft_state_value(l->state, table, slot);
        CROFT_ASSERT(at + 8 <= value.len);
        sum += croft_get_u64(value.at + at);
    }
    return sum;
}

/* Every record that pays one has a field of this name; what a bid calls so lies in STAKE. */
static u128 sum_deposits(const struct croft_ledger *l)
{
    u128 sum = 0;
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        if (t != CROFT_TABLE_BIDS && has_field(t, "deposit"))
            sum += sum_field(l, t, "deposit");
    return sum;
}

static void sum_held(const struct croft_ledger *l, struct sums *s)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_PENDINGS, slot) {
        struct croft_pending_record p;
        croft_record_load(l, CROFT_TABLE_PENDINGS, slot, &p);
        s->escrow[p.asset] += croft_amt_units(p.amount);
    }
    CROFT_AUDIT_EACH (l, CROFT_TABLE_WITHDRAWALS, slot) {
        struct croft_withdrawal_record w;
        croft_record_load(l, CROFT_TABLE_WITHDRAWALS, slot, &w);
        s->payouts[w.asset] += croft_amt_units(w.amount);
    }
}

static void sum_issuers(const struct croft_ledger *l, struct sums *s)
{
    CROFT_AUDIT_EACH (l, CROFT_TABLE_ISSUERS, slot) {
        struct croft_issuer_record r;
        croft_record_load(l, CROFT_TABLE_ISSUERS, slot, &r);
        u8 asset = croft_state_key(l->state, CROFT_TABLE_ISSUERS, slot).at[32];
        CROFT_ASSERT(asset < CROFT_ASSET_COUNT);
        s->outstanding[asset] += croft_amt_units(r.outstanding);
        s->promised[asset] += croft_amt_units(r.held);
    }
}

/* STAKE is everything that can be lost; LEASES what orders hold, and the CROFT behind what they converted. */
static void sum_market(const struct croft_ledger *l, struct sums *s)
{
    s->stake = sum_field(l, CROFT_TABLE_PROVIDERS, "stake") + sum_field(l, CROFT_TABLE_PROVIDERS, "unlocking") +
               sum_field(l, CROFT_TABLE_DEVICES, "bond") + sum_field(l, CROFT_TABLE_LEASES, "bond") +
               sum_field(l, CROFT_TABLE_BIDS, "deposit");
    s->leases[CROFT_ASSET_CREDIT] = sum_field(l, CROFT_TABLE_ORDERS, "balance");
    s->leases[CROFT_ASSET_CROFT] = sum_field(l, CROFT_TABLE_ORDERS, "croft_held");
}

static u64 system_balance(const struct croft_ledger *l, enum croft_system_account which, u32 asset)
{
    return croft_amt_units(croft_balance(l, l->system_slot[which], asset));
}

static croft_err audit_money(const struct croft_ledger *l, struct croft_why *why)
{
    struct sums s = {0};
    struct croft_chain_record chain = croft_ledger_chain(l);
    s.balances[CROFT_ASSET_CREDIT] = sum_field(l, CROFT_TABLE_ACCOUNTS, "balance_credit");
    s.balances[CROFT_ASSET_CROFT] = sum_field(l, CROFT_TABLE_ACCOUNTS, "balance_croft");
    s.deposits = sum_deposits(l);
    sum_held(l, &s);
    sum_issuers(l, &s);
    sum_market(l, &s);
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++) {
        if (s.balances[asset] != s.outstanding[asset] || s.outstanding[asset] != croft_amt_units(chain.outstanding[asset]))
            return croft_fail(why, CROFT_ERR_STATE, "money of asset %u: accounts hold %llu, issuers have %llu out", asset,
                              (unsigned long long)s.balances[asset], (unsigned long long)s.outstanding[asset]);
        if (s.escrow[asset] != system_balance(l, CROFT_SYSTEM_ESCROW, asset) ||
            s.payouts[asset] != system_balance(l, CROFT_SYSTEM_PAYOUTS, asset) ||
            s.leases[asset] != system_balance(l, CROFT_SYSTEM_LEASES, asset))
            return croft_fail(why, CROFT_ERR_STATE, "held money of asset %u differs from the records it is held for", asset);
        if (s.promised[asset] != s.payouts[asset])
            return croft_fail(why, CROFT_ERR_STATE, "issuers of asset %u promised %llu, withdrawals wait for %llu", asset,
                              (unsigned long long)s.promised[asset], (unsigned long long)s.payouts[asset]);
    }
    if (s.stake != system_balance(l, CROFT_SYSTEM_STAKE, CROFT_ASSET_CREDIT))
        return croft_fail(why, CROFT_ERR_STATE, "stake and bonds differ from the records they are held for");
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
            if (croft_state_key(l->state, t, slot).at != NULL)
                croft_sum_add(&sum, t, slot, croft_state_key(l->state, t, slot), croft_state_value(l->state, t, slot));
    if (memcmp(&sum, &l->roots.sum, sizeof sum) != 0)
        return croft_fail(why, CROFT_ERR_STATE, "the LtHash differs from its records");
    return CROFT_OK;
}

/* Each part has all of scratch for itself: sums by order are the largest that grow with the records; the tasks of a
 * batch, and the devices of every class, do not. */
size_t croft_ledger_audit_size(const struct croft_state_limits *limits)
{
    enum { PER_RECORD = 192, FIXED = 1 << 20 };
    return ((size_t)PER_RECORD << limits->records_max_log2) + FIXED;
}

croft_err croft_ledger_audit(const struct croft_ledger *l, struct croft_arena scratch, struct croft_why *why)
{
    CROFT_ASSERT(l->phase == CROFT_PHASE_IDLE);
    CROFT_TRY(audit_money(l, why));
    for (u32 t = 1; t < CROFT_TABLE_COUNT; t++)
        if (croft_table_has_tree(t))
            CROFT_TRY(audit_tree(l, t, scratch, why));
    CROFT_TRY(audit_sum(l, why));
    return croft_audit_market(l, scratch, why);
}
