"""What tools/check_rules.py accepts as an answer to a rule, on a made-up tree."""
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).parent.parent.parent / "tools" / "check_rules.py"
DEFINITION = "shared/programmes/p/definition.txtpb"
README = "shared/programmes/p/README.md"
SECTION = "## Rules without a mechanism\n"

# Ids, files with their text, the ids that stay without an answer.
CASES = [
    ("a rule", ["ABC-R01"], {DEFINITION: 'rule: "ABC-R01"'}, []),
    ("two in one string", ["ABC-R01", "ABC-A01"], {DEFINITION: 'rule: "ABC-R01 ABC-A01"'}, []),
    ("a comment answers nothing", ["ABC-R01"],
     {DEFINITION: '# "ABC-R01"\nx: "#" # "ABC-R01"'}, ["ABC-R01"]),
    ("a part of a warning", ["ABC-W01"], {DEFINITION: 'id: "ABC-W01b"'}, []),
    ("a part that is listed", ["ABC-R01", "ABC-R01a"], {DEFINITION: 'rule: "ABC-R01a"'}, ["ABC-R01"]),
    ("another number", ["ABC-R01"], {DEFINITION: 'rule: "ABC-R011"'}, ["ABC-R01", "ABC-R011"]),
    ("a reason", ["ABC-R01"], {README: SECTION + "| ABC-R01 | a direction, nothing to record |"}, []),
    ("one reason for two", ["ABC-R01", "ABC-R02"],
     {README: SECTION + "- ABC-R01, ABC-R02: a direction only"}, []),
    ("no reason", ["ABC-R01"], {README: SECTION + "| ABC-R01 | – |"}, ["ABC-R01"]),
    ("another section", ["ABC-R01"],
     {README: SECTION + "## More\n| ABC-R01 | a direction only |"}, ["ABC-R01"]),
    ("a rule in a test only", ["ABC-R01"], {"tests/unit/a_test.cc": "// ABC-R01"}, ["ABC-R01"]),
    ("an example in a test", ["ABC-X01", "GEN-02"], {"tests/unit/a_test.cc": "// ABC-X01, GEN-02"}, []),
    ("in a scenario", ["ABC-X01"], {"shared/programmes/p/scenarios/month.txtpb": "ABC-X01"}, []),
    ("an example in a definition only", ["ABC-X01"], {DEFINITION: 'rule: "ABC-X01"'}, ["ABC-X01"]),
    ("an id that nobody knows", ["ABC-A01"], {DEFINITION: '\nrule: "ABC-R09"'}, ["ABC-R09"]),
    ("another document's id", ["ABC-A01"], {DEFINITION: 'rule: "XYZ-R09"'}, []),
]


def run(files: dict[str, str], *arguments: str) -> tuple[subprocess.CompletedProcess, str]:
    with tempfile.TemporaryDirectory() as folder:
        for file, text in files.items():
            path = Path(folder) / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        ran = subprocess.run([PROGRAM, folder, *[a.replace("FOLDER", folder) for a in arguments]],
                             capture_output=True, text=True, check=False)
        made = Path(folder) / "tools/rules.txt"
        return ran, made.read_text() if made.is_file() else ""


class CheckRules(unittest.TestCase):
    def test_answers(self):
        for what, ids, files, missing in CASES:
            with self.subTest(what):
                ran, _ = run(files | {"tools/rules.txt": "\n".join(["# a list", *ids])})
                self.assertEqual(ran.returncode, 1 if missing else 0, ran.stdout + ran.stderr)
                lines = ran.stdout.splitlines()
                self.assertEqual(len(lines), len(missing) + 1, ran.stdout)
                for name, line in zip(missing, lines):
                    self.assertIn(name, line)

    def test_says_where_an_unknown_id_stands(self):
        ran, _ = run({"tools/rules.txt": "ABC-A01", DEFINITION: '\nrule: "ABC-R09"'})
        self.assertTrue(ran.stdout.startswith(f"{DEFINITION}:2: no ABC-R09"), ran.stdout)

    def test_update(self):
        table = "| ID | Rule |\n|---|---|\n| {} | text with ABC-R07 |\nABC-R08 in a sentence"
        ran, made = run({"tools/rules.txt": "", "domain/08-a.md": table.format("ABC-R01a"),
                         "domain/18-b.md": table.format("XYZ-W01"),
                         "domain/README.md": table.format("GEN-01")}, "--update", "FOLDER/domain")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual([line for line in made.splitlines() if line[0] != "#"],
                         ["ABC-R01a", "XYZ-W01", "GEN-01"])

    def test_without_a_list(self):
        ran, _ = run({})
        self.assertEqual(ran.returncode, 1)
        self.assertIn("--update", ran.stderr)


if __name__ == "__main__":
    unittest.main()
