"""A county of real processes on loopback, for the end-to-end tests: cunji-server and cunji-node from
CUNJI_BIN, each in folders of their own below one temporary folder. Python's standard library only."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

BIN = pathlib.Path(os.environ.get("CUNJI_BIN", "build/release/bin"))
SECONDS_MAX = 60  # No single command of these tests takes longer on a slow machine.
VILLAGE = "411323101200"
# Every node's PIN unless a test says otherwise, and vaults at Argon2id's least cost.
os.environ |= {"CUNJI_PIN": "480215", "CUNJI_TEST_VAULT": "1"}


class Failed(Exception):
    """A command that should have worked did not."""


def run(*args, check=True, timeout=SECONDS_MAX, **options):
    """Runs a program to its end and gives it back with its output as text."""
    done = subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=timeout, stdin=subprocess.DEVNULL, **options)
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, args))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class County:
    """A test county: its folder, its server process while one runs."""

    def __init__(self, *init, persons=1, made_up_clock=False, began=None):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="cunji-e2e-"))
        self.folder = self.top / "county"
        self.process = None
        self.port = None
        self.clock = []  # Options for the commands that take the time.
        if made_up_clock:
            self.clock = ["--test-clock", self.top / "clock"]
            self.set_clock(began or time.time())
        self.server("init", self.folder, "--county", "411323", "--name", "西峡县", "--test-county",
                    "--persons-required", persons, "--root-key-out", self.top / "root.key",
                    *self.clock, *init)

    def set_clock(self, seconds):
        """The county's made-up clock, seconds since 1970."""
        draft = self.top / "clock.new"
        draft.write_text(f"{int(seconds * 1000)}\n")
        draft.rename(self.top / "clock")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.top, ignore_errors=True)

    def server(self, *args, **options):
        return run(BIN / "cunji-server", *args, **options)

    def start(self, *extra):
        """Starts `serve` on the port it had before, or a free one; waits until it is ready."""
        port_file = self.top / "port"
        port_file.unlink(missing_ok=True)
        self.log = open(self.top / "server.log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [str(BIN / "cunji-server"), "serve", str(self.folder), "--listen",
             f"127.0.0.1:{self.port or 0}", "--port-file", str(port_file), *map(str, extra)],
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not (port_file.exists() and port_file.read_text().strip()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failed("the server did not start: " + (self.top / "server.log").read_text())
            time.sleep(0.01)
        self.port = int(port_file.read_text())

    def kill(self):
        """kill -9, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.log.close()
            self.process = None

    def stop(self):
        """SIGTERM; gives the exit code."""
        self.process.terminate()
        code = self.process.wait(timeout=SECONDS_MAX)
        self.log.close()
        self.process = None
        return code

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def code(self, division=VILLAGE, *extra):
        """An enrolment code and the root's digest, as `enrol --json` gives them."""
        return json.loads(self.server("enrol", self.folder, "--division", division, "--json",
                                      *self.clock, *extra).stdout.splitlines()[0])

    def device(self, name):
        return Device(self, self.top / name)

    def export(self):
        """Path of a fresh export of the whole log, verified by the program itself."""
        path = self.top / "export.cunjilog"
        path.unlink(missing_ok=True)
        self.server("export", self.folder, path)
        self.server("verify", path)
        return path


class Device:
    """One coordinator's node."""

    def __init__(self, county, folder):
        self.county = county
        self.folder = folder
        self.options = []  # Of every command, before its name.

    def command(self, *args):
        return [str(BIN / "cunji-node"), "--data", str(self.folder), "--device-secret",
                str(self.county.top / "device-secret"), *self.options, *map(str, args)]

    def node(self, *args, **options):
        return run(*self.command(*args), **options)

    def enrol(self, division=VILLAGE, *extra):
        self.node("init")
        code = self.county.code(division, *extra)
        self.node("enrol", f"{code['code']}@{self.county.address}#{code['root_digest']}")
        return self

    def status(self):
        return json.loads(self.node("status", "--json").stdout)

    def events(self):
        return json.loads(self.node("events", "--json").stdout)
