#include "server/app/own_queue.h"

namespace cunji::server {
Result<std::size_t> take_queued(Intake& intake, store::SideStore& side, CountyCode county,
                                TimePoint now) {
  TRY_AS(queued, side.queued(kQueuedTakenMax));
  if (queued.empty()) return std::size_t{0};
  CheckedBatch batch{.sender = queued.front().second.signed_event.header().author, .events = {}};
  for (auto& [id, event] : queued) {
    auto refusal = check(event, county);
    batch.events.push_back({std::move(event), std::move(refusal)});
  }
  TRY(intake.take({&batch, 1}, now));
  TRY(side.dequeue(queued.back().first));
  return queued.size();
}
}  // namespace cunji::server
