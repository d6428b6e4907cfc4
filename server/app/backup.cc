#include "server/app/backup.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <utility>

#include "server/app/blob_store.h"
#include "server/app/erasures.h"
#include "server/app/files.h"
#include "server/app/limits.h"
#include "shared/base/calendar.h"
#include "shared/crypto/hash.h"
#include "shared/log/consistency.h"
#include "shared/store/log_copy.h"
#include "shared/store/sqlite_event_log.h"

namespace cunji::server {
namespace fs = std::filesystem;
namespace {
constexpr const char* kSums = "backup.sha256";
constexpr const char* kUnfinished = "backup.unfinished";  // There while the sums may not be right.
constexpr std::string_view kFirstLine = "# cunji/backup/v1";
constexpr std::string_view kMade = "# made ";                // The second line.
constexpr std::size_t kSumsBytesMax = std::size_t{1} << 30;  // Some millions of attachments.
constexpr const char* kLog = "county.sqlite";
constexpr const char* kCheckpoint = "checkpoint";
constexpr const char* kSide = "side.sqlite";
constexpr const char* kAccess = "access.log";  // Where somebody has read yet.
// Where they lie in the data folder; public, or at least no key.
constexpr const char* kStatement = "tls.statement";
constexpr const char* kConfig = "server.toml";
// Folders of files that are copied as they are.
constexpr const char* kPending = "pending";
constexpr const char* kBlobs = "blobs";
constexpr const char* kKeys = "keys";

Error io_error(const std::string& what, const std::string& path, const std::error_code& why) {
  return Error{Errc::Io, what + " " + path + ": " + why.message()};
}

Result<void> make_private_folder(const std::string& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed) return io_error("can't make folder", path, failed);
  fs::permissions(path, fs::perms::owner_all, failed);
  if (failed) return io_error("can't protect folder", path, failed);
  return {};
}

// Attachments are named by their digest; anything else there is one that is just being written.
bool is_blob(const fs::path& file) {
  const std::string name = file.filename().string();
  return from_hex(name).has_value() && name.size() == 2 * Digest::kSize;
}

// Paths of the regular files below base/sub, relative to base, in order.
Result<std::vector<std::string>> files_below(const std::string& base, const std::string& sub) {
  std::vector<std::string> out;
  const std::string top = base + "/" + sub;
  if (!file_exists(top)) return out;
  std::error_code failed;
  fs::recursive_directory_iterator it(top, failed), end;
  for (; !failed && it != end; it.increment(failed)) {
    if (it->is_regular_file(failed) && (sub != kBlobs || is_blob(it->path())))
      out.push_back(fs::path(it->path()).lexically_relative(base).string());
  }
  if (failed) return io_error("can't read folder", top, failed);
  std::sort(out.begin(), out.end());
  return out;
}

std::uint64_t size_of(const std::string& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  return failed ? UINT64_MAX : static_cast<std::uint64_t>(size);
}

// Brings target/sub level with county/sub. Attachments never change under their name, which is
// their digest: one of the right size is there already.
Result<void> copy_folder(const std::string& from, const std::string& to, const std::string& sub,
                         const BackupProgress& progress) {
  const bool never_changes = sub == kBlobs;
  TRY_AS(files, files_below(from, sub));
  if (!never_changes) {
    std::error_code failed;
    fs::remove_all(to + "/" + sub, failed);
    if (failed) return io_error("can't clear", to + "/" + sub, failed);
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    progress("文件 / files", i, files.size());
    const std::string source = from + "/" + files[i], target = to + "/" + files[i];
    if (never_changes && size_of(source) == size_of(target)) continue;
    TRY(make_private_folder(fs::path(target).parent_path().string()));
    const auto copied = copy_file(source, target);
    const bool is_gone = !copied && never_changes && !file_exists(source);  // Erased meanwhile.
    if (!copied && !is_gone) return copied.error();
  }
  if (!never_changes) return {};
  // What is gone from the county, erased, goes from the backup (D20).
  TRY_AS(there, files_below(to, sub));
  for (const std::string& file : there) {
    if (!std::binary_search(files.begin(), files.end(), file)) TRY(remove_file(to + "/" + file));
  }
  return {};
}

// A file that need not be there; then it is not in the backup either, whatever an older one held.
Result<void> copy_if_there(const Folder& county, const std::string& to, const std::string& file) {
  if (!file_exists(county.path + "/" + file)) return remove_file(to + "/" + file);
  return copy_file(county.path + "/" + file, to + "/" + file);
}

// Never a county's own data folder: only what is marked as a backup is changed.
Result<void> expect_backup_or_nothing(const std::string& target) {
  std::error_code failed;
  if (!fs::exists(target, failed) || file_exists(target + "/" + kSums) ||
      file_exists(target + "/" + kUnfinished))
    return {};
  if (fs::is_directory(target, failed) && fs::is_empty(target, failed)) return {};
  return Error{Errc::Conflict, target + " holds something else than a backup"};
}

// Path -> SHA-256, for what a finished backup holds, and when it was made.
struct Sums : std::map<std::string, Digest> {
  TimePoint made{};
};

Result<Sums> sums_of(const std::string& target, const BackupProgress& progress) {
  std::vector<std::string> files = {kLog, kCheckpoint, kSide};
  for (const char* file : {kAccess, kStatement, kConfig}) {
    if (file_exists(target + "/" + file)) files.emplace_back(file);
  }
  for (const char* sub : {kPending, kBlobs, kKeys}) {
    TRY_AS(below, files_below(target, sub));
    files.insert(files.end(), below.begin(), below.end());
  }
  Sums out;
  for (const std::string& file : files) {
    progress("校验和 / checksums", out.size(), files.size());
    TRY_AS(digest, digest_of_file(target + "/" + file));
    out.emplace(file, digest);
  }
  return out;
}

Bytes text_of(const Sums& sums) {
  Bytes out = std::string(kFirstLine) + "\n";
  out += std::string(kMade) + std::to_string(to_millis(sums.made)) + " (" + format_time(sums.made) +
         "), destroy by " + format_time(sums.made + kBackupLife) + "\n";
  for (const auto& [file, digest] : sums) out += to_hex(digest.view()) + "  " + file + "\n";
  return out;
}

// A path that stays inside the folder it is relative to.
bool is_inside(const std::string& path) {
  const fs::path parsed(path);
  return !path.empty() && parsed.is_relative() && parsed.lexically_normal() == parsed &&
         *parsed.begin() != "..";
}

std::optional<TimePoint> made_at(const std::string& line) {
  std::uint64_t millis = 0;
  if (!line.starts_with(kMade)) return std::nullopt;
  const char* begin = line.data() + kMade.size();
  const auto parsed = std::from_chars(begin, line.data() + line.size(), millis);
  if (parsed.ec != std::errc{} || millis > kTimeMillisMax) return std::nullopt;
  return from_millis(millis);
}

Result<Sums> read_sums(const std::string& backup) {
  const std::string path = backup + "/" + kSums;
  if (!file_exists(path) || file_exists(backup + "/" + kUnfinished))
    return Error{Errc::Corrupt, backup + " is no finished backup: repeat the backup command"};
  TRY_AS(text, read_file(path, kSumsBytesMax));
  const auto damaged = [&] { return Error{Errc::Corrupt, path + " is damaged"}; };
  Sums out;
  bool first = true, made = false;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return damaged();
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (std::exchange(first, false)) {
      if (line != kFirstLine) return Error{Errc::Corrupt, path + " is of an unknown format"};
      continue;
    }
    if (!std::exchange(made, true)) {
      const auto at = made_at(line);
      if (!at) return damaged();
      out.made = *at;
      continue;
    }
    constexpr std::size_t kHex = 2 * Digest::kSize;
    if (line.size() < kHex + 3 || line.substr(kHex, 2) != "  ") return damaged();
    const auto bytes = from_hex(line.substr(0, kHex));
    if (!bytes || !is_inside(line.substr(kHex + 2))) return damaged();
    out[line.substr(kHex + 2)] = *Digest::from(*bytes);
  }
  for (const char* needed : {kLog, kCheckpoint, kSide}) {
    if (!out.contains(needed)) return damaged();
  }
  return out;
}

Result<void> check_sums(const std::string& backup, const Sums& sums,
                        const BackupProgress& progress) {
  std::uint64_t done = 0;
  for (const auto& [file, expected] : sums) {
    progress("校验和 / checksums", done++, sums.size());
    const std::string path = backup + "/" + file;
    if (!file_exists(path)) return Error{Errc::Corrupt, "the backup is damaged: no " + file};
    TRY_AS(digest, digest_of_file(path));
    if (digest != expected)
      return Error{Errc::Corrupt,
                   "the backup is damaged: " + file + " does not match its checksum"};
  }
  return {};
}

// Whether the log holds what the newest checkpoint that anybody has seen promises.
Result<void> check_newest(const log::EventLog& log, const log::LogHead& head,
                          const std::string& note) {
  TRY_AS(county, county_of(log));
  const auto newest = log::open_checkpoint(note, county.origin, county.log_key);
  if (!newest) return Error{newest.error().code, "the newest checkpoint: " + newest.error().what};
  if (newest->size > head.size)
    return Error{Errc::Conflict,
                 "the backup is older than the newest checkpoint: it has " +
                     std::to_string(head.size) + " entries, " + std::to_string(newest->size) +
                     " were published; served, it would contradict what nodes have seen"};
  if (!log::check_consistent(log, head, *newest))
    return Error{Errc::Conflict, "the backup is of another log than the newest checkpoint"};
  return {};
}

Result<void> expect_empty(const std::string& folder) {
  std::error_code failed;
  if (!fs::exists(folder, failed)) return {};
  if (fs::is_directory(folder, failed) && fs::is_empty(folder, failed)) return {};
  return Error{Errc::Conflict, folder + " is there already, and nothing is overwritten"};
}

// Blobs that the county may not have erased yet: its copy, which is as new as `at`, has to.
Result<std::vector<Digest>> blobs_due_in(const Folder& county, TimePoint at) {
  TRY_AS(log, open_log_read_only(county));
  TRY_AS(governance, read_governance(*log));
  TRY_AS(due, find_due(*log, governance, at));
  return std::move(due.blobs);
}

// Gives in how many entries an erasure was carried out.
Result<std::uint64_t> copy_back(const std::string& backup, const Sums& sums,
                                const std::string& folder, const BackupProgress& progress) {
  TRY(make_private_folder(folder));
  for (const char* sub : {kPending, kKeys}) TRY(make_private_folder(folder + "/" + sub));
  std::uint64_t done = 0;
  const auto copy = [&](const std::string& file, const Digest& expected) -> Result<void> {
    progress("恢复 / restoring", done++, sums.size());
    const std::string target = folder + "/" + file;
    TRY(make_private_folder(fs::path(target).parent_path().string()));
    TRY(copy_file(backup + "/" + file, target));
    TRY_AS(digest, digest_of_file(target));
    if (digest != expected) return Error{Errc::Io, target + " was not written as it was read"};
    return {};
  };
  for (const auto& [file, digest] : sums) {
    if (file != kCheckpoint) TRY(copy(file, digest));
  }
  TRY_AS(erased, erase_due(Folder{folder}));
  TRY(copy(kCheckpoint, sums.at(kCheckpoint)));
  return erased;
}
}  // namespace

// The checkpoint comes first, so that the log, copied after it, holds what it promises; the sums
// come last. While they are missing, the folder is no backup.
Result<BackupReport> make_backup(const Folder& county, const std::string& target, bool with_keys,
                                 TimePoint now, const BackupProgress& progress) {
  TRY(expect_backup_or_nothing(target));
  BackupReport out;
  Published published;
  TimePoint newest{};
  {
    TRY_AS(log, open_log_read_only(county));
    TRY_AS(said, county_of(*log));
    TRY_AS(proven, proven_checkpoint(county, *log, said));
    published = proven;
  }
  TRY(make_private_folder(target));
  TRY(replace_file(target + "/" + kUnfinished, ""));
  TRY(remove_file(target + "/" + kSums));
  TRY(replace_file(target + "/" + kCheckpoint, published.note));
  TRY_AS(copied, store::copy_county_log(county.log(), target + "/" + kLog,
                                        [&](std::uint64_t done, std::uint64_t total) {
                                          progress("日志 / log", done, total);
                                        }));
  {
    TRY_AS(copy, store::open_sqlite_event_log(target + "/" + kLog, {.vfs = {}, .read_only = true}));
    TRY_AS(head, copy->head());
    TRY(log::check_consistent(*copy, head, published.checkpoint));
    newest = head.received;
  }
  {
    const std::string draft = target + "/" + kSide + ".new";
    TRY(remove_file(draft));
    TRY_AS(side, open_side(county));
    TRY(side->copy_to(draft));
    TRY(rename_file(draft, target + "/" + kSide));
  }
  for (const char* file : {kAccess, kStatement, kConfig}) TRY(copy_if_there(county, target, file));
  // Asked before the copying: what the county erases meanwhile is not there to be copied.
  TRY_AS(due_blobs, blobs_due_in(county, newest));
  TRY_AS(erased, erase_due(Folder{target}));
  out.erased = erased;
  TRY(copy_folder(county.path, target, kPending, progress));
  TRY(copy_folder(county.path, target, kBlobs, progress));
  for (const Digest& digest : due_blobs) TRY(remove_blob_file(Folder{target}, digest));
  if (with_keys) TRY(copy_folder(county.path, target, kKeys, progress));
  TRY_AS(sums, sums_of(target, progress));
  sums.made = now;
  TRY(replace_file(target + "/" + kSums, text_of(sums)));
  TRY(remove_file(target + "/" + kUnfinished));
  out.entries = copied.size;
  out.already = copied.already;
  out.checkpoint_size = published.checkpoint.size;
  out.files = sums.size();
  out.destroy_by = now + kBackupLife;
  return out;
}

Result<RestoreReport> restore_backup(const RestoreOptions& options,
                                     const BackupProgress& progress) {
  if (options.folder) TRY(expect_empty(*options.folder));
  TRY_AS(sums, read_sums(options.backup));
  if (!options.expired && options.now > sums.made + kBackupLife)
    return Error{Errc::Conflict, "the backup was made on " + format_time(sums.made) +
                                     ", more than 90 days ago: it may hold what has been erased "
                                     "since, and was to be destroyed"};
  TRY(check_sums(options.backup, sums, progress));
  RestoreReport out;
  {
    TRY_AS(log, store::open_sqlite_event_log(options.backup + "/" + kLog,
                                             {.vfs = {}, .read_only = true}));
    TRY_AS(head, log->head());
    TRY_AS(note, read_file(options.backup + "/" + kCheckpoint));
    TRY_AS(report,
           credential::verify_log(*log, note, {}, [&](std::uint64_t done, std::uint64_t total) {
             progress("核查 / verify", done, total);
           }));
    if (!report.in_order())
      return Error{Errc::Corrupt, "the log of the backup is not in order: entry " +
                                      std::to_string(report.finding->index) + ": " +
                                      report.finding->reason};
    if (options.newest_note) TRY(check_newest(*log, head, *options.newest_note));
    out.checkpoint_size = report.checkpoint.size;
    out.log = std::move(report);
  }
  out.has_keys =
      sums.lower_bound(std::string(kKeys) + "/") != sums.lower_bound(std::string(kKeys) + "0");
  if (!options.folder) return out;
  TRY_AS(erased, copy_back(options.backup, sums, *options.folder, progress));
  out.erased = erased;
  return out;
}
}  // namespace cunji::server
