#include "server/app/clock.h"

#include <charconv>
#include <optional>

#include "server/app/files.h"

namespace cunji::server {
static std::optional<std::uint64_t> read_millis(const std::string& path) {
  const auto bytes = read_file(path);
  if (!bytes) return std::nullopt;
  std::uint64_t millis = 0;
  const char* end = bytes->data() + bytes->size();
  const auto [stop, error] = std::from_chars(bytes->data(), end, millis);
  const bool whole = stop == end || *stop == '\n';
  if (error != std::errc() || !whole || millis > kTimeMillisMax) return std::nullopt;
  return millis;
}

std::shared_ptr<Clock> Clock::system() { return std::shared_ptr<Clock>(new Clock("")); }

Result<std::shared_ptr<Clock>> Clock::from_file(const std::string& path) {
  const auto millis = read_millis(path);
  if (!millis)
    return Error{Errc::Malformed, path + " does not hold a time in milliseconds since 1970"};
  std::shared_ptr<Clock> out(new Clock(path));
  out->last_millis_ = *millis;
  return out;
}

TimePoint Clock::now() const {
  if (path_.empty()) return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  if (const auto millis = read_millis(path_)) last_millis_ = *millis;
  return from_millis(last_millis_);
}
}  // namespace cunji::server
