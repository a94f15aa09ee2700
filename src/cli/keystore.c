#include "cli/keystore.h"

#include "base/assert.h"
#include "chain/wallet.h"
#include "crypto/bech32m.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MAX = 4096 };

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static croft_err io_error(struct croft_cli *c, const char *what, const char *file)
{
    croft_err err = errno == ENOSPC || errno == EDQUOT ? CROFT_ERR_DISK_FULL : CROFT_ERR_IO;
    return croft_fail(&c->why, err, "cannot %s %s: %s", what, file, strerror(errno));
}

static bool is_name(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t len = strlen(name);
    return len >= 1 && len < CROFT_KEY_NAME_MAX && strspn(name, allowed) == len &&
           strchr("._-", name[0]) == NULL;
}

croft_err croft_key_name_check(struct croft_cli *c, const char *name)
{
    if (is_name(name))
        return CROFT_OK;
    return croft_cli_usage(
        c, "\"%s\" cannot name a key: 1 to 32 letters, digits, '.', '_' or '-', a letter or digit first",
        name);
}

static croft_err make_folder(struct croft_cli *c, const char *path)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return CROFT_OK;
    return io_error(c, "create the folder", path);
}

static void folder_of_keys(const struct croft_cli *c, char out[CROFT_PATH_TEXT_MAX])
{
    int n = snprintf(out, CROFT_PATH_TEXT_MAX, "%s/keys", c->home);
    CROFT_ASSERT(n > 0 && n < CROFT_PATH_TEXT_MAX);
}

static void path_of(const struct croft_cli *c, const char *name, const char *kind,
                    char out[CROFT_PATH_TEXT_MAX])
{
    CROFT_ASSERT(is_name(name));
    int n = snprintf(out, CROFT_PATH_TEXT_MAX, "%s/keys/%s.%s", c->home, name, kind);
    CROFT_ASSERT(n > 0 && n < CROFT_PATH_TEXT_MAX);
}

croft_err croft_key_path(struct croft_cli *c, const char *name, char out[CROFT_PATH_TEXT_MAX])
{
    char folder[CROFT_PATH_TEXT_MAX];
    CROFT_TRY(croft_key_name_check(c, name));
    folder_of_keys(c, folder);
    CROFT_TRY(make_folder(c, c->home));
    CROFT_TRY(make_folder(c, folder));
    path_of(c, name, "key", out);
    return CROFT_OK;
}

static croft_err read_whole(struct croft_cli *c, int fd, const char *file, char *out, size_t size)
{
    size_t len = 0;
    for (;;) {
        ssize_t got = read(fd, out + len, size - len);
        if (got < 0)
            return io_error(c, "read", file);
        len += (size_t)got;
        if (got == 0)
            break;
        if (len == size)
            return croft_fail(&c->why, CROFT_ERR_KEY_FILE, "%s is no key file: it is too long", file);
    }
    if (memchr(out, '\0', len) != NULL)
        return croft_fail(&c->why, CROFT_ERR_KEY_FILE, "%s is no key file", file);
    out[len] = '\0';
    return CROFT_OK;
}

croft_err croft_keyfile_load(struct croft_cli *c, const char *file, char out[CROFT_KEYFILE_MAX])
{
    int fd CROFT_CLEANUP(close_fd) = open(file, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 && errno == ENOENT)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND,
                          "there is no key file %s\n\"croft key list\" shows the keys", file);
    if (fd < 0 || fstat(fd, &st) != 0)
        return io_error(c, "read", file);
    if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
        return croft_fail(&c->why, CROFT_ERR_KEY_MODE,
                          "the key file %s can be read by others\nrun: chmod 600 %s", file, file);
    return read_whole(c, fd, file, out, CROFT_KEYFILE_MAX);
}

static croft_err write_synced(struct croft_cli *c, int fd, const char *file, const char *text)
{
    size_t len = strlen(text);
    while (len > 0) {
        ssize_t wrote = write(fd, text, len);
        if (wrote < 0)
            return io_error(c, "write", file);
        text += wrote;
        len -= (size_t)wrote;
    }
    return fsync(fd) == 0 ? CROFT_OK : io_error(c, "write", file);
}

/* A new name is on the disk once its folder is. */
static croft_err sync_folder_of(struct croft_cli *c, const char *file)
{
    char folder[CROFT_PATH_TEXT_MAX];
    const char *slash = strrchr(file, '/');
    snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - file) + 1 : 1,
             slash != NULL ? file : ".");
    int fd CROFT_CLEANUP(close_fd) = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return io_error(c, "write", folder);
    return CROFT_OK;
}

croft_err croft_keyfile_store(struct croft_cli *c, const char *file, const char *text)
{
    int fd CROFT_CLEANUP(close_fd) = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return croft_fail(&c->why, CROFT_ERR_EXISTS,
                          "%s exists already and is never overwritten\nchoose another name", file);
    if (fd < 0)
        return io_error(c, "create", file);
    croft_err err = write_synced(c, fd, file, text);
    if (err == CROFT_OK)
        err = sync_folder_of(c, file);
    if (err != CROFT_OK)
        unlink(file); /* half a key would only look like one */
    return err;
}

static croft_err read_account(struct croft_cli *c, const char *name, struct croft_key_info *out)
{
    char file[CROFT_PATH_TEXT_MAX], text[CROFT_BECH32M_TEXT_MAX + 2];
    path_of(c, name, "account", file);
    int fd CROFT_CLEANUP(close_fd) = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return CROFT_OK;
    if (fd < 0)
        return io_error(c, "read", file);
    CROFT_TRY(read_whole(c, fd, file, text, sizeof text));
    text[strcspn(text, "\n")] = '\0';
    if (croft_bech32m_decode(CROFT_HRP_ADDRESS, text, out->account.b) != CROFT_OK)
        return croft_fail(&c->why, CROFT_ERR_BECH32,
                          "%s does not hold an address\nwrite the account's croft1... into it", file);
    out->delegated = true;
    return CROFT_OK;
}

croft_err croft_key_info(struct croft_cli *c, const char *name, struct croft_key_info *out)
{
    char text[CROFT_KEYFILE_MAX] = "";
    struct croft_key_info info = {.encrypted = false};
    CROFT_TRY(croft_key_name_check(c, name));
    snprintf(info.name, sizeof info.name, "%s", name);
    path_of(c, name, "key", info.file);
    CROFT_TRY(croft_keyfile_load(c, info.file, text));
    const struct croft_bytes bytes = {(const u8 *)text, strlen(text)};
    croft_err err = croft_keyfile_peek(bytes, &info.public_key, &info.encrypted);
    explicit_bzero(text, sizeof text);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "%s: %s", info.file, croft_err_text(err));
    err = croft_wallet_address(&info.public_key, &info.own);
    CROFT_ASSERT(err == CROFT_OK);
    info.account = info.own;
    CROFT_TRY(read_account(c, name, &info));
    *out = info;
    return CROFT_OK;
}

croft_err croft_key_set_account(struct croft_cli *c, const char *name, const struct croft_address *account)
{
    char file[CROFT_PATH_TEXT_MAX], fresh[CROFT_PATH_TEXT_MAX], text[CROFT_BECH32M_TEXT_MAX + 2];
    path_of(c, name, "account", file);
    path_of(c, name, "account.new", fresh);
    croft_bech32m_encode(CROFT_HRP_ADDRESS, account->b, text);
    strcat(text, "\n");
    unlink(fresh);
    CROFT_TRY(croft_keyfile_store(c, fresh, text));
    if (rename(fresh, file) != 0)
        return io_error(c, "write", file);
    return sync_folder_of(c, file);
}

/* The name of a key file; false for any other file. */
static bool name_of_file(const char *file, char out[CROFT_KEY_NAME_MAX])
{
    size_t len = strlen(file), end = strlen(".key");
    if (len <= end || len - end >= CROFT_KEY_NAME_MAX || strcmp(file + len - end, ".key") != 0)
        return false;
    memcpy(out, file, len - end);
    out[len - end] = '\0';
    return is_name(out);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void close_folder(DIR **folder)
{
    if (*folder != NULL)
        closedir(*folder);
}

croft_err croft_key_names(struct croft_cli *c, char (**out)[CROFT_KEY_NAME_MAX], size_t *out_count)
{
    char path[CROFT_PATH_TEXT_MAX];
    folder_of_keys(c, path);
    char(*names)[CROFT_KEY_NAME_MAX] = croft_arena_take(&c->mem, NAMES_MAX, CROFT_KEY_NAME_MAX, 1);
    DIR *folder CROFT_CLEANUP(close_folder) = opendir(path);
    if (names == NULL)
        return croft_fail(&c->why, CROFT_ERR_NOMEM, "no memory left for the list of keys");
    if (folder == NULL && errno != ENOENT)
        return io_error(c, "read", path);
    size_t count = 0;
    for (struct dirent *e; folder != NULL && count < NAMES_MAX && (e = readdir(folder)) != NULL;)
        count += name_of_file(e->d_name, names[count]);
    qsort(names, count, CROFT_KEY_NAME_MAX, compare_names);
    *out = names;
    *out_count = count;
    return CROFT_OK;
}

croft_err croft_key_drop_account(struct croft_cli *c, const struct croft_public_key *key,
                                 const struct croft_address *account)
{
    char(*names)[CROFT_KEY_NAME_MAX], file[CROFT_PATH_TEXT_MAX];
    size_t count;
    struct croft_why before = c->why;
    CROFT_TRY(croft_key_names(c, &names, &count));
    for (size_t i = 0; i < count; i++) {
        struct croft_key_info info;
        bool is_it = croft_key_info(c, names[i], &info) == CROFT_OK && info.delegated &&
                     memcmp(info.public_key.b, key->b, sizeof key->b) == 0 &&
                     memcmp(info.account.b, account->b, sizeof account->b) == 0;
        path_of(c, names[i], "account", file);
        if (is_it && unlink(file) != 0)
            return io_error(c, "remove", file);
    }
    c->why = before; /* of key files that cannot be read: "croft key list" tells */
    return CROFT_OK;
}

static croft_err the_only_key(struct croft_cli *c, const char **out)
{
    char(*names)[CROFT_KEY_NAME_MAX];
    size_t count;
    CROFT_TRY(croft_key_names(c, &names, &count));
    if (count == 0)
        return croft_fail(&c->why, CROFT_ERR_NOT_FOUND,
                          "there is no key in %s/keys yet\nrun: croft key new NAME", c->home);
    if (count > 1)
        return croft_fail(&c->why, CROFT_ERR_USAGE,
                          "there are %zu keys in %s/keys\nsay which with --key NAME, or set CROFT_KEY", count,
                          c->home);
    *out = names[0];
    return CROFT_OK;
}

croft_err croft_key_choose(struct croft_cli *c, struct croft_key_info *out)
{
    const char *name = croft_cli_value(c, "key"), *account = croft_cli_value(c, "account");
    const char *set = getenv("CROFT_KEY");
    struct croft_address named;
    if (account != NULL && croft_bech32m_decode(CROFT_HRP_ADDRESS, account, named.b) != CROFT_OK)
        return croft_cli_usage(c, "--account: %s", croft_err_text(CROFT_ERR_BECH32));
    if (name == NULL)
        name = set != NULL && *set != '\0' ? set : NULL;
    if (name == NULL && account != NULL && croft_cli_knows(c, "unsigned") && croft_cli_has(c, "unsigned")) {
        *out = (struct croft_key_info){.name = "", .account = named};
        return CROFT_OK;
    }
    if (name == NULL)
        CROFT_TRY(the_only_key(c, &name));
    struct croft_key_info info;
    CROFT_TRY(croft_key_info(c, name, &info));
    if (account != NULL)
        info.account = named;
    *out = info;
    return CROFT_OK;
}

croft_err croft_key_open(struct croft_cli *c, const struct croft_key_info *info, struct croft_secret_key *out)
{
    char text[CROFT_KEYFILE_MAX] = "";
    struct croft_passphrase passphrase CROFT_CLEANUP(croft_passphrase_wipe) = {""};
    if (info->encrypted)
        CROFT_TRY(croft_passphrase_get(c, info->name, false, &passphrase));
    CROFT_TRY(croft_keyfile_load(c, info->file, text));
    const struct croft_bytes bytes = {(const u8 *)text, strlen(text)};
    croft_err err = croft_keyfile_read(bytes, info->encrypted ? passphrase.text : NULL, out);
    explicit_bzero(text, sizeof text);
    if (err != CROFT_OK)
        return croft_fail(&c->why, err, "key \"%s\": %s", info->name, croft_err_text(err));
    return CROFT_OK;
}
