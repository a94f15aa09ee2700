#include "consensus/server_int.h"

#include "base/assert.h"
#include "consensus/snapshot.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { TICK_MS = 50, ACK_TIMEOUT_MS = 10000, IDLE_TIMEOUT_MS = 300000, LAST_WORDS_MS = 2000, BACKLOG = 256 };

/* Address space; a page gets memory when an answer needs it. */
#define SCRATCH_BYTES    ((size_t)1 << 30)
#define CHECKPOINT_BYTES ((size_t)4 << 30)

u64 croft_server_now_ms(const struct croft_server *s)
{
    return s->options.world->ops->steady_ns(s->options.world) / 1000000;
}

const char *croft_server_role(const struct croft_server *s)
{
    if (s->follows)
        return "follower";
    return s->options.ack_follower && s->follower_count == 0 ? "sequencer, waiting for a follower"
                                                             : "sequencer";
}

/* ---- mailbox ---- */

static void ring(struct croft_server *s)
{
    const u64 one = 1;
    ssize_t wrote = write(s->wake_fd, &one, sizeof one);
    (void)wrote; /* a full counter wakes just as well */
}

void croft_server_post(struct croft_server *s, struct croft_mail *m)
{
    pthread_mutex_lock(&s->lock);
    bool first = s->mail == NULL;
    m->next = NULL;
    *s->mail_tail = m;
    s->mail_tail = &m->next;
    pthread_mutex_unlock(&s->lock);
    if (first)
        ring(s);
}

static struct croft_mail *take_mail(struct croft_server *s)
{
    pthread_mutex_lock(&s->lock);
    struct croft_mail *all = s->mail;
    s->mail = NULL;
    s->mail_tail = &s->mail;
    pthread_mutex_unlock(&s->lock);
    return all;
}

static void read_mail(struct croft_server *s)
{
    for (struct croft_mail *m = take_mail(s), *next; m != NULL; m = next) {
        next = m->next;
        m->take(s, m);
    }
}

static bool is_stopping(const struct croft_server *s)
{
    return s->stopping || (s->options.interrupted != NULL && *s->options.interrupted);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct croft_server *s = arg;
    u64 count;
    ssize_t got = read(fd, &count, sizeof count);
    (void)got;
    (void)what;
    read_mail(s);
    if (is_stopping(s))
        event_base_loopbreak(s->base);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct croft_server *s = arg;
    (void)fd;
    (void)what;
    croft_submit_release(s);
    if (is_stopping(s))
        event_base_loopbreak(s->base);
}

void croft_server_stop(struct croft_server *s)
{
    s->stopping = true; /* nothing here but what a signal handler may do */
    ring(s);
}

void croft_server_fail(struct croft_server *s, croft_err err, const struct croft_why *why)
{
    pthread_mutex_lock(&s->lock);
    if (s->fault == CROFT_OK) {
        s->fault = err;
        s->fault_why = *why;
    }
    pthread_mutex_unlock(&s->lock);
    croft_server_stop(s);
}

static void on_halted(void *arg, croft_err err, const struct croft_why *why)
{
    croft_server_fail(arg, err, why);
}

/* ---- warnings ---- */

struct warning {
    struct croft_mail mail;
    enum croft_engine_matter matter;
    struct croft_why why; /* empty: mended */
};

const char *croft_matter_name(enum croft_engine_matter matter)
{
    static const char *const name[] = {"disk", "checkpoint", "clock"};
    CROFT_ASSERT(matter < CROFT_COUNT(name));
    return name[matter];
}

static void take_warning(struct croft_server *s, struct croft_mail *m)
{
    struct warning *w = (struct warning *)m;
    s->wrong[w->matter] = w->why;
    if (s->options.warned != NULL)
        s->options.warned(s->options.arg, w->matter, w->why.text[0] != '\0' ? &w->why : NULL);
    free(w);
}

/* Sequencer.  A terminal that stands still must not hold it up: the loop says it. */
static void on_warned(void *arg, enum croft_engine_matter matter, const struct croft_why *why)
{
    struct warning *w = calloc(1, sizeof *w);
    if (w == NULL)
        return; /* status still has it */
    w->mail.take = take_warning;
    w->matter = matter;
    if (why != NULL)
        w->why = *why;
    croft_server_post(arg, &w->mail);
}

/* ---- sockets ---- */

static void on_local(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int len, void *arg)
{
    const struct croft_peer peer = {.local = true};
    (void)l;
    (void)from;
    (void)len;
    croft_conn_add(arg, fd, &peer);
}

static struct croft_peer peer_of(const struct sockaddr *from)
{
    struct in6_addr at = IN6ADDR_ANY_INIT;
    if (from->sa_family == AF_INET6) {
        memcpy(&at, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, sizeof at);
    } else if (from->sa_family == AF_INET) {
        at.s6_addr[10] = at.s6_addr[11] = 0xff;
        memcpy(&at.s6_addr[12], &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    }
    struct croft_peer peer = {.loopback = IN6_IS_ADDR_LOOPBACK(&at) ||
                                          (IN6_IS_ADDR_V4MAPPED(&at) && at.s6_addr[12] == 127)};
    memcpy(peer.address, at.s6_addr, sizeof peer.address);
    return peer;
}

static void on_tcp(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int len, void *arg)
{
    int on = 1;
    const struct croft_peer peer = peer_of(from);
    (void)l;
    (void)len;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* slower without, not wrong */
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    croft_conn_add(arg, fd, &peer);
}

/* The folder is locked, so a socket that is there is left over from a process that is gone. */
static croft_err listen_local(struct croft_server *s, struct croft_why *why)
{
    const char *path = s->socket_path;
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    CROFT_TRY(croft_home_path(s->home->path, CROFT_HOME_SOCKET, s->socket_path, why));
    if (strlen(path) >= sizeof to.sun_path)
        return croft_fail(
            why, CROFT_ERR_USAGE,
            "the socket's path %s is longer than the %zu characters the system allows\nuse a folder with a "
            "shorter path",
            path, sizeof to.sun_path - 1);
    memcpy(to.sun_path, path, strlen(path) + 1);
    unlink(path);
    mode_t before = umask(0177);
    s->local = evconnlistener_new_bind(s->base, on_local, s, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
                                       BACKLOG, (struct sockaddr *)&to, sizeof to);
    umask(before);
    if (s->local == NULL)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "cannot make the socket %s: %s", path, strerror(errno));
    return CROFT_OK;
}

static croft_err split_host(const char *text, char host[256], char port[16], struct croft_why *why)
{
    bool bracket = text[0] == '[';
    const char *colon = strrchr(text, ':'), *start = text + bracket;
    const char *end = colon != NULL && bracket && colon > text ? colon - 1 : colon;
    bool form = colon != NULL && end > start && (size_t)(end - start) < 256 && (!bracket || *end == ']') &&
                colon[1] != '\0' && strlen(colon + 1) < 6 &&
                strspn(colon + 1, "0123456789") == strlen(colon + 1);
    if (!form)
        return croft_fail(why, CROFT_ERR_USAGE,
                          "\"%s\" is no address to listen on\nwrite HOST:PORT, or [v6]:PORT", text);
    memcpy(host, start, (size_t)(end - start));
    host[end - start] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return CROFT_OK;
}

static void drop_addresses(struct addrinfo **a)
{
    if (*a != NULL)
        freeaddrinfo(*a);
}

static u16 bound_port(const struct evconnlistener *l)
{
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof at;
    int rc = getsockname(evconnlistener_get_fd((struct evconnlistener *)(uintptr_t)l), (struct sockaddr *)&at,
                         &len);
    CROFT_ASSERT(rc == 0);
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memcpy(&v4, &at, sizeof v4);
    memcpy(&v6, &at, sizeof v6);
    return ntohs(at.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

static croft_err listen_tcp(struct croft_server *s, struct croft_why *why)
{
    char host[256], port[16];
    struct addrinfo *list CROFT_CLEANUP(drop_addresses) = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    if (s->options.listen == NULL)
        return CROFT_OK;
    CROFT_TRY(split_host(s->options.listen, host, port, why));
    int rc = getaddrinfo(host, port, &hints, &list);
    if (rc != 0)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "cannot listen on %s: %s", s->options.listen,
                          gai_strerror(rc));
    s->tcp = evconnlistener_new_bind(s->base, on_tcp, s,
                                     LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                                     BACKLOG, list->ai_addr, (int)list->ai_addrlen);
    if (s->tcp == NULL)
        return croft_fail(why, CROFT_ERR_UNAVAILABLE, "cannot listen on %s: %s", s->options.listen,
                          strerror(errno));
    s->port = bound_port(s->tcp);
    return CROFT_OK;
}

/* ---- open ---- */

static croft_err make_loop(struct croft_server *s, struct croft_why *why)
{
    const struct timeval tick = {.tv_usec = TICK_MS * 1000};
    s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    s->base = event_base_new();
    if (s->wake_fd >= 0 && s->base != NULL) {
        s->wake = event_new(s->base, s->wake_fd, EV_READ | EV_PERSIST, on_wake, s);
        s->tick = event_new(s->base, -1, EV_PERSIST, on_tick, s);
    }
    bool made =
        s->wake != NULL && s->tick != NULL && event_add(s->wake, NULL) == 0 && event_add(s->tick, &tick) == 0;
    bool mapped = made && croft_region_map(&s->loop_memory, SCRATCH_BYTES) &&
                  croft_region_map(&s->query_memory, SCRATCH_BYTES);
    return mapped ? CROFT_OK : croft_fail(why, CROFT_ERR_NOMEM, "no memory for the chain's server");
}

/* What of the receipts tree lies before the log. */
static croft_err read_base(struct croft_server *s, struct croft_why *why)
{
    char path[CROFT_HOME_PATH_MAX];
    if (croft_blocklog_first(croft_solo_log(s->home->solo)) == 1)
        return CROFT_OK;
    CROFT_TRY(croft_home_path(s->home->path, CROFT_HOME_SNAPSHOT, path, why));
    return croft_snapshot_peek(path, &s->source.base_height, &s->source.base, why);
}

static croft_err start_engine(struct croft_server *s, struct croft_why *why)
{
    const struct croft_engine_options options = {
        .verify_threads = s->options.verify_threads,
        .checkpoint_bytes = CHECKPOINT_BYTES,
        .block = croft_blocks_made,
        .done = croft_submit_done,
        .halted = on_halted,
        .warned = on_warned,
        .arg = s,
    };
    croft_err err = croft_engine_start(s->home->solo, &options, &s->engine);
    s->source.engine = s->engine;
    return err == CROFT_OK ? CROFT_OK : croft_fail(why, err, "no memory for the chain's threads");
}

static struct croft_server *make_server(const struct croft_server_options *options, struct croft_home *home)
{
    struct croft_server *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    const struct croft_ledger *ledger = croft_solo_ledger(home->solo);
    s->options = *options;
    s->options.ack_timeout_ms = options->ack_timeout_ms ? options->ack_timeout_ms : (u32)ACK_TIMEOUT_MS;
    s->options.idle_timeout_ms = options->idle_timeout_ms ? options->idle_timeout_ms : (u32)IDLE_TIMEOUT_MS;
    s->home = home;
    s->wake_fd = -1;
    s->follows = croft_solo_options_of(home->solo)->key == NULL;
    s->host = (struct croft_session_host){
        .limits = {CROFT_REQUEST_BYTES_MAX, CROFT_CALLS_MAX, CROFT_CALL_BYTES_MAX},
        .network = home->network,
        .network_name = home->genesis->name,
        .software = options->software,
        .protocol = croft_ledger_chain(ledger).protocol,
    };
    s->source = (struct croft_query_source){
        .solo = home->solo, .network_name = home->genesis->name, .software = options->software};
    s->height = croft_ledger_height(ledger);
    s->cache_first = s->cache_next = s->height + 1;
    s->mail_tail = &s->mail;
    s->held_tail = &s->held;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

croft_err croft_server_open(const struct croft_server_options *options, struct croft_home *home,
                            struct croft_server **out, struct croft_why *why)
{
    struct croft_server *s = make_server(options, home);
    if (s == NULL)
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory for the chain's server");
    signal(SIGPIPE, SIG_IGN); /* a peer that went away is an error of its own connection */
    croft_err err = make_loop(s, why);
    if (err == CROFT_OK)
        err = read_base(s, why);
    if (err == CROFT_OK)
        err = listen_local(s, why);
    if (err == CROFT_OK)
        err = listen_tcp(s, why);
    if (err == CROFT_OK)
        err = start_engine(s, why);
    if (err != CROFT_OK) {
        croft_server_close(s);
        return err;
    }
    *out = s;
    return CROFT_OK;
}

/* ---- run ---- */

static void stop_listening(struct croft_server *s)
{
    if (s->local != NULL) {
        evconnlistener_free(s->local);
        unlink(s->socket_path);
    }
    if (s->tcp != NULL)
        evconnlistener_free(s->tcp);
    s->local = s->tcp = NULL;
}

void croft_server_before_stop(struct croft_server *s, void (*fn)(void *arg), void *arg)
{
    CROFT_ASSERT(s->before_stop == NULL);
    s->before_stop_arg = arg;
    s->before_stop = fn;
}

static void stop_engine(struct croft_server *s)
{
    if (s->before_stop != NULL)
        s->before_stop(s->before_stop_arg);
    s->before_stop = NULL;
    if (s->engine != NULL)
        croft_engine_stop(s->engine);
    s->engine = NULL;
    read_mail(s);
}

/* What was answered last is still on its way out. */
static void flush_conns(struct croft_server *s)
{
    u64 until_ms = croft_server_now_ms(s) + LAST_WORDS_MS;
    for (struct croft_conn *c = s->conns, *next; c != NULL; c = next) {
        next = c->next;
        croft_conn_end(c);
    }
    while (s->conns != NULL && croft_server_now_ms(s) < until_ms)
        event_base_loop(s->base, EVLOOP_ONCE);
}

croft_err croft_server_run(struct croft_server *s, struct croft_why *why)
{
    while (!is_stopping(s))
        event_base_dispatch(s->base);
    s->stopping = true;
    stop_listening(s);
    for (struct croft_conn *c = s->conns; c != NULL; c = c->next)
        bufferevent_disable(c->bev, EV_READ);
    stop_engine(s);
    croft_submit_give_up(s);
    croft_blocks_give_up(s);
    flush_conns(s);
    pthread_mutex_lock(&s->lock);
    croft_err fault = s->fault;
    if (fault != CROFT_OK)
        *why = s->fault_why;
    pthread_mutex_unlock(&s->lock);
    return fault;
}

static void free_loop(struct croft_server *s)
{
    if (s->wake != NULL)
        event_free(s->wake);
    if (s->tick != NULL)
        event_free(s->tick);
    if (s->base != NULL)
        event_base_free(s->base);
    if (s->wake_fd >= 0)
        close(s->wake_fd);
}

void croft_server_close(struct croft_server *s)
{
    s->stopping = true;
    stop_listening(s);
    stop_engine(s);
    croft_submit_give_up(s);
    croft_blocks_give_up(s);
    while (s->conns != NULL)
        croft_conn_close(s->conns);
    croft_blocks_drop_cache(s);
    croft_query_close(&s->source);
    free_loop(s);
    croft_region_unmap(&s->loop_memory);
    croft_region_unmap(&s->query_memory);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

struct croft_engine *croft_server_engine(struct croft_server *s)
{
    return s->engine;
}

u16 croft_server_port(const struct croft_server *s)
{
    return s->port;
}

void croft_server_took_block(struct croft_server *s, struct croft_bytes block)
{
    croft_blocks_made(s, block);
}
