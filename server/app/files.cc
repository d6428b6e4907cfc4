#include "server/app/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "shared/crypto/hash.h"

namespace cunji::server {
static constexpr std::size_t kReadBytes = 65'536;

namespace {
// Closed when it goes; below zero: there is none.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};
}  // namespace

static Error failed(const std::string& what, const std::string& path) {
  return {Errc::Io, what + " " + path + ": " + std::strerror(errno)};
}

bool file_exists(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

Result<Bytes> read_file(const std::string& path, std::size_t bytes_max) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed("can't open", path);
  struct stat info{};
  Bytes out;
  if (::fstat(file, &info) == 0 && info.st_size > 0)
    out.reserve(std::min(bytes_max, static_cast<std::size_t>(info.st_size)));
  std::vector<char> buffer(kReadBytes);
  ssize_t n = 0;
  while (out.size() <= bytes_max && (n = ::read(file, buffer.data(), buffer.size())) > 0)
    out.append(buffer.data(), static_cast<std::size_t>(n));
  ::close(file);
  if (n < 0) return failed("can't read", path);
  if (out.size() > bytes_max)
    return Error{Errc::Limit, path + " is larger than " + std::to_string(bytes_max) + " bytes"};
  return out;
}

static Result<void> sync_folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return failed("can't open folder", folder);
  const int rc = ::fsync(file);
  ::close(file);
  if (rc != 0) return failed("can't synchronise folder", folder);
  return {};
}

static Result<void> write_bytes(int file, BytesView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0) return failed("can't write", path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

static Result<void> write_all(int file, BytesView bytes, const std::string& path) {
  TRY(write_bytes(file, bytes, path));
  if (::fsync(file) != 0) return failed("can't synchronise", path);
  return {};
}

Result<void> write_new_private_file(const std::string& path, BytesView bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno == EEXIST) return Error{Errc::Conflict, path + " exists already"};
  if (file < 0) return failed("can't make", path);
  const auto written = write_all(file, bytes, path);
  ::close(file);
  if (!written) {
    ::unlink(path.c_str());
    return written;
  }
  return sync_folder_of(path);
}

Result<void> replace_file(const std::string& path, BytesView bytes) {
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());
  TRY(write_new_private_file(draft, bytes));
  return rename_file(draft, path);
}

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return sync_folder_of(path);
  if (errno == EEXIST) return {};
  return failed("can't make folder", path);
}

Result<void> rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("can't replace", to);
  return sync_folder_of(to);
}

Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return sync_folder_of(path);
  if (errno == ENOENT) return {};
  return failed("can't remove", path);
}

Result<void> copy_file(const std::string& from, const std::string& to) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (source.get() < 0) return failed("can't open", from);
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (target.get() < 0) return failed("can't make", to);
  std::vector<char> buffer(kReadBytes);
  ssize_t n = 0;
  while ((n = ::read(source.get(), buffer.data(), buffer.size())) > 0)
    TRY(write_bytes(target.get(), {buffer.data(), static_cast<std::size_t>(n)}, to));
  if (n < 0) return failed("can't read", from);
  if (::fsync(target.get()) != 0) return failed("can't synchronise", to);
  return sync_folder_of(to);
}

Result<Digest> digest_of_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) return failed("can't open", path);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return crypto::sha256("");
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) return failed("can't read", path);
  const Digest out = crypto::sha256(BytesView(static_cast<const char*>(mapped), size));
  ::munmap(mapped, size);
  return out;
}

Result<FileLock> FileLock::take(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return failed("can't open lock", path);
  if (::flock(file, LOCK_EX) != 0) {
    const Error error = failed("can't lock", path);
    ::close(file);
    return error;
  }
  return FileLock(file);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
}  // namespace cunji::server
