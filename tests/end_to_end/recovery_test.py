"""The ways out for unsent work (D16), with real processes: a forgotten PIN and the county's recovery
key, which takes two officers; and what a device that lies about deletes by itself."""
import hashlib
import json
import os
import pathlib
import pty
import signal
import tempfile
import termios
import time
import unittest

import county as c
import made_up_photo
from log_export import read_export
from slow_line import SlowLine

NAME, REMARK = "王桂兰", "院墙塌了一角，雨前须修"
HOUSEHOLD = "11111111111111111111111111111111"
PASSPHRASES = {1: "the first officer's", 2: "the second officer's", 3: "the third officer's"}
os.environ |= {f"CUNJI_SHARE_PASSPHRASE_{n}": words for n, words in PASSPHRASES.items()}


def register(county):
    rows = county.top / "register.jsonl"
    row = {"register": "household", "id": HOUSEHOLD, "division": c.VILLAGE,
           "facts": {"number": "0001", "head_name": NAME,
                     "household_category": {"codes": ["monitored"]}}}
    rows.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    county.server("register", county.folder, rows)


def logged(county):
    return [entry.digest for entry in read_export(county.export())]


def wait_until(done, what):
    deadline = time.monotonic() + c.SECONDS_MAX
    while not done():
        if time.monotonic() > deadline:
            raise c.Failed(what)
        time.sleep(0.05)


class Recovery(unittest.TestCase):
    def setUp(self):
        self.shares_folder = tempfile.TemporaryDirectory(prefix="cunji-shares-")
        self.addCleanup(self.shares_folder.cleanup)
        folder = pathlib.Path(self.shares_folder.name)
        self.shares = [folder / f"share-{n}" for n in (1, 2, 3)]
        self.county = c.County(*[text for path in self.shares
                                 for text in ("--recovery-share-out", path)])
        self.addCleanup(self.county.__exit__)
        register(self.county)
        self.county.start()
        self.device = self.county.device("node").enrol()

    def visit(self):
        self.device.node("record", "visit", "--household", "0001", "--outcome", "met", "--remark",
                         REMARK)
        return self.device.events()[-1]["digest"]

    def rescue(self):
        """As a person without the PIN does."""
        path = self.county.top / "work.rescue"
        env = {name: value for name, value in os.environ.items() if name != "CUNJI_PIN"}
        self.device.node("rescue", path, env=env, start_new_session=True)
        return path

    def recover(self, file, *shares, check=True, **passphrases):
        args = [text for share in shares for text in ("--share", share)]
        return self.county.server("recover", self.county.folder, file, *args, check=check,
                                  env=os.environ | passphrases)

    def refused(self, says, *args, **passphrases):
        done = self.recover(*args, check=False, **passphrases)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(says, done.stderr)

    def test_a_forgotten_pin_loses_nothing(self):
        self.assertTrue(self.device.status()["recoverable"])
        visits = [self.visit(), self.visit()]
        file = self.rescue()
        for text in (NAME, REMARK, REMARK[:3], "0001"):
            self.assertNotIn(text.encode(), file.read_bytes())
        self.recover(file, self.shares[0], self.shares[2])
        wait_until(lambda: all(v in logged(self.county) for v in visits), "the visits are not logged")
        self.recover(file, self.shares[1], self.shares[0])  # Twice: each is logged once.
        self.assertEqual([logged(self.county).count(v) for v in visits], [1, 1])
        self.assertIn(REMARK.encode(), self.county.export().read_bytes(), "with their bodies")
        # The person's new vault, under a new code, shows what the old one had recorded.
        fresh = self.county.device("fresh").enrol()
        self.assertIn(NAME, fresh.node("households").stdout)
        self.assertGreaterEqual(fresh.status()["entries"], 2)

    def test_photos_come_with_it_also_those_of_logged_visits(self):
        def photo(name, size, seed):
            path = self.county.top / name
            path.write_bytes(made_up_photo.photo(size, seed))
            return hashlib.sha256(made_up_photo.picture(size, seed)).hexdigest(), path

        def visit(path):
            self.device.node("record", "visit", "--household", "0001", "--outcome", "met",
                             "--photo", path)

        def filed():
            return {path.name for path in (self.county.folder / "blobs").rglob("*")
                    if path.is_file()}

        large, path = photo("large.jpg", 300_000, 1)
        visit(path)
        with SlowLine(self.county.address, 2_000_000, cut_bytes=60_000) as line:
            self.device.node("sync", line.address, check=False)
        self.assertEqual((self.device.status()["unsent"], self.device.status()["photos_waiting"]),
                         (0, 1), "the visit is logged, its photo is not there")
        file = self.rescue()
        self.assertNotIn(made_up_photo.picture(300_000, 1)[200:260], file.read_bytes())
        small, path = photo("small.jpg", 20_000, 2)
        visit(path)
        file = self.rescue()
        # A photo that was damaged on the way is found; left out where that is asked for.
        whole = file.read_bytes()
        file.write_bytes(whole[:-1_000] + bytes([whole[-1_000] ^ 1]) + whole[-999:])
        self.refused("a photo is damaged", file, *self.shares[:2])
        self.assertFalse((self.county.folder / "recovered").exists())
        done = self.county.server("recover", self.county.folder, file, "--share", self.shares[0],
                                  "--share", self.shares[1], "--lost-bodies")
        self.assertIn("damaged photos left out: 1", done.stdout)
        wait_until(lambda: filed() == {large}, "the logged visit's photo is not filed")
        file.write_bytes(whole)
        done = self.recover(file, *self.shares[1:])
        self.assertIn("filed once their events are logged: 1", done.stdout)
        wait_until(lambda: filed() == {large, small}, "the new visit's photo is not filed")
        wait_until(lambda: not list((self.county.folder / "recovered").iterdir()),
                   "it still waits where it was put aside")

    def test_two_different_officers_of_this_county_are_needed(self):
        self.visit()
        file = self.rescue()
        one, two, _ = self.shares
        self.refused("two officers are needed", file, one)
        self.refused("the same share twice", file, one, one)
        self.refused("wrong PIN or passphrase", file, one, two,
                     CUNJI_SHARE_PASSPHRASE_2="the second officer")
        with tempfile.TemporaryDirectory() as folder:
            other_shares = [pathlib.Path(folder) / name for name in ("a", "b")]
            with c.County("--recovery-share-out", other_shares[0], "--recovery-share-out",
                          other_shares[1]) as other:
                self.refused("another county's recovery key", file, one, other_shares[1])
                done = other.server("recover", other.folder, file, "--share", other_shares[0],
                                    "--share", other_shares[1], check=False)
                self.assertIn("is of another county", done.stderr)
        for path, says in ((file, "damaged"), (two, "damaged")):
            whole = path.read_bytes()
            for place in (len(whole) // 2, len(whole) - 3):
                path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:])
                done = self.recover(file, one, two, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn("error", done.stderr)
            path.write_bytes(whole)
        self.refused("not a rescue file", one, one, two)
        self.refused("not a recovery share", file, one, file)

    def test_what_init_takes(self):
        def refused(says, *shares, **passphrases):
            top = self.county.top / "refused"
            done = self.county.server("init", top, "--county", "411323", "--name", "西峡县",
                                      "--root-key-out", self.county.top / "refused.key",
                                      *[t for s in shares for t in ("--recovery-share-out", s)],
                                      check=False, env=os.environ | passphrases)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(says, done.stderr)
            self.assertFalse(top.exists(), "nothing is left of a refused init")

        new = [self.county.top / name for name in ("x", "y")]
        refused("officers", new[0])
        refused("exists already", new[0], new[0])
        refused("exists already", new[0], self.shares[0])
        refused("12 characters", *new, CUNJI_SHARE_PASSPHRASE_2="short")

    def test_without_a_recovery_key_it_is_said(self):
        with c.County() as other:
            other.start()
            device = other.device("node").enrol()
            self.assertFalse(device.status()["recoverable"])
            self.assertIn("unsent work is lost", device.node("status").stdout)
            done = device.node("rescue", other.top / "x", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("no recovery key", done.stderr)

    def test_a_colleague_brings_the_work_of_a_revoked_device(self):
        colleague = self.county.device("colleague").enrol()
        self.device.node("sync")  # Hears of the colleague's credential.
        visit = self.visit()
        bundle = self.county.top / "work.cunji"
        done = self.device.node("bundle", bundle, "--for", "cunji-box:AAAA", check=False)
        self.assertIn("copied whole", done.stderr)
        box = colleague.node("box-key").stdout.strip()
        self.device.node("bundle", bundle, "--for", box)
        self.assertNotIn(REMARK.encode(), bundle.read_bytes())
        self.assertEqual(self.device.status()["in_bundles"], 1)
        done = self.device.node("take-bundle", bundle, check=False)
        self.assertIn("sealed to somebody else", done.stderr)
        done = self.county.server("take-bundle", self.county.folder, bundle, check=False)
        self.assertEqual(done.returncode, 1, "it is not the county's to open")
        colleague.node("take-bundle", bundle)
        self.assertEqual(colleague.status()["carried"], 1)
        for path in colleague.folder.rglob("*"):
            self.assertNotIn(REMARK.encode(), path.read_bytes() if path.is_file() else b"", path)
        key = self.device.status()["key"]
        self.county.server("revoke", self.county.folder, "--key", key, "--reason", "ended")
        self.assertEqual(self.device.status()["unsent"], 1)
        colleague.node("sync")
        self.assertEqual(colleague.status()["carried"], 0)
        self.assertEqual(logged(self.county).count(visit), 1)
        self.assertIn(REMARK.encode(), self.county.export().read_bytes())
        # The device itself was never on the line in between: now it hears of both, and is wiped.
        wait_until(lambda: "was wiped" in self.device.node("sync").stdout, "it was not wiped")
        self.assertFalse((self.device.folder / "vault").exists())
        self.assertEqual(logged(self.county).count(visit), 1)

    def test_the_sender_sees_who_has_taken_it_over(self):
        colleague = self.county.device("colleague").enrol()
        self.device.node("sync")
        self.visit()
        bundle = self.county.top / "work.cunji"
        self.device.node("bundle", bundle, "--for", colleague.node("box-key").stdout.strip())
        colleague.node("take-bundle", bundle)
        self.assertNotIn("taken_over_by", self.device.status())
        colleague.node("sync")
        self.device.node("sync")
        by = self.device.status()["taken_over_by"]
        self.assertEqual((by["key"], by["role"], by["through"]),
                         (colleague.status()["key"], "coordinator", 1))
        shown = self.device.node("status").stdout
        self.assertIn("由同事接收", shown)
        self.assertIn(f"taken over by {by['key'][:16]}… coordinator, up to number 1", shown)
        self.assertNotIn("taken over", colleague.node("status").stdout)

    def test_thirty_days_locked_take_the_villages_away(self):
        self.visit()
        now = time.time()
        at = lambda days: time.strftime("%Y-%m-%dT%H:%M", time.localtime(now + days * 86_400))
        households = lambda days: self.device.node("--clock", at(days), "households").stdout
        self.assertIn(NAME, households(29))
        # Nobody gets in, but somebody tried: that is enough.
        wrong = os.environ | {"CUNJI_PIN": "773401"}
        done = self.device.node("--clock", at(58), "status", env=wrong, check=False)
        self.assertNotIn("not unlocked", done.stdout)
        done = self.device.node("--clock", at(61), "status", env=wrong, check=False)
        self.assertIn("not unlocked for 30 days", done.stdout)
        self.assertNotIn(NAME, households(61))
        self.assertEqual(self.device.status()["unsent"], 1, "own work stays")
        self.device.node("sync")
        self.assertIn(NAME, households(1))
        # Unlocked after too long: before anything is shown.
        shown = self.device.node("--clock", at(99), "households").stdout
        self.assertIn("not unlocked for 30 days", shown)
        self.assertNotIn(NAME, shown)


class Terminal(unittest.TestCase):
    """The question for a PIN: unseen, and the terminal as it was before, however it ends."""

    def ask(self, folder):
        env = {name: value for name, value in os.environ.items() if name != "CUNJI_PIN"}
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(c.BIN / "cunji-node",
                      ["cunji-node", "--data", folder, "--device-secret", folder + "-secret", "init"],
                      env)
        self.addCleanup(os.close, terminal)
        seen = b""
        while b"PIN" not in seen:
            seen += os.read(terminal, 1_000)
        return pid, terminal

    @staticmethod
    def echoes(terminal):
        return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)

    def test_signals_leave_the_terminal_loud(self):
        with tempfile.TemporaryDirectory() as top:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
                with self.subTest(signal=number.name):
                    pid, terminal = self.ask(top + "/" + number.name)
                    wait_until(lambda: not self.echoes(terminal), "the terminal was not silent")
                    os.kill(pid, number)
                    _, status = os.waitpid(pid, 0)
                    self.assertEqual(os.WTERMSIG(status), number, "it does what the signal does")
                    self.assertTrue(self.echoes(terminal))

    def test_stopped_it_is_loud_and_asks_on_afterwards(self):
        with tempfile.TemporaryDirectory() as top:
            pid, terminal = self.ask(top + "/node")
            wait_until(lambda: not self.echoes(terminal), "the terminal was not silent")
            os.kill(pid, signal.SIGTSTP)
            # The only process of its session: its group is orphaned, so it is not really stopped.
            _, status = os.waitpid(pid, os.WUNTRACED | os.WNOHANG)
            os.kill(pid, signal.SIGCONT)
            wait_until(lambda: not self.echoes(terminal), "it did not go on in silence")
            os.write(terminal, b"480215\n")
            time.sleep(0.2)
            os.write(terminal, b"480215\n")
            seen = b""
            try:
                while chunk := os.read(terminal, 1_000):
                    seen += chunk
            except OSError:
                pass  # The other end is gone.
            _, status = os.waitpid(pid, 0)
            self.assertEqual(os.waitstatus_to_exitcode(status), 0, seen)
            self.assertNotIn(b"480215", seen)
            self.assertTrue(self.echoes(terminal))


if __name__ == "__main__":
    unittest.main(verbosity=2)
