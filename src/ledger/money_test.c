/* Goal: money moves as the operations say, once; what fails fails for the first reason of the documented
 * order. Method: each refusal on the edge where it begins, two at a time where two can apply; random lives of
 * pending transfers and withdrawals against a plain list; due records against a sorted list of all records.
 * Every block is audited. */
#include "ledger/test_int.h"

enum { PAYER = 4, PAYEE = 5, ARBITER = 6, OTHER = 7, NOBODY = 12, POOR = 9 };
enum { CREDIT = CROFT_ASSET_CREDIT, TOKEN = CROFT_ASSET_CROFT };

/* No fees, so that balances are what operations left. */
static void free_network(struct chain *c, u64 due_max)
{
    chain_open(c);
    Croft__V1__Genesis *g = chain_genesis(c);
    chain_param(c, g, CROFT_PARAM_BASE_FEE_MIN, 0);
    chain_param(c, g, CROFT_PARAM_DUE_PER_BLOCK_MAX, due_max);
    chain_grant(c, g, POOR, CREDIT, 1000);
    chain_start(c, g);
    chain_begin(c, 1);
}

static void done(struct chain *c)
{
    chain_end(c);
    chain_stop(c);
}

/* ---- transfers ---- */

static void test_transfer(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    u64 deposit = chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    Croft__V1__TxBody *body = chain_transfer(&c, PAYER, PAYEE, CREDIT, 10);
    chain_add_leg(&c, body->transfer, chain_address(&c, NOBODY), TOKEN, 3);
    chain_add_leg(&c, body->transfer, chain_address(&c, PAYEE), CREDIT, 5);
    assert_int_equal(chain_do(&c, body), CROFT_OK);
    assert_int_equal(c.receipt.value, 15);
    assert_int_equal(chain_balance(&c, PAYER, CREDIT), CHAIN_CREDIT - 15 - deposit);
    assert_int_equal(chain_balance(&c, PAYER, TOKEN), CHAIN_CROFT - 3);
    assert_int_equal(chain_balance(&c, PAYEE, CREDIT), CHAIN_CREDIT + 15);
    assert_int_equal(chain_balance(&c, NOBODY, TOKEN), 3);
    assert_int_equal(chain_account(&c, NOBODY).deposit.units, deposit);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_DEPOSITS, CREDIT), deposit);
    done(&c);
}

static void test_transfer_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    u64 deposit = chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYER, PAYEE, CREDIT, CHAIN_CREDIT + 1)),
                     CROFT_ERR_OP_FUNDS);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYER, PAYEE, TOKEN, CHAIN_CROFT + 1)),
                     CROFT_ERR_OP_FUNDS);
    Croft__V1__TxBody *body =
        chain_transfer(&c, PAYER, PAYEE, CREDIT, UINT64_MAX); /* a sum that wraps to 9 */
    chain_add_leg(&c, body->transfer, chain_address(&c, PAYEE), CREDIT, 10);
    assert_int_equal(chain_do(&c, body), CROFT_ERR_OP_FUNDS);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYER, NOBODY, CREDIT, CHAIN_CREDIT - deposit + 1)),
                     CROFT_ERR_OP_DEPOSIT);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYER, NOBODY, CREDIT, CHAIN_CREDIT - deposit)),
                     CROFT_OK);
    assert_int_equal(chain_balance(&c, PAYER, CREDIT), 0);
    assert_int_equal(chain_do(&c, chain_transfer(&c, OTHER, PAYEE, CREDIT, CHAIN_CREDIT)), CROFT_OK);
    done(&c);
}

/* A leg cannot spend what an earlier leg of the same transfer brought. */
static void test_transfer_is_all_or_nothing(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    struct croft_hash before = chain_digest(&c);
    Croft__V1__TxBody *body = chain_transfer(&c, PAYER, PAYEE, CREDIT, CHAIN_CREDIT);
    chain_add_leg(&c, body->transfer, chain_address(&c, PAYEE), TOKEN, CHAIN_CROFT + 1);
    assert_int_equal(chain_do(&c, body), CROFT_ERR_OP_FUNDS);
    assert_int_equal(chain_balance(&c, PAYER, CREDIT), CHAIN_CREDIT);
    assert_int_equal(chain_balance(&c, PAYEE, CREDIT), CHAIN_CREDIT);
    croft_ledger_block_undo(c.l);
    struct croft_hash after = chain_digest(&c);
    assert_memory_equal(before.b, after.b, sizeof after.b);
    chain_stop(&c);
}

static Croft__V1__TxBody *transfer_to_new(struct chain *c, u32 first, u32 count)
{
    Croft__V1__TxBody *body = chain_transfer(c, PAYER, PAYEE, CREDIT, 1);
    body->transfer->n_legs = 0;
    for (u32 i = 0; i < count; i++) {
        u8 address[32] = {0xaa};
        croft_put_u32(address + 28, first + i);
        chain_add_leg(c, body->transfer, chain_bytes(&c->scratch, address, sizeof address), CREDIT, 1);
    }
    return body;
}

/* 1,000 legs; then the table of accounts is full, and the transfer that does not fit is undone whole. */
static void test_full_table_of_accounts(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    u32 max = croft_state_records_max(c.l->state, CROFT_TABLE_ACCOUNTS) - CROFT_RECORDS_KEPT;
    assert_int_equal(chain_do(&c, transfer_to_new(&c, 0, max - CHAIN_ACTORS - 20)), CROFT_OK);
    u32 left = max - croft_state_count(c.l->state, CROFT_TABLE_ACCOUNTS);
    assert_int_equal(chain_do(&c, transfer_to_new(&c, 5000, left + 1)), CROFT_ERR_OP_FULL);
    assert_int_equal(croft_state_count(c.l->state, CROFT_TABLE_ACCOUNTS), max - left);
    assert_int_equal(chain_do(&c, transfer_to_new(&c, 5000, left)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYER, NOBODY, CREDIT, 1)), CROFT_ERR_OP_FULL);
    assert_int_equal(chain_do(&c, chain_issue(&c, CHAIN_ISSUER, NOBODY, CREDIT, 1)), CROFT_ERR_OP_FULL);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYER, PAYEE, CREDIT, 1)), CROFT_OK);
    done(&c);
}

/* ---- pending transfers ---- */

static Croft__V1__TxBody *pending_with_arbiter(struct chain *c, u64 id, u32 arbiter, u64 amount, u64 life_s)
{
    Croft__V1__TxBody *body = chain_pending_open(c, PAYER, id, PAYEE, amount, life_s);
    body->pending_open->arbiter_address = chain_address(c, arbiter);
    return body;
}

static void test_pending_open_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    u64 most = chain_param_of(&c, CROFT_PARAM_PENDING_MAX_S),
        deposit = chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 1, PAYEE, 10, most)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 1, PAYEE, 10, 0)),
                     CROFT_ERR_OP_EXISTS); /* and TIME */
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 2, NOBODY, 10, 0)),
                     CROFT_ERR_OP_TIME); /* and NOT_FOUND */
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 2, PAYEE, 10, most + 1)), CROFT_ERR_OP_TIME);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 2, NOBODY, UINT64_MAX, 1)),
                     CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, pending_with_arbiter(&c, 2, NOBODY, UINT64_MAX, 1)),
                     CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 2, PAYEE, CHAIN_CREDIT, 1)),
                     CROFT_ERR_OP_FUNDS);
    u64 all = chain_balance(&c, PAYER, CREDIT);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 2, PAYEE, all - deposit + 1, 1)),
                     CROFT_ERR_OP_DEPOSIT);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 2, PAYEE, all - deposit, 1)), CROFT_OK);
    assert_int_equal(chain_account(&c, PAYER).open_records, 2);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_ESCROW, CREDIT), 10 + all - deposit);
    done(&c);
}

/* An id belongs to its payer and is free again once its transfer has ended. */
static void test_pending_ids(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 1, PAYEE, 10, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, OTHER, 1, PAYEE, 11, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_void(&c, PAYEE, PAYER, 1)), CROFT_OK);
    assert_int_equal(c.receipt.value, 10);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 1, PAYEE, 12, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, UINT64_MAX, PAYEE, 12, 100)), CROFT_OK);
    done(&c);
}

static void test_pending_post_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 1, PAYEE, 10, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, pending_with_arbiter(&c, 2, ARBITER, 10, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_post(&c, OTHER, PAYER, 3, 99)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_pending_post(&c, OTHER, PAYER, 1, 99)),
                     CROFT_ERR_OP_NOT_YOURS); /* and AMOUNT */
    assert_int_equal(chain_do(&c, chain_pending_post(&c, PAYEE, PAYER, 1, 1)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_pending_post(&c, PAYER, PAYER, 2, 1)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_pending_post(&c, PAYER, PAYER, 1, 11)), CROFT_ERR_OP_AMOUNT);
    assert_int_equal(chain_do(&c, chain_pending_post(&c, PAYER, PAYER, 1, 9)), CROFT_ERR_OP_PARTIAL);
    assert_int_equal(chain_do(&c, chain_pending_post(&c, PAYER, PAYER, 1, 0)), CROFT_ERR_OP_PARTIAL);
    assert_int_equal(chain_do(&c, pending_with_arbiter(&c, 3, PAYER, 10, 100)), CROFT_ERR_TX_SELF);
    assert_int_equal(chain_do(&c, chain_pending_post(&c, PAYER, PAYER, 1, 10)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_post(&c, ARBITER, PAYER, 2, 4)), CROFT_OK);
    assert_int_equal(chain_balance(&c, PAYEE, CREDIT), CHAIN_CREDIT + 14);
    assert_int_equal(chain_balance(&c, PAYER, CREDIT), CHAIN_CREDIT - 14);
    assert_int_equal(chain_account(&c, PAYER).open_records, 0);
    done(&c);
}

static void test_pending_void_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 1, PAYEE, 10, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, pending_with_arbiter(&c, 2, ARBITER, 10, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, pending_with_arbiter(&c, 3, ARBITER, 10, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_void(&c, OTHER, PAYER, 4)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_pending_void(&c, OTHER, PAYER, 1)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_pending_void(&c, PAYER, PAYER, 1)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_pending_void(&c, ARBITER, PAYER, 1)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_pending_void(&c, PAYEE, PAYER, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_void(&c, ARBITER, PAYER, 2)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_void(&c, PAYEE, PAYER, 3)), CROFT_OK);
    assert_int_equal(chain_balance(&c, PAYER, CREDIT), CHAIN_CREDIT);
    done(&c);
}

/* A payee that has gone cannot be paid; what is held goes back by voiding or by time. */
static void test_payee_gone(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYEE, OTHER, CREDIT, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 1, PAYEE, 10, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_close(&c, PAYEE, OTHER)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_post(&c, PAYER, PAYER, 1, 10)), CROFT_ERR_OP_NOT_FOUND);
    chain_end(&c);
    chain_begin(&c, 100);
    assert_int_equal(chain_balance(&c, PAYER, CREDIT), CHAIN_CREDIT);
    done(&c);
}

/* ---- random lives of pending transfers ---- */

enum { LIVES = 24 };

struct life {
    bool open, arbitrated;
    u64 amount, ends_s;
};

static void random_open(struct chain *c, struct life *m, struct croft_rng *rng)
{
    u64 id = croft_rng_below(rng, LIVES), amount = 1 + croft_rng_below(rng, 1000),
        life_s = 1 + croft_rng_below(rng, 40);
    bool arbitrated = croft_rng_chance(rng, 2);
    Croft__V1__TxBody *body = arbitrated ? pending_with_arbiter(c, id, ARBITER, amount, life_s)
                                         : chain_pending_open(c, PAYER, id, PAYEE, amount, life_s);
    assert_int_equal(chain_do(c, body), m[id].open ? CROFT_ERR_OP_EXISTS : CROFT_OK);
    if (!m[id].open)
        m[id] = (struct life){true, arbitrated, amount, c->now_s + life_s};
}

static void random_resolve(struct chain *c, struct life *m, struct croft_rng *rng, u64 *paid)
{
    u64 id = croft_rng_below(rng, LIVES), amount = croft_rng_below(rng, m[id].amount + 2);
    u32 actor = PAYER + (u32)croft_rng_below(rng, 4);
    bool post = croft_rng_chance(rng, 2);
    bool right = post ? actor == (m[id].arbitrated ? ARBITER : PAYER)
                      : actor == PAYEE || (m[id].arbitrated && actor == ARBITER);
    croft_err want = !m[id].open                     ? CROFT_ERR_OP_NOT_FOUND
                     : !right                        ? CROFT_ERR_OP_NOT_YOURS
                     : post && amount > m[id].amount ? CROFT_ERR_OP_AMOUNT
                     : post && !m[id].arbitrated && amount < m[id].amount ? CROFT_ERR_OP_PARTIAL
                                                                          : CROFT_OK;
    Croft__V1__TxBody *body =
        post ? chain_pending_post(c, actor, PAYER, id, amount) : chain_pending_void(c, actor, PAYER, id);
    assert_int_equal(chain_do(c, body), want);
    if (want == CROFT_OK) {
        m[id].open = false;
        *paid += post ? amount : 0;
    }
}

static void check_lives(const struct chain *c, const struct life *m, u64 paid)
{
    u64 held = 0, open = 0;
    for (int i = 0; i < LIVES; i++) {
        held += m[i].open ? m[i].amount : 0;
        open += m[i].open;
    }
    u64 deposits = open * chain_param_of(c, CROFT_PARAM_DEPOSIT_RECORD);
    assert_int_equal(chain_system(c, CROFT_SYSTEM_ESCROW, CREDIT), held);
    assert_int_equal(chain_balance(c, PAYEE, CREDIT), CHAIN_CREDIT + paid);
    assert_int_equal(chain_balance(c, PAYER, CREDIT), CHAIN_CREDIT - paid - held - deposits);
    assert_int_equal(chain_account(c, PAYER).open_records, open);
}

static void test_random_lives(void **unused)
{
    (void)unused;
    struct chain c;
    struct life m[LIVES] = {0};
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    u64 paid = 0;
    free_network(&c, 1000);
    for (int block = 0; block < 150; block++) {
        for (int i = 0; i < 4; i++)
            random_open(&c, m, &rng);
        for (int i = 0; i < 6; i++)
            random_resolve(&c, m, &rng, &paid);
        check_lives(&c, m, paid);
        chain_end(&c);
        chain_begin(&c, croft_rng_below(&rng, 12));
        for (int i = 0; i < LIVES; i++)
            m[i].open &= m[i].ends_s > c.now_s;
        check_lives(&c, m, paid);
    }
    done(&c);
}

/* ---- what is due, in order ---- */

enum { DUES_MAX = 400 };

struct expected_due {
    u64 due_s;
    u32 table, slot;
    u8 key[CROFT_RECORD_KEY_MAX];
};

static int by_time_table_slot(const void *a, const void *b)
{
    const struct expected_due *x = a, *y = b;
    if (x->due_s != y->due_s)
        return x->due_s < y->due_s ? -1 : 1;
    if (x->table != y->table)
        return x->table < y->table ? -1 : 1;
    return (x->slot > y->slot) - (x->slot < y->slot);
}

static u64 due_time(const struct chain *c, u32 table, u32 slot)
{
    union {
        struct croft_pending_record pending;
        struct croft_withdrawal_record withdrawal;
        struct croft_proposal_record proposal;
        struct croft_recovery_record recovery;
    } r;
    croft_record_load(c->l, table, slot, &r);
    return table == CROFT_TABLE_PENDINGS      ? r.pending.expires_s
           : table == CROFT_TABLE_WITHDRAWALS ? r.withdrawal.returns_s
           : table == CROFT_TABLE_PROPOSALS   ? r.proposal.expires_s
                                              : r.recovery.due_s;
}

static size_t list_dues(const struct chain *c, struct expected_due out[DUES_MAX])
{
    static const u32 table[] = {CROFT_TABLE_PENDINGS, CROFT_TABLE_WITHDRAWALS, CROFT_TABLE_PROPOSALS,
                                CROFT_TABLE_RECOVERIES};
    size_t count = 0;
    for (size_t t = 0; t < CROFT_COUNT(table); t++)
        for (u32 slot = 0; slot < croft_state_high(c->l->state, table[t]); slot++) {
            struct croft_bytes key = croft_state_key(c->l->state, table[t], slot);
            if (key.at == NULL)
                continue;
            assert_true(count < DUES_MAX);
            out[count] = (struct expected_due){due_time(c, table[t], slot), table[t], slot, {0}};
            memcpy(out[count++].key, key.at, key.len);
        }
    qsort(out, count, sizeof *out, by_time_table_slot);
    return count;
}

/* Records of all four tables at few different times; some end before their time and free their slots. */
static void many_dues(struct chain *c, struct croft_rng *rng)
{
    u64 returns_s = c->now_s + chain_param_of(c, CROFT_PARAM_WITHDRAW_RETURN_S);
    for (u64 id = 0; id < 120; id++) {
        u64 ends_s = returns_s - 2 + croft_rng_below(rng, 5);
        croft_err err =
            chain_do(c, chain_pending_open(c, PAYER + (u32)(id % 3), id, OTHER, 5, ends_s - c->now_s));
        assert_int_equal(err, CROFT_OK);
        if (croft_rng_chance(rng, 3))
            assert_int_equal(chain_do(c, chain_pending_void(c, OTHER, PAYER + (u32)(id % 3), id)), CROFT_OK);
        if (id % 3 == 0)
            assert_int_equal(chain_do(c, chain_withdraw(c, OTHER, id, CHAIN_ISSUER, CREDIT, 5)), CROFT_OK);
        if (id % 20 == 0) {
            Croft__V1__TxBody *body = chain_propose_param(c, 1 + (u32)(id / 20 % 3), id, CROFT_PARAM_COST_WRITE, 1);
            body->propose->expires_s = ends_s;
            assert_int_equal(chain_do(c, body), CROFT_OK);
        }
    }
    u64 delay_s = returns_s - c->now_s;
    assert_int_equal(chain_do(c, chain_set_guardian(c, OTHER, ARBITER, delay_s)), CROFT_OK);
    assert_int_equal(chain_do(c, chain_recover_start(c, ARBITER, OTHER, c->actor[OTHER].set)), CROFT_OK);
}

static void expect_dues(const struct chain *c, const struct expected_due *want, size_t count)
{
    static const u8 kind[CROFT_TABLE_COUNT] = {
        [CROFT_TABLE_PENDINGS] = CROFT_DUE_PENDING_EXPIRED,
        [CROFT_TABLE_WITHDRAWALS] = CROFT_DUE_WITHDRAWAL_RETURNED,
        [CROFT_TABLE_PROPOSALS] = CROFT_DUE_PROPOSAL_EXPIRED,
        [CROFT_TABLE_RECOVERIES] = CROFT_DUE_RECOVERED,
    };
    assert_int_equal(c->end.due_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(c->end.due[i].kind, kind[want[i].table]);
        assert_int_equal(c->end.due[i].key_len, croft_table_key_len(want[i].table));
        assert_memory_equal(c->end.due[i].key, want[i].key, sizeof want[i].key);
    }
}

static void test_due_in_order_over_blocks(void **unused)
{
    (void)unused;
    enum { PER_BLOCK = 17 };
    static struct expected_due want[DUES_MAX];
    struct chain c;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    free_network(&c, PER_BLOCK);
    many_dues(&c, &rng);
    chain_end(&c);
    size_t count = list_dues(&c, want);
    assert_true(count > 5 * PER_BLOCK);

    c.now_s = want[0].due_s - 1;
    chain_begin(&c, 0);
    chain_end(&c);
    assert_int_equal(c.end.due_count, 0); /* not a second early */
    c.now_s = want[count - 1].due_s;
    for (size_t at = 0; at < count; at += PER_BLOCK) {
        assert_int_equal(croft_ledger_next_due_s(c.l), want[at].due_s);
        chain_begin(&c, 0);
        chain_end(&c);
        expect_dues(&c, want + at, count - at < PER_BLOCK ? count - at : PER_BLOCK);
    }
    assert_int_equal(croft_ledger_next_due_s(c.l), UINT64_MAX);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_ESCROW, CREDIT), 0);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_PAYOUTS, CREDIT), 0);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_DEPOSITS, CREDIT), 0);
    chain_stop(&c);
}

/* ---- issuers ---- */

static void test_issue_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    u64 out = CHAIN_FUNDED * CHAIN_CREDIT + 1000, deposit = chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    assert_int_equal(chain_do(&c, chain_issue(&c, PAYER, PAYEE, CREDIT, UINT64_MAX)),
                     CROFT_ERR_OP_ISSUER); /* and CAP */
    assert_int_equal(chain_do(&c, chain_issue(&c, 0, PAYEE, CREDIT, CHAIN_CAP - out + 1)),
                     CROFT_ERR_OP_ISSUER_CAP);
    assert_int_equal(chain_do(&c, chain_issue(&c, 0, PAYEE, CREDIT, UINT64_MAX)), CROFT_ERR_OP_ISSUER_CAP);
    assert_int_equal(chain_do(&c, chain_issue(&c, 0, PAYEE, CREDIT, CHAIN_CAP - out)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_issue(&c, 0, PAYEE, CREDIT, 1)), CROFT_ERR_OP_ISSUER_CAP);
    assert_int_equal(chain_balance(&c, PAYEE, CREDIT), CHAIN_CREDIT + CHAIN_CAP - out);
    assert_int_equal(chain_do(&c, chain_issue(&c, 0, NOBODY, TOKEN, 5)), CROFT_OK);
    assert_int_equal(chain_balance(&c, 0, CREDIT),
                     CHAIN_CREDIT - deposit); /* the issuer pays for a new account */
    assert_int_equal(chain_do(&c, chain_transfer(&c, 0, PAYEE, CREDIT, CHAIN_CREDIT - deposit)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_issue(&c, 0, NOBODY + 1, TOKEN, 5)), CROFT_ERR_OP_DEPOSIT);
    done(&c);
}

/* Two issuers whose caps together are more than 64 bits: the asset's sum may not wrap, nor may what one
 * issued in all. */
static void test_issue_overflow(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = chain_genesis(&c);
    chain_param(&c, g, CROFT_PARAM_BASE_FEE_MIN, 0);
    g->issuers[0]->cap = UINT64_MAX;
    chain_issuer(&c, g, PAYER, CREDIT, UINT64_MAX);
    chain_start(&c, g);
    chain_begin(&c, 1);
    u64 left = UINT64_MAX - CHAIN_FUNDED * CHAIN_CREDIT;
    assert_int_equal(chain_do(&c, chain_issue(&c, PAYER, PAYEE, CREDIT, left + 1)), CROFT_ERR_OP_OVERFLOW);
    assert_int_equal(chain_do(&c, chain_issue(&c, PAYER, PAYEE, CREDIT, left)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_issue(&c, 0, PAYEE, CREDIT, 1)), CROFT_ERR_OP_OVERFLOW);
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYEE, PAYER, CREDIT, left)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_issue(&c, PAYER, PAYEE, CREDIT, left)),
                     CROFT_ERR_OP_OVERFLOW); /* issued_total */
    assert_int_equal(chain_do(&c, chain_issue(&c, 0, PAYEE, CREDIT, 1)), CROFT_OK);
    done(&c);
}

static void test_redeem_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    u64 out = CHAIN_FUNDED * CHAIN_CREDIT + 1000;
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYER, PAYEE, CREDIT, UINT64_MAX)), CROFT_ERR_OP_ISSUER);
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYER, 0, CREDIT, out + 1)),
                     CROFT_ERR_OP_OUTSTANDING); /* and FUNDS */
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYER, 0, CREDIT, CHAIN_CREDIT + 1)), CROFT_ERR_OP_FUNDS);
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYER, 0, CREDIT, CHAIN_CREDIT)), CROFT_OK);
    assert_int_equal(chain_balance(&c, PAYER, CREDIT), 0);
    assert_int_equal(croft_ledger_chain(c.l).outstanding[CREDIT].units, out - CHAIN_CREDIT);
    done(&c);
}

/* ---- withdrawals ---- */

static void test_withdraw_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    u64 out = CHAIN_FUNDED * CHAIN_CREDIT + 1000, deposit = chain_param_of(&c, CROFT_PARAM_DEPOSIT_RECORD);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, 1, 0, CREDIT, 10)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, 1, PAYEE, CREDIT, 10)),
                     CROFT_ERR_OP_EXISTS); /* and ISSUER */
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, 2, PAYEE, CREDIT, out + 1)), CROFT_ERR_OP_ISSUER);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, 2, 0, CREDIT, out + 1)),
                     CROFT_ERR_OP_OUTSTANDING); /* and FUNDS */
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, 2, 0, CREDIT, CHAIN_CREDIT)), CROFT_ERR_OP_FUNDS);
    u64 all = chain_balance(&c, PAYER, CREDIT);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, 2, 0, CREDIT, all - deposit + 1)),
                     CROFT_ERR_OP_DEPOSIT);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, 2, 0, CREDIT, all - deposit)), CROFT_OK);
    assert_int_equal(chain_system(&c, CROFT_SYSTEM_PAYOUTS, CREDIT), 10 + all - deposit);
    done(&c);
}

static void test_withdraw_answers(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    u64 out = CHAIN_FUNDED * CHAIN_CREDIT + 1000;
    for (u64 id = 1; id <= 3; id++)
        assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, id, 0, CREDIT, 10 * id)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_withdraw_paid(&c, OTHER, PAYER, 4)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_withdraw_return(&c, OTHER, PAYER, 4)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_withdraw_paid(&c, PAYER, PAYER, 1)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_withdraw_return(&c, PAYER, PAYER, 1)), CROFT_ERR_OP_NOT_YOURS);
    assert_int_equal(chain_do(&c, chain_withdraw_paid(&c, 0, PAYER, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_withdraw_return(&c, 0, PAYER, 1)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(chain_do(&c, chain_withdraw_return(&c, 0, PAYER, 2)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_withdraw_paid(&c, 0, PAYER, 2)), CROFT_ERR_OP_NOT_FOUND);
    assert_int_equal(croft_ledger_chain(c.l).outstanding[CREDIT].units, out - 10);
    chain_end(&c);
    chain_begin(&c, chain_param_of(&c, CROFT_PARAM_WITHDRAW_RETURN_S)); /* the third comes back by time */
    assert_int_equal(chain_balance(&c, PAYER, CREDIT), CHAIN_CREDIT - 10);
    assert_int_equal(chain_do(&c, chain_withdraw_paid(&c, 0, PAYER, 3)), CROFT_ERR_OP_NOT_FOUND);
    done(&c);
}

/* What is promised to a withdrawal cannot be promised, or redeemed, again until the withdrawal ends. */
static void test_withdraw_more_than_issued(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__Genesis *g = chain_genesis(&c);
    chain_issuer(&c, g, OTHER, CREDIT, 1000);
    chain_start(&c, g);
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_issue(&c, OTHER, PAYEE, CREDIT, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, 1, OTHER, CREDIT, 60)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYEE, 1, OTHER, CREDIT, 41)), CROFT_ERR_OP_OUTSTANDING);
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYEE, OTHER, CREDIT, 41)), CROFT_ERR_OP_OUTSTANDING);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYEE, 1, OTHER, CREDIT, 39)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYEE, OTHER, CREDIT, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_withdraw_paid(&c, OTHER, PAYER, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYEE, OTHER, CREDIT, 1)), CROFT_ERR_OP_OUTSTANDING);
    assert_int_equal(chain_do(&c, chain_withdraw_return(&c, OTHER, PAYEE, 1)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYEE, OTHER, CREDIT, 39)), CROFT_OK);
    done(&c);
}

/* A quarter of the records may be withdrawals, all of them pendings. */
static void test_full_tables(void **unused)
{
    (void)unused;
    struct chain c;
    free_network(&c, 100);
    u32 most = croft_state_records_max(c.l->state, CROFT_TABLE_WITHDRAWALS);
    for (u64 id = 0; id < most; id++)
        assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, id, 0, CREDIT, 1)), CROFT_OK);
    struct croft_hash before = chain_digest(&c);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, most, 0, CREDIT, 1)), CROFT_ERR_OP_FULL);
    assert_int_equal(chain_do(&c, chain_withdraw_return(&c, 0, PAYER, 3)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, most, 0, CREDIT, 1)), CROFT_OK);
    struct croft_hash after = chain_digest(&c);
    assert_memory_not_equal(before.b, after.b, sizeof after.b);

    most = croft_state_records_max(c.l->state, CROFT_TABLE_PENDINGS);
    for (u64 id = 0; id < most; id++)
        assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, id, PAYEE, 1, 100)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, most, PAYEE, 1, 100)), CROFT_ERR_OP_FULL);
    done(&c);
}

/* ---- caps ---- */

/* The key's cap stops what leaves, after FUNDS and, for a deposit, before there is a record. */
static void test_cap_of_operations(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__KeySet *set = chain_key_set(&c.keep, 8 * PAYER, 1, 1);
    set->keys[0]->cap_credit = 50;
    chain_set_actor(&c, PAYER, set);
    Croft__V1__Genesis *g = chain_genesis(&c);
    chain_param(&c, g, CROFT_PARAM_BASE_FEE_MIN, 0);
    chain_start(&c, g);
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYER, PAYEE, CREDIT, CHAIN_CREDIT + 1)),
                     CROFT_ERR_OP_FUNDS);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYER, PAYEE, CREDIT, 51)), CROFT_ERR_OP_CAP);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYER, NOBODY, CREDIT, 50)),
                     CROFT_ERR_OP_CAP); /* the deposit */
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 1, PAYEE, 51, 10)), CROFT_ERR_OP_CAP);
    assert_int_equal(chain_do(&c, chain_pending_open(&c, PAYER, 1, PAYEE, 50, 10)), CROFT_ERR_OP_CAP);
    assert_int_equal(chain_do(&c, chain_withdraw(&c, PAYER, 1, 0, CREDIT, 51)), CROFT_ERR_OP_CAP);
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYER, 0, CREDIT, 51)), CROFT_ERR_OP_CAP);
    assert_int_equal(chain_do(&c, chain_close(&c, PAYER, PAYEE)), CROFT_ERR_OP_CAP);
    assert_int_equal(chain_do(&c, chain_transfer(&c, PAYER, PAYEE, TOKEN, CHAIN_CROFT)), CROFT_OK);
    assert_int_equal(chain_do(&c, chain_redeem(&c, PAYER, 0, CREDIT, 50)), CROFT_OK);
    done(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transfer),
        cmocka_unit_test(test_transfer_refusals),
        cmocka_unit_test(test_transfer_is_all_or_nothing),
        cmocka_unit_test(test_full_table_of_accounts),
        cmocka_unit_test(test_pending_open_refusals),
        cmocka_unit_test(test_pending_ids),
        cmocka_unit_test(test_pending_post_refusals),
        cmocka_unit_test(test_pending_void_refusals),
        cmocka_unit_test(test_payee_gone),
        cmocka_unit_test(test_random_lives),
        cmocka_unit_test(test_due_in_order_over_blocks),
        cmocka_unit_test(test_issue_refusals),
        cmocka_unit_test(test_issue_overflow),
        cmocka_unit_test(test_redeem_refusals),
        cmocka_unit_test(test_withdraw_refusals),
        cmocka_unit_test(test_withdraw_answers),
        cmocka_unit_test(test_withdraw_more_than_issued),
        cmocka_unit_test(test_full_tables),
        cmocka_unit_test(test_cap_of_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
