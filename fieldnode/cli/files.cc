#include "fieldnode/cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cunji::fieldnode::cli {
namespace {
Error io_error(const std::string& path) {
  return Error{Errc::Io, path + ": " + std::strerror(errno)};
}

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  bool ok() const { return number_ >= 0; }

 private:
  int number_;
};

bool write_all(int file, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

Result<void> sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok() || ::fsync(directory.get()) != 0) return io_error(folder);
  return {};
}
}  // namespace

Result<std::optional<Bytes>> read_file(const std::string& path, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok() && errno == ENOENT) return std::optional<Bytes>{};
  if (!file.ok()) return io_error(path);
  Bytes out;
  char buffer[4'096];
  while (out.size() <= bytes_max) {
    const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0) return io_error(path);
    if (n == 0) return std::optional(std::move(out));
    out.append(buffer, static_cast<std::size_t>(n));
  }
  return Error{Errc::Corrupt, path + ": the file is too large for what it should be"};
}

Result<void> write_file(const std::string& path, BytesView bytes) {
  const std::string aside = path + ".new";
  {
    const Descriptor file(
        ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file.ok() || !write_all(file.get(), bytes) || ::fsync(file.get()) != 0)
      return io_error(aside);
  }
  if (::rename(aside.c_str(), path.c_str()) != 0) return io_error(path);
  return sync_folder_of(path);
}

Result<void> erase_file(const std::string& path) {
  {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.ok() && errno == ENOENT) return {};
    struct stat info = {};
    if (!file.ok() || ::fstat(file.get(), &info) != 0) return io_error(path);
    const Bytes zeros(4'096, '\0');
    for (off_t left = info.st_size; left > 0; left -= static_cast<off_t>(zeros.size())) {
      const auto length = std::min<std::size_t>(zeros.size(), static_cast<std::size_t>(left));
      if (!write_all(file.get(), BytesView(zeros).substr(0, length))) return io_error(path);
    }
    if (::fsync(file.get()) != 0) return io_error(path);
  }
  if (::unlink(path.c_str()) != 0) return io_error(path);
  return sync_folder_of(path);
}

bool make_folders(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    if (::mkdir(path.substr(0, slash).c_str(), S_IRWXU) != 0 && errno != EEXIST) return false;
  return ::mkdir(path.c_str(), S_IRWXU) == 0 || errno == EEXIST;
}
}  // namespace cunji::fieldnode::cli
