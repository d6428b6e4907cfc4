"""Contents deleted by law (D20) on every holder: two persons, seven days, and afterwards no file of the
server, its backup or its restored copy holds the plaintext, while everything still verifies."""
import hashlib
import json
import pathlib
import shutil
import time
import unittest
import urllib.request

import county as c

DAY = 86_400
HOUSEHOLD = "00" * 15 + "07"
NAME, KEPT, REMARK = "删除测试用名", "保留测试用名", "a remark that the law takes back"
VERIFIER = pathlib.Path(__file__).parents[2] / "protocol" / "verify" / "log.mjs"


def entries_of(export):
    """(digest in hex, body bytes) of each entry, by protocol/README.md."""
    data = export.read_bytes()
    at = 16
    at += 4 + int.from_bytes(data[at:at + 4], "big")
    count, at = int.from_bytes(data[at:at + 8], "big"), at + 8
    for _ in range(count):
        length = int.from_bytes(data[at + 300:at + 304], "big")
        yield hashlib.sha256(data[at + 43:at + 300]).hexdigest(), data[at + 304:at + 304 + length]
        at += 304 + length


def holders(folder, *texts):
    """Files below the folder that hold one of the texts."""
    return [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file()
            for text in texts if text.encode() in path.read_bytes()]


class Erasure(unittest.TestCase):
    def setUp(self):
        self.county = c.County(persons=2, made_up_clock=True)
        self.addCleanup(self.county.__exit__)
        self.began = time.time()
        self.serve()

    def serve(self):
        self.county.start("--checkpoint-millis", "20", *self.county.clock)

    def desk(self, *args, **options):
        return self.county.server(args[0], self.county.folder, *args[1:], *self.county.clock,
                                  **options)

    def register(self, number, name):
        path = self.county.top / "register.jsonl"
        path.write_text(json.dumps({
            "register": "household", "id": f"{number:032x}", "division": c.VILLAGE,
            "facts": {"number": str(number), "head_name": name}}) + "\n", encoding="utf-8")
        self.desk("register", path)

    def digest_holding(self, text):
        return next(digest for digest, body in entries_of(self.county.export())
                    if text.encode() in body)

    def erasures(self):
        done = self.county.server("erasures", self.county.folder, "--json")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def wait_for(self, what, seconds=20):
        deadline = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def later(self, days):
        """Turns the county's clock to so many days after the beginning; an anchor follows."""
        self.county.set_clock(self.began + days * DAY)
        received = int((self.began + days * DAY) * 1000) - 1
        self.wait_for(lambda: json.loads(self.county.server(
            "status", self.county.folder, "--json").stdout)["received"] >= received)

    def standing(self):
        return [e["standing"] for e in self.erasures()]

    def replayed_digest(self):
        status = json.loads(self.county.server("status", self.county.folder, "--json").stdout)
        return status["size"], status["state_digest"]

    def served_digest(self):
        with urllib.request.urlopen(f"http://{self.county.address}/state") as answer:
            state = json.load(answer)
        return state["next_index"], state["digest"]

    def test_from_two_persons_to_nothing_left(self):
        county = self.county
        devices = [county.device("one"), county.device("two")]
        self.register(7, NAME)
        self.register(8, KEPT)
        for device in devices:
            device.enrol()
            device.node("sync")
        devices[0].node("record", "visit", "--household", HOUSEHOLD, "--division", c.VILLAGE,
                        "--outcome", "met", "--remark", REMARK)
        for device in devices:
            device.node("sync")
        self.assertIn(NAME, devices[1].node("households").stdout)
        self.assertIn("county.sqlite-wal", holders(county.folder, NAME))
        county.server("backup", county.folder, county.top / "backup", *county.clock)
        self.assertIn("county.sqlite", holders(county.top / "backup", NAME))

        named = [self.digest_holding(NAME), self.digest_holding(REMARK)]
        said = self.desk("erase", named[0], f"{named[1]}:1", "--basis", "PIPL 47", "--key-file",
                         county.top / "root.key").stdout
        self.assertIn("second person", said)
        erasure = self.erasures()[0]["erasure"]
        self.later(20)
        self.assertEqual(self.standing(), ["waits"], "one person is not enough, ever")
        self.desk("endorse", erasure, "--purpose", "second_person")
        self.assertEqual(self.standing(), ["confirmed"])
        self.later(20 + 7 - 1 / 1440)
        self.assertEqual(self.standing(), ["confirmed"])
        self.assertIn(NAME, devices[1].node("households").stdout)
        self.later(20 + 7 + 1 / 12)
        self.wait_for(lambda: self.standing() == ["erased"])

        self.assertEqual(holders(county.folder, NAME, REMARK), [])
        self.assertNotEqual(holders(county.folder, KEPT), [])
        self.assertEqual(self.served_digest(), self.replayed_digest())
        for device in devices:
            device.node("sync")
            self.assertNotIn(NAME, device.node("households").stdout)
            self.assertIn(KEPT, device.node("households").stdout)
            device.node("verify")
        mine = devices[0].events()[0]
        self.assertEqual([p["part"] for p in mine["erased"]], [1])
        self.assertEqual(mine["erased"][0]["erasure"], erasure)
        self.assertEqual(mine["standing"], "logged")
        newcomer = county.device("newcomer")
        newcomer.options = ["--clock", time.strftime("%Y-%m-%dT%H:%M", time.gmtime(
            self.began + 28 * DAY))]
        newcomer.enrol()
        newcomer.node("sync")
        newcomer.node("verify")
        self.assertNotIn(NAME, newcomer.node("households").stdout)

        export = county.export()
        self.assertEqual(holders(county.top, NAME, REMARK),
                         ["backup/county.sqlite"] * 2)
        if shutil.which("node"):
            done = c.run("node", VERIFIER, export)
            self.assertIn('"erased":2', done.stdout)

        self.assertEqual(county.stop(), 0)
        self.assertEqual(holders(county.folder, NAME, REMARK), [])
        self.serve()
        self.assertEqual(self.served_digest(), self.replayed_digest())
        self.backups_follow()

    def backups_follow(self):
        county = self.county
        backup, restored = county.top / "backup", county.top / "restored"
        said = county.server("backup", county.folder, backup, *county.clock).stdout
        self.assertIn("erasures carried out", said)
        self.assertIn("destroy it by", said)
        self.assertEqual(holders(backup, NAME, REMARK), [])
        county.server("restore", backup, restored, "--nothing-newer", *county.clock)
        self.assertEqual(holders(restored, NAME, REMARK), [])
        county.server("verify", restored)
        shutil.rmtree(restored)
        county.set_clock(self.began + (20 + 8 + 90) * DAY)
        done = county.server("restore", backup, restored, "--nothing-newer", *county.clock,
                             check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("90 days", done.stderr)
        self.assertFalse(restored.exists())
        county.server("restore", backup, restored, "--nothing-newer", "--expired", *county.clock)

    def test_what_the_command_refuses(self):
        self.register(7, NAME)
        visit = self.digest_holding(NAME)
        governance = next(digest for digest, _ in entries_of(self.county.export()))
        for args, word in [((visit,), "basis"),
                           (("00" * 32, "--basis", "b"), "no event"),
                           ((visit[:-1], "--basis", "b"), "hexadecimal"),
                           ((visit, visit, "--basis", "b"), "twice"),
                           ((f"{visit}:2", "--basis", "b"), "1 parts"),
                           ((f"{visit}:0", "--basis", "b"), "PART"),
                           ((f"{visit}:1;2", "--basis", "b"), "comma"),
                           ((governance, "--basis", "b"), "can't be erased"),
                           (("--withdraw", "00" * 32), "no such erasure")]:
            done = self.desk("erase", *args, check=False)
            self.assertNotEqual(done.returncode, 0, args)
            self.assertIn(word, done.stderr, args)
        self.assertEqual(self.erasures(), [])
        self.desk("erase", visit, "--basis", "b")
        self.desk("erase", "--withdraw", self.erasures()[0]["erasure"])
        self.assertEqual(self.standing(), ["withdrawn"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
