#include "consensus/server.h"

#include "chain/client.h"
#include "consensus/receipts.h"
#include "consensus/server_session.h"
#include "consensus/stored.h"
#include "consensus/test_int.h"
#include "wire/frame.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct croft_region room;
static u64 seed;

/* For the next serve. */
static struct croft_public_key follower_key;
static u32 follower_key_count, idle_timeout_ms;

struct bed {
    struct test_net net;
    struct croft_home home;
    struct croft_server *server;
    pthread_t thread;
    croft_err ended;
    struct croft_why why;
};

/* ---- a running chain ---- */

static void *run_server(void *arg)
{
    struct bed *b = arg;
    b->ended = croft_server_run(b->server, &b->why);
    return NULL;
}

static void serve(struct bed *b, bool ack_follower, u32 ack_timeout_ms)
{
    const struct croft_server_options o = {.world = croft_world_system(),
                                           .software = "test",
                                           .listen = "127.0.0.1:0",
                                           .ack_follower = ack_follower,
                                           .ack_timeout_ms = ack_timeout_ms,
                                           .follower_key = {follower_key},
                                           .follower_key_count = follower_key_count,
                                           .idle_timeout_ms = idle_timeout_ms,
                                           .verify_threads = 2};
    test_open_must(b->net.folder, true, &b->home);
    if (croft_server_open(&o, &b->home, &b->server, &b->why) != CROFT_OK)
        croft_assert_fail(b->why.text, __FILE__, __LINE__);
    CROFT_ASSERT(pthread_create(&b->thread, NULL, run_server, b) == 0);
}

static void unserve(struct bed *b)
{
    if (b->server == NULL)
        return;
    croft_server_stop(b->server);
    pthread_join(b->thread, NULL);
    croft_server_close(b->server);
    b->server = NULL;
    croft_home_close(&b->home);
}

static int start(void **state)
{
    struct bed *b = calloc(1, sizeof *b);
    seed = seed ? seed : croft_test_seed();
    test_net_make(&b->net, seed);
    serve(b, false, 0);
    *state = b;
    return 0;
}

static int stop(void **state)
{
    struct bed *b = *state;
    unserve(b);
    test_net_drop(&b->net);
    free(b);
    return 0;
}

/* ---- its clients ---- */

static struct croft_client_options client_options(struct bed *b, const char *where)
{
    return (struct croft_client_options){
        .world = croft_world_system(), .where = where, .network = b->net.network, .timeout_ms = 10000};
}

static void connect_local(struct bed *b, struct croft_client *out)
{
    static char where[192];
    struct croft_why why;
    snprintf(where, sizeof where, "unix:%s/api.sock", b->net.folder);
    const struct croft_client_options o = client_options(b, where);
    if (croft_client_open(&o, out, &why) != CROFT_OK)
        croft_assert_fail(why.text, __FILE__, __LINE__);
}

static croft_err call(struct croft_client *p, Croft__V1__Request *r, Croft__V1__Response **out)
{
    struct croft_why why;
    struct croft_arena mem = croft_region_arena(&room);
    return croft_client_call(p, r, &mem, out, &why);
}

/* Submits transactions; the results live until the next call. */
static croft_err submit(struct croft_client *p, const struct croft_bytes *tx, size_t count, bool no_wait,
                        const Croft__V1__SubmitResult **out)
{
    Croft__V1__Submit s = CROFT__V1__SUBMIT__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    ProtobufCBinaryData *view = calloc(count + 1, sizeof *view);
    for (size_t i = 0; i < count; i++)
        view[i] = test_view(tx[i].at, tx[i].len);
    s.n_txs = count;
    s.txs = view;
    s.no_wait = no_wait;
    r.call_case = CROFT__V1__REQUEST__CALL_SUBMIT;
    r.submit = &s;
    croft_err err = call(p, &r, &response);
    free(view);
    if (err == CROFT_OK)
        *out = response->submit;
    return err;
}

static const Croft__V1__TxResult *pay(struct bed *b, struct croft_client *p, u32 from, u32 to)
{
    u8 mem_room[TEST_TX_ROOM];
    struct croft_arena mem = {mem_room, mem_room + sizeof mem_room};
    struct croft_bytes tx = test_transfer(&b->net, from, to, 1, &mem);
    const Croft__V1__SubmitResult *result = NULL;
    assert_int_equal(submit(p, &tx, 1, false, &result), CROFT_OK);
    assert_int_equal(result->n_results, 1);
    assert_int_equal(result->results[0]->code, 0);
    return result->results[0];
}

static const Croft__V1__StatusResult *status_of(struct croft_client *p)
{
    Croft__V1__Status s = CROFT__V1__STATUS__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    r.call_case = CROFT__V1__REQUEST__CALL_STATUS;
    r.status = &s;
    assert_int_equal(call(p, &r, &response), CROFT_OK);
    return response->status;
}

static croft_err query(struct croft_client *p, const Croft__V1__Query *q, const Croft__V1__QueryResult **out)
{
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    Croft__V1__Query copy = *q;
    r.call_case = CROFT__V1__REQUEST__CALL_QUERY;
    r.query = &copy;
    CROFT_TRY(call(p, &r, &response));
    *out = response->query;
    return CROFT_OK;
}

/* ---- plain use ---- */

static void a_payment_is_answered_when_it_is_durable(void **state)
{
    struct bed *b = *state;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    connect_local(b, &p);
    for (u32 i = 0; i < 5; i++) {
        const Croft__V1__TxResult *r = pay(b, &p, 1, 2);
        assert_int_equal(r->height, i + 1);
        assert_int_equal(r->tx_id.len, 32);
        assert_true(r->fee > 0);
    }
    const Croft__V1__StatusResult *s = status_of(&p);
    assert_int_equal(s->height, 5);
    assert_int_equal(s->txs_total, 5);
    assert_string_equal(s->role, "sequencer");
    assert_string_equal(s->network_name, "testnet");
    assert_true(s->n_tables > 5);
}

static void tcp_serves_the_same_but_no_files(void **state)
{
    struct bed *b = *state;
    static char where[64];
    struct croft_why why;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    snprintf(where, sizeof where, "127.0.0.1:%u", croft_server_port(b->server));
    const struct croft_client_options o = client_options(b, where);
    assert_int_equal(croft_client_open(&o, &p, &why), CROFT_OK);
    assert_int_equal(pay(b, &p, 1, 2)->height, 1);

    Croft__V1__TakeSnapshot t;
    croft__v1__take_snapshot__init(&t);
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    t.path = (char *)(uintptr_t) "/tmp/croft-test-never";
    r.call_case = CROFT__V1__REQUEST__CALL_TAKE_SNAPSHOT;
    r.take_snapshot = &t;
    assert_int_equal(call(&p, &r, &response), CROFT_ERR_USAGE);
}

static void big_batches_come_back_in_order(void **state)
{
    enum { COUNT = 2500 };
    struct bed *b = *state;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_region mem_region CROFT_CLEANUP(croft_region_unmap) = {0};
    struct croft_bytes *tx = calloc(COUNT, sizeof *tx);
    const Croft__V1__SubmitResult *result = NULL;
    CROFT_ASSERT(croft_region_map(&mem_region, (size_t)COUNT * TEST_TX_ROOM));
    struct croft_arena mem = croft_region_arena(&mem_region);
    for (u32 i = 0; i < COUNT; i++)
        tx[i] = test_transfer(&b->net, 1 + i % (TEST_ACCOUNTS - 1), 0, 1, &mem);
    tx[1234].len -= 1;
    connect_local(b, &p);
    assert_int_equal(submit(&p, tx, COUNT, false, &result), CROFT_OK);
    assert_int_equal(result->n_results, COUNT);
    u64 place = 0;
    for (u32 i = 0; i < COUNT; i++) {
        assert_int_equal(result->results[i]->code, i == 1234 ? CROFT_ERR_TX_DECODE : 0);
        if (i == 1234)
            continue;
        u64 here = result->results[i]->height << 32 | result->results[i]->index;
        assert_true(i == 0 || here > place);
        place = here;
    }
    free(tx);
}

static void without_waiting_the_check_is_the_answer(void **state)
{
    struct bed *b = *state;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    u8 mem_room[4 * TEST_TX_ROOM];
    struct croft_arena mem = {mem_room, mem_room + sizeof mem_room};
    const Croft__V1__SubmitResult *result = NULL;
    struct croft_bytes tx[2] = {test_transfer(&b->net, 1, 2, 1, &mem),
                                test_transfer_at(&b->net, 1, 2, 1, 5, &mem)};
    connect_local(b, &p);
    assert_int_equal(submit(&p, tx, 2, true, &result), CROFT_OK);
    assert_int_equal(result->results[0]->code, 0);
    assert_int_equal(result->results[0]->height, 0);
    assert_int_equal(result->results[1]->code, CROFT_ERR_TX_REPLAY);
    while (status_of(&p)->height < 1)
        poll(NULL, 0, 5);
    assert_int_equal(status_of(&p)->txs_total, 1);
}

/* ---- reading ---- */

/* Those of the genesis, and the system accounts of its protocol. */
static u32 accounts_there(struct croft_client *p)
{
    u32 count = TEST_ACCOUNTS;
    for (u32 i = 1; i < CROFT_SYSTEM_COUNT; i++)
        count += croft_system_since(i) <= status_of(p)->protocol;
    return count;
}

static void records_are_listed_page_by_page(void **state)
{
    struct bed *b = *state;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__Query q = CROFT__V1__QUERY__INIT;
    const Croft__V1__QueryResult *result = NULL;
    u8 last[32];
    u32 seen = 0;
    connect_local(b, &p);
    q.table = CROFT_TABLE_ACCOUNTS;
    q.limit = 5;
    do {
        assert_int_equal(query(&p, &q, &result), CROFT_OK);
        seen += (u32)result->n_records;
        if (result->n_records > 0) {
            memcpy(last, result->records[result->n_records - 1]->key.data, sizeof last);
            q.after_key = test_view(last, sizeof last);
        }
    } while (result->n_records == 5);
    assert_int_equal(seen, accounts_there(&p));

    last[0] ^= 0x55;
    assert_int_equal(query(&p, &q, &result), CROFT_ERR_NOT_FOUND);
    q.limit = 0;
    q.after_key = (ProtobufCBinaryData){0};
    q.key = test_view(last, sizeof last);
    assert_int_equal(query(&p, &q, &result), CROFT_OK);
    assert_int_equal(result->n_records, 0);
}

/* Every record is found under the first byte of its key, once, however few come at a time. */
static void records_are_listed_by_the_beginning_of_their_key(void **state)
{
    struct bed *b = *state;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__Query q = CROFT__V1__QUERY__INIT;
    const Croft__V1__QueryResult *result = NULL;
    u32 seen = 0;
    connect_local(b, &p);
    q.table = CROFT_TABLE_ACCOUNTS;
    q.limit = 3;
    for (u32 first = 0; first < 256; first++) {
        u8 byte = (u8)first;
        q.prefix = test_view(&byte, 1);
        q.from_slot = 0;
        do {
            assert_int_equal(query(&p, &q, &result), CROFT_OK);
            assert_true(result->n_records <= q.limit);
            for (size_t i = 0; i < result->n_records; i++)
                assert_int_equal(result->records[i]->key.data[0], first);
            assert_true(result->next_slot == 0 || result->next_slot > q.from_slot);
            q.from_slot = result->next_slot;
            seen += (u32)result->n_records;
        } while (q.from_slot != 0);
    }
    assert_int_equal(seen, accounts_there(&p));
}

static void check_proof(const Croft__V1__QueryResult *result)
{
    struct croft_hash root;
    assert_int_equal(result->n_records, 1);
    assert_true(result->n_proof >= 2);
    assert_int_equal(test_follow_proof(result, &root), CROFT_OK);

    ProtobufCBinaryData *value = &result->records[0]->value;
    value->data[value->len / 2] ^= 1;
    assert_int_equal(test_follow_proof(result, &root), CROFT_ERR_PROOF);
    value->data[value->len / 2] ^= 1;
    result->proof[1]->key.data[0] ^= 1;
    assert_int_equal(test_follow_proof(result, &root), CROFT_ERR_PROOF);
}

static void records_are_proved(void **state)
{
    struct bed *b = *state;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__Query q = CROFT__V1__QUERY__INIT;
    const Croft__V1__QueryResult *result = NULL;
    connect_local(b, &p);
    q.prove = true;
    for (u32 i = 0; i < 6; i++) {
        pay(b, &p, i, i + 1);
        q.table = CROFT_TABLE_ACCOUNTS;
        q.key = test_view(b->net.address[i].b, 32);
        assert_int_equal(query(&p, &q, &result), CROFT_OK);
        assert_int_equal(result->height, i + 1);
        check_proof(result);
    }
    const u8 param[2] = {0, 3};
    q.table = CROFT_TABLE_PARAMS;
    q.key = test_view(param, 2);
    assert_int_equal(query(&p, &q, &result), CROFT_OK);
    check_proof(result);
    q.table = CROFT_TABLE_CHAIN;
    q.key = test_view("c", 1);
    assert_int_equal(query(&p, &q, &result), CROFT_ERR_USAGE);
}

static void receipts_are_proved(void **state)
{
    struct bed *b = *state;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__Query q = CROFT__V1__QUERY__INIT;
    const Croft__V1__QueryResult *result = NULL;
    u8 id[20][32];
    connect_local(b, &p);
    for (u32 i = 0; i < 20; i++)
        memcpy(id[i], pay(b, &p, i % TEST_ACCOUNTS, (i + 1) % TEST_ACCOUNTS)->tx_id.data, 32);
    q.prove = true;
    for (u32 i = 0; i < 20; i++) {
        q.receipt_height = i + 1;
        assert_int_equal(query(&p, &q, &result), CROFT_OK);
        assert_memory_equal(result->records[0]->key.data, id[i], 32);
        assert_int_equal(result->n_proof, 3);
        check_proof(result);
        if (i % 7 == 0)
            pay(b, &p, 3, 4); /* the tree grows meanwhile */
    }
    q.receipt_index = 1;
    assert_int_equal(query(&p, &q, &result), CROFT_ERR_NOT_FOUND);
    q.receipt_height = 1000;
    assert_int_equal(query(&p, &q, &result), CROFT_ERR_NOT_FOUND);
}

static croft_err find_tx(struct croft_client *p, const void *id, size_t len,
                         const Croft__V1__FindTxResult **out)
{
    Croft__V1__FindTx f = CROFT__V1__FIND_TX__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    f.tx_id = test_view(id, len);
    r.call_case = CROFT__V1__REQUEST__CALL_FIND_TX;
    r.find_tx = &f;
    CROFT_TRY(call(p, &r, &response));
    *out = response->find_tx;
    return CROFT_OK;
}

static void transactions_are_found_by_the_start_of_their_id(void **state)
{
    struct bed *b = *state;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    const Croft__V1__FindTxResult *f = NULL;
    u8 id[32];
    connect_local(b, &p);
    pay(b, &p, 1, 2);
    memcpy(id, pay(b, &p, 3, 4)->tx_id.data, 32);
    pay(b, &p, 5, 6);
    assert_int_equal(find_tx(&p, id, 5, &f), CROFT_OK);
    assert_int_equal(f->height, 2);
    assert_memory_equal(f->tx_id.data, id, 32);
    id[20] ^= 1;
    assert_int_equal(find_tx(&p, id, 32, &f), CROFT_ERR_NOT_FOUND);
    assert_int_equal(find_tx(&p, id, 3, &f), CROFT_ERR_USAGE);
}

/* ---- subscriptions ---- */

static void subscribe(struct croft_client *p, u64 from)
{
    Croft__V1__Subscribe s = CROFT__V1__SUBSCRIBE__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    struct croft_why why;
    s.from_height = from;
    r.call_case = CROFT__V1__REQUEST__CALL_SUBSCRIBE;
    r.subscribe = &s;
    u64 id;
    assert_int_equal(croft_client_send(p, &r, &id, &why), CROFT_OK);
}

static u64 next_event(struct croft_client *p, u32 patience_ms, u32 *out_txs)
{
    for (;;) {
        struct croft_why why;
        Croft__V1__Response *r = NULL;
        struct croft_arena mem = croft_region_arena(&room);
        if (croft_client_receive(p, patience_ms, &mem, &r, &why) != CROFT_OK)
            return 0;
        assert_int_equal(r->error, 0);
        if (r->result_case != CROFT__V1__RESPONSE__RESULT_BLOCK)
            continue;
        *out_txs = (u32)r->block->n_txs;
        return r->block->height;
    }
}

static void a_subscription_misses_nothing_over_reconnects(void **state)
{
    enum { BLOCKS = 300 };
    struct bed *b = *state;
    struct croft_client payer CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    u64 next = 1;
    u32 txs = 0, paid = 0;
    connect_local(b, &payer);
    for (; paid < 20; paid++)
        pay(b, &payer, paid % 8, 8);
    while (next <= BLOCKS) {
        connect_local(b, &p);
        subscribe(&p, next);
        for (u32 i = 0; i < 1 + next % 40 && next <= BLOCKS; i++) {
            for (; paid < BLOCKS && (paid < next + 2 || croft_rng_chance(&b->net.rng, 2)); paid++)
                pay(b, &payer, paid % 8, 8);
            assert_int_equal(next_event(&p, 10000, &txs), next);
            assert_int_equal(txs, 1);
            next++;
        }
        croft_client_close(&p);
    }
}

static void a_subscriber_that_does_not_read_holds_nobody_up(void **state)
{
    enum { BLOCKS = 400 };
    struct bed *b = *state;
    struct croft_client payer CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    u32 txs;
    connect_local(b, &payer);
    connect_local(b, &p);
    subscribe(&p, 0);
    poll(NULL, 0, 50);
    for (u32 i = 0; i < BLOCKS; i++)
        pay(b, &payer, i % 8, 8);
    for (u64 height = 1; height <= BLOCKS; height++)
        assert_int_equal(next_event(&p, 10000, &txs), height);
    assert_int_equal(next_event(&p, 50, &txs), 0);
}

/* ---- what nobody should send ---- */

static int raw_connection(struct bed *b)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(to.sun_path, sizeof to.sun_path, "%.90s/api.sock", b->net.folder);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Reads until the other side closes; what came, in out. */
static size_t read_all(int fd, u8 *out, size_t size)
{
    size_t len = 0;
    for (ssize_t got; len < size && (got = recv(fd, out + len, size - len, 0)) > 0;)
        len += (size_t)got;
    close(fd);
    return len;
}

static u32 error_in(const u8 *frame, size_t len)
{
    CROFT_ASSERT(len >= CROFT_FRAME_HEAD && croft_get_u32(frame) + CROFT_FRAME_HEAD == len);
    Croft__V1__Response *r =
        croft__v1__response__unpack(NULL, len - CROFT_FRAME_HEAD, frame + CROFT_FRAME_HEAD);
    CROFT_ASSERT(r != NULL);
    u32 err = r->error;
    CROFT_ASSERT(strlen(r->message) > 0);
    croft__v1__response__free_unpacked(r, NULL);
    return err;
}

static void garbage_is_answered_and_closed(void **state)
{
    struct bed *b = *state;
    u8 out[4096], in[64];
    static const u8 oversize[4] = {0xff, 0xff, 0xff, 0x7f};
    int fd = raw_connection(b);
    assert_int_equal(send(fd, oversize, sizeof oversize, 0), sizeof oversize);
    size_t len = read_all(fd, out, sizeof out);
    assert_int_equal(error_in(out, len), CROFT_ERR_FRAME);

    fd = raw_connection(b);
    croft_rng_fill(&b->net.rng, in, sizeof in);
    croft_put_u32(in, 60);
    in[4] = 0xff; /* no such wire type */
    assert_int_equal(send(fd, in, sizeof in, 0), sizeof in);
    len = read_all(fd, out, sizeof out);
    assert_int_equal(error_in(out, len), CROFT_ERR_FRAME);

    fd = raw_connection(b);
    Croft__V1__Status s = CROFT__V1__STATUS__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    r.call_case = CROFT__V1__REQUEST__CALL_STATUS;
    r.status = &s;
    croft_put_u32(in, (u32)croft__v1__request__pack(&r, in + 4));
    assert_true(send(fd, in, 4 + croft_get_u32(in), 0) > 4);
    len = read_all(fd, out, sizeof out);
    assert_int_equal(error_in(out, len), CROFT_ERR_USAGE); /* no hello */
}

static size_t pack_request(Croft__V1__Request *r, u64 id, u8 *out)
{
    r->id = id;
    size_t len = croft__v1__request__pack(r, out + 4);
    croft_put_u32(out, (u32)len);
    return len + 4;
}

static void requests_may_come_one_byte_at_a_time(void **state)
{
    struct bed *b = *state;
    u8 bytes[512], out[8192];
    size_t len = 0, got = 0;
    Croft__V1__Hello h;
    croft__v1__hello__init(&h);
    Croft__V1__Status s = CROFT__V1__STATUS__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    h.api_min = h.api_max = 1;
    r.call_case = CROFT__V1__REQUEST__CALL_HELLO;
    r.hello = &h;
    len += pack_request(&r, 1, bytes);
    r.call_case = CROFT__V1__REQUEST__CALL_STATUS;
    r.status = &s;
    len += pack_request(&r, 2, bytes + len);
    int fd = raw_connection(b);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(send(fd, bytes + i, 1, 0), 1);
        poll(NULL, 0, 1);
    }
    while (got < 4 || got < 4 + croft_get_u32(out) + 4 + 1)
        got += (size_t)recv(fd, out + got, sizeof out - got, 0);
    close(fd);
    assert_int_equal(out[4], 8);
    assert_int_equal(out[5], 1);
}

static void another_network_is_refused_by_name(void **state)
{
    struct bed *b = *state;
    static char where[192];
    struct croft_why why;
    struct croft_client p;
    snprintf(where, sizeof where, "%s/api.sock", b->net.folder);
    struct croft_client_options o = client_options(b, where);
    o.network.b[0] ^= 1;
    assert_int_equal(croft_client_open(&o, &p, &why), CROFT_ERR_NETWORK);
    assert_non_null(strstr(why.text, "testnet"));
}

static void random_frames_never_stop_the_chain(void **state)
{
    struct bed *b = *state;
    u8 out[1 << 16], in[2048];
    for (u32 i = 0; i < 200; i++) {
        int fd = raw_connection(b);
        u32 len = (u32)croft_rng_below(&b->net.rng, sizeof in);
        croft_rng_fill(&b->net.rng, in, len);
        if (len >= 4 && croft_rng_chance(&b->net.rng, 2))
            croft_put_u32(in, (u32)croft_rng_below(&b->net.rng, len));
        if (len > 0)
            assert_int_equal(send(fd, in, len, MSG_NOSIGNAL), len);
        shutdown(fd, SHUT_WR);
        read_all(fd, out, sizeof out);
    }
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    connect_local(b, &p);
    assert_int_equal(pay(b, &p, 1, 2)->height, 1);
}

/* Many calls at once, answers unread: the server stops reading before it holds too much, and answers all in
 * the end. */
static void calls_beyond_the_limit_wait_in_the_socket(void **state)
{
    enum { CALLS = 3000 };
    struct bed *b = *state;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__Query q = CROFT__V1__QUERY__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    struct croft_why why;
    connect_local(b, &p);
    q.table = CROFT_TABLE_ACCOUNTS;
    q.key = test_view(b->net.address[1].b, 32);
    q.prove = true;
    r.call_case = CROFT__V1__REQUEST__CALL_QUERY;
    r.query = &q;
    u32 sent = 0, answered = 0;
    u64 id;
    while (answered < CALLS) {
        struct pollfd w = {.fd = p.fd, .events = POLLOUT};
        assert_true(poll(&w, 1, 0) >= 0);
        if ((w.revents & POLLOUT) && sent < CALLS) {
            assert_int_equal(croft_client_send(&p, &r, &id, &why), CROFT_OK);
            sent++;
            continue;
        }
        Croft__V1__Response *response = NULL;
        struct croft_arena mem = croft_region_arena(&room);
        assert_int_equal(croft_client_receive(&p, 10000, &mem, &response, &why), CROFT_OK);
        assert_int_equal(response->error, 0);
        answered++;
    }
}

/* ---- followers' acknowledgements ---- */

static struct croft_hash id_at(struct croft_client *p, u64 height)
{
    Croft__V1__FetchBlocks f = CROFT__V1__FETCH_BLOCKS__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    struct croft_header h;
    f.from_height = height;
    f.count = 1;
    r.call_case = CROFT__V1__REQUEST__CALL_FETCH_BLOCKS;
    r.fetch_blocks = &f;
    assert_int_equal(call(p, &r, &response), CROFT_OK);
    assert_int_equal(response->blocks->n_blocks, 1);
    const ProtobufCBinaryData *block = &response->blocks->blocks[0];
    assert_int_equal(croft_block_peek((struct croft_bytes){block->data, block->len}, &h), CROFT_OK);
    return croft_block_id(&h);
}

/* key: NULL, nothing is proved. */
static croft_err say_stored_as(struct croft_client *p, u64 height, struct croft_hash id,
                               const struct croft_secret_key *key, const struct croft_hash *network)
{
    Croft__V1__BlockStored s = CROFT__V1__BLOCK_STORED__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    struct croft_public_key public;
    struct croft_signature signature;
    s.height = height;
    s.block_id = test_view(id.b, sizeof id.b);
    if (key != NULL) {
        public = croft_public_key_of(key);
        signature = croft_stored_sign(key, network, height, &id);
        s.public_key = test_view(public.b, sizeof public.b);
        s.signature = test_view(signature.b, sizeof signature.b);
    }
    r.call_case = CROFT__V1__REQUEST__CALL_BLOCK_STORED;
    r.block_stored = &s;
    return call(p, &r, &response);
}

static croft_err say_stored(struct croft_client *p, u64 height, struct croft_hash id)
{
    return say_stored_as(p, height, id, NULL, NULL);
}

static void with_ack_follower_nothing_leaves_before_it_is_stored(void **state)
{
    struct bed *b = *state;
    u8 mem_room[TEST_TX_ROOM];
    struct croft_arena mem = {mem_room, mem_room + sizeof mem_room};
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_client sub CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_client follower CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    const Croft__V1__SubmitResult *result = NULL;
    u32 txs;
    unserve(b);
    serve(b, true, 300);
    connect_local(b, &p);
    connect_local(b, &sub);
    connect_local(b, &follower);
    subscribe(&sub, 1);
    assert_string_equal(status_of(&p)->role, "sequencer, waiting for a follower");

    struct croft_bytes tx = test_transfer(&b->net, 1, 2, 1, &mem);
    assert_int_equal(submit(&p, &tx, 1, false, &result),
                     CROFT_ERR_FOLLOWER); /* nobody there: said after a while */
    assert_int_equal(status_of(&p)->height, 1);
    assert_int_equal(next_event(&sub, 50, &txs), 0);
    struct croft_hash id = id_at(&p, 1), other = id;
    other.b[31] ^= 1;
    assert_int_equal(say_stored(&follower, 9, id), CROFT_ERR_BLOCK);
    assert_int_equal(say_stored(&follower, 1, other), CROFT_ERR_BLOCK); /* a block that is not this chain's */
    assert_int_equal(status_of(&p)->follower_height, 0);
    assert_int_equal(say_stored(&follower, 1, id), CROFT_OK);
    assert_int_equal(next_event(&sub, 5000, &txs), 1);
    assert_int_equal(status_of(&p)->follower_height, 1);
    assert_string_equal(status_of(&p)->role, "sequencer");

    /* After a restart the ids are no longer at hand; the log has them. */
    croft_client_close(&p);
    croft_client_close(&sub);
    croft_client_close(&follower);
    unserve(b);
    serve(b, true, 300);
    connect_local(b, &follower);
    assert_int_equal(say_stored(&follower, 1, other), CROFT_ERR_BLOCK);
    assert_int_equal(say_stored(&follower, 1, id), CROFT_OK);
    assert_int_equal(status_of(&follower)->follower_height, 1);
}

/* With keys to wait for, an acknowledgement is a signature: of that key, that network, that block. */
static void only_a_follower_that_proves_its_key_counts(void **state)
{
    struct bed *b = *state;
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_client follower CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    const struct croft_secret_key *own = &b->net.secret[7], *strange = &b->net.secret[8];
    struct croft_hash network = b->net.network, elsewhere = network;
    connect_local(b, &p);
    pay(b, &p, 1, 2);
    pay(b, &p, 1, 2);
    croft_client_close(&p);
    unserve(b);
    follower_key = b->net.key[7];
    follower_key_count = 1;
    serve(b, true, 300);
    follower_key_count = 0;
    connect_local(b, &p);
    connect_local(b, &follower);
    struct croft_hash first = id_at(&p, 1), second = id_at(&p, 2);
    elsewhere.b[0] ^= 1;
    assert_int_equal(say_stored(&follower, 2, second), CROFT_OK); /* it may follow; it proves nothing */
    assert_int_equal(say_stored_as(&follower, 2, second, strange, &network), CROFT_OK);
    assert_int_equal(say_stored_as(&follower, 2, second, own, &elsewhere), CROFT_OK);
    assert_int_equal(say_stored_as(&follower, 2, first, own, &network), CROFT_ERR_BLOCK);
    assert_int_equal(status_of(&p)->follower_height, 0);
    assert_string_equal(status_of(&p)->role, "sequencer, waiting for a follower");
    assert_int_equal(say_stored_as(&follower, 1, first, own, &network), CROFT_OK);
    assert_int_equal(status_of(&p)->follower_height, 1);
    assert_int_equal(say_stored_as(&follower, 2, second, own, &network), CROFT_OK);
    assert_int_equal(status_of(&p)->follower_height, 2);
    assert_string_equal(status_of(&p)->role, "sequencer");
}

/* ---- many connections ---- */

static int tcp_from(struct bed *b, const char *source)
{
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_port = htons(croft_server_port(b->server));
    assert_int_equal(inet_pton(AF_INET, source, &from.sin_addr), 1);
    assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &to.sin_addr), 1);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&from, sizeof from) == 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Whether the server has closed it; waits as long as need be for that, and a moment to see that it has not. */
static bool is_closed(int fd, int wait_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    u8 byte;
    return poll(&p, 1, wait_ms) == 1 && recv(fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

static void no_address_takes_all_places_and_tcp_none_of_the_sockets(void **state)
{
    enum { EACH = 64, ADDRESSES = 16 };
    struct bed *b = *state;
    int fd[ADDRESSES][EACH];
    char source[32];
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    for (u32 a = 0; a < ADDRESSES; a++) {
        snprintf(source, sizeof source, "127.0.0.%u", a + 2);
        for (u32 i = 0; i < EACH; i++)
            fd[a][i] = tcp_from(b, source);
        if (a > 0)
            continue;
        int more = tcp_from(b, source);
        assert_true(is_closed(more, 5000)); /* its 65th */
        close(more);
    }
    int last = tcp_from(b, "127.0.0.99");
    assert_true(is_closed(last, 5000)); /* all 1,024 are taken */
    close(last);
    connect_local(b, &p); /* but not those of this machine */
    assert_int_equal(pay(b, &p, 1, 2)->height, 1);
    for (u32 a = 0; a < ADDRESSES; a++)
        for (u32 i = 0; i < EACH; i++)
            close(fd[a][i]);
}

static void who_is_silent_for_long_is_let_go(void **state)
{
    struct bed *b = *state;
    u32 txs;
    struct croft_client idle CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_client sub CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    struct croft_client p CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    unserve(b);
    idle_timeout_ms = 150;
    serve(b, false, 0);
    idle_timeout_ms = 0;
    connect_local(b, &sub);
    subscribe(&sub, 1);
    connect_local(b, &idle);
    assert_true(is_closed(idle.fd, 5000));
    connect_local(b, &p);
    pay(b, &p, 1, 2);
    assert_int_equal(next_event(&sub, 5000, &txs), 1); /* a subscription may be silent */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_payment_is_answered_when_it_is_durable, start, stop),
        cmocka_unit_test_setup_teardown(tcp_serves_the_same_but_no_files, start, stop),
        cmocka_unit_test_setup_teardown(big_batches_come_back_in_order, start, stop),
        cmocka_unit_test_setup_teardown(without_waiting_the_check_is_the_answer, start, stop),
        cmocka_unit_test_setup_teardown(records_are_listed_page_by_page, start, stop),
        cmocka_unit_test_setup_teardown(records_are_listed_by_the_beginning_of_their_key, start, stop),
        cmocka_unit_test_setup_teardown(records_are_proved, start, stop),
        cmocka_unit_test_setup_teardown(receipts_are_proved, start, stop),
        cmocka_unit_test_setup_teardown(transactions_are_found_by_the_start_of_their_id, start, stop),
        cmocka_unit_test_setup_teardown(a_subscription_misses_nothing_over_reconnects, start, stop),
        cmocka_unit_test_setup_teardown(a_subscriber_that_does_not_read_holds_nobody_up, start, stop),
        cmocka_unit_test_setup_teardown(garbage_is_answered_and_closed, start, stop),
        cmocka_unit_test_setup_teardown(requests_may_come_one_byte_at_a_time, start, stop),
        cmocka_unit_test_setup_teardown(another_network_is_refused_by_name, start, stop),
        cmocka_unit_test_setup_teardown(random_frames_never_stop_the_chain, start, stop),
        cmocka_unit_test_setup_teardown(calls_beyond_the_limit_wait_in_the_socket, start, stop),
        cmocka_unit_test_setup_teardown(with_ack_follower_nothing_leaves_before_it_is_stored, start, stop),
        cmocka_unit_test_setup_teardown(only_a_follower_that_proves_its_key_counts, start, stop),
        cmocka_unit_test_setup_teardown(no_address_takes_all_places_and_tcp_none_of_the_sockets, start, stop),
        cmocka_unit_test_setup_teardown(who_is_silent_for_long_is_let_go, start, stop),
    };
    CROFT_ASSERT(croft_region_map(&room, (size_t)256 << 20));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
