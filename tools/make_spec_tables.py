#!/usr/bin/env python3
"""make_spec_tables.py ROOT [--check] - the tables of docs/spec/ledger.md that can be read off the code.

In the page, what stands between  <!-- made: KIND NAME -->  and  <!-- end -->  is written by this script:
    errors LOW-HIGH   base/err.h              params     wire/param.h
    tables            wire/record.c           layout L   wire/record.c, market_record.c and block.c, with byte offsets
    message M         proto/croft/v1/tx.proto (chain:M or genesis:M for the other files)
Everything else is written by hand.  With --check nothing is written: exit status 1 if a table is not up to date.
"""
import pathlib
import re
import sys

import spec_source as source

PAGE = "docs/spec/ledger.md"
BLOCK = re.compile(r'(<!-- made: ([^>]*?) -->\n)(.*?)(<!-- end -->)', re.S)


def rows(heads, cells):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(str(c) for c in row) + " |" for row in cells]) + "\n"


def error_rows(root, span):
    low, high = map(int, span.split("-"))
    return rows(("number", "name", "what a person is told"),
                [(e.number, f"`{e.name}`", e.text) for e in source.errors(root) if low <= e.number <= high])


def param_rows(root, _):
    return rows(("number", "name", "since protocol", "default", "lowest", "highest", "unit", "what it is"),
                [(p.number, f"`{p.name}`", p.since, p.initial, p.low, p.high, p.unit, p.text) for p in source.params(root)])


def table_rows(root, _):
    return rows(("number", "name", "key", "key bytes", "record"),
                [(t.number, f"`{t.name}`", t.key or "-", t.key_bytes or "-", f"`{t.layout}`" if t.layout else "-")
                 for t in source.tables(root)])


def layout_rows(root, name):
    all_layouts = source.layouts(root)
    layout, at, cells = all_layouts[name], 0, []
    for f in layout.fields:
        cells.append((at, f.bytes, f"`{f.name}`", source.KIND_NAME.get(f.kind, f.kind.lower()), f.text))
        at += f.bytes
    out = rows(("offset", "bytes", "field", "type", "meaning"), cells)
    if layout.text_name:
        return out + (f"\n{at} bytes, then `{layout.text_name}` of 0 to {layout.item_max} bytes: "
                      f"at most {at + layout.item_max} bytes.\n")
    if not layout.item:
        return out + f"\n{at} bytes.\n"
    each = sum(f.bytes for f in all_layouts[layout.item].fields)
    return out + (f"\n{at} bytes, then `{layout.item}` {each} bytes for each of 0 to {layout.item_max}: "
                  f"at most {at + each * layout.item_max} bytes.\n")


def message_rows(root, name):
    file, _, message = name.rpartition(":")
    members = source.messages(root, file or "tx")[message]
    if not members:
        return "No fields.\n"
    return rows(("number", "field", "type", "meaning"),
                [(m.number, f"`{m.name}`", m.type.replace(".", ": "), m.text) for m in members])


MAKERS = {"errors": error_rows, "params": param_rows, "tables": table_rows, "layout": layout_rows,
          "message": message_rows}


def made(root, text):
    def fill(match):
        kind, _, name = match.group(2).partition(" ")
        return match.group(1) + MAKERS[kind](root, name) + match.group(4)
    return BLOCK.sub(fill, text)


def blocks(text):
    """What the page has made: {'layout account', ...}."""
    return {match.group(2) for match in BLOCK.finditer(text)}


def main(root, check):
    page = root / PAGE
    text = page.read_text(encoding="utf8")
    fresh = made(root, text)
    if check and fresh != text:
        print(f"{PAGE}: a table differs from the code; run: python3 tools/make_spec_tables.py .")
        return 1
    if not check:
        page.write_text(fresh, encoding="utf8")
    return 0


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3 or sys.argv[2:] not in ([], ["--check"]):
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2:] == ["--check"]))
