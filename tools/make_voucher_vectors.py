#!/usr/bin/env python3
"""make_voucher_vectors.py [--check] - write tests/vectors/voucher.txt.

What is signed off the ledger, hashed again from the formulas in docs/spec/market.md with the standard library only,
so that a slip in the C shows as a difference here.  With --check nothing is written; exit status 1 if the file is not
what would be written.
"""
import hashlib
import pathlib
import random
import struct
import sys

FILE = pathlib.Path(__file__).resolve().parent.parent / "tests" / "vectors" / "voucher.txt"
RANDOM_LINES = 40
U64, U48, U32, U16 = 2**64 - 1, 2**48 - 1, 2**32 - 1, 2**16 - 1


def keyed(key, *parts):
    return hashlib.blake2b(b"".join(parts), digest_size=32, key=key.encode()).hexdigest()


def lease_key(buyer, order, lease):
    return buyer + struct.pack(">Q", order << 16 | lease)


def voucher(network, buyer, order, lease, stamp, served_until_s, units, seq):
    numbers = struct.pack("<QQQQ", stamp, served_until_s, units, seq)
    return keyed("croft voucher 1", network, lease_key(buyer, order, lease), numbers)


def result(network, buyer, order, lease, stamp, task, result_hash):
    return keyed("croft result 1", network, lease_key(buyer, order, lease), struct.pack("<QI", stamp, task), result_hash)


def bid(buyer, order, price, salt, node, device):
    return keyed("croft bid 1", lease_key(buyer, order, 0), struct.pack("<Q", price), salt, node, bytes([device]))


def some_vouchers(rng):
    zero, ones = bytes(32), bytes([255] * 32)
    yield zero, zero, 1, 1, 1, 0, 0, 1
    yield ones, ones, U48, U16, U64, U64, U64, U64
    yield bytes(range(32)), bytes(range(32, 64)), 0x010203040506, 0x0708, 0x1112131415161718, 0x2122232425262728, \
        0x3132333435363738, 0x4142434445464748
    for _ in range(RANDOM_LINES):
        yield (rng.randbytes(32), rng.randbytes(32), rng.randint(1, U48), rng.randint(1, U16),
               *(rng.getrandbits(rng.randint(1, 64)) for _ in range(4)))


def some_results(rng):
    yield bytes(32), bytes(32), 1, 1, 1, 0, bytes(32)
    yield bytes([255] * 32), bytes([255] * 32), U48, U16, U64, U32, bytes([255] * 32)
    for _ in range(RANDOM_LINES):
        yield (rng.randbytes(32), rng.randbytes(32), rng.randint(1, U48), rng.randint(1, U16),
               rng.getrandbits(64), rng.randrange(100000), rng.randbytes(32))


def some_bids(rng):
    yield bytes(32), 1, 1, bytes(32), bytes(32), 0
    yield bytes([255] * 32), U48, 2**44, bytes([255] * 32), bytes([255] * 32), 63
    for _ in range(RANDOM_LINES):
        yield (rng.randbytes(32), rng.randint(1, U48), rng.randint(1, 2**44), rng.randbytes(32), rng.randbytes(32),
               rng.randrange(64))


def line(hashed, fields):
    shown = (field.hex() if isinstance(field, bytes) else str(field) for field in fields)
    return f"{hashed.__name__} {' '.join(shown)} {hashed(*fields)}\n"


def text():
    rng = random.Random("croft voucher vectors 1")
    yield "# made by tools/make_voucher_vectors.py\n"
    yield "# voucher NETWORK BUYER ORDER LEASE STAMP SERVED_UNTIL UNITS SEQ HASH\n"
    yield from (line(voucher, fields) for fields in some_vouchers(rng))
    yield "# result NETWORK BUYER ORDER LEASE STAMP TASK RESULT HASH\n"
    yield from (line(result, fields) for fields in some_results(rng))
    yield "# bid BUYER ORDER PRICE SALT NODE DEVICE HASH\n"
    yield from (line(bid, fields) for fields in some_bids(rng))


def main(check):
    made = "".join(text())
    if not check:
        FILE.write_text(made)
    elif not FILE.exists() or FILE.read_text() != made:
        print(f"{FILE} is not what tools/make_voucher_vectors.py writes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
