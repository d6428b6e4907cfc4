#pragma once
// Offers and levels: where each side stands (protocol/sync.proto), decoded and bounded.
#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/log/proof.h"
#include "shared/sync/node_session.h"

namespace cunji::proto {
class Offer;
class Level;
class DivisionPosition;
}  // namespace cunji::proto

namespace cunji::sync {
struct ChainPosition {
  PublicKey key;
  std::uint64_t sequence = 0;  // 0: nothing held.
  Digest digest;               // Zero at sequence 0.
  bool operator==(const ChainPosition&) const = default;
};

struct Offer {
  std::vector<ChainPosition> chains;
  std::vector<Cursor> cursors;
  std::uint64_t trusted_size = 0;
};

struct Level {
  struct Division {
    Cursor head;
    std::uint64_t entries = 0;
  };
  std::vector<ChainPosition> chains;
  std::vector<Division> divisions;
  std::string note;
  log::Proof consistency;
  TimePoint now{};
  std::vector<DivisionCode> covered;  // Within the key's scope, and not offered.
};

void to_proto(const Cursor& cursor, proto::DivisionPosition& out);
// Errc::Malformed for a size, digits or number out of range, or a position that is half there.
Result<Cursor> from_proto(const proto::DivisionPosition& position);

void to_proto(const Offer& offer, proto::Offer& out);
// Errc::Limit above kOfferChainsMax or kOfferDivisionsMax, Errc::Malformed for the rest, keys or
// divisions named twice included.
Result<Offer> from_proto(const proto::Offer& offer);

void to_proto(const Level& level, proto::Level& out);
// The same errors. Whether what is covered was offered, or named before, is the session's to know.
Result<Level> from_proto(const proto::Level& level);

// Digests of 32 bytes, at most kProofHashesMax of them. `hashes` is a repeated bytes field.
template <class Repeated>
Result<log::Proof> proof_from(const Repeated& hashes) {
  if (static_cast<std::size_t>(hashes.size()) > log::kProofHashesMax)
    return Error{Errc::Limit, "proof is too long"};
  log::Proof out;
  for (const auto& hash : hashes) {
    TRY_AS(digest, Digest::from(hash));
    out.push_back(digest);
  }
  return out;
}
}  // namespace cunji::sync
