#!/usr/bin/env python3
"""embed.py OUT.c PAGE CSV... - the data and the page of croft advise as C arrays (src/advise/builtin.h).

The CSV files become croft_advise_builtin, by their names without .csv; PAGE, which npm made in web/advise, becomes
croft_advise_page.  Used by the build only.
"""
import pathlib
import sys


def array(name, data):
    lines = (data[i:i + 24] for i in range(0, len(data), 24))
    body = "\n".join("    " + "".join(f"{byte}," for byte in line) for line in lines)
    return f"static const u8 {name}[] = {{\n{body}\n    0}};\n"


def view(name, data):
    return f"{{{name}, {len(data)}}}"


def made(page, tables):
    text = page.read_bytes()
    out = ['#include "advise/builtin.h"\n', array("page", text)]
    out += [array(path.stem, path.read_bytes()) for path in tables]
    rows = ",\n".join(f'    {{"{path.stem}", {view(path.stem, path.read_bytes())}}}' for path in tables)
    out.append(f"const struct croft_advise_file croft_advise_builtin[] = {{\n{rows}}};")
    out.append(f"const size_t croft_advise_builtin_count = {len(tables)};")
    out.append(f"const struct croft_bytes croft_advise_page = {view('page', text)};\n")
    return "\n".join(out)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    tables = sorted(pathlib.Path(name) for name in sys.argv[3:])
    pathlib.Path(sys.argv[1]).write_text(made(pathlib.Path(sys.argv[2]), tables), encoding="utf8")
