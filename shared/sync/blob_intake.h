#pragma once
// The county's side of a session's blobs: what may be said when, and how much is under way. Whether
// a blob is wanted, and making it durable, is the driver's. Part of ServerSession.
#include <deque>
#include <map>
#include <vector>

#include "shared/sync/blob.h"

namespace cunji::proto {
class BlobAnswer;
class BlobChunk;
class BlobOffer;
class ChunkAck;
}  // namespace cunji::proto

namespace cunji::sync {
class BlobIntake {
 public:
  // Errc::Malformed for names that are none or stand there twice, Errc::Limit above
  // kOfferBlobsMax, Errc::Protocol while an offer or a chunk is under way.
  Result<std::vector<BlobName>> on_offer(const proto::BlobOffer& offer);
  // Errc::Protocol for a blob that was not answered as wanted, Errc::Malformed for a chunk that is
  // none of it, Errc::Limit above kChunksInFlightMax.
  Result<BlobChunk> on_chunk(proto::BlobChunk& chunk);
  // The driver's answers: to the offer, name by name; to the oldest chunk under way.
  void answer_offer(const std::vector<BlobAnswer>& answers, proto::BlobAnswer& out);
  void answer_chunk(const BlobAnswer& answer, proto::ChunkAck& out);

 private:
  struct UnderWay {
    Digest digest{};
    std::uint32_t number = 0;
  };
  std::vector<BlobName> offered_;         // Not answered yet.
  std::map<Digest, std::uint32_t> open_;  // Wanted ones of the last offer, with their sizes.
  std::deque<UnderWay> under_way_;
};
}  // namespace cunji::sync
