#include "shared/store/database.h"

#include <sqlite3.h>

#include <cstring>
#include <utility>

#include "shared/store/limits.h"

namespace cunji::store {
static Errc code_of(int rc) {
  switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CONSTRAINT: return Errc::Conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Errc::Corrupt;
    case SQLITE_TOOBIG: return Errc::Limit;
    default: return Errc::Io;
  }
}

// What went wrong, for people: SQLite's words, and the system's where it has any.
static Error error_of(sqlite3* db, int rc) {
  const int base = rc & 0xff;
  if (base == SQLITE_BUSY || base == SQLITE_LOCKED)
    return {Errc::Conflict, "in use by another process"};
  if (base == SQLITE_FULL) return {Errc::Io, "the disk is full"};
  if (base == SQLITE_NOTADB) return {Errc::Corrupt, "not a database"};
  std::string what = sqlite3_errstr(base);
  if (base == SQLITE_CONSTRAINT || base == SQLITE_ERROR) what = sqlite3_errmsg(db);
  const int system = sqlite3_system_errno(db);
  if ((base == SQLITE_IOERR || base == SQLITE_CANTOPEN) && system != 0)
    what += std::string(": ") + std::strerror(system);
  return {code_of(rc), what};
}

static Error error_of(sqlite3_stmt* statement, int rc) {
  return error_of(sqlite3_db_handle(statement), rc);
}

Query::~Query() {
  if (statement_ != nullptr) reset();
}

void Query::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bound_ = 0;
}

Query& Query::bind(std::uint64_t value) {
  CHECK(sqlite3_bind_int64(statement_, ++bound_, static_cast<sqlite3_int64>(value)) == SQLITE_OK);
  return *this;
}

Query& Query::bind(BytesView blob) {
  // A null pointer would bind NULL, and an empty view may have one.
  const char* data = blob.data() == nullptr ? "" : blob.data();
  CHECK(sqlite3_bind_blob64(statement_, ++bound_, data, blob.size(), SQLITE_STATIC) == SQLITE_OK);
  return *this;
}

Query& Query::bind_text(std::string_view text) {
  CHECK(sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(), SQLITE_STATIC,
                            SQLITE_UTF8) == SQLITE_OK);
  return *this;
}

Query& Query::bind_null() {
  CHECK(sqlite3_bind_null(statement_, ++bound_) == SQLITE_OK);
  return *this;
}

Result<bool> Query::next() {
  const int rc = sqlite3_step(statement_);
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  const Error error = error_of(statement_, rc);
  reset();
  return error;
}

Result<void> Query::run() {
  for (;;) {
    TRY_AS(row, next());
    if (!row) break;
  }
  reset();
  return {};
}

std::uint64_t Query::number(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
}

BytesView Query::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr
             ? BytesView{}
             : BytesView{static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

static std::uint64_t newest_version(const DatabaseOptions& options) {
  return 1 + options.migrations.size();
}

Error Database::named(Error error) const { return {error.code, name_ + ": " + error.what}; }

Error Database::corrupt(const std::string& what) const { return named({Errc::Corrupt, what}); }

Result<Query> Database::query(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* statement = nullptr;
    const int rc = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (rc != SQLITE_OK) return named(error_of(db_, rc));
    found = statements_.emplace(sql, statement).first;
  }
  CHECK(!sqlite3_stmt_busy(found->second));
  return Query(found->second);
}

Result<void> Database::execute(const char* sql) {
  const int rc = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) return named(error_of(db_, rc));
  return {};
}

Result<std::uint64_t> Database::number(std::string_view sql) {
  TRY_AS(query, this->query(sql));
  TRY_AS(row, query.next());
  if (!row) return corrupt("a row is missing");
  return query.number(0);
}

Result<void> Database::empty_wal() {
  TRY_AS(busy, number("PRAGMA wal_checkpoint(TRUNCATE)"));
  if (busy != 0) return named({Errc::Io, "a reader holds the write-ahead log"});
  return {};
}

// Holds an exclusive lock on an empty file beside the database for as long as the writer lives; the
// system drops it when the process ends, however it ends.
static DatabaseOptions lock_options() {
  return {.vfs = {}, .access = DatabaseOptions::Access::Shared, .kind = "writer lock"};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path,
                                                 const DatabaseOptions& given) {
  using Access = DatabaseOptions::Access;
  DatabaseOptions options = given;
  if (!options.vfs.empty()) options.access = Access::Exclusive;
  const std::string name = std::string(options.kind) + " " + path;
  sqlite3* connection = nullptr;
  const int mode = options.access == Access::ReadOnly ? SQLITE_OPEN_READONLY
                                                      : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int rc =
      sqlite3_open_v2(path.c_str(), &connection, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                      options.vfs.empty() ? nullptr : options.vfs.c_str());
  std::unique_ptr<Database> out(new Database(name, connection));
  if (rc != SQLITE_OK) return out->named(error_of(connection, rc));
  if (options.application_id == 0) {  // The lock file of a writer: see lock_options().
    TRY(out->execute("PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE"));
    return out;
  }
  if (options.access == Access::OneWriter) {
    auto lock = open(path + ".lock", lock_options());
    if (!lock) return out->named({lock.error().code, lock.error().what});
    out->writer_lock_ = std::move(*lock);
  }
  TRY(out->prepare_connection(options));
  TRY(out->prepare_schema(options));
  TRY(out->check_integrity());
  return out;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

Result<void> Database::prepare_connection(const DatabaseOptions& options) {
  using Access = DatabaseOptions::Access;
  const bool read_only = options.access == Access::ReadOnly;
  // SQLite opens a file that it may not write for reading only, without a word.
  if (!read_only && sqlite3_db_readonly(db_, "main") == 1)
    return named({Errc::Io, "the file is not writable"});
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_busy_timeout(db_, options.access == Access::Exclusive ? 0 : kBusyMillis);
  TRY(execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY"));
  if (read_only) return {};
  // What is deleted is overwritten (D20), whatever SQLite was built with: on every connection,
  // since the pages that one splits are left to the next.
  TRY(execute("PRAGMA secure_delete=ON"));

  // Exclusive must come before WAL: then no shared memory is needed, which neither the browser nor
  // the simulator has.
  if (options.access == Access::Exclusive) TRY(execute("PRAGMA locking_mode=EXCLUSIVE"));
  // A new file turns to WAL by way of a rollback journal; EXTRA syncs the folder after that journal
  // is deleted, or else a crash could bring it back and with it the empty file, acknowledged work
  // or not.
  TRY(execute("PRAGMA synchronous=EXTRA"));
  {
    TRY_AS(query, this->query("PRAGMA journal_mode=WAL"));
    auto row = query.next();
    if (!row) return named(row.error());
    if (!*row || query.bytes(0) != "wal") return named({Errc::Io, "no write-ahead log here"});
  }
  TRY(execute("PRAGMA synchronous=FULL"));
  TRY(execute(("PRAGMA wal_autocheckpoint=" + std::to_string(kWalPages)).c_str()));
  TRY(execute(("PRAGMA journal_size_limit=" + std::to_string(kWalBytes)).c_str()));
  return {};
}

Result<void> Database::make_schema(const DatabaseOptions& options) {
  if (options.access == DatabaseOptions::Access::ReadOnly)
    return named({Errc::Corrupt, "it is empty"});
  // In the same transaction as the tables: a crash leaves a fresh file or a whole one.
  TRY_AS(transaction, Transaction::begin(*this));
  TRY_AS(tables, number("SELECT count(*) FROM sqlite_schema"));
  if (tables > 0) return prepare_schema(options);  // Another process was first.
  TRY(execute(options.schema));
  const std::string marks = "PRAGMA application_id=" + std::to_string(options.application_id) +
                            "; PRAGMA user_version=" + std::to_string(newest_version(options));
  TRY(execute(marks.c_str()));
  return transaction.commit();
}

Result<void> Database::migrate(const DatabaseOptions& options) {
  const std::uint64_t newest = newest_version(options);
  for (;;) {
    TRY_AS(transaction, Transaction::begin(*this));
    // Asked within the transaction: another process may have been first.
    TRY_AS(version, number("PRAGMA user_version"));
    if (version >= newest) return {};
    auto done = options.migrations[static_cast<std::size_t>(version - 1)](*this);
    if (done) done = execute(("PRAGMA user_version=" + std::to_string(version + 1)).c_str());
    if (done) done = transaction.commit();
    if (!done)
      return Error{done.error().code, done.error().what + " (while bringing version " +
                                          std::to_string(version) + " to " +
                                          std::to_string(version + 1) + ")"};
  }
}

Result<void> Database::prepare_schema(const DatabaseOptions& options) {
  TRY_AS(application_id, number("PRAGMA application_id"));
  TRY_AS(version, number("PRAGMA user_version"));
  TRY_AS(tables, number("SELECT count(*) FROM sqlite_schema"));
  if (application_id == 0 && version == 0 && tables == 0) return make_schema(options);
  if (application_id != options.application_id) return corrupt("a file of another kind");
  if (version == 0) return corrupt("of an unknown version");
  const std::uint64_t newest = newest_version(options);
  if (version > newest)
    return corrupt("of a newer version (" + std::to_string(version) + "): update the program");
  if (version == newest) return {};
  if (options.access == DatabaseOptions::Access::ReadOnly)
    return corrupt("of an older version (" + std::to_string(version) +
                   "): the program that writes it must open it first");
  return migrate(options);
}

Result<void> Database::check_integrity() {
  TRY_AS(pages, number("PRAGMA page_count"));
  TRY_AS(page_bytes, number("PRAGMA page_size"));
  if (pages * page_bytes > static_cast<std::uint64_t>(kQuickCheckBytesMax)) return {};
  TRY_AS(query, this->query("PRAGMA quick_check(1)"));
  auto row = query.next();
  if (!row) return named(row.error());
  if (!*row || query.bytes(0) != "ok")
    return corrupt("damaged: " + std::string(*row ? query.bytes(0) : "no answer"));
  return {};
}

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Result<Transaction> Transaction::begin_deferred(Database& database) {
  TRY(database.execute("BEGIN"));
  return Transaction(database);
}

Transaction::~Transaction() {
  // After some errors SQLite has rolled back by itself.
  if (database_ == nullptr || sqlite3_get_autocommit(database_->db_)) return;
  sqlite3_exec(database_->db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::commit() { return database_->execute("COMMIT"); }
}  // namespace cunji::store
