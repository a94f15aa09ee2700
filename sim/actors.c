#include "sim/sim_int.h"

#include "base/assert.h"

#include <string.h>

/* ---- one transaction ---- */

/* Makes, now and then with a mistake, and submits. */
static void do_one(struct croft_sim *s, u32 wallet, croft_sim_make *make, bool mistaken)
{
    struct croft_sim_draft d = croft_sim_draft_of(s, wallet);
    if (!make(s, &d))
        return;
    croft_sim_draft_fill(s, &d);
    if (mistaken)
        croft_sim_mistake(s, &d);
    struct croft_sim_tx *t = croft_sim_draft_sign(s, &d);
    croft_sim_submit(s, &t, 1);
}

static void do_any(struct croft_sim *s, u32 wallet, croft_sim_make *const *make, size_t count, u32 odd_one_in)
{
    s->odd_one_in = odd_one_in;
    do_one(s, wallet, make[croft_sim_below(s, count)], false);
}

#define DO_ANY(s, wallet, odd_one_in, ...)                            \
    do {                                                              \
        static croft_sim_make *const make[] = {__VA_ARGS__};          \
        do_any((s), (wallet), make, CROFT_COUNT(make), (odd_one_in)); \
    } while (0)

/* ---- honest people ---- */

static void act_payer(struct croft_sim *s, u32 wallet)
{
    DO_ANY(s, wallet, 30, croft_sim_make_transfer, croft_sim_make_transfer, croft_sim_make_transfer,
           croft_sim_make_transfer, croft_sim_make_transfer, croft_sim_make_spend_cap);
}

static void act_trader(struct croft_sim *s, u32 wallet)
{
    DO_ANY(s, wallet, 20, croft_sim_make_pending_open, croft_sim_make_pending_open,
           croft_sim_make_pending_open, croft_sim_make_pending_post, croft_sim_make_pending_void);
}

static void act_saver(struct croft_sim *s, u32 wallet)
{
    DO_ANY(s, wallet, 12, croft_sim_make_redeem, croft_sim_make_withdraw, croft_sim_make_withdraw);
}

static void act_issuer(struct croft_sim *s, u32 wallet)
{
    DO_ANY(s, wallet, 8, croft_sim_make_issue, croft_sim_make_issue, croft_sim_make_withdraw_paid,
           croft_sim_make_withdraw_return);
}

static void act_keeper(struct croft_sim *s, u32 wallet)
{
    DO_ANY(s, wallet, 5, croft_sim_make_key_add, croft_sim_make_key_add, croft_sim_make_key_revoke,
           croft_sim_make_key_rotate, croft_sim_make_key_thresholds, croft_sim_make_close_account);
}

static void act_guardian(struct croft_sim *s, u32 wallet)
{
    DO_ANY(s, wallet, 6, croft_sim_make_set_guardian, croft_sim_make_recover_start,
           croft_sim_make_recover_start, croft_sim_make_recover_cancel);
}

static void act_governor(struct croft_sim *s, u32 wallet)
{
    for (u32 i = croft_sim_chance(s, 8) ? CROFT_PROPOSALS_OPEN_MAX : 0; i > 0; i--)
        DO_ANY(s, wallet, 12, croft_sim_make_propose); /* more than one operator may have open */
    DO_ANY(s, wallet, 12, croft_sim_make_propose, croft_sim_make_vote, croft_sim_make_vote,
           croft_sim_make_vote);
}

/* Pays in, closes, comes back: an account's address outlives it. */
static void act_closer(struct croft_sim *s, u32 wallet)
{
    DO_ANY(s, wallet, 12, croft_sim_make_close_account, croft_sim_make_close_account,
           croft_sim_make_transfer);
}

/* Opens an account and closes it at once, in one batch: both may be in the same second. */
static void act_hasty(struct croft_sim *s, u32 wallet)
{
    struct croft_sim_tx *t[2];
    u32 other = (wallet + 1 + (u32)croft_sim_below(s, CROFT_SIM_WALLETS - 1)) % CROFT_SIM_WALLETS;
    s->odd_one_in = 30;
    struct croft_sim_draft open = croft_sim_draft_of(s, wallet), close = croft_sim_draft_of(s, other);
    croft_sim_fill_transfer(s, &open, 1, false);
    open.body->transfer->legs[0]->to_address = croft_sim_address(s, other);
    open.body->transfer->legs[0]->amount = 10 * CROFT_UNITS_PER_CREDIT;
    open.body->transfer->legs[0]->asset = CROFT_ASSET_CREDIT;
    bool made = croft_sim_make_close_account(s, &close);
    CROFT_ASSERT(made);
    croft_sim_draft_fill(s, &open);
    t[0] = croft_sim_draft_sign(s, &open);
    croft_sim_submit(s, t, 1);
    croft_sim_work(s);
    croft_sim_draft_fill(s, &close);
    t[1] = croft_sim_draft_sign(s, &close);
    croft_sim_submit(s, t + 1, 1);
}

/* ---- mistaken and malicious people ---- */

static croft_sim_make *const everything[] = {
    croft_sim_make_transfer,        croft_sim_make_transfer,       croft_sim_make_pending_open,
    croft_sim_make_pending_post,    croft_sim_make_pending_void,   croft_sim_make_issue,
    croft_sim_make_redeem,          croft_sim_make_withdraw,       croft_sim_make_withdraw_paid,
    croft_sim_make_withdraw_return, croft_sim_make_key_add,        croft_sim_make_key_revoke,
    croft_sim_make_key_rotate,      croft_sim_make_key_thresholds, croft_sim_make_set_guardian,
    croft_sim_make_recover_start,   croft_sim_make_recover_cancel, croft_sim_make_close_account,
    croft_sim_make_propose,         croft_sim_make_vote,
};

static void act_odd(struct croft_sim *s, u32 wallet)
{
    do_any(s, wallet, everything, CROFT_COUNT(everything), 2);
}

static void act_mistaken(struct croft_sim *s, u32 wallet)
{
    s->odd_one_in = 3;
    do_one(s, wallet, everything[croft_sim_below(s, CROFT_COUNT(everything))], true);
}

/* Signs with its own keys for somebody else's account. */
static void act_thief(struct croft_sim *s, u32 wallet)
{
    s->odd_one_in = 10;
    struct croft_sim_draft d = croft_sim_draft_of(s, croft_sim_someone(s, wallet));
    if (!everything[croft_sim_below(s, CROFT_COUNT(everything))](s, &d))
        return;
    croft_sim_draft_fill(s, &d);
    for (u32 i = 0; i < d.signer_count; i++)
        memcpy(d.key[i].b, s->wallet[wallet].first->keys[0]->public_key.data, 32);
    struct croft_sim_tx *t = croft_sim_draft_sign(s, &d);
    croft_sim_submit(s, &t, 1);
}

static struct croft_sim_tx *some_tx(struct croft_sim *s)
{
    u64 recent = s->tx_count < 50 || croft_sim_chance(s, 2) ? s->tx_count : 50;
    return s->tx_count == 0 ? NULL : s->tx[s->tx_count - 1 - croft_sim_below(s, recent)];
}

/* Sends what was sent before, several at once and in any order, one of them twice. */
static void act_replayer(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    struct croft_sim_tx *t[8];
    u32 count = 0, want = 1 + (u32)croft_sim_below(s, CROFT_COUNT(t) - 1);
    for (u32 i = 0; i < want; i++)
        if ((t[count] = some_tx(s)) != NULL)
            count++;
    if (count == 0)
        return;
    t[count] = t[croft_sim_below(s, count)];
    croft_sim_submit(s, t, count + 1);
}

/* The signatures of `like` in another order: `lead` first, then the others by place, but for the first
 * `leave` of them. */
static u32 reorder(const struct croft_sim_tx *like, u32 lead, u32 leave, u32 out[CROFT_TX_SIGNATURES_MAX])
{
    u32 count = 1;
    out[0] = lead;
    for (u32 i = leave; i < like->signature_count; i++) {
        u32 at = count;
        if (i == lead)
            continue;
        for (; at > 1 && like->signer[out[at - 1]] > like->signer[i]; at--)
            out[at] = out[at - 1];
        out[at] = i;
        count++;
    }
    return count;
}

static struct croft_sim_tx *some_signed_by_many(struct croft_sim *s)
{
    for (u32 i = 0; i < 200; i++) {
        struct croft_sim_tx *t = some_tx(s);
        if (t != NULL && t->signature_count >= 2 && !t->mangled)
            return t;
    }
    return NULL;
}

/* Puts the signatures of somebody's transaction in another order, or leaves the lead's out: the same
 * transaction, signed by the same people, with another lead key.  Whoever sees it can do that. */
static void act_twin(struct croft_sim *s, u32 wallet)
{
    (void)wallet;
    struct croft_arena mem = croft_region_arena(&s->scratch);
    struct croft_sim_tx *like = some_signed_by_many(s);
    if (like == NULL)
        return;
    Croft__V1__Tx *tx = (void *)croft_unpack_strict(&croft__v1__tx__descriptor, like->bytes, &mem);
    CROFT_ASSERT(tx != NULL);
    struct croft_sim_tx twin = *like;
    Croft__V1__Signature *signature[CROFT_TX_SIGNATURES_MAX];
    u32 order[CROFT_TX_SIGNATURES_MAX], lead = 1 + (u32)croft_sim_below(s, like->signature_count - 1);
    twin.signature_count = reorder(like, lead, croft_sim_chance(s, 2), order);
    for (u32 i = 0; i < twin.signature_count; i++) {
        signature[i] = tx->signatures[order[i]];
        twin.signer[i] = like->signer[order[i]];
        twin.signed_by[i] = like->signed_by[order[i]];
    }
    tx->n_signatures = twin.signature_count;
    tx->signatures = signature;
    struct croft_sim_tx *t = croft_sim_tx_like(s, &twin, croft_pack(&tx->base, &s->mem));
    croft_sim_note(s, "#%u is #%u with another lead key", t->serial, like->serial);
    croft_sim_submit(s, &t, 1);
}

/* More at once than a block takes, and than the pool allows one account. */
static void act_spammer(struct croft_sim *s, u32 wallet)
{
    struct croft_sim_tx *t[60];
    s->odd_one_in = 30;
    const struct croft_model_account *a = croft_sim_account(s, wallet);
    u64 base = a != NULL ? a->r.key[0].nonce_base : 0;
    for (u32 i = 0; i < CROFT_COUNT(t); i++) {
        struct croft_sim_draft d = croft_sim_draft_of(s, wallet);
        croft_sim_fill_transfer(s, &d, 1, false);
        croft_sim_draft_fill(s, &d);
        if (a != NULL && a->r.key_count != 0)
            d.body->nonce = base + 1 + i;
        t[i] = croft_sim_draft_sign(s, &d);
    }
    u32 half = (u32)croft_sim_below(s, CROFT_COUNT(t));
    croft_sim_submit(s, t, half + 1);
    croft_sim_submit(s, t + half, CROFT_COUNT(t) - half);
}

/* One transaction to a thousand new accounts, when the network takes one so long. */
static void act_crowd(struct croft_sim *s, u32 wallet)
{
    struct croft_sim_draft d = croft_sim_draft_of(s, wallet);
    s->odd_one_in = 30;
    if (!croft_sim_chance(s, 8))
        return;
    croft_sim_fill_transfer(s, &d, 990 + (u32)croft_sim_below(s, 11), true);
    croft_sim_draft_fill(s, &d);
    struct croft_sim_tx *t = croft_sim_draft_sign(s, &d);
    if (t->bytes.len > 100000 || croft_model_cost(s->model, t) > s->model->param[CROFT_PARAM_BLOCK_COST_MAX])
        return;
    croft_sim_submit(s, &t, 1);
}

/* A transaction that no block can ever take. */
static void act_giant(struct croft_sim *s, u32 wallet)
{
    struct croft_sim_draft d = croft_sim_draft_of(s, wallet);
    s->odd_one_in = 30;
    croft_sim_fill_transfer(s, &d, 1000, true);
    croft_sim_draft_fill(s, &d);
    struct croft_sim_tx *t = croft_sim_draft_sign(s, &d);
    if (croft_model_cost(s->model, t) <= s->model->param[CROFT_PARAM_BLOCK_COST_MAX])
        return;
    croft_sim_submit(s, &t, 1);
}

/* Somebody rich makes as many withdrawals as the pool takes of one account; now and then as many as the table
 * takes. */
static void act_hoarder(struct croft_sim *s, u32 wallet)
{
    enum { AT_ONCE = 40 };
    struct croft_sim_tx *t[AT_ONCE];
    u32 rounds = croft_sim_chance(s, 4) ? 2 * CROFT_MODEL_WITHDRAWALS / AT_ONCE : 1;
    wallet %= CROFT_SIM_OPERATORS + CROFT_SIM_ISSUERS;
    s->odd_one_in = UINT32_MAX;
    for (u32 i = 0; i < rounds * AT_ONCE && !s->stopped; i++) {
        struct croft_sim_draft d = croft_sim_draft_of(s, wallet);
        bool made = croft_sim_make_withdraw(s, &d);
        CROFT_ASSERT(made);
        d.body->withdraw->id = 100000 + s->tx_count;
        d.body->withdraw->amount = 1;
        croft_sim_draft_fill(s, &d);
        d.body->nonce += i % AT_ONCE;
        t[i % AT_ONCE] = croft_sim_draft_sign(s, &d);
        if (i % AT_ONCE == AT_ONCE - 1) {
            croft_sim_submit(s, t, AT_ONCE);
            croft_sim_work(s);
        }
    }
}

const struct croft_sim_source croft_sim_actors[] = {
    {"payer", 9, 3000, act_payer},       {"trader", 8, 3000, act_trader},
    {"saver", 4, 3000, act_saver},       {"issuer", 2, 2000, act_issuer},
    {"keeper", 4, 3000, act_keeper},     {"guardian", 3, 3000, act_guardian},
    {"governor", 4, 2500, act_governor}, {"closer", 2, 3000, act_closer},
    {"hasty", 1, 9000, act_hasty},       {"odd", 4, 3000, act_odd},
    {"mistaken", 6, 3000, act_mistaken}, {"thief", 1, 3000, act_thief},
    {"replayer", 2, 3000, act_replayer}, {"twin", 1, 6000, act_twin},
    {"spammer", 1, 20000, act_spammer},  {"crowd", 1, 300000, act_crowd},
    {"giant", 1, 60000, act_giant},      {"hoarder", 1, 12000, act_hoarder},
};
const size_t croft_sim_actor_count = CROFT_COUNT(croft_sim_actors);
