#pragma once
// Who read which household (D18): one JSON line a read, each with the SHA-256 of the line before,
// so that a changed or removed line shows. A read is answered only after its line is durable.
// Whoever can write the folder can cut the end off or write the whole anew: the office notes the
// newest digest now and then (verify_access_log() finds it again). Holds ids, no names.
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/calendar.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace cunji::server {
struct AccessRecord {
  TimePoint at{};  // The county's clock.
  PublicKey key;
  PersonId person;
  std::string role;  // Of the credentials that stood, joined by a blank.
  std::string path, query;
  std::uint64_t known_at = 0;
  Date valid_at{};
  std::vector<SubjectId> households;
};

class AccessLog {
 public:
  // Opens or makes the file (mode 600). Cuts off a last line without its end, which a crash left
  // and no answer followed. Errc::Corrupt where the last two lines do not hold together.
  static Result<std::unique_ptr<AccessLog>> open(const std::string& path);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // Order: the line written, then synchronised to disk, then this returns, then the answer goes
  // out. Errc::Io, and nothing is kept, when the disk refuses. Any thread.
  Result<void> append(const AccessRecord& record);
  std::uint64_t lines() const;  // Of the chain so far.

 private:
  AccessLog(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  Result<void> find_end();

  std::string path_;
  int descriptor_;
  mutable std::mutex mutex_;  // Guards what follows, and the file's end.
  std::uint64_t bytes_ = 0, lines_ = 0;
  bool torn_ = false;  // There may be something after `bytes_`.
  Digest last_;        // SHA-256 of the last line without its newline; zeros before the first.
};

struct AccessLogReport {
  std::uint64_t lines = 0;
  Digest last;                                // Of the last line.
  bool noted_found = false;                   // The digest asked for is one of the chain's.
  std::optional<std::uint64_t> finding_line;  // From 1: the first line that does not hold.
  std::string finding;
  bool in_order() const { return !finding_line; }
};
// Reads the whole file. Errc::Io where it can't be read.
Result<AccessLogReport> verify_access_log(const std::string& path,
                                          const std::optional<Digest>& noted);
}  // namespace cunji::server
