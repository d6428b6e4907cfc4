#include "tools/demo_county/plan.h"

#include <algorithm>

namespace cunji::demo {
using std::chrono::days;
using std::chrono::minutes;

static constexpr MonthNumber kTroubled = 2;
static constexpr MonthNumber kMonths = 12;

static Conduct draw_conduct(crypto::SeededEntropy& entropy) {
  const std::uint64_t draw = entropy.below(100);
  if (draw < 62) return Conduct::Punctual;
  if (draw < 84) return Conduct::Offline;
  if (draw < 94) return Conduct::LateVisits;
  if (draw < 97) return Conduct::Never;
  return Conduct::FastClock;
}

bool synchronises(Conduct conduct, MonthNumber month, unsigned day) {
  if (conduct == Conduct::Never) return false;
  if (month != kTroubled) {
    if (conduct == Conduct::Offline) return day == 14;
    if (conduct == Conduct::LateVisits) return day == 9 || day == 18;
    return day == 9;
  }
  switch (conduct) {
    case Conduct::Offline: return day == 14;
    case Conduct::BackDating: return day == 3 || day == 14 || day == 18;
    case Conduct::Cloned: return day == 3 || (day > 3 && day < 26);
    case Conduct::Revoked: return day == 3 || day == 11 || day == 14 || day == 18;
    case Conduct::Cut: return day != 26;
    case Conduct::LateVisits: return day == 9 || day == 18;
    case Conduct::Punctual:
    case Conduct::FastClock: return day == 9;
    case Conduct::Never: break;
  }
  return false;
}

// The day on which household `i` of `count` is visited.
static unsigned day_of(Conduct conduct, MonthNumber month, std::size_t i, std::size_t count) {
  const auto spread = 2 + static_cast<unsigned>(i * 8 / std::max<std::size_t>(count, 1));  // 2 … 9
  if (conduct == Conduct::LateVisits && i % 3 == 0) return 12 + static_cast<unsigned>(i % 5);
  if (month != kTroubled) return spread;
  if (conduct == Conduct::BackDating) return 15;
  if (conduct == Conduct::Revoked && i % 2 == 0) return i % 4 == 0 ? 13 : 15;
  return spread;
}

static TimePoint clock_of(Conduct conduct, MonthNumber month, TimePoint at) {
  if (conduct == Conduct::FastClock) return at + days{3};
  if (conduct == Conduct::BackDating && month == kTroubled) return at - days{6};
  return at;
}

static std::vector<PlannedHappening> happenings(const Village& village,
                                                crypto::SeededEntropy& entropy) {
  // Of a thousand villages and months.
  static constexpr std::pair<Happening, std::uint64_t> kOften[] = {
      {Happening::Finding, 25}, {Happening::Declaration, 20}, {Happening::Gap, 10},
      {Happening::Change, 40},  {Happening::Moved, 5},        {Happening::Split, 5},
      {Happening::NewHere, 5}};
  std::vector<PlannedHappening> out;
  for (const auto& [what, often] : kOften)
    if (entropy.below(1'000) < often)
      out.push_back({what, entropy.below(village.households.size())});
  return out;
}

static PlannedMonth month_of(Conduct conduct, MonthNumber month, const Village& village,
                             crypto::SeededEntropy& entropy) {
  PlannedMonth out;
  for (std::size_t i = 0; i < village.households.size(); ++i) {
    if (village.households[i].category.empty() && entropy.below(4) != 0) continue;
    if (entropy.below(120) == 0) continue;  // A door that was forgotten.
    const unsigned day = day_of(conduct, month, i, village.households.size());
    const TimePoint at = at_day(month, day, minutes{8 * 60 + static_cast<int>(entropy.below(540))});
    out.visits.push_back({i, at, clock_of(conduct, month, at), entropy.below(200) == 0});
  }
  std::stable_sort(out.visits.begin(), out.visits.end(),
                   [](const PlannedVisit& a, const PlannedVisit& b) { return a.at < b.at; });
  out.happenings = happenings(village, entropy);
  return out;
}

static PlannedCoordinator plan_of(Conduct conduct, const Village& village,
                                  crypto::SeededEntropy& entropy) {
  PlannedCoordinator out{conduct, std::vector<PlannedMonth>(kMonths)};
  if (conduct == Conduct::Never) return out;
  for (MonthNumber month = 1; month <= kMonths; ++month)
    out.months[month - 1] = month_of(conduct, month, village, entropy);
  return out;
}

Plan make_plan(const MadeUpCounty& county, std::uint64_t seed) {
  crypto::SeededEntropy entropy(seed, "plan");
  std::vector<Conduct> conducts;
  for (std::size_t i = 0; i < county.villages.size(); ++i)
    conducts.push_back(draw_conduct(entropy));
  // One of each kind of trouble, in villages far apart.
  const Conduct troubles[] = {Conduct::BackDating, Conduct::Cut, Conduct::Cloned, Conduct::Revoked};
  for (std::size_t k = 0; k < std::size(troubles) && !conducts.empty(); ++k)
    conducts[(k + 1) * conducts.size() / (std::size(troubles) + 1)] = troubles[k];
  Plan out;
  for (std::size_t i = 0; i < conducts.size(); ++i)
    out.coordinators.push_back(plan_of(conducts[i], county.villages[i], entropy));
  constexpr std::uint64_t kAlertsAMonth = 30;
  out.alerts.resize(kMonths);
  for (auto& alerts : out.alerts) {
    for (std::uint64_t i = 0; i < kAlertsAMonth; ++i) {
      const std::size_t village = entropy.below(county.villages.size());
      alerts.push_back({village, entropy.below(county.villages[village].households.size()),
                        entropy.below(2) == 0});
    }
  }
  return out;
}
}  // namespace cunji::demo
