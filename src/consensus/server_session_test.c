#include "consensus/server_session.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/testing.h"
#include "wire/record.h"

#include <string.h>

enum { FRAME_MAX = 20000, CALLS_MAX = 3, CALL_BYTES_MAX = 25000, ROOM = 1 << 21 };

static u8 room[ROOM], bytes[1 << 16];
static const struct croft_session_host host = {
    .limits = {.frame_bytes_max = FRAME_MAX, .calls_max = CALLS_MAX, .call_bytes_max = CALL_BYTES_MAX},
    .network = {{7}},
    .network_name = "testnet",
    .software = "test",
    .protocol = 1,
};

static size_t pack(Croft__V1__Request *r)
{
    size_t len = croft__v1__request__pack(r, bytes + CROFT_FRAME_HEAD);
    CROFT_ASSERT(len + CROFT_FRAME_HEAD <= sizeof bytes);
    croft_put_u32(bytes, (u32)len);
    return len + CROFT_FRAME_HEAD;
}

/* Brings the frame in bytes[] to the session. */
static enum croft_session_event bring(struct croft_session *s, size_t len, struct croft_session_out *out)
{
    size_t frame = 0;
    struct croft_arena mem = {room, room + sizeof room};
    enum croft_session_event e =
        croft_session_peek(s, (struct croft_bytes){bytes, len < 32 ? len : 32}, len, &frame, out);
    if (e != CROFT_EVENT_FRAME)
        return e;
    assert_int_equal(frame, len);
    assert_true(croft_session_room(len) <= sizeof room);
    mem.end = room + croft_session_room(len);
    return croft_session_take(s, (struct croft_bytes){bytes, len}, &mem, out);
}

static enum croft_session_event say_hello(struct croft_session *s, u32 api_min, u32 api_max, u8 network,
                                          struct croft_session_out *out)
{
    u8 id[32] = {network};
    Croft__V1__Hello h;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    croft__v1__hello__init(&h);
    h.api_min = api_min;
    h.api_max = api_max;
    h.network_id = (ProtobufCBinaryData){network ? sizeof id : 0, id};
    r.id = 9;
    r.call_case = CROFT__V1__REQUEST__CALL_HELLO;
    r.hello = &h;
    return bring(s, pack(&r), out);
}

static struct croft_session greeted(bool local)
{
    struct croft_session s = croft_session_of(&host, local);
    struct croft_session_out out;
    assert_int_equal(say_hello(&s, 1, 1, 0, &out), CROFT_EVENT_ANSWER);
    return s;
}

static void hello_agrees_on_api_and_network(void **state)
{
    (void)state;
    struct croft_session_out out;
    struct croft_session s = croft_session_of(&host, true);
    assert_int_equal(say_hello(&s, 1, 40, 7, &out), CROFT_EVENT_ANSWER);
    assert_int_equal(out.response.id, 9);
    assert_int_equal(out.response.hello->api, 1);
    assert_int_equal(s.state, CROFT_SESSION_READY);
    assert_int_equal(say_hello(&s, 1, 1, 7, &out),
                     CROFT_EVENT_ANSWER); /* again: refused, the connection stays */
    assert_int_equal(out.response.error, CROFT_ERR_USAGE);

    static const struct {
        u32 api_min, api_max;
        u8 network;
        croft_err err;
    } bad[] = {{2, 3, 0, CROFT_ERR_FORMAT},
               {0, 0, 0, CROFT_ERR_FORMAT},
               {3, 1, 0, CROFT_ERR_FORMAT},
               {1, 1, 8, CROFT_ERR_NETWORK}};
    for (size_t i = 0; i < CROFT_COUNT(bad); i++) {
        s = croft_session_of(&host, true);
        assert_int_equal(say_hello(&s, bad[i].api_min, bad[i].api_max, bad[i].network, &out),
                         CROFT_EVENT_CLOSE);
        assert_int_equal(out.response.error, bad[i].err);
        assert_int_equal(s.state, CROFT_SESSION_CLOSED);
    }
}

static void frames_too_long_are_refused_with_their_id(void **state)
{
    (void)state;
    struct croft_session_out out;
    size_t len = 0;
    u8 start[9];
    croft_put_u32(start, FRAME_MAX);
    start[4] = 0x08;
    start[5] = 0xac;
    start[6] = 0x02; /* id 300 */
    start[7] = start[8] = 0;
    struct croft_session s = greeted(true);
    assert_int_equal(
        croft_session_peek(&s, (struct croft_bytes){start, sizeof start}, sizeof start, &len, &out),
        CROFT_EVENT_CLOSE);
    assert_int_equal(out.response.id, 300);
    assert_int_equal(out.response.error, CROFT_ERR_FRAME);

    s = croft_session_of(&host, true); /* before hello the limit is lower */
    croft_put_u32(start, CROFT_SESSION_HELLO_BYTES);
    assert_int_equal(croft_session_peek(&s, (struct croft_bytes){start, 4}, 4, &len, &out),
                     CROFT_EVENT_CLOSE);
    s = greeted(true);
    assert_int_equal(croft_session_peek(&s, (struct croft_bytes){start, 4}, 4, &len, &out), CROFT_EVENT_MORE);
    assert_int_equal(len, CROFT_SESSION_HELLO_BYTES + CROFT_FRAME_HEAD);
    assert_int_equal(croft_session_peek(&s, (struct croft_bytes){start, 3}, 3, &len, &out), CROFT_EVENT_MORE);
    assert_int_equal(len, CROFT_FRAME_HEAD);
}

static size_t pack_submit(size_t tx_bytes)
{
    static u8 tx[FRAME_MAX];
    ProtobufCBinaryData one = {tx_bytes, tx};
    Croft__V1__Submit c = CROFT__V1__SUBMIT__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    c.n_txs = 1;
    c.txs = &one;
    r.id = 1;
    r.call_case = CROFT__V1__REQUEST__CALL_SUBMIT;
    r.submit = &c;
    return pack(&r);
}

static void only_so_much_is_under_way_at_a_time(void **state)
{
    (void)state;
    struct croft_session_out out;
    struct croft_session s = greeted(true);
    size_t small = pack_submit(100);
    for (u32 i = 0; i < CALLS_MAX; i++)
        assert_int_equal(bring(&s, small, &out), CROFT_EVENT_CALL);
    assert_int_equal(bring(&s, small, &out), CROFT_EVENT_FULL);
    croft_session_ended(&s, small);
    size_t large = pack_submit(FRAME_MAX - 100);
    assert_int_equal(bring(&s, large, &out), CROFT_EVENT_CALL);
    croft_session_ended(&s, small);
    assert_int_equal(bring(&s, large, &out), CROFT_EVENT_FULL); /* by bytes */
    croft_session_ended(&s, small);
    croft_session_ended(&s, large);
    assert_int_equal(bring(&s, large, &out), CROFT_EVENT_CALL);
    assert_int_equal(s.calls, 1);
    assert_int_equal(s.call_bytes, large);
}

static u32 query_error(struct croft_session *s, const Croft__V1__Query *q)
{
    struct croft_session_out out;
    Croft__V1__Query copy = *q;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    r.call_case = CROFT__V1__REQUEST__CALL_QUERY;
    r.query = &copy;
    size_t len = pack(&r);
    if (bring(s, len, &out) == CROFT_EVENT_CALL) {
        croft_session_ended(s, len);
        return 0;
    }
    return out.response.error;
}

static void queries_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    u8 key[32] = {1};
    struct croft_session s = greeted(true);
    Croft__V1__Query q = CROFT__V1__QUERY__INIT;
    q.table = CROFT_TABLE_ACCOUNTS;
    q.key = (ProtobufCBinaryData){32, key};
    assert_int_equal(query_error(&s, &q), 0);
    q.key.len = 31;
    assert_int_equal(query_error(&s, &q), CROFT_ERR_USAGE);
    q.key.len = 0;
    q.limit = CROFT_QUERY_LIMIT_MAX;
    assert_int_equal(query_error(&s, &q), 0);
    q.prove = true;
    assert_int_equal(query_error(&s, &q), CROFT_ERR_USAGE);
    q.prove = false;
    q.limit++;
    assert_int_equal(query_error(&s, &q), CROFT_ERR_USAGE);
    q.limit = 1;
    q.prefix = (ProtobufCBinaryData){32, key};
    q.from_slot = 7;
    assert_int_equal(query_error(&s, &q), 0);
    q.prefix.len = 0; /* a place without what it is a place in */
    assert_int_equal(query_error(&s, &q), CROFT_ERR_USAGE);
    q.prefix.len = 1;
    q.after_key = (ProtobufCBinaryData){32, key};
    assert_int_equal(query_error(&s, &q), CROFT_ERR_USAGE);
    q.after_key.len = 0;
    q.limit = 0;
    assert_int_equal(query_error(&s, &q), CROFT_ERR_USAGE);
    q = (Croft__V1__Query)CROFT__V1__QUERY__INIT;
    q.table = 99;
    assert_int_equal(query_error(&s, &q), CROFT_ERR_USAGE);
    q.table = CROFT_TABLE_RECEIPTS;
    assert_int_equal(query_error(&s, &q), CROFT_ERR_USAGE);
    q.receipt_height = 1;
    assert_int_equal(query_error(&s, &q), 0);
}

static u32 snapshot_error(bool local, const char *path)
{
    struct croft_session s = greeted(local);
    struct croft_session_out out;
    Croft__V1__TakeSnapshot t;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    croft__v1__take_snapshot__init(&t);
    t.path = (char *)(uintptr_t)path;
    r.call_case = CROFT__V1__REQUEST__CALL_TAKE_SNAPSHOT;
    r.take_snapshot = &t;
    return bring(&s, pack(&r), &out) == CROFT_EVENT_CALL ? 0 : out.response.error;
}

static void files_are_only_for_who_is_on_the_machine(void **state)
{
    (void)state;
    assert_int_equal(snapshot_error(true, "/tmp/x"), 0);
    assert_int_equal(snapshot_error(true, "x"), CROFT_ERR_USAGE);
    assert_int_equal(snapshot_error(false, "/tmp/x"), CROFT_ERR_USAGE);
}

static void what_is_no_request_closes(void **state)
{
    (void)state;
    struct croft_session_out out;
    struct croft_session s = greeted(true);
    size_t len = pack_submit(10);
    bytes[len] = 0xf8; /* an unknown field after the request */
    bytes[len + 1] = 0x7f;
    bytes[len + 2] = 1;
    croft_put_u32(bytes, (u32)(len + 3 - CROFT_FRAME_HEAD));
    assert_int_equal(bring(&s, len + 3, &out), CROFT_EVENT_CLOSE);
    assert_int_equal(out.response.error, CROFT_ERR_FRAME);
    assert_int_equal(out.response.id, 1);

    s = greeted(true);
    croft_put_u32(bytes, 0); /* empty: a request that names no call */
    assert_int_equal(bring(&s, CROFT_FRAME_HEAD, &out), CROFT_EVENT_ANSWER);
    assert_int_equal(out.response.error, CROFT_ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_agrees_on_api_and_network),
        cmocka_unit_test(frames_too_long_are_refused_with_their_id),
        cmocka_unit_test(only_so_much_is_under_way_at_a_time),
        cmocka_unit_test(queries_that_make_no_sense_are_refused),
        cmocka_unit_test(files_are_only_for_who_is_on_the_machine),
        cmocka_unit_test(what_is_no_request_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
