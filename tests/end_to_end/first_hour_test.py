"""Runs the commands that the READMEs show, and compares what they print with what is shown there.

What is run are the *console blocks* of the READMEs named in FirstHour: fenced blocks marked
`console`, and indented blocks whose first line begins with `$ `. Other blocks are only read.

- `$ ` begins a command for bash, which must exit with 0. A here-document (`<<END`) belongs to it.
- Below it stands what it prints on standard output (the progress of a session goes to standard
  error). A line `…` stands for any lines, `…` in a line for any characters. A command with nothing
  below it may print what it likes, but in the top README, which shows what every command prints.
- A command that ends in `&` is a server; what is shown below it must come within seconds. It takes
  a free port instead of 8440, codes lead there, and the test stops it.
- PINs are typed at the terminal, unseen; here the environment gives them. The vault is a real one.
- Codes, keys, digests, ports, dates and times differ from run to run. Only their form is compared,
  and that equal ones are shown as equal. A later command may name one as shown: it gets this run's.

READMEs of one test share one folder, which is also the home folder. Standard library only."""
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import county as c

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS_MAX = 20
ANY = "…"


@dataclasses.dataclass
class Kind:
    """A kind of value that differs from run to run."""
    shown: str  # How a README writes it.
    printed: str = ""  # How a program does, where that differs.
    one_length: bool = True  # Printed with as many characters as shown.
    one_value: bool = True  # Shown twice, it is one value. Two times may be equal in one run only.


# The first that fits counts.
KINDS = [
    Kind(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?", one_value=False),
    Kind(r"\d{4}-\d\d(?:-\d\d)?", one_value=False),
    Kind(r"127\.0\.0\.1:\d+", one_length=False),
    Kind(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}"),  # An enrolment code.
    Kind(r"[0-9A-Z]{20}"),  # The same in an invitation.
    Kind(r"[0-9a-f]{8}\+[A-Za-z0-9+/]{44}"),  # A verifier key.
    Kind(r"[0-9a-f]{4,63}…", printed=r"[0-9a-f]{4,64}…?", one_length=False),
    # A digest, key or id; no division of the county, which has 12 digits.
    Kind(r"(?!411323\d{6}(?![0-9a-f]))[0-9a-f]{8,64}", printed=r"[0-9a-f]{8,64}"),
]
SHOWN = re.compile("(?<![0-9A-Za-z])(?:" + "|".join(f"({kind.shown})" for kind in KINDS) +
                   f")(?![0-9A-Za-z])|{ANY}")


@dataclasses.dataclass
class Step:
    """A command of a README, and the lines shown below it with their numbers."""
    file: str
    line: int
    command: str
    shown: list

    def where(self, line=None):
        return f"{self.file}:{line or self.line}"


def console_lines(text):
    """The numbered lines of all console blocks; None between two blocks."""
    fence, indented, before = None, False, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fence = line[3:].strip() if fence is None else None
            yield None
        elif fence is not None:
            yield (number, line) if fence == "console" else None
        else:
            begins = line.startswith("    $ ") and not before.strip()
            indented = line.startswith("    ") and (indented or begins)
            yield (number, line[4:]) if indented else None
        before = line


def steps_of(file, text):
    steps, here = [], None
    for numbered in console_lines(text):
        if numbered is None:
            here = None
            continue
        number, line = numbered
        if here is not None:
            steps[-1].command += "\n" + line
            here = None if line == here else here
        elif line.startswith("$ "):
            steps.append(Step(file, number, line[2:], []))
            document = re.search(r"<<\s*'?(\w+)'?", line)
            here = document[1] if document else None
        elif line.strip():
            steps[-1].shown.append((number, line.rstrip()))
    return steps


class Values:
    """What the values that READMEs show are in this run."""

    def __init__(self):
        self.now = {}

    def match(self, shown, printed):
        """Whether a printed line says what the shown one does. Learns the values in it."""
        pattern, values, at = "", [], 0
        for found in SHOWN.finditer(shown):
            pattern += re.escape(shown[at:found.start()])
            at = found.end()
            if found[0] == ANY:
                pattern += ".*"
                continue
            kind = KINDS[found.lastindex - 1]
            values.append((kind, found[0]))
            pattern += f"({kind.printed or kind.shown})"
        real = re.fullmatch(pattern + re.escape(shown[at:]), printed)
        if not real:
            return False
        learnt = {}
        for (kind, value), now in zip(values, real.groups()):
            if kind.one_length and len(now) != len(value):
                return False
            if kind.one_value and not self.agree(kind, value, now, self.now | learnt):
                return False
            learnt[value] = now
        self.now |= learnt
        return True

    @staticmethod
    def agree(kind, value, now, known):
        """Whether equal values are shown as equal, and others as others."""
        if value in known:
            return known[value] == now
        return not kind.one_length or now not in known.values()

    def put_into(self, command):
        """The command with this run's values."""
        shown = sorted(self.now, key=len, reverse=True)
        if not shown:
            return command
        return re.sub("|".join(map(re.escape, shown)), lambda found: self.now[found[0]], command)


def difference(step, printed, values):
    """None when `printed` is what the step shows; else where and how it differs."""
    printed = [line.rstrip() for line in printed.splitlines() if line.strip()]
    at, anything = 0, False
    for number, line in step.shown:
        if line.strip() == ANY:
            anything = True
            continue
        first = at
        while anything and at < len(printed) and not values.match(line, printed[at]):
            at += 1
        if at == len(printed) or not values.match(line, printed[at]):
            found = printed[first] if first < len(printed) else "nothing more"
            if Values().match(line, found):
                found += "  (but equal values must be shown as equal, others as others)"
            return (f"{step.where(number)}: shown:   {line}\n"
                    f"    but printed: {found}{' and so on' if anything else ''}")
        at, anything = at + 1, False
    if step.shown and not anything and at < len(printed):
        return f"{step.where(step.shown[-1][0])}: also printed, not shown: {printed[at]}"
    return None


class Reader:
    """Somebody who types what the READMEs say, in a folder and home of their own."""

    def __init__(self, test):
        self.test = test
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="cunji-hour-"))
        test.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.values, self.address = Values(), None
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("CUNJI_")}
        self.environment |= {"HOME": str(self.top), "CUNJI_PIN": os.environ["CUNJI_PIN"],
                             "PATH": f"{c.BIN.resolve()}{os.pathsep}{os.environ['PATH']}"}

    def type(self, step, show_all):
        """Runs a command and gives what is wrong with the README, or None. Failed: can't go on."""
        command = self.values.put_into(step.command)
        server = re.fullmatch(r"(.*?)\s+&(\s+#.*)?", command)
        if server:
            printed = self.serve(step, server[1])
        else:
            printed = self.finish(step, command)
        wrong = difference(step, printed, self.values)
        if not wrong and show_all and printed.strip() and not step.shown:
            wrong = f"{step.where()}: nothing shown below `{step.command}`"
        return f"{wrong}\n    all that `{step.command}` printed:\n{printed}" if wrong else None

    def finish(self, step, command):
        if self.address:
            command = re.sub(r"^cunji-server enrol\b", rf"\g<0> --address {self.address}", command)
        try:
            done = c.run("bash", "-c", command, check=False, cwd=self.top, env=self.environment)
        except subprocess.TimeoutExpired:
            fail(step, f"still running after {c.SECONDS_MAX} s")
        if done.returncode != 0:
            fail(step, f"exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def serve(self, step, command):
        """Starts a server and gives what it printed when that is what is shown, or time is up."""
        port, log = self.top / ".port", self.top / ".log"
        port.unlink(missing_ok=True)
        command = re.sub(r"^cunji-server serve\b",
                         rf"exec \g<0> --listen 127.0.0.1:0 --port-file '{port}'", command)
        with open(log, "w", encoding="utf-8") as out:
            process = subprocess.Popen(["bash", "-c", command], stdout=out, stderr=out,
                                       stdin=subprocess.DEVNULL, cwd=self.top, env=self.environment)
        self.test.addCleanup(stop, process)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while True:
            ended, late = process.poll() is not None, time.monotonic() > deadline
            ready = port.exists() and port.read_text().strip()
            printed = log.read_text(encoding="utf-8")
            if ended or (late and not ready):
                fail(step, f"the server {'ended' if ended else 'was not ready in time'}\n{printed}")
            if ready and (late or difference(step, printed, self.values) is None):
                self.address = f"127.0.0.1:{ready}"
                return printed
            time.sleep(0.02)


def fail(step, what):
    raise c.Failed(f"{step.where()}: `{step.command}` failed: {what}")


def stop(process):
    process.terminate()
    try:
        process.wait(timeout=c.SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class FirstHour(unittest.TestCase):
    def follow(self, *files, show_all=False):
        reader, wrong = Reader(self), []
        try:
            for file in files:
                steps = steps_of(file, (ROOT / file).read_text(encoding="utf-8"))
                self.assertTrue(steps, f"{file}: no console block, see the top of this test")
                for step in steps:
                    wrong += filter(None, [reader.type(step, show_all)])
        except c.Failed as error:
            wrong.append(str(error))
        if wrong:
            self.fail("\n" + "\n".join(wrong))

    def test_the_top_readme(self):
        self.follow("README.md", show_all=True)

    def test_the_office_and_then_a_coordinator(self):
        self.follow("server/README.md", "fieldnode/README.md")


class Comparing(unittest.TestCase):
    """That a README which is out of date is found, and one that is not is let through."""

    def compare(self, shown, printed, values=None):
        step = Step("README.md", 10, "command", list(enumerate(shown.split("|"), 11)))
        return difference(step, printed.replace("|", "\n"), values or Values())

    def test_what_may_differ(self):
        for shown, printed in (
                ("made: 2 条", "made: 2 条"),
                ("key 0123abcd, at 2026-11-24 11:20", "key ffff0000, at 2027-01-02 03:04"),
                ("code: AAAAA-BBBBB-CCCCC-DDDDD", "code: 01234-56789-ABCDE-FGHJK"),
                ("at 127.0.0.1:8440", "at 127.0.0.1:51234"),
                ("key 0123abcd… (1)", "key ffff0000… (1)"),
                ("'cunji:0123…'", "'cunji:" + "ab" * 32 + "'"),
                ("note …, node/key", "note that it lies here, node/key"),
                ("one|…|four", "one|two|three|four"),
                ("…|last", "last"),
                ("one|…", "one")):
            with self.subTest(shown=shown):
                self.assertIsNone(self.compare(shown, printed))

    def test_what_may_not(self):
        for shown, printed in (
                ("made: 2 条", "made: 3 条"),
                ("made: 411323", "made: 411324"),
                ("division 411323101200", "division 411323101201"),
                ("registered: 2 lines", "registered: 2 rows"),
                ("key 0123abcd", "key 0123abcd0123abcd"),
                ("key 0123abcd", "key none"),
                ("at 2026-11-24 11:20", "at 2026-11-24"),
                ("column  two", "column   two"),
                ("one", "one|two"),
                ("one|two", "one"),
                ("one|…|four", "one|two|three"),
                ("0123abcd and 0123abcd", "ffff0000 and ffff0001"),
                ("0123abcd and 0123abce", "ffff0000 and ffff0000")):
            with self.subTest(shown=shown):
                self.assertIn("README.md:1", self.compare(shown, printed) or "")

    def test_equal_values_are_equal_throughout(self):
        values = Values()
        self.assertIsNone(self.compare("root 0123abcd", "root ffff0000", values))
        self.assertIsNone(self.compare("the 0123abcd", "the ffff0000", values))
        self.assertIn("README.md:11", self.compare("the 0123abcd", "the ffff0001", values))
        self.assertEqual(values.put_into("approve '#0123abcd'"), "approve '#ffff0000'")

    def test_what_a_console_block_is(self):
        steps = steps_of("x", "a\n\n    $ one\n    1\n\n    no command\n\n```\n$ read only\n```\n"
                              "```console\n$ cat <<END\nEND of it\nEND\nEND of it\n```\n")
        self.assertEqual([(s.line, s.command, s.shown) for s in steps],
                         [(3, "one", [(4, "1")]),
                          (12, "cat <<END\nEND of it\nEND", [(15, "END of it")])])


if __name__ == "__main__":
    unittest.main(verbosity=2)
