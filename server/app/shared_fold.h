#pragma once
// The fold of the newest log, written by the writer's thread and read by others: one fold for all,
// since a second one would cost its whole memory again (shared/state/README.md). Readers hold up
// the writer for as long as they look, so they take what they need and let go before they format.
// Once it waits, whoever comes to look waits behind it: the longest look is all that it waits for.
#include <mutex>
#include <shared_mutex>

#include "shared/programmes/all.h"
#include "shared/state/state.h"

namespace cunji::server {
class SharedFold {
 public:
  // Any thread. `look` gets the state, must keep no reference into it, and must not read() itself.
  template <class Look>
  auto read(const Look& look) const {
    std::unique_lock turn(turn_);
    const std::shared_lock guard(mutex_);
    turn.unlock();
    return look(static_cast<const state::State&>(state_));
  }
  // The writer's thread.
  template <class Change>
  auto change(const Change& change) {
    const std::lock_guard turn(turn_);
    const std::unique_lock guard(mutex_);
    return change(state_);
  }

 private:
  // Taken first, and kept by the writer while it waits: a shared mutex alone lets reader after
  // reader in beside the one before, and two that never stop asking would keep the writer out.
  mutable std::mutex turn_;
  mutable std::shared_mutex mutex_;
  state::State state_{programmes::all_calculations()};
};
}  // namespace cunji::server
