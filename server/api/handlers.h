#pragma once
// The handlers of all resources, one file each (households.cc, duties.cc …); api.cc has the table
// of routes. Each takes its parameters, reads, and gives the answer, as JSON but for a photo.
#include <string>

#include "server/api/call.h"

namespace cunji::server {
// sessions.cc
Outcome<std::string> make_challenge(Call& call);
Outcome<std::string> open_session(Call& call);
Outcome<std::string> show_session(Call& call);
Outcome<std::string> close_session(Call& call);
// proofs.cc
Outcome<std::string> show_checkpoint(Call& call);
Outcome<std::string> prove_inclusion(Call& call);
Outcome<std::string> prove_consistency(Call& call);
Outcome<std::string> show_state_digest(Call& call);
// divisions.cc
Outcome<std::string> list_divisions(Call& call);
Outcome<std::string> list_coordinators(Call& call);
// households.cc
Outcome<std::string> list_households(Call& call);
Outcome<std::string> show_household(Call& call);
// events.cc
Outcome<std::string> list_events(Call& call);
Outcome<std::string> show_event(Call& call);
Outcome<std::string> list_timeline(Call& call);
Outcome<std::string> list_entries(Call& call);
// blobs.cc
Outcome<std::string> show_blob(Call& call);
// duties.cc
Outcome<std::string> list_due(Call& call);
Outcome<std::string> show_progress(Call& call);
// warnings.cc
Outcome<std::string> list_warnings(Call& call);
}  // namespace cunji::server
