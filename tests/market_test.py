#!/usr/bin/env python3
"""market_test.py CROFT - the market's verbs as people use them, against a chain that really runs.

A provider admits a node, the node offers a device, a buyer takes it, vouchers are signed and settled, and the money adds
up; the same for a batch and an auction; wrong input of each verb is refused before anything is sent.  Needs nothing but
Python's standard library.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from decimal import Decimal

import cli_test
from cli_test import Program, RealChain

SEAL = "11" * 32
GPU = "kind=gpu,vendor=nvidia,model=rtx4090,interface=pcie,gpus=1,vram_mib=24564"
HOUR = Decimal(3600)
UNIT = Decimal("0.000000001")


def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def root(leaves):
    """RFC 6962, plainly."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


class Market(Program):
    """A chain, and what its people do again and again."""
    token = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="croft-market-")
        if cls.token:
            env = {k: v for k, v in os.environ.items() if not k.startswith("CROFT_")}
            home = os.path.join(cls.folder.name, "home")
            subprocess.run([cli_test.CROFT, "chain", "init", "--home", home, "--token", cls.token], env=env, check=True,
                           capture_output=True)
        cls.chain = RealChain(cls.folder.name, made=bool(cls.token))
        cls.home, cls.count = cls.chain.home, 0

    @classmethod
    def tearDownClass(cls):
        try:
            cls.chain.close()
        finally:
            cls.folder.cleanup()

    def lines(self, *args):
        return [json.loads(line) for line in self.croft(*args, "--json").stdout.splitlines()]

    def file(self, name, text=None):
        type(self).count += 1
        path = os.path.join(self.folder.name, f"{self.count}-{name}")
        if text is not None:
            with open(path, "w", encoding="utf8") as f:
                f.write(text)
        return path

    def key(self, credits="100"):
        type(self).count += 1
        name = f"key{self.count}"
        address = self.json("key", "new", name, "--no-passphrase")["address"]
        if credits:
            self.croft("deposit", address, credits, "--key", "issuer")
        return name, address

    def credits(self, address, asset="credit"):
        return Decimal(self.json("balance", address)["balance_" + asset])

    def node(self, price="3/h", *more):
        """A provider with one node that offers device 0: the two keys and the node's address."""
        (owner, _), (node, address) = self.key(), self.key()
        self.croft("node", "admit", address, "--key", owner)
        self.croft("node", "set", "--country", "DE", "--seal-key", SEAL, "--attributes", "cuda=12,area=eu", "--key", node)
        self.croft("offer", "post", "0", "--hardware", GPU, "--price", price, "--key", node, *more)
        return owner, node, address

    def order(self, key, amount, *args):
        return self.json("order", "open", amount, "--key", key, *args)["which"]

    def wait_until(self, what, seconds=30):
        end = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), end, "it did not happen in time")
            time.sleep(0.2)

    def gone(self, *args):
        return subprocess.run([cli_test.CROFT, *args], env=self.environment(), capture_output=True).returncode == 1


class LeaseTest(Market):
    def test_a_lease_from_offer_to_pay(self):
        owner, node, address = self.node("3/h")
        buyer, payer = self.key()
        provider = self.json("key", "show", owner)["address"]
        before, paid_before = self.credits(provider), self.credits(payer)
        opened = self.json("order", "open", "10", "--price-max", "4/h", "--take", f"{address}:0", "--key", buyer)
        order = opened["which"]
        self.assertEqual(opened["takes"], 1)
        lease = order + ":1"
        self.assertEqual(self.json("lease", "show", lease)["state_text"], "taken")
        self.refused("offer", "post", "0", "--price", "2/h", "--key", node, code=1, says="state")
        self.json("lease", "ack", lease, "--key", node, "--quota")
        voucher = self.file("voucher.json")
        for _ in range(3):
            time.sleep(1.1)
            self.croft("voucher", "sign", lease, "--out", voucher, "--key", buyer)
            self.assertIn("holds on this network", self.croft("voucher", "show", voucher).stdout)
            self.assertEqual(self.json("lease", "settle", voucher, "--key", node, "--quota")["fee"], "0.00")
        self.refused("lease", "settle", voucher, "--key", node, "--quota", code=1, says="later voucher")
        shown = self.json("lease", "show", lease, "--prove")
        units = int(shown["units"])
        pay = (3 / HOUR * units).quantize(UNIT, rounding="ROUND_DOWN")
        self.assertGreaterEqual(units, 3)
        self.assertEqual((shown["state_text"], Decimal(shown["paid"])), ("running", pay))
        fee = (pay * 20000 / 1000000).quantize(UNIT, rounding="ROUND_DOWN")
        self.assertEqual(self.credits(provider), before + pay - fee)

        self.croft("lease", "stop", lease, "--key", buyer)
        self.assertEqual(self.json("lease", "show", lease)["state_text"], "ending")
        self.croft("lease", "settle", self.sign_last(lease, buyer), "--key", node, code=0)
        self.croft("order", "close", order, "--key", buyer)
        # What ended leases may still claim stays until the settlement window is over; the rest is back at once.
        left = self.json("order", "show", order)
        spent = paid_before - self.credits(payer) - Decimal(left["balance"])
        self.assertEqual(left["state_text"], "closing")
        fees = spent - Decimal(self.json("lease", "show", lease)["paid"]) - Decimal("0.01")
        self.assertTrue(0 < fees < Decimal("0.001"), fees)

    def sign_last(self, lease, buyer):
        """Vouches for all time up to the lease's end."""
        path = self.file("last.json")
        time.sleep(1.1)
        self.croft("voucher", "sign", lease, "--out", path, "--key", buyer)
        return path

    def test_a_node_that_stops_is_paid_up_to_its_voucher(self):
        _, node, address = self.node("3.6/h")
        buyer, _ = self.key()
        order = self.order(buyer, "10", "--price-max", "4/h", "--take", f"{address}:0:4/h", "--tail", "0s", "--once")
        lease = order + ":1"
        self.croft("lease", "ack", lease, "--key", node)
        time.sleep(2)
        voucher = self.file("v.json")
        self.croft("voucher", "sign", lease, "--out", voucher, "--key", buyer)
        self.croft("lease", "stop", lease, "--voucher", voucher, "--result", "ab" * 32, "--key", node)
        self.wait_until(lambda: self.gone("order", "show", order))  # once: the order went with its last lease
        self.assertEqual(self.json("offer", "show", f"{address}:0")["state_text"], "listed")

    def test_auto_takes_the_cheapest_that_fits(self):
        cheap, middle, dear = self.node("0.5/h"), self.node("1/h"), self.node("2/h")
        for _, node, _ in (cheap, middle, dear):
            self.croft("node", "set", "--attributes", "cuda=12,lot=auto", "--key", node)
        self.croft("node", "set", "--country", "FR", "--key", cheap[1])
        buyer, _ = self.key()
        order = self.order(buyer, "5", "--price-max", "1.5/h", "--auto", "--require",
                           "model=rtx40*;vram_mib=20000..;country=DE;attribute=lot=a*")
        leases = self.lines("lease", "ls", order)
        self.assertEqual([(x["node"], x["price"]) for x in leases], [(middle[2], "1.00")])
        wish = self.order(buyer, "5", "--price-max", "1.5/h")
        told = self.json("explain", wish, f"{dear[2]}:0")
        self.assertEqual((told["fits"], told["first_failed"]), (False, "price at most 1.50/h"))
        self.assertTrue(self.json("explain", wish, f"{cheap[2]}:0")["fits"])
        self.assertEqual(self.json("explain", wish, middle[2])["state"], "leased")
        _, _, bold = self.node("9/h")  # an hour of it is more than a provider without stake may have at risk
        rich = self.order(buyer, "20", "--price-max", "10/h")
        self.assertIn("at risk", self.json("explain", rich, f"{bold}:0")["first_failed"])
        self.croft("order", "close", rich, "--key", buyer)
        text = self.croft("explain", wish, "--require", "model=h100").stdout
        self.assertIn("price at most 1.50/h", text)
        self.assertIn("model=h100", text)
        counted = self.lines("explain", wish)[0]
        failed = sum(t["first_failed"] for t in counted["tests"])
        self.assertEqual(counted["fit"] + failed, counted["offers"])
        self.refused("order", "take", wish, "--auto", "--require", "model=h100", "--key", buyer, code=1,
                     says="no free offer fits")
        self.croft("order", "take", wish, "--auto", "--require", "country=FR", "--key", buyer)
        self.assertEqual(self.lines("lease", "ls", wish)[0]["node"], cheap[2])
        for which in (order, wish):
            self.croft("order", "close", which, "--key", buyer)

    def test_calls_notices_and_top_ups(self):
        _, node, address = self.node("3/h", "--notice", "0s")
        buyer, _ = self.key()
        order = self.order(buyer, "1", "--price-max", "3/h", "--take", f"{address}:0")
        lease = order + ":1"
        self.croft("lease", "ack", lease, "--key", node)
        self.refused("lease", "call", lease, "--key", buyer, code=1, says="state")
        time.sleep(1.1)
        self.croft("lease", "settle", self.sign_last(lease, buyer), "--key", node)
        self.croft("lease", "call", lease, "--key", buyer)
        self.assertGreater(self.json("lease", "show", lease)["call_by_s"], time.time())
        self.croft("lease", "ack", lease, "--key", node)
        self.assertEqual(self.json("lease", "show", lease)["call_by_s"], 0)
        free = Decimal(self.json("order", "show", order)["free"])
        self.croft("order", "fund", order, "2", "--key", "issuer")
        self.assertGreater(Decimal(self.json("order", "show", order)["free"]), free + 1)
        self.croft("lease", "notice", lease, "1h", "--key", node)
        self.assertGreater(self.json("lease", "show", lease)["end_s"], time.time() + 3000)
        self.croft("order", "close", order, "--key", buyer)

    def test_stake_classes_claims_and_the_market_at_a_glance(self):
        owner, node, address = self.node("0.4/h")
        operator, _ = self.key()
        number = str(300 + self.count)
        self.refused("offer", "post", "0", "--services", "firm", "--price", "0.4/h", "--key", node, code=1, says="stake")
        self.croft("stake", "lock", "5", "--key", owner)
        self.croft("class", "set", number, "--name", "rtx4090", "--hardware", "kind=gpu,model=rtx4090", "--price", "0.5/h",
                   "--policy", "oldest_first", "--key", operator)
        self.croft("offer", "post", "0", "--services", "spot+firm", "--class", number, "--key", node)
        self.assertEqual(Decimal(self.json("stake", "show", "--key", owner)["locked"]), Decimal("0.5"))
        row = [r for r in self.lines("market", "ls") if str(r["class"]) == number]
        self.assertEqual([(r["name"], r["listed"], r["cheapest_second"]) for r in row], [("rtx4090", 1, "0.50")])
        self.assertIn("0.50/h", self.croft("market", "ls").stdout)
        buyer, _ = self.key()
        order = self.order(buyer, "3", "--price-max", "0.5/h", "--class", number)
        self.assertEqual(self.json("class", "show", number)["waiting"], 1)
        self.assertEqual([r["waiting"] for r in self.lines("market", "ls") if str(r["class"]) == number], [1])
        self.croft("lease", "take", order, "0", "--key", node)
        self.assertEqual(self.json("lease", "show", order + ":1")["price"], "0.50")
        self.croft("order", "close", order, "--key", buyer)
        auditor, _ = self.key()
        self.croft("claim", "set", address, "--claims", "country+ecc", "--country", "DE", "--until", "30d", "--key", auditor)
        self.assertEqual(self.lines("claim", "ls", address)[0]["claims_text"], "country+ecc")
        self.croft("claim", "set", address, "--revoke", "--key", auditor)
        self.assertEqual(self.lines("claim", "ls", address), [])
        self.croft("class", "set", number, "--price", "0.6/h", "--key", operator)
        self.assertEqual((self.json("class", "show", number)["price"], self.json("class", "show", number)["name"]),
                         ("0.60", "rtx4090"))
        self.assertEqual([n["which"] for n in self.lines("node", "ls", "--key", owner)], [address])
        self.assertEqual(self.json("provider", "show", "--key", owner, "--prove")["nodes"], 1)
        load = self.json("net", "load")
        self.assertGreater(load["blocks"], 0)
        self.assertEqual(load["blocks_24h"], int(load["height"]))  # the chain is younger than a day
        self.assertGreater(load["offers_listed"], 0)

    def test_a_gang_is_whole_or_nothing(self):
        nodes = [self.node("0.5/h"), self.node("0.5/h")]
        buyer, _ = self.key()
        offers = ",".join(f"{address}:0" for _, _, address in nodes)
        self.refused("order", "open", "5", "--price-max", "0.5/h", "--gang", "--count", "3", "--take", offers, "--key", buyer,
                     code=1, says="too few")
        order = self.order(buyer, "5", "--price-max", "0.5/h", "--gang", "--count", "2", "--take", offers)
        self.assertEqual({lease["node"] for lease in self.lines("lease", "ls", order)}, {n[2] for n in nodes})
        self.assertEqual(self.json("order", "show", order)["state_text"], "full")
        self.croft("order", "close", order, "--key", buyer)

    def test_another_key_vouches(self):
        """The buyer's key opens and closes; a key without an account of its own signs what was served."""
        _, node, address = self.node("3/h")
        (buyer, _), (voucher, _) = self.key(), self.key(None)
        order = self.order(buyer, "5", "--price-max", "3/h", "--take", f"{address}:0", "--voucher-key", voucher,
                           "--voucher-cap", "0.001")
        lease = order + ":1"
        self.croft("lease", "ack", lease, "--key", node)
        time.sleep(3)
        path = self.sign_last(lease, buyer)
        key = json.loads(open(path, encoding="utf8").read())["public_key"]
        self.assertEqual(key, self.json("key", "show", voucher)["public_key"])
        self.croft("lease", "settle", path, "--key", node)
        self.assertEqual(self.json("order", "show", order)["voucher_paid"], "0.001")  # no more than the cap
        self.refused("voucher", "sign", lease, "--served-until", "1", code=2, says="signed already")
        self.refused("voucher", "sign", lease, "--seq", "1", code=2, says="settled")
        forged = json.loads(open(path, encoding="utf8").read())
        forged["units"] = "9" + forged["units"]
        bad = self.file("forged.json", json.dumps(forged))
        self.refused("voucher", "show", bad, code=1, says="does not hold")
        self.refused("lease", "settle", bad, "--key", node, code=1, says="refused")
        self.croft("order", "close", order, "--key", buyer)

    def test_tokens_are_paid_by_their_count(self):
        owner, node, address = self.node("2/Mtok")
        buyer, _ = self.key()
        order = self.order(buyer, "5", "--price-max", "2/Mtok", "--units-max", "1000000", "--take", f"{address}:0")
        lease = order + ":1"
        self.assertEqual(Decimal(self.json("order", "show", order)["aside"]), 2)
        self.croft("lease", "ack", lease, "--key", node)
        self.refused("voucher", "sign", lease, code=2, says="--units N")
        for units, paid in ((250000, "0.50"), (500001, "1.000002")):
            path = self.file("tokens.json")
            time.sleep(1.1)
            self.croft("voucher", "sign", lease, "--units", str(units), "--out", path)
            self.croft("lease", "settle", path, "--key", node)
            self.assertEqual(self.json("lease", "show", lease)["paid"], paid)
        path = self.file("more.json")
        self.croft("voucher", "sign", lease, "--units", "1000001", "--out", path)
        self.refused("lease", "settle", path, "--key", node, code=1, says="failed")
        self.croft("order", "fund", order, "1", "--lease", "1", "--key", buyer)
        self.croft("lease", "settle", path, "--key", node)
        self.croft("order", "close", order, "--key", buyer)

    def test_a_broken_promise_costs_stake(self):
        owner, node, address = self.node("3.6/h")
        self.croft("stake", "lock", "10", "--key", owner)
        self.croft("offer", "post", "0", "--services", "firm", "--key", node)
        buyer, _ = self.key()
        order = self.order(buyer, "8", "--price-max", "3.6/h", "--firm", "1h", "--take", f"{address}:0")
        lease = order + ":1"
        self.croft("lease", "ack", lease, "--key", node)
        time.sleep(1.1)
        self.croft("lease", "settle", self.sign_last(lease, buyer), "--key", node)
        self.croft("lease", "stop", lease, "--key", node)
        left = Decimal(self.json("stake", "show", "--key", owner)["stake"])
        self.assertTrue(Decimal("6.4") <= left < Decimal("6.5"), left)  # nearly an hour was left of the promise
        self.croft("order", "close", order, "--key", buyer)

    def test_a_vote_gives_a_class(self):
        operator, address = self.key()
        self.refused("class", "set", "7", "--name", "voted", "--key", operator, code=1, says="failed")
        number = self.json("params", "propose", "--class", "7", "--operator", address, "--key", "issuer")["proposal"]
        self.assertIn("class 7 is operated by " + address, self.croft("params", "proposals", number).stdout)
        self.croft("params", "vote", number, "yes", "--key", "issuer")
        self.croft("class", "set", "7", "--name", "voted", "--hardware", "kind=cpu,cores=8", "--key", operator)
        self.assertEqual(self.json("class", "show", "7")["name"], "voted")
        self.refused("params", "propose", "--class", "300", "--operator", address, "--key", "issuer", code=2, says="anybody's")

    def test_z_all_money_is_somewhere(self):
        """After all that: what accounts have, people's and the network's, is what was issued."""
        people = {k["account"] for k in self.json("key", "list")}
        network = [cli_test.bech32m("croft", bytes(31) + bytes([n])) for n in range(1, 8)]
        total = sum(self.credits(a) for a in [*sorted(people), *network] if self.has_account(a))
        self.assertEqual(total, sum(Decimal(i["outstanding"]) for i in self.lines("issuer", "list") if i["asset"] == "credit"))
        self.assertGreater(self.credits(network[0]), 0)  # fees

    def has_account(self, address):
        return not self.gone("balance", address)

    def test_leaving(self):
        owner, node, address = self.node()
        self.refused("provider", "leave", "--key", owner, code=1, says="open records")
        self.croft("offer", "withdraw", "0", "--remove", "--key", node)
        self.croft("node", "remove", address, "--key", owner)
        self.croft("provider", "leave", "--key", owner)
        self.refused("provider", "show", "--key", owner, code=1, says="no provider")
        self.refused("node", "show", address, code=1, says="no node")

    def test_a_market_operation_signed_later(self):
        """A file for several signatures tells the operation whole."""
        owner, _ = self.key()
        draft = self.file("stake.json")
        self.croft("stake", "lock", "7.5", "--key", owner, "--out", draft)
        told = self.croft("tx", "show", draft).stdout
        self.assertIn("locks credits of the account as stake", told)
        self.assertIn("amount 7.50", told)
        node = self.node()[1]
        about = self.file("node.json")
        self.croft("node", "set", "--country", "FR", "--attributes", "b=2,a=1", "--key", node, "--out", about)
        told = self.croft("tx", "show", about).stdout
        self.assertIn("country FR", told)
        self.assertIn("attributes a=1 b=2", told)
        self.croft("tx", "send", draft)
        self.assertEqual(self.json("stake", "show", "--key", owner)["stake"], "7.50")


class AdviseTest(Market):
    def test_prices_of_this_network_come_from_its_chain(self):
        for price in ("0.30/h", "0.40/h", "0.50/h"):
            _, _, address = self.node(price)
        buyer, _ = self.key()
        order = self.order(buyer, "2", "--price-max", "0.50/h", "--take", f"{address}:0")
        ask = ("advise", "--gpu", "rtx4090", "--network", "croft", "--watts", "500", "--idle-watts", "90", "--paths", "500",
               "--country", "Germany")
        report = self.json(*ask)
        network = report["networks"][0]
        text = json.dumps(report["sources"])
        # Two are listed: the lower of the middle ones is the median, and two per cent are the market's.
        self.assertAlmostEqual(network["rate"]["taken"]["value"], 0.30 * 0.98, places=6)
        self.assertAlmostEqual(network["inputs"]["utilisation"]["value"], 1 / 3, places=4)
        self.assertIn("this network's chain (dev)", text)
        self.assertIn("1 of 3 devices are leased", text)
        self.assertEqual(self.json(*ask, "--date", "2026-11-22")["networks"][0]["rate"]["taken"]["value"],
                         network["rate"]["taken"]["value"])
        own = self.json(*ask, "--croft-rate", "0.9", "--utilisation", "croft=50%")["networks"][0]
        self.assertAlmostEqual(own["rate"]["taken"]["value"], 0.9, places=6)
        self.assertAlmostEqual(own["inputs"]["utilisation"]["value"], 0.5, places=6)
        self.refused(*ask, "--chain", "unix:/nowhere/api.sock", code=3, says="nowhere")
        self.croft("order", "close", order, "--key", buyer)


class BatchTest(Market):
    def batch(self, tasks, *more):
        owner, node, address = self.node("0.01/frame")
        buyer, _ = self.key()
        text = "".join(f"frame {i}\n" for i in range(tasks))
        order = self.order(buyer, "5", "--price-max", "0.01/task", "--tasks", self.file("tasks", text), *more)
        shown = self.json("order", "show", order)
        self.assertEqual(shown["batch"]["task_count"], tasks)
        self.assertEqual(shown["batch"]["task_root"], root([leaf(f"frame {i}".encode()) for i in range(tasks)]).hex())
        return owner, node, buyer, order

    def results(self, count):
        return self.file("results", "".join(hashlib.sha256(bytes([i])).hexdigest() + "\n" for i in range(count)))

    def test_a_batch_is_paid_when_it_is_accepted(self):
        owner, node, buyer, order = self.batch(5)
        provider = self.json("key", "show", owner)["address"]
        before = self.credits(provider)
        self.croft("lease", "take", order, "0", "--tasks", "0+3", "--key", node)
        lease = order + ":1"
        self.croft("lease", "commit", lease, "--results", self.results(3), "--key", node)
        committed = self.json("lease", "show", lease)
        self.assertEqual(committed["state_text"], "committed")
        self.assertEqual(committed["digest"], root([leaf(hashlib.sha256(bytes([i])).digest()) for i in range(3)]).hex())
        self.croft("task", "review", lease, "--accept", "--key", buyer)
        self.assertEqual(self.credits(provider), before + Decimal("0.03") * Decimal("0.98"))
        self.assertEqual(self.json("order", "show", order)["batch"]["done"], 3)
        self.croft("order", "close", order, "--key", buyer)

    def test_a_rejection_is_judged(self):
        arbiter, address = self.key()
        owner, node, buyer, order = self.batch(4, "--arbiter", address)
        self.croft("lease", "take", order, "0", "--tasks", "0+4", "--key", node)
        lease = order + ":1"
        self.croft("lease", "commit", lease, "--results", self.results(4), "--key", node)
        self.croft("task", "review", lease, "--reject", "1,3", "--key", buyer)
        self.assertEqual(self.json("lease", "show", lease)["rejected"], 2)
        self.croft("task", "contest", lease, "--key", node)
        self.croft("task", "judge", lease, "--upheld", "--key", arbiter)
        self.assertEqual(self.json("order", "show", order)["batch"], {**self.json("order", "show", order)["batch"],
                                                                      "open": 2, "done": 2})
        self.croft("order", "close", order, "--key", buyer)


class AuctionTest(Market):
    def test_the_lowest_bid_wins(self):
        low, high = self.node("3/h"), self.node("3/h")
        buyer, _ = self.key()
        order = self.order(buyer, "10", "--price-max", "3/h", "--bid-until", "6s", "--reveal-until", "12s")
        self.croft("bid", "place", order, "0", "2/h", "--key", low[1])
        self.croft("bid", "place", order, "0", "2.5/h", "--key", high[1])
        self.refused("bid", "place", order, "0", "1/h", "--key", low[1], code=1, says="another price")
        self.assertEqual({b["state_text"] for b in self.lines("bid", "ls", order)}, {"sealed"})
        self.wait_until(lambda: self.json("order", "show", order)["state_text"] == "revealing")
        for _, node, _ in (low, high):
            self.croft("bid", "reveal", order, "0", "--key", node)
        self.assertEqual({b["price"] for b in self.lines("bid", "ls", order)}, {"2.00", "2.50"})
        self.wait_until(lambda: self.lines("lease", "ls", order))
        height = self.json("chain", "status")["height"]
        events = self.lines("watch", "--from", "1", "--until", height, "--account", order.split(":")[0])
        self.assertEqual({e["which"] for e in events if e.get("kind") == "auction_phase"}, {order})
        lease = self.lines("lease", "ls", order)[0]
        self.assertEqual((lease["node"], lease["price"]), (low[2], "2.00"))
        self.croft("order", "close", order, "--key", buyer)


class TokenTest(Market):
    token = "croft"

    def test_the_price_and_a_buyback(self):
        self.refused("buyback", "5", "--key", "issuer", code=1, says="croft")
        self.croft("oracle", "report", "0.25", "--key", "issuer")
        shown = self.json("oracle", "show")
        self.assertIn("pool", shown)
        self.assertEqual(len(self.croft("oracle", "show").stdout.split("REPORTED BY")), 2)
        self.refused("reward", "claim", "--key", "issuer", code=1, says="failed")


class RefusalTest(Market):
    """Wrong words are told in plain words, with exit code 2, before a chain is asked."""

    def test_wrong_input_of_each_verb(self):
        address = self.json("key", "show", "issuer")["address"]
        text = self.file("text", "no voucher\n")
        for args, says in (
                (("node", "admit", "croft1nobody"), "NODE"), (("node", "remove", "x"), "NODE"),
                (("node", "set", "--country", "Germany"), "two upper-case letters"),
                (("node", "set", "--machine", "toaster"), "consumer, workstation, data_centre"),
                (("node", "set", "--attributes", "cuda"), "KEY=VALUE"), (("node", "set", "--seal-key", "12"), "64 hexa"),
                (("node", "set", "--drain", "--no-drain"), "exclude"),
                (("offer", "post", "64", "--price", "1/h"), "0 to 63"), (("offer", "post", "x"), "whole number"),
                (("offer", "post", "0", "--price", "1/week"), "0.35/h"),
                (("offer", "post", "0", "--price", "99999/h"), "at most"),
                (("offer", "post", "0", "--services", "soft"), "spot, firm, reserved"),
                (("offer", "post", "0", "--hardware", "wheels=4"), "none of model"),
                (("offer", "post", "0", "--hardware", "gpu"), "NAME=VALUE"),
                (("offer", "post", "9", "--price", "1/h"), "new device"),
                (("offer", "withdraw", "64"), "0 to 63"), (("offer", "show", "a:b:c"), "NODE"),
                (("offer", "list", "x"), "NODE"), (("class", "set", "0", "--name", "a"), "1 to"),
                (("class", "set", "300", "--price", "1/GB"), "by the hour"), (("class", "set", "301"), "new class"),
                (("class", "show", "x"), "whole number"),
                (("order", "open", "0", "--price-max", "1/h"), "above zero"), (("order", "open", "1"), "--price-max"),
                (("order", "open", "1", "--price-max", "0/h"), "above zero"),
                (("order", "open", "1", "--price-max", "1/h", "--gang"), "--count 8"),
                (("order", "open", "1", "--price-max", "1/h", "--count", "65"), "at most 64"),
                (("order", "open", "1", "--price-max", "1/Mtok"), "--units-max"),
                (("order", "open", "1", "--price-max", "1/h", "--units-max", "5"), "token"),
                (("order", "open", "1", "--price-max", "1/h", "--firm", "1h", "--reserved", "1h"), "exclude"),
                (("order", "open", "1", "--price-max", "1/frame", "--units-max", "3", "--firm", "1h"), "promised"),
                (("order", "open", "1", "--price-max", "1/h", "--bid-until", "1h"), "--reveal-until"),
                (("order", "open", "1", "--price-max", "1/h", "--bid-until", "2h", "--reveal-until", "1h"), "later"),
                (("order", "open", "1", "--price-max", "1/h", "--task-root", "00"), "task"),
                (("order", "open", "1", "--price-max", "1/task", "--task-root", "00" * 32), "--task-count"),
                (("order", "open", "1", "--price-max", "1/h", "--arbiter", address), "batch"),
                (("order", "open", "1", "--price-max", "1/h", "--gateway", address), "--gateway-price"),
                (("order", "open", "1", "--price-max", "1/h", "--take", "x"), "NODE:DEVICE"),
                (("order", "open", "1", "--price-max", "1/h", "--take", "x", "--auto"), "exclude"),
                (("order", "open", "1", "--price-max", "1/h", "--require", "model=a"), "--auto"),
                (("order", "open", "1", "--price-max", "1/h", "--auto", "--require", "vram_mib=big"), "--require"),
                (("order", "open", "1", "--price-max", "1/h", "--workload", "00"), "64 hexa"),
                (("order", "fund", "1", "0"), "above zero"), (("order", "fund", "0", "1"), "2^48"),
                (("order", "fund", "1", "1", "--asset", "croft", "--lease", "1"), "credits"),
                (("order", "take", "1"), "--auto"), (("order", "close", "x"), "whole number"),
                (("order", "show", "1:2"), "croft1"), (("lease", "take", "1", "64"), "0 to 63"),
                (("lease", "take", "1", "0", "--tasks", "5"), "FIRST+COUNT"),
                (("lease", "take", "1", "0", "--tasks", "0+5000"), "4096"), (("lease", "ack", "1"), "ORDER:LEASE"),
                (("lease", "stop", "1:0"), "1 to"), (("lease", "stop", "1:1", "--result", "zz"), "hexa"),
                (("lease", "notice", "1:1", "soon"), "time like"), (("lease", "call", "x:1"), "whole number"),
                (("lease", "commit", "1:1"), "--results"), (("lease", "commit", "1:1", "--root", "1"), "64 hexa"),
                (("lease", "commit", "1:1", "--results", text), "line 1"), (("lease", "show", "1"), "ORDER:LEASE"),
                (("lease", "list", "--node", "x"), "--node"), (("task", "review", "1:1"), "--accept"),
                (("task", "review", "1:1", "--reject", "9-7"), "range"), (("task", "contest", "1"), "ORDER:LEASE"),
                (("task", "judge", "1:1"), "--upheld"), (("task", "judge", "1:1", "--upheld", "--path", "1"), "--path"),
                (("slash", "1:1"), "--task"), (("voucher", "sign", "1"), "ORDER:LEASE"),
                (("bid", "place", "1", "0", "0"), "above zero"), (("bid", "place", "1", "0", "1/day"), "0.35/h"),
                (("bid", "reveal", "1", "64"), "0 to 63"), (("bid", "list", "x"), "whole number"),
                (("stake", "lock", "0"), "above zero"), (("stake", "unlock", "-1"), "no option"),
                (("claim", "set", address), "--claims"), (("claim", "set", address, "--claims", "ecc"), "--until"),
                (("claim", "set", address, "--claims", "beauty", "--until", "1d"), "identity, country"),
                (("oracle", "report", "0"), "above zero"), (("buyback", "0"), "above zero"),
                (("explain", "x"), "whole number"), (("chain", "init", "--token", "gold"), "croft or none"),
                (("provider", "show", "x"), "ADDRESS")):
            with self.subTest(args=args):
                self.refused(*args, code=1 if args[:2] == ("chain", "init") else 2,
                             says=says if args[:2] != ("chain", "init") else "")

    def test_what_is_not_there_is_told(self):
        text = self.file("text", "no voucher\n")
        for args, says in ((("order", "show", "77"), "order ls"), (("lease", "show", "77:1"), "no such lease"),
                           (("class", "show", "999"), "class list"), (("offer", "show", "0"), "no such offer"),
                           (("order", "close", "77"), "nothing was sent"), (("lease", "ack", "77:1"), "nothing was sent"),
                           (("lease", "settle", text), "is no voucher"), (("voucher", "show", text), "is no voucher"),
                           (("lease", "settle", "/nowhere/v.json"), "no file"), (("bid", "reveal", "77", "0"), "--home"),
                           (("voucher", "sign", "77:1"), "no such lease"), (("explain", "77"), "no such order"),
                           (("node", "set", "--country", "DE"), "node admit"), (("stake", "show"), "stake lock"),
                           (("oracle", "show"), "no CROFT"), (("provider", "show"), "no provider")):
            with self.subTest(args=args):
                self.refused(*args, code=1, says=says)
        for args in (("order", "ls"), ("lease", "ls"), ("bid", "ls", "77"), ("node", "ls")):
            self.assertTrue(self.croft(*args).stdout.startswith("no "))


if __name__ == "__main__":
    cli_test.CROFT = os.path.abspath(sys.argv.pop(1) if len(sys.argv) > 1 else "build/dev/croft")
    unittest.main()
