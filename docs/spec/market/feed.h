/* market/feed.h - offers from the ledger's records: what the index is built and kept up to date from.
 * The one place that knows both wire/record.h and market/attr.h; effects-free, needs no ledger. */
#ifndef CROFT_MARKET_FEED_H
#define CROFT_MARKET_FEED_H

#include "market/match.h"
#include "wire/record.h"

struct croft_feed;

size_t croft_feed_size(u32 nodes_max);
CROFT_MUST_USE croft_err croft_feed_init(struct croft_feed **out, struct croft_arena *mem, u32 nodes_max,
                                         struct croft_market *market, struct croft_words *words);

/* A record as it is now (value.at NULL: it is gone), of tables NODES, DEVICES and CLAIMS; others are ignored.  Any order:
 * devices of a node that is not known yet wait for it.  A change of a node re-puts its devices (at most 64). */
CROFT_MUST_USE croft_err croft_feed_record(struct croft_feed *f, u32 table, struct croft_bytes key, struct croft_bytes value);

/* The offer id of a device key, and back. */
u64 croft_feed_id(const struct croft_feed *f, const u8 device_key[40]);
bool croft_feed_key(const struct croft_feed *f, u64 id, u8 out_device_key[40]);

/* The requirement that a class, or an order's public fields, ask for. */
CROFT_MUST_USE croft_err croft_feed_of_class(const struct croft_class_record *c, const struct croft_words *w,
                                             struct croft_requirement *out);
CROFT_MUST_USE croft_err croft_feed_of_order(const struct croft_order_record *o, u64 now_s, struct croft_requirement *r);

#endif
