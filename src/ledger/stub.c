#include "ledger/market_int.h"
croft_err croft_token_begin(struct croft_ledger *l, u64 now_s) { (void)l; (void)now_s; return CROFT_OK; }
void croft_provider_roll(struct croft_ledger *l, struct croft_provider_record *p) { (void)l; (void)p; }
#define D(n) void croft_due_##n(struct croft_ledger *l, u32 slot, u64 now_s) { (void)l; (void)slot; (void)now_s; }
D(lease) D(order) D(bid) D(token)
