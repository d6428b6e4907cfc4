#pragma once
// Chains (D4): the events of one key, sequence from 1 without gaps, each naming the digest of the
// one before; the first names the digest of the key's enrolment request.
#include <cstdint>

#include "shared/base/ids.h"
#include "shared/event/signed_event.h"

namespace cunji::event {
struct ChainHead {
  PublicKey key;
  std::uint64_t sequence = 0;  // 0: nothing yet.
  Digest digest;               // Of the last event; at sequence 0 of the enrolment request.
  // The largest seen size along the chain so far. In the county log: of those that this log proved
  // its own (D8); on a node: of all it signed.
  std::uint64_t seen_size_max = 0;
  bool operator==(const ChainHead&) const = default;
};

enum class ChainLink {
  Next,    // The one that follows.
  Known,   // Sequence at or below the head: the same event again, or a fork. Compare digests.
  Gap,     // Something between is missing.
  Broken,  // The right sequence with another predecessor.
};
// `event` must be of the head's key.
ChainLink link_of(const ChainHead& head, const SignedEvent& event);

// The head after `event`, which must be ChainLink::Next. `seen_size` as seen_size_max counts it.
ChainHead advanced(const ChainHead& head, const SignedEvent& event, std::uint64_t seen_size);
}  // namespace cunji::event
