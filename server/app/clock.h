#pragma once
// The county's clock: the machine's, or for a test county a file with milliseconds since 1970 UTC
// that a demo turns forward (a month in a minute).
#include <atomic>
#include <memory>
#include <string>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace cunji::server {
class Clock {
 public:
  static std::shared_ptr<Clock> system();
  // Errc::Malformed when the file does not hold a number of milliseconds.
  static Result<std::shared_ptr<Clock>> from_file(const std::string& path);
  // Any thread. A file is read again each time; while it can't be read (it is being replaced) the
  // last time holds.
  TimePoint now() const;
  bool made_up() const { return !path_.empty(); }

 private:
  explicit Clock(std::string path) : path_(std::move(path)) {}
  std::string path_;
  mutable std::atomic<std::uint64_t> last_millis_{0};
};
}  // namespace cunji::server
