#pragma once
// What a locked device gives away (D16): the events it has not sent, still sealed, for the day that
// its PIN is forgotten. Only the county's recovery key, which takes two officers, opens the keys
// that the bodies are sealed under; whoever carries the file learns headers, which name nobody.
// Formats: protocol/README.md, "Recovery".
#include <vector>

#include "shared/base/entropy.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/seal.h"
#include "shared/event/event.h"

namespace cunji::sync {
// The keys under which a device seals what it has not sent.
struct OutboxKeys {
  crypto::SealKey bodies, blobs;
};
// Errc::Malformed for a recovery key that is none.
Result<Bytes> seal_outbox_keys(const OutboxKeys& keys, const crypto::BoxPublic& recovery,
                               Entropy& entropy);
// Errc::Forged when they were not sealed to this key, or altered.
Result<OutboxKeys> open_outbox_keys(const crypto::BoxPair& recovery, BytesView sealed);

// To what the body of an own event is bound where it lies sealed on its device.
Bytes own_body_context(const event::Header& header);

struct SealedEvent {
  event::SignedEvent event;
  Bytes body;  // Sealed.
};
struct Rescue {
  CountyCode county;
  crypto::BoxPublic to;  // The recovery key.
  Bytes sealed_keys;
  std::vector<SealedEvent> events;  // Chain by chain, in order.
};
// Errc::Limit when the file would be larger than kRescueBytesMax.
Result<Bytes> encode_rescue(const Rescue& rescue);
// Errc::Malformed for anything else, and for an event of another county; Errc::Limit above a limit.
Result<Rescue> decode_rescue(BytesView file);
// Whether all that comes from one chain fits together, and every signature verifies. Errc::Forged.
Result<void> check_rescue(const Rescue& rescue);
// Errc::Forged when the body does not open, or is not the event's.
Result<event::Event> open_rescued(const SealedEvent& sealed, const OutboxKeys& keys);
}  // namespace cunji::sync
