#include "ledger/ledger_int.h"

#include "base/assert.h"

u32 croft_issuer_find(const struct croft_ledger *l, const struct croft_address *a, u32 asset,
                      struct croft_issuer_record *out)
{
    u8 key[33];
    croft_key_issuer(a, asset, key);
    u32 slot = croft_state_find(l->state, CROFT_TABLE_ISSUERS, key);
    if (slot != CROFT_SLOT_NONE)
        croft_record_load(l, CROFT_TABLE_ISSUERS, slot, out);
    return slot;
}

struct croft_amt croft_issuer_free(const struct croft_issuer_record *r)
{
    CROFT_ASSERT(croft_amt_cmp(r->held, r->outstanding) <= 0);
    return croft_amt_sub_must(r->outstanding, r->held);
}

croft_err croft_issue(struct croft_ledger *l, const struct croft_address *issuer, u32 asset, struct croft_amt amount)
{
    struct croft_issuer_record r;
    struct croft_amt sum;
    u32 slot = croft_issuer_find(l, issuer, asset, &r);
    if (slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_ISSUER;
    if (!croft_amt_add(&sum, r.outstanding, amount) || croft_amt_cmp(sum, r.cap) > 0)
        return CROFT_ERR_OP_ISSUER_CAP;
    struct croft_chain_record c = croft_ledger_chain(l);
    if (!croft_amt_add(&r.issued_total, r.issued_total, amount) ||
        !croft_amt_add(&c.outstanding[asset], c.outstanding[asset], amount))
        return CROFT_ERR_OP_OVERFLOW;
    CROFT_ASSERT(croft_amt_cmp(sum, c.outstanding[asset]) <= 0); /* one issuer's is part of all */
    r.outstanding = sum;
    croft_record_store(l, CROFT_TABLE_ISSUERS, slot, &r);
    croft_record_store(l, CROFT_TABLE_CHAIN, 0, &c);
    return CROFT_OK;
}

croft_err croft_issued_destroy(struct croft_ledger *l, const struct croft_address *issuer, u32 asset,
                               struct croft_amt amount)
{
    struct croft_issuer_record r;
    u32 slot = croft_issuer_find(l, issuer, asset, &r);
    if (slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_ISSUER;
    if (croft_amt_cmp(amount, croft_issuer_free(&r)) > 0)
        return CROFT_ERR_OP_OUTSTANDING;
    struct croft_chain_record c = croft_ledger_chain(l);
    CROFT_ASSERT(croft_amt_cmp(r.outstanding, c.outstanding[asset]) <= 0);
    r.outstanding = croft_amt_sub_must(r.outstanding, amount);
    c.outstanding[asset] = croft_amt_sub_must(c.outstanding[asset], amount);
    croft_record_store(l, CROFT_TABLE_ISSUERS, slot, &r);
    croft_record_store(l, CROFT_TABLE_CHAIN, 0, &c);
    return CROFT_OK;
}
