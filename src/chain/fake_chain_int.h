/* chain/fake_chain_int.h - for this component's tests: a chain of one account, in a thread, that can
 * misbehave.
 *
 * It answers the chain API on a unix socket, one connection after the other.  Its rules are a few lines: a
 * transaction counts once, must be signed by the one key, and costs FAKE_FEE.  The knobs are set before
 * fake_start or between calls.
 */
#ifndef CROFT_CHAIN_FAKE_CHAIN_INT_H
#define CROFT_CHAIN_FAKE_CHAIN_INT_H

#include "base/assert.h"
#include "base/buf.h"
#include "base/rng.h"
#include "base/testing.h"
#include "chain/client.h"
#include "crypto/sign.h"
#include "wire/frame.h"
#include "wire/param.h"
#include "wire/record.h"
#include "wire/tx.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FAKE_FEE = 1000, FAKE_TXS_MAX = 64, FAKE_ANSWER_MAX = 1 << 20 };

struct fake_chain {
    char folder[64], path[96], where[112];
    int listener, stop[2];
    pthread_t thread;
    struct croft_hash network;
    const char *name;
    struct croft_address address;
    struct croft_public_key key;
    /* Written by the thread while a call runs, read by the test between calls. */
    struct croft_account_record account;
    bool no_account;
    u64 height, base_fee;
    struct croft_hash tx_id[FAKE_TXS_MAX];
    u32 tx_count, connections, submissions;
    /* Knobs. */
    u32 hello_api;
    bool silent, garbage;
    u32 drop_submits;     /* carry out so many, then close instead of answering */
    u32 force_code;       /* answer every submission with this */
    u32 take_nonces;      /* so many times somebody else takes the nonce first */
    u32 events_until_cut; /* 0: never cut */
    u64 skip_height;      /* leave this block out */
    u64 slots;            /* a list by prefix comes from so many slots, one an answer, every second one empty */
    bool stuck;           /* such a list never gets on */
    u64 last_event;       /* a subscription has events up to here */
};

static inline void fake_send(int fd, Croft__V1__Response *response)
{
    static u8 frame[FAKE_ANSWER_MAX];
    size_t len = croft__v1__response__get_packed_size(response);
    CROFT_ASSERT(len + CROFT_FRAME_HEAD <= sizeof frame);
    croft_put_u32(frame, (u32)len);
    croft__v1__response__pack(response, frame + CROFT_FRAME_HEAD);
    send(fd, frame, len + CROFT_FRAME_HEAD, MSG_NOSIGNAL);
}

static inline void fake_hello(struct fake_chain *f, int fd, Croft__V1__Response *response)
{
    Croft__V1__HelloResult hello;
    croft__v1__hello_result__init(&hello);
    hello.api = f->hello_api;
    hello.network_id = (ProtobufCBinaryData){32, f->network.b};
    hello.network_name = (char *)(uintptr_t)f->name;
    hello.software = (char[]){"fake"};
    response->result_case = CROFT__V1__RESPONSE__RESULT_HELLO;
    response->hello = &hello;
    fake_send(fd, response);
}

static inline void fake_status(struct fake_chain *f, int fd, Croft__V1__Response *response)
{
    Croft__V1__StatusResult status;
    croft__v1__status_result__init(&status);
    status.height = f->height;
    status.base_fee = f->base_fee;
    response->result_case = CROFT__V1__RESPONSE__RESULT_STATUS;
    response->status = &status;
    fake_send(fd, response);
}

static inline void fake_query(struct fake_chain *f, int fd, const Croft__V1__Query *q,
                              Croft__V1__Response *response)
{
    u8 value[CROFT_RECORD_VALUE_MAX], key[CROFT_RECORD_KEY_MAX] = {0};
    Croft__V1__Record record = CROFT__V1__RECORD__INIT, *list[] = {&record};
    Croft__V1__QueryResult result = CROFT__V1__QUERY_RESULT__INIT;
    struct croft_param_record param = {.format = 1, .value = 7};
    bool account = q->table == CROFT_TABLE_ACCOUNTS, last_page = q->after_key.len != 0;
    result.n_records = (account && f->no_account) || last_page ? 0 : 1;
    result.records = list;
    if (q->prefix.len != 0) {
        result.n_records = q->from_slot % 2;
        result.next_slot = f->stuck ? q->from_slot : q->from_slot + 1 < f->slots ? q->from_slot + 1 : 0;
        result.next_slot += f->stuck && q->from_slot == 0;
    }
    key[1] = CROFT_PARAM_COST_WRITE;
    memcpy(key, account ? f->address.b : key, account ? 32 : 2);
    record.key = (ProtobufCBinaryData){account ? 32 : 2, key};
    record.value.len = account ? croft_layout_encode(&croft_account_layout, &f->account, value, sizeof value)
                               : croft_layout_encode(&croft_param_layout, &param, value, sizeof value);
    record.value.data = value;
    response->result_case = CROFT__V1__RESPONSE__RESULT_QUERY;
    response->query = &result;
    fake_send(fd, response);
}

static inline bool fake_take_nonce(struct fake_chain *f, u64 nonce)
{
    struct croft_key_record *key = &f->account.key[0];
    u64 bit = nonce - key->nonce_base - 1;
    if (bit >= CROFT_REPLAY_WINDOW || (key->nonce_map[bit / 8] >> (bit % 8) & 1) != 0)
        return false;
    key->nonce_map[bit / 8] |= (u8)(1u << (bit % 8));
    return true;
}

static inline u32 fake_execute(struct fake_chain *f, ProtobufCBinaryData bytes)
{
    static u8 memory[1 << 20];
    struct croft_arena mem = {memory, memory + sizeof memory};
    struct croft_tx tx;
    croft_err err = croft_tx_decode((struct croft_bytes){bytes.data, bytes.len}, &f->network, &mem, &tx);
    if (err != CROFT_OK)
        return (u32)err;
    CROFT_ASSERT(memcmp(tx.account.b, f->address.b, 32) == 0);
    if (f->account.key_count == 0) {
        if (tx.body->key_set == NULL)
            return CROFT_ERR_TX_ACCOUNT;
        f->account.key_count = 1;
        f->account.key[0].scheme = 1;
        f->account.key[0].nonce_base = f->account.nonce_floor;
        memcpy(f->account.key[0].public_key, f->key.b, 32);
    }
    if (croft_verify(&f->key, (struct croft_bytes){tx.id.b, 32}, &tx.signature[0]) != CROFT_OK)
        return CROFT_ERR_TX_SIGNATURE;
    if (f->take_nonces > 0 && fake_take_nonce(f, tx.body->nonce))
        f->take_nonces--;
    if (!fake_take_nonce(f, tx.body->nonce))
        return CROFT_ERR_TX_REPLAY;
    CROFT_ASSERT(f->tx_count < FAKE_TXS_MAX);
    f->tx_id[f->tx_count++] = tx.id;
    f->height++;
    return CROFT_OK;
}

static inline bool fake_submit(struct fake_chain *f, int fd, const Croft__V1__Submit *submit,
                               Croft__V1__Response *response)
{
    Croft__V1__TxResult one, *list[] = {&one};
    Croft__V1__SubmitResult result = CROFT__V1__SUBMIT_RESULT__INIT;
    croft__v1__tx_result__init(&one);
    f->submissions++;
    one.code = f->force_code != 0 ? f->force_code : fake_execute(f, submit->txs[0]);
    one.height = one.code == 0 || one.code >= 300 ? f->height : 0;
    one.fee = one.height != 0 ? FAKE_FEE : 0;
    if (f->drop_submits > 0) {
        f->drop_submits--;
        return false;
    }
    result.n_results = 1;
    result.results = list;
    response->result_case = CROFT__V1__RESPONSE__RESULT_SUBMIT;
    response->submit = &result;
    fake_send(fd, response);
    return true;
}

static inline void fake_find(struct fake_chain *f, int fd, const Croft__V1__FindTx *find,
                             Croft__V1__Response *response)
{
    Croft__V1__FindTxResult result = CROFT__V1__FIND_TX_RESULT__INIT;
    response->error = CROFT_ERR_NOT_FOUND;
    for (u32 i = 0; i < f->tx_count; i++) {
        if (memcmp(f->tx_id[i].b, find->tx_id.data, find->tx_id.len) != 0)
            continue;
        response->error = 0;
        result.height = i + 1;
        result.fee = FAKE_FEE;
        response->result_case = CROFT__V1__RESPONSE__RESULT_FIND_TX;
        response->find_tx = &result;
    }
    fake_send(fd, response);
}

static inline bool fake_subscribe(struct fake_chain *f, int fd, u64 from, Croft__V1__Response *response)
{
    Croft__V1__BlockEvent block = CROFT__V1__BLOCK_EVENT__INIT;
    response->result_case = CROFT__V1__RESPONSE__RESULT_BLOCK;
    response->block = &block;
    u32 sent = 0;
    for (block.height = from; block.height <= f->last_event; block.height++) {
        if (block.height == f->skip_height)
            continue;
        if (f->events_until_cut != 0 && sent++ == f->events_until_cut)
            break;
        fake_send(fd, response);
    }
    bool whole = block.height > f->last_event;
    response->block = NULL; /* it ends here, and the compiler is told so */
    return whole;
}

static inline bool fake_answer(struct fake_chain *f, int fd, const Croft__V1__Request *request)
{
    Croft__V1__Response response;
    croft__v1__response__init(&response);
    response.id = request->id;
    switch (request->call_case) {
    case CROFT__V1__REQUEST__CALL_HELLO:
        fake_hello(f, fd, &response);
        return true;
    case CROFT__V1__REQUEST__CALL_STATUS:
        fake_status(f, fd, &response);
        return true;
    case CROFT__V1__REQUEST__CALL_QUERY:
        fake_query(f, fd, request->query, &response);
        return true;
    case CROFT__V1__REQUEST__CALL_SUBMIT:
        return fake_submit(f, fd, request->submit, &response);
    case CROFT__V1__REQUEST__CALL_FIND_TX:
        fake_find(f, fd, request->find_tx, &response);
        return true;
    case CROFT__V1__REQUEST__CALL_SUBSCRIBE:
        return fake_subscribe(f, fd, request->subscribe->from_height, &response);
    case CROFT__V1__REQUEST__CALL__NOT_SET:
    case CROFT__V1__REQUEST__CALL_FETCH_BLOCKS:
    case CROFT__V1__REQUEST__CALL_BLOCK_STORED:
    case CROFT__V1__REQUEST__CALL_TAKE_SNAPSHOT:
    case _CROFT__V1__REQUEST__CALL__CASE_IS_INT_SIZE:
        break;
    }
    return false;
}

/* False when the peer has gone or the test is over. */
static inline bool fake_read(const struct fake_chain *f, int fd, u8 *out, size_t len)
{
    for (size_t have = 0; have < len;) {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(fd, &set);
        FD_SET(f->stop[0], &set);
        if (select((fd > f->stop[0] ? fd : f->stop[0]) + 1, &set, NULL, NULL, NULL) < 1 ||
            FD_ISSET(f->stop[0], &set))
            return false;
        ssize_t got = recv(fd, out + have, len - have, 0);
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

static inline void fake_serve(struct fake_chain *f, int fd)
{
    static u8 frame[FAKE_ANSWER_MAX];
    for (bool going = true; going;) {
        if (!fake_read(f, fd, frame, CROFT_FRAME_HEAD))
            return;
        u32 len = croft_get_u32(frame);
        if (len > sizeof frame || !fake_read(f, fd, frame, len))
            return;
        if (f->garbage)
            send(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, MSG_NOSIGNAL);
        if (f->garbage || f->silent)
            continue;
        Croft__V1__Request *request = croft__v1__request__unpack(NULL, len, frame);
        CROFT_ASSERT(request != NULL);
        going = fake_answer(f, fd, request);
        croft__v1__request__free_unpacked(request, NULL);
    }
}

static inline void *fake_run(void *context)
{
    struct fake_chain *f = context;
    u8 byte;
    for (;;) {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(f->listener, &set);
        FD_SET(f->stop[0], &set);
        if (select((f->listener > f->stop[0] ? f->listener : f->stop[0]) + 1, &set, NULL, NULL, NULL) < 1)
            continue;
        if (FD_ISSET(f->stop[0], &set))
            break;
        int fd = accept(f->listener, NULL, NULL);
        CROFT_ASSERT(fd >= 0);
        f->connections++;
        fake_serve(f, fd);
        close(fd);
    }
    return read(f->stop[0], &byte, 1) == 1 ? NULL : f;
}

/* Zeroes *f, sets defaults and starts it; address and key are those of the account it knows. */
static inline void fake_start(struct fake_chain *f, const struct croft_public_key *key,
                              const struct croft_address *address)
{
    *f = (struct fake_chain){
        .name = "fakenet", .hello_api = 1, .base_fee = 10, .key = *key, .address = *address};
    memset(f->network.b, 7, sizeof f->network.b);
    f->account = (struct croft_account_record){.format = 1, .nonce_floor = UINT64_C(1700000000) << 20};
    snprintf(f->folder, sizeof f->folder, "/tmp/croft-fake-XXXXXX");
    CROFT_ASSERT(mkdtemp(f->folder) != NULL);
    snprintf(f->path, sizeof f->path, "%s/api.sock", f->folder);
    snprintf(f->where, sizeof f->where, "unix:%s", f->path);

    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s", f->path);
    f->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    CROFT_ASSERT(bind(f->listener, (const struct sockaddr *)&at, sizeof at) == 0 &&
                 listen(f->listener, 8) == 0);
    CROFT_ASSERT(pipe(f->stop) == 0);
    CROFT_ASSERT(pthread_create(&f->thread, NULL, fake_run, f) == 0);
}

static inline void fake_stop(struct fake_chain *f)
{
    CROFT_ASSERT(write(f->stop[1], "", 1) == 1);
    CROFT_ASSERT(pthread_join(f->thread, NULL) == 0);
    close(f->listener);
    close(f->stop[0]);
    close(f->stop[1]);
    unlink(f->path);
    rmdir(f->folder);
}

#endif
