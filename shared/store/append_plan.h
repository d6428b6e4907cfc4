#pragma once
// What an append will change, worked out before anything is written: the rules of EventLog::append
// are here once, whatever keeps the rows. Private to shared/store.
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "shared/log/event_log.h"
#include "shared/log/merkle.h"

namespace cunji::store {
struct AppendPlan {
  CountyCode county;
  std::vector<event::LoggedEvent> logged;
  // Per entry: the hashes of the subtrees that it completes, its leaf first, one level after
  // another. So the subtree (level, index) lies with the entry (index + 1) × 2^level - 1.
  std::vector<std::vector<Digest>> completed;
  std::map<PublicKey, event::ChainHead> chains;         // As they stand afterwards,
  std::map<PublicKey, std::uint64_t> new_chains;        // first indexes of keys not seen before,
  std::map<DivisionCode, log::DivisionHead> divisions;  // only those touched.
  log::Frontier frontier;
  log::LogHead head;
};

// Where the log stands before it.
struct AppendStart {
  std::optional<CountyCode> county;  // Nothing yet: the first entry's.
  log::LogHead head;
  const log::Frontier& frontier;  // Its right edge.
};

// Reads chain and division heads from `log`. Errc::Conflict as EventLog::append says, and for an
// event of another county. `entries` must not be empty.
Result<AppendPlan> plan_append(const log::EventLog& log, const AppendStart& start,
                               std::span<const log::NewEntry> entries);
// Errc::Conflict unless the log has the size that the caller expects.
Result<void> check_size(const log::LogHead& head, std::uint64_t expected_size);
}  // namespace cunji::store
