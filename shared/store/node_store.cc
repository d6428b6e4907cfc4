#include "shared/store/node_store.h"

#include "shared/store/node_database.h"

namespace cunji::store {
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
static_assert(static_cast<int>(OwnEvent::Standing::Logged) == 2 &&
              static_cast<int>(OwnEvent::Standing::Refused) == 3);

NodeStore::NodeStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
NodeStore::~NodeStore() = default;

Result<std::unique_ptr<NodeStore>> NodeStore::open(const std::string& path,
                                                   const crypto::SealKey& key, Entropy& entropy,
                                                   const std::string& vfs) {
  const std::string schema = std::string(kSchema) + kBlobTables;
  TRY_AS(db, store::Database::open(path, {.vfs = vfs,
                                          .access = DatabaseOptions::Access::Exclusive,
                                          .kind = "node database",
                                          .application_id = kApplicationId,
                                          .schema = schema.c_str(),
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
