#include "shared/store/node_schema.h"

#include <algorithm>

#include "shared/event/entry.h"
#include "shared/store/limits.h"
#include "shared/store/node_store.h"

namespace cunji::store {
static constexpr std::uint32_t kApplicationId = 0x434a4e44;  // "CJND"

// `fed`: an entry with this very event has come back, so the log's copy counts from then on. The
// partial indexes keep "what is unsent" as quick after years as on the first day.
static constexpr const char* kTablesOf1And2 = R"sql(
  CREATE TABLE setting (name BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE chain (number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, request BLOB NOT NULL,
                      sequence INTEGER NOT NULL, digest BLOB NOT NULL, seen INTEGER NOT NULL);
  CREATE TABLE own (chain INTEGER NOT NULL, sequence INTEGER NOT NULL, signed BLOB NOT NULL,
                    body BLOB NOT NULL, standing INTEGER NOT NULL DEFAULT 0,
                    place INTEGER NOT NULL DEFAULT 0, received INTEGER NOT NULL DEFAULT 0,
                    verdict INTEGER NOT NULL DEFAULT 0, reason BLOB NOT NULL DEFAULT x'',
                    fed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (chain, sequence)) WITHOUT ROWID;
  CREATE INDEX own_open ON own (chain, standing) WHERE standing<>2;
  CREATE INDEX own_pending ON own (chain, sequence) WHERE fed=0 AND standing<>3;
  CREATE TABLE entry (place INTEGER PRIMARY KEY, division BLOB NOT NULL, entry BLOB NOT NULL,
                      body BLOB NOT NULL);
  CREATE INDEX entry_division ON entry (division);
  CREATE TABLE cursor (division BLOB PRIMARY KEY, wanted INTEGER, next INTEGER NOT NULL,
                       leaf BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE trusted (one INTEGER PRIMARY KEY, note BLOB NOT NULL, origin BLOB NOT NULL,
                        size INTEGER NOT NULL, root BLOB NOT NULL);
  CREATE TABLE evidence (number INTEGER PRIMARY KEY, trusted BLOB NOT NULL, shown BLOB NOT NULL,
                         reason BLOB NOT NULL);
)sql";
// The schema writes these as numbers.
static_assert(static_cast<int>(OwnEvent::Standing::Logged) == 2 &&
              static_cast<int>(OwnEvent::Standing::Refused) == 3);
// `clear`: what a locked node must know. `draft`: forms that are not recorded yet. `carried`:
// others' events on their way to the county, sealed as own ones are.
static constexpr const char* kTablesOf3 = R"sql(
  CREATE TABLE clear (name BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE draft (id BLOB PRIMARY KEY, changed INTEGER NOT NULL, content BLOB NOT NULL)
    WITHOUT ROWID;
  CREATE TABLE carried (key BLOB NOT NULL, sequence INTEGER NOT NULL, signed BLOB NOT NULL,
                        body BLOB NOT NULL, PRIMARY KEY (key, sequence)) WITHOUT ROWID;
)sql";
// Photos (node_blobs.cc). `standing`: 0 waiting, 1 held by the county, 2 not wanted there, 3 lost
// here. `kept`: its chunks are here. `place` of a chunk: the blob's number × 256 + its own.
static constexpr const char* kTablesOf4 = R"sql(
  CREATE TABLE blob (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, digest BLOB NOT NULL,
                     size INTEGER NOT NULL, standing INTEGER NOT NULL DEFAULT 0,
                     kept INTEGER NOT NULL DEFAULT 1);
  CREATE INDEX blob_due ON blob (number) WHERE standing<>1 AND standing<>3;
  CREATE TABLE blob_chunk (place INTEGER PRIMARY KEY, chunk BLOB NOT NULL);
  CREATE TABLE blob_named (blob INTEGER NOT NULL, chain INTEGER NOT NULL, sequence INTEGER NOT NULL,
                           PRIMARY KEY (blob, chain, sequence)) WITHOUT ROWID;
)sql";

// Version 1 to 2: says that the file is not sealed yet; NodeSeals::settle() has the key to do it.
static Result<void> mark_unsealed(Database& db) {
  TRY_AS(insert, db.query("INSERT INTO setting VALUES (?,?)"));
  return insert.bind(kUnsealedMark).bind(BytesView()).run();
}
static Result<void> add_tables_of_3(Database& db) { return db.execute(kTablesOf3); }
static Result<void> add_tables_of_4(Database& db) { return db.execute(kTablesOf4); }
static constexpr Migration kMigrations[] = {mark_unsealed, add_tables_of_3, add_tables_of_4};

Result<std::unique_ptr<Database>> open_node_database(const std::string& path,
                                                     const std::string& vfs) {
  const std::string newest = std::string(kTablesOf1And2) + kTablesOf3 + kTablesOf4;
  return Database::open(path, {.vfs = vfs,
                               .access = DatabaseOptions::Access::Exclusive,
                               .kind = "node database",
                               .application_id = kApplicationId,
                               .schema = newest.c_str(),
                               .migrations = kMigrations});
}

Result<std::optional<Bytes>> clear_value(Database& db, std::string_view name) {
  TRY_AS(query, db.query("SELECT value FROM clear WHERE name=?"));
  TRY_AS(row, query.bind(name).next());
  return row ? std::optional(Bytes(query.bytes(0))) : std::nullopt;
}

Result<void> set_clear_value(Database& db, std::string_view name, BytesView value) {
  TRY_AS(query, db.query("INSERT OR REPLACE INTO clear VALUES (?,?)"));
  return query.bind(name).bind(value).run();
}

Result<std::optional<TimePoint>> last_unlocked(Database& db) {
  TRY_AS(value, clear_value(db, kClearUnlocked));
  if (!value) return std::optional<TimePoint>{};
  ByteReader in(*value);
  return std::optional(from_millis(std::min(in.u64(), kTimeMillisMax)));
}

Result<TimePoint> trusted_now(Database& db, TimePoint now) {
  TRY_AS(query, db.query("SELECT entry FROM entry ORDER BY place DESC LIMIT 1"));
  TRY_AS(row, query.next());
  if (!row) return now;
  const auto entry = event::decode_entry(query.bytes(0));
  if (!entry) return db.corrupt("the newest entry: " + entry.error().what);
  return std::max(now, entry->received);
}

Result<void> drop_entries(Database& db) {
  {
    TRY_AS(transaction, Transaction::begin(db));
    // The county's own division is its six digits and six zeros.
    TRY(
        db.execute("DELETE FROM entry WHERE substr(division,7)<>CAST('000000' AS BLOB);"
                   "DELETE FROM cursor WHERE substr(division,7)<>CAST('000000' AS BLOB)"));
    TRY(transaction.commit());
  }
  return db.empty_wal();
}

Result<bool> drop_when_long_locked(Database& db, TimePoint now) {
  TRY_AS(last, last_unlocked(db));
  if (!last) return false;  // Never yet: it holds nobody's entries.
  TRY_AS(at, trusted_now(db, now));
  if (at <= *last + kUnlockedDaysMax) return false;
  TRY_AS(held, db.number("SELECT count(*) FROM entry WHERE"
                         " substr(division,7)<>CAST('000000' AS BLOB)"));
  if (held == 0) return false;
  TRY(drop_entries(db));
  return true;
}
}  // namespace cunji::store
