#pragma once
// Backups of a county: a folder with copies of the log, its checkpoint, the side store, waiting
// requests, attachments and settings, made while the server runs, and the way back from one.
//
//   backup.sha256   "# cunji/backup/v1", "# made MILLIS …" (since 1970 UTC), then a line "<64 hex>
//   <path>" a file, as sha256sum writes
//                   and checks them; written last: a folder with backup.unfinished is no backup
//   county.sqlite checkpoint side.sqlite pending/ blobs/ keys/   as in the data folder
//   access.log tls.statement server.toml                         where they are there
//
// Keys are left out unless asked for: whoever has them can sign as the county. The server's TLS key
// and certificate are never taken: they lie elsewhere, and an authority gives new ones. The
// snapshot is left out, since it can be made again.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "server/app/folder.h"
#include "shared/credential/verify_log.h"

namespace cunji::server {
using BackupProgress =
    std::function<void(const char* what, std::uint64_t done, std::uint64_t total)>;

struct BackupReport {
  std::uint64_t entries = 0, already = 0;  // Of the log; of them, copied by an earlier backup.
  std::uint64_t checkpoint_size = 0;
  std::uint64_t files = 0;
  std::uint64_t erased = 0;  // Entries in which an erasure was carried out (D20).
  TimePoint destroy_by{};    // kBackupLife from now.
};
// Makes the folder `target` a backup of the county as it is when the copying ends. An interrupted
// backup, or an older one of the same county, is brought up to date: entries and attachments that
// are there already are not copied again. Errc::Conflict for a folder with something else in it;
// Errc::Corrupt when the county's log is not consistent with its checkpoint; Errc::Io with reason.
// What was erased since an older backup is erased in it, too.
Result<BackupReport> make_backup(const Folder& county, const std::string& target, bool with_keys,
                                 TimePoint now, const BackupProgress& progress);

struct RestoreOptions {
  std::string backup;
  // Where the county is put: absent or empty. Nothing: the backup is verified only.
  std::optional<std::string> folder;
  // The newest checkpoint that anybody holds: the log must hold what it promises.
  std::optional<std::string> newest_note;
  TimePoint now{};
  bool expired = false;  // Take one that is older than kBackupLife all the same.
};
struct RestoreReport {
  credential::LogReport log;
  std::uint64_t checkpoint_size = 0;
  bool has_keys = false;
  std::uint64_t erased = 0;  // Entries in which an erasure was carried out (D20).
};
// Verifies a backup, every checksum first and then the whole log against its checkpoint, and copies
// it. Errc::Corrupt names the file or the entry that is damaged; Errc::Conflict says that the
// backup is older than `newest_note` or than kBackupLife, or the folder in use; nothing is written
// then. Erasures in effect are carried out in the new folder. `checkpoint` is written last: a
// folder without it was not finished, and nothing serves it.
Result<RestoreReport> restore_backup(const RestoreOptions& options, const BackupProgress& progress);
}  // namespace cunji::server
