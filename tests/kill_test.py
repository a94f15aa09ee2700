#!/usr/bin/env python3
"""kill_test.py CROFT [--rounds N] - kill -9 of a real chain under load, at random instants.

Each round starts the chain, lets accounts pay as fast as they are answered, and kills the chain; some rounds kill it while
it starts, and some kill it twice.  After every restart the chain must have each payment that was acknowledged exactly
once, at the place it was acknowledged with, and no transaction twice.  At the end the whole chain must verify, and
the balances must be what its transactions add up to.  Prints one JSON object with counts.

CROFT_TEST_SEED repeats the instants; what runs at them is up to the machine.
"""
import argparse
import decimal
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PAYERS = ("alice", "bob")
START_TIMEOUT_S, STOP_TIMEOUT_S = 60, 60


class Failure(Exception):
    pass


class Chain:
    def __init__(self, croft, home):
        self.croft, self.home = croft, home
        self.log = open(home.parent / "chain.log", "ab")
        self.process = None

    def run(self, *args):
        done = subprocess.run([self.croft, *args, "--home", self.home, "--json"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"croft {' '.join(args)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def value(self, *args):
        return json.loads(self.run(*args))

    def spawn(self):
        self.process = subprocess.Popen([self.croft, "chain", "start", "--home", self.home, "--json"],
                                        stdout=subprocess.PIPE, stderr=self.log)

    def start(self):
        """Returns once the chain says that it serves."""
        self.spawn()
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(STOP_TIMEOUT_S)
            raise Failure(f"the chain did not start again: see {self.log.name}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(STOP_TIMEOUT_S)
        self.process.stdout.close()
        if code != 0:
            raise Failure(f"a clean stop ended with {code}: see {self.log.name}")


class Payer:
    """One account under way, and the file in which each of its acknowledged payments is a line."""

    def __init__(self, chain, name, to, batch, folder):
        self.path = folder / f"{name}.acks"
        self.out = open(self.path, "wb")
        self.errors = open(folder / f"{name}.err", "wb")
        self.process = subprocess.Popen([chain.croft, "bench", "pay", to, "--key", name, "--batch", str(batch),
                                         "--home", chain.home, "--json"], stdout=self.out, stderr=self.errors)

    def end(self):
        """The acknowledged payments: (id, height, index)."""
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure("a payer did not notice that the chain is gone") from None
        self.out.close()
        self.errors.close()
        acks = []
        for line in self.path.read_text().splitlines():
            ack = json.loads(line)
            acks.append((ack["id"], int(ack["height"]), ack["index"]))
        return acks


class Books:
    """What the blocks say, against what was acknowledged."""

    def __init__(self):
        self.place, self.height = {}, 0
        self.acknowledged = 0
        self.balance = {}

    def read(self, chain):
        text = chain.run("chain", "export", "--from", str(self.height + 1))
        for line in text.splitlines():
            entry = json.loads(line)
            if entry["type"] == "block":
                self.take_block(entry)
            elif entry["type"] == "tx":
                self.take_tx(entry)

    def take_block(self, entry):
        height = int(entry["height"])
        if height != self.height + 1:
            raise Failure(f"block {height} comes after {self.height}")
        self.height = height

    def take_tx(self, entry):
        if entry["id"] in self.place:
            raise Failure(f"transaction {entry['id']} is applied twice: {self.place[entry['id']]} and {entry['height']}")
        self.place[entry["id"]] = (int(entry["height"]), entry["index"])
        payer = entry["body"]["account_address"]
        self.add(payer, -decimal.Decimal(entry["fee"]))
        if entry["op"] == "transfer" and entry["code"] == 0:
            for leg in entry["body"]["transfer"]["legs"]:
                amount = decimal.Decimal(leg["amount"])
                self.add(payer, -amount)
                self.add(leg["to_address"], amount)

    def add(self, address, amount):
        self.balance[address] = self.balance.get(address, decimal.Decimal(0)) + amount

    def check(self, acks):
        for tx_id, height, index in acks:
            if tx_id not in self.place:
                raise Failure(f"transaction {tx_id} was acknowledged in block {height} and is gone")
            if self.place[tx_id] != (height, index):
                raise Failure(f"transaction {tx_id} was acknowledged at {(height, index)} and is at {self.place[tx_id]}")
        self.acknowledged += len(acks)


def balance_of(chain, address):
    return decimal.Decimal(chain.value("balance", address)["balance_credit"])


def set_up(chain):
    """Accounts with money; their addresses.  From here on only payments between them change balances."""
    chain.run("chain", "init", "--name", "kill")
    chain.start()
    address = {}
    for name in (*PAYERS, "sink"):
        address[name] = chain.value("key", "new", name, "--no-passphrase")["address"]
        chain.run("deposit", address[name], "500", "--from-issuer", "issuer")
    return address


def one_round(chain, books, address, rng, folder, counts):
    payers = [Payer(chain, name, address["sink"], rng.choice((1, 7, 50, 200)), folder) for name in PAYERS]
    time.sleep(rng.choice((rng.uniform(0, 0.05), rng.uniform(0, 0.5), rng.uniform(0.2, 1.5))))
    chain.kill()
    counts["kills"] += 1
    acks = [ack for payer in payers for ack in payer.end()]
    while rng.random() < 0.25:
        chain.spawn()
        time.sleep(rng.uniform(0, 0.15))
        chain.kill()
        counts["kills_while_starting"] += 1
    chain.start()
    books.read(chain)
    books.check(acks)
    counts["rounds_with_acks"] += bool(acks)


def finish(chain, books, address, before, counts):
    for name, start in before.items():
        want, got = start + books.balance.get(address[name], 0), balance_of(chain, address[name])
        if want != got:
            raise Failure(f"{name} has {got}, its transactions add up to {want}")
    chain.stop()
    verified = chain.value("chain", "verify")
    if int(verified["last"]) != books.height or int(verified["txs"]) != len(books.place):
        raise Failure(f"verify saw {verified}, the export {books.height} blocks with {len(books.place)} transactions")
    counts.update(blocks=books.height, transactions=len(books.place), acknowledged=books.acknowledged,
                  lost=0, applied_twice=0, balances_checked=len(before))


def run(croft, rounds, seed, folder):
    rng = random.Random(seed)
    counts = {"test": "kill", "seed": seed, "rounds": rounds, "kills": 0, "kills_while_starting": 0, "rounds_with_acks": 0}
    chain, books = Chain(croft, folder / "home"), Books()
    try:
        address = set_up(chain)
        books.read(chain)
        before = {name: balance_of(chain, address[name]) for name in address}
        books.balance.clear()
        for number in range(rounds):
            one_round(chain, books, address, rng, folder, counts)
            print(f"\rround {number + 1} of {rounds}: {books.acknowledged} acknowledged, all there", end="", file=sys.stderr)
        print(file=sys.stderr)
        finish(chain, books, address, before, counts)
    finally:
        if chain.process is not None and chain.process.poll() is None:
            chain.kill()
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("croft")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    seed = int(os.environ.get("CROFT_TEST_SEED") or random.SystemRandom().getrandbits(32))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="croft-kill-"))
    try:
        print(json.dumps(run(str(pathlib.Path(args.croft).resolve()), args.rounds, seed, folder)))
    except Failure as failure:
        print(json.dumps({"test": "kill", "seed": seed, "failed": str(failure), "folder": str(folder)}))
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
