/* Goal: the folder behaves as base/disk.h says, and belongs to one process at a time.
 * Method: random calls against byte arrays; a second opener, in this process and another; a file size limit
 * as a full disk. */
#include "store/posix_disk.h"
#include "store/sample.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILES = 4, BYTES_MAX = 5000, CALLS = 3000 };

static u64 seed;
static const char *const name[FILES] = {"one", "log/two", "log/three", "other/four"};

struct model {
    struct croft_rng rng;
    struct croft_sample_folder folder;
    struct croft_disk *d;
    struct {
        bool there;
        u64 len;
        u8 at[BYTES_MAX];
    } file[FILES];
};

static int open_file(struct model *m, u64 i)
{
    int file = -1;
    croft_err err = m->d->ops->open(m->d, name[i], false, &file);
    assert_int_equal(err, m->file[i].there ? CROFT_OK : CROFT_ERR_NOT_FOUND);
    return file;
}

static void make(struct model *m, u64 i)
{
    int file;
    assert_int_equal(m->d->ops->open(m->d, name[i], true, &file), CROFT_OK);
    m->d->ops->close(m->d, file);
    m->file[i].len = m->file[i].there ? m->file[i].len : 0;
    m->file[i].there = true;
}

static void resize(struct model *m, u64 i, u64 len)
{
    if (len > m->file[i].len)
        memset(m->file[i].at + m->file[i].len, 0, len - m->file[i].len);
    m->file[i].len = len;
}

static void write_some(struct model *m, u64 i, int file)
{
    u8 data[BYTES_MAX];
    u64 off = croft_rng_below(&m->rng, BYTES_MAX);
    size_t len = croft_rng_below(&m->rng, BYTES_MAX - off + 1);
    croft_rng_fill(&m->rng, data, len);
    assert_int_equal(m->d->ops->write(m->d, file, off, (struct croft_bytes){data, len}), CROFT_OK);
    if (len > 0 && off + len > m->file[i].len)
        resize(m, i, off + len);
    memcpy(m->file[i].at + off, data, len);
}

static void read_some(struct model *m, u64 i, int file)
{
    u8 data[BYTES_MAX];
    u64 off = croft_rng_below(&m->rng, BYTES_MAX);
    size_t len = croft_rng_below(&m->rng, BYTES_MAX + 1), got = 0;
    u64 there = off < m->file[i].len ? m->file[i].len - off : 0;
    assert_int_equal(m->d->ops->read(m->d, file, off, data, len, &got), CROFT_OK);
    assert_int_equal(got, there < len ? there : len);
    assert_memory_equal(data, m->file[i].at + off, got);
}

static void use_file(struct model *m, u64 i)
{
    int file = open_file(m, i);
    if (file < 0)
        return;
    u64 bytes, len = croft_rng_below(&m->rng, BYTES_MAX);
    switch (croft_rng_below(&m->rng, 4)) {
    case 0:
        write_some(m, i, file);
        break;
    case 1:
        read_some(m, i, file);
        break;
    case 2:
        assert_int_equal(m->d->ops->truncate(m->d, file, len), CROFT_OK);
        resize(m, i, len);
        break;
    default:
        assert_int_equal(m->d->ops->sync(m->d, file), CROFT_OK);
        assert_int_equal(m->d->ops->size(m->d, file, &bytes), CROFT_OK);
        assert_true(bytes == m->file[i].len);
    }
    m->d->ops->close(m->d, file);
}

static void use_names(struct model *m, u64 i)
{
    u64 to = croft_rng_below(&m->rng, FILES);
    croft_err want = m->file[i].there ? CROFT_OK : CROFT_ERR_NOT_FOUND;
    if (croft_rng_chance(&m->rng, 2)) {
        assert_int_equal(m->d->ops->remove(m->d, name[i]), want);
        m->file[i].there = false;
    } else if (to != i && m->file[to].there) { /* so that its folder is there */
        assert_int_equal(m->d->ops->rename(m->d, name[i], name[to]), want);
        if (want == CROFT_OK)
            memcpy(&m->file[to], &m->file[i], sizeof m->file[i]);
        m->file[i].there = m->file[i].there && want != CROFT_OK;
    }
    assert_int_equal(m->d->ops->sync_names(m->d), CROFT_OK);
}

static void test_against_arrays(void **state)
{
    (void)state;
    struct model *m = calloc(1, sizeof *m);
    struct croft_why why;
    assert_non_null(m);
    m->rng = croft_rng_of(seed);
    m->folder = croft_sample_folder_make();
    assert_int_equal(croft_posix_disk_open(m->folder.path, false, &m->d, &why), CROFT_OK);
    for (int k = 0; k < CALLS; k++) {
        u64 i = croft_rng_below(&m->rng, FILES), roll = croft_rng_below(&m->rng, 20);
        if (roll == 0)
            use_names(m, i);
        else if (roll <= 2)
            make(m, i);
        else
            use_file(m, i);
        if (roll == 19 && croft_rng_chance(&m->rng, 10)) {
            croft_posix_disk_close(m->d);
            assert_int_equal(croft_posix_disk_open(m->folder.path, false, &m->d, &why), CROFT_OK);
        }
    }
    croft_posix_disk_close(m->d);
    croft_sample_folder_remove(&m->folder);
    free(m);
}

static void test_one_owner(void **state)
{
    (void)state;
    struct croft_sample_folder folder = croft_sample_folder_make();
    struct croft_disk *d, *second;
    struct croft_why why;
    assert_int_equal(croft_posix_disk_open(folder.path, false, &d, &why), CROFT_OK);
    assert_int_equal(croft_posix_disk_open(folder.path, false, &second, &why), CROFT_ERR_LOCKED);
    assert_non_null(strstr(why.text, folder.path));
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(croft_posix_disk_open(folder.path, false, &second, &why) == CROFT_ERR_LOCKED ? 0 : 1);
    int status;
    assert_true(waitpid(pid, &status, 0) == pid);
    assert_int_equal(status, 0);
    croft_posix_disk_close(d);
    assert_int_equal(croft_posix_disk_open(folder.path, false, &d, &why), CROFT_OK);
    croft_posix_disk_close(d);
    croft_sample_folder_remove(&folder);
}

static void test_folder(void **state)
{
    (void)state;
    struct croft_sample_folder folder = croft_sample_folder_make();
    struct croft_disk *d;
    struct croft_why why;
    struct stat st;
    char path[300];
    int file;
    snprintf(path, sizeof path, "%s/new", folder.path);
    assert_int_equal(croft_posix_disk_open(path, false, &d, &why), CROFT_ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, path));
    assert_int_equal(croft_posix_disk_open(path, true, &d, &why), CROFT_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(d->ops->open(d, "log/a", true, &file), CROFT_OK);
    d->ops->close(d, file);
    croft_posix_disk_close(d);
    snprintf(path, sizeof path, "%s/new/log/a", folder.path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(croft_posix_disk_open(path, true, &d, &why), CROFT_ERR_IO); /* a file, not a folder */

    /* A link in the place of a file does not lead out of the folder. */
    char link[300];
    snprintf(link, sizeof link, "%s/new/away", folder.path);
    assert_int_equal(symlink("/etc/hostname", link), 0);
    snprintf(path, sizeof path, "%s/new", folder.path);
    assert_int_equal(croft_posix_disk_open(path, true, &d, &why), CROFT_OK);
    assert_int_equal(d->ops->open(d, "away", false, &file), CROFT_ERR_IO);
    croft_posix_disk_close(d);
    croft_sample_folder_remove(&folder);
}

static void test_full(void **state)
{
    (void)state;
    struct croft_sample_folder folder = croft_sample_folder_make();
    struct croft_disk *d;
    struct croft_why why;
    int file;
    u64 bytes;
    static const u8 data[8192];
    struct rlimit was, small;
    assert_int_equal(croft_posix_disk_open(folder.path, false, &d, &why), CROFT_OK);
    assert_int_equal(d->ops->open(d, "a", true, &file), CROFT_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = (struct rlimit){.rlim_cur = 5000, .rlim_max = was.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    croft_err err = d->ops->write(d, file, 0, (struct croft_bytes){data, sizeof data});
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_int_equal(err, CROFT_ERR_DISK_FULL);
    assert_int_equal(d->ops->size(d, file, &bytes), CROFT_OK);
    assert_true(bytes <= 5000);
    assert_int_equal(d->ops->write(d, file, 0, (struct croft_bytes){data, sizeof data}), CROFT_OK);
    d->ops->close(d, file);
    croft_posix_disk_close(d);
    croft_sample_folder_remove(&folder);
}

int main(void)
{
    seed = croft_sample_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_arrays),
        cmocka_unit_test(test_one_owner),
        cmocka_unit_test(test_folder),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
