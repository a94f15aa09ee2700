#!/usr/bin/env python3
"""cli_test.py CROFT - runs the built program: help, keys, errors, exit codes, and the verbs against a fake and a real chain.

The fake chain speaks the chain API (proto/croft/v1/chain.proto) on a unix socket and knows one account, whose record it
writes by the layout of src/wire/record.c; it can misbehave.  The real chain is `croft chain start` in a temporary folder.
Needs nothing but Python's standard library.
"""
import hashlib
import itertools
import json
import os
import pathlib
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

CROFT = None
KEYS_MAX, ACCOUNT_TABLE, PARAM_TABLE, ISSUER_TABLE, WITHDRAWAL_TABLE = 8, 3, 2, 5, 6
NETWORK = bytes([7]) * 32
RECOVERY_TABLE, DUE_RECOVERED = 10, 3
REPLAY, NOT_FOUND, FUNDS = 208, 5, 300
START_TIMEOUT_S = 60


# ---- protobuf and bech32m, as far as needed ----

def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value) if value else b""
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def parse(data):
    """Fields of a message: {number: [value, ...]}."""
    out, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = number()
        if tag & 7 == 0:
            value = number()
        else:
            size = number()
            value = data[at:at + size]
            at += size
        out.setdefault(tag >> 3, []).append(value)
    return out


def one(message, number, default=b""):
    return message.get(number, [default])[0]


def bech32m(hrp, data):
    charset, generator = "qpzry9x8gf2tvdw0s3jn54khce6mua7l", [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

    def polymod(values):
        check = 1
        for v in values:
            top = check >> 25
            check = (check & 0x1ffffff) << 5 ^ v
            for i in range(5):
                check ^= generator[i] if top >> i & 1 else 0
        return check

    bits = "".join(f"{b:08b}" for b in data)
    bits += "0" * (-len(bits) % 5)
    words = [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    head = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
    check = polymod(head + words + [0] * 6) ^ 0x2bc830a3
    return hrp + "1" + "".join(charset[w] for w in words + [check >> 5 * (5 - i) & 31 for i in range(6)])


def decode_address(text):
    charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{charset.index(c):05b}" for c in text.split("1", 1)[1][:-6])
    return bytes(int(bits[i:i + 8], 2) for i in range(0, 256, 8))


# ---- the fake chain ----

class FakeChain:
    def __init__(self, folder):
        self.path = os.path.join(folder, "api.sock")
        self.height, self.balance, self.accounts = 4, 5_000_000_000, {}
        self.token, self.payer_of_withdrawals = 9_000_000_000, bytes([9]) * 32
        self.bodies, self.code, self.cut_after, self.drop_submit = [], 0, 0, False
        self.recovering, self.end_of_recovery = None, None  # an address; the events by which its recovery ends
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(8)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                conn = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

    def close(self):
        # Its thread must be out of accept() before the descriptor is free: the next listener would get its number.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def serve(self, conn):
        stream = conn.makefile("rb")
        try:
            while len(head := stream.read(4)) == 4:
                request = parse(stream.read(struct.unpack("<I", head)[0]))
                for answer in self.answer(request):
                    packed = field(1, one(request, 1, 0)) + answer
                    conn.sendall(struct.pack("<I", len(packed)) + packed)
        except (OSError, EOFError):
            pass
        conn.close()

    def answer(self, request):
        if 2 in request:
            hello = field(1, 1) + field(2, NETWORK) + field(3, "fakenet") + field(4, 1) + field(5, "fake")
            yield field(4, hello)
        elif 3 in request:
            yield self.submit(one(parse(one(request, 3)), 1))
        elif 4 in request:
            yield self.query(parse(one(request, 4)))
        elif 5 in request:
            yield from self.events(one(parse(one(request, 5)), 1, 0))
        elif 6 in request:
            tables = field(15, field(1, "accounts") + field(2, 3))
            yield field(8, field(1, self.height) + field(4, NETWORK) + field(5, "fakenet") + field(6, 1)
                        + field(8, 10) + field(12, "sequencer") + field(13, "fake\x1b[31m") + tables)
        elif 9 in request:
            yield self.find(one(parse(one(request, 9)), 1))
        else:
            raise EOFError

    def tx_id(self, body):
        return hashlib.blake2b(NETWORK + body, digest_size=32, key=b"croft tx 1").digest()

    def submit(self, tx):
        body = one(parse(tx), 1)
        self.bodies.append(body)
        refused = 200 <= self.code < 300
        self.height += 0 if refused else 1
        account = one(parse(body), 2)
        if account in self.accounts and not refused:
            self.accounts[account] = self.accounts[account] + 1
        if self.drop_submit:
            raise EOFError
        result = field(1, self.code) + (b"" if refused else field(2, self.height) + field(4, 1000))
        return field(5, field(1, result + field(5, self.tx_id(body))))

    def find(self, prefix):
        for i, body in enumerate(self.bodies):
            if self.tx_id(body).startswith(prefix):
                tx = field(1, body)
                return field(10, field(1, i + 1) + field(3, 1_700_000_000_000) + field(4, tx) + field(6, 1000)
                             + field(7, self.tx_id(body)))
        return field(2, NOT_FOUND)

    def account_record(self):
        # format, key_count, thresholds, two balances, deposit, open_records, nonce_floor, guardian, then quotas
        return (bytes([1, 0]) + bytes(7) + struct.pack("<QQQQQ", self.balance, self.token, 10_000_000, 0, 1_700_000_000 << 20)
                + bytes(32) + struct.pack("<QQQI", 0, 0, 0, 0))

    def query(self, q):
        table, key, after = one(q, 1, 0), one(q, 2), one(q, 4)
        records = []
        if table == ACCOUNT_TABLE and key in self.accounts:
            records = [(key, self.account_record())]
        elif table == PARAM_TABLE and not after:
            records = [(b"\0\7", b"\1" + struct.pack("<Q", 41))]
        elif table == ISSUER_TABLE and not after:
            records = [(bytes([9]) * 32 + b"\0", b"\1" + struct.pack("<QQQQ", 1, 1, 1, 0))]
        elif table == WITHDRAWAL_TABLE and not after:
            value = (b"\1\0\4" + struct.pack("<QQQ", 2_500_000_000, 0, 1_700_000_000) + self.payer_of_withdrawals
                     + b"IBAN".ljust(64, b"\0"))
            records = [(a + struct.pack(">Q", 77), value) for a in self.accounts]
            records = [r for r in records if not key or r[0] == key]
        elif table == RECOVERY_TABLE and key == self.recovering:
            records = [(key, bytes([1, 0]) + bytes(7) + struct.pack("<QQ", 1_700_003_600, 0) + bytes(32))]
        return field(6, field(1, self.height) + field(2, bytes(32))
                     + b"".join(field(3, field(1, k) + field(2, v)) for k, v in records))

    def events(self, start):
        if self.end_of_recovery:
            self.height = start
            yield field(7, field(1, start) + field(2, 1_700_000_000_000) + self.end_of_recovery)
            return
        for height in range(start, self.height + 1):
            if self.cut_after and height == start + self.cut_after:
                raise EOFError
            body = (field(1, 1) + field(2, bytes([8]) * 32) + field(3, height) + field(10, field(
                1, field(1, bytes([5]) * 32) + field(3, 1_500_000_000))))
            due = field(5, field(1, 2) + field(2, bytes([5]) * 40) + field(3, 7))
            yield field(7, field(1, height) + field(2, 1_700_000_000_000) + due
                        + field(4, field(1, self.tx_id(body)) + field(2, field(1, body)) + field(4, 1000)))


# ---- the tests ----

class Program(unittest.TestCase):
    """Runs the program with a home folder and a chain of its own."""
    chain, more_environment = None, {}


    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith("CROFT_")}
        env.update(CROFT_HOME=self.home, LC_ALL="C.UTF-8")
        if self.chain:
            env["CROFT_CHAIN"] = "unix:" + self.chain.path
        env.update(self.more_environment)
        return env

    def croft(self, *args, code=0, stdin=""):
        done = subprocess.run([CROFT, *args], env=self.environment(), input=stdin, capture_output=True, text=True,
                              timeout=120, start_new_session=True)
        self.assertEqual(done.returncode, code, f"croft {' '.join(args)}\n{done.stdout}\n{done.stderr}")
        return done

    def refused(self, *args, code, says, stdin=""):
        """An error: what happened on one line, what to do on the next, nothing on standard output."""
        done = self.croft(*args, code=code, stdin=stdin)
        self.assertIn(says, done.stderr)
        self.assertRegex(done.stderr.splitlines()[0], r"^croft: ")
        self.assertTrue(all(line.startswith("  ") for line in done.stderr.splitlines()[1:]), done.stderr)
        return done

    def json(self, *args, code=0):
        return json.loads(self.croft(*args, "--json", code=code).stdout)


class CliTest(Program):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="croft-cli-")
        self.home = os.path.join(self.folder.name, "home")
        self.chain = None

    def tearDown(self):
        if self.chain:
            self.chain.close()
        self.folder.cleanup()

    def start_chain(self, *names):
        self.chain = FakeChain(self.folder.name)
        for name in names:
            address = self.json("key", "new", name, "--no-passphrase")["address"]
            self.chain.accounts[decode_address(address)] = 0

    def last_body(self):
        return parse(self.chain.bodies[-1])

    # -- the frame --

    def test_help_covers_every_verb_with_examples(self):
        verbs = [line[2:20].strip() for line in self.croft("help").stdout.splitlines() if line.startswith("  ")]
        self.assertIn("key new", verbs)
        self.assertIn("watch", verbs)
        for verb in verbs:
            by_word = self.croft("help", *verb.split()).stdout
            by_option = self.croft(*verb.split(), "--help").stdout
            self.assertEqual(by_word, by_option, verb)
            self.assertIn(f"usage: croft {verb}", by_word)
            self.assertRegex(by_word, r"examples:\n(.*\n)*.*croft ")
        self.assertEqual(self.croft().stdout, self.croft("--help").stdout)
        self.assertRegex(self.croft("--version").stdout, r"^croft \d+\.\d+\.\d+\n$")
        self.assertIn("key rotate", self.croft("help", "key").stdout)

    def test_the_manual_is_true(self):
        """Verbs and options that docs/cli.md names in `back quotes` and examples are there."""
        manual = pathlib.Path(__file__).resolve().parent.parent.joinpath("docs", "cli.md").read_text(encoding="utf8")
        uses = re.findall(r"`croft ([^`]+)`|^    croft ([^#\n]+)", manual, flags=re.M)
        self.assertGreater(len(uses), 50)
        for use in ("".join(found).split() for found in uses):
            if use[0] in ("help", "VERB"):
                continue
            words = list(itertools.takewhile(re.compile(r"[a-z]+$").match, use))
            for count in (2, 1):
                shown = subprocess.run([CROFT, "help", *words[:count]], env=self.environment(), capture_output=True, text=True)
                if shown.returncode == 0:
                    break
            self.assertEqual(shown.returncode, 0, use)
            self.assertIn(f"usage: croft {' '.join(words[:count])}", shown.stdout)
            for option in (word for word in use if word.startswith("--")):
                self.assertIn(f"\n  {option} ", shown.stdout, use)
        operations = re.findall(r"^    \w+ (\w+) = [0-9]+;$", pathlib.Path(__file__).resolve().parent.parent.joinpath(
            "proto", "croft", "v1", "tx.proto").read_text(encoding="utf8").split("oneof op {")[1].split("}")[0], flags=re.M)
        self.assertGreater(len(operations), 18)
        for operation in operations:
            self.assertIn(f"`{operation}`", manual)

    def test_usage_errors(self):
        self.refused("sned", code=2, says="did you mean: croft send")
        self.refused("key", "nwe", code=2, says="did you mean: croft key new")
        self.refused("status", code=2, says="did you mean: croft chain status")
        self.refused("xyzzy", code=2, says="croft help")
        self.refused("help", "xyzzy", code=2, says="croft help")
        self.refused("key", code=2, says="croft help key")
        self.refused("key", "show", code=2, says="NAME")
        self.refused("key", "show", "a", "b", code=2, says='does not take "b"')
        self.refused("key", "list", "--colour", code=2, says="no option --colour")
        self.refused("key", "new", "a", "--passphrase-file", code=2, says="needs a value")
        self.refused("key", "list", "--home", "a", "--home", "b", code=2, says="given twice")
        self.refused("key", "new", "../a", code=2, says="cannot name a key")
        self.refused("key", "new", "-x", code=2, says="no option")
        self.refused("watch", "--from", "x", code=2, says="whole number")
        self.refused("watch", "--timeout", "5y", code=2, says="30d")

    def test_errors_as_json(self):
        error = json.loads(self.croft("sned", "--json", code=2).stderr)["error"]
        self.assertEqual((error["code"], error["name"]), (4, "CROFT_ERR_USAGE"))
        self.assertIn("send", error["hint"])
        error = json.loads(self.croft("chain", "status", "--json", code=3).stderr)["error"]
        self.assertEqual(error["name"], "CROFT_ERR_UNAVAILABLE")

    def test_hostile_text_does_not_reach_the_terminal(self):
        done = self.croft("key", "show", "a\x1b[31m\n", code=2)
        self.assertNotIn("\x1b", done.stderr)

    def test_completion(self):
        script = self.croft("completion", "bash").stdout
        self.assertEqual(subprocess.run(["bash", "-n"], input=script, text=True).returncode, 0)
        self.croft("key", "new", "alice", "--no-passphrase")

        def complete(*words):
            ask = f"COMP_WORDS=(croft {' '.join(words)}); COMP_CWORD={len(words)}; _croft; echo \"${{COMPREPLY[@]}}\""
            ask = ask.replace("@EMPTY@", "''")
            done = subprocess.run(["bash", "-c", script + ask], env=self.environment(), capture_output=True, text=True)
            self.assertEqual(done.stderr, "")
            return done.stdout.split()

        self.assertEqual(complete("ba"), ["balance"])
        self.assertEqual(set(complete("key", "re")), {"revoke"})
        self.assertIn("rotate", complete("key", "@EMPTY@"))
        self.assertEqual(complete("key", "show", "al"), ["alice"])
        self.assertEqual(complete("send", "--ass"), ["--asset"])
        self.assertEqual(complete("send", "--asset", "cre"), ["credit"])
        self.assertEqual(complete("balance", "--key", "@EMPTY@"), ["alice"])
        self.assertEqual(set(complete("bench", "@EMPTY@")), {"pay", "ledger", "advise"})
        self.assertEqual(complete("bench", "le"), ["ledger"])
        self.assertEqual(complete("bench", "pay", "--key", "@EMPTY@"), ["alice"])
        self.assertEqual(complete("completion", "b"), ["bash"])
        self.assertEqual(complete("help", "bal"), ["balance"])
        self.assertEqual(complete("help", "key", "rot"), ["rotate"])
        self.assertEqual(complete("chain", "start", "--ack", "@EMPTY@"), ["follower"])
        self.assertEqual(complete("chain", "start", "--engine", "@EMPTY@"), ["solo"])
        self.assertIn("trade", complete("key", "delegate", "rig", "--scopes", "@EMPTY@"))
        self.assertIn("_croft", self.croft("completion", "zsh").stdout)
        self.refused("completion", "fish", code=2, says="bash and zsh")

    def test_ls_is_list(self):
        self.assertEqual(self.croft("key", "ls").stdout, self.croft("key", "list").stdout)
        self.assertEqual(self.croft("help", "pending", "ls").stdout, self.croft("pending", "list", "--help").stdout)

    # -- keys --

    def test_key_life(self):
        self.assertIn("croft key new", self.croft("key", "list").stdout)
        made = self.json("key", "new", "alice", "--no-passphrase")
        self.assertEqual(self.json("key", "show", "alice"), made)
        self.assertTrue(made["address"].startswith("croft1") and made["public_key"].startswith("croftpub1"))
        self.assertEqual(os.stat(made["file"]).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(made["file"])).st_mode & 0o777, 0o700)
        self.assertIn(made["address"], self.croft("key", "list").stdout)

        before = pathlib.Path(made["file"]).read_bytes()
        self.refused("key", "new", "alice", "--no-passphrase", code=1, says="already")
        self.assertEqual(pathlib.Path(made["file"]).read_bytes(), before)
        self.refused("key", "show", "bob", code=1, says="no key file")

        exported = self.croft("key", "export", "alice")
        self.assertEqual(exported.stdout.encode(), before)
        self.assertEqual(self.json("key", "export", "alice")["key_file"].encode(), before)
        self.assertIn("no passphrase", exported.stderr)
        self.croft("key", "import", "copy", "-", stdin=exported.stdout)
        self.assertEqual(self.json("key", "show", "copy")["address"], made["address"])
        out = os.path.join(self.folder.name, "out.key")
        self.croft("key", "export", "alice", "--out", out)
        self.assertEqual(os.stat(out).st_mode & 0o777, 0o600)
        self.refused("key", "export", "alice", "--out", out, code=1, says="never overwritten")
        self.refused("key", "import", "copy", out, code=1, says="exists already")
        self.croft("key", "import", "third", out)
        self.assertEqual([k["name"] for k in self.json("key", "list")], ["alice", "copy", "third"])

    def test_open_and_damaged_key_files(self):
        file = self.json("key", "new", "alice", "--no-passphrase")["file"]
        self.json("key", "new", "bob", "--no-passphrase")
        os.chmod(file, 0o640)
        self.refused("key", "show", "alice", code=1, says=f"run: chmod 600 {file}")
        listed = self.croft("key", "list", code=1)
        self.assertIn("bob", listed.stdout)
        os.chmod(file, 0o600)
        for text in ("", "nonsense\n", "\0" * 20, "x" * 5000, pathlib.Path(file).read_text().replace("secret: ", "secret: 00")):
            pathlib.Path(file).write_text(text)
            self.refused("send", "croft1x", "1", code=2, says="ADDRESS")
            bad = os.path.join(self.folder.name, "bad.key")
            pathlib.Path(bad).write_text(text)
            os.chmod(bad, 0o600)
            self.refused("key", "import", "new", bad, code=1, says="")
            self.assertFalse(os.path.exists(os.path.join(self.home, "keys", "new.key")))
        pathlib.Path(file).write_text(pathlib.Path(file).read_text().replace("croft-key: 1", "croft-key: 2"))
        self.refused("key", "show", "alice", code=1, says="")

    def test_passphrase_from_file(self):
        secret = os.path.join(self.folder.name, "pass")
        pathlib.Path(secret).write_text("correct horse\nsecond line\n")
        os.chmod(secret, 0o644)
        self.refused("key", "new", "alice", "--passphrase-file", secret, code=1, says=f"run: chmod 600 {secret}")
        os.chmod(secret, 0o600)
        made = self.json("key", "new", "alice", "--passphrase-file", secret)
        self.assertTrue(made["encrypted"])
        self.assertIn("argon2id", pathlib.Path(made["file"]).read_text())

        self.chain = FakeChain(self.folder.name)
        self.chain.accounts[decode_address(made["address"])] = 0
        self.refused("send", bech32m("croft", bytes([5]) * 32), "1", code=1, says="no terminal")
        self.croft("send", bech32m("croft", bytes([5]) * 32), "1", "--passphrase-file", secret)
        pathlib.Path(secret).write_text("wrong\n")
        self.refused("send", bech32m("croft", bytes([5]) * 32), "1", "--passphrase-file", secret, code=1,
                     says="wrong passphrase")
        self.assertEqual(len(self.chain.bodies), 1)

    def test_passphrase_from_terminal(self):
        def with_terminal(*args, answers):
            pid, fd = pty.fork()
            if pid == 0:
                os.execve(CROFT, [CROFT, *args], self.environment())
            seen = b""
            for answer in answers:
                while not seen.rstrip().endswith(b":"):
                    seen += os.read(fd, 1000)
                seen += b" " if answer is None else b"."
                time.sleep(0.1)  # the echo is switched off just after the question
                os.write(fd, b"\x03" if answer is None else answer.encode() + b"\n")
            try:
                while chunk := os.read(fd, 1000):
                    seen += chunk
            except OSError:
                pass
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()

        code, seen = with_terminal("key", "new", "alice", answers=["open sesame", "open sesame"])
        self.assertEqual(code, 0, seen)
        self.assertNotIn("sesame", seen)
        self.assertTrue(self.json("key", "show", "alice")["encrypted"])
        code, seen = with_terminal("key", "new", "bob", answers=["one", "two"])
        self.assertEqual(code, 1, seen)
        code, seen = with_terminal("key", "new", "bob", answers=[None])
        self.assertEqual(code, 130, seen)
        self.assertEqual([k["name"] for k in self.json("key", "list")], ["alice"])

    # -- the chain --

    def test_no_chain(self):
        self.croft("key", "new", "alice", "--no-passphrase")
        self.refused("balance", code=3, says="croft chain start")
        self.refused("chain", "status", "--chain", "127.0.0.1:1", code=3, says="127.0.0.1:1")
        self.refused("chain", "status", "--chain", "nonsense", code=2, says="HOST:PORT")
        mute = socket.socket(socket.AF_UNIX)
        mute.bind(os.path.join(self.folder.name, "mute"))
        mute.listen(1)
        self.refused("chain", "status", "--chain", "unix:" + mute.getsockname(), "--timeout", "1s", code=4, says="in time")
        mute.close()

    def test_status_and_params(self):
        self.start_chain()
        self.assertEqual(self.json("chain", "status")["network_name"], "fakenet")
        shown = self.croft("chain", "status").stdout
        self.assertIn("sequencer", shown)
        self.assertNotIn("\x1b", shown)
        self.assertEqual(self.json("params")["params"]["cost_signature"], {"value": "41", "unit": "cost"})
        self.assertEqual(self.json("params")["params"]["deposit_record"], {"value": "10000000", "unit": "units"})
        self.assertEqual(self.json("chain", "status")["base_fee"], "0.00000001")
        self.assertIn("base_fee_min", self.croft("params", "show").stdout)
        self.refused("params", "propose", "no_such", "1", code=2, says="no parameter")
        self.refused("params", "propose", "cost_write", "1000001", code=2, says="0 to 1000000")
        self.refused("params", "propose", "--change", "{\"issuer\":{\"cap\":-1}}", code=1, says="issuer.cap: ")
        self.refused("params", "vote", "1", "maybe", code=2, says="yes or no")

    def test_balance(self):
        self.start_chain("alice")
        self.assertIn("5.00", self.croft("balance").stdout)
        account = self.json("balance", "--key", "alice")
        self.assertEqual(account["balance_credit"], "5.00")
        self.assertEqual(self.json("balance", account["address"])["deposit"], "0.01")
        self.refused("balance", bech32m("croft", bytes([6]) * 32), code=1, says="first payment")
        self.refused("balance", "croft1nonsense", code=2, says="ADDRESS")
        self.refused("balance", "--prove", code=1, says="proof")

    def test_send(self):
        self.start_chain("alice")
        to = bech32m("croft", bytes([5]) * 32)
        done = self.json("send", to, "1.5", "--ref", "invoice 17")
        body = self.last_body()
        transfer = parse(one(body, 10))
        self.assertEqual(one(transfer, 2), b"invoice 17")
        self.assertEqual(one(parse(one(transfer, 1)), 3), 1_500_000_000)
        self.assertIn(7, body)  # its first transaction shows the key set
        self.assertEqual(done["height"], "5")
        self.assertEqual(done["fee"], "0.000001")
        self.assertAlmostEqual(one(body, 4), time.time() + 600, delta=30)
        shown = self.json("tx", "show", done["id"][:8])
        self.assertEqual(shown["id"], done["id"])
        self.assertEqual(shown["body"]["transfer"]["legs"][0]["to_address"], to)
        self.assertIn(f"pays 1.50 credit to {to}", self.croft("tx", "show", done["id"]).stdout)
        self.assertIn("sent 2.00 croft", self.croft("send", to, "2", "--asset", "croft").stdout)
        self.assertTrue(pathlib.Path(self.home, "network").read_text().startswith("fakenet " + NETWORK.hex()))

    def test_send_refusals(self):
        self.start_chain("alice")
        to = bech32m("croft", bytes([5]) * 32)
        for amount in ("0", "-1", "1e3", "1.0000000001", "x", "18446744074"):
            self.croft("send", to, amount, code=2)
        self.refused("send", to, "1", "--asset", "gold", code=2, says="credit or croft")
        self.refused("send", to, "1", "--ref", "x" * 65, code=2, says="64 bytes")
        self.refused("send", to, code=2, says="AMOUNT")
        self.refused("send", to, "99999999999", code=2, says="too large")
        self.refused("send", to, "6", code=1, says="has 5.00 credits, and this needs 6.00")
        self.refused("send", to, "1", "--valid", "30d", code=1, says="at most 86400 s (24 h)")
        self.refused("chain", "start", "--listen", "foo", code=1, says="no chain")
        self.assertEqual(self.chain.bodies, [])
        self.croft("send", to, "1", "--fee-max", "0", "--out", os.path.join(self.folder.name, "free.json"))
        free = json.loads(pathlib.Path(self.folder.name, "free.json").read_text())
        self.assertNotIn("fee_max", free["body"])  # none: a limit of zero is a default
        self.chain.code = FUNDS
        self.refused("send", to, "1", code=1, says="fee taken")
        own = self.json("key", "show", "alice")["address"]
        self.refused("send", own, "1", code=1, says="same account")
        self.json("key", "new", "bob", "--no-passphrase")
        self.refused("send", to, "1", code=2, says="--key")
        self.refused("send", to, "1", "--key", "bob", code=1, says="first payment")
        self.assertEqual(len(self.chain.bodies), 1)

    def test_an_open_outcome_is_said(self):
        self.start_chain("alice")
        self.chain.drop_submit = True
        done = self.refused("send", bech32m("croft", bytes([5]) * 32), "1", "--timeout", "1s", code=3, says="croft tx show ")
        self.assertEqual(len(set(self.chain.bodies)), 1)  # sent again, but always the same bytes
        found = done.stderr.split("croft tx show ")[1].strip()
        self.assertEqual(self.json("tx", "show", found)["result"], "ok")

    def test_a_payment_that_cannot_be_told(self):
        """Who pays and finds the disk full, or its reader gone, must not pay again: its own exit code, and the id."""
        self.start_chain("alice")
        to = bech32m("croft", bytes([5]) * 32)
        for form in ([], ["--json"]):
            read, write = os.pipe()
            os.close(read)
            outputs = [write] + ([os.open("/dev/full", os.O_WRONLY)] if os.path.exists("/dev/full") else [])
            for output in outputs:
                done = subprocess.run([CROFT, "send", to, "1", *form], stdout=output, stderr=subprocess.PIPE, text=True,
                                      env=self.environment(), timeout=60)
                os.close(output)
                self.assertEqual(done.returncode, 5, done.stderr)
                self.assertIn(self.chain.tx_id(self.chain.bodies[-1]).hex(), done.stderr)

    def test_money_in_json(self):
        """Decimal in whole credits wherever it stands, so that what is added up needs no table of units."""
        self.start_chain("alice")
        to = bech32m("croft", bytes([5]) * 32)
        sent = self.json("send", to, "1.5")
        shown = self.json("tx", "show", sent["id"])
        self.assertEqual(shown["body"]["transfer"]["legs"], [{"to_address": to, "asset": "credit", "amount": "1.50"}])
        self.assertRegex(shown["body"]["fee_max"], r"^0\.\d+$")
        self.assertIsInstance(shown["body"]["valid_until_s"], int)
        self.assertIsInstance(shown["time_s"], int)
        event = json.loads(self.croft("watch", "--from", "1", "--until", "1", "--json").stdout.splitlines()[1])
        self.assertEqual((event["result"], event["body"]["transfer"]["legs"][0]["amount"]), ("ok", "1.50"))
        account = self.json("balance")
        self.assertEqual((account["guardian"], account["recover_delay_s"]), (None, 0))
        held = json.loads(self.croft("withdraw", "--list", "--all", "--json").stdout)
        self.assertEqual((held["amount"], held["asset"], held["reference"], held["returns_s"]),
                         ("2.50", "credit", b"IBAN".hex(), 1_700_000_000))
        self.refused("params", "propose", "--change", '{"issuer":{"cap":"500000000000"}}', code=1, says="issuer.cap: must be an amount")
        self.refused("params", "propose", "--change", '{"param":{"param":11,"value":"5","unit":"s"}}', code=1, says='unit: must be "units"')

    def test_send_file(self):
        self.start_chain("alice")
        file = pathlib.Path(self.folder.name, "payments.csv")
        lines = [f"{bech32m('croft', bytes([i % 250 + 2]) * 32)},0.5" for i in range(1000)]
        file.write_text("address,amount\n" + "\n".join(lines) + "\n")
        self.refused("send", "--file", str(file), code=1, says="has 5.00 credits, and this needs 500.00")
        self.chain.balance = 501_000_000_000
        done = self.json("send", "--file", str(file))
        self.assertEqual((done["payments"], done["sent_credit"]), (1000, "500.00"))
        self.assertEqual(len(parse(one(self.last_body(), 10))[1]), 1000)
        lines[41] = lines[41].replace(",0.5", ",abc")
        file.write_text("\n".join(lines))
        self.refused("send", "--file", str(file), code=1, says="line 42: ")
        self.refused("send", "--file", str(file), "croft1x", code=2, says="alone")
        self.assertEqual(len(self.chain.bodies), 1)
        self.assertIn("in 2 payments", self.croft("send", "--file", "-", stdin="\n".join(lines[:2])).stdout)

    def test_issuer_verbs(self):
        self.start_chain("bank")
        to = bech32m("croft", bytes([5]) * 32)
        self.croft("deposit", to, "100", "--from-issuer", "bank", "--ref", "transfer 1")
        self.assertEqual(one(parse(one(self.last_body(), 20)), 3), 100_000_000_000)
        done = self.json("withdraw", "2.5", "--to", "NL91")
        op = parse(one(self.last_body(), 22))
        self.assertEqual((one(op, 2), one(op, 5), str(one(op, 1))), (bytes([9]) * 32, b"NL91", done["withdrawal"]))
        which = json.loads(self.croft("withdraw", "--list", "--json").stdout)["which"]
        self.assertIn("IBAN", self.croft("withdraw", "--list", "--all").stdout)
        self.refused("withdraw", "--paid", which, code=1, says="only its issuer")
        self.chain.payer_of_withdrawals = decode_address(self.json("key", "show", "bank")["address"])
        self.refused("withdraw", "--return", which + "1", code=1, says="no such withdrawal")
        sent = len(self.chain.bodies)
        self.croft("withdraw", "--paid", which)
        self.assertEqual(len(self.chain.bodies), sent + 1)
        self.assertEqual(one(parse(one(self.last_body(), 23)), 2), 77)
        self.croft("withdraw", "--return", which)
        self.assertEqual(one(parse(one(self.last_body(), 24)), 2), 77)
        self.refused("withdraw", "5", code=2, says="--to")
        self.refused("withdraw", "--paid", "77", code=2, says="ADDRESS:ID")
        self.refused("withdraw", "5", "--to", "x", "--list", code=2, says="exclude")

    def test_key_verbs_of_the_chain(self):
        self.start_chain("alice")
        rig = self.json("key", "new", "rig", "--no-passphrase")
        account = self.json("key", "show", "alice")["address"]
        self.refused("key", "delegate", "rig", "--key", "alice", code=2, says="--scopes")
        self.refused("key", "delegate", "rig", "--scopes", "fly", "--key", "alice", code=2, says="admin")
        self.croft("key", "delegate", "rig", "--scopes", "node,trade", "--cap", "10", "--expires", "30d", "--key", "alice")
        key = parse(one(parse(one(self.last_body(), 30)), 1))
        self.assertEqual((one(key, 3), one(key, 5)), (6, 10_000_000_000))
        shown = self.json("key", "show", "rig")
        self.assertEqual((shown["account"], shown["address"]), (account, rig["address"]))
        self.assertIn(rig["address"], self.croft("key", "show", "rig").stdout)
        self.assertNotEqual(rig["address"], account)
        self.refused("key", "delegate", "rig", "--scopes", "node", "--expires", "0s", "--key", "alice", code=2, says="above zero")
        self.croft("key", "revoke", "3", "--key", "alice")
        self.assertEqual(one(parse(one(self.last_body(), 31)), 1), 3)
        self.refused("key", "revoke", "rig", "--key", "alice", code=1, says="no such key")
        self.json("key", "new", "alice2", "--no-passphrase")
        self.croft("key", "rotate", "alice2", "--key", "alice")
        self.assertEqual(self.json("key", "show", "alice2")["account"], account)
        self.refused("key", "rotate", "alice", "--key", "alice", code=2, says="old one")

    def test_waiting_for_a_recovery(self):
        """Delays are an hour at least, so the end of one comes from the fake chain."""
        self.start_chain()
        account = bech32m("croft", bytes([5]) * 32)
        self.refused("recovery", "wait", account, code=1, says="no recovery")
        self.chain.recovering = bytes([5]) * 32
        self.chain.end_of_recovery = field(5, field(1, DUE_RECOVERED) + field(2, bytes([5]) * 32))
        self.assertEqual(self.json("recovery", "wait", account), {"account": account, "recovered": True, "height": "5"})
        body = field(1, 1) + field(2, bytes([5]) * 32) + field(3, 1) + field(36, "")
        self.chain.end_of_recovery = field(4, field(1, self.chain.tx_id(body)) + field(2, field(1, body)))
        self.refused("recovery", "wait", account, code=1, says="cancelled")

    def test_another_network_is_refused(self):
        self.start_chain("alice")
        pathlib.Path(self.home, "network").write_text("mynet " + "ab" * 32 + "\n")
        done = self.refused("send", bech32m("croft", bytes([5]) * 32), "1", code=1, says="mynet")
        self.assertIn("fakenet", done.stderr)
        self.assertEqual(self.chain.bodies, [])
        pathlib.Path(self.home, "network").write_text("mynet\n")
        self.refused("balance", code=1, says="network")

    def test_watch(self):
        self.start_chain()
        self.chain.height, self.chain.cut_after = 12, 5
        done = self.croft("watch", "--from", "1", "--until", "12", "--json")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        for kind in ("tx", "due"):
            self.assertEqual([e["height"] for e in events if e["event"] == kind], [str(h) for h in range(1, 13)])
        self.assertEqual(done.stderr.count("connecting again"), 2)
        shown = self.croft("watch", "--from", "1", "--until", "1").stdout.splitlines()
        self.assertIn("withdrawal_returned", shown[0])
        self.assertRegex(shown[1], r"1:0 .* transfer .*amount=1\.50.* ok$")
        mine = self.croft("watch", "--from", "1", "--until", "1", "--account", bech32m("croft", bytes([5]) * 32)).stdout
        self.assertEqual(len(mine.splitlines()), 2)
        none = self.croft("watch", "--from", "1", "--until", "1", "--account", bech32m("croft", bytes([6]) * 32)).stdout
        self.assertEqual(none, "")

    def test_watch_ends_with_ctrl_c(self):
        self.start_chain()
        p = subprocess.Popen([CROFT, "watch", "--from", "1"], env=self.environment(), stdout=subprocess.PIPE, text=True)
        self.assertIn("1:", p.stdout.readline())
        p.send_signal(signal.SIGINT)
        self.assertEqual(p.wait(timeout=10), 0)
        p.stdout.close()

    def test_a_full_disk_is_not_success(self):
        if os.path.exists("/dev/full"):
            with open("/dev/full", "w") as full:
                done = subprocess.run([CROFT, "help"], stdout=full, stderr=subprocess.PIPE, env=self.environment())
            self.assertEqual(done.returncode, 1)


# ---- the verbs against a real chain ----

class RealChain:
    """`croft chain start` in a folder of its own, with the keys "issuer" (which also operates the one validator)."""

    def __init__(self, folder, made=False):
        self.home = os.path.join(folder, "home")
        self.path = os.path.join(self.home, "chain", "api.sock")
        env = {k: v for k, v in os.environ.items() if not k.startswith("CROFT_")}
        if not made:
            subprocess.run([CROFT, "chain", "init", "--home", self.home], env=env, check=True, capture_output=True)
        self.log = open(os.path.join(folder, "chain.log"), "w", encoding="utf8")
        self.process = subprocess.Popen([CROFT, "chain", "start", "--home", self.home, "--json"], env=env,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        if not self.process.stdout.readline():
            raise RuntimeError("the chain did not start")

    def close(self):
        self.process.terminate()
        code = self.process.wait(START_TIMEOUT_S)
        self.process.stdout.close()
        self.log.close()
        if code != 0:
            raise RuntimeError(f"the chain ended with {code}")


class RealChainTest(Program):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="croft-cli-")
        cls.chain = RealChain(cls.folder.name)
        cls.home, cls.count = cls.chain.home, 0

    @classmethod
    def tearDownClass(cls):
        try:
            cls.chain.close()
        finally:
            cls.folder.cleanup()

    def file(self, name):
        type(self).count += 1
        return os.path.join(self.folder.name, f"{self.count}-{name}")

    def key(self, credits=None):
        """A fresh key: its name and its account's address, with so many credits."""
        type(self).count += 1
        name = f"key{self.count}"
        address = self.json("key", "new", name, "--no-passphrase")["address"]
        if credits:
            self.croft("deposit", address, credits, "--key", "issuer")
        return name, address

    def balance(self, address):
        return float(self.json("balance", address)["balance_credit"])

    def wait_for(self, kind, account, start):
        """The next due record of this kind about the account."""
        watch = subprocess.Popen([CROFT, "watch", "--from", str(start), "--account", account, "--json"],
                                 env=self.environment(), stdout=subprocess.PIPE, text=True)
        try:
            for line in watch.stdout:
                if json.loads(line).get("kind") == kind:
                    return json.loads(line)
        finally:
            watch.kill()
            watch.wait()
            watch.stdout.close()
        self.fail(f"the watch ended before {kind}")

    def two_owners(self, credits="100"):
        """An account for which two keys must sign together."""
        (alice, account), (bob, _) = self.key(credits), self.key()
        self.croft("key", "delegate", bob, "--scopes", "all", "--key", alice)
        self.croft("key", "threshold", "pay=2,admin=2", "--key", alice)
        return alice, bob, account

    # -- several signatures --

    def test_two_keys_sign_one_payment(self):
        alice, bob, account = self.two_owners()
        _, to = self.key("1")
        self.assertEqual(self.json("key", "show", bob)["account"], account)
        self.refused("send", to, "5", "--key", alice, code=1, says="croft tx sign")
        file = self.file("tx.json")
        made = self.json("send", to, "5", "--ref", "rent", "--key", alice, "--out", file)
        self.assertEqual((made["weight"], made["threshold"], made["complete"], made["sent"]), (1, 2, False, False))
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        self.refused("send", to, "5", "--key", alice, "--out", file, code=1, says="never overwritten")
        shown = self.croft("tx", "show", file).stdout
        for text in (f"pays 5.00 credit to {to}", 'reference "rent"', made["id"], account, "weight 1 of 2 for pay",
                     f"croft tx sign {file}"):
            self.assertIn(text, shown)
        self.refused("tx", "send", file, code=1, says="weigh 1")
        self.assertIn("weight 2 of 2", self.croft("tx", "sign", file).stdout)  # the only key that may and has not
        self.refused("tx", "sign", file, "--key", bob, code=1, says="already")
        self.refused("tx", "sign", file, "--key", "issuer", code=1, says="may not sign")
        self.refused("tx", "show", made["id"], code=1, says="no block")
        sent = self.json("tx", "send", file)
        self.assertEqual(sent["id"], made["id"])
        self.assertEqual(self.json("tx", "send", file), sent)  # once, however often
        self.assertEqual(self.balance(to), 6)
        self.assertEqual(self.json("tx", "show", sent["id"])["result"], "ok")

    def test_signers_work_on_copies(self):
        alice, bob, account = self.two_owners()
        _, to = self.key("1")
        self.more_environment = {"CROFT_HOME": os.path.join(self.folder.name, "online")}  # knows no key
        made = self.croft("send", to, "2", "--unsigned", "--account", account).stdout
        self.more_environment = {}
        first, second = self.file("a.json"), self.file("b.json")
        self.croft("tx", "sign", "-", "--key", alice, "--out", first, stdin=made)
        self.croft("tx", "sign", "-", "--key", bob, "--out", second, stdin=made)
        self.refused("tx", "sign", "-", "--key", bob, code=2, says="--out", stdin=made)
        self.refused("tx", "send", second, code=1, says="leads it")
        self.assertEqual(self.json("tx", "show", second)["signatures"][0]["key"], 1)
        self.croft("tx", "send", second, first)
        self.assertEqual(self.balance(to), 3)
        other = self.file("c.json")
        self.croft("send", to, "2", "--key", alice, "--out", other)
        self.refused("tx", "send", first, other, code=1, says="another transaction")

    def test_what_was_sent_meanwhile_takes_no_nonce_from_a_file(self):
        alice, _ = self.key("100")
        _, to = self.key("1")
        files = {}
        while len(files) < 3:  # by nonce, which is drawn by chance
            file = self.file("tx.json")
            self.croft("send", to, "1", "--key", alice, "--out", file)
            files[self.json("tx", "show", file)["body"]["nonce"]] = file
        for _ in range(5):
            self.croft("send", to, "1", "--key", alice)
        for file in files.values():
            self.croft("tx", "send", file)
        self.assertEqual(self.balance(to), 9)

    def test_files_that_were_changed(self):
        alice, bob, _ = self.two_owners()
        _, to = self.key("1")
        file = self.file("tx.json")
        self.croft("send", to, "5", "--key", alice, "--out", file)
        good = pathlib.Path(file).read_text()

        def changed(change):
            tx = json.loads(good)
            change(tx)
            pathlib.Path(file).write_text(json.dumps(tx))

        changed(lambda tx: tx["body"]["transfer"]["legs"][0].update(amount="500.00"))
        self.refused("tx", "sign", file, "--key", bob, code=1, says="changed after it was made")
        changed(lambda tx: tx["signatures"][0].update(value="00" * 64))
        self.refused("tx", "show", file, code=1, says="signature of the key at place 0 is wrong")
        changed(lambda tx: tx.update(croft_tx=2))
        self.refused("tx", "show", file, code=1, says="newer format")
        changed(lambda tx: tx["keys"][0].update(place=9))
        self.refused("tx", "show", file, code=1, says="places increase")
        changed(lambda tx: tx.update(scope="admin"))
        self.refused("tx", "show", file, code=1, says="scope is not")
        changed(lambda tx: tx.update(extra=1))
        self.refused("tx", "show", file, code=1, says="extra")
        changed(lambda tx: tx["body"].update(format=2))
        self.refused("tx", "send", file, code=1, says="not the one valid encoding")
        for text in ("", "{}", "[]", "{", good[:200], "\0"):
            pathlib.Path(file).write_text(text)
            self.refused("tx", "sign", file, "--key", bob, code=1, says="not a transaction's file")
        self.refused("tx", "show", "no-such-file", code=2, says="nor a file")
        self.refused("tx", "send", "no-such-file", code=1, says="--out FILE")

    def test_files_know_their_network_and_their_time(self):
        alice, bob, account = self.two_owners()
        _, to = self.key("1")
        start = int(self.json("chain", "status")["height"]) + 1
        lasting, short = self.file("lasting.json"), self.file("short.json")
        self.croft("send", to, "5", "--key", alice, "--out", lasting)
        self.croft("send", to, "5", "--key", alice, "--out", short, "--valid", "1s")
        self.croft("send", account, "5", "--pending", "--until", "3s", "--key", "issuer")
        exported = self.croft("key", "export", bob).stdout
        elsewhere = pathlib.Path(self.folder.name, "elsewhere")
        self.more_environment = {"CROFT_HOME": str(elsewhere)}
        self.croft("key", "import", bob, "-", stdin=exported)
        (elsewhere / "network").write_text("other " + "ab" * 32 + "\n")
        self.refused("tx", "sign", lasting, code=1, says='belongs to "other"')
        (elsewhere / "network").unlink()
        self.croft("tx", "sign", lasting)  # without a chain: its network is this wallet's from now on
        self.assertTrue((elsewhere / "network").read_text().startswith("dev "))
        self.more_environment = {}
        self.croft("tx", "send", lasting)
        self.wait_for("pending_expired", self.json("key", "show", "issuer")["address"], start)
        self.refused("tx", "sign", short, "--key", bob, code=1, says="made anew")
        self.assertIn("has passed", self.croft("tx", "show", short).stdout)

    def test_thresholds(self):
        alice, bob, account = self.two_owners()
        self.refused("key", "threshold", "pay=3", "--key", alice, code=1, says="weigh 2 together")
        for bad in ("pay", "pay=", "pay=0", "pay=256", "fly=1", "pay=-1", "pay=1,", "", "=2"):
            code = 1 if bad == "pay=1," else 2
            self.croft("key", "threshold", bad, "--key", alice, code=code)
        shown = self.croft("balance", account).stdout
        self.assertIn("pay=2,admin=2", shown)
        file = self.file("tx.json")
        self.croft("key", "threshold", "all=1", "--key", bob, "--out", file)
        self.assertIn("weight needed from now on: pay=1 trade=1", self.croft("tx", "show", file).stdout)
        self.croft("tx", "sign", file, "--key", alice)
        self.croft("tx", "send", file)
        self.assertNotIn("weight needed", self.croft("balance", account).stdout)
        self.croft("key", "revoke", bob, "--key", alice)
        lone, _ = self.key("1")
        self.refused("key", "threshold", "pay=2", "--key", lone, code=1, says="croft key delegate")

    def test_many_at_once_with_one_key(self):
        (alice, _), (_, to) = self.key("100"), self.key("1")
        self.croft("send", to, "1", "--key", alice)  # the first shows the key set
        running = [subprocess.Popen([CROFT, "send", to, "1", "--key", alice], env=self.environment(), stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True) for _ in range(16)]
        ended = [(p.communicate(timeout=120)[1], p.returncode) for p in running]
        self.assertEqual(ended, [("", 0)] * 16)
        self.assertEqual(self.balance(to), 18)

    def test_a_fee_limit_of_zero(self):
        (alice, _), (_, to) = self.key("100"), self.key("1")
        self.refused("send", to, "1", "--fee-max", "0", "--key", alice, code=1, says="fee_max")
        self.assertEqual(self.balance(to), 1)

    def test_a_revoked_key_has_its_own_account_again(self):
        (alice, account), (bob, own) = self.key("100"), self.key("7")
        warned = self.croft("key", "delegate", bob, "--scopes", "all", "--expires", "1d", "--key", alice).stderr
        self.assertIn("7.00 credit", warned)
        self.assertIn(f"--account {own}", warned)
        self.assertEqual(self.json("balance", "--key", bob)["address"], account)
        warned = self.croft("key", "revoke", alice, "--key", bob, "--out", self.file("tx.json")).stderr
        self.assertIn("nobody can change", warned)
        self.croft("key", "revoke", bob, "--key", alice)
        self.assertEqual(self.json("key", "show", bob)["account"], own)
        self.assertEqual(self.json("balance", "--key", bob)["address"], own)

    def test_what_is_printed_can_be_read_back(self):
        """A genesis that is printed makes the same network."""
        genesis = pathlib.Path(self.home, "chain", "genesis.json")
        issuers = json.loads(genesis.read_text())["issuers"]
        self.assertTrue(all("." in i["cap"] and i["asset"] == "credit" for i in issuers))
        elsewhere = os.path.join(self.folder.name, "copy")
        self.croft("chain", "init", "--home", elsewhere, "--genesis", str(genesis))
        self.assertEqual(json.loads(pathlib.Path(elsewhere, "chain", "genesis.json").read_text()), json.loads(genesis.read_text()))
        exported = self.croft("chain", "export").stdout.splitlines()
        amounts = [line["body"]["issue"]["amount"] for line in map(json.loads, exported)
                   if line["type"] == "tx" and line["op"] == "issue"]
        self.assertTrue(all("." in amount for amount in amounts), amounts)

    def test_a_port_in_use_and_the_wrong_chain(self):
        taken = socket.create_server(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        home = os.path.join(self.folder.name, "second")
        self.croft("chain", "init", "--home", home)
        self.refused("chain", "start", "--home", home, "--listen", f"127.0.0.1:{port}", code=3, says="--listen HOST:PORT")
        taken.close()
        wrong = self.refused("chain", "start", "--home", home, "--listen", "foo", code=2, says="no address to listen on")
        self.assertNotIn("warning", wrong.stderr)
        wrong = self.refused("chain", "follow", "unix:" + self.chain.path, "--home", home, code=1, says="WHERE must be")
        self.assertNotIn("--chain", wrong.stderr)
        os.makedirs(os.path.join(home), exist_ok=True)
        pathlib.Path(home, "network").write_text("other " + "ab" * 32 + "\n")
        looked = self.croft("chain", "status", "--home", home)
        self.assertIn('belongs to "other"', looked.stderr)

    def test_daily_caps(self):
        alice, account = self.key("100")
        till, _ = self.key()
        _, to = self.key("1")
        self.croft("key", "delegate", till, "--scopes", "pay", "--cap", "10", "--key", alice)
        self.assertIn("10.00 credit", self.croft("balance", account).stdout)
        self.croft("send", to, "6", "--key", till)
        self.refused("send", to, "6", "--key", till, code=1, says="daily spending cap")
        self.refused("key", "revoke", alice, "--key", till, code=1, says="scope")
        self.assertEqual(self.balance(to), 7)

    def test_an_account_of_several_keys_from_the_start(self):
        (a, _), (b, _), (c, _) = self.key(), self.key(), self.key()
        made = self.json("account", "new", a, b, c, "--threshold", "all=2")
        self.assertEqual(self.json("account", "new", a, b, c, "--threshold", "all=2"), made)
        self.refused("account", "new", a, a, code=2, says="twice")
        self.refused("account", "new", a, b, "--threshold", "pay=3", code=2, says="do not reach")
        self.croft("deposit", made["address"], "10", "--key", "issuer")
        _, to = self.key("1")
        file = self.file("tx.json")
        self.croft("send", to, "4", "--key", b, "--out", file)
        self.assertIn("the account's first", self.croft("tx", "sign", file, "--key", c).stdout)
        self.croft("tx", "send", file)
        self.assertEqual(self.balance(to), 5)
        self.assertEqual(len(self.json("balance", made["address"])["keys"]), 3)

    # -- recovery and closing --

    def test_recovery(self):
        (alice, account), (friend, guardian) = self.key("10"), self.key("10")
        fresh, _ = self.key()
        self.refused("recovery", "start", account, fresh, "--key", friend, code=1, says="not the guardian")
        self.refused("recovery", "guardian", guardian, "--delay", "1m", "--key", alice, code=1, says="time lies outside")
        self.croft("recovery", "guardian", guardian, "--delay", "2d", "--key", alice)
        self.assertIn(f"{guardian}, after 48 hours", self.croft("balance", account).stdout)
        self.assertIn("in 48 hours", self.croft("recovery", "start", account, fresh, "--key", friend).stdout)
        self.assertEqual(self.json("key", "show", fresh)["account"], account)
        for viewer in (account, guardian):
            listed = self.json("recovery", "list", viewer)
            self.assertEqual((listed["account"], listed["guardian"]), (account, guardian))
        self.assertAlmostEqual(listed["due_s"], time.time() + 2 * 86400, delta=60)
        self.refused("account", "close", "--to", guardian, "--key", alice, code=1, says="open records")
        self.croft("recovery", "cancel", "--key", alice)
        self.assertIn("no recovery", self.croft("recovery", "list", account).stdout)
        self.refused("recovery", "cancel", "--key", alice, code=1, says="no such record")
        self.refused("recovery", "wait", account, code=1, says="no recovery")
        self.croft("recovery", "guardian", "none", "--key", alice)
        self.refused("recovery", "guardian", "none", "--delay", "2d", "--key", alice, code=2, says="--delay")
        self.assertNotIn("guardian", self.croft("balance", account).stdout)

    def test_closing(self):
        (old, account), (heir, to) = self.key("10"), self.key("1")
        self.refused("account", "close", "--key", old, code=2, says="--to")
        pending = self.json("send", to, "1", "--pending", "--until", "1d", "--key", old)
        self.refused("account", "close", "--to", to, "--key", old, code=1, says="1 open records")
        self.croft("pending", "void", pending["which"], "--key", heir)
        # Not in the second in which it began: a payment that comes back after two says that those are over.
        held = self.json("send", account, "0.5", "--pending", "--until", "2s", "--key", heir)
        self.wait_for("pending_expired", to, int(held["height"]) + 1)
        self.croft("account", "close", "--to", to, "--key", old)
        self.refused("balance", account, code=1, says="first payment")
        self.assertGreater(self.balance(to), 10.8)

    # -- payments in two halves --

    def test_pending_without_arbiter(self):
        (alice, payer), (bob, payee) = self.key("100"), self.key("1")
        self.refused("send", payee, "5", "--pending", "--key", alice, code=2, says="--until")
        self.refused("send", payee, "5", "--until", "1d", "--key", alice, code=2, says="--pending")
        self.refused("send", payee, "5", "--pending", "--until", "2020-01-01", "--key", alice, code=2, says="has passed")
        self.refused("send", payee, "5", "--pending", "--until", "soon", "--key", alice, code=2, says="2027-01-31")
        held = self.json("send", payee, "5", "--pending", "--until", "1d", "--key", alice)
        mine, theirs = self.json("pending", "list", payer), self.json("pending", "ls", payee)
        self.assertEqual((mine["which"], mine["you_may"], theirs["you_may"]), (held["which"], "post", "void"))
        self.assertEqual((mine["amount"], mine["payee"]), ("5.00", payee))
        self.assertIn(held["which"], self.croft("pending", "list", "--all").stdout)
        self.refused("pending", "post", held["which"], "--key", bob, code=1, says="only the payer")
        self.refused("pending", "void", held["pending"], "--key", alice, code=1, says="comes back to the payer")
        self.refused("pending", "post", held["pending"], "2", "--key", alice, code=2, says="whole 5.00")
        self.refused("pending", "post", held["pending"], "6", "--key", alice, code=2, says="more than")
        self.croft("pending", "post", held["pending"], "--key", alice)
        self.assertEqual(self.balance(payee), 6)
        self.refused("pending", "post", held["pending"], "--key", alice, code=1, says="croft pending list")
        self.refused("pending", "void", "12x", "--key", bob, code=2, says="whole number")
        self.assertIn("no pending", self.croft("pending", "list", payee).stdout)

    def test_pending_with_arbiter(self):
        (alice, payer), (bob, payee), (judge, arbiter) = self.key("100"), self.key("1"), self.key("1")
        held = self.json("send", payee, "5", "--pending", "--until", "30d", "--arbiter", arbiter, "--key", alice)
        self.assertEqual(self.json("pending", "list", arbiter)["you_may"], "post, void")
        self.assertEqual(self.json("pending", "list", payer)["you_may"], "wait")
        self.refused("pending", "post", held["which"], "--key", alice, code=1, says="only the arbiter")
        self.croft("pending", "post", held["which"], "2", "--key", judge)
        self.assertEqual(self.balance(payee), 3)
        held = self.json("send", payee, "5", "--pending", "--until", "30d", "--arbiter", arbiter, "--key", alice)
        self.croft("pending", "void", held["which"], "--key", judge)
        held = self.json("send", payee, "5", "--pending", "--until", "30d", "--arbiter", arbiter, "--key", alice)
        self.croft("pending", "void", held["which"], "--key", bob)
        self.assertAlmostEqual(self.balance(payer), 98, delta=0.1)

    def test_a_pending_payment_comes_back_by_itself(self):
        (alice, payer), (_, payee) = self.key("100"), self.key("1")
        held = self.json("send", payee, "5", "--pending", "--until", "2s", "--key", alice)
        due = self.wait_for("pending_expired", payer, int(held["height"]) + 1)
        self.assertEqual(due["amount"], "5.00")
        history = self.croft("account", "history", payer).stdout.splitlines()
        self.assertIn(f"pending_expired {held['pending']}  5.00", history[0])
        self.assertIn(f"holds 5.00 credit for {payee}", history[1])
        self.assertGreater(self.balance(payer), 99.9)

    # -- issuers --

    def test_issuers(self):
        alice, account = self.key("100")
        bank = self.json("key", "show", "issuer")["address"]
        issuer = self.json("issuer", "list")
        self.assertEqual((issuer["issuer"], issuer["asset"]), (bank, "credit"))
        self.croft("redeem", "10", "--ref", "invoice", "--key", alice)
        self.refused("redeem", "0", "--key", alice, code=2, says="above zero")
        after = self.json("issuer", "list")
        self.assertAlmostEqual(float(issuer["outstanding"]) - float(after["outstanding"]), 10)
        self.assertIn(bank, self.croft("issuer", "list").stdout)
        self.assertIn("TO BE PAID OUT", self.croft("issuer", "list").stdout)
        self.croft("withdraw", "20", "--to", "NL91", "--key", alice)
        which = json.loads(self.croft("withdraw", "--list", "--key", "issuer", "--json").stdout)["which"]
        self.refused("withdraw", "--paid", which, "--quota", "--key", "issuer", code=1, says="leave out --quota")
        self.refused("withdraw", "1", "--to", "x", "--quota", "--key", alice, code=2, says="--paid")
        self.croft("withdraw", "--paid", which, "--key", "issuer")
        self.assertAlmostEqual(self.balance(account), 70, delta=0.1)

    # -- votes --

    def vote(self, *change):
        """Proposes and votes; the one validator carries it out."""
        number = self.json("params", "propose", *change, "--key", "issuer")["proposal"]
        shown = self.json("params", "proposals", number)
        self.assertEqual((shown["yes_power"], shown["votes"]), ("0", []))
        self.croft("params", "vote", number, "yes", "--key", "issuer")
        return shown["change"]

    def test_votes(self):
        bank = self.json("key", "show", "issuer")["address"]
        self.assertEqual(self.vote("cost_create", "21"), "cost_create = 21")
        self.assertEqual(self.json("params")["params"]["cost_create"]["value"], "21")
        key, account = self.key("10")
        public_key = self.json("key", "show", key)["public_key"]
        self.vote("--issuer", account, "--cap", "500")
        self.assertEqual({i["cap"] for i in map(json.loads, self.croft("issuer", "list", "--json").stdout.splitlines())
                          if i["issuer"] == account}, {"500.00"})
        self.vote("--issuer", account, "--cap", "0")
        self.assertIn("protocol 3 from block 90000000 on, release 9.9",
                      self.vote("--protocol", "3", "--at", "90000000", "--release", "9.9"))
        for bad in (["--protocol", "2"], ["--validator", key], ["--validator", key, "--power", "1"], ["--issuer", bank],
                    ["--quota-of", bank], ["--issuer", bank, "--cap", "1", "--change", "{}"], ["cost_create"],
                    ["cost_create", "1", "--quota-of", bank], []):
            self.refused("params", "propose", *bad, "--key", "issuer", code=2, says="croft help params propose")
        self.refused("params", "propose", "cost_create", "22", "--key", key, code=1, says="operator of a validator")
        self.refused("params", "proposals", "1", code=1, says="no open proposal")

        power = int(self.json("validator", "list")["power"])
        self.vote("--validator", key, "--power", str(power), "--operator", account)
        listed = {v["public_key"]: v for v in map(json.loads, self.croft("validator", "list", "--json").stdout.splitlines())}
        self.assertEqual(listed[public_key]["operator"], account)
        number = self.json("params", "propose", "--validator", public_key, "--power", "0", "--key", "issuer")["proposal"]
        self.croft("params", "vote", number, "yes", "--key", "issuer")  # half: not enough
        self.assertIn("goes", self.croft("params", "proposals").stdout)
        shown = self.json("params", "proposals", number)
        self.assertEqual((shown["yes_power"], shown["total_power"]), (str(power), str(2 * power)))
        self.assertEqual((shown["value"], shown["unit"], shown["asset"], shown["subject"]), ("0", "power", None, bank))
        self.assertEqual(shown["votes"], [{"operator": bank, "yes": True, "power": str(power)}])
        self.refused("params", "vote", number, "no", "--key", "issuer", code=1, says="voted on it already")
        self.croft("params", "vote", number, "yes", "--key", key)
        self.assertEqual(self.json("validator", "list")["operator"], bank)

    def test_settling_from_the_quota(self):
        (alice, _), (bob, payee) = self.key("10"), self.key("1")
        self.vote("--quota-of", payee, "--cost", "1000000")
        held = self.json("send", payee, "5", "--pending", "--until", "1d", "--key", alice)
        before = self.balance(payee)
        self.assertEqual(self.json("pending", "void", held["which"], "--quota", "--key", bob)["fee"], "0.00")
        self.assertEqual(self.balance(payee), before)

    # -- history --

    def test_history(self):
        (alice, account), (_, to) = self.key("100"), self.key("1")
        ids = [self.json("send", to, str(i + 1), "--key", alice)["id"] for i in range(5)]
        events = [json.loads(line) for line in self.croft("account", "history", account, "--json").stdout.splitlines()]
        self.assertEqual([e["id"] for e in events[:5]], ids[::-1])
        self.assertEqual(len(events), 6)  # the deposit too
        some = self.croft("account", "history", "--key", alice, "--limit", "2")
        self.assertEqual(len(some.stdout.splitlines()), 2)
        self.assertIn(f"pays 5.00 credit to {to}", some.stdout)
        self.assertIn("--limit", some.stderr)
        theirs = self.croft("account", "history", to).stdout.splitlines()
        self.assertIn(f"{account} pays 5.00 credit to {to}", theirs[0])
        later = self.croft("account", "history", to, "--from", str(int(events[1]["height"]))).stdout.splitlines()
        self.assertEqual(len(later), 2)
        _, nobody = self.key()
        self.assertIn("nothing happened", self.croft("account", "history", nobody).stdout)
        self.refused("account", "history", to, "--from", "0", code=2, says="1 or more")
        self.refused("account", "history", to, "--limit", "x", code=2, says="whole number")

    def test_history_over_many_blocks(self):
        """More than one window of blocks; a list is one transaction, so the blocks are made by single payments."""
        (alice, _), (_, to) = self.key("100"), self.key("1")
        first = int(self.json("chain", "status")["height"])
        while int(self.json("chain", "status")["height"]) < first + 110:
            for _ in range(10):
                self.croft("deposit", to, "0.01", "--key", "issuer")
        history = self.croft("account", "history", to, "--limit", "0", "--json").stdout.splitlines()
        heights = [int(json.loads(line)["height"]) for line in history]
        self.assertEqual(heights, sorted(set(heights), reverse=True))
        self.assertEqual(len(heights), 111)


if __name__ == "__main__":
    CROFT = os.path.abspath(sys.argv.pop(1) if len(sys.argv) > 1 else "build/dev/croft")
    unittest.main()
