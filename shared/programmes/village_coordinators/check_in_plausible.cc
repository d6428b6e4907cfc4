#include "shared/programmes/village_coordinators/check_in_plausible.h"

#include <algorithm>
#include <set>

#include "shared/base/calendar.h"
#include "shared/programmes/distance.h"

namespace cunji::village_coordinators {
using programme::Amount;
using programme::missing;
using programme::number;
using programme::Visited;

static std::int64_t accuracy_mm(const event::Place& place) {
  return std::int64_t{place.accuracy_m} * 1'000;
}

static Amount distance(const Visited& visit, const Amount& town_says, const Amount& learned) {
  const Amount& home = town_says.kind == Amount::Kind::Place ? town_says : learned;
  if (home.kind != Amount::Kind::Place || !visit.place || visit.elsewhere) return missing();
  const std::int64_t apart = programmes::distance_mm(*visit.place, home.place);
  return number(std::max<std::int64_t>(0, apart - accuracy_mm(*visit.place)));
}

// Homes that are too near to each other to be told apart count by their buildings.
static Amount same_place(std::span<const Visited> visits) {
  const Visited& now = visits.front();
  if (!now.place) return missing();
  std::set<std::uint32_t> households{now.household};
  for (const Visited& other : visits.subspan(1)) {
    if (!other.place || (!now.building.empty() && other.building == now.building)) continue;
    const std::int64_t reach = std::max(accuracy_mm(*now.place), accuracy_mm(*other.place));
    if (programmes::distance_mm(*now.place, *other.place) <= reach)
      households.insert(other.household);
  }
  return number(static_cast<std::int64_t>(households.size()));
}

static Amount gap(std::span<const Visited> visits) {
  const Visited& now = visits.front();
  for (const Visited& other : visits.subspan(1)) {
    if (other.household == now.household || other.event == now.event) continue;
    if (date_of(other.occurred) != date_of(now.occurred)) return missing();
    if (!now.building.empty() && other.building == now.building) return missing();
    return number(
        std::chrono::duration_cast<std::chrono::seconds>(now.occurred - other.occurred).count());
  }
  return missing();
}

std::vector<Amount> check_in_plausible(std::span<const Amount, 3> in,
                                       const programme::Around& around) {
  const std::vector<Amount> nothing(3, missing());
  if (around.visits.empty()) return nothing;
  const Visited& now = around.visits.front();
  const bool at_the_door = now.outcome == "met" || now.outcome == "refused";
  if (!now.by_coordinator || !now.there || !at_the_door) return nothing;
  return {distance(now, in[0], in[1]), same_place(around.visits), gap(around.visits)};
}
}  // namespace cunji::village_coordinators
