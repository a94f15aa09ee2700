#include "store/posix_disk.h"

#include "base/assert.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUBFOLDERS_MAX = 8, SUBFOLDER_NAME_MAX = 32 };

/* Folders under ours in which a name was made, moved or removed: sync_names has to sync them too. */
struct subfolder {
    char name[SUBFOLDER_NAME_MAX];
    bool changed;
};

struct posix_disk {
    struct croft_disk disk;
    int folder_fd; /* carries the lock */
    bool changed;  /* a name directly in the folder */
    struct subfolder sub[SUBFOLDERS_MAX];
    u32 sub_count;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void free_disk(struct posix_disk **p)
{
    free(*p);
}

static croft_err err_of_errno(void)
{
    switch (errno) {
    case ENOENT:
        return CROFT_ERR_NOT_FOUND;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return CROFT_ERR_DISK_FULL;
    default:
        return CROFT_ERR_IO;
    }
}

/* 0, or -1 with errno, from a call that a signal may have interrupted. */
static int sync_fd(int fd)
{
    int rc;
    do
        rc = fdatasync(fd);
    while (rc != 0 && errno == EINTR);
    return rc;
}

/* Length of the folder part of a name; 0 when it has none.  Names come from our own code, so one
 * that could leave the folder is a bug. */
static size_t folder_part(const char *name)
{
    const char *slash = strchr(name, '/');
    CROFT_ASSERT(name[0] != '\0' && name[0] != '.' && slash != name);
    if (slash == NULL)
        return 0;
    CROFT_ASSERT(slash[1] != '\0' && slash[1] != '.' && strchr(slash + 1, '/') == NULL);
    CROFT_ASSERT(slash - name < SUBFOLDER_NAME_MAX);
    return (size_t)(slash - name);
}

static void note_change(struct posix_disk *p, const char *name)
{
    size_t len = folder_part(name);
    if (len == 0) {
        p->changed = true;
        return;
    }
    for (u32 i = 0; i < p->sub_count; i++) {
        if (strncmp(p->sub[i].name, name, len) == 0 && p->sub[i].name[len] == '\0') {
            p->sub[i].changed = true;
            return;
        }
    }
    CROFT_ASSERT(p->sub_count < SUBFOLDERS_MAX);
    struct subfolder *s = &p->sub[p->sub_count++];
    memcpy(s->name, name, len);
    s->changed = true;
    p->changed = true; /* the subfolder itself may be new */
}

static croft_err make_folder_of(struct posix_disk *p, const char *name)
{
    size_t len = folder_part(name);
    if (len == 0)
        return CROFT_OK;
    char folder[SUBFOLDER_NAME_MAX] = {0};
    memcpy(folder, name, len);
    return mkdirat(p->folder_fd, folder, 0700) == 0 || errno == EEXIST ? CROFT_OK : err_of_errno();
}

/* A name that is there already may have been made by a process killed before its sync_names: with
 * create it counts as changed too. */
static croft_err disk_open(struct croft_disk *d, const char *name, bool create, int *out_file)
{
    struct posix_disk *p = (struct posix_disk *)d;
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0);
    if (create) {
        CROFT_TRY(make_folder_of(p, name));
        note_change(p, name);
    }
    folder_part(name);
    int fd = openat(p->folder_fd, name, flags, 0600);
    if (fd < 0)
        return err_of_errno();
    *out_file = fd;
    return CROFT_OK;
}

static void disk_close(struct croft_disk *d, int file)
{
    (void)d;
    CROFT_ASSERT(file >= 0);
    close(file);
}

static croft_err disk_size(struct croft_disk *d, int file, u64 *out_bytes)
{
    (void)d;
    struct stat st;
    if (fstat(file, &st) != 0)
        return err_of_errno();
    *out_bytes = (u64)st.st_size;
    return CROFT_OK;
}

static croft_err disk_read(struct croft_disk *d, int file, u64 off, void *out, size_t len, size_t *out_got)
{
    (void)d;
    size_t got = 0;
    while (got < len) {
        ssize_t n = pread(file, (u8 *)out + got, len - got, (off_t)(off + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_of_errno();
        if (n == 0)
            break;
        got += (size_t)n;
    }
    *out_got = got;
    return CROFT_OK;
}

static croft_err disk_write(struct croft_disk *d, int file, u64 off, struct croft_bytes data)
{
    (void)d;
    size_t done = 0;
    while (done < data.len) {
        ssize_t n = pwrite(file, data.at + done, data.len - done, (off_t)(off + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_of_errno();
        done += (size_t)n;
    }
    return CROFT_OK;
}

static croft_err disk_truncate(struct croft_disk *d, int file, u64 bytes)
{
    (void)d;
    int rc;
    do
        rc = ftruncate(file, (off_t)bytes);
    while (rc != 0 && errno == EINTR);
    return rc == 0 ? CROFT_OK : err_of_errno();
}

static croft_err disk_sync(struct croft_disk *d, int file)
{
    (void)d;
    return sync_fd(file) == 0 ? CROFT_OK : err_of_errno();
}

static croft_err disk_rename(struct croft_disk *d, const char *from, const char *to)
{
    struct posix_disk *p = (struct posix_disk *)d;
    folder_part(from);
    folder_part(to);
    if (renameat(p->folder_fd, from, p->folder_fd, to) != 0)
        return err_of_errno();
    note_change(p, from);
    note_change(p, to);
    return CROFT_OK;
}

static croft_err disk_remove(struct croft_disk *d, const char *name)
{
    struct posix_disk *p = (struct posix_disk *)d;
    folder_part(name);
    if (unlinkat(p->folder_fd, name, 0) != 0)
        return err_of_errno();
    note_change(p, name);
    return CROFT_OK;
}

static croft_err sync_subfolder(struct posix_disk *p, struct subfolder *s)
{
    CROFT_CLEANUP(close_fd)
    int fd = openat(p->folder_fd, s->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fsync(fd) != 0)
        return CROFT_ERR_IO;
    s->changed = false;
    return CROFT_OK;
}

/* The folder itself last: a subfolder's name is of use only with what is in it. */
static croft_err disk_sync_names(struct croft_disk *d)
{
    struct posix_disk *p = (struct posix_disk *)d;
    for (u32 i = 0; i < p->sub_count; i++)
        if (p->sub[i].changed)
            CROFT_TRY(sync_subfolder(p, &p->sub[i]));
    if (p->changed && fsync(p->folder_fd) != 0)
        return CROFT_ERR_IO;
    p->changed = false;
    return CROFT_OK;
}

static const struct croft_disk_ops posix_ops = {
    .open = disk_open,
    .close = disk_close,
    .size = disk_size,
    .read = disk_read,
    .write = disk_write,
    .truncate = disk_truncate,
    .sync = disk_sync,
    .rename = disk_rename,
    .remove = disk_remove,
    .sync_names = disk_sync_names,
};

/* Makes the new folder's own name durable; its parent is found by "..", however the path was written. */
static croft_err sync_parent(int folder_fd)
{
    CROFT_CLEANUP(close_fd) int fd = openat(folder_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? CROFT_OK : CROFT_ERR_IO;
}

static croft_err open_folder(const char *folder, bool create, int *out_fd, struct croft_why *why)
{
    bool made = create && mkdir(folder, 0700) == 0;
    if (create && !made && errno != EEXIST)
        return croft_fail(why, CROFT_ERR_IO, "cannot make the folder %s: %s", folder, strerror(errno));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return croft_fail(why, CROFT_ERR_NOT_FOUND, "there is no folder %s", folder);
    if (fd < 0)
        return croft_fail(why, CROFT_ERR_IO, "cannot open the folder %s: %s", folder, strerror(errno));
    *out_fd = fd;
    if (made && sync_parent(fd) != CROFT_OK)
        return croft_fail(why, CROFT_ERR_IO, "cannot sync the folder above %s", folder);
    return CROFT_OK;
}

croft_err croft_posix_disk_open(const char *folder, bool create, struct croft_disk **out,
                                struct croft_why *why)
{
    CROFT_CLEANUP(close_fd) int fd = -1;
    CROFT_TRY(open_folder(folder, create, &fd, why));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return croft_fail(why, CROFT_ERR_LOCKED, "another croft process uses %s; stop it first", folder);
        return croft_fail(why, CROFT_ERR_IO, "cannot lock the folder %s: %s", folder, strerror(errno));
    }
    CROFT_CLEANUP(free_disk) struct posix_disk *p = calloc(1, sizeof *p);
    if (p == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory to open the folder %s", folder);
    p->disk.ops = &posix_ops;
    p->folder_fd = fd;
    *out = &p->disk;
    fd = -1;
    p = NULL;
    return CROFT_OK;
}

void croft_posix_disk_close(struct croft_disk *d)
{
    struct posix_disk *p = (struct posix_disk *)d;
    close(p->folder_fd); /* gives the lock back */
    free(p);
}
