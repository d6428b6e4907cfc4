#pragma once
// coordinator_year@1: a coordinator's points and months of service in a year, from those of the
// posts that he held in it (VCO-A06, VCO-A13).
#include "shared/programme/calculation.h"

namespace cunji::village_coordinators {
// in: posts_of_year, posts_held, first_appointed_on, last_left_on, four sums of points over the
// posts, coordinator_two_villages. out: the four, coordinator_service_months up to `on`.
std::vector<programme::Amount> coordinator_year(std::span<const programme::Amount, 9> in, Date on);
}  // namespace cunji::village_coordinators
