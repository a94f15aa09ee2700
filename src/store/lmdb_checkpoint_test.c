/* Goal: a checkpoint gives back exactly what was last committed: after any changes, another open, a failed
 * commit, and kill -9 in the middle of one. Method: random commits against an array of slots; a child process
 * killed while it commits. */
#include "store/lmdb_checkpoint.h"
#include "store/sample.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { TABLES = 3, SLOTS = 400, CHANGES_MAX = 300, VALUE_MAX = 1280, KEY_MAX = 40, MAP_BYTES = 64 << 20 };

static u64 seed;

/* What a slot holds: bytes made from version, so that it need not be stored. */
struct model {
    struct croft_rng rng;
    struct croft_sample_folder folder;
    char path[300];
    struct croft_checkpoint *c;
    u64 version[TABLES][SLOTS]; /* 0: no record */
    u64 commits;
    u32 next_table, next_slot; /* where load must go on */
};

static struct croft_bytes key_of(u64 version, u8 buf[KEY_MAX])
{
    struct croft_rng rng = croft_rng_of(version);
    size_t len = croft_rng_below(&rng, KEY_MAX + 1);
    croft_rng_fill(&rng, buf, len);
    return (struct croft_bytes){buf, len};
}

static struct croft_bytes value_of(u64 version, u8 buf[VALUE_MAX])
{
    struct croft_rng rng = croft_rng_of(~version);
    size_t len = croft_rng_below(&rng, VALUE_MAX + 1);
    croft_rng_fill(&rng, buf, len);
    return (struct croft_bytes){buf, len};
}

static void open_checkpoint(struct model *m, u64 map_bytes)
{
    struct croft_why why = {0};
    croft_err err = croft_lmdb_checkpoint_open(m->path, map_bytes, &m->c, &why);
    if (err != CROFT_OK)
        print_error("%s\n", why.text);
    assert_int_equal(err, CROFT_OK);
}

static struct model *model_make(u64 map_bytes)
{
    struct model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->rng = croft_rng_of(seed);
    m->folder = croft_sample_folder_make();
    snprintf(m->path, sizeof m->path, "%s/state.lmdb", m->folder.path);
    open_checkpoint(m, map_bytes);
    return m;
}

static void model_free(struct model *m)
{
    if (m->c != NULL)
        croft_lmdb_checkpoint_close(m->c);
    croft_sample_folder_remove(&m->folder);
    free(m);
}

static croft_err take(void *arg, const struct croft_stored *r)
{
    struct model *m = arg;
    u8 key_buf[KEY_MAX], value_buf[VALUE_MAX];
    while (m->next_table < TABLES && m->version[m->next_table][m->next_slot] == 0) {
        m->next_table += ++m->next_slot == SLOTS;
        m->next_slot %= SLOTS;
    }
    assert_true(m->next_table < TABLES);
    assert_int_equal(r->table, m->next_table);
    assert_int_equal(r->slot, m->next_slot);
    u64 version = m->version[r->table][r->slot];
    struct croft_bytes key = key_of(version, key_buf), value = value_of(version, value_buf);
    assert_int_equal(r->key.len, key.len);
    assert_int_equal(r->value.len, value.len);
    assert_memory_equal(r->key.at, key.at, key.len);
    assert_memory_equal(r->value.at, value.at, value.len);
    m->version[r->table][r->slot] |= UINT64_C(1) << 63; /* seen */
    m->next_table += ++m->next_slot == SLOTS;
    m->next_slot %= SLOTS;
    return CROFT_OK;
}

static void expect_all(struct model *m)
{
    struct croft_why why;
    struct croft_bytes meta;
    m->next_table = m->next_slot = 0;
    assert_int_equal(m->c->ops->load(m->c, take, m, &why), CROFT_OK);
    for (u32 t = 0; t < TABLES; t++) {
        for (u32 s = 0; s < SLOTS; s++) {
            assert_true(m->version[t][s] == 0 || m->version[t][s] >> 63);
            m->version[t][s] &= UINT64_MAX >> 1;
        }
    }
    assert_int_equal(m->c->ops->meta(m->c, &meta, &why), CROFT_OK);
    assert_int_equal(meta.len, m->commits == 0 ? 0 : sizeof m->commits);
    if (m->commits > 0)
        assert_memory_equal(meta.at, &m->commits, sizeof m->commits);
}

/* A random set of changes, no slot twice, in random order; *model is what they lead to. */
static croft_err commit_some(struct model *m, struct croft_why *why)
{
    static struct croft_stored record[CHANGES_MAX];
    static u8 key[CHANGES_MAX][KEY_MAX], value[CHANGES_MAX][VALUE_MAX];
    static u64 version[TABLES][SLOTS];
    static bool changed[TABLES][SLOTS];
    size_t count = croft_rng_below(&m->rng, CHANGES_MAX + 1);
    memcpy(version, m->version, sizeof version);
    memset(changed, 0, sizeof changed);
    for (size_t i = 0; i < count;) {
        u32 t = (u32)croft_rng_below(&m->rng, TABLES), s = (u32)croft_rng_below(&m->rng, SLOTS);
        if (changed[t][s])
            continue;
        changed[t][s] = true;
        version[t][s] = croft_rng_chance(&m->rng, 4) ? 0 : 1 + croft_rng_below(&m->rng, UINT32_MAX);
        record[i] = (struct croft_stored){.table = t, .slot = s};
        if (version[t][s] != 0) {
            record[i].key = key_of(version[t][s], key[i]);
            record[i].value = value_of(version[t][s], value[i]);
        }
        i++;
    }
    u64 commits = m->commits + 1;
    struct croft_bytes meta = {(const u8 *)&commits, sizeof commits};
    croft_err err = m->c->ops->commit(m->c, record, count, meta, why);
    if (err == CROFT_OK) {
        memcpy(m->version, version, sizeof version);
        m->commits = commits;
    }
    return err;
}

static void test_against_an_array(void **state)
{
    (void)state;
    struct model *m = model_make(MAP_BYTES);
    struct croft_why why;
    expect_all(m);
    for (int i = 0; i < 60; i++) {
        assert_int_equal(commit_some(m, &why), CROFT_OK);
        if (croft_rng_chance(&m->rng, 5)) {
            croft_lmdb_checkpoint_close(m->c);
            open_checkpoint(m, MAP_BYTES);
        }
        expect_all(m);
    }
    model_free(m);
}

/* The file may not grow: the commit is refused, says so, and the last one stands. */
static void test_map_full(void **state)
{
    (void)state;
    struct model *m = model_make(1 << 19);
    struct croft_why why = {0};
    croft_err err = CROFT_OK;
    for (int i = 0; i < 50 && err == CROFT_OK; i++)
        err = commit_some(m, &why);
    assert_int_equal(err, CROFT_ERR_DISK_FULL);
    assert_non_null(strstr(why.text, "larger limit"));
    expect_all(m);
    croft_lmdb_checkpoint_close(m->c);
    open_checkpoint(m, MAP_BYTES);
    expect_all(m);
    assert_int_equal(commit_some(m, &why), CROFT_OK);
    expect_all(m);
    model_free(m);
}

/* Commits until killed; each time what was committed is told only afterwards. */
static void child_commits(struct model *m, int told)
{
    struct croft_why why;
    open_checkpoint(m, MAP_BYTES);
    while (commit_some(m, &why) == CROFT_OK)
        if (write(told, &m->commits, sizeof m->commits) != sizeof m->commits)
            _exit(1);
    _exit(1);
}

/* Kills a child after some commits; returns what it told last.  The checkpoint is closed meanwhile. */
static u64 kill_a_child(struct model *m)
{
    int fd[2];
    u64 last = m->commits, got;
    assert_int_equal(pipe(fd), 0);
    u64 after = 1 + croft_rng_below(&m->rng, 12);
    u64 wait_us = croft_rng_below(&m->rng, 3000);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child_commits(m, fd[1]);
    close(fd[1]);
    while (after-- > 0 && read(fd[0], &got, sizeof got) == sizeof got)
        last = got;
    usleep((useconds_t)wait_us);
    kill(pid, SIGKILL);
    while (read(fd[0], &got, sizeof got) == sizeof got)
        last = got;
    close(fd[0]);
    assert_true(waitpid(pid, NULL, 0) == pid);
    return last;
}

static void test_kill(void **state)
{
    (void)state;
    struct model *m = model_make(MAP_BYTES);
    for (int i = 0; i < 12; i++) {
        struct croft_why why;
        struct croft_rng child_rng;
        struct croft_bytes meta;
        u64 stored;
        croft_lmdb_checkpoint_close(m->c);
        m->c = NULL;
        u64 told = kill_a_child(m);
        child_rng = m->rng;
        open_checkpoint(m, MAP_BYTES);
        assert_int_equal(m->c->ops->meta(m->c, &meta, &why), CROFT_OK);
        assert_int_equal(meta.len, sizeof stored);
        memcpy(&stored, meta.at, sizeof stored);
        assert_true(stored == told || stored == told + 1);

        /* The child drew from the same numbers: its commits can be made again, elsewhere. */
        struct croft_checkpoint *real = m->c;
        char path[300];
        memcpy(path, m->path, sizeof path);
        snprintf(m->path, sizeof m->path, "%s/again-%d.lmdb", m->folder.path, i);
        open_checkpoint(m, MAP_BYTES);
        m->rng = child_rng;
        while (m->commits < stored)
            assert_int_equal(commit_some(m, &why), CROFT_OK);
        croft_lmdb_checkpoint_close(m->c);
        memcpy(m->path, path, sizeof path);
        m->c = real;
        expect_all(m);
    }
    model_free(m);
}

static croft_err refuse(void *arg, const struct croft_stored *r)
{
    (void)r;
    return --*(int *)arg > 0 ? CROFT_OK : CROFT_ERR_FORMAT;
}

static void test_load_stops_at_an_error(void **state)
{
    (void)state;
    struct model *m = model_make(MAP_BYTES);
    struct croft_why why;
    int left = 3;
    while (m->commits < 5)
        assert_int_equal(commit_some(m, &why), CROFT_OK);
    assert_int_equal(m->c->ops->load(m->c, refuse, &left, &why), CROFT_ERR_FORMAT);
    assert_int_equal(left, 0);
    model_free(m);
}

/* A file of something else, and one cut short, are refused and named. */
static void test_not_a_checkpoint(void **state)
{
    (void)state;
    struct model *m = model_make(MAP_BYTES);
    struct croft_why why;
    while (m->commits < 5)
        assert_int_equal(commit_some(m, &why), CROFT_OK);
    croft_lmdb_checkpoint_close(m->c);
    m->c = NULL;
    struct stat st;
    assert_int_equal(stat(m->path, &st), 0);
    assert_int_equal(truncate(m->path, st.st_size / 2), 0);
    assert_int_equal(croft_lmdb_checkpoint_open(m->path, MAP_BYTES, &m->c, &why), CROFT_ERR_STATE);
    assert_non_null(strstr(why.text, m->path));
    int fd = open(m->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    for (int i = 0; i < 2000; i++)
        assert_int_equal(write(fd, "not lmdb", 8), 8);
    close(fd);
    assert_int_equal(croft_lmdb_checkpoint_open(m->path, MAP_BYTES, &m->c, &why), CROFT_ERR_STATE);
    snprintf(m->path, sizeof m->path, "%s/none/state.lmdb", m->folder.path);
    assert_int_equal(croft_lmdb_checkpoint_open(m->path, MAP_BYTES, &m->c, &why), CROFT_ERR_IO);
    m->c = NULL;
    model_free(m);
}

int main(void)
{
    seed = croft_sample_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_an_array),
        cmocka_unit_test(test_map_full),
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_load_stops_at_an_error),
        cmocka_unit_test(test_not_a_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
