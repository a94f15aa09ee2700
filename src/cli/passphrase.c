#include "cli/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

void croft_passphrase_wipe(struct croft_passphrase *p)
{
    explicit_bzero(p->text, sizeof p->text);
}

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Reads up to the end of the line, byte by byte so that nothing after it is taken. */
static croft_err read_line(struct croft_cli *c, int fd, struct croft_passphrase *out)
{
    size_t len = 0;
    for (;;) {
        char byte;
        ssize_t got = read(fd, &byte, 1);
        if (*c->interrupted)
            return croft_fail(&c->why, CROFT_ERR_INTERRUPTED, "interrupted");
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return croft_fail(&c->why, CROFT_ERR_IO, "cannot read the passphrase: %s", strerror(errno));
        if (got == 0 || byte == '\n')
            break;
        if (len + 1 == sizeof out->text)
            return croft_fail(&c->why, CROFT_ERR_PASSPHRASE, "a passphrase has at most %zu bytes",
                              sizeof out->text - 1);
        out->text[len++] = byte;
    }
    out->text[len] = '\0';
    if (len == 0)
        return croft_fail(&c->why, CROFT_ERR_PASSPHRASE, "the passphrase is empty");
    return CROFT_OK;
}

static croft_err from_file(struct croft_cli *c, const char *file, struct croft_passphrase *out)
{
    int fd CROFT_CLEANUP(close_fd) = open(file, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return croft_fail(&c->why, CROFT_ERR_IO, "cannot read %s: %s", file, strerror(errno));
    if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
        return croft_fail(&c->why, CROFT_ERR_KEY_MODE,
                          "the passphrase file %s can be read by others\nrun: chmod 600 %s", file, file);
    return read_line(c, fd, out);
}

static croft_err ask(struct croft_cli *c, int tty, const char *prompt, const char *name,
                     struct croft_passphrase *out)
{
    struct termios before, quiet;
    if (tcgetattr(tty, &before) != 0)
        return croft_fail(&c->why, CROFT_ERR_PASSPHRASE,
                          "the terminal cannot hide a passphrase\nuse --passphrase-file");
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    dprintf(tty, "%s \"%s\": ", prompt, name);
    tcsetattr(tty, TCSAFLUSH, &quiet);
    croft_err err = read_line(c, tty, out);
    tcsetattr(tty, TCSAFLUSH, &before);
    dprintf(tty, "\n");
    return err;
}

croft_err croft_passphrase_get(struct croft_cli *c, const char *key_name, bool twice,
                               struct croft_passphrase *out)
{
    const char *file = croft_cli_value(c, "passphrase-file");
    if (file != NULL)
        return from_file(c, file, out);
    int tty CROFT_CLEANUP(close_fd) = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0)
        return croft_fail(&c->why, CROFT_ERR_PASSPHRASE,
                          "the passphrase of key \"%s\" is needed and there is no terminal to ask on\n"
                          "give --passphrase-file FILE",
                          key_name);
    CROFT_TRY(ask(c, tty, twice ? "New passphrase for key" : "Passphrase of key", key_name, out));
    if (!twice)
        return CROFT_OK;

    struct croft_passphrase again CROFT_CLEANUP(croft_passphrase_wipe) = {""};
    CROFT_TRY(ask(c, tty, "The same again for key", key_name, &again));
    if (strcmp(out->text, again.text) != 0)
        return croft_fail(&c->why, CROFT_ERR_PASSPHRASE,
                          "the two passphrases differ\nnothing was written; try again");
    return CROFT_OK;
}
