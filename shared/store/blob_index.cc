#include "shared/store/blob_index.h"

#include "shared/event/parts.h"
#include "shared/store/database.h"
#include "shared/store/limits.h"

namespace cunji::store {
static constexpr std::uint32_t kApplicationId = 0x434a424c;  // "CJBL"

// `read`: the next entry to be looked at, and the digest of the event before it. `place` of a
// chunk: its partial's number × 256 + its own. `daily`: bytes that a key has sent on a day.
static constexpr const char* kSchema = R"sql(
  CREATE TABLE read (one INTEGER PRIMARY KEY, next INTEGER NOT NULL, event BLOB NOT NULL);
  CREATE TABLE named (digest BLOB NOT NULL, size INTEGER NOT NULL, accepted INTEGER NOT NULL,
                      PRIMARY KEY (digest, size)) WITHOUT ROWID;
  CREATE TABLE erased (digest BLOB PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE partial (number INTEGER PRIMARY KEY, sender BLOB NOT NULL, digest BLOB NOT NULL,
                        size INTEGER NOT NULL, held BLOB NOT NULL, at INTEGER NOT NULL,
                        UNIQUE (sender, digest, size));
  CREATE INDEX partial_digest ON partial (digest);
  CREATE TABLE chunk (place INTEGER PRIMARY KEY, content BLOB NOT NULL);
  CREATE TABLE daily (sender BLOB PRIMARY KEY, day INTEGER NOT NULL, bytes INTEGER NOT NULL)
    WITHOUT ROWID;
)sql";

namespace {
constexpr std::uint64_t kPlacesPerBlob = 256;
static_assert(sync::kBlobChunksMax <= kPlacesPerBlob);
// Entries between two steps of follow(): a second of work that an interruption repeats.
constexpr std::uint64_t kFollowEntries = 50'000;

struct Partial {
  std::uint64_t number = 0;
  sync::ChunkSet held{1};
};
struct Naming {
  sync::BlobName name;
  bool accepted = false;
};
}  // namespace

struct BlobIndex::Database {
  std::unique_ptr<store::Database> db;
  std::uint64_t partial_bytes = 0;  // As the file has it.

  Result<std::uint64_t> count_partial_bytes();
  Result<std::optional<Partial>> find(const PublicKey& sender, const sync::BlobName& name);
  Result<std::optional<Partial>> begin(const PublicKey& sender, const sync::BlobName& name,
                                       TimePoint now);
  Result<void> remove(std::uint64_t number);
  Result<void> remove_oldest_of(const PublicKey& sender, std::uint64_t bytes_max);
  Result<void> remove_expired(TimePoint now);
  Result<std::uint64_t> used(const PublicKey& sender, std::int64_t day);
  Result<ChunkTaken> take(const ArrivedChunk& arrived, const Bounds& bounds);
  Result<std::uint64_t> next(const log::EventLog& log);
  Result<void> keep_names(const std::vector<Naming>& names, std::uint64_t next,
                          const Digest& event);
};

BlobIndex::BlobIndex(std::unique_ptr<Database> database) : database_(std::move(database)) {}
BlobIndex::~BlobIndex() = default;

Result<std::unique_ptr<BlobIndex>> BlobIndex::open(const std::string& path,
                                                   const std::string& vfs) {
  TRY_AS(db, store::Database::open(path, {.vfs = vfs,
                                          .access = DatabaseOptions::Access::OneWriter,
                                          .kind = "blob index",
                                          .application_id = kApplicationId,
                                          .schema = kSchema}));
  auto database = std::make_unique<Database>();
  database->db = std::move(db);
  TRY_AS(bytes, database->count_partial_bytes());
  database->partial_bytes = bytes;
  return std::unique_ptr<BlobIndex>(new BlobIndex(std::move(database)));
}

// Names.

// Where to go on reading: at the beginning where the index is of another log, or of one that went
// on otherwise (a restored backup).
Result<std::uint64_t> BlobIndex::Database::next(const log::EventLog& log) {
  std::uint64_t next = 0;
  Digest event;
  {
    TRY_AS(query, db->query("SELECT next, event FROM read"));
    TRY_AS(row, query.next());
    if (!row) return std::uint64_t{0};
    next = query.number(0);
    TRY_AS(digest, query.fixed<Digest>(1));
    event = digest;
  }
  TRY_AS(last, log.at(next - 1));
  if (last && last->entry.event.digest() == event) return next;
  TRY_AS(transaction, Transaction::begin(*db));
  TRY(db->execute("DELETE FROM read; DELETE FROM named; DELETE FROM erased"));
  TRY(transaction.commit());
  return std::uint64_t{0};
}

Result<void> BlobIndex::Database::keep_names(const std::vector<Naming>& names, std::uint64_t next,
                                             const Digest& event) {
  TRY_AS(transaction, Transaction::begin(*db));
  TRY_AS(insert, db->query("INSERT INTO named VALUES (?,?,?) ON CONFLICT (digest, size) DO UPDATE"
                           " SET accepted=max(accepted, excluded.accepted)"));
  for (const Naming& naming : names)
    TRY(insert.bind(naming.name.digest.view())
            .bind(std::uint64_t{naming.name.size})
            .bind(std::uint64_t{naming.accepted})
            .run());
  TRY_AS(read, db->query("INSERT OR REPLACE INTO read VALUES (1,?,?)"));
  TRY(read.bind(next).bind(event.view()).run());
  return transaction.commit();
}

Result<void> BlobIndex::follow(const log::EventLog& log) {
  TRY_AS(from, database_->next(log));
  TRY_AS(head, log.head());
  std::vector<Naming> names;
  std::uint64_t kept = from;
  TRY(log.scan(from, [&](const event::LoggedEvent& logged) -> Result<bool> {
    for (const event::Attachment& attachment : event::attachments_of(logged.body))
      names.push_back({.name = {.digest = attachment.digest, .size = attachment.size},
                       .accepted = event::is_accepted(logged.entry.verdict)});
    const std::uint64_t next = logged.index + 1;
    const bool last = next >= head.size;  // What is logged meanwhile is the next call's.
    if (last || next - kept >= kFollowEntries) {
      TRY(database_->keep_names(names, next, logged.entry.event.digest()));
      names.clear();
      kept = next;
    }
    return !last;
  }));
  return {};
}

Result<bool> BlobIndex::is_erased(const Digest& digest) const {
  TRY_AS(query, database_->db->query("SELECT 1 FROM erased WHERE digest=?"));
  return query.bind(digest.view()).next();
}

Result<BlobNaming> BlobIndex::naming(const sync::BlobName& name) const {
  TRY_AS(query, database_->db->query("SELECT accepted FROM named WHERE digest=? AND size=? AND NOT"
                                     " EXISTS (SELECT 1 FROM erased WHERE digest=named.digest)"));
  TRY_AS(row, query.bind(name.digest.view()).bind(std::uint64_t{name.size}).next());
  if (!row) return BlobNaming::None;
  return query.number(0) != 0 ? BlobNaming::Accepted : BlobNaming::Disputed;
}

Result<void> BlobIndex::erase(const Digest& digest) {
  {
    TRY_AS(transaction, Transaction::begin(*database_->db));
    TRY_AS(insert, database_->db->query("INSERT OR IGNORE INTO erased VALUES (?)"));
    TRY(insert.bind(digest.view()).run());
    for (;;) {
      std::uint64_t number = 0;
      {
        TRY_AS(query, database_->db->query("SELECT number FROM partial WHERE digest=?"));
        TRY_AS(row, query.bind(digest.view()).next());
        if (!row) break;
        number = query.number(0);
      }
      TRY(database_->remove(number));
    }
    TRY(transaction.commit());
  }
  TRY_AS(bytes, database_->count_partial_bytes());
  database_->partial_bytes = bytes;
  return database_->db->empty_wal();
}

// Chunks.

Result<std::uint64_t> BlobIndex::Database::count_partial_bytes() {
  return db->number("SELECT ifnull(sum(size),0) FROM partial");
}

Result<std::optional<Partial>> BlobIndex::Database::find(const PublicKey& sender,
                                                         const sync::BlobName& name) {
  TRY_AS(query,
         db->query("SELECT number, held FROM partial WHERE sender=? AND digest=? AND size=?"));
  TRY_AS(row,
         query.bind(sender.view()).bind(name.digest.view()).bind(std::uint64_t{name.size}).next());
  if (!row) return std::optional<Partial>{};
  auto held = sync::ChunkSet::decode(name.size, query.bytes(1));
  if (!held) return db->corrupt("damaged: chunks held");
  return std::optional(Partial{.number = query.number(0), .held = std::move(*held)});
}

Result<void> BlobIndex::Database::remove(std::uint64_t number) {
  TRY_AS(size, db->query("SELECT size FROM partial WHERE number=?"));
  TRY_AS(row, size.bind(number).next());
  if (row) partial_bytes -= std::min(partial_bytes, size.number(0));
  TRY_AS(chunks, db->query("DELETE FROM chunk WHERE place>=? AND place<?"));
  TRY(chunks.bind(number * kPlacesPerBlob).bind((number + 1) * kPlacesPerBlob).run());
  TRY_AS(partial, db->query("DELETE FROM partial WHERE number=?"));
  return partial.bind(number).run();
}

Result<void> BlobIndex::Database::remove_oldest_of(const PublicKey& sender,
                                                   std::uint64_t bytes_max) {
  for (;;) {
    std::uint64_t oldest = 0;
    {
      TRY_AS(query, db->query("SELECT number, sum(size) OVER () FROM partial WHERE sender=?"
                              " ORDER BY at, number LIMIT 1"));
      TRY_AS(row, query.bind(sender.view()).next());
      if (!row || query.number(1) <= bytes_max) return {};
      oldest = query.number(0);
    }
    TRY(remove(oldest));
  }
}

Result<void> BlobIndex::Database::remove_expired(TimePoint now) {
  const std::uint64_t age = static_cast<std::uint64_t>(kPartialAgeMax.count());
  const std::uint64_t before = to_millis(now) > age ? to_millis(now) - age : 0;
  for (;;) {
    std::uint64_t number = 0;
    {
      TRY_AS(query, db->query("SELECT number FROM partial WHERE at<? LIMIT 1"));
      TRY_AS(row, query.bind(before).next());
      if (!row) return {};
      number = query.number(0);
    }
    TRY(remove(number));
  }
}

// Nothing where there is no room.
Result<std::optional<Partial>> BlobIndex::Database::begin(const PublicKey& sender,
                                                          const sync::BlobName& name,
                                                          TimePoint now) {
  TRY(remove_oldest_of(sender, kPartialBytesPerKeyMax - name.size));
  if (partial_bytes + name.size > kPartialBytesMax) TRY(remove_expired(now));
  if (partial_bytes + name.size > kPartialBytesMax) return std::optional<Partial>{};
  const Bytes none = sync::ChunkSet(name.size).encode();
  TRY_AS(insert, db->query("INSERT INTO partial (sender, digest, size, held, at)"
                           " VALUES (?,?,?,?,?)"));
  TRY(insert.bind(sender.view())
          .bind(name.digest.view())
          .bind(std::uint64_t{name.size})
          .bind(BytesView(none))
          .bind(to_millis(now))
          .run());
  partial_bytes += name.size;
  return find(sender, name);
}

Result<std::uint64_t> BlobIndex::Database::used(const PublicKey& sender, std::int64_t day) {
  TRY_AS(query, db->query("SELECT bytes FROM daily WHERE sender=? AND day=?"));
  TRY_AS(row, query.bind(sender.view()).bind(static_cast<std::uint64_t>(day)).next());
  return row ? query.number(0) : std::uint64_t{0};
}

Result<ChunkTaken> BlobIndex::Database::take(const ArrivedChunk& arrived, const Bounds& bounds) {
  using Status = ChunkTaken::Status;
  const sync::BlobChunk& chunk = arrived.chunk;
  TRY_AS(used_bytes, used(arrived.sender, bounds.day));
  if (used_bytes + chunk.content.size() > bounds.day_bytes_max)
    return ChunkTaken{Status::Later, "more photos than a key may send in a day; come tomorrow"};
  TRY_AS(partial, find(arrived.sender, chunk.blob));
  if (!partial) {
    TRY_AS(fresh, begin(arrived.sender, chunk.blob, bounds.now));
    if (!fresh) return ChunkTaken{Status::Later, "too many photos are on their way"};
    partial = std::move(fresh);
  }
  if (!partial->held.has(chunk.number)) {
    TRY_AS(insert, db->query("INSERT OR REPLACE INTO chunk VALUES (?,?)"));
    TRY(insert.bind(partial->number * kPlacesPerBlob + chunk.number)
            .bind(BytesView(chunk.content))
            .run());
    partial->held.add(chunk.number);
  }
  const Bytes held = partial->held.encode();
  TRY_AS(update, db->query("UPDATE partial SET held=?, at=? WHERE number=?"));
  TRY(update.bind(BytesView(held)).bind(to_millis(bounds.now)).bind(partial->number).run());
  TRY_AS(use, db->query("INSERT OR REPLACE INTO daily VALUES (?,?,?)"));
  TRY(use.bind(arrived.sender.view())
          .bind(static_cast<std::uint64_t>(bounds.day))
          .bind(used_bytes + chunk.content.size())
          .run());
  return ChunkTaken{partial->held.missing() == 0 ? Status::Complete : Status::Durable, {}};
}

Result<std::vector<ChunkTaken>> BlobIndex::take(std::span<const ArrivedChunk> chunks,
                                                const Bounds& bounds) {
  std::vector<ChunkTaken> out;
  const auto all = [&]() -> Result<void> {
    TRY_AS(transaction, Transaction::begin(*database_->db));
    for (const ArrivedChunk& chunk : chunks) {
      TRY_AS(taken, database_->take(chunk, bounds));
      out.push_back(std::move(taken));
    }
    return transaction.commit();
  };
  if (const auto done = all(); !done) {
    if (const auto bytes = database_->count_partial_bytes()) database_->partial_bytes = *bytes;
    return done.error();
  }
  return out;
}

Result<sync::ChunkSet> BlobIndex::held(const PublicKey& sender, const sync::BlobName& name) const {
  TRY_AS(partial, database_->find(sender, name));
  return partial ? std::move(partial->held) : sync::ChunkSet(name.size);
}

Result<bool> BlobIndex::within_quota(const PublicKey& sender, std::int64_t day,
                                     std::uint64_t day_bytes_max) const {
  TRY_AS(used, database_->used(sender, day));
  return used < day_bytes_max;
}

Result<Bytes> BlobIndex::assemble(const PublicKey& sender, const sync::BlobName& name) const {
  TRY_AS(partial, database_->find(sender, name));
  Bytes out;
  if (partial) {
    TRY_AS(query, database_->db->query("SELECT content FROM chunk WHERE place>=? AND place<?"
                                       " ORDER BY place"));
    query.bind(partial->number * kPlacesPerBlob).bind((partial->number + 1) * kPlacesPerBlob);
    for (;;) {
      TRY_AS(row, query.next());
      if (!row) break;
      out += query.bytes(0);
    }
  }
  if (out.size() != name.size) return Error{Errc::Corrupt, "chunks of a blob are missing"};
  return out;
}

Result<void> BlobIndex::drop(const PublicKey& sender, const sync::BlobName& name) {
  TRY_AS(partial, database_->find(sender, name));
  if (!partial) return {};
  TRY_AS(transaction, Transaction::begin(*database_->db));
  TRY(database_->remove(partial->number));
  return transaction.commit();
}
}  // namespace cunji::store
