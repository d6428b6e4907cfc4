#pragma once
// town_mean_score@1: the mean of the published scores of a town's coordinators (VCO-R15).
#include "shared/programme/calculation.h"

namespace cunji::village_coordinators {
// in: town_score_sum, town_scored. out: the mean, half up; missing where nobody has a score.
std::vector<programme::Amount> town_mean_score(std::span<const programme::Amount, 2> in, Date on);
}  // namespace cunji::village_coordinators
