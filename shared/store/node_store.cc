#include "shared/store/node_store.h"

#include "shared/store/limits.h"
#include "shared/store/node_database.h"

namespace cunji::store {
NodeStore::NodeStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
NodeStore::~NodeStore() = default;

Result<std::unique_ptr<NodeStore>> NodeStore::open(const std::string& path,
                                                   const crypto::SealKey& key, Entropy& entropy,
                                                   const std::string& vfs) {
  TRY_AS(db, open_node_database(path, vfs));
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

// What a locked node must know.

Result<void> NodeStore::seal_outbox_to(const crypto::BoxPublic& recovery) {
  constexpr std::string_view kSetting = "recovery";
  TRY_AS(kept, setting(kSetting));
  TRY_AS(shown, clear_value(*database_->db, kClearRecovery));
  if (kept && shown && *kept == *shown && kept->starts_with(recovery.view())) return {};
  TRY_AS(keys,
         sync::seal_outbox_keys(database_->seals.outbox_keys(), recovery, database_->entropy));
  const Bytes value = recovery.str() + keys;
  TRY(set_setting(kSetting, value));
  return set_clear_value(*database_->db, kClearRecovery, value);
}

Result<bool> NodeStore::note_unlocked(TimePoint now) {
  TRY_AS(dropped, drop_when_long_locked(*database_->db, now));
  TRY_AS(at, trusted_now(*database_->db, now));
  TRY_AS(before, last_unlocked(*database_->db));
  // To the hour is enough: `sync --watch` opens the store every few seconds.
  if (before && at >= *before && at < *before + std::chrono::hours{1}) return dropped;
  TRY(set_clear_value(*database_->db, kClearUnlocked, ByteWriter().u64(to_millis(at)).take()));
  return dropped;
}

// Drafts.

Result<void> NodeStore::keep_draft(const Draft& draft) {
  TRY_AS(number, database_->db->number("SELECT count(*) FROM draft"));
  const Bytes content = database_->seals.seal_draft(draft.id, draft.content);
  if (number >= kDraftsMax || content.size() > kDraftBytesMax)
    return Error{Errc::Limit, "too many drafts, or too large a one: record or drop some first"};
  TRY_AS(query, database_->db->query("INSERT OR REPLACE INTO draft VALUES (?,?,?)"));
  return query.bind(draft.id).bind(to_millis(draft.changed)).bind(BytesView(content)).run();
}

Result<std::vector<NodeStore::Draft>> NodeStore::drafts() const {
  std::vector<Draft> out;
  TRY_AS(query,
         database_->db->query("SELECT id, changed, content FROM draft ORDER BY changed, id"));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    const std::string id(query.bytes(0));
    auto content = database_->seals.open_draft(id, query.bytes(2));
    if (!content || query.number(1) > kTimeMillisMax)
      return database_->db->corrupt("damaged: a draft does not open");
    out.push_back({id, from_millis(query.number(1)), std::move(*content)});
  }
}

Result<void> NodeStore::drop_draft(std::string_view id) {
  TRY_AS(query, database_->db->query("DELETE FROM draft WHERE id=?"));
  return query.bind(id).run();
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
  TRY_AS(carried, database_->db->number("SELECT count(*) FROM carried"));
  return NodeCounts{.own = own,
                    .unsent = unsent,
                    .parked = parked,
                    .refused = refused,
                    .entries = entries,
                    .carried = carried};
}
}  // namespace cunji::store
