"""Drafts with real processes: kept sealed instead of recorded, completed, recorded once, deleted."""
import json
import time
import unittest

import county as c
import made_up_photo
from slow_line import SlowLine

NAME, REMARK = "王桂兰", "院墙塌了一角，雨前须修"
HOUSEHOLD = "11111111111111111111111111111111"


class Drafts(unittest.TestCase):
    def setUp(self):
        self.county = c.County()
        self.addCleanup(self.county.__exit__)
        self.county.start()
        self.device = self.county.device("node").enrol()

    def draft(self, *options, command="visit", **run):
        return self.device.node("record", command, "--draft", NAME, *options, **run)

    def drafts(self):
        return json.loads(self.device.node("drafts", "--json").stdout)

    def visits(self):
        return [event for event in self.device.events() if event["kind"] == "visit"]

    def refused(self, says, *args):
        done = self.device.node(*args, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn(says, done.stderr)

    def test_a_draft_is_sealed_completed_and_recorded_once(self):
        self.assertIn("no drafts", self.device.node("drafts").stdout)
        done = self.draft("--remark", REMARK, "--household", HOUSEHOLD)
        self.assertIn("kept as a draft, not recorded", done.stdout)
        self.assertEqual(self.visits(), [])
        self.assertEqual(self.device.status()["drafts"], 1)
        self.assertIn("drafts: 1", self.device.node("status").stdout)
        for path in self.device.folder.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            for text in (NAME, REMARK):
                self.assertNotIn(text.encode(), content, path)
        # Neither is its division known here, nor the outcome: it waits until it is complete.
        self.refused("农户或区划不对", "drafts", "record", NAME)
        self.draft("--division", c.VILLAGE)
        self.refused("--outcome is one of", "drafts", "record", NAME)
        self.draft("--outcome", "met", "--place", "-33.1,111.5,20", "--remark", "-" + REMARK)
        self.assertEqual(len(self.drafts()), 1)
        shown = self.device.node("drafts", "show", NAME).stdout
        for text in (HOUSEHOLD, "-" + REMARK, "met", c.VILLAGE, "not recorded"):
            self.assertIn(text, shown)
        self.assertIn(NAME, self.device.node("drafts").stdout)
        begun = self.drafts()[0]["options"]["--occurred"][0]
        self.device.node("drafts", "record", NAME)
        self.assertEqual(self.drafts(), [])
        self.assertEqual(len(self.visits()), 1)
        self.refused("there is no draft named", "drafts", "record", NAME)
        self.device.node("sync")
        log = self.county.export().read_bytes()
        self.assertIn(("-" + REMARK).encode(), log)
        self.assertRegex(begun, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", "noted at the beginning")

    def test_it_happened_when_it_was_typed(self):
        options = ("--household", HOUSEHOLD, "--division", c.VILLAGE, "--outcome", "met")
        self.device.node("--clock", "2026-03-01T10:00", "record", "visit", "--draft", "a", *options)
        self.device.node("--clock", "2026-03-02T10:00", "record", "visit", "--draft", "a",
                         "--remark", REMARK)
        self.assertEqual(self.drafts()[0]["options"]["--occurred"], ["2026-03-01 10:00:00"])
        self.assertEqual(self.drafts()[0]["changed"], "2026-03-02 10:00:00")
        self.device.node("--clock", "2026-03-02T10:00", "record", "visit", "--draft", "a",
                         "--occurred", "2026-02-28T09:00")
        self.assertEqual(self.drafts()[0]["options"]["--occurred"], ["2026-02-28T09:00"])

    def test_photos_and_json(self):
        photo = self.county.top / "a.jpg"
        photo.write_bytes(made_up_photo.photo(20_000, 1))
        self.refused("No such file", "record", "visit", "--draft", "x", "--photo", "none.jpg")
        at = {"--household": HOUSEHOLD, "--division": c.VILLAGE, "--outcome": "met"}
        typed = [text for pair in at.items() for text in pair]
        self.draft(*typed, "--photo", "a.jpg", cwd=self.county.top)
        self.assertEqual(self.drafts()[0]["options"]["--photo"], [str(photo)])
        content = photo.read_bytes()
        photo.unlink()
        self.refused("a.jpg", "drafts", "record", NAME)
        self.assertEqual((len(self.drafts()), self.visits()), (1, []), "the draft stays")
        photo.write_bytes(content)
        self.device.node("drafts", "record", NAME)
        self.assertEqual(self.device.status()["photos_waiting"], 1)

        form = self.county.top / "visit.json"
        form.write_text(json.dumps({"visit": {"outcome": "VISIT_OUTCOME_MET", "remark": REMARK}}))
        self.draft("--household", HOUSEHOLD, "--division", c.VILLAGE, "--json", form)
        form.unlink()
        self.device.node("drafts", "record", NAME)
        self.assertEqual(len(self.visits()), 2)

    def test_what_is_refused_and_what_is_deleted(self):
        self.draft("--household", HOUSEHOLD)
        self.refused("of another kind", "record", "check-in", "--draft", NAME)
        self.refused("1 to 64 bytes", "record", "visit", "--draft", "a\nb")
        self.refused("no draft named", "drafts", "show", "other")
        self.refused("no draft named", "drafts", "delete", "other")
        self.assertIn("nothing is recorded", self.device.node("drafts", "--help").stdout)
        self.device.node("drafts", "delete", NAME)
        self.assertEqual(self.drafts(), [])
        self.assertEqual(self.visits(), [])

    def test_revoked_it_can_be_deleted_only(self):
        photo = self.county.top / "a.jpg"
        photo.write_bytes(made_up_photo.photo(1_500_000, 1))
        self.draft("--household", HOUSEHOLD)
        self.device.node("record", "visit", "--household", HOUSEHOLD, "--division", c.VILLAGE,
                         "--outcome", "met", "--photo", photo)
        key = self.device.status()["key"]
        self.county.server("revoke", self.county.folder, "--key", key, "--reason", "ended")
        for _ in range(20):  # Until it is published, within a second or so.
            with SlowLine(self.county.address, 2_000_000, cut_bytes=60_000) as line:
                self.device.node("sync", line.address, check=False)
            if self.device.status()["revoked"]:
                break
            time.sleep(0.2)
        status = self.device.status()
        self.assertTrue(status["revoked"] and status["photos_waiting"], "it has heard, and owes a photo")
        for args in (("drafts",), ("drafts", "show", NAME), ("drafts", "record", NAME),
                     ("record", "visit", "--draft", "b", "--household", HOUSEHOLD)):
            self.refused("drafts can be deleted only", *args)
        self.assertEqual(self.device.status()["drafts"], 1)
        self.device.node("drafts", "delete", NAME)
        self.assertEqual(self.device.status()["drafts"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
