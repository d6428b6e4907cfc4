#pragma once
// What a locked device gives away (D16): the events and photos it has not sent, still sealed, for
// the day that its PIN is forgotten. Only the county's recovery key, which takes two officers,
// opens the keys that the bodies are sealed under; whoever carries the file learns headers, which
// name nobody. Formats: protocol/README.md, "Recovery".
#include <vector>

#include "shared/base/entropy.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/seal.h"
#include "shared/event/event.h"
#include "shared/sync/limits.h"

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

// To what chunk `number` of a blob is bound where it lies sealed on its device.
Bytes blob_chunk_context(const Digest& digest, std::uint32_t number);

struct SealedEvent {
  event::SignedEvent event;
  Bytes body;  // Sealed.
};
struct SealedBlob {
  Digest id;     // As which it lies on its device: means nothing without the key.
  Bytes digest;  // Sealed, bound to the id.
  std::uint32_t size = 0;
  Bytes chunks;  // Each sealed, one after the other.
};
struct Rescue {
  CountyCode county;
  crypto::BoxPublic to;  // The recovery key.
  Bytes sealed_keys;
  std::vector<SealedEvent> events;  // Chain by chain, in order.
  std::vector<SealedBlob> blobs;
  std::size_t blobs_left_out = 0;  // Not written: damaged on the device, or no room for them.
};
// Bytes that one takes in the file, and what room there is for all of them.
std::size_t encoded_bytes(const SealedEvent& sealed);
std::size_t encoded_bytes(const SealedBlob& sealed);
// Of a blob of so many bytes, its chunks sealed.
std::size_t sealed_chunks_bytes(std::uint32_t size);
inline constexpr std::size_t kRescueRecordsBytesMax =
    kRescueBytesMax - 1'024;  // More than the rest.
// Errc::Limit when the file would be larger than kRescueBytesMax.
Result<Bytes> encode_rescue(const Rescue& rescue);
// Errc::Malformed for anything else, and for an event of another county; Errc::Limit above a limit.
Result<Rescue> decode_rescue(BytesView file);
// Whether all that comes from one chain fits together, and every signature verifies. Errc::Forged.
Result<void> check_rescue(const Rescue& rescue);
// Errc::Forged when the body does not open, or is not the event's.
Result<event::Event> open_rescued(const SealedEvent& sealed, const OutboxKeys& keys);
// Errc::Forged when it does not open, or is not what its digest says.
struct RescuedBlob {
  Digest digest;
  Bytes bytes;
};
Result<RescuedBlob> open_rescued(const SealedBlob& sealed, const OutboxKeys& keys);
}  // namespace cunji::sync
