#!/usr/bin/env python3
"""make_sign_vectors.py [--check] - write src/crypto/sign_vectors_int.h.

Edge cases of Ed25519 on which verifiers in use disagree (Chalkias, Garillot, Nikolaenko: "Taming the many
EdDSAs", ia.cr/2020/1244).  They are made here with a plain implementation of RFC 8032 that shares nothing with
libsodium; each is checked against the equation that its note names before it is written.  With --check nothing
is written; exit status 1 if the file is not what would be written.
"""
import hashlib
import pathlib
import sys

HEADER = pathlib.Path(__file__).resolve().parent.parent / "src" / "crypto" / "sign_vectors_int.h"

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_MINUS_1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1)

RFC_8032 = [  # section 7.1, tests 1 to 3: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


# -- the curve ---------------------------------------------------------------------------------------------------


def add(p, q):
    (x1, y1), (x2, y2) = p, q
    k = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P
    return x, y


def mul(n, p):
    out = IDENTITY
    while n:
        if n & 1:
            out = add(out, p)
        p, n = add(p, p), n >> 1
    return out


def neg(p):
    return -p[0] % P, p[1]


def encode(p):
    return (p[1] | (p[0] & 1) << 255).to_bytes(32, "little")


def point_at(y):
    """A point with this y, or None."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    for candidate in (x, x * ROOT_MINUS_1 % P):
        if candidate * candidate % P == square:
            return candidate, y
    return None


def torsion_generator():
    y = 2
    while True:
        y += 1
        point = point_at(y)
        if point and mul(4, mul(L, point)) != IDENTITY:
            return mul(L, point)


BASE_POINT = point_at(4 * pow(5, -1, P) % P)
BASE = BASE_POINT if BASE_POINT[0] % 2 == 0 else neg(BASE_POINT)
T8 = torsion_generator()
TORSION = [mul(i, T8) for i in range(8)]


# -- signatures --------------------------------------------------------------------------------------------------


def sha512_int(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def challenge(r_bytes, key_bytes, message):
    return sha512_int(r_bytes, key_bytes, message)


def messages():
    return (b"croft %d" % i for i in range(10000))


def equation_gap(key, r, s, h):
    """s B - h A - R: the identity where the cofactorless equation holds; of order 8 or less: the cofactored."""
    return add(mul(s, BASE), neg(add(mul(h % L, key), r)))


def find(key, r, s_of, accept, key_bytes=None, r_bytes=None):
    """The first message whose challenge is acceptable, with its signature."""
    key_bytes, r_bytes = key_bytes or encode(key), r_bytes or encode(r)
    for message in messages():
        h = challenge(r_bytes, key_bytes, message)
        if accept(h):
            s = s_of(h % L) % L
            return key_bytes, message, r_bytes + s.to_bytes(32, "little"), equation_gap(key, r, s, h)
    raise AssertionError("no such message")


def small_order_encodings():
    """All 14 encodings that decode to the 8 small-order points: 8 canonical ones first."""
    for i, point in enumerate(TORSION):
        yield point, encode(point), f"{i} T8"
    for i, point in enumerate(TORSION):
        x, y = point
        signs = (0, 1) if x == 0 else (x & 1,)
        for value in (y, y + P):
            for sign in signs:
                other = (value | sign << 255).to_bytes(32, "little") if value < 2**255 else None
                if other and other != encode(point):
                    yield point, other, f"{i} T8, not canonical"


SECRET_A = sha512_int(b"croft edge case key") % L
SECRET_R = sha512_int(b"croft edge case nonce") % L


def honest(h):
    return SECRET_R + h * SECRET_A


def range_vectors():
    key, r = mul(SECRET_A, BASE), mul(SECRET_R, BASE)
    key_bytes, message, signature, gap = find(key, r, honest, lambda h: True)
    assert gap == IDENTITY
    s = int.from_bytes(signature[32:], "little")
    yield "an honest signature", True, key_bytes, message, signature
    yield "its message changed", False, key_bytes, message + b"!", signature
    for times in (1, 8, 14):
        large = (s + times * L).to_bytes(32, "little")
        yield f"its S + {times} L", False, key_bytes, message, signature[:32] + large
    off_curve = next(y for y in range(2, 100) if point_at(y) is None).to_bytes(32, "little")
    yield "a key that is not on the curve", False, off_curve, message, signature


def small_key_vectors():
    """With A of small order and 8 | h, R = rB, S = r fits the equation for anyone."""
    r = mul(SECRET_R, BASE)
    for point, data, name in small_order_encodings():
        found = find(point, r, lambda h: SECRET_R, lambda h: h % L % 8 == 0, key_bytes=data)
        assert found[3] == IDENTITY
        yield f"small order A = {name}; the equation holds", False, *found[:3]


def small_r_vectors():
    """A = aB + T8, S = h a: the equation holds where R = -h T8."""
    key = add(mul(SECRET_A, BASE), T8)
    for point, data, name in small_order_encodings():
        fits = lambda h, point=point: TORSION[-(h % L) % 8] == point
        found = find(key, point, lambda h: h * SECRET_A, fits, r_bytes=data)
        assert found[3] == IDENTITY
        yield f"small order R = {name}; the equation holds", False, *found[:3]


def cofactor_vectors():
    """A key or an R with a part of order 8 beside its large one."""
    pure_a, pure_r = mul(SECRET_A, BASE), mul(SECRET_R, BASE)
    mixed_a, mixed_r = add(pure_a, T8), add(pure_r, T8)
    rows = [
        ("A = aB + T8, R = rB, 8 | h: holds without cofactor", True, mixed_a, pure_r, lambda h: h % L % 8 == 0),
        ("A = aB + T8, R = rB + T8, h = -1 mod 8: holds without cofactor", True, mixed_a, mixed_r, lambda h: h % L % 8 == 7),
        ("A = aB + T8, R = rB: holds only times the cofactor", False, mixed_a, pure_r, lambda h: h % L % 8 == 1),
        ("A = aB, R = rB + T8: holds only times the cofactor", False, pure_a, mixed_r, lambda h: True),
        ("A = aB + T8, R = rB + T8: holds only times the cofactor", False, mixed_a, mixed_r, lambda h: h % L % 8 == 3),
        ("8 | h only once h is reduced mod L: reduced it must be", True, mixed_a, pure_r, lambda h: h % L % 8 == 0 and h % 8),
        ("8 | h only before h is reduced mod L", False, mixed_a, pure_r, lambda h: h % L % 8 and h % 8 == 0),
    ]
    for note, valid, key, r, accept in rows:
        found = find(key, r, honest, accept)
        assert (found[3] == IDENTITY) == valid and found[3] in TORSION
        yield note, valid, *found[:3]


def vectors():
    for i, (key, message, signature) in enumerate(RFC_8032):
        key, message, signature = map(bytes.fromhex, (key, message, signature))
        yield f"RFC 8032 section 7.1, test {i + 1}", True, key, message, signature
    yield from range_vectors()
    yield from small_key_vectors()
    yield from small_r_vectors()
    yield from cofactor_vectors()


# -- the header --------------------------------------------------------------------------------------------------

TOP = """/* crypto/sign_vectors_int.h - signatures on which Ed25519 verifiers disagree, with the network's answer.
 * Made by tools/make_sign_vectors.py from its own implementation of the curve.
 *
 *   B base point, L its order, T8 a point of order 8; h = SHA-512(R || A || message); a, r fixed scalars
 *   the equation is S B == (h mod L) A + R; unless noted otherwise R = rB, A = aB, S = r + h a
 *
 * Messages are "croft 0", "croft 1", ...: the first whose h is as the note needs it.
 *   - S + n L: the same signature in another encoding, which would let a third party change it
 *   - A of small order: S = r fits any message with 8 | h, so the signature says nothing about who signed
 *   - R of small order: A = aB + T8, S = h a, and h chosen such that R = -h T8
 *   - "not canonical": an encoding with y >= p, or with the sign bit set where x is 0
 *   - only times the cofactor: the sides differ by a point of order 8, which a verifier that multiplies both
 *     by 8, as batch verifiers must, does not see
 */
#ifndef CROFT_CRYPTO_SIGN_VECTORS_INT_H
#define CROFT_CRYPTO_SIGN_VECTORS_INT_H

#include "base/err.h"
#include "base/types.h"

struct croft_sign_vector {
    const char *note;
    bool valid;
    const char *public_key; /* hex, as are the two below */
    const char *message;    /* up to CROFT_SIGN_VECTOR_MESSAGE_MAX bytes */
    const char *signature;
};

enum { CROFT_SIGN_VECTOR_MESSAGE_MAX = 32 };

/* CROFT_ERR_SELFTEST when croft_verify answers otherwise than any of them says. */
CROFT_MUST_USE croft_err croft_sign_check_vectors(const struct croft_sign_vector *vector, size_t count);

/* clang-format off */
static const struct croft_sign_vector croft_sign_vectors[] = {
"""
BOTTOM = """};
/* clang-format on */

#endif
"""


def row(note, valid, key, message, signature):
    assert len(message) <= 32
    half = signature.hex()[:64], signature.hex()[64:]
    lines = [
        f'    {{"{note}", {"true" if valid else "false"},',
        f'     "{key.hex()}", "{message.hex()}",',
        f'     "{half[0]}"',
        f'     "{half[1]}"}},',
    ]
    return "".join(line + "\n" for line in lines)


def main(check):
    body = TOP + "".join(row(*vector) for vector in vectors()) + BOTTOM
    if not check:
        HEADER.write_text(body)
    elif not HEADER.exists() or HEADER.read_text() != body:
        print(f"{HEADER} is not what tools/make_sign_vectors.py writes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
