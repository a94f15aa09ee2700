#include "sim/model_int.h"

#include "base/assert.h"

#include <string.h>

static bool is_operator(const struct croft_model *m, const struct croft_address *a)
{
    for (u32 i = 0; i < m->high[CROFT_TABLE_VALIDATORS]; i++)
        if (m->validator[i].live && croft_model_same(&m->validator[i].r.operator_address, a))
            return true;
    return false;
}

/* ---- what is proposed ---- */

/* With one parameter changed, the dearest vote (8 signatures, 2,048 bytes) must still fit into a block. */
static bool can_still_vote(const struct croft_model *m, u32 number, u64 value)
{
    u64 param[CROFT_COUNT(m->param)];
    memcpy(param, m->param, sizeof param);
    param[number] = value;
    u64 cost = 8 * param[CROFT_PARAM_COST_SIGNATURE] + 128 * param[CROFT_PARAM_COST_BYTES_16] +
               5 * param[CROFT_PARAM_COST_WRITE] + param[CROFT_PARAM_COST_CREATE];
    return cost <= param[CROFT_PARAM_BLOCK_COST_MAX];
}

static croft_err describe_param(const struct croft_model *m, const Croft__V1__ParamChange *c,
                                struct croft_proposal_record *p)
{
    const struct croft_param_info *info = croft_param_by_number(c->param);
    p->number = c->param;
    p->value = c->value;
    if (info == NULL || c->value < info->low || c->value > info->high)
        return CROFT_ERR_OP_PARAM;
    return can_still_vote(m, c->param, c->value) ? CROFT_OK : CROFT_ERR_OP_CORNER;
}

static croft_err describe_protocol(const struct croft_model *m, const Croft__V1__ProtocolChange *c,
                                   struct croft_proposal_record *p)
{
    p->number = c->protocol;
    p->value = c->height;
    memcpy(p->release, c->release, strlen(c->release));
    if (c->protocol <= m->chain.protocol)
        return CROFT_ERR_OP_PARAM;
    return c->height <= m->height ? CROFT_ERR_OP_TIME : CROFT_OK;
}

static croft_err describe(const struct croft_model *m, const Croft__V1__Propose *op,
                          struct croft_proposal_record *p)
{
    switch ((u32)op->change_case) {
    case CROFT__V1__PROPOSE__CHANGE_PARAM:
        p->kind = CROFT_CHANGE_PARAM;
        return describe_param(m, op->param, p);
    case CROFT__V1__PROPOSE__CHANGE_PROTOCOL:
        p->kind = CROFT_CHANGE_PROTOCOL;
        return describe_protocol(m, op->protocol, p);
    case CROFT__V1__PROPOSE__CHANGE_VALIDATOR:
        p->kind = CROFT_CHANGE_VALIDATOR;
        p->value = op->validator->power;
        p->subject = croft_model_address(op->validator->operator_address);
        memcpy(p->public_key, op->validator->public_key.data, sizeof p->public_key);
        return CROFT_OK;
    case CROFT__V1__PROPOSE__CHANGE_ISSUER:
        p->kind = CROFT_CHANGE_ISSUER;
        p->asset = (u8)op->issuer->asset;
        p->value = op->issuer->cap;
        p->subject = croft_model_address(op->issuer->issuer_address);
        return op->issuer->asset == CROFT_ASSET_CROFT && m->chain.token == 0 ? CROFT_ERR_OP_PARAM : CROFT_OK;
    default:
        p->kind = CROFT_CHANGE_QUOTA;
        p->value = op->quota->cost_per_day;
        p->subject = croft_model_address(op->quota->account_address);
        return CROFT_OK;
    }
}

/* Parameters, protocols and the removal of a validator name no account. */
static bool names_account(const struct croft_proposal_record *p)
{
    if (p->kind == CROFT_CHANGE_VALIDATOR)
        return p->value != 0;
    return p->kind == CROFT_CHANGE_ISSUER || p->kind == CROFT_CHANGE_QUOTA;
}

static croft_err propose(struct croft_model_run *r, const Croft__V1__Propose *op)
{
    struct croft_model *m = r->m;
    struct croft_model_account a = *r->payer;
    struct croft_proposal_record p = {.expires_s = op->expires_s, .proposer = a.address};
    if (!is_operator(m, &a.address))
        return CROFT_ERR_OP_VALIDATOR;
    if (croft_model_proposal_at(m, op->id) != CROFT_MODEL_NONE)
        return CROFT_ERR_OP_EXISTS;
    u32 open = 0;
    for (u32 i = 0; i < m->high[CROFT_TABLE_PROPOSALS]; i++)
        open += m->proposal[i].live && croft_model_same(&m->proposal[i].r.proposer, &a.address);
    if (open >= 4)
        return CROFT_ERR_OP_LIMIT;
    if (op->expires_s <= m->time_s || op->expires_s - m->time_s > m->block_param[CROFT_PARAM_PROPOSAL_MAX_S])
        return CROFT_ERR_OP_TIME;
    CROFT_TRY(describe(m, op, &p));
    if (names_account(&p) && croft_model_account_at(m, &p.subject) == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    CROFT_TRY(croft_model_spend_deposit(r, &a));
    if (croft_model_is_full(m, CROFT_TABLE_PROPOSALS))
        return CROFT_ERR_OP_FULL;

    p.deposit = croft_amt_of(m->block_param[CROFT_PARAM_DEPOSIT_RECORD]);
    a.r.open_records++;
    *r->payer = a;
    croft_model_give(croft_model_system(m, CROFT_SYSTEM_DEPOSITS), CROFT_ASSET_CREDIT,
                     croft_amt_units(p.deposit));
    struct croft_model_proposal *made = &m->proposal[croft_model_new(m, CROFT_TABLE_PROPOSALS)];
    made->id = op->id;
    made->r = p;
    return CROFT_OK;
}

/* ---- what is carried out ---- */

static croft_err apply_protocol(struct croft_model *m, const struct croft_proposal_record *p)
{
    if (p->number <= m->chain.protocol)
        return CROFT_ERR_OP_PARAM;
    if (p->value <= m->height)
        return CROFT_ERR_OP_TIME;
    m->chain.next_protocol = p->number;
    m->chain.next_height = p->value;
    memcpy(m->chain.next_release, p->release, sizeof m->chain.next_release);
    return CROFT_OK;
}

static croft_err remove_validator(struct croft_model *m, u32 place)
{
    if (place == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    if (m->count[CROFT_TABLE_VALIDATORS] == 1)
        return CROFT_ERR_OP_VALIDATOR;
    struct croft_model_account *a = croft_model_find_account(m, &m->validator[place].r.operator_address);
    CROFT_ASSERT(a != NULL);
    a->r.open_records--;
    croft_model_drop(m, CROFT_TABLE_VALIDATORS, place);
    return CROFT_OK;
}

static croft_err apply_validator(struct croft_model *m, const struct croft_proposal_record *p)
{
    u32 place = croft_model_validator_at(m, p->public_key);
    if (p->value == 0)
        return remove_validator(m, place);
    struct croft_model_account *a = croft_model_find_account(m, &p->subject);
    if (a == NULL)
        return CROFT_ERR_OP_NOT_FOUND;
    if (place == CROFT_MODEL_NONE && croft_model_is_full(m, CROFT_TABLE_VALIDATORS))
        return CROFT_ERR_OP_FULL;
    if (place == CROFT_MODEL_NONE) {
        place = croft_model_new(m, CROFT_TABLE_VALIDATORS);
        memcpy(m->validator[place].public_key, p->public_key, sizeof p->public_key);
    } else {
        croft_model_find_account(m, &m->validator[place].r.operator_address)->r.open_records--;
    }
    a->r.open_records++;
    m->validator[place].r.power = p->value;
    m->validator[place].r.operator_address = p->subject;
    return CROFT_OK;
}

static croft_err apply_issuer(struct croft_model *m, const struct croft_proposal_record *p)
{
    struct croft_model_account *a = croft_model_find_account(m, &p->subject);
    u32 place = croft_model_issuer_at(m, &p->subject, p->asset);
    if (a == NULL)
        return CROFT_ERR_OP_NOT_FOUND;
    if (place == CROFT_MODEL_NONE && croft_model_is_full(m, CROFT_TABLE_ISSUERS))
        return CROFT_ERR_OP_FULL;
    if (place == CROFT_MODEL_NONE) {
        place = croft_model_new(m, CROFT_TABLE_ISSUERS);
        m->issuer[place].address = p->subject;
        m->issuer[place].asset = p->asset;
        a->r.open_records++;
    }
    m->issuer[place].r.cap = croft_amt_of(p->value);
    return CROFT_OK;
}

static croft_err apply_quota(struct croft_model *m, const struct croft_proposal_record *p)
{
    struct croft_model_account *a = croft_model_find_account(m, &p->subject);
    if (a == NULL)
        return CROFT_ERR_OP_NOT_FOUND;
    a->r.quota_per_day = p->value;
    return CROFT_OK;
}

static croft_err apply(struct croft_model *m, const struct croft_proposal_record *p)
{
    switch (p->kind) {
    case CROFT_CHANGE_PARAM:
        if (!can_still_vote(m, p->number, p->value))
            return CROFT_ERR_OP_CORNER;
        m->param[p->number] = p->value;
        return CROFT_OK;
    case CROFT_CHANGE_PROTOCOL:
        return apply_protocol(m, p);
    case CROFT_CHANGE_VALIDATOR:
        return apply_validator(m, p);
    case CROFT_CHANGE_ISSUER:
        return apply_issuer(m, p);
    default:
        return apply_quota(m, p);
    }
}

void croft_model_end_proposal(struct croft_model *m, u32 place)
{
    const struct croft_model_proposal *p = &m->proposal[place];
    struct croft_model_account *proposer = croft_model_find_account(m, &p->r.proposer);
    CROFT_ASSERT(proposer != NULL);
    proposer->r.open_records--;
    croft_model_take(croft_model_system(m, CROFT_SYSTEM_DEPOSITS), CROFT_ASSET_CREDIT,
                     croft_amt_units(p->r.deposit));
    croft_model_give(proposer, CROFT_ASSET_CREDIT, croft_amt_units(p->r.deposit));
    for (u32 i = 0; i < m->high[CROFT_TABLE_VOTES]; i++)
        if (m->vote[i].live && m->vote[i].proposal == p->id)
            croft_model_drop(m, CROFT_TABLE_VOTES, i);
    croft_model_drop(m, CROFT_TABLE_PROPOSALS, place);
}

/* ---- votes ---- */

/* Whether more than two thirds of the power say yes, with this account's new vote counted. */
static bool passes(const struct croft_model *m, u64 proposal, const struct croft_address *voter, bool yes)
{
    u128 all = 0, for_it = 0;
    for (u32 i = 0; i < m->high[CROFT_TABLE_VALIDATORS]; i++) {
        const struct croft_model_validator *v = &m->validator[i];
        if (!v->live)
            continue;
        u32 vote = croft_model_vote_at(m, proposal, &v->r.operator_address);
        bool says_yes = vote != CROFT_MODEL_NONE && m->vote[vote].r.yes != 0;
        if (croft_model_same(&v->r.operator_address, voter))
            says_yes = yes;
        all += v->r.power;
        for_it += says_yes ? v->r.power : 0;
    }
    return 3 * for_it > 2 * all;
}

static croft_err vote(struct croft_model_run *r, const Croft__V1__Vote *op)
{
    struct croft_model *m = r->m;
    struct croft_address voter = r->payer->address;
    u32 proposal = croft_model_proposal_at(m, op->proposal);
    if (!is_operator(m, &voter))
        return CROFT_ERR_OP_VALIDATOR;
    if (proposal == CROFT_MODEL_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    if (croft_model_vote_at(m, op->proposal, &voter) != CROFT_MODEL_NONE)
        return CROFT_ERR_OP_VOTED;
    if (croft_model_is_full(m, CROFT_TABLE_VOTES))
        return CROFT_ERR_OP_FULL;
    bool passed = passes(m, op->proposal, &voter, op->yes);
    if (passed)
        CROFT_TRY(apply(m, &m->proposal[proposal].r));

    struct croft_model_vote *made = &m->vote[croft_model_new(m, CROFT_TABLE_VOTES)];
    made->proposal = op->proposal;
    made->operator_address = voter;
    made->r.yes = op->yes ? 1 : 0;
    if (passed)
        croft_model_end_proposal(m, proposal);
    return CROFT_OK;
}

croft_err croft_model_govern(struct croft_model_run *r)
{
    if (r->t->op == CROFT__V1__TX_BODY__OP_PROPOSE)
        return propose(r, r->t->body->propose);
    CROFT_ASSERT(r->t->op == CROFT__V1__TX_BODY__OP_VOTE);
    return vote(r, r->t->body->vote);
}
