#include "ledger/market_int.h"
croft_err croft_class_assign(struct croft_op *o, u32 number, const struct croft_address *to) { (void)o; (void)number; (void)to; return CROFT_ERR_OP_STATE; }
#define D(n) void croft_due_##n(struct croft_ledger *l, u32 slot, u64 now_s) { (void)l; (void)slot; (void)now_s; }
D(lease) D(order) D(device) D(provider) D(bid) D(claim)
