#!/usr/bin/env python3
"""check_results.py ROOT - are the soak results in ROOT/docs/results newer than the code they are about?

A result holds a digest of the code it was made from: of every committed file under the paths below, unit tests left
out.  It is fresh when the code as committed now has the same digest and nothing under these paths is uncommitted.
It must also say ok, and have at least the counts below.  One line per fault and exit status 1, else silence; a result
that was not made yet is said too, but is no fault.
Results are written by scripts/soak through tools/write_result.py.
"""
import collections
import hashlib
import json
import pathlib
import subprocess
import sys

Soak = collections.namedtuple("Soak", "paths counts")

CORE = ("proto", "src/base", "src/crypto", "src/wire", "src/market", "src/ledger", "src/store")
LEDGER_BENCH = ("bench/ledger.c", "bench/load.c", "bench/load.h", "bench/report.c")
SOAKS = {
    "sim": Soak((*CORE, "src/consensus/solo", "sim"), {"seeds": 1000, "steps": 2000}),
    "market": Soak((*CORE, "src/consensus/solo", "sim"), {"seeds": 1000, "steps": 5000}),
    "kill": Soak((*CORE, "src/consensus", "src/chain", "tests/kill_test.py"), {"rounds": 200}),
    "fuzz": Soak((*CORE, "src/json", "src/consensus"), {"seconds_per_target": 120, "targets": 1}),
    "bench": Soak((*CORE, "src/consensus/solo", *LEDGER_BENCH), {"accounts": 1000000}),
}
NOT_MADE = "not made yet"  # said, not failed: a result that is not there claims nothing
KEYS = {"name", "commit", "code", "date", "machine", "counts", "seconds", "ok"}
MACHINE_KEYS = {"cpu", "cores", "memory", "kernel"}


def git(root, *args):
    return subprocess.run(["git", "-C", str(root), *args], check=True, text=True, stdout=subprocess.PIPE).stdout


def is_code(name, path):
    """Unit tests are not what a soak is about; fuzz targets are, to the fuzz soak; the simulator's market is not in its
    scenario ledger."""
    if path.endswith("_test.c"):
        return False
    if path.endswith("_fuzz.c"):
        return name == "fuzz"
    return name == "market" or not path.startswith("sim/market/")


def code_digest(root, name):
    """Of what is committed: names and contents of the files that this soak is about."""
    lines = git(root, "ls-tree", "-r", "HEAD", "--", *SOAKS[name].paths).splitlines()
    kept = [line for line in lines if is_code(name, line.split("\t")[1])]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def uncommitted(root, name):
    """Files under the paths of this soak that git knows to differ, or does not know."""
    out = git(root, "status", "--porcelain", "--untracked-files=all", "--", *SOAKS[name].paths)
    return [line[3:] for line in out.splitlines() if is_code(name, line[3:])]


def load(path):
    """The result in a file, or a sentence that says what is wrong with it."""
    try:
        result = json.loads(path.read_text(encoding="utf8"))
    except FileNotFoundError:
        return NOT_MADE
    except ValueError:
        return "not JSON"
    if not isinstance(result, dict) or not KEYS <= set(result) or not MACHINE_KEYS <= set(result["machine"]):
        return "not a result: a field is missing"
    return result


def fault_of(root, name):
    result = load(root / "docs" / "results" / f"{name}.json")
    if isinstance(result, str):
        return result
    if result["name"] != name or result["ok"] is not True:
        return "did not succeed"
    short = [key for key, least in SOAKS[name].counts.items() if result["counts"].get(key, 0) < least]
    if short:
        return f"made with a smaller count of {', '.join(short)} than is asked for"
    changed = uncommitted(root, name)
    if changed:
        return f"older than {changed[0]}, which is not committed"
    if result["code"] != code_digest(root, name):
        return f"older than the code: something under {' '.join(SOAKS[name].paths)} changed since {result['commit'][:12]}"
    return None


def main(root):
    good = True
    for name in SOAKS:
        fault = fault_of(root, name)
        if fault:
            good = good and fault == NOT_MADE
            print(f"docs/results/{name}.json: {fault}; make it with: scripts/soak {name}")
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1])))
