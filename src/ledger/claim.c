#include "ledger/market_int.h"

#include "base/assert.h"
#include "crypto/hash.h"

struct claim {
    u32 slot; /* CROFT_SLOT_NONE: there is none yet */
    u8 key[40];
    struct croft_claim_record r;
};

/* By node and the first 8 bytes of a hash of the auditor: all claims about a node lie beside each other. */
static void claim_key(const u8 node[32], const struct croft_address *auditor, u8 out[40])
{
    const struct croft_bytes part = {auditor->b, sizeof auditor->b};
    struct croft_hash h = croft_blake2b("croft auditor 1", &part, 1);
    memcpy(out, node, 32);
    memcpy(out + 32, h.b, 8);
}

static void claim_find(const struct croft_ledger *l, const u8 node[32], const struct croft_address *auditor,
                       struct claim *out)
{
    *out = (struct claim){.r = {.auditor = *auditor}};
    claim_key(node, auditor, out->key);
    out->slot = croft_state_find(l->state, CROFT_TABLE_CLAIMS, out->key);
    if (out->slot != CROFT_SLOT_NONE)
        croft_record_load(l, CROFT_TABLE_CLAIMS, out->slot, &out->r);
}

static void claim_end(struct croft_ledger *l, const struct claim *c)
{
    u32 auditor = croft_account_find(l, &c->r.auditor);
    CROFT_ASSERT(c->slot != CROFT_SLOT_NONE);
    CROFT_ASSERT(auditor != CROFT_SLOT_NONE); /* open_records keeps it */
    croft_deposit_return(l, auditor, c->r.deposit);
    croft_open_records_add(l, auditor, -1);
    croft_state_remove(l->state, CROFT_TABLE_CLAIMS, c->slot);
}

static croft_err revoke(struct croft_op *o, const struct claim *c)
{
    if (c->slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    if (!croft_address_equal(&c->r.auditor, &o->tx->account))
        return CROFT_ERR_OP_EXISTS;
    claim_end(o->l, c);
    return CROFT_OK;
}

static croft_err make(struct croft_op *o, struct claim *c)
{
    CROFT_TRY(croft_deposit_take(o, &c->r.deposit));
    CROFT_TRY(croft_record_insert(o->l, CROFT_TABLE_CLAIMS, c->key, &c->r, &c->slot));
    croft_open_records_add(o->l, o->payer, 1);
    return CROFT_OK;
}

croft_err croft_claim_set(struct croft_op *o, const Croft__V1__ClaimSet *op)
{
    struct claim c;
    claim_find(o->l, op->node_address.data, &o->tx->account, &c);
    if (op->until_s == 0)
        return revoke(o, &c);
    if (croft_state_find(o->l->state, CROFT_TABLE_NODES, op->node_address.data) == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    if (!croft_address_equal(&c.r.auditor, &o->tx->account))
        return CROFT_ERR_OP_EXISTS;
    if (op->until_s <= o->now_s || op->until_s - o->now_s > croft_ledger_param(o->l, CROFT_PARAM_CLAIM_MAX_S))
        return CROFT_ERR_OP_TIME;
    c.r.claims = op->claims;
    c.r.machine = (u8)op->machine;
    c.r.due_s = op->until_s;
    CROFT_ASSERT(op->country.len == 0 || op->country.len == sizeof c.r.country);
    memset(c.r.country, 0, sizeof c.r.country);
    if (op->country.len != 0)
        memcpy(c.r.country, op->country.data, sizeof c.r.country);
    if (c.slot == CROFT_SLOT_NONE)
        return make(o, &c);
    croft_record_store(o->l, CROFT_TABLE_CLAIMS, c.slot, &c.r);
    return CROFT_OK;
}

void croft_due_claim(struct croft_ledger *l, u32 slot, u64 now_s)
{
    struct claim c = {.slot = slot};
    croft_record_load(l, CROFT_TABLE_CLAIMS, slot, &c.r);
    CROFT_ASSERT(c.r.due_s <= now_s);
    croft_due_report(l, CROFT_DUE_CLAIM_EXPIRED, CROFT_TABLE_CLAIMS, slot, c.r.deposit);
    claim_end(l, &c);
}
