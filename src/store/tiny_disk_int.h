/* store/tiny_disk_int.h - for fuzz targets only: a disk of a few small files in memory, where everything
 * works. */
#ifndef CROFT_STORE_TINY_DISK_INT_H
#define CROFT_STORE_TINY_DISK_INT_H

#include "base/assert.h"
#include "base/disk.h"

#include <string.h>

enum { CROFT_TINY_FILES = 8, CROFT_TINY_BYTES = 64 << 10 };

struct croft_tiny_file {
    char name[32]; /* empty: free */
    u64 len;
    u8 at[CROFT_TINY_BYTES];
};

/* All zeros is an empty disk, once disk.ops is set.  A handle is a file's place. */
struct croft_tiny_disk {
    struct croft_disk disk;
    struct croft_tiny_file file[CROFT_TINY_FILES];
};

static inline struct croft_tiny_file *croft_tiny_file(struct croft_tiny_disk *t, const char *name)
{
    for (int i = 0; i < CROFT_TINY_FILES; i++)
        if (strcmp(t->file[i].name, name) == 0)
            return &t->file[i];
    return NULL;
}

static inline croft_err croft_tiny_open(struct croft_disk *d, const char *name, bool create, int *out_file)
{
    struct croft_tiny_disk *t = (struct croft_tiny_disk *)d;
    struct croft_tiny_file *f = croft_tiny_file(t, name);
    if (f == NULL && !create)
        return CROFT_ERR_NOT_FOUND;
    if (f == NULL) {
        f = croft_tiny_file(t, "");
        if (f == NULL)
            return CROFT_ERR_DISK_FULL;
        CROFT_ASSERT(strlen(name) < sizeof f->name);
        memcpy(f->name, name, strlen(name) + 1);
        f->len = 0;
    }
    *out_file = (int)(f - t->file);
    return CROFT_OK;
}

static inline void croft_tiny_close(struct croft_disk *d, int file)
{
    (void)d;
    CROFT_ASSERT(file >= 0 && file < CROFT_TINY_FILES);
}

static inline croft_err croft_tiny_size(struct croft_disk *d, int file, u64 *out_bytes)
{
    *out_bytes = ((struct croft_tiny_disk *)d)->file[file].len;
    return CROFT_OK;
}

static inline croft_err croft_tiny_read(struct croft_disk *d, int file, u64 off, void *out, size_t len,
                                        size_t *out_got)
{
    const struct croft_tiny_file *f = &((struct croft_tiny_disk *)d)->file[file];
    u64 there = off < f->len ? f->len - off : 0;
    *out_got = there < len ? there : len;
    memcpy(out, f->at + (*out_got ? off : 0), *out_got);
    return CROFT_OK;
}

static inline croft_err croft_tiny_truncate(struct croft_disk *d, int file, u64 bytes)
{
    struct croft_tiny_file *f = &((struct croft_tiny_disk *)d)->file[file];
    if (bytes > CROFT_TINY_BYTES)
        return CROFT_ERR_DISK_FULL;
    if (bytes > f->len)
        memset(f->at + f->len, 0, bytes - f->len);
    f->len = bytes;
    return CROFT_OK;
}

static inline croft_err croft_tiny_write(struct croft_disk *d, int file, u64 off, struct croft_bytes data)
{
    struct croft_tiny_file *f = &((struct croft_tiny_disk *)d)->file[file];
    if (off > CROFT_TINY_BYTES || data.len > CROFT_TINY_BYTES - off)
        return CROFT_ERR_DISK_FULL;
    if (off + data.len > f->len)
        CROFT_TRY(croft_tiny_truncate(d, file, off + data.len));
    memcpy(f->at + off, data.at, data.len);
    return CROFT_OK;
}

static inline croft_err croft_tiny_sync(struct croft_disk *d, int file)
{
    (void)d;
    (void)file;
    return CROFT_OK;
}

static inline croft_err croft_tiny_remove(struct croft_disk *d, const char *name)
{
    struct croft_tiny_file *f = croft_tiny_file((struct croft_tiny_disk *)d, name);
    if (f == NULL)
        return CROFT_ERR_NOT_FOUND;
    f->name[0] = '\0';
    return CROFT_OK;
}

static inline croft_err croft_tiny_rename(struct croft_disk *d, const char *from, const char *to)
{
    struct croft_tiny_file *f = croft_tiny_file((struct croft_tiny_disk *)d, from);
    if (f == NULL)
        return CROFT_ERR_NOT_FOUND;
    croft_err replaced = croft_tiny_remove(d, to);
    CROFT_ASSERT(replaced == CROFT_OK || replaced == CROFT_ERR_NOT_FOUND);
    memcpy(f->name, to, strlen(to) + 1);
    return CROFT_OK;
}

static inline croft_err croft_tiny_sync_names(struct croft_disk *d)
{
    (void)d;
    return CROFT_OK;
}

static inline void croft_tiny_disk_clear(struct croft_tiny_disk *t)
{
    static const struct croft_disk_ops ops = {
        .open = croft_tiny_open,
        .close = croft_tiny_close,
        .size = croft_tiny_size,
        .read = croft_tiny_read,
        .write = croft_tiny_write,
        .truncate = croft_tiny_truncate,
        .sync = croft_tiny_sync,
        .rename = croft_tiny_rename,
        .remove = croft_tiny_remove,
        .sync_names = croft_tiny_sync_names,
    };
    t->disk.ops = &ops;
    for (int i = 0; i < CROFT_TINY_FILES; i++)
        t->file[i].name[0] = '\0';
}

/* A file with these bytes, as many as fit. */
static inline void croft_tiny_disk_put(struct croft_tiny_disk *t, const char *name, struct croft_bytes bytes)
{
    int file = 0;
    size_t len = bytes.len < CROFT_TINY_BYTES ? bytes.len : CROFT_TINY_BYTES;
    croft_err err = croft_tiny_open(&t->disk, name, true, &file);
    CROFT_ASSERT(err == CROFT_OK);
    if (len > 0)
        err = croft_tiny_write(&t->disk, file, 0, (struct croft_bytes){bytes.at, len});
    CROFT_ASSERT(err == CROFT_OK);
}

#endif
