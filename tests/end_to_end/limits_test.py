"""Limits as a person meets them: enrolment tried too often, too many sessions with one key, and what
/metrics says of it. Time-outs and floods: tests/unit/server/http, cunji-bench --job flood."""
import re
import time
import unittest
import urllib.request

import county as c

SAMPLE = re.compile(r'^([a-z_]+)(\{([a-z_]+="[^"\\]*",?)+\})? (-?[0-9.e+]+)$')


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.county = c.County()
        cls.county.start()

    @classmethod
    def tearDownClass(cls):
        cls.county.__exit__()

    def metrics(self):
        """Name with labels -> value; every line must be one that Prometheus reads."""
        with urllib.request.urlopen(f"http://{self.county.address}/metrics", timeout=10) as answer:
            self.assertIn("version=0.0.4", answer.headers["Content-Type"])
            text = answer.read().decode()
        out = {}
        for line in text.splitlines():
            if line.startswith("#"):
                self.assertRegex(line, r"^# (HELP|TYPE) [a-z_]+ \S")
                continue
            sample = SAMPLE.match(line)
            self.assertTrue(sample, line)
            out[sample[1] + (sample[2] or "")] = float(sample[4])
        labels = set(re.findall(r'[{,]([a-z_]+)="', text))
        self.assertLessEqual(labels, {"verdict", "code", "reason", "le", "fold_version", "compiler"},
                             "how much, not who")
        return out

    def test_enrolment_tried_too_often_comes_later(self):
        device = self.county.device("guesser")
        device.node("init")
        root = self.county.code()["root_digest"]
        guess = f"AAAAA-AAAAA-AAAAA-AAAAA@{self.county.address}#{root}"
        said = [device.node("enrol", guess, check=False) for _ in range(6)]
        self.assertTrue(all(each.returncode != 0 for each in said))
        self.assertNotIn("later", said[0].stdout + said[0].stderr)
        self.assertIn("later", said[5].stdout + said[5].stderr)
        self.county.device("honest").enrol()  # Another code is not held up.
        self.assertGreaterEqual(self.metrics()["cunji_enrolments_later_total"], 1)

    def test_metrics_follow_the_log(self):
        device = self.county.device("worker").enrol()
        before = self.metrics()
        device.node("record", "visit", "--household", "00" * 15 + "01", "--division", c.VILLAGE,
                    "--outcome", "met")
        device.node("sync")
        after = self.metrics()
        logged = 'cunji_events_logged_total{verdict="0"}'
        self.assertEqual(after[logged] - before.get(logged, 0), 1)
        self.assertEqual(after["cunji_log_entries"] - before["cunji_log_entries"], 1)
        self.assertEqual(after["cunji_fold_entries"], after["cunji_log_entries"])
        self.assertGreater(after["cunji_acknowledgement_duration_seconds_count"],
                           before["cunji_acknowledgement_duration_seconds_count"])
        for name in ("cunji_received_bytes_total", "cunji_sent_bytes_total", "cunji_database_bytes",
                     "cunji_disk_free_bytes", "process_resident_memory_bytes"):
            self.assertGreater(after[name], 0, name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
