#pragma once
// Who does what in the year of the demonstration: one coordinator a village, most of them punctual,
// some late or never, and one for each kind of trouble in February. Decided by the seed alone.
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
  BackDating,  // In February: visits on the 15th, the clock set back to the 9th: contradicted.
  Cut,         // In February the network drops in the middle of every batch: resumes.
  Cloned,      // In February two copies of one device go on: fork, new key, nothing lost.
  Revoked,     // Revoked on 12 February. What it signs before it hears so counts, the rest is
               // disputed; another person has the seat from March on.
};

inline constexpr std::chrono::year kYear{2022};
using MonthNumber = unsigned;  // 1 … 12.

// One visit: when it really is, and what the device's clock says then.
struct PlannedVisit {
  std::size_t household = 0;  // Index in the village.
  TimePoint at{};
  TimePoint device_clock{};
  bool wrong_door = false;  // Taken back the day after.
};

// What comes up in a village by itself.
enum class Happening {
  Finding,      // A risk is found at the door.
  Declaration,  // A household declares itself.
  Gap,          // A guarantee is missing.
  Change,       // A birth, a death, a card.
  Moved,        // To the next village of the town.
  Split,        // The second member leaves with an own register.
  NewHere,      // A household that nobody has registered.
};
struct PlannedHappening {
  Happening what{};
  std::size_t household = 0;
};

struct PlannedMonth {
  std::vector<PlannedVisit> visits;  // By time.
  std::vector<PlannedHappening> happenings;
};
struct PlannedCoordinator {
  Conduct conduct = Conduct::Punctual;
  std::vector<PlannedMonth> months;  // Twelve.
};

// What the office of medical insurance finds in a month: a household, by its village and place in
// it.
struct PlannedAlert {
  std::size_t village = 0, household = 0;
  bool is_alert = true;  // Of great expense; else its data say that the head is not insured.
};
struct Plan {
  std::vector<PlannedCoordinator> coordinators;   // In the villages' order.
  std::vector<std::vector<PlannedAlert>> alerts;  // Of twelve months.
};
Plan make_plan(const MadeUpCounty& county, std::uint64_t seed);

// The evenings of a month on which coordinators have a network, each some of them.
inline constexpr unsigned kSyncDays[] = {3, 6, 9, 11, 14, 18, 26};
bool synchronises(Conduct conduct, MonthNumber month, unsigned day);

inline Date day_of_year(MonthNumber month, unsigned day) {
  return kYear / std::chrono::month{month} / std::chrono::day{day};
}
inline TimePoint at_day(MonthNumber month, unsigned day, std::chrono::minutes minutes) {
  return start_of(day_of_year(month, day)) + minutes;
}
inline constexpr std::chrono::minutes kEvening{19 * 60};
}  // namespace cunji::demo
