"""kill -9 of server and node at random moments: every acknowledged event is in the log once, every
event whose recording was confirmed is in the node's chain and at last in the log.

CUNJI_ROUNDS rounds (20 unless told); CUNJI_SEED repeats a run."""
import os
import random
import re
import subprocess
import sys
import threading
import unittest

import county as c
from log_export import read_export

ROUNDS = int(os.environ.get("CUNJI_ROUNDS", "20"))
SEED = int(os.environ.get("CUNJI_SEED", random.SystemRandom().randrange(10**9)))


class Killed(unittest.TestCase):
    def test_nothing_confirmed_is_lost(self):
        chance = random.Random(SEED)
        print(f"CUNJI_SEED={SEED} CUNJI_ROUNDS={ROUNDS}", file=sys.stderr)
        with c.County() as county:
            county.start()
            device = county.device("node").enrol()
            device.node("sync")
            confirmed, acknowledged = [], {}
            for number in range(ROUNDS):
                with self.subTest(round=number, seed=SEED):
                    self.round(county, device, chance, confirmed)
                    self.look(device, confirmed, acknowledged)
            county.kill()
            county.start()
            device.node("sync")
            self.look(device, confirmed, acknowledged)
            self.assertEqual(device.status()["unsent"], 0)
            device.node("verify")
            self.settle(county, device, acknowledged)

    def round(self, county, device, chance, confirmed):
        """Records and synchronises while something is killed; then everything is started again."""
        for _ in range(chance.randrange(1, 4)):
            self.killed_after(chance, lambda: self.record(device, confirmed, chance))
        if chance.random() < 0.5:
            timer = threading.Timer(chance.random() * 0.12, county.process.kill)
            timer.start()
            device.node("sync", check=False)
            timer.join()
        else:
            self.killed_after(chance, lambda: device_sync(device))
        if county.process.poll() is not None:
            county.kill()
            county.start()

    @staticmethod
    def killed_after(chance, start):
        """Starts a process by `start`, kills it at a random moment, gives its waiter the outcome."""
        process, done = start()
        try:
            out, _ = process.communicate(timeout=chance.random() * 0.08)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
        done(process.returncode, out)

    @staticmethod
    def record(device, confirmed, chance):
        process = subprocess.Popen(
            device.command("record", "visit", "--household", f"{chance.getrandbits(128):032x}",
                           "--division", c.VILLAGE, "--outcome", "met"),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True)

        def done(code, out):
            # The confirmation is the line the person sees, whatever happened afterwards.
            said = re.search(r"\(([0-9a-f]{8})\)", out)
            if said:
                confirmed.append(said[1])
        return process, done

    def look(self, device, confirmed, acknowledged):
        held = {e["digest"]: e for e in device.events()}
        beginnings = {digest[:8] for digest in held}
        for beginning in confirmed:
            self.assertIn(beginning, beginnings, "a confirmed event is gone from the node")
        for digest, event in held.items():
            if event["standing"] == "logged":
                place = (event["index"], event["verdict"])
                self.assertEqual(acknowledged.setdefault(digest, place), place)
        for digest in acknowledged:
            self.assertEqual(held[digest]["standing"], "logged", "an acknowledgement was forgotten")

    def settle(self, county, device, acknowledged):
        places = {}
        for entry in read_export(county.export()):
            self.assertNotIn(entry.digest, places, "logged twice")
            places[entry.digest] = entry.index
        for event in device.events():
            self.assertEqual(places.get(event["digest"]), event["index"])
        for digest, (index, _) in acknowledged.items():
            self.assertEqual(places.get(digest), index)
        self.assertGreater(len(acknowledged), 0)


def device_sync(device):
    process = subprocess.Popen(device.command("sync"), stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True)
    return process, lambda code, out: None


if __name__ == "__main__":
    unittest.main(verbosity=2)
