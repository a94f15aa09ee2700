/* One connection of the chain API: any bytes in any pieces.  Whatever comes, the session asks for no more
 * than its limits, answers what it refuses, and never gives out a call that its own rules refuse. */
#include "consensus/server_session.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

enum { FRAME_MAX = 1 << 16, CALLS_MAX = 8 };

static void check_answer(const Croft__V1__Response *r)
{
    static u8 packed[1 << 12];
    size_t len = croft__v1__response__get_packed_size(r);
    CROFT_ASSERT(len <= sizeof packed);
    CROFT_ASSERT(croft__v1__response__pack(r, packed) == len);
    CROFT_ASSERT((r->error != 0) == (r->message[0] != '\0'));
}

static void check_call(const Croft__V1__Request *r)
{
    CROFT_ASSERT(r->call_case != CROFT__V1__REQUEST__CALL__NOT_SET &&
                 r->call_case != CROFT__V1__REQUEST__CALL_HELLO);
    if (r->call_case == CROFT__V1__REQUEST__CALL_SUBMIT)
        CROFT_ASSERT(r->submit->n_txs >= 1 && r->submit->n_txs <= CROFT_SUBMIT_TXS_MAX);
    if (r->call_case == CROFT__V1__REQUEST__CALL_QUERY)
        CROFT_ASSERT(r->query->limit <= CROFT_QUERY_LIMIT_MAX);
}

/* Takes one frame off the stream; 0 when there is none. */
static size_t step(struct croft_session *s, struct croft_bytes stream)
{
    static u8 room[FRAME_MAX * 72 + 16384];
    struct croft_session_out out;
    size_t len = 0, head = stream.len < 32 ? stream.len : 32;
    enum croft_session_event e =
        croft_session_peek(s, (struct croft_bytes){stream.at, head}, stream.len, &len, &out);
    if (e == CROFT_EVENT_CLOSE)
        check_answer(&out.response);
    if (e == CROFT_EVENT_FULL) {
        CROFT_ASSERT(s->calls > 0);
        croft_session_ended(s, s->calls == 1 ? s->call_bytes : 0);
        return step(s, stream);
    }
    if (e != CROFT_EVENT_FRAME)
        return 0;
    CROFT_ASSERT(len <= stream.len && len <= FRAME_MAX && croft_session_room(len) <= sizeof room);
    struct croft_arena mem = {room, room + croft_session_room(len)};
    e = croft_session_take(s, (struct croft_bytes){stream.at, len}, &mem, &out);
    if (e == CROFT_EVENT_CALL)
        check_call(out.request);
    else
        check_answer(&out.response);
    return len;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct croft_session_host host = {
        .limits = {.frame_bytes_max = FRAME_MAX, .calls_max = CALLS_MAX, .call_bytes_max = FRAME_MAX},
        .network_name = "fuzz",
        .software = "fuzz",
    };
    struct croft_session s = croft_session_of(&host, size % 2 == 0);
    for (size_t at = 0; s.state != CROFT_SESSION_CLOSED;) {
        size_t took = step(&s, (struct croft_bytes){data + at, size - at});
        if (took == 0)
            break;
        at += took;
    }
    return 0;
}
