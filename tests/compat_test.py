#!/usr/bin/env python3
"""compat_test.py PROGRAM... - the fixtures of tests/compat with several builds: every build gives the same roots.

PROGRAM is the check_chain of a build, or its croft: then check_chain is looked for beside it.  Builds nothing.
Every fixture (a folder tests/compat/vN) is replayed by every program; the last root each prints must be the one in
the fixture, and so the same for all.  Then, with the first program, damage to a fixture's files must be found.
"""
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent / "compat"
PROGRAMS = []


def checker_of(program):
    path = pathlib.Path(program).resolve()
    return path if path.name == "check_chain" else path.parent / "tests" / "compat" / "check_chain"


def fixtures():
    found = sorted(folder for folder in HERE.glob("v*") if folder.is_dir())
    assert found, f"no fixture in {HERE}"
    return found


def last_root(folder):
    return (folder / "roots.txt").read_text(encoding="utf8").splitlines()[-1]


def block_protocols(folder):
    """From each block's header: a format byte, then the protocol."""
    data = (folder / "blocks.bin").read_bytes()
    at = 0
    while at < len(data):
        length, _, protocol = struct.unpack_from("<IBI", data, at)
        yield protocol
        at += 4 + length


def check(program, folder):
    return subprocess.run([program, folder], text=True, errors="replace", capture_output=True, timeout=300)


class Fixtures(unittest.TestCase):
    def test_every_build_gives_the_same_roots(self):
        for folder in fixtures():
            for program in PROGRAMS:
                with self.subTest(program=str(program), fixture=folder.name):
                    done = check(program, folder)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(done.stdout.strip(), last_root(folder))

    def test_a_thousand_blocks(self):
        for folder in fixtures():
            height, root = last_root(folder).split()
            self.assertGreaterEqual(int(height), 1000)
            self.assertEqual(len(root), 64)

    def test_one_of_each_protocol(self):
        """vN ends under protocol N, and but for the first was raised to it."""
        for number, folder in enumerate(fixtures(), start=1):
            self.assertEqual(folder.name, f"v{number}")
            protocols = list(block_protocols(folder))
            self.assertEqual(protocols, sorted(protocols))
            self.assertEqual({protocols[0], protocols[-1]}, {1, number})

    def test_damage_is_found(self):
        """One byte of each file, changed at a random place: the replay says so, and does not crash."""
        seed = random.randrange(2**32)
        print(f"seed {seed}", file=sys.stderr)
        chance = random.Random(seed)
        for folder in fixtures():
            for name in ("genesis.bin", "blocks.bin", "roots.txt", "state.bin", "key-clear.txt", "key-passphrase.txt"):
                with self.subTest(seed=seed, fixture=folder.name, file=name), tempfile.TemporaryDirectory() as copy:
                    copy = pathlib.Path(copy) / "fixture"
                    shutil.copytree(folder, copy)
                    data = bytearray((copy / name).read_bytes())
                    at = chance.randrange(len(data))
                    data[at] ^= chance.randrange(1, 256)
                    (copy / name).write_bytes(data)
                    done = check(PROGRAMS[0], copy)
                    self.assertEqual(done.returncode, 1, f"byte {at}: {done.stdout}{done.stderr}")
                    self.assertIn("compat: ", done.stderr)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAMS.extend(checker_of(program) for program in sys.argv[1:])
    for program in PROGRAMS:
        if not program.exists():
            sys.exit(f"{program} is missing: build the target check_chain of that preset first")
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
