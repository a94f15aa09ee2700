/* consensus/snapshot.h - the state at one height as one file, the same bytes on every node.
 *
 *   "CROFTSNP" | u32 format 1 | u64 height | u32 length, genesis (packed) | u32 length, head of the block at
 * that height (0 at height 0) | u64 receipt blocks, per set bit of it, lowest first: subtree root (32) | u32
 * length, meta (ledger.h) | per record, by table and slot: u8 table, u32 slot, u8 key length, u16 value
 * length, key, value | u8 0 | BLAKE2b-256(key "croft snapshot 1", all before)
 *
 * It is written from a checkpoint, so the chain goes on meanwhile.  What restore can check it checks: the
 * hash, that the records give the app hash, that the head has it and is signed by one of the state's
 * validators.  That this is the network's true state nobody can see from the file: the app hash is for
 * comparing with somebody who is trusted.
 */
#ifndef CROFT_CONSENSUS_SNAPSHOT_H
#define CROFT_CONSENSUS_SNAPSHOT_H

#include "base/world.h"
#include "consensus/solo/solo.h"
#include "ledger/roots.h"
#include "store/checkpoint.h"

#include "croft/v1/genesis.pb-c.h"

/* What the file holds beside the checkpoint, taken at its height. */
struct croft_snapshot_head {
    u64 height;
    u32 head_len; /* 0 at height 0 */
    u8 head[CROFT_BLOCK_HEAD_BYTES];
    struct croft_peaks receipts;
};

struct croft_snapshot_info {
    u64 height, bytes;
    struct croft_hash hash;
    struct croft_hash app_hash, network; /* set by restore */
    bool genesis_signer; /* the head is signed by a validator that the genesis names (true at height 0); set
                            by restore */
};

/* In the driver's thread, between blocks.  base: the snapshot that the chain was restored from, for when no
 * block was made since; may be missing.  Errors of croft_blocklog_read and croft_snapshot_open. */
CROFT_MUST_USE croft_err croft_snapshot_capture(struct croft_solo *s, const char *base,
                                                struct croft_snapshot_head *out, struct croft_why *why);

/* Writes head and checkpoint, which the caller took at one height, to a new file; durable on return.
 *   CROFT_ERR_EXISTS (nothing is overwritten), CROFT_ERR_DISK_FULL, CROFT_ERR_IO; no file is left behind */
CROFT_MUST_USE croft_err croft_snapshot_write(const char *path, const Croft__V1__Genesis *genesis,
                                              const struct croft_snapshot_head *head,
                                              struct croft_checkpoint *checkpoint,
                                              struct croft_snapshot_info *out, struct croft_why *why);

/* Of a chain that is open and does not run: takes a checkpoint first. */
struct croft_home;
CROFT_MUST_USE croft_err croft_snapshot_of_home(struct croft_home *h, const char *path,
                                                struct croft_snapshot_info *out, struct croft_why *why);

/* An open file: a checkpoint that can only be read. */
struct croft_snapshot {
    struct croft_checkpoint checkpoint; /* first: what its functions get */
    struct croft_bytes file, meta, records;
    struct croft_region memory;
    const Croft__V1__Genesis *genesis;
    struct croft_hash hash;
    struct croft_snapshot_head head;
};

/* Maps and takes apart; the hash is checked, not the records.
 *   CROFT_ERR_NOT_FOUND, CROFT_ERR_IO, CROFT_ERR_NOMEM
 *   CROFT_ERR_SNAPSHOT  cut short, changed or not a snapshot     CROFT_ERR_FORMAT  a later format */
CROFT_MUST_USE croft_err croft_snapshot_open(const char *path, struct croft_snapshot *out,
                                             struct croft_why *why);
void croft_snapshot_close(struct croft_snapshot *s); /* suits CROFT_CLEANUP; a zeroed one is fine too */

/* Height and receipts of a snapshot file. */
CROFT_MUST_USE croft_err croft_snapshot_peek(const char *path, u64 *out_height,
                                             struct croft_peaks *out_receipts, struct croft_why *why);

/* Makes a chain's folder from the file, after checking all of it; durable on return.  The folder may be
 * there, but holds no chain.  key: NULL, or the sequencer's, to make blocks from there on.
 *   CROFT_ERR_SNAPSHOT, CROFT_ERR_FORMAT, CROFT_ERR_EXISTS, CROFT_ERR_STATE and those of writing */
CROFT_MUST_USE croft_err croft_snapshot_restore(const char *file, const char *folder,
                                                const struct croft_secret_key *key, struct croft_world *world,
                                                struct croft_snapshot_info *out, struct croft_why *why);

#endif
