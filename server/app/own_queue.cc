#include "server/app/own_queue.h"

namespace cunji::server {
Result<std::size_t> take_queued(Intake& intake, store::SideStore& side, CountyCode county,
                                TimePoint now) {
  const auto read = side.queued(kQueuedTakenMax);
  // A command may be writing there just now; nothing is wrong with the log.
  if (!read) return Error{Errc::Io, "side store: " + read.error().what};
  const auto& queued = *read;
  if (queued.empty()) return std::size_t{0};
  // As if each author had brought the own ones: whoever queued them has looked.
  std::vector<CheckedBatch> batches;
  for (const auto& [id, event] : queued) {
    const PublicKey& author = event.signed_event.header().author;
    if (batches.empty() || batches.back().sender != author)
      batches.push_back({.sender = author, .events = {}});
    batches.back().events.push_back({event, check(event, county)});
  }
  TRY(intake.take(batches, now));
  // Left in the queue they would only be found logged the next time.
  if (const auto removed = side.dequeue(queued.back().first); !removed)
    return Error{Errc::Io, "side store: " + removed.error().what};
  return queued.size();
}
}  // namespace cunji::server
