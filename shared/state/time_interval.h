#pragma once
// When something was recorded and when it happened, as far as it can be proven (D5, D13).
#include <map>
#include <optional>

#include "shared/base/ids.h"
#include "shared/state/digest_writer.h"
#include "shared/state/limits.h"
#include "shared/state/state.h"
#include "shared/state/when.h"

namespace cunji::state {
// County time by log index, from the accepted anchors.
class Anchors {
 public:
  void add(std::uint64_t index, TimePoint at);
  // The latest county time that whoever saw the log at `size` had seen; the epoch without one.
  TimePoint before(std::uint64_t size) const;
  void write(DigestWriter& out) const;

 private:
  friend struct SnapshotAccess;
  std::map<std::uint64_t, TimePoint> latest_;  // By index: the latest time up to there.
};

// What is known of one event's time.
struct TimeInterval {
  TimePoint recorded{};    // The device's clock.
  TimePoint lower{};       // The newest anchor that its chain had seen.
  MaybeTime upper;         // Its receipt; nothing: not yet received.
  bool confirmed = false;  // A desk stands by the claimed time.

  // `recorded` clamped into the interval. A confirmed time is only kept from the future.
  TimePoint effective_recorded() const;
  // The earlier of what was said (nothing: when it was recorded) and effective_recorded.
  TimePoint effective_occurred(std::optional<TimePoint> occurred) const;
  bool doubtful() const;      // Clamped by more than kClockTolerance, and not confirmed.
  bool contradicted() const;  // Recorded before what its chain had seen, beyond the tolerance.
  // The class of something that counts if it happened before `deadline`.
  TimeClass class_before(TimePoint deadline) const;
};
}  // namespace cunji::state
