#include "ledger/ledger_int.h"
#include "ledger/market_int.h"

#include "base/assert.h"
#include "base/buf.h"

#include <string.h>

/* ---- init ---- */

size_t croft_ledger_size(const struct croft_state_limits *limits)
{
    return croft_state_size(limits) + croft_roots_size(limits) + sizeof(struct croft_ledger) +
           CROFT_BLOCK_TXS_MAX * sizeof(struct croft_hash) + CROFT_BLOCK_DUES_MAX * sizeof(struct croft_due) + (1u << 16);
}

static u32 offset_of(const struct croft_layout *layout, const char *name)
{
    u32 at = 0;
    for (u32 i = 0; i < layout->field_count; i++) {
        if (strcmp(layout->field[i].name, name) == 0)
            return at;
        at += layout->field[i].bytes;
    }
    CROFT_UNREACHABLE("no such field");
    return 0;
}

croft_err croft_ledger_init(struct croft_arena *mem, const struct croft_state_limits *limits, struct croft_ledger **out)
{
    struct croft_ledger *l = croft_new(mem, struct croft_ledger, 1);
    if (l == NULL)
        return CROFT_ERR_NOMEM;
    CROFT_TRY(croft_state_init(mem, limits, &l->state));
    CROFT_TRY(croft_roots_init(&l->roots, mem, l->state));
    l->receipt_leaf = croft_arena_take_raw(mem, CROFT_BLOCK_TXS_MAX, sizeof *l->receipt_leaf, 16);
    l->due = croft_arena_take_raw(mem, CROFT_BLOCK_DUES_MAX, sizeof *l->due, 16);
    if (l->receipt_leaf == NULL || l->due == NULL)
        return CROFT_ERR_NOMEM;
    l->balance_offset = offset_of(&croft_account_layout, "balance_credit");
    l->epoch_offset = offset_of(&croft_token_layout, "epoch");
    CROFT_ASSERT(offset_of(&croft_token_layout, "epoch_fees") == l->epoch_offset + sizeof(u32));
    CROFT_ASSERT(croft_param_count() < CROFT_COUNT(l->param));
    *out = l;
    return CROFT_OK;
}

/* ---- what is kept beside the state ---- */

void croft_param_create(struct croft_ledger *l, u32 number, u64 value)
{
    const struct croft_param_record r = {.value = value};
    u8 key[2];
    u32 slot;
    croft_key_param(number, key);
    croft_err err = croft_record_insert(l, CROFT_TABLE_PARAMS, key, &r, &slot);
    CROFT_ASSERT(err == CROFT_OK); /* the table has room for every number there is */
}

void croft_params_stored(const struct croft_ledger *l, u64 out[CROFT_PARAMS_MAX])
{
    for (size_t i = 0; i < croft_param_count(); i++) {
        u8 key[2];
        u32 number = croft_param_at(i)->number;
        /* A state of an older protocol has no record of it yet. */
        struct croft_param_record r = {.value = croft_param_at(i)->initial};
        croft_key_param(number, key);
        u32 slot = croft_state_find(l->state, CROFT_TABLE_PARAMS, key);
        if (slot != CROFT_SLOT_NONE)
            croft_record_load(l, CROFT_TABLE_PARAMS, slot, &r);
        out[number] = r.value;
    }
}

void croft_params_refresh(struct croft_ledger *l)
{
    croft_params_stored(l, l->param);
}

void croft_roots_refresh(struct croft_ledger *l)
{
    croft_roots_named(&l->roots, l->named);
    l->app_hash = croft_app_hash(l->named);
}

void croft_system_refresh(struct croft_ledger *l)
{
    struct croft_chain_record c = croft_ledger_chain(l);
    l->block_base_fee = c.base_fee;
    l->block_protocol = c.protocol;
    for (u32 i = CROFT_SYSTEM_FEES; i < CROFT_SYSTEM_COUNT; i++) {
        struct croft_address a = croft_system_address((enum croft_system_account)i);
        l->system_slot[i] = croft_account_find(l, &a);
        CROFT_ASSERT(l->system_slot[i] != CROFT_SLOT_NONE || croft_system_since(i) > c.protocol);
    }
}

/* ---- what a protocol brings ---- */

static croft_err begin_issuer(struct croft_ledger *l, u32 asset, u64 cap)
{
    u8 key[33];
    u32 slot;
    struct croft_address token = croft_system_address(CROFT_SYSTEM_TOKEN);
    const struct croft_issuer_record r = {.cap = croft_amt_of(cap)};
    croft_key_issuer(&token, asset, key);
    return croft_record_insert(l, CROFT_TABLE_ISSUERS, key, &r, &slot);
}

croft_err croft_protocol_begin(struct croft_ledger *l, u32 above, u32 to, u64 now_s)
{
    u32 slot;
    struct croft_address token = croft_system_address(CROFT_SYSTEM_TOKEN);
    if (above >= CROFT_PROTOCOL_MARKET || to < CROFT_PROTOCOL_MARKET)
        return CROFT_OK;
    const struct croft_account_record fresh = {.nonce_floor = now_s << 20};
    CROFT_TRY(croft_record_insert(l, CROFT_TABLE_ACCOUNTS, token.b, &fresh, &slot));
    if (!croft_ledger_chain(l).token)
        return CROFT_OK;
    /* What may be converted in all is CONVERT_DEBT_MAX, looked up each time, for votes change it. */
    CROFT_TRY(begin_issuer(l, CROFT_ASSET_CREDIT, INT64_MAX));
    CROFT_TRY(begin_issuer(l, CROFT_ASSET_CROFT, INT64_MAX));
    return croft_token_begin(l, now_s);
}

/* ---- a block ---- */

static croft_err know_protocol(struct croft_ledger *l, u64 height, const struct croft_chain_record *c,
                               struct croft_why *why)
{
    bool raised = c->next_protocol != 0 && height >= c->next_height;
    l->block_protocol = raised ? c->next_protocol : c->protocol;
    if (l->block_protocol <= CROFT_PROTOCOL_MAX)
        return CROFT_OK;
    return croft_fail(why, CROFT_ERR_PROTOCOL,
                      "block %llu needs protocol %u; this release knows up to %d. Install release %.*s and start again: "
                      "the stored chain stays as it is.",
                      (unsigned long long)height, l->block_protocol, CROFT_PROTOCOL_MAX, (int)sizeof c->next_release,
                      (const char *)c->next_release);
}

/* The parameters that a protocol brings become records when it begins: so old and new releases agree before it. */
static void add_params(struct croft_ledger *l, u32 above, u32 to)
{
    for (size_t i = 0; i < croft_param_count(); i++) {
        const struct croft_param_info *info = croft_param_at(i);
        if (info->since > above && info->since <= to)
            croft_param_create(l, info->number, info->initial);
    }
}

static void raise_protocol(struct croft_ledger *l)
{
    struct croft_chain_record c = croft_ledger_chain(l);
    if (c.protocol == l->block_protocol)
        return;
    u32 before = c.protocol;
    add_params(l, before, l->block_protocol);
    c.protocol = l->block_protocol;
    c.next_protocol = 0;
    c.next_height = 0;
    memset(c.next_release, 0, sizeof c.next_release);
    croft_record_store(l, CROFT_TABLE_CHAIN, 0, &c);
    croft_err err = croft_protocol_begin(l, before, c.protocol, l->block_time_s);
    CROFT_ASSERT(err == CROFT_OK); /* tables keep room for it */
    croft_params_refresh(l);
    croft_system_refresh(l);
    CROFT_ASSERT(l->due_count < CROFT_BLOCK_DUES_MAX);
    l->due[l->due_count++] = (struct croft_due){.kind = CROFT_DUE_PROTOCOL, .amount = croft_amt_of(c.protocol)};
}

croft_err croft_ledger_block_begin(struct croft_ledger *l, u64 height, u64 time_s, struct croft_why *why)
{
    CROFT_ASSERT(l->phase == CROFT_PHASE_IDLE);
    CROFT_ASSERT(height == l->height + 1 && time_s >= l->time_s);
    struct croft_chain_record c = croft_ledger_chain(l);
    CROFT_TRY(know_protocol(l, height, &c, why));

    l->phase = CROFT_PHASE_OPEN;
    l->block_height = height;
    l->block_time_s = time_s;
    l->block_base_fee = c.base_fee;
    l->block_fees = croft_amt_of(0);
    l->block_txs = 0;
    l->due_count = 0;
    memset(l->block_cost, 0, sizeof l->block_cost);
    croft_params_refresh(l);
    raise_protocol(l);
    croft_expire_due(l, time_s);
    l->tx_dues = 0;
    return CROFT_OK;
}

static bool is_verified(const struct croft_tx_auth *now, const struct croft_tx_auth *before)
{
    if (before == NULL || !before->verified || before->count != now->count)
        return false;
    for (u32 i = 0; i < now->count; i++)
        if (memcmp(now->key[i].b, before->key[i].b, sizeof now->key[i].b) != 0)
            return false;
    return true;
}

static croft_err check_room(const struct croft_ledger *l, const struct croft_tx *tx, u64 cost)
{
    u32 lane = tx->body->lane;
    u64 most = croft_lane_cost_max(l, tx);
    bool fits = l->block_cost[lane] <= most && cost <= most - l->block_cost[lane];
    bool room = l->block_txs < CROFT_BLOCK_TXS_MAX - 1 && l->due_count < CROFT_BLOCK_DUES_MAX - CROFT_DUES_OF_TX_MAX &&
                l->tx_dues < CROFT_BLOCK_TX_DUES_MAX && !croft_state_journal_tight(l->state);
    return fits && room ? CROFT_OK : CROFT_ERR_TX_BLOCK_FULL;
}

/* Fee, nonce and quota: what a transaction pays for being in the block at all. */
static void take_fee(struct croft_ledger *l, const struct croft_tx *tx, struct croft_checked *c)
{
    struct croft_account_record *r = &c->account.r;
    r->balance[CROFT_ASSET_CREDIT] = croft_amt_sub_must(r->balance[CROFT_ASSET_CREDIT], c->fee);
    croft_caps_book(r, tx, CROFT_ASSET_CREDIT, c->fee, l->block_time_s);
    croft_nonce_use(&r->key[tx->signer[0]], tx->body->nonce);
    if (tx->body->lane == CROFT_LANE_QUOTA) {
        u32 today = croft_day_of(l->block_time_s);
        r->quota_used = (r->quota_day == today ? r->quota_used : 0) + c->cost;
        r->quota_day = today;
    }
    croft_account_store(l, &c->account);
    l->block_fees = croft_amt_add_must(l->block_fees, c->fee);
    l->block_cost[tx->body->lane] += c->cost;
}

static struct croft_receipt execute(struct croft_ledger *l, const struct croft_tx *tx, const struct croft_checked *c)
{
    struct croft_op o = {
        .l = l, .tx = tx, .payer = c->account.slot, .now_s = l->block_time_s, .height = l->block_height,
        .capped = croft_has_caps(&c->account.r, tx)};
    croft_mark mark = croft_state_mark(l->state);
    u32 dues = l->due_count;
    croft_err err = croft_op_info_of(tx->body->op_case)->run(&o);
    if (err != CROFT_OK) {
        croft_state_rollback(l->state, mark);
        l->due_count = dues; /* what was brought up to date on the way is due again */
    }
    return (struct croft_receipt){.format = 1,
                                  .op = (u8)tx->body->op_case,
                                  .code = (u16)err,
                                  .fee = croft_amt_units(c->fee),
                                  .value = err == CROFT_OK ? croft_amt_units(o.value) : 0};
}

static void add_receipt(struct croft_ledger *l, const struct croft_tx *tx, const struct croft_receipt *receipt)
{
    u8 bytes[CROFT_RECEIPT_BYTES];
    size_t len = croft_layout_encode(&croft_receipt_layout, receipt, bytes, sizeof bytes);
    l->receipt_leaf[l->block_txs++] = croft_merkle_named_leaf((struct croft_bytes){tx->id.b, sizeof tx->id.b},
                                                              (struct croft_bytes){bytes, len});
}

croft_err croft_ledger_block_tx(struct croft_ledger *l, const struct croft_tx *tx, const struct croft_tx_auth *auth,
                                struct croft_receipt *out_receipt)
{
    CROFT_ASSERT(l->phase == CROFT_PHASE_OPEN);
    struct croft_checked c;
    CROFT_TRY(croft_check_all(l, tx, l->block_time_s, &c));
    if (!l->trust_signatures && !is_verified(&c.auth, auth))
        CROFT_TRY(croft_tx_auth_verify(tx, &c.auth));
    CROFT_TRY(check_room(l, tx, c.cost));

    take_fee(l, tx, &c);
    *out_receipt = execute(l, tx, &c);
    add_receipt(l, tx, out_receipt);
    return CROFT_OK;
}

/* EIP-1559's rule in integers: proportional to the distance from half full, at most 1/STEP_DEN. */
static u64 next_base_fee(const struct croft_ledger *l)
{
    u64 floor = croft_ledger_param(l, CROFT_PARAM_BASE_FEE_MIN), base = l->block_base_fee;
    u64 target = croft_ledger_param(l, CROFT_PARAM_BLOCK_COST_MAX) / 2, used = l->block_cost[CROFT_LANE_NORMAL];
    u64 den = croft_ledger_param(l, CROFT_PARAM_BASE_FEE_STEP_DEN);
    if (floor == 0)
        return 0;
    u64 distance = used > target ? used - target : target - used;
    distance = distance > target ? target : distance; /* an odd maximum has a longer upper half */
    u128 step = (u128)base * distance / target / den;
    u128 next = used > target ? (u128)base + step + 1 : (u128)base - step;
    next = next > UINT64_MAX / 2 ? UINT64_MAX / 2 : next;
    return next < floor ? floor : (u64)next;
}

static void end_chain_record(struct croft_ledger *l)
{
    if (l->block_txs == 0)
        return; /* an empty block changes no root */
    struct croft_chain_record c = croft_ledger_chain(l);
    c.base_fee = next_base_fee(l);
    c.txs_total += l->block_txs;
    c.receipt_blocks++;
    croft_record_store(l, CROFT_TABLE_CHAIN, 0, &c);
    croft_system_credit(l, CROFT_SYSTEM_FEES, CROFT_ASSET_CREDIT, l->block_fees);
}

u32 croft_ledger_block_due_count(const struct croft_ledger *l)
{
    CROFT_ASSERT(l->phase == CROFT_PHASE_OPEN);
    return l->due_count;
}

void croft_ledger_block_end(struct croft_ledger *l, struct croft_block_end *out)
{
    CROFT_ASSERT(l->phase == CROFT_PHASE_OPEN);
    end_chain_record(l);
    struct croft_hash receipts_root = croft_merkle_root(l->receipt_leaf, l->block_txs);
    croft_roots_update(&l->roots, l->state, l->block_txs ? &receipts_root : NULL);
    croft_roots_named(&l->roots, l->block_named);
    *out = (struct croft_block_end){
        .protocol = l->block_protocol,
        .app_hash = croft_app_hash(l->block_named),
        .receipts_root = receipts_root,
        .due = l->due,
        .due_count = l->due_count,
    };
    l->phase = CROFT_PHASE_ENDED;
}

void croft_ledger_block_accept(struct croft_ledger *l)
{
    CROFT_ASSERT(l->phase == CROFT_PHASE_ENDED);
    croft_state_accept(l->state);
    l->height = l->block_height;
    l->time_s = l->block_time_s;
    memcpy(l->named, l->block_named, sizeof l->named);
    l->app_hash = croft_app_hash(l->named);
    croft_system_refresh(l);
    croft_params_refresh(l); /* a change that was voted in this block holds from the next check on */
    l->phase = CROFT_PHASE_IDLE;
}

void croft_ledger_block_undo(struct croft_ledger *l)
{
    CROFT_ASSERT(l->phase != CROFT_PHASE_IDLE);
    if (l->phase == CROFT_PHASE_ENDED)
        croft_roots_undo(&l->roots, l->state);
    croft_state_undo(l->state);
    croft_system_refresh(l);
    croft_params_refresh(l);
    l->phase = CROFT_PHASE_IDLE;
}

void croft_ledger_bring(const struct croft_ledger *l, const struct croft_tx *const *tx, u32 count, u32 *out_slot)
{
    const u8 *key[CROFT_STATE_BRING_MAX];
    u32 slot[CROFT_STATE_BRING_MAX], keys = count;
    CROFT_ASSERT(count <= CROFT_LEDGER_BRING_MAX);
    for (u32 i = 0; i < count; i++) {
        key[i] = tx[i]->account.b;
        if (tx[i]->body->op_case == CROFT__V1__TX_BODY__OP_TRANSFER)
            key[keys++] = tx[i]->body->transfer->legs[0]->to_address.data;
    }
    croft_state_bring(l->state, CROFT_TABLE_ACCOUNTS, key, keys, slot);
    memcpy(out_slot, slot, count * sizeof *slot);
}

/* ---- reading ---- */

const struct croft_state *croft_ledger_state(const struct croft_ledger *l)
{
    return l->state;
}

u64 croft_ledger_height(const struct croft_ledger *l)
{
    return l->height;
}

u64 croft_ledger_time_s(const struct croft_ledger *l)
{
    return l->time_s;
}

struct croft_hash croft_ledger_app_hash(const struct croft_ledger *l)
{
    return l->app_hash;
}

struct croft_chain_record croft_ledger_chain(const struct croft_ledger *l)
{
    struct croft_chain_record c;
    croft_record_load(l, CROFT_TABLE_CHAIN, 0, &c);
    return c;
}

const struct croft_hash *croft_ledger_network(const struct croft_ledger *l)
{
    return &l->network;
}

u64 croft_ledger_param(const struct croft_ledger *l, enum croft_param which)
{
    CROFT_ASSERT((u32)which >= 1 && (u32)which <= croft_param_count());
    return l->param[which];
}

u64 croft_ledger_next_due_s(const struct croft_ledger *l)
{
    struct croft_due_slot next;
    return croft_state_first_due(l->state, &next) ? next.due_s : UINT64_MAX;
}

void croft_ledger_named_roots(const struct croft_ledger *l, struct croft_hash out[CROFT_ROOT_COUNT])
{
    memcpy(out, l->named, sizeof l->named);
}

const struct croft_roots *croft_ledger_roots(const struct croft_ledger *l)
{
    return &l->roots;
}

void croft_ledger_trust_signatures(struct croft_ledger *l, bool trust)
{
    l->trust_signatures = trust;
}

void croft_ledger_saved(struct croft_ledger *l)
{
    croft_state_saved(l->state);
}

void croft_ledger_unsave(struct croft_ledger *l, u32 table, u32 slot)
{
    croft_state_unsave(l->state, table, slot);
}
