"""Sealed devices (D16) with real processes: what lies on a locked node's disk, PINs and passphrases,
wrong ones, damaged files, several people's vaults on one device."""
import hashlib
import json
import os
import struct
import subprocess
import time
import unittest

import county as c
import made_up_photo
from log_export import read_export

NAME, REMARK = "王桂兰", "院墙塌了一角，雨前须修"
HOUSEHOLD = "11111111111111111111111111111111"


def plain(**changes):
    """The environment of these tests with `changes`; None takes a variable away."""
    out = dict(os.environ)
    for name, value in changes.items():
        if value is None:
            out.pop(name, None)
        else:
            out[name] = value
    return out


def files_below(folder):
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


class Vault(unittest.TestCase):
    def setUp(self):
        self.hidden = []
        self.county = c.County()
        self.addCleanup(self.county.__exit__)
        self.device = self.county.device("node")

    def refused(self, *says, args=("status",), **changes):
        """A command that must fail and say something."""
        done = self.device.node(*args, check=False, env=plain(**changes), start_new_session=True)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        for text in says:
            self.assertIn(text, done.stderr)

    def register(self):
        rows = self.county.top / "register.jsonl"
        row = {"register": "household", "id": HOUSEHOLD, "division": c.VILLAGE,
               "facts": {"number": "0001", "head_name": NAME,
                         "household_category": {"codes": ["monitored"]}}}
        rows.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
        self.county.server("register", self.county.folder, rows)

    def test_a_locked_node_shows_nothing(self):
        self.register()
        self.county.start()
        self.device.enrol()
        self.assertIn(NAME, self.device.node("households").stdout)
        photo = self.county.top / "photo.jpg"
        kept = made_up_photo.picture(50_000, 1)
        photo.write_bytes(made_up_photo.photo(50_000, 1))
        self.device.node("record", "visit", "--household", "0001", "--outcome", "met", "--remark",
                         REMARK, "--photo", photo)
        # Any run of it, at any place in a chunk; its digest; what its file said.
        self.hidden = [kept[n:n + 16] for n in range(0, len(kept) - 16, 5_003)]
        self.hidden += [hashlib.sha256(kept).digest(), made_up_photo.CAMERA]
        self.look_for_plaintext()
        self.leave_a_log()
        self.assertEqual(self.look_for_plaintext(), 1)
        self.device.node("sync")
        self.look_for_plaintext()
        self.assertIn(REMARK.encode(), b"".join(files_below(self.county.folder).values()),
                      "what is looked for stands in clear where nothing is sealed")
        self.assertIn(NAME, self.device.node("households").stdout)
        self.assertEqual(self.device.status()["photos_sent"], 1)
        for part in self.hidden[:-1]:
            self.assertIn(part, b"".join(files_below(self.county.folder).values()))

    def leave_a_log(self):
        """Kills `record` when it has written to the write-ahead log, which then stays."""
        log, deadline = self.device.folder / "node.db-wal", time.monotonic() + c.SECONDS_MAX

        def written():
            try:
                return log.stat().st_size > 0
            except FileNotFoundError:
                return False

        while time.monotonic() < deadline:
            process = subprocess.Popen(
                self.device.command("record", "visit", "--household", "0001", "--outcome", "met",
                                    "--remark", REMARK),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while process.poll() is None and not written():
                pass
            process.kill()
            process.wait()
            if written():
                return
        self.fail("no write-ahead log was left behind")

    def look_for_plaintext(self):
        """Number of write-ahead logs with something in them that were looked at."""
        logs = 0
        for path in self.device.folder.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            for text in (NAME, REMARK, NAME[:2], "head_name", "monitored"):
                self.assertNotIn(text.encode(), content, f"{text} in {path.name}")
            for part in self.hidden:
                self.assertNotIn(part, content, f"of a photo in {path.name}")
            logs += path.name.endswith("-wal") and len(content) > 0
        return logs

    def test_what_init_takes(self):
        self.refused("CUNJI_PIN", args=["init"], CUNJI_PIN=None)
        for bad in ("48021", "123456", "111111", "168168", "short words"):
            with self.subTest(pin=bad):
                self.refused("PIN", args=["init"], CUNJI_PIN=bad)
        self.refused("口令", "passphrase", args=["init", "--desk"], CUNJI_PIN="480215")
        self.assertEqual(files_below(self.device.folder), {}, "nothing is left of a refused init")
        self.device.node("init", "--desk", env=plain(CUNJI_PIN="an office's words"))
        self.refused("passphrase", args=["change-pin"], CUNJI_PIN="an office's words",
                     CUNJI_NEW_PIN="480215")
        self.device.node("status", env=plain(CUNJI_PIN="an office's words"))

    def test_wrong_pins_wait_and_never_shut_out(self):
        self.device.node("init")
        for _ in range(3):
            self.refused("PIN 或口令不对", "wrong PIN", CUNJI_PIN="773401")
        attempts = self.device.folder / "attempts"
        self.assertEqual(struct.unpack(">QQ", attempts.read_bytes())[0], 3)
        attempts.write_bytes(struct.pack(">QQ", 11, 0))  # Long ago: the next one is tried.
        self.refused("wrong PIN or passphrase, try again in", CUNJI_PIN="773401")
        self.refused("秒后再试", "try again in", CUNJI_PIN=os.environ["CUNJI_PIN"])
        attempts.write_bytes(struct.pack(">QQ", 12, int(time.time() * 1000) - 300_000))
        self.device.node("status")
        self.assertFalse(attempts.exists())

    def test_the_pin_by_file_descriptor(self):
        self.device.node("init")
        for pin, code in ((os.environ["CUNJI_PIN"], 0), ("773401", 1)):
            read, write = os.pipe()
            os.write(write, pin.encode() + b"\n")
            os.close(write)
            done = self.device.node("--pin-fd", read, "status", check=False, pass_fds=[read],
                                    env=plain(CUNJI_PIN=None))
            os.close(read)
            self.assertEqual(done.returncode, code, done.stderr)

    def test_a_new_pin_rewrites_the_vault_only(self):
        self.device.node("init")
        before = files_below(self.device.folder)
        self.device.node("change-pin", env=plain(CUNJI_NEW_PIN="773401"))
        after = files_below(self.device.folder)
        self.assertEqual([p.name for p in before if before[p] != after[p]], ["vault"])
        self.refused("wrong PIN")
        self.device.node("status", env=plain(CUNJI_PIN="773401"))

    def test_damage_and_mix_ups_are_told(self):
        self.device.node("init")
        secret = self.county.top / "device-secret"
        for path, says in ((self.device.folder / "vault", "the vault is damaged"),
                           (self.device.folder / "key", "the key file is damaged"),
                           (secret, "another device secret")):
            with self.subTest(file=path.name):
                whole = path.read_bytes()
                damaged = bytearray(whole)
                damaged[len(damaged) // 2] ^= 1
                path.write_bytes(damaged)
                self.refused(says)
                if path.name != "key":  # A node that is not enrolled makes itself a new one.
                    path.unlink()
                    self.refused("missing")
                path.write_bytes(whole)
                self.device.node("status")
        self.refused("made for a test", CUNJI_TEST_VAULT=None)

    def test_several_people_share_a_device(self):
        pins = {"张三": "480215", "lisi": "773401"}
        keys = {}
        for name, pin in pins.items():
            self.device.node("--vault", name, "init", env=plain(CUNJI_PIN=pin))
            keys[name] = json.loads(self.device.node("--vault", name, "status", "--json",
                                                     env=plain(CUNJI_PIN=pin)).stdout)["key"]
        self.assertNotEqual(*keys.values())
        self.refused("wrong PIN", args=["--vault", "lisi", "status"], CUNJI_PIN=pins["张三"])
        listed = self.device.node("vaults", env=plain(CUNJI_PIN=None)).stdout
        for name in pins:
            self.assertIn(name, listed)
        done = self.device.node("--vault", "../x", "init", check=False)
        self.assertEqual(done.returncode, 2)

    def test_a_revoked_device_delivers_and_is_wiped(self):
        self.register()
        self.county.start()
        self.device.enrol()
        other = self.device.command("--vault", "other", "init")
        c.run(*other)
        self.device.node("record", "visit", "--household", "0001", "--outcome", "met")
        key, visit = self.device.status()["key"], self.device.events()[-1]["digest"]
        self.county.server("revoke", self.county.folder, "--key", key, "--reason", "ended")
        deadline, said = time.monotonic() + c.SECONDS_MAX, ""
        while "was wiped" not in said and time.monotonic() < deadline:  # The server takes it soon.
            said = self.device.node("sync").stdout
        self.assertIn("the vault on this device was wiped", said)
        left = {p.relative_to(self.device.folder).parts[0] for p in files_below(self.device.folder)}
        self.assertEqual(left, {"other"}, "somebody else's vault stays")
        self.device.node("--vault", "other", "status")
        self.refused("no node in this folder")
        verdicts = json.loads(self.county.server("status", self.county.folder,
                                                 "--json").stdout)["verdicts"]
        # Founding, two own credentials, the household, anchors and so on; and the visit, which counts:
        # it was signed before its device could have heard (D8).
        self.assertEqual(set(verdicts), {"accepted"})
        self.assertIn(visit, self.logged())

    def test_work_goes_by_bundle_where_there_is_no_line(self):
        self.register()
        self.county.start()
        self.device.enrol()
        bundle = self.county.top / "work.cunji"
        self.device.node("bundle", bundle)
        self.assertFalse(bundle.exists(), "nothing to carry")
        self.device.node("record", "visit", "--household", "0001", "--outcome", "met",
                         "--remark", REMARK)
        self.device.node("bundle", bundle)
        self.assertNotIn(REMARK.encode(), bundle.read_bytes())
        self.assertEqual(self.device.status()["unsent"], 1, "only a session says that it is logged")
        damaged = self.county.top / "damaged.cunji"
        content = bytearray(bundle.read_bytes())
        content[-10] ^= 1
        damaged.write_bytes(content)
        with c.County() as other:
            for county, file in ((self.county, damaged), (other, bundle)):
                done = county.server("take-bundle", county.folder, file, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn("error", done.stderr)
        for _ in range(2):  # Carried twice, it is logged once.
            self.county.server("take-bundle", self.county.folder, bundle)
        digest = self.device.events()[-1]["digest"]
        deadline = time.monotonic() + c.SECONDS_MAX
        while self.logged().count(digest) != 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        self.device.node("sync")
        self.assertEqual(self.device.status()["unsent"], 0)
        self.assertEqual(self.logged().count(digest), 1)

    def logged(self):
        return [entry.digest for entry in read_export(self.county.export())]

    def test_a_real_vault_costs_what_it_should(self):
        self.device.node("init", env=plain(CUNJI_TEST_VAULT=None))
        vault = (self.device.folder / "vault").read_bytes()
        passes, memory_kib = struct.unpack(">II", vault[16:24])
        self.assertGreaterEqual(passes, 2)
        self.assertGreaterEqual(memory_kib, 65_536)
        self.assertEqual(vault[-8:], hashlib.sha256(vault[:-8]).digest()[:8])
        self.device.node("status", env=plain(CUNJI_TEST_VAULT=None))


if __name__ == "__main__":
    unittest.main(verbosity=2)
