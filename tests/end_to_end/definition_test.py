"""What cunji-definition says to whoever writes a definition."""
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = pathlib.Path(os.environ.get("CUNJI_BIN", "build/release/bin")) / "cunji-definition"
GOOD = """programme: "small" document: "99" prefix: "SML" version: 1 effective_from: "2022-01-01"
label { zh: "小" en: "small" }
fact { id: "size" subject: "household" type: INTEGER label { zh: "人口" en: "size" } }
fact { id: "large" subject: "household" type: YES_NO derived: true label { zh: "大户" en: "large" } }
parameter { key: "large_from" basis: UNSET rule: "SML-R01" label { zh: "起点" en: "large from" } }
table { id: "large" writes: "large" otherwise: "no" label { zh: "大户" en: "large" }
  row { value: "yes" reason: "large" label { zh: "人多" en: "many" }
    when { value { fact: "size" } is { at_least { parameter: "large_from" } } } } }
"""


class Definition(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def write(self, text, name="definition.txtpb"):
        (self.folder / name).write_text(text)
        return name

    def run_program(self, *args):
        done = subprocess.run([PROGRAM.resolve(), *args], cwd=self.folder, capture_output=True, text=True,
                              timeout=60)
        return done.returncode, done.stdout + done.stderr

    def test_takes_one_in_order_and_lists_what_is_unset(self):
        code, said = self.run_program("check", self.write(GOOD))
        self.assertEqual(code, 0, said)
        self.assertIn("SML-R01 large_from", said)
        self.assertIn("in order: 1", said)

    def test_names_file_line_and_id_of_every_problem(self):
        text = GOOD.replace('fact: "size" }', 'fact: "sizes" }').replace('reason: "large"', '')
        code, said = self.run_program("check", self.write(text))
        self.assertEqual(code, 1)
        self.assertIn('definition.txtpb:8: large: no fact "sizes"', said)
        self.assertIn("definition.txtpb:7: large: for what reason?", said)
        self.assertIn("wrong: 2", said)

    def test_knows_which_calculations_there_are(self):
        said = GOOD + ('fact { id: "people" subject: "household" type: INTEGER derived: true label '
                       '{ zh: "人" en: "people" } }\n'
                       'calculation { id: "ask_the_stars" version: 2 on: "household" in: "size" '
                       'out: "people" scope: "subject" label { zh: "算" en: "stars" } }\n')
        code, said = self.run_program("check", self.write(said))
        self.assertEqual(code, 1)
        self.assertIn("definition.txtpb:10: ask_the_stars: this program has no calculation "
                      "ask_the_stars@2", said)

    def test_looks_at_all_files_together(self):
        other = GOOD.replace('"small"', '"other"')
        code, said = self.run_program("check", self.write(GOOD), self.write(other, "other.txtpb"))
        self.assertEqual(code, 1)
        self.assertIn("other.txtpb:3: size: the fact is defined twice", said)

    def test_says_where_a_text_cannot_be_read(self):
        broken = self.write("programme: \"small\"\nfakt { }\n", "broken.txtpb")
        code, said = self.run_program("check", broken, "absent.txtpb", self.write(GOOD))
        self.assertEqual(code, 1)
        self.assertIn("broken.txtpb:2: ", said)
        self.assertIn("absent.txtpb:1: ", said)

    def test_encodes(self):
        name = self.write(GOOD)
        self.assertEqual(self.run_program("encode", name, "out.binpb"), (0, ""))
        encoded = (self.folder / "out.binpb").read_bytes()
        self.assertTrue(encoded.startswith(b"\x0a\x05small"), encoded[:20])
        self.assertEqual(self.run_program("encode", name, "no/such/folder")[0], 1)
        self.assertEqual(self.run_program("encode", self.write("x", "x.txtpb"), "x.binpb")[0], 1)
        self.assertFalse((self.folder / "x.binpb").exists())

    def test_teaches_its_use(self):
        self.assertEqual(self.run_program("--help")[0], 0)
        for args in ([], ["check"], ["encode", "one"], ["chekc", "a"]):
            self.assertEqual(self.run_program(*args)[0], 2, args)


if __name__ == "__main__":
    unittest.main()
