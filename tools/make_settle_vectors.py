#!/usr/bin/env python3
"""make_settle_vectors.py [--check] - write tests/vectors/settle.txt.

Written from the formulas of docs/spec/market.md, "Settlement", over rational numbers, with the standard library only,
so that a slip in the C shows as a difference here.  Each line is a verb and numbers, the expected ones last; a comment
says which is which.  With --check nothing is written; exit status 1 if the file is not what would be written.
"""
import pathlib
import random
import sys
from fractions import Fraction
from math import ceil, floor

PATH = pathlib.Path(__file__).resolve().parent.parent / "tests" / "vectors" / "settle.txt"
SECOND, TOKEN, BYTE, FRAME = range(4)
PER = (3600, 10**6, 10**9, 1)
TOP = 2**64 - 1  # of the type; also: never
NEVER = TOP
PRICE_MAX = 2**44
GOOD, BACK, AHEAD, TOO_MANY = range(4)
ORACLE_GOOD, ORACLE_FEW, ORACLE_APART = range(3)

# From the design; each is recomputed below.
KNOWN_PAY = [
    (97222223, SECOND, {1: 27006, 2: 54012, 36: 972222, 37: 999228, 3600: 97222223, 86400: 2333333352}),
    (50000000, BYTE, {0: 0, 19: 0, 20: 1, 999999999: 49999999, 10**9: 50000000, 10**12 + 19: 50000000000}),
    (123456789, TOKEN, {1: 123, 8100: 999999, 10**6: 123456789, 7 * 10**6 + 1: 864197646}),
    (2**44, SECOND, {2**25: 163971058432973792}),
    (2**44, TOKEN, {TOP: TOP}),
    (1, SECOND, {3599: 0, 3600: 1, 7199: 1}),
    (7, FRAME, {0: 0, 1: 7, TOP: TOP}),
    (TOP, SECOND, {1: TOP // 3600, 3600: TOP, 3601: TOP}),
    (1, FRAME, {TOP: TOP}),
    (0, SECOND, {TOP: 0}),
]
KNOWN_FEE = [(0, 49, 20000, 0), (0, 50, 20000, 1), (0, 99, 20000, 1), (0, 100, 20000, 2), (49, 99, 20000, 1),
             (0, TOP, 10**6, TOP), (TOP - 1, TOP, 10**6, 1), (0, TOP, 0, 0), (5, 5, 20000, 0)]


def exact(price, kind, units):
    return Fraction(price, PER[kind]) * units


def pay(price, kind, units):
    return min(floor(exact(price, kind, units)), TOP)


def fee(paid, ppm):
    return floor(Fraction(paid * ppm, 10**6))


def some_price(rng):
    odd = (1, 7, 3599, 3600, 3601, 10**6, 350000000, PRICE_MAX)
    return rng.choice((*odd, rng.randrange(1, 10**9), rng.randrange(1, PRICE_MAX)))


def some_count(rng):
    odd = (0, 1, 2, 59, 3599, 3600, 10**6 - 1)
    return rng.choice((*odd, rng.randrange(10**5), rng.randrange(10**12), rng.randrange(TOP)))


# -- prices ------------------------------------------------------------------------------------------------------


def price_lines(rng):
    yield "# pay PRICE KIND UNITS PAID (2^64-1: more than fits); kinds 0 second 1 token 2 byte 3 frame"
    for price, kind, answers in KNOWN_PAY:
        for units, want in answers.items():
            assert pay(price, kind, units) == want, (price, kind, units)
            yield f"pay {price} {kind} {units} {want}"
    for _ in range(60):
        price, kind, units = some_price(rng), rng.randrange(4), some_count(rng)
        yield f"pay {price} {kind} {units} {pay(price, kind, units)}"
    yield "# cover PRICE KIND UNITS FITS AMOUNT"
    for _ in range(40):
        price, kind, units = some_price(rng), rng.randrange(4), some_count(rng)
        amount = ceil(exact(price, kind, units))
        yield f"cover {price} {kind} {units} {int(amount <= TOP)} {amount if amount <= TOP else 0}"
    yield "# covered AMOUNT PRICE KIND UNITS: the most units that are not dearer"
    for amount, price, kind in ((0, 1, SECOND), (TOP, 1, BYTE), (999999, 123456789, TOKEN), (1, PRICE_MAX, FRAME)):
        yield covered_line(amount, price, kind)
    for _ in range(20):
        yield covered_line(some_count(rng), some_price(rng), rng.randrange(4))
    yield "# fee BEFORE AFTER PPM FEE: of the payment that raises what was paid from BEFORE to AFTER"
    for before, after, ppm, want in KNOWN_FEE:
        assert fee(after, ppm) - fee(before, ppm) == want
        yield f"fee {before} {after} {ppm} {want}"
    for _ in range(20):
        before, after = sorted((some_count(rng), some_count(rng)))
        ppm = rng.choice((1, 20000, 33333, 200000, 999999))
        yield f"fee {before} {after} {ppm} {fee(after, ppm) - fee(before, ppm)}"


def covered_line(amount, price, kind):
    units = min(floor(amount / Fraction(price, PER[kind])), TOP)
    assert exact(price, kind, units) <= amount and (units == TOP or exact(price, kind, units + 1) > amount)
    return f"covered {amount} {price} {kind} {units}"


# -- vouchers, ends, promises --------------------------------------------------------------------------------------


def voucher_verdict(kind, taken, served, units, new_served, new_units, units_max, now):
    if new_served < served or new_units < units:
        return BACK
    if new_served > now:
        return AHEAD
    # Time that was paused by an earlier voucher stays paused: since it, no more units than seconds.
    if kind == SECOND and new_units - units > new_served - (served if units else taken):
        return AHEAD
    if units_max and new_units > units_max:
        return TOO_MANY
    return GOOD


def some_meter(rng):
    kind, taken = rng.choice((SECOND, SECOND, rng.randrange(4))), rng.randrange(1000, 1010)
    served = taken + rng.randrange(40)
    units = rng.randrange(served - taken + 1) if kind == SECOND else rng.randrange(100)
    return kind, taken, served, units


def voucher_lines(rng):
    yield "# voucher KIND TAKEN SERVED UNITS, then NEW_SERVED NEW_UNITS UNITS_MAX NOW, VERDICT"
    yield "# 0 good 1 back 2 ahead 3 too many"
    edges = [((SECOND, 1000, 1000, 0), (1060, 60, 0, 1060)), ((SECOND, 1000, 1000, 0), (1060, 61, 0, 1060)),
             ((SECOND, 1000, 1000, 0), (1061, 60, 0, 1060)), ((SECOND, 1000, 1060, 60), (1059, 60, 0, 1070)),
             ((SECOND, 1000, 1060, 60), (1060, 59, 0, 1070)), ((SECOND, 1000, 1060, 60), (1060, 60, 0, 1060)),
             ((SECOND, 1000, 1060, 20), (1070, 30, 0, 1070)), ((SECOND, 1000, 1060, 20), (1070, 31, 0, 1070)),
             ((SECOND, 1000, 1060, 0), (1070, 70, 0, 1070)), ((SECOND, 1000, 1060, 0), (1070, 71, 0, 1070)),
             ((TOKEN, 1000, 1000, 0), (1000, TOP, 0, 1000)), ((TOKEN, 1000, 1000, 0), (1000, TOP, TOP, 1000)),
             ((BYTE, 1000, 1000, 5), (1001, 6, 6, 1001)), ((BYTE, 1000, 1000, 5), (1001, 7, 6, 1001))]
    for _ in range(60):
        meter = some_meter(rng)
        served, units = meter[2] + rng.randrange(-1, 30), max(0, meter[3] + rng.randrange(-1, 40))
        edges.append((meter, (served, units, rng.choice((0, 0, 30)), served + rng.randrange(-1, 5))))
    for meter, new in edges:
        yield " ".join(map(str, ("voucher", *meter, *new, voucher_verdict(*meter, *new))))
    yield "# cut KIND TAKEN SERVED UNITS END, then NEW_SERVED NEW_UNITS, what counts of them"
    for _ in range(30):
        kind, taken, served, units = some_meter(rng)
        end = served + rng.randrange(20)
        new_served = served + rng.randrange(40)
        new_units = units + rng.randrange(new_served - served + 1)
        late = max(0, new_served - end)
        counts = max(units, new_units - late) if kind == SECOND else new_units
        yield f"cut {kind} {taken} {served} {units} {end} {new_served} {new_units} {new_served - late} {counts}"
    yield "# unsigned KIND TAKEN SERVED UNITS, then STARTED END UNSIGNED_S, SECONDS"
    for _ in range(20):
        kind, taken, served, units = some_meter(rng)
        started = 1 if units else rng.randrange(2)
        end, most = served + rng.randrange(100), rng.choice((0, 1, 60, 600))
        seconds = min(most, end - served) if started and kind == SECOND else 0
        yield f"unsigned {kind} {taken} {served} {units} {started} {end} {most} {seconds}"


def promise_lines(rng):
    yield "# promise FIRM_UNTIL (0: spot) NOTICE END (announced; 0: none), then NOW, SECONDS"
    cases = [(2000, 0, 0, 1999, 1), (2000, 60, 0, 2000, 0), (2000, 0, 0, 2001, 0), (0, 60, 0, 5, 60), (0, 0, 0, 5, 0),
             (0, 60, 100, 30, 60), (0, 60, 100, 41, 59), (0, 60, 100, 100, 0)]
    for firm, notice, end, now, want in cases:
        yield f"promise {firm} {notice} {end} {now} {want}"
    yield "# penalty PRICE PROMISE CAP AMOUNT"
    for price, promise, cap in ((97222223, 37, 3600), (97222223, 3601, 3600), (1, 3599, 3600), (PRICE_MAX, TOP, 86400),
                                (PRICE_MAX, TOP, TOP), (97222223, 0, 3600)):
        yield f"penalty {price} {promise} {cap} {pay(price, SECOND, min(promise, cap))}"


# -- escrow ------------------------------------------------------------------------------------------------------


class Lease:
    """What one lease may have run, kept without the accumulator's trick."""

    def __init__(self, price, kind, taken, aside):
        self.price, self.kind, self.taken, self.aside = price, kind, taken, aside
        self.served, self.units, self.paid, self.live, self.end = taken, 0, 0, True, None

    def may_have_run(self, at):
        return at - self.taken if self.units == 0 else self.units + at - self.served

    def claim(self, at):
        return exact(self.price, SECOND, self.may_have_run(at))


class Escrow:
    def __init__(self, balance, at, hold):
        self.balance, self.at, self.hold, self.leases = balance, at, hold, {}

    def metered(self):
        return [x for x in self.leases.values() if x.kind == SECOND and x.live]

    def usable(self):
        return self.balance - sum(x.aside for x in self.leases.values()) + sum(x.paid for x in self.metered())

    def lasts(self, at):
        return self.usable() >= sum(x.claim(at) for x in self.metered())

    def dry(self):
        rate = sum(Fraction(x.price, 3600) for x in self.metered())
        if rate == 0:
            return NEVER
        spare = self.usable() - sum(x.claim(self.at) for x in self.metered())
        dry = self.at + floor(spare / rate)
        assert self.lasts(dry) and not self.lasts(dry + 1)
        return dry if dry < 2**40 else NEVER

    def stop(self):
        return NEVER if self.dry() == NEVER else self.dry() + self.hold

    def free(self):
        return self.usable() - ceil(sum(x.claim(self.at) for x in self.metered()))

    def line(self):
        claim = sum(x.claim(self.at) for x in self.metered()) * 3600
        assert claim.denominator == 1 if isinstance(claim, Fraction) else True
        claim, free = int(claim), self.free()
        numbers = (self.balance, sum(x.aside for x in self.leases.values()), sum(x.price for x in self.metered()),
                   claim // 3600, claim % 3600, sum(x.paid for x in self.metered()),
                   int(free >= 0), max(free, 0), self.dry(), self.stop())
        return "is " + " ".join(map(str, numbers))

    # Each does one thing and says so in a line for the C to do the same.

    def advance(self, at):
        self.at = at
        return f"advance {at}"

    def join(self, i, price, keep_price, keep_s, take_fee_s):
        parts = [ceil(exact(p, SECOND, s)) for p, s in ((price, self.hold), (keep_price, keep_s), (price, take_fee_s))]
        lease = Lease(price, SECOND, self.at, sum(parts))
        if lease.aside > self.free():
            return None
        self.leases[i], lease.take_fee = lease, parts[2]
        return " ".join(map(str, ("join", i, price, keep_price, self.hold, keep_s, take_fee_s, *parts)))

    def counted(self, i, price, kind, units_max):
        aside = ceil(exact(price, kind, units_max))
        if aside > self.free():
            return None
        self.leases[i] = Lease(price, kind, self.at, aside)
        self.leases[i].units_max = units_max
        return f"counted {i} {price} {kind} {units_max} {aside}"

    def release(self, i):
        """The take fee's aside, when the lease starts."""
        lease = self.leases[i]
        before, lease.aside, lease.take_fee = lease.aside, lease.aside - lease.take_fee, 0
        return f"aside {i} {before} {lease.aside}"

    def settle(self, i, served, units):
        lease = self.leases[i]
        owed = pay(lease.price, lease.kind, units) - lease.paid
        lease.served, lease.units, lease.paid = served, units, lease.paid + owed
        self.balance -= owed
        running = lease.kind == SECOND and lease.live
        if not running:
            lease.aside -= owed
            assert lease.aside >= 0
        assert self.balance >= 0
        return f"{'settle' if running else 'claim'} {i} {served} {units} {owed}"

    def end(self, i, end):
        lease = self.leases[i]
        lease.aside = floor(lease.claim(end)) - lease.paid
        lease.live, lease.end = False, end
        return f"end {i} {end} {lease.aside}"

    def close(self, i, started, unsigned_s):
        lease = self.leases.pop(i)
        more = min(unsigned_s, lease.end - lease.served) if started and lease.kind == SECOND else 0
        owed = min(pay(lease.price, lease.kind, lease.units + more) - lease.paid, lease.aside)
        self.balance -= owed
        assert self.balance >= 0
        return f"close {i} {started} {lease.end} {unsigned_s} {owed}"

    def top(self, amount):
        self.balance += amount
        return f"top {amount}"


def two_leases():
    """Two leases on one escrow run dry at one second; what is left is what they cannot share."""
    e = Escrow(10**6, 5000, 0)
    yield "escrow 1000000 5000"
    yield from (e.join(1, 97222223, 0, 0, 0), e.join(2, 350000000, 0, 0, 0), e.line())
    assert e.dry() == 5008
    yield from (e.advance(5008), e.line(), e.end(1, 5008), e.end(2, 5008), e.line())
    assert e.free() == 6174
    yield from (e.settle(1, 5008, 8), e.close(1, 1, 0), e.settle(2, 5004, 4), e.close(2, 1, 60), e.line())
    assert e.balance == 6174


def boundaries():
    """A top-up in the last second of the hold, and the hold used up to its end."""
    e = Escrow(10**6, 100, 120)
    yield "escrow 1000000 100"
    yield from (e.join(1, 3600 * 5000, 0, 0, 1), e.line())
    assert e.dry() == 100 + (10**6 - 5000 * 121) // 5000 == 179
    yield from (e.advance(160), e.release(1), e.settle(1, 160, 60), e.line())
    assert e.dry() == 180
    yield from (e.advance(299), e.line(), e.top(5000), e.line())
    assert e.dry() == 181
    yield from (e.settle(1, 299, 150), e.line())  # 49 s paused: the money lasts so much longer
    assert e.dry() == 230
    yield from (e.advance(350), e.line(), e.end(1, 350), e.line())
    yield from (e.settle(1, 350, 201), e.line(), e.close(1, 1, 60), e.line())
    assert e.balance == 0


def random_escrow(seed):
    rng = random.Random(f"croft escrow vectors {seed}")
    e = Escrow(rng.randrange(10**rng.randrange(2, 9)), 1000, rng.choice((0, 1, 7, 120)))
    unsigned_s, made = rng.choice((0, 5, 60)), 0
    yield f"escrow {e.balance} {e.at}"
    for _ in range(16):
        at, lines = e.at + rng.randrange(40), []
        if at >= e.stop():
            lines.append(e.advance(e.stop()))
            stop = e.at
            lines += [e.end(i, stop) for i, x in sorted(e.leases.items()) if x.kind == SECOND and x.live]
            assert e.balance >= sum(x.aside for x in e.leases.values())  # never short
        lines.append(e.advance(at))
        i = rng.choice(sorted(e.leases)) if e.leases else 0
        lease, dice = e.leases.get(i), rng.randrange(6)
        if lease is None or (dice == 0 and len(e.leases) < 6):
            made += 1
            price = rng.choice((1, 7, 3599, 3601, 10**6, rng.randrange(1, 10**8)))
            if rng.randrange(4) == 0:
                lines.append(e.counted(made, price % 5000 + 1, rng.randrange(1, 4), rng.randrange(1, 10**4)))
            else:
                lines.append(e.join(made, price, rng.choice((0, 1000)), rng.choice((0, 600)), rng.choice((0, 1))))
        elif dice <= 2 and lease.kind == SECOND:
            until = min(at, lease.end or at)
            served = rng.randrange(lease.served, until + 1)
            units = rng.randrange(lease.units, lease.may_have_run(served) + 1)
            lines += [e.release(i)] if lease.live and lease.take_fee else []
            lines.append(e.settle(i, served, units))
        elif dice <= 2 and lease.live:
            served, units = rng.randrange(lease.served, at + 1), rng.randrange(lease.units, lease.units_max + 1)
            lines.append(e.settle(i, served, units))
        elif dice == 3:
            lines.append(e.top(rng.randrange(10**5)))
        elif not lease.live:
            lines.append(e.close(i, 1 if lease.served > lease.taken else 0, unsigned_s))
        elif lease.kind == SECOND:
            lines.append(e.end(i, rng.randrange(lease.served, at + 1)))
        yield from (line for line in lines if line)
        yield e.line()


def escrow_lines():
    yield "# escrow BALANCE AT begins one; advance AT; top AMOUNT; aside LEASE BEFORE AFTER"
    yield "# join LEASE PRICE KEEP_PRICE HOLD_S KEEP_S TAKE_FEE_S HOLD KEEP TAKE_FEE; counted LEASE PRICE KIND UNITS_MAX ASIDE"
    yield "# settle, claim LEASE SERVED UNITS PAID; end LEASE END ASIDE; close LEASE STARTED END UNSIGNED_S PAID"
    yield "# is BALANCE ASIDE RATE ACCRUED PART PAID NOT_SHORT FREE DRY STOP, with the hold of the last join"
    yield from two_leases()
    yield from boundaries()
    for seed in range(24):
        yield from random_escrow(seed)


# -- token -------------------------------------------------------------------------------------------------------


def index_of(emission, fees, kappa_ppm, price):
    if fees == 0 or price == 0:
        return 0
    most = Fraction(kappa_ppm, 10**6) * 10**9 / price * 2**32
    return min(floor(Fraction(emission, fees) * 2**32), floor(most), TOP)


def token_lines(rng):
    yield "# index EMISSION FEES KAPPA_PPM PRICE INDEX"
    cases = [(0, 0, 800000, 10**9), (10**12, 0, 800000, 10**9), (10**12, 10**9, 800000, 0), (TOP, 1, 10**6, 1),
             (50 * 10**12, 10**12, 800000, 10**9), (10**9, 10**12, 800000, 10**9), (TOP, TOP, 990000, 2**50 - 1)]
    for _ in range(20):
        price = rng.randrange(1, 2**rng.randrange(1, 50))
        cases.append((some_count(rng), some_count(rng), rng.randrange(990001), price))
    for case in cases:
        yield " ".join(map(str, ("index", *case, index_of(*case))))
    yield "# reward FEES INDEX CROFT"
    for _ in range(20):
        fees, index = some_count(rng), rng.choice((0, 1, 2**32 - 1, 2**32, rng.randrange(2**40), TOP))
        yield f"reward {fees} {index} {min(floor(Fraction(fees * index, 2**32)), TOP)}"
    yield "# emission NOW DECAY_PPM NEXT"
    for emission, decay in ((50 * 10**12, 190), (TOP, 0), (TOP, 10**6), (1, 1), (10**18, 100000), (999999, 1)):
        yield f"emission {emission} {decay} {floor(emission * (1 - Fraction(decay, 10**6)))}"
    yield "# spend SPEND_ONLY HELD SPENT, then CROFT used up, SPEND_ONLY and HELD left"
    cases = [(0, 0, 5), (10, 3, 0), (10, 3, 1), (10, 3, 9), (10, 3, 10), (10, 3, 11), (7, 0, 3), (TOP, TOP, TOP - 1),
             (10**12, 3 * 10**12 + 1, 333333333333)]
    for spend_only, held, spent in cases:
        used_credits = min(spent, spend_only)
        used = ceil(Fraction(held * used_credits, spend_only)) if used_credits else 0
        yield f"spend {spend_only} {held} {spent} {used} {spend_only - used_credits} {held - used}"


def quantile(reports, share):
    """The least price that reports with this share of the power are at or below."""
    total, so_far = sum(power for _, power, _ in reports), 0
    for price, power, _ in sorted(reports):
        so_far += power
        if so_far >= share * total:
            return price
    raise AssertionError("no reports")


def median_of(reports, power_total, stale_s, spread_ppm, now):
    fresh = [x for x in reports if now - x[2] <= stale_s]
    if Fraction(sum(power for _, power, _ in fresh)) <= Fraction(2, 3) * power_total:
        return ORACLE_FEW, 0
    median = quantile(fresh, Fraction(1, 2))
    spread = quantile(fresh, Fraction(5, 6)) - quantile(fresh, Fraction(1, 6))
    if spread > Fraction(median * spread_ppm, 10**6):
        return ORACLE_APART, 0
    return ORACLE_GOOD, median


def oracle_lines(rng):
    yield "# report PRICE POWER AT adds one; median POWER_TOTAL STALE_S SPREAD_PPM NOW VERDICT PRICE is of those since the last"
    yield "# 0 good 1 few 2 apart"
    worlds = [([], 0), ([], 3), ([(10**9, 2, 1000)], 3), ([(10**9, 3, 1000)], 4), ([(10**9, 1, 1000 - 7200)], 1),
              ([(10**9, 1, 1000 - 7201)], 1), ([(100, 1, 1000), (105, 1, 1000)], 2), ([(100, 1, 1000), (106, 1, 1000)], 2),
              ([(1, 1, 1000)] + [(10**9, 5, 1000)], 6), ([(1, 2, 1000)] + [(10**9, 4, 1000)], 6),
              ([(2**50 - 1, 2**63 - 1, 1000), (2**50 - 2, 2**63 - 1, 1000), (2**50 - 3, 1, 1000)], TOP)]
    for _ in range(40):
        near = rng.choice((1, 1000, 10**6))
        reports = []
        for _ in range(rng.randrange(1, 12)):
            price, power, age_s = 10**9 + rng.randrange(near * 100), rng.randrange(1, 10), rng.choice((0, 10, 7200, 7201))
            reports.append((price, power, 1000 - age_s))
        worlds.append((reports, sum(power for _, power, _ in reports) + rng.randrange(4)))
    for reports, total in worlds:
        shift = 10000  # times stay positive
        for price, power, at in reports:
            yield f"report {price} {power} {at + shift}"
        verdict, price = median_of([(p, w, at + shift) for p, w, at in reports], total, 7200, 50000, 1000 + shift)
        yield f"median {total} 7200 50000 {1000 + shift} {verdict} {price}"


def lines():
    rng = random.Random("croft settle vectors")
    for part in (price_lines, voucher_lines, promise_lines, token_lines, oracle_lines):
        yield from part(rng)
    yield from escrow_lines()


def main(check):
    body = "# made by tools/make_settle_vectors.py\n" + "".join(line + "\n" for line in lines())
    if not check:
        PATH.write_text(body)
    elif not PATH.exists() or PATH.read_text() != body:
        print(f"{PATH} is not what tools/make_settle_vectors.py writes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
