#include "server/app/own_queue.h"

namespace cunji::server {
Result<std::size_t> take_queued(Intake& intake, store::SideStore& side, CountyCode county,
                                TimePoint now) {
  const auto read = side.queued(kQueuedTakenMax);
  // A command may be writing there just now; nothing is wrong with the log.
  if (!read) return Error{Errc::Io, "side store: " + read.error().what};
  const auto& queued = *read;
  if (queued.empty()) return std::size_t{0};
  CheckedBatch batch{.sender = queued.front().second.signed_event.header().author, .events = {}};
  for (const auto& [id, event] : queued) batch.events.push_back({event, check(event, county)});
  TRY(intake.take({&batch, 1}, now));
  // Left in the queue they would only be found logged the next time.
  if (const auto removed = side.dequeue(queued.back().first); !removed)
    return Error{Errc::Io, "side store: " + removed.error().what};
  return queued.size();
}
}  // namespace cunji::server
