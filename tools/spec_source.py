"""What docs/spec/ledger.md must say, read from the code: errors, parameters, tables, layouts, messages.

A library of make_spec_tables.py and check_docs.py.  It reads text, so it needs no compiler; the tables it reads
(X macros, CROFT_FIELD lists, .proto messages) are written one item to a CROFT_FIELD or X, as these patterns expect.
"""
import collections
import re

Field = collections.namedtuple("Field", "name kind bytes text")
Layout = collections.namedtuple("Layout", "name format fields item item_name text_name item_max")
Param = collections.namedtuple("Param", "name number since initial low high unit text")
Error = collections.namedtuple("Error", "name number text")
Table = collections.namedtuple("Table", "number name key_bytes layout key")
Member = collections.namedtuple("Member", "number name type text")

KIND_BYTES = {"U8": 1, "U16": 2, "U32": 4, "U64": 8, "AMT": 8, "TIME": 8, "HASH": 32, "ADDRESS": 32, "KEY": 32}
KIND_NAME = {"AMT": "amount (u64)", "TIME": "time (u64, s)", "HASH": "hash", "ADDRESS": "address",
             "KEY": "public key", "BYTES": "bytes"}


def read(root, name):
    return (root / name).read_text(encoding="utf8")


def clean(comment):
    """A comment's text on one line, as a cell of a Markdown table."""
    text = " ".join(line.strip().lstrip("*").strip() for line in comment.strip().splitlines())
    return text.replace("|", "\\|").strip()


def joined_strings(text):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text))


# ---- base/err.h and wire/param.h ----

def errors(root):
    found = re.findall(r'X\(CROFT_(\w+), (\d+),((?:\s*\\?\s*"(?:[^"\\]|\\.)*")+)\)', read(root, "src/base/err.h"))
    return [Error(name.removeprefix("ERR_"), int(number), joined_strings(text)) for name, number, text in found]


def params(root):
    text = read(root, "src/wire/param.h")
    found = re.findall(r'X\((\w+), (\d+), (\d+), (\d+), (\d+), (\d+), "([^"]*)", "([^"]*)"\)', text)
    return [Param(name, *map(int, numbers), unit, what) for name, *numbers, unit, what in found]


# ---- constants, structs and layouts ----

def enum_values(texts):
    """Values of the enumerators that are a plain number or name, or follow such a one."""
    values = {}
    for text in texts:
        for body in re.findall(r'\benum\s*\w*\s*\{(.*?)\}', re.sub(r'/\*.*?\*/', "", text, flags=re.S), flags=re.S):
            following = 0
            for item in body.split(","):
                name, _, value = (part.strip() for part in item.partition("="))
                value = values.get(value, value) if value else following
                if not name or not str(value).isdigit():
                    continue
                values[name] = int(value)
                following = values[name] + 1
    return values


STRUCT = re.compile(r'\bstruct (\w+) \{\n([^{}]*)\}')


def members_of(body):
    members = {}
    for line in re.findall(r'^ {4,}[\w ]+? (?:[^;/]+);(?:\s*/\*.*?\*/)?', body, flags=re.S | re.M):
        declared, _, comment = line.partition(";")
        comment = clean(comment.replace("/*", "").replace("*/", ""))
        for one in re.sub(r'^\s*(?:struct\s+)?\w+\s+', "", declared).split(","):
            match = re.match(r'\s*\*?(\w+)(?:\[(\w+)\])?', one)
            members[match.group(1)] = (match.group(2) or "", comment)
    return members


def struct_members(text):
    """{struct: {member: (array bound or '', comment)}}, innermost structs first."""
    structs = {}
    while match := STRUCT.search(text):
        structs[match.group(1)] = members_of(match.group(2))
        text = text[:match.start()] + "struct " + match.group(1) + text[match.end():]
    return structs


FIELD = re.compile(r'CROFT_FIELD(?:_AS)?\((\w+), (\w+), (\w+)(?:\[(\w+)\])?(?:, "(\w+)")?\)')
LAYOUT = re.compile(r'(?<!extern )const struct croft_layout (\w+) =\s*(.*?);\n', re.S)
LAYOUT_FILES = ("record", "market_record", "block")


def field_lists(text, structs, values):
    lists = {}
    for name, body in re.findall(r'static const struct croft_field (\w+)\[\] = \{(.*?)\n\};', text, flags=re.S):
        fields = []
        for kind, record, member, _, shown in FIELD.findall(body):
            bound, comment = structs[record][member]
            size = KIND_BYTES.get(kind) or int(values.get(bound, bound))
            fields.append(Field(shown or member, kind, size, comment))
        lists[name] = fields
    return lists


def layout_of(body, lists, values):
    """The layout that an initializer says: CROFT_LAYOUT("name", struct, fields), or one member a line."""
    def member(pattern):
        match = re.search(pattern, body)
        return match and match.group(1)
    name = member(r'(?:CROFT_LAYOUT\(|\.name = )"(\w+)"')
    item = member(r'\.item = &(?:croft_)?(\w+)_layout')
    most = member(r'\.item_max = (\w+)')
    return Layout(name, "CROFT_LAYOUT(" in body or ".format = 1" in body, lists[member(r'(\w+_field)\b')], item,
                  member(r'\.item_name = "(\w+)"'), member(r'\.text_name = "(\w+)"'), int(values[most]) if most else 0)


def layouts(root):
    """{name: Layout} of wire/record.c, wire/market_record.c and wire/block.c."""
    headers = [read(root, f"src/wire/{name}.h") for name in LAYOUT_FILES]
    values = enum_values(headers)
    structs = struct_members("\n".join(headers))
    found = {}
    for name in LAYOUT_FILES:
        text = read(root, f"src/wire/{name}.c")
        lists = field_lists(text, structs, values)
        for variable, body in LAYOUT.findall(text):
            layout = layout_of(body, lists, values)
            shown = variable.removeprefix("croft_").removesuffix("_layout")
            assert layout.name == shown, f"layout {variable} is named {layout.name}"
            found[shown] = layout
    return found


def tables(root):
    header, source = read(root, "src/wire/record.h"), read(root, "src/wire/record.c")
    keys = {name: (int(number), clean(comment)) for name, number, comment in
            re.findall(r'CROFT_TABLE_(\w+) = (\d+),(?:\s*/\* (.*?) \*/)?', header)}
    found = []
    for name, shown, layout, key_bytes in re.findall(
            r'\[CROFT_TABLE_(\w+)\] = \{"(\w+)", (?:&croft_(\w+)_layout|NULL), (\d+)\}', source):
        number, comment = keys[name]
        found.append(Table(number, shown, int(key_bytes), layout, re.sub(r'^.*\bkey:? ', "", comment)))
    return found


# ---- proto/croft/v1/tx.proto ----

def messages(root, name="tx"):
    """{message: [Member]}; members of a oneof are in it with type 'ONEOF.Type'."""
    found = {}
    for message, body in re.findall(r'^message (\w+) \{\n(.*?)^\}', read(root, f"proto/croft/v1/{name}.proto"),
                                    flags=re.S | re.M):
        members, inside = [], ""
        for line in body.splitlines():
            oneof = re.match(r'\s*oneof (\w+) \{', line)
            inside = oneof.group(1) + "." if oneof else "" if line.strip() == "}" else inside
            match = re.match(r'\s*((?:repeated )?[\w.]+) (\w+) = (\d+);(?:\s*// (.*))?', line)
            if match:
                members.append(Member(int(match.group(3)), match.group(2), inside + match.group(1),
                                      clean(match.group(4) or "")))
        found[message] = members
    return found


def operations(root):
    """[(number, name, message)] of TxBody's oneof."""
    return [(m.number, m.name, m.type.removeprefix("op.")) for m in messages(root)["TxBody"]
            if m.type.startswith("op.")]
