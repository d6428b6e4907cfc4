#pragma once
// SQLite as it is, without anything of ours: the yardstick of append and replay.
#include <cstdint>
#include <memory>
#include <string>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cunji::bench {
class BareSqlite {
 public:
  // A new file with one table of blobs: WAL, synchronous=FULL, as our stores have it.
  static Result<BareSqlite> make(const std::string& path);
  // A file that is there, for reading.
  static Result<BareSqlite> open(const std::string& path);
  BareSqlite(BareSqlite&&) noexcept;
  ~BareSqlite();

  // One row in one transaction, durable when it returns.
  Result<void> commit(BytesView bytes);
  // Steps through all rows of `sql`, taking every column's bytes; gives their sum.
  Result<std::uint64_t> scan(const char* sql);

 private:
  explicit BareSqlite(sqlite3* db) : db_(db) {}
  Error error() const;
  sqlite3* db_;
  sqlite3_stmt* insert_ = nullptr;
};
}  // namespace cunji::bench
