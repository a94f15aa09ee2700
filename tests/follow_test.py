#!/usr/bin/env python3
"""follow_test.py CROFT - a chain and its follower as two processes of the built program: keys, acknowledgements, forks.

Needs nothing but Python's standard library.
"""
import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

CROFT = None


class Running:
    """`croft --json` that runs until it is stopped; its first line has been read."""

    def __init__(self, home, *args):
        self.process = subprocess.Popen([CROFT, *args, "--json", "--home", str(home)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.stderr.read())
        self.started = json.loads(line)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


def croft(home, *args):
    done = subprocess.run([CROFT, *args, "--json", "--home", str(home)], capture_output=True, text=True, timeout=60)
    text = done.stdout or done.stderr
    return done.returncode, json.loads(text.splitlines()[0]) if text.strip() else None


class Follow(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="croft-follow-")
        self.addCleanup(self.folder.cleanup)
        root = pathlib.Path(self.folder.name)
        self.one, self.two, self.three = root / "one", root / "two", root / "three"
        self.running = []
        self.addCleanup(self.end)
        code, said = croft(self.one, "chain", "init")
        self.assertEqual(code, 0, said)
        for home in (self.two, self.three):
            home.mkdir()
            code, said = croft(home, "chain", "init", "--genesis", str(self.one / "chain/genesis.json"))
            self.assertEqual(code, 0, said)
        code, said = croft(self.one, "key", "new", "payee", "--no-passphrase")
        self.assertEqual(code, 0, said)
        self.payee = said["address"]

    def end(self):
        for r in self.running:
            if r.process.poll() is None:
                r.process.kill()
                r.process.communicate()

    def start(self, home, *args):
        r = Running(home, *args)
        self.running.append(r)
        return r

    def follow(self, home):
        return self.start(home, "chain", "follow", f"unix:{self.one}/chain/api.sock")

    def issue(self, amount="1"):
        return croft(self.one, "deposit", self.payee, amount, "--from-issuer", "issuer")

    def test_only_the_named_follower_acknowledges(self):
        chain = self.start(self.one, "chain", "start")
        follower = self.follow(self.two)
        key = follower.started["follower_key"]
        self.assertTrue(key.startswith("croftpub1"))
        mode = stat.S_IMODE(os.stat(self.two / "chain/follower.key").st_mode)
        self.assertEqual(mode, 0o600)
        self.assertEqual(follower.stop()[0], 0)
        self.assertEqual(chain.stop()[0], 0)

        chain = self.start(self.one, "chain", "start", "--ack", "follower", "--ack-timeout", "1s", "--follower", key)
        stranger = self.follow(self.three)
        self.assertNotEqual(stranger.started["follower_key"], key)
        code, said = self.issue()
        self.assertEqual((code, said["error"]["name"]), (1, "CROFT_ERR_FOLLOWER"))
        again = self.follow(self.two)
        self.assertEqual(again.started["follower_key"], key)  # kept
        code, said = self.issue()
        self.assertEqual(code, 0, said)

    def test_a_wrong_key_is_a_wrong_command_line(self):
        for args in (["--follower", "croftpub1nonsense", "--ack", "follower"], ["--follower", "croftpub1nonsense"]):
            code, said = croft(self.one, "chain", "start", *args)
            self.assertEqual((code, said["error"]["name"]), (2, "CROFT_ERR_USAGE"))

    def test_a_follower_refuses_transactions_for_good(self):
        self.start(self.one, "chain", "start")
        self.follow(self.two)
        code, said = croft(self.one, "deposit", self.payee, "1", "--from-issuer", "issuer", "--timeout", "30s",
                           "--chain", f"unix:{self.two}/chain/api.sock")
        self.assertEqual((code, said["error"]["name"]), (1, "CROFT_ERR_FOLLOWS"))

    def test_a_chain_that_went_another_way_is_named(self):
        chain = self.start(self.one, "chain", "start")
        self.assertEqual(self.issue()[0], 0)
        self.assertEqual(chain.stop()[0], 0)
        shutil.copytree(self.one, self.two, dirs_exist_ok=True)  # block 1 is the same in both
        for home in (self.one, self.two):
            chain = self.start(home, "chain", "start")
            for amount in ("2", "3") if home == self.one else ("4",):
                code, said = croft(home, "deposit", self.payee, amount, "--from-issuer", "issuer")
                self.assertEqual(code, 0, said)
            if home == self.two:
                self.assertEqual(chain.stop()[0], 0)
            else:
                first = chain
        self.assertIsNone(first.process.poll())
        code, _, err = self.follow(self.two).wait()
        self.assertEqual(code, 1)
        self.assertIn("block 2 here is another one", err)

    def test_a_start_says_how_long_the_chain_slept(self):
        chain = self.start(self.one, "chain", "start")
        self.assertEqual(chain.started["slept_s"], 0)
        self.assertEqual(chain.stop()[0], 0)


if __name__ == "__main__":
    CROFT = os.path.abspath(sys.argv.pop(1))
    unittest.main()
