#!/usr/bin/env python3
"""cli_test.py CROFT - runs the built program: help, keys, errors, exit codes, and the verbs against a fake chain.

The fake chain speaks the chain API (proto/croft/v1/chain.proto) on a unix socket and knows one account, whose record it
writes by the layout of src/wire/record.c.  Needs nothing but Python's standard library.
"""
import hashlib
import json
import os
import pathlib
import pty
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
REPLAY, NOT_FOUND, FUNDS = 208, 5, 300


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
        self.bodies, self.code, self.cut_after, self.drop_submit = [], 0, 0, False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(8)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                conn = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

    def close(self):
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
        return (bytes([1, 0]) + bytes(7) + struct.pack("<QQQQQ", self.balance, 0, 10_000_000, 0, 1_700_000_000 << 20)
                + bytes(32) + struct.pack("<QQQI", 0, 0, 0, 0))

    def query(self, q):
        table, key, after = one(q, 1, 0), one(q, 2), one(q, 4)
        records = []
        if table == ACCOUNT_TABLE and key in self.accounts:
            records = [(key, self.account_record())]
        elif table == PARAM_TABLE and not after:
            records = [(b"\0\7", b"\1" + struct.pack("<Q", 41))]
        elif table == ISSUER_TABLE and not after:
            records = [(bytes([9]) * 32 + b"\0", b"\1" + struct.pack("<QQQ", 1, 1, 1))]
        elif table == WITHDRAWAL_TABLE and not after:
            value = (b"\1\0\4" + struct.pack("<QQQ", 2_500_000_000, 0, 1_700_000_000) + bytes([9]) * 32
                     + b"IBAN".ljust(64, b"\0"))
            records = [(a + struct.pack(">Q", 77), value) for a in self.accounts]
        return field(6, field(1, self.height) + field(2, bytes(32))
                     + b"".join(field(3, field(1, k) + field(2, v)) for k, v in records))

    def events(self, start):
        for height in range(start, self.height + 1):
            if self.cut_after and height == start + self.cut_after:
                raise EOFError
            body = (field(1, 1) + field(2, bytes([8]) * 32) + field(3, height) + field(10, field(
                1, field(1, bytes([5]) * 32) + field(3, 1_500_000_000))))
            due = field(5, field(1, 2) + field(2, bytes([5]) * 40) + field(3, 7))
            yield field(7, field(1, height) + field(2, 1_700_000_000_000) + due
                        + field(4, field(1, self.tx_id(body)) + field(2, field(1, body)) + field(4, 1000)))


# ---- the tests ----

class CliTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="croft-cli-")
        self.home = os.path.join(self.folder.name, "home")
        self.chain = None

    def tearDown(self):
        if self.chain:
            self.chain.close()
        self.folder.cleanup()

    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith("CROFT_")}
        env.update(CROFT_HOME=self.home, LC_ALL="C.UTF-8")
        if self.chain:
            env["CROFT_CHAIN"] = "unix:" + self.chain.path
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

    def test_usage_errors(self):
        self.refused("sned", code=2, says="did you mean: croft send")
        self.refused("key", "nwe", code=2, says="did you mean: croft key new")
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
        self.assertIn("_croft", self.croft("completion", "zsh").stdout)
        self.refused("completion", "fish", code=2, says="bash and zsh")

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
        self.assertEqual(self.json("params")["params"]["cost_signature"], "41")
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
        self.assertIn("amount=1.50", self.croft("tx", "show", done["id"]).stdout)
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
        self.assertEqual(self.chain.bodies, [])
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

    def test_send_file(self):
        self.start_chain("alice")
        file = pathlib.Path(self.folder.name, "payments.csv")
        lines = [f"{bech32m('croft', bytes([i % 250 + 2]) * 32)},0.5" for i in range(1000)]
        file.write_text("address,amount\n" + "\n".join(lines) + "\n")
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
        self.croft("withdraw", "--paid", which)
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
        self.assertEqual(self.json("key", "show", "rig")["address"], account)
        self.assertNotEqual(rig["address"], account)
        self.croft("key", "revoke", "3", "--key", "alice")
        self.assertEqual(one(parse(one(self.last_body(), 31)), 1), 3)
        self.refused("key", "revoke", "rig", "--key", "alice", code=1, says="no such key")
        self.json("key", "new", "alice2", "--no-passphrase")
        self.croft("key", "rotate", "alice2", "--key", "alice")
        self.assertEqual(self.json("key", "show", "alice2")["address"], account)
        self.refused("key", "rotate", "alice", "--key", "alice", code=2, says="old one")

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


if __name__ == "__main__":
    CROFT = os.path.abspath(sys.argv.pop(1) if len(sys.argv) > 1 else "build/dev/croft")
    unittest.main()
