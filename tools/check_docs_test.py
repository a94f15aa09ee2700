"""check_docs.py: the project as it is passes; each small change of code or page alone is found."""
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check_docs
import make_spec_tables

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHECKS = (check_docs.check_made, check_docs.check_operations, check_docs.check_names)


class Docs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in ("src", "proto"):
            shutil.copytree(ROOT / name, self.root / name)
        page = self.root / make_spec_tables.PAGE
        page.parent.mkdir(parents=True)
        shutil.copy(ROOT / make_spec_tables.PAGE, page)

    def change(self, name, old, new):
        path = self.root / name
        text = path.read_text(encoding="utf8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1), encoding="utf8")

    def faults(self, remake=False):
        if remake:
            make_spec_tables.main(self.root, False)
        text = (self.root / make_spec_tables.PAGE).read_text(encoding="utf8")
        return " | ".join(fault for check in CHECKS for fault in check(self.root, text))

    def test_as_it_is(self):
        self.assertEqual(self.faults(), "")

    def test_a_changed_default(self):
        self.change("src/wire/param.h", "X(VALID_UNTIL_MAX_S, 2, 1, 86400,", "X(VALID_UNTIL_MAX_S, 2, 1, 86401,")
        self.assertIn("differs from the code", self.faults())
        self.assertEqual(self.faults(remake=True), "")

    def test_a_new_error_must_be_said(self):
        self.change("src/base/err.h", 'X(CROFT_ERR_OP_DEPOSIT, 317,', 'X(CROFT_ERR_OP_NEW, 318, "new") X(CROFT_ERR_OP_DEPOSIT, 317,')
        self.assertIn("OP_NEW is in the table only", self.faults(remake=True))

    def test_a_new_operation_needs_a_section(self):
        self.change("proto/croft/v1/tx.proto", "    Vote vote = 41;", "    Vote vote = 41;\n    Vote recount = 42;")
        self.assertIn("operation recount (42) has no section", self.faults(remake=True))

    def test_a_section_without_operation(self):
        self.change(make_spec_tables.PAGE, "### `vote`", "### `poll`")
        self.assertIn("section poll", self.faults())
        self.assertIn("operation vote (41) has no section", self.faults())

    def test_a_section_without_its_effects(self):
        self.change(make_spec_tables.PAGE, "**Does**", "Does")
        self.assertIn("lacks **Does**", self.faults())

    def test_a_moved_field(self):
        self.change("src/wire/record.c", "CROFT_FIELD(AMT, croft_account_record, deposit),", "")
        self.assertIn("differs from the code", self.faults())

    def test_a_layout_left_out(self):
        self.change(make_spec_tables.PAGE, "<!-- made: layout issuer -->", "<!-- made: layout key -->")
        self.assertIn("has no table <!-- made: layout issuer -->", self.faults(remake=True))

    def test_a_name_that_does_not_exist(self):
        self.change(make_spec_tables.PAGE, "`OP_VOTED`", "`OP_VOTTED`")
        self.assertIn("OP_VOTTED, which does not exist", self.faults())

    def test_every_item_of_the_code_is_read(self):
        """The patterns of spec_source leave nothing out that a plain count finds."""
        source = make_spec_tables.source
        text = (ROOT / "src/base/err.h").read_text(encoding="utf8")
        self.assertEqual(len(source.errors(ROOT)), text.count("    X(CROFT_"))
        text = (ROOT / "src/wire/param.h").read_text(encoding="utf8")
        self.assertEqual(len(source.params(ROOT)), text.count("\n    X("))
        layouts = source.layouts(ROOT)
        text = "".join((ROOT / f"src/wire/{name}.c").read_text(encoding="utf8") for name in source.LAYOUT_FILES)
        fields = sum(len(layout.fields) for layout in layouts.values())
        self.assertEqual(fields, text.count(" CROFT_FIELD(") + text.count(" CROFT_FIELD_AS("))
        self.assertEqual(len(layouts), text.count("const struct croft_layout ") - text.count("const struct croft_layout *"))
        self.assertEqual(sum(layout.text_name is not None for layout in layouts.values()), text.count(".text_name = "))

    def test_a_longer_text(self):
        self.change("src/wire/market_record.h", "CROFT_ATTRIBUTES_BYTES_MAX = 1000", "CROFT_ATTRIBUTES_BYTES_MAX = 1001")
        self.assertIn("differs from the code", self.faults())

    def test_a_moved_field_of_an_item(self):
        self.change("src/wire/market_record.c", "CROFT_FIELD(U8, croft_alternate, device),", "")
        self.assertIn("differs from the code", self.faults())

    def test_links_and_paths(self):
        page = self.root / "page.md"
        page.write_text("# A head\n[a](#a-head) [b](#b) [c](none.md) `src/wire/tx.c: croft_pack` `src/none.c` `croft_none`\n")
        found = [*check_docs.check_links(page), *check_docs.check_paths(self.root, page),
                 *check_docs.check_identifiers(page, check_docs.code_names(self.root))]
        self.assertEqual(found, ["link to #b: there is no such heading", "link to none.md: there is no such file",
                                 "names src/none.c, which does not exist",
                                 "names croft_none, which the code does not have"])


if __name__ == "__main__":
    unittest.main()
