#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

const struct croft_ledger *croft_msim_ledger(const struct croft_sim *s)
{
    return croft_solo_ledger(s->node[0].solo);
}

const struct croft_state *croft_msim_state(const struct croft_sim *s)
{
    return croft_ledger_state(croft_msim_ledger(s));
}

u64 croft_msim_now_s(const struct croft_sim *s)
{
    return croft_ledger_time_s(croft_msim_ledger(s));
}

u64 croft_msim_param(const struct croft_sim *s, enum croft_param which)
{
    return croft_ledger_param(croft_msim_ledger(s), which);
}

bool croft_msim_is_open(const struct croft_sim *s)
{
    return croft_ledger_chain(croft_msim_ledger(s)).protocol >= CROFT_PROTOCOL_MARKET;
}

/* ---- records ---- */

bool croft_msim_at(const struct croft_sim *s, u32 table, u32 slot, u8 key[CROFT_RECORD_KEY_MAX], void *out)
{
    const struct croft_state *state = croft_msim_state(s);
    struct croft_bytes at = croft_state_key(state, table, slot);
    if (at.at == NULL)
        return false;
    if (key != NULL)
        memcpy(key, at.at, at.len);
    croft_err err = croft_layout_decode(croft_table_layout(table), croft_state_value(state, table, slot), out);
    CROFT_ASSERT(err == CROFT_OK);
    return true;
}

bool croft_msim_read(const struct croft_sim *s, u32 table, const u8 *key, void *out)
{
    u32 slot = croft_state_find(croft_msim_state(s), table, key);
    return slot != CROFT_SLOT_NONE && croft_msim_at(s, table, slot, NULL, out);
}

u32 croft_msim_high(const struct croft_sim *s, u32 table)
{
    return croft_state_high(croft_msim_state(s), table);
}

bool croft_msim_account_read(const struct croft_sim *s, u32 account, struct croft_account_record *out)
{
    return croft_msim_read(s, CROFT_TABLE_ACCOUNTS, s->market->account[account].address.b, out);
}

bool croft_msim_device(const struct croft_sim *s, u32 node, u32 device, struct croft_device_record *out)
{
    u8 key[40] = {0};
    memcpy(key, s->market->account[node].address.b, 32);
    key[39] = (u8)device;
    return croft_msim_read(s, CROFT_TABLE_DEVICES, key, out);
}

/* ---- who ---- */

u32 croft_msim_account_of(const struct croft_sim *s, const u8 address[32])
{
    const struct croft_msim *m = s->market;
    u32 mask = (u32)CROFT_COUNT(m->by_address) - 1;
    for (u32 i = (address[0] | (u32)address[1] << 8) & mask; m->by_address[i] != 0; i = (i + 1) & mask)
        if (memcmp(m->account[m->by_address[i] - 1].address.b, address, 32) == 0)
            return m->by_address[i] - 1u;
    return CROFT_MSIM_NONE;
}

u32 croft_msim_actor_of(const struct croft_sim *s, const u8 address[32])
{
    u32 account = croft_msim_account_of(s, address);
    return account == CROFT_MSIM_NONE ? CROFT_MSIM_NONE : s->market->account[account].actor;
}

/* ---- prices ---- */

u64 croft_msim_pay(u64 price, u32 kind, u64 units)
{
    static const u64 per[] = {3600, 1000000, 1000000000, 1};
    u128 pay = (u128)price * units / per[kind];
    return pay > UINT64_MAX ? UINT64_MAX : (u64)pay;
}

bool croft_msim_some_offer(struct croft_sim *s, struct croft_msim_offer *out)
{
    u8 key[CROFT_RECORD_KEY_MAX];
    u32 high = croft_msim_high(s, CROFT_TABLE_DEVICES);
    for (u32 i = 0; high != 0 && i < 8; i++) {
        u32 slot = (u32)croft_sim_below(s, high);
        if (!croft_msim_at(s, CROFT_TABLE_DEVICES, slot, key, &out->r) || out->r.state != CROFT_DEVICE_LISTED)
            continue;
        out->node = croft_msim_account_of(s, key);
        out->device = key[39];
        return out->node != CROFT_MSIM_NONE;
    }
    return false;
}
