#!/usr/bin/env python3
"""builds_test.py ROOT BUILTIN.c - the reports of croft advise from several builds: equal to three significant digits.

Compiles tests/advise/figures.c with src/advise and what it uses of src/base by gcc -O0, gcc -O3, gcc -O3 -march=native and
clang -O2, those that are there and at least two, and compares every figure.  BUILTIN.c is the data as the build made it.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = BUILTIN = None
BUILDS = [("gcc", "-O0"), ("gcc", "-O3"), ("gcc", "-O3", "-march=native"), ("clang", "-O2")]
FLAGS = ["-std=gnu17", "-D_GNU_SOURCE", "-ffp-contract=off", "-fno-strict-aliasing", "-w"]


def sources():
    for folder in ("src/advise", "src/base"):
        yield from (str(p) for p in sorted((ROOT / folder).glob("*.c")) if not p.stem.endswith(("_test", "_fuzz")))
    yield from (str(ROOT / "tests/advise/figures.c"), BUILTIN)


def figures(build, folder):
    program = str(pathlib.Path(folder) / "-".join(build).replace("/", "_"))
    subprocess.run([*build, *FLAGS, "-I", str(ROOT / "src"), *sources(), "-lcsv", "-lm", "-o", program], check=True, timeout=280)
    text = subprocess.run([program], check=True, capture_output=True, text=True, timeout=120).stdout
    return [line.rsplit(" ", 1) for line in text.splitlines()]


class Builds(unittest.TestCase):
    def test_three_significant_digits(self):
        builds = [b for b in BUILDS if shutil.which(b[0])]
        self.assertGreaterEqual(len(builds), 2)
        with tempfile.TemporaryDirectory() as folder:
            first = figures(builds[0], folder)
            self.assertGreater(len(first), 1000)
            self.assertGreater(len({value for _, value in first}), 500)
            for build in builds[1:]:
                other = figures(build, folder)
                same = sum(a == b for a, b in zip(first, other))
                print(f"{' '.join(build)}: {same} of {len(first)} figures equal to the last bit", file=sys.stderr)
                self.assertEqual([name for name, _ in first], [name for name, _ in other])
                for (name, a), (_, b) in zip(first, other):
                    self.assertEqual(f"{float(a):.3g}", f"{float(b):.3g}", f"{name} by {' '.join(build)}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ROOT, BUILTIN = pathlib.Path(sys.argv[1]), sys.argv[2]
    unittest.main(argv=sys.argv[:1])
