/* market/settle.h - what is owed: prices, meters, and the escrow that several meters share.
 *
 * Pure arithmetic on integers.  The ledger keeps these numbers in its records and calls this; agents and
 * gateways call it to know what a voucher is worth and when money runs out.  Money in units, seconds of block
 * time, rates in units per hour.  Products are 128 bits wide in between.  Who is favoured by a rounding is
 * said at each function. Formulas and their reasons: docs/spec/market.md, "Settlement".
 *
 *   pay(price, kind, Q) = floor(price * Q / PER[kind])    Q is the cumulative count, so splitting it changes
 * nothing
 *
 * Life of a lease by the second that shares the escrow (METERED):
 *   advance(now), raise aside, join -> settle... -> end -> claim... -> close
 * of one whose money lies aside from the beginning (PREPAID, COUNTED):
 *   raise aside -> claim... -> (PREPAID: aside to croft_meter_left) -> close
 */
#ifndef CROFT_MARKET_SETTLE_H
#define CROFT_MARKET_SETTLE_H

#include "base/amt.h"
#include "base/types.h"
#include "wire/market_record.h"

/* Meters that may share an escrow at a time. */
enum { CROFT_METERS_MAX = 64 };
/* The second that never comes. */
#define CROFT_NEVER_S UINT64_MAX
/* A dry second from here on (the year 36812) is never. */
#define CROFT_DRY_MAX_S (UINT64_C(1) << 40)

/* ---- prices ---- */

/* Count that a price of this kind is for: 3600 seconds, 10^6 tokens, 10^9 bytes, 1 frame or task. */
u64 croft_price_per(enum croft_price_kind kind);

/* floor(price * units / per), for the payee to bear.  2^64-1 when it does not fit: callers cut it to what is
 * there. */
struct croft_amt croft_pay(u64 price, enum croft_price_kind kind, u64 units);

/* ceil(price * units / per), for what is put aside.  False, *out unchanged, when it does not fit. */
CROFT_MUST_USE bool croft_cover(struct croft_amt *out, u64 price, enum croft_price_kind kind, u64 units);

/* Units that amount covers: floor(amount * per / price), 2^64-1 when it does not fit.  price is not zero
 * (asserted). */
u64 croft_units_covered(struct croft_amt amount, u64 price, enum croft_price_kind kind);

/* Of a payment that raises what a lease was paid in all from before to after: the market fee, which is
 * fee(after) - fee(before) with fee(x) = floor(x * fee_ppm / 10^6), and the rest.  The floor is for the pool
 * to bear. after >= before, fee_ppm <= 10^6 (asserted). */
struct croft_split {
    struct croft_amt fee, payee;
};
struct croft_split croft_pay_split(struct croft_amt before, struct croft_amt after, u64 fee_ppm);

/* ---- what is put aside ---- */

/* Beside its run, of a lease by the second that shares the escrow; each is a ceil:
 *   hold      price * hold_s / 3600        paused time after the money ran out
 *   keep      keep_price * keep_s / 3600   the disk, afterwards
 *   take_fee  price * take_fee_s / 3600    until the lease has started */
struct croft_metered_terms {
    u64 price, keep_price; /* units per hour */
    u64 hold_s, keep_s, take_fee_s;
};
struct croft_metered_aside {
    struct croft_amt hold, keep, take_fee, sum;
};
/* False, *out unchanged, when the sum does not fit. */
CROFT_MUST_USE bool croft_aside_metered(struct croft_metered_aside *out, const struct croft_metered_terms *t);

/* Price of keeping a disk, disk_price * disk_gib units per hour.  False, *out unchanged, above
 * CROFT_PRICE_MAX. */
CROFT_MUST_USE bool croft_keep_price(u64 *out, u64 disk_price, u64 disk_gib);

/* ---- a meter ---- */

/* A lease's count, as of its last voucher. */
struct croft_meter {
    u64 price; /* at most CROFT_PRICE_MAX */
    enum croft_price_kind kind;
    struct croft_amt paid; /* fees included */
    u64 taken_s;
    u64 served_until_s; /* taken_s before the first voucher */
    u64 units;          /* SECOND: at most served_until_s - taken_s */
};

/* The second from which the meter would have run to served_until_s without a pause: taken_s while units is 0,
 * else served_until_s - units.  Only for prices by the second (asserted).  A voucher never makes it earlier.
 */
u64 croft_meter_from(const struct croft_meter *m);

enum croft_voucher_verdict {
    CROFT_VOUCHER_GOOD,
    CROFT_VOUCHER_BACK,    /* served_until_s or units is below the meter's */
    CROFT_VOUCHER_AHEAD,   /* served_until_s is after now_s, or more seconds are claimed than can have run */
    CROFT_VOUCHER_TOO_MANY /* above units_max */
};

/* Whether {served_until_s, units} may follow m at now_s; units_max 0 is no limit.  By the second it may not
 * claim what an earlier voucher said was paused: units <= served_until_s - from. */
enum croft_voucher_verdict croft_voucher_check(const struct croft_meter *m, u64 served_until_s, u64 units,
                                               u64 units_max, u64 now_s);

/* Cuts off a good voucher what lies after end_s, never below m: served_until_s, and by the second units by
 * the same difference.  m->served_until_s <= end_s (asserted). */
void croft_voucher_cut(const struct croft_meter *m, u64 end_s, u64 *served_until_s, u64 *units);

/* pay(units) - paid, at most most; 0 when more was paid already. */
struct croft_amt croft_meter_owed(const struct croft_meter *m, u64 units, struct croft_amt most);

/* Most that a lease by the second which ended at end_s can still claim: pay(end_s - from) - paid.
 * end_s >= served_until_s (asserted). */
struct croft_amt croft_meter_left(const struct croft_meter *m, u64 end_s);

/* Seconds paid at a lease's end without a voucher, once: min(unsigned_s, end_s - served_until_s); 0 when it
 * never started or is not priced by the second.  end_s >= served_until_s (asserted). */
u64 croft_meter_unsigned(const struct croft_meter *m, bool started, u64 end_s, u64 unsigned_s);

/* ---- promises ---- */

/* What a provider promised of a lease. */
struct croft_promise {
    u64 firm_until_s; /* 0: spot */
    u64 notice_s;     /* spot: given before the device is taken back */
    u64 end_s;        /* announced end; 0: none */
};

/* Seconds of it that going at now_s breaks: firm: up to firm_until_s; spot: notice_s, or what is left of it
 * to end_s. */
u64 croft_promise_left(const struct croft_promise *p, u64 now_s);

/* Whether it still binds: the last voucher is at most cap_s old. */
bool croft_promise_binds(const struct croft_meter *m, u64 now_s, u64 cap_s);

/* floor(price * min(promise_s, cap_s) / 3600), for who is compensated to bear; 2^64-1 when it does not fit.
 */
struct croft_amt croft_penalty(u64 price, u64 promise_s, u64 cap_s);

/* ---- an escrow that metered leases share ----
 * Always, over the meters that joined:
 *   rate = sum price     paid = sum paid     accrued * 3600 + part = sum price * (at_s - from), part < 3600
 * at_s only grows and never passes croft_escrow_stop_s: what is due then is done first.  At the stop second,
 * when all meters end there, aside <= balance: the escrow is never short. */
struct croft_escrow {
    struct croft_amt balance; /* all there is */
    struct croft_amt aside;   /* of it, not for running on: sum over all leases, ended ones included */
    u64 rate;
    u64 accrued;
    u16 part;
    u64 at_s;
    struct croft_amt paid;
};

/* at_s becomes t_s; exact.  t_s >= at_s, and the sum fits 64 bits (asserted). */
void croft_escrow_advance(struct croft_escrow *e, u64 t_s);

/* A meter that starts at at_s.  Its aside is in e->aside already; the caller saw to croft_escrow_free before.
 */
void croft_escrow_join(struct croft_escrow *e, u64 price);

/* aside of one lease becomes after instead of before; after may exceed before by at most what is free. */
void croft_escrow_aside(struct croft_escrow *e, struct croft_amt before, struct croft_amt after);

/* Takes a good voucher (checked, and cut to the lease's end) of a meter that joined and pays what is owed, at
 * most most. Leaves croft_escrow_dry_s as it was but for pauses, which put it off.  Returns the payment; m is
 * brought up to it. */
struct croft_amt croft_escrow_settle(struct croft_escrow *e, struct croft_meter *m, u64 served_until_s,
                                     u64 units, struct croft_amt most);

/* The meter leaves as of end_s <= at_s: what it can still claim goes aside instead of aside.  Returns the new
 * aside. */
struct croft_amt croft_escrow_end(struct croft_escrow *e, const struct croft_meter *m, struct croft_amt aside,
                                  u64 end_s);

/* As settle, of a lease whose money lies in *aside: at most that, and *aside falls by it. */
struct croft_amt croft_escrow_claim(struct croft_escrow *e, struct croft_meter *m, struct croft_amt *aside,
                                    u64 served_until_s, u64 units, struct croft_amt most);

/* The last payment of a lease that ended at end_s: its vouchers and the unsigned seconds, at most aside and
 * most; the rest of aside is free again.  Returns the payment. */
struct croft_closing {
    struct croft_amt aside, most;
    bool started;
    u64 end_s, unsigned_s;
};
struct croft_amt croft_escrow_close(struct croft_escrow *e, struct croft_meter *m,
                                    const struct croft_closing *c);

/* balance - aside + paid - ceil(accrued at t_s): what nobody has a claim on.  False and zero when that is
 * negative, as it is while holds are used up.  t_s >= at_s (asserted). */
bool croft_escrow_free(const struct croft_escrow *e, u64 t_s, struct croft_amt *out);

/* The last second at whose start there is money for all meters:
 *   at_s + floor(((balance - aside + paid) * 3600 - accrued * 3600 - part) / rate)
 * floor to minus infinity, for the payees to bear; not below 0.  CROFT_NEVER_S when rate is 0 or from
 * CROFT_DRY_MAX_S on. */
u64 croft_escrow_dry_s(const struct croft_escrow *e);

/* dry_s + hold_s: the second at which all meters end. */
u64 croft_escrow_stop_s(const struct croft_escrow *e, u64 hold_s);

/* ---- CROFT that an order converted and holds ---- */

/* Spending spent credits of which *spend_only came from *held CROFT: both fall, and the CROFT used up is
 * returned: ceil(held * y / spend_only) with y = min(spent, spend_only), for the buyer to bear. */
struct croft_amt croft_converted_spend(struct croft_amt *spend_only, struct croft_amt *held,
                                       struct croft_amt spent);

/* ---- emission and rewards ---- */

/* Index of an epoch, CROFT units per unit of fee times 2^32:
 *   min(floor(emission * 2^32 / fees), floor(kappa_ppm * 2^32 * 10^9 / (10^6 * price)))
 * 0 when fees or price (units of credit for one CROFT) is 0; at most 2^64-1.  kappa_ppm <= 10^6 (asserted).
 */
u64 croft_epoch_index(struct croft_amt emission, struct croft_amt fees, u64 kappa_ppm, u64 price);

/* floor(fees * index / 2^32), for the provider to bear; 2^64-1 when it does not fit.  Over all providers of
 * an epoch the sum is at most the emission. */
struct croft_amt croft_epoch_reward(struct croft_amt fees, u64 index);

/* Fees of an epoch that is over become reward; *fees is then 0.  reward stops at 2^64-1. */
void croft_reward_roll(struct croft_amt *reward, struct croft_amt *fees, u64 index);

/* The next epoch's: floor(emission * (10^6 - decay_ppm) / 10^6).  decay_ppm <= 10^6 (asserted). */
struct croft_amt croft_emission_next(struct croft_amt emission, u64 decay_ppm);

/* ---- the oracle ---- */

enum { CROFT_ORACLE_REPORTS_MAX = 64 };

/* What one validator said one CROFT is worth. */
struct croft_oracle_report {
    u64 price; /* units of credit */
    u64 power; /* of the validator, now */
    u64 at_s;
};
struct croft_oracle_rule {
    u64 power_total; /* of all validators, with and without reports */
    u64 stale_s;     /* older reports do not count */
    u64 spread_ppm;
};
enum croft_oracle_verdict { CROFT_ORACLE_GOOD, CROFT_ORACLE_FEW, CROFT_ORACLE_APART };

/* The median by power of the reports that are at most stale_s old at now_s.  FEW: their power is not above
 * 2/3 of all; APART: q(5/6) - q(1/6) > floor(median * spread_ppm / 10^6).  q(x) is the least price that
 * reports with x of the power counted are at or below; the median is q(1/2).  *out is written when GOOD.
 * count <= CROFT_ORACLE_REPORTS_MAX, no report from after now_s, spread_ppm <= 10^6 (asserted).  The order of
 * the reports does not matter. */
enum croft_oracle_verdict croft_oracle_median(const struct croft_oracle_report *report, size_t count,
                                              const struct croft_oracle_rule *rule, u64 now_s, u64 *out);

#endif
