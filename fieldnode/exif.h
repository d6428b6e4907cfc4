#pragma once
// What a camera wrote into a photo about time, place and orientation: the few EXIF fields that we
// read (CIPA DC-008, EXIF 2.32), and the one that we write. Pure; the bytes may be anything.
#include <cstdint>
#include <optional>

#include "shared/base/bytes.h"
#include "shared/base/time.h"
#include "shared/event/parts.h"

namespace cunji::fieldnode {
struct ExifSaid {
  std::optional<TimePoint> taken_at{};  // UTC+8 where it names no zone.
  std::optional<event::Place> place{};
  std::uint16_t orientation = 1;  // 1 to 8; 1: upright.
};
// `tiff`: the bytes after "Exif\0\0" of a JPEG's APP1 segment, or a PNG's eXIf chunk. What does not
// read well is left out, field by field; nothing is ever refused.
ExifSaid read_exif(BytesView tiff);
// A TIFF block that says nothing but the orientation: else a stripped photo would lie on its side.
Bytes orientation_exif(std::uint16_t orientation);
}  // namespace cunji::fieldnode
