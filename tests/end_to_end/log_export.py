"""Reads a log export (protocol/README.md, "Log export") without any of our code."""
import dataclasses
import hashlib


@dataclasses.dataclass
class Entry:
    index: int
    verdict: int
    author: str
    sequence: int
    digest: str  # SHA-256(header ‖ signature), hexadecimal.
    kind: int
    body: bytes  # protocol/README.md, "Body"; empty: left out of the export.

    def parts(self):
        """The unpadded parts of a whole body."""
        out, at = [], 18
        for _ in range(self.body[0]):
            length = int.from_bytes(self.body[at + 1:at + 5], "big")
            out.append(self.body[at + 5:at + 5 + length].rstrip(b"\0")[:-1])
            at += 5 + length
        return out


def read_export(path):
    """Entries in order. ValueError when the file is not an export, or ends early."""
    data = memoryview(path.read_bytes())
    magic = b"cunji/export/v1\n"
    if bytes(data[:len(magic)]) != magic:
        raise ValueError("not a log export")
    at = len(magic)
    at += 4 + int.from_bytes(data[at:at + 4], "big")
    count = int.from_bytes(data[at:at + 8], "big")
    at += 8
    out = []
    for index in range(count):
        entry = bytes(data[at:at + 300])
        if len(entry) != 300:
            raise ValueError("the export ends early")
        at += 300
        length = int.from_bytes(data[at:at + 4], "big")
        body = bytes(data[at + 4:at + 4 + length])
        at += 4 + length
        header = entry[43:]
        out.append(Entry(index, int.from_bytes(entry[9:11], "big"), header[7:39].hex(),
                         int.from_bytes(header[39:47], "big"), hashlib.sha256(header).hexdigest(),
                         int.from_bytes(header[155:157], "big"), body))
    if at != len(data):
        raise ValueError("the export goes on after its end")
    return out
