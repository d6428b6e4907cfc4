#include "shared/programmes/village_coordinators/home_place_learned.h"

#include <algorithm>

namespace cunji::village_coordinators {
using programme::Amount;

// Of an even number the lower middle.
static std::int32_t median(std::vector<std::int32_t>& of) {
  const auto middle = of.begin() + static_cast<std::ptrdiff_t>((of.size() - 1) / 2);
  std::nth_element(of.begin(), middle, of.end());
  return *middle;
}

std::vector<Amount> home_place_learned(std::span<const Amount, 1>,
                                       const programme::Around& around) {
  std::vector<std::int32_t> latitudes, longitudes;
  for (const programme::Visited& visit : around.visits) {
    if (visit.outcome != "met" || visit.elsewhere || !visit.place) continue;
    if (visit.place->mock_location) continue;
    latitudes.push_back(visit.place->latitude_e7);
    longitudes.push_back(visit.place->longitude_e7);
  }
  if (latitudes.empty()) return {programme::missing()};
  return {{.kind = Amount::Kind::Place,
           .place = {.latitude_e7 = median(latitudes), .longitude_e7 = median(longitudes)}}};
}
}  // namespace cunji::village_coordinators
