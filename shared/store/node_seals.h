#pragma once
// What of a node's database is sealed, and how (D16; protocol/README.md, "Vault"): the body of an
// own event bound to author and sequence, that of a fed entry to its index, a setting's value to
// its name, so that rows can't be exchanged. Private to shared/store.
#include "shared/base/entropy.h"
#include "shared/crypto/seal.h"
#include "shared/event/header.h"
#include "shared/store/database.h"
#include "shared/sync/rescue.h"

namespace cunji::store {
class NodeSeals {
 public:
  // `key`: the data key of the vault; `entropy` outlives this.
  NodeSeals(const crypto::SealKey& key, Entropy& entropy);

  // Makes sure of the key, after the database was opened: marks a new file, seals a file of the
  // first version, which had everything in clear. Errc::Forged for a file of another key,
  // Errc::Corrupt for one that lost its mark.
  Result<void> settle(Database& db) const;

  Bytes seal_own(const event::Header& header, BytesView body) const;
  Bytes seal_fed(std::uint64_t index, BytesView body) const;
  Bytes seal_setting(std::string_view name, BytesView value) const;
  Bytes seal_draft(BytesView id, BytesView content) const;
  Result<Bytes> open_own(const event::Header& header, BytesView sealed) const;
  Result<Bytes> open_fed(std::uint64_t index, BytesView sealed) const;
  Result<Bytes> open_setting(std::string_view name, BytesView sealed) const;
  Result<Bytes> open_draft(BytesView id, BytesView sealed) const;
  // What the county's recovery key opens.
  sync::OutboxKeys outbox_keys() const { return {own_, blobs_}; }

  // A blob's row is found by a name that only the key gives: whoever has a photo can't see from the
  // file whether this node had it. Its digest is sealed under that name, its chunks one by one.
  Bytes blob_id(const Digest& digest) const { return blobs_.derive(digest.view()).raw().str(); }
  Bytes seal_blob_digest(const Digest& digest) const;
  Bytes seal_chunk(const Digest& digest, std::uint32_t number, BytesView chunk) const;
  Result<Digest> open_blob_digest(BytesView id, BytesView sealed) const;
  Result<Bytes> open_chunk(const Digest& digest, std::uint32_t number, BytesView sealed) const;

 private:
  Result<void> seal_all(Database& db) const;
  crypto::SealKey own_, fed_, settings_, drafts_, blobs_;
  Entropy& entropy_;
};
}  // namespace cunji::store
