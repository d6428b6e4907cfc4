"""What `cmake --install` puts where, and that systemd takes the unit as it is."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import county as c

BUILD = c.BIN.resolve().parent


class Service(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = pathlib.Path(tempfile.mkdtemp(prefix="cunji-install-"))
        c.run("cmake", "--install", BUILD, "--prefix", cls.top / "usr")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.top, ignore_errors=True)

    def test_installs_programs_unit_and_example(self):
        for name in ("bin/cunji-server", "bin/cunji-node", "lib/systemd/system/cunji-server.service",
                     "lib/sysusers.d/cunji.conf"):
            self.assertTrue((self.top / "usr" / name).is_file(), name)
        example = next((self.top / "usr/share/doc").rglob("server.toml"))
        done = c.run(self.top / "usr/bin/cunji-server", "check-config", example)
        self.assertIn("in order", done.stdout)

    def test_systemd_takes_the_unit(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed here")
        installed = (self.top / "usr/lib/systemd/system/cunji-server.service").read_text()
        # With the programs where they are now, since systemd looks whether they can be run.
        started = [line.split()[0].split("=")[1] for line in installed.splitlines()
                   if line.startswith("ExecStart=")]
        self.assertEqual(len(started), 1)
        self.assertTrue(started[0].endswith("/bin/cunji-server"), started)
        unit = self.top / "cunji-server.service"
        unit.write_text(installed.replace(started[0], str(self.top / "usr/bin/cunji-server")))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=c.SECONDS_MAX,
                              env=os.environ | {"LC_ALL": "C"})
        ours = [line for line in done.stdout.splitlines() if "cunji-server" in line]
        self.assertEqual((done.returncode, ours), (0, []), done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
