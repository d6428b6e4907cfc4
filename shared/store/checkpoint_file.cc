#include "shared/store/checkpoint_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "shared/log/checkpoint.h"

namespace cunji::store {
namespace {
// A descriptor that is closed when it goes.
class File {
 public:
  File(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags, 0644)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (ok()) ::close(descriptor_);
  }
  bool ok() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Error io_error(const std::string& path, const char* doing) {
  return Error{Errc::Io,
               std::string("checkpoint file ") + path + ": " + doing + ": " + std::strerror(errno)};
}
}  // namespace

Result<std::optional<std::string>> CheckpointFile::read() const {
  const File file(path_, O_RDONLY | O_CLOEXEC);
  if (!file.ok()) {
    if (errno == ENOENT) return std::optional<std::string>{};
    return io_error(path_, "open");
  }
  std::string note(log::kNoteBytesMax + 1, '\0');
  std::size_t filled = 0;
  while (filled < note.size()) {
    const ssize_t count = ::read(file.get(), note.data() + filled, note.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error(path_, "read");
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  if (filled > log::kNoteBytesMax)
    return Error{Errc::Limit, "checkpoint file " + path_ + ": larger than a note can be"};
  note.resize(filled);
  return std::optional(std::move(note));
}

static Result<void> write_durably(const std::string& path, const std::string& content) {
  const File file(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
  if (!file.ok()) return io_error(path, "open");
  std::size_t written = 0;
  while (written < content.size()) {
    const ssize_t count = ::write(file.get(), content.data() + written, content.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error(path, "write");
    written += static_cast<std::size_t>(count);
  }
  if (::fsync(file.get()) != 0) return io_error(path, "fsync");
  return {};
}

// The new content is durable beside the old before it takes its name; the folder's fsync makes the
// name durable. A crash before the rename leaves the old file, after it the new one.
Result<void> CheckpointFile::publish(const std::optional<std::string>& expected,
                                     const std::string& note) {
  TRY_AS(present, read());
  if (present != expected)
    return Error{Errc::Conflict,
                 "checkpoint file " + path_ + ": holds another checkpoint than we published"};
  const std::string temporary = path_ + ".new";
  TRY(write_durably(temporary, note));
  if (std::rename(temporary.c_str(), path_.c_str()) != 0) return io_error(path_, "rename");
  const std::size_t slash = path_.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
  const File directory(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!directory.ok() || ::fsync(directory.get()) != 0) return io_error(folder, "fsync");
  return {};
}
}  // namespace cunji::store
