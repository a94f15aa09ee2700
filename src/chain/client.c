#include "chain/client.h"

#include "base/assert.h"
#include "base/buf.h"
#include "chain/dial.h"
#include "crypto/hash.h"
#include "wire/frame.h"
#include "wire/tx.h"
#include "json/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOFTWARE "croft"

/* Bounds what is moved to the front after each frame. */
enum { READ_MAX = 256 << 10 };

static struct croft_wait wait_for_ms(const struct croft_client_options *o, u32 ms)
{
    return croft_wait_of(o->world, o->interrupted, ms);
}

static void hang_up(struct croft_client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->in_len = 0;
}

static croft_err broke(struct croft_client *c, const char *what, struct croft_why *why)
{
    hang_up(c);
    return croft_fail(
        why, CROFT_ERR_UNAVAILABLE,
        "the connection to the chain at %s broke: %s\ntry again; \"croft chain status\" tells whether "
        "it answers",
        c->options.where, what);
}

static croft_err waited(const struct croft_client *c, croft_err err, struct croft_why *why)
{
    if (err == CROFT_ERR_INTERRUPTED)
        return croft_fail(why, err, "interrupted");
    return croft_fail(why, err,
                      "the chain at %s did not answer in time\ntry again, or give it longer with --timeout",
                      c->options.where);
}

static croft_err write_all(struct croft_client *c, struct croft_bytes data, struct croft_why *why)
{
    const struct croft_wait wait = wait_for_ms(&c->options, c->options.timeout_ms);
    while (data.len > 0) {
        ssize_t wrote = send(c->fd, data.at, data.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (wrote >= 0) {
            data.at += wrote;
            data.len -= (size_t)wrote;
            continue;
        }
        if (errno != EAGAIN && errno != EINTR)
            return broke(c, strerror(errno), why);
        croft_err err = croft_wait_for(&wait, c->fd, POLLOUT);
        if (err != CROFT_OK) {
            hang_up(c); /* half a frame is out: nothing sensible can follow it */
            return waited(c, err, why);
        }
    }
    return CROFT_OK;
}

croft_err croft_client_send(struct croft_client *c, Croft__V1__Request *request, u64 *out_id,
                            struct croft_why *why)
{
    if (c->fd < 0)
        return broke(c, "it is closed", why);
    request->id = ++c->last_id;
    size_t len = protobuf_c_message_get_packed_size(&request->base);
    CROFT_ASSERT(len <= CROFT_FRAME_MAX - CROFT_FRAME_HEAD);

    struct croft_region frame CROFT_CLEANUP(croft_region_unmap) = {0};
    if (!croft_region_map(&frame, len + CROFT_FRAME_HEAD))
        return croft_fail(why, CROFT_ERR_NOMEM, "no memory left for a request of %zu bytes", len);
    croft_put_u32(frame.base, (u32)len);
    protobuf_c_message_pack(&request->base, frame.base + CROFT_FRAME_HEAD);
    CROFT_TRY(write_all(c, (struct croft_bytes){frame.base, len + CROFT_FRAME_HEAD}, why));
    *out_id = request->id;
    return CROFT_OK;
}

/* One read of what is there; waits for it until the deadline. */
static croft_err read_some(struct croft_client *c, const struct croft_wait *wait, struct croft_why *why)
{
    CROFT_ASSERT(c->in_len < c->in.size);
    croft_err err = croft_wait_for(wait, c->fd, POLLIN);
    if (err != CROFT_OK)
        return waited(c, err, why);
    size_t room = c->in.size - c->in_len;
    ssize_t got = recv(c->fd, c->in.base + c->in_len, room < READ_MAX ? room : READ_MAX, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return CROFT_OK;
    if (got <= 0)
        return broke(c, got == 0 ? "it was closed by the chain" : strerror(errno), why);
    c->in_len += (size_t)got;
    return CROFT_OK;
}

static croft_err read_frame(struct croft_client *c, const struct croft_wait *wait, size_t *out_len,
                            struct croft_why *why)
{
    for (;;) {
        struct croft_bytes in = {c->in.base, c->in_len};
        if (croft_frame_peek(in, CROFT_FRAME_MAX, out_len) != CROFT_OK) {
            hang_up(c);
            return croft_fail(why, CROFT_ERR_FRAME, "what answers at %s is not a croft chain\ncheck --chain",
                              c->options.where);
        }
        if (*out_len != 0 && *out_len <= c->in_len)
            return CROFT_OK;
        CROFT_TRY(read_some(c, wait, why));
    }
}

/* An arena that remembers whether it was asked for more than it has. */
struct answer_room {
    struct croft_arena *mem;
    bool full;
};

static void *take_room(void *context, size_t size)
{
    struct answer_room *room = context;
    void *p = croft_arena_take_raw(room->mem, 1, size, _Alignof(max_align_t));
    room->full = room->full || p == NULL;
    return p;
}

static void give_room(void *context, void *p)
{
    (void)context;
    (void)p; /* goes with the arena */
}

static croft_err unpack(struct croft_client *c, struct croft_bytes from, struct croft_arena *mem,
                        Croft__V1__Response **out, struct croft_why *why)
{
    struct answer_room room = {.mem = mem};
    ProtobufCAllocator allocator = {.alloc = take_room, .free = give_room, .allocator_data = &room};
    /* Not strict: a later release of the chain may add fields. */
    *out = croft__v1__response__unpack(&allocator, from.len, from.at);
    if (*out != NULL)
        return CROFT_OK;
    if (room.full)
        return croft_fail(why, CROFT_ERR_NOMEM,
                          "the chain's answer of %zu bytes is larger than this program takes", from.len);
    hang_up(c);
    return croft_fail(why, CROFT_ERR_FRAME, "what answers at %s is not a croft chain\ncheck --chain",
                      c->options.where);
}

croft_err croft_client_receive(struct croft_client *c, u32 timeout_ms, struct croft_arena *mem,
                               Croft__V1__Response **out, struct croft_why *why)
{
    if (c->fd < 0)
        return broke(c, "it is closed", why);
    const struct croft_wait wait = wait_for_ms(&c->options, timeout_ms);
    size_t len;
    CROFT_TRY(read_frame(c, &wait, &len, why));

    Croft__V1__Response *made = NULL;
    const struct croft_bytes body = {c->in.base + CROFT_FRAME_HEAD, len - CROFT_FRAME_HEAD};
    croft_err err = unpack(c, body, mem, &made, why);
    if (c->fd >= 0) {
        memmove(c->in.base, c->in.base + len, c->in_len - len);
        c->in_len -= len;
    }
    if (err == CROFT_OK)
        *out = made;
    return err;
}

croft_err croft_client_error_of(const Croft__V1__Response *response, struct croft_why *why)
{
    if (response->error == CROFT_OK)
        return CROFT_OK;
    croft_err err = croft_err_of(response->error);
    if (response->message[0] != '\0')
        return croft_fail(why, err, "%s", response->message);
    return croft_fail(why, err, "%s (error %u)", croft_err_text(err), response->error);
}

croft_err croft_client_call(struct croft_client *c, Croft__V1__Request *request, struct croft_arena *mem,
                            Croft__V1__Response **out, struct croft_why *why)
{
    u64 id;
    CROFT_TRY(croft_client_send(c, request, &id, why));
    const struct croft_arena before = *mem;
    const u64 start_ns = c->options.world->ops->steady_ns(c->options.world);
    for (;;) {
        u64 past_ms = (c->options.world->ops->steady_ns(c->options.world) - start_ns) / 1000000;
        u32 left_ms = past_ms < c->options.timeout_ms ? (u32)(c->options.timeout_ms - past_ms) : 0;
        Croft__V1__Response *response;
        *mem = before;
        CROFT_TRY(croft_client_receive(c, left_ms, mem, &response, why));
        if (response->id != id)
            continue; /* of a call that was given up */
        CROFT_TRY(croft_client_error_of(response, why));
        *out = response;
        return CROFT_OK;
    }
}

static void short_id(const struct croft_hash *h, char out[17])
{
    croft_hex_encode((struct croft_bytes){h->b, 8}, out);
}

static croft_err check_network(const struct croft_client *c, struct croft_why *why)
{
    const struct croft_client_options *o = &c->options;
    if (croft_hash_is_zero(&o->network) || croft_hash_equal(&o->network, &c->network))
        return CROFT_OK;
    char want[17], got[17];
    short_id(&o->network, want);
    short_id(&c->network, got);
    return croft_fail(why, CROFT_ERR_NETWORK,
                      "the chain at %s is network \"%s\" (%s...), not \"%s\" (%s...)\n"
                      "use --chain for the right one, or --home for a wallet of that network",
                      o->where, c->network_name, got, o->network_name ? o->network_name : "?", want);
}

/* The chain may say anything; what is kept and shown is a name as a genesis may have it. */
static void take_name(struct croft_client *c, const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    snprintf(c->network_name, sizeof c->network_name, "%s", name[0] != '\0' ? name : "?");
    for (char *at = c->network_name; *at != '\0'; at++)
        *at = strchr(allowed, *at) != NULL ? *at : '?';
}

static croft_err take_hello(struct croft_client *c, const Croft__V1__Response *response,
                            struct croft_why *why)
{
    const Croft__V1__HelloResult *hello = response->hello;
    if (response->result_case != CROFT__V1__RESPONSE__RESULT_HELLO || hello->network_id.len != 32)
        return croft_fail(why, CROFT_ERR_FRAME, "what answers at %s is not a croft chain\ncheck --chain",
                          c->options.where);
    if (hello->api < CROFT_API_MIN || hello->api > CROFT_API_MAX)
        return croft_fail(why, CROFT_ERR_FORMAT,
                          "the chain at %s (%s) speaks API %u; this release speaks %d to %d\n"
                          "install a newer release of croft",
                          c->options.where, hello->software, hello->api, (int)CROFT_API_MIN,
                          (int)CROFT_API_MAX);
    memcpy(c->network.b, hello->network_id.data, sizeof c->network.b);
    take_name(c, hello->network_name);
    c->api = hello->api;
    c->protocol = hello->protocol;
    return check_network(c, why);
}

static croft_err say_hello(struct croft_client *c, struct croft_why *why)
{
    u8 memory[4096];
    struct croft_arena mem = {memory, memory + sizeof memory};
    Croft__V1__Hello hello;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    croft__v1__hello__init(&hello);
    hello.api_min = CROFT_API_MIN;
    hello.api_max = CROFT_API_MAX;
    hello.software = (char[]){SOFTWARE};
    /* network_id stays empty: we compare it ourselves, because then both networks can be named. */
    request.call_case = CROFT__V1__REQUEST__CALL_HELLO;
    request.hello = &hello;
    Croft__V1__Response *response;
    CROFT_TRY(croft_client_call(c, &request, &mem, &response, why));
    return take_hello(c, response, why);
}

croft_err croft_client_adopt(int fd, const struct croft_client_options *options, struct croft_client *out,
                             struct croft_why *why)
{
    CROFT_ASSERT(options->timeout_ms > 0);
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {.options = *options, .fd = fd};
    if (!croft_region_map(&c.in, CROFT_FRAME_MAX))
        return croft_fail(why, CROFT_ERR_NOMEM, "no address space left for a connection");
    CROFT_TRY(say_hello(&c, why));
    *out = c;
    c = (struct croft_client){.fd = -1};
    return CROFT_OK;
}

croft_err croft_client_open(const struct croft_client_options *options, struct croft_client *out,
                            struct croft_why *why)
{
    int fd;
    const struct croft_wait wait = wait_for_ms(options, options->timeout_ms);
    CROFT_TRY(croft_dial(options->where, &wait, &fd, why));
    return croft_client_adopt(fd, options, out, why);
}

croft_err croft_client_reopen(struct croft_client *c, struct croft_why *why)
{
    struct croft_client_options same = c->options;
    struct croft_client fresh;
    same.network = c->network;
    same.network_name = c->network_name;
    CROFT_TRY(croft_client_open(&same, &fresh, why));

    fresh.options = c->options;
    croft_client_close(c);
    *c = fresh;
    return CROFT_OK;
}

void croft_client_close(struct croft_client *c)
{
    if (c->in.base != NULL || c->fd > 0)
        hang_up(c);
    croft_region_unmap(&c->in);
    c->fd = -1;
}

croft_err croft_client_sleep(const struct croft_client_options *options, u32 ms, struct croft_why *why)
{
    const struct croft_wait wait = wait_for_ms(options, ms);
    croft_err err = croft_wait_for(&wait, -1, 0);
    return err == CROFT_ERR_INTERRUPTED ? croft_fail(why, err, "interrupted") : CROFT_OK;
}
