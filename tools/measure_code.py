#!/usr/bin/env python3
"""measure_code.py ROOT - how long functions are, and how often the pure ring asserts.

Functions (by universal-ctags) of ROOT/src, ROOT/sim and ROOT/bench, tests left out:
    median at most 15 lines, 95th percentile at most 70 lines
CROFT_ASSERT, CROFT_ASSERT_AUDIT and CROFT_UNREACHABLE in base, crypto, wire and ledger, tests left out:
    at least 30 per 1,000 lines of code (blank lines, comments and tables of text are not counted)
Prints the figures and the longest functions.  Exit status 1 when a bound is broken.
"""
import pathlib
import re
import statistics
import subprocess
import sys

TREES = ("src", "sim", "bench")
PURE = ("base", "crypto", "wire", "market", "ledger")
MEDIAN_MAX, P95_MAX, ASSERTS_MIN = 15, 70, 30

INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
ASSERT = re.compile(r'\bCROFT_(?:ASSERT(?:_AUDIT)?|UNREACHABLE)\s*\(')
ONLY_TEXT = re.compile(r'[\s{},;]*(?:(?:true|false)[\s{},;]*)?')


def is_test(path):
    return path.stem.endswith(("_test", "_fuzz"))


def includes(path):
    return {match.group(1) for match in map(INCLUDE.match, path.read_text(encoding="utf8").splitlines()) if match}


def sources(root):
    """Files that are not tests, nor headers that only tests include."""
    paths = sorted(p for tree in TREES for p in (root / tree).rglob("*.[ch]"))
    kept = [p for p in paths if not is_test(p)]
    of_tests = {name for p in paths if is_test(p) for name in includes(p)}
    while True:
        used = {name for p in kept for name in includes(p)}
        dropped = [p for p in kept if p.suffix == ".h" and str(p.relative_to(root)).removeprefix("src/") in of_tests - used]
        if not dropped:
            return kept
        kept = [p for p in kept if p not in dropped]
        of_tests |= {name for p in dropped for name in includes(p)}


def functions(paths):
    """(lines, file, line, name) of every function, the line of its name to its closing brace."""
    # A machine whose ctags is not Universal Ctags fails here with ctags' own message.
    out = subprocess.run(["ctags", "-x", "--c-kinds=f", "--fields=+ne", "--_xformat=%{end} %n %N %F",
                          "-L", "-"], input="\n".join(map(str, paths)), text=True, check=True,
                         stdout=subprocess.PIPE).stdout
    found = []
    for line in out.splitlines():
        end, start, name, path = line.split(" ", 3)
        found.append((int(end) - int(start) + 1, path, int(start), name))
    return sorted(found)


def code_lines(text):
    """Lines that are neither blank, nor comment, nor only text and punctuation (tables of vectors)."""
    text = COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text)
    lines = (line for line in text.splitlines() if line.strip())
    return sum(1 for line in lines if '"' not in line or not ONLY_TEXT.fullmatch(STRING.sub("", line)))


def asserts_of(paths):
    lines = asserts = 0
    for path in paths:
        text = path.read_text(encoding="utf8")
        lines += code_lines(text)
        asserts += sum(1 for line in COMMENT.sub("", text).splitlines()
                       if ASSERT.search(line) and not line.lstrip().startswith("#define"))
    return lines, asserts


def report_functions(found, root):
    lengths = [n for n, *_ in found]
    median = statistics.median(lengths)
    p95 = lengths[min(len(lengths) - 1, len(lengths) * 95 // 100)]
    print(f"functions      {len(lengths)}: median {median:g} lines (at most {MEDIAN_MAX}), "
          f"p95 {p95} (at most {P95_MAX}), longest {lengths[-1]}")
    for n, path, line, name in found[:-6:-1]:
        print(f"               {n:4} {pathlib.Path(path).relative_to(root)}:{line} {name}")
    return median <= MEDIAN_MAX and p95 <= P95_MAX


def report_asserts(paths, root):
    good = True
    for part in (*PURE, "pure ring"):
        of_part = [p for p in paths if p.relative_to(root).parts[0] == "src" and
                   p.relative_to(root).parts[1] in (PURE if part == "pure ring" else (part,))]
        lines, asserts = asserts_of(of_part)
        rate = 1000 * asserts / max(lines, 1)
        bound = f" (at least {ASSERTS_MIN})" if part == "pure ring" else ""
        print(f"asserts        {part:9} {asserts:4} in {lines:5} lines of code: {rate:.1f} per 1,000{bound}")
        good = rate >= ASSERTS_MIN
    return good


def main(root):
    paths = sources(root)
    short = report_functions(functions(paths), root)
    asserted = report_asserts(paths, root)
    if not short:
        print("too long: split the longest functions above")
    if not asserted:
        print("too few asserts: say in the pure ring what must hold (base/assert.h)")
    return 0 if short and asserted else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
