#!/usr/bin/env python3
"""Checks the text of the tree: nothing of one machine, nothing unfinished, no overlong file.

Usage: tools/check_text.py [ROOT]

Prints `file:line: reason` for each violation, and exits with 1 if there is one.
"""
import re
import sys
from pathlib import Path

import source_tree

LINES_MAX = 600  # Of a source file: above it a file holds more than one subject.
SOURCES = (".cc", ".h", ".c", ".py", ".mjs", ".js", ".ts", ".sh")
LONG_FILES: dict[str, str] = {}  # File -> the reason why it is longer.

# Pattern -> reason, for every text file.
FORBIDDEN = {
    r"\b(TODO|FIXME|XXX)\b": "unfinished work belongs into an issue",
    r"(?<![\w.)}>~-])/(work|home|root|Users)/\w": "a path of one machine",
    r"\b[a-z0-9-]+\.(debian|ubuntu|npmjs|pypi|crates)\.(org|com|io)\b": "a package archive's host",
    r"^(<<<<<<<|>>>>>>>) ": "a conflict left in the file",
}
FORBIDDEN_IN_PROTO = {
    r"\boptimize_for\b": "the build chooses full or lite code (D11)",
}
# These two must name what they forbid.
EXCEPT = {"tools/check_text.py", "tests/tools/check_text_test.py"}


def check_file(root: Path, file: str) -> list[str]:
    data = (root / file).read_bytes()
    if b"\0" in data:
        return []
    lines = data.decode(errors="replace").splitlines()
    patterns = dict(FORBIDDEN)
    if file.endswith(".proto"):
        patterns |= FORBIDDEN_IN_PROTO
    found = []
    for number, line in enumerate(lines, 1):
        for pattern, reason in patterns.items():
            if match := re.search(pattern, line):
                found.append(f'{file}:{number}: "{match[0]}": {reason}')
    if file.endswith(SOURCES) and len(lines) > LINES_MAX and file not in LONG_FILES:
        found.append(f"{file}:{LINES_MAX + 1}: {len(lines)} lines, at most {LINES_MAX}: split it, "
                     "or list it in tools/check_text.py with the reason")
    return found


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    found = [line for file in source_tree.files(root) if file not in EXCEPT
             for line in check_file(root, file)]
    for line in found:
        print(line)
    print(f"text: {len(found)} violations" if found else "text: in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
