"""Each rule of tools/check_includes.py, broken on a made-up tree and kept on another."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TOOLS = ROOT / "tools"
sys.path.insert(0, str(TOOLS))
import check_includes  # noqa: E402

# What the cases include, so that they break one rule only.
HEADERS = ["shared/base/result.h", "shared/crypto/hash.h", "shared/event/event.h",
           "shared/log/log.h", "shared/credential/verdict.h", "shared/store/store.h",
           "shared/sync/offer.h", "shared/programme/form.h", "shared/state/fold.h",
           "shared/programmes/all.h", "shared/programmes/one/one.h", "shared/programmes/two/two.h",
           "fieldnode/node.h", "server/app.h", "tools/report/report.h", "tests/support.h"]


def violations(files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        tree = {**{header: "#pragma once\n" for header in HEADERS},
                "protocol/event.proto": "", **files}
        for file, text in tree.items():
            path = Path(folder) / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check_includes.check(Path(folder))


# File, included name with its marks, part of the reason.
REFUSED = [
    # Directions.
    ("shared/base/a.cc", '"shared/crypto/hash.h"', "shared/base may not use shared/crypto"),
    ("shared/crypto/a.cc", '"shared/event/event.h"', "shared/crypto may not use shared/event"),
    ("shared/event/a.cc", '"shared/log/log.h"', "shared/event may not use shared/log"),
    ("shared/log/a.cc", '"shared/credential/verdict.h"', "may not use shared/credential"),
    ("shared/log/a.cc", '"shared/store/store.h"', "shared/log may not use shared/store"),
    ("shared/credential/a.cc", '"shared/sync/offer.h"', "may not use shared/sync"),
    ("shared/store/a.cc", '"shared/state/fold.h"', "shared/store may not use shared/state"),
    ("shared/sync/a.cc", '"shared/store/store.h"', "shared/sync may not use shared/store"),
    ("shared/sync/a.cc", '"shared/state/fold.h"', "shared/sync may not use shared/state"),
    ("shared/programme/a.cc", '"shared/state/fold.h"', "shared/programme may not use shared/state"),
    ("shared/state/a.cc", '"shared/store/store.h"', "shared/state may not use shared/store"),
    ("shared/state/a.cc", '"shared/programmes/all.h"', "shared/state may not use"),
    ("shared/programmes/one/a.cc", '"shared/log/log.h"', "may not use shared/log"),
    ("shared/programmes/one/a.cc", '"shared/programmes/two/two.h"', "never includes another"),
    ("server/a.cc", '"shared/programmes/two/two.h"', "through shared/programmes/all.h"),
    ("server/a.cc", '"fieldnode/node.h"', "server may not use fieldnode"),
    ("fieldnode/a.cc", '"server/app.h"', "fieldnode may not use server"),
    ("shared/state/a.cc", '"fieldnode/node.h"', "shared/state may not use fieldnode"),
    ("server/a.cc", '"tools/report/report.h"', "server may not use tools"),
    ("shared/base/a.cc", '"server/app.h"', "shared/base may not use server"),
    ("tools/a.cc", '"tests/support.h"', "nothing outside tests/"),
    ("server/a.cc", '"tests/support.h"', "nothing outside tests/"),
    ("shared/novelty/a.cc", '"shared/base/result.h"', "no rule for this folder"),
    # How an include is written.
    ("shared/event/a.cc", '"event.h"', "includes start at the root"),
    ("shared/event/a.cc", '"../base/result.h"', "includes start at the root"),
    ("shared/event/a.cc", "<shared/base/result.h>", 'included as "shared/base/result.h"'),
    ("shared/crypto/a.cc", '"sodium.h"', "included as <sodium.h>"),
    ("shared/event/a.cc", "<left_pad/pad.h>", "has no rule"),
    # Third-party headers.
    ("shared/event/a.cc", "<sodium.h>", "may not be included here"),
    ("tests/unit/a.cc", "<sodium.h>", "may not be included here"),
    ("shared/store/a.h", "<sqlite3.h>", "may not be included here"),
    ("fieldnode/record.cc", "<sqlite3.h>", "may not be included here"),
    ("shared/sync/offer.cc", "<zstd.h>", "may not be included here"),
    ("shared/sync/a.cc", "<boost/asio.hpp>", "may not be included here"),
    ("fieldnode/node.cc", "<boost/beast.hpp>", "may not be included here"),
    ("fieldnode/node.cc", "<openssl/ssl.h>", "may not be included here"),
    ("shared/event/a.cc", "<boost/system/result.hpp>", "may not be included here"),
    ("shared/event/a.cc", "<nlohmann/json.hpp>", "may not be included here"),
    ("shared/event/a.cc", "<fmt/format.h>", "may not be included here"),
    ("fieldnode/node.cc", "<CLI/CLI.hpp>", "may not be included here"),
    ("shared/state/fold.cc", "<cereal/cereal.hpp>", "may not be included here"),
    ("server/app.cc", "<libpq-fe.h>", "may not be included here"),
    ("shared/event/event_test.cc", "<gtest/gtest.h>", "may not be included here"),
    ("shared/event/a.h", '"protocol/event.pb.h"', "in .cc files only"),
    ("shared/crypto/a.cc", '"protocol/event.pb.h"', "in .cc files only"),
    ("shared/event/a.cc", '"protocol/other.pb.h"', "no protocol/other.proto"),
    ("shared/event/a.h", "<google/protobuf/message_lite.h>", "may not be included here"),
    # The core is a function of its inputs.
    ("shared/state/a.cc", "<thread>", "not for the core"),
    ("shared/base/a.h", "<mutex>", "not for the core"),
    ("shared/log/a.cc", "<fstream>", "not for the core"),
    ("shared/event/a.cc", "<random>", "not for the core"),
    ("fieldnode/node.cc", "<filesystem>", "not for the core"),
    ("fieldnode/node.cc", "<sys/socket.h>", "not for the core"),
]
ALLOWED = [
    ("shared/base/a.h", "<boost/system/result.hpp>"),
    ("shared/base/a.h", "<string_view>"),
    ("shared/crypto/a.cc", "<sodium.h>"),
    ("shared/event/a.cc", '"shared/crypto/hash.h"'),
    ("shared/event/a.cc", '"protocol/event.pb.h"'),
    ("shared/log/a.h", '"shared/event/event.h"'),
    ("shared/store/a.cc", "<sqlite3.h>"),
    ("shared/store/a.h", '"shared/log/log.h"'),
    ("shared/store/a.h", '"shared/sync/offer.h"'),
    ("tools/simulate/a.cc", '"server/app.h"'),
    ("shared/sync/batch.cc", "<zstd.h>"),
    ("shared/sync/a.cc", '"shared/credential/verdict.h"'),
    ("shared/state/a.cc", '"shared/programme/form.h"'),
    ("shared/programmes/one/a.cc", '"shared/programmes/one/one.h"'),
    ("shared/programmes/one/one_test.cc", "<gtest/gtest.h>"),
    ("shared/programmes/all.cc", '"shared/programmes/two/two.h"'),
    ("fieldnode/node.cc", '"shared/store/store.h"'),
    ("fieldnode/main.cc", "<CLI/CLI.hpp>"),
    ("fieldnode/cli/key_file.cc", "<filesystem>"),
    ("fieldnode/sync_driver.cc", "<boost/asio.hpp>"),
    ("server/http/a.h", "<boost/beast.hpp>"),
    ("server/a.cc", "<thread>"),
    ("server/a.cc", '"shared/programmes/all.h"'),
    ("tests/unit/a.cc", '"server/app.h"'),
    ("tests/unit/a.cc", '"fieldnode/node.h"'),
    ("tests/unit/a.cc", "<gtest/gtest.h>"),
]


class CheckIncludes(unittest.TestCase):
    def test_refuses(self):
        for file, name, reason in REFUSED:
            with self.subTest(file=file, name=name):
                text = f"#pragma once\n#include <vector>\n#include {name}\n"
                found = violations({file: text})
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{file}:3: "), found[0])
                self.assertIn(reason, found[0])

    def test_allows(self):
        for file, name in ALLOWED:
            with self.subTest(file=file, name=name):
                self.assertEqual(violations({file: f"#pragma once\n#include {name}\n"}), [])

    def test_finds_a_circle_between_headers(self):
        found = violations({
            "shared/event/a.h": '#pragma once\n#include "shared/event/b.h"\n',
            "shared/event/b.h": '#pragma once\n#include "shared/event/c.h"\n',
            "shared/event/c.h": '#pragma once\n\n#include "shared/event/a.h"\n'})
        self.assertEqual(found, ["shared/event/c.h:3: circle: shared/event/a.h -> shared/event/b.h "
                                 "-> shared/event/c.h -> shared/event/a.h"])

    def test_two_ways_to_one_header_are_no_circle(self):
        self.assertEqual(violations({
            "shared/event/a.h": '#pragma once\n#include "shared/event/b.h"\n'
                                '#include "shared/event/c.h"\n',
            "shared/event/b.h": '#pragma once\n#include "shared/event/c.h"\n',
            "shared/event/c.h": "#pragma once\n"}), [])

    def test_wants_pragma_once_in_headers_only(self):
        self.assertEqual(violations({"shared/base/a.h": "struct A {};\n",
                                     "shared/base/a.cc": "struct B {};\n"}),
                         ["shared/base/a.h:1: a header begins with #pragma once"])

    def test_the_table_itself_has_no_circle(self):
        seen = {"shared/base"}
        names = [name for name in check_includes.MAY_USE if name.startswith("shared/")]
        for _ in names:
            for name in names:
                if all(f"shared/{used}" in seen for used in check_includes.MAY_USE[name].split()):
                    seen.add(name)
        self.assertEqual(seen, set(names))

    def test_the_program_says_where_and_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "shared/base").mkdir(parents=True)
            (Path(folder) / "shared/base/a.cc").write_text("#include <thread>\n")
            ran = subprocess.run([TOOLS / "check_includes.py", folder], capture_output=True,
                                 text=True, check=False)
            self.assertEqual(ran.returncode, 1)
            self.assertIn("shared/base/a.cc:1: <thread>", ran.stdout)


if __name__ == "__main__":
    unittest.main()
