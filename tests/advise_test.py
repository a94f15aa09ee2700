#!/usr/bin/env python3
"""advise_test.py CROFT - croft advise as a user runs it: tables, JSON, page, own data, log, errors.

The JSON is checked against docs/spec/advise.schema.json with a small validator of the keywords that the schema uses, so
that nothing but Python's standard library is needed.
"""
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "docs/spec/advise.schema.json").read_text(encoding="utf8"))
DAY = ("--date", "2026-11-22")
CARD = ("--gpu", "rtx4090", *DAY)
FULL = (*CARD, "--utilisation", "60%", "--fee", "vast=25%", "--watts", "510", "--idle-watts", "90", "--paths", "1000")
MARK = '<script type="application/json" id="croft-advise-report">'
CROFT = None
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
         "null": type(None)}


def type_fits(value, names):
    names = [names] if isinstance(names, str) else names
    return any(isinstance(value, TYPES[n]) and (n == "boolean" or not isinstance(value, bool)) for n in names)


def faults(value, schema, path="$"):
    """What of a value is not as the schema has it."""
    if "$ref" in schema:
        yield from faults(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], path)
        return
    if "oneOf" in schema:
        if sum(not list(faults(value, s, path)) for s in schema["oneOf"]) != 1:
            yield f"{path}: fits not exactly one of its forms"
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r}"
    if "type" in schema and not type_fits(value, schema["type"]):
        yield f"{path}: {value!r} is no {schema['type']}"
        return
    if isinstance(value, dict) and "properties" in schema:
        yield from (f"{path}.{n} is missing" for n in schema.get("required", []) if n not in value)
        for name, inner in value.items():
            if name in schema["properties"]:
                yield from faults(inner, schema["properties"][name], f"{path}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{path}.{name} is not in the schema"
    if isinstance(value, list) and "items" in schema:
        for i, inner in enumerate(value):
            yield from faults(inner, schema["items"], f"{path}[{i}]")


def quantities(value, path="$"):
    if isinstance(value, dict):
        if "value" in value and "sources" in value:
            yield path, value
        for name, inner in value.items():
            yield from quantities(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from quantities(inner, f"{path}[{i}]")


class AdviseTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="croft-advise-")

    def tearDown(self):
        self.folder.cleanup()

    def run_croft(self, *args, code=0, **env):
        done = subprocess.run([CROFT, *args], env={"PATH": "/usr/bin:/bin", "HOME": self.folder.name, "LC_ALL": "C.UTF-8", **env},
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, f"croft {' '.join(args)}\n{done.stdout}\n{done.stderr}")
        return done

    def advise(self, *args, **kw):
        return self.run_croft("advise", *args, **kw).stdout

    def report(self, *args):
        return json.loads(self.advise(*args, "--json"))

    def network(self, report, name):
        return next(n for n in report["networks"] if n["id"] == name)

    def refused(self, *args, says, code=2):
        done = self.run_croft("advise", *args, code=code)
        self.assertIn(says, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"^croft: .*\n(  .*\n)?$")

    def write(self, name, text):
        path = pathlib.Path(self.folder.name, name)
        path.write_text(text, encoding="utf8")
        return str(path)

    # -- what is said --

    def test_json_is_as_the_schema_has_it(self):
        for args in (CARD, FULL, (*FULL, "--croft-rate", "0.3", "--set", "octanebench=700,gb_day=4,volatility=1.5"),
                     ("--gpu", "h100_pcie", "--count", "8", "--utilisation", "70%", *DAY, "--paths", "200", "--watts", "7000")):
            report = self.report(*args)
            self.assertEqual(list(faults(report, SCHEMA)), [])
            for path, q in quantities(report):
                self.assertTrue(all(s < len(report["sources"]) for s in q["sources"]), path)
                known = q["value"] not in (None, 0)
                plain = re.search(r"months|night_hours|\.tax|effect_day|bandwidth|cash|net$|rate\.(low|high)", path)
                self.assertTrue(not known or q["sources"] or plain, f"{path} has no source")
            for n in report["networks"]:
                self.assertTrue(all(i < len(report["questions"]) for i in n["questions"]))

    def test_nothing_without_its_inputs(self):
        report = self.report(*CARD)
        for n in report["networks"]:
            needed = [report["questions"][i] for i in n["questions"] if report["questions"][i]["needed"]]
            self.assertEqual(n["day"]["net"]["value"] is None, bool(needed), n["id"])
            self.assertTrue(n["simulation"] is None or not needed)
        self.assertIn("--utilisation SHARE, or NETWORK=SHARE", self.advise(*CARD))

    def test_profit_is_never_below_its_error(self):
        for u in ("10%", "40%", "60%", "90%"):
            for n in self.report(*CARD, "--utilisation", u, "--paths", "200")["networks"]:
                net = n["day"]["net"]
                if n["profit_shown"] == "profit":
                    self.assertGreater(net["value"], net["error"])
                if n["verdict"]["buy"]["answer"] == "buy":
                    self.assertEqual(n["profit_shown"], "profit")

    def test_same_seed_same_bytes(self):
        one, two = self.advise(*FULL, "--json"), self.advise(*FULL, "--json")
        self.assertEqual(one, two)
        self.assertNotEqual(one, self.advise(*FULL, "--json", "--seed", "2"))
        self.assertEqual(self.advise(*FULL), self.advise(*FULL))

    def test_a_country_that_writes_commas(self):
        want = self.advise(*FULL, "--json")
        self.assertEqual(want, self.advise(*FULL, "--json", LC_ALL="de_DE.UTF-8"))
        self.assertNotIn("0,", want.split('"value":', 2)[1][:4])

    def test_eighty_columns_and_no_colour(self):
        for args in (CARD, FULL, (*FULL, "--network", "nosana"), ("--gpu", "h100_sxm", *DAY)):
            text = self.advise(*args)
            self.assertEqual([line for line in text.splitlines() if len(line) > 80], [])
            self.assertNotIn("\x1b", text)
        for question in ("What is my hardware?", "Which networks would take it?", "What is left?", "How sure is that?",
                         "What has to be true?", "Sell on receipt, or hold?", "What matters most", "Own it, or buy it",
                         "What to do?", "What is not known?", "Where is that from?"):
            self.assertIn(question, self.advise(*FULL))
        listing = self.run_croft("advise", "data", "networks").stdout
        self.assertEqual([line for line in listing.splitlines() if len(line) > 80], [])

    def test_the_plain_statement(self):
        text = " ".join(self.advise(*CARD).split())
        self.assertIn("grosses $3.05 to $6.63 a day", text)
        self.assertIn("After power, wear and depreciation", text)
        self.assertIn("2026-11-09", text)

    def test_age_is_counted_to_the_day_given(self):
        def stale(day):
            report = self.report("--gpu", "rtx4090", "--date", day)
            return next(s["stale"] for s in report["sources"] if s["row"] == "rtx4090, nosana, host")
        self.assertFalse(stale("2026-11-22"))
        self.assertTrue(stale("2027-11-22"))

    def test_this_machine(self):
        done = subprocess.run([CROFT, "advise"], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            self.assertEqual(done.returncode, 2)
            self.assertIn("croft advise --gpu", done.stderr)
        else:
            self.assertIn("What is my hardware?", done.stdout)

    # -- own data --

    def test_overlay(self):
        path = self.write("rates.csv", "gpu_id,network,side,usd_h,as_of,confidence,source\n"
                                       "rtx4090,akash,host,0.42,2026-11-20,high,my own lease <b>&amp;</b>\n")
        akash = self.network(self.report(*FULL, "--data", path), "akash")
        self.assertEqual((akash["rate"]["taken"]["value"], akash["status"]), (0.42, "complete"))
        self.assertEqual(json.loads(self.run_croft("advise", "data", "--check", path, "--json").stdout)["table"], "rates")
        report = self.report(*FULL, "--data", path)
        source = report["sources"][akash["rate"]["taken"]["sources"][0]]
        self.assertEqual((source["kind"], source["as_of"]), ("overlay", "2026-11-20"))

    def test_broken_files_name_the_line(self):
        head = "gpu_id,network,side,usd_h,as_of,confidence,source\n"
        good = "rtx4090,akash,host,0.42,2026-11-20,high,me\n"
        for text, says in ((head + good + "rtx4090,vast,host,much,2026,high,me\n", "line 3: usd_h"),
                           (head + "rtx4090,akash,host,0.42,2026-11-20,high\n", "line 2: 6 cells"),
                           (head + 'rtx4090,akash,host,0.42,2026-11-20,high,"me\n', "line 2: a quote"),
                           (head + "\n\nrtx0000,akash,host,1,2026,high,me\n", "line 4: gpu_id"),
                           ("a,b\n1,2\n", "line 1: these columns"), ("", "line 1: the file is empty")):
            path = self.write("bad.csv", text)
            for args in ((*CARD, "--data", path), ("data", "--check", path)):
                self.refused(*args, says=f"{path}: {says}", code=1)
        self.refused(*CARD, "--data", self.folder.name, says="is a folder", code=1)
        self.refused(*CARD, "--data", "/nowhere.csv", says="cannot read", code=1)

    def test_data_lists_rows_with_sources(self):
        tables = [json.loads(line) for line in self.run_croft("advise", "data", "--json").stdout.splitlines()]
        self.assertEqual({t["table"] for t in tables}, {p.stem for p in (ROOT / "data/economics").glob("*.csv")})
        for table in tables:
            rows = self.run_croft("advise", "data", table["table"], "--json").stdout.splitlines()
            self.assertEqual(len(rows), table["rows"])
            for row in map(json.loads, rows):
                self.assertTrue(row["source"] and row["as_of"] and row["confidence"])
        rates = self.run_croft("advise", "data", "rates", "--gpu", "rtx4090", "--network", "nosana").stdout
        self.assertIn("0.2909", rates)
        self.assertNotIn("runpod", rates)
        self.refused("data", "rate", says="croft advise data")

    def test_log_against_forecast(self):
        days = "".join(f"2026-11-{d:02},nosana,24,9.84,2.86,5\n" for d in range(1, 21))
        path = self.write("log.csv", "day,network,online_h,rented_h,earned_usd,kwh\n" + days)
        report = self.report(*FULL, "--availability", "1", "--log", path)
        self.assertIn("because utilisation was 41 % and not 60 %", report["history"][0]["text"])
        self.assertAlmostEqual(self.network(report, "nosana")["inputs"]["utilisation"]["value"], .41, places=6)
        self.assertIn("41 %", self.advise(*FULL, "--log", path))
        bad = self.write("bad.csv", "day,network,online_h,rented_h,earned_usd\n2026-11-01,nosana,9,10,1\n")
        self.refused(*FULL, "--log", bad, says="line 2: rented_h is more than online_h", code=1)

    # -- the page --

    def test_page(self):
        path = self.write("out.html", "old")
        evil = self.write("rates.csv", "gpu_id,network,side,usd_h,as_of,confidence,source\n"
                                       "rtx4090,akash,host,0.42,2026-11-20,high,</script><script>alert(1)</script><!--\n")
        self.assertIn(path, self.advise(*FULL, "--data", evil, "--html", path))
        page = pathlib.Path(path).read_text(encoding="utf8")
        inside = page.split(MARK, 1)[1].split("</script>", 1)[0]
        self.assertNotIn("<", inside)
        self.assertEqual(json.loads(inside), self.report(*FULL, "--data", evil))
        self.assertEqual(os.listdir(self.folder.name).count("out.html"), 1)
        self.assertEqual([f for f in os.listdir(self.folder.name) if f.endswith(".tmp")], [])
        self.assertFalse(os.stat(path).st_mode & stat.S_IXUSR)

    def test_page_that_cannot_be_written(self):
        self.refused(*FULL, "--html", "/nowhere/out.html", says="cannot write", code=1)
        os.mkdir(os.path.join(self.folder.name, "taken"))
        self.refused(*FULL, "--html", os.path.join(self.folder.name, "taken"), says="cannot write", code=1)
        self.assertEqual([f for f in os.listdir(self.folder.name) if f.endswith(".tmp")], [])

    # -- nonsense --

    def test_nonsense(self):
        self.refused("--gpu", "rtx409", says="the nearest: rtx4090")
        self.refused("--gpu", "h100", says="more than one card")
        self.refused(*CARD, "--tariff", "-0.1", says="--tariff, in USD per kWh, must be 0 to 10")
        self.refused(*CARD, "--utilisation", "300%", says="--utilisation must be 0 to 1, not 3")
        self.refused(*CARD, "--utilisation", "60", says="write 0.6 or 60%")
        self.refused(*CARD, "--utilisation", "nosana", says="--utilisation")
        self.refused(*CARD, "--utilisation", "nowhere=.5", says="no network nowhere")
        self.refused(*CARD, "--network", "nowhere", says="no network nowhere")
        self.refused(*CARD, "--rate", "nan", says="--rate")
        self.refused(*CARD, "--country", "Atlantis", says="Atlantis")
        self.refused(*CARD, "--country", "Belgium", says="eur_usd")
        self.refused(*CARD, "--country", "Germany", "--tariff", "0.3", says="exclude each other")
        self.refused(*CARD, "--night", "0.1", says="--night")
        self.refused(*CARD, "--night", "0.1:30", says="--night, hours, must be 0 to 24")
        self.refused(*CARD, "--set", "no_such=1", says="no assumption no_such")
        self.refused(*CARD, "--set", "discount", says="--set")
        self.refused(*CARD, "--months", "0", says="--months must be 1 to 120")
        self.refused(*CARD, "--paths", "1", says="--paths")
        self.refused(*CARD, "--count", "-1", says="count must be a whole number")
        self.refused("--gpu", "rtx4090", "--date", "2026-13-01", says="--date")
        self.refused(*CARD, "--os", "beos", says="linux or windows")
        self.refused(*CARD, "--paths", "1000000", "--months", "120", says="--paths 10000", code=1)
        error = json.loads(self.run_croft("advise", "--gpu", "rtx409", "--json", code=2).stderr)["error"]
        self.assertIn("rtx4090", error["hint"])

    def test_ends_of_the_ranges(self):
        """What is allowed must give a report, whole and finite, at both ends of it."""
        for args in (("--set", "utilisation_nu=0.1,volatility=3,rate_volatility=3,failure_rate=12,discount=1,rate_fall=-1",
                      "--months", "120", "--count", "64", "--utilisation", "60%"),
                     ("--utilisation", "nosana=0,vast=1", "--fee", "1", "--rate", "0", "--availability", "1%"),
                     ("--utilisation", "1", "--rate", "1000", "--tax", "1", "--tariff", "0", "--months", "1", "--price", "1"),
                     ("--set", "utilisation_autocorrelation=0.99,token_correlation=1,repair_low=1,repair_high=0",
                      "--utilisation", "99.99%", "--solar", "1:10")):
            report = self.report(*CARD, "--paths", "200", *args)
            self.assertEqual(list(faults(report, SCHEMA)), [])
            for n in report["networks"]:
                if n["simulation"]:
                    self.assertEqual(sum(n["simulation"]["histogram"]["counts"]), 200)
        self.refused(*CARD, "--set", "token_correlation=5", says="token_correlation must be 0 to 1")

    def test_benchmark(self):
        done = self.run_croft("bench", "advise", "--json", "--paths", "2000", "--rounds", "1")
        figures = {f["name"]: f for f in json.loads(done.stdout)["figures"]}
        self.assertLessEqual({"seconds", "networks", "path_months_per_s", "scalar_ratio"}, set(figures))
        self.assertGreaterEqual(figures["networks"]["value"], 15)
        self.assertIn("reference", figures["scalar_ratio"])


if __name__ == "__main__":
    CROFT = os.path.abspath(sys.argv.pop(1) if len(sys.argv) > 1 else "build/dev/croft")
    unittest.main()
