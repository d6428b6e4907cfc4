#include "server/api/past_states.h"

#include <algorithm>

#include "server/api/limits.h"
#include "shared/programmes/all.h"

namespace cunji::server {
Outcome<PastStates::StatePtr> PastStates::at(std::uint64_t size, const log::EventLog& log,
                                             Duration uptime) {
  if (size > kPastEntriesMax)
    return Problem{.status = 503,
                   .code = "too_much",
                   .zh = "日志过大，本服务器不重建此前状态；请用导出文件核查",
                   .en =
                       "the log is too large for this server to fold it as of then: use an "
                       "export"};
  if (StatePtr found = find(size, uptime)) return found;
  const std::unique_lock building(building_, std::try_to_lock);
  if (!building)
    return busy("正在重建另一时点的状态", "the state of another point in time is being made");
  if (StatePtr found = find(size, uptime)) return found;
  std::uint64_t forgotten = 0;
  {
    const std::lock_guard guard(mutex_);
    forgotten = forgotten_;
  }
  auto state = std::make_shared<state::State>(programmes::all_calculations());
  if (const StatePtr before = nearest_before(size)) *state = *before;
  if (size > state->next_index()) {
    TRY(log.scan(state->next_index(), [&](const event::LoggedEvent& logged) -> Result<bool> {
      if (logged.index >= size) return false;
      state->apply(logged);
      return logged.index + 1 < size;
    }));
  }
  if (state->next_index() != size)
    return Error{Errc::Corrupt, "the log has fewer entries than " + std::to_string(size)};
  const std::lock_guard guard(mutex_);
  if (forgotten == forgotten_) keep(size, state, uptime);
  return StatePtr(state);
}

PastStates::StatePtr PastStates::find(std::uint64_t size, Duration uptime) {
  const std::lock_guard guard(mutex_);
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [&](const Kept& each) { return each.size == size; });
  if (found == kept_.end()) return nullptr;
  found->asked = uptime;
  std::rotate(found, found + 1, kept_.end());
  return kept_.back().state;
}

PastStates::StatePtr PastStates::nearest_before(std::uint64_t size) const {
  const std::lock_guard guard(mutex_);
  const Kept* best = nullptr;
  for (const Kept& each : kept_) {
    if (each.size < size && (best == nullptr || each.size > best->size)) best = &each;
  }
  return best == nullptr ? nullptr : best->state;
}

// Under the lock.
void PastStates::keep(std::uint64_t size, StatePtr state, Duration uptime) {
  kept_.push_back({size, std::move(state), uptime});
  const auto entries = [&] {
    std::uint64_t out = 0;
    for (const Kept& each : kept_) out += each.size;
    return out;
  };
  while (kept_.size() > 1 && (kept_.size() > kPastStatesMax || entries() > kPastEntriesMax))
    kept_.erase(kept_.begin());
}

void PastStates::forget_all() {
  const std::lock_guard guard(mutex_);
  ++forgotten_;
  kept_.clear();
}

void PastStates::forget_old(Duration uptime) {
  const std::lock_guard guard(mutex_);
  std::erase_if(kept_, [&](const Kept& each) { return uptime - each.asked > kPastStateLife; });
}

std::size_t PastStates::count() const {
  const std::lock_guard guard(mutex_);
  return kept_.size();
}
}  // namespace cunji::server
