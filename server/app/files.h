#pragma once
// Small files of the data folder: written whole and durable, or not at all.
#include <string>

#include "shared/base/bytes.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace cunji::server {
// Keys, notes, pages of settings: nothing that is read without a bound of its own is larger.
inline constexpr std::size_t kSmallFileBytesMax = 1'048'576;
// Errc::Io with path and reason; Errc::Limit for a file above `bytes_max`.
Result<Bytes> read_file(const std::string& path, std::size_t bytes_max = kSmallFileBytesMax);
// Makes a new file that only its owner can read (mode 600), synchronised to disk with its folder.
// Errc::Conflict when there is one already: a key is never overwritten.
Result<void> write_new_private_file(const std::string& path, BytesView bytes);
// Replaces `path` in one step.
Result<void> replace_file(const std::string& path, BytesView bytes);
bool file_exists(const std::string& path);
// A copy (mode 600) in place of what is at `to`, synchronised to disk with its folder.
Result<void> copy_file(const std::string& from, const std::string& to);
// SHA-256 of a file of any size, which nobody may shorten meanwhile.
Result<Digest> digest_of_file(const std::string& path);
// Makes a folder for its owner only, durable; one that is there is no error.
Result<void> make_folder(const std::string& path);
// Durable when they return. A file that is not there is removed already.
Result<void> remove_file(const std::string& path);
Result<void> rename_file(const std::string& from, const std::string& to);
// Holds an exclusive lock of a file (made if absent) until it goes: who signs with a key holds the
// lock from reading the key's chain head until the event is queued or logged, since two events at
// one place of a chain would freeze the key.
class FileLock {
 public:
  // Waits for another holder, who has it for the length of one commit.
  static Result<FileLock> take(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};
}  // namespace cunji::server
