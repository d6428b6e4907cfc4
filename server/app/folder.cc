#include "server/app/folder.h"

#include <sys/stat.h>

#include "server/app/files.h"
#include "shared/log/consistency.h"
#include "shared/store/checkpoint_file.h"
#include "shared/store/sqlite_event_log.h"

namespace cunji::server {
static constexpr std::size_t kPageEntries = 1'000;

Result<void> store_key(const std::string& path, const crypto::KeyPair& key) {
  return write_new_private_file(path, to_hex(key.seed().view()) + "\n");
}

Result<void> store_box_key(const std::string& path, const crypto::BoxPair& key) {
  return write_new_private_file(path, to_hex(key.secret_key.view()) + "\n");
}

Result<crypto::KeyPair> load_key(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
    return Error{Errc::Io, path + " can be read by others: chmod 600 it, and think about who has"};
  TRY_AS(text, read_file(path));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  const auto bytes = from_hex(text);
  const auto seed = bytes ? crypto::Seed::from(*bytes) : crypto::Seed::from("");
  if (!seed) return Error{Errc::Malformed, path + " is not a key file"};
  return crypto::KeyPair::from_seed(*seed);
}

Result<credential::County> county_of(const log::EventLog& log) {
  TRY_AS(first, log.at(0));
  credential::Governance governance;
  if (first) governance.apply(*first);
  if (!governance.county()) return Error{Errc::Corrupt, "the log has no founding event"};
  return *governance.county();
}

Result<credential::Governance> read_governance(const log::EventLog& log, std::uint64_t size) {
  TRY_AS(county, county_of(log));
  credential::Governance out;
  for (std::uint64_t next = 0;;) {
    TRY_AS(entries, log.division_entries(county.code.division(), next, kPageEntries));
    if (entries.empty()) return out;
    for (const event::LoggedEvent& logged : entries) {
      if (logged.index >= size) return out;
      out.apply(logged);
    }
    next = entries.back().index + 1;
  }
}

Result<Published> proven_checkpoint(const Folder& folder, const log::EventLog& log,
                                    const credential::County& county) {
  TRY_AS(note, store::CheckpointFile(folder.checkpoint()).read());
  if (!note)
    return Error{Errc::Corrupt, folder.checkpoint() +
                                    " is missing: nothing shows that the log was not rolled back"};
  const auto checkpoint = log::open_checkpoint(*note, county.origin, county.log_key);
  if (!checkpoint)
    return Error{Errc::Corrupt, folder.checkpoint() + ": " + checkpoint.error().what};
  TRY_AS(head, log.head());
  TRY(log::check_consistent(log, head, *checkpoint));
  return Published{.note = *note, .checkpoint = *checkpoint};
}

static Result<void> expect_county(const Folder& folder) {
  if (file_exists(folder.log())) return {};
  return Error{Errc::Io, "there is no county in " + folder.path + " (no county.sqlite); make one " +
                             "with: cunji-server init"};
}

Result<std::unique_ptr<log::EventLog>> open_log(const Folder& folder) {
  TRY(expect_county(folder));
  return store::open_sqlite_event_log(folder.log());
}

Result<std::unique_ptr<log::EventLog>> open_log_read_only(const Folder& folder) {
  TRY(expect_county(folder));
  return store::open_sqlite_event_log(folder.log(), {.vfs = {}, .read_only = true});
}

Result<std::unique_ptr<store::SideStore>> open_side(const Folder& folder) {
  TRY(expect_county(folder));
  return store::SideStore::open(folder.side());
}
}  // namespace cunji::server
