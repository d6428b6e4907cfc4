#include "shared/store/node_store.h"

#include "shared/event/enrolment.h"
#include "shared/store/database.h"
#include "shared/store/limits.h"
#include "shared/store/node_seals.h"

namespace cunji::store {
using Standing = OwnEvent::Standing;

static constexpr std::uint32_t kApplicationId = 0x434a4e44;  // "CJND"

// `fed`: an entry with this very event has come back, so the log's copy counts from then on. The
// partial indexes keep "what is unsent" as quick after years as on the first day.
static constexpr const char* kSchema = R"sql(
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
static_assert(static_cast<int>(Standing::Logged) == 2 && static_cast<int>(Standing::Refused) == 3);

struct NodeStore::Database {
  Database(std::unique_ptr<store::Database> opened, const crypto::SealKey& key, Entropy& entropy)
      : db(std::move(opened)), seals(key, entropy) {}
  std::unique_ptr<store::Database> db;
  NodeSeals seals;

  Result<std::optional<event::ChainHead>> chain_head(const PublicKey& key) const;
  Result<event::Event> read_event(const Query& query) const;  // Columns 0 and 1: signed, body.
  Result<OwnEvent> read_own(const Query& query) const;        // And standing … reason.
  Result<event::LoggedEvent> read_entry(const Query& query) const;  // Place, entry, body.
  Result<sync::Cursor> cursor(const DivisionCode& division) const;
  Result<void> add_entry(const event::LoggedEvent& logged);
  Result<void> record(const sync::EventOutcome& outcome);
};

NodeStore::NodeStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
NodeStore::~NodeStore() = default;

Result<std::unique_ptr<NodeStore>> NodeStore::open(const std::string& path,
                                                   const crypto::SealKey& key, Entropy& entropy,
                                                   const std::string& vfs) {
  TRY_AS(db, store::Database::open(path, {.vfs = vfs,
                                          .access = DatabaseOptions::Access::Exclusive,
                                          .kind = "node database",
                                          .application_id = kApplicationId,
                                          .schema = kSchema,
                                          .migrations = kNodeMigrations}));
  auto database = std::make_unique<Database>(std::move(db), key, entropy);
  TRY(database->seals.settle(*database->db));
  return std::unique_ptr<NodeStore>(new NodeStore(std::move(database)));
}

Result<std::optional<Bytes>> NodeStore::setting(std::string_view name) const {
  TRY_AS(query, database_->db->query("SELECT value FROM setting WHERE name=?"));
  TRY_AS(row, query.bind(name).next());
  if (!row) return std::optional<Bytes>{};
  auto value = database_->seals.open_setting(name, query.bytes(0));
  if (!value) return database_->db->corrupt("damaged: a setting does not open");
  return std::optional(std::move(*value));
}

Result<void> NodeStore::set_setting(std::string_view name, BytesView value) {
  const Bytes sealed = database_->seals.seal_setting(name, value);
  TRY_AS(query, database_->db->query("INSERT OR REPLACE INTO setting VALUES (?,?)"));
  return query.bind(name).bind(BytesView(sealed)).run();
}

// The node's own chains.

static Result<event::ChainHead> read_chain(const Query& query) {  // key, sequence, digest, seen
  TRY_AS(key, query.fixed<PublicKey>(0));
  TRY_AS(digest, query.fixed<Digest>(2));
  return event::ChainHead{
      .key = key, .sequence = query.number(1), .digest = digest, .seen_size_max = query.number(3)};
}

Result<std::optional<event::ChainHead>> NodeStore::Database::chain_head(
    const PublicKey& key) const {
  TRY_AS(query, db->query("SELECT key, sequence, digest, seen FROM chain WHERE key=?"));
  TRY_AS(row, query.bind(key.view()).next());
  if (!row) return std::optional<event::ChainHead>{};
  TRY_AS(head, read_chain(query));
  return std::optional(head);
}

Result<void> NodeStore::begin_chain(const PublicKey& key, BytesView enrolment_request) {
  TRY_AS(known, database_->chain_head(key));
  if (known) return Error{Errc::Conflict, "this key has a chain already"};
  const Digest digest = event::request_digest(enrolment_request);
  TRY_AS(query, database_->db->query(
                    "INSERT INTO chain (key, request, sequence, digest, seen) VALUES (?,?,0,?,0)"));
  return query.bind(key.view()).bind(enrolment_request).bind(digest.view()).run();
}

Result<std::optional<event::ChainHead>> NodeStore::current_chain() const {
  TRY_AS(query, database_->db->query("SELECT key, sequence, digest, seen FROM chain"
                                     " ORDER BY number DESC LIMIT 1"));
  TRY_AS(row, query.next());
  if (!row) return std::optional<event::ChainHead>{};
  TRY_AS(head, read_chain(query));
  return std::optional(head);
}

Result<void> NodeStore::append_own(const event::Event& event) {
  TRY_AS(transaction, Transaction::begin(*database_->db));
  const event::Header& header = event.signed_event.header();
  TRY_AS(head, database_->chain_head(header.author));
  if (!head) return Error{Errc::Conflict, "this key has no chain here"};
  if (event::link_of(*head, event.signed_event) != event::ChainLink::Next)
    return Error{Errc::Conflict, "event " + std::to_string(header.sequence) +
                                     " does not continue the chain, which has " +
                                     std::to_string(head->sequence)};
  const event::ChainHead after = event::advanced(*head, event.signed_event, header.seen.size);
  const Bytes signed_bytes = event.signed_event.encode();
  const Bytes body = database_->seals.seal_own(header, event::encode_body(event.body));
  TRY_AS(own, database_->db->query("INSERT INTO own (chain, sequence, signed, body) VALUES"
                                   " ((SELECT number FROM chain WHERE key=?),?,?,?)"));
  TRY(own.bind(header.author.view())
          .bind(header.sequence)
          .bind(BytesView(signed_bytes))
          .bind(BytesView(body))
          .run());
  TRY_AS(chain, database_->db->query("UPDATE chain SET sequence=?, digest=?, seen=? WHERE key=?"));
  TRY(chain.bind(after.sequence)
          .bind(after.digest.view())
          .bind(after.seen_size_max)
          .bind(header.author.view())
          .run());
  return transaction.commit();
}

Result<event::Event> NodeStore::Database::read_event(const Query& query) const {
  auto signed_event = event::SignedEvent::decode(query.bytes(0));
  if (!signed_event) return db->corrupt("damaged: own event: " + signed_event.error().what);
  const auto opened = seals.open_own(signed_event->header(), query.bytes(1));
  if (!opened) return event::Event{std::move(*signed_event), {}};  // Lost: the header counts on.
  auto body = event::decode_body(*opened);
  if (!body) return db->corrupt("damaged: own event: " + body.error().what);
  return event::Event{std::move(*signed_event), std::move(*body)};
}

static bool is_verdict(std::uint64_t number) {
  return number <= static_cast<std::uint64_t>(event::Verdict::AcceptedChainUnproven) ||
         (number >= static_cast<std::uint64_t>(event::Verdict::NoCredential) &&
          number <= static_cast<std::uint64_t>(event::Verdict::Frozen));
}

Result<OwnEvent> NodeStore::Database::read_own(const Query& query) const {
  TRY_AS(event, read_event(query));
  const std::uint64_t standing = query.number(2), verdict = query.number(5);
  const std::uint64_t received = query.number(4);
  if (standing > static_cast<std::uint64_t>(Standing::Refused) || !is_verdict(verdict) ||
      received > kTimeMillisMax)
    return db->corrupt("damaged: an own event's standing");
  return OwnEvent{.event = std::move(event),
                  .standing = static_cast<Standing>(standing),
                  .index = query.number(3),
                  .received = from_millis(received),
                  .verdict = static_cast<event::Verdict>(verdict),
                  .reason = std::string(query.bytes(6))};
}

Result<std::vector<OwnEvent>> NodeStore::own_history(const PublicKey& key, std::uint64_t after,
                                                     std::size_t events_max) const {
  std::vector<OwnEvent> out;
  TRY_AS(query, database_->db->query(
                    "SELECT signed, body, standing, place, received, verdict, reason FROM own"
                    " WHERE chain=(SELECT number FROM chain WHERE key=?) AND sequence>?"
                    " ORDER BY sequence LIMIT ?"));
  query.bind(key.view()).bind(after).bind(events_max);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(own, database_->read_own(query));
    out.push_back(std::move(own));
  }
}

Result<std::vector<event::Event>> NodeStore::own_pending() const {
  std::vector<event::Event> out;
  TRY_AS(query, database_->db->query("SELECT signed, body FROM own WHERE fed=0 AND standing<>3"
                                     " ORDER BY chain, sequence"));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(event, database_->read_event(query));
    out.push_back(std::move(event));
  }
}

Result<std::vector<event::ChainHead>> NodeStore::own_chains() const {
  std::vector<event::ChainHead> out;
  // Older chains while something of them may still be taken; the current one always (a server that
  // lost it must notice), unless it has ended in a refusal.
  TRY_AS(query,
         database_->db->query(
             "SELECT key, sequence, digest, seen FROM chain WHERE sequence>0 AND ("
             " EXISTS (SELECT 1 FROM own WHERE chain=number AND standing<>2 AND standing<>3)"
             " OR (number=(SELECT max(number) FROM chain) AND NOT EXISTS"
             "     (SELECT 1 FROM own WHERE chain=number AND standing<>2))) ORDER BY number"));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(head, read_chain(query));
    out.push_back(head);
  }
}

Result<std::vector<event::Event>> NodeStore::own_events(const PublicKey& key, std::uint64_t after,
                                                        std::size_t events_max) const {
  std::vector<event::Event> out;
  TRY_AS(query, database_->db->query("SELECT signed, body FROM own WHERE chain=(SELECT number FROM"
                                     " chain WHERE key=?) AND sequence>? ORDER BY sequence"
                                     " LIMIT ?"));
  query.bind(key.view()).bind(after).bind(events_max);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(event, database_->read_event(query));
    out.push_back(std::move(event));
  }
}

Result<std::optional<std::uint64_t>> NodeStore::first_unanswered(
    const PublicKey& key, std::uint64_t through, const std::set<DivisionCode>& fed) const {
  TRY_AS(query, database_->db->query("SELECT signed, body FROM own WHERE chain=(SELECT number FROM"
                                     " chain WHERE key=?) AND sequence<=? AND standing<>2 AND"
                                     " standing<>3 ORDER BY sequence"));
  query.bind(key.view()).bind(through);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return std::optional<std::uint64_t>{};
    TRY_AS(event, database_->read_event(query));
    const event::Header& header = event.signed_event.header();
    if (!fed.contains(header.division)) return std::optional(header.sequence);
  }
}

Result<std::optional<event::Event>> NodeStore::own_event(const PublicKey& key,
                                                         std::uint64_t sequence) const {
  TRY_AS(query, database_->db->query("SELECT signed, body FROM own WHERE chain="
                                     "(SELECT number FROM chain WHERE key=?) AND sequence=?"));
  TRY_AS(row, query.bind(key.view()).bind(sequence).next());
  if (!row) return std::optional<event::Event>{};
  TRY_AS(event, database_->read_event(query));
  return std::optional(std::move(event));
}

Result<void> NodeStore::Database::record(const sync::EventOutcome& outcome) {
  using Status = sync::EventOutcome::Status;
  TRY_AS(own, db->query("SELECT standing FROM own WHERE chain="
                        "(SELECT number FROM chain WHERE key=?) AND sequence=?"));
  TRY_AS(row, own.bind(outcome.key.view()).bind(outcome.sequence).next());
  if (!row) return Error{Errc::Conflict, "an outcome of an event that is not this node's"};
  const bool logged = outcome.status == Status::Logged;
  // What is logged stays so: a late answer to an earlier offer must not take it back.
  if (!logged && own.number(0) == static_cast<std::uint64_t>(Standing::Logged)) return {};
  const Standing standing = logged                             ? Standing::Logged
                            : outcome.status == Status::Parked ? Standing::Parked
                                                               : Standing::Refused;
  TRY_AS(query, db->query("UPDATE own SET standing=?, place=?, received=?, verdict=?, reason=?"
                          " WHERE chain=(SELECT number FROM chain WHERE key=?) AND sequence=?"));
  return query.bind(static_cast<std::uint64_t>(standing))
      .bind(logged ? outcome.index : 0)
      .bind(logged ? to_millis(outcome.received) : 0)
      .bind(logged ? static_cast<std::uint64_t>(outcome.verdict) : 0)
      .bind(standing == Standing::Refused ? BytesView(outcome.reason) : BytesView())
      .bind(outcome.key.view())
      .bind(outcome.sequence)
      .run();
}

Result<void> NodeStore::record_outcomes(const std::vector<sync::EventOutcome>& outcomes) {
  TRY_AS(transaction, Transaction::begin(*database_->db));
  for (const sync::EventOutcome& outcome : outcomes) TRY(database_->record(outcome));
  return transaction.commit();
}

// What the county feeds.

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

Result<event::LoggedEvent> NodeStore::Database::read_entry(const Query& query) const {
  const std::uint64_t index = query.number(0);
  auto entry = event::decode_entry(query.bytes(1));
  if (!entry) return db->corrupt("entry " + std::to_string(index) + ": " + entry.error().what);
  const auto opened = seals.open_fed(index, query.bytes(2));
  if (!opened) return db->corrupt("entry " + std::to_string(index) + ": its body does not open");
  auto body = event::decode_body(*opened);
  if (!body) return db->corrupt("entry " + std::to_string(index) + ": " + body.error().what);
  return event::LoggedEvent{index, std::move(*entry), std::move(*body)};
}

Result<void> NodeStore::scan_entries(std::uint64_t from, const Visit& visit) const {
  for (;;) {
    std::vector<event::LoggedEvent> chunk;
    {
      TRY_AS(query, database_->db->query("SELECT place, entry, body FROM entry WHERE place>=?"
                                         " ORDER BY place LIMIT ?"));
      query.bind(from).bind(kScanEntries);
      for (std::size_t bytes = 0; bytes < kScanBytes;) {
        TRY_AS(row, query.next());
        if (!row) break;
        TRY_AS(logged, database_->read_entry(query));
        bytes += query.bytes(2).size() + event::kEntryBytes;
        chunk.push_back(std::move(logged));
      }
    }
    for (const event::LoggedEvent& logged : chunk) {
      TRY_AS(go_on, visit(logged));
      if (!go_on) return {};
    }
    if (chunk.empty()) return {};
    from = chunk.back().index + 1;
  }
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
    TRY_AS(logged, database_->read_entry(query));
    out.push_back(std::move(logged));
  }
}

Result<void> NodeStore::drop_entries(const DivisionCode& kept) {
  // Freed pages are overwritten, and the write-ahead log is emptied into the file.
  TRY(database_->db->execute("PRAGMA secure_delete=ON"));
  {
    TRY_AS(transaction, Transaction::begin(*database_->db));
    TRY_AS(entries, database_->db->query("DELETE FROM entry WHERE division<>?"));
    TRY(entries.bind(kept.view()).run());
    TRY_AS(cursors, database_->db->query("DELETE FROM cursor WHERE division<>?"));
    TRY(cursors.bind(kept.view()).run());
    TRY(transaction.commit());
  }
  return database_->db->execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

// What it trusts, and why it may have stopped.

Result<void> NodeStore::set_trusted(const std::string& note, const log::Checkpoint& checkpoint) {
  TRY_AS(query, database_->db->query("INSERT OR REPLACE INTO trusted VALUES (1,?,?,?,?)"));
  return query.bind(BytesView(note))
      .bind(BytesView(checkpoint.origin))
      .bind(checkpoint.size)
      .bind(checkpoint.root.view())
      .run();
}

Result<std::optional<log::Checkpoint>> NodeStore::trusted() const {
  TRY_AS(query, database_->db->query("SELECT origin, size, root FROM trusted"));
  TRY_AS(row, query.next());
  if (!row) return std::optional<log::Checkpoint>{};
  TRY_AS(root, query.fixed<Digest>(2));
  return std::optional(log::Checkpoint{
      .origin = std::string(query.bytes(0)), .size = query.number(1), .root = root});
}

Result<std::optional<std::string>> NodeStore::trusted_note() const {
  TRY_AS(query, database_->db->query("SELECT note FROM trusted"));
  TRY_AS(row, query.next());
  if (!row) return std::optional<std::string>{};
  return std::optional(std::string(query.bytes(0)));
}

Result<void> NodeStore::keep_evidence(const sync::SplitView& evidence) {
  TRY_AS(query,
         database_->db->query("INSERT INTO evidence (trusted, shown, reason) VALUES (?,?,?)"));
  return query.bind(BytesView(evidence.trusted_note))
      .bind(BytesView(evidence.shown_note))
      .bind(BytesView(evidence.reason))
      .run();
}

Result<std::vector<sync::SplitView>> NodeStore::evidence() const {
  std::vector<sync::SplitView> out;
  TRY_AS(query,
         database_->db->query("SELECT trusted, shown, reason FROM evidence ORDER BY number"));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    out.push_back(
        {std::string(query.bytes(0)), std::string(query.bytes(1)), std::string(query.bytes(2))});
  }
}

Result<NodeCounts> NodeStore::counts() const {
  TRY_AS(own, database_->db->number("SELECT ifnull(sum(sequence),0) FROM chain"));
  TRY_AS(unsent, database_->db->number("SELECT count(*) FROM own WHERE standing=0"));
  TRY_AS(parked, database_->db->number("SELECT count(*) FROM own WHERE standing=1"));
  TRY_AS(refused, database_->db->number("SELECT count(*) FROM own WHERE standing=3"));
  TRY_AS(entries, database_->db->number("SELECT count(*) FROM entry"));
  return NodeCounts{
      .own = own, .unsent = unsent, .parked = parked, .refused = refused, .entries = entries};
}
}  // namespace cunji::store
