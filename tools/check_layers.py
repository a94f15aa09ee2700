#!/usr/bin/env python3
"""check_layers.py ROOT - refuse includes that point up or sideways.

ROOT/LAYERS has one line per component:  name: the components it may include, each above it in the file.
A component is a folder of ROOT/src, or ROOT/sim or ROOT/bench.  Files include by path ("ledger/state.h"); a header
whose name ends in _int.h is private to its component.  One line per breach and exit status 1, else silence.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')
GENERATED = "croft/v1/"  # protobuf-c output of proto/: part of wire


def read_layers(path):
    allowed, breaches = {}, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, _, rest = line.partition(":")
        for other in rest.split():
            if other not in allowed:
                breaches.append(f"{path}:{number}: {name} may not use {other}: it is not above it")
        allowed[name.strip()] = set(rest.split())
    return allowed, breaches


def sources(root):
    for top in ("src", "sim", "bench"):
        for path in sorted((root / top).rglob("*.[ch]")):
            inside = path.relative_to(root)
            yield path, inside.parts[1] if top == "src" else top


def breach_of(part, include, allowed):
    if ".." in include.split("/") or "/" not in include:
        return f"include by path from src/: {include}"
    target = "wire" if include.startswith(GENERATED) else include.split("/")[0]
    if target != part and target not in allowed[part]:
        return f"{part} may not include {include}"
    if target != part and include.endswith("_int.h"):
        return f"{include} is private to {target}"
    return None


def main(root):
    allowed, breaches = read_layers(root / "LAYERS")
    for path, part in sources(root):
        if part not in allowed:
            breaches.append(f"{path}:1: component {part} is not in LAYERS")
            continue
        for number, line in enumerate(path.read_text(encoding="utf8").splitlines(), 1):
            match = INCLUDE.match(line)
            problem = match and breach_of(part, match.group(1), allowed)
            if problem:
                breaches.append(f"{path}:{number}: {problem}")
    print("\n".join(breaches), end="\n" if breaches else "")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
