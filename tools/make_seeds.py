#!/usr/bin/env python3
"""make_seeds.py ROOT OUT - first inputs for the fuzz targets, out of the fixture tests/compat/v1 and the test vectors.

Writes OUT/TARGET/seed-NAME for the targets below; the others start from nothing.  Used by scripts/corpus.
"""
import json
import pathlib
import struct
import sys

import spec_source

HEAD_BYTES = 225 + 64  # header and signature of a block
# As src/wire/layout_fuzz.c lists them.
LAYOUTS = ["account", "pending", "issuer", "withdrawal", "validator", "proposal", "vote", "recovery", "param", "chain",
           "receipt", "key", "header", "due", "lease", "provider", "node", "device", "order", "class", "queue", "batch",
           "page", "auction", "bid", "claim", "token", "report", "epoch"]


def u32_parts(data):
    """The parts of bytes that are each a u32 length and as many bytes."""
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        yield data[at + 4:at + 4 + length]
        at += 4 + length


def block_txs(block):
    (count,) = struct.unpack_from("<I", block, 1 + 4 + 8 + 8 + 3 * 32 + 4)
    at = HEAD_BYTES
    for _ in range(count):
        (length,) = struct.unpack_from("<I", block, at)
        yield block[at + 4:at + 4 + length]
        at += 4 + length


def records(state):
    (count,) = struct.unpack_from("<I", state, 0)
    at = 4
    for _ in range(count):
        table, _, key_len = struct.unpack_from("<III", state, at)
        at += 12 + key_len
        (length,) = struct.unpack_from("<I", state, at)
        yield table, state[at + 4:at + 4 + length]
        at += 4 + length


def operation_of(tx, operations):
    """The name of the operation whose field stands in the transaction; good enough for choosing seeds."""
    return next((name for number, name, _ in operations if bytes(tag_of(number)) in tx[:200]), "none")


def tag_of(number):
    tag = number << 3 | 2
    return [tag & 127 | 128, tag >> 7] if tag > 127 else [tag]


def tx_seeds(blocks, operations):
    best = {}
    for block in blocks:
        for tx in block_txs(block):
            name = operation_of(tx, operations)
            if len(tx) < len(best.get(name, tx + b"x")):
                best[name] = tx
    return best


def record_seeds(state, tables):
    best = {}
    for table, value in records(state):
        layout = tables[table]
        if layout in LAYOUTS and len(value) >= len(best.get(layout, b"")):
            best[layout] = bytes([LAYOUTS.index(layout)]) + value
    return best


def key_file_seeds(folder):
    return {name: (folder / f"key-{name}.txt").read_bytes() for name in ("clear", "passphrase")}


def seeds(root):
    folder = root / "tests/compat/v1"
    blocks = list(u32_parts((folder / "blocks.bin").read_bytes()))
    tables = {t.number: t.layout for t in spec_source.tables(root)}
    small = sorted(blocks, key=len)[:: max(1, len(blocks) // 4)]
    return {
        "tx_fuzz": tx_seeds(blocks, spec_source.operations(root)),
        "block_fuzz": {str(i): block for i, block in enumerate(small[:3])},
        "layout_fuzz": record_seeds((folder / "state.bin").read_bytes(), tables),
        "keyfile_fuzz": key_file_seeds(folder),
        "amt_fuzz": {str(i): text.encode() for i, text in enumerate(["0", "12.50", "18446744073.709551615", "0.000000001"])},
        "json_fuzz": {str(i): bytes([i]) + json.dumps(value).encode() for i, value in enumerate([{}, {"nonce": "1"}, {"keys": []}])},
        "payments_fuzz": {"list": b"address,amount\n# two\ncroft1qqqq,1.50\ncroft1qqqq,2,croft\n"},
    }


def main(root, out):
    for target, files in seeds(root).items():
        folder = out / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / f"seed-{name}").write_bytes(data)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
