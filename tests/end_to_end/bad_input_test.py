"""What the programs say to bad input, and that nothing acknowledged is lost by it. Events that are
forged, broken or beyond their credential are the unit tests' (server/intake, shared/sync)."""
import os
import socket
import threading
import unittest
import urllib.error
import urllib.request

import county as c


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.county = c.County()
        cls.county.start()
        cls.device = cls.county.device("node").enrol()
        cls.device.node("sync")
        cls.device.node("record", "visit", "--household", "00" * 15 + "01", "--division", c.VILLAGE,
                        "--outcome", "met")
        cls.device.node("sync")

    @classmethod
    def tearDownClass(cls):
        try:
            logged = [e for e in cls.device.events() if e["standing"] == "logged"]
            assert len(logged) == 1, "the acknowledged event is gone"
            cls.county.export()
        finally:
            cls.county.__exit__()

    def refused(self, done, *words):
        """The command failed with one clear line that has these words, and no stack of ours."""
        self.assertNotEqual(done.returncode, 0)
        said = (done.stderr + done.stdout).strip()
        for word in words:
            self.assertIn(word.lower(), said.lower())
        self.assertLessEqual(len(said.splitlines()), 6, said)

    def test_second_init_of_a_county(self):
        self.refused(self.county.server("init", self.county.folder, "--county", "411323", "--name",
                                        "x", "--root-key-out", self.county.top / "other.key",
                                        check=False), "county")
        self.assertFalse((self.county.top / "other.key").exists())

    def test_second_init_of_a_node(self):
        self.refused(self.device.node("init", check=False), "node")

    def test_county_code_that_is_none(self):
        self.refused(c.run(c.BIN / "cunji-server", "init", self.county.top / "x", "--county", "4113",
                           "--name", "x", "--root-key-out", self.county.top / "x.key", check=False),
                     "six digits")

    def test_corrupt_node_database(self):
        device = self.county.device("corrupt")
        device.node("init")
        for path in device.folder.glob("node.db*"):
            path.write_bytes(b"This is no database. " * 400)
        self.refused(device.node("status", check=False), "database")

    def test_corrupt_county_database(self):
        other = c.County()
        with other:
            data = bytearray((other.folder / "county.sqlite").read_bytes())
            data[0:64] = b"x" * 64
            (other.folder / "county.sqlite").write_bytes(data)
            self.refused(other.server("serve", other.folder, "--listen", "127.0.0.1:0", check=False),
                         "county.sqlite")

    def test_log_that_was_rolled_back(self):
        other = c.County()
        with other:
            old = {p.name: p.read_bytes() for p in other.folder.glob("county.sqlite*")}
            other.start()
            other.device("n").enrol().node("sync")
            other.stop()
            for path in other.folder.glob("county.sqlite*"):
                path.unlink()
            for name, data in old.items():
                (other.folder / name).write_bytes(data)
            self.refused(other.server("serve", other.folder, "--listen", "127.0.0.1:0", check=False),
                         "checkpoint")

    def test_unwritable_folder(self):
        blocked = self.county.top / "a-file"
        blocked.write_text("not a folder")
        self.refused(c.run(c.BIN / "cunji-node", "--data", blocked / "node", "init", check=False),
                     "a-file")
        self.refused(c.run(c.BIN / "cunji-server", "init", blocked / "county", "--county", "411323",
                           "--name", "x", "--root-key-out", self.county.top / "y.key", check=False),
                     "a-file")

    def test_port_in_use(self):
        other = c.County()
        with other, socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.refused(other.server("serve", other.folder, "--listen",
                                      f"127.0.0.1:{taken.getsockname()[1]}", check=False),
                         str(taken.getsockname()[1]))

    def test_plain_only_on_loopback(self):
        with c.County() as other:
            self.refused(other.server("serve", other.folder, "--listen", "0.0.0.0:0", check=False),
                         "loopback")

    def test_second_server_on_one_folder(self):
        self.refused(self.county.server("serve", self.county.folder, "--listen", "127.0.0.1:0",
                                        check=False), "process")

    def test_made_up_clock_of_a_real_county(self):
        top = self.county.top
        c.run(c.BIN / "cunji-server", "init", top / "real", "--county", "411323", "--name", "x",
              "--root-key-out", top / "real.key")
        (top / "clock").write_text("1640995200000")
        self.refused(c.run(c.BIN / "cunji-server", "serve", top / "real", "--listen", "127.0.0.1:0",
                           "--test-clock", top / "clock", check=False), "test-county")

    def test_server_unreachable(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        self.refused(self.device.node("sync", f"127.0.0.1:{port}", check=False), str(port))

    def test_enrolment_codes(self):
        code = self.county.code()
        where = f"@{self.county.address}#{code['root_digest']}"
        first = self.county.device("first")
        first.node("init")
        self.refused(first.node("enrol", "AAAAA-AAAAA-AAAAA-AAAAA" + where, check=False), "code")
        first.node("enrol", code["code"] + where)
        second = self.county.device("second")
        second.node("init")
        self.refused(second.node("enrol", code["code"] + where, check=False), "code")
        third = self.county.device("third")
        third.node("init")
        wrong_root = f"@{self.county.address}#{'ab' * 32}"
        self.refused(third.node("enrol", code["code"] + wrong_root, check=False), "county")

    def test_expired_enrolment_code(self):
        clock = self.county.top / "clock"  # The code was made in 2022, for 48 hours.
        clock.write_text("1640995200000")
        code = self.county.code(c.VILLAGE, "--test-clock", clock)
        device = self.county.device("expired")
        device.node("init")
        self.refused(device.node("enrol", f"{code['code']}@{self.county.address}"
                                          f"#{code['root_digest']}", check=False), "code")

    def test_records_that_are_no_records(self):
        visit = ["record", "visit", "--division", c.VILLAGE, "--outcome", "met"]
        self.refused(self.device.node(*visit, "--household", "nobody", check=False), "household")
        self.refused(self.device.node("record", "visit", "--household", "00" * 16, "--division",
                                      "4113", "--outcome", "met", check=False), "division")
        self.refused(self.device.node(*visit, "--household", "00" * 15 + "02", "--occurred",
                                      "2022-02-31T10:00", check=False), "day")
        fresh = self.county.device("fresh")
        fresh.node("init")
        self.refused(fresh.node(*visit, "--household", "00" * 15 + "02", check=False), "enrol")

    def test_garbage_on_the_socket(self):
        """A stranger's bytes, a torn request, a slow one: the server goes on serving."""
        def send(data):
            with socket.create_connection(("127.0.0.1", self.county.port), timeout=10) as s:
                s.sendall(data)
                s.settimeout(2)
                try:
                    s.recv(65536)
                except (TimeoutError, ConnectionError):
                    pass
        threads = [threading.Thread(target=send, args=(data,)) for data in (
            os.urandom(4096), b"GET /sync HTTP/1.1\r\nHost: x\r\n", b"\x00" * 100,
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 20,
            b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with urllib.request.urlopen(f"http://{self.county.address}/healthz", timeout=10) as answer:
            self.assertEqual(answer.status, 200)
        with self.assertRaises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"http://{self.county.address}/no-such-thing", timeout=10)
        self.assertEqual(missing.exception.code, 404)


if __name__ == "__main__":
    unittest.main(verbosity=2)
