#!/usr/bin/env python3
"""Adds up what ctest wrote with --output-junit.

Usage: tools/ctest_totals.py BUILD_DIR…     prints `N passed, N failed, N skipped` of all of them
       tools/ctest_totals.py --failed BUILD_DIR…   prints each failed test and how to run it again

A build folder without tests.xml, whose tests have not run, counts nothing.
"""
import re
import sys
from pathlib import Path
from typing import Iterator
from xml.etree import ElementTree


def outcome_of(case: ElementTree.Element) -> str:
    """A test counts as skipped only where it said so itself, or was disabled."""
    status, skipped = case.get("status"), case.find("skipped")
    if status == "run":
        return "passed"
    said_so = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    return "skipped" if said_so or status == "disabled" else "failed"


def results(build: str) -> Iterator[tuple[str, str]]:
    """(name, passed|failed|skipped) of each test that ran."""
    report = Path(build) / "tests.xml"
    if report.exists():
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            yield case.get("name", "?"), outcome_of(case)


def main() -> int:
    arguments = sys.argv[1:]
    failed_only = arguments[:1] == ["--failed"]
    builds = arguments[failed_only:]
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for build in builds:
        for name, outcome in results(build):
            totals[outcome] += 1
            if failed_only and outcome == "failed":
                # What ctest takes for a name is a regular expression.
                pattern = re.sub(r"([^\w/-])", r"\\\1", name)
                print(f"  {name}")
                print(f"    ctest --test-dir {build} --output-on-failure -R '^{pattern}$'")
    if not failed_only:
        print(", ".join(f"{count} {outcome}" for outcome, count in totals.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
