/* sim/fake_disk.h - a disk in memory that loses, tears, fills up and fails as its seed says.
 *
 *   RUNNING --crash, or the planned call--> DOWN --restart--> RUNNING          RUNNING --restart--> RUNNING
 *
 * It keeps what is synced apart from what was only written.  A crash (power loss) rolls, for every write and
 * truncation that was not synced, whether it is lost, whole or torn: an arbitrary prefix, or any of its
 * sectors, or room at the file's end that was taken but holds zeros or garbage.  For every creation, renaming
 * and removal without sync_names it rolls whether it happened.  While DOWN every call returns CROFT_ERR_IO.
 * A sync that fails may lose what it was to sync in the same ways, while readers go on seeing it.
 * restart without a crash is a killed process: nothing is lost, but its handles are.
 *
 * Memory is malloc's; running out of it is an assert.
 */
#ifndef CROFT_SIM_FAKE_DISK_H
#define CROFT_SIM_FAKE_DISK_H

#include "base/disk.h"

struct croft_fake_disk;

/* Files are limited to names of CROFT_FAKE_DISK_NAME_MAX - 1 bytes (asserted). */
enum { CROFT_FAKE_DISK_NAME_MAX = 64, CROFT_FAKE_DISK_SECTOR = 512 };

enum croft_fake_call {
    CROFT_FAKE_OPEN = 1 << 0,
    CROFT_FAKE_SIZE = 1 << 1,
    CROFT_FAKE_READ = 1 << 2,
    CROFT_FAKE_WRITE = 1 << 3,
    CROFT_FAKE_TRUNCATE = 1 << 4,
    CROFT_FAKE_SYNC = 1 << 5,
    CROFT_FAKE_RENAME = 1 << 6,
    CROFT_FAKE_REMOVE = 1 << 7,
    CROFT_FAKE_SYNC_NAMES = 1 << 8,
    CROFT_FAKE_ANY = (1 << 9) - 1,
};

enum croft_fake_fault {
    CROFT_FAKE_CRASH, /* power loss during the call: it may have had its effect, wholly or in part, or none */
    CROFT_FAKE_FAIL,  /* CROFT_ERR_IO, without effect except that a write may have written a part */
    CROFT_FAKE_DISK_FULL, /* CROFT_ERR_DISK_FULL, likewise; as a sync may report it too */
};

struct croft_fake_disk *croft_fake_disk_make(u64 seed);
void croft_fake_disk_free(struct croft_fake_disk *f);
struct croft_disk *croft_fake_disk_of(struct croft_fake_disk *f);

void croft_fake_disk_crash(struct croft_fake_disk *f);
void croft_fake_disk_restart(struct croft_fake_disk *f); /* forgets planned faults */

/* The nth call from now (1 is the next) of those in calls (bits of croft_fake_call) gets the fault, once. */
void croft_fake_disk_plan(struct croft_fake_disk *f, u32 calls, u64 nth, enum croft_fake_fault fault);

/* Calls so far of any kind in calls; for planning a fault at every possible one. */
u64 croft_fake_disk_calls(const struct croft_fake_disk *f, u32 calls);

/* Writes that would take all files together beyond bytes get CROFT_ERR_DISK_FULL, and may write what fits. */
void croft_fake_disk_set_room(struct croft_fake_disk *f, u64 bytes);
u64 croft_fake_disk_used(const struct croft_fake_disk *f);

/* Xors a byte of a file, on the platter and in memory; the file has it (asserted). */
void croft_fake_disk_flip(struct croft_fake_disk *f, const char *name, u64 off, u8 mask);

/* A file as a reader sees it now, valid until the next call; {NULL, 0} when there is none or it is empty. */
struct croft_bytes croft_fake_disk_file(const struct croft_fake_disk *f, const char *name);

/* A number over all names and contents: the same as long as nothing was changed. */
u64 croft_fake_disk_sum(const struct croft_fake_disk *f);

#endif
