#include "sim/market/market_int.h"

#include "base/assert.h"

#include <string.h>

/* ---- being a provider ---- */

static void admit(struct croft_sim *s, const struct croft_msim_actor *a, u32 node)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_NODE_ADMIT);
    Croft__V1__NodeAdmit *op = CROFT_MSIM_OP(s, b, node_admit, Croft__V1__NodeAdmit, croft__v1__node_admit__init);
    op->node_address = croft_msim_address(s, node);
    croft_msim_send(s, a->account, b);
}

static void set_node(struct croft_sim *s, u32 node, bool drain)
{
    static char attributes[] = "rack=7\n";
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_NODE_SET);
    Croft__V1__NodeSet *op = CROFT_MSIM_OP(s, b, node_set, Croft__V1__NodeSet, croft__v1__node_set__init);
    op->country = croft_sim_copy(s, "DE", 2);
    op->machine = (u32)croft_sim_below(s, 3);
    op->drain = drain;
    op->attributes = (ProtobufCBinaryData){sizeof attributes - 1, (u8 *)attributes};
    croft_msim_send(s, node, b);
}

static void lock_stake(struct croft_sim *s, const struct croft_msim_actor *a, u64 amount)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_STAKE_LOCK);
    CROFT_MSIM_OP(s, b, stake_lock, Croft__V1__StakeLock, croft__v1__stake_lock__init)->amount = amount;
    croft_msim_send(s, a->account, b);
}

static void unlock_stake(struct croft_sim *s, const struct croft_msim_actor *a, u64 amount)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_STAKE_UNLOCK);
    CROFT_MSIM_OP(s, b, stake_unlock, Croft__V1__StakeUnlock, croft__v1__stake_unlock__init)->amount = amount;
    croft_msim_send(s, a->account, b);
}

/* Stake for firm leases, and all of it back now and then. */
static void care_for_stake(struct croft_sim *s, const struct croft_msim_actor *a)
{
    struct croft_provider_record p = {0};
    bool known = croft_msim_read(s, CROFT_TABLE_PROVIDERS, s->market->account[a->account].address.b, &p);
    u64 stake = croft_amt_units(p.stake), locked = croft_amt_units(p.locked);
    if (!known || (stake < 5 * CROFT_UNITS_PER_CREDIT && !croft_sim_chance(s, 3)))
        lock_stake(s, a, CROFT_UNITS_PER_CREDIT + croft_sim_below(s, 10 * CROFT_UNITS_PER_CREDIT));
    else if (stake > locked)
        unlock_stake(s, a, 1 + croft_sim_below(s, stake - locked));
}

/* ---- offers ---- */

static Croft__V1__Capability *capability(struct croft_sim *s)
{
    static char model[] = "rtx4090";
    Croft__V1__Capability *c = croft_sim_new(s, Croft__V1__Capability, 1);
    croft__v1__capability__init(c);
    c->vendor = 1;
    c->model = model;
    c->gpu_count = 1;
    c->vram_mib = 24564;
    c->disk_gib = 500;
    c->cores = 16;
    return c;
}

static Croft__V1__Prices *prices(struct croft_sim *s, const struct croft_msim_actor *a)
{
    Croft__V1__Prices *p = croft_sim_new(s, Croft__V1__Prices, 1);
    u64 base = croft_msim_is(a, CROFT_FAULT_UNDERCUTS) ? 30000000 : 100000000;
    croft__v1__prices__init(p);
    p->second = base + croft_sim_below(s, 3 * base);
    p->token = croft_sim_chance(s, 3) ? 0 : base;
    p->byte = croft_sim_chance(s, 3) ? 0 : base;
    p->frame = 1000 + croft_sim_below(s, 1000);
    p->disk = 1000 + croft_sim_below(s, 1000);
    return p;
}

static u32 services_of(struct croft_sim *s, const struct croft_msim_actor *a)
{
    if (croft_msim_is(a, CROFT_FAULT_JUMPS | CROFT_FAULT_VANISHES))
        return 7;
    return croft_sim_chance(s, 3) ? 7 : 1;
}

static void post(struct croft_sim *s, const struct croft_msim_actor *a, u32 node, u32 device)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_OFFER_POST);
    Croft__V1__OfferPost *op = CROFT_MSIM_OP(s, b, offer_post, Croft__V1__OfferPost, croft__v1__offer_post__init);
    op->device = device;
    op->capability = capability(s);
    op->prices = prices(s, a);
    op->class_ = croft_sim_chance(s, 2) ? 0 : 300 + (u32)croft_sim_below(s, 2);
    op->services = services_of(s, a);
    op->egress = 7;
    op->notice_s = croft_sim_chance(s, 2) ? 0 : 120;
    op->until_s = croft_msim_now_s(s) + 600 + croft_sim_below(s, 20000);
    croft_msim_send(s, node, b);
}

static void withdraw(struct croft_sim *s, u32 node, u32 device, bool removes)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_OFFER_WITHDRAW);
    Croft__V1__OfferWithdraw *op =
        CROFT_MSIM_OP(s, b, offer_withdraw, Croft__V1__OfferWithdraw, croft__v1__offer_withdraw__init);
    op->device = device;
    op->remove = removes;
    croft_msim_send(s, node, b);
}

/* Lists what is not listed; one in a while it thinks again. */
static void care_for_device(struct croft_sim *s, struct croft_msim_actor *a, u32 node, u32 device, bool drains)
{
    struct croft_device_record r = {0};
    bool known = croft_msim_device(s, node, device, &r);
    if (known && r.state == CROFT_DEVICE_LEASED) {
        if (croft_sim_chance(s, 200))
            withdraw(s, node, device, false);
    } else if (!known || r.state == CROFT_DEVICE_UNLISTED) {
        if (known && croft_sim_chance(s, 6))
            withdraw(s, node, device, true);
        else if (!drains && croft_sim_chance(s, 3))
            post(s, a, node, device);
    } else if (croft_sim_chance(s, 60)) {
        withdraw(s, node, device, croft_sim_chance(s, 2));
    } else if (croft_sim_chance(s, croft_msim_is(a, CROFT_FAULT_PEEKS) ? 3 : 40)) {
        post(s, a, node, device); /* at another price */
    } else if (!croft_msim_is(a, CROFT_FAULT_NEVER_ACKS)) {
        croft_msim_bid(s, a, node, device);
        croft_msim_take_tasks(s, a, node, device);
    }
}

static void remove_node(struct croft_sim *s, const struct croft_msim_actor *a, u32 node)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_NODE_REMOVE);
    CROFT_MSIM_OP(s, b, node_remove, Croft__V1__NodeRemove, croft__v1__node_remove__init)->node_address =
        croft_msim_address(s, node);
    croft_msim_send(s, a->account, b);
}

static void leave(struct croft_sim *s, const struct croft_msim_actor *a)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_PROVIDER_LEAVE);
    (void)CROFT_MSIM_OP(s, b, provider_leave, Croft__V1__ProviderLeave, croft__v1__provider_leave__init);
    croft_msim_send(s, a->account, b);
}

static void care_for_node(struct croft_sim *s, struct croft_msim_actor *a, u32 node)
{
    struct croft_node_record r = {0};
    if (!croft_msim_read(s, CROFT_TABLE_NODES, s->market->account[node].address.b, &r)) {
        if (croft_sim_chance(s, 2))
            admit(s, a, node);
        else if (croft_sim_chance(s, 4))
            leave(s, a);
        return;
    }
    if (r.attributes_len == 0 || (r.drain && croft_sim_chance(s, 20)) || croft_sim_chance(s, 100))
        set_node(s, node, !r.drain && croft_sim_chance(s, 10));
    if (r.drain && croft_sim_chance(s, 10))
        remove_node(s, a, node);
    u32 devices = croft_msim_is(a, CROFT_FAULT_ONE_CARD) ? 1 : CROFT_MSIM_DEVICES;
    for (u32 device = 0; device < devices; device++)
        care_for_device(s, a, node, device, r.drain != 0);
}

/* ---- leases ---- */

static void acknowledge(struct croft_sim *s, const struct croft_msim_lease *l, bool first)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_LEASE_ACK);
    Croft__V1__LeaseAck *op = CROFT_MSIM_OP(s, b, lease_ack, Croft__V1__LeaseAck, croft__v1__lease_ack__init);
    op->lease = croft_msim_lease_id(s, l->key);
    if (first)
        op->seal_key = croft_msim_random(s, 32);
    croft_msim_send(s, l->node, b);
}

static bool has_voucher(const struct croft_sim *s, const struct croft_msim_lease *l)
{
    return l->voucher_seq > l->last.seq && l->ready_s <= croft_msim_now_s(s);
}

/* Settles all newer vouchers of the account's leases in one transaction. */
void croft_msim_settle(struct croft_sim *s, u32 account, struct croft_msim_lease *only)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_SETTLE);
    Croft__V1__Settle *op = CROFT_MSIM_OP(s, b, settle, Croft__V1__Settle, croft__v1__settle__init);
    struct croft_msim_lease *l;
    op->vouchers = croft_sim_new(s, Croft__V1__Voucher *, CROFT_VOUCHERS_MAX);
    for (u32 i = 0; (l = croft_msim_live(s, i)) != NULL && op->n_vouchers < CROFT_VOUCHERS_MAX; i++) {
        bool open = l->last.state == CROFT_LEASE_ACKED || l->last.state == CROFT_LEASE_RUNNING ||
                    l->last.state == CROFT_LEASE_ENDING;
        bool mine = only != NULL ? l == only : l->node == account;
        if (mine && open && has_voucher(s, l) && l->voucher_seq > l->sent_seq) {
            op->vouchers[op->n_vouchers++] = croft_msim_voucher(s, l);
            l->sent_seq = l->voucher_seq;
        }
    }
    if (op->n_vouchers != 0)
        croft_msim_send(s, account, b);
}

/* What was sent and did not come onto the chain is sent again. */
static void forget_sent(struct croft_msim_lease *l)
{
    l->sent_seq = l->last.seq;
}

static void stop(struct croft_sim *s, const struct croft_msim_lease *l)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_LEASE_STOP);
    Croft__V1__LeaseStop *op = CROFT_MSIM_OP(s, b, lease_stop, Croft__V1__LeaseStop, croft__v1__lease_stop__init);
    op->lease = croft_msim_lease_id(s, l->key);
    if (has_voucher(s, l))
        op->voucher = croft_msim_voucher(s, l);
    croft_msim_send(s, l->node, b);
}

static void give_notice(struct croft_sim *s, const struct croft_msim_lease *l)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_LEASE_NOTICE);
    Croft__V1__LeaseNotice *op =
        CROFT_MSIM_OP(s, b, lease_notice, Croft__V1__LeaseNotice, croft__v1__lease_notice__init);
    op->lease = croft_msim_lease_id(s, l->key);
    u64 end_s = croft_msim_now_s(s) + 130 + croft_sim_below(s, 300);
    op->end_s = end_s > l->last.firm_until_s ? end_s : l->last.firm_until_s + 1;
    croft_msim_send(s, l->node, b);
}

static void call(struct croft_sim *s, const struct croft_msim_lease *l)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_LEASE_CALL);
    CROFT_MSIM_OP(s, b, lease_call, Croft__V1__LeaseCall, croft__v1__lease_call__init)->lease =
        croft_msim_lease_id(s, l->key);
    croft_msim_send(s, l->node, b);
}

/* Signs for itself what it likes, under the buyer's name. */
static void claim_more(struct croft_sim *s, const struct croft_msim_actor *a, struct croft_msim_lease *l)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_SETTLE);
    Croft__V1__Settle *op = CROFT_MSIM_OP(s, b, settle, Croft__V1__Settle, croft__v1__settle__init);
    u64 now_s = croft_msim_now_s(s);
    op->vouchers = croft_sim_new(s, Croft__V1__Voucher *, 1);
    op->n_vouchers = 1;
    if (croft_sim_chance(s, 2) || l->voucher_seq == 0) {
        op->vouchers[0] = croft_msim_forge(s, l, now_s, now_s - l->taken_s, l->voucher_seq + 1, a->account);
    } else {
        op->vouchers[0] = croft_msim_voucher(s, l); /* the buyer's signature under another count */
        op->vouchers[0]->units += 100;
        croft_msim_send_bad(s, l->node, b);
        return;
    }
    croft_msim_send(s, l->node, b);
}

/* It waits so long for vouchers: what is paid without them, once; firm: until it is free to go. */
static bool is_out_of_vouchers(const struct croft_sim *s, const struct croft_msim_lease *l)
{
    u64 since_s = l->voucher_seq != 0 ? l->voucher_until_s : l->taken_s;
    u64 patience_s = l->last.firm_until_s != 0 ? croft_msim_param(s, CROFT_PARAM_FIRM_PENALTY_S) + 1
                                               : l->order->unsigned_s + 60u;
    return l->last.state == CROFT_LEASE_RUNNING && croft_msim_now_s(s) > since_s + patience_s;
}

static bool is_called(const struct croft_msim_lease *l, u32 by)
{
    return l->last.call_by_s != 0 && (l->last.flags & by) != 0;
}

static void run(struct croft_sim *s, struct croft_msim_actor *a, struct croft_msim_lease *l)
{
    if (l->vanished || croft_msim_is(a, CROFT_FAULT_NEVER_RUNS))
        return;
    if (croft_msim_is(a, CROFT_FAULT_CLAIMS_MORE) && croft_sim_chance(s, 3))
        claim_more(s, a, l);
    if (is_called(l, CROFT_LEASE_CALLED_BY_BUYER))
        acknowledge(s, l, false);
    else if (l->last.flags & (CROFT_LEASE_GATEWAY | CROFT_LEASE_KEEP))
        return;
    else if (is_out_of_vouchers(s, l) || (croft_msim_is(a, CROFT_FAULT_JUMPS) && croft_sim_chance(s, 20)))
        stop(s, l);
    else if (l->last.call_by_s == 0 && croft_sim_chance(s, 60))
        call(s, l);
    else if (l->last.end_s == 0 && croft_sim_chance(s, 60))
        give_notice(s, l);
}

static void answer(struct croft_sim *s, struct croft_msim_actor *a, struct croft_msim_lease *l)
{
    switch (l->last.state) {
    case CROFT_LEASE_TAKEN:
        if (croft_msim_is(a, CROFT_FAULT_UNDERCUTS) && croft_sim_chance(s, 2))
            stop(s, l);
        else if (!croft_msim_is(a, CROFT_FAULT_NEVER_ACKS | CROFT_FAULT_UNDERCUTS))
            acknowledge(s, l, true);
        break;
    case CROFT_LEASE_RUNNING:
        run(s, a, l);
        break;
    case CROFT_LEASE_ENDING:
        if (croft_sim_chance(s, 3))
            stop(s, l); /* closes at once */
        break;
    default:
        croft_msim_work(s, l);
        break;
    }
}

static void care_for_leases(struct croft_sim *s, struct croft_msim_actor *a)
{
    struct croft_msim_lease *l;
    for (u32 i = 0; (l = croft_msim_live(s, i)) != NULL; i++)
        if (l->payee == a->number && !(l->last.flags & CROFT_LEASE_GATEWAY)) {
            if (croft_sim_chance(s, 4))
                forget_sent(l);
            answer(s, a, l);
        }
    for (u32 k = 0; k < CROFT_MSIM_NODES; k++)
        croft_msim_settle(s, a->node[k], NULL);
}

static void cash_in(struct croft_sim *s, const struct croft_msim_actor *a)
{
    Croft__V1__TxBody *b = croft_msim_body(s, CROFT__V1__TX_BODY__OP_CLAIM_REWARD);
    Croft__V1__ClaimReward *op =
        CROFT_MSIM_OP(s, b, claim_reward, Croft__V1__ClaimReward, croft__v1__claim_reward__init);
    op->sell = croft_sim_chance(s, 3);
    croft_msim_send(s, a->account, b);
}

/* Devices, then nodes, then stake and reward, then itself: one step at a time, as the chain allows. */
static bool takes_node_back(struct croft_sim *s, const struct croft_msim_actor *a, u32 node)
{
    enum { ANY_DEVICE = 3 }; /* strangers may have listed one more */
    struct croft_node_record n;
    struct croft_device_record r;
    bool known = croft_msim_read(s, CROFT_TABLE_NODES, s->market->account[node].address.b, &n);
    for (u32 device = 0; known && device < ANY_DEVICE; device++)
        if (croft_msim_device(s, node, device, &r) && croft_sim_chance(s, 2))
            withdraw(s, node, device, true);
    if (known)
        remove_node(s, a, node);
    return known;
}

void croft_msim_provider_leaves(struct croft_sim *s, struct croft_msim_actor *a)
{
    struct croft_provider_record p;
    bool nodes = false;
    if (!croft_msim_read(s, CROFT_TABLE_PROVIDERS, s->market->account[a->account].address.b, &p))
        return;
    for (u32 i = 0; i < CROFT_MSIM_NODES; i++)
        nodes |= takes_node_back(s, a, a->node[i]);
    if (nodes)
        return;
    cash_in(s, a);
    if (!croft_amt_is_zero(p.stake))
        unlock_stake(s, a, croft_amt_units(p.stake));
    else
        leave(s, a);
}

void croft_msim_provider_acts(struct croft_sim *s, struct croft_msim_actor *a)
{
    if (!croft_msim_is_open(s))
        return;
    care_for_leases(s, a);
    if (s->market->draining)
        return;
    if (a->turn % 8 == 0)
        care_for_stake(s, a);
    if (croft_sim_chance(s, 20))
        cash_in(s, a);
    croft_msim_reveal(s, a);
    care_for_node(s, a, a->node[a->turn % CROFT_MSIM_NODES]);
}
