#include "market/settle.h"

#include "base/assert.h"

enum { HOUR_S = 3600, PPM = 1000000 };

#define INDEX_ONE (UINT64_C(1) << 32)

static struct croft_amt all_of_it(void)
{
    return croft_amt_of(UINT64_MAX);
}

static u64 least(u64 a, u64 b)
{
    return a < b ? a : b;
}

static struct croft_amt share_floor(struct croft_amt whole, u64 ppm)
{
    CROFT_ASSERT(ppm <= PPM);
    struct croft_amt part = {0};
    bool fits = croft_amt_muldiv_floor(&part, whole, ppm, PPM);
    CROFT_ASSERT(fits);
    return part;
}

/* ---- prices ---- */

u64 croft_price_per(enum croft_price_kind kind)
{
    static const u64 per[] = {
        [CROFT_PRICE_SECOND] = HOUR_S,
        [CROFT_PRICE_TOKEN] = 1000000,
        [CROFT_PRICE_BYTE] = 1000000000,
        [CROFT_PRICE_FRAME] = 1,
    };
    CROFT_ASSERT((size_t)kind < CROFT_COUNT(per));
    return per[kind];
}

struct croft_amt croft_pay(u64 price, enum croft_price_kind kind, u64 units)
{
    struct croft_amt pay = all_of_it();
    bool fits = croft_amt_muldiv_floor(&pay, croft_amt_of(price), units, croft_price_per(kind));
    CROFT_ASSERT(fits || pay.units == UINT64_MAX);
    return pay;
}

bool croft_cover(struct croft_amt *out, u64 price, enum croft_price_kind kind, u64 units)
{
    return croft_amt_muldiv_ceil(out, croft_amt_of(price), units, croft_price_per(kind));
}

u64 croft_units_covered(struct croft_amt amount, u64 price, enum croft_price_kind kind)
{
    CROFT_ASSERT(price != 0);
    struct croft_amt units = all_of_it();
    bool fits = croft_amt_muldiv_floor(&units, amount, croft_price_per(kind), price);
    CROFT_ASSERT(fits || units.units == UINT64_MAX);
    return croft_amt_units(units);
}

struct croft_split croft_pay_split(struct croft_amt before, struct croft_amt after, u64 fee_ppm)
{
    struct croft_amt payment = croft_amt_sub_must(after, before);
    struct croft_amt fee = croft_amt_sub_must(share_floor(after, fee_ppm), share_floor(before, fee_ppm));
    return (struct croft_split){.fee = fee, .payee = croft_amt_sub_must(payment, fee)};
}

/* ---- what is put aside ---- */

bool croft_aside_metered(struct croft_metered_aside *out, const struct croft_metered_terms *t)
{
    struct croft_metered_aside a = {{0}, {0}, {0}, {0}};
    bool fits = croft_cover(&a.hold, t->price, CROFT_PRICE_SECOND, t->hold_s) &&
                croft_cover(&a.keep, t->keep_price, CROFT_PRICE_SECOND, t->keep_s) &&
                croft_cover(&a.take_fee, t->price, CROFT_PRICE_SECOND, t->take_fee_s) &&
                croft_amt_add(&a.sum, a.hold, a.keep) && croft_amt_add(&a.sum, a.sum, a.take_fee);
    if (fits)
        *out = a;
    return fits;
}

bool croft_keep_price(u64 *out, u64 disk_price, u64 disk_gib)
{
    u128 price = (u128)disk_price * disk_gib;
    if (price > CROFT_PRICE_MAX)
        return false;
    *out = (u64)price;
    return true;
}

/* ---- a meter ---- */

u64 croft_meter_from(const struct croft_meter *m)
{
    CROFT_ASSERT(m->kind == CROFT_PRICE_SECOND);
    CROFT_ASSERT(m->served_until_s >= m->taken_s);
    CROFT_ASSERT(m->units <= m->served_until_s - m->taken_s);
    return m->units == 0 ? m->taken_s : m->served_until_s - m->units;
}

enum croft_voucher_verdict croft_voucher_check(const struct croft_meter *m, u64 served_until_s, u64 units,
                                               u64 units_max, u64 now_s)
{
    if (served_until_s < m->served_until_s || units < m->units)
        return CROFT_VOUCHER_BACK;
    if (served_until_s > now_s)
        return CROFT_VOUCHER_AHEAD;
    /* Paused time went back to the escrow, where other leases may have used it. */
    if (m->kind == CROFT_PRICE_SECOND && units > served_until_s - croft_meter_from(m))
        return CROFT_VOUCHER_AHEAD;
    if (units_max != 0 && units > units_max)
        return CROFT_VOUCHER_TOO_MANY;
    return CROFT_VOUCHER_GOOD;
}

void croft_voucher_cut(const struct croft_meter *m, u64 end_s, u64 *served_until_s, u64 *units)
{
    CROFT_ASSERT(m->served_until_s <= end_s);
    CROFT_ASSERT(m->served_until_s <= *served_until_s && m->units <= *units);
    if (*served_until_s <= end_s)
        return;
    u64 late = *served_until_s - end_s;
    if (m->kind == CROFT_PRICE_SECOND)
        *units -= least(late, *units - m->units);
    *served_until_s = end_s;
}

struct croft_amt croft_meter_owed(const struct croft_meter *m, u64 units, struct croft_amt most)
{
    struct croft_amt owed = {0};
    bool more = croft_amt_sub(&owed, croft_pay(m->price, m->kind, units), m->paid);
    return more ? croft_amt_min(owed, most) : croft_amt_of(0);
}

struct croft_amt croft_meter_left(const struct croft_meter *m, u64 end_s)
{
    CROFT_ASSERT(end_s >= m->served_until_s);
    return croft_meter_owed(m, end_s - croft_meter_from(m), all_of_it());
}

u64 croft_meter_unsigned(const struct croft_meter *m, bool started, u64 end_s, u64 unsigned_s)
{
    CROFT_ASSERT(started || m->units == 0);
    if (!started || m->kind != CROFT_PRICE_SECOND)
        return 0;
    CROFT_ASSERT(end_s >= m->served_until_s);
    return least(unsigned_s, end_s - m->served_until_s);
}

/* Pays what a voucher is worth and remembers it. */
static struct croft_amt meter_take(struct croft_meter *m, u64 served_until_s, u64 units,
                                   struct croft_amt most)
{
    CROFT_ASSERT(croft_voucher_check(m, served_until_s, units, 0, served_until_s) == CROFT_VOUCHER_GOOD);
    struct croft_amt payment = croft_meter_owed(m, units, most);
    m->paid = croft_amt_add_must(m->paid, payment);
    m->served_until_s = served_until_s;
    m->units = units;
    return payment;
}

/* ---- promises ---- */

u64 croft_promise_left(const struct croft_promise *p, u64 now_s)
{
    if (p->firm_until_s != 0)
        return p->firm_until_s > now_s ? p->firm_until_s - now_s : 0;
    if (p->end_s == 0)
        return p->notice_s;
    return p->end_s > now_s ? least(p->notice_s, p->end_s - now_s) : 0;
}

bool croft_promise_binds(const struct croft_meter *m, u64 now_s, u64 cap_s)
{
    CROFT_ASSERT(now_s >= m->served_until_s);
    return now_s - m->served_until_s <= cap_s;
}

struct croft_amt croft_penalty(u64 price, u64 promise_s, u64 cap_s)
{
    return croft_pay(price, CROFT_PRICE_SECOND, least(promise_s, cap_s));
}

/* ---- an escrow that metered leases share ---- */

/* Sum of price * (at_s - from), in units of 1/3600. */
static u128 accrued_of(const struct croft_escrow *e)
{
    CROFT_ASSERT(e->part < HOUR_S);
    return (u128)e->accrued * HOUR_S + e->part;
}

static void set_accrued(struct croft_escrow *e, u128 accrued)
{
    CROFT_ASSERT(accrued / HOUR_S <= UINT64_MAX);
    e->accrued = (u64)(accrued / HOUR_S);
    e->part = (u16)(accrued % HOUR_S);
}

static void forget_accrued(struct croft_escrow *e, u64 price, u64 seconds)
{
    u128 gone = (u128)price * seconds, accrued = accrued_of(e);
    CROFT_ASSERT(gone <= accrued);
    set_accrued(e, accrued - gone);
}

void croft_escrow_advance(struct croft_escrow *e, u64 t_s)
{
    CROFT_ASSERT(t_s >= e->at_s);
    u128 more = (u128)e->rate * (t_s - e->at_s);
    set_accrued(e, accrued_of(e) + more);
    e->at_s = t_s;
}

void croft_escrow_join(struct croft_escrow *e, u64 price)
{
    CROFT_ASSERT(price <= CROFT_PRICE_MAX);
    e->rate += price;
    CROFT_ASSERT(e->rate <= CROFT_METERS_MAX * CROFT_PRICE_MAX);
}

static void leave(struct croft_escrow *e, const struct croft_meter *m)
{
    u64 from_s = croft_meter_from(m);
    CROFT_ASSERT(from_s <= e->at_s);
    CROFT_ASSERT(m->price <= e->rate);
    forget_accrued(e, m->price, e->at_s - from_s);
    e->rate -= m->price;
    e->paid = croft_amt_sub_must(e->paid, m->paid);
}

void croft_escrow_aside(struct croft_escrow *e, struct croft_amt before, struct croft_amt after)
{
    e->aside = croft_amt_add_must(croft_amt_sub_must(e->aside, before), after);
}

struct croft_amt croft_escrow_settle(struct croft_escrow *e, struct croft_meter *m, u64 served_until_s,
                                     u64 units, struct croft_amt most)
{
    CROFT_ASSERT(served_until_s <= e->at_s);
    u64 from_s = croft_meter_from(m);
    struct croft_amt payment = meter_take(m, served_until_s, units, most);
    forget_accrued(e, m->price, croft_meter_from(m) - from_s);
    e->balance = croft_amt_sub_must(e->balance, payment);
    e->paid = croft_amt_add_must(e->paid, payment);
    return payment;
}

struct croft_amt croft_escrow_end(struct croft_escrow *e, const struct croft_meter *m, struct croft_amt aside,
                                  u64 end_s)
{
    CROFT_ASSERT(end_s <= e->at_s);
    struct croft_amt left = croft_meter_left(m, end_s);
    leave(e, m);
    croft_escrow_aside(e, aside, left);
    return left;
}

/* Pays out of what lies aside for one lease. */
static void spend_aside(struct croft_escrow *e, struct croft_amt *aside, struct croft_amt payment)
{
    *aside = croft_amt_sub_must(*aside, payment);
    e->aside = croft_amt_sub_must(e->aside, payment);
    e->balance = croft_amt_sub_must(e->balance, payment);
}

struct croft_amt croft_escrow_claim(struct croft_escrow *e, struct croft_meter *m, struct croft_amt *aside,
                                    u64 served_until_s, u64 units, struct croft_amt most)
{
    struct croft_amt payment = meter_take(m, served_until_s, units, croft_amt_min(*aside, most));
    spend_aside(e, aside, payment);
    return payment;
}

struct croft_amt croft_escrow_close(struct croft_escrow *e, struct croft_meter *m,
                                    const struct croft_closing *c)
{
    u64 unsigned_s = croft_meter_unsigned(m, c->started, c->end_s, c->unsigned_s);
    struct croft_amt aside = c->aside;
    struct croft_amt payment = croft_meter_owed(m, m->units + unsigned_s, croft_amt_min(aside, c->most));
    m->paid = croft_amt_add_must(m->paid, payment);
    spend_aside(e, &aside, payment);
    croft_escrow_aside(e, aside, croft_amt_of(0));
    return payment;
}

/* What the meters may use: the balance and what they were paid of it. */
static u128 usable(const struct croft_escrow *e)
{
    return (u128)croft_amt_units(e->balance) + croft_amt_units(e->paid);
}

bool croft_escrow_free(const struct croft_escrow *e, u64 t_s, struct croft_amt *out)
{
    CROFT_ASSERT(t_s >= e->at_s);
    u128 accrued = accrued_of(e) + (u128)e->rate * (t_s - e->at_s);
    u128 claimed = (accrued + HOUR_S - 1) / HOUR_S + croft_amt_units(e->aside);
    *out = croft_amt_of(0);
    if (claimed > usable(e))
        return false;
    u128 left = usable(e) - claimed;
    CROFT_ASSERT(left <= UINT64_MAX);
    *out = croft_amt_of((u64)left);
    return true;
}

u64 croft_escrow_dry_s(const struct croft_escrow *e)
{
    if (e->rate == 0)
        return CROFT_NEVER_S;
    u128 have = usable(e) * HOUR_S;
    u128 used = (u128)croft_amt_units(e->aside) * HOUR_S + accrued_of(e);
    if (have < used) {
        u128 ago_s = (used - have + e->rate - 1) / e->rate;
        return ago_s < e->at_s ? e->at_s - (u64)ago_s : 0;
    }
    u128 dry_s = e->at_s + (have - used) / e->rate;
    return dry_s < CROFT_DRY_MAX_S ? (u64)dry_s : CROFT_NEVER_S;
}

u64 croft_escrow_stop_s(const struct croft_escrow *e, u64 hold_s)
{
    u64 dry_s = croft_escrow_dry_s(e);
    return hold_s < CROFT_NEVER_S - dry_s ? dry_s + hold_s : CROFT_NEVER_S;
}

/* ---- CROFT that an order converted and holds ---- */

struct croft_amt croft_converted_spend(struct croft_amt *spend_only, struct croft_amt *held,
                                       struct croft_amt spent)
{
    struct croft_amt used = {0}, converted = croft_amt_min(spent, *spend_only);
    if (croft_amt_is_zero(converted))
        return used;
    bool fits = croft_amt_muldiv_ceil(&used, *held, croft_amt_units(converted), croft_amt_units(*spend_only));
    CROFT_ASSERT(fits);
    *held = croft_amt_sub_must(*held, used);
    *spend_only = croft_amt_sub_must(*spend_only, converted);
    return used;
}

/* ---- emission and rewards ---- */

u64 croft_epoch_index(struct croft_amt emission, struct croft_amt fees, u64 kappa_ppm, u64 price)
{
    CROFT_ASSERT(kappa_ppm <= PPM);
    if (croft_amt_is_zero(fees) || price == 0)
        return 0;
    struct croft_amt share = all_of_it(), most = all_of_it();
    bool share_fits = croft_amt_muldiv_floor(&share, emission, INDEX_ONE, croft_amt_units(fees));
    /* kappa_ppm * 10^9 / 10^6 */
    bool most_fits = croft_amt_muldiv_floor(&most, croft_amt_of(kappa_ppm * 1000), INDEX_ONE, price);
    CROFT_ASSERT(share_fits || share.units == UINT64_MAX);
    CROFT_ASSERT(most_fits || most.units == UINT64_MAX);
    return croft_amt_units(croft_amt_min(share, most));
}

struct croft_amt croft_epoch_reward(struct croft_amt fees, u64 index)
{
    struct croft_amt reward = all_of_it();
    bool fits = croft_amt_muldiv_floor(&reward, fees, index, INDEX_ONE);
    CROFT_ASSERT(fits || reward.units == UINT64_MAX);
    return reward;
}

void croft_reward_roll(struct croft_amt *reward, struct croft_amt *fees, u64 index)
{
    struct croft_amt more = croft_epoch_reward(*fees, index);
    if (!croft_amt_add(reward, *reward, more))
        *reward = all_of_it();
    *fees = croft_amt_of(0);
}

struct croft_amt croft_emission_next(struct croft_amt emission, u64 decay_ppm)
{
    CROFT_ASSERT(decay_ppm <= PPM);
    return share_floor(emission, PPM - decay_ppm);
}

/* ---- the oracle ---- */

struct reports {
    const struct croft_oracle_report *at;
    size_t count;
    u64 oldest_s;
};

/* Power of the reports that count and say at most price.  64 of them: no need to sort. */
static u128 power_up_to(const struct reports *r, u64 price)
{
    u128 power = 0;
    for (size_t i = 0; i < r->count; i++)
        if (r->at[i].at_s >= r->oldest_s && r->at[i].price <= price)
            power += r->at[i].power;
    return power;
}

/* The least price whose reports and those below it have num/den of the power. */
static u64 quantile(const struct reports *r, u128 power, u64 num, u64 den)
{
    u64 found = UINT64_MAX;
    for (size_t i = 0; i < r->count; i++) {
        u64 price = r->at[i].price;
        if (r->at[i].at_s >= r->oldest_s && price < found && power_up_to(r, price) * den >= power * num)
            found = price;
    }
    return found;
}

enum croft_oracle_verdict croft_oracle_median(const struct croft_oracle_report *report, size_t count,
                                              const struct croft_oracle_rule *rule, u64 now_s, u64 *out)
{
    CROFT_ASSERT(count <= CROFT_ORACLE_REPORTS_MAX);
    for (size_t i = 0; i < count; i++)
        CROFT_ASSERT(report[i].at_s <= now_s);
    struct reports r = {report, count, now_s > rule->stale_s ? now_s - rule->stale_s : 0};
    u128 power = power_up_to(&r, UINT64_MAX);
    if (power * 3 <= (u128)rule->power_total * 2)
        return CROFT_ORACLE_FEW;
    u64 median = quantile(&r, power, 1, 2);
    u64 spread = quantile(&r, power, 5, 6) - quantile(&r, power, 1, 6);
    if (spread > croft_amt_units(share_floor(croft_amt_of(median), rule->spread_ppm)))
        return CROFT_ORACLE_APART;
    *out = median;
    return CROFT_ORACLE_GOOD;
}
