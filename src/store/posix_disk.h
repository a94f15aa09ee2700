/* store/posix_disk.h - a folder of the real file system as a croft_disk. */
#ifndef CROFT_STORE_POSIX_DISK_H
#define CROFT_STORE_POSIX_DISK_H

#include "base/disk.h"

/* Opens (and with create makes, mode 0700) the folder; all names are under it, none may leave it (asserted);
 * the part before a '/' is made when a file is created in it.  sync is fdatasync.
 * Takes an exclusive lock that other processes see: CROFT_ERR_LOCKED if another has it.
 *   CROFT_ERR_NOT_FOUND, CROFT_ERR_NOMEM, CROFT_ERR_IO */
CROFT_MUST_USE croft_err croft_posix_disk_open(const char *folder, bool create, struct croft_disk **out,
                                               struct croft_why *why);
void croft_posix_disk_close(struct croft_disk *d);

#endif
