#include "sim/fake_disk.h"

#include "base/assert.h"
#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 4096, HANDLES_MAX = 256, KINDS = 9 };

struct content {
    u8 *at;
    u64 len, room;
};

/* A write or truncation since the file's last sync. */
struct change {
    bool truncate;
    u64 off; /* the new length of a truncation */
    u8 *data;
    u64 len;
};

/* A file apart from its names, as an inode is. */
struct file {
    struct content synced, seen; /* seen: synced with every change */
    struct change *change;
    size_t change_count, change_room;
};

struct name {
    char text[CROFT_FAKE_DISK_NAME_MAX];
    struct file *file;
};

struct names {
    struct name *at;
    size_t count, room;
};

enum name_verb { NAME_MADE, NAME_MOVED, NAME_GONE };

struct name_change {
    enum name_verb verb;
    char from[CROFT_FAKE_DISK_NAME_MAX], to[CROFT_FAKE_DISK_NAME_MAX];
    struct file *file;
};

struct croft_fake_disk {
    struct croft_disk disk;
    struct croft_rng rng;
    struct file *file[FILES_MAX]; /* all ever made: freed with the disk */
    size_t file_count;
    struct names synced, seen;
    struct name_change *name_change;
    size_t name_change_count, name_change_room;
    struct file *handle[HANDLES_MAX];
    u64 calls[KINDS];
    u64 room_bytes;
    bool down;
    bool planned;
    u32 plan_calls;
    u64 plan_left;
    enum croft_fake_fault plan_fault;
};

/* Memory. */

static void *grow(void *p, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return p;
    *room = *room * 2 + 8;
    p = realloc(p, *room * size);
    CROFT_ASSERT(p != NULL);
    return p;
}

static void content_resize(struct content *c, u64 len)
{
    if (len > c->room) {
        c->room = len + len / 2 + 4096;
        c->at = realloc(c->at, c->room);
        CROFT_ASSERT(c->at != NULL);
    }
    if (len > c->len)
        memset(c->at + c->len, 0, len - c->len);
    c->len = len;
}

static void content_put(struct content *c, u64 off, const u8 *data, u64 len)
{
    if (len == 0)
        return;
    if (off + len > c->len)
        content_resize(c, off + len);
    memcpy(c->at + off, data, len);
}

static void content_copy(struct content *to, const struct content *from)
{
    content_resize(to, 0);
    content_put(to, 0, from->at, from->len);
    content_resize(to, from->len);
}

/* Names. */

static struct name *find_name(const struct names *n, const char *text)
{
    for (size_t i = 0; i < n->count; i++)
        if (strcmp(n->at[i].text, text) == 0)
            return &n->at[i];
    return NULL;
}

static void drop_name(struct names *n, const char *text)
{
    struct name *at = find_name(n, text);
    if (at != NULL)
        *at = n->at[--n->count];
}

static void copy_text(char to[CROFT_FAKE_DISK_NAME_MAX], const char *from)
{
    size_t len = strlen(from);
    CROFT_ASSERT(len > 0 && len < CROFT_FAKE_DISK_NAME_MAX);
    memcpy(to, from, len + 1);
}

static void put_name(struct names *n, const char *text, struct file *file)
{
    struct name *at = find_name(n, text);
    if (at == NULL) {
        n->at = grow(n->at, n->count, &n->room, sizeof *n->at);
        at = &n->at[n->count++];
        copy_text(at->text, text);
    }
    at->file = file;
}

/* A change whose file never got its name on the platter has nothing to act on. */
static void apply_name(struct names *n, const struct name_change *c)
{
    const struct name *from = find_name(n, c->from);
    if (c->verb == NAME_MADE) {
        put_name(n, c->from, c->file);
    } else if (from != NULL && c->verb == NAME_MOVED) {
        struct file *file = from->file;
        drop_name(n, c->from);
        put_name(n, c->to, file);
    } else {
        drop_name(n, c->from);
    }
}

static void change_name(struct croft_fake_disk *f, enum name_verb verb, const char *from, const char *to,
                        struct file *file)
{
    f->name_change = grow(f->name_change, f->name_change_count, &f->name_change_room, sizeof *f->name_change);
    struct name_change *c = &f->name_change[f->name_change_count++];
    *c = (struct name_change){.verb = verb, .file = file};
    copy_text(c->from, from);
    copy_text(c->to, to);
    apply_name(&f->seen, c);
}

static void sync_names(struct croft_fake_disk *f)
{
    for (size_t i = 0; i < f->name_change_count; i++)
        apply_name(&f->synced, &f->name_change[i]);
    f->name_change_count = 0;
}

/* Contents. */

static struct file *make_file(struct croft_fake_disk *f)
{
    CROFT_ASSERT(f->file_count < FILES_MAX);
    struct file *file = calloc(1, sizeof *file);
    CROFT_ASSERT(file != NULL);
    f->file[f->file_count++] = file;
    return file;
}

static void apply(struct content *c, const struct change *change)
{
    if (change->truncate)
        content_resize(c, change->off);
    else
        content_put(c, change->off, change->data, change->len);
}

static void forget_changes(struct file *file)
{
    for (size_t i = 0; i < file->change_count; i++)
        free(file->change[i].data);
    file->change_count = 0;
}

static void change_file(struct file *file, bool truncate, u64 off, const u8 *data, u64 len)
{
    file->change = grow(file->change, file->change_count, &file->change_room, sizeof *file->change);
    struct change *c = &file->change[file->change_count++];
    *c = (struct change){.truncate = truncate, .off = off, .len = len};
    if (len > 0) {
        c->data = malloc(len);
        CROFT_ASSERT(c->data != NULL);
        memcpy(c->data, data, len);
    }
    apply(&file->seen, c);
}

static void sync_file(struct file *file)
{
    for (size_t i = 0; i < file->change_count; i++)
        apply(&file->synced, &file->change[i]);
    forget_changes(file);
}

/* What a power loss leaves of one write: each sector on its own. */
static void tear_sectors(struct croft_rng *rng, struct content *c, const struct change *w)
{
    for (u64 at = w->off; at < w->off + w->len;) {
        u64 end = (at / CROFT_FAKE_DISK_SECTOR + 1) * CROFT_FAKE_DISK_SECTOR;
        end = end < w->off + w->len ? end : w->off + w->len;
        if (croft_rng_chance(rng, 2))
            content_put(c, at, w->data + (at - w->off), end - at);
        at = end;
    }
}

/* Room that the write took at the file's end, but whose bytes never came: zeros, or what lay there before. */
static void take_room(struct croft_rng *rng, struct content *c, const struct change *w)
{
    u64 old = c->len;
    if (w->off + w->len <= old)
        return;
    content_resize(c, w->off + w->len);
    u64 from = w->off > old ? w->off : old;
    if (croft_rng_chance(rng, 2))
        croft_rng_fill(rng, c->at + from, c->len - from);
}

static void lose_some(struct croft_rng *rng, struct content *c, const struct change *change)
{
    u64 roll = croft_rng_below(rng, 6);
    if (roll == 0)
        return;
    if (roll <= 2 || change->truncate) {
        apply(c, change);
    } else if (roll == 3) {
        content_put(c, change->off, change->data, croft_rng_below(rng, change->len + 1));
    } else {
        if (roll == 5)
            take_room(rng, c, change);
        tear_sectors(rng, c, change);
    }
}

static void lose_changes(struct croft_fake_disk *f, struct file *file)
{
    for (size_t k = 0; k < file->change_count; k++)
        lose_some(&f->rng, &file->synced, &file->change[k]);
    forget_changes(file);
}

static void lose(struct croft_fake_disk *f)
{
    for (size_t i = 0; i < f->file_count; i++) {
        lose_changes(f, f->file[i]);
        content_copy(&f->file[i]->seen, &f->file[i]->synced);
    }
    for (size_t i = 0; i < f->name_change_count; i++)
        if (croft_rng_chance(&f->rng, 2))
            apply_name(&f->synced, &f->name_change[i]);
    f->name_change_count = 0;
    f->seen.count = 0;
    for (size_t i = 0; i < f->synced.count; i++)
        put_name(&f->seen, f->synced.at[i].text, f->synced.at[i].file);
}

void croft_fake_disk_crash(struct croft_fake_disk *f)
{
    if (!f->down)
        lose(f);
    f->down = true;
}

void croft_fake_disk_restart(struct croft_fake_disk *f)
{
    f->down = f->planned = false;
    memset(f->handle, 0, sizeof f->handle);
}

/* Every call begins here: is it to fail, and how? */

struct fate {
    croft_err err;
    bool effect; /* what the call does happens all the same, or (a write) a part of it */
    bool crash;  /* afterwards */
};

static void count_call(struct croft_fake_disk *f, enum croft_fake_call kind)
{
    for (u32 i = 0; i < KINDS; i++)
        f->calls[i] += kind == 1u << i;
}

static struct fate begin(struct croft_fake_disk *f, enum croft_fake_call kind)
{
    count_call(f, kind);
    if (f->down)
        return (struct fate){.err = CROFT_ERR_IO};
    if (!f->planned || !(f->plan_calls & kind) || --f->plan_left > 0)
        return (struct fate){.err = CROFT_OK, .effect = true};
    f->planned = false;
    if (f->plan_fault == CROFT_FAKE_CRASH)
        return (struct fate){.err = CROFT_ERR_IO, .effect = croft_rng_chance(&f->rng, 2), .crash = true};
    return (struct fate){.err = f->plan_fault == CROFT_FAKE_FAIL ? CROFT_ERR_IO : CROFT_ERR_DISK_FULL,
                         .effect = kind == CROFT_FAKE_WRITE && croft_rng_chance(&f->rng, 2)};
}

static croft_err end(struct croft_fake_disk *f, struct fate fate)
{
    if (fate.crash)
        croft_fake_disk_crash(f);
    return fate.err;
}

static struct file *file_of(struct croft_fake_disk *f, int handle)
{
    CROFT_ASSERT(handle >= 0 && handle < HANDLES_MAX);
    CROFT_ASSERT(f->handle[handle] != NULL);
    return f->handle[handle];
}

static int take_handle(struct croft_fake_disk *f, struct file *file)
{
    int i = 0;
    while (i < HANDLES_MAX && f->handle[i] != NULL)
        i++;
    CROFT_ASSERT(i < HANDLES_MAX); /* the caller leaks handles */
    f->handle[i] = file;
    return i;
}

static croft_err fake_open(struct croft_disk *d, const char *name, bool create, int *out_file)
{
    struct croft_fake_disk *f = (struct croft_fake_disk *)d;
    struct fate fate = begin(f, CROFT_FAKE_OPEN);
    const struct name *there = find_name(&f->seen, name);
    struct file *file = there != NULL ? there->file : NULL;
    if (fate.effect && file == NULL && create) {
        file = make_file(f);
        change_name(f, NAME_MADE, name, name, file);
    }
    if (fate.err == CROFT_OK && file == NULL)
        return CROFT_ERR_NOT_FOUND;
    if (fate.err == CROFT_OK)
        *out_file = take_handle(f, file);
    return end(f, fate);
}

static void fake_close(struct croft_disk *d, int file)
{
    struct croft_fake_disk *f = (struct croft_fake_disk *)d;
    file_of(f, file);
    f->handle[file] = NULL;
}

static croft_err fake_size(struct croft_disk *d, int file, u64 *out_bytes)
{
    struct croft_fake_disk *f = (struct croft_fake_disk *)d;
    struct fate fate = begin(f, CROFT_FAKE_SIZE);
    if (fate.err == CROFT_OK)
        *out_bytes = file_of(f, file)->seen.len;
    return end(f, fate);
}

static croft_err fake_read(struct croft_disk *d, int file, u64 off, void *out, size_t len, size_t *out_got)
{
    struct croft_fake_disk *f = (struct croft_fake_disk *)d;
    struct fate fate = begin(f, CROFT_FAKE_READ);
    if (fate.err != CROFT_OK)
        return end(f, fate);
    const struct content *c = &file_of(f, file)->seen;
    u64 there = off < c->len ? c->len - off : 0;
    *out_got = there < len ? there : len;
    if (*out_got > 0)
        memcpy(out, c->at + off, *out_got);
    return CROFT_OK;
}

/* How much of a write there is room for. */
static u64 fitting(const struct croft_fake_disk *f, const struct file *file, u64 off, u64 len)
{
    u64 left = f->room_bytes - croft_fake_disk_used(f);
    u64 most = file->seen.len + left;
    if (croft_fake_disk_used(f) > f->room_bytes || off >= most)
        return off < file->seen.len ? file->seen.len - off : 0;
    return most - off < len ? most - off : len;
}

static croft_err fake_write(struct croft_disk *d, int file, u64 off, struct croft_bytes data)
{
    struct croft_fake_disk *f = (struct croft_fake_disk *)d;
    struct fate fate = begin(f, CROFT_FAKE_WRITE);
    struct file *to = file_of(f, file);
    u64 fits = fitting(f, to, off, data.len);
    if (fits < data.len && fate.err == CROFT_OK) {
        fate = (struct fate){.err = CROFT_ERR_DISK_FULL, .effect = croft_rng_chance(&f->rng, 2)};
        change_file(to, false, off, data.at, croft_rng_chance(&f->rng, 2) ? fits : 0);
    } else if (fate.err == CROFT_OK || fate.crash) {
        if (fate.effect)
            change_file(to, false, off, data.at, fits);
    } else if (fate.effect) {
        change_file(to, false, off, data.at, croft_rng_below(&f->rng, fits + 1));
    }
    return end(f, fate);
}

static croft_err fake_truncate(struct croft_disk *d, int file, u64 bytes)
{
    struct croft_fake_disk *f = (struct croft_fake_disk *)d;
    struct fate fate = begin(f, CROFT_FAKE_TRUNCATE);
    if (fate.effect)
        change_file(file_of(f, file), true, bytes, NULL, 0);
    return end(f, fate);
}

static croft_err fake_sync(struct croft_disk *d, int file)
{
    struct croft_fake_disk *f = (struct croft_fake_disk *)d;
    struct fate fate = begin(f, CROFT_FAKE_SYNC);
    if (fate.effect)
        sync_file(file_of(f, file));
    else if (!fate.crash && !f->down && croft_rng_chance(&f->rng, 2))
        lose_changes(f, file_of(f, file)); /* they look written, and no later sync will write them */
    return end(f, fate);
}

static croft_err fake_rename(struct croft_disk *d, const char *from, const char *to)
{
    struct croft_fake_disk *f = (struct croft_fake_disk *)d;
    struct fate fate = begin(f, CROFT_FAKE_RENAME);
    if (fate.err == CROFT_OK && find_name(&f->seen, from) == NULL)
        return CROFT_ERR_NOT_FOUND;
    if (fate.effect && find_name(&f->seen, from) != NULL)
        change_name(f, NAME_MOVED, from, to, NULL);
    return end(f, fate);
}

static croft_err fake_remove(struct croft_disk *d, const char *name)
{
    struct croft_fake_disk *f = (struct croft_fake_disk *)d;
    struct fate fate = begin(f, CROFT_FAKE_REMOVE);
    if (fate.err == CROFT_OK && find_name(&f->seen, name) == NULL)
        return CROFT_ERR_NOT_FOUND;
    if (fate.effect && find_name(&f->seen, name) != NULL)
        change_name(f, NAME_GONE, name, name, NULL);
    return end(f, fate);
}

static croft_err fake_sync_names(struct croft_disk *d)
{
    struct croft_fake_disk *f = (struct croft_fake_disk *)d;
    struct fate fate = begin(f, CROFT_FAKE_SYNC_NAMES);
    if (fate.effect)
        sync_names(f);
    return end(f, fate);
}

static const struct croft_disk_ops fake_ops = {
    .open = fake_open,
    .close = fake_close,
    .size = fake_size,
    .read = fake_read,
    .write = fake_write,
    .truncate = fake_truncate,
    .sync = fake_sync,
    .rename = fake_rename,
    .remove = fake_remove,
    .sync_names = fake_sync_names,
};

struct croft_fake_disk *croft_fake_disk_make(u64 seed)
{
    struct croft_fake_disk *f = calloc(1, sizeof *f);
    CROFT_ASSERT(f != NULL);
    f->disk.ops = &fake_ops;
    f->rng = croft_rng_of(seed);
    f->room_bytes = UINT64_MAX;
    return f;
}

void croft_fake_disk_free(struct croft_fake_disk *f)
{
    for (size_t i = 0; i < f->file_count; i++) {
        forget_changes(f->file[i]);
        free(f->file[i]->change);
        free(f->file[i]->synced.at);
        free(f->file[i]->seen.at);
        free(f->file[i]);
    }
    free(f->synced.at);
    free(f->seen.at);
    free(f->name_change);
    free(f);
}

struct croft_disk *croft_fake_disk_of(struct croft_fake_disk *f)
{
    return &f->disk;
}

void croft_fake_disk_plan(struct croft_fake_disk *f, u32 calls, u64 nth, enum croft_fake_fault fault)
{
    CROFT_ASSERT(nth > 0);
    f->planned = true;
    f->plan_calls = calls;
    f->plan_left = nth;
    f->plan_fault = fault;
}

u64 croft_fake_disk_calls(const struct croft_fake_disk *f, u32 calls)
{
    u64 sum = 0;
    for (u32 i = 0; i < KINDS; i++)
        sum += calls & 1u << i ? f->calls[i] : 0;
    return sum;
}

void croft_fake_disk_set_room(struct croft_fake_disk *f, u64 bytes)
{
    f->room_bytes = bytes;
}

u64 croft_fake_disk_used(const struct croft_fake_disk *f)
{
    u64 sum = 0;
    for (size_t i = 0; i < f->seen.count; i++)
        sum += f->seen.at[i].file->seen.len;
    return sum;
}

void croft_fake_disk_flip(struct croft_fake_disk *f, const char *name, u64 off, u8 mask)
{
    const struct name *n = find_name(&f->seen, name);
    CROFT_ASSERT(n != NULL && off < n->file->seen.len);
    n->file->seen.at[off] ^= mask;
    if (off < n->file->synced.len)
        n->file->synced.at[off] ^= mask;
}

struct croft_bytes croft_fake_disk_file(const struct croft_fake_disk *f, const char *name)
{
    const struct name *n = find_name(&f->seen, name);
    if (n == NULL || n->file->seen.len == 0)
        return (struct croft_bytes){0};
    return (struct croft_bytes){n->file->seen.at, n->file->seen.len};
}

/* FNV-1a; over names it is added up, so that their order does not count. */
static u64 sum_of(u64 sum, const u8 *at, u64 len)
{
    for (u64 i = 0; i < len; i++)
        sum = (sum ^ at[i]) * UINT64_C(0x100000001b3);
    return sum;
}

u64 croft_fake_disk_sum(const struct croft_fake_disk *f)
{
    u64 sum = f->seen.count;
    for (size_t i = 0; i < f->seen.count; i++) {
        const struct name *n = &f->seen.at[i];
        u64 of_name = sum_of(UINT64_C(0xcbf29ce484222325), (const u8 *)n->text, strlen(n->text));
        sum += sum_of(of_name ^ n->file->seen.len, n->file->seen.at, n->file->seen.len);
    }
    return sum;
}
