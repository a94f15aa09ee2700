"""check_results.py and write_result.py, in a repository made for each test."""
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check_results
import write_result


class Results(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.git("init", "-q")
        self.write("src/ledger/ledger.c", "int a;\n")
        self.write("src/ledger/ledger_test.c", "int t;\n")
        self.write("src/ledger/ledger_fuzz.c", "int f;\n")
        self.write("sim/sim.c", "int s;\n")
        self.commit()

    def git(self, *args):
        subprocess.run(["git", "-C", str(self.root), "-c", "user.name=t", "-c", "user.email=t@localhost", *args],
                       check=True, stdout=subprocess.DEVNULL)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def soak(self, name="sim", ok="true", counts=("seeds=1000", "steps=2000")):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            write_result.begin(self.root, name)
        with contextlib.redirect_stdout(io.StringIO()):
            write_result.finish(self.root, name, out.getvalue().strip(), "7", ok, list(counts))

    def fault(self, name="sim"):
        return check_results.fault_of(self.root, name)

    def test_missing(self):
        self.assertEqual(self.fault(), check_results.NOT_MADE)

    def test_fresh_and_still_fresh_in_the_commit_that_adds_it(self):
        self.soak()
        self.assertIsNone(self.fault())
        self.commit()
        self.assertIsNone(self.fault())

    def test_fields(self):
        self.soak()
        result = json.loads((self.root / "docs/results/sim.json").read_text())
        self.assertEqual(set(result), check_results.KEYS)
        self.assertEqual(set(result["machine"]), check_results.MACHINE_KEYS)
        self.assertEqual(result["counts"], {"seeds": 1000, "steps": 2000})

    def test_older_than_committed_code(self):
        self.soak()
        self.write("src/ledger/ledger.c", "int b;\n")
        self.commit()
        self.assertIn("older than the code", self.fault())

    def test_older_than_uncommitted_and_unknown_code(self):
        self.soak()
        self.write("src/ledger/ledger.c", "int b;\n")
        self.assertIn("src/ledger/ledger.c", self.fault())
        self.git("checkout", "-q", "src/ledger/ledger.c")
        self.write("sim/more.c", "int m;\n")
        self.assertIn("sim/more.c", self.fault())

    def test_other_code_and_unit_tests_do_not_count(self):
        self.soak()
        self.write("src/cli/main.c", "int c;\n")
        self.write("src/ledger/ledger_test.c", "int u;\n")
        self.write("src/ledger/ledger_fuzz.c", "int g;\n")
        self.assertIsNone(self.fault())
        self.commit()
        self.assertIsNone(self.fault())

    def test_fuzz_targets_count_for_the_fuzz_soak(self):
        self.soak("fuzz", counts=("seconds_per_target=600", "targets=3"))
        self.assertIsNone(self.fault("fuzz"))
        self.write("src/ledger/ledger_fuzz.c", "int g;\n")
        self.assertIn("ledger_fuzz.c", self.fault("fuzz"))

    def test_the_simulators_market_counts_for_the_market_soak(self):
        self.soak()
        self.soak("market", counts=("seeds=1000", "steps=5000"))
        self.write("sim/market/market_test.c", "int t;\n")
        self.commit()
        self.assertIsNone(self.fault("market"))
        self.write("sim/market/actor.c", "int a;\n")
        self.commit()
        self.assertIsNone(self.fault())
        self.assertIn("older than the code", self.fault("market"))

    def test_failed_or_too_small(self):
        self.soak(ok="false")
        self.assertEqual(self.fault(), "did not succeed")
        self.soak(counts=("seeds=10", "steps=2000"))
        self.assertIn("smaller count of seeds", self.fault())

    def test_damaged(self):
        self.write("docs/results/sim.json", "{")
        self.assertEqual(self.fault(), "not JSON")
        self.write("docs/results/sim.json", "{}")
        self.assertIn("field is missing", self.fault())

    def test_a_dirty_tree_is_refused(self):
        self.write("sim/sim.c", "int z;\n")
        with self.assertRaises(SystemExit):
            self.soak()

    def test_code_that_changes_meanwhile_is_refused(self):
        digest = check_results.code_digest(self.root, "sim")
        self.write("sim/sim.c", "int z;\n")
        self.commit()
        with self.assertRaises(SystemExit):
            write_result.finish(self.root, "sim", digest, "7", "true", ["seeds=1000", "steps=2000"])
        self.assertEqual(self.fault(), check_results.NOT_MADE)


if __name__ == "__main__":
    unittest.main()
