#include "ledger/ledger_int.h"

#include "base/assert.h"
#include "ledger/market_int.h"

#include <string.h>

/* ---- validators ---- */

struct tally {
    u64 total, yes;
    bool is_operator; /* the account operates at least one validator */
};

static void vote_key(u64 proposal, const struct croft_address *operator_address, u8 out[40])
{
    croft_key_u64(proposal, out);
    memcpy(out + 8, operator_address->b, sizeof operator_address->b);
}

static bool voted_yes(const struct croft_ledger *l, u64 proposal, const struct croft_address *operator_address)
{
    u8 key[40];
    struct croft_vote_record v = {0};
    vote_key(proposal, operator_address, key);
    u32 slot = croft_state_find(l->state, CROFT_TABLE_VOTES, key);
    if (slot != CROFT_SLOT_NONE)
        croft_record_load(l, CROFT_TABLE_VOTES, slot, &v);
    return v.yes != 0;
}

/* Power in all, power that said yes, by the validators as they are now. */
static struct tally count_votes(const struct croft_ledger *l, u64 proposal, const struct croft_address *account)
{
    struct tally t = {0};
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_VALIDATORS); slot++) {
        struct croft_validator_record v;
        if (croft_state_key(l->state, CROFT_TABLE_VALIDATORS, slot).at == NULL)
            continue;
        croft_record_load(l, CROFT_TABLE_VALIDATORS, slot, &v);
        t.total += v.power;
        t.yes += voted_yes(l, proposal, &v.operator_address) ? v.power : 0;
        t.is_operator |= croft_address_equal(&v.operator_address, account);
    }
    return t;
}

/* ---- the changes, as proposed ---- */

/* Whether the network could still vote with this one parameter changed.  Stored values count, not those in force:
 * another one may have been voted in this very block. */
static bool leaves_a_vote(const struct croft_ledger *l, u32 number, u64 value)
{
    u64 changed[CROFT_PARAMS_MAX] = {0};
    croft_params_stored(l, changed);
    changed[number] = value;
    return croft_params_leave_a_vote(changed);
}

static croft_err describe_param(const struct croft_op *o, const Croft__V1__ParamChange *c,
                                struct croft_proposal_record *p)
{
    const struct croft_param_info *info = croft_param_by_number(c->param);
    if (info == NULL || info->since > o->l->block_protocol || c->value < info->low || c->value > info->high)
        return CROFT_ERR_OP_PARAM;
    if (!leaves_a_vote(o->l, c->param, c->value))
        return CROFT_ERR_OP_CORNER;
    p->kind = CROFT_CHANGE_PARAM;
    p->number = c->param;
    p->value = c->value;
    return CROFT_OK;
}

static croft_err describe_protocol(const struct croft_op *o, const Croft__V1__ProtocolChange *c,
                                   struct croft_proposal_record *p)
{
    if (c->protocol <= o->l->block_protocol)
        return CROFT_ERR_OP_PARAM;
    if (c->height <= o->height)
        return CROFT_ERR_OP_TIME;
    p->kind = CROFT_CHANGE_PROTOCOL;
    p->number = c->protocol;
    p->value = c->height;
    CROFT_ASSERT(strlen(c->release) < sizeof p->release);
    memcpy(p->release, c->release, strlen(c->release));
    return CROFT_OK;
}

static croft_err describe_issuer(const struct croft_op *o, const Croft__V1__IssuerChange *c,
                                 struct croft_proposal_record *p)
{
    struct croft_chain_record chain;
    croft_record_load(o->l, CROFT_TABLE_CHAIN, 0, &chain);
    if (c->asset == CROFT_ASSET_CROFT && !chain.token)
        return CROFT_ERR_OP_PARAM;
    p->kind = CROFT_CHANGE_ISSUER;
    p->asset = (u8)c->asset;
    p->value = c->cap;
    p->subject = croft_address_of(c->issuer_address);
    return CROFT_OK;
}

static croft_err describe(const struct croft_op *o, const Croft__V1__Propose *op, struct croft_proposal_record *p)
{
    switch ((u32)op->change_case) {
    case CROFT__V1__PROPOSE__CHANGE_PARAM:
        return describe_param(o, op->param, p);
    case CROFT__V1__PROPOSE__CHANGE_PROTOCOL:
        return describe_protocol(o, op->protocol, p);
    case CROFT__V1__PROPOSE__CHANGE_ISSUER:
        return describe_issuer(o, op->issuer, p);
    case CROFT__V1__PROPOSE__CHANGE_VALIDATOR:
        p->kind = CROFT_CHANGE_VALIDATOR;
        p->value = op->validator->power;
        p->subject = croft_address_of(op->validator->operator_address);
        memcpy(p->public_key, op->validator->public_key.data, sizeof p->public_key);
        return CROFT_OK;
    case CROFT__V1__PROPOSE__CHANGE_QUOTA:
        p->kind = CROFT_CHANGE_QUOTA;
        p->value = op->quota->cost_per_day;
        p->subject = croft_address_of(op->quota->account_address);
        return CROFT_OK;
    case CROFT__V1__PROPOSE__CHANGE_CLASS:
        if (o->l->block_protocol < CROFT_PROTOCOL_MARKET)
            return CROFT_ERR_OP_PARAM;
        p->kind = CROFT_CHANGE_CLASS;
        p->number = op->class_->number;
        p->subject = croft_address_of(op->class_->operator_address);
        return CROFT_OK;
    default:
        CROFT_UNREACHABLE("refused by croft_tx_decode");
        return CROFT_ERR_OP_PARAM;
    }
}

/* One operator cannot fill the table and so keep the others from voting it out: 64 x 4 fit. */
static u32 open_proposals(const struct croft_ledger *l, const struct croft_address *proposer)
{
    u32 count = 0;
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_PROPOSALS); slot++) {
        struct croft_proposal_record p;
        if (croft_state_key(l->state, CROFT_TABLE_PROPOSALS, slot).at == NULL)
            continue;
        croft_record_load(l, CROFT_TABLE_PROPOSALS, slot, &p);
        count += croft_address_equal(&p.proposer, proposer);
    }
    return count;
}

static croft_err propose(struct croft_op *o, const Croft__V1__Propose *op)
{
    u8 key[8];
    u32 slot;
    struct croft_proposal_record p = {.expires_s = op->expires_s, .proposer = o->tx->account};
    croft_key_u64(op->id, key);
    if (!count_votes(o->l, op->id, &o->tx->account).is_operator)
        return CROFT_ERR_OP_VALIDATOR;
    if (croft_state_find(o->l->state, CROFT_TABLE_PROPOSALS, key) != CROFT_SLOT_NONE)
        return CROFT_ERR_OP_EXISTS;
    if (open_proposals(o->l, &o->tx->account) >= CROFT_PROPOSALS_OPEN_MAX)
        return CROFT_ERR_OP_LIMIT;
    if (op->expires_s <= o->now_s || op->expires_s - o->now_s > croft_ledger_param(o->l, CROFT_PARAM_PROPOSAL_MAX_S))
        return CROFT_ERR_OP_TIME;
    CROFT_TRY(describe(o, op, &p));
    bool names_account = p.kind >= CROFT_CHANGE_VALIDATOR && !(p.kind == CROFT_CHANGE_VALIDATOR && p.value == 0);
    if (names_account && croft_account_find(o->l, &p.subject) == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    CROFT_TRY(croft_deposit_take(o, &p.deposit));
    croft_open_records_add(o->l, o->payer, 1);
    return croft_record_insert(o->l, CROFT_TABLE_PROPOSALS, key, &p, &slot);
}

/* ---- carrying out ---- */

static croft_err apply_param(struct croft_ledger *l, const struct croft_proposal_record *p)
{
    u8 key[2];
    const struct croft_param_record r = {.value = p->value};
    if (!leaves_a_vote(l, p->number, p->value))
        return CROFT_ERR_OP_CORNER; /* what was fine alone need not be after another change */
    croft_key_param(p->number, key);
    u32 slot = croft_state_find(l->state, CROFT_TABLE_PARAMS, key);
    CROFT_ASSERT(slot != CROFT_SLOT_NONE); /* written at genesis, or when its protocol began */
    croft_record_store(l, CROFT_TABLE_PARAMS, slot, &r);
    return CROFT_OK;
}

static croft_err apply_protocol(struct croft_op *o, const struct croft_proposal_record *p)
{
    struct croft_chain_record c;
    if (p->number <= o->l->block_protocol)
        return CROFT_ERR_OP_PARAM; /* another vote went further while this one was open */
    if (p->value <= o->height)
        return CROFT_ERR_OP_TIME;
    croft_record_load(o->l, CROFT_TABLE_CHAIN, 0, &c);
    c.next_protocol = p->number;
    c.next_height = p->value;
    memcpy(c.next_release, p->release, sizeof c.next_release);
    croft_record_store(o->l, CROFT_TABLE_CHAIN, 0, &c);
    return CROFT_OK;
}

static croft_err remove_validator(struct croft_ledger *l, u32 slot)
{
    struct croft_validator_record v;
    if (slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    if (croft_state_count(l->state, CROFT_TABLE_VALIDATORS) == 1)
        return CROFT_ERR_OP_VALIDATOR; /* somebody has to make blocks */
    croft_record_load(l, CROFT_TABLE_VALIDATORS, slot, &v);
    u32 operator_slot = croft_account_find(l, &v.operator_address);
    CROFT_ASSERT(operator_slot != CROFT_SLOT_NONE);
    croft_open_records_add(l, operator_slot, -1);
    croft_state_remove(l->state, CROFT_TABLE_VALIDATORS, slot);
    return CROFT_OK;
}

static croft_err apply_validator(struct croft_ledger *l, const struct croft_proposal_record *p)
{
    struct croft_validator_record v = {.power = p->value, .operator_address = p->subject};
    u32 slot = croft_state_find(l->state, CROFT_TABLE_VALIDATORS, p->public_key);
    if (p->value == 0)
        return remove_validator(l, slot);
    u32 operator_slot = croft_account_find(l, &p->subject);
    if (operator_slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    croft_open_records_add(l, operator_slot, 1);
    if (slot == CROFT_SLOT_NONE)
        return croft_record_insert(l, CROFT_TABLE_VALIDATORS, p->public_key, &v, &slot);

    struct croft_validator_record old;
    croft_record_load(l, CROFT_TABLE_VALIDATORS, slot, &old);
    u32 old_operator = croft_account_find(l, &old.operator_address);
    CROFT_ASSERT(old_operator != CROFT_SLOT_NONE);
    croft_open_records_add(l, old_operator, -1);
    croft_record_store(l, CROFT_TABLE_VALIDATORS, slot, &v);
    return CROFT_OK;
}

static croft_err apply_issuer(struct croft_ledger *l, const struct croft_proposal_record *p)
{
    u8 key[33];
    struct croft_issuer_record r = {.cap = croft_amt_of(p->value)};
    u32 account = croft_account_find(l, &p->subject);
    if (account == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    croft_key_issuer(&p->subject, p->asset, key);
    u32 slot = croft_state_find(l->state, CROFT_TABLE_ISSUERS, key);
    if (slot == CROFT_SLOT_NONE) {
        u32 most = croft_state_records_max(l->state, CROFT_TABLE_ISSUERS) - CROFT_RECORDS_KEPT;
        if (croft_state_count(l->state, CROFT_TABLE_ISSUERS) >= most)
            return CROFT_ERR_OP_FULL;
        croft_open_records_add(l, account, 1);
        return croft_record_insert(l, CROFT_TABLE_ISSUERS, key, &r, &slot);
    }
    croft_record_load(l, CROFT_TABLE_ISSUERS, slot, &r);
    r.cap = croft_amt_of(p->value);
    croft_record_store(l, CROFT_TABLE_ISSUERS, slot, &r);
    return CROFT_OK;
}

static croft_err apply_quota(struct croft_ledger *l, const struct croft_proposal_record *p)
{
    struct croft_account a;
    if (!croft_account_load(l, &p->subject, &a))
        return CROFT_ERR_OP_NOT_FOUND;
    a.r.quota_per_day = p->value;
    croft_account_store(l, &a);
    return CROFT_OK;
}

static croft_err apply_change(struct croft_op *o, const struct croft_proposal_record *p)
{
    switch ((enum croft_change_kind)p->kind) {
    case CROFT_CHANGE_PARAM:
        return apply_param(o->l, p);
    case CROFT_CHANGE_PROTOCOL:
        return apply_protocol(o, p);
    case CROFT_CHANGE_VALIDATOR:
        return apply_validator(o->l, p);
    case CROFT_CHANGE_ISSUER:
        return apply_issuer(o->l, p);
    case CROFT_CHANGE_QUOTA:
        return apply_quota(o->l, p);
    case CROFT_CHANGE_CLASS:
        return croft_class_assign(o, p->number, &p->subject);
    }
    CROFT_UNREACHABLE("a stored proposal has a known kind");
    return CROFT_ERR_OP_PARAM;
}

/* ---- voting ---- */

static void drop_votes(struct croft_ledger *l, u64 proposal)
{
    u8 prefix[8];
    croft_key_u64(proposal, prefix);
    for (u32 slot = 0; slot < croft_state_high(l->state, CROFT_TABLE_VOTES); slot++) {
        struct croft_bytes key = croft_state_key(l->state, CROFT_TABLE_VOTES, slot);
        if (key.at != NULL && memcmp(key.at, prefix, sizeof prefix) == 0)
            croft_state_remove(l->state, CROFT_TABLE_VOTES, slot);
    }
}

void croft_proposal_end(struct croft_ledger *l, u32 slot)
{
    struct croft_proposal_record p;
    u64 id = 0;
    croft_record_load(l, CROFT_TABLE_PROPOSALS, slot, &p);
    struct croft_bytes key = croft_state_key(l->state, CROFT_TABLE_PROPOSALS, slot);
    for (size_t i = 0; i < key.len; i++)
        id = id << 8 | key.at[i];

    u32 proposer = croft_account_find(l, &p.proposer);
    CROFT_ASSERT(proposer != CROFT_SLOT_NONE); /* open_records keeps it */
    croft_deposit_return(l, proposer, p.deposit);
    croft_open_records_add(l, proposer, -1);
    drop_votes(l, id);
    croft_state_remove(l->state, CROFT_TABLE_PROPOSALS, slot);
}

static croft_err vote(struct croft_op *o, const Croft__V1__Vote *op)
{
    u8 key[8], ballot[40];
    u32 vote_slot;
    struct croft_proposal_record p;
    const struct croft_vote_record v = {.yes = op->yes ? 1 : 0};
    croft_key_u64(op->proposal, key);
    vote_key(op->proposal, &o->tx->account, ballot);
    u32 slot = croft_state_find(o->l->state, CROFT_TABLE_PROPOSALS, key);
    if (!count_votes(o->l, op->proposal, &o->tx->account).is_operator)
        return CROFT_ERR_OP_VALIDATOR;
    if (slot == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    if (croft_state_find(o->l->state, CROFT_TABLE_VOTES, ballot) != CROFT_SLOT_NONE)
        return CROFT_ERR_OP_VOTED;
    CROFT_TRY(croft_record_insert(o->l, CROFT_TABLE_VOTES, ballot, &v, &vote_slot));

    struct tally t = count_votes(o->l, op->proposal, &o->tx->account);
    if ((u128)t.yes * 3 <= (u128)t.total * 2)
        return CROFT_OK;
    croft_record_load(o->l, CROFT_TABLE_PROPOSALS, slot, &p);
    CROFT_TRY(apply_change(o, &p));
    croft_proposal_end(o->l, slot);
    return CROFT_OK;
}

croft_err croft_op_govern(struct croft_op *o)
{
    const Croft__V1__TxBody *body = o->tx->body;
    if (body->op_case == CROFT__V1__TX_BODY__OP_PROPOSE)
        return propose(o, body->propose);
    CROFT_ASSERT(body->op_case == CROFT__V1__TX_BODY__OP_VOTE);
    return vote(o, body->vote);
}
