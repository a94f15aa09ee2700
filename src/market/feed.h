/* market/feed.h - offers from the ledger's records: what the index is built and kept up to date from.
 *
 * The one place that knows both wire/record.h and market/attr.h.  Pure; needs no ledger, so it serves a chain's own
 * machine and whoever reads records over the network.  Derived state, as the index: one owner, and when a limit is
 * reached, words, index and feed are made again together, larger.
 *
 * An offer is a LISTED device of a node that is there and not draining:
 *   number        GPUs, isolation, RAM, disk, cores, line, uptime: the device's; VRAM, TOPS, GB/s: each as proved, or as
 *                 declared while it was not; machine: the node's; until: the end of the offer
 *   words         class: its number in decimal; model: as posted; vendor: nvidia amd intel apple; interface: pcie sxm
 *                 integrated; country: the node's two letters
 *   auditors      ADDRESS/CLAIM, CLAIM one of identity country machine ecc isolation uptime network, or the number of
 *                 a bit from 7 on; country and machine only while the auditor says what the node says.  At most
 *                 CROFT_WORD_SET_MAX, the lower bits first
 *   attributes    the node's lines
 */
#ifndef CROFT_MARKET_FEED_H
#define CROFT_MARKET_FEED_H

#include "market/match.h"
#include "wire/record.h"

#define CROFT_OFFER_NONE UINT64_MAX

struct croft_feed;

struct croft_feed_limits {
    u32 nodes_max;   /* known, or waited for by devices and claims; up to 2^24 */
    u32 devices_max; /* listed */
    u32 claims_max;
    u64 hash_seed; /* secret of this process, as in market/words.h */
};

/* Address space; pages are touched as records come: about 75 bytes a node, 135 a device, 60 a claim. */
size_t croft_feed_size(const struct croft_feed_limits *limits);

/* CROFT_ERR_NOMEM when mem has less than croft_feed_size.  mem must be fresh zero pages.  *out lives in mem and
 * changes market, which must be empty, and words, which must be those of the market. */
CROFT_MUST_USE croft_err croft_feed_init(struct croft_feed **out, struct croft_arena *mem,
                                         const struct croft_feed_limits *limits, struct croft_market *market,
                                         struct croft_words *words);

/* A record as it is now (value.at NULL: it is gone), of tables NODES, DEVICES and CLAIMS; others are passed over.  Any
 * order: devices and claims of a node that is not known yet wait for it.  A change of a node or claim puts the node's
 * devices again (at most 64).
 *   CROFT_ERR_DECODE CROFT_ERR_FORMAT  not a record of this table; nothing is changed
 *   CROFT_ERR_NOMEM                    nodes, devices, claims, words or offers are at their limit; the offers of this
 *                                      node are undefined from now on */
CROFT_MUST_USE croft_err croft_feed_record(struct croft_feed *f, u32 table, struct croft_bytes key,
                                           struct croft_bytes value);

/* The id of a device's offer: the order in which nodes became known, and the device's number.  It stays while the node
 * has a record, a listed device or a claim.  CROFT_OFFER_NONE: it is not listed, or there is no such device. */
u64 croft_feed_id(const struct croft_feed *f, const u8 device_key[40]);

/* And back: false, *out unchanged, when there is no such device. */
CROFT_MUST_USE bool croft_feed_key(const struct croft_feed *f, u64 id, u8 out_device_key[40]);

/* What a class asks of a device (0 and empty: nothing), at any price by the second.  CROFT_ERR_USAGE: a field out of its range; *out is
 * undefined then. */
CROFT_MUST_USE croft_err croft_feed_of_class(const struct croft_class_record *c, const struct croft_words *w,
                                             struct croft_requirement *out);

/* What the ledger asks of an offer that this order is to take now: class, service, egress, an end that leaves time to
 * start and to keep a firm promise, and the price.  Beyond it only the ledger knows the provider's exposure and the
 * price of its disk; and where a class posts a price, that is paid by whoever asks less.  CROFT_ERR_USAGE as above. */
CROFT_MUST_USE croft_err croft_feed_of_order(const struct croft_order_record *o, const struct croft_words *w,
                                             u64 now_s, struct croft_requirement *out);

#endif
