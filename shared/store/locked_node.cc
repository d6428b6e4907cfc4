#include "shared/store/locked_node.h"

#include "shared/event/limits.h"
#include "shared/store/node_schema.h"
#include "shared/sync/blob.h"

namespace cunji::store {
struct LockedNode::Opened {
  std::unique_ptr<Database> db;
};

LockedNode::LockedNode(std::unique_ptr<Opened> opened) : opened_(std::move(opened)) {}
LockedNode::~LockedNode() = default;

Result<std::unique_ptr<LockedNode>> LockedNode::open(const std::string& path,
                                                     const std::string& vfs) {
  TRY_AS(db, open_node_database(path, vfs));
  TRY_AS(query, db->query("SELECT count(*) FROM setting WHERE name=?"));
  TRY_AS(row, query.bind(kUnsealedMark).next());
  if (row && query.number(0) != 0)
    return Error{Errc::Conflict, path + ": not sealed yet, it must be unlocked once"};
  return std::unique_ptr<LockedNode>(
      new LockedNode(std::make_unique<Opened>(Opened{std::move(db)})));
}

namespace {
struct BlobRow {
  std::uint64_t number = 0;
  sync::SealedBlob blob;
  bool sound = false;  // As far as can be seen without the key.
};

// Those that own events name and that the county does not hold, the oldest first; without chunks.
Result<std::vector<BlobRow>> unsent_blobs(Database& db) {
  std::vector<BlobRow> out;
  TRY_AS(query, db.query("SELECT number, id, digest, size FROM blob WHERE standing<>1 AND"
                         " standing<>3 AND kept=1 AND EXISTS (SELECT 1 FROM blob_named WHERE"
                         " blob=number) ORDER BY number"));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    const auto id = Digest::from(query.bytes(1));
    const std::uint64_t size = query.number(3);
    BlobRow& each = out.emplace_back();
    each.number = query.number(0);
    each.sound = id && query.bytes(2).size() == Digest::kSize + crypto::kSealedOverheadBytes &&
                 size > 0 && size <= event::kBlobBytesMax;
    if (!each.sound) continue;
    each.blob.id = *id;
    each.blob.digest = Bytes(query.bytes(2));
    each.blob.size = static_cast<std::uint32_t>(size);
  }
}

// Not sound when some are missing or damaged.
Result<void> read_chunks(Database& db, BlobRow& row) {
  TRY_AS(query, db.query("SELECT place, chunk FROM blob_chunk WHERE place>=? AND place<?"
                         " ORDER BY place"));
  const std::uint64_t first = row.number * kPlacesPerBlob;
  query.bind(first).bind(first + kPlacesPerBlob);
  for (std::uint32_t i = 0; row.sound && i < sync::chunks_of(row.blob.size); ++i) {
    const std::size_t bytes = sync::chunk_bytes(row.blob.size, i) + crypto::kSealedOverheadBytes;
    TRY_AS(there, query.next());
    row.sound = there && query.number(0) == first + i && query.bytes(1).size() == bytes;
    if (row.sound) row.blob.chunks += query.bytes(1);
  }
  return {};
}

// What there is room for beside the events, which come first.
Result<void> add_blobs(Database& db, std::size_t bytes_max, sync::Rescue& rescue) {
  TRY_AS(rows, unsent_blobs(db));
  std::size_t bytes = 0;
  for (const sync::SealedEvent& sealed : rescue.events) bytes += sync::encoded_bytes(sealed);
  for (BlobRow& row : rows) {
    const std::size_t needed =
        sync::encoded_bytes(row.blob) + sync::sealed_chunks_bytes(row.blob.size);
    row.sound = row.sound && bytes + needed <= bytes_max;
    if (row.sound) TRY(read_chunks(db, row));
    if (!row.sound) {
      ++rescue.blobs_left_out;
      continue;
    }
    bytes += needed;
    rescue.blobs.push_back(std::move(row.blob));
  }
  if (rescue.blobs.empty() || !rescue.events.empty()) return {};
  // Their events are logged: those say the county.
  TRY_AS(query, db.query("SELECT signed FROM own LIMIT 1"));
  TRY_AS(row, query.next());
  const auto event = row ? event::SignedEvent::decode(query.bytes(0))
                         : Result<event::SignedEvent>(Error{Errc::Corrupt, "there is none"});
  if (!event) return db.corrupt("damaged: an own event: " + event.error().what);
  rescue.county = event->header().county;
  return {};
}
}  // namespace

Result<std::optional<sync::Rescue>> LockedNode::rescue(std::size_t records_bytes_max) const {
  Database& db = *opened_->db;
  TRY_AS(recovery, clear_value(db, kClearRecovery));
  if (!recovery || recovery->size() <= crypto::BoxPublic::kSize)
    return std::optional<sync::Rescue>{};
  sync::Rescue out;
  ByteReader in(*recovery);
  out.to = in.fixed<crypto::BoxPublic>();
  out.sealed_keys = Bytes(in.raw(in.left()));
  for (const std::string_view sql :
       {"SELECT signed, body FROM own WHERE standing<>2 ORDER BY chain, sequence",
        "SELECT signed, body FROM carried ORDER BY key, sequence"}) {
    TRY_AS(query, db.query(sql));
    for (;;) {
      TRY_AS(row, query.next());
      if (!row) break;
      auto event = event::SignedEvent::decode(query.bytes(0));
      if (!event) return db.corrupt("damaged: an event not sent: " + event.error().what);
      out.county = event->header().county;
      out.events.push_back({std::move(*event), Bytes(query.bytes(1))});
    }
  }
  TRY(add_blobs(db, records_bytes_max, out));
  return std::optional(std::move(out));
}

Result<bool> LockedNode::drop_when_long_locked(TimePoint now) {
  return store::drop_when_long_locked(*opened_->db, now);
}
}  // namespace cunji::store
