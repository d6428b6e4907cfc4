"""Backup while the server runs, and the way back; a disk that is full, and has space again.

The full disk is a limit on the size of files (RLIMIT_FSIZE) set on the running process from outside:
every write to a file fails from then on, until the limit is lifted again."""
import pathlib
import resource
import shutil
import sqlite3
import unittest
import urllib.request

import county as c

HOUSEHOLD = "00" * 15 + "01"


def fill_disk(pid):
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def free_disk(pid):
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def record(device, check=True, **options):
    return device.node("record", "visit", "--household", HOUSEHOLD, "--division", c.VILLAGE,
                       "--outcome", "met", check=check, **options)


class Storage(unittest.TestCase):
    def setUp(self):
        self.county = c.County()
        self.addCleanup(self.county.__exit__)
        self.county.start()
        self.device = self.county.device("node").enrol()
        self.device.node("sync")

    def refused(self, done, *words):
        self.assertNotEqual(done.returncode, 0, done.stdout)
        said = (done.stderr + done.stdout).strip()
        for word in words:
            self.assertIn(word.lower(), said.lower())
        self.assertLessEqual(len(said.splitlines()), 6, said)

    def log_visit(self):
        record(self.device)
        self.device.node("sync")
        self.assertEqual(self.device.status()["unsent"], 0)

    # The full disk.

    def test_a_full_disk_of_the_server(self):
        self.log_visit()
        record(self.device)
        fill_disk(self.county.process.pid)
        self.device.node("sync", check=False)
        self.assertEqual(self.device.status()["unsent"], 1, "nothing was acknowledged")
        for page in ("healthz", "checkpoint"):
            with urllib.request.urlopen(f"http://{self.county.address}/{page}", timeout=10) as answer:
                self.assertEqual(answer.status, 200, page)
        self.assertIsNone(self.county.process.poll(), "it goes on serving")
        free_disk(self.county.process.pid)
        self.device.node("sync")
        self.assertEqual(self.device.status()["unsent"], 0, "without a restart or repair")
        self.assertIsNone(self.county.process.poll())
        logged = [e for e in self.device.events() if e["standing"] == "logged"]
        self.assertEqual(len(logged), 2)
        self.county.export()  # And the whole log is in order.
        self.assertEqual(self.county.stop(), 0)

    def test_a_full_disk_of_the_node(self):
        before = self.device.events()
        full = record(self.device, check=False, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)))
        self.refused(full)
        self.assertGreater(len(full.stderr.strip()), 0, "it says so")
        self.assertEqual(self.device.events(), before, "nothing half")
        self.device.node("verify")
        self.log_visit()
        self.assertEqual(len(self.device.events()), len(before) + 1)

    # Backup and restore.

    def backup(self, name="backup", *extra, **options):
        return self.county.server("backup", self.county.folder, self.county.top / name, *extra,
                                  **options)

    def restore(self, *extra, name="backup", to="restored", **options):
        folder = [self.county.top / to] if to else []
        return self.county.server("restore", self.county.top / name, *folder, *extra, **options)

    def test_a_backup_beside_a_running_server_comes_back(self):
        self.log_visit()
        self.backup()
        self.log_visit()  # The server was not held up, and a second backup takes what is new.
        said = self.backup("backup", "--with-keys").stdout
        self.assertIn("already", said)
        self.assertNotIn("(0 ", said)
        self.county.stop()
        last_note = self.county.folder / "checkpoint"
        self.backup("backup", "--with-keys")
        self.restore("--checkpoint", last_note)
        sums = c.run("sha256sum", "--check", "--quiet", "backup.sha256",
                     cwd=self.county.top / "backup")
        self.assertEqual(sums.stdout, "")
        shutil.rmtree(self.county.folder)
        (self.county.top / "restored").rename(self.county.folder)
        self.county.server("verify", self.county.folder)
        self.county.start()
        self.log_visit()  # The same log goes on; nobody sees a contradiction.
        self.assertEqual(len([e for e in self.device.events() if e["standing"] == "logged"]), 3)

    def test_settings_come_along_and_the_tls_key_never_does(self):
        statement, settings = self.county.folder / "tls.statement", self.county.folder / "server.toml"
        for name in ("tls.key", "tls.pem"):
            (self.county.folder / name).write_text("beside the county, of all places")
        c.run("openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", self.county.top / "k",
              "-out", self.county.top / "c", "-subj", "/CN=x")
        self.county.server("tls-statement", "--root-key", self.county.top / "root.key", "--certificate",
                           self.county.top / "c", "--out", statement)
        settings.write_text('[log]\nlevel = "warn"\n')
        self.backup()
        backup, restored = self.county.top / "backup", self.county.top / "restored"
        self.restore("--nothing-newer")
        for folder in (backup, restored):
            self.assertEqual((folder / "tls.statement").read_bytes(), statement.read_bytes())
            self.assertEqual((folder / "server.toml").read_bytes(), settings.read_bytes())
            self.assertEqual([p.name for p in folder.iterdir() if p.name.startswith("tls.k")], [])
            self.assertFalse((folder / "tls.pem").exists())
        shutil.rmtree(restored)
        self.damaged("server.toml", lambda path: path.write_text("listen = 'elsewhere'"))
        settings.unlink()
        self.backup()
        self.assertFalse((backup / "server.toml").exists(), "as the county is now")
        self.restore("--verify", to=None)

    def test_keys_are_left_out_unless_asked_for(self):
        self.backup()
        self.assertFalse((self.county.top / "backup" / "keys").exists())
        done = self.restore("--nothing-newer")
        self.assertIn("keys", done.stdout)
        self.refused(self.county.server("serve", self.county.top / "restored", "--listen",
                                        "127.0.0.1:0", check=False), "key")
        self.backup("with", "--with-keys")
        for path in (self.county.top / "with" / "keys").iterdir():
            self.assertEqual(path.stat().st_mode & 0o77, 0, path)
        self.assertEqual((self.county.top / "with").stat().st_mode & 0o77, 0)

    def test_a_damaged_backup_is_refused_by_name(self):
        self.log_visit()
        self.backup()
        whole = self.county.top / "backup"
        self.assertEqual(self.restore("--verify", to=None).returncode, 0)
        for name in ("county.sqlite", "checkpoint", "side.sqlite"):
            with self.subTest(damaged=name):
                self.damaged(name, lambda path: path.write_bytes(
                    bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]))
            with self.subTest(missing=name):
                self.damaged(name, pathlib.Path.unlink)
        with self.subTest("the list of checksums cut"):
            self.damaged("backup.sha256", lambda path: path.write_bytes(path.read_bytes()[:-9]))
        with self.subTest("unfinished"):
            copy = self.county.top / "damaged"
            shutil.copytree(whole, copy)
            (copy / "backup.unfinished").touch()
            self.refused(self.restore("--verify", name="damaged", to=None, check=False),
                         "no finished backup")
            shutil.rmtree(copy)

    def damaged(self, name, damage):
        copy = self.county.top / "damaged"
        shutil.copytree(self.county.top / "backup", copy)
        damage(copy / name)
        self.refused(self.restore("--nothing-newer", name="damaged", check=False), "damaged",
                     name if name != "backup.sha256" else "backup")
        self.assertFalse((self.county.top / "restored").exists())
        shutil.rmtree(copy)

    def test_an_edit_under_right_checksums_is_found_by_the_log(self):
        self.log_visit()
        self.backup()
        copy = self.county.top / "backup"
        with sqlite3.connect(copy / "county.sqlite") as db:
            db.execute("UPDATE entry SET body=zeroblob(length(body)) WHERE place="
                       "(SELECT max(place) FROM entry WHERE length(body)>100)-1")
        db.close()
        lines = (copy / "backup.sha256").read_text().splitlines()
        files = [p.split("  ")[1] for p in lines[2:]]
        sums = c.run("sha256sum", *files, cwd=copy).stdout
        (copy / "backup.sha256").write_text("\n".join(lines[:2]) + "\n" + sums)
        self.refused(self.restore("--nothing-newer", check=False), "entry")
        self.assertFalse((self.county.top / "restored").exists())

    def test_an_older_backup_is_said_to_be_older(self):
        self.backup()
        self.log_visit()
        self.county.stop()
        note = self.county.folder / "checkpoint"
        self.refused(self.restore("--checkpoint", note, check=False), "older", "published")
        self.refused(self.restore(check=False), "--checkpoint")
        self.assertFalse((self.county.top / "restored").exists())
        foreign = c.County()
        self.addCleanup(foreign.__exit__)
        self.refused(self.restore("--checkpoint", foreign.folder / "checkpoint", check=False),
                     "checkpoint")

    def test_served_all_the_same_the_nodes_notice(self):
        """The operator is wrong to say that nothing newer was published."""
        self.backup("backup", "--with-keys")
        self.log_visit()
        self.county.stop()
        self.restore("--nothing-newer")
        shutil.rmtree(self.county.folder)
        (self.county.top / "restored").rename(self.county.folder)
        self.county.start()
        events = self.device.events()
        done = self.device.node("sync", check=False)
        self.refused_by_node(done)
        self.assertEqual(self.device.events(), events, "the node keeps all it has")

    def refused_by_node(self, done):
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("evidence", done.stdout + done.stderr)

    def test_nothing_is_overwritten(self):
        self.refused(self.backup("county", check=False), "something else")
        self.backup()
        self.refused(self.restore("--nothing-newer", to="county", check=False), "there already")
        other = c.County()
        self.addCleanup(other.__exit__)
        self.refused(other.server("backup", other.folder, self.county.top / "backup", check=False),
                     "another log")


if __name__ == "__main__":
    unittest.main(verbosity=2)
