#pragma once
// SQLite as the stores of this folder use it: a connection that is sure of its file, statements
// prepared once, transactions that roll back unless committed. Private to shared/store. One thread.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cunji::store {
// A prepared statement at work. Parameters are bound in order; what is bound must live until the
// statement has run. Afterwards, and when it goes, the statement is reset for its next use.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  ~Query();

  Query& bind(std::uint64_t value);  // All 64 bits are kept; compared as signed.
  Query& bind(BytesView blob);
  Query& bind_text(std::string_view text);  // Where SQLite wants a file's name.
  Query& bind_null();
  Result<bool> next();  // Whether there is a row; its columns are valid until the next call.
  Result<void> run();   // To the end, then ready for the next bind() and run().

  std::uint64_t number(int column) const;
  BytesView bytes(int column) const;
  bool is_null(int column) const;
  // Errc::Corrupt when the column has another size.
  template <class Fixed>
  Result<Fixed> fixed(int column) const {
    auto out = Fixed::from(bytes(column));
    if (!out) return Error{Errc::Corrupt, "damaged row: " + out.error().what};
    return *out;
  }

 private:
  void reset();
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

class Database;

// One step of a file's format, from a version to the next: statements only, no transaction of its
// own. What it can't know (a key) must not be needed.
using Migration = Result<void> (*)(Database&);

struct DatabaseOptions {
  enum class Access {
    Exclusive,  // One connection at all, and no shared memory: nodes, browser, simulator.
    OneWriter,  // One writer by a lock file beside it; readers may come and go.
    Shared,     // Several processes may write, one after another.
    ReadOnly,
  };
  std::string vfs;  // By name; empty: the platform's. Any other is used exclusively.
  Access access = Access::Exclusive;
  const char* kind = "";             // For messages: "county log".
  std::uint32_t application_id = 0;  // Tells our files apart.
  const char* schema = "";           // What a new file is made with: the newest version.
  // The first leads from version 1 to 2, and so on; a released one never changes. The version of a
  // file stands in its user_version, the newest is one more than there are migrations.
  std::span<const Migration> migrations = {};
};

class Database {
 public:
  // Errc::Corrupt for a file of another kind, newer or damaged; Errc::Conflict when another
  // connection has it; Errc::Io with the plain reason otherwise. A new file gets the schema. An
  // older one is brought to the newest version step by step, each step one transaction, so that a
  // crash leaves the version before or after it; reading only, it is refused instead.
  static Result<std::unique_ptr<Database>> open(const std::string& path,
                                                const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // `sql` is prepared once and must not be at work already.
  Result<Query> query(std::string_view sql);
  Result<void> execute(const char* sql);
  Result<std::uint64_t> number(std::string_view sql);  // First column of the only row.
  // Moves the write-ahead log into the file and empties it, so that no older page is left in it.
  // Errc::Io when another connection still reads from it.
  Result<void> empty_wal();
  // "county log PATH: what"
  Error corrupt(const std::string& what) const;

 private:
  friend class Transaction;
  Database(std::string name, sqlite3* connection) : name_(std::move(name)), db_(connection) {}
  Result<void> prepare_connection(const DatabaseOptions& options);
  Result<void> prepare_schema(const DatabaseOptions& options);
  Result<void> make_schema(const DatabaseOptions& options);
  Result<void> migrate(const DatabaseOptions& options);
  Result<void> check_integrity();
  Error named(Error error) const;

  std::string name_;
  sqlite3* db_;
  std::unique_ptr<Database> writer_lock_;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
};

// All or nothing: rolls back when it goes without a successful commit(), which is durable when it
// returns (synchronous=FULL).
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  // Locks at the first read or write, each database by itself: for one that is attached to be read.
  static Result<Transaction> begin_deferred(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};
}  // namespace cunji::store
