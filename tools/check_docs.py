#!/usr/bin/env python3
"""check_docs.py ROOT - the documents against the code.

docs/spec/ledger.md:
    tables made from the code are up to date, and none is left out: every parameter, every TX_ and OP_ error,
    every layout, every message of tx.proto
    every operation has a section "### `name`" that says scope, cost, refusals and effects; no section names another
    every TX_ and OP_ error is used outside the table of errors; every NAME in `back quotes` exists
every *.md: each relative link leads to a file, each #anchor to a heading; each path in `back quotes` (src/..., tests/...)
    exists, and in `PATH: NAME` the file has that name; each croft_... in `back quotes` is a name of the code.
One line per fault and exit status 1, else silence.
"""
import pathlib
import re
import sys

import make_spec_tables
import spec_source as source

PARTS = ("**Scope**", "**Writes**", "**Fails with**", "**Does**")
SKIPPED_FOLDERS = {"node_modules", "build", ".git", ".cache", "shared"}


def check_made(root, text):
    if make_spec_tables.made(root, text) != text:
        yield "a table differs from the code; run: python3 tools/make_spec_tables.py ."
    wanted = {"params", "tables", "errors 200-299", "errors 300-399"}
    wanted |= {f"layout {name}" for name in source.layouts(root)}
    wanted |= {f"message {name}" for name in source.messages(root)}
    for name in sorted(wanted - make_spec_tables.blocks(text)):
        yield f"has no table <!-- made: {name} -->"


def check_operations(root, text):
    sections = dict(re.findall(r'^### `(\w+)`\n(.*?)(?=^#|\Z)', text, flags=re.S | re.M))
    names = [name for _, name, _ in source.operations(root)]
    for number, name, message in source.operations(root):
        section = sections.get(name)
        if section is None:
            yield f"operation {name} ({number}) has no section"
            continue
        if f"<!-- made: message {message} -->" not in section:
            yield f"section {name} lacks the fields: <!-- made: message {message} -->"
        yield from (f"section {name} lacks {part}" for part in PARTS if part not in section)
    yield from (f"section {name}: there is no such operation" for name in sections if name not in names)


def known_names(root):
    names = {e.name for e in source.errors(root)} | {p.name for p in source.params(root)}
    for header in sorted((root / "src").glob("*/*.h")):
        for name in re.findall(r'\bCROFT_([A-Z0-9_]+)\b', header.read_text(encoding="utf8")):
            names |= {name, name.partition("_")[2]}  # DUE_RECOVERED may be written RECOVERED
    return names


def check_names(root, text):
    by_hand = make_spec_tables.BLOCK.sub("", text)
    used = set(re.findall(r'`(?:CROFT_(?:ERR_)?)?([A-Z][A-Z0-9]*_[A-Z0-9_]+)`', by_hand))
    yield from (f"names {name}, which does not exist" for name in sorted(used - known_names(root)))
    errors = [e.name for e in source.errors(root) if 200 <= e.number < 400]
    yield from (f"error {name} is in the table only: say what gives it" for name in errors if name not in used)


def anchors(text):
    """Headings as GitHub names them."""
    heads = re.findall(r'^#+ (.*)$', re.sub(r'^```.*?^```', "", text, flags=re.S | re.M), flags=re.M)
    return {re.sub(r'[^\w\- ]', "", head.lower()).replace(" ", "-") for head in heads}


def check_links(page):
    text = re.sub(r'^```.*?^```|`[^`\n]*`', "", page.read_text(encoding="utf8"), flags=re.S | re.M)
    for target in re.findall(r'\]\(([^)\s]+)\)', text):
        if re.match(r'[a-z]+:', target):
            continue
        name, _, anchor = target.partition("#")
        to = page.parent / name if name else page
        if not to.exists():
            yield f"link to {target}: there is no such file"
        elif anchor and to.suffix == ".md" and anchor not in anchors(to.read_text(encoding="utf8")):
            yield f"link to {target}: there is no such heading"


PATH = re.compile(r'`((?:src|sim|bench|tests|tools|scripts|proto|cmake|docs(?!/results/))/[\w./-]+)(?:: (\w+))?`')


def check_paths(root, page):
    for path, name in PATH.findall(page.read_text(encoding="utf8")):
        found = [root / path] if (root / path).exists() else sorted(root.glob(path + ".[ch]"))
        if not found:
            yield f"names {path}, which does not exist"
        elif name and not any(name in file.read_text(encoding="utf8") for file in found):
            yield f"names {name} of {path}, which does not have it"


def code_names(root):
    files = (file for tree in ("src", "sim", "bench") for file in sorted((root / tree).rglob("*.[ch]")))
    return {name for file in files for name in re.findall(r'\bcroft_\w+', file.read_text(encoding="utf8"))}


def check_identifiers(page, names):
    used = re.findall(r'`(?:struct )?(croft_\w+)`', page.read_text(encoding="utf8"))
    yield from (f"names {name}, which the code does not have" for name in sorted(set(used) - names))


def pages(root):
    for page in sorted(root.rglob("*.md")):
        if not SKIPPED_FOLDERS & set(page.relative_to(root).parts):
            yield page


def main(root):
    text = source.read(root, make_spec_tables.PAGE)
    faults = [f"{make_spec_tables.PAGE}: {fault}" for check in (check_made, check_operations, check_names)
              for fault in check(root, text)]
    names = code_names(root)
    for page in pages(root):
        found = [*check_links(page), *check_paths(root, page), *check_identifiers(page, names)]
        faults += [f"{page.relative_to(root)}: {fault}" for fault in found]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1])))
