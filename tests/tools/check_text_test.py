"""Each rule of tools/check_text.py, broken on a made-up tree."""
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).parent.parent.parent / "tools" / "check_text.py"

# File, its text, part of the reason.
REFUSED = [
    ("a.cc", "// TODO: later\n", "unfinished"),
    ("a.md", "FIXME\n", "unfinished"),
    ("a.sh", "cd /home/someone/cunji\n", "a path of one machine"),
    ("a.cmake", 'set(x "/Users/someone/cunji")\n', "a path of one machine"),
    ("a.lock", '"https://mirror.npmjs.org/vue"\n', "a package archive's host"),
    ("a.txt", "deb http://archive.ubuntu.com/ubuntu noble\n", "a package archive's host"),
    ("a.cc", "<<<<<<< ours\n", "a conflict"),
    ("a.proto", "option optimize_for = LITE_RUNTIME;\n", "lite code"),
]
ALLOWED = [
    ("a.md", "The lite build needs no optimize_for. Mastodon todo list.\n"),
    ("a.cc", '#include "shared/home/main.h"  // ../home/x, build/home/x, $HOME/home/x\n'),
    ("a.md", "<<<< is no conflict; Debian 12 and Ubuntu 24.04\n"),
    ("a.bin", "TODO \0"),
    ("a.cc", "int x;\n" * 600),
    ("a.json", "{}\n" * 700),
]


def run(file: str, text: str) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / file).write_text(text)
        return subprocess.run([PROGRAM, folder], capture_output=True, text=True, check=False)


class CheckText(unittest.TestCase):
    def test_refuses(self):
        for file, text, reason in REFUSED:
            with self.subTest(text=text):
                ran = run(file, "first line\n" + text)
                self.assertEqual(ran.returncode, 1)
                self.assertTrue(ran.stdout.startswith(f"{file}:2: "), ran.stdout)
                self.assertIn(reason, ran.stdout)

    def test_allows(self):
        for file, text in ALLOWED:
            with self.subTest(text=text[:40]):
                ran = run(file, text)
                self.assertEqual((ran.returncode, ran.stdout), (0, "text: in order\n"))

    def test_refuses_an_overlong_source(self):
        for file in ("a.cc", "a.h", "a.py"):
            ran = run(file, "x\n" * 601)
            self.assertEqual(ran.returncode, 1)
            self.assertIn(f"{file}:601: 601 lines, at most 600", ran.stdout)


if __name__ == "__main__":
    unittest.main()
