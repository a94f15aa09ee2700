#include "consensus/home.h"

#include "base/assert.h"
#include "crypto/keyfile.h"
#include "store/lmdb_checkpoint.h"
#include "store/posix_disk.h"
#include "json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Production figures: address space is taken for the largest chain, memory as it grows. */
enum {
    POOL_TXS = 1 << 20,
    POOL_PER_ACCOUNT = 1024,
    CHECKPOINT_LOG_BYTES = 256 << 20,
    JOURNAL_BYTES = 1 << 30,
    SEGMENT_BYTES = 64 << 20,
    LOG_ROOM_BYTES = 256 << 10, /* halves the syncs of a small block: a file of the same length needs no inode write */
    SEGMENTS_MAX = 1 << 20,
    INDEX_RUN_TXS = 1 << 20,
    INDEX_RUNS_MAX = 1 << 16,
};
#define BLOCKS_MAX (UINT64_C(1) << 32)

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void close_disk(struct croft_disk **disk)
{
    if (*disk != NULL)
        croft_posix_disk_close(*disk);
}

static void free_text(char **text)
{
    free(*text);
}

croft_err croft_home_path(const char *path, const char *name, char out[CROFT_HOME_PATH_MAX],
                          struct croft_why *why)
{
    int n = snprintf(out, CROFT_HOME_PATH_MAX, "%s/%s", path, name);
    if (n > 0 && n < CROFT_HOME_PATH_MAX)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_USAGE, "the path of the folder is longer than %d characters",
                      CROFT_HOME_PATH_MAX - 16);
}

/* ---- genesis ---- */

static croft_err check_genesis(const char *file, const Croft__V1__Genesis *g, struct croft_why *why)
{
    struct croft_why inner = {{0}};
    if (croft_genesis_check(g, &inner) == CROFT_OK)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_GENESIS, "%s is not the genesis of a network: %.300s", file, inner.text);
}

static croft_err genesis_of_text(const char *file, struct croft_bytes text, struct croft_arena *mem,
                                 const Croft__V1__Genesis **out, struct croft_why *why)
{
    struct croft_why inner = {{0}};
    json_t *json CROFT_CLEANUP(croft_json_drop) = NULL;
    ProtobufCMessage *message;
    croft_err err = croft_json_parse(text, &json, &inner);
    if (err == CROFT_OK)
        err = croft_json_to_message(json, &croft__v1__genesis__descriptor, mem, &message, &inner);
    if (err != CROFT_OK)
        return croft_fail(why, err, "%s: %.400s", file, inner.text);
    CROFT_TRY(check_genesis(file, (const Croft__V1__Genesis *)message, why));
    *out = (const Croft__V1__Genesis *)message;
    return CROFT_OK;
}

static croft_err map_file(const char *file, struct croft_bytes *out, struct croft_why *why)
{
    int fd CROFT_CLEANUP(close_fd) = open(file, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 && errno == ENOENT)
        return croft_fail(why, CROFT_ERR_NOT_FOUND, "there is no file %s", file);
    if (fd < 0 || fstat(fd, &st) != 0)
        return croft_fail(why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    if (st.st_size <= 0 || st.st_size > CROFT_HOME_GENESIS_BYTES_MAX)
        return croft_fail(why, CROFT_ERR_JSON, "%s is empty, or too long for a genesis", file);
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory to read %s", file);
    *out = (struct croft_bytes){at, (size_t)st.st_size};
    return CROFT_OK;
}

croft_err croft_genesis_read(const char *file, struct croft_region *out_memory,
                             const Croft__V1__Genesis **out, struct croft_why *why)
{
    struct croft_bytes text = {0};
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    CROFT_TRY(map_file(file, &text, why));
    croft_err err = CROFT_ERR_NOMEM;
    if (croft_region_map(&memory, (size_t)4 * CROFT_HOME_GENESIS_BYTES_MAX)) {
        struct croft_arena mem = croft_region_arena(&memory);
        err = genesis_of_text(file, text, &mem, out, why);
    } else {
        croft_fail(why, err, "no memory to read %s", file);
    }
    munmap((void *)(uintptr_t)text.at, text.len);
    CROFT_TRY(err);
    *out_memory = memory;
    memory = (struct croft_region){0};
    return CROFT_OK;
}

/* ---- create ---- */

static croft_err write_fresh(struct croft_disk *disk, const char *name, struct croft_bytes data)
{
    int file;
    CROFT_TRY(disk->ops->open(disk, name, true, &file));
    croft_err err = disk->ops->truncate(disk, file, 0);
    if (err == CROFT_OK)
        err = disk->ops->write(disk, file, 0, data);
    if (err == CROFT_OK)
        err = disk->ops->sync(disk, file);
    disk->ops->close(disk, file);
    return err;
}

croft_err croft_home_write(struct croft_disk *disk, const char *name, struct croft_bytes data,
                           struct croft_why *why)
{
    char fresh[64];
    int n = snprintf(fresh, sizeof fresh, "%s.new", name);
    CROFT_ASSERT(n > 0 && (size_t)n < sizeof fresh);
    croft_err err = write_fresh(disk, fresh, data);
    if (err == CROFT_OK)
        err = disk->ops->rename(disk, fresh, name);
    if (err != CROFT_OK)
        return croft_fail(why, err, "cannot write %s: %s", name, croft_err_text(err));
    return CROFT_OK;
}

static croft_err write_key(struct croft_disk *disk, const char *name, const struct croft_secret_key *key,
                           struct croft_why *why)
{
    char text[CROFT_KEYFILE_MAX];
    croft_err err = croft_keyfile_write(key, NULL, false, croft_world_system(), text);
    CROFT_ASSERT(err == CROFT_OK); /* only a passphrase can fail */
    err = croft_home_write(disk, name, (struct croft_bytes){(const u8 *)text, strlen(text)}, why);
    explicit_bzero(text, sizeof text);
    return err;
}

static croft_err write_genesis(struct croft_disk *disk, const Croft__V1__Genesis *g, struct croft_why *why)
{
    json_t *json CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&g->base);
    char *text CROFT_CLEANUP(free_text) = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
    if (text == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for the genesis");
    return croft_home_write(disk, CROFT_HOME_GENESIS, (struct croft_bytes){(const u8 *)text, strlen(text)},
                            why);
}

croft_err croft_home_refuse_existing(const char *path, struct croft_why *why)
{
    char file[CROFT_HOME_PATH_MAX];
    CROFT_TRY(croft_home_path(path, CROFT_HOME_GENESIS, file, why));
    if (access(file, F_OK) != 0)
        return CROFT_OK;
    return croft_fail(
        why, CROFT_ERR_EXISTS,
        "%s holds a chain already\nstart it with \"croft chain start\", or choose another folder with --home",
        path);
}

croft_err croft_home_create(const char *path, const Croft__V1__Genesis *genesis,
                            const struct croft_secret_key *key, struct croft_why *why)
{
    struct croft_disk *disk CROFT_CLEANUP(close_disk) = NULL;
    CROFT_TRY(check_genesis("this", genesis, why));
    CROFT_TRY(croft_home_refuse_existing(path, why));
    CROFT_TRY(croft_posix_disk_open(path, true, &disk, why));
    if (key != NULL)
        CROFT_TRY(write_key(disk, CROFT_HOME_KEY, key, why));
    /* What stands before it is on the disk before the genesis makes a chain of the folder. */
    croft_err err = disk->ops->sync_names(disk);
    if (err == CROFT_OK)
        CROFT_TRY(write_genesis(disk, genesis, why));
    if (err == CROFT_OK)
        err = disk->ops->sync_names(disk);
    return err == CROFT_OK ? CROFT_OK
                           : croft_fail(why, err, "cannot write to %s: %s", path, croft_err_text(err));
}

/* ---- open ---- */

static croft_err read_key_text(const char *file, char out[CROFT_KEYFILE_MAX], size_t *out_len,
                               struct croft_why *why)
{
    int fd CROFT_CLEANUP(close_fd) = open(file, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 && errno == ENOENT)
        return croft_fail(why, CROFT_ERR_NOT_FOUND,
                          "there is no %s, so no block can be signed here\nput the sequencer's key there, or "
                          "follow the chain "
                          "with \"croft chain follow\"",
                          file);
    if (fd < 0 || fstat(fd, &st) != 0)
        return croft_fail(why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    if ((st.st_mode & 077) != 0)
        return croft_fail(why, CROFT_ERR_KEY_MODE, "the key file %s can be read by others\nrun: chmod 600 %s",
                          file, file);
    ssize_t got = read(fd, out, CROFT_KEYFILE_MAX);
    if (got < 0)
        return croft_fail(why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    *out_len = (size_t)got;
    return CROFT_OK;
}

static croft_err read_key(const char *path, const char *name, const char *passphrase,
                          struct croft_secret_key *out, struct croft_why *why)
{
    char file[CROFT_HOME_PATH_MAX], text[CROFT_KEYFILE_MAX];
    size_t len = 0;
    CROFT_TRY(croft_home_path(path, name, file, why));
    CROFT_TRY(read_key_text(file, text, &len, why));
    croft_err err = croft_keyfile_read((struct croft_bytes){(const u8 *)text, len}, passphrase, out);
    explicit_bzero(text, sizeof text);
    if (err == CROFT_OK)
        return CROFT_OK;
    const char *to_do = err == CROFT_ERR_PASSPHRASE ? "\ngive it with --passphrase-file" : "";
    return croft_fail(why, err, "%s: %s%s", file, croft_err_text(err), to_do);
}

static croft_err read_genesis(struct croft_home *h, struct croft_why *why)
{
    char file[CROFT_HOME_PATH_MAX];
    CROFT_TRY(croft_home_path(h->path, CROFT_HOME_GENESIS, file, why));
    croft_err err = croft_genesis_read(file, &h->genesis_memory, &h->genesis, why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(why, err, "%s holds no chain\nrun: croft chain init", h->path);
    return err;
}

struct croft_solo_options croft_home_solo_options(const Croft__V1__Genesis *genesis,
                                                  struct croft_world *world)
{
    struct croft_solo_options s = {
        .genesis = genesis,
        .world = world,
        .pool_txs_max = POOL_TXS,
        .pool_per_account_max = POOL_PER_ACCOUNT,
        .checkpoint_log_bytes = CHECKPOINT_LOG_BYTES,
        .journal_bytes = JOURNAL_BYTES,
        .log = {.segment_bytes = SEGMENT_BYTES,
                .segments_max = SEGMENTS_MAX,
                .blocks_max = BLOCKS_MAX,
                .room_bytes = LOG_ROOM_BYTES,
                .first_height = 1},
        .index = {.run_txs_max = INDEX_RUN_TXS, .runs_max = INDEX_RUNS_MAX},
    };
    world->ops->entropy(world, s.hash_seed, sizeof s.hash_seed);
    return s;
}

static croft_err open_chain(struct croft_home *h, const struct croft_home_options *o, struct croft_why *why)
{
    char file[CROFT_HOME_PATH_MAX];
    CROFT_TRY(croft_home_path(h->path, CROFT_HOME_STATE, file, why));
    CROFT_TRY(croft_lmdb_checkpoint_open(file, CROFT_HOME_STATE_BYTES_MAX, &h->checkpoint, why));
    struct croft_solo_options s = croft_home_solo_options(h->genesis, o->world);
    s.disk = h->disk;
    s.checkpoint = h->checkpoint;
    s.key = o->makes_blocks ? &h->key : NULL;
    s.audit = o->audit;
    s.accept_clock = o->accept_clock;
    if (!croft_region_map(&h->memory, croft_solo_size(&s)))
        return croft_fail(why, CROFT_ERR_NOMEM,
                          "not enough address space for the network's tables (records_max_log2)");
    struct croft_arena mem = croft_region_arena(&h->memory);
    CROFT_TRY(croft_solo_open(&mem, &s, &h->solo, &h->opened, why));
    h->network = *croft_ledger_network(croft_solo_ledger(h->solo));
    return CROFT_OK;
}

static croft_err open_all(struct croft_home *h, const struct croft_home_options *o, struct croft_why *why)
{
    int n = snprintf(h->path, sizeof h->path, "%s", o->path);
    if (n <= 0 || (size_t)n >= sizeof h->path)
        return croft_fail(why, CROFT_ERR_USAGE, "the path of the folder is empty or too long");
    croft_err err = croft_posix_disk_open(h->path, false, &h->disk, why);
    if (err == CROFT_ERR_NOT_FOUND)
        return croft_fail(why, err, "%s holds no chain\nrun: croft chain init", h->path);
    CROFT_TRY(err);
    CROFT_TRY(read_genesis(h, why));
    if (o->makes_blocks)
        CROFT_TRY(read_key(o->path, CROFT_HOME_KEY, o->passphrase, &h->key, why));
    return open_chain(h, o, why);
}

/* The driver keeps a pointer to the key, so the home is filled in place. */
croft_err croft_home_open(const struct croft_home_options *options, struct croft_home *out,
                          struct croft_why *why)
{
    *out = (struct croft_home){0};
    croft_err err = open_all(out, options, why);
    if (err != CROFT_OK)
        croft_home_close(out);
    return err;
}

croft_err croft_home_follower_key(const struct croft_home *h, struct croft_world *world,
                                  struct croft_secret_key *out, struct croft_why *why)
{
    croft_err err = read_key(h->path, CROFT_HOME_FOLLOWER, NULL, out, why);
    if (err != CROFT_ERR_NOT_FOUND)
        return err;
    croft_secret_key_make(out, world);
    CROFT_TRY(write_key(h->disk, CROFT_HOME_FOLLOWER, out, why));
    err = h->disk->ops->sync_names(h->disk);
    return err == CROFT_OK ? CROFT_OK : croft_fail(why, err, "cannot write to %s: %s", h->path, croft_err_text(err));
}

void croft_home_close(struct croft_home *h)
{
    if (h->solo != NULL)
        croft_solo_close(h->solo);
    if (h->checkpoint != NULL)
        croft_lmdb_checkpoint_close(h->checkpoint);
    if (h->disk != NULL)
        croft_posix_disk_close(h->disk);
    croft_secret_key_wipe(&h->key);
    croft_region_unmap(&h->memory);
    croft_region_unmap(&h->genesis_memory);
    *h = (struct croft_home){0};
}
