// NodeStore: the entries that the county feeds, and where each division's feed stands.
#include "shared/store/limits.h"
#include "shared/store/node_database.h"

namespace cunji::store {
Result<sync::Cursor> NodeStore::Database::cursor(const DivisionCode& division) const {
  TRY_AS(query, db->query("SELECT next, leaf FROM cursor WHERE division=?"));
  TRY_AS(row, query.bind(division.view()).next());
  if (!row) return sync::Cursor{.division = division, .next_index = 0, .leaf = {}};
  TRY_AS(leaf, query.fixed<Digest>(1));
  return sync::Cursor{.division = division, .next_index = query.number(0), .leaf = leaf};
}

Result<void> NodeStore::Database::add_entry(const event::LoggedEvent& logged) {
  const event::Header& header = logged.entry.event.header();
  const Bytes entry = logged.entry.encode();
  const Bytes body = seals.seal_fed(logged.index, event::encode_body(logged.body));
  const Bytes signed_bytes = logged.entry.event.encode();
  TRY_AS(insert, db->query("INSERT INTO entry VALUES (?,?,?,?)"));
  TRY(insert.bind(logged.index)
          .bind(header.division.view())
          .bind(BytesView(entry))
          .bind(BytesView(body))
          .run());
  // The very event, not only its place in the chain: a forked sequence is somebody else's event.
  TRY_AS(own, db->query("UPDATE own SET fed=1, standing=2, place=?, received=?, verdict=?"
                        " WHERE chain=(SELECT number FROM chain WHERE key=?) AND sequence=?"
                        " AND signed=?"));
  return own.bind(logged.index)
      .bind(to_millis(logged.entry.received))
      .bind(static_cast<std::uint64_t>(logged.entry.verdict))
      .bind(header.author.view())
      .bind(header.sequence)
      .bind(BytesView(signed_bytes))
      .run();
}

Result<void> NodeStore::commit_feed(const sync::FeedCommit& feed) {
  TRY_AS(transaction, Transaction::begin(*database_->db));
  TRY_AS(cursor, database_->cursor(feed.division));
  sync::Cursor at = cursor;
  for (const event::LoggedEvent& logged : feed.entries) {
    if (logged.entry.event.header().division != feed.division || logged.index < at.next_index ||
        logged.entry.division_previous != at.leaf)
      return Error{Errc::Conflict, "entry " + std::to_string(logged.index) +
                                       " does not go on where this division stands"};
    TRY(database_->add_entry(logged));
    at.next_index = logged.index + 1;
    at.leaf = logged.entry.leaf_hash();
  }
  if (feed.cursor.division != at.division || feed.cursor.next_index != at.next_index ||
      feed.cursor.leaf != at.leaf)
    return Error{Errc::Conflict, "the cursor is not where the entries end"};
  TRY_AS(query, database_->db->query("INSERT INTO cursor VALUES (?,NULL,?,?) ON CONFLICT (division)"
                                     " DO UPDATE SET next=excluded.next, leaf=excluded.leaf"));
  TRY(query.bind(at.division.view()).bind(at.next_index).bind(at.leaf.view()).run());
  return transaction.commit();
}

// A division that is no longer wanted keeps its cursor, since its entries stay.
Result<void> NodeStore::want_divisions(const std::vector<DivisionCode>& divisions) {
  TRY_AS(transaction, Transaction::begin(*database_->db));
  TRY(database_->db->execute("UPDATE cursor SET wanted=NULL"));
  TRY_AS(query, database_->db->query("INSERT INTO cursor VALUES (?,?,0,?) ON CONFLICT (division)"
                                     " DO UPDATE SET wanted=excluded.wanted"));
  std::uint64_t wanted = 0;
  for (const DivisionCode& division : divisions) {
    TRY(query.bind(division.view()).bind(++wanted).bind(Digest{}.view()).run());
  }
  return transaction.commit();
}

Result<std::vector<sync::Cursor>> NodeStore::cursors() const {
  std::vector<sync::Cursor> out;
  TRY_AS(query, database_->db->query("SELECT next, leaf, division FROM cursor"
                                     " WHERE wanted IS NOT NULL ORDER BY wanted"));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(leaf, query.fixed<Digest>(1));
    const auto division = DivisionCode::parse(query.bytes(2));
    if (!division) return database_->db->corrupt("damaged: a cursor");
    out.push_back({.division = *division, .next_index = query.number(0), .leaf = leaf});
  }
}

Result<NodeStore::Database::OpenedEntry> NodeStore::Database::open_entry(std::uint64_t index,
                                                                         BytesView entry_bytes,
                                                                         BytesView sealed) const {
  auto entry = event::decode_entry(entry_bytes);
  if (!entry) return corrupt_entry(index, entry.error().what);
  auto body = seals.open_fed(index, sealed);
  if (!body) return corrupt_entry(index, "its body does not open");
  return OpenedEntry{std::move(*entry), std::move(*body)};
}

Result<event::LoggedEvent> NodeStore::Database::read_entry(std::uint64_t index, BytesView entry,
                                                           BytesView sealed) const {
  TRY_AS(opened, open_entry(index, entry, sealed));
  auto body = event::decode_body(opened.body);
  if (!body) return corrupt_entry(index, body.error().what);
  return event::LoggedEvent{index, std::move(opened.entry), std::move(*body)};
}

namespace {
struct Row {
  std::uint64_t index;
  std::size_t entry_bytes, body_bytes;
};
}  // namespace

// `visit(index, entry bytes, sealed body)` gives whether to go on; a chunk is read before it is
// handed over, so that no read transaction stays open.
template <class VisitRow>
static Result<void> scan_rows(store::Database& db, std::uint64_t from, const VisitRow& visit) {
  Bytes bytes;
  std::vector<Row> rows;
  do {
    bytes.clear();
    rows.clear();
    {
      TRY_AS(query, db.query("SELECT place, entry, body FROM entry WHERE place>=?"
                             " ORDER BY place LIMIT ?"));
      query.bind(from).bind(kScanEntries);
      while (bytes.size() < kScanBytes) {
        TRY_AS(row, query.next());
        if (!row) break;
        rows.push_back({query.number(0), query.bytes(1).size(), query.bytes(2).size()});
        bytes.append(query.bytes(1)).append(query.bytes(2));
      }
    }
    BytesView left = bytes;
    for (const Row& row : rows) {
      const BytesView entry = left.substr(0, row.entry_bytes);
      const BytesView body = left.substr(row.entry_bytes, row.body_bytes);
      left.remove_prefix(row.entry_bytes + row.body_bytes);
      TRY_AS(go_on, visit(row.index, entry, body));
      if (!go_on) return {};
      from = row.index + 1;
    }
  } while (!rows.empty());
  return {};
}

Result<void> NodeStore::scan_entries(std::uint64_t from, const Visit& visit) const {
  return scan_rows(*database_->db, from,
                   [&](std::uint64_t index, BytesView entry, BytesView body) -> Result<bool> {
                     TRY_AS(logged, database_->read_entry(index, entry, body));
                     return visit(logged);
                   });
}

Result<void> NodeStore::scan_views(std::uint64_t from, const VisitView& visit) const {
  event::BodyView view;
  return scan_rows(*database_->db, from,
                   [&](std::uint64_t index, BytesView entry, BytesView body) -> Result<bool> {
                     TRY_AS(opened, database_->open_entry(index, entry, body));
                     const auto read = event::view_body(opened.body, view);
                     if (!read) return database_->corrupt_entry(index, read.error().what);
                     return visit({index, opened.entry, view.parts});
                   });
}

Result<std::vector<event::LoggedEvent>> NodeStore::division_entries(const DivisionCode& division,
                                                                    std::uint64_t from,
                                                                    std::size_t entries_max) const {
  std::vector<event::LoggedEvent> out;
  TRY_AS(query, database_->db->query("SELECT place, entry, body FROM entry INDEXED BY"
                                     " entry_division WHERE division=? AND place>=?"
                                     " ORDER BY place LIMIT ?"));
  query.bind(division.view()).bind(from).bind(entries_max);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(logged, database_->read_entry(query.number(0), query.bytes(1), query.bytes(2)));
    out.push_back(std::move(logged));
  }
}

Result<void> NodeStore::drop_entries() { return store::drop_entries(*database_->db); }
}  // namespace cunji::store
