#include "tools/demo_county/plan.h"

#include <algorithm>

namespace cunji::demo {
using std::chrono::days;
using std::chrono::minutes;

static Conduct draw_conduct(crypto::SeededEntropy& entropy) {
  const std::uint64_t draw = entropy.below(100);
  if (draw < 62) return Conduct::Punctual;
  if (draw < 84) return Conduct::Offline;
  if (draw < 94) return Conduct::LateVisits;
  if (draw < 97) return Conduct::Never;
  return Conduct::FastClock;
}

static std::vector<int> sync_days_of(Conduct conduct) {
  switch (conduct) {
    case Conduct::Offline: return {3, 14, 26};
    case Conduct::BackDating: return {3, 14, 18};
    case Conduct::Cloned: return {3, 6, 9, 11, 14, 18};
    case Conduct::Revoked: return {3, 11, 14, 18};
    case Conduct::Punctual:
    case Conduct::LateVisits:
    case Conduct::Never:
    case Conduct::FastClock:
    case Conduct::Cut: return {3, 6, 9, 11, 18, 26};
  }
  return {};
}

// The day on which household `i` of `count` is visited.
static int day_of(Conduct conduct, std::size_t i, std::size_t count) {
  const int spread = 2 + static_cast<int>(i * 8 / std::max<std::size_t>(count, 1));  // 2 … 9
  if (conduct == Conduct::LateVisits && i % 3 == 0) return 12 + static_cast<int>(i % 5);
  if (conduct == Conduct::BackDating) return 15;
  if (conduct == Conduct::Revoked && i % 2 == 0) return i % 4 == 0 ? 13 : 15;
  return spread;
}

static TimePoint clock_of(Conduct conduct, TimePoint at) {
  if (conduct == Conduct::FastClock) return at + days{3};
  if (conduct == Conduct::BackDating) return at - days{6};
  return at;
}

static PlannedCoordinator plan_of(Conduct conduct, const Village& village,
                                  crypto::SeededEntropy& entropy) {
  PlannedCoordinator out{conduct, {}, sync_days_of(conduct)};
  if (conduct == Conduct::Never) return out;
  for (std::size_t i = 0; i < village.households.size(); ++i) {
    if (village.households[i].category.empty() && entropy.below(4) != 0) continue;
    if (entropy.below(120) == 0) continue;  // A door that was forgotten.
    const int day = day_of(conduct, i, village.households.size());
    const TimePoint at = at_day(day, minutes{8 * 60 + static_cast<int>(entropy.below(540))});
    out.visits.push_back({i, at, clock_of(conduct, at)});
  }
  std::stable_sort(out.visits.begin(), out.visits.end(),
                   [](const PlannedVisit& a, const PlannedVisit& b) { return a.at < b.at; });
  return out;
}

std::vector<PlannedCoordinator> make_plan(const MadeUpCounty& county, std::uint64_t seed) {
  crypto::SeededEntropy entropy(seed, "plan");
  std::vector<Conduct> conducts;
  for (std::size_t i = 0; i < county.villages.size(); ++i)
    conducts.push_back(draw_conduct(entropy));
  // One of each kind of trouble, in villages far apart.
  const Conduct troubles[] = {Conduct::BackDating, Conduct::Cut, Conduct::Cloned, Conduct::Revoked};
  for (std::size_t k = 0; k < std::size(troubles) && !conducts.empty(); ++k)
    conducts[(k + 1) * conducts.size() / (std::size(troubles) + 1)] = troubles[k];
  std::vector<PlannedCoordinator> out;
  for (std::size_t i = 0; i < conducts.size(); ++i)
    out.push_back(plan_of(conducts[i], county.villages[i], entropy));
  return out;
}
}  // namespace cunji::demo
