#pragma once
// What a State holds.
#include <map>

#include "shared/credential/governance.h"
#include "shared/state/events.h"
#include "shared/state/state.h"
#include "shared/state/time_interval.h"

namespace cunji::state {
struct State::Data {
  std::uint64_t next_index = 0;
  std::uint64_t pending = 0;  // Own events not yet received.
  credential::Governance governance;
  Anchors anchors;
  std::map<PublicKey, std::uint64_t> seen_max;  // The largest seen size along each chain (D5).
  Events events;
};
}  // namespace cunji::state
