#include "tools/bench/bare_sqlite.h"

#include <sqlite3.h>

#include <utility>

namespace cunji::bench {
BareSqlite::BareSqlite(BareSqlite&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)), insert_(std::exchange(other.insert_, nullptr)) {}

BareSqlite::~BareSqlite() {
  sqlite3_finalize(insert_);
  sqlite3_close(db_);
}

Error BareSqlite::error() const {
  return {Errc::Io, std::string("SQLite: ") + sqlite3_errmsg(db_)};
}

Result<BareSqlite> BareSqlite::make(const std::string& path) {
  sqlite3* db = nullptr;
  const bool opened = sqlite3_open(path.c_str(), &db) == SQLITE_OK;
  BareSqlite out(db);
  if (!opened) return out.error();
  const char* setup =
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "CREATE TABLE row (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)";
  if (sqlite3_exec(db, setup, nullptr, nullptr, nullptr) != SQLITE_OK) return out.error();
  if (sqlite3_prepare_v2(db, "INSERT INTO row (bytes) VALUES (?)", -1, &out.insert_, nullptr) !=
      SQLITE_OK)
    return out.error();
  return out;
}

Result<BareSqlite> BareSqlite::open(const std::string& path) {
  sqlite3* db = nullptr;
  const bool opened =
      sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK;
  BareSqlite out(db);
  if (!opened) return out.error();
  return out;
}

Result<void> BareSqlite::commit(BytesView bytes) {
  sqlite3_bind_blob64(insert_, 1, bytes.data(), bytes.size(), SQLITE_STATIC);
  const bool done = sqlite3_step(insert_) == SQLITE_DONE;
  sqlite3_reset(insert_);
  if (!done) return error();
  return {};
}

Result<std::uint64_t> BareSqlite::scan(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) return error();
  std::uint64_t sum = 0;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      sqlite3_column_blob(statement, i);
      sum += static_cast<std::uint64_t>(sqlite3_column_bytes(statement, i));
    }
  }
  sqlite3_finalize(statement);
  if (code != SQLITE_DONE) return error();
  return sum;
}
}  // namespace cunji::bench
