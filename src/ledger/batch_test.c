#include "ledger/batch_test_int.h"

/* ---- bits ---- */

static croft_err move_tasks(struct chain *c, u32 first, u32 count, u32 from, u32 to)
{
    u8 key[40];
    chain_order_key(c, BUYER, ORDER, key);
    return croft_tasks_move(c->l, key, first, count, (enum croft_task_bits)from, (enum croft_task_bits)to);
}

static void test_page_boundaries(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(CROFT_TASKS_MAX);
    batch_start(&c, &t);
    chain_next(&c, 1);
    assert_int_equal(move_tasks(&c, 4095, 2, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_OK);
    assert_int_equal(batch_bits(&c, 4094), CROFT_TASK_OPEN);
    assert_int_equal(batch_bits(&c, 4095), CROFT_TASK_WITH_NODE);
    assert_int_equal(batch_bits(&c, 4096), CROFT_TASK_WITH_NODE);
    assert_int_equal(batch_bits(&c, 4097), CROFT_TASK_OPEN);
    assert_int_equal(batch_record(&c).open, CROFT_TASKS_MAX - 2);

    /* One task of it that is not open refuses the whole range, and nothing of it is moved. */
    assert_int_equal(move_tasks(&c, 4096, 4096, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_ERR_OP_TASKS);
    assert_int_equal(move_tasks(&c, 0, 4096, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_ERR_OP_TASKS);
    assert_int_equal(batch_bits_count(&c, 0, 8192, CROFT_TASK_WITH_NODE), 2);
    assert_int_equal(move_tasks(&c, 0, 4095, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_OK);
    assert_int_equal(move_tasks(&c, 4097, 4096, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_OK);
    assert_int_equal(batch_bits_count(&c, 0, 8193, CROFT_TASK_WITH_NODE), 8193);
    assert_int_equal(batch_bits(&c, 8193), CROFT_TASK_OPEN);

    assert_int_equal(move_tasks(&c, CROFT_TASKS_MAX - 1, 1, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_OK);
    assert_int_equal(move_tasks(&c, CROFT_TASKS_MAX - 1, 2, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_ERR_OP_TASKS);
    assert_int_equal(move_tasks(&c, CROFT_TASKS_MAX, 1, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_ERR_OP_TASKS);
    assert_int_equal(move_tasks(&c, UINT32_MAX, 2, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_ERR_OP_TASKS);
    assert_int_equal(move_tasks(&c, 20000, 0, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_ERR_OP_TASKS);
    assert_int_equal(move_tasks(&c, 20000, 4097, CROFT_TASK_OPEN, CROFT_TASK_WITH_NODE), CROFT_ERR_OP_TASKS);
    assert_int_equal(batch_record(&c).open, CROFT_TASKS_MAX - 8194);
    croft_ledger_block_undo(c.l);
    chain_stop(&c);
}

static void expect_bits(const struct chain *c, const u8 *want, u32 tasks)
{
    u32 open = 0, done = 0;
    u8 *is = calloc(tasks, 1);
    assert_non_null(is);
    batch_bits_all(c, tasks, is);
    assert_memory_equal(is, want, tasks);
    for (u32 i = 0; i < tasks; i++) {
        open += want[i] == CROFT_TASK_OPEN;
        done += want[i] == CROFT_TASK_ACCEPTED;
    }
    assert_int_equal(batch_record(c).open, open);
    assert_int_equal(batch_record(c).done, done);
    free(is);
}

/* Random ranges and states against an array with a byte for each task. */
static void test_bits_random(void **state)
{
    (void)state;
    enum { TASKS = 9001, STEPS = 3000 };
    static u8 model[TASKS];
    struct chain c;
    struct chain_order t = batch_terms(TASKS);
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    batch_start(&c, &t);
    chain_next(&c, 1);
    memset(model, CROFT_TASK_OPEN, sizeof model);
    for (u32 step = 0; step < STEPS; step++) {
        u32 first = (u32)croft_rng_below(&rng, TASKS + 2), count = (u32)croft_rng_below(&rng, step % 3 ? 8 : 4098);
        u32 seen = first < TASKS ? model[first] % 3 : 0;
        u32 from = croft_rng_chance(&rng, 3) ? (u32)croft_rng_below(&rng, 3) : seen;
        u32 to = (from + 1 + (u32)croft_rng_below(&rng, 3)) % 4;
        to = to == CROFT_TASK_ACCEPTED && !croft_rng_chance(&rng, 50) ? CROFT_TASK_OPEN : to;
        to = to == from ? (from + 1) % 3 : to;
        bool fits = count >= 1 && count <= CROFT_RANGE_TASKS_MAX && first + count <= TASKS;
        for (u32 i = first; fits && i < first + count; i++)
            fits = model[i] == from;
        assert_int_equal(move_tasks(&c, first, count, from, to), fits ? CROFT_OK : CROFT_ERR_OP_TASKS);
        if (fits)
            memset(model + first, (int)to, count);
        if (step % 50 == 0)
            expect_bits(&c, model, TASKS);
    }
    expect_bits(&c, model, TASKS);
    croft_ledger_block_undo(c.l);
    chain_stop(&c);
}

/* ---- every operation in every state ---- */

enum range_state { WORKING, COMMITTED, DISPUTED, CONTESTED, GONE, RANGE_STATES };

/* A range of 10 tasks from 100 in this state, in an open block; 3 of them rejected. */
static void reach(struct chain *c, enum range_state s)
{
    struct chain_order t = batch_terms(200);
    t.arbiter = ARBITER;
    batch_start(c, &t);
    chain_must(c, batch_take(c, FIRST_NODE, 100, 10));
    if (s >= COMMITTED)
        chain_must(c, batch_commit(c, FIRST_NODE, 1));
    if (s >= DISPUTED && s < GONE)
        chain_must(c, chain_reject(c, chain_task_review(c, BUYER, ORDER, 1), 103, 3));
    if (s >= CONTESTED && s < GONE)
        chain_must(c, chain_task_contest(c, FIRST_NODE, BUYER, ORDER, 1));
    if (s == GONE)
        chain_must(c, chain_task_review(c, BUYER, ORDER, 1));
    chain_next(c, 1);
}

enum range_op { COMMIT, REVIEW, CONTEST, JUDGE, SLASH, RANGE_OPS };

static Croft__V1__TxBody *operation(struct chain *c, enum range_op op, u32 n)
{
    struct croft_hash root = batch_result(1, 1), other = batch_result(2, 2);
    switch (op) {
    case COMMIT:
        return chain_lease_commit(c, n, BUYER, ORDER, 1, &root);
    case REVIEW:
        return chain_task_review(c, n, ORDER, 1);
    case CONTEST:
        return chain_task_contest(c, n, BUYER, ORDER, 1);
    case JUDGE:
        return chain_task_judge(c, n, BUYER, ORDER, 1, true);
    case SLASH:
        return chain_slash(c, n, FIRST_NODE, chain_lease_id(c, BUYER, ORDER, 1), 1, 100, &root, &other);
    case RANGE_OPS:
        break;
    }
    CROFT_UNREACHABLE("no such operation");
    return NULL;
}

/* Another's review names the buyer's order, as a buyer's would. */
static Croft__V1__TxBody *operation_by(struct chain *c, enum range_op op, u32 n)
{
    Croft__V1__TxBody *body = operation(c, op, n);
    if (op == REVIEW)
        body->task_review->lease = chain_lease_id(c, BUYER, ORDER, 1);
    return body;
}

static void test_every_operation_in_every_state(void **state)
{
    (void)state;
    static const u32 signer[RANGE_OPS] = {FIRST_NODE, BUYER, FIRST_NODE, ARBITER, STRANGER};
    static const enum range_state right[RANGE_OPS] = {WORKING, COMMITTED, DISPUTED, CONTESTED, RANGE_STATES};
    for (u32 s = 0; s < RANGE_STATES; s++) {
        struct chain c;
        reach(&c, (enum range_state)s);
        for (u32 op = 0; op < RANGE_OPS; op++) {
            bool gone = s == GONE, works = s == right[op];
            croft_err err = gone ? CROFT_ERR_OP_NOT_FOUND : works ? CROFT_OK : CROFT_ERR_OP_STATE;
            if (op == SLASH && !gone)
                err = s == WORKING ? CROFT_ERR_OP_STATE : CROFT_ERR_OP_PROOF;
            if (op != SLASH)
                assert_int_equal(chain_do(&c, operation_by(&c, (enum range_op)op, SECOND_NODE)),
                                 gone ? CROFT_ERR_OP_NOT_FOUND : CROFT_ERR_OP_NOT_YOURS);
            assert_int_equal(chain_do(&c, operation_by(&c, (enum range_op)op, signer[op])), err);
            croft_ledger_block_undo(c.l);
            chain_begin(&c, 0);
        }
        chain_end(&c);
        chain_stop(&c);
    }
}

/* Leases that are no ranges know none of these. */
static void test_a_service_has_no_tasks(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = chain_order_terms(ORDER);
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    chain_add_take(&t, FIRST_NODE, 0, CHAIN_PRICE);
    batch_nodes(&c, 1);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_must(&c, chain_lease_ack(&c, FIRST_NODE, BUYER, ORDER, 1, false));
    assert_int_equal(chain_do(&c, operation(&c, COMMIT, FIRST_NODE)), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, operation_by(&c, REVIEW, BUYER)), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, operation(&c, CONTEST, FIRST_NODE)), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, operation(&c, SLASH, STRANGER)), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, operation(&c, JUDGE, ARBITER)), CROFT_ERR_OP_NOT_YOURS);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- taking, committing ---- */

static void test_open_takes_deposits(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(8193);
    chain_market_open(&c, false);
    chain_begin(&c, 1);
    struct purse p = batch_purse(&c);
    u64 one = chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    p.buyer -= t.amount + 5 * one; /* the order, the batch, three pages */
    p.leases += t.amount;
    p.deposits += 5 * one;
    purse_expect(&c, &p);
    assert_int_equal(batch_record(&c).open, 8193);
    chain_next(&c, 1);
    chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    p.buyer += t.amount + 5 * one;
    p.leases -= t.amount;
    p.deposits -= 5 * one;
    purse_expect(&c, &p);
    assert_false(chain_has_order(&c, BUYER, ORDER));
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_BATCHES), 0);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_PAGES), 0);
    chain_end(&c);
    chain_stop(&c);
}

static void test_take(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(5000);
    batch_start(&c, &t);
    assert_int_equal(chain_do(&c, batch_take(&c, FIRST_NODE, 4999, 2)), CROFT_ERR_OP_TASKS);
    assert_int_equal(chain_do(&c, batch_take(&c, FIRST_NODE, 5000, 1)), CROFT_ERR_OP_TASKS);
    chain_must(&c, batch_take(&c, FIRST_NODE, 4090, 10));
    struct croft_lease_record r = chain_lease(&c, BUYER, ORDER, 1);
    assert_int_equal(r.state, CROFT_LEASE_ACKED);
    assert_int_equal(r.mode, CROFT_LEASE_COUNTED);
    assert_int_equal(r.kind, CROFT_PRICE_FRAME);
    assert_int_equal(r.units_max, 10);
    assert_int_equal(r.first_task, 4090);
    assert_int_equal(r.due_s, c.now_s + t.timeout_s);
    assert_int_equal(croft_amt_units(r.aside), 10 * TASK_PRICE);
    assert_int_equal(batch_bits_count(&c, 4090, 10, CROFT_TASK_WITH_NODE), 10);
    assert_int_equal(batch_record(&c).open, 4990);
    /* A task that is with a node is nobody else's; nor is a busy device. */
    assert_int_equal(chain_do(&c, batch_take(&c, SECOND_NODE, 4099, 2)), CROFT_ERR_OP_TASKS);
    assert_int_not_equal(chain_do(&c, batch_take(&c, FIRST_NODE, 0, 2)), CROFT_OK);
    chain_must(&c, batch_take(&c, SECOND_NODE, 4100, 2));
    chain_end(&c);
    chain_stop(&c);
}

static void test_commit_frees_the_device(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(100);
    batch_start(&c, &t);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    assert_int_equal(chain_device(&c, FIRST_NODE, 0).state, CROFT_DEVICE_LEASED);
    chain_next(&c, 5);
    struct croft_hash root = batch_root(&c, 1);
    chain_must(&c, chain_lease_commit(&c, FIRST_NODE, BUYER, ORDER, 1, &root));
    struct croft_lease_record r = chain_lease(&c, BUYER, ORDER, 1);
    assert_int_equal(r.state, CROFT_LEASE_COMMITTED);
    assert_int_equal(r.due_s, c.now_s + t.window_s);
    assert_memory_equal(r.digest.b, root.b, sizeof root.b);
    assert_int_equal(chain_device(&c, FIRST_NODE, 0).state, CROFT_DEVICE_LISTED);
    chain_must(&c, batch_take(&c, FIRST_NODE, 10, 10));
    /* The first range ends while its device works on the second. */
    chain_must(&c, chain_task_review(&c, BUYER, ORDER, 1));
    assert_int_equal(chain_device(&c, FIRST_NODE, 0).state, CROFT_DEVICE_LEASED);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- review ---- */

static void test_accept_all(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(100);
    batch_start(&c, &t);
    struct purse p = batch_purse(&c);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
    chain_must(&c, chain_task_review(&c, BUYER, ORDER, 1));
    assert_int_equal(c.receipt.value, 10 * TASK_PRICE);
    purse_pay(&p, 10);
    purse_expect(&c, &p);
    assert_false(chain_has_lease(&c, BUYER, ORDER, 1));
    assert_int_equal(batch_record(&c).done, 10);
    assert_int_equal(batch_record(&c).open, 90);
    assert_int_equal(chain_provider(&c, OWNER).leases_done, 1);
    assert_int_equal(croft_amt_units(chain_provider(&c, OWNER).exposure), 0);
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).aside), 0);
    /* What is accepted cannot be taken again. */
    assert_int_equal(chain_do(&c, batch_take(&c, SECOND_NODE, 9, 2)), CROFT_ERR_OP_TASKS);
    chain_end(&c);
    chain_stop(&c);
}

static void test_review_refuses_other_tasks(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(100);
    batch_start(&c, &t);
    chain_must(&c, batch_take(&c, FIRST_NODE, 10, 10));
    chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
    static const u32 wrong[][2] = {{9, 1}, {20, 1}, {9, 2}, {19, 2}, {0, 100}, {5, 20}};
    for (u32 i = 0; i < CROFT_COUNT(wrong); i++) {
        Croft__V1__TxBody *review = chain_task_review(&c, BUYER, ORDER, 1);
        assert_int_equal(chain_do(&c, chain_reject(&c, review, wrong[i][0], wrong[i][1])), CROFT_ERR_OP_TASKS);
    }
    Croft__V1__TxBody *twice = chain_task_review(&c, BUYER, ORDER, 1);
    chain_reject(&c, twice, 12, 3);
    assert_int_equal(chain_do(&c, chain_reject(&c, twice, 14, 1)), CROFT_ERR_TX_RANGE);
    assert_int_equal(batch_bits_count(&c, 10, 10, CROFT_TASK_WITH_NODE), 10);
    Croft__V1__TxBody *edges = chain_task_review(&c, BUYER, ORDER, 1);
    chain_reject(&c, edges, 10, 1);
    chain_must(&c, chain_reject(&c, edges, 19, 1));
    assert_int_equal(batch_record(&c).done, 8);
    chain_end(&c);
    chain_stop(&c);
}

static void test_reject_without_arbiter_is_final(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(100);
    batch_start(&c, &t);
    struct purse p = batch_purse(&c);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
    chain_must(&c, chain_reject(&c, chain_task_review(&c, BUYER, ORDER, 1), 4, 3));
    purse_pay(&p, 7);
    p.buyer -= batch_bond(3);
    p.fees += batch_bond(3);
    purse_expect(&c, &p);
    assert_false(chain_has_lease(&c, BUYER, ORDER, 1));
    assert_int_equal(batch_bits_count(&c, 4, 3, CROFT_TASK_OPEN), 3);
    assert_int_equal(batch_record(&c).open, 93);
    /* Another node does them again, and they are paid once. */
    chain_must(&c, batch_take(&c, SECOND_NODE, 4, 3));
    chain_must(&c, batch_commit(&c, SECOND_NODE, 2));
    chain_must(&c, chain_task_review(&c, BUYER, ORDER, 2));
    purse_pay(&p, 3);
    purse_expect(&c, &p);
    assert_int_equal(batch_record(&c).done, 10);
    chain_end(&c);
    chain_stop(&c);
}

static void test_reject_needs_the_bond(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(100);
    batch_start(&c, &t);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
    u64 all = chain_balance(&c, BUYER, CROFT_ASSET_CREDIT);
    chain_must(&c, chain_transfer(&c, BUYER, STRANGER, CROFT_ASSET_CREDIT, all - batch_bond(3)));
    assert_int_equal(chain_do(&c, chain_reject(&c, chain_task_review(&c, BUYER, ORDER, 1), 0, 4)), CROFT_ERR_OP_FUNDS);
    assert_int_equal(batch_bits_count(&c, 0, 10, CROFT_TASK_WITH_NODE), 10);
    chain_must(&c, chain_reject(&c, chain_task_review(&c, BUYER, ORDER, 1), 0, 3));
    assert_int_equal(chain_balance(&c, BUYER, CROFT_ASSET_CREDIT), 0);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- time ---- */

static void test_silence_accepts(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(100);
    batch_start(&c, &t);
    struct purse p = batch_purse(&c);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
    chain_next(&c, t.window_s - 1);
    assert_true(chain_has_lease(&c, BUYER, ORDER, 1));
    chain_next(&c, 1);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_TASKS_ACCEPTED), 1);
    purse_pay(&p, 10);
    purse_expect(&c, &p);
    assert_int_equal(chain_do(&c, chain_reject(&c, chain_task_review(&c, BUYER, ORDER, 1), 0, 1)),
                     CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(batch_record(&c).done, 10);
    chain_end(&c);
    chain_stop(&c);
}

static void test_timeout_and_retry(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(100);
    batch_start(&c, &t);
    struct purse p = batch_purse(&c);
    chain_must(&c, batch_take(&c, FIRST_NODE, 20, 10));
    struct croft_hash root = batch_root(&c, 1);
    chain_next(&c, t.timeout_s - 1);
    assert_int_equal(chain_do(&c, batch_take(&c, SECOND_NODE, 20, 10)), CROFT_ERR_OP_TASKS);
    chain_next(&c, 1);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_TASKS_TIMED_OUT), 1);
    assert_int_equal(chain_do(&c, chain_lease_commit(&c, FIRST_NODE, BUYER, ORDER, 1, &root)), CROFT_ERR_OP_NOT_FOUND);
    purse_expect(&c, &p);
    assert_int_equal(chain_provider(&c, OWNER).leases_failed, 1);
    assert_int_equal(croft_amt_units(chain_provider(&c, OWNER).exposure), 0);
    assert_int_equal(chain_device(&c, FIRST_NODE, 0).state, CROFT_DEVICE_LISTED);
    assert_int_equal(batch_record(&c).open, 100);
    chain_must(&c, batch_take(&c, SECOND_NODE, 20, 10));
    chain_must(&c, batch_commit(&c, SECOND_NODE, 2));
    chain_must(&c, chain_task_review(&c, BUYER, ORDER, 2));
    purse_pay(&p, 10);
    purse_expect(&c, &p);
    chain_end(&c);
    chain_stop(&c);
}

/* With one due record a block, a backlog: an operation sees what is due all the same. */
static void test_late_means_due_first(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(100);
    chain_open(&c);
    Croft__V1__Genesis *g = chain_market_genesis(&c, false);
    chain_param(&c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, 1);
    chain_start(&c, g);
    chain_begin(&c, 1);
    batch_nodes(&c, 2);
    chain_must(&c, chain_order_open(&c, BUYER, &t));
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    chain_must(&c, batch_take(&c, SECOND_NODE, 10, 10));
    chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
    chain_must(&c, batch_commit(&c, SECOND_NODE, 2));
    chain_next(&c, t.window_s);
    assert_int_equal(batch_record(&c).done, 10);
    assert_true(chain_has_lease(&c, BUYER, ORDER, 2));
    assert_int_equal(chain_do(&c, chain_reject(&c, chain_task_review(&c, BUYER, ORDER, 2), 10, 10)),
                     CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(batch_record(&c).done, 10); /* what failed took its touch back */
    chain_next(&c, 0);
    assert_int_equal(batch_record(&c).done, 20);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- what else may be asked of a range ---- */

static void test_node_gives_tasks_back(void **state)
{
    (void)state;
    for (u32 s = WORKING; s < GONE; s++) {
        struct chain c;
        reach(&c, (enum range_state)s);
        u32 out = 10 - batch_record(&c).done;
        assert_int_equal(chain_do(&c, chain_lease_stop(&c, SECOND_NODE, BUYER, ORDER, 1, NULL)),
                         CROFT_ERR_OP_NOT_YOURS);
        assert_int_equal(chain_do(&c, chain_lease_stop(&c, BUYER, BUYER, ORDER, 1, NULL)), CROFT_ERR_OP_STATE);
        assert_int_equal(chain_do(&c, chain_lease_stop(&c, FIRST_NODE, BUYER, ORDER, 1, NULL)),
                         s == WORKING ? CROFT_OK : CROFT_ERR_OP_STATE);
        assert_int_equal(chain_has_lease(&c, BUYER, ORDER, 1), s != WORKING);
        assert_int_equal(batch_record(&c).open, s == WORKING ? 200 : 190);
        assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).aside), s == WORKING ? 0 : out * TASK_PRICE);
        assert_int_equal(chain_device(&c, FIRST_NODE, 0).state, CROFT_DEVICE_LISTED);
        chain_end(&c);
        chain_stop(&c);
    }
}

static void test_ranges_know_no_vouchers_and_calls(void **state)
{
    (void)state;
    for (u32 s = WORKING; s < GONE; s++) {
        struct chain c;
        reach(&c, (enum range_state)s);
        struct chain_voucher v = chain_voucher_next(&c, BUYER, ORDER, 1);
        v.units = 10;
        assert_int_equal(chain_do(&c, chain_settle(&c, FIRST_NODE, &v)), CROFT_ERR_OP_STATE);
        assert_int_equal(chain_do(&c, chain_lease_call(&c, BUYER, BUYER, ORDER, 1)), CROFT_ERR_OP_STATE);
        assert_int_equal(chain_do(&c, chain_lease_notice(&c, FIRST_NODE, BUYER, ORDER, 1, c.now_s + 900)),
                         CROFT_ERR_OP_STATE);
        assert_int_equal(chain_do(&c, chain_order_fund(&c, BUYER, BUYER, ORDER, 1, CROFT_ASSET_CREDIT, TASK_PRICE)),
                         CROFT_ERR_OP_STATE);
        chain_end(&c);
        chain_stop(&c);
    }
}

/* What a delegate may sign away is not what its buyer accepts. */
static void test_a_cap_on_vouchers_is_not_for_tasks(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(100);
    t.voucher_cap = 1;
    batch_start(&c, &t);
    struct purse p = batch_purse(&c);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
    chain_must(&c, chain_task_review(&c, BUYER, ORDER, 1));
    purse_pay(&p, 10);
    purse_expect(&c, &p);
    assert_int_equal(croft_amt_units(chain_order(&c, BUYER, ORDER).voucher_paid), 0);
    chain_end(&c);
    chain_stop(&c);
}

/* Money for 15 tasks of 30: what is with a node or unpaid is not free for another. */
static void test_money_bounds_what_is_out(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(30);
    t.amount = 15 * TASK_PRICE;
    batch_start(&c, &t);
    assert_int_equal(chain_do(&c, batch_take(&c, FIRST_NODE, 0, 16)), CROFT_ERR_OP_FUNDS);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    assert_int_equal(chain_do(&c, batch_take(&c, SECOND_NODE, 10, 6)), CROFT_ERR_OP_FUNDS);
    chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
    assert_int_equal(chain_do(&c, batch_take(&c, SECOND_NODE, 10, 6)), CROFT_ERR_OP_FUNDS);
    chain_must(&c, chain_reject(&c, chain_task_review(&c, BUYER, ORDER, 1), 0, 4));
    assert_int_equal(chain_do(&c, batch_take(&c, SECOND_NODE, 10, 10)), CROFT_ERR_OP_FUNDS);
    chain_must(&c, batch_take(&c, SECOND_NODE, 10, 9));
    chain_must(&c, chain_order_fund(&c, STRANGER, BUYER, ORDER, 0, CROFT_ASSET_CREDIT, 15 * TASK_PRICE));
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 4));
    chain_end(&c);
    chain_stop(&c);
}

enum { CLASS = 300, SECOND_ORDER = 2 };

/* Two batches wait in a class that takes the oldest first. */
static void queued(struct chain *c, struct chain_order *t)
{
    struct chain_offer offer = batch_offer();
    offer.class = CLASS;
    chain_market_open(c, false);
    chain_begin(c, 1);
    chain_must(c, chain_class_set(c, STRANGER, CLASS, 1, 0));
    for (u32 i = 0; i < 2; i++) {
        chain_must(c, chain_node_admit(c, OWNER, FIRST_NODE + i));
        chain_must(c, chain_offer_post(c, FIRST_NODE + i, &offer));
    }
    *t = batch_terms(10);
    t->class = CLASS;
    chain_must(c, chain_order_open(c, BUYER, t));
    t->id = SECOND_ORDER;
    chain_must(c, chain_order_open(c, BUYER, t));
}

/* A batch waits while it has open tasks: those that open again bring it back. */
static void test_queue_of_batches(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t;
    queued(&c, &t);
    assert_int_equal(chain_class(&c, CLASS).waiting, 2);
    assert_int_equal(chain_do(&c, chain_lease_take(&c, FIRST_NODE, 0, BUYER, SECOND_ORDER, 0, 5)), CROFT_ERR_OP_TURN);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    assert_int_equal(chain_class(&c, CLASS).waiting, 1);
    chain_must(&c, chain_lease_take(&c, SECOND_NODE, 0, BUYER, SECOND_ORDER, 0, 5));
    assert_int_equal(chain_class(&c, CLASS).waiting, 1);
    chain_next(&c, t.timeout_s);
    assert_int_equal(chain_class(&c, CLASS).waiting, 2);
    chain_must(&c, chain_lease_take(&c, SECOND_NODE, 0, BUYER, SECOND_ORDER, 0, 10));
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    assert_int_equal(chain_class(&c, CLASS).waiting, 0);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- the order's end ---- */

static void test_cancel_lets_work_go_on(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(5000);
    batch_start(&c, &t);
    struct purse p = batch_purse(&c);
    u64 deposits = 4 * chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    chain_must(&c, batch_take(&c, SECOND_NODE, 10, 20));
    chain_must(&c, chain_order_close(&c, BUYER, ORDER));
    p.leases -= 4970 * TASK_PRICE;
    p.buyer += 4970 * TASK_PRICE;
    purse_expect(&c, &p);
    assert_int_not_equal(chain_do(&c, batch_take(&c, FIRST_NODE, 40, 10)), CROFT_OK);
    chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
    chain_must(&c, chain_task_review(&c, BUYER, ORDER, 1));
    purse_pay(&p, 10);
    assert_true(chain_has_order(&c, BUYER, ORDER));
    chain_next(&c, t.timeout_s); /* the other one was never finished */
    assert_false(chain_has_order(&c, BUYER, ORDER));
    p.buyer += 20 * TASK_PRICE + deposits;
    p.leases -= 20 * TASK_PRICE;
    p.deposits -= deposits;
    purse_expect(&c, &p);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_PAGES), 0);
    chain_end(&c);
    chain_stop(&c);
}

/* At its expiry the order closes; who is at work is paid all the same. */
static void test_expiry_lets_work_go_on(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(30);
    t.life_s = 100;
    batch_start(&c, &t);
    struct purse p = batch_purse(&c);
    u64 deposits = 3 * chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    chain_next(&c, 200);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_ORDER_EXPIRED), 1);
    p.leases -= 20 * TASK_PRICE;
    p.buyer += 20 * TASK_PRICE;
    purse_expect(&c, &p);
    chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
    chain_next(&c, t.window_s);
    purse_pay(&p, 10);
    p.buyer += deposits;
    p.deposits -= deposits;
    purse_expect(&c, &p);
    assert_false(chain_has_order(&c, BUYER, ORDER));
    chain_end(&c);
    chain_stop(&c);
}

static void test_once_ends_with_its_last_task(void **state)
{
    (void)state;
    for (u32 once = 0; once < 2; once++) {
        struct chain c;
        struct chain_order t = batch_terms(30);
        t.once = once != 0;
        batch_start(&c, &t);
        chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
        chain_must(&c, batch_take(&c, SECOND_NODE, 10, 20));
        chain_must(&c, batch_commit(&c, FIRST_NODE, 1));
        chain_must(&c, batch_commit(&c, SECOND_NODE, 2));
        chain_must(&c, chain_task_review(&c, BUYER, ORDER, 1));
        assert_true(chain_has_order(&c, BUYER, ORDER));
        chain_next(&c, t.window_s);
        assert_int_equal(chain_has_order(&c, BUYER, ORDER), once == 0);
        assert_int_equal(chain_system(&c, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT), 0);
        chain_end(&c);
        chain_stop(&c);
    }
}

/* A gateway's lease in the same order counts bytes, and is no range. */
static void test_gateway_beside_ranges(void **state)
{
    (void)state;
    struct chain c;
    struct chain_order t = batch_terms(10);
    t.once = true;
    t.gateway = STRANGER;
    t.amount += t.gateway_price * (t.bytes_max / 1000000000);
    batch_start(&c, &t);
    chain_must(&c, batch_take(&c, FIRST_NODE, 0, 10));
    assert_int_equal(chain_lease(&c, BUYER, ORDER, 1).kind, CROFT_PRICE_BYTE);
    assert_int_equal(chain_do(&c, operation(&c, COMMIT, STRANGER)), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, operation(&c, REVIEW, BUYER)), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, operation(&c, CONTEST, STRANGER)), CROFT_ERR_OP_STATE);
    assert_int_equal(chain_do(&c, operation(&c, SLASH, STRANGER)), CROFT_ERR_OP_STATE);
    chain_next(&c, 10);
    struct chain_voucher v = chain_voucher_next(&c, BUYER, ORDER, 1);
    v.units = 500000000;
    chain_must(&c, chain_settle(&c, STRANGER, &v));
    chain_must(&c, batch_commit(&c, FIRST_NODE, 2));
    chain_must(&c, chain_task_review(&c, BUYER, ORDER, 2));
    assert_int_equal(chain_order(&c, BUYER, ORDER).state, CROFT_ORDER_CLOSING); /* the gateway has its window */
    chain_next(&c, chain_param_of(&c, CROFT_PARAM_SETTLE_WINDOW_S));
    assert_false(chain_has_order(&c, BUYER, ORDER));
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_LEASES, CROFT_ASSET_CREDIT), 0);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- disputes: 3 of 10 tasks ---- */

static void purse_dispute(struct purse *p, bool contested)
{
    purse_pay(p, 7);
    p->buyer -= batch_bond(3);
    p->node -= contested ? batch_bond(3) : 0;
    p->stake += contested ? 2 * batch_bond(3) : batch_bond(3);
}

/* As reach, but in the same block, so that nothing else moved. */
static struct purse dispute(struct chain *c, bool contested)
{
    struct chain_order t = batch_terms(200);
    t.arbiter = ARBITER;
    batch_start(c, &t);
    struct purse p = batch_purse(c);
    chain_must(c, batch_take(c, FIRST_NODE, 100, 10));
    chain_must(c, batch_commit(c, FIRST_NODE, 1));
    chain_must(c, chain_reject(c, chain_task_review(c, BUYER, ORDER, 1), 103, 3));
    if (contested)
        chain_must(c, chain_task_contest(c, FIRST_NODE, BUYER, ORDER, 1));
    purse_dispute(&p, contested);
    purse_expect(c, &p);
    assert_int_equal(batch_bits_count(c, 103, 3, CROFT_TASK_REJECTED), 3);
    assert_int_equal(batch_record(c).open, 190);
    return p;
}

static void expect_opened(const struct chain *c)
{
    assert_false(chain_has_lease(c, BUYER, ORDER, 1));
    assert_int_equal(batch_bits_count(c, 103, 3, CROFT_TASK_OPEN), 3);
    assert_int_equal(batch_record(c).open, 193);
    assert_int_equal(batch_record(c).done, 7);
    assert_int_equal(croft_amt_units(chain_order(c, BUYER, ORDER).aside), 0);
}

static void expect_paid(const struct chain *c)
{
    assert_false(chain_has_lease(c, BUYER, ORDER, 1));
    assert_int_equal(batch_bits_count(c, 100, 10, CROFT_TASK_ACCEPTED), 10);
    assert_int_equal(batch_record(c).done, 10);
    assert_int_equal(croft_amt_units(chain_order(c, BUYER, ORDER).aside), 0);
}

/* Together as one lease: the fee is of what it was paid in all. */
static void purse_pay_rest(struct purse *p)
{
    u64 fee = batch_fee(10 * TASK_PRICE) - batch_fee(7 * TASK_PRICE);
    p->leases -= 3 * TASK_PRICE;
    p->owner += 3 * TASK_PRICE - fee;
    p->fees += fee;
}

static void test_uncontested(void **state)
{
    (void)state;
    struct chain c;
    struct purse p = dispute(&c, false);
    chain_next(&c, 599);
    assert_true(chain_has_lease(&c, BUYER, ORDER, 1));
    chain_next(&c, 1);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_DISPUTE_ENDED), 1);
    p.stake -= batch_bond(3);
    p.buyer += batch_bond(3);
    purse_expect(&c, &p);
    expect_opened(&c);
    chain_end(&c);
    chain_stop(&c);
}

static void test_upheld(void **state)
{
    (void)state;
    struct chain c;
    struct purse p = dispute(&c, true);
    chain_next(&c, 1);
    chain_must(&c, chain_task_judge(&c, ARBITER, BUYER, ORDER, 1, true));
    p.stake -= 2 * batch_bond(3);
    p.arbiter += batch_bond(3) / 2;
    p.buyer += 2 * batch_bond(3) - batch_bond(3) / 2;
    purse_expect(&c, &p);
    expect_opened(&c);
    chain_end(&c);
    chain_stop(&c);
}

static void test_overruled(void **state)
{
    (void)state;
    struct chain c;
    struct purse p = dispute(&c, true);
    chain_next(&c, 1);
    chain_must(&c, chain_task_judge(&c, ARBITER, BUYER, ORDER, 1, false));
    assert_int_equal(c.receipt.value, 3 * TASK_PRICE);
    p.stake -= 2 * batch_bond(3);
    p.arbiter += batch_bond(3) / 2;
    p.node += 2 * batch_bond(3) - batch_bond(3) / 2;
    purse_pay_rest(&p);
    purse_expect(&c, &p);
    expect_paid(&c);
    chain_end(&c);
    chain_stop(&c);
}

static void test_undecided(void **state)
{
    (void)state;
    struct chain c;
    struct purse p = dispute(&c, true);
    u64 judge_s = chain_param_of(&c, CROFT_PARAM_JUDGE_S);
    chain_next(&c, judge_s - 1);
    assert_true(chain_has_lease(&c, BUYER, ORDER, 1));
    chain_next(&c, 1);
    assert_int_equal(chain_due_count(&c, CROFT_DUE_DISPUTE_ENDED), 1);
    p.stake -= 2 * batch_bond(3);
    p.buyer += batch_bond(3);
    p.node += batch_bond(3);
    purse_pay_rest(&p);
    purse_expect(&c, &p);
    expect_paid(&c);
    chain_end(&c);
    chain_stop(&c);
}

static void test_contest_needs_the_bond(void **state)
{
    (void)state;
    struct chain c;
    (void)dispute(&c, false);
    u64 all = chain_balance(&c, FIRST_NODE, CROFT_ASSET_CREDIT);
    chain_must(&c, chain_transfer(&c, FIRST_NODE, STRANGER, CROFT_ASSET_CREDIT, all - batch_bond(3) + 1));
    assert_int_equal(chain_do(&c, chain_task_contest(&c, FIRST_NODE, BUYER, ORDER, 1)), CROFT_ERR_OP_FUNDS);
    chain_must(&c, chain_transfer(&c, STRANGER, FIRST_NODE, CROFT_ASSET_CREDIT, 1));
    chain_must(&c, chain_task_contest(&c, FIRST_NODE, BUYER, ORDER, 1));
    chain_end(&c);
    chain_stop(&c);
}

static Croft__V1__TxBody *judge_with(struct chain *c, u32 task, const struct croft_hash *result, u32 path_of)
{
    Croft__V1__TxBody *body = chain_task_judge(c, ARBITER, BUYER, ORDER, 1, true);
    body->task_judge->task = task;
    body->task_judge->result_hash = chain_bytes(&c->scratch, result->b, sizeof result->b);
    body->task_judge->path = batch_path(c, 1, path_of, &body->task_judge->n_path);
    return body;
}

static void test_opening_must_be_under_the_root(void **state)
{
    (void)state;
    struct chain c;
    (void)dispute(&c, true);
    struct croft_hash good = batch_result(1, 104), other = batch_result(2, 104);
    assert_int_equal(chain_do(&c, judge_with(&c, 104, &other, 104)), CROFT_ERR_OP_PROOF);
    assert_int_equal(chain_do(&c, judge_with(&c, 105, &good, 104)), CROFT_ERR_OP_PROOF);
    assert_int_equal(chain_do(&c, judge_with(&c, 104, &good, 109)), CROFT_ERR_OP_PROOF);
    assert_int_equal(chain_do(&c, judge_with(&c, 99, &good, 104)), CROFT_ERR_OP_PROOF);
    assert_int_equal(chain_do(&c, judge_with(&c, 110, &good, 104)), CROFT_ERR_OP_PROOF);
    Croft__V1__TxBody *deep = judge_with(&c, 104, &good, 104);
    deep->task_judge->n_path--;
    assert_int_equal(chain_do(&c, deep), CROFT_ERR_OP_PROOF);
    /* An inner node is no result. */
    struct croft_hash *leaf = batch_leaves(&c, 1, 100, 10);
    struct croft_hash inner = croft_merkle_inner(&leaf[4], &leaf[5]);
    Croft__V1__TxBody *higher = judge_with(&c, 104, &inner, 104);
    higher->task_judge->path++;
    higher->task_judge->n_path--;
    assert_int_equal(chain_do(&c, higher), CROFT_ERR_OP_PROOF);
    chain_must(&c, judge_with(&c, 104, &good, 104));
    chain_end(&c);
    chain_stop(&c);
}

/* ---- slash ---- */

enum { STAKE = 2000000000 };

/* A committed range of 10 tasks from 100 by a provider with stake. */
static struct purse slashable(struct chain *c, u64 stake)
{
    struct chain_order t = batch_terms(200);
    t.arbiter = ARBITER;
    batch_start(c, &t);
    if (stake != 0)
        chain_must(c, chain_stake_lock(c, OWNER, stake));
    struct purse p = batch_purse(c);
    chain_must(c, batch_take(c, FIRST_NODE, 100, 10));
    chain_must(c, batch_commit(c, FIRST_NODE, 1));
    return p;
}

static void purse_slash(struct purse *p, u64 taken)
{
    u64 share = taken * 50000 / 1000000;
    p->stake -= taken;
    p->stranger += share;
    p->fees += taken - share;
}

static void expect_slashed(const struct chain *c)
{
    assert_false(chain_has_lease(c, BUYER, ORDER, 1));
    assert_int_equal(batch_bits_count(c, 0, 200, CROFT_TASK_OPEN), 200 - batch_record(c).done);
    assert_int_equal(croft_amt_units(chain_order(c, BUYER, ORDER).aside), 0);
    assert_int_equal(chain_provider(c, OWNER).leases_failed, 1);
    assert_int_equal(croft_amt_units(chain_provider(c, OWNER).exposure), 0);
}

static void test_slash(void **state)
{
    (void)state;
    struct chain c;
    struct purse p = slashable(&c, STAKE);
    chain_must(&c, batch_slash(&c, STRANGER, 1, 109));
    u64 taken = 10 * 10 * TASK_PRICE;
    assert_int_equal(c.receipt.value, taken);
    purse_slash(&p, taken);
    purse_expect(&c, &p);
    expect_slashed(&c);
    assert_int_equal(croft_amt_units(chain_provider(&c, OWNER).stake), STAKE - taken);
    chain_end(&c);
    chain_stop(&c);
}

static void test_slash_takes_what_there_is(void **state)
{
    (void)state;
    struct chain c;
    struct purse p = slashable(&c, 50000000);
    chain_must(&c, chain_stake_unlock(&c, OWNER, 30000000));
    chain_must(&c, batch_slash(&c, STRANGER, 1, 100));
    purse_slash(&p, 50000000); /* what is being paid back is not safe yet */
    purse_expect(&c, &p);
    expect_slashed(&c);
    chain_end(&c);
    chain_stop(&c);
}

static void test_slash_without_stake(void **state)
{
    (void)state;
    struct chain c;
    struct purse p = slashable(&c, 0);
    chain_must(&c, batch_slash(&c, STRANGER, 1, 100));
    purse_expect(&c, &p);
    expect_slashed(&c);
    chain_end(&c);
    chain_stop(&c);
}

/* What is locked is lost whole, when that is more. */
static void test_slash_takes_the_lock(void **state)
{
    (void)state;
    struct chain c;
    struct chain_offer firm = batch_offer();
    u64 price = 20 * CHAIN_PRICE, lock = price * 3600 / 3600;
    struct purse p = slashable(&c, STAKE);
    firm.device = 1;
    firm.services = 7;
    firm.price[CROFT_PRICE_SECOND] = price;
    chain_must(&c, chain_offer_post(&c, SECOND_NODE, &firm));
    p = batch_purse(&c);
    assert_int_equal(croft_amt_units(chain_provider(&c, OWNER).locked), lock);
    assert_true(lock > 10 * 10 * TASK_PRICE);
    chain_must(&c, batch_slash(&c, STRANGER, 1, 100));
    purse_slash(&p, lock);
    purse_expect(&c, &p);
    chain_end(&c);
    chain_stop(&c);
}

static void test_slash_in_a_dispute(void **state)
{
    (void)state;
    for (u32 contested = 0; contested < 2; contested++) {
        struct chain c;
        struct purse p = slashable(&c, STAKE);
        chain_must(&c, chain_reject(&c, chain_task_review(&c, BUYER, ORDER, 1), 103, 3));
        if (contested != 0)
            chain_must(&c, chain_task_contest(&c, FIRST_NODE, BUYER, ORDER, 1));
        purse_dispute(&p, contested != 0);
        purse_expect(&c, &p);
        chain_must(&c, batch_slash(&c, STRANGER, 1, 101));
        p.stake -= (contested + 1) * batch_bond(3);
        p.buyer += batch_bond(3);
        p.fees += contested != 0 ? batch_bond(3) : 0;
        purse_slash(&p, 10 * 10 * TASK_PRICE);
        purse_expect(&c, &p);
        assert_int_equal(batch_record(&c).done, 7); /* what was paid stays paid */
        expect_slashed(&c);
        chain_end(&c);
        chain_stop(&c);
    }
}

static void test_slash_wrong_evidence(void **state)
{
    (void)state;
    struct chain c;
    (void)slashable(&c, STAKE);
    struct croft_lease_record r = chain_lease(&c, BUYER, ORDER, 1);
    struct croft_hash said = batch_result(0, 104), committed = batch_result(1, 104), none = batch_result(9, 104);
    Croft__V1__LeaseId *id = chain_lease_id(&c, BUYER, ORDER, 1);

    Croft__V1__TxBody *wrong = batch_slash(&c, STRANGER, 1, 104); /* another task's path */
    wrong->slash->path = batch_path(&c, 1, 103, &wrong->slash->n_path);
    assert_int_equal(chain_do(&c, wrong), CROFT_ERR_OP_PROOF);
    wrong = chain_slash(&c, STRANGER, FIRST_NODE, id, r.stamp, 104, &said, &none); /* not what was committed */
    wrong->slash->path = batch_path(&c, 1, 104, &wrong->slash->n_path);
    assert_int_equal(chain_do(&c, wrong), CROFT_ERR_OP_PROOF);
    wrong = chain_slash(&c, STRANGER, FIRST_NODE, id, r.stamp + 1, 104, &said, &committed); /* of another lease */
    wrong->slash->path = batch_path(&c, 1, 104, &wrong->slash->n_path);
    assert_int_equal(chain_do(&c, wrong), CROFT_ERR_OP_PROOF);
    wrong = chain_slash(&c, STRANGER, SECOND_NODE, id, r.stamp, 104, &said, &committed); /* signed by another node */
    wrong->slash->path = batch_path(&c, 1, 104, &wrong->slash->n_path);
    assert_int_equal(chain_do(&c, wrong), CROFT_ERR_OP_PROOF);
    wrong = chain_slash(&c, STRANGER, FIRST_NODE, id, r.stamp, 99, &said, &committed); /* not of the range */
    wrong->slash->path = batch_path(&c, 1, 104, &wrong->slash->n_path);
    assert_int_equal(chain_do(&c, wrong), CROFT_ERR_OP_PROOF);

    wrong = batch_slash(&c, STRANGER, 1, 104); /* no signature of the node's */
    wrong->slash->node_signature.data[5] ^= 1;
    assert_int_equal(chain_do(&c, wrong), CROFT_ERR_TX_SIGNATURE);
    wrong = batch_slash(&c, STRANGER, 1, 104); /* of this task, but not this result */
    wrong->slash->task = 103;
    assert_int_equal(chain_do(&c, wrong), CROFT_ERR_TX_SIGNATURE);
    assert_int_equal(chain_do(&c, chain_slash(&c, STRANGER, FIRST_NODE, id, r.stamp, 104, &committed, &committed)),
                     CROFT_ERR_TX_RANGE); /* the same twice is no lie */
    chain_must(&c, batch_slash(&c, STRANGER, 1, 104));
    chain_end(&c);
    chain_stop(&c);
}

/* The lease is gone: its window is the time for proofs. */
static void test_slash_too_late(void **state)
{
    (void)state;
    struct chain c;
    (void)slashable(&c, STAKE);
    Croft__V1__TxBody *late = batch_slash(&c, STRANGER, 1, 104);
    chain_must(&c, chain_task_review(&c, BUYER, ORDER, 1));
    assert_int_equal(chain_do(&c, late), CROFT_ERR_OP_NOT_FOUND);
    chain_end(&c);
    chain_stop(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_boundaries),
        cmocka_unit_test(test_bits_random),
        cmocka_unit_test(test_every_operation_in_every_state),
        cmocka_unit_test(test_a_service_has_no_tasks),
        cmocka_unit_test(test_open_takes_deposits),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_commit_frees_the_device),
        cmocka_unit_test(test_accept_all),
        cmocka_unit_test(test_review_refuses_other_tasks),
        cmocka_unit_test(test_reject_without_arbiter_is_final),
        cmocka_unit_test(test_reject_needs_the_bond),
        cmocka_unit_test(test_silence_accepts),
        cmocka_unit_test(test_timeout_and_retry),
        cmocka_unit_test(test_late_means_due_first),
        cmocka_unit_test(test_node_gives_tasks_back),
        cmocka_unit_test(test_ranges_know_no_vouchers_and_calls),
        cmocka_unit_test(test_a_cap_on_vouchers_is_not_for_tasks),
        cmocka_unit_test(test_money_bounds_what_is_out),
        cmocka_unit_test(test_queue_of_batches),
        cmocka_unit_test(test_cancel_lets_work_go_on),
        cmocka_unit_test(test_expiry_lets_work_go_on),
        cmocka_unit_test(test_once_ends_with_its_last_task),
        cmocka_unit_test(test_gateway_beside_ranges),
        cmocka_unit_test(test_uncontested),
        cmocka_unit_test(test_upheld),
        cmocka_unit_test(test_overruled),
        cmocka_unit_test(test_undecided),
        cmocka_unit_test(test_contest_needs_the_bond),
        cmocka_unit_test(test_opening_must_be_under_the_root),
        cmocka_unit_test(test_slash),
        cmocka_unit_test(test_slash_takes_what_there_is),
        cmocka_unit_test(test_slash_without_stake),
        cmocka_unit_test(test_slash_takes_the_lock),
        cmocka_unit_test(test_slash_in_a_dispute),
        cmocka_unit_test(test_slash_wrong_evidence),
        cmocka_unit_test(test_slash_too_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
