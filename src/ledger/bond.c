#include "ledger/market_int.h"

#include "base/assert.h"

croft_err croft_bond_take(struct croft_op *o, struct croft_amt bond)
{
    CROFT_TRY(croft_spend(o, CROFT_ASSET_CREDIT, bond));
    croft_system_credit(o->l, CROFT_SYSTEM_STAKE, CROFT_ASSET_CREDIT, bond);
    return CROFT_OK;
}

void croft_bond_pay(struct croft_ledger *l, const struct croft_address *to, struct croft_amt amount)
{
    u32 slot = croft_account_find(l, to);
    CROFT_ASSERT(slot != CROFT_SLOT_NONE); /* whoever has a bond has an open record */
    croft_system_debit(l, CROFT_SYSTEM_STAKE, CROFT_ASSET_CREDIT, amount);
    croft_credit(l, slot, CROFT_ASSET_CREDIT, amount);
}

void croft_bond_burn(struct croft_ledger *l, struct croft_amt amount)
{
    croft_system_debit(l, CROFT_SYSTEM_STAKE, CROFT_ASSET_CREDIT, amount);
    croft_system_credit(l, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT, amount);
}
