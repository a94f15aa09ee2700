#include "consensus/peer.h"

#include "base/assert.h"
#include "base/buf.h"
#include "wire/frame.h"
#include "wire/tx.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SLICE_MS = 100, HOST_MAX = 256 };

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void drop_addresses(struct addrinfo **a)
{
    if (*a != NULL)
        freeaddrinfo(*a);
}

/* ---- waiting ---- */

static croft_err wait_fd(const struct croft_peer *p, int fd, short events, u32 ms)
{
    struct pollfd w = {.fd = fd, .events = events};
    u64 until_ns = p->world->ops->steady_ns(p->world) + (u64)ms * 1000000;
    for (;;) {
        if (*p->stop)
            return CROFT_ERR_INTERRUPTED;
        int got = poll(&w, 1, SLICE_MS);
        if (got > 0)
            return CROFT_OK;
        if (p->world->ops->steady_ns(p->world) >= until_ns)
            return CROFT_ERR_TIMEOUT;
    }
}

static croft_err broke(struct croft_peer *p, croft_err err, const char *what, struct croft_why *why)
{
    croft_peer_close(p);
    return croft_fail(why, err, "the connection to the other chain broke: %s", what);
}

/* ---- connecting ---- */

static croft_err connect_to(const struct croft_peer *p, const struct sockaddr *to, socklen_t len, int *out_fd)
{
    int fd CROFT_CLEANUP(close_fd) = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return CROFT_ERR_UNAVAILABLE;
    if (connect(fd, to, len) != 0) {
        int failed = 0;
        socklen_t size = sizeof failed;
        if (errno != EINPROGRESS)
            return CROFT_ERR_UNAVAILABLE;
        CROFT_TRY(wait_fd(p, fd, POLLOUT, p->timeout_ms));
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0 || failed != 0)
            return CROFT_ERR_UNAVAILABLE;
    }
    *out_fd = fd;
    fd = -1;
    return CROFT_OK;
}

static croft_err dial_unix(const struct croft_peer *p, const char *path, int *out_fd, struct croft_why *why)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof to.sun_path)
        return croft_fail(why, CROFT_ERR_USAGE, "%s is too long for a socket's path", path);
    memcpy(to.sun_path, path, strlen(path) + 1);
    croft_err err = connect_to(p, (const struct sockaddr *)&to, sizeof to, out_fd);
    return err == CROFT_OK ? err : croft_fail(why, err, "cannot reach the chain at %s", path);
}

static croft_err dial_tcp(const struct croft_peer *p, const char *where, int *out_fd, struct croft_why *why)
{
    char host[HOST_MAX];
    struct addrinfo *list CROFT_CLEANUP(drop_addresses) = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    const char *colon = strrchr(where, ':'), *start = where + (where[0] == '[');
    size_t len = colon == NULL ? 0 : (size_t)(colon - start) - (where[0] == '[' && colon > start);
    if (colon == NULL || len == 0 || len >= sizeof host || colon[1] == '\0')
        return croft_fail(why, CROFT_ERR_USAGE, "\"%s\" is no place of a chain\nwrite unix:PATH, or HOST:PORT", where);
    memcpy(host, start, len);
    host[len] = '\0';
    int rc = getaddrinfo(host, colon + 1, &hints, &list);
    if (rc != 0)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "cannot find %s: %s", where, gai_strerror(rc));
    croft_err err = CROFT_ERR_UNAVAILABLE;
    for (const struct addrinfo *a = list; a != NULL && err == CROFT_ERR_UNAVAILABLE; a = a->ai_next)
        err = connect_to(p, a->ai_addr, a->ai_addrlen, out_fd);
    if (err != CROFT_OK)
        return croft_fail(why, err, "cannot reach the chain at %s", where);
    int on = 1;
    setsockopt(*out_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(*out_fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    return CROFT_OK;
}

static croft_err dial(const struct croft_peer *p, const char *where, int *out_fd, struct croft_why *why)
{
    if (strncmp(where, "unix:", 5) == 0)
        return dial_unix(p, where + 5, out_fd, why);
    return strchr(where, '/') != NULL ? dial_unix(p, where, out_fd, why) : dial_tcp(p, where, out_fd, why);
}

/* ---- calls ---- */

static croft_err write_all(struct croft_peer *p, struct croft_bytes data, struct croft_why *why)
{
    while (data.len > 0) {
        ssize_t wrote = send(p->fd, data.at, data.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (wrote >= 0) {
            data.at += wrote;
            data.len -= (size_t)wrote;
            continue;
        }
        if (errno != EAGAIN && errno != EINTR)
            return broke(p, CROFT_ERR_UNAVAILABLE, strerror(errno), why);
        croft_err err = wait_fd(p, p->fd, POLLOUT, p->timeout_ms);
        if (err != CROFT_OK)
            return broke(p, err, croft_err_text(err), why);
    }
    return CROFT_OK;
}

croft_err croft_peer_send(struct croft_peer *p, Croft__V1__Request *request, struct croft_why *why)
{
    if (p->fd < 0)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "the connection to the other chain is closed");
    request->id = ++p->last_id;
    size_t len = croft__v1__request__get_packed_size(request);
    u8 *frame = malloc(len + CROFT_FRAME_HEAD);
    if (frame == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for a request");
    croft_put_u32(frame, (u32)len);
    croft__v1__request__pack(request, frame + CROFT_FRAME_HEAD);
    croft_err err = write_all(p, (struct croft_bytes){frame, len + CROFT_FRAME_HEAD}, why);
    free(frame);
    return err;
}

static croft_err read_to(struct croft_peer *p, size_t need, u32 patience_ms, struct croft_why *why)
{
    while (p->in_len < need) {
        croft_err err = wait_fd(p, p->fd, POLLIN, patience_ms);
        if (err == CROFT_ERR_TIMEOUT && p->in_len == 0)
            return croft_fail(why, err, "the other chain did not answer in time");
        if (err != CROFT_OK)
            return broke(p, err, croft_err_text(err), why);
        ssize_t got = recv(p->fd, p->in.base + p->in_len, need - p->in_len, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            return broke(p, CROFT_ERR_UNAVAILABLE, got == 0 ? "it was closed there" : strerror(errno), why);
        p->in_len += (size_t)got;
    }
    return CROFT_OK;
}

croft_err croft_peer_receive(struct croft_peer *p, u32 patience_ms, struct croft_arena mem, Croft__V1__Response **out,
                             struct croft_why *why)
{
    size_t len = 0;
    if (p->fd < 0)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "the connection to the other chain is closed");
    CROFT_TRY(read_to(p, CROFT_FRAME_HEAD, patience_ms, why));
    if (croft_frame_peek((struct croft_bytes){p->in.base, p->in_len}, CROFT_FRAME_MAX, &len) != CROFT_OK)
        return broke(p, CROFT_ERR_FRAME, "what answers is not a croft chain", why);
    CROFT_TRY(read_to(p, len, p->timeout_ms, why));
    p->in_len = 0;
    ProtobufCAllocator allocator = croft_arena_allocator(&mem);
    *out = croft__v1__response__unpack(&allocator, len - CROFT_FRAME_HEAD, p->in.base + CROFT_FRAME_HEAD);
    return *out != NULL ? CROFT_OK : broke(p, CROFT_ERR_FRAME, "what answers is not a croft chain", why);
}

croft_err croft_peer_call(struct croft_peer *p, Croft__V1__Request *request, u32 patience_ms, struct croft_arena mem,
                          Croft__V1__Response **out, struct croft_why *why)
{
    CROFT_TRY(croft_peer_send(p, request, why));
    do
        CROFT_TRY(croft_peer_receive(p, patience_ms, mem, out, why));
    while ((*out)->id != request->id);
    if ((*out)->error == CROFT_OK)
        return CROFT_OK;
    return croft_fail(why, croft_err_of((*out)->error), "the other chain answers: %.400s", (*out)->message);
}

/* ---- life ---- */

static croft_err say_hello(struct croft_peer *p, const struct croft_peer_options *o, struct croft_why *why)
{
    u8 room[4096];
    Croft__V1__Hello hello;
    croft__v1__hello__init(&hello);
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response;
    hello.api_min = CROFT_API_MIN;
    hello.api_max = CROFT_API_MAX;
    hello.network_id = (ProtobufCBinaryData){sizeof o->network.b, (u8 *)(uintptr_t)o->network.b};
    hello.software = (char *)(uintptr_t)o->software;
    request.call_case = CROFT__V1__REQUEST__CALL_HELLO;
    request.hello = &hello;
    CROFT_TRY(croft_peer_call(p, &request, p->timeout_ms, (struct croft_arena){room, room + sizeof room}, &response, why));
    if (response->result_case == CROFT__V1__RESPONSE__RESULT_HELLO)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_FRAME, "what answers is not a croft chain");
}

croft_err croft_peer_adopt(int fd, const struct croft_peer_options *o, struct croft_peer *out, struct croft_why *why)
{
    struct croft_peer p CROFT_CLEANUP(croft_peer_close) = {
        .world = o->world, .stop = o->stop, .timeout_ms = o->timeout_ms, .fd = fd};
    if (!croft_region_map(&p.in, CROFT_FRAME_MAX))
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for a connection");
    CROFT_TRY(say_hello(&p, o, why));
    *out = p;
    p = (struct croft_peer){.fd = -1};
    return CROFT_OK;
}

croft_err croft_peer_open(const struct croft_peer_options *o, struct croft_peer *out, struct croft_why *why)
{
    int fd;
    const struct croft_peer p = {.world = o->world, .stop = o->stop, .timeout_ms = o->timeout_ms, .fd = -1};
    CROFT_TRY(dial(&p, o->where, &fd, why));
    return croft_peer_adopt(fd, o, out, why);
}

void croft_peer_close(struct croft_peer *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
    croft_region_unmap(&p->in);
}
