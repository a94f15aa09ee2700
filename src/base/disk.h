/* base/disk.h - files, as far as a store may ask of them.
 *
 * The real disk (store/posix_disk) and the simulator's (sim/fake_disk) are behind it.  Names are
 * relative to one folder and may hold one '/'.  A write is on disk only once a sync of that file has
 * returned CROFT_OK; without it a crash may lose it, or keep any part of it.  Creating, renaming or
 * removing a file is durable once sync_names has returned CROFT_OK.
 *
 * Errors of every call: CROFT_ERR_IO; CROFT_ERR_DISK_FULL (write, sync, create); CROFT_ERR_NOT_FOUND (open without
 * create, size, rename, remove).  A failed write may have written a part.  After a failed sync the
 * caller must not trust the file and stops.
 */
#ifndef CROFT_BASE_DISK_H
#define CROFT_BASE_DISK_H

#include "base/err.h"
#include "base/types.h"

struct croft_disk;

struct croft_disk_ops {
    /* A handle >= 0 in *out_file, which close gives back. */
    croft_err (*open)(struct croft_disk *d, const char *name, bool create, int *out_file);
    void (*close)(struct croft_disk *d, int file);
    croft_err (*size)(struct croft_disk *d, int file, u64 *out_bytes);
    /* Reads up to len bytes; *out_got is less only at the end of the file. */
    croft_err (*read)(struct croft_disk *d, int file, u64 off, void *out, size_t len, size_t *out_got);
    croft_err (*write)(struct croft_disk *d, int file, u64 off, struct croft_bytes data);
    croft_err (*truncate)(struct croft_disk *d, int file, u64 bytes);
    croft_err (*sync)(struct croft_disk *d, int file);
    croft_err (*rename)(struct croft_disk *d, const char *from, const char *to);
    croft_err (*remove)(struct croft_disk *d, const char *name);
    croft_err (*sync_names)(struct croft_disk *d);
};

struct croft_disk {
    const struct croft_disk_ops *ops;
};

#endif
