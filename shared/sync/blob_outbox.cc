#include "shared/sync/blob_outbox.h"

#include "protocol/sync.pb.h"
#include "shared/sync/wire.h"

namespace cunji::sync {
static Error protocol_error(const char* what) { return {Errc::Protocol, what}; }

void BlobOutbox::start_round() {
  after_ = 0;
  exhausted_ = source_ == nullptr;
}

void BlobOutbox::give_up() {
  asked_.clear();
  queue_.clear();
  open_.clear();
  in_flight_.clear();
  source_ = nullptr;
  exhausted_ = true;
}

std::uint64_t BlobOutbox::left_bytes() const {
  std::uint64_t out = 0;
  for (const auto& [digest, sending] : open_)
    out += sending.to_ack * std::uint64_t{kBlobChunkBytes};
  return out;
}

Result<bool> BlobOutbox::next(proto::NodeFrame& frame, Answered& answered) {
  while (!queue_.empty() && in_flight_.size() < kChunksInFlightMax) {
    TRY_AS(sent, send_chunk(frame, answered));
    if (sent) return true;
  }
  // An offer forgets the ones before, so their chunks are answered first.
  if (!queue_.empty() || under_way() || exhausted_) return false;
  TRY(offer(frame));
  return !asked_.empty();
}

Result<void> BlobOutbox::offer(proto::NodeFrame& frame) {
  while (asked_.empty() && !exhausted_) {
    TRY_AS(due, source_->blobs_due(after_, kOfferBlobsMax));
    exhausted_ = due.size() < kOfferBlobsMax;
    for (const DueBlob& blob : due) {
      after_ = blob.place;
      if (settled_.contains(blob.name.digest)) continue;
      asked_.push_back(blob.name);
      proto::BlobName& name = *frame.mutable_blob_offer()->add_blobs();
      name.set_digest(blob.name.digest.str());
      name.set_size(blob.name.size);
    }
  }
  return {};
}

// False when the blob at the front has nothing (more) to send.
Result<bool> BlobOutbox::send_chunk(proto::NodeFrame& frame, Answered& answered) {
  const Digest digest = queue_.front();
  Sending& sending = open_.at(digest);
  while (sending.next < sending.held.chunks() && sending.held.has(sending.next)) ++sending.next;
  if (sending.next == sending.held.chunks()) {
    queue_.pop_front();
    return false;
  }
  auto content = source_->blob_chunk(digest, sending.next);
  if (!content && content.error().code != Errc::Corrupt) return content.error();
  const std::size_t bytes = chunk_bytes(sending.name.size, sending.next);
  if (!content || content->size() != bytes) {
    answered.outcomes.push_back({.digest = digest,
                                 .status = BlobOutcome::Status::Lost,
                                 .reason = "it is damaged on this device"});
    settle(digest);
    return false;
  }
  proto::BlobChunk& chunk = *frame.mutable_blob_chunk();
  chunk.set_digest(digest.str());
  chunk.set_number(sending.next);
  chunk.set_content(std::move(*content));
  in_flight_.push_back(
      {.digest = digest, .number = sending.next, .bytes = static_cast<std::uint32_t>(bytes)});
  ++sending.next;
  return true;
}

void BlobOutbox::settle(const Digest& digest) {
  settled_.insert(digest);
  open_.erase(digest);
  std::erase(queue_, digest);
}

void BlobOutbox::take(const Digest& digest, BlobStanding standing, const std::string& reason,
                      Answered& out) {
  const std::string line = reason_line(reason);
  switch (standing) {
    case BlobStanding::Wanted: return;
    case BlobStanding::Held:
      out.outcomes.push_back({.digest = digest, .status = BlobOutcome::Status::Held, .reason = {}});
      break;
    case BlobStanding::Unwanted:
      out.outcomes.push_back(
          {.digest = digest, .status = BlobOutcome::Status::Unwanted, .reason = line});
      break;
    case BlobStanding::Later:
    // Sent again in another session: the copy here was verified when it was taken, and each chunk
    // of it opened.
    case BlobStanding::Mismatch: out.later = line.empty() ? "later" : line; break;
  }
  settle(digest);
}

static Result<BlobStanding> standing_of(int standing) {
  if (standing < proto::BLOB_STANDING_WANTED || standing > proto::BLOB_STANDING_MISMATCH)
    return protocol_error("blob: standing");
  return static_cast<BlobStanding>(standing);
}

Result<BlobOutbox::Answered> BlobOutbox::on_answer(const proto::BlobAnswer& answer) {
  if (asked_.empty() || static_cast<std::size_t>(answer.blobs_size()) != asked_.size())
    return protocol_error("blob answer: not what was offered");
  Answered out;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    const BlobName& name = asked_[i];
    const proto::BlobState& state = answer.blobs(static_cast<int>(i));
    TRY_AS(standing, standing_of(state.standing()));
    if (standing == BlobStanding::Wanted) {
      TRY_AS(held, ChunkSet::decode(name.size, state.held()));
      const std::uint32_t missing = held.missing();
      // One that has every chunk would be held.
      if (missing == 0) return protocol_error("blob answer: wanted, yet nothing is missing");
      open_.insert_or_assign(
          name.digest,
          Sending{.name = name, .held = std::move(held), .next = 0, .to_ack = missing});
      queue_.push_back(name.digest);
    } else {
      take(name.digest, standing, state.reason(), out);
    }
  }
  asked_.clear();
  return out;
}

Result<BlobOutbox::Answered> BlobOutbox::on_ack(const proto::ChunkAck& ack) {
  TRY_AS(digest, Digest::from(ack.digest()));
  if (in_flight_.empty() || in_flight_.front().digest != digest ||
      in_flight_.front().number != ack.number())
    return protocol_error("chunk acknowledgement: not the oldest one under way");
  const InFlight chunk = in_flight_.front();
  in_flight_.pop_front();
  TRY_AS(standing, standing_of(ack.standing()));
  Answered out;
  const auto open = open_.find(digest);
  if (open == open_.end()) return out;  // Settled by the answer to a chunk before, or lost here.
  if (standing == BlobStanding::Wanted || standing == BlobStanding::Held)
    sent_bytes_ += chunk.bytes;
  if (standing == BlobStanding::Wanted && --open->second.to_ack == 0)
    // It has lost chunks that it named as held.
    take(digest, BlobStanding::Later, "the county still lacks a part of it", out);
  else
    take(digest, standing, ack.reason(), out);
  return out;
}
}  // namespace cunji::sync
