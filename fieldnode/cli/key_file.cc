#include "fieldnode/cli/key_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cunji::fieldnode::cli {
static constexpr std::string_view kHeader = "cunji-node-key/v1\n";
// One line a succession: more keys than these are no node's file.
static constexpr std::size_t kFileBytesMax = 1 << 16;

static Error io_error(const std::string& path) {
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

static Result<Bytes> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok() && errno == ENOENT) return Bytes();
  if (!file.ok()) return io_error(path);
  Bytes out;
  char buffer[4'096];
  while (out.size() <= kFileBytesMax) {
    const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0) return io_error(path);
    if (n == 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
  }
  return Error{Errc::Corrupt, path + ": too large for a key file"};
}

static Result<void> write_file(const std::string& path, BytesView bytes) {
  const std::string aside = path + ".new";
  {
    const Descriptor file(
        ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file.ok()) return io_error(aside);
    while (!bytes.empty()) {
      const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
      if (n < 0) return io_error(aside);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::fsync(file.get()) != 0) return io_error(aside);
  }
  if (::rename(aside.c_str(), path.c_str()) != 0) return io_error(path);
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok() || ::fsync(directory.get()) != 0) return io_error(folder);
  return {};
}

Result<std::vector<crypto::KeyPair>> KeyFile::keys() const {
  TRY_AS(bytes, read_file(path_));
  std::vector<crypto::KeyPair> out;
  if (bytes.empty()) return out;
  const Error corrupt{Errc::Corrupt, path_ + ": not a key file of this version"};
  std::string_view rest = bytes;
  if (!rest.starts_with(kHeader)) return corrupt;
  rest.remove_prefix(kHeader.size());
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return corrupt;
    const auto digits = from_hex(rest.substr(0, end));
    if (!digits) return corrupt;
    const auto seed = crypto::Seed::from(*digits);
    if (!seed) return corrupt;
    out.push_back(crypto::KeyPair::from_seed(*seed));
    rest.remove_prefix(end + 1);
  }
  return out;
}

Result<void> KeyFile::keep(const crypto::KeyPair& key) {
  TRY_AS(before, read_file(path_));
  TRY(keys());  // Never write over what is no key file.
  Bytes after = before.empty() ? Bytes(kHeader) : before;
  after += to_hex(key.seed().view()) + "\n";
  return write_file(path_, after);
}
}  // namespace cunji::fieldnode::cli
