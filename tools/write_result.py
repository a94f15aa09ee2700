#!/usr/bin/env python3
"""write_result.py ROOT NAME begin | finish DIGEST SECONDS true|false KEY=COUNT... [REPORT.json]

begin prints the digest of the code that the soak NAME is about, and refuses when some of it is not committed: nobody
could make that result again.  finish writes ROOT/docs/results/NAME.json, and refuses when the code is not the one
that begin saw.  REPORT.json is kept in the result as "report".
"""
import datetime
import json
import os
import pathlib
import platform
import sys

import check_results


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf8").splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def machine():
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cpu": cpu_model(), "cores": len(os.sched_getaffinity(0)), "memory": pages, "kernel": platform.release()}


def begin(root, name):
    changed = check_results.uncommitted(root, name)
    if changed:
        sys.exit(f"soak {name}: {', '.join(changed[:5])} not committed: commit first, a result must name its code")
    print(check_results.code_digest(root, name))


def finish(root, name, digest, seconds, ok, rest):
    if check_results.uncommitted(root, name) or check_results.code_digest(root, name) != digest:
        sys.exit(f"soak {name}: the code changed while it ran; nothing was written")
    result = {
        "name": name,
        "commit": check_results.git(root, "rev-parse", "HEAD").strip(),
        "code": digest,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "counts": {key: int(value) for key, value in (item.split("=") for item in rest if "=" in item)},
        "seconds": int(seconds),
        "ok": ok == "true",
    }
    for report in (item for item in rest if "=" not in item):
        result["report"] = json.loads(pathlib.Path(report).read_text(encoding="utf8"))
    path = root / "docs" / "results" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf8")
    print(path)


def main(args):
    if len(args) == 3 and args[1] in check_results.SOAKS and args[2] == "begin":
        begin(pathlib.Path(args[0]), args[1])
    elif len(args) >= 6 and args[1] in check_results.SOAKS and args[2] == "finish":
        finish(pathlib.Path(args[0]), args[1], *args[3:6], args[6:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
