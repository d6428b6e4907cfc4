#include "shared/store/sqlite_event_log.h"

#include "shared/store/append_plan.h"
#include "shared/store/county_log_file.h"
#include "shared/store/database.h"
#include "shared/store/limits.h"

namespace cunji::store {
namespace {
std::uint64_t number_of(const CountyCode& county) {
  std::uint64_t out = 0;
  for (const char digit : county.view()) out = out * 10 + static_cast<std::uint64_t>(digit - '0');
  return out;
}

struct Rows;

class SqliteEventLog final : public log::EventLog {
 public:
  explicit SqliteEventLog(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  // Checks that the newest entry and the tree agree.
  Result<void> load();

  Result<std::vector<event::LoggedEvent>> append(std::uint64_t expected_size,
                                                 std::span<const log::NewEntry> entries) override;
  Result<void> erase(std::span<const log::Erasing> what) override;
  Result<log::LogHead> head() const override;
  Result<std::optional<event::LoggedEvent>> at(std::uint64_t index) const override;
  Result<void> scan(std::uint64_t from, const Visit& visit) const override;
  Result<void> scan_views(std::uint64_t from, const VisitView& visit) const override;
  Result<std::optional<event::ChainHead>> chain_head(const PublicKey& key) const override;
  Result<std::optional<std::uint64_t>> index_of(const PublicKey& key,
                                                std::uint64_t sequence) const override;
  Result<std::optional<log::DivisionHead>> division_head(
      const DivisionCode& division) const override;
  Result<std::vector<event::LoggedEvent>> division_entries(const DivisionCode& division,
                                                           std::uint64_t from,
                                                           std::size_t entries_max) const override;
  Result<std::vector<std::pair<DivisionCode, log::DivisionHead>>> divisions(
      std::string_view prefix) const override;
  Result<Digest> subtree(std::uint8_t level, std::uint64_t index) const override;

 private:
  std::uint64_t place(std::uint64_t index) const { return (county() << kIndexBits) | index; }
  static std::uint64_t index_at(std::uint64_t place) { return place & (kCountyEntriesMax - 1); }
  // An empty log has no county yet; no row has the number 0 then.
  std::uint64_t county() const { return county_ ? number_of(*county_) : 0; }
  // Columns place, entry, body.
  Result<event::LoggedEvent> read_entry(const Query& query) const;
  Result<event::LoggedEvent> decode(std::uint64_t index, BytesView entry, BytesView body) const;
  Error corrupt(std::uint64_t index, const Error& error) const {
    return database_->corrupt("entry " + std::to_string(index) + ": " + error.what);
  }
  Result<void> read_rows(std::uint64_t from, Rows& out) const;
  // `visit(index, entry bytes, body bytes)` gives whether to go on.
  template <class VisitRow>
  Result<void> scan_rows(std::uint64_t from, const VisitRow& visit) const;
  Result<void> write(const AppendPlan& plan);
  Result<void> write_entries(const AppendPlan& plan);

  std::unique_ptr<Database> database_;
  mutable std::optional<CountyCode> county_;
  std::optional<log::Frontier> frontier_;  // Of the committed log; absent: to be read.
};

Result<void> SqliteEventLog::load() {
  TRY_AS(head, this->head());
  TRY_AS(entries, database_->number("SELECT count(*) FROM (SELECT 1 FROM counter LIMIT 2)"));
  if (entries > 1) return database_->corrupt("more than one county");
  if (head.size == 0) {
    TRY_AS(orphans, database_->number("SELECT count(*) FROM (SELECT 1 FROM entry LIMIT 1)"));
    if (orphans > 0) return database_->corrupt("damaged: entries without a counter");
    return {};
  }
  TRY_AS(newest, at(head.size - 1));
  if (!newest) return database_->corrupt("the newest entry is missing");
  TRY_AS(leaf, subtree(0, head.size - 1));
  TRY_AS(root, log::root_at(*this, head.size));
  if (newest->entry.leaf_hash() != leaf || root != head.root ||
      newest->entry.received != head.received)
    return database_->corrupt("damaged: the newest entry and the tree do not agree");
  TRY_AS(beyond, at(head.size));
  if (!beyond) return {};
  // Or a writer, beside which we read, has logged more meanwhile.
  TRY_AS(now, this->head());
  if (now.size == head.size) return database_->corrupt("damaged: an entry beyond the counter");
  return {};
}

Result<std::vector<event::LoggedEvent>> SqliteEventLog::append(
    std::uint64_t expected_size, std::span<const log::NewEntry> entries) {
  TRY_AS(transaction, Transaction::begin(*database_));
  TRY_AS(head, this->head());
  TRY(check_size(head, expected_size));
  if (entries.empty()) return std::vector<event::LoggedEvent>{};
  if (!frontier_ || frontier_->size() != head.size) {
    TRY_AS(frontier, log::Frontier::load(*this, head.size));
    frontier_ = frontier;
  }
  TRY_AS(plan, plan_append(*this, {county_, head, *frontier_}, entries));
  const std::optional<CountyCode> before = std::exchange(county_, plan.county);
  auto done = write(plan);
  if (done) done = transaction.commit();
  if (!done) {
    // What the disk holds is one or the other; read it again before the next append.
    county_ = before;
    frontier_.reset();
    return done.error();
  }
  frontier_ = std::move(plan.frontier);
  return std::move(plan.logged);
}

// Deleted bytes are overwritten (secure_delete) in the pages that the commit writes to the
// write-ahead log; a crash before that is emptied leaves older pages in it, for the next call.
Result<void> SqliteEventLog::erase(std::span<const log::Erasing> what) {
  {
    TRY_AS(transaction, Transaction::begin(*database_));
    TRY_AS(update, database_->query("UPDATE entry SET body=? WHERE place=?"));
    for (const log::Erasing& each : what) {
      TRY_AS(logged, at(each.index));
      if (!logged)
        return Error{Errc::Conflict, "no entry " + std::to_string(each.index) + " to erase of"};
      if (!event::erase_parts(logged->body, each.parts)) continue;
      const Bytes body = event::encode_body(logged->body);
      TRY(update.bind(BytesView(body)).bind(place(each.index)).run());
    }
    TRY(transaction.commit());
  }
  return database_->empty_wal();
}

Result<void> SqliteEventLog::write_entries(const AppendPlan& plan) {
  TRY_AS(entry_row, database_->query("INSERT INTO entry VALUES (?,?,?,?)"));
  TRY_AS(event_row, database_->query("INSERT INTO event VALUES (?,?,?)"));
  TRY_AS(division_row, database_->query("INSERT INTO division_entry VALUES (?,?)"));
  TRY_AS(first_of, database_->query("SELECT first FROM chain WHERE county=? AND key=?"));
  std::map<PublicKey, std::uint64_t> first_places;
  for (const auto& [key, index] : plan.new_chains) first_places[key] = place(index);
  Bytes hashes;
  for (std::size_t i = 0; i < plan.logged.size(); ++i) {
    const event::LoggedEvent& logged = plan.logged[i];
    const event::Header& header = logged.entry.event.header();
    const std::uint64_t here = place(logged.index);
    hashes.clear();
    for (const Digest& hash : plan.completed[i]) hashes.append(hash.view());
    const Bytes entry = logged.entry.encode(), body = event::encode_body(logged.body);
    TRY(entry_row.bind(here).bind(hashes).bind(entry).bind(body).run());
    auto first = first_places.find(header.author);
    if (first == first_places.end()) {
      TRY_AS(row, first_of.bind(county()).bind(header.author.view()).next());
      if (!row) return database_->corrupt("damaged: a chain's head is missing");
      first = first_places.emplace(header.author, first_of.number(0)).first;
      TRY(first_of.run());
    }
    TRY(event_row.bind(first->second).bind(header.sequence).bind(here).run());
    TRY(division_row.bind(header.division.view()).bind(here).run());
  }
  return {};
}

Result<void> SqliteEventLog::write(const AppendPlan& plan) {
  TRY(write_entries(plan));
  TRY_AS(new_chain, database_->query("INSERT INTO chain VALUES (?,?,?,?,?,?)"));
  TRY_AS(chain, database_->query(
                    "UPDATE chain SET sequence=?, digest=?, seen=? WHERE county=? AND key=?"));
  for (const auto& [key, head] : plan.chains) {
    const auto first = plan.new_chains.find(key);
    if (first != plan.new_chains.end()) {
      TRY(new_chain.bind(county())
              .bind(key.view())
              .bind(place(first->second))
              .bind(head.sequence)
              .bind(head.digest.view())
              .bind(head.seen_size_max)
              .run());
    } else {
      TRY(chain.bind(head.sequence)
              .bind(head.digest.view())
              .bind(head.seen_size_max)
              .bind(county())
              .bind(key.view())
              .run());
    }
  }
  TRY_AS(division, database_->query("INSERT OR REPLACE INTO division VALUES (?,?,?,?,?)"));
  for (const auto& [code, head] : plan.divisions) {
    TRY(division.bind(county())
            .bind(code.view())
            .bind(place(head.index))
            .bind(head.leaf.view())
            .bind(head.count)
            .run());
  }
  TRY_AS(counter, database_->query("INSERT OR REPLACE INTO counter VALUES (?,?,?,?)"));
  return counter.bind(county())
      .bind(plan.head.size)
      .bind(plan.head.root.view())
      .bind(to_millis(plan.head.received))
      .run();
}

// Also learns the county: a reader may have been opened before the first entry.
Result<log::LogHead> SqliteEventLog::head() const {
  TRY_AS(query, database_->query("SELECT size, root, received, county FROM counter"));
  TRY_AS(row, query.next());
  if (!row) return log::LogHead{.size = 0, .root = log::empty_root(), .received = {}};
  TRY_AS(root, query.fixed<Digest>(1));
  const std::uint64_t size = query.number(0), received = query.number(2);
  const std::string digits = std::to_string(query.number(3));
  if (size == 0 || size > kCountyEntriesMax || received > kTimeMillisMax ||
      digits.size() > CountyCode::kSize)
    return database_->corrupt("damaged: counter row");
  TRY_AS(county, CountyCode::parse(std::string(CountyCode::kSize - digits.size(), '0') + digits));
  county_ = county;
  return log::LogHead{.size = size, .root = root, .received = from_millis(received)};
}

Result<event::LoggedEvent> SqliteEventLog::decode(std::uint64_t index, BytesView entry_bytes,
                                                  BytesView body_bytes) const {
  auto entry = event::decode_entry(entry_bytes);
  if (!entry) return corrupt(index, entry.error());
  auto body = event::decode_body(body_bytes);
  if (!body) return corrupt(index, body.error());
  return event::LoggedEvent{index, std::move(*entry), std::move(*body)};
}

Result<event::LoggedEvent> SqliteEventLog::read_entry(const Query& query) const {
  return decode(index_at(query.number(0)), query.bytes(1), query.bytes(2));
}

Result<std::optional<event::LoggedEvent>> SqliteEventLog::at(std::uint64_t index) const {
  if (index >= kCountyEntriesMax) return std::optional<event::LoggedEvent>{};
  TRY_AS(query, database_->query("SELECT place, entry, body FROM entry WHERE place=?"));
  TRY_AS(row, query.bind(place(index)).next());
  if (!row) return std::optional<event::LoggedEvent>{};
  TRY_AS(logged, read_entry(query));
  return std::optional(std::move(logged));
}

// Consecutive rows, their bytes one after the other.
struct Rows {
  struct Row {
    std::size_t entry_bytes, body_bytes;
  };
  Bytes bytes;
  std::vector<Row> rows;
};

Result<void> SqliteEventLog::read_rows(std::uint64_t from, Rows& out) const {
  out.bytes.clear();
  out.rows.clear();
  TRY_AS(query, database_->query("SELECT place, entry, body FROM entry WHERE place>=?"
                                 " AND place<? ORDER BY place LIMIT ?"));
  query.bind(place(from)).bind(place(0) + kCountyEntriesMax).bind(kScanEntries);
  while (out.bytes.size() < kScanBytes) {
    TRY_AS(row, query.next());
    if (!row) break;
    const std::uint64_t expected = from + out.rows.size();
    if (index_at(query.number(0)) != expected)
      return database_->corrupt("entry " + std::to_string(expected) + " is missing");
    const BytesView entry = query.bytes(1), body = query.bytes(2);
    out.bytes.append(entry).append(body);
    out.rows.push_back({entry.size(), body.size()});
  }
  return {};
}

template <class VisitRow>
Result<void> SqliteEventLog::scan_rows(std::uint64_t from, const VisitRow& visit) const {
  Rows rows;
  for (std::uint64_t index = from; index < kCountyEntriesMax;) {
    TRY(read_rows(index, rows));
    if (rows.rows.empty()) break;
    BytesView left = rows.bytes;
    for (const Rows::Row& row : rows.rows) {
      const BytesView entry = left.substr(0, row.entry_bytes);
      const BytesView body = left.substr(row.entry_bytes, row.body_bytes);
      left.remove_prefix(row.entry_bytes + row.body_bytes);
      TRY_AS(go_on, visit(index++, entry, body));
      if (!go_on) return {};
    }
  }
  return {};
}

Result<void> SqliteEventLog::scan(std::uint64_t from, const Visit& visit) const {
  return scan_rows(from, [&](std::uint64_t index, BytesView entry, BytesView body) -> Result<bool> {
    TRY_AS(logged, decode(index, entry, body));
    return visit(logged);
  });
}

Result<void> SqliteEventLog::scan_views(std::uint64_t from, const VisitView& visit) const {
  event::BodyView view;
  return scan_rows(from, [&](std::uint64_t index, BytesView entry, BytesView body) -> Result<bool> {
    const auto decoded = event::decode_entry(entry);
    if (!decoded) return corrupt(index, decoded.error());
    if (const auto read = event::view_body(body, view); !read) return corrupt(index, read.error());
    return visit({index, *decoded, view.parts});
  });
}

Result<std::optional<event::ChainHead>> SqliteEventLog::chain_head(const PublicKey& key) const {
  TRY_AS(query,
         database_->query("SELECT sequence, digest, seen FROM chain WHERE county=? AND key=?"));
  TRY_AS(row, query.bind(county()).bind(key.view()).next());
  if (!row) return std::optional<event::ChainHead>{};
  TRY_AS(digest, query.fixed<Digest>(1));
  return std::optional(event::ChainHead{
      .key = key, .sequence = query.number(0), .digest = digest, .seen_size_max = query.number(2)});
}

Result<std::optional<std::uint64_t>> SqliteEventLog::index_of(const PublicKey& key,
                                                              std::uint64_t sequence) const {
  TRY_AS(query, database_->query("SELECT event.place FROM chain CROSS JOIN event USING (first)"
                                 " WHERE county=? AND key=? AND event.sequence=?"));
  TRY_AS(row, query.bind(county()).bind(key.view()).bind(sequence).next());
  if (!row) return std::optional<std::uint64_t>{};
  return std::optional(index_at(query.number(0)));
}

Result<std::optional<log::DivisionHead>> SqliteEventLog::division_head(
    const DivisionCode& division) const {
  TRY_AS(query,
         database_->query("SELECT place, leaf, count FROM division WHERE county=? AND division=?"));
  TRY_AS(row, query.bind(county()).bind(division.view()).next());
  if (!row) return std::optional<log::DivisionHead>{};
  TRY_AS(leaf, query.fixed<Digest>(1));
  return std::optional(log::DivisionHead{
      .index = index_at(query.number(0)), .leaf = leaf, .count = query.number(2)});
}

Result<std::vector<event::LoggedEvent>> SqliteEventLog::division_entries(
    const DivisionCode& division, std::uint64_t from, std::size_t entries_max) const {
  std::vector<event::LoggedEvent> out;
  if (from >= kCountyEntriesMax) return out;
  TRY_AS(query, database_->query(
                    "SELECT place, entry, body FROM division_entry CROSS JOIN entry USING (place)"
                    " WHERE division=? AND place>=? ORDER BY place LIMIT ?"));
  query.bind(division.view())
      .bind(place(from))
      .bind(std::min<std::uint64_t>(entries_max, kCountyEntriesMax));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(logged, read_entry(query));
    out.push_back(std::move(logged));
  }
}

Result<std::vector<std::pair<DivisionCode, log::DivisionHead>>> SqliteEventLog::divisions(
    std::string_view prefix) const {
  std::vector<std::pair<DivisionCode, log::DivisionHead>> out;
  TRY_AS(query,
         database_->query("SELECT place, leaf, count, division FROM division"
                          " WHERE county=? AND division>=? AND division<? ORDER BY division"));
  const Bytes beyond = Bytes(prefix) + ':';  // Follows '9': no digit after the prefix is above it.
  query.bind(county()).bind(prefix).bind(beyond);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(leaf, query.fixed<Digest>(1));
    const auto code = DivisionCode::parse(query.bytes(3));
    if (!code) return database_->corrupt("damaged: division");
    out.emplace_back(
        *code, log::DivisionHead{
                   .index = index_at(query.number(0)), .leaf = leaf, .count = query.number(2)});
  }
}

Result<Digest> SqliteEventLog::subtree(std::uint8_t level, std::uint64_t index) const {
  if (level >= kIndexBits || index >= (kCountyEntriesMax >> level))
    return Error{Errc::Corrupt, "a subtree that is not complete"};
  const std::uint64_t completed_by = ((index + 1) << level) - 1;
  TRY_AS(query, database_->query("SELECT hashes FROM entry WHERE place=?"));
  TRY_AS(row, query.bind(place(completed_by)).next());
  if (!row) return database_->corrupt("a subtree is missing at " + std::to_string(completed_by));
  const BytesView hashes = query.bytes(0);
  if (hashes.size() < (std::size_t{level} + 1) * Digest::kSize)
    return database_->corrupt("damaged: hashes of entry " + std::to_string(completed_by));
  return *Digest::from(hashes.substr(level * Digest::kSize, Digest::kSize));
}
}  // namespace

Result<std::unique_ptr<log::EventLog>> open_sqlite_event_log(const std::string& path,
                                                             const SqliteOptions& options) {
  using Access = DatabaseOptions::Access;
  TRY_AS(database, Database::open(path, county_log_options(options.read_only ? Access::ReadOnly
                                                                             : Access::OneWriter,
                                                           options.vfs)));
  auto out = std::make_unique<SqliteEventLog>(std::move(database));
  TRY(out->load());
  return std::unique_ptr<log::EventLog>(std::move(out));
}
}  // namespace cunji::store
