#include "sim/model_int.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

enum { NONCE_BITS = 20, REPLAY_WINDOW = 256, DAY_S = 86400 };

/* ---- small things ---- */

struct croft_address croft_model_address(ProtobufCBinaryData b)
{
    struct croft_address a = {{0}};
    if (b.len == sizeof a.b)
        memcpy(a.b, b.data, sizeof a.b);
    return a;
}

bool croft_model_same(const struct croft_address *a, const struct croft_address *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

u32 croft_model_day(u64 time_s)
{
    return (u32)(time_s / DAY_S);
}

/* ---- tables ---- */

struct array {
    u8 *at;
    size_t size;
    u32 max;
};

#define ARRAY(member)                                                \
    (struct array)                                                   \
    {                                                                \
        (u8 *)m->member, sizeof m->member[0], CROFT_COUNT(m->member) \
    }

static struct array array_of(struct croft_model *m, enum croft_table table)
{
    switch ((u32)table) {
    case CROFT_TABLE_ACCOUNTS:
        return ARRAY(account);
    case CROFT_TABLE_PENDINGS:
        return ARRAY(pending);
    case CROFT_TABLE_ISSUERS:
        return ARRAY(issuer);
    case CROFT_TABLE_WITHDRAWALS:
        return ARRAY(withdrawal);
    case CROFT_TABLE_VALIDATORS:
        return ARRAY(validator);
    case CROFT_TABLE_PROPOSALS:
        return ARRAY(proposal);
    case CROFT_TABLE_VOTES:
        return ARRAY(vote);
    case CROFT_TABLE_RECOVERIES:
        return ARRAY(recovery);
    default:
        CROFT_UNREACHABLE("not a table of the model");
        return (struct array){0};
    }
}

static bool is_live(const struct array *a, u32 place)
{
    return *(const bool *)(a->at + place * a->size);
}

u32 croft_model_new(struct croft_model *m, enum croft_table table)
{
    struct array a = array_of(m, table);
    u32 place = 0;
    while (place < a.max && is_live(&a, place))
        place++;
    CROFT_ASSERT(place < a.max);
    memset(a.at + place * a.size, 0, a.size);
    *(bool *)(a.at + place * a.size) = true;
    m->count[table]++;
    m->high[table] = place >= m->high[table] ? place + 1 : m->high[table];
    return place;
}

bool croft_model_is_full(const struct croft_model *m, enum croft_table table)
{
    struct croft_model *writable = (struct croft_model *)(uintptr_t)m;
    return m->count[table] == array_of(writable, table).max;
}

void croft_model_drop(struct croft_model *m, enum croft_table table, u32 place)
{
    struct array a = array_of(m, table);
    CROFT_ASSERT(is_live(&a, place));
    *(bool *)(a.at + place * a.size) = false;
    m->count[table]--;
}

u32 croft_model_account_at(const struct croft_model *m, const struct croft_address *a)
{
    for (u32 i = 0; i < m->high[CROFT_TABLE_ACCOUNTS]; i++)
        if (m->account[i].live && croft_model_same(&m->account[i].address, a))
            return i;
    return CROFT_MODEL_NONE;
}

u32 croft_model_pending_at(const struct croft_model *m, const struct croft_address *payer, u64 id)
{
    for (u32 i = 0; i < m->high[CROFT_TABLE_PENDINGS]; i++)
        if (m->pending[i].live && m->pending[i].id == id && croft_model_same(&m->pending[i].payer, payer))
            return i;
    return CROFT_MODEL_NONE;
}

u32 croft_model_issuer_at(const struct croft_model *m, const struct croft_address *a, u32 asset)
{
    for (u32 i = 0; i < m->high[CROFT_TABLE_ISSUERS]; i++)
        if (m->issuer[i].live && m->issuer[i].asset == asset && croft_model_same(&m->issuer[i].address, a))
            return i;
    return CROFT_MODEL_NONE;
}

u32 croft_model_withdrawal_at(const struct croft_model *m, const struct croft_address *owner, u64 id)
{
    for (u32 i = 0; i < m->high[CROFT_TABLE_WITHDRAWALS]; i++)
        if (m->withdrawal[i].live && m->withdrawal[i].id == id &&
            croft_model_same(&m->withdrawal[i].owner, owner))
            return i;
    return CROFT_MODEL_NONE;
}

u32 croft_model_validator_at(const struct croft_model *m, const u8 public_key[32])
{
    for (u32 i = 0; i < m->high[CROFT_TABLE_VALIDATORS]; i++)
        if (m->validator[i].live && memcmp(m->validator[i].public_key, public_key, 32) == 0)
            return i;
    return CROFT_MODEL_NONE;
}

u32 croft_model_proposal_at(const struct croft_model *m, u64 id)
{
    for (u32 i = 0; i < m->high[CROFT_TABLE_PROPOSALS]; i++)
        if (m->proposal[i].live && m->proposal[i].id == id)
            return i;
    return CROFT_MODEL_NONE;
}

u32 croft_model_vote_at(const struct croft_model *m, u64 proposal,
                        const struct croft_address *operator_address)
{
    for (u32 i = 0; i < m->high[CROFT_TABLE_VOTES]; i++)
        if (m->vote[i].live && m->vote[i].proposal == proposal &&
            croft_model_same(&m->vote[i].operator_address, operator_address))
            return i;
    return CROFT_MODEL_NONE;
}

u32 croft_model_recovery_at(const struct croft_model *m, const struct croft_address *account)
{
    for (u32 i = 0; i < m->high[CROFT_TABLE_RECOVERIES]; i++)
        if (m->recovery[i].live && croft_model_same(&m->recovery[i].account, account))
            return i;
    return CROFT_MODEL_NONE;
}

/* ---- accounts ---- */

struct croft_model_account *croft_model_find_account(struct croft_model *m, const struct croft_address *a)
{
    u32 place = croft_model_account_at(m, a);
    return place == CROFT_MODEL_NONE ? NULL : &m->account[place];
}

struct croft_model_account *croft_model_system(struct croft_model *m, enum croft_system_account which)
{
    struct croft_address a = croft_system_address(which);
    struct croft_model_account *found = croft_model_find_account(m, &a);
    CROFT_ASSERT(found != NULL);
    return found;
}

/* An account that opens again must start above every nonce it ever used: a second has room for 2^20 of them.
 */
struct croft_model_account *croft_model_new_account(struct croft_model *m, const struct croft_address *a,
                                                    u64 deposit, u64 now_s)
{
    struct croft_model_account *made = &m->account[croft_model_new(m, CROFT_TABLE_ACCOUNTS)];
    made->address = *a;
    made->r.deposit = croft_amt_of(deposit);
    made->r.nonce_floor = now_s << NONCE_BITS;
    return made;
}

void croft_model_give(struct croft_model_account *a, u32 asset, u64 amount)
{
    u64 sum;
    bool wraps = __builtin_add_overflow(croft_amt_units(a->r.balance[asset]), amount, &sum);
    CROFT_ASSERT(!wraps);
    a->r.balance[asset] = croft_amt_of(sum);
}

void croft_model_take(struct croft_model_account *a, u32 asset, u64 amount)
{
    u64 has = croft_amt_units(a->r.balance[asset]);
    CROFT_ASSERT(amount <= has);
    a->r.balance[asset] = croft_amt_of(has - amount);
}

/* ---- nonces ---- */

bool croft_model_nonce_used(const struct croft_model *m, const struct croft_model_account *a, u32 key,
                            u64 nonce)
{
    for (u32 at = a->last_use[key]; at != 0; at = m->use[at - 1].before)
        if (m->use[at - 1].nonce == nonce)
            return true;
    return false;
}

static void use_nonce(struct croft_model *m, struct croft_model_account *a, u32 key, u64 nonce)
{
    if (m->use_count == m->use_room) {
        m->use_room = m->use_room * 2 + 1024;
        m->use = realloc(m->use, m->use_room * sizeof *m->use);
        CROFT_ASSERT(m->use != NULL);
    }
    m->use[m->use_count++] = (struct croft_model_use){.nonce = nonce, .before = a->last_use[key]};
    a->last_use[key] = m->use_count;
    while (croft_model_nonce_used(m, a, key, a->r.key[key].nonce_base + 1))
        a->r.key[key].nonce_base++;
}

struct croft_account_record croft_model_account_record(const struct croft_model *m,
                                                       const struct croft_model_account *a)
{
    struct croft_account_record r = a->r;
    for (u32 key = 0; key < r.key_count; key++) {
        struct croft_key_record *k = &r.key[key];
        for (u32 at = a->last_use[key]; at != 0; at = m->use[at - 1].before) {
            u64 nonce = m->use[at - 1].nonce;
            if (nonce <= k->nonce_base)
                continue;
            u64 bit = nonce - k->nonce_base - 1;
            CROFT_ASSERT(bit < REPLAY_WINDOW);
            k->nonce_map[bit / 8] |= (u8)(1u << bit % 8);
        }
    }
    return r;
}

/* ---- what is due ---- */

struct due {
    u64 time_s;
    enum croft_table table;
    u32 place;
};

/* Keeps the earlier of two, by time, then table, then place. */
static void keep_first(struct due *first, bool live, u64 time_s, enum croft_table table, u32 place)
{
    if (!live || time_s > first->time_s)
        return;
    if (time_s == first->time_s && (table > first->table || (table == first->table && place > first->place)))
        return;
    *first = (struct due){time_s, table, place};
}

static struct due first_due(const struct croft_model *m)
{
    struct due first = {.time_s = UINT64_MAX, .table = CROFT_TABLE_COUNT};
    for (u32 i = 0; i < m->high[CROFT_TABLE_PENDINGS]; i++)
        keep_first(&first, m->pending[i].live, m->pending[i].r.expires_s, CROFT_TABLE_PENDINGS, i);
    for (u32 i = 0; i < m->high[CROFT_TABLE_WITHDRAWALS]; i++)
        keep_first(&first, m->withdrawal[i].live, m->withdrawal[i].r.returns_s, CROFT_TABLE_WITHDRAWALS, i);
    for (u32 i = 0; i < m->high[CROFT_TABLE_PROPOSALS]; i++)
        keep_first(&first, m->proposal[i].live, m->proposal[i].r.expires_s, CROFT_TABLE_PROPOSALS, i);
    for (u32 i = 0; i < m->high[CROFT_TABLE_RECOVERIES]; i++)
        keep_first(&first, m->recovery[i].live, m->recovery[i].r.due_s, CROFT_TABLE_RECOVERIES, i);
    return first;
}

u64 croft_model_next_due_s(const struct croft_model *m)
{
    return first_due(m).time_s;
}

static void put_u64(u8 *at, u64 v)
{
    for (u32 i = 0; i < 8; i++)
        at[i] = (u8)(v >> (56 - 8 * i));
}

static void note_due(struct croft_model *m, u8 kind, const struct croft_address *a, const u64 *id,
                     struct croft_amt amount)
{
    CROFT_ASSERT(m->due_count < CROFT_MODEL_DUES);
    struct croft_due *d = &m->due[m->due_count++];
    u32 len = 0;
    *d = (struct croft_due){.kind = kind, .amount = amount};
    if (a != NULL) {
        memcpy(d->key, a->b, sizeof a->b);
        len = sizeof a->b;
    }
    if (id != NULL) {
        put_u64(d->key + len, *id);
        len += 8;
    }
    d->key_len = (u8)len;
}

static void end_due(struct croft_model *m, const struct due *d)
{
    const struct croft_model_pending *p = &m->pending[d->place % CROFT_MODEL_PENDINGS];
    const struct croft_model_withdrawal *w = &m->withdrawal[d->place % CROFT_MODEL_WITHDRAWALS];
    switch ((u32)d->table) {
    case CROFT_TABLE_PENDINGS:
        note_due(m, CROFT_DUE_PENDING_EXPIRED, &p->payer, &p->id, p->r.amount);
        croft_model_end_pending(m, d->place, 0);
        return;
    case CROFT_TABLE_WITHDRAWALS:
        note_due(m, CROFT_DUE_WITHDRAWAL_RETURNED, &w->owner, &w->id, w->r.amount);
        croft_model_end_withdrawal(m, d->place, false);
        return;
    case CROFT_TABLE_PROPOSALS:
        note_due(m, CROFT_DUE_PROPOSAL_EXPIRED, NULL, &m->proposal[d->place].id, croft_amt_of(0));
        croft_model_end_proposal(m, d->place);
        return;
    default:
        note_due(m, CROFT_DUE_RECOVERED, &m->recovery[d->place].account, NULL, croft_amt_of(0));
        croft_model_end_recovery(m, d->place, true);
    }
}

/* ---- a block ---- */

void croft_model_begin(struct croft_model *m, u64 height, u64 time_s)
{
    CROFT_ASSERT(height == m->height + 1 && time_s >= m->time_s);
    m->height = height;
    m->time_before_s = m->time_s;
    m->time_s = time_s;
    memcpy(m->block_param, m->param, sizeof m->param);
    m->block_base_fee = m->chain.base_fee;
    m->block_cost[0] = m->block_cost[1] = m->block_fees = 0;
    m->block_txs = 0;
    m->due_count = 0;
    for (u64 i = 0; i < m->block_param[CROFT_PARAM_DUE_PER_BLOCK_MAX]; i++) {
        struct due d = first_due(m);
        if (d.table == CROFT_TABLE_COUNT || d.time_s > time_s)
            break;
        end_due(m, &d);
    }
}

static bool has_right_signatures(const struct croft_model_account *a, const struct croft_sim_tx *t)
{
    for (u32 i = 0; i < t->signature_count; i++)
        if (memcmp(a->r.key[t->signer[i]].public_key, t->signed_by[i].b, 32) != 0)
            return false;
    return !t->foreign;
}

static croft_err run(struct croft_model_run *r)
{
    u32 op = r->t->op;
    if (op >= CROFT__V1__TX_BODY__OP_PROPOSE)
        return croft_model_govern(r);
    return op >= CROFT__V1__TX_BODY__OP_KEY_ADD ? croft_model_keys(r) : croft_model_money(r);
}

/* What is paid whether or not the operation then succeeds. */
static void pay(struct croft_model *m, const struct croft_sim_tx *t, struct croft_model_entry *e)
{
    struct croft_model_account *a = &e->payer;
    u32 today = croft_model_day(m->time_s);
    croft_model_take(a, CROFT_ASSET_CREDIT, e->fee);
    croft_model_note_spent(a, t, CROFT_ASSET_CREDIT, e->fee, m->time_s);
    use_nonce(m, a, t->signer[0], t->body->nonce);
    if (t->body->lane == CROFT_LANE_QUOTA) {
        a->r.quota_used = (a->r.quota_day == today ? a->r.quota_used : 0) + e->cost;
        a->r.quota_day = today;
    }
    m->account[e->place] = *a;
    m->block_fees += e->fee;
    m->block_cost[t->body->lane] += e->cost;
    m->block_txs++;
}

static croft_err enter(const struct croft_model *m, const struct croft_sim_tx *t,
                       struct croft_model_entry *out)
{
    CROFT_TRY(croft_model_refuse(m, m->block_param, m->block_base_fee, t, m->time_s, out));
    if (!has_right_signatures(&out->payer, t))
        return CROFT_ERR_TX_SIGNATURE;
    u32 lane = t->body->lane;
    u64 most = m->block_param[lane == CROFT_LANE_QUOTA ? CROFT_PARAM_BLOCK_QUOTA_COST_MAX
                                                       : CROFT_PARAM_BLOCK_COST_MAX];
    bool fits = m->block_cost[lane] <= most && out->cost <= most - m->block_cost[lane];
    return fits ? CROFT_OK : CROFT_ERR_TX_BLOCK_FULL;
}

croft_err croft_model_refusal(const struct croft_model *m, const struct croft_sim_tx *t)
{
    struct croft_model_entry unused;
    return enter(m, t, &unused);
}

croft_err croft_model_signatures(const struct croft_model *m, const struct croft_sim_tx *t, u64 now_s)
{
    struct croft_model_entry e;
    croft_err err = croft_model_refuse(m, m->param, m->chain.base_fee, t, now_s, &e);
    CROFT_ASSERT(err == CROFT_OK);
    return has_right_signatures(&e.payer, t) ? CROFT_OK : CROFT_ERR_TX_SIGNATURE;
}

croft_err croft_model_tx(struct croft_model *m, const struct croft_sim_tx *t, struct croft_receipt *out)
{
    struct croft_model_entry e;
    CROFT_TRY(enter(m, t, &e));
    pay(m, t, &e);
    struct croft_model_run r = {.m = m, .t = t, .payer = &m->account[e.place]};
    croft_err code = run(&r);
    *out = (struct croft_receipt){.format = 1,
                                  .op = (u8)t->op,
                                  .code = (u16)code,
                                  .fee = e.fee,
                                  .value = code == CROFT_OK ? r.value : 0};
    return CROFT_OK;
}

/* Up when the normal lane was more than half full, down when it was less, by at most 1 part in STEP_DEN. */
static u64 next_base_fee(const struct croft_model *m)
{
    u64 least = m->block_param[CROFT_PARAM_BASE_FEE_MIN],
        half = m->block_param[CROFT_PARAM_BLOCK_COST_MAX] / 2;
    u64 used = m->block_cost[CROFT_LANE_NORMAL] < 2 * half ? m->block_cost[CROFT_LANE_NORMAL] : 2 * half;
    u64 den = m->block_param[CROFT_PARAM_BASE_FEE_STEP_DEN];
    u128 base = m->block_base_fee, next;
    if (least == 0)
        return 0;
    if (used > half)
        next = base + base * (used - half) / half / den + 1;
    else
        next = base - base * (half - used) / half / den;
    if (next > UINT64_MAX / 2)
        next = UINT64_MAX / 2;
    return next > least ? (u64)next : least;
}

void croft_model_end(struct croft_model *m)
{
    if (m->block_txs == 0)
        return;
    m->chain.base_fee = next_base_fee(m);
    m->chain.txs_total += m->block_txs;
    m->chain.receipt_blocks++;
    croft_model_give(croft_model_system(m, CROFT_SYSTEM_FEES), CROFT_ASSET_CREDIT, m->block_fees);
}

void croft_model_abandon(struct croft_model *m)
{
    CROFT_ASSERT(m->block_txs == 0 && m->due_count == 0);
    m->height--;
    m->time_s = m->time_before_s;
}

/* ---- genesis ---- */

static struct croft_model_account *reach(struct croft_model *m, ProtobufCBinaryData address, u64 time_s)
{
    struct croft_address a = croft_model_address(address);
    struct croft_model_account *found = croft_model_find_account(m, &a);
    return found != NULL ? found : croft_model_new_account(m, &a, 0, time_s);
}

static void begin_params(struct croft_model *m, const Croft__V1__Genesis *g)
{
    for (size_t i = 0; i < croft_param_count(); i++)
        if (croft_param_at(i)->since <= g->protocol)
            m->param[croft_param_at(i)->number] = croft_param_at(i)->initial;
    for (size_t i = 0; i < g->n_params; i++)
        m->param[g->params[i]->param] = g->params[i]->value;
    m->chain.base_fee = m->param[CROFT_PARAM_BASE_FEE_MIN];
}

static void begin_issuer(struct croft_model *m, const Croft__V1__Genesis *g,
                         const Croft__V1__GenesisIssuer *from)
{
    reach(m, from->issuer_address, g->time_s)->r.open_records++;
    struct croft_model_issuer *made = &m->issuer[croft_model_new(m, CROFT_TABLE_ISSUERS)];
    made->address = croft_model_address(from->issuer_address);
    made->asset = (u8)from->asset;
    made->r.cap = croft_amt_of(from->cap);
}

static void begin_validator(struct croft_model *m, const Croft__V1__Genesis *g,
                            const Croft__V1__GenesisValidator *from)
{
    reach(m, from->operator_address, g->time_s)->r.open_records++;
    struct croft_model_validator *made = &m->validator[croft_model_new(m, CROFT_TABLE_VALIDATORS)];
    memcpy(made->public_key, from->public_key.data, sizeof made->public_key);
    made->r.power = from->power;
    made->r.operator_address = croft_model_address(from->operator_address);
}

static void begin_grant(struct croft_model *m, const Croft__V1__Genesis *g,
                        const Croft__V1__GenesisGrant *from)
{
    struct croft_address issuer = croft_model_address(from->issuer_address);
    struct croft_issuer_record *r = &m->issuer[croft_model_issuer_at(m, &issuer, from->asset)].r;
    struct croft_amt amount = croft_amt_of(from->amount);
    r->outstanding = croft_amt_add_must(r->outstanding, amount);
    r->issued_total = croft_amt_add_must(r->issued_total, amount);
    m->chain.outstanding[from->asset] = croft_amt_add_must(m->chain.outstanding[from->asset], amount);
    croft_model_give(reach(m, from->to_address, g->time_s), from->asset, from->amount);
}

struct croft_model *croft_model_make(const Croft__V1__Genesis *g)
{
    struct croft_model *m = calloc(1, sizeof *m);
    CROFT_ASSERT(m != NULL);
    m->time_s = g->time_s;
    m->chain.protocol = g->protocol;
    m->chain.token = strcmp(g->token, "croft") == 0;
    begin_params(m, g);
    for (u32 i = CROFT_SYSTEM_FEES; i < CROFT_SYSTEM_COUNT; i++) {
        struct croft_address a = croft_system_address((enum croft_system_account)i);
        if (croft_system_since(i) <= g->protocol)
            croft_model_new_account(m, &a, 0, g->time_s);
    }
    for (size_t i = 0; i < g->n_issuers; i++)
        begin_issuer(m, g, g->issuers[i]);
    for (size_t i = 0; i < g->n_validators; i++)
        begin_validator(m, g, g->validators[i]);
    for (size_t i = 0; i < g->n_grants; i++)
        begin_grant(m, g, g->grants[i]);
    return m;
}

void croft_model_free(struct croft_model *m)
{
    free(m->use);
    free(m);
}
