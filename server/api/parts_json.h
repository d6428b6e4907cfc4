#pragma once
// Values, parts and events as the reading interface shows them: what the reader may not see is left
// out or masked here, and nowhere else.
#include <optional>

#include "server/api/problem.h"
#include "server/api/rights.h"
#include "shared/credential/governance.h"
#include "shared/event/entry.h"
#include "shared/state/state.h"

namespace cunji::api {
class Event;
class Fact;
}  // namespace cunji::api

namespace cunji::server {
// The value of a fact, or that it is masked.
Outcome<void> put_value(const state::FactView& fact, const Rights& rights, api::Fact& out);

// How a reader stands to an event.
struct EventReader {
  Rights rights;
  bool author = false;  // What one has said oneself, one may read.
};
// Everything but the standing's fields where there is no `standing` (governance has none).
Outcome<void> put_event(const event::LoggedEvent& logged, const EventReader& reader,
                        const credential::Governance& governance,
                        const std::optional<state::EventStanding>& standing, api::Event& out);
// The body with every part withheld that the reader may not see, or not whole.
event::Body readable_body(const event::LoggedEvent& logged, const EventReader& reader);
}  // namespace cunji::server
