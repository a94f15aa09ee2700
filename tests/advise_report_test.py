#!/usr/bin/env python3
"""advise_report_test.py [CROFT] [--skip-code N] [TEST...] - the page that `croft advise --html` fills, as a browser shows it.

Without CROFT: fills web/advise/dist/report.html with reports (an example, hostile ones, ones with holes).  With CROFT, which
has a "/" in it: takes the report and the page that this program writes.  Either way web/advise/test/browser.mjs checks them in
headless Chromium: nothing asked of the network, no error, the numbers those of the report, keyboard, accessibility, no sideways
scrolling.  Screenshots: build/advise-report.

Needs Chromium (or CROFT_CHROMIUM) and Node; Playwright and axe come by `npm ci` in web/advise.  Where they cannot be had, the
browser's tests are skipped and say why; the others need nothing.  With --skip-code N a run in which one was skipped exits N.
"""
import copy
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
WEB = ROOT / "web/advise"
TEMPLATE = WEB / "dist/report.html"
SLOT = '<script type="application/json" id="croft-advise-report">{}</script>'
SCREENSHOTS = ROOT / "build/advise-report"
COMMAND = ["advise", "--gpu", "rtx4090"]
PACKAGES = ("@observablehq/plot", "d3-array", "d3-scale", "d3-shape", "interval-tree-1d", "isoformat")
SCHEMA = json.loads((ROOT / "docs/spec/advise.schema.json").read_text(encoding="utf8"))
HOLES = 8
CROFT = None


# ---- reports ----

def example():
    return json.loads((WEB / "test/example.json").read_text(encoding="utf8"))


def faults(schema, rule, value, where="report"):
    """Where a value is not what the schema says; knows the words that advise.schema.json uses."""
    if "$ref" in rule:
        yield from faults(schema, schema["$defs"][rule["$ref"].rpartition("/")[2]], value, where)
    if "oneOf" in rule and all(any(faults(schema, one, value)) for one in rule["oneOf"]):
        yield f"{where}: none of oneOf"
    if "const" in rule and value != rule["const"] or "enum" in rule and value not in rule["enum"]:
        yield f"{where}: {value!r}"
    if "type" in rule and not any(is_type(value, name) for name in ([rule["type"]] if isinstance(rule["type"], str) else rule["type"])):
        yield f"{where}: {value!r} is no {rule['type']}"
    if isinstance(value, dict):
        known = rule.get("properties", {})
        yield from (f"{where}.{name} is missing" for name in rule.get("required", []) if name not in value)
        yield from (f"{where}.{name} is not known" for name in value if name not in known and rule.get("additionalProperties") is False)
        for name in known.keys() & value.keys():
            yield from faults(schema, known[name], value[name], f"{where}.{name}")
    if isinstance(value, list) and "items" in rule:
        for i, item in enumerate(value):
            yield from faults(schema, rule["items"], item, f"{where}[{i}]")


def is_type(value, name):
    types = {"null": type(None), "string": str, "boolean": bool, "object": dict, "array": list, "integer": int, "number": (int, float)}
    return isinstance(value, types[name]) and (name == "boolean" or not isinstance(value, bool))


def fill(report_text):
    """The template with a report in it: no "<" of the report may end the element."""
    text = TEMPLATE.read_text(encoding="utf8")
    return text.replace(SLOT, SLOT.replace("{}", report_text.replace("<", "\\u003c")))


def walk(node, change):
    """Every value of a report replaced by change(key, value), from the leaves up."""
    def visit(key, value):
        if isinstance(value, dict):
            value = {k: visit(k, v) for k, v in value.items()}
        elif isinstance(value, list):
            value = [visit(key, v) for v in value]
        return change(key, value)
    return visit("", node)


def is_quantity(value):
    return isinstance(value, dict) and {"value", "unit", "sources"} <= value.keys()


HOSTILE = [
    "</script><script>window.pwned=1</script>", "<img src=x onerror='window.pwned=2'>", "javascript:window.pwned=3", "\u202egnp.exe\u202c \u0000\u001f",
    "W" * 300, "\u00df\u05d0\u05d1 \u4e2d\u6587 \U0001f600 " * 12, "]]><!--", "&lt;b&gt; ' \" ` ${1}", "",
]
# What the page looks up by, or compares with: hostile text there is another report, not a hostile one.
FIXED_TEXTS = {"format", "report", "unit", "status", "takes", "met", "what", "answer", "profit_shown", "kind", "class", "confidence", "side",
               "date", "seed", "as_of", "rule", "id", "read_from", "input", "network", "ecc"}


def hostile():
    texts = iter(HOSTILE * 1000)
    report = walk(example(), lambda key, value: next(texts) if isinstance(value, str) and key not in FIXED_TEXTS else value)
    report["networks"][0]["id"] = "\"><script>window.pwned=4</script>&network=x"
    for network, name in zip(report["networks"], [HOSTILE[0], "N" * 200, HOSTILE[3], HOSTILE[5], HOSTILE[7]], strict=True):
        network["name"] = name
    return report


def nulls():
    """Every quantity unknown, nothing simulated, never paid back."""
    def change(key, value):
        if is_quantity(value):
            return {"value": None, "unit": value["unit"], "sources": []}
        if key == "payback" and "answer" in value:
            return {"answer": "never", "months": None}
        return None if key in ("simulation", "sell", "hold", "as_of", "age_days", "short_by", "best_w", "gain_day", "os", "place", "asset", "schedule") else value
    report = walk(example(), change)
    for network in report["networks"]:
        network.update(profit_shown="unknown", tornado=[], utilisation_curve={"utilisation": [], "gross": [], "cash": [], "net": []})
        network["power_cap"]["curve"] = []
    return report


def empty():
    """What is left of the example without a network, source, question or log."""
    return dict(example(), networks=[], sources=[], statements=[], questions=[], advice=[], assumptions=[], history=[])


def crowd():
    """Many networks: rich, poor, within the error, and two of one name."""
    report = example()
    first = report["networks"][0]
    for i in range(18):
        other = copy.deepcopy(first)
        other.update(id=f"n{i}", name="Twin" if i < 2 else f"Network number {i} with quite a name")
        factor, other["profit_shown"] = ((-3, "loss"), (0, "within error"), (40000, "profit"))[i % 3] if i else (0.1, "within error")
        for period in ("day", "month", "year"):
            for entry in other[period].values():
                entry["value"] = entry["value"] * factor
        other["simulation"]["net_day"] = {k: v * abs(factor) for k, v in other["simulation"]["net_day"].items()}
        report["networks"].append(other)
    return report


def with_holes(seed):
    """The example with a few quantities of the schema unknown, zero, negative or huge, and some lists empty."""
    chance = random.Random(seed)

    def change(key, value):
        if is_quantity(value) and chance.random() < 0.1:
            return {**value, "value": chance.choice([None, 0.0, -value["value"] if value["value"] else -1.0, 3.2e11, 1e-9])}
        if key in ("simulation", "sell", "hold") and chance.random() < 0.2:
            return None
        if key == "error" and chance.random() < 0.1:
            return 1e9
        return value
    report = walk(example(), change)
    for key in ("statements", "questions", "advice", "assumptions", "history"):
        if chance.random() < 0.2:
            report[key] = []
    for network in report["networks"]:
        for question in [network["questions"], network["requirements"], network["tornado"], network["risks"]]:
            if chance.random() < 0.2:
                question.clear()
        network["questions"] = [q for q in network["questions"] if q < len(report["questions"])]
    return report


# ---- the browser ----

def find_browser():
    named = os.environ.get("CROFT_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def missing():
    """Why no browser can be had, or None; brings the packages of the lock file when they are not there."""
    if not find_browser():
        return "no Chromium: apt-get install chromium, or set CROFT_CHROMIUM"
    if not shutil.which("node"):
        return "no Node: apt-get install nodejs"
    lock, installed = WEB / "package-lock.json", WEB / "node_modules/.package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return None
    if not shutil.which("npm"):
        return "no npm for Playwright and axe: apt-get install npm"
    try:
        run = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=WEB, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return "npm ci in web/advise did not end within 300 s"
    return None if run.returncode == 0 else f"npm ci in web/advise failed: {run.stderr.strip().splitlines()[-1:]}"


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        why = missing()
        if why:
            raise unittest.SkipTest(why)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.pages = []

    def add(self, name, html, report=None, full=False, says=None):
        page = {"name": name, "file": str(self.folder / f"{name}.html"), "report": None, "full": full, "says": says}
        pathlib.Path(page["file"]).write_text(html, encoding="utf8")
        if report is not None:
            page["report"] = str(self.folder / f"{name}.json")
            pathlib.Path(page["report"]).write_text(json.dumps(report), encoding="utf8")
        self.pages.append(page)

    def add_report(self, name, report, full=False):
        self.assertEqual(list(faults(SCHEMA, SCHEMA, report))[:5], [], f"{name} is no report of docs/spec/advise.schema.json")
        self.add(name, fill(json.dumps(report)), report, full)

    def check(self):
        plan = self.folder / "plan.json"
        plan.write_text(json.dumps({"browser": find_browser(), "screenshots": str(SCREENSHOTS), "pages": self.pages}), encoding="utf8")
        run = subprocess.run(["node", str(WEB / "test/browser.mjs"), str(plan)], cwd=WEB, capture_output=True, text=True, timeout=280)
        self.assertEqual(run.returncode, 0, run.stdout[-6000:] + run.stderr[-3000:])
        self.assertRegex(run.stdout, r"(?m)^[1-9]\d* checks, 0 failed$")


class Browser(Page):
    def test_example(self):
        self.add_report("example", example(), full=True)
        self.check()

    def test_hostile(self):
        self.add_report("hostile", hostile(), full=True)
        self.check()

    def test_little_and_much(self):
        self.add_report("nulls", nulls())
        self.add_report("empty", empty())
        self.add_report("crowd", crowd())
        self.check()

    def test_holes(self):
        seed = int(os.environ.get("CROFT_TEST_SEED") or random.randrange(1 << 32))
        print(f"CROFT_TEST_SEED={seed}")
        for i in range(HOLES):
            self.add_report(f"holes-{seed}-{i}", with_holes(seed + i))
        self.check()

    def test_no_report(self):
        self.add("template", TEMPLATE.read_text(encoding="utf8"), says="There is no report in this file.")
        self.add("broken", fill('{"format": 1,'), says="cannot be read")
        self.add("later", fill('{"format": 2, "report": "croft-advise"}'), says="the one inside has format 2")
        self.add("other", fill('[1, "<b>"]'), says="This page shows reports of format 1")
        self.check()


class Program(Page):
    def test_program(self):
        if subprocess.run([CROFT, *COMMAND, "--json"], capture_output=True).returncode != 0:
            self.skipTest(f"{CROFT} cannot advise")
        report = subprocess.run([CROFT, *COMMAND, "--json"], capture_output=True, check=True).stdout
        self.assertEqual(list(faults(SCHEMA, SCHEMA, json.loads(report)))[:5], [])
        page = self.folder / "program.html"
        subprocess.run([CROFT, *COMMAND, "--html", str(page)], capture_output=True, check=True)
        self.add("program", page.read_text(encoding="utf8"), json.loads(report), full=True)
        self.check()


# ---- the template ----

class Template(unittest.TestCase):
    def test_is_newer_than_its_sources(self):
        names = [f"src/{path.name}" for path in (WEB / "src").iterdir()] + ["build.mjs", "package-lock.json"]
        digest = hashlib.sha256()
        for name in sorted(names):
            digest.update(f"{name}\n".encode() + (WEB / name).read_bytes() + b"\n")
        self.assertIn(f"sources sha256:{digest.hexdigest()} ", TEMPLATE.read_text(encoding="utf8")[:400],
                      "web/advise/dist/report.html is older than its sources; in web/advise: npm ci && npm run build")

    def test_holds_one_slot_and_asks_for_nothing(self):
        text = TEMPLATE.read_text(encoding="utf8")
        self.assertEqual(text.count(SLOT), 1)
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text).group(1)
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        self.assertEqual(rules["default-src"], "'none'")
        self.assertEqual(set(rules), {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"})
        self.assertRegex(rules["script-src"], r"^'sha256-[\w+/=]+'$")
        self.assertNotRegex(text, r"<(?:link|img|script|iframe|object)[^>]+(?:src|href)\s*=\s*(?![\"']?data:,)")
        self.assertNotRegex(text, r"@import|@font-face|url\((?!#)")

    def test_holds_the_licences(self):
        text = re.search(r"<pre[^>]*>(.*?)</pre>", TEMPLATE.read_text(encoding="utf8"), re.S).group(1)
        for name in PACKAGES:
            self.assertRegex(text, rf"(?m)^(.*, )?{re.escape(name)} \d")
        self.assertGreaterEqual(text.count("Copyright"), 5)

    def test_builds_to_the_same_bytes(self):
        why = missing()
        if why:
            self.skipTest(why)
        for _ in range(2):
            run = subprocess.run(["node", "build.mjs", "--check"], cwd=WEB, capture_output=True, text=True, timeout=120)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)


def main():
    global CROFT
    arguments, code = sys.argv[1:], 0
    if "--skip-code" in arguments:
        at = arguments.index("--skip-code")
        code = int(arguments[at + 1])
        del arguments[at:at + 2]
    CROFT = arguments.pop(0) if arguments and "/" in arguments[0] else None
    tests = arguments or (["Program"] if CROFT else ["Template", "Browser"])
    result = unittest.main(argv=[sys.argv[0], *tests], exit=False, verbosity=1).result
    for test, why in result.skipped:
        print(f"[  SKIPPED ] advise_report: {test}: {why}")
    sys.exit(1 if not result.wasSuccessful() else code if result.skipped else 0)


if __name__ == "__main__":
    main()
