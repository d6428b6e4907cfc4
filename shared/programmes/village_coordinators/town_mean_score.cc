#include "shared/programmes/village_coordinators/town_mean_score.h"

#include "shared/programmes/exact.h"

namespace cunji::village_coordinators {
using programmes::Exact;

std::vector<programme::Amount> town_mean_score(std::span<const programme::Amount, 2> in, Date) {
  return {half_up(Exact(in[0]), Exact(in[1])).amount()};
}
}  // namespace cunji::village_coordinators
