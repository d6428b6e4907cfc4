"""TLS between real processes: whom a node believes, what it says when it does not, and what a server
refuses to start with. Certificates are made by the openssl command."""
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
import unittest
import urllib.request

import county as c

HEAD_NAME, NATIONAL_ID, PIN = "王桂兰", "411323196002300015", "480215"
HANDSHAKE_SECONDS = 30  # kHandshakeTimeout.


class Certificates:
    """A certificate authority in a folder, and what it issues."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "ca.key", "-out",
                     "ca.pem", "-subj", "/CN=Test authority", "-days", "10")

    def openssl(self, *args):
        c.run("openssl", *args, cwd=self.folder)

    def issue(self, name, days=10, names="IP:127.0.0.1", by="ca"):
        """NAME.pem and NAME.key, by the authority or by itself; gone already with days below 0."""
        (self.folder / "ext").write_text(f"subjectAltName={names}\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", f"{name}.key", "-out", "csr", "-subj", "/CN=test")
        signer = (["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"] if by == "ca" else
                  ["-signkey", f"{name}.key"])
        self.openssl("x509", "-req", "-in", "csr", *signer, "-days", str(days), "-extfile", "ext",
                     "-out", f"{name}.pem")
        return self.pair(name)

    def pair(self, name):
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.county = c.County()
        cls.top = cls.county.top
        cls.made = Certificates(cls.top / "certificates")
        for name, options in {"good": {}, "expired": {"days": -1}, "other": {"names": "DNS:other.example"},
                              "own": {"by": "itself"}, "own_expired": {"by": "itself", "days": -1}}.items():
            cls.made.issue(name, **options)
        (cls.top / "register.jsonl").write_text(json.dumps(
            {"register": "household", "division": c.VILLAGE,
             "facts": {"number": "H-01", "head_name": HEAD_NAME, "head_id": NATIONAL_ID}},
            ensure_ascii=False) + "\n")
        cls.county.server("register", cls.county.folder, cls.top / "register.jsonl")
        cls.certificate, cls.key = cls.top / "server.pem", cls.top / "server.key"
        cls.show("good")
        # The data folder's own configuration file.
        (cls.county.folder / "server.toml").write_text(
            '[tls]\ncertificate = "../server.pem"\nprivate_key = "../server.key"\n'
            '[log]\nlevel = "debug"\n')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(cls.top / "notify"))
            manager.settimeout(c.SECONDS_MAX)
            os.environ["NOTIFY_SOCKET"] = str(cls.top / "notify")
            cls.county.start()
            del os.environ["NOTIFY_SOCKET"]
            assert manager.recv(100) == b"READY=1"
        cls.half_open = socket.create_connection(("127.0.0.1", cls.county.port))
        cls.half_open.sendall(b"\x16\x03\x01\x02\x00\x01")  # A record that is not finished.
        cls.half_open_since = time.monotonic()
        cls.ca = cls.made.folder / "ca.pem"
        cls.device = cls.new_device("device")

    @classmethod
    def tearDownClass(cls):
        cls.county.__exit__()

    @classmethod
    def address(cls, scheme="wss"):
        return f"{scheme}://127.0.0.1:{cls.county.port}"

    @classmethod
    def new_device(cls, name):
        device = cls.county.device(name)
        device.node("init")
        code = cls.county.code(c.VILLAGE, "--address", cls.address())
        device.node("--ca", cls.ca, "enrol", code["text"])
        return device

    @classmethod
    def show(cls, name, statement=None):
        """Puts certificate, key and statement where the server looks."""
        for source, target in zip(cls.made.pair(name), (cls.certificate, cls.key)):
            shutil.copyfile(source, target)
        cls.key.chmod(0o600)
        placed = cls.county.folder / "tls.statement"
        placed.unlink(missing_ok=True)
        if statement:
            shutil.copyfile(statement, placed)

    def log(self):
        return [json.loads(line) for line in (self.top / "server.log").read_text().splitlines()
                if line.startswith("{")]

    def reload(self, event="reloaded"):
        before = sum(line["event"] == event for line in self.log())
        self.county.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + c.SECONDS_MAX
        while sum(line["event"] == event for line in self.log()) == before:
            self.assertLess(time.monotonic(), deadline, "the server did not reload")
            time.sleep(0.02)

    def serve_with(self, name, statement=None):
        self.show(name, statement)
        self.reload()

    def statement(self, *names):
        """The root's statement on these certificates' keys, newer than any before."""
        out = self.top / f"statement-{'-'.join(names)}-{time.monotonic_ns()}"
        options = [x for name in names for x in ("--certificate", self.made.pair(name)[0])]
        self.county.server("tls-statement", "--root-key", self.top / "root.key", *options, "--out", out)
        time.sleep(0.002)  # They are ordered by the millisecond.
        return out

    def sync(self, *options, device=None, check=True):
        return (device or self.device).node(*options, "sync", self.address(), check=check)

    def refused(self, done, *words):
        self.assertNotEqual(done.returncode, 0, done.stdout)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_authority_that_the_device_trusts(self):
        self.serve_with("good")
        self.device.node("record", "visit", "--household", "H-01", "--outcome", "met")
        self.sync("--ca", self.ca)
        self.assertEqual(self.device.status()["unsent"], 0)
        context = ssl.create_default_context(cafile=str(self.ca))
        with urllib.request.urlopen(f"https://127.0.0.1:{self.county.port}/healthz", context=context,
                                    timeout=10) as answer:
            self.assertEqual(answer.status, 200)

    def test_certificates_that_are_worth_nothing(self):
        for name, options, words in (
                ("good", (), ("does not know", "bundle")),
                ("own", ("--ca", self.ca), ("does not know", "bundle")),
                ("expired", ("--ca", self.ca), ("expired on", "date", "bundle", "本机")),
                ("other", ("--ca", self.ca), ("another host name", "bundle"))):
            with self.subTest(name=name, options=options):
                self.serve_with(name)
                device = self.device
                device.node("record", "visit", "--household", "H-01", "--outcome", "met")
                before = device.status()["unsent"]
                self.assertGreaterEqual(before, 1)
                self.refused(self.sync(*options, check=False), *words)
                self.assertEqual(device.status()["unsent"], before)
                bundle = self.top / f"{name}.cunji"
                bundle.unlink(missing_ok=True)
                device.node("bundle", bundle)
                self.assertGreater(bundle.stat().st_size, 0)

    def test_statement_of_the_root(self):
        device = self.new_device_on_good("pinned")
        for name in ("own", "own_expired", "other"):
            with self.subTest(name=name):
                self.serve_with(name, self.statement(name))
                self.sync(device=device)  # No authority at all.
        self.assertTrue(any(line["event"] == "certificate_dates" and line["level"] == "warn"
                            for line in self.log()), "an expired certificate is served, and told of")

    def test_reading_knows_the_server_by_the_same(self):
        device = self.new_device_on_good("reader")

        def read(*options, check=True):
            return device.node(*options, "read", "households", "--server", self.address(), check=check)
        answer = json.loads(read("--ca", self.ca).stdout)
        self.assertEqual([h["number"] for h in answer["households"]], ["H-01"])
        self.refused(read(check=False), "does not know")
        self.serve_with("own", self.statement("own"))
        self.refused(read(check=False), "does not know")
        self.sync(device=device)  # Hears of the statement, and remembers it.
        self.assertEqual(json.loads(read().stdout)["households"], answer["households"])

    def test_statement_that_names_another_key(self):
        device = self.new_device_on_good("misnamed")
        self.serve_with("own", self.statement("good"))
        self.assertTrue(any(line["event"] == "tls_statement_of_other_keys" for line in self.log()))
        self.refused(self.sync(device=device, check=False), "does not know")

    def test_newer_statement_replaces_and_is_remembered(self):
        device = self.new_device_on_good("careful")
        old, both, new = self.statement("own"), self.statement("own", "other"), self.statement("other")
        self.serve_with("own", old)
        self.sync(device=device)
        self.serve_with("other", both)  # The change of keys.
        self.sync(device=device)
        self.serve_with("own", old)
        self.sync(device=device)  # Named by the newer one, too.
        self.serve_with("other", new)
        self.sync(device=device)
        self.serve_with("own", old)  # A thief of the old key, with the old statement.
        self.refused(self.sync(device=device, check=False), "does not know")
        self.serve_with("other")  # The statement is missing: the device has it.
        self.sync(device=device)
        self.serve_with("own")  # No way down: without a statement the certificate has to do.
        self.refused(self.sync(device=device, check=False), "does not know")

    def new_device_on_good(self, name):
        self.serve_with("good")
        return self.new_device(name)

    def test_the_wrong_way_to_speak(self):
        self.refused(self.device.node("sync", self.address("ws"), check=False), "wss://")
        self.refused(self.device.node("sync", "ws://county.example:8440", check=False), "this machine")
        with c.County() as plain:
            plain.start()
            self.refused(self.device.node("sync", f"wss://127.0.0.1:{plain.port}", check=False),
                         "TLS handshake", "ws://")
            with urllib.request.urlopen(f"http://127.0.0.1:{plain.port}/healthz", timeout=10) as answer:
                self.assertEqual(answer.status, 200)

    def test_garbage_for_records(self):
        for data in (os.urandom(4096), b"\x16\x03\x01\x00\x05hello", b"\x17\x03\x03\xff\xff" + b"x" * 100,
                     b"\x80\x2e\x01\x03\x01" + b"\0" * 60, b"SSH-2.0-x\r\n"):
            with socket.create_connection(("127.0.0.1", self.county.port), timeout=10) as line:
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
                try:
                    while line.recv(65536):
                        pass  # Whatever it says, it hangs up.
                except ConnectionResetError:
                    pass
        with socket.create_connection(("127.0.0.1", self.county.port), timeout=10) as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(b"https://", line.recv(65536))
        self.serve_with("good")
        self.sync("--ca", self.ca)

    def test_old_versions_of_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", self.county.port), timeout=10) as line:
            with self.assertRaises(ssl.SSLError):
                context.wrap_socket(line)

    def test_reload_that_fails_keeps_the_old_certificate(self):
        self.serve_with("good")
        self.certificate.write_text("no certificate")
        self.reload("not_reloaded")
        self.sync("--ca", self.ca)
        self.show("good")

    def test_what_a_server_does_not_start_with(self):
        good, key = self.made.pair("good")
        broken = self.top / "broken.pem"
        broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        open_key = self.top / "open.key"
        shutil.copyfile(key, open_key)
        open_key.chmod(0o644)
        locked = self.top / "locked.key"
        self.made.openssl("ec", "-in", key, "-aes128", "-passout", "pass:secret", "-out", locked)
        locked.chmod(0o600)
        with c.County() as other:
            def start(*options):
                return other.server("serve", other.folder, "--listen", "127.0.0.1:0", *options, check=False)
            for options, word in (
                    (("--certificate", good), "go together"),
                    (("--private-key", key), "go together"),
                    (("--certificate", self.top / "none.pem", "--private-key", key), "none.pem"),
                    (("--certificate", broken, "--private-key", key), "broken.pem"),
                    (("--certificate", good, "--private-key", self.top / "none.key"), "none.key"),
                    (("--certificate", good, "--private-key", good), "private key"),
                    (("--certificate", good, "--private-key", locked), "passphrase"),
                    (("--certificate", good, "--private-key", open_key), "chmod"),
                    (("--certificate", good, "--private-key", self.made.pair("own")[1]), "不配")):
                with self.subTest(options=options):
                    self.refused(start(*options), word)
            # Another county's root has no say here.
            shutil.copyfile(self.statement("good"), other.folder / "tls.statement")
            self.refused(start("--certificate", good, "--private-key", key), "root key")

    def test_configuration(self):
        file = self.top / "checked.toml"

        def check(text):
            file.write_text(text)
            return self.county.server("check-config", file, check=False)
        tls = f'[tls]\ncertificate = "{self.made.pair("good")[0]}"\nprivate_key = "{self.made.pair("good")[1]}"\n'
        self.assertEqual(check('listen = "0.0.0.0:8440"\n' + tls).returncode, 0)
        self.refused(check('listen = "0.0.0.0:8440"\n'), "loopback")
        self.refused(check('listen = "8440"\n'), "ADDRESS:PORT")
        self.refused(check('lissen = "127.0.0.1:1"\n'), "checked.toml:1:1", '"lissen"', '"listen"')
        self.refused(check(tls.replace("good.key", "own.key")), "不配")
        expired = check(tls.replace("good", "expired"))
        self.assertEqual(expired.returncode, 0)
        self.assertIn("expired", expired.stdout)
        self.refused(self.county.server("serve", "--config", file, check=False), "data")
        file.write_text(f'data = "{self.county.folder}"\nlisten = "nonsense"\n')
        self.refused(self.county.server("serve", "--config", file, check=False), "ADDRESS:PORT")
        self.refused(self.county.server("serve", "--config", file, "--listen", "127.0.0.1:0",
                                        check=False), "process")  # The command line wins.

    def test_every_address_without_an_origin_is_told_of(self):
        file = self.top / "everywhere.toml"
        tls = f'[tls]\ncertificate = "{self.made.pair("good")[0]}"\nprivate_key = "{self.made.pair("good")[1]}"\n'
        origin = 'origin = "https://county.example:443"\n'
        for listen, said, told in (("0.0.0.0:0", "", True), ("0.0.0.0:0", origin, False),
                                   ("127.0.0.1:0", "", False)):
            with self.subTest(listen=listen, said=said), c.County() as other:
                file.write_text(f'data = "{other.folder}"\nlisten = "{listen}"\n{said}{tls}')
                self.assertEqual('"origin"' in other.server("check-config", file).stdout, told)
                serving = subprocess.Popen([c.BIN / "cunji-server", "serve", "--config", file],
                                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                self.addCleanup(serving.kill)
                lines = []
                while not lines or '"started"' not in lines[-1]:
                    lines.append(serving.stderr.readline())
                    self.assertTrue(lines[-1], lines)
                serving.terminate()
                lines += serving.stderr.readlines()
                serving.wait(timeout=c.SECONDS_MAX)
                serving.stderr.close()
                events = [json.loads(line)["event"] for line in lines]
                self.assertEqual("no_origin" in events, told)

    def test_unfinished_handshake_is_timed_out(self):
        self.half_open.settimeout(HANDSHAKE_SECONDS + 10)
        try:
            self.assertEqual(self.half_open.recv(1000), b"")
        except ConnectionResetError:
            pass
        self.assertLess(time.monotonic() - self.half_open_since, HANDSHAKE_SECONDS + 10)
        self.half_open.close()

    def test_the_log_names_nobody(self):
        text = (self.top / "server.log").read_text()
        self.assertGreater(len(self.log()), 5)
        code = self.county.code(c.VILLAGE, "--address", self.address())["code"]
        for word in (HEAD_NAME, NATIONAL_ID, PIN, "H-01", code, code.replace("-", ""), "127.0.0.1:"):
            self.assertNotIn(word, text.replace(f"wss://127.0.0.1:{self.county.port}/sync", ""))
        for line in self.log():
            self.assertLessEqual({"time", "level", "event", "text"}, line.keys())


if __name__ == "__main__":
    unittest.main(verbosity=2)
