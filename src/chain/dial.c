#include "chain/dial.h"

#include "base/assert.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A signal that comes between the look at the flag and poll is seen at most this much later. */
enum { SLICE_MS = 100, HOST_MAX = 256, PORT_MAX = 16 };

struct croft_wait croft_wait_of(struct croft_world *world, const volatile sig_atomic_t *interrupted, u32 ms)
{
    u64 deadline_ns = world->ops->steady_ns(world) + (u64)ms * 1000000;
    return (struct croft_wait){.world = world, .interrupted = interrupted, .deadline_ns = deadline_ns};
}

static u64 left_ms(const struct croft_wait *wait)
{
    u64 now_ns = wait->world->ops->steady_ns(wait->world);
    return now_ns >= wait->deadline_ns ? 0 : (wait->deadline_ns - now_ns + 999999) / 1000000;
}

croft_err croft_wait_for(const struct croft_wait *wait, int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    for (;;) {
        if (wait->interrupted != NULL && *wait->interrupted)
            return CROFT_ERR_INTERRUPTED;
        u64 left = left_ms(wait);
        int got = poll(&p, 1, (int)(left < SLICE_MS ? left : SLICE_MS));
        CROFT_ASSERT(got >= 0 || errno == EINTR || errno == ENOMEM);
        if (got > 0)
            return CROFT_OK;
        if (left == 0)
            return CROFT_ERR_TIMEOUT;
    }
}

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Connects within the deadline; errno tells a failure, as CROFT_ERR_UNAVAILABLE. */
static croft_err connect_to(const struct sockaddr *to, socklen_t len, const struct croft_wait *wait,
                            int *out_fd)
{
    int fd CROFT_CLEANUP(close_fd) = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return CROFT_ERR_UNAVAILABLE;
    if (connect(fd, to, len) != 0) {
        /* EAGAIN is a unix socket whose queue is full: nobody takes connections there now. */
        if (errno != EINPROGRESS)
            return CROFT_ERR_UNAVAILABLE;
        CROFT_TRY(croft_wait_for(wait, fd, POLLOUT));
        socklen_t size = sizeof errno;
        int rc = getsockopt(fd, SOL_SOCKET, SO_ERROR, &errno, &size);
        if (rc != 0 || errno != 0)
            return CROFT_ERR_UNAVAILABLE;
    }
    *out_fd = fd;
    fd = -1;
    return CROFT_OK;
}

static croft_err cannot_reach(const char *where, croft_err err, const char *what, struct croft_why *why)
{
    if (err == CROFT_ERR_INTERRUPTED)
        return croft_fail(why, err, "interrupted while connecting to %s", where);
    if (err == CROFT_ERR_TIMEOUT)
        return croft_fail(why, err, "%s did not take the connection in time", where);
    return croft_fail(why, err,
                      "cannot reach the chain at %s: %s\n"
                      "start it with \"croft chain start\", or name another with --chain",
                      where, what);
}

static croft_err dial_unix(const char *where, const char *path, const struct croft_wait *wait, int *out_fd,
                           struct croft_why *why)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof to.sun_path)
        return croft_fail(why, CROFT_ERR_USAGE, "%s is longer than the %zu characters a socket path may have",
                          path, sizeof to.sun_path - 1);
    memcpy(to.sun_path, path, strlen(path) + 1);
    croft_err err = connect_to((const struct sockaddr *)&to, sizeof to, wait, out_fd);
    return err == CROFT_OK ? CROFT_OK : cannot_reach(where, err, strerror(errno), why);
}

static croft_err split_host_port(const char *where, char host[HOST_MAX], char port[PORT_MAX],
                                 struct croft_why *why)
{
    bool bracket = where[0] == '[';
    const char *colon = strrchr(where, ':'), *start = where + bracket;
    const char *end = colon != NULL && bracket && colon > where + 2 ? colon - 1 : colon;
    bool form = colon != NULL && end > start && (size_t)(end - start) < HOST_MAX && (!bracket || *end == ']');
    if (!form || colon[1] == '\0' || strlen(colon + 1) >= PORT_MAX ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return croft_fail(why, CROFT_ERR_USAGE, "%s is no place of a chain\nwrite unix:PATH, or HOST:PORT",
                          where);
    memcpy(host, start, (size_t)(end - start));
    host[end - start] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return CROFT_OK;
}

/* A question to the resolver, which knows no deadline of its own: it runs beside us. */
struct lookup {
    struct gaicb request;
    struct addrinfo hints;
    char host[HOST_MAX], port[PORT_MAX];
};

static void drop_lookup(struct lookup **lookup)
{
    if (*lookup == NULL)
        return;
    /* What is still running keeps its memory; there is one lookup per connection, and then the program ends.
     */
    if (gai_cancel(&(*lookup)->request) == EAI_NOTCANCELED)
        return;
    if ((*lookup)->request.ar_result != NULL)
        freeaddrinfo((*lookup)->request.ar_result);
    free(*lookup);
}

/* An address in numbers needs no resolver, and none of its threads. */
static bool is_numeric(struct lookup *lookup)
{
    struct addrinfo hints = lookup->hints;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    return getaddrinfo(lookup->host, lookup->port, &hints, &lookup->request.ar_result) == 0;
}

static croft_err resolve(struct lookup *lookup, const struct croft_wait *wait)
{
    struct gaicb *list[] = {&lookup->request};
    if (is_numeric(lookup))
        return CROFT_OK;
    if (getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) != 0)
        return CROFT_ERR_UNAVAILABLE;
    while (gai_error(&lookup->request) == EAI_INPROGRESS) {
        const struct croft_wait slice = croft_wait_of(wait->world, wait->interrupted, 0);
        if (croft_wait_for(&slice, -1, 0) == CROFT_ERR_INTERRUPTED)
            return CROFT_ERR_INTERRUPTED;
        if (left_ms(wait) == 0)
            return CROFT_ERR_TIMEOUT;
        const struct timespec pause = {.tv_nsec = SLICE_MS * 1000000};
        const struct gaicb *const waiting[] = {&lookup->request};
        gai_suspend(waiting, 1, &pause);
    }
    return gai_error(&lookup->request) == 0 ? CROFT_OK : CROFT_ERR_UNAVAILABLE;
}

static croft_err dial_tcp(const char *where, const struct croft_wait *wait, int *out_fd,
                          struct croft_why *why)
{
    struct lookup *lookup CROFT_CLEANUP(drop_lookup) = calloc(1, sizeof *lookup);
    if (lookup == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory left to look up %s", where);
    CROFT_TRY(split_host_port(where, lookup->host, lookup->port, why));
    lookup->hints.ai_socktype = SOCK_STREAM;
    lookup->request =
        (struct gaicb){.ar_name = lookup->host, .ar_service = lookup->port, .ar_request = &lookup->hints};
    croft_err err = resolve(lookup, wait);
    if (err != CROFT_OK)
        return cannot_reach(where, err, gai_strerror(gai_error(&lookup->request)), why);

    err = CROFT_ERR_UNAVAILABLE;
    for (struct addrinfo *a = lookup->request.ar_result; a != NULL && err == CROFT_ERR_UNAVAILABLE;
         a = a->ai_next)
        err = connect_to(a->ai_addr, a->ai_addrlen, wait, out_fd);
    if (err != CROFT_OK)
        return cannot_reach(where, err, strerror(errno), why);
    int on = 1;
    setsockopt(*out_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* slower without, not wrong */
    return CROFT_OK;
}

croft_err croft_dial(const char *where, const struct croft_wait *wait, int *out_fd, struct croft_why *why)
{
    if (strncmp(where, "unix:", 5) == 0)
        return dial_unix(where, where + 5, wait, out_fd, why);
    if (strchr(where, '/') != NULL)
        return dial_unix(where, where, wait, out_fd, why);
    return dial_tcp(where, wait, out_fd, why);
}
