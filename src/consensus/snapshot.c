#include "consensus/snapshot.h"

#include "base/assert.h"
#include "base/buf.h"
#include "consensus/home.h"
#include "consensus/void_disk.h"
#include "crypto/hash.h"
#include "store/lmdb_checkpoint.h"
#include "store/posix_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FORMAT = 1, RECORD_HEAD = 1 + 4 + 1 + 2, HASH_BYTES = 32, HEAD_ROOM = 16384, WRITE_BUFFER = 1 << 20 };

/* Address space for a copy of all records that changed. */
#define SAVE_BYTES ((size_t)4 << 30)

static const char magic[8] = {'C', 'R', 'O', 'F', 'T', 'S', 'N', 'P'};

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void close_file(FILE **f)
{
    if (*f != NULL)
        fclose(*f);
}

static void close_checkpoint(struct croft_checkpoint **c)
{
    if (*c != NULL)
        croft_lmdb_checkpoint_close(*c);
}

static void close_disk(struct croft_disk **d)
{
    if (*d != NULL)
        croft_posix_disk_close(*d);
}

static struct croft_hash hash_of(struct croft_bytes all)
{
    return croft_blake2b("croft snapshot 1", &all, 1);
}

/* ---- capture ---- */

static croft_err head_from_base(const char *base, struct croft_snapshot_head *out, struct croft_why *why)
{
    struct croft_snapshot s CROFT_CLEANUP(croft_snapshot_close) = {0};
    CROFT_TRY(croft_snapshot_open(base, &s, why));
    if (s.head.height != out->height)
        return croft_fail(why, CROFT_ERR_SNAPSHOT, "%s is of another height than the chain beside it", base);
    *out = s.head;
    return CROFT_OK;
}

croft_err croft_snapshot_capture(struct croft_solo *s, const char *base, struct croft_snapshot_head *out,
                                 struct croft_why *why)
{
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    struct croft_block b;
    const struct croft_ledger *l = croft_solo_ledger(s);
    *out = (struct croft_snapshot_head){.height = croft_ledger_height(l),
                                        .receipts = croft_ledger_roots(l)->receipts};
    if (out->height == 0)
        return CROFT_OK;
    if (croft_blocklog_first(croft_solo_log(s)) > out->height)
        return head_from_base(base, out, why);
    if (!croft_region_map(&memory, 2 * (size_t)CROFT_BLOCK_BYTES_MAX))
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory to read block %" PRIu64, out->height);
    struct croft_arena mem = croft_region_arena(&memory);
    CROFT_TRY(croft_blocklog_read(croft_solo_log(s), out->height, &mem, &b, why));
    out->head_len = CROFT_BLOCK_HEAD_BYTES;
    memcpy(out->head, b.bytes.at, out->head_len);
    return CROFT_OK;
}

/* ---- write ---- */

static bool put(FILE *f, const void *from, size_t len)
{
    return len == 0 || fwrite(from, len, 1, f) == 1;
}

static bool put_u32(FILE *f, u32 v)
{
    u8 b[4];
    croft_put_u32(b, v);
    return put(f, b, sizeof b);
}

static bool put_u64(FILE *f, u64 v)
{
    u8 b[8];
    croft_put_u64(b, v);
    return put(f, b, sizeof b);
}

static bool put_counted(FILE *f, struct croft_bytes b)
{
    return put_u32(f, (u32)b.len) && put(f, b.at, b.len);
}

static bool put_peaks(FILE *f, const struct croft_peaks *p)
{
    bool good = put_u64(f, p->count);
    for (u32 k = 0; k < CROFT_PEAKS_MAX; k++)
        if (p->count >> k & 1)
            good = good && put(f, p->peak[k].b, sizeof p->peak[k].b);
    return good;
}

static croft_err put_record(void *arg, const struct croft_stored *r)
{
    u8 head[RECORD_HEAD];
    CROFT_ASSERT(r->table > 0 && r->table <= UINT8_MAX && r->key.len <= UINT8_MAX &&
                 r->value.len <= UINT16_MAX);
    head[0] = (u8)r->table;
    croft_put_u32(head + 1, r->slot);
    head[5] = (u8)r->key.len;
    croft_put_u16(head + 6, (u16)r->value.len);
    bool good =
        put(arg, head, sizeof head) && put(arg, r->key.at, r->key.len) && put(arg, r->value.at, r->value.len);
    return good ? CROFT_OK : CROFT_ERR_IO;
}

static croft_err write_failed(const char *path, struct croft_why *why)
{
    croft_err err = errno == ENOSPC || errno == EDQUOT ? CROFT_ERR_DISK_FULL : CROFT_ERR_IO;
    return croft_fail(why, err, "cannot write %s: %s", path, strerror(errno));
}

static croft_err put_all(FILE *f, const char *path, const Croft__V1__Genesis *genesis,
                         const struct croft_snapshot_head *head, struct croft_checkpoint *checkpoint,
                         struct croft_why *why)
{
    struct croft_bytes meta;
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    if (!croft_region_map(&memory, croft__v1__genesis__get_packed_size(genesis) + 64))
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for the genesis");
    struct croft_arena mem = croft_region_arena(&memory);
    struct croft_bytes packed = croft_pack(&genesis->base, &mem);
    CROFT_ASSERT(packed.at != NULL);
    CROFT_TRY(checkpoint->ops->meta(checkpoint, &meta, why));
    bool good = put(f, magic, sizeof magic) && put_u32(f, FORMAT) && put_u64(f, head->height) &&
                put_counted(f, packed) && put_counted(f, (struct croft_bytes){head->head, head->head_len}) &&
                put_peaks(f, &head->receipts) && put_counted(f, meta);
    why->text[0] = '\0';
    croft_err err = good ? checkpoint->ops->load(checkpoint, put_record, f, why) : CROFT_ERR_IO;
    if (err != CROFT_OK && why->text[0] != '\0')
        return err;
    const u8 end = 0;
    if (err != CROFT_OK || !put(f, &end, sizeof end) || fflush(f) != 0)
        return write_failed(path, why);
    return CROFT_OK;
}

/* Read back, so that what the hash covers is what the disk has. */
static croft_err append_hash(int fd, const char *path, struct croft_snapshot_info *out, struct croft_why *why)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return write_failed(path, why);
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory to read %s", path);
    out->hash = hash_of((struct croft_bytes){at, (size_t)st.st_size});
    munmap(at, (size_t)st.st_size);
    out->bytes = (u64)st.st_size + HASH_BYTES;
    if (pwrite(fd, out->hash.b, HASH_BYTES, st.st_size) != HASH_BYTES || fsync(fd) != 0)
        return write_failed(path, why);
    return CROFT_OK;
}

/* A new name is on the disk once its folder is. */
static croft_err sync_folder_of(const char *path, struct croft_why *why)
{
    char folder[CROFT_HOME_PATH_MAX + 8];
    const char *slash = strrchr(path, '/');
    int n = snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    if (n <= 0 || (size_t)n >= sizeof folder)
        return croft_fail(why, CROFT_ERR_USAGE, "the path of the snapshot is too long");
    int fd CROFT_CLEANUP(close_fd) = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? CROFT_OK : write_failed(folder, why);
}

static croft_err write_file(FILE *f, const char *path, const Croft__V1__Genesis *genesis,
                            const struct croft_snapshot_head *head, struct croft_checkpoint *checkpoint,
                            struct croft_snapshot_info *out, struct croft_why *why)
{
    setvbuf(f, NULL, _IOFBF, WRITE_BUFFER);
    CROFT_TRY(put_all(f, path, genesis, head, checkpoint, why));
    CROFT_TRY(append_hash(fileno(f), path, out, why));
    return sync_folder_of(path, why);
}

croft_err croft_snapshot_write(const char *path, const Croft__V1__Genesis *genesis,
                               const struct croft_snapshot_head *head, struct croft_checkpoint *checkpoint,
                               struct croft_snapshot_info *out, struct croft_why *why)
{
    *out = (struct croft_snapshot_info){.height = head->height};
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return croft_fail(why, CROFT_ERR_EXISTS, "%s is there already\nchoose another name", path);
    if (fd < 0)
        return write_failed(path, why);
    FILE *f CROFT_CLEANUP(close_file) = fdopen(fd, "w+");
    if (f == NULL) {
        close(fd);
        unlink(path);
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory to write %s", path);
    }
    croft_err err = write_file(f, path, genesis, head, checkpoint, out, why);
    if (err != CROFT_OK)
        unlink(path);
    return err;
}

static croft_err save_state(struct croft_home *h, struct croft_why *why)
{
    struct croft_checkpoint_job job;
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    if (!croft_region_map(&memory, SAVE_BYTES))
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory to save the state");
    croft_err err = croft_solo_checkpoint_begin(h->solo, croft_region_arena(&memory), &job);
    if (err != CROFT_OK)
        return croft_fail(why, err, "no memory to save the state");
    err = croft_checkpoint_job_run(&job, why);
    croft_solo_checkpoint_end(h->solo, &job, err);
    return err;
}

croft_err croft_snapshot_of_home(struct croft_home *h, const char *path, struct croft_snapshot_info *out,
                                 struct croft_why *why)
{
    char base[CROFT_HOME_PATH_MAX];
    struct croft_snapshot_head head;
    CROFT_TRY(croft_home_path(h->path, CROFT_HOME_SNAPSHOT, base, why));
    CROFT_TRY(croft_snapshot_capture(h->solo, base, &head, why));
    CROFT_TRY(save_state(h, why));
    return croft_snapshot_write(path, h->genesis, &head, h->checkpoint, out, why);
}

/* ---- open ---- */

static croft_err not_whole(const char *path, struct croft_why *why)
{
    return croft_fail(why, CROFT_ERR_SNAPSHOT,
                      "%s is not a whole snapshot: it was cut short or changed\nget it again", path);
}

static struct croft_bytes read_counted(struct croft_reader *r)
{
    u32 len = croft_read_u32(r);
    const u8 *at = croft_read_bytes(r, len);
    return at != NULL ? (struct croft_bytes){at, len} : (struct croft_bytes){0};
}

static void read_peaks(struct croft_reader *r, struct croft_peaks *out)
{
    out->count = croft_read_u64(r);
    for (u32 k = 0; k < CROFT_PEAKS_MAX; k++) {
        const u8 *at = out->count >> k & 1 ? croft_read_bytes(r, 32) : NULL;
        if (at != NULL)
            memcpy(out->peak[k].b, at, 32);
    }
}

/* One record off the reader; false at the end mark or when it is bad. */
static bool next_record(struct croft_reader *r, struct croft_stored *out)
{
    u32 table = croft_read_u8(r);
    if (table == 0 || r->bad)
        return false;
    u32 slot = croft_read_u32(r);
    size_t key_len = croft_read_u8(r), value_len = croft_read_u16(r);
    const u8 *key = croft_read_bytes(r, key_len), *value = croft_read_bytes(r, value_len);
    *out = (struct croft_stored){table, slot, {key, key_len}, {value, value_len}};
    return !r->bad;
}

static croft_err file_meta(struct croft_checkpoint *c, struct croft_bytes *out, struct croft_why *why)
{
    (void)why;
    *out = ((struct croft_snapshot *)c)->meta;
    return CROFT_OK;
}

static croft_err file_load(struct croft_checkpoint *c,
                           croft_err (*take)(void *arg, const struct croft_stored *r), void *arg,
                           struct croft_why *why)
{
    struct croft_reader r = croft_reader_of(((struct croft_snapshot *)c)->records);
    struct croft_stored record;
    while (next_record(&r, &record))
        CROFT_TRY(take(arg, &record));
    if (r.bad || r.at != r.end)
        return croft_fail(why, CROFT_ERR_SNAPSHOT, "the snapshot's records are cut short");
    return CROFT_OK;
}

static croft_err file_commit(struct croft_checkpoint *c, const struct croft_stored *record, size_t count,
                             struct croft_bytes meta, struct croft_why *why)
{
    (void)c;
    (void)record;
    (void)count;
    (void)meta;
    return croft_fail(why, CROFT_ERR_SNAPSHOT, "a snapshot is never written to");
}

static croft_err take_apart(struct croft_snapshot *s, const char *path, struct croft_why *why)
{
    struct croft_reader r = croft_reader_of((struct croft_bytes){s->file.at, s->file.len - HASH_BYTES});
    const u8 *mark = croft_read_bytes(&r, sizeof magic);
    if (mark == NULL || memcmp(mark, magic, sizeof magic) != 0)
        return croft_fail(why, CROFT_ERR_SNAPSHOT, "%s is not a snapshot of a croft chain", path);
    u32 format = croft_read_u32(&r);
    if (format != FORMAT)
        return croft_fail(why, CROFT_ERR_FORMAT,
                          "%s has format %u, this release knows %d\ninstall a newer release", path, format,
                          FORMAT);
    s->head.height = croft_read_u64(&r);
    struct croft_bytes genesis = read_counted(&r), head = read_counted(&r);
    read_peaks(&r, &s->head.receipts);
    s->meta = read_counted(&r);
    s->records = (struct croft_bytes){r.at, croft_reader_left(&r)};
    if (r.bad || (head.len != 0 && head.len != CROFT_BLOCK_HEAD_BYTES) ||
        (head.len == 0) != (s->head.height == 0))
        return not_whole(path, why);
    if (!croft_region_map(&s->memory, 64 * genesis.len + HEAD_ROOM))
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for the genesis");
    struct croft_arena mem = croft_region_arena(&s->memory);
    s->genesis = (void *)croft_unpack_strict(&croft__v1__genesis__descriptor, genesis, &mem);
    s->head.head_len = (u32)head.len;
    if (head.len != 0)
        memcpy(s->head.head, head.at, head.len);
    return s->genesis != NULL ? croft_genesis_check(s->genesis, why) : not_whole(path, why);
}

static croft_err map_file(const char *path, struct croft_snapshot *s, struct croft_why *why)
{
    struct stat st;
    int fd CROFT_CLEANUP(close_fd) = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return croft_fail(why, CROFT_ERR_NOT_FOUND, "there is no file %s", path);
    if (fd < 0 || fstat(fd, &st) != 0)
        return croft_fail(why, CROFT_ERR_IO, "cannot read %s: %s", path, strerror(errno));
    if (st.st_size <= HASH_BYTES)
        return not_whole(path, why);
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory to read %s", path);
    s->file = (struct croft_bytes){at, (size_t)st.st_size};
    return CROFT_OK;
}

static croft_err check_hash(struct croft_snapshot *s, const char *path, struct croft_why *why)
{
    struct croft_bytes all = {s->file.at, s->file.len - HASH_BYTES};
    s->hash = hash_of(all);
    return memcmp(s->hash.b, s->file.at + all.len, HASH_BYTES) == 0 ? CROFT_OK : not_whole(path, why);
}

croft_err croft_snapshot_open(const char *path, struct croft_snapshot *out, struct croft_why *why)
{
    static const struct croft_checkpoint_ops ops = {
        .meta = file_meta, .load = file_load, .commit = file_commit};
    struct croft_snapshot s CROFT_CLEANUP(croft_snapshot_close) = {.checkpoint = {.ops = &ops}};
    CROFT_TRY(map_file(path, &s, why));
    CROFT_TRY(check_hash(&s, path, why));
    CROFT_TRY(take_apart(&s, path, why));
    *out = s;
    s = (struct croft_snapshot){0};
    return CROFT_OK;
}

void croft_snapshot_close(struct croft_snapshot *s)
{
    if (s->file.at != NULL)
        munmap((void *)(uintptr_t)s->file.at, s->file.len);
    croft_region_unmap(&s->memory);
    *s = (struct croft_snapshot){0};
}

croft_err croft_snapshot_peek(const char *path, u64 *out_height, struct croft_peaks *out_receipts,
                              struct croft_why *why)
{
    struct croft_snapshot s CROFT_CLEANUP(croft_snapshot_close) = {0};
    CROFT_TRY(croft_snapshot_open(path, &s, why));
    *out_height = s.head.height;
    *out_receipts = s.head.receipts;
    return CROFT_OK;
}

/* ---- restore ---- */

static bool names_validator(const Croft__V1__Genesis *g, const u8 key[32])
{
    for (size_t i = 0; i < g->n_validators; i++)
        if (memcmp(g->validators[i]->public_key.data, key, 32) == 0)
            return true;
    return false;
}

static croft_err check_head(const struct croft_snapshot *s, const struct croft_solo *solo,
                            struct croft_snapshot_info *out, struct croft_why *why)
{
    struct croft_header h;
    struct croft_public_key key;
    struct croft_signature signature;
    const struct croft_ledger *l = croft_solo_ledger(solo);
    struct croft_hash last = croft_solo_last_id(solo);
    if (croft_block_peek((struct croft_bytes){s->head.head, s->head.head_len}, &h) != CROFT_OK)
        return croft_fail(why, CROFT_ERR_SNAPSHOT, "the snapshot's block head is damaged");
    struct croft_hash id = croft_block_id(&h);
    memcpy(key.b, h.sequencer, sizeof key.b);
    memcpy(signature.b, s->head.head + CROFT_HEADER_BYTES, sizeof signature.b);
    bool same = h.height == croft_ledger_height(l) && croft_hash_equal(&h.app_hash, &out->app_hash) &&
                croft_hash_equal(&id, &last) && croft_hash_equal(&h.network, &out->network);
    if (!same)
        return croft_fail(why, CROFT_ERR_SNAPSHOT,
                          "the snapshot's records are not the state after its block");
    if (croft_state_find(croft_ledger_state(l), CROFT_TABLE_VALIDATORS, key.b) == CROFT_SLOT_NONE ||
        croft_verify(&key, (struct croft_bytes){id.b, sizeof id.b}, &signature) != CROFT_OK)
        return croft_fail(why, CROFT_ERR_SNAPSHOT,
                          "the snapshot's block is not signed by a validator of its network");
    out->genesis_signer = names_validator(s->genesis, h.sequencer);
    return CROFT_OK;
}

static bool same_peaks(const struct croft_peaks *a, const struct croft_peaks *b)
{
    struct croft_hash x = croft_peaks_root(a), y = croft_peaks_root(b);
    return a->count == b->count && croft_hash_equal(&x, &y);
}

static croft_err check_state(const struct croft_snapshot *s, const struct croft_solo *solo,
                             struct croft_snapshot_info *out, struct croft_why *why)
{
    const struct croft_ledger *l = croft_solo_ledger(solo);
    out->network = *croft_ledger_network(l);
    out->app_hash = croft_ledger_app_hash(l);
    out->genesis_signer = true;
    if (croft_ledger_height(l) != s->head.height ||
        !same_peaks(&croft_ledger_roots(l)->receipts, &s->head.receipts))
        return croft_fail(why, CROFT_ERR_SNAPSHOT, "the snapshot's head does not belong to its records");
    return s->head.height == 0 ? CROFT_OK : check_head(s, solo, out, why);
}

/* Loads it as a start would, which recomputes every root. */
static croft_err check_whole(struct croft_snapshot *s, struct croft_world *world,
                             struct croft_snapshot_info *out, struct croft_why *why)
{
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    struct croft_solo *solo;
    struct croft_solo_opened opened;
    struct croft_solo_options o = croft_home_solo_options(s->genesis, world);
    o.disk = croft_void_disk();
    o.checkpoint = &s->checkpoint;
    if (!croft_region_map(&memory, croft_solo_size(&o)))
        return croft_fail(why, CROFT_ERR_NOMEM, "not enough address space to check the snapshot");
    struct croft_arena mem = croft_region_arena(&memory);
    CROFT_TRY(croft_solo_open(&mem, &o, &solo, &opened, why));
    croft_err err = check_state(s, solo, out, why);
    croft_solo_close(solo);
    return err;
}

struct gathering {
    struct croft_stored *record;
    size_t count;
};

static croft_err gather(void *arg, const struct croft_stored *r)
{
    struct gathering *g = arg;
    g->record[g->count++] = *r;
    return CROFT_OK;
}

static croft_err fill_checkpoint(struct croft_snapshot *s, const char *path, struct croft_why *why)
{
    struct croft_checkpoint *to CROFT_CLEANUP(close_checkpoint) = NULL;
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    if (!croft_region_map(&memory, (s->records.len / RECORD_HEAD + 1) * sizeof(struct croft_stored)))
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for the snapshot's records");
    struct gathering g = {.record = (struct croft_stored *)(void *)memory.base};
    CROFT_TRY(s->checkpoint.ops->load(&s->checkpoint, gather, &g, why));
    unlink(path); /* of a restore that was broken off */
    CROFT_TRY(croft_lmdb_checkpoint_open(path, CROFT_HOME_STATE_BYTES_MAX, &to, why));
    return to->ops->commit(to, g.record, g.count, s->meta, why);
}

static croft_err keep_file(const struct croft_snapshot *s, const char *folder, struct croft_why *why)
{
    struct croft_disk *disk CROFT_CLEANUP(close_disk) = NULL;
    CROFT_TRY(croft_posix_disk_open(folder, true, &disk, why));
    CROFT_TRY(croft_home_write(disk, CROFT_HOME_SNAPSHOT, s->file, why));
    croft_err err = disk->ops->sync_names(disk);
    return err == CROFT_OK ? CROFT_OK : croft_fail(why, err, "cannot write to %s", folder);
}

croft_err croft_snapshot_restore(const char *file, const char *folder, const struct croft_secret_key *key,
                                 struct croft_world *world, struct croft_snapshot_info *out,
                                 struct croft_why *why)
{
    char path[CROFT_HOME_PATH_MAX];
    struct croft_snapshot s CROFT_CLEANUP(croft_snapshot_close) = {0};
    CROFT_TRY(croft_home_refuse_existing(folder, why));
    CROFT_TRY(croft_snapshot_open(file, &s, why));
    struct croft_snapshot_info info = {.height = s.head.height, .bytes = s.file.len, .hash = s.hash};
    CROFT_TRY(check_whole(&s, world, &info, why));
    CROFT_TRY(keep_file(&s, folder, why));
    CROFT_TRY(croft_home_path(folder, CROFT_HOME_STATE, path, why));
    CROFT_TRY(fill_checkpoint(&s, path, why));
    CROFT_TRY(croft_home_create(folder, s.genesis, key, why));
    *out = info;
    return CROFT_OK;
}
