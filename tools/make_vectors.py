#!/usr/bin/env python3
"""make_vectors.py [--check] - write tests/vectors/lthash.txt and tests/vectors/merkle.txt.

Written from the formulas in src/crypto/lthash.h and src/crypto/merkle.h, with the standard library only, so
that a slip in the C shows as a difference here.  Bytes are hex, "-" where there are none.  With --check nothing
is written; exit status 1 if a file is not what would be written.
"""
import hashlib
import pathlib
import random
import struct
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "vectors"
LANES = 1024

# Inputs and roots of the reference tree of Certificate Transparency: root i is over the first i + 1 inputs.
CT_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = """
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".split()


def text(data):
    return data.hex() or "-"


# -- LtHash ------------------------------------------------------------------------------------------------------


def rotate(x, n):
    return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF


def quarter_round(s, a, b, c, d):
    for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & 0xFFFFFFFF
        s[z] = rotate(s[z] ^ s[x], n)


def chacha20_block(key, counter, nonce=bytes(12)):
    start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *struct.unpack("<8I", key), counter]
    start += struct.unpack("<3I", nonce)
    s = list(start)
    for _ in range(10):
        for i in range(4):
            quarter_round(s, i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter_round(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16I", *((x + y) & 0xFFFFFFFF for x, y in zip(s, start)))


def blake2b(domain, data):
    return hashlib.blake2b(data, digest_size=32, key=domain.encode()).digest()


def expand(table, key, value):
    element = struct.pack("<BH", table, len(key)) + key + struct.pack("<I", len(value)) + value
    seed = blake2b("croft lthash 1", element)
    return struct.unpack("<1024H", b"".join(chacha20_block(seed, i) for i in range(2 * LANES // 64)))


def lthash_digest(lanes):
    return blake2b("croft lthash digest 1", struct.pack("<1024H", *lanes))


def lthash_lines():
    """A script over one running hash: what to add or remove, and the digest it must then have."""
    rng = random.Random("croft lthash vectors")
    lanes, held = [0] * LANES, []
    yield f"digest {lthash_digest(lanes).hex()}"
    for step in range(40):
        remove = held and rng.random() < 0.3
        if remove:
            element = held.pop(rng.randrange(len(held)))
        else:
            key, value = rng.randbytes(rng.choice((0, 1, 8, 32))), rng.randbytes(rng.choice((0, 3, 100, 400)))
            element = (rng.randrange(256), key, value)
            held.append(element)
        sign = -1 if remove else 1
        lanes = [(a + sign * b) % 65536 for a, b in zip(lanes, expand(*element))]
        yield f"{'remove' if remove else 'add'} {element[0]} {text(element[1])} {text(element[2])}"
        yield f"digest {lthash_digest(lanes).hex()}"


# -- Merkle ------------------------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b"\0" + data)


def split(count):
    return 1 << (count - 1).bit_length() - 1


def root_of(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\1" + root_of(leaves[:k]) + root_of(leaves[k:]))


def path_of(leaves, index):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return path_of(leaves[:k], index) + [root_of(leaves[k:])]
    return path_of(leaves[k:], index - k) + [root_of(leaves[:k])]


def named_leaf(key, value):
    return leaf_hash(bytes([len(key)]) + key + bytes([32]) + sha256(value))


def merkle_lines():
    inputs = [bytes.fromhex(x) for x in CT_INPUTS]
    leaves = [leaf_hash(x) for x in inputs]
    assert [root_of(leaves[: i + 1]).hex() for i in range(8)] == CT_ROOTS
    yield "# leaf DATA HASH appends to the list that root (of the first COUNT) and path refer to"
    yield f"root 0 {root_of([]).hex()}"
    for i, data in enumerate(inputs):
        yield f"leaf {text(data)} {leaves[i].hex()}"
        yield f"root {i + 1} {CT_ROOTS[i]}"
    for i in range(8, 70):
        data = struct.pack("<I", i)
        leaves.append(leaf_hash(data))
        yield f"leaf {text(data)} {leaves[i].hex()}"
    for count in (9, 15, 16, 17, 31, 33, 63, 64, 65, 70):
        yield f"root {count} {root_of(leaves[:count]).hex()}"
    yield "# path COUNT INDEX AUNTS, the leaf's sibling first"
    for count in (1, 2, 3, 7, 8, 65, 70):
        for index in sorted({0, count // 2, count - 1}):
            aunts = b"".join(path_of(leaves[:count], index))
            yield f"path {count} {index} {text(aunts)}"
    yield "# named KEY VALUE HASH, as in the proof operation simple:v; the first is in CometBFT's own tests"
    assert named_leaf(b"key1", b"value1").hex() == "a44d3cc7daba1a4600b00a2434b30f8b970652169810d6dfa9fb1793a2189324"
    rng = random.Random("croft merkle vectors")
    pairs = [(b"key1", b"value1"), (b"", b""), (rng.randbytes(127), rng.randbytes(300))]
    for key, value in pairs:
        yield f"named {text(key)} {text(value)} {named_leaf(key, value).hex()}"


def main(check):
    wrong = False
    for name, lines in (("lthash.txt", lthash_lines()), ("merkle.txt", merkle_lines())):
        body = "# made by tools/make_vectors.py\n" + "".join(line + "\n" for line in lines)
        path = FOLDER / name
        if check and (not path.exists() or path.read_text() != body):
            print(f"{path} is not what tools/make_vectors.py writes")
            wrong = True
        if not check:
            path.write_text(body)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
