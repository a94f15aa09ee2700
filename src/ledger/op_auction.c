#include "ledger/market_int.h"

croft_err croft_op_auction(struct croft_op *o)
{
    (void)o;
    return CROFT_ERR_OP_STATE;
}
