#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

static void begin(struct croft_sim *s)
{
    struct croft_msim *m = croft_sim_new(s, struct croft_msim, 1);
    s->market = m;
    m->order = croft_sim_new(s, struct croft_msim_order, CROFT_MSIM_ORDERS);
    m->lease = croft_sim_new(s, struct croft_msim_lease, CROFT_MSIM_LEASES);
    m->bid = croft_sim_new(s, struct croft_msim_bid, CROFT_MSIM_BIDS);
    croft_msim_make_network(s);
    m->before_s = s->genesis->time_s;
}

/* All of it is the run's memory. */
static void end(struct croft_sim *s)
{
    (void)s;
}

/* In half of the seeds time goes on evenly and the disk has room; of the others the sequencer is busy in some. */
static bool stays_away(const struct croft_sim *s, const char *source)
{
    static const char *const rough[] = {"clock", "busy", "disk_full", "disk_call_full", "promote"};
    for (size_t i = 0; i < CROFT_COUNT(rough); i++)
        if (s->market->calm && strcmp(source, rough[i]) == 0)
            return true;
    return !s->market->slow && strcmp(source, "busy") == 0;
}

/* ---- a block ---- */

static void note_unacked(struct croft_sim *s, const struct croft_due *due)
{
    struct croft_msim_lease *l;
    for (u32 i = 0; (l = croft_msim_live(s, i)) != NULL; i++)
        if (memcmp(l->key, due->key, sizeof l->key) == 0)
            s->market->actor[l->payee].book.unacked++;
}

static void block_begins(struct croft_sim *s, const struct croft_block *b)
{
    for (u32 i = 0; i < b->header.due_count; i++) {
        struct croft_due due = croft_block_due(b, i);
        croft_sim_note(s, "due: %s", croft_due_name(due.kind));
        if (due.kind == CROFT_DUE_LEASE_UNACKED)
            note_unacked(s, &due);
    }
}

static void tx_stands(struct croft_sim *s, const struct croft_sim_tx *t, const struct croft_receipt *receipt)
{
    CROFT_SIM_MUST(s, receipt->code == 0 || receipt->value == 0, "a failed operation says that it moved something");
    croft_msim_note_tx(s, t, receipt);
}

static void block_ends(struct croft_sim *s, const struct croft_block *b)
{
    croft_msim_track(s, b->header.time_ms / 1000);
    croft_msim_count(s);
    croft_msim_check_books(s);
}

static void no_block(struct croft_sim *s)
{
    croft_sim_answers(s, NULL);
}

/* The books begin with what the genesis gave. */
static void check_state(struct croft_sim *s, const struct croft_ledger *l)
{
    croft_sim_check_audit(s, l);
    if (s->height != 0 || s->market->counted)
        return;
    croft_msim_count(s);
    s->market->counted = true;
    for (u32 i = 0; i < s->market->actor_count; i++)
        for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++)
            s->market->actor[i].book.start[asset] = s->market->wealth[i][asset];
}

/* ---- the end ---- */

/* Time goes on by at least so much; what is due on the way is done when it is. */
static void pass(struct croft_sim *s, u64 seconds)
{
    croft_sim_world_advance(&s->world, s->world.now_ms + seconds * 1000);
    croft_sim_work(s);
}

static bool is_over(const struct croft_sim *s)
{
    static const enum croft_table table[] = {CROFT_TABLE_LEASES,  CROFT_TABLE_ORDERS,   CROFT_TABLE_QUEUE,
                                             CROFT_TABLE_BATCHES, CROFT_TABLE_PAGES,    CROFT_TABLE_AUCTIONS,
                                             CROFT_TABLE_BIDS,    CROFT_TABLE_CLAIMS};
    for (size_t i = 0; i < CROFT_COUNT(table); i++)
        if (croft_state_count(croft_msim_state(s), table[i]) != 0)
            return false;
    return true;
}

static void act_all(struct croft_sim *s)
{
    struct croft_msim *m = s->market;
    for (u32 i = 0; i < m->actor_count; i++) {
        bool away = croft_sim_is_without(s, m->actor[i].kind->name);
        if (!away && m->actor[i].kind->role != CROFT_ROLE_VALIDATOR)
            m->actor[i].kind->act(s, &m->actor[i]);
    }
}

/* Providers leave, with all that they had at stake. */
static void close_shops(struct croft_sim *s)
{
    enum { ROUNDS = 48, PARTS = 8, LEAST_S = 60 };
    u64 round_s = croft_msim_param(s, CROFT_PARAM_STAKE_UNLOCK_S) / PARTS + LEAST_S;
    struct croft_msim *m = s->market;
    struct croft_address stake = croft_system_address(CROFT_SYSTEM_STAKE);
    struct croft_account_record r;
    u32 left = 1;
    for (u32 i = 0; i < ROUNDS && left != 0; i++) {
        for (u32 k = 0; k < m->actor_count && croft_msim_is_open(s); k++)
            if (m->actor[k].kind->role == CROFT_ROLE_PROVIDER)
                croft_msim_provider_leaves(s, &m->actor[k]);
        croft_sim_work(s);
        pass(s, round_s);
        left = croft_state_count(croft_msim_state(s), CROFT_TABLE_PROVIDERS);
    }
    bool found = croft_msim_read(s, CROFT_TABLE_ACCOUNTS, stake.b, &r);
    CROFT_SIM_MUST(s, left == 0, "%u providers cannot leave", left);
    CROFT_SIM_MUST(s, found && croft_amt_is_zero(r.balance[0]), "no provider is left, and something is at stake");
}

/* Everybody winds up, then time passes until every window is shut. */
static void drain(struct croft_sim *s)
{
    enum { ROUNDS = 24, ROUND_S = 45, WAITS = 20000 };
    s->market->draining = true;
    s->world.event_count = 0;
    for (u32 i = 0; i < ROUNDS && !is_over(s); i++) {
        act_all(s);
        pass(s, ROUND_S);
    }
    for (u32 i = 0; i < WAITS && !is_over(s); i++) {
        u64 due_s = croft_ledger_next_due_s(croft_msim_ledger(s)), now_s = croft_sim_now_s(s);
        CROFT_SIM_MUST(s, due_s != UINT64_MAX, "orders or leases are left and nothing is due");
        pass(s, due_s > now_s ? due_s - now_s : 1);
    }
    CROFT_SIM_MUST(s, is_over(s), "orders or leases are left after all their times");
    croft_msim_check_end(s);
    close_shops(s);
}

const struct croft_sim_scenario croft_sim_market = {
    .name = "market",
    .actors = croft_msim_cast,
    .actor_count = &croft_msim_cast_count,
    .hurry = 8,
    .wallets = CROFT_MSIM_FIRST_WALLET + CROFT_MSIM_ACTORS,
    .stays_away = stays_away,
    .begin = begin,
    .end = end,
    .drain = drain,
    .block_begins = block_begins,
    .tx_stands = tx_stands,
    .block_ends = block_ends,
    .no_block = no_block,
    .check_state = check_state,
};
