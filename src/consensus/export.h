/* consensus/export.h - blocks as JSON lines, for an index outside.
 *
 * One object a line, in the order of the chain: a block, then its transactions, then what happened because of
 * time.
 *   {"type":"block","height","id","time_ms","network","previous","app_hash","receipts_root","sequencer","txs","dues",...}
 *   {"type":"tx","height","index","id","code","result","fee","value","body":{...}}
 *   {"type":"due","height","index","kind","key","amount"}
 * 64-bit numbers are decimal text; amounts of fees and values are credits with a point, as everywhere.
 */
#ifndef CROFT_CONSENSUS_EXPORT_H
#define CROFT_CONSENSUS_EXPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"
#include "base/world.h"
#include "wire/block.h"

#include <signal.h>
#include <stdio.h>

/* Writes one block; scratch holds one decoded transaction.
 *   CROFT_ERR_DECODE  it is not a block      CROFT_ERR_IO, CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_export_block(struct croft_bytes block, struct croft_arena scratch, FILE *to,
                                            struct croft_why *why);

/* Writes blocks from..to (to 0: the last) of a chain's folder that no process uses.
 *   CROFT_ERR_LOCKED       a chain runs there: ask it for its blocks
 *   CROFT_ERR_NOT_FOUND    no chain, or from is not in the log
 *   CROFT_ERR_INTERRUPTED, CROFT_ERR_LOG_ROT, CROFT_ERR_IO and what opening a home returns */
struct croft_export_options {
    const char *path;
    struct croft_world *world;
    const volatile sig_atomic_t *interrupted; /* NULL: never */
    u64 from, to;                             /* from is not 0 (asserted) */
    void (*progress)(void *arg, u64 height, u64 last);
    void *arg;
};
CROFT_MUST_USE croft_err croft_export_folder(const struct croft_export_options *options, FILE *to,
                                             struct croft_why *why);

#endif
