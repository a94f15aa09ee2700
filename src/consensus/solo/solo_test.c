/* The driver by hand: what it does when its key is voted out, when a lane is full, when a pool is filled on
 * credit, and when its clock jumps. */
#include "consensus/solo/solo.h"

#include "consensus/test_int.h"
#include "crypto/keyfile.h"

#include <stdio.h>

enum { TXS_MAX = 300, QUOTA_PER_DAY = 100000 };

/* A world whose clocks are set by hand. */
struct hands {
    struct croft_world world;
    u64 wall_ms, steady_ms;
};

static u64 hands_wall_ms(struct croft_world *w)
{
    return ((struct hands *)w)->wall_ms;
}

static u64 hands_steady_ns(struct croft_world *w)
{
    return ((struct hands *)w)->steady_ms * 1000000;
}

static void hands_entropy(struct croft_world *w, u8 *out, size_t len)
{
    (void)w;
    memset(out, 7, len);
}

static const struct croft_world_ops hands_ops = {hands_wall_ms, hands_steady_ns, hands_entropy};

struct bed {
    struct test_net net;
    struct hands hands;
    Croft__V1__ParamChange param[4], *params[4];
    struct croft_home home;
    struct croft_why why;
};

/* Transactions that went in together. */
struct job {
    struct croft_batch batch;
    struct croft_item item[TXS_MAX];
    u8 room[TXS_MAX * TEST_TX_ROOM], decode[TXS_MAX * TEST_TX_ROOM];
    struct croft_arena mem;
};

static void set_param(struct bed *b, u32 which, u64 value)
{
    Croft__V1__ParamChange *p = &b->param[b->net.genesis.n_params];
    croft__v1__param_change__init(p);
    p->param = which;
    p->value = value;
    b->params[b->net.genesis.n_params++] = p;
    b->net.genesis.params = b->params;
}

static void open_home(struct bed *b, bool accept_clock)
{
    const struct croft_home_options o = {.path = b->net.folder,
                                         .world = &b->hands.world,
                                         .makes_blocks = true,
                                         .accept_clock = accept_clock,
                                         .audit = true};
    if (croft_home_open(&o, &b->home, &b->why) != CROFT_OK)
        croft_assert_fail(b->why.text, __FILE__, __LINE__);
}

static void make_bed(struct bed *b, u64 base_fee)
{
    static u8 room[1 << 16];
    static u64 seed;
    seed = seed ? seed : croft_test_seed();
    CROFT_ASSERT(croft_crypto_start() == CROFT_OK);
    *b = (struct bed){.net.rng = croft_rng_of(seed)};
    u64 now_ms = croft_world_system()->ops->wall_ms(croft_world_system());
    b->hands = (struct hands){.world.ops = &hands_ops, .wall_ms = now_ms, .steady_ms = 1000};
    test_keys(&b->net);
    test_genesis(&b->net);
    set_param(b, CROFT_PARAM_COST_SIGNATURE, 1000);
    set_param(b, CROFT_PARAM_BLOCK_COST_MAX, 100001); /* some ninety transfers */
    set_param(b, CROFT_PARAM_BLOCK_QUOTA_COST_MAX, 10000);
    set_param(b, CROFT_PARAM_BASE_FEE_MIN, base_fee);
    b->net.network = croft_genesis_id(&b->net.genesis, (struct croft_arena){room, room + sizeof room});
    test_folder(b->net.folder);
    CROFT_ASSERT(croft_home_create(b->net.folder, &b->net.genesis, &b->net.sequencer, &b->why) == CROFT_OK);
    open_home(b, false);
}

static void drop_bed(struct bed *b)
{
    croft_home_close(&b->home);
    test_net_drop(&b->net);
    free(b);
}

static struct job *new_job(void)
{
    struct job *j = calloc(1, sizeof *j);
    CROFT_ASSERT(j != NULL);
    j->mem = (struct croft_arena){j->room, j->room + sizeof j->room};
    return j;
}

static void add(struct bed *b, struct job *j, u32 from, Croft__V1__TxBody *body)
{
    struct test_net *n = &b->net;
    const struct croft_secret_key *keys[] = {&n->secret[from]};
    struct croft_hash id;
    const u8 signer = 0;
    CROFT_ASSERT(j->batch.count < TXS_MAX);
    body->format = 1;
    body->account_address = test_view(n->address[from].b, 32);
    body->nonce = ++n->nonce[from];
    body->valid_until_s = b->hands.wall_ms / 1000 + 3600;
    body->fee_max = body->lane == CROFT_LANE_QUOTA ? 0 : UINT64_MAX;
    body->key_set = croft_key_set_single(&n->key[from], &j->mem);
    croft_err err = croft_tx_build(body, &n->network, keys, &signer, 1, &j->mem,
                                   &j->item[j->batch.count++].bytes, &id);
    CROFT_ASSERT(err == CROFT_OK);
}

static void add_transfer(struct bed *b, struct job *j, u32 from, u32 to)
{
    Croft__V1__Leg leg = CROFT__V1__LEG__INIT, *legs[] = {&leg};
    Croft__V1__Transfer transfer = CROFT__V1__TRANSFER__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    leg.to_address = test_view(b->net.address[to].b, 32);
    leg.amount = 1;
    transfer.n_legs = 1;
    transfer.legs = legs;
    body.op_case = CROFT__V1__TX_BODY__OP_TRANSFER;
    body.transfer = &transfer;
    add(b, j, from, &body);
}

static void add_proposal(struct bed *b, struct job *j, Croft__V1__Propose *p, u64 id)
{
    Croft__V1__Vote vote = CROFT__V1__VOTE__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    p->id = id;
    p->expires_s = b->hands.wall_ms / 1000 + 3600;
    body.op_case = CROFT__V1__TX_BODY__OP_PROPOSE;
    body.propose = p;
    add(b, j, 0, &body);
    croft__v1__tx_body__init(&body);
    vote.proposal = id;
    vote.yes = true;
    body.op_case = CROFT__V1__TX_BODY__OP_VOTE;
    body.vote = &vote;
    add(b, j, 0, &body);
}

static void propose_validator(struct bed *b, struct job *j, const struct croft_public_key *key, u64 power, u64 id)
{
    Croft__V1__ValidatorChange change = CROFT__V1__VALIDATOR_CHANGE__INIT;
    Croft__V1__Propose p = CROFT__V1__PROPOSE__INIT;
    change.public_key = test_view(key->b, 32);
    change.operator_address = test_view(b->net.address[0].b, 32);
    change.power = power;
    p.change_case = CROFT__V1__PROPOSE__CHANGE_VALIDATOR;
    p.validator = &change;
    add_proposal(b, j, &p, id);
}

static void propose_quota(struct bed *b, struct job *j, u32 account, u64 id)
{
    Croft__V1__QuotaChange change = CROFT__V1__QUOTA_CHANGE__INIT;
    Croft__V1__Propose p = CROFT__V1__PROPOSE__INIT;
    change.account_address = test_view(b->net.address[account].b, 32);
    change.cost_per_day = QUOTA_PER_DAY;
    p.change_case = CROFT__V1__PROPOSE__CHANGE_QUOTA;
    p.quota = &change;
    add_proposal(b, j, &p, id);
}

static void add_pending_open(struct bed *b, struct job *j, u32 from, u64 id)
{
    Croft__V1__PendingOpen open;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    croft__v1__pending_open__init(&open);
    open.id = id;
    open.payee_address = test_view(b->net.address[1].b, 32);
    open.amount = 5;
    open.expires_s = b->hands.wall_ms / 1000 + 7200;
    body.op_case = CROFT__V1__TX_BODY__OP_PENDING_OPEN;
    body.pending_open = &open;
    add(b, j, from, &body);
}

static void add_quota_post(struct bed *b, struct job *j, u32 from, u64 id)
{
    Croft__V1__PendingPost post = CROFT__V1__PENDING_POST__INIT;
    Croft__V1__TxBody body = CROFT__V1__TX_BODY__INIT;
    post.payer_address = test_view(b->net.address[from].b, 32);
    post.id = id;
    post.amount = 5;
    body.lane = CROFT_LANE_QUOTA;
    body.op_case = CROFT__V1__TX_BODY__OP_PENDING_POST;
    body.pending_post = &post;
    add(b, j, from, &body);
}

static void give(struct bed *b, struct job *j)
{
    struct croft_solo *s = b->home.solo;
    j->batch.item = j->item;
    j->batch.mem = (struct croft_arena){j->decode, j->decode + sizeof j->decode};
    croft_solo_admit(s, &j->batch);
    croft_items_verify(j->item, j->batch.count);
    if (j->batch.left > 0)
        croft_solo_queue(s, &j->batch);
}

static croft_err step(struct bed *b, struct croft_batch **out_done)
{
    return croft_solo_step(b->home.solo, out_done, &b->why);
}

static void must_be_done(const struct job *j)
{
    for (u32 i = 0; i < j->batch.count; i++) {
        assert_int_equal(j->item[i].phase, CROFT_ITEM_DONE);
        assert_int_equal(j->item[i].err, CROFT_OK);
    }
}

/* ---- tests ---- */

static void a_key_that_is_voted_out_makes_no_more_blocks(void **state)
{
    struct bed *b = calloc(1, sizeof *b);
    struct job *vote = new_job(), *later = new_job();
    struct croft_batch *done;
    struct croft_secret_key next;
    char file[256];
    (void)state;
    make_bed(b, 1000);
    u8 random[32];
    croft_rng_fill(&b->net.rng, random, sizeof random);
    croft_secret_key_from_seed(&next, random);
    struct croft_public_key next_public = croft_public_key_of(&next);
    propose_validator(b, vote, &next_public, 1, 1);
    propose_validator(b, vote, &b->net.sequencer_key, 0, 2);
    give(b, vote);
    assert_int_equal(step(b, &done), CROFT_OK);
    must_be_done(vote);

    add_transfer(b, later, 1, 2);
    give(b, later);
    assert_int_equal(croft_solo_wait_ms(b->home.solo), 0); /* it stops without waiting for work */
    assert_int_equal(step(b, &done), CROFT_ERR_SEQUENCER);
    assert_non_null(strstr(b->why.text, "sequencer.key"));
    assert_null(done);
    assert_int_equal(croft_ledger_height(croft_solo_ledger(b->home.solo)), 1);

    /* The old key opens nothing, the new one goes on. */
    croft_home_close(&b->home);
    const struct croft_home_options o = {
        .path = b->net.folder, .world = &b->hands.world, .makes_blocks = true, .audit = true};
    assert_int_equal(croft_home_open(&o, &b->home, &b->why), CROFT_ERR_SEQUENCER);
    char text[CROFT_KEYFILE_MAX];
    assert_int_equal(croft_keyfile_write(&next, NULL, false, croft_world_system(), text), CROFT_OK);
    snprintf(file, sizeof file, "%s/sequencer.key", b->net.folder);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
    open_home(b, false);
    struct job *again = new_job();
    b->net.nonce[1]--;
    add_transfer(b, again, 1, 2);
    give(b, again);
    assert_int_equal(step(b, &done), CROFT_OK);
    must_be_done(again);
    drop_bed(b);
    free(vote);
    free(later);
    free(again);
}

/* A log whose last block carries a signature that is not its sequencer's: only the signature was exchanged. */
static void replay_checks_who_signed_each_block(void **state)
{
    struct bed *b = calloc(1, sizeof *b);
    struct job *j = new_job();
    struct croft_batch *done;
    (void)state;
    make_bed(b, 1000);
    add_transfer(b, j, 1, 2);
    give(b, j);
    assert_int_equal(step(b, &done), CROFT_OK);
    struct croft_bytes block = croft_solo_last_block(b->home.solo);
    u8 forged[CROFT_BLOCK_HEAD_BYTES + 4096];
    assert_true(block.len <= sizeof forged);
    memcpy(forged, block.at, block.len);
    forged[CROFT_HEADER_BYTES] ^= 1;
    struct croft_bytes bytes = {forged, block.len};

    /* A second folder of the same network whose log begins with that block. */
    struct croft_home second;
    char folder[128];
    test_folder(folder);
    assert_int_equal(croft_home_create(folder, &b->net.genesis, NULL, &b->why), CROFT_OK);
    test_open_must(folder, false, &second);
    assert_int_equal(croft_blocklog_append(croft_solo_log(second.solo), bytes, &b->why), CROFT_OK);
    croft_home_close(&second);
    assert_int_equal(test_open(folder, false, &second, &b->why), CROFT_ERR_BLOCK);
    assert_non_null(strstr(b->why.text, "signature"));
    test_remove(folder);
    drop_bed(b);
    free(j);
}

static void a_full_normal_lane_does_not_stop_settlement(void **state)
{
    struct bed *b = calloc(1, sizeof *b);
    struct job *before = new_job(), *flood = new_job(), *settle = new_job();
    struct croft_batch *done;
    (void)state;
    make_bed(b, 1000);
    propose_quota(b, before, 3, 1);
    for (u64 id = 0; id < 3; id++)
        add_pending_open(b, before, 3, id);
    give(b, before);
    assert_int_equal(step(b, &done), CROFT_OK);
    must_be_done(before);

    for (u32 i = 0; i < TXS_MAX; i++) /* more than three blocks */
        add_transfer(b, flood, 4 + i % 8, 2);
    add_quota_post(b, settle, 3, 0);
    add_quota_post(b, settle, 3, 1);
    give(b, flood);
    give(b, settle);
    assert_int_equal(step(b, &done), CROFT_OK);
    must_be_done(settle);
    assert_int_equal(settle->item[0].height, 2);
    assert_ptr_equal(done, &settle->batch); /* told at once, before those that came earlier */
    assert_null(done->behind);
    assert_true(flood->batch.left > 0);
    for (u32 blocks = 0; flood->batch.left > 0; blocks++) {
        assert_true(blocks < 10);
        assert_int_equal(step(b, &done), CROFT_OK);
    }
    must_be_done(flood);
    for (u32 i = 1; i < TXS_MAX; i++) { /* in order of arrival all the same */
        const struct croft_item *x = &flood->item[i - 1], *y = &flood->item[i];
        assert_true((x->height << 32 | x->index) < (y->height << 32 | y->index));
    }
    assert_int_equal(croft_solo_waiting(b->home.solo), 0);
    drop_bed(b);
    free(before);
    free(flood);
    free(settle);
}

static void what_waits_must_be_paid_for(void **state)
{
    struct bed *b = calloc(1, sizeof *b);
    struct job *j = new_job(), *after = new_job();
    struct croft_batch *done;
    u32 admitted = 0;
    (void)state;
    make_bed(b, 100000000); /* a transfer is a tenth of what the account has */
    for (u32 i = 0; i < 30; i++)
        add_transfer(b, j, 1, 2);
    add_transfer(b, j, 3, 2);
    give(b, j);
    u64 fee = j->item[0].fee_held, has = 1000 * CROFT_UNITS_PER_CREDIT;
    for (u32 i = 0; i < 30; i++) {
        admitted += j->item[i].phase == CROFT_ITEM_VERIFIED;
        assert_true(j->item[i].phase == CROFT_ITEM_VERIFIED || j->item[i].err == CROFT_ERR_TX_FUNDS);
    }
    assert_true(fee > 0);
    assert_int_equal(admitted, has / fee);
    assert_int_equal(j->item[30].phase, CROFT_ITEM_VERIFIED); /* another's account is its own business */
    while (j->batch.left > 0)
        assert_int_equal(step(b, &done), CROFT_OK);
    b->net.nonce[3]++;
    add_transfer(b, after, 3, 2);
    give(b, after); /* nothing of it is held any more */
    assert_int_equal(after->item[0].phase, CROFT_ITEM_VERIFIED);
    drop_bed(b);
    free(j);
    free(after);
}

static void a_clock_that_jumps_ahead_makes_no_block(void **state)
{
    struct bed *b = calloc(1, sizeof *b);
    struct job *job[5];
    struct croft_batch *done;
    u64 ahead_ms, day_ms = 24 * 3600 * 1000;
    (void)state;
    make_bed(b, 1000);
    for (u32 i = 0; i < 5; i++) {
        job[i] = new_job();
        add_transfer(b, job[i], i, 5);
    }
    give(b, job[0]);
    assert_int_equal(step(b, &done), CROFT_OK);
    u64 before_ms = croft_solo_last_time_ms(b->home.solo);
    give(b, job[1]);

    b->hands.wall_ms += day_ms;
    assert_true(croft_solo_clock_is_wrong(b->home.solo, &ahead_ms));
    assert_int_equal(ahead_ms, day_ms);
    give(b, job[2]);
    assert_int_equal(job[2]->item[0].err, CROFT_ERR_CLOCK);
    assert_int_equal(step(b, &done), CROFT_ERR_CLOCK); /* who waits is told */
    assert_non_null(strstr(b->why.text, "--accept-clock"));
    assert_ptr_equal(done, &job[1]->batch);
    assert_int_equal(job[1]->item[0].err, CROFT_ERR_CLOCK);
    assert_int_equal(croft_solo_last_time_ms(b->home.solo), before_ms);

    b->hands.wall_ms -= day_ms; /* set right: it goes on by itself */
    give(b, job[3]);
    assert_int_equal(step(b, &done), CROFT_OK);
    must_be_done(job[3]);

    /* A clock that was a day behind and is set right has not jumped. */
    b->hands.wall_ms -= day_ms;
    assert_false(croft_solo_clock_is_wrong(b->home.solo, &ahead_ms));
    b->hands.wall_ms += day_ms;
    assert_false(croft_solo_clock_is_wrong(b->home.solo, &ahead_ms));

    /* A night without a transaction is no jump; nor is anything with accept_clock. */
    b->hands.wall_ms += day_ms / 2;
    b->hands.steady_ms += day_ms / 2;
    assert_false(croft_solo_clock_is_wrong(b->home.solo, &ahead_ms));
    croft_home_close(&b->home);
    open_home(b, true);
    assert_false(croft_solo_clock_is_wrong(b->home.solo, &ahead_ms));
    b->hands.wall_ms += day_ms;
    assert_false(croft_solo_clock_is_wrong(b->home.solo, &ahead_ms));
    drop_bed(b);
    for (u32 i = 0; i < 5; i++)
        free(job[i]);
}

/* A block by a validator, dated where the ledger's arithmetic ends. */
static void a_block_of_no_time_is_refused(void **state)
{
    struct bed *b = calloc(1, sizeof *b);
    struct job *j = new_job();
    struct croft_batch *done;
    struct croft_home second;
    char folder[128];
    static u8 scratch[1 << 20];
    (void)state;
    make_bed(b, 1000);
    add_transfer(b, j, 1, 2);
    give(b, j);
    assert_int_equal(step(b, &done), CROFT_OK);
    struct croft_bytes block = croft_solo_last_block(b->home.solo);
    u8 *bytes = malloc(block.len);
    struct croft_header h;
    CROFT_ASSERT(bytes != NULL);
    memcpy(bytes, block.at, block.len);
    assert_int_equal(croft_block_peek(block, &h), CROFT_OK);
    h.time_ms = UINT64_MAX;
    struct croft_hash id = croft_block_id(&h);
    struct croft_signature signature = croft_sign(&b->net.sequencer, (struct croft_bytes){id.b, sizeof id.b});
    croft_block_seal(&h, &signature, bytes);

    test_folder(folder);
    assert_int_equal(croft_home_create(folder, &b->net.genesis, NULL, &b->why), CROFT_OK);
    test_open_must(folder, false, &second);
    struct croft_arena mem = {scratch, scratch + sizeof scratch};
    assert_int_equal(croft_solo_apply(second.solo, (struct croft_bytes){bytes, block.len}, mem, &b->why),
                     CROFT_ERR_BLOCK);
    assert_int_equal(croft_solo_apply(second.solo, block, mem, &b->why), CROFT_OK);
    croft_home_close(&second);
    test_remove(folder);
    drop_bed(b);
    free(bytes);
    free(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_is_voted_out_makes_no_more_blocks),
        cmocka_unit_test(replay_checks_who_signed_each_block),
        cmocka_unit_test(a_full_normal_lane_does_not_stop_settlement),
        cmocka_unit_test(what_waits_must_be_paid_for),
        cmocka_unit_test(a_clock_that_jumps_ahead_makes_no_block),
        cmocka_unit_test(a_block_of_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
