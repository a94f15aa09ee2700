#include "store/lmdb_checkpoint.h"

#include "base/assert.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(sizeof(size_t) == sizeof(u64), "MDB_INTEGERKEY keys are size_t");

static const u64 meta_key = UINT64_MAX;

struct lmdb_checkpoint {
    struct croft_checkpoint checkpoint;
    MDB_env *env;
    MDB_dbi dbi;
    u64 map_bytes;
    u8 *meta; /* what meta() gave out last */
};

static croft_err err_of(int rc)
{
    switch (rc) {
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
        return CROFT_ERR_DISK_FULL;
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
        return CROFT_ERR_STATE;
    case ENOMEM:
        return CROFT_ERR_NOMEM;
    default:
        return CROFT_ERR_IO;
    }
}

static const char *advice_of(croft_err err)
{
    if (err == CROFT_ERR_STATE)
        return "  The blocks are all in the log: remove this file, and the next start makes it anew from "
               "them";
    if (err == CROFT_ERR_DISK_FULL)
        return "  The last checkpoint still stands; free room on this disk";
    return "";
}

static croft_err fail(struct lmdb_checkpoint *c, struct croft_why *why, int rc, const char *doing)
{
    const char *path = "the checkpoint";
    (void)mdb_env_get_path(c->env, &path);
    if (rc == MDB_MAP_FULL)
        return croft_fail(
            why, CROFT_ERR_DISK_FULL,
            "cannot %s %s: it would grow beyond the %llu bytes it was given.  The last checkpoint still "
            "stands; start again with a larger limit",
            doing, path, (unsigned long long)c->map_bytes);
    return croft_fail(why, err_of(rc), "cannot %s %s: %s.%s", doing, path, mdb_strerror(rc),
                      advice_of(err_of(rc)));
}

static void abort_txn(MDB_txn **txn)
{
    if (*txn != NULL)
        mdb_txn_abort(*txn);
}

static void close_cursor(MDB_cursor **cursor)
{
    if (*cursor != NULL)
        mdb_cursor_close(*cursor);
}

static void free_order(void *p)
{
    free(*(void **)p);
}

/* Reading. */

static croft_err checkpoint_meta(struct croft_checkpoint *checkpoint, struct croft_bytes *out,
                                 struct croft_why *why)
{
    struct lmdb_checkpoint *c = (struct lmdb_checkpoint *)checkpoint;
    CROFT_CLEANUP(abort_txn) MDB_txn *txn = NULL;
    u64 id = meta_key;
    MDB_val key = {sizeof id, &id}, value = {0, NULL};
    int rc = mdb_txn_begin(c->env, NULL, MDB_RDONLY, &txn);
    if (rc == 0)
        rc = mdb_get(txn, c->dbi, &key, &value);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return fail(c, why, rc, "read");
    free(c->meta);
    c->meta = NULL;
    if (rc == 0) {
        c->meta = malloc(value.mv_size + 1);
        if (c->meta == NULL)
            return fail(c, why, ENOMEM, "read");
        memcpy(c->meta, value.mv_data, value.mv_size);
    }
    *out = (struct croft_bytes){c->meta, value.mv_size};
    return CROFT_OK;
}

/* key_len, key, value; false when they do not fit the length. */
static bool take_apart(MDB_val key, MDB_val value, struct croft_stored *out)
{
    u64 id;
    const u8 *p = value.mv_data;
    if (key.mv_size != sizeof id || value.mv_size < 1 || value.mv_size - 1 < p[0])
        return false;
    memcpy(&id, key.mv_data, sizeof id);
    *out = (struct croft_stored){.table = (u32)(id >> 32), .slot = (u32)id};
    out->key = (struct croft_bytes){p + 1, p[0]};
    out->value = (struct croft_bytes){p + 1 + p[0], value.mv_size - 1 - p[0]};
    return true;
}

static bool is_meta(MDB_val key)
{
    return key.mv_size == sizeof meta_key && memcmp(key.mv_data, &meta_key, sizeof meta_key) == 0;
}

static croft_err checkpoint_load(struct croft_checkpoint *checkpoint,
                                 croft_err (*take)(void *arg, const struct croft_stored *r), void *arg,
                                 struct croft_why *why)
{
    struct lmdb_checkpoint *c = (struct lmdb_checkpoint *)checkpoint;
    CROFT_CLEANUP(abort_txn) MDB_txn *txn = NULL;
    CROFT_CLEANUP(close_cursor) MDB_cursor *cursor = NULL;
    int rc = mdb_txn_begin(c->env, NULL, MDB_RDONLY, &txn);
    if (rc == 0)
        rc = mdb_cursor_open(txn, c->dbi, &cursor);
    MDB_val key, value;
    while (rc == 0 && (rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        struct croft_stored r;
        if (is_meta(key))
            continue;
        if (!take_apart(key, value, &r))
            return fail(c, why, MDB_CORRUPTED, "read");
        croft_err err = take(arg, &r);
        if (err != CROFT_OK)
            return croft_fail(why, err, "record %u of table %u in the checkpoint: %s", r.slot, r.table,
                              croft_err_text(err));
    }
    return rc == MDB_NOTFOUND ? CROFT_OK : fail(c, why, rc, "read");
}

/* Committing. */

struct order {
    u64 id;
    const struct croft_stored *record;
};

static int compare_ids(const void *a, const void *b)
{
    u64 x = ((const struct order *)a)->id, y = ((const struct order *)b)->id;
    return (x > y) - (x < y);
}

/* Records by table and slot, so that neighbours on a page are put one after the other. */
static struct order *sorted(const struct croft_stored *record, size_t count)
{
    struct order *o = malloc((count + 1) * sizeof *o);
    if (o == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        o[i] = (struct order){(u64)record[i].table << 32 | record[i].slot, &record[i]};
    qsort(o, count, sizeof *o, compare_ids);
    return o;
}

static int put_record(MDB_cursor *cursor, const struct order *o, unsigned flags)
{
    const struct croft_stored *r = o->record;
    u64 id = o->id;
    CROFT_ASSERT(r->key.len <= UINT8_MAX && id != meta_key);
    MDB_val key = {sizeof id, &id}, value = {1 + r->key.len + r->value.len, NULL};
    int rc = mdb_cursor_put(cursor, &key, &value, flags | MDB_RESERVE);
    if (rc != 0)
        return rc;
    u8 *at = value.mv_data;
    at[0] = (u8)r->key.len;
    if (r->key.len > 0)
        memcpy(at + 1, r->key.at, r->key.len);
    if (r->value.len > 0)
        memcpy(at + 1 + r->key.len, r->value.at, r->value.len);
    return 0;
}

static int remove_key(MDB_cursor *cursor, u64 id)
{
    MDB_val key = {sizeof id, &id};
    int rc = mdb_cursor_get(cursor, &key, NULL, MDB_SET);
    if (rc == 0)
        rc = mdb_cursor_del(cursor, 0);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* The greatest key there is, or 0. */
static int last_id(MDB_cursor *cursor, u64 *out)
{
    MDB_val key, value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    *out = 0;
    if (rc == 0 && key.mv_size == sizeof *out)
        memcpy(out, key.mv_data, sizeof *out);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* Records beyond the greatest so far are appended, which fills pages whole where inserting leaves them half
 * empty. The blob, which has the greatest key of all, is taken out of the way for that. */
static int put_records(MDB_cursor *cursor, const struct order *o, size_t count)
{
    u64 last;
    int rc = remove_key(cursor, meta_key);
    if (rc == 0)
        rc = last_id(cursor, &last);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        if (o[i].record->value.at == NULL) {
            rc = remove_key(cursor, o[i].id);
        } else {
            rc = put_record(cursor, &o[i], o[i].id > last ? MDB_APPEND : 0);
            last = o[i].id > last ? o[i].id : last;
        }
    }
    return rc;
}

static int put_all(struct lmdb_checkpoint *c, MDB_txn *txn, const struct order *o, size_t count,
                   struct croft_bytes meta)
{
    CROFT_CLEANUP(close_cursor) MDB_cursor *cursor = NULL;
    u64 id = meta_key;
    MDB_val key = {sizeof id, &id}, value = {meta.len, NULL};
    int rc = mdb_cursor_open(txn, c->dbi, &cursor);
    if (rc == 0)
        rc = put_records(cursor, o, count);
    if (rc == 0)
        rc = mdb_cursor_put(cursor, &key, &value, MDB_RESERVE);
    if (rc == 0 && meta.len > 0)
        memcpy(value.mv_data, meta.at, meta.len);
    return rc;
}

static croft_err checkpoint_commit(struct croft_checkpoint *checkpoint, const struct croft_stored *record,
                                   size_t count, struct croft_bytes meta, struct croft_why *why)
{
    struct lmdb_checkpoint *c = (struct lmdb_checkpoint *)checkpoint;
    CROFT_CLEANUP(free_order) struct order *o = sorted(record, count);
    if (o == NULL)
        return fail(c, why, ENOMEM, "write");
    CROFT_CLEANUP(abort_txn) MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(c->env, NULL, 0, &txn);
    if (rc == 0)
        rc = put_all(c, txn, o, count, meta);
    if (rc == 0) {
        rc = mdb_txn_commit(txn);
        txn = NULL; /* committed or gone */
    }
    return rc == 0 ? CROFT_OK : fail(c, why, rc, "write");
}

static const struct croft_checkpoint_ops lmdb_ops = {
    .meta = checkpoint_meta,
    .load = checkpoint_load,
    .commit = checkpoint_commit,
};

/* Opening. */

void croft_lmdb_checkpoint_close(struct croft_checkpoint *checkpoint)
{
    struct lmdb_checkpoint *c = (struct lmdb_checkpoint *)checkpoint;
    if (c->env != NULL)
        mdb_env_close(c->env);
    free(c->meta);
    free(c);
}

static void close_checkpoint(struct lmdb_checkpoint **c)
{
    if (*c != NULL)
        croft_lmdb_checkpoint_close(&(*c)->checkpoint);
}

/* LMDB reads pages where the file should have them: in a file cut short that would be a bus error. */
static int check_length(MDB_env *env)
{
    MDB_stat stat;
    MDB_envinfo info;
    struct stat st;
    int fd, rc = mdb_env_stat(env, &stat);
    if (rc == 0)
        rc = mdb_env_info(env, &info);
    if (rc == 0)
        rc = mdb_env_get_fd(env, &fd);
    if (rc == 0 && fstat(fd, &st) != 0)
        rc = errno;
    if (rc == 0 && (u64)st.st_size / stat.ms_psize <= info.me_last_pgno)
        rc = MDB_CORRUPTED;
    return rc;
}

static int open_table(struct lmdb_checkpoint *c)
{
    CROFT_CLEANUP(abort_txn) MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(c->env, NULL, 0, &txn);
    if (rc == 0)
        rc = mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &c->dbi);
    if (rc == 0) {
        rc = mdb_txn_commit(txn);
        txn = NULL;
    }
    return rc;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* LMDB syncs what is in its file, not the file's name. */
static int sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    if (len >= sizeof folder)
        return ENAMETOOLONG;
    memcpy(folder, path, len);
    folder[len] = '\0';
    CROFT_CLEANUP(close_fd) int fd = open(len == 0 ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? 0 : errno;
}

croft_err croft_lmdb_checkpoint_open(const char *path, u64 map_bytes, struct croft_checkpoint **out,
                                     struct croft_why *why)
{
    CROFT_CLEANUP(close_checkpoint) struct lmdb_checkpoint *c = calloc(1, sizeof *c);
    if (c == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory to open %s", path);
    c->checkpoint.ops = &lmdb_ops;
    c->map_bytes = map_bytes;
    int rc = mdb_env_create(&c->env);
    if (rc == 0)
        rc = mdb_env_set_mapsize(c->env, map_bytes);
    if (rc == 0)
        rc = mdb_env_open(c->env, path, MDB_NOSUBDIR, 0600);
    if (rc == 0)
        rc = check_length(c->env);
    if (rc == 0)
        rc = open_table(c);
    if (rc == 0)
        rc = sync_folder_of(path);
    if (rc != 0)
        return croft_fail(why, err_of(rc), "cannot open %s: %s.%s", path, mdb_strerror(rc),
                          advice_of(err_of(rc)));
    *out = &c->checkpoint;
    c = NULL;
    return CROFT_OK;
}
