#include "chain/client.h"

#include "chain/dial.h"
#include "chain/fake_chain_int.h"
#include "chain/records.h"
#include "chain/watch.h"

static struct croft_region region;
static struct fake_chain chain;
static volatile sig_atomic_t interrupted;

static struct croft_client_options options_of(u32 timeout_ms)
{
    return (struct croft_client_options){.world = croft_world_system(),
                                         .interrupted = &interrupted,
                                         .where = chain.where,
                                         .timeout_ms = timeout_ms};
}

static int start(void **state)
{
    (void)state;
    struct croft_public_key key = {{1}};
    struct croft_address address = {{2}};
    interrupted = 0;
    fake_start(&chain, &key, &address);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fake_stop(&chain);
    return 0;
}

static void a_connection_knows_its_network(void **state)
{
    (void)state;
    struct croft_client_options options = options_of(5000);
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {0};
    struct croft_why why;
    options.network = chain.network;
    assert_int_equal(croft_client_open(&options, &c, &why), CROFT_OK);
    assert_string_equal(c.network_name, "fakenet");

    struct croft_client other CROFT_CLEANUP(croft_client_close) = {0};
    croft_client_close(&c);
    options.network.b[0] ^= 1;
    options.network_name = "mynet";
    assert_int_equal(croft_client_open(&options, &other, &why), CROFT_ERR_NETWORK);
    assert_non_null(strstr(why.text, "fakenet"));
    assert_non_null(strstr(why.text, "mynet"));
}

static void failures_to_connect_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        croft_err err;
    } cases[] = {
        {"unix:/nonexistent/api.sock", CROFT_ERR_UNAVAILABLE},
        {"/nonexistent/api.sock", CROFT_ERR_UNAVAILABLE},
        {"127.0.0.1:1", CROFT_ERR_UNAVAILABLE},
        {"[::1]:1", CROFT_ERR_UNAVAILABLE},
        {"nowhere", CROFT_ERR_USAGE},
        {":80", CROFT_ERR_USAGE},
        {"host:", CROFT_ERR_USAGE},
        {"host:port", CROFT_ERR_USAGE},
    };
    for (size_t i = 0; i < CROFT_COUNT(cases); i++) {
        struct croft_client_options options = options_of(5000);
        struct croft_client c;
        struct croft_why why;
        options.where = cases[i].where;
        assert_int_equal(croft_client_open(&options, &c, &why), cases[i].err);
        assert_non_null(strstr(why.text, cases[i].where));
    }
}

static croft_err open_fresh(u32 timeout_ms)
{
    struct croft_client_options options = options_of(timeout_ms);
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {0};
    struct croft_why why;
    return croft_client_open(&options, &c, &why);
}

static void bad_peers_are_refused_in_time(void **state)
{
    (void)state;
    chain.silent = true;
    assert_int_equal(open_fresh(150), CROFT_ERR_TIMEOUT);
    chain.silent = false;
    chain.garbage = true;
    assert_int_equal(open_fresh(5000), CROFT_ERR_FRAME);
    chain.garbage = false;
    chain.hello_api = 99;
    assert_int_equal(open_fresh(5000), CROFT_ERR_FORMAT);
    chain.hello_api = 1;
    interrupted = 1;
    assert_int_equal(open_fresh(5000), CROFT_ERR_INTERRUPTED);
    interrupted = 0;
    assert_int_equal(open_fresh(5000), CROFT_OK);
}

static void a_late_answer_does_not_confuse_the_next_call(void **state)
{
    (void)state;
    struct croft_client_options options = options_of(5000);
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {0};
    struct croft_why why;
    assert_int_equal(croft_client_open(&options, &c, &why), CROFT_OK);

    /* Two calls are sent and their answers not waited for, as after two timeouts. */
    Croft__V1__Status call = CROFT__V1__STATUS__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    request.call_case = CROFT__V1__REQUEST__CALL_STATUS;
    request.status = &call;
    u64 id;
    assert_int_equal(croft_client_send(&c, &request, &id, &why), CROFT_OK);
    assert_int_equal(croft_client_send(&c, &request, &id, &why), CROFT_OK);

    struct croft_arena mem = croft_region_arena(&region);
    struct croft_account_record account;
    const struct croft_record_key key = croft_key_of_address(&chain.address);
    assert_int_equal(croft_record_read(&c, CROFT_TABLE_ACCOUNTS, &key, false, &mem, &account, NULL, &why),
                     CROFT_OK);
    assert_int_equal(account.nonce_floor, chain.account.nonce_floor);
}

static void a_missing_record_and_an_error_answer(void **state)
{
    (void)state;
    struct croft_client_options options = options_of(5000);
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {0};
    struct croft_arena mem = croft_region_arena(&region);
    struct croft_account_record account;
    struct croft_why why;
    const struct croft_record_key key = croft_key_of_address(&chain.address);
    assert_int_equal(croft_client_open(&options, &c, &why), CROFT_OK);
    assert_int_equal(croft_record_read(&c, CROFT_TABLE_ACCOUNTS, &key, true, &mem, &account, NULL, &why),
                     CROFT_ERR_PROOF);
    chain.no_account = true;
    assert_int_equal(croft_record_read(&c, CROFT_TABLE_ACCOUNTS, &key, false, &mem, &account, NULL, &why),
                     CROFT_ERR_NOT_FOUND);

    struct croft_params params;
    assert_int_equal(croft_params_read(&c, mem, &params, &why), CROFT_OK);
    assert_int_equal(params.value[CROFT_PARAM_COST_WRITE], 7);
    assert_int_equal(params.value[CROFT_PARAM_COST_CREATE], 20);

    Croft__V1__FindTx find = CROFT__V1__FIND_TX__INIT;
    Croft__V1__Request request = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response;
    find.tx_id = (ProtobufCBinaryData){4, chain.network.b};
    request.call_case = CROFT__V1__REQUEST__CALL_FIND_TX;
    request.find_tx = &find;
    assert_int_equal(croft_client_call(&c, &request, &mem, &response, &why), CROFT_ERR_NOT_FOUND);

    struct croft_arena tiny = {region.base, region.base + 16};
    assert_int_equal(croft_client_call(&c, &request, &tiny, &response, &why), CROFT_ERR_NOMEM);
}

struct seen {
    u64 next, until;
    u32 lost;
};

static croft_err see_block(void *context, const Croft__V1__BlockEvent *block)
{
    struct seen *seen = context;
    assert_int_equal(block->height, seen->next);
    seen->next++;
    return seen->next > seen->until ? CROFT_ERR_EXISTS : CROFT_OK;
}

static void see_lost(void *context, const struct croft_why *why)
{
    struct seen *seen = context;
    assert_true(why->text[0] != '\0');
    seen->lost++;
}

static struct croft_watch watch_of(struct seen *seen, u64 from)
{
    return (struct croft_watch){.options = options_of(5000),
                                .from_height = from,
                                .quiet_ms = 60,
                                .on_block = see_block,
                                .on_lost = see_lost,
                                .context = seen};
}

static void a_watch_misses_nothing_over_breaks(void **state)
{
    (void)state;
    struct croft_why why;
    struct seen seen = {.next = 3, .until = 40};
    struct croft_watch w = watch_of(&seen, 3);
    chain.last_event = 40;
    chain.events_until_cut = 10;
    assert_int_equal(croft_watch_run(&w, croft_region_arena(&region), &why), CROFT_ERR_EXISTS);
    assert_int_equal(seen.next, 41);
    assert_int_equal(w.from_height, 40); /* the one it ended in was not finished */
    assert_int_equal(seen.lost, 3);
}

static void a_watch_from_now_starts_after_the_present_block(void **state)
{
    (void)state;
    struct croft_why why;
    struct seen seen = {.next = 6, .until = 7};
    struct croft_watch w = watch_of(&seen, 0);
    chain.height = 5;
    chain.last_event = 7;
    assert_int_equal(croft_watch_run(&w, croft_region_arena(&region), &why), CROFT_ERR_EXISTS);
}

static void a_left_out_block_is_an_error(void **state)
{
    (void)state;
    struct croft_why why;
    struct seen seen = {.next = 1, .until = 9};
    struct croft_watch w = watch_of(&seen, 1);
    chain.last_event = 9;
    chain.skip_height = 4;
    assert_int_equal(croft_watch_run(&w, croft_region_arena(&region), &why), CROFT_ERR_BLOCK);
    assert_int_equal(w.from_height, 4);
}

static void *interrupt_soon(void *context)
{
    (void)context;
    usleep(300000);
    interrupted = 1;
    return NULL;
}

static void an_idle_watch_asks_and_can_be_interrupted(void **state)
{
    (void)state;
    pthread_t thread;
    struct croft_why why;
    struct seen seen = {.next = 1, .until = 9};
    struct croft_watch w = watch_of(&seen, 1);
    assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, NULL), 0);
    assert_int_equal(croft_watch_run(&w, croft_region_arena(&region), &why), CROFT_ERR_INTERRUPTED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(chain.connections, 1); /* it answered when asked, so it was never taken for gone */
}

static void a_watch_gives_up_when_told_to(void **state)
{
    (void)state;
    struct croft_why why;
    struct seen seen = {.next = 1, .until = 9};
    struct croft_watch w = watch_of(&seen, 1);
    w.options.where = "unix:/nonexistent/api.sock";
    assert_int_equal(croft_watch_run(&w, croft_region_arena(&region), &why), CROFT_ERR_UNAVAILABLE);
    assert_int_equal(seen.lost, 0); /* it was never there */
}

/* ---- lists by the beginning of a key ---- */

static croft_err count_record(void *context, struct croft_bytes key, const void *record)
{
    u32 *count = context;
    assert_int_equal(key.at[0], chain.address.b[0]);
    assert_non_null(record);
    return ++*count == 100 ? CROFT_ERR_INTERRUPTED : CROFT_OK;
}

static croft_err list_under(u8 first, u32 *count, struct croft_why *why)
{
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {0};
    struct croft_client_options options = options_of(5000);
    const struct croft_record_key prefix = {.b = {first}, .len = 1};
    assert_int_equal(croft_client_open(&options, &c, why), CROFT_OK);
    *count = 0;
    return croft_records_under(&c, CROFT_TABLE_ACCOUNTS, &prefix, croft_region_arena(&region), count_record, count,
                               why);
}

static void a_list_goes_on_over_empty_answers(void **state)
{
    (void)state;
    struct croft_why why;
    u32 count;
    for (chain.slots = 0; chain.slots < 8; chain.slots++) {
        assert_int_equal(list_under(2, &count, &why), CROFT_OK);
        assert_int_equal(count, chain.slots / 2);
    }
    chain.slots = 1000;
    assert_int_equal(list_under(2, &count, &why), CROFT_ERR_INTERRUPTED); /* the caller had enough */
    assert_int_equal(count, 100);
}

static void a_list_of_other_records_or_without_end_is_refused(void **state)
{
    (void)state;
    struct croft_why why;
    u32 count;
    chain.slots = 4;
    assert_int_equal(list_under(3, &count, &why), CROFT_ERR_FRAME);
    assert_non_null(strstr(why.text, "other records"));
    assert_int_equal(count, 0);
    chain.stuck = true;
    assert_int_equal(list_under(2, &count, &why), CROFT_ERR_FRAME);
    assert_non_null(strstr(why.text, "does not come to an end"));
}

int main(void)
{
    croft_test_seed();
    CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    CROFT_ASSERT(croft_region_map(&region, 64 << 20));
#define FAKE(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        FAKE(a_connection_knows_its_network),
        FAKE(failures_to_connect_are_told_apart),
        FAKE(bad_peers_are_refused_in_time),
        FAKE(a_late_answer_does_not_confuse_the_next_call),
        FAKE(a_missing_record_and_an_error_answer),
        FAKE(a_watch_misses_nothing_over_breaks),
        FAKE(a_watch_from_now_starts_after_the_present_block),
        FAKE(a_left_out_block_is_an_error),
        FAKE(an_idle_watch_asks_and_can_be_interrupted),
        FAKE(a_watch_gives_up_when_told_to),
        FAKE(a_list_goes_on_over_empty_answers),
        FAKE(a_list_of_other_records_or_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
