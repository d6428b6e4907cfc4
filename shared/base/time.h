#pragma once
// Points in time: milliseconds since 1970 UTC, as the formats carry them. The core never reads a
// clock; whoever calls it says what time it is (D11).
#include <chrono>
#include <cstdint>

namespace cunji {
using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::sys_time<Duration>;

// The end of the year 9999. A later time is refused where bytes are decoded: nothing honest says
// it, and calendar arithmetic below it can't overflow.
inline constexpr std::uint64_t kTimeMillisMax = 253'402'300'799'999;

inline std::uint64_t to_millis(TimePoint t) {
  return static_cast<std::uint64_t>(t.time_since_epoch().count());
}
// `millis` must be at most kTimeMillisMax: decoders check before.
inline TimePoint from_millis(std::uint64_t millis) {
  return TimePoint{Duration{static_cast<std::int64_t>(millis)}};
}
}  // namespace cunji
