#pragma once
// Who does what in the month of the demonstration: one coordinator a village, most of them
// punctual, some late or never, and one for each kind of trouble. Decided by the seed alone.
#include <chrono>
#include <cstdint>
#include <vector>

#include "shared/base/calendar.h"
#include "shared/crypto/seeded_entropy.h"
#include "tools/demo_county/county.h"

namespace cunji::demo {
enum class Conduct {
  Punctual,    // Visits by the 10th, synchronises in between: proven in time.
  Offline,     // Visits by the 10th, no network until the 14th: claimed in time.
  LateVisits,  // A third of the households after the 10th.
  Never,       // Records nothing.
  FastClock,   // The device's clock is three days ahead: times doubtful.
  BackDating,  // Visits on the 15th, with the clock set back to the 9th: contradicted.
  Cut,         // The network drops in the middle of every batch: resumes.
  Cloned,      // Two copies of one device go on: fork, new key, nothing lost.
  Revoked,  // Revoked on the 12th. What it signs before it hears so counts, the rest is disputed.
};

// One visit: when it really is, and what the device's clock says then.
struct PlannedVisit {
  std::size_t household = 0;  // Index in the village.
  TimePoint at{};
  TimePoint device_clock{};
};
struct PlannedCoordinator {
  Conduct conduct = Conduct::Punctual;
  std::vector<PlannedVisit> visits;  // By time.
  std::vector<int> sync_days;        // Of the month, at 19:00.
};

inline constexpr Month kMonth{std::chrono::year{2022}, std::chrono::February};
// The days on which the county has a network somewhere: each coordinator uses some of them.
inline constexpr int kSyncDays[] = {3, 6, 9, 11, 14, 18, 26};

inline TimePoint at_day(int day, std::chrono::minutes minutes) {
  return start_of(Date{kMonth / std::chrono::day{static_cast<unsigned>(day)}}) + minutes;
}
inline constexpr std::chrono::minutes kEvening{19 * 60};

// One plan for each village, in the villages' order.
std::vector<PlannedCoordinator> make_plan(const MadeUpCounty& county, std::uint64_t seed);
}  // namespace cunji::demo
