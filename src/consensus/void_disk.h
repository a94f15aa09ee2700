/* consensus/void_disk.h - a disk that keeps nothing, for a driver that only recomputes: it is empty at the
 * start, takes every write and has nothing to read. */
#ifndef CROFT_CONSENSUS_VOID_DISK_H
#define CROFT_CONSENSUS_VOID_DISK_H

#include "base/disk.h"
#include "store/checkpoint.h"

/* One for the whole process: it has no state. */
struct croft_disk *croft_void_disk(void);

/* A checkpoint that was never taken, likewise. */
struct croft_checkpoint *croft_void_checkpoint(void);

#endif
