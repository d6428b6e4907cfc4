#pragma once
// What a node sends of its blobs once its events are level: an offer, then the chunks that the
// county lacks, a bounded number under way. Part of NodeSession.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/sync/blob.h"

namespace cunji::proto {
class BlobAnswer;
class ChunkAck;
class NodeFrame;
}  // namespace cunji::proto

namespace cunji::sync {
class BlobOutbox {
 public:
  struct Answered {
    std::vector<BlobOutcome> outcomes;
    std::string later;  // Why a blob was put off; empty: none was.
  };

  // `source` outlives the outbox; null: there are no blobs.
  explicit BlobOutbox(const BlobSource* source) : source_(source), exhausted_(source == nullptr) {}

  // Looks for blobs from the beginning again: events were logged since.
  void start_round();
  // Fills in the next frame; false when nothing can be sent now. A blob that is damaged here is
  // left out, and said to be lost in `answered`.
  Result<bool> next(proto::NodeFrame& frame, Answered& answered);
  // Errc::Protocol for anything that does not answer what was sent; Errc::Malformed for a bitmap
  // that is none.
  Result<Answered> on_answer(const proto::BlobAnswer& answer);
  Result<Answered> on_ack(const proto::ChunkAck& ack);
  // The county takes nothing in this session; what is under way will not be answered.
  void give_up();

  bool under_way() const { return !asked_.empty() || !in_flight_.empty(); }
  // Nothing is under way and nothing is left to be offered.
  bool finished() const { return exhausted_ && queue_.empty() && !under_way(); }
  std::uint64_t sent_bytes() const { return sent_bytes_; }  // Acknowledged in this session.
  std::uint64_t left_bytes() const;                         // Of the blobs that were offered.

 private:
  struct Sending {
    BlobName name{};
    ChunkSet held;
    std::uint32_t next = 0;    // The first chunk that was not sent yet.
    std::uint32_t to_ack = 0;  // Chunks that it lacks and has not acknowledged.
  };
  struct InFlight {
    Digest digest{};
    std::uint32_t number = 0;
    std::uint32_t bytes = 0;
  };
  Result<void> offer(proto::NodeFrame& frame);
  Result<bool> send_chunk(proto::NodeFrame& frame, Answered& answered);
  void settle(const Digest& digest);
  void take(const Digest& digest, BlobStanding standing, const std::string& reason, Answered& out);

  const BlobSource* source_;
  bool exhausted_;
  std::uint64_t after_ = 0;         // Place of the last one looked at in this round.
  std::set<Digest> settled_;        // Answered for good in this session.
  std::vector<BlobName> asked_;     // The offer under way.
  std::deque<Digest> queue_;        // Blobs that have chunks to be sent, in order.
  std::map<Digest, Sending> open_;  // Those, and those whose last chunks are under way.
  std::deque<InFlight> in_flight_;
  std::uint64_t sent_bytes_ = 0;
};
}  // namespace cunji::sync
