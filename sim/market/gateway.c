#include "sim/market/market_int.h"

#include "base/assert.h"

/* ---- signing for buyers ---- */

/* All the time there was, whether served or not: with a provider in league this is worth the cap. */
static u64 as_much_as_it_likes(const struct croft_sim *s, const struct croft_msim_lease *l)
{
    u64 seconds = croft_msim_now_s(s) - l->taken_s + (l->voucher_seq % 5 == 4 ? 100 : 0); /* and now and then more */
    return l->last.mode == CROFT_LEASE_COUNTED ? l->last.units_max : seconds;
}

static void sign(struct croft_sim *s, const struct croft_msim_actor *a, struct croft_msim_lease *l)
{
    u64 now_s = croft_msim_now_s(s), cap_left = 0;
    const struct croft_order_record *o = &l->order->last;
    if (croft_amt_units(o->voucher_cap) > croft_amt_units(o->voucher_paid))
        cap_left = croft_amt_units(o->voucher_cap) - croft_amt_units(o->voucher_paid);
    if (croft_msim_is(a, CROFT_FAULT_SIGNS_FOR_NOTHING))
        croft_msim_sign(s, l, as_much_as_it_likes(s, l), now_s);
    else if (cap_left == 0 || (croft_msim_is(a, CROFT_FAULT_DROPS) && !croft_sim_chance(s, 4)))
        return;
    else
        croft_msim_sign(s, l, l->truth, now_s + (croft_msim_is(a, CROFT_FAULT_DELAYS) ? 120 : 0));
}

void croft_msim_gateway_acts(struct croft_sim *s, struct croft_msim_actor *a)
{
    struct croft_msim_lease *l;
    if (!croft_msim_is_open(s))
        return;
    for (u32 i = 0; (l = croft_msim_live(s, i)) != NULL; i++) {
        bool up = l->last.state == CROFT_LEASE_ACKED || l->last.state == CROFT_LEASE_RUNNING;
        bool work = l->order->kind == CROFT_ORDER_BATCH && !(l->last.flags & CROFT_LEASE_GATEWAY);
        if (l->order->signer == a->account && up && !work)
            sign(s, a, l);
        if (l->payee == a->number && croft_sim_chance(s, 4))
            l->sent_seq = l->last.seq;
    }
    croft_msim_settle(s, a->account, NULL);
}
