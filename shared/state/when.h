#pragma once
// The order of everything the fold keeps in versions (D13): the latest effective occurred wins,
// ties by place in the log.
#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "shared/base/calendar.h"
#include "shared/base/time.h"

namespace cunji::state {
// Where a time may be missing: before all that can be said.
inline constexpr TimePoint kNoTime = TimePoint::min();

// Eight bytes in two halves, where a list would lose four of each element otherwise.
using Halves = std::array<std::uint32_t, 2>;
inline Halves halves_of(TimePoint time) {
  return std::bit_cast<Halves>(std::int64_t{time.time_since_epoch().count()});
}
inline TimePoint time_of(const Halves& halves) {
  return TimePoint{Duration{std::bit_cast<std::int64_t>(halves)}};
}

// A time that may be missing, in eight bytes.
class MaybeTime {
 public:
  MaybeTime() = default;
  MaybeTime(std::nullopt_t) {}
  MaybeTime(TimePoint at) : at_(at) {}
  explicit operator bool() const { return has_value(); }
  operator std::optional<TimePoint>() const {
    return has_value() ? std::optional(at_) : std::nullopt;
  }
  bool has_value() const { return at_ != kNoTime; }
  const TimePoint& operator*() const { return at_; }

 private:
  TimePoint at_ = kNoTime;
};

struct When {
  TimePoint occurred{};     // Effective.
  std::uint32_t place = 0;  // Of the event among the events held (events.h): in log order.
  std::uint32_t part = 0;   // From 1.
  auto operator<=>(const When&) const = default;
};

// Nothing that happened on `date` or before it is at or after this.
inline When end_of(Date date) { return {.occurred = start_of(next_day(date))}; }
inline When begin_of(Date date) { return {.occurred = start_of(date)}; }
}  // namespace cunji::state
