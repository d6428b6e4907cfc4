#pragma once
// Events that the command line signed with the county's own keys and left in the side store; the
// server, or the next command that opens the log, takes them in order.
#include "server/intake/intake.h"
#include "shared/store/side_store.h"

namespace cunji::server {
// Events taken in one commit.
inline constexpr std::size_t kQueuedTakenMax = 1'000;

// Takes up to kQueuedTakenMax of them in one commit and gives how many. They leave the queue after
// the commit: a crash between the two only finds them logged the next time.
Result<std::size_t> take_queued(Intake& intake, store::SideStore& side, CountyCode county,
                                TimePoint now);
}  // namespace cunji::server
