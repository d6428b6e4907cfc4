#include "shared/store/side_store.h"

#include <charconv>
#include <map>

#include "shared/crypto/hash.h"
#include "shared/store/database.h"
#include "shared/store/limits.h"

namespace cunji::store {
static constexpr std::uint32_t kApplicationId = 0x434a5344;  // "CJSD"
static_assert(event::kHeaderBytes == 193);                   // As forget() writes it.

static constexpr const char* kSchema = R"sql(
  CREATE TABLE quarantine (number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE,
                           signed BLOB NOT NULL, body BLOB NOT NULL, reason BLOB NOT NULL,
                           sender BLOB NOT NULL, at INTEGER NOT NULL);
  CREATE TABLE parked (key BLOB NOT NULL, sequence INTEGER NOT NULL, signed BLOB NOT NULL,
                       body BLOB NOT NULL, at INTEGER NOT NULL,
                       PRIMARY KEY (key, sequence)) WITHOUT ROWID;
  CREATE TABLE usage (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO usage VALUES ('quarantine', 0), ('parked', 0);
  CREATE TABLE code (id BLOB PRIMARY KEY, key BLOB NOT NULL, person BLOB NOT NULL,
                     role BLOB NOT NULL, office BLOB NOT NULL, divisions BLOB NOT NULL,
                     kinds BLOB NOT NULL, valid_until INTEGER NOT NULL, days INTEGER NOT NULL,
                     used_by BLOB) WITHOUT ROWID;
  CREATE TABLE queue (id INTEGER PRIMARY KEY AUTOINCREMENT, signed BLOB NOT NULL,
                      body BLOB NOT NULL);
)sql";

// What is parked of a key, counted once for all events of a call.
struct Held {
  std::uint64_t events = 0, bytes = 0;
};

struct SideStore::Database {
  std::unique_ptr<store::Database> db;
  SideBounds bounds;

  // Adds to what is used of a bound, or Errc::Limit.
  Result<void> use(std::string_view name, std::uint64_t bytes, std::uint64_t bytes_max);
  Result<void> give_back(std::string_view name, std::uint64_t bytes);
  // Within the caller's transaction, which goes on after Errc::Limit and Errc::Conflict: then
  // nothing of this event was written.
  Result<void> quarantine(const Quarantined& event);
  Result<void> park(const event::Event& event, TimePoint at, std::map<PublicKey, Held>& held);
  Result<event::Event> read_event(BytesView signed_bytes, BytesView body_bytes) const;
};

SideStore::SideStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
SideStore::~SideStore() = default;

Result<std::unique_ptr<SideStore>> SideStore::open(const std::string& path, const std::string& vfs,
                                                   const SideBounds& bounds) {
  TRY_AS(db, store::Database::open(path, {.vfs = vfs,
                                          .access = DatabaseOptions::Access::Shared,
                                          .kind = "side database",
                                          .application_id = kApplicationId,
                                          .schema = kSchema}));
  auto database = std::make_unique<Database>();
  database->db = std::move(db);
  database->bounds = bounds;
  return std::unique_ptr<SideStore>(new SideStore(std::move(database)));
}

Result<void> SideStore::Database::use(std::string_view name, std::uint64_t bytes,
                                      std::uint64_t bytes_max) {
  TRY_AS(query, db->query("UPDATE usage SET bytes=bytes+?1 WHERE name=CAST(?2 AS TEXT)"
                          " AND bytes+?1<=?3 RETURNING bytes"));
  TRY_AS(fits, query.bind(bytes).bind(name).bind(bytes_max).next());
  if (!fits) return Error{Errc::Limit, std::string(name) + ": its space is used up"};
  return query.run();
}

Result<void> SideStore::Database::give_back(std::string_view name, std::uint64_t bytes) {
  TRY_AS(query, db->query("UPDATE usage SET bytes=bytes-? WHERE name=CAST(? AS TEXT)"));
  return query.bind(bytes).bind(name).run();
}

Result<event::Event> SideStore::Database::read_event(BytesView signed_bytes,
                                                     BytesView body_bytes) const {
  auto signed_event = event::SignedEvent::decode(signed_bytes);
  if (!signed_event) return db->corrupt("damaged: event: " + signed_event.error().what);
  auto body = event::decode_body(body_bytes);
  if (!body) return db->corrupt("damaged: event: " + body.error().what);
  return event::Event{std::move(*signed_event), std::move(*body)};
}

// Quarantine.

Result<void> SideStore::Database::quarantine(const Quarantined& event) {
  const Bytes length = ByteWriter().u64(event.signed_event.size()).take();
  const Digest digest = crypto::sha256({length, event.signed_event, event.body});
  {
    TRY_AS(known, db->query("SELECT 1 FROM quarantine WHERE digest=?"));
    TRY_AS(row, known.bind(digest.view()).next());
    if (row) return {};
  }
  const std::uint64_t bytes = event.signed_event.size() + event.body.size() + event.reason.size();
  const std::string sender = "quarantine of " + to_hex(event.sender.view());
  {
    TRY_AS(row, db->query("INSERT OR IGNORE INTO usage VALUES (CAST(? AS TEXT), 0)"));
    TRY(row.bind(BytesView(sender)).run());
  }
  TRY(use(sender, bytes, kQuarantineBytesPerSenderMax));
  if (const auto fits = use("quarantine", bytes, kQuarantineBytesMax); !fits) {
    TRY(give_back(sender, bytes));
    return fits.error();
  }
  TRY_AS(insert, db->query("INSERT INTO quarantine (digest, signed, body, reason,"
                           " sender, at) VALUES (?,?,?,?,?,?)"));
  return insert.bind(digest.view())
      .bind(BytesView(event.signed_event))
      .bind(BytesView(event.body))
      .bind(BytesView(event.reason))
      .bind(event.sender.view())
      .bind(to_millis(event.at))
      .run();
}

Result<void> SideStore::quarantine(std::span<const Quarantined> events) {
  TRY_AS(transaction, Transaction::begin(*database_->db));
  Result<void> out;
  for (const Quarantined& event : events) {
    const auto kept = database_->quarantine(event);
    if (!kept && kept.error().code != Errc::Limit) return kept.error();
    if (!kept) out = kept.error();
  }
  TRY(transaction.commit());
  return out;
}

Result<std::vector<Quarantined>> SideStore::quarantined(std::size_t events_max) const {
  std::vector<Quarantined> out;
  TRY_AS(query, database_->db->query("SELECT signed, body, reason, sender, at FROM quarantine"
                                     " ORDER BY number LIMIT ?"));
  query.bind(events_max);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(sender, query.fixed<PublicKey>(3));
    if (query.number(4) > kTimeMillisMax) return database_->db->corrupt("damaged: a time");
    out.push_back({Bytes(query.bytes(0)), Bytes(query.bytes(1)), std::string(query.bytes(2)),
                   sender, from_millis(query.number(4))});
  }
}

// Parking.

Result<void> SideStore::Database::park(const event::Event& event, TimePoint at,
                                       std::map<PublicKey, Held>& held) {
  const event::Header& header = event.signed_event.header();
  const Bytes signed_bytes = event.signed_event.encode(), body = event::encode_body(event.body);
  const std::uint64_t bytes = signed_bytes.size() + body.size();
  {
    TRY_AS(known, db->query("SELECT signed FROM parked WHERE key=? AND sequence=?"));
    TRY_AS(row, known.bind(header.author.view()).bind(header.sequence).next());
    if (row && known.bytes(0) == signed_bytes) return {};
    if (row) return Error{Errc::Conflict, "another event is parked at this sequence"};
  }
  auto of_key = held.find(header.author);
  if (of_key == held.end()) {
    TRY_AS(sums, db->query("SELECT count(*), ifnull(sum(length(signed)+length(body)),0)"
                           " FROM parked WHERE key=?"));
    TRY_AS(row, sums.bind(header.author.view()).next());
    if (!row) return db->corrupt("no sums");
    of_key = held.emplace(header.author, Held{sums.number(0), sums.number(1)}).first;
  }
  if (of_key->second.events >= kParkedEventsPerKeyMax ||
      of_key->second.bytes + bytes > kParkedBytesPerKeyMax)
    return Error{Errc::Limit, "too many events of one key wait for its credential"};
  TRY(use("parked", bytes, bounds.parked_bytes));
  ++of_key->second.events;
  of_key->second.bytes += bytes;
  TRY_AS(insert, db->query("INSERT INTO parked VALUES (?,?,?,?,?)"));
  return insert.bind(header.author.view())
      .bind(header.sequence)
      .bind(BytesView(signed_bytes))
      .bind(BytesView(body))
      .bind(to_millis(at))
      .run();
}

std::vector<Result<void>> SideStore::park(std::span<const event::Event> events, TimePoint at) {
  const auto all = [&](const Error& error) {
    return std::vector<Result<void>>(events.size(), Result<void>(error));
  };
  auto transaction = Transaction::begin(*database_->db);
  if (!transaction) return all(transaction.error());
  std::vector<Result<void>> out;
  std::map<PublicKey, Held> held;
  for (const event::Event& event : events) {
    out.push_back(database_->park(event, at, held));
    const bool at_fault = !out.back() && out.back().error().code != Errc::Limit &&
                          out.back().error().code != Errc::Conflict;
    if (at_fault) return all(Error(out.back().error()));
  }
  if (const auto done = transaction->commit(); !done) return all(done.error());
  return out;
}

Result<std::vector<event::Event>> SideStore::parked(const PublicKey& key) const {
  std::vector<event::Event> out;
  TRY_AS(query,
         database_->db->query("SELECT signed, body FROM parked WHERE key=? ORDER BY sequence"));
  query.bind(key.view());
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(event, database_->read_event(query.bytes(0), query.bytes(1)));
    out.push_back(std::move(event));
  }
}

Result<void> SideStore::unpark(const PublicKey& key, std::uint64_t up_to_sequence) {
  TRY_AS(transaction, Transaction::begin(*database_->db));
  TRY_AS(usage, database_->db->query(
                    "UPDATE usage SET bytes=bytes-(SELECT ifnull(sum(length(signed)+length(body)),"
                    "0) FROM parked WHERE key=? AND sequence<=?) WHERE name='parked'"));
  TRY(usage.bind(key.view()).bind(up_to_sequence).run());
  TRY_AS(remove, database_->db->query("DELETE FROM parked WHERE key=? AND sequence<=?"));
  TRY(remove.bind(key.view()).bind(up_to_sequence).run());
  return transaction.commit();
}

// Enrolment codes. Lists are stored with a comma after each item; no item holds one.

static Result<Bytes> joined(const std::vector<std::string>& items) {
  Bytes out;
  for (const std::string& item : items) {
    if (item.find(',') != std::string::npos) return Error{Errc::Malformed, "a comma in a list"};
    out += item + ',';
  }
  return out;
}

static std::vector<std::string> split(BytesView text) {
  std::vector<std::string> out;
  for (std::size_t end; (end = text.find(',')) != BytesView::npos; text.remove_prefix(end + 1))
    out.emplace_back(text.substr(0, end));
  return out;
}

Result<void> SideStore::add_code(const EnrolmentCode& code) {
  std::vector<std::string> numbers;
  for (const std::uint16_t kind : code.kinds) numbers.push_back(std::to_string(kind));
  TRY_AS(divisions, joined(code.divisions));
  TRY_AS(kinds, joined(numbers));
  TRY_AS(insert, database_->db->query("INSERT INTO code VALUES (?,?,?,?,?,?,?,?,?,?)"));
  insert.bind(BytesView(code.id))
      .bind(BytesView(code.key))
      .bind(code.person.view())
      .bind(BytesView(code.role))
      .bind(BytesView(code.office))
      .bind(BytesView(divisions))
      .bind(BytesView(kinds))
      .bind(to_millis(code.valid_until))
      .bind(code.credential_days);
  if (code.used_by) {
    insert.bind(code.used_by->view());
  } else {
    insert.bind_null();
  }
  return insert.run();
}

Result<std::optional<EnrolmentCode>> SideStore::code(BytesView id) const {
  TRY_AS(query, database_->db->query("SELECT id, key, person, role, office, divisions, kinds,"
                                     " valid_until, days, used_by FROM code WHERE id=?"));
  TRY_AS(row, query.bind(id).next());
  if (!row) return std::optional<EnrolmentCode>{};
  EnrolmentCode out{.id = Bytes(query.bytes(0)),
                    .key = Bytes(query.bytes(1)),
                    .person = {},
                    .role = std::string(query.bytes(3)),
                    .office = std::string(query.bytes(4)),
                    .divisions = split(query.bytes(5)),
                    .kinds = {},
                    .valid_until = {},
                    .credential_days = static_cast<std::uint32_t>(query.number(8)),
                    .used_by = std::nullopt};
  TRY_AS(person, query.fixed<PersonId>(2));
  out.person = person;
  for (const std::string& number : split(query.bytes(6))) {
    std::uint16_t kind = 0;
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), kind);
    if (parsed.ec != std::errc{}) return database_->db->corrupt("damaged: a code's kinds");
    out.kinds.push_back(kind);
  }
  if (query.number(7) > kTimeMillisMax) return database_->db->corrupt("damaged: a time");
  out.valid_until = from_millis(query.number(7));
  if (!query.is_null(9)) {
    TRY_AS(used_by, query.fixed<Digest>(9));
    out.used_by = used_by;
  }
  return std::optional(std::move(out));
}

Result<void> SideStore::use_code(BytesView id, const Digest& request) {
  TRY_AS(query, database_->db->query("UPDATE code SET used_by=?1 WHERE id=?2"
                                     " AND (used_by IS NULL OR used_by=?1) RETURNING 1"));
  TRY_AS(taken, query.bind(request.view()).bind(id).next());
  if (!taken) return Error{Errc::Conflict, "no such enrolment code, or it was used already"};
  return query.run();
}

// Events that wait for the server.

Result<void> SideStore::enqueue(std::span<const event::Event> events) {
  TRY_AS(transaction, Transaction::begin(*database_->db));
  TRY_AS(insert, database_->db->query("INSERT INTO queue (signed, body) VALUES (?,?)"));
  for (const event::Event& event : events) {
    const Bytes signed_bytes = event.signed_event.encode(), body = event::encode_body(event.body);
    TRY(insert.bind(BytesView(signed_bytes)).bind(BytesView(body)).run());
  }
  return transaction.commit();
}

Result<std::vector<std::pair<std::int64_t, event::Event>>> SideStore::queued(
    std::size_t events_max) const {
  std::vector<std::pair<std::int64_t, event::Event>> out;
  TRY_AS(query, database_->db->query("SELECT id, signed, body FROM queue ORDER BY id LIMIT ?"));
  query.bind(events_max);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(event, database_->read_event(query.bytes(1), query.bytes(2)));
    out.emplace_back(static_cast<std::int64_t>(query.number(0)), std::move(event));
  }
}

Result<void> SideStore::dequeue(std::int64_t last_id) {
  TRY_AS(remove, database_->db->query("DELETE FROM queue WHERE id<=?"));
  return remove.bind(static_cast<std::uint64_t>(last_id)).run();
}

// Erasure. A copy may have another signature: what is signed, the header, tells.
Result<void> SideStore::forget(std::span<const event::SignedEvent> events) {
  {
    TRY_AS(transaction, Transaction::begin(*database_->db));
    for (const event::SignedEvent& event : events) {
      const BytesView header = event.header_bytes().view();
      for (const char* sql :
           {"DELETE FROM queue WHERE substr(signed,1,193)=?",
            "UPDATE quarantine SET body=x'' WHERE substr(signed,1,193)=?",
            "UPDATE usage SET bytes=bytes-(SELECT ifnull(sum(length(signed)+length(body)),0)"
            " FROM parked WHERE substr(signed,1,193)=?) WHERE name='parked'",
            "DELETE FROM parked WHERE substr(signed,1,193)=?"}) {
        TRY_AS(query, database_->db->query(sql));
        TRY(query.bind(header).run());
      }
    }
    TRY(transaction.commit());
  }
  return database_->db->empty_wal();
}

Result<SideCounts> SideStore::counts() const {
  TRY_AS(quarantined, database_->db->number("SELECT count(*) FROM quarantine"));
  TRY_AS(parked, database_->db->number("SELECT count(*) FROM parked"));
  TRY_AS(bytes, database_->db->number("SELECT bytes FROM usage WHERE name='parked'"));
  TRY_AS(open, database_->db->number("SELECT count(*) FROM code WHERE used_by IS NULL"));
  return SideCounts{
      .quarantined = quarantined, .parked = parked, .parked_bytes = bytes, .codes_open = open};
}

Result<void> SideStore::copy_to(const std::string& path) const {
  TRY_AS(query, database_->db->query("VACUUM INTO ?"));
  return query.bind_text(path).run();
}
}  // namespace cunji::store
