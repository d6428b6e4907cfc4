#!/usr/bin/env python3
"""Lists what of the policy documents nothing answers for: rules, warnings, events, reports and worked
examples of the documents that have a definition, and the general conventions (GEN).

  tools/check_rules.py [ROOT]               checks; prints `id: what is missing` and exits with 1
  tools/check_rules.py --update DOMAIN      reads the ids anew from the domain's files, into tools/rules.txt

Every id of tools/rules.txt has to be named:
  rule, warning, event, report   by a definition (shared/programmes/*/definition.txtpb), in quotes:
                                 rule: "MON-R17", event: "MON-E05", warning { id: "MON-W01" …;
                                 or by the folder's README.md under "Rules without a mechanism", in a line
                                 or row that begins with the id and goes on with the reason
  example (-X), convention (GEN) by a test: a file under tests/, or one with "test" or "scenario" in its
                                 path under shared/programmes/
  ambiguity (-A)                 by nobody; but a name must be one of the list
A letter behind an id ("VCO-W01b") names a part of it, unless the list has that part as its own id.
"""
import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple

import source_tree

LIST = "tools/rules.txt"
DOCUMENTS = ("08", "18")  # Those that have a definition.
SECTION = "Rules without a mechanism"
PROGRAMMES = "shared/programmes/"
REASON_MIN = 12  # Letters; less is no reason.

ID = re.compile(r"\b(?:(?:[A-Z]{3}-[RAWEPX]|GEN-)\d{2,3})(?:[a-z]\b)?")
KINDS = {"R": "rule", "A": "ambiguity", "W": "warning", "E": "event", "P": "report",
         "X": "worked example"}
IN_A_DEFINITION = ("rule", "warning", "event", "report")
IN_A_TEST = ("worked example", "convention")


class Named(NamedTuple):
    id: str
    file: str
    line: int


def kind_of(name: str) -> str:
    return "convention" if name.startswith("GEN") else KINDS[name[4]]


def read_list(root: Path) -> list[str]:
    file = root / LIST
    if not file.is_file():
        sys.exit(f"{LIST} is missing: tools/check_rules.py --update DOMAIN makes it")
    return [line for line in file.read_text().splitlines() if line and line[0] != "#"]


def update(root: Path, domain: Path) -> None:
    """Ids are the first cells of the domain's tables."""
    lines = ["# Made by check_rules.py --update: the ids of the domain's files, which a clone lacks."]
    sources = [(f"document {number}", sorted(domain.glob(f"{number}-*.md"))) for number in DOCUMENTS]
    sources.append(("general conventions", [domain / "README.md"]))
    for title, files in sources:
        if not files or not files[0].is_file():
            sys.exit(f"no file of the {title} in {domain}")
        ids = re.findall(rf"^\| ({ID.pattern}) \|", files[0].read_text(), re.MULTILINE)
        if not ids:
            sys.exit(f"{files[0]} has no table of ids")
        lines += [f"# {title}", *ids]
    (root / LIST).write_text("\n".join(lines) + "\n")
    print(f"{LIST}: {sum(line[0] != '#' for line in lines)} ids")


def in_definition(text: str, file: str) -> list[Named]:
    """What stands in quotes; a comment answers for nothing."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        line = re.sub(r'^((?:[^"#]|"[^"]*")*)#.*', r"\1", line)
        found += [Named(name, file, number) for quoted in re.findall(r'"([^"]*)"', line)
                  for name in ID.findall(quoted)]
    return found


def in_readme(text: str, file: str) -> list[Named]:
    """Lines "| MON-R44 | reason |" or "- MON-R44, MON-R55: reason" of the section."""
    found, inside = [], False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            inside = line.lstrip("# ").strip() == SECTION
        elif inside and (ids := re.match(rf"[|*\-\s]*((?:{ID.pattern}[\s,]*)+)", line)):
            if len(re.findall(r"\w", line[ids.end():])) >= REASON_MIN:
                found += [Named(name, file, number) for name in ID.findall(ids[1])]
    return found


def is_test(file: str) -> bool:
    if file.startswith("tests/tools/") or file.endswith(".md"):
        return False  # Made-up trees name anything.
    inside = file.removeprefix(PROGRAMMES)
    return file.startswith("tests/") or (inside != file and bool(re.search("test|scenario", inside)))


def collect(root: Path) -> tuple[list[Named], list[Named]]:
    """What definitions name, and what tests do."""
    definitions, tests = [], []
    for file in source_tree.files(root):
        programme = file.startswith(PROGRAMMES)
        if not programme and not file.startswith("tests/"):
            continue
        text = (root / file).read_bytes().decode(errors="replace")
        if is_test(file):
            tests += [Named(name, file, number) for number, line in enumerate(text.splitlines(), 1)
                      for name in ID.findall(line)]
        elif programme and file.endswith("/definition.txtpb"):
            definitions += in_definition(text, file)
        elif programme and file.endswith("/README.md"):
            definitions += in_readme(text, file)
    return definitions, tests


def check(root: Path) -> list[str]:
    ids = read_list(root)
    listed = set(ids)
    ours = {name[:3] for name in ids}

    def base(name: str) -> str:
        return name if name in listed or not name[-1].islower() else name[:-1]

    definitions, tests = collect(root)
    by_definition = {base(named.id) for named in definitions}
    by_test = {base(named.id) for named in tests}
    found = []
    for name in ids:
        kind = kind_of(name)
        if kind in IN_A_DEFINITION and name not in by_definition:
            found.append(f"{name}: {kind} that no definition names, nor a README.md under \"{SECTION}\" "
                         "with a reason")
        if kind in IN_A_TEST and name not in by_test:
            found.append(f"{name}: {kind} that no test names (tests/, or a test or scenario of a programme)")
    found += [f"{named.file}:{named.line}: no {named.id} in {LIST}" for named in definitions
              if named.id[:3] in ours and base(named.id) not in listed]
    return found


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__,
                                        formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("root", nargs="?", type=Path, default=Path(__file__).parent.parent,
                           metavar="ROOT", help="the tree to check; this one")
    arguments.add_argument("--update", type=Path, metavar="DOMAIN",
                           help="folder with the domain's files (README.md, 08-….md)")
    said = arguments.parse_args()
    root = said.root.resolve()
    if said.update:
        update(root, said.update)
        return 0
    found = check(root)
    for line in found:
        print(line)
    print(f"rules: {len(found)} without an answer" if found else "rules: in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
