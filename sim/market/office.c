#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

enum { CLASS_FREE = 300, CLASS_IN_TURN = 301, CLASS_VOTED = 7 };

/* ---- validators: votes, the price of CROFT ---- */

static Croft__V1__Propose *propose(struct croft_sim *s, struct croft_msim_actor *a, Croft__V1__TxBody **out)
{
    *out = croft_msim_body(s, CROFT__V1__TX_BODY__OP_PROPOSE);
    Croft__V1__Propose *op = CROFT_MSIM_OP(s, *out, propose, Croft__V1__Propose, croft__v1__propose__init);
    op->id = (u64)a->number << 32 | a->next_id++;
    op->expires_s = croft_sim_now_s(s) + 3000;
    return op;
}

static void propose_market(struct croft_sim *s, struct croft_msim_actor *a)
{
    static char release[] = "next";
    Croft__V1__TxBody *b;
    Croft__V1__Propose *op = propose(s, a, &b);
    op->change_case = CROFT__V1__PROPOSE__CHANGE_PROTOCOL;
    op->protocol = croft_sim_new(s, Croft__V1__ProtocolChange, 1);
    croft__v1__protocol_change__init(op->protocol);
    op->protocol->protocol = CROFT_PROTOCOL_MARKET;
    op->protocol->height = s->height + 8;
    op->protocol->release = release;
    croft_msim_send(s, a->account, b);
}

static void propose_class(struct croft_sim *s, struct croft_msim_actor *a)
{
    Croft__V1__TxBody *b;
    Croft__V1__Propose *op = propose(s, a, &b);
    op->change_case = CROFT__V1__PROPOSE__CHANGE_CLASS;
    op->class_ = croft_sim_new(s, Croft__V1__ClassChange, 1);
    croft__v1__class_change__init(op->class_);
    op->class_->number = CLASS_VOTED;
    op->class_->operator_address = croft_msim_address(s, a->account);
    croft_msim_send(s, a->account, b);
}

static void vote(struct croft_sim *s, const struct croft_msim_actor *a)
{
    for (u32 slot = 0; slot < croft_msim_high(s, CROFT_TABLE_PROPOSALS); slot++) {
        u8 key[CROFT_RECORD_KEY_MAX];
        struct croft_proposal_record r;
        struct croft_vote_record cast;
        if (!croft_msim_at(s, CROFT_TABLE_PROPOSALS, slot, key, &r))
            continue;
        memcpy(key + 8, s->market->account[a->account].address.b, 32);
        if (croft_msim_read(s, CROFT_TABLE_VOTES, key, &cast))
            continue;
        Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_VOTE);
        Croft__V1__Vote *op = CROFT_MSIM_OP(s, b, vote, Croft__V1__Vote, croft__v1__vote__init);
        for (u32 i = 0; i < 8; i++)
            op->proposal = op->proposal << 8 | key[i];
        op->yes = true;
        croft_msim_send(s, a->account, b);
    }
}

/* Near the truth; a liar anywhere. */
static void report(struct croft_sim *s, const struct croft_msim_actor *a)
{
    u64 rate = s->market->rate, spread = rate / 500;
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_ORACLE_REPORT);
    Croft__V1__OracleReport *op =
        CROFT_MSIM_OP(s, b, oracle_report, Croft__V1__OracleReport, croft__v1__oracle_report__init);
    op->price = rate - spread + croft_sim_below(s, 2 * spread + 1);
    if (croft_msim_is(a, CROFT_FAULT_LIES))
        op->price = croft_sim_chance(s, 2) ? rate + rate / 25 : 1 + croft_sim_below(s, 3 * rate);
    croft_msim_send(s, a->account, b);
}

static void set_class(struct croft_sim *s, u32 account, u32 number)
{
    static char name[] = "card", any[] = "";
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_CLASS_SET);
    Croft__V1__ClassSet *op = CROFT_MSIM_OP(s, b, class_set, Croft__V1__ClassSet, croft__v1__class_set__init);
    op->number = number;
    op->name = name;
    op->policy = number == CLASS_IN_TURN;
    op->requirement = croft_sim_new(s, Croft__V1__Capability, 1);
    croft__v1__capability__init(op->requirement);
    op->requirement->model = any;
    op->requirement->gpu_count = 1;
    op->price = croft_sim_chance(s, 2) ? 0 : 100000000 + croft_sim_below(s, 200000000);
    op->start_s = 300;
    croft_msim_send(s, account, b);
}

/* Nobody has anything to do before the market opens, and a vote counts from some block on. */
static void pass_time(struct croft_sim *s, const struct croft_msim_actor *a)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_TRANSFER);
    Croft__V1__Transfer *op = CROFT_MSIM_OP(s, b, transfer, Croft__V1__Transfer, croft__v1__transfer__init);
    op->legs = croft_sim_new(s, Croft__V1__Leg *, 1);
    op->legs[0] = croft_sim_new(s, Croft__V1__Leg, 1);
    croft__v1__leg__init(op->legs[0]);
    op->n_legs = 1;
    op->legs[0]->to_address = croft_msim_address(s, 0);
    op->legs[0]->amount = 1;
    croft_msim_send(s, a->account, b);
}

void croft_msim_validator_acts(struct croft_sim *s, struct croft_msim_actor *a)
{
    struct croft_chain_record chain = croft_ledger_chain(croft_msim_ledger(s));
    bool open = croft_msim_is_open(s);
    if (a->number == 0 && !open && chain.next_protocol == 0 && croft_sim_chance(s, 2))
        propose_market(s, a);
    if (a->number == 1 && open && (a->turn < 3 || croft_sim_chance(s, 50)))
        propose_class(s, a);
    if (a->number == 1 && open && croft_sim_chance(s, 4))
        set_class(s, a->account, CLASS_VOTED);
    vote(s, a);
    if (!open)
        pass_time(s, a);
    if (open && (s->market->token || croft_sim_chance(s, 20)))
        report(s, a);
}

/* ---- auditors: claims, classes, judgements, buying CROFT back ---- */

static void claim(struct croft_sim *s, const struct croft_msim_actor *a)
{
    struct croft_msim *m = s->market;
    const struct croft_msim_actor *about = &m->actor[croft_sim_below(s, m->actor_count)];
    if (about->kind->role != CROFT_ROLE_PROVIDER)
        return;
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_CLAIM_SET);
    Croft__V1__ClaimSet *op = CROFT_MSIM_OP(s, b, claim_set, Croft__V1__ClaimSet, croft__v1__claim_set__init);
    op->node_address = croft_msim_address(s, about->node[0]);
    op->claims = 3;
    op->country = croft_sim_copy(s, "DE", 2);
    op->until_s = croft_sim_chance(s, 4) ? 0 : croft_msim_now_s(s) + 600 + croft_sim_below(s, 3000);
    croft_msim_send(s, a->account, b);
}

static void buy_back(struct croft_sim *s, const struct croft_msim_actor *a)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_BUYBACK);
    Croft__V1__Buyback *op = CROFT_MSIM_OP(s, b, buyback, Croft__V1__Buyback, croft__v1__buyback__init);
    op->amount = croft_sim_chance(s, 4) ? CROFT_UNITS_PER_CREDIT : 1 + croft_sim_below(s, 1000000);
    op->credits_min = croft_sim_chance(s, 6) ? op->amount : 0;
    croft_msim_send(s, a->account, b);
}

void croft_msim_auditor_acts(struct croft_sim *s, struct croft_msim_actor *a)
{
    struct croft_msim_lease *l;
    struct croft_class_record r;
    if (!croft_msim_is_open(s))
        return;
    for (u32 number = CLASS_FREE; number <= CLASS_IN_TURN; number++) {
        const u8 key[2] = {(u8)(number >> 8), (u8)number};
        if (!croft_msim_read(s, CROFT_TABLE_CLASSES, key, &r) || croft_sim_chance(s, 50))
            set_class(s, a->account, number);
    }
    for (u32 i = 0; (l = croft_msim_live(s, i)) != NULL; i++)
        if (l->last.state == CROFT_LEASE_CONTESTED &&
            croft_msim_account_of(s, l->order->last.arbiter.b) == a->account && !croft_sim_chance(s, 5))
            croft_msim_judge(s, a->account, l);
    if (!s->market->draining)
        claim(s, a);
    if (croft_sim_chance(s, 5))
        buy_back(s, a);
}

/* ---- who rents from itself: provider and buyer in one ---- */

void croft_msim_wash_acts(struct croft_sim *s, struct croft_msim_actor *a)
{
    croft_msim_provider_acts(s, a);
    croft_msim_buyer_acts(s, a);
}
