#include "ledger/market_int.h"
croft_err croft_class_assign(struct croft_op *o, u32 number, const struct croft_address *to) { (void)o; (void)number; (void)to; return CROFT_ERR_OP_STATE; }
croft_err croft_token_begin(struct croft_ledger *l, u64 now_s) { (void)l; (void)now_s; return CROFT_OK; }
#define D(n) void croft_due_##n(struct croft_ledger *l, u32 slot, u64 now_s) { (void)l; (void)slot; (void)now_s; }
D(device) D(provider) D(bid) D(claim) D(token)
#include "base/assert.h"
void croft_device_free(struct croft_ledger *l, struct croft_device *d, bool unlist, bool lose_bond, u64 now_s)
{ (void)now_s; d->r.lease = 0; if (lose_bond) { croft_bond_burn(l, d->r.bond); d->r.bond = croft_amt_of(0); }
  d->r.state = unlist ? CROFT_DEVICE_UNLISTED : CROFT_DEVICE_LISTED; croft_device_store(l, d); }
void croft_device_unlist(struct croft_ledger *l, struct croft_device *d) { d->r.state = CROFT_DEVICE_UNLISTED; croft_device_store(l, d); }
bool croft_exposure_fits(const struct croft_ledger *l, const struct croft_provider_record *p, struct croft_amt more) { (void)l;(void)p;(void)more; return true; }
struct croft_amt croft_stake_slash(struct croft_ledger *l, struct croft_provider_record *p, struct croft_amt amount) { (void)l;(void)p; (void)amount; return croft_amt_of(0); }
croft_err croft_auction_open(struct croft_op *o, const struct croft_order *order, const Croft__V1__AuctionTerms *t) { (void)o;(void)order;(void)t; return CROFT_ERR_OP_STATE; }
void croft_auction_remove(struct croft_ledger *l, const u8 k[40], u32 b) { (void)l;(void)k;(void)b; }
u64 croft_auction_due_s(const struct croft_ledger *l, const struct croft_order *o) { (void)l;(void)o; return 0; }
void croft_auction_phase(struct croft_ledger *l, struct croft_order *o, u64 now_s) { (void)l;(void)o;(void)now_s; }
croft_err croft_bid_price(const struct croft_ledger *l, const u8 k[40], const struct croft_device *d, u64 *p) { (void)l;(void)k;(void)d;(void)p; return CROFT_ERR_OP_OFFERS; }
void croft_bid_settle(struct croft_ledger *l, const u8 k[40], const struct croft_lease *lease, bool acked) { (void)l;(void)k;(void)lease;(void)acked; }
croft_err croft_token_convert(struct croft_op *o, struct croft_order *order, struct croft_amt croft) { (void)o;(void)order;(void)croft; return CROFT_ERR_OP_TOKEN; }
void croft_token_spent(struct croft_ledger *l, struct croft_order *o, struct croft_amt s) { (void)l;(void)o;(void)s; }
void croft_token_unconvert(struct croft_ledger *l, struct croft_order *o, u32 b) { (void)l;(void)o;(void)b; }
void croft_token_fee(struct croft_ledger *l, struct croft_provider_record *p, struct croft_amt fee) { (void)l; p->fees_total = croft_amt_add_must(p->fees_total, fee); }
