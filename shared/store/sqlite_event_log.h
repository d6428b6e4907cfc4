#pragma once
// The county log in SQLite, WAL and synchronous=FULL: entry, body, chain head, division head,
// Merkle nodes and counter row of a batch in one transaction (D9, D10).
#include <memory>
#include <string>

#include "shared/log/event_log.h"

namespace cunji::store {
struct SqliteOptions {
  std::string vfs;         // By name; empty: the platform's.
  bool read_only = false;  // A second connection, for readers.
};
// Errc::Corrupt for a file that is no county log, is damaged or of a newer version; Errc::Io with
// the reason when it can't be opened; Errc::Conflict when another process writes it.
Result<std::unique_ptr<log::EventLog>> open_sqlite_event_log(const std::string& path,
                                                             const SqliteOptions& options = {});
}  // namespace cunji::store
