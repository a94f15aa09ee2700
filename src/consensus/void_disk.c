#include "consensus/void_disk.h"

static croft_err void_open(struct croft_disk *d, const char *name, bool create, int *out_file)
{
    (void)d;
    (void)name;
    if (!create)
        return CROFT_ERR_NOT_FOUND;
    *out_file = 0;
    return CROFT_OK;
}

static void void_close(struct croft_disk *d, int file)
{
    (void)d;
    (void)file;
}

static croft_err void_size(struct croft_disk *d, int file, u64 *out_bytes)
{
    (void)d;
    (void)file;
    *out_bytes = 0;
    return CROFT_OK;
}

static croft_err void_read(struct croft_disk *d, int file, u64 off, void *out, size_t len, size_t *out_got)
{
    (void)d;
    (void)file;
    (void)off;
    (void)out;
    (void)len;
    *out_got = 0;
    return CROFT_OK;
}

static croft_err void_write(struct croft_disk *d, int file, u64 off, struct croft_bytes data)
{
    (void)d;
    (void)file;
    (void)off;
    (void)data;
    return CROFT_OK;
}

static croft_err void_truncate(struct croft_disk *d, int file, u64 bytes)
{
    (void)d;
    (void)file;
    (void)bytes;
    return CROFT_OK;
}

static croft_err void_sync(struct croft_disk *d, int file)
{
    (void)d;
    (void)file;
    return CROFT_OK;
}

static croft_err void_rename(struct croft_disk *d, const char *from, const char *to)
{
    (void)d;
    (void)from;
    (void)to;
    return CROFT_OK;
}

static croft_err void_remove(struct croft_disk *d, const char *name)
{
    (void)d;
    (void)name;
    return CROFT_ERR_NOT_FOUND;
}

static croft_err void_sync_names(struct croft_disk *d)
{
    (void)d;
    return CROFT_OK;
}

struct croft_disk *croft_void_disk(void)
{
    static const struct croft_disk_ops ops = {
        .open = void_open,
        .close = void_close,
        .size = void_size,
        .read = void_read,
        .write = void_write,
        .truncate = void_truncate,
        .sync = void_sync,
        .rename = void_rename,
        .remove = void_remove,
        .sync_names = void_sync_names,
    };
    static struct croft_disk disk = {.ops = &ops};
    return &disk;
}

static croft_err void_meta(struct croft_checkpoint *c, struct croft_bytes *out, struct croft_why *why)
{
    (void)c;
    (void)why;
    *out = (struct croft_bytes){0};
    return CROFT_OK;
}

static croft_err void_load(struct croft_checkpoint *c,
                           croft_err (*take)(void *arg, const struct croft_stored *r), void *arg,
                           struct croft_why *why)
{
    (void)c;
    (void)take;
    (void)arg;
    (void)why;
    return CROFT_OK;
}

static croft_err void_commit(struct croft_checkpoint *c, const struct croft_stored *record, size_t count,
                             struct croft_bytes meta, struct croft_why *why)
{
    (void)c;
    (void)record;
    (void)count;
    (void)meta;
    (void)why;
    return CROFT_OK;
}

struct croft_checkpoint *croft_void_checkpoint(void)
{
    static const struct croft_checkpoint_ops ops = {
        .meta = void_meta, .load = void_load, .commit = void_commit};
    static struct croft_checkpoint checkpoint = {.ops = &ops};
    return &checkpoint;
}
