"""A program at a terminal, for the end-to-end tests: what is typed once a prompt stands there. Every wait
ends after SECONDS_MAX."""
import os
import pty
import select
import subprocess
import termios
import time

SECONDS_MAX = 60
CTRL_D = "\x04"


class Terminal:
    def __init__(self, command):
        self.ours, theirs = pty.openpty()
        settings = termios.tcgetattr(theirs)
        settings[3] &= ~termios.ECHO  # What is typed is not shown again: prompts are then alone.
        termios.tcsetattr(theirs, termios.TCSANOW, settings)
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
                                        start_new_session=True)
        os.close(theirs)
        self.seen = ""  # All of it.
        self.read_to = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.ours)

    def _read(self, until):
        ready, _, _ = select.select([self.ours], [], [], max(0, until - time.monotonic()))
        if not ready:
            raise AssertionError("nothing more came; so far:\n" + self.seen)
        try:
            got = os.read(self.ours, 65536)
        except OSError:  # The other end is closed: the program has ended.
            got = b""
        self.pending = getattr(self, "pending", b"") + got
        text = self.pending.decode("utf-8", errors="ignore")
        self.seen = text.replace("\r\n", "\n")
        return bool(got)

    def expect(self, text):
        """Waits for `text` after what was expected before."""
        until = time.monotonic() + SECONDS_MAX
        while text not in self.seen[self.read_to:]:
            if not self._read(until):
                raise AssertionError(f"it ended without {text!r}:\n" + self.seen)
        self.read_to = self.seen.index(text, self.read_to) + len(text)

    def type(self, prompt, line):
        """Answers the next prompt that has these words."""
        self.expect(prompt)
        self.expect(": ")
        os.write(self.ours, line.encode() if line == CTRL_D else (line + "\n").encode())

    def end(self):
        """Waits for the end; gives the exit code."""
        until = time.monotonic() + SECONDS_MAX
        while self._read(until):
            pass
        return self.process.wait(timeout=SECONDS_MAX)
