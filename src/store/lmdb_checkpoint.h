/* store/lmdb_checkpoint.h - a checkpoint in one LMDB file.
 *
 * Key: u64 table << 32 | slot (MDB_INTEGERKEY); value: key_len u8, key, value.  Records are sorted before
 * they are put, so pages are written once and in order.  Synced commits (LMDB's default): the file is
 * consistent after kill -9 and power loss.
 */
#ifndef CROFT_STORE_LMDB_CHECKPOINT_H
#define CROFT_STORE_LMDB_CHECKPOINT_H

#include "store/checkpoint.h"

/* Opens or creates path (a file; LMDB keeps path-lock beside it).  map_bytes is the most it may grow to.
 *   CROFT_ERR_STATE   not an LMDB file, or damaged
 *   CROFT_ERR_IO, CROFT_ERR_NOMEM */
CROFT_MUST_USE croft_err croft_lmdb_checkpoint_open(const char *path, u64 map_bytes,
                                                    struct croft_checkpoint **out, struct croft_why *why);
void croft_lmdb_checkpoint_close(struct croft_checkpoint *c);

#endif
