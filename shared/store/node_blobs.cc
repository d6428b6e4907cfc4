// NodeStore: photos and other blobs that own events name, until the county holds them. Chunks are
// those that travel (sync/blob.h), so that one is opened at a time.
#include "shared/crypto/hash.h"
#include "shared/event/parts.h"
#include "shared/store/limits.h"
#include "shared/store/node_database.h"
#include "shared/store/node_schema.h"

namespace cunji::store {
namespace {
enum class Standing : std::uint64_t { Waiting = 0, Held = 1, Unwanted = 2, Lost = 3 };
struct Row {
  std::uint64_t number = 0;
  std::uint32_t size = 0;
  Standing standing = Standing::Waiting;
  bool kept = false;
};

Result<std::optional<Row>> find(Database& db, BytesView id) {
  TRY_AS(query, db.query("SELECT number, size, standing, kept FROM blob WHERE id=?"));
  TRY_AS(row, query.bind(id).next());
  if (!row) return std::optional<Row>{};
  if (query.number(1) == 0 || query.number(1) > event::kBlobBytesMax || query.number(2) > 3)
    return db.corrupt("damaged: a blob's row");
  return std::optional(Row{.number = query.number(0),
                           .size = static_cast<std::uint32_t>(query.number(1)),
                           .standing = static_cast<Standing>(query.number(2)),
                           .kept = query.number(3) != 0});
}

Result<void> set(Database& db, std::uint64_t number, Standing standing, bool kept) {
  TRY_AS(query, db.query("UPDATE blob SET standing=?, kept=? WHERE number=?"));
  return query.bind(static_cast<std::uint64_t>(standing))
      .bind(std::uint64_t{kept})
      .bind(number)
      .run();
}

Result<void> delete_chunks(Database& db, std::uint64_t number) {
  TRY_AS(query, db.query("DELETE FROM blob_chunk WHERE place>=? AND place<?"));
  return query.bind(number * kPlacesPerBlob).bind((number + 1) * kPlacesPerBlob).run();
}

Result<void> delete_rows(Database& db, std::uint64_t number) {
  TRY(delete_chunks(db, number));
  TRY_AS(named, db.query("DELETE FROM blob_named WHERE blob=?"));
  TRY(named.bind(number).run());
  TRY_AS(blob, db.query("DELETE FROM blob WHERE number=?"));
  return blob.bind(number).run();
}

Result<Bytes> open_chunk(Database& db, const NodeSeals& seals, const Row& row, const Digest& digest,
                         std::uint32_t number) {
  const auto lost = [] { return Error{Errc::Corrupt, "a blob is damaged on this device"}; };
  if (!row.kept || number >= sync::chunks_of(row.size)) return lost();
  TRY_AS(query, db.query("SELECT chunk FROM blob_chunk WHERE place=?"));
  TRY_AS(there, query.bind(row.number * kPlacesPerBlob + number).next());
  if (!there) return lost();
  auto chunk = seals.open_chunk(digest, number, query.bytes(0));
  if (!chunk || chunk->size() != sync::chunk_bytes(row.size, number)) return lost();
  return std::move(*chunk);
}
}  // namespace

Result<void> NodeStore::Database::keep_chunks(std::uint64_t number, const Digest& digest,
                                              BytesView bytes) {
  TRY_AS(insert, db->query("INSERT OR REPLACE INTO blob_chunk VALUES (?,?)"));
  const auto size = static_cast<std::uint32_t>(bytes.size());
  for (std::uint32_t i = 0; i < sync::chunks_of(size); ++i) {
    const BytesView chunk = bytes.substr(i * sync::kBlobChunkBytes, sync::chunk_bytes(size, i));
    const Bytes sealed = seals.seal_chunk(digest, i, chunk);
    TRY(insert.bind(number * kPlacesPerBlob + i).bind(BytesView(sealed)).run());
  }
  return {};
}

// The oldest first.
Result<void> NodeStore::Database::drop_unnamed_blobs(std::uint64_t bytes_max) {
  for (;;) {
    std::uint64_t oldest = 0;
    {
      TRY_AS(query, db->query("SELECT sum(size), min(number) FROM blob WHERE NOT EXISTS"
                              " (SELECT 1 FROM blob_named WHERE blob=number)"));
      TRY_AS(row, query.next());
      if (!row || query.number(0) <= bytes_max) return {};
      oldest = query.number(1);
    }
    TRY(delete_rows(*db, oldest));
  }
}

Result<void> NodeStore::Database::drop_held_copies(std::uint64_t bytes_max) {
  for (;;) {
    std::uint64_t oldest = 0;
    {
      TRY_AS(query, db->query("SELECT ifnull(sum(size),0), min(number) FROM blob WHERE standing=1"
                              " AND kept=1"));
      TRY_AS(row, query.next());
      if (!row || query.number(0) <= bytes_max) return {};
      oldest = query.number(1);
    }
    TRY(delete_chunks(*db, oldest));
    TRY(set(*db, oldest, Standing::Held, /*kept=*/false));
  }
}

Result<void> NodeStore::Database::name_blobs(const event::Event& event) {
  const event::Header& header = event.signed_event.header();
  for (const event::Attachment& attachment : event::attachments_of(event.body)) {
    TRY_AS(query, db->query("INSERT OR IGNORE INTO blob_named SELECT blob.number, chain.number, ?"
                            " FROM blob, chain WHERE blob.id=? AND chain.key=?"));
    const Bytes id = seals.blob_id(attachment.digest);
    TRY(query.bind(header.sequence).bind(BytesView(id)).bind(header.author.view()).run());
  }
  return {};
}

Result<Digest> NodeStore::add_blob(BytesView bytes) {
  if (bytes.empty() || bytes.size() > event::kBlobBytesMax)
    return Error{Errc::Limit, "a blob has 1 to " + std::to_string(event::kBlobBytesMax) + " bytes"};
  store::Database& db = *database_->db;
  const Digest digest = crypto::sha256(bytes);
  const Bytes id = database_->seals.blob_id(digest);
  TRY_AS(transaction, Transaction::begin(db));
  TRY_AS(known, find(db, id));
  if (known && known->standing != Standing::Lost) return digest;
  if (known) {  // It is here again.
    TRY(database_->keep_chunks(known->number, digest, bytes));
    TRY(set(db, known->number, Standing::Waiting, /*kept=*/true));
  } else {
    TRY(database_->drop_unnamed_blobs(kUnnamedBlobBytesMax - bytes.size()));
    const Bytes sealed = database_->seals.seal_blob_digest(digest);
    TRY_AS(insert, db.query("INSERT INTO blob (id, digest, size) VALUES (?,?,?)"));
    TRY(insert.bind(BytesView(id)).bind(BytesView(sealed)).bind(bytes.size()).run());
    TRY_AS(added, find(db, id));
    TRY(database_->keep_chunks(added->number, digest, bytes));
  }
  TRY(transaction.commit());
  return digest;
}

Result<bool> NodeStore::has_blob(const Digest& digest, std::uint32_t size) const {
  TRY_AS(row, find(*database_->db, database_->seals.blob_id(digest)));
  return row && row->size == size && row->standing != Standing::Lost;
}

Result<std::optional<Bytes>> NodeStore::blob(const Digest& digest) const {
  TRY_AS(row, find(*database_->db, database_->seals.blob_id(digest)));
  if (!row || !row->kept) return std::optional<Bytes>{};
  Bytes out;
  for (std::uint32_t i = 0; i < sync::chunks_of(row->size); ++i) {
    TRY_AS(chunk, open_chunk(*database_->db, database_->seals, *row, digest, i));
    out += chunk;
  }
  if (crypto::sha256(out) != digest)
    return Error{Errc::Corrupt, "a blob is damaged on this device"};
  return std::optional(std::move(out));
}

Result<void> NodeStore::record_blobs(const std::vector<sync::BlobOutcome>& outcomes) {
  using Status = sync::BlobOutcome::Status;
  store::Database& db = *database_->db;
  TRY_AS(transaction, Transaction::begin(db));
  for (const sync::BlobOutcome& outcome : outcomes) {
    TRY_AS(row, find(db, database_->seals.blob_id(outcome.digest)));
    if (!row) return Error{Errc::Conflict, "an outcome of a blob that is not this node's"};
    // What the county holds it holds, whatever a late answer says.
    if (row->standing == Standing::Held) continue;
    const Standing standing = outcome.status == Status::Held       ? Standing::Held
                              : outcome.status == Status::Unwanted ? Standing::Unwanted
                                                                   : Standing::Lost;
    if (standing == Standing::Lost) TRY(delete_chunks(db, row->number));
    TRY(set(db, row->number, standing, row->kept && standing != Standing::Lost));
  }
  TRY(database_->drop_held_copies(kHeldBlobBytesMax));
  return transaction.commit();
}

Result<NodeBlobCounts> NodeStore::blob_counts() const {
  NodeBlobCounts out;
  TRY_AS(query, database_->db->query("SELECT standing, count(*), sum(size) FROM blob WHERE EXISTS"
                                     " (SELECT 1 FROM blob_named WHERE blob=number)"
                                     " GROUP BY standing"));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    const std::uint64_t count = query.number(1);
    switch (static_cast<Standing>(query.number(0))) {
      case Standing::Waiting:
        out.waiting = count;
        out.waiting_bytes = query.number(2);
        break;
      case Standing::Held: out.held = count; break;
      case Standing::Unwanted: out.unwanted = count; break;
      case Standing::Lost: out.lost = count; break;
    }
  }
}

Result<void> NodeStore::Database::remove_blob(const Digest& digest) {
  TRY_AS(row, find(*db, seals.blob_id(digest)));
  if (!row) return {};
  return delete_rows(*db, row->number);
}

Result<void> NodeStore::erase_blob(const Digest& digest) {
  store::Database& db = *database_->db;
  {
    TRY_AS(transaction, Transaction::begin(db));
    TRY(database_->remove_blob(digest));
    TRY(transaction.commit());
  }
  return db.empty_wal();
}

Result<std::vector<sync::DueBlob>> NodeStore::blobs_due(std::uint64_t after,
                                                        std::size_t blobs_max) const {
  std::vector<sync::DueBlob> out;
  TRY_AS(query, database_->db->query(
                    "SELECT number, id, digest, size FROM blob WHERE number>? AND standing<>1 AND"
                    " standing<>3 AND EXISTS (SELECT 1 FROM blob_named AS named JOIN own ON"
                    " own.chain=named.chain AND own.sequence=named.sequence WHERE"
                    " named.blob=blob.number AND own.standing=2) ORDER BY number LIMIT ?"));
  query.bind(after).bind(blobs_max);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    const auto digest = database_->seals.open_blob_digest(query.bytes(1), query.bytes(2));
    if (!digest || query.number(3) == 0 || query.number(3) > event::kBlobBytesMax)
      return database_->db->corrupt("damaged: a blob's row");
    out.push_back(
        {.place = query.number(0),
         .name = {.digest = *digest, .size = static_cast<std::uint32_t>(query.number(3))}});
  }
}

Result<Bytes> NodeStore::blob_chunk(const Digest& digest, std::uint32_t number) const {
  TRY_AS(row, find(*database_->db, database_->seals.blob_id(digest)));
  if (!row) return Error{Errc::Corrupt, "a blob is gone from this device"};
  return open_chunk(*database_->db, database_->seals, *row, digest, number);
}
}  // namespace cunji::store
