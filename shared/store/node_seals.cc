#include "shared/store/node_seals.h"

#include <vector>

#include "shared/event/signed_event.h"
#include "shared/store/node_schema.h"

namespace cunji::store {
// A setting by which a later opening knows that the key is the same.
static constexpr std::string_view kSealed = "sealed";

static Bytes fed_context(std::uint64_t index) { return ByteWriter().u64(index).take(); }

NodeSeals::NodeSeals(const crypto::SealKey& key, Entropy& entropy)
    : own_(key.derive("cunji/node own bodies\n")),
      fed_(key.derive("cunji/node fed bodies\n")),
      settings_(key.derive("cunji/node settings\n")),
      drafts_(key.derive("cunji/node drafts\n")),
      blobs_(key.derive("cunji/node blobs\n")),
      entropy_(entropy) {}

Bytes NodeSeals::seal_own(const event::Header& header, BytesView body) const {
  return own_.seal(body, sync::own_body_context(header), entropy_);
}
Bytes NodeSeals::seal_fed(std::uint64_t index, BytesView body) const {
  return fed_.seal(body, fed_context(index), entropy_);
}
Bytes NodeSeals::seal_setting(std::string_view name, BytesView value) const {
  return settings_.seal(value, name, entropy_);
}
Result<Bytes> NodeSeals::open_own(const event::Header& header, BytesView sealed) const {
  return own_.open(sealed, sync::own_body_context(header));
}
Result<Bytes> NodeSeals::open_fed(std::uint64_t index, BytesView sealed) const {
  return fed_.open(sealed, fed_context(index));
}
Result<Bytes> NodeSeals::open_setting(std::string_view name, BytesView sealed) const {
  return settings_.open(sealed, name);
}

Bytes NodeSeals::seal_blob_digest(const Digest& digest) const {
  return blobs_.seal(digest.view(), blob_id(digest), entropy_);
}
Bytes NodeSeals::seal_chunk(const Digest& digest, std::uint32_t number, BytesView chunk) const {
  return blobs_.seal(chunk, sync::blob_chunk_context(digest, number), entropy_);
}
Result<Digest> NodeSeals::open_blob_digest(BytesView id, BytesView sealed) const {
  TRY_AS(opened, blobs_.open(sealed, id));
  return Digest::from(opened);
}
Result<Bytes> NodeSeals::open_chunk(const Digest& digest, std::uint32_t number,
                                    BytesView sealed) const {
  return blobs_.open(sealed, sync::blob_chunk_context(digest, number));
}
Bytes NodeSeals::seal_draft(BytesView id, BytesView content) const {
  return drafts_.seal(content, id, entropy_);
}
Result<Bytes> NodeSeals::open_draft(BytesView id, BytesView sealed) const {
  return drafts_.open(sealed, id);
}

static Result<std::optional<Bytes>> raw_setting(Database& db, std::string_view name) {
  TRY_AS(query, db.query("SELECT value FROM setting WHERE name=?"));
  TRY_AS(row, query.bind(name).next());
  return row ? std::optional(Bytes(query.bytes(0))) : std::nullopt;
}

Result<void> NodeSeals::settle(Database& db) const {
  TRY_AS(mark, raw_setting(db, kSealed));
  if (mark) {
    if (open_setting(kSealed, *mark)) return {};
    return Error{Errc::Forged, "the node's store is sealed under another key"};
  }
  TRY_AS(rows, db.number("SELECT (SELECT count(*) FROM chain) + (SELECT count(*) FROM setting)"));
  TRY_AS(unsealed, raw_setting(db, kUnsealedMark));
  if (unsealed) return seal_all(db);
  // A crash after a new file was made leaves it empty; otherwise the mark was lost.
  if (rows != 0) return db.corrupt("damaged: no mark of its key");
  const Bytes sealed = seal_setting(kSealed, kSealed);
  TRY_AS(insert, db.query("INSERT INTO setting VALUES (?,?)"));
  return insert.bind(kSealed).bind(BytesView(sealed)).run();
}

namespace {
struct Row {
  std::uint64_t chain, number;
  Bytes name, plain;
};

// Rows in pages, so that a large store needs no memory of its size.
Result<std::vector<Row>> page(Database& db, std::string_view sql, const Row& after) {
  std::vector<Row> out;
  TRY_AS(query, db.query(sql));
  query.bind(after.chain).bind(after.number);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    out.push_back({query.number(0), query.number(1), Bytes(query.bytes(2)), Bytes(query.bytes(3))});
  }
}
}  // namespace

// In one transaction with the mark: a crash leaves a file in clear, which is sealed next time, or
// a sealed one. VACUUM then leaves no page with clear bytes behind.
Result<void> NodeSeals::seal_all(Database& db) const {
  {
    TRY_AS(transaction, Transaction::begin(db));
    TRY(db.execute("DELETE FROM setting WHERE name=CAST('unsealed' AS BLOB)"));
    TRY_AS(settings, page(db, "SELECT 0,0,name,value FROM setting WHERE ?=? ORDER BY name", {}));
    TRY_AS(put_setting, db.query("UPDATE setting SET value=? WHERE name=?"));
    for (const Row& row : settings) {
      const Bytes sealed = seal_setting(row.name, row.plain);
      TRY(put_setting.bind(BytesView(sealed)).bind(BytesView(row.name)).run());
    }
    TRY_AS(put_own, db.query("UPDATE own SET body=? WHERE chain=? AND sequence=?"));
    for (Row last{};;) {
      TRY_AS(rows, page(db,
                        "SELECT chain,sequence,signed,body FROM own WHERE (chain,sequence)>(?,?)"
                        " ORDER BY chain,sequence LIMIT 256",
                        last));
      if (rows.empty()) break;
      for (const Row& row : rows) {
        const auto event = event::SignedEvent::decode(row.name);
        if (!event) return db.corrupt("damaged: own event: " + event.error().what);
        const Bytes sealed = seal_own(event->header(), row.plain);
        TRY(put_own.bind(BytesView(sealed)).bind(row.chain).bind(row.number).run());
      }
      last = rows.back();
    }
    TRY_AS(put_fed, db.query("UPDATE entry SET body=? WHERE place=?"));
    for (std::uint64_t next = 0;;) {
      TRY_AS(rows, page(db,
                        "SELECT 0,place,x'',body FROM entry WHERE ?=0 AND place>=? ORDER BY place"
                        " LIMIT 256",
                        {.chain = 0, .number = next, .name = {}, .plain = {}}));
      if (rows.empty()) break;
      for (const Row& row : rows) {
        const Bytes sealed = seal_fed(row.number, row.plain);
        TRY(put_fed.bind(BytesView(sealed)).bind(row.number).run());
      }
      next = rows.back().number + 1;
    }
    const Bytes mark = seal_setting(kSealed, kSealed);
    TRY_AS(insert, db.query("INSERT INTO setting VALUES (?,?)"));
    TRY(insert.bind(kSealed).bind(BytesView(mark)).run());
    TRY(transaction.commit());
  }
  TRY(db.execute("VACUUM"));
  return db.empty_wal();
}
}  // namespace cunji::store
