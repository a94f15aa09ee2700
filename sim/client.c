#include "sim/sim_int.h"

#include "base/assert.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void note_answer(struct croft_sim *s, const struct croft_sim_tx *t, croft_err err, const char *where)
{
    croft_sim_note(s, "#%u %s%s: %s %s", t->serial, t->op ? croft_op_name(t->op) : "no operation",
                   t->mangled ? " (mangled)" : "", croft_err_name(err), where);
}

/* ---- admission ---- */

/* What waits in the driver: of one lane, of one account in it, and that account's fees in both. */
struct waiting {
    u32 all, mine;
    u64 fees;
};

static void add_waiting(const struct croft_sim_flight *f, u32 end, u32 lane, u32 slot, struct waiting *w)
{
    for (u32 i = 0; i < end; i++) {
        const struct croft_item *item = &f->item[i];
        if (item->phase == CROFT_ITEM_DONE)
            continue;
        w->all += item->lane == lane;
        w->mine += item->lane == lane && item->account_slot == slot;
        w->fees += item->account_slot == slot ? item->fee_held : 0;
    }
}

static croft_err predict_pool(const struct croft_sim *s, const struct croft_sim_flight *f, u32 i)
{
    const struct croft_solo_options *o = croft_solo_options_of(s->node[0].solo);
    const struct croft_sim_tx *t = f->tx[i];
    u32 lane = t->body->lane, slot = croft_model_account_at(s->model, &f->item[i].tx.account);
    struct waiting w = {0};
    for (const struct croft_sim_flight *g = s->flight; g != NULL; g = g->behind)
        add_waiting(g, g->batch.count, lane, slot, &w);
    add_waiting(f, i, lane, slot, &w);
    if (w.all >= o->pool_txs_max || w.mine >= o->pool_per_account_max)
        return CROFT_ERR_TX_POOL_FULL;
    u64 fee = croft_model_fee(s->model, croft_model_cost(s->model, t), lane);
    u64 has = croft_amt_units(s->model->account[slot].r.balance[CROFT_ASSET_CREDIT]);
    return fee <= has && w.fees <= has - fee ? CROFT_OK : CROFT_ERR_TX_FUNDS;
}

/* What an admitted one counts for must be its fee, not what the driver likes. */
static void check_held(struct croft_sim *s, const struct croft_sim_flight *f, u32 i)
{
    const struct croft_sim_tx *t = f->tx[i];
    u64 fee = croft_model_fee(s->model, croft_model_cost(s->model, t), t->body->lane);
    CROFT_SIM_MUST(s, f->item[i].fee_held == fee,
                   "#%u counts %" PRIu64 " against its account, the model says %" PRIu64, t->serial,
                   f->item[i].fee_held, fee);
}

static croft_err predict_admission(const struct croft_sim *s, const struct croft_sim_flight *f, u32 i)
{
    CROFT_TRY(croft_model_form(f->tx[i]));
    CROFT_TRY(croft_model_check(s->model, f->tx[i], croft_sim_now_s(s)));
    return predict_pool(s, f, i);
}

/* Whether the model says what becomes of it; of what it does not, any refusal is right. */
static bool is_foretold(const struct croft_sim *s, const struct croft_sim_tx *t)
{
    return s->model != NULL && !t->mangled;
}

static bool is_refusal(croft_err err)
{
    return err >= CROFT_ERR_TX_SIZE && err < CROFT_ERR_OP_FUNDS;
}

/* A refused transaction is answered at once. */
static void refuse(struct croft_sim *s, struct croft_sim_flight *f, u32 i, croft_err want, const char *where)
{
    struct croft_sim_tx *t = f->tx[i];
    croft_err got = f->item[i].err;
    f->answered[i] = true;
    t->flying--;
    note_answer(s, t, got, where);
    croft_coverage_add(&s->result->coverage, t->op, got);
    CROFT_SIM_MUST(s, f->item[i].height == 0, "#%u was refused and is in a block", t->serial);
    if (!is_foretold(s, t))
        CROFT_SIM_MUST(s, is_refusal(got), "#%u: %s is no refusal", t->serial, croft_err_name(got));
    else
        CROFT_SIM_MUST(s, got == want, "#%u %s: %s, the model says %s", t->serial, where, croft_err_name(got),
                       croft_err_name(want));
}

static void check_admission(struct croft_sim *s, struct croft_sim_flight *f)
{
    for (u32 i = 0; i < f->batch.count; i++) {
        struct croft_sim_tx *t = f->tx[i];
        bool refused = f->item[i].phase == CROFT_ITEM_DONE;
        croft_err want = is_foretold(s, t) ? predict_admission(s, f, i) : CROFT_OK;
        if (refused) {
            refuse(s, f, i, want, "at admission");
            continue;
        }
        CROFT_SIM_MUST(s, want == CROFT_OK, "#%u was admitted, the model says %s", t->serial,
                       croft_err_name(want));
        if (is_foretold(s, t))
            check_held(s, f, i);
    }
}

static croft_err signature_verdict(const struct croft_sim *s, const struct croft_sim_tx *t)
{
    if (is_foretold(s, t))
        return croft_model_signatures(s->model, t, croft_sim_now_s(s));
    return t->mangled || t->foreign ? CROFT_ERR_TX_SIGNATURE : CROFT_OK;
}

static void check_signatures(struct croft_sim *s, struct croft_sim_flight *f)
{
    for (u32 i = 0; i < f->batch.count; i++) {
        struct croft_sim_tx *t = f->tx[i];
        if (f->answered[i])
            continue;
        croft_err want = signature_verdict(s, t);
        bool refused = f->item[i].phase == CROFT_ITEM_DONE;
        CROFT_SIM_MUST(s, refused == (want != CROFT_OK), "#%u: signatures %s, the model says %s", t->serial,
                       refused ? "wrong" : "right", croft_err_name(want));
        if (refused)
            refuse(s, f, i, want, "by its signature");
    }
}

static struct croft_sim_flight *make_flight(struct croft_sim_tx *const *tx, u32 count)
{
    struct croft_sim_flight *f = calloc(1, sizeof *f);
    size_t bytes = 1 << 14;
    CROFT_ASSERT(f != NULL && count <= CROFT_SIM_BATCH_MAX);
    for (u32 i = 0; i < count; i++) {
        f->tx[i] = tx[i];
        f->item[i].bytes = tx[i]->bytes;
        bytes += tx[i]->bytes.len * 10 + 4096;
        tx[i]->flying++;
    }
    f->memory = malloc(bytes);
    CROFT_ASSERT(f->memory != NULL);
    f->batch = (struct croft_batch){
        .item = f->item, .count = count, .mem = {f->memory, f->memory + bytes}, .owner = f};
    return f;
}

static void free_flight(struct croft_sim_flight *f)
{
    free(f->memory);
    free(f);
}

void croft_sim_submit(struct croft_sim *s, struct croft_sim_tx *const *tx, u32 count)
{
    if (s->stopped)
        return;
    struct croft_solo *solo = s->node[0].solo;
    struct croft_hash before = croft_ledger_app_hash(croft_solo_ledger(solo));
    struct croft_sim_flight *f = make_flight(tx, count);
    croft_solo_admit(solo, &f->batch);
    check_admission(s, f);
    if (f->batch.left == 0) {
        free_flight(f);
    } else {
        croft_items_verify(f->item, count);
        croft_solo_queue(solo, &f->batch);
        check_signatures(s, f);
        *s->flight_tail = f;
        s->flight_tail = &f->behind;
    }
    struct croft_hash after = croft_ledger_app_hash(croft_solo_ledger(solo));
    CROFT_SIM_MUST(s, memcmp(&before, &after, sizeof after) == 0, "admission changed the state");
}

/* ---- answers ---- */

void croft_sim_tx_stands(struct croft_sim *s, struct croft_sim_tx *t, u64 height, u32 index,
                         const struct croft_receipt *receipt)
{
    const struct croft_sim_tx *twin = croft_sim_tx_in_block(s, &t->id);
    CROFT_SIM_MUST(s, twin == NULL,
                   "#%u is in block %" PRIu64 " and, as #%u, in block %" PRIu64 ": applied twice", t->serial,
                   height, twin->serial, twin->height);
    CROFT_SIM_MUST(s, !t->mangled && (s->model == NULL || croft_model_form(t) == CROFT_OK), "#%u has a bad form and is in a block",
                   t->serial);
    note_answer(s, t, (croft_err)receipt->code, "in a block");
    s->scenario->tx_stands(s, t, receipt);
    t->height = height;
    t->index = index;
    t->code = (croft_err)receipt->code;
    s->result->txs++;
    croft_coverage_add(&s->result->coverage, t->op, t->code);
}

static void accept(struct croft_sim *s, struct croft_sim_flight *f, u32 i, const struct croft_block *block,
                   u32 index, struct croft_bytes bytes)
{
    struct croft_sim_tx *t = f->tx[i];
    const struct croft_item *item = &f->item[i];
    f->answered[i] = true;
    t->flying--;
    CROFT_SIM_MUST(s, block != NULL && item->height == block->header.height && item->index == index,
                   "#%u is said to be number %u of block %" PRIu64, t->serial, item->index, item->height);
    CROFT_SIM_MUST(s, bytes.len == t->bytes.len && memcmp(bytes.at, t->bytes.at, bytes.len) == 0,
                   "the block has other bytes in the place of #%u", t->serial);
    struct croft_receipt receipt = croft_block_receipt(block, index);
    CROFT_SIM_MUST(s, (u32)item->err == receipt.code && croft_amt_units(item->fee) == receipt.fee,
                   "#%u was told another result than its receipt", t->serial);
    croft_sim_tx_stands(s, t, item->height, index, &receipt);
    t->acked = true;
}

/* The first one of a lane that still waits was tried, unless the block had its full number. */
static void check_waits(struct croft_sim *s, const struct croft_sim_tx *t, const struct croft_block *block)
{
    if (s->block_txs_max != 0 && block != NULL && block->header.tx_count == s->block_txs_max)
        return;
    if (s->model == NULL)
        return;
    croft_err want = t->mangled ? CROFT_ERR_TX_SIGNATURE : croft_model_refusal(s->model, t);
    CROFT_SIM_MUST(s, want == CROFT_ERR_TX_BLOCK_FULL, "#%u was left waiting, the model says %s", t->serial,
                   croft_err_name(want));
}

static void pass_answered(struct croft_sim_flight *f)
{
    while (f->next < f->batch.count && f->answered[f->next])
        f->next++;
}

/* How far the answers of a step were looked at. */
struct looking {
    const struct croft_block *block;
    struct croft_bytes txs;
    u32 index;
    bool waits[CROFT_SOLO_LANES]; /* one of this lane was left waiting: so must be those behind it */
};

static void look_at(struct croft_sim *s, struct croft_sim_flight *f, u32 i, struct looking *l)
{
    const struct croft_item *item = &f->item[i];
    if (item->phase != CROFT_ITEM_DONE) {
        if (!l->waits[item->lane])
            check_waits(s, f->tx[i], l->block);
        l->waits[item->lane] = true;
        return;
    }
    CROFT_SIM_MUST(s, !l->waits[item->lane], "#%u was taken before one of its lane that came earlier",
                   f->tx[i]->serial);
    if (item->height == 0)
        refuse(s, f, i, is_foretold(s, f->tx[i]) ? croft_model_refusal(s->model, f->tx[i]) : CROFT_OK,
               "in its turn");
    else
        accept(s, f, i, l->block, l->index++, croft_block_next_tx(&l->txs));
}

void croft_sim_answers(struct croft_sim *s, const struct croft_block *block)
{
    struct looking l = {.block = block, .txs = block != NULL ? block->txs : (struct croft_bytes){0}};
    for (struct croft_sim_flight *f = s->flight; f != NULL; f = f->behind) {
        for (u32 i = f->next; i < f->batch.count; i++)
            if (!f->answered[i])
                look_at(s, f, i, &l);
        pass_answered(f);
    }
    CROFT_SIM_MUST(s, block == NULL || l.index == block->header.tx_count,
                   "the block has transactions that nobody waits for");
}

/* A refusal must be true of the chain as it stands, without the block that was taken back. */
static void check_full(struct croft_sim *s, struct croft_sim_flight *f, u32 i)
{
    struct croft_sim_tx *t = f->tx[i];
    croft_err got = f->item[i].err, want = CROFT_ERR_TX_SIGNATURE;
    if (is_foretold(s, t)) {
        want = croft_model_check(s->model, t, croft_sim_now_s(s));
        want = want == CROFT_OK ? croft_model_signatures(s->model, t, croft_sim_now_s(s)) : want;
    }
    f->answered[i] = true;
    t->flying--;
    note_answer(s, t, got, "with the disk full");
    CROFT_SIM_MUST(s, f->item[i].height == 0, "#%u is said to be in a block that was not written", t->serial);
    CROFT_SIM_MUST(s, got == CROFT_ERR_DISK_FULL || want != CROFT_OK,
                   "#%u: %s although the block that this came from was taken back", t->serial,
                   croft_err_name(got));
}

void croft_sim_answers_full(struct croft_sim *s)
{
    for (struct croft_sim_flight *f = s->flight; f != NULL; f = f->behind) {
        for (u32 i = f->next; i < f->batch.count; i++)
            if (!f->answered[i] && f->item[i].phase == CROFT_ITEM_DONE)
                check_full(s, f, i);
        pass_answered(f);
    }
}

/* ---- landing ---- */

static void drop_flight(struct croft_sim *s, struct croft_sim_flight **at)
{
    struct croft_sim_flight *f = *at;
    *at = f->behind;
    if (*at == NULL)
        s->flight_tail = at;
    free_flight(f);
}

static struct croft_sim_flight **flight_of(struct croft_sim *s, const struct croft_batch *batch)
{
    struct croft_sim_flight **at = &s->flight;
    while (*at != NULL && &(*at)->batch != batch)
        at = &(*at)->behind;
    CROFT_SIM_MUST(s, *at != NULL, "a batch came back that was not on its way");
    return at;
}

void croft_sim_land(struct croft_sim *s, struct croft_batch *done)
{
    while (done != NULL) {
        struct croft_batch *behind = done->behind;
        struct croft_sim_flight **at = flight_of(s, done);
        for (u32 i = 0; i < done->count; i++)
            CROFT_SIM_MUST(s, (*at)->answered[i], "a batch came back without an answer to #%u",
                           (*at)->tx[i]->serial);
        drop_flight(s, at);
        done = behind;
    }
    for (const struct croft_sim_flight *f = s->flight; f != NULL; f = f->behind)
        CROFT_SIM_MUST(s, f->next < f->batch.count, "a batch was kept although all of it is answered");
}

void croft_sim_lose_flights(struct croft_sim *s)
{
    while (s->flight != NULL) {
        for (u32 i = 0; i < s->flight->batch.count; i++)
            s->flight->tx[i]->flying -= !s->flight->answered[i];
        drop_flight(s, &s->flight);
    }
}
