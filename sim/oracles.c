#include "sim/sim_int.h"

#include "base/assert.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- records, one by one ---- */

/* A record as the model has it. */
struct expected {
    bool live;
    u8 key[CROFT_RECORD_KEY_MAX];
    u8 value[CROFT_RECORD_VALUE_MAX];
    size_t value_len;
};

static void put_number(u8 *at, u64 v)
{
    for (u32 i = 0; i < 8; i++)
        at[i] = (u8)(v >> (56 - 8 * i));
}

static void expect_record(struct expected *e, enum croft_table table, const void *record)
{
    e->live = true;
    e->value_len = croft_layout_encode(croft_table_layout(table), record, e->value, sizeof e->value);
}

static void expect_account(const struct croft_model *m, u32 i, struct expected *e)
{
    struct croft_account_record r = croft_model_account_record(m, &m->account[i]);
    memcpy(e->key, m->account[i].address.b, 32);
    expect_record(e, CROFT_TABLE_ACCOUNTS, &r);
}

static void expect_pending(const struct croft_model *m, u32 i, struct expected *e)
{
    memcpy(e->key, m->pending[i].payer.b, 32);
    put_number(e->key + 32, m->pending[i].id);
    expect_record(e, CROFT_TABLE_PENDINGS, &m->pending[i].r);
}

static void expect_issuer(const struct croft_model *m, u32 i, struct expected *e)
{
    memcpy(e->key, m->issuer[i].address.b, 32);
    e->key[32] = m->issuer[i].asset;
    expect_record(e, CROFT_TABLE_ISSUERS, &m->issuer[i].r);
}

static void expect_withdrawal(const struct croft_model *m, u32 i, struct expected *e)
{
    memcpy(e->key, m->withdrawal[i].owner.b, 32);
    put_number(e->key + 32, m->withdrawal[i].id);
    expect_record(e, CROFT_TABLE_WITHDRAWALS, &m->withdrawal[i].r);
}

static void expect_validator(const struct croft_model *m, u32 i, struct expected *e)
{
    memcpy(e->key, m->validator[i].public_key, 32);
    expect_record(e, CROFT_TABLE_VALIDATORS, &m->validator[i].r);
}

static void expect_proposal(const struct croft_model *m, u32 i, struct expected *e)
{
    put_number(e->key, m->proposal[i].id);
    expect_record(e, CROFT_TABLE_PROPOSALS, &m->proposal[i].r);
}

static void expect_vote(const struct croft_model *m, u32 i, struct expected *e)
{
    put_number(e->key, m->vote[i].proposal);
    memcpy(e->key + 8, m->vote[i].operator_address.b, 32);
    expect_record(e, CROFT_TABLE_VOTES, &m->vote[i].r);
}

static void expect_recovery(const struct croft_model *m, u32 i, struct expected *e)
{
    memcpy(e->key, m->recovery[i].account.b, 32);
    expect_record(e, CROFT_TABLE_RECOVERIES, &m->recovery[i].r);
}

static void expect(const struct croft_model *m, enum croft_table table, u32 i, struct expected *e)
{
    memset(e->key, 0, sizeof e->key);
    e->live = false;
    switch ((u32)table) {
#define CASE(number, member, fill) \
    case number:                   \
        if (m->member[i].live)     \
            fill(m, i, e);         \
        return;
        CASE(CROFT_TABLE_ACCOUNTS, account, expect_account)
        CASE(CROFT_TABLE_PENDINGS, pending, expect_pending)
        CASE(CROFT_TABLE_ISSUERS, issuer, expect_issuer)
        CASE(CROFT_TABLE_WITHDRAWALS, withdrawal, expect_withdrawal)
        CASE(CROFT_TABLE_VALIDATORS, validator, expect_validator)
        CASE(CROFT_TABLE_PROPOSALS, proposal, expect_proposal)
        CASE(CROFT_TABLE_VOTES, vote, expect_vote)
        CASE(CROFT_TABLE_RECOVERIES, recovery, expect_recovery)
#undef CASE
    default:
        CROFT_UNREACHABLE("not a table of the model");
    }
}

/* What differs in a value, by the names of its layout. */
static void fail_at_field(struct croft_sim *s, enum croft_table table, u32 slot, struct croft_bytes got,
                          const struct expected *e)
{
    const struct croft_layout *l = croft_table_layout(table);
    const char *name = "length or keys";
    size_t at = 0;
    for (u32 i = 0; i < l->field_count; at += l->field[i++].bytes)
        if (memcmp(got.at + at, e->value + at, l->field[i].bytes) != 0) {
            name = l->field[i].name;
            break;
        }
    croft_sim_fail(s, "%s slot %u: %s differs from the model", croft_table_name(table), slot, name);
}

static void check_record(struct croft_sim *s, const struct croft_state *state, enum croft_table table,
                         u32 slot)
{
    struct expected e;
    struct croft_bytes key = croft_state_key(state, table, slot),
                       value = croft_state_value(state, table, slot);
    expect(s->model, table, slot, &e);
    CROFT_SIM_MUST(s, e.live == (key.at != NULL), "%s slot %u is %s, in the model it is not",
                   croft_table_name(table), slot, e.live ? "free" : "taken");
    if (!e.live)
        return;
    CROFT_SIM_MUST(s, memcmp(key.at, e.key, key.len) == 0, "%s slot %u has another key than in the model",
                   croft_table_name(table), slot);
    if (value.len != e.value_len || memcmp(value.at, e.value, value.len) != 0)
        fail_at_field(s, table, slot, value, &e);
}

static void check_table(struct croft_sim *s, const struct croft_state *state, enum croft_table table)
{
    u32 high = croft_state_high(state, table);
    CROFT_SIM_MUST(s, high == s->model->high[table], "%s has %u slots, in the model %u",
                   croft_table_name(table), high, s->model->high[table]);
    CROFT_SIM_MUST(s, croft_state_count(state, table) == s->model->count[table],
                   "%s has %u records, in the model %u", croft_table_name(table),
                   croft_state_count(state, table), s->model->count[table]);
    for (u32 slot = 0; slot < high; slot++)
        check_record(s, state, table, slot);
}

static void check_params(struct croft_sim *s, const struct croft_state *state)
{
    for (u32 slot = 0; slot < croft_state_high(state, CROFT_TABLE_PARAMS); slot++) {
        struct croft_bytes key = croft_state_key(state, CROFT_TABLE_PARAMS, slot);
        struct croft_param_record r;
        croft_err err =
            croft_layout_decode(&croft_param_layout, croft_state_value(state, CROFT_TABLE_PARAMS, slot), &r);
        CROFT_SIM_MUST(s, err == CROFT_OK && r.value == s->model->param[key.at[0] << 8 | key.at[1]],
                       "parameter %u differs from the model", key.at[1]);
    }
}

static void check_chain(struct croft_sim *s, const struct croft_state *state)
{
    struct expected e;
    struct croft_bytes value = croft_state_value(state, CROFT_TABLE_CHAIN, 0);
    expect_record(&e, CROFT_TABLE_CHAIN, &s->model->chain);
    if (value.len != e.value_len || memcmp(value.at, e.value, value.len) != 0)
        fail_at_field(s, CROFT_TABLE_CHAIN, 0, value, &e);
}

/* ---- sums and roots ---- */

/* All balances together are what the issuers have outstanding: nothing was made or lost on the way. */
static void check_sums(struct croft_sim *s, const struct croft_state *state)
{
    u128 sum[CROFT_ASSET_COUNT] = {0}, outstanding[CROFT_ASSET_COUNT] = {0};
    for (u32 slot = 0; slot < croft_state_high(state, CROFT_TABLE_ACCOUNTS); slot++) {
        struct croft_bytes value = croft_state_value(state, CROFT_TABLE_ACCOUNTS, slot);
        struct croft_account_record r = {0};
        croft_err err = value.at != NULL ? croft_layout_decode(&croft_account_layout, value, &r) : CROFT_OK;
        CROFT_SIM_MUST(s, err == CROFT_OK, "accounts slot %u does not decode", slot);
        sum[0] += croft_amt_units(r.balance[0]);
        sum[1] += croft_amt_units(r.balance[1]);
    }
    for (u32 i = 0; i < s->model->high[CROFT_TABLE_ISSUERS]; i++)
        if (s->model->issuer[i].live)
            outstanding[s->model->issuer[i].asset] += croft_amt_units(s->model->issuer[i].r.outstanding);
    for (u32 asset = 0; asset < CROFT_ASSET_COUNT; asset++)
        CROFT_SIM_MUST(s, sum[asset] == outstanding[asset],
                       "asset %u: %" PRIu64 " in accounts, %" PRIu64 " issued", asset, (u64)sum[asset],
                       (u64)outstanding[asset]);
}

void croft_sim_check_audit(struct croft_sim *s, const struct croft_ledger *l)
{
    struct croft_why why = {""};
    croft_err err = croft_ledger_audit(l, croft_region_arena(&s->scratch), &why);
    CROFT_SIM_MUST(s, err == CROFT_OK, "audit: %s", why.text);
}

void croft_sim_check_state(struct croft_sim *s, const struct croft_ledger *l)
{
    static const enum croft_table table[] = {
        CROFT_TABLE_ACCOUNTS,   CROFT_TABLE_PENDINGS,  CROFT_TABLE_ISSUERS, CROFT_TABLE_WITHDRAWALS,
        CROFT_TABLE_VALIDATORS, CROFT_TABLE_PROPOSALS, CROFT_TABLE_VOTES,   CROFT_TABLE_RECOVERIES,
    };
    const struct croft_state *state = croft_ledger_state(l);
    check_sums(s, state);
    for (size_t i = 0; i < CROFT_COUNT(table); i++)
        check_table(s, state, table[i]);
    check_params(s, state);
    check_chain(s, state);
    croft_sim_check_audit(s, l);
    CROFT_SIM_MUST(s, croft_ledger_height(l) == s->model->height,
                   "the ledger is at block %" PRIu64 ", the model at %" PRIu64, croft_ledger_height(l),
                   s->model->height);
    u64 due_s = croft_ledger_next_due_s(l), want_s = croft_model_next_due_s(s->model);
    CROFT_SIM_MUST(s, due_s == want_s, "next due at %" PRIu64 ", the model says %" PRIu64, due_s, want_s);
}

/* ---- a block ---- */

static void check_header(struct croft_sim *s, const struct croft_header *h, bool tried)
{
    struct croft_public_key key = croft_public_key_of(&s->sequencer);
    u64 wall_ms = croft_sim_world_wall_ms(&s->world),
        now_ms = wall_ms > s->last_time_ms ? wall_ms : s->last_time_ms;
    CROFT_SIM_MUST(s, h->height == s->height + 1, "block %" PRIu64 " after block %" PRIu64, h->height,
                   s->height);
    CROFT_SIM_MUST(s, tried ? h->time_ms == now_ms : h->time_ms >= s->last_time_ms,
                   "block %" PRIu64 " is dated %" PRIu64 ", it is %" PRIu64, h->height, h->time_ms, now_ms);
    CROFT_SIM_MUST(s, croft_hash_equal(&h->previous, &s->last_id),
                   "block %" PRIu64 " does not name the one before", h->height);
    CROFT_SIM_MUST(
        s, croft_hash_equal(&h->network, &s->network) && memcmp(h->sequencer, key.b, sizeof key.b) == 0,
        "block %" PRIu64 " has a wrong network or sequencer", h->height);
    CROFT_SIM_MUST(s, h->tx_count + h->due_count > 0, "block %" PRIu64 " is empty", h->height);
}

void croft_sim_check_dues(struct croft_sim *s, const struct croft_block *b)
{
    CROFT_SIM_MUST(s, b->header.due_count == s->model->due_count, "%u records were due, the model says %u",
                   b->header.due_count, s->model->due_count);
    for (u32 i = 0; i < s->model->due_count; i++) {
        struct croft_due got = croft_block_due(b, i), want = s->model->due[i];
        bool same = got.kind == want.kind && got.key_len == want.key_len &&
                    croft_amt_cmp(got.amount, want.amount) == 0 &&
                    memcmp(got.key, want.key, sizeof got.key) == 0;
        CROFT_SIM_MUST(s, same, "what was due as number %u (%s) differs from the model (%s)", i,
                       croft_due_name(got.kind), croft_due_name(want.kind));
        croft_sim_note(s, "due: %s", croft_due_name(got.kind));
    }
}

/* Transactions of a block that was found in the log and never answered. */
static void stand_unanswered(struct croft_sim *s, const struct croft_block *b)
{
    struct croft_bytes txs = b->txs;
    for (u32 i = 0; i < b->header.tx_count; i++) {
        struct croft_arena mem = croft_region_arena(&s->scratch);
        struct croft_bytes bytes = croft_block_next_tx(&txs);
        struct croft_tx tx;
        croft_err err = croft_tx_decode(bytes, &s->network, &mem, &tx);
        struct croft_sim_tx *t = err == CROFT_OK ? croft_sim_tx_find(s, &tx.id, bytes) : NULL;
        struct croft_receipt receipt = croft_block_receipt(b, i);
        if (t == NULL)
            croft_sim_fail(s, "block %" PRIu64 " has a transaction that nobody made", b->header.height);
        croft_sim_tx_stands(s, t, b->header.height, i, &receipt);
    }
}

static void keep_block(struct croft_sim *s, struct croft_bytes bytes, const struct croft_header *h)
{
    if (h->height > s->block_room) {
        s->block_room = s->block_room * 2 + 1024;
        s->block = realloc(s->block, s->block_room * sizeof *s->block);
        CROFT_ASSERT(s->block != NULL);
    }
    s->block[h->height - 1] = bytes;
    s->last_id = croft_block_id(h);
    s->last_time_ms = h->time_ms;
    s->result->blocks++;
}

void croft_sim_block_stands(struct croft_sim *s, struct croft_bytes bytes, bool tried)
{
    struct croft_block b;
    ProtobufCBinaryData copy = croft_sim_copy(s, bytes.at, bytes.len);
    croft_err err = croft_block_open((struct croft_bytes){copy.data, copy.len}, &b);
    CROFT_SIM_MUST(s, err == CROFT_OK, "a block does not open: %s", croft_err_name(err));
    check_header(s, &b.header, tried);
    croft_sim_note(s, "block %" PRIu64 ": %u transactions, %u due%s", b.header.height, b.header.tx_count,
                   b.header.due_count, tried ? "" : ", found in the log");
    s->height = b.header.height;
    s->scenario->block_begins(s, &b);
    if (tried)
        croft_sim_answers(s, &b);
    else
        stand_unanswered(s, &b);
    keep_block(s, b.bytes, &b.header);
    s->scenario->block_ends(s, &b);
    struct croft_hash app_hash = croft_ledger_app_hash(croft_solo_ledger(s->node[0].solo));
    CROFT_SIM_MUST(s, croft_hash_equal(&app_hash, &b.header.app_hash),
                   "block %" PRIu64 " has another root than the ledger", b.header.height);
    s->scenario->check_state(s, croft_solo_ledger(s->node[0].solo));
}

/* ---- what was said stays true ---- */

void croft_sim_check_kept(struct croft_sim *s, struct croft_sim_node *n, struct croft_sim_tx *t)
{
    struct croft_arena mem = croft_region_arena(&s->scratch);
    struct croft_tx_place place[8];
    struct croft_block b;
    struct croft_why why = {""};
    u32 count = 0;
    croft_err err =
        croft_tx_index_find(croft_solo_index(n->solo), (struct croft_bytes){t->id.b, sizeof t->id.b}, place,
                            CROFT_COUNT(place), &count, &why);
    CROFT_SIM_MUST(s, err == CROFT_OK, "the index of %s fails: %s", n->name, why.text);
    bool found = false;
    for (u32 i = 0; i < count; i++)
        found |= place[i].height == t->height && place[i].index == t->index;
    CROFT_SIM_MUST(s, found, "the index of %s does not have #%u", n->name, t->serial);
    err = croft_blocklog_read(croft_solo_log(n->solo), t->height, &mem, &b, &why);
    CROFT_SIM_MUST(s, err == CROFT_OK, "%s cannot read block %" PRIu64 ": %s", n->name, t->height, why.text);
    struct croft_bytes kept = s->block[t->height - 1];
    CROFT_SIM_MUST(s, b.bytes.len == kept.len && memcmp(b.bytes.at, kept.at, kept.len) == 0,
                   "block %" PRIu64 " of %s is not what it was", t->height, n->name);
}

void croft_sim_check_replays(struct croft_sim *s)
{
    const struct croft_ledger *l = croft_solo_ledger(s->node[0].solo);
    u64 now_s = croft_sim_now_s(s);
    for (u32 i = 0; i < s->tx_count; i++) {
        const struct croft_sim_tx *t = s->tx[i];
        struct croft_arena mem = croft_region_arena(&s->scratch);
        struct croft_tx_auth auth;
        struct croft_tx tx;
        if (t->height == 0)
            continue;
        croft_err err = croft_tx_decode(t->bytes, &s->network, &mem, &tx);
        CROFT_SIM_MUST(s, err == CROFT_OK, "#%u no longer decodes", t->serial);
        err = croft_ledger_check(l, &tx, now_s, &auth);
        croft_err want = s->model != NULL ? croft_model_check(s->model, t, now_s) : err;
        CROFT_SIM_MUST(s, err != CROFT_OK, "#%u is in block %" PRIu64 " and would be taken again", t->serial,
                       t->height);
        CROFT_SIM_MUST(s, err == want, "#%u again: %s, the model says %s", t->serial, croft_err_name(err),
                       croft_err_name(want));
    }
}
