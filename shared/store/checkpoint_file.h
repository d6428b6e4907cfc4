#pragma once
// The last published checkpoint, in a file outside the database (D9): what a restored or edited
// database can't take with it. One publisher; native only (POSIX files).
#include <optional>
#include <string>

#include "shared/base/result.h"

namespace cunji::store {
class CheckpointFile {
 public:
  explicit CheckpointFile(std::string path) : path_(std::move(path)) {}

  // The signed note as published; nothing before the first. Errc::Io, Errc::Limit when the file is
  // larger than a note can be.
  Result<std::optional<std::string>> read() const;
  // Replaces `expected` (nothing: no file yet) by `note`; durable when it returns, and the file
  // holds the one or the other whatever happens. Errc::Conflict when the file holds anything else:
  // somebody published beside us. Errc::Io: it may be the old or the new one, read() tells.
  Result<void> publish(const std::optional<std::string>& expected, const std::string& note);

 private:
  std::string path_;
};
}  // namespace cunji::store
