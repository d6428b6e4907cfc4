#pragma once
// Virtual time: what is to happen when. Nothing happens by itself; equal calls give equal orders.
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "shared/base/time.h"

namespace cunji::simulate {
class Schedule {
 public:
  using Action = std::function<void()>;
  explicit Schedule(TimePoint start) : now_(start) {}

  TimePoint now() const { return now_; }
  // After `delay`, which is not negative; at one moment in the order of the calls.
  void after(Duration delay, Action action) {
    actions_.emplace(std::pair{now_ + delay, ++number_}, std::move(action));
  }
  // Turns the clock to the next action and carries it out. False when there is none.
  bool step() {
    if (actions_.empty()) return false;
    auto next = actions_.extract(actions_.begin());
    now_ = next.key().first;
    next.mapped()();
    return true;
  }

 private:
  TimePoint now_;
  std::uint64_t number_ = 0;
  std::map<std::pair<TimePoint, std::uint64_t>, Action> actions_;
};
}  // namespace cunji::simulate
