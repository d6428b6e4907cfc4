#pragma once
// What a State holds.
#include <map>

#include "shared/credential/governance.h"
#include "shared/state/cases.h"
#include "shared/state/events.h"
#include "shared/state/rules.h"
#include "shared/state/state.h"
#include "shared/state/time_interval.h"
#include "shared/state/warning_index.h"
#include "shared/state/world.h"

namespace cunji::state {
struct State::Data {
  std::uint64_t next_index = 0;
  std::uint64_t pending = 0;  // Own events not yet received.
  credential::Governance governance;
  Anchors anchors;
  Numbering<PublicKey> authors;
  // The largest seen size along each author's chain (D5), by number; authors of nothing but events
  // not yet received come after its end.
  std::vector<std::uint64_t> seen_max;
  Events events;
  Rules rules;
  Cases cases;
  WarningIndex warnings;
  std::span<const programme::NamedCalculation> calculations;
  World world() const { return {events, rules, cases, calculations}; }
  // Of the event at hand, kept for their memory.
  std::vector<event::PartView> parts;
  std::vector<SaidPart> said;
};
}  // namespace cunji::state
