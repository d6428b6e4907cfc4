"""tools/setup on a made-up machine: its package manager is a few lines of shell over text files."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

# `installed` and `archive` hold a package a line; `fresh` is what an update makes of the archive.
PROGRAMS = {
    "dpkg-query": 'sed "s/$/ installed/" "$MACHINE/installed"',
    "apt-cache": """
if grep -qx "$2" "$MACHINE/archive"; then echo "  Candidate: 1"; else echo "  Candidate: (none)"; fi
""",
    "apt-get": """
echo "$*" >>"$MACHINE/calls"
while [ "${1#-}" != "$1" ]; do [ "$1" = -o ] && shift; shift; done
command=$1; shift
case $command in
update) [ ! -e "$MACHINE/offline" ] || exit 100; cp "$MACHINE/fresh" "$MACHINE/archive" ;;
install)
  for name; do
    case $name in -*) continue ;; esac
    grep -qx "$name" "$MACHINE/broken" && { echo "E: $name is broken" >&2; exit 100; }
    echo "$name" >>"$MACHINE/installed"
  done ;;
esac
""",
    "sudo": 'exec "$@"',
    "oldtool": "echo oldtool v9.9.1",
    "newtool": "echo newtool v20.1.0",
}
LISTS = {
    "build": "# A comment.\nalpha   # why\nbeta1 | beta2   # either\n",
    "test": "gamma # why\n",
    "wasm": "delta # why\noldtool>=18 | newtool>=18 | epsilon # a program will do\n",
}


class Setup(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.machine = Path(self.folder.name)
        for name in ("bin", "tools/packages"):
            (self.machine / name).mkdir(parents=True)
        for name in ("setup", "lib.sh"):
            shutil.copy(ROOT / "tools" / name, self.machine / "tools")
        for name, text in LISTS.items():
            (self.machine / "tools/packages" / f"{name}.txt").write_text(text)
        for name, text in PROGRAMS.items():
            path = self.machine / "bin" / name
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)
        for name in ("installed", "archive", "fresh", "broken", "calls"):
            self.write(name)

    def write(self, name: str, *lines: str):
        (self.machine / name).write_text("".join(f"{line}\n" for line in lines))

    def lines(self, name: str) -> list[str]:
        return (self.machine / name).read_text().splitlines()

    def calls(self) -> list[str]:
        """Which apt-get commands were called, without options."""
        return [" ".join(word for word in call.split() if word[0] != "-" and "DPkg" not in word)
                for call in self.lines("calls")]

    def run_setup(self, *arguments: str) -> subprocess.CompletedProcess:
        path = f"{self.machine / 'bin'}:/usr/bin:/bin"
        return subprocess.run([self.machine / "tools/setup", *arguments], capture_output=True,
                              text=True, check=False, stdin=subprocess.DEVNULL,
                              env={**os.environ, "PATH": path, "MACHINE": str(self.machine)})

    def test_calls_no_package_manager_when_all_is_there(self):
        self.write("installed", "alpha", "beta2", "gamma", "delta")
        ran = self.run_setup("--for", "test")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(self.calls(), [])

    def test_installs_only_what_is_missing_and_the_alternative_that_exists(self):
        self.write("installed", "alpha")
        self.write("archive", "alpha", "beta2", "gamma", "delta")
        ran = self.run_setup("--for", "demo")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(self.calls(), ["install beta2"])
        ran = self.run_setup()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(self.calls(), ["install beta2", "install gamma", "install delta"])

    def test_takes_the_first_of_two_alternatives(self):
        self.write("archive", "alpha", "beta1", "beta2")
        self.assertEqual(self.run_setup("--for", "demo").returncode, 0)
        self.assertEqual(self.calls(), ["install alpha beta1"])

    def test_fetches_the_lists_of_a_fresh_machine_once(self):
        self.write("fresh", "alpha", "beta1", "gamma", "delta")
        ran = self.run_setup()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(self.calls(), ["update", "install alpha beta1 gamma", "install delta"])

    def test_a_program_of_the_right_version_spares_the_package(self):
        self.write("installed", "alpha", "beta1", "gamma", "delta")
        self.assertNotIn("epsilon", self.run_setup("--list").stdout)
        (self.machine / "bin/newtool").unlink()
        self.assertIn("epsilon (optional)", self.run_setup("--list").stdout)
        self.assertEqual(self.calls(), [])

    def test_names_a_package_that_the_archives_lack(self):
        self.write("fresh", "alpha", "gamma")
        ran = self.run_setup()
        self.assertEqual(ran.returncode, 1)
        self.assertIn('have no "beta1 | beta2"', ran.stderr)
        self.assertEqual(self.calls(), ["update"])

    def test_names_a_package_that_does_not_install(self):
        self.write("fresh", "alpha", "beta1", "gamma")
        self.write("broken", "beta1")
        ran = self.run_setup()
        self.assertEqual(ran.returncode, 1)
        self.assertIn("could not install: beta1", ran.stderr)
        self.assertNotIn("alpha", ran.stderr.splitlines()[-1])

    def test_tries_again_with_fresh_lists(self):
        self.write("installed", "alpha", "gamma", "delta")
        self.write("archive", "beta1")
        self.write("broken", "beta1")
        self.write("fresh", "beta2")
        ran = self.run_setup("--for", "demo")
        self.assertEqual(self.calls()[:2], ["install beta1", "update"])
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(self.calls()[2:], ["install beta2"])

    def test_goes_on_with_old_lists_when_no_new_ones_can_be_had(self):
        self.write("archive", "alpha", "beta1")
        self.write("offline")
        self.assertEqual(self.run_setup("--for", "demo").returncode, 0)
        self.assertEqual(self.calls(), ["install alpha beta1"])

    def test_optional_packages_are_reported_and_not_fatal(self):
        self.write("installed", "alpha", "beta1", "gamma")
        ran = self.run_setup()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn('going on without the WebAssembly build', ran.stdout)
        self.assertIn('have no "delta"', ran.stdout)
        self.assertEqual(self.calls(), ["update"])
        self.run_setup()
        self.assertEqual(self.calls(), ["update"], "not asked for again on the same day")

    def test_a_list_that_is_gone_is_no_empty_list(self):
        self.write("installed", "alpha", "beta1", "gamma", "delta")
        (self.machine / "tools/packages/test.txt").unlink()
        self.assertNotEqual(self.run_setup().returncode, 0)

    def test_refuses_unknown_arguments(self):
        for arguments in (["--for"], ["--for", "fun"], ["--nope"], ["x"]):
            ran = self.run_setup(*arguments)
            self.assertEqual(ran.returncode, 1)
            self.assertIn("setup: ", ran.stderr)


if __name__ == "__main__":
    unittest.main()
