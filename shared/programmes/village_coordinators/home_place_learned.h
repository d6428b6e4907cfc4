#pragma once
// home_place_learned@1: where a household lives, by the places of the visits to it (VCO-W02).
#include "shared/programme/calculation.h"

namespace cunji::village_coordinators {
// in: last_visit_on, which is not looked at. Around it: the household's visits. out: the median of
// latitudes and of longitudes, each by itself, of those that met somebody at home at a place that
// is not made up; missing without one.
std::vector<programme::Amount> home_place_learned(std::span<const programme::Amount, 1> in,
                                                  const programme::Around& around);
}  // namespace cunji::village_coordinators
