#pragma once
// Photos as they are kept: JPEG or PNG with nothing in them but the picture. What the file said of
// place and time goes into the event (event::Attachment). By a list of what may stay, so that no
// camera's own segment, preview or appended film slips through. Pure; the file may be anything.
#include <optional>
#include <string>

#include "shared/base/bytes.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/event/parts.h"

namespace cunji::fieldnode {
// Of the file as the camera wrote it: a largest photo with a preview in its metadata.
inline constexpr std::size_t kPhotoFileBytesMax = 2 * event::kBlobBytesMax;

struct Photo {
  Bytes bytes;             // At most event::kBlobBytesMax.
  std::string media_type;  // "image/jpeg", "image/png".
  std::optional<TimePoint> taken_at{};
  std::optional<event::Place> place{};
};

// Errc::Malformed for what is neither a JPEG nor a PNG file, or ends too early; Errc::Limit when it
// is too large even without its metadata. Metadata that is broken is removed all the same.
Result<Photo> strip_photo(BytesView file);
}  // namespace cunji::fieldnode
