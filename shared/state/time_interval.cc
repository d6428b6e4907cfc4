#include "shared/state/time_interval.h"

#include <algorithm>

namespace cunji::state {
void Anchors::add(std::uint64_t index, TimePoint at) {
  const TimePoint before = latest_.empty() ? TimePoint{} : latest_.rbegin()->second;
  latest_.emplace_hint(latest_.end(), index, std::max(before, at));
}

TimePoint Anchors::before(std::uint64_t size) const {
  const auto next = latest_.lower_bound(size);
  return next == latest_.begin() ? TimePoint{} : std::prev(next)->second;
}

void Anchors::write(DigestWriter& out) const {
  out.u64(latest_.size());
  for (const auto& [index, at] : latest_) out.u64(index).time(at);
}

TimePoint TimeInterval::effective_recorded() const {
  if (!upper) return recorded;
  const TimePoint not_later = std::min(recorded, *upper);
  return confirmed ? not_later : std::max(lower, not_later);
}

TimePoint TimeInterval::effective_occurred(std::optional<TimePoint> occurred) const {
  return std::min(occurred.value_or(recorded), effective_recorded());
}

bool TimeInterval::doubtful() const {
  if (confirmed) return false;
  const TimePoint effective = effective_recorded();
  return effective - recorded > kClockTolerance || recorded - effective > kClockTolerance;
}

bool TimeInterval::contradicted() const {
  return upper && !confirmed && lower - recorded > kClockTolerance;
}

TimeClass TimeInterval::class_before(TimePoint deadline) const {
  // Whatever was received before the deadline happened before it, whenever the device says.
  if (upper && *upper < deadline) return TimeClass::ProvenInTime;
  return contradicted() ? TimeClass::Contradicted : TimeClass::ClaimedInTime;
}
}  // namespace cunji::state
