#include "shared/store/log_copy.h"

#include "shared/store/county_log_file.h"
#include "shared/store/limits.h"
#include "shared/store/sqlite_event_log.h"

namespace cunji::store {
namespace {
// The copy, with the log it is made from attached to its connection as `source`.
class Copying {
 public:
  static Result<Copying> open(const std::string& from, const std::string& to) {
    using Access = DatabaseOptions::Access;
    TRY_AS(database, Database::open(to, county_log_options(Access::OneWriter)));
    {
      TRY_AS(attach, database->query("ATTACH DATABASE ? AS source"));
      TRY(attach.bind_text(from).run());
    }
    return Copying(std::move(database));
  }

  // Errc::Conflict when the newest entry of the copy is not the source's.
  Result<void> check_beginning() {
    TRY_AS(strange, database_->number(
                        "SELECT count(*) FROM main.entry AS copied LEFT JOIN source.entry AS its"
                        " USING (place) WHERE place=(SELECT max(place) FROM main.entry)"
                        " AND (its.entry IS NULL OR its.entry<>copied.entry"
                        " OR its.hashes<>copied.hashes)"));
    if (strange > 0)
      return Error{Errc::Conflict, "the copy that is there is of another log: use another folder"};
    return {};
  }

  Result<std::uint64_t> entries(const char* schema) {
    return database_->number(std::string("SELECT count(*) FROM ") + schema + ".entry");
  }

  // Copies entries after those that are there. Their heads and counter are left to finish().
  Result<std::uint64_t> copy_some(std::uint64_t entries_max) {
    TRY_AS(query, database_->query(
                      "INSERT INTO main.entry SELECT * FROM source.entry WHERE place>"
                      "(SELECT coalesce(max(place),-1) FROM main.entry) ORDER BY place LIMIT ?"));
    TRY(query.bind(entries_max).run());
    return database_->number("SELECT changes()");
  }
  Result<bool> copy_chunk() {
    TRY_AS(transaction, Transaction::begin_deferred(*database_));
    TRY_AS(copied, copy_some(kCopyEntries));
    TRY(transaction.commit());
    return copied == kCopyEntries;
  }

  // What is left, and all that makes it a log, as of one moment of the source.
  Result<void> finish() {
    TRY_AS(transaction, Transaction::begin_deferred(*database_));
    TRY(copy_some(kCountyEntriesMax));
    TRY(database_->execute(
        "INSERT OR IGNORE INTO main.event SELECT * FROM source.event"
        " WHERE place>=(SELECT coalesce(max(county),0)*(1<<40)+coalesce(max(size),0)"
        " FROM main.counter);"
        "INSERT OR IGNORE INTO main.division_entry SELECT * FROM source.division_entry"
        " WHERE place>=(SELECT coalesce(max(county),0)*(1<<40)+coalesce(max(size),0)"
        " FROM main.counter);"
        "INSERT OR REPLACE INTO main.chain SELECT * FROM source.chain;"
        "INSERT OR REPLACE INTO main.division SELECT * FROM source.division;"
        "INSERT OR REPLACE INTO main.counter SELECT * FROM source.counter"));
    return transaction.commit();
  }

 private:
  explicit Copying(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  std::unique_ptr<Database> database_;
};
static_assert(kIndexBits == 40);  // As finish() writes it.
}  // namespace

Result<LogCopy> copy_county_log(const std::string& from, const std::string& to,
                                const CopyProgress& progress) {
  // Whether there is a sound log to copy; ATTACH would make an empty one.
  TRY_AS(source, open_sqlite_event_log(from, {.vfs = {}, .read_only = true}));
  TRY_AS(head, source->head());
  LogCopy out;
  {
    TRY_AS(copying, Copying::open(from, to));
    TRY(copying.check_beginning());
    TRY_AS(already, copying.entries("main"));
    out.already = already;
    for (std::uint64_t done = already;; done += kCopyEntries) {
      if (progress) progress(std::min(done, head.size), head.size);
      TRY_AS(more, copying.copy_chunk());
      if (!more) break;
    }
    TRY(copying.finish());
  }
  TRY_AS(copy, open_sqlite_event_log(to, {.vfs = {}, .read_only = true}));
  TRY_AS(copied, copy->head());
  if (progress) progress(copied.size, copied.size);
  out.size = copied.size;
  out.root = copied.root;
  return out;
}
}  // namespace cunji::store
