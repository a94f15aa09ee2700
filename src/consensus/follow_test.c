/* Two machines: a chain and its follower; snapshots, verification and export of both. */
#include "consensus/follow.h"

#include "chain/client.h"
#include "consensus/export.h"
#include "consensus/snapshot.h"
#include "consensus/test_int.h"
#include "consensus/verify.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static struct croft_region room;
static u64 seed;

struct machine {
    char folder[128], where[192]; /* where: what it follows */
    struct croft_home home;
    struct croft_server *server;
    struct croft_follow *follow;
    pthread_t thread;
    croft_err ended;
    struct croft_why why;
};

struct bed {
    struct test_net net;
    struct machine primary, follower;
};

static void *run_server(void *arg)
{
    struct machine *m = arg;
    m->ended = croft_server_run(m->server, &m->why);
    return NULL;
}

static void serve(struct machine *m, bool makes_blocks, bool ack_follower)
{
    const struct croft_server_options o = {.world = croft_world_system(),
                                           .software = "test",
                                           .ack_follower = ack_follower,
                                           .ack_timeout_ms = 10000,
                                           .verify_threads = 2};
    test_open_must(m->folder, makes_blocks, &m->home);
    if (croft_server_open(&o, &m->home, &m->server, &m->why) != CROFT_OK)
        croft_assert_fail(m->why.text, __FILE__, __LINE__);
}

static void run(struct machine *m)
{
    CROFT_ASSERT(pthread_create(&m->thread, NULL, run_server, m) == 0);
}

/* Stops it; the fault it ended with, if any. */
static croft_err unserve(struct machine *m)
{
    if (m->server == NULL)
        return CROFT_OK;
    croft_server_stop(m->server);
    pthread_join(m->thread, NULL);
    croft_server_close(m->server);
    if (m->follow != NULL)
        croft_follow_close(m->follow);
    m->server = NULL;
    m->follow = NULL;
    croft_home_close(&m->home);
    return m->ended;
}

static void follow(struct machine *m, const struct machine *primary)
{
    snprintf(m->where, sizeof m->where, "%s/api.sock", primary->folder);
    const struct croft_follow_options o = {.world = croft_world_system(), .where = m->where};
    serve(m, false, false);
    CROFT_ASSERT(croft_follow_start(&o, m->server, &m->home, &m->follow) == CROFT_OK);
    run(m);
}

static int start(void **state)
{
    struct bed *b = calloc(1, sizeof *b);
    struct croft_why why;
    seed = seed ? seed : croft_test_seed();
    test_net_make(&b->net, seed);
    snprintf(b->primary.folder, sizeof b->primary.folder, "%s", b->net.folder);
    test_folder(b->follower.folder);
    CROFT_ASSERT(croft_home_create(b->follower.folder, &b->net.genesis, NULL, &why) == CROFT_OK);
    *state = b;
    return 0;
}

static int stop(void **state)
{
    struct bed *b = *state;
    (void)!unserve(&b->follower);
    (void)!unserve(&b->primary);
    test_remove(b->follower.folder);
    test_net_drop(&b->net);
    free(b);
    return 0;
}

/* ---- calls ---- */

static void connect_to(const struct machine *m, struct croft_client *out)
{
    char where[192];
    struct croft_why why = {{0}};
    snprintf(where, sizeof where, "%s/api.sock", m->folder);
    const struct croft_client_options o = {
        .world = croft_world_system(), .where = where, .timeout_ms = 15000};
    if (croft_client_open(&o, out, &why) != CROFT_OK)
        croft_assert_fail(why.text, __FILE__, __LINE__);
}

static croft_err call(struct croft_client *c, Croft__V1__Request *r, Croft__V1__Response **out)
{
    struct croft_why why;
    struct croft_arena mem = croft_region_arena(&room);
    return croft_client_call(c, r, &mem, out, &why);
}

static croft_err pay(struct bed *b, struct croft_client *c, u32 from, u32 to)
{
    u8 mem_room[TEST_TX_ROOM];
    struct croft_arena mem = {mem_room, mem_room + sizeof mem_room};
    struct croft_bytes tx = test_transfer(&b->net, from, to, 1, &mem);
    ProtobufCBinaryData view = test_view(tx.at, tx.len);
    Croft__V1__Submit s = CROFT__V1__SUBMIT__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    s.n_txs = 1;
    s.txs = &view;
    r.call_case = CROFT__V1__REQUEST__CALL_SUBMIT;
    r.submit = &s;
    CROFT_TRY(call(c, &r, &response));
    return (croft_err)response->submit->results[0]->code;
}

static void pay_some(struct bed *b, struct machine *m, u32 count)
{
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    connect_to(m, &c);
    for (u32 i = 0; i < count; i++)
        assert_int_equal(pay(b, &c, (u32)croft_rng_below(&b->net.rng, 8), 8 + i % 8), CROFT_OK);
}

static u64 height_of(const struct machine *m)
{
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__Status s = CROFT__V1__STATUS__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    connect_to(m, &c);
    r.call_case = CROFT__V1__REQUEST__CALL_STATUS;
    r.status = &s;
    assert_int_equal(call(&c, &r, &response), CROFT_OK);
    return response->status->height;
}

static u64 follower_height_of(const struct machine *m)
{
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__Status s = CROFT__V1__STATUS__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    connect_to(m, &c);
    r.call_case = CROFT__V1__REQUEST__CALL_STATUS;
    r.status = &s;
    assert_int_equal(call(&c, &r, &response), CROFT_OK);
    return response->status->follower_height;
}

static void wait_height(const struct machine *m, u64 height)
{
    for (u32 i = 0; i < 1000 && height_of(m) < height; i++)
        poll(NULL, 0, 10);
    assert_int_equal(height_of(m), height);
}

static croft_err take_snapshot(const struct machine *m, const char *path)
{
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__TakeSnapshot t;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    connect_to(m, &c);
    croft__v1__take_snapshot__init(&t);
    t.path = (char *)(uintptr_t)path;
    r.call_case = CROFT__V1__REQUEST__CALL_TAKE_SNAPSHOT;
    r.take_snapshot = &t;
    return call(&c, &r, &response);
}

static croft_err verify(const char *folder, struct croft_verify_result *out)
{
    static struct croft_why why;
    const struct croft_verify_options o = {.path = folder, .world = croft_world_system()};
    return croft_verify_run(&o, out, &why);
}

/* ---- files ---- */

static struct croft_bytes slurp(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    u8 *at = malloc((size_t)st.st_size + 1);
    assert_int_equal(read(fd, at, (size_t)st.st_size), st.st_size);
    close(fd);
    return (struct croft_bytes){at, (size_t)st.st_size};
}

static bool same_files(const char *x, const char *y)
{
    struct croft_bytes a = slurp(x), b = slurp(y);
    bool same = a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
    free((void *)(uintptr_t)a.at);
    free((void *)(uintptr_t)b.at);
    return same;
}

static void flip_byte(const char *path, struct croft_rng *rng)
{
    struct stat st;
    u8 byte;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    off_t at = (off_t)croft_rng_below(rng, (u64)st.st_size);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= (u8)(1 + croft_rng_below(rng, 255));
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* The one receipt of a block, with its proof. */
static void check_receipt(const struct machine *m, u64 height)
{
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    Croft__V1__Query q = CROFT__V1__QUERY__INIT;
    Croft__V1__Request r = CROFT__V1__REQUEST__INIT;
    Croft__V1__Response *response = NULL;
    struct croft_hash root;
    connect_to(m, &c);
    q.prove = true;
    q.receipt_height = height;
    r.call_case = CROFT__V1__REQUEST__CALL_QUERY;
    r.query = &q;
    assert_int_equal(call(&c, &r, &response), CROFT_OK);
    assert_int_equal(test_follow_proof(response->query, &root), CROFT_OK);
}

/* ---- tests ---- */

static void a_follower_catches_up_acknowledges_and_is_promoted(void **state)
{
    struct bed *b = *state;
    serve(&b->primary, true, true);
    run(&b->primary);
    follow(&b->follower, &b->primary);
    pay_some(b, &b->primary, 30); /* each answer waits for the follower */
    assert_int_equal(height_of(&b->primary), 30);
    wait_height(&b->follower, 30);

    assert_int_equal(unserve(&b->primary), CROFT_OK);
    assert_int_equal(unserve(&b->follower), CROFT_OK);
    struct croft_verify_result result;
    assert_int_equal(verify(b->follower.folder, &result), CROFT_OK);
    assert_int_equal(result.last, 30);
    assert_int_equal(result.txs, 30);

    /* The first machine is gone; its key goes to the second. */
    char from[192], to[192];
    snprintf(from, sizeof from, "%s/sequencer.key", b->primary.folder);
    snprintf(to, sizeof to, "%s/sequencer.key", b->follower.folder);
    assert_int_equal(rename(from, to), 0);
    serve(&b->follower, true, false);
    run(&b->follower);
    pay_some(b, &b->follower, 5);
    assert_int_equal(height_of(&b->follower), 35);
}

static void a_follower_survives_restarts_on_both_sides(void **state)
{
    struct bed *b = *state;
    serve(&b->primary, true, false);
    run(&b->primary);
    pay_some(b, &b->primary, 150); /* more than one answer to a fetch holds */
    follow(&b->follower, &b->primary);
    wait_height(&b->follower, 150);
    assert_int_equal(unserve(&b->follower), CROFT_OK);
    pay_some(b, &b->primary, 10);
    follow(&b->follower, &b->primary);
    wait_height(&b->follower, 160);
    assert_int_equal(unserve(&b->primary), CROFT_OK);
    serve(&b->primary, true, false);
    run(&b->primary);
    pay_some(b, &b->primary, 10);
    wait_height(&b->follower, 170);
}

static void a_follower_takes_no_transactions(void **state)
{
    struct bed *b = *state;
    struct croft_client c CROFT_CLEANUP(croft_client_close) = {.fd = -1};
    serve(&b->primary, true, false);
    run(&b->primary);
    follow(&b->follower, &b->primary);
    connect_to(&b->follower, &c);
    assert_int_equal(pay(b, &c, 1, 2), CROFT_ERR_FOLLOWS); /* final: no client tries that again */
}

/* A chain of the same genesis that went another way. */
static void a_follower_stops_at_blocks_that_do_not_follow(void **state)
{
    struct bed *b = *state;
    char key[192];
    struct croft_why why;
    serve(&b->primary, true, false);
    run(&b->primary);
    pay_some(b, &b->primary, 3);
    snprintf(key, sizeof key, "%s/sequencer.key", b->follower.folder);
    char other[192];
    snprintf(other, sizeof other, "%s/sequencer.key", b->primary.folder);
    assert_int_equal(link(other, key), 0);
    serve(&b->follower, true, false);
    run(&b->follower);
    pay_some(b, &b->follower, 2);
    assert_int_equal(unserve(&b->follower), CROFT_OK);

    follow(&b->follower, &b->primary);
    pthread_join(b->follower.thread, NULL); /* it ends by itself */
    why = b->follower.why;
    croft_server_close(b->follower.server);
    croft_follow_close(b->follower.follow);
    b->follower.server = NULL;
    b->follower.follow = NULL;
    croft_home_close(&b->follower.home);
    assert_int_equal(b->follower.ended, CROFT_ERR_BLOCK);
    assert_non_null(strstr(why.text, "block 1 here is another one")); /* and said where they part */
    assert_int_equal(follower_height_of(&b->primary), 0); /* nobody was told that it has blocks */
}

static void snapshots_are_the_same_everywhere_and_restore(void **state)
{
    struct bed *b = *state;
    char one[256], two[256], three[256];
    struct machine third = {.folder = ""};
    struct croft_snapshot_info info;
    struct croft_why why;
    snprintf(one, sizeof one, "%s/one.snapshot", b->primary.folder);
    snprintf(two, sizeof two, "%s/two.snapshot", b->follower.folder);
    snprintf(three, sizeof three, "%s/three.snapshot", b->follower.folder);
    serve(&b->primary, true, false);
    run(&b->primary);
    pay_some(b, &b->primary, 40);
    follow(&b->follower, &b->primary);
    wait_height(&b->follower, 40);
    assert_int_equal(take_snapshot(&b->primary, one), CROFT_OK);
    assert_int_equal(take_snapshot(&b->primary, one), CROFT_ERR_EXISTS);
    assert_int_equal(take_snapshot(&b->follower, two), CROFT_OK);
    assert_true(same_files(one, two));

    test_folder(third.folder);
    if (croft_snapshot_restore(one, third.folder, NULL, croft_world_system(), &info, &why) != CROFT_OK)
        croft_assert_fail(why.text, __FILE__, __LINE__);
    assert_int_equal(info.height, 40);
    assert_true(info.genesis_signer);
    assert_int_equal(croft_snapshot_restore(one, third.folder, NULL, croft_world_system(), &info, &why),
                     CROFT_ERR_EXISTS);
    follow(&third, &b->primary);
    assert_int_equal(take_snapshot(&third, three), CROFT_OK); /* before any block of its own */
    assert_true(same_files(one, three));
    pay_some(b, &b->primary, 10);
    wait_height(&third, 50);
    for (u64 height = 41; height <= 50; height++)
        check_receipt(&third, height); /* the blocks before the snapshot are known only in sum */
    assert_int_equal(unserve(&third), CROFT_OK);

    struct croft_verify_result result;
    assert_int_equal(verify(third.folder, &result), CROFT_OK);
    assert_true(result.from_snapshot);
    assert_int_equal(result.first, 41);
    assert_int_equal(result.last, 50);
    test_remove(third.folder);
}

static void a_changed_snapshot_is_refused(void **state)
{
    struct bed *b = *state;
    char file[256], target[128];
    struct croft_why why;
    struct croft_snapshot_info info;
    snprintf(file, sizeof file, "%s/x.snapshot", b->primary.folder);
    serve(&b->primary, true, false);
    run(&b->primary);
    pay_some(b, &b->primary, 3);
    assert_int_equal(take_snapshot(&b->primary, file), CROFT_OK);
    test_folder(target);
    for (u32 i = 0; i < 20; i++) {
        struct croft_bytes before = slurp(file);
        flip_byte(file, &b->net.rng);
        assert_int_equal(croft_snapshot_restore(file, target, NULL, croft_world_system(), &info, &why),
                         CROFT_ERR_SNAPSHOT);
        int fd = open(file, O_WRONLY | O_TRUNC);
        assert_int_equal(write(fd, before.at, before.len), before.len);
        close(fd);
        free((void *)(uintptr_t)before.at);
    }
    assert_int_equal(truncate(file, 100), 0);
    assert_int_equal(croft_snapshot_restore(file, target, NULL, croft_world_system(), &info, &why),
                     CROFT_ERR_SNAPSHOT);
    test_remove(target);
}

static void verify_finds_a_flipped_byte(void **state)
{
    struct bed *b = *state;
    char file[256];
    struct croft_verify_result result;
    serve(&b->primary, true, false);
    run(&b->primary);
    pay_some(b, &b->primary, 20);
    assert_int_equal(verify(b->primary.folder, &result), CROFT_ERR_LOCKED);
    assert_int_equal(unserve(&b->primary), CROFT_OK);
    assert_int_equal(verify(b->primary.folder, &result), CROFT_OK);
    assert_int_equal(result.txs, 20);
    assert_int_equal(result.state_height, 20);

    snprintf(file, sizeof file, "%s/log/00000001.blk", b->primary.folder);
    for (u32 i = 0; i < 20; i++) {
        struct croft_bytes before = slurp(file);
        flip_byte(file, &b->net.rng);
        assert_int_not_equal(verify(b->primary.folder, &result), CROFT_OK);
        int fd = open(file, O_WRONLY | O_TRUNC);
        assert_int_equal(write(fd, before.at, before.len), before.len);
        close(fd);
        free((void *)(uintptr_t)before.at);
    }
    assert_int_equal(verify(b->primary.folder, &result), CROFT_OK);
}

static void export_has_every_block_and_transaction(void **state)
{
    struct bed *b = *state;
    char line[8192];
    u32 blocks = 0, txs = 0;
    struct croft_why why;
    serve(&b->primary, true, false);
    run(&b->primary);
    pay_some(b, &b->primary, 12);
    assert_int_equal(unserve(&b->primary), CROFT_OK);
    FILE *f = tmpfile();
    const struct croft_export_options o = {
        .path = b->primary.folder, .world = croft_world_system(), .from = 3};
    assert_int_equal(croft_export_folder(&o, f, &why), CROFT_OK);
    rewind(f);
    while (fgets(line, sizeof line, f) != NULL) {
        blocks += strstr(line, "{\"type\":\"block\"") == line;
        txs += strstr(line, "{\"type\":\"tx\"") == line;
    }
    fclose(f);
    assert_int_equal(blocks, 10);
    assert_int_equal(txs, 10);
}

/* ---- what a folder may not be ---- */

static void every_refusal_of_a_folder_says_what_to_do(void **state)
{
    struct bed *b = *state;
    struct croft_why why;
    struct croft_home h;
    char path[256];
    assert_int_equal(croft_home_create(b->primary.folder, &b->net.genesis, NULL, &why), CROFT_ERR_EXISTS);
    assert_int_equal(test_open("/nonexistent/chain", true, &h, &why), CROFT_ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "croft chain init"));
    assert_int_equal(test_open(b->follower.folder, true, &h, &why), CROFT_ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "sequencer.key"));

    test_open_must(b->primary.folder, true, &h);
    struct croft_home second;
    assert_int_equal(test_open(b->primary.folder, true, &second, &why), CROFT_ERR_LOCKED);
    croft_home_close(&h);

    snprintf(path, sizeof path, "%s/sequencer.key", b->primary.folder);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(test_open(b->primary.folder, true, &h, &why), CROFT_ERR_KEY_MODE);
    assert_non_null(strstr(why.text, "chmod 600"));
    assert_int_equal(chmod(path, 0600), 0);

    /* Another network's genesis beside blocks that are there. */
    serve(&b->primary, true, false);
    run(&b->primary);
    pay_some(b, &b->primary, 2);
    assert_int_equal(unserve(&b->primary), CROFT_OK);
    snprintf(path, sizeof path, "%s/genesis.json", b->primary.folder);
    assert_int_equal(unlink(path), 0);
    b->net.genesis.time_s--;
    assert_int_equal(croft_home_create(b->primary.folder, &b->net.genesis, NULL, &why), CROFT_OK);
    assert_int_equal(test_open(b->primary.folder, true, &h, &why), CROFT_ERR_NETWORK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_follower_catches_up_acknowledges_and_is_promoted, start, stop),
        cmocka_unit_test_setup_teardown(a_follower_survives_restarts_on_both_sides, start, stop),
        cmocka_unit_test_setup_teardown(a_follower_takes_no_transactions, start, stop),
        cmocka_unit_test_setup_teardown(a_follower_stops_at_blocks_that_do_not_follow, start, stop),
        cmocka_unit_test_setup_teardown(snapshots_are_the_same_everywhere_and_restore, start, stop),
        cmocka_unit_test_setup_teardown(a_changed_snapshot_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(verify_finds_a_flipped_byte, start, stop),
        cmocka_unit_test_setup_teardown(export_has_every_block_and_transaction, start, stop),
        cmocka_unit_test_setup_teardown(every_refusal_of_a_folder_says_what_to_do, start, stop),
    };
    CROFT_ASSERT(croft_region_map(&room, (size_t)256 << 20));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
