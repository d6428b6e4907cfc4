#!/usr/bin/env python3
"""Checks every #include of the tree: who may use whom, and whose headers stay where.

Usage: tools/check_includes.py [ROOT]

Prints `file:line: reason` for each violation, and exits with 1 if there is one. The tables below
are the rules; change one only together with the reason beside it.
"""
import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

import source_tree

# Folder -> what it may include besides itself and shared/base: folders of shared/, or of the root.
SHARED = "crypto event log credential store sync programme state programmes net terminal commands"
MAY_USE = {
    "shared/base": "",
    "shared/crypto": "",
    "shared/event": "crypto",
    "shared/log": "crypto event",
    "shared/credential": "crypto event log",  # verify_log walks an EventLog or an export.
    "shared/store": "crypto event credential log sync",  # The node's store is a sync::NodeSource.
    "shared/sync": "crypto event credential log",  # Never a store.
    "shared/programme": "crypto event",
    "shared/state": "crypto event credential programme",
    "shared/net": "crypto",  # The line under both drivers, with TLS; native builds only.
    "shared/terminal": "crypto",  # What people are asked at a terminal; native builds only.
    # What both programs' command lines have in common; native builds only.
    "shared/commands": "crypto event credential programme programmes state terminal",
    "shared/programmes": "programme state",  # Never another programme: see below.
    "fieldnode": SHARED,  # Never the server,
    "server": SHARED,     # and the other way round.
    "tools": SHARED + " fieldnode server",  # The simulator runs node and server in one process.
}
ANYTHING = "tests/"  # Tests may include anything; nothing includes them.
PROGRAMME = re.compile(r"shared/programmes/(\w+)/")  # Only programmes/all.* sees every programme.

# What may have sockets, threads, files and a terminal. Of fieldnode that is what the browser build
# does without.
DRIVER = (r"(server/|tools/|tests/|shared/net/|shared/terminal/|shared/commands/|"
          r"fieldnode/(main\.|sync_driver\.|verify_pool\.|cli/))")
ABOVE_CRYPTO = r"(?!shared/(base|crypto)/).*\.cc$"
READS_MESSAGES = r"shared/programme/compiler\.h$"  # load() in parts; nothing else includes it.

# Third-party headers, by the beginning of their names -> the files that may include them.
THIRD_PARTY = {
    "boost/system/": rf"shared/base/|{DRIVER}",
    "boost/assert/": rf"shared/base/|{DRIVER}",
    "boost/": DRIVER,  # Asio, Beast: sockets and coroutines stay in the drivers.
    # SHA-256 natively: libsodium 1.0.18 does not use the processor's instructions for it.
    "openssl/": rf"shared/crypto/sha256_openssl\.cc|{DRIVER}",
    "sodium": r"shared/crypto/",
    # The benchmarks measure ours against the libraries as they are.
    "sqlite3.h": r"(shared/store/|tests/|tools/bench/).*\.cc$",
    "zstd": r"shared/sync/batch\.cc|tests/|tools/bench/",
    "benchmark/": r"tools/bench/",
    "malloc.h": r"tools/bench/.*\.cc$",  # What the C library has handed out.
    "google/protobuf/": ABOVE_CRYPTO,
    "cereal/": r"shared/state/snapshot\.cc",  # Needs exceptions: native builds only.
    "libpq-fe.h": r"server/stores/",
    "xlsxwriter": r"tools/",
    "pugixml": r"tools/",
    "CLI/": DRIVER,
    "fmt/": DRIVER,
    "spdlog/": DRIVER,
    "qrencode.h": DRIVER,
    "nlohmann/": DRIVER,
    "toml++/": r"server/app/config\.cc",
    "gtest/": r"tests/|shared/programmes/\w+/\w+_test\.cc",
    "gmock/": r"tests/",
}
GENERATED = re.compile(r"^(protocol/\w+)\.pb\.h$")  # From the .proto file beside it.

# D11: the core has no socket, file, thread, clock or chance; the browser build has none to offer.
NOT_IN_THE_CORE = re.compile(
    r"(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|"
    r"filesystem|iostream|fstream|format|random|ctime|"
    r"(unistd|fcntl|termios|signal|spawn|pthread|time|poll|dirent|netdb|sys/.*|arpa/.*|netinet/.*)(\.h)?)")
CORE = r"(shared|fieldnode)/"  # Less the drivers, and less these:
CORE_EXCEPT: dict[str, str] = {  # File -> the reason why it may.
    "shared/store/checkpoint_file.cc": "POSIX file outside the database (D9); not in the browser build",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")')
STANDARD = re.compile(r"^[a-z0-9_]+$")


class Include(NamedTuple):
    file: str
    line: int
    name: str
    ours: bool  # In quotation marks.


def includes(root: Path, file: str) -> Iterator[Include]:
    for number, line in enumerate((root / file).read_text(errors="replace").splitlines(), 1):
        if match := INCLUDE.match(line):
            yield Include(file, number, match[1] or match[2], bool(match[2]))


def folder_of(path: str) -> str:
    """The folder of MAY_USE that a path lies in, or nothing."""
    return max((f for f in MAY_USE if path.startswith(f + "/")), key=len, default="")


def third_party_rule(name: str) -> str | None:
    prefix = max((p for p in THIRD_PARTY if name.startswith(p)), key=len, default=None)
    return None if prefix is None else THIRD_PARTY[prefix]


def wrong_direction(include: Include) -> str | None:
    """Why this file may not include that one of ours."""
    if include.file.startswith(ANYTHING):
        return None
    source, target = folder_of(include.file), folder_of(include.name)
    if not source:
        return "no rule for this folder: add it to MAY_USE in tools/check_includes.py"
    if not target:
        return f'nothing outside tests/ includes "{include.name}"'
    here, there = PROGRAMME.match(include.file), PROGRAMME.match(include.name)
    if there and not (here and here[1] == there[1]):
        if here:
            return f"a programme never includes another ({there[1]}): read its facts by name"
        if not re.match(r"shared/programmes/all\.", include.file):
            return "programmes are reached through shared/programmes/all.h only"
    allowed = MAY_USE[source].split()
    if target in (source, "shared/base") or target.removeprefix("shared/") in allowed:
        return None
    return f"{source} may not use {target}"


def violations_of(include: Include, known: set[str]) -> Iterator[str]:
    file, name = include.file, include.name
    if generated := GENERATED.match(name):
        if generated[1] + ".proto" not in known:
            yield f"no {generated[1]}.proto to generate this from"
        if not re.match(rf"{ABOVE_CRYPTO}|{READS_MESSAGES}|tests/", file):
            yield "generated messages are included in .cc files only, from shared/event upwards"
        return
    if include.ours:
        if name in known:
            reason = wrong_direction(include)
            if reason:
                yield reason
        elif third_party_rule(name) is not None:
            yield f"a third-party header is included as <{name}>"
        else:
            yield f'"{name}" is no file of the tree: includes start at the root'
        return
    if file_rule := third_party_rule(name):
        if not re.match(file_rule, file):
            yield f"<{name}> may not be included here (THIRD_PARTY in tools/check_includes.py)"
    elif name in known:
        yield f'our own headers are included as "{name}"'
    elif is_core(file) and NOT_IN_THE_CORE.fullmatch(name):
        yield f"<{name}> is not for the core, which has no file, thread, clock or chance (D11)"
    elif not STANDARD.match(name) and not NOT_IN_THE_CORE.fullmatch(name):
        yield f"<{name}> has no rule: add it to THIRD_PARTY in tools/check_includes.py"


def is_core(file: str) -> bool:
    return bool(re.match(CORE, file)) and not re.match(DRIVER, file) and file not in CORE_EXCEPT


def circles(graph: dict[str, list[Include]]) -> Iterator[tuple[Include, list[str]]]:
    """Each include that closes a circle, with the circle."""
    done: set[str] = set()
    path: list[str] = []

    def visit(file: str) -> Iterator[tuple[Include, list[str]]]:
        path.append(file)
        for include in graph.get(file, []):
            if include.name in path:
                yield include, path[path.index(include.name):] + [include.name]
            elif include.name not in done:
                yield from visit(include.name)
        done.add(path.pop())

    for file in sorted(graph):
        if file not in done:
            yield from visit(file)


def check(root: Path) -> list[str]:
    known = set(source_tree.files(root))
    sources = [file for file in sorted(known) if file.endswith((".cc", ".h"))]
    found: list[str] = []
    graph: dict[str, list[Include]] = {}
    for file in sources:
        graph[file] = list(includes(root, file))
        for include in graph[file]:
            found += [f"{file}:{include.line}: {why}" for why in violations_of(include, known)]
        if file.endswith(".h") and "#pragma once" not in (root / file).read_text(errors="replace"):
            found.append(f"{file}:1: a header begins with #pragma once")
    for include, circle in circles(graph):
        found.append(f"{include.file}:{include.line}: circle: {' -> '.join(circle)}")
    return found


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    found = check(root)
    for line in found:
        print(line)
    print(f"includes: {len(found)} violations" if found else "includes: in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
