#include "shared/sync/blob_intake.h"

#include "protocol/sync.pb.h"
#include "shared/sync/wire.h"

namespace cunji::sync {
Result<std::vector<BlobName>> BlobIntake::on_offer(const proto::BlobOffer& offer) {
  if (!offered_.empty() || !under_way_.empty())
    return Error{Errc::Protocol, "blob offer while blobs are under way"};
  if (offer.blobs_size() == 0) return Error{Errc::Malformed, "blob offer of none"};
  if (static_cast<std::size_t>(offer.blobs_size()) > kOfferBlobsMax)
    return Error{Errc::Limit, "too many blobs in an offer"};
  std::vector<BlobName> out;
  std::map<Digest, std::uint32_t> seen;
  for (const proto::BlobName& blob : offer.blobs()) {
    TRY_AS(digest, Digest::from(blob.digest()));
    if (blob.size() == 0 || blob.size() > event::kBlobBytesMax)
      return Error{Errc::Malformed, "blob offer: size"};
    if (!seen.emplace(digest, blob.size()).second)
      return Error{Errc::Malformed, "blob offer: one blob twice"};
    out.push_back({.digest = digest, .size = blob.size()});
  }
  offered_ = out;
  open_.clear();
  return out;
}

Result<BlobChunk> BlobIntake::on_chunk(proto::BlobChunk& chunk) {
  TRY_AS(digest, Digest::from(chunk.digest()));
  const auto open = open_.find(digest);
  if (open == open_.end()) return Error{Errc::Protocol, "chunk of a blob that is not wanted"};
  const std::uint32_t size = open->second;
  if (chunk.number() >= chunks_of(size)) return Error{Errc::Malformed, "chunk beyond the last one"};
  if (chunk.content().size() != chunk_bytes(size, chunk.number()))
    return Error{Errc::Malformed, "chunk of another size"};
  if (under_way_.size() >= kChunksInFlightMax)
    return Error{Errc::Limit, "too many chunks without acknowledgement"};
  under_way_.push_back({.digest = digest, .number = chunk.number()});
  return BlobChunk{.blob = {.digest = digest, .size = size},
                   .number = chunk.number(),
                   .content = std::move(*chunk.mutable_content())};
}

void BlobIntake::answer_offer(const std::vector<BlobAnswer>& answers, proto::BlobAnswer& out) {
  CHECK(answers.size() == offered_.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const BlobAnswer& answer = answers[i];
    proto::BlobState& state = *out.add_blobs();
    state.set_standing(static_cast<proto::BlobStanding>(answer.standing));
    state.set_reason(reason_line(answer.reason));
    if (answer.standing != BlobStanding::Wanted) continue;
    CHECK(answer.held);
    state.set_held(answer.held->encode());
    open_.emplace(offered_[i].digest, offered_[i].size);
  }
  offered_.clear();
}

// A blob stays open after it was finished: chunks that were under way then are answered likewise.
void BlobIntake::answer_chunk(const BlobAnswer& answer, proto::ChunkAck& out) {
  CHECK(!under_way_.empty());
  out.set_digest(under_way_.front().digest.str());
  out.set_number(under_way_.front().number);
  under_way_.pop_front();
  out.set_standing(static_cast<proto::BlobStanding>(answer.standing));
  out.set_reason(reason_line(answer.reason));
}
}  // namespace cunji::sync
