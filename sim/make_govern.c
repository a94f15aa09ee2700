#include "sim/sim_int.h"

#include "base/assert.h"

#include <string.h>

/* Values that a network can live with: whatever is voted, a transaction of twenty legs still fits a block. */
struct choice {
    u32 param;
    u64 value[4];
};
static const struct choice choice[] = {
    {CROFT_PARAM_TX_BYTES_MAX, {1024, 2048, 131072, 1048576}},
    {CROFT_PARAM_VALID_UNTIL_MAX_S, {60, 600, 3600, 86400}},
    {CROFT_PARAM_BLOCK_COST_MAX, {100000, 120000, 1000000, 20000000}},
    {CROFT_PARAM_BLOCK_QUOTA_COST_MAX, {50000, 60000, 100000, 4000000}},
    {CROFT_PARAM_BASE_FEE_MIN, {0, 1, 1000, 50000}},
    {CROFT_PARAM_BASE_FEE_STEP_DEN, {8, 9, 16, 1024}},
    {CROFT_PARAM_COST_SIGNATURE, {0, 13000, 14000, 10000}},
    {CROFT_PARAM_COST_BYTES_16, {0, 1, 2, 10}},
    {CROFT_PARAM_COST_WRITE, {0, 5, 50, 200}},
    {CROFT_PARAM_COST_CREATE, {0, 20, 200, 1000}},
    {CROFT_PARAM_DEPOSIT_RECORD, {0, 1, 10000000, 1000000000}},
    {CROFT_PARAM_WITHDRAW_RETURN_S, {3600, 4000, 20000, 604800}},
    {CROFT_PARAM_PENDING_MAX_S, {60, 4000, 86400, 31536000}},
    {CROFT_PARAM_RECOVER_DELAY_MIN_S, {3600, 3601, 7200, 86400}},
    {CROFT_PARAM_PROPOSAL_MAX_S, {3600, 7200, 86400, 31536000}},
    {CROFT_PARAM_DUE_PER_BLOCK_MAX, {1, 2, 5, 10000}},
};

static void propose_param(struct croft_sim *s, Croft__V1__Propose *op)
{
    const struct choice *c = &choice[croft_sim_below(s, CROFT_COUNT(choice))];
    Croft__V1__ParamChange *change = croft_sim_new(s, Croft__V1__ParamChange, 1);
    croft__v1__param_change__init(change);
    change->param = c->param;
    change->value = c->value[croft_sim_below(s, CROFT_COUNT(c->value))];
    if (croft_sim_chance(s, 8)) {
        change->param = CROFT_PARAM_COST_SIGNATURE; /* with small blocks this leaves no room for a vote */
        change->value = croft_param_by_number(change->param)->high;
    }
    if (croft_sim_odd(s)) {
        const struct croft_param_info *info = croft_param_by_number(c->param);
        change->value = info->low > 0 && croft_sim_chance(s, 2) ? info->low - 1 : info->high + 1;
        change->param = croft_sim_chance(s, 3) ? (u32)croft_sim_below(s, 2) * 1000 : change->param;
    }
    op->change_case = CROFT__V1__PROPOSE__CHANGE_PARAM;
    op->param = change;
}

/* Mostly far away: the chain rightly stops where a protocol begins that this release does not know.  The one it knows
 * above this scenario's is the market's, which sim/market/ raises to. */
static void propose_protocol(struct croft_sim *s, Croft__V1__Propose *op)
{
    static char release[] = "croft-9.9";
    Croft__V1__ProtocolChange *change = croft_sim_new(s, Croft__V1__ProtocolChange, 1);
    croft__v1__protocol_change__init(change);
    change->protocol = croft_sim_odd(s) ? 1 : CROFT_PROTOCOL_MAX + 1 + (u32)croft_sim_below(s, 3);
    change->height = s->model->height + 1000000 + croft_sim_below(s, 1000);
    if (croft_sim_chance(s, 6))
        change->height = s->model->height + croft_sim_below(s, 60);
    change->release = release;
    op->change_case = CROFT__V1__PROPOSE__CHANGE_PROTOCOL;
    op->protocol = change;
}

/* Never the key that makes the blocks: without it this network would rightly stop. */
static ProtobufCBinaryData some_validator(struct croft_sim *s)
{
    u32 high = s->model->high[CROFT_TABLE_VALIDATORS], place = (u32)croft_sim_below(s, high + 1);
    struct croft_public_key sequencer = croft_public_key_of(&s->sequencer);
    const struct croft_model_validator *v = &s->model->validator[place % CROFT_MODEL_VALIDATORS];
    if (place < high && v->live && memcmp(v->public_key, sequencer.b, sizeof sequencer.b) != 0)
        return croft_sim_copy(s, v->public_key, sizeof v->public_key);
    struct croft_public_key key = croft_sim_new_key(s);
    return croft_sim_copy(s, key.b, sizeof key.b);
}

/* Operators stay who they are, now and then with a newcomer, so that votes still find a majority. */
static void propose_validator(struct croft_sim *s, Croft__V1__Propose *op)
{
    Croft__V1__ValidatorChange *change = croft_sim_new(s, Croft__V1__ValidatorChange, 1);
    u32 operators = croft_sim_odd(s) ? CROFT_SIM_WALLETS : CROFT_SIM_OPERATORS;
    croft__v1__validator_change__init(change);
    change->public_key = some_validator(s);
    change->operator_address = croft_sim_address(s, (u32)croft_sim_below(s, operators));
    change->power = croft_sim_below(s, 3);
    op->change_case = CROFT__V1__PROPOSE__CHANGE_VALIDATOR;
    op->validator = change;
}

static void propose_issuer(struct croft_sim *s, Croft__V1__Propose *op)
{
    Croft__V1__IssuerChange *change = croft_sim_new(s, Croft__V1__IssuerChange, 1);
    croft__v1__issuer_change__init(change);
    change->asset = croft_sim_chance(s, 3);
    u32 wallet = CROFT_SIM_OPERATORS + 2 * change->asset + (u32)croft_sim_below(s, croft_sim_odd(s) ? 20 : 2);
    u32 place = croft_model_issuer_at(s->model, &s->wallet[wallet].address, change->asset);
    u64 out = place != CROFT_MODEL_NONE ? croft_amt_units(s->model->issuer[place].r.outstanding) : 1000;
    change->issuer_address = croft_sim_address(s, wallet);
    change->cap = out - out / 10 + croft_sim_below(s, out / 5 + 1);
    op->change_case = CROFT__V1__PROPOSE__CHANGE_ISSUER;
    op->issuer = change;
}

static void propose_quota(struct croft_sim *s, Croft__V1__Propose *op)
{
    Croft__V1__QuotaChange *change = croft_sim_new(s, Croft__V1__QuotaChange, 1);
    croft__v1__quota_change__init(change);
    change->account_address = croft_sim_address(s, croft_sim_someone(s, CROFT_SIM_WALLETS));
    change->cost_per_day = croft_sim_below(s, croft_sim_chance(s, 2) ? 1000000 : 2000);
    op->change_case = CROFT__V1__PROPOSE__CHANGE_QUOTA;
    op->quota = change;
}

static void fill_change(struct croft_sim *s, Croft__V1__Propose *op)
{
    switch (croft_sim_below(s, 8)) {
    case 0:
        propose_protocol(s, op);
        return;
    case 1:
        propose_validator(s, op);
        return;
    case 2:
        propose_issuer(s, op);
        return;
    case 3:
    case 4:
        propose_quota(s, op);
        return;
    default:
        propose_param(s, op);
    }
}

bool croft_sim_make_propose(struct croft_sim *s, struct croft_sim_draft *d)
{
    Croft__V1__Propose *op = croft_sim_new(s, Croft__V1__Propose, 1);
    croft__v1__propose__init(op);
    if (!croft_sim_odd(s))
        d->wallet = (u32)croft_sim_below(s, CROFT_SIM_OPERATORS);
    op->id = croft_sim_below(s, croft_sim_odd(s) ? 5 : 1000);
    op->expires_s = croft_sim_now_s(s) + 1 + croft_sim_below(s, 3600);
    if (croft_sim_odd(s))
        op->expires_s = croft_sim_now_s(s) + croft_sim_below(s, 2) * (UINT64_C(1) << 40);
    fill_change(s, op);
    d->body->op_case = CROFT__V1__TX_BODY__OP_PROPOSE;
    d->body->propose = op;
    return true;
}

/* Somebody who operates a validator and has not voted on this one. */
static u32 find_voter(struct croft_sim *s, u64 proposal)
{
    u32 high = s->model->high[CROFT_TABLE_VALIDATORS], from = (u32)croft_sim_below(s, high + 1);
    for (u32 i = 0; i < high; i++) {
        const struct croft_model_validator *v = &s->model->validator[(from + i) % high];
        if (v->live && croft_model_vote_at(s->model, proposal, &v->r.operator_address) == CROFT_MODEL_NONE)
            return croft_sim_wallet_of(s, &v->r.operator_address);
    }
    return CROFT_SIM_WALLETS;
}

bool croft_sim_make_vote(struct croft_sim *s, struct croft_sim_draft *d)
{
    u32 high = s->model->high[CROFT_TABLE_PROPOSALS], from = (u32)croft_sim_below(s, high + 1),
        at = CROFT_MODEL_NONE;
    for (u32 i = 0; i < high && at == CROFT_MODEL_NONE; i++)
        if (s->model->proposal[(from + i) % high].live)
            at = (from + i) % high;
    if (at == CROFT_MODEL_NONE && !croft_sim_odd(s))
        return false;
    Croft__V1__Vote *op = croft_sim_new(s, Croft__V1__Vote, 1);
    croft__v1__vote__init(op);
    op->proposal = at == CROFT_MODEL_NONE ? croft_sim_below(s, 1000) : s->model->proposal[at].id;
    op->yes = !croft_sim_chance(s, 12);
    u32 voter = find_voter(s, op->proposal);
    if (croft_sim_chance(s, 6))
        voter = (u32)croft_sim_below(s, 2 * CROFT_SIM_OPERATORS); /* voted already, or no operator */
    d->wallet = voter < CROFT_SIM_WALLETS ? voter : d->wallet;
    d->body->op_case = CROFT__V1__TX_BODY__OP_VOTE;
    d->body->vote = op;
    return true;
}
