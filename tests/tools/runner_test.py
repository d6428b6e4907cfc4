"""tools/lib.sh's phases and tools/ctest_totals.py's sums: what a run says at its end."""
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).parent.parent.parent / "tools"


def bash(script: str) -> subprocess.CompletedProcess:
    return subprocess.run(["bash", "-c", f"source {TOOLS}/lib.sh\n{script}"], text=True,
                          capture_output=True, check=False, stdin=subprocess.DEVNULL)


def totals(reports: dict[str, str | None], *options: str) -> subprocess.CompletedProcess:
    """Of build folders with these test cases in their tests.xml; None: no such file."""
    with tempfile.TemporaryDirectory() as folder:
        for build, cases in reports.items():
            path = Path(folder) / build
            path.mkdir()
            if cases is not None:
                (path / "tests.xml").write_text(f"<testsuite>{cases}</testsuite>")
        return subprocess.run([TOOLS / "ctest_totals.py", *options, *reports], text=True,
                              capture_output=True, check=False, cwd=folder)


def case(name: str, status: str, inside: str = "") -> str:
    return f'<testcase name="{name}" status="{status}">{inside}</testcase>'


class Phases(unittest.TestCase):
    def test_are_named_and_entered_in_the_ledger(self):
        ran = bash("phase 'first thing' echo hello; phase second true; ledger")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertRegex(ran.stdout, r"(?s)==> first thing\nhello\n==> second\n.*Time by phase\n"
                                     r"  first thing +\d+\.\d s\n  second +\d+\.\d s\n"
                                     r"  the whole run +\d+ s\n$")

    def test_a_failure_ends_the_script_with_its_code_and_the_command_to_repeat(self):
        ran = bash("""trap ledger EXIT
                      phase broken sh -c 'echo why >&2; exit 7'
                      echo never""")
        self.assertEqual(ran.returncode, 7)
        self.assertNotIn("never", ran.stdout)
        self.assertRegex(ran.stdout, r"  broken +\d+\.\d s  FAILED\n")
        self.assertRegex(ran.stderr, r"why\nFailed: broken, with exit code 7 after \d+\.\d s\. "
                                     r"To repeat it, from .*:\n  sh -c echo\\ why")

    def test_a_function_stops_at_its_first_failure(self):
        ran = bash("work() { false; echo never; }; phase work work; echo never")
        self.assertEqual(ran.returncode, 1)
        self.assertNotIn("never", ran.stdout)

    def test_a_phase_that_may_be_skipped_says_so_and_the_script_goes_on(self):
        ran = bash("""phase --may-skip wasm sh -c 'exit 77'; echo "[$phase_skipped]"
                      phase other true; echo "[$phase_skipped]"; ledger""")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("Skipped: wasm", ran.stdout)
        self.assertIn("[yes]", ran.stdout)
        self.assertIn("[no]", ran.stdout)
        self.assertRegex(ran.stdout, r"  wasm +\d+\.\d s  skipped\n")

    def test_only_a_phase_that_may_be_skipped_can_be(self):
        self.assertEqual(bash("phase wasm sh -c 'exit 77'").returncode, 77)
        self.assertEqual(bash("phase --may-skip wasm sh -c 'exit 1'").returncode, 1)

    def test_no_colours_in_a_file(self):
        self.assertNotIn("\x1b", bash("phase a true; ledger; phase b false").stdout)


class Totals(unittest.TestCase):
    PASSED = case("a.A.Ok", "run")
    FAILED = case("a.S/P.X/1", "fail")
    SKIPPED = case("b", "notrun", '<skipped message="SKIP_RETURN_CODE=77"/>')
    DISABLED = case("c", "disabled")
    MISSING = case("d", "notrun", '<skipped message="Unable to find executable"/>')

    def test_add_up_all_builds(self):
        ran = totals({"one": self.PASSED + self.FAILED + self.SKIPPED, "two": self.PASSED,
                      "three": None})
        self.assertEqual(ran.stdout, "2 passed, 1 failed, 1 skipped\n")

    def test_what_did_not_run_and_did_not_say_why_has_failed(self):
        ran = totals({"one": self.DISABLED + self.MISSING + case("e", "unheard of")})
        self.assertEqual(ran.stdout, "0 passed, 2 failed, 1 skipped\n")

    def test_name_each_failed_test_and_its_command(self):
        ran = totals({"one": self.PASSED + self.FAILED, "two": self.PASSED}, "--failed")
        self.assertEqual(ran.stdout, "  a.S/P.X/1\n    ctest --test-dir one --output-on-failure "
                                     "-R '^a\\.S/P\\.X/1$'\n")

    def test_a_report_cut_short_is_an_error(self):
        self.assertNotEqual(totals({"one": "<testcase"}).returncode, 0)


if __name__ == "__main__":
    unittest.main()
