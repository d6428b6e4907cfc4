"""Photos with real processes: over a slow line that is cut again and again, each byte about once;
never in the way of events; what a file says of place and time; files that are none."""
import hashlib
import subprocess
import time
import unittest

import county as c
import made_up_photo
from log_export import read_export
from slow_line import SlowLine

HOUSEHOLD = "11111111111111111111111111111111"
# As on a line of 20 kB/s that is cut every ten seconds, by bytes, so that a busy machine does no harm.
CUT_BYTES, RATE = 200_000, 2_000_000


class Photos(unittest.TestCase):
    def setUp(self):
        self.county = c.County()
        self.addCleanup(self.county.__exit__)
        self.county.start()
        self.device = self.county.device("node").enrol()

    def file_of(self, name, content):
        path = self.county.top / name
        path.write_bytes(content)
        return path

    def visit(self, *photos, **options):
        options_of_photos = [part for photo in photos for part in ("--photo", photo)]
        return self.device.node("record", "visit", "--household", HOUSEHOLD, "--division", c.VILLAGE,
                                "--outcome", "met", *options_of_photos, **options)

    def filed(self):
        """Digest -> bytes of what the county has filed, each checked against its name."""
        out = {}
        for path in (self.county.folder / "blobs").rglob("*"):
            if path.is_file():
                out[path.name] = path.read_bytes()
                self.assertEqual(hashlib.sha256(out[path.name]).hexdigest(), path.name)
                self.assertEqual(path.parent.name, path.name[:2])
        return out

    def test_fifty_photos_over_a_line_that_is_cut(self):
        kept = [made_up_photo.picture(10_000 + 800 * n, n) for n in range(50)]
        for five in range(10):
            self.visit(*(self.file_of(f"{n}.jpg", made_up_photo.photo(10_000 + 800 * n, n))
                         for n in range(5 * five, 5 * five + 5)))
        self.assertEqual(self.device.status()["photos_waiting"], 50)
        payload = sum(map(len, kept))
        with SlowLine(self.county.address, RATE, cut_bytes=CUT_BYTES) as line:
            for _ in range(40):
                self.device.node("sync", line.address, check=False)
                status = self.device.status()
                self.assertEqual(status["unsent"], 0, "events first")
                if status["photos_waiting"] == 0:
                    break
        self.assertEqual((status["photos_waiting"], status["photos_sent"]), (0, 50))
        self.assertGreater(line.cuts, payload // CUT_BYTES - 2)
        print(f"{payload} bytes of photos, {line.up} up in {line.connections} connections, "
              f"{line.cuts} cut: {line.up / payload:.3f}")
        self.assertLess(line.up, 1.15 * payload, "each byte about once")
        self.assertEqual(sorted(self.filed().values()), sorted(kept))
        before = line.up
        with SlowLine(self.county.address, RATE) as line:
            self.device.node("sync", line.address)
            self.assertLess(line.up, 2_000, "nothing is sent twice")
        self.assertGreater(before, 0)

    def test_events_and_commands_do_not_wait_for_photos(self):
        for n in range(4):
            self.visit(self.file_of(f"{n}.jpg", made_up_photo.photo(300_000, n)))
        with SlowLine(self.county.address, rate=60_000) as line:
            watch = subprocess.Popen(
                self.device.command("sync", line.address, "--watch", "--every", "0.2"),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            self.addCleanup(watch.kill)
            self.wait_for(lambda: line.up > 60_000)
            digest = self.visit().stdout
            self.assertIn("not sent yet", digest)
            self.wait_for(lambda: self.device.status()["unsent"] == 0)
            self.assertGreater(self.device.status()["photos_waiting"], 0, "photos are still going")
            watch.terminate()
            watch.wait(timeout=c.SECONDS_MAX)
        self.device.node("sync", self.county.address)
        self.assertEqual(self.device.status()["photos_waiting"], 0)
        self.assertEqual(len(self.filed()), 4)

    def wait_for(self, condition):
        deadline = time.monotonic() + c.SECONDS_MAX
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_place_and_time_move_into_the_record(self):
        good = self.file_of("a.jpg", made_up_photo.photo(20_000, 1))
        broken = self.file_of("b.jpg", made_up_photo.photo(
            20_000, 2, made_up_photo.segment(0xE1, b"Exif\0\0MM\0\x2a\xff\xff\xff\xf0broken")))
        film = self.file_of("c.jpg", made_up_photo.photo(20_000, 3) + b"ftypmp4 with another place")
        self.visit(good, broken, film)
        self.device.node("sync")
        filed = self.filed()
        self.assertEqual(sorted(filed.values()),
                         sorted(made_up_photo.picture(20_000, n) for n in (1, 2, 3)))
        self.assertNotIn(made_up_photo.CAMERA, b"".join(filed.values()))
        attachments = self.attachments()
        self.assertEqual({a["digest"] for a in attachments}, set(filed))
        self.assertEqual([a.get("taken_at") for a in attachments],
                         [1644457260000, None, 1644457260000])  # 09:41 in UTC+8.
        self.assertEqual(attachments[0]["place"], (333_000_000, 1_115_000_000))
        self.assertNotIn("place", attachments[1])

    def attachments(self):
        """Of the newest visit, read from the county's log by hand."""
        visit = [e for e in read_export(self.county.export()) if e.kind == 1][-1]
        out = []
        for number, value in protobuf_fields(visit.parts()[0]):
            if number != 9:
                continue
            said = dict(protobuf_fields(value))
            attachment = {"digest": said[1].hex(), "size": said[2]}
            if 4 in said:
                attachment["taken_at"] = said[4]
            if 5 in said:
                place = dict(protobuf_fields(said[5]))
                attachment["place"] = tuple((place[n] >> 1) ^ -(place[n] & 1) for n in (1, 2))
            out.append(attachment)
        return out

    def test_files_that_are_no_photos_are_refused_and_nothing_is_recorded(self):
        good = self.file_of("good.jpg", made_up_photo.photo(1_000, 1))
        huge = self.county.top / "huge.jpg"
        with open(huge, "wb") as file:
            file.write(made_up_photo.photo(1_000, 2))
            file.truncate(5 * 1000**3)  # Takes no space.
        cases = {"huge.jpg: 5000.0 MB, at most 2.0 MB": huge,
                 "neither a JPEG nor a PNG": self.file_of("text.jpg", b"text"),
                 "ends too early": self.file_of("cut.jpg", good.read_bytes()[:-40]),
                 "also without its metadata": self.file_of("large.jpg",
                                                           made_up_photo.photo(2_100_000, 3)),
                 "No such file": self.county.top / "none.jpg",
                 "not a file": self.county.top}
        events = len(self.device.events())
        for says, path in cases.items():
            with self.subTest(says=says):
                begun = time.monotonic()
                done = self.visit(good, path, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(says, done.stderr)
                self.assertIn("未保存", done.stderr)
                self.assertLess(time.monotonic() - begun, 20, "not read through")
        self.assertEqual(len(self.device.events()), events)
        self.assertEqual(self.device.status()["photos_waiting"], 0)

    def test_a_killed_server_keeps_what_it_acknowledged(self):
        kept = [made_up_photo.picture(150_000, n) for n in range(4)]
        for n in range(4):
            self.visit(self.file_of(f"{n}.jpg", made_up_photo.photo(150_000, n)))
        up = 0
        for _ in range(30):
            with SlowLine(self.county.address, 400_000) as line:
                sync = subprocess.Popen(self.device.command("sync", line.address),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                deadline = time.monotonic() + c.SECONDS_MAX
                while sync.poll() is None and line.up < 180_000 and time.monotonic() < deadline:
                    time.sleep(0.01)
                self.county.kill()
                sync.wait(timeout=c.SECONDS_MAX)
                up += line.up
            self.county.start()
            self.assertLessEqual(self.device.status()["photos_sent"], len(self.filed()))
            if self.device.status()["photos_waiting"] == 0:
                break
        self.assertEqual(sorted(self.filed().values()), sorted(kept))
        self.assertLess(up, 1.5 * sum(map(len, kept)))


def protobuf_fields(content):
    """Number and value of each field; lengths and numbers only."""
    at = 0

    def varint():
        nonlocal at
        out = shift = 0
        while True:
            byte = content[at]
            at += 1
            out |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return out

    while at < len(content):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        elif tag & 7 == 2:
            length = varint()
            yield tag >> 3, content[at:at + length]
            at += length
        else:
            raise ValueError(tag)


if __name__ == "__main__":
    unittest.main(verbosity=2)
