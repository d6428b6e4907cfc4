#include "server/api/access_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "server/api/limits.h"
#include "server/api/text.h"
#include "shared/crypto/hash.h"

namespace cunji::server {
using Json = nlohmann::ordered_json;

static Error io_error(const std::string& path) {
  return Error{Errc::Io, path + ": " + std::strerror(errno)};
}

namespace {
// What chains the lines.
struct Link {
  std::uint64_t number = 0;
  Digest previous;
};
std::optional<Link> link_of(const std::string& line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("n") || !json.contains("previous")) return std::nullopt;
  if (!json["n"].is_number_unsigned() || !json["previous"].is_string()) return std::nullopt;
  const auto previous = parse_hex<Digest>(json["previous"].get<std::string>());
  if (!previous) return std::nullopt;
  return Link{json["n"].get<std::uint64_t>(), *previous};
}

std::string line_of(const AccessRecord& record, const Link& link) {
  Json households = Json::array();
  for (const SubjectId& id : record.households) households.push_back(to_hex(id.view()));
  const Json json = {{"n", link.number},
                     {"at", rfc3339(record.at)},
                     {"key", to_hex(record.key.view())},
                     {"person", to_hex(record.person.view())},
                     {"role", record.role},
                     {"path", record.path},
                     {"query", record.query},
                     {"known_at", record.known_at},
                     {"valid_at", format_date(record.valid_at)},
                     {"households", households},
                     {"previous", to_hex(link.previous.view())}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}
}  // namespace

Result<std::unique_ptr<AccessLog>> AccessLog::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return io_error(path);
  std::unique_ptr<AccessLog> out(new AccessLog(path, descriptor));
  TRY(out->find_end());
  return out;
}

AccessLog::~AccessLog() { ::close(descriptor_); }

Result<void> AccessLog::find_end() {
  const std::lock_guard guard(mutex_);
  struct stat about{};
  if (::fstat(descriptor_, &about) != 0) return io_error(path_);
  const auto size = static_cast<std::uint64_t>(about.st_size);
  // The last two lines and a torn one fit.
  const std::uint64_t tail_bytes = std::min<std::uint64_t>(size, 3 * kAccessLineBytesMax + 3);
  std::string tail(static_cast<std::size_t>(tail_bytes), '\0');
  const auto at = static_cast<off_t>(size - tail_bytes);
  if (::pread(descriptor_, tail.data(), tail.size(), at) != static_cast<ssize_t>(tail.size()))
    return io_error(path_);
  const std::size_t end = tail.find_last_of('\n');
  const std::size_t whole = end == std::string::npos ? 0 : end + 1;
  if (whole == 0 && size > kAccessLineBytesMax)
    return Error{Errc::Corrupt, path_ + ": the last line has no end"};
  bytes_ = size - tail.size() + whole;
  if (bytes_ != size && ::ftruncate(descriptor_, static_cast<off_t>(bytes_)) != 0)
    return io_error(path_);
  if (bytes_ == 0) return {};
  const std::size_t start = whole < 2 ? std::string::npos : tail.find_last_of('\n', whole - 2);
  const std::string line = tail.substr(start + 1, whole - 1 - (start + 1));
  const auto link = link_of(line);
  const Error broken{Errc::Corrupt, path_ +
                                        ": the last lines do not hold together; run "
                                        "verify-access-log, keep the file, and move it away"};
  if (!link || link->number == 0) return broken;
  Digest before;
  if (start != std::string::npos) {
    const std::size_t first = start == 0 ? std::string::npos : tail.find_last_of('\n', start - 1);
    before = crypto::sha256(tail.substr(first + 1, start - (first + 1)));
  }
  if (link->previous != before || (before.is_zero() && link->number != 1)) return broken;
  lines_ = link->number;
  last_ = crypto::sha256(line);
  return {};
}

Result<void> AccessLog::append(const AccessRecord& record) {
  const std::lock_guard guard(mutex_);
  const std::string line = line_of(record, {.number = lines_ + 1, .previous = last_});
  if (line.size() > kAccessLineBytesMax)
    return Error{Errc::Limit, "a line of the access log would be too long"};
  const std::string bytes = line + "\n";
  // Half a line must not stay: before the next one it is cut off.
  if (torn_ && ::ftruncate(descriptor_, static_cast<off_t>(bytes_)) != 0) return io_error(path_);
  torn_ = true;
  const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
  if (written != static_cast<ssize_t>(bytes.size()) || ::fdatasync(descriptor_) != 0) {
    const Error error = io_error(path_);
    torn_ = ::ftruncate(descriptor_, static_cast<off_t>(bytes_)) != 0;
    return error;
  }
  torn_ = false;
  bytes_ += bytes.size();
  ++lines_;
  last_ = crypto::sha256(line);
  return {};
}

std::uint64_t AccessLog::lines() const {
  const std::lock_guard guard(mutex_);
  return lines_;
}

Result<AccessLogReport> verify_access_log(const std::string& path,
                                          const std::optional<Digest>& noted) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return io_error(path);
  AccessLogReport out;
  const auto found = [&](std::string what) {
    out.finding_line = out.lines + 1;
    out.finding = std::move(what);
    return out;
  };
  for (std::string line; std::getline(in, line);) {
    if (in.eof()) return found("the line has no end: a crash, or it was cut");
    const auto link = link_of(line);
    if (!link) return found("no line of an access log");
    if (link->number != out.lines + 1)
      return found("it is number " + std::to_string(link->number) + ": lines are missing");
    if (link->previous != out.last)
      return found("it does not follow the line before, which was changed");
    ++out.lines;
    out.last = crypto::sha256(line);
    if (noted && out.last == *noted) out.noted_found = true;
  }
  if (in.bad()) return io_error(path);
  return out;
}
}  // namespace cunji::server
