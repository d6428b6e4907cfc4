#include "fieldnode/cli/photo_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "fieldnode/cli/files.h"

namespace cunji::fieldnode::cli {
static std::string megabytes(std::uint64_t bytes) {
  return std::to_string(bytes / 1'000'000) + "." + std::to_string(bytes / 100'000 % 10) + " MB";
}

Result<Photo> read_photo(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return Error{Errc::Io, path + ": " + std::strerror(errno)};
  if (!S_ISREG(info.st_mode)) return Error{Errc::Io, path + ": not a file"};
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > kPhotoFileBytesMax)
    return Error{Errc::Limit, path + ": " + megabytes(size) + ", at most " +
                                  megabytes(event::kBlobBytesMax) +
                                  ": make it smaller (1600 pixels a side are enough)"};
  TRY_AS(bytes, read_file(path, kPhotoFileBytesMax));
  if (!bytes) return Error{Errc::Io, path + ": the file is gone"};
  auto out = strip_photo(*bytes);
  if (!out) return Error{out.error().code, path + ": " + out.error().what};
  return out;
}
}  // namespace cunji::fieldnode::cli
