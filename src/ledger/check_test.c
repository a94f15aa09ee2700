/* Goal: what is refused is refused for the first reason of the documented order and changes nothing; fees are
 * what the cost table says; no nonce counts twice. Method: every pair of faults in one transaction; costs
 * recomputed from the parameters; replay windows against a plain set; two blocks' fees against the rule of
 * docs/spec/ledger.md in other words. */
#include "ledger/test_int.h"

/* ---- the order of refusals ---- */

enum fault {
    SIZE,
    EXPIRED,
    TOO_LONG,
    ACCOUNT,
    KEY_SET,
    KEY,
    REPLAY,
    SCOPE,
    COST,
    LANE,
    FEE,
    FUNDS,
    CAP,
    SIGNATURE,
    FULL,
    FAULTS
};

static const croft_err fault_err[FAULTS] = {
    [SIZE] = CROFT_ERR_TX_SIZE,         [EXPIRED] = CROFT_ERR_TX_EXPIRED,
    [TOO_LONG] = CROFT_ERR_TX_TOO_LONG, [ACCOUNT] = CROFT_ERR_TX_ACCOUNT,
    [KEY_SET] = CROFT_ERR_TX_KEY_SET,   [KEY] = CROFT_ERR_TX_KEY,
    [REPLAY] = CROFT_ERR_TX_REPLAY,     [SCOPE] = CROFT_ERR_TX_SCOPE,
    [COST] = CROFT_ERR_TX_SIZE,         [LANE] = CROFT_ERR_TX_LANE,
    [FEE] = CROFT_ERR_TX_FEE,           [FUNDS] = CROFT_ERR_TX_FUNDS,
    [CAP] = CROFT_ERR_TX_CAP,           [SIGNATURE] = CROFT_ERR_TX_SIGNATURE,
    [FULL] = CROFT_ERR_TX_BLOCK_FULL,
};

enum { FILLER = 3, RICH = 4, POOR = 5, ABSENT = 12, NEW_ONE = 13 };
enum { PLAIN, NO_PAY, CAPPED, NO_PAY_CAPPED, KEYS };

/* Four keys: with everything, without the scope, with a cap, with both faults. */
static void faulty_keys(struct chain *c, u32 n)
{
    Croft__V1__KeySet *set = chain_key_set(&c->keep, 8 * n, KEYS, 1);
    set->keys[NO_PAY]->scopes = set->keys[NO_PAY_CAPPED]->scopes =
        CROFT_SCOPES_ALL & ~(1u << CROFT_SCOPE_PAY);
    set->keys[CAPPED]->cap_credit = set->keys[NO_PAY_CAPPED]->cap_credit = 1;
    chain_set_actor(c, n, set);
}

/* A transaction costs at least 60,000 of a block's 1,000,000; creating two accounts costs too much for any block. */
static void faulty_network(struct chain *c)
{
    chain_open(c);
    faulty_keys(c, RICH);
    faulty_keys(c, POOR);
    faulty_keys(c, ABSENT);
    Croft__V1__Genesis *g = chain_genesis(c);
    chain_param(c, g, CROFT_PARAM_BLOCK_COST_MAX, 1000000);
    chain_param(c, g, CROFT_PARAM_BLOCK_QUOTA_COST_MAX, 1000000);
    chain_param(c, g, CROFT_PARAM_COST_SIGNATURE, 60000);
    chain_param(c, g, CROFT_PARAM_COST_CREATE, 500000);
    chain_param(c, g, CROFT_PARAM_TX_BYTES_MAX, 2048);
    g->n_grants = 2 * CHAIN_FUNDED;
    for (size_t i = 0; i < g->n_grants; i++)
        if (memcmp(g->grants[i]->to_address.data, c->actor[POOR].address.b, 32) == 0)
            g->grants[i]->asset = CROFT_ASSET_CROFT;
    chain_start(c, g);
}

static Croft__V1__TxBody *faulty_body(struct chain *c, const bool has[FAULTS])
{
    u32 n = has[ACCOUNT] ? ABSENT : has[FUNDS] ? POOR : RICH;
    Croft__V1__TxBody *body = chain_transfer(c, n, 6, CROFT_ASSET_CROFT, 1);
    for (int i = 0; has[SIZE] && i < 60; i++)
        chain_add_leg(c, body->transfer, chain_address(c, 6), CROFT_ASSET_CROFT, 1);
    for (u32 i = 0; has[COST] && i < 2; i++)
        chain_add_leg(c, body->transfer, chain_address(c, NEW_ONE + i), CROFT_ASSET_CROFT, 1);
    body->valid_until_s = has[EXPIRED]    ? c->now_s - 1
                          : has[TOO_LONG] ? c->now_s + chain_param_of(c, CROFT_PARAM_VALID_UNTIL_MAX_S) + 1
                                          : c->now_s;
    body->key_set = has[KEY_SET] ? c->actor[7].set : c->actor[n].set;
    body->nonce = has[REPLAY] ? 0 : body->nonce;
    body->lane = has[LANE] ? CROFT_LANE_QUOTA : CROFT_LANE_NORMAL;
    body->fee_max = has[FEE] ? 0 : UINT64_MAX;
    return body;
}

static struct croft_tx faulty_tx(struct chain *c, const bool has[FAULTS])
{
    struct croft_tx tx;
    Croft__V1__TxBody *body = faulty_body(c, has);
    struct chain_signer s = {.place = has[SCOPE] ? (has[CAP] ? NO_PAY_CAPPED : NO_PAY)
                                      : has[CAP] ? CAPPED
                                                 : PLAIN};
    s.key = 8 * chain_actor_of(c, body) + s.place;
    s.place = has[KEY] ? KEYS : s.place;
    s.key = has[SIGNATURE] ? 999 : s.key;
    croft_err err = chain_sign(c, body, &s, 1, &tx);
    assert_int_equal(err, CROFT_OK);
    return tx;
}

/* In a block of its own, which is taken back. */
static void expect_first(struct chain *c, const bool has[FAULTS], croft_err want)
{
    struct croft_tx_auth auth;
    chain_begin(c, 0);
    while (has[FULL] && chain_do(c, chain_transfer(c, FILLER, 6, CROFT_ASSET_CROFT, 1)) == CROFT_OK)
        continue;
    struct croft_tx tx = faulty_tx(c, has);
    struct croft_hash before = chain_digest(c);
    croft_err in_check = want == CROFT_ERR_TX_SIGNATURE || want == CROFT_ERR_TX_BLOCK_FULL ? CROFT_OK : want;
    assert_int_equal(croft_ledger_check(c->l, &tx, c->now_s, &auth), in_check);
    assert_int_equal(chain_put(c, &tx), want);
    struct croft_hash after = chain_digest(c);
    assert_int_equal(croft_hash_equal(&before, &after), want != CROFT_OK);
    croft_ledger_block_undo(c->l);
}

static void test_order_of_refusals(void **unused)
{
    (void)unused;
    struct chain c;
    faulty_network(&c);
    const bool none[FAULTS] = {false};
    expect_first(&c, none, CROFT_OK);
    for (u32 first = 0; first < FAULTS; first++)
        for (u32 second = first; second < FAULTS; second++) {
            bool has[FAULTS] = {false};
            has[first] = has[second] = true;
            expect_first(&c, has, fault_err[first]);
        }
    chain_stop(&c);
}

static void test_keys_not_shown(void **unused)
{
    (void)unused;
    struct chain c;
    chain_make(&c);
    chain_begin(&c, 1);
    Croft__V1__TxBody *body = chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, 1);
    body->key_set = NULL;
    assert_int_equal(chain_do(&c, body), CROFT_ERR_TX_ACCOUNT);
    assert_int_equal(chain_do(&c, chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, 1)), CROFT_OK);
    body = chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, 1);
    assert_null(body->key_set);
    body->key_set = c.actor[4].set; /* once more does no harm */
    assert_int_equal(chain_do(&c, body), CROFT_OK);
    body = chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, 1);
    body->key_set = c.actor[5].set;
    assert_int_equal(chain_do(&c, body), CROFT_ERR_TX_KEY_SET);
    chain_end(&c);
    chain_stop(&c);
}

static void test_ends_of_valid_until(void **unused)
{
    (void)unused;
    struct chain c;
    chain_make(&c);
    u64 most = chain_param_of(&c, CROFT_PARAM_VALID_UNTIL_MAX_S);
    const struct {
        i64 ahead;
        croft_err want;
    } end[] = {{-1, CROFT_ERR_TX_EXPIRED},
               {0, CROFT_OK},
               {(i64)most, CROFT_OK},
               {(i64)most + 1, CROFT_ERR_TX_TOO_LONG}};
    chain_begin(&c, 1);
    for (size_t i = 0; i < CROFT_COUNT(end); i++) {
        Croft__V1__TxBody *body = chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, 1);
        body->valid_until_s = c.now_s + (u64)end[i].ahead;
        assert_int_equal(chain_do(&c, body), end[i].want);
    }
    chain_end(&c);
    chain_stop(&c);
}

/* A key that ends is good in the last second before. */
static void test_key_end(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__KeySet *set = chain_key_set(&c.keep, 32, 1, 1);
    set->keys[0]->expires_s = CHAIN_START_S + 10;
    chain_set_actor(&c, 4, set);
    chain_start(&c, chain_genesis(&c));
    chain_begin(&c, 9);
    assert_int_equal(chain_do(&c, chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, 1)), CROFT_OK);
    chain_end(&c);
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, 1)), CROFT_ERR_TX_KEY);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- replay windows ---- */

enum { MODEL_NONCES = 4096 };

/* Which of the nonces floor + 1 + i were used; the base is just below the first that was not. */
struct window_model {
    u64 floor;
    bool used[MODEL_NONCES];
};

static u64 model_base(const struct window_model *m)
{
    u64 i = 0;
    while (i < MODEL_NONCES && m->used[i])
        i++;
    return m->floor + i;
}

static bool model_is_fresh(const struct window_model *m, u64 nonce)
{
    u64 base = model_base(m);
    return nonce > base && nonce <= base + CROFT_REPLAY_WINDOW && !m->used[nonce - m->floor - 1];
}

static void check_window(const struct window_model *m, const struct croft_key_record *k)
{
    u64 base = model_base(m);
    assert_int_equal(k->nonce_base, base);
    for (u64 i = 0; i < CROFT_REPLAY_WINDOW; i++)
        assert_int_equal(k->nonce_map[i / 8] >> (i % 8) & 1, m->used[base - m->floor + i]);
}

static void random_window(struct croft_rng *rng)
{
    struct window_model m = {.floor = croft_rng_next(rng) >> 8};
    struct croft_key_record k = {.nonce_base = m.floor};
    u64 reach = 1 + croft_rng_below(rng, 300); /* in order, shuffled a little, or all over the window */
    while (model_base(&m) + 2 * CROFT_REPLAY_WINDOW + reach < m.floor + MODEL_NONCES) {
        u64 base = model_base(&m);
        u64 nonce = croft_rng_chance(rng, 20)
                        ? croft_rng_next(rng) >> croft_rng_below(rng, 64)
                        : base - croft_rng_below(rng, 3) + croft_rng_below(rng, reach + 3);
        bool fresh = croft_nonce_is_fresh(&k, nonce);
        assert_int_equal(fresh, model_is_fresh(&m, nonce));
        if (!fresh)
            continue;
        croft_nonce_use(&k, nonce);
        m.used[nonce - m.floor - 1] = true;
        check_window(&m, &k);
    }
}

static void test_replay_windows(void **unused)
{
    (void)unused;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    for (int i = 0; i < 6; i++)
        random_window(&rng);
}

static croft_err use_nonce(struct chain *c, u64 nonce)
{
    Croft__V1__TxBody *body = chain_transfer(c, 4, 5, CROFT_ASSET_CREDIT, 1);
    body->nonce = nonce;
    return chain_do(c, body);
}

/* The same through transactions: both ends of the window, and a failed transaction spends its nonce too. */
static void test_nonces_of_transactions(void **unused)
{
    (void)unused;
    struct chain c;
    chain_make(&c);
    chain_begin(&c, 1);
    u64 base = CHAIN_START_S << 20;
    assert_int_equal(use_nonce(&c, base), CROFT_ERR_TX_REPLAY);
    assert_int_equal(use_nonce(&c, base + CROFT_REPLAY_WINDOW + 1), CROFT_ERR_TX_REPLAY);
    assert_int_equal(use_nonce(&c, base + CROFT_REPLAY_WINDOW), CROFT_OK);
    assert_int_equal(use_nonce(&c, base + CROFT_REPLAY_WINDOW), CROFT_ERR_TX_REPLAY);
    Croft__V1__TxBody *body = chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, UINT64_MAX);
    assert_int_equal(body->nonce, base + 1);
    assert_int_equal(chain_do(&c, body), CROFT_ERR_OP_FUNDS);
    assert_int_equal(chain_do(&c, body), CROFT_ERR_TX_REPLAY);
    assert_int_equal(use_nonce(&c, base + CROFT_REPLAY_WINDOW + 1), CROFT_OK); /* the window moved by one */
    chain_end(&c);
    chain_stop(&c);
}

/* ---- thresholds and scopes ---- */

enum { SHARED = 4 };

/* Weights 1, 2, 3; the second without pay; pay needs 4, administration 5, the rest 1. */
static void shared_account(struct chain *c)
{
    chain_open(c);
    Croft__V1__KeySet *set = chain_key_set(&c->keep, 8 * SHARED, 3, 1);
    for (u32 i = 0; i < 3; i++)
        set->keys[i]->weight = i + 1;
    set->keys[1]->scopes &= ~(1u << CROFT_SCOPE_PAY);
    set->thresholds.data[CROFT_SCOPE_PAY] = 4;
    set->thresholds.data[CROFT_SCOPE_ADMIN] = 5;
    chain_set_actor(c, SHARED, set);
    chain_start(c, chain_genesis(c));
}

/* Signed by the keys whose bits are set; whether they suffice is counted here in the plainest way. */
static void try_signers(struct chain *c, u32 bits, bool pay)
{
    struct chain_signer s[3];
    u32 count = 0, weight = 0;
    for (u32 i = 0; i < 3; i++)
        if (bits >> i & 1) {
            s[count++] = (struct chain_signer){(u8)i, 8 * SHARED + i};
            weight += i + 1;
        }
    bool enough = pay ? bits == 5 : weight >= 5;
    Croft__V1__TxBody *body = pay ? chain_transfer(c, SHARED, 5, CROFT_ASSET_CREDIT, 1)
                                  : chain_set_guardian(c, SHARED, CHAIN_ACTORS, 0);
    if (!body->key_set)
        body->nonce = chain_nonce(c, SHARED, s[0].place);
    assert_int_equal(chain_do_as(c, body, s, count), enough ? CROFT_OK : CROFT_ERR_TX_SCOPE);
}

static void test_thresholds(void **unused)
{
    (void)unused;
    struct chain c;
    shared_account(&c);
    chain_begin(&c, 1);
    for (u32 bits = 1; bits < 8; bits++) {
        try_signers(&c, bits, true);
        try_signers(&c, bits, false);
    }
    chain_end(&c);
    chain_stop(&c);
}

/* One of two signatures wrong, whichever it is. */
static void test_each_signature_counts(void **unused)
{
    (void)unused;
    struct chain c;
    shared_account(&c);
    chain_begin(&c, 1);
    for (u32 wrong = 0; wrong < 2; wrong++) {
        struct chain_signer s[] = {{0, 8 * SHARED}, {2, 8 * SHARED + 2}};
        s[wrong].key = 8 * SHARED + 1;
        assert_int_equal(chain_do_as(&c, chain_transfer(&c, SHARED, 5, CROFT_ASSET_CREDIT, 1), s, 2),
                         CROFT_ERR_TX_SIGNATURE);
    }
    chain_end(&c);
    chain_stop(&c);
}

/* The same body with its signatures in this order, as anybody can put them who saw them. */
static croft_err reordered(struct chain *c, const struct croft_tx *from, const u32 *order, u32 count,
                           u32 lead)
{
    struct croft_tx tx;
    Croft__V1__Tx out = CROFT__V1__TX__INIT;
    Croft__V1__Signature part[3], *list[3];
    Croft__V1__TxBody body = *from->body;
    body.lead_key = lead;
    struct croft_bytes packed = croft_pack(&body.base, &c->scratch);
    out.body = (ProtobufCBinaryData){packed.len, (u8 *)(uintptr_t)packed.at};
    out.n_signatures = count;
    out.signatures = list;
    for (u32 i = 0; i < count; i++) {
        croft__v1__signature__init(&part[i]);
        part[i].key = from->signer[order[i]];
        part[i].value = (ProtobufCBinaryData){64, (u8 *)(uintptr_t)from->signature[order[i]].b};
        list[i] = &part[i];
    }
    CROFT_TRY(croft_tx_decode(croft_pack(&out.base, &c->scratch), &c->network, &c->scratch, &tx));
    return chain_put(c, &tx);
}

/* Any two of three keys suffice; with another order or fewer signatures, what they signed would count again.
 */
static void test_signatures_in_other_order(void **unused)
{
    (void)unused;
    static const u32 order[][3] = {{0, 1, 2}, {0, 1}, {0, 2}, {1, 0, 2}, {2, 0, 1},
                                   {1, 2},    {1, 0}, {2, 0}, {2, 1}};
    static const u32 count[] = {3, 2, 2, 3, 3, 2, 2, 2, 2};
    struct chain c;
    struct croft_tx tx;
    const struct chain_signer all[] = {{0, 8 * SHARED}, {1, 8 * SHARED + 1}, {2, 8 * SHARED + 2}};
    chain_open(&c);
    chain_set_actor(&c, SHARED, chain_key_set(&c.keep, 8 * SHARED, 3, 2));
    chain_start(&c, chain_genesis(&c));
    chain_begin(&c, 1);
    assert_int_equal(chain_do_as(&c, chain_transfer(&c, SHARED, 5, 0, 1), all, 3), CROFT_OK);
    assert_int_equal(chain_sign(&c, chain_transfer(&c, SHARED, 5, 0, 1000), all, 3, &tx), CROFT_OK);
    assert_int_equal(chain_put(&c, &tx), CROFT_OK);
    u64 paid = chain_balance(&c, 5, 0);
    for (size_t i = 0; i < CROFT_COUNT(order); i++) {
        croft_err err = reordered(&c, &tx, order[i], count[i], 0);
        assert_int_equal(err, order[i][0] == 0 ? CROFT_ERR_TX_REPLAY : CROFT_ERR_TX_RANGE);
        err = reordered(&c, &tx, order[i], count[i], order[i][0]);
        assert_int_equal(err, order[i][0] == 0 ? CROFT_ERR_TX_REPLAY : CROFT_ERR_TX_SIGNATURE);
    }
    assert_int_equal(chain_balance(&c, 5, 0), paid);
    chain_end(&c);
    chain_stop(&c);
}

/* A verdict of croft_tx_auth_verify counts for the keys it was made with, not for those of a later block. */
static void test_verified_before(void **unused)
{
    (void)unused;
    struct chain c;
    struct croft_tx tx;
    struct croft_tx_auth auth;
    chain_make(&c);
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, 1)), CROFT_OK);
    Croft__V1__TxBody *body = chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, 1);
    const struct chain_signer s = {0, 32};
    assert_int_equal(chain_sign(&c, body, &s, 1, &tx), CROFT_OK);
    assert_int_equal(croft_ledger_check(c.l, &tx, c.now_s, &auth), CROFT_OK);
    assert_int_equal(croft_tx_auth_verify(&tx, &auth), CROFT_OK);
    auth.key[0].b[0] ^= 1; /* as if the key had been rotated since */
    assert_int_equal(croft_ledger_block_tx(c.l, &tx, &auth, &c.receipt), CROFT_OK);
    assert_int_equal(chain_sign(&c, chain_transfer(&c, 4, 5, CROFT_ASSET_CREDIT, 2), &s, 1, &tx), CROFT_OK);
    assert_int_equal(croft_ledger_check(c.l, &tx, c.now_s, &auth), CROFT_OK);
    tx.signature[0].b[0] ^= 1;
    assert_int_equal(croft_tx_auth_verify(&tx, &auth), CROFT_ERR_TX_SIGNATURE);
    assert_int_equal(croft_ledger_block_tx(c.l, &tx, &auth, &c.receipt), CROFT_ERR_TX_SIGNATURE);
    chain_end(&c);
    chain_stop(&c);
}

/* ---- daily caps ---- */

enum { CAPPED_ACTOR = 4, DAY = CROFT_SECONDS_PER_DAY };

/* A free network, so that what is moved is all that counts. */
static void capped_account(struct chain *c, u64 cap)
{
    chain_open(c);
    Croft__V1__KeySet *set = chain_key_set(&c->keep, 8 * CAPPED_ACTOR, 1, 1);
    set->keys[0]->cap_credit = cap;
    set->keys[0]->cap_token = cap / 2;
    chain_set_actor(c, CAPPED_ACTOR, set);
    Croft__V1__Genesis *g = chain_genesis(c);
    chain_param(c, g, CROFT_PARAM_BASE_FEE_MIN, 0);
    chain_start(c, g);
}

/* Random payments over random times: spent per UTC day never passes the cap, and is refused only when it
 * would. */
static void test_caps_over_days(void **unused)
{
    (void)unused;
    enum { MOST = 1000 };
    struct chain c;
    struct croft_rng rng = croft_rng_of(croft_test_seed());
    u64 spent[CROFT_ASSET_COUNT] = {0}, day = 0, cap[] = {MOST, MOST / 2};
    capped_account(&c, MOST);
    for (int i = 0; i < 400; i++) {
        u32 asset = (u32)croft_rng_below(&rng, CROFT_ASSET_COUNT);
        u64 amount = 1 + croft_rng_below(&rng, cap[asset] / 2);
        chain_begin(&c, croft_rng_chance(&rng, 4) ? DAY - c.now_s % DAY - croft_rng_below(&rng, 2)
                                                  : croft_rng_below(&rng, 90));
        if (c.now_s / DAY != day)
            memset(spent, 0, sizeof spent);
        day = c.now_s / DAY;
        bool fits = spent[asset] + amount <= cap[asset];
        assert_int_equal(chain_do(&c, chain_transfer(&c, CAPPED_ACTOR, 5, asset, amount)),
                         fits ? CROFT_OK : CROFT_ERR_OP_CAP);
        spent[asset] += fits ? amount : 0;
        chain_end(&c);
    }
    chain_stop(&c);
}

/* The fee counts against the cap of credits, before the operation and together with it. */
static void test_cap_takes_the_fee(void **unused)
{
    (void)unused;
    struct chain c;
    chain_open(&c);
    Croft__V1__KeySet *set = chain_key_set(&c.keep, 8 * CAPPED_ACTOR, 1, 1);
    set->keys[0]->cap_credit = 1000000;
    chain_set_actor(&c, CAPPED_ACTOR, set);
    chain_start(&c, chain_genesis(&c));
    chain_begin(&c, 1);
    assert_int_equal(chain_do(&c, chain_transfer(&c, CAPPED_ACTOR, 5, CROFT_ASSET_CROFT, 1)), CROFT_OK);
    u64 left = 1000000 - c.receipt.fee;
    assert_int_equal(chain_do(&c, chain_transfer(&c, CAPPED_ACTOR, 5, CROFT_ASSET_CREDIT, left)),
                     CROFT_ERR_OP_CAP);
    left -= c.receipt.fee;
    assert_int_equal(chain_account(&c, CAPPED_ACTOR).key[0].spent[CROFT_ASSET_CREDIT].units, 1000000 - left);
    while (left >= c.receipt.fee) {
        assert_int_equal(chain_do(&c, chain_transfer(&c, CAPPED_ACTOR, 5, CROFT_ASSET_CROFT, 1)), CROFT_OK);
        left -= c.receipt.fee;
    }
    assert_int_equal(chain_do(&c, chain_transfer(&c, CAPPED_ACTOR, 5, CROFT_ASSET_CROFT, 1)),
                     CROFT_ERR_TX_CAP);
    chain_end(&c);
    chain_stop(&c);
}

int main(void)
{
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_refusals),
        cmocka_unit_test(test_keys_not_shown),
        cmocka_unit_test(test_ends_of_valid_until),
        cmocka_unit_test(test_key_end),
        cmocka_unit_test(test_replay_windows),
        cmocka_unit_test(test_nonces_of_transactions),
        cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_each_signature_counts),
        cmocka_unit_test(test_signatures_in_other_order),
        cmocka_unit_test(test_verified_before),
        cmocka_unit_test(test_caps_over_days),
        cmocka_unit_test(test_cap_takes_the_fee),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
