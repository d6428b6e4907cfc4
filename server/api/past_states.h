#pragma once
// States as of an earlier size of the log (D13, known-at): folded from the log when somebody asks,
// a few kept for the next question. Reads through connections of its own and never holds up the
// writer. Any thread; one fold at a time, others are told to come again.
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "server/api/problem.h"
#include "shared/base/time.h"
#include "shared/log/event_log.h"
#include "shared/state/state.h"

namespace cunji::server {
class PastStates {
 public:
  using StatePtr = std::shared_ptr<const state::State>;
  // The fold of the first `size` entries of the log, which has them. 503 while another one is being
  // made, and where the log of that size is larger than what may be kept. `uptime` as in
  // ReadSessions.
  Outcome<StatePtr> at(std::uint64_t size, const log::EventLog& log, Duration uptime);
  // Drops what is kept: after bodies were erased, and when it was not asked for in ten minutes.
  void forget_all();
  void forget_old(Duration uptime);
  std::size_t count() const;

 private:
  struct Kept {
    std::uint64_t size = 0;
    StatePtr state;
    Duration asked{};
  };
  StatePtr find(std::uint64_t size, Duration uptime);
  StatePtr nearest_before(std::uint64_t size) const;
  void keep(std::uint64_t size, StatePtr state, Duration uptime);

  std::mutex building_;          // Held by whoever folds.
  mutable std::mutex mutex_;     // Guards what follows.
  std::vector<Kept> kept_;       // The one asked for last at the end.
  std::uint64_t forgotten_ = 0;  // How often all was dropped: what is being made then is not kept.
};
}  // namespace cunji::server
