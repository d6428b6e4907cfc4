#pragma once
// The fold of the newest log, written by the writer's thread and read by others: one fold for all,
// since a second one would cost its whole memory again (shared/state/README.md). Readers hold up
// the writer for as long as they look, so they take what they need and let go before they format.
#include <mutex>
#include <shared_mutex>

#include "shared/state/state.h"

namespace cunji::server {
class SharedFold {
 public:
  // Any thread. `look` gets the state and must keep no reference into it.
  template <class Look>
  auto read(const Look& look) const {
    const std::shared_lock guard(mutex_);
    return look(static_cast<const state::State&>(state_));
  }
  // The writer's thread.
  template <class Change>
  auto change(const Change& change) {
    const std::unique_lock guard(mutex_);
    return change(state_);
  }

 private:
  mutable std::shared_mutex mutex_;
  state::State state_;
};
}  // namespace cunji::server
