"""JPEG files as a phone writes them, made up: the structure is right, the picture is noise."""
import random
import struct

CAMERA = b"Cunji Test Camera 7"


def exif(latitude=33.3, longitude=111.5, taken=b"2022:02:10 09:41:00"):
    """An APP1 segment with camera, time and place."""
    values, fields = b"", {}

    def field(tag, kind, count, value):
        return struct.pack(">HHI", tag, kind, count) + value.ljust(4, b"\0")

    def directory(entries, after):
        return struct.pack(">H", len(entries)) + b"".join(entries) + struct.pack(">I", after)

    def degrees(value):
        thousandths = round(value * 3_600_000)  # Of a second.
        return struct.pack(">6I", thousandths // 3_600_000, 1, thousandths // 60_000 % 60, 1,
                           thousandths % 60_000, 1000)

    first_size, exif_size, gps_size = (2 + 12 * n + 4 for n in (3, 1, 4))
    exif_at = 8 + first_size
    gps_at = exif_at + exif_size
    values_at = gps_at + gps_size
    for name, value in (("camera", CAMERA + b"\0"), ("taken", taken + b"\0"),
                        ("north", degrees(latitude)), ("east", degrees(longitude))):
        fields[name] = struct.pack(">I", values_at + len(values))
        values += value
    tiff = b"MM\0\x2a" + struct.pack(">I", 8)
    tiff += directory([field(0x0110, 2, len(CAMERA) + 1, fields["camera"]),
                       field(0x8769, 4, 1, struct.pack(">I", exif_at)),
                       field(0x8825, 4, 1, struct.pack(">I", gps_at))], 0)
    tiff += directory([field(0x9003, 2, len(taken) + 1, fields["taken"])], 0)
    tiff += directory([field(1, 2, 2, b"N\0"), field(2, 5, 3, fields["north"]),
                       field(3, 2, 2, b"E\0"), field(4, 5, 3, fields["east"])], 0)
    return segment(0xE1, b"Exif\0\0" + tiff + values)


def segment(marker, content):
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def picture(size, seed):
    """What of a photo is kept: about `size` bytes."""
    noise = random.Random(seed).randbytes(size).replace(b"\xff", b"\xfe")
    return (b"\xff\xd8" + segment(0xDB, bytes(65)) + segment(0xDA, b"\1\1\0\0\x3f\0") + noise +
            b"\xff\xd9")


def photo(size, seed, metadata=None):
    """A file as the camera wrote it."""
    kept = picture(size, seed)
    return kept[:2] + (exif() if metadata is None else metadata) + kept[2:]
