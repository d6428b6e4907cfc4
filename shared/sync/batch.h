#pragma once
// Batches: events or entries as columns, compressed (design section 4, README.md "Batch"). What can
// be derived is left out: headers are rebuilt byte for byte, division links by a feed's receiver.
#include <optional>
#include <span>
#include <vector>

#include "shared/event/entry.h"
#include "shared/event/event.h"
#include "shared/sync/limits.h"

namespace cunji::sync {
// Decides where a sender closes a batch, so that it always fits a frame.
class BatchFill {
 public:
  explicit BatchFill(std::size_t events_max) : events_max_(events_max) {}
  // Whether the next event, with this body, still goes in; the first one always does.
  bool take(const event::Body& body);

 private:
  std::size_t events_max_;
  std::size_t events_ = 0, body_bytes_ = 0, raw_bytes_ = 0;
};

// Events in chain order (a run is made of consecutive sequences of a key), of one county, with
// bodies that pass check_body; 1 to kBatchEventsMax of them, chosen with BatchFill.
Bytes encode_batch(std::span<const event::Event> events);
// Errc::Limit above any limit (checked before memory is taken), Errc::Malformed otherwise. Headers
// are rebuilt, bodies checked against them for form; signatures and commitments are not verified:
// intake does, on all cores.
Result<std::vector<event::Event>> decode_batch(BytesView bytes);

// Entries of one division in order, 1 to kBatchEventsMax. `omit_known`: events of these keys are
// sent without content, since the receiver is their author and holds them. `next_index`: the cursor
// they go on from.
Bytes encode_feed(std::span<const event::LoggedEvent> entries,
                  const std::vector<PublicKey>& omit_known, std::uint64_t next_index);
// A decoded feed entry: `event` is empty where content was omitted; the caller supplies its own.
struct FedEntry {
  std::uint64_t index = 0;
  TimePoint received{};
  event::Verdict verdict = event::Verdict::Accepted;
  PublicKey key;
  std::uint64_t sequence = 0;
  std::optional<event::Event> event;
};
// Indexes come out strictly ascending from `next_index` on. Errors as decode_batch.
Result<std::vector<FedEntry>> decode_feed(BytesView bytes, std::uint64_t next_index);
}  // namespace cunji::sync
