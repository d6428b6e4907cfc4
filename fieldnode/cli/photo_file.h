#pragma once
// Photos from files, for `record --photo`.
#include <string>

#include "fieldnode/photo.h"

namespace cunji::fieldnode::cli {
// Looks at the size before anything is read. Errc::Limit for a file above kPhotoFileBytesMax, with
// its size; Errc::Io for what can't be read or is no plain file; else as strip_photo, all with the
// path.
Result<Photo> read_photo(const std::string& path);
}  // namespace cunji::fieldnode::cli
