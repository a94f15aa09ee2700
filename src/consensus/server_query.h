/* consensus/server_query.h - answers that are read from the chain: status, records, receipts, proofs,
 * transactions.
 *
 * Runs in the sequencer's thread, between blocks; it changes nothing but what is derived (the receipts tree).
 * A proof is a chain of CometBFT's "simple:v" operations (crypto/merkle.h, ledger/roots.h):
 *   record   key in its table's tree, the table's name in the app hash
 *   receipt  transaction id in the block's receipts tree, the block's number in the receipts tree, "receipts"
 * in the app hash
 */
#ifndef CROFT_CONSENSUS_SERVER_QUERY_H
#define CROFT_CONSENSUS_SERVER_QUERY_H

#include "consensus/receipts.h"
#include "consensus/solo/engine.h"

#include "croft/v1/chain.pb-c.h"

/* Headers that one step reads while the receipts tree is being made: some ten milliseconds. */
enum { CROFT_QUERY_HEADS_MAX = 20000 };

/* Slots that one query with a prefix looks at, most of them of other records: a few milliseconds. */
enum { CROFT_QUERY_SLOTS_MAX = 65536 };

struct croft_query_source {
    struct croft_solo *solo;
    struct croft_peaks base; /* the receipts before the log's first block */
    u64 base_height;
    struct croft_receipts receipts; /* opened when it is first needed */
    const char *network_name, *software;
    const struct croft_engine *engine; /* whose warnings a status shows; NULL: none */
};

/* Facts of the server that a status shows besides. */
struct croft_query_status {
    u64 follower_height;
    const char *role;
};

/* Carries out a status, query or find_tx; *out and what it points to live in mem, its message in *why.  An
 * error is an answer too.  False: the receipts tree is not made yet, call again. */
CROFT_MUST_USE bool croft_query_answer(struct croft_query_source *q, const Croft__V1__Request *r,
                                       const struct croft_query_status *status, struct croft_arena *mem,
                                       Croft__V1__Response *out, struct croft_why *why);

void croft_query_close(struct croft_query_source *q);

#endif
